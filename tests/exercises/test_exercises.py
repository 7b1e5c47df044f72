"""강사 노트북의 풀이는 만점, 빈 답은 0점, 흔한 틀린 답은 점수를 잃고 그 실수의 이름을 듣는다."""

import importlib
import re

import nbformat
import pytest

from grading import ASSIGNMENTS, EXERCISES
from grading.oracle import MARKER, Oracle, execute, grade_id, score
from homl11.checks import TASKS

STUB = "# 여기에 답을 쓰세요.\npass"
SOLUTION = re.compile(r"^( *)### BEGIN SOLUTION\n.*?### END SOLUTION", re.MULTILINE | re.DOTALL)
WRONG = {name: importlib.import_module(f"wrong_{name}").WRONG for name in ASSIGNMENTS}
SEEDS = (1, 2024)


def notebook(name):
    return nbformat.read(EXERCISES / f"{name}.ipynb", as_version=4)


@pytest.fixture(scope="session")
def oracles():
    return {name: Oracle(notebook(name)) for name in ASSIGNMENTS}


def marks(oracle, key, namespace, seed):
    """답을 실행해 둔 이름 공간에서 이 문제가 얻는 점수."""
    name = grade_id(key)
    one = {name: oracle.hidden[name]}
    got, expected = (oracle.reports(place, seed, one)[name] for place in (namespace, oracle.fresh()))
    return score(oracle.verdicts(name, got, expected, seed), oracle.points[name])


def keys(name):
    """이 과제에서 저절로 채점하는 문제들."""
    return [
        MARKER.search(cell.source)[1]
        for cell in notebook(name).cells
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution")
    ]


AUTOMATIC = [(name, key) for name in ASSIGNMENTS for key in keys(name)]
MISTAKES = [
    (name, key, label, *rest) for name in ASSIGNMENTS for key in WRONG[name] for label, *rest in WRONG[name][key]
]


def said(oracle, key, namespace, capsys):
    """확인 셀이 찍은 글."""
    capsys.readouterr()
    execute(oracle.checks[grade_id(key)], namespace)
    return capsys.readouterr().out


@pytest.mark.parametrize("name, key", AUTOMATIC)
def test_solution_gets_full_marks(oracles, name, key, capsys):
    oracle = oracles[name]
    solution = oracle.fresh()
    for seed in SEEDS:
        assert marks(oracle, key, solution, seed) == oracle.points[grade_id(key)]
    assert "모두 맞았습니다" in said(oracle, key, solution, capsys)


@pytest.mark.parametrize("name, key", AUTOMATIC)
def test_stub_gets_none_and_says_so(oracles, name, key, capsys):
    oracle = oracles[name]
    stub = SOLUTION.sub(lambda match: re.sub("^", match[1], STUB, flags=re.MULTILINE), oracle.answers[grade_id(key)])
    assert stub != oracle.answers[grade_id(key)]
    namespace = oracle.fresh({key: stub})
    assert marks(oracle, key, namespace, SEEDS[0]) == 0
    assert "아직 답이 없습니다" in said(oracle, key, namespace, capsys)


@pytest.mark.parametrize("name, key, label, source, hint", MISTAKES, ids=lambda value: str(value)[:40])
def test_wrong_answer_loses_marks_and_is_named(oracles, name, key, label, source, hint, capsys):
    oracle = oracles[name]
    namespace = oracle.fresh({**oracle.answers, grade_id(key): source})
    for seed in SEEDS:
        assert marks(oracle, key, namespace, seed) < oracle.points[grade_id(key)]
    text = said(oracle, key, namespace, capsys)
    assert "힌트: " in text and hint in text.split("힌트: ")[1]
    assert "모두 맞았습니다" not in text


@pytest.mark.parametrize("name, key", AUTOMATIC)
def test_three_wrong_answers_are_kept(name, key):
    assert len(WRONG[name][key]) >= 3


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_every_cell_of_a_task_is_there(name):
    ids = {cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook(name).cells}
    for key in keys(name):
        assert {grade_id(key, kind) for kind in ("question", "", "check", "grade")} <= ids
        assert key in TASKS


def test_every_section_has_an_exercise():
    sections = {key.split("/")[0] for _, key in AUTOMATIC}
    sections |= {
        MARKER.search(cell.source)[1].split("/")[0]
        for name in ASSIGNMENTS
        for cell in notebook(name).cells
        if cell.metadata.get("nbgrader", {}).get("solution")
    }
    assert {section[:2] for section in sections} >= {f"{number:02}" for number in range(13)}
