"""노트북으로 슬라이드를 만든다: ``python -m authoring.slides [놓을 폴더] [노트북 이름의 일부 …]``.

노트북에는 아무것도 적지 않는다. 무엇이 슬라이드가 되는지는 규칙이 정한다.

- 제목마다 새 슬라이드이다. 그림과 놀이터, 물음과 접힌 답도 저마다 한 장이다.
- «예상해 보기»의 답은 싣지 않는다. 반이 먼저 걸고, 답은 그 뒤의 수업이 말한다.
- 코드는 «직접 구현»과 «Keras로»에서 함수를 만들거나 케라스를 부르는 셀의 것만 보인다.
- 판정은 문장을 먼저 보이고, 답은 누르면 나온다. 그 뒤의 글과 표는 답을 말하므로 다음 장에 온다.
- 첫 물음 앞의 준비 셀과 «더 읽을거리»는 싣지 않는다.

넘치는 슬라이드를 나누는 일은 ``slides.js``가 한다. 글자가 차지하는 자리는 브라우저만 안다.
"""

import html
import os
import re
import shutil
import sys
from itertools import groupby
from pathlib import Path

import nbformat
import yaml
from nbconvert import SlidesExporter
from pygments.formatters import HtmlFormatter

from authoring import ROOT, notebooks, repository, vendor
from authoring.lesson import FIRST_QUESTION, WITH_CODE, lesson
from authoring.outputs import VERDICT
from authoring.pdf import copy_font, find_fonts
from authoring.playground import SCRIPTS, digits, scripts

OUTPUT = ROOT / "_build" / "slides"
BOOK = ROOT / "_build" / "html"
DOWNLOADS = ROOT / "_build" / "vendor"  # 책에는 담지 않는 것
HERE = Path(__file__).parent
LEFT_OUT = "더 읽을거리"
DETAILS = re.compile(r"^<details[^>]*>\n<summary>(.+?)</summary>\n(.*?)^</details>", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)([\w./-]+)\.(ipynb|md)(#[^)]*)?\)")
TEXT, FIGURE, PLAYGROUND, ANSWERS = "글", "그림", "놀이터", "판정"
ALONE = {FIGURE, PLAYGROUND}


def parts(markdown):
    """글을 제목에서 나눈다: (제목의 깊이, 제목, 글)들. 제목이 없는 첫 글의 깊이는 0이다."""
    found, fenced = [(0, "", [])], False
    for line in markdown.splitlines():
        fenced ^= line.startswith("```")
        heading = None if fenced else re.match(r"(#+) (.+)", line)
        if heading:
            found.append((len(heading[1]), heading[2], []))
        found[-1][2].append(line)
    return [(depth, title, "\n".join(lines).strip()) for depth, title, lines in found if lines]


def verdict(answer, text):
    """판정 한 줄. 답은 누르면 나온다."""
    return f'<li>{html.escape(text)} <b class="fragment">{answer}</b></li>'


def figure(image, labels):
    """설명이 붙은 그림. 설명과 대체 글은 책에 쓰는 것 그대로이다."""
    alt, caption = html.escape(labels["image"]["alt"]), html.escape(labels["figure"]["caption"])
    source = f"data:image/png;base64,{image.strip()}"
    return f'<figure><img src="{source}" alt="{alt}"><figcaption>{caption}</figcaption></figure>'


def shown(cell):
    """셀의 출력을 (종류, HTML)로. 저장된 출력은 nbval이 지킨 것이다. 잇달아 나온 판정은 목록 하나이다."""
    for is_verdict, outputs in groupby(cell.outputs, lambda output: VERDICT in output.get("data", {})):
        if is_verdict:
            items = "".join(verdict(**output.data[VERDICT]) for output in outputs)
            yield ANSWERS, f'<ul class="verdicts">{items}</ul>'
        else:
            yield from (rendered(output, cell) for output in outputs)


def rendered(output, cell):
    """판정이 아닌 출력 하나를 (종류, HTML)로."""
    data = output.get("data", {})
    if output.output_type == "stream":
        return TEXT, f'<pre class="printed">{html.escape(output.text.strip())}</pre>'
    if "image/png" in data:
        return FIGURE, figure(data["image/png"], cell.metadata["mystnb"])
    if 'class="playground"' in data.get("text/html", ""):
        return PLAYGROUND, data["text/html"]
    return TEXT, data.get("text/html") or f'<pre class="printed">{html.escape(data["text/plain"])}</pre>'


class Arrangement:
    """노트북의 셀을 슬라이드로 늘어놓은 것. 슬라이드를 여는 셀에 nbconvert가 읽는 ``slide_type``을 적는다."""

    def __init__(self, notebook, book):
        self.book, self.cells, self.section, self.kind, self.bare = book, [], "", None, False
        self.title = parts(notebook.cells[0].source)[0][1]
        self.asked = False  # 첫 물음 앞의 코드는 준비이다
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                self.add_text(cell.source)
            elif self.asked and self.section != LEFT_OUT:
                self.add_code(cell)

    def add(self, kind, cell, start):
        """``start``가 없으면 앞의 것과 나란히 둘 수 없을 때 새 슬라이드를 연다. 제목만 있는 슬라이드는 채운다."""
        apart = {kind, self.kind} & ALONE or (self.kind == ANSWERS and kind != ANSWERS)
        if start is None and apart and not self.bare:
            start = "subslide"
        cell.metadata["slideshow"] = {"slide_type": start or "-"}
        self.cells.append(cell)
        self.kind, self.bare = kind, False

    def add_text(self, source):
        for depth, title, text in parts(source):
            if depth == 2:
                self.section, self.asked = title, self.asked or title == FIRST_QUESTION
            if self.section == LEFT_OUT:
                continue
            start = {0: None, 1: "slide", 2: "slide"}.get(depth, None if self.bare else "subslide")
            question, *answers = DETAILS.split(LINK.sub(self.target, text))
            if question.strip():
                self.add(TEXT, nbformat.v4.new_markdown_cell(question), start)
                self.bare = depth > 0 and "\n" not in text
            for summary, answer, after in zip(answers[::3], answers[1::3], answers[2::3]):
                if self.section != FIRST_QUESTION:
                    self.add(TEXT, nbformat.v4.new_markdown_cell(f"### {summary}\n{answer}"), "subslide")
                if after.strip():
                    self.add(TEXT, nbformat.v4.new_markdown_cell(f"### {self.section}\n{after}"), "subslide")

    def add_code(self, cell):
        outputs = list(shown(cell))
        drawn = any(kind in ALONE for kind, _ in outputs)
        source = lesson(cell.source) if self.section in WITH_CODE and not drawn else ""
        if source:
            self.add(TEXT, nbformat.v4.new_code_cell(source), None)
        for kind, content in outputs:
            output = nbformat.v4.new_output("display_data", {"text/html": content})
            self.add(kind, nbformat.v4.new_code_cell("", outputs=[output]), None)

    def target(self, link):
        """노트북의 링크는 그 슬라이드로, 책의 쪽은 책으로."""
        name, kind, anchor = Path(link[1]), link[2], link[3] or ""
        return f"]({name.name}.html)" if kind == "ipynb" else f"]({self.book}/book/{name.name}.html{anchor})"

    def scripts(self):
        """놀이터들이 쓰는 스크립트."""
        outputs = [output.data["text/html"] for cell in self.cells for output in cell.get("outputs", [])]
        names = sorted(set(re.findall(r'data-playground="(\w+)"', "".join(outputs))))
        return list(dict.fromkeys(script for name in names for script in scripts(name)))


def deck(path, book):
    """노트북 하나의 슬라이드: (제목, HTML)."""
    text = repository.fill_notebook(path.read_text(encoding="utf-8"), repository.address())
    source = nbformat.reads(text, as_version=4)
    arrangement = Arrangement(source, book)
    notebook = nbformat.v4.new_notebook(cells=arrangement.cells, metadata=source.metadata)
    page = {
        "title": arrangement.title,
        "address": f"{book}/notebooks/{path.stem}.html",
        "scripts": arrangement.scripts(),
    }
    exporter = SlidesExporter(template_file=str(HERE / "slides.html.j2"), exclude_anchor_links=True)
    return arrangement.title, exporter.from_notebook_node(notebook, {"page": page})[0]


def index(titles):
    """슬라이드의 목록. 부의 이름과 차례는 책의 것이다."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    lists = ""
    for part in toc["parts"]:
        names = [Path(chapter["file"]).name for chapter in part["chapters"]]
        items = [f'<li><a href="{name}.html">{html.escape(titles[name])}</a></li>' for name in names if name in titles]
        lists += f"<h2>{html.escape(part['caption'])}</h2><ol>{''.join(items)}</ol>" if items else ""
    return (HERE / "slides_index.html").read_text(encoding="utf-8").replace("{{ lists }}", lists)


def copy_assets(folder):
    """슬라이드가 쓰는 파일. 모두 곁에 두므로 브라우저가 바깥을 부르지 않는다."""
    try:
        packages = {"reveal": vendor.fetch(vendor.REVEAL, DOWNLOADS), "mathjax": vendor.fetch(vendor.MATHJAX)}
    except vendor.Unavailable as reason:
        raise SystemExit(f"슬라이드를 만들지 못했습니다: {reason}. npm을 설치하고 인터넷에 이어 다시 하세요.") from None
    for name, package in {**packages, "playground": SCRIPTS}.items():
        shutil.copytree(package, folder / name, dirs_exist_ok=True)
    (folder / "playground" / "mnist5k.js").write_text(digits(), encoding="utf-8")
    for font in find_fonts():
        copy_font(font, folder)
    highlight = HtmlFormatter(style="a11y-high-contrast-light").get_style_defs(".highlight")
    style = (HERE / "slides.css").read_text(encoding="utf-8")
    (folder / "slides.css").write_text(f"{style}{highlight}\n", encoding="utf-8")
    shutil.copy(HERE / "slides.js", folder)


def way_to_book(folder):
    """슬라이드의 폴더에서 책까지의 길. 책 안에 두어도 곁에 두어도 된다."""
    return Path(os.path.relpath(BOOK, folder)).as_posix()


def main(output=OUTPUT, *patterns):
    output = Path(output).resolve()
    book = way_to_book(output)
    (output / "assets").mkdir(parents=True, exist_ok=True)
    copy_assets(output / "assets")
    titles = {}
    for path in notebooks.select(patterns):
        titles[path.stem], text = deck(path, book)
        (output / f"{path.stem}.html").write_text(text, encoding="utf-8")
    (output / "index.html").write_text(index(titles), encoding="utf-8")
    print(f"슬라이드가 완성되었습니다. 브라우저로 여세요: {output / 'index.html'}")


if __name__ == "__main__":
    main(*sys.argv[1:])
