"""바로잡기의 함정들. 여기의 시험이 빨개지면 그 함정은 더는 재현되지 않는다: 상자와 표의 줄을 거둔다."""

import re
import warnings
from pathlib import Path

import keras
import numpy as np
import pytest

from homl11.models import build_mlp
from homl11.schedules import piecewise_constant, total_steps

SCHEDULES = keras.optimizers.schedules
PAGE = (Path(__file__).resolve().parents[1] / "book" / "traps.md").read_text(encoding="utf-8")
TRAPS = {}


def trap(marker):
    """``marker``가 든 표의 줄을 재현하는 함수로 등록한다. 재현되면 참을 돌려준다."""

    def register(function):
        TRAPS[marker] = function
        return function

    return register


def fitted(optimizer, callbacks=(), epochs=1, **kwargs):
    """작은 데이터로 ``fit``까지 한 모델."""
    random = np.random.default_rng(0)
    x, y = random.random((64, 28, 28), dtype="float32"), random.integers(0, 10, 64)
    model = build_mlp((8,), seed=0)
    model.compile(loss="sparse_categorical_crossentropy", optimizer=optimizer, **kwargs)
    model.fit(
        x, y, batch_size=8, epochs=epochs, callbacks=list(callbacks), validation_data=(x, y), shuffle=False, verbose=0
    )
    return model


def caught_warnings(make):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        made = make()
    return made, " ".join(str(warning.message) for warning in caught)


@trap("가중치만 되돌린다")
def restoring_weights_leaves_the_optimizer():
    model = fitted(keras.optimizers.SGD(0.01, momentum=0.9))
    model.set_weights(model.get_weights())
    return int(model.optimizer.iterations) == 8 and any(np.any(m) for m in model.optimizer.momentums)


@trap("Flatten(input_shape")
def flatten_with_input_shape_warns():
    return "input_shape" in caught_warnings(lambda: keras.Sequential([keras.layers.Flatten(input_shape=[28, 28])]))[1]


@trap("decay=1e-4")
def decay_argument_is_ignored():
    optimizer, message = caught_warnings(lambda: keras.optimizers.SGD(0.01, decay=1e-4))
    fitted(optimizer)
    return "decay" in message and np.isclose(float(optimizer.learning_rate), 0.01)


@trap("ExponetialDecay")
def published_example_does_not_run():
    with pytest.raises(SyntaxError):
        compile("fit(epochs=100\n  validation_data=0)", "예제", "exec")
    return not hasattr(SCHEDULES, "ExponetialDecay")


@trap("tf.keras에서만")
def schedules_are_standard_keras():
    return SCHEDULES.LearningRateSchedule.__module__.startswith("keras")


@trap("// 32")
def floor_gives_too_few_steps():
    return 20 * 3000 // 32 < total_steps(3000, 32, 20)


@trap("`LearningRateScheduler`를 함께")
def scheduler_callback_rejects_schedule_objects():
    with pytest.raises(TypeError):
        fitted(
            keras.optimizers.SGD(SCHEDULES.ExponentialDecay(0.1, 10, 0.1)),
            [keras.callbacks.LearningRateScheduler(lambda epoch: 0.1)],
        )
    return True


@trap("경계를 베껴 온다")
def copied_boundaries_never_fire():
    rates = piecewise_constant(np.arange(total_steps(55_000, 32, 10)), [31_250, 50_000], [0.01, 0.005, 0.001])
    return np.unique(rates).tolist() == [0.01]


@trap("경계와 같은 스텝")
def boundary_step_keeps_the_old_value():
    return np.isclose(float(SCHEDULES.PiecewiseConstantDecay([10], [0.1, 0.01])(10)), 0.1)


@trap("`ReduceLROnPlateau`를 함께")
def plateau_fails_only_when_it_first_acts():
    def run(patience):
        callback = keras.callbacks.ReduceLROnPlateau(patience=patience, min_delta=100)
        fitted(keras.optimizers.SGD(SCHEDULES.ExponentialDecay(0.1, 10, 0.1)), [callback], epochs=3)

    run(patience=10)
    with pytest.raises(TypeError):
        run(patience=1)
    return True


@trap("optimizer.momentum = m")
def momentum_attribute_has_no_effect_inside_fit():
    class Change(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            self.model.optimizer.momentum = 0.9 if batch == 0 else 0.1

    # 그래프는 첫 배치에서 만들어진다. 그때의 값이 상수로 굳고, 그 뒤로는 무엇을 넣어도 같다.
    runs = [
        fitted(keras.optimizers.SGD(0.1, momentum=0.9), [Change()]),
        fitted(keras.optimizers.SGD(0.1, momentum=0.9)),
    ]
    moving, constant = (model.get_weights() for model in runs)
    return all(np.array_equal(a, b) for a, b in zip(moving, constant))


@trap("steps_per_execution")
def batch_callbacks_run_once_per_execution():
    calls = []
    count = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: calls.append(batch))
    model = fitted(keras.optimizers.SGD(0.1), [count], steps_per_execution=4)
    return len(calls) == 2 and int(model.optimizer.iterations) == 8


@trap("1등을 정한다")
def one_run_each_decides_nothing():
    """씨앗마다 순위가 바뀔 만큼 흔들린다: 같은 방법의 점수가 씨앗마다 다르다."""
    random = np.random.default_rng(0)
    x, y = random.random((64, 28, 28), dtype="float32"), random.integers(0, 10, 64)
    losses = set()
    for seed in range(3):
        model = build_mlp((8,), seed=seed)
        model.compile(loss="sparse_categorical_crossentropy", optimizer="sgd")
        losses.add(model.evaluate(x, y, verbose=0))
    return len(losses) == 3


@pytest.mark.parametrize("marker", TRAPS)
def test_trap_still_reproduces(marker):
    assert TRAPS[marker](), f"«{marker}»는 더는 재현되지 않는다. 노트북의 상자와 book/traps.md의 줄을 거두세요."


def test_every_row_of_the_page_is_reproduced_here():
    rows = [line for line in PAGE.splitlines() if re.match(r"\| (?!-|흔한)", line)]
    assert len(rows) == len(TRAPS)
    for row in rows:
        assert sum(marker in row for marker in TRAPS) == 1, row
