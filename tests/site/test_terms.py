"""용어 풀이를 브라우저에서 본다: 마우스, 키보드, 손가락으로 뜨고 사라지는가, 화면을 벗어나지 않는가."""

import re
from contextlib import contextmanager
from urllib.parse import unquote

import pytest
from bs4 import BeautifulSoup

PAGE = "/notebooks/08_l1_l2.html"
# 용어집 자신, 목록뿐인 쪽, 용어가 나오지 않는 쪽
WITHOUT_PROSE = {"book/glossary", "book/references", "book/own_exercises"}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@contextmanager
def opened(new_page, **options):
    page = new_page(reduced_motion="reduce", **options)
    page.goto(PAGE)
    yield page
    page.context.close()


@pytest.fixture
def desk(new_page):
    with opened(new_page, viewport={"width": 1280, "height": 800}) as page:
        yield page


@pytest.fixture
def phone(new_page):
    with opened(new_page, **PHONE) as page:
        yield page


def term(page, name="규제 강도"):
    return page.locator("a.glossary-term", has_text=re.compile(f"^{name}$"))


def tip(page):
    return page.locator(".glossary-tip")


def shown(page):
    tip(page).wait_for(state="visible")
    return tip(page).inner_text()


def hidden(page):
    tip(page).wait_for(state="hidden")
    return True


def test_every_page_of_prose_marks_each_term_once(site, pages):
    for name in pages:
        page = BeautifulSoup((site / f"{name}.html").read_text(encoding="utf-8"), "html.parser")
        links = page.select("a.glossary-term")
        assert bool(links) == (name not in WITHOUT_PROSE), name
        targets = [link["href"] for link in links]
        assert len(targets) == len(set(targets)), name
        assert not page.select(":is(h1, h2, h3, h4, code, pre, a, figcaption, .math, details) a.glossary-term"), name
        tips = {element["id"]: element for element in page.select(".glossary-tips > div")}
        assert tips.keys() == {link["aria-describedby"] for link in links}, name
        for tip in tips.values():
            assert tip.get_text(strip=True) and "다른 이름" not in tip.get_text()


def test_longest_term_is_marked(site):
    """이 쪽에는 «학습률»과 «학습률 범위 테스트»가 다 나온다."""
    page = BeautifulSoup((site / "notebooks/00_learning_rate.html").read_text(encoding="utf-8"), "html.parser")
    names = [link.get_text() for link in page.select("a.glossary-term")]
    assert {"학습률", "학습률 범위 테스트"} <= set(names)
    for link in page.select("a.glossary-term"):
        assert link.get_text() != "학습률" or not str(link.next_sibling).startswith(" 범위 테스트")


def test_hover_shows_and_the_tip_can_be_entered(desk):
    term(desk).hover()
    assert "벌점에 곱하는 수" in shown(desk)
    tip(desk).hover()
    desk.wait_for_timeout(500)  # 풀이 위에 있는 동안은 사라지지 않는다
    assert tip(desk).is_visible()
    desk.mouse.move(5, 5)
    assert hidden(desk)


def test_escape_hides_without_moving_the_mouse(desk):
    term(desk).hover()
    shown(desk)
    desk.keyboard.press("Escape")
    assert hidden(desk)


def test_keyboard_focus_shows_and_enter_follows(desk):
    term(desk, "벌점").focus()
    desk.keyboard.press("Tab")
    desk.keyboard.press("Shift+Tab")
    assert "규제가 손실에 더하는 값" in shown(desk)
    desk.keyboard.press("Escape")
    assert hidden(desk) and term(desk, "벌점").evaluate("element => element === document.activeElement")
    desk.keyboard.press("Tab")
    assert "예측이 얼마나 틀렸는지" in shown(desk)  # 풀이 안의 링크를 거치지 않고 다음 용어로 간다
    desk.keyboard.press("Enter")
    desk.wait_for_url("**/book/glossary.html#*")


def test_focus_elsewhere_hides(desk):
    term(desk, "벌점").focus()
    desk.keyboard.press("Tab")
    shown(desk)
    desk.get_by_role("link", name="Colab에서 열기").focus()
    assert hidden(desk)


def test_screen_reader_gets_the_definition(desk):
    described = desk.evaluate(
        "name => document.getElementById([...document.querySelectorAll('a.glossary-term')]"
        ".find(link => link.textContent === name).getAttribute('aria-describedby')).textContent",
        "규제 강도",
    )
    assert "벌점에 곱하는 수" in described


def test_first_tap_shows_and_second_follows(phone):
    term(phone).tap()
    assert "벌점에 곱하는 수" in shown(phone) and phone.url.endswith(PAGE)
    phone.locator("article h2").first.tap()
    assert hidden(phone) and phone.url.endswith(PAGE)
    term(phone).tap()
    shown(phone)
    term(phone).tap()
    phone.wait_for_url("**/book/glossary.html#*")


def test_another_term_can_be_tapped_while_a_tip_is_open(phone):
    term(phone, "벌점").tap()
    assert "규제가 손실에 더하는 값" in shown(phone)
    term(phone, "ℓ2 규제").tap()
    assert "ridge" in shown(phone) and phone.url.endswith(PAGE)


def test_link_in_the_tip_leads_to_the_entry(phone):
    term(phone).tap()
    shown(phone)
    target = term(phone).get_attribute("href").rsplit("#", 1)[1]
    tip(phone).get_by_role("link", name="용어집에서 보기").tap()
    phone.wait_for_url(lambda url: unquote(url).endswith(f"/book/glossary.html#{target}"))


def test_tips_stay_inside_a_phone(phone):
    terms = phone.locator("article a.glossary-term")
    for index in range(terms.count()):
        terms.nth(index).tap()
        text = shown(phone)
        box = tip(phone).bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 390, text
        assert box["y"] >= 0 and box["y"] + box["height"] <= 844, text
    assert index > 5
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_an_open_tip(desk, violations, scheme):
    desk.emulate_media(color_scheme=scheme)
    desk.wait_for_function("scheme => document.documentElement.dataset.theme === scheme", arg=scheme)
    term(desk).hover()
    shown(desk)
    assert violations(desk) == []
