"""만들어 낸 모델, 층, 데이터, 손실, 정밀도에서 성질이 지켜지는가.

값의 기준은 늘 케라스의 ``predict``, ``evaluate``, ``fit``이다. 씨앗은 정해져 있다(``derandomize``).
더 많은 경우는 ``make test-all``이 본다.
"""

from contextlib import contextmanager

import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from keras import layers

from homl11.models import mc_predict
from homl11.range_test import find_learning_rate
from homl11.training import train

NEAR_ZERO = 1e-6
N, STEPS, FEATURES = 24, 4, 6


def examples(n):
    """만들어 볼 경우의 수. 한 경우가 몇 초씩 걸리므로 시간을 재지 않고, 틀린 경우를 줄여 보지도 않는다."""
    options = {"phases": [Phase.generate], "suppress_health_check": list(HealthCheck), "database": None}
    return settings(max_examples=n, derandomize=True, deadline=None, print_blob=False, **options)


@contextmanager
def policy(name):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


class Residual(layers.Layer):
    """드롭아웃을 속에 숨긴 블록."""

    def __init__(self, rate, **kwargs):
        super().__init__(**kwargs)
        self.dense, self.drop = layers.Dense(FEATURES, activation="relu"), layers.Dropout(rate)

    def call(self, x, training=None):
        return x + self.drop(self.dense(x), training=training)


class Attending(layers.Layer):
    def __init__(self, rate, **kwargs):
        super().__init__(**kwargs)
        self.attention = layers.MultiHeadAttention(2, 3, dropout=rate)

    def call(self, x):
        return self.attention(x, x)


PARTS = {
    "dense": lambda rate: layers.Dense(FEATURES, activation="tanh"),
    "dropout": layers.Dropout,
    "spatial": layers.SpatialDropout1D,
    "gaussian": layers.GaussianDropout,
    "alpha": layers.AlphaDropout,
    "batch norm": lambda rate: layers.BatchNormalization(),
    "layer norm": lambda rate: layers.LayerNormalization(),
    "noise": lambda rate: layers.GaussianNoise(0.5),
    "lstm": lambda rate: layers.LSTM(FEATURES, dropout=rate, recurrent_dropout=rate, return_sequences=True),
    "bidirectional": lambda rate: layers.Bidirectional(layers.GRU(3, dropout=rate, return_sequences=True)),
    "conv": lambda rate: layers.Conv1D(FEATURES, 3, padding="same"),
    "each step": lambda rate: layers.TimeDistributed(layers.Dropout(rate)),
    "residual": Residual,
    "attention": Attending,
    "lambda": lambda rate: layers.Lambda(lambda x: x * 0.5),
    "normalization": lambda rate: adapted(),
}
CALM = ["dense", "layer norm", "conv", "lambda", "normalization"]  # 훈련할 때와 추론할 때 똑같이 움직인다


def adapted():
    layer = layers.Normalization()
    layer.adapt(np.random.default_rng(1).normal(5, 3, (50, STEPS, FEATURES)).astype("float32"))
    return layer


def network(names, rate, outputs=1, activation=None, **options):
    keras.utils.set_random_seed(0)
    inputs = x = keras.Input((STEPS, FEATURES))
    for name in names:
        x = PARTS[name](rate)(x)
    x = layers.Dropout(rate)(layers.Flatten()(x)) if options.pop("drops", True) else layers.Flatten()(x)
    heads = [layers.Dense(2, activation=activation, dtype="float32", **options)(x) for _ in range(outputs)]
    return keras.Model(inputs, heads[0] if outputs == 1 else heads)


def arrays(seed):
    random = np.random.default_rng(seed)
    return random.normal(5, 3, (N, STEPS, FEATURES)).astype("float32"), random.integers(0, 2, N)


def as_kind(kind, x):
    import tensorflow as tf

    kinds = {
        "numpy": lambda: x,
        "float64": lambda: x.astype("float64"),
        "tensor": lambda: tf.constant(x),
        "tf.data": lambda: tf.data.Dataset.from_tensor_slices(x).batch(7),
    }
    return kinds[kind]()


parts = st.lists(st.sampled_from(sorted(PARTS)), max_size=4)
kinds = st.sampled_from(["numpy", "float64", "tensor", "tf.data"])


def mean_at_rate_near_zero_is_the_prediction(names, kind, precision, outputs):
    with policy(precision):
        model = network(names, NEAR_ZERO, outputs)
        x = arrays(0)[0]
        mean, _ = mc_predict(model, as_kind(kind, x), samples=3, batch_size=9, seed=0)
        expected = model.predict(x, verbose=0)
    tolerance = {"rtol": 2e-2, "atol": 3e-2} if precision == "mixed_float16" else {"rtol": 1e-3, "atol": 1e-3}
    for left, right in zip(keras.tree.flatten(mean), keras.tree.flatten(expected), strict=True):
        np.testing.assert_allclose(left, right, **tolerance)


PREDICTIONS = given(
    names=parts,
    kind=kinds,
    precision=st.sampled_from(["float32", "float32", "mixed_float16"]),
    outputs=st.integers(1, 2),
)


@examples(8)
@PREDICTIONS
def test_mean_at_rate_near_zero_is_the_prediction(**case):
    mean_at_rate_near_zero_is_the_prediction(**case)


@pytest.mark.slow
@examples(30)
@PREDICTIONS
def test_many_means(**case):
    mean_at_rate_near_zero_is_the_prediction(**case)


LOSSES = {
    "sparse_categorical_crossentropy": (lambda y: y, "softmax"),
    "mse": (lambda y: np.stack([y, -y], axis=1).astype("float32"), None),
    "cosine_similarity": (lambda y: np.stack([y + 1, -y], axis=1).astype("float32"), None),
    "poisson": (lambda y: np.stack([y, y], axis=1).astype("float32"), "softplus"),
}


def first_loss_of_the_range_test_is_that_of_evaluate(names, loss, scale, l2, weighted, kind):
    prepare, activation = LOSSES[loss]
    model = network(names, 0.0, activation=activation, kernel_regularizer=keras.regularizers.L2(l2), drops=False)
    model.compile(loss=[loss], loss_weights=[scale], optimizer=keras.optimizers.Adam(), metrics=["accuracy"])
    x, y = arrays(1)
    y = prepare(y)
    weights = np.random.default_rng(2).random(N).astype("float32") if weighted else None
    expected = model.evaluate(x, y, sample_weight=weights, batch_size=N, verbose=0, return_dict=True)["loss"]
    state = [variable.numpy() for variable in model.variables]
    given_x = as_kind(kind if kind != "tf.data" else "numpy", x)
    result = find_learning_rate(model, given_x, y, sample_weight=weights, steps=2, batch_size=N)
    assert result.losses[0] == pytest.approx(expected, rel=1e-3, abs=1e-5)
    for variable, value in zip(model.variables, state, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)


RANGE_TESTS = given(
    names=st.lists(st.sampled_from(CALM), max_size=3),
    loss=st.sampled_from(sorted(LOSSES)),
    scale=st.sampled_from([0.1, 1.0, 1000.0]),
    l2=st.sampled_from([0.0, 0.01]),
    weighted=st.booleans(),
    kind=kinds,
)


@examples(8)
@RANGE_TESTS
def test_first_loss_of_the_range_test_is_that_of_evaluate(**case):
    first_loss_of_the_range_test_is_that_of_evaluate(**case)


@pytest.mark.slow
@examples(25)
@RANGE_TESTS
def test_many_first_losses(**case):
    first_loss_of_the_range_test_is_that_of_evaluate(**case)


def training_agrees_with_fit(names, loss, batch_size, weighted, validated, kind):
    prepare, activation = LOSSES[loss]
    x, y = arrays(3)
    y, epochs, seed = prepare(y), 2, 11
    weights = np.random.default_rng(2).random(N).astype("float32") if weighted else None
    validation = (x[:5], y[:5]) if validated else None
    results = []
    for by_hand in (False, True):
        model = network(names, 0.3, activation=activation)
        model.compile(loss=loss, optimizer=keras.optimizers.SGD(0.01, momentum=0.5), metrics=["accuracy"])
        if by_hand:
            history = {}
            for epoch in range(epochs):
                rows = np.random.default_rng([seed, epoch]).permutation(N)
                parts = [None if part is None else part[rows] for part in (x, y, weights)]
                logs = model.fit(
                    *parts[:2],
                    sample_weight=parts[2],
                    batch_size=batch_size,
                    shuffle=False,
                    validation_data=validation,
                    validation_batch_size=batch_size,
                    verbose=0,
                ).history
                for name, values in logs.items():
                    history.setdefault(name, []).extend(values)
        else:
            data = (as_kind(kind if kind != "tf.data" else "float64", x), y, *([weights] if weighted else []))
            options = {"epochs": epochs, "batch_size": batch_size, "seed": seed, "validation_data": validation}
            history = train(model, data, **options).history
        results.append((history, model.get_weights()))
    (history, weights), (expected, expected_weights) = results
    assert history.keys() == expected.keys()
    for name, values in expected.items():
        assert history[name] == pytest.approx(values, rel=1e-3, abs=1e-4), name
    for left, right in zip(weights, expected_weights, strict=True):
        np.testing.assert_allclose(left, right, rtol=1e-3, atol=1e-4)


TRAININGS = given(
    names=st.lists(st.sampled_from(sorted(set(PARTS) - {"noise"})), max_size=3),
    loss=st.sampled_from(sorted(LOSSES)),
    batch_size=st.sampled_from([5, 8, 24]),
    weighted=st.booleans(),
    validated=st.booleans(),
    kind=kinds,
)


@examples(8)
@TRAININGS
def test_training_agrees_with_fit(**case):
    training_agrees_with_fit(**case)


@pytest.mark.slow
@examples(20)
@TRAININGS
def test_many_trainings(**case):
    training_agrees_with_fit(**case)
