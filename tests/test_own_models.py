"""남의 모델과 데이터에서도 옳은 값이 나오거나, 한국어 한 문장이 까닭을 말한다.

공개된 버그 보고와 질문에 나온 모델들이다. 맞는 값은 이 강좌의 함수가 아니라 케라스와 손으로 한 계산에서 온다.
"""

import re

import keras
import numpy as np
import pandas as pd
import pytest
from keras import layers

from homl11.models import MCWrapper, build_mlp, mc_predict, to_mc
from homl11.optimizers import ScheduledMomentumSGD
from homl11.range_test import find_learning_rate
from homl11.schedules import OneCycleMomentum
from homl11.training import LOSS, Recipe, compare, train

tf = pytest.importorskip("tensorflow")
RANDOM = np.random.default_rng(0)
X = RANDOM.normal(50, 12, (96, 6)).astype("float32")
Y = (X[:, :3].argmax(axis=1)).astype("int32")
SEQUENCES = RANDOM.normal(size=(40, 5, 8)).astype("float32")


def dense_model(*front, outputs=3, rate=0.4, shape=(6,)):
    keras.utils.set_random_seed(0)
    inner = [layers.Dense(16, activation="relu"), layers.Dropout(rate), layers.Dense(outputs, activation="softmax")]
    return keras.Sequential([keras.Input(shape), *front, *inner])


def normalization():
    layer = layers.Normalization()
    layer.adapt(X)
    return layer


def spread(model, x, samples=400):
    """직접 뽑아 쌓은 예측의 평균과 표준 편차. 훈련할 때만 다르게 움직이는 층은 드롭아웃뿐인 모델에 쓴다."""
    call = tf.function(lambda: model(x, training=True))
    drawn = np.stack([np.asarray(call(), float) for _ in range(samples)])
    return drawn.mean(axis=0), drawn.std(axis=0)


def assert_same_spread(model, x, predict=mc_predict):
    """표본에서 잰 두 값이 표준 오차 안에서 같다."""
    mean, std = predict(model, x, samples=1500, seed=0)
    other_mean, other_std = spread(model, x)
    assert std.min() > 0
    np.testing.assert_allclose(mean, other_mean, atol=6 * other_std.max() / np.sqrt(400))
    assert std.mean() == pytest.approx(other_std.mean(), rel=0.05)


# 복제하면 잃는 것 -----------------------------------------------------------------------------------------------------


class Frozen(layers.Layer):
    """변수가 아닌 상태를 가진 층. 설정에는 없다."""

    def call(self, x):
        return x * getattr(self, "factor", 1.0)


def with_vocabulary():
    keras.utils.set_random_seed(0)
    text = layers.TextVectorization(output_mode="multi_hot")
    text.adapt(["가 나", "다 라 마"])
    inputs = keras.Input((), dtype="string")
    hidden = layers.Dropout(1e-6)(layers.Dense(4)(text(inputs)))
    return keras.Model(inputs, layers.Dense(2)(hidden)), tf.constant(["가 다", "나", "라 마 가"])


def with_lambda():
    factor = np.float32(3.0)
    return dense_model(layers.Lambda(lambda x: x / factor), rate=1e-6), X


def with_state():
    frozen = Frozen()
    frozen.factor = 0.01
    return dense_model(frozen, rate=1e-6), X


KEPT = {
    "Normalization": lambda: (dense_model(normalization(), rate=1e-6), X),
    "TextVectorization": with_vocabulary,
    "Lambda": with_lambda,
    "상태를 가진 층": with_state,
    "Discretization": lambda: (dense_model(discretization(), rate=1e-6), X),
}


def discretization():
    layer = layers.Discretization(num_bins=4)
    layer.adapt(X)
    return layer


@pytest.mark.parametrize("name", KEPT)
def test_mean_at_rate_near_zero_is_the_prediction(name):
    model, x = KEPT[name]()
    np.testing.assert_allclose(mc_predict(model, x, samples=3)[0], model.predict(x, verbose=0), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("name", [name for name in KEPT if name != "상태를 가진 층"])
def test_awake_copy_knows_what_the_original_knows(name):
    model, x = KEPT[name]()
    np.testing.assert_allclose(to_mc(model).predict(x, verbose=0), model.predict(x, verbose=0), rtol=1e-3, atol=1e-4)


def test_loaded_model_keeps_its_statistics(tmp_path):
    model = dense_model(normalization(), rate=1e-6)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(mc_predict(loaded, X, samples=3)[0], model.predict(X, verbose=0), rtol=1e-3, atol=1e-4)


def test_range_test_of_a_normalizing_model_is_that_of_normalized_data():
    mean, std = X.mean(axis=0), X.std(axis=0)
    results = []
    for model, x in ((dense_model(normalization()), X), (dense_model(), (X - mean) / std)):
        model.compile(loss=LOSS, optimizer="sgd")
        results.append(find_learning_rate(model, x, Y, steps=120))
    np.testing.assert_allclose(results[0].losses[:60], results[1].losses[:60], rtol=1e-2)
    assert results[0].suggestion == pytest.approx(results[1].suggestion, rel=0.2)


@pytest.mark.parametrize("name", ["Lambda", "TextVectorization", "상태를 가진 층"])
def test_model_that_cannot_be_copied_is_range_tested(name):
    model, x = KEPT[name]()
    y = np.arange(len(x)) % 2
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=name == "TextVectorization"))
    expected = model.evaluate(x, y, verbose=0, batch_size=len(x))
    result = find_learning_rate(model, x, y, steps=3, batch_size=len(x))
    assert result.losses[0] == pytest.approx(expected, rel=1e-3)


# 숨은 드롭아웃 --------------------------------------------------------------------------------------------------------


class Block(layers.Layer):
    """공개된 예제들의 트랜스포머 블록."""

    def __init__(self, rate=0.3, **kwargs):
        super().__init__(**kwargs)
        self.attention = layers.MultiHeadAttention(2, 4, dropout=rate)
        self.feed = keras.Sequential([layers.Dense(8, activation="relu"), layers.Dense(8)])
        self.norm, self.drop = layers.LayerNormalization(), layers.Dropout(rate)

    def call(self, x, training=None):
        x = self.norm(x + self.attention(x, x, training=training))
        return x + self.drop(self.feed(x), training=training)


class Halved(layers.Dropout):
    """드롭아웃을 상속해 조금 바꾼 층."""

    def call(self, x, training=False):
        return super().call(x, training=training) / 2


@keras.saving.register_keras_serializable(package="homl11-tests")
class DropPath(layers.Layer):
    """난수를 스스로 뽑는 층: 샘플을 통째로 끈다."""

    def __init__(self, rate=0.3, **kwargs):
        super().__init__(**kwargs)
        self.rate, self.seeds = rate, keras.random.SeedGenerator(0)

    def call(self, x, training=False):
        if not training:
            return x
        shape = (keras.ops.shape(x)[0],) + (1,) * (len(x.shape) - 1)
        kept = keras.ops.cast(keras.random.uniform(shape, seed=self.seeds) > self.rate, x.dtype)
        return x * kept / (1 - self.rate)


def sequence_model(*parts):
    keras.utils.set_random_seed(0)
    inputs = outputs = keras.Input((5, 8))
    for part in parts:
        outputs = part(outputs)
    return keras.Model(inputs, layers.Dense(2)(layers.Flatten()(outputs)))


def inner():
    return keras.Sequential([keras.Input((8,)), layers.Dense(6), layers.Dropout(0.4)])


HIDDEN = {
    "MultiHeadAttention": lambda: sequence_model(SelfAttention()),
    "트랜스포머 블록": lambda: sequence_model(Block()),
    "TimeDistributed(Dropout)": lambda: sequence_model(layers.TimeDistributed(layers.Dropout(0.4))),
    "TimeDistributed(모델)": lambda: sequence_model(layers.TimeDistributed(inner())),
    "LSTM": lambda: sequence_model(layers.LSTM(6, dropout=0.3)),
    "GRU recurrent": lambda: sequence_model(layers.GRU(6, recurrent_dropout=0.3)),
    "Bidirectional": lambda: sequence_model(layers.Bidirectional(layers.LSTM(4, dropout=0.3))),
    "쌓은 셀": lambda: sequence_model(layers.RNN([layers.GRUCell(4, dropout=0.3), layers.LSTMCell(4, dropout=0.2)])),
    "SpatialDropout1D": lambda: sequence_model(layers.SpatialDropout1D(0.4)),
    "GaussianDropout": lambda: sequence_model(layers.GaussianDropout(0.4)),
    "상속한 드롭아웃": lambda: sequence_model(Halved(0.4)),
    "난수를 뽑는 층": lambda: sequence_model(DropPath(0.4)),
    "배치를 접는 층": lambda: sequence_model(Folding()),
}


class SelfAttention(layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.attention = layers.MultiHeadAttention(2, 4, dropout=0.4)

    def call(self, x):
        return self.attention(x, x)


class Folding(layers.Layer):
    """시간을 배치에 접어 넣고 드롭아웃을 부른다. 배치에 마스크 하나를 쓰면 시간마다 같은 뉴런이 꺼진다."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.drop = layers.Dropout(0.4)

    def call(self, x):
        return keras.ops.reshape(self.drop(keras.ops.reshape(x, (-1, 8))), (-1, 5, 8))


@pytest.mark.parametrize("name", HIDDEN)
def test_hidden_dropout_is_as_wide_as_in_training(name):
    assert_same_spread(HIDDEN[name](), SEQUENCES[:4])


def awake_copy_predict(model, x, samples, seed):
    copy = to_mc(model)
    call = tf.function(lambda: copy(x))
    drawn = np.stack([np.asarray(call()) for _ in range(400)])
    return drawn.mean(axis=0), drawn.std(axis=0)


@pytest.mark.parametrize("name", HIDDEN)
def test_copy_with_hidden_dropout_is_awake(name):
    model = HIDDEN[name]()
    mean, std = awake_copy_predict(model, SEQUENCES[:4], None, None)
    assert std.mean() == pytest.approx(mc_predict(model, SEQUENCES[:4], samples=1500, seed=0)[1].mean(), rel=0.1)


@pytest.mark.parametrize("name", ["LSTM", "Bidirectional", "SpatialDropout1D", "난수를 뽑는 층"])
def test_saved_copy_stays_awake(name, tmp_path):
    copy = to_mc(HIDDEN[name]())
    copy.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert not np.array_equal(loaded(SEQUENCES), loaded(SEQUENCES))
    for left, right in zip(loaded.get_weights(), copy.get_weights(), strict=True):
        np.testing.assert_array_equal(left, right)


def test_wrapped_layer_keeps_its_name_and_leaves_normalization_asleep():
    class Normalized(layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.norm, self.drop = layers.BatchNormalization(), layers.Dropout(0.4)

        def call(self, x, training=None):
            return self.drop(self.norm(x, training=training), training=training)

    model = sequence_model(Normalized(name="normalized"))
    wrapped = to_mc(model).get_layer("normalized")
    assert isinstance(wrapped, MCWrapper)
    before = wrapped.layer.norm.moving_mean.numpy()
    wrapped(SEQUENCES * 9 + 4)
    np.testing.assert_array_equal(wrapped.layer.norm.moving_mean.numpy(), before)


@pytest.mark.parametrize("make", [layers.GaussianNoise, layers.RandomTranslation], ids=["noise", "augmentation"])
def test_noise_and_augmentation_are_not_dropout(make):
    front = make(0.5) if make is layers.GaussianNoise else make(0.5, 0.5)
    keras.utils.set_random_seed(0)
    parts = [layers.Flatten(), layers.Dense(4), layers.Dropout(1e-6), layers.Dense(2)]
    model = keras.Sequential([keras.Input((4, 4, 1)), front, *parts])
    x = RANDOM.random((5, 4, 4, 1), dtype="float32")
    np.testing.assert_allclose(mc_predict(model, x, samples=4)[0], model.predict(x, verbose=0), rtol=1e-3, atol=1e-4)


class Secret(layers.Layer):
    """씨앗을 밝히지 않고 난수를 쓴다. 밖에서는 깨울 수도 되풀이할 수도 없다."""

    def call(self, x, training=None):
        return keras.random.dropout(x, 0.5) if training else x


class Carrier(layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.secret = Secret(name="secret")

    def call(self, x, training=None):
        return self.secret(x, training=training)


@pytest.mark.parametrize("predict", [to_mc, lambda model: mc_predict(model, SEQUENCES)], ids=["to_mc", "mc_predict"])
def test_noise_that_cannot_be_woken_is_named(predict):
    model = sequence_model(layers.Dropout(0.3), Carrier())
    state = [variable.numpy() for variable in model.variables]
    with pytest.raises(ValueError, match=r"secret 층\(Secret\)이 .*켜 둘 수 없습니다"):
        predict(model)
    for variable, value in zip(model.variables, state, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)


def test_dropout_frozen_in_a_compiled_call_is_named():
    """미리 컴파일한 ``call``은 잠든 드롭아웃을 그래프에 굳혀 둔다. 깨운 것이 들어가지 않는다."""

    class Compiled(layers.Layer):
        def __init__(self):
            super().__init__()
            self.drop = layers.Dropout(0.5, name="frozen")

        @tf.function
        def call(self, x, training=False):
            return self.drop(x, training=training)

    model = sequence_model(layers.Dropout(0.3), Compiled())
    model.predict(SEQUENCES, verbose=0)
    try:
        std = mc_predict(model, SEQUENCES, samples=50, seed=0)[1]
    except ValueError as error:
        assert re.search(r"깨우지 못한 층=\['frozen'\].*tf.function을 떼세요", str(error))
    else:
        assert std.mean() == pytest.approx(spread(model, SEQUENCES)[1].mean(), rel=0.1)


def test_model_of_a_class_is_predicted_with_all_its_dropout():
    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.block, self.head = Block(), layers.Dense(2)

        def call(self, x, training=None):
            return self.head(keras.ops.mean(self.block(x, training=training), axis=1))

    keras.utils.set_random_seed(0)
    model = Net()
    model(SEQUENCES[:1])
    assert_same_spread(model, SEQUENCES[:4])


# 데이터 --------------------------------------------------------------------------------------------------------------

SCALED = ((X - 50) / 12).astype("float32")
FRAME = pd.DataFrame(SCALED, columns=list("abcdef")).sample(frac=1, random_state=0)
LABELS = pd.Series(Y).loc[FRAME.index]
ROWS = FRAME.to_numpy(), LABELS.to_numpy()
DATA = {
    "pandas": (FRAME, LABELS),
    "tensor": tuple(map(tf.constant, ROWS)),
    "float64, int64": (ROWS[0].astype("float64"), ROWS[1].astype("int64")),
}


def compiled(**options):
    model = dense_model()
    model.compile(**{"loss": LOSS, "optimizer": keras.optimizers.SGD(0.1), "metrics": ["accuracy"]} | options)
    return model


@pytest.mark.parametrize("kind", DATA)
def test_every_kind_of_array_trains_as_numpy_does(kind):
    histories = [train(compiled(), data, epochs=2, seed=3).history for data in (ROWS, DATA[kind])]
    assert_same_history(*histories)


@pytest.mark.parametrize("kind", DATA)
def test_every_kind_of_array_trains_as_numpy_does_with_a_batch_callback(kind):
    callback = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: None)
    histories = [train(compiled(), data, epochs=2, seed=3, callbacks=[callback]).history for data in (ROWS, DATA[kind])]
    assert_same_history(*histories)


@pytest.mark.parametrize("kind", DATA)
def test_every_kind_of_array_is_range_tested_as_numpy_is(kind):
    losses = [find_learning_rate(compiled(), *data, steps=20).losses for data in (ROWS, DATA[kind])]
    np.testing.assert_allclose(*losses, rtol=1e-5)


def assert_same_history(history, expected):
    assert history.keys() == expected.keys()
    for name, values in expected.items():
        assert history[name] == pytest.approx(values, rel=1e-4), name


def feeds(x, y, batch_size):
    dataset = tf.data.Dataset.from_tensor_slices((x, y)).batch(batch_size)
    batches = [(x[i : i + batch_size], y[i : i + batch_size]) for i in range(0, len(y), batch_size)]

    class Feed(keras.utils.PyDataset):
        def __len__(self):
            return len(batches)

        def __getitem__(self, index):
            return batches[index]

    return {"tf.data": dataset, "끝없는 tf.data": dataset.repeat(), "PyDataset": Feed(), "생성기": iter_of(batches)}


def iter_of(batches):
    yield from batches


@pytest.mark.parametrize("kind", ["tf.data", "끝없는 tf.data", "PyDataset", "생성기"])
def test_range_test_takes_what_gives_its_own_batches(kind):
    result = find_learning_rate(compiled(), feeds(*ROWS, 32)[kind], steps=9, max_learning_rate=1e-4)
    model = compiled()
    first = model.evaluate(ROWS[0][:32], ROWS[1][:32], verbose=0)[0]
    assert len(result.losses) == 9 or kind == "생성기" and len(result.losses) >= 3
    assert result.losses[0] == pytest.approx(first, rel=0.5)  # 드롭아웃이 켜져 있다


@pytest.mark.parametrize("kind", ["tf.data", "PyDataset"])
def test_training_takes_what_gives_its_own_batches(kind):
    run = train(compiled(), feeds(*ROWS, 32)[kind], epochs=2, validation_data=feeds(*ROWS, 48)[kind])
    expected = compiled().fit(*ROWS, batch_size=32, epochs=2, shuffle=False, validation_data=ROWS, verbose=0).history
    assert_same_history(run.history, expected)


def test_multiple_inputs_by_list_and_by_name():
    left, right = keras.Input((4,), name="left"), keras.Input((2,), name="right")
    keras.utils.set_random_seed(0)
    hidden = layers.Dropout(0.3)(layers.Dense(8)(layers.Concatenate()([left, right])))
    models = [
        keras.Model(inputs, layers.Dense(3, "softmax")(hidden))
        for inputs in ([left, right], {"left": left, "right": right})
    ]
    x = ROWS[0][:, :4], ROWS[0][:, 4:]
    weights, results = models[0].get_weights(), []
    for model, data in zip(models, (list(x), dict(zip(("left", "right"), x)))):
        model.set_weights(weights)
        mean, std = mc_predict(model, data, samples=5, seed=1)
        model.compile(loss=LOSS, optimizer=keras.optimizers.SGD(0.1))
        losses = find_learning_rate(model, data, ROWS[1], steps=5).losses
        results.append((mean, std, losses.shape, train(model, (data, ROWS[1]), epochs=1, seed=1).history["loss"]))
        assert mean.shape == (96, 3) and std.min() >= 0
    np.testing.assert_array_equal(results[0][0], results[1][0])
    assert results[0][3] == pytest.approx(results[1][3], rel=0.2)


@pytest.mark.parametrize("n", [5, 1500, 2000])
def test_two_outputs_are_predicted_output_by_output(n):
    inputs = keras.Input((6,))
    hidden = layers.Dropout(0.4)(inputs)
    x = np.repeat(SCALED, 25, axis=0)[:n]
    for outputs in ([layers.Dense(2)(hidden), layers.Dense(3)(hidden)], {"a": layers.Dense(2)(hidden)}):
        model = keras.Model(inputs, outputs)
        shapes = keras.tree.map_structure(np.shape, model.predict(x, verbose=0))
        mean, std = mc_predict(model, x, samples=2)
        assert keras.tree.map_structure(np.shape, mean) == keras.tree.map_structure(np.shape, std) == shapes


@pytest.mark.parametrize("kind", ["tf.data", "PyDataset", "생성기", "pandas"])
def test_prediction_takes_what_predict_takes(kind):
    model = dense_model()
    x = FRAME if kind == "pandas" else feeds(*ROWS, 32)[kind]
    expected = mc_predict(model, ROWS[0], samples=4, seed=2)
    for left, right in zip(mc_predict(model, x, samples=4, seed=2), expected):
        np.testing.assert_allclose(left, right, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    "data, message",
    [
        ((FRAME.assign(g="가"), LABELS), "수가 아닌 열"),
        (([[1.0, 2.0]], [0]), "배열이 아닌 것.*np.array"),
        ((SCALED, Y[:5]), "샘플 수.*모두 같아야"),
        ((SCALED[:0], Y[:0]), "샘플이 하나 이상"),
        ("그림", "배열이 아닌 것"),
        ((SCALED, Y, None, None), "x, y"),
    ],
    ids=["text column", "lists", "lengths", "empty", "text", "four parts"],
)
def test_unusable_data_is_told_in_korean(data, message):
    with pytest.raises(ValueError, match=message):
        train(compiled(), data, epochs=1)


# fit과 같은가 ---------------------------------------------------------------------------------------------------------


class OwnStep(keras.Model):
    """손실과 지표를 스스로 적는 모델."""

    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            loss = keras.ops.mean(keras.losses.sparse_categorical_crossentropy(y, self(x, training=True)))
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply(gradients, self.trainable_variables)
        return {"loss": loss, "mine": 2 * loss}


def own_step():
    keras.utils.set_random_seed(0)
    inputs = keras.Input((6,))
    model = OwnStep(inputs, layers.Dense(3, "softmax")(layers.Dense(16, "relu")(inputs)))
    model.compile(optimizer=keras.optimizers.SGD(0.1))
    return model


def test_own_train_step_is_trained_as_fit_trains_it():
    history = train(own_step(), ROWS, epochs=3, seed=0).history
    assert history.keys() == {"loss", "mine"} and history["loss"][2] < history["loss"][0]
    assert history["mine"] == pytest.approx([2 * loss for loss in history["loss"]])


def test_own_train_step_is_range_tested():
    assert find_learning_rate(own_step(), *ROWS, steps=9).losses[0] > 0


def test_loss_weights_and_penalties_are_in_the_range_test():
    model = keras.Sequential(
        [keras.Input((6,)), layers.Dense(3, "softmax", kernel_regularizer=keras.regularizers.L2(1))]
    )
    model.compile(loss=[LOSS], loss_weights=[1000], optimizer="sgd")
    result = find_learning_rate(model, *ROWS, steps=2, batch_size=96)
    assert result.losses[0] == pytest.approx(model.evaluate(*ROWS, verbose=0, batch_size=96), rel=1e-4)


def test_sample_and_class_weights_are_in_the_range_test():
    weights = RANDOM.random(96, dtype="float32")
    model = keras.Sequential([keras.Input((6,)), layers.Dense(3, "softmax")])
    model.compile(loss=LOSS, optimizer="sgd")
    by_sample = find_learning_rate(model, *ROWS, sample_weight=weights, steps=2, batch_size=96).losses[0]
    assert by_sample == pytest.approx(model.evaluate(*ROWS, sample_weight=weights, verbose=0, batch_size=96), rel=1e-4)
    by_class = find_learning_rate(model, *ROWS, class_weight={0: 1.0, 1: 5.0, 2: 0.5}, steps=2, batch_size=96).losses[0]
    weights = np.array([1.0, 5.0, 0.5], "float32")[ROWS[1]]
    assert by_class == pytest.approx(model.evaluate(*ROWS, sample_weight=weights, verbose=0, batch_size=96), rel=1e-4)


def test_class_and_sample_weights_train_as_in_fit():
    class_weight = {0: 1.0, 1: 5.0, 2: 0.5}
    order = np.random.default_rng([7, 0]).permutation(96)
    weights = np.array([1.0, 5.0, 0.5], "float32")[ROWS[1]]
    by_class = train(compiled(), ROWS, epochs=1, seed=7, class_weight=class_weight)
    by_sample = train(compiled(), (*ROWS, weights), epochs=1, seed=7)
    model = compiled()
    shuffled = [part[order] for part in ROWS]
    expected = model.fit(*shuffled, class_weight=class_weight, shuffle=False, verbose=0, batch_size=32).history
    assert by_class.history["loss"] == pytest.approx(expected["loss"], rel=1e-4)
    assert by_sample.history["loss"] == pytest.approx(expected["loss"], rel=1e-4)


def test_stateful_layer_is_trained_by_fit():
    keras.utils.set_random_seed(0)
    parts = [layers.LSTM(4, stateful=True), layers.Dense(2, "softmax")]
    model = keras.Sequential([keras.Input(batch_shape=(8, 5, 8)), *parts])
    run = train(model, (SEQUENCES, np.arange(40) % 2), epochs=2, optimizer="sgd", batch_size=8)
    assert len(run.history["loss"]) == 2


@pytest.fixture
def mixed():
    keras.config.set_dtype_policy("mixed_float16")
    yield
    keras.config.set_dtype_policy("float32")


def test_mixed_precision(mixed):
    model = compiled()
    result = find_learning_rate(model, *ROWS, steps=60)
    assert len(result.losses) > 20 and result.losses[0] == pytest.approx(np.log(3), abs=0.7)
    assert train(model, ROWS, epochs=2).history["loss"][0] > 0
    mean, std = mc_predict(model, ROWS[0], samples=3)
    assert mean.dtype == std.dtype == "float32"


def test_momentum_and_learning_rate_share_their_steps_while_gradients_accumulate():
    """케라스의 학습률 스케줄은 기울기를 모으는 동안에도 배치마다 한 스텝을 센다. 모멘텀도 그래야 함께 끝난다."""
    optimizer = ScheduledMomentumSGD(0.1, OneCycleMomentum(40), gradient_accumulation_steps=4)
    model = dense_model()
    model.compile(loss=LOSS, optimizer=optimizer)
    model.fit(SCALED[:80], Y[:80], batch_size=8, epochs=4, verbose=0)
    assert float(keras.ops.convert_to_numpy(optimizer.momentum)) == pytest.approx(0.95)


def test_range_test_counts_updates_while_gradients_accumulate():
    losses = []
    for accumulated, batch_size in ((None, 32), (4, 8)):
        model = keras.Sequential([keras.Input((6,)), layers.Dense(3, "softmax", kernel_initializer="zeros")])
        model.compile(loss=LOSS, optimizer=keras.optimizers.SGD(0.1, gradient_accumulation_steps=accumulated))
        losses.append(find_learning_rate(model, *ROWS, steps=30, batch_size=batch_size).losses)
    np.testing.assert_allclose(*losses, rtol=1e-3)


@pytest.mark.parametrize("loss", ["cosine_similarity", "음의 로그 가능도"])
def test_loss_below_zero_is_range_tested(loss):
    """0보다 작은 손실은 «최저점의 몇 배»로 폭발을 잴 수 없다."""

    def likelihood(y, parameters):  # 흩어짐이 작으면 밀도가 1보다 커서 음수가 된다
        scale = keras.ops.softplus(parameters[:, 1:]) * 0.05 + 1e-3
        return keras.ops.mean(((y - parameters[:, :1]) / scale) ** 2 / 2 + keras.ops.log(scale), axis=-1)

    keras.utils.set_random_seed(0)
    x = RANDOM.normal(size=(256, 2)).astype("float32")
    y = 0.05 * x[:, :1] if loss != "cosine_similarity" else x
    model = keras.Sequential([keras.Input((2,)), layers.Dense(16, "tanh"), layers.Dense(2)])
    model.compile(loss=likelihood if loss != "cosine_similarity" else loss, optimizer=keras.optimizers.Adam())
    result = find_learning_rate(model, x, y, steps=200, min_learning_rate=1e-5)
    assert len(result.losses) > 60 and result.smoothed.min() < 0 and result.suggestion > 1e-5


# 견주기 ---------------------------------------------------------------------------------------------------------------


def test_regression_is_compared_without_a_test_set():
    def build(seed):
        keras.utils.set_random_seed(seed)
        return keras.Sequential([keras.Input((6,)), layers.Dense(1)])

    target = SCALED.sum(axis=1, keepdims=True)
    recipes = {"SGD": Recipe(lambda: keras.optimizers.SGD(0.05), build)}
    result = compare(recipes, (SCALED, target), epochs=3, seeds=(0, 1), loss="mse", metrics="mae")
    assert result.history["SGD"].keys() == {"loss", "mae"} and result.final("SGD", "loss").shape == (2,)
    with pytest.raises(ValueError, match="name='test_loss'.*test가 없어"):
        result.final("SGD", "test_loss")


def test_sigmoid_output_is_compared():
    recipes = {"SGD": Recipe(lambda: keras.optimizers.SGD(0.1), lambda seed: dense_binary(seed))}
    result = compare(recipes, (SCALED, (Y == 1).astype("float32")), epochs=2, seeds=(0, 1), loss="binary_crossentropy")
    assert result.history["SGD"]["accuracy"].shape == (2, 2)


def dense_binary(seed):
    keras.utils.set_random_seed(seed)
    return keras.Sequential([keras.Input((6,)), layers.Dense(1, "sigmoid")])


def test_value_where_a_recipe_needs_a_function_is_told():
    with pytest.raises(ValueError, match="optimizer='SGD'.*만드는 함수여야.*lambda"):
        Recipe(optimizer=keras.optimizers.SGD(0.1))


def test_recipe_whose_layers_hold_more_than_variables_is_built_for_every_seed():
    """씨앗마다 다른 통계로 맞춘 층은 변수만 바꾸어 되쓸 수 없다."""

    def build(seed):
        layer = layers.Normalization()
        layer.adapt(SCALED * (seed + 1))
        keras.utils.set_random_seed(0)
        return keras.Sequential([keras.Input((6,)), layer, layers.Dense(3, "softmax")])

    recipe = Recipe(lambda: keras.optimizers.SGD(0.1), build)
    result = compare({"방법": recipe}, ROWS, epochs=1, seeds=(0, 4))
    alone = [train(build(seed), ROWS, epochs=1, seed=seed, optimizer=keras.optimizers.SGD(0.1)) for seed in (0, 4)]
    assert result.final("방법", "loss").tolist() == pytest.approx([run.final("loss") for run in alone])


# 수와 자료형 ----------------------------------------------------------------------------------------------------------


def test_numpy_integers_are_integers():
    model = build_mlp((np.int64(5),), input_shape=(6,), classes=np.int64(3), dropout_rate=0.3)
    mean, std = mc_predict(model, SCALED, samples=np.int64(5), batch_size=np.int32(50))
    assert mean.shape == (96, 3)


@pytest.mark.parametrize("value", [True, 5.0])
def test_truth_and_fractions_are_not_counts(value, rejects):
    with rejects("samples", value):
        mc_predict(dense_model(), SCALED, samples=value)


@pytest.mark.parametrize("momentum", [lambda step: 0.9, "0.9", None])
def test_momentum_that_could_not_be_loaded_again_is_refused(momentum):
    with pytest.raises(ValueError, match="momentum=.*LearningRateSchedule"):
        ScheduledMomentumSGD(0.1, momentum)


# 밖에서 다시 시험해 찾은 것 ---------------------------------------------------------------------------------------


class Stacked(layers.Layer):
    """배치가 아닌 축을 맨 앞에 세 번 쌓고 드롭아웃을 건다."""

    def __init__(self, times, **kwargs):
        super().__init__(**kwargs)
        self.times, self.drop = times, layers.Dropout(0.5)

    def call(self, x, training=None):
        stacked = self.drop(keras.ops.stack([x] * self.times), training=training)
        return stacked[0] * stacked[1]


@pytest.mark.parametrize("times", [2, 6, 12])
def test_axis_as_long_as_the_rows_looked_at_is_not_taken_for_the_batch(times):
    """곱한 두 마스크가 서로 독립이면 평균은 1이고, 하나를 나누어 쓰면 2이다."""
    inputs = keras.Input((2_000,))
    model = keras.Model(inputs, Stacked(times)(inputs))
    assert mc_predict(model, np.ones((3, 2_000)), samples=50, seed=0)[0].mean() == pytest.approx(1, abs=0.02)


def test_double_precision_reaches_the_model_as_in_predict():
    shift = layers.Rescaling(1.0, offset=-1.7e9, dtype="float64")
    model = keras.Sequential([keras.Input((1,), dtype="float64"), shift, layers.Dropout(1e-9, dtype="float64")])
    data = tf.data.Dataset.from_tensor_slices(1.7e9 + np.arange(4.0)[:, None]).batch(2)
    assert mc_predict(model, data, samples=2)[0].ravel().tolist() == model.predict(data, verbose=0).ravel().tolist()


class OwnNoise(layers.GaussianNoise):
    pass


class OwnShift(layers.RandomTranslation):
    pass


def test_inherited_noise_and_augmentation_stay_asleep():
    noisy = keras.Sequential([keras.Input((400,)), layers.Dropout(0.5), OwnNoise(0.9)])
    assert mc_predict(noisy, np.ones((3, 400)), seed=0)[1].mean() == pytest.approx(1, abs=0.02)
    moved = keras.Sequential([keras.Input((8, 8, 1)), OwnShift(0.5, 0.5), layers.Dropout(1e-9)])
    assert mc_predict(moved, RANDOM.normal(size=(3, 8, 8, 1)), samples=5)[1].max() == 0


class UnseededAfterSmall(layers.Layer):
    def call(self, x, training=None):
        return tf.nn.dropout(x, 0.5) if training else x


def test_unknown_noise_is_named_however_small_its_values():
    small, noise = layers.Rescaling(1e-9), UnseededAfterSmall(name="culprit")
    with pytest.raises(ValueError, match="culprit 층"):
        mc_predict(dense_model(small, noise, layers.Rescaling(1e9, name="innocent")), X)


def with_operations():
    inputs = keras.Input((6,))
    hidden = layers.Dropout(1e-6)(layers.Dense(6)(inputs / 50.0))
    return keras.Model(inputs, layers.Dense(3)(keras.ops.relu(inputs + hidden)[:, 1:])), X


def with_mask():
    inputs = keras.Input((5,), dtype="int32")
    hidden = layers.LSTM(4)(layers.Embedding(9, 3, mask_zero=True)(inputs))
    return keras.Model(inputs, layers.Dropout(1e-6)(hidden)), RANDOM.integers(0, 9, (7, 5))


@pytest.mark.parametrize("make", [with_operations, with_mask])
def test_operations_in_the_graph_are_copied(make):
    model, x = make()
    awake = to_mc(model)
    np.testing.assert_allclose(awake.predict(x, verbose=0), model.predict(x, verbose=0), rtol=1e-3, atol=1e-4)
    assert any(type(layer).__name__ == "MCDropout" for layer in awake.layers)


@pytest.mark.parametrize("kind", ["scipy", "ragged", "eager"])
def test_what_predict_takes_is_taken(kind):
    model, x = dense_model(rate=1e-6), X
    expected = model.predict(X, verbose=0)
    if kind == "scipy":
        sparse = pytest.importorskip("scipy.sparse")
        x = sparse.csr_matrix(X)
    if kind == "ragged":
        inputs = keras.Input((None,), ragged=True)
        model = keras.Model(
            inputs, layers.Dropout(1e-6)(layers.Lambda(lambda x: tf.reduce_sum(x, axis=1)[:, None])(inputs))
        )
        x = tf.ragged.constant([[1.0, 2.0], [3.0], [4.0, 5.0, 6.0]])
        expected = [[3.0], [3.0], [15.0]]
    if kind == "eager":
        model.compile("sgd", "mse", run_eagerly=True)
    np.testing.assert_allclose(mc_predict(model, x, samples=2)[0], expected, rtol=1e-3, atol=1e-4)


class OwnOptimizer(keras.Model):
    """``train_step``이 스스로 가진 옵티마이저로 훈련한다. 적대적 생성망의 모델이 이렇다."""

    def __init__(self, kept):
        super().__init__()
        self.inner = layers.Dense(1)
        optimizer = keras.optimizers.SGD(0.01)
        self.step = lambda pairs: optimizer.apply(*zip(*pairs))
        if kept:
            self.generator_optimizer = optimizer

    def call(self, x):
        return self.inner(x)

    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            loss = keras.ops.mean((self(x) - y) ** 2)
        self.step(list(zip(tape.gradient(loss, self.trainable_variables), self.trainable_variables)))
        return {"loss": loss}


@pytest.mark.parametrize("kept", [True, False])
def test_range_test_refuses_a_model_that_does_not_use_its_optimizer(kept):
    model = OwnOptimizer(kept)
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match="따로 가진 옵티마이저"):
        find_learning_rate(model, X, X[:, :1], steps=20)


BY_SEED = {
    "활성화": lambda seed: (["relu", "tanh"][seed % 2], 0.0),
    "비율": lambda seed: ("relu", [0.1, 0.9][seed % 2]),
    "층의 수": lambda seed: ("relu", [0.0, 0.5][seed % 2]),
}


@pytest.mark.parametrize("kind", BY_SEED)
def test_compare_trains_what_each_seed_builds(kind):
    def build(seed):
        activation, rate = BY_SEED[kind](seed)
        return build_mlp((8,), input_shape=(6,), classes=3, activation=activation, dropout_rate=rate, seed=seed)

    result = compare({"가": Recipe(lambda: "sgd", build)}, (X, Y), epochs=2, seeds=(0, 1))
    alone = [train(build(seed), (X, Y), epochs=2, optimizer="sgd", seed=seed).history["loss"] for seed in (0, 1)]
    np.testing.assert_allclose(result.history["가"]["loss"], alone, rtol=1e-5)


def test_compare_makes_the_optimizer_anew_for_every_seed():
    rates = iter([9.0, 0.001, 0.1])  # 맨 앞의 것은 컴파일할 때 쓴다
    build = lambda seed: build_mlp((8,), input_shape=(6,), classes=3, seed=0)  # noqa: E731
    result = compare({"가": Recipe(lambda: keras.optimizers.SGD(next(rates)), build)}, (X, Y), epochs=1, seeds=(0, 0))
    assert result.history["가"]["loss"][0] != result.history["가"]["loss"][1]


def test_metric_that_is_no_single_number_is_kept_as_fit_keeps_it():
    labels, order = np.eye(3, dtype="float32")[Y], np.arange(len(X))
    histories = []
    for learn in (
        lambda model: train(model, (X, labels), epochs=1, batch_size=len(order)).history,
        lambda model: model.fit(X, labels, batch_size=len(order), verbose=0).history,
    ):
        model = dense_model(rate=0)
        model.compile("sgd", "categorical_crossentropy", metrics=[keras.metrics.F1Score()])
        histories.append(learn(model))
    assert histories[0].keys() == histories[1].keys()
    np.testing.assert_allclose(histories[0]["f1_score"], histories[1]["f1_score"], rtol=1e-5)


def test_training_told_to_stop_at_the_start_of_an_epoch_stops_as_fit_does():
    class Stop(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self.model.stop_training = epoch == 1

    steps = []
    for learn in (
        lambda model: train(model, (X, Y), epochs=4, callbacks=Stop()),
        lambda model: model.fit(X, Y, epochs=4, callbacks=[Stop()], verbose=0),
    ):
        model = dense_model()
        model.compile("sgd", LOSS)
        learn(model)
        steps.append(int(model.optimizer.iterations))
    assert steps == [4, 4]  # 세 배치와 한 배치


REFUSED = {
    "끝이 없는 데이터": (lambda model: mc_predict(model, tf.data.Dataset.from_tensors(X).repeat()), "끝이 없는"),
    "훈련에 끝이 없는 데이터": (
        lambda model: train(model, tf.data.Dataset.from_tensors((X, Y)).repeat(), epochs=1),
        "끝이",
    ),
    "다른 너비": (lambda model: mc_predict(model, X[:, :4]), r"\(None, 6\)"),
    "배치 축이 없는 한 줄": (lambda model: mc_predict(model, X[0]), "맨 앞의 축"),
    "훈련에 다른 너비": (lambda model: train(model, (X[:, :4], Y), epochs=1), r"\(None, 6\)"),
    "배치로 묶지 않은 데이터": (
        lambda model: train(model, tf.data.Dataset.from_tensor_slices((X, Y)), epochs=1),
        "맨 앞의 축",
    ),
    "글인 레이블": (lambda model: train(model, (X, np.array(["가"] * len(X))), epochs=1), "클래스 번호로"),
    "빈칸이 있는 레이블": (
        lambda model: train(model, (X, pd.Series([1] * (len(X) - 1) + [None], dtype="Int64")), epochs=1),
        "빈칸",
    ),
    "없는 클래스": (lambda model: train(model, (X, Y + 3), epochs=1), "0 이상 3 미만"),
    "범위 테스트에 없는 클래스": (lambda model: find_learning_rate(model, X, Y - 1), "0 이상 3 미만"),
    "묶어서 준 데이터": (lambda model: find_learning_rate(model, (X, Y)), "따로 주세요"),
    "두 가중치": (
        lambda model: train(model, (X, Y, np.ones(len(X))), epochs=1, class_weight={0: 1.0, 1: 1.0, 2: 2.0}),
        "함께 줄 수 없습니다",
    ),
    "음수인 씨앗": (lambda model: train(model, (X, Y), epochs=1, seed=-1), "seed=-1"),
    "씨앗의 수": (lambda model: compare({"가": Recipe(lambda: "sgd")}, (X, Y), epochs=1, seeds=3), r"range\(3\)"),
    "없는 값": (lambda model: train(model, (X, Y), epochs=1).final("acc"), "loss"),
    "네스테로프": (lambda model: ScheduledMomentumSGD(0.1, nesterov=True), "네스테로프"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_refusal_is_one_korean_sentence_that_says_why(kind):
    act, said = REFUSED[kind]
    model = dense_model()
    model.compile("sgd", LOSS)
    with pytest.raises(ValueError, match=said) as refused:
        act(model)
    assert re.search("[가-힣]", str(refused.value)) and "\x1b" not in str(refused.value)
    assert "Exception encountered" not in str(refused.value)
