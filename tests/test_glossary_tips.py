"""용어 풀이: 작은 책을 만들어 어디가 용어집으로 이어지는지 본다. 뜨는 풀이는 tests/site가 브라우저에서 본다."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

EXTENSIONS = Path(__file__).resolve().parents[1] / "book" / "_ext"
CONF = f"""
import sys
sys.path.insert(0, {str(EXTENSIONS)!r})
extensions = ["myst_parser", "glossary_tips"]
myst_enable_extensions = ["dollarmath"]
root_doc = "one"
"""
GLOSSARY = """# 용어집

학습률과 규제의 뜻.

```{glossary}
학습률
  learning rate, $\\eta$. {term}`규제`와 함께 정하는 수. 다른 이름: 학습율, 걸음(step size).

학습률 범위 테스트
  range test. 학습률을 키우며 손실을 잰다.

규제
규제하기
  regularization. 모델의 자유를 줄이는 것.

규제 강도
  strength.

반복
  iteration.

배치
  batch.

노름
  norm.
```
"""
START = "# 첫 쪽\n\n```{toctree}\nwords\n```\n\n"


@pytest.fixture
def build(tmp_path):
    """``text``가 첫 쪽의 글인 책을 만들어 그 본문을 돌려주는 함수. 다시 부르면 바뀐 것만 다시 만든다."""
    (tmp_path / "conf.py").write_text(CONF, encoding="utf-8")
    (tmp_path / "words.md").write_text(GLOSSARY, encoding="utf-8")

    def run(text=None, builder="html"):
        if text is not None:
            (tmp_path / "one.md").write_text(START + text, encoding="utf-8")
        command = [sys.executable, "-m", "sphinx", "-q", "-n", "-W", "-b", builder, tmp_path, tmp_path / builder]
        subprocess.run(command, check=True, capture_output=True)
        html = (tmp_path / builder / "one.html").read_text(encoding="utf-8")
        return BeautifulSoup(html, "html.parser").select_one("[role=main]")

    return run


def marks(page):
    return [link.get_text() for link in page.select("a.glossary-term")]


def test_first_occurrence_leads_to_the_glossary_and_is_described(build, tmp_path):
    page = build("학습률을 정한다. 학습률은 수이다.\n\n## 절\n\n학습률.")
    (link,) = page.select("a.glossary-term")
    assert link.parent.get_text() == "학습률을 정한다. 학습률은 수이다." and link.next_sibling.startswith("을 정한다")
    target, anchor = link["href"].split("#")
    glossary = BeautifulSoup((tmp_path / "html" / target).read_text(encoding="utf-8"), "html.parser")
    assert glossary.find(id=anchor).get_text(strip=True).startswith("학습률")
    tip = page.find(id=link["aria-describedby"])
    assert tip.get_text().strip() == "learning rate, \\(\\eta\\). 규제와 함께 정하는 수."
    assert tip.parent.has_attr("hidden") and not tip.find("a")  # 다른 이름과 링크는 없다


@pytest.mark.parametrize(
    "text, expected",
    [
        ("학습률 범위 테스트를 하고 학습률을 고른다.", ["학습률 범위 테스트", "학습률"]),
        ("학습률 범위 테스트. 학습률 범위 테스트.", ["학습률 범위 테스트"]),
        ("규제 강도가 세다.", ["규제 강도"]),
        ("학습률\n범위 테스트로 찾는다.", ["학습률\n범위 테스트"]),
        ("**학습률**(learning rate)과 *규제*이다.", ["학습률", "규제"]),
        ("«학습률»에서는, 규제이며 노름만으로도 반복마다", ["학습률", "규제", "노름", "반복"]),
        ("학습률범위, 초학습률, 맥스-노름, 규제책, 배치한다, 배치되었다, 탈규제", []),
        ("학습율과 걸음", []),  # 다른 이름은 잇지 않는다
        ("`학습률` $학습률$ [규제](https://example.com/)", []),
        ("```python\n학습률 = 1\n```", []),
        ("## 규제\n\n없다.", []),
        ("```{figure} x.png\n학습률\n```", []),
        ("```{note}\n학습률\n```\n\n- 규제", ["학습률", "규제"]),
        ("| 학습률 | 규제 |\n|---|---|\n| 규제 | 배치 |", ["규제", "배치"]),
        ("<details><summary>답</summary>\n\n학습률\n\n</details>\n\n학습률은 규제", ["학습률", "규제"]),
    ],
)
def test_words_that_are_marked(build, tmp_path, text, expected):
    (tmp_path / "x.png").write_bytes(b"")
    page = build(text)
    assert marks(page) == expected
    assert not page.select("details a.glossary-term")


def test_marks_leave_the_text_as_it_was(build):
    text = "학습률을 정하고 규제 강도를 고른다. 배치마다 노름을 잰다."
    page = build(text)
    assert len(marks(page)) == 4 and page.select_one("a.glossary-term").parent.get_text() == text


def test_glossary_itself_is_not_marked(build, tmp_path):
    build("학습률")
    assert "glossary-term" not in (tmp_path / "html" / "words.html").read_text(encoding="utf-8")


def test_page_without_terms_loads_no_script(build, tmp_path):
    build("아무것도 없다.")
    assert "glossary_tips.js" not in (tmp_path / "html" / "one.html").read_text(encoding="utf-8")
    build("학습률.")
    assert "glossary_tips.js" in (tmp_path / "html" / "one.html").read_text(encoding="utf-8")


def test_edited_glossary_renews_the_tips_of_other_pages(build, tmp_path):
    assert marks(build("학습률과 손실")) == ["학습률"]
    glossary = GLOSSARY.replace("함께 정하는 수", "새 풀이").replace("배치\n", "손실\n")
    (tmp_path / "words.md").write_text(glossary, encoding="utf-8")
    page = build()
    assert marks(page) == ["학습률", "손실"]
    assert "새 풀이" in page.find(id=page.select_one("a.glossary-term")["aria-describedby"]).get_text()


def test_edited_page_leaves_the_others_alone(build, tmp_path):
    build("학습률")
    before = (tmp_path / "html" / "words.html").stat().st_mtime_ns
    assert marks(build("규제")) == ["규제"]
    assert (tmp_path / "html" / "words.html").stat().st_mtime_ns == before


def test_print_has_plain_text(build):
    page = build("학습률을 정한다.", builder="singlehtml")
    assert "학습률을 정한다." in page.get_text() and not re.search("glossary-ti|glossary-term", str(page))
