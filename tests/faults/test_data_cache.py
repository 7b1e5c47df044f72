"""데이터 캐시가 깨졌거나, 읽을 수 없거나, 쓸 수 없거나, 남이 쓰고 있다.

깨진 파일의 여러 꼴은 ``tests/test_data.py``에 있다. 여기서는 진짜 파일 시스템의 허가와 진짜 프로세스로 본다.
"""

import os
import shutil
import subprocess
import sys

import pytest
from sandbox import contents

from homl11.data import load_dataset

IMAGES = "train-images-idx3-ubyte.gz"
FASHION = """
from homl11.data import DatasetError, load_dataset
try:
    print(load_dataset("fashion_mnist"))
except DatasetError as error:
    print(error)
"""
LOADED = "fashion_mnist: 훈련"


@pytest.fixture
def keras(tmp_path, fashion_files):
    """온전한 캐시가 있는 KERAS_HOME."""
    folder = tmp_path / "keras"
    shutil.copytree(fashion_files, folder / "datasets/fashion-mnist")
    return folder


@pytest.fixture
def load(learn, wall, keras):
    """네트워크 없는 새 프로세스에서 불러와, 사람이 보는 글을 돌려준다."""
    return lambda *options: learn(FASHION, env={"KERAS_HOME": keras}, inside=wall("--unshare-net", *options)).stdout


def test_truncated_cache_is_set_aside_whole(load, keras):
    broken = keras / "datasets/fashion-mnist" / IMAGES
    half = broken.read_bytes()[: broken.stat().st_size // 2]
    broken.write_bytes(half)
    os.utime(broken, (0, 0))
    said = load()
    [aside] = broken.parent.glob("*.broken-*")
    assert aside.read_bytes() == half and str(aside) in said and not broken.exists()


def test_unreadable_cache_names_the_file_and_the_permission(load, keras):
    closed = keras / "datasets/fashion-mnist" / IMAGES
    closed.chmod(0)
    said = load()
    assert str(closed) in said and "권한을 고치고" in said and "인터넷" not in said
    closed.chmod(0o600)
    assert load().startswith(LOADED)


def test_unreadable_folder_names_the_folder_and_the_permission(load, keras):
    closed = keras / "datasets/fashion-mnist"
    closed.chmod(0)
    said = load()
    closed.chmod(0o700)
    assert str(closed) in said and "권한을 고치고" in said and "인터넷" not in said


def test_whole_cache_on_a_read_only_disk_is_used(load, keras):
    assert load("--ro-bind", keras, keras).startswith(LOADED)


def test_broken_cache_on_a_read_only_disk_says_what_to_do(load, keras):
    broken = keras / "datasets/fashion-mnist" / IMAGES
    broken.write_bytes(b"half")
    os.utime(broken, (0, 0))
    before = contents(keras)
    said = load("--ro-bind", keras, keras)
    assert "KERAS_HOME" in said and str(broken) in said and "인터넷" not in said
    assert contents(keras) == before


def test_missing_file_on_a_read_only_disk_says_what_to_do(load, keras):
    (keras / "datasets/fashion-mnist" / IMAGES).unlink()
    said = load("--ro-bind", keras, keras)
    assert "쓸 수 없습니다" in said and "KERAS_HOME" in said and "인터넷" not in said


def test_full_disk_is_not_blamed_on_the_network(learn, wall, tmp_path, fashion_files):
    keras = tmp_path / "keras"
    (keras / "datasets").mkdir(parents=True)
    online = f"""
import shutil, keras.src.utils.file_utils as utils
utils.urlretrieve = lambda origin, target, hook: shutil.copy("{fashion_files}/" + origin.rpartition("/")[2], target)
"""
    full = wall("--size", 200_000, "--tmpfs", keras / "datasets")
    said = learn(f"import homl11{online}{FASHION}", env={"KERAS_HOME": keras}, inside=full).stdout
    assert "디스크" in said and "KERAS_HOME" in said and "인터넷" not in said


def test_home_named_in_a_cell_is_used(cache, keras, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(keras))
    assert repr(load_dataset("fashion_mnist")).startswith(LOADED)


WRITER = """
import pathlib, sys
target, whole = map(pathlib.Path, sys.argv[1:])
packed = whole.read_bytes()
with target.open("wb") as file:
    file.write(packed[: len(packed) // 2])
    file.flush()
    print("half", flush=True)
    for position in range(len(packed) // 2, len(packed), len(packed) // 8):
        sys.stdin.readline()
        file.write(packed[position : position + len(packed) // 8])
        file.flush()
"""


@pytest.fixture
def writer(cache, fashion_files):
    """케라스처럼 제자리에 쓰고 있는 다른 프로세스. 반까지 썼고, 한 줄을 줄 때마다 조금 더 쓴다."""
    shutil.copytree(fashion_files, cache, dirs_exist_ok=True)
    command = [sys.executable, "-c", WRITER, cache / IMAGES, fashion_files / IMAGES]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "half\n"
        yield process
        process.kill()


def test_file_being_written_by_another_process_is_awaited(writer, cache, fashion_files, monkeypatch, capsys):
    waits = []

    def sleep(seconds):
        waits.append(seconds)
        writer.stdin.write("\n")
        writer.stdin.flush()
        if len(waits) > 5:
            writer.stdin.close()
            writer.wait()

    monkeypatch.setattr("homl11.data.time.sleep", sleep)
    assert len(load_dataset("fashion_mnist").train.x) == 55_000
    assert waits and "기다립니다" in capsys.readouterr().out
    assert contents(cache) == contents(fashion_files)


def test_file_abandoned_by_its_writer_is_not_awaited_forever(writer, cache, fashion_files, monkeypatch):
    writer.kill()
    writer.wait()
    monkeypatch.setattr("homl11.data.time.sleep", lambda seconds: os.utime(cache / IMAGES, (0, 0)))
    monkeypatch.setattr(
        "keras.src.utils.file_utils.urlretrieve",
        lambda origin, target, hook: shutil.copy(fashion_files / origin.rpartition("/")[2], target),
    )
    assert len(load_dataset("fashion_mnist").train.x) == 55_000
    [aside] = cache.glob("*.broken-*")
    assert aside.name.startswith(IMAGES)


def test_file_appears_in_the_cache_only_when_it_is_whole(cache, fashion_files, monkeypatch):
    seen = []

    def urlretrieve(origin, target, hook):
        packed = (fashion_files / origin.rpartition("/")[2]).read_bytes()
        with open(target, "wb") as file:
            file.write(packed[: len(packed) // 2])
            file.flush()
            seen.append([path.name for path in cache.glob("*.gz") if path.name == origin.rpartition("/")[2]])
            file.write(packed[len(packed) // 2 :])

    monkeypatch.setattr("keras.src.utils.file_utils.urlretrieve", urlretrieve)
    load_dataset("fashion_mnist")
    assert seen == [[]] * 4 and contents(cache) == contents(fashion_files)
