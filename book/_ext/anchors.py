"""읽을 수 있는 앵커: 제목과 용어의 자리를 ``#id7``이 아니라 ``#학습-목표``로 부른다.

docutils는 한글을 모두 버리고 번호를 붙인다. 그러면 앞에 절이 하나 끼어들 때마다 뒤의 링크가 모두 딴 곳을 가리킨다.
이름은 MyST가 링크를 찾을 때 쓰는 것(slug)과 같아서, 글쓴이가 적는 ``쪽.md#학습-목표``와 주소창의 것이 같다.
"""

import re

from docutils import nodes
from myst_parser.mdit_to_docutils.base import default_slugify
from sphinx import addnodes
from sphinx.transforms import SphinxTransform

NUMBERED = re.compile(r"id\d+|term-\d+")


class ReadableAnchors(SphinxTransform):
    default_priority = 10  # 링크를 찾고 차례를 만들기 전에

    def apply(self, **_):
        for section in self.document.findall(nodes.section):
            self.rename(section, section.get("slug") or default_slugify(section.next_node(nodes.title).astext()))
        for term in self.document.findall(nodes.term):
            if isinstance(term.parent.parent.parent, addnodes.glossary):
                self.rename_term(term)

    def rename(self, node, anchor):
        """번호뿐인 이름을 바꾼다. 글쓴이가 붙인 이름과 로마자 제목의 이름은 그대로 둔다.

        모든 쪽을 한 쪽으로 이을 때(PDF)는 쪽의 이름을 앞에 붙인다. 같은 제목이 쪽마다 있기 때문이다.
        """
        ids, old = self.document.ids, node["ids"][0]
        if self.app.builder.name == "singlehtml":
            anchor = f"{self.env.docname}/{anchor}"
        elif not NUMBERED.fullmatch(old):
            return
        if not anchor or anchor in ids:
            return
        node["ids"][0] = anchor
        ids[anchor] = ids.pop(old)
        names = self.document.nameids
        names.update({name: anchor for name, one in names.items() if one == old})
        slugs = getattr(self.document, "myst_slugs", {})
        slugs.update({slug: (line, anchor, text) for slug, (line, one, text) in slugs.items() if one == old})

    def rename_term(self, term):
        self.rename(term, f"term-{default_slugify(term.astext())}")
        for index in term.findall(addnodes.index):  # 찾아보기의 링크
            index["entries"] = [(kind, text, term["ids"][0], *rest) for kind, text, _, *rest in index["entries"]]
        domain = self.env.domains["std"]
        place = self.env.docname, term["ids"][0]
        domain.objects["term", term.astext()] = domain._terms[term.astext().lower()] = place


def setup(app):
    app.add_transform(ReadableAnchors)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
