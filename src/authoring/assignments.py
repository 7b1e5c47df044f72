"""강사 노트북에서 학생에게 나누어 줄 노트북을 만든다: ``python -m authoring.assignments``.

만드는 것은 nbgrader이다. 과정을 새로 만들어 과제를 낼 때와 같은 길을 지나므로 둘은 같다.
"""

import sys
import tempfile
from pathlib import Path

from grading import ASSIGNMENTS, EXERCISES
from grading.course import create

STUDENTS = EXERCISES / "student"


def generate(folder):
    """``folder``에 과제마다 노트북을 하나씩 쓴다. 그 경로들을 돌려준다."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        course = create(Path(temporary), "students")
        return [course.release(name).replace(folder / f"{name}.ipynb") for name in ASSIGNMENTS]


if __name__ == "__main__":
    for path in generate(Path(*sys.argv[1:]) if sys.argv[1:] else STUDENTS):
        print(f"만듦: {path}")
