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
from sphinx.addnodes import desc, desc_signature, glossary, toctree

FILES = Path(__file__).with_name("korean_search_site")
INDEX = "korean_search_index.js"
PREFIX = "window.koreanSearchIndex = "
GREEK = dict(
    zip(
        "alpha beta gamma delta epsilon varepsilon eta theta lambda mu nu pi rho sigma tau phi psi omega".split(),
        "αβγδεεηθλμνπρστφψω",
    ),
    Delta="Δ",
    Sigma="Σ",
    Phi="Φ",
    Omega="Ω",
    sum="Σ",
    ell="ℓ",
)
COMMAND = re.compile(r"\\([A-Za-z]+)")
BADGES = "GPU는 필요 없다"  # 노트북의 첫 줄: Colab의 링크, 걸리는 시간
PLAYGROUND = "data-playground="  # 놀이터의 눈금과 슬라이더는 글이 아니다
TAG = re.compile(r"<(style|script).*?</\1>|<[^>]+>", re.DOTALL)


def plain(text):
    """찾을 수 있는 글: 한글은 한 꼴(NFC)로, 수식은 읽는 글자만, 빈칸은 하나로."""
    text = COMMAND.sub(lambda match: GREEK.get(match[1], " "), text)
    text = re.sub(r"[{}]", "", text.replace("}{", " "))
    return re.sub(r"[\s$\\]+", " ", unicodedata.normalize("NFC", text)).strip()


def names(definition):
    """용어집 풀이에 적힌 다른 이름. 첫 문장은 영어 이름이고, 나머지는 «다른 이름: …»에 있다.

    >>> names("power scheduling. 천천히 준다. 다른 이름: 멱함수 스케줄링, 역시간 감쇠(inverse time decay).")
    ['power scheduling', '멱함수 스케줄링', '역시간 감쇠', 'inverse time decay']
    """
    english = [name for name in definition.split(".")[0].split(",") if not re.search("[가-힣]", name)]
    aliases = re.findall(r"다른 이름: ([^.]+)", definition)
    return [name.strip() for name in [*english, *re.split("[,()]", ",".join(aliases))] if name.strip()]


def sections(doctree, numbers):
    """문서를 절로 나눈다. 첫 절의 제목이 쪽의 제목이다. 용어집의 용어, 참고 쪽의 이름, 그림과 표는 하나하나가 절이다.

    코드와 출력은 ``rest``에 따로 둔다. 찾을 수는 있지만 찾은 자리를 보일 때는 글을 먼저 보인다.
    ``numbers``: 그림과 표의 id → «그림 3»과 같은 이름.
    """
    found = {}

    def owner(node):
        while not isinstance(node, (nodes.section, desc)):
            if isinstance(node, nodes.definition_list_item) and isinstance(node.parent.parent, glossary):
                return node
            if numbers.get((node["ids"] or [None])[0]) and isinstance(node, (nodes.figure, nodes.table)):
                return node
            node = node.parent
            if node is None:
                return None
        return node

    for block in doctree.findall(lambda node: isinstance(node, (nodes.TextElement, nodes.raw))):
        place = owner(block)
        if place is None or isinstance(block, nodes.comment) or isinstance(block.parent, nodes.TextElement):
            continue
        section = found.setdefault(id(place), {"anchor": "", "title": "", "text": [], "rest": []})
        if isinstance(place, (nodes.figure, nodes.table)):
            section.update(anchor=f"#{place['ids'][0]}", title=numbers[place["ids"][0]])
        if isinstance(block, nodes.math_block):
            section["formula"] = True
        if isinstance(block, (nodes.title, nodes.term, desc_signature)) and not section["title"]:
            section["title"] = block.get("fullname") or plain(block.astext())
            ids = place["ids"] or block["ids"]
            section["anchor"] = f"#{ids[0]}" if ids and len(found) > 1 else ""
        elif isinstance(block, nodes.raw):
            if block.get("format") == "html" and PLAYGROUND not in block.astext():  # 표로 보이는 출력
                section["rest"].append(plain(html.unescape(TAG.sub(" ", block.astext()))))
        elif isinstance(block, nodes.FixedTextElement) and not isinstance(block, nodes.math_block):
            section["rest"] += map(plain, block.astext().splitlines())
        elif BADGES in block.astext():
            section["rest"].append(plain(block.astext()))
        else:
            section["text"].append(plain(block.astext()))
            if isinstance(place, nodes.definition_list_item):
                section.setdefault("names", []).extend(names(block.astext()))
    for section in found.values():
        section["text"] = " ".join(section["text"]).strip()
        section["rest"] = "\n".join(filter(None, section["rest"]))
    return list(found.values())


def numbered(app, docname):
    """그림과 표의 id → 책에 보이는 이름."""
    return {
        anchor: app.config.numfig_format[kind] % ".".join(map(str, number))
        for kind, ids in app.env.toc_fignumbers.get(docname, {}).items()
        for anchor, number in ids.items()
    }


def part_of(app, docname):
    """부의 첫 쪽이면 부의 제목. 부의 이름으로 찾아도 그 쪽이 나온다."""
    root = app.env.get_doctree(app.config.root_doc)
    first = {tree["entries"][0][1]: tree.get("caption") for tree in root.findall(toctree) if tree["entries"]}
    return first.get(docname) or ""


def start(app):
    """책을 조판할 때만 색인을 만든다. 다시 쓰지 않는 쪽은 지난번 색인에서 이어받는다."""
    if app.builder.name != "html":
        return
    target = Path(app.outdir) / INDEX
    pages = json.loads(target.read_text(encoding="utf-8").removeprefix(PREFIX)) if target.exists() else {}

    def collect(app, doctree, docname):
        pages[docname] = {
            "url": app.builder.get_target_uri(docname),
            "part": part_of(app, docname),
            "sections": sections(doctree, numbered(app, docname)),
        }

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
