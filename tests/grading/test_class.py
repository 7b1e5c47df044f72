"""한 반을 통째로 채점한다: 저마다 받아야 할 점수를 받고, 상자 밖은 그대로이다.

오래 걸리므로 ``make test-all``이 돌린다.
"""

import csv
import hashlib
import re
import signal
import socket
import subprocess
import sys

import pytest
from bs4 import BeautifulSoup
from classroom import FULL, classroom, fill, hand_in, solutions
from forms import encode

from grading import box, grade
from grading.course import create

pytestmark = [
    pytest.mark.slow,
    pytest.mark.usefixtures("isolated"),
]


def digest(folder):
    """폴더 안의 모든 파일의 지문."""
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}


def marks_of(course, folder):
    """성적표의 점수: 학생 → 점수."""
    with open(course.export(folder / "marks.csv"), encoding="utf-8-sig", newline="") as file:
        return {row["학생"]: float(row["점수"]) for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def graded(isolated, tmp_path_factory):
    """반 전체를 한 번 채점한 결과."""
    course = create(tmp_path_factory.mktemp("course"), "class")
    course.release("schedules")
    downloads, home = tmp_path_factory.mktemp("downloads"), tmp_path_factory.mktemp("home")
    (home / "비밀.txt").write_text("강사의 것")
    with socket.create_server(("127.0.0.1", 0)) as server:
        places = [str(course.gradebook_path), str(course.root / "course.json"), str(home / "비밀.txt")]
        pupils = classroom(course.released("schedules"), server.getsockname()[1], places)
        hand_in(pupils, downloads)
        collected, problems = course.collect("schedules", downloads)
        outside = digest(course.root / "source") | digest(course.root / "submitted") | digest(downloads) | digest(home)
        outside[course.root / "course.json"] = (course.root / "course.json").read_text()
        done, failed = course.autograde("schedules", jobs=2)
        server.settimeout(0.1)
        try:
            touched = server.accept()
        except TimeoutError:
            touched = None
    now = digest(course.root / "source") | digest(course.root / "submitted") | digest(downloads) | digest(home)
    now[course.root / "course.json"] = (course.root / "course.json").read_text()
    return {
        "course": course,
        "pupils": pupils,
        "collected": collected,
        "problems": problems,
        "failed": failed,
        "marks": marks_of(course, tmp_path_factory.mktemp("marks")),
        "touched": touched,
        "outside": (outside, now),
    }


def taken(graded):
    """받을 수 없는 파일을 낸 학생을 뺀 나머지."""
    return [pupil for pupil in graded["pupils"] if not pupil.told]


def test_class_is_large_and_everyone_is_graded(graded):
    assert len(taken(graded)) >= 60
    assert not graded["failed"]
    assert graded["marks"].keys() == {pupil.name for pupil in taken(graded)}


def test_what_can_not_be_taken_is_a_problem_by_name(graded):
    told = {pupil.file: pupil.told for pupil in graded["pupils"] if pupil.told}
    assert len(told) == len(graded["problems"])
    for file, text in told.items():
        assert [problem for problem in graded["problems"] if problem.startswith(file) and text in problem]


def test_everyone_gets_exactly_the_deserved_marks(graded):
    found = {pupil.story: graded["marks"][pupil.name] for pupil in taken(graded)}
    assert found == {pupil.story: pupil.marks for pupil in taken(graded)}


# 기록이 반쯤 남으면 스스로를 죽이는 채점.
DIES = """
import os, signal, sys
from grading.course import Course
course, half, store = Course(sys.argv[1]), int(sys.argv[2]), Course.store
def dying(*arguments):
    store(*arguments)
    if len(list((course.root / ".graded" / "schedules").glob("*.json"))) >= half:
        os.kill(os.getpid(), signal.SIGKILL)
Course.store = dying
course.autograde("schedules", jobs=2)
"""


def test_second_time_with_other_hidden_values_and_killed_halfway_gives_the_same_marks(graded, tmp_path, monkeypatch):
    """새 과정은 비밀이 달라 숨은 값이 모두 다르다. 반쯤에서 ``kill -9``로 죽어도, 다시 부르면 남은 것만 실행한다.

    CPU를 한계까지 쓰는 몇 명은 뺀다. 그들만 몇 분이 걸린다.
    """
    everyone = [pupil for pupil in taken(graded) if "CPU를 20초" not in outputs(graded, pupil.story)]
    assert len(everyone) >= 60
    course = create(tmp_path / "course", "again")
    course.release("schedules")
    hand_in(everyone, tmp_path / "downloads")
    course.collect("schedules", tmp_path / "downloads")
    command = [sys.executable, "-c", DIES, course.root, str(len(everyone) // 2)]
    assert subprocess.run(command, capture_output=True).returncode == -signal.SIGKILL
    kept = len(list((course.root / ".graded" / "schedules").glob("*.json")))
    executed, execute = [], box.execute
    monkeypatch.setattr(box, "execute", lambda *given: executed.append(given) or execute(*given))
    done, failed = course.autograde("schedules", jobs=2)
    assert not failed and len(done) == len(everyone)
    assert len(executed) == len(everyone) - kept and 0 < kept < len(everyone)
    marks = marks_of(course, tmp_path)
    found = {pupil.story: marks[pupil.name] for pupil in everyone}
    assert found == {pupil.story: pupil.marks for pupil in everyone}


def test_points_of_the_automatic_tasks(graded):
    course = graded["course"]
    points = [
        cell.metadata.nbgrader.points
        for cell in course.source("schedules").cells
        if cell.metadata.get("nbgrader", {}).get("grade") and cell.cell_type == "code"
    ]
    assert sum(points) == FULL


def test_nothing_outside_the_boxes_was_changed(graded):
    before, now = graded["outside"]
    assert before == now


def test_nobody_reached_the_network(graded):
    assert graded["touched"] is None


def outputs(graded, story):
    name = next(pupil.name for pupil in graded["pupils"] if story in pupil.story)
    return graded["course"].record_path("schedules", name).read_text(encoding="utf-8")


def test_snoopers_found_nothing(graded):
    assert "찾은 것: []" in outputs(graded, "숨은 시험을 찾아다닌다")
    assert "썼다" not in outputs(graded, "성적부를 읽고") and "고쳤다" not in outputs(graded, "성적부를 읽고")
    assert "닿았다" not in outputs(graded, "네트워크")


def test_culprits_are_told_why(graded):
    assert "CPU를 20초" in outputs(graded, "멈춤을 듣지 않는")
    assert "프로세스를 16개" in outputs(graded, "프로세스 폭탄")
    assert "MemoryError" in outputs(graded, "메모리를 삼킨다") or "메모리를 3,072MB" in outputs(
        graded, "메모리를 삼킨다"
    )
    assert "갑자기 끝났습니다" in outputs(graded, "커널을 죽인다")
    assert "흉내" in outputs(graded, "거짓 대답을 보내고")
    assert "CPU를 20초" in outputs(graded, "짧은 자식을")


def test_tricks_gain_and_see_nothing(graded):
    assert "얻은 메모리: 0" in outputs(graded, "어느 프로세스의 것도 아닌")
    assert "새 이름 공간: -1 키: -1" in outputs(graded, "새 이름 공간과 키")
    assert "씨앗: None 정답: ['final/recipe']" in outputs(graded, "씨앗과 정답을 미리")
    assert len(outputs(graded, "셀마다 큰 그림을")) < 16_000_000 and "여기부터 버렸다" in outputs(
        graded, "셀마다 큰 그림을"
    )
    assert "graded(" not in outputs(graded, "숨은 시험을 찍어")


def test_hand_ins_that_touch_the_insides_are_named(graded):
    course = graded["course"]
    touched = {pupil.story for pupil in taken(graded) if grade.touched(course.submitted("schedules", pupil.name))}
    assert {"확인이 쓰는 정답을 답으로 낸다", "씨앗과 정답을 미리 찾는다", "점수를 찍는다"} <= touched
    assert "부른 쪽의 프레임과 공개된 값을 뒤진다" in touched
    assert not [story for story in touched if re.match("모두|빈 노트북|문제마다|return", story)]


def test_repairs_are_told(graded):
    notes = {pupil.story: graded["collected"][pupil.name] for pupil in taken(graded)}
    assert "지워진 셀을 되살렸다" in " ".join(notes["시험 셀과 문제를 지웠다"])
    assert "이름이 사라져" in " ".join(notes["Colab이 메타데이터를 지웠다"])
    assert notes["모두 맞았다"] == []


def test_grading_again_changes_nothing(graded):
    assert graded["course"].autograde("schedules") == ([], {})
    assert not graded["course"].collect(
        "schedules", graded["course"].root / "downloaded" / "schedules", r"(?P<student>\w+)\."
    )[1]


def test_feedback_is_korean_and_safe(graded):
    pages = graded["course"].feedback("schedules")
    assert len(pages) == len(taken(graded))
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert "BEGIN SOLUTION" not in text and "<script" not in text and "127.0.0.1:9" not in text
        assert page.stat().st_size < 20_000_000
    forged = BeautifulSoup(page_of(graded, "채점의 상자를 흉내"), "html.parser")
    honest = BeautifulSoup(page_of(graded, "모두 맞았다"), "html.parser")
    for name in ("verdict", "comment"):
        assert len(forged.find_all(class_=name)) == len(honest.find_all(class_=name))


def page_of(graded, story):
    name = next(pupil.name for pupil in graded["pupils"] if story in pupil.story)
    return (graded["course"].root / "feedback" / name / "schedules" / "schedules.html").read_text(encoding="utf-8")


def test_other_assignment_is_graded_too(isolated, tmp_path):
    """과제 «규제»: 훈련하는 문제와 숨은 나누기로 판정하는 마지막 과제까지. 풀이는 만점, 빈 노트북은 0점."""
    course = create(tmp_path / "course", "class")
    course.release("regularization")
    downloads = tmp_path / "downloads"
    downloads.mkdir()
    release = course.released("regularization")
    for name, answers in (("full", solutions("regularization")), ("empty", {})):
        (downloads / f"{name}_regularization.ipynb").write_bytes(encode(fill(release, answers)))
    course.collect("regularization", downloads)
    assert course.autograde("regularization") == (["empty", "full"], {})
    marks = marks_of(course, tmp_path)
    points = [cell.metadata.nbgrader.points for cell in release.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    by_hand = [cell.metadata.nbgrader.points for cell in release.cells if is_by_hand(cell)]
    assert marks == {"full": sum(points) - sum(by_hand), "empty": 0}


def is_by_hand(cell):
    metadata = cell.metadata.get("nbgrader", {})
    return metadata.get("grade") and metadata.get("solution")
