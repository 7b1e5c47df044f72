"""한국어 찾기: 쪽의 글을 절마다 모아 색인을 쓰고, 그것을 읽는 스크립트를 모든 쪽에 단다.

스핑크스의 색인은 띄어쓰기로 자른 어절의 목록이라 조사가 붙은 말, 두 글자 낱말, 띄어쓰기가 다른 말을 놓친다.
여기서는 글을 그대로 두고 브라우저가 그 안을 찾는다. 용어집의 영어와 «다른 이름»도 함께 적는다.
테마의 ``search_as_you_type``은 켜지 않는다: 0.3초를 기다렸다가 스핑크스의 색인에서 찾는다.
"""

import html
import json
import re
import unicodedata
from pathlib import Path

from docutils import nodes
from sphinx.addnodes import desc, desc_signature, glossary

FILES = Path(__file__).with_name("korean_search_site")
INDEX = "korean_search_index.js"
PREFIX = "window.koreanSearchIndex = "
TAG = re.compile(r"<(style|script).*?</\1>|<[^>]+>", re.DOTALL)


def plain(text):
    """찾을 수 있는 글: 한글은 한 꼴(NFC)로, 수식은 읽는 글자만, 빈칸은 하나로."""
    for command, letter in {r"\ell": "ℓ", r"\eta": "η", r"\beta": "β", r"\lambda": "λ"}.items():
        text = text.replace(command, letter)
    return re.sub(r"\\[A-Za-z]+|[\s{}$\\]+", " ", unicodedata.normalize("NFC", text)).strip()


def names(definition):
    """용어집 풀이에 적힌 다른 이름. 첫 문장은 영어 이름이고, 나머지는 «다른 이름: …»에 있다.

    >>> names("power scheduling. 천천히 준다. 다른 이름: 멱함수 스케줄링, 역시간 감쇠(inverse time decay).")
    ['power scheduling', '멱함수 스케줄링', '역시간 감쇠', 'inverse time decay']
    """
    english = [name for name in definition.split(".")[0].split(",") if not re.search("[가-힣]", name)]
    aliases = re.findall(r"다른 이름: ([^.]+)", definition)
    return [name.strip() for name in [*english, *re.split("[,()]", ",".join(aliases))] if name.strip()]


def sections(doctree):
    """문서를 절로 나눈다. 첫 절의 제목이 쪽의 제목이다. 용어집의 용어와 참고 쪽의 이름은 하나하나가 절이다."""
    found = {}

    def owner(node):
        while not isinstance(node, (nodes.section, desc)):
            if isinstance(node, nodes.definition_list_item) and isinstance(node.parent.parent, glossary):
                return node
            node = node.parent
            if node is None:
                return None
        return node

    for block in doctree.findall(lambda node: isinstance(node, (nodes.TextElement, nodes.raw))):
        place = owner(block)
        if place is None or isinstance(block, nodes.comment) or isinstance(block.parent, nodes.TextElement):
            continue
        section = found.setdefault(id(place), {"anchor": "", "title": "", "text": []})
        if isinstance(block, (nodes.title, nodes.term, desc_signature)) and not section["title"]:
            section["title"] = block.get("fullname") or plain(block.astext())
            ids = place["ids"] or block["ids"]
            section["anchor"] = f"#{ids[0]}" if ids and len(found) > 1 else ""
        elif isinstance(block, nodes.raw):
            if block.get("format") == "html":  # 표로 보이는 출력
                section["text"].append(plain(html.unescape(TAG.sub(" ", block.astext()))))
        else:
            section["text"].append(plain(block.astext()))
            if isinstance(place, nodes.definition_list_item):
                section.setdefault("names", []).extend(names(block.astext()))
    return [{**section, "text": " ".join(section["text"]).strip()} for section in found.values()]


def start(app):
    """책을 조판할 때만 색인을 만든다. 다시 쓰지 않는 쪽은 지난번 색인에서 이어받는다."""
    if app.builder.name != "html":
        return
    target = Path(app.outdir) / INDEX
    pages = json.loads(target.read_text(encoding="utf-8").removeprefix(PREFIX)) if target.exists() else {}

    def collect(app, doctree, docname):
        pages[docname] = {"url": app.builder.get_target_uri(docname), "sections": sections(doctree)}

    def write(app, exception):
        if exception is None:
            kept = {name: pages[name] for name in sorted(pages.keys() & app.env.found_docs)}
            target.write_text(PREFIX + json.dumps(kept, ensure_ascii=False), encoding="utf-8")

    app.connect("doctree-resolved", collect)
    app.connect("build-finished", write)
    app.add_js_file("korean_search.js", loading_method="defer")
    app.add_css_file("korean_search.css")


def add_files(app, config):
    config.html_static_path.append(str(FILES / "static"))


def setup(app):
    app.connect("config-inited", add_files)
    app.connect("builder-inited", start)
    return {"parallel_read_safe": True, "parallel_write_safe": False}
