"""반 전체가 무엇을 알고 무엇을 틀렸는가: 강사가 읽는 쪽 하나(HTML). 바깥에서 받아 오는 것도, 스크립트도 없다.

점수는 성적부에서, 실수의 이름은 학생의 노트북에서 확인이 한 말에서 온다. 숨은 시험의 코드와 값은 싣지 않는다.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import nbformat
import numpy as np
from jinja2 import Environment, FileSystemLoader

from grading import grade, marks, own, similar
from grading.messages import Problem
from grading.oracle import grade_id

TEMPLATES = Path(__file__).with_name("templates")
FEWEST = 20  # 이보다 적은 학생으로는 변별도를 셈하지 않는다. 스무 명이어도 표준오차가 0.2를 넘는다
BINS = 10
LOW = 0.5  # 저절로 채점한 점수가 만점의 이 몫보다 적으면 도움이 필요하다고 본다
UNNAMED = "이름 없는 실수나 오류"


@dataclass
class Pupil:
    """한 학생: 점수, 낼 때마다의 기록, 틀린 성질."""

    student: str
    name: str
    mark: marks.Mark
    graded: dict  # 문제 → 점수. 사람이 채점할 것이 남았으면 None
    attempts: list  # 낼 때마다의 {"time", "scores", "hints"}
    failed: dict  # 문제 → 틀린 성질의 이름들
    reasons: list = field(default_factory=list)

    def __str__(self):
        return f"{self.student} {self.name}".strip()


@dataclass
class Item:
    """한 문제의 통계."""

    task: str
    title: str
    most: float
    scores: list  # 채점한 학생들의 점수
    waiting: int
    discrimination: float | None
    why: str  # 변별도를 셈하지 않은 까닭
    mistakes: list  # (실수, 처음 낸 것에서 한 학생 수, 지금 그런 학생 수)
    failed: list  # (성질, 틀린 학생 수)
    blank: int

    @property
    def right(self):
        """정답률: 만점을 받은 학생의 몫."""
        return float(np.mean(np.isclose(self.scores, self.most))) if self.scores and self.most else None

    @property
    def difficulty(self):
        """난이도: 평균 점수를 만점으로 나눈 것. 맞고 틀리기만 하는 문제에서는 정답률과 같다."""
        return float(np.mean(self.scores) / self.most) if self.scores and self.most else None


# ---- 셈


def discrimination(scores, rest):
    """변별도: 그 문제의 점수와, 그 문제를 뺀 나머지 점수의 상관계수(수정된 문항-총점 상관). 못 하면 까닭을 말한다.

    >>> discrimination([0, 1] * 10, [1, 5] * 10)
    (1.0, '')
    >>> discrimination([0, 1], [1, 5])
    (None, '학생이 20명보다 적다')
    """
    if len(scores) < FEWEST:
        return None, f"학생이 {FEWEST}명보다 적다"
    if np.ptp(scores) < 1e-9:
        return None, "모두 같은 점수이다"
    if np.ptp(rest) < 1e-9:
        return None, "나머지 점수가 모두 같다"
    return round(float(np.corrcoef(scores, rest)[0, 1]), 3), ""


def bins(shares):
    """만점에 대한 몫들을 열 구간으로 나눈 수. 만점은 마지막 구간에 든다.

    >>> bins([0, 0.05, 0.95, 1])
    [2, 0, 0, 0, 0, 0, 0, 0, 0, 2]
    """
    return np.histogram(shares, bins=BINS, range=(0, 1))[0].tolist()


def items(pupils, titles, hints=None):
    """문제마다의 통계. 변별도는 모두 채점한 문제들의 점수를 나머지로 쓴다. ``hints``는 노트북이 더한 문제의 것이다."""
    tasks = list(dict.fromkeys(task for pupil in pupils for task in pupil.graded))
    complete = [task for task in tasks if all(pupil.graded.get(task) is not None for pupil in pupils)]
    found, names = [], known_mistakes() | (hints or {})
    handed_in = [pupil.attempts for pupil in pupils if pupil.attempts]
    for task in tasks:
        mine = [pupil for pupil in pupils if pupil.graded.get(task) is not None]
        scores = [pupil.graded[task] for pupil in mine]
        rest = [sum(pupil.graded[other] for other in complete if other != task) for pupil in mine]
        value, why = discrimination(scores, rest)
        first, now = (
            Counter(named(attempts[place]["hints"].get(task, ""), names.get(task, ())) for attempts in handed_in)
            for place in (0, -1)
        )
        mistakes = sorted((first | now).keys() - {"", grade.BLANK}, key=lambda text: (-now[text], -first[text], text))
        failed = Counter(group for pupil in pupils for group in pupil.failed.get(task, ()))
        found.append(
            Item(
                task,
                titles.get(task, task),
                pupils[0].mark.tasks[task][1],
                scores,
                len(pupils) - len(mine),
                value,
                why,
                [(text, first[text], now[text]) for text in mistakes],
                failed.most_common(),
                now[grade.BLANK],
            )
        )
    return found


def known_mistakes():
    """문제 → 확인이 이름을 부르는 실수들과 그 문제의 힌트."""
    from homl11.checks import TASKS

    return {grade_id(key): {*task.mistakes, task.hint} for key, task in TASKS.items()}


def named(said, known):
    """확인이 한 말을 실수의 이름으로. 학생이 찍은 글일 수 있으므로, 아는 이름이 아니면 옮기지 않는다."""
    return said if said in known or said in ("", grade.BLANK) else UNNAMED


def rounds(pupils):
    """낸 차례마다 (몇 번째, 학생 수, 저절로 채점한 점수의 평균, 앞보다 오른 학생, 내린 학생). 만점에 대한 몫이다."""
    found = []
    for number in range(max((len(pupil.attempts) for pupil in pupils), default=0)):
        here = [pupil for pupil in pupils if len(pupil.attempts) > number]
        shares = [share(pupil, number) for pupil in here]
        change = [share(pupil, number) - share(pupil, number - 1) for pupil in here] if number else []
        up, down = sum(value > 1e-9 for value in change), sum(value < -1e-9 for value in change)
        found.append((number + 1, len(here), float(np.mean(shares)), up, down))
    return found


def share(pupil, number=-1):
    """``number``번째로 낸 것의, 저절로 채점한 점수의 몫."""
    scores = pupil.attempts[number]["scores"]
    most = sum(pupil.mark.tasks[name.removesuffix(grade.HIDDEN_NAME)][1] for name in scores)
    return sum(scores.values()) / most if most else 1.0


def in_need(pupils, missing):
    """도움이 필요한 학생들과 그 까닭. 점수가 낮은 학생부터이고, 내지 않은 학생이 맨 앞이다."""
    for pupil in pupils:
        if not pupil.attempts:
            continue
        if share(pupil) < LOW:
            pupil.reasons.append(f"저절로 채점한 점수가 만점의 {share(pupil):.0%}이다")
        blank = sum(said == grade.BLANK for said in pupil.attempts[-1]["hints"].values())
        if blank:
            pupil.reasons.append(f"비운 문제가 {blank}개이다")
        if len(pupil.attempts) > 1 and share(pupil) < 1 and share(pupil) <= share(pupil, -2):
            pupil.reasons.append("다시 냈지만 점수가 오르지 않았다")
    chosen = sorted((pupil for pupil in pupils if pupil.reasons), key=share)
    return [(name, "", ["내지 않았다"]) for name in missing] + [
        (str(pupil), f"{pupil.mark.score:.4g}", pupil.reasons) for pupil in chosen
    ]


# ---- 모으기


def gather(course, gradebook, assignment):
    """채점한 학생들."""
    names, found = course.names(), []
    known = [item for item in gradebook.assignments if item.name == assignment]
    for mark in [mark for item in known for mark in marks.of(gradebook, item)]:
        record = course.stored_record(assignment, mark.student)
        failed = {
            name.removesuffix(grade.HIDDEN_NAME): [group for group, right in verdict["groups"].items() if not right]
            for name, verdict in record.get("marks", {}).items()
        }
        graded = {task: None if task in mark.waiting else score for task, (score, _) in mark.tasks.items()}
        attempts = course.entered(assignment, mark.student).get("attempts", [])
        found.append(Pupil(mark.student, names.get(mark.student, ""), mark, graded, attempts, failed))
    return found


def page(course, gradebook, assignment):
    """과제 하나의 보고서(HTML)."""
    source, released = course.source(assignment), course.released(assignment)
    pupils = gather(course, gradebook, assignment)
    if not pupils:
        raise Problem(f"과제 {assignment}: 성적부에 채점한 학생이 없습니다. autograde {assignment} --again을 하세요.")
    here = [pupil.student for pupil in pupils]
    missing = [f"{student} {name}".strip() for student, name in course.names().items() if student not in here]
    paths = {student: course.notebook("autograded", assignment, student) for student in here}
    notebooks = {student: nbformat.read(path, as_version=4) for student, path in paths.items() if path.exists()}
    pairs = similar.pairs(notebooks, [released, source])
    return render(course.title(assignment), pupils, grade.titles(source), missing, pairs, own.hints(source))


def render(title, pupils, titles, missing, pairs, hints=None):
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters["percent"] = lambda value: "—" if value is None else f"{value:.0%}"
    return environment.get_template("report_ko.html.j2").render(
        title=title,
        made=f"{datetime.now():%Y-%m-%d %H:%M}",
        pupils=pupils,
        known={pupil.student: str(pupil) for pupil in pupils},
        missing=missing,
        waiting=sum(bool(pupil.mark.waiting) for pupil in pupils),
        most=pupils[0].mark.most,
        scores=[pupil.mark.score for pupil in pupils],
        np=np,
        bins=bins([pupil.mark.score / pupil.mark.most if pupil.mark.most else 1.0 for pupil in pupils]),
        items=items(pupils, titles, hints),
        rounds=rounds(pupils),
        needs=in_need(pupils, missing),
        pairs=pairs,
        similar=similar,
        fewest=FEWEST,
        low=LOW,
    )
