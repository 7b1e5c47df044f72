"""용어 풀이: 쪽마다 용어집의 용어가 글에 처음 나온 곳을 용어집으로 잇고, 그 자리에서 풀이를 보인다.

글쓴이는 아무것도 적지 않는다. 용어집에 있는 이름만 잇고 «다른 이름»은 잇지 않는다: «반복»은 여느 낱말이기도 하다.
풀이는 쪽에 숨은 글로 들어 있어 화면 읽기 프로그램이 읽고, 스크립트(static/glossary_tips.js)가 눈에 보인다.

이미 있는 확장(sphinx-tippy, sphinx-hoverxref)은 바깥의 서버를 부르고, 적어 둔 링크에만 풀이를 단다.
"""

import re
from itertools import groupby
from pathlib import Path

from docutils import nodes
from sphinx.addnodes import glossary, pending_xref

STATIC = Path(__file__).with_name("static")
ALIASES = re.compile(r"\s*다른 이름: .*", re.DOTALL)
# 용어 뒤에 붙어도 같은 말인 것: 조사와 «이다». «배치한다», «초기화하다» 같은 움직씨는 다른 말일 수 있어 잇지 않는다.
PARTICLES = re.compile(
    "(?:은|는|이|가|을|를|의|에|에서|에게|로|으로|와|과|도|만|뿐|나|이나|까지|부터|마다|보다|처럼|만큼|대로|들|별|당"
    "|이?(?:다|며|고|라|란|라는|라고|면|지만|므로))*"
)
# 흐르는 글이 아닌 것. 첫 줄은 문단을 품고, 나머지는 문단 속에 있다. 표의 칸은 글이다: 두 쪽은 거의 표로 되어 있다.
NOT_PROSE = (
    *(nodes.thead, nodes.citation, nodes.footnote, nodes.legend),
    *(nodes.literal, nodes.math, nodes.raw, nodes.reference),
)
TIPS = '<div class="glossary-tips" hidden>{}</div>'
TIP = '<div id="tip-{}">{}</div>'


class glossary_term(nodes.inline):
    """용어집으로 가는 링크. ``reference``가 아니므로 본문의 링크를 찾는 코드(쪽의 소개 등)가 글로 여긴다."""


def visit(self, node):
    description = {"aria-describedby": f"tip-{node['anchor']}"}
    self.body.append(self.starttag(node, "a", "", CLASS="glossary-term", href=node["target"], **description))


def depart(self, node):
    self.body.append("</a>")


def explanation(app, definition):
    """풀이의 HTML. 다른 이름은 찾는 사람을 위한 것이라 뺀다."""
    definition = definition.deepcopy()
    for reference in list(definition.findall(pending_xref)):
        reference.replace_self(reference.children)
    for text in list(definition.findall(nodes.Text)):
        if ALIASES.search(text):
            text.parent.replace(text, nodes.Text(ALIASES.sub("", text)))
    return "".join(app.builder.render_partial(child)["fragment"] for child in definition.children)


def read_terms(app, env):
    """용어 → (쪽, 앵커, 풀이). 지난번과 달라졌으면 모든 쪽을 다시 쓰게 한다."""
    if app.builder.name != "html":
        return []
    objects = env.get_domain("std").objects.items()
    terms = {}
    for docname in sorted({docname for (kind, _), (docname, _) in objects if kind == "term"}):
        for item in env.get_doctree(docname).findall(nodes.definition_list_item):
            if isinstance(item.parent.parent, glossary):
                tip = explanation(app, item.next_node(nodes.definition))
                for term in item.findall(nodes.term):
                    terms[term.astext()] = docname, term["ids"][0], tip
    changed = terms != getattr(env, "glossary_tips", None)
    env.glossary_tips = terms
    return sorted(env.found_docs) if changed else []


def join_lines(element):
    """줄마다 나뉜 글을 하나로 잇는다. 용어가 두 줄에 걸쳐 있을 수 있다."""
    children = []
    for is_text, group in groupby(element.children, lambda child: isinstance(child, nodes.Text)):
        run = list(group)
        children += [nodes.Text("".join(run))] if is_text else run
    element[:] = children


def prose(doctree):
    """문단의 글을 차례대로. 접힌 답(``<details>``)은 뺀다: 거기서 처음 나오면 보이지 않는다."""
    folded = 0
    for node in list(doctree.findall(lambda node: isinstance(node, (nodes.raw, nodes.paragraph)))):
        if isinstance(node, nodes.raw):
            folded += node.astext().count("<details") - node.astext().count("</details")
        elif not folded:
            for element in node.findall(nodes.TextElement):
                join_lines(element)
            yield from list(node.findall(nodes.Text))


def is_prose(text):
    node = text.parent
    while node and not isinstance(node, NOT_PROSE):
        node = node.parent
    return not node


def mark(app, doctree, docname):
    """용어마다 처음 나온 곳을 링크로 바꾼다. 긴 용어가 먼저이다: «학습률 범위 테스트» 안의 «학습률»은 잇지 않는다."""
    terms = getattr(app.env, "glossary_tips", {})
    if app.builder.name != "html" or not terms or any(place == docname for place, _, _ in terms.values()):
        return
    names = "|".join(re.escape(name).replace(r"\ ", r"\s+") for name in sorted(terms, key=len, reverse=True))
    pattern = re.compile(rf"(?<![\w-])({names})(\w*)")
    left = set(terms)
    for text in filter(is_prose, prose(doctree)):
        parts, end = [], 0
        for found in pattern.finditer(text):
            name = " ".join(found[1].split())
            if name not in left or not PARTICLES.fullmatch(found[2]):
                continue
            left.remove(name)
            place, anchor, _ = terms[name]
            target = f"{app.builder.get_relative_uri(docname, place)}#{anchor}"
            parts += [nodes.Text(text[end : found.start()]), glossary_term("", found[1], target=target, anchor=anchor)]
            end = found.end(1)
        if parts:
            text.parent.replace(text, [*parts, nodes.Text(text[end:])])


def add_tips(app, pagename, templatename, context, doctree):
    """쪽에 있는 용어의 풀이를 본문 끝에 숨겨 둔다."""
    used = {node["anchor"] for node in doctree.findall(glossary_term)} if doctree else ()
    if used:
        tips = {anchor: tip for _, anchor, tip in app.env.glossary_tips.values() if anchor in used}
        context["body"] += TIPS.format("".join(TIP.format(*item) for item in tips.items()))
        app.add_js_file("glossary_tips.js", loading_method="defer")


def add_files(app, config):
    config.html_static_path.append(str(STATIC))


def setup(app):
    app.add_node(glossary_term, html=(visit, depart))
    app.add_css_file("glossary_tips.css")
    app.connect("config-inited", add_files)
    app.connect("env-updated", read_terms)
    app.connect("doctree-resolved", mark)
    app.connect("html-page-context", add_tips)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
