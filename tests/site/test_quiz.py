"""물음마다 정하기 전에는 답이 보이지 않고, 정하면 내 답이 바른 답과 나란히 보이는가."""

import subprocess
import sys
from pathlib import Path

import pytest

from authoring import ROOT, claims

LESSONS = [page for page in claims.pages() if page.startswith("notebooks/")]
PHONE = {"width": 390, "height": 844}
SECTIONS = ("예상해 보기", "확인 문제")


def answer(quiz):
    return quiz.locator("xpath=following-sibling::details[1]")


def commit(quiz, choice):
    quiz.locator("label").nth(choice).locator("input").check()
    quiz.get_by_role("button", name="이걸로 정한다").click()


def words(locator):
    return " ".join(locator.text_content().split())


@pytest.mark.parametrize("page", LESSONS)
def test_answer_comes_after_the_commitment_with_a_word_on_the_mistake(new_page, page):
    view = new_page(viewport=PHONE)
    view.goto(f"/{page}.html")
    for section in SECTIONS:
        assert view.locator(f"section:has(> h2:text('{section}')) fieldset.quiz").count()
    quizzes = view.locator("fieldset.quiz").all()
    for number, quiz in enumerate(quizzes):
        fold, labels = answer(quiz), quiz.locator("label")
        assert not fold.is_visible() and quiz.get_by_role("button", name="이걸로 정한다").is_disabled()
        chosen = number % labels.count()
        commit(quiz, chosen)
        # 쪽이 짝지은 바른 보기가 답의 첫 글과 같은가.
        assert fold.is_visible() and words(quiz.locator("label.right")) == words(fold.locator("strong").first).rstrip(
            "."
        )
        told, remark = quiz.get_by_role("status").inner_text(), fold.locator("li.mine")
        if "right" in labels.nth(chosen).get_attribute("class"):
            assert told.startswith("✔") and remark.count() == 0
        else:
            assert told.startswith("✘") and words(remark).startswith(f"{words(quiz.locator('label.wrong'))}: ")
    total = len(quizzes)
    assert view.locator(".quiz-progress").inner_text() == f"이 쪽의 물음 {total}개 가운데 {total}개에 답했다."
    view.context.close()


def test_answers_and_read_pages_stay_until_they_are_wiped(page):
    page.goto(f"/{LESSONS[0]}.html")
    commit(page.locator("fieldset.quiz").first, 0)
    page.locator(".prev-next-footer").scroll_into_view_if_needed()
    read = page.locator(".bd-links a.current .page-read")
    read.wait_for(state="attached")
    page.goto(f"/{LESSONS[1]}.html")
    assert page.locator(".page-read").count() == 1 and "0개에 답했다" in page.locator(".quiz-progress").inner_text()
    page.goto(f"/{LESSONS[0]}.html")
    quiz = page.locator("fieldset.quiz").first
    assert answer(quiz).is_visible() and quiz.locator("input").first.is_checked()
    assert "1개에 답했다" in page.locator(".quiz-progress").inner_text()
    page.get_by_role("button", name="내 답과 읽은 표시 지우기").click()
    assert not answer(quiz).is_visible() and page.locator(".page-read").count() == 0
    for lesson in (LESSONS[1], LESSONS[0]):
        page.goto(f"/{lesson}.html")
        assert not answer(quiz).is_visible() and page.locator(".page-read").count() == 0


def test_choice_can_be_taken_back(page):
    page.goto(f"/{LESSONS[0]}.html")
    quiz = page.locator("fieldset.quiz").first
    commit(quiz, 0)
    quiz.get_by_role("button", name="다시 고르기").click()
    assert not answer(quiz).is_visible() and quiz.locator("label.right, label.wrong").count() == 0
    commit(quiz, 1)
    assert answer(quiz).is_visible()


def test_keyboard_alone_is_enough(page):
    page.goto(f"/{LESSONS[0]}.html")
    quiz = page.locator("fieldset.quiz").first
    quiz.locator("input").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert quiz.locator("input").nth(1).is_checked() and answer(quiz).is_visible()


def test_without_script_the_choices_are_a_list_and_the_answer_a_fold(browser, address):
    context = browser.new_context(base_url=address, java_script_enabled=False)
    view = context.new_page()
    view.goto(f"/{LESSONS[0]}.html")
    choices = view.locator("ul.choices").first
    fold = choices.locator("xpath=following-sibling::details[1]")
    assert choices.is_visible() and fold.is_visible() and not fold.locator("strong").first.is_visible()
    fold.locator("summary").click()
    assert fold.locator("strong").first.is_visible()
    context.close()


LIST = "- 준다\n- 는다\n\n"
FOLD = '<details class="answer">\n<summary>답 보기</summary>\n\n'
MALFORMED = {
    "바른 보기가 목록에 없다": f"{LIST}{FOLD}**그대로이다.** 까닭\n\n- 는다: 한마디",
    "보기가 없다": f"{FOLD}**준다.** 까닭",
    "한마디의 짝이 없다": f"{LIST}{FOLD}**준다.** 까닭\n\n- 늘다: 한마디",
}


@pytest.mark.parametrize("text", MALFORMED.values(), ids=MALFORMED.keys())
def test_malformed_question_stops_the_book(tmp_path, text):
    (tmp_path / "index.md").write_text(f"# 제목\n\n**줄까?**\n\n{text}\n\n</details>\n", encoding="utf-8")
    (tmp_path / "conf.py").write_text('extensions = ["myst_parser", "quiz"]\n', encoding="utf-8")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "-b", "html", tmp_path, tmp_path / "out"]
    environment = {"PYTHONPATH": str(Path(ROOT, "book", "_ext")), "PATH": ""}
    result = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert result.returncode != 0 and "물음과 보기와 답의 꼴이 다릅니다" in result.stderr
