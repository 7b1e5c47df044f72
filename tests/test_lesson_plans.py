"""수업 계획: 노트북마다 하나이고, 시간이 맞고, 부르는 것이 모두 그 노트북에 있다."""

import re
import runpy

import nbformat
import pytest
import yaml

from authoring import NOTEBOOKS, ROOT

PAGE = (ROOT / "book" / "lesson_plans.md").read_text(encoding="utf-8")
PLANS = dict(re.findall(r"^## (.+)\n((?:(?!## ).*\n)*)", PAGE, re.MULTILINE))
NAMES = sorted(path.stem for path in NOTEBOOKS.glob("[0-9]*.ipynb"))
PLAYGROUNDS = ROOT / "src" / "homl11" / "static" / "playground"
ROW = re.compile(r"^\| (\S+) \| (.+) \| (\d+|–) \| (\d+|–) \|$", re.MULTILINE)
TOTAL = "| | **모두** | **50** | **75** |"
EXERCISE = re.compile(r"\[(문제 [^\]]+)\]\(\.\./notebooks/(\w+)\.ipynb#연습-문제\)")


def cells(name):
    return nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4).cells


def title(name):
    return cells(name)[0].source.partition("\n")[0].removeprefix("# ")


@pytest.fixture(params=NAMES)
def name(request):
    return request.param


@pytest.fixture
def plan(name):
    return PLANS[title(name)]


@pytest.fixture
def rows(plan):
    return ROW.findall(plan)


@pytest.fixture
def source(name):
    return "\n".join(cell.source for cell in cells(name))


@pytest.fixture(scope="module")
def exercises():
    """절 → 연습 문제의 제목들. 책이 싣는 것과 같다."""
    found = runpy.run_path(str(ROOT / "book" / "_ext" / "exercises.py"))["questions"]
    items = found(NOTEBOOKS / "exercises" / "student")
    return {section: [title for *_, title, _ in named] for section, named in items.items()}


def test_every_notebook_has_its_plan_in_the_order_of_the_book():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    pages = [chapter["file"] for part in toc["parts"] for chapter in part["chapters"]]
    names = [page.removeprefix("notebooks/") for page in pages if page.startswith("notebooks/")]
    assert sorted(names) == NAMES and list(PLANS) == [title(name) for name in names]
    assert "book/lesson_plans" in pages
    assert "](lesson_plans.md)" in (ROOT / "book" / "instructors.md").read_text(encoding="utf-8")


def test_minutes_add_up(plan, rows):
    assert TOTAL in plan and len(rows) == plan.count("\n| ") - 2  # 머리와 합계를 뺀 모든 줄을 읽었다
    for column, total in ((2, 50), (3, 75)):
        assert sum(int(row[column]) for row in rows if row[column] != "–") == total


def test_lesson_asks_bets_shows_and_lets_do(plan, rows):
    kinds = [kind for kind, *_ in rows]
    assert [
        kind for kind, after in zip(kinds, [*kinds[1:], None]) if kind != after
    ] == "물음 예상 시범 연습 정리".split()
    assert re.search(r"^\*\*물음\.\*\* .+\?$", plan, re.MULTILINE)
    assert all(row[2] != "–" for row in rows if row[0] in ("물음", "예상", "정리"))


def test_links_lead_to_the_notebook_of_the_plan(name, plan):
    assert set(re.findall(r"\.\./notebooks/(\w+)\.ipynb", plan)) == {name}


def test_named_exercises_exist_and_one_is_done_in_either_length(name, plan, rows, exercises):
    named = [exercise for exercise, _ in EXERCISE.findall(plan)]
    assert len(named) == plan.count("[문제 ") and set(named) <= set(exercises[name])
    done = [row for row in rows if row[0] == "연습"]
    assert all(EXERCISE.fullmatch(row[1]) for row in done) and any(row[2] != "–" for row in done)


def test_named_figures_are_those_of_the_notebook(name, plan):
    own = {cell.metadata["mystnb"]["figure"]["name"] for cell in cells(name) if "mystnb" in cell.metadata}
    named = re.findall(r"\{numref\}`([^`]+)`", plan)
    assert named and set(named) <= own


def test_what_is_shown_is_there(rows, source):
    """시범에서 부르는 코드는 노트북에, «»로 부르는 것은 노트북이나 놀이터에 있다."""
    scripts = "".join(path.read_text(encoding="utf-8") for path in PLAYGROUNDS.glob("*.js"))
    shown = re.sub(r"\{\w+\}`[^`]+`", "", "\n".join(what for kind, what, *_ in rows if kind == "시범"))
    plain = source.replace("<code>", "").replace("</code>", "")
    assert [code for code in re.findall("`([^`]+)`", shown) if code not in source] == []
    assert [quote for quote in re.findall("«([^»]+)»", shown) if quote not in plain + scripts] == []
    if "노트북의 놀이터" in shown:
        assert "playground." in source


def test_misconceptions_are_asked_and_answered(plan):
    misconceptions = re.findall(r"^- (.+)$", plan.partition("**오해와 답**")[2], re.MULTILINE)
    assert len(misconceptions) >= 3
    assert all(re.fullmatch(r"«[^»]+\?» .+다\.", line) for line in misconceptions)
