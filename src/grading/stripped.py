"""상자 안에서 쓸 ``homl11.checks``의 사본. 확인과 숨은 시험은 그대로 돌지만 정답을 내는 함수가 없다.

확인이 견줄 값과 흔한 실수의 값은 상자 밖에서 미리 재어 파일로 넣어 준다. 한 번 만든 사본은 캐시 폴더에 두고, 패키지가
달라지면 새로 만든다.
"""

import ast
import compileall
import contextlib
import functools
import hashlib
import os
import pickle
import py_compile
import tempfile
import threading
from importlib import metadata
from pathlib import Path

from grading import ROOT

PACKAGE = ROOT / "src" / "homl11"
LOAD = """

import pickle as _pickle
from pathlib import Path as _Path

for _key, _values in _pickle.loads(_Path(__file__).with_name("values.pickle").read_bytes()).items():
    TASKS[_key].__dict__.update(_values)
"""
UNMARKED = {"reference", "hint", "mistakes", "advise"}  # 그 자리의 확인만 쓴다. 채점은 강사 노트북의 풀이와 견준다
_lock = threading.RLock()


@functools.cache
def task_prints(folder=PACKAGE / "checks"):
    """문제의 이름 → 점수를 정하는 코드의 지문: ``Task``와, 거기서 닿는 함수와 값. 주석과 힌트는 들지 않는다."""
    found = {}
    for path in sorted(folder.glob("*.py")):
        source = path.read_text(encoding="utf-8")
        if "\nTASKS = {" in source:
            tree = parsed(source)
            made = {name: statement for statement in tree.body for name in defined(statement)}
            tasks = made.pop("TASKS").value
            for key, task in zip(tasks.keys, tasks.values):
                if isinstance(task, ast.Call):
                    task.keywords = [keyword for keyword in task.keywords if keyword.arg not in UNMARKED]
                parts = [task, *sorted(_reached([task], made), key=tree.body.index)]
                found[key.value] = hashlib.sha256("".join(map(ast.dump, parts)).encode()).hexdigest()
    return found


@functools.cache
def comparison_print(folder=PACKAGE / "checks"):
    """두 값이 같은지를 정하는 코드의 지문."""
    sources = [(folder / name).read_text(encoding="utf-8") for name in ("task.py", "recipe.py")]
    return hashlib.sha256("".join(ast.dump(parsed(source)) for source in sources).encode()).hexdigest()


def parsed(source):
    """파이썬 3.11의 ``ast``는 스레드 둘이 함께 부르면 오류를 낸다. 채점은 스레드로 나란히 한다."""
    with _lock:
        return ast.parse(source)


def _reached(statements, made):
    """이 문장들이 부르는 이름을 따라가며 닿는 모듈의 문장들."""
    found, waiting = set(), list(statements)
    while waiting:
        names = {node.id for node in ast.walk(waiting.pop()) if isinstance(node, ast.Name)}
        fresh = {made[name] for name in names if name in made} - found
        found |= fresh
        waiting += fresh
    return found


class _WithoutAnswers(ast.NodeTransformer):
    def visit_Call(self, node):
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id == "Task":
            node.keywords = [keyword for keyword in node.keywords if keyword.arg != "mistakes"]
            for keyword in node.keywords:
                if keyword.arg == "reference":
                    keyword.value = ast.Constant(None)
        return node


def strip(source):
    """문제들을 적은 모듈이나 셀에서 정답과 틀린 답, 그리고 그것들만 쓰는 함수를 뺀 글."""
    tree = _WithoutAnswers().visit(parsed(source))
    made = {name: statement for statement in tree.body for name in defined(statement)}
    needed = {statement for statement in tree.body if "TASKS" in (defined(statement) or ["TASKS"])}
    needed |= _reached(needed, made)
    tree.body = [statement for statement in tree.body if statement in needed]
    return ast.unparse(ast.fix_missing_locations(tree))


def defined(statement):
    """이 문장이 만드는 이름들."""
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
        return [statement.name]
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return [node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)]


def checks():
    """사본의 폴더. 상자를 열 때 원래의 것을 이것으로 가린다."""
    with _lock:
        folder = _cache() / f"checks-{_key()}"
        if not folder.exists():
            folder.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=folder.parent) as made:
                fresh = Path(made) / "checks"
                fresh.mkdir()
                _write(fresh)
                for path in (fresh, *fresh.rglob("*")):
                    path.chmod(0o755 if path.is_dir() else 0o644)  # 상자 안에서는 다른 사용자가 읽는다
                with contextlib.suppress(OSError):  # 다른 프로세스가 먼저 만들었으면 그것을 쓴다
                    fresh.rename(folder)
        return folder


def _write(folder):
    from homl11.checks import TASKS

    for path in (PACKAGE / "checks").glob("*.py"):
        source = path.read_text(encoding="utf-8")
        source = strip(source) if "\nTASKS = {" in source else source
        source += LOAD if path.name == "__init__.py" else ""
        (folder / path.name).write_text(source, encoding="utf-8")
    values = {key: {"expected": task.expected, "mistaken": task.mistaken} for key, task in TASKS.items()}
    compileall.compile_dir(folder, quiet=2, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
    (folder / "values.pickle").write_bytes(pickle.dumps(values))


def _cache():
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "homl11-grading"


def _key():
    """패키지와 그것이 쓰는 라이브러리가 같으면 같은 글."""
    sources = [path.read_bytes() for path in sorted(PACKAGE.rglob("*.py"))] + [Path(__file__).read_bytes()]
    versions = " ".join(metadata.version(name) for name in ("keras", "numpy"))
    return hashlib.sha256(b"\0".join([*sources, versions.encode()])).hexdigest()[:16]
