"""방법을 견주는 판정: 신뢰 구간, 짝지은 차이의 검정, 여러 번 견줄 때의 보정, 같다고 말할 때의 한계.

차이의 95% 신뢰 구간이 0을 포함하지 않는 것과 t 검정의 p 값이 0.05보다 작은 것은 같은 말이다. 여럿을 견주면 아무 차이가
없어도 그 가운데 하나는 우연히 0.05를 넘기 쉽다. 그래서 한 물음에 든 견줌은 한꺼번에 홀름의 방법으로 보정한다.
"""

import numpy as np
from scipy import stats

from homl11.arguments import require
from homl11.display import Verdict, show

HIGHER, LOWER, UNCLEAR, EQUAL = "뚜렷하게 높다", "뚜렷하게 낮다", "뚜렷하지 않다", "차이가 작다"


def confidence_interval(values):
    """평균의 95% 신뢰 구간: ``m ± t · s / √n``, t는 자유도 n - 1인 t 분포의 97.5% 지점이다.

    인수: ``values`` 서로 독립인 값들, 모양 (n,). 반환: (평균, 아래, 위). 예외: 값이 2개보다 적으면 ``ValueError``.

    예:
        >>> from homl11.significance import confidence_interval
        >>> [round(value, 3) for value in confidence_interval([0.90, 0.92, 0.94])]
        [0.92, 0.87, 0.97]
    """
    values = np.asarray(values, float)
    require(len(values) >= 2, "values", values, "구간을 말하려면 값이 2개 이상이어야 합니다")
    half = stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
    return float(values.mean()), float(values.mean() - half), float(values.mean() + half)


def p_value(differences):
    """짝지은 차이의 평균이 0이라는 가설의 양쪽 p 값: 자유도 n - 1인 t 검정이다.

    식: ``t = m / (s / √n)``. m은 차이의 평균, s는 표본 표준 편차, n은 씨앗의 수이다.

    인수: ``differences`` 씨앗마다의 차이, 모양 (n,). 반환: 0과 1 사이의 수. 차이가 모두 0이면 1이다.

    예외: 값이 2개보다 적거나 유한하지 않으면 ``ValueError``. 출처: Student (1908).

    예:
        >>> from homl11.significance import p_value
        >>> round(p_value([0.004, 0.001, 0.006, 0.003, 0.001]), 3)
        0.034
    """
    differences = np.asarray(differences, float)
    require(differences.size >= 2, "differences", differences, "검정하려면 값이 2개 이상이어야 합니다")
    require(np.isfinite(differences).all(), "differences", differences, "값이 모두 유한해야 합니다")
    if not np.ptp(differences):
        return 0.0 if differences[0] else 1.0
    return float(stats.ttest_1samp(differences, 0).pvalue)


def holm(p_values):
    """홀름의 방법으로 고친 p 값. 여러 번 견줄 때 하나라도 잘못 뚜렷하다고 할 확률을 누른다.

    식: 작은 차례로 k번째 p 값에 ``m - k + 1``을 곱하고, 앞의 것보다 작아지지 않게 한다. 1을 넘으면 1이다.

    인수: ``p_values`` 한 물음에 든 p 값 m개. 반환: 같은 차례의 배열 (m,). 예외: 0과 1 사이가 아니면 ``ValueError``.

    출처: Holm (1979).

    예:
        >>> from homl11.significance import holm
        >>> [round(float(p), 2) for p in holm([0.01, 0.04, 0.03])]
        [0.03, 0.06, 0.06]
    """
    p_values = np.asarray(p_values, float)
    require(((p_values >= 0) & (p_values <= 1)).all(), "p_values", p_values, "0과 1 사이여야 합니다")
    order = np.argsort(p_values, kind="stable")
    adjusted = np.maximum.accumulate(p_values[order] * np.arange(len(order), 0, -1))
    return np.minimum(adjusted, 1)[np.argsort(order, kind="stable")]


def judge(claims, margin=None):
    """차이마다 셋 가운데 하나로 판정한다: 뚜렷하게 높다, 뚜렷하게 낮다, 뚜렷하지 않다.

    한 번에 넘긴 것은 한 물음이다. 여럿이면 ``holm``으로 고친 p 값이 0.05보다 작아야 뚜렷하다. 하나이면 95% 신뢰 구간이
    0을 포함하지 않는 것과 같다. ``margin``을 주면 뚜렷하지 않은 것 가운데 95% 신뢰 구간이 통째로 ±margin 안에 든 것을
    따로 «차이가 작다»라고 한다. 구간이 0을 포함한다는 것만으로는 같다고 할 수 없기 때문이다.

    인수: ``claims`` 이름 → 씨앗마다의 차이 (n,), ``margin`` 작다고 볼 차이(값과 같은 단위, > 0).

    반환: 이름 → 판정. 예외: ``p_value``와 같고, ``margin``이 0 이하이면 ``ValueError``.

    출처: Holm (1979), Schuirmann (1987).

    예:
        >>> from homl11.significance import judge
        >>> judge({"드롭아웃": [-0.06, -0.05, -0.07], "ℓ1": [0.01, -0.02, 0.02]})
        {'드롭아웃': '뚜렷하게 낮다', 'ℓ1': '뚜렷하지 않다'}
        >>> judge({"ℓ1": [0.001, -0.002, 0.002]}, margin=0.01)
        {'ℓ1': '차이가 작다'}
    """
    require(margin is None or margin > 0, "margin", margin, "0보다 커야 합니다")
    adjusted = holm([p_value(differences) for differences in claims.values()])
    answers = {}
    for (name, differences), p in zip(claims.items(), adjusted):
        mean, low, high = confidence_interval(differences)
        answers[name] = HIGHER if mean > 0 else LOWER
        if p >= 0.05:
            answers[name] = EQUAL if margin and -margin < low and high < margin else UNCLEAR
    return answers


def verdicts(claims, margin=None):
    """``judge``의 판정을 한 줄에 하나씩 보인다. 견줌에 쓰는 ``verdict``이다.

    인수: ``claims`` 무엇에서 무엇을 뺀 것인지 적은 글 → 씨앗마다의 차이, ``margin`` 작다고 볼 차이. ``judge``의 것이다.

    예:
        >>> from homl11.significance import verdicts
        >>> verdicts({"드롭아웃 - 규제 없음, 테스트 손실": [-0.06, -0.05, -0.07]})
        뚜렷하게 낮다: 드롭아웃 - 규제 없음, 테스트 손실
    """
    for name, answer in judge(claims, margin).items():
        show(Verdict(answer, name))
