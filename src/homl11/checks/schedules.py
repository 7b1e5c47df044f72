"""과제 «학습률 스케줄링»의 문제들."""

import itertools
import math
from types import SimpleNamespace

import keras
import numpy as np
from scipy import stats

from homl11 import schedules
from homl11.checks.task import Ask, Either, Raised, Refused, Sealed, Task, Written, call, drawn, kind_of, pick
from homl11.range_test import RangeTest
from homl11.significance import confidence_interval

keras_schedules = keras.optimizers.schedules


def _multiples(places, steps):
    """``steps``스텝의 배수들."""
    return [place * steps for place in places]


class _InTraining(keras.layers.Layer):
    """``fit``이 컴파일하는 계산처럼, 아직 값이 없는 스텝으로 스케줄을 부른다."""

    def __init__(self, asked):
        super().__init__()
        self.asked, self.step = asked, keras.Variable(3, dtype="int64", trainable=False)

    def call(self, inputs):
        return inputs + keras.ops.cast(self.asked(self.step), "float32")


def schedule(answer):
    """답이 돌려준 것이 옵티마이저에 넣을 수 있는 케라스의 스케줄 객체인지 본다. 스스로 만든 하위 클래스도 된다."""
    if not isinstance(answer, keras_schedules.LearningRateSchedule):
        raise Refused(
            f"돌려준 것이 케라스의 스케줄 객체가 아니라 {kind_of(answer)}입니다. 옵티마이저에 넣을 수 있어야 합니다"
        )
    if not type(answer).__module__.startswith("keras."):  # 케라스의 스케줄은 언제나 된다
        try:
            _InTraining(answer)(keras.Input((), batch_size=1))
        except Exception as error:
            raise Refused(
                "옵티마이저에 넣고 fit을 부르면 오류가 나는 스케줄입니다. 훈련할 때의 스텝은 텐서입니다. "
                "float, int, math, if 대신 +, /, **나 keras.ops로 셈하세요"
            ) from error
    return answer


# 00 학습률 ----------------------------------------------------------------------------------------------------------

STEP_TRAININGS = {"가": (2500, 64, 12), "나": (10_000, 48, 15)}


def _counted(epoch, total):
    """스텝을 ``epoch(n, 배치)``와 ``total(n, 배치, 에포크)``로 센 답."""
    return {name: [epoch(n, size), total(n, size, epochs)] for name, (n, size, epochs) in STEP_TRAININGS.items()}


def suggest_probes(r):
    """수가 아닌 손실은 앞, 가운데, 최저점의 옆, 끝에 있다. 최저점은 남은 것의 끝이나 그 바로 안쪽에도 있다."""
    k = r.randint(4, 6)
    rates = np.geomspace(1e-5, round(r.uniform(0.02, 0.1), 3), 11)
    losses = np.array([round(0.5 + 0.2 * abs(i - k) ** 0.7 + r.uniform(0, 0.05), 3) for i in range(11)])

    def case(first=0, last=11, shift=0.0, scale=1.0, **broken):
        changed = shift + scale * losses
        for place, value in broken.items():
            changed[int(place[1:])] = {"n": np.nan, "p": np.inf, "m": -np.inf}[value]
        return call(rates[first:last].copy(), changed[first:last])

    def at(*places, value="n"):
        return {f"i{place}": value for place in places}

    return {
        "손실이 가장 낮은 곳보다 10배 낮은 학습률이다": Ask(
            case(),
            case(k - 2, k + 3),
            case(shift=-50.0, scale=20.0),  # 모두 음수이고, 절댓값은 최저에서 가장 크다
            case(shift=-0.7),  # 음수와 양수가 섞인다
            case(scale=5000.0),
            catch=ValueError,
        ),
        "수가 아닌 손실(NaN, 무한대)과 그때의 학습률은 버린다": Ask(
            case(**at(9, 10)),
            case(**at(10, value="p")),
            case(**at(1, k - 2)),
            case(**at(k - 1, k + 1)),
            case(**at(0, 1, value="p"), **at(k + 1, value="p")),
            case(**at(2, value="m")),
            case(**at(0), **at(k + 2, value="m"), **at(9, 10, value="p")),
            case(shift=-50.0, scale=20.0, **at(1, k - 1), **at(9, 10, value="p")),
            case(scale=5000.0, **at(0, k + 1), **at(10, value="p")),
            catch=ValueError,
        ),
        "남은 것의 처음이나 마지막 손실이 가장 낮으면 ValueError를 낸다": Ask(
            case(0, k + 1),
            case(k),
            case(**at(*range(k + 1, 11))),
            case(**at(*range(k))),
            case(**at(*range(k + 1, 11), value="p")),
            case(k - 1),
            case(0, k + 2),
            case(**at(*range(k + 2, 11))),
            case(**at(*range(k - 1))),
            case(0, k + 1, shift=-50.0, scale=20.0),
            catch=ValueError,
            part=_refused,
        ),
    }


def _refused(value):
    """예외를 냈는지만 남긴다. 값이 맞는지는 앞의 두 성질이 본다."""
    return value if isinstance(value, Raised) else Raised("ValueError를 내지 않았다")


def suggested(learning_rates, losses):
    """수가 아닌 손실을 버린 ``RangeTest``의 제안."""
    learning_rates, losses = np.asarray(learning_rates, float), np.asarray(losses, float)
    kept = np.isfinite(losses)
    return RangeTest(learning_rates[kept], losses[kept], losses[kept]).suggestion


def wrongly_suggested(choose):
    """거르기와 범위의 끝은 제대로 살피고 고르는 값만 다른, 틀린 제안. ``choose``는 거른 두 배열을 받는다."""

    def wrong(learning_rates, losses):
        kept = np.isfinite(losses)
        return suggested(learning_rates, losses) and choose(learning_rates[kept], losses[kept])

    return wrong


def _filtered_suggestion(keep, both=True):
    """거르는 법이 틀린 제안. ``both``가 거짓이면 손실만 거른다."""

    def wrong(learning_rates, losses):
        kept = keep(losses)
        losses = losses[kept]
        lowest = losses.argmin()
        if lowest in (0, len(losses) - 1):
            raise ValueError
        return (learning_rates[kept] if both else learning_rates)[lowest] / 10

    return wrong


def _carelessly_suggested(last=lambda losses: len(losses) - 1):
    """아무것도 버리지 않은 제안. ``last``는 마지막으로 친 자리이다."""

    def wrong(learning_rates, losses):
        if losses.argmin() in (0, last(losses)):
            raise ValueError
        return learning_rates[losses.argmin()] / 10

    return wrong


# 01 거듭제곱 기반 ---------------------------------------------------------------------------------------------------

POWER_CASES = {"가": (0.072, 200, 1), "나": (0.072, 200, 2), "다": (0.144, 500, 2)}


def by_hand(rate):
    """s, 2s, 3s스텝 뒤의 학습률을 ``rate(t, η0, s, c)``로 구한 답."""
    return {name: [float(rate(k * s, lr0, s, c)) for k in (1, 2, 3)] for name, (lr0, s, c) in POWER_CASES.items()}


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


def _placed(whole):
    """비율을 곱한 스텝을 정수로 만드는 법이 다른 경계."""
    return lambda fractions, n, batch_size, epochs: [
        whole(fraction * schedules.total_steps(n, batch_size, epochs)) - 1 for fraction in fractions
    ]


# 04 성능 기반 -------------------------------------------------------------------------------------------------------


def plateau(losses, learning_rate, factor, patience, min_delta=1e-4, min_lr=0.0):
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


def wrong_plateau(*, compare="best", late=0, reset=True, rest=True, better=None, floor=True, shifted=False):
    """규칙 하나만 어긴 성능 기반 스케줄링. 인수 하나가 실수 하나이다."""

    def rates(losses, learning_rate, factor, patience, min_delta=1e-4, min_lr=0.0):
        best, waited, used = math.inf, 0, []
        for loss in losses:
            before = learning_rate
            if (better or (lambda loss, best, min_delta: loss < best - min_delta))(loss, best, min_delta):
                best, waited = loss, waited * (not reset)
            else:
                waited += 1
                if waited >= patience + late:
                    learning_rate = max(learning_rate * factor, min_lr * floor)
                    waited *= not rest
            if compare == "previous" or (compare == "any" and loss < best):
                best = loss
            used.append(learning_rate if shifted else before)
        return used

    return rates


def plateau_probes(r):
    """손실은 64분의 1의 배수이다. 그래야 «꼭 min_delta만큼»이 반올림 없이 정확하다."""
    lr, factor, p = drawn(r, 0.05, 0.4), drawn(r, 0.3, 0.6), 4
    start = r.randint(40, 56) / 64
    flat = [start + i / 64 for i in range(3 * p + 4)]  # 첫 기록이 끝까지 깨지지 않는다
    descent = [
        start,
        start + 0.3,
        *(round(start + 0.28 - 0.01 * i, 4) for i in range(2 * p + 2)),
    ]  # 기록 위에서 내려온다
    waves = [start - 0.1 * (i // p) + (0.05 if i % p else 0) for i in range(4 * p)]  # 참은 횟수가 차기 전에 깨진다
    late = [start, *[start + 0.1] * (p - 1), start - 0.1, *[start] * (2 * p + 1), start - 0.2, *[start] * (2 * p)]
    delta = r.randint(6, 9) / 64
    exact = [
        4 * start,
        *(4 * start - delta * i for i in (1, 1.5, 2, 2, 2, 2.5, 3, 3, 3, 3, 3, 3)),
    ]  # 꼭 min_delta만큼 준다
    creeping = [
        start - i * delta / (p + 0.5) for i in range(3 * p + 3)
    ]  # 조금씩 주어 여러 번 모이면 min_delta를 넘는다
    less = [start / 2 - i * 0.9 * delta for i in (0, 1, 1, 1, 1, 1, 1, 1)]
    more = [3 + start, *[3 + start - 1.2 * delta] * (2 * p), *[3 + start - 2.4 * delta] * (2 * p)]
    nearly = [3 + start, *[3 + start - 1.05 * delta] * (2 * p), *[3 + start - 2.1 * delta] * (2 * p)]
    tiny = [0.5, *(0.5 - 0.00009 * (i + 1) / p for i in range(p)), *[0.49] * (p + 1)]  # 기본값 1e-4에 못 미친다
    creep = [start - i * 2e-5 for i in range(2 * p + 2)]  # min_delta가 0이면 이만큼도 기록이다
    high = [1e6 * loss for loss in late]  # 첫 기록은 얼마이든 될 수 있다
    below = [loss - 2 for loss in late]
    long = [start, *[start + 0.1] * 24]
    return {
        "기록이 patience번 잇달아 깨지지 않으면 다음 에포크부터 줄어든다": Ask(
            call(flat, lr, factor, p),
            call(late, lr, factor, p),
            call(high, lr, factor, p),
            call(below, lr, factor, p),
            *(call(long, lr, factor, patience) for patience in (1, 2, 3, 4, 5, 8)),
        ),
        "견줄 것은 지금까지의 최저 기록이고, 기록이 깨지면 처음부터 다시 센다": Ask(
            call(descent, lr, factor, p, 0.001),
            call(waves, lr, factor, p, 0.001),
            call(waves, lr, factor, 2, 0.0),
            call([1e6 * loss for loss in descent], lr, factor, p),
        ),
        "기록보다 min_delta보다 더 낮아져야 새 기록이다": Ask(
            call(exact, lr, factor, 2, min_delta=delta),
            call(creeping, lr, factor, p, min_delta=delta),
            call(less, lr, factor, p, delta),
            call(more, lr, factor, p, delta),
            call(nearly, lr, factor, p, delta),
            call(tiny, lr, factor, p),
            call(creep, lr, factor, p, 0.0),
        ),
        "min_lr 아래로는 내려가지 않는다": Ask(
            call(flat, lr, factor, p, min_lr=lr * factor**1.5), call(flat, lr, factor, p, 0.01, lr * factor)
        ),
    }


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


def interval(a, b):
    """SciPy의 짝지은 t 검정. 이 강좌의 함수는 답이 부르지 못하게 막아 두었다."""
    low, high = stats.ttest_rel(a, b).confidence_interval(0.95)
    return (low + high) / 2, low, high


def wrong_interval(quantile=lambda n: stats.t.ppf(0.975, n - 1), spread=None, root=np.sqrt, sign=1):
    """식의 한 군데만 다른, 틀린 구간."""

    def of(a, b):
        difference = sign * np.subtract(a, b)
        s = difference.std(ddof=1) if spread is None else spread(np.asarray(a), np.asarray(b))
        half = quantile(len(a)) * s / root(len(a))
        return difference.mean(), difference.mean() - half, difference.mean() + half

    return of


# 13 워밍업과 코사인 -------------------------------------------------------------------------------------------------


def warmup_cosine(step, peak, warmup_steps, total_steps, floor=0.0):
    """케라스의 ``CosineDecay``. 워밍업이 0스텝이면 코사인만 남긴다."""
    decay_steps, alpha = total_steps - warmup_steps, floor / peak
    warmup = {"warmup_target": peak, "warmup_steps": warmup_steps} if warmup_steps else {}
    return float(keras_schedules.CosineDecay(0.0 if warmup else peak, decay_steps, alpha, **warmup)(step))


def wrong_warmup_cosine(rising=None, share=None, falling=None):
    """식의 한 군데만 다른, 틀린 스케줄. ``share``는 내려온 몫, ``falling``은 그 몫의 학습률이다."""
    rising = rising or (lambda t, peak, warmup, floor: peak * t / warmup)
    share = share or (lambda t, warmup, total: min(1, (t - warmup) / (total - warmup)))
    falling = falling or (lambda part, peak, floor: floor + (peak - floor) * (1 + math.cos(math.pi * part)) / 2)

    def rate(step, peak, warmup_steps, total_steps, floor=0.0):
        if step < warmup_steps:
            return rising(step, peak, warmup_steps, floor)
        return falling(share(step, warmup_steps, total_steps), peak, floor)

    return rate


def large_batch(scale=lambda ratio: ratio, epoch=lambda n, size: -(-n // size), start=None, counted=None, sizes=None):
    """배치를 키울 때의 워밍업과 코사인. 인수 하나가 실수 하나이다: 배수, 한 에포크의 스텝, 시작, 내리는 스텝, 배치."""
    counted = counted or (lambda total, warmup: total - warmup)

    def scaled(learning_rate, batch_size, large_batch_size, n, epochs, warmup_epochs):
        steps = epoch(n, sizes(batch_size, large_batch_size) if sizes else large_batch_size)
        peak = learning_rate * scale(large_batch_size / batch_size)
        warmup = warmup_epochs * steps
        return keras_schedules.CosineDecay(
            learning_rate if start is None else start(learning_rate, peak),
            counted(epochs * steps, warmup),
            warmup_target=peak,
            warmup_steps=warmup,
        )

    return scaled


def step_probes(r):
    return {
        "한 에포크의 스텝 수": Written(("가", 0), ("나", 0), count=2),
        "전체 스텝 수": Written(("가", 1), ("나", 1), count=2),
    }


def by_hand_probes(r):
    return {
        "c = 1일 때 s, 2s, 3s스텝 뒤의 학습률": Written(("가",), count=3),
        "c = 2일 때 s, 2s, 3s스텝 뒤의 학습률": Written(("나",), ("다",), count=3),
    }


def power_probes(r):
    """c는 1이 아니고 1보다 작기도 하다. 계단은 t/s의 소수가 0.5보다 작은 곳과 큰 곳, 배열에서도 본다."""
    lr0, c = drawn(r, 0.01, 0.5), r.choice([1.5, 2.5, 3.5])
    # 1/s을 먼저 구해 곱하는 답도 맞다. 그 곱의 반올림이 계단을 흔들지 않는 s만 쓴다.
    s = r.choice([s for s in range(20, 90) if all(math.floor(k * s * (1 / s)) == k for k in range(1, 4))])
    steps = [0, s, 2 * s, 3 * s, *range(7, 4 * s, 17)]
    near = [0, 1, s // 3, s - s // 4, s - 1, s, s + 1, 2 * s - 1, 2 * s, 3 * s - 2]
    return {
        "c = 1이면 s, 2s, 3s스텝 뒤에 η0/2, η0/3, η0/4이고 그 사이에서도 조금씩 준다": Ask(
            *(call(step, lr0, s) for step in steps)
        ),
        "거듭제곱수 c를 따르고, 배열을 주면 같은 길이의 배열이다": Ask(
            *(call(step, lr0, s, power=power) for power in (c, 0.5) for step in (0, s // 2, 2 * s)),
            call(np.arange(0, 3 * s, 11), lr0, s, c),
            call(np.array([0, s, 2 * s]), lr0, s),
        ),
        "staircase=True이면 s스텝마다 계단으로 떨어진다": Ask(
            *(call(step, lr0, s, staircase=True) for step in near),
            *(call(step, lr0, s, c, staircase=True) for step in near),
            call(np.array(near), lr0, s, c, staircase=True),
        ),
    }


def replace_probes(r):
    """1/decay가 정수가 아닐 때도 본다. 한 자리로 반올림해도 달라진다."""
    lr0 = drawn(r, 0.01, 0.5)
    s = r.choice([s for s in range(40, 400) if 1 / (1 / s) == s])  # 역수의 반올림에 흔들리지 않는다
    decay = round(1 / (3 + r.choice([0.25, 0.35, 0.45, 0.65, 0.75]) + r.uniform(-0.01, 0.01)), 6)
    return {
        "1/decay, 2/decay, 3/decay스텝 뒤에 1/2, 1/3, 1/4이 된다": Ask(
            call(lr0, 1 / s, at=_multiples(range(5), s)), read=schedule
        ),
        "그 사이에서도 옛 규칙과 같다": Ask(
            call(lr0, 1 / s, at=[s * k // 5 for k in range(1, 15)]), call(lr0, decay, at=[1, 2, 5, 17]), read=schedule
        ),
    }


def closure_probes(r):
    """함수를 둘 만든 다음에 부른다. 서로의 값을 쓰면 드러난다."""
    lr0, s = drawn(r, 0.01, 0.2), r.randint(5, 30)
    return {
        "s에포크가 지날 때마다 1/10이 된다": Ask(
            call(lr0, s, at=_multiples(range(4), s)), call(2 * lr0, s + 3, at=_multiples(range(3), s + 3))
        ),
        "그 사이에서도, 먼 에포크에서도 비율이 같다": Ask(
            call(lr0, s, at=range(3 * s)), call(3 * lr0, s + 2, at=range(1, 2 * s)), call(lr0, 90 + s, at=(151, 407))
        ),
        "LearningRateScheduler에 넣어도 같은 학습률이다": Ask(
            call(lr0, s, at=(0, 1, s)), call(2 * lr0, s + 3, at=(2, s + 1)), read=scheduled
        ),
    }


def scheduled(answer):
    """``LearningRateScheduler``처럼 부른다: 먼저 에포크와 지금의 학습률을 주고, 받지 않으면 에포크만 준다."""
    if not callable(answer):
        return answer

    def rate(epoch):
        try:
            return answer(epoch, 0.7)
        except TypeError:
            return answer(epoch)

    return rate


def leftovers(r, size):
    """덜 찬 배치에 남는 샘플의 수: 하나, 절반에 못 미치게, 절반 넘게, 하나만 모자라게."""
    return 1, r.randint(2, size // 3), size - r.randint(2, size // 3), size - 1


def tenth_probes(r):
    """덜 찬 배치는 샘플 하나이기도 하고 하나만 모자라기도 하다. 한 에포크가 배치 하나에 못 미치기도 한다."""
    k, lr0, size, full = r.randint(2, 5), drawn(r, 0.02, 0.3), r.randint(24, 40), r.randint(3, 9)
    s, n, big = k * full, full * size, 2048
    little, longer = r.randint(1, size // 5), k * (full + 1)
    return {
        "배치가 나누어떨어질 때 k에포크마다 1/10이다": Ask(
            call(lr0, k, n, size, at=_multiples(range(3), s)),
            call(lr0, k + 1, size, size, at=_multiples(range(3), k + 1)),
            call(lr0, k, 2 * big, big, at=_multiples(range(3), 2 * k)),
            read=schedule,
        ),
        "한 에포크 안에서도 스텝마다 준다": Ask(call(lr0, k, n, size, at=range(s)), read=schedule),
        "덜 찬 배치가 있을 때에도 k에포크마다 1/10이다": Ask(
            *(call(lr0, k, n + rest, size, at=_multiples(range(3), longer)) for rest in leftovers(r, size)),
            call(lr0, k, size + little, size, at=_multiples(range(3), 2 * k)),
            call(lr0, k, size - 1, size, at=_multiples(range(3), k)),
            call(lr0, k, 1, size, at=_multiples(range(3), k)),
            call(lr0, k, 2 * big + 1, big, at=_multiples(range(3), 3 * k)),
            call(lr0, k, 3 * big - 1, big, at=_multiples(range(3), 3 * k)),
            read=schedule,
        ),
    }


def rate_probes(r):
    """경계는 하나이기도, 스물이 넘기도, 0이기도 하다. 값은 커지기도 하고 앞의 것과 같기도 하다."""
    lr0 = drawn(r, 0.1, 0.5)
    boundaries = [10 * place + r.randint(0, 6) for place in sorted(r.sample(range(1, 20), 8))]
    values = [round(lr0 * 0.7**i, 5) for i in range(len(boundaries) + 1)]
    warm = r.sample(values, len(values))
    again = [*values[:2], *values[:2], *values[:2]]
    long = [3 * i + r.randint(0, 2) for i in range(24)], [round(lr0 / (i + 1), 6) for i in range(25)]
    inside = [0, *(boundary - 1 for boundary in boundaries), *(boundary + 2 for boundary in boundaries[:-1])]
    edges = [boundary + d for boundary in boundaries[:-1] for d in (0, 1)]
    return {
        "구간 안에서는 그 구간의 값이다": Ask(
            *(call(t, boundaries, values) for t in inside),
            *(call(t, boundaries, warm) for t in inside),
            *(call(t, [2, 5, 8, 11, 14], again) for t in (1, 4, 7, 10, 13)),
        ),
        "경계와 같은 스텝은 아직 앞의 값이고, 다음 스텝부터 새 값이다": Ask(
            *(call(t, boundaries, values) for t in edges),
            *(call(t, [0, 5], values[:3]) for t in (0, 1, 5)),
            *(call(b + d, *long) for b in long[0][::5] for d in (0, 1)),
        ),
        "마지막 경계 뒤는 마지막 값이다": Ask(
            *(call(boundaries[-1] + d, boundaries, values) for d in (1, 2, 500)),
            call(8, [7], [0.3, 0.2]),
            *(call(long[0][-1] + d, *long) for d in (1, 40)),
        ),
    }


def boundary_probes(r):
    """비율을 곱한 스텝은 정수(홀수와 짝수), 정수의 바로 아래와 위, 반의 바로 아래와 위가 모두 나온다."""
    size, full, epochs = r.randint(24, 40), r.choice([3, 5, 7, 9]), r.choice([4, 12])  # 사분의 일이 홀수인 스텝
    odd, big = 4 * r.randint(1, 4), 2048
    quarters = [0.25, 0.5, 0.75]
    steps = r.randint(7, 14) * 100 + 1

    def at(*parts):
        """훈련 길이가 ``steps``일 때, 곱한 스텝의 소수가 ``parts``인 비율들. 둘째 자리까지 적으면 다른 스텝이 된다."""
        tens = sorted(r.sample(range(1, 9), len(parts)))
        return [(int((ten / 10 + 0.005) * steps) + part) / steps for ten, part in zip(tens, parts)]

    return {
        "배치가 나누어떨어질 때 그 비율에서 바뀐다": Ask(
            call(quarters, full * size, size, epochs),
            call([0.5], full * size, size, epochs),
            call(quarters, 3 * big, big, epochs),
        ),
        "덜 찬 배치가 있을 때에도 훈련 길이에 맞는다": Ask(
            *(call([0.5, 0.75], full * size + rest, size, epochs) for rest in leftovers(r, size)),
            call(quarters, full * size + size - 1, size, epochs),
            call(quarters, 1, size, 4),
            call(quarters, 2 * big + 1, big, epochs),
            call(quarters, 3 * big - 1, big, epochs),
        ),
        "비율을 곱한 스텝이 정수가 아니면 버림한다": Ask(
            call(quarters, (odd + 1) * size, size, 3),
            call(quarters, (odd + 3) * size, size, 5),
            call([0.125, 0.375, 0.625], (odd + 1) * size, size, 3),
            call([0.125, 0.875], (2 * odd + 2) * size, size, 1),
            call(at(0.04, 0.46), steps * size, size, 1),
            call(at(0.54, 0.97), steps * size, size, 1),
            call(at(0.97, 0.04, 0.97), steps * size - 1, size, 1),
        ),
    }


def _uneven(r):
    """꺾이는 스텝이 정수가 아닌 T와 f."""
    f = r.choice([0.15, 0.25, 0.3, 0.45])
    total = next(
        t for t in itertools.count(r.randint(50, 150)) if 0.2 < (1 - f) * t / 2 % 1 < 0.8 and (1 - f) * t % 1 > 0.1
    )
    return total, f


def phase_probes(r):
    """꺾이는 스텝이 정수일 때와 아닐 때를 모두 본다."""
    lr1, (total, f) = drawn(r, 0.05, 0.8), _uneven(r)
    middle, down = math.ceil((1 - f) * total / 2), math.ceil((1 - f) * total)
    return {
        "스텝 0의 η0에서 η1까지 직선으로 오르고, η0까지 직선으로 내려간다": Ask(
            *(call(t, lr1, 100, 0.1) for t in (0, 9, 30, 45, 60, 81, 89)),
            *(call(t, lr1, total, f) for t in (0, 1, middle // 2, middle - 1, middle, (middle + down) // 2, down - 1)),
        ),
        "마지막 구간에서 η0/1000까지 직선으로 내려간다": Ask(
            *(call(t, lr1, 100, 0.1) for t in (90, 92, 97, 99)),
            *(call(t, lr1, total, f) for t in (down, (down + total) // 2, total - 1)),
        ),
        "스텝 T부터는 마지막 값에 머문다": Ask(
            *(call(t, lr1, 100, 0.1) for t in (100, 101, 150)), *(call(total + t, lr1, total, f) for t in (0, 1, 70))
        ),
    }


def momentum_probes(r):
    total, f = _uneven(r)
    high, low = drawn(r, 0.9, 0.93), drawn(r, 0.5, 0.8)
    middle, down = math.ceil((1 - f) * total / 2), math.ceil((1 - f) * total)

    def both(usual, own):
        return Ask(
            *(call(t, 100, 0.1) for t in usual), *(call(t, total, f, max_momentum=high, min_momentum=low) for t in own)
        )

    return {
        "학습률이 오르는 동안 최대에서 최소로 직선으로 내려간다": both((0, 9, 27, 44), (0, 1, middle // 2, middle - 1)),
        "학습률이 내려가는 동안 최소에서 최대로 직선으로 오른다": both(
            (45, 54, 72), (middle, (middle + down) // 2, down - 1)
        ),
        "마지막 구간과 그 뒤에는 최대에 머문다": both(
            (90, 96, 100, 140), (down, (down + total) // 2, total, total + 50)
        ),
    }


def interval_probes(r):
    """차이의 평균은 음수이기도 하고, 차이의 부호가 섞이기도 한다. 씨앗은 둘이기도 하다."""
    a = [round(0.85 + 0.02 * i + r.uniform(0, 0.004), 4) for i in range(5)]  # 씨앗마다 크게 다르다
    b = [round(score - 0.01 + r.uniform(-0.004, 0.004), 4) for score in a]  # 차이는 씨앗마다 비슷하다
    mixed = [
        round(score + shift + r.uniform(-0.001, 0.001), 4)
        for score, shift in zip(a, (0.01, -0.004, 0.006, 0.012, -0.002))
    ]
    many = [round(r.uniform(0.7, 0.9), 4) for _ in range(120)], [round(r.uniform(0.7, 0.9), 4) for _ in range(120)]

    def ask(*calls, places):
        return Ask(*calls, part=pick(*places, of=3), without=confidence_interval)

    five = call(a, b), call(b, a), call(a, mixed)
    return {
        "첫 수는 같은 씨앗끼리 뺀 a - b의 평균이다": ask(*five, places=[0]),
        "씨앗 다섯 개의 95% 구간이다": ask(*five, places=[1, 2]),
        "씨앗 수가 다르면 구간도 그만큼 달라진다": ask(
            call(a[:3], b[:3]),
            call(mixed[:2], a[:2]),
            call([*a, *b], [*mixed, *a]),
            call(many[0][:40], many[1][:40]),
            call(*many),
            places=[1, 2],
        ),
    }


def warmup_cosine_probes(r):
    """바닥은 0이기도, 아니기도 하다. 워밍업이 없기도 하고, 내리는 구간의 스텝 수는 홀수이기도 짝수이기도 하다."""
    peak, floor = drawn(r, 0.2, 0.8), drawn(r, 0.01, 0.05)
    warmup, total = 2 * r.randint(9, 20) + 1, 2 * r.randint(70, 120)
    *quarters, late = [warmup + (total - warmup) * k // 12 for k in (3, 6, 9, 11)]  # 끝에서는 32비트의 반올림이 크다
    return {
        "스텝 0의 0에서 W까지 직선으로 오른다": Ask(
            *(call(t, peak, warmup, total) for t in (0, 1, warmup // 2, warmup - 1)),
            *(call(t, peak, 20, 100, floor) for t in (0, 5, 10, 19)),
            call(0, peak, 1, total),
        ),
        "W에서 η1이고 T까지 코사인의 반 바퀴를 따라 바닥까지 내려간다": Ask(
            *(call(t, peak, warmup, total) for t in (warmup, warmup + 1, *quarters, late)),
            *(call(t, peak, warmup, total, floor) for t in (warmup, *quarters, late)),
            *(call(t, peak, 20, 100, floor=2 * floor) for t in (20, 40, 60, 95)),
        ),
        "W가 0이면 스텝 0에서 η1이고 곧바로 내려간다": Ask(
            *(call(t, peak, 0, total) for t in (0, 1, total // 2, total - total // 12)), call(7, peak, 0, 40, floor)
        ),
        "스텝 T부터는 바닥에 머문다": Ask(
            *(call(total + t, peak, warmup, total) for t in (0, 1, total // 3, 2 * total)),
            *(call(total + t, peak, warmup, total, floor) for t in (0, 1, total // 3, 2 * total)),
            call(90, peak, 0, 60, floor),
        ),
    }


def large_batch_probes(r):
    """큰 배치로도 한 에포크에 배치가 여럿이고, 배수는 정수가 아니기도 하다."""
    rate, size = drawn(r, 0.01, 0.1), r.choice([16, 32])
    times, full = r.choice([2, 4, 8]), r.randint(3, 9)
    big, epochs, warmup = times * size, r.randint(8, 14), r.randint(2, 4)

    def asked(*moments, rest=(0, 1, big - 1), scale=1):
        """샘플이 ``rest``만큼 남을 때마다, ``moments``에 적은 에포크에서 본다."""
        found = []
        for left in rest:
            n = full * scale * big + left
            steps = schedules.total_steps(n, big, 1)
            at = [round(moment * steps) for moment in moments]
            found.append(call(rate, size, big, n, epochs, warmup, at=at))
        return found

    half = warmup + (epochs - warmup) / 2
    return {
        "처음에는 작은 배치에 알맞던 학습률이다": Ask(*asked(0), read=schedule),
        "워밍업이 끝나면 배치의 배수만큼 큰 학습률이다": Ask(
            *asked(warmup),
            call(rate, size, 3 * size // 2, 9 * size, epochs, warmup, at=[warmup * 6]),
            read=schedule,
        ),
        "그 사이에는 직선으로 오른다": Ask(*asked(warmup / 4, warmup / 2, warmup - 1, scale=4), read=schedule),
        "남은 스텝 동안 코사인을 따라 0까지 내려가고 머문다": Ask(
            *asked(warmup + 1, half, epochs - 1, epochs, epochs + 1),
            call(rate, size, big, big, epochs, 1, at=[0, 1, 2, epochs - 1, epochs]),
            read=schedule,
        ),
    }


TASKS = {
    "00_learning_rate/steps": Task(
        probes=step_probes,
        reference={
            "가": [schedules.total_steps(2500, 64, 1), schedules.total_steps(2500, 64, 12)],
            "나": [Sealed("de34e53a5ddef385"), Sealed("c6ab5ae057ac12c9")],
        },
        hint="배치 하나로 가중치를 한 번 고치는 것이 1스텝입니다. 한 에포크에 배치가 몇 개 나오는지부터 세어 보세요.",
        mistakes={
            "덜 찬 마지막 배치를 버렸습니다. 샘플이 모자라도 그 배치로 가중치를 한 번 더 고칩니다.": Either(
                _counted(lambda n, size: n // size, lambda n, size, epochs: n // size * epochs),
                _counted(lambda n, size: n // size, lambda n, size, epochs: n * epochs // size),
            ),
            "스텝 수가 정수가 아닙니다. 배치를 반 개만 쓰는 일은 없습니다. 덜 찬 배치를 어떻게 세는지 생각해 보세요.": (
                _counted(lambda n, size: n / size, lambda n, size, epochs: n / size * epochs)
            ),
            "에포크를 곱하지 않았습니다. 둘째 수는 훈련 전체의 스텝 수입니다.": (
                _counted(lambda n, size: -(-n // size), lambda n, size, epochs: -(-n // size))
            ),
            "에포크를 이어 붙여 한꺼번에 나누었습니다. 덜 찬 배치는 에포크마다 한 번씩 나옵니다.": (
                _counted(lambda n, size: -(-n // size), lambda n, size, epochs: -(-n * epochs // size))
            ),
            "샘플 수를 세었습니다. 스텝은 샘플이 아니라 배치마다 한 번입니다.": (
                _counted(lambda n, size: n, lambda n, size, epochs: n * epochs)
            ),
            "반올림했습니다. 덜 찬 배치는 샘플이 적어도 한 스텝입니다. 버리거나 반올림하지 않습니다.": (
                _counted(lambda n, size: round(n / size), lambda n, size, epochs: round(n / size * epochs))
            ),
        },
    ),
    "00_learning_rate/suggest": Task(
        probes=suggest_probes,
        name="suggest",
        reference=suggested,
        hint="순서대로 해 보세요. 수가 아닌 손실을 버립니다. 가장 낮은 손실의 자리를 찾습니다. 그 자리가 양 끝은 "
        "아닌지 봅니다. 그 자리의 학습률에서 제안할 값을 구합니다. ✗가 붙은 줄이 어느 단계인지 찾으세요.",
        mistakes={
            "손실이 가장 낮은 학습률을 그대로 돌려주었습니다. 그 자리에서는 손실이 다시 오르려 합니다.": (
                wrongly_suggested(lambda rates, losses: rates[losses.argmin()])
            ),
            "학습률이 아니라 손실을 돌려주었습니다. 가장 낮은 손실의 «자리»에 어떤 학습률이 있었는지 보세요.": (
                wrongly_suggested(lambda rates, losses: losses.min() / 10)
            ),
            "NaN을 버리지 않았습니다. np.argmin은 NaN을 만나면 그 자리를 가장 낮다고 합니다.": Either(
                _carelessly_suggested(), _carelessly_suggested(lambda losses: len(losses) - 1 - np.isnan(losses[-1]))
            ),
            "NaN만 버리고 무한대를 남겼습니다. 무한대도 수가 아닙니다. np.isfinite가 둘을 함께 가려냅니다.": (
                _filtered_suggestion(lambda losses: ~np.isnan(losses))
            ),
            "손실만 거르고 학습률은 그대로 두었습니다. 거른 목록의 자리와 거르지 않은 목록의 자리는 어긋납니다.": (
                _filtered_suggestion(np.isfinite, both=False)
            ),
            "손실이 가장 가파르게 주는 곳을 골랐습니다. 이 강좌의 규칙은 손실이 가장 낮은 곳에서 출발합니다.": (
                wrongly_suggested(lambda rates, losses: rates[np.diff(losses).argmin()] / 10)
            ),
            "가장 낮은 손실이 범위의 끝에 있어도 값을 돌려주었습니다. 그때는 최저점을 지나쳤는지 알 수 없습니다.": (
                lambda rates, losses: rates[np.argmin(np.where(np.isfinite(losses), losses, np.inf))] / 10
            ),
        },
    ),
    "01_power/by_hand": Task(
        probes=by_hand_probes,
        reference=by_hand(schedules.power)
        | {"다": [Sealed("6f468c6086dcd7a0"), Sealed("1d49c34f1abb849f"), Sealed("2fa8c0684e388ca6")]},
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
        probes=power_probes,
        name="power_decay",
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
        probes=replace_probes,
        name="replace_decay",
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
                lambda rate, decay: keras_schedules.InverseTimeDecay(rate, round(1 / decay), 1.0, staircase=True)
            ),
        },
    ),
    "02_exponential/closure": Task(
        probes=closure_probes,
        name="exponential_decay",
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
            "안쪽 함수의 둘째 인수를 케라스가 지금의 학습률로 채웁니다. 에포크 하나만 받게 하세요.": lambda lr0, s: (
                lambda e, lr=lr0: lr * 0.1 ** (e / s)
            ),
            "함수가 아니라 값을 돌려주었습니다. 클로저는 안쪽 함수를 만들어 그 함수를 돌려줍니다.": lambda lr0, s: lr0,
        },
    ),
    "02_exponential/decay_steps": Task(
        probes=tenth_probes,
        name="tenth_every",
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
        probes=rate_probes,
        name="piecewise_rate",
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
        probes=boundary_probes,
        name="place_boundaries",
        reference=_placed(math.floor),
        hint="먼저 훈련 전체의 스텝 수를 세어 보세요. 그 비율의 자리에서 «새 값을 처음 쓰는 스텝»을 구합니다. 경계는 "
        "앞의 값을 «마지막으로» 쓰는 스텝입니다.",
        mistakes={
            "경계를 에포크로 적었습니다. 스케줄 객체는 스텝으로 셉니다. 학습률이 몇 스텝 만에 떨어집니다.": (
                lambda fractions, n, batch_size, epochs: [math.floor(p * epochs) - 1 for p in fractions]
            ),
            "1을 빼지 않았습니다. 경계와 같은 스텝은 아직 앞의 값을 쓰므로 한 스텝 늦게 바뀝니다.": (
                lambda *args: [b + 1 for b in _placed(math.floor)(*args)]
            ),
            "한 에포크의 스텝 수를 내림했습니다. 덜 찬 배치가 있으면 경계가 앞당겨집니다.": (
                lambda fractions, n, batch_size, epochs: [
                    math.floor(p * (n // batch_size) * epochs) - 1 for p in fractions
                ]
            ),
            "에포크 수를 곱하지 않았습니다. 모든 경계가 첫 에포크 안에 들어갑니다.": (
                lambda fractions, n, batch_size, epochs: _placed(math.floor)(fractions, n, batch_size, 1)
            ),
            "샘플 수로 세었습니다. 경계가 훈련의 끝을 지나 학습률이 한 번도 바뀌지 않습니다.": (
                lambda fractions, n, batch_size, epochs: [int(p * n * epochs) - 1 for p in fractions]
            ),
            "버림하지 않고 올림하거나 반올림했습니다. 정수가 아닐 때 어느 쪽으로 가는지 문제를 다시 보세요.": Either(
                _placed(math.ceil), _placed(round), _placed(lambda step: math.floor(step + 0.5))
            ),
            "경계가 정수가 아닙니다. 스텝은 정수로 셉니다. 버림한 다음에 1을 뺀 정수를 적으세요.": Either(
                lambda *args: [b + 0.5 for b in _placed(math.floor)(*args)], _placed(lambda step: step)
            ),
            "먼저 1을 빼고 비율을 곱했습니다. 비율을 곱해 버림한 다음에 1을 뺍니다.": (
                lambda fractions, n, batch_size, epochs: [
                    math.floor(p * (schedules.total_steps(n, batch_size, epochs) - 1)) for p in fractions
                ]
            ),
        },
    ),
    "04_performance/plateau": Task(
        probes=plateau_probes,
        name="rates_on_plateau",
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
            "min_delta를 쓰지 않았습니다. 아주 조금 준 것까지 기록으로 쳤습니다.": (
                wrong_plateau(better=lambda loss, best, min_delta: loss < best)
            ),
            "꼭 min_delta만큼 낮아진 것도 새 기록으로 쳤습니다. 기록보다 min_delta«보다 더» 낮아져야 합니다.": (
                wrong_plateau(better=lambda loss, best, min_delta: loss <= best - min_delta)
            ),
            "min_delta를 비율로 썼습니다. 기록에 곱하는 수가 아니라 기록에서 빼는 수입니다.": Either(
                wrong_plateau(better=lambda loss, best, min_delta: loss < best * (1 - min_delta)),
                wrong_plateau(
                    better=lambda loss, best, min_delta: best == math.inf or (best - loss) / best > min_delta
                ),
            ),
            "min_delta에 못 미치게 준 손실도 기록으로 적었습니다. 새 기록일 때만 고쳐 적습니다.": (
                wrong_plateau(compare="any")
            ),
            "min_lr을 쓰지 않았습니다. 바닥 아래로 내려갔습니다.": wrong_plateau(floor=False),
            "줄인 학습률을 한 에포크 일찍 적었습니다. 손실은 그 에포크의 훈련이 끝난 뒤에 나옵니다.": wrong_plateau(
                shifted=True
            ),
        },
    ),
    "05_one_cycle/phases": Task(
        probes=phase_probes,
        name="one_cycle_rate",
        reference=cycle,
        hint="꺾이는 점 네 개의 스텝과 학습률을 먼저 표로 적어 보세요. 이웃한 두 점을 직선으로 이으면 됩니다.",
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
            "스텝 T부터는 값을 돌려주지 않습니다. 훈련이 끝난 뒤에도 마지막 학습률을 돌려주세요.": (
                lambda step, lr1, total, f: cycle(step, lr1, total, f) if step < total else None
            ),
        },
    ),
    "05_one_cycle/momentum": Task(
        probes=momentum_probes,
        name="one_cycle_beta",
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
        probes=interval_probes,
        name="paired_interval",
        reference=interval,
        hint="같은 씨앗끼리 뺀 차이 n개를 먼저 구하세요. 그다음은 값 n개의 평균과 구간을 구하는 식 그대로입니다.",
        mistakes={
            "정규 분포의 값 1.96을 썼습니다. 씨앗이 몇 개뿐이면 구간이 너무 좁아집니다.": wrong_interval(
                quantile=lambda n: stats.norm.ppf(0.975)
            ),
            "모집단의 표준 편차를 썼습니다. 표본에서 구할 때 무엇으로 나누는지, std의 ddof를 보세요.": wrong_interval(
                spread=lambda a, b: (a - b).std()
            ),
            "짝을 짓지 않고 두 방법의 흔들림을 더했습니다. 같은 씨앗끼리 빼면 공통된 변동이 상쇄됩니다.": (
                wrong_interval(spread=lambda a, b: np.sqrt(a.var(ddof=1) + b.var(ddof=1)))
            ),
            "√n으로 나누지 않았습니다. 차이 하나가 아니라 평균이 얼마나 흔들리는지를 물었습니다.": wrong_interval(
                root=lambda n: 1
            ),
            "한쪽에 5%를 남긴 값을 썼습니다. 95% 구간은 양쪽에 똑같이 나누어 남깁니다.": wrong_interval(
                quantile=lambda n: stats.t.ppf(0.95, n - 1)
            ),
            "자유도가 n입니다. 평균을 구하느라 하나를 썼습니다.": wrong_interval(
                quantile=lambda n: stats.t.ppf(0.975, n)
            ),
            "뺀 순서가 거꾸로입니다. 부호가 뒤집히면 어느 쪽이 나은지도 뒤집힙니다.": wrong_interval(sign=-1),
        },
    ),
    "13_warmup_cosine/rate": Task(
        probes=warmup_cosine_probes,
        name="warmup_cosine_rate",
        reference=warmup_cosine,
        hint="세 구간으로 나누어 보세요: 워밍업, 내리는 구간, 끝난 뒤. 내리는 구간에서는 먼저 «얼마나 내려왔는가»를 "
        "0에서 1까지의 수로 구하고, 그것을 코사인에 넣으세요.",
        mistakes={
            "워밍업의 스텝을 빼지 않고 처음부터 셌습니다. 내리는 구간은 W에서 시작합니다.": wrong_warmup_cosine(
                share=lambda t, warmup, total: min(1, t / total)
            ),
            "내리는 구간의 길이를 T로 잡았습니다. 워밍업에 쓴 W스텝이 빠져야 T에서 끝납니다.": wrong_warmup_cosine(
                share=lambda t, warmup, total: min(1, (t - warmup) / total)
            ),
            "훈련이 끝난 뒤에 학습률이 다시 올라갑니다. 코사인은 반 바퀴를 지나면 되돌아옵니다.": wrong_warmup_cosine(
                share=lambda t, warmup, total: (t - warmup) / (total - warmup)
            ),
            "바닥 floor를 쓰지 않았습니다. 0이 아니라 floor까지 내려갑니다.": wrong_warmup_cosine(
                falling=lambda part, peak, floor: peak * (1 + math.cos(math.pi * part)) / 2
            ),
            "바닥을 더하기만 했습니다. W에서 η1보다 커집니다. 곱하는 폭은 η1이 아니라 η1 - floor입니다.": (
                wrong_warmup_cosine(falling=lambda part, peak, floor: floor + peak * (1 + math.cos(math.pi * part)) / 2)
            ),
            "바닥에서 잘랐습니다. 곡선이 floor에 일찍 닿아 꺾입니다. 폭을 줄여 T에서 꼭 닿게 하세요.": (
                wrong_warmup_cosine(
                    falling=lambda part, peak, floor: max(floor, peak * (1 + math.cos(math.pi * part)) / 2)
                )
            ),
            "직선으로 내렸습니다. 코사인은 처음과 끝에서 천천히, 가운데에서 빨리 내려갑니다.": wrong_warmup_cosine(
                falling=lambda part, peak, floor: peak + (floor - peak) * part
            ),
            "코사인의 4분의 1바퀴만 썼습니다. 반 바퀴라야 끝에서도 평평합니다. π를 반으로 나누지 않았는지 보세요.": (
                wrong_warmup_cosine(
                    falling=lambda part, peak, floor: floor + (peak - floor) * math.cos(math.pi * part / 2)
                )
            ),
            "코사인에 도(°)를 넣었습니다. math.cos와 np.cos는 라디안을 받습니다. 반 바퀴는 π입니다.": (
                wrong_warmup_cosine(
                    falling=lambda part, peak, floor: floor + (peak - floor) * (1 + math.cos(180 * part)) / 2
                )
            ),
            "워밍업을 바닥에서 시작했습니다. 0에서 시작합니다. floor는 내려갈 때의 끝입니다.": wrong_warmup_cosine(
                rising=lambda t, peak, warmup, floor: floor + (peak - floor) * t / warmup
            ),
            "워밍업이 한 스텝 빠릅니다. 스텝 0의 학습률은 0입니다.": wrong_warmup_cosine(
                rising=lambda t, peak, warmup, floor: peak * (t + 1) / warmup
            ),
        },
    ),
    "13_warmup_cosine/large_batch": Task(
        probes=large_batch_probes,
        name="large_batch_schedule",
        reference=large_batch(),
        hint="네 수를 차례로 구해 보세요: 큰 배치로 셀 때 한 에포크의 스텝 수, 워밍업의 스텝 수, 전체 스텝 수, "
        "배치를 몇 배로 키웠는지. 그다음에 CosineDecay의 네 인수에 넣으세요.",
        mistakes={
            "decay_steps에 전체 스텝 수를 넣었습니다. 워밍업이 끝난 뒤의 스텝 수만 넣습니다.": large_batch(
                counted=lambda total, warmup: total
            ),
            "스텝을 작은 배치로 셌습니다. 훈련은 큰 배치로 합니다.": large_batch(sizes=lambda small, large: small),
            "한 에포크의 스텝 수를 내림했습니다. 덜 찬 배치도 한 스텝입니다.": large_batch(
                epoch=lambda n, size: n // size
            ),
            "나머지가 있든 없든 한 스텝을 더했습니다. 배치가 꼭 나누어떨어질 때를 확인하세요.": large_batch(
                epoch=lambda n, size: n // size + 1
            ),
            "에포크를 스텝으로 바꾸지 않았습니다. 스케줄 객체는 스텝으로 셉니다.": large_batch(epoch=lambda n, size: 1),
            "학습률을 키우지 않았습니다. 배치와 같은 배수로 키웁니다.": large_batch(scale=lambda ratio: 1),
            "배수의 제곱근만큼 키웠습니다. 선형 비례 규칙은 같은 배수로 키웁니다.": large_batch(scale=math.sqrt),
            "거꾸로 나누었습니다. 배치가 커지면 학습률도 커집니다.": large_batch(scale=lambda ratio: 1 / ratio),
            "0에서 시작했습니다. 이 문제의 워밍업은 작은 배치에 알맞던 학습률에서 시작합니다.": large_batch(
                start=lambda rate, peak: 0.0
            ),
            "워밍업이 일어나지 않습니다. 처음부터 가장 큰 값입니다. initial_learning_rate는 시작하는 값입니다.": Either(
                large_batch(start=lambda rate, peak: peak),
                lambda rate, size, big, n, epochs, warmup: keras_schedules.CosineDecay(
                    rate * big / size, (epochs - warmup) * -(-n // big)
                ),
                lambda rate, size, big, n, epochs, warmup: keras_schedules.CosineDecay(
                    rate * big / size, epochs * -(-n // big)
                ),
            ),
        },
    ),
}
