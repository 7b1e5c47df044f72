"""같은 일은 한 번에 하나만: ``python src/authoring/lock.py 잠금-파일 명령 …``.

.venv를 갖추기 전에도 쓰므로 파이썬에 든 것만 쓴다. 잠금은 프로세스가 어떻게 끝나든 커널이 푼다.
"""

import fcntl
import os
import sys
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def locked(path):
    """``path``를 잠그고, 다른 것이 잠갔으면 기다린다."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"다른 명령이 같은 일을 하고 있습니다({path}). 끝나기를 기다립니다.", flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def main(path, *command):
    """잠근 채로 명령이 된다."""
    with locked(Path(path)) as file:
        os.set_inheritable(file.fileno(), True)
        os.execvp(command[0], command)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:  # 기다리다 그만두었다
        sys.exit(130)
