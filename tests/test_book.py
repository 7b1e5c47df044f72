"""책을 처음부터 만들어, 경고 없이 모든 쪽이 나오는지 본다."""

import re
import struct
from pathlib import Path

import nbformat
import pytest
import yaml
from bs4 import BeautifulSoup

from authoring import repository

ROOT = Path(__file__).resolve().parents[1]


def pages():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    return [toc["root"], *(chapter["file"] for part in toc["parts"] for chapter in part["chapters"])]


@pytest.mark.parametrize("page", pages())
def test_page_exists_and_speaks_korean(site, page):
    html = (site / f"{page}.html").read_text(encoding="utf-8")
    assert '<html lang="ko"' in html
    assert len(re.findall("[가-힣]", html)) > 200


def test_figures_carry_alt_text_and_numbered_captions(site):
    html = (site / "notebooks" / "01_power.html").read_text(encoding="utf-8")
    images = re.findall(r'<img [^>]*src="[^"]*_images[^>]*>', html)
    assert len(images) == 2
    assert all(re.search(r'alt="[^"]*[가-힣]{2}', image) for image in images)
    assert len(re.findall(r'caption-number">그림 \d', html)) == 2


def test_measured_values_are_rendered_as_tables(site):
    assert '<table class="homl11">' in (site / "notebooks" / "01_power.html").read_text(encoding="utf-8")


def test_colab_button_leads_to_the_notebook(site):
    html = (site / "notebooks" / "05_one_cycle.html").read_text(encoding="utf-8")
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    repository = config["repository"]["url"].removeprefix("https://github.com/")
    address = f"https://colab.research.google.com/github/{repository}/blob/main/notebooks/05_one_cycle.ipynb"
    assert html.count(f'href="{address}"') == 2  # 쪽 위쪽의 단추와 글 속의 링크


def test_runs_page_lists_every_notebook(site):
    html = (site / "book" / "runs.html").read_text(encoding="utf-8")
    table = re.search(r"<table.*?</table>", html, re.DOTALL)[0]
    links = re.findall(r'href="\.\./(notebooks/[^"]+)\.html"', table)
    assert links == [page for page in pages() if page.startswith("notebooks/")]


@pytest.mark.parametrize("page", pages())
def test_shared_link_shows_a_picture(site, page):
    html = BeautifulSoup((site / f"{page}.html").read_text(encoding="utf-8"), "html.parser")
    tags = {tag.get("property") or tag["name"]: tag["content"] for tag in html.select("meta[property], meta[name]")}
    owner, name = repository.current().split("/")[-2:]
    home = f"https://{owner}.github.io/{name}/"
    assert tags["og:url"] == f"{home}{page}.html" == html.select_one("link[rel=canonical]")["href"]
    assert tags["og:image"].startswith(home)
    picture = (site / tags["og:image"].removeprefix(home)).read_bytes()
    assert struct.unpack(">8s8x2I", picture[:24]) == (b"\x89PNG\r\n\x1a\n", 1200, 630)
    assert (tags["og:image:width"], tags["og:image:height"]) == ("1200", "630")
    assert tags["og:title"] in tags["og:image:alt"] and tags["og:title"] in html.title.text
    assert re.search("[가-힣]{2}.*곡선", tags["og:image:alt"])
    assert tags["twitter:card"] == "summary_large_image"


def test_every_page_has_its_own_picture(site):
    texts = [(site / f"{page}.html").read_text(encoding="utf-8") for page in pages()]
    pictures = {re.search(r'property="og:image" content="([^"]+)"', text)[1] for text in texts}
    assert len(pictures) == len(texts)


def exercises():
    """절 → 문제의 제목들, 그리고 강사 노트북의 풀이와 숨은 시험의 줄들."""
    titles, lines = {}, set()
    for path in sorted((ROOT / "notebooks" / "exercises").glob("*.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells:
            section, _, _ = cell.metadata.get("nbgrader", {}).get("grade_id", "").partition("-")
            if cell.metadata.get("nbgrader", {}).get("grade_id", "").endswith("-question"):
                title = cell.source.splitlines()[0].lstrip("# ")
                titles.setdefault({"final": "12_guidelines"}.get(section, section), []).append(title)
            for region in re.findall(r"### BEGIN (?:SOLUTION|HIDDEN TESTS)\n(.*?)### END", cell.source, re.DOTALL):
                lines |= {line.strip() for line in region.splitlines() if len(line.strip()) > 30}
    return titles, lines


@pytest.mark.parametrize("page", [page for page in pages() if page.startswith("notebooks/")])
def test_section_holds_its_exercises_folded_and_without_solutions(site, page):
    titles, lines = exercises()
    soup = BeautifulSoup((site / f"{page}.html").read_text(encoding="utf-8"), "html.parser")
    found = soup.select("details.question")
    assert found and [details.summary.text for details in found] == titles[page.removeprefix("notebooks/")]
    assert all(details.select("details") for details in found)  # 힌트도 접혀 있다
    text = " ".join(details.text for details in found)
    assert len(lines) > 50 and not [line for line in lines if line in text]
    links = [link["href"] for details in found for link in details.find_previous("h3").parent.select("a[href]")]
    assert any("exercises/student/" in link and "colab" in link for link in links)
    assert any(link.endswith(".ipynb") and "_downloads" in link for link in links)
