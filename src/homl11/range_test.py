"""학습률 범위 테스트: 학습률을 키우며 조금만 훈련해 쓸 만한 범위를 찾는다."""

import math
import sys
from contextlib import contextmanager
from dataclasses import dataclass

import keras
import numpy as np

from homl11._batches import Batches, as_arrays, count, first_rows, require_labels, require_one_weight, require_taken
from homl11._masks import untouched
from homl11.arguments import is_count, require, require_positive
from homl11.schedules import exponential

FELL = 4  # 손실이 표준 오차의 몇 배를 내려가야 내려갔다고 보는가
EXPLODED = 10  # 별로 내려가지 않은 손실은 표준 오차의 몇 배를 오르면 폭발로 보는가
WARM_UP = 20  # 흔들리는 폭을 재는 데 적어도 이만큼의 스텝을 본다


@dataclass(frozen=True)
class RangeTest:
    """범위 테스트의 기록.

    속성:
        learning_rates: 스텝마다의 학습률, 모양 (스텝 수,).
        losses: 그 스텝의 배치 손실, 모양 (스텝 수,).
        smoothed: 지수 이동 평균한 손실, 모양 (스텝 수,).
        start: 내려가기 전의 손실. ``None``이면 ``smoothed``의 처음 값이다.
        noise: 배치가 달라서 생기는, ``start``와 ``smoothed``의 차이의 표준 오차.

    예:
        >>> import numpy as np
        >>> from homl11.range_test import RangeTest
        >>> losses = np.array([2.3, 1.5, 0.9, 4.0])
        >>> result = RangeTest(np.array([0.01, 0.1, 1.0, 10.0]), losses, smoothed=losses)
        >>> result.turning_point, result.suggestion
        (1.0, 0.1)
    """

    learning_rates: np.ndarray
    losses: np.ndarray
    smoothed: np.ndarray
    start: float | None = None
    noise: float = 0.0

    @property
    def turning_point(self):
        """평활한 손실이 가장 낮은 학습률. 이보다 크면 손실이 다시 오른다.

        예외: 가장 낮은 곳이 범위의 끝이거나, 손실이 흔들리는 폭보다 뚜렷하게 내려간 적이 없으면 ``ValueError``.
        """
        lowest = int(np.argmin(self.smoothed))
        if lowest in (0, len(self.smoothed) - 1):
            end, change = ("처음", "min_learning_rate를 줄여") if lowest == 0 else ("끝", "max_learning_rate를 키워")
            raise ValueError(
                f"손실이 범위의 {end}에서 가장 낮아 최적의 학습률을 말할 수 없습니다. {change} 다시 재세요. "
                "이미 훈련한 모델이면 새 모델로 재세요."
            )
        start = self.smoothed[0] if self.start is None else self.start
        if not start - self.smoothed[lowest] > FELL * self.noise:
            raise ValueError(
                "손실이 배치마다 흔들리는 폭보다 뚜렷하게 내려간 적이 없어 최적의 학습률을 말할 수 없습니다. "
                "이미 훈련한 모델이면 새 모델로 재세요. 새 모델이면 max_learning_rate를 키우거나, batch_size와 steps를 "
                "늘리고, 레이블이 맞는지 보세요."
            )
        return float(self.learning_rates[lowest])

    @property
    def suggestion(self):
        """제안하는 학습률: ``turning_point / 10``. 손실이 다시 오르기 시작하는 곳보다 10배 낮은 값이다.

        예외: ``turning_point``와 같다.
        """
        return self.turning_point / 10


def find_learning_rate(
    model,
    x,
    y=None,
    *,
    sample_weight=None,
    class_weight=None,
    min_learning_rate=1e-5,
    max_learning_rate=10.0,
    steps=500,
    batch_size=32,
    smoothing=0.95,
    seed=0,
):
    """학습률을 스텝마다 같은 비율로 키우며 손실을 잰다: ``η(t) = 최소 · (최대/최소)^(t/(steps-1))``.

    ``model.fit``으로 훈련하므로 ``fit``이 하는 것은 모두 그대로이다: 손실의 가중치, 규제의 벌점, 직접 쓴
    ``train_step``, 혼합 정밀도. 옵티마이저는 설정이 같은 새것을 잠시 붙인다. 끝나면 가중치와 난수의 상태,
    옵티마이저의 상태(스텝 수, 모멘텀), 지표까지 모두 처음으로 되돌린다.

    손실이 내려온 만큼을 모두 되오르거나, 수가 아니게 되면 멈춘다. 손실의 부호와 크기에는 기대지 않는다.
    기울기를 k배치 동안 모으는 옵티마이저이면(``gradient_accumulation_steps``) 스텝 하나가 k배치이다.

    인수:
        model: 컴파일한 모델.
        x, y, sample_weight, class_weight: ``model.fit``이 받는 훈련 데이터. 배열이면 섞어서 뽑고, 모자라면 다시 섞어
            이어 뽑는다. ``tf.data.Dataset``처럼 스스로 배치를 내주는 것은 내주는 차례대로 쓴다.
        min_learning_rate, max_learning_rate: 재는 범위 (0 < 최소 < 최대).
        steps: 가장 많이 재는 스텝 수 (≥ 2).
        batch_size: 배치 크기(샘플).
        smoothing: 이동 평균이 앞의 값을 남기는 비율, [0, 1).
        seed: 배치를 뽑는 순서의 씨앗.

    반환: ``RangeTest``. 예외: 컴파일하지 않았거나, 데이터나 인수가 말이 안 되거나, 첫 손실부터 수가 아니면
    ``ValueError``. 출처: Smith (2017), Gugger (2018).

    예:
        >>> import keras, numpy as np
        >>> from homl11.range_test import find_learning_rate
        >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        >>> model.compile(loss="mse", optimizer="sgd")
        >>> x = np.linspace(-1, 1, 64)[:, None]
        >>> result = find_learning_rate(model, x, 3 * x + 5, steps=100)
        >>> len(result.losses) <= 100, result.suggestion < result.turning_point < 10
        (True, True)
    """
    require_positive(min_learning_rate=min_learning_rate)
    require(
        max_learning_rate > min_learning_rate,
        "max_learning_rate",
        max_learning_rate,
        f"min_learning_rate({min_learning_rate})보다 커야 합니다",
    )
    require(is_count(steps) and steps >= 2, "steps", steps, "2 이상의 정수여야 합니다")
    require(is_count(batch_size), "batch_size", batch_size, "1 이상의 정수여야 합니다")
    require(0 <= smoothing < 1, "smoothing", smoothing, "0 이상 1 미만이어야 합니다")
    if not model.compiled:
        raise ValueError("컴파일하지 않은 모델입니다. model.compile(loss=…, optimizer=…)을 먼저 부르세요.")

    rates = exponential(np.arange(steps), min_learning_rate, steps - 1, max_learning_rate / min_learning_rate)
    _require_given_optimizer(model)
    require_one_weight(class_weight, sample_weight)
    paired = isinstance(x, tuple) and y is None and len(x) > len(getattr(model, "inputs", None) or x)
    require(not paired, "x", "(x, y)", "묶지 말고 find_learning_rate(model, x, y)처럼 따로 주세요")
    arrays = as_arrays(x, y, sample_weight)
    head, x = first_rows(x, 1)
    require_taken(model, head)  # 부르고 나면 되돌릴 변수도 있다
    if arrays:
        require_labels(model, arrays[1])
    with _borrowed(model) as optimizer:
        accumulated = optimizer.gradient_accumulation_steps or 1
        recorder = _Recorder(rates, accumulated, smoothing)
        if arrays is None:
            data = {"x": x, "y": y, "sample_weight": sample_weight}
        else:
            data = {"x": _Shuffled(arrays, batch_size, steps * accumulated, np.random.default_rng(seed))}
        # 스스로 배치를 내주는 것은 짧을 수도, 끝이 없을 수도 있다. 다 재면 recorder가 멈춘다.
        options = {"epochs": sys.maxsize, "callbacks": [recorder], "shuffle": False, "verbose": 0}
        model.fit(**data, class_weight=class_weight, **options)
        require(not recorder.losses or int(optimizer.iterations) > 0, "model", model.name, _OTHER_OPTIMIZER)
    if not recorder.smoothed:
        raise ValueError("첫 배치의 손실부터 수가 아닙니다. 데이터와 모델의 출력을 확인하세요.")
    losses, smoothed = np.array(recorder.losses), np.array(recorder.smoothed)
    return RangeTest(rates[: len(losses)], losses, smoothed, *_start_and_noise(losses, smoothed, smoothing))


def _start_and_noise(losses, smoothed, smoothing):
    """(내려가기 전의 손실, 그것과 ``smoothed``의 차이의 표준 오차).

    배치 손실의 표준 편차 σ는 이웃한 손실의 차이에서 얻는다: ``σ² = Σ (L[i+1] - L[i])² / 2n``. 손실이 내려가는 추세는
    여기에 거의 들지 않는다. 이동 평균 하나는 배치 ``(1 + β)/(1 - β)``개를 평균한 것만큼 조용하다.
    """
    lowest = int(np.argmin(smoothed))
    averaged = (1 + smoothing) / (1 - smoothing)
    span = max(1, min(round(averaged), lowest // 2))
    differences = np.diff(losses[: max(lowest, WARM_UP) + 1])
    sigma = np.sqrt(np.mean(differences**2) / 2) if len(differences) else 0.0
    return float(np.mean(losses[:span])), float(sigma * np.sqrt(1 / span + 1 / averaged))


class _Recorder(keras.callbacks.Callback):
    """갱신마다 학습률을 키우고 손실을 적는다. 폭발하거나 다 재면 훈련을 멈춘다."""

    def __init__(self, rates, accumulated, smoothing):
        super().__init__()
        self.rates, self.accumulated, self.smoothing = rates, accumulated, smoothing
        self.losses, self.smoothed, self._average, self._batches = [], [], 0.0, 0

    def on_epoch_begin(self, epoch, logs=None):
        self._before = self._batches

    def on_epoch_end(self, epoch, logs=None):
        if self._batches == self._before:  # 더 내줄 것이 없는 생성기
            self.model.stop_training = True

    def on_train_batch_begin(self, batch, logs=None):
        model = self.model  # JAX는 이렇게 꺼낼 때 상태를 맞춘다
        if self._batches % self.accumulated == 0:
            model.optimizer.learning_rate = self.rates[len(self.losses)]
            self._update = []
        model.reset_metrics()  # 하지 않으면 지금까지의 평균 손실이 온다

    def on_train_batch_end(self, batch, logs=None):
        if "loss" not in (logs or {}):
            raise ValueError("train_step이 loss를 돌려주지 않아 손실을 잴 수 없습니다. {'loss': …}을 돌려주게 하세요.")
        self._batches += 1
        self._update.append(float(logs["loss"]))
        if self._batches % self.accumulated == 0 and self._stops(float(np.mean(self._update))):
            self.model.stop_training = True

    def _stops(self, loss):
        if not math.isfinite(loss):
            return True
        self.losses.append(loss)
        self._average = self.smoothing * self._average + (1 - self.smoothing) * loss
        # 0에서 시작한 치우침을 바로잡는다
        self.smoothed.append(self._average / (1 - self.smoothing ** len(self.losses)))
        return len(self.losses) == len(self.rates) or self._exploded()

    def _exploded(self):
        """내려온 만큼을 모두 되올랐는가. 손실의 부호에도, 0이 어디인지에도 기대지 않는다."""
        lowest = min(self.smoothed)
        if len(self.losses) <= WARM_UP or self.smoothed[-1] == lowest:
            return False
        start, noise = _start_and_noise(np.array(self.losses), np.array(self.smoothed), self.smoothing)
        return self.smoothed[-1] - lowest > max(start - lowest, EXPLODED * noise)


def _require_given_optimizer(model):
    """``train_step``이 다른 옵티마이저로 훈련하면 재는 학습률이 아무 일도 하지 않는다."""
    held = []
    for value in vars(model).values():
        held += value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else [value]
    owns = any(isinstance(one, keras.optimizers.Optimizer) and one is not model.optimizer for one in held)
    require(model.optimizer is not None and not owns, "model", model.name, _OTHER_OPTIMIZER)


_OTHER_OPTIMIZER = (
    "compile로 준 옵티마이저가 아니라 따로 가진 옵티마이저로 훈련해 학습률을 바꿀 수 없습니다. "
    "train_step에서 self.optimizer를 쓰세요"
)


@contextmanager
def _borrowed(model):
    """모델에 새 옵티마이저를 붙여 빌려준다. 끝나면 변수도 속성도 처음 그대로이다."""
    kept = {name: getattr(model, name, None) for name in _CHANGED_BY_FIT}
    with untouched(model):
        try:
            model.optimizer = _fresh(model.optimizer)
            model.steps_per_execution, model.train_function = 1, None  # 배치마다 손실을 보아야 한다
            yield model.optimizer
        finally:
            model.reset_metrics()  # 빌려 쓰는 동안 생긴 지표
            for name, value in kept.items():
                setattr(model, name, value)


_CHANGED_BY_FIT = ("optimizer", "train_function", "steps_per_execution", "stop_training", "history")


def _fresh(optimizer):
    """종류와 설정이 같고, 상태는 처음이며, 학습률을 바꿀 수 있는 옵티마이저."""
    kind, config = type(optimizer), optimizer.get_config()
    if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):  # 혼합 정밀도: 학습률은 안의 것이 갖는다
        names = ("initial_scale", "dynamic_growth_steps", "name")
        return kind(_fresh(optimizer.inner_optimizer), **{name: config[name] for name in names})
    try:
        return kind.from_config(config | {"learning_rate": 0.01})
    except Exception as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ValueError(
            f"{kind.__name__} 옵티마이저를 새로 만들 수 없습니다({reason}). "
            "get_config가 생성자의 인수를 모두 담게 하세요."
        ) from None


class _Shuffled(Batches):
    """섞은 행을 배치만큼씩 ``length``번 내준다. 모자라면 다시 섞는다. 덜 찬 배치는 손실을 더 흔들므로 버린다."""

    def __init__(self, arrays, batch_size, length, random):
        n = count(arrays[0])
        super().__init__(arrays, min(int(batch_size), n))
        used = n // self.batch_size * self.batch_size
        rounds = math.ceil(length * self.batch_size / used)
        self.rows = np.concatenate([random.permutation(n)[:used] for _ in range(rounds)])[: length * self.batch_size]
