"""모델 만들기와 몬테 카를로 드롭아웃. 무작위인 것은 씨앗을 정해 두고 표준 오차로 잰다."""

import re
from functools import partial

import keras
import numpy as np
import pytest
from keras import layers

from homl11._masks import ROWS
from homl11.models import MCAlphaDropout, MCDropout, build_mlp, mc_predict, to_mc

deep = partial(build_mlp, (8, 5), input_shape=(4, 4), classes=3)


def kinds(model):
    return [type(layer).__name__ for layer in model.layers]


def dense_layers(model):
    return [layer for layer in model.layers if isinstance(layer, layers.Dense)]


def assert_equal_arrays(left, right):
    for a, b in zip(left, right, strict=True):
        np.testing.assert_array_equal(a, b)


def largest_z(values, expected):
    """표본(첫 축)의 평균이 ``expected``에서 떨어진 거리를 표준 오차로 잰 것 가운데 가장 큰 값."""
    standard_error = values.std(axis=0, ddof=1) / np.sqrt(len(values))
    return np.max(np.abs(values.mean(axis=0) - expected) / standard_error)


@pytest.mark.parametrize(
    "arguments, parameters",
    [
        ({}, 784 * 300 + 300 + 300 * 100 + 100 + 100 * 10 + 10),
        ({"hidden_units": (7, 5), "input_shape": (3, 2), "classes": 4}, 6 * 7 + 7 + 7 * 5 + 5 + 5 * 4 + 4),
        ({"hidden_units": (), "input_shape": (6,), "classes": 2}, 6 * 2 + 2),
        ({"hidden_units": (1,), "input_shape": (6,), "classes": 1}, 6 + 1 + 1 + 1),
    ],
    ids=["defaults", "general", "no hidden layer", "one neuron and one class"],
)
def test_parameter_count(arguments, parameters):
    assert build_mlp(**arguments).count_params() == parameters


def test_activation_reaches_every_hidden_layer_and_no_other():
    dense = [layer for layer in build_mlp((8, 8), activation="selu").layers if hasattr(layer, "activation")]
    assert [layer.activation for layer in dense] == [keras.activations.selu] * 2 + [keras.activations.softmax]


def test_initializer_reaches_every_hidden_layer():
    hidden = build_mlp((8, 8), kernel_initializer="lecun_normal").layers[1:-1]
    assert [type(layer.kernel_initializer) for layer in hidden] == [keras.initializers.LecunNormal] * 2


def test_plain_model_has_no_penalty_no_constraint_and_no_dropout(build):
    model = build()
    assert kinds(model) == ["Flatten", "Dense", "Dense"] and model.losses == []
    assert [(layer.kernel_regularizer, layer.kernel_constraint) for layer in dense_layers(model)] == [(None, None)] * 2


def test_output_is_a_probability_of_each_class(build):
    np.testing.assert_allclose(np.asarray(build()(np.ones((5, 4, 4)))).sum(axis=1), np.ones(5), rtol=1e-6)


def test_model_is_not_compiled(build):
    assert not build().compiled


def test_same_seed_gives_the_same_weights(build):
    assert_equal_arrays(build(seed=3).get_weights(), build(seed=3).get_weights())


def test_other_seed_gives_other_weights(build):
    assert not np.array_equal(build(seed=3).get_weights()[0], build(seed=4).get_weights()[0])


@pytest.mark.parametrize(
    "penalty",
    [
        {"kernel_regularizer": keras.regularizers.L2(0.5)},
        {"l2": 0.5},
        {"kernel_constraint": "max_norm"},
        {"dropout_rate": 0.3},
    ],
    ids=["regularizer", "l2", "constraint", "dropout"],
)
def test_regularised_model_starts_from_the_same_weights(penalty, build):
    assert_equal_arrays(build(seed=3).get_weights(), build(seed=3, **penalty).get_weights())


@pytest.mark.parametrize(
    "name, value",
    [
        ("hidden_units", (300, 0)),
        ("hidden_units", 300),
        ("hidden_units", (-1,)),
        ("hidden_units", (2.5,)),
        ("classes", 0),
        ("classes", 2.0),
    ],
)
def test_nonsense_argument_is_named(name, value):
    with pytest.raises(ValueError, match=f"^{re.escape(f'{name}={value!r}')}.*1 이상의 정수"):
        build_mlp(**{name: value})


@pytest.mark.parametrize(
    "name, value",
    [
        ("l1", -0.1),
        ("l2", -1),
        ("l1", "강하게"),
        ("l2", float("nan")),
        ("l1", float("inf")),
        ("dropout_rate", 1),
        ("dropout_rate", -0.1),
        ("dropout_rate", "0.5"),
        ("dropout_rate", float("nan")),
        ("activation", "렐루"),
        ("kernel_initializer", "he"),
        ("kernel_regularizer", "l3"),
        ("kernel_regularizer", 0.01),
        ("kernel_constraint", "max"),
    ],
)
def test_nonsense_strength_rate_or_name_is_named(name, value, build, rejects):
    with rejects(name, value):
        build(**{name: value})


def test_name_that_keras_does_not_know_is_refused_in_its_words():
    with pytest.raises(ValueError) as own:
        keras.activations.get("렐루")
    with pytest.raises(ValueError, match=re.escape(f"({own.value})")):
        build_mlp(activation="렐루")


@pytest.mark.parametrize("name", ["l1", "l2"])
def test_two_ways_to_regularise_at_once_are_refused(name, build, rejects):
    with rejects("kernel_regularizer", "l2"):
        build(kernel_regularizer="l2", **{name: 0.1})


PENALTIES = {
    "l1": ({"l1": 0.03}, 0.03, 0),
    "l2": ({"l2": 0.02}, 0, 0.02),
    "both": ({"l1": 0.03, "l2": 0.02}, 0.03, 0.02),
    "L1": ({"kernel_regularizer": keras.regularizers.L1(0.3)}, 0.3, 0),
    "L2": ({"kernel_regularizer": keras.regularizers.L2(0.2)}, 0, 0.2),
    "L1L2": ({"kernel_regularizer": keras.regularizers.L1L2(0.3, 0.2)}, 0.3, 0.2),
    "name": ({"kernel_regularizer": "l2"}, 0, 0.01),
}


@pytest.fixture(params=PENALTIES)
def penalized(request):
    """규제한 모델과 두 강도. 편향도 0이 아니다."""
    arguments, l1, l2 = PENALTIES[request.param]
    model = deep(seed=0, **arguments)
    for layer in dense_layers(model):
        layer.bias.assign(np.arange(1.0, 1 + layer.units))
    return model, l1, l2


def test_penalty_of_every_layer_is_strength_times_sum(penalized):
    """출력층까지 층마다 하나. 편향에는 벌점이 없다."""
    model, l1, l2 = penalized
    kernels = [layer.kernel.numpy() for layer in dense_layers(model)]
    expected = [l1 * np.abs(kernel).sum() + l2 * (kernel**2).sum() for kernel in kernels]
    assert len(kernels) == 3 and [float(loss) for loss in model.losses] == pytest.approx(expected, rel=1e-5)


def test_penalty_is_added_to_the_loss(penalized, data):
    model, l1, l2 = penalized
    model.compile(loss="sparse_categorical_crossentropy")
    without = deep()
    without.set_weights(model.get_weights())
    without.compile(loss="sparse_categorical_crossentropy")
    loss, plain = (network.evaluate(*data.test, verbose=0) for network in (model, without))
    assert loss - plain == pytest.approx(sum(map(float, model.losses)), rel=1e-4)


def test_penalty_shrinks_the_weights(build, data):
    """벌점의 부호: 한 스텝 뒤의 가중치는 규제가 없을 때보다 η · 강도 · sign(w)만큼 0 쪽에 있다."""
    kernels = []
    for l1 in (0.0, 0.5):
        model = build(seed=0, l1=l1)
        start = model.get_weights()[0]
        model.compile(loss="sparse_categorical_crossentropy", optimizer=keras.optimizers.SGD(0.1))
        model.train_on_batch(*data.train)
        kernels.append(model.get_weights()[0])
    np.testing.assert_allclose(kernels[0] - kernels[1], 0.1 * 0.5 * np.sign(start), atol=1e-6)


def test_constraint_reaches_every_layer():
    constraint = keras.constraints.MaxNorm(0.7)
    assert [layer.kernel_constraint for layer in dense_layers(deep(kernel_constraint=constraint))] == [constraint] * 3


@pytest.fixture(scope="module")
def constrained(data):
    """노름의 한계가 0.3인 모델을 한 스텝 훈련한 뒤의 커널들. 모든 뉴런이 한계를 넘게 시작한다."""
    model = deep(kernel_constraint=keras.constraints.MaxNorm(0.3))
    model.set_weights([np.full_like(weights, 0.5) for weights in model.get_weights()])
    model.compile(loss="sparse_categorical_crossentropy", optimizer=keras.optimizers.SGD(0.1))
    model.train_on_batch(*data.train)
    return [layer.kernel.numpy() for layer in dense_layers(model)]


def test_max_norm_limits_the_incoming_weights_of_every_neuron(constrained):
    for kernel in constrained:
        np.testing.assert_allclose(np.linalg.norm(kernel, axis=0), 0.3, rtol=1e-5)


def test_max_norm_does_not_limit_the_outgoing_weights(constrained):
    """16개의 입력이 8개의 뉴런으로, 8개가 3개로 간다. 나가는 가중치의 노름을 줄였다면 모두 0.3일 것이다."""
    for kernel in constrained[::2]:
        assert np.all(np.abs(np.linalg.norm(kernel, axis=1) - 0.3) > 0.05)


@pytest.mark.parametrize("kind", [layers.Dropout, layers.AlphaDropout, MCDropout, MCAlphaDropout])
def test_dropout_stands_before_every_dense_layer(kind):
    model = deep(dropout_rate=0.3, dropout=kind)
    assert kinds(model) == ["Flatten", *[kind.__name__, "Dense"] * 3]
    assert [layer.rate for layer in model.layers[1::2]] == [0.3] * 3


def test_dropout_is_plain_dropout_unless_told(build):
    assert kinds(build(dropout_rate=0.5)) == ["Flatten", *["Dropout", "Dense"] * 2]


def test_batch_normalization_stands_before_the_activation_of_hidden_layers():
    hidden = ["Dense", "BatchNormalization", "Activation"]
    model = deep(batch_normalization=True, activation="selu")
    assert kinds(model) == ["Flatten", *hidden * 2, "Dense"]
    assert [layer.activation.__name__ for layer in model.layers if hasattr(layer, "activation")] == [
        *["linear", "selu"] * 2,
        "softmax",
    ]


def test_batch_normalization_replaces_the_bias_of_hidden_layers():
    assert [layer.use_bias for layer in dense_layers(deep(batch_normalization=True))] == [False, False, True]


def test_batch_normalization_keeps_dropout_penalty_initializer_and_constraint(build):
    constraint = keras.constraints.MaxNorm(1)
    arguments = {"dropout_rate": 0.2, "l2": 0.1, "kernel_constraint": constraint, "kernel_initializer": "lecun_normal"}
    model = build(batch_normalization=True, **arguments)
    hidden = dense_layers(model)[0]
    assert kinds(model) == ["Flatten", "Dropout", "Dense", "BatchNormalization", "Activation", "Dropout", "Dense"]
    assert (hidden.kernel_regularizer.l2, hidden.kernel_constraint) == (pytest.approx(0.1), constraint)
    assert isinstance(hidden.kernel_initializer, keras.initializers.LecunNormal)


X = np.random.default_rng(0).normal(size=(1, 500)).astype("float32")
rates = pytest.mark.parametrize("rate", [0.1, 0.5, 0.8])
always_on = pytest.mark.parametrize("kind", [MCDropout, MCAlphaDropout])


@rates
def test_dropped_values_are_zero_and_the_others_are_scaled(rate):
    y = np.asarray(MCDropout(rate, seed=1)(X))
    np.testing.assert_allclose(y, np.where(y == 0, 0, X / (1 - rate)), rtol=1e-6)


@rates
def test_share_of_dropped_values_is_the_rate(rate):
    dropped = np.asarray(MCDropout(rate, seed=1)(np.ones((200, 500)))) == 0
    assert abs(dropped.mean() - rate) < 5 * np.sqrt(rate * (1 - rate) / dropped.size)


@rates
def test_mean_of_many_draws_is_the_input(rate):
    assert largest_z(np.asarray(MCDropout(rate, seed=1)(np.repeat(X, 4000, axis=0))), X[0]) < 5


def test_rate_zero_drops_nothing():
    np.testing.assert_array_equal(MCDropout(0)(X), X)


@always_on
@pytest.mark.parametrize("training", [None, False, True])
def test_dropout_is_always_on(kind, training):
    layer = kind(0.5)
    assert not np.array_equal(layer(X, training=training), layer(X, training=training))


def test_alpha_dropout_is_that_of_keras():
    np.testing.assert_array_equal(MCAlphaDropout(0.3, seed=1)(X), layers.AlphaDropout(0.3, seed=1)(X, training=True))


@always_on
@pytest.mark.parametrize("rate", [1, 1.5, -0.1, "0.5"])
def test_rate_outside_of_zero_and_one_is_named(kind, rate, rejects):
    with rejects("rate", rate):
        kind(rate)


@pytest.fixture(params=["call", "predict"])
def infer(request):
    """모델로 추론하는 두 길."""
    return {"call": lambda model, x: np.asarray(model(x)), "predict": lambda model, x: model.predict(x, verbose=0)}[
        request.param
    ]


@always_on
def test_model_with_the_layer_stays_random_at_inference(kind, infer, build, data):
    model = build(dropout_rate=0.5, dropout=kind)
    assert not np.array_equal(infer(model, data.test.x), infer(model, data.test.x))


@always_on
def test_saved_model_comes_back(kind, build, data, tmp_path):
    """``custom_objects``가 없어도 된다."""
    model = build(dropout_rate=0.4, dropout=kind, seed=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert kinds(loaded) == kinds(model) and loaded.layers[1].rate == 0.4
    assert_equal_arrays(loaded.get_weights(), model.get_weights())
    assert not np.array_equal(loaded(data.test.x), loaded(data.test.x))


def sequential(dropout=layers.Dropout):
    return keras.Sequential([keras.Input((6,)), layers.Dense(5), dropout(0.4), layers.Dense(3)])


def functional(dropout=layers.Dropout):
    inputs = keras.Input((6,))
    hidden = layers.Dense(5)(inputs)
    both = layers.Concatenate()([dropout(0.4)(hidden), inputs])
    return keras.Model(inputs, layers.Dense(3)(dropout(0.2)(both)))


def nested(dropout=layers.Dropout):
    inner = keras.Sequential([keras.Input((5,)), dropout(0.4), layers.Dense(4)])
    return keras.Sequential([keras.Input((6,)), layers.Dense(5), inner, layers.Dense(3)])


def nested_functional(dropout=layers.Dropout):
    inputs = keras.Input((6,))
    return keras.Model(inputs, layers.Dense(2)(functional(dropout)(layers.Dense(6)(inputs))))


NETWORKS = [sequential, functional, nested, nested_functional]
# 활성화 함수가 없어서, 뉴런을 끈 예측의 평균이 끄지 않은 예측과 같다.
ROW = np.random.default_rng(1).normal(size=(1, 6)).astype("float32")
MANY = np.repeat(ROW, 4000, axis=0)


@pytest.fixture(params=NETWORKS, ids=lambda network: network.__name__)
def network(request):
    keras.utils.set_random_seed(0)
    return request.param()


def flat(model):
    """안에 든 모델까지 펼친, 입력 말고 모든 층."""
    for layer in model.layers:
        if not isinstance(layer, layers.InputLayer):
            yield from flat(layer) if isinstance(layer, keras.Model) else [layer]


def test_copy_has_the_same_layers_but_for_the_dropout(network):
    expected = [(layer.name, type(layer).__name__.replace("Dropout", "MCDropout")) for layer in flat(network)]
    assert [(layer.name, type(layer).__name__) for layer in flat(to_mc(network))] == expected


def test_copy_keeps_the_rates(network):
    rates = [[layer.rate for layer in flat(model) if hasattr(layer, "rate")] for model in (network, to_mc(network))]
    assert rates[0] == rates[1]


def test_copy_has_the_same_weights(network):
    assert_equal_arrays(network.get_weights(), to_mc(network).get_weights())


def test_copy_is_random_at_inference(network, infer):
    copy = to_mc(network)
    assert not np.array_equal(infer(copy, ROW), infer(copy, ROW))


def test_mean_of_the_copy_is_the_prediction_of_the_original(network):
    assert largest_z(np.asarray(to_mc(network)(MANY)), network(ROW)) < 5


def test_original_is_untouched(network, infer):
    kept, weights, before = list(flat(network)), network.get_weights(), infer(network, ROW)
    to_mc(network)(MANY)
    assert all(layer is same for layer, same in zip(flat(network), kept, strict=True))
    assert_equal_arrays(network.get_weights(), weights)
    np.testing.assert_array_equal(infer(network, ROW), before)


def test_copy_and_original_share_no_weights(network):
    copy = to_mc(network)
    weights = network.get_weights()
    copy.set_weights([array + 1 for array in weights])
    assert_equal_arrays(network.get_weights(), weights)


def test_copy_of_a_copy_is_the_same(network):
    once = to_mc(network)
    assert kinds(to_mc(once)) == kinds(once)
    assert_equal_arrays(to_mc(once).get_weights(), once.get_weights())


def test_copy_is_of_the_same_kind(network):
    assert type(to_mc(network)) is type(network)


def test_alpha_dropout_is_kept_awake(infer):
    copy = to_mc(sequential(layers.AlphaDropout))
    assert kinds(copy) == ["Dense", "MCAlphaDropout", "Dense"]
    assert not np.array_equal(infer(copy, ROW), infer(copy, ROW))


@pytest.fixture
def normalized(build, data):
    """배치 정규화의 이동 통계가 처음 값에서 움직인 모델."""
    model = build(seed=0, dropout_rate=0.3, batch_normalization=True)
    model(3 * data.train.x - 1, training=True)
    return model


def statistics(model):
    [layer] = [layer for layer in model.layers if isinstance(layer, layers.BatchNormalization)]
    return [layer.moving_mean.numpy(), layer.moving_variance.numpy()]


def test_moving_statistics_of_both_stay(normalized, infer, data):
    copy, before = to_mc(normalized), statistics(normalized)
    infer(copy, data.test.x)
    for model in (normalized, copy):
        assert_equal_arrays(statistics(model), before)


def test_normalization_of_the_copy_uses_the_moving_statistics(normalized, data):
    """배치의 통계를 쓴다면, 같은 마스크라도 함께 들어온 것에 따라 예측이 달라진다."""
    row, others = data.test.x[:1], data.test.x[1:9]
    predictions = []
    for x in (np.repeat(row, 9, axis=0), np.concatenate([row, others])):
        copy = to_mc(normalized)
        for layer in copy.layers:
            if isinstance(layer, MCDropout):
                layer.seed_generator.state.assign([7, 0])
        predictions.append(np.asarray(copy(x))[0])
    np.testing.assert_allclose(*predictions, rtol=1e-5)


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.dropout, self.dense = layers.Dropout(0.5), layers.Dense(2)

    def call(self, x):
        return self.dense(self.dropout(x))


def called(model):
    model(ROW)
    return model


@pytest.mark.parametrize("function", [to_mc, lambda model: mc_predict(model, ROW)], ids=["to_mc", "mc_predict"])
@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: keras.Sequential([keras.Input((6,)), layers.Dense(2)]), "드롭아웃 층이 없는"),
        (lambda: keras.Sequential([keras.Input((6,)), layers.Dropout(0)]), "드롭아웃 층이 없는"),
        (lambda: keras.Sequential([layers.Dense(2), layers.Dropout(0.5)]), "입력의 모양을 모르는"),
        (Subclassed, "입력의 모양을 모르는"),
    ],
    ids=["no dropout", "rate 0", "unbuilt", "unbuilt class"],
)
def test_model_that_cannot_be_kept_awake_is_refused(function, make, message):
    with pytest.raises(ValueError, match=message):
        function(make())


def test_class_model_is_predicted_and_its_copy_is_refused():
    model = called(Subclassed())
    assert mc_predict(model, MANY[:5], samples=9)[1].min() > 0
    with pytest.raises(ValueError, match="Subclassed: 순차형이나 함수형.*mc_predict는"):
        to_mc(model)


@pytest.fixture(scope="module")
def model():
    return deep(seed=0, dropout_rate=0.3)


@pytest.fixture(scope="module", params=[layers.Dropout, layers.AlphaDropout], ids=lambda kind: kind.__name__)
def by_both_ways(request, data):
    """``mc_predict``의 (평균, 표준 편차)와, 드롭아웃을 켠 모델을 하나씩 불러 쌓은 예측."""
    model, x = deep(seed=0, dropout_rate=0.3, dropout=request.param), data.test.x[:4]
    stacked = np.stack([np.asarray(model(x, training=True)) for _ in range(250)])
    return mc_predict(model, x, samples=10_000, seed=0), stacked


def test_mean_equals_that_of_stacked_predictions(by_both_ways):
    (mean, std), stacked = by_both_ways
    assert largest_z(stacked, mean) < 5


def test_standard_deviation_equals_that_of_stacked_predictions(by_both_ways):
    """표준 편차의 오차도 표본에서 잰다: 편차의 제곱을 평균한 값의 표준 오차."""
    (mean, std), stacked = by_both_ways
    assert largest_z((stacked - mean) ** 2, std**2) < 5


WEIGHTS = np.array([3.0, -1.0, 2.0, 0.5], "float32")


def linear(rate=0.25, bias=0.0):
    """입력의 일부를 끄고 더하기만 하는 모델. 평균과 분산을 식으로 안다."""
    network = keras.Sequential([keras.Input((4,)), layers.Dropout(rate), layers.Dense(1)])
    network.set_weights([WEIGHTS[:, None], np.array([bias])])
    return network


def test_mean_and_standard_deviation_of_a_linear_model():
    # 평균 Σ w x + b, 분산 Σ w² x² p / (1 - p)
    x = np.array([[1.0, 2.0, 0.5, -1.0]], "float32")
    variance = float((WEIGHTS**2 * x[0] ** 2).sum()) * 0.25 / 0.75
    mean, std = mc_predict(linear(bias=2.0), x, samples=10_000, seed=0)
    assert mean.item() == pytest.approx((WEIGHTS * x).sum() + 2, abs=5 * np.sqrt(variance / 10_000))
    assert std.item() == pytest.approx(np.sqrt(variance), rel=0.05)


def test_small_variance_beside_a_large_mean_is_not_lost():
    """제곱의 평균에서 평균의 제곱을 빼면 float32에서는 분산이 사라진다."""
    x = np.array([[0.01, 0.02, 0.005, -0.01]], "float32")
    std = mc_predict(linear(bias=1000.0), x, samples=2000, seed=0)[1]
    assert std.item() == pytest.approx(np.sqrt((WEIGHTS**2 * x[0] ** 2).sum() / 3), rel=0.1)


def networks(model, x, samples):
    """``mc_predict``가 뽑은 예측 하나하나. 표본을 하나 더하기 전과 뒤의 평균에서 푼다."""
    sums = [n * mc_predict(model, x, n, seed=0)[0] for n in range(1, samples + 1)]
    return np.diff(sums, axis=0, prepend=0)


@pytest.fixture(scope="module")
def drawn(model, data):
    return networks(model, data.test.x, 4)


def test_mean_and_standard_deviation_are_those_of_the_drawn_networks(drawn, model, data):
    mean, std = mc_predict(model, data.test.x, 4, seed=0)
    np.testing.assert_allclose(mean, drawn.mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(std, drawn.std(axis=0), atol=1e-5)
    np.testing.assert_allclose(drawn.sum(axis=2), 1, atol=1e-5)


def test_every_sample_is_another_network(drawn):
    assert all(np.abs(drawn[i] - drawn[j]).max() > 0.01 for i in range(4) for j in range(i))


def test_every_input_is_predicted_by_the_same_networks(model, data):
    mean, std = mc_predict(model, np.repeat(data.test.x[:1], 7, axis=0), samples=5, batch_size=3)
    np.testing.assert_allclose(mean, mean[:1].repeat(7, axis=0), rtol=1e-5)
    np.testing.assert_allclose(std, std[:1].repeat(7, axis=0), rtol=1e-4)


def keep(*dropouts):
    """1을 받아 드롭아웃만 차례로 거치는 모델. 살아남은 자리만 0이 아니다."""
    inputs = outputs = keras.Input((20_000,))
    for dropout in dropouts:
        outputs = dropout(outputs)
    return keras.Model(inputs, outputs)


ONES = np.ones((1, 20_000), "float32")
shared = layers.Dropout(0.5)


@pytest.mark.parametrize(
    "dropouts", [[layers.Dropout(0.5), layers.Dropout(0.5)], [shared, shared]], ids=["two layers", "one layer twice"]
)
def test_masks_within_a_sample_are_independent(dropouts):
    """마스크가 같다면 절반이, 서로 상관없다면 1/4이 살아남는다."""
    mean = mc_predict(keep(*dropouts), ONES, samples=1, seed=0)[0]
    assert np.mean(mean > 0) == pytest.approx(0.25, abs=5 * np.sqrt(0.25 * 0.75 / 20_000))


def test_masks_of_a_layer_used_twice_do_not_return_in_the_next_sample():
    both = np.all(networks(keep(shared, shared), ONES, 2) > 0.01, axis=0)
    assert np.mean(both) == pytest.approx(1 / 16, abs=5 * np.sqrt(15 / 16**2 / 20_000))


@pytest.mark.parametrize("noise_shape", [(None, 1, 4), (2, 5, 1)])
def test_shape_of_the_noise_is_kept(noise_shape):
    """크기가 1인 축은 함께 꺼진다."""
    network = keras.Sequential([keras.Input((5, 4)), layers.Dropout(0.5, noise_shape=noise_shape)])
    mean = mc_predict(network, np.ones((2, 5, 4)), samples=1, seed=0)[0]
    axis = noise_shape.index(1)
    np.testing.assert_array_equal(mean, np.repeat(np.take(mean, [0], axis), mean.shape[axis], axis))
    assert set(np.unique(mean)) == {0, 2}


@pytest.mark.parametrize("batch_size", [1, 7, 29])
def test_batch_size_does_not_change_the_result(batch_size, model, data):
    at_once = mc_predict(model, data.test.x, samples=10, batch_size=30, seed=3)
    for left, right in zip(mc_predict(model, data.test.x, samples=10, batch_size=batch_size, seed=3), at_once):
        np.testing.assert_allclose(left, right, rtol=1e-4, atol=1e-6)


def test_same_seed_repeats(model, data):
    assert_equal_arrays(*(mc_predict(model, data.test.x, samples=5, seed=3) for _ in range(2)))


@pytest.mark.parametrize("seeds", [(3, 4), (None, None)])
def test_other_seed_draws_other_networks(seeds, model, data):
    means = [mc_predict(model, data.test.x, samples=5, seed=seed)[0] for seed in seeds]
    assert np.abs(means[0] - means[1]).max() > 1e-3


def test_one_sample_has_no_spread(model, data):
    mean, std = mc_predict(model, data.test.x, samples=1, seed=0)
    assert not std.any() and np.ptp(mean) > 0


def test_hundred_samples_unless_told(model, data):
    defaults, explicit = mc_predict(model, data.test.x, seed=0), mc_predict(model, data.test.x, samples=100, seed=0)
    assert_equal_arrays(defaults, explicit)


@pytest.mark.parametrize("x_dtype", ["float32", "float64", "uint8"])
def test_shape_and_type_of_the_result(x_dtype, model, data):
    for array in mc_predict(model, data.test.x.astype(x_dtype), samples=2):
        assert (type(array), array.shape, array.dtype) == (np.ndarray, (30, 3), "float32")


def test_awake_copy_gives_the_same_result(model, data):
    assert_equal_arrays(*(mc_predict(network, data.test.x, 5, seed=0) for network in (model, to_mc(model))))


def test_model_inside_a_model_is_sampled():
    mean, std = mc_predict(nested(), ROW, samples=50, seed=0)
    assert std.min() > 0


@pytest.mark.parametrize("kind", [layers.Dropout, MCDropout])
def test_predicting_leaves_the_model_untouched(kind, build, data):
    model = build(seed=0, dropout_rate=0.3, dropout=kind, batch_normalization=True)
    kept, before = list(model.layers), [variable.numpy() for variable in model.variables]
    mc_predict(model, data.test.x, samples=3)
    assert all(layer is same for layer, same in zip(model.layers, kept, strict=True))
    assert_equal_arrays([variable.numpy() for variable in model.variables], before)  # 난수의 상태까지


def test_normalization_uses_the_moving_statistics(normalized, data):
    """배치의 통계를 쓴다면 함께 들어온 입력에 따라 예측이 달라진다."""
    together = mc_predict(normalized, data.test.x, samples=3, seed=0)[0]
    alone = mc_predict(normalized, data.test.x[:1], samples=3, seed=0)[0]
    np.testing.assert_allclose(together[:1], alone, rtol=1e-4)


@pytest.mark.parametrize("name", ["samples", "batch_size"])
@pytest.mark.parametrize("value", [0, -1, 2.5])
def test_samples_and_batch_size_must_be_positive_integers(name, value, model, data, rejects):
    with rejects(name, value):
        mc_predict(model, data.test.x, **{name: value})


class Spy(layers.Layer):
    """지나가는 텐서의 모양을 적는다. 컴파일된 반복문 안에서는 컴파일할 때만 불린다."""

    shapes = []

    def call(self, x):
        self.shapes.append(tuple(size if isinstance(size, int) else None for size in x.shape))  # 모르는 크기는 None
        return x


def test_memory_does_not_grow_with_samples():
    """표본의 축은 어느 텐서에도 없고, 표본이 늘어도 그래프는 그대로이다."""
    network = keras.Sequential([keras.Input((6,)), layers.Dropout(0.5), Spy(), layers.Dense(2)])
    seen = []
    for samples in (2, 300):
        Spy.shapes.clear()
        mc_predict(network, np.repeat(ROW, 8, axis=0), samples, batch_size=8)
        seen.append(list(Spy.shapes))
    assert seen[0] == seen[1] and set(seen[0]) <= {(None, 6), (8, 6), (ROWS, 6), (ROWS // 2, 6)}


def test_many_predictions_are_quiet(monkeypatch, caplog, capfd):
    """부를 때마다 컴파일하지만, 읽는 이에게 경고는 보이지 않는다."""
    tracing = pytest.importorskip("tensorflow.python.eager.polymorphic_function.polymorphic_function")
    monkeypatch.setattr(tracing, "_frequent_tracing_detector_manager", tracing._FrequentTracingDetectorManager())
    for _ in range(6):
        mc_predict(sequential(), MANY[:5], samples=2, batch_size=2)
    assert caplog.messages == [] and capfd.readouterr() == ("", "")


def test_bar_of_a_long_prediction_counts_its_batches(bars, model, data, capsys):
    bars()
    mc_predict(model, data.test.x, samples=2, batch_size=14)
    assert re.findall(r"몬테 카를로 예측:.*?(\d/\d)", capsys.readouterr().err) == ["0/3", "1/3", "2/3", "3/3"]


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_spatial_dropout_is_kept_awake_and_drops_whole_channels(axes):
    spatial = getattr(layers, f"SpatialDropout{axes}D")
    copy = to_mc(keras.Sequential([keras.Input((3,) * axes + (50,)), spatial(0.5)]))
    output = np.asarray(copy(np.ones((2, *(3,) * axes, 50), "float32")))
    assert kinds(copy) == [f"MCSpatialDropout{axes}D"] and set(np.unique(output)) == {0, 2}
    channels = output.reshape(2, -1, 50)
    np.testing.assert_array_equal(channels, np.repeat(channels[:, :1], 3**axes, axis=1))
