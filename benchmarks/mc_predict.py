"""몬테 카를로 드롭아웃의 속도: 드롭아웃을 켠 모델을 100번 불러 쌓는 것, ``mc_predict``, 행렬 곱만 하는 것을 견준다.

세 방법을 번갈아 되풀이하고 걸린 시간의 중앙값을 잰다. 행렬 곱만 하는 시간은 넘파이로 잰
잣대이다. 더 빠른 행렬 곱도 있다. 두 평균의 차이는 표준 오차로 잰다.

실행: python benchmarks/mc_predict.py
"""

import statistics
import time

import numpy as np

from homl11.models import build_mlp, mc_predict

SAMPLES, IMAGES, REPETITIONS = 100, 10_000, 5


def stack(model, x):
    """책에서 흔히 보는 방법: 모든 표본을 쌓아 두고 평균과 표준 편차를 구한다."""
    predictions = np.stack([model(x, training=True).numpy() for _ in range(SAMPLES)])
    return predictions.mean(axis=0), predictions.std(axis=0)


def products(model, x):
    """표본마다의 행렬 곱만. 마스크도 편향도 활성화 함수도 평균도 없다."""
    kernels = [weight for weight in model.get_weights() if weight.ndim == 2]
    x = x.reshape(len(x), -1)
    for _ in range(SAMPLES):
        for start in range(0, len(x), 1000):  # mc_predict의 기본 배치
            output = x[start : start + 1000]
            for kernel in kernels:
                output = output @ kernel


def timed(function, *arguments):
    start = time.perf_counter()
    result = function(*arguments)
    return result, time.perf_counter() - start


def main():
    model = build_mlp((100, 100), dropout_rate=0.2, seed=0)
    x = np.random.default_rng(0).random((IMAGES, 28, 28), dtype="float32")
    ways = {"쌓기": stack, "mc_predict": lambda model, x: mc_predict(model, x, SAMPLES), "행렬 곱만": products}
    for way in ways.values():  # 첫 호출의 준비 시간은 재지 않는다
        way(model, x[:100])

    seconds, results = {name: [] for name in ways}, {}
    for _ in range(REPETITIONS):
        for name, way in ways.items():
            results[name], elapsed = timed(way, model, x)
            seconds[name].append(elapsed)

    print(f"784-100-100-10, 밀집층마다 앞에 드롭아웃 0.2, 이미지 {IMAGES:,}장, 표본 {SAMPLES}개")
    for name, times in seconds.items():
        print(f"{name}: {statistics.median(times):.2f}초 (되풀이 {REPETITIONS}번, {min(times):.2f}-{max(times):.2f}초)")
    slow, fast, limit = (statistics.median(seconds[name]) for name in ways)
    print(f"쌓기의 {slow / fast:.1f}배 빠르고, 행렬 곱만의 {fast / limit:.2f}배 걸린다")

    (mean, std), (other, other_std) = results["쌓기"], results["mc_predict"]
    z = np.abs(mean - other) / np.sqrt((std**2 + other_std**2) / SAMPLES)
    print(f"두 평균의 가장 큰 차이: 표준 오차의 {z.max():.1f}배 (비교한 값 {z.size:,}개)")
    print(f"표준 편차의 비: 중앙값 {np.median(other_std / std):.3f}")


if __name__ == "__main__":
    main()
