"""노트북을 처음부터 실행해 출력을 저장한다: ``python -m authoring.notebooks [이름의 일부 …]``."""

import asyncio
import os
import platform
import signal
import sys
import time
from importlib.metadata import version

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

from authoring import NOTEBOOKS
from authoring.outputs import without_script

PACKAGES = ("tensorflow", "keras", "numpy", "matplotlib")
UNCHANGED = "저장된 노트북은 그대로입니다."


def select(patterns):
    """이름에 ``patterns`` 가운데 하나라도 들어 있는 노트북들. 비어 있으면 모두."""
    paths = sorted(NOTEBOOKS.glob("[0-9]*.ipynb"))
    chosen = [path for path in paths if not patterns or any(pattern in path.stem for pattern in patterns)]
    if not chosen:
        names = ", ".join(path.stem for path in paths)
        raise SystemExit(f"{', '.join(patterns)}에 맞는 노트북이 없습니다. 있는 것: {names}")
    return chosen


class Client(NotebookClient):
    """Ctrl-C를 누르면 커널까지 곧바로 끝낸다. nbclient는 커널만 끝내고 그것을 기다리다 오류를 쏟아 낸다."""

    interrupted = False

    async def async_start_new_kernel(self, **options):
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, self.stop, asyncio.current_task())
        await super().async_start_new_kernel(**options)

    def stop(self, task):
        self.interrupted = True
        self.shutdown_kernel = "immediate"  # 답하지 않는 커널을 기다리지 않는다
        task.cancel()


def execute(path):
    """실행해 출력을 저장하고, 걸린 초를 돌려준다.

    다 쓴 뒤에 한 번에 바꾸므로 중간에 멈춰도 앞의 노트북이 온전히 남는다.
    """
    notebook = nbformat.read(path, as_version=4)
    client = Client(
        notebook,
        timeout=None,
        kernel_name="python3",
        record_timing=False,
        coalesce_streams=True,
        extra_arguments=["--log-level=ERROR"],  # 커널이 제 통신 방식을 두고 하는 경고는 쓰는 사람과 상관없다
        resources={"metadata": {"path": str(path.parent)}},
    )
    start = time.perf_counter()
    try:
        client.execute()
    except (DeadKernelError, asyncio.CancelledError):
        if client.interrupted:
            raise KeyboardInterrupt from None
        raise
    seconds = time.perf_counter() - start
    settle(notebook)
    # 실행한 기계의 흔적은 남기지 않는다.
    notebook.metadata.kernelspec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook.metadata.language_info = {"name": "python"}
    # «실행 시간과 판» 쪽이 읽는다. 초 아래는 잴 때마다 다르므로 적지 않는다.
    notebook.metadata.homl11 = {
        "seconds": round(seconds),
        "cores": os.cpu_count(),
        "versions": {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}},
    }
    write(notebook, path)
    return seconds


def settle(notebook):
    """놀이터마다 자리만 남긴다."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if "text/html" in output.get("data", {}):
                output.data["text/html"] = without_script(output.data["text/html"])


def write(notebook, path):
    """다른 이름으로 다 쓴 뒤 바꿔치기한다."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")  # 함께 도는 다른 것과 이름이 겹치지 않는다
    try:
        nbformat.write(notebook, temporary)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def main(patterns):
    for path in select(patterns):
        print(f"{path.stem} …", end=" ", flush=True)
        try:
            seconds = execute(path)
        except CellExecutionError as error:
            raise SystemExit(f"실패했습니다. {UNCHANGED}\n{error}") from None
        except RuntimeError:  # 커널이 시작하지 못했거나 죽었다
            raise SystemExit(f"커널이 갑자기 끝났습니다. 메모리와 홈 폴더의 자리를 보세요. {UNCHANGED}") from None
        except OSError as error:
            raise SystemExit(
                f"저장하지 못했습니다({error.strerror}). 디스크의 자리와 권한을 확인하고 다시 실행하세요. {UNCHANGED}"
            ) from None
        except KeyboardInterrupt:
            print(f"멈추었습니다. {UNCHANGED}")
            raise SystemExit(128 + signal.SIGINT) from None
        print(f"{seconds:.0f}초")


if __name__ == "__main__":
    main(sys.argv[1:])
