"""연습 문제의 확인: 두 값이 같은가, 무엇을 말하는가, 채점하는 쪽에 무엇을 넘기는가."""

import enum
import itertools
import json
import math
from collections import OrderedDict, deque
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from random import Random
from types import MappingProxyType

import keras
import numpy as np
import pytest

from homl11 import checks
from homl11.checks import TASKS, Task, check, collect, graded, hidden_random, report, same
from homl11.checks.errors import Failed, Refused, korean
from homl11.checks.hints import explain, quote, spell
from homl11.checks.task import (
    Ask,
    Either,
    Made,
    Raised,
    Sealed,
    Written,
    blank,
    call,
    difference,
    drawn,
    kind_of,
    once,
    pick,
    plain,
    run,
)


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
    error, other = run(lambda _: int("가"), None), run(lambda _: 1 / 0, None)
    assert not same(error, error) and same(error, error, errors=True) and not same(error, other, errors=True)
    assert not same(str(error), error, errors=True)


def test_error_of_an_answer_is_one_line_with_its_name():
    error = run(lambda answer: answer["없는 것"], {})
    assert isinstance(error, Failed) and error == "KeyError: 사전에 '없는 것' 키가 없습니다"


@dataclass
class Point:
    x: int
    y: float


class Level(enum.IntEnum):
    HIGH = 3


@pytest.mark.parametrize(
    "value, expected",
    [
        (np.float32(0.5), 0.5),
        (np.arange(4).reshape(2, 2), [[0, 1], [2, 3]]),
        (keras.ops.convert_to_tensor([1.0, 2.0]), [1.0, 2.0]),
        ((1, [2]), [1, [2]]),
        ({1: np.bool_(True)}, {"1": True}),
        (None, None),
        (..., None),
        (np.array([None, 1], dtype=object), [None, 1]),
        (np.str_("글"), "글"),
        (np.array(["글"]), ["글"]),
        ((n for n in range(3)), [0, 1, 2]),
        (map(str, (1, 2)), ["1", "2"]),
        ({"가": 1}.values(), [1]),
        (deque([1, 2]), [1, 2]),
        (MappingProxyType({"가": np.int64(1)}), {"가": 1}),
        (OrderedDict(가=(1, 2)), {"가": [1, 2]}),
        (Point(1, np.float32(2)), {"x": 1, "y": 2.0}),
        (Fraction(1, 4), 0.25),
        (Decimal("0.5"), 0.5),
        (Level.HIGH, 3),
        (keras.Variable([1.0, 2.0]), [1.0, 2.0]),
    ],
)
def test_answer_becomes_what_json_can_hold(value, expected):
    found = plain(value)
    assert found == expected and json.loads(json.dumps(found)) == found


def test_drawn_value_is_no_round_number_of_the_text():
    for seed in range(50):
        value = drawn(Random(seed), 0.1, 0.5)
        assert 0.1 <= value <= 0.503 and round(1000 * value) % 10 == 3


def test_set_has_no_order():
    with pytest.raises(Refused, match="차례가 없습니다"):
        plain({480, 40})


@pytest.mark.parametrize(
    "value, said",
    [
        (object(), "객체는 답이 아닙니다"),
        (b"\x00", "객체는 답이 아닙니다"),
        (np.datetime64("2026-01-01"), "객체는 답이 아닙니다"),
        (len, "함수나 객체를 돌려주었습니다"),
        (1j, "복소수"),
        (10**1001, "너무 큰"),
        (itertools.count(), "끝나지 않습니다"),
    ],
)
def test_object_is_no_answer(value, said):
    with pytest.raises(Refused, match=said):
        plain(value)


def test_generator_is_remembered_only_when_asked():
    kept, read = iter([1, 2]), iter([1, 2])
    assert plain(kept, keep=True) == plain(kept, keep=True) == [1, 2]
    assert plain(read) == [1, 2] and plain(read) == []


@pytest.mark.parametrize(
    "got, expected, found",
    [
        (1, 1, None),
        (1, 2, ((), 1, 2)),
        ([1, [2, 3]], [1, [2, 4]], ((1, 1), 3, 4)),
        ([1, 2], [1, 2, 3], ((), [1, 2], [1, 2, 3])),
        ({"가": 1, "나": [5]}, {"가": 1, "나": [6]}, (("나", 0), 5, 6)),
        ({"가": 1}, {"나": 1}, ((), {"가": 1}, {"나": 1})),
        ("1", 1, ((), "1", 1)),
    ],
)
def test_first_difference_is_found(got, expected, found):
    assert difference(got, expected) == found


@pytest.mark.parametrize(
    "value, text",
    [
        ("10", "'10'"),
        (0.1 + 0.2, "0.3"),
        ([1, "가", None], "[1, '가', None]"),
        ((1.0, 2), "(1, 2)"),
        ({"가": "나"}, "{'가': '나'}"),
        (np.array([1.0, np.nan]), "np.array([1, nan])"),
        (Raised("ValueError를 냈다"), "ValueError를 냈다"),
        (Made(lambda: 1, "model"), "model"),
    ],
)
def test_value_is_quoted_as_it_is_written(value, text):
    assert quote(value) == text


@pytest.mark.parametrize(
    "answer, empty",
    [
        (None, True),
        (..., True),
        ("  ", True),
        ({"가": None, "나": [None, ...]}, True),
        (lambda: None, True),
        (lambda n: ..., True),
        (lambda n: 0, False),
        (lambda n: print(n), False),
        ({"가": None, "나": 1}, False),
        ({}, False),
        ([], False),
        (0, False),
        (int, False),
    ],
)
def test_only_what_is_untouched_is_blank(answer, empty):
    assert blank(answer) == empty


@pytest.mark.parametrize(
    "value, text",
    [
        (None, "None(빈 값)"),
        (True, "참·거짓"),
        (1.0, "수"),
        ("가", "글"),
        ({}, "사전"),
        ((), "목록"),
        (int, "클래스 int"),
    ],
)
def test_kind_is_said_in_korean(value, text):
    assert kind_of(value) == text


@pytest.mark.parametrize(
    "name, text, said",
    [
        ("NameError", "name 'x' is not defined", "'x'라는 이름이 없습니다"),
        ("ZeroDivisionError", "float division by zero", "0으로 나누었습니다"),
        ("TypeError", "f() missing 1 required positional argument: 'p'", "주지 않은 인수가 있습니다: 'p'"),
        ("TypeError", "f() got an unexpected keyword argument 'p'", "'p'라는 인수를 받지 않습니다"),
        ("TypeError", "unsupported operand type(s) for -: 'list' and 'list'", "list와 list를 -로 함께"),
        ("TypeError", "cannot unpack non-iterable float object", "float에서 값을 하나씩"),
        ("AttributeError", "'NoneType' object has no attribute 'shape'", "None(빈 값)에는 .shape"),
        ("ValueError", "operands could not be broadcast together with shapes (2,) (3,)", "모양이 맞지 않는"),
        ("ValueError", "something else", "쓸 수 없는 값을 주었습니다 (something else)"),
        ("InvalidArgumentError", "deep inside", "텐서를 셈하지 못했습니다. 모양과 축과 종류를 보세요 (deep inside)"),
        ("SystemExit", "", "프로그램을 끝내려"),
    ],
)
def test_error_is_said_in_korean(name, text, said):
    assert said in korean(name, text)


def test_line_of_an_error_is_the_line_of_the_answer():
    source = "def f(x):\n    y = 1\n    return sum(map(int, x))\n"
    place = {}
    exec(compile(source, "<셀 7>", "exec"), place)
    failed = run(Ask(call(["가"])), place["f"])
    assert failed.kind == "ValueError" and failed.line[0] == 3 and failed.call.arguments == (["가"],)


def test_arguments_are_copied_for_every_call_and_changes_are_noticed():
    ask = Ask(call([3, 1, 2], key=np.zeros(2)), call([3, 1, 2], key=np.zeros(2)))

    def smallest(values, key):
        values.sort()
        key += 1
        return values.pop(0)

    assert run(ask, smallest) == run(ask, smallest) == [1, 1] and ask.changed == ["values", "key"]
    calm = Ask(call([3, 1, 2]))
    assert run(calm, lambda values: min(values)) == [1] and calm.changed == []


def test_made_argument_is_made_for_every_call():
    assert run(Ask(call(Made(list, "빈 목록")), call(Made(list, "빈 목록"))), lambda x: x.append(1) or len(x)) == [1, 1]


def test_functions_are_all_made_before_they_are_called():
    shared = {}

    def careless(n):
        shared["n"] = n
        return lambda x: shared["n"] * x

    assert run(Ask(call(2, at=(1, 10)), call(3, at=(1,))), careless) == [[3, 30], [3]]
    assert run(Ask(call(2, at=(1, 10)), call(3, at=(1,))), lambda n: lambda x: n * x) == [[2, 20], [3]]
    assert "함수가 아니라 수" in run(Ask(call(2, at=(1,))), lambda n: n)


def test_expected_error_is_a_value_and_no_text_equals_it():
    ask = Ask(call(1), catch=ValueError)

    learner = {}  # 노트북에서 정의한 함수처럼
    exec("def refusing(n):\n    raise UnicodeError('하위 예외도 된다')", learner)
    [raised] = run(ask, learner["refusing"])
    assert isinstance(raised, Raised) and not same(run(ask, lambda n: str(raised)), [raised])
    assert run(ask, lambda n: [][n]).kind == "IndexError"


def test_part_of_a_tuple_needs_the_tuple():
    assert pick(1, of=2)([5, 6]) == 6 and pick(0, 2, of=3)([5, 6, 7]) == [5, 7]
    for value in (5, [5], None, [5, 6, 7]):
        with pytest.raises(Refused, match="값 2개를 묶어"):
            pick(1, of=2)(value)


def test_written_values_are_found_and_their_form_is_asked():
    both = Written(("가", 1), ("나", 0), count=2)
    assert both({"가": (1, 2), "나": np.array([3, 4])}) == [2, 3]
    for answer, said in (
        ([1, 2], "사전이 아니라 목록"),
        ({"가": [1, 2]}, "'나' 키"),
        ({"가": 1, "나": [1, 2]}, "값 2개의 목록"),
        ({"가": [1], "나": [1, 2]}, "지금은 1개"),
    ):
        with pytest.raises(Refused, match=said):
            both(answer)


def test_sealed_value_knows_its_own_only():
    sealed = Sealed(Sealed.seal(209))
    assert same(209.0, sealed) and not any(
        same(value, sealed) for value in (208, "209", None, True, float("nan"), [209])
    )


def test_measure_is_taken_once_for_an_answer():
    taken = []
    measure = once(lambda answer: taken.append(answer) or len(taken))
    first, second = [1], [1]
    assert (measure(first), measure(first), measure(second)) == (1, 1, 2)
    failing = once(lambda answer: 1 / 0)
    assert {run(failing, first).kind for _ in range(2)} == {"ZeroDivisionError"}


def test_mistake_with_two_faces_has_one_name():
    task = asking(mistakes={"제곱이나 세제곱": Either(lambda n: n**2, lambda n: n**3)})
    for wrong in (lambda n: n * n, lambda n: n * n * n):
        got = {text: run(probe, wrong) for text, probe in task.public().items()}
        assert explain(task, got, wrong) == "제곱이나 세제곱"


def test_mistake_is_named_only_when_everything_is_like_it():
    task = asking(mistakes={"제곱했습니다": lambda n: n**2})
    got = {text: run(probe, lambda n: n**2 + (n > 8)) for text, probe in task.public().items()}
    assert explain(task, got, None) == "더해 보세요"


@pytest.mark.parametrize(
    "answer, said",
    [
        (lambda n: str(2 * n), "글 '6'입니다"),
        (lambda n: [2 * n], "값 하나가 와야"),
        (lambda n: None if n == 9 else 2 * n, "위의 ✗가 붙은 경우에 값을 돌려주지 않았습니다"),
        (lambda n: print(n), "값을 돌려주지 않았습니다. `return`을 잊지 않았나요?"),
        (lambda n: {"값": 2 * n}, "수가 와야 합니다. 온 것은 사전"),
        (lambda n, m: n, "주지 않은 인수가 있습니다: 'm'"),
        (6, "함수가 아니라 수"),
    ],
)
def test_form_of_an_answer_is_told_before_its_value(answer, said):
    task = asking()
    got = {text: run(probe, answer) for text, probe in task.public().items()}
    assert said in explain(task, got, answer)


def test_difference_is_shown_with_its_surroundings_and_the_call():
    task = Task(lambda r: {"스물": Ask(call(20))}, reference=lambda n: list(range(n)), hint="힌트", name="count")
    wrong = lambda n: [*range(15), 99, *range(16, n)]  # noqa: E731
    [(text, probe)] = task.public().items()
    said = spell(task, probe, run(probe, wrong), task.expected[text])
    assert said == "16번째 값이 다릅니다: 돌려준 값 […, 12, 13, 14, 99, 16, 17, 18, …], 부른 것 count(20)"


@pytest.mark.parametrize(
    "got, said",
    [
        ([[1, 2], [3, 5]], "[1][1]의 값이 다릅니다: 돌려준 값 [3, 5]"),
        ([{"이름": [1, 2]}], "1번째 값이 다릅니다: 이름: 2번째 값이 다릅니다: 돌려준 값 [1, 2]"),
        ({"이름": "relu"}, "이름: 돌려준 값 'relu'"),
        (False, "그렇지 않습니다"),
    ],
)
def test_place_of_the_difference_is_named(got, said):
    right = {"list": [[1, 2], [3, 4]], "dict": {"이름": "elu"}, "bool": True}[type(got).__name__]
    right = [{"이름": [1, 3]}] if "이름" in str(got) and isinstance(got, list) else right
    assert spell(asking(), None, got, right) == said


def test_hint_does_not_hold_the_right_value():
    task = Task(lambda r: {"값": Ask(call(1), call(2))}, reference=lambda n: 77_000 + n, hint="힌트", name="f")
    for wrong in (lambda n: 1, lambda n: [1], lambda n: "1", lambda n: None, lambda n: 1 / 0):
        got = {text: run(probe, wrong) for text, probe in task.public().items()}
        said = [spell(task, task.public()[text], value, task.expected[text]) for text, value in got.items()]
        assert "770" not in " ".join([*said, explain(task, got, wrong)])


def test_task_without_known_mistakes_has_none():
    assert Task(lambda r: {}, reference=1, hint="힌트").mistakes == {}


def asking(mistakes=None):
    """두 배로 만드는 함수를 묻는 문제."""
    return Task(
        probes=lambda r: {"3은 6이 된다": Ask(call(3)), "큰 수도 두 배가 된다": Ask(call(9), call(r.randint(10, 99)))},
        reference=lambda n: 2 * n,
        hint="더해 보세요",
        mistakes=mistakes or {},
        name="double",
    )


@pytest.fixture
def doubling(monkeypatch):
    monkeypatch.setitem(checks.TASKS, "시험/두_배", asking({"제곱했습니다": lambda n: n**2}))
    return "시험/두_배"


@pytest.mark.parametrize(
    "answer, lines",
    [
        (lambda n: n + n, ["○ 3은 6이 된다", "○ 큰 수도", "모두 맞았습니다."]),
        (lambda n: n * n, ["✗ 3은 6이 된다 (돌려준 값 9, 부른 것 double(3))", "✗ 큰 수도", "힌트: 제곱했습니다"]),
        (
            lambda n: n + 3,
            ["○ 3은 6이 된다", "✗ 큰 수도 두 배가 된다 (돌려준 값 12, 부른 것 double(9))", "힌트: 더해 보세요"],
        ),
        (
            lambda n: int("가"),
            ["✗ 3은 6이 된다 (오류 ValueError", "✗ 큰 수도 두 배가 된다 (오류 ValueError", "힌트: Value"],
        ),
        (lambda n: None, ["아직 답이 없습니다."]),
    ],
    ids=["right", "known mistake", "unknown mistake", "error", "nothing"],
)
def test_check_says_what_is_right_what_is_wrong_and_one_hint(answer, lines, doubling, capsys):
    check(doubling, answer)
    first, *said = capsys.readouterr().out.splitlines()
    assert first == doubling and len(said) == len(lines)
    assert all(line.strip().startswith(expected) for line, expected in zip(said, lines))


def test_hidden_groups_are_the_checks_of_another_seed(doubling, monkeypatch):
    monkeypatch.setenv("HOML11_SEED", "7")
    seen = []
    found = collect(graded(doubling, lambda n: seen.append(n) or 2 * n))
    assert list(found) == list(checks.TASKS[doubling].public()) and found["3은 6이 된다"] == {"value": [6]}
    public = run(checks.TASKS[doubling].public()["큰 수도 두 배가 된다"], lambda n: n)
    assert seen[:2] == [3, 9] and seen[2] != public[1]
    with pytest.raises(ValueError, match="없는 문제입니다"):
        graded("없는/문제", None)


def test_key_of_any_kind_is_refused_in_korean():
    for key in (None, [1], 3):
        with pytest.raises(ValueError, match="없는 문제입니다"):
            check(key, 1)


def test_unknown_task_suggests_the_nearest():
    with pytest.raises(ValueError, match="혹시 .*02_exponential/closure"):
        check("02_exponential/closures", 1)


def test_groups_are_collected_one_by_one_and_errors_apart():
    found = collect({"가": lambda: np.array([1, 2]), "나": lambda: 1 / 0, "다": lambda: "글"})
    assert found == {
        "가": {"value": [1, 2]},
        "나": {"error": "ZeroDivisionError: 0으로 나누었습니다"},
        "다": {"value": "글"},
    }


def test_report_hands_over_what_was_collected(monkeypatch):
    shown = []
    monkeypatch.setattr(checks, "publish_display_data", shown.append)
    report({"가": lambda: (1, 2.5)})
    [data] = shown
    assert data[checks.ANSWERS] == {"가": {"value": [1, 2.5]}} and "답" in data["text/plain"]


def test_task_that_knows_the_values_says_the_same_without_the_answer():
    """정답을 뺀 문제도 같은 값을 기다리고, 같은 실수를 알아본다."""
    odd = {"가": [1.5, math.nan, {"나": None}], "예외": Raised("ValueError를 냈다"), "글": "ValueError를 냈다"}
    odd |= {"봉한 값": Sealed(Sealed.seal(3.5)), "큰 수": 10**400, "참": True}
    wrong = {"오류": lambda: 1 / 0, "예외": lambda: odd["예외"], "글": lambda: odd["글"]}
    task = Task(lambda r: {"값": lambda answer: answer()}, lambda: odd, "힌트", wrong)
    known = task.knowing(task.packed())
    assert known.reference is None and known.mistakes == {} and known.probes is task.probes
    [[broken], [raised], [text]] = known.mistaken.values()
    assert isinstance(broken["값"], Failed) and broken["값"].kind == "ZeroDivisionError"
    assert isinstance(raised["값"], Raised) and type(text["값"]) is str and not same(raised["값"], text["값"])
    assert known.expected.keys() == task.expected.keys() and known.expected["값"]["봉한 값"].opens(3.5)
    plain_ones = {name: value for name, value in odd.items() if name != "봉한 값"}
    assert same({name: known.expected["값"][name] for name in plain_ones}, plain_ones, errors=True)
    assert isinstance(known.expected["값"]["예외"], Raised)


def test_task_of_a_notebook_is_checked_like_one_of_the_course(capsys, monkeypatch):
    monkeypatch.setattr(checks, "OWN", {})
    checks.add("week3/one", Task(lambda r: {"하나이다": lambda answer: answer}, 1, "하나를 적으세요."))
    check("week3/one", 2)
    assert "힌트: 하나를 적으세요." in capsys.readouterr().out
    assert collect(graded("week3/one", 1)) == {"하나이다": {"value": 1}}
    assert "week3/one" not in TASKS
    with pytest.raises(ValueError, match="혹시 week3/one"):
        check("week3/on", 1)
    again = Task(lambda r: {}, 1, "")
    checks.add("week3/one", again)  # 셀을 고치고 다시 실행했다
    assert checks.OWN["week3/one"] is again
    key = next(iter(TASKS))
    with pytest.raises(ValueError, match="이 강좌에 있는 문제의 이름입니다"):
        checks.add(key, again)


def test_hidden_values_follow_their_seed(monkeypatch):
    drawn = {}
    for seed in ("1", "2", None, "0", "1"):
        monkeypatch.setenv("HOML11_SEED", seed) if seed else monkeypatch.delenv("HOML11_SEED")
        values = [hidden_random().random() for _ in range(2)]
        assert values[0] == values[1] == drawn.setdefault(seed or "0", values[0])
    assert len(set(drawn.values())) == 3


def test_what_is_sent_means_the_same_after_the_way():
    """채점하는 쪽은 풀이의 값을 그 자리에서, 학생의 값을 JSON으로 받는다. 둘이 같아야 맞은 답이 맞는다."""
    for key, task in TASKS.items():
        if task.name:
            found = collect(graded(key, task.reference))
            assert all(same(json.loads(json.dumps(found))[name], found[name]) for name in found), key


def test_answer_that_raises_differs_from_one_that_says_so():
    def raises(rates, losses):
        raise ValueError("끝에 있다")

    def says(rates, losses):
        return "ValueError를 냈다"

    one, other = (collect(graded("00_learning_rate/suggest", answer)) for answer in (raises, says))
    name = next(name for name in one if "ValueError" in name)
    assert not same(json.loads(json.dumps(other))[name], one[name])
