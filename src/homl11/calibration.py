"""확률을 믿어도 되는지 재고, 온도로 고치고, 불확실성을 나눈다.

``probabilities``는 소프트맥스 출력 (n, 클래스 수), 또는 시그모이드 출력 (n,)이나 (n, 1)이다. 시그모이드 출력은
클래스 1의 확률이다.
"""

from typing import NamedTuple

import numpy as np
from scipy import optimize, special

from homl11.arguments import is_count, require


class Reliability(NamedTuple):
    """확신의 구간마다 모은 예측.

    속성:
        confidence: 평균 확신, 모양 (구간 수,). 빈 구간은 NaN이다.
        accuracy: 정확도, 모양 (구간 수,). 빈 구간은 NaN이다.
        count: 예측 수, 모양 (구간 수,).

    예:
        >>> from homl11.calibration import reliability
        >>> parts = reliability([[0.9, 0.1], [0.7, 0.3]], [0, 1], bins=2)
        >>> parts.count.tolist(), parts.accuracy.tolist()  # 앞의 것만 맞았다
        ([0, 2], [nan, 0.5])
        >>> parts.confidence.round(3).tolist()
        [nan, 0.8]
    """

    confidence: np.ndarray
    accuracy: np.ndarray
    count: np.ndarray


def negative_log_likelihood(probabilities, labels):
    """음의 로그 가능도: 정답에 준 확률의 로그를 평균해 부호를 바꾼 값. ``-Σ log p_i[y_i] / n``.

    인수: ``probabilities`` (n, 클래스 수) 또는 시그모이드 출력 (n,)·(n, 1), ``labels`` (n,) 클래스 번호. 0인 확률은
    float32가 담는 가장 작은 수로 본다.

    반환: 0 이상의 수. 예외: 모양이 맞지 않거나, 확률이 [0, 1] 밖이거나, 없는 클래스 번호가 있으면 ``ValueError``.

    예:
        >>> from homl11.calibration import negative_log_likelihood
        >>> round(negative_log_likelihood([[0.9, 0.1], [0.4, 0.6]], [0, 1]), 4)
        0.3081
        >>> round(negative_log_likelihood([0.1, 0.6], [0, 1]), 4)  # 같은 확률을 시그모이드로
        0.3081
    """
    probabilities, labels = _checked(probabilities, labels)
    chosen = probabilities[np.arange(len(labels)), labels]
    return float(-_log(chosen).mean())


def reliability(probabilities, labels, bins=10):
    """예측을 확신(가장 큰 확률)의 크기로 나누어, 구간마다 확신과 정확도를 견준다.

    구간은 [0, 1]을 같은 너비로 나눈 ``(k/bins, (k+1)/bins]``이다.

    인수:
        probabilities: (n, 클래스 수) 또는 시그모이드 출력 (n,)·(n, 1).
        labels: (n,) 클래스 번호.
        bins: 구간 수.

    반환: ``Reliability``. 예외: 모양이 맞지 않거나, 확률이 [0, 1] 밖이거나, 없는 클래스 번호가 있거나, 구간 수가
    1 이상의 정수가 아니면 ``ValueError``. 출처: Guo 외 (2017).

    예:
        >>> from homl11.calibration import reliability
        >>> reliability([[0.9, 0.1], [0.7, 0.3], [0.4, 0.6]], [0, 1, 1], bins=4).count.tolist()
        [0, 0, 2, 1]
    """
    probabilities, labels = _checked(probabilities, labels)
    require(is_count(bins), "bins", bins, "1 이상의 정수여야 합니다")
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

    ``Σ n_k · |정확도 - 확신| / n``, n_k는 k번째 구간의 예측 수이다.

    인수:
        probabilities: (n, 클래스 수) 또는 시그모이드 출력 (n,)·(n, 1).
        labels: (n,) 클래스 번호.
        bins: 구간 수.

    반환: [0, 1]의 수. 예외: ``reliability``와 같다. 출처: Guo 외 (2017).

    예:
        >>> from homl11.calibration import expected_calibration_error
        >>> sure = [[0.9, 0.1]] * 4  # 확신은 0.9, 정확도는 0.75
        >>> round(expected_calibration_error(sure, [0, 0, 0, 1]), 3)
        0.15
    """
    parts = reliability(probabilities, labels, bins)
    return float(np.nansum(parts.count * np.abs(parts.accuracy - parts.confidence)) / parts.count.sum())


def apply_temperature(probabilities, temperature):
    """온도로 나눈 확률: ``softmax(log p / T)``. T가 1보다 크면 확신이 줄고, 작으면 커진다. 답의 차례는 그대로이다.

    소프트맥스 앞의 로짓을 T로 나누는 것과 같다. 로짓과 log p의 차이는 소프트맥스에서 지워지기 때문이다.

    인수: ``probabilities`` (n, 클래스 수) 또는 시그모이드 출력 (n,)·(n, 1), ``temperature`` T(> 0).

    반환: ``probabilities``와 모양이 같은 배열. 예외: ``temperature``가 0 이하이거나, 모양이 맞지 않거나, 확률이 [0, 1]
    밖이면 ``ValueError``. 출처: Guo 외 (2017).

    예:
        >>> from homl11.calibration import apply_temperature
        >>> apply_temperature([[0.9, 0.1]], 2.0).round(3).tolist()
        [[0.75, 0.25]]
    """
    require(0 < temperature < np.inf, "temperature", temperature, "0보다 커야 합니다")
    shape, probabilities = np.shape(probabilities), _rows(probabilities)
    heated = special.softmax(_log(probabilities) / temperature, axis=1)
    return heated if heated.shape == shape else heated[:, 1].reshape(shape)


def fit_temperature(probabilities, labels):
    """온도 스케일링: ``apply_temperature``의 음의 로그 가능도가 가장 작은 온도 T. 0.01에서 100 사이에서 찾는다.

    검증 세트의 예측으로 구하고, 테스트 세트의 예측에 건다.

    인수: ``probabilities`` (n, 클래스 수) 또는 시그모이드 출력 (n,)·(n, 1), ``labels`` (n,) 클래스 번호.

    반환: T. 1보다 크면 확신이 지나쳤던 것이다. 예외: 모양이 맞지 않거나, 확률이 [0, 1] 밖이거나, 없는 클래스 번호가
    있으면 ``ValueError``. 출처: Guo 외 (2017).

    예:
        >>> from homl11.calibration import fit_temperature
        >>> sure = [[0.9, 0.1]] * 4  # 확신은 0.9, 정확도는 0.75
        >>> round(fit_temperature(sure, [0, 0, 0, 1]), 3)
        2.0
    """
    probabilities, labels = _checked(probabilities, labels)
    logs, rows = _log(probabilities), np.arange(len(labels))

    def cost(log_temperature):  # 1/T에 대해 볼록하므로 골짜기는 하나이다
        return -special.log_softmax(logs / np.exp(log_temperature), axis=1)[rows, labels].mean()

    bounds = np.log([0.01, 100])
    found = optimize.minimize_scalar(cost, bounds=bounds, method="bounded", options={"xatol": 1e-6})
    return float(np.exp(found.x))


def predictive_entropy(probabilities):
    """예측 엔트로피(내트): ``-Σ_c p[c] · log p[c]``. 답이 하나로 모이면 0, 고르게 퍼지면 ``log(클래스 수)``이다.

    몬테 카를로나 앙상블의 평균 예측으로 구하면 인식적 불확실성과 우연적 불확실성을 더한 것이다.

    인수: ``probabilities`` (n, 클래스 수) 또는 시그모이드 출력 (n,)·(n, 1). 반환: 배열 (n,).

    예외: 모양이 맞지 않거나 확률이 [0, 1] 밖이면 ``ValueError``. 출처: Shannon (1948), Gal (2016).

    예:
        >>> from homl11.calibration import predictive_entropy
        >>> predictive_entropy([[1.0, 0.0], [0.5, 0.5]]).round(4).tolist()
        [0.0, 0.6931]
    """
    return special.entr(_rows(probabilities)).sum(axis=1)


def mutual_information(samples):
    """상호 정보량: 평균 예측의 엔트로피에서 표본마다의 엔트로피의 평균을 뺀 것. ``H(Σ p_k / S) - Σ H(p_k) / S``.

    네트워크들이 **서로** 얼마나 다른 말을 하는지, 곧 인식적 불확실성을 잰다. 뺀 쪽이 우연적 불확실성이다. 네트워크가
    모두 똑같이 망설이면 0이다. 능동 학습에서는 BALD라고 부른다.

    인수: ``samples`` 표본 S개의 예측 (S, n, 클래스 수) 또는 시그모이드 출력 (S, n)·(S, n, 1).

    반환: 배열 (n,), 0 이상(내트). 예외: 모양이 맞지 않거나 확률이 [0, 1] 밖이면 ``ValueError``.

    출처: Houlsby 외 (2011), Gal (2016).

    예:
        >>> from homl11.calibration import mutual_information
        >>> agree, differ = [0.5, 0.5], [1.0, 0.0]  # 이미지 둘: 함께 망설인다, 서로 우긴다
        >>> mutual_information([[agree, differ], [agree, differ[::-1]]]).round(4).tolist()
        [0.0, 0.6931]
    """
    samples = np.asarray(samples, float)
    fits = samples.ndim in (2, 3) and samples.size > 0
    require(fits, "samples의 모양", samples.shape, "(표본, n, 클래스 수), 시그모이드이면 (표본, n)이어야 합니다")
    each = _rows(samples.reshape(-1, *samples.shape[2:])).reshape(*samples.shape[:2], -1)
    gain = special.entr(each.mean(axis=0)).sum(axis=1) - special.entr(each).sum(axis=2).mean(axis=0)
    return np.maximum(gain, 0)  # 반올림하면 0보다 조금 작을 수 있다


def _log(probabilities):
    return np.log(np.maximum(probabilities, np.finfo("float32").tiny))


def _rows(probabilities):
    """레이블 없이 받은 확률을 (n, 클래스 수)로."""
    probabilities = np.asarray(probabilities, float)
    n = len(probabilities) if probabilities.ndim else 0
    fits = n > 0 and (probabilities.ndim == 2 or probabilities.shape == (n,))
    rule = "(n, 클래스 수), 시그모이드이면 (n,)이나 (n, 1)이어야 합니다"
    require(fits, "probabilities의 모양", probabilities.shape, rule)
    return _as_classes(probabilities)


def _as_classes(probabilities):
    """범위와 행마다의 합을 확인한 (n, 클래스 수)의 확률. 시그모이드 출력은 두 열로 편다."""
    low, high = probabilities.min(), probabilities.max()
    if not (low >= 0 and high <= 1 + 1e-3):  # NaN도 여기서 걸린다. 위쪽은 float16의 반올림까지 봐준다
        raise ValueError(
            f"probabilities의 범위=[{low:g}, {high:g}]: 0과 1 사이여야 합니다. "
            "로짓이면 소프트맥스나 시그모이드를 거친 값을 주세요."
        )
    binary = probabilities.ndim == 1 or probabilities.shape[1] == 1
    if not binary and not np.allclose(probabilities.sum(axis=1), 1, atol=1e-2):
        raise ValueError(
            "probabilities의 행마다의 합이 1이 아닙니다. 여러 개를 함께 고르는 문제이면 열마다 따로 재세요: "
            "(probabilities[:, k], labels[:, k])."
        )
    if binary:
        positive = probabilities.reshape(-1)
        probabilities = np.stack([np.maximum(1 - positive, 0), positive], axis=1)
    return probabilities


def _checked(probabilities, labels):
    """(n, 클래스 수)의 확률과 (n,)의 클래스 번호."""
    probabilities, labels = np.asarray(probabilities, float), np.asarray(labels)
    shapes = (probabilities.shape, labels.shape)
    n = len(probabilities) if probabilities.ndim else 0
    binary = probabilities.shape in ((n,), (n, 1))
    fits = n > 0 and (binary or probabilities.ndim == 2) and labels.shape in ((n,), (n, 1))
    rule = "(n, 클래스 수)와 (n,), 시그모이드이면 (n,)이나 (n, 1)과 (n,)이어야 합니다"
    same = labels.ndim == 2 and labels.shape == probabilities.shape and labels.dtype.kind in "iufb"
    if same and (labels.sum(axis=1) == 1).all():
        rule += ". 원-핫 레이블은 labels.argmax(axis=1)로 바꾸세요"
    require(fits, "probabilities, labels의 모양", shapes, rule)
    probabilities = _as_classes(probabilities)
    labels, classes = labels.reshape(-1), probabilities.shape[1]
    require(labels.dtype.kind in "iufb", "labels의 자료형", str(labels.dtype), "클래스 번호(정수)여야 합니다")
    whole = labels.dtype.kind in "iu" or (binary and labels.dtype.kind in "fb" and np.isin(labels, (0, 1)).all())
    if not (whole and labels.min() >= 0 and labels.max() < classes):  # 음수는 뒤에서부터 센 클래스가 된다
        raise ValueError(
            f"labels의 자료형={labels.dtype}, 범위=[{labels.min()}, {labels.max()}]: 0 이상 {classes} 미만의 "
            "클래스 번호(정수)여야 합니다."
        )
    return probabilities, labels.astype(int)
