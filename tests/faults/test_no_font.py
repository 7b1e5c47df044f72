"""한글 글꼴이 없다. 네모와 경고의 벽 대신 한 줄이 나온다."""

from importlib.util import find_spec
from pathlib import Path

import pytest

FONTS = Path(find_spec("koreanize_matplotlib").origin).resolve().parent / "fonts"
DRAW = """
import matplotlib.pyplot as plt
from homl11.plots import use_korean_font
use_korean_font()
plt.title("한글 − η")
plt.gcf().canvas.draw()
"""


@pytest.fixture
def no_system_fonts(wall):
    return lambda *more: wall("--tmpfs", "/usr/share/fonts", *more)


def test_machine_without_fonts_draws_korean(learn, no_system_fonts):
    result = learn(DRAW, inside=no_system_fonts())
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize("missing", [FONTS, FONTS.parent], ids=["font files", "whole package"])
def test_missing_font_is_one_korean_error(missing, learn, no_system_fonts):
    result = learn(DRAW, inside=no_system_fonts("--tmpfs", missing))
    [*_, message] = result.stderr.splitlines()
    assert result.returncode and "한글 글꼴이 없습니다" in message and "pip install" in message
    assert "Glyph" not in result.stderr


def test_pdf_says_the_same(learn, no_system_fonts):
    script = "from authoring.pdf import find_fonts; find_fonts()"
    result = learn(script, inside=no_system_fonts("--tmpfs", FONTS.parent))
    assert "한글 글꼴이 없습니다" in result.stderr and "Traceback" not in result.stderr
