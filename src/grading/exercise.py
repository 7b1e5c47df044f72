"""문제 하나의 뼈대: 문제의 글, 물을 성질과 힌트, 풀이가 든 답 셀, 확인 셀, 숨은 시험.

처음부터 돌아가는 보기(몇 스텝마다 학습률을 절반으로 줄이기)가 들어 있다. 쓸 곳마다 ✎가 있고, 남아 있으면 내지 못한다.
"""

import keyword
import re

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grading import EXERCISES, TODO
from grading.messages import Problem, write
from grading.oracle import grade_id

KEY = re.compile(r"([a-z0-9_]+)/([a-z][a-z0-9_]*)")
POINTS = 2

OPENING = """\
# 과제: {title}

✎ 무엇을 다루는 과제인지 한두 문장으로 쓴다.

1. **채우세요.** `# 답:`으로 시작하는 셀에 답을 씁니다. 그 첫 줄과 함수의 이름은 바꾸지 마세요.
2. **실행하세요.** 위에서 아래로 실행합니다. 비워 둔 문제가 있어도 끝까지 돕니다.
3. **확인하세요.** 답 셀 아래의 `check(…)` 셀이 맞은 것(○)과 틀린 것(✗), 그리고 힌트를 찍습니다. 몇 번을 해도 됩니다.

채점은 `check`와 같은 성질을 **다른 값**으로 본다. 보이는 값에만 맞춘 답은 점수를 얻지 못한다."""

IMPORTS = """\
import homl11  # 텐서플로를 조용히 불러온다
import keras
import numpy as np

from homl11.checks import check"""

QUESTION = """\
## 문제 {number}. {title} ({points}점)

✎ 아래는 보기이다. 글과 풀이와 확인을 낼 문제로 바꾸고 이 줄을 지운다.

학습률을 `drop_steps`스텝마다 절반으로 줄인다. 그 사이에는 그대로 둔다. 스텝은 0부터 센다. \
`step`스텝의 학습률을 돌려주는 `{name}(step, initial_learning_rate, drop_steps)`를 쓰세요.

예: 처음 학습률이 0.1이고 `drop_steps`가 100이면 99스텝까지 `0.1`, 100스텝부터 `0.05`이다.

<details>
<summary>힌트</summary>

`step`까지 `drop_steps`를 몇 번 지났는가? 그 수만큼 0.5를 곱한다.

</details>"""

PROBES = '''\
def _{name}_probes(r):
    """✎ 물을 성질마다 답을 부를 값들. 확인과 숨은 시험은 난수 r만 다르다."""
    rate, every = round(r.uniform(0.02, 0.09), 3), r.randint(5, 9)
    return {{
        "처음에는 처음 학습률 그대로이다": Ask(call(0, rate, every), call(every - 1, rate, every)),
        "drop_steps스텝마다 절반이 된다": Ask(call(every, rate, every), call(3 * every, rate, every)),
        "그 사이에는 그대로이다": Ask(call(every + 1, rate, every), call(3 * every - 1, rate, every)),
    }}'''

REFERENCE = """\
def _{name}_reference(step, initial_learning_rate, drop_steps):
    return initial_learning_rate / 2 ** (step // drop_steps)"""

TASK = """\
Task(
    probes=_{name}_probes,
    name="{name}",
    reference=_{name}_reference,
    hint="✎ drop_steps를 몇 번 지났는지부터 세어 보세요.",
    mistakes={{
        "✎ 계단이 아니라 매끄럽게 줄였습니다. 지난 횟수는 정수입니다. `//`를 쓰세요.": (
            lambda step, rate, every: rate / 2 ** (step / every)
        ),
        "✎ 한 번만 줄였습니다. drop_steps스텝을 지날 때마다 다시 절반이 됩니다.": (
            lambda step, rate, every: rate / 2 if step >= every else rate
        ),
        "✎ 횟수로 나누었습니다. 한 번 지날 때마다 앞의 값의 절반이 됩니다.": (
            lambda step, rate, every: rate / (1 + step // every)
        ),
        "✎ 한 스텝 늦게 줄였습니다. 스텝은 0부터 셉니다.": (
            lambda step, rate, every: rate / 2 ** (max(step - 1, 0) // every)
        ),
        "✎ 절반이 아니라 1/10로 줄였습니다.": lambda step, rate, every: rate / 10 ** (step // every),
    }},
)"""

ASKED = """\
# 확인: {key}
from homl11.checks import Task, add
from homl11.checks.task import Ask, call


{probes}


{reference}


add(
    "{key}",
    {task},
)"""

ANSWER = """\
# 답: {key}
def {name}(step, initial_learning_rate, drop_steps):
    ### BEGIN SOLUTION
    drops = step // drop_steps
    return initial_learning_rate * 0.5**drops
    ### END SOLUTION"""

CHECK = 'check("{key}", {name})'

HIDDEN = """\
# 채점 {key}: 숨은 값으로 확인한다 ({points}점).
### BEGIN HIDDEN TESTS
from homl11.checks import graded, report

report(graded("{key}", {name}))
### END HIDDEN TESTS"""


def parts(key):
    """문제의 이름을 앞과 뒤로 나눈다. 뒤는 답인 함수의 이름이다."""
    match = KEY.fullmatch(key)
    if not match or keyword.iskeyword(match[2]):
        raise Problem(
            f"'{key}'는 문제의 이름이 될 수 없습니다. week3/warmup처럼 영어 소문자, 숫자, 밑줄로 적고 "
            "빗금 하나로 나누세요. 빗금 뒤는 답인 함수의 이름입니다."
        )
    return match.groups()


def one_line(title):
    title = title.strip()
    if not title or "\n" in title:
        raise Problem('문제의 제목이 없거나 한 줄이 아닙니다. "천천히 올리기"처럼 한 줄로 적으세요.')
    return title


def named(kind, source, name, **metadata):
    """nbgrader가 아는 셀. 따로 말하지 않으면 잠긴 셀이다."""
    make = new_code_cell if kind == "code" else new_markdown_cell
    base = {"grade": False, "solution": False, "locked": True, "task": False, "schema_version": 3, "cell_type": kind}
    return make(source, id=name, metadata={"nbgrader": {**base, "grade_id": name, **metadata}})


def opening(title):
    """새 과제의 노트북. 아직 문제가 없다."""
    course = nbformat.read(EXERCISES / "schedules.ipynb", as_version=4)
    [install] = [cell for cell in course.cells if cell.id == "setup-install"]  # 저장소의 주소가 들어 있다
    cells = [new_markdown_cell(OPENING.format(title=title), id="title"), install]
    cells.append(named("code", IMPORTS, "setup-import"))
    return new_notebook(cells=cells, metadata=course.metadata)


def extend(notebook, key, title, asked=""):
    """노트북의 끝에 문제 하나의 셀들을 더한다. ``asked``는 물을 성질을 노트북에 적을 때의 셀이다."""
    _, name = parts(key)
    taken = {cell.get("metadata", {}).get("nbgrader", {}).get("grade_id") for cell in notebook.cells}
    if grade_id(key) in taken:
        raise Problem(f"{key}는 이미 있습니다. 있는 문제는 건드리지 않습니다. 다른 이름을 쓰세요.")
    number = 1 + sum(str(cell).endswith("-question") for cell in taken)
    words = {"key": key, "name": name, "title": one_line(title), "number": number, "points": POINTS}
    notebook.cells += [
        named("markdown", QUESTION.format(**words), grade_id(key, "question")),
        *([named("code", asked, grade_id(key, "asked"))] if asked else []),
        named("code", ANSWER.format(**words), grade_id(key), solution=True, locked=False),
        named("code", CHECK.format(**words), grade_id(key, "check")),
        named("code", HIDDEN.format(**words), grade_id(key, "grade"), grade=True, points=POINTS),
    ]


def code(key):
    """물을 성질의 세 토막: 부를 값, 정답, 문제. 강사 노트북의 셀에도, 강좌의 모듈에도 들어간다."""
    _, name = parts(key)
    return [text.format(name=name) for text in (PROBES, REFERENCE, TASK)]


def asked(key):
    """물을 성질을 적은 셀의 글."""
    probes, reference, task = code(key)
    return ASKED.format(key=key, probes=probes, reference=reference, task=task.replace("\n", "\n    "))


def create(course, key, title):
    """과정 폴더에 문제를 더한다. 과제가 없으면 만든다. 강사 노트북의 경로를 돌려준다."""
    assignment, _ = parts(key)
    path = course.notebook("source", assignment)
    with course.locked():
        if path.parent.exists():
            notebook = course.source(assignment)
        else:
            notebook = opening(f"{TODO} 과제의 이름")
        extend(notebook, key, title, asked(key))
        write(path, nbformat.writes(notebook))
    return path
