"""실행 시간과 판을 재어 적고, 표로 옮기는 일."""

import os
import runpy
from importlib.metadata import version

import nbformat
import pytest

from authoring import NOTEBOOKS, ROOT, notebooks

RUNS = runpy.run_path(str(ROOT / "book" / "_ext" / "runs.py"))
MEASURED = {
    "homl11": {
        "seconds": 95,
        "cores": 4,
        "versions": {"python": "3.11", "tensorflow": "2.21", "keras": "3.15", "numpy": "2.4", "matplotlib": "3.11"},
    }
}


@pytest.mark.parametrize("seconds, text", [(0, "0초"), (42, "42초"), (60, "1분"), (95, "1분 35초")])
def test_time_is_spelt_in_korean(seconds, text):
    assert RUNS["spell"](seconds) == text


def test_table_has_a_line_for_every_notebook_measured_or_not():
    *_, measured, unmeasured = RUNS["table"]([("01_power", MEASURED), ("02_exponential", {})])
    assert measured == "| {doc}`/notebooks/01_power` | 1분 35초 | 4 | 3.11 | 2.21 | 3.15 | 2.4 | 3.11 |"
    assert unmeasured.startswith("| {doc}`/notebooks/02_exponential` | 아직 재지 않았다 |")
    assert measured.count("|") == unmeasured.count("|")


def test_execute_stores_the_time_and_the_versions(tmp_path):
    path = tmp_path / "01_tiny.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1")]), path)
    seconds = notebooks.execute(path)
    run = nbformat.read(path, as_version=4).metadata.homl11
    assert run["seconds"] == round(seconds) and run["cores"] == os.cpu_count()
    assert run["versions"].keys() == RUNS["COLUMNS"].keys()
    assert run["versions"]["numpy"] == version("numpy")


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("[0-9]*.ipynb")), ids=lambda path: path.stem)
def test_stored_run_is_complete(path):
    run = nbformat.read(path, as_version=4).metadata.get("homl11")
    if run is not None:
        assert run["seconds"] > 0 and run["versions"].keys() == RUNS["COLUMNS"].keys()
