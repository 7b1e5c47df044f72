"""책을 처음부터 만들어, 경고 없이 모든 쪽이 나오는지 본다."""

import re
import struct
from collections import Counter
from pathlib import Path

import nbformat
import pytest
import yaml
from bs4 import BeautifulSoup

from authoring.reference import public_names

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


def test_colab_button_leads_to_the_notebook(site, repository_url):
    html = (site / "notebooks" / "05_one_cycle.html").read_text(encoding="utf-8")
    repository = repository_url.removeprefix("https://github.com/")
    address = f"https://colab.research.google.com/github/{repository}/blob/main/notebooks/05_one_cycle.ipynb"
    assert html.count(f'href="{address}"') == 2  # 쪽 위쪽의 단추와 글 속의 링크


def test_runs_page_lists_every_notebook(site):
    html = (site / "book" / "runs.html").read_text(encoding="utf-8")
    table = re.search(r"<table.*?</table>", html, re.DOTALL)[0]
    links = re.findall(r'href="\.\./(notebooks/[^"]+)\.html"', table)
    assert links == [page for page in pages() if page.startswith("notebooks/")]


@pytest.mark.parametrize("page", pages())
def test_shared_link_shows_a_picture(site, page, repository_url):
    html = BeautifulSoup((site / f"{page}.html").read_text(encoding="utf-8"), "html.parser")
    tags = {tag.get("property") or tag["name"]: tag["content"] for tag in html.select("meta[property], meta[name]")}
    owner, name = repository_url.split("/")[-2:]
    home = f"https://{owner}.github.io/{name}/"
    assert tags["og:url"] == f"{home}{page}.html" == html.select_one("link[rel=canonical]")["href"]
    assert tags["og:image"].startswith(home)
    picture = (site / tags["og:image"].removeprefix(home)).read_bytes()
    assert struct.unpack(">8s8x2I", picture[:24]) == (b"\x89PNG\r\n\x1a\n", 1200, 630)
    assert (tags["og:image:width"], tags["og:image:height"]) == ("1200", "630")
    assert tags["og:title"] in tags["og:image:alt"] and tags["og:title"] in html.title.text
    assert re.search("[가-힣]{2}.*(곡선|이 절의 그림: )", tags["og:image:alt"])
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
def test_section_holds_its_exercises_folded_and_without_solutions(site, page, repository_url):
    titles, lines = exercises()
    soup = BeautifulSoup((site / f"{page}.html").read_text(encoding="utf-8"), "html.parser")
    found = soup.select("details.question")
    assert found and [details.summary.text for details in found] == titles[page.removeprefix("notebooks/")]
    assert all(details.select("details") for details in found)  # 힌트도 접혀 있다
    text = " ".join(details.text for details in found)
    assert len(lines) > 50 and not [line for line in lines if line in text]
    links = [link["href"] for details in found for link in details.find_previous("h3").parent.select("a[href]")]
    assert any(link.endswith(".ipynb") and "_downloads" in link for link in links)
    for details, title in zip(found, titles[page.removeprefix("notebooks/")]):
        (link,) = (one["href"] for one in details.select("a[href*=colab]"))
        address, cell = link.split("#scrollTo=")
        path = address.removeprefix(f"https://colab.research.google.com/github/{repository_url[19:]}/blob/main/")
        cells = nbformat.read(ROOT / path, as_version=4).cells
        assert [one.source.splitlines()[0].lstrip("# ") for one in cells if one.id == cell] == [title]


@pytest.mark.parametrize("page", pages())
def test_anchors_are_words_and_contents_show_the_headings(site, page):
    """번호뿐인 앵커는 절이 하나 끼어들면 딴 곳을 가리킨다. 오른쪽의 차례는 작은 제목까지 처음부터 보인다."""
    soup = BeautifulSoup((site / f"{page}.html").read_text(encoding="utf-8"), "html.parser")
    places = [place["id"] for place in soup.select("article section[id], article dl.glossary dt[id]")]
    assert places and not [place for place in places if re.fullmatch(r"id\d+|term-\d+", place)]
    contents = soup.select_one("#pst-page-toc-nav")
    headings = soup.select("article :is(h2, h3)")
    links = contents.select("a:not([href^='#homl11.'])") if contents else []  # 참고 쪽의 차례에는 이름도 있다
    shown = [link["href"].lstrip("#") for link in links]
    assert [heading.parent["id"] for heading in headings if heading.parent.name == "section"] == shown
    assert all("pst-show_toc_level" in link.find_parent("ul")["class"] for link in links)


@pytest.fixture(scope="module")
def reference(site):
    """참고 쪽."""
    return BeautifulSoup((site / "book" / "reference.html").read_text(encoding="utf-8"), "html.parser")


def entry(reference, name):
    """이름의 칸: 부르는 법, 풀이, 칸의 이름 → 글, 그리고 배우는 곳의 링크."""
    signature = reference.find("dt", id=name)
    assert signature, f"{name}이 참고 쪽에 없습니다."
    body = signature.find_next_sibling("dd")
    fields = body.find("dl", class_="field-list", recursive=False)
    rows = fields.find_all("dt", recursive=False) if fields else []
    return signature, body, {row.get_text().strip(" :"): row.find_next_sibling("dd") for row in rows}


NAMES = list(public_names())


def test_reference_holds_every_public_name_and_nothing_else(reference):
    """밑줄로 시작하지 않는 모든 함수와 클래스, 그 메서드와 프로퍼티. 필드는 «속성»에 있다."""
    expected = {one.name for name in NAMES for one in [name, *name.members]}
    shown = [signature["id"] for signature in reference.select("dl.py > dt[id]")]
    assert sorted(shown) == sorted(expected)
    for one in NAMES:
        _, _, fields = entry(reference, one.name)
        assert not one.fields or "속성" in fields, one.name
        listed = {code.get_text() for code in fields["속성"].select("li code")} if one.fields else set()
        assert set(one.fields) <= listed, one.name


@pytest.mark.parametrize("one", NAMES, ids=lambda one: one.name.removeprefix("homl11."))
def test_reference_entry_says_how_to_call_and_shows_the_example(reference, one):
    signature, body, fields = entry(reference, one.name)
    named = [name.get_text() for name in signature.select(".sig-param > .n:first-child, .sig-param > .o + .n")]
    assert named[: len(one.arguments)] == one.arguments or not one.arguments
    assert not re.search("<function|<class|<factory|0x", signature.get_text())
    told = [code.get_text() for key in ("인수", "속성") if key in fields for code in fields[key].select("li code")]
    assert {*one.doc.names("인수"), *one.doc.names("속성")} <= {name.strip(" *") for name in told}
    assert one.doc.texts.keys() <= fields.keys()
    code = body.select_one(".highlight-pycon pre")
    assert code and code.get_text().strip() == one.doc.examples.strip()
    assert "``" not in body.get_text() and not body.select(".problematic")


def test_reference_draws_formulas(reference):
    for name, latex in {
        "schedules.power": r"\eta_{0} / (1 + t/s)^{c}",
        "schedules.exponential": r"\eta_{0} \cdot r^{t/s}",
        "schedules.piecewise_constant": r"t \le b_{0}",
        "schedules.total_steps": r"\lceil n / \mathit{batch\_size} \rceil \cdot \mathit{epochs}",
        "calibration.negative_log_likelihood": r"-\sum \log p_{i}[y_{i}] / n",
    }.items():
        _, body, _ = entry(reference, f"homl11.{name}")
        assert f"\\({latex}\\)" in [formula.get_text() for formula in body.select("span.math")], name


def test_reference_leads_to_the_notebooks_that_teach(reference, site):
    """패키지의 속을 빼고는 모든 이름이 그것을 가르치는 쪽으로 이어지고, 부르는 노트북은 모두 적혀 있다."""
    inside = next(title.parent for title in reference.select("h2") if title.get_text().startswith("패키지의 속"))
    for one in NAMES:
        signature, _, fields = entry(reference, one.name)
        if inside in signature.parents:
            continue
        links = [link["href"] for link in fields["배우는 곳"].select("a")]
        assert links and all((site / "book" / link).resolve().is_file() for link in links), one.name
        notebooks = {Path(link).stem for link in links if "notebooks" in link}
        assert calling(one.name.removeprefix("homl11.")) <= notebooks, one.name


def calling(name):
    """이름을 부르는 노트북들. 확장과 따로, 글에서 찾는다."""
    module, short = name.rsplit(".", 1)
    pattern = rf"from homl11\.{module} import [^#]*?\b{short}\b(?!\.)"
    found = set()
    for path in (ROOT / "notebooks").glob("[0-9]*.ipynb"):
        cells = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
        lines = [line for source in cells for line in re.sub(r"\(\n([^)]*)\)", _joined, source).splitlines()]
        if any(re.search(pattern, line) for line in lines):
            found.add(path.stem)
    return found


def _joined(match):
    return "".join(match[1].split("\n"))


def test_glossary_leads_to_the_functions(site):
    glossary = BeautifulSoup((site / "book" / "glossary.html").read_text(encoding="utf-8"), "html.parser")
    found = {
        term.get_text().removesuffix("#"): [link["href"] for link in term.find_next("dd").select("a")]
        for term in glossary.select("dl.glossary dt")
    }
    for term, name in {
        "몬테 카를로 드롭아웃": "models.mc_predict",
        "1사이클 스케줄링": "schedules.OneCycle",
        "학습률 범위 테스트": "range_test.find_learning_rate",
        "기대 보정 오차": "calibration.expected_calibration_error",
    }.items():
        assert f"reference.html#homl11.{name}" in found[term]


def test_no_page_has_an_id_twice(site):
    """같은 id가 둘이면 링크는 늘 앞의 것으로 가고, 화면 낭독기가 헤맨다."""
    for path in sorted(site.rglob("*.html")):
        page = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        ids = Counter(element["id"] for element in page.select("[id]"))
        assert [name for name, count in ids.items() if count > 1] == [], path.name
