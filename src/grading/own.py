"""선생님이 과정 폴더에 더한 문제. 물을 성질과 힌트는 강사 노트북의 확인 셀(``add("week3/warmup", Task(…))``)에 있다.

배우는 사람에게는 노트북 하나만 간다. 그래서 따로 둔 파일이 아니라 셀에 적는다. 다만 그 셀에는 정답(``reference``)과
틀린 답(``mistakes``)도 있다. 나누어 줄 때 그 둘과 그것들만 쓰는 함수를 빼고, 공개된 확인에서 그것들이 낼 값을 대신
적는다. 채점하는 상자에도 정답을 뺀 셀이 들어간다. 숨은 시험의 값은 씨앗이 정하므로 여기에 없다.
"""

import ast
import contextlib
import copy
import io
from random import Random

from IPython.core.inputtransformer2 import TransformerManager

from grading import stripped
from grading.messages import Problem
from grading.oracle import Oracle, execute, grade_id

RIGHT = "모두 맞았습니다."  # 확인이 맞은 답에 하는 말
SEEDS = range(3)  # 내기 전에 해 보는 숨은 시험의 씨앗
FORM = 'add("week3/warmup", Task(probes=…, reference=…, hint=…))처럼 인수에 모두 이름을 붙여'


def checking(cell):
    """이 셀이 더하는 문제의 이름들. 확인 셀이 아니면 빈 목록이다."""
    if cell.cell_type != "code" or "Task(" not in cell.source or cell.metadata.get("nbgrader", {}).get("solution"):
        return []
    try:
        tree = stripped.parsed(TransformerManager().transform_cell(cell.source))
    except SyntaxError as error:
        raise Problem(f"{_name(cell)}: 문법에 맞지 않는 셀입니다({error}). 고치고 다시 하세요.") from None
    made = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _called(node) == "Task"]
    keys = [
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _called(node) == "add" and _well_formed(node)
    ]
    if len(keys) != len(made):
        raise Problem(f"{_name(cell)}: 확인은 {FORM} 적으세요. 그래야 정답을 빼고 나누어 줄 수 있습니다.")
    metadata = cell.metadata.get("nbgrader", {})
    if keys and not (metadata.get("locked") and not metadata.get("grade")):
        raise Problem(
            f"{_name(cell)}: 확인 셀은 잠긴 셀이어야 합니다. exercise 명령이 만든 셀에 적거나, nbgrader의 메뉴에서 "
            "Read-only를 고르세요."
        )
    return keys


def _called(node):
    return getattr(node.func, "id", getattr(node.func, "attr", None))


def _well_formed(node):
    match node.args:
        case [ast.Constant(value=str()), ast.Call(func=ast.Name(id="Task"), args=[], keywords=named)]:
            return not node.keywords and all(keyword.arg for keyword in named)
    return False


def _name(cell):
    first = cell.source.strip().partition("\n")[0]
    return f"셀 «{cell.metadata.get('nbgrader', {}).get('grade_id') or first}»"


def published(source):
    """정답을 뺀 강사 노트북. 그 앞에 풀이, 틀린 답, 숨은 시험을 해 보고, 잘못되었으면 까닭을 말하는 ``Problem``."""
    keys = [key for cell in source.cells for key in checking(cell)]
    if not keys:
        return source
    from homl11 import checks  # 텐서플로까지 딸려 온다

    with contextlib.redirect_stdout(io.StringIO()):  # 셀이 찍는 것은 강사의 화면에 필요 없다
        oracle = _working(source)
    for key in keys:
        _proved(key, checks.OWN[key], oracle)
    notebook = copy.deepcopy(source)
    for cell in notebook.cells:
        if checking(cell):
            cell.source = _without_answers(cell.source, checks.OWN)
            cell.metadata.setdefault("jupyter", {})["source_hidden"] = True  # 배우는 사람이 읽을 셀이 아니다
    return notebook


def as_released(source, released):
    """확인 셀을 나누어 준 것(정답이 없는 것)으로 바꾼 강사 노트북. 상자와 판정은 이것을 쓴다."""
    given = {cell.metadata.nbgrader.grade_id: cell for cell in released.cells if "nbgrader" in cell.metadata}
    notebook = copy.deepcopy(source)
    for cell in notebook.cells:
        if checking(cell):
            cell.source = given[cell.metadata.nbgrader.grade_id].source
    return notebook


def hints(source):
    """더한 문제마다 확인이 할 수 있는 말: 실수의 이름들과 그 문제의 힌트."""
    cells = [cell for cell in source.cells if checking(cell)]
    nodes = [
        node for cell in cells for node in ast.walk(stripped.parsed(TransformerManager().transform_cell(cell.source)))
    ]
    calls = [
        node.args for node in nodes if isinstance(node, ast.Call) and _called(node) == "add" and _well_formed(node)
    ]
    return {
        grade_id(key.value): {
            said.value
            for keyword in task.keywords
            if keyword.arg in ("hint", "mistakes")
            for said in getattr(keyword.value, "keys", [keyword.value])
            if isinstance(said, ast.Constant)
        }
        for key, task in calls
    }


def _without_answers(source, tasks):
    """정답과 틀린 답을 빼고, 미리 잰 값을 붙인 셀의 글."""
    tree = stripped.parsed(stripped.strip(TransformerManager().transform_cell(source)))
    answers = {
        node.value.id
        for node in ast.walk(stripped.parsed(TransformerManager().transform_cell(source)))
        if isinstance(node, ast.keyword) and node.arg == "reference" and isinstance(node.value, ast.Name)
    }
    if kept := answers & {name for statement in tree.body for name in stripped.defined(statement)}:
        raise Problem(
            f"물을 성질이 정답({', '.join(sorted(kept))})을 부릅니다. 그러면 정답을 빼고 나누어 줄 수 없습니다. "
            "성질에는 답을 부를 값만 적으세요."
        )
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node) == "add":
            key, task = node.args
            values = ast.Constant(tasks[key.value].packed())
            node.args[1] = ast.Call(ast.Attribute(task, "knowing", ast.Load()), [values], [])
    return f"{source.strip().partition(chr(10))[0]}\n{ast.unparse(ast.fix_missing_locations(tree))}"


def _working(source):
    """노트북을 실행한 ``Oracle``. 풀이가 숨은 시험에 값을 내놓지 못하면 아무도 채점할 수 없다."""
    try:
        oracle = Oracle(source)
        found = [oracle.expected(seed) for seed in SEEDS]
    except Exception as error:
        raise Problem(f"강사 노트북을 실행하지 못했습니다. {type(error).__name__}: {error}") from error
    broken = {
        f"{key}의 «{name}»: {value['error']}"
        for groups in found
        for key, values in groups.items()
        for name, value in values.items()
        if "error" in value
    }
    if broken:
        raise Problem("풀이가 숨은 시험에서 오류를 냅니다.\n" + "\n".join(sorted(broken)))
    return oracle


def _proved(key, task, oracle):
    """풀이는 확인을 지나고, 틀린 답은 저마다 제 힌트를 받고 어느 씨앗에서도 틀리는가."""
    from homl11.checks import check
    from homl11.checks.task import Either, run, same

    try:
        told = _told(lambda: execute(oracle.checks[grade_id(key)], dict(oracle.solution)))
    except KeyError:
        raise Problem(f'{key}: 풀이를 확인하는 셀이 없습니다. check("{key}", …) 셀을 되돌리세요.') from None
    except Exception as error:
        raise Problem(f"{key}: 정답(reference)으로 확인하지 못했습니다. {type(error).__name__}: {error}") from error
    if RIGHT not in told:
        raise Problem(
            f"{key}: 풀이가 확인을 지나지 못합니다. 풀이나 정답(reference)이 틀렸거나 check 셀이 바뀌었습니다. "
            f"확인 셀은 이렇게 말합니다.\n{told}"
        )
    for hint, variants in task.mistakes.items():
        for wrong in variants if isinstance(variants, Either) else [variants]:
            told = _told(lambda wrong=wrong: check(key, wrong))
            if f"힌트: {hint}\n" not in told:
                raise Problem(
                    f"{key}: 틀린 답 «{hint}»이 그 힌트를 받지 못합니다. 정답이나 다른 틀린 답과 값이 같습니다. "
                    f"값을 더하세요. 확인하면 이렇게 나옵니다.\n{told}"
                )
            for seed in SEEDS:
                probes = task.probes(Random(seed)).values()
                if all(same(run(probe, wrong), run(probe, task.reference)) for probe in probes):
                    raise Problem(f"{key}: 틀린 답 «{hint}»이 숨은 시험에서 만점을 받을 수 있습니다. 값을 더하세요.")


def _told(say):
    with contextlib.redirect_stdout(io.StringIO()) as out:
        say()
    return out.getvalue()
