"""학습률 범위 테스트."""

from functools import partial

import keras
import numpy as np
import pytest

from homl11.optimizers import ScheduledMomentumSGD
from homl11.range_test import RangeTest, find_learning_rate
from homl11.schedules import OneCycleMomentum
from homl11.training import LOSS

OPTIMIZERS = {
    "sgd": partial(keras.optimizers.SGD, 0.05, momentum=0.9),
    "nadam": partial(keras.optimizers.Nadam, 0.01),
    "schedule": lambda: keras.optimizers.SGD(keras.optimizers.schedules.ExponentialDecay(0.05, 20, 0.1), momentum=0.9),
    "scheduled momentum": lambda: ScheduledMomentumSGD(0.05, OneCycleMomentum(100)),
}


@pytest.fixture
def model(build):
    model = build(seed=0)
    model.compile(loss=LOSS, optimizer=OPTIMIZERS["sgd"]())
    return model


def linear(loss):
    """가중치 0에서 시작하는, 입력 하나짜리 선형 모델."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")])
    model.compile(loss=loss, optimizer=keras.optimizers.SGD())
    return model


def labels(y, prediction):
    """레이블을 그대로 손실로 삼는다. 배치 손실은 그 배치의 레이블을 평균한 값이다."""
    return y + 0 * prediction


def label_losses(y, **options):
    """레이블이 ``y``인 데이터에서 잰, 평활하지 않은 손실."""
    y = np.array(y, "float32")[:, None]
    result = find_learning_rate(linear(labels), np.ones_like(y), y, smoothing=0.0, **options)
    assert result.smoothed.tolist() == result.losses.tolist() and len(result.learning_rates) == len(result.losses)
    return result.losses.tolist()


def record(smoothed):
    """학습률이 0.001, 0.01, 0.1, …인 기록."""
    return RangeTest(10.0 ** np.arange(-3, len(smoothed) - 3), np.array(smoothed), np.array(smoothed))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_trained_model_and_optimizer_stay_as_they_were(optimizer, build, data):
    model = build(seed=0)
    model.compile(loss=LOSS, optimizer=OPTIMIZERS[optimizer](), metrics=["accuracy"])
    model.fit(*data.train, epochs=2, verbose=0)
    state = [*model.variables, *model.optimizer.variables, *model.metrics_variables]
    before = [variable.numpy() for variable in state]
    find_learning_rate(model, *data.train, steps=20)
    for variable, value in zip(state, before, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value, err_msg=variable.path)


def test_learning_rates_grow_by_the_same_ratio(model, data):
    result = find_learning_rate(model, *data.train, min_learning_rate=1e-4, max_learning_rate=0.1, steps=31)
    np.testing.assert_allclose(result.learning_rates, 1e-4 * 1000 ** (np.arange(31) / 30), rtol=1e-12)


def test_each_loss_is_that_of_one_batch_after_a_step_with_its_learning_rate():
    """예측이 목표보다 늘 크면 절댓값 오차의 기울기는 1이고, 배치 손실은 스텝마다 바로 앞의 학습률만큼 줄어든다."""
    x = np.ones((8, 1))
    result = find_learning_rate(
        linear("mae"), x, -10 * x, min_learning_rate=0.01, max_learning_rate=1, steps=9, batch_size=4
    )
    np.testing.assert_allclose(-np.diff(result.losses), result.learning_rates[:-1], rtol=1e-3)


def test_momentum_of_the_model_is_kept(build, data):
    losses = []
    for momentum in (0.0, 0.9):
        model = build(seed=0)
        model.compile(loss=LOSS, optimizer=keras.optimizers.SGD(0.1, momentum))
        losses.append(find_learning_rate(model, *data.train, steps=20, max_learning_rate=0.1).losses[-1])
    assert losses[0] != losses[1]


@pytest.mark.parametrize("smoothing", [0.0, 0.9])
def test_smoothed_is_the_bias_corrected_moving_average(smoothing, model, data):
    result = find_learning_rate(model, *data.train, steps=20, max_learning_rate=0.1, smoothing=smoothing)
    for t, smoothed in enumerate(result.smoothed):
        weights = smoothing ** np.arange(t, -1, -1.0)
        assert smoothed == pytest.approx(np.average(result.losses[: t + 1], weights=weights))


def test_stops_when_the_loss_explodes(model, data):
    result = find_learning_rate(model, *data.train, max_learning_rate=1e4, steps=200)
    assert len(result.learning_rates) == len(result.losses) == len(result.smoothed) < 200
    fall, rise = result.start - result.smoothed.min(), result.smoothed - result.smoothed.min()
    lowest = int(np.argmin(result.smoothed))
    assert rise[-1] > fall > rise[lowest:-1].max()


class Curve(keras.utils.PyDataset):
    """t번째 배치의 손실이 ``losses[t]``인 데이터. 손실 함수는 ``labels``이다."""

    def __init__(self, losses):
        super().__init__()
        self.y = np.array(losses, "float32")[:, None, None]

    def __len__(self):
        return len(self.y)

    def __getitem__(self, index):
        return np.ones((1, 1), "float32"), self.y[index]


def curve(losses, **options):
    return find_learning_rate(linear(labels), Curve(losses), steps=len(losses), **options)


VALLEY = np.concatenate([np.full(40, 3.0), np.linspace(3, 1, 40), np.linspace(1, 9, 120)])
WOBBLE = 0.05 * (-1.0) ** np.arange(200)


@pytest.mark.parametrize("offset", [0.0, -2.0, -10.0, 1000.0])
@pytest.mark.parametrize("scale", [0.01, 1.0])
def test_neither_sign_nor_size_of_the_loss_changes_the_suggestion(offset, scale):
    """코사인 유사도나 음의 로그 가능도처럼 0보다 작아지는 손실도 있다."""
    results = [curve(losses, smoothing=0.9) for losses in (VALLEY + WOBBLE, scale * (VALLEY + WOBBLE) + offset)]
    assert len(results[0].losses) == len(results[1].losses) < 200
    assert results[0].suggestion == results[1].suggestion


def test_curve_that_climbs_back_less_than_it_fell_goes_on():
    assert len(curve(np.minimum(VALLEY, 2.8) + WOBBLE, smoothing=0.9).losses) == 200


@pytest.mark.parametrize("seed", range(5))
def test_loss_that_only_wobbles_has_no_suggestion(seed):
    noise = np.random.default_rng(seed).normal(1.0, 0.3, 200)
    with pytest.raises(ValueError, match="뚜렷하게 내려간 적이 없어|에서 가장 낮아.*이미 훈련한 모델이면"):
        _ = curve(noise).suggestion


@pytest.mark.parametrize("seed", range(5))
def test_loss_that_falls_beyond_its_wobble_has_a_suggestion(seed):
    noise = np.random.default_rng(seed).normal(0.0, 0.3, 200)
    assert curve(VALLEY + noise).suggestion > 0


def test_every_batch_is_full_and_every_row_is_drawn_once_before_it_is_drawn_again():
    losses = np.array(label_losses([1.0, 2.0, 3.0, 4.0], batch_size=2, steps=10))
    assert set(losses) <= {1.5, 2.0, 2.5, 3.0, 3.5} and (losses[::2] + losses[1::2]).tolist() == [5.0] * 5
    assert len(set(losses)) > 2
    assert set(label_losses([1.0, 2.0, 4.0], batch_size=2, steps=20)) == {1.5, 2.5, 3.0}


def test_losses_before_the_one_that_is_not_a_number_are_kept():
    y = np.array([1.0, 1.25, np.nan, 1.5])
    for seed in range(6):
        order = np.random.default_rng(seed).permutation(4)
        before = y[order[: order.tolist().index(2)]].tolist()
        if before:
            assert label_losses(y, batch_size=1, steps=4, seed=seed) == before


def test_drops_the_loss_that_is_not_a_number():
    x = np.ones((8, 1))
    result = find_learning_rate(linear("mse"), x, x, min_learning_rate=1e30, max_learning_rate=1e31, steps=2)
    assert result.losses.tolist() == result.smoothed.tolist() == [1.0]


def test_loss_that_is_never_a_number_is_an_error():
    x = np.full((8, 1), np.nan)
    with pytest.raises(ValueError, match="첫 배치의 손실부터 수가 아닙니다"):
        find_learning_rate(linear("mse"), x, x)


def test_custom_loss_function_is_accepted():
    def squared(y, prediction):
        return (y - prediction) ** 2

    x = np.ones((8, 1))
    losses = [find_learning_rate(linear(loss), x, x, steps=9).losses for loss in ("mse", squared)]
    np.testing.assert_allclose(*losses, rtol=1e-6)


def test_suggestion_is_a_tenth_of_the_turning_point(model, data):
    result = find_learning_rate(model, *data.train, steps=150)
    lowest = np.argmin(result.smoothed)
    assert result.turning_point == result.learning_rates[lowest]
    assert result.suggestion == result.turning_point / 10


def test_turning_point_is_where_the_smoothed_loss_is_lowest():
    assert record([3.0, 2.0, 1.0, 2.0]).turning_point == pytest.approx(0.1)


@pytest.mark.parametrize(
    "smoothed, advice",
    [([3.0, 2.0, 1.0], "끝에서.*max_learning_rate를 키워"), ([1.0, 2.0, 3.0], "처음에서.*min_learning_rate를 줄여")],
    ids=["end", "start"],
)
def test_minimum_at_an_end_of_the_range_says_what_to_do(smoothed, advice):
    with pytest.raises(ValueError, match=advice):
        _ = record(smoothed).suggestion


def test_too_narrow_range_has_no_suggestion(model, data):
    result = find_learning_rate(model, *data.train, max_learning_rate=0.05, steps=60)
    with pytest.raises(ValueError, match="max_learning_rate를 키워"):
        _ = result.suggestion


@pytest.mark.parametrize("seed, same", [(5, True), (6, False)])
def test_seed_decides_the_batches(seed, same, model, data):
    losses = [find_learning_rate(model, *data.train, steps=20, seed=s).losses for s in (5, seed)]
    assert np.array_equal(*losses) is same


def test_same_seed_repeats_with_dropout(data):
    layers = [keras.Input((4, 4)), keras.layers.Flatten(), keras.layers.Dropout(0.5), keras.layers.Dense(3, "softmax")]
    model = keras.Sequential(layers)
    model.compile(loss=LOSS, optimizer="sgd")
    losses = [find_learning_rate(model, *data.train, steps=10, seed=5).losses for _ in range(2)]
    np.testing.assert_array_equal(*losses)


def test_defaults_are_those_of_the_signature_and_the_documentation(model, data):
    explicit = {"min_learning_rate": 1e-5, "max_learning_rate": 10.0, "steps": 500, "batch_size": 32}
    results = [
        find_learning_rate(model, *data.train, **options)
        for options in ({}, {**explicit, "smoothing": 0.95, "seed": 0})
    ]
    for left, right in zip(*(vars(result).values() for result in results)):
        np.testing.assert_array_equal(left, right)


def test_batch_larger_than_the_data_is_all_of_it(model, data):
    result = find_learning_rate(model, *data.train, steps=5, batch_size=1000)
    assert result.losses[0] == pytest.approx(model.evaluate(*data.train, verbose=0), rel=1e-5)


@pytest.mark.parametrize(
    "name, value",
    [
        ("min_learning_rate", 0),
        ("min_learning_rate", -1e-5),
        ("max_learning_rate", 1e-5),
        ("max_learning_rate", 1e-6),
        ("steps", 1),
        ("batch_size", 0),
        ("smoothing", 1.0),
        ("smoothing", -0.1),
    ],
)
def test_nonsense_argument_is_named(name, value, model, data, rejects):
    with rejects(name, value):
        find_learning_rate(model, *data.train, **{name: value})


def test_uncompiled_model_says_what_to_do(build, data):
    with pytest.raises(ValueError, match="컴파일하지 않은 모델"):
        find_learning_rate(build(), *data.train)


def test_model_that_cannot_be_copied_is_measured_too(data):
    class Subclassed(keras.Model):
        def __init__(self, dense):
            super().__init__()
            self.dense = dense

        def call(self, x):
            return self.dense(keras.ops.reshape(x, (-1, 16)))

    model = Subclassed(keras.layers.Dense(3, "softmax"))
    model.compile(loss=LOSS, optimizer="sgd")
    assert len(find_learning_rate(model, *data.train, steps=5, batch_size=64).losses) == 5
