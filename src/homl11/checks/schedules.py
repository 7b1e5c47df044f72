"""과제 «학습률 스케줄링»의 문제들."""

import math
from types import SimpleNamespace

import keras
import numpy as np
from scipy import stats

from homl11 import schedules
from homl11.checks.task import Task
from homl11.range_test import RangeTest
from homl11.training import confidence_interval

keras_schedules = keras.optimizers.schedules


def curve(rate, steps):
    """스텝마다의 값."""
    return numbers(rate(step) for step in steps)


def numbers(values):
    """값들. ``float``이 비어 있는 답(``None``)을 오류로 드러낸다."""
    return [float(value) for value in values]


# 00 학습률 ----------------------------------------------------------------------------------------------------------

RATES = np.geomspace(1e-4, 1, 9)
VALLEY = np.array([2.3, 2.3, 2.2, 1.6, 0.9, 0.7, 1.5, 4.0, 9.0])
DIVERGED = np.array([2.4, 2.3, 1.9, 0.8, 0.6, 1.2, 5.0, np.nan, np.nan])
OVERFLOWED = np.array([2.4, 2.3, 1.1, 0.5, 0.7, 3.0, 80.0, np.inf, np.nan])


def outcome(function, *args):
    """돌려준 값. ``ValueError``를 냈으면 그 이름."""
    try:
        return function(*args)
    except ValueError:
        return "ValueError"


def suggested(learning_rates, losses):
    """수가 아닌 손실을 버린 ``RangeTest``의 제안."""
    learning_rates, losses = np.asarray(learning_rates, float), np.asarray(losses, float)
    kept = np.isfinite(losses)
    return RangeTest(learning_rates[kept], losses[kept], losses[kept]).suggestion


def wrongly_suggested(pick):
    """범위의 끝은 제대로 살피고 고르는 값만 다른, 틀린 제안."""
    return lambda learning_rates, losses: suggested(learning_rates, losses) and pick(learning_rates, losses)


# 01 거듭제곱 기반 ---------------------------------------------------------------------------------------------------

MULTIPLES = np.array([1, 2, 3])


def by_hand(rate):
    """(가)는 c = 1, (나)는 c = 2. (다)의 값은 채점할 때만 본다."""
    return {
        "가": [rate(k * 200, 0.072, 200, 1) for k in MULTIPLES],
        "나": [rate(k * 200, 0.072, 200, 2) for k in MULTIPLES],
        "다": [0, 0, 0],
    }


def stepped_power(step, initial_learning_rate, decay_steps, power=1.0, staircase=False):
    step = np.asarray(step)
    return schedules.power(
        step // decay_steps * decay_steps if staircase else step, initial_learning_rate, decay_steps, power
    )


def wrong_power(formula):
    """계단은 제대로 만들고 식만 다른, 틀린 스케줄. ``formula``는 (t/s, η0, c)를 받는다."""

    def rate(step, initial_learning_rate, decay_steps, power=1.0, staircase=False):
        ratio = np.asarray(step) / decay_steps
        return formula(np.floor(ratio) if staircase else ratio, initial_learning_rate, power)

    return rate


# 03 구간별 고정 -----------------------------------------------------------------------------------------------------


def last_match(step, boundaries, values):
    rate = values[-1]
    for boundary, value in zip(boundaries, values):
        if step <= boundary:
            rate = value
    return rate


def fractions_to_boundaries(fractions, n, batch_size, epochs):
    run = schedules.total_steps(n, batch_size, epochs)
    return [math.floor(fraction * run) - 1 for fraction in fractions]


# 04 성능 기반 -------------------------------------------------------------------------------------------------------


def plateau(losses, learning_rate, factor, patience, min_delta, min_lr):
    """케라스의 콜백에 손실을 한 에포크씩 들려주고, 에포크마다 쓴 학습률을 적는다."""
    model = SimpleNamespace(optimizer=keras.optimizers.SGD(learning_rate))
    callback = keras.callbacks.ReduceLROnPlateau(
        factor=factor, patience=patience, min_delta=min_delta, min_lr=min_lr, mode="min"
    )
    callback.set_model(model)
    callback.on_train_begin()
    used = []
    for epoch, loss in enumerate(losses):
        used.append(float(model.optimizer.learning_rate))
        callback.on_epoch_end(epoch, {"val_loss": loss})
    return used


def wrong_plateau(*, compare="best", late=0, reset=True, rest=True, delta=True, floor=True, shifted=False):
    """규칙 하나만 어긴 성능 기반 스케줄링. 인수 하나가 실수 하나이다."""

    def rates(losses, learning_rate, factor, patience, min_delta, min_lr):
        best, waited, used = math.inf, 0, []
        for loss in losses:
            before = learning_rate
            if loss < best - min_delta * delta:
                best, waited = loss, waited * (not reset)
            else:
                waited += 1
                if waited >= patience + late:
                    learning_rate = max(learning_rate * factor, min_lr * floor)
                    waited *= not rest
            if compare == "previous":
                best = loss
            used.append(learning_rate if shifted else before)
        return used

    return rates


LOSSES = [0.50, 0.40, 0.41, 0.42, 0.39, 0.40, 0.40, 0.40]
WAVES = [0.90, 0.70, 0.75, 0.72, 0.60, 0.66, 0.64, 0.55, 0.58, 0.57, 0.56, 0.59, 0.54, 0.60]
CREEPING = [0.50, 0.495, 0.490, 0.485, 0.480, 0.475, 0.470, 0.465]
FLAT = [0.50, 0.60, 0.60, 0.60, 0.60, 0.60, 0.60, 0.60]


# 05 1사이클 ---------------------------------------------------------------------------------------------------------


def cycle(step, max_learning_rate, total_steps, final_fraction):
    return schedules.one_cycle(step, max_learning_rate, total_steps, final_fraction=final_fraction)


def broken_line(points, values):
    """전체 스텝 T와 마지막 구간의 비율 f로 정한 점들을 잇는, 틀린 꺾은선."""

    def rate(step, max_learning_rate, total_steps, final_fraction):
        scaled = [max_learning_rate * value for value in values]
        return np.interp(step, [total_steps * point for point in points(final_fraction)], scaled)

    return rate


def phase_ends(f):
    return 0, (1 - f) / 2, 1 - f, 1


def runaway(step, max_learning_rate, total_steps, final_fraction):
    """끝난 뒤에도 마지막 직선을 따라 계속 내려간다."""
    if step <= total_steps:
        return cycle(step, max_learning_rate, total_steps, final_fraction)
    end, slope = max_learning_rate / 10_000, max_learning_rate / 10 * 0.999 / (final_fraction * total_steps)
    return end - slope * (step - total_steps)


def mirrored(step, total_steps, final_fraction, max_momentum=0.95, min_momentum=0.85):
    return schedules.one_cycle_momentum(step, total_steps, max_momentum, min_momentum, final_fraction)


def wrong_momentum(points, shares):
    """``shares``는 점마다의 값: 0이 최소, 1이 최대."""

    def momentum(step, total_steps, final_fraction, max_momentum=0.95, min_momentum=0.85):
        values = [min_momentum + (max_momentum - min_momentum) * share for share in shares]
        return np.interp(step, [total_steps * point for point in points(final_fraction)], values)

    return momentum


# 06 스케줄링 정리 ---------------------------------------------------------------------------------------------------

FIVE = ([0.951, 0.944, 0.957, 0.948, 0.953], [0.946, 0.941, 0.949, 0.949, 0.947])
THREE = ([0.31, 0.27, 0.30], [0.33, 0.34, 0.35])


def interval(a, b):
    return confidence_interval(np.subtract(a, b))


def wrong_interval(quantile=lambda n: stats.t.ppf(0.975, n - 1), spread=None, root=np.sqrt, sign=1):
    """식의 한 군데만 다른, 틀린 구간."""

    def of(a, b):
        difference = sign * np.subtract(a, b)
        s = difference.std(ddof=1) if spread is None else spread(np.asarray(a), np.asarray(b))
        half = quantile(len(a)) * s / root(len(a))
        return difference.mean(), difference.mean() - half, difference.mean() + half

    return of


TASKS = {
    "00_learning_rate/steps": Task(
        probes={
            "(가) 한 에포크의 스텝 수": lambda steps: steps["가"][0],
            "(가) 전체 스텝 수": lambda steps: steps["가"][1],
            "(나)에도 두 수를 적었다": lambda steps: len(steps["나"]),
        },
        reference={"가": [schedules.total_steps(2500, 64, 1), schedules.total_steps(2500, 64, 12)], "나": [0, 0]},
        hint="배치 하나로 가중치를 한 번 고치는 것이 1스텝입니다. 한 에포크에 배치가 몇 개 나오는지부터 세어 보세요.",
        mistakes={
            "덜 찬 마지막 배치를 버렸습니다. 샘플이 모자라도 그 배치로 가중치를 한 번 더 고칩니다.": {
                "가": [39, 468],
                "나": [0, 0],
            },
            "스텝 수가 정수가 아닙니다. 배치를 반 개만 쓰는 일은 없습니다. 덜 찬 배치를 어떻게 세는지 생각해 보세요.": {
                "가": [39.0625, 468.75],
                "나": [0, 0],
            },
            "에포크를 곱하지 않았습니다. 둘째 수는 훈련 전체의 스텝 수입니다.": {"가": [40, 40], "나": [0, 0]},
            "에포크를 이어 붙여 한꺼번에 나누었습니다. 덜 찬 배치는 에포크마다 한 번씩 나옵니다.": {
                "가": [40, 469],
                "나": [0, 0],
            },
            "샘플 수를 세었습니다. 스텝은 샘플이 아니라 배치마다 한 번입니다.": {"가": [2500, 30_000], "나": [0, 0]},
        },
    ),
    "00_learning_rate/suggest": Task(
        probes={
            "손실이 가장 낮은 곳보다 10배 낮은 학습률이다": lambda f: float(f(RATES, VALLEY)),
            "NaN이 된 손실은 보지 않는다": lambda f: float(f(RATES, DIVERGED)),
            "무한대가 섞여도 같은 규칙을 따른다": lambda f: float(f(RATES, OVERFLOWED)),
            "마지막 손실이 가장 낮으면 ValueError를 낸다": lambda f: outcome(f, RATES[:6], VALLEY[:6]),
            "첫 손실이 가장 낮으면 ValueError를 낸다": lambda f: outcome(f, RATES[5:], VALLEY[5:]),
        },
        reference=suggested,
        hint="순서대로 해 보세요. 수가 아닌 손실을 버립니다. 가장 낮은 손실의 자리를 찾습니다. 그 자리가 양 끝은 "
        "아닌지 봅니다. 그 자리의 학습률에서 제안할 값을 구합니다. ✗가 붙은 줄이 어느 단계인지 찾으세요.",
        mistakes={
            "손실이 가장 낮은 학습률을 그대로 돌려주었습니다. 그 자리에서는 손실이 다시 오르려 합니다.": (
                wrongly_suggested(lambda rates, losses: rates[np.nanargmin(losses)])
            ),
            "학습률이 아니라 손실을 돌려주었습니다. 가장 낮은 손실의 «자리»에 어떤 학습률이 있었는지 보세요.": (
                wrongly_suggested(lambda rates, losses: np.nanmin(losses) / 10)
            ),
            "NaN을 버리지 않았습니다. np.argmin은 NaN을 만나면 그 자리를 가장 낮다고 합니다.": (
                wrongly_suggested(lambda rates, losses: rates[np.argmin(losses)] / 10)
            ),
            "손실이 가장 가파르게 주는 곳을 골랐습니다. 이 강좌의 규칙은 손실이 가장 낮은 곳에서 출발합니다.": (
                wrongly_suggested(lambda rates, losses: rates[np.nanargmin(np.diff(losses))] / 10)
            ),
            "가장 낮은 손실이 범위의 끝에 있어도 값을 돌려주었습니다. 그때는 최저점을 지나쳤는지 알 수 없습니다.": (
                lambda rates, losses: rates[np.nanargmin(losses)] / 10
            ),
        },
    ),
    "01_power/by_hand": Task(
        probes={
            "(가) c = 1일 때 s, 2s, 3s스텝 뒤의 학습률": lambda rates: rates["가"],
            "(나) c = 2일 때 s, 2s, 3s스텝 뒤의 학습률": lambda rates: rates["나"],
            "(다)에도 세 수를 적었다": lambda rates: len(rates["다"]),
        },
        reference=by_hand(schedules.power),
        hint="t에 s, 2s, 3s를 넣으면 괄호 안의 1 + t/s가 얼마인지부터 적어 보세요. 그다음에 c제곱하고, 마지막에 "
        "η0를 나눕니다.",
        mistakes={
            "s스텝마다 절반으로 줄였습니다. 거듭제곱 기반은 절반의 절반이 되지 않습니다. t = 2s를 식에 넣어 보세요.": (
                by_hand(lambda t, rate, s, c: rate / 2 ** (c * t / s))
            ),
            "지수 c를 쓰지 않아 (나)가 (가)와 같습니다. 나누는 수 전체를 c제곱합니다.": (
                by_hand(lambda t, rate, s, c: rate / (1 + t / s))
            ),
            "s스텝마다 1/10로 줄였습니다. 그것은 지수 기반의 식입니다.": (
                by_hand(lambda t, rate, s, c: rate * 0.1 ** (t / s))
            ),
            "한 칸씩 밀렸습니다. 첫 수는 처음 학습률이 아니라 s스텝 뒤의 학습률입니다.": (
                by_hand(lambda t, rate, s, c: schedules.power(t - s, rate, s, c))
            ),
            "c를 거듭제곱하지 않고 곱했습니다. c는 1 + t/s의 지수입니다.": (
                by_hand(lambda t, rate, s, c: rate / (1 + c * t / s))
            ),
        },
    ),
    "01_power/power": Task(
        probes={
            "c = 1이면 s, 2s, 3s스텝 뒤에 η0/2, η0/3, η0/4이다": lambda f: curve(
                lambda step: f(step, 0.12, 40), (0, 40, 80, 120)
            ),
            "그 사이의 스텝에서도 조금씩 준다": lambda f: curve(lambda step: f(step, 0.12, 40), (1, 10, 30, 50)),
            "거듭제곱수 c를 따른다": lambda f: curve(lambda step: f(step, 0.1, 50, power=2.0), (0, 25, 50, 100)),
            "배열을 주면 같은 길이의 배열이다": lambda f: numbers(f(np.arange(0, 90, 15), 0.1, 30, power=0.5)),
            "staircase=True이면 s스텝마다 계단으로 떨어진다": lambda f: curve(
                lambda step: f(step, 0.1, 30, staircase=True), (0, 29, 30, 59, 60)
            ),
        },
        reference=stepped_power,
        hint="식을 안쪽에서 바깥쪽으로 옮겨 보세요. t/s, 1을 더하기, c제곱, 나누기의 순서입니다. "
        "계단은 t/s에만 손을 댑니다.",
        mistakes={
            "c를 t/s에만 씌웠습니다. 식에서는 괄호 전체, 곧 1을 더한 뒤의 값을 c제곱합니다.": wrong_power(
                lambda ratio, rate, c: rate / (1 + ratio**c)
            ),
            "η0까지 함께 c제곱했습니다. c는 나누는 수에만 씌웁니다. c = 2에서 스텝 0의 값을 확인하세요.": wrong_power(
                lambda ratio, rate, c: (rate / (1 + ratio)) ** c
            ),
            "지수 c를 쓰지 않았습니다. power를 바꾸어도 값이 같습니다.": wrong_power(
                lambda ratio, rate, c: rate / (1 + ratio)
            ),
            "언제나 계단입니다. 나눗셈을 내림하면 s스텝 동안 학습률이 그대로입니다. "
            "staircase=True일 때만 내림합니다.": lambda step, rate, s, power=1.0, staircase=False: stepped_power(
                step, rate, s, power, True
            ),
            "staircase를 보지 않았습니다. True이면 t/s를 내림합니다.": (
                lambda step, rate, s, power=1.0, staircase=False: stepped_power(step, rate, s, power)
            ),
            "s스텝마다 절반으로 줄였습니다. 그것은 지수 꼴입니다. t = 2s에서 무엇으로 나누는지 보세요.": wrong_power(
                lambda ratio, rate, c: rate / 2 ** (c * ratio)
            ),
        },
    ),
    "01_power/replace_decay": Task(
        probes={
            "케라스의 스케줄 객체이고 초기 학습률을 안다": lambda f: f(0.02, 1e-3).get_config()[
                "initial_learning_rate"
            ],
            "1/decay스텝 뒤에 절반이 된다": lambda f: curve(f(0.02, 1e-3), (0, 1000)),
            "2/decay, 3/decay스텝 뒤에 1/3, 1/4이 된다": lambda f: curve(f(0.02, 1e-3), (2000, 3000)),
            "그 사이에서도 옛 규칙과 같다": lambda f: curve(f(0.5, 0.01), (1, 50, 150, 777)),
        },
        reference=lambda learning_rate, decay: schedules.PowerDecay(learning_rate, 1 / decay),
        hint="옛 규칙의 식 η0/(1 + decay·t)와 거듭제곱 기반의 식을 나란히 적어 보세요. decay의 자리에 무엇이 있습니까?",
        mistakes={
            "decay를 그대로 decay_steps에 넣었습니다. 옛 인수는 스텝 수가 아니라 그 역수입니다.": (
                lambda rate, decay: keras_schedules.InverseTimeDecay(rate, decay, 1.0)
            ),
            "decay가 두 번 들어갔습니다. 학습률이 거의 줄지 않습니다. 식에서 t에 곱해지는 수가 decay인지 확인하세요.": (
                lambda rate, decay: keras_schedules.InverseTimeDecay(rate, 1 / decay, decay)
            ),
            "지수 기반 스케줄을 만들었습니다. 옛 decay는 처음에 빠르고 갈수록 느리게 주는 거듭제곱 기반이었습니다.": (
                lambda rate, decay: keras_schedules.ExponentialDecay(rate, 1 / decay, 0.5)
            ),
            "지수 기반 스케줄로 1/10씩 줄였습니다. 옛 decay는 거듭제곱 기반이었습니다.": (
                lambda rate, decay: keras_schedules.ExponentialDecay(rate, 1 / decay, 0.1)
            ),
            "계단을 만들었습니다. 옛 규칙은 스텝마다 조금씩 줄였습니다.": (
                lambda rate, decay: keras_schedules.InverseTimeDecay(rate, 1 / decay, 1.0, staircase=True)
            ),
        },
    ),
    "02_exponential/closure": Task(
        probes={
            "에포크 0에서는 lr0이다": lambda f: f(0.1, 20)(0),
            "s에포크 뒤에는 1/10이다": lambda f: f(0.1, 20)(20),
            "그 사이에서도 비율이 같다": lambda f: [f(0.03, 8)(epoch) for epoch in range(12)],
        },
        reference=lambda lr0, s: lambda epoch: schedules.exponential(epoch, lr0, s),
        hint="에포크가 s만큼 지날 때마다 0.1을 한 번 더 곱한 값이 되어야 합니다. 지수 자리에 무엇이 오는지 보세요.",
        mistakes={
            "나눗셈이 내림(//)입니다. s에포크가 다 지나야 바뀌는 계단이 됩니다.": lambda lr0, s: (
                lambda e: lr0 * 0.1 ** (e // s)
            ),
            "자연 지수 e의 거듭제곱을 썼습니다. 밑은 0.1입니다.": lambda lr0, s: (
                lambda e: lr0 * 2.718281828 ** (-e / s)
            ),
            "lr0을 곱하지 않았습니다. 비율만 돌려주었습니다.": lambda lr0, s: lambda e: 0.1 ** (e / s),
            "함수가 아니라 값을 돌려주었습니다. 클로저는 안쪽 함수를 만들어 그 함수를 돌려줍니다.": lambda lr0, s: lr0,
        },
    ),
    "02_exponential/decay_steps": Task(
        probes={
            "케라스의 스케줄 객체이고 초기 학습률을 안다": lambda f: f(0.1, 4, 320, 32).get_config()[
                "initial_learning_rate"
            ],
            "배치가 나누어떨어질 때 k에포크마다 1/10이다": lambda f: curve(f(0.1, 4, 320, 32), (0, 40, 80)),
            "한 에포크 안에서도 스텝마다 준다": lambda f: curve(f(0.1, 4, 320, 32), (1, 10, 25)),
            "덜 찬 배치가 있을 때에도 k에포크마다 1/10이다": lambda f: curve(f(0.05, 3, 325, 50), (0, 21, 42)),
        },
        reference=lambda lr0, k, n, batch_size: keras_schedules.ExponentialDecay(
            lr0, schedules.total_steps(n, batch_size, k), 0.1
        ),
        hint="decay_steps는 학습률이 decay_rate배가 되는 데 걸리는 스텝 수입니다. k에포크가 몇 스텝인지 세어 보세요.",
        mistakes={
            "에포크를 그대로 decay_steps에 넣었습니다. 스케줄 객체는 스텝으로 셉니다.": (
                lambda lr0, k, n, batch_size: keras_schedules.ExponentialDecay(lr0, k, 0.1)
            ),
            "한 에포크의 스텝 수를 내림했습니다. 덜 찬 배치가 있으면 학습률이 일찍 줄어듭니다.": (
                lambda lr0, k, n, batch_size: keras_schedules.ExponentialDecay(lr0, n // batch_size * k, 0.1)
            ),
            "나머지가 있든 없든 한 스텝을 더했습니다. 배치가 꼭 나누어떨어질 때를 확인하세요.": (
                lambda lr0, k, n, batch_size: keras_schedules.ExponentialDecay(lr0, (n // batch_size + 1) * k, 0.1)
            ),
            "샘플 수로 세었습니다. 배치 하나가 한 스텝입니다.": (
                lambda lr0, k, n, batch_size: keras_schedules.ExponentialDecay(lr0, n * k, 0.1)
            ),
            "한 에포크마다 1/10이 됩니다. k에포크의 스텝 수를 넣었는지 보세요.": (
                lambda lr0, k, n, batch_size: keras_schedules.ExponentialDecay(lr0, -(-n // batch_size), 0.1)
            ),
            "계단을 만들었습니다. 스텝마다 조금씩 줄어야 합니다.": (
                lambda lr0, k, n, batch_size: keras_schedules.ExponentialDecay(
                    lr0, -(-n // batch_size) * k, 0.1, staircase=True
                )
            ),
        },
    ),
    "03_piecewise_constant/rate": Task(
        probes={
            "구간 안에서는 그 구간의 값이다": lambda f: curve(
                lambda step: f(step, [100, 300], [0.01, 0.005, 0.001]), (0, 50, 200, 299)
            ),
            "경계와 같은 스텝은 아직 앞의 값이다": lambda f: curve(
                lambda step: f(step, [100, 300], [0.01, 0.005, 0.001]), (100, 300)
            ),
            "경계 다음 스텝부터 새 값이다": lambda f: float(f(101, [100, 300], [0.01, 0.005, 0.001])),
            "마지막 경계 뒤는 마지막 값이다": lambda f: curve(
                lambda step: f(step, [100, 300], [0.01, 0.005, 0.001]), (301, 900)
            ),
            "경계가 하나이거나 네 개여도 된다": lambda f: (
                curve(lambda step: f(step, [7], [0.3, 0.2]), (7, 8))
                + curve(lambda step: f(step, [2, 4, 6, 8], [5.0, 4.0, 3.0, 2.0, 1.0]), range(11))
            ),
        },
        reference=schedules.piecewise_constant,
        hint="경계를 앞에서부터 하나씩 보며 «이 스텝이 이 경계를 넘었는가?»를 물어 보세요. 넘은 경계의 수가 무엇을 "
        "알려 줍니까?",
        mistakes={
            "경계와 같은 스텝에서 벌써 새 값을 썼습니다. 케라스는 그 스텝까지 앞의 값을 씁니다.": (
                lambda step, boundaries, values: values[int(np.searchsorted(boundaries, step, side="right"))]
            ),
            "맞는 구간을 찾고도 계속 돌았습니다. 뒤의 경계가 앞에서 정한 값을 덮어썼습니다.": last_match,
            "값이 한 칸 밀렸습니다. 경계를 하나 넘으면 둘째 값을 써야 합니다.": (
                lambda step, boundaries, values: values[max(int(np.searchsorted(boundaries, step)) - 1, 0)]
            ),
            "첫 경계만 보았습니다. 경계가 몇 개이든 돌아야 합니다.": (
                lambda step, boundaries, values: values[int(step > boundaries[0])]
            ),
            "마지막 경계 뒤에서 아무것도 돌려주지 않았습니다. 경계보다 값이 하나 많은 까닭을 생각해 보세요.": (
                lambda step, boundaries, values: next(
                    (value for boundary, value in zip(boundaries, values) if step <= boundary), None
                )
            ),
        },
    ),
    "03_piecewise_constant/boundaries": Task(
        probes={
            "배치가 나누어떨어질 때 절반에서 바뀐다": lambda f: f([0.5], 320, 32, 10),
            "덜 찬 배치가 있을 때에도 훈련 길이에 맞는다": lambda f: f([0.25, 0.75], 330, 50, 12),
            "비율을 곱한 스텝이 정수가 아니면 버림한다": lambda f: f([0.25, 0.5], 55, 11, 3),
        },
        reference=fractions_to_boundaries,
        hint="먼저 훈련 전체의 스텝 수를 세어 보세요. 그 비율의 자리에서 «새 값을 처음 쓰는 스텝»을 구합니다. 경계는 "
        "앞의 값을 «마지막으로» 쓰는 스텝입니다.",
        mistakes={
            "경계를 에포크로 적었습니다. 스케줄 객체는 스텝으로 셉니다. 학습률이 몇 스텝 만에 떨어집니다.": (
                lambda fractions, n, batch_size, epochs: [math.floor(p * epochs) - 1 for p in fractions]
            ),
            "1을 빼지 않았습니다. 경계와 같은 스텝은 아직 앞의 값을 쓰므로 한 스텝 늦게 바뀝니다.": (
                lambda *args: [b + 1 for b in fractions_to_boundaries(*args)]
            ),
            "한 에포크의 스텝 수를 내림했습니다. 덜 찬 배치가 있으면 경계가 앞당겨집니다.": (
                lambda fractions, n, batch_size, epochs: [
                    math.floor(p * (n // batch_size) * epochs) - 1 for p in fractions
                ]
            ),
            "에포크 수를 곱하지 않았습니다. 모든 경계가 첫 에포크 안에 들어갑니다.": (
                lambda fractions, n, batch_size, epochs: fractions_to_boundaries(fractions, n, batch_size, 1)
            ),
            "샘플 수로 세었습니다. 경계가 훈련의 끝을 지나 학습률이 한 번도 바뀌지 않습니다.": (
                lambda fractions, n, batch_size, epochs: [math.floor(p * n * epochs) - 1 for p in fractions]
            ),
            "버림하지 않고 올림하거나 반올림했습니다. 정수가 아닐 때 어느 쪽으로 가야 하는지 문제를 다시 보세요.": (
                lambda fractions, n, batch_size, epochs: [
                    math.ceil(p * schedules.total_steps(n, batch_size, epochs)) - 1 for p in fractions
                ]
            ),
        },
    ),
    "04_performance/plateau": Task(
        probes={
            "기록이 patience번 잇달아 깨지지 않으면 다음 에포크부터 줄어든다": lambda f: numbers(
                f(LOSSES, 0.1, 0.5, 2, 1e-4, 0.0)
            ),
            "기록이 깨지면 처음부터 다시 센다": lambda f: numbers(f(WAVES, 0.2, 0.5, 3, 1e-4, 0.0)),
            "min_delta만큼 넘게 줄어야 기록이다": lambda f: numbers(f(CREEPING, 0.1, 0.1, 2, 0.012, 0.0)),
            "min_lr 아래로는 내려가지 않는다": lambda f: numbers(f(FLAT, 0.1, 0.5, 2, 1e-4, 0.03)),
        },
        reference=plateau,
        hint="손실 목록을 한 줄씩 손으로 따라가며 세 가지를 적어 보세요: 지금까지의 기록, 참은 횟수, 이 에포크에 쓴 "
        "학습률.",
        mistakes={
            "한 에포크를 더 참았습니다. 참은 횟수가 patience와 같아지는 때를 보세요.": wrong_plateau(late=1),
            "바로 앞 에포크와 견주었습니다. 견줄 것은 지금까지의 최저 기록입니다.": wrong_plateau(compare="previous"),
            "기록이 깨졌는데 참은 횟수를 0으로 돌리지 않았습니다. «잇달아» 깨지지 않은 횟수를 셉니다.": wrong_plateau(
                reset=False
            ),
            "학습률을 줄인 뒤에 참은 횟수를 0으로 돌리지 않았습니다. 그 뒤로 에포크마다 줄어듭니다.": wrong_plateau(
                rest=False
            ),
            "min_delta를 쓰지 않았습니다. 아주 조금 준 것까지 기록으로 쳤습니다.": wrong_plateau(delta=False),
            "min_lr을 쓰지 않았습니다. 바닥 아래로 내려갔습니다.": wrong_plateau(floor=False),
            "줄인 학습률을 한 에포크 일찍 적었습니다. 손실은 그 에포크의 훈련이 끝난 뒤에 나옵니다.": wrong_plateau(
                shifted=True
            ),
        },
    ),
    "05_one_cycle/phases": Task(
        probes={
            "스텝 0에서 η0이고 첫 구간의 끝에서 η1이다": lambda f: curve(lambda t: f(t, 0.2, 100, 0.1), (0, 45)),
            "첫 구간에서 곧게 오르고 둘째 구간에서 η0까지 곧게 내린다": lambda f: curve(
                lambda t: f(t, 0.2, 100, 0.1), (9, 30, 60, 81, 90)
            ),
            "마지막 구간에서 η0/1000까지 곧게 내린다": lambda f: curve(lambda t: f(t, 0.2, 100, 0.1), (92, 97, 100)),
            "훈련이 끝난 뒤에는 마지막 값에 머문다": lambda f: curve(lambda t: f(t, 0.2, 100, 0.1), (101, 150)),
            "마지막 구간의 비율을 바꾸면 세 구간이 모두 따라간다": lambda f: curve(
                lambda t: f(t, 0.05, 60, 0.3), (0, 10, 21, 30, 42, 50, 60)
            ),
        },
        reference=cycle,
        hint="꺾이는 점 네 개의 스텝과 학습률을 먼저 표로 적어 보세요. 이웃한 두 점을 곧은 선으로 이으면 됩니다.",
        mistakes={
            "마지막 구간이 없습니다. 올리기와 내리기로만 나누었습니다. 끝에서 η0보다 더 내립니다.": broken_line(
                lambda f: (0, 1 / 2, 1), (0.1, 1, 0.1)
            ),
            "첫 구간이 훈련 전체의 절반입니다. 마지막 구간을 먼저 떼어 두고, 나머지를 반으로 나눕니다.": broken_line(
                lambda f: (0, 1 / 2, 1 - f, 1), (0.1, 1, 0.1, 1e-4)
            ),
            "마지막 구간의 비율이 0.1로 굳어 있습니다. final_fraction을 쓰세요.": broken_line(
                lambda f: phase_ends(0.1), (0.1, 1, 0.1, 1e-4)
            ),
            "마지막 값이 η1/1000입니다. 무엇을 1000으로 나누는지 표를 다시 보세요.": broken_line(
                phase_ends, (0.1, 1, 0.1, 1e-3)
            ),
            "마지막에 학습률이 0이 되었습니다. 0이면 더는 배우지 못합니다. 마지막 값을 표에서 확인하세요.": broken_line(
                phase_ends, (0.1, 1, 0.1, 0)
            ),
            "0에서 시작했습니다. 1사이클은 η1보다 10배 낮은 학습률에서 시작합니다.": broken_line(
                phase_ends, (0, 1, 0.1, 1e-4)
            ),
            "훈련이 끝난 뒤에도 직선을 따라 계속 내려갑니다. 학습률이 음수가 될 수 있습니다.": runaway,
        },
    ),
    "05_one_cycle/momentum": Task(
        probes={
            "학습률이 오르는 동안 최대에서 최소로 내린다": lambda f: curve(lambda t: f(t, 100, 0.1), (0, 9, 27, 45)),
            "학습률이 내리는 동안 최소에서 최대로 오른다": lambda f: curve(lambda t: f(t, 100, 0.1), (54, 72, 90)),
            "마지막 구간과 그 뒤에는 최대에 머문다": lambda f: curve(lambda t: f(t, 100, 0.1), (91, 96, 100, 140)),
            "마지막 구간의 비율과 모멘텀의 범위를 바꿀 수 있다": lambda f: curve(
                lambda t: f(t, 60, 0.3, max_momentum=0.9, min_momentum=0.6), (0, 10, 21, 32, 42, 55, 60)
            ),
        },
        reference=mirrored,
        hint="학습률의 세 구간을 그대로 두고, 꺾이는 점마다 모멘텀이 최대인지 최소인지만 적어 보세요.",
        mistakes={
            "학습률과 같은 쪽으로 움직였습니다. 큰 걸음에 큰 관성까지 더해집니다. 둘은 거꾸로 돕니다.": wrong_momentum(
                phase_ends, (0, 1, 0, 0)
            ),
            "마지막 구간에서 모멘텀이 다시 내려갑니다. 학습률이 아주 작을 때는 관성이 커도 안전합니다.": wrong_momentum(
                phase_ends, (1, 0, 1, 0)
            ),
            "훈련 전체를 반으로 나누었습니다. 학습률의 꼭대기와 모멘텀의 바닥이 어긋납니다. 마지막 구간을 먼저 "
            "떼어 두세요.": wrong_momentum(lambda f: (0, 1 / 2, 1), (1, 0, 1)),
            "마지막 구간의 비율이 0.1로 굳어 있습니다. final_fraction을 쓰세요.": wrong_momentum(
                lambda f: phase_ends(0.1), (1, 0, 1, 1)
            ),
            "내려간 모멘텀이 되돌아오지 않습니다. 학습률이 내릴 때 모멘텀은 다시 오릅니다.": wrong_momentum(
                phase_ends, (1, 0, 0, 0)
            ),
            "모멘텀의 범위가 0.95와 0.85로 굳어 있습니다. max_momentum과 min_momentum을 쓰세요.": (
                lambda step, total_steps, final_fraction, max_momentum=0.95, min_momentum=0.85: mirrored(
                    step, total_steps, final_fraction
                )
            ),
        },
    ),
    "06_schedules_compared/interval": Task(
        probes={
            "첫 수는 같은 씨앗끼리 뺀 a - b의 평균이다": lambda f: float(f(*FIVE)[0]),
            "씨앗 다섯 개의 95 % 구간이다": lambda f: numbers(f(*FIVE)[1:]),
            "씨앗이 셋이면 구간이 그만큼 넓어진다": lambda f: numbers(f(*THREE)[1:]),
        },
        reference=interval,
        hint="같은 씨앗끼리 뺀 차이 n개를 먼저 구하세요. 그다음은 값 n개의 평균과 구간을 구하는 식 그대로입니다.",
        mistakes={
            "정규 분포의 값 1.96을 썼습니다. 씨앗이 몇 개뿐이면 구간이 너무 좁아집니다.": wrong_interval(
                quantile=lambda n: stats.norm.ppf(0.975)
            ),
            "모집단의 표준 편차를 썼습니다. 표본에서 구할 때 무엇으로 나누는지, std의 ddof를 보세요.": wrong_interval(
                spread=lambda a, b: (a - b).std()
            ),
            "짝을 짓지 않고 두 방법의 흔들림을 더했습니다. 같은 씨앗끼리 빼면 둘에 함께 든 흔들림이 지워집니다.": (
                wrong_interval(spread=lambda a, b: np.sqrt(a.var(ddof=1) + b.var(ddof=1)))
            ),
            "√n으로 나누지 않았습니다. 차이 하나가 아니라 평균이 얼마나 흔들리는지를 물었습니다.": wrong_interval(
                root=lambda n: 1
            ),
            "한쪽에 5 %를 남긴 값을 썼습니다. 95 % 구간은 양쪽에 똑같이 나누어 남깁니다.": wrong_interval(
                quantile=lambda n: stats.t.ppf(0.95, n - 1)
            ),
            "자유도가 n입니다. 평균을 구하느라 하나를 썼습니다.": wrong_interval(
                quantile=lambda n: stats.t.ppf(0.975, n)
            ),
            "뺀 순서가 거꾸로입니다. 부호가 뒤집히면 어느 쪽이 나은지도 뒤집힙니다.": wrong_interval(sign=-1),
        },
    ),
}
