"""마감과 늦게 낸 것: 마감, 한 학생의 연장, 감점. 칸은 모두 nbgrader의 것이다.

마감은 성적부의 ``Assignment.duedate``, 연장은 ``SubmittedAssignment.extension``, 감점은
``SubmittedNotebook.late_submission_penalty``에 적힌다. 연장은 아직 내지 않은 학생에게도 줄 수 있어야 한다.
감점은 손으로 채점한 뒤에 다시 셈해야 한다. nbgrader는 둘 다 하지 못하므로 규칙을 ``late.json``에 두고 여기서 옮긴다.
"""

import contextlib
import json
import math
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.plugins import LateSubmissionPlugin
from nbgrader.preprocessors import AssignLatePenalties
from nbgrader.utils import parse_utc

from grading.collecting import moment_of
from grading.messages import Problem, write
from grading.owners import safe

DAY = 86_400  # 초


def rules(root, assignment):
    """과제의 규칙: 하루에 깎는 몫(%)과, 학생마다의 연장(시간)."""
    return {"penalty": 0, "extensions": {}} | everything(root).get(assignment, {})


def everything(root):
    path = Path(root) / "late.json"
    try:
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    except ValueError as error:
        raise Problem(f"{path}이 깨졌습니다. 백업에서 되살리세요.") from error


def store(course, assignment, changed):
    rewritten = everything(course.root) | {assignment: changed}
    write(course.root / "late.json", json.dumps(rewritten, ensure_ascii=False, indent=1))


# ---- 명령


def set_due(course, assignment, when=None, rate=None, remove=False):
    """마감과 하루의 감점(%)을 정한다. 지금의 것을 돌려준다."""
    course.released(assignment)
    if rate is not None and not 0 <= rate <= 100:
        raise Problem(f"--penalty {rate:g}: 0부터 100까지의 몫(%)입니다.")
    try:
        moment = moment_of(when) if when else None
    except ValueError as error:
        raise Problem(f'«{when}»은 시각이 아닙니다. "2026-12-01 23:59"처럼 적어 주세요.') from error
    with course.locked(), course.gradebook() as gradebook:
        kept = rules(course.root, assignment)
        if rate is not None:
            kept["penalty"] = rate
            store(course, assignment, kept)
        if moment or remove:
            gradebook.find_assignment(assignment).duedate = moment.replace(tzinfo=None) if moment else None
            gradebook.db.commit()
        settle(gradebook, course.root, assignment)
        return due_date(gradebook, assignment), kept["penalty"]


def set_extension(course, assignment, student, hours):
    """한 학생의 마감을 늦춘다. 그 학생의 마감과, 아는 학생인지를 돌려준다."""
    course.released(assignment)
    roster = course.roster()
    known = student in course.students(assignment) or bool(roster and student in map(safe, roster.people))
    if roster and not known:
        near = ", ".join(roster.near(student))
        raise Problem(f"{student}: 명단에 없는 학생입니다." + (f" 비슷한 사람: {near}." if near else ""))
    if hours < 0:
        raise Problem("연장은 0시간보다 짧을 수 없습니다. 없애려면 0을 주세요.")
    with course.locked(), course.gradebook() as gradebook:
        due = due_date(gradebook, assignment)
        if due is None:
            raise Problem(f'과제 {assignment}에 마감이 없습니다. 먼저 due {assignment} "2026-12-01 23:59"로 정하세요.')
        kept = rules(course.root, assignment)
        kept["extensions"] = {**kept["extensions"], student: hours}
        store(course, assignment, kept)
        settle(gradebook, course.root, assignment)
        return due + timedelta(hours=hours), known


def told(course, assignment):
    """받은 노트북이 얼마나 늦었는지 말하는 함수."""
    course.same_course()
    due = read_due(course.gradebook_path, assignment)
    extensions = rules(course.root, assignment)["extensions"]

    def late(item):
        over = (item.time - due).total_seconds() - extensions.get(item.student, 0) * 3600 if due else 0
        return f" 늦음: {lateness(over)}" if over > 0 else ""

    return late


def read_due(path, assignment):
    """마감. nbgrader는 성적부를 여는 것만으로 고치므로 읽기만 할 때는 바로 읽는다."""
    if not path.exists():
        return None
    with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as database:
        row = database.execute("select duedate from assignment where name = ?", [assignment]).fetchone()
    return datetime.fromisoformat(row[0]).replace(tzinfo=UTC) if row and row[0] else None


# ---- 셈


def penalty(score, seconds, rate):
    """늦은 만큼 깎을 점수. 하루가 시작될 때마다 받은 점수의 ``rate``%이다.

    >>> penalty(20, 3600, 10), penalty(20, 25 * 3600, 10), penalty(20, 30 * 86_400, 10), penalty(20, 0, 10)
    (2.0, 4.0, 20, 0.0)
    """
    return min(score, score * math.ceil(seconds / DAY) * rate / 100)


class PerDay(LateSubmissionPlugin):
    """nbgrader가 채점하며 부르는 감점의 규칙."""

    def late_submission_penalty(self, student_id, score, total_seconds_late):
        # nbgrader는 과정 폴더에서 일하고, 부른 단계가 과제의 이름을 안다.
        return penalty(score, total_seconds_late, rules(Path.cwd(), self.parent.assignment_id)["penalty"])


class AssignExtendedPenalties(AssignLatePenalties):
    """감점을 셈하기 전에 연장을 적는다."""

    def preprocess(self, nb, resources):
        place = resources["nbgrader"]
        with Gradebook(place["db_url"]) as gradebook:
            extend(gradebook, Path.cwd(), place["assignment"], place["student"])
        return super().preprocess(nb, resources)


def extend(gradebook, root, assignment, student):
    """한 학생의 연장을 성적부에 적는다."""
    hours = rules(root, assignment)["extensions"].get(student)
    submission = gradebook.find_submission(assignment, student)
    due = submission.assignment.duedate
    submission.extension = timedelta(hours=hours) if hours and due else None
    gradebook.db.commit()


def due_date(gradebook, assignment):
    """과제의 마감(UTC). 없으면 ``None``."""
    try:
        due = gradebook.find_assignment(assignment).duedate
    except MissingEntry:
        return None
    return due.replace(tzinfo=UTC) if due else None


def settle(gradebook, root, assignment):
    """낸 때, 연장, 감점을 성적부에 다시 적는다. 마감이나 규칙, 손으로 준 점수가 바뀐 뒤에도 맞게."""
    rate = rules(root, assignment)["penalty"]
    for submission in gradebook.assignment_submissions(assignment):
        extend(gradebook, root, assignment, submission.student_id)
        path = Path(root) / "submitted" / submission.student_id / assignment / "timestamp.txt"
        if path.exists():
            submission.timestamp = parse_utc(path.read_text(encoding="utf-8").strip())
        for notebook in submission.notebooks:
            seconds = submission.total_seconds_late
            notebook.late_submission_penalty = penalty(notebook.score, seconds, rate) if seconds else None
    gradebook.db.commit()


def lateness(seconds):
    """늦은 만큼을 사람의 말로.

    >>> lateness(90), lateness(3 * 3600), lateness(2 * 86_400 + 5 * 3600)
    ('2분', '3시간', '2일 5시간')
    """
    days, hours, minutes = int(seconds // DAY), int(seconds % DAY // 3600), math.ceil(seconds % 3600 / 60)
    if days:
        return f"{days}일" + (f" {hours}시간" if hours else "")
    return f"{hours}시간" if hours else f"{minutes}분"
