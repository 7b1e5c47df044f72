"""슬라이드를 만들어 파일로 열고, 넘기고, 인쇄한다."""

import os
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from pypdf import PdfReader

from authoring import NOTEBOOKS, ROOT
from authoring.slides import BOOK

SIZE = {"width": 1280, "height": 720}
NAMES = sorted(path.stem for path in NOTEBOOKS.glob("[0-9]*.ipynb"))
FULL = "05_one_cycle"  # 놀이터, 표, 수식, 상자가 모두 있다. 나머지는 make test-all이 연다
each_deck = pytest.mark.parametrize(
    "name", [name if name == FULL else pytest.param(name, marks=pytest.mark.slow) for name in NAMES]
)
# 슬라이드를 하나씩 넘기며 그 밖으로 나간 것을 모은다. SVG와 수식은 바깥 상자만 본다.
OVER = """() => Reveal.getSlides().flatMap((slide, number) => {
    const { h, v } = Reveal.getIndices(slide);
    Reveal.slide(h, v, 99);
    const edge = slide.getBoundingClientRect();
    return [...slide.querySelectorAll("*")]
        .filter((node) => !node.parentElement.closest("svg, mjx-container") && node.checkVisibility())
        .filter((node) => {
            const box = node.getBoundingClientRect();
            return box.right > edge.left + 1281 || box.bottom > edge.top + 721 || box.left < edge.left - 1;
        })
        .map((node) => `${number + 1}: ${node.tagName} ${node.textContent.trim().slice(0, 40)}`);
})"""
PIECES = "li, p, pre, figure, table, tbody tr, h1, h2, h3"
# 나눈 뒤의 것. 머리말과 이어지는 표는 나누면서 붙인 것이다.
CONTENT = """(pieces) => [...document.querySelectorAll(`.page :is(${pieces}):not(.running, .continued)`)]
    .filter((node) => !node.closest(".playground")).map((node) => node.tagName.toLowerCase())"""
COUNTS = "() => [...document.querySelectorAll('.page')].map((page) => page.querySelectorAll('li, p, pre, tr').length)"


@pytest.fixture(scope="module")
def slides(tmp_path_factory):
    """``make slides``의 명령이 남긴 폴더. npm에 닿지 않으면 까닭을 말하고 건너뛰지만, CI에서는 실패한다."""
    folder = tmp_path_factory.mktemp("slides")
    command = [sys.executable, "-m", "authoring.slides", folder]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if "슬라이드를 만들지 못했습니다" in result.stderr:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(result.stderr)
    assert result.returncode == 0, result.stdout + result.stderr[-3000:]
    return folder


@pytest.fixture(scope="module")
def opened(browser, slides):
    """슬라이드 한 벌을 파일로 열어 준다. 바깥으로 나간 요청과 오류가 ``troubles``에 모인다."""
    pages = []

    def opened(name, query=""):
        page = browser.new_page(viewport=SIZE, locale="ko-KR")
        pages.append(page)
        page.troubles = []
        page.on("pageerror", lambda error: page.troubles.append(str(error)))
        page.on("requestfailed", lambda request: page.troubles.append(request.url))
        page.route(lambda url: not url.startswith(("file:", "data:")), lambda route: route.abort())
        page.goto((slides / f"{name}.html").as_uri() + query)
        page.wait_for_function("window.Reveal?.isReady()")
        return page

    yield opened
    for page in pages:
        page.close()


@each_deck
def test_deck_opens_alone_loses_nothing_and_fits(opened, slides, name):
    page = opened(name)
    assert page.troubles == []
    soup = BeautifulSoup((slides / f"{name}.html").read_text(encoding="utf-8"), "html.parser")
    written = soup.select(f".slides :is({PIECES})")
    expected = Counter(node.name for node in written if not node.find_parent(class_="playground"))
    assert Counter(page.evaluate(CONTENT, PIECES)) == expected and expected["figure"]
    assert page.evaluate(OVER) == []


@each_deck
def test_playground_lives_and_fits_whatever_is_chosen(opened, name):
    page = opened(name)
    for root in page.locator(".playground").all():
        stack = root.locator("xpath=ancestor::section[1]")
        stack.evaluate("slide => Reveal.slide(...Object.values(Reveal.getIndices(slide)).slice(0, 2))")
        picture, slider = root.locator(".pg-charts"), root.locator("input[type=range]:visible").first
        seen = {picture.inner_html()}
        for key in ("Home", "End"):  # 처음부터 한쪽 끝에 있는 놀이터도 있다
            slider.press(key)
            seen.add(picture.inner_html())
        assert len(seen) > 1
        assert stack.evaluate("slide => slide === Reveal.getCurrentSlide()")  # 슬라이더의 키가 슬라이드를 넘기지 않는다
        for choice in root.locator("input[type=radio]:visible").all():
            choice.check()
            assert page.evaluate(OVER) == []
            stack.evaluate("slide => Reveal.slide(...Object.values(Reveal.getIndices(slide)).slice(0, 2))")


def test_word_of_the_text_sets_the_playground_and_stays_on_its_slide(opened):
    page = opened(FULL)
    word = page.locator("a[href='#schedules?max_rate=1']")
    root = page.locator(".playground[data-playground=schedules]")
    word.evaluate("node => Reveal.slide(...Object.values(Reveal.getIndices(node.closest('section'))).slice(0, 2))")
    address = page.url
    word.click()
    assert root.evaluate("root => [root.playground.values.schedule, root.playground.values.max_rate]") == [
        "one_cycle",
        1,
    ]
    assert page.url == address and word.is_visible()


def test_formula_and_korean_font_come_from_the_side(opened):
    page = opened(FULL)
    assert page.evaluate("document.fonts.check('700 1em Slides', '가')")
    assert page.locator("mjx-container").count() > 5 and "$" not in page.locator(".slides").inner_text()


class LateFonts(SimpleHTTPRequestHandler):
    def do_GET(self):
        if self.path.endswith((".ttf", ".woff")):
            time.sleep(0.5)
        super().do_GET()

    def log_message(self, *args):
        pass


def test_fonts_that_come_late_move_nothing(opened, slides, browser):
    """넘치는지 재기 전에 글꼴이 와 있어야 한다. 수식의 글꼴까지 그렇다."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(LateFonts, directory=slides)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page = browser.new_page(viewport=SIZE)
        page.goto(f"http://127.0.0.1:{server.server_port}/{FULL}.html")
        page.wait_for_function("window.Reveal?.isReady()")
        late = page.evaluate(COUNTS)
        page.close()
        server.shutdown()
    assert late == opened(FULL).evaluate(COUNTS)


def test_class_bets_before_the_answer_appears(opened):
    page = opened(FULL)
    sentence = page.locator(".verdicts li").first
    sentence.evaluate("node => Reveal.slide(...Object.values(Reveal.getIndices(node.closest('section'))).slice(0, 2))")
    answer = sentence.locator("b")
    assert sentence.is_visible() and not answer.is_visible()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("answer => getComputedStyle(answer).visibility === 'visible'", arg=answer.element_handle())
    assert re.fullmatch("예|아니오", answer.inner_text())


def test_arrow_walks_through_every_slide(opened):
    page = opened(FULL)
    seen = [page.evaluate("Reveal.getSlidePastCount()")]
    while not page.evaluate("Reveal.isLastSlide()"):
        page.evaluate("Reveal.next()")
        seen.append(page.evaluate("Reveal.getSlidePastCount()"))
    assert sorted(set(seen)) == list(range(page.evaluate("Reveal.getTotalSlides()")))


def test_interface_speaks_korean(opened):
    page = opened(FULL)
    labels = page.eval_on_selector_all("[aria-label]", "nodes => nodes.map(node => node.getAttribute('aria-label'))")
    shown = page.eval_on_selector_all(".navigate-left, .navigate-right", "nodes => nodes.map(node => node.ariaLabel)")
    assert len(shown) == 2 and set(shown) <= set(labels)
    assert all(re.search("[가-힣]", text) for text in [*shown, page.locator(".pause-overlay").text_content()])
    assert page.locator("html").get_attribute("lang") == "ko"


def test_axe_finds_nothing(opened, slides, violations):
    page = opened(FULL)
    for selector in ("h1", "table", ".playground", "figure"):
        node = page.locator(selector).first
        node.evaluate("node => Reveal.slide(...Object.values(Reveal.getIndices(node.closest('section'))).slice(0, 2))")
        assert violations(page) == []
    page.goto((slides / "index.html").as_uri())
    assert violations(page) == []


def test_printed_deck_has_a_page_for_each_slide(opened, tmp_path):
    total = opened(FULL).evaluate("Reveal.getTotalSlides()")
    page = opened(FULL, "?print-pdf")
    page.locator(".pdf-page").nth(total - 1).wait_for(state="attached")
    page.pdf(path=tmp_path / "deck.pdf", prefer_css_page_size=True, print_background=True)
    texts = [sheet.extract_text() for sheet in PdfReader(tmp_path / "deck.pdf").pages]
    assert len(texts) == total and all(re.search("[가-힣]", text) for text in texts)
    assert any("아니오" in text for text in texts)  # 종이에는 누를 것이 없으므로 답까지 찍힌다


def test_index_lists_every_deck_in_the_order_of_the_book(slides):
    soup = BeautifulSoup((slides / "index.html").read_text(encoding="utf-8"), "html.parser")
    assert [link["href"].removesuffix(".html") for link in soup.select("ol a")] == NAMES


def test_every_link_leads_to_a_deck_or_a_page_of_the_book(slides, site):
    for name in NAMES:
        soup = BeautifulSoup((slides / f"{name}.html").read_text(encoding="utf-8"), "html.parser")
        links = [link["href"].partition("#")[0] for link in soup.select("a[href]") if "//" not in link["href"]]
        assert links
        for link in links:
            target = Path(os.path.normpath(slides / link))
            inside = target.is_relative_to(BOOK)
            assert (site / target.relative_to(BOOK) if inside else target).exists(), (name, link)
