"""1사이클의 가장 큰 주장을 CIFAR-10에서 다시 해 보는 연구: 잔차 네트워크와 설정들. 훈련은 ``homl11.study``가 한다.

``python -m homl11.study run --data cifar10``으로 훈련하고 ``python -m homl11.study gather --data cifar10``으로 모은다.
"""

import random
from dataclasses import dataclass, field, replace
from functools import partial

import keras
import numpy as np

from homl11.data import Split
from homl11.optimizers import ScheduledMomentumSGD
from homl11.schedules import OneCycleMomentum
from homl11.training import train

EPSILON = 1e-3  # 백색화에서 작은 고윳값이 잡음을 키우지 않게 더한다
LOGIT_SCALE = 1 / 8  # 최댓값으로 모은 특성은 커서, 줄이지 않으면 처음부터 확신하는 모델이 된다
SEEDS = {"final": range(3), "candidate": range(100, 101), "accelerator": range(5)}


@dataclass(frozen=True, kw_only=True)
class Residual:
    """잔차 네트워크로 하는 훈련 하나의 설정.

    속성:
        name: 파일 이름이 되는 이름.
        method: 견주는 방법의 이름.
        role: ``final``(겨루는 것), ``candidate``(학습률의 후보), ``accelerator``(논문의 에포크 수. 가속기에서만).
        epochs: 에포크 수.
        schedule: 스케줄의 종류와 그 인수. 구간별 고정의 경계는 훈련 전체에 대한 비율이다.
        momentum: 수, 또는 1사이클을 따르는 (최대, 최소).
        batch_size: 배치 크기(샘플).
        width: 채널 수의 단위. 훈련하는 합성곱의 채널은 이것의 2배, 4배, 8배이다.
        weight_decay: 가중치 감쇠. 스텝마다 커널에서 학습률 × 이 값 × 커널을 뺀다.
        label_smoothing: 레이블 평활화의 정도.
        shift: 훈련 이미지를 상하좌우로 이만큼까지 민다(픽셀).
        cutout: 훈련 이미지에서 가리는 정사각형의 한 변(픽셀). 0이면 가리지 않는다.
        dtype: 계산의 정밀도. 가중치는 언제나 float32이다.
        samples: 몬테 카를로 표본 수들. 드롭아웃이 없으므로 언제나 비어 있다.

    예:
        >>> from homl11.cifar10 import CONFIGURATIONS
        >>> chosen = CONFIGURATIONS["one-cycle"]
        >>> chosen.method, chosen.momentum, list(chosen.seeds)
        ('one-cycle', (0.95, 0.85), [0, 1, 2])
    """

    name: str
    method: str
    role: str
    epochs: int
    schedule: dict
    momentum: float | tuple
    batch_size: int = 128
    width: int = 32
    weight_decay: float = 0.002
    label_smoothing: float = 0.1
    shift: int = 2
    cutout: int = 0
    dtype: str = "mixed_bfloat16"
    samples: tuple = field(default=(), init=False, repr=False)

    @property
    def seeds(self):
        """역할에 따라 정해진 씨앗들. 고를 때 쓴 씨앗으로 겨루지 않는다."""
        return SEEDS[self.role]


def build(configuration, data, seed):
    """합성곱 여덟 개의 잔차 네트워크를 만든다.

    첫 합성곱은 ``whitening``이고 훈련하지 않는다. 나머지는 ``identity_kernel``에서 시작하고, 배치 정규화와 ReLU가
    따른다. 이미지를 절반으로 줄이는 합성곱이 셋 있고, 첫째와 셋째 뒤에는 합성곱 두 개를 건너뛰는 연결이 있다. 예측할
    때는 이미지와 그것을 좌우로 뒤집은 이미지의 로짓을 평균한다.

    인수: ``configuration`` 설정, ``data`` 백색화할 이미지와 클래스의 수를 알려 줄 ``Dataset``, ``seed`` 초기 가중치의
    씨앗.

    반환: 컴파일하지 않은 모델. 로짓을 낸다. 출처: He 외(2016), Page(2018), Jordan(2024).

    예:
        >>> import numpy as np
        >>> from homl11.cifar10 import CONFIGURATIONS, build
        >>> from homl11.data import Dataset, Split
        >>> images = Split(np.zeros((2, 32, 32, 3), "float32"), np.zeros(2, "int32"))
        >>> data = Dataset("빈 것", tuple("0123456789"), images, images, images)
        >>> build(CONFIGURATIONS["one-cycle"], data, seed=0).count_params()
        1643074
    """
    draw, layers, dtype = partial(random.Random(seed).randint, 1, 10**9), keras.layers, configuration.dtype

    def convolution(x, channels, halve=False):
        kernel = identity_kernel((3, 3, x.shape[-1], channels), draw())
        x = _Conv2D(channels, 3, padding="same", use_bias=False, kernel_initializer=_constant(kernel), dtype=dtype)(x)
        x = layers.MaxPooling2D(dtype=dtype)(x) if halve else x
        return layers.ReLU(dtype=dtype)(_BatchNormalization(dtype=dtype)(x))

    def residual(x, channels):
        return layers.Add(dtype=dtype)([x, convolution(convolution(x, channels), channels)])

    kernel, bias = whitening(data.train.x[:1000])
    first = {"kernel_initializer": _constant(kernel), "bias_initializer": _constant(bias), "trainable": False}
    image, width = keras.Input(data.train.x.shape[1:]), configuration.width
    x = layers.Conv2D(kernel.shape[-1], kernel.shape[:2], activation="relu", dtype=dtype, **first)(
        _WithMirrored()(image)
    )
    x = residual(convolution(x, 2 * width, halve=True), 2 * width)
    x = convolution(x, 4 * width, halve=True)
    x = residual(convolution(x, 8 * width, halve=True), 8 * width)
    x = layers.GlobalMaxPooling2D()(x)
    output = layers.Dense(len(data.class_names), kernel_initializer=keras.initializers.GlorotUniform(draw()))
    return keras.Model(image, _MeanOfMirrored()(layers.Rescaling(LOGIT_SCALE)(output(x))))


class _BatchNormalization(keras.layers.BatchNormalization):
    """케라스의 배치 정규화를 텐서플로의 합친 연산 하나로. 반올림 말고는 같고, CPU에서 네 배 빠르다."""

    def call(self, inputs, training=None, mask=None):
        if not (training and self.trainable) or keras.backend.backend() != "tensorflow":
            return super().call(inputs, training=training, mask=mask)
        import tensorflow as tf

        output, mean, variance = tf.compat.v1.nn.fused_batch_norm(
            inputs, self.gamma, self.beta, epsilon=self.epsilon, is_training=True
        )
        count = tf.size(inputs) / tf.shape(inputs)[-1]
        variance *= tf.cast(1 - 1 / count, variance.dtype)  # 합친 연산은 n - 1로 나눈 분산을 준다
        for moving, batch in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moving.assign(moving * self.momentum + batch * (1 - self.momentum))
        return output


class _Conv2D(keras.layers.Conv2D):
    """3×3 합성곱. 이미지가 4×4 이하이면 커널의 기울기도 합성곱으로 구한다.

    그런 이미지에서 텐서플로의 커널 기울기는 정방향 합성곱의 여덟 배나 걸린다. 샘플과 채널의 자리를 바꾸면 그것도
    합성곱이다: ``dK[i, j, c, k] = Σ x[n, y + i, x + j, c] · g[n, y, x, k]``.
    """

    def convolution_op(self, inputs, kernel):
        if keras.backend.backend() != "tensorflow" or max(inputs.shape[1:3]) > 4:
            return super().convolution_op(inputs, kernel)
        import tensorflow as tf

        @tf.custom_gradient
        def convolve(x, kernel):
            def gradient(g):
                dx = tf.nn.conv2d_transpose(g, kernel, tf.shape(x), 1, "SAME")
                around = [[0, 0], [1, 1], [1, 1], [0, 0]]
                dk = tf.nn.conv2d(tf.transpose(x, [3, 1, 2, 0]), tf.transpose(g, [1, 2, 0, 3]), 1, around)
                return dx, tf.transpose(dk, [1, 2, 0, 3])

            return tf.nn.conv2d(x, kernel, 1, "SAME"), gradient

        return convolve(inputs, tf.convert_to_tensor(kernel))


class _WithMirrored(keras.layers.Layer):
    """예측할 때는 이미지 뒤에 좌우로 뒤집은 것을 덧붙인다. 훈련할 때는 그대로 둔다."""

    def call(self, images, training=None):
        return images if training else keras.ops.concatenate([images, keras.ops.flip(images, axis=2)])


class _MeanOfMirrored(keras.layers.Layer):
    """예측할 때는 이미지와 뒤집은 이미지의 로짓을 평균한다."""

    def call(self, logits, training=None):
        return logits if training else keras.ops.mean(keras.ops.reshape(logits, (2, -1, logits.shape[-1])), axis=0)

    def compute_output_shape(self, shape):  # JAX는 배치의 크기를 모르면 반으로 나누지 못한다
        return shape


def whitening(images, size=2):
    """이미지 조각을 백색화하는 합성곱의 커널과 편향: 이웃한 픽셀이 닮은 만큼을 덜어 낸다.

    조각 p의 공분산 C의 고유 벡터 v와 고윳값 λ마다 출력이 둘이다: ``±v·(p - m) / √(λ + ε)``. m은 조각의 평균이다.

    인수: ``images`` 이미지, 모양 (n, 높이, 너비, 3), ``size`` 조각의 한 변(픽셀).

    반환: (커널 (size, size, 3, 6·size²), 편향 (6·size²,)). 출처: Page (2018), Jordan (2024).

    예:
        >>> import numpy as np
        >>> from homl11.cifar10 import whitening
        >>> kernel, bias = whitening(np.random.default_rng(0).random((20, 8, 8, 3)))
        >>> kernel.shape, bias.shape
        ((2, 2, 3, 24), (24,))
    """
    windows = np.lib.stride_tricks.sliding_window_view(images, (size, size), axis=(1, 2))
    patches = np.moveaxis(windows, 3, 5).reshape(-1, 3 * size**2).astype("float64")
    mean = patches.mean(axis=0)
    values, vectors = np.linalg.eigh(np.cov(patches, rowvar=False))
    filters = vectors / np.sqrt(values + EPSILON)
    filters = np.concatenate([filters, -filters], axis=1)
    return filters.reshape(size, size, 3, -1), -mean @ filters


def identity_kernel(shape, seed):
    """들어온 채널을 그대로 내보내는 합성곱의 커널. 남는 출력 채널은 He 정규 분포이다.

    인수: ``shape`` (높이, 너비, 들어오는 채널, 나가는 채널), ``seed`` 씨앗.

    반환: 배열. 출처: Jordan (2024).

    예:
        >>> from homl11.cifar10 import identity_kernel
        >>> kernel = identity_kernel((3, 3, 2, 4), seed=0)
        >>> kernel[1, 1, :, :2].tolist(), float(abs(kernel[0, 0, :, :2]).max())
        ([[1.0, 0.0], [0.0, 1.0]], 0.0)
    """
    kernel = keras.ops.convert_to_numpy(keras.initializers.HeNormal(seed)(shape)).copy()
    same = min(shape[2:])
    kernel[..., :same] = 0
    kernel[shape[0] // 2, shape[1] // 2, range(same), range(same)] = 1
    return kernel


def _constant(array):
    return lambda shape, dtype=None: keras.ops.cast(array.reshape(shape), dtype or "float32")


def optimizer(configuration, learning_rate, steps):
    """모멘텀이 도는 SGD. 배치 정규화의 변수와 편향에는 가중치 감쇠를 주지 않는다.

    인수: ``configuration`` 설정, ``learning_rate`` 수나 스케줄 객체, ``steps`` 훈련 전체의 스텝 수.

    반환: ``ScheduledMomentumSGD``.

    예:
        >>> from homl11.cifar10 import CONFIGURATIONS, optimizer
        >>> float(optimizer(CONFIGURATIONS["one-cycle"], 0.1, steps=100).momentum)
        0.949999988079071
    """
    momentum = configuration.momentum
    if isinstance(momentum, tuple):
        momentum = OneCycleMomentum(steps, *momentum)
    made = ScheduledMomentumSGD(learning_rate, momentum, weight_decay=configuration.weight_decay)
    made.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
    return made


class Augmented(keras.utils.PyDataset):
    """훈련 이미지를 에포크마다 새로 섞고, 밀고, 좌우로 뒤집고, 가려서 배치로 내준다. 레이블은 원-핫으로 바꾼다.

    씨앗과 에포크의 번호가 같으면 언제나 같은 배치들이다. 가리는 정사각형은 이미지 밖으로 나가기도 한다. 가린 곳은
    훈련 세트의 평균 색이다. 출처: DeVries와 Taylor(2017), Jordan(2024).

    인수: ``split`` 훈련 세트, ``classes`` 클래스의 수, ``batch_size`` 배치 크기(샘플), ``seed`` 씨앗, ``shift`` 미는
    폭(픽셀), ``cutout`` 가리는 정사각형의 한 변(픽셀).

    예:
        >>> import numpy as np
        >>> from homl11.cifar10 import Augmented
        >>> from homl11.data import Split
        >>> split = Split(np.ones((5, 32, 32, 3)), np.arange(5))
        >>> batches = Augmented(split, 10, batch_size=2, seed=0)
        >>> batches.start(epoch=0)
        >>> x, y = batches[0]
        >>> len(batches), x.shape, y.shape
        (3, (2, 32, 32, 3), (2, 10))
    """

    def __init__(self, split, classes, batch_size, seed, shift=2, cutout=0):
        super().__init__()
        self.split, self.one_hot, self.batch_size, self.seed = split, np.eye(classes, dtype="float32"), batch_size, seed
        self.shift, self.cutout, self.color = shift, cutout, split.x.mean(axis=(0, 1, 2), dtype="float64")
        self.start(0)

    def start(self, epoch):
        """에포크의 차례와 변형을 정한다. 인수: ``epoch`` 에포크의 번호."""
        size, draw = len(self.split.x), np.random.default_rng([self.seed, epoch])
        first = np.random.default_rng(self.seed).random(size) < 0.5
        self.rows, self.flips = draw.permutation(size), first ^ bool(epoch % 2)  # 두 에포크마다 한 번씩 뒤집힌다
        self.shifts = draw.integers(2 * self.shift + 1, size=(2, size))
        self.centers = draw.integers(self.split.x.shape[1], size=(2, size))

    def __len__(self):
        return -(-len(self.rows) // self.batch_size)

    def __getitem__(self, index):
        part = slice(index * self.batch_size, (index + 1) * self.batch_size)
        rows, shifts, side = self.rows[part], self.shifts[:, part], self.shift
        x, flips = self.split.x[rows], self.flips[rows]
        x[flips] = x[flips, :, ::-1]
        padded = np.pad(x, ((0, 0), (side, side), (side, side), (0, 0)), mode="reflect")
        windows = np.lib.stride_tricks.sliding_window_view(padded, x.shape[1:3], axis=(1, 2))
        x = windows[np.arange(len(rows)), *shifts].transpose(0, 2, 3, 1)
        # 중심에서 앞으로 cutout / 2픽셀, 뒤로 그보다 한 픽셀 적게
        offsets = np.arange(x.shape[1]) - self.centers[:, part, None] + self.cutout // 2
        down, right = (0 <= offsets) & (offsets < self.cutout)
        x[down[:, :, None] & right[:, None]] = self.color
        return x, self.one_hot[self.split.y[rows]]


def fit(configuration, data, seed, learning_rate, steps):
    """설정대로 훈련한다.

    인수: ``configuration`` 설정, ``data`` ``Dataset``, ``seed`` 씨앗, ``learning_rate`` 수나 스케줄 객체,
    ``steps`` 훈련 전체의 스텝 수.

    반환: (``training.Run``, 레이블을 원-핫으로 바꾼 테스트 세트).

    예:
        >>> from dataclasses import replace
        >>> import numpy as np
        >>> from homl11.cifar10 import CONFIGURATIONS, fit
        >>> from homl11.data import Dataset, Split
        >>> images = Split(np.random.rand(8, 32, 32, 3).astype("float32"), np.arange(8) % 2)
        >>> data = Dataset("잡음", ("가", "나"), images, images, images)
        >>> short = replace(CONFIGURATIONS["piecewise"], epochs=1, width=2)
        >>> run, test = fit(short, data, seed=0, learning_rate=0.1, steps=1)
        >>> len(run.history["val_accuracy"]), test.y.shape
        (1, (8, 2))
    """
    classes = len(data.class_names)
    batches = Augmented(data.train, classes, configuration.batch_size, seed, configuration.shift, configuration.cutout)
    valid, test = (Split(split.x, batches.one_hot[split.y]) for split in (data.valid, data.test))
    run = train(
        build(configuration, data, seed),
        batches,
        epochs=configuration.epochs,
        optimizer=optimizer(configuration, learning_rate, steps),
        callbacks=keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: batches.start(epoch)),
        validation_data=valid,
        loss=keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=configuration.label_smoothing),
    )
    return run, test


def _piecewise(rate):
    """절반과 4분의 3에서 10분의 1씩. 잔차 네트워크의 논문이 쓴 꼴이다."""
    return {"kind": "piecewise_fractions", "fractions": [0.5, 0.75], "values": [rate, rate / 10, rate / 100]}


def _one_cycle(rate):
    return {"kind": "one_cycle", "max_learning_rate": rate}


EPOCHS = 8
_CYCLE = {"method": "one-cycle", "momentum": (0.95, 0.85)}
_PIECES = {"method": "piecewise", "momentum": 0.9}
# 학습률은 씨앗 하나로, 짧은 쪽의 에포크 수로 훈련하여 검증 세트로 골랐다.
CANDIDATES = [
    *(
        Residual(name=f"one-cycle.{rate:g}", role="candidate", epochs=EPOCHS, schedule=_one_cycle(rate), **_CYCLE)
        for rate in (0.1, 0.3, 0.9)
    ),
    *(
        Residual(name=f"piecewise.{rate:g}", role="candidate", epochs=EPOCHS, schedule=_piecewise(rate), **_PIECES)
        for rate in (0.15, 0.45, 1.35)
    ),
]
CHOSEN = {"one-cycle": "one-cycle.0.3", "piecewise": "piecewise.0.45"}
_BEST = {c.method: c for c in CANDIDATES if CHOSEN[c.method] == c.name}
# 91.9%를 노리는 훈련들의 네트워크는 더 넓다. 오래 훈련하면 훈련 세트를 외우므로 이미지도 더 세게 바꾼다.
_STRONG = {"width": 48, "shift": 4, "cutout": 8}
FINAL = [
    replace(_BEST["one-cycle"], name="one-cycle", role="final", epochs=EPOCHS),
    replace(_BEST["piecewise"], name="piecewise", role="final", epochs=EPOCHS),
    replace(_BEST["piecewise"], name="piecewise-long", method="piecewise-long", role="final", epochs=4 * EPOCHS),
    replace(
        _BEST["one-cycle"], name="one-cycle-wide", method="one-cycle-wide", role="final", epochs=4 * EPOCHS, **_STRONG
    ),
]
# 논문의 에포크 수. 코어 둘로는 이틀이 넘게 걸린다.
ACCELERATOR = [
    replace(_BEST[kind], name=name, method=name, role="accelerator", epochs=epochs, **_STRONG)
    for kind, name, epochs in (("one-cycle", "one-cycle-100", 100), ("piecewise", "piecewise-800", 800))
]
CONFIGURATIONS = {c.name: c for c in [*CANDIDATES, *FINAL, *ACCELERATOR]}
METHODS = {
    "one-cycle": {"title": "1사이클"},
    "piecewise": {"title": "구간별 고정"},
    "piecewise-long": {"title": "구간별 고정(4배 길게)"},
    "one-cycle-wide": {"title": "1사이클(4배 길게, 넓은 네트워크)"},
    "one-cycle-100": {"title": "1사이클(100에포크, 넓은 네트워크)"},
    "piecewise-800": {"title": "구간별 고정(800에포크, 넓은 네트워크)"},
}
