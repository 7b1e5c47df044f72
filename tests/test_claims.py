"""책이 결과를 말하는 문장마다 그것을 뒤집을 수 있는 시험이 있는가."""

import ast
from pathlib import Path

import pytest

from authoring import claims

PAGES = claims.pages()
FOLD = '<details class="answer">\n<summary>답 보기</summary>'
SAMPLE = (Path(__file__).parent / "labelled_sentences.txt").read_text(encoding="utf-8").splitlines()


@pytest.fixture(params=PAGES, ids=lambda page: page)
def page(request):
    return request.param


@pytest.fixture
def book(tmp_path, monkeypatch):
    """쪽 하나와 그 장부만 있는 책."""

    def make(text, ledger="{}"):
        (tmp_path / "book").mkdir(exist_ok=True)
        (tmp_path / "book" / "page.md").write_text(text, encoding="utf-8")
        (tmp_path / "book" / "claims.yml").write_text(f"book/page: {ledger}", encoding="utf-8")
        monkeypatch.setattr(claims, "ROOT", tmp_path)

    return make


def test_every_result_of_the_book_has_a_check(page):
    found = claims.unbacked(page)
    assert not found, (
        f"결과를 말하는데 근거가 없는 문장입니다. book/claims.yml의 {page} 아래, 그 문장을 지키는 판정이나 시험 밑에 "
        "이대로 적으세요.\n근거가 없으면 판정을 더하거나 문장을 데이터가 말하는 대로 고치세요.\n\n"
        + claims.lines(found)
    )


def test_every_claim_of_the_ledger_is_on_its_page(page):
    gone = set().union(*claims.ledger().get(page, {}).values()) - set(claims.written(page))
    assert not gone, (
        f"book/claims.yml의 {page}에 적혔지만 쪽에는 없는 문장입니다. 쪽에서 고쳤다면 근거가 아직 맞는지 보고 "
        f"장부도 고치세요.\n\n{claims.lines(gone)}"
    )


def test_every_check_of_the_ledger_still_says_so(page):
    for check, backed in claims.ledger().get(page, {}).items():
        objection = claims.objection(page, check)
        assert not objection, f"«{check}»: {objection} 이 문장들을 다시 보세요.\n\n{claims.lines(backed)}"


def test_ledger_holds_no_other_page():
    assert claims.ledger().keys() <= set(PAGES)


def test_every_verdict_can_say_either_answer():
    """``verdict("…", True)``는 무엇이 일어나도 «예»를 찍는다."""
    for page in PAGES:
        cells = claims.notebook(page).cells if page.startswith("notebooks/") else []
        for cell in cells:
            if cell.cell_type != "code" or "verdict(" not in cell.source:
                continue
            calls = [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.Call)]
            verdicts = [call for call in calls if getattr(call.func, "id", "") == "verdict"]
            assert verdicts and not [call.lineno for call in verdicts if isinstance(call.args[1], ast.Constant)], page


@pytest.mark.parametrize(
    "text",
    [
        "드롭아웃은 정확도를 올린다.",
        "- 배치 정규화를 더했다. 손실이 **낮다**.",
        "| 방법 | 결과 |\n|---|---|\n| ℓ1 | 가중치가 작아진다 |",
        '<div class="admonition note">\n<p class="admonition-title">제목</p>\n\n손실이 줄었다.\n\n</div>',
        "```{note}\n손실이 줄었다.\n```",
        "## 정리\n\n차이가 뚜렷하지 않다.",
        f"## 예상해 보기\n\n{FOLD}\n\n손실이 줄었다.\n\n</details>",
    ],
)
def test_new_result_is_found_wherever_it_stands(text, book):
    book(text)
    assert claims.unbacked("book/page")


@pytest.mark.parametrize(
    "text",
    [
        "어느 쪽의 손실이 더 낮을까?",
        "손실이 낮은 쪽을 고른다.",
        "Smith{cite}`smith2018`는 훈련이 빨라졌다고 보고했다.",
        "```python\nprint('손실이 줄었다.')\n```",
        "## 손실이 줄었다\n\n다음 쪽에서 잰다.",
        "## 예상해 보기\n\n손실이 줄었다.",
        f"## 예상해 보기\n\n- 손실이 줄어든다\n\n{FOLD}\n\n</details>\n\n손실이 줄었다.",
    ],
)
def test_what_is_no_result_is_let_be(text, book):
    book(text)
    assert not claims.unbacked("book/page")


def test_turned_sentence_needs_its_check_again(book):
    ledger = "{주장 아님: [손실이 줄었다.]}"
    book("손실이 **줄었다**.", ledger)
    assert not claims.unbacked("book/page")
    book("손실이 줄지 않았다.", ledger)
    assert claims.unbacked("book/page") == ["손실이 줄지 않았다."]


@pytest.mark.parametrize(
    "check, objection",
    [
        ("예: η = 0.25는 한 스텝에", ""),
        ("예: …1.2배 넘게 높다", ""),
        ("아니오: η = 0.25는 한 스텝에", "저장된 판정은 다릅니다: 예: η = 0.25는 한 스텝에 바닥에 닿는다"),
        ("예: η", "저장된 판정은 다릅니다: 아니오: η = 0.55도 경계 2/a = 0.5보다 작으므로 바닥에 닿는다"),
        ("예: 0.25는 한 스텝에", "그렇게 시작하는 출력이 없습니다."),
        ("05_one_cycle 예: 상수 모멘텀이면", ""),
        ("05_two_cycles 예: 상수 모멘텀이면", "그런 노트북이 없습니다."),
        ("출력: 훈련 샘플 60개, 배치 크기 32 → 한 에포크는 2스텝", ""),
        ("출력: 훈련 샘플 61개", "그렇게 시작하는 출력이 없습니다."),
        ("tests/test_claims.py::test_ledger_holds_no_other_page", ""),
        ("tests/test_claims.py::test_nothing", "그런 시험이 없습니다."),
        ("tests/test_nothing.py::test_nothing", "그런 시험이 없습니다."),
        ("@smith2018", ""),
        ("@smith1918", "references.bib에 없는 인용 키입니다."),
        ("주장 아님", ""),
        ("그냥 안다", "근거의 꼴이 아닙니다."),
    ],
)
def test_check_is_asked_what_it_says(check, objection):
    assert claims.objection("notebooks/00_learning_rate", check) == objection


def test_finder_misses_few_results_and_cries_wolf_seldom():
    """손으로 «결과 +», «결과 아님 -»을 단 문장들. 넘치는 것은 참고, 놓치는 것은 참지 않는다."""
    results = {line[2:] for line in SAMPLE if line.startswith("+ ")}
    found = {line[2:] for line in SAMPLE if claims.is_result(line[2:])}
    assert len(results) > 120 and len(SAMPLE) > 300
    assert len(found & results) / len(results) > 0.88
    assert len(found & results) / len(found) > 0.75
