"""메모리가 2GB뿐이다.

프로세스마다 RLIMIT_DATA로 정말 막고, 함께 쓴 것(PSS의 합)을 재어 견준다. RLIMIT_AS로는 막지 않는다: 텐서플로는
쓰지 않을 주소를 넉넉히 잡아 둔다.
"""

import contextlib
import shutil
import subprocess
import sys
import time

import psutil
import pytest

from grading.box import memory

LIMIT = 2 * 2**30
LIMITED = ["prlimit", f"--data={LIMIT}", "--"]


@pytest.fixture
def peak(environment):
    """명령을 2GB 안에서 끝까지 실행하고, 그 프로세스들이 한때 함께 쓴 가장 큰 메모리를 돌려준다."""
    if not shutil.which("prlimit"):
        pytest.skip("프로세스의 메모리를 막는 prlimit이 없습니다(리눅스에만 있습니다)")

    def peak(*command, env=()):
        highest, options = 0, {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        with subprocess.Popen([*LIMITED, *map(str, command)], env=environment | dict(env), **options) as process:
            family = psutil.Process(process.pid)
            while process.poll() is None:
                used = 0
                with contextlib.suppress(psutil.Error):
                    for member in [family, *family.children(recursive=True)]:
                        used += memory(member)
                highest = max(highest, used)
                time.sleep(0.05)
            said = process.stdout.read()
        assert process.returncode == 0, said[-2000:]
        print(f"{' '.join(map(str, command))[-40:]}: {highest / 2**20:,.0f}MB")
        return highest

    return peak


def test_limit_is_real(peak):
    with pytest.raises(AssertionError, match="MemoryError"):
        peak(sys.executable, "-c", "bytearray(3 * 2**30)")


def test_larger_data_set_fits(peak, tmp_path, fashion_files):
    shutil.copytree(fashion_files, tmp_path / "datasets/fashion-mnist")
    code = "from homl11.data import load_dataset; load_dataset('fashion_mnist')"
    assert peak(sys.executable, "-c", code, env={"KERAS_HOME": str(tmp_path)}) < LIMIT


def test_notebook_fits(course, peak):
    course.notebook(
        "from homl11.data import load_dataset\nfrom homl11.models import build_mlp\nfrom homl11.training import train",
        "train(build_mlp((300, 100)), load_dataset(), epochs=2, optimizer='sgd')",
    )
    assert peak(*course.make("notebooks", "ONLY=99")) < LIMIT


def test_kernel_killed_for_memory_is_named(course, run):
    path = course.notebook("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
    before = path.read_bytes()
    result = run(*course.make("notebooks", "ONLY=99"))
    assert "커널이 갑자기 끝났습니다. 메모리" in result.stderr and "Traceback" not in result.stderr
    assert path.read_bytes() == before


@pytest.mark.parametrize("key", ["06_schedules_compared", "11_max_norm"])
def test_heaviest_notebooks_fit(key, course, peak):
    assert peak(*course.make("notebooks", f"ONLY={key}")) < LIMIT


def test_book_fits(course, peak):
    assert peak(*course.make("book")) < LIMIT
