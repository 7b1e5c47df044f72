"""모멘텀도 스케줄을 따르는 옵티마이저."""

import json

import keras
import numpy as np
import pytest

from homl11.optimizers import ScheduledMomentumSGD
from homl11.schedules import OneCycle, OneCycleMomentum, one_cycle, one_cycle_momentum

STEPS, BATCH = 30, 4
X = np.random.default_rng(0).normal(size=(20, 3)).astype("float32")  # 한 에포크는 다섯 스텝
Y = X @ np.array([[1.0], [-2.0], [0.5]], "float32") + 1

RATE, MOMENTUM = (0.05, STEPS, 0.01, 0.002, 0.2), (STEPS, 0.9, 0.5, 0.2)


def scheduled():
    return ScheduledMomentumSGD(OneCycle(*RATE), OneCycleMomentum(*MOMENTUM))


def fitted(optimizer, steps=STEPS, model=None, **compiled):
    """선형 회귀 모델을 ``steps``스텝 훈련한다."""
    if model is None:
        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")])
        model.compile(loss="mse", optimizer=optimizer, **compiled)
    model.fit(X, Y, batch_size=BATCH, epochs=steps * BATCH // len(X), shuffle=False, verbose=0)
    return model


def kernel(model):
    return model.get_weights()[0]


def by_hand(rate, momentum):
    """같은 배치 순서로 넘파이에서 훈련한 가중치."""
    w, velocity = np.zeros((3, 1)), 0
    for step in range(STEPS):
        rows = np.arange(step * BATCH, (step + 1) * BATCH) % len(X)
        gradient = 2 / BATCH * X[rows].T @ (X[rows] @ w - Y[rows])
        velocity = momentum(step) * velocity - rate(step) * gradient
        w = w + velocity
    return w


@pytest.mark.parametrize("steps_per_execution", [1, 3])
def test_schedules_act_at_every_step_of_a_compiled_fit(steps_per_execution):
    model = fitted(scheduled(), steps_per_execution=steps_per_execution)
    reference = by_hand(lambda step: one_cycle(step, *RATE), lambda step: one_cycle_momentum(step, *MOMENTUM))
    np.testing.assert_allclose(kernel(model), reference, rtol=1e-5)


def test_scheduled_momentum_differs_from_the_constant_one_it_starts_with():
    constant = fitted(ScheduledMomentumSGD(OneCycle(*RATE), momentum=0.9))
    assert np.abs(kernel(fitted(scheduled())) - kernel(constant)).max() > 0.01


@pytest.mark.parametrize(
    "arguments",
    [{"momentum": 0.0}, {"momentum": 0.8}, {"momentum": 0.8, "weight_decay": 0.01, "clipnorm": 0.5}],
    ids=["zero", "constant", "decay and clip"],
)
def test_constant_momentum_equals_keras_sgd(arguments):
    ours, keras_own = (fitted(kind(0.05, **arguments)) for kind in (ScheduledMomentumSGD, keras.optimizers.SGD))
    np.testing.assert_allclose(kernel(ours), kernel(keras_own), rtol=1e-5)


@pytest.mark.skipif(keras.backend.backend() == "jax", reason="JAX는 JAX_ENABLE_X64를 켜야 두 배 정밀도를 쓴다")
def test_double_precision_model_is_trained_in_double_precision():
    kernels = []
    for kind in (ScheduledMomentumSGD, keras.optimizers.SGD):
        dense = keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros", dtype="float64")
        model = keras.Sequential([keras.Input((3,), dtype="float64"), dense])
        model.compile(loss="mse", optimizer=kind(0.05, momentum=0.8))
        kernels.append(kernel(fitted(None, model=model)))
    assert kernels[0].dtype == np.float64
    np.testing.assert_allclose(*kernels, rtol=1e-12)


def test_defaults_are_rate_one_hundredth_and_momentum_nine_tenths():
    optimizer = ScheduledMomentumSGD()
    assert (float(optimizer.learning_rate), optimizer.momentum) == (pytest.approx(0.01), 0.9)


def test_momentum_is_that_of_the_next_step():
    optimizer = fitted(scheduled(), steps=10).optimizer
    assert float(optimizer.momentum) == pytest.approx(one_cycle_momentum(10, *MOMENTUM), rel=1e-6)


@pytest.mark.parametrize("optimizer", [scheduled, ScheduledMomentumSGD], ids=["schedules", "numbers"])
def test_saved_model_continues_identically(optimizer, tmp_path):
    model = fitted(optimizer(), steps=10)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(
        kernel(fitted(None, steps=20, model=loaded)), kernel(fitted(None, steps=20, model=model))
    )


def test_config_holds_nothing_but_json_and_makes_the_same_optimizer():
    config = json.loads(json.dumps(scheduled().get_config()))
    optimizer = ScheduledMomentumSGD.from_config(config)
    optimizer.build([])
    for step in (0, 7, 20):
        optimizer.iterations.assign(step)
        assert float(optimizer.learning_rate) == pytest.approx(one_cycle(step, *RATE), rel=1e-5)
        assert float(optimizer.momentum) == pytest.approx(one_cycle_momentum(step, *MOMENTUM), rel=1e-5)


@pytest.mark.parametrize("momentum", [-0.1, 1.0, 2, float("nan")])
def test_momentum_outside_zero_to_one_is_named(momentum, rejects):
    with rejects("momentum", momentum):
        ScheduledMomentumSGD(0.01, momentum)
