"""학습률을 스텝의 순수한 함수로 나타낸다. 케라스에 없는 것만 얇은 어댑터로 감싼다.

``step``은 수나 배열이며, 첫 번째 갱신이 0이다. 수를 주면 수가, 배열을 주면 같은 모양의 배열이 나온다.
함수는 아무 상태도 바꾸지 않는다. 그림을 그리려고 불러도 훈련은 달라지지 않는다.
"""

import math

import keras
import numpy as np

from homl11.arguments import require, require_positive


def total_steps(n, batch_size, epochs):
    """훈련 전체의 스텝 수를 센다: ``ceil(n / batch_size) · epochs``.

    마지막 배치가 덜 차도 한 스텝이다. 그래서 내림(``//``)이 아니라 올림이다.

    인수: ``n`` 훈련 샘플 수, ``batch_size`` 배치 크기(샘플), ``epochs`` 에포크 수. 모두 1 이상.

    반환: 스텝 수(``int``). 예외: 1보다 작은 값이 있거나 에포크 수가 정수가 아니면 ``ValueError``.

    예:
        >>> from homl11.schedules import total_steps
        >>> total_steps(3_000, batch_size=32, epochs=10)  # 에포크마다 93스텝과 덜 찬 1스텝
        940
    """
    for name, value in (("n", n), ("batch_size", batch_size), ("epochs", epochs)):
        require(value >= 1, name, value, "1 이상이어야 합니다")
    require(epochs == int(epochs), "epochs", epochs, "정수여야 합니다")
    return math.ceil(n / batch_size) * int(epochs)


def power(step, initial_learning_rate, decay_steps, power=1.0):
    """거듭제곱 기반 스케줄링: ``η0 / (1 + t/s)^c``.

    ``c = 1``이면 s스텝마다 η0/2, η0/3, η0/4 …가 된다. 빠르게 줄다가 점점 느리게 준다.

    인수:
        step: 스텝 t (0부터).
        initial_learning_rate: 초기 학습률 η0 (> 0).
        decay_steps: s, 학습률이 처음으로 절반이 되는 스텝 수 (> 0, ``c = 1``일 때).
        power: 거듭제곱수 c (≥ 0).

    반환: 학습률(float64). 예외: 스텝이 음수이거나 값이 위의 범위를 벗어나면 ``ValueError``. 출처: Senior 외 (2013).

    예:
        >>> from homl11.schedules import power
        >>> power([0, 1_000, 2_000, 3_000], 0.12, decay_steps=1_000).round(3).tolist()
        [0.12, 0.06, 0.04, 0.03]
    """
    _check_power(initial_learning_rate, decay_steps, power)
    return _result(_power(_steps(step), initial_learning_rate, decay_steps, power))


def exponential(step, initial_learning_rate, decay_steps, decay_rate=0.1):
    """지수 기반 스케줄링: ``η0 · r^(t/s)``. 기본 ``r = 0.1``이면 s스텝마다 1/10이 된다.

    케라스의 ``ExponentialDecay``와 같다.

    인수:
        step: 스텝 t (0부터).
        initial_learning_rate: 초기 학습률 η0 (> 0).
        decay_steps: s, 학습률이 r배가 되는 스텝 수 (> 0).
        decay_rate: r (> 0).

    반환: 학습률(float64). 예외: 스텝이 음수이거나 값이 위의 범위를 벗어나면 ``ValueError``. 출처: Senior 외 (2013).

    예:
        >>> from homl11.schedules import exponential
        >>> exponential([0, 1_000, 2_000], 0.1, decay_steps=1_000).round(6).tolist()
        [0.1, 0.01, 0.001]
    """
    require_positive(initial_learning_rate=initial_learning_rate, decay_steps=decay_steps, decay_rate=decay_rate)
    return _result(initial_learning_rate * decay_rate ** (_steps(step) / decay_steps))


def piecewise_constant(step, boundaries, values):
    """구간별 고정 스케줄링: ``t ≤ b0``이면 v0, ``b0 < t ≤ b1``이면 v1, … 마지막 경계 뒤는 마지막 값.

    경계와 같은 스텝은 아직 앞의 값을 쓴다. 케라스의 ``PiecewiseConstantDecay``와 같다.

    인수:
        step: 스텝 t (0부터).
        boundaries: 커지는 순서의 경계 스텝들.
        values: 학습률들 (> 0). 경계보다 하나 많다.

    반환: 학습률(float64). 예외: 개수가 맞지 않거나 경계가 커지지 않거나 학습률이 0 이하이면 ``ValueError``.

    예:
        >>> from homl11.schedules import piecewise_constant
        >>> steps, boundaries = [0, 500, 501, 1_501], [500, 1_500]
        >>> piecewise_constant(steps, boundaries, values=[0.01, 0.005, 0.001]).tolist()
        [0.01, 0.01, 0.005, 0.001]
    """
    boundaries, values = list(boundaries), list(values)
    require(
        len(values) == len(boundaries) + 1,
        "values",
        values,
        f"경계가 {len(boundaries)}개이면 값은 {len(boundaries) + 1}개여야 합니다",
    )
    require(
        all(left < right for left, right in zip(boundaries, boundaries[1:])),
        "boundaries",
        boundaries,
        "앞의 경계보다 커지는 순서여야 합니다",
    )
    require(all(value > 0 for value in values), "values", values, "학습률은 모두 0보다 커야 합니다")
    return _result(np.asarray(values, float)[np.searchsorted(boundaries, _steps(step), side="left")])


def one_cycle(
    step,
    max_learning_rate,
    total_steps,
    initial_learning_rate=None,
    final_learning_rate=None,
    final_fraction=0.1,
):
    """1사이클 스케줄링: η0에서 η1까지 오르고, η0까지 내리고, 끝에서 훨씬 더 내린다. 세 구간 모두 직선이다.

    앞의 두 구간은 길이가 같고 합이 ``(1 - final_fraction) · total_steps``이다. 나머지가 마지막 구간이다.
    스텝 0에서 η0, 첫 구간 끝에서 η1, 둘째 구간 끝에서 η0, ``total_steps``부터 ``final_learning_rate``이다.

    인수:
        step: 스텝 t (0부터).
        max_learning_rate: 최대 학습률 η1 (> 0).
        total_steps: 훈련 전체의 스텝 수 (> 0).
        initial_learning_rate: 초기 학습률 η0. ``None``이면 η1 / 10.
        final_learning_rate: 마지막 학습률. ``None``이면 η0 / 1000.
        final_fraction: 마지막 구간의 비율, [0, 1).

    반환: 학습률(float64). 예외: 값이 위의 범위를 벗어나거나 η0이 η1보다 크면 ``ValueError``. 출처: Smith (2018).

    예:
        >>> from homl11.schedules import one_cycle
        >>> steps = [0, 45, 90, 100]
        >>> one_cycle(steps, max_learning_rate=0.1, total_steps=100).round(6).tolist()
        [0.01, 0.1, 0.01, 1e-05]
    """
    points, values = _one_cycle_points(
        max_learning_rate, total_steps, initial_learning_rate, final_learning_rate, final_fraction
    )
    return _result(_broken_line(np, _steps(step), points, values))


def one_cycle_momentum(step, total_steps, max_momentum=0.95, min_momentum=0.85, final_fraction=0.1):
    """1사이클의 모멘텀: 학습률이 오를 때 내리고, 내릴 때 오른다. 마지막 구간에서는 최댓값에 머문다.

    인수:
        step: 스텝 t (0부터).
        total_steps: 훈련 전체의 스텝 수 (> 0).
        max_momentum, min_momentum: 모멘텀의 범위, 0 ≤ 최소 ≤ 최대 < 1.
        final_fraction: 마지막 구간의 비율, [0, 1).

    반환: 모멘텀(float64, 단위 없음). 예외: 값이 위의 범위를 벗어나면 ``ValueError``. 출처: Smith (2018).

    예:
        >>> from homl11.schedules import one_cycle_momentum
        >>> one_cycle_momentum([0, 45, 90, 100], total_steps=100).tolist()
        [0.95, 0.85, 0.95, 0.95]
    """
    points, values = _one_cycle_momentum_points(total_steps, max_momentum, min_momentum, final_fraction)
    return _result(_broken_line(np, _steps(step), points, values))


class _Schedule(keras.optimizers.schedules.LearningRateSchedule):
    """생성자 인수를 그대로 간직하고 저장한다."""

    def __init__(self, **arguments):
        super().__init__()
        self._arguments = arguments

    def get_config(self):
        return dict(self._arguments)


@keras.saving.register_keras_serializable(package="homl11")
class PowerDecay(_Schedule):
    """``power``의 케라스 어댑터: ``η0 / (1 + t/s)^c``. 옵티마이저의 ``learning_rate``에 넣는다.

    케라스의 ``InverseTimeDecay``에는 거듭제곱수 c가 없다. 저장한 모델과 함께 저장되고 다시 읽힌다.

    인수:
        initial_learning_rate: 초기 학습률 η0 (> 0).
        decay_steps: s, 학습률이 처음으로 절반이 되는 스텝 수 (> 0, ``c = 1``일 때).
        power: 거듭제곱수 c (≥ 0).

    반환: 스텝을 받아 학습률(float32)을 주는 케라스 스케줄. 예외: 값이 위의 범위를 벗어나면 ``ValueError``.
    출처: Senior 외 (2013).

    예:
        >>> import keras
        >>> from homl11.schedules import PowerDecay
        >>> schedule = PowerDecay(0.12, decay_steps=1_000)
        >>> optimizer = keras.optimizers.SGD(schedule)
        >>> round(float(schedule(2_000)), 3)
        0.04
    """

    def __init__(self, initial_learning_rate, decay_steps, power=1.0):
        _check_power(initial_learning_rate, decay_steps, power)
        super().__init__(initial_learning_rate=initial_learning_rate, decay_steps=decay_steps, power=power)

    def __call__(self, step):
        return _power(keras.ops.cast(step, "float32"), **self._arguments)


@keras.saving.register_keras_serializable(package="homl11")
class OneCycle(_Schedule):
    """``one_cycle``의 케라스 어댑터. 옵티마이저의 ``learning_rate``에 넣는다.

    스텝 0에서 η0, 첫 구간 끝에서 η1, 둘째 구간 끝에서 η0이고, 끝에서 훨씬 더 내린다. 세 구간 모두 직선이다.

    인수:
        max_learning_rate: 최대 학습률 η1 (> 0).
        total_steps: 훈련 전체의 스텝 수 (> 0). ``total_steps()``로 센다.
        initial_learning_rate: 초기 학습률 η0. ``None``이면 η1 / 10.
        final_learning_rate: 마지막 학습률. ``None``이면 η0 / 1000.
        final_fraction: 마지막 구간의 비율, [0, 1).

    반환: 스텝을 받아 학습률(float32)을 주는 케라스 스케줄. 예외: 값이 위의 범위를 벗어나거나 η0이 η1보다 크면
    ``ValueError``. 출처: Smith (2018).

    예:
        >>> from homl11.schedules import OneCycle
        >>> schedule = OneCycle(max_learning_rate=0.1, total_steps=100)
        >>> [round(float(schedule(step)), 6) for step in (0, 45, 90, 100)]
        [0.01, 0.1, 0.01, 1e-05]
    """

    def __init__(
        self,
        max_learning_rate,
        total_steps,
        initial_learning_rate=None,
        final_learning_rate=None,
        final_fraction=0.1,
    ):
        super().__init__(
            max_learning_rate=max_learning_rate,
            total_steps=total_steps,
            initial_learning_rate=initial_learning_rate,
            final_learning_rate=final_learning_rate,
            final_fraction=final_fraction,
        )
        self._line = _one_cycle_points(**self._arguments)

    def __call__(self, step):
        return _broken_line(keras.ops, keras.ops.cast(step, "float32"), *self._line)


@keras.saving.register_keras_serializable(package="homl11")
class OneCycleMomentum(_Schedule):
    """``one_cycle_momentum``의 케라스 어댑터. ``ScheduledMomentumSGD``의 ``momentum``에 넣는다.

    케라스의 다른 옵티마이저는 모멘텀에 스케줄을 받지 않는다.

    인수:
        total_steps: 훈련 전체의 스텝 수 (> 0).
        max_momentum, min_momentum: 모멘텀의 범위, 0 ≤ 최소 ≤ 최대 < 1.
        final_fraction: 마지막 구간의 비율, [0, 1).

    반환: 스텝을 받아 모멘텀(float32)을 주는 스케줄. 예외: 값이 위의 범위를 벗어나면 ``ValueError``.
    출처: Smith (2018).

    예:
        >>> from homl11.optimizers import ScheduledMomentumSGD
        >>> from homl11.schedules import OneCycle, OneCycleMomentum
        >>> momentum = OneCycleMomentum(total_steps=100)
        >>> optimizer = ScheduledMomentumSGD(OneCycle(0.1, 100), momentum)
        >>> [round(float(momentum(step)), 2) for step in (0, 45, 90)]
        [0.95, 0.85, 0.95]
    """

    def __init__(self, total_steps, max_momentum=0.95, min_momentum=0.85, final_fraction=0.1):
        super().__init__(
            total_steps=total_steps,
            max_momentum=max_momentum,
            min_momentum=min_momentum,
            final_fraction=final_fraction,
        )
        self._line = _one_cycle_momentum_points(**self._arguments)

    def __call__(self, step):
        return _broken_line(keras.ops, keras.ops.cast(step, "float32"), *self._line)


def _power(step, initial_learning_rate, decay_steps, power):
    return initial_learning_rate / (1 + step / decay_steps) ** power


def _check_power(initial_learning_rate, decay_steps, power):
    require_positive(initial_learning_rate=initial_learning_rate, decay_steps=decay_steps)
    require(power >= 0, "power", power, "0 이상이어야 합니다")


def _one_cycle_points(max_learning_rate, total_steps, initial_learning_rate, final_learning_rate, final_fraction):
    """1사이클의 꺾이는 점들: (스텝들, 학습률들)."""
    require_positive(max_learning_rate=max_learning_rate)
    if initial_learning_rate is None:
        initial_learning_rate = max_learning_rate / 10
    if final_learning_rate is None:
        final_learning_rate = initial_learning_rate / 1000
    require_positive(initial_learning_rate=initial_learning_rate, final_learning_rate=final_learning_rate)
    require(
        initial_learning_rate <= max_learning_rate,
        "initial_learning_rate",
        initial_learning_rate,
        f"max_learning_rate({max_learning_rate})보다 클 수 없습니다",
    )
    rates = initial_learning_rate, max_learning_rate, initial_learning_rate, final_learning_rate
    return _phase_ends(total_steps, final_fraction), rates


def _one_cycle_momentum_points(total_steps, max_momentum, min_momentum, final_fraction):
    """모멘텀 사이클의 꺾이는 점들: (스텝들, 모멘텀들)."""
    require(0 <= max_momentum < 1, "max_momentum", max_momentum, "0 이상 1 미만이어야 합니다")
    require(
        0 <= min_momentum <= max_momentum,
        "min_momentum",
        min_momentum,
        f"0 이상이고 max_momentum({max_momentum}) 이하여야 합니다",
    )
    momenta = max_momentum, min_momentum, max_momentum, max_momentum
    return _phase_ends(total_steps, final_fraction), momenta


def _phase_ends(total_steps, final_fraction):
    require_positive(total_steps=total_steps)
    require(0 <= final_fraction < 1, "final_fraction", final_fraction, "0 이상 1 미만이어야 합니다")
    second = (1 - final_fraction) * total_steps
    return 0.0, second / 2, second, float(total_steps)


def _broken_line(ops, step, points, values):
    """꺾은선. 마지막 점부터는 마지막 값이다. ``ops``는 ``numpy`` 또는 ``keras.ops``."""
    line = ops.full_like(step, values[-1])
    for i in reversed(range(len(points) - 1)):
        start, end, left, right = points[i], points[i + 1], values[i], values[i + 1]
        if start < end:
            # 나눗셈을 먼저 하면 구간의 양 끝에서 값이 정확히 left와 right가 된다.
            line = ops.where(step < end, left + (right - left) * ((step - start) / (end - start)), line)
    return line


def _steps(step):
    step = np.asarray(step, float)
    require(bool(np.all(step >= 0)), "step", step.tolist(), "0 이상이어야 합니다")
    return step


def _result(values):
    """0차원 배열이면 수로 바꾼다."""
    return values if np.ndim(values) else float(values)
