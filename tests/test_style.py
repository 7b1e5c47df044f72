"""style.md와 terms.md의 규칙 가운데 기계가 볼 수 있는 것."""

import ast
import re
from pathlib import Path

import nbformat
import pytest
import yaml
from IPython.core.inputtransformer2 import TransformerManager

from authoring.outputs import MEASURED, VERDICT

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
RHYTHM = [
    "학습 목표",
    "예상해 보기",
    "개념과 식",
    "직접 구현",
    "Keras로",
    "훈련과 그림",
    "흔한 함정",
    "확인 문제",
    "정리",
    "더 읽을거리",
]
# terms.md의 «not» 열. 띄어쓰기가 다른 꼴도 잡는다.
FORBIDDEN = (
    "학습율|러닝 ?레이트|스케쥴|멱함수|원사이클|에폭|배치 규제|정칙화|과적합|오버피팅|얼리 ?스토핑"
    "|드랍아웃|맥스놈|학습 세트|최적화기|초매개변수|모멘트(?!럼)"
)
RESULT = re.compile(r"(손실|정확도)[^.\n|]{0,40}?\d+(\.\d+)? ?(%|\b)")


def notebook_id(path):
    return path.stem


@pytest.fixture(params=NOTEBOOKS, ids=notebook_id)
def notebook(request):
    return nbformat.read(request.param, as_version=4)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def sections(notebook):
    """두 단계 제목 → 그 아래의 글."""
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2]))


def has_picture(cell):
    return any("image/png" in output.get("data", {}) for output in cell.outputs)


def measurements(tree):
    """``measured``를 부른 곳."""
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    return [call for call in calls if getattr(call.func, "id", "") == "measured"]


def test_table_of_measured_values_says_what_was_measured(notebook):
    """읽는 사람은 접힌 코드를 보지 않는다. 줄의 이름이 방법뿐이면 열이 무엇의 값인지 말하고, 저장된 표도 그렇다."""
    for cell in code_cells(notebook):
        for call in measurements(ast.parse(TransformerManager().transform_cell(cell.source))):
            given = {keyword.arg: keyword.value for keyword in call.keywords}
            names_methods = None in given and not isinstance(given[None], ast.Dict)
            assert "of" in given or not names_methods, cell.source
            if "of" in given:
                tables = [output["data"]["text/html"] for output in cell.outputs if MEASURED in output.get("data", {})]
                assert all(f">{given['of'].value}</th>" in table for table in tables), cell.source


def test_every_notebook_has_the_same_rhythm(notebook):
    assert list(sections(notebook)) == RHYTHM


def test_cells_have_at_most_twenty_lines(notebook):
    long = [cell.source.splitlines()[0] for cell in code_cells(notebook) if len(cell.source.splitlines()) > 20]
    assert not long


def test_every_picture_has_alt_text_caption_and_name(notebook):
    for cell in filter(has_picture, code_cells(notebook)):
        mystnb = cell.metadata.get("mystnb", {})
        assert len(mystnb.get("image", {}).get("alt", "")) > 20, cell.source[:60]
        assert mystnb.get("figure", {}).get("caption"), cell.source[:60]
        assert mystnb["figure"].get("name", "").startswith("fig-"), cell.source[:60]


def test_every_picture_is_read_by_the_prose_after_it(notebook):
    """그림 뒤에는 다음 그림이나 제목보다 먼저 그것을 읽는 글이 온다."""
    for position, cell in enumerate(notebook.cells):
        if cell.cell_type == "code" and has_picture(cell):
            rest = notebook.cells[position + 1 :]
            after = next(other for other in rest if other.cell_type == "markdown" or has_picture(other))
            assert after.cell_type == "markdown" and re.match("[가-힣0-9A-Z$`*ℓ]", after.source), cell.metadata.mystnb


def test_pictures_keep_the_font_size_of_the_course(notebook):
    """전화기에서 읽히는 크기는 이 크기로 잰다."""
    sources = [cell.source for cell in code_cells(notebook)]
    assert not [source for source in sources if re.search(r"font_?size|labelsize|font\.size", source)]


def test_every_notebook_shows_pictures_and_verdicts(notebook):
    assert any(map(has_picture, code_cells(notebook)))
    outputs = [output for cell in code_cells(notebook) for output in cell.outputs]
    answers = {output.data[VERDICT]["answer"] for output in outputs if VERDICT in output.get("data", {})}
    assert {"예", "아니오"} <= answers  # 늘 예라고 하는 판정은 판정이 아니다


def test_results_are_not_typed_into_prose(notebook):
    checked = [name for name in RHYTHM if name not in ("예상해 보기", "개념과 식", "확인 문제")]
    prose = {name: re.sub(r"\$[^$]+\$", "", sections(notebook)[name]) for name in checked}
    found = [match[0] for name in checked for match in RESULT.finditer(prose[name])]
    assert not found


# 물음 하나: 굵은 물음, 고를 것들, 접힌 답. 옳은 것과 까닭이 먼저이고, 틀린 것마다 한마디가 따른다.
ASKING = ("예상해 보기", "확인 문제")
QUESTION = re.compile(
    r"^\*\*(?P<text>[^\n]+\?)\*\*\n\n(?P<choices>(?:- [^\n]+\n)+)\n"
    r'<details class="answer">\n<summary>답 보기</summary>\n\n'
    r"\*\*(?P<right>[^\n]+?)\.\*\* [^\n]+\n\n(?P<remarks>(?:- [^\n]+\n)+)\n</details>$",
    re.MULTILINE,
)


def items(block):
    return [line.removeprefix("- ") for line in block.splitlines()]


def asked(section):
    """한 절의 물음들. 물음 사이에는 아무것도 없고, 앞뒤의 글에는 꼴을 벗어난 물음이 없다."""
    found = list(QUESTION.finditer(section))
    assert found
    assert [section[one.end() : other.start()] for one, other in zip(found, found[1:])] == ["\n\n"] * (len(found) - 1)
    assert not re.search(r"<details|\?\*\*$", section[: found[0].start()] + section[found[-1].end() :], re.MULTILINE)
    return found


def objections(section):
    """꼴을 어긴 물음들."""
    found = asked(section)
    for number, question in enumerate(found, 1):
        text, right, choices = question["text"], question["right"], items(question["choices"])
        remarks = [remark.partition(": ") for remark in items(question["remarks"])]
        numbered = text.startswith(f"{number}. ") if len(found) > 1 else not re.match(r"\d+\. ", text)
        wrong = [choice for choice in choices if choice != right]
        told = [name for name, _, word in remarks if word]
        fair = 2 <= len(choices) <= 4 and len(wrong) == len(choices) - 1 and not any(": " in name for name in choices)
        if not (numbered and fair and told == wrong):
            yield text


def test_every_question_has_choices_and_a_word_on_each_wrong_one(notebook):
    for name in ASKING:
        assert list(objections(sections(notebook)[name])) == [], name


def test_right_choice_is_not_always_the_first(notebook):
    questions = [question for name in ASKING for question in asked(sections(notebook)[name])]
    assert any(items(question["choices"])[0] != question["right"] for question in questions)


ASKED = """앞글

**1. 몇인가?**

- 하나
- 둘

<details class="answer">
<summary>답 보기</summary>

**둘.** 까닭이다.

- 하나: 하나 모자란다.

</details>

**2. 얼마인가?**

- 셋
- 넷

<details class="answer">
<summary>답 보기</summary>

**셋.** 까닭이다.

- 넷: 하나 많다.

</details>
"""


@pytest.mark.parametrize(
    "old, new",
    [
        ("", ""),
        ("- 하나\n- 둘", "- 하나"),
        ("- 하나\n- 둘", "- 하나\n- 둘\n- 셋\n- 넷\n- 다섯"),
        ("- 하나\n- 둘", "- 하나\n- 둘\n- 둘"),
        ("- 하나\n", "- 하나\n- 셋\n"),
        ("**둘.**", "**두 개.**"),
        ("**둘.** 까닭이다.", "**둘**"),
        ("- 하나: 하나 모자란다.", "- 한 개: 하나 모자란다."),
        ("- 하나: 하나 모자란다.", "- 하나"),
        ("- 하나: 하나 모자란다.\n", "- 하나: 하나 모자란다.\n- 둘: 옳다.\n"),
        ("**2. ", "**3. "),
        ("**2. ", "**"),
        ("몇인가?**", "몇인가.**"),
        (' class="answer"', ""),
        ("</details>\n\n**2.", "</details>\n\n사이의 글\n\n**2."),
        ("앞글", "**0. 물음뿐인가?**"),
    ],
)
def test_a_question_of_another_form_is_noticed(old, new):
    try:
        found = list(objections(ASKED.replace(old, new)))
    except AssertionError:
        found = ["물음으로 읽히지 않는다"]
    assert bool(found) == (old != new)


def test_notebook_was_executed_from_top_to_bottom(notebook):
    assert [cell.execution_count for cell in code_cells(notebook)] == list(range(1, len(code_cells(notebook)) + 1))


def test_outputs_hold_no_errors_warnings_or_widgets(notebook):
    for cell in code_cells(notebook):
        for output in cell.outputs:
            assert output.output_type != "error" and output.get("name") != "stderr", cell.source[:60]
            assert not any("widget" in mime for mime in output.get("data", {})), cell.source[:60]
            assert "<script" not in output.get("data", {}).get("text/html", ""), cell.source[:60]


def test_nothing_is_left_to_write(notebook):
    """새 노트북의 뼈대(authoring.scaffold)는 쓸 곳마다 ✎를 둔다."""
    figures = [str(cell.metadata.get("mystnb", "")) for cell in notebook.cells]
    assert not [text for text in [*(cell.source for cell in notebook.cells), *figures] if "✎" in text]


EXERCISES = [
    *(ROOT / "notebooks" / "exercises").rglob("*.ipynb"),
    *(ROOT / "src" / "homl11" / "checks").glob("*.py"),
    *(ROOT / "tests" / "exercises").glob("*_*.py"),
]


@pytest.mark.parametrize("path", EXERCISES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_nothing_of_an_exercise_is_left_to_write(path):
    """새 연습 문제의 뼈대(authoring.exercise)도 쓸 곳마다 ✎를 둔다."""
    assert "✎" not in path.read_text(encoding="utf-8")


def test_notebook_names_time_and_hardware(notebook):
    assert re.search(r"Colab에서 열기.*CPU로 .*GPU는 필요 없다", notebook.cells[0].source)


def test_notebook_takes_the_time_it_names(notebook):
    """같은 노트북도 기계와 그때의 짐에 따라 몇 배 다르므로 세 배까지 봐준다."""
    short, long, never = re.search(r"CPU로 (\d+)(?:-(\d+))?분(이 걸리지 않는다)?", notebook.cells[0].source).groups()
    least = 0 if never else int(short) * 60 / 3
    assert least <= notebook.metadata.homl11["seconds"] <= int(long or short) * 60 * 3


@pytest.mark.parametrize("path", NOTEBOOKS, ids=notebook_id)
def test_notebook_file_is_light_and_has_no_local_path(path):
    assert path.stat().st_size < 1_000_000
    assert not re.search(r"/(work|root|tmp|home|Users)/", path.read_text(encoding="utf-8"))


def test_contents_list_every_notebook_and_nothing_missing():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    listed = [toc["root"], *(chapter["file"] for part in toc["parts"] for chapter in part["chapters"])]
    assert {f"notebooks/{path.stem}" for path in NOTEBOOKS} == {name for name in listed if name.startswith("notebooks")}
    assert {f"book/{path.stem}" for path in (ROOT / "book").glob("*.md")} == {n for n in listed if n.startswith("book")}


def test_every_branch_of_the_decision_page_leads_to_evidence():
    page = (ROOT / "book" / "decision.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ") and "근거 |" not in line]
    names = {
        cell.metadata["mystnb"]["figure"]["name"]
        for path in NOTEBOOKS
        for cell in filter(has_picture, code_cells(nbformat.read(path, as_version=4)))
    }
    assert len(rows) > 20
    for row in rows:
        evidence = row.rstrip("| ").rsplit("|", 1)[1]
        assert re.search(r"\]\(\.\./notebooks/\w+\.ipynb\)", evidence), row
        assert set(re.findall(r"\{numref\}`([^`]+)`", evidence)) <= names, row


def written_text():
    """사람이 쓴 글: 쪽, 저장소의 글, 노트북의 글과 코드, 도우미 패키지. 용어집의 «다른 이름» 뒤는 뺀다."""
    code = [path for name in ("homl11", "grading") for path in sorted((ROOT / "src" / name).rglob("*.py"))]
    for path in [*(ROOT / "book").glob("*.md"), *code, *ROOT.glob("*.md")]:
        yield path.name, re.sub(r"다른 이름: .*", "", path.read_text(encoding="utf-8"))
    for path in [*NOTEBOOKS, *sorted((ROOT / "notebooks" / "exercises").glob("*.ipynb"))]:
        yield path.name, "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells)


@pytest.mark.parametrize("name, text", [pytest.param(*item, id=item[0]) for item in written_text()])
def test_only_agreed_terms_are_used(name, text):
    assert not re.findall(FORBIDDEN, text)


@pytest.mark.parametrize("name, text", [pytest.param(*item, id=item[0]) for item in written_text()])
def test_no_translationese(name, text):
    assert not re.findall(r"에 대하여|되어진다|되어집니다|에 있어서|함에 의해", text)


# 시계를 보거나 몇 초를 주는 것. CPU의 시간(process_time)과 tests/patience.py의 넉넉한 한계는 괜찮다.
CLOCK = re.compile(r"\b(?:perf_counter|monotonic|performance\.now|Date\.now)\b|\btimeout=[\d_.]+(?!\d| \*)")


def clocks(text):
    return CLOCK.findall(text)


@pytest.mark.parametrize("path", sorted((ROOT / "tests").rglob("*.py")), ids=lambda path: path.stem)
def test_no_verdict_of_a_test_hangs_on_the_wall_clock(path):
    """바쁜 기계에서 느린 것은 틀린 것이 아니다. 일의 수나 CPU의 시간을 세고, 기다릴 때는 ``patience``를 쓴다."""
    if path.name != "patience.py":
        text = path.read_text(encoding="utf-8")
        assert clocks(text.split("\n# 시계를 보거나")[0] if path == Path(__file__) else text) == []


def test_a_clock_is_noticed():
    found = clocks("wait(timeout=20_000); wait(timeout=PATIENCE); a = time.monotonic(); performance.now() - b")
    assert found == ["timeout=20_000", "monotonic", "performance.now"]
