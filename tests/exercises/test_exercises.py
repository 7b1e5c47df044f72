"""풀이는 만점, 빈 답은 0점, 틀린 답은 점수를 잃고 실수의 이름을 듣는다. 확인과 채점은 언제나 같은 말을 한다."""

import re

import keras
import numpy as np
import pytest
from judging import (
    AUTOMATIC,
    HEAVY,
    NAMES,
    SEEDS,
    WRONG,
    all_right,
    answer_name,
    judged,
    keys,
    marks,
    namespace,
    notebook,
    oracle_of,
    reports,
    said,
)
from mutants import ARGUED, mutants
from right_answers import RIGHT

from grading import ASSIGNMENTS
from grading.oracle import MARKER, grade_id
from homl11.checks import TASKS, check, same
from homl11.checks.task import Made, run

STUB = "# 여기에 답을 쓰세요.\npass"
SOLUTION = re.compile(r"^( *)### BEGIN SOLUTION\n.*?### END SOLUTION", re.MULTILINE | re.DOTALL)
KEYS = [key for _, key in AUTOMATIC]
FUNCTIONS = [key for key in KEYS if TASKS[key].name]
TRAINS = "final/recipe"  # 답마다 여러 번 훈련하므로, 틀린 답은 make test-all만 본다
MISTAKES = [
    pytest.param(key, *rest, marks=pytest.mark.slow) if key == TRAINS else (key, *rest)
    for key in KEYS
    for rest in WRONG[key]
]


# 힌트에 남으면 안 되는 것: 영어 문장(답 셀에서 옮긴 코드는 빼고 본다), 실행할 때마다 다른 주소와 텐서플로 안의 이름.
CODE = re.compile(r"`.*?`", re.DOTALL)
ENGLISH = re.compile(r"[a-z]{2,} [a-z]{2,} [a-z]{2,}", re.IGNORECASE)
ADDRESS = re.compile(r"0x[0-9a-f]+|function_node|\x1b")


def short(value):
    return str(value)[:40]


def solution(key):
    return oracle_of(NAMES[key]).answers[grade_id(key)]


def stub(key):
    """빈칸을 그대로 둔 답 셀."""
    source = solution(key)
    changed = SOLUTION.sub(lambda match: re.sub("^", match[1], STUB, flags=re.MULTILINE), source)
    assert changed != source
    return changed


@pytest.mark.parametrize("key", KEYS)
def test_solution_gets_full_marks(key):
    verdict = judged(key, solution(key))
    assert verdict.full and verdict.accepted and "덧붙임" not in verdict.text


@pytest.mark.parametrize("key", KEYS)
def test_stub_gets_none_and_says_so(key):
    verdict = judged(key, stub(key))
    assert not any(verdict.marks) and "아직 답이 없습니다" in verdict.text


@pytest.mark.parametrize("key, label, source, hint", MISTAKES, ids=short)
def test_wrong_answer_loses_marks_and_is_named(key, label, source, hint):
    verdict = judged(key, source)
    assert all(mark < verdict.points for mark in verdict.marks) and not verdict.accepted
    assert verdict.hint and hint in verdict.hint, verdict.text
    assert not ENGLISH.search(CODE.sub("", verdict.hint)) and not ADDRESS.search(verdict.text), verdict.text
    assert "아직 답이 없습니다" not in verdict.text


@pytest.mark.parametrize("key, label, source", [(key, *rest) for key in KEYS for rest in RIGHT[key]], ids=short)
def test_right_answer_written_differently_is_accepted_here_and_there(key, label, source):
    verdict = judged(key, source)
    assert verdict.accepted and verdict.full, verdict.text


def test_every_kept_answer_is_accepted_here_exactly_when_it_gets_full_marks():
    answers = [(key, source) for key in KEYS if key != TRAINS for _, source, _ in WRONG[key]]
    answers += [(key, source) for key in KEYS for _, source in RIGHT[key]]
    answers += [(key, make(key)) for key in KEYS for make in (solution, stub)]
    assert len(answers) > 450
    assert [(key, source) for key, source in answers if judged(key, source).accepted != judged(key, source).full] == []


# 모델을 만드는 풀이의 고장은 make test-all만 본다.
BROKEN = [
    pytest.param(key, marks=pytest.mark.slow) if key in ("09_dropout/gap", "12_guidelines/default") else key
    for key in KEYS
    if key != "final/recipe"
]


@pytest.mark.parametrize("key", BROKEN)
def test_broken_solution_is_refused_here_and_there(key):
    """레시피는 코드가 아니라 고른 값이다. 조금 다른 레시피는 맞을 수 있으므로 고장 내지 않는다."""
    survived, found = [], 0
    for what, source in mutants(solution(key)):
        found += 1
        try:
            place = namespace(key, source)
        except Exception:  # 셀부터 실행되지 않는다
            continue
        accepted = all_right(key, place)
        assert accepted == all_right(key, place, seed=1), what
        survived += [what] * accepted
    assert found >= 7 and set(survived) == set(ARGUED.get(key, {}))


LIGHT = [key for key in KEYS if key not in HEAVY]


@pytest.mark.parametrize("key", LIGHT)
def test_marks_say_what_the_check_says_whatever_the_seed(key):
    """값은 제출물마다 다르다. 같은 답의 점수까지 다르면 불공평하다. 확인이 ○를 붙인 성질의 몫만큼이 점수이다."""
    assert len(SEEDS) >= 3
    for label, source, *_ in [*RIGHT[key], *WRONG[key]]:
        verdict = judged(key, source)
        assert {round(mark, 6) for mark in verdict.marks} == {round(verdict.shown, 6)}, label


@pytest.mark.parametrize("key", KEYS)
def test_kept_answers_are_many(key):
    assert len(WRONG[key]) >= 5 and len(RIGHT[key]) >= 1 + bool(TASKS[key].name)


def spoil(value):
    """인수를 못 쓰게 망가뜨린다."""
    if isinstance(value, np.ndarray):
        value[...] = -7
    elif isinstance(value, list):
        for item in value:
            spoil(item)
        value.clear()
    elif isinstance(value, keras.Model):
        value.set_weights([0 * w for w in value.get_weights()])


@pytest.mark.parametrize("key", [key for key in FUNCTIONS if key != "10_mc_dropout/to_mc"])
def test_answer_that_spoils_its_arguments_is_judged_by_what_it_returns(key, capsys):
    """망가뜨린 답 다음에도 맞는 답은 맞고 틀린 답은 틀린다. 바꾼다는 것은 따로 알린다."""
    place = namespace(key, solution(key))
    name = TASKS[key].name
    right = place[name]

    def spoiling(*arguments, **options):
        value = right(*arguments, **options)
        value = np.array(value) if isinstance(value, np.ndarray) else value  # 인수를 그대로 돌려주기도 한다
        for argument in (*arguments, *options.values()):
            spoil(argument)
        return value

    changes = any(
        isinstance(argument, (list, np.ndarray))
        for probe in TASKS[key].public().values()
        for one in getattr(probe, "calls", ())
        for argument in one.arguments
    )
    for _ in range(2):
        check(key, spoiling)
        text = capsys.readouterr().out
        assert "모두 맞았습니다" in text and ("덧붙임: 건네받은" in text) == changes, text
    assert marks(key, place | {name: spoiling}, 1) == oracle_of(NAMES[key]).points[grade_id(key)]
    assert "모두 맞았습니다" in said(key, place)
    [_, wrong, _] = WRONG[key][0]
    assert "모두 맞았습니다" not in said(key, namespace(key, wrong))


def test_arguments_are_made_anew_for_every_call():
    """새 문제도 인수를 나누어 쓰지 못한다: 어느 확인이든 부를 때마다 다른 객체를 받는다."""
    seen = {}

    def remember(*arguments, **options):
        for value in (*arguments, *options.values()):
            if isinstance(value, (list, np.ndarray, keras.Model)):
                assert id(value) not in seen, "앞에서 받은 것을 다시 받았다"
                seen[id(value)] = value
        return 1.0

    for key in FUNCTIONS:
        for probe in TASKS[key].public().values():
            for one in getattr(probe, "calls", ()):
                if not any(isinstance(value, Made) for value in one.arguments):
                    remember(*one.fresh()[0], **one.fresh()[1])
                    remember(*one.fresh()[0])
    assert len(seen) > 100


class Hostile:
    def __str__(self):
        raise RuntimeError("글로 바꿀 수 없다")

    __repr__ = __str__


class Unsayable(Exception):
    def __str__(self):
        raise RuntimeError("글로 바꿀 수 없다")


def endless(*arguments, **options):
    while True:
        yield 1.0


def quitting(*arguments, **options):
    raise SystemExit


def unsayable(*arguments, **options):
    raise Unsayable


LOOP = []
LOOP.append(LOOP)
ODD = [
    *(0, 5, 2.5, True, "글", b"\x00", 1j, 10**6000, float("nan"), [], {}, (), {1: 2}, {"가": {"나": None}}),
    *(
        object(),
        Hostile(),
        LOOP,
        np.array([None, 1], object),
        np.datetime64("2026-01-01"),
        int,
        len,
        keras.layers.Dense,
    ),
    *(endless, quitting, unsayable, lambda: 1 / 0, lambda *a, **k: Hostile(), lambda *a, **k: LOOP),
    *(lambda *a, **k: 1j, lambda *a, **k: 10**6000, lambda *a, **k: lambda *a: None, lambda *a, **k: {"가": object()}),
    *(lambda *a, **k: keras.Input((2,)), lambda *a, **k: keras.layers.Dense(3), lambda *a, **k: [[1], [2, 3]]),
]


def full_marks(key, place):
    """만점인가. 값을 견주는 문제이면 처음 틀린 성질에서 멈춘다."""
    return (
        marks(key, place, 1) == oracle_of(NAMES[key]).points[grade_id(key)]
        if key in HEAVY
        else all_right(key, place, 1)
    )


@pytest.mark.parametrize("key", KEYS)
def test_no_answer_however_odd_ends_in_a_traceback(key, capsys):
    odd = (
        ODD if key not in HEAVY else [answer for answer in ODD[::2] if type(answer) is not dict]
    )  # {}는 바탕 레시피이다
    name, oracle = answer_name(key), oracle_of(NAMES[key])
    for answer in odd:
        check(key, answer)
        text = capsys.readouterr().out
        assert text.startswith(key) and "모두 맞았습니다" not in text and "Traceback" not in text
        assert not full_marks(key, dict(oracle.namespace) | {name: answer})


@pytest.mark.parametrize(
    "drawn",
    [
        "x * (np.random.rand(*x.shape) >= p) / (1 - p) if training else x",
        "keras.layers.Dropout(p)(x, training=training)",
    ],
)
def test_answer_that_draws_its_own_numbers_is_refused_every_time(drawn):
    """무엇이 다른지는 부를 때마다 달라도, 판정은 달라지지 않는다."""
    key = "09_dropout/dropout"
    place = namespace(key, f"# 답: {key}\ndef dropout(x, p, u, training=True):\n    return {drawn}")
    assert not any("모두 맞았습니다" in said(key, place) for _ in range(3))
    assert all(marks(key, place, seed) < 3 for seed in SEEDS)


def test_forbidden_function_is_open_again_after_the_check():
    """막아 둔 함수는 확인이 끝나면 다시 쓸 수 있다. 답이 오류를 냈어도 그렇다."""
    from homl11.training import confidence_interval

    before = confidence_interval([0.90, 0.92, 0.94])
    for answer in (lambda a, b: confidence_interval(np.subtract(a, b)), lambda a, b: 1 / 0):
        check("06_schedules_compared/interval", answer)
        assert confidence_interval([0.90, 0.92, 0.94]) == before


ERRORS = {
    "np.arange(3).__itruediv__(2)": "제자리에",
    "[1.0, 2.0] * 1.5": "목록이나 글에 수를 곱했습니다",
    "range([1, 2])": "정수가 와야 할 곳에 list",
    "range(2.5)": "정수가 와야 할 곳에 float",
    "[1] + 2": "이어 붙일 수 없습니다",
    "2.0 ^ 1.0": "거듭제곱은 **",
    "np.ones(3) ^ 2.0": "거듭제곱은 **",
    "__import__('math').sqrt(-1)": "로그나 제곱근",
    "__import__('math').exp(1e6)": "너무 큰 수",
    "np.ones((2, 3)).sum(axis=2)": "축이 2개인 배열에 2번 축은",
    "np.ones(6).reshape(4, 2)": "모양 (4,2)",
    "np.ones((2, 3)) @ np.ones((2, 3))": "행렬을 곱할 수 없는 모양",
    "np.dot(np.ones((2, 3)), np.ones((2, 3)))": "행렬을 곱할 수 없는 모양",
    "np.concatenate([np.ones((2, 3)), np.ones((2, 2))])": "이어 붙일 배열",
    "np.stack([np.ones(2), np.ones(3)])": "쌓을 배열들",
    "np.array([np.ones(2), np.ones(3)])": "길이가 서로 다른",
    "np.interp(1, [0, 1, 2], [0, 1])": "점의 수와 값의 수",
    "np.ones(3)[np.ones(2, bool)]": "거를 것은 3개, 참·거짓은 2개",
    "np.ones((2, 3))[0, 1, 2]": "축은 2개인데 자리를 3개",
    "np.ones(3)[1.0]": "정수가 아닌 자리",
    "np.ones(3)[5]": "0번 축의 길이는 3인데 5번 자리",
    "(lambda: [missing for missing in [unknown]])()": "'unknown'라는 이름이 없습니다",
    "keras.layers.Dense(3, kernel_initializer='he_norml')": "'he_norml'라는 초기화는",
    "keras.layers.Dense(3, kernel_regularize='l2')": "'kernel_regularize'라는 인수를",
    "keras.layers.Dense(3, activation='selo')": "'selo'라는 활성화 함수는",
    "keras.layers.Dense(3)(10)": "이미 만든 층을 다시",
    "keras.Sequential([keras.layers.Dense(3)]).input_shape": "keras.Input을 두세요",
    "keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]).fit(np.ones((1, 2)))": "컴파일하지 않은",
    "keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]).set_weights([1])": "가중치 2개가 필요한 모델에 1개",
    "keras.ops.ones((2, 3)) * keras.ops.ones(2)": "모양이 맞지 않는 배열끼리",
    "exit()": "exit를 지우세요",
}


@pytest.mark.parametrize("code, korean", ERRORS.items(), ids=short)
def test_error_of_python_numpy_and_keras_is_told_in_korean(code, korean):
    found = run(lambda _: eval(code, {"np": np, "keras": keras, "exit": quitting}), None)
    assert korean in found and not ENGLISH.search(found) and not ADDRESS.search(found), found


def test_error_is_told_once_in_korean_with_its_line():
    source = """# 답: 01_power/power
def power_decay(step, initial_learning_rate, decay_steps, power=1.0, staircase=False):
    ratio = step / decay_steps
    return initial_learning_rate / (1 + ratioo) ** power
"""
    text = judged("01_power/power", source).text
    assert text.count("ratioo") == 1 and "'ratioo'라는 이름이 없습니다" in text and "답 셀의 4번째 줄" in text
    assert "is not defined" not in text


@pytest.mark.parametrize("key", [key for key in FUNCTIONS if key not in HEAVY])
def test_forgotten_return_is_not_an_empty_answer(key):
    """풀이의 ``return``을 모두 지운 답과, 돌려주는 대신 찍은 답."""
    for change in (
        lambda source: re.sub(r"\breturn ", "_ = ", source),
        lambda source: re.sub(r"\breturn (.+)", r"print(type(0))", source),
    ):
        source = change(solution(key))
        if source.count("(") != source.count(")"):  # 여러 줄에 걸친 return은 앞의 것만 고친다
            continue
        text = judged(key, source).text
        assert "아직 답이 없습니다" not in text
        assert "돌려주지 않았습니다. `return`을 잊지 않았나요?" in text, text


@pytest.mark.parametrize("blank", ["...", "None", "pass", "return None", "return ...", "raise NotImplementedError"])
def test_placeholder_is_an_empty_answer(blank, capsys):
    place = {}
    exec(f'def power_decay(step, *rest, **options):\n    """설명"""\n    {blank}', place)
    check("01_power/power", place["power_decay"])
    assert "아직 답이 없습니다" in capsys.readouterr().out


@pytest.mark.parametrize("key", KEYS)
def test_every_mistake_is_told_apart_and_takes_the_arguments_of_the_task(key):
    """두 실수가 같은 값을 내면 엉뚱한 힌트가 나온다. 정답과 같은 값을 내면 힌트가 거짓이다."""
    task = TASKS[key]
    found = [("정답", task.expected)]
    found += [(name, values) for name, variants in task.mistaken.items() for values in variants]
    for i, (name, one) in enumerate(found):
        assert not any("인수" in str(value) for value in one.values() if isinstance(value, str)), name
        for other_name, other in found[:i]:
            alike = all(same(one[text], other[text], errors=True) for text in one)
            assert not alike or name == other_name, (name, other_name)


@pytest.mark.parametrize("key", FUNCTIONS)
def test_public_and_hidden_probes_ask_the_same_with_other_values(key):
    from random import Random

    public, hidden = TASKS[key].public(), TASKS[key].probes(Random(5))
    assert list(public) == list(hidden)
    given = [
        [repr((one.fresh(), one.at)) for probe in probes.values() for one in getattr(probe, "calls", ())]
        for probes in (public, hidden)
    ]
    assert given[0] != given[1] or not given[0]


def test_written_generator_is_read_once_and_remembered(capsys):
    steps = {"가": iter([40, 480]), "나": map(int, (209, 3135))}
    for _ in range(3):
        check("00_learning_rate/steps", steps)
        assert "모두 맞았습니다" in capsys.readouterr().out


def test_what_an_answer_prints_does_not_hide_what_the_check_says(capsys):
    check("01_power/power", lambda *a, **k: print("여러 번 찍는 글"))
    assert "여러 번 찍는 글" not in capsys.readouterr().out


@pytest.mark.parametrize("key, name", [("00_learning_rate/steps", "나"), ("01_power/by_hand", "다")])
def test_sealed_answer_can_be_confirmed_but_not_read(key, name):
    """손으로 구하는 문제의 마지막 줄은 맞는지 알려 주지만, 값이 패키지에 적혀 있지는 않다."""
    kept = TASKS[key].reference[name]
    place = namespace(key, solution(key))
    values = place["steps" if "steps" in key else "rates"][name]
    assert all(seal.opens(value) and not seal.opens(1.01 * value) for seal, value in zip(kept, values, strict=True))
    assert not any(str(value) in repr(vars(seal)) for seal, value in zip(kept, values))


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_every_cell_of_a_task_is_there(name):
    ids = {cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook(name).cells}
    for key in keys(name):
        assert {grade_id(key, kind) for kind in ("question", "", "check", "grade")} <= ids
        assert key in TASKS


@pytest.mark.parametrize("key", [key for key in KEYS if key != "final/recipe"])
def test_hidden_test_asks_what_the_check_asks(key):
    """숨은 시험은 따로 값을 꺼내거나 견주지 않는다. 같은 성질을 같은 방법으로 묻는다."""
    found = reports(oracle_of(NAMES[key]), key, oracle_of(NAMES[key]).solution, 3)
    assert list(found) == list(TASKS[key].public()) and all("value" in got for got in found.values())
    assert run(lambda _: found, None) == found


def test_every_section_has_an_exercise():
    sections = {key.split("/")[0] for key in KEYS}
    sections |= {
        MARKER.search(cell.source)[1].split("/")[0]
        for name in ASSIGNMENTS
        for cell in notebook(name).cells
        if cell.metadata.get("nbgrader", {}).get("solution")
    }
    assert {section[:2] for section in sections} >= {f"{number:02}" for number in range(13)}
