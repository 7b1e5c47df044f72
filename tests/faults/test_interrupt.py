"""실행하는 동안 Ctrl-C를 누른다. 곧 끝나고, 커널도 반쪽짜리 파일도 남지 않는다."""

import os
import signal
import subprocess

import psutil
import pytest
from patience import PATIENCE, until
from sandbox import contents

# 긴 계산처럼 SIGINT에 답하지 않는 셀
STARTED = """import os, signal, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
open({path!r}, "w").write(str(os.getpid()))
time.sleep(600)"""


def alive(pid):
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


@pytest.fixture
def interrupted(environment, tmp_path):
    """터미널처럼 명령의 프로세스 모두에게 SIGINT를 보낸다. 끝난 명령과 그 글을 돌려준다."""

    def interrupted(command, ready):
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "env": environment}
        with subprocess.Popen(command, start_new_session=True, **options) as process:
            try:
                until(ready)
                os.killpg(process.pid, signal.SIGINT)
                said, _ = process.communicate(timeout=PATIENCE)
                return process, said
            finally:
                process.kill()

    return interrupted


def test_ctrl_c_ends_make_notebooks_at_once_and_changes_nothing(course, interrupted, tmp_path):
    started = tmp_path / "kernel"
    course.notebook(STARTED.format(path=str(started)))
    before = contents(course.folder / "notebooks")
    ready = lambda: started.exists() and started.read_text()  # noqa: E731
    # 주피터는 답하지 않는 커널을 본디 5초 기다린다. 기다리는 것이 있으면 끝나지 않게 한다.
    (course.folder / "src" / "sitecustomize.py").write_text(
        f"from jupyter_client import KernelManager\nKernelManager.shutdown_wait_time.default_value = {100 * PATIENCE}\n"
    )
    process, said = interrupted(course.make("notebooks", "ONLY=99"), ready)
    kernel = int(started.read_text())
    assert process.returncode in (-signal.SIGINT, 2, 130)
    until(lambda: not alive(kernel))
    assert contents(course.folder / "notebooks") == before
    assert "멈추었습니다. 저장된 노트북은 그대로입니다." in said and "Traceback" not in said


def test_program_alone_ends_with_130(course, interrupted, tmp_path):
    started = tmp_path / "kernel"
    course.notebook(STARTED.format(path=str(started)))
    command = [str(course.folder / ".venv/bin/python"), "-m", "authoring.notebooks", "99"]
    process, said = interrupted(command, lambda: started.exists() and started.read_text())
    assert process.returncode == 130, said


def test_ctrl_c_in_make_book_leaves_a_book_that_can_be_built(course, interrupted, run):
    pages = course.folder / "_build/.doctrees/book"
    process, said = interrupted(course.make("book"), lambda: pages.exists() and list(pages.iterdir()))
    assert process.returncode and "완성되었습니다" not in said
    result = run(*course.make("book"))
    assert "책이 완성되었습니다" in result.stdout, result.stderr
