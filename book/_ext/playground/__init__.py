"""쪽에 놀이터를 둔다: ``{playground} schedules``, 노트북에서는 ``playground.schedules()``.

스크립트는 노트북과 함께 쓰므로 ``src/homl11/static``에 있다. ``_config.yml``의 ``html_static_path``가 그것을
``_static/playground``로 옮긴다. 지시어와 노트북의 출력은 놀이터의 이름이 적힌 빈 자리만 남긴다. 여기서 그 자리를
멈춘 그림으로 채우고, 놀이터가 있는 쪽에만 스크립트를 건다. 자바스크립트가 없으면 그 그림이 남고, 있으면 놀이터로
바뀐다. 그림은 ``python -m authoring.playground``가 놀이터의 첫 모습을 옮겨 둔 것이다.
"""

import re
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import Directive, directives

PICTURES = Path(__file__).parent
SCRIPTS = Path(__file__).parents[3] / "src" / "homl11" / "static" / "playground"
NAMES = sorted(path.stem for path in PICTURES.glob("*.html"))
OPENING = '<div class="playground" data-playground="{name}">'
PLACE = re.compile(OPENING.format(name=r"(\w+)"))


class Playground(Directive):
    """놀이터 하나. 인수는 놀이터의 이름이다."""

    required_arguments = 1

    def run(self):
        name = directives.choice(self.arguments[0], NAMES)
        return [nodes.raw("", OPENING.format(name=name) + "</div>", format="html")]


def fill_places(app, doctree):
    """자리마다 멈춘 그림을 넣는다."""
    for node in doctree.findall(nodes.raw):
        place = PLACE.match(node.astext())
        if place is None:
            continue
        name = node["playground"] = place[1]
        picture = PICTURES / f"{name}.html"
        text = f"{picture.read_text(encoding='utf-8')}<p>자바스크립트를 켜면 움직인다.</p>"
        node.children = [nodes.Text(f"{place[0]}\n{text}\n</div>")]
        node["classes"] = []  # 노트북의 출력이면 테마가 어두운 쪽에서 밝은 판을 깐다. 놀이터는 스스로 어두워진다
        # 스크립트만 고쳐도 쪽을 다시 만든다. 만들 쪽이 하나도 없으면 스핑크스는 정적 파일을 옮기지 않는다.
        for path in [picture, SCRIPTS / "playground.css", SCRIPTS / "common.js", SCRIPTS / f"{name}.js"]:
            app.env.note_dependency(str(path))


def add_scripts(app, pagename, templatename, context, doctree):
    """놀이터가 있는 쪽에만 그 놀이터의 스크립트를 건다."""
    names = {node.get("playground") for node in doctree.findall(nodes.raw)} - {None} if doctree else ()
    if names:
        app.add_css_file("playground/playground.css")
    for name in ["common", *sorted(names)] if names else ():
        # 미루어(defer) 읽으므로 적은 차례대로, 쪽을 다 읽은 뒤에 돈다.
        app.add_js_file(f"playground/{name}.js", loading_method="defer")


def setup(app):
    app.add_directive("playground", Playground)
    app.connect("doctree-read", fill_places)
    app.connect("html-page-context", add_scripts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
