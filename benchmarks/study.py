"""연구의 속도: 같은 연구를 프로세스 하나로, 그리고 둘로 끝내는 데 걸린 시간을 견준다.

프로세스를 켜고 데이터를 읽는 시간도 든다. 그래서 훈련이 몇 초면 끝나는 연구에서는 배율이 작다.
다른 일이 코어를 나누어 쓰면 배율이 작아지므로, 기계가 얼마나 바빴는지도 적는다.
Fashion-MNIST의 캐시가 있어야 한다(없으면 내려받는다).

실행: python benchmarks/study.py [설정의 이름들]
"""

import os
import subprocess
import sys
import tempfile
import time

NAMES = sys.argv[1:] or ["performance", "exponential-epochs"]
SEEDS = 4


def seconds(jobs):
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "homl11.study", "run", *NAMES, "--seeds", str(SEEDS), "--folder", folder]
        start = time.perf_counter()
        subprocess.run([*command, "--jobs", str(jobs)], check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - start


def main():
    print(f"{', '.join(NAMES)} × 씨앗 {SEEDS}개, 코어 {os.cpu_count()}개, 시작할 때의 부하 {os.getloadavg()[0]:.1f}")
    one, two = seconds(1), seconds(2)
    print(
        f"프로세스 1개 {one:.1f}초, 2개 {two:.1f}초, 빠르기 {one / two:.2f}배. 끝날 때의 부하 {os.getloadavg()[0]:.1f}"
    )


if __name__ == "__main__":
    main()
