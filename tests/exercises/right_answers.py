"""문제의 글이 받아들이는 답들: 풀이와 달리 썼지만 맞다. 문제 → (어떻게 썼는가, 답 셀)."""

# ruff: noqa: E501 (답 셀은 적힌 그대로 둔다)


def kept(key, **answers):
    return {key: [(label, f"# 답: {key}\n{source.strip()}\n") for label, source in answers.items()]}


SCHEDULE = """
class Own(keras.optimizers.schedules.LearningRateSchedule):
    def __init__(self, initial, rate):
        self.initial, self.rate = initial, rate

    def __call__(self, step):
        return {formula}

    def get_config(self):
        return {{"initial": self.initial, "rate": self.rate}}
"""
INVERSE = SCHEDULE.format(formula="self.initial / (1 + self.rate * step)")
TENTH = SCHEDULE.format(formula="self.initial * 0.1 ** (step / self.rate)")
BUILD = """
def build(hidden_units, self_normalizing=False):
    layers = [keras.Input((28, 28)), keras.layers.Flatten()]
    for units in hidden_units:
        if self_normalizing:
            layers += {alpha}
        else:
            layers += {default}
    if self_normalizing:
        layers.append(keras.layers.AlphaDropout(0.1))
    layers += {output}
    return keras.Sequential(layers)
"""
ALPHA = (
    '[keras.layers.AlphaDropout(0.1), keras.layers.Dense(units, activation="selu", kernel_initializer="lecun_normal")]'
)
DEFAULT = """[
                keras.layers.Dense(units, kernel_initializer="he_normal"),
                keras.layers.BatchNormalization(),
                keras.layers.ELU(),
            ]"""
OUTPUT = '[keras.layers.Dense(10, activation="softmax")]'


def build(alpha=ALPHA, default=DEFAULT, output=OUTPUT):
    return BUILD.format(alpha=alpha, default=default, output=output)


def dense(**changes):
    options = {
        "activation": '"elu"',
        "kernel_initializer": '"he_normal"',
        "kernel_regularizer": "keras.regularizers.l2(strength)",
    } | changes
    listed = ", ".join(f"{name}={value}" for name, value in options.items())
    return f"def regularized_dense(strength):\n    return partial(keras.layers.Dense, {listed})"


PARTS = (
    kept(
        "00_learning_rate/steps",
        배열='steps = {"가": np.array([40, 480]), "나": np.array([209, 3135])}',
        튜플과_실수='steps = {"가": (40.0, 480.0), "나": (209, 3135)}',
        넘파이_수='steps = {"가": [np.int64(40), np.float32(480)], "나": [np.int32(209), 209 * np.int64(15)]}',
        텐서='steps = {"가": keras.ops.convert_to_tensor([40, 480]), "나": keras.ops.convert_to_tensor([209, 3135])}',
        생성기='steps = {"가": (n for n in (40, 480)), "나": map(int, (209, 3135))}',
        읽기만="""
from types import MappingProxyType
steps = MappingProxyType({"가": [40, 480], "나": [209, 3135]})
""",
        차례있는_사전="""
from collections import OrderedDict
steps = OrderedDict(나=[209, 3135], 가=[40, 480])
""",
        분수="""
from fractions import Fraction
steps = {"가": [Fraction(40), Fraction(480)], "나": [209, 3135]}
""",
        데이터프레임="""
import pandas as pd
steps = pd.DataFrame({"가": [40, 480], "나": [209, 3135]})
""",
        함수로="""
def count(n, batch_size, epochs):
    batches = len(range(0, n, batch_size))
    return batches, batches * epochs
steps = {"가": count(2500, 64, 12), "나": count(10_000, 48, 15)}
""",
    ),
    kept(
        "00_learning_rate/suggest",
        목록으로="""
def suggest(learning_rates, losses):
    pairs = [(loss, i) for i, loss in enumerate(losses) if np.isfinite(loss)]
    loss, i = min(pairs)
    if i in (pairs[0][1], pairs[-1][1]):
        raise ValueError
    return 0.1 * learning_rates[i]
""",
        인수를_지운다="""
def suggest(learning_rates, losses):
    bad = ~np.isfinite(losses)
    losses[bad] = np.inf
    left = np.flatnonzero(~bad)
    best = losses.argmin()
    if best == left[0] or best == left[-1]:
        raise ValueError("다시")
    learning_rates /= 10
    return learning_rates[best]
""",
        하위_예외="""
class Edge(ValueError):
    pass

def suggest(learning_rates, losses):
    ok = np.isfinite(losses)
    x, y = learning_rates[ok], losses[ok]
    best = int(np.nanargmin(y))
    if not 0 < best < y.size - 1:
        raise Edge
    return np.float32(x[best]) / 10
""",
        범위_테스트="""
from homl11.range_test import RangeTest
def suggest(learning_rates, losses):
    ok = np.isfinite(losses)
    return RangeTest(learning_rates[ok], losses[ok], losses[ok]).suggestion
""",
        텐서="""
def suggest(learning_rates, losses):
    ok = np.isfinite(losses)
    y = keras.ops.convert_to_tensor(losses[ok])
    best = int(keras.ops.argmin(y))
    if best in (0, len(y) - 1):
        raise ValueError
    return keras.ops.convert_to_tensor(learning_rates[ok])[best] / 10
""",
    ),
    kept(
        "01_power/by_hand",
        배열='rates = {"가": (0.036, 0.024, 0.018), "나": (0.018, 0.008, 0.0045), "다": np.array([0.036, 0.016, 0.009])}',
        식='rates = {k: e / (1 + np.arange(1, 4)) ** c for k, e, c in (("가", 0.072, 1), ("나", 0.072, 2), ("다", 0.144, 2))}',
        생성기="""
def three(rate, c):
    return (rate / (1 + i) ** c for i in (1, 2, 3))
rates = {"가": three(0.072, 1), "나": three(0.072, 2), "다": three(0.144, 2)}
""",
        데이터클래스="""
from dataclasses import dataclass

@dataclass
class Rates:
    가: tuple = (0.036, 0.024, 0.018)
    나: tuple = (0.018, 0.008, 0.0045)
    다: tuple = (0.036, 0.016, 0.009)

rates = Rates()
""",
        십진수="""
from decimal import Decimal
rates = {"가": [Decimal("0.036"), Decimal("0.024"), Decimal("0.018")], "나": [0.018, 0.008, 0.0045], "다": [0.036, 0.016, 0.009]}
""",
    ),
    kept(
        "01_power/power",
        나머지로="""
def power_decay(step, initial_learning_rate, decay_steps, power=1.0, staircase=False):
    if staircase:
        step = step - step % decay_steps
    return initial_learning_rate * (decay_steps / (decay_steps + step)) ** power
""",
        목록으로="""
def power_decay(step, initial_learning_rate, decay_steps, power=1.0, staircase=False):
    if np.ndim(step):
        return [power_decay(int(t), initial_learning_rate, decay_steps, power, staircase) for t in step]
    ratio = math.floor(step / decay_steps) if staircase else step / decay_steps
    return initial_learning_rate / math.pow(1 + ratio, power)
""",
        텐서="""
def power_decay(step, initial_learning_rate, decay_steps, power=1.0, staircase=False):
    ratio = keras.ops.convert_to_tensor(step, "float32") / decay_steps
    ratio = keras.ops.floor(ratio + 1e-6) if staircase else ratio
    return initial_learning_rate / (1 + ratio) ** power
""",
        로그="""
def power_decay(step, initial_learning_rate, decay_steps, power=1.0, staircase=False):
    ratio = np.floor_divide(step, decay_steps) if staircase else np.divide(step, decay_steps)
    return initial_learning_rate * np.exp(-power * np.log1p(ratio))
""",
        역수를_곱한다="""
def power_decay(step, initial_learning_rate, decay_steps, power=1.0, staircase=False):
    ratio = step * (1 / decay_steps)
    ratio = np.floor(ratio) if staircase else ratio
    return initial_learning_rate / (1 + ratio) ** power
""",
        생성기="""
def power_decay(step, initial_learning_rate, decay_steps, power=1.0, staircase=False):
    def rate(t):
        return initial_learning_rate / (1 + (t // decay_steps if staircase else t / decay_steps)) ** power
    return (rate(t) for t in step) if isinstance(step, np.ndarray) else rate(step)
""",
    ),
    kept(
        "01_power/replace_decay",
        비율에="""
def replace_decay(learning_rate, decay):
    return keras.optimizers.schedules.InverseTimeDecay(learning_rate, decay_steps=1, decay_rate=decay)
""",
        스스로_만든_스케줄=f"{INVERSE}\nreplace_decay = Own",
        패키지의_스케줄="""
from homl11.schedules import PowerDecay
replace_decay = lambda learning_rate, decay: PowerDecay(learning_rate, 1 / decay)
""",
    ),
    kept(
        "02_exponential/closure",
        람다="exponential_decay = lambda lr0, s: lambda epoch: lr0 * np.exp(-np.log(10) * epoch / s)",
        학습률을_받아_쓰지_않는다="""
def exponential_decay(lr0, s):
    def fn(epoch, lr=None):
        return lr0 / 10 ** (epoch / s)
    return fn
""",
        메서드="""
class Rate:
    def __init__(self, a, b):
        self.a, self.b = a, b
    def at(self, epoch):
        return self.a * 10 ** (-epoch / self.b)
def exponential_decay(lr0, s):
    return Rate(lr0, s).at
""",
        클래스="""
class exponential_decay:
    def __init__(self, lr0, s):
        self.lr0, self.s = lr0, s
    def __call__(self, epoch):
        return self.lr0 * math.pow(0.1, epoch / self.s)
""",
        partial_로="""
from functools import partial
def exponential_decay(lr0, s):
    return partial(lambda lr0, s, epoch: lr0 * 0.1 ** (epoch / s), lr0, s)
""",
        스케줄_객체="exponential_decay = lambda lr0, s: keras.optimizers.schedules.ExponentialDecay(lr0, s, 0.1)",
    ),
    kept(
        "02_exponential/decay_steps",
        제곱="""
def tenth_every(lr0, k, n, batch_size):
    s = (n + batch_size - 1) // batch_size * k
    return keras.optimizers.schedules.ExponentialDecay(lr0, 2 * s, 0.01)
""",
        divmod_로="""
def tenth_every(lr0, k, n, batch_size):
    full, rest = divmod(n, batch_size)
    return keras.optimizers.schedules.ExponentialDecay(lr0, k * (full + bool(rest)), decay_rate=0.1)
""",
        스스로_만든_스케줄=f"{TENTH}\ndef tenth_every(lr0, k, n, batch_size):\n    return Own(lr0, k * math.ceil(n / batch_size))",
    ),
    kept(
        "03_piecewise_constant/rate",
        케라스="""
def piecewise_rate(step, boundaries, values):
    return keras.optimizers.schedules.PiecewiseConstantDecay(boundaries, values)(step)
""",
        되풀이해_부른다="""
def piecewise_rate(step, boundaries, values):
    if not boundaries or step <= boundaries[0]:
        return values[0]
    return piecewise_rate(step, boundaries[1:], values[1:])
""",
        꺼내며="""
def piecewise_rate(step, boundaries, values):
    while boundaries and step > boundaries[0]:
        boundaries.pop(0)
        values.pop(0)
    return values[0]
""",
        찾기="""
def piecewise_rate(step, boundaries, values):
    return np.array(values)[np.searchsorted(boundaries, step)]
""",
        세기="piecewise_rate = lambda step, boundaries, values: values[sum(step > b for b in boundaries)]",
        bisect_로="""
from bisect import bisect_left
def piecewise_rate(step, boundaries, values):
    boundaries.append(float("inf"))
    return keras.ops.convert_to_tensor(values[bisect_left(boundaries, step)])
""",
    ),
    kept(
        "03_piecewise_constant/boundaries",
        배열="""
def place_boundaries(fractions, n, batch_size, epochs):
    return np.floor(np.array(fractions) * (epochs * -(-n // batch_size))) - 1
""",
        생성기="""
def place_boundaries(fractions, n, batch_size, epochs):
    total = -(-n // batch_size) * epochs
    for fraction in fractions:
        yield int(fraction * total) - 1
""",
        빼고_버린다="""
def place_boundaries(fractions, n, batch_size, epochs):
    T = math.ceil(n / batch_size) * epochs
    return [math.floor(p * T - 1) for p in fractions]
""",
        정수로="""
def place_boundaries(fractions, n, batch_size, epochs):
    T = math.ceil(n / batch_size) * epochs
    return (np.array(fractions) * T - 1).astype(int)
""",
        분수="""
from fractions import Fraction
def place_boundaries(fractions, n, batch_size, epochs):
    T = -(-n // batch_size) * epochs
    return [math.floor(Fraction(p) * T) - 1 for p in fractions]
""",
        map_으로="""
def place_boundaries(fractions, n, batch_size, epochs):
    total = len(range(0, n, batch_size)) * epochs
    return map(lambda p: p * total // 1 - 1, fractions)
""",
        제자리에서="""
def place_boundaries(fractions, n, batch_size, epochs):
    for i, p in enumerate(fractions):
        fractions[i] = math.trunc(p * epochs * ((n + batch_size - 1) // batch_size)) - 1
    return tuple(fractions)
""",
        텐서="""
def place_boundaries(fractions, n, batch_size, epochs):
    return keras.ops.floor(keras.ops.convert_to_tensor(fractions, "float32") * math.ceil(n / batch_size) * epochs) - 1
""",
    ),
    kept(
        "04_performance/plateau",
        배열="""
def rates_on_plateau(losses, learning_rate, factor, patience, min_delta=1e-4, min_lr=0.0):
    rates, record, since = [learning_rate], losses[0], 0
    for loss in losses[1:]:
        rates.append(max(rates[-1] * factor, min_lr) if since == patience else rates[-1])
        since = 0 if since == patience else since
        better = record - loss > min_delta
        record, since = (loss, 0) if better else (record, since + 1)
    return np.array(rates)
""",
        생성기="""
def rates_on_plateau(losses, learning_rate, factor, patience, min_delta=1e-4, min_lr=0.0):
    best, wait = math.inf, 0
    for loss in losses:
        yield learning_rate
        if best - loss > min_delta:
            best, wait = loss, 0
        else:
            wait += 1
        if wait == patience:
            learning_rate, wait = max(min_lr, factor * learning_rate), 0
""",
        꺼내며="""
def rates_on_plateau(losses, learning_rate, factor, patience, min_delta=1e-4, min_lr=0.0):
    best = losses.pop(0)
    used, wait = [learning_rate], 0
    while losses:
        if wait >= patience:
            learning_rate, wait = max(min_lr, learning_rate * factor), 0
        used.append(learning_rate)
        loss = losses.pop(0)
        if loss < best - min_delta:
            best, wait = loss, 0
        else:
            wait += 1
    return tuple(used)
""",
        케라스="""
def rates_on_plateau(losses, learning_rate, factor, patience, min_delta=1e-4, min_lr=0.0):
    from types import SimpleNamespace
    model = SimpleNamespace(optimizer=keras.optimizers.SGD(learning_rate))
    callback = keras.callbacks.ReduceLROnPlateau(
        factor=factor, patience=patience, min_delta=min_delta, min_lr=min_lr, mode="min"
    )
    callback.set_model(model)
    callback.on_train_begin()
    used = []
    for epoch, loss in enumerate(losses):
        used.append(np.asarray(model.optimizer.learning_rate))
        callback.on_epoch_end(epoch, {"val_loss": loss})
    return used
""",
    ),
    kept(
        "05_one_cycle/phases",
        거리로="""
def one_cycle_rate(step, max_learning_rate, total_steps, final_fraction):
    low, down = max_learning_rate / 10, total_steps - final_fraction * total_steps
    if step <= down:
        return max_learning_rate - (max_learning_rate - low) * abs(step - down / 2) / (down / 2)
    if step >= total_steps:
        return low / 1000
    return low - (low - low / 1000) * (step - down) / (total_steps - down)
""",
        패키지="""
from homl11.schedules import one_cycle
def one_cycle_rate(step, max_learning_rate, total_steps, final_fraction):
    return one_cycle(step, max_learning_rate, total_steps, final_fraction=final_fraction)
""",
        scipy_로="""
from scipy.interpolate import interp1d
def one_cycle_rate(step, max_learning_rate, total_steps, final_fraction):
    end = (1 - final_fraction) * total_steps
    low = max_learning_rate / 10
    line = interp1d([0, end / 2, end, total_steps], [low, max_learning_rate, low, low / 1000])
    return line(min(step, total_steps))
""",
        텐서="""
def one_cycle_rate(step, max_learning_rate, total_steps, final_fraction):
    end, low = (1 - final_fraction) * total_steps, max_learning_rate / 10
    xs, ys = [0, end / 2, end, total_steps], [low, max_learning_rate, low, low / 1000]
    return keras.ops.convert_to_tensor(np.interp(step, xs, ys))
""",
    ),
    kept(
        "05_one_cycle/momentum",
        거리로="""
def one_cycle_beta(step, total_steps, final_fraction, max_momentum=0.95, min_momentum=0.85):
    middle = (1 - final_fraction) * total_steps / 2
    return max_momentum - (max_momentum - min_momentum) * max(0, 1 - abs(step - middle) / middle)
""",
        가지로="""
def one_cycle_beta(step, total_steps, final_fraction, max_momentum=0.95, min_momentum=0.85):
    end = total_steps - total_steps * final_fraction
    if step >= end:
        return np.float32(max_momentum)
    share = 2 * step / end if 2 * step < end else 2 - 2 * step / end
    return max_momentum + (min_momentum - max_momentum) * share
""",
    ),
    kept(
        "06_schedules_compared/interval",
        scipy_로="""
def paired_interval(a, b):
    low, high = stats.ttest_rel(a, b).confidence_interval(0.95)
    return [(low + high) / 2, low, high]
""",
        interval_로="""
def paired_interval(a, b):
    d = np.subtract(a, b)
    return (d.mean(), *stats.t.interval(0.95, len(d) - 1, loc=d.mean(), scale=stats.sem(d)))
""",
        되풀이로="""
def paired_interval(a, b):
    d = [x - y for x, y in zip(a, b)]
    n, mean = len(d), sum(d) / len(d)
    s = math.sqrt(sum((x - mean) ** 2 for x in d) / (n - 1))
    half = stats.t.isf(0.025, n - 1) * s / n**0.5
    return np.array([mean, mean - half, mean + half])
""",
        이름있는_튜플="""
from collections import namedtuple
Interval = namedtuple("Interval", "mean low high")
def paired_interval(a, b):
    for i in range(len(a)):
        a[i] -= b[i]
    half = stats.t.ppf(0.975, len(a) - 1) * np.std(a, ddof=1) / math.sqrt(len(a))
    return Interval(np.mean(a), np.mean(a) - half, np.mean(a) + half)
""",
    ),
    kept(
        "13_warmup_cosine/rate",
        한_식으로="""
def warmup_cosine_rate(step, peak, warmup_steps, total_steps, floor=0.0):
    if step >= total_steps:
        return floor
    if step >= warmup_steps:
        half = math.cos(math.pi * (step - warmup_steps) / (total_steps - warmup_steps) / 2)
        return floor + (peak - floor) * half**2
    return np.float32(step / warmup_steps) * peak
""",
        케라스로="""
def warmup_cosine_rate(step, peak, warmup_steps, total_steps, floor=0.0):
    make = keras.optimizers.schedules.CosineDecay
    if warmup_steps == 0:
        return make(peak, total_steps, alpha=floor / peak)(step)
    down = total_steps - warmup_steps
    return make(0.0, down, floor / peak, warmup_target=peak, warmup_steps=warmup_steps)(step)
""",
        넘파이로="""
def warmup_cosine_rate(step, peak, warmup_steps, total_steps, floor=0.0):
    up = np.divide(step, max(warmup_steps, 1)) * peak
    down = np.clip((step - warmup_steps) / (total_steps - warmup_steps), 0, 1)
    return np.where(step < warmup_steps, up, np.interp(np.cos(np.pi * down), [-1, 1], [floor, peak]))
""",
    ),
    kept(
        "13_warmup_cosine/large_batch",
        빼서="""
def large_batch_schedule(learning_rate, batch_size, large_batch_size, n, epochs, warmup_epochs):
    per_epoch = -(-n // large_batch_size)
    warmup, total = warmup_epochs * per_epoch, epochs * per_epoch
    times = large_batch_size / batch_size
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=learning_rate,
        decay_steps=total - warmup,
        alpha=0.0,
        warmup_steps=warmup,
        warmup_target=times * learning_rate,
    )
""",
        스스로_만든_스케줄="""
class Own(keras.optimizers.schedules.LearningRateSchedule):
    def __init__(self, low, high, warmup, total):
        self.low, self.high, self.warmup, self.total = low, high, warmup, total

    def __call__(self, step):
        step = keras.ops.cast(step, "float32")
        up = self.low + (self.high - self.low) * step / self.warmup
        done = keras.ops.minimum(1.0, (step - self.warmup) / (self.total - self.warmup))
        return keras.ops.where(step < self.warmup, up, self.high * (1 + keras.ops.cos(np.pi * done)) / 2)

    def get_config(self):
        return {"low": self.low, "high": self.high, "warmup": self.warmup, "total": self.total}

def large_batch_schedule(learning_rate, batch_size, large_batch_size, n, epochs, warmup_epochs):
    steps = math.ceil(n / large_batch_size)
    high = learning_rate * large_batch_size / batch_size
    return Own(learning_rate, high, warmup_epochs * steps, epochs * steps)
""",
    ),
    kept(
        "07_overfitting/early_stopping",
        꺼내며="""
def early_stopping(losses, patience, min_delta=0.0):
    epoch = best_epoch = 0
    best = float("inf")
    while losses:
        epoch += 1
        loss = losses.pop(0)
        if best - loss > min_delta:
            best, best_epoch = loss, epoch
        if epoch - best_epoch == patience:
            break
    return [best_epoch, epoch]
""",
        첫_값에서="""
def early_stopping(losses, patience, min_delta=0.0):
    best, where, wait = losses[0], 1, 0
    for epoch, loss in enumerate(losses[1:], 2):
        wait += 1
        if loss + min_delta < best:
            best, where, wait = loss, epoch, 0
        if wait == patience:
            return where, epoch
    return where, len(losses)
""",
        생성기="""
def early_stopping(losses, patience, min_delta=0.0):
    best, where = np.inf, 0
    for epoch, loss in enumerate(losses, 1):
        if loss < best - min_delta:
            best, where = loss, epoch
        elif epoch - where >= patience:
            break
    yield np.int64(where)
    yield epoch
""",
        케라스="""
def early_stopping(losses, patience, min_delta=0.0):
    from homl11.checks.regularization import early_stopping_by_keras
    return np.array(early_stopping_by_keras(losses, patience, min_delta))
""",
    ),
    kept(
        "08_l1_l2/by_hand",
        케라스="""
W = np.array([[1.5, -2, 0.5], [0, -1, 3]])
penalties = {"l1": keras.regularizers.l1(0.01)(W), "l2": keras.regularizers.l2(0.01)(W)}
""",
        분수="""
from fractions import Fraction
penalties = dict(l2=Fraction(165, 1000), l1=Fraction(8, 100))
""",
    ),
    kept(
        "08_l1_l2/penalty",
        짝으로="""
def penalty(weights, l1=0.0, l2=0.0):
    total = 0
    for kernel, bias in zip(weights[::2], weights[1::2]):
        total += l1 * np.linalg.norm(kernel.ravel(), 1) + l2 * np.linalg.norm(kernel) ** 2
    return total
""",
        케라스="""
def penalty(weights, l1=0.0, l2=0.0):
    regularizer = keras.regularizers.L1L2(l1, l2)
    return sum(regularizer(w) for w in weights if w.ndim == 2)
""",
        되풀이해_부른다="""
def penalty(weights, l1=0.0, l2=0.0):
    if not weights:
        return 0.0
    kernel = weights.pop(0)
    weights.pop(0)
    return float(l1 * abs(kernel).sum() + l2 * (kernel**2).sum()) + penalty(weights, l1, l2)
""",
        제자리에서="""
def penalty(weights, l1=0.0, l2=0.0):
    for kernel in weights[::2]:
        np.abs(kernel, out=kernel)
    values = np.concatenate([kernel.ravel() for kernel in weights[::2]])
    return np.sum(l1 * values + l2 * values * values, keepdims=False)
""",
    ),
    kept(
        "08_l1_l2/partial",
        분산으로_적은_초기화=dense(
            kernel_initializer='keras.initializers.VarianceScaling(2, "fan_in", "truncated_normal")'
        ),
        객체들=dense(
            activation="keras.layers.ELU()",
            kernel_initializer="keras.initializers.HeNormal(seed=3)",
            kernel_regularizer="keras.regularizers.L1L2(0.0, strength)",
        ),
        함수들=dense(
            activation="keras.activations.elu",
            kernel_regularizer="lambda w: strength * keras.ops.sum(keras.ops.square(w))",
        ),
        스스로_만든_규제="""
class Mine(keras.regularizers.Regularizer):
    def __init__(self, k):
        self.k = k
    def __call__(self, w):
        return self.k * keras.ops.sum(w * w)
    def get_config(self):
        return {"k": self.k}
"""
        + dense(
            kernel_regularizer="Mine(strength)", activation="lambda x: keras.ops.where(x > 0, x, keras.ops.exp(x) - 1)"
        ),
        partial_없이="""
def regularized_dense(strength):
    def make(units, **options):
        defaults = dict(
            activation="elu", kernel_initializer="he_normal", kernel_regularizer=keras.regularizers.L2(strength)
        )
        return keras.layers.Dense(units, **{**defaults, **options})
    return make
""",
        하위_클래스="""
class Mine(keras.layers.Dense):
    pass
"""
        + dense().replace("keras.layers.Dense", "Mine"),
    ),
    kept(
        "09_dropout/expected",
        넘파이='output = {"켜짐": np.float64(10), "평균": np.float32(6), "분산": np.var([10] * 6 + [0] * 4)}',
    ),
    kept(
        "09_dropout/dropout",
        제자리에서="""
def dropout(x, p, u, training=True):
    if training:
        x /= 1 - p
        x[u < p] = 0
    return x
""",
        where_로="""
def dropout(x, p, u, training=True):
    return np.where(u < p, 0.0, x / (1 - p)) if training else x.copy()
""",
        텐서="""
def dropout(x, p, u, training=True):
    x = keras.ops.convert_to_tensor(x)
    return x * keras.ops.cast(u >= p, x.dtype) / (1 - p) if training else x
""",
        목록="""
def dropout(x, p, u, training=True):
    if not training:
        return x.tolist()
    return np.array([0 if chance < p else value / (1 - p) for value, chance in zip(x.flat, u.flat)]).reshape(x.shape)
""",
    ),
    kept(
        "09_dropout/gap",
        손으로="""
def generalization_gap(model, train, valid):
    def loss(x, y):
        return keras.ops.mean(keras.losses.sparse_categorical_crossentropy(y, model(x, training=False)))
    return loss(*valid) - loss(*train)
""",
        사전으로="""
def generalization_gap(model, train, valid):
    losses = [model.evaluate(x, y, verbose=0, return_dict=True)["loss"] for x, y in (train, valid)]
    return np.subtract(losses[1], losses[0])
""",
    ),
    kept(
        "10_mc_dropout/summarize",
        골라_꺼내기="""
def summarize(samples):
    mean, std = samples.mean(axis=0), samples.std(axis=0)
    best = mean.argmax(axis=1)
    return best, mean.max(axis=1), np.take_along_axis(std, best[:, None], axis=1)[:, 0]
""",
        이미지마다="""
def summarize(samples):
    labels, sure, spread = [], [], []
    for image in range(samples.shape[1]):
        means = [float(np.mean(samples[:, image, k])) for k in range(samples.shape[2])]
        best = means.index(max(means))
        labels.append(best)
        sure.append(means[best])
        spread.append(np.std(samples[:, image, best]))
    return labels, sure, spread
""",
        텐서="""
def summarize(samples):
    s = keras.ops.convert_to_tensor(samples)
    mean, std = keras.ops.mean(s, axis=0), keras.ops.std(s, axis=0)
    best = keras.ops.argmax(mean, axis=1)
    pick = keras.ops.one_hot(best, samples.shape[2], dtype=mean.dtype)
    return best, keras.ops.sum(mean * pick, axis=1), keras.ops.sum(std * pick, axis=1)
""",
        쌓은_배열="""
def summarize(samples):
    mean, std = samples.mean(0), samples.var(0) ** 0.5
    rows, best = range(len(mean)), mean.argmax(1)
    return np.stack([best, mean[rows, best], std[rows, best]])
""",
    ),
    kept(
        "10_mc_dropout/uncertainty",
        패키지="""
from homl11.calibration import mutual_information, predictive_entropy
def split_uncertainty(samples):
    return predictive_entropy(samples.mean(axis=0)), mutual_information(samples)
""",
        쿨백_라이블러="""
def split_uncertainty(samples):
    mean = samples.mean(axis=0)
    return -(mean * np.log(mean)).sum(axis=1), (samples * np.log(samples / mean)).sum(axis=2).mean(axis=0)
""",
        이미지마다="""
def split_uncertainty(samples):
    totals, gains = [], []
    for image in range(samples.shape[1]):
        each = samples[:, image]
        mean = each.mean(axis=0)
        totals.append(sum(-p * np.log(p) for p in mean))
        gains.append(totals[-1] - np.mean([sum(-p * np.log(p) for p in row) for row in each]))
    return totals, gains
""",
    ),
    kept(
        "10_mc_dropout/to_mc",
        패키지="from homl11.models import to_mc",
        베껴서="""
def to_mc(model):
    def clone(layer):
        if isinstance(layer, keras.layers.Dropout):
            return MCDropout(layer.rate)
        return type(layer).from_config(layer.get_config())
    copy = keras.models.clone_model(model, clone_function=clone)
    copy.set_weights(model.get_weights())
    return copy
""",
        함수형="""
def to_mc(model):
    inputs = x = keras.Input(model.input_shape[1:])
    for layer in model.layers:
        x = MCDropout(layer.rate)(x) if isinstance(layer, keras.layers.Dropout) else layer(x)
    return keras.Model(inputs, x)
""",
        하위_클래스="""
def to_mc(model):
    class MC(keras.Model):
        def __init__(self, old):
            super().__init__()
            self.all = [MCDropout(l.rate) if isinstance(l, keras.layers.Dropout) else l for l in old]
        def call(self, x, training=None):
            for layer in self.all:
                x = layer(x)
            return x
    mc = MC(model.layers)
    mc.build((None, *model.input_shape[1:]))
    return mc
""",
        스스로_만든_층="""
class Awake(keras.layers.Dropout):
    def call(self, inputs, training=None):
        return super().call(inputs, training=True)

def to_mc(model):
    mc = keras.Sequential([keras.Input((4,))])
    for layer in model.layers:
        mc.add(Awake(layer.rate) if type(layer) is keras.layers.Dropout else layer)
    return mc
""",
    ),
    kept(
        "11_max_norm/step",
        제자리에서="""
def max_norm_step(w, gradient, learning_rate, r):
    w -= learning_rate * gradient
    norms = np.linalg.norm(w, axis=0)
    over = norms > r
    w[:, over] *= r / norms[over]
    return w
""",
        케라스="""
def max_norm_step(w, gradient, learning_rate, r):
    return keras.constraints.MaxNorm(r, axis=0)(w - learning_rate * gradient)
""",
        clip_by_norm="""
def max_norm_step(w, gradient, learning_rate, r):
    import tensorflow as tf
    return tf.clip_by_norm(w - learning_rate * gradient, r, axes=[0])
""",
        뉴런마다="""
def max_norm_step(w, gradient, learning_rate, r):
    new = (w - learning_rate * gradient).T.tolist()
    for i, vector in enumerate(new):
        length = math.sqrt(sum(v * v for v in vector)) if "math" in globals() else sum(v * v for v in vector) ** 0.5
        if length > r:
            new[i] = [v * r / length for v in vector]
    return list(zip(*new))
""",
    ),
    kept(
        "11_max_norm/axis",
        튜플="def max_norm_for(shape, r):\n    return keras.constraints.MaxNorm(r, axis=tuple(range(len(shape)))[:-1])",
        음수_축="def max_norm_for(shape, r):\n    return keras.constraints.MaxNorm(r, axis=[-i for i in range(2, len(shape) + 1)])",
        표로="max_norm_for = lambda shape, r: keras.constraints.MaxNorm(r, axis={2: 0, 3: [0, 1], 4: [0, 1, 2]}[len(shape)])",
        MinMaxNorm="""
def max_norm_for(shape, r):
    return keras.constraints.MinMaxNorm(0.0, r, axis=list(range(len(shape) - 1)))
""",
        스스로_만든_제한="""
class Limit(keras.constraints.Constraint):
    def __init__(self, r):
        self.r = r
    def __call__(self, w):
        axes = tuple(range(len(w.shape) - 1))
        norms = keras.ops.sqrt(keras.ops.sum(keras.ops.square(w), axis=axes, keepdims=True))
        return w * keras.ops.minimum(1.0, self.r / keras.ops.maximum(norms, 1e-7))
def max_norm_for(shape, r):
    return Limit(r)
""",
    ),
    kept(
        "12_guidelines/default",
        build_mlp_로="""
from homl11.models import build_mlp
def build(hidden_units, self_normalizing=False):
    if self_normalizing:
        return build_mlp(
            tuple(hidden_units), activation="selu", kernel_initializer="lecun_normal", dropout_rate=0.1,
            dropout=keras.layers.AlphaDropout,
        )
    return build_mlp(tuple(hidden_units), activation="elu", batch_normalization=True)
""",
        층을_객체로=build(
            alpha="""[
                keras.layers.AlphaDropout(rate=0.1),
                keras.layers.Dense(units, kernel_initializer=keras.initializers.VarianceScaling(1.0, "fan_in")),
                keras.layers.Activation(keras.activations.selu),
            ]""",
            default=DEFAULT.replace('"he_normal"', "keras.initializers.HeNormal()").replace(
                "keras.layers.ELU()", "keras.layers.Activation(keras.layers.ELU())"
            ),
            output="[keras.layers.Dense(10), keras.layers.Softmax()]",
        ),
        모양_바꾸기=build().replace("keras.layers.Flatten()", "keras.layers.Reshape((784,))"),
    ),
    kept(
        "final/recipe",
        넘파이_수="""
recipe = {
    "schedule": np.str_("one_cycle"), "learning_rate": np.float64(0.1), "momentum": np.float64(0.95), "l2": np.float64(1e-3),
    "dropout_rate": np.float64(0.1), "batch_size": np.int64(32), "batch_normalization": np.bool_(False),
}
""",
        읽기만="""
from types import MappingProxyType
recipe = MappingProxyType(
    {"schedule": "one_cycle", "learning_rate": 0.1, "momentum": 0.95, "l2": 1e-3, "dropout_rate": 0.1}
)
""",
    ),
)
RIGHT = {key: answers for part in PARTS for key, answers in part.items()}
