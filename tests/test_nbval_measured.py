"""nbval 플러그인: 작은 노트북을 정말로 시험해 어느 셀이 빨간지 본다."""

import re
import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from authoring import ROOT
from authoring.nbval_measured import MEASURED, within_tolerance
from homl11 import display


def output(values, tolerance=0.1, text="표"):
    data = {"text/plain": text, MEASURED: {"tolerance": tolerance, "values": values}}
    return new_output("display_data", data)


def table(*given, **more):
    """``measured``가 정말로 내놓는 것."""
    return new_output("display_data", display.Measured(*given, **more)._repr_mimebundle_())


def showing(*outputs):
    """``outputs``를 그대로 내놓는 코드. NaN도 적을 수 있다."""
    shown = [dict(one["data"]) for one in outputs]
    return f"from math import inf, nan\nfor data in {shown!r}: display(data, raw=True)"


def cell(stored, fresh, count=1):
    return new_code_cell(showing(*fresh), outputs=stored, execution_count=count)


def printing(text, stored, count=1, **metadata):
    outputs = [new_output("stream", name="stdout", text=stored)] if stored else []
    return new_code_cell(f"print({text!r})", outputs=outputs, execution_count=count, metadata=metadata)


CELLS = {
    "inside the tolerance": ("PASSED", cell([output({"손실": 1.0})], [output({"손실": 1.09}, text="다른 표")])),
    "two values inside": ("PASSED", cell([output({"a": 1.0, "b": 2.0})], [output({"a": 0.95, "b": 2.05})])),
    "saving has sorted the names": (
        "PASSED",
        cell([output({"나": 2.0, "가": 1.0})], [output({"나": 2.05, "가": 1.0})]),
    ),
    "off by twice the tolerance": ("FAILED", cell([output({"손실": 1.0})], [output({"손실": 1.2})])),
    "one of two values off": ("FAILED", cell([output({"a": 1.0, "b": 2.0})], [output({"a": 1.0, "b": 2.2})])),
    "second output off": (
        "FAILED",
        cell([output({"a": 1.0}), output({"a": 2.0})], [output({"a": 1.0}), output({"a": 3.0})]),
    ),
    "not a number": ("FAILED", cell([output({"손실": 1.0})], [output({"손실": float("nan")})])),
    "other tolerance": ("FAILED", cell([output({"손실": 1.0}, 0.1)], [output({"손실": 1.0}, 0.2)])),
    "other name": ("FAILED", cell([output({"손실": 1.0})], [output({"정확도": 1.0})])),
    "whole table inside": ("PASSED", cell([table(0.1, {"손실": 1.0})], [table(0.1, {"손실": -1.0 + 2.09})])),
    "other header": (
        "FAILED",
        cell([table(0.1, {"고정": 1.0}, of="검증 손실")], [table(0.1, {"고정": 1.0}, of="테스트 손실")]),
    ),
    "other order of rows": (
        "FAILED",
        cell([table(0.1, {"가": 1.0, "나": 1.0})], [table(0.1, {"나": 1.0, "가": 1.0})]),
    ),
    "value added": ("FAILED", cell([output({"a": 1.0})], [output({"a": 1.0, "b": 1.0})])),
    "value missing": ("FAILED", cell([output({"a": 1.0, "b": 1.0})], [output({"a": 1.0})])),
    "output missing": ("FAILED", cell([output({"a": 1.0}), output({"a": 1.0})], [output({"a": 1.0})])),
    "never run": ("FAILED", printing("가", "", count=None)),
    "never run but skipped": ("SKIPPED", printing("가", "", count=None, tags=["nbval-skip"])),
    "same text": ("PASSED", printing("가", "가\n")),
    "other text": ("FAILED", printing("가", "나\n")),
}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """모든 셀을 노트북 하나에 담아 이 저장소의 설정으로 한 번 시험한다."""
    path = tmp_path_factory.mktemp("notebook") / "cells.ipynb"
    nbformat.write(new_notebook(cells=[cell for _, cell in CELLS.values()]), path)
    options = ["-v", "--color=no", "-p", "no:cacheprovider", "-c", ROOT / "pyproject.toml"]
    run = subprocess.run([sys.executable, "-m", "pytest", *options, path], capture_output=True, text=True)
    return dict(zip(CELLS, re.findall(r"::Cell \d+ ([A-Z]+)", run.stdout), strict=True))


@pytest.mark.parametrize("case", CELLS)
def test_cell(case, outcomes):
    assert outcomes[case] == CELLS[case][0]


@pytest.mark.parametrize("stored, fresh, same", [(1.0, 1.125, True), (1.0, 0.875, True), (1.0, 1.126, False)])
def test_edge_of_the_tolerance_is_inside(stored, fresh, same):
    assert within_tolerance(*({"tolerance": 0.125, "values": {"a": value}} for value in (stored, fresh))) is same


def test_infinity_is_never_inside():
    assert not within_tolerance(*[{"tolerance": 0.1, "values": {"a": float("inf")}}] * 2)


def test_mime_type_is_that_of_display():
    assert MEASURED == display.MEASURED
