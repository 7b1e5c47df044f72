"""견주는 판정: t 검정과 구간이 같은 말을 하는가, 홀름의 보정이 정의와 같은가, 낮은 것을 낮다고 하는가."""

from itertools import chain, combinations

import numpy as np
import pytest
from scipy import stats

from homl11.significance import (
    EQUAL,
    HIGHER,
    LOWER,
    UNCLEAR,
    confidence_interval,
    holm,
    judge,
    p_value,
    verdicts,
)

RANDOM = np.random.default_rng(0)


def closed_bonferroni(p_values):
    """홀름의 다른 정의. i가 든 모든 묶음에서 본페로니로 고친 p 값 가운데 가장 큰 것이다."""
    names = range(len(p_values))
    groups = list(chain.from_iterable(combinations(names, size) for size in range(1, len(p_values) + 1)))
    return [min(1, max(len(group) * min(p_values[j] for j in group) for group in groups if i in group)) for i in names]


def test_confidence_interval_of_five_values():
    # s = √2.5, t(자유도 4) = 2.776445 → 2.776445 · √2.5 / √5
    assert confidence_interval([1, 2, 3, 4, 5]) == pytest.approx((3, 3 - 1.963243, 3 + 1.963243), rel=1e-6)


def test_one_value_has_no_interval():
    with pytest.raises(ValueError, match="값이 2개 이상"):
        confidence_interval([1.0])


def test_p_value_and_interval_say_the_same():
    for _ in range(200):
        differences = RANDOM.normal(0.8, 1, 5)
        _, low, high = confidence_interval(differences)
        assert (p_value(differences) < 0.05) == (low > 0 or high < 0)


def test_p_value_is_that_of_the_paired_test():
    left, right = RANDOM.normal(size=(2, 7))
    assert p_value(left - right) == pytest.approx(stats.ttest_rel(left, right).pvalue)


@pytest.mark.parametrize("differences, expected", [([0, 0, 0], 1), ([0.1, 0.1, 0.1], 0)])
def test_differences_without_spread(differences, expected):
    assert p_value(differences) == expected


@pytest.mark.parametrize("differences", [[0.1], [], [0.1, np.nan, 0.2], [0.1, np.inf]])
def test_what_cannot_be_tested_is_refused(differences):
    with pytest.raises(ValueError, match="differences=.*(2개 이상|유한)"):
        p_value(differences)


def test_holm_is_the_closed_bonferroni_procedure():
    for count in (1, 2, 3, 5, 7):
        p_values = RANDOM.random(count) ** 3
        np.testing.assert_allclose(holm(p_values), closed_bonferroni(p_values), rtol=1e-12)
    assert holm([]).size == 0
    with pytest.raises(ValueError, match="p_values=.*0과 1 사이"):
        holm([0.2, 1.2])


def test_family_of_empty_differences_is_seldom_called_clear():
    """아무 차이도 없는 일곱 가지. 보정하지 않으면 네 번에 한 번 넘게 하나쯤은 뚜렷하다고 한다."""
    families = np.random.default_rng(1).normal(size=(1000, 7, 5))
    corrected = np.mean([set(judge(dict(enumerate(family))).values()) != {UNCLEAR} for family in families])
    alone = np.mean([min(map(p_value, family)) < 0.05 for family in families])
    assert corrected < 0.075 and alone > 0.25


def test_three_answers_and_the_small_one():
    claims = {"높다": [0.039, 0.04, 0.041], "낮다": [-0.041, -0.04, -0.039], "모른다": [0.5, -0.6, 0.2]}
    claims["작다"] = [0.001, -0.001, 0.0005]
    assert list(judge(claims).values()) == [HIGHER, LOWER, UNCLEAR, UNCLEAR]
    assert judge(claims, margin=0.01) == {"높다": HIGHER, "낮다": LOWER, "모른다": UNCLEAR, "작다": EQUAL}
    with pytest.raises(ValueError, match="margin=0: 0보다"):
        judge(claims, margin=0)


def test_clear_difference_is_told_even_when_it_is_small():
    assert judge({"가": [0.001, 0.0011, 0.0009]}, margin=0.01) == {"가": HIGHER}


@pytest.mark.parametrize("sign", [1, -1])
def test_small_on_one_side_is_not_small(sign):
    assert judge({"가": sign * np.array([-0.02, -0.001, 0.001, 0.0, -0.012])}, margin=0.01) == {"가": UNCLEAR}


def test_more_comparisons_ask_for_more():
    single = [0.004, 0.001, 0.006, 0.003, 0.001]  # p는 0.034
    assert judge({"가": single}) == {"가": HIGHER}
    assert judge({"가": single, "나": [0.1, -0.1, 0.05, 0, -0.02]})["가"] == UNCLEAR


def test_one_line_for_each_claim(capsys):
    verdicts({"가 - 나, 손실": [-0.3, -0.2, -0.25], "다 - 나, 손실": [0.3, -0.4, 0.1]})
    verdicts({"라 - 나, 손실": [0.001, -0.001, 0.0005]}, margin=0.01)
    assert capsys.readouterr().out == (
        "뚜렷하게 낮다: 가 - 나, 손실\n뚜렷하지 않다: 다 - 나, 손실\n차이가 작다: 라 - 나, 손실\n"
    )
