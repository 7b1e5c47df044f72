"""학습률 범위 테스트: 학습률을 키우며 조금만 훈련해 쓸 만한 범위를 찾는다."""

from dataclasses import dataclass

import keras
import numpy as np

from homl11.arguments import require, require_positive
from homl11.schedules import exponential

EXPLOSION = 4  # 평활한 손실이 최저점의 몇 배가 되면 폭발로 보고 멈추는가


@dataclass(frozen=True)
class RangeTest:
    """범위 테스트의 기록.

    ``learning_rates``: 스텝마다의 학습률. ``losses``: 그 스텝의 배치 손실. ``smoothed``: 지수 이동 평균한 손실.
    """

    learning_rates: np.ndarray
    losses: np.ndarray
    smoothed: np.ndarray

    @property
    def turning_point(self):
        """평활한 손실이 가장 낮은 학습률. 이보다 크면 손실이 다시 오른다."""
        lowest = int(np.argmin(self.smoothed))
        if lowest in (0, len(self.smoothed) - 1):
            end, change = ("처음", "min_learning_rate를 줄여") if lowest == 0 else ("끝", "max_learning_rate를 키워")
            raise ValueError(
                f"손실이 범위의 {end}에서 가장 낮아 최적의 학습률을 말할 수 없습니다. {change} 다시 재세요."
            )
        return float(self.learning_rates[lowest])

    @property
    def suggestion(self):
        """제안하는 학습률: ``turning_point / 10``. 손실이 다시 오르기 시작하는 곳보다 10배 낮은 값이다."""
        return self.turning_point / 10


def find_learning_rate(
    model,
    x,
    y,
    *,
    min_learning_rate=1e-5,
    max_learning_rate=10.0,
    steps=500,
    batch_size=32,
    smoothing=0.95,
    seed=0,
):
    """학습률을 스텝마다 같은 비율로 키우며 손실을 잰다: ``η(t) = 최소 · (최대/최소)^(t/(steps-1))``.

    모델의 복제본에 같은 종류의 새 옵티마이저를 붙여 잰다. 그래서 건네받은 모델의 가중치와 옵티마이저의 상태
    (스텝 수, 모멘텀)는 손대지 않는다. 평활한 손실이 최저점의 4배를 넘거나 수가 아니게 되면 멈춘다.

    인수:
        model: 컴파일한 시퀀셜 또는 함수형 모델.
        x, y: 훈련 데이터. 배치는 섞어서 뽑고, 모자라면 다시 섞어 이어 뽑는다.
        min_learning_rate, max_learning_rate: 재는 범위 (0 < 최소 < 최대).
        steps: 가장 많이 재는 스텝 수 (≥ 2).
        batch_size: 배치 크기(샘플).
        smoothing: 이동 평균이 앞의 값을 남기는 비율, [0, 1).
        seed: 배치를 뽑는 순서의 씨앗.

    반환: ``RangeTest``. 예외: 컴파일하지 않았거나 인수가 말이 안 되면 ``ValueError``. 출처: Smith (2017).
    """
    require_positive(min_learning_rate=min_learning_rate, batch_size=batch_size)
    require(
        max_learning_rate > min_learning_rate,
        "max_learning_rate",
        max_learning_rate,
        f"min_learning_rate({min_learning_rate})보다 커야 합니다",
    )
    require(steps >= 2, "steps", steps, "2 이상이어야 합니다")
    require(0 <= smoothing < 1, "smoothing", smoothing, "0 이상 1 미만이어야 합니다")
    if not model.compiled:
        raise ValueError("컴파일하지 않은 모델입니다. model.compile(loss=…, optimizer=…)을 먼저 부르세요.")

    trial = _trial_copy(model, min_learning_rate, max_learning_rate, steps)
    rates = exponential(np.arange(steps), min_learning_rate, steps - 1, max_learning_rate / min_learning_rate)
    losses, smoothed, average = [], [], 0.0
    for step, rows in zip(range(steps), _batches(len(x), batch_size, np.random.default_rng(seed))):
        trial.reset_metrics()  # 하지 않으면 train_on_batch가 지금까지의 평균 손실을 돌려준다
        losses.append(float(trial.train_on_batch(x[rows], y[rows], return_dict=True)["loss"]))
        average = smoothing * average + (1 - smoothing) * losses[-1]
        smoothed.append(average / (1 - smoothing ** (step + 1)))  # 0에서 시작한 치우침을 바로잡는다
        if not np.isfinite(smoothed[-1]) or smoothed[-1] > EXPLOSION * min(smoothed):
            break
    if not np.isfinite(smoothed[-1]):
        losses, smoothed = losses[:-1], smoothed[:-1]
    if not losses:
        raise ValueError("첫 배치의 손실부터 수가 아닙니다. 데이터와 모델의 출력을 확인하세요.")
    return RangeTest(rates[: len(losses)], np.array(losses), np.array(smoothed))


def _trial_copy(model, minimum, maximum, steps):
    """가중치가 같은 복제본. 학습률이 점점 커지는 새 옵티마이저로 컴파일한다."""
    ramp = keras.optimizers.schedules.ExponentialDecay(minimum, steps - 1, maximum / minimum)
    config = model.optimizer.get_config()
    config["learning_rate"] = keras.optimizers.schedules.serialize(ramp)
    try:
        # clone_model은 컴파일 설정까지 옮기려 하다가, 등록하지 않은 손실 함수에서 실패한다.
        trial = type(model).from_config(model.get_config())
    except (NotImplementedError, TypeError, ValueError):
        raise ValueError(
            "복제할 수 없는 모델입니다. 시퀀셜이나 함수형 API로 만들고, 직접 만든 층은 "
            "keras.saving.register_keras_serializable로 등록하세요."
        ) from None
    for mine, theirs in zip(trial.variables, model.variables):  # 가중치와, 드롭아웃 같은 층의 난수 상태까지
        mine.assign(keras.ops.convert_to_numpy(theirs))  # 배열을 나누어 가지면 JAX가 원래 모델의 것까지 지운다
    trial.compile(loss=model.loss, optimizer=type(model.optimizer).from_config(config))
    return trial


def _batches(n, batch_size, random):
    """섞은 행 번호를 배치만큼씩 끝없이 내준다. 덜 찬 배치는 손실을 더 흔들므로 버린다."""
    batch_size = min(batch_size, n)
    while True:
        order = random.permutation(n)
        for start in range(0, n - batch_size + 1, batch_size):
            yield order[start : start + batch_size]
