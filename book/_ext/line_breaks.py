"""조사와 수식이 줄 끝에서 떨어지지 않게 한다.

브라우저는 낱말 사이에서만 줄을 바꾸라고 해도(keep-all) 닫는 괄호와 수식의 앞뒤에서는 줄을 바꾼다.
그래서 «스텝(step)|마다», «$s$|스텝», «(|$c = 1$일 때)»처럼 갈라진다.
붙어 있어야 할 곳을 ``joint``로 묶고, ``course.css``가 거기서 줄을 바꾸지 않게 한다.
보이지 않는 글자를 넣지 않으므로 베끼기와 찾기에는 영향이 없다.
"""

import re

from docutils import nodes

TAIL = re.compile(r"([^\s()]*\)[가-힣]+|[-+]?\d[\d.]* ± \d[\d.]*)")
PARTICLE = re.compile(r"[가-힣]+")
OPENING = re.compile(r"[^\s(]*\($")


def joint(*children):
    return nodes.inline("", "", *children, classes=["joint"])


def after_text(text):
    """«optimizer)의»처럼 닫는 괄호와 조사가 붙은 곳과 «0.87 ± 0.01» 같은 수를 묶는다. 나머지는 글 그대로이다."""
    for position, part in enumerate(TAIL.split(text)):
        number, mark, error = part.partition(" ± ")
        if position % 2 and mark:  # 전화기의 표에서는 ± 앞에서 줄을 바꾸고, ±는 제 수와 함께 간다
            yield joint(nodes.Text(f"{number} "), joint(nodes.Text(f"± {error}")))
        elif part:
            yield joint(nodes.Text(part)) if position % 2 else nodes.Text(part)


def before_formula(result):
    """바로 앞의 글이 여는 괄호로 끝나면 그 끝을 떼어 준다."""
    opening = OPENING.search(result[-1]) if result and isinstance(result[-1], nodes.Text) else None
    if opening:
        text = result.pop()
        if opening.start():
            result.append(nodes.Text(text[: opening.start()]))
        yield nodes.Text(opening.group())


def bound(children):
    """묶을 것을 묶은 새 자식들. 수식은 바로 앞의 여는 괄호, 바로 뒤의 한글과 묶는다."""
    result, formula = [], None
    for child in children:
        if isinstance(child, nodes.math):
            formula = joint(*before_formula(result), child)
            result.append(formula)
        elif isinstance(child, nodes.Text):
            text = child.astext()  # reStructuredText의 이음(\ )은 뺀 글
            particle = PARTICLE.match(text) if formula else None
            if particle:
                formula += nodes.Text(particle.group())
                text = text[particle.end() :]
            result += after_text(text)
            formula = None
        else:
            result.append(child)
            formula = None
    return result


def join(app, doctree, name):
    """쪽의 모든 글을 묶는다. 코드와 미리 조판된 글은 그대로 둔다."""
    for element in list(doctree.findall(nodes.TextElement)):
        if isinstance(element, (nodes.literal, nodes.FixedTextElement, nodes.math, nodes.raw, nodes.title)):
            continue
        children = bound(element.children)
        element.clear()
        element += children


def setup(app):
    # 다른 확장이 글에서 용어를 찾은 다음에 나눈다.
    app.connect("doctree-resolved", join, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
