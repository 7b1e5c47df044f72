"""연구의 속도: 같은 연구를 프로세스 하나로, 그리고 둘로 끝내는 데 걸린 시간을 견준다.

번갈아 되풀이하고 중앙값을 잰다. 다른 일이 코어를 나누어 쓰면 배율이 작아지므로, 기계가 얼마나 바빴는지도 적는다.
Fashion-MNIST의 캐시가 있어야 한다(없으면 내려받는다).

실행: python benchmarks/study.py [설정의 이름] [되풀이 수]
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time

NAME = sys.argv[1] if len(sys.argv) > 1 else "power"
REPETITIONS = int(sys.argv[2]) if len(sys.argv) > 2 else 3
SEEDS = 4


def seconds(jobs):
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "homl11.study", "run", NAME, "--seeds", str(SEEDS), "--folder", folder]
        start = time.perf_counter()
        subprocess.run([*command, "--jobs", str(jobs)], check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - start


def main():
    print(f"{NAME}, 씨앗 {SEEDS}개, 코어 {os.cpu_count()}개, 시작할 때의 부하 {os.getloadavg()[0]:.1f}")
    times = {1: [], 2: []}
    for _ in range(REPETITIONS):
        for jobs, found in times.items():
            found.append(seconds(jobs))
    one, two = map(statistics.median, times.values())
    for jobs, found in times.items():
        print(f"프로세스 {jobs}개: {statistics.median(found):.1f}초 ({min(found):.1f}-{max(found):.1f})")
    print(f"빠르기: {one / two:.2f}배. 끝날 때의 부하 {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
