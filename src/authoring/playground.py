"""자바스크립트가 없을 때 보일 놀이터의 첫 모습을 저장한다: ``python -m authoring.playground``.

책에 놓인 놀이터마다 하나이다. 놀이터는 ``이름``이나 ``이름?처음 값``으로 가리킨다(``schedules?schedule=one_cycle``).
"""

import json
import re
import shutil
from html import unescape
from runpy import run_path

import nbformat
from playwright.sync_api import sync_playwright

from authoring import NOTEBOOKS, ROOT
from authoring.pdf import PATIENCE

SCRIPTS = ROOT / "src" / "homl11" / "static" / "playground"
DATA = ROOT / "src" / "homl11" / "_mnist5k.py"
PICTURES = ROOT / "book" / "_ext" / "playground"
DIRECTIVE = re.compile(r"^```\{playground\} (\S+)$", re.MULTILINE)
PLACE = re.compile(r'<div class="playground" data-playground="(\w+)"(?: data-start="([^"]*)")?>')
FILES = json.loads((SCRIPTS / "scripts.json").read_text(encoding="utf-8"))  # 놀이터 → 쓰는 스크립트


def scripts(name):
    """놀이터 하나가 쓰는 스크립트의 이름들."""
    return FILES[name]


def saved(place):
    """그림을 저장하는 파일."""
    return PICTURES / (re.sub(r"[^\w.]+", "-", place) + ".html")


def named(match):
    """노트북의 출력에서 찾은 ``PLACE``를 놀이터를 가리키는 꼴로."""
    return match[1] + (f"?{unescape(match[2])}" if match[2] else "")


def places():
    """책에 놓인 놀이터들."""
    found = set()
    for path in (ROOT / "book").glob("*.md"):
        found.update(DIRECTIVE.findall(path.read_text(encoding="utf-8")))
    for path in NOTEBOOKS.glob("[0-9]*.ipynb"):
        outputs = (output for cell in nbformat.read(path, as_version=4).cells for output in cell.get("outputs", []))
        texts = (output.get("data", {}).get("text/html", "") for output in outputs)
        found.update(named(match) for text in texts for match in PLACE.finditer(text))
    return sorted(found)


def picture(page, place):
    """빈 쪽에 놀이터를 올리고 그림, 범례, 설명을 꺼낸다. 글꼴과 화면의 크기는 상관없다."""
    name, _, start = place.partition("?")
    page.set_default_timeout(PATIENCE)
    page.emulate_media(reduced_motion="reduce")  # 저절로 움직이지 않게 한다
    page.set_content(f'<div data-playground="{name}" data-start="{start}"></div>')
    for script in scripts(name):
        page.add_script_tag(path=SCRIPTS / f"{script}.js")
    page.wait_for_function("document.querySelector('.pg-summary').textContent")
    if "training" in scripts(name):  # 훈련은 다 한 모습을 보인다. 같은 씨앗이면 언제나 같다
        page.add_script_tag(path=SCRIPTS / "engine.js")
        page.add_script_tag(content=digits())
        page.get_by_role("button", name="훈련", exact=True).click()
        page.wait_for_function("document.querySelector('.pg-summary').textContent.includes('다 훈련했다')")
    parts = page.eval_on_selector_all(
        ".pg-charts, .pg-legend, .pg-summary", "parts => parts.map(part => part.outerHTML)"
    )
    parts[-1] = parts[-1].replace(' role="status"', "")
    return re.sub(r"(</svg>|</li>)", r"\1\n", "\n".join(parts)) + "\n"


def digits():
    """훈련이 쓸 숫자를 담은 스크립트. 패키지를 불러오면 텐서플로까지 따라오므로 파일 하나만 실행한다."""
    return f'globalThis.homl11Digits = "{run_path(str(DATA))["packed"]()}";\n'


def main():
    for old in PICTURES.glob("*.html"):
        old.unlink()
    with sync_playwright() as playwright:
        options = {"executable_path": shutil.which("chromium"), "args": ["--no-sandbox"], "timeout": PATIENCE}
        browser = playwright.chromium.launch(**options)
        for place in places():
            page = browser.new_page()  # 같은 쪽에 스크립트를 두 번 올릴 수 없다
            saved(place).write_text(picture(page, place), encoding="utf-8")


if __name__ == "__main__":
    main()
