"""모델을 만들고, 드롭아웃을 켠 채 예측한다."""

import tempfile
from contextlib import ExitStack
from numbers import Real

import keras
import numpy as np
from keras import ops

from homl11._batches import first_rows, require_end, require_taken
from homl11._masks import ROWS, awake, draws_masks, layers_of, seeds_of, survey, untouched
from homl11.arguments import is_count, require
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
        kernel_regularizer, kernel_constraint: 출력층을 포함한 모든 밀집층의 규제와 제한. 케라스의 이름이나 객체.
        l1, l2: 규제 강도. ``kernel_regularizer=keras.regularizers.L1L2(l1, l2)``를 줄여 쓴 것이다.
        dropout_rate: 드롭아웃 비율, [0, 1). 0보다 크면 모든 밀집층 앞에 드롭아웃 층을 둔다.
        dropout: 드롭아웃 층. SELU를 쓸 때는 ``keras.layers.AlphaDropout``.
        batch_normalization: 은닉층의 활성화 함수 앞에 배치 정규화를 둔다.
        seed: 정수이면 케라스의 전역 난수를 이 값으로 맞추고 만든다. 초기 가중치가 어디서나 같아진다.

    반환: 컴파일하지 않은 ``keras.Sequential``.

    예외: 뉴런 수나 클래스 수가 양의 정수가 아니거나, 강도가 음수이거나, 비율이 [0, 1) 밖이거나, 케라스가 모르는
    이름이면 ``ValueError``.

    예:
        >>> from homl11.models import build_mlp
        >>> model = build_mlp((30, 10), dropout_rate=0.2, seed=0)
        >>> [type(layer).__name__ for layer in model.layers[:3]], model.count_params()
        (['Flatten', 'Dropout', 'Dense'], 23970)
    """
    listed = isinstance(hidden_units, (tuple, list)) and all(map(is_count, hidden_units))
    require(listed, "hidden_units", hidden_units, "1 이상의 정수를 담은 튜플이나 리스트여야 합니다")
    require(is_count(classes), "classes", classes, "1 이상의 정수여야 합니다")
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
    hidden_units, classes = map(int, hidden_units), int(classes)  # 케라스는 넘파이의 정수를 받지 않는다

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
    """추론할 때도 꺼지지 않는 드롭아웃.

    훈련할 때와 추론할 때 모두 ``y = x · m / (1 - p)``, m은 확률 1 - p로 1인 마스크이다.
    ``model(x, training=True)``와 달리 배치 정규화 같은 다른 층은 추론 상태로 둔다.

    인수: ``rate`` 끄는 비율 p, [0, 1). 그 밖의 인수는 ``keras.layers.Dropout``과 같다.

    예외: 비율이 [0, 1) 밖이면 ``ValueError``. 출처: Gal & Ghahramani (2016).

    예:
        >>> import numpy as np
        >>> from homl11.models import MCDropout
        >>> output = np.asarray(MCDropout(0.5)(np.ones((1, 1_000))))
        >>> np.unique(output).tolist()  # 끈 것은 0, 남긴 것은 1/(1 - 0.5)
        [0.0, 2.0]
    """


@keras.saving.register_keras_serializable(package="homl11")
class MCAlphaDropout(_AlwaysOn, keras.layers.AlphaDropout):
    """추론할 때도 꺼지지 않는 알파 드롭아웃. SELU와 함께 쓴다.

    인수: ``rate`` 끄는 비율 p, [0, 1). 그 밖의 인수는 ``keras.layers.AlphaDropout``과 같다.

    예외: 비율이 [0, 1) 밖이면 ``ValueError``. 출처: Klambauer 외 (2017).

    예:
        >>> import numpy as np
        >>> from homl11.models import MCAlphaDropout
        >>> output = np.asarray(MCAlphaDropout(0.1)(np.zeros((1, 1_000))))
        >>> len(np.unique(output)), bool(output.min() < 0)  # 끈 것은 0이 아니라 음수이다
        (2, True)
    """


@keras.saving.register_keras_serializable(package="homl11")
class MCGaussianDropout(_AlwaysOn, keras.layers.GaussianDropout):
    """추론할 때도 꺼지지 않는 가우스 드롭아웃. ``y = x · m``, m은 평균 1, 분산 ``p / (1 - p)``인 정규 분포를 따른다.

    인수: ``rate`` 비율 p, [0, 1). 그 밖의 인수는 ``keras.layers.GaussianDropout``과 같다.

    예외: 비율이 [0, 1) 밖이면 ``ValueError``. 출처: Srivastava 외 (2014).

    예:
        >>> import numpy as np
        >>> from homl11.models import MCGaussianDropout
        >>> output = np.asarray(MCGaussianDropout(0.5, seed=0)(np.ones((1, 10_000))))
        >>> round(float(output.std()), 1)  # √(0.5 / 0.5)
        1.0
    """


@keras.saving.register_keras_serializable(package="homl11")
class MCSpatialDropout1D(_AlwaysOn, keras.layers.SpatialDropout1D):
    """추론할 때도 꺼지지 않는, 채널을 통째로 끄는 드롭아웃. 입력의 모양은 (n, 스텝, 채널)이다.

    인수: ``rate`` 끄는 비율 p, [0, 1). 그 밖의 인수는 ``keras.layers.SpatialDropout1D``와 같다.

    예외: 비율이 [0, 1) 밖이면 ``ValueError``. 출처: Tompson 외 (2015).

    예:
        >>> import numpy as np
        >>> from homl11.models import MCSpatialDropout1D
        >>> output = np.asarray(MCSpatialDropout1D(0.5)(np.ones((1, 7, 4))))
        >>> bool((output == output[:, :1]).all())  # 채널 하나는 어디서나 같은 값이다
        True
    """


@keras.saving.register_keras_serializable(package="homl11")
class MCSpatialDropout2D(_AlwaysOn, keras.layers.SpatialDropout2D):
    """추론할 때도 꺼지지 않는, 채널을 통째로 끄는 드롭아웃. 입력의 모양은 (n, 높이, 너비, 채널)이다.

    인수: ``rate`` 끄는 비율 p, [0, 1). 그 밖의 인수는 ``keras.layers.SpatialDropout2D``와 같다.

    예외: 비율이 [0, 1) 밖이면 ``ValueError``. 출처: Tompson 외 (2015).

    예:
        >>> import numpy as np
        >>> from homl11.models import MCSpatialDropout2D
        >>> output = np.asarray(MCSpatialDropout2D(0.5)(np.ones((1, 3, 3, 4))))
        >>> bool((output == output[:, :1, :1]).all())  # 채널 하나는 어디서나 같은 값이다
        True
    """


@keras.saving.register_keras_serializable(package="homl11")
class MCSpatialDropout3D(_AlwaysOn, keras.layers.SpatialDropout3D):
    """추론할 때도 꺼지지 않는, 채널을 통째로 끄는 드롭아웃. 입력의 모양은 (n, 깊이, 높이, 너비, 채널)이다.

    인수: ``rate`` 끄는 비율 p, [0, 1). 그 밖의 인수는 ``keras.layers.SpatialDropout3D``와 같다.

    예외: 비율이 [0, 1) 밖이면 ``ValueError``. 출처: Tompson 외 (2015).

    예:
        >>> import numpy as np
        >>> from homl11.models import MCSpatialDropout3D
        >>> output = np.asarray(MCSpatialDropout3D(0.5)(np.ones((1, 2, 2, 2, 4))))
        >>> bool((output == output[:, :1, :1, :1]).all())  # 채널 하나는 어디서나 같은 값이다
        True
    """


@keras.saving.register_keras_serializable(package="homl11")
class MCWrapper(keras.layers.Wrapper):
    """층 하나를 감싸, 그 안의 드롭아웃을 추론할 때도 켜 둔다.

    ``MultiHeadAttention``이나 ``LSTM``의 ``dropout=``, 직접 만든 층 속의 ``Dropout``처럼 밖에서 바꾸어 끼울 수 없는
    것에 쓴다. 감싼 층 안에서도 배치 정규화 같은 다른 층은 그대로이다.

    인수: ``layer`` 감쌀 층. 호출하는 법은 그 층과 같다.

    예:
        >>> import keras, numpy as np
        >>> from homl11.models import MCWrapper
        >>> x = np.ones((2, 5, 3), "float32")
        >>> lstm = keras.layers.LSTM(4, dropout=0.5)
        >>> wrapped = MCWrapper(lstm)
        >>> bool(np.array_equal(lstm(x), lstm(x))), bool(np.array_equal(wrapped(x), wrapped(x)))
        (True, False)
    """

    def __init__(self, layer, **kwargs):
        super().__init__(layer, **kwargs)

    def build(self, *shapes, **named_shapes):
        self.built = True  # 감싼 층은 불릴 때 스스로 만든다. 입력이 여럿일 수 있다

    def call(self, *args, **kwargs):
        with awake(self.layer):
            return self.layer(*args, **kwargs)


_ALWAYS_ON = {
    keras.layers.Dropout: MCDropout,
    keras.layers.AlphaDropout: MCAlphaDropout,
    keras.layers.GaussianDropout: MCGaussianDropout,
    keras.layers.SpatialDropout1D: MCSpatialDropout1D,
    keras.layers.SpatialDropout2D: MCSpatialDropout2D,
    keras.layers.SpatialDropout3D: MCSpatialDropout3D,
}


def to_mc(model):
    """훈련한 모델을 드롭아웃이 꺼지지 않는 모델로 옮긴다.

    층마다 가중치와 통계, 어휘까지 베낀 새 모델이다. 원래 모델은 그대로이고, 배치 정규화의 이동 통계도 움직이지 않는다.
    케라스의 드롭아웃 층은 ``MCDropout`` 같은 층으로 바꾼다. 층 안에 숨은 드롭아웃은 그 층을 ``MCWrapper``로 감싸
    깨운다. 저장했다 불러와도 깨어 있다.

    인수: ``model`` 순차형 또는 함수형 모델. 반환: 같은 종류의 새 모델.

    예외: 드롭아웃이 없거나, 복제할 수 없는 층이 있거나, 깨울 수 없는 난수를 쓰는 층이 있으면 ``ValueError``.

    예:
        >>> from homl11.models import build_mlp, to_mc
        >>> model = build_mlp((30,), dropout_rate=0.2, seed=0)
        >>> [type(layer).__name__ for layer in to_mc(model).layers]
        ['Flatten', 'MCDropout', 'Dense', 'MCDropout', 'Dense']
    """
    _require_ready(model)
    if not isinstance(model, keras.Sequential) and not hasattr(model, "operations"):  # 함수형 모델만 연산의 목록이 있다
        raise ValueError(
            f"{type(model).__name__}: 순차형이나 함수형 모델이어야 합니다. mc_predict는 이 모델도 그대로 받습니다."
        )
    pairs = []

    def clone(layer):
        if not isinstance(layer, keras.Layer):  # x + y, x[:, -1]처럼 층이 아닌 연산에는 상태가 없다
            return type(layer).from_config(layer.get_config())
        copy = _copied(layer)
        pairs.append((layer, copy))
        hides = type(copy) not in _ALWAYS_ON.values() and not isinstance(copy, MCWrapper)
        # 아직 만들어지지 않은 사본은 속에 무엇이 들지 모른다. 원래의 층을 본다.
        if hides and any(map(draws_masks, layer._flatten_layers())):
            return MCWrapper(copy, name=copy.name)
        return copy

    copy = keras.models.clone_model(model, clone_function=clone, recursive=True)
    for pair in pairs:
        for source, target in zip(*(layer._flatten_layers() for layer in pair), strict=True):
            _copy_state(source, target)
    inputs = _made_up_inputs(copy)
    if inputs is not None:
        _require_known_noise(copy, inputs)
    return copy


def _require_ready(model):
    if not model.built:
        raise ValueError("아직 입력의 모양을 모르는 모델입니다. keras.Input을 첫 층으로 두거나 먼저 훈련하세요.")
    if not any(map(draws_masks, layers_of(model))):
        raise ValueError("드롭아웃 층이 없는 모델입니다. 켜 둘 것이 없으니, 드롭아웃을 넣고 훈련한 모델을 주세요.")


def _require_known_noise(model, x):
    """깨우지 못할 난수가 숨어 있으면 그 층의 이름을 부른다. 반환: (마스크 하나를 나누어 써도 되는 층들, 불린 층들)."""
    culprit, shareable, reached = survey(model, x)
    if culprit is not None:
        raise ValueError(
            f"{culprit.name} 층({type(culprit).__name__})이 훈련할 때 씨앗을 알 수 없는 난수를 써서 켜 둘 수 없습니다. "
            "그 층 안에서 keras.layers.Dropout을 쓰거나, keras.random.SeedGenerator를 속성으로 두고 난수에 건네세요."
        )
    return shareable, reached


def _copied(layer):
    """설정이 같은 새 층. 케라스의 드롭아웃이면 꺼지지 않는 것."""
    kind, config = _ALWAYS_ON.get(type(layer), type(layer)), layer.get_config()
    try:
        if isinstance(layer, keras.layers.Lambda):  # 케라스는 남이 저장한 람다를 열지 않는다. 여기서는 부른 이의 것이다
            given = {"function": layer.function, "mask": layer.mask, "output_shape": layer._output_shape}
            return kind(**given, arguments=layer.arguments, name=layer.name, dtype=layer.dtype_policy)
        return kind.from_config(config)
    except Exception as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ValueError(
            f"{layer.name} 층({type(layer).__name__})을 복제할 수 없습니다({reason}). 직접 만든 층은 get_config를 "
            "갖추고 keras.saving.register_keras_serializable로 등록하세요. mc_predict는 이 모델도 그대로 받습니다."
        ) from None


def _copy_state(source, target):
    """케라스가 저장하는 것을 모두 옮긴다. 가중치만 옮기면 ``Normalization``의 평균과 어휘가 따라오지 않는다."""
    if hasattr(source, "save_assets"):
        with tempfile.TemporaryDirectory() as folder:
            source.save_assets(folder)
            target.load_assets(folder)
    store = {}
    source.save_own_variables(store)
    if store:
        target.load_own_variables({name: np.asarray(getattr(v, "numpy", lambda v=v: v)()) for name, v in store.items()})


def _made_up_inputs(model):
    """모델을 살펴볼 때 쓸, 모양과 자료형만 맞는 입력. 맞지 않아 셈할 수 없으면 ``None``."""

    def made_up(tensor):
        shape = [tensor.shape[0] or ROWS, *(size or 8 for size in tensor.shape[1:])]
        if tensor.dtype == "string":
            return ops.convert_to_tensor(np.full(shape, "가", object), dtype="string")
        if "float" in tensor.dtype:
            return np.random.default_rng(0).normal(size=shape).astype(tensor.dtype)
        return np.ones(shape, tensor.dtype)

    try:
        inputs = keras.tree.map_structure(made_up, model.input)
        with untouched(model):
            model(inputs, training=True)
    except Exception:  # 크기를 모르는 축에 맞는 수를 알 수 없거나, 범위가 정해진 입력이다
        return None
    return inputs


def mc_predict(model, x, samples=100, batch_size=1000, seed=None):
    """몬테 카를로 드롭아웃: 드롭아웃을 켠 채 여러 번 예측해 평균과 표준 편차를 구한다.

    ``mean = Σ p_k / n``, ``std = √(Σ (p_k - mean)² / n)``, p_k는 k번째 표본의 예측이다.

    모델을 복제하지 않고, 마스크를 뽑는 층만 잠시 깨운다. 케라스의 드롭아웃 층뿐 아니라 그 하위 클래스, ``LSTM``이나
    ``MultiHeadAttention``의 ``dropout=``, 직접 만든 층에 든 것까지 깨운다. 배치 정규화와 이미지 증식, 잡음 층은 추론
    상태 그대로이다. 끝나면 난수의 상태까지 처음으로 되돌린다.

    표본 하나는 네트워크 하나이다. 뉴런을 무작위로 끈 네트워크를 하나 뽑아 모든 입력을 예측하고, 이것을 ``samples``번
    되풀이한다. 입력마다 마스크를 따로 뽑는 것과 입력 하나의 분포는 같고, 뽑을 난수는 훨씬 적다. 순환층처럼 마스크를
    나누어 쓸 수 없는 층은 입력마다 따로 뽑는다.
    표본은 컴파일된 호출 하나 안에서 차례로 더해지므로, 메모리는 ``samples``가 아니라 ``batch_size``에 비례한다.

    인수:
        model: 드롭아웃이 있는 모델. ``to_mc``로 바꾼 것이든 아니든, 클래스로 만든 것이든 좋다.
        x: ``model.predict``가 받는 입력. 배열, 배열의 목록이나 사전, ``tf.data.Dataset`` 등.
        samples: 표본 수 n.
        batch_size: 한 번에 예측하는 입력 수. 스스로 배치를 내주는 입력에는 쓰지 않는다.
        seed: 정수이면 같은 표본을 다시 뽑는다.

    반환: (평균, 표준 편차). 둘 다 ``model.predict(x)``와 모양이 같은 float32 배열. 출력이 여럿이면 출력마다 하나씩이다.

    예외: ``samples``나 ``batch_size``가 1 이상의 정수가 아니거나, 드롭아웃이 없거나, 깨울 수 없는 난수를 쓰는 층이
    있으면 ``ValueError``. 출처: Gal & Ghahramani (2016).

    예:
        >>> import numpy as np
        >>> from homl11.models import build_mlp, mc_predict
        >>> model = build_mlp((30,), dropout_rate=0.2, seed=0)
        >>> mean, std = mc_predict(model, np.ones((5, 28, 28)), samples=10, seed=0)
        >>> mean.shape, bool(std.max() > 0)
        ((5, 10), True)
    """
    for name, value in (("samples", samples), ("batch_size", batch_size)):
        require(is_count(value), name, value, "1 이상의 정수여야 합니다")
    _require_ready(model)
    require_end(x)
    head, x = first_rows(x, _static_batch(model) or ROWS)
    require_taken(model, head)
    shareable, known = _require_known_noise(model, head)
    with untouched(model), awake(model, shareable) as reached, ExitStack() as stack:
        sampler = _Sampler(model, int(samples), seed)
        result = sampler.predict(x, batch_size=int(batch_size), verbose=0, callbacks=[_Bar(stack)])
    asleep = [layer.name for layer in layers_of(model) if draws_masks(layer) and layer in known - reached]
    require(
        not asleep, "깨우지 못한 층", asleep, "전에 컴파일해 둔 call 속에 있습니다. call에 붙인 tf.function을 떼세요"
    )
    return result


def _static_batch(model):
    """모델이 한 가지 배치 크기만 받으면 그 크기."""
    shapes = [tensor.shape for tensor in keras.tree.flatten(getattr(model, "inputs", None) or [])]
    shapes += [getattr(layer, "noise_shape", None) or (None,) for layer in layers_of(model)]
    return next((shape[0] for shape in shapes if (shape[0] or 1) > 1), None)


class _Bar(keras.callbacks.Callback):
    """배치마다 한 칸씩 가는 진행 막대. 배치의 수는 케라스가 안다. ``stack``이 끝날 때 닫힌다."""

    def __init__(self, stack):
        super().__init__()
        self.stack = stack

    def on_predict_begin(self, logs=None):
        self.bar = self.stack.enter_context(Progress(self.params.get("steps"), "몬테 카를로 예측", "배치"))

    def on_predict_batch_end(self, batch, logs=None):
        self.bar.update()


class _Sampler(keras.Model):
    """배치 하나를 표본 수만큼 예측해 평균과 표준 편차를 준다. 반복문까지 컴파일된다."""

    def __init__(self, network, samples, seed):
        super().__init__(name="mc_predict", autocast=False)  # 입력은 predict처럼 네트워크가 바꾼다
        self.network, self.samples = network, samples
        self.run_eagerly = network.run_eagerly
        self.states = [generator.state for layer in layers_of(network) for generator in seeds_of(layer)]
        self.roots = np.random.default_rng(seed).integers(2**31, size=len(self.states))

    def call(self, x):
        def predict():
            return keras.tree.map_structure(lambda p: ops.cast(p, "float32"), self.network(x))

        structure = predict()
        zeros = [ops.zeros_like(p) for p in keras.tree.flatten(structure)]

        def add_sample(k, so_far):  # Welford의 방법: 작은 분산도 정확하다
            self._draw_network(k)
            updated = []
            for prediction, mean, squares in zip(keras.tree.flatten(predict()), *so_far):
                deviation = prediction - mean
                mean = mean + deviation / ops.cast(k + 1, deviation.dtype)
                updated.append((mean, squares + deviation * (prediction - mean)))
            return tuple(map(list, zip(*updated)))

        means, squares = ops.fori_loop(0, self.samples, add_sample, (zeros, zeros))
        self._draw_network(0)
        stds = [ops.sqrt(s / self.samples) for s in squares]
        return tuple(keras.tree.pack_sequence_as(structure, list(values)) for values in (means, stds))

    def _draw_network(self, k):
        """k번째 네트워크. 난수의 상태를 k로만 정하므로 어느 배치에서나 같은 뉴런이 꺼진다."""
        for root, state in zip(self.roots, self.states):
            state.assign(ops.cast(ops.stack([int(root), k * _CALLS_PER_SAMPLE]), state.dtype))


# 한 층을 한 표본 안에서 여러 번 쓸 때, 난수가 다음 표본의 것과 겹치지 않을 만큼 띄운다.
_CALLS_PER_SAMPLE = 1024
