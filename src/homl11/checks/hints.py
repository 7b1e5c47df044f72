"""틀린 답에 하는 말: 무엇을 돌려주었고, 처음 다른 곳이 어디이고, 무엇을 고치면 되는가. 맞는 값은 말하지 않는다."""

import functools
import itertools
import operator
from collections import Counter

import numpy as np

from homl11.checks.errors import NOISE, Failed
from homl11.checks.task import Raised, difference, kind_of, same

AROUND = 3  # 다른 자리의 앞뒤로 보여 주는 값의 수
MANY = 30  # 이보다 긴 목록은 줄여 적는다


def spell(task, probe, got, expected):
    """틀린 값을 한 줄로: 처음 다른 값과 그때 부른 것."""
    if isinstance(got, Failed):
        said = _sentence(got) if got.refused else f"오류 {got.kind}"
        return f"{said}, 부른 것 {_called(task, got.call)}" if got.call and not got.refused else said
    if expected is True and got is False:  # 참인지만 묻는 성질에는 덧붙일 값이 없다
        return "그렇지 않습니다"
    path, value, _ = difference(got, expected)
    asked = getattr(probe, "calls", None)
    if asked and path and isinstance(path[0], int) and path[0] < len(asked):
        one, rest = asked[path[0]], list(path[1:])
        place = f"({quote(one.at[rest.pop(0)])})" if one.at and rest else ""
        inner = got[path[0]] if not place else value
        return f"{_said('돌려준', inner, tuple(rest), value)}, 부른 것 {_called(task, one)}{place}"
    written = getattr(probe, "paths", None)
    if written and path and isinstance(path[0], int):
        key, *place = written[path[0]]
        where = f"'{key}'" + "".join(f"의 {i + 1}번째" for i in [*place, *path[1:]] if isinstance(i, int))
        return f"{where}에 적은 값 {quote(value)}"
    return _said("돌려준", got, path, value)


def _said(verb, whole, path, value):
    """``whole``의 ``path`` 자리가 다르다. 목록이면 그 둘레를, 사전이면 다른 것만 보인다."""
    if not path:
        return f"{verb} 값 {quote(whole)}"
    if isinstance(path[0], str):
        return f"{path[0]}: {_said(verb, whole[path[0]], path[1:], value)}"
    places = list(itertools.takewhile(lambda place: isinstance(place, int), path))
    row = functools.reduce(operator.getitem, places[:-1], whole)
    last, rest = places[-1], path[len(places) :]
    where = f"{last + 1}번째 값이" if len(places) == 1 else f"{''.join(f'[{place}]' for place in places)}의 값이"
    if rest or isinstance(row[last], (list, dict)):
        return f"{where} 다릅니다: {_said(verb, row[last], rest, value)}"
    shown = row[max(0, last - AROUND) : last + AROUND + 1]
    before, after = "…, " * (last > AROUND), ", …" * (last + AROUND + 1 < len(row))
    return f"{where} 다릅니다: {verb} 값 [{before}{', '.join(map(quote, shown))}{after}]"


def quote(value):
    """값을 적는다. 글에는 따옴표가 붙고, 긴 목록은 끝을 줄인다."""
    if isinstance(value, Raised):
        return str(value)
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, np.ndarray):
        return f"np.array({quote(value.tolist())})" if value.size <= 12 else f"모양이 {value.shape}인 배열"
    if isinstance(value, (list, tuple)):
        shown = ", ".join(map(quote, value[:MANY])) + ", …" * (len(value) > MANY)
        return f"({shown})" if isinstance(value, tuple) else f"[{shown}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{quote(name)}: {quote(item)}" for name, item in value.items()) + "}"
    text = NOISE.sub("", repr(value))
    return text if len(text) <= 80 else f"{text[:80]}…"


def _called(task, one):
    """부른 것을 코드의 꼴로."""
    given = [quote(value) for value in one.arguments]
    given += [f"{name}={quote(value)}" for name, value in one.options.items()]
    return f"{task.name}({', '.join(given)})"


def explain(task, got, answer):
    """힌트 하나를 고른다.

    차례: 아는 실수와 모든 값이 같으면 그 이름, 오류, 돌려주지 않음, 값의 꼴, 답의 내용이 말하는 실수, 문제의 힌트.
    """
    for name, variants in task.mistaken.items():
        if any(all(same(got[text], wrong[text], errors=True) for text in got) for wrong in variants):
            return name
    wrong = {text: value for text, value in got.items() if not same(value, task.expected[text])}
    advice = task.advise(answer) if task.advise else None
    for value in wrong.values():
        if isinstance(value, Failed):
            return advice or _sentence(value)
    differences = [difference(value, task.expected[text]) for text, value in wrong.items()]
    if any(value is None and expected is not None for _, value, expected in differences):
        if task.name:
            return _nothing(wrong)
        return "아직 비어 있는 곳(None)이 있습니다. 그 자리를 채우세요."
    for text, value in wrong.items():
        shapes = _shapes(value, task.expected[text])
        if shapes:
            return shapes
    for path, value, expected in differences:
        shape = _shape(value, expected)
        if shape:
            names = [place for place in path if isinstance(place, str)]
            return "".join(f"{name}: " for name in names) + shape
    return advice or task.hint


def _nothing(wrong):
    """값이 와야 할 곳에 ``None``이 왔다."""
    everything = all(_empty(value) for value in wrong.values())
    where = "" if everything else "위의 ✗가 붙은 경우에 "
    return (
        f"{where}값을 돌려주지 않았습니다. `return`을 잊지 않았나요? print는 화면에 찍을 뿐 값을 돌려주지 않습니다."
        if everything
        else f"{where}값을 돌려주지 않았습니다. 어느 길로 가도 `return`에 닿는지 보세요. `return`을 잊지 않았나요?"
    )


def _empty(value):
    if isinstance(value, list):
        return None in value and all(item is None or isinstance(item, Raised) or _empty(item) for item in value)
    return value is None


def _shapes(values, expected):
    """처음 다른 부름에서, 배열이 와야 할 곳에 온 배열의 모양이 다르면 그 모양. 아니면 빈 글."""
    if not isinstance(values, list) or not isinstance(expected, list) or len(values) != len(expected):
        return ""
    one, other = next(((a, b) for a, b in zip(values, expected) if not same(a, b)), (None, None))
    came, wanted = _dimensions(one), _dimensions(other)
    if came and wanted and came != wanted and max(len(came), len(wanted)) > 1:
        return f"배열의 모양이 {came}입니다. {wanted}이어야 합니다."
    return ""


def _dimensions(value):
    """네모난 목록의 모양. 길이가 들쭉날쭉하거나 수가 아닌 것이 들었으면 ``None``."""
    if isinstance(value, (bool, int, float)):
        return ()
    inner = {_dimensions(item) for item in value} if isinstance(value, list) and value else {None}
    shape = inner.pop()
    return None if inner or shape is None else (len(value), *shape)


def _shape(value, expected):
    """값의 꼴이 다르면 어떻게 다른지, 꼴은 같으면 빈 글."""
    if isinstance(value, list) and isinstance(expected, list):
        if len(value) != len(expected) and all(isinstance(item, str) for item in value + expected):
            missing, extra = Counter(expected) - Counter(value), Counter(value) - Counter(expected)
            said = [f"{', '.join(map(quote, missing))}이(가) 모자랍니다."] * bool(missing)
            said += [f"{', '.join(map(quote, extra))}이(가) 더 있습니다."] * bool(extra)
            return " ".join(said)
        return f"값이 {len(value)}개입니다. {len(expected)}개여야 합니다." if len(value) != len(expected) else ""
    if isinstance(value, dict) and isinstance(expected, dict):
        missing = [name for name in expected if name not in value]
        return (
            f"사전에 {', '.join(map(repr, missing))} 키가 없습니다." if missing else "사전에 묻지 않은 키가 있습니다."
        )
    if isinstance(value, Raised) or isinstance(expected, Raised):
        return ""
    if isinstance(value, str) and not isinstance(expected, (str, bool)):
        return f"온 것은 글 {quote(value)}입니다. 따옴표가 없는 값이 와야 합니다."
    if isinstance(value, list):
        return "값 하나가 와야 하는데 목록이나 배열이 왔습니다."
    if isinstance(expected, list) and not isinstance(value, dict):
        return f"목록이나 튜플이 와야 합니다. 온 것은 {kind_of(value)}입니다."
    if isinstance(value, (dict, bool)) and not isinstance(expected, (bool, str)):
        return f"수가 와야 합니다. 온 것은 {kind_of(value)}입니다."
    return ""


def _sentence(failed):
    """오류 하나를 고칠 줄과 함께 말한다."""
    if failed.line is None or failed.refused:
        return f"{failed}."
    number, text = failed.line
    return f"{failed}. 답 셀의 {number}번째 줄" + (f" `{text}`" if text else "") + "에서 났습니다."
