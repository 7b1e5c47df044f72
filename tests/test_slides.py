"""무엇이 슬라이드가 되는지 정하는 규칙. 브라우저로 여는 시험은 ``tests/site``에 있다."""

import nbformat
import pytest
from bs4 import BeautifulSoup

from authoring import slides, vendor
from authoring.lesson import checks, lesson
from authoring.slides import Arrangement, parts
from homl11.display import Verdict

HEAD = "# 제목\n\n소개\n\n## 학습 목표\n\n- 하나"
BET = "## 예상해 보기\n\n무엇일까?"


def code(source, *outputs, **metadata):
    """부를 때마다 새 셀이다. 같은 셀을 두 번 넣으면 이름이 겹친다."""
    return nbformat.v4.new_code_cell(source, outputs=list(outputs), metadata=metadata)


def stream(text):
    return nbformat.v4.new_output("stream", text=text)


def display(**data):
    return nbformat.v4.new_output("display_data", {name.replace("_", "/"): value for name, value in data.items()})


def says(answer, text):
    return nbformat.v4.new_output("display_data", Verdict(answer, text)._repr_mimebundle_())


def arranged(*cells):
    cells = [nbformat.v4.new_markdown_cell(cell) if isinstance(cell, str) else cell for cell in (HEAD, BET, *cells)]
    found = Arrangement(nbformat.v4.new_notebook(cells=cells), "../html")
    assert found.title == "제목"
    return found


def decks(found):
    """슬라이드마다 그 글."""
    grouped = []
    for cell in found.cells:
        if cell.metadata["slideshow"]["slide_type"] != "-":
            grouped.append("")
        grouped[-1] += cell.source + "".join(output.data["text/html"] for output in cell.get("outputs", []))
    return grouped[3:]  # 제목, 학습 목표, 예상해 보기


def verdict():
    return code("verdict('높다', a > b)", says("예", "높다"), says("뚜렷하지 않다", "낮다"))


FIGURE = {"figure": {"caption": "설명 <1>"}, "image": {"alt": "대체 글"}}


def test_headings_start_slides_and_those_in_code_do_not():
    text = "앞\n\n## 절\n\n```python\n# 주석\n```\n\n### 작은 절\n\n글"
    assert [(depth, title) for depth, title, _ in parts(text)] == [(0, ""), (2, "절"), (3, "작은 절")]
    first, second = decks(arranged("## 절\n\n```python\n# 주석\n```\n\n### 작은 절\n\n글"))
    assert "# 주석" in first and second == "### 작은 절\n\n글"


def test_preparation_and_readings_are_left_out():
    cells = [nbformat.v4.new_markdown_cell(HEAD), code("import keras", stream("준비"))]
    cells += [nbformat.v4.new_markdown_cell(text) for text in (BET, "## 더 읽을거리\n\n- 책")]
    found = Arrangement(nbformat.v4.new_notebook(cells=[*cells, code("1", stream("끝"))]), "..")
    text = "".join(cell.source for cell in found.cells)
    assert len(found.cells) == 3 and not any(word in text for word in ("keras", "준비", "끝", "더 읽을거리"))


@pytest.mark.parametrize("section, seen", [("직접 구현", True), ("Keras로", True), ("훈련과 그림", False)])
def test_code_is_shown_where_it_is_the_lesson(section, seen):
    (deck,) = decks(arranged(f"## {section}", code("def power(t):\n    return 1 / (1 + t)")))
    assert ("def power" in deck) == seen


def test_lesson_keeps_what_teaches():
    source = "layer = keras.layers.Dense(1)\nverdict(\n    '맞다',\n    True,\n)\nprint('본다')\nlayer.build((1, 2))"
    assert lesson(source) == "layer = keras.layers.Dense(1)\nlayer.build((1, 2))"
    assert lesson("rates = power(3)\nverdict('맞다', rates > 0)") == ""


def test_code_that_mostly_judges_is_a_check():
    source = "y = layer(x)\nverdict(\n    '맞다',\n    y > 0,\n)\n"
    assert checks(source) and not checks("z = 1\n" * 5 + source)


def test_heading_alone_is_filled():
    assert len(decks(arranged("## 직접 구현", "### 작은 절\n\n글"))) == 1
    assert len(decks(arranged("## 훈련과 그림", code("", display(image_png="AA"), mystnb=FIGURE)))) == 1


def test_figure_stands_alone_with_the_words_of_the_book():
    _, deck, after = decks(arranged("## 절\n\n앞", code("", display(image_png="AA"), mystnb=FIGURE), "뒤"))
    figure = BeautifulSoup(deck, "html.parser").figure
    assert figure.img["alt"] == "대체 글" and figure.figcaption.text == "설명 <1>" and after == "뒤"


def test_answer_is_pressed_for_and_what_tells_it_comes_later():
    deck, after = decks(arranged("## 절\n\n글", verdict(), verdict(), "그래서 높다."))
    items = BeautifulSoup(deck, "html.parser").select("li")
    assert [item.b["class"] for item in items] == [["fragment"]] * 4
    assert [item.text for item in items][:2] == ["높다 예", "낮다 뚜렷하지 않다"] and after == "그래서 높다."


def asked(section):
    """물음이 둘이고 뒷말이 있는 절."""
    fold = '<details class="answer">\n<summary>답 보기</summary>\n\n**{}.** 까닭\n\n</details>'
    first = ["**1. 몇?**", "- 하나\n- 둘", fold.format("둘")]
    second = ["**2. 얼마?**", "- 셋\n- 넷", fold.format("셋")]
    return "\n\n".join([f"## {section}", *first, *second, "뒷말"])


def test_each_folded_answer_comes_on_the_slide_after_its_question():
    first, two, second, three, after = decks(arranged(asked("확인 문제")))
    assert "몇?" in first and "- 둘" in first and "얼마?" in second and "- 셋" in second
    assert not any("까닭" in question for question in (first, second))
    assert "답 보기" in two and "**둘.** 까닭" in two and "**셋.** 까닭" in three
    assert second.startswith("### 확인 문제") and after.endswith("뒷말")


def test_class_bets_before_it_sees_the_answers():
    cells = [nbformat.v4.new_markdown_cell(text) for text in (HEAD, asked("예상해 보기"), "## 절\n\n글")]
    found = Arrangement(nbformat.v4.new_notebook(cells=cells), "..")
    starts = [cell for cell in found.cells if cell.metadata["slideshow"]["slide_type"] != "-"]
    assert [cell.source for cell in starts[2:]] == [cell.source for cell in found.cells[2:]]
    first, second, after = (cell.source for cell in found.cells[2:-1])
    assert "몇?" in first and "얼마?" in second and "- 셋" in second and "뒷말" in after
    assert not any(word in first + second + after for word in ("까닭", "답 보기"))


def test_links_lead_to_decks_and_to_the_book():
    text = "[하나](01_power.ipynb) [둘](../book/traps.md#함정) [셋](https://example.com/a.md)"
    (deck,) = decks(arranged(f"## 절\n\n{text}"))
    expected = "[하나](01_power.html) [둘](../html/book/traps.html#함정) [셋](https://example.com/a.md)"
    assert deck.endswith(expected)


def test_without_npm_one_sentence_says_what_to_do(monkeypatch, tmp_path):
    def fail(*arguments):
        raise vendor.Unavailable("npm이 없습니다")

    monkeypatch.setattr(vendor, "fetch", fail)
    with pytest.raises(SystemExit, match="npm이 없습니다.*설치하고"):
        slides.main(tmp_path)


def test_book_is_found_beside_and_around():
    assert slides.way_to_book(slides.OUTPUT) == "../html"
    assert slides.way_to_book(slides.BOOK / "slides") == ".."
