"""공개된 예제들의 갈래에서 고른 모델 열 가지를 처음부터 끝까지 쓴다.

범위 테스트, 모멘텀까지 도는 1사이클 훈련, 저장하고 불러와 이어 가기, 몬테 카를로 예측. 되지 않는 것은 까닭을 말한다.
"""

from contextlib import contextmanager

import keras
import numpy as np
import pytest
from keras import layers, ops

from homl11.models import mc_predict
from homl11.optimizers import ScheduledMomentumSGD
from homl11.range_test import find_learning_rate
from homl11.schedules import OneCycle, OneCycleMomentum
from homl11.training import train

RANDOM = np.random.default_rng(0)
N, BATCH, EPOCHS = 48, 16, 4
IMAGES = RANDOM.random((N, 8, 8, 1), dtype="float32")
SEQUENCES = RANDOM.normal(size=(N, 6, 4)).astype("float32")
TOKENS = RANDOM.integers(0, 20, (N, 6))
TABLE = RANDOM.normal(size=(N, 5)).astype("float32")
LABELS = RANDOM.integers(0, 2, N)
CROSS_ENTROPY = "sparse_categorical_crossentropy"


def model_of(inputs, outputs):
    return keras.Model(inputs, outputs)


def cnn():
    inputs = keras.Input((8, 8, 1))
    x = layers.RandomTranslation(0.1, 0.1)(inputs)
    x = layers.BatchNormalization()(layers.Conv2D(4, 3, activation="relu")(x))
    x = layers.GlobalAveragePooling2D()(layers.SpatialDropout2D(0.3)(x))
    return model_of(inputs, layers.Dense(2, "softmax")(x)), IMAGES, LABELS, CROSS_ENTROPY


def rnn():
    inputs = keras.Input((6,))
    x = layers.Embedding(20, 4, mask_zero=True)(inputs)
    x = layers.Bidirectional(layers.LSTM(4, dropout=0.3))(x)
    return model_of(inputs, layers.Dense(1, "sigmoid")(x)), TOKENS, LABELS, "binary_crossentropy"


@keras.saving.register_keras_serializable(package="homl11-tests")
class Transformer(layers.Layer):
    def __init__(self, rate=0.2, **kwargs):
        super().__init__(**kwargs)
        self.rate = rate
        self.attention = layers.MultiHeadAttention(2, 2, dropout=rate)
        self.norm, self.feed, self.drop = layers.LayerNormalization(), layers.Dense(4), layers.Dropout(rate)

    def build(self, shape):
        self.attention.build(shape, shape)
        self.norm.build(shape)
        self.feed.build(shape)

    def call(self, x, training=None):
        x = self.norm(x + self.attention(x, x, training=training))
        return x + self.drop(self.feed(x), training=training)

    def get_config(self):
        return {**super().get_config(), "rate": self.rate}


def transformer():
    inputs = keras.Input((6, 4))
    x = layers.GlobalAveragePooling1D()(Transformer()(inputs))
    return model_of(inputs, layers.Dense(2, "softmax")(x)), SEQUENCES, LABELS, CROSS_ENTROPY


def multi_input():
    table, image = keras.Input((5,), name="table"), keras.Input((8, 8, 1), name="image")
    x = layers.Concatenate()([layers.Dense(4)(table), layers.Flatten()(image)])
    model = model_of({"table": table, "image": image}, layers.Dense(2, "softmax")(layers.Dropout(0.3)(x)))
    return model, {"table": TABLE, "image": IMAGES}, LABELS, CROSS_ENTROPY


def regression():
    scale = layers.Normalization()
    scale.adapt(TABLE * 100)
    parts = [keras.Input((5,)), scale, layers.Dense(8, "relu"), layers.GaussianDropout(0.2), layers.Dense(1)]
    return keras.Sequential(parts), TABLE * 100, TABLE.sum(axis=1), "mse"


def autoencoder():
    encoder = keras.Sequential([keras.Input((8, 8, 1)), layers.Flatten(), layers.Dropout(0.2), layers.Dense(6, "relu")])
    parts = [encoder, layers.Dense(64, "sigmoid"), layers.Reshape((8, 8, 1))]
    return keras.Sequential([keras.Input((8, 8, 1)), *parts]), IMAGES, IMAGES, "binary_crossentropy"


def siamese():
    tower = keras.Sequential([keras.Input((5,)), layers.Dense(4, "relu"), layers.Dropout(0.3)])
    left, right = keras.Input((5,)), keras.Input((5,))
    distance = ops.abs(tower(left) - tower(right))
    model = model_of([left, right], layers.Dense(1, "sigmoid")(distance))
    return model, [TABLE, TABLE[::-1].copy()], LABELS, "binary_crossentropy"


def transfer():
    base = keras.Sequential(
        [keras.Input((8, 8, 1)), layers.Conv2D(4, 3), layers.BatchNormalization(), layers.Flatten()]
    )
    base.trainable = False
    inputs = keras.Input((8, 8, 1))
    x = layers.Dropout(0.3)(base(layers.Rescaling(2.0, -1.0)(inputs), training=False))
    return model_of(inputs, layers.Dense(2, "softmax")(x)), IMAGES, LABELS, CROSS_ENTROPY


@keras.saving.register_keras_serializable(package="homl11-tests")
class Doubled(keras.Model):
    """스스로 쓴 ``train_step``: 같은 배치로 두 번 고친다."""

    def train_step(self, *arguments):
        super().train_step(*arguments)
        return super().train_step(*arguments)


def own_train_step():
    inputs = keras.Input((5,))
    x = layers.Dropout(0.3)(layers.Dense(8, "relu")(inputs))
    return Doubled(inputs, layers.Dense(2, "softmax")(x)), TABLE, LABELS, CROSS_ENTROPY


def mixed_precision():
    parts = [
        layers.Dense(8, "relu"),
        layers.Dropout(0.3),
        layers.Dense(2),
        layers.Activation("softmax", dtype="float32"),
    ]
    return keras.Sequential([keras.Input((5,)), *parts]), TABLE, LABELS, CROSS_ENTROPY


MODELS = [
    cnn,
    rnn,
    transformer,
    multi_input,
    regression,
    autoencoder,
    siamese,
    transfer,
    own_train_step,
    mixed_precision,
]


@contextmanager
def policy_of(make):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16" if make is mixed_precision else before)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def made(make):
    """초기 가중치가 늘 같은, 컴파일한 모델과 데이터."""
    keras.utils.set_random_seed(0)
    model, x, y, loss = make()
    steps = EPOCHS * N // BATCH * (2 if make is own_train_step else 1)
    model.compile(loss=loss, optimizer=ScheduledMomentumSGD(OneCycle(0.05, steps), OneCycleMomentum(steps)))
    return model, x, y


@pytest.fixture(scope="module", params=MODELS, ids=lambda make: make.__name__)
def used(request, tmp_path_factory):
    """모델 하나를 한 번 쓰고 남은 것들."""
    with policy_of(request.param):
        model, x, y = made(request.param)
        weights = model.get_weights()
        result = find_learning_rate(model, x, y, steps=25, batch_size=BATCH, max_learning_rate=0.1)
        unchanged = all(map(np.array_equal, model.get_weights(), weights))
        run = train(model, (x, y), epochs=EPOCHS, batch_size=BATCH, seed=5)

        half, _, _ = made(request.param)
        train(half, (x, y), epochs=2, batch_size=BATCH, seed=5)
        path = tmp_path_factory.mktemp("models") / "model.keras"
        half.save(path)
        loaded = keras.models.load_model(path)
        rest = train(loaded, (x, y), epochs=EPOCHS, initial_epoch=2, batch_size=BATCH, seed=5)
        yield request.param, model, x, result, unchanged, run, rest


def test_range_test_measures_and_leaves_the_model_as_it_was(used):
    *_, result, unchanged, _, _ = used
    assert unchanged and len(result.losses) > 9 and np.isfinite(result.losses).all()


def test_momentum_has_come_round_with_the_learning_rate(used):
    make, model, *_ = used
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    momentum, rate = (float(ops.convert_to_numpy(v)) for v in (optimizer.momentum, optimizer.learning_rate))
    skipped = 1 if make is mixed_precision else 0  # 넘친 스텝은 세지 않는다
    assert momentum == pytest.approx(0.95, abs=0.01 * skipped + 1e-6) and rate < 0.05 / 10


def test_training_has_a_history_of_every_epoch(used):
    *_, run, _ = used
    assert len(run.history["loss"]) == EPOCHS and np.isfinite(run.history["loss"]).all()


def test_saved_loaded_and_resumed_training_goes_on(used):
    """드롭아웃의 난수는 저장되지 않으므로 손실은 비슷할 뿐이다. 스텝은 이어진다."""
    _, model, _, _, _, run, rest = used
    assert int(rest.model.optimizer.iterations) == int(model.optimizer.iterations)
    assert rest.history["loss"] == pytest.approx(run.history["loss"][2:], rel=0.5)


def test_prediction_is_awake_and_has_the_shape_of_predict(used):
    make, model, x, *_ = used
    with policy_of(make):
        mean, std = mc_predict(model, x, samples=30, seed=0)
        expected = model.predict(x, verbose=0)
    assert mean.shape == std.shape == expected.shape and mean.dtype == "float32" and std.mean() > 1e-4
    assert np.abs(mean - expected).mean() < 0.3 * max(1.0, np.abs(expected).mean())
