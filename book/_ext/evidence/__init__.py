"""읽기와 근거: 글을 앞에 두고, 근거는 한 번 누르면 닿는 곳에 둔다.

노트북의 셀은 그대로이다. 책에서만 자리를 옮긴다.

- 가르치는 코드는 펼쳐 둔다. «직접 구현»과 «Keras로»에서 함수를 만들거나 케라스를 부르는 셀이다(슬라이드와 같다).
- 나머지는 접는다: 준비하는 코드, 그림을 그린 코드, 그리고 판정과 그것을 구한 코드. 그림과 표는 펼쳐 둔다.
- 주장 장부(``book/claims.yml``)에 적힌 문장의 끝에는 ✔를 단다. 누르면 그 문장을 지키는 판정이 펼쳐진다.

쪽 맨 위의 «읽기 / 코드까지»는 static/evidence.js가 만든다. 스크립트가 없어도 접힌 것은 하나씩 펼쳐진다.
"""

import html
import re
from pathlib import Path

from docutils import nodes

from authoring import claims
from authoring.lesson import FIRST_QUESTION, WITH_CODE, checks, teaches

STATIC = Path(__file__).with_name("static")
PREPARED, DRAWN, OPENED, CHECKED, RUN = "준비", "그림을 그린 코드", "놀이터를 연 코드", "어떻게 확인했나", "실행한 코드"
VERDICT = '<div class="homl11-verdict">'
SIGNS = ("✔", "✘")


class fold(nodes.General, nodes.Element):
    """접힌 코드."""


class backed(nodes.Inline, nodes.Element):
    """문장 끝의 ✔. 글이 아니므로 찾기와 용어 풀이가 읽지 않는다."""


def visit_fold(self, node):
    tally = "".join(f' <span class="tally">{sign} {count}</span>' for sign, count in node["tally"] if count)
    self.body.append(f'<details class="fold"><summary>{node["label"]}{tally}</summary>\n')


def depart_fold(self, node):
    self.body.append("</details>\n")


def visit_backed(self, node):
    if self.builder.name != "html":  # 책을 한 쪽으로 이어 인쇄할 때
        self.body.append('<span class="backed">✔</span>')
        raise nodes.SkipNode
    page, number = node["place"]
    address = self.builder.get_relative_uri(node["page"], page) if page != node["page"] else ""
    told = html.escape("\n".join(node["lines"]))
    attributes = f'href="{address}#verdict-{number}" title="{told}" aria-label="근거: {told}"'
    self.body.append(f'<a class="backed" {attributes}>✔</a>')
    raise nodes.SkipNode


def is_cell(node):
    return isinstance(node, nodes.container) and node.get("nb_element") == "cell_code"


def part(cell, kind):
    return next((child for child in cell.children if child.get("nb_element") == kind), None)


def sign_of(output):
    """출력이 판정이면 ``(기호, 줄의 HTML)``."""
    raw = next(iter(output.findall(lambda node: isinstance(node, nodes.raw) and node["format"] == "html")), None)
    if raw is None or not raw.astext().startswith(VERDICT):
        return None
    line = re.sub(
        r' style="[^"]*"', "", raw.astext().removeprefix(VERDICT).removesuffix("</div>")
    )  # 색은 책의 것을 쓴다
    return next(sign for sign in SIGNS if sign in line), line


class Verdicts:
    """쪽의 판정에 차례로 번호를 매긴다. 번호는 ``claims.judged``의 차례와 같다."""

    def __init__(self):
        self.count = 0

    def listed(self, outputs):
        """잇달아 나온 판정을 목록 하나로."""
        items = ""
        for sign, line in outputs:
            kind = "holds" if sign == SIGNS[0] else "fails"
            items += f'<li id="verdict-{self.count}" class="{kind}">{line}</li>'
            self.count += 1
        return nodes.raw("", f'<ul class="verdicts">{items}</ul>', format="html")


def split_outputs(cell, verdicts):
    """셀의 출력을 (판정의 기호들, 판정의 목록, 나머지)로 나눈다. 판정이 없으면 목록도 없다."""
    output = part(cell, "cell_code_output")
    children = output.children if output else []
    found = [sign_of(child) for child in children]
    judged = list(filter(None, found))
    rest = [child for child, sign in zip(children, found) if not sign]
    return [sign for sign, _ in judged], [verdicts.listed(judged)] if judged else [], rest


def shown(cell, children):
    """펼쳐 둘 출력. 모양은 셀의 것이다."""
    if not children:
        return []
    output, wrapper = part(cell, "cell_code_output").copy(), cell.copy()
    output += children
    wrapper += output
    return [wrapper]


def picture(children):
    """그림이나 놀이터를 내놓은 코드이면 접을 때의 이름, 아니면 ``None``."""
    if any(isinstance(child, nodes.figure) for child in children):
        return DRAWN
    raws = [raw.astext() for child in children for raw in child.findall(nodes.raw)]
    return OPENED if any(raw.startswith('<div class="playground"') for raw in raws) else None


class Arranger:
    """잇달아 놓인 셀들을 펼칠 것과 접을 것으로 다시 놓는다. 판정은 모아 두었다가 한 번에 접는다."""

    def __init__(self, section, asked, verdicts):
        self.section, self.asked, self.verdicts = section, asked, verdicts
        self.placed, self.held, self.signs, self.judged = [], [], [], False

    def fold(self, label, children, signs=()):
        tally = [(sign, signs.count(sign)) for sign in SIGNS if sign in signs]
        self.placed.append(fold("", *children, label=label, tally=tally))

    def close(self):
        """모아 둔 것을 접는다."""
        if self.held:
            label = PREPARED if not self.asked else CHECKED if self.judged else RUN
            self.fold(label, self.held, self.signs)
        self.held, self.signs, self.judged = [], [], False

    def add(self, cell):
        source = part(cell, "cell_code_source")
        text = source.astext()
        signs, lists, rest = split_outputs(cell, self.verdicts)
        visible, drawn = shown(cell, rest), picture(rest)
        if self.asked and drawn:
            self.close()
            self.placed += visible
            self.fold(drawn, [source, *lists], signs)
        elif self.asked and self.section in WITH_CODE and teaches(text) and not checks(text):
            self.close()
            cell.children = [source]
            self.placed += [cell, *lists, *visible]
        elif not self.asked and not drawn:
            self.held += [source, *visible]
        else:
            self.placed += visible
            self.held += [source, *lists]
            self.signs += signs
            self.judged |= bool(lists or rest)

    def done(self):
        self.close()
        return self.placed


def arrange(app, doctree):
    """노트북의 쪽마다 코드를 다시 놓는다."""
    if not app.env.docname.startswith("notebooks/"):
        return
    verdicts, asked = Verdicts(), False
    # 절은 겹쳐 있다. 바깥 절의 셀은 모두 안쪽 절보다 앞에 있으므로 판정의 번호가 노트북의 차례와 같다.
    for section in list(doctree.findall(nodes.section)):
        title = section.next_node(nodes.title).astext()
        top = section
        while isinstance(top.parent, nodes.section) and isinstance(top.parent.parent, nodes.section):
            top = top.parent
        asked = asked or title == FIRST_QUESTION
        children, arranger = [], None
        for child in section.children:
            if is_cell(child):
                arranger = arranger or Arranger(top.next_node(nodes.title).astext(), asked, verdicts)
                arranger.add(child)
                continue
            children += arranger.done() if arranger else []
            arranger = None
            children.append(child)
        section.children = []
        section += children + (arranger.done() if arranger else [])


def leaves(element):
    """문단의 글과 그것을 적은 노드를 차례로. 글의 꼴은 ``claims.plain``과 같다."""
    for child in element.children:
        if isinstance(child, nodes.Text):
            yield child, child.astext().replace("\n", " ")
        elif isinstance(child, nodes.math):
            yield child, f"${child.astext()}$"
        elif isinstance(child, nodes.literal):
            yield child, child.astext()
        else:
            yield from leaves(child)


def put(element, sentence, mark):
    """``element``에 문장이 있으면 그 끝에 ``mark``를 단다."""
    found = list(leaves(element))
    end = "".join(text for _, text in found).find(sentence) + len(sentence)
    if end < len(sentence):
        return False
    for node, text in found:
        if end > len(text):
            end -= len(text)
            continue
        if isinstance(node, nodes.Text) and end < len(text):
            node.parent.replace(node, [nodes.Text(node[:end]), mark, nodes.Text(node[end:])])
            return True
        while node.parent is not element and node.parent.children[-1] is node:
            node = node.parent  # 굵은 글로 끝나는 문장의 ✔는 굵은 글의 밖에 단다
        node.parent.insert(node.parent.index(node) + 1, mark)
        return True
    return False


def back(app, doctree):
    """장부에 적힌 문장마다, 그것을 지키는 판정으로 가는 ✔를 단다."""
    page = app.env.docname
    behind = {}
    for check, sentences in claims.ledger().get(page, {}).items():
        if found := claims.verdicts_behind(page, check):
            for sentence in sentences:
                behind.setdefault(sentence, []).extend(found)
    app.env.note_dependency("book/claims.yml")
    blocks = [node for node in doctree.findall(lambda node: isinstance(node, (nodes.paragraph, nodes.caption)))]
    for sentence, found in behind.items():
        for other, _, _ in found:
            app.env.note_dependency(f"{other}.ipynb")
        mark = backed(place=found[0][:2], lines=[line for _, _, line in found], page=page)
        next((block for block in blocks if put(block, sentence, mark)), None)


def add_files(app, config):
    config.html_static_path.append(str(STATIC))


def add_switch(app, pagename, templatename, context, doctree):
    if doctree and any(doctree.findall(lambda node: isinstance(node, (fold, backed)))):
        app.add_js_file("evidence.js", loading_method="defer")


def setup(app):
    app.add_node(fold, html=(visit_fold, depart_fold))
    app.add_node(backed, html=(visit_backed, None))
    app.add_css_file("evidence.css")
    app.connect("config-inited", add_files)
    app.connect("doctree-read", arrange)
    app.connect("doctree-read", back)
    app.connect("html-page-context", add_switch)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
