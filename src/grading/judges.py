"""판정을 프로세스 여럿에 나눈다. 훈련해서 판정하는 문제는 제출물 하나에 십몇 초가 걸리고 메모리도 조금씩 는다."""

import os
import signal
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context

import nbformat

from grading import grade

FEW = 4  # 이보다 적으면 나누지 않는다. 프로세스마다 텐서플로를 불러오는 데 드는 시간이 더 길다
EACH = 40  # 한 프로세스가 판정할 수. 텐서플로가 쥔 메모리는 프로세스가 끝나야 돌아온다
_held = {}


def slow(source):
    """훈련해서 판정하는 문제가 있는 과제인가."""
    names = {cell.metadata.get("nbgrader", {}).get("grade_id", "") for cell in source.cells}
    return any(f"{key}{grade.HIDDEN_NAME}" in names for key in grade.JUDGES)


def judged(waiting, source, secret, jobs):
    """학생 → (노트북, 기록)을 판정해, 끝나는 대로 (학생, 판정한 기록을 돌려주는 함수)를 하나씩 낸다."""
    if jobs == 1 or len(waiting) < FEW or not slow(source):
        _one_thread()
        from grading.oracle import Oracle  # 텐서플로까지 딸려 오므로 판정할 때 부른다

        oracle = Oracle(source) if waiting else None
        for student, (notebook, record) in waiting.items():
            yield student, lambda n=notebook, r=record: grade.judge(r, n, source, oracle, secret)
        return
    start = (nbformat.writes(source), secret)
    with ProcessPoolExecutor(
        jobs, get_context("spawn"), initializer=_start, initargs=start, max_tasks_per_child=EACH
    ) as pool:
        running = {
            pool.submit(_judge, nbformat.writes(notebook), record): student
            for student, (notebook, record) in waiting.items()
        }
        try:
            for future in as_completed(running):
                yield running[future], future.result
        except BaseException:  # Ctrl-C: 판정한 것은 이미 적었다. 도는 것은 기다리지 않는다
            workers = list((pool._processes or {}).values())
            pool.shutdown(wait=False, cancel_futures=True)
            for worker in workers:
                worker.terminate()
            raise


def _start(source, secret):
    """일꾼이 처음 하는 일. Ctrl-C는 부른 쪽이 듣는다."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _one_thread()
    from grading.oracle import Oracle

    source = nbformat.reads(source, as_version=4)
    _held.update(source=source, secret=secret, oracle=Oracle(source))


def _one_thread():
    """텐서플로를 부르기 전에 정한다. 나누어 판정하든 아니든 같은 순서로 더해야 경계에 있는 레시피의 판정도 같다."""
    for name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(name, "1")


def _judge(notebook, record):
    notebook = nbformat.reads(notebook, as_version=4)
    return grade.judge(record, notebook, _held["source"], _held["oracle"], _held["secret"])
