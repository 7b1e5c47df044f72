"""``make lab``의 명령으로 주피터랩을 띄우고, 학습자처럼 노트북을 열어 셀을 실행하고 놀이터를 움직인다.

작은 강좌를 따로 두고 설정과 작업 기록도 임시 폴더에 두므로, 시험하는 사람의 것은 아무것도 바뀌지 않는다.
"""

import json
import os
import secrets
import shlex
import shutil
import socket
import subprocess
import sys
import urllib.request
from types import SimpleNamespace

import nbformat
import pytest
from patience import PATIENCE, until

from authoring import NOTEBOOKS, ROOT
from authoring.workspace import FOLDER

NOTEBOOK = "08_l1_l2"
FOLDERS = {
    name: name.lower()
    for name in (
        *("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"),
        *("JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR", "IPYTHONDIR"),
    )
}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_open(server, address, log):
    def opened():
        assert server.poll() is None, log.read_text(encoding="utf-8")
        try:
            return urllib.request.urlopen(f"{address}/login", timeout=PATIENCE)
        except OSError:
            return None

    until(opened).close()


@pytest.fixture(scope="module")
def lab(browser, tmp_path_factory):
    """주피터랩의 주소, 토큰, 찍은 글, 사본 폴더. 명령은 Makefile에서 읽는다. 브라우저가 없으면 띄우지 않는다."""
    folder = tmp_path_factory.mktemp("lab")
    (folder / "notebooks").mkdir()
    shutil.copy(NOTEBOOKS / f"{NOTEBOOK}.ipynb", folder / "notebooks")
    shutil.copytree(NOTEBOOKS / "exercises", folder / "notebooks" / "exercises")
    shutil.copytree(ROOT / "src" / "authoring", folder / "src" / "authoring")
    shutil.copy(ROOT / "_config.yml", folder)
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").split("\nlab:")[1]
    command = next(line for line in recipe.splitlines() if "authoring.workspace" in line)
    _, *arguments = shlex.split(command.removesuffix("$(LAB_ARGS)"))
    port, token = free_port(), secrets.token_hex(8)
    arguments += ["--no-browser", "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}"]
    arguments += ["--ServerApp.port_retries=0", f"--IdentityProvider.token={token}"]
    log = folder / "log.txt"
    environment = {**os.environ, **{name: str(folder / place) for name, place in FOLDERS.items()}}
    environment["PYTHONPATH"] = str(folder / "src")
    with log.open("w", encoding="utf-8") as output:
        server = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=folder,
            env=environment,
            stdout=output,
            stderr=output,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until_open(server, address, log)
        yield SimpleNamespace(address=address, token=token, log=log, folder=folder / FOLDER)
    finally:
        server.terminate()  # 커널도 함께 끝낸다
        try:
            server.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


@pytest.fixture
def open_notebook(browser, lab):
    """노트북을 새 창에서 열고, 커널이 준비된 쪽과 막아 둔 바깥 요청의 목록을 주는 함수."""
    contexts = []

    def open_notebook(name=NOTEBOOK):
        context = browser.new_context(locale="ko-KR", viewport={"width": 1280, "height": 1000})
        contexts.append(context)
        page, blocked = context.new_page(), []
        context.route(
            lambda url: not url.startswith((lab.address, "data:", "blob:")),
            lambda route: (blocked.append(route.request.url), route.abort()),
        )
        page.goto(f"{lab.address}/lab/tree/{name}.ipynb?token={lab.token}&reset")
        # 셀 곁의 표시는 커널이 이어지기 전에도 쉰다고 말한다. 그때 실행하면 아무 일도 일어나지 않는다.
        page.locator("#jp-main-statusbar").get_by_text("| Idle").wait_for()
        return page, blocked

    yield open_notebook
    for context in contexts:
        context.close()


def ask(lab, path, method="GET"):
    """주피터 서버의 API."""
    request = urllib.request.Request(f"{lab.address}/api/{path}", method=method)
    request.add_header("Authorization", f"token {lab.token}")
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        return json.loads(answer.read() or "null")


def stop_kernels(lab):
    for session in ask(lab, "sessions"):
        ask(lab, f"sessions/{session['id']}", "DELETE")
    assert ask(lab, "kernels") == []


def save(page):
    page.keyboard.press("Escape")
    page.keyboard.press("Control+s")
    page.locator(".jp-mod-dirty").first.wait_for(state="detached")


def test_start_speaks_to_learners_alone(lab):
    said = lab.log.read_text(encoding="utf-8")
    assert FOLDER in said and "nbgrader" not in said.lower() and "is running at" in said
    assert ("관리자(root)" in said) == (os.geteuid() == 0)


def test_sidebar_shows_lessons_and_exercises_and_no_solutions(open_notebook, lab):
    page, _ = open_notebook()
    files = page.locator(".jp-DirListing-content")
    files.get_by_text(f"{NOTEBOOK}.ipynb").wait_for()
    assert sorted(
        files.locator(".jp-DirListing-item").evaluate_all("items => items.map(i => i.innerText.split('\\n')[0])")
    ) == [
        f"{NOTEBOOK}.ipynb",
        "exercises",
    ]
    assert sorted(path.name for path in (lab.folder / "exercises").iterdir()) == [
        "regularization.ipynb",
        "schedules.ipynb",
    ]
    assert "BEGIN SOLUTION" not in "".join(p.read_text(encoding="utf-8") for p in lab.folder.rglob("*.ipynb"))


def test_learner_runs_the_notebook_and_plays(open_notebook):
    page, blocked = open_notebook()
    # 실행하기 전: 글과 수식이 보이고, 놀이터의 자리에는 할 일이 적혀 있다.
    title = page.locator(".jp-Notebook h1", has_text="ℓ1과 ℓ2 규제")
    title.wait_for()
    page.locator(".jp-Notebook h2", has_text="개념과 식").scroll_into_view_if_needed()
    page.locator(".jp-RenderedMarkdown mjx-container").first.wait_for()
    before = page.locator(".jp-Notebook").get_by_text("셀을 실행하면 놀이터가 열린다.")
    before.scroll_into_view_if_needed()

    # 맨 위에서 놀이터 셀까지 차례로 실행한다. 셀은 위에서부터 글, 설정, 불러오기, 글, 놀이터이다.
    title.scroll_into_view_if_needed()
    title.click()
    page.keyboard.press("Escape")
    root = page.locator(".jp-OutputArea-output .playground")
    for _ in range(5):
        page.keyboard.press("Shift+Enter")
    root.locator(".pg-controls").wait_for()
    assert before.count() == 0
    assert page.locator(".jp-OutputArea-output", has_text="mnist5k: 훈련 / 검증 / 테스트").count()

    # 자판으로 움직인다. 주피터랩이 방향키를 가로채면 초점을 잃거나 그림이 그대로이다.
    slider, charts = root.get_by_role("slider", name="규제 강도 α"), root.locator(".pg-charts")
    seen = [charts.inner_html()]
    slider.focus()
    for key in ("ArrowRight", "ArrowRight", "End"):
        page.keyboard.press(key)
        seen.append(charts.inner_html())
        assert slider.evaluate("input => input === document.activeElement"), key
    assert len(set(seen)) == len(seen)
    root.get_by_role("status").filter(has_text="ℓ1의 해는 (0, 0)이고").wait_for()
    # 글 속의 낱말을 눌러도 움직인다. 주소는 주피터랩의 것이다.
    slider.press("Home")
    root.get_by_role("status").filter(has_text="α = 0.").wait_for()
    address = page.url
    page.locator(".jp-RenderedMarkdown a", has_text="끝까지").click()
    root.get_by_role("status").filter(has_text="α = 4.").wait_for()
    assert page.url == address
    assert charts.locator("svg").first.bounding_box()["height"] > 100
    assert blocked == []


def small(lab, name, *sources):
    cells = [nbformat.v4.new_code_cell(source, id=f"cell-{i}") for i, source in enumerate(sources)]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}  # 없으면 커널을 묻는 창이 뜬다
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, lab.folder / f"{name}.ipynb")
    return name


@pytest.mark.parametrize("whole", [True, False], ids=["all cells run", "some cells run"])
def test_playground_survives_the_night(open_notebook, lab, whole, tmp_path):
    """실행하고 저장한 뒤 커널을 끄고 다시 연다. 오류 대신 놀이터나 깨우는 법이 보이고, 다시 실행하면 움직인다.

    주피터랩은 모든 셀의 출력을 제가 만들었을 때만 그 노트북을 믿고 스크립트를 돌린다.
    """
    other = "from IPython.display import HTML\nHTML('<b>표</b>')"
    name = small(lab, f"night-{whole}", "from homl11 import playground\nplayground.dropout()", other)
    if not whole:  # 남이 실행해 둔 출력
        notebook = nbformat.read(lab.folder / f"{name}.ipynb", as_version=4)
        notebook.cells[1].outputs = [nbformat.v4.new_output("display_data", {"text/html": "<b>표</b>"})]
        nbformat.write(notebook, lab.folder / f"{name}.ipynb")
    page, _ = open_notebook(name)
    root = page.locator(".jp-OutputArea-output .playground")
    page.locator(".jp-CodeCell").first.click()
    for _ in range(1 + whole):
        page.keyboard.press("Shift+Enter")
    root.locator(".pg-controls").wait_for()
    page.locator(".jp-OutputArea-output b", has_text="표").wait_for()
    save(page)
    page.context.close()
    stop_kernels(lab)

    page, blocked = open_notebook(name)
    root = page.locator(".jp-OutputArea-output .playground")
    page.locator(".jp-OutputArea-output b", has_text="표").wait_for()
    root.wait_for()
    page.screenshot(path=tmp_path / "reopened.png")
    assert "not found" not in page.locator(".jp-Notebook").inner_text()
    if whole:
        root.locator(".pg-controls").wait_for()
        slider, charts = root.get_by_role("slider").first, root.locator(".pg-charts")
        before = charts.inner_html()
        slider.press("End")
        assert charts.inner_html() != before
    else:
        root.filter(has_text="셀을 실행하면 놀이터가 열린다.").wait_for()
        assert root.locator("input").count() == 0
        page.locator(".jp-CodeCell").first.click()
        page.keyboard.press("Shift+Enter")
        root.locator(".pg-controls").wait_for()
    page.screenshot(path=tmp_path / "awake.png")
    assert blocked == []


def test_verdict_is_the_same_rich_line_as_in_the_book(open_notebook, lab):
    source = "from homl11.display import verdict\nverdict('손실이 줄었다', True)\nverdict('손실이 0이다', False)"
    page, _ = open_notebook(small(lab, "verdict", source))
    page.locator(".jp-CodeCell").first.click()
    page.keyboard.press("Shift+Enter")
    lines = page.locator(".jp-OutputArea-output .homl11-verdict")
    lines.nth(1).wait_for()
    assert lines.all_inner_texts() == ["✔ 손실이 줄었다", "✘ 손실이 0이다"]
    assert lines.nth(1).get_by_role("img", name="아니오").is_visible()


def test_laboratory_trains_in_jupyterlab(open_notebook, lab):
    """엔진과 숫자가 출력에 들어 있어, 커널에게도 서버에게도 묻지 않는다."""
    source = "from homl11 import playground\nplayground.laboratory(epochs=2, size=300)"
    page, blocked = open_notebook(small(lab, "laboratory", source))
    page.locator(".jp-CodeCell").first.click()
    page.keyboard.press("Shift+Enter")
    root = page.locator(".jp-OutputArea-output .playground")
    root.locator(".pg-toolbar").wait_for()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    for index, name in enumerate(("훈련", "씨앗 다섯으로")):
        root.get_by_role("button", name=name, exact=True).click()
        root.locator(".pg-runs").get_by_text("다 훈련했다").nth(index).wait_for()
    assert root.locator(".pg-runs tbody tr").count() == 2
    assert root.locator(".pg-runs").get_by_text(" ± ").count() == 3
    assert blocked == [] and not [url for url in asked if "playground" in url or "digits" in url]
