"""나누어 주는 노트북은 강사 노트북에서 만든 그대로이고, 풀이와 숨은 시험이 들어 있지 않다."""

import re
import subprocess
import sys

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
    given = re.sub(r"### BEGIN (?:SOLUTION|HIDDEN TESTS)\n.*?### END", "", _all(instructor), flags=re.DOTALL)
    assert not {line for line in lines if line in text and line not in given}


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_learner_checks_pass_without_nbgrader(name, tmp_path):
    """배우는 사람의 노트북에 풀이를 채워 위에서 아래로 실행한다. nbgrader가 없는 파이썬이다."""
    solutions = {
        cell.metadata.nbgrader.grade_id: re.sub(r"### (?:BEGIN|END) SOLUTION", "", cell.source)
        for cell in nbformat.read(EXERCISES / f"{name}.ipynb", as_version=4).cells
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution")
    }
    notebook = nbformat.read(STUDENTS / f"{name}.ipynb", as_version=4)
    for cell in notebook.cells:
        cell.source = solutions.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
    nbformat.write(notebook, tmp_path / "filled.ipynb")
    program = f"""
import sys
sys.modules["nbgrader"] = sys.modules["grading"] = None
import nbformat
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell()
for cell in nbformat.read({str(tmp_path / "filled.ipynb")!r}, as_version=4).cells:
    if cell.cell_type == "code":
        shell.run_cell(cell.source).raise_error()
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.count("모두 맞았습니다.") == len(solutions) and "✗" not in result.stdout


def _all(notebook):
    return "\n".join(cell.source for cell in notebook.cells)
