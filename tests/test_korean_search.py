"""찾기의 색인: 두 쪽짜리 작은 책을 만들어 무엇이 적히는지 본다. 찾기 자체는 tests/site가 브라우저에서 본다."""

import json
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

EXTENSIONS = Path(__file__).resolve().parents[1] / "book" / "_ext"
CONF = f"""
import sys
sys.path.insert(0, {str(EXTENSIONS)!r})
extensions = ["myst_parser", "korean_search"]
myst_enable_extensions = ["dollarmath"]
root_doc = "one"
"""
ONE = """# 첫 쪽

머리글 $\\ell_2$ 규제.

```{toctree}
two
```

## 절 하나

<table><tr><td>표의</td><td>칸 &lt; 줄</td></tr></table><script>숨은 글</script>

<div class="playground" data-playground="race"><svg><text>눈금 0</text></svg>단추</div>

% 숨은 글
"""
TWO = """# 둘째 쪽

```{glossary}
조기 종료
  early stopping, ES. 훈련을 멈추는 것. 다른 이름: 얼리 스토핑, 이른 멈춤(early halt).
씨앗
  난수의 시작점.
```
"""
CODE = """# 참고

```{eval-rst}
.. py:class:: OneCycle(n)
   :module: pack

   오르내린다.

   .. py:method:: OneCycle.at(t)
      :module: pack

      값.
```
"""


@pytest.fixture
def build(tmp_path):
    """작은 책을 만들어 색인을 돌려주는 함수. 다시 부르면 바뀐 쪽만 다시 만든다."""
    (tmp_path / "conf.py").write_text(CONF, encoding="utf-8")
    (tmp_path / "one.md").write_text(ONE, encoding="utf-8")
    (tmp_path / "two.md").write_text(TWO, encoding="utf-8")

    def run():
        command = [sys.executable, "-m", "sphinx", "-q", "-b", "html", tmp_path, tmp_path / "html"]
        subprocess.run(command, check=True, capture_output=True)
        script = (tmp_path / "html" / "korean_search_index.js").read_text(encoding="utf-8")
        return json.loads(script.partition(" = ")[2])

    return run


def test_page_is_split_into_sections(build):
    page = build()["one"]
    assert page["url"] == "one.html"
    assert [section["title"] for section in page["sections"]] == ["첫 쪽", "절 하나"]
    assert [section["anchor"] for section in page["sections"]] == ["", "#id2"]
    assert page["sections"][0]["text"] == "머리글 ℓ_2 규제."
    assert (page["sections"][1]["text"], page["sections"][1]["rest"]) == ("", "표의 칸 < 줄")


def test_names_of_code_are_sections(build, tmp_path):
    (tmp_path / "two.md").write_text(CODE, encoding="utf-8")
    found = [(one["title"], one["anchor"], one["text"]) for one in build()["two"]["sections"]]
    assert found == [
        ("참고", "", ""),
        ("OneCycle", "#pack.OneCycle", "오르내린다."),
        ("OneCycle.at", "#pack.OneCycle.at", "값."),
    ]


def test_glossary_terms_are_sections_with_their_names(build):
    _, term, plain = build()["two"]["sections"]
    assert (term["title"], term["anchor"]) == ("조기 종료", "#term-0")
    assert term["names"] == ["early stopping", "ES", "얼리 스토핑", "이른 멈춤", "early halt"]
    assert plain["names"] == []


def test_code_and_badges_are_kept_apart_from_prose(build, tmp_path):
    lines = ["# 쪽", "[Colab에서 열기](https://a.b) · GPU는 필요 없다", "글.", "```python\nx = 1\n```"]
    (tmp_path / "two.md").write_text("\n\n".join(lines), encoding="utf-8")
    section = build()["two"]["sections"][0]
    assert (section["text"], section["rest"]) == ("글.", "Colab에서 열기 · GPU는 필요 없다\nx = 1")


def test_formulas_keep_their_greek_letters_and_are_marked(build, tmp_path):
    (tmp_path / "two.md").write_text("# 쪽\n\n$$\\frac{\\alpha_0}{\\sigma}$$\n\n## 절\n\n글", encoding="utf-8")
    formula, prose = build()["two"]["sections"]
    assert formula["text"] == "α_0 σ" and formula["formula"] and "formula" not in prose


def test_first_page_of_a_part_carries_the_name_of_the_part(build, tmp_path):
    text = (tmp_path / "one.md").read_text(encoding="utf-8").replace("{toctree}", "{toctree}\n:caption: 부의 이름\n")
    (tmp_path / "one.md").write_text(text, encoding="utf-8")
    index = build()
    assert (index["one"]["part"], index["two"]["part"]) == ("", "부의 이름")


def test_numbered_figure_is_a_section_with_its_caption(build, tmp_path):
    with (tmp_path / "conf.py").open("a") as conf:
        conf.write("numfig = True\nlanguage = 'ko'\n")
    figure = "# 쪽\n\n```{figure} https://example.org/a.png\n:name: fig-a\n\n설명\n```\n"
    (tmp_path / "two.md").write_text(figure, encoding="utf-8")
    page, found = build()["two"]["sections"]
    assert (found["title"], found["anchor"], found["text"]) == ("그림 1", "#fig-a", "설명") and page["text"] == ""


def test_letters_are_composed(build, tmp_path):
    (tmp_path / "two.md").write_text(unicodedata.normalize("NFD", "# 규제\n\n학습률"), encoding="utf-8")
    section = build()["two"]["sections"][0]
    assert (section["title"], section["text"]) == ("규제", "학습률")


def test_edited_page_is_read_again_and_the_rest_is_kept(build, tmp_path):
    before = build()
    (tmp_path / "two.md").write_text("# 새 제목\n\n새 글", encoding="utf-8")
    after = build()
    assert after["one"] == before["one"]
    assert after["two"]["sections"] == [{"anchor": "", "title": "새 제목", "text": "새 글", "rest": ""}]


def test_removed_page_leaves_the_index(build, tmp_path):
    build()
    (tmp_path / "two.md").unlink()
    (tmp_path / "one.md").write_text("# 홀로 남은 쪽", encoding="utf-8")
    assert list(build()) == ["one"]
