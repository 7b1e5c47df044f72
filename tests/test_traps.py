"""바로잡기의 함정들. 여기의 시험이 빨개지면 그 함정은 더는 재현되지 않는다: 상자와 표의 줄을 거둔다."""

import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace

import keras
import nbformat
import numpy as np
import pytest

from authoring import ROOT
from homl11.data import load_dataset
from homl11.models import build_mlp, mc_predict
from homl11.schedules import piecewise_constant, total_steps
from homl11.training import LOSS

SCHEDULES = keras.optimizers.schedules
PAGE = (ROOT / "book" / "traps.md").read_text(encoding="utf-8")
ROWS = [line for line in PAGE.splitlines() if re.match(r"\| (?!-|흔한)", line)]
TRAPS = {}


@dataclass(frozen=True)
class Trap:
    """표의 줄 하나. 함정이 더는 재현되지 않으면 무엇을 거둘지 말한다."""

    marker: str
    box: str  # 노트북에 있는 상자의 제목 가운데 한 토막
    reproduces: Callable[[], bool]

    @property
    def row(self):
        (row,) = [line for line in ROWS if self.marker in line]
        return row

    @property
    def notebook(self):
        return re.search(r"\.\./(notebooks/\w+\.ipynb)", self.row)[1]

    @property
    def titles(self):
        """그 노트북의 상자 제목 가운데 이 함정의 것. 하나여야 한다."""
        cells = nbformat.read(ROOT / self.notebook, as_version=4).cells
        titles = re.findall(r'admonition-title">(.+?)</p>', "\n".join(cell.source for cell in cells))
        return [title for title in titles if self.box in title]

    def check(self):
        try:
            holds, reason = self.reproduces(), ""
        # pytest.raises가 기다린 오류가 나지 않은 것도 재현되지 않은 것이다. 그 오류는 Exception의 자식이 아니다.
        except (Exception, pytest.fail.Exception) as error:
            holds, reason = False, f" ({type(error).__name__}: {error})"
        if not holds:
            pytest.fail(
                f"«{self.marker}»는 더는 재현되지 않는다{reason}. "
                f"{self.notebook}의 상자 «{self.titles[0]}»와 book/traps.md의 줄 «{self.row}»를 거두세요.",
                pytrace=False,
            )


def trap(marker, box):
    """``marker``가 든 표의 줄을 재현하는 함수로 등록한다. 재현되면 참을 돌려준다."""

    def register(function):
        TRAPS[marker] = Trap(marker, box, function)
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


@trap("가중치만 되돌린다", box="가중치만 되돌리기")
def restoring_weights_leaves_the_optimizer():
    model = fitted(keras.optimizers.SGD(0.01, momentum=0.9))
    model.set_weights(model.get_weights())
    return int(model.optimizer.iterations) == 8 and any(np.any(m) for m in model.optimizer.momentums)


@trap("Flatten(input_shape", box="Flatten(input_shape")
def flatten_with_input_shape_warns():
    return "input_shape" in caught_warnings(lambda: keras.Sequential([keras.layers.Flatten(input_shape=[28, 28])]))[1]


@trap("decay=1e-4", box="decay=1e-4")
def decay_argument_is_ignored():
    optimizer, message = caught_warnings(lambda: keras.optimizers.SGD(0.01, decay=1e-4))
    fitted(optimizer)
    return "decay" in message and np.isclose(float(optimizer.learning_rate), 0.01)


@trap("ExponetialDecay", box="돌지 않는 예제")
def published_example_does_not_run():
    with pytest.raises(SyntaxError):
        compile("fit(epochs=100\n  validation_data=0)", "예제", "exec")
    return not hasattr(SCHEDULES, "ExponetialDecay")


@trap("tf.keras에서만", box="tf.keras에서만")
def schedules_are_standard_keras():
    return SCHEDULES.LearningRateSchedule.__module__.startswith("keras")


@trap("// 32", box="// 32")
def floor_gives_too_few_steps():
    return 20 * 3000 // 32 < total_steps(3000, 32, 20)


@trap("`LearningRateScheduler`를 함께", box="스케줄 객체와 콜백을 함께")
def scheduler_callback_rejects_schedule_objects():
    with pytest.raises(TypeError):
        fitted(
            keras.optimizers.SGD(SCHEDULES.ExponentialDecay(0.1, 10, 0.1)),
            [keras.callbacks.LearningRateScheduler(lambda epoch: 0.1)],
        )
    return True


@trap("경계를 베껴 온다", box="베껴 온 경계")
def copied_boundaries_never_fire():
    rates = piecewise_constant(np.arange(total_steps(55_000, 32, 10)), [31_250, 50_000], [0.01, 0.005, 0.001])
    return np.unique(rates).tolist() == [0.01]


@trap("경계와 같은 스텝", box="경계와 같은 스텝")
def boundary_step_keeps_the_old_value():
    return np.isclose(float(SCHEDULES.PiecewiseConstantDecay([10], [0.1, 0.01])(10)), 0.1)


@trap("`ReduceLROnPlateau`를 함께", box="ReduceLROnPlateau")
def plateau_fails_only_when_it_first_acts():
    def run(patience):
        callback = keras.callbacks.ReduceLROnPlateau(patience=patience, min_delta=100)
        fitted(keras.optimizers.SGD(SCHEDULES.ExponentialDecay(0.1, 10, 0.1)), [callback], epochs=3)

    run(patience=10)
    with pytest.raises(TypeError):
        run(patience=1)
    return True


@trap("optimizer.momentum = m", box="optimizer.momentum")
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


@trap("steps_per_execution", box="steps_per_execution")
def batch_callbacks_run_once_per_execution():
    calls = []
    count = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: calls.append(batch))
    model = fitted(keras.optimizers.SGD(0.1), [count], steps_per_execution=4)
    return len(calls) == 2 and int(model.optimizer.iterations) == 8


@trap("1등을 정한다", box="1등을 정하기")
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


class Spoil(keras.callbacks.Callback):
    """에포크마다 가중치를 망가뜨려, 둘째 에포크부터 손실이 나빠지게 한다."""

    def on_epoch_end(self, epoch, logs=None):
        self.model.set_weights([w * 3 + 1 for w in self.model.get_weights()])


@trap("restore_best_weights", box="restore_best_weights")
def early_stopping_keeps_the_last_weights():
    """검증 손실이 두 번째 에포크부터 나빠지는 훈련. 남은 가중치의 손실을 최저 기록과 견준다."""

    def left(**options):
        stopper = keras.callbacks.EarlyStopping(patience=2, **options)
        model = fitted(keras.optimizers.SGD(0.0), [stopper, Spoil()], epochs=5)
        return model.history.history["val_loss"], model.get_weights()[0]

    losses, last = left()
    _, best = left(restore_best_weights=True)
    initial = build_mlp((8,), seed=0).get_weights()[0]
    return losses[0] < losses[-1] and np.array_equal(best, initial) and not np.array_equal(last, initial)


@trap("훈련 정확도로", box="훈련 정확도로")
def a_network_memorises_noise():
    random = np.random.default_rng(0)
    x, y = random.random((64, 28, 28), dtype="float32"), random.integers(0, 10, 64)
    model = build_mlp((100,), seed=0)
    model.compile(loss=LOSS, optimizer=keras.optimizers.Adam(0.01), metrics=["accuracy"])
    return model.fit(x, y, epochs=60, verbose=0).history["accuracy"][-1] > 0.95


@trap("`val_loss`로 ℓ1, ℓ2", box="val_loss")
def validation_loss_contains_the_penalty():
    random = np.random.default_rng(0)
    x, y = random.random((64, 28, 28), dtype="float32"), random.integers(0, 10, 64)
    model = build_mlp((8,), l2=0.1, seed=0)
    model.compile(loss=LOSS, optimizer="sgd", metrics=[LOSS])
    loss, cross_entropy = model.evaluate(x, y, verbose=0)
    return np.isclose(loss - cross_entropy, float(sum(model.losses)), rtol=1e-4) and loss > cross_entropy + 0.1


def weights_after_pure_penalty(optimizer, steps=200, **strengths):
    """데이터의 기울기 없이 벌점만으로 갱신한 가중치. 처음은 1이다."""
    layer = keras.layers.Dense(
        4, use_bias=False, kernel_initializer="ones", kernel_regularizer=keras.regularizers.L1L2(**strengths)
    )
    model = keras.Sequential([keras.Input((3,)), layer])
    model.compile(loss="mse", optimizer=optimizer)
    zeros = np.zeros((steps, 3), "float32"), np.zeros((steps, 4), "float32")
    model.fit(*zeros, batch_size=1, verbose=0)
    return layer.kernel.numpy()


@trap("정확히 0으로 만든다고", box="정확히 0으로")
def l1_overshoots_zero():
    weights = weights_after_pure_penalty(keras.optimizers.SGD(0.03), l1=1.0)
    return np.all(np.abs(weights) < 0.04) and np.all(weights != 0)


@trap("Adam에 ℓ2", box="Adam에 ℓ2")
def adam_divides_the_penalty_away():
    def left(make, **strengths):
        return weights_after_pure_penalty(make(0.001), **strengths).mean()

    adam = [left(keras.optimizers.Adam, l2=strength) for strength in (0.01, 0.1)]
    sgd = [left(keras.optimizers.SGD, l2=strength) for strength in (0.01, 0.1)]
    exact = [(1 - 2 * 0.001 * strength) ** 200 for strength in (0.01, 0.1)]
    return abs(adam[0] - adam[1]) < 0.01 and adam[1] < 0.9 and np.allclose(sgd, exact, rtol=1e-4)


@trap("드롭아웃의 훈련 손실", box="켠 훈련 손실")
def training_loss_is_measured_with_dropout_on():
    random = np.random.default_rng(0)
    x, y = random.random((64, 28, 28), dtype="float32"), random.integers(0, 10, 64)
    model = build_mlp((100,), dropout_rate=0.5, seed=0)
    model.compile(loss=LOSS, optimizer=keras.optimizers.SGD(0.0))
    recorded = model.fit(x, y, epochs=5, verbose=0).history["loss"]
    return np.mean(recorded) > 1.02 * model.evaluate(x, y, verbose=0)


@trap("Dropout(0.8)", box="남기는 비율")
def rate_is_the_share_that_goes_out():
    kept = np.mean(keras.layers.Dropout(0.8, seed=0)(np.ones((100, 100)), training=True) != 0)
    return abs(kept - 0.2) < 0.03


@trap("보통의 `Dropout`", box="SELU에 보통의")
def plain_dropout_breaks_self_normalisation():
    def last_std(dropout):
        keras.utils.set_random_seed(0)
        x = np.random.default_rng(0).standard_normal((500, 100)).astype("float32")
        for _ in range(10):
            x = keras.layers.Dense(100, activation="selu", kernel_initializer="lecun_normal")(x)
            x = dropout(0.3)(x, training=True)
        return float(np.std(x))

    return last_std(keras.layers.Dropout) > 1.5 and abs(last_std(keras.layers.AlphaDropout) - 1) < 0.3


@trap("training=True", box="training=True")
def calling_with_training_moves_batch_statistics():
    model = build_mlp((8,), dropout_rate=0.5, batch_normalization=True, seed=0)
    x = np.random.default_rng(0).random((64, 28, 28), dtype="float32")
    before = [variable.numpy() for variable in model.weights]
    mc_predict(model, x, samples=3)
    untouched = all(np.array_equal(a, b.numpy()) for a, b in zip(before, model.weights))
    model(x, training=True)
    return untouched and any(not np.array_equal(a, b.numpy()) for a, b in zip(before, model.weights))


@trap("`MaxNorm(r)`", box="축을 적지 않는다")
def default_axis_does_not_bound_filters():
    kernel = np.random.default_rng(0).standard_normal((3, 3, 4, 8)).astype("float32")

    def filter_norms(**options):
        limited = np.asarray(keras.constraints.MaxNorm(0.5, **options)(kernel))
        return np.sqrt(np.square(limited).sum(axis=(0, 1, 2)))

    return np.all(filter_norms(axis=[0, 1, 2]) < 0.5 + 1e-5) and np.all(filter_norms() > 0.5 + 1e-5)


@trap("[0, 1] 픽셀", box="표준화하지 않은 입력")
def raw_pixels_break_self_normalisation():
    images = load_dataset("mnist5k").train.x[:500]
    first = build_mlp((100,), activation="selu", kernel_initializer="lecun_normal", seed=0).layers[1]
    raw, ready = images, (images - images.mean()) / images.std()
    deviations = [float(np.std(first(x.reshape(500, -1)))) for x in (raw, ready)]
    return abs(deviations[0] - 1) > 0.2 and abs(deviations[1] - 1) < 0.2


@pytest.mark.parametrize("marker", TRAPS)
def test_trap_still_reproduces(marker):
    TRAPS[marker].check()


def test_every_row_of_the_page_is_reproduced_here_and_has_its_box():
    assert len(ROWS) == len(TRAPS)
    for row in ROWS:
        assert sum(marker in row for marker in TRAPS) == 1, row
    for trap in TRAPS.values():
        assert len(trap.titles) == 1, (trap.notebook, trap.box)


@pytest.mark.parametrize("broken", [lambda: False, lambda: pytest.raises(TypeError, int), lambda: keras.gone])
def test_mended_trap_names_the_box_to_withdraw(broken):
    """조건이 거짓이 되든, 나던 오류가 나지 않든, API가 사라지든."""
    mended = replace(TRAPS["// 32"], reproduces=broken)
    with pytest.raises(pytest.fail.Exception, match=r"02_exponential.ipynb의 상자 «흔한 함정: <code>s = 20.*거두세요"):
        mended.check()
