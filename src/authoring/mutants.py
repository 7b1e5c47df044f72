"""도우미 패키지를 일부러 고장 내고 시험이 알아채는지 본다: ``python -m authoring.mutants [고장 난 곳의 일부 …]``.

고장의 목록은 ``tests/mutants/faults.toml``에 있다. 고장은 사본에만 낸다. 작업하던 파일은 건드리지 않는다.
"""

import argparse
import json
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import time
import tomllib
from concurrent.futures import CancelledError, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from multiprocessing.forkserver import ensure_running
from pathlib import Path
from queue import SimpleQueue
from threading import Lock
from typing import NamedTuple

from authoring import ROOT, mutation_tool
from authoring.mutation_tool import CannotTest, Report

LIST = ROOT / "tests" / "mutants" / "faults.toml"
REPORTS = ROOT / "_build" / "mutants"
TIMEOUT = 300  # 초. 가장 오래 걸리는 시험의 몇 배
# 불러오는 데 몇 초 걸린다. 한 번만 불러오고, 고장마다 그 프로세스를 갈라 쓴다. 셈을 한 번이라도 하면 스레드가 생겨
# 가를 수 없게 되므로 불러오기만 한다. 고장 낼 homl11은 여기서 부르지 않는다.
PRELOAD = [
    "keras",
    "tensorflow",
    "matplotlib.pyplot",
    "scipy.stats",
    "sklearn.metrics",
    "IPython",
    "pytest",
]
# 노트북은 시험하지 않는다. 플러그인을 불러오고 끝날 때 쓰레기를 모으는 시간이 시험하는 시간보다 길다.
PYTEST = ["-x", "-q", "-o", "addopts="]
PYTEST += [f"-pno:{plugin}" for plugin in ("cacheprovider", "nbval", "xdist", "anyio", "unraisableexception")]
NONSENSE = ("ImportError", "ModuleNotFoundError", "NameError", "SyntaxError", "IndentationError")


class Fault(NamedTuple):
    """고장 하나: ``of``(고장 난 공개 이름), 무엇이 틀렸는지, 파일의 어느 글을 무엇으로 바꾸는지, 알아채야 할 시험."""

    of: str
    name: str
    path: Path
    old: str
    new: str
    tests: tuple

    def source(self, root=ROOT):
        """고장 낸 파일의 내용. 바꿀 글은 꼭 한 번 나와야 한다."""
        text = (root / self.path).read_text(encoding="utf-8")
        if text.count(self.old) != 1:
            raise ValueError(f"{self.of}: {self.path}에 {self.old!r}이 {text.count(self.old)}번 나옵니다.")
        return text.replace(self.old, self.new)


class Outcome(NamedTuple):
    """``state``: ``noticed``(시험이 알아챘다), ``survived``(못 알아챘다), 그 밖에는 시험하지 못한 까닭."""

    state: str
    test: str
    seconds: float


def read_faults():
    """고장의 목록."""
    table = tomllib.loads(LIST.read_text(encoding="utf-8"))
    tests = table.pop("tests")
    return [
        Fault(f"{module}.{name}", fault["name"], file_of(module), fault["old"], fault["new"], tuple(chosen))
        for module, names in table.items()
        for name, faults in names.items()
        for fault in faults
        for chosen in [fault.get("tests") or tests.get(f"{module}.{name}") or tests[module]]
    ]


def file_of(module):
    """모듈의 파일. 저장소의 루트에서 본 경로."""
    path = Path("src", "homl11", *module.split("."))
    return path / "__init__.py" if (ROOT / path).is_dir() else path.with_suffix(".py")


class Witness:
    """처음 빨개진 시험을 적는 pytest 플러그인."""

    def __init__(self):
        self.test, self.message = "", ""

    def pytest_collectreport(self, report):
        if report.failed:
            self.message = "ImportError: 시험을 모으지 못했습니다"

    def pytest_runtest_logreport(self, report):
        if report.failed and not self.test:
            crash = getattr(report.longrepr, "reprcrash", None)
            self.test, self.message = report.nodeid, getattr(crash, "message", str(report.longrepr))


def run_tests(tree, tests, result):
    """사본에서 시험하고 처음 빨개진 것을 ``result``에 적는다. 갈라진 프로세스에서 부른다."""
    import pytest

    os.setsid()  # 시험이 띄운 프로세스까지 한 번에 끝낼 수 있게
    os.chdir(tree)
    sys.path.insert(0, f"{tree}/src")
    os.environ["PYTHONPATH"] = f"{tree}/src"
    for name in [name for name in sys.modules if name.split(".")[0] == "authoring"]:
        del sys.modules[name]  # ROOT가 사본을 가리키게 다시 불러온다
    with open(f"{result}.log", "w") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    witness = Witness()
    code = pytest.main([*PYTEST, *tests], plugins=[witness])
    tested = getattr(sys.modules.get("homl11"), "__file__", "")
    Path(result).write_text(json.dumps([int(code), witness.test, witness.message, tested]), encoding="utf-8")


class Bench:
    """저장소의 사본들과, 그 위에서 시험하는 프로세스들."""

    def __init__(self, folder, jobs):
        self.folder, self.running, self.stopped, self.lock = Path(folder), set(), False, Lock()
        self.trees = SimpleQueue()
        for number in range(jobs):
            self.trees.put(copy_repository(self.folder / str(number)))
        self.context = multiprocessing.get_context("forkserver")
        self.context.set_forkserver_preload(PRELOAD)
        with without_stderr():  # 텐서플로의 시작 로그
            ensure_running()

    def test(self, tests, fault=None):
        """고장 하나(``None``이면 성한 패키지)를 시험한 ``Outcome``."""
        tree = self.trees.get()
        path = tree / fault.path if fault else None
        sound = path and path.read_bytes()
        try:
            if path:
                path.write_text(fault.source(tree), encoding="utf-8")
            return self._outcome(tree, tests)
        finally:
            if path:
                path.write_bytes(sound)
            self.trees.put(tree)

    def _outcome(self, tree, tests):
        result, start = tree / "result.json", time.perf_counter()
        result.unlink(missing_ok=True)
        process = self.context.Process(target=run_tests, args=(str(tree), tests, str(result)))
        with self.lock:
            if self.stopped:
                raise CancelledError
            process.start()
            self.running.add(process)
        process.join(TIMEOUT)
        late = process.is_alive()
        self._end(process)
        seconds = time.perf_counter() - start
        if late or not result.exists():
            return Outcome(f"{TIMEOUT}초가 지났다" if late else "시험하던 프로세스가 죽었다", "", seconds)
        code, test, message, tested = json.loads(result.read_text(encoding="utf-8"))
        if not tested.startswith(str(tree)):
            return Outcome("사본이 아닌 패키지를 시험했다", "", seconds)
        if code == 0:
            return Outcome("survived", "", seconds)
        if not test or message.startswith(NONSENSE):
            return Outcome(f"말이 안 되는 고장: {message.splitlines()[0] if message else code}", test, seconds)
        return Outcome("noticed", test, seconds)

    def _end(self, process):
        self.running.discard(process)
        process.kill()
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.join()

    def stop(self):
        """도는 것을 끝내고, 다시는 띄우지 않는다."""
        with self.lock:
            self.stopped = True
        for process in list(self.running):
            self._end(process)


@contextmanager
def without_stderr():
    """그동안 띄운 프로세스는 파일 서술자 2에 쓴 것을 버린다."""
    saved, null = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(null)


def copy_repository(tree):
    """시험할 사본. 고장 낼 것과 시험은 베끼고, 읽기만 하는 나머지는 잇는다."""
    tree.mkdir()
    for path in ROOT.iterdir():
        if path.name in ("src", "tests"):
            shutil.copytree(path, tree / path.name, ignore=shutil.ignore_patterns("__pycache__"))
        elif path.is_file():
            shutil.copy(path, tree / path.name)
        elif path.name not in (".git", "_build"):
            (tree / path.name).symlink_to(path)
    return tree


def main(arguments=None):
    """명령줄. 반환: 끝난 상태(0 다 알아챔, 1 못 알아챈 것이 있음, 2 시험할 수 없음, 130 멈춤)."""
    parser = argparse.ArgumentParser(prog="python -m authoring.mutants", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="목록에서 고장 난 곳의 일부: schedules to_mc (기본은 모두)")
    parser.add_argument("--part", choices=["list", "tool"], help="목록의 고장만, 또는 도구가 내는 고장만")
    parser.add_argument("--jobs", type=int, default=2, help="나란히 시험할 수 (기본 2)")
    parsed = parser.parse_args(arguments)
    part = "list" if parsed.names else parsed.part
    faults = [fault for fault in read_faults() if not parsed.names or any(name in fault.of for name in parsed.names)]
    if not faults:
        print(f"{', '.join(parsed.names)}에 맞는 고장이 없습니다.", file=sys.stderr)
        return 2
    reports = []
    with tempfile.TemporaryDirectory(prefix="homl11-mutants-") as folder:
        # 고장 난 코드가 사용자의 데이터 캐시를 건드리지 못하게 한다.
        os.environ |= {"KERAS_HOME": folder, "PYTHONDONTWRITEBYTECODE": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
        try:
            if part != "tool":
                reports.append(report_list(*timed(break_one_by_one, faults, folder, parsed.jobs)))
                write(reports)  # 다음 것을 하다 멈춰도 남는다
            if part != "list":
                tree = copy_repository(Path(folder) / "tool")
                _, seconds = timed(mutation_tool.run, tree, parsed.jobs)
                reports.append(mutation_tool.report(tree, seconds))
                write(reports)
        except KeyboardInterrupt:
            print("멈췄습니다. 사본은 지웠고, 작업하던 파일은 그대로입니다.", file=sys.stderr)
            return 130
        except CannotTest as error:
            print(error, file=sys.stderr)
            return 2
    print("\n\n".join(report.text for report in reports), f"\n모두 여기에 적었습니다: {REPORTS / 'report.md'}")
    return 0 if all(report.passed for report in reports) else 1


def write(reports):
    """사람이 읽을 ``report.md``와 기계가 읽을 ``report.json``."""
    REPORTS.mkdir(parents=True, exist_ok=True)
    text = "\n\n".join(report.text for report in reports)
    (REPORTS / "report.md").write_text(text + "\n", encoding="utf-8")
    content = json.dumps([report.content for report in reports], ensure_ascii=False, indent=1)
    (REPORTS / "report.json").write_text(content, encoding="utf-8")


def timed(function, *given):
    """(결과, 걸린 초)."""
    start = time.perf_counter()
    return function(*given), time.perf_counter() - start


def break_one_by_one(faults, folder, jobs):
    """[(고장, ``Outcome``)]. 성한 패키지부터 초록이 아니면 ``CannotTest``."""
    from tqdm import tqdm  # 불러올 때 TQDM_DISABLE을 읽는다. 아래에서 시험하는 훈련의 막대만 끈다

    os.environ["TQDM_DISABLE"] = "1"
    bench = Bench(folder, jobs)
    with ThreadPoolExecutor(jobs) as pool:
        try:
            sound = {pool.submit(bench.test, tests): tests for tests in all_tests(faults)}
            for done in tqdm(as_completed(sound), "성한 패키지", len(sound), unit="묶음"):
                if done.result().state != "survived":
                    raise CannotTest(f"성한 패키지부터 초록이 아닙니다: {' '.join(sound[done])}. {done.result()}")
            broken = {pool.submit(bench.test, fault.tests, fault): fault for fault in faults}
            outcomes = {}
            for done in tqdm(as_completed(broken), "고장", len(broken), unit="개"):
                fault, outcomes[broken[done]] = broken[done], done.result()
                if done.result().state != "noticed":
                    tqdm.write(f"알아채지 못했다: {fault.of}: {fault.name} ({done.result().state})", file=sys.stderr)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            bench.stop()
            raise
    return [(fault, outcomes[fault]) for fault in faults]


def all_tests(faults):
    """고장마다의 시험을 파일마다 하나로 모은 것. 먼저 모두 초록이어야 한다."""
    chosen = {}
    for file, *option in dict.fromkeys(fault.tests for fault in faults):
        chosen.setdefault(file, []).append(option)
    return [
        (file, *([] if [] in options else ["-k", " or ".join(f"({expression})" for _, expression in options)]))
        for file, options in chosen.items()
    ]


def report_list(results, seconds):
    """목록의 고장마다 처음 알아챈 시험."""
    noticed = sum(outcome.state == "noticed" for _, outcome in results)
    rows = [
        f"| `{fault.of}` | {fault.name} | {outcome.test or '**' + outcome.state + '**'} | {outcome.seconds:.1f} |"
        for fault, outcome in results
    ]
    text = "\n".join(
        [
            "## 목록의 고장",
            "",
            f"고장 {len(results)}개 가운데 {noticed}개를 시험이 알아챘다. {seconds:.0f}초.",
            "",
            "| 고장 난 곳 | 고장 | 처음 알아챈 시험 | 초 |",
            "|---|---|---|--:|",
            *rows,
        ]
    )
    records = [{"of": fault.of, "fault": fault.name, **outcome._asdict()} for fault, outcome in results]
    content = {"part": "list", "seconds": seconds, "faults": len(results), "noticed": noticed, "results": records}
    return Report(text, content, noticed == len(results))


if __name__ == "__main__":
    sys.exit(main())
