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


def test_shared_environment_is_told_once_before_the_table():
    assert list(RUNS["report"]([("01_power", MEASURED), ("02_exponential", MEASURED), ("03_performance", {})])) == [
        "파이썬 3.11, 텐서플로 2.21, 케라스 3.15, 넘파이 2.4, 맷플롯립 3.11, CPU 코어 4개.",
        "",
        "| 노트북 | 실행 시간 |",
        "|---|---:|",
        "| {doc}`/notebooks/01_power` | 1분 35초 |",
        "| {doc}`/notebooks/02_exponential` | 1분 35초 |",
        "| {doc}`/notebooks/03_performance` | 아직 재지 않았다 |",
    ]


@pytest.mark.parametrize(
    "changed, told",
    [
        ({"cores": 2}, "CPU 코어 2개"),
        ({"versions": MEASURED["homl11"]["versions"] | {"keras": "3.14"}}, "케라스 3.14,"),
    ],
)
def test_other_environment_is_told_after_the_table(changed, told):
    other = {"homl11": MEASURED["homl11"] | changed}
    first, *_, last = RUNS["report"]([("00", other), ("01", MEASURED), ("02", MEASURED)])
    assert first == RUNS["environment"](MEASURED["homl11"]) + "."
    assert last == "- {doc}`/notebooks/00`: " + RUNS["environment"](other["homl11"]) and told in last


def test_nothing_measured_names_no_environment():
    assert next(RUNS["report"]([("00", {})])) == "| 노트북 | 실행 시간 |"


def test_execute_stores_the_time_and_the_versions(tmp_path):
    path = tmp_path / "01_tiny.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1")]), path)
    seconds = notebooks.execute(path)
    run = nbformat.read(path, as_version=4).metadata.homl11
    assert run["seconds"] == round(seconds) and run["cores"] == os.cpu_count()
    assert run["versions"].keys() == RUNS["PACKAGES"].keys()
    assert run["versions"]["numpy"] == version("numpy")


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("[0-9]*.ipynb")), ids=lambda path: path.stem)
def test_stored_run_is_complete(path):
    run = nbformat.read(path, as_version=4).metadata.get("homl11")
    if run is not None:
        assert run["seconds"] > 0 and run["versions"].keys() == RUNS["PACKAGES"].keys()
