"""과제 «규제»의 흔한 틀린 답: 문제 → (이름, 답 셀에 쓴 코드, 확인이 말해야 할 힌트의 한 부분)."""


def answer(key, source):
    return f"# 답: {key}\n{source.strip()}\n"


def kept(key, *wrong):
    return {key: [(label, answer(key, source), hint) for label, source, hint in wrong]}


STOPPING = """
def early_stopping(losses, patience, min_delta=0.0):
    best, best_epoch, count = float("inf"), 0, 0
    for i in range(len(losses)):
        {body}
    return best_epoch, i + 1
"""

BUILD = """
def build(hidden_units, self_normalizing=False):
    model = keras.Sequential([keras.Input((28, 28)), keras.layers.Flatten()])
    for units in hidden_units:
        if self_normalizing:
            {alpha}
        else:
            {default}
    if self_normalizing:
        model.add(keras.layers.AlphaDropout(0.1))
    model.add(keras.layers.Dense(10, activation="{output}"))
    return model
"""
ALPHA = """model.add(keras.layers.AlphaDropout(0.1))
            model.add(keras.layers.Dense(units, activation="selu", kernel_initializer="lecun_normal"))"""
DEFAULT = """model.add(keras.layers.Dense(units, kernel_initializer="he_normal"))
            model.add(keras.layers.BatchNormalization())
            model.add(keras.layers.ELU())"""


def stopping(*lines):
    return STOPPING.format(body="\n        ".join(lines))


def build(alpha=ALPHA, default=DEFAULT, output="softmax"):
    return BUILD.format(alpha=alpha, default=default, output=output)


WRONG = (
    kept(
        "07_overfitting/early_stopping",
        (
            "한 번 더 기다린다",
            stopping(
                "if losses[i] < best - min_delta:",
                "    best, best_epoch = losses[i], i + 1",
                "elif i + 1 - best_epoch > patience:",
                "    break",
            ),
            "한 번 더 기다렸습니다",
        ),
        (
            "같은 값도 나아진 것",
            stopping(
                "count += 1",
                "if losses[i] <= best - min_delta:",
                "    best, best_epoch, count = losses[i], i + 1, 0",
                "if count == patience:",
                "    break",
            ),
            "같은 값을 나아진 것으로",
        ),
        (
            "에포크를 0부터 센다",
            """
def early_stopping(losses, patience, min_delta=0.0):
    best = 0
    for epoch in range(1, len(losses)):
        if losses[epoch] < losses[best] - min_delta:
            best = epoch
        elif epoch - best == patience:
            return best, epoch
    return best, len(losses) - 1
""",
            "0부터 세었습니다",
        ),
        (
            "횟수를 되돌리지 않는다",
            stopping(
                "if losses[i] < best - min_delta:",
                "    best, best_epoch = losses[i], i + 1",
                "else:",
                "    count += 1",
                "    if count >= patience:",
                "        break",
            ),
            "되돌리지 않았습니다",
        ),
        (
            "바로 앞과 견준다",
            stopping(
                "if i == 0 or losses[i] < losses[i - 1] - min_delta:",
                "    best_epoch = i + 1",
                "elif i + 1 - best_epoch >= patience:",
                "    break",
            ),
            "바로 앞 에포크와",
        ),
        (
            "끝까지 보고 최저를 고른다",
            stopping(
                "if losses[i] < best - min_delta:",
                "    best, count = losses[i], 0",
                "else:",
                "    count += 1",
                "best_epoch = losses.index(min(losses)) + 1",
                "if count >= patience:",
                "    break",
            ),
            "멈춘 뒤의 손실까지",
        ),
        (
            "min_delta를 잊는다",
            stopping(
                "if losses[i] < best:",
                "    best, best_epoch = losses[i], i + 1",
                "elif i + 1 - best_epoch >= patience:",
                "    break",
            ),
            "min_delta를 쓰지 않았습니다",
        ),
    ),
    kept(
        "08_l1_l2/by_hand",
        (
            "편향까지 더한다",
            'penalties = {"l1": 0.01 * (8 + 5), "l2": 0.01 * (16.5 + 16 + 1)}',
            "편향까지 더했습니다",
        ),
        ("강도를 잊는다", 'penalties = {"l1": 8, "l2": 16.5}', "강도를 곱하지"),
        ("1/2을 곱한다", 'penalties = {"l1": 0.08, "l2": 0.5 * 0.01 * 16.5}', "1/2을 곱했습니다"),
        ("부호를 그대로 둔다", 'penalties = {"l1": 0.01 * (1.5 - 2 + 0.5 - 1 + 3), "l2": 0.165}', "부호를 그대로"),
    ),
    kept(
        "08_l1_l2/penalty",
        (
            "편향에도 벌점",
            """
def penalty(weights, l1=0.0, l2=0.0):
    total = 0
    for array in weights:
        total += l1 * np.sum(np.abs(array)) + l2 * np.sum(array**2)
    return total
""",
            "편향에도 벌점",
        ),
        (
            "제곱을 잊는다",
            """
def penalty(weights, l1=0.0, l2=0.0):
    return sum((l1 + l2) * np.abs(w).sum() for w in weights if w.ndim == 2)
""",
            "제곱하지 않았습니다",
        ),
        (
            "평균을 낸다",
            """
def penalty(weights, l1=0.0, l2=0.0):
    return sum(l1 * np.mean(np.abs(w)) + l2 * np.mean(w**2) for w in weights[0::2])
""",
            "벌점은 합입니다",
        ),
        (
            "1/2을 곱한다",
            """
def penalty(weights, l1=0.0, l2=0.0):
    kernels = [w for w in weights if w.ndim > 1]
    return l1 * sum(abs(w).sum() for w in kernels) + 0.5 * l2 * sum((w * w).sum() for w in kernels)
""",
            "1/2을 곱했습니다",
        ),
        (
            "첫 층만",
            """
def penalty(weights, l1=0.0, l2=0.0):
    kernel, bias, *rest = weights
    return l1 * np.abs(kernel).sum() + l2 * np.square(kernel).sum()
""",
            "첫 층의 커널만",
        ),
    ),
    kept(
        "08_l1_l2/partial",
        (
            "초기화를 빠뜨린다",
            """
def regularized_dense(strength):
    return partial(keras.layers.Dense, activation="elu", kernel_regularizer=keras.regularizers.L2(strength))
""",
            "초기화를 담지",
        ),
        (
            "ℓ1을 건다",
            """
def regularized_dense(strength):
    penalty = keras.regularizers.L1L2(strength)
    return partial(keras.layers.Dense, activation="elu", kernel_initializer="he_normal", kernel_regularizer=penalty)
""",
            "ℓ1을 걸었습니다",
        ),
        (
            "강도를 쓰지 않는다",
            """
def regularized_dense(strength):
    options = dict(activation="elu", kernel_initializer="he_normal", kernel_regularizer=keras.regularizers.l2())
    return partial(keras.layers.Dense, **options)
""",
            "강도를 쓰지 않았습니다",
        ),
        (
            "편향에 건다",
            """
def regularized_dense(strength):
    options = {"bias_regularizer": keras.regularizers.l2(strength), "kernel_initializer": "he_normal"}
    return partial(keras.layers.Dense, activation="elu", **options)
""",
            "편향에 벌점을",
        ),
    ),
    kept(
        "09_dropout/expected",
        ("배율을 잊는다", 'output = {"켜짐": 6, "평균": 6 * 0.6, "분산": 36 * 0.6 * 0.4}', "1/(1-p)배를 빠뜨렸습니다"),
        (
            "끄고 남기는 비율을 바꾼다",
            'output = {"켜짐": 6 / 0.4, "평균": 6, "분산": 36 * 0.6 / 0.4}',
            "남기는 비율을 바꾸었습니다",
        ),
        ("표준 편차", 'output = {"켜짐": 10, "평균": 6, "분산": np.sqrt(24)}', "표준 편차를 적었습니다"),
    ),
    kept(
        "09_dropout/dropout",
        (
            "배율을 잊는다",
            """
def dropout(x, p, u, training=True):
    if training:
        return np.where(u < p, 0, x)
    return x
""",
            "1/(1-p)배를 빠뜨렸습니다",
        ),
        (
            "끄고 남기는 비율을 바꾼다",
            """
def dropout(x, p, u, training=True):
    keep_prob = p
    return np.where(u < keep_prob, x / keep_prob, 0) if training else x
""",
            "끄는 비율과 남기는 비율을",
        ),
        (
            "p로 나눈다",
            """
def dropout(x, p, u, training=True):
    mask = (u >= p).astype(float)
    return x * mask / p if training else x
""",
            "1/p을 곱했습니다",
        ),
        (
            "추론할 때도 끈다",
            """
def dropout(x, p, u, training=True):
    out = x / (1 - p)
    out[u < p] = 0
    return out
""",
            "추론할 때도 뉴런을 껐습니다",
        ),
        (
            "추론할 때 줄인다",
            """
def dropout(x, p, u, training=True):
    if training:
        return x * np.where(u < p, 0, 1)
    return (1 - p) * x
""",
            "추론할 때 줄였습니다",
        ),
    ),
    kept(
        "09_dropout/gap",
        (
            "드롭아웃을 켜고 잰다",
            """
def generalization_gap(model, train, valid):
    probabilities = np.array(model(train[0], training=True))
    train_loss = -np.log(probabilities[np.arange(len(train[1])), train[1]]).mean()
    return model.evaluate(valid[0], valid[1], verbose=0)[0] - train_loss
""",
            "드롭아웃을 켠 채",
        ),
        (
            "거꾸로 뺀다",
            """
def generalization_gap(model, train, valid):
    return model.evaluate(*train, verbose=0)[0] - model.evaluate(*valid, verbose=0)[0]
""",
            "빼는 순서가",
        ),
        (
            "정확도를 뺀다",
            """
def generalization_gap(model, train, valid):
    return model.evaluate(*valid, verbose=0)[-1] - model.evaluate(*train, verbose=0)[-1]
""",
            "정확도를 뺐습니다",
        ),
    ),
    kept(
        "10_mc_dropout/summarize",
        (
            "다수결",
            """
def summarize(samples):
    winners = samples.argmax(axis=-1)
    labels = np.array([max(range(samples.shape[2]), key=list(column).count) for column in winners.T])
    chosen = samples[:, np.arange(len(labels)), labels]
    return labels, chosen.mean(axis=0), chosen.std(axis=0)
""",
            "다수결",
        ),
        (
            "축이 틀렸다",
            """
def summarize(samples):
    mean, std = np.mean(samples, axis=1), np.std(samples, axis=1)
    labels = np.argmax(mean, axis=1)
    rows = range(len(labels))
    return labels, mean[rows, labels], std[rows, labels]
""",
            "어느 축이 표본인지",
        ),
        (
            "클래스에 걸친 표준 편차",
            """
def summarize(samples):
    mean = samples.mean(axis=0)
    return mean.argmax(axis=1), mean.max(axis=1), mean.std(axis=-1)
""",
            "표본에 걸쳐 잽니다",
        ),
        (
            "n - 1로 나눈다",
            """
def summarize(samples):
    mean, std = samples.mean(axis=0), samples.std(axis=0, ddof=1)
    best = mean.argmax(axis=1)
    return best, mean.max(axis=1), np.take_along_axis(std, best[:, None], axis=1)[:, 0]
""",
            "n - 1로 나누어",
        ),
        (
            "표본마다의 최대를 평균",
            """
def summarize(samples):
    mean, std = samples.mean(axis=0), samples.std(axis=0)
    labels = mean.argmax(axis=1)
    return labels, samples.max(axis=-1).mean(axis=0), std[np.arange(len(labels)), labels]
""",
            "표본마다의 가장 큰 확률",
        ),
    ),
    kept(
        "10_mc_dropout/uncertainty",
        (
            "엔트로피의 평균",
            """
def split_uncertainty(samples):
    entropy = -(samples * np.log(samples)).sum(axis=-1)
    p = samples.mean(axis=0)
    return entropy.mean(axis=0), -(p * np.log(p)).sum(axis=-1) - entropy.mean(axis=0)
""",
            "확률을 먼저 평균",
        ),
        (
            "우연적 불확실성",
            """
def split_uncertainty(samples):
    p = samples.mean(axis=0)
    return -np.sum(p * np.log(p), axis=1), -np.sum(samples * np.log(samples), axis=2).mean(axis=0)
""",
            "그것은 빼는 값",
        ),
        (
            "거꾸로 뺀다",
            """
def split_uncertainty(samples):
    H = lambda p: -(p * np.log(p)).sum(axis=-1)
    total = H(samples.mean(axis=0))
    return total, H(samples).mean(axis=0) - total
""",
            "거꾸로 뺐습니다",
        ),
        (
            "부호",
            """
def split_uncertainty(samples):
    H = lambda p: (p * np.log(p)).sum(axis=-1)
    total = H(samples.mean(axis=0))
    return total, total - H(samples).mean(axis=0)
""",
            "부호가 반대",
        ),
        (
            "밑이 2인 로그",
            """
def split_uncertainty(samples):
    H = lambda p: -(p * np.log2(p)).sum(axis=-1)
    total = H(samples.mean(axis=0))
    return total, total - H(samples).mean(axis=0)
""",
            "자연로그",
        ),
        (
            "클래스의 평균",
            """
def split_uncertainty(samples):
    H = lambda p: -(p * np.log(p)).mean(axis=-1)
    total = H(samples.mean(axis=0))
    return total, total - H(samples).mean(axis=0)
""",
            "엔트로피는 합",
        ),
        (
            "축이 틀렸다",
            """
def split_uncertainty(samples):
    H = lambda p: -(p * np.log(p)).sum(axis=-1)
    total = H(samples.mean(axis=1))
    return total, total - H(samples).mean(axis=1)
""",
            "어느 축이 표본인지",
        ),
    ),
    kept(
        "10_mc_dropout/to_mc",
        (
            "가중치를 잃는다",
            """
def to_mc(model):
    new = [keras.Input(model.input_shape[1:])]
    for layer in model.layers:
        kind = MCDropout if type(layer) is keras.layers.Dropout else type(layer)
        new.append(kind.from_config(layer.get_config()))
    return keras.Sequential(new)
""",
            "훈련한 가중치를 옮기지",
        ),
        (
            "드롭아웃이 잠들어 있다",
            """
def to_mc(model):
    return keras.Sequential(
        [keras.layers.Dropout(l.rate) if isinstance(l, keras.layers.Dropout) else l for l in model.layers]
    )
""",
            "잠들어 있습니다",
        ),
        (
            "모델 전체를 훈련 상태로",
            """
def to_mc(model):
    x = keras.Input(shape=model.input_shape[1:])
    return keras.Model(inputs=x, outputs=model(x, training=True))
""",
            "모델 전체를 훈련 상태로",
        ),
        (
            "비율을 굳힌다",
            """
def to_mc(model):
    layers = [keras.Input(model.input_shape[1:])]
    for layer in model.layers:
        layers.append(MCDropout(0.5) if isinstance(layer, keras.layers.Dropout) else layer)
    return keras.Sequential(layers)
""",
            "비율을 하나로",
        ),
    ),
    kept(
        "11_max_norm/step",
        (
            "축이 바뀌었다",
            """
def max_norm_step(w, gradient, learning_rate, r):
    w = w - learning_rate * gradient
    norm = np.linalg.norm(w, axis=1, keepdims=True)
    return w * np.minimum(norm, r) / np.maximum(norm, 1e-7)
""",
            "축이 바뀌었습니다",
        ),
        (
            "모두 r로 맞춘다",
            """
def max_norm_step(w, gradient, learning_rate, r):
    w = w - learning_rate * gradient
    norm = np.linalg.norm(w, axis=0)
    return w * r / np.maximum(norm, 1e-7)
""",
            "한계 안의 뉴런까지",
        ),
        (
            "행렬 전체의 노름",
            """
def max_norm_step(w, gradient, learning_rate, r):
    w = w - learning_rate * gradient
    norm = np.sqrt((w**2).sum())
    return w * r / norm if norm > r else w
""",
            "행렬 전체의 노름",
        ),
        (
            "제한을 먼저 건다",
            """
def max_norm_step(w, gradient, learning_rate, r):
    norm = np.linalg.norm(w, axis=0)
    w = w * np.minimum(norm, r) / np.maximum(norm, 1e-7)
    return w - learning_rate * gradient
""",
            "제한을 걸고 나서 갱신",
        ),
        (
            "0으로 나눈다",
            """
def max_norm_step(w, gradient, learning_rate, r):
    w = w - learning_rate * gradient
    norm = np.linalg.norm(w, axis=0)
    with np.errstate(all="ignore"):
        return np.minimum(norm, r) / norm * w
""",
            "0으로 나누었습니다",
        ),
        (
            "하나씩 자른다",
            """
def max_norm_step(w, gradient, learning_rate, r):
    w = w - learning_rate * gradient
    return np.maximum(np.minimum(w, r), -r)
""",
            "가중치를 하나씩 잘랐습니다",
        ),
    ),
    kept(
        "11_max_norm/axis",
        (
            "기본 축",
            "def max_norm_for(shape, r):\n    return keras.constraints.MaxNorm(max_value=r)",
            "축을 적지 않았습니다",
        ),
        (
            "마지막 축",
            "def max_norm_for(shape, r):\n    return keras.constraints.MaxNorm(r, axis=len(shape) - 1)",
            "마지막 축을 더했습니다",
        ),
        (
            "모든 축",
            "def max_norm_for(shape, r):\n    return keras.constraints.MaxNorm(r, axis=tuple(range(len(shape))))",
            "모든 축을 더했습니다",
        ),
        (
            "입력 채널을 잊는다",
            """
def max_norm_for(shape, r):
    axis = {2: 0, 3: 0, 4: [0, 1]}[len(shape)]
    return keras.constraints.MaxNorm(r, axis=axis)
""",
            "입력 채널의 축을",
        ),
    ),
    kept(
        "12_guidelines/default",
        (
            "초기화를 빠뜨린다",
            build(default=DEFAULT.replace(', kernel_initializer="he_normal"', "")),
            "He 초기화를 빠뜨렸습니다",
        ),
        (
            "배치 정규화가 활성화 뒤에",
            build(
                default="""model.add(keras.layers.Dense(units, "elu", kernel_initializer="he_normal"))
            model.add(keras.layers.BatchNormalization())"""
            ),
            "활성화 함수의 뒤에",
        ),
        (
            "SELU에 보통의 드롭아웃",
            build(alpha=ALPHA.replace("AlphaDropout", "Dropout")).replace(
                "model.add(keras.layers.AlphaDropout(0.1))\n    model",
                "model.add(keras.layers.Dropout(0.1))\n    model",
            ),
            "보통의 Dropout",
        ),
        ("SELU에 He 초기화", build(alpha=ALPHA.replace("lecun", "he")), "SELU에 He 초기화"),
        ("소프트맥스를 잊는다", build(output="linear"), "소프트맥스가 없습니다"),
    ),
    kept(
        "final/recipe",
        ("큰 고정 학습률, 규제 없음", 'recipe = {"learning_rate": 0.1}', "스케줄과 규제를 하나씩"),
        (
            "스케줄뿐",
            'recipe = {"schedule": "exponential", "decay_epochs": 10, "learning_rate": 0.05}',
            "규제를 고르지 않았습니다",
        ),
        (
            "너무 강한 드롭아웃",
            'recipe = {"schedule": "one_cycle", "learning_rate": 0.1, "batch_size": 64, "dropout_rate": 0.7}',
            "드롭아웃이 너무 강합니다",
        ),
        (
            "너무 강한 ℓ2",
            'recipe = {"schedule": "one_cycle", "learning_rate": 0.1, "batch_size": 64, "l2": 0.03}',
            "벌점이 손실을 이깁니다",
        ),
    ),
)
WRONG = {key: wrong for part in WRONG for key, wrong in part.items()}
