"""확률의 보정: 손으로 센 값, 순수 파이썬으로 다시 쓴 것, scikit-learn의 것과 견준다."""

import math
import re
from fractions import Fraction

import numpy as np
import pytest
from sklearn.metrics import log_loss

from homl11.calibration import expected_calibration_error, negative_log_likelihood, reliability

# 확신 0.9인 넷 가운데 셋이, 확신 0.6인 둘 가운데 하나가 맞았다. 확신은 (0.8, 1]과 (0.4, 0.6]에 든다.
PROBABILITIES = np.array([[0.9, 0.1], [0.1, 0.9], [0.9, 0.1], [0.1, 0.9], [0.6, 0.4], [0.4, 0.6]])
LABELS = np.array([0, 1, 0, 0, 0, 0])


@pytest.fixture(scope="module", params=[0, 1, 2])
def predictions(request):
    """무작위 확률과 정답. 확신이 넓게 퍼지도록 예측마다 날카로움을 달리한다."""
    random = np.random.default_rng(request.param)
    scores = np.exp(random.normal(size=(200, 4)) * random.uniform(0, 4, size=(200, 1)))
    return scores / scores.sum(axis=1, keepdims=True), random.integers(4, size=200)


def bin_by_bin(probabilities, labels, bins):
    """구간마다 (평균 확신, 정확도, 수). 정의대로 한 예측씩 센다."""
    rows = []
    for k in range(bins):
        inside = []
        for row, label in zip(probabilities.tolist(), labels.tolist()):
            if k / bins < max(row) <= (k + 1) / bins:
                inside.append((max(row), row.index(max(row)) == label))
        n = len(inside)
        rows.append((sum(c for c, _ in inside) / n, sum(a for _, a in inside) / n, n) if n else (math.nan, math.nan, 0))
    return rows


@pytest.mark.parametrize("bins", [1, 2, 10, 15])
def test_reliability_equals_a_count_one_by_one(predictions, bins):
    np.testing.assert_allclose(np.transpose(reliability(*predictions, bins)), bin_by_bin(*predictions, bins))


@pytest.mark.parametrize("bins", [1, 2, 10, 15])
def test_calibration_error_equals_a_count_one_by_one(predictions, bins):
    rows = [row for row in bin_by_bin(*predictions, bins) if row[2]]
    expected = sum(count * abs(accuracy - confidence) for confidence, accuracy, count in rows) / 200
    assert expected_calibration_error(*predictions, bins) == pytest.approx(expected)


def test_reliability_counted_by_hand():
    parts = reliability(PROBABILITIES, LABELS, bins=5)
    np.testing.assert_allclose(parts.confidence, [np.nan, np.nan, 0.6, np.nan, 0.9])
    np.testing.assert_allclose(parts.accuracy, [np.nan, np.nan, 0.5, np.nan, 0.75])
    assert parts.count.tolist() == [0, 0, 2, 0, 4]


def test_calibration_error_counted_by_hand():
    # (4 · |0.75 - 0.9| + 2 · |0.5 - 0.6|) / 6
    assert expected_calibration_error(PROBABILITIES, LABELS, bins=5) == pytest.approx(0.8 / 6)


def test_calibration_error_of_one_bin_is_confidence_less_accuracy():
    # 평균 확신 (4 · 0.9 + 2 · 0.6) / 6 = 0.8, 정확도 4/6
    assert expected_calibration_error(PROBABILITIES, LABELS, bins=1) == pytest.approx(0.8 - 4 / 6)


def test_there_are_ten_bins_unless_told():
    assert len(reliability(PROBABILITIES, LABELS).count) == 10
    assert expected_calibration_error(PROBABILITIES, LABELS) == pytest.approx(
        expected_calibration_error(PROBABILITIES, LABELS, 10)
    )


@pytest.mark.parametrize("bins", [2, 10, 15, 20, 25, 50, 100])
def test_right_edge_belongs_to_its_bin_and_left_edge_does_not(bins):
    """확신이 딱 k/bins인 예측과 그보다 조금 큰 예측. 클래스가 많으면 확신은 얼마든지 작을 수 있다."""
    for k in range(1, bins):
        for confidence, place in ((k / bins, k - 1), (np.nextafter(k / bins, 1), k)):
            probabilities = np.full((1, 1000), (1 - confidence) / 999)
            probabilities[0, 3] = confidence
            assert reliability(probabilities, [3], bins).count.nonzero()[0].tolist() == [place]


@pytest.mark.parametrize("row, place", [([0.001] * 1000, 0), ([1.0, 0.0], 9)])  # 확률의 합은 1이어야 한다
def test_ends_belong_to_the_outermost_bins(row, place):
    assert reliability([row], [0]).count.nonzero()[0].tolist() == [place]


def test_confidence_is_the_largest_probability_and_not_that_of_the_label():
    parts = reliability([[0.05, 0.95]], [0])
    assert (parts.confidence[9], parts.accuracy[9]) == (0.95, 0)


@pytest.mark.parametrize("bins", [1, 5, 10])
def test_perfectly_calibrated_predictions_have_no_error(bins):
    """확신이 c인 예측 20개 가운데 20c개가 맞는다."""
    levels = [Fraction(n, 20) for n in (11, 13, 16, 18, 20)]
    probabilities = [[float(level), float(1 - level)] for level in levels for _ in range(20)]
    labels = [int(i >= 20 * level) for level in levels for i in range(20)]
    assert expected_calibration_error(probabilities, labels, bins) == pytest.approx(0, abs=1e-12)


def test_always_sure_and_always_wrong_is_the_largest_error():
    assert expected_calibration_error([[1.0, 0.0]] * 3, [1, 1, 1]) == 1


def test_empty_bins_do_not_warn(recwarn):
    expected_calibration_error(PROBABILITIES, LABELS)
    assert not recwarn.list


def test_likelihood_equals_that_of_scikit_learn(predictions):
    probabilities, labels = predictions
    assert negative_log_likelihood(*predictions) == pytest.approx(log_loss(labels, probabilities, labels=range(4)))


def test_likelihood_by_hand():
    expected = -(math.log(0.9) + math.log(0.4)) / 2
    assert negative_log_likelihood([[0.9, 0.1], [0.4, 0.6]], [0, 0]) == pytest.approx(expected)


def test_impossible_label_has_a_finite_likelihood():
    assert negative_log_likelihood([[0.0, 1.0]], [0]) == pytest.approx(-math.log(np.finfo("float32").tiny))


def test_sure_and_right_costs_nothing():
    assert negative_log_likelihood([[0.0, 1.0]], [1]) == 0


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_single_precision_is_enough(predictions, dtype):
    probabilities, labels = predictions
    for measure in (negative_log_likelihood, expected_calibration_error):
        assert measure(probabilities.astype(dtype), labels) == pytest.approx(measure(*predictions), rel=1e-5)


measures = pytest.mark.parametrize("measure", [negative_log_likelihood, reliability, expected_calibration_error])


@measures
@pytest.mark.parametrize(
    "probabilities, labels",
    [
        ([0.5, 0.5], [0]),
        ([[0.5, 0.5]], [0, 1]),
        ([[0.5, 0.5]], [[0, 1]]),
        ([[0.5, 0.5]], 0),
        (np.ones((0, 2)), np.ones(0, int)),
        (0.5, [0]),
        (np.ones((2, 2, 2)) / 2, [0, 1]),
    ],
    ids=["one row", "more labels", "one-hot labels", "bare label", "nothing", "bare probability", "three axes"],
)
def test_wrong_shapes_are_named(measure, probabilities, labels, rejects):
    with rejects("probabilities, labels의 모양", (np.shape(probabilities), np.shape(labels))):
        measure(probabilities, labels)


@measures
@pytest.mark.parametrize("label", [-1, 2, 0.0])
def test_unknown_class_is_named(measure, label):
    """-1은 배열의 끝에서부터 세어져 조용히 틀린 답이 된다."""
    with pytest.raises(ValueError, match=rf"labels의 .*범위=\[{label}, {label}\]: 0 이상 2 미만"):
        measure([[0.5, 0.5]], [label])


SIGMOID = np.array([0.9, 0.2, 0.6, 0.4], "float32")


@measures
@pytest.mark.parametrize("probabilities", [SIGMOID, SIGMOID[:, None], SIGMOID.tolist()], ids=["n", "n-1", "list"])
@pytest.mark.parametrize("kind", [int, float, bool, "int64 column"])
def test_sigmoid_is_the_probability_of_class_one(measure, probabilities, kind):
    labels = np.array([1, 0, 0, 1])
    labels = labels[:, None] if kind == "int64 column" else labels.astype(kind)
    softmax = np.stack([1 - SIGMOID.astype(float), SIGMOID], axis=1)
    np.testing.assert_allclose(measure(probabilities, labels), measure(softmax, [1, 0, 0, 1]))


def test_sigmoid_by_hand():
    assert negative_log_likelihood([0.9, 0.2], [1, 0]) == pytest.approx(-(math.log(0.9) + math.log(0.8)) / 2)
    assert reliability([0.9, 0.2], [1, 1], bins=10).accuracy[[8, 7]].tolist() == [1, 0]


@measures
@pytest.mark.parametrize("label", [2, -1, 0.5])
def test_sigmoid_knows_two_classes(measure, label):
    with pytest.raises(ValueError, match="labels의 .*0 이상 2 미만의 클래스 번호"):
        measure([0.5], [label])


@measures
@pytest.mark.parametrize("value", [-0.5, 3.0, np.nan])
def test_logits_are_not_probabilities(measure, value):
    """로짓으로도 수는 나온다. 그 수는 아무 뜻이 없다."""
    with pytest.raises(ValueError, match="probabilities의 범위=.*로짓이면"):
        measure([[value, 0.5]], [0])


@measures
def test_probability_rounded_just_above_one_is_a_probability(measure):
    measure(np.array([[1.0005, 0.0]]), [0])


@measures
@pytest.mark.parametrize(
    "probabilities, labels",
    [
        (np.full((5000, 2), 0.5), np.full(5000, 7)),
        (np.full((5000, 2), 0.5), np.eye(2)[np.zeros(5000, int)]),
        (np.full(5000, 0.5), np.full(4999, 1)),
        (np.full((5000, 2), 9.5), np.zeros(5000, int)),
    ],
    ids=["classes", "one-hot", "count", "logits"],
)
def test_messages_are_short_and_say_what_to_do(measure, probabilities, labels):
    with pytest.raises(ValueError) as error:
        measure(probabilities, labels)
    assert len(str(error.value)) < 200 and re.search("야 합니다", str(error.value))


def test_one_hot_labels_are_told_the_way():
    with pytest.raises(ValueError, match=r"labels\.argmax\(axis=1\)"):
        reliability([[0.5, 0.5]], [[0, 1]])


@pytest.mark.parametrize("measure", [reliability, expected_calibration_error])
def test_numpy_integer_counts_bins(measure):
    np.testing.assert_equal(measure(PROBABILITIES, LABELS, np.int64(5)), measure(PROBABILITIES, LABELS, 5))


@pytest.mark.parametrize("measure", [reliability, expected_calibration_error])
@pytest.mark.parametrize("bins", [0, -1, 2.5, True, np.float64(3)])
def test_bins_must_be_a_positive_integer(measure, bins, rejects):
    with rejects("bins", bins):
        measure(PROBABILITIES, LABELS, bins)


def test_several_labels_at_once_are_measured_column_by_column():
    with pytest.raises(ValueError, match="열마다 따로"):
        negative_log_likelihood([[0.5, 0.9], [0.1, 0.2]], [0, 1])
    with pytest.raises(ValueError) as refused:  # 원-핫이 아니므로 argmax를 권하면 틀린 수가 나온다
        negative_log_likelihood([[0.5, 0.5], [0.1, 0.9]], [[1, 1], [0, 1]])
    assert "argmax" not in str(refused.value)


def test_labels_that_are_words_are_refused():
    with pytest.raises(ValueError, match="클래스 번호"):
        negative_log_likelihood([[0.5, 0.5]], ["가"])
