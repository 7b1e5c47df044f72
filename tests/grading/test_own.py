"""선생님이 과정 폴더에 더한 과제: 정답 없이도 같은 말을 하는 확인, 내기 전에 알려 주는 잘못, 쪽을 따라 점수까지."""

import ast
import csv
import json
import re
import shlex
from random import Random

import nbformat
import pytest
from test_course import said

from grading import ROOT, TODO, exercise, own
from grading.course import create
from grading.messages import Problem
from grading.oracle import Oracle, execute
from homl11 import checks

KEY = "week3/drops"


def source(change=lambda text: text):
    """뼈대에서 ✎를 지우고 한 곳을 바꾼 강사 노트북."""
    notebook = exercise.opening("3주차 연습")
    exercise.extend(notebook, KEY, "반으로 줄이기", exercise.asked(KEY))
    for cell in notebook.cells:
        cell.source = change(cell.source.replace(TODO, ""))
    return notebook


def cell(notebook, kind=""):
    return next(cell for cell in notebook.cells if cell.id == f"week3-drops{kind}")


def run(notebook, answer, capsys):
    """배우는 사람처럼 위에서 아래로 실행하고 확인이 한 말을 돌려준다."""
    checks.OWN.clear()
    place = {}
    for each in notebook.cells:
        if each.cell_type == "code" and not each.id.endswith("-grade"):
            execute(answer if each.id == "week3-drops" else each.source, place)
    return capsys.readouterr().out


@pytest.fixture(scope="module")
def published():
    return own.published(source())


def test_published_notebook_holds_no_answer(published):
    given, kept = cell(published, "-asked"), cell(source(), "-asked").source
    assert "drops_reference" in kept and "// every" in kept
    assert not re.search("drops_reference|mistakes|// every|매끄럽게", given.source)
    assert given.source.startswith("# 확인: week3/drops\n") and given.metadata.jupyter["source_hidden"]
    assert [each.source for each in published.cells if each is not given] == [
        each.source for each in source().cells if each.id != given.id
    ]
    assert own.published(source()) == published  # 다시 내도 같다


HINTS = [hint.strip() for hint in re.findall(f'"{TODO}(.+?)": ', exercise.TASK)]
MISTAKES = [
    ast.unparse(node.body)
    for node in ast.walk(ast.parse(exercise.TASK.format(name="drops")))
    if isinstance(node, ast.Lambda)
]
WRONG = [*MISTAKES, "1 / 0", "None", "str(rate)"]


def test_hints_of_the_task_are_known_to_the_report():
    notebook = source(lambda text: re.sub(r'"[ ]+', '"', text))
    [said] = own.hints(notebook).values()
    assert said == {*HINTS, "drop_steps를 몇 번 지났는지부터 세어 보세요."}


@pytest.mark.parametrize("formula", [*WRONG, "rate * 0.5 ** (step // every)"])
def test_check_says_the_same_without_the_answer(published, formula, capsys):
    answer = f"def drops(step, rate, every):\n    return {formula}"
    told = run(source(), answer, capsys)
    assert run(published, answer, capsys) == told
    assert ("모두 맞았습니다." in told) == (formula not in WRONG) and told.startswith(KEY)
    assert formula not in MISTAKES or HINTS[MISTAKES.index(formula)] in told


@pytest.mark.parametrize(
    "old, new, told",
    [
        ("0.5**drops", "0.4**drops", "풀이가 확인을 지나지 못합니다"),
        ("    drops = step", "    drops = stepp", "풀이가 숨은 시험에서 오류를 냅니다"),
        ("rate / 10 **", "rate / 2 **", "이 그 힌트를 받지 못합니다"),
        ("step // drop_steps)", "stepp // drop_steps)", "정답(reference)으로 확인하지 못했습니다"),
        ('check("week3/drops", drops)', "print(drops)", "check 셀이 바뀌었습니다"),
        ("import keras", "import kerass", "강사 노트북을 실행하지 못했습니다"),
        ("    Task(\n", "    Task(drops_probes,\n", "인수에 모두 이름을 붙여"),
        (
            "Ask(call(0, rate",
            "Ask(call(_drops_reference(0, 0, 1), rate",
            "물을 성질이 정답(_drops_reference)을 부릅니다",
        ),
        ("def _drops_probes(r):", "def _drops_probes(r:", "문법에 맞지 않는 셀"),
    ],
)
def test_mistake_of_the_teacher_is_told_before_release(old, new, told):
    assert any(old in each.source for each in source().cells)
    with pytest.raises(Problem, match=re.escape(told)):
        own.published(source(lambda text: text.replace(old, new)))


def test_wrong_answer_that_only_the_public_values_catch_is_told():
    """공개된 확인에서만 틀리는 답은 숨은 시험에서 만점을 받는다."""
    public = Random("공개")
    rate = round(public.uniform(0.02, 0.09), 3)
    lucky = f"rate / 2 ** (step // every) if rate != {rate} else 0"
    with pytest.raises(Problem, match="숨은 시험에서 만점을 받을 수 있습니다"):
        own.published(source(lambda text: text.replace("rate / 10 ** (step // every)", lucky)))


def test_missing_check_cell_is_told():
    notebook = source()
    notebook.cells.remove(cell(notebook, "-check"))
    with pytest.raises(Problem, match="확인하는 셀이 없습니다"):
        own.published(notebook)


def test_unlocked_check_is_refused():
    notebook = source()
    cell(notebook, "-asked").metadata.clear()
    with pytest.raises(Problem, match="잠긴 셀이어야 합니다"):
        own.published(notebook)


STEAL = "from homl11.checks import OWN\nwarmup = OWN['week3/warmup'].reference"
TRICKS = {
    "쉬운 문제를 더한다": "checks.add(KEY, checks.Task(lambda r: {name: lambda a: 1 for name in names}, None, ''))",
    "확인의 속을 뒤져 정답을 부른다": "drops = checks.OWN[KEY].reference",
    "공개된 값을 옮겨 적는다": "drops = lambda *a: checks.OWN[KEY].expected[names[0]][0]",
    "견주는 함수를 바꾼다": "checks.same = checks.task.same = lambda *a, **k: True",
}


@pytest.mark.parametrize("trick", TRICKS.values(), ids=TRICKS)
def test_tricks_gain_nothing(published, trick, monkeypatch):
    """상자 안의 이름 공간을 흉내 낸다. 판정은 다른 이름 공간에서 한다."""
    oracle = Oracle(own.as_released(source(), published))
    right, names = oracle.expected(7), list(checks.OWN[KEY].public())
    assert all(oracle.verdicts("week3-drops", right["week3-drops"], right["week3-drops"], 7).values())
    for module, name in ((checks, "same"), (checks.task, "same")):
        monkeypatch.setattr(module, name, getattr(module, name))
    monkeypatch.setattr(checks, "OWN", dict(checks.OWN))
    place = dict(oracle.namespace) | {"checks": checks, "KEY": KEY, "names": names}
    place["drops"] = lambda *arguments: 1
    execute(trick, place)
    got = oracle.reports(place, 7)["week3-drops"]
    monkeypatch.undo()
    assert not any(oracle.verdicts("week3-drops", got, right["week3-drops"], 7).values())


# ---- 뼈대


@pytest.fixture
def empty(tmp_path):
    return create(tmp_path / "과정", "own")


def test_second_task_goes_to_the_end_and_leaves_the_rest(empty, capsys):
    here = ("--course", empty.root)
    code, told = said(capsys, *here, "exercise", "week3/drops", "반으로 줄이기")
    assert code == 0 and "source/week3/week3.ipynb" in told and "release week3" in told
    before = empty.source("week3")
    assert said(capsys, *here, "exercise", "week3/warmup", "천천히 올리기")[0] == 0
    after = empty.source("week3")
    assert after.cells[: len(before.cells)] == before.cells
    assert [each.source.splitlines()[0] for each in after.cells if each.id.endswith("question")] == [
        "## 문제 1. 반으로 줄이기 (2점)",
        "## 문제 2. 천천히 올리기 (2점)",
    ]
    assert "아직 쓰지 않은 곳(✎)이 있습니다: # 과제: ✎" in said(capsys, *here, "release", "week3")[1]
    assert not (empty.root / "release").exists()
    assert "이미 있습니다" in said(capsys, *here, "exercise", "week3/warmup", "다른 제목")[1]
    assert empty.source("week3") == after


@pytest.mark.parametrize("key", ["week3", "week3/", "/drops", "Week3/drops", "week3/3", "week3/a/b", "../a", "a/for"])
def test_name_that_can_not_be_is_refused(empty, key, capsys):
    before = sorted(empty.root.rglob("*"))
    assert "문제의 이름이 될 수 없습니다" in said(capsys, "--course", empty.root, "exercise", key, "제목")[1]
    assert "한 줄이 아닙니다" in said(capsys, "--course", empty.root, "exercise", "week3/drops", " ")[1]
    assert [path for path in sorted(empty.root.rglob("*")) if path.name != ".lock"] == before


def test_notebook_named_otherwise_is_told(empty, capsys):
    (empty.root / "source" / "week4").mkdir()
    told = said(capsys, "--course", empty.root, "exercise", "week4/drops", "제목")[1]
    assert "week4.ipynb이 없습니다. 강사 노트북의 이름을 폴더와 같게 지으세요." in told
    assert empty.assignments() == ["regularization", "schedules"]


def test_box_and_judge_get_the_check_without_its_answer(empty, published):
    for place, notebook in {"source/week3": source(), "release/week3": published, ".released": source()}.items():
        (empty.root / place).mkdir(parents=True)
        nbformat.write(notebook, empty.root / place / "week3.ipynb")
    graded = empty.graded_source("week3")
    assert cell(graded, "-asked").source == cell(published, "-asked").source
    assert cell(graded).source == cell(source()).source  # 풀이는 판정에 쓴다
    assert empty.title("week3") == "3주차 연습"


# ---- 쪽


def blocks(kind):
    text = (ROOT / "book" / "own_exercises.md").read_text(encoding="utf-8")
    return re.findall(rf"^```{kind}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def named(text):
    """셀의 첫 줄에서 무슨 셀인지 말하는 부분."""
    return text.partition("\n")[0].partition(":")[0]


@pytest.mark.slow
@pytest.mark.usefixtures("isolated")
def test_page_leads_from_an_empty_folder_to_marks(tmp_path, capsys):
    """쪽의 명령과 셀을 차례로 그대로 쓴다. 쪽이 보여 준 말과 성적표가 나와야 한다."""
    root, downloads, table = tmp_path / "과정", tmp_path / "3주차", tmp_path / "marks.csv"
    places = {"~/deep-learning": root, "~/Downloads/3주차": downloads, "~/marks.csv": table}
    cells = {named(text): text.strip() for kind in ("markdown", "python") for text in blocks(kind)}
    right, wrong, marks = blocks("text")
    done = []

    def fill():
        path = root / "source" / "week3" / "week3.ipynb"
        notebook = nbformat.read(path, as_version=4)
        for each in notebook.cells:
            each.source = cells.get(named(each.source), each.source)
        nbformat.write(notebook, path)

    def hand_in():
        given = nbformat.read(root / "release" / "week3" / "week3.ipynb", as_version=4)
        [answer] = [text for title, text in cells.items() if title.startswith("def warmup")]
        solution = re.sub(" *### .*\n", "", cells["# 답"]).replace("    ### END SOLUTION", "")
        downloads.mkdir()
        for student, text in {
            "s01": solution,
            "s02": f"# 답: week3/warmup\n{answer}",
            "s03": f"# 답: week3/warmup\n{STEAL}",
        }.items():
            copy = nbformat.from_dict(json.loads(nbformat.writes(given)))
            for each in copy.cells:
                each.source = text if each.id == "week3-warmup" else each.source
            nbformat.write(copy, downloads / f"{student}_week3.ipynb")

    for line in "".join(blocks("bash")).splitlines():
        words = [str(places.get(word, word)) for word in shlex.split(line)]
        if "jupyter" in line:
            fill()
        elif words[0] != "alias":
            if "collect" in words:
                hand_in()
            rest = words[3:] if "-m" in words else ["--course", root, *words[1:]]
            code, told = said(capsys, *rest)
            assert code == 0, told
            done.append(rest[0] if "-m" in words else words[1])
    assert done == "create exercise release collect autograde feedback export".split()
    assert table.read_text(encoding="utf-8-sig") == marks
    assert {row["과제"] for row in csv.DictReader(marks.splitlines())} == {"week3"}
    for student, told in {"s01": right, "s02": wrong}.items():
        html = (root / "feedback" / student / "week3" / "week3.html").read_text(encoding="utf-8")
        assert "3주차 연습: 피드백" in html and "np.interp" not in html
        assert all(line in html for line in told.splitlines())
