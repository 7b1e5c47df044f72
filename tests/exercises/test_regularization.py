"""과제 «규제»의 기준이 케라스와 같은지, 사실을 적는 도우미가 쓰는 법에 흔들리지 않는지."""

import keras
import numpy as np
import pytest

from homl11.checks.regularization import (
    ACTIVATIONS,
    INITIALIZERS,
    activation_name,
    describe,
    early_stopping_by_keras,
    images,
    initializer_name,
    mc_facts,
    model_with_dropout,
    to_mc,
    votes,
)


class SayLosses(keras.callbacks.Callback):
    """진짜 검증 손실 대신 정해 둔 값을 들려주고, 가중치에 에포크 번호를 적는다."""

    def __init__(self, losses):
        super().__init__()
        self.losses = losses

    def on_epoch_end(self, epoch, logs=None):
        logs["val_loss"] = self.losses[epoch]
        self.model.set_weights([np.array([[epoch + 1.0]])])


def fit(losses, patience, min_delta):
    """진짜 ``fit``이 되돌린 에포크와 멈춘 에포크."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    model.compile(loss="mse", optimizer=keras.optimizers.SGD(0.0), run_eagerly=True)
    stopper = keras.callbacks.EarlyStopping(patience=patience, min_delta=min_delta, restore_best_weights=True)
    one = np.ones((1, 1), "float32")
    history = model.fit(
        one, one, validation_data=(one, one), epochs=len(losses), callbacks=[SayLosses(losses), stopper], verbose=0
    ).history
    return int(model.get_weights()[0].item()), len(history["loss"])


@pytest.mark.parametrize("seed", range(4))
def test_early_stopping_agrees_with_a_real_fit(seed):
    random = np.random.default_rng(seed)
    losses = (random.integers(3, 12, 10) / 10).tolist()  # 같은 값이 자주 나온다
    patience, min_delta = int(random.integers(1, 4)), [0.0, 0.15][seed % 2]
    assert early_stopping_by_keras(losses, patience, min_delta) == fit(losses, patience, min_delta)


def test_early_stopping_of_the_solution_agrees_with_a_real_fit():
    from nbformat import read

    from grading import EXERCISES
    from grading.oracle import Oracle

    solution = Oracle(read(str(EXERCISES / "regularization.ipynb"), as_version=4)).fresh()["early_stopping"]
    for losses, patience, min_delta in (
        ([0.9, 0.7, 0.75, 0.6, 0.6, 0.65, 0.5], 2, 0.0),
        ([1.0, 0.8, 0.795, 0.78, 0.7], 2, 0.05),
        ([0.5, 0.6, 0.4], 3, 0.0),
    ):
        assert solution(losses, patience, min_delta) == fit(losses, patience, min_delta)


def test_description_does_not_depend_on_how_a_layer_is_written():
    def model(*hidden):
        return keras.Sequential(
            [keras.Input((28, 28)), keras.layers.Flatten(), *hidden, keras.layers.Dense(10, activation="softmax")]
        )

    he, batch_normalization = keras.initializers.HeNormal(), keras.layers.BatchNormalization
    short = model(keras.layers.Dense(5, "elu", kernel_initializer="he_normal"))
    long = model(keras.layers.Dense(5, kernel_initializer=he), keras.layers.Activation(keras.activations.elu))
    layer = model(keras.layers.Dense(5, kernel_initializer=he, use_bias=False), keras.layers.ELU())
    assert describe(short) == describe(long) == describe(layer)
    assert describe(short) == {"은닉층": ["밀집층 5 he_normal", "elu"], "출력층": ["밀집층 10", "softmax"]}
    late = model(keras.layers.Dense(5, "elu", kernel_initializer=he), batch_normalization())
    early = model(keras.layers.Dense(5, kernel_initializer=he), batch_normalization(), keras.layers.ELU())
    assert describe(late) != describe(early)


@pytest.mark.parametrize("rate", [0.1, 0.25])
def test_description_names_the_rate_of_a_dropout(rate):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dropout(rate), keras.layers.Dense(2)])
    assert describe(model) == {"은닉층": [f"Dropout {rate}"], "출력층": ["밀집층 2"]}


def test_model_of_the_gap_drops_in_training_only_and_follows_its_seed():
    x, _ = images(20, 0)
    first, again, other = (model_with_dropout(seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first(x), again(x))
    assert not np.allclose(first(x), other(x)) and not np.allclose(first(x), first(x, training=True))


def test_images_follow_their_seed():
    (x, y), (same_x, same_y), (other_x, _) = (images(30, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(x, same_x)
    np.testing.assert_array_equal(y, same_y)
    assert not np.allclose(x, other_x) and set(y) == {0, 1, 2} and (x.dtype, y.dtype) == ("float32", "int32")


def test_mc_facts_of_the_packages_own_conversion():
    facts = mc_facts(to_mc, seed=5, rates=(0.25, 0.6))
    assert facts.pop("켜진 비율") == ["0.25", "0.6"] and all(facts.values())


@pytest.mark.parametrize("name", INITIALIZERS)
def test_initializer_is_known_by_what_it_draws(name):
    """이름으로 만들었든, 분산으로 적었든, 함수로 썼든 같은 것을 뽑으면 같은 초기화이다."""
    given = keras.initializers.get(name)
    scaled = keras.initializers.VarianceScaling(given.scale, given.mode, given.distribution)
    assert {initializer_name(each) for each in (given, scaled, lambda *a, **k: given(*a, **k))} == {name}


@pytest.mark.parametrize(
    "other",
    [
        keras.initializers.VarianceScaling(2, "fan_out", "truncated_normal"),
        keras.initializers.VarianceScaling(2, "fan_in", "untruncated_normal"),
        keras.initializers.VarianceScaling(2.5, "fan_in", "truncated_normal"),
        keras.initializers.RandomNormal(stddev=0.07),
        "zeros",
    ],
)
def test_another_initializer_is_not_mistaken_for_a_known_one(other):
    assert initializer_name(keras.initializers.get(other)).startswith("모르는 초기화")


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_is_known_by_what_it_does(name):
    function = keras.activations.get(name)
    forms = function, lambda x: function(x), keras.layers.Activation(name)
    assert {activation_name(form) for form in forms} == {name}
    assert activation_name(lambda x: 1.1 * function(x)).startswith("모르는 함수")


def test_votes_and_means_disagree_for_every_image():
    from random import Random

    for seed in range(20):
        samples = votes(Random(seed), n=5)
        winners = [np.bincount(column).argmax() for column in samples.argmax(axis=2).T]
        assert samples.shape == (5, 5, 3) and np.allclose(samples.sum(axis=2), 1) and samples.min() > 0
        assert np.all(samples.mean(axis=0).argmax(axis=1) != winners)
