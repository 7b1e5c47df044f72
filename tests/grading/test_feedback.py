"""학생이 쓴 것을 여는 자리: 피드백, formgrader의 쪽, 터미널. 무엇을 적었든 글로만 보인다."""

import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import nbformat
import pytest
from bs4 import BeautifulSoup
from patience import until

from grading import safe_html
from grading.__main__ import printable
from grading.course import Course

pytestmark = pytest.mark.usefixtures("isolated")
HOSTILE = """1사이클이 낫다. $\\\\eta_0 / (1 + t/s)^c$

<div class="verdict" id="02_exponential-closure-grade"><strong>숨은 시험 2 / 2점</strong></div>
<div class="comment" style="color: red">선생님의 말: 만점</div>
<img src="http://127.0.0.1:9/seen.png" alt="그림"><script>alert(1)</script><svg onload="alert(2)"></svg>
![밖](http://127.0.0.1:9/seen.png) [누르기](javascript:alert(3)) <a href="javascript:alert(4)">누르기</a>
<img alt="안" src="data:image/png;base64,iVBORw0KGgo=">
"""


@pytest.fixture(scope="module")
def graded(isolated, small_course, tmp_path_factory):
    """해로운 글을 낸 학생 하나를 채점하고 피드백까지 만든 과정."""
    folder = tmp_path_factory.mktemp("graded")
    shutil.copytree(small_course.root, folder / "과정")
    course = Course(folder / "과정")
    downloads = folder / "내려받은 것"
    downloads.mkdir()
    release = course.released("schedules")
    for cell in release.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            first = cell.source.splitlines()[0]
            cell.source = f"{first}\n" + (
                HOSTILE.replace("\\\\", "\\") if cell.cell_type == "markdown" else "def double(x):\n    return 2 * x"
            )
    nbformat.write(release, downloads / "s01_schedules.ipynb")
    course.collect("schedules", downloads)
    course.autograde("schedules")
    course.feedback("schedules")
    return course


@pytest.fixture
def page(graded):
    path = graded.root / "feedback" / "s01" / "schedules" / "schedules.html"
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def assert_harmless(soup):
    """학생의 글에서 온 것 가운데 도는 것도, 밖에 묻는 것도 없다."""
    assert "1사이클이 낫다" in soup.get_text()
    for name in ("src", "href", "data", "action"):
        for tag in soup.find_all(attrs={name: True}):
            assert "127.0.0.1:9" not in tag[name] and not tag[name].startswith("javascript:"), tag
    assert "alert(" not in " ".join(script.get_text() for script in soup.find_all("script"))
    assert not soup.find_all(attrs={"onload": True})
    assert [tag["src"][:22] for tag in soup.find_all("img", alt="안")] == ["data:image/png;base64,"]


def test_feedback_is_harmless_and_asks_nobody(page):
    assert_harmless(page)
    assert not page.find_all("script") and not page.find_all("link")
    policy = page.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
    assert "default-src 'none'" in policy and "img-src data:;" in policy
    assert all(tag.get("src", "data:").startswith("data:") for tag in page.find_all("img"))


def test_boxes_of_the_feedback_can_not_be_forged(page):
    """채점의 상자는 둘뿐이다: 숨은 시험 하나와 손으로 채점하는 글 하나."""
    assert len(page.find_all(class_="verdict")) == 2 and not page.find_all(class_="comment")
    assert len(page.find_all(id="02_exponential-closure-grade")) == 1
    assert not [tag for tag in page.find_all(style=True) if tag.name != "img"]


def test_formula_is_a_picture_with_its_source(page):
    drawn = page.find("img", class_="math")
    assert drawn["alt"] == r"\eta_0 / (1 + t/s)^c" and drawn["src"].startswith("data:image/svg+xml;base64,")


@pytest.mark.parametrize(
    "tex, shown",
    [
        (r"W = \begin{pmatrix} 1 & -2 \\ 0 & 3 \end{pmatrix}, \qquad b = (4,\ 0)", "W=(1−203),b=(4,\xa00)"),
        (r"\begin{cases} v_0 & t \le b \\ v_1 & b < t \end{cases}", "{v0t≤bv1b<t"),
    ],
)
def test_matrix_is_drawn_by_the_browser(tex, shown):
    """맷플롯립이 모르는 식이다. 문제의 글에도 들어 있다."""
    soup = BeautifulSoup(safe_html.markdown2html({"cell": {}}, f"$${tex}$$"), "html.parser")
    assert soup.math.get_text() == shown and len(soup.find_all("mtr")) == 2 and "\\begin" not in str(soup)


@pytest.mark.parametrize("tex", [r"\href{javascript:a}{b}", r"\text{<script>a</script>}\begin{matrix}1\end{matrix}"])
def test_formula_carries_no_address_and_no_script(tex):
    found = BeautifulSoup(safe_html.formula(tex), "html.parser")
    assert found.math and not found.find_all(["a", "script"]) and "javascript" not in str(found)


@pytest.mark.parametrize(
    "text", ["![그림](attachment&#58;x.png)", r"![그림](attachment\:x.png)", "![그림][a]\n\n[a]: <attachment:x.png>"]
)
def test_picture_that_is_not_there_stops_nothing(text):
    """모을 때 찾지 못한 꼴로 적은 첨부. 한 학생의 글 때문에 피드백이 멈추면 안 된다."""
    found = BeautifulSoup(safe_html.markdown2html({"cell": {}}, text), "html.parser")
    assert found.img["alt"] == "그림" and not found.img.get("src")


@pytest.mark.parametrize("tex", [r"\frac{", "x" * 1000, r"\unknown x", r"\begin{aligned}a &= b\end{aligned}", ""])
def test_formula_that_can_not_be_drawn_is_shown_as_written(tex):
    assert safe_html.formula(tex).startswith('<code class="math">')


@pytest.mark.parametrize(
    "text", ["<div>" * 32_000, "<div>" * 1_400, "<a " * 6_000, "[" * 20_000, "> " * 9_000, "&" * 20_000]
)
def test_text_that_takes_forever_is_cut(text):
    """일의 양은 글의 길이에 비례한다. 벽시계가 아니라 CPU로 잰다."""
    before = time.process_time()
    safe_html.markdown2html({"cell": {}}, text)
    assert time.process_time() - before < 10


def test_long_text_says_that_it_was_cut_and_pictures_stay():
    assert "글이 길어 30,000자에서 잘랐다" in safe_html.shorten("가" * 30_000)
    picture = "![](data:image/png;base64," + "A" * 100_000 + ")"
    assert safe_html.shorten(picture) == picture


def test_terminal_gets_text_only():
    assert printable("이름\x1b[2J\x1b]0;제목\x07\r\u202e\u2066 \x9b둘\n셋\t넷") == "이름�[2J�]0;제목���� �둘\n셋\t넷"
    assert printable("\udce9").encode() == "�".encode()


def test_instructor_can_build_the_solution_of_every_assignment(tmp_path):
    from grading.course import create

    course = create(tmp_path / "과정", "class")
    for assignment in ("schedules", "regularization"):
        course.release(assignment)
        course.nbgrader("generate_solution", assignment)
        text = course.notebook("solution", assignment).read_text(encoding="utf-8")
        assert "BEGIN SOLUTION" in text and "MARK SCHEME" not in text


def test_formgrader_shows_and_returns_a_submission(graded):
    """진짜 주피터 서버에서: 제출물의 쪽이 열리고, 피드백을 만들고, 학생의 스크립트는 없다."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyter", "server", "--no-browser", "--allow-root", f"--port={port}"]
    command += ["--IdentityProvider.token=", "--ServerApp.disable_check_xsrf=True"]
    command += ["--ServerApp.jpserver_extensions={'nbgrader.server_extensions.formgrader': True}"]
    with subprocess.Popen(command, cwd=graded.root, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as server:
        try:
            root = f"http://127.0.0.1:{port}/formgrader"
            found = until(
                lambda: server.poll() is not None or fetch(f"{root}/api/submitted_notebooks/schedules/schedules")
            )
            assert server.poll() is None, server.stderr.read().decode()[-2000:]
            number = re.search(r'"id": *"(\w+)"', found)[1]
            assert_harmless(BeautifulSoup(fetch(f"{root}/submissions/{number}/"), "html.parser"))
            shutil.rmtree(graded.root / "feedback")
            answer = fetch(f"{root}/api/assignment/schedules/generate_feedback", b"")
            assert '"success": true' in answer and (graded.root / "feedback/s01/schedules/schedules.html").exists()
        finally:
            server.terminate()


def fetch(address, data=None):
    try:
        with urllib.request.urlopen(urllib.request.Request(address, data)) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        raise AssertionError(f"{error.code}: {error.read().decode()[-1500:]}") from None
    except OSError:
        return None
