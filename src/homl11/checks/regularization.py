"""과제 «규제»의 문제들."""

import types
from functools import cache, partial

import keras
import numpy as np

from homl11.checks import recipe
from homl11.checks.task import Ask, Either, Made, Refused, Task, Written, call, drawn, kind_of, once, pick
from homl11.models import MCDropout, build_mlp, to_mc
from homl11.training import LOSS


class _Remembering:
    """콜백이 모델에서 쓰는 것만 있다: 가중치와, 멈추라는 표시."""

    def set_weights(self, weights):
        self.weights = list(weights)

    def get_weights(self):
        return list(self.weights)


def early_stopping_by_keras(losses, patience, min_delta=0.0):
    """케라스의 콜백에 손실을 차례로 들려준다. 가중치에 에포크 번호를 적어 두어, 복원된 것이 어느 에포크인지 읽는다."""
    model = _Remembering()
    stopper = keras.callbacks.EarlyStopping(
        patience=patience, min_delta=min_delta, mode="min", restore_best_weights=True
    )
    stopper.set_model(model)
    model.stop_training = False
    stopper.on_train_begin()
    for epoch, loss in enumerate(losses):
        model.set_weights([epoch + 1])
        stopper.on_epoch_end(epoch, {"val_loss": loss})
        if model.stop_training:
            break
    stopper.on_train_end()
    return model.get_weights()[0], epoch + 1


def stop_early(better=None, extra=0, reset=True, first=1, creep=False, answer=lambda best, stop, losses: (best, stop)):
    """틀린 조기 종료를 만든다: 나아졌다고 보는 법, 더 기다리는 횟수, 첫 에포크의 번호, 돌려주는 것을 바꾼다.

    ``creep``이면 ``min_delta``에 못 미치게 준 손실도 최저로 적는다.
    """
    better = better or (lambda loss, best, before, min_delta: loss < best - min_delta)

    def wrong(losses, patience, min_delta=0.0):
        best, best_epoch, wait = np.inf, 0, 0
        for epoch, loss in enumerate(losses):
            if better(loss, best, losses[epoch - 1] if epoch else np.inf, min_delta):
                best, best_epoch, wait = loss, epoch, 0 if reset else wait
            else:
                best = min(best, loss) if creep else best
                wait += 1
                if wait >= patience + extra:
                    break
        return answer(best_epoch + first, epoch + first, losses)

    return wrong


def penalty(weights, l1=0.0, l2=0.0):
    """케라스의 규제 객체로 커널의 벌점만 더한다."""
    regularizer = keras.regularizers.L1L2(l1, l2)
    return sum(float(regularizer(kernel)) for kernel in weights[::2])


GRID = np.linspace(-3, 3, 13, dtype="float32").reshape(1, -1)
ACTIVATIONS = ("linear", "elu", "selu", "relu", "softmax", "tanh", "sigmoid", "softplus", "gelu", "swish", "leaky_relu")
FANS = ((400, 50), (50, 400))
# 초기화의 이름 → (분산에 곱하면 1이 되는 수, 표준 편차의 몇 배까지 나오는가). 자른 정규 분포는 2.27배에서 잘린다.
INITIALIZERS = {
    f"{name}_{shape}": (variance, longest)
    for name, variance in (
        ("he", lambda fan_in, fan_out: fan_in / 2),
        ("lecun", lambda fan_in, fan_out: fan_in),
        ("glorot", lambda fan_in, fan_out: (fan_in + fan_out) / 2),
    )
    for shape, longest in (("normal", 2.27), ("uniform", 1.73))
}


@cache
def _activation_values():
    return {name: np.asarray(keras.activations.get(name)(GRID)) for name in ACTIVATIONS}


def activation_name(activation):
    """활성화 함수의 이름. 이름이 아니라 하는 일로 알아본다: 층이든 함수이든 같은 값을 내면 같은 것이다."""
    known = {None: "linear"} | {keras.activations.get(name): name for name in ACTIVATIONS}
    if isinstance(activation, (types.FunctionType, type(None))) and activation in known:
        return known[activation]  # 케라스의 함수 그대로이면 재지 않아도 안다
    values = np.asarray(activation(GRID))
    return next(
        (name for name, known in _activation_values().items() if np.allclose(values, known, 1e-4, 1e-5)),
        f"모르는 함수 {getattr(activation, '__name__', type(activation).__name__)}",
    )


def initializer_name(initializer):
    """초기화의 이름. 가중치를 많이 뽑아 분산과 가장 큰 값으로 알아본다."""
    for name in INITIALIZERS:
        if type(initializer) is type(keras.initializers.get(name)):
            return name  # 케라스의 것 그대로이면 재지 않아도 안다
    draws = [(shape, np.asarray(initializer(shape, dtype="float32"))) for shape in FANS]
    for name, (variance, longest) in INITIALIZERS.items():
        if all(
            abs(weights.mean()) < 0.05 * weights.std()
            and abs(weights.var() * variance(*shape) - 1) < 0.1
            and abs(np.abs(weights).max() / weights.std() - longest) < 0.1
            for shape, weights in draws
        ):
            return name
    return f"모르는 초기화 {type(initializer).__name__}"


def dense_facts(layer):
    """밀집층의 설정 가운데 문제가 정한 것. 어떤 객체로 적었는지가 아니라 하는 일로 본다."""
    if not isinstance(layer, keras.layers.Dense):
        raise Refused(f"밀집층(keras.layers.Dense)이 아니라 {kind_of(layer)}입니다")
    one = np.linspace(-1, 2, 12, dtype="float32").reshape(3, 4)
    penalties = {
        f"{name}에 매기는 벌점": 0.0 if regularizer is None else float(regularizer(one))
        for name, regularizer in (
            ("커널", layer.kernel_regularizer),
            ("편향", layer.bias_regularizer),
            ("출력", layer.activity_regularizer),
        )
    }
    return {
        "뉴런": layer.units,
        "활성화 함수": activation_name(layer.activation),
        "초기화": initializer_name(layer.kernel_initializer),
        "편향이 있다": layer.use_bias,
        "제한이 있다": layer.kernel_constraint is not None or layer.bias_constraint is not None,
        **penalties,
    }


def drop(x, p, u, training=True):
    """케라스의 층은 난수를 스스로 뽑으므로, 같은 식을 배열로 적는다."""
    x, u = np.asarray(x), np.asarray(u)
    return np.where(u < p, 0, x / (1 - p)) if training else x


def model_with_dropout(rate=0.5, l2=0.0, seed=0):
    """입력 네 개짜리 작은 분류기. 드롭아웃의 난수까지 정해져 있어 어디서나 같은 값이 나온다."""
    model = keras.Sequential(
        [
            keras.Input((4,)),
            keras.layers.Dense(16, activation="relu", kernel_regularizer=keras.regularizers.L2(l2)),
            keras.layers.Dropout(rate, seed=seed),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )
    return with_random_weights(model, seed)


def with_random_weights(model, seed):
    """가중치를 NumPy의 난수로 채운다. 커널이 아닌 것은 양수이므로 이동 분산도 말이 된다."""
    random = np.random.default_rng(seed)
    model.set_weights(
        [random.normal(size=w.shape) if w.ndim > 1 else random.uniform(0.2, 1, w.shape) for w in model.get_weights()]
    )
    return model


def images(n, seed):
    """값 네 개짜리 입력 n개와 그 레이블."""
    random = np.random.default_rng(seed)
    return random.normal(size=(n, 4)).astype("float32"), random.integers(0, 3, n).astype("int32")


def _compiled(seed, **options):
    """컴파일한 작은 모델. 작은 모델을 여러 번 만드므로, 컴파일하는 시간이 재는 시간보다 길다."""
    model = model_with_dropout(seed=seed, **options)
    model.compile(loss=LOSS, optimizer="sgd", metrics=["accuracy"], run_eagerly=True)
    return model


def gap(model, train, valid):
    """평가할 때는 드롭아웃이 꺼져 있다."""
    (train_loss, _), (valid_loss, _) = (model.evaluate(*split, verbose=0) for split in (train, valid))
    return valid_loss - train_loss


def gap_with_dropout_on(model, train, valid):
    """드롭아웃을 켠 채 훈련 손실을 재는 실수."""
    x, y = train
    loss = np.mean(keras.losses.sparse_categorical_crossentropy(y, model(x, training=True)))
    return model.evaluate(*valid, verbose=0)[0] - loss


def _gap_with_dropout_on_twice(first):
    """두 손실을 모두 드롭아웃을 켠 채 재는 실수. ``first``를 먼저 잰다. 난수가 차례로 나오므로 값이 다르다."""

    def wrong(model, train, valid):
        parts = {"train": train, "valid": valid}
        losses = {
            name: np.mean(keras.losses.sparse_categorical_crossentropy(y, model(x, training=True)))
            for name, (x, y) in sorted(parts.items(), reverse=first == "valid")
        }
        return losses["valid"] - losses["train"]

    return wrong


def _steady_votes(random, n=4):
    """이기는 클래스의 확률은 거의 그대로이고 나머지가 크게 흔들리는 표본."""
    first = np.array([[random.uniform(0.05, 0.35) for _ in range(n)] for _ in range(7)])
    winner = np.array([[random.uniform(0.5, 0.54) for _ in range(n)] for _ in range(7)])
    parts = [first, winner, 1 - first - winner]
    order = random.sample(range(3), 3)
    return np.stack([parts[place] for place in order], axis=2)


def votes(random, n=4, classes=3):
    """표본 다섯 개의 예측, 모양 (5, n, classes). 표본마다의 승자를 세면 평균과 다른 클래스가 이긴다.

    평균이 가장 큰 클래스는 이미지마다 마지막 클래스부터 차례로 돌아간다.
    """
    samples = []
    for image in range(n):
        strong = (classes - 1 - image) % classes
        often, *rest = random.sample([each for each in range(classes) if each != strong], classes - 1)
        probabilities = np.empty((5, classes))
        for row in probabilities:
            row[often] = random.uniform(0.46, 0.54)
            row[strong] = random.uniform(0.36, 0.42)
        for row in probabilities[3:]:
            row[often] = random.uniform(0.02, 0.06)
            row[strong] = random.uniform(0.88, 0.92)
        shared = 1 - probabilities[:, [often]] - probabilities[:, [strong]]
        probabilities[:, rest] = shared * np.arange(1, len(rest) + 1) / sum(range(1, len(rest) + 1))
        samples.append(random.sample(probabilities.tolist(), 5))
    return np.array(samples).transpose(1, 0, 2)


def summarize(samples):
    """평균이 가장 큰 클래스와 그 클래스의 평균, 표준 편차."""
    return _chosen(samples.mean(axis=0).argmax(axis=1), samples.mean(axis=0), samples.std(axis=0))


def _chosen(labels, mean, std):
    rows = np.arange(len(labels))
    return labels, mean[rows, labels], std[rows, labels]


def _entropy(p):
    return -np.sum(p * np.log(p), axis=-1)


def split_uncertainty(samples):
    """평균 예측의 엔트로피와, 거기서 표본마다의 엔트로피의 평균을 뺀 상호 정보량."""
    total = _entropy(samples.mean(axis=0))
    return total, total - _entropy(samples).mean(axis=0)


def mc_facts(convert, seed=0, rates=(0.3, 0.5)):
    """바꾼 모델에 대한 사실들. 난수로 흔들리는 값은 담지 않는다."""
    model = _model_with_two_dropouts(seed, rates)
    x, _ = images(16, seed)
    weights, prediction, settings = model.get_weights(), np.asarray(model(x)), _settings(model)
    converted = _model_from(convert, model)
    before = converted.get_weights()
    varies = not np.allclose(converted(x), converted(x))
    return {
        "켜진 비율": [_awake_rate(layer) for layer in _flat(converted) if _random_or_dropout(layer)],
        "두 예측이 다르다": varies,
        "가중치를 지킨다": _kept_weights(before, weights),
        "끌 것이 없으면 예측이 같다": _predicts_alike(convert, seed, (NEVER, NEVER)),
        "층의 차례를 지킨다": all(
            _predicts_alike(convert, seed, almost) for almost in ((ALWAYS, NEVER), (NEVER, ALWAYS))
        ),
        "예측해도 가중치가 그대로이다": _all_close(converted.get_weights(), before),
        "원래 모델은 그대로이다": converted is not model
        and _settings(model) == settings
        and bool(np.allclose(model(x), prediction))
        and _all_close(model.get_weights(), weights),
    }


# 켜져 있어도 아무것도 끄지 않는 비율과, 모두 끄는 비율. 모두 끄면 그 자리의 뒤만 남으므로 자리가 드러난다.
NEVER, ALWAYS = 1e-9, 1 - 2**-24


def _settings(model):
    """층의 설정과, 훈련할 수 있는지."""
    layers = [(type(layer).__name__, repr(layer.get_config())) for layer in _flat(model)]
    return layers, model.trainable, [weight.trainable for weight in model.weights]


def _kept_weights(weights, originals):
    """가중치가 모두 같으면 참. 아니면 몇 개가 같은가."""
    if len(weights) != len(originals):
        return f"배열이 {len(originals)}개가 아니라 {len(weights)}개이다"
    same = sum(_all_close([weight], [original]) for weight, original in zip(weights, originals))
    return same == len(originals) or f"배열 {len(originals)}개 가운데 {same}개만 같다"


def _predicts_alike(convert, seed, rates):
    """거의 늘 끄거나 거의 끄지 않는 모델을 바꾸면, 정해진 자리에서 끈 것과 예측이 같은가."""
    model, (x, _) = _model_with_two_dropouts(seed, rates), images(16, seed)
    expected = np.asarray(x)
    for layer in model.layers:
        if isinstance(layer, keras.layers.Dropout):
            expected = expected * (layer.rate < 0.5)
        else:
            expected = np.asarray(layer(expected))
    return bool(np.allclose(_model_from(convert, model)(x), expected, atol=1e-5))


def _model_with_two_dropouts(seed, rates):
    dense = partial(keras.layers.Dense, 16, activation="relu")
    first_rate, second_rate = rates
    layers = [
        keras.Input((4,)),
        dense(),
        keras.layers.BatchNormalization(),
        keras.layers.Dropout(first_rate),
        dense(activation="tanh"),
        keras.layers.Dropout(second_rate),
        keras.layers.Dense(3, activation="softmax"),
    ]
    return with_random_weights(keras.Sequential(layers), seed)


def _model_from(convert, model):
    if not callable(convert):
        raise Refused(f"함수가 아니라 {kind_of(convert)}입니다. 함수를 부른 값이 아니라 함수의 이름을 적으세요")
    converted = convert(model)
    if not isinstance(converted, keras.Model):
        raise Refused(
            "값을 돌려주지 않았습니다. `return`을 잊지 않았나요?"
            if converted is None
            else f"모델이 아니라 {kind_of(converted)}입니다"
        )
    return converted


def _flat(model):
    """모델 안에 든 모델까지 펼친 층들."""
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _flat(layer)
        else:
            yield layer


_STEADY = (keras.layers.Dense, keras.layers.BatchNormalization, keras.layers.Activation, keras.layers.InputLayer)


def _random_or_dropout(layer):
    return isinstance(layer, keras.layers.Dropout) or (not isinstance(layer, _STEADY) and _dropped(layer) > 0)


def _dropped(layer):
    return float(np.mean(np.asarray(layer(np.ones((1, 20_000), "float32"))) == 0))


def _awake_rate(layer):
    """꺼지는 비율을 0.05 단위로 잰다. 잠들어 있으면 «꺼짐», 남은 값을 1/(1-p)배 하지 않으면 «크기가 다름»."""
    out = np.asarray(layer(np.ones((1, 20_000), "float32")))
    rate = round(float(np.mean(out == 0)) * 20) / 20
    if rate == 0:
        return "꺼짐"
    return f"{rate:g}" + ("" if np.allclose(out[out != 0] * (1 - rate), 1, atol=1e-3) else " (크기가 다름)")


def _all_close(arrays, others):
    return len(arrays) == len(others) and all(
        a.shape == b.shape and np.allclose(a, b, atol=1e-6) for a, b in zip(arrays, others)
    )


def _copy_with(layer_of, keep_weights=True):
    """층마다 ``layer_of(layer)``로 바꾼 사본을 만드는 함수."""

    def convert(model):
        copy = keras.models.clone_model(model, clone_function=layer_of)
        if keep_weights:
            copy.set_weights(model.get_weights())
        return copy

    return convert


def _same_layer(layer):
    return type(layer).from_config(layer.get_config())


def _awake_at(rate=None):
    """드롭아웃 층만 늘 켜진 것으로 바꾼다. 비율을 주면 모두 그 비율로 한다."""
    return lambda layer: (
        MCDropout(rate or layer.rate) if isinstance(layer, keras.layers.Dropout) else _same_layer(layer)
    )


def _without_moving_statistics(model):
    copy = _copy_with(_awake_at(), keep_weights=False)(model)
    for new, old in zip(copy.trainable_weights, model.trainable_weights):
        new.assign(old)
    return copy


def _without_batch_normalization(model):
    kept = [layer for layer in model.layers if not isinstance(layer, keras.layers.BatchNormalization)]
    awake = [MCDropout(layer.rate) if isinstance(layer, keras.layers.Dropout) else layer for layer in kept]
    return keras.Sequential([keras.Input(model.input_shape[1:]), *awake])


def _moved(places):
    """드롭아웃의 자리를 옮긴다. ``places``는 층의 차례이다."""

    def convert(model):
        layers = [MCDropout(layer.rate) if isinstance(layer, keras.layers.Dropout) else layer for layer in model.layers]
        return keras.Sequential([keras.Input(model.input_shape[1:]), *(layers[place] for place in places)])

    return convert


def _everything_in_training(model):
    inputs = keras.Input((4,))
    return keras.Model(inputs, model(inputs, training=True))


def _without_dropout(model):
    return keras.Sequential(
        [keras.Input((4,)), *(layer for layer in model.layers if not isinstance(layer, keras.layers.Dropout))]
    )


def _in_place(model):
    for layer in model.layers:
        if isinstance(layer, keras.layers.Dropout):
            layer.__class__ = MCDropout
    return model


def max_norm_step(w, gradient, learning_rate, r):
    """갱신한 다음 케라스의 제한을 건다."""
    w = np.asarray(w) - learning_rate * np.asarray(gradient)
    return np.asarray(keras.constraints.MaxNorm(r, axis=0)(w))


def _wrong_step(norm, only_outside=True, before=False, longer=np.greater):
    """노름을 재는 법, 넘은 것만 줄이는지, 제한을 먼저 거는지를 바꾼 갱신."""

    def step(w, gradient, learning_rate, r):
        w, change = np.asarray(w), learning_rate * np.asarray(gradient)
        w = w if before else w - change
        length = norm(w)
        safe = np.where(length == 0, 1, length)
        w = w * np.where(longer(length, r) | (not only_outside), r / safe, 1)
        return w - change if before else w

    return step


def _column_norms(w):
    return np.sqrt(np.square(w).sum(axis=0))


def _divide_by_zero(w, gradient, learning_rate, r):
    with np.errstate(invalid="ignore"):
        w = np.asarray(w) - learning_rate * np.asarray(gradient)
        return w * np.minimum(_column_norms(w), r) / _column_norms(w)


def limited(constraint, shape, seed=0):
    """커널에 제한을 건 결과: 뉴런이나 필터마다의 노름, 방향을 지켰는지. 처음 노름은 0.4, 3, 1.6, 0.8의 되풀이이다."""
    if not callable(constraint):
        raise Refused(f"제한 객체가 아니라 {kind_of(constraint)}입니다")
    if isinstance(constraint, (type, keras.layers.Layer)):
        raise Refused(f"제한 객체가 아니라 {kind_of(constraint)}입니다. keras.constraints의 객체를 돌려주세요")
    random = np.random.default_rng(seed)
    axes = tuple(range(len(shape) - 1))
    direction = random.uniform(0.3, 1, shape) * random.choice([-1, 1], shape)
    direction /= np.sqrt(np.square(direction).sum(axis=axes))
    after = np.asarray(constraint((direction * np.resize([0.4, 3.0, 1.6, 0.8], shape[-1])).astype("float32")))
    if after.shape != shape:
        raise Refused("제한을 걸었더니 커널의 모양이 달라졌습니다")
    norms = np.sqrt(np.square(after).sum(axis=axes))
    return {"노름": norms, "방향을 지킨다": bool(np.allclose(after, direction * norms, atol=1e-4))}


def _max_norm(axis):
    return lambda shape, r: keras.constraints.MaxNorm(r, axis=axis(shape))


def describe(model):
    """층의 순서. 활성화 함수를 층에 적었는지 따로 두었는지, 편향이 있는지는 가리지 않는다."""
    if not isinstance(model, keras.Model):
        raise Refused(f"모델이 아니라 {kind_of(model)}입니다")
    layers = list(_flat(model))
    parts = {"은닉층": [], "출력층": []}
    dense = [layer for layer in layers if isinstance(layer, keras.layers.Dense)]
    for layer in layers:
        part = parts["출력층" if layer in dense and layer is dense[-1] or parts["출력층"] else "은닉층"]
        if isinstance(layer, keras.layers.Dense):
            initializer = "" if layer is dense[-1] else f" {initializer_name(layer.kernel_initializer)}"
            part.append(f"밀집층 {layer.units}{initializer}{_extras(layer)}")
            activation = activation_name(layer.activation)
        elif hasattr(layer, "rate"):
            part.append(f"{type(layer).__name__} {layer.rate:g}")
            activation = "linear"
        elif isinstance(layer, (keras.layers.Flatten, keras.layers.Reshape, keras.layers.InputLayer)):
            activation = "linear"
        elif (activation := _as_activation(layer)) is None:
            part.append(type(layer).__name__.lower())
            activation = "linear"
        if activation != "linear":
            part.append(activation)
    return parts


def _extras(layer):
    """밀집층에 걸린 규제와 제한. 없으면 빈 글."""
    penalized = any((layer.kernel_regularizer, layer.bias_regularizer, layer.activity_regularizer))
    return " 규제" * penalized + " 제한" * any((layer.kernel_constraint, layer.bias_constraint))


def _as_activation(layer):
    """활성화 함수만 하는 층이면 그 이름, 아니면 ``None``. 가중치가 있는 층은 활성화 함수가 아니다."""
    if layer.weights:
        return None
    name = activation_name(layer)
    return None if name.startswith("모르는") and not isinstance(layer, keras.layers.Activation) else name


def _model_facts(model):
    """층의 순서와 들고나는 모양."""
    return describe(model) | {"입력의 모양": model.input_shape[1:], "출력의 모양": model.output_shape[1:]}


def build(hidden_units, self_normalizing=False, **changes):
    """두 설정을 ``build_mlp``로. ``changes``는 틀린 답을 만들 때 바꾸는 인수이다."""
    options = (
        {"activation": "selu", "kernel_initializer": "lecun_normal", "dropout_rate": 0.1}
        | {"dropout": keras.layers.AlphaDropout}
        if self_normalizing
        else {"activation": "elu", "batch_normalization": True}
    )
    return build_mlp(tuple(hidden_units), **options | changes)


def _build_with(default=None, self_normalizing=None):
    """설정 하나의 인수를 바꾼, 틀린 ``build``."""
    changes = {False: default or {}, True: self_normalizing or {}}
    return lambda hidden_units, self_normalizing=False: build(
        hidden_units, self_normalizing, **changes[self_normalizing]
    )


def _normalized_too_late(hidden_units, self_normalizing=False):
    if self_normalizing:
        return build(hidden_units, True)
    layers = [keras.Input((28, 28)), keras.layers.Flatten()]
    for units in hidden_units:
        layers += [
            keras.layers.Dense(units, activation="elu", kernel_initializer="he_normal"),
            keras.layers.BatchNormalization(),
        ]
    return keras.Sequential([*layers, keras.layers.Dense(10, activation="softmax")])


def _self_normalizing(*order, last=True):
    """알파 드롭아웃의 자리만 다른 자기 정규화 설정. ``order``는 은닉층마다 쌓는 차례이다."""

    def wrong(hidden_units, self_normalizing=False):
        if not self_normalizing:
            return build(hidden_units)
        make = {
            "dropout": lambda units: keras.layers.AlphaDropout(0.1),
            "dense": lambda units: keras.layers.Dense(units, activation="selu", kernel_initializer="lecun_normal"),
        }
        hidden = [make[name](units) for units in hidden_units for name in order]
        output = [keras.layers.AlphaDropout(0.1)] * last + [keras.layers.Dense(10, activation="softmax")]
        return keras.Sequential([keras.Input((28, 28)), keras.layers.Flatten(), *hidden, *output])

    return wrong


def _without_softmax(hidden_units, self_normalizing=False):
    model = build(hidden_units, self_normalizing)
    model.layers[-1].activation = keras.activations.linear
    return model


def _penalty(l1_of=lambda w: np.abs(w).sum(), l2_of=lambda w: np.square(w).sum(), of=lambda weights: weights[::2]):
    """벌점을 재는 법이나 더하는 가중치를 바꾼, 틀린 벌점."""
    return lambda weights, l1=0.0, l2=0.0: sum(l1 * l1_of(w) + l2 * l2_of(w) for w in of(weights))


def _regularized(**changes):
    """``partial``에 담는 인수를 바꾼, 틀린 답. 강도를 써야 하는 값은 함수로 준다."""

    def make(strength):
        options = {
            "activation": "elu",
            "kernel_initializer": "he_normal",
            "kernel_regularizer": keras.regularizers.L2,
        } | changes
        options |= {name: value(strength) for name, value in options.items() if callable(value)}
        return partial(keras.layers.Dense, **options)

    return make


def stopping_probes(r):
    """손실은 64분의 1의 배수이다. 그래야 «꼭 min_delta만큼»이 반올림 없이 정확하다.

    처음부터 나빠지기도 하고, 아주 크거나 0에 가깝거나 음수이기도 하다. patience는 1부터 8까지이다.
    """
    scale = r.choice([0.5, 1.0, 2.0])
    start = [scale * (2 - k / 8) for k in range(r.randint(3, 6))]  # 처음에는 잘 준다

    def losses(*rest):
        return start + [scale * loss / 64 for loss in rest]

    tie = losses(60, 45, 48, 38, 38, 42, 32, 26), 2
    valley = losses(60, 32, 51, 45, 38, 26), 3
    never = losses(40, 30, 20, 28, 26), 3
    falling = losses(40, 30, 20), 2
    first = [scale * loss / 64 for loss in (20, 21, 22, 23, 10)], 3
    once_more = losses(30, 31, 20, 10), 1
    at_once = [*(scale * (i + 1) for i in range(10)), scale / 2], r.randint(1, 2)
    patient = [
        ([scale, scale / 2, *[scale / 2 + i / 64 for i in range(11)], scale / 4], patience)
        for patience in (1, 2, 3, 4, 5, 8)
    ]
    large = [1e6 * loss for loss in valley[0]], 3
    small = [loss / scale / 2**14 for loss in tie[0]], 2
    below = [loss - 3 for loss in tie[0]], 2
    delta = 4 * scale / 64
    slow = losses(60, 45, 44, 43, 30, 26), 2
    exact = losses(60, 56, 52, 51, 47, 40), 2
    creeping = losses(60, 58, 56, 55, 54, 53, 51), 3
    nearly = losses(60, 55.8, 51.6, 47.4, 48, 30), 1
    bit_by_bit = [scale - i * 4e-5 for i in range(6)], 2  # min_delta가 0이면 이만큼도 나아진 것이다
    # 최저의 크기가 1보다 작은 곳과 큰 곳: 비율로 견주면 다른 답이 나온다.
    less = [loss / 64 for loss in (20, 17, 17, 17, 17, 10)], 3
    more = [loss / 64 for loss in (320, 315, 315, 310, 310, 310, 310, 300)], 3
    usual = tie, valley, never, falling, first, once_more, at_once, *patient, large, small, below
    return {
        "되돌리는 에포크는 멈출 때까지의 최저이다": Ask(*(call(*case) for case in usual), part=pick(0, of=2)),
        "patience번 잇달아 나아지지 않으면 멈추고, 아니면 끝까지 간다": Ask(
            *(call(*case) for case in usual), part=pick(1, of=2)
        ),
        "최저보다 min_delta 넘게 낮아야 나아진 것이다": Ask(
            *(call(*case, min_delta=delta) for case in (slow, exact, creeping, nearly)),
            *(call(*case, 4 / 64) for case in (less, more)),
            *(call(*case) for case in (bit_by_bit, small)),
            part=pick(0, 1, of=2),
        ),
    }


def _written(*keys):
    """사전의 키마다 적은 값 하나씩. ``keys``는 (성질의 이름, 키)."""
    return lambda r: {text: Written((key,)) for text, key in keys}


def penalty_probes(r):
    """층은 하나, 셋, 여섯이다. 값이 하나뿐인 커널도 있다."""
    random = np.random.default_rng(r.randrange(10**6))
    strength = drawn(r, 0.01, 0.2)

    def layers(*sizes):
        return [random.normal(size=shape).round(2) for a, b in zip(sizes, sizes[1:]) for shape in ((a, b), (b,))]

    cases = layers(4, 6, 5, 2), layers(3, 2), layers(2, 1, 1, 3, 1, 2, 2)
    cases[0][0][0, :2] = 7.5, -6.25  # 크게 벗어난 값도 그대로 센다
    return {
        "ℓ1은 커널의 절댓값에 매긴다": Ask(*(call(weights, l1=strength) for weights in cases)),
        "ℓ2는 커널의 제곱에 매긴다": Ask(*(call(weights, l2=strength) for weights in cases)),
        "둘을 함께 쓰면 벌점을 더한다": Ask(
            *(call(weights, l1=strength, l2=strength / 3) for weights in cases), call(cases[0], strength, 2 * strength)
        ),
    }


def partial_probes(r):
    strength, units = round(r.uniform(0.001, 0.008), 4), r.randint(3, 40)

    def layer(units, **options):
        def read(make):
            if not callable(make):
                raise Refused(f"부르면 층을 만드는 것이 아니라 {kind_of(make)}입니다")
            return dense_facts(make(units, **options))

        return read

    return {
        "만든 층에 정한 인수가 모두 들어 있다": Ask(call(strength), read=layer(units)),
        "강도는 건네준 값이다": Ask(call(7 * strength), call(0.02), read=layer(units + 1)),
        "필요한 것만 바꾸어 쓸 수 있다": Ask(
            call(strength),
            read=lambda make: [
                layer(units, activation="tanh", kernel_initializer="lecun_normal")(make),
                layer(10, activation="softmax")(make),
                layer(units, use_bias=False, bias_initializer="ones")(make),
                make(units, name="output").name,
            ],
        ),
    }


def dropout_probes(r):
    """난수 하나는 p와 꼭 같다. 배열의 차원은 하나에서 다섯까지이다."""
    random = np.random.default_rng(r.randrange(10**6))
    p = round(r.uniform(0.15, 0.4), 2)

    def arrays(*shape):
        x = random.uniform(1, 5, shape).round(2) * random.choice([-1, 1], shape)
        u = random.permutation(np.linspace(0.01, 0.985, x.size)).reshape(shape)
        u.flat[0] = p
        return x, u

    (x, u), (line, marks), (flat, noise) = arrays(4, 3, 5), arrays(6), arrays(2, 7)
    deep, deeper = arrays(2, 3, 1, 2), arrays(1, 2, 2, 1, 2)
    cases = [call(x, p, u), call(line, 0.6, marks), call(flat, p, noise)]
    cases += [call(deep[0], p, deep[1]), call(deeper[0], p, deeper[1])]
    return {
        "u가 p보다 작은 자리만 0이 된다": Ask(*cases, read=lambda out: np.equal(out, 0)),
        "남은 값은 기댓값이 그대로이도록 커진다": Ask(*cases),
        "추론할 때는 그대로 둔다": Ask(
            call(x, p, u, training=False), call(line, 0.6, marks, False), call(deep[0], p, deep[1], False)
        ),
    }


def _labelled(n, seed, right):
    """값 네 개짜리 입력과, ``seed``의 모델이 가장 믿는(``right``) 또는 가장 믿지 않는 레이블."""
    x, _ = images(n, seed)
    p = np.asarray(model_with_dropout(seed=seed)(x))
    return x, (p.argmax(axis=1) if right else p.argmin(axis=1)).astype("int32")


def gap_probes(r):
    """간격은 양수이기도 하고 음수이기도 하다."""
    seed = r.randrange(100, 10**6)

    def case(seed, positive, **options):
        return call(
            Made(lambda: _compiled(seed, **options), "model"),
            Made(lambda: _labelled(30, seed, positive), "train"),
            Made(lambda: _labelled(20, seed, not positive), "valid"),
        )

    return {
        "두 손실을 모두 드롭아웃을 끈 채 잰다": Ask(case(seed, True, rate=0.6)),
        "훈련 손실이 더 크거나 ℓ2 규제가 들었어도 그렇다": Ask(case(seed + 7, False, rate=0.4, l2=0.02)),
    }


def summary_probes(r):
    """클래스는 셋이기도, 둘이나 다섯이기도 하다. 이미지는 하나이기도 하다."""
    cases = [
        call(votes(r, n=6)),
        call(_steady_votes(r, n=4)),
        call(votes(r, n=7, classes=5)),
        call(votes(r, n=3, classes=2)),
        call(votes(r, n=1, classes=4)),
    ]
    return {
        "평균 확률이 가장 큰 클래스를 고른다": Ask(*cases, part=pick(0, of=3)),
        "확신은 그 클래스의 평균 확률이다": Ask(*cases, part=pick(1, of=3)),
        "퍼짐은 그 클래스의 표준 편차이다": Ask(*cases, part=pick(2, of=3)),
    }


def uncertainty_probes(r):
    """클래스는 셋이기도, 둘이나 다섯이기도 하다. 이미지는 하나이기도 하다. 모두가 함께 망설이는 것도 묻는다."""
    random = np.random.default_rng(r.randrange(10**6))

    def predictions(samples, n, classes):
        return 0.9 * random.dirichlet(np.ones(classes), (samples, n)) + 0.1 / classes

    cases = [
        call(predictions(5, 6, 3)),
        call(predictions(4, 7, 5)),
        call(predictions(8, 3, 2)),
        call(predictions(6, 1, 4)),
        call(np.repeat(predictions(1, 4, 3), 5, axis=0)),
    ]
    return {
        "예측 엔트로피는 평균 확률의 엔트로피이다": Ask(*cases, part=pick(0, of=2)),
        "상호 정보량은 거기서 표본마다의 엔트로피의 평균을 뺀 것이다": Ask(*cases, part=pick(1, of=2)),
    }


def mc_probes(r):
    """비율은 0.05의 배수이다. 꺼지는 비율을 재어 알아보기 때문이다."""
    seed, rates = r.randrange(100, 10**6), (r.choice([0.2, 0.25, 0.35]), r.choice([0.55, 0.6, 0.65]))
    facts = once(lambda convert: mc_facts(convert, seed, rates))

    def about(*names):
        return lambda convert: {name: facts(convert)[name] for name in names}

    return {
        "드롭아웃 층이 비율을 지킨 채 늘 켜져 있다": about("켜진 비율", "두 예측이 다르다"),
        "가중치와 다른 층, 층의 차례를 지킨다": about(
            "가중치를 지킨다", "끌 것이 없으면 예측이 같다", "층의 차례를 지킨다"
        ),
        "배치 정규화의 이동 통계와 원래 모델은 그대로이다": about(
            "예측해도 가중치가 그대로이다", "원래 모델은 그대로이다"
        ),
    }


# 뉴런: (갱신하기 전의 노름, 갱신한 뒤의 노름)을 r의 배수로. 제곱과 r을 견주면 틀리는 곳이 있다.
INSIDE, OUTSIDE = ((0.5, 0.9), (1.3, 0.7), (0.2, 0.3)), ((3.0, 2.5), (0.8, 1.4), (0.9, 1.1))


def step_probes(r):
    """한계 r은 1보다 작기도 하고 크기도 하다."""
    random = np.random.default_rng(r.randrange(10**6))

    def case(limit, rate):
        before, after = (np.array([pair[i] for pair in (*INSIDE, *OUTSIDE)] + [0]) * limit for i in (0, 1))
        old, new = (random.uniform(0.3, 1, (5, 7)) * random.choice([-1, 1], (5, 7)) for _ in range(2))
        w = before * old / np.linalg.norm(old, axis=0)
        target = after * new / np.linalg.norm(new, axis=0)
        return call(w, (w - target) / rate, rate, limit)

    cases = [
        case(round(r.uniform(1.4, 2), 2), round(r.uniform(0.05, 0.3), 2)),
        case(round(r.uniform(0.5, 0.75), 2), 0.5),
    ]

    def columns(first, last):
        def part(value):
            if not isinstance(value, list) or not all(isinstance(row, list) and len(row) == 7 for row in value):
                raise Refused("w와 모양이 같은 배열을 돌려주세요")
            return [row[first:last] for row in value]

        return part

    return {
        "한계를 넘지 않은 뉴런은 갱신만 한다": Ask(*cases, part=columns(0, 3)),
        "갱신한 뒤에 한계를 넘은 뉴런은 방향을 지킨 채 길이가 r이 된다": Ask(*cases, part=columns(3, 6)),
        "가중치가 모두 0인 뉴런은 0으로 남는다": Ask(*cases, part=columns(6, 7)),
    }


def axis_probes(r):
    r1, r2, seed = round(r.uniform(0.5, 0.75), 2), round(r.uniform(1.2, 1.5), 2), r.randrange(10**6)

    def norms(shape):
        return Ask(call(shape, r1), call(shape, r2), read=lambda constraint: limited(constraint, shape, seed))

    return {
        "밀집층: 한계를 넘은 뉴런의 노름만 r이 된다": norms((7, 5)),
        "1차원 합성곱층: 한계를 넘은 필터의 노름만 r이 된다": norms((3, 6, 5)),
        "2차원 합성곱층: 한계를 넘은 필터의 노름만 r이 된다": norms((5, 2, 3, 4)),
    }


def default_probes(r):
    units = [r.randint(11, 40) for _ in range(r.randint(2, 4))]

    def hidden(model):
        return _model_facts(model)["은닉층"]

    def output(model):
        facts = _model_facts(model)
        return {name: facts[name] for name in ("출력층", "입력의 모양", "출력의 모양")}

    return {
        "기본 설정의 은닉층": Ask(call(units), read=hidden),
        "자기 정규화 설정의 은닉층": Ask(call(units, self_normalizing=True), read=hidden),
        "출력층, 그리고 모델의 입력과 출력의 모양": Ask(call(units[:1], False), call(units[:2], True), read=output),
    }


TASKS = {
    "07_overfitting/early_stopping": Task(
        probes=stopping_probes,
        name="early_stopping",
        reference=early_stopping_by_keras,
        hint="지금까지의 최저, 그 에포크, 나아지지 않은 횟수를 들고 손실을 하나씩 따라가 보세요.",
        mistakes={
            "patience보다 한 번 더 기다렸습니다. 나아지지 않은 횟수가 patience와 같아지는 에포크에서 멈춥니다.": (
                stop_early(extra=1)
            ),
            "같은 값을 나아진 것으로 보았습니다. 최저와 똑같으면 나아진 것일까요?": stop_early(
                lambda loss, best, before, min_delta: loss <= best - min_delta
            ),
            "에포크를 0부터 세었습니다. 이 문제는 1부터 셉니다.": stop_early(first=0),
            "나아져도 나아지지 않은 횟수를 0으로 되돌리지 않았습니다. «잇달아»가 무슨 뜻인지 생각해 보세요.": (
                stop_early(reset=False)
            ),
            "바로 앞 에포크와 견주었습니다. 무엇보다 낮아야 나아진 것인지 생각해 보세요.": stop_early(
                lambda loss, best, before, min_delta: loss < before - min_delta
            ),
            "멈춘 뒤의 손실까지 보고 최저를 골랐습니다. 훈련이 멈추면 그 뒤의 에포크는 없습니다.": stop_early(
                answer=lambda best, stop, losses: (int(np.argmin(losses)) + 1, stop)
            ),
            "멈춘 에포크의 가중치를 남겼습니다. restore_best_weights=True이면 어느 가중치로 되돌릴까요?": stop_early(
                answer=lambda best, stop, losses: (stop, stop)
            ),
            "꼭 min_delta만큼 낮아진 것도 나아진 것으로 보았습니다. min_delta«를 넘게» 낮아야 합니다.": stop_early(
                lambda loss, best, before, min_delta: loss <= best - min_delta if min_delta else loss < best
            ),
            "min_delta를 비율로 썼습니다. 최저에 곱하는 수가 아니라 최저에서 빼는 수입니다.": stop_early(
                lambda loss, best, before, min_delta: loss < best * (1 - min_delta)
            ),
            "min_delta에 못 미치게 준 손실도 최저로 적었습니다. 나아졌을 때만 최저를 새로 적습니다.": stop_early(
                creep=True
            ),
            "min_delta를 쓰지 않았습니다. 그보다 적게 줄어든 것은 나아진 것으로 치지 않습니다.": stop_early(
                lambda loss, best, before, min_delta: loss < best
            ),
            "두 값의 순서가 바뀌었습니다. 먼저 되돌리는 에포크, 다음이 멈추는 에포크입니다.": stop_early(
                answer=lambda best, stop, losses: (stop, best)
            ),
        },
    ),
    "08_l1_l2/by_hand": Task(
        probes=_written(("ℓ1 벌점이 맞다", "l1"), ("ℓ2 벌점이 맞다", "l2")),
        reference={"l1": 0.08, "l2": 0.165},
        hint="커널의 여섯 값을 하나씩 적고, ℓ1은 절댓값을, ℓ2는 제곱을 더해 보세요. 강도는 마지막에 곱합니다.",
        mistakes={
            "편향까지 더했습니다. kernel_regularizer가 무엇에 벌점을 매기는지 보세요.": {"l1": 0.13, "l2": 0.335},
            "강도를 곱하지 않았습니다.": {"l1": 8.0, "l2": 16.5},
            "ℓ2에 1/2을 곱했습니다. 케라스의 식에도 있는지 보세요.": {"l1": 0.08, "l2": 0.0825},
            "합이 아니라 평균을 냈습니다.": {"l1": 0.08 / 6, "l2": 0.165 / 6},
            "ℓ1에서 부호를 그대로 두고 더했습니다. 음수가 벌점을 깎아 줄까요?": {"l1": 0.02, "l2": 0.165},
            "ℓ2에서 제곱근을 씌웠습니다. 벌점은 노름이 아니라 제곱의 합입니다.": {"l1": 0.08, "l2": 0.01 * 16.5**0.5},
        },
    ),
    "08_l1_l2/penalty": Task(
        probes=penalty_probes,
        name="penalty",
        reference=penalty,
        hint="weights에는 커널과 편향이 번갈아 들어 있습니다. 커널 하나의 벌점을 먼저 구하고, 층에 걸쳐 더하세요.",
        mistakes={
            "편향에도 벌점을 매겼습니다. kernel_regularizer는 커널만 봅니다.": _penalty(of=lambda weights: weights),
            "첫 층의 커널만 더했습니다. 벌점은 모든 층의 것을 더합니다.": _penalty(of=lambda weights: weights[:1]),
            "마지막 층의 커널을 빠뜨렸습니다. 벌점은 출력층을 포함한 모든 층의 것을 더합니다.": _penalty(
                of=lambda weights: weights[:-2:2]
            ),
            "제곱의 평균이나 절댓값의 평균을 냈습니다. 벌점은 합입니다.": _penalty(
                lambda w: np.abs(w).mean(), lambda w: np.square(w).mean()
            ),
            "ℓ2에 1/2을 곱했습니다. 케라스의 식에도 있는지 보세요.": _penalty(l2_of=lambda w: np.square(w).sum() / 2),
            "ℓ2에서 제곱하지 않았습니다. 절댓값의 합은 ℓ1입니다.": _penalty(l2_of=lambda w: np.abs(w).sum()),
            "ℓ2에서 먼저 더하고 나중에 제곱했습니다. 가중치 하나하나를 제곱해야 합니다.": _penalty(
                l2_of=lambda w: w.sum() ** 2
            ),
            "ℓ1에서 절댓값을 씌우지 않았습니다. 음수가 벌점을 깎아 줄까요?": _penalty(np.sum),
            "ℓ2에서 제곱근을 씌웠습니다. 벌점은 노름이 아니라 제곱의 합입니다.": _penalty(l2_of=np.linalg.norm),
        },
    ),
    "08_l1_l2/partial": Task(
        probes=partial_probes,
        name="regularized_dense",
        reference=_regularized(),
        hint="partial(keras.layers.Dense, …)에 담을 인수는 셋입니다. 층이 아니라, 부르면 층을 만드는 것을 돌려주세요.",
        mistakes={
            "초기화를 담지 않았습니다. 케라스의 기본값은 He 초기화가 아닙니다.": _regularized(
                kernel_initializer="glorot_uniform"
            ),
            "활성화 함수를 담지 않았습니다. 그러면 층은 일차식으로 남습니다.": _regularized(activation=None),
            "ℓ2가 아니라 ℓ1을 걸었습니다.": _regularized(kernel_regularizer=keras.regularizers.L1),
            "강도를 쓰지 않았습니다. 이름이나 빈 괄호로 적으면 늘 기본값 0.01이 됩니다.": _regularized(
                kernel_regularizer="l2"
            ),
            "커널이 아니라 편향에 벌점을 매겼습니다. 인수의 이름을 다시 보세요.": _regularized(
                kernel_regularizer=None, bias_regularizer=keras.regularizers.L2
            ),
            "강도를 반으로 나누었습니다. 케라스의 ℓ2에는 1/2이 없습니다.": _regularized(
                kernel_regularizer=lambda strength: keras.regularizers.L2(strength / 2)
            ),
            "커널이 아니라 층의 출력에 벌점을 매겼습니다. activity_regularizer는 다른 규제입니다.": _regularized(
                kernel_regularizer=None, activity_regularizer=keras.regularizers.L2
            ),
            "ℓ2 규제를 담지 않았습니다.": _regularized(kernel_regularizer=None),
            "편향을 뺐습니다. 문제에 없는 인수는 기본값으로 두세요.": _regularized(use_bias=False),
            "커널에 제한을 걸었습니다. 문제에 없는 인수는 기본값으로 두세요.": _regularized(
                kernel_constraint=lambda strength: keras.constraints.MaxNorm(1.0)
            ),
        },
    ),
    "09_dropout/expected": Task(
        probes=_written(("켜졌을 때의 값이 맞다", "켜짐"), ("평균이 맞다", "평균"), ("분산이 맞다", "분산")),
        reference={"켜짐": 10.0, "평균": 6.0, "분산": 24.0},
        hint="출력은 0 아니면 한 가지 값입니다. 두 값과 그 확률을 적고, 평균과 분산의 뜻대로 계산해 보세요.",
        mistakes={
            "1/(1-p)배를 빠뜨렸습니다. 그러면 평균이 입력보다 작아집니다.": {"켜짐": 6.0, "평균": 3.6, "분산": 8.64},
            "끄는 비율과 남기는 비율을 바꾸었습니다. 케라스의 p는 끄는 비율입니다.": {
                "켜짐": 15.0,
                "평균": 6.0,
                "분산": 54.0,
            },
            "1/(1-p) 대신 1/p을 곱했습니다. 남는 비율이 얼마인지 생각해 보세요.": {
                "켜짐": 15.0,
                "평균": 9.0,
                "분산": 54.0,
            },
            "분산이 아니라 표준 편차를 적었습니다.": {"켜짐": 10.0, "평균": 6.0, "분산": 24.0**0.5},
            "분산에 입력의 제곱을 곱하지 않았습니다. 입력이 두 배이면 흔들림은 몇 배일까요?": {
                "켜짐": 10.0,
                "평균": 6.0,
                "분산": 0.4 / 0.6,
            },
        },
    ),
    "09_dropout/dropout": Task(
        probes=dropout_probes,
        name="dropout",
        reference=drop,
        hint="u와 p를 견주어 마스크를 먼저 만들고, 그것을 곱한 다음 크기를 맞추세요. 추론할 때는 다릅니다.",
        mistakes={
            "1/(1-p)배를 빠뜨렸습니다. 추론할 때의 입력이 훈련할 때보다 커집니다.": (
                lambda x, p, u, training=True: x * (u >= p) if training else x
            ),
            "끄는 비율과 남기는 비율을 바꾸었습니다. p는 끄는 비율입니다.": (
                lambda x, p, u, training=True: x * (u < p) / p if training else x
            ),
            "마스크가 거꾸로입니다. u가 p보다 작은 자리를 남겼습니다.": (
                lambda x, p, u, training=True: x * (u < p) / (1 - p) if training else x
            ),
            "1/(1-p) 대신 1/p을 곱했습니다. 남는 비율이 얼마인지 생각해 보세요.": (
                lambda x, p, u, training=True: x * (u >= p) / p if training else x
            ),
            "나눌 것을 곱했습니다. 끈 만큼 남은 값을 키워야 평균이 지켜집니다.": (
                lambda x, p, u, training=True: x * (u >= p) * (1 - p) if training else x
            ),
            "추론할 때도 뉴런을 껐습니다. training을 보세요.": lambda x, p, u, training=True: x * (u >= p) / (1 - p),
            "훈련할 때 키우지 않고 추론할 때 줄였습니다. 케라스는 훈련할 때 키우고 추론할 때는 손대지 않습니다.": (
                lambda x, p, u, training=True: x * (u >= p) if training else x * (1 - p)
            ),
        },
    ),
    "09_dropout/gap": Task(
        probes=gap_probes,
        name="generalization_gap",
        reference=gap,
        hint="모델은 컴파일되어 있습니다. 두 데이터를 같은 방법으로 재고, 일반화 간격의 식대로 빼세요.",
        mistakes={
            "훈련 손실을 드롭아웃을 켠 채 쟀습니다. training=True는 뉴런을 끕니다.": gap_with_dropout_on,
            "두 손실을 모두 드롭아웃을 켠 채 쟀습니다. training=True는 뉴런을 끕니다. 평가할 때는 끕니다.": Either(
                _gap_with_dropout_on_twice("train"), _gap_with_dropout_on_twice("valid")
            ),
            "빼는 순서가 바뀌었습니다. 과대적합이면 간격이 양수가 되어야 합니다.": (
                lambda model, train, valid: -gap(model, train, valid)
            ),
            "손실이 아니라 정확도를 뺐습니다. evaluate가 무엇을 어떤 순서로 돌려주는지 보세요.": (
                lambda model, train, valid: model.evaluate(*valid, verbose=0)[1] - model.evaluate(*train, verbose=0)[1]
            ),
            "훈련 세트를 재지 않았습니다. 검증 손실만 돌려주었습니다.": (
                lambda model, train, valid: model.evaluate(*valid, verbose=0)[0]
            ),
        },
    ),
    "10_mc_dropout/summarize": Task(
        probes=summary_probes,
        name="summarize",
        reference=summarize,
        hint="표본의 축을 없애 (이미지, 클래스) 모양의 평균과 표준 편차를 먼저 구하세요. 그다음에 골라 꺼냅니다.",
        mistakes={
            "표본마다 먼저 클래스를 고르고 다수결을 했습니다. 확률을 평균한 다음에 고르세요.": lambda samples: _chosen(
                np.array([np.bincount(column).argmax() for column in samples.argmax(axis=2).T]),
                samples.mean(axis=0),
                samples.std(axis=0),
            ),
            "이미지의 축을 따라 평균했습니다. 어느 축이 표본인지 보세요.": (
                lambda samples: summarize(samples.transpose(1, 0, 2))
            ),
            "평균 확률이 클래스마다 얼마나 다른지를 퍼짐으로 적었습니다. 퍼짐은 표본에 걸쳐 잽니다.": lambda samples: (
                *summarize(samples)[:2],
                samples.mean(axis=0).std(axis=1),
            ),
            "표준 편차를 n - 1로 나누어 구했습니다. 이 절의 식은 n으로 나눕니다.": lambda samples: _chosen(
                samples.mean(axis=0).argmax(axis=1), samples.mean(axis=0), samples.std(axis=0, ddof=1)
            ),
            "표준 편차가 아니라 분산을 돌려주었습니다.": lambda samples: _chosen(
                samples.mean(axis=0).argmax(axis=1), samples.mean(axis=0), samples.var(axis=0)
            ),
            "표본마다의 가장 큰 확률을 평균했습니다. 표본마다 다른 클래스의 확률이 섞입니다.": lambda samples: (
                summarize(samples)[0],
                samples.max(axis=2).mean(axis=0),
                summarize(samples)[2],
            ),
            "평균을 내지 않고 첫 표본의 확률을 썼습니다.": lambda samples: _chosen(
                samples[0].argmax(axis=1), samples[0], samples.std(axis=0)
            ),
        },
    ),
    "10_mc_dropout/uncertainty": Task(
        probes=uncertainty_probes,
        name="split_uncertainty",
        reference=split_uncertainty,
        hint="엔트로피를 구하는 함수를 먼저 쓰고, 평균 확률에 한 번, 표본마다 한 번씩 걸어 보세요.",
        mistakes={
            "표본마다의 엔트로피를 평균했습니다. 예측 엔트로피는 확률을 먼저 평균한 다음에 구합니다.": lambda samples: (
                _entropy(samples).mean(axis=0),
                split_uncertainty(samples)[1],
            ),
            "상호 정보량의 자리에 우연적 불확실성(표본마다의 엔트로피의 평균)을 적었습니다. 그것은 빼는 값입니다.": (
                lambda samples: (split_uncertainty(samples)[0], _entropy(samples).mean(axis=0))
            ),
            "상호 정보량을 거꾸로 뺐습니다. 상호 정보량은 0보다 작을 수 없습니다.": lambda samples: (
                split_uncertainty(samples)[0],
                -split_uncertainty(samples)[1],
            ),
            "부호가 반대입니다. 확률의 로그는 음수이므로 앞에 -를 붙입니다.": lambda samples: tuple(
                -part for part in split_uncertainty(samples)
            ),
            "밑이 2인 로그를 썼습니다. 이 강좌의 엔트로피는 자연로그입니다.": lambda samples: tuple(
                part / np.log(2) for part in split_uncertainty(samples)
            ),
            "클래스에 걸쳐 더하지 않고 평균했습니다. 엔트로피는 합입니다.": lambda samples: tuple(
                part / samples.shape[2] for part in split_uncertainty(samples)
            ),
            "이미지의 축을 따라 평균했습니다. 어느 축이 표본인지 보세요.": lambda samples: split_uncertainty(
                samples.transpose(1, 0, 2)
            ),
        },
    ),
    "10_mc_dropout/to_mc": Task(
        probes=mc_probes,
        name="to_mc",
        reference=to_mc,
        hint="층을 하나씩 보면서 드롭아웃만 바꾸고 나머지는 그대로 둔 새 모델을 만들어 보세요.",
        mistakes={
            "훈련한 가중치를 옮기지 않았습니다. 새 층의 가중치는 처음 값입니다.": _copy_with(
                _awake_at(), keep_weights=False
            ),
            "배치 정규화의 이동 평균과 이동 분산을 옮기지 않았습니다. get_weights에는 그것까지 들어 있습니다.": (
                _without_moving_statistics
            ),
            "배치 정규화 층을 빠뜨렸습니다. 드롭아웃만 바꾸고 다른 층은 모두 지킵니다.": _without_batch_normalization,
            "드롭아웃의 자리가 바뀌었습니다. 층의 차례는 그대로 두고 그 자리에서 바꾸세요.": Either(
                _moved((2, 4, 0, 1, 3, 5)), _moved((0, 1, 3, 2, 4, 5))
            ),
            "받은 모델을 그대로 돌려주었습니다. 드롭아웃 층만 바꾼 새 모델을 만드세요.": lambda model: model,
            "끄는 비율과 남기는 비율을 바꾸었습니다. MCDropout에는 층의 rate를 그대로 주세요.": _copy_with(
                lambda layer: (
                    MCDropout(1 - layer.rate) if isinstance(layer, keras.layers.Dropout) else _same_layer(layer)
                )
            ),
            "드롭아웃 층을 지웠습니다. 지우지 말고 늘 켜진 것으로 바꾸세요.": _without_dropout,
            "드롭아웃이 잠들어 있습니다. 보통의 Dropout 층은 예측할 때 꺼집니다.": _copy_with(_same_layer),
            "모델 전체를 훈련 상태로 만들었습니다. 배치 정규화까지 이동 통계를 고칩니다.": _everything_in_training,
            "드롭아웃 비율을 하나로 정했습니다. 층마다 원래의 비율을 지켜야 합니다.": _copy_with(_awake_at(0.5)),
            "원래 모델의 층을 바꾸었습니다. 새 모델을 만들어 돌려주세요.": _in_place,
        },
    ),
    "11_max_norm/step": Task(
        probes=step_probes,
        name="max_norm_step",
        reference=max_norm_step,
        hint="먼저 경사 하강법으로 갱신하고, 뉴런(열)마다 노름을 하나씩 구해 보세요. 넘은 것만 r/노름을 곱합니다.",
        mistakes={
            "축이 바뀌었습니다. 행은 입력이고 열이 뉴런입니다. 뉴런마다 노름이 하나씩 나와야 합니다.": _wrong_step(
                lambda w: np.sqrt(np.square(w).sum(axis=1, keepdims=True))
            ),
            "한계 안의 뉴런까지 길이를 r로 늘렸습니다. 넘은 것만 줄입니다.": _wrong_step(
                _column_norms, only_outside=False
            ),
            "행렬 전체의 노름을 썼습니다. 노름은 뉴런마다 잽니다.": _wrong_step(np.linalg.norm),
            "제한을 걸고 나서 갱신했습니다. 그러면 갱신이 끝난 뒤에 다시 한계를 넘을 수 있습니다.": _wrong_step(
                _column_norms, before=True
            ),
            "가중치를 하나씩 잘랐습니다. 그러면 방향이 바뀝니다. 벡터를 통째로 같은 비율로 줄이세요.": (
                lambda w, gradient, learning_rate, r: np.clip(w - learning_rate * gradient, -r, r)
            ),
            "절댓값의 합으로 길이를 쟀습니다. 노름은 제곱의 합의 제곱근입니다.": _wrong_step(
                lambda w: np.abs(w).sum(axis=0)
            ),
            "제한을 걸지 않고 갱신만 했습니다.": lambda w, gradient, learning_rate, r: w - learning_rate * gradient,
            "한계 r을 쓰지 않았습니다. 한계가 언제나 1입니다.": (
                lambda w, gradient, learning_rate, r: max_norm_step(w, gradient, learning_rate, 1.0)
            ),
            "노름의 제곱을 r과 견주었습니다. 견줄 것은 노름입니다.": _wrong_step(
                _column_norms, longer=lambda n, r: n**2 > r
            ),
            "노름이 0인 뉴런에서 0으로 나누었습니다. NaN은 한 번 생기면 네트워크 전체로 퍼집니다.": _divide_by_zero,
        },
    ),
    "11_max_norm/axis": Task(
        probes=axis_probes,
        name="max_norm_for",
        reference=_max_norm(lambda shape: list(range(len(shape) - 1))),
        hint="커널의 마지막 축이 뉴런이나 필터입니다. 하나에 들어오는 가중치 전부에 걸쳐 재려면 어느 축을 더할까요?",
        mistakes={
            "축을 적지 않았습니다. 기본값 0은 밀집층에만 맞습니다.": _max_norm(lambda shape: 0),
            "마지막 축을 더했습니다. 그 축이 뉴런이나 필터를 세는 축입니다.": _max_norm(lambda shape: -1),
            "모든 축을 더했습니다. 그러면 노름이 층 전체에 하나뿐입니다.": _max_norm(
                lambda shape: list(range(len(shape)))
            ),
            "입력 채널의 축을 빠뜨렸습니다. 필터 하나에는 모든 채널의 가중치가 들어 있습니다.": _max_norm(
                lambda shape: list(range(max(1, len(shape) - 2)))
            ),
            "축을 [0, 1, 2]로 굳혔습니다. 커널의 모양에 따라 정해 보세요.": _max_norm(lambda shape: [0, 1, 2]),
        },
    ),
    "12_guidelines/default": Task(
        probes=default_probes,
        name="build",
        reference=build,
        hint="«개념과 식»의 표를 한 열씩 옮겨 보세요. 은닉층 하나를 만드는 순서를 정하고 그것을 되풀이합니다. "
        "표에 없는 것은 더하지 않습니다.",
        mistakes={
            "기본 설정에서 He 초기화를 빠뜨렸습니다. 케라스의 기본값은 Glorot입니다.": _build_with(
                default={"kernel_initializer": "glorot_uniform"}
            ),
            "기본 설정에서 배치 정규화를 빠뜨렸습니다.": _build_with(default={"batch_normalization": False}),
            "배치 정규화가 활성화 함수의 뒤에 있습니다. 밀집층과 활성화 함수 사이에 두세요.": _normalized_too_late,
            "SELU에 보통의 Dropout을 썼습니다. 그것은 자기 정규화를 깹니다.": _build_with(
                self_normalizing={"dropout": keras.layers.Dropout}
            ),
            "SELU에 He 초기화를 썼습니다. 자기 정규화에는 짝이 되는 초기화가 있습니다.": _build_with(
                self_normalizing={"kernel_initializer": "he_normal"}
            ),
            "자기 정규화 설정에 배치 정규화를 넣었습니다. 층이 스스로 하는 일입니다.": _build_with(
                self_normalizing={"batch_normalization": True}
            ),
            "자기 정규화 설정에 알파 드롭아웃이 없습니다.": _build_with(self_normalizing={"dropout_rate": 0.0}),
            "알파 드롭아웃이 밀집층의 뒤에 있습니다. 첫 은닉층부터 출력층까지, 밀집층의 바로 앞에 두세요.": (
                _self_normalizing("dense", "dropout", last=False)
            ),
            "출력층 바로 앞에 알파 드롭아웃이 없습니다. 출력층도 밀집층입니다.": (
                _self_normalizing("dropout", "dense", last=False)
            ),
            "출력층에 소프트맥스가 없습니다. 확률이 나와야 합니다.": _without_softmax,
        },
    ),
    "final/recipe": recipe.TASK,
}
