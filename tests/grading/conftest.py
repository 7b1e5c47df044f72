"""작은 과정: 작은 과제(``small``) 하나를 낸 것과, 그것을 푼 제출물."""

import json
import os
import shutil

import nbformat
import pytest
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


@pytest.fixture
def answered(release):
    """이름 → 답을 채운 제출물(바이트)."""

    def answered(code="def double(x):\n    return 2 * x", text="1사이클", change=lambda notebook: None):
        notebook = nbformat.from_dict(json.loads(nbformat.writes(release)))
        for place in notebook.cells:
            name = place.metadata.get("nbgrader", {}).get("grade_id")
            if name == "02_exponential-closure" and code is not None:
                place.source = f"# 답: 02_exponential/closure\n{code}"
            if name == "06_schedules_compared-choose" and text is not None:
                place.source = f"<!-- 답: 06_schedules_compared/choose -->\n{text}"
        change(notebook)
        return nbformat.writes(notebook).encode()

    return answered
