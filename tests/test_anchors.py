"""앵커: 작은 책을 만들어, 이름이 제목에서 오고 절이 끼어들어도 그대로인지 본다."""

import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

EXTENSIONS = Path(__file__).resolve().parents[1] / "book" / "_ext"
CONF = f"""
import sys
sys.path.insert(0, {str(EXTENSIONS)!r})
extensions = ["myst_parser", "anchors"]
myst_heading_anchors = 3
root_doc = "one"
"""
ONE = """# 첫 쪽

[둘째 절로](two.md#둘째-절), [한글과 로마자](two.md#keras로), {term}`씨앗`

```{toctree}
two
```
"""
TWO = """# 둘째 쪽

## 둘째 절

[같은 쪽의 절](#keras로)

## Keras로

(mine)=
## 내가 붙인 이름

## 둘째 절

```{glossary}
씨앗
  난수의 시작점.
```
"""


@pytest.fixture
def build(tmp_path):
    """작은 책을 만들어 두 쪽을 돌려주는 함수. 링크가 하나라도 닿지 않으면 실패한다."""
    (tmp_path / "conf.py").write_text(CONF, encoding="utf-8")
    (tmp_path / "one.md").write_text(ONE, encoding="utf-8")

    def run(two, builder="html"):
        (tmp_path / "two.md").write_text(two, encoding="utf-8")
        command = [sys.executable, "-m", "sphinx", "-q", "-n", "-W", "-b", builder, tmp_path, tmp_path / builder]
        result = subprocess.run(command, capture_output=True, text=True)
        assert result.returncode == 0, result.stderr
        paths = sorted(path for path in (tmp_path / builder).glob("*.html") if path.stem in ("one", "two"))
        return [BeautifulSoup(path.read_text("utf-8"), "html.parser") for path in paths]

    return run


def anchors(page):
    return [place["id"] for place in page.select("section[id], dt[id]")]


def test_anchor_is_the_heading_and_the_term(build):
    _, two = build(TWO)
    assert anchors(two) == ["둘째-쪽", "둘째-절", "keras", "내가-붙인-이름", "둘째-절-1", "term-씨앗"]
    assert two.find(id="mine")


def test_links_contents_and_terms_lead_there(build, tmp_path):
    one, two = build(TWO)
    links = [link["href"] for link in one.select("div.body a.reference")]
    assert {"two.html#둘째-절", "two.html#keras", "two.html#term-씨앗"} <= set(links)
    index = BeautifulSoup((tmp_path / "html" / "genindex.html").read_text("utf-8"), "html.parser")
    assert "two.html#term-씨앗" in [link["href"] for link in index.select("table.genindextable a")]
    places = {place["id"] for place in two.select("[id]")}
    local = [link["href"][1:] for link in two.select("a[href^='#']") if link["href"] != "#"]
    assert "keras" in local and "둘째-절-1" in local and set(local) <= places


def test_anchor_stays_when_a_section_is_inserted(build):
    _, before = build(TWO)
    _, after = build(
        TWO.replace("## 둘째 절", "## 끼어든 절\n\n## 둘째 절", 1).replace("씨앗\n", "난수\n  씨앗의 것.\n\n씨앗\n")
    )
    assert set(anchors(before)) < set(anchors(after))


def test_pages_joined_into_one_share_no_anchor(build):
    """같은 제목이 쪽마다 있어도, 다른 쪽의 절을 가리키는 링크는 그 쪽의 절로 간다."""
    (one,) = build(TWO + "\n## 첫 쪽\n", builder="singlehtml")
    assert {"one/첫-쪽", "two/첫-쪽", "two/keras로"} <= {place["id"] for place in one.select("section[id]")}
    links = [link["href"].partition("#")[2] for link in one.select("div.body a.reference")]
    assert {"two/둘째-절", "two/keras로"} <= set(links)
