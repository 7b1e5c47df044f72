"""모델을 만들고, 드롭아웃을 켠 채 예측한다."""

from numbers import Real

import keras
import numpy as np
from keras import ops

from homl11.arguments import require
from homl11.progress import Progress


def build_mlp(
    hidden_units=(300, 100),
    *,
    input_shape=(28, 28),
    classes=10,
    activation="relu",
    kernel_initializer="he_normal",
    kernel_regularizer=None,
    l1=0.0,
    l2=0.0,
    kernel_constraint=None,
    dropout_rate=0.0,
    dropout=keras.layers.Dropout,
    batch_normalization=False,
    seed=None,
):
    """완전 연결 분류기를 만든다: 펼치기 → 은닉층들 → 소프트맥스.

    인수:
        hidden_units: 은닉층마다의 뉴런 수.
        input_shape: 입력 하나의 모양.
        classes: 클래스 수. 출력층의 뉴런 수가 된다.
        activation, kernel_initializer: 은닉층의 활성화 함수와 초기화. 케라스의 이름을 그대로 쓴다.
        kernel_regularizer, kernel_constraint: 출력층까지 모든 밀집층의 규제와 제한. 케라스의 이름이나 객체.
        l1, l2: 규제 강도. ``kernel_regularizer=keras.regularizers.L1L2(l1, l2)``를 줄여 쓴 것이다.
        dropout_rate: 드롭아웃 비율, [0, 1). 0보다 크면 모든 밀집층 앞에 드롭아웃 층을 둔다.
        dropout: 드롭아웃 층. SELU를 쓸 때는 ``keras.layers.AlphaDropout``.
        batch_normalization: 은닉층의 활성화 함수 앞에 배치 정규화를 둔다.
        seed: 정수이면 케라스의 전역 난수를 이 값으로 맞추고 만든다. 초기 가중치가 어디서나 같아진다.

    반환: 컴파일하지 않은 ``keras.Sequential``.

    예외: 뉴런 수나 클래스 수가 양의 정수가 아니거나, 강도가 음수이거나, 비율이 [0, 1) 밖이거나, 케라스가 모르는
    이름이면 ``ValueError``.
    """
    listed = isinstance(hidden_units, (tuple, list)) and all(map(_is_count, hidden_units))
    require(listed, "hidden_units", hidden_units, "1 이상의 정수를 담은 튜플이나 리스트여야 합니다")
    require(_is_count(classes), "classes", classes, "1 이상의 정수여야 합니다")
    for name, strength in (("l1", l1), ("l2", l2)):
        require(isinstance(strength, Real) and 0 <= strength < np.inf, name, strength, "0 이상의 수여야 합니다")
    _require_rate("dropout_rate", dropout_rate)
    for name, value, get in (
        ("activation", activation, keras.activations.get),
        ("kernel_initializer", kernel_initializer, keras.initializers.get),
        ("kernel_regularizer", kernel_regularizer, keras.regularizers.get),
        ("kernel_constraint", kernel_constraint, keras.constraints.get),
    ):
        _require_known(name, value, get)
    if l1 or l2:
        require(kernel_regularizer is None, "kernel_regularizer", kernel_regularizer, "l1, l2와 함께 쓸 수 없습니다")
        kernel_regularizer = keras.regularizers.L1L2(l1, l2)
    if seed is not None:
        keras.utils.set_random_seed(seed)

    common = {"kernel_regularizer": kernel_regularizer, "kernel_constraint": kernel_constraint}
    hidden = {"kernel_initializer": kernel_initializer, **common}
    if batch_normalization:  # 활성화 함수는 배치 정규화 뒤에 오고, 편향의 일은 배치 정규화가 한다
        hidden |= {"use_bias": False}
    else:
        hidden |= {"activation": activation}
    # 드롭아웃 층도 난수를 쓴다. 밀집층을 먼저 다 만들어야 드롭아웃이 있든 없든 같은 씨앗의 초기 가중치가 같다.
    dense = [keras.layers.Dense(units, **hidden) for units in hidden_units]
    dense.append(keras.layers.Dense(classes, activation="softmax", **common))

    layers = [keras.Input(input_shape), keras.layers.Flatten()]
    for layer in dense:
        if dropout_rate:
            layers.append(dropout(dropout_rate))
        layers.append(layer)
        if batch_normalization and layer is not dense[-1]:
            layers += [keras.layers.BatchNormalization(), keras.layers.Activation(activation)]
    return keras.Sequential(layers)


def _is_count(value):
    return isinstance(value, int) and value > 0


def _require_known(name, value, get):
    try:
        get(value)
    except (ValueError, TypeError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(f"{name}={value!r}: 케라스가 아는 이름이나 객체여야 합니다({reason}).") from None


def _require_rate(name, rate):
    require(isinstance(rate, Real) and 0 <= rate < 1, name, rate, "0 이상 1 미만이어야 합니다")


class _AlwaysOn:
    """추론할 때도 훈련할 때처럼 뉴런을 끈다."""

    def __init__(self, rate, **kwargs):
        _require_rate("rate", rate)
        super().__init__(rate, **kwargs)

    def call(self, inputs, training=None):
        return super().call(inputs, training=True)


@keras.saving.register_keras_serializable(package="homl11")
class MCDropout(_AlwaysOn, keras.layers.Dropout):
    """추론할 때도 꺼지지 않는 드롭아웃. 인수는 ``keras.layers.Dropout``과 같다.

    훈련할 때와 추론할 때 모두 ``y = x · m / (1 - p)``, m은 확률 1 - p로 1인 마스크이다.
    ``model(x, training=True)``와 달리 배치 정규화 같은 다른 층은 추론 상태로 둔다.

    예외: 비율이 [0, 1) 밖이면 ``ValueError``. 출처: Gal & Ghahramani (2016).
    """


@keras.saving.register_keras_serializable(package="homl11")
class MCAlphaDropout(_AlwaysOn, keras.layers.AlphaDropout):
    """추론할 때도 꺼지지 않는 알파 드롭아웃. 인수는 ``keras.layers.AlphaDropout``과 같다."""


_ALWAYS_ON = {keras.layers.Dropout: MCDropout, keras.layers.AlphaDropout: MCAlphaDropout}


def to_mc(model):
    """훈련한 모델을 드롭아웃이 꺼지지 않는 모델로 옮긴다.

    가중치를 베낀 새 모델이다. 원래 모델은 그대로이고, 배치 정규화의 이동 통계도 움직이지 않는다.
    모델 안에 든 모델까지 바꾼다. ``Dropout``과 ``AlphaDropout`` 층만 바꾼다. 순환층의 ``dropout=`` 인수는 꺼진 채이다.

    인수: ``model`` 순차형 또는 함수형 모델. 반환: 같은 종류의 새 모델.

    예외: 드롭아웃 층이 없거나, 바꿀 수 없는 모델이면 ``ValueError``.
    """
    return _awake_copy(model)[0]


def _awake_copy(model, share_masks=False):
    """드롭아웃이 꺼지지 않는 사본과 그 드롭아웃 층들. ``share_masks``이면 배치의 모든 샘플이 마스크 하나를 쓴다."""
    awake = []

    def clone(layer):
        config = layer.get_config()
        kind = _ALWAYS_ON.get(type(layer), type(layer))
        if not issubclass(kind, _AlwaysOn):
            if isinstance(layer, (keras.layers.Dropout, keras.layers.GaussianDropout)):
                raise ValueError(f"{type(layer).__name__} 층은 바꿀 줄 모릅니다. Dropout이나 AlphaDropout을 쓰세요.")
            return kind.from_config(config)
        if share_masks:
            shape = layer.noise_shape or (None,) * len(layer.output.shape)
            config["noise_shape"] = (1, *shape[1:])
        copy = kind.from_config(config)
        if copy.rate > 0:
            awake.append(copy)
        return copy

    if not model.built:
        raise ValueError("아직 입력의 모양을 모르는 모델입니다. keras.Input을 첫 층으로 두거나 먼저 훈련하세요.")
    if not isinstance(model, keras.Sequential) and not hasattr(model, "operations"):  # 함수형 모델만 연산의 목록이 있다
        raise ValueError(f"{type(model).__name__}: 순차형이나 함수형 모델이어야 합니다.")
    copy = keras.models.clone_model(model, clone_function=clone, recursive=True)
    if not awake:
        raise ValueError("드롭아웃 층이 없는 모델입니다. 켜 둘 것이 없으니, 드롭아웃을 넣고 훈련한 모델을 주세요.")
    copy.set_weights(model.get_weights())
    return copy, awake


def mc_predict(model, x, samples=100, batch_size=1000, seed=None):
    """몬테 카를로 드롭아웃: 드롭아웃을 켠 채 여러 번 예측해 평균과 표준 편차를 구한다.

    ``mean = Σ p_k / n``, ``std = √(Σ (p_k - mean)² / n)``, p_k는 k번째 표본의 예측이다.

    표본 하나는 네트워크 하나이다. 뉴런을 무작위로 끈 네트워크를 하나 뽑아 모든 입력을 예측하고, 이것을 ``samples``번
    되풀이한다. 입력마다 마스크를 따로 뽑는 것과 입력 하나의 분포는 같고, 뽑을 난수는 훨씬 적다.
    표본은 컴파일된 호출 하나 안에서 차례로 더해지므로, 메모리는 ``samples``가 아니라 ``batch_size``에 비례한다.

    인수:
        model: 드롭아웃 층이 있는 모델. ``to_mc``로 바꾼 것이든 아니든 좋다. 건드리지 않는다.
        x: 입력 배열, 모양 (입력 수, …).
        samples: 표본 수 n.
        batch_size: 한 번에 예측하는 입력 수. 결과를 바꾸지 않는다.
        seed: 정수이면 같은 표본을 다시 뽑는다.

    반환: (평균, 표준 편차). 둘 다 ``model.predict(x)``와 모양이 같은 float32 배열.

    예외: ``samples``나 ``batch_size``가 1 이상의 정수가 아니거나 드롭아웃 층이 없으면 ``ValueError``.
    출처: Gal & Ghahramani (2016).
    """
    for name, value in (("samples", samples), ("batch_size", batch_size)):
        require(_is_count(value), name, value, "1 이상의 정수여야 합니다")
    sampler = _Sampler(*_awake_copy(model, share_masks=True), samples, seed)
    with Progress(-(-len(x) // batch_size), "몬테 카를로 예측", "배치") as bar:
        progress = keras.callbacks.LambdaCallback(on_predict_batch_end=lambda batch, logs: bar.update())
        return sampler.predict(x, batch_size=batch_size, verbose=0, callbacks=[progress])


class _Sampler(keras.Model):
    """배치 하나를 표본 수만큼 예측해 평균과 표준 편차를 준다. 반복문까지 컴파일된다."""

    def __init__(self, network, dropouts, samples, seed):
        super().__init__(name="mc_predict")
        self.network, self.samples = network, samples
        self.states = [dropout.seed_generator.state for dropout in dropouts]
        self.roots = np.random.default_rng(seed).integers(2**31, size=len(dropouts))

    def call(self, x):
        zeros = ops.zeros_like(self.network(x))

        def add_sample(k, so_far):  # Welford의 방법: 작은 분산도 정확하다
            mean, squares = so_far
            self._draw_network(k)
            prediction = self.network(x)
            deviation = prediction - mean
            mean = mean + deviation / ops.cast(k + 1, deviation.dtype)
            return mean, squares + deviation * (prediction - mean)

        mean, squares = ops.fori_loop(0, self.samples, add_sample, (zeros, zeros))
        self._draw_network(0)
        return mean, ops.sqrt(squares / self.samples)

    def _draw_network(self, k):
        """k번째 네트워크. 난수의 상태를 k로만 정하므로 어느 배치에서나 같은 뉴런이 꺼진다."""
        for root, state in zip(self.roots, self.states):
            state.assign(ops.cast(ops.stack([int(root), k * _CALLS_PER_SAMPLE]), state.dtype))


# 한 층을 한 표본 안에서 여러 번 쓸 때, 난수가 다음 표본의 것과 겹치지 않을 만큼 띄운다.
_CALLS_PER_SAMPLE = 1024
