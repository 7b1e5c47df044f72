"""작은 과정: 작은 과제(``small``) 하나를 낸 것과, 그것을 푼 제출물."""

import contextlib
import functools
import io
import json
import os
import shutil

import nbformat
import pytest
from distributed import LocalCluster
from small import small

from grading import box
from grading import course as course_module
from grading.course import Course, create


@pytest.fixture(scope="session")
def isolated():
    """상자를 만들 수 있어야 하는 시험. 없으면 까닭을 말하고 건너뛰지만, CI에서는 실패한다."""
    reason = box.available()
    if reason:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)


@pytest.fixture(scope="session")
def quick():
    """상자 대신 이 프로세스에서 바로 실행하는 함수. 시험이 지은 코드만 실행할 때 쓴다."""

    from homl11 import checks

    def execute(cells, seed, limits=None, isolated=True, hidden=(), halt=None):
        namespace, found = {}, []
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("HOML11_SEED", str(seed))
            for place, cell in enumerate(cells):
                printed, told = io.StringIO(), {}
                patch.setattr(checks, "report", lambda groups, told=told: told.update(checks.collect(groups)))
                with contextlib.redirect_stdout(printed):
                    exec(cell, namespace)
                found.append([{"output_type": "stream", "name": "stdout", "text": printed.getvalue()}])
                if place in hidden:
                    data = {box.ANSWERS: json.loads(json.dumps(told)), "text/plain": ""}
                    found[-1] = [{"output_type": "display_data", "metadata": {}, "data": data}]
        return found

    return execute


@pytest.fixture(scope="module")
def dask():
    """일꾼 둘. 저마다 제 프로세스이고, 이 컴퓨터 안에서만 듣는다."""
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": ":0", "host": "127.0.0.1"}
    with LocalCluster(**options) as cluster:
        yield cluster


known = {}


@pytest.fixture
def remembered(monkeypatch):
    """같은 제출물은 진짜 상자에서 한 번만 실행한다. 씨앗과 한계까지 같으면 결과도 같다."""
    execute = box.execute

    def remembering(cells, seed, limits=box.Limits(), isolated=True, hidden=(), halt=None):  # noqa: B008
        place = (*cells, seed, limits, isolated, *sorted(hidden))
        if place not in known:
            known[place] = execute(cells, seed, limits, isolated, hidden, halt)
        return json.loads(json.dumps(known[place]))

    monkeypatch.setattr(box, "execute", remembering)


@pytest.fixture(scope="session")
def small_course(tmp_path_factory):
    """작은 과제를 낸 과정. 시험은 이것을 복사해 쓴다."""
    exercises = tmp_path_factory.mktemp("exercises")
    nbformat.write(small(), exercises / "schedules.ipynb")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(course_module, "EXERCISES", exercises)
        patch.setattr(course_module, "ASSIGNMENTS", {"schedules": "작은 과제"})
        course = create(tmp_path_factory.mktemp("course"), "작은-과정")
    course.release("schedules")
    return course


@pytest.fixture
def course(small_course, tmp_path):
    """작은 과제를 낸, 시험마다 새것인 과정. 폴더의 이름에 빈칸이 있다."""
    shutil.copytree(small_course.root, tmp_path / "과정 폴더")
    return Course(tmp_path / "과정 폴더")


@pytest.fixture
def release(small_course):
    return small_course.released("schedules")


def filled(release, code="def double(x):\n    return 2 * x", text="1사이클", change=lambda notebook: None):
    """답을 채운 제출물(바이트)."""
    notebook = nbformat.from_dict(json.loads(nbformat.writes(release)))
    for place in notebook.cells:
        name = place.metadata.get("nbgrader", {}).get("grade_id")
        if name == "02_exponential-closure" and code is not None:
            place.source = f"# 답: 02_exponential/closure\n{code}"
        if name == "06_schedules_compared-choose" and text is not None:
            place.source = f"<!-- 답: 06_schedules_compared/choose -->\n{text}"
    change(notebook)
    return nbformat.writes(notebook).encode()


@pytest.fixture
def answered(release):
    """이름 → 답을 채운 제출물(바이트)."""
    return functools.partial(filled, release)


ROSTER = "학번,이름\n007,김하나\ns02,=이둘\ns03,박세나\ns04,최넷\ns05,정다섯\n"
LONG = "1사이클 스케줄링이 가장 낫다. 학습률을 올렸다가 내리면 처음에는 넓게 찾고 나중에는 좁게 찾는다. "
LONG += "모멘텀은 거꾸로 움직여서 학습률이 클 때 흔들림을 줄여 준다. 그래서 같은 에포크에 손실이 더 낮다."


@pytest.fixture(scope="session")
def graded_class(small_course, quick, tmp_path_factory):
    """네 학생을 채점한 과정. 007은 고쳐 다시 냈고, s04는 비웠고, 명단의 s05는 내지 않았다. 글은 007의 것만 채점했다."""
    from homl11.checks import TASKS

    folder = tmp_path_factory.mktemp("class")
    shutil.copytree(small_course.root, folder / "과정")
    course = Course(folder / "과정")
    (course.root / "roster.csv").write_text(ROSTER, encoding="utf-8")
    # 작은 과제의 확인 셀은 double(1)을 찍는다. 그래서 학생이 무엇을 찍을지 정할 수 있다.
    told = "def double(x):\n    return '  힌트: {}' if x == 1 else abs(2 * x)"
    wrong = told.format(next(iter(TASKS["02_exponential/closure"].mistakes)))
    forged = told.format("<b>선생님 만세</b>")
    right = "def double(x):\n    return '  모두 맞았습니다.' if x == 1 else 2 * x"
    rounds = [
        {"007": (wrong, LONG), "s02": (wrong, LONG), "s03": (forged, "조기 종료를 쓰겠다."), "s04": (None, None)},
        {"007": (right, LONG)},
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(box, "execute", quick)
        for number, answers in enumerate(rounds):
            downloads = folder / f"내려받은 것 {number}"
            downloads.mkdir()
            for student, (code, text) in answers.items():
                data = filled(small_course.released("schedules"), code, text)
                (downloads / f"{student}_schedules.ipynb").write_bytes(data)
            _, problems = course.collect("schedules", downloads, replace=True)
            assert not problems and course.autograde("schedules", isolated=False)[1] == {}
    with course.gradebook() as gradebook:
        graded = gradebook.find_grade("06_schedules_compared-choose", "schedules", "schedules", "007")
        graded.manual_score, graded.needs_manual_grade = 3.5, False
        gradebook.db.commit()
    return course
