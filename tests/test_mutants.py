"""고장의 목록이 온전한지, 알아챈 고장과 못 알아챈 고장을 가리는지. 목록을 모두 내는 것은 ``make mutants``이다."""

import ast
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from functools import cache

import pytest
from patience import PATIENCE, until

from authoring import ROOT, mutants
from authoring.mutants import Fault, all_tests, file_of, main, read_faults
from authoring.mutation_tool import Mutant, changed, scores, words

FAULTS = read_faults()
PACKAGE = ROOT / "src" / "homl11"


def public_names():
    """``모듈.이름``. 밑줄로 시작하지 않는 함수와 클래스."""
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        module = ".".join(part for part in parts if part != "__init__")
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
                yield f"{module}.{node.name}"


def test_every_public_function_has_a_fault_and_no_fault_is_left_over():
    assert {fault.of for fault in FAULTS} == set(public_names())


@cache
def sound(path):
    return ast.dump(ast.parse((ROOT / path).read_text(encoding="utf-8")))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.of}: {fault.name}")
def test_fault_changes_one_place_of_the_code(fault):
    """바꿀 글은 꼭 한 번 나오고, 고장 난 파일은 주석만 다른 것이 아니며 문법에 맞는다."""
    assert ast.dump(ast.parse(fault.source())) != sound(fault.path)


def test_no_fault_is_told_twice():
    assert Counter((fault.of, fault.name) for fault in FAULTS).most_common(1)[0][1] == 1


def test_named_tests_exist():
    for file, *option in {fault.tests for fault in FAULTS}:
        assert (ROOT / file).is_file() and option[:1] in ([], ["-k"]) and len(option) in (0, 2)


@pytest.mark.parametrize("old, count", [("def power(", 1), ("없는 글", 0), ("decay_steps", 2)])
def test_text_that_is_not_there_exactly_once_is_refused(old, count):
    fault = Fault("schedules.power", "고장", file_of("schedules"), old, "", ("tests/test_schedules.py",))
    if count == 1:
        assert old not in fault.source()
    else:
        with pytest.raises(ValueError, match="번 나옵니다"):
            fault.source()


def test_every_test_that_must_notice_is_green_first():
    faults = [
        Fault("", "", None, "", "", tests)
        for tests in (("a", "-k", "x or y"), ("b", "-k", "z"), ("a", "-k", "w"), ("b",))
    ]
    assert all_tests(faults) == [("a", "-k", "(x or y) or (w)"), ("b",)]


def test_unknown_place_says_so(capsys):
    assert main(["없는_모듈"]) == 2
    assert "없는_모듈에 맞는 고장이 없습니다" in capsys.readouterr().err


def function(source):
    return ast.parse(f"def f(x=1):\n    {source}\n    return x").body[0]


def test_only_text_for_people_is_told_apart():
    original = function('require(x > 0, "x", "0보다 커야 합니다")')
    assert words(function('require(x > 0, "x", "XX0보다 커야 합니다XX")')) == words(original)
    for other in ('require(x >= 0, "x", "0보다 커야 합니다")', 'require(x > 0, "XXxXX", "0보다 커야 합니다")'):
        assert words(function(other)) != words(original)


def test_changed_lines_are_those_that_differ():
    assert changed(function("x += 1"), function("x -= 1")) == ("x += 1", "x -= 1")


def test_score_leaves_out_text_and_argued_mutants_and_names_stale_arguments():
    def mutant(new, code, text=False):
        return Mutant("schedules", "power", "x", new, text, code)

    argued = {("schedules.power", "x", "같다"): "까닭", ("schedules.power", "x", "옛것"): "까닭"}
    mutants = [
        mutant("a", 1),
        mutant("b", 1),
        mutant("c", 0),
        mutant("d", 36),
        mutant("글", 0, True),
        mutant("같다", 0),
    ]
    [score], stale = scores(mutants, argued)
    assert (score.noticed, score.text, len(score.equivalent), [one.new for one in score.survived]) == (
        2,
        1,
        1,
        ["c", "d"],
    )
    assert score.share == 0.5 and stale == {("schedules.power", "x", "옛것")}


CASES = """
[tests]
arguments = ["tests/test_schedules.py", "-k", "power"]

[[arguments.require]]
name = "조건을 보지 않는다"
old = "if not holds:"
new = "if False:"

[[arguments.require]]
name = "아무것도 달라지지 않는다"
old = "if not holds:"
new = "if not (holds):"

[[arguments.require_positive]]
name = "불러올 수도 없다"
old = "def require_positive("
new = "def positive("

[[arguments.require_positive]]
name = "이름이 틀렸다"
old = 'value > 0, name,'
new = 'valeu > 0, name,'
"""


@pytest.fixture
def listed(monkeypatch, tmp_path):
    """목록을 바꾸어 준다. 보고는 임시 폴더에 남는다."""
    monkeypatch.setattr(mutants, "LIST", tmp_path / "faults.toml")
    monkeypatch.setattr(mutants, "REPORTS", tmp_path / "reports")
    return lambda text: (tmp_path / "faults.toml").write_text(text, encoding="utf-8")


@pytest.mark.slow
def test_noticed_is_told_from_survived_and_from_nonsense(listed, tmp_path):
    listed(CASES)
    before = (PACKAGE / "arguments.py").read_bytes()
    assert main(["arguments"]) == 1
    [report] = json.loads((tmp_path / "reports" / "report.json").read_text(encoding="utf-8"))
    states = {result["fault"]: (result["state"], result["test"]) for result in report["results"]}
    assert states["조건을 보지 않는다"][0] == "noticed"
    assert states["조건을 보지 않는다"][1].startswith("tests/test_schedules.py::test_nonsense_argument_is_named[power-")
    assert states["아무것도 달라지지 않는다"] == ("survived", "")
    assert "말이 안 되는 고장" in states["불러올 수도 없다"][0]
    assert (PACKAGE / "arguments.py").read_bytes() == before


@pytest.mark.slow
def test_package_that_is_red_to_begin_with_is_not_broken(listed, capsys):
    listed(CASES.replace('"-k", "power"', '"-k", "아무 시험도 아니다"'))
    assert main(["arguments"]) == 2
    assert "성한 패키지부터 초록이 아닙니다" in capsys.readouterr().err


@pytest.mark.slow
def test_interrupted_run_leaves_neither_copies_nor_processes(tmp_path):
    command = [sys.executable, "-m", "authoring.mutants", "total_steps"]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src"), "TMPDIR": str(tmp_path)}
    process = subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # 배경에서 시험하면 무시하도록 물려받는다
    )

    def started():
        assert process.poll() is None
        return list(tmp_path.glob("homl11-mutants-*/*/result.json.log"))

    until(started)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130 and "멈췄습니다" in err and "Traceback" not in err
    assert not list(tmp_path.glob("homl11-mutants-*"))
    left = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert str(tmp_path) not in left
