"""수식이 많은 모듈에서는 mutmut이 낼 수 있는 고장을 모두 낸다. ``python -m authoring.mutants``가 부른다.

설정은 ``pyproject.toml``의 ``[tool.mutmut]``에 있다. 여기서는 사본에서 돌리고, 결과를 모듈마다 센다.
"""

import ast
import difflib
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import NamedTuple

from authoring import ROOT

EQUIVALENT = ROOT / "tests" / "mutants" / "equivalent.toml"
NOTICED = (1, 3)  # pytest의 끝난 상태: 시험이 빨갛다, 시험하다가 죽었다
ENOUGH = 0.9


class CannotTest(RuntimeError):
    """고장을 내기 전부터 시험할 수 없다. 메시지가 까닭을 말한다."""


class Report(NamedTuple):
    """사람이 읽는 글, 기계가 읽는 것, 모자란 것이 없는지."""

    text: str
    content: dict
    passed: bool


class Mutant(NamedTuple):
    """``where``: 고장 난 함수. ``old``, ``new``: 달라진 줄. ``text``: 사람이 읽는 글만 다르다. ``code``: 끝난 상태."""

    module: str
    where: str
    old: str
    new: str
    text: bool
    code: int | None


class Score(NamedTuple):
    """모듈 하나에서 센 것. ``survived``와 ``equivalent``는 고장의 목록이고 나머지는 수이다."""

    module: str
    noticed: int
    text: int
    equivalent: list
    survived: list

    @property
    def share(self):
        """알아챈 비율. 글만 달라진 것과, 까닭을 적어 둔 같은 것은 세지 않는다."""
        return self.noticed / max(self.noticed + len(self.survived), 1)


def run(tree, jobs):
    """사본 ``tree``에서 mutmut을 돌린다. 진행은 mutmut이 보인다."""
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", str(jobs)]
    environment = os.environ | {"TQDM_DISABLE": "1"}
    environment.pop("PYTHONPATH", None)  # 고장 내지 않은 패키지를 가리킬 수 있다
    if subprocess.run(command, cwd=tree, env=environment).returncode:
        raise CannotTest("mutmut이 고장을 내지 못했습니다. 까닭은 바로 위에 있습니다.")


def read_mutants(tree):
    """mutmut이 낸 고장과 그 결과."""
    for meta in sorted(Path(tree).glob("mutants/src/homl11/**/*.py.meta")):
        functions = {
            node.name: node
            for node in ast.walk(ast.parse(meta.with_suffix("").read_text(encoding="utf-8")))
            if isinstance(node, ast.FunctionDef)
        }
        for key, code in json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"].items():
            module, name = key.removeprefix("homl11.").rsplit(".", 1)
            function = name.rpartition("__mutmut_")[0]
            original, mutated = functions[f"{function}__mutmut_orig"], functions[name]
            where = re.sub(r"^x_|^xǁ", "", function).replace("ǁ", ".")
            yield Mutant(module, where, *changed(original, mutated), words(original) == words(mutated), code)


def changed(original, mutated):
    """달라진 줄들. 앞뒤의 것을 저마다 한 줄로 잇는다. 인수의 기본값이 달라졌으면 인수의 목록이다."""
    left, right = (
        [ast.unparse(function.args), *(line.strip() for line in ast.unparse(function.body).splitlines())]
        for function in (original, mutated)
    )
    found = [line for line in difflib.ndiff(left, right) if line[:2] in ("- ", "+ ")]
    return tuple(" ".join(line[2:] for line in found if line[0] == sign) for sign in "-+")


class _Blind(ast.NodeTransformer):
    """한글이 든 글을 지운다."""

    def visit_Constant(self, node):
        hangul = isinstance(node.value, str) and re.search("[가-힣]", node.value)
        return ast.copy_location(ast.Constant(""), node) if hangul else node


def words(function):
    """사람이 읽는 글을 뺀 함수의 내용."""
    blind = _Blind().visit(ast.parse(ast.unparse(function)).body[0])
    return ast.dump(blind.args) + "".join(map(ast.dump, blind.body))


def read_equivalent():
    """바꾸어도 하는 일이 같은 고장 → 그 까닭."""
    table = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8"))
    return {(one["where"], one["old"], one["new"]): one["why"] for one in table.get("same", [])}


def scores(mutants, equivalent):
    """모듈마다의 ``Score``와, 목록에 있지만 그런 고장이 없는 낡은 까닭들."""
    by_module, used = {}, set()
    for mutant in mutants:
        score = by_module.setdefault(mutant.module, {"noticed": 0, "text": 0, "equivalent": [], "survived": []})
        key = (f"{mutant.module}.{mutant.where}", mutant.old, mutant.new)
        if mutant.text:
            score["text"] += 1
        elif mutant.code in NOTICED:
            score["noticed"] += 1
        elif key in equivalent:
            used.add(key)
            score["equivalent"].append((mutant, equivalent[key]))
        else:
            score["survived"].append(mutant)
    return [Score(module, **score) for module, score in by_module.items()], equivalent.keys() - used


def report(tree, seconds):
    """모듈마다의 점수, 살아남은 고장, 까닭을 적어 둔 같은 고장."""
    found, stale = scores(read_mutants(tree), read_equivalent())
    rows = [
        f"| `{score.module}` | {score.noticed} | {len(score.survived)} | {len(score.equivalent)} | {score.text} "
        f"| {score.share:.1%} |"
        for score in found
    ]
    survived = [
        f"- `{mutant.module}.{mutant.where}` `{mutant.old}` → `{mutant.new}` (끝난 상태 {mutant.code})"
        for score in found
        for mutant in score.survived
    ]
    same = [
        f"- `{mutant.module}.{mutant.where}` `{mutant.old}` → `{mutant.new}`: {why}"
        for score in found
        for mutant, why in score.equivalent
    ]
    text = "\n".join(
        [
            "## mutmut이 낸 고장",
            "",
            f"{seconds:.0f}초. 알아챈 비율에는 하는 일이 같은 것과 사람이 읽는 글만 달라진 것을 세지 않는다.",
            "",
            "| 모듈 | 알아챔 | 살아남음 | 하는 일이 같음 | 글만 다름 | 알아챈 비율 |",
            "|---|--:|--:|--:|--:|--:|",
            *rows,
            *(["", "살아남은 고장:", "", *survived] if survived else []),
            *(["", "하는 일이 같은 고장:", "", *same] if same else []),
            *(
                ["", "이제는 없는 고장의 까닭(equivalent.toml에서 지우세요):", "", *map(str, sorted(stale))]
                if stale
                else []
            ),
        ]
    )
    counts = {
        score.module: {
            "noticed": score.noticed,
            "survived": [mutant._asdict() for mutant in score.survived],
            "equivalent": len(score.equivalent),
            "text": score.text,
            "share": score.share,
        }
        for score in found
    }
    passed = not stale and all(score.share >= ENOUGH for score in found)
    return Report(text, {"part": "tool", "seconds": seconds, "modules": counts}, passed)
