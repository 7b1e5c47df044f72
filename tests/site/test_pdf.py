"""책 전체를 한 번 인쇄해, PDF를 열어 읽는다."""

import os
import re
import shutil
import subprocess
import sys
from collections import defaultdict

import pytest
import yaml
from bs4 import BeautifulSoup
from pypdf import PdfReader

from authoring import ROOT, pdf, vendor

pytestmark = pytest.mark.slow  # 책 전체를 조판하고 인쇄한다


@pytest.fixture(scope="module")
def output(tmp_path_factory):
    """``make pdf``의 명령이 남긴 폴더. 브라우저가 없으면 까닭을 말하고 건너뛰지만, CI에서는 실패한다."""
    try:
        pdf.find_browser()
    except SystemExit as reason:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(str(reason))
    folder = tmp_path_factory.mktemp("pdf")
    command = [sys.executable, "-m", "authoring.pdf", folder]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr[-3000:]
    assert result.stdout.splitlines()[-1].endswith(str(folder / pdf.NAME))
    return folder


@pytest.fixture(scope="module")
def book(output):
    return PdfReader(output / pdf.NAME)


@pytest.fixture(scope="module")
def html(output):
    return BeautifulSoup((output / "_build/singlehtml/all.html").read_text(encoding="utf-8"), "html.parser")


def entries(outline):
    for entry in outline:
        if isinstance(entry, list):
            yield from entries(entry)
        else:
            yield entry


def fonts(book):
    """글꼴의 이름과 글자꼴이 들어 있는지."""
    for page in book.pages:
        for font in page["/Resources"].get("/Font", {}).values():
            font = font.get_object()
            inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
            keys = inner["/FontDescriptor"].get_object().keys() if "/FontDescriptor" in inner else ()
            # Type3은 글자꼴을 PDF 안에 그려 둔 글꼴이다.
            yield font.get("/BaseFont"), font["/Subtype"] == "/Type3" or any("/FontFile" in key for key in keys)


def test_every_page_of_the_contents_stands_in_the_outline(book, html):
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    titles = [entry.title for entry in entries(book.outline)]
    expected = [html.find("h1").get_text()]
    for part in toc["parts"]:
        expected.append(part["caption"])
        for chapter in part["chapters"]:
            expected.append(html.find(id=f"document-{chapter['file']}").find_next("h2").get_text())
    left = iter(titles)
    assert [title for title in expected if title not in left] == []  # 차례대로 모두 있다
    assert len(expected) > 25


def test_contents_give_the_page_where_each_chapter_begins(book):
    pages = defaultdict(set)
    for entry in entries(book.outline):
        pages[entry.title].add(book.get_destination_page_number(entry) + 1)
    start = min(pages["학습률 스케줄링이란"])  # 첫 장. 차례는 한 쪽을 넘을 수 있다
    contents = "\n".join(page.extract_text() for page in book.pages[1 : start - 1])
    lines = re.findall(r"^(.+?) +(\d+)$", contents, re.MULTILINE)
    assert len(lines) > 20
    assert [(title, number) for title, number in lines if int(number) not in pages[title]] == []


def test_pages_carry_korean_text(book):
    assert 60 < len(book.pages) < 400
    sampled = [page.extract_text() for page in book.pages[4::5]]
    assert sum(len(re.findall("[가-힣]", text)) for text in sampled) / len(sampled) > 100
    assert "학습률 스케줄링이란" in book.pages[1].extract_text()  # 빈칸도 글자이다
    assert book.root_object["/Lang"] == "ko"


def test_figures_and_fonts_are_embedded(book, html):
    objects = [entry for page in book.pages for entry in page["/Resources"].get("/XObject", {}).values()]
    images = {entry.idnum for entry in objects if entry.get_object()["/Subtype"] == "/Image"}
    assert len(images) >= len({image["src"] for image in html.select("img[src*='_images/']")}) > 20
    names = dict(fonts(book))
    assert all(names.values()), names
    assert any("Nanum" in str(name) for name in names)


def test_formulas_are_typeset(book):
    if not (vendor.VENDOR / "mathjax").exists():
        pytest.skip("MathJax를 책에 담지 못했습니다.")
    text = "".join(page.extract_text() for page in book.pages)
    assert "λ" in text and not re.search(r"\\\(|\\\[|\\(frac|lambda)", text)


def test_answers_are_open_and_playgrounds_show_their_picture(html):
    assert html.find("details") and all(details.has_attr("open") for details in html.find_all("details"))
    places = html.select("[data-playground]")
    assert len(places) > 4 and all(len(place.select(".pg-charts")) == 1 for place in places)


def test_every_link_inside_the_book_leads_to_one_place(html):
    names = [element["id"] for element in html.find_all(id=True)]
    assert sorted({name for name in names if names.count(name) > 1}) == []
    local = [link["href"] for link in html.select("a[href]") if not re.match(r"https?:|mailto:", link["href"])]
    assert local and [href for href in local if href.removeprefix("#") not in names] == []


def test_site_is_left_alone(output):
    assert pdf.OUTPUT != ROOT / "_build" / "html" and not (output / "_build" / "html").exists()


def test_missing_browser_is_said_in_korean(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(SystemExit, match="apt install chromium"):
        pdf.find_browser()


def test_missing_font_is_said_in_korean(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SystemExit, match="한글 글꼴이 없습니다"):
        pdf.find_fonts()
