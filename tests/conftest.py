"""여러 시험이 함께 쓰는 것: 아주 작은 데이터와 모델."""

import gzip
import os
import re
import shlex
import subprocess
import sys
from functools import partial, partialmethod
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from tqdm import tqdm

from homl11.data import Dataset, Split
from homl11.models import build_mlp

matplotlib.use("Agg")


@pytest.fixture(scope="session")
def data():
    """배울 수 있는 데이터. 훈련 샘플 70개는 배치 32로 세 스텝이고 마지막 배치가 덜 찬다."""
    random = np.random.default_rng(0)

    def split(n):
        x = random.random((n, 4, 4), dtype="float32")
        return Split(x, x[:, 0, :3].argmax(axis=1).astype("int32"))

    return Dataset("작은 데이터", tuple("가나다"), split(70), split(40), split(30))


@pytest.fixture(scope="session")
def build():
    """``data``에 맞는 모델을 만드는 함수."""
    return partial(build_mlp, (8,), input_shape=(4, 4), classes=3)


# 깃허브의 워크플로가 두는 것. 이 사본의 origin이 무엇이든 시험하는 책의 주소가 같아진다.
WORKFLOW = {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "kim-1/deep.learning_11"}


@pytest.fixture(scope="session")
def repository_url():
    """시험하는 책(``site``)에 적힐 저장소의 주소."""
    from authoring import repository

    return repository.address(environment=WORKFLOW)


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """``make book``의 명령으로 처음부터 만든 책. 텐서플로나 케라스를 부르거나 경고가 나면 실패한다.

    명령을 Makefile에서 읽으므로 둘이 달라질 수 없다. 나란히 도는 시험이 모두 한 번 만든 것을 함께 본다.
    """
    from authoring import ROOT, vendor
    from authoring.lock import locked

    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").split("\nbook:")[1]
    command = next(line for line in recipe.splitlines() if "jupyter-book build" in line)
    jupyter_book = Path(sys.executable).with_name("jupyter-book")
    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if "PYTEST_XDIST_WORKER" in os.environ else shared
    output, blocked = shared / "site", shared / "blocked"
    command = [jupyter_book, *shlex.split(command.split("/jupyter-book ")[1]), "--all", "--path-output", output]
    with locked(shared / "site.lock"):
        if not (output / "ready").exists():
            vendor.main()
            blocked.mkdir(exist_ok=True)
            for module in ("tensorflow", "keras"):
                (blocked / f"{module}.py").write_text("raise ImportError('책을 만들 때는 부르지 않는다')")
            paths = os.pathsep.join([str(blocked), str(ROOT / "src")])
            environment = {**os.environ, **WORKFLOW, "PYTHONPATH": paths}
            result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
            assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]
            (output / "ready").touch()
    return output / "_build" / "html"


@pytest.fixture
def bars(monkeypatch):
    """``TQDM_DISABLE=1``로 시험해도 진행 막대를 켜 둔다. 부르면 기다리지 않고 모든 걸음을 보여 준다.

    부르지 않으면 바쁜 기계에서 한 시간이 걸려도 짧은 일이다.
    """
    monkeypatch.setattr(tqdm, "__init__", partialmethod(tqdm.__init__, disable=False, mininterval=0))
    monkeypatch.setattr("homl11.progress.SHOW_AFTER", 3600)
    return lambda: monkeypatch.setattr("homl11.progress.SHOW_AFTER", 0)


@pytest.fixture(scope="session")
def rejects():
    """어느 인수가 무엇을 받았는지를 한국어로 말하는 ``ValueError``를 기다린다."""
    return lambda name, value: pytest.raises(ValueError, match=re.escape(f"{name}={value!r}: ") + ".*[가-힣]")


@pytest.fixture(scope="session")
def fashion_files(tmp_path_factory):
    """길이가 옳은 가짜 Fashion-MNIST. 이미지의 첫 픽셀과 레이블이 몇째 행인지 말해 준다."""
    folder = tmp_path_factory.mktemp("fashion")
    for part, n in (("train", 60_000), ("t10k", 10_000)):
        for kind, width in (("images-idx3", 28 * 28), ("labels-idx1", 1)):
            values = np.zeros((n, width), np.uint8)
            values[:, 0] = np.arange(n) % (10 if width == 1 else 256)
            header = bytes(8 if width == 1 else 16)
            (folder / f"{part}-{kind}-ubyte.gz").write_bytes(gzip.compress(header + values.tobytes(), compresslevel=1))
    return folder


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """케라스가 Fashion-MNIST를 찾는 빈 폴더."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    folder = tmp_path / "datasets/fashion-mnist"
    folder.mkdir(parents=True)
    return folder
