"""그림이 어두운 쪽에서도 쪽의 일부인가."""

import io

import numpy as np
import pytest
from PIL import Image


def brightness(locator):
    """화면에 찍힌 밝기: 0은 검정, 1은 흰색."""
    return np.asarray(Image.open(io.BytesIO(locator.screenshot())).convert("L")) / 255


@pytest.mark.parametrize("page", ["notebooks/09_dropout", "notebooks/10_mc_dropout", "book/study"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_figure_has_the_ground_of_its_page(new_page, page, scheme):
    view = new_page(viewport={"width": 1280, "height": 900}, color_scheme=scheme)
    view.goto(f"/{page}.html")
    ground = view.evaluate("getComputedStyle(document.body).backgroundColor")
    ground = np.mean([int(part) for part in ground.strip("rgba()").split(",")[:3]]) / 255
    figures = view.locator(".bd-article figure img").all()
    assert figures
    for figure in figures:
        shown = brightness(figure)
        corners = shown[[0, 0, -1, -1], [0, -1, 0, -1]]
        assert np.abs([np.median(shown), *corners] - ground).max() < 0.1  # 그림의 바탕도 둘레도 쪽의 바탕이다
        assert np.abs(shown - ground).max() > 0.6  # 그 위의 글자와 선은 뚜렷하다
    view.context.close()
