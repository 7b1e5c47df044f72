"""nbgrader의 교환소(exchange): JupyterHub의 학생이 과제를 받고, 내고, 피드백을 받아 가는 폴더.

옮기는 일은 nbgrader의 명령이 한다. 여기서는 그것을 ``release``, ``collect``, ``feedback``에 잇는다. 교환소가 어디인지는
허브의 관리자가 nbgrader의 설정(``c.Exchange.root``)에 적는다.
"""

import contextlib
import os
import pwd
import re
import shutil
import tempfile
from datetime import UTC
from pathlib import Path

from grading.hand_ins import HandIn, Opened
from grading.messages import Problem, shown

SECRET = "submission_secret.txt"  # 교환소가 이것으로 피드백의 주인을 안다
FOREIGN = re.compile(r"claims to be submitted by (.+?) but is owned by (.+?); cheating")


def nbgrader(course, *arguments):
    """교환소를 쓰는 명령. 쓸 수 없으면 nbgrader가 댄 까닭을 한 줄로 말한다."""
    try:
        return course.nbgrader(*arguments)
    except Problem as problem:
        reasons = re.findall(r"\| (?:CRITICAL|ERROR)\] (.+)", str(problem))
        raise Problem(
            "nbgrader의 교환소를 쓰지 못했습니다. 교환소의 폴더(nbgrader 설정의 c.Exchange.root)가 있고 "
            f"이 사용자가 쓸 수 있는지 허브의 관리자에게 물어보세요. nbgrader의 말: {shown((reasons or [problem])[0])}"
        ) from None


def release(course, assignment):
    """나누어 줄 노트북을 교환소에 둔다. 앞의 것은 바꾼다."""
    with course.locked():
        nbgrader(course, "release_assignment", assignment, "--force")


@contextlib.contextmanager
def opened(course, assignment):
    """학생마다 마지막으로 낸 것을 연다(``hand_ins.opened``처럼). 누가 언제 냈는지는 허브가 안다."""
    found = Opened()
    with tempfile.TemporaryDirectory(dir=course.root, prefix=".exchange-") as folder:
        option = f"--CourseDirectory.submitted_directory={Path(folder).name}"
        with course.locked():
            said = nbgrader(course, "collect", assignment, option).stderr
        # 모두가 한 사용자로 도는 허브(컨테이너)에서는 주인이 아무것도 말하지 않는다.
        me = pwd.getpwuid(os.getuid()).pw_name
        foreign = {student: owner for student, owner in FOREIGN.findall(said) if owner != me}
        for place in sorted(Path(folder).glob(f"*/{assignment}")):
            take(place, found, foreign)
        if not (found.hand_ins or found.problems):
            raise Problem(f"과제 {assignment}: 교환소에 낸 것이 없습니다.")
        yield found


def take(place, found, foreign):
    """한 학생이 낸 폴더의 노트북. 이름을 바꾸어 냈어도 하나뿐이면 그것이다."""
    from nbgrader.utils import parse_utc

    student, assignment = place.parts[-2:]
    notebooks = sorted(place.glob("*.ipynb"))
    named = [path for path in notebooks if path.stem == assignment] or notebooks
    if len(named) != 1:
        found.refuse((student, assignment), f"{assignment}.ipynb가 없거나 읽을 수 없어 받지 않았습니다.")
        return
    [path] = named
    time = parse_utc((place / "timestamp.txt").read_text("utf-8").strip())
    secret = place / SECRET
    found.hand_ins.append(
        HandIn(
            (student, path.name),
            time.replace(tzinfo=UTC),
            "교환소",
            path.stat().st_size,
            path.read_bytes,
            student=student,
            doubt=f"{foreign[student]}의 파일이다. 남의 이름으로 낸 것일 수 있다." if student in foreign else "",
            secret=secret.read_text("utf-8") if secret.exists() else "",
        )
    )


def release_feedback(course, assignment):
    """만든 피드백을 교환소에 둔다. 교환소에서 모으지 않아 돌려줄 수 없는 학생들을 돌려준다."""
    others = []
    with course.locked():
        for folder in sorted(course.root.glob(f"feedback/*/{assignment}")):
            student = folder.parent.name
            secret = course.notebook("submitted", assignment, student).with_name(SECRET)
            if secret.exists():
                shutil.copy(secret, folder)
            else:
                others.append(student)
        skip = [f"--CourseDirectory.student_id_exclude={','.join(others)}"] if others else []
        nbgrader(course, "release_feedback", assignment, *skip)
    return others
