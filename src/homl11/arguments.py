"""인수를 검사한다. 메시지는 어느 인수가 무엇을 받았고 어떠해야 하는지 말한다."""

from numbers import Integral


def is_count(value):
    """1 이상의 정수인가. 넘파이의 정수도 정수이고, 참·거짓은 정수가 아니다."""
    return isinstance(value, Integral) and not isinstance(value, bool) and value > 0


def require(holds, name, value, rule):
    """``holds``가 거짓이면 ``ValueError("이름=값: 규칙.")``을 낸다."""
    if not holds:
        raise ValueError(f"{name}={value!r}: {rule}.")


def require_positive(**arguments):
    """모든 인수가 0보다 커야 한다."""
    for name, value in arguments.items():
        require(value > 0, name, value, "0보다 커야 합니다")
