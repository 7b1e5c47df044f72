"""새 노트북의 뼈대가 강좌의 규칙을 처음부터 지키는지."""

import inspect
import subprocess
import sys

import nbformat
import pytest
import test_style

from authoring import NOTEBOOKS, ROOT, repository, scaffold

# 출력이 있어야 하거나 ✎를 모두 채워야 초록인 것. 나머지 규칙은 뼈대도 지켜야 한다.
LATER = {
    "test_every_notebook_shows_pictures_and_verdicts",
    "test_notebook_was_executed_from_top_to_bottom",
    "test_nothing_is_left_to_write",
    "test_notebook_takes_the_time_it_names",
}
RULES = {
    name: rule
    for name, rule in vars(test_style).items()
    if name.startswith("test_") and list(inspect.signature(rule).parameters) == ["notebook"]
}


@pytest.fixture
def root(tmp_path):
    """노트북이 하나 있는 작은 저장소."""
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "12_guidelines.ipynb").write_text("앞의 노트북", encoding="utf-8")
    (tmp_path / "_config.yml").write_text("repository:\n  url: https://github.com/kim/book\n", encoding="utf-8")
    return tmp_path


@pytest.fixture
def path(root):
    return scaffold.create("13_label_smoothing", "라벨 스무딩", root)


@pytest.fixture
def notebook(path):
    return nbformat.read(path, as_version=4)


def test_rules_that_wait_for_outputs_exist():
    assert LATER < RULES.keys()


@pytest.mark.parametrize("name", sorted(RULES.keys() - LATER))
def test_skeleton_keeps_the_rule(name, notebook):
    RULES[name](notebook)


def test_skeleton_is_red_until_it_is_written(notebook):
    with pytest.raises(AssertionError):
        test_style.test_nothing_is_left_to_write(notebook)


def test_skeleton_file_keeps_the_rules(path):
    nbformat.validate(nbformat.read(path, as_version=4))
    test_style.test_notebook_file_is_light_and_has_no_local_path(path)
    text = "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells)
    test_style.test_only_agreed_terms_are_used(path.name, text)
    test_style.test_no_translationese(path.name, text)


def test_figure_has_alt_text_caption_and_its_own_name(notebook):
    (figure,) = [cell.metadata["mystnb"] for cell in notebook.cells if "mystnb" in cell.metadata]
    assert figure["figure"]["name"] == "fig-label-smoothing"
    assert figure["figure"]["caption"] and len(figure["image"]["alt"]) > 20


def test_title_and_addresses_are_those_given(notebook):
    opening = notebook.cells[0].source
    assert opening.startswith("# 라벨 스무딩\n")
    assert "(https://colab.research.google.com/github/kim/book/blob/main/notebooks/13_label_smoothing.ipynb)" in opening


@pytest.mark.parametrize("other", sorted(NOTEBOOKS.glob("[0-9]*.ipynb")), ids=lambda other: other.stem)
def test_setup_cell_is_that_of_every_notebook(other):
    first = next(cell for cell in nbformat.read(other, as_version=4).cells if cell.cell_type == "code")
    skeleton = scaffold.build("13_label_smoothing", "라벨 스무딩", repository.current())
    assert first.source == next(cell for cell in skeleton.cells if cell.cell_type == "code").source


def test_code_has_no_error_that_ruff_can_see(path):
    """훈련하지 않고 볼 수 있는 만큼: 파이썬이고, 쓰는 이름은 모두 앞에서 정했다."""
    ruff = [sys.executable, "-m", "ruff", "check", "--isolated", "--select=E9,F", "--ignore=F401", path]
    result = subprocess.run(ruff, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    "name",
    ["", "smoothing", "3_label", "13", "13_", "13-label", "13_Label", "13_라벨", "13_a__b", "../13_a", "13_a.ipynb"],
)
def test_ill_formed_name_is_refused_in_korean(name, root):
    with pytest.raises(SystemExit, match="노트북의 이름이 될 수 없습니다.*14_label_smoothing처럼"):
        scaffold.create(name, "제목", root)
    assert len(list(root.rglob("*.ipynb*"))) == 1


@pytest.mark.parametrize("title", ["", "  ", "두\n줄"])
def test_missing_title_is_refused_in_korean(title, root):
    with pytest.raises(SystemExit, match="제목이 없거나"):
        scaffold.create("13_label", title, root)
    assert len(list(root.rglob("*.ipynb*"))) == 1


@pytest.mark.parametrize("name", ["12_guidelines", "12_other"])
def test_taken_number_is_refused_and_left_alone(name, root):
    with pytest.raises(SystemExit, match=r"이미 있습니다: 12_guidelines\.ipynb.*다음 번호: 13"):
        scaffold.create(name, "제목", root)
    assert [path.read_text(encoding="utf-8") for path in root.rglob("*.ipynb*")] == ["앞의 노트북"]


def test_missing_arguments_say_how_to_call():
    with pytest.raises(SystemExit, match="make notebook NAME=.* TITLE="):
        scaffold.main(["13_label"])


def test_what_to_do_next_is_told(monkeypatch, capsys, root):
    monkeypatch.setattr(scaffold, "create", lambda name, title: ROOT / "notebooks" / f"{name}.ipynb")
    scaffold.main(["13_label", "제목"])
    told = capsys.readouterr().out
    assert "notebooks/13_label.ipynb" in told
    assert all(step in told for step in ("make notebooks ONLY=13_label", "- file: notebooks/13_label", "make test"))
