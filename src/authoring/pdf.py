"""책 전체를 PDF 하나로 만든다: ``python -m authoring.pdf [놓을 폴더]``.

스핑크스가 모든 쪽을 한 쪽으로 잇고(singlehtml), 크로뮴이 그것을 인쇄한다. 사이트와 다른 폴더에서 만든다.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import yaml
from bs4 import BeautifulSoup
from fontTools.ttLib import TTFont
from playwright.sync_api import sync_playwright
from pypdf import PdfReader

from authoring import ROOT, vendor

OUTPUT = ROOT / "_build" / "pdf"
NAME = "book.pdf"
STYLE = Path(__file__).with_suffix(".css")
PATIENCE = 600_000  # 밀리초. 바쁜 기계에서 느린 것이 아니라 멈춘 것만 잡는다
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FOOTER = '<div style="width: 100%; font-size: 8pt; text-align: center"><span class="pageNumber"></span></div>'


def find_browser():
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        raise SystemExit("PDF를 인쇄할 브라우저가 없습니다. apt install chromium 으로 설치하세요.")
    return path


def find_fonts():
    """나눔고딕 파일들. 그림에 쓰는 것과 같은 글꼴이므로 어느 기계에서 만들어도 같은 PDF가 된다."""
    spec = importlib.util.find_spec("koreanize_matplotlib")
    folder = Path(spec and spec.origin or "").parent / "fonts"
    paths = [folder / name for name in ("NanumGothic.ttf", "NanumGothicBold.ttf")]
    if not all(path.exists() for path in paths):
        raise SystemExit(
            "한글 글꼴이 없습니다. "
            ".venv/bin/pip install --force-reinstall --no-deps koreanize-matplotlib 으로 설치하세요."
        )
    return paths


def copy_font(path, folder):
    """글꼴을 두 군데 고쳐 옮긴다.

    브라우저가 물리치는 빈 표(TSI)를 뺀다. 빈칸과 글자꼴을 나누어 쓰는 제어 문자도 뺀다.
    두면 PDF에서 베낀 글의 빈칸이 그 문자가 된다.
    """
    with TTFont(path) as font:
        for tag in [tag for tag in font.keys() if tag.startswith("TSI")]:
            del font[tag]
        for table in font["cmap"].tables:
            table.cmap = {code: glyph for code, glyph in table.cmap.items() if code >= ord(" ")}
        font.save(folder / path.name)


def build(output):
    """모든 쪽을 이은 HTML을 만들어 그 폴더를 돌려준다."""
    jupyter_book = Path(sys.executable).with_name("jupyter-book")
    command = [jupyter_book, "build", ".", "-q", "--builder", "singlehtml", "--path-output", output]
    result = subprocess.run(command, cwd=ROOT, env={**os.environ, "NO_COLOR": "1"}, capture_output=True, text=True)
    folder = output / "_build" / "singlehtml"
    if result.returncode != 0:
        raise SystemExit(f"책을 잇지 못했습니다.\n{result.stdout[-3000:]}{result.stderr[-3000:]}")
    return folder


def separate(article, references):
    """쪽마다 되풀이되는 id(``id1`` 등)를 쪽의 이름으로 나누고, 그것을 가리키는 링크를 고친다."""
    counts = Counter(element["id"] for element in article.find_all(id=True))
    page, moved = "", {}
    for element in article.find_all(id=True):
        name = element["id"]
        if name.startswith("document-"):
            page = name
        elif counts[name] > 1:
            element["id"] = moved[page, name] = f"{page.removeprefix('document-')}/{name}"
    page = ""
    for element in article.find_all(["span", "a"]):
        if element.get("id", "").startswith("document-"):
            page = element["id"]
        elif "#" in element.get("href", "") and "//" not in element["href"]:
            # 스핑크스는 다른 쪽의 id를 가리키는 링크에서 쪽의 이름을 버린다. 되풀이되는 것은 참고 문헌뿐이다.
            file, name = element["href"].split("#", 1)
            element["href"] = "#" + moved.get((references if file else page, name), name)


def add_front(soup, article, config, toc):
    """표지와 차례를 앞에, 부의 제목을 그 첫 장의 앞에 둔다. 차례의 쪽수는 인쇄해 본 뒤에 채운다."""
    front = f'<header class="cover"><p>{config["title"]}</p><p>{config["author"]}</p></header>'
    front += '<nav class="book-contents"><p>차례</p>'
    for part in toc["parts"]:
        front += f"<p>{part['caption']}</p><ol>"
        for position, chapter in enumerate(part["chapters"]):
            anchor = f"document-{chapter['file']}"
            place = article.find(id=anchor)
            heading = place.find_next("h2")
            heading.parent["class"] = [*heading.parent.get("class", []), "chapter"]
            heading.insert_before(place.extract())  # 밖에 두면 앞 장의 끝을 가리킨다
            if position == 0:
                title = soup.new_tag("h1", attrs={"class": "part"})
                title.string = part["caption"]
                heading.insert_before(title)
            front += f'<li><a href="#{anchor}">{heading.decode_contents()}</a><span data-page="{anchor}"></span></li>'
        front += "</ol>"
    article.insert(0, BeautifulSoup(front + "</nav>", "html.parser"))


def compose(html, config, toc):
    """인쇄할 HTML. 글과 수식만 남긴다: 스크립트가 없으므로 놀이터에는 멈춘 그림이 남고 단추는 생기지 않는다."""
    soup = BeautifulSoup(html, "html.parser")
    article = soup.select_one("article.bd-article").extract()
    soup.html["data-theme"] = "light"  # 색은 이 속성이 고른다. 그것을 바꾸는 테마의 스크립트(data-cfasync)는 뺀다
    soup.body.clear()
    soup.body.append(article)
    scripts = soup.select('script[src]:not([src*="mathjax"]), script[data-cfasync]')
    for useless in [*article.select("a.headerlink"), *scripts]:
        useless.decompose()
    for link in article.select('a.download, a[href^="#"][href*="?"]'):
        link.unwrap()  # 내려받을 파일은 책 옆에 없고, 놀이터를 움직이는 낱말은 종이에서 누를 수 없다
    for details in article.find_all("details"):
        details["open"] = ""
    separate(article, "document-book/references")
    add_front(soup, article, config, toc)
    style = soup.new_tag("style")
    style.string = STYLE.read_text(encoding="utf-8")
    soup.head.append(style)
    return str(soup)


def print_pdf(page, path):
    page.pdf(
        path=path,
        format="A4",
        margin={"top": "18mm", "bottom": "20mm", "left": "18mm", "right": "18mm"},
        print_background=True,
        display_header_footer=True,
        header_template="<span></span>",
        footer_template=FOOTER,
        outline=True,
        tagged=True,
    )


def page_numbers(path):
    """링크가 가리키는 곳마다 그 쪽수."""
    reader = PdfReader(path)
    return {
        name.lstrip("/"): reader.get_destination_page_number(place) + 1
        for name, place in reader.named_destinations.items()
    }


def render(source, target, browser_path):
    """두 번 인쇄한다: 한 번은 쪽수를 알려고, 한 번은 그것을 차례에 적으려고."""
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=browser_path, args=arguments, timeout=PATIENCE)
        page = browser.new_page(color_scheme="light")
        page.set_default_timeout(PATIENCE)
        page.goto(source.as_uri(), wait_until="load")
        # load는 스크립트를 모두 읽거나 읽지 못한 뒤에 온다.
        if page.evaluate("Boolean(window.MathJax?.startup?.promise)"):
            page.evaluate("MathJax.startup.promise.then(() => {})")
        else:
            print("수식을 조판하는 MathJax를 읽지 못해 수식이 원래 글자로 남습니다. 인터넷에 이어 다시 해 보세요.")
        draft = source.with_suffix(".pdf")
        print_pdf(page, draft)
        page.evaluate(
            """numbers => document.querySelectorAll("[data-page]").forEach(
                 place => place.textContent = numbers[place.dataset.page])""",
            page_numbers(draft),
        )
        print_pdf(page, target)
        browser.close()


def main(output=OUTPUT):
    browser_path, fonts = find_browser(), find_fonts()
    print("1/3 쪽을 하나로 잇습니다.", flush=True)
    vendor.main()
    folder = build(output)
    print("2/3 표지와 차례를 붙입니다.", flush=True)
    config, toc = (yaml.safe_load((ROOT / name).read_text(encoding="utf-8")) for name in ("_config.yml", "_toc.yml"))
    html = (folder / f"{toc['root']}.html").read_text(encoding="utf-8")
    for font in fonts:
        copy_font(font, folder)
    # 그림의 주소는 맨 위 폴더에서 시작하므로 거기에 둔다.
    source, target = folder / "all.html", output / NAME
    source.write_text(compose(html, config, toc), encoding="utf-8")
    print("3/3 인쇄합니다.", flush=True)
    render(source, target, browser_path)
    print(f"PDF가 완성되었습니다: {target}")


if __name__ == "__main__":
    main(*(Path(folder).resolve() for folder in sys.argv[1:]))
