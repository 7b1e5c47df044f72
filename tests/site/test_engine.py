"""훈련 엔진을 크로뮴에서 돌려 케라스의 ``fit``과 견준다. 초기 가중치, 데이터 순서, 드롭아웃 마스크만 같게 준다."""

import base64
import json

import keras
import numpy as np
import pytest

from authoring.playground import SCRIPTS
from homl11.data import load_dataset
from homl11.models import build_mlp
from homl11.optimizers import ScheduledMomentumSGD
from homl11.schedules import OneCycle, OneCycleMomentum, PowerDecay

SIZES, BATCH, EPOCHS = (784, 100, 100, 10), 32, 4
STEPS = EPOCHS * 94  # 376
TOLERANCE = 1e-4
BASE = {
    "sizes": SIZES, "batch": BATCH, "epochs": EPOCHS, "schedule": "constant", "rate": 0.02, "optimizer": "sgd",
    "momentum": 0.9, "l1": 0, "l2": 0, "dropout": 0, "max_norm": 0, "stop": 0, "shuffle": False, "seed": 1,
    "drop": 0.5, "patience": 1,
}  # fmt: skip
decay = keras.optimizers.schedules


def sgd(rate=0.02, momentum=0.9):
    return ScheduledMomentumSGD(rate, momentum)


# 단정밀도로도 배정밀도로도 같은 수이다
LARGE = {"rate": 2**-4, "momentum": 0.875}


def large():
    return sgd(2**-4, 0.875)


# 이름 → (엔진의 설정, 케라스의 옵티마이저를 만드는 함수, build_mlp의 인수)
CASES = {
    "고정": ({}, sgd, {}),
    "거듭제곱 기반": (
        {"schedule": "power", "power_steps": 100, "power": 1.5}, lambda: sgd(PowerDecay(0.02, 100, 1.5)), {},
    ),
    "지수 기반": (
        {"schedule": "exponential", "decay_steps": 200, "decay_rate": 0.1},
        lambda: sgd(decay.ExponentialDecay(0.02, 200, 0.1)), {},
    ),
    "구간별 고정": (
        {"schedule": "piecewise", "first": 150, "second": 260, "factor": 0.2},
        lambda: sgd(decay.PiecewiseConstantDecay([150, 260], [0.02, 0.004, 0.0008])), {},
    ),
    # 손실이 나아지지 않을 때까지 크게 걷게 한다
    "성능 기반": ({"schedule": "performance"} | LARGE, large, {}),
    "1사이클": (
        {"schedule": "one_cycle", "max_rate": 0.03, "ratio": 10, "final_fraction": 0.1,
         "max_momentum": 0.95, "min_momentum": 0.85},
        lambda: sgd(OneCycle(0.03, STEPS), OneCycleMomentum(STEPS)), {},
    ),
    "모멘텀 없음": ({"momentum": 0}, lambda: keras.optimizers.SGD(0.02), {}),
    "Nadam": ({"optimizer": "nadam", "rate": 0.001}, lambda: keras.optimizers.Nadam(0.001), {}),
    "ℓ1": ({"l1": 2**-13, "rate": 2**-6, "momentum": 0.875}, lambda: sgd(2**-6, 0.875), {"l1": 2**-13}),
    "ℓ2": ({"l2": 1e-3}, sgd, {"l2": 1e-3}),
    "드롭아웃": ({"dropout": 0.3}, sgd, {"dropout_rate": 0.3}),
    "맥스-노름": ({"max_norm": 1}, sgd, {"kernel_constraint": keras.constraints.MaxNorm(1)}),
    "조기 종료": ({"stop": 1} | LARGE, large, {}),
    "모두 함께": (
        {"l1": 1e-5, "l2": 1e-4, "dropout": 0.2, "max_norm": 2},
        sgd, {"l1": 1e-5, "l2": 1e-4, "dropout_rate": 0.2, "kernel_constraint": keras.constraints.MaxNorm(2)},
    ),
}  # fmt: skip

# 반올림 하나가 길을 바꾸는 것들: ℓ1의 기울기는 0에서 부호가 뒤집히고, 큰 학습률은 작은 차이를 키운다. 이것들은 케라스도
# 엔진처럼 배정밀도로 센다.
SENSITIVE = ("성능 기반", "ℓ1", "조기 종료", "모두 함께")

# 마스크는 두 쪽이 같은 식으로 만든다.
MASK = "(step, l, s, i) => ((step * 7919 + l * 104729 + s * 1009 + i * 9176) % 10007) / 10007 >= v.dropout"
RUN = f"""async ([v, data, weights, order]) => {{
    const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const engine = homl11Engine(homl11Rates());
    const set = ([x, y]) => engine.images(bytes(x), bytes(y), 784);
    const given = {{
        weights: weights.map(([kernel, bias]) => ({{
            kernel: Float64Array.from(kernel), bias: Float64Array.from(bias),
        }})),
        order: () => Int32Array.from(order),
        mask: {MASK},
    }};
    const run = engine.train(v, {{ train: set(data.train), valid: set(data.valid) }}, given);
    while (!run.done) run.learn();
    return {{
        epochs: run.epochs, step: run.step, perEpoch: run.perEpoch,
        weights: run.weights().flatMap(({{ kernel, bias }}) => [Array.from(kernel), Array.from(bias)]),
    }};
}}"""


class GivenDropout(keras.layers.Layer):
    """마스크를 밖에서 받는 드롭아웃."""

    def __init__(self, rate):
        super().__init__()
        self.rate = rate

    def build(self, shape):
        step, s, i = np.ogrid[:STEPS, :BATCH, : shape[-1]]
        number = next(self.numbers)
        share = (step * 7919 + number * 104729 + s * 1009 + i * 9176) % 10007 / 10007
        self.table = (share >= self.rate).astype(self.dtype)
        self.step = self.add_weight(shape=(), dtype="int32", initializer="zeros", trainable=False)

    def call(self, x, training=False):
        if not training:
            return x
        mask = keras.ops.take(keras.ops.convert_to_tensor(self.table), self.step, axis=0)[: keras.ops.shape(x)[0]]
        self.step.assign(self.step + 1)
        return x * mask / (1 - self.rate)


@pytest.fixture(scope="module")
def data():
    return load_dataset("mnist5k")


@pytest.fixture(scope="module")
def engine(browser, data):
    page = browser.new_page()
    for script in ("rates", "engine"):
        page.add_script_tag(path=SCRIPTS / f"{script}.js")

    def text(array):
        return base64.b64encode(np.asarray(array, "uint8").tobytes()).decode()

    packed = {
        name: [text(np.rint(split.x * 255)), text(split.y)]
        for name, split in data._asdict().items()
        if name in ("train", "valid")
    }

    def engine(settings, weights, order):
        pairs = [[kernel.ravel().tolist(), bias.tolist()] for kernel, bias in zip(weights[::2], weights[1::2])]
        return page.evaluate(RUN, [settings, packed, pairs, order])

    yield engine
    page.close()


@pytest.fixture(autouse=True)
def precision():
    yield
    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy("float32")


@pytest.mark.parametrize("name", CASES)
def test_training_follows_keras(name, data, engine, record_property):
    changes, optimizer, options = CASES[name]
    settings = BASE | changes
    keras.config.set_floatx("float64" if name in SENSITIVE else "float32")
    keras.config.set_dtype_policy(keras.config.floatx())
    GivenDropout.numbers = iter(range(len(SIZES) - 1))
    model = build_mlp(SIZES[1:-1], seed=1, dropout=GivenDropout, **options)
    initial = [np.asarray(w) for layer in model.layers if isinstance(layer, keras.layers.Dense) for w in layer.weights]
    order = np.random.default_rng(0).permutation(len(data.train.x))
    found = engine(settings, initial, order.tolist())

    plateau = [keras.callbacks.ReduceLROnPlateau(factor=0.5, patience=1)] if name == "성능 기반" else []
    stop = [keras.callbacks.EarlyStopping(patience=1, restore_best_weights=True)] if settings["stop"] else []
    model.compile(optimizer(), "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(
        data.train.x[order], data.train.y[order], BATCH, EPOCHS, verbose=0, callbacks=plateau + stop,
        validation_data=data.valid, shuffle=False,
    ).history  # fmt: skip
    final = [np.asarray(w) for layer in model.layers if isinstance(layer, keras.layers.Dense) for w in layer.weights]

    if plateau:
        assert min(history["learning_rate"]) < max(history["learning_rate"]), "줄어든 적이 없으면 견준 것이 없다"
        assert [record["rate"] for record in found["epochs"]] == history["learning_rate"]
    assert found["step"] == found["perEpoch"] * len(history["loss"])
    assert stop or found["step"] == STEPS > 300
    for metric in ("accuracy", "val_accuracy"):
        ours = [record[metric] for record in found["epochs"]]
        assert np.allclose(ours, history[metric], atol=1.5e-3), metric  # 경계에 걸린 한두 장
    # 벌점이 있으면 케라스는 검증 손실에도 벌점을 더한다
    ours = [
        [record["loss"] for record in found["epochs"]],
        [record["val_loss"] + record["penalty"] for record in found["epochs"]],
    ]
    difference = {
        "손실": np.abs(np.array(ours) - [history["loss"], history["val_loss"]]).max(),
        "가중치": max(np.abs(np.reshape(a, b.shape) - b).max() for a, b in zip(found["weights"], final, strict=True)),
    }
    print(f"{name}: " + json.dumps({key: f"{value:.1e}" for key, value in difference.items()}, ensure_ascii=False))
    record_property("largest difference", str(difference))
    assert max(difference.values()) < TOLERANCE
