"""성적표: 우리의 표, 학습 관리 시스템이 받는 표, 그리고 거기서 내려받은 표를 채운 것.

Moodle의 성적 가져오기(성적 → 가져오기 → CSV)에서는 어느 열이 학번, 점수, 피드백인지 사람이 짝지어 준다. 없는 학생이 한
명이라도 있으면 전부를 그만두고, 빈 점수는 있던 점수를 지운다. 그래서 점수가 정해진 학생만 적는다. 피드백은 점수와 함께
가져와야 한다.
https://docs.moodle.org/405/en/Grade_import, moodle/grade/import/csv/classes/load_data.php

Canvas의 성적부 가져오기는 «Student», «ID»부터 «Section»까지를 학생의 것으로, 그 뒤를 과제로 읽는다. «Points Possible»로
시작하는 줄은 만점이다. «ID»는 Canvas가 매긴 번호이므로 비워 둔다. 그러면 «SIS User ID», «SIS Login ID», 이름의 차례로
학생을 찾는다. 과제는 «이름 (번호)»나 이름으로 찾고, 없으면 새로 만들지 묻는다.
instructure/canvas-lms/lib/gradebook_importer.rb

Moodle의 채점 워크시트에는 Moodle만 아는 «Identifier»가 있어 새로 만들 수 없다. 내려받은 것의 점수 칸만 채운다.
moodle/mod/assign/feedback/offline/importgradeslib.php
"""

import codecs
import contextlib
import csv
import io
from dataclasses import dataclass

from nbgrader.api import MissingEntry

from grading.grade import HIDDEN_NAME
from grading.messages import Problem
from grading.roster import clean, plain

SCORE_TITLES = ("grade", "score", "점수", "성적")


@dataclass(frozen=True)
class Mark:
    """한 학생의 한 과제: 늦은 감점까지 셈한 점수, 만점, 문제마다의 점수."""

    assignment: str
    student: str
    score: float
    most: float
    lost: float
    waiting: list  # 사람이 채점할 것이 남은 문제들
    tasks: dict  # 문제 → (점수, 만점)


def of(gradebook, assignment):
    """성적부에서 과제 하나의 점수들."""
    found = []
    for student in sorted(gradebook.students, key=lambda student: student.id):
        try:
            submission = gradebook.find_submission(assignment.name, student.id)
        except MissingEntry:
            continue
        grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
        lost = submission.late_submission_penalty or 0
        found.append(
            Mark(
                assignment.name,
                student.id,
                submission.score - lost,
                assignment.max_score,
                lost,
                [grade.name.removesuffix(HIDDEN_NAME) for grade in grades if grade.needs_manual_grade],
                {grade.name.removesuffix(HIDDEN_NAME): (grade.score, grade.max_score) for grade in grades},
            )
        )
    return found


def ours(gradebook, assignments, names):
    """문제마다 한 열인 성적표의 줄들. 과제가 여럿이면 잇는다."""
    rows = []
    for assignment in assignments:
        for mark in of(gradebook, assignment):
            rows.append(
                {
                    "과제": mark.assignment,
                    "학생": mark.student,
                    **({"이름": names[mark.student]} if mark.student in names else {}),
                    "점수": mark.score,
                    **({"늦게 내서 깎은 점수": mark.lost} if assignment.duedate else {}),
                    "만점": mark.most,
                    "채점을 기다리는 문제": len(mark.waiting),
                    **{task: score for task, (score, _) in mark.tasks.items()},
                }
            )
    columns = list(dict.fromkeys(name for row in rows for name in row)) or ["과제"]
    return [columns, *([row.get(name, "") for name in columns] for row in rows)]


def moodle(marks, title, names):
    """Moodle의 성적 가져오기가 받는 표."""
    head = ["ID number", "Full name", f"Assignment: {title} (Real)", f"Assignment: {title} (Feedback)"]
    return [head, *([mark.student, names.get(mark.student, ""), mark.score, told(mark)] for mark in marks)]


def canvas(marks, title, names):
    """Canvas의 성적부 가져오기가 받는 표."""
    head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", title]
    most = marks[0].most if marks else 0
    rows = [[names.get(m.student, m.student), "", m.student, m.student, "", m.score] for m in marks]
    return [head, ["    Points Possible", "", "", "", "", most], *rows]


def told(mark):
    """문제마다의 점수를 한 줄로."""
    tasks = [f"{task} {score:g}/{most:g}" for task, (score, most) in mark.tasks.items()]
    return ", ".join(tasks + [f"늦게 내서 -{mark.lost:g}"] * bool(mark.lost))


def filled(data, marks, names, column=None):
    """내려받은 표(바이트)의 점수 칸을 채운 것: (줄들, 인코딩, 구분 글자, 표에 없는 학생들).

    학생의 칸은 아는 학번이나 이름이 가장 많이 든 칸이다. 점수가 없는 학생의 줄과 다른 칸은 그대로 둔다.
    """
    text, encoding = decoded(data)
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    if not rows:
        raise Problem("채울 표가 비어 있습니다. 학습 관리 시스템에서 다시 내려받으세요.")
    place = score_column(rows[0], column)
    twice = [name for name in names.values() if list(names.values()).count(name) > 1]
    by_key = {plain(names[mark.student]): mark for mark in marks if names.get(mark.student) not in (None, "", *twice)}
    by_key |= {plain(mark.student): mark for mark in marks}
    width = max(map(len, rows))
    hits = [sum(i < len(row) and plain(clean(row[i])) in by_key for row in rows[1:]) for i in range(width)]
    student = hits.index(max(hits))
    if not hits[student]:
        raise Problem("채울 표에서 아는 학생을 찾지 못했습니다. 학번이나 이름의 칸이 있어야 합니다.")
    left = {mark.student for mark in marks}
    for row in rows[1:]:
        mark = by_key.get(plain(clean(row[student]))) if student < len(row) else None
        if mark and place < len(row):
            row[place] = f"{mark.score:g}"
            left.discard(mark.student)
    return rows, encoding, delimiter, sorted(left)


def decoded(data):
    """(글, 인코딩)."""
    for encoding in ["utf-8-sig"] if data.startswith(codecs.BOM_UTF8) else ["utf-8", "cp949"]:
        with contextlib.suppress(UnicodeError):
            return data.decode(encoding), encoding
    raise Problem("채울 표의 글자를 읽을 수 없습니다. 학습 관리 시스템에서 CSV로 다시 내려받으세요.")


def score_column(head, column):
    """점수를 적을 칸. 제목을 주지 않았으면 이름으로 찾고, 하나로 정해지지 않으면 묻는다."""
    titles = [title.strip().strip("\ufeff").casefold() for title in head]
    wanted = [column.strip().casefold()] if column else SCORE_TITLES
    found = [place for place, title in enumerate(titles) if title in wanted]
    if len(found) != 1:
        said = f"«{column}»이라는 칸이 없습니다" if column else "점수의 칸을 하나로 정할 수 없습니다"
        raise Problem(f"채울 표에 {said}. --column으로 칸의 제목을 알려 주세요. 있는 칸: {', '.join(head)}")
    return found[0]


def settled(marks):
    """(점수가 정해진 학생들의 것, 사람이 채점할 것이 남은 학생들)."""
    return [mark for mark in marks if not mark.waiting], [mark.student for mark in marks if mark.waiting]


def write_filled(path, rows, encoding, delimiter):
    """받은 표를 그 꼴 그대로 새로 적는다. 남의 칸은 한 글자도 바꾸지 않는다."""
    with open(path, "x", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
