"""자바스크립트가 없을 때 보일 놀이터의 첫 모습을 저장한다: ``python -m authoring.playground``."""

import re
import shutil

from playwright.sync_api import sync_playwright

from authoring import ROOT
from authoring.pdf import PATIENCE

SCRIPTS = ROOT / "src" / "homl11" / "static" / "playground"
PICTURES = ROOT / "book" / "_ext" / "playground"
NAMES = sorted(path.stem for path in SCRIPTS.glob("*.js") if path.stem != "common")


def picture(page, name):
    """빈 쪽에 놀이터를 올리고 그림, 범례, 설명을 꺼낸다. 글꼴과 화면의 크기는 상관없다."""
    page.set_default_timeout(PATIENCE)
    page.set_content(f'<div data-playground="{name}"></div>')
    for script in ("common", name):
        page.add_script_tag(path=SCRIPTS / f"{script}.js")
    page.wait_for_function("document.querySelector('.pg-summary').textContent")
    parts = page.eval_on_selector_all(
        ".pg-charts, .pg-legend, .pg-summary", "parts => parts.map(part => part.outerHTML)"
    )
    parts[-1] = parts[-1].replace(' role="status"', "")
    return re.sub(r"(</svg>|</li>)", r"\1\n", "\n".join(parts)) + "\n"


def main():
    with sync_playwright() as playwright:
        options = {"executable_path": shutil.which("chromium"), "args": ["--no-sandbox"], "timeout": PATIENCE}
        browser = playwright.chromium.launch(**options)
        page = browser.new_page()
        for name in NAMES:
            (PICTURES / f"{name}.html").write_text(picture(page, name), encoding="utf-8")
            page = browser.new_page()  # 같은 쪽에 스크립트를 두 번 올릴 수 없다


if __name__ == "__main__":
    main()
