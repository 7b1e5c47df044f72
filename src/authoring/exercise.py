"""강좌에 연습 문제의 뼈대를 더한다: ``python -m authoring.exercise 06_name/task schedules "제목"``.

한 문제는 네 곳에 나뉘어 있다: 강사 노트북의 셀, 물을 성질(``homl11.checks``), 보관한 틀린 답과 맞는 답(``tests``).
보기가 들어 있어 처음부터 시험이 초록이다. 쓸 곳마다 ✎가 있고, 남아 있으면 시험이 빨갛다. 과제가 없으면 함께 만든다.
"""

import re
import sys

import nbformat

from authoring import ROOT
from grading import TODO, exercise
from grading.messages import Problem, write
from grading.oracle import grade_id

MODULE = '''\
"""✎ 과제의 문제들."""

from homl11.checks.task import Ask, Task, call

TASKS = {
}
'''
KEPT = '''\
"""✎ 과제에서 흔히 나오는 틀린 답. 꼴은 ``wrong_schedules.py``와 같다."""

WRONG = {
}
'''
START = "# 답: {key}\ndef {name}(step, initial_learning_rate, drop_steps):\n"
# (무엇이 틀렸는가, 답, 확인이 말해야 할 힌트의 한 토막). 힌트는 exercise.TASK의 것이다.
WRONG = [
    ("매끄럽게", "    return initial_learning_rate * 0.5 ** (step / drop_steps)\n", "매끄럽게 줄였습니다"),
    (
        "한 번만",
        "    if step < drop_steps:\n        return initial_learning_rate\n    return initial_learning_rate / 2\n",
        "한 번만 줄였습니다",
    ),
    ("횟수로 나눔", "    return initial_learning_rate / (1 + step // drop_steps)\n", "횟수로 나누었습니다"),
    (
        "한 스텝 늦음",
        "    return initial_learning_rate * 0.5 ** (max(0, step - 1) // drop_steps)\n",
        "한 스텝 늦게 줄였습니다",
    ),
    ("1/10", "    return initial_learning_rate * 0.1 ** (step // drop_steps)\n", "1/10로 줄였습니다"),
]
RIGHT = """\
    kept(
        "{key}",
        int를_씀=\"\"\"
def {name}(step, initial_learning_rate, drop_steps):
    return initial_learning_rate / 2 ** int(step / drop_steps)
\"\"\",
        되풀이=\"\"\"
def {name}(step, initial_learning_rate, drop_steps):
    for _ in range(step // drop_steps):
        initial_learning_rate = initial_learning_rate / 2
    return initial_learning_rate  # ✎ 이 두 답도 바꾼다
\"\"\",
    ),
"""


def create(key, assignment, title, root=ROOT):
    """뼈대를 쓰고, 고친 파일들을 돌려준다. 이름이 틀렸거나 이미 있으면 아무것도 쓰지 않는다."""
    page, _ = exercise.parts(key)
    if not re.fullmatch("[a-z][a-z0-9_]*", assignment):
        raise Problem(f"'{assignment}'는 과제의 이름이 될 수 없습니다. schedules처럼 영어 소문자로 적으세요.")
    if not (root / "notebooks" / f"{page}.ipynb").exists():
        raise Problem(f"notebooks/{page}.ipynb가 없습니다. 이름의 앞부분은 문제가 실릴 노트북의 이름이어야 합니다.")
    notebooks = sorted((root / "notebooks" / "exercises").glob("*.ipynb"))
    holders = [path for path in notebooks if f'"{grade_id(key)}"' in path.read_text(encoding="utf-8")]
    if holders:
        raise Problem(f"{key}는 이미 있습니다({holders[0].name}). 있는 문제는 건드리지 않습니다. 다른 이름을 쓰세요.")
    changes = {}
    for path, change, new in (
        (root / "notebooks" / "exercises" / f"{assignment}.ipynb", add_cells, None),
        (root / "src" / "homl11" / "checks" / f"{assignment}.py", add_task, MODULE),
        (root / "src" / "homl11" / "checks" / "__init__.py", register, None),
        (root / "tests" / "exercises" / f"wrong_{assignment}.py", add_wrong, KEPT),
        (root / "tests" / "exercises" / "right_answers.py", add_right, None),
    ):
        before = path.read_text(encoding="utf-8") if path.exists() else new
        changes[path] = change(before, key, assignment, title)
    for path, text in changes.items():
        write(path, text)
    return list(changes)


def add_cells(text, key, assignment, title):
    """강사 노트북의 끝에 셀을 더하고, 처음에 적힌 문제의 수와 점수를 고친다."""
    notebook = exercise.opening(f"{TODO} 과제의 이름") if text is None else nbformat.reads(text, as_version=4)
    exercise.extend(notebook, key, title)
    points = [cell.metadata.nbgrader.points for cell in notebook.cells if "points" in cell.metadata.get("nbgrader", {})]
    first = notebook.cells[0]
    first.source = re.sub(r"\d+문제, \d+점", f"{len(points)}문제, {sum(points)}점", first.source)
    return nbformat.writes(notebook) + "\n"


def add_task(text, key, assignment, title):
    """물을 성질과 정답은 ``TASKS`` 앞에, 문제는 그 끝에 더한다."""
    probes, reference, task = exercise.code(key)
    before, mark, tasks = text.partition("TASKS = {\n")
    return _closed(f"{before.rstrip()}\n\n\n{probes}\n\n\n{reference}\n\n\n{mark}{tasks}", f'"{key}": {task},')


def register(text, key, assignment, title):
    """새 과제의 문제들을 ``homl11.checks.TASKS``에 넣는다."""
    if f"{assignment}.TASKS" in text:
        return text
    names = re.search(r"^from homl11\.checks import (.+)$", text, re.MULTILINE)[1].split(", ")
    text = text.replace(", ".join(names), ", ".join(sorted([*names, assignment])), 1)
    return re.sub(r"^TASKS = .+$", lambda found: f"{found[0]} | {assignment}.TASKS", text, count=1, flags=re.MULTILINE)


def add_wrong(text, key, assignment, title):
    _, name = exercise.parts(key)
    start = START.format(key=key, name=name)
    answers = "\n".join(
        f'    (\n        "{TODO} {label}",\n        """\\\n{start}{body}""",\n        "{hint}",\n    ),'
        for label, body, hint in WRONG
    )
    entry = f'"{key}": [\n{answers}\n],'
    before, mark, rest = text.rpartition(")\nWRONG = ")  # 여러 사전을 모은 파일
    return before + _indented(f"{{\n{_indented(entry)}\n}},") + f"\n{mark}{rest}" if mark else _closed(text, entry)


def add_right(text, key, assignment, title):
    _, name = exercise.parts(key)
    before, mark, rest = text.rpartition(")\nRIGHT = ")
    return before + RIGHT.format(key=key, name=name) + mark + rest


def _closed(text, entry):
    """마지막 사전에 항목 하나를 더한 글."""
    return text.removesuffix("}\n") + _indented(entry) + "\n}\n"


def _indented(text):
    """한 단 들여 쓴 글. 세 겹 따옴표 안은 그대로 둔다."""
    parts = text.split('"""')
    parts[::2] = [part.replace("\n", "\n    ") for part in parts[::2]]
    return "    " + '"""'.join(parts)


def main(arguments):
    if len(arguments) != 3:
        raise SystemExit('이렇게 부르세요: make exercise NAME=06_name/task ASSIGNMENT=schedules TITLE="제목"')
    try:
        changed = create(*arguments)
    except Problem as problem:
        raise SystemExit(str(problem)) from None
    listed = "\n".join(f"  {path.relative_to(ROOT)}" for path in changed)
    print(f"""고친 파일:
{listed}

다음에 할 일 (자세한 것은 CONTRIBUTING.md의 «연습 문제»에 있습니다):
  1. 위의 파일에서 {TODO} 표시를 모두 채우세요.
  2. make assignments로 학생의 노트북을 다시 만드세요.
  3. 새 과제이면 book/instructors.md의 표에 한 줄을 더하세요.
  4. make test가 초록인지 보세요.""")


if __name__ == "__main__":
    main(sys.argv[1:])
