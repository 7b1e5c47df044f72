"""쪽에 놀이터를 둔다: ``{playground} schedules?schedule=constant``.

``?`` 뒤는 처음 값이다. 노트북에서는 ``playground.schedules(schedule="고정")``이다. 글 속의 링크
``[0.3](#schedules?rate=0.3)``을 누르면 놀이터가 그 값으로 바뀐다. 놀이터를 움직이면 쪽의 주소도 그 꼴로 바뀐다.

스크립트는 노트북과 함께 쓰므로 ``src/homl11/static``에 있다. ``_config.yml``의 ``html_static_path``가 그것을
``_static/playground``로 옮긴다. 지시어와 노트북의 출력은 놀이터의 이름이 적힌 빈 자리만 남긴다. 여기서 그 자리를
멈춘 그림으로 채우고, 놀이터가 있는 쪽에만 스크립트를 건다. 자바스크립트가 없으면 그 그림이 남고, 있으면 놀이터로
바뀐다. 그림은 ``python -m authoring.playground``가 놀이터의 첫 모습을 옮겨 둔 것이다.
"""

import html
import re
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.errors import ExtensionError
from sphinx.transforms import SphinxTransform

from authoring.playground import DATA, PLACE, SCRIPTS, digits, named, saved, scripts

LINK = re.compile(r"#\w+\?\S+")


class Playground(Directive):
    """놀이터 하나. 인수는 놀이터의 이름과 처음 값이다."""

    required_arguments = 1

    def run(self):
        name, _, start = self.arguments[0].partition("?")
        start = f' data-start="{html.escape(start)}"' if start else ""
        place = f'<div class="playground" data-playground="{name}"{start}></div>'
        return [nodes.raw("", place, format="html")]


class Links(SphinxTransform):
    """놀이터의 값을 적은 링크를 그대로 둔다. MyST는 그것을 없는 제목으로 여겨 경고한다."""

    default_priority = 870  # myst_parser의 ResolveAnchorIds(879)보다 먼저

    def apply(self, **kwargs):
        for link in self.document.findall(nodes.reference):
            if link.get("id_link") and LINK.fullmatch(link["refuri"]):
                del link["id_link"]
                link["internal"] = True


def fill_places(app, doctree):
    """자리마다 멈춘 그림을 넣는다. 주소가 가리킬 수 있게 id도 단다."""
    for node in doctree.findall(nodes.raw):
        place = PLACE.match(node.astext())
        if place is None:
            continue
        name, picture = place[1], saved(named(place))
        if not picture.exists():
            raise ExtensionError(f"{named(place)}의 그림이 없습니다. python -m authoring.playground를 실행하세요.")
        node["playground"] = name
        text = f"{picture.read_text(encoding='utf-8')}<p>자바스크립트를 켜면 움직인다.</p>"
        node.children = [nodes.Text(f'{place[0][:-1]} id="{name}">\n{text}\n</div>')]
        node["classes"] = []  # 노트북의 출력이면 테마가 어두운 쪽에서 밝은 판을 깐다. 놀이터는 스스로 어두워진다
        # 스크립트만 고쳐도 쪽을 다시 만든다. 만들 쪽이 하나도 없으면 스핑크스는 정적 파일을 옮기지 않는다.
        for path in [picture, SCRIPTS / "playground.css", *(SCRIPTS / f"{script}.js" for script in scripts(name))]:
            app.env.note_dependency(str(path))


def add_scripts(app, pagename, templatename, context, doctree):
    """놀이터가 있는 쪽에만 그 놀이터의 스크립트를 건다."""
    names = {node.get("playground") for node in doctree.findall(nodes.raw)} - {None} if doctree else ()
    if names:
        app.add_css_file("playground/playground.css")
    for script in dict.fromkeys(script for name in sorted(names) for script in scripts(name)):
        # 미루어(defer) 읽으므로 적은 차례대로, 쪽을 다 읽은 뒤에 돈다.
        app.add_js_file(f"playground/{script}.js", loading_method="defer")


def pack_digits(app, exception):
    """훈련이 쓸 숫자를 사이트에 둔다. 쪽은 «훈련»을 눌러야 이것을 받는다."""
    if exception or app.builder.format != "html":
        return
    target = Path(app.outdir) / "_static" / "playground" / "mnist5k.js"
    if not target.exists() or target.stat().st_mtime < DATA.stat().st_mtime:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(digits(), encoding="utf-8")


def setup(app):
    app.add_directive("playground", Playground)
    app.add_transform(Links)
    app.connect("doctree-read", fill_places)
    app.connect("html-page-context", add_scripts)
    app.connect("build-finished", pack_digits)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
