"""한 반을 통째로 채점한다: 저마다 받아야 할 점수를 받고, 상자 밖은 그대로이다.

오래 걸리므로 ``make test-all``이 돌린다.
"""

import csv
import hashlib
import socket

import pytest
from bs4 import BeautifulSoup
from classroom import FULL, classroom, encode, fill, solutions

from grading import grade
from grading.course import create

pytestmark = [
    pytest.mark.slow,
    pytest.mark.usefixtures("isolated"),
]


def digest(folder):
    """폴더 안의 모든 파일의 지문."""
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}


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
        for pupil in pupils:
            (downloads / pupil.file).write_bytes(pupil.data)
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
    path = course.export(tmp_path_factory.mktemp("marks") / "marks.csv")
    with open(path, encoding="utf-8-sig", newline="") as file:
        marks = {row["학생"]: float(row["점수"]) for row in csv.DictReader(file)}
    return {
        "course": course,
        "pupils": pupils,
        "collected": collected,
        "problems": problems,
        "failed": failed,
        "marks": marks,
        "touched": touched,
        "outside": (outside, now),
    }


def taken(graded):
    """받을 수 없는 파일을 낸 학생을 뺀 나머지."""
    return [pupil for pupil in graded["pupils"] if pupil.story != "노트북이 아니다"]


def test_class_is_large_and_everyone_is_graded(graded):
    assert len(graded["pupils"]) >= 20
    assert not graded["failed"]
    assert graded["marks"].keys() == {pupil.name for pupil in taken(graded)}


def test_what_is_no_notebook_is_a_problem_by_name(graded):
    [problem] = graded["problems"]
    [pupil] = [pupil for pupil in graded["pupils"] if pupil not in taken(graded)]
    assert problem.startswith(pupil.file) and "노트북(.ipynb)이 아닙니다" in problem


def test_everyone_gets_exactly_the_deserved_marks(graded):
    expected = {pupil.name: (pupil.story, pupil.marks) for pupil in taken(graded)}
    found = {pupil.name: (pupil.story, graded["marks"][pupil.name]) for pupil in taken(graded)}
    assert found == expected


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
    assert not touched & {"모두 맞았다", "빈 노트북", "세 문제에서 한 묶음씩 틀렸다"}


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
    path = course.export(tmp_path / "marks.csv")
    with open(path, encoding="utf-8-sig", newline="") as file:
        marks = {row["학생"]: float(row["점수"]) for row in csv.DictReader(file)}
    points = [cell.metadata.nbgrader.points for cell in release.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    by_hand = [cell.metadata.nbgrader.points for cell in release.cells if is_by_hand(cell)]
    assert marks == {"full": sum(points) - sum(by_hand), "empty": 0}


def is_by_hand(cell):
    metadata = cell.metadata.get("nbgrader", {})
    return metadata.get("grade") and metadata.get("solution")
