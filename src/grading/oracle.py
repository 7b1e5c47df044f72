"""정답이 판정한다: 숨은 시험을 강사의 풀이로도 실행해, 학생의 함수가 돌려준 값과 견준다.

숨은 시험에는 기대하는 값도, 비교도 들어 있지 않다. 학생의 프로세스는 값을 돌려줄 뿐이고 맞았는지는 여기서 정한다.
그래서 확인하는 함수를 바꿔치기하거나 점수를 찍어도 얻는 것이 없다. 씨앗이 제출물마다 달라 값을 미리 알아 둘 수도 없다.
"""

import os
import re

from IPython.core.inputtransformer2 import TransformerManager

MARKER = re.compile(r"^(?:#|<!--) *답: *([\w/]+)", re.MULTILINE)


def grade_id(key, kind=""):
    """nbgrader의 셀 이름. 빗금을 쓸 수 없다.

    >>> grade_id("02_exponential/closure"), grade_id("02_exponential/closure", "grade")
    ('02_exponential-closure', '02_exponential-closure-grade')
    """
    return key.replace("/", "-") + (f"-{kind}" if kind else "")


def execute(source, namespace):
    """셀 하나를 ``namespace``에서 실행한다."""
    exec(compile(TransformerManager().transform_cell(source), "<셀>", "exec"), namespace)


class Oracle:
    """강사 노트북 하나. 준비 셀을 한 번 실행해 두고, 답과 숨은 시험을 몇 번이고 실행한다."""

    def __init__(self, notebook):
        self.setup, self.answers, self.hidden, self.points, self.checks = [], {}, {}, {}, {}
        for cell in notebook.cells:
            metadata = cell.metadata.get("nbgrader", {})
            name = metadata.get("grade_id", "")
            if cell.cell_type != "code":
                continue
            if metadata.get("solution"):
                self.answers[name] = cell.source
            elif metadata.get("grade"):
                key = name.removesuffix("-grade")
                self.hidden[key], self.points[key] = cell.source, metadata["points"]
            elif name.endswith("-check"):
                self.checks[name.removesuffix("-check")] = cell.source
            else:
                self.setup.append(cell.source)
        self.namespace = {"__name__": "__main__"}
        for source in self.setup:
            execute(source, self.namespace)
        self.solution, self.known = self.fresh(), {}

    def fresh(self, answers=None):
        """준비 셀까지 실행한 새 이름 공간에 답을 실행한 것. 답을 주지 않으면 강사의 풀이이다."""
        namespace = dict(self.namespace)
        for source in (self.answers if answers is None else answers).values():
            execute(source, namespace)
        return namespace

    def reports(self, namespace, seed, hidden=None):
        """숨은 시험마다 묶음의 이름 → 값. ``homl11.checks.report``가 넘기려던 것을 가로챈다."""
        from homl11 import checks

        found, publish, before = {}, checks.report, os.environ.get("HOML11_SEED")
        os.environ["HOML11_SEED"] = str(seed)
        try:
            for key, source in (self.hidden if hidden is None else hidden).items():
                checks.report = lambda groups, key=key: found.update({key: checks.collect(groups)})
                execute(source, dict(namespace))
        finally:
            checks.report = publish
            os.environ.pop("HOML11_SEED")
            if before is not None:
                os.environ["HOML11_SEED"] = before
        return found

    def expected(self, seed, keys=None):
        """풀이가 숨은 시험에 내놓는 값. ``keys``를 주면 그 문제의 것만. 같은 씨앗이면 다시 계산하지 않는다."""
        keys = [key for key in (self.hidden if keys is None else keys) if key in self.hidden]
        known = self.known.setdefault(seed, {})
        missing = {key: self.hidden[key] for key in keys if key not in known}
        known |= self.reports(self.solution, seed, missing)
        return {key: known[key] for key in keys if key in known}

    def verdicts(self, key, got, expected, seed):
        """묶음마다 맞았는지. 답이 여럿일 수 있는 문제는 그 문제의 판정이 정한다."""
        if key in JUDGES:
            [name] = expected
            answer = got.get(name) if isinstance(got, dict) else None
            return JUDGES[key](answer.get("value") if isinstance(answer, dict) else None, seed)
        return compare(got, expected)


def _judge_recipe(answer, seed):
    from homl11.checks.recipe import judge

    return judge(answer, seed)


# 풀이와 다른 답도 맞을 수 있는 문제 → 학생이 보고한 값 하나와 씨앗을 받아 묶음마다 맞았는지 돌려주는 함수.
JUDGES = {"final-recipe": _judge_recipe}


def compare(got, expected):
    """묶음마다 학생의 값이 풀이의 값과 같은지. ``got``은 믿을 수 없는 값이므로 무엇이 들어 있어도 된다."""
    from homl11.checks import same

    def right(name):
        answer = got.get(name) if isinstance(got, dict) else None
        return isinstance(answer, dict) and "value" in answer and same(answer["value"], expected[name]["value"])

    return {name: bool(right(name)) for name in expected}


def score(verdicts, points):
    """맞은 묶음의 비율만큼의 점수.

    >>> score({"식": True, "경계": False}, 3)
    1.5
    """
    return points * sum(verdicts.values()) / len(verdicts)
