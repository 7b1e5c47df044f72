"""연습 문제의 확인: 두 값이 같은가, 무엇을 말하는가, 채점하는 쪽에 무엇을 넘기는가."""

import math

import keras
import numpy as np
import pytest

from homl11 import checks
from homl11.checks import Task, check, collect, hidden_random, report, same
from homl11.checks.task import Failed, plain, run


@pytest.mark.parametrize(
    "got, expected",
    [
        (1.0, 1.00009),
        (3, 3.0),
        (0.0, 1e-10),
        ([1, [2, 3]], [1.0, [2.0, 3.0]]),
        ({"가": 1, "나": "글"}, {"나": "글", "가": 1}),
        (None, None),
        (10**400, 10**400),
    ],
)
def test_values_that_are_the_same(got, expected):
    assert same(got, expected) and same(expected, got)


@pytest.mark.parametrize(
    "got, expected",
    [
        (1.0, 1.001),
        (0.0, 1e-8),
        (math.nan, math.nan),
        (True, 1),
        (False, 0),
        ("1", 1),
        (None, 0),
        ([1, 2], [1, 2, 3]),
        ([1], 1),
        ({"가": 1}, {"나": 1}),
        ({"가": 1}, {"가": 2}),
        ("ValueError", "TypeError"),
        (10**400, 1.0),
    ],
)
def test_values_that_differ(got, expected):
    assert not same(got, expected) and not same(expected, got)


def test_error_is_no_answer_and_equals_its_like_only_when_asked():
    error, other = (run(lambda _, text=text: int(text), None) for text in ("가", "나"))
    assert not same(error, error) and same(error, error, errors=True) and not same(error, other, errors=True)
    assert not same(str(error), error, errors=True)


def test_error_of_an_answer_is_one_line_with_its_name():
    error = run(lambda answer: answer["없는 것"], {})
    assert isinstance(error, Failed) and error == "KeyError: '없는 것'"


@pytest.mark.parametrize(
    "value, expected",
    [
        (np.float32(0.5), 0.5),
        (np.arange(4).reshape(2, 2), [[0, 1], [2, 3]]),
        (keras.ops.convert_to_tensor([1.0, 2.0]), [1.0, 2.0]),
        ((1, {2}), [1, [2]]),
        ({1: np.bool_(True)}, {"1": True}),
        (None, None),
    ],
)
def test_answer_becomes_what_json_can_hold(value, expected):
    assert plain(value) == expected


@pytest.mark.parametrize("value", [object(), np.array([None]), np.array(["글"])])
def test_object_is_no_answer(value):
    with pytest.raises(TypeError, match="객체는 답이 아닙니다"):
        plain(value)


def test_task_without_known_mistakes_has_none():
    assert Task({}, reference=1, hint="힌트").mistakes == {}


@pytest.fixture
def doubling(monkeypatch):
    """두 배로 만드는 함수를 묻는 문제."""
    task = Task(
        probes={"1은 2가 된다": lambda f: f(1), "2는 4가 된다": lambda f: f(2)},
        reference=lambda n: 2 * n,
        hint="더해 보세요",
        mistakes={"제곱했습니다": lambda n: n**2},
    )
    monkeypatch.setitem(checks.TASKS, "시험/두_배", task)
    return "시험/두_배"


@pytest.mark.parametrize(
    "answer, lines",
    [
        (lambda n: n + n, ["○ 1은 2가 된다", "○ 2는 4가 된다", "모두 맞았습니다."]),
        (lambda n: n * n, ["✗ 1은 2가 된다 (돌려준 값 1)", "○ 2는 4가 된다", "힌트: 제곱했습니다"]),
        (lambda n: n + 2, ["✗ 1은 2가 된다 (돌려준 값 3)", "○ 2는 4가 된다", "힌트: 더해 보세요"]),
        (lambda n: int("가"), ["✗ 1은 2가 된다 (오류 ValueError", "✗ 2는 4가 된다 (오류 ValueError", "힌트: 더해"]),
        (lambda n: None, ["아직 답이 없습니다."]),
    ],
    ids=["right", "known mistake", "unknown mistake", "error", "nothing"],
)
def test_check_says_what_is_right_what_is_wrong_and_one_hint(answer, lines, doubling, capsys):
    check(doubling, answer)
    first, *said = capsys.readouterr().out.splitlines()
    assert first == doubling and len(said) == len(lines)
    assert all(line.strip().startswith(expected) for line, expected in zip(said, lines))


def test_unknown_task_suggests_the_nearest():
    with pytest.raises(ValueError, match="혹시 .*02_exponential/closure"):
        check("02_exponential/closures", 1)


def test_groups_are_collected_one_by_one_and_errors_apart():
    found = collect({"가": lambda: np.array([1, 2]), "나": lambda: 1 / 0, "다": lambda: "글"})
    assert found == {
        "가": {"value": [1, 2]},
        "나": {"error": "ZeroDivisionError: division by zero"},
        "다": {"value": "글"},
    }


def test_report_hands_over_what_was_collected(monkeypatch):
    shown = []
    monkeypatch.setattr(checks, "publish_display_data", shown.append)
    report({"가": lambda: (1, 2.5)})
    [data] = shown
    assert data[checks.ANSWERS] == {"가": {"value": [1, 2.5]}} and "답" in data["text/plain"]


def test_hidden_values_follow_their_seed(monkeypatch):
    drawn = {}
    for seed in ("1", "2", None, "0", "1"):
        monkeypatch.setenv("HOML11_SEED", seed) if seed else monkeypatch.delenv("HOML11_SEED")
        values = [hidden_random().random() for _ in range(2)]
        assert values[0] == values[1] == drawn.setdefault(seed or "0", values[0])
    assert len(set(drawn.values())) == 3
