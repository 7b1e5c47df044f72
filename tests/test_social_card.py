"""공유 카드의 그림: 제목이 그림 안에, 곡선 위에 들어가는가. 쪽에 적힌 것은 tests/test_book.py가 본다."""

import importlib.util
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest

PATH = Path(__file__).resolve().parents[1] / "book" / "_ext" / "social_card.py"
BOOK = "심층 신경망 훈련하기"
TITLES = [
    "규제",
    "ℓ1과 ℓ2 규제",
    "규제를 사용해 과대적합 피하기",
    "심층 신경망 훈련하기: 학습률 스케줄링과 규제",
    "아주 긴 제목도 낱말 사이에서 줄을 바꾸어 그림 안에 모두 담고, 곡선까지 내려가지 않게 한다",
]


@pytest.fixture(scope="module")
def cards():
    spec = importlib.util.spec_from_file_location("social_card", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("title", TITLES)
def test_title_fits_above_the_curves(cards, title, tmp_path, recwarn):
    cards.draw(title, BOOK, tmp_path / "card.png")
    figure, curves, _, above, below = cards.canvas()
    assert below.get_text().replace("\n", " ") == title
    assert above.get_text() == ("" if title.startswith(BOOK) else BOOK)  # 같은 말을 두 번 적지 않는다
    box = below.get_window_extent()
    curves = curves.get_window_extent()
    assert box.x1 < 0.95 * cards.SIZE[0] and curves.y1 < box.y0 and box.y1 < above.get_window_extent().y0
    assert not [str(warning.message) for warning in recwarn if "Glyph" in str(warning.message)]  # 글꼴에 없는 글자


def test_pictures_of_different_titles_differ_only_in_the_text(cards, tmp_path):
    """그림을 거듭 쓰므로, 앞 제목이 남거나 곡선이 겹쳐 그려지지 않아야 한다."""
    paths = [tmp_path / f"{number}.png" for number in range(3)]
    for title, path in zip([TITLES[1], TITLES[2], TITLES[1]], paths):
        cards.draw(title, BOOK, path)
    first, other, again = map(matplotlib.image.imread, paths)
    assert first.shape[:2] == cards.SIZE[::-1]
    assert np.array_equal(first, again) and not np.array_equal(first, other)
    assert np.array_equal(first[360:], other[360:]) and np.ptp(first[360:]) > 0.5


def test_section_carries_its_own_picture(cards, tmp_path):
    notebook = PATH.parents[2] / "notebooks" / "09_dropout.ipynb"
    image, alternative = cards.first_picture(notebook)
    assert image.startswith(b"\x89PNG") and "드롭아웃" in alternative
    with_picture, without = tmp_path / "picture.png", tmp_path / "curves.png"
    cards.draw(TITLES[0], BOOK, with_picture, image)
    cards.draw(TITLES[0], BOOK, without)
    drawn, plain = map(matplotlib.image.imread, (with_picture, without))
    assert np.array_equal(drawn[:200], plain[:200]) and not np.array_equal(drawn[360:], plain[360:])
    assert (drawn[360:] == 1).all(axis=2).mean() > 0.1  # 그림의 흰 바탕
    assert cards.first_picture(PATH) == (None, None)
