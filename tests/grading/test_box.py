"""상자: 제출물은 낯선 사람의 프로그램이다. 무엇을 해도 상자 밖은 그대로이고, 다른 셀은 제 점수를 받는다."""

import json
import os
import platform
import re
import socket
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from attacks import DEAF, SILENT
from classroom import solutions
from patience import until
from wrong_schedules import WRONG

from grading import box, seccomp
from grading.box import ANSWERS, MEBI, Box, Limits, Stopped

MANY = """
import os, time
for _ in range(40):
    if os.fork() == 0:
        time.sleep(100)
time.sleep(100)
"""
# 잠깐 일하고 끝나는 자식을 끝없이 낳는다. 볼 때마다 살아 있는 것은 방금 태어난 것뿐이다.
SHORT_LIVED = """
import os, time
while True:
    child = os.fork()
    if child == 0:
        end = time.process_time() + 0.05
        while time.process_time() < end:
            pass
        os._exit(0)
    try:
        os.waitpid(child, 0)
    except ChildProcessError:
        pass
"""
# 자식이 끝난 것을 듣지 않겠다고 하면, 커널은 그 자식이 쓴 CPU를 더하지 않는다.
IGNORED = "import signal\ntry: signal.signal(signal.SIGCHLD, signal.SIG_IGN)\nexcept OSError: pass"
# 부모가 먼저 끝나, 기다려 줄 사람이 없는 자식. 관이 닫히기를 기다려 한 번에 하나만 낳는다.
ORPHANS = """
import os, time
while True:
    closed, alive = os.pipe()
    child = os.fork()
    if child == 0 and os.fork():
        os._exit(0)
    if child == 0:
        end = time.process_time() + 0.05
        while time.process_time() < end:
            pass
        os._exit(0)
    os.close(alive)
    os.waitpid(child, 0)
    os.read(closed, 1)
    os.close(closed)
"""
QUICK = Limits(cell_seconds=3, cell_waiting=20, seconds=200)
pytestmark = pytest.mark.usefixtures("isolated")


def printed(source, limits=QUICK, isolated=True):
    """상자 안에서 실행한 셀이 찍은 글."""
    with Box(limits, isolated) as opened:
        return "".join(output.get("text", output.get("evalue", "")) for output in opened.run(source))


def test_cell_sees_its_own_output_and_error():
    first, second = box.execute(["print('안녕')", "1 / 0"], seed=1)
    assert first == [{"output_type": "stream", "name": "stdout", "text": "안녕\n"}]
    assert second[0]["ename"] == "ZeroDivisionError" and "1 / 0" in second[0]["traceback"][0]


def test_seed_is_there_only_while_a_hidden_test_runs():
    """미리 알면 숨은 값을 골라 답을 맞춰 둘 수 있다."""
    look = "import os; print(os.environ.get('HOML11_SEED'))"
    found = box.execute([look, look, look], 2024, QUICK, True, {1})
    assert [outputs[0]["text"] for outputs in found] == ["None\n", "2024\n", "None\n"]


def test_hidden_test_is_not_kept_where_a_later_cell_looks():
    look = """
import linecache
kept = [In, _i, _ii, list(globals()), [entry[2] for entry in linecache.cache.values() if len(entry) > 2]]
print("비밀의" + " 시험" in str(kept))
"""
    found = box.execute(["x = 1", "# 비밀의 시험\nx + 1", look], 1, QUICK, True, {1})
    assert found[2][0]["text"] == "False\n"


OWN_REPORT = """
count = 0
def report(x):
    return x
def answer():
    global count
    count += 1
    return report(count)
"""


def test_hidden_test_leaves_no_name_and_takes_none():
    """학생의 도움 함수와 숨은 시험이 불러오는 것의 이름이 같아도, 숨은 시험에서도 뒤의 셀에서도 제것을 부른다."""
    hidden = "report = fresh = 7\nprint((lambda: [answer(), report, fresh])())"
    look = "print(answer(), 'fresh' in globals())"
    found = box.execute([OWN_REPORT, hidden, look], 1, QUICK, True, {1})
    assert [outputs[0]["text"] for outputs in found[1:]] == ["[1, 7, 7]\n", "2 False\n"]


def test_only_python_and_the_package_can_be_seen(tmp_path, monkeypatch):
    secret = tmp_path / "gradebook.db"
    secret.write_text("성적")
    monkeypatch.setenv("PASSWORD", "비밀")
    source = f"""
import os
from pathlib import Path
print(Path({str(secret)!r}).exists(), Path({str(Path.home() / ".bashrc")!r}).exists())
root = Path({str(box.ROOT)!r})
print((root / "notebooks").exists(), (root / "src" / "grading" / "oracle.py").exists())
print((root / "src" / "homl11" / "data.py").exists(), "PASSWORD" in os.environ, os.getuid() == 0)
print(len([name for name in os.listdir("/proc") if name.isdigit()]) < 6)
"""
    assert printed(source).split() == "False False False False True False False True".split()


def test_environment_may_be_a_link_to_another_disk(tmp_path):
    """``.venv``를 큰 디스크에 두고 저장소에는 링크만 둔 사람."""
    (tmp_path / "환경").symlink_to(sys.prefix)
    source = "from grading import box; print(box.execute(['print(2 + 3)'], seed=0))"
    environment = os.environ | {"PYTHONPATH": str(box.ROOT / "src")}
    python = tmp_path / "환경" / "bin" / "python"
    result = subprocess.run([python, "-c", source], env=environment, capture_output=True, text=True, check=True)
    assert "'text': '5\\n'" in result.stdout


def test_nothing_outside_the_temporary_folder_can_be_written():
    source = f"""
for folder in ["/", "/usr", "/dev", "/proc", "/bin", {str(box.ROOT / "src" / "homl11")!r}, {sys.prefix!r}]:
    try:
        open(folder + "/새파일", "w")
        print("썼다", folder)
    except OSError:
        pass
written = open("/tmp/새파일", "w").write("여기는 된다")
"""
    assert printed(source) == ""
    assert not Path("/tmp/새파일").exists()


def test_no_network_not_even_this_machine():
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        assert socket.create_connection(address, 2)  # 밖에서는 닿는다
        assert "OSError" in printed(
            f"import socket\ntry: socket.create_connection({address!r}, 2)\nexcept OSError: print('OSError')"
        )


def test_disk_is_small():
    source = """
import os
for number in range(5):
    descriptor = os.open(f"FOLDER/{number}", os.O_CREAT | os.O_WRONLY)
    os.write(descriptor, b"0" * 10**7)
    assert os.fstat(descriptor).st_size == 10**7, "자리가 없다"
"""
    for folder in ("/tmp", "/dev/shm"):
        (found,) = box.execute([source.replace("FOLDER", folder)], 1, Limits(disk=20 * MEBI))
        assert "자리가 없다" in found[-1]["evalue"] or "No space left" in found[-1]["evalue"]


@pytest.mark.parametrize(
    "source, reason",
    [
        ("while True: pass", "CPU를 3초"),
        ("import time\ntime.sleep(100)", "20초 안에"),
        (DEAF, "CPU를 3초"),
        ("import os\nos._exit(0)", "갑자기 끝났습니다"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "갑자기 끝났습니다"),
        # 보이는 프로세스를 모두 죽여도, 셀을 실행하는 프로세스는 남거나 새 상자에서 다시 시작한다.
        ("import os, signal\nos.kill(-1, signal.SIGKILL)", "갑자기 끝났습니다|No such process"),
        (MANY, "프로세스를 16개"),
        ("import os\nwhile True:\n  try: os.fork()\n  except OSError: pass", "프로세스를 16개"),
        ("import sys\nwhile True: sys.__stdout__.write('0' * 10**6)", "CPU를 3초|갑자기"),
        (SHORT_LIVED, "CPU를 3초"),
        (IGNORED + SHORT_LIVED, "CPU를 3초"),
        (ORPHANS, "CPU를 3초"),
    ],
)  # fmt: skip
def test_cell_that_does_not_end_is_stopped_and_the_others_run(source, reason):
    before, stopped, after = box.execute(["answer = 42", source, "print(answer)"], 1, QUICK)
    assert before == [] and after == [{"output_type": "stream", "name": "stdout", "text": "42\n"}]
    assert re.search(reason, stopped[0]["evalue"])


# 상자를 볼 때마다 답할 것. 마지막 것은 되풀이한다: (프로세스의 수, 모두가 쓴 CPU 초, 상태)
@pytest.mark.parametrize(
    "seen, reason",
    [
        ([(3, 0, "sleeping")], "20초 안에"),
        # 바쁜 기계: 서 있는 것 같아도 차례를 기다리거나, 볼 때마다 조금씩 일했다.
        ([(3, 0, "running")] * 500 + [(3, 9, "running")], "CPU를 3초"),
        ([(3, i / 400, "sleeping") for i in range(1201)] + [(3, 9, "sleeping")], "CPU를 3초"),
        # 한 번에 여럿이 보이면 까닭인 것을 말한다.
        ([(3, 0, "running"), (40, 9, "running")], "프로세스를 16개"),
    ],
)
def test_reason_is_what_was_seen_not_how_long_it_took(seen, reason, monkeypatch):
    """상자를 지켜보는 눈만 진짜이다. 본 것이 같으면 기계가 얼마나 바쁘든 까닭이 같다."""
    looks = iter(seen)

    class Seen:
        def __init__(self, pid=None):
            Seen.now = next(looks, seen[-1])

        def children(self, recursive):
            return [self] * (self.now[0] - 1)

        def status(self):
            return self.now[2]

        def cpu_times(self):
            return SimpleNamespace(user=self.now[1] / self.now[0], system=0, children_user=0, children_system=0)

    monkeypatch.setattr(box.psutil, "Process", Seen)
    monkeypatch.setattr(box, "memory", lambda child: 0)
    opened = Box(QUICK)
    opened.process, opened.kill, opened.budget = SimpleNamespace(pid=1), lambda: None, QUICK.cell_seconds
    opened.done = SimpleNamespace(wait=lambda seconds: False)
    opened.watch()
    assert reason in opened.reason


@pytest.mark.parametrize("load, times", [(0, 1), (2, 1), (20, 10)])
def test_whole_submission_is_given_more_time_on_a_busy_machine(load, times, monkeypatch):
    monkeypatch.setattr(os, "getloadavg", lambda: (load, 0, 0))
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert box.patience(Limits(seconds=600)) == 600 * times


def test_longest_wait_is_one_that_the_system_can_wait(monkeypatch):
    """커널은 24일보다 긴 기다림을 받지 않는다. 아주 먼 한계를 바쁜 기계에서 늘려도 거기에 닿지 않는다."""
    monkeypatch.setattr(os, "getloadavg", lambda: (1_000, 0, 0))
    with Box(Limits(seconds=10**6)) as one:
        assert one.run("print('끝')", box.patience(one.limits))[0]["text"] == "끝\n"


def test_submission_that_sleeps_in_every_cell_ends(monkeypatch):
    """셀마다는 한계 안에서 쉬어도 모두 합한 시간에는 끝이 있다."""
    monkeypatch.setattr(box, "patience", lambda limits: 1)
    first, second = box.execute(["import time\ntime.sleep(600)", "print(1)"], 1)
    assert "모두 실행하지 못해" in first[0]["evalue"] and second == []


def test_memory_is_limited_over_all_processes():
    one = Limits(cell_seconds=10, memory=400 * MEBI)
    (found,) = box.execute(["x = bytearray(10**9)"], 1, one)
    assert found[0]["ename"] == "MemoryError"
    # 하나하나는 한계 안이지만 모두 합하면 넘는다.
    forked = (
        "import os, time\nfor _ in range(4):\n  if os.fork() == 0:\n    x = b'1' * (200 * 2**20)\n    time.sleep(60)\n"
    )
    (found,) = box.execute([forked + "time.sleep(60)"], 1, one)
    assert "메모리를 400MB" in found[0]["evalue"]


def test_too_much_output_is_cut():
    (found,) = box.execute(["print('가' * 10**6)"], 1)
    assert len(found[0]["text"]) < 21_000 and "1,000,001자에서 잘랐다" in found[0]["text"]


def test_forged_reply_that_is_too_long_is_refused():
    source = "import os, gc\nfor fd in range(3, 50):\n  try: os.write(fd, b'[' * 10**7)\n  except OSError: pass"
    stopped, after = box.execute([source, "print(1)"], 1, Limits(reply=MEBI, cell_seconds=5))
    assert stopped[0]["ename"] == "멈춤"
    assert after[0]["text"] == "1\n"


@pytest.mark.parametrize(
    "answer", [b"\n", b"{}\n", b"[1, null, []]\n", b"[" * 50_000 + b"\n", b"\xff\xfe\n", b'[{"data": 1}]\n']
)
def test_nonsense_from_the_box_is_no_output(answer):
    assert box.trusted(answer) == []


def test_html_and_scripts_do_not_leave_the_box():
    data = {"text/html": "<script>", "application/javascript": "x", "text/plain": "글", ANSWERS: {"a": {"value": 1}}}
    (kept,) = box.trusted(json.dumps([{"output_type": "display_data", "data": data}]).encode())
    assert kept["data"] == {"text/plain": "글", ANSWERS: {"a": {"value": 1}}}


def test_text_that_no_file_can_hold_is_mended():
    (kept,) = box.trusted(b'[{"output_type": "stream", "name": "stdout", "text": "a\\ud800b \\ud83d\\ude00"}]\n')
    assert kept["text"] == "a?b 😀"


def test_picture_that_is_no_picture_is_dropped():
    for png, stays in (("iVBORw0KGgo=\n", True), ('x"><script>alert(1)</script>', False)):
        (kept,) = box.trusted(json.dumps([{"output_type": "display_data", "data": {"image/png": png}}]).encode())
        assert ("image/png" in kept["data"]) is stays


def sleepers(opened):
    """상자 안의 모든 프로세스. 잠든 셋이 아직 없으면 ``None``."""
    family = psutil.Process(opened.process.pid).children(recursive=True)
    return family if sum("1234" in " ".join(child.cmdline()) for child in family) == 3 else None


def test_no_process_is_left_behind():
    with Box(QUICK) as opened:
        opened.run("import subprocess\nfor _ in range(3): subprocess.Popen(['sleep', '1234'])")
        family = until(lambda: sleepers(opened))
    until(lambda: not any(child.is_running() for child in family))


def test_boxes_beside_each_other_do_not_see_each_other():
    texts = {}

    def work(name):
        texts[name] = printed(
            f"import time\nopen('/tmp/mine', 'w').write({name!r})\ntime.sleep(1)\nprint(open('/tmp/mine').read())"
        )

    threads = [threading.Thread(target=work, args=(name,)) for name in ("가", "나")]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert texts == {"가": "가\n", "나": "나\n"}


@pytest.mark.parametrize("as_root", [True, False])
def test_both_ways_to_drop_privileges(as_root):
    """루트는 이름 없는 사용자로 바꾸고, 보통 사용자는 사용자 이름 공간을 쓴다. 루트는 둘 다 할 수 있어 함께 본다."""
    if as_root and os.getuid() != 0:
        pytest.skip("루트만 사용자를 바꿀 수 있습니다.")
    program = """
import os
status = open("/proc/self/status").read()
print(os.getuid() > 0, "CapEff:\\t" + "0" * 16 in status, "NoNewPrivs:\\t1" in status)
"""
    result = subprocess.run(
        [*box.command(1, Limits(), as_root), sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert result.stdout.split() == ["True", "True", "True"]


def test_without_isolation_limits_still_hold():
    before, stopped, after = box.execute(["a = 1", "while True: pass", "print(a)"], 1, QUICK, isolated=False)
    assert "CPU를 3초" in stopped[0]["evalue"] and after[0]["text"] == "1\n"


def test_stopped_carries_the_reason():
    with Box(QUICK) as opened, pytest.raises(Stopped, match="CPU를 3초"):
        opened.run("while True: pass")


@pytest.mark.parametrize("source, reason", [(SILENT, "흉내"), ("import time\ntime.sleep(10**9)", "4초 안에")])
def test_box_that_never_reads_is_stopped(source, reason):
    """거짓 대답을 먼저 보내고 잠들어도, 파이프보다 긴 다음 셀을 기다리게 하지 못한다."""
    limits = Limits(cell_seconds=3, cell_waiting=4, seconds=200)
    found = box.execute([source, "x = '" + "가" * 300_000 + "'", "print(len(x))"], 1, limits)
    assert reason in found[0][0]["evalue"] and found[2][0]["text"] == "300000\n"


def test_writing_to_a_box_that_sleeps_ends():
    """상자가 읽지 않으면 긴 셀은 파이프에 다 들어가지 못한다. 그 기다림에도 끝이 있다."""
    with Box(Limits(cell_waiting=2)) as opened:
        opened.run("1")
        for child in psutil.Process(opened.process.pid).children(recursive=True):
            child.suspend()
        with pytest.raises(Stopped, match="2초 안에|주어진 시간"):
            opened.run("x = '" + "가" * 300_000 + "'", left=3)


CALLS = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    ctypes.set_errno(0)
    return ctypes.get_errno() if libc.syscall(number, *arguments) == -1 else 0
print([name for name, number in NUMBERS.items() if call(number, 0, 0, 0, 0, 0, 0) not in (1, 38)])
"""


def test_calls_that_no_namespace_contains_are_refused():
    place, _ = seccomp.ARCHITECTURES[platform.machine()]
    numbers = {name: pair[place] for name, pair in seccomp.DENIED.items()} | {"clone3": seccomp.CLONE3[place]}
    program = f"NUMBERS = {numbers}\n{CALLS}"
    assert printed(program) == "[]\n"
    assert printed(program, isolated=False) == "[]\n"  # 상자가 없어도 건다


@pytest.mark.parametrize("flags", ["0x10000000", "0x20000 | 17", "0x40000000 | 17"])
def test_no_new_namespaces(flags):
    place, _ = seccomp.ARCHITECTURES[platform.machine()]
    source = f"""
import ctypes
print(ctypes.CDLL(None).syscall({seccomp.CLONE[place]}, {flags}, 0, 0, 0, 0), ctypes.CDLL(None).unshare({flags}))
"""
    assert printed(source) == "-1 -1\n"


def test_memory_that_belongs_to_nobody_can_not_be_had():
    """나누어 쓰는 메모리는 돌려준 척하고 쥐고 있을 수 있어, 프로세스를 세어서는 보이지 않는다."""
    source = """
import mmap, os
def refused(make):
    try:
        make()
    except (OSError, ValueError):
        return True
print(refused(lambda: os.memfd_create("x")), refused(lambda: mmap.mmap(-1, 2**20)),
      refused(lambda: mmap.mmap(os.open("/dev/zero", os.O_RDWR), 2**20)))
print(len(mmap.mmap(-1, 2**20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)))
"""
    assert printed(source) == "True True True\n1048576\n"


def test_addresses_are_limited():
    source = "import mmap\nmmap.mmap(-1, 2**40, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=mmap.PROT_READ)"
    assert "Cannot allocate" in printed(source)


def test_outputs_of_the_whole_submission_are_limited():
    source = """
from IPython.display import publish_display_data
publish_display_data({"image/png": "iVBORw0KGgo" + "A" * 2_000_000, "text/plain": ""})
"""
    answers = f"publish_display_data({{{ANSWERS!r}: {{'가': {{'value': 1}}}}, 'text/plain': ''}})"
    limits = Limits(outputs=5 * MEBI)
    found = box.execute([source] * 5 + [answers, "print(1)"], 1, limits, True, {5})
    assert len(json.dumps(found)) < 5 * MEBI and "여기부터 버렸다" in str(found[4])
    assert [output["data"][ANSWERS] for output in found[5] if ANSWERS in output.get("data", {})] == [
        {"가": {"value": 1}}
    ]


def test_answers_outside_the_hidden_tests_are_dropped():
    source = f"from IPython.display import publish_display_data\npublish_display_data({{{ANSWERS!r}: {{'가': 1}}}})"
    assert ANSWERS not in str(box.execute([source], 1))


def test_hidden_answers_are_short():
    assert box.fitting([{"data": {ANSWERS: "가" * 100}}], 1000, 50) == ([{"data": {}}], 1000 - 12)


ANSWERLESS = """
import inspect, pathlib
import homl11.checks as checks
from homl11.checks import TASKS, regularization, schedules
folder = pathlib.Path(checks.__file__).parent
print([key for key, task in TASKS.items() if task.reference is not None or task.mistakes])
text = "".join(path.read_text() for path in folder.rglob("*.py"))
print([name for name in NAMES if hasattr(schedules, name) or hasattr(regularization, name) or f"def {name}(" in text])
print(sorted(path.name for path in folder.rglob("*") if path.is_file() and b"def suggested" in path.read_bytes()))
"""


def test_answers_of_the_tasks_are_not_in_the_box():
    """학생의 컴퓨터에서 확인이 쓰는 정답은 채점하는 상자에는 없다."""
    from homl11.checks import TASKS

    names = [
        task.reference.__name__
        for task in TASKS.values()
        if getattr(task.reference, "__module__", "").startswith("homl11.checks")
        and task.reference.__name__.isidentifier()
    ]
    assert len(names) > 8
    # 마지막 과제의 기준은 답이 아니라 표지이다.
    assert printed(f"NAMES = {names}\n{ANSWERLESS}", Limits()).split("\n") == ["['final/recipe']", "[]", "[]", ""]


def test_checks_say_the_same_in_the_box(capsys):
    """정답을 뺀 사본도 같은 말을 한다: 이름 있는 실수에도, 맞은 답에도, 오류에도."""
    key = "02_exponential/closure"
    answers = [source for _, source, _ in WRONG[key]] + [solutions()["02_exponential-closure"]]
    answers += ["def exponential_decay(lr0, s):\n    return 1 / 0"]
    start = "import math, numpy as np, keras\nfrom homl11.checks import check\n"
    last = f"\ncheck({key!r}, exponential_decay)"
    outside = []
    for source in answers:
        exec(start + source + last, {})
        outside.append(capsys.readouterr().out.split(" 답 셀의")[0])
    inside = box.execute([start + source + last for source in answers], 1)
    assert [found[0]["text"].split(" 답 셀의")[0] for found in inside] == outside
