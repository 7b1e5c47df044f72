"""연습 문제의 뼈대가 강좌의 네 곳에 온전히 들어가 처음부터 초록인지."""

import os
import re
import shutil
import subprocess
import sys

import nbformat
import pytest
import test_style

from authoring import ROOT, exercise
from grading import TODO
from grading.messages import Problem

# 있는 과제 둘은 보관한 답의 꼴이 서로 다르다. 하나는 새 과제이다.
TASKS = {
    "06_schedules_compared/drops": "schedules",
    "09_dropout/drops": "regularization",
    "01_power/halves": "averaging",
}
PARTS = ("src", "notebooks/exercises", "tests/exercises", "tests/grading")


def copy_to(folder):
    for part in PARTS:
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "_config.yml"):
        shutil.copy(ROOT / name, folder)
    for key in TASKS:
        shutil.copy(ROOT / "notebooks" / f"{key.split('/')[0]}.ipynb", folder / "notebooks")
    return folder


def run(folder, *command):
    environment = {**os.environ, "PYTHONPATH": str(folder / "src")}
    result = subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, env=environment, capture_output=True, text=True
    )
    return result.returncode, result.stdout + result.stderr


@pytest.fixture(scope="module")
def extended(tmp_path_factory):
    """뼈대를 셋 더한 저장소의 사본."""
    folder = copy_to(tmp_path_factory.mktemp("저장소"))
    for key, assignment in TASKS.items():
        exercise.create(key, assignment, "반으로 줄이기", folder)
    return folder


def test_skeletons_are_green_from_the_start(extended):
    """풀이는 만점, 빈 답은 0점, 보관한 틀린 답은 제 힌트, 고장 난 풀이는 모두 틀림: 강좌의 문제와 같은 시험이다."""
    named = " or ".join(["points_in_the_text", *TASKS])
    code, said = run(
        extended, "pytest", "tests/exercises", "-q", "-p", "no:cacheprovider", "-m", "not slow", "-k", named
    )
    assert code == 0, said
    assert int(re.search(r"(\d+) passed", said)[1]) > 50 and "skipped" not in said


def test_skeletons_are_written_in_the_style_of_the_course(extended):
    for command in (["check"], ["format", "--check"]):
        code, said = run(extended, "ruff", *command, "--no-cache", "src", "tests")
        assert code == 0, said


@pytest.mark.parametrize("key, assignment", TASKS.items())
def test_skeletons_are_red_until_they_are_written(extended, key, assignment):
    files = [
        *(extended / "notebooks" / "exercises").glob(f"{assignment}.ipynb"),
        *(extended / "src" / "homl11" / "checks").glob(f"{assignment}.py"),
        *(extended / "tests" / "exercises").glob(f"wrong_{assignment}.py"),
        extended / "tests" / "exercises" / "right_answers.py",
    ]
    assert len(files) == 4
    for path in files:
        with pytest.raises(AssertionError):
            test_style.test_nothing_of_an_exercise_is_left_to_write(path)


@pytest.mark.slow
def test_students_get_the_skeleton_without_its_solution(extended):
    """``make exercise``가 이어서 부르는 ``make assignments``."""
    code, said = run(extended, "authoring.assignments", str(extended / "student"))
    assert code == 0, said
    for key, assignment in TASKS.items():
        student = nbformat.read(extended / "student" / f"{assignment}.ipynb", as_version=4)
        [answer] = [cell.source for cell in student.cells if cell.source.startswith(f"# 답: {key}\n")]
        assert "여기에 답을 쓰세요" in answer and "0.5**drops" not in answer


@pytest.mark.parametrize(
    "key, assignment, title, told",
    [
        ("06_schedules_compared", "schedules", "제목", "문제의 이름이 될 수 없습니다"),
        ("99_nothing/drops", "schedules", "제목", "notebooks/99_nothing.ipynb가 없습니다"),
        ("01_power/power", "schedules", "제목", "이미 있습니다(schedules.ipynb)"),
        ("01_power/power", "averaging", "제목", "이미 있습니다(schedules.ipynb)"),
        ("01_power/drops", "../schedules", "제목", "과제의 이름이 될 수 없습니다"),
        ("01_power/drops", "", "제목", "과제의 이름이 될 수 없습니다"),
        ("01_power/drops", "schedules", "두\n줄", "한 줄이 아닙니다"),
    ],
)
def test_ill_formed_call_changes_nothing(tmp_path, key, assignment, title, told):
    folder = copy_to(tmp_path)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(Problem, match=re.escape(told)):
        exercise.create(key, assignment, title, folder)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_missing_arguments_say_how_to_call():
    with pytest.raises(SystemExit, match="make exercise NAME=.* ASSIGNMENT=.* TITLE="):
        exercise.main(["06_schedules_compared/drops"])
    with pytest.raises(SystemExit, match="문제의 이름이 될 수 없습니다"):
        exercise.main(["", "", ""])


def test_what_to_do_next_is_told(monkeypatch, capsys):
    monkeypatch.setattr(exercise, "create", lambda *arguments: [ROOT / "notebooks" / "exercises" / "schedules.ipynb"])
    exercise.main(["06_schedules_compared/drops", "schedules", "제목"])
    told = capsys.readouterr().out
    assert "notebooks/exercises/schedules.ipynb" in told and TODO in told and "make test" in told
