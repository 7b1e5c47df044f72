"""과제 «학습률 스케줄링»에서 흔히 나오는 틀린 답. 답 셀에 쓸 법한 꼴 그대로이다.

문제 → (무엇이 틀렸는가, 답 셀, 확인 셀이 말해야 할 힌트의 한 토막).
"""

WRONG = {
    "00_learning_rate/steps": [
        (
            "내림",
            """\
# 답: 00_learning_rate/steps
steps = {"가": [2500 // 64, 2500 // 64 * 12], "나": [10000 // 48, 10000 // 48 * 15]}
""",
            "덜 찬 마지막 배치를 버렸습니다",
        ),
        (
            "소수",
            """\
# 답: 00_learning_rate/steps
steps = None
steps = {"가": [2500 / 64, 12 * 2500 / 64], "나": [10000 / 48, 15 * 10000 / 48]}
""",
            "정수가 아닙니다",
        ),
        (
            "에포크를 잊음",
            """\
# 답: 00_learning_rate/steps
a, b = math.ceil(2500 / 64), math.ceil(10000 / 48)
steps = {"가": (a, a), "나": (b, b)}
""",
            "에포크를 곱하지 않았습니다",
        ),
        (
            "한꺼번에 나눔",
            """\
# 답: 00_learning_rate/steps
steps = {"가": [40, math.ceil(2500 * 12 / 64)], "나": [209, math.ceil(10000 * 15 / 48)]}
""",
            "덜 찬 배치는 에포크마다",
        ),
        (
            "샘플을 셈",
            """\
# 답: 00_learning_rate/steps
steps = {"가": [2500, 2500 * 12], "나": [10000, 10000 * 15]}
""",
            "샘플 수를 세었습니다",
        ),
        (
            "배치를 곱함",
            """\
# 답: 00_learning_rate/steps
steps = {"가": [64 * 12, 64 * 12 * 2500], "나": [48 * 15, 48 * 15 * 10000]}
""",
            "배치가 몇 개 나오는지부터",
        ),
    ],
    "00_learning_rate/suggest": [
        (
            "10으로 나누지 않음",
            """\
# 답: 00_learning_rate/suggest
def suggest(learning_rates, losses):
    finite = np.isfinite(losses)
    learning_rates, losses = learning_rates[finite], losses[finite]
    i = losses.argmin()
    if i == 0 or i == len(losses) - 1:
        raise ValueError("다시 재세요")
    return learning_rates[i]
""",
            "그대로 돌려주었습니다",
        ),
        (
            "손실을 돌려줌",
            """\
# 답: 00_learning_rate/suggest
def suggest(learning_rates, losses):
    kept = [x for x in losses if np.isfinite(x)]
    smallest = min(kept)
    if smallest in (kept[0], kept[-1]):
        raise ValueError("다시 재세요")
    return smallest / 10
""",
            "학습률이 아니라 손실",
        ),
        (
            "NaN을 그대로 둠",
            """\
# 답: 00_learning_rate/suggest
def suggest(learning_rates, losses):
    i = losses.argmin()
    if i == 0 or (i == len(losses) - 1 and not np.isnan(losses[i])):
        raise ValueError("다시 재세요")
    return learning_rates[i] / 10
""",
            "NaN을 버리지 않았습니다",
        ),
        (
            "끝을 보지 않음",
            """\
# 답: 00_learning_rate/suggest
def suggest(learning_rates, losses):
    pairs = [(loss, rate) for loss, rate in zip(losses, learning_rates) if math.isfinite(loss)]
    return min(pairs)[1] / 10
""",
            "범위의 끝에 있어도",
        ),
        (
            "가장 가파른 곳",
            """\
# 답: 00_learning_rate/suggest
def suggest(learning_rates, losses):
    ok = np.isfinite(losses)
    rates, losses = learning_rates[ok], losses[ok]
    if losses.argmin() in (0, len(losses) - 1):
        raise ValueError("다시 재세요")
    return rates[np.argmin(losses[1:] - losses[:-1])] / 10
""",
            "가장 가파르게 주는 곳",
        ),
        (
            "10배 큰 값",
            """\
# 답: 00_learning_rate/suggest
def suggest(learning_rates, losses):
    return 10 * learning_rates[np.nanargmin(losses)]
""",
            "✗가 붙은 줄이 어느 단계인지",
        ),
    ],
    "01_power/by_hand": [
        (
            "절반의 절반",
            """\
# 답: 01_power/by_hand
rates = {
    "가": [0.036, 0.018, 0.009],
    "나": [0.018, 0.0045, 0.001125],
    "다": [0.036, 0.009, 0.00225],
}
""",
            "절반의 절반이 되지 않습니다",
        ),
        (
            "지수를 잊음",
            """\
# 답: 01_power/by_hand
rates = {"가": [0.036, 0.024, 0.018], "나": [0.036, 0.024, 0.018], "다": [0.072, 0.048, 0.036]}
""",
            "(나)가 (가)와 같습니다",
        ),
        (
            "1/10씩",
            """\
# 답: 01_power/by_hand
rates = {
    "가": [0.0072, 0.00072, 0.000072],
    "나": [0.0072, 0.00072, 0.000072],
    "다": [0.0144, 0.00144, 0.000144],
}
""",
            "지수 기반의 식입니다",
        ),
        (
            "한 칸 밀림",
            """\
# 답: 01_power/by_hand
rates = {
    "가": [0.072, 0.036, 0.024],
    "나": [0.072, 0.018, 0.008],
    "다": [0.144, 0.036, 0.016],
}
""",
            "한 칸씩 밀렸습니다",
        ),
        (
            "c를 곱함",
            """\
# 답: 01_power/by_hand
rates = {
    "가": [0.036, 0.024, 0.018],
    "나": [0.072 / 3, 0.072 / 5, 0.072 / 7],
    "다": [0.144 / 3, 0.144 / 5, 0.144 / 7],
}
""",
            "거듭제곱하지 않고 곱했습니다",
        ),
    ],
    "01_power/power": [
        (
            "c를 t/s에만",
            """\
# 답: 01_power/power
def power_decay(step, initial_learning_rate, decay_steps, power=1.0, staircase=False):
    x = step / decay_steps
    if staircase:
        x = np.floor(x)
    return initial_learning_rate / (1 + x ** power)
""",
            "c를 t/s에만 씌웠습니다",
        ),
        (
            "η0까지 c제곱",
            """\
# 답: 01_power/power
def power_decay(step, initial_learning_rate, decay_steps, power=1.0, staircase=False):
    x = step // decay_steps if staircase else step / decay_steps
    rate = initial_learning_rate / (1 + x)
    return rate ** power
""",
            "η0까지 함께 c제곱했습니다",
        ),
        (
            "c를 쓰지 않음",
            """\
# 답: 01_power/power
def power_decay(step, initial_learning_rate, decay_steps, power=1.0, staircase=False):
    if staircase:
        step = step - step % decay_steps
    return initial_learning_rate * decay_steps / (decay_steps + step)
""",
            "power를 바꾸어도 값이 같습니다",
        ),
        (
            "언제나 내림",
            """\
# 답: 01_power/power
def power_decay(step, initial_learning_rate, decay_steps, power=1.0, staircase=False):
    return initial_learning_rate / (1 + step // decay_steps) ** power
""",
            "언제나 계단입니다",
        ),
        (
            "계단이 없음",
            """\
# 답: 01_power/power
def power_decay(step, initial_learning_rate, decay_steps, power=1.0, staircase=False):
    return initial_learning_rate * (1 + step / decay_steps) ** -power
""",
            "staircase를 보지 않았습니다",
        ),
        (
            "배열을 받지 못함",
            """\
# 답: 01_power/power
def power_decay(step, initial_learning_rate, decay_steps, power=1.0, staircase=False):
    ratio = math.floor(step / decay_steps) if staircase else float(step) / decay_steps
    return initial_learning_rate / (1 + ratio) ** power
""",
            "배열을 수 하나로 바꾸려 했습니다",
        ),
    ],
    "01_power/replace_decay": [
        (
            "decay를 스텝 수로",
            """\
# 답: 01_power/replace_decay
def replace_decay(learning_rate, decay):
    return keras.optimizers.schedules.InverseTimeDecay(learning_rate, decay_steps=decay, decay_rate=1)
""",
            "그대로 decay_steps에 넣었습니다",
        ),
        (
            "두 번 넣음",
            """\
# 답: 01_power/replace_decay
def replace_decay(learning_rate, decay):
    s = 1 / decay
    return keras.optimizers.schedules.InverseTimeDecay(
        initial_learning_rate=learning_rate, decay_steps=s, decay_rate=decay
    )
""",
            "decay가 두 번 들어갔습니다",
        ),
        (
            "지수 기반",
            """\
# 답: 01_power/replace_decay
def replace_decay(learning_rate, decay):
    return keras.optimizers.schedules.ExponentialDecay(learning_rate, 1 / decay, decay_rate=0.5)
""",
            "지수 기반 스케줄을 만들었습니다",
        ),
        (
            "계단",
            """\
# 답: 01_power/replace_decay
def replace_decay(learning_rate, decay):
    return keras.optimizers.schedules.InverseTimeDecay(
        learning_rate, decay_steps=round(1 / decay), decay_rate=1.0, staircase=True
    )
""",
            "계단을 만들었습니다",
        ),
    ],
    "02_exponential/closure": [
        (
            "내림",
            """\
# 답: 02_exponential/closure
def exponential_decay(lr0, s):
    return lambda epoch: lr0 / 10 ** (epoch // s)
""",
            "나눗셈이 내림(//)입니다",
        ),
        (
            "밑이 e",
            """\
# 답: 02_exponential/closure
def exponential_decay(lr0, s):
    def fn(epoch):
        return lr0 * math.exp(-epoch / s)

    return fn
""",
            "밑은 0.1입니다",
        ),
        (
            "lr0을 잊음",
            """\
# 답: 02_exponential/closure
def exponential_decay(lr0, s):
    def fn(epoch):
        return 10 ** (-epoch / s)

    return fn
""",
            "비율만 돌려주었습니다",
        ),
        (
            "값을 돌려줌",
            """\
# 답: 02_exponential/closure
def exponential_decay(lr0, s):
    def fn(epoch):
        return lr0 * 0.1 ** (epoch / s)

    return fn(0)
""",
            "함수가 아니라 값을 돌려주었습니다",
        ),
        (
            "거듭제곱 기반",
            """\
# 답: 02_exponential/closure
def exponential_decay(lr0, s):
    return lambda epoch: lr0 / (1 + epoch / s)
""",
            "지수 자리에 무엇이 오는지",
        ),
    ],
    "02_exponential/decay_steps": [
        (
            "에포크를 스텝으로",
            """\
# 답: 02_exponential/decay_steps
def tenth_every(lr0, k, n, batch_size):
    return keras.optimizers.schedules.ExponentialDecay(lr0, decay_steps=k, decay_rate=0.1)
""",
            "스케줄 객체는 스텝으로 셉니다",
        ),
        (
            "내림",
            """\
# 답: 02_exponential/decay_steps
def tenth_every(lr0, k, n, batch_size):
    steps_per_epoch = int(n / batch_size)
    return keras.optimizers.schedules.ExponentialDecay(lr0, k * steps_per_epoch, 0.1)
""",
            "한 에포크의 스텝 수를 내림했습니다",
        ),
        (
            "늘 하나를 더함",
            """\
# 답: 02_exponential/decay_steps
def tenth_every(lr0, k, n, batch_size):
    steps_per_epoch = int(n / batch_size) + 1
    return keras.optimizers.schedules.ExponentialDecay(lr0, steps_per_epoch * k, 0.1)
""",
            "나머지가 있든 없든",
        ),
        (
            "샘플을 셈",
            """\
# 답: 02_exponential/decay_steps
def tenth_every(lr0, k, n, batch_size):
    return keras.optimizers.schedules.ExponentialDecay(lr0, decay_steps=n * k, decay_rate=0.1)
""",
            "배치 하나가 한 스텝입니다",
        ),
        (
            "k를 잊음",
            """\
# 답: 02_exponential/decay_steps
def tenth_every(lr0, k, n, batch_size):
    return keras.optimizers.schedules.ExponentialDecay(lr0, math.ceil(n / batch_size), 0.1)
""",
            "한 에포크마다 1/10이 됩니다",
        ),
        (
            "계단",
            """\
# 답: 02_exponential/decay_steps
def tenth_every(lr0, k, n, batch_size):
    s = k * math.ceil(n / batch_size)
    return keras.optimizers.schedules.ExponentialDecay(lr0, s, 0.1, staircase=True)
""",
            "계단을 만들었습니다",
        ),
        (
            "다른 비율",
            """\
# 답: 02_exponential/decay_steps
def tenth_every(lr0, k, n, batch_size):
    return keras.optimizers.schedules.ExponentialDecay(lr0, k * math.ceil(n / batch_size), 0.96)
""",
            "decay_rate배가 되는 데",
        ),
    ],
    "03_piecewise_constant/rate": [
        (
            "경계에서 새 값",
            """\
# 답: 03_piecewise_constant/rate
def piecewise_rate(step, boundaries, values):
    for i in range(len(boundaries)):
        if step < boundaries[i]:
            return values[i]
    return values[-1]
""",
            "벌써 새 값을 썼습니다",
        ),
        (
            "계속 돎",
            """\
# 답: 03_piecewise_constant/rate
def piecewise_rate(step, boundaries, values):
    result = values[len(boundaries)]
    for i, boundary in enumerate(boundaries):
        if step <= boundary:
            result = values[i]
    return result
""",
            "맞는 구간을 찾고도 계속 돌았습니다",
        ),
        (
            "값이 한 칸 밀림",
            """\
# 답: 03_piecewise_constant/rate
def piecewise_rate(step, boundaries, values):
    rate = values[0]
    for boundary, value in zip(boundaries, values):
        if step > boundary:
            rate = value
    return rate
""",
            "값이 한 칸 밀렸습니다",
        ),
        (
            "첫 경계만",
            """\
# 답: 03_piecewise_constant/rate
def piecewise_rate(step, boundaries, values):
    if step <= boundaries[0]:
        return values[0]
    else:
        return values[1]
""",
            "첫 경계만 보았습니다",
        ),
        (
            "마지막 값이 없음",
            """\
# 답: 03_piecewise_constant/rate
def piecewise_rate(step, boundaries, values):
    for i, b in enumerate(boundaries):
        if step <= b:
            return values[i]
""",
            "아무것도 돌려주지 않았습니다",
        ),
    ],
    "03_piecewise_constant/boundaries": [
        (
            "에포크로 적음",
            """\
# 답: 03_piecewise_constant/boundaries
def place_boundaries(fractions, n, batch_size, epochs):
    return [int(p * epochs) - 1 for p in fractions]
""",
            "경계를 에포크로 적었습니다",
        ),
        (
            "1을 빼지 않음",
            """\
# 답: 03_piecewise_constant/boundaries
def place_boundaries(fractions, n, batch_size, epochs):
    T = math.ceil(n / batch_size) * epochs
    return [int(p * T) for p in fractions]
""",
            "1을 빼지 않았습니다",
        ),
        (
            "내림",
            """\
# 답: 03_piecewise_constant/boundaries
def place_boundaries(fractions, n, batch_size, epochs):
    T = n // batch_size * epochs
    return [int(p * T) - 1 for p in fractions]
""",
            "경계가 앞당겨집니다",
        ),
        (
            "에포크를 곱하지 않음",
            """\
# 답: 03_piecewise_constant/boundaries
def place_boundaries(fractions, n, batch_size, epochs):
    steps_per_epoch = math.ceil(n / batch_size)
    return [int(p * steps_per_epoch) - 1 for p in fractions]
""",
            "모든 경계가 첫 에포크 안에",
        ),
        (
            "샘플을 셈",
            """\
# 답: 03_piecewise_constant/boundaries
def place_boundaries(fractions, n, batch_size, epochs):
    return [int(p * n * epochs) - 1 for p in fractions]
""",
            "훈련의 끝을 지나",
        ),
        (
            "반올림",
            """\
# 답: 03_piecewise_constant/boundaries
def place_boundaries(fractions, n, batch_size, epochs):
    T = math.ceil(n / batch_size) * epochs
    return [round(p * T) - 1 for p in fractions]
""",
            "올림하거나 반올림했습니다",
        ),
    ],
    "04_performance/plateau": [
        (
            "한 에포크 더 참음",
            """\
# 답: 04_performance/plateau
def rates_on_plateau(losses, learning_rate, factor, patience, min_delta=1e-4, min_lr=0.0):
    best, count, rates = float("inf"), 0, []
    for loss in losses:
        rates.append(learning_rate)
        if loss < best - min_delta:
            best = loss
            count = 0
        else:
            count += 1
        if count > patience:
            learning_rate = max(learning_rate * factor, min_lr)
            count = 0
    return rates
""",
            "한 에포크를 더 참았습니다",
        ),
        (
            "바로 앞과 견줌",
            """\
# 답: 04_performance/plateau
def rates_on_plateau(losses, learning_rate, factor, patience, min_delta=1e-4, min_lr=0.0):
    rates, count = [learning_rate], 0
    for before, loss in zip(losses, losses[1:]):
        rates.append(learning_rate)
        count = 0 if loss < before - min_delta else count + 1
        if count == patience:
            learning_rate, count = max(min_lr, factor * learning_rate), 0
    return rates
""",
            "바로 앞 에포크와 견주었습니다",
        ),
        (
            "기록이 깨져도 이어 셈",
            """\
# 답: 04_performance/plateau
def rates_on_plateau(losses, learning_rate, factor, patience, min_delta=1e-4, min_lr=0.0):
    best, count, rates = np.inf, 0, []
    for loss in losses:
        rates.append(learning_rate)
        if loss + min_delta < best:
            best = loss
        else:
            count += 1
            if count >= patience:
                learning_rate = max(learning_rate * factor, min_lr)
                count = 0
    return rates
""",
            "«잇달아» 깨지지 않은 횟수",
        ),
        (
            "줄인 뒤에 이어 셈",
            """\
# 답: 04_performance/plateau
def rates_on_plateau(losses, learning_rate, factor, patience, min_delta=1e-4, min_lr=0.0):
    best, count, rates = np.inf, 0, []
    for loss in losses:
        rates.append(learning_rate)
        if loss < best - min_delta:
            best, count = loss, 0
        else:
            count += 1
        if count >= patience:
            learning_rate = max(learning_rate * factor, min_lr)
    return rates
""",
            "그 뒤로 에포크마다 줄어듭니다",
        ),
        (
            "min_delta를 잊음",
            """\
# 답: 04_performance/plateau
def rates_on_plateau(losses, learning_rate, factor, patience, min_delta=1e-4, min_lr=0.0):
    rates, count = [], 0
    for epoch, loss in enumerate(losses):
        rates.append(learning_rate)
        count = 0 if epoch == 0 or loss < min(losses[:epoch]) else count + 1
        if count == patience:
            learning_rate, count = max(min_lr, factor * learning_rate), 0
    return rates
""",
            "min_delta를 쓰지 않았습니다",
        ),
        (
            "min_lr을 잊음",
            """\
# 답: 04_performance/plateau
def rates_on_plateau(losses, learning_rate, factor, patience, min_delta=1e-4, min_lr=0.0):
    best, count, rates = np.inf, 0, []
    for loss in losses:
        rates.append(learning_rate)
        count += 1
        if loss < best - min_delta:
            best, count = loss, 0
        if count == patience:
            learning_rate *= factor
            count = 0
    return rates
""",
            "min_lr을 쓰지 않았습니다",
        ),
        (
            "같은 에포크에 줄임",
            """\
# 답: 04_performance/plateau
def rates_on_plateau(losses, learning_rate, factor, patience, min_delta=1e-4, min_lr=0.0):
    best, count, rates = np.inf, 0, []
    for loss in losses:
        count += 1
        if loss < best - min_delta:
            best, count = loss, 0
        if count == patience:
            learning_rate, count = max(learning_rate * factor, min_lr), 0
        rates.append(learning_rate)
    return rates
""",
            "한 에포크 일찍 적었습니다",
        ),
    ],
    "05_one_cycle/phases": [
        (
            "두 구간뿐",
            """\
# 답: 05_one_cycle/phases
def one_cycle_rate(step, max_learning_rate, total_steps, final_fraction):
    low, half = max_learning_rate / 10, total_steps / 2
    return max(low, max_learning_rate - (max_learning_rate - low) * abs(step - half) / half)
""",
            "마지막 구간이 없습니다",
        ),
        (
            "첫 구간이 절반",
            """\
# 답: 05_one_cycle/phases
def one_cycle_rate(step, max_learning_rate, total_steps, final_fraction):
    low = max_learning_rate / 10
    xs = [0, total_steps / 2, total_steps * (1 - final_fraction), total_steps]
    return np.interp(step, xs, [low, max_learning_rate, low, low / 1000])
""",
            "첫 구간이 훈련 전체의 절반입니다",
        ),
        (
            "비율을 쓰지 않음",
            """\
# 답: 05_one_cycle/phases
def one_cycle_rate(step, max_learning_rate, total_steps, final_fraction):
    start = max_learning_rate / 10
    points = [0, 0.45 * total_steps, 0.9 * total_steps, total_steps]
    return np.interp(step, points, [start, max_learning_rate, start, start / 1000])
""",
            "0.1로 굳어 있습니다",
        ),
        (
            "η1/1000",
            """\
# 답: 05_one_cycle/phases
def one_cycle_rate(step, max_learning_rate, total_steps, final_fraction):
    start, down = max_learning_rate / 10, total_steps - final_fraction * total_steps
    points = [0, down / 2, down, total_steps]
    return np.interp(step, points, [start, max_learning_rate, start, max_learning_rate / 1000])
""",
            "η1/1000입니다",
        ),
        (
            "0으로 끝남",
            """\
# 답: 05_one_cycle/phases
def one_cycle_rate(step, max_learning_rate, total_steps, final_fraction):
    start, down = max_learning_rate / 10, (1 - final_fraction) * total_steps
    if step <= down:
        return start + (max_learning_rate - start) * (1 - abs(step - down / 2) / (down / 2))
    return max(0, start * (total_steps - step) / (total_steps - down))
""",
            "마지막에 학습률이 0이 되었습니다",
        ),
        (
            "0에서 시작",
            """\
# 답: 05_one_cycle/phases
def one_cycle_rate(step, max_learning_rate, total_steps, final_fraction):
    start, down = max_learning_rate / 10, (1 - final_fraction) * total_steps
    if step < down / 2:
        return max_learning_rate * step / (down / 2)
    return np.interp(step, [down / 2, down, total_steps], [max_learning_rate, start, start / 1000])
""",
            "0에서 시작했습니다",
        ),
        (
            "끝난 뒤에도 내려감",
            """\
# 답: 05_one_cycle/phases
def one_cycle_rate(step, max_learning_rate, total_steps, final_fraction):
    start, down = max_learning_rate / 10, (1 - final_fraction) * total_steps
    if step < down / 2:
        return start + (max_learning_rate - start) * step / (down / 2)
    if step < down:
        return max_learning_rate + (start - max_learning_rate) * (step - down / 2) / (down / 2)
    return start + (start / 1000 - start) * (step - down) / (total_steps - down)
""",
            "끝난 뒤에도 직선을 따라",
        ),
    ],
    "05_one_cycle/momentum": [
        (
            "거꾸로 돌지 않음",
            """\
# 답: 05_one_cycle/momentum
def one_cycle_beta(step, total_steps, final_fraction, max_momentum=0.95, min_momentum=0.85):
    down = (1 - final_fraction) * total_steps
    return np.interp(step, [0, down / 2, down], [min_momentum, max_momentum, min_momentum])
""",
            "학습률과 같은 쪽으로 움직였습니다",
        ),
        (
            "마지막에 다시 내림",
            """\
# 답: 05_one_cycle/momentum
def one_cycle_beta(step, total_steps, final_fraction, max_momentum=0.95, min_momentum=0.85):
    down = (1 - final_fraction) * total_steps
    ys = [max_momentum, min_momentum, max_momentum, min_momentum]
    return np.interp(step, [0, down / 2, down, total_steps], ys)
""",
            "모멘텀이 다시 내려갑니다",
        ),
        (
            "전체를 반으로",
            """\
# 답: 05_one_cycle/momentum
def one_cycle_beta(step, total_steps, final_fraction, max_momentum=0.95, min_momentum=0.85):
    half = total_steps / 2
    share = min(abs(step - half) / half, 1)
    return min_momentum + share * (max_momentum - min_momentum)
""",
            "훈련 전체를 반으로 나누었습니다",
        ),
        (
            "되돌아오지 않음",
            """\
# 답: 05_one_cycle/momentum
def one_cycle_beta(step, total_steps, final_fraction, max_momentum=0.95, min_momentum=0.85):
    middle = (1 - final_fraction) * total_steps / 2
    if step > middle:
        return min_momentum
    return max_momentum - (max_momentum - min_momentum) * step / middle
""",
            "되돌아오지 않습니다",
        ),
        (
            "비율을 쓰지 않음",
            """\
# 답: 05_one_cycle/momentum
def one_cycle_beta(step, total_steps, final_fraction, max_momentum=0.95, min_momentum=0.85):
    xs = [0, 0.45 * total_steps, 0.9 * total_steps]
    return np.interp(step, xs, [max_momentum, min_momentum, max_momentum])
""",
            "0.1로 굳어 있습니다",
        ),
        (
            "범위를 쓰지 않음",
            """\
# 답: 05_one_cycle/momentum
def one_cycle_beta(step, total_steps, final_fraction, max_momentum=0.95, min_momentum=0.85):
    down = (1 - final_fraction) * total_steps
    return np.interp(step, [0, down / 2, down], [0.95, 0.85, 0.95])
""",
            "0.95와 0.85로 굳어 있습니다",
        ),
    ],
    "06_schedules_compared/interval": [
        (
            "1.96",
            """\
# 답: 06_schedules_compared/interval
def paired_interval(a, b):
    d = np.array(a) - np.array(b)
    half = 1.959964 * d.std(ddof=1) / np.sqrt(len(d))
    return d.mean(), d.mean() - half, d.mean() + half
""",
            "정규 분포의 값 1.96",
        ),
        (
            "ddof를 잊음",
            """\
# 답: 06_schedules_compared/interval
def paired_interval(a, b):
    d = np.array(a) - np.array(b)
    half = stats.t.ppf(0.975, len(d) - 1) * np.std(d) / math.sqrt(len(d))
    return d.mean(), d.mean() - half, d.mean() + half
""",
            "모집단의 표준 편차",
        ),
        (
            "짝짓지 않음",
            """\
# 답: 06_schedules_compared/interval
def paired_interval(a, b):
    n = len(a)
    error = np.sqrt(np.var(a, ddof=1) / n + np.var(b, ddof=1) / n)
    mean, t = np.mean(a) - np.mean(b), stats.t.ppf(0.975, n - 1)
    return mean, mean - t * error, mean + t * error
""",
            "짝을 짓지 않고",
        ),
        (
            "√n을 잊음",
            """\
# 답: 06_schedules_compared/interval
def paired_interval(a, b):
    d = np.subtract(a, b)
    half = stats.t.ppf(0.975, len(d) - 1) * d.std(ddof=1)
    return d.mean(), d.mean() - half, d.mean() + half
""",
            "√n으로 나누지 않았습니다",
        ),
        (
            "한쪽 5%",
            """\
# 답: 06_schedules_compared/interval
def paired_interval(a, b):
    d = np.subtract(a, b)
    return d.mean(), *stats.t.interval(0.90, len(d) - 1, loc=d.mean(), scale=stats.sem(d))
""",
            "한쪽에 5%를 남긴 값",
        ),
        (
            "자유도 n",
            """\
# 답: 06_schedules_compared/interval
def paired_interval(a, b):
    d = np.subtract(a, b)
    return d.mean(), *stats.t.interval(0.95, len(d), loc=d.mean(), scale=stats.sem(d))
""",
            "자유도가 n입니다",
        ),
        (
            "거꾸로 뺌",
            """\
# 답: 06_schedules_compared/interval
def paired_interval(a, b):
    d = np.subtract(b, a)
    return d.mean(), *stats.t.interval(0.95, len(d) - 1, loc=d.mean(), scale=stats.sem(d))
""",
            "뺀 순서가 거꾸로입니다",
        ),
    ],
    "13_warmup_cosine/rate": [
        (
            "처음부터 셈",
            """\
# 답: 13_warmup_cosine/rate
def warmup_cosine_rate(step, peak, warmup_steps, total_steps, floor=0.0):
    if step < warmup_steps:
        return peak * step / warmup_steps
    progress = np.clip(step / total_steps, 0, 1)
    return floor + (peak - floor) * 0.5 * (1 + np.cos(np.pi * progress))
""",
            "워밍업의 스텝을 빼지 않고",
        ),
        (
            "길이가 T",
            """\
# 답: 13_warmup_cosine/rate
def warmup_cosine_rate(step, peak, warmup_steps, total_steps, floor=0.0):
    if step <= warmup_steps and warmup_steps > 0:
        return peak * step / warmup_steps
    progress = min((step - warmup_steps) / total_steps, 1.0)
    return floor + (peak - floor) * (1 + np.cos(np.pi * progress)) / 2
""",
            "내리는 구간의 길이를 T로",
        ),
        (
            "되돌아옴",
            """\
# 답: 13_warmup_cosine/rate
def warmup_cosine_rate(step, peak, warmup_steps, total_steps, floor=0.0):
    if step < warmup_steps:
        return step / warmup_steps * peak
    angle = math.pi * (step - warmup_steps) / (total_steps - warmup_steps)
    return floor + 0.5 * (peak - floor) * (1 + math.cos(angle))
""",
            "다시 올라갑니다",
        ),
        (
            "바닥을 잊음",
            """\
# 답: 13_warmup_cosine/rate
def warmup_cosine_rate(step, peak, warmup_steps, total_steps, floor=0.0):
    if step < warmup_steps:
        return peak * step / warmup_steps
    if step >= total_steps:
        return 0.0
    return peak * (1 + math.cos(math.pi * (step - warmup_steps) / (total_steps - warmup_steps))) / 2
""",
            "바닥 floor를 쓰지 않았습니다",
        ),
        (
            "바닥을 더함",
            """\
# 답: 13_warmup_cosine/rate
def warmup_cosine_rate(step, peak, warmup_steps, total_steps, floor=0.0):
    if step < warmup_steps:
        return peak * step / warmup_steps
    u = min(step - warmup_steps, total_steps - warmup_steps) / (total_steps - warmup_steps)
    return floor + peak / 2 * (1 + math.cos(math.pi * u))
""",
            "바닥을 더하기만",
        ),
        (
            "바닥에서 자름",
            """\
# 답: 13_warmup_cosine/rate
def warmup_cosine_rate(step, peak, warmup_steps, total_steps, floor=0.0):
    if step < warmup_steps:
        return peak * step / warmup_steps
    u = min(1, (step - warmup_steps) / (total_steps - warmup_steps))
    return max(peak * (1 + math.cos(math.pi * u)) / 2, floor)
""",
            "바닥에서 잘랐습니다",
        ),
        (
            "직선",
            """\
# 답: 13_warmup_cosine/rate
def warmup_cosine_rate(step, peak, warmup_steps, total_steps, floor=0.0):
    if warmup_steps == 0:
        return np.interp(step, [0, total_steps], [peak, floor])
    return np.interp(step, [0, warmup_steps, total_steps], [0, peak, floor])
""",
            "직선으로 내렸습니다",
        ),
        (
            "4분의 1바퀴",
            """\
# 답: 13_warmup_cosine/rate
def warmup_cosine_rate(step, peak, warmup_steps, total_steps, floor=0.0):
    if step < warmup_steps:
        return peak * step / warmup_steps
    u = min(1, (step - warmup_steps) / (total_steps - warmup_steps))
    return floor + (peak - floor) * math.cos(u * math.pi / 2)
""",
            "4분의 1바퀴",
        ),
        (
            "도를 넣음",
            """\
# 답: 13_warmup_cosine/rate
def warmup_cosine_rate(step, peak, warmup_steps, total_steps, floor=0.0):
    if step < warmup_steps:
        return peak * step / warmup_steps
    u = min(1, (step - warmup_steps) / (total_steps - warmup_steps))
    return floor + (peak - floor) * (1 + np.cos(180 * u)) / 2
""",
            "라디안",
        ),
        (
            "바닥에서 시작",
            """\
# 답: 13_warmup_cosine/rate
def warmup_cosine_rate(step, peak, warmup_steps, total_steps, floor=0.0):
    if step < warmup_steps:
        return floor + (peak - floor) * step / warmup_steps
    u = min(1, (step - warmup_steps) / (total_steps - warmup_steps))
    return floor + (peak - floor) * (1 + math.cos(math.pi * u)) / 2
""",
            "워밍업을 바닥에서",
        ),
        (
            "한 스텝 빠름",
            """\
# 답: 13_warmup_cosine/rate
def warmup_cosine_rate(step, peak, warmup_steps, total_steps, floor=0.0):
    if step < warmup_steps:
        return peak * (step + 1) / warmup_steps
    u = min(1, (step - warmup_steps) / (total_steps - warmup_steps))
    return floor + (peak - floor) * (1 + math.cos(math.pi * u)) / 2
""",
            "한 스텝 빠릅니다",
        ),
    ],
    "13_warmup_cosine/large_batch": [
        (
            "decay_steps에 전체",
            """\
# 답: 13_warmup_cosine/large_batch
def large_batch_schedule(learning_rate, batch_size, large_batch_size, n, epochs, warmup_epochs):
    steps = math.ceil(n / large_batch_size)
    return keras.optimizers.schedules.CosineDecay(
        learning_rate,
        epochs * steps,
        warmup_target=learning_rate * large_batch_size / batch_size,
        warmup_steps=warmup_epochs * steps,
    )
""",
            "decay_steps에 전체 스텝 수",
        ),
        (
            "작은 배치로 셈",
            """\
# 답: 13_warmup_cosine/large_batch
def large_batch_schedule(learning_rate, batch_size, large_batch_size, n, epochs, warmup_epochs):
    steps = math.ceil(n / batch_size)
    return keras.optimizers.schedules.CosineDecay(
        learning_rate,
        (epochs - warmup_epochs) * steps,
        warmup_target=learning_rate * large_batch_size / batch_size,
        warmup_steps=warmup_epochs * steps,
    )
""",
            "작은 배치로 셌습니다",
        ),
        (
            "내림",
            """\
# 답: 13_warmup_cosine/large_batch
def large_batch_schedule(learning_rate, batch_size, large_batch_size, n, epochs, warmup_epochs):
    steps = n // large_batch_size
    return keras.optimizers.schedules.CosineDecay(
        learning_rate,
        (epochs - warmup_epochs) * steps,
        warmup_target=learning_rate * large_batch_size / batch_size,
        warmup_steps=warmup_epochs * steps,
    )
""",
            "내림했습니다",
        ),
        (
            "언제나 한 스텝 더",
            """\
# 답: 13_warmup_cosine/large_batch
def large_batch_schedule(learning_rate, batch_size, large_batch_size, n, epochs, warmup_epochs):
    steps = n // large_batch_size + 1
    return keras.optimizers.schedules.CosineDecay(
        learning_rate,
        (epochs - warmup_epochs) * steps,
        warmup_target=learning_rate * large_batch_size / batch_size,
        warmup_steps=warmup_epochs * steps,
    )
""",
            "나머지가 있든 없든",
        ),
        (
            "에포크로 셈",
            """\
# 답: 13_warmup_cosine/large_batch
def large_batch_schedule(learning_rate, batch_size, large_batch_size, n, epochs, warmup_epochs):
    steps = 1
    return keras.optimizers.schedules.CosineDecay(
        learning_rate,
        (epochs - warmup_epochs) * steps,
        warmup_target=learning_rate * large_batch_size / batch_size,
        warmup_steps=warmup_epochs * steps,
    )
""",
            "에포크를 스텝으로",
        ),
        (
            "키우지 않음",
            """\
# 답: 13_warmup_cosine/large_batch
def large_batch_schedule(learning_rate, batch_size, large_batch_size, n, epochs, warmup_epochs):
    steps = math.ceil(n / large_batch_size)
    return keras.optimizers.schedules.CosineDecay(
        learning_rate,
        (epochs - warmup_epochs) * steps,
        warmup_target=learning_rate,
        warmup_steps=warmup_epochs * steps,
    )
""",
            "키우지 않았습니다",
        ),
        (
            "제곱근",
            """\
# 답: 13_warmup_cosine/large_batch
def large_batch_schedule(learning_rate, batch_size, large_batch_size, n, epochs, warmup_epochs):
    steps = math.ceil(n / large_batch_size)
    return keras.optimizers.schedules.CosineDecay(
        learning_rate,
        (epochs - warmup_epochs) * steps,
        warmup_target=learning_rate * (large_batch_size / batch_size) ** 0.5,
        warmup_steps=warmup_epochs * steps,
    )
""",
            "제곱근",
        ),
        (
            "거꾸로",
            """\
# 답: 13_warmup_cosine/large_batch
def large_batch_schedule(learning_rate, batch_size, large_batch_size, n, epochs, warmup_epochs):
    steps = math.ceil(n / large_batch_size)
    return keras.optimizers.schedules.CosineDecay(
        learning_rate,
        (epochs - warmup_epochs) * steps,
        warmup_target=learning_rate * batch_size / large_batch_size,
        warmup_steps=warmup_epochs * steps,
    )
""",
            "거꾸로 나누었습니다",
        ),
        (
            "0에서 시작",
            """\
# 답: 13_warmup_cosine/large_batch
def large_batch_schedule(learning_rate, batch_size, large_batch_size, n, epochs, warmup_epochs):
    steps = math.ceil(n / large_batch_size)
    return keras.optimizers.schedules.CosineDecay(
        0.0,
        (epochs - warmup_epochs) * steps,
        warmup_target=learning_rate * large_batch_size / batch_size,
        warmup_steps=warmup_epochs * steps,
    )
""",
            "0에서 시작했습니다",
        ),
        (
            "가장 큰 값에서 시작",
            """\
# 답: 13_warmup_cosine/large_batch
def large_batch_schedule(learning_rate, batch_size, large_batch_size, n, epochs, warmup_epochs):
    steps = math.ceil(n / large_batch_size)
    return keras.optimizers.schedules.CosineDecay(
        learning_rate * large_batch_size / batch_size,
        (epochs - warmup_epochs) * steps,
        warmup_target=learning_rate * large_batch_size / batch_size,
        warmup_steps=warmup_epochs * steps,
    )
""",
            "워밍업이 일어나지 않습니다",
        ),
        (
            "warmup_target을 잊음",
            """\
# 답: 13_warmup_cosine/large_batch
def large_batch_schedule(learning_rate, batch_size, large_batch_size, n, epochs, warmup_epochs):
    steps = math.ceil(n / large_batch_size)
    peak = learning_rate * large_batch_size / batch_size
    return keras.optimizers.schedules.CosineDecay(
        peak, (epochs - warmup_epochs) * steps, warmup_steps=warmup_epochs * steps
    )
""",
            "워밍업이 일어나지 않습니다",
        ),
    ],
}
