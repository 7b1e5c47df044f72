"""한 반을 채점하는 시간: ``.venv/bin/python benchmarks/class_grading.py``.

시험과 같은 반을 쓴다. 바른 제출물 여덟과 반 전체를 하나씩, 둘씩, Dask의 일꾼 둘로 채점해 견준다. 텐서플로를 불러오는
시간도 들어 있다. 바쁜 기계에서는 벽시계가 늘어나므로, 이 컴퓨터의 상자들이 쓴 CPU의 초도 함께 적는다.
"""

import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path += [str(ROOT / "tests" / "grading"), str(ROOT / "tests" / "exercises")]

from classroom import FULL, classroom, hand_in  # noqa: E402
from distributed import LocalCluster  # noqa: E402

from grading import box  # noqa: E402
from grading.course import create  # noqa: E402


class Counted(box.Box):
    """쓴 CPU를 남기는 상자."""

    spent_by_all = []

    def __exit__(self, *exception):
        super().__exit__(*exception)
        self.spent_by_all.append(self.spent)


box.Box = Counted


def graded(pupils, jobs, scheduler=None):
    """새 과정에 모아 채점하는 데 걸린 벽시계의 초. 실행, 판정, nbgrader까지이다."""
    root = Path(tempfile.mkdtemp())
    course = create(root / "course", "benchmark")
    course.release("schedules")
    hand_in(pupils, root / "downloads")
    course.collect("schedules", root / "downloads")
    Counted.spent_by_all.clear()
    start = time.perf_counter()
    done, failed = course.autograde("schedules", jobs=jobs, scheduler=scheduler)
    assert len(done) == sum(not pupil.told for pupil in pupils) and not failed
    return time.perf_counter() - start


def main():
    course = create(Path(tempfile.mkdtemp()) / "course", "benchmark")
    course.release("schedules")
    everyone = classroom(course.released("schedules"), 9, [str(course.gradebook_path)])
    right = [pupil for pupil in everyone if pupil.marks == FULL][:8]
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": ":0", "host": "127.0.0.1"}
    for title, pupils in (
        (f"바른 제출물 {len(right)}개", right),
        (f"반 전체 {len(everyone)}명(해로운 것까지)", everyone),
    ):
        for jobs in (1, 2):
            seconds, cpu = graded(pupils, jobs), sum(Counted.spent_by_all)
            print(f"{title}, {jobs}개씩: {seconds:.0f}초 (상자의 CPU {cpu:.0f}초)", flush=True)
        with LocalCluster(**options) as cluster:
            seconds = graded(pupils, 1, cluster.scheduler_address)
        print(f"{title}, Dask 일꾼 둘: {seconds:.0f}초", flush=True)


if __name__ == "__main__":
    main()
