"""인수를 검사한다. 메시지는 어느 인수가 무엇을 받았고 어떠해야 하는지 말한다."""

from numbers import Integral


def is_count(value):
    """1 이상의 정수인가. 넘파이의 정수도 정수이고, 참·거짓은 정수가 아니다.

    인수: ``value`` 무엇이든. 반환: 참·거짓.

    예:
        >>> import numpy as np
        >>> from homl11.arguments import is_count
        >>> is_count(3), is_count(np.int64(3)), is_count(0), is_count(True), is_count(3.0)
        (True, True, False, False, False)
    """
    return isinstance(value, Integral) and not isinstance(value, bool) and bool(value > 0)


def require(holds, name, value, rule):
    """``holds``가 거짓이면 어느 인수가 무엇을 받았고 어떠해야 하는지 말하는 오류를 낸다.

    인수: ``holds`` 지켜야 할 조건의 참·거짓, ``name`` 인수의 이름, ``value`` 받은 값, ``rule`` 마침표 없는 규칙.

    예외: ``holds``가 거짓이면 ``ValueError``.

    예:
        >>> from homl11.arguments import require
        >>> require(-1 >= 0, "momentum", -1, "0 이상이어야 합니다")
        Traceback (most recent call last):
        ValueError: momentum=-1: 0 이상이어야 합니다.
    """
    if not holds:
        raise ValueError(f"{name}={value!r}: {rule}.")


def require_positive(**arguments):
    """모든 인수가 0보다 커야 한다.

    인수: ``**arguments`` 이름=값. 예외: 0 이하인 값이 있으면 ``ValueError``.

    예:
        >>> from homl11.arguments import require_positive
        >>> require_positive(learning_rate=0.1, decay_steps=0)
        Traceback (most recent call last):
        ValueError: decay_steps=0: 0보다 커야 합니다.
    """
    for name, value in arguments.items():
        require(not isinstance(value, str) and value > 0, name, value, "0보다 커야 합니다")
