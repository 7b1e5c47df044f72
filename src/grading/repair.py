"""내려받은 노트북을 나누어 준 노트북의 뼈대에 다시 놓는다.

Colab과 학습 관리 시스템을 거치면 메타데이터가 사라지고, 셀이 복사되거나 지워지거나 자리를 바꾼다. 여기서는 답과 학생이
더한 셀만 가져오고, 나머지는 나누어 준 그대로 둔다. 답은 첫 줄의 표식(``# 답: 02_exponential/closure``)으로, 없으면 셀의
이름으로, 그것도 없으면 문제 다음의 코드 셀로 찾는다. 무엇을 고쳤는지는 목록으로 돌려준다.
"""

import copy
import json
from dataclasses import dataclass, field

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell

from grading.oracle import MARKER, grade_id

ENCODINGS = ("utf-8-sig", "utf-16", "cp949")
LARGEST = 20_000_000  # 바이트. 이보다 크면 그림을 잔뜩 붙인 것이 아니라 잘못된 파일이다.


@dataclass
class Submission:
    """고친 노트북, 고친 것의 목록, 낼 수 없는 파일이면 그 까닭."""

    notebook: nbformat.NotebookNode
    notes: list[str] = field(default_factory=list)
    unreadable: bool = False


def read(data, notes):
    """바이트를 셀의 목록으로 읽는다. 노트북이 아니면 까닭을 말하는 ``ValueError``."""
    if len(data) > LARGEST:
        raise ValueError(f"파일이 너무 큽니다({len(data) / 1e6:.0f}MB). {LARGEST / 1e6:.0f}MB까지 받습니다.")
    for encoding in ENCODINGS:
        try:
            text = data.decode(encoding)
        except UnicodeError:
            continue
        if encoding != "utf-8-sig":
            notes.append(f"글자 인코딩이 {encoding}였다. UTF-8로 읽었다.")
        break
    else:
        raise ValueError("글자를 읽을 수 없습니다. 노트북(.ipynb)이 아닙니다.")
    try:
        cells = json.loads(text)["cells"]
        return [(str(cell["cell_type"]), source(cell), name(cell)) for cell in cells]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ValueError("노트북(.ipynb)이 아니거나 깨졌습니다.") from error


def source(cell):
    text = cell.get("source", "")
    text = text if isinstance(text, str) else "".join(map(str, text))
    return text.encode("utf-8", "replace").decode()  # 짝이 없는 대리 문자는 파일에 적을 수 없다


def name(cell):
    """nbgrader가 붙인 셀의 이름. 사라졌으면 빈 글."""
    metadata = cell.get("metadata", {}).get("nbgrader", {})
    return str(metadata.get("grade_id", "")) if isinstance(metadata, dict) else ""


def repair(data, release):
    """제출물(바이트)을 나누어 준 노트북 ``release``의 뼈대에 놓는다. 읽을 수 없으면 빈 답으로 여긴다."""
    notes = []
    try:
        cells = read(data, notes)
    except ValueError as error:
        return Submission(copy.deepcopy(release), [str(error)], unreadable=True)
    known = {cell.metadata.nbgrader.grade_id: cell for cell in release.cells if "nbgrader" in cell.metadata}
    stubs = {key: cell for key, cell in known.items() if cell.metadata.nbgrader.solution}
    by_text = {cell.source.strip(): cell.metadata.get("nbgrader", {}).get("grade_id", "") for cell in release.cells}
    answers, extras, seen, nameless = {}, {}, [], 0
    for kind, text, label in cells:
        marker = MARKER.search(text)
        marked = grade_id(marker[1]) if marker else ""
        key = marked if marked in stubs else label if label in known else by_text.get(text.strip())
        if key is None:
            extras.setdefault(seen[-1] if seen else "", []).append((kind, text))
        elif key:
            seen.append(key)
            nameless += label != key
            if key in stubs:
                answers.setdefault(key, []).append(text)
            elif text.strip() != known[key].source.strip():
                notes.append(f"{key}: 고친 셀을 나누어 준 것으로 되돌렸다.")
    if not seen:
        notes.append("이 과제의 셀이 하나도 없다. 다른 노트북을 낸 것 같다.")
    order = [key for key in known if key in seen]
    if list(dict.fromkeys(seen)) != order:
        notes.append("셀의 차례가 달라 나누어 준 차례로 되돌렸다.")
    if nameless:
        notes.append(f"셀 {nameless}개의 이름이 사라져 내용으로 찾았다.")
    for key, stub in stubs.items():
        # 이름도 표식도 사라졌으면 문제 다음의 셀이 답이다.
        lost = [extra for extra in extras.get(f"{key}-question", []) if extra[0] == stub.cell_type]
        if key not in answers and lost:
            extras[f"{key}-question"].remove(lost[-1])
            answers[key] = [lost[-1][1]]
            seen.append(key)
            notes.append(f"{key}: 이름과 표식이 사라져 문제 다음의 셀을 답으로 보았다.")
    gone = [key for key in known if key not in seen]
    if gone and len(gone) < len(known):
        notes.append(f"지워진 셀을 되살렸다: {', '.join(gone)}.")
    return Submission(assemble(release, stubs, answers, extras, notes), notes)


def choose(key, texts, stub, notes):
    """같은 답이 여럿이면 채운 것 가운데 마지막을 고른다. 위에서 아래로 실행하면 그것이 남는다."""
    filled = [text for text in texts if text.strip() != stub.source.strip()]
    if len(texts) > 1:
        notes.append(f"{key}: 답이 {len(texts)}개였다. 채운 것 가운데 마지막을 골랐다.")
    return filled[-1] if filled else texts[-1]


def assemble(release, stubs, answers, extras, notes):
    notebook = copy.deepcopy(release)
    cells = extra_cells(extras, "")
    for cell in notebook.cells:
        key = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if key in answers:
            cell.source = choose(key, answers[key], stubs[key], notes)
        cells += [cell, *(extra_cells(extras, key) if key else [])]
    notebook.cells = cells
    return notebook


def extra_cells(extras, place):
    """학생이 ``place`` 다음에 더한 셀."""
    make = {"code": new_code_cell, "markdown": new_markdown_cell}
    return [make.get(kind, new_markdown_cell)(text) for kind, text in extras.get(place, [])]
