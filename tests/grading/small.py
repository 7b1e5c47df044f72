"""작은 과제: 문제 둘(저절로 하나, 손으로 하나). 텐서플로를 부르지 않아 빠르다. 허브의 시험도 쓴다."""

import nbformat

CLOSURE = """# 답: 02_exponential/closure
def double(x):
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION"""
HIDDEN = """# 채점 02_exponential/closure: 숨은 값으로 확인한다 (2점).
### BEGIN HIDDEN TESTS
from homl11.checks import hidden_random, report

r = hidden_random()
x = r.randint(5, 99)
report({"양수": lambda: double(x), "음수": lambda: double(-x)})
### END HIDDEN TESTS"""
CHOOSE = """<!-- 답: 06_schedules_compared/choose -->
### BEGIN SOLUTION
모범 답안과 채점 기준
### END SOLUTION"""


def cell(kind, source, grade_id, **metadata):
    make = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
    base = {"grade": False, "solution": False, "locked": True, "task": False, "schema_version": 3}
    return make(source, id=grade_id, metadata={"nbgrader": {**base, "grade_id": grade_id, **metadata}})


def small():
    cells = [
        nbformat.v4.new_markdown_cell("# 작은 과제", id="title"),
        cell("code", "import math", "setup-import"),
        cell("markdown", "## 문제 1. 두 배 (2점)\n\n두 배를 돌려주세요.", "02_exponential-closure-question"),
        cell("code", CLOSURE, "02_exponential-closure", solution=True, locked=False),
        cell("code", "print(double(1))", "02_exponential-closure-check"),
        cell("code", HIDDEN, "02_exponential-closure-grade", grade=True, points=2),
        cell("markdown", "## 문제 2. 고르기 (4점)", "06_schedules_compared-choose-question"),
        cell("markdown", CHOOSE, "06_schedules_compared-choose", grade=True, solution=True, locked=False, points=4),
    ]
    python = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": python})
