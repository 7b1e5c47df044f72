"""읽는 사람에게 글이 먼저 보이고, 근거는 한 번 누르면 닿는가."""

import pytest
from bs4 import BeautifulSoup

from authoring import claims
from homl11.significance import EQUAL, HIGHER, LOWER

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 800}
LESSONS = [page for page in claims.pages() if page.startswith("notebooks/")]
# 보이는 코드의 높이. 접힌 것도 높이를 말하므로 보이는지 따로 묻는다.
CODE_HEIGHT = """() => [...document.querySelectorAll(".bd-article .cell_input .highlight")]
    .filter(code => code.checkVisibility())
    .reduce((sum, code) => sum + code.getBoundingClientRect().height, 0)"""
CODE_ABOVE = """() => {
    const title = [...document.querySelectorAll("h2")].find(title => title.textContent.startsWith("예상해 보기"));
    const first = title.parentElement.querySelector("p").getBoundingClientRect().top;
    return [...document.querySelectorAll(".bd-article .highlight, .bd-article .output pre")]
        .filter(code => code.checkVisibility() && code.getBoundingClientRect().top < first).length;
}"""


@pytest.fixture(scope="module")
def soups(site):
    return {
        page: BeautifulSoup((site / f"{page}.html").read_text(encoding="utf-8"), "html.parser")
        for page in claims.pages()
    }


def alternative_texts(page):
    """그림의 대체 글에 적힌 문장들. 쪽에 글로 보이지 않는다."""
    if not page.startswith("notebooks/"):
        return set()
    figures = [cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "") for cell in claims.notebook(page).cells]
    return {sentence for text in figures for sentence in claims.split(text)}


@pytest.mark.parametrize("page", claims.pages())
def test_every_sentence_backed_by_a_verdict_leads_to_it(soups, page):
    expected = {}
    for check, sentences in claims.ledger().get(page, {}).items():
        for sentence in set(sentences) - alternative_texts(page):
            expected.setdefault(sentence, []).extend(claims.verdicts_behind(page, check))
    expected = [[line for *_, line in found] for found in expected.values() if found]
    marks = soups[page].select("a.backed")
    assert sorted(mark["title"].split("\n") for mark in marks) == sorted(expected)
    assert all(mark.text == "✔" for mark in marks)
    for mark in marks:
        address, _, anchor = mark["href"].partition("#")
        other = f"notebooks/{address.split('/')[-1].removesuffix('.html')}" if address else page
        line = soups[other].find(id=anchor)
        answer, _, text = mark["title"].split("\n")[0].partition(": ")
        assert line.find(role="img")["aria-label"] == answer and text in line.text


@pytest.mark.parametrize("page", LESSONS)
def test_every_verdict_of_the_notebook_is_in_the_page_with_its_mark(soups, page):
    lines = soups[page].select("ul.verdicts > li")
    said = [f"{line.find(role='img')['aria-label']}: {' '.join(line.text.split())}" for line in lines]
    assert len(lines) == len(claims.judged(page)) > 10
    for sentence, expected in zip(said, claims.judged(page)):
        answer, _, text = expected.partition(": ")
        mark = "✔" if answer in ("예", HIGHER, LOWER, EQUAL) else "✘"
        assert sentence.startswith(f"{answer}: {mark} {' '.join(text.split())}")


@pytest.mark.parametrize("page", LESSONS)
def test_reader_meets_the_lesson_first_and_opens_all_code_with_one_press(new_page, page):
    view = new_page(viewport=DESK)
    view.goto(f"/{page}.html")
    switch = view.get_by_role("group", name="코드를 얼마나 볼지")
    read, code = switch.get_by_role("button", name="읽기"), switch.get_by_role("button", name="코드까지")
    assert read.get_attribute("aria-pressed") == "true" and view.evaluate(CODE_ABOVE) == 0
    folded = view.evaluate(CODE_HEIGHT)
    code.click()
    assert code.get_attribute("aria-pressed") == "true" and read.get_attribute("aria-pressed") == "false"
    assert view.locator("details.fold:not([open])").count() == 0
    assert 0 < folded <= 0.4 * view.evaluate(CODE_HEIGHT)
    view.context.close()


def test_choice_is_remembered_on_the_next_page(page):
    page.goto(f"/{LESSONS[0]}.html")
    page.get_by_role("button", name="코드까지").click()
    page.goto(f"/{LESSONS[1]}.html")
    assert page.get_by_role("button", name="코드까지").get_attribute("aria-pressed") == "true"
    assert page.locator("details.fold:not([open])").count() == 0
    page.get_by_role("button", name="읽기").click()
    page.reload()
    assert page.locator("details.fold[open]").count() == 0


@pytest.mark.parametrize("start", ["notebooks/09_dropout", "book/decision"])
def test_mark_opens_the_verdict_behind_its_sentence(page, start):
    page.set_viewport_size(PHONE)
    page.goto(f"/{start}.html")
    mark = page.locator("a.backed").last
    line = mark.get_attribute("title").splitlines()[0].partition(": ")[2]
    mark.click()
    verdict = page.locator("li:target")
    verdict.wait_for(state="visible")
    assert line in verdict.inner_text()
    box = verdict.bounding_box()
    assert 0 <= box["y"] < PHONE["height"]


def test_without_script_everything_is_there_folded(browser, address):
    context = browser.new_context(base_url=address, java_script_enabled=False)
    view = context.new_page()
    view.goto("/notebooks/09_dropout.html")
    assert view.locator(".reading-switch").count() == 0
    fold = view.locator("details.fold").filter(has_text="어떻게 확인했나").first
    assert not fold.locator(".highlight").first.is_visible()
    fold.locator("summary").click()
    assert fold.locator(".highlight").first.is_visible()
    context.close()


def test_browser_that_keeps_nothing_still_switches(page):
    page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('막혔다'); } })")
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"/{LESSONS[0]}.html")
    page.get_by_role("button", name="코드까지").click()
    assert page.locator("details.fold:not([open])").count() == 0
    assert not [error for error in errors if "evidence" in error]
