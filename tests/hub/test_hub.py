"""진짜 JupyterHub에서 한 반이 한 바퀴를 돈다. 학생 셋은 주피터랩에서, 선생님은 터미널과 formgrader에서.

허브와 프록시를 처음 한 번 받아야 하므로 네트워크와 npm이 있어야 한다. 없으면 까닭을 말하고 건너뛴다.
"""

import os
import shutil
from urllib.parse import quote

import nbformat
import psutil
import pytest
from patience import PATIENCE
from playwright.sync_api import sync_playwright
from small import small

from authoring import ROOT, hub
from authoring.pdf import BROWSERS
from grading import box
from grading.course import create

pytestmark = pytest.mark.hub

PASSWORD = "열려라"
SHOTS = ROOT / "_build" / "hub" / "shots"
RIGHT = "# 답: 02_exponential/closure\ndef double(x):\n    return 2 * x"
WRONG = "# 답: 02_exponential/closure\ndef double(x):\n    return abs(2 * x)"
TEXT = "<!-- 답: 06_schedules_compared/choose -->\n1사이클을 고른다."


def stop(reason):
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """작은 과제가 있는 허브. 끝나면 프록시도, 사람들의 서버도, 커널도 남지 않는다."""
    folder = tmp_path_factory.mktemp("hub")
    if reason := box.available():
        stop(reason)

    def make(folder):
        course = create(folder, "deep-learning")
        nbformat.write(small(), course.notebook("source", "schedules"))

    try:
        with hub.running(folder, PASSWORD, make) as running:
            yield running
        left = [process.cmdline() for process in psutil.process_iter(["cwd"]) if within(process, folder)]
        assert not left
    except hub.Unavailable as reason:
        stop(f"허브를 띄우지 못했습니다: {reason}.")


def within(process, folder):
    """이 폴더에서 도는 프로세스인가."""
    return str(process.info["cwd"]).startswith(str(folder))


@pytest.fixture(scope="module")
def visit(running):
    """(이름, 자리) → 그 사람으로 들어가 연 쪽. 바깥으로 나가는 요청은 막는다."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        stop("브라우저가 없습니다. apt install chromium 으로 설치하세요.")
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=path, args=arguments, timeout=1000 * PATIENCE)

        def visit(name, place):
            context = browser.new_context(locale="ko-KR", viewport={"width": 1280, "height": 900})
            context.set_default_timeout(1000 * PATIENCE)
            context.route(
                lambda url: not url.startswith((running.address, "data:", "blob:")), lambda route: route.abort()
            )
            page = context.new_page()
            page.goto(f"{running.address}/hub/login?next=/hub/spawn/{name}")
            page.fill("#username_input", name)
            page.fill("#password_input", PASSWORD)
            page.click("#login_submit")
            page.wait_for_url(f"**/user/{name}/lab**")  # 서버가 켜졌다
            page.goto(f"{running.address}/user/{name}/{place}")
            return page

        yield visit
        browser.close()


def shoot(page, name):
    """나중에 사람이 볼 화면."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png")


def assignments(page):
    """학생이 여는 Assignment List."""
    page.locator("#jp-main-statusbar").wait_for()
    page.get_by_role("menuitem", name="Nbgrader").click()
    page.locator(".lm-Menu").get_by_text("Assignment List").click()


def solve(running, page, name, code, text):
    """노트북을 열어 답을 치고, 실행하고, 저장한다."""
    page.goto(f"{running.address}/user/{name}/lab/tree/schedules/schedules.ipynb?reset")
    page.locator("#jp-main-statusbar").get_by_text("| Idle").wait_for()
    page.locator(".jp-CodeCell", has_text="def double").locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(code)
    page.keyboard.press("Shift+Enter")
    cell = page.locator(".jp-MarkdownCell").last
    cell.dblclick()
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Control+s")
    page.locator(".jp-mod-dirty").first.wait_for(state="detached")


@pytest.fixture(scope="module")
def handed_in(running, visit):
    """학생 셋이 과제를 받아 내었다: 맞은 것, 반만 맞은 것, 빈 것. 저마다의 쪽을 돌려준다."""
    told = running.grading("release", "schedules", "--exchange")
    assert told.returncode == 0 and "교환소에 두었습니다" in told.stdout, told.stderr
    pages = {}
    for name, answer in zip(hub.STUDENTS, ((RIGHT, TEXT), (WRONG, TEXT), None)):
        page = pages[name] = visit(name, "lab")
        assignments(page)
        page.locator("#released_assignments_list").get_by_role("button", name="Fetch").click()
        page.locator("#fetched_assignments_list").get_by_role("button", name="Submit").wait_for()
        if answer:
            solve(running, page, name, *answer)
            assignments(page)
        page.locator("#fetched_assignments_list").get_by_role("button", name="Submit").click()
        page.locator("#submitted_assignments_list").get_by_text("UTC").wait_for()
        shoot(page, f"student-{name}")
    return pages


@pytest.fixture(scope="module")
def graded(running, handed_in):
    """선생님이 모아 채점했다."""
    told = running.grading("collect", "schedules", "--exchange")
    assert told.returncode == 0 and "3명의 노트북을 모았습니다." in told.stdout, told.stderr
    told = running.grading("autograde", "schedules")
    assert (told.returncode, told.stdout) == (0, "3명을 채점했습니다.\n"), told.stderr
    return running


def test_formgrader_is_clicked_through(graded, visit):
    """formgrader에서 손으로 채점한다: 목록에서 제출물까지 눌러 가고, 점수와 말이 성적부에 남는다."""
    page = visit(hub.TEACHER, "formgrader")
    page.get_by_text("released", exact=True).wait_for()
    shoot(page, "formgrader-assignments")
    page.get_by_role("link", name="Manual Grading").click()
    page.locator("td.name a", has_text="schedules").click()
    page.wait_for_url("**/gradebook/schedules")
    page.locator("td.name a", has_text="schedules").click()
    page.wait_for_url("**/gradebook/schedules/schedules")
    page.locator("a.name-hidden").nth(2).wait_for()  # 세 사람 모두
    shoot(page, "formgrader-submissions")
    page.locator("tr", has_text="s01").locator("a.name-hidden").click()
    page.wait_for_url("**/submissions/**")
    # 화면이 성적부의 것을 다 받은 뒤에야 적은 것을 저장한다.
    page.locator("[id='06_schedules_compared-choose'].needs_manual_grade").wait_for()
    page.locator("[id='06_schedules_compared-choose-comment'][placeholder]").wait_for()
    with page.expect_response(lambda answer: "/api/grade/" in answer.url and answer.request.method == "PUT") as answer:
        page.locator("[id='06_schedules_compared-choose']").fill("3.5")
        page.keyboard.press("Tab")
    assert answer.value.ok
    with page.expect_response(
        lambda answer: "/api/comment/" in answer.url and answer.request.method == "PUT"
    ) as answer:
        page.locator("[id='06_schedules_compared-choose-comment']").fill("핵심을 **잘** 짚었습니다.")
        page.keyboard.press("Tab")
    assert answer.value.ok
    shoot(page, "formgrader-submission")
    told = graded.grading("export", graded.folder / "marks.csv")
    assert told.returncode == 0, told.stderr
    assert "s01,5.5," in (graded.folder / "marks.csv").read_text("utf-8-sig")


def test_feedback_comes_back_in_korean(graded, handed_in):
    """선생님이 돌려준 것을 학생마다 Assignment List에서 받아 연다."""
    told = graded.grading("feedback", "schedules", "--exchange")
    assert told.returncode == 0 and "3개를 교환소에 두었습니다" in told.stdout, told.stderr
    expected = {"s01": ("○ 양수", "○ 음수"), "s02": ("○ 양수", "✗ 음수"), "s03": ("✗ 양수", "✗ 음수")}
    for name, page in handed_in.items():
        page.locator("#refresh_assignments_list").click()
        submitted = page.locator("#submitted_assignments_list")
        submitted.get_by_role("button", name="Fetch Feedback").click()
        submitted.get_by_text("(view feedback)").wait_for()
        submitted.get_by_text("(view feedback)").click()  # 파일 목록이 그 폴더로 간다
        page.locator(".jp-DirListing-item", has_text="schedules.html").dblclick()
        feedback = page.frame_locator("iframe[sandbox]").locator("body")
        for verdict in expected[name]:
            feedback.get_by_text(verdict).wait_for()
        assert "hidden_random" not in feedback.inner_text()
        shoot(page, f"feedback-{name}")
        home = graded.folder / "home" / name
        [written] = home.glob("schedules/feedback/*/schedules.html")
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto(f"{graded.address}/user/{name}/files/{quote(str(written.relative_to(home)))}")
        assert page.evaluate("document.documentElement.scrollWidth") == 390  # 휴대전화에서 옆으로 넘치지 않는다
        shoot(page, f"feedback-{name}-390")
