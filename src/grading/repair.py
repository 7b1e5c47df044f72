"""내려받은 노트북을 나누어 준 노트북의 뼈대에 다시 놓는다.

Colab과 학습 관리 시스템을 거치면 메타데이터가 사라지고, 셀이 복사되거나 나뉘거나 합쳐지거나 자리를 바꾼다. 여기서는
답과 학생이 더한 셀만 가져오고, 나머지는 나누어 준 그대로 둔다. 답은 첫 줄의 표식(``# 답: 02_exponential/closure``)으로,
없으면 셀의 이름으로, 그것도 없으면 문제 다음의 코드 셀로 찾는다. 무엇을 고쳤는지는 목록으로 돌려준다.
"""

import ast
import base64
import copy
import json
import re
import subprocess
import sys
import warnings
from dataclasses import dataclass, field
from urllib.parse import unquote

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell

from grading.oracle import MARKER, grade_id

FIXED = "**받으면서 고친 것**"
LARGEST = 20_000_000  # 바이트. 이보다 크면 그림을 잔뜩 붙인 것이 아니라 잘못된 파일이다.
PICTURES = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}
PICTURE = re.compile(r"data:(image/\w+);base64,([A-Za-z0-9+/=]+)|attachment:([^\s)\"'>]+)")
TAG = re.compile(r"<img\b[^<>]*?\bsrc\s*=\s*[\"']?((?:data:image/|attachment:)[^\"'\s<>]+)[^<>]*>", re.IGNORECASE)
ALT = re.compile(r"\balt\s*=\s*[\"']([^\"'\[\]\n]*)[\"']", re.IGNORECASE)
SHOWN = re.compile(r"!\[[^\]\n]*\]\(attachment:(picture-\d+\.\w+)\)")


@dataclass
class Submission:
    """고친 노트북, 고친 것의 목록, 사람이 볼 것, 받을 수 없는 파일인지(그 까닭이 목록에 있다)."""

    notebook: nbformat.NotebookNode
    notes: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    unreadable: bool = False


@dataclass
class Part:
    """제출물의 셀 하나, 또는 합쳐진 셀의 한 조각."""

    kind: str
    text: str
    label: str = ""
    attachments: dict = field(default_factory=dict)


# ---- 읽기


def read(data, notes, doubts):
    """바이트를 셀의 목록으로 읽는다. 노트북이 아니면 까닭을 말하는 ``ValueError``."""
    if len(data) > LARGEST:
        raise ValueError(too_large(len(data)))
    if not data.strip():
        raise ValueError("빈 파일입니다. 노트북에 아무것도 들어 있지 않습니다.")
    text = decode(data, notes)
    if text.lstrip().startswith("<"):
        raise ValueError("노트북(.ipynb)이 아니라 웹 쪽(HTML)입니다. 로그인이 풀린 채 내려받았을 수 있습니다.")
    try:
        found = json.loads(text)
        old = "worksheets" in found
    except (ValueError, TypeError, RecursionError) as error:
        raise ValueError("노트북(.ipynb)이 아니거나 깨졌습니다.") from error
    if old:
        found = modern(found)
        notes.append("옛 노트북(nbformat 3)이라 지금의 꼴로 바꾸었다.")
    try:
        broken = sum(not isinstance(cell.get("metadata", {}), dict) for cell in found["cells"])
        if broken:
            doubts.append(f"셀 {broken}개의 메타데이터가 깨졌다. 내용만 읽었다.")
        return [Part(str(cell["cell_type"]), source(cell), name(cell), attached(cell)) for cell in found["cells"]]
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError("노트북(.ipynb)이 아니거나 깨졌습니다.") from error


def too_large(size):
    return f"파일이 너무 큽니다({size / 1e6:.0f}MB). {LARGEST / 1e6:.0f}MB까지 받습니다."


def decode(data, notes):
    """글. UTF-8이 아니면 UTF-16(첫 글자들로 안다)이거나 한국어 윈도의 cp949이다."""
    for encoding in dict.fromkeys(["utf-8-sig", json.detect_encoding(data), "cp949"]):
        try:
            text = data.decode(encoding)
        except UnicodeError:
            continue
        if not encoding.startswith("utf-8"):
            notes.append(f"글자 인코딩이 {encoding}였다. UTF-8로 읽었다.")
        return text
    raise ValueError("글자를 읽을 수 없습니다. 노트북(.ipynb)이 아닙니다.")


def modern(found):
    """nbformat 3까지의 노트북을 4로. 망가진 것에는 nbformat이 무슨 오류든 낸다."""
    try:
        return nbformat.convert(nbformat.from_dict(found), 4)
    except Exception as error:
        raise ValueError("옛 노트북을 지금의 꼴로 바꾸지 못했습니다.") from error


def source(cell):
    text = cell.get("source", "")
    text = text if isinstance(text, str) else "".join(map(str, text))
    text = text.replace("\r\n", "\n").replace("\r", "\n")  # 윈도를 거친 줄 끝
    return text.encode("utf-8", "replace").decode()  # 짝이 없는 대리 문자는 파일에 적을 수 없다


def name(cell):
    """nbgrader가 붙인 셀의 이름. 사라졌으면 빈 글."""
    metadata = (cell.get("metadata") or {}).get("nbgrader", {})
    return str(metadata.get("grade_id", "")) if isinstance(metadata, dict) else ""


def attached(cell):
    """셀에 붙인 그림들. 이름 → (종류, base64)."""
    found = cell.get("attachments")
    return {
        str(label): next(((kind, text) for kind, text in forms.items() if kind in PICTURES), None)
        for label, forms in (found.items() if isinstance(found, dict) else ())
        if isinstance(forms, dict)
    }


def keep_pictures(parts, notes):
    """글에 넣은 그림을 모두 셀에 붙인 그림(``attachment:picture-1.png``)으로 바꾼다.

    Colab은 그림을 글 속에 적고, 주피터는 셀에 붙인다. 붙인 그림의 이름은 학생이 정한 것이므로 새로 짓는다.
    """
    count = 0

    def kept(match, part, found):
        nonlocal count
        kind, data, label = match.groups()
        if label:
            picture = part.attachments.get(label) or part.attachments.get(unquote(label))
            kind, data = picture or (None, "")
        if kind not in PICTURES or not decoded(data):
            notes.append("글에 넣은 그림이 파일에 없거나 볼 수 없는 것이다. 그림 없이 받았다.")
            return "missing-picture"
        count += 1
        found[f"picture-{count}.{PICTURES[kind]}"] = {kind: joined(data)}
        return f"attachment:picture-{count}.{PICTURES[kind]}"

    for part in parts:
        if part.kind == "markdown":
            found = {}
            text = TAG.sub(lambda tag: f"\n\n![{alternative(tag[0])}]({tag[1]})\n\n", part.text)
            part.text = PICTURE.sub(lambda match, part=part, found=found: kept(match, part, found), text)
            part.attachments = found


def alternative(tag):
    """그림의 대체 글. 없으면 «그림»."""
    found = ALT.search(tag)
    return found[1].strip() if found and found[1].strip() else "그림"


def joined(data):
    return "".join(data.split()) if isinstance(data, str) else "".join(map(str, data))


def decoded(data):
    """base64를 푼 바이트. 풀 수 없으면 빈 바이트."""
    try:
        return base64.b64decode(joined(data), validate=True)
    except (ValueError, TypeError):
        return b""


def picture_files(notebook):
    """노트북에 붙은 그림들. 파일 이름 → 바이트."""
    return {
        label: decoded(data)
        for cell in notebook.cells
        for label, forms in cell.get("attachments", {}).items()
        for data in forms.values()
    }


def name_pictures(text, folder):
    """그림의 자리에 그 파일의 경로를 적은 글. 표의 칸에 그림을 넣을 수 없을 때 쓴다."""
    return SHOWN.sub(rf"[그림: {folder}/\1]", text)


# ---- 합쳐진 셀을 나누기


def markers(text, stubs):
    """글에 든 답의 표식들: (자리, 셀의 이름). 같은 답의 표식이 거듭되면 처음 것만 센다."""
    found = []
    for match in MARKER.finditer(text):
        key = grade_id(match[1])
        if key in stubs and (not found or found[-1][1] != key):
            found.append((match.start(), key))
    return found


def split(part, known, stubs):
    """합쳐진 셀을 답과 나누어 준 셀로 다시 나눈다. 합친 것이 아니면 그대로 하나이다.

    주피터랩은 셀을 합칠 때 첫 셀의 이름만 남긴다. 사이에 낀 문제와 확인 셀의 글도 함께 들어온다.
    """
    found = markers(part.text, stubs)
    held = [key for key, cell in known.items() if key not in stubs and belongs(key, stubs) and lines(part.text, cell)]
    asked = [
        key for key in held if known[key].cell_type == "markdown" and part.text.strip() != known[key].source.strip()
    ]
    if len({key for _, key in found}) < 2 and not asked:
        return [part]
    cuts = {0: part.label}
    for place, key in found[0 if asked else 1 :]:
        cuts[place] = key
    for key in held:
        start = lines(part.text, known[key]) - 1
        cuts[start] = key
        cuts.setdefault(start + len(known[key].source.strip()), "")
    places = sorted(cuts)
    pieces = [
        Part(part.kind, part.text[start:end].strip("\n"), cuts[start], part.attachments)
        for start, end in zip(places, [*places[1:], None])
    ]
    pieces = [piece for piece in pieces if piece.text.strip()]
    code = [piece.text for piece in pieces if piece.label in stubs and stubs[piece.label].cell_type == "code"]
    return [part] if parses(part.text) and not all(map(parses, code)) else pieces


def lines(text, cell):
    """나누어 준 셀의 글이 ``text``의 온전한 줄로 들어 있는 자리에 1을 더한 것. 없으면 0."""
    return f"\n{text}\n".find(f"\n{cell.source.strip()}\n") + 1 if cell.source.strip() else 0


def belongs(key, stubs):
    """문제, 확인, 채점 셀인가. 준비 셀은 어느 문제의 것도 아니다."""
    return any(key.startswith(stub) for stub in stubs)


# ---- 파이썬의 문법


def plain(text):
    """노트북의 명령(``%``, ``!``, ``?``)을 뺀 파이썬. IPython의 변환은 줄 수의 제곱만큼 걸려, 낯선 글에는 쓸 수 없다.

    >>> plain("%matplotlib inline\\nfiles = !ls\\nx = 1")
    'pass\\nfiles = None\\nx = 1'
    """
    if text.lstrip().startswith("%%"):
        return ""
    text = re.sub(r"^([ \t]*)(?:[%!?].*|[\w.]+\?{1,2}[ \t]*)$", r"\1pass", text, flags=re.MULTILINE)
    return re.sub(r"^([ \t]*\w[\w, \t]*=[ \t]*)[%!].*$", r"\1None", text, flags=re.MULTILINE)


def parses(text):
    """읽을 수 있는 글인가. 너무 깊은 식에는 파이썬도 손을 든다."""
    if len(text) > 200_000:  # 사람이 쓸 수 없을 만큼 길다. 읽는 데 오래 걸리게 만든 것일 수 있다
        return True
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(plain(text))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    return True


def newer_syntax(text):
    """이 파이썬이 읽지 못한 셀을 더 새로운 파이썬은 읽으면 그 판(«3.12»). 아니면 ``None``.

    ``ruff``는 파이썬의 모든 판의 문법을 읽고, 어느 판에서 더해진 것인지 말한다.
    """
    target = f"py{sys.version_info.major}{sys.version_info.minor}"
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "--output-format=json"]
    command += [f"--target-version={target}", "--select=E902", "--stdin-filename=cell.py", "-"]
    found = subprocess.run(command, input=plain(text).encode("utf-8", "replace"), capture_output=True)
    try:
        errors = [item["message"] for item in json.loads(found.stdout) if item["code"] in (None, "invalid-syntax")]
    except (ValueError, TypeError, KeyError):
        return None  # ruff가 없거나 말이 달라졌다
    versions = [re.search(r"syntax was added in Python (3\.\d+)", error) for error in errors]
    if not versions or not all(versions):
        return None
    return max((match[1] for match in versions), key=lambda version: int(version.split(".")[1]))


# ---- 뼈대에 놓기


def repair(data, release):
    """제출물(바이트)을 나누어 준 노트북 ``release``의 뼈대에 놓는다. 이 과제의 노트북이 아니면 ``unreadable``이다."""
    notes, doubts = [], []
    try:
        parts = read(data, notes, doubts)
    except ValueError as error:
        return Submission(copy.deepcopy(release), [str(error)], unreadable=True)
    known = {cell.metadata.nbgrader.grade_id: cell for cell in release.cells if "nbgrader" in cell.metadata}
    stubs = {key: cell for key, cell in known.items() if cell.metadata.nbgrader.solution}
    by_text = {cell.source.strip(): cell.metadata.get("nbgrader", {}).get("grade_id", "") for cell in release.cells}
    keep_pictures(parts, notes)
    answers, extras, seen, nameless, before = {}, {}, [], 0, None
    for part in parts:
        pieces = split(part, known, stubs)
        if len(pieces) > 1:
            names = ", ".join(dict.fromkeys(piece.label for piece in pieces if piece.label in stubs))
            notes.append(f"{names}: 합친 셀을 도로 나누었다.")
        for piece in pieces:
            marker = MARKER.search(piece.text)
            marked = grade_id(marker[1]) if marker else ""
            key = (
                marked if marked in stubs else piece.label if piece.label in known else by_text.get(piece.text.strip())
            )
            if key in stubs and not marked and answers.get(key) and before != key and piece.kind == "code":
                key = None  # 나뉜 답의 뒤쪽인데 사이에 다른 셀이 있다. 그 자리에서 실행해야 차례가 같다.
            if key is None:
                extras.setdefault(seen[-1] if seen else "", []).append(piece)
            elif key:
                seen.append(key)
                nameless += piece.label != key
                if key in stubs:
                    gather(answers.setdefault(key, []), piece, bool(marked), before == key)
                elif piece.text.strip() != known[key].source.strip():
                    notes.append(f"{key}: 고친 셀을 나누어 준 것으로 되돌렸다.")
            before = key if piece.text.strip() else before
    if not any(belongs(key, stubs) for key in seen):
        return Submission(copy.deepcopy(release), [foreign(parts)], unreadable=True)
    order = [key for key in known if key in seen]
    if list(dict.fromkeys(seen)) != order:
        notes.append("셀의 차례가 달라 나누어 준 차례로 되돌렸다.")
    if nameless:
        notes.append(f"셀 {nameless}개의 이름이 사라져 내용으로 찾았다.")
    for key, stub in stubs.items():
        # 이름도 표식도 사라졌으면 문제 다음의 셀이 답이다.
        lost = [extra for extra in extras.get(f"{key}-question", []) if extra.kind == stub.cell_type]
        if key not in answers and lost:
            extras[f"{key}-question"].remove(lost[-1])
            answers[key] = [[lost[-1]]]
            seen.append(key)
            notes.append(f"{key}: 이름과 표식이 사라져 문제 다음의 셀을 답으로 보았다.")
    gone = [key for key in known if key not in seen]
    if gone:
        few = ", ".join(gone[:5]) + (f" 밖에 {len(gone) - 5}개" if len(gone) > 5 else "")
        notes.append(f"지워진 셀을 되살렸다: {few}.")
    notebook = assemble(release, stubs, answers, extras, notes)
    own = [
        cell
        for cell in notebook.cells
        if cell.cell_type == "code" and not cell.metadata.get("nbgrader", {}).get("locked")
    ]
    for cell in [cell for cell in own if not parses(cell.source)][:20]:
        if version := newer_syntax(cell.source):
            metadata = cell.metadata.get("nbgrader", {})
            here = f"{sys.version_info.major}.{sys.version_info.minor}"
            doubts.append(
                f"{metadata.get('grade_id', '더한 셀')}: 파이썬 {version}부터 되는 문법을 썼다. "
                f"채점하는 파이썬은 {here}이라 읽지 못한다."
            )
    return Submission(notebook, [*dict.fromkeys(notes), *doubts], doubts)


def foreign(parts):
    """이 과제의 셀이 하나도 없을 때 하는 말. 어느 과제의 것인지 알 만한 표식이 있으면 함께 적는다."""
    marker = next((match[1] for part in parts if (match := MARKER.search(part.text))), None)
    return "이 과제의 셀이 하나도 없다. 다른 노트북을 낸 것 같다" + (f"(답의 표식: {marker})." if marker else ".")


def gather(candidates, piece, marked, adjacent):
    """답의 조각을 모은다. 표식이 있으면 새 답이고, 없으면서 바로 뒤에 있으면 앞 조각의 나머지이다."""
    headless = candidates and not any(MARKER.search(part.text) for part in candidates[-1])
    if candidates and (piece.kind == "markdown" or adjacent) and (headless or not marked):
        candidates[-1].append(piece)
    else:
        candidates.append([piece])


def choose(key, candidates, stub, notes):
    """나뉜 것은 차례로 잇고, 같은 답이 여럿이면 채운 것 가운데 마지막을 고른다: 차례로 실행하면 그것이 남는다."""
    texts = ["\n".join(part.text for part in parts if part.text.strip()) for parts in candidates]
    filled = [number for number, text in enumerate(texts) if text.strip() not in ("", stub.source.strip())]
    if len(texts) > 1:
        notes.append(f"{key}: 답이 {len(texts)}개였다. 채운 것 가운데 마지막을 골랐다.")
    chosen = filled[-1] if filled else -1
    pieces = [part for part in candidates[chosen] if part.text.strip()]
    if len(pieces) > 1:
        notes.append(f"{key}: 나뉜 셀 {len(pieces)}개를 차례로 이었다.")
    pictures = {label: forms for part in candidates[chosen] for label, forms in part.attachments.items()}
    return texts[chosen], {label: forms for label, forms in pictures.items() if label in texts[chosen]}


def assemble(release, stubs, answers, extras, notes):
    notebook = copy.deepcopy(release)
    cells = extra_cells(extras, "")
    kept = [part for candidates in answers.values() for parts in candidates for part in parts]
    written = [part.text for part in [*kept, *(part for parts in extras.values() for part in parts)]]
    for cell in notebook.cells:
        key = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if key in answers:
            cell.source, pictures = choose(key, answers[key], stubs[key], notes)
            if pictures and cell.cell_type == "markdown":
                cell.attachments = pictures
        elif key in stubs and any(binds(text, label) for text in written for label in bound(cell.source)):
            # 빈 답을 되살려 실행하면 학생이 다른 셀에 적은 답을 덮는다.
            cell.source = f"{cell.source.splitlines()[0]}\n# 답의 셀이 없다. 다른 셀에 적은 것을 쓴다."
            notes.append(f"{key}: 답의 셀이 없다. 다른 셀에 적은 것을 쓴다.")
        cells += [cell, *(extra_cells(extras, key) if key else [])]
    notebook.cells = cells
    return notebook


def bound(stub):
    """빈 답이 정의하는 이름들.

    >>> bound("# 답: a/b\\nsteps = None\\ndef suggest(x):\\n    pass")
    ['steps', 'suggest']
    """
    return [one or other for one, other in re.findall(r"^(?:def|class) +(\w+)|^(\w+) *=", stub, re.MULTILINE)]


def binds(text, label):
    """셀이 그 이름을 정의하는가. 문법이 틀린 셀에서도 찾는다."""
    return re.search(rf"^(?:(?:async +)?def|class) +{label}\b|^{label} *(?::[^=\n]+)?=(?!=)", text, re.MULTILINE)


def extra_cells(extras, place):
    """학생이 ``place`` 다음에 더한 셀."""
    make = {"code": new_code_cell, "markdown": new_markdown_cell}
    cells = []
    for part in extras.get(place, []):
        cells.append(make.get(part.kind, new_markdown_cell)(part.text))
        if part.kind == "markdown" and part.attachments:
            cells[-1].attachments = part.attachments
    return cells
