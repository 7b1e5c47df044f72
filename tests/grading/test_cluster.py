"""제출물을 Dask 클러스터의 일꾼에게 맡긴다: 점수는 같고, 비밀은 남고, 죽어도 잇는다."""

import json
import os
import re
import signal
import subprocess
import sys
import threading

import psutil
import pytest
from distributed import LocalCluster
from patience import PATIENCE, until
from test_course import said

from grading import cluster

pytestmark = pytest.mark.usefixtures("isolated")

# 상자 안에서 스케줄러에 닿으려 하고, 제 번호를 찍는다.
REACH = """import socket
def double(x):
    return 2 * x
try:
    socket.create_connection(({host!r}, {port}), 3)
    print("닿았다")
except OSError as error:
    print("닿지 못했다", type(error).__name__)
"""


@pytest.fixture
def handed_in(course, answered, tmp_path, dask):
    """네 사람이 낸 과정: 맞은 것, 반만 맞은 것, 빈 것, 스케줄러를 찾는 것."""
    folder = tmp_path / "받은 것"
    folder.mkdir()
    host, port = dask.scheduler_address.removeprefix("tcp://").split(":")
    codes = {
        "s01": "def double(x):\n    return 2 * x",
        "s02": "def double(x):\n    return abs(2 * x)",
        "s03": None,
        "s04": REACH.format(host=host, port=int(port)),
    }
    for name, code in codes.items():
        (folder / f"{name}_schedules.ipynb").write_bytes(answered(code=code))
    course.collect("schedules", folder)
    return course


def boxes(client):
    """일꾼들이 열고 있는 상자. 상자를 만들 수 있는지 떠보는 것은 세지 않는다."""
    workers = [psutil.Process(pid) for pid in client.run(os.getpid).values()]
    family = [child for worker in workers for child in worker.children(recursive=True)]
    return [child for child in family if cluster.box.ANSWERS in commandline(child)]


def commandline(process):
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []


def scores(course):
    return {
        name: course.entered("schedules", name)["scores"]["02_exponential-closure-grade"]
        for name in "s01 s02 s03 s04".split()
    }


DESERVED = {"s01": 2, "s02": 1, "s03": 0, "s04": 2}


@pytest.mark.slow
def test_marks_come_back_and_secret_solutions_and_names_stay(handed_in, dask, capsys, monkeypatch):
    sent, run = [], cluster.run

    def listening(client, *arguments):
        """일꾼에게 보내는 것을 모두 적는다."""
        submit = type(client).submit.__get__(client)
        client.submit = lambda *given, **options: sent.append((given[1:], options)) or submit(*given, **options)
        return run(client, *arguments)

    monkeypatch.setattr(cluster, "run", listening)
    # 강사의 컴퓨터에는 상자가 없다.
    monkeypatch.setattr(cluster.box, "available", lambda: "상자가 없다")
    monkeypatch.setattr(cluster.box, "execute", None)
    arguments = ("--course", handed_in.root, "autograde", "schedules", "--scheduler", dask.scheduler_address)
    assert said(capsys, *arguments) == (0, "4명을 채점했습니다.\n")
    assert scores(handed_in) == DESERVED
    assert "닿지 못했다" in handed_in.record_path("schedules", "s04").read_text("utf-8")

    text = json.dumps(sent, ensure_ascii=False)
    assert len(sent) == 4 and "hidden_random" in text  # 숨은 시험은 간다
    assert handed_in.secret not in text and "모범 답안" not in text and not re.search("s0[1-4]|작은-과정", text)


# 첫 기록을 남기자마자 스스로를 죽이는 채점.
DIES = """
import os, signal, sys
from grading.__main__ import main
from grading.course import Course
store = Course.store
def dying(*arguments):
    store(*arguments)
    os.kill(os.getpid(), signal.SIGKILL)
Course.store = dying
main(sys.argv[1:])
"""


@pytest.mark.slow
def test_killed_grading_goes_on_where_it_stopped(handed_in, dask, capsys, monkeypatch):
    arguments = ["--course", str(handed_in.root), "autograde", "schedules", "--scheduler", dask.scheduler_address]
    killed = subprocess.run([sys.executable, "-c", DIES, *arguments], capture_output=True, timeout=PATIENCE)
    assert killed.returncode == -signal.SIGKILL
    folder = handed_in.root / ".graded" / "schedules"
    before = {path: path.stat().st_mtime_ns for path in folder.glob("*.json")}
    assert len(before) == 1
    submitted, run = [], cluster.run
    monkeypatch.setattr(cluster, "run", lambda *given: submitted.append(given) or run(*given))
    assert said(capsys, *arguments) == (0, "4명을 채점했습니다.\n")
    assert len(submitted) == 3 and scores(handed_in) == DESERVED
    assert not list(folder.glob("*.part"))


# 한계를 아주 멀리 둔 채점. 상자는 스스로 멈추지 않는다.
WAITS = """
import sys
from grading.box import Limits
from grading.course import Course
root, scheduler = sys.argv[1:]
limits = Limits(cell_waiting=10**6, seconds=10**6)
print("채점을 마쳤다:", Course(root).autograde("schedules", scheduler=scheduler, limits=limits), file=sys.stderr)
"""


@pytest.mark.slow
def test_boxes_of_a_killed_teacher_are_closed(course, dask, answered, tmp_path):
    """강사의 프로세스가 죽으면 일꾼의 상자도 곧 닫힌다. 끝없는 제출물이 일꾼을 붙들지 않는다."""
    (tmp_path / "s01_schedules.ipynb").write_bytes(answered(code="import time\ntime.sleep(10**6)"))
    course.collect("schedules", tmp_path, "(?P<student>s01)")
    told = tmp_path / "강사의 화면.txt"
    with dask.get_client() as client, told.open("w") as screen:
        command = [sys.executable, "-c", WAITS, course.root, dask.scheduler_address]
        teacher = subprocess.Popen(command, stderr=screen)
        try:
            until(lambda: boxes(client) or teacher.poll() is not None)
            assert teacher.poll() is None, f"강사의 프로세스가 먼저 끝났다\n{told.read_text('utf-8')}"
        finally:
            teacher.kill()
            teacher.wait()
        until(lambda: not boxes(client))
    assert not course.record_path("schedules", "s01").exists()


@pytest.mark.slow
def test_hand_in_of_a_killed_worker_goes_to_another(course, answered, tmp_path, dask):
    waiting = "import time\ntime.sleep(5)\ndef double(x):\n    return 2 * x"
    (tmp_path / "s01_schedules.ipynb").write_bytes(answered(code=waiting))
    course.collect("schedules", tmp_path, "(?P<student>s01)")
    killed = []

    def kill(client):
        """맡은 일꾼이 상자를 열면 그 일꾼을 죽인다."""
        until(lambda: boxes(client))
        [worker] = [name for name, tasks in client.processing().items() if tasks]
        [pid] = client.run(os.getpid, workers=[worker]).values()
        os.kill(pid, signal.SIGKILL)
        killed.append(pid)

    with dask.get_client() as client:
        killer = threading.Thread(target=kill, args=[client])
        killer.start()
        assert course.autograde("schedules", scheduler=dask.scheduler_address) == (["s01"], {})
        killer.join()
    assert killed and course.entered("schedules", "s01")["scores"] == {"02_exponential-closure-grade": 2}


def test_unreachable_scheduler_is_named(handed_in, capsys, monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE", 1)
    arguments = ("--course", handed_in.root, "autograde", "schedules", "--scheduler")
    code, text = said(capsys, *arguments, "tcp://127.0.0.1:9")
    assert code == 1 and text.startswith("Dask 스케줄러 tcp://127.0.0.1:9에 닿지 않습니다")
    code, text = said(capsys, *arguments, "tcp://127.0.0.1:9", "--without-isolation")
    assert code == 1 and "함께 쓸 수 없습니다" in text


def test_other_version_on_a_worker_is_named(handed_in, dask, capsys, monkeypatch):
    monkeypatch.setattr(cluster, "fingerprint", lambda: "다른 판")
    arguments = ("--course", handed_in.root, "autograde", "schedules", "--scheduler", dask.scheduler_address)
    code, text = said(capsys, *arguments)
    assert code == 1 and re.match(r"일꾼 tcp://127\.0\.0\.1:\d+: 강좌나 파이썬의 판이", text)
    assert not (handed_in.root / ".graded").exists()


def test_cluster_without_workers_and_worker_without_the_course(handed_in, capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(cluster, "PATIENCE", 2)
    (tmp_path / "grading.py").write_text("raise ImportError('설치하지 않았다')")
    with LocalCluster(n_workers=0, dashboard_address=":0", host="127.0.0.1") as empty:
        address = empty.scheduler_address
        arguments = ("--course", handed_in.root, "autograde", "schedules", "--scheduler", address)
        code, text = said(capsys, *arguments)
        assert code == 1 and "일꾼이 없습니다" in text and f"dask worker {address}" in text
        worker = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--no-nanny", "--no-dashboard"]
        environment = os.environ | {"PYTHONPATH": str(tmp_path)}
        with subprocess.Popen(worker, env=environment, stderr=subprocess.DEVNULL) as bare:
            try:
                monkeypatch.setattr(cluster, "PATIENCE", PATIENCE)
                code, text = said(capsys, *arguments)
                assert code == 1 and "이 강좌를 부르지 못합니다" in text
            finally:
                bare.terminate()
