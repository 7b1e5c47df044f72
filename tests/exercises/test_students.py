"""나누어 주는 노트북은 강사 노트북에서 만든 그대로이고, 풀이와 숨은 시험이 들어 있지 않다."""

import re

import nbformat
import pytest

from authoring.assignments import STUDENTS, generate
from grading import ASSIGNMENTS, EXERCISES


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    return {path.stem: path for path in generate(tmp_path_factory.mktemp("students"))}


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_student_version_is_generated_from_the_instructor_version(generated, name):
    assert generated[name].read_text(encoding="utf-8") == (STUDENTS / f"{name}.ipynb").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_student_version_holds_no_solution_and_no_hidden_test(name):
    student, instructor = (nbformat.read(folder / f"{name}.ipynb", as_version=4) for folder in (STUDENTS, EXERCISES))
    text = "\n".join(cell.source for cell in student.cells)
    assert "BEGIN" not in text and "hidden_random" not in text
    regions = re.findall(r"### BEGIN (?:SOLUTION|HIDDEN TESTS)\n(.*?)### END", _all(instructor), re.DOTALL)
    lines = {line.strip() for region in regions for line in region.splitlines() if len(line.strip()) > 25}
    assert len(lines) > 50
    assert not {line for line in lines if line in text}


def _all(notebook):
    return "\n".join(cell.source for cell in notebook.cells)
