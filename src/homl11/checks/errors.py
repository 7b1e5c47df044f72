"""답을 부르다가 난 오류를 한국어로 옮긴다: 무슨 일이 있었고, 답 셀의 몇째 줄인가."""

import dis
import linecache
import os
import re
import traceback


class Refused(TypeError):
    """답의 꼴이 문제가 말한 것이 아니다. 글은 배우는 사람에게 그대로 보인다."""


# (오류의 이름, 영어 글의 꼴, 한국어). 위에서부터 처음 맞는 것을 쓴다. 이름이 비면 어느 오류이든 된다.
SAYINGS = (
    ("NameError", r"free variable '(.+?)'", "변수 {0!r}에 값을 넣기 전에 썼습니다. 값을 넣는 줄을 지나는지 보세요"),
    (
        "NameError",
        r"name '(.+?)' is not defined",
        "{0!r}라는 이름이 없습니다. 철자를 보고, 앞의 셀을 먼저 실행했는지 보세요",
    ),
    ("UnboundLocalError", r"'(.+?)'", "변수 {0!r}에 값을 넣기 전에 썼습니다"),
    ("ZeroDivisionError", r"", "0으로 나누었습니다"),
    ("RecursionError", r"", "함수가 자기 자신을 끝없이 부릅니다"),
    ("MemoryError", r"", "메모리가 모자랍니다"),
    ("SystemExit", r"", "프로그램을 끝내려 했습니다. exit를 지우세요"),
    ("KeyError", r"(.+)", "사전에 {0} 키가 없습니다"),
    (
        "IndexError",
        r"boolean index did not match.* size of axis is (\d+) but .* axis is (\d+)",
        "참·거짓 배열로 거르려 했지만 길이가 다릅니다. 거를 것은 {0}개, 참·거짓은 {1}개입니다",
    ),
    ("IndexError", r"boolean index", "참·거짓 배열로 거르려 했지만 모양이 다릅니다"),
    (
        "IndexError",
        r"too many indices for array: array is (\d+)-dimensional, but (\d+) were indexed",
        "배열의 축은 {0}개인데 자리를 {1}개 적었습니다",
    ),
    (
        "IndexError",
        r"only integers, slices|arrays used as indices must be of integer",
        "정수가 아닌 자리로 값을 꺼냈습니다. 자리는 정수나 참·거짓이어야 합니다",
    ),
    (
        "IndexError",
        r"index (-?\d+) is out of bounds for axis (\d+) with size (\d+)",
        "{1}번 축의 길이는 {2}인데 {0}번 자리를 꺼냈습니다. 자리는 0부터 셉니다",
    ),
    ("IndexError", r"shape mismatch: indexing arrays", "자리를 적은 배열들의 모양이 서로 다릅니다"),
    ("IndexError", r"list assignment", "목록에 없는 자리에 값을 넣었습니다. 새 값은 append로 더하세요"),
    ("IndexError", r"from empty list", "빈 목록에서 값을 꺼냈습니다"),
    ("IndexError", r"", "목록이나 배열에 없는 자리를 꺼냈습니다"),
    (
        "AttributeError",
        r"'NoneType' object has no attribute '(.+?)'",
        "None(빈 값)에는 .{0} 속성이 없습니다. 앞에서 값을 돌려받았는지 보세요",
    ),
    (
        "AttributeError",
        r"has no defined (?:input|output)(?: shape)?|has never been called",
        "입력의 모양을 모르는 모델입니다. 첫 층 앞에 keras.Input을 두세요",
    ),
    ("AttributeError", r"'(.+?)' object has no attribute '(.+?)'", "{0} 객체에는 .{1} 속성이 없습니다"),
    ("AttributeError", r"module '(.+?)' has no attribute '(.+?)'", "{0}에는 {1!r}라는 이름이 없습니다. 철자를 보세요"),
    (
        "AxisError",
        r"axis (-?\d+) is out of bounds for array of dimension (\d+)",
        "축이 {1}개인 배열에 {0}번 축은 없습니다. 축은 0부터 셉니다",
    ),
    (
        "UFuncTypeError",
        r"Cannot cast ufunc '(.+?)' output from dtype\('(.+?)'\) to dtype\('(.+?)'\)",
        "정수 배열의 제자리에 실수를 넣을 수 없습니다({1} → {2}). x /= s 대신 x = x / s로 새로 만드세요",
    ),
    ("UFuncTypeError", r"", "함께 셈할 수 없는 종류의 배열입니다"),
    ("TypeError", r"missing \d+ required .*argument.*?: (.+)", "주지 않은 인수가 있습니다: {0}"),
    ("TypeError", r"got an unexpected keyword argument '(.+?)'", "{0!r}라는 인수를 받지 않습니다"),
    ("TypeError", r"got multiple values for (?:keyword )?argument '(.+?)'", "인수 {0!r}를 두 번 주었습니다"),
    ("TypeError", r"takes (.+?) positional argument", "함수에 준 인수의 수가 맞지 않습니다"),
    ("TypeError", r"'NoneType' object is not callable", "None(빈 값)을 함수처럼 불렀습니다"),
    ("TypeError", r"'(.+?)' object is not callable", "함수가 아닌 것({0})을 불렀습니다"),
    ("TypeError", r"'(.+?)' object is not subscriptable", "{0}에서 []로 값을 꺼낼 수 없습니다"),
    ("TypeError", r"'(.+?)' object does not support item assignment", "{0}의 자리에는 값을 넣을 수 없습니다"),
    (
        "TypeError",
        r"(?:'(.+?)' object is not iterable|cannot unpack non-iterable (\S+)|iteration over a 0-d array)",
        "{0}에서 값을 하나씩 꺼낼 수 없습니다",
    ),
    (
        "TypeError",
        r"unsupported operand type\(s\) for \^: '(.+?)' and '(.+?)'",
        "^는 거듭제곱이 아닙니다. 거듭제곱은 **로 적으세요",
    ),
    ("TypeError", r"ufunc 'bitwise_xor'", "^는 거듭제곱이 아닙니다. 거듭제곱은 **로 적으세요"),
    (
        "TypeError",
        r"unsupported operand type\(s\) for (.+?): '(.+?)' and '(.+?)'",
        "{1}와 {2}를 {0}로 함께 셈할 수 없습니다",
    ),
    ("TypeError", r"bad operand type for .*?: '(.+?)'", "{0}에 쓸 수 없는 연산입니다"),
    ("TypeError", r"can't multiply sequence", "목록이나 글에 수를 곱했습니다. 값마다 곱하려면 np.array로 바꾸세요"),
    (
        "TypeError",
        r"can only concatenate (\S+) \(not \"(.+?)\"\)",
        "{0}와 {1}를 이어 붙일 수 없습니다. 값마다 더하려면 np.array로 바꾸세요",
    ),
    (
        "TypeError",
        r"'(.+?)' object cannot be interpreted as an integer",
        "정수가 와야 할 곳에 {0}가 왔습니다. range에는 정수를 주세요",
    ),
    ("TypeError", r"must be real number, not (\S+)", "수 하나가 와야 할 곳에 {0}가 왔습니다"),
    ("TypeError", r"(?:float|int)\(\) argument must be .*not '(.+?)'", "수로 바꿀 수 없는 것({0})입니다"),
    ("TypeError", r"object of type '(.+?)' has no len\(\)", "{0}에는 길이가 없습니다"),
    (
        "TypeError",
        r"'(.+?)' not supported between instances of '(.+?)' and '(.+?)'",
        "{1}와 {2}를 {0}로 견줄 수 없습니다",
    ),
    (
        "TypeError",
        r"only integer scalar arrays",
        "정수 하나가 와야 할 곳에 배열이 왔습니다. 배열로 값을 거르려면 거를 것도 np.array여야 합니다",
    ),
    (
        "TypeError",
        r"(?:only .*arrays? can be converted|only length-1|only 0-dimensional)",
        "배열을 수 하나로 바꾸려 했습니다. 배열도 받는 함수를 쓰세요",
    ),
    ("TypeError", r"list indices must be", "목록의 자리는 정수로 적어야 합니다"),
    ("TypeError", r"unhashable type: '(.+?)'", "{0}은 사전의 키가 될 수 없습니다"),
    (
        "",
        r"truth value of an array|boolean value of Tensor",
        "배열 전체를 참·거짓 하나로 보려 했습니다. 값마다 견주는 방법을 쓰세요",
    ),
    (
        "",
        r"operands could not be broadcast together with shapes (\(.*?\)) (\(.*?\))",
        "모양이 맞지 않는 배열끼리 셈했습니다: {0}와 {1}",
    ),
    (
        "",
        r"(?:Incompatible shapes|required broadcastable shapes|incompatible for broadcasting|could not be broadcast|"
        r"could not broadcast|broadcast to a single shape)",
        "모양이 맞지 않는 배열끼리 셈했습니다",
    ),
    ("ValueError", r"could not convert string", "글을 수로 바꾸지 못했습니다"),
    ("ValueError", r"(?:not enough|too many) values to unpack", "꺼낸 값의 수가 변수의 수와 다릅니다"),
    (
        "ValueError",
        r"(?:min|max)\(\).*empty|(?:arg)?(?:min|max) of an empty|empty sequence|zero-size array",
        "빈 목록에서 값을 고르려 했습니다",
    ),
    ("ValueError", r"(.+) is not in (?:list|deque)", "목록에 없는 값({0})의 자리를 찾았습니다"),
    ("ValueError", r"x not in list|not in list", "목록에 없는 값을 찾았습니다"),
    ("ValueError", r"inhomogeneous", "길이가 서로 다른 것들을 배열 하나로 묶으려 했습니다"),
    (
        "ValueError",
        r"cannot reshape array of size (\d+) into shape (\(.*?\))",
        "값 {0}개를 모양 {1}로 바꿀 수 없습니다. 값의 수가 같아야 합니다",
    ),
    (
        "ValueError",
        r"matmul: .*size (\d+) is different from (\d+)",
        "행렬을 곱할 수 없는 모양입니다. 앞의 마지막 축은 {1}, 뒤의 맞닿는 축은 {0}입니다",
    ),
    ("ValueError", r"shapes (\(.*?\)) and (\(.*?\)) not aligned", "행렬을 곱할 수 없는 모양입니다: {0}와 {1}"),
    (
        "ValueError",
        r"all the input arrays? (?:dimensions|must have)|must have same number of dimensions",
        "이어 붙일 배열들의 모양이 맞지 않습니다",
    ),
    ("ValueError", r"all input arrays must have the same shape", "쌓을 배열들의 모양이 서로 다릅니다"),
    ("ValueError", r"fp and xp are not of the same length", "np.interp에 준 점의 수와 값의 수가 다릅니다"),
    (
        "ValueError",
        r"math domain error|expected a (?:nonnegative|positive) input",
        "로그나 제곱근에 쓸 수 없는 수(음수나 0)를 주었습니다",
    ),
    ("OverflowError", r"", "너무 큰 수가 되었습니다"),
    ("ValueError", r"cannot convert float NaN|NaN to integer", "NaN을 정수로 바꾸려 했습니다"),
    ("ValueError", r"I/O operation on closed|input is disabled", "입력을 기다리려 했습니다. input을 지우세요"),
    ("StdinNotImplementedError", r"", "입력을 기다리려 했습니다. input을 지우세요"),
    ("EOFError", r"", "입력을 기다리려 했습니다. input을 지우세요"),
    (
        "",
        r"Could not interpret (\w+)(?: function)?(?: identifier)?: *'?(.+?)'?\.?$",
        "케라스에 {1!r}라는 {0}는 없습니다. 철자를 보세요",
    ),
    (
        "",
        r"Unrecognized keyword arguments? passed to (\w+): \{?'?(\w+)",
        "{0}는 {1!r}라는 인수를 받지 않습니다. 철자를 보세요",
    ),
    (
        "ValueError",
        r"Only input tensors may be passed as positional",
        "이미 만든 층을 다시 불렀습니다. 층이 아니라, 부르면 층을 만드는 것이 필요합니다",
    ),
    (
        "ValueError",
        r"invalid value for `units`.*Received: units=(.+)",
        "뉴런 수(units)의 자리에 {0}가 왔습니다. 나머지 인수는 이름을 붙여 주세요",
    ),
    (
        "ValueError",
        r"weight list of length (\d+), but the layer was expecting (\d+)",
        "가중치 {1}개가 필요한 모델에 {0}개를 넣었습니다. 층의 수가 원래 모델과 같은지 보세요",
    ),
    ("ValueError", r"Layer weight shape|weight shape|set_weights", "가중치의 모양이 층과 맞지 않습니다"),
    ("ValueError", r"must call `compile", "컴파일하지 않은 모델입니다"),
    (
        "ValueError",
        r"expected axis -1 of input shape to have value (\d+), but received input with shape (\(.*?\))",
        "층이 기다리는 입력은 마지막 축이 {0}인데 모양 {1}이 왔습니다",
    ),
    ("ValueError", r"is incompatible with the layer", "층이 기다리는 입력과 모양이 다릅니다"),
    (
        "ValueError",
        r"already been configured to use input shape|layer stack already has|with the same name|should be unique",
        "이미 쓰인 층이나 모델을 다시 썼습니다. 새 모델을 만들 때 원래 모델의 층을 빼거나 더하지 마세요",
    ),
    (
        "ValueError",
        r"has not (?:yet )?been built|no weights|never been built",
        "아직 만들어지지 않은 층입니다. 입력의 모양을 알려 주세요",
    ),
    ("", r"duplicate dimension", "같은 축을 두 번 적었습니다"),
    ("", r"Invalid reduction (?:arguments|dimension)|Invalid reduction", "없는 축에 걸쳐 더하려 했습니다"),
    (
        "",
        r"expected to be an? (\w+) tensor but is an? (\w+) tensor",
        "종류가 다른 텐서({0}와 {1})를 함께 셈했습니다. keras.ops.cast로 맞추세요",
    ),
    ("", r"Attempt to convert a value \((.+?)\)", "텐서로 바꿀 수 없는 값({0})을 썼습니다"),
    ("", r"Matrix size-incompatible", "행렬을 곱할 수 없는 모양입니다"),
)
KINDS = {
    "TypeError": "종류가 맞지 않는 값을 썼습니다",
    "ValueError": "쓸 수 없는 값을 주었습니다",
    "AttributeError": "없는 것을 찾았습니다",
    "AssertionError": "assert가 거짓이었습니다",
    "NotImplementedError": "아직 쓰지 않은 곳에 닿았습니다",
    "InvalidArgumentError": "텐서를 셈하지 못했습니다. 모양과 축과 종류를 보세요",
    "ModuleNotFoundError": "없는 모듈을 불러왔습니다",
    "ImportError": "모듈에 없는 이름을 불러왔습니다",
}
# 케라스가 무엇을 찾지 못했는지.
THINGS = {
    "initializer": "초기화",
    "regularizer": "규제",
    "activation": "활성화 함수",
    "constraint": "제한",
    "optimizer": "옵티마이저",
}
# 실행할 때마다 다르거나 배우는 사람에게 뜻이 없는 것: 객체의 주소, 텐서플로 안의 이름, 글자의 색, 층의 순번.
NOISE = re.compile(
    r" at 0x[0-9a-fA-F]+|\{\{function_node .*?\}\} *|\[Op:\w+\]( *name:)?|\x1b\[[0-9;]*m|(?<=[a-z])_\d+(?=')"
)


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
            text = " ".join(NOISE.sub("", str(error)).split())
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
        found = re.search(pattern, text) if kind in ("", name) or name.endswith(kind) else None
        if found:
            groups = [THINGS.get(group, group) for group in found.groups() if group is not None]
            return said.format(*groups, *["값"] * (said.count("{") - len(groups)))
    start = KINDS.get(name, "오류가 났습니다")
    return f"{start} ({text[:160]}{'…' if len(text) > 160 else ''})" if text else start


def on_purpose(error):
    """답이나 이 강좌의 함수가 ``raise``로 낸 예외인가. 라이브러리가 셈하다가 낸 것은 답이 뜻한 것이 아니다."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return False
    code, module = trace.tb_frame.f_code, trace.tb_frame.f_globals
    own = module.get("__spec__") is None or str(module.get("__name__")).startswith("homl11.")
    return own and code.co_code[trace.tb_lasti] == dis.opmap["RAISE_VARARGS"]


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
