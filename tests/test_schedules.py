"""학습률 함수와 케라스 어댑터."""

import copy
from functools import partial

import keras
import numpy as np
import pytest
from keras.optimizers import schedules as keras_schedules

from homl11.schedules import (
    OneCycle,
    OneCycleMomentum,
    PowerDecay,
    exponential,
    one_cycle,
    one_cycle_momentum,
    piecewise_constant,
    power,
    total_steps,
)

RUN = 100
STEPS = range(RUN + 50)  # 훈련이 끝난 뒤까지

# 모든 인수가 기본값이 아니다.
ARGUMENTS = {
    power: {"initial_learning_rate": 0.1, "decay_steps": 20, "power": 2.0},
    exponential: {"initial_learning_rate": 0.1, "decay_steps": 20, "decay_rate": 0.5},
    piecewise_constant: {"boundaries": [30, 60.5], "values": [0.1, 0.05, 0.001]},
    one_cycle: {
        "max_learning_rate": 0.4,
        "total_steps": RUN,
        "initial_learning_rate": 0.1,
        "final_learning_rate": 0.002,
        "final_fraction": 0.2,
    },
    one_cycle_momentum: {"total_steps": RUN, "max_momentum": 0.9, "min_momentum": 0.7, "final_fraction": 0.2},
}
ADAPTERS = {power: PowerDecay, one_cycle: OneCycle, one_cycle_momentum: OneCycleMomentum}
REQUIRED = {
    power: {"initial_learning_rate": 0.1, "decay_steps": 20},
    one_cycle: {"max_learning_rate": 0.4, "total_steps": RUN},
    one_cycle_momentum: {"total_steps": RUN},
}

every_function = pytest.mark.parametrize("function", ARGUMENTS, ids=lambda f: f.__name__)
every_adapter = pytest.mark.parametrize("function", ADAPTERS, ids=lambda f: f.__name__)


def by_keras(schedule, steps=STEPS):
    """옵티마이저가 부르듯 스텝마다 정수로 부른 값들."""
    return np.array([float(schedule(keras.ops.convert_to_tensor(step, "int64"))) for step in steps])


@pytest.mark.parametrize(
    "function, keras_schedule, arguments",
    [
        (power, keras_schedules.InverseTimeDecay(0.1, decay_steps=20, decay_rate=1.0), (0.1, 20)),
        (exponential, keras_schedules.ExponentialDecay(0.1, 20, decay_rate=0.1), (0.1, 20)),
        (exponential, keras_schedules.ExponentialDecay(0.1, 7, decay_rate=0.8), (0.1, 7, 0.8)),
        (
            piecewise_constant,
            keras_schedules.PiecewiseConstantDecay([30, 60], [0.1, 0.05, 0.001]),
            ([30, 60], [0.1, 0.05, 0.001]),
        ),
        (piecewise_constant, keras_schedules.PiecewiseConstantDecay([30], [0.01, 0.1]), ([30], [0.01, 0.1])),
    ],
)
def test_equals_keras_schedule_during_and_beyond_the_run(function, keras_schedule, arguments):
    np.testing.assert_allclose(function(np.array(STEPS), *arguments), by_keras(keras_schedule), rtol=1e-5)


@every_adapter
@pytest.mark.parametrize("arguments", [ARGUMENTS, REQUIRED], ids=["general", "defaults"])
def test_adapter_equals_pure_function_during_and_beyond_the_run(function, arguments):
    adapter = ADAPTERS[function](**arguments[function])
    np.testing.assert_allclose(by_keras(adapter), function(np.array(STEPS), **arguments[function]), rtol=1e-5)


def test_power_halves_thirds_and_quarters_after_each_decay_steps():
    np.testing.assert_allclose(power(np.array([0, 20, 40, 60]), 0.1, 20), 0.1 / np.array([1, 2, 3, 4]))


def test_power_is_raised_to_its_exponent():
    assert power(20, 0.8, 20, power=3) == 0.8 / 2**3


@pytest.mark.parametrize("exponent", [0, 0.5])
def test_power_accepts_exponents_down_to_zero(exponent):
    assert power(60, 0.8, 20, power=exponent) == 0.8 / 4**exponent


def test_exponential_divides_by_ten_every_decay_steps_by_default():
    np.testing.assert_allclose(exponential(np.array([0, 20, 40]), 0.1, 20), [0.1, 0.01, 0.001])


def test_piecewise_constant_keeps_the_old_value_on_the_boundary():
    assert piecewise_constant(np.array([29, 30, 31, 60, 61]), [30, 60], [3, 2, 1]).tolist() == [3, 3, 2, 2, 1]


def test_piecewise_constant_without_boundaries_is_constant():
    assert piecewise_constant(np.array([0, 1000]), [], [0.1]).tolist() == [0.1, 0.1]


@pytest.mark.parametrize(
    "arguments, corners, rates",
    [
        ((0.1, 100), [0, 45, 90, 100], [0.01, 0.1, 0.01, 0.00001]),
        ((0.1, 97), [0, 43.65, 87.3, 97], [0.01, 0.1, 0.01, 0.00001]),
        ((0.4, 100, 0.1, 0.002, 0.2), [0, 40, 80, 100], [0.1, 0.4, 0.1, 0.002]),
        ((0.4, 100, 0.1), [0, 45, 90, 100], [0.1, 0.4, 0.1, 0.0001]),
        ((0.3, 60, 0.3, 0.3, 0.5), [0, 15, 30, 60], [0.3, 0.3, 0.3, 0.3]),
    ],
    ids=["defaults", "odd", "general", "default final", "flat"],
)
def test_one_cycle_is_three_straight_lines(arguments, corners, rates):
    np.testing.assert_allclose(one_cycle(np.array(STEPS), *arguments), np.interp(STEPS, corners, rates), rtol=1e-12)


@pytest.mark.parametrize(
    "arguments, corners, momenta",
    [
        ((100,), [0, 45, 90], [0.95, 0.85, 0.95]),
        ((100, 0.9, 0.7, 0.2), [0, 40, 80], [0.9, 0.7, 0.9]),
        ((100, 0.9, 0.0, 0.0), [0, 50, 100], [0.9, 0.0, 0.9]),
        ((100, 0.0, 0.0), [0, 100], [0.0, 0.0]),
    ],
    ids=["defaults", "general", "zero minimum", "none"],
)
def test_one_cycle_momentum_falls_rises_and_stays(arguments, corners, momenta):
    np.testing.assert_allclose(
        one_cycle_momentum(np.array(STEPS), *arguments), np.interp(STEPS, corners, momenta), rtol=1e-12
    )


@pytest.mark.parametrize(
    "arguments, corners, rates",
    [
        ((0.1, 100), [0, 45, 90, 100, 101, 10**6], [0.01, 0.1, 0.01, 1e-5, 1e-5, 1e-5]),
        ((0.4, 100, 0.1, 0.002, 0.2), [0, 40, 80, 100, 101, 10**6], [0.1, 0.4, 0.1, 0.002, 0.002, 0.002]),
        ((0.4, 100, 0.1, 0.002, 0.0), [0, 50, 100, 101], [0.1, 0.4, 0.002, 0.002]),
    ],
    ids=["defaults", "general", "no last phase"],
)
def test_one_cycle_is_exact_at_its_corners_and_beyond(arguments, corners, rates):
    assert one_cycle(np.array(corners), *arguments).tolist() == rates


def test_cycle_without_a_last_phase_divides_by_nothing():
    with np.errstate(all="raise"):
        one_cycle(np.array(STEPS), 0.4, 100, final_fraction=0.0)
        one_cycle_momentum(np.array(STEPS), 100, final_fraction=0.0)


@pytest.mark.parametrize(
    "arguments, corners, momenta",
    [
        ((100,), [0, 45, 90, 95, 100, 10**6], [0.95, 0.85, 0.95, 0.95, 0.95, 0.95]),
        ((100, 0.9, 0.7, 0.2), [0, 40, 80, 95, 100, 10**6], [0.9, 0.7, 0.9, 0.9, 0.9, 0.9]),
    ],
    ids=["defaults", "general"],
)
def test_one_cycle_momentum_is_exact_at_its_corners_and_beyond(arguments, corners, momenta):
    assert one_cycle_momentum(np.array(corners), *arguments).tolist() == momenta


@every_function
@pytest.mark.parametrize("step", [7, 7.5, np.int64(7), np.array(7)], ids=lambda s: type(s).__name__)
def test_scalar_step_gives_a_float(function, step):
    assert type(function(step, **ARGUMENTS[function])) is float


@every_function
def test_array_step_gives_the_scalar_values_in_the_same_shape(function):
    schedule = partial(function, **ARGUMENTS[function])
    steps = np.arange(0, 120, 5).reshape(2, 3, 4)
    assert schedule(steps).tolist() == np.vectorize(schedule)(steps).tolist()


@pytest.mark.parametrize(
    "function, arguments",
    [(power, (1, 20)), (exponential, (1, 20)), (piecewise_constant, ([3], [2, 1])), (one_cycle, (1, 9))],
)
def test_whole_numbers_give_floats(function, arguments):
    assert function(np.arange(5), *arguments).dtype == np.float64


@every_adapter
def test_adapter_counts_steps_exactly_where_keras_computes_in_half_precision(function, monkeypatch):
    """float16은 2,048보다 큰 정수를 다 담지 못한다."""
    monkeypatch.setattr("keras.src.backend.config._FLOATX", "float16")
    long = {"total_steps": 9000} if function is not power else {"decay_steps": 4000}
    steps, arguments = np.array([2049, 4001, 4003, 8999]), ARGUMENTS[function] | long
    np.testing.assert_allclose(
        by_keras(ADAPTERS[function](**arguments), steps), function(steps, **arguments), rtol=1e-5
    )


@every_function
def test_list_step_is_an_array(function):
    values = function([0, 7], **ARGUMENTS[function])
    each = [function(step, **ARGUMENTS[function]) for step in (0, 7)]
    assert isinstance(values, np.ndarray) and values == pytest.approx(each, rel=1e-14)  # 넘파이는 배열을 달리 셈한다


@every_function
def test_call_leaves_its_arguments_as_they_were(function):
    steps, arguments = np.arange(5.0), copy.deepcopy(ARGUMENTS[function])
    function(steps, **arguments)
    assert steps.tolist() == [0, 1, 2, 3, 4] and arguments == ARGUMENTS[function]


@every_adapter
def test_adapter_gives_the_same_values_in_any_order_of_calls(function):
    adapter = ADAPTERS[function](**ARGUMENTS[function])
    np.testing.assert_array_equal(by_keras(adapter, STEPS[::-9])[::-1], by_keras(adapter, sorted(STEPS[::-9])))


@pytest.mark.parametrize(
    "n, batch_size, epochs, steps",
    [(60, 50, 7, 14), (64, 32, 3, 6), (55_000, 32, 25, 42_975), (5, 32, 2, 2), (1, 1, 1, 1)],
)
def test_total_steps_counts_the_partial_batch(n, batch_size, epochs, steps):
    assert total_steps(n, batch_size, epochs) == steps


@every_adapter
def test_adapter_config_mirrors_its_arguments(function):
    assert ADAPTERS[function](**ARGUMENTS[function]).get_config() == ARGUMENTS[function]


def from_config(adapter):
    return type(adapter).from_config(adapter.get_config())


def from_serialized(adapter):
    return keras_schedules.deserialize(keras_schedules.serialize(adapter))


@every_adapter
@pytest.mark.parametrize("copy_of", [from_config, from_serialized])
def test_adapter_round_trip_keeps_its_values(function, copy_of):
    adapter = ADAPTERS[function](**ARGUMENTS[function])
    np.testing.assert_array_equal(by_keras(copy_of(adapter), STEPS[::10]), by_keras(adapter, STEPS[::10]))


@every_adapter
def test_adapter_in_a_saved_model_keeps_its_values(function, build, tmp_path):
    adapter = ADAPTERS[function](**ARGUMENTS[function])
    model = build()
    model.compile(loss="sparse_categorical_crossentropy", optimizer=keras.optimizers.SGD(adapter))
    model.save(tmp_path / "model.keras")
    optimizer = keras.models.load_model(tmp_path / "model.keras").optimizer
    for step in STEPS[::25]:
        optimizer.iterations.assign(step)
        assert float(optimizer.learning_rate) == pytest.approx(function(step, **ARGUMENTS[function]), rel=1e-5)


@pytest.mark.parametrize("adapter, arguments", [(PowerDecay, (0.1, 4, 2.0)), (OneCycle, (0.4, 6, 0.1, 0.002, 0.2))])
def test_adapter_sets_the_learning_rate_of_every_step_of_a_fit(adapter, arguments):
    """기울기가 늘 1이면 가중치는 스텝마다 학습률만큼 줄어든다."""
    learning_rate = adapter(*arguments)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")])
    model.compile(loss=lambda y, prediction: prediction, optimizer=keras.optimizers.SGD(learning_rate))
    model.fit(np.ones((8, 1)), np.ones((8, 1)), batch_size=1, verbose=0)
    assert model.get_weights()[0].item() == pytest.approx(-by_keras(learning_rate, range(8)).sum(), rel=1e-5)


NONSENSE = [
    (power, "initial_learning_rate", 0),
    (power, "initial_learning_rate", -0.1),
    (power, "initial_learning_rate", float("nan")),
    (power, "decay_steps", 0),
    (power, "decay_steps", -5),
    (power, "power", -1.0),
    (exponential, "initial_learning_rate", 0.0),
    (exponential, "decay_steps", 0),
    (exponential, "decay_rate", 0),
    (exponential, "decay_rate", -0.1),
    (piecewise_constant, "boundaries", [60, 30]),
    (piecewise_constant, "boundaries", [30, 30]),
    (piecewise_constant, "values", [0.1, 0.05]),
    (piecewise_constant, "values", [0.1, 0.05, 0.01, 0.001]),
    (piecewise_constant, "values", [0.1, 0.0, 0.001]),
    (piecewise_constant, "values", [0.1, 0.05, -0.001]),
    (one_cycle, "max_learning_rate", 0),
    (one_cycle, "max_learning_rate", -0.4),
    (one_cycle, "total_steps", 0),
    (one_cycle, "total_steps", -100),
    (one_cycle, "initial_learning_rate", 0.0),
    (one_cycle, "initial_learning_rate", 0.5),
    (one_cycle, "final_learning_rate", 0),
    (one_cycle, "final_learning_rate", -0.002),
    (one_cycle, "final_fraction", 1),
    (one_cycle, "final_fraction", -0.1),
    (one_cycle_momentum, "total_steps", 0),
    (one_cycle_momentum, "max_momentum", 1.0),
    (one_cycle_momentum, "max_momentum", -0.5),
    (one_cycle_momentum, "min_momentum", 0.95),
    (one_cycle_momentum, "min_momentum", -0.1),
    (one_cycle_momentum, "final_fraction", 1.0),
]


@pytest.mark.parametrize("function, name, value", NONSENSE)
def test_nonsense_argument_is_named(function, name, value, rejects):
    with rejects(name, value):
        function(0, **ARGUMENTS[function] | {name: value})


def test_wrong_number_of_values_is_told_the_right_one():
    with pytest.raises(ValueError, match="경계가 2개이면 값은 3개여야"):
        piecewise_constant(0, [30, 60], [0.1, 0.05])


@pytest.mark.parametrize("function, name, value", [case for case in NONSENSE if case[0] in ADAPTERS])
def test_nonsense_argument_of_an_adapter_is_named(function, name, value, rejects):
    with rejects(name, value):
        ADAPTERS[function](**ARGUMENTS[function] | {name: value})


@every_function
@pytest.mark.parametrize("step", [-1, [0, -1], float("nan")])
def test_negative_step_is_named(function, step):
    with pytest.raises(ValueError, match=r"step=.*(-1|nan).*[가-힣]"):
        function(step, **ARGUMENTS[function])


@pytest.mark.parametrize("name", ["n", "batch_size", "epochs"])
@pytest.mark.parametrize("value", [0, -3])
def test_total_steps_names_a_nonsense_argument(name, value, rejects):
    with rejects(name, value):
        total_steps(**{"n": 60, "batch_size": 32, "epochs": 5} | {name: value})


def test_part_of_an_epoch_is_not_cut_silently():
    with pytest.raises(ValueError, match="정수여야"):
        total_steps(3_000, 32, 2.5)
    assert total_steps(3_000, 32, 2.0) == 188
