"""모든 쪽을 진짜 브라우저로 한 번씩 연다: 바깥을 부르지 않고, 오류가 없고, 누구나 읽을 수 있고, 가벼운가."""

import gzip
import re
from base64 import b64decode
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import matplotlib.pyplot as plt
import numpy as np
import pytest
from bs4 import BeautifulSoup

from homl11.data import load_dataset
from homl11.plots import use_korean_font

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 800}
COLOURS = ["color-contrast", "link-in-text-block"]  # 밝기를 바꾸면 색만 달라진다
INTERFACE = """() => [
    ...[...document.querySelectorAll("[title], [aria-label], [data-tooltip]")]
        .filter(element => !element.closest("article") || element.matches(".headerlink, .copybtn"))
        .flatMap(element => ["title", "aria-label", "data-tooltip"].map(key => element.getAttribute(key))),
    ...[...document.querySelectorAll("#pst-skip-link, #pst-back-to-top")].map(element => element.textContent),
].filter(Boolean)"""

# 글이 제 칸에 들어가는가, 읽을 만큼 큰가, 조사가 낱말과 같은 줄에 있는가. 접힌 답도 펴서 본다.
FAULTS = r"""() => {
    const article = document.querySelector("article") ?? document.createElement("article");
    const faults = [];
    const report = (what, element) => faults.push(`${what}: ${element.textContent.trim().slice(0, 60)}`);
    article.querySelectorAll("details").forEach(details => details.open = true);

    const boxes = "p, li, div.math, mjx-container[display], div.highlight pre, .cell_output pre";
    for (const element of article.querySelectorAll(boxes))
        if (element.scrollWidth > element.clientWidth + 1) report("넘친다", element);
    for (const name of article.querySelectorAll("table code .pre"))
        if (/^\w+$/.test(name.textContent) && name.getClientRects().length > 1) report("갈라진다", name);
    for (const table of article.querySelectorAll("table"))
        if (table.offsetWidth > table.parentElement.clientWidth + 1) report("넘친다", table);

    const place = (node, at) => {
        const range = document.createRange();
        range.setStart(node, at);
        range.setEnd(node, at + 1);
        return range.getBoundingClientRect();
    };
    const texts = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
    for (let node; (node = texts.nextNode());) {
        const parent = node.parentElement;
        if (!node.data.trim() || !parent.offsetParent || parent.closest("mjx-container, svg, button")) continue;
        if (parseFloat(getComputedStyle(parent).fontSize) < 12) report("작다", parent);
        if (parent.closest("pre, code")) continue;
        for (const { index } of node.data.matchAll(/\)(?=[가-힣])/g))
            if (place(node, index + 1).top >= place(node, index).bottom) report("갈라진다", parent);
        const formula = node.previousSibling?.querySelector?.("mjx-container");
        if (formula && /^[가-힣]/.test(node.data) && place(node, 0).top >= formula.getBoundingClientRect().bottom)
            report("갈라진다", parent);
    }
    return faults;
}"""
# 줄을 바꾸지 않으면 칸을 넘는 코드. 책상에서는 노트북의 코드가 한 줄에 들어간다.
HIDDEN_CODE = """() => [...document.querySelectorAll("article .cell_input pre")].filter(pre => {
    pre.style.whiteSpace = "pre";
    const wide = pre.scrollWidth > pre.clientWidth + 1;
    pre.style.whiteSpace = "";
    return wide;
}).map(pre => pre.innerText)"""
# 노트북의 그림이 저장된 크기의 몇 배로 보이는가
FIGURE_SCALES = """() => [...document.querySelectorAll("article .cell_output figure img")]
    .map(image => image.getBoundingClientRect().width / image.naturalWidth)"""
SEARCH_ICON = """() => {
    const place = name => document.querySelector(`.bd-search-container ${name}`).getBoundingClientRect();
    return place("input").left - place(".fa-magnifying-glass").right;
}"""


@dataclass
class Visit:
    """한 쪽을 열었을 때 브라우저에서 일어난 일."""

    outside: list = field(default_factory=list)
    errors: list = field(default_factory=list)
    failed: list = field(default_factory=list)
    requests: list = field(default_factory=list)
    first_view: set = field(default_factory=set)
    light: list = field(default_factory=list)
    dark: list = field(default_factory=list)
    interface: list = field(default_factory=list)
    hidden_code: list = field(default_factory=list)
    phone_width: int = 0
    faults: list = field(default_factory=list)
    figure_scales: list = field(default_factory=list)
    formulas: int = 0


@pytest.fixture(scope="module")
def visits(new_page, address, pages, violations):
    """쪽 → 방문. 쪽마다 캐시가 빈 새 창에서 열고, 그 자리에서 어둡게 바꾸고, 끝으로 전화기의 너비로 줄인다."""
    return {
        name: watched(new_page(viewport=DESK, reduced_motion="reduce"), name, address, violations)
        for name in [*pages, "search"]
    }


def watched(page, name, address, violations):
    visit = Visit()
    page.on("request", lambda request: note_request(visit, request.url, address))
    page.on("pageerror", lambda error: visit.errors.append(str(error)))
    page.on("requestfailed", lambda request: visit.failed.append(request.url))
    page.on("response", lambda answer: visit.failed.append(answer.url) if answer.status >= 400 else None)
    page.goto(f"/{name}.html" + ("?q=학습률" if name == "search" else ""))
    page.evaluate("window.MathJax?.startup?.promise")
    page.evaluate("document.fonts.ready.then(() => {})")
    visit.formulas = page.locator(".math").count()
    visit.first_view = {unquote(urlsplit(url).path).lstrip("/") for url in visit.requests}
    visit.light = violations(page)
    visit.interface = page.evaluate(INTERFACE)
    visit.hidden_code = page.evaluate(HIDDEN_CODE)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function("document.documentElement.dataset.theme === 'dark'")
    visit.dark = violations(page, runOnly=COLOURS)
    page.set_viewport_size(PHONE)
    visit.phone_width = page.evaluate("document.documentElement.scrollWidth")
    visit.faults = page.evaluate(FAULTS)
    visit.figure_scales = page.evaluate(FIGURE_SCALES)
    page.context.close()
    return visit


@pytest.fixture(scope="module")
def figure_text():
    """노트북의 그림에 저장된 글자의 크기(픽셀)."""
    with plt.rc_context():
        use_korean_font()
        return plt.rcParams["font.size"] / 72 * plt.rcParams["figure.dpi"]


def note_request(visit, url, address):
    if not url.startswith(("data:", "blob:")):
        (visit.requests if url.startswith(address) else visit.outside).append(url)


def test_nothing_comes_from_an_outside_host(visits):
    assert not {name: visit.outside for name, visit in visits.items() if visit.outside}


def test_no_page_raises_an_error(visits):
    assert not {name: visit.errors for name, visit in visits.items() if visit.errors}


def test_no_request_fails(visits):
    assert not {name: visit.failed for name, visit in visits.items() if visit.failed}


def test_formulas_are_drawn_from_the_site(visits):
    files = visits["notebooks/01_power"].first_view
    assert "_static/vendor/mathjax/es5/tex-chtml.js" in files
    assert any(name.endswith("MathJax_Math-Italic.woff") for name in files)  # 스크립트가 글꼴까지 제자리에서 찾았다


def test_only_pages_with_formulas_load_the_script_that_draws_them(visits):
    loading = {name for name, visit in visits.items() if any("mathjax" in file for file in visit.first_view)}
    assert loading == {name for name, visit in visits.items() if visit.formulas}
    assert len(loading) < len(visits)


def test_page_loads_little_of_the_hangul_font(visits, site):
    def loaded(visit):
        return sum((site / file).stat().st_size for file in visit.first_view if "Pretendard" in file)

    sizes = {name: loaded(visit) for name, visit in visits.items()}
    assert all(sizes.values()) and not {name: size for name, size in sizes.items() if size >= 300_000}


@pytest.mark.parametrize("selector", ["h1", "p", "pre", "th", "mjx-utext"])
def test_hangul_is_drawn_in_the_font_that_comes_with_the_site(page, selector):
    """컴퓨터에 한글 글꼴이 있든 없든. 굵은 제목도, 코드의 주석도, 식 안의 글도."""
    page.goto("/notebooks/07_overfitting.html")
    page.locator("mjx-utext").first.wait_for()
    page.evaluate("document.querySelectorAll('article details').forEach(fold => { fold.open = true; })")
    page.evaluate("document.fonts.ready.then(() => {})")
    session = page.context.new_cdp_session(page)
    for command in ("DOM.enable", "CSS.enable"):
        session.send(command)
    root = session.send("DOM.getDocument")["root"]["nodeId"]
    place = session.send("DOM.querySelector", {"nodeId": root, "selector": f"article {selector}"})
    fonts = session.send("CSS.getPlatformFontsForNode", place)["fonts"]
    drawn = sum(font["glyphCount"] for font in fonts if font["familyName"] == "Pretendard" and font["isCustomFont"])
    hangul = len(re.findall("[가-힣]", page.locator(f"article {selector}").first.inner_text()))
    assert drawn >= hangul > 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(visits, scheme):
    assert not {name: getattr(visit, scheme) for name, visit in visits.items() if getattr(visit, scheme)}


def test_no_page_scrolls_sideways_on_a_phone(visits):
    assert not {name: visit.phone_width for name, visit in visits.items() if visit.phone_width > PHONE["width"]}


def test_phone_shows_whole_tables_and_sentences_in_a_readable_size(visits):
    assert not {name: visit.faults for name, visit in visits.items() if visit.faults}


def test_phone_shows_text_inside_figures_in_a_readable_size(visits, figure_text):
    """그림의 글자는 그림과 함께 줄어든다. 넓은 그림을 그리면 여기서 걸린다."""
    sizes = {name: figure_text * min(visit.figure_scales) for name, visit in visits.items() if visit.figure_scales}
    assert len(sizes) > 13 and not {name: size for name, size in sizes.items() if size < 10.5}


def test_code_fits_without_scrolling(visits):
    assert not {name: visit.hidden_code for name, visit in visits.items() if visit.hidden_code}


def test_first_page_opens_with_a_picture_and_leads_to_the_first_lesson(site):
    page = parsed(site / "book" / "index.html")
    first = next(element for element in page.select("article p, article .playground") if element.name != "script")
    assert first["data-playground"] == "race" and first.select("svg")
    digits = page.select_one("article img.digits")
    assert digits["src"].startswith("data:image/png;base64,") and digits["alt"]
    assert page.select_one("a.right-next")["href"] == "scheduling.html"


def test_digits_of_the_first_page_are_those_of_the_data(site):
    source = parsed(site / "book" / "index.html").select_one("article img.digits")["src"]
    shown = plt.imread(BytesIO(b64decode(source.partition(",")[2])), format="png")[..., 0]
    data = load_dataset()
    images = [image for split in (data.train, data.valid, data.test) for image in zip(split.y, split.x)]
    for digit, drawn in enumerate(np.split(shown, 10, axis=1)):
        assert any(label == digit and np.allclose(image, drawn, atol=1 / 255) for label, image in images)


def test_search_icon_stands_beside_the_words(page):
    page.goto("/search.html")
    assert page.evaluate(SEARCH_ICON) >= 0


def test_first_view_of_a_notebook_is_light(visits, site):
    def served(path):
        """압축해 내어 줄 때의 크기. 그림과 글꼴은 이미 압축되어 있다."""
        packed = path.suffix in {".png", ".woff", ".woff2"}
        return len(path.read_bytes() if packed else gzip.compress(path.read_bytes()))

    for name, visit in visits.items():
        if name.startswith("notebooks/"):
            files = [site / path for path in visit.first_view]
            assert sum(map(served, files)) < 1_500_000, name
            assert sum(served(path) for path in files if path.suffix == ".js") < 400_000, name


@cache
def parsed(path):
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def test_every_internal_link_and_anchor_resolves(site, pages):
    broken = []
    for name in [*pages, "search", "genindex", "index"]:
        for element in parsed(site / f"{name}.html").select("[href], [src]"):
            link = urlsplit(element.get("href") or element.get("src") or "#")
            if link.scheme or link.netloc:
                continue
            target = Path(site / unquote(urljoin(f"{name}.html", link.path)))
            if not target.is_file():
                broken.append(f"{name} → {link.geturl()}")
            # 놀이터로 가는 링크에는 «?» 뒤에 값이 있다.
            elif link.fragment and not parsed(target).find(id=unquote(link.fragment.partition("?")[0])):
                broken.append(f"{name} → {link.geturl()}")
    assert not broken


def test_interface_speaks_korean(visits):
    english = {word for visit in visits.values() for word in visit.interface if not re.search("[가-힣]", word)}
    assert not english
