"""훈련의 속도: ``model.fit``, 이 강좌의 ``train``, 넘파이, JAX, 파이토치를 나란히 재고, 비율을 적는다.

책의 크기(55,000장, 배치 32, 100-100-100 네트워크, 모멘텀 0.9의 SGD, 검증까지)이다. 방법마다 프로세스 하나가 코어를
정해진 수만큼만 쓴다. 첫 에포크는 준비(컴파일)를 포함하므로 따로 적고, 그 뒤 다섯 에포크의 중앙값을 잰다. 조용한
기계에서 재야 한다. 데이터는 모양이 같은 난수이다. 시간은 픽셀의 값과 상관이 없다. 마지막 열의 손실은 모두 같은 일을
했다는 증거이다. 순서와 초기 가중치만 다르다.

실행::

    python benchmarks/training.py            # 코어 하나, 그다음 둘
    python benchmarks/training.py --install  # JAX와 파이토치를 .venv-peers에 갖춘다. 강좌의 환경은 그대로이다
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from functools import partial
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
PEERS = HERE.parent / ".venv-peers"
PEERS_PYTHON = PEERS / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
EPOCHS = 5


def keras_ways(data):
    """``fit``과 ``train``. 에포크마다의 시간은 콜백이 적는다."""
    import keras

    from homl11.models import build_mlp
    from homl11.training import LOSS, train

    x, y, x_valid, y_valid = data

    class Clock(keras.callbacks.Callback):
        def __init__(self):
            super().__init__()
            self.ends = [time.perf_counter()]

        def on_epoch_end(self, epoch, logs=None):
            self.ends.append(time.perf_counter())

    def measured(run):
        clock, model = Clock(), build_mlp((100, 100, 100), input_shape=(784,), seed=0)
        history = run(model, keras.optimizers.SGD(0.01, momentum=0.9), clock)
        return np.diff(clock.ends).tolist(), history["loss"][-1], history["val_loss"][-1]

    def fit(model, optimizer, clock):
        model.compile(loss=LOSS, optimizer=optimizer, metrics=["accuracy"])
        options = {"epochs": EPOCHS + 1, "validation_data": (x_valid, y_valid), "verbose": 0, "callbacks": [clock]}
        return model.fit(x, y, **options).history

    def ours(model, optimizer, clock, **more):
        options = {"epochs": EPOCHS + 1, "validation_data": (x_valid, y_valid), "callbacks": [clock], **more}
        return train(model, (x, y), optimizer=optimizer, seed=0, **options).history

    compiled = partial(ours, jit_compile=True)
    return {"fit": partial(measured, fit), "train": partial(measured, ours), "train_xla": partial(measured, compiled)}


def by_epochs(way, data):
    """에포크 하나를 하는 함수를 되풀이해 부른다."""
    epoch, draw, seconds = way(data), np.random.default_rng(0), []
    for _ in range(EPOCHS + 1):
        order = draw.permutation(len(data[1]))
        start = time.perf_counter()
        losses = epoch(order)
        seconds.append(time.perf_counter() - start)
    return seconds, *map(float, losses)


WAYS = {  # 이름 → (화면의 이름, 강좌의 환경에서 도는가)
    "fit": ("model.fit", True),
    "torch_eager": ("파이토치의 반복문", False),
    "train": ("homl11.training.train", True),
    "train_xla": ("homl11.training.train(jit_compile=True)", True),
    "numpy_loop": ("넘파이의 반복문", True),
    "jax_scan": ("JAX, 에포크 하나를 컴파일", False),
    "products": ("행렬 곱만", True),
}


def measure(name, path):
    """자식 프로세스가 하는 일."""
    with np.load(path) as file:
        data = [file[key] for key in ("x", "y", "x_valid", "y_valid")]
    if name in ("fit", "train", "train_xla"):
        result = keras_ways(data)[name]()
    else:
        import peers

        result = by_epochs(getattr(peers, name), data)
    print(json.dumps(result))


def run(name, path, cores):
    """방법 하나를 제 프로세스에서. 도구가 없으면 ``None``."""
    python = sys.executable if WAYS[name][1] else PEERS_PYTHON
    if not Path(python).exists():
        print(f"{WAYS[name][0]}: 없다. python benchmarks/training.py --install로 갖춘다.")
        return None
    threads = dict.fromkeys(
        ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(cores)
    )
    environment = {**os.environ, **threads, "TQDM_DISABLE": "1", "TF_CPP_MIN_LOG_LEVEL": "3", "JAX_PLATFORMS": "cpu"}
    pin = {}
    if hasattr(os, "sched_setaffinity"):  # 맥과 윈도에서는 스레드의 수만 정한다
        free = sorted(os.sched_getaffinity(0))[:cores]
        pin["preexec_fn"] = lambda: os.sched_setaffinity(0, free)
    command = [python, HERE / "training.py", "--way", name, "--data", path]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, **pin)
    if done.returncode:
        print(f"{WAYS[name][0]}: 재지 못했다. {done.stderr.strip().splitlines()[-1]}")
        return None
    return json.loads(done.stdout.splitlines()[-1])


def table(path, cores):
    results = {name: run(name, path, cores) for name in WAYS}
    base = statistics.median(results["train"][0][1:])
    print(f"\n코어 {cores}개, 에포크에 걸린 초, 되풀이 {EPOCHS}번\n")
    print("| 방법 | 중앙값 | 최소-최대 | train의 몇 배 | 첫 에포크 | 훈련 손실 / 검증 손실 |")
    print("|---|---:|---:|---:|---:|---:|")
    for name, (title, _) in WAYS.items():
        if results[name] is None:
            print(f"| {title} | 재지 못했다 | | | | |")
            continue
        (first, *seconds), loss, valid = results[name]
        middle, low, high = statistics.median(seconds), min(seconds), max(seconds)
        scores = "–" if loss != loss else f"{loss:.3f} / {valid:.3f}"
        print(f"| {title} | {middle:.3f} | {low:.3f}-{high:.3f} | {middle / base:.2f} | {first:.1f} | {scores} |")


def install():
    venv.create(PEERS, with_pip=True)
    subprocess.run([PEERS_PYTHON, "-m", "pip", "install", "--quiet", "jax", "torch"], check=True)


def main():
    parser = argparse.ArgumentParser(description="훈련의 속도를 나란히 잰다")
    parser.add_argument("--install", action="store_true", help="견줄 도구들을 .venv-peers에 갖춘다")
    parser.add_argument("--cores", type=int, nargs="+", default=[1, 2], help="쓸 코어의 수들 (기본 1 2)")
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--data", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.way:
        return measure(given.way, given.data)
    if given.install:
        return install()
    draw = np.random.default_rng(0)
    sizes = {"": 55_000, "_valid": 5_000}
    teacher = draw.standard_normal((784, 10), dtype="float32")
    with tempfile.TemporaryDirectory() as folder:
        arrays = {}
        for suffix, n in sizes.items():
            arrays[f"x{suffix}"] = draw.random((n, 784), dtype="float32") - np.float32(0.5)
            arrays[f"y{suffix}"] = (arrays[f"x{suffix}"] @ teacher).argmax(axis=1).astype("int32")
        path = Path(folder, "data.npz")
        np.savez(path, **arrays)
        for cores in given.cores:
            table(path, cores)


if __name__ == "__main__":
    main()
