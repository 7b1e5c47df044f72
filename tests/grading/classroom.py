"""한 반의 제출물: 바른 것, 조금 틀린 것, 망가진 것, 해로운 것. 저마다 받아야 할 점수가 적혀 있다.
글로 쓰는 문제의 점수는 뺀다.

강사 노트북의 풀이에서 출발해 한 곳씩 바꾼다. 그래서 연습 문제를 고쳐도 이 반은 그대로 쓸 수 있다.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

import nbformat
from wrong_schedules import WRONG

from grading import EXERCISES
from grading.oracle import MARKER, grade_id

FULL = sum(  # 저절로 채점하는 문제의 만점
    cell.metadata.nbgrader.points
    for cell in nbformat.read(EXERCISES / "schedules.ipynb", as_version=4).cells
    if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("grade")
)
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
print("점수: 36.0 / 36")
36.0
"""
PEEK = """
import glob, os, sys
found = []
for folder, folders, files in os.walk("/"):
    own = ("/proc", "/tmp", "/usr", sys.prefix, sys.base_prefix)
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


@dataclass
class Pupil:
    """학생 한 명: 파일의 이름, 바이트, 받아야 할 점수, 무엇을 했는지."""

    name: str
    file: str
    data: bytes
    marks: float
    story: str


def solutions(assignment="schedules"):
    """문제의 이름 → 풀이를 적은 답 셀."""
    notebook = nbformat.read(EXERCISES / f"{assignment}.ipynb", as_version=4)
    return {
        grade_id(MARKER.search(cell.source)[1]): re.sub(r" *### (?:BEGIN|END) SOLUTION\n?", "", cell.source)
        for cell in notebook.cells
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution")
    }


def wrong(key, label):
    """보관한 틀린 답. ``label``은 그 이름의 일부이다."""
    return next(source for name, source, _ in WRONG[key] if label in name)


def fill(release, answers, change=lambda notebook: None):
    """나누어 준 노트북에 답을 적은 파일."""
    notebook = nbformat.from_dict(json.loads(nbformat.writes(release)))
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = answers.get(name, cell.source)
    change(notebook)
    return notebook


def encode(notebook: Any, encoding="utf-8"):
    return json.dumps(notebook, ensure_ascii=False).encode(encoding)


def place(notebook, name):
    """``name``이라는 셀이 몇 번째인지."""
    return next(
        number
        for number, cell in enumerate(notebook.cells)
        if cell.metadata.get("nbgrader", {}).get("grade_id") == name
    )


def colab(notebook):
    """Colab처럼 셀의 이름과 메타데이터를 잃는다."""
    notebook.metadata = {"colab": {"provenance": [], "toc_visible": True}, "kernelspec": {"name": "python3"}}
    notebook.nbformat_minor = 0
    for number, cell in enumerate(notebook.cells):
        cell.pop("id", None)
        cell.metadata = {"id": f"c{number}", "outputId": "d"}


def edit_tests(notebook):
    """시험 셀을 제 마음대로 고치고 점수를 올린다."""
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if name.endswith("-grade"):
            cell.source = "assert True\n99.0"
            cell.metadata.nbgrader.update(points=99, locked=False, grade=True)


def delete_tests(notebook):
    notebook.cells = [
        cell
        for cell in notebook.cells
        if not cell.metadata.get("nbgrader", {}).get("grade_id", "").endswith(("-grade", "-check", "-question"))
    ]


def copies(notebook):
    """답 셀을 복사해 밑에서 고친다. 이름도 따라온다."""
    number = place(notebook, "02_exponential-closure")
    copied = nbformat.from_dict(json.loads(json.dumps(notebook.cells[number])))
    copied.id, copied.source = "copied", wrong("02_exponential/closure", "내림")
    notebook.cells.insert(number + 1, copied)


def own_cells(notebook):
    """제 셀을 더하고, 도움 함수를 따로 둔다."""
    number = place(notebook, "03_piecewise_constant-rate")
    notebook.cells[number].source = (
        "# 답: 03_piecewise_constant/rate\ndef piecewise_rate(step, boundaries, values):\n"
        "    return values[how_many(step, boundaries)]\n"
    )
    helper = "def how_many(step, boundaries):\n    return sum(step > boundary for boundary in boundaries)\n"
    notebook.cells.insert(number, nbformat.v4.new_code_cell(helper, id="own-helper"))
    notebook.cells.append(nbformat.v4.new_markdown_cell("다 풀었다!", id="own-memo"))


def classroom(release, port, places):
    """반 전체. ``port``는 밖에서 듣고 있는 서버, ``places``는 건드려서는 안 되는 파일들."""
    right = solutions()
    pupils = []

    def pupil(story, marks, changes=None, change=lambda notebook: None, data=None, base=right, file=None):
        name = f"s{len(pupils) + 1:02}"
        made = encode(fill(release, {**base, **(changes or {})}, change)) if data is None else data
        pupils.append(Pupil(name, file or f"{name}_schedules.ipynb", made, marks, story))

    def before(name, code):
        """답 셀의 앞에 ``code``를 넣는다. 그 셀은 끝까지 가지 못한다."""
        marker, rest = right[name].split("\n", 1)
        return {name: f"{marker}\n{code}\n{rest}"}

    def after(name, code):
        return {name: f"{right[name]}\n{code}"}

    pupil("모두 맞았다", FULL)
    pupil("다르게 썼고 제 셀을 더했다", FULL, change=own_cells, file="s02_홍길동_schedules (1).ipynb")
    pupil(
        "세 문제에서 한 묶음씩 틀렸다",
        round(FULL - 3 * 4 / 9 - 2, 4),
        {
            "02_exponential-closure": wrong("02_exponential/closure", "내림"),
            "02_exponential-decay_steps": wrong("02_exponential/decay_steps", "내림"),
            "03_piecewise_constant-rate": wrong("03_piecewise_constant/rate", "경계"),
        },
    )
    pupil("빈 노트북", 0, base={})
    pupil("문법 오류 하나", FULL - 3, {"01_power-power": "# 답: 01_power/power\ndef power_decay(step:\n    return 1"})
    pupil("끝없는 반복", FULL - 3, before("03_piecewise_constant-rate", LOOP))
    pupil("멈춤을 듣지 않는 끝없는 반복", FULL - 4, before("04_performance-plateau", DEAF))
    looping = "# 답: 05_one_cycle/phases\ndef one_cycle_rate(*arguments):\n    while True:\n        pass\n"
    pupil("부르면 끝나지 않는 함수", FULL - 3, {"05_one_cycle-phases": looping})
    pupil("메모리를 삼킨다", FULL, after("05_one_cycle-momentum", HOG))
    pupil("프로세스 폭탄", FULL - 3, before("05_one_cycle-momentum", BOMB))
    pupil("디스크를 채운다", FULL, after("00_learning_rate-steps", FILL))
    pupil("커널을 죽인다", FULL - 2, before("01_power-by_hand", "import os\nos._exit(137)"))
    pupil("시험 셀을 고치고 점수를 올렸다", 0, base={}, change=edit_tests)
    pupil("시험 셀과 문제를 지웠다", FULL, change=delete_tests)
    pupil("복사한 답의 마지막이 틀렸다", round(FULL - 3 * 4 / 9, 4), change=copies)
    pupil("Colab이 메타데이터를 지웠다", FULL, change=colab, file="s16_schedules.ipynb의 사본.ipynb")
    pupil("셀의 차례를 뒤집었다", FULL, change=lambda notebook: notebook.cells.reverse())
    pupil("숨은 시험을 찾아다닌다", 0, {"00_learning_rate-steps": f"# 답: 00_learning_rate/steps\n{PEEK}"}, base={})
    pupil("성적부를 읽고 고치려 한다", FULL, after("00_learning_rate-steps", WRITE.format(places=places)))
    pupil("네트워크를 연다", FULL, after("00_learning_rate-steps", NET.format(port=port)))
    forged = {"00_learning_rate-steps": f"# 답: 00_learning_rate/steps\n{FORGE}"}
    pupil("확인하는 함수를 바꿔치기한다", 0, forged, base={})
    pupil("점수를 찍는다", 0, {"00_learning_rate-steps": f"# 답: 00_learning_rate/steps\n{PRINT}"}, base={})
    pupil(
        "글을 끝없이 찍는다", FULL, after("01_power-replace_decay", "for _ in range(200):\n    print('가' * 100_000)")
    )
    pupil("글자 인코딩이 다르다", FULL, data=encode(fill(release, right), "utf-16"))
    pupil("노트북이 아니다", 0, data=b"\xff\xd8\xff\xe0 JFIF \x00 not a notebook")
    pupil("파일 서술자를 모두 닫는다", FULL - 2, before("01_power-by_hand", "import os\nos.closerange(0, 1000)"))
    pupil("스스로 끝낸다", FULL - 2, before("01_power-replace_decay", "raise SystemExit"))
    huge = "# 답: 06_schedules_compared/interval\ndef paired_interval(a, b):\n    return [10**400] * 3\n"
    pupil("실수에 담을 수 없는 수를 돌려준다", FULL - 3, {"06_schedules_compared-interval": huge})
    pupil("UTF-8로 적을 수 없는 글자를 찍는다", FULL, after("01_power-power", "print('\\ud800', '\\x00')"))
    broken = "import json\njson.dumps = json.loads = None\nnp.asarray = None"
    pupil("여러 셀이 함께 쓰는 것을 망가뜨린다", FULL - 3, after("06_schedules_compared-interval", broken))
    pupil("거짓 대답을 보내고 잠든다", FULL - 3, before("03_piecewise_constant-rate", SILENT))
    pupil("짧은 자식을 끝없이 낳는다", FULL - 3, before("05_one_cycle-momentum", REAPED))
    pupil("어느 프로세스의 것도 아닌 메모리를 쥔다", FULL, after("00_learning_rate-steps", NOBODYS))
    pupil("상자 안에서 새 이름 공간과 키를 만든다", FULL, after("00_learning_rate-steps", ESCAPE))
    pupil("셀마다 큰 그림을 낸다", FULL, change=lambda notebook: extend(notebook, [PICTURES] * 8))
    pupil("겹친 HTML을 끝없이 적는다", FULL, change=lambda notebook: extend(notebook, ["<div>" * 32_000], text=True))
    pupil("숨은 시험을 찍어 집에 가져간다", FULL, change=lambda notebook: extend(notebook, [CARRY]))
    pupil("채점의 상자를 흉내 낸다", FULL, change=lambda notebook: extend(notebook, [FORGED_BOXES], text=True))
    pupil("씨앗과 정답을 미리 찾는다", FULL, after("00_learning_rate-steps", SEARCH))
    pupil("확인이 쓰는 정답을 답으로 낸다", 0, stolen(right), base={})
    return pupils


def extend(notebook, texts, text=False):
    """끝에 제 셀을 더한다."""
    make = nbformat.v4.new_markdown_cell if text else nbformat.v4.new_code_cell
    notebook.cells += [make(source, id=f"own-{number}") for number, source in enumerate(texts)]


def stolen(right):
    """문제마다 ``TASKS``의 정답을 그대로 가리키는 답."""
    answers = {}
    for name, source in right.items():
        key = MARKER.search(source)[1]
        defined = re.search(r"^def (\w+)", source, re.MULTILINE) or re.search(r"^(\w+) =", source, re.MULTILINE)
        line = f"from homl11.checks import TASKS\n{defined[1]} = TASKS[{key!r}].reference"
        answers[name] = f"# 답: {key}\n{line}"
    return answers
