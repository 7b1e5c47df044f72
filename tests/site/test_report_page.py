"""강사의 반 보고서를 진짜 브라우저로 연다: 접근성, 전화기, 어두운 화면, 바깥 요청."""

import random

import pytest

from grading import marks, report, similar

TASKS = [f"0{number}_문제/{name}".replace("/", "-") for number in range(6) for name in ("steps", "아주_긴_이름의_문제")]
LONG = "def rate(step):\n    return " + " + ".join(f"step ** {number}" for number in range(60)) + "\n" + "x" * 500


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """서른 명, 열두 문제의 보고서. 사람이 채점할 것, 다시 낸 것, 닮은 답, 내지 않은 학생이 모두 있다."""
    draw = random.Random(1)
    pupils = []
    for number in range(30):
        skill = draw.random()
        scores = {task: float(draw.choice([0, 2, 3]) if draw.random() > skill else 3) for task in TASKS}
        waiting = [TASKS[0]] if number % 7 == 0 else []
        tasks = {task: (score, 3.0) for task, score in scores.items()}
        mark = marks.Mark("schedules", f"2026{number:04}", sum(scores.values()), 3.0 * len(TASKS), 0, waiting, tasks)
        said = {task: "" if score == 3 else f"실수 {score}" for task, score in scores.items()}
        attempt = {"seed": 0, "time": "", "scores": scores, "hints": said}
        graded = {task: None if task in waiting else score for task, score in scores.items()}
        failed = {task: ["<b>음수</b>에서도 된다"] for task, score in scores.items() if score < 3}
        pupils.append(report.Pupil(mark.student, "김하나", mark, graded, [attempt] * (1 + number % 3), failed))
    pieces = ((LONG, True), ("# </pre><script>alert(1)</script>", False))
    pair = similar.Pair("코드", ("20260000", "20260001"), (0.9, 0.8), (pieces, pieces[::-1]))
    html = report.render("학습률 스케줄링", pupils, {}, ["20269999 정다섯"], [pair])
    path = tmp_path_factory.mktemp("report") / "report_schedules.html"
    path.write_text(html, encoding="utf-8")
    return path


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_report_reads_well_everywhere(browser, violations, path, width, scheme):
    # axe를 넣으려면 쪽의 보안 정책(스크립트 없음)을 비켜 가야 한다.
    options = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme, "bypass_csp": True}
    context = browser.new_context(locale="ko-KR", **options)
    page, asked, errors = context.new_page(), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(path.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(box => box.open = true)")
    assert asked == [path.as_uri()] and errors == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == ("rgb(255, 255, 255)" if scheme == "light" else "rgb(13, 17, 23)")
    assert page.locator("#items tbody tr").count() == len(TASKS) and page.locator("mark").count() == 2
    assert violations(page) == []
    context.close()
