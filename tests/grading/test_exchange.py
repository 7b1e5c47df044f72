"""nbgrader의 교환소를 거치는 한 바퀴와, 교환소에 놓인 덫. 허브와 브라우저로 하는 것은 ``tests/hub``에 있다."""

import subprocess
import sys

import nbformat
import pytest
from test_course import said

from grading import TODO, exchange
from grading.course import Problem
from grading.owners import HUB

pytestmark = pytest.mark.usefixtures("isolated", "remembered")


@pytest.fixture
def hub(course, tmp_path):
    """과제를 낸 교환소."""
    root = tmp_path / "교환소"
    root.mkdir()
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write(f"get_config().Exchange.root = {str(root)!r}\n")
    exchange.release(course, "schedules")
    return root / course.course_id


@pytest.fixture
def student(hub, tmp_path, course):
    """(이름, 명령, 과제) → 학생의 홈에서 부른 nbgrader. 그 홈을 돌려준다."""

    def student(name, command, assignment="schedules"):
        home = tmp_path / name
        home.mkdir(exist_ok=True)
        options = [f"--CourseDirectory.course_id={course.course_id}", f"--CourseDirectory.student_id={name}"]
        options += [f"--Exchange.root={hub.parent}", f"--Exchange.cache={home / 'cache'}"]
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", command, assignment, *options],
            cwd=home,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return home

    return student


@pytest.mark.slow
def test_hand_in_and_feedback_go_through_the_exchange(course, hub, student, answered, tmp_path, capsys):
    home = student("s01", "fetch_assignment")
    notebook = home / "schedules" / "schedules.ipynb"
    assert "BEGIN SOLUTION" not in notebook.read_text("utf-8")
    student("s01", "submit")  # 빈 것을 먼저 냈다. 마지막 것을 받는다
    notebook.write_bytes(answered())
    student("s01", "submit")
    (tmp_path / "메일").mkdir()
    (tmp_path / "메일" / "s02_schedules.ipynb").write_bytes(answered(code=None))
    here = ("--course", course.root)
    code, text = said(capsys, *here, "collect", "schedules", "--exchange")
    assert code == 0 and HUB in text and "(교환소)" in text and "1명의 노트북을 모았습니다." in text
    course.collect("schedules", tmp_path / "메일")
    course.autograde("schedules")
    assert course.entered("schedules", "s01")["scores"] == {"02_exponential-closure-grade": 2}
    code, text = said(capsys, *here, "feedback", "schedules", "--exchange")
    assert code == 1 and "1개를 교환소에 두었습니다" in text
    assert "s02: 교환소에서 모으지 않아 교환소로 돌려주지 못했습니다." in text
    [page] = student("s01", "fetch_feedback").glob("schedules/feedback/*/schedules.html")
    assert "○ 양수" in page.read_text("utf-8") and 'lang="ko"' in page.read_text("utf-8")


OWN = "week3/drops"


@pytest.mark.slow
def test_own_exercise_goes_through_the_exchange_and_the_cluster(course, hub, student, dask, capsys):
    """선생님이 더한 문제도 교환소로 나가고, 클러스터의 일꾼이 실행하고, 교환소로 돌아온다."""
    here = ("--course", course.root)
    assert said(capsys, *here, "exercise", OWN, "반으로 줄이기")[0] == 0
    path = course.notebook("source", "week3")
    path.write_text(path.read_text("utf-8").replace(TODO, ""), "utf-8")
    assert said(capsys, *here, "release", "week3", "--exchange")[0] == 0
    answers = {"s01": "rate * 0.5 ** (step // every)", "s02": "rate / 2 ** (step / every)"}
    for name, formula in answers.items():
        handed_in = student(name, "fetch_assignment", "week3") / "week3" / "week3.ipynb"
        notebook = nbformat.read(handed_in, as_version=4)
        assert "drops_reference" not in nbformat.writes(notebook)
        [answer] = [each for each in notebook.cells if each.id == "week3-drops"]
        answer.source = f"# 답: {OWN}\ndef drops(step, rate, every):\n    return {formula}"
        nbformat.write(notebook, handed_in)
        student(name, "submit", "week3")
    assert said(capsys, *here, "collect", "week3", "--exchange")[0] == 0
    scheduler = ("--scheduler", dask.scheduler_address)
    assert said(capsys, *here, "autograde", "week3", *scheduler) == (0, "2명을 채점했습니다.\n")
    scores = [course.entered("week3", name)["scores"]["week3-drops-grade"] for name in answers]
    assert scores == [2, pytest.approx(2 / 3)]  # 매끄럽게 줄이면 계단의 모서리에서만 맞다
    assert said(capsys, *here, "feedback", "week3", "--exchange")[0] == 0
    [page] = student("s02", "fetch_feedback", "week3").glob("week3/feedback/*/week3.html")
    text = page.read_text("utf-8")
    assert "✗ 그 사이에는 그대로이다" in text and "매끄럽게 줄였습니다" in text


def inbound(hub, student, time="2026-11-26 09:00:00.000000 UTC"):
    folder = hub / "inbound" / f"{student}+schedules+{time}+abcd"
    folder.mkdir()
    return folder


def test_traps_in_the_exchange_catch_nobody(course, hub, answered):
    """누구나 교환소에 폴더를 만들 수 있다: 강사의 파일을 가리키는 링크, 이상한 이름, 폴더 밖을 가리키는 학생."""
    solution = course.notebook("source", "schedules")
    (inbound(hub, "s01") / "schedules.ipynb").write_bytes(answered())
    (inbound(hub, "s02") / "schedules.ipynb").symlink_to(solution)
    (hub / "inbound" / "s03+schedules+2026-11-26 09:00:00.000000 UTC+abcd").symlink_to(solution.parent)
    (hub / "inbound" / "s05+schedules+2026-11-26 09:00:00.000000 UTC+abcd").symlink_to("없는 곳")
    (inbound(hub, "..") / "schedules.ipynb").write_bytes(answered())
    (inbound(hub, "s04", "언젠가") / "schedules.ipynb").write_bytes(answered())
    done, problems = course.collect("schedules", None)
    assert [*done] == ["s01"] and course.students("schedules") == ["s01"]
    assert [text.partition(":")[0] for text in problems] == ["s02/schedules", "s03/schedules"]
    assert all("가 없거나 읽을 수 없어 받지 않았습니다." in text for text in problems)
    assert not (course.root / "schedules").exists() and not list(course.root.glob(".exchange-*"))
    # nbgrader의 명령과 formgrader의 단추도 같은 것을 쓴다.
    course.nbgrader("collect", "schedules", "--update")
    assert "BEGIN SOLUTION" not in "".join(path.read_text("utf-8") for path in course.root.glob("submitted/**/*.ipynb"))


def test_hand_in_under_the_name_of_another_is_doubted(course, hub, answered, monkeypatch):
    (inbound(hub, "s01") / "schedules.ipynb").write_bytes(answered())
    said_by_nbgrader = "/inbound/x claims to be submitted by s01 but is owned by s02; cheating attempt?"
    run = course.nbgrader
    monkeypatch.setattr(course, "nbgrader", lambda *arguments: run(*arguments) + said_by_nbgrader)
    done, [problem] = course.collect("schedules", None)
    assert not done and "s02의 파일이다. 남의 이름으로 낸 것일 수 있다. 받지 않았습니다." in problem


def test_exchange_that_is_not_there(course, tmp_path, capsys):
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write(f"get_config().Exchange.root = {str(tmp_path / '없는 곳')!r}\n")
    code, text = said(capsys, "--course", course.root, "collect", "schedules", "--exchange")
    assert code == 1 and text.startswith("nbgrader의 교환소를 쓰지 못했습니다.") and "없는 곳" in text
    assert "\n" not in text.strip() and "Traceback" not in text


def test_nothing_handed_in_and_no_place_named(course, hub, tmp_path, capsys):
    here = ("--course", course.root, "collect", "schedules")
    assert "교환소에 낸 것이 없습니다" in said(capsys, *here, "--exchange")[1]
    assert "하나만 됩니다" in said(capsys, *here)[1]
    assert "하나만 됩니다" in said(capsys, *here, tmp_path, "--exchange")[1]
    with pytest.raises(Problem, match="낸 것이 없습니다"):
        course.collect("schedules", None)
