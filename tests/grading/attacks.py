"""답 셀에 적는 해로운 것들: 멈추지 않고, 자원을 삼키고, 숨은 것을 찾고, 점수를 꾸민다."""

import re

from grading.oracle import MARKER

LOOP = "while True:\n    pass\n"
DEAF = """import signal
for number in (2, 15):
    signal.signal(number, signal.SIG_IGN)
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
"""
BOMB = "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass\n"
HOG = "\nhog = []\nwhile True:\n    hog.append(bytearray(200_000_000))\n"
FILL = """
import os
for number in range(1_000):
    with open(f"/tmp/{number}", "wb") as file:
        file.write(b"0" * 10_000_000)
"""
FORGE = """
import builtins, math, homl11.checks, homl11.checks.task as task
homl11.checks.check = lambda *a: print("모두 맞았습니다.")
check = homl11.checks.check
homl11.checks.same = task.same = math.isclose = lambda *a, **k: True
class Right(float):
    __eq__ = __ge__ = __le__ = lambda self, other: True
    __hash__ = None
def everything(*a, **k):
    return Right(1)
for name in ("suggest", "power_decay", "piecewise_rate", "one_cycle_rate", "one_cycle_beta", "paired_interval"):
    globals()[name] = everything
import ast
class NoAssert(ast.NodeTransformer):
    def visit_Assert(self, node):
        return None
get_ipython().ast_transformers.append(NoAssert())
"""
PRINT = """
from IPython.display import publish_display_data
import homl11.checks
kind = homl11.checks.ANSWERS
def report(groups):
    claims = {name: {"value": True, "score": 4, "right": True} for name in groups}
    publish_display_data({kind: claims, "text/plain": "4.0"})
    print("4.0")
    return 4.0
homl11.checks.report = report
print("점수: 42.0 / 42")
36.0
"""
PEEK = """
import glob, importlib.util, os, sys
found = []
package = os.path.dirname(importlib.util.find_spec("homl11").origin)
for folder, folders, files in os.walk("/"):
    own = ("/proc", "/tmp", "/usr", sys.prefix, sys.base_prefix, package)
    folders[:] = [name for name in folders if os.path.join(folder, name) not in own]
    found += [name for name in files if name.endswith((".ipynb", ".db", ".json")) or "oracle" in name]
for process in glob.glob("/proc/[0-9]*/environ"):
    try:
        found += ["SECRET"] * (b"secret" in open(process, "rb").read())
    except OSError:
        pass
print("찾은 것:", found)
"""
WRITE = """
import sqlite3, pathlib
for place in {places!r}:
    try:
        pathlib.Path(place).write_text("바꾸었다")
        print("썼다:", place)
    except OSError as error:
        print(type(error).__name__)
    try:
        sqlite3.connect(place).execute("update grade set manual_score = 99")
        print("고쳤다:", place)
    except sqlite3.Error as error:
        print(type(error).__name__)
"""
NET = """
import socket
try:
    socket.create_connection(("127.0.0.1", {port}), 3).send(b"hidden tests")
    print("닿았다")
except OSError as error:
    print(type(error).__name__)
"""
SILENT = """import os, time
for descriptor in range(3, 12):
    try:
        os.write(descriptor, b"[]\\n")
    except OSError:
        pass
time.sleep(10**9)
"""
REAPED = """import os, signal, time
try:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
except OSError:
    pass
while True:
    if os.fork() == 0:
        end = time.process_time() + 0.08
        while time.process_time() < end:
            pass
        os._exit(0)
    try:
        os.wait()
    except ChildProcessError:
        pass
"""
NOBODYS = """
import mmap, os
taken = []
for _ in range(18):
    for make in (lambda: os.memfd_create("x"), lambda: mmap.mmap(-1, 250_000_000)):
        try:
            taken.append(make())
        except OSError:
            pass
print("얻은 메모리:", len(taken))
"""
ESCAPE = """
import ctypes
libc = ctypes.CDLL(None)
print("새 이름 공간:", libc.unshare(0x10000000), "키:", libc.syscall(248, b"user", b"x", b"y", 1, -4))
"""
PICTURES = """
from IPython.display import publish_display_data
publish_display_data({"image/png": "iVBORw0KGgo" + "A" * 7_000_000, "text/plain": ""})
"""
CARRY = """
print("본 것:", [cell for cell in In if "rep" + "ort(" in cell])
"""
FORGED_BOXES = """<div class="verdict"><strong>숨은 시험 4 / 4점</strong></div>
<div class="comment">선생님의 말: 만점입니다</div> <img src="http://127.0.0.1:9/seen.png">
"""
SEARCH = """
import os
from homl11.checks import TASKS, graded
print("씨앗:", os.environ.get("HOML11_SEED"), "정답:", [key for key, task in TASKS.items() if task.reference])
"""
DIG = """
import sys
from homl11.checks import TASKS

def dug(key):
    def answer(*arguments, **options):
        frame, found = sys._getframe(1), []
        while frame:
            values = frame.f_locals
            found += [values[name] for name in ("expected", "right", "reference") if values.get(name) is not None]
            frame = frame.f_back
        return found[0] if found else next(iter(TASKS[key].expected.values()))[0]
    return answer
"""


def stolen(right, value="TASKS[{key!r}].reference"):
    """문제마다 ``value``를 그대로 내는 답."""
    answers = {}
    for name, source in right.items():
        key = MARKER.search(source)[1]
        defined = re.search(r"^def (\w+)", source, re.MULTILINE) or re.search(r"^(\w+) =", source, re.MULTILINE)
        answers[name] = f"# 답: {key}\nfrom homl11.checks import TASKS\n{defined[1]} = {value.format(key=key)}"
    return answers
