"""답을 부르다가 난 오류를 한국어로 옮긴다: 무슨 일이 있었고, 답 셀의 몇째 줄인가."""

import linecache
import os
import re
import traceback


class Refused(TypeError):
    """답의 꼴이 문제가 말한 것이 아니다. 글은 배우는 사람에게 그대로 보인다."""


# (오류의 이름, 영어 글의 꼴, 한국어). 위에서부터 처음 맞는 것을 쓴다.
SAYINGS = (
    (
        "NameError",
        r"name '(.+?)' is not defined",
        "{0!r}라는 이름이 없습니다. 철자를 보고, 앞의 셀을 먼저 실행했는지 보세요",
    ),
    ("UnboundLocalError", r"'(.+?)'", "변수 {0!r}에 값을 넣기 전에 썼습니다"),
    ("ZeroDivisionError", r"", "0으로 나누었습니다"),
    ("RecursionError", r"", "함수가 자기 자신을 끝없이 부릅니다"),
    ("MemoryError", r"", "메모리가 모자랍니다"),
    ("KeyError", r"(.+)", "사전에 {0} 열쇠가 없습니다"),
    ("IndexError", r"", "목록이나 배열에 없는 자리를 꺼냈습니다"),
    (
        "AttributeError",
        r"'NoneType' object has no attribute '(.+?)'",
        "None(빈 값)에는 .{0} 속성이 없습니다. 앞에서 값을 돌려받았는지 보세요",
    ),
    ("AttributeError", r"'(.+?)' object has no attribute '(.+?)'", "{0} 객체에는 .{1} 속성이 없습니다"),
    ("AttributeError", r"module '(.+?)' has no attribute '(.+?)'", "{0}에는 {1!r}라는 이름이 없습니다. 철자를 보세요"),
    ("TypeError", r"missing \d+ required .*argument.*?: (.+)", "주지 않은 인수가 있습니다: {0}"),
    ("TypeError", r"got an unexpected keyword argument '(.+?)'", "{0!r}라는 인수를 받지 않습니다"),
    ("TypeError", r"takes (.+?) positional argument", "함수에 준 인수의 수가 맞지 않습니다"),
    ("TypeError", r"'NoneType' object is not callable", "None(빈 값)을 함수처럼 불렀습니다"),
    ("TypeError", r"'(.+?)' object is not callable", "함수가 아닌 것({0})을 불렀습니다"),
    ("TypeError", r"'(.+?)' object is not subscriptable", "{0}에서 []로 값을 꺼낼 수 없습니다"),
    (
        "TypeError",
        r"(?:'(.+?)' object is not iterable|cannot unpack non-iterable (\S+))",
        "{0}에서 값을 하나씩 꺼낼 수 없습니다",
    ),
    ("TypeError", r"unsupported operand type.*: '(.+?)' and '(.+?)'", "{0}와 {1}를 함께 셈할 수 없습니다"),
    (
        "TypeError",
        r"'(.+?)' not supported between instances of '(.+?)' and '(.+?)'",
        "{1}와 {2}를 {0}로 견줄 수 없습니다",
    ),
    (
        "TypeError",
        r"(?:only .*arrays? can be converted|only length-1)",
        "배열을 수 하나로 바꾸려 했습니다. 배열도 받는 함수를 쓰세요",
    ),
    ("TypeError", r"list indices must be", "목록의 자리는 정수로 적어야 합니다"),
    ("ValueError", r"truth value of an array", "배열 전체를 참·거짓 하나로 보려 했습니다. 값마다 견주는 방법을 쓰세요"),
    ("ValueError", r"operands could not be broadcast", "모양이 맞지 않는 배열끼리 셈했습니다"),
    ("ValueError", r"could not convert string", "글을 수로 바꾸지 못했습니다"),
    ("ValueError", r"(?:not enough|too many) values to unpack", "꺼낸 값의 수가 변수의 수와 다릅니다"),
    (
        "ValueError",
        r"(?:min|max)\(\).*empty|(?:arg)?(?:min|max) of an empty|empty sequence",
        "빈 목록에서 값을 고르려 했습니다",
    ),
)
KINDS = {
    "TypeError": "종류가 맞지 않는 값을 썼습니다",
    "ValueError": "쓸 수 없는 값을 주었습니다",
    "AttributeError": "없는 것을 찾았습니다",
    "AssertionError": "assert가 거짓이었습니다",
    "NotImplementedError": "아직 쓰지 않은 곳에 닿았습니다",
    "SystemExit": "프로그램을 끝내려 했습니다. exit를 지우세요",
}


class Failed(str):
    """답을 부르다가 난 오류. 한 줄의 한국어이다.

    ``kind`` 오류의 이름, ``line`` 답 셀의 줄 번호와 글(모르면 ``None``), ``call`` 그때 부르던 것.
    """

    PASSING = (KeyboardInterrupt,)  # 배우는 사람이 멈추면 멈춘다
    kind, line, call = "", None, None

    @classmethod
    def of(cls, error, answer=None):
        """예외를 옮긴다. 무엇이 와도 실패하지 않는다."""
        try:
            text = " ".join(str(error).split())
        except Exception:
            text = ""
        name = type(error).__name__
        failed = cls(text if isinstance(error, Refused) else f"{name}: {korean(name, text)}")
        failed.kind, failed.call = name, getattr(error, "homl11_call", None)
        failed.line = _line(error, answer)
        return failed

    @property
    def refused(self):
        """답의 꼴이 달라서 받지 않은 것인가."""
        return self.kind == Refused.__name__


def korean(name, text):
    """오류의 글을 한국어로. 모르는 것이면 무슨 종류인지 말하고 원래 글을 붙인다."""
    for kind, pattern, said in SAYINGS:
        found = re.search(pattern, text) if kind == name else None
        if found:
            return said.format(*(group for group in found.groups() if group is not None))
    start = KINDS.get(name, "오류가 났습니다")
    return f"{start} ({text[:160]}{'…' if len(text) > 160 else ''})" if text else start


def _line(error, answer):
    """오류가 난 답 셀의 줄. 라이브러리 안에서 났으면 그것을 부른 줄이다."""
    own = getattr(getattr(answer, "__code__", None), "co_filename", None)
    found = None
    for frame in traceback.extract_tb(error.__traceback__, limit=-200):
        if frame.filename == own or (
            own is None and not os.path.exists(frame.filename) and "<frozen" not in frame.filename
        ):
            found = frame
    if found is None or found.lineno is None:
        return None
    return found.lineno, linecache.getline(found.filename, found.lineno).strip()
