"""절마다 «확인 문제» 끝에 그 절의 연습 문제를 접어 둔다.

글은 학생에게 나누어 주는 노트북(``notebooks/exercises/student``)에서 온다. 그래서 풀이와 숨은 시험이 쪽에 새어
나올 수 없다. 절의 노트북에는 아무것도 적지 않는다.
"""

import json
from pathlib import Path

from sphinx.util import logging

STUDENTS = Path("notebooks/exercises/student")
HOME = {"final": "12_guidelines"}  # 절의 이름이 아닌 문제가 놓일 쪽
SUMMARY = "\n## 정리"
INTRODUCTION = """### 연습 문제

직접 풀고 그 자리에서 확인한다. 답을 쓰고 `check(…)`를 실행하면 맞은 것과 틀린 것, 그리고 힌트가 나온다.
{{download}}`노트북 내려받기 </{path}>`
"""
QUESTION = """<details class="question">
<summary>{title}</summary>

{text}
{colab}
</details>
"""
# Colab은 그 이름의 셀로 내려가며 연다.
COLAB = "\n[Colab에서 풀기](https://colab.research.google.com/github/{repository}/blob/main/{path}#scrollTo={cell})\n"
logger = logging.getLogger(__name__)


def questions(folder):
    """절 → (과제, 셀의 이름, 제목, 글)의 목록."""
    found = {}
    for path in sorted(folder.glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            name = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
            if name.endswith("-question"):
                title, _, text = "".join(cell["source"]).strip().partition("\n")
                section = name.split("-")[0]
                item = (path.stem, cell["id"], title.lstrip("# "), text.strip())
                found.setdefault(HOME.get(section, section), []).append(item)
    return found


def markdown(items, address):
    """한 절의 연습 문제. 저장소의 주소를 모르면 Colab의 링크는 없다."""
    path = (STUDENTS / f"{items[0][0]}.ipynb").as_posix()
    folded = []
    for _, cell, title, text in items:
        repository = address and address.removeprefix("https://github.com/")
        colab = COLAB.format(repository=repository, path=path, cell=cell) if address else ""
        folded.append(QUESTION.format(title=title, text=text, colab=colab))
    return "\n".join([INTRODUCTION.format(path=path), *folded])


def add(app, docname, content):
    """노트북을 읽을 때 «정리» 앞에 끼운다."""
    section = docname.removeprefix("notebooks/")
    if section == docname:
        return
    for path in Path(app.srcdir, STUDENTS).glob("*.ipynb"):
        app.env.note_dependency(str(path))  # 지금은 문제가 없는 절에도 생길 수 있다
    items = app.exercises.get(section)
    if not items:
        return
    notebook = json.loads(content[0])
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown" and SUMMARY in source:
            text = markdown(items, app.config.repository_address)
            cell["source"] = source.replace(SUMMARY, f"\n{text}{SUMMARY}", 1)
            break
    else:
        logger.warning("%s: «정리» 앞에 연습 문제를 둘 자리가 없습니다.", docname)
    content[0] = json.dumps(notebook, ensure_ascii=False)


def start(app):
    app.exercises = questions(Path(app.srcdir, STUDENTS))


def setup(app):
    app.connect("builder-inited", start)
    app.connect("source-read", add)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
