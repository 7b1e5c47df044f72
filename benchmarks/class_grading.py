"""제출물 하나와 한 반을 채점하는 시간: ``.venv/bin/python benchmarks/class_grading.py``.

시험과 같은 반을 쓴다. 바른 제출물만 고른 반은 하나씩, 둘씩, Dask의 일꾼 둘로 채점해 견준다.
텐서플로를 불러오는 시간도 들어 있다.
"""

import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path += [str(ROOT / "tests" / "grading"), str(ROOT / "tests" / "exercises")]

from classroom import FULL, classroom  # noqa: E402
from distributed import LocalCluster  # noqa: E402

from grading.course import create  # noqa: E402


def graded(course, pupils, jobs, scheduler=None):
    """``pupils``를 새로 모아 채점하는 데 걸린 초: 실행, 그리고 판정과 nbgrader까지."""
    for folder in ("submitted", "autograded", "downloaded", ".graded"):
        target = course.root / folder
        if target.exists():
            target.rename(Path(tempfile.mkdtemp()) / folder)
    downloads = Path(tempfile.mkdtemp())
    for pupil in pupils:
        (downloads / pupil.file).write_bytes(pupil.data)
    course.collect("schedules", downloads)
    start = time.perf_counter()
    done, failed = course.autograde("schedules", jobs=jobs, scheduler=scheduler)
    assert len(done) == len(pupils) and not failed
    return time.perf_counter() - start


def main():
    course = create(Path(tempfile.mkdtemp()) / "course", "benchmark")
    course.release("schedules")
    everyone = classroom(course.released("schedules"), 9, [str(course.gradebook_path)])
    honest = [pupil for pupil in everyone if pupil.marks >= FULL - 3 and "멈" not in pupil.story][:8]
    print(f"바른 제출물 하나: {graded(course, honest[:1], 1):.1f}초")
    for jobs in (1, 2):
        seconds = graded(course, honest, jobs)
        print(f"바른 제출물 {len(honest)}개, {jobs}개씩: {seconds:.0f}초, 하나에 {seconds / len(honest):.1f}초")
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": ":0", "host": "127.0.0.1"}
    with LocalCluster(**options) as cluster:
        seconds = graded(course, honest, 1, cluster.scheduler_address)
    print(f"바른 제출물 {len(honest)}개, Dask 일꾼 둘: {seconds:.0f}초, 하나에 {seconds / len(honest):.1f}초")
    for jobs in (1, 2):
        seconds = graded(course, everyone, jobs)
        print(f"반 전체 {len(everyone)}명(해로운 것까지), {jobs}개씩: {seconds:.0f}초")


if __name__ == "__main__":
    main()
