"""연습 문제의 답을 그 자리에서 확인한다: ``check("02_exponential/closure", exponential_decay)``.

주피터랩, Colab, 채점이 모두 같은 것을 쓴다. 정답은 보여 주지 않는다. 맞은 것, 틀린 것, 그리고 힌트를 말한다.
틀린 답이 흔한 실수와 같은 값을 내면 그 실수의 이름을 부른다. 채점은 같은 성질을 다른 값으로 본다.
"""

import contextlib
import difflib
import io
import json
import os
from random import Random

from IPython.display import publish_display_data

from homl11.checks import regularization, schedules
from homl11.checks.errors import Failed
from homl11.checks.hints import explain, spell
from homl11.checks.task import Raised, Task, blank, run, same

__all__ = ["Task", "add", "check", "collect", "graded", "hidden_random", "report", "same"]

TASKS = schedules.TASKS | regularization.TASKS
OWN = {}  # 이 강좌의 것이 아닌, 노트북이 스스로 더한 문제
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
    task = _task(key)
    probes = {} if blank(answer) else task.public()
    with contextlib.redirect_stdout(io.StringIO()):  # 답을 여러 번 부르므로, 답이 찍는 것이 확인의 말을 가린다
        got = {text: run(probe, answer) for text, probe in probes.items()}
    print(key)
    if all(isinstance(value, Failed) and value.kind == "NotImplementedError" for value in got.values()):
        print("  아직 답이 없습니다. 위의 셀을 채우고 다시 실행하세요.")
        return
    right = {text: same(value, task.expected[text]) for text, value in got.items()}
    for text, value in got.items():
        print(f"  ○ {text}" if right[text] else f"  ✗ {text} ({spell(task, probes[text], value, task.expected[text])})")
    if all(right.values()):
        print("  모두 맞았습니다.")
    else:
        print(f"  힌트: {explain(task, got, answer)}")
    changed = sorted({name for probe in probes.values() for name in getattr(probe, "changed", ())})
    if changed:
        print(
            f"  덧붙임: 건네받은 {', '.join(changed)}의 내용을 바꿉니다. 부른 쪽의 값도 함께 바뀝니다. "
            "먼저 베껴서(copy) 쓰면 안전합니다. 점수와는 상관이 없습니다."
        )


def add(key, task):
    """노트북에 적은 문제를 더한다. 그 뒤로는 ``check``와 ``graded``가 이 강좌의 문제처럼 다룬다.

    인수: ``key`` 문제의 이름(``"week3/warmup"``), ``task`` 그 ``Task``.

    예외: 이 강좌의 문제와 이름이 같으면 ``ValueError``.
    """
    if key in TASKS:
        raise ValueError(f"key={key!r}: 이 강좌에 있는 문제의 이름입니다. 다른 이름을 쓰세요.")
    OWN[key] = task


def graded(key, answer):
    """숨은 시험의 묶음: 확인할 성질의 이름 → 값을 돌려주는 인수 없는 함수. 성질은 ``check``와 같고 값이 다르다.

    인수: ``key`` 문제의 이름, ``answer`` 답. 예외: 없는 이름이면 ``ValueError``.
    """
    return {text: lambda probe=probe: probe(answer) for text, probe in _task(key).probes(hidden_random()).items()}


def collect(groups):
    """숨은 시험의 묶음(이름 → 인수 없는 함수)을 실행해 값을 모은다. 오류는 값 대신 적는다."""
    found = {}
    for name, probe in groups.items():
        value = run(lambda _, probe=probe: probe(), None)
        found[name] = {"error": str(value)} if isinstance(value, Failed) else {"value": _sent(value)}
    return found


def _sent(value):
    """JSON으로 넘겨도 뜻이 남는 값. 예외를 냈다는 표시가 그냥 글이 되면, 맞은 답도 틀린 것으로 보인다."""
    if isinstance(value, Raised):
        return {"예외": str(value)}
    if isinstance(value, dict):
        return {name: _sent(item) for name, item in value.items()}
    return [_sent(item) for item in value] if isinstance(value, list) else value


def report(groups):
    """숨은 시험에서 학생의 함수가 돌려준 값을 채점하는 쪽에 넘긴다. 맞았는지는 여기서 정하지 않는다.

    인수: ``groups`` 묶음의 이름 → 값을 돌려주는 인수 없는 함수. 값은 수, 글, 참·거짓, 배열과 그 목록·사전이다.
    """
    found = json.loads(json.dumps(collect(groups)))
    publish_display_data({ANSWERS: found, "text/plain": "답을 채점하는 쪽에 넘겼습니다."})


def hidden_random():
    """숨은 시험의 값을 고르는 난수. 채점할 때마다 다르고, 그 밖에는 늘 같다."""
    return Random(int(os.environ.get("HOML11_SEED", "0")))


def _task(key):
    known = TASKS | OWN
    if not isinstance(key, str) or key not in known:
        near = difflib.get_close_matches(str(key), known, n=3)
        raise ValueError(f"key={key!r}: 없는 문제입니다." + (f" 혹시 {', '.join(near)}인가요?" if near else ""))
    return known[key]
