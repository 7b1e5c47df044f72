"""제출물 하나를 실행하고 판정한 기록을 만든다. nbgrader의 앞 단계(``Judge``)가 이 기록을 노트북에 옮겨 적는다."""

import hashlib
import hmac

from grading import box
from grading.oracle import score

HIDDEN_NAME = "-grade"


def student_cells(notebook):
    """학생이 쓴 코드 셀의 글. 나누어 준 셀은 뺀다."""
    return [
        cell.source
        for cell in notebook.cells
        if cell.cell_type == "code" and not cell.metadata.get("nbgrader", {}).get("locked")
    ]


def seed_of(secret, student, notebook):
    """숨은 시험의 씨앗. 과정의 비밀, 학생, 제출물이 정하므로 미리 알 수 없고, 다시 채점하면 같다."""
    message = "\0".join([student, *student_cells(notebook)])
    return int.from_bytes(hmac.digest(secret.encode(), message.encode(), hashlib.sha256)[:4])


def fingerprint(seed, source):
    """이 기록이 아직 쓸 만한지 알아보는 지문: 씨앗(제출물)과 강사 노트북."""
    text = "\0".join([str(seed), *(cell.source for cell in source.cells)])
    return hashlib.sha256(text.encode()).hexdigest()


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


def execute(student, notebook, source, secret, limits, isolated):
    """제출물을 실행한다. 아직 맞았는지는 모른다."""
    seed = seed_of(secret, student, notebook)
    outputs = box.execute(to_run(notebook, source), seed, limits, isolated)
    return {"fingerprint": fingerprint(seed, source), "seed": seed, "outputs": outputs}


def judge(record, notebook, oracle):
    """실행한 기록에 문제마다의 판정과 점수를 더한다."""
    expected = oracle.expected(record["seed"])
    names = [
        cell.metadata.get("nbgrader", {}).get("grade_id", "") for cell in notebook.cells if cell.cell_type == "code"
    ]
    record["marks"] = {}
    for name, outputs in zip(names, record["outputs"]):
        key = name.removesuffix(HIDDEN_NAME)
        if name.endswith(HIDDEN_NAME) and key in expected:
            got = next((o["data"][box.ANSWERS] for o in outputs if box.ANSWERS in o.get("data", {})), {})
            verdicts = oracle.verdicts(key, got, expected[key], record["seed"])
            errors = {group: _error(got.get(group)) for group in verdicts}
            stopped = next((o["evalue"] for o in outputs if o["output_type"] == "error"), None)
            record["marks"][name] = {
                "score": score(verdicts, oracle.points[key]),
                "groups": verdicts,
                "errors": {group: text for group, text in errors.items() if text},
                "stopped": stopped,
            }
    return record


def _error(answer):
    return str(answer["error"])[:200] if isinstance(answer, dict) and "error" in answer else None


def told(mark):
    """판정을 학생에게 하는 말."""
    lines = [f"  {'○' if right else '✗'} {group}" for group, right in mark["groups"].items()]
    lines += [f"  {group}: 오류 {text}" for group, text in mark["errors"].items()]
    return "\n".join([*lines, *([f"  {mark['stopped']}"] if mark["stopped"] else [])]) + "\n"
