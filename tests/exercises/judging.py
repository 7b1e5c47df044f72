"""보관한 답을 확인과 채점에 모두 맡긴다. 같은 답은 한 번만 실행하고 시험들이 나누어 쓴다."""

import contextlib
import functools
import importlib
import io
import json
import re
from dataclasses import dataclass
from random import Random

import nbformat
from right_answers import RIGHT
from ruled_out import RULED_OUT

from grading import ASSIGNMENTS, EXERCISES
from grading.oracle import MARKER, Oracle, execute, grade_id, score
from homl11.checks import TASKS, collect
from homl11.checks.task import blank, run, same

WRONG = {
    key: answers + RULED_OUT.get(key, [])
    for name in ASSIGNMENTS
    for key, answers in importlib.import_module(f"wrong_{name}").WRONG.items()
}
SEEDS = (1, 2, 2024)
# 모델을 만들고 재느라 오래 걸리는 문제. 씨앗 하나로만 채점하고, 확인은 한 번만 한다.
HEAVY = ("09_dropout/gap", "10_mc_dropout/to_mc", "12_guidelines/default", "final/recipe")


def notebook(name):
    return nbformat.read(EXERCISES / f"{name}.ipynb", as_version=4)


def keys(name):
    """이 과제에서 저절로 채점하는 문제들."""
    return [
        MARKER.search(cell.source)[1]
        for cell in notebook(name).cells
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution")
    ]


AUTOMATIC = [(name, key) for name in ASSIGNMENTS for key in keys(name)]
NAMES = {key: name for name, key in AUTOMATIC}


@functools.cache
def oracle_of(name):
    return Oracle(notebook(name))


@functools.cache
def expected(key, seed):
    """풀이가 이 문제의 숨은 시험에 내놓는 값."""
    oracle = oracle_of(NAMES[key])
    return reports(oracle, key, oracle.solution, seed)


def reports(oracle, key, namespace, seed):
    name = grade_id(key)
    with contextlib.redirect_stdout(io.StringIO()):
        return _reports(oracle, name, namespace, seed)


def _reports(oracle, name, namespace, seed):
    found = oracle.reports(namespace, seed, {name: oracle.hidden[name]})[name]
    return json.loads(json.dumps(found))  # 상자를 나오는 값은 JSON이다


def marks(key, namespace, seed):
    """답을 실행해 둔 이름 공간에서 이 문제가 얻는 점수."""
    oracle, name = oracle_of(NAMES[key]), grade_id(key)
    verdicts = oracle.verdicts(name, reports(oracle, key, namespace, seed), expected(key, seed), seed)
    return score(verdicts, oracle.points[name])


def said(key, namespace):
    """확인 셀이 찍은 글."""
    with contextlib.redirect_stdout(io.StringIO()) as out:
        execute(oracle_of(NAMES[key]).checks[grade_id(key)], namespace)
    return out.getvalue()


def namespace(key, source):
    """준비 셀과 이 답만 실행한 이름 공간."""
    return oracle_of(NAMES[key]).fresh({grade_id(key): source})


def all_right(key, place, seed=None):
    """확인이나(씨앗이 없을 때) 숨은 시험의 모든 성질이 맞는가. 처음 틀린 곳에서 멈춘다."""
    task, answer = TASKS[key], place[answer_name(key)]
    probes = task.public() if seed is None else task.probes(Random(seed))

    def right(name, probe):
        if seed is None:
            return same(run(probe, answer), task.expected[name])
        got = json.loads(json.dumps(collect({name: lambda: probe(answer)})))[name]
        return "value" in got and same(got["value"], expected(key, seed)[name]["value"])

    with contextlib.redirect_stdout(io.StringIO()):
        return not blank(answer) and all(right(name, probe) for name, probe in probes.items())


def answer_name(key):
    """답 셀이 만드는 이름."""
    return re.search(r"check\(.+?, (\w+)\)", oracle_of(NAMES[key]).checks[grade_id(key)])[1]


@dataclass(frozen=True)
class Judged:
    """답 하나에 대한 두 판정."""

    text: str
    marks: tuple
    points: float

    @property
    def accepted(self):
        return "모두 맞았습니다" in self.text

    @property
    def full(self):
        return all(mark == self.points for mark in self.marks)

    @property
    def shown(self):
        """확인이 ○를 붙인 성질의 몫만큼의 점수."""
        right, wrong = (sum(line.startswith(f"  {mark} ") for line in self.text.splitlines()) for mark in "○✗")
        return self.points * right / (right + wrong) if right + wrong else 0

    @property
    def hint(self):
        return self.text.split("힌트: ")[-1] if "힌트: " in self.text else ""


@functools.cache
def judged(key, source):
    """답을 확인하고, 채점하고, 다시 확인한다. 두 번째 확인이 첫 번째와 다르면 안 된다."""
    place = namespace(key, source)
    text = said(key, place)
    found = tuple(marks(key, place, seed) for seed in SEEDS[: 1 if key in HEAVY else None])
    if key not in HEAVY:
        assert said(key, place) == text, "두 번 확인하면 다른 말을 한다"
    return Judged(text, found, oracle_of(NAMES[key]).points[grade_id(key)])


def kept():
    """보관한 모든 답: (문제, 이름, 답 셀, 맞았는가)."""
    for key, answers in WRONG.items():
        yield from ((key, label, source, False) for label, source, _ in answers)
    for key, answers in RIGHT.items():
        yield from ((key, label, source, True) for label, source in answers)
