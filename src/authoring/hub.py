"""진짜 JupyterHub를 이 컴퓨터에 띄운다: ``make hub``는 ``python -m authoring.hub``.

학생 셋과 선생님 하나, nbgrader의 교환소, 과제를 낸 과정이 있다. 허브에서 과제를 내고 받는 일을 눈으로 보고, 시험
(``tests/hub``)도 같은 것을 쓴다. 이 컴퓨터 안에서만 열린다.

JupyterHub와 프록시(npm의 configurable-http-proxy)는 배우는 사람에게 필요 없다. 판과 해시를 ``tests/hub``에 고정하고
``_build/hub``에 따로 받는다.
"""

import contextlib
import hashlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from authoring import ROOT
from authoring.lock import locked

SETTINGS = ROOT / "tests" / "hub"
PLACE = ROOT / "_build" / "hub"
STUDENTS, TEACHER = ("s01", "s02", "s03"), "teacher"
COURSE = "deep-learning"  # 선생님의 홈에 있는 과정 폴더
PROXY = "configurable-http-proxy"
WITH_PARENT = ["setpriv", "--pdeathsig", "TERM", "--"]  # 부른 프로세스가 어떻게 죽든 함께 끝난다
PATIENCE = 1800  # 초. 바쁜 컴퓨터에서도 멈춘 것만 잡는다


class Unavailable(Exception):
    """npm이나 상자가 없거나, 꾸러미를 받지 못한다."""


def install():
    """JupyterHub와 프록시를 ``_build/hub``에 받는다. 같은 판이 이미 있으면 아무 일도 하지 않는다."""
    for program in ("npm", "node", "bwrap"):
        if shutil.which(program) is None:
            raise Unavailable(f"{program} 명령이 없습니다. apt install npm bubblewrap 으로 설치하세요")
    pins = [SETTINGS / name for name in ("requirements.lock", "package.json", "package-lock.json")]
    key = hashlib.sha256(b"".join(path.read_bytes() for path in pins) + sys.version.encode()).hexdigest()
    stamp = PLACE / "installed.txt"
    with locked(PLACE / ".lock"):
        if stamp.exists() and stamp.read_text() == key:
            return
        for folder in (PLACE / "python", PLACE / "npm"):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
        for pin in pins[1:]:
            shutil.copy(pin, PLACE / "npm")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        commands = [
            [*pip, "--require-hashes", "--target", str(PLACE / "python"), "-r", str(pins[0])],
            ["npm", "ci", "--silent", "--no-fund", "--no-audit", "--prefix", str(PLACE / "npm")],
        ]
        for command in commands:
            result = subprocess.run(command, capture_output=True, text=True)
            if result.returncode:
                raise Unavailable(f"{command[0]}이 꾸러미를 받지 못했습니다. {result.stderr.strip()[-300:]}")
        stamp.write_text(key)


@dataclass
class Hub:
    """도는 허브: 주소, 비밀번호, 폴더, 사용자의 환경."""

    address: str
    password: str
    folder: Path
    environment: dict
    process: subprocess.Popen

    @property
    def course(self):
        return self.folder / "home" / TEACHER / COURSE

    @property
    def log(self):
        return (self.folder / "hub.log").read_text(encoding="utf-8")

    def grading(self, *arguments):
        """선생님의 터미널에서 부르는 명령."""
        command = [sys.executable, "-m", "grading", "--course", self.course, *arguments]
        home = {"HOME": str(self.folder / "home" / TEACHER)}
        return subprocess.run(command, env=self.environment | home, capture_output=True, text=True, timeout=PATIENCE)


def prepare(folder, make_course):
    """허브의 폴더: 교환소, 사람마다의 홈, 허브의 관리자가 둘 설정. 이미 있는 것은 그대로 둔다."""
    for name in ("exchange", "etc/labconfig", *(f"home/{user}" for user in (*STUDENTS, TEACHER))):
        (folder / name).mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    (folder / "exchange").chmod(0o777)
    user = f"jovyan:x:{os.getuid()}:{os.getgid()}::/home/jovyan:/bin/bash\n"
    (folder / "passwd").write_text(user)
    # 이 강좌의 .venv는 배우는 사람에게 nbgrader의 메뉴를 숨긴다. 허브에서는 켠다.
    (folder / "etc/labconfig/page_config.json").write_text('{"disabledExtensions": {"@jupyter/nbgrader": false}}')
    exchange = f"c = get_config()\nc.Exchange.root = {str(folder / 'exchange')!r}\n"
    (folder / "etc/nbgrader_config.py").write_text(exchange)
    home = folder / "home" / TEACHER
    if not (home / COURSE).exists():
        make_course(home / COURSE)
    (home / ".jupyter").mkdir(exist_ok=True)
    here = str(home / COURSE)
    (home / ".jupyter/nbgrader_config.py").write_text(
        f"load_subconfig('nbgrader_config.py', path={here!r})\nget_config().CourseDirectory.root = {here!r}\n"
    )


def free_ports(count):
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [server.getsockname()[1] for server in servers]


@contextlib.contextmanager
def running(folder, password, make_course):
    """허브를 띄운다. ``with``를 나가면 허브가 띄운 것까지 모두 끝난다."""
    install()
    prepare(folder, make_course)
    port, *ports = free_ports(3)
    address = f"http://127.0.0.1:{port}"
    settings = {
        "folder": str(folder),
        "address": address,
        "ports": ports,
        "password": password,
        "students": STUDENTS,
        "teacher": TEACHER,
        "with_parent": WITH_PARENT,
        "patience": PATIENCE,
        "proxy": [*WITH_PARENT, shutil.which("node"), str(PLACE / "npm/node_modules" / PROXY / "bin" / PROXY)],
        "data": str(PLACE / "python/share/jupyterhub"),
    }
    paths = [str(ROOT / "src"), str(PLACE / "python")]
    users = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "JUPYTER_CONFIG_PATH": str(folder / "etc")}
    command = [*WITH_PARENT, sys.executable, "-m", "jupyterhub", "--config", str(SETTINGS / "jupyterhub_config.py")]
    with (folder / "hub.log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=users | {"HUB": json.dumps(settings)},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        wait_until_open(process, address, folder / "hub.log")
        yield Hub(address, password, folder, users, process)
    finally:
        # 허브가 사람들의 서버와 프록시를 차례로 끝낸다.
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until_open(process, address, log):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SystemExit(f"JupyterHub가 시작하지 못했습니다.\n{log.read_text(encoding='utf-8')[-3000:]}")
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}/hub/api/", timeout=PATIENCE):
            return
        time.sleep(0.2)
    raise SystemExit("JupyterHub가 답하지 않습니다.")


def main():
    from grading.course import create

    password = secrets.token_hex(4)
    try:
        with running(PLACE / "class", password, lambda folder: create(folder, COURSE)) as hub:
            released = hub.grading("release", "schedules", "--exchange")
            print(released.stdout + released.stderr)
            print(f"허브: {hub.address}\n사용자: {', '.join((*STUDENTS, TEACHER))}\n비밀번호: {password}")
            print(f"과정 폴더: {hub.course}\n끝내려면 Ctrl-C를 누르세요. 낸 것과 성적은 남습니다.", flush=True)
            hub.process.wait()
    except Unavailable as reason:
        raise SystemExit(f"허브를 띄우지 못했습니다: {reason}.") from None
    except KeyboardInterrupt:
        print("허브를 끝냈습니다.")


if __name__ == "__main__":
    main()
