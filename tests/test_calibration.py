"""확률의 보정: 손으로 센 값, 순수 파이썬으로 다시 쓴 것, scikit-learn의 것과 견준다."""

import math
import re
from fractions import Fraction

import numpy as np
import pytest
from scipy import special, stats
from sklearn.metrics import log_loss, mutual_info_score

from homl11.calibration import (
    apply_temperature,
    expected_calibration_error,
    fit_temperature,
    mutual_information,
    negative_log_likelihood,
    predictive_entropy,
    reliability,
)

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


@pytest.mark.parametrize("temperature", [0.3, 1.0, 2.5])
def test_temperature_divides_the_logits(temperature):
    logits = np.random.default_rng(0).normal(size=(50, 4)) * 3
    probabilities = special.softmax(logits, axis=1)
    np.testing.assert_allclose(apply_temperature(probabilities, temperature), special.softmax(logits / temperature, 1))


@pytest.mark.parametrize("temperature", [0.3, 2.5])
@pytest.mark.parametrize("shape", [(-1,), (-1, 1)])
def test_temperature_of_a_sigmoid_divides_its_logit(temperature, shape):
    logits = np.linspace(-4, 4, 9).reshape(shape)
    heated = apply_temperature(special.expit(logits), temperature)
    np.testing.assert_allclose(heated, special.expit(logits / temperature))


def test_temperature_keeps_the_order_and_survives_a_zero():
    heated = apply_temperature([[0.0, 0.3, 0.7]], 10)
    assert np.isfinite(heated).all() and (np.diff(heated[0]) > 0).all()


@pytest.mark.parametrize("temperature", [0, -1, np.inf, np.nan])
def test_temperature_must_be_positive(temperature, rejects):
    with rejects("temperature", temperature):
        apply_temperature([[0.5, 0.5]], temperature)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_fitted_temperature_undoes_the_one_that_spoiled(temperature):
    """정답을 바른 확률대로 뽑았으므로, 로짓을 T로 곱해 망친 것은 온도 T로 되돌아온다."""
    random = np.random.default_rng(1)
    honest = special.softmax(random.normal(size=(20_000, 3)), axis=1)
    labels = (random.random((20_000, 1)) > honest.cumsum(axis=1)).sum(axis=1)
    assert fit_temperature(apply_temperature(honest, 1 / temperature), labels) == pytest.approx(temperature, rel=0.05)


def test_fitted_temperature_is_the_best_of_many(predictions):
    probabilities, labels = predictions
    labels = np.where(np.arange(200) % 2, probabilities.argmax(axis=1), labels)  # 절반은 맞는 예측
    temperatures = np.exp(np.linspace(np.log(0.05), np.log(50), 1000))
    costs = [negative_log_likelihood(apply_temperature(probabilities, t), labels) for t in temperatures]
    assert fit_temperature(probabilities, labels) == pytest.approx(temperatures[np.argmin(costs)], rel=0.01)


def test_fitted_temperature_by_hand():
    # 로짓의 차는 ln 9이다. 넷 가운데 셋이 맞으면 ln 3이어야 하므로 반으로 나눈다
    assert fit_temperature([[0.9, 0.1]] * 4, [0, 0, 0, 1]) == pytest.approx(2, rel=1e-4)
    assert fit_temperature([0.9] * 4, [1, 1, 1, 0]) == pytest.approx(2, rel=1e-4)


def test_entropy_equals_that_of_scipy(predictions):
    np.testing.assert_allclose(predictive_entropy(predictions[0]), stats.entropy(predictions[0], axis=1))


def test_entropy_runs_from_zero_to_the_log_of_the_classes():
    np.testing.assert_allclose(predictive_entropy([[1.0, 0, 0, 0], [0.25] * 4]), [0, math.log(4)], atol=1e-12)


@pytest.mark.parametrize("rounding", [0, 5e-4])  # float16의 반올림
def test_entropy_of_a_sigmoid(rounding):
    np.testing.assert_allclose(predictive_entropy([0.5, 1 + rounding]), [math.log(2), 0], atol=1e-3)


def test_mutual_information_is_that_of_network_and_class():
    """네트워크와 클래스의 결합 분포에서 scikit-learn이 센 상호 정보량과 같다."""
    counts = np.array([[3, 1, 4], [2, 2, 4], [8, 0, 0]])  # 네트워크마다 여덟 번
    pairs = [(network, label) for network in range(3) for label in range(3) for _ in range(counts[network, label])]
    expected = mutual_info_score(*zip(*pairs))
    assert mutual_information(counts[:, None] / 8)[0] == pytest.approx(expected)


def test_mutual_information_and_mean_entropy_add_up_to_the_entropy_of_the_mean(predictions):
    samples = predictions[0].reshape(5, 40, 4)
    aleatoric = np.mean([stats.entropy(sample, axis=1) for sample in samples], axis=0)
    np.testing.assert_allclose(mutual_information(samples) + aleatoric, stats.entropy(samples.mean(axis=0), axis=1))


def test_networks_that_agree_have_no_mutual_information(predictions):
    assert (mutual_information([predictions[0]] * 7) >= 0).all()
    np.testing.assert_allclose(mutual_information([predictions[0]] * 7), 0, atol=1e-12)


@pytest.mark.parametrize("shape", [(2, 2), (2, 2, 1)])
def test_mutual_information_of_sigmoids(shape):
    samples = np.reshape([0.5, 0.0, 0.5, 1.0], shape)  # 첫 입력에서는 함께 망설이고, 둘째에서는 서로 우긴다
    np.testing.assert_allclose(mutual_information(samples), [0, math.log(2)], atol=1e-12)


@pytest.mark.parametrize("samples", [[0.5, 0.5], np.ones((2, 0, 3)), np.ones((1, 1, 1, 1))])
def test_samples_of_the_wrong_shape_are_named(samples, rejects):
    with rejects("samples의 모양", np.shape(samples)):
        mutual_information(samples)


@pytest.mark.parametrize("probabilities", [0.5, np.ones((0, 2)), np.ones((2, 2, 2)) / 2])
@pytest.mark.parametrize("measure", [predictive_entropy, lambda p: apply_temperature(p, 2)])
def test_probabilities_of_the_wrong_shape_are_named(measure, probabilities, rejects):
    with rejects("probabilities의 모양", np.shape(probabilities)):
        measure(probabilities)


@pytest.mark.parametrize("measure", [predictive_entropy, lambda p: mutual_information([p, p])])
def test_logits_have_no_entropy(measure):
    with pytest.raises(ValueError, match="probabilities의 범위=.*로짓이면"):
        measure([[3.0, 0.5]])
