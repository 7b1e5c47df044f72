"""제출물은 낯선 사람의 프로그램이다. 네트워크도, 남의 파일도 없는 상자(bubblewrap) 안에서만 실행한다.

상자 안에는 파이썬과 ``homl11``, 크기가 정해진 빈 임시 폴더가 있다. 성적부도, 숨은 시험이 든 노트북도, 다른 제출물도,
강사의 홈도 보이지 않는다. 셀은 하나씩 파이프로 들어가고 출력은 파이프로 나온다. 함께 쓰는 폴더가 없으므로 상자 밖에는
아무것도 쓸 수 없다.
"""

import contextlib
import itertools
import json
import os
import re
import secrets
import selectors
import shutil
import site
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from grading import ROOT, seccomp, stripped

RUNNER, SECCOMP = (Path(__file__).with_name(name) for name in ("runner.py", "seccomp.py"))
ANSWERS = "application/vnd.homl11.answers+json"  # homl11.checks.ANSWERS와 같다. 불러오면 텐서플로까지 딸려 온다.
MEBI = 2**20
LOOK = 0.2  # 초. 이만큼마다 상자를 들여다본다
LONGEST = 10**6  # 초. 한 번에 더 오래 기다리라고 하면 epoll이 오류를 낸다(밀리초로 2^31까지)
PNG = re.compile(r"iVBORw0KGgo[A-Za-z0-9+/=\s]*")  # 첫 글자들은 PNG의 머리
_numbers = itertools.count(secrets.randbelow(4_000))  # 한 기계의 두 일꾼이 같은 사용자를 쓰지 않게 한다


@dataclass(frozen=True)
class Limits:
    """제출물 하나가 쓸 수 있는 것. 셀의 시간은 CPU가 일한 시간으로 잰다: 바쁜 기계에서도 점수가 같아야 한다."""

    cell_seconds: float = 20
    cell_waiting: float = 90  # 셀이 쉰 시간(``time.sleep``)의 합. CPU를 기다리는 것은 쉬는 것이 아니다
    seconds: float = 600  # 한가한 기계에서 제출물 전체. 바쁜 만큼 늘린다(``patience``)
    memory: int = 3 * 1024 * MEBI
    addresses: int = 16 * 1024 * MEBI  # 프로세스 하나의 가상 메모리. 넓게 펼치면 쪽표만으로도 메모리를 먹는다
    processes: int = 16
    disk: int = 256 * MEBI
    reply: int = 8 * MEBI
    outputs: int = 12 * MEBI  # 제출물 전체의 출력
    answers: int = MEBI  # 숨은 시험 하나가 넘기는 값


class Stopped(Exception):
    """셀을 실행하던 상자가 멈췄거나 멈추어야 했다. 글이 그 까닭이다."""


class Halted(Exception):
    """강사가 채점을 멈추었다. 제출물의 탓이 아니므로 아무것도 기록하지 않는다."""


def available():
    """이 기계에서 상자를 만들 수 있는가. 없으면 까닭을 돌려준다."""
    if sys.platform != "linux":
        return "상자(bubblewrap)는 리눅스에만 있습니다."
    if not seccomp.supported():
        return "이 프로세서에서는 상자 안의 시스템 호출을 막을 수 없습니다(x86_64와 aarch64만 됩니다)."
    if shutil.which("bwrap") is None or shutil.which("prlimit") is None:
        return "bubblewrap이 없습니다. apt install bubblewrap 으로 설치하세요."
    # 시스템 호출을 막는 데까지 해 본다. 채점하다 실패하면 학생의 잘못처럼 보인다.
    install = f"import sys; sys.path[:0] = [{str(SECCOMP.parent)!r}]; import seccomp; seccomp.install()"
    probe = subprocess.run([*command(0, Limits()), sys.executable, "-c", install], capture_output=True, text=True)
    return f"상자를 만들지 못했습니다: {probe.stderr.strip()[-200:]}" if probe.returncode else None


def visible():
    """상자 안에서 읽을 수 있는 폴더와 파일. 모두 읽기만 된다. 링크는 두 이름으로 보인다."""
    python = [Path(sys.prefix), Path(sys.base_prefix)]
    libraries = [Path(folder) for folder in site.getsitepackages() if not Path(folder).is_relative_to(sys.prefix)]
    paths = [*python, *libraries, ROOT / "src" / "homl11", RUNNER, SECCOMP]
    named = {name for path in paths if path.exists() for name in (path.absolute(), path.resolve())}
    return sorted(path for path in named if not path.is_relative_to("/usr"))


def command(number, limits, as_root=None, checks=None):
    """상자를 여는 명령. 뒤에 상자 안에서 실행할 것을 잇는다.

    루트이면 상자를 지은 뒤 번호마다 다른 이름 없는 사용자로 바꾼다. 그래야 프로세스 수의 한계가 상자마다 따로 선다.
    루트가 아니면 사용자 이름 공간을 쓴다. 상자 안에서 또 이름 공간을 만드는 것은 ``seccomp``가 막는다: 루트의 상자에는
    ``--disable-userns``를 쓸 수 없다.

    인수: ``checks`` 상자 안에서 ``homl11.checks``를 가릴 폴더(``stripped.checks()``).
    """
    as_root = os.getuid() == 0 if as_root is None else as_root
    user = 61_000 + number % 4_000
    box = ["bwrap", "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
    box += [] if as_root else ["--unshare-user", "--disable-userns", "--uid", "65534", "--gid", "65534"]
    box += ["--die-with-parent", "--new-session", "--clearenv"]
    box += ["--ro-bind", "/usr", "/usr"]
    for name in ("bin", "sbin", "lib", "lib64"):
        if Path("/", name).is_symlink():
            box += ["--symlink", os.readlink(f"/{name}"), f"/{name}"]
        elif Path("/", name).exists():
            box += ["--ro-bind", f"/{name}", f"/{name}"]
    # /dev/zero를 나누어 쓰면 어디에도 세어지지 않는 메모리가 된다.
    box += ["--proc", "/proc", "--dev", "/dev", "--dev-bind", "/dev/null", "/dev/zero"]
    for folder, size in (("/tmp", limits.disk), ("/dev/shm", 16 * MEBI)):
        box += ["--perms", "1777", "--size", str(size), "--tmpfs", folder]
    # 임시 폴더보다 뒤에 둔다. 저장소나 파이썬이 /tmp 아래에 있어도 가려지지 않는다.
    parents = sorted({parent for path in visible() for parent in path.parents} - {Path("/"), Path("/tmp")})
    for parent in parents:
        box += ["--perms", "0755", "--dir", str(parent)]
    for path in visible():
        box += ["--ro-bind", str(path.resolve()), str(path)]
        if checks and path.name == "homl11":
            box += ["--ro-bind", str(checks), str(path / "checks")]
    box += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/tmp"]
    for name, value in environment("/tmp").items():
        box += ["--setenv", name, value]
    box += ["--"]
    if as_root:
        drop = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "--no-new-privs"]
        box += [*drop, "--inh-caps=-all", "--bounding-set=-all"]
    return [*box, *limited(limits)]


def limited(limits):
    """프로세스마다의 한계. 스레드도 프로세스로 세므로 넉넉히 둔다. 모두 합한 것은 ``watch``가 지킨다."""
    return [
        "prlimit",
        f"--data={limits.memory * 4 // 5}",  # 하나가 삼키면 그 셀의 MemoryError로 끝나게 조금 낮춘다
        f"--as={limits.addresses}",
        f"--fsize={limits.disk}",
        f"--cpu={round(limits.seconds)}",
        "--nproc=256",
        "--nofile=256",  # 소켓과 파이프가 쥐는 커널의 메모리도 이것이 정한다
        "--core=0",
        "--",
    ]


def environment(home):
    """학생의 코드가 볼 환경 변수 전부."""
    threads = dict.fromkeys(("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"), "1")
    return threads | {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "PYTHONPATH": str(ROOT / "src"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": home,
        "TMPDIR": home,
        "IPYTHONDIR": home,
        "MPLCONFIGDIR": home,
        "MPLBACKEND": "agg",
        "LANG": "C.UTF-8",
        "TQDM_DISABLE": "1",
    }


class Box:
    """상자 하나. ``run``이 셀을 하나씩 실행한다. ``with``를 나가면 안에 있던 프로세스가 모두 끝난다."""

    def __init__(self, limits, isolated=True, halt=None):
        self.limits, self.isolated, self.reason = limits, isolated, None
        self.halt = halt or threading.Event()
        self.spent = self.budget = self.idle = 0.0  # 상자가 지금까지 쓴 CPU 초, 지금 셀이 끝나야 하는 때, 그 셀이 쉰 초

    def __enter__(self):
        inside = [sys.executable, str(RUNNER), ANSWERS]
        self.folder = None
        if self.isolated:
            full = [*command(next(_numbers), self.limits, checks=stripped.checks()), *inside]
            options = {}
        else:
            self.folder = tempfile.TemporaryDirectory(prefix="grading-", ignore_cleanup_errors=True)
            options = {"cwd": self.folder.name, "env": environment(self.folder.name)}
            full = inside
        # 제 세션에 둔다. 터미널의 Ctrl-C가 상자에 닿으면 돌던 제출물의 잘못처럼 보인다.
        self.process = subprocess.Popen(
            full,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            start_new_session=True,
            **options,
        )
        for pipe in (self.process.stdin, self.process.stdout):
            os.set_blocking(pipe.fileno(), False)
        self.done = threading.Event()
        self.watcher = threading.Thread(target=self.watch, daemon=True)
        self.watcher.start()
        return self

    def __exit__(self, *exception):
        self.done.set()
        self.kill()
        self.process.wait()
        self.watcher.join()
        self.process.stdin.close()
        self.process.stdout.close()
        if self.folder:
            self.folder.cleanup()

    def kill(self):
        """상자를 죽이면 그 안의 프로세스는 커널이 모두 끝낸다. 상자가 없으면 자손을 찾아 끝낸다."""
        with contextlib.suppress(psutil.NoSuchProcess):
            family = [] if self.isolated else psutil.Process(self.process.pid).children(recursive=True)
            self.process.kill()
            for child in family:
                with contextlib.suppress(psutil.NoSuchProcess):
                    child.kill()

    def watch(self):
        """상자 전체가 쓰는 것을 지켜본다. 프로세스마다의 한계로는 막을 수 없는 것이다.

        까닭은 까닭인 것부터 찾는다: 프로세스를 쏟아 내면 CPU도 쓴다. 쉰 시간은 시계가 아니라 쉬고 있는 것을 본
        횟수로 센다: 이 스레드가 늦게 돌아도 셀의 탓이 되지 않는다.
        """
        while not self.done.wait(LOOK):
            try:
                opened = psutil.Process(self.process.pid)
                family = [opened, *opened.children(recursive=True)]
            except psutil.NoSuchProcess:
                return
            used = spent = running = 0
            for child in family:
                with contextlib.suppress(psutil.Error):
                    running += child.status() in (psutil.STATUS_RUNNING, psutil.STATUS_DISK_SLEEP)
                    used += memory(child)
                    # 끝난 자식이 쓴 것도 센다. 짧은 자식을 끝없이 낳으면 산 것만으로는 보이지 않는다.
                    times = child.cpu_times()
                    spent += times.user + times.system + times.children_user + times.children_system
            self.idle += 0 if running or spent > self.spent else LOOK
            self.spent = max(self.spent, spent)
            if len(family) > self.limits.processes + 3:  # bwrap 둘과 실행기는 빼고 센다
                self.reason = f"프로세스를 {self.limits.processes}개 넘게 만들어 멈추었습니다."
            elif used > self.limits.memory:
                self.reason = f"메모리를 {self.limits.memory // MEBI:,}MB 넘게 써서 멈추었습니다."
            elif self.budget and self.spent > self.budget:
                self.reason = f"CPU를 {self.limits.cell_seconds:.0f}초 쓰고도 끝나지 않아 멈추었습니다."
            elif self.idle > self.limits.cell_waiting:
                self.reason = f"{self.limits.cell_waiting:.0f}초 안에 끝나지 않아 멈추었습니다."
            if self.reason or self.halt.is_set():
                self.kill()
                return

    def run(self, source, left=float("inf"), seed=None):
        """셀 하나를 실행해 출력을 돌려준다. 상자가 멈추거나 남은 ``left``초가 지나면 ``Stopped``.

        숨은 시험이면 ``seed``를 준다. 그 셀이 도는 동안에만 상자 안에 있다.
        """
        deadline, answer = time.monotonic() + left, b""
        number = secrets.token_hex(8)  # 대답의 앞에 붙는다. 셀이 대답을 흉내 내고 다음 셀을 굶기지 못한다
        request = memoryview(json.dumps({"source": source, "seed": seed, "number": number}).encode() + b"\n")
        self.budget, self.idle = self.spent + self.limits.cell_seconds, 0.0
        to_box, from_box = self.process.stdin, self.process.stdout
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(to_box, selectors.EVENT_WRITE)
                selector.register(from_box, selectors.EVENT_READ)
                while request or not answer.endswith(b"\n"):
                    # 읽지 않는 상자에도, 쓰지 않는 상자에도 끝없이 기다리지 않는다.
                    ready = selector.select(None if left == float("inf") else max(0, deadline - time.monotonic()))
                    if not ready:
                        raise Stopped("주어진 시간 안에 제출물을 모두 실행하지 못해 멈추었습니다.")
                    for key, _ in ready:
                        if key.fileobj is to_box:
                            request = request[to_box.write(request[: MEBI // 16]) or 0 :]
                            if not request:
                                selector.unregister(to_box)
                        else:
                            piece = from_box.read(MEBI)
                            if piece == b"":
                                raise Stopped(self.reason or "셀을 실행하던 프로세스가 갑자기 끝났습니다.")
                            answer += piece or b""
                    if len(answer) > self.limits.reply:
                        raise Stopped("출력이 너무 많아 멈추었습니다.")
        except OSError as error:
            raise Stopped(self.reason or "셀을 실행하던 프로세스가 갑자기 끝났습니다.") from error
        found, _, rest = answer.splitlines()[-1].partition(b" ")
        if found != number.encode():
            raise Stopped("셀이 채점하는 쪽에 보내는 말을 흉내 내어 멈추었습니다.")
        return trusted(rest)


def patience(limits):
    """제출물 하나에 줄 벽시계의 초. 코어마다 기다리는 일이 셋이면 한가할 때의 세 배이다."""
    return min(limits.seconds * max(1, os.getloadavg()[0] / os.cpu_count()), LONGEST)


def memory(process):
    """프로세스가 쓰는 메모리(바이트). 여럿이 나누어 쓰는 것은 나누어 센다."""
    try:
        return process.memory_full_info().pss
    except psutil.AccessDenied:
        return process.memory_info().rss


def trusted(answer):
    """상자에서 온 말 가운데 꼴이 맞는 출력만 남긴다. 상자 안에서는 무엇이든 지어낼 수 있다."""
    try:
        found = json.loads(answer.splitlines()[-1])
        # 짝이 없는 대리 문자는 UTF-8로 적을 수 없다.
        found = json.loads(json.dumps(found, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError, IndexError):
        found = None
    kept = []
    for output in found if isinstance(found, list) else []:
        match output:
            case {"output_type": "stream", "name": "stdout" | "stderr" as name, "text": str(text)}:
                kept.append({"output_type": "stream", "name": name, "text": text})
            case {"output_type": "error", "ename": str(name), "evalue": str(text), "traceback": [str(lines)]}:
                kept.append({"output_type": "error", "ename": name, "evalue": text, "traceback": [lines]})
            case {"output_type": "display_data", "data": dict(data)}:
                texts = {kind: data[kind] for kind in ("text/plain", "image/png") if isinstance(data.get(kind), str)}
                if not PNG.fullmatch(texts.get("image/png", "")):
                    texts.pop("image/png", None)
                given = {ANSWERS: data[ANSWERS]} if isinstance(data.get(ANSWERS), dict) else {}
                kept.append({"output_type": "display_data", "metadata": {}, "data": texts | given})
    return kept


def error(name, text):
    return {"output_type": "error", "ename": name, "evalue": text, "traceback": [f"{name}: {text}"]}


def fitting(outputs, room, answers):
    """``room``바이트까지의 출력과, 그 뒤에 남은 자리. 숨은 시험의 답은 ``answers``바이트까지 따로 받는다.

    넘치는 것은 버리고 그렇게 말한다. 출력의 양은 점수를 바꾸지 않는다.
    """
    kept, dropped = [], False
    for output in outputs:
        given = output.get("data", {}).pop(ANSWERS, None)
        size = len(json.dumps(output))
        dropped |= size > room
        if size <= room:
            kept.append(output)
            room -= size
        if given is not None and len(json.dumps(given)) <= answers:
            kept.append({"output_type": "display_data", "metadata": {}, "data": {ANSWERS: given}})
            answers = 0  # 하나만 받는다
    if dropped:
        text = "… (제출물 전체의 출력이 너무 많아 여기부터 버렸다)\n"
        kept.append({"output_type": "stream", "name": "stdout", "text": text})
    return kept, room


def execute(cells, seed, limits=Limits(), isolated=True, hidden=(), halt=None):  # noqa: B008 (바뀌지 않는 값이다)
    """코드 셀의 글을 차례로 실행해 출력의 목록을 돌려준다.

    상자를 멈추게 한 셀은 그 까닭을 출력으로 남기고, 나머지는 새 상자에서 그 셀 없이 다시 실행한다. 한 문제가
    다른 문제의 점수를 앗아 가지 않는다.

    인수: ``cells`` 코드 셀의 글, ``seed`` 숨은 시험의 씨앗, ``hidden`` 숨은 시험이 몇 번째 셀들인지.

    반환: 셀마다의 출력. 전체 시간이 다 되면 그때까지의 출력만 남는다. 예외: ``halt``(``threading.Event``)가 켜지면
    ``Halted``.
    """
    started, found, blamed = time.monotonic(), {}, {}
    while True:
        position, room = 0, limits.outputs
        try:
            with Box(limits, isolated, halt) as box:
                for position, source in enumerate(cells):
                    if position not in blamed:
                        left = patience(limits) - (time.monotonic() - started)
                        outputs = box.run(source, left, seed if position in hidden else None)
                        answers = limits.answers if position in hidden else 0
                        found[position], room = fitting(outputs, room, answers)
            break
        except Stopped as stopped:
            if halt is not None and halt.is_set():
                raise Halted from None
            finished = time.monotonic() - started > patience(limits) or position in blamed
            blamed[position] = [error("멈춤", str(stopped))]
            if finished:
                break
    return [blamed.get(position) or found.get(position, []) for position in range(len(cells))]
