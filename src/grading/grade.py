"""제출물 하나를 실행하고 판정한 기록을 만든다. nbgrader의 앞 단계(``Judge``)가 이 기록을 노트북에 옮겨 적는다."""

import hashlib
import hmac
import re

from grading import box, stripped
from grading.oracle import JUDGES, score

HIDDEN_NAME, CHECK_NAME = "-grade", "-check"


def student_cells(notebook, kinds=("code",)):
    """학생이 쓴 셀의 글. 나누어 준 셀은 뺀다."""
    return [
        cell.source
        for cell in notebook.cells
        if cell.cell_type in kinds and not cell.metadata.get("nbgrader", {}).get("locked")
    ]


ASKED = re.compile(r"\bgraded\(\s*[\"']([\w/]+)[\"']")

# 확인을 부르는 것 말고는 배우는 사람이 쓸 일이 없는 이름들.
INSIDE = re.compile(r"homl11\.checks\b|\bTASKS\b|\.reference\b|HOML11_SEED|\bhidden_random\b|vnd\.homl11|_getframe")
ALLOWED = re.compile(r"from homl11\.checks import check$|from homl11\.checks\.recipe import try_recipe$", re.MULTILINE)


def touched(notebook):
    """학생의 코드가 채점하는 것의 속을 건드리면 그 말들. 속임수라는 뜻은 아니다. 사람이 읽어 볼 까닭이다."""
    text = ALLOWED.sub("", "\n".join(student_cells(notebook)))
    return sorted(set(INSIDE.findall(text)))


def names(notebook):
    """코드 셀마다의 이름. 이름이 없으면 빈 글."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [cell.metadata.get("nbgrader", {}).get("grade_id", "") for cell in cells]


def titles(notebook):
    """문제 → 제목: «문제 6. 클로저 (2점)»."""
    return {
        name.removesuffix("-question"): cell.source.strip().partition("\n")[0].lstrip("# ")
        for name, cell in _cells(notebook).items()
        if name.endswith("-question")
    }


HINT = re.compile(r"^  힌트: (.+)$", re.MULTILINE)
BLANK, RIGHT, SILENT = "아직 답이 없습니다", "모두 맞았습니다", "확인이 끝까지 가지 못했다"


def hints(notebook, record):
    """문제 → 학생의 노트북에서 확인이 한 말: 힌트, 답이 없다는 말, 다 맞았으면 빈 글.

    학생의 프로세스가 찍은 것이므로 믿지 않는다. 점수에 쓰지 않고, 보고서는 아는 힌트만 센다.
    """
    found = {}
    for name, outputs in zip(names(notebook), record["outputs"]):
        if name.endswith(CHECK_NAME):
            text = "".join(str(output.get("text", "")) for output in outputs if output["output_type"] == "stream")
            said = HINT.search(text)
            known = next((kind for kind in (BLANK, RIGHT) if kind in text), SILENT)
            found[name.removesuffix(CHECK_NAME)] = said[1][:300] if said else known.replace(RIGHT, "")
    return found


def seed_of(secret, student, notebook):
    """숨은 시험의 씨앗. 과정의 비밀, 학생, 제출물이 정하므로 미리 알 수 없고, 다시 채점하면 같다."""
    message = "\0".join([student, *student_cells(notebook)])
    return int.from_bytes(hmac.digest(secret.encode(), message.encode(), hashlib.sha256)[:4])


def unseen(secret, seed):
    """상자에 들어간 적이 없는 씨앗. 답을 보고 나서 정하는 문제에 쓴다: 학생의 코드가 미리 찾아볼 수 없다."""
    return int.from_bytes(hmac.digest(secret.encode(), f"판정 {seed}".encode(), hashlib.sha256)[:4])


def digest(*texts):
    return hashlib.sha256("\0".join(map(str, texts)).encode("utf-8", "replace")).hexdigest()


def to_run(notebook, source):
    """실행할 코드 셀의 글. 나누어 준 셀은 무엇이 적혀 있든 강사 노트북의 것을 쓴다(숨은 시험도 여기서 들어간다)."""
    locked = {
        cell.metadata.nbgrader.grade_id: cell.source
        for cell in source.cells
        if "nbgrader" in cell.metadata and not cell.metadata.nbgrader.solution
    }
    return [
        locked.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


class Prints:
    """지문들. 무엇이 바뀌었을 때 무엇을 다시 해야 하는지를 이것으로 안다.

    ``common``이 바뀌면 모두 다시 실행한다. ``hidden``에서 바뀐 숨은 시험은 그것만 다시 실행하고, ``judged``에서 바뀐
    것은 그것만 다시 판정한다. ``tasks``는 점수를 매기는 셀마다의 답과 채점 기준이다: 손으로 준 점수는 이것이 그대로일
    때만 그대로 선다. ``whole``은 성적부에 적을 것 전부이다. 글로 쓴 답과 배점도 든다.
    """

    def __init__(self, seed, notebook, source):
        self.seed = seed
        graded = {name: cell for name, cell in _cells(source).items() if cell.metadata.nbgrader.get("grade")}
        answers, original = _cells(notebook), _cells(source)
        solutions = [cell.source for cell in original.values() if cell.metadata.nbgrader.get("solution")]
        ran = list(zip(names(notebook), to_run(notebook, source)))
        self.common = digest(seed, *(text for name, text in ran if name not in graded))
        self.hidden = {name: digest(text, *asked(text)) for name, text in ran if name in graded}
        # 풀이끼리는 서로 부를 수 있다. 풀이를 견주지 않는 문제만 남의 풀이와 상관이 없다.
        self.judged = {
            name: digest(
                text, stripped.comparison_print(), *(() if name.removesuffix(HIDDEN_NAME) in JUDGES else solutions)
            )
            for name, text in self.hidden.items()
        }
        self.tasks = {}
        for name, cell in graded.items():
            answer = answers.get(name.removesuffix(HIDDEN_NAME), answers.get(name))
            self.tasks[name] = digest(
                answer.source if answer else "",
                cell.source,
                float(cell.metadata.nbgrader.points),
                *asked(cell.source),
            )
        written = student_cells(notebook, ("code", "markdown", "raw"))
        points = [(name, float(cell.metadata.nbgrader.points)) for name, cell in graded.items()]
        self.whole = digest(*written, "", *(cell.source for cell in source.cells), points, *self.judged.values())


def asked(text):
    """숨은 시험의 글이 ``homl11.checks``에서 부르는 문제들의 지문. 글은 그대로여도 거기를 고치면 다른 것을 묻는다."""
    prints = stripped.task_prints()
    return [prints.get(key, "") for key in ASKED.findall(text)]


def _cells(notebook):
    """이름이 있는 셀들: 이름 → 셀."""
    return {
        cell.metadata.nbgrader.grade_id: cell
        for cell in notebook.cells
        if "grade_id" in cell.metadata.get("nbgrader", {})
    }


def execute(student, notebook, source, secret, limits, isolated, known=None, halt=None, run=None):
    """제출물을 실행한다. 아직 맞았는지는 모른다.

    ``known``은 전에 실행한 기록이다. 숨은 시험만 바뀌었으면 그것만 새로 실행하고 나머지는 그대로 둔다.
    ``run``은 다른 기계의 상자에서 실행하는 함수이다(``grading.cluster``). 기본은 이 기계의 ``box.execute``이다.
    """
    seed = seed_of(secret, student, notebook)
    prints, sources, ids = Prints(seed, notebook, source), to_run(notebook, source), names(notebook)
    if known is None or known.get("common") != prints.common:
        known = {"outputs": [[]] * len(ids), "hidden": {}, "marks": {}, "judged": {}}
        fresh = set(range(len(ids)))
    else:
        fresh = {place for place, name in enumerate(ids) if prints.hidden.get(name) != known["hidden"].get(name)}
        if not fresh:
            return known
    hidden = {place for place, name in enumerate(ids) if name in prints.hidden}
    cells = ["" if place in hidden - fresh else text for place, text in enumerate(sources)]
    found = (run or box.execute)(cells, seed, limits, isolated, hidden, halt)
    changed = {ids[place] for place in fresh}
    return {
        "seed": seed,
        "common": prints.common,
        "hidden": prints.hidden,
        "outputs": [found[place] if place in fresh else known["outputs"][place] for place in range(len(ids))],
        "marks": {name: mark for name, mark in known["marks"].items() if name not in changed},
        "judged": {name: print_ for name, print_ in known["judged"].items() if name not in changed},
    }


def unjudged(record, prints):
    """아직 판정하지 않았거나, 풀이가 바뀌어 다시 판정할 숨은 시험들."""
    return [name for name, print_ in prints.judged.items() if record["judged"].get(name) != print_]


def judge(record, notebook, source, oracle, secret):
    """실행한 기록에 문제마다의 판정을 더한다. 이미 판정한 것은 그대로 둔다."""
    prints = Prints(record["seed"], notebook, source)
    outputs, waiting = dict(zip(names(notebook), record["outputs"])), unjudged(record, prints)
    expected = oracle.expected(record["seed"], [name.removesuffix(HIDDEN_NAME) for name in waiting])
    for name in waiting:
        key = name.removesuffix(HIDDEN_NAME)
        if key in expected:
            got = next((o["data"][box.ANSWERS] for o in outputs[name] if box.ANSWERS in o.get("data", {})), {})
            seed = unseen(secret, record["seed"]) if key in JUDGES else record["seed"]
            verdicts = oracle.verdicts(key, got, expected[key], seed)
            errors = {group: _error(got.get(group)) for group in verdicts}
            stopped = next((o["evalue"] for o in outputs[name] if o["output_type"] == "error"), None)
            record["marks"][name] = {
                "groups": verdicts,
                "errors": {group: text for group, text in errors.items() if text},
                "stopped": stopped,
            }
        record["judged"][name] = prints.judged[name]
    return record


def scores(record, source):
    """숨은 시험마다의 점수. 배점은 지금의 강사 노트북에서 읽는다: 배점을 바꾸면 모두의 점수가 함께 바뀐다."""
    points = {name: cell.metadata.nbgrader.get("points", 0) for name, cell in _cells(source).items()}
    return {name: score(mark["groups"], points[name]) for name, mark in record["marks"].items() if name in points}


def _error(answer):
    return str(answer["error"])[:200] if isinstance(answer, dict) and "error" in answer else None


def told(mark):
    """판정을 학생에게 하는 말."""
    lines = [f"  {'○' if right else '✗'} {group}" for group, right in mark["groups"].items()]
    lines += [f"  {group}: 오류 {text}" for group, text in mark["errors"].items()]
    return "\n".join([*lines, *([f"  {mark['stopped']}"] if mark["stopped"] else [])]) + "\n"
