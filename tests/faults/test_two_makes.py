"""make 둘을 함께 부른다. 서로 망치지 않고, 늦은 쪽은 기다린다고 말한다."""

import hashlib
import subprocess
import zipfile
from contextlib import ExitStack

import nbformat
import pytest
from patience import PATIENCE

# 설치가 끝날 때 한 줄을 남긴다. 두 번 설치하면 두 줄이다. 늦은 쪽이 잠긴 문 앞에 올 때까지 끝내지 않는다.
JUPYTER = """
import os, time

def main():
    lock = f":{os.stat('.venv/.lock').st_ino} "
    while not any("-> FLOCK" in line and lock in line for line in open("/proc/locks")):
        time.sleep(0.05)
    open(os.environ["LOG"], "a").write("installed\\n")
"""


STORE = """
import pathlib, sys, nbformat
from authoring.notebooks import write
path = pathlib.Path(sys.argv[1])
notebook = nbformat.read(path, as_version=4)
for _ in range(50):
    write(notebook, path)
    nbformat.read(path, as_version=4)
"""


@pytest.fixture
def together(environment):
    """같은 명령 둘을 함께 실행해 (끝난 값, 찍은 글) 둘을 돌려준다."""

    def together(command, **env):
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "env": environment | env}
        with ExitStack() as stack:
            processes = [stack.enter_context(subprocess.Popen(command, **options)) for _ in range(2)]
            for process in processes:
                stack.callback(process.kill)
            said = [process.communicate(timeout=PATIENCE)[0] for process in processes]
        return [(process.returncode, text) for process, text in zip(processes, said)]

    return together


BACKEND = """
import shutil

def build_editable(folder, *settings):
    return shutil.copy("homl11-0-py3-none-any.whl", folder).rpartition("/")[2]
"""
PROJECT = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'


def write_wheel(folder, name):
    """진짜 pip이 인터넷 없이 설치할 수 있는 가장 작은 꾸러미. 조리법이 부르는 jupyter 명령이 들어 있다."""
    path, info = folder / f"{name}-0-py3-none-any.whl", f"{name}-0.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"fake_{name}.py", JUPYTER)
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/entry_points.txt", f"[console_scripts]\n{name} = fake_{name}:main\n")
        wheel.writestr(f"{info}/RECORD", "")
    return path


def test_environment_is_set_up_once(course, together, tmp_path):
    (course.folder / ".venv").unlink()
    tool = write_wheel(course.folder, "jupyter")
    digest = hashlib.sha256(tool.read_bytes()).hexdigest()
    (course.folder / "requirements.lock").write_text(f"./{tool.name} --hash=sha256:{digest}\n", encoding="utf-8")
    write_wheel(course.folder, "homl11")
    (course.folder / "backend.py").write_text(BACKEND, encoding="utf-8")
    (course.folder / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    log = tmp_path / "log"
    results = together(["make", "-C", str(course.folder), ".venv/ready"], LOG=str(log))
    assert [code for code, _ in results] == [0, 0], results
    assert log.read_text().split() == ["installed"]
    assert sum("기다립니다" in said for _, said in results) == 1
    assert sum("패키지를 설치합니다" in said for _, said in results) == 1


def test_same_notebook_is_executed_by_both(course, together):
    path = course.notebook("import time\ntime.sleep(1)\n2 + 3")
    results = together(course.make("notebooks", "ONLY=99"))
    assert [code for code, _ in results] == [0, 0], results
    [output] = nbformat.read(path, as_version=4).cells[0].outputs
    assert output.data["text/plain"] == "5"


def test_same_notebook_is_stored_whole_by_both(course, together):
    """실행은 끝나는 때가 저마다이다. 저장만 되풀이해 두 저장이 반드시 겹치게 한다."""
    path = course.notebook(f"'{'가' * 300_000}'")
    before = path.read_bytes()
    results = together([str(course.folder / ".venv/bin/python"), "-c", STORE, str(path)])
    assert [code for code, _ in results] == [0, 0], results
    assert path.read_bytes() == before
    assert [found.name for found in path.parent.glob("*99_fault*")] == [path.name]


def test_book_is_built_by_one_after_the_other(course, together):
    results = together(course.make("book"))
    assert [code for code, _ in results] == [0, 0], results
    assert sum("(_build/.lock). 끝나기를 기다립니다" in said for _, said in results) == 1, results
    page = (course.folder / "_build/html/book/regularization.html").read_text(encoding="utf-8")
    assert page.rstrip().endswith("</html>")
