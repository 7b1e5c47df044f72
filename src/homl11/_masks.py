"""무작위 마스크를 뽑는 층을, 무엇이든 어디에 숨어 있든 찾아 깨운다. 모델은 빌려 쓰고 그대로 돌려준다."""

import inspect
from collections import Counter
from contextlib import ExitStack, contextmanager
from functools import wraps

import keras
import numpy as np

ROWS = 12  # 모델을 살펴볼 때 흘려 보내는 입력 수. 둘이나 셋씩 짝짓는 모델도 이만큼과 그 절반은 받는다

_MULTIPLIERS = (
    keras.layers.Dropout,
    keras.layers.SpatialDropout1D,
    keras.layers.SpatialDropout2D,
    keras.layers.SpatialDropout3D,
    keras.layers.GaussianDropout,
)
_DROPOUTS = (*_MULTIPLIERS, keras.layers.AlphaDropout)


@contextmanager
def untouched(*owners):
    """모델이나 옵티마이저를 빌려 쓴다. 끝나면 모든 변수(가중치, 통계, 지표, 난수의 상태)를 처음 값으로 되돌린다."""
    variables = {id(v): v for owner in owners for name in _HOLDERS for v in getattr(owner, name, ())}
    # JAX는 훈련할 때 배열의 메모리를 다시 쓴다. 보기가 아니라 사본이어야 한다.
    values = {key: np.array(variable.numpy()) for key, variable in variables.items()}
    try:
        yield
    finally:
        for key, variable in variables.items():
            variable.assign(values[key])


_HOLDERS = ("variables", "metrics_variables")


def layers_of(model):
    """모델 자신을 뺀 모든 층. 층 속의 층, 감싼 층, 모델 속의 모델까지 펼친다."""
    return list(model._flatten_layers(include_self=False))


def draws_masks(layer):
    """훈련할 때만 무작위 마스크를 뽑는 층인가. 노이즈를 더하거나 이미지를 바꾸는 케라스의 층은 아니다."""
    if isinstance(layer, _DROPOUTS):
        return layer.rate > 0
    if isinstance(layer, keras.layers.RNN):  # 빠른 구현은 셀을 거치지 않고 마스크를 뽑는다
        return any(map(_has_rate, getattr(layer.cell, "cells", [layer.cell])))
    if type(layer).__module__.startswith("keras."):  # 순환층의 셀, Attention
        return bool(seeds_of(layer)) and _has_rate(layer)
    if _is_noise(layer):
        return False
    return bool(seeds_of(layer)) and _knows_training(layer)


def _is_noise(layer):
    """잡음이나 이미지 증식을 물려받은 층인가. 물려받은 층도 그것처럼 추론할 때 잠든다."""
    inherited = any(kind.__module__.startswith("keras.src.layers.preprocessing") for kind in type(layer).__mro__)
    return inherited or isinstance(layer, keras.layers.GaussianNoise)


def seeds_of(layer):
    """층이 스스로 가진 난수 발생기들. 그 안의 층이 가진 것은 들지 않는다."""
    return layer._seed_generators


def _has_rate(layer):
    rates = (getattr(layer, name, 0) for name in ("dropout", "recurrent_dropout"))
    return any(isinstance(rate, (int, float)) and rate > 0 for rate in rates)


def _knows_training(layer):
    return "training" in inspect.signature(type(layer).call).parameters


@contextmanager
def awake(model, shared=()):
    """그동안 마스크를 뽑는 층은 추론할 때도 마스크를 뽑는다. 다른 층은 추론 상태 그대로이다.

    인수: ``shared`` 배치 전체에 마스크 하나를 쓸 층들. 내주는 것: 깨운 뒤에 정말로 불린 층들이 모이는 집합.
    """
    reached = set()

    def wake(layer, call):
        forced = (_shared_mask if layer in shared else _in_training)(layer, call)

        @wraps(call)
        def awake_call(*args, **kwargs):
            reached.add(layer)
            return forced(*args, **kwargs)

        return awake_call

    with ExitStack() as stack:
        for layer in model._flatten_layers():
            if draws_masks(layer):
                stack.enter_context(_replaced_call(layer, wake))
        yield reached


def survey(model, x):
    """입력 몇 줄로 모델을 살펴본다.

    반환: (씨앗을 알 수 없는 난수를 쓰는 층 또는 ``None``, 배치 전체가 마스크 하나를 써도 되는 층들, 불린 층들).

    변수를 모두 되돌리고 훈련 상태로 두 번 부른다. 아는 난수는 씨앗까지 되돌아가므로 같은 값이 나온다. 그래도 처음으로
    다른 값을 낸 층은, 깨울 수도 되풀이할 수도 없는 난수를 안에서 쓴다. 그다음에는 절반만 보낸다. 맨 앞의 축이 따라
    줄지 않는 층에서는 그 축이 배치가 아니다. 마스크를 나누어 쓰면 다른 확률이 된다.
    """
    folded, trace, times, sent = set(), {}, Counter(), None

    def note(layer, call):
        @wraps(call)
        def noted(*args, **kwargs):
            result = call(*args, **kwargs)
            times[layer] += 1
            trace[layer, times[layer]] = [_value(leaf) for leaf in keras.tree.flatten(result)]
            if not args or _leading(args[0]) != sent:
                folded.add(layer)
            return result

        return noted

    def send(part):
        nonlocal trace, times, sent
        trace, times, sent = {}, Counter(), _leading(part)
        with untouched(model), ExitStack() as stack:
            for layer in layers_of(model):
                stack.enter_context(_replaced_call(layer, note))
            model(part, training=True)
        return trace

    first, second = send(x), send(x)
    differing = (call[0] for call in first if call in second and not all(map(_equal, first[call], second[call])))
    seen = {layer for layer, _ in first}
    try:
        send(keras.tree.map_structure(lambda leaf: leaf[: sent // 2], x))
    except Exception:  # 배치의 크기가 정해진 모델이다. 나누어 써도 되는지 알 수 없으니 나누지 않는다
        folded |= seen
    return next(differing, None), {layer for layer in seen - folded if _is_plain_dropout(layer)}, seen


def _is_plain_dropout(layer):
    """케라스의 드롭아웃 그대로여서, 마스크 하나를 배치 전체에 써도 뜻이 같은가."""
    plain = type(layer) in _DROPOUTS or type(layer).__module__.startswith("homl11.") and isinstance(layer, _DROPOUTS)
    return plain and (getattr(layer, "noise_shape", None) or (None,))[0] in (None, 1)


def _shared_mask(layer, call):
    if isinstance(layer, _MULTIPLIERS):  # y = x · m: 1 하나를 흘려 보내 m을 얻는다
        return lambda x, *args, **kwargs: x * call(keras.ops.ones_like(x[:1]), training=True)

    def call_with_one_mask(x, *args, **kwargs):
        before = layer.noise_shape
        layer.noise_shape = (1, *(before or (None,) * len(x.shape))[1:])
        try:
            return call(x, training=True)
        finally:
            layer.noise_shape = before

    return call_with_one_mask


def _in_training(layer, call):
    return lambda *args, **kwargs: call(*args, **kwargs | {"training": True})


@contextmanager
def _replaced_call(layer, make):
    """그동안 ``layer.call``을 ``make(layer, call)``로 바꾼다. 클래스가 아니라 이 객체만 바뀐다."""
    before = layer.__dict__.get("call")
    # 케라스는 객체에 적는 것을 살펴보고 기록한다. 잠시 바꾸는 것은 모르게 한다.
    object.__setattr__(layer, "call", make(layer, layer.call))
    try:
        yield
    finally:
        if before is None:
            object.__delattr__(layer, "call")
        else:
            object.__setattr__(layer, "call", before)


def _leading(value):
    shape = getattr(keras.tree.flatten(value)[0], "shape", ()) if keras.tree.flatten(value) else ()
    return shape[0] if len(shape) else None


def _value(leaf):
    """텐서의 값. 그래프 안의 기호나 글이면 ``None``."""
    try:
        return np.asarray(keras.ops.convert_to_numpy(leaf), float)
    except Exception:
        return None


def _equal(a, b):
    if a is None or b is None:
        return True
    # 반올림의 크기는 그 층이 내놓는 값의 크기를 따른다.
    size = np.abs(a[np.isfinite(a)]).max(initial=0.0)
    return np.allclose(a, b, rtol=1e-3, atol=1e-5 * size, equal_nan=True)
