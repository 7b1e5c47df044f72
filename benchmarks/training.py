"""훈련의 속도: 책의 방법(``model.fit``의 기본값), ``steps_per_execution=100``, 이 강좌의 ``train``을 견준다.

책의 크기(55,000장, 배치 32, 100-100-100 네트워크)로 한 프로세스에서 번갈아 훈련하고, 걸린 시간의 중앙값을 잰다.
준비하는 시간(컴파일)은 빼고 에포크마다의 시간을 잰다. 준비 시간은 따로 적는다.
데이터의 순서는 방법마다 다르므로 정확도는 씨앗만큼 다르다. 순서가 같을 때 가중치가 같은지는 시험이 본다.
Fashion-MNIST의 캐시가 없으면 모양이 같은 난수로 잰다. 시간은 픽셀의 값과 상관이 없다.

실행: python benchmarks/training.py [에포크 수]
"""

import statistics
import sys
import time

import keras
import numpy as np

from homl11.data import Dataset, DatasetError, Split, load_dataset
from homl11.models import build_mlp
from homl11.training import LOSS, train

EPOCHS, REPETITIONS = int(sys.argv[1]) if len(sys.argv) > 1 else 3, 3


class Clock(keras.callbacks.Callback):
    """에포크가 끝난 때를 적는다. 첫 에포크는 준비 시간을 포함하므로 둘째부터 잰다."""

    def __init__(self):
        super().__init__()
        self.ends = [time.perf_counter()]

    def on_epoch_end(self, epoch, logs=None):
        self.ends.append(time.perf_counter())


def fit(model, data, clock, **options):
    model.compile(loss=LOSS, optimizer=keras.optimizers.SGD(0.01), metrics=["accuracy"], **options)
    model.fit(*data.train, epochs=EPOCHS + 1, validation_data=data.valid, verbose=0, callbacks=[clock])


def ours(model, data, clock):
    train(model, data, epochs=EPOCHS + 1, optimizer=keras.optimizers.SGD(0.01), callbacks=[clock])


WAYS = {
    "model.fit (기본값)": fit,
    "model.fit (steps_per_execution=100)": lambda *given: fit(*given, steps_per_execution=100),
    "homl11.training.train": ours,
}


def dataset():
    try:
        return load_dataset("fashion_mnist")
    except DatasetError:
        random = np.random.default_rng(0)
        sizes = (55_000, 5_000, 10_000)
        parts = [
            Split(random.random((n, 28, 28), "float32"), random.integers(10, size=n).astype("int32")) for n in sizes
        ]
        return Dataset("난수", tuple("0123456789"), *parts)


def main():
    data = dataset()
    print(f"{data}, 배치 32, 784-100-100-100-10, 에포크 {EPOCHS}개 × 되풀이 {REPETITIONS}번을 번갈아")
    seconds, first, accuracy = ({name: [] for name in WAYS} for _ in range(3))
    for seed in range(REPETITIONS):
        for name, way in WAYS.items():
            keras.backend.clear_session()
            model, clock = build_mlp((100, 100, 100), seed=seed), Clock()
            way(model, data, clock)
            per_epoch = np.diff(clock.ends)
            first[name].append(per_epoch[0])
            seconds[name].extend(per_epoch[1:])
            accuracy[name].append(model.evaluate(*data.valid, batch_size=1000, verbose=0)[1])

    slowest = statistics.median(seconds[next(iter(WAYS))])
    for name, times in seconds.items():
        middle = statistics.median(times)
        print(
            f"{name}: 에포크에 {middle:.2f}초 ({min(times):.2f}-{max(times):.2f}), {slowest / middle:.1f}배, "
            f"첫 에포크 {statistics.median(first[name]):.1f}초, "
            f"검증 정확도 {min(accuracy[name]):.3f}-{max(accuracy[name]):.3f}"
        )


if __name__ == "__main__":
    main()
