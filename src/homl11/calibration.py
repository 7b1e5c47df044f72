"""확률을 믿어도 되는지 잰다."""

from typing import NamedTuple

import numpy as np

from homl11.arguments import require


class Reliability(NamedTuple):
    """확신의 구간마다 모은 예측.

    ``confidence``: 평균 확신. ``accuracy``: 정확도. ``count``: 예측 수. 모두 모양 (구간 수,)이고, 빈 구간은 NaN이다.
    """

    confidence: np.ndarray
    accuracy: np.ndarray
    count: np.ndarray


def negative_log_likelihood(probabilities, labels):
    """음의 로그 가능도: 정답에 준 확률의 로그를 평균해 부호를 바꾼 값. ``-Σ log p_i[y_i] / n``.

    인수: ``probabilities`` (n, 클래스 수), ``labels`` (n,) 클래스 번호. 0인 확률은 float32가 담는 가장 작은 수로 본다.
    예외: 모양이 맞지 않거나 없는 클래스 번호가 있으면 ``ValueError``.
    """
    probabilities, labels = _checked(probabilities, labels)
    chosen = probabilities[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(chosen, np.finfo("float32").tiny)).mean())


def reliability(probabilities, labels, bins=10):
    """예측을 확신(가장 큰 확률)의 크기로 나누어, 구간마다 확신과 정확도를 견준다.

    구간은 [0, 1]을 같은 너비로 나눈 ``(k/bins, (k+1)/bins]``이다. 반환: ``Reliability``.

    인수: ``probabilities`` (n, 클래스 수), ``labels`` (n,), ``bins`` 구간 수.
    예외: 모양이 맞지 않거나, 없는 클래스 번호가 있거나, 구간 수가 1 이상의 정수가 아니면 ``ValueError``.
    출처: Guo 외 (2017).
    """
    probabilities, labels = _checked(probabilities, labels)
    require(isinstance(bins, int) and bins >= 1, "bins", bins, "1 이상의 정수여야 합니다")
    confidence = probabilities.max(axis=1)
    correct = probabilities.argmax(axis=1) == labels
    # 곱해서 올림하면 안 된다. 7/25 · 25는 부동소수점에서 7보다 크다.
    place = np.searchsorted(np.arange(1, bins) / bins, confidence)
    count = np.bincount(place, minlength=bins)
    with np.errstate(invalid="ignore"):
        means = [np.bincount(place, values, minlength=bins) / count for values in (confidence, correct)]
    return Reliability(*means, count)


def expected_calibration_error(probabilities, labels, bins=10):
    """기대 보정 오차(ECE): 구간마다의 ``|정확도 - 확신|``을 예측 수로 가중 평균한 값. 0이면 확신을 그대로 믿어도 된다.

    인수와 예외는 ``reliability``와 같다. 출처: Guo 외 (2017).
    """
    parts = reliability(probabilities, labels, bins)
    return float(np.nansum(parts.count * np.abs(parts.accuracy - parts.confidence)) / parts.count.sum())


def _checked(probabilities, labels):
    probabilities, labels = np.asarray(probabilities, float), np.asarray(labels)
    shapes = (probabilities.shape, labels.shape)
    fits = probabilities.ndim == 2 and labels.shape == probabilities.shape[:1] and len(labels) > 0
    require(fits, "probabilities, labels의 모양", shapes, "(n, 클래스 수)와 (n,)이어야 합니다")
    classes = probabilities.shape[1]
    known = labels.dtype.kind in "iu" and labels.min() >= 0 and labels.max() < classes
    require(known, "labels", labels, f"0 이상 {classes} 미만의 정수여야 합니다")  # 음수는 뒤에서부터 센 클래스가 된다
    return probabilities, labels
