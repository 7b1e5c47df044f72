"""노트북에 놓이는 놀이터: 저장되는 출력, 그리고 nbval이 견주는 것."""

import subprocess
import sys

import nbformat
import pytest
from IPython.core.formatters import DisplayFormatter
from nbformat.v4 import new_code_cell, new_notebook

from authoring import notebooks
from authoring.place import without_script
from homl11 import playground

NAMES = ["schedules", "l1_l2", "dropout", "max_norm"]


@pytest.mark.parametrize("name", NAMES)
def test_output_is_the_same_every_time_and_holds_the_place(name):
    (first, _), (second, _) = (DisplayFormatter().format(getattr(playground, name)()) for _ in range(2))
    assert first == second
    # 위젯은 커널과 함께 사라지고, 다시 연 노트북에 영어로 된 오류를 남긴다.
    assert first.keys() == {"text/plain", "text/html"}
    assert first["text/plain"] == f"playground.{name}()"
    place = f'<div class="playground" data-playground="{name}">셀을 실행하면 놀이터가 열린다.</div>'
    assert first["text/html"].startswith(place)
    assert first["text/html"].count("</script>") == first["text/html"].count("</style>") == 1
    assert without_script(first["text/html"]) == place


def test_output_calls_no_server():
    assert "http" not in playground.dropout()._repr_html_().replace("http://www.w3.org/2000/svg", "")


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """놀이터 셀 하나를 실행해 저장한 노트북의 경로."""
    path = tmp_path_factory.mktemp("playground") / "01_tiny.ipynb"
    cell = new_code_cell("from homl11 import playground\n\nplayground.max_norm()")
    nbformat.write(new_notebook(cells=[cell]), path)
    notebooks.execute(path)
    return path


def test_stored_notebook_holds_the_place_alone(stored):
    [output] = nbformat.read(stored, as_version=4).cells[0].outputs
    assert output.data.keys() == {"text/plain", "text/html"}
    assert output.data["text/html"].endswith("열린다.</div>")


@pytest.mark.parametrize("kept, passes", [("place", True), ("script", True), ("other", False)])
def test_nbval_compares_the_place_and_not_the_script(stored, tmp_path, kept, passes):
    """주피터랩에서 저장해 스크립트가 남은 것도 견줄 수 있고, 다른 놀이터가 저장되어 있으면 빨갛다."""
    notebook = nbformat.read(stored, as_version=4)
    data = notebook.cells[0].outputs[0].data
    if kept == "script":
        data["text/html"] += "<script>옛 스크립트</script>"
    if kept == "other":
        data["text/html"] = data["text/html"].replace("max_norm", "dropout")
    path = tmp_path / "stored.ipynb"
    nbformat.write(notebook, path)
    command = [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "-q", path]
    command += ["-p", "no:cacheprovider", "-p", "authoring.nbval_measured"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert (result.returncode == 0) == passes, result.stdout[-2000:]


def test_other_html_is_left_alone():
    table = "<div><table></table></div><p>아래</p>"
    assert without_script(table) == table
