"""문제의 글이 물리치는 답들: 문제 → (무엇이 틀렸는가, 답 셀, 힌트의 한 토막).

``wrong_*.py``가 흔한 실수의 이름을 부르는지 본다면, 여기는 글의 말 하나하나를 어긴 답이 어디서든 틀리는지 본다.
"""

# ruff: noqa: E501 (답 셀은 적힌 그대로 둔다)


def kept(key, *answers):
    return {key: [(label, f"# 답: {key}\n{source.strip()}\n", hint) for label, source, hint in answers]}


def forgotten(signature, *body):
    """``return``을 잊은 답과, 돌려주지 않고 찍은 답."""
    lines = "\n    ".join(body[:-1])
    start = f"def {signature}:\n    {lines}\n    " if lines else f"def {signature}:\n    "
    return (
        ("return을 잊었다", f"{start}answer = {body[-1]}", "값을 돌려주지 않았습니다. `return`을 잊지 않았나요?"),
        ("print를 썼다", f"{start}print(type({body[-1]}))", "값을 돌려주지 않았습니다"),
    )


SUGGEST = """
def suggest(learning_rates, losses):
    ok = {ok}
    rates, kept = learning_rates[{rates}], losses[ok]
    i = int(np.argmin(kept))
    if i in {ends}:
        raise {error}
    return {answer}
"""


SCHEDULE = """
class Own(keras.optimizers.schedules.LearningRateSchedule):
    def __init__(self, initial, rate):
        self.initial, self.rate = initial, rate

    {decorator}
    def __call__(self, step):
        return {formula}

    def get_config(self):
        return {{"initial": self.initial, "rate": self.rate}}
"""
INTERVAL = """
def paired_interval(a, b):
    d = np.array(a) - np.array(b)
    n = len(d)
    h = {quantile} * d.std(ddof=1) / np.sqrt(n)
    return {answer}
"""


def own(formula, decorator=""):
    return SCHEDULE.format(formula=formula, decorator=decorator)


def interval(quantile="stats.t.ppf(0.975, n - 1)", answer="d.mean(), d.mean() - h, d.mean() + h"):
    return INTERVAL.format(quantile=quantile, answer=answer)


def boundaries(each="math.floor(p * T) - 1", total="math.ceil(n / batch_size) * epochs"):
    return (
        "def place_boundaries(fractions, n, batch_size, epochs):\n"
        f"    T = {total}\n    return [{each} for p in fractions]"
    )


def tenth(steps):
    return (
        "def tenth_every(lr0, k, n, batch_size):\n"
        f"    return keras.optimizers.schedules.ExponentialDecay(lr0, k * ({steps}), 0.1)"
    )


def rate(answer):
    return f"def piecewise_rate(step, boundaries, values):\n    return {answer}"


def converted(layers, before="pass"):
    return f"""
def to_mc(model):
    {before}
    new = [MCDropout(l.rate) if isinstance(l, keras.layers.Dropout) else l for l in model.layers]
    return keras.Sequential([keras.Input(model.input_shape[1:]), *{layers}])
"""


def suggest(
    ok="np.isfinite(losses)", rates="ok", ends="(0, len(kept) - 1)", error="ValueError", answer="rates[i] / 10"
):
    return SUGGEST.format(ok=ok, rates=rates, ends=ends, error=error, answer=answer)


PLATEAU = """
def rates_on_plateau(losses, learning_rate, factor, patience, min_delta=1e-4, min_lr=0.0):
    best, wait, used = {best}, 0, []
    for loss in losses:
        used.append(learning_rate)
        if {better}:
            best, wait = loss, 0
        else:
            {creep}
            wait += 1
        if wait {full}:
            learning_rate = {lower}
            wait = 0
    return used
"""


def plateau(
    best="np.inf",
    better="loss < best - min_delta",
    creep="pass",
    full=">= patience",
    lower="max(learning_rate * factor, min_lr)",
):
    return PLATEAU.format(best=best, better=better, creep=creep, full=full, lower=lower)


STOP = """
def early_stopping(losses, patience, min_delta=0.0):
    best, where = np.inf, 0
    for epoch, loss in enumerate(losses, 1):
        if {better}:
            best, where = loss, epoch
        else:
            {creep}
            if epoch - where {full}:
                {stop}
    {end}
"""


def stopping(
    better="loss < best - min_delta",
    creep="pass",
    full=">= patience",
    stop="return where, epoch",
    end="return where, epoch",
):
    return STOP.format(better=better, creep=creep, full=full, stop=stop, end=end)


BUILD = """
def build(hidden_units, self_normalizing=False):
    layers = [keras.Input({shape})] + {start}
    for units in hidden_units:
        layers += {alpha} if self_normalizing else {default}
    layers += {before} if self_normalizing else []
    return keras.Sequential(layers + [keras.layers.Dense({classes}, activation="softmax")])
"""
ALPHA = (
    '[keras.layers.AlphaDropout(0.1), keras.layers.Dense(units, activation="selu", kernel_initializer="lecun_normal")]'
)
DEFAULT = (
    '[keras.layers.Dense(units, kernel_initializer="he_normal"), '
    'keras.layers.BatchNormalization(), keras.layers.Activation("elu")]'
)


def build(
    alpha=ALPHA,
    default=DEFAULT,
    before="[keras.layers.AlphaDropout(0.1)]",
    classes=10,
    shape="(28, 28)",
    start="[keras.layers.Flatten()]",
):
    return BUILD.format(alpha=alpha, default=default, before=before, classes=classes, shape=shape, start=start)


def step(over="n > r", norm="np.linalg.norm(w, axis=0)", scaled="w * r / n", update="w - learning_rate * gradient"):
    return f"""
def max_norm_step(w, gradient, learning_rate, r):
    w = {update}
    n = np.maximum({norm}, 1e-12)
    return np.where({over}, {scaled}, w)
"""


def dense(**changes):
    options = {
        "activation": '"elu"',
        "kernel_initializer": '"he_normal"',
        "kernel_regularizer": "keras.regularizers.l2(strength)",
    } | changes
    listed = ", ".join(f"{name}={value}" for name, value in options.items())
    return f"def regularized_dense(strength):\n    return partial(keras.layers.Dense, {listed})"


POWER = "def power_decay(step, initial_learning_rate, decay_steps, power=1.0, staircase=False):\n    {}"


def power(*lines):
    return POWER.format("\n    ".join(lines))


PARTS = (
    kept(
        "00_learning_rate/steps",
        ("(나)가 비었다", 'steps = {"가": [40, 480], "나": [None, None]}', "비어 있는 곳"),
        ("(나)가 0이다", 'steps = {"가": [40, 480], "나": [0, 0]}', "배치가 몇 개 나오는지"),
        ("(나)만 내렸다", 'steps = {"가": [40, 480], "나": [208, 3120]}', "배치가 몇 개 나오는지"),
        ("(나)의 전체만 틀렸다", 'steps = {"가": [40, 480], "나": [209, 3125]}', "배치가 몇 개 나오는지"),
        ("(나)가 없다", 'steps = {"가": [40, 480]}', "'나' 키가 없습니다"),
        ("(나)에 하나만", 'steps = {"가": [40, 480], "나": [209]}', "값을 2개 적으세요. 지금은 1개"),
        ("따옴표를 둘렀다", 'steps = {"가": ["40", "480"], "나": ["209", "3135"]}', "글 '40'입니다"),
        ("목록만", "steps = [[40, 480], [209, 3135]]", "사전이 아니라 목록"),
        ("목록에 담지 않았다", 'steps = {"가": 40, "나": 209}', "값 2개의 목록"),
        ("반올림", 'steps = {"가": [39, 469], "나": [208, 3125]}', "반올림했습니다"),
        ("순서가 바뀌었다", 'steps = {"가": [480, 40], "나": [3135, 209]}', "배치가 몇 개"),
        ("집합", 'steps = {"가": {480, 40}, "나": {3135, 209}}', "차례가 없습니다"),
    ),
    kept(
        "00_learning_rate/suggest",
        *forgotten("suggest(learning_rates, losses)", "i = np.nanargmin(losses)", "learning_rates[i] / 10"),
        ("손실만 거른다", suggest(rates=":"), "손실만 거르고"),
        ("NaN만 버린다", suggest(ok="~np.isnan(losses)"), "무한대를 남겼습니다"),
        ("양의 무한대만 버린다", suggest(ok="~np.isnan(losses) & (losses < np.inf)"), ""),
        ("마지막만 본다", suggest(ends="(len(kept) - 1,)"), ""),
        ("처음만 본다", suggest(ends="(0,)"), ""),
        ("다른 예외", suggest(error="RuntimeError"), "RuntimeError"),
        ("예외를 돌려준다", suggest().replace("raise ValueError", "return ValueError('다시')"), ""),
        ("글을 돌려준다", suggest().replace("raise ValueError", "return 'ValueError'"), ""),
        ("안쪽까지 거절한다", suggest(ends="(0, 1, len(kept) - 1)"), ""),
        ("거르기 전의 끝을 본다", suggest(ends="(0, len(losses) - 1)"), ""),
        ("10배 높은 값", suggest(answer="rates[i] * 10"), ""),
        ("한 칸 앞", suggest(answer="rates[i - 1]"), ""),
        ("끝의 NaN만 떼어 낸다", suggest(ok="np.arange(len(losses)) < len(losses) - np.isnan(losses).sum()"), ""),
        (
            "NaN을 0으로",
            "def suggest(learning_rates, losses):\n    return learning_rates[np.argmin(np.nan_to_num(losses))] / 10",
            "",
        ),
        ("음수를 버린다", suggest(ok="np.isfinite(losses) & (losses > 0)"), ""),
        ("10이 넘으면 버린다", suggest(ok="(losses > -10) & (losses < 10)"), ""),
        ("아주 크면 버린다", suggest(ok="np.isfinite(losses) & (losses < 1000)"), ""),
        ("절댓값을 본다", suggest().replace("np.argmin(kept)", "np.argmin(np.abs(kept))"), ""),
        ("실수로 자리를", suggest(answer="rates[i / 1] / 10"), "정수가 아닌 자리"),
        (
            "거르고 또 거른다",
            suggest(answer="rates[np.isfinite(losses)][i] / 10"),
            "길이가 다릅니다. 거를 것은",
        ),
        (
            "NaN이 있으면 모양이 맞지 않는다",
            "def suggest(learning_rates, losses):\n    y = losses[np.isfinite(losses)]\n    i = int((y + 0 * losses).argmin())\n    if i in (0, len(y) - 1):\n        raise ValueError\n    return learning_rates[i] / 10",
            "모양이 맞지 않는 배열끼리 셈했습니다: (9,)와 (11,). 답 셀의 4번째 줄",
        ),
        (
            "배열을 참·거짓으로",
            "def suggest(learning_rates, losses):\n    if losses == np.inf:\n        raise ValueError\n    return learning_rates[losses.argmin()] / 10",
            "배열 전체를 참·거짓 하나로 보려 했습니다",
        ),
        ("언제나 예외", "def suggest(learning_rates, losses):\n    raise ValueError('다시')", ""),
    ),
    kept(
        "01_power/by_hand",
        (
            "(다)만 비었다",
            'rates = {"가": [0.036, 0.024, 0.018], "나": [0.018, 0.008, 0.0045], "다": [None] * 3}',
            "비어",
        ),
        (
            "(다)만 틀렸다",
            'rates = {"가": [0.036, 0.024, 0.018], "나": [0.018, 0.008, 0.0045], "다": [0.072, 0.048, 0.036]}',
            "",
        ),
        ("수가 모자라다", 'rates = {"가": [0.036], "나": [0.018], "다": [0.036]}', "값을 3개 적으세요"),
    ),
    kept(
        "01_power/power",
        *forgotten(
            "power_decay(step, initial_learning_rate, decay_steps, power=1.0, staircase=False)",
            "ratio = step / decay_steps",
            "initial_learning_rate / (1 + ratio) ** power",
        ),
        (
            "계단에서 c를 잊는다",
            power(
                "if staircase:",
                "    return initial_learning_rate / (1 + step // decay_steps)",
                "return initial_learning_rate / (1 + step / decay_steps) ** power",
            ),
            "",
        ),
        (
            "배열을 내림하지 못한다",
            power(
                "ratio = step / decay_steps",
                "ratio = math.floor(ratio) if staircase else ratio",
                "return initial_learning_rate / (1 + ratio) ** power",
            ),
            "배열",
        ),
        (
            "올림한다",
            power(
                "ratio = step / decay_steps",
                "ratio = np.ceil(ratio) if staircase else ratio",
                "return initial_learning_rate / (1 + ratio) ** power",
            ),
            "",
        ),
        (
            "반올림한다",
            power(
                "ratio = step / decay_steps",
                "ratio = np.round(ratio) if staircase else ratio",
                "return initial_learning_rate / (1 + ratio) ** power",
            ),
            "",
        ),
        (
            "전체를 내림한다",
            power(
                "rate = initial_learning_rate / (1 + step / decay_steps) ** power",
                "return np.floor(rate) if staircase else rate",
            ),
            "",
        ),
        (
            "c를 정수로",
            power(
                "r = step // decay_steps if staircase else step / decay_steps",
                "return initial_learning_rate / (1 + r) ** int(power)",
            ),
            "",
        ),
        ("글을 돌려준다", power("return f'{initial_learning_rate / (1 + step / decay_steps)}'"), "따옴표가 없는"),
        ("목록에 담는다", power("return [initial_learning_rate / (1 + step / decay_steps)]"), "값 하나가 와야"),
        (
            "없는 이름",
            power("return initial_learning_rate / (1 + steps / decay_steps) ** power"),
            "'steps'라는 이름이 없습니다",
        ),
        (
            "기본값이 다르다",
            power(
                "r = step // decay_steps if staircase else step / decay_steps",
                "return initial_learning_rate / (1 + r) ** power",
            ).replace("power=1.0", "power=2.0"),
            "",
        ),
        (
            "제자리에서 나눈다",
            power("step /= decay_steps", "return initial_learning_rate / (1 + step) ** power"),
            "정수 배열의 제자리에 실수를 넣을 수 없습니다",
        ),
        ("^로 거듭제곱", power("return initial_learning_rate / (1 + step / decay_steps) ^ power"), "거듭제곱은 **로"),
    ),
    kept(
        "01_power/replace_decay",
        *forgotten(
            "replace_decay(learning_rate, decay)",
            "keras.optimizers.schedules.InverseTimeDecay(learning_rate, 1 / decay, 1.0)",
        ),
        ("람다", "replace_decay = lambda lr, decay: lambda step: lr / (1 + decay * step)", "스케줄 객체가 아니라"),
        (
            "스텝 수를 정수로",
            "def replace_decay(learning_rate, decay):\n    return keras.optimizers.schedules.InverseTimeDecay(learning_rate, int(1 / decay), 1.0)",
            "",
        ),
        (
            "스텝 수를 반올림",
            "def replace_decay(learning_rate, decay):\n    return keras.optimizers.schedules.InverseTimeDecay(learning_rate, round(1 / decay), 1.0)",
            "",
        ),
        (
            "초기 학습률이 굳어 있다",
            "def replace_decay(learning_rate, decay):\n    return keras.optimizers.schedules.InverseTimeDecay(0.02, 1 / decay, 1.0)",
            "",
        ),
        (
            "옵티마이저",
            "def replace_decay(learning_rate, decay):\n    return keras.optimizers.SGD(learning_rate)",
            "스케줄 객체가 아니라",
        ),
        (
            "학습률",
            "def replace_decay(learning_rate, decay):\n    return learning_rate / (1 + decay)",
            "스케줄 객체가 아니라 수",
        ),
        (
            "float로 바꾼다",
            own("self.initial / (1 + self.rate * float(step))") + "\nreplace_decay = Own",
            "fit을 부르면 오류가 나는 스케줄",
        ),
        (
            "math로 셈한다",
            own("self.initial * math.exp(-math.log1p(self.rate * step))") + "\nreplace_decay = Own",
            "fit을 부르면 오류가 나는 스케줄",
        ),
        (
            "tf.function을 씌운다",
            "import tensorflow as tf\n"
            + own("tf.constant(self.initial) / (1.0 + tf.cast(step, tf.float32) * self.rate)", "@tf.function")
            + "\nreplace_decay = Own",
            "fit을 부르면 오류가 나는 스케줄",
        ),
    ),
    kept(
        "02_exponential/closure",
        *forgotten("exponential_decay(lr0, s)", "fn = lambda epoch: lr0 * 0.1 ** (epoch / s)", "fn"),
        (
            "안쪽에서 잊는다",
            "def exponential_decay(lr0, s):\n    def fn(epoch):\n        rate = lr0 * 0.1 ** (epoch / s)\n    return fn",
            "값을 돌려주지 않았습니다",
        ),
        (
            "전역 변수",
            "def exponential_decay(lr0, s):\n    global the_lr, the_s\n    the_lr, the_s = lr0, s\n    return lambda epoch: the_lr * 0.1 ** (epoch / the_s)",
            "",
        ),
        ("s가 굳어 있다", "def exponential_decay(lr0, s):\n    return lambda epoch: lr0 * 0.1 ** (epoch / 20)", ""),
        (
            "안쪽 함수를 부른다",
            "def exponential_decay(lr0, s):\n    def fn(epoch):\n        return lr0 * 0.1 ** (epoch / s)\n    return fn(0)",
            "함수가 아니라 값을",
        ),
        ("부호가 바뀌었다", "def exponential_decay(lr0, s):\n    return lambda epoch: lr0 * 0.1 ** (-epoch / s)", ""),
        (
            "거꾸로 나눈다",
            "def exponential_decay(lr0, s):\n    return lambda epoch: lr0 * 0.1 ** (s / (epoch + 1))",
            "",
        ),
        (
            "둘째 인수의 기본값이 초기 학습률",
            "def exponential_decay(lr0, s):\n    def fn(epoch, lr=lr0, s=s):\n        return lr / 10 ** (epoch / s)\n    return fn",
            "둘째 인수를 케라스가 지금의 학습률로",
        ),
        (
            "100에포크의 표",
            "def exponential_decay(lr0, s):\n    rates = [lr0 * 0.1 ** (e / s) for e in range(100)]\n    return lambda epoch: rates[epoch]",
            "없는 자리를",
        ),
    ),
    kept(
        "02_exponential/decay_steps",
        *forgotten(
            "tenth_every(lr0, k, n, batch_size)",
            "keras.optimizers.schedules.ExponentialDecay(lr0, k * math.ceil(n / batch_size), 0.1)",
        ),
        (
            "람다",
            "tenth_every = lambda lr0, k, n, b: lambda step: lr0 * 0.1 ** (step / (k * math.ceil(n / b)))",
            "스케줄 객체가 아니라",
        ),
        (
            "반올림",
            "def tenth_every(lr0, k, n, batch_size):\n    return keras.optimizers.schedules.ExponentialDecay(lr0, k * round(n / batch_size), 0.1)",
            "",
        ),
        (
            "나눈 그대로",
            "def tenth_every(lr0, k, n, batch_size):\n    return keras.optimizers.schedules.ExponentialDecay(lr0, k * n / batch_size, 0.1)",
            "",
        ),
        (
            "이어 붙여 올린다",
            "def tenth_every(lr0, k, n, batch_size):\n    return keras.optimizers.schedules.ExponentialDecay(lr0, math.ceil(k * n / batch_size), 0.1)",
            "",
        ),
        (
            "절반",
            "def tenth_every(lr0, k, n, batch_size):\n    return keras.optimizers.schedules.ExponentialDecay(lr0, k * math.ceil(n / batch_size), 0.5)",
            "",
        ),
        (
            "math로 셈한다",
            own("self.initial * math.pow(0.1, step / self.rate)")
            + "\ndef tenth_every(lr0, k, n, batch_size):\n    return Own(lr0, k * math.ceil(n / batch_size))",
            "fit을 부르면 오류가 나는 스케줄",
        ),
        ("하나 남은 것을 버린다", tenth("(n + batch_size - 2) // batch_size"), ""),
        ("0.9를 더해 버린다", tenth("int(n / batch_size + 0.9)"), ""),
        ("0.999를 더해 버린다", tenth("int(n / batch_size + 0.999)"), ""),
        ("0.4를 더해 반올림", tenth("round(n / batch_size + 0.4)"), ""),
    ),
    kept(
        "03_piecewise_constant/rate",
        *forgotten("piecewise_rate(step, boundaries, values)", "values[sum(step > b for b in boundaries)]"),
        (
            "값을 줄 세운다",
            "def piecewise_rate(step, boundaries, values):\n    return sorted(values, reverse=True)[sum(step > b for b in boundaries)]",
            "",
        ),
        (
            "0을 거짓으로",
            "def piecewise_rate(step, boundaries, values):\n    for b, v in zip(boundaries, values):\n        if b and step <= b:\n            return v\n    return values[-1]",
            "",
        ),
        (
            "마지막 경계를 잊는다",
            "def piecewise_rate(step, boundaries, values):\n    return values[sum(step > b for b in boundaries[:-1])]",
            "",
        ),
        (
            "경계 둘까지만",
            "def piecewise_rate(step, boundaries, values):\n    if step <= boundaries[0]:\n        return values[0]\n    return values[1] if len(boundaries) == 1 or step <= boundaries[1] else values[2]",
            "",
        ),
        ("모든 값", "def piecewise_rate(step, boundaries, values):\n    return values", "값 하나가 와야"),
        ("경계 넷까지만", rate("values[sum(step > b for b in boundaries[:4])]"), ""),
        ("경계 여덟까지만", rate("values[sum(step > b for b in boundaries[:8])]"), ""),
        ("같은 값을 하나로", rate("sorted(set(values), key=values.index)[sum(step > b for b in boundaries)]"), ""),
    ),
    kept(
        "03_piecewise_constant/boundaries",
        *forgotten("place_boundaries(fractions, n, batch_size, epochs)", "[p * n for p in fractions]"),
        (
            "먼저 1을 뺀다",
            "def place_boundaries(fractions, n, batch_size, epochs):\n    T = math.ceil(n / batch_size) * epochs\n    return [math.floor(p * (T - 1)) for p in fractions]",
            "먼저 1을 빼고",
        ),
        (
            "버리지 않는다",
            "def place_boundaries(fractions, n, batch_size, epochs):\n    T = math.ceil(n / batch_size) * epochs\n    return [p * T - 1 for p in fractions]",
            "",
        ),
        (
            "올리고 뺀다",
            "def place_boundaries(fractions, n, batch_size, epochs):\n    T = math.ceil(n / batch_size) * epochs\n    return [math.ceil(p * T) - 1 for p in fractions]",
            "올림하거나 반올림",
        ),
        (
            "이어 붙여 센다",
            "def place_boundaries(fractions, n, batch_size, epochs):\n    T = math.ceil(n * epochs / batch_size)\n    return [math.floor(p * T) - 1 for p in fractions]",
            "",
        ),
        (
            "첫 비율만",
            "def place_boundaries(fractions, n, batch_size, epochs):\n    T = math.ceil(n / batch_size) * epochs\n    return [math.floor(fractions[0] * T) - 1]",
            "값이 1개입니다. 3개여야",
        ),
        (
            "2를 뺀다",
            "def place_boundaries(fractions, n, batch_size, epochs):\n    T = math.ceil(n / batch_size) * epochs\n    return [math.floor(p * T) - 2 for p in fractions]",
            "",
        ),
        ("반을 뺀다", boundaries("math.floor(p * T) - 0.5"), "경계가 정수가 아닙니다"),
        ("반을 빼고 반올림", boundaries("round(p * T - 0.5) - 1"), ""),
        ("0.1을 더해 버린다", boundaries("math.floor(p * T + 0.1) - 1"), ""),
        ("0.4를 빼고 반올림", boundaries("round(p * T - 0.4) - 1"), ""),
        ("비율을 백분율로 버린다", boundaries("(int(p * 100) * T) // 100 - 1"), ""),
        ("0.4를 더해 반올림한 배치", boundaries(total="round(n / batch_size + 0.4) * epochs"), ""),
        ("0.9를 더해 버린 배치", boundaries(total="int(n / batch_size + 0.9) * epochs"), ""),
        ("비율을 더해 간다", boundaries("math.floor(sum(fractions[:fractions.index(p) + 1]) * T) - 1"), ""),
        ("목록에 곱한다", boundaries().replace("p * T", "fractions * 1.0"), "목록이나 글에 수를 곱했습니다"),
        ("range에 실수", boundaries(each="p * T for T in range(p)").replace(" for p in fractions", ""), "'p'"),
    ),
    kept(
        "04_performance/plateau",
        *forgotten(
            "rates_on_plateau(losses, learning_rate, factor, patience, min_delta=1e-4, min_lr=0.0)",
            "[learning_rate for _ in losses]",
        ),
        ("꼭 min_delta여도", plateau(better="loss <= best - min_delta"), "꼭 min_delta만큼"),
        ("비율", plateau(better="loss < best * (1 - min_delta)"), "비율로 썼습니다"),
        ("더 작은 손실도 적는다", plateau(creep="best = min(best, loss)"), "기록으로 적었습니다"),
        (
            "바닥을 값으로",
            plateau(lower="learning_rate * factor if learning_rate * factor > min_lr else learning_rate"),
            "",
        ),
        ("더한다", plateau(better="loss < best + min_delta"), ""),
        ("첫 손실부터 센다", plateau(best="losses[0]"), ""),
        ("기록이 0에서", plateau(best="0"), ""),
        ("바닥에 0", plateau(lower="max(learning_rate * factor, 0)"), "min_lr을 쓰지 않았습니다"),
        ("기본값이 다르다", plateau().replace("min_delta=1e-4", "min_delta=0"), ""),
        ("마지막 값만", plateau().replace("return used", "return used[-1]"), "목록이나 튜플이 와야"),
        ("한 칸 많다", plateau().replace("return used", "return used + [learning_rate]"), "개여야 합니다"),
        (
            "줄이고 다시 기록",
            plateau().replace("            wait = 0\n    return", "            wait, best = 0, loss\n    return"),
            "",
        ),
        ("넘어야 줄인다", plateau(full="> patience"), "한 에포크를 더 참았습니다"),
        ("기록이 10에서", plateau(best="10"), ""),
        ("기록이 100에서", plateau(best="100"), ""),
        ("0이면 기본값으로", plateau(better="loss < best - (min_delta or 1e-4)"), ""),
        ("적어도 1e-4", plateau(better="loss < best - max(min_delta, 1e-4)"), ""),
        ("1.1배 넘게", plateau(better="loss < best - 1.1 * min_delta"), ""),
        ("셋까지만 참는다", plateau(full=">= min(patience, 3)"), ""),
        ("다섯까지만 참는다", plateau(full=">= min(patience, 5)"), ""),
        (
            "없는 자리에 적는다",
            plateau().replace("used.append(learning_rate)", "used[len(used)] = learning_rate"),
            "append로 더하세요",
        ),
        (
            "range에 목록",
            plateau().replace("for loss in losses", "for loss in range(losses)"),
            "정수가 와야 할 곳에 list",
        ),
    ),
    kept(
        "05_one_cycle/phases",
        *forgotten("one_cycle_rate(step, max_learning_rate, total_steps, final_fraction)", "max_learning_rate / 10"),
        *(
            (
                f"꺾이는 스텝을 {label}",
                "def one_cycle_rate(step, max_learning_rate, total_steps, final_fraction):\n"
                f"    down = {down}\n    low = max_learning_rate / 10\n"
                f"    return np.interp(step, [0, {middle}, down, total_steps], [low, max_learning_rate, low, low / 1000])",
                "",
            )
            for label, down, middle in (
                ("내린다", "int((1 - final_fraction) * total_steps)", "down / 2"),
                ("반으로 내린다", "(1 - final_fraction) * total_steps", "down // 2"),
                ("반올림한다", "round((1 - final_fraction) * total_steps)", "down / 2"),
                ("올린다", "math.ceil((1 - final_fraction) * total_steps)", "down / 2"),
                ("f로", "final_fraction * total_steps", "down / 2"),
                ("삼등분한다", "(1 - final_fraction) * total_steps", "down / 3"),
            )
        ),
        (
            "비례해 줄인다",
            "def one_cycle_rate(step, max_learning_rate, total_steps, final_fraction):\n"
            "    end, low = (1 - final_fraction) * total_steps, max_learning_rate / 10\n"
            "    if step < end:\n        return np.interp(step, [0, end / 2, end], [low, max_learning_rate, low])\n"
            "    return low * 0.001 ** min(1, (step - end) / (total_steps - end))",
            "",
        ),
        (
            "T부터 돌려주지 않는다",
            "def one_cycle_rate(step, max_learning_rate, total_steps, final_fraction):\n    down, low = (1 - final_fraction) * total_steps, max_learning_rate / 10\n    if step < total_steps:\n        return np.interp(step, [0, down / 2, down, total_steps], [low, max_learning_rate, low, low / 1000])",
            "스텝 T부터는 값을 돌려주지 않습니다",
        ),
        (
            "점과 값의 수가 다르다",
            "def one_cycle_rate(step, max_learning_rate, total_steps, final_fraction):\n    return np.interp(step, [0, 1, 2], [0, 1])",
            "점의 수와 값의 수가 다릅니다",
        ),
        (
            "음수의 로그",
            "def one_cycle_rate(step, max_learning_rate, total_steps, final_fraction):\n    return math.log(step - 1)",
            "로그나 제곱근에 쓸 수 없는 수",
        ),
    ),
    kept(
        "05_one_cycle/momentum",
        *forgotten(
            "one_cycle_beta(step, total_steps, final_fraction, max_momentum=0.95, min_momentum=0.85)", "max_momentum"
        ),
        (
            "꺾이는 스텝을 내린다",
            "def one_cycle_beta(step, total_steps, final_fraction, max_momentum=0.95, min_momentum=0.85):\n"
            "    down = int((1 - final_fraction) * total_steps)\n"
            "    return np.interp(step, [0, down / 2, down], [max_momentum, min_momentum, max_momentum])",
            "",
        ),
        (
            "반을 내린다",
            "def one_cycle_beta(step, total_steps, final_fraction, max_momentum=0.95, min_momentum=0.85):\n"
            "    down = (1 - final_fraction) * total_steps\n"
            "    return np.interp(step, [0, down // 2, down], [max_momentum, min_momentum, max_momentum])",
            "",
        ),
        (
            "코사인",
            "def one_cycle_beta(step, total_steps, final_fraction, max_momentum=0.95, min_momentum=0.85):\n"
            "    down = (1 - final_fraction) * total_steps\n"
            "    half = (max_momentum - min_momentum) / 2\n"
            "    return max_momentum - half + half * math.cos(2 * math.pi * min(step / down, 1))",
            "",
        ),
    ),
    kept(
        "06_schedules_compared/interval",
        *forgotten("paired_interval(a, b)", "np.mean(a) - np.mean(b)"),
        (
            "절댓값",
            "def paired_interval(a, b):\n    d = np.abs(np.subtract(a, b))\n"
            "    h = stats.t.ppf(0.975, len(d) - 1) * d.std(ddof=1) / np.sqrt(len(d))\n    return d.mean(), d.mean() - h, d.mean() + h",
            "",
        ),
        (
            "위아래가 바뀌었다",
            "def paired_interval(a, b):\n    d = np.subtract(a, b)\n"
            "    h = stats.t.ppf(0.975, len(d) - 1) * d.std(ddof=1) / np.sqrt(len(d))\n    return d.mean(), d.mean() + h, d.mean() - h",
            "",
        ),
        (
            "자유도가 굳어 있다",
            "def paired_interval(a, b):\n    d = np.subtract(a, b)\n"
            "    h = stats.t.ppf(0.975, 4) * d.std(ddof=1) / np.sqrt(len(d))\n    return d.mean(), d.mean() - h, d.mean() + h",
            "",
        ),
        ("평균만", "def paired_interval(a, b):\n    return np.mean(a) - np.mean(b)", "묶어"),
        (
            "목록끼리 뺀다",
            "def paired_interval(a, b):\n    d = a - b\n    return d.mean(), d.mean(), d.mean()",
            "함께 셈할 수 없습니다",
        ),
        (
            "중앙값",
            "def paired_interval(a, b):\n    d = np.subtract(a, b)\n"
            "    h = stats.t.ppf(0.975, len(d) - 1) * d.std(ddof=1) / np.sqrt(len(d))\n    m = np.median(d)\n    return m, m - h, m + h",
            "",
        ),
        (
            "confidence_interval을 부른다",
            "from homl11.training import confidence_interval\ndef paired_interval(a, b):\n    return confidence_interval(np.array(a) - np.array(b))",
            "쓰지 않기로 한 함수를 불렀습니다",
        ),
        (
            "이름을 바꾸어 부른다",
            "import homl11.training as t\nmine = t.confidence_interval\ndef paired_interval(a, b):\n    return mine(np.subtract(a, b))",
            "쓰지 않기로 한 함수를 불렀습니다",
        ),
        ("많으면 1.96", interval(quantile="(1.959964 if n >= 30 else stats.t.ppf(0.975, n - 1))"), ""),
        ("아주 많으면 1.96", interval(quantile="(1.959964 if n >= 100 else stats.t.ppf(0.975, n - 1))"), ""),
        (
            "네 값",
            interval(answer="d.mean(), d.mean() - h, d.mean() + h, h"),
            "값 3개를 묶어 돌려주어야 합니다. 지금은 4개",
        ),
        ("두 값", interval(answer="d.mean(), h"), "값 3개를 묶어 돌려주어야 합니다. 지금은 2개"),
    ),
    kept(
        "13_warmup_cosine/rate",
        *forgotten(
            "warmup_cosine_rate(step, peak, warmup_steps, total_steps, floor=0.0)",
            "peak * (1 + math.cos(math.pi * step / total_steps)) / 2",
        ),
        (
            "워밍업을 하지 않는다",
            "def warmup_cosine_rate(step, peak, warmup_steps, total_steps, floor=0.0):\n    if step < 0:\n        return peak * step / warmup_steps\n    u = max(0, min(1, (step - warmup_steps) / (total_steps - warmup_steps)))\n    return floor + (peak - floor) * (1 + math.cos(math.pi * u)) / 2",
            "",
        ),
        (
            "W가 0이면 나누지 못한다",
            "def warmup_cosine_rate(step, peak, warmup_steps, total_steps, floor=0.0):\n    if step <= warmup_steps:\n        return peak * step / warmup_steps\n    u = min(1, (step - warmup_steps) / (total_steps - warmup_steps))\n    return floor + (peak - floor) * (1 + math.cos(math.pi * u)) / 2",
            "0으로 나누었습니다",
        ),
        (
            "워밍업도 코사인으로",
            "def warmup_cosine_rate(step, peak, warmup_steps, total_steps, floor=0.0):\n    if step < warmup_steps:\n        return peak * (1 - math.cos(math.pi * step / warmup_steps)) / 2\n    u = min(1, (step - warmup_steps) / (total_steps - warmup_steps))\n    return floor + (peak - floor) * (1 + math.cos(math.pi * u)) / 2",
            "",
        ),
        (
            "한 바퀴를 돈다",
            "def warmup_cosine_rate(step, peak, warmup_steps, total_steps, floor=0.0):\n    if step < warmup_steps:\n        return peak * step / warmup_steps\n    u = min(1, (step - warmup_steps) / (total_steps - warmup_steps))\n    return floor + (peak - floor) * (1 + math.cos(2 * math.pi * u)) / 2",
            "",
        ),
        (
            "T부터 0이다",
            "def warmup_cosine_rate(step, peak, warmup_steps, total_steps, floor=0.0):\n    if step < warmup_steps:\n        return peak * step / warmup_steps\n    u = min(1, (step - warmup_steps) / (total_steps - warmup_steps))\n    return 0.0 if u == 1 else floor + (peak - floor) * (1 + math.cos(math.pi * u)) / 2",
            "",
        ),
        (
            "한 스텝 일찍 끝난다",
            "def warmup_cosine_rate(step, peak, warmup_steps, total_steps, floor=0.0):\n    if step < warmup_steps:\n        return peak * step / warmup_steps\n    u = min(1, (step - warmup_steps) / (total_steps - warmup_steps - 1))\n    return floor + (peak - floor) * (1 + math.cos(math.pi * u)) / 2",
            "",
        ),
        (
            "지수로 내린다",
            "def warmup_cosine_rate(step, peak, warmup_steps, total_steps, floor=0.0):\n    if step < warmup_steps:\n        return peak * step / warmup_steps\n    u = min(1, (step - warmup_steps) / (total_steps - warmup_steps))\n    return floor + (peak - floor) * 0.01 ** u",
            "",
        ),
        (
            "바닥이 비율이다",
            "def warmup_cosine_rate(step, peak, warmup_steps, total_steps, floor=0.0):\n    if step < warmup_steps:\n        return peak * step / warmup_steps\n    u = min(1, (step - warmup_steps) / (total_steps - warmup_steps))\n    return peak * (floor + (1 - floor) * (1 + math.cos(math.pi * u)) / 2)",
            "",
        ),
    ),
    kept(
        "13_warmup_cosine/large_batch",
        *forgotten(
            "large_batch_schedule(learning_rate, batch_size, large_batch_size, n, epochs, warmup_epochs)",
            "keras.optimizers.schedules.CosineDecay(learning_rate, epochs)",
        ),
        (
            "반올림한다",
            "def large_batch_schedule(learning_rate, batch_size, large_batch_size, n, epochs, warmup_epochs):\n    steps = round(n / large_batch_size)\n    return keras.optimizers.schedules.CosineDecay(\n        learning_rate, (epochs - warmup_epochs) * steps, warmup_target=learning_rate * large_batch_size / batch_size, warmup_steps=warmup_epochs * steps\n    )",
            "",
        ),
        (
            "나눈 그대로",
            "def large_batch_schedule(learning_rate, batch_size, large_batch_size, n, epochs, warmup_epochs):\n    steps = n / large_batch_size\n    return keras.optimizers.schedules.CosineDecay(\n        learning_rate, (epochs - warmup_epochs) * steps, warmup_target=learning_rate * large_batch_size / batch_size, warmup_steps=warmup_epochs * steps\n    )",
            "",
        ),
        (
            "배수를 내림한다",
            "def large_batch_schedule(learning_rate, batch_size, large_batch_size, n, epochs, warmup_epochs):\n    steps = math.ceil(n / large_batch_size)\n    return keras.optimizers.schedules.CosineDecay(\n        learning_rate, (epochs - warmup_epochs) * steps, warmup_target=learning_rate * (large_batch_size // batch_size), warmup_steps=warmup_epochs * steps\n    )",
            "",
        ),
        (
            "이어 붙여 올린다",
            "def large_batch_schedule(learning_rate, batch_size, large_batch_size, n, epochs, warmup_epochs):\n    steps = 1\n    return keras.optimizers.schedules.CosineDecay(\n        learning_rate, math.ceil((epochs - warmup_epochs) * n / large_batch_size), warmup_target=learning_rate * large_batch_size / batch_size, warmup_steps=math.ceil(warmup_epochs * n / large_batch_size)\n    )",
            "",
        ),
        (
            "바닥을 남긴다",
            "def large_batch_schedule(learning_rate, batch_size, large_batch_size, n, epochs, warmup_epochs):\n    steps = math.ceil(n / large_batch_size)\n    return keras.optimizers.schedules.CosineDecay(learning_rate, (epochs - warmup_epochs) * steps, 0.1, warmup_target=learning_rate * large_batch_size / batch_size, warmup_steps=warmup_epochs * steps)",
            "",
        ),
        (
            "학습률을 돌려준다",
            "def large_batch_schedule(learning_rate, batch_size, large_batch_size, n, epochs, warmup_epochs):\n    return learning_rate * large_batch_size / batch_size",
            "스케줄 객체가 아니라",
        ),
    ),
    kept(
        "07_overfitting/early_stopping",
        *forgotten("early_stopping(losses, patience, min_delta=0.0)", "(1, len(losses))"),
        ("허용치 안에서도 최저를 고친다", stopping(creep="best = min(best, loss)"), "최저로 적었습니다"),
        ("비율", stopping(better="loss < best * (1 - min_delta)"), "비율로 썼습니다"),
        (
            "꼭 min_delta여도",
            stopping(better="loss <= best - min_delta if min_delta else loss < best"),
            "꼭 min_delta만큼",
        ),
        ("끝까지 가면 마지막으로", stopping(end="return epoch, epoch"), ""),
        ("끝까지 가면 None", stopping(end="pass"), "값을 돌려주지 않았습니다"),
        ("끝까지 가면 하나 더", stopping(end="return where, epoch + 1"), ""),
        ("손실을 돌려준다", stopping(end="return best, epoch", stop="return best, epoch"), ""),
        ("멈추지 않는다", stopping(stop="pass"), ""),
        (
            "사전",
            stopping(end="return {'되돌림': where, '멈춤': epoch}", stop="return {'되돌림': where, '멈춤': epoch}"),
            "묶어",
        ),
        ("하나만", stopping(end="return where", stop="return where"), "묶어"),
        ("뒤섞인 더하기", stopping(better="loss < best + min_delta"), ""),
        ("최저가 10에서", stopping().replace("np.inf", "10"), ""),
        ("최저가 100에서", stopping().replace("np.inf", "100"), ""),
        ("0이면 기본값으로", stopping(better="loss < best - (min_delta or 1e-4)"), ""),
        ("적어도 0.001", stopping(better="loss < best - max(min_delta, 1e-3)"), ""),
        ("1.1배 넘게", stopping(better="loss < best - 1.1 * min_delta"), ""),
        ("셋까지만 기다린다", stopping(full=">= min(patience, 3)"), ""),
        ("0.2보다 낮으면 보지 않는다", stopping(better="loss < best - min_delta and loss > 0.2"), ""),
        ("음수는 보지 않는다", stopping(better="0 < loss < best - min_delta"), ""),
        ("네 에포크는 멈추지 않는다", stopping(full=">= patience and epoch > 3"), ""),
        ("세 값", stopping(end="return where, epoch, best", stop="return where, epoch, best"), "값 2개를 묶어"),
        ("나가 버린다", "def early_stopping(losses, patience, min_delta=0.0):\n    exit()", "exit를 지우세요. 답 셀"),
    ),
    kept(
        "08_l1_l2/by_hand",
        ("하나가 비었다", 'penalties = {"l1": 0.08, "l2": None}', "비어 있는 곳"),
        ("강도를 거꾸로", 'penalties = {"l1": 800, "l2": 1650}', ""),
        ("키가 다르다", 'penalties = {"L1": 0.08, "L2": 0.165}', "'l1' 키가 없습니다"),
    ),
    kept(
        "08_l1_l2/penalty",
        *forgotten("penalty(weights, l1=0.0, l2=0.0)", "l1 * sum(np.abs(w).sum() for w in weights[::2])"),
        (
            "마지막 층을 뺀다",
            "def penalty(weights, l1=0.0, l2=0.0):\n    return sum(l1 * np.abs(w).sum() + l2 * np.square(w).sum() for w in weights[:-2:2])",
            "마지막 층의 커널을",
        ),
        (
            "두 층까지만",
            "def penalty(weights, l1=0.0, l2=0.0):\n    return sum(l1 * np.abs(w).sum() + l2 * np.square(w).sum() for w in weights[:4:2])",
            "",
        ),
        (
            "편향만",
            "def penalty(weights, l1=0.0, l2=0.0):\n    return sum(l1 * np.abs(w).sum() + l2 * np.square(w).sum() for w in weights[1::2])",
            "",
        ),
        (
            "하나만 고른다",
            "def penalty(weights, l1=0.0, l2=0.0):\n    kernels = weights[::2]\n    return l1 * sum(np.abs(w).sum() for w in kernels) if l1 else l2 * sum(np.square(w).sum() for w in kernels)",
            "",
        ),
        (
            "최댓값",
            "def penalty(weights, l1=0.0, l2=0.0):\n    return max(l1 * np.abs(w).sum() + l2 * np.square(w).sum() for w in weights[::2])",
            "",
        ),
        (
            "강도를 제곱한다",
            "def penalty(weights, l1=0.0, l2=0.0):\n    return sum(l1 * np.abs(w).sum() + l2**2 * np.square(w).sum() for w in weights[::2])",
            "",
        ),
        (
            "넷까지만",
            "def penalty(weights, l1=0.0, l2=0.0):\n    return sum(l1 * np.abs(w).sum() + l2 * np.square(w).sum() for w in weights[:8:2])",
            "",
        ),
        (
            "큰 값을 자른다",
            "def penalty(weights, l1=0.0, l2=0.0):\n    return sum(l1 * np.abs(np.clip(w, -3, 3)).sum() + l2 * np.square(np.clip(w, -5, 5)).sum() for w in weights[::2])",
            "",
        ),
        (
            "값 하나짜리를 뺀다",
            "def penalty(weights, l1=0.0, l2=0.0):\n    return sum(l1 * np.abs(w).sum() + l2 * np.square(w).sum() for w in weights[::2] if w.size > 1)",
            "",
        ),
        (
            "배열 하나로 묶는다",
            "def penalty(weights, l1=0.0, l2=0.0):\n    return l1 * np.abs(np.array(weights)).sum()",
            "길이가 서로 다른 것들을 배열 하나로",
        ),
    ),
    kept(
        "08_l1_l2/partial",
        *forgotten("regularized_dense(strength)", "partial(keras.layers.Dense, activation='elu')"),
        (
            "층을 만들어 버렸다",
            "def regularized_dense(strength):\n    return keras.layers.Dense(10, activation='elu')",
            "",
        ),
        (
            "다른 층",
            dense().replace("layers.Dense", "layers.Conv1D").replace("Conv1D,", "Conv1D, kernel_size=1,"),
            "밀집층(keras.layers.Dense)이 아니라",
        ),
        ("균등 분포", dense(kernel_initializer='"he_uniform"'), ""),
        ("LeCun", dense(kernel_initializer='"lecun_normal"'), ""),
        (
            "fan_out",
            dense(kernel_initializer='keras.initializers.VarianceScaling(2, "fan_out", "truncated_normal")'),
            "",
        ),
        ("relu", dense(activation='"relu"'), ""),
        ("기울기가 다른 ELU", dense(activation="keras.layers.ELU(0.5)"), ""),
        ("ℓ1도 건다", dense(kernel_regularizer="keras.regularizers.L1L2(strength, strength)"), ""),
        ("편향에도 건다", dense(bias_regularizer="keras.regularizers.l2(strength)"), ""),
        ("절반", dense(kernel_regularizer="keras.regularizers.l2(strength / 2)"), "반으로 나누었습니다"),
        (
            "바꾼 것을 무시한다",
            "def regularized_dense(strength):\n    def make(units, **ignored):\n        return keras.layers.Dense(units, 'elu', kernel_initializer='he_normal', kernel_regularizer=keras.regularizers.L2(strength))\n    return make",
            "",
        ),
        ("편향을 뺀다", dense(use_bias="False"), "편향을 뺐습니다"),
        ("맥스-노름도 건다", dense(kernel_constraint="keras.constraints.MaxNorm(1.0)"), "제한을 걸었습니다"),
        (
            "다른 인수를 받지 않는다",
            "def regularized_dense(strength):\n    def make(units, activation='elu', kernel_initializer='he_normal'):\n        return keras.layers.Dense(units, activation, kernel_initializer=kernel_initializer, kernel_regularizer=keras.regularizers.l2(strength))\n    return make",
            "'use_bias'라는 인수를 받지 않습니다",
        ),
        (
            "다른 인수를 버린다",
            "def regularized_dense(strength):\n    def make(units, activation='elu', kernel_initializer='he_normal', **ignored):\n        return keras.layers.Dense(units, activation, kernel_initializer=kernel_initializer, kernel_regularizer=keras.regularizers.l2(strength))\n    return make",
            "",
        ),
        (
            "인수의 이름이 틀렸다",
            dense().replace("kernel_regularizer", "kernel_regularize"),
            "'kernel_regularize'라는 인수를 받지 않습니다",
        ),
        ("초기화의 철자", dense(kernel_initializer='"he_norml"'), "'he_norml'라는 초기화는 없습니다"),
        ("만들어 둔 층", dense().replace("Dense,", "Dense(10),"), ""),
    ),
    kept(
        "09_dropout/expected",
        ("분산이 비었다", 'output = {"켜짐": 10, "평균": 6, "분산": None}', "비어 있는 곳"),
        ("글", 'output = {"켜짐": "10", "평균": 6, "분산": 24}', "글 '10'입니다"),
    ),
    kept(
        "09_dropout/dropout",
        *forgotten("dropout(x, p, u, training=True)", "x * (u >= p) / (1 - p)"),
        (
            "같은 것도 끈다",
            "def dropout(x, p, u, training=True):\n    return x * (u > p) / (1 - p) if training else x",
            "",
        ),
        (
            "추론할 때 0",
            "def dropout(x, p, u, training=True):\n    return x * (u >= p) / (1 - p) if training else x * 0",
            "",
        ),
        (
            "훈련할 때 그대로",
            "def dropout(x, p, u, training=True):\n    return x if training else x * (u >= p) / (1 - p)",
            "",
        ),
        (
            "펼친다",
            "def dropout(x, p, u, training=True):\n    return (x * (u >= p) / (1 - p)).ravel() if training else x",
            "",
        ),
        (
            "새로 뽑는다",
            "def dropout(x, p, u, training=True):\n    u = np.linspace(0, 1, x.size).reshape(x.shape)\n    return x * (u >= p) / (1 - p) if training else x",
            "",
        ),
        (
            "넷째 차원부터 그대로",
            "def dropout(x, p, u, training=True):\n    return x * (u >= p) / (1 - p) if training and x.ndim < 4 else x",
            "",
        ),
        (
            "골라낸 것만",
            "def dropout(x, p, u, training=True):\n    return x[u >= p] / (1 - p) if training else x",
            "(4, 3, 5)이어야 합니다",
        ),
    ),
    kept(
        "09_dropout/gap",
        (
            "return을 잊었다",
            "def generalization_gap(model, train, valid):\n    gap = model.evaluate(*valid, verbose=0)[0]",
            "값을 돌려주지 않았습니다",
        ),
        (
            "별표를 잊었다",
            "def generalization_gap(model, train, valid):\n    return model.evaluate(valid, verbose=0)[0] - model.evaluate(train, verbose=0)[0]",
            "답 셀의 3번째 줄",
        ),
        (
            "절댓값",
            "def generalization_gap(model, train, valid):\n    a, b = (model.evaluate(*part, verbose=0)[0] for part in (train, valid))\n    return abs(b - a)",
            "",
        ),
        (
            "비율",
            "def generalization_gap(model, train, valid):\n    a, b = (model.evaluate(*part, verbose=0)[0] for part in (train, valid))\n    return b / a",
            "",
        ),
        (
            "둘 다 켠 채",
            "def generalization_gap(model, train, valid):\n    def loss(x, y):\n        return keras.ops.mean(keras.losses.sparse_categorical_crossentropy(y, model(x, training=True)))\n    return loss(*valid) - loss(*train)",
            "두 손실을 모두 드롭아웃을 켠 채",
        ),
    ),
    kept(
        "10_mc_dropout/summarize",
        *forgotten("summarize(samples)", "samples.mean(axis=0)"),
        (
            "가장 큰 표준 편차",
            "def summarize(samples):\n    m, s = samples.mean(axis=0), samples.std(axis=0)\n    return m.argmax(axis=1), m.max(axis=1), s.max(axis=1)",
            "",
        ),
        (
            "표준 편차의 평균",
            "def summarize(samples):\n    m, s = samples.mean(axis=0), samples.std(axis=0)\n    return m.argmax(axis=1), m.max(axis=1), s.mean(axis=1)",
            "",
        ),
        (
            "중앙값",
            "def summarize(samples):\n    m, s = np.median(samples, axis=0), samples.std(axis=0)\n    b = m.argmax(axis=1)\n    return b, m.max(axis=1), s[range(len(b)), b]",
            "",
        ),
        (
            "가장 작은 클래스",
            "def summarize(samples):\n    m, s = samples.mean(axis=0), samples.std(axis=0)\n    b = m.argmin(axis=1)\n    r = range(len(b))\n    return b, m[r, b], s[r, b]",
            "",
        ),
        (
            "가장 덜 흔들리는 클래스",
            "def summarize(samples):\n    m, s = samples.mean(axis=0), samples.std(axis=0)\n    b = s.argmin(axis=1)\n    r = range(len(b))\n    return b, m[r, b], s[r, b]",
            "",
        ),
        (
            "둘만",
            "def summarize(samples):\n    m = samples.mean(axis=0)\n    return m.argmax(axis=1), m.max(axis=1)",
            "묶어",
        ),
        (
            "모든 클래스",
            "def summarize(samples):\n    m = samples.mean(axis=0)\n    return m.argmax(axis=1), m, samples.std(axis=0)",
            "",
        ),
        (
            "네 값",
            "def summarize(samples):\n    m, s = samples.mean(0), samples.std(0)\n    c = m.argmax(1)\n    r = np.arange(len(c))\n    return c, m[r, c], s[r, c], m",
            "값 3개를 묶어 돌려주어야 합니다. 지금은 4개",
        ),
        (
            "클래스 셋만",
            "def summarize(samples):\n    m, s = samples.mean(0), samples.std(0)\n    c = m[:, :3].argmax(1)\n    r = np.arange(len(c))\n    return c, m[r, c], s[r, c]",
            "",
        ),
        (
            "하나만 1인 배열",
            "def summarize(samples):\n    m, s = samples.mean(0), samples.std(0)\n    c = m.argmax(1)\n    r = np.arange(len(c))\n    return np.eye(m.shape[1])[c], m[r, c], s[r, c]",
            "배열의 모양이 (6, 3)입니다. (6,)이어야",
        ),
        (
            "없는 축",
            "def summarize(samples):\n    return samples.mean(axis=3), 1, 2",
            "축이 3개인 배열에 3번 축은 없습니다",
        ),
        (
            "자리를 너무 많이",
            "def summarize(samples):\n    m = samples.mean(0)\n    c = m.argmax(1)\n    return c, m[0, c, 1], c",
            "배열의 축은 2개인데 자리를 3개",
        ),
        (
            "길이를 넘은 자리",
            "def summarize(samples):\n    m = samples.mean(0)\n    return m.argmax(1), m[:, 9], m",
            "1번 축의 길이는 3인데 9번 자리를",
        ),
        ("모양을 바꾼다", "def summarize(samples):\n    return samples.reshape(3, 7), 1, 2", "값 90개를 모양 (3,7)로"),
        ("행렬로 곱한다", "def summarize(samples):\n    return samples @ samples, 1, 2", "행렬을 곱할 수 없는 모양"),
        (
            "다른 것을 쌓는다",
            "def summarize(samples):\n    m = samples.mean(0)\n    return np.stack([m, m[:, 0]]), 1, 2",
            "쌓을 배열들의 모양이",
        ),
    ),
    kept(
        "10_mc_dropout/uncertainty",
        *forgotten("split_uncertainty(samples)", "samples.mean(axis=0)"),
        (
            "표준 편차",
            "def split_uncertainty(samples):\n    m = samples.mean(0)\n    return -(m * np.log(m)).sum(1), samples.std(0).mean(1)",
            "",
        ),
        (
            "가장 큰 확률만",
            "def split_uncertainty(samples):\n    m = samples.mean(0)\n    t = -np.log(m.max(1))\n    return t, t + np.log(samples.max(2)).mean(0)",
            "",
        ),
        (
            "하나만",
            "def split_uncertainty(samples):\n    m = samples.mean(0)\n    return -(m * np.log(m)).sum(1)",
            "",
        ),
    ),
    kept(
        "10_mc_dropout/to_mc",
        (
            "return을 잊었다",
            "def to_mc(model):\n    copy = keras.models.clone_model(model)",
            "값을 돌려주지 않았습니다",
        ),
        (
            "드롭아웃을 지운다",
            "def to_mc(model):\n    return keras.Sequential([keras.Input((4,)), *(l for l in model.layers if not isinstance(l, keras.layers.Dropout))])",
            "지웠습니다",
        ),
        (
            "활성화 함수를 잃는다",
            "def to_mc(model):\n    new = [keras.Input((4,))]\n    for l in model.layers:\n        if isinstance(l, keras.layers.Dense):\n            d = keras.layers.Dense(l.units)\n            d.build((None, l.kernel.shape[0]))\n            d.set_weights(l.get_weights())\n            new.append(d)\n        else:\n            new.append(MCDropout(l.rate) if isinstance(l, keras.layers.Dropout) else l)\n    return keras.Sequential(new)",
            "",
        ),
        (
            "하나만 켠다",
            "def to_mc(model):\n    new, done = [keras.Input((4,))], False\n    for l in model.layers:\n        drop = isinstance(l, keras.layers.Dropout) and not done\n        done = done or drop\n        new.append(MCDropout(l.rate) if drop else l)\n    return keras.Sequential(new)",
            "",
        ),
        ("원래 모델을 돌려준다", "def to_mc(model):\n    return model", ""),
        (
            "남기는 비율로",
            "def to_mc(model):\n    return keras.Sequential([keras.Input((4,)), *(MCDropout(1 - l.rate) if isinstance(l, keras.layers.Dropout) else l for l in model.layers)])",
            "",
        ),
        (
            "목록을 돌려준다",
            "def to_mc(model):\n    return [MCDropout(l.rate) if isinstance(l, keras.layers.Dropout) else l for l in model.layers]",
            "모델이 아니라 목록",
        ),
        (
            "드롭아웃을 앞으로",
            converted("sorted(new, key=lambda l: not isinstance(l, MCDropout))"),
            "자리가 바뀌었습니다",
        ),
        ("드롭아웃을 뒤로", converted("(sorted(new[:-1], key=lambda l: isinstance(l, MCDropout)) + new[-1:])"), ""),
        ("앞의 층과 바꾼다", converted("(new[:1] + [new[2], new[1]] + new[3:])"), "자리가 바뀌었습니다"),
        ("원래 모델을 얼린다", converted("new", before="model.trainable = False"), ""),
        (
            "원래 비율을 0으로",
            converted("new").replace(
                "    return",
                "    for l in model.layers:\n        if hasattr(l, 'rate'):\n            l.rate = 0\n    return",
            ),
            "",
        ),
        ("배치 정규화를 뺀다", converted("[l for l in new if 'batch' not in l.name]"), "배치 정규화 층을 빠뜨렸습니다"),
        (
            "훈련하는 가중치만",
            "def to_mc(model):\n    new = keras.models.clone_model(model, clone_function=lambda l: MCDropout(l.rate) if isinstance(l, keras.layers.Dropout) else type(l).from_config(l.get_config()))\n    for a, b in zip(new.trainable_weights, model.trainable_weights):\n        a.assign(b)\n    return new",
            "이동 평균과 이동 분산을",
        ),
        (
            "다른 모델에 넣는다",
            "def to_mc(model):\n    new = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])\n    new.set_weights(model.get_weights())\n    return new",
            "가중치 2개가 필요한 모델에 10개를",
        ),
    ),
    kept(
        "11_max_norm/step",
        *forgotten("max_norm_step(w, gradient, learning_rate, r)", "w - learning_rate * gradient"),
        ("제곱과 견준다", step(over="n**2 > r"), "제곱을 r과"),
        ("r을 잊는다", step(over="n > 1", scaled="w / n"), "한계가 언제나 1"),
        ("더한다", step(update="w + learning_rate * gradient"), ""),
        ("학습률을 잊는다", step(update="w - gradient"), ""),
        ("제곱근을 잊는다", step(norm="np.square(w).sum(axis=0)"), ""),
        ("가장 큰 값", step(norm="np.abs(w).max(axis=0)"), ""),
        ("r을 뺀다", step(scaled="w - r"), ""),
        ("r을 곱하기만", step(scaled="w * r"), ""),
        ("뒤집는다", step().replace("return ", "return -"), ""),
        (
            "뒤집힌 축",
            step().replace("return np.where", "return np.transpose(np.where").rstrip() + ")",
            "모양이 같은 배열",
        ),
        (
            "텐서의 모양이 다르다",
            "def max_norm_step(w, gradient, learning_rate, r):\n    w = keras.ops.convert_to_tensor(w)\n    return w * keras.ops.norm(w, axis=1)",
            "모양이 맞지 않는 배열끼리",
        ),
    ),
    kept(
        "11_max_norm/axis",
        *forgotten("max_norm_for(shape, r)", "keras.constraints.MaxNorm(r, axis=0)"),
        (
            "늘 r로 맞춘다",
            "def max_norm_for(shape, r):\n    return keras.constraints.MinMaxNorm(r, r, axis=list(range(len(shape) - 1)))",
            "",
        ),
        (
            "1로 맞춘다",
            "def max_norm_for(shape, r):\n    return keras.constraints.UnitNorm(axis=list(range(len(shape) - 1)))",
            "",
        ),
        (
            "r을 잊는다",
            "def max_norm_for(shape, r):\n    return keras.constraints.MaxNorm(axis=list(range(len(shape) - 1)))",
            "",
        ),
        ("값을 자른다", "def max_norm_for(shape, r):\n    return lambda w: keras.ops.clip(w, -r, r)", ""),
        (
            "축만 돌려준다",
            "def max_norm_for(shape, r):\n    return list(range(len(shape) - 1))",
            "제한 객체가 아니라 목록",
        ),
        (
            "층을 돌려준다",
            "def max_norm_for(shape, r):\n    return keras.layers.Dense(5, kernel_constraint=keras.constraints.MaxNorm(r))",
            "제한 객체가 아니라 Dense 객체",
        ),
        (
            "같은 축을 두 번",
            "def max_norm_for(shape, r):\n    return keras.constraints.MaxNorm(r, axis=[0, len(shape) - 2])",
            "같은 축을 두 번",
        ),
    ),
    kept(
        "12_guidelines/default",
        (
            "return을 잊었다",
            "def build(hidden_units, self_normalizing=False):\n    model = keras.Sequential([keras.Input((28, 28))])",
            "값을 돌려주지 않았습니다",
        ),
        ("Flatten이 없다", build(start="[]"), ""),
        ("펼친 입력", build(shape="(784,)", start="[]"), ""),
        ("출력 앞에 드롭아웃이 없다", build(before="[]"), "출력층 바로 앞에 알파 드롭아웃이"),
        ("출력이 아홉 개", build(classes=9), ""),
        ("relu", build(default=DEFAULT.replace("elu", "relu")), ""),
        ("비율이 0.2", build(alpha=ALPHA.replace("0.1", "0.2"), before="[keras.layers.AlphaDropout(0.2)]"), ""),
        ("기본 설정에 드롭아웃", build(default=DEFAULT[:-1] + ", keras.layers.Dropout(0.1)]"), ""),
        ("층 정규화", build(default=DEFAULT.replace("BatchNormalization", "LayerNormalization")), ""),
        ("층을 돌려준다", build().replace("keras.Sequential(", "("), "모델이 아니라 목록"),
        ("ℓ2도 건다", build(default=DEFAULT.replace('"he_normal"', '"he_normal", kernel_regularizer="l2"')), ""),
        (
            "맥스-노름도 건다",
            build(alpha=ALPHA.replace('lecun_normal"', 'lecun_normal", kernel_constraint="max_norm"')),
            "",
        ),
        (
            "알파 드롭아웃이 뒤에",
            build(
                alpha="[" + ALPHA[ALPHA.index("keras.layers.Dense") : -1] + ", keras.layers.AlphaDropout(0.1)]",
                before="[]",
            ),
            "알파 드롭아웃이 밀집층의 뒤에",
        ),
        ("초기화의 철자", build(alpha=ALPHA.replace("lecun_normal", "lecun")), "'lecun'라는 초기화는 없습니다"),
        ("입력이 없다", build().replace("keras.Input((28, 28))", ""), "keras.Input을 두세요"),
    ),
    kept(
        "final/recipe",
        ("비었다", "recipe = {}", "스케줄과 규제를 하나씩"),
        ("모르는 키", 'recipe = {"schedule": "one_cycle", "dropout": 0.1}', "모르는 키"),
        ("글로 적은 수", 'recipe = {"schedule": "one_cycle", "learning_rate": "0.1"}', "수여야 합니다"),
        ("목록", 'recipe = [("l2", 0.001)]', "사전이어야"),
    ),
)
RULED_OUT = {key: answers for part in PARTS for key, answers in part.items()}
