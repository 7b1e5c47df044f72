"""설치할 수 없는 컴퓨터에서 make가 pip의 오류 대신 까닭을 한 줄로 말하는지. 그런 컴퓨터는 가짜 ``python3``이 된다."""

import itertools
import os
import re
import shutil
import subprocess
import sys
import tomllib

import pytest
from packaging.requirements import Requirement

from authoring import ROOT, platforms

LINUX, WINDOWS = {"system": "Linux", "machine": "x86_64"}, {"system": "Windows", "machine": "AMD64"}
MAC, INTEL_MAC = {"system": "Darwin", "machine": "arm64"}, {"system": "Darwin", "machine": "x86_64"}
REFUSED = [
    ({"version": (3, 14)}, "파이썬 3.14에 맞는 텐서플로가 아직 없습니다.*PYTHON="),
    ({"version": (3, 10)}, "파이썬 3.11 이상이 필요합니다.*PYTHON="),
    (INTEL_MAC, "인텔 맥.*Colab이나 컨테이너"),
    (WINDOWS, "WSL"),
    ({"system": "CYGWIN_NT-10.0", "machine": "x86_64"}, "WSL"),
    ({"libc": "musl"}, "x86_64, 64비트, musl.*컨테이너"),
    ({"machine": "armv7l", "bits": 32}, "armv7l, 32비트"),
    ({"implementation": "PyPy"}, "CPython"),
    ({"version": (3, 13), "gil": False}, "CPython"),
]

# 물음에 답하는 것만 바꾼 파이썬. 스크립트는 그대로 돌린다.
FAKE = """\
import os, platform, runpy, sys, sysconfig
fake = {fake!r}
sys.version_info = (*fake["version"], 0, "final", 0)
sys.maxsize = 2 ** (fake["bits"] - 1) - 1
platform.system = lambda: fake["system"]
platform.machine = lambda: fake["machine"]
platform.python_implementation = lambda: fake["implementation"]
platform.libc_ver = lambda: (fake["libc"] if fake["libc"] == "glibc" else "", "")
sysconfig.get_config_var = lambda name: not fake["gil"] if name == "Py_GIL_DISABLED" else None
sys.argv = sys.argv[1:]
assert sys.argv[0].endswith(("platforms.py", "lock.py")), sys.argv
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.fixture
def make(tmp_path):
    """``python3``이 ``machine``인 척하는 컴퓨터에서 ``make lab``. 패키지를 설치하려 하면 가짜가 실패한다."""
    course = tmp_path / "course"
    scripts = ("src/authoring/platforms.py", "src/authoring/lock.py")
    for name in ("Makefile", "requirements.lock", "pyproject.toml", *scripts):
        (course / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, course / name)

    def make(machine=None):
        (tmp_path / "bin").mkdir()
        if machine:
            usual = {"version": (3, 12), **LINUX, "implementation": "CPython", "libc": "glibc", "gil": True, "bits": 64}
            (tmp_path / "fake.py").write_text(FAKE.format(fake=usual | machine), encoding="utf-8")
            python = tmp_path / "bin" / "python3"
            python.write_text(f'#!/bin/sh\nexec "{sys.executable}" -B "{tmp_path}/fake.py" "$@"\n')
            python.chmod(0o755)
        tools = [shutil.which(name) for name in ("make", "sh")]
        [(tmp_path / "bin" / os.path.basename(tool)).symlink_to(tool) for tool in tools]
        options = {"cwd": course, "env": {"PATH": str(tmp_path / "bin"), "LANG": "C.UTF-8"}}
        result = subprocess.run(["make", "lab"], capture_output=True, text=True, **options)
        assert not (course / ".venv").exists()
        return result

    return make


@pytest.mark.parametrize("machine, said", REFUSED)
def test_make_names_the_case_in_one_line(make, machine, said):
    result = make(machine)
    assert result.returncode and re.fullmatch(f".*{said}.*\n", result.stdout), result.stdout
    assert "Traceback" not in result.stderr and "pip" not in result.stderr


def test_make_names_a_missing_python(make):
    result = make()
    assert result.returncode and re.fullmatch("python3 명령이 없습니다. 파이썬 3.11-3.13을 설치.*\n", result.stdout)


def test_make_goes_on_where_there_is_tensorflow(make):
    """여기서 설치를 시작한다. 가짜는 그다음을 하지 못한다."""
    assert "패키지를 설치합니다" not in make({}).stdout
    assert platforms.lacking(**platforms.here()) is None


def test_refusal_agrees_with_the_wheels_of_the_package():
    """패키지가 텐서플로를 건너뛰는 곳과 make가 그만두는 곳은 같다. 윈도에는 휠이 있으나 make가 없다."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (marker,) = [Requirement(line).marker for line in project["dependencies"] if line.startswith("tensorflow")]
    names = {"Linux": "linux", "Darwin": "darwin"}
    for minor, machine in itertools.product(range(11, 17), (LINUX, MAC, INTEL_MAC)):
        environment = {
            "python_version": f"3.{minor}",
            "sys_platform": names[machine["system"]],
            "platform_machine": machine["machine"],
        }
        assert (platforms.lacking((3, minor), **machine) is None) == marker.evaluate(environment), environment


# 찾을 수 없는 꾸러미. None을 넣어 둔 것과 달리 케라스도 진짜 없는 것으로 안다.
MISSING = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name == {name!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Missing())
import homl11
"""


def said_without(name, backend):
    environment = os.environ | {"KERAS_BACKEND": backend, "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-c", MISSING.format(name=name)]
    return subprocess.run(command, env=environment, capture_output=True, text=True).stderr.splitlines()


@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_import_without_a_backend_says_what_to_install(backend):
    said = said_without(backend, backend)
    assert f"ImportError: 케라스의 백엔드가 없습니다({backend}). pip install {backend} " in said[-1]
    assert "KERAS_BACKEND를 jax로" in said[-1] and "During handling" not in "".join(said)


def test_import_without_something_else_keeps_its_error():
    assert said_without("ml_dtypes", "tensorflow")[-1] == "ModuleNotFoundError: No module named 'ml_dtypes'"
