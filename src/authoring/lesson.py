"""노트북의 코드 가운데 무엇이 가르치는 코드인가. 책과 슬라이드가 함께 쓴다."""

import ast
import re

FIRST_QUESTION = "예상해 보기"
WITH_CODE = ("직접 구현", "Keras로")
JUDGING = ("verdict", "verdicts", "measured")
SHOWING = (*JUDGING, "print", "learning_rate_table", "Table")


def teaches(source):
    """함수를 만들거나 케라스를 부르는 코드인가."""
    return "keras." in source or bool(re.search("^(def|class) ", source, re.MULTILINE))


def lesson(source):
    """가르치는 코드. 출력이 곁에 있으므로 판정하고 찍는 문장은 뺀다. 함수도 케라스도 없으면 빈 글이다."""
    body = ast.parse(source).body
    lines = source.splitlines()
    for node in reversed(body):
        call = node.value if isinstance(node, ast.Expr) else None
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in SHOWING:
            del lines[node.lineno - 1 : node.end_lineno]
    return "\n".join(lines).strip() if teaches(source) else ""


def checks(source):
    """줄의 절반 이상이 판정인 코드인가."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    spans = [range(call.lineno, call.end_lineno + 1) for call in calls if getattr(call.func, "id", "") in JUDGING]
    return 2 * len(set().union(*spans)) >= len(source.splitlines())
