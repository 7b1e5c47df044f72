"""연습 문제의 답을 그 자리에서 확인한다: ``check("02_exponential/closure", exponential_decay)``.

주피터랩, Colab, 채점이 모두 같은 것을 쓴다. 정답은 보여 주지 않는다. 맞은 것, 틀린 것, 그리고 힌트를 말한다.
틀린 답이 흔한 실수와 같은 값을 내면 그 실수의 이름을 부른다. 채점은 여기 있는 값이 아니라 다른 값으로 한다.
"""

import difflib
import json
import os
from random import Random

import numpy as np
from IPython.display import publish_display_data

from homl11.checks import regularization, schedules
from homl11.checks.task import Failed, Task, plain, run, same

__all__ = ["Task", "check", "collect", "hidden_random", "report", "same"]

TASKS = schedules.TASKS | regularization.TASKS
# 채점하는 쪽이 읽는 출력: 숨은 시험의 묶음마다 학생의 함수가 돌려준 값.
ANSWERS = "application/vnd.homl11.answers+json"


def check(key, answer):
    """연습 문제의 답을 확인해 맞은 것(○), 틀린 것(✗), 힌트를 찍는다.

    인수: ``key`` 문제의 이름(``"02_exponential/closure"``), ``answer`` 답(값, 함수, 모델 등 문제가 말한 것).

    예외: 없는 이름이면 비슷한 이름을 알려 주는 ``ValueError``. 답이 틀린 것은 예외가 아니다.

    예:
        >>> from homl11.checks import check
        >>> check("02_exponential/closures", None)
        Traceback (most recent call last):
            ...
        ValueError: key='02_exponential/closures': 없는 문제입니다. 혹시 02_exponential/closure, ...인가요?
    """
    if key not in TASKS:
        near = difflib.get_close_matches(str(key), TASKS, n=3)
        raise ValueError(f"key={key!r}: 없는 문제입니다." + (f" 혹시 {', '.join(near)}인가요?" if near else ""))
    task = TASKS[key]
    got = {text: run(probe, answer) for text, probe in task.probes.items()}
    print(key)
    if all(value is None or "NoneType" in str(value) for value in got.values()):  # 채우지 않은 함수는 None을 돌려준다
        print("  아직 답이 없습니다. 위의 셀을 채우고 다시 실행하세요.")
        return
    expected = {text: plain(probe(task.reference)) for text, probe in task.probes.items()}
    right = {text: same(got[text], expected[text]) for text in got}
    for text, value in got.items():
        print(f"  ○ {text}" if right[text] else f"  ✗ {text} ({_spell(value)})")
    if all(right.values()):
        print("  모두 맞았습니다.")
    else:
        print(f"  힌트: {_hint(task, got)}")


def collect(groups):
    """숨은 시험의 묶음(이름 → 인수 없는 함수)을 실행해 값을 모은다. 오류는 값 대신 적는다."""
    found = {}
    for name, probe in groups.items():
        value = run(lambda _, probe=probe: probe(), None)
        found[name] = {"error": str(value)} if isinstance(value, Failed) else {"value": value}
    return found


def report(groups):
    """숨은 시험에서 학생의 함수가 돌려준 값을 채점하는 쪽에 넘긴다. 맞았는지는 여기서 정하지 않는다.

    인수: ``groups`` 묶음의 이름 → 값을 돌려주는 인수 없는 함수. 값은 수, 글, 참·거짓, 배열과 그 목록·사전이다.
    """
    found = json.loads(json.dumps(collect(groups)))
    publish_display_data({ANSWERS: found, "text/plain": "답을 채점하는 쪽에 넘겼습니다."})


def hidden_random():
    """숨은 시험의 값을 고르는 난수. 채점할 때마다 다르고, 그 밖에는 늘 같다."""
    return Random(int(os.environ.get("HOML11_SEED", "0")))


def _hint(task, got):
    """같은 값을 내는 흔한 실수가 있으면 그 실수의 이름을, 없으면 문제의 힌트를 고른다."""
    for name, mistake in task.mistakes.items():
        if all(same(value, run(task.probes[text], mistake), errors=True) for text, value in got.items()):
            return name
    return task.hint


def _spell(value):
    """틀린 값을 짧게 적는다."""
    if isinstance(value, Failed):
        return f"오류 {value}"
    if isinstance(value, list):
        with np.printoptions(precision=6, threshold=8):
            text = str(np.array(value, dtype=None if _regular(value) else object))
    else:
        text = f"{value:.6g}" if type(value) is float else str(value)
    text = " ".join(text.split())
    return f"돌려준 값 {text[:80]}{'…' if len(text) > 80 else ''}"


def _regular(value):
    """행의 길이가 모두 같은 배열인가."""
    try:
        np.array(value)
    except ValueError:
        return False
    return True
