"""장애를 흉내 내지 않고 일으킨다: 네트워크와 디스크는 bubblewrap이, 나머지는 진짜 프로세스가 만든다."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from patience import PATIENCE
from sandbox import Course

PYTHON = sys.executable
# 상자 안의 나머지는 이 기계 그대로이다. 권한을 버리므로 루트도 파일의 허가를 지킨다.
WALL = ["bwrap", "--dev-bind", "/", "/", "--cap-drop", "ALL", "--die-with-parent"]


def pytest_collection_modifyitems(items):
    """장애마다 새 파이썬이 텐서플로를 처음부터 불러온다. 그래서 모두 ``make test-all``에서 시험한다."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def wall():
    """``wall("--unshare-net")``: 장애 안에서 실행하는 명령의 앞부분. 만들 수 없으면 건너뛰지만 CI에서는 실패한다."""
    failed = "bubblewrap이 없습니다"
    if shutil.which("bwrap"):
        probe = subprocess.run([*WALL, "--unshare-net", "--", "/usr/bin/true"], capture_output=True, text=True)
        failed = probe.returncode and probe.stderr.strip()
    if failed:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"장애를 일으킬 상자가 없습니다: {failed}")
    return lambda *options: [*WALL, *map(str, options), "--"]


@pytest.fixture
def home(tmp_path):
    """아무것도 없는 홈 폴더."""
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def environment(home):
    """갓 로그인한 사람의 환경. 이 기계의 캐시와 설정을 가리키는 것은 뺀다."""
    kept = {"PATH", "LANG", "CI", "PYTHONPATH", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"}
    return {name: value for name, value in os.environ.items() if name in kept} | {"HOME": str(home)}


@pytest.fixture
def run(environment, tmp_path):
    """명령을 끝까지 실행한다. ``env``로 환경을, ``inside``로 장애를 더한다."""

    def run(*command, inside=(), env=(), cwd=tmp_path, timeout=PATIENCE):
        command = [*inside, *map(str, command)]
        options = {"capture_output": True, "text": True, "cwd": cwd, "timeout": timeout}
        return subprocess.run(command, env=environment | {k: str(v) for k, v in dict(env).items()}, **options)

    return run


@pytest.fixture
def learn(run):
    """배우는 사람의 셀 하나를 새 파이썬에서 실행한다. 오류는 맨 밑 한 줄이 전부이다."""
    return lambda code, **options: run(PYTHON, "-c", code, **options)


@pytest.fixture
def course(tmp_path, environment):
    """저장소의 사본. 그 안에서 make를 불러도 이 저장소는 그대로이다."""
    environment["PYTHONPATH"] = str(tmp_path / "course" / "src")
    return Course(tmp_path / "course")
