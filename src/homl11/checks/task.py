"""문제 하나의 확인이 무엇으로 이루어지는가, 그리고 두 값이 같은지를 어떻게 보는가."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np


class Failed(str):
    """답을 부르다가 난 오류. 한 줄의 글이다."""


@dataclass(frozen=True)
class Task:
    """문제 하나.

    인수:
        probes: 확인할 성질의 이름 → 답을 받아 값을 돌려주는 함수. 이름은 참이어야 할 말이다.
        reference: 맞는 답. 같은 ``probes``로 기대하는 값을 얻는다. 되도록 ``homl11``이나 케라스의 것을 쓴다.
        hint: 아는 실수가 아닐 때의 힌트.
        mistakes: 실수의 이름을 부르는 힌트 → 그렇게 틀린 답.
    """

    probes: dict[str, Callable[[Any], Any]]
    reference: Any
    hint: str
    mistakes: dict[str, Any] = field(default_factory=dict)


def run(probe, answer):
    """``probe(answer)``의 값. 오류가 나면 그 이름과 글을 ``Failed``로 돌려준다."""
    try:
        return plain(probe(answer))
    except Exception as error:
        text = " ".join(str(error).split())[:120]
        return Failed(f"{type(error).__name__}: {text}" if text else type(error).__name__)


def plain(value):
    """배열, 텐서, 튜플을 JSON에 담을 수 있는 수, 글, 목록, 사전으로 바꾼다."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, dict):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple, range, set)):
        return [plain(item) for item in (sorted(value) if isinstance(value, set) else value)]
    array = np.asarray(value)
    if array.dtype == object or array.dtype.kind in "USV":
        raise TypeError(f"{type(value).__name__} 객체는 답이 아닙니다")
    return plain(array.tolist()) if array.ndim else array.item()


def same(got, expected, errors=False):
    """두 값이 같은가. 수는 상대 오차 1e-4까지 같다고 본다. 참·거짓과 수, 글과 수는 서로 다르다.

    인수: ``errors``가 참이면 오류끼리는 같은 종류일 때 같다.
    """
    if isinstance(got, Failed) or isinstance(expected, Failed):
        return errors and isinstance(got, Failed) and isinstance(expected, Failed) and got == expected
    if isinstance(got, dict) and isinstance(expected, dict):
        return got.keys() == expected.keys() and all(same(got[name], expected[name], errors) for name in got)
    if isinstance(got, list) and isinstance(expected, list):
        return len(got) == len(expected) and all(same(a, b, errors) for a, b in zip(got, expected))
    if isinstance(got, bool) or isinstance(expected, bool) or not (_number(got) and _number(expected)):
        return type(got) is type(expected) and got == expected
    try:
        return math.isclose(got, expected, rel_tol=1e-4, abs_tol=1e-9)
    except OverflowError:  # 실수에 담을 수 없는 정수
        return got == expected


def _number(value):
    return isinstance(value, (int, float))
