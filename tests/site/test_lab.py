"""``make lab``의 명령으로 주피터랩을 띄우고, 학습자처럼 노트북을 열어 셀을 실행하고 놀이터를 움직인다.

노트북의 사본을 열고 설정과 작업 기록도 임시 폴더에 두므로, 시험하는 사람의 것은 아무것도 바뀌지 않는다.
"""

import os
import secrets
import shlex
import shutil
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from patience import PATIENCE, until

from authoring import NOTEBOOKS, ROOT

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
    """주피터랩의 (주소, 토큰). 명령은 Makefile에서 읽는다. 브라우저가 없으면 띄우지 않는다."""
    folder = tmp_path_factory.mktemp("lab")
    (folder / "notebooks").mkdir()
    shutil.copy(NOTEBOOKS / f"{NOTEBOOK}.ipynb", folder / "notebooks")
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").split("\nlab:")[1]
    command = next(line for line in recipe.splitlines() if "jupyter lab" in line)
    _, *arguments = shlex.split(command)
    port, token = free_port(), secrets.token_hex(8)
    arguments += ["--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}"]
    arguments += ["--ServerApp.port_retries=0", f"--IdentityProvider.token={token}"]
    log = folder / "log.txt"
    environment = {**os.environ, **{name: str(folder / place) for name, place in FOLDERS.items()}}
    with log.open("w", encoding="utf-8") as output:
        server = subprocess.Popen(
            [Path(sys.executable).with_name("jupyter"), *arguments],
            cwd=folder,
            env=environment,
            stdout=output,
            stderr=output,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until_open(server, address, log)
        yield address, token
    finally:
        server.terminate()  # 커널도 함께 끝낸다
        try:
            server.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


@pytest.fixture(scope="module")
def notebook(browser, lab):
    """커널이 준비된 노트북과, 막아 둔 바깥 요청의 목록."""
    address, token = lab
    context = browser.new_context(locale="ko-KR", viewport={"width": 1280, "height": 1000})
    page, blocked = context.new_page(), []
    context.route(
        lambda url: not url.startswith((address, "data:", "blob:")),
        lambda route: (blocked.append(route.request.url), route.abort()),
    )
    page.goto(f"{address}/lab/tree/{NOTEBOOK}.ipynb?token={token}")
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()
    yield page, blocked
    context.close()


def test_learner_runs_the_notebook_and_plays(notebook):
    page, blocked = notebook
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
    slider, charts = root.get_by_role("slider", name="규제 강도 λ"), root.locator(".pg-charts")
    seen = [charts.inner_html()]
    slider.focus()
    for key in ("ArrowRight", "ArrowRight", "End"):
        page.keyboard.press(key)
        seen.append(charts.inner_html())
        assert slider.evaluate("input => input === document.activeElement"), key
    assert len(set(seen)) == len(seen)
    root.get_by_role("status").filter(has_text="ℓ1의 해는 (0, 0)이고").wait_for()
    assert charts.locator("svg").first.bounding_box()["height"] > 100
    assert blocked == []
