"""예상하고, 정하고, 견준다: 물음마다 보기를 고르게 하고, 정한 다음에 답을 보인다.

노트북에는 물음과 보기의 목록, 그리고 접힌 답만 적는다.
굵게 쓴 첫 글이 바른 보기이고, 그 밑의 목록은 틀린 보기마다의 한마디이다.

    **1. 검증 손실은 계속 줄까?**

    - 계속 준다
    - 줄다가 는다

    <details class="answer">
    <summary>답 보기</summary>

    **줄다가 는다.** 까닭은 …

    - 계속 준다: …

    </details>

여기서는 무엇이 무엇의 짝인지를 적어 두기만 한다. 고르는 단추는 static/quiz.js가 만든다. 스크립트가 없으면, 그리고
주피터랩에서는 목록과 접힌 답으로 보인다.
"""

import hashlib
import html
from itertools import takewhile
from pathlib import Path

from docutils import nodes
from sphinx.util import logging

STATIC = Path(__file__).with_name("static")
OPENING, CLOSING = '<details class="answer">', "</details>"
logger = logging.getLogger(__name__)


def text(node):
    return " ".join(node.astext().split())


def pair(fold):
    """물음과 보기와 답에 짝을 적는다. 꼴이 다르면 ``ValueError``."""
    siblings = fold.parent.children
    position = siblings.index(fold)
    question, choices = siblings[position - 2 : position]
    inside = list(takewhile(lambda node: node.astext().strip() != CLOSING, siblings[position + 1 :]))
    answer, remarks = inside[0], next((node for node in inside if isinstance(node, nodes.bullet_list)), None)
    names = [text(item) for item in choices]
    right = text(answer.next_node(nodes.strong)).removesuffix(".")
    choices[names.index(right)]["classes"].append("right")
    for remark in remarks or ():
        remark["classes"].append(f"for-{names.index(text(remark).split(': ')[0])}")
    for item in choices:
        if item.next_node(nodes.math):  # 그려진 식에는 글이 없다. 화면 읽기 프로그램이 읽을 것을 따로 적는다
            item += nodes.raw("", f'<span class="said" hidden>{html.escape(text(item))}</span>', format="html")
    question["classes"].append("question")
    choices["classes"] += ["choices", f"q-{hashlib.sha1(text(question).encode()).hexdigest()[:8]}"]
    if remarks is not None:
        remarks["classes"].append("remarks")


def ask(app, doctree):
    for fold in list(doctree.findall(lambda node: isinstance(node, nodes.raw) and node.astext().startswith(OPENING))):
        try:
            pair(fold)
        except (ValueError, TypeError, IndexError, AttributeError):
            logger.warning("물음과 보기와 답의 꼴이 다릅니다. 꼴은 book/_ext/quiz에 있습니다.", location=fold)


def add_files(app, config):
    config.html_static_path.append(str(STATIC))


def setup(app):
    app.add_css_file("quiz.css")
    app.add_js_file("quiz.js", loading_method="defer")
    app.connect("config-inited", add_files)
    app.connect("doctree-read", ask)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
