"""만든 책을 진짜 브라우저로 여는 시험이 함께 쓰는 것."""

import os
import shutil
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml
from patience import PATIENCE
from playwright.sync_api import sync_playwright

from authoring import vendor
from authoring.pdf import BROWSERS

ROOT = Path(__file__).resolve().parents[2]
# 바깥의 이름은 없는 것으로 한다. 요청마다 가로채는 것보다 빠르고, 브라우저의 캐시도 사용자의 것처럼 쓰인다.
HERE_ONLY = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"
VIOLATIONS = """async options => {
    const { violations } = await axe.run({ resultTypes: ["violations"], preload: false, ...options });
    return violations.flatMap(rule => rule.nodes.map(node => `${rule.id}: ${node.html.slice(0, 200)}`));
}"""


@pytest.fixture(scope="session")
def pages():
    """차례에 있는 쪽의 이름."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    return [toc["root"], *(chapter["file"] for part in toc["parts"] for chapter in part["chapters"])]


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="session")
def address(site):
    """책을 내어 주는 서버의 주소. 이 컴퓨터 안에서만 열리고 시험이 끝나면 멈춘다."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=site)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def patient(make):
    """연 창이 무엇이든 넉넉히 기다리게 한다."""

    def made(**options):
        opened = make(**options)
        opened.set_default_timeout(1000 * PATIENCE)
        return opened

    return made


# 세션이 아니라 모듈마다 연다: 열려 있는 동안 도는 이벤트 루프가 같은 프로세스의 노트북 시험을 방해하지 않게 한다.
@pytest.fixture(scope="module")
def browser():
    """데비안 등이 주는 크로뮴. 없으면 까닭을 말하고 건너뛰지만, CI에서는 실패한다."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        stop = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        stop("브라우저가 없습니다. apt install chromium 으로 설치하세요.")
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", HERE_ONLY]
        browser = playwright.chromium.launch(executable_path=path, args=arguments, timeout=1000 * PATIENCE)
        browser.new_context, browser.new_page = patient(browser.new_context), patient(browser.new_page)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def new_page(browser, address):
    """책의 주소를 바탕으로 하는 새 창을 여는 함수."""

    def new_page(**options):
        return browser.new_context(base_url=address, locale="ko-KR", **options).new_page()

    return new_page


@pytest.fixture
def page(new_page):
    page = new_page()
    yield page
    page.context.close()


@pytest.fixture(scope="module")
def worked():
    """쪽의 주 스레드가 일한 CPU 밀리초를 묻는 함수를 준다. 벽시계와 달리 다른 프로그램에 밀린 시간은 들지 않는다."""

    def worked(page):
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})

        def milliseconds():
            metrics = session.send("Performance.getMetrics")["metrics"]
            return 1000 * next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration")

        return milliseconds

    return worked


@pytest.fixture(scope="module")
def violations():
    """쪽에서 접근성의 잘못을 찾는 함수. axe-core의 판과 해시는 ``authoring.vendor``에 고정되어 있고, 없으면 npm
    등록소에서 ``_build/vendor``로 받는다."""
    try:
        axe = vendor.fetch(vendor.AXE, ROOT / "_build" / "vendor") / "axe.min.js"
    except vendor.Unavailable as reason:
        stop = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        stop(f"axe-core를 받지 못했습니다: {reason}.")

    def violations(page, **options):
        if not page.evaluate("'axe' in window"):
            page.add_script_tag(path=axe)
        return page.evaluate(VIOLATIONS, options)

    return violations
