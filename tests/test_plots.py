"""그림은 픽셀이 아니라 축에 놓인 데이터로 확인한다."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb
from matplotlib.container import ErrorbarContainer

from homl11.calibration import Reliability
from homl11.plots import (
    COLORS,
    LINES,
    STYLES,
    log_axis,
    method_styles,
    plot_comparison,
    plot_history,
    plot_norms,
    plot_plateau,
    plot_predictions,
    plot_range_test,
    plot_reliability,
    plot_schedule,
    plot_weights,
    use_korean_font,
)

# 글꼴과 경고는 새 프로세스에서만 처음부터 볼 수 있다. 글리프가 없으면 matplotlib은 경고한다.
DRAW_KOREAN = """
import sys, warnings
import matplotlib
from homl11.plots import log_axis, plt, use_korean_font
warnings.simplefilter("error")
matplotlib.use("Agg")
use_korean_font()
figure, axes = plt.subplots(1, 2)
axes[0].plot([-0.002, -0.001], [-2, -1], label="손실 · ±95% η × ₀")
axes[0].set(title="가나다 힣", xlabel="학습률 η", ylabel=r"$\\eta_0 \\times 10^{-3}$")
axes[0].legend()
axes[1].plot([1e-5, 10], [0.5, 2])
log_axis(axes[1], "x")
log_axis(axes[1], "y")
figure.canvas.draw()
[path] = {matplotlib.font_manager.findfont(text.get_fontproperties()) for text in [axes[0].title, axes[0].xaxis.label]}
print(path)
files = [font.fname for font in matplotlib.font_manager.fontManager.ttflist]
print(any(file.endswith("koreanize_matplotlib/fonts/NanumGothic.ttf") for file in files))
print("koreanize_matplotlib" in sys.modules)
"""


@pytest.fixture(autouse=True)
def style():
    """이 강좌의 글꼴과 선으로 그리고, 끝나면 되돌린다."""
    with plt.rc_context():
        use_korean_font()
        yield
    plt.close("all")


@pytest.fixture(scope="module")
def drawn_in_korean():
    return subprocess.run([sys.executable, "-c", DRAW_KOREAN], capture_output=True, text=True)


def ydata(ax):
    return {line.get_label(): line.get_ydata().tolist() for line in ax.lines}


def spans(ax):
    """가로축에서 덮인 범위들."""
    boxes = [patch.get_path().transformed(patch.get_patch_transform()).get_extents() for patch in ax.patches]
    return [(box.x0, box.x1) for box in boxes]


def test_korean_text_is_drawn_without_a_warning_or_a_log(drawn_in_korean):
    assert (drawn_in_korean.returncode, drawn_in_korean.stderr) == (0, "")


def test_font_is_the_file_of_the_installed_package(drawn_in_korean):
    path, registered, _ = drawn_in_korean.stdout.splitlines()
    # 기계에 같은 글꼴이 이미 있으면 그것이 쓰일 수 있다. 패키지의 것은 어느 쪽이든 등록되어 있다.
    assert Path(path).name == "NanumGothic.ttf" and registered == "True"


def test_font_package_is_not_imported(drawn_in_korean):
    assert drawn_in_korean.stdout.splitlines()[2] == "False"


@pytest.mark.parametrize(
    "draw",
    [
        lambda ax: plot_schedule([0, 1], {"가": [1, 2]}, ax=ax),
        lambda ax: plot_history({"loss": [2, 1]}, ["loss"], ax=ax),
        lambda ax: plot_range_test(range_test(), ax=ax),
        lambda ax: plot_comparison({"가": (2, 1, 3)}, ax=ax),
        lambda ax: plot_weights({"가": [2, 1, 3]}, ax=ax),
        lambda ax: plot_norms(np.ones((2, 3)), ax=ax),
        lambda ax: plot_reliability({"가": RELIABILITY["가"]}, ax=ax),
    ],
    ids=["schedule", "history", "range test", "comparison", "weights", "norms", "reliability"],
)
def test_draws_on_the_given_axes(draw):
    _, ax = plt.subplots()
    assert draw(ax) is ax and (ax.lines or ax.patches)


@pytest.mark.parametrize("which", ["x", "y"])
def test_log_axis_writes_plain_numbers(which):
    ax = plt.subplots()[1]
    ax.plot([0.001, 10], [0.001, 10])
    log_axis(ax, which)
    axis = getattr(ax, f"{which}axis")
    assert axis.get_scale() == "log" and [axis.get_major_formatter()(v) for v in (0.001, 10)] == ["0.001", "10"]


def test_log_axis_of_a_narrow_range_has_ticks_between_the_powers_of_ten():
    ax = plt.subplots()[1]
    ax.plot([0, 1], [0.15, 4])
    log_axis(ax, "y")
    assert {0.2, 0.5, 1, 2} <= {round(tick, 6) for tick in ax.get_yticks()}


def test_schedule_draws_exactly_the_values():
    steps = np.arange(0, 300, 100)
    ax = plot_schedule(steps, {"지수": [0.1, 0.05, 0.02], "고정": [0.1, 0.1, 0.1]})
    assert ydata(ax) == {"지수": [0.1, 0.05, 0.02], "고정": [0.1, 0.1, 0.1]}
    assert all(line.get_xdata().tolist() == steps.tolist() for line in ax.lines)


@pytest.mark.parametrize("total, shaded", [(None, []), (150, [(150, 300)]), (300, []), (400, [])])
def test_schedule_shades_the_steps_training_never_reaches(total, shaded):
    assert spans(plot_schedule(np.arange(301), {"고정": np.ones(301)}, total_steps=total)) == shaded


def test_schedule_names_its_axes_in_korean():
    ax = plot_schedule([0, 1], {"모멘텀": [0.9, 0.8]}, ylabel="모멘텀 β")
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("스텝", "모멘텀 β")


def test_schedule_counts_epochs_on_top():
    ax = plot_schedule([0, 940], {"고정": [0.1, 0.1]}, steps_per_epoch=94)
    [top] = ax.child_axes
    ax.figure.canvas.draw()
    assert (top.get_xlabel(), top.get_xlim()) == ("에포크", (0, 10))


@pytest.mark.parametrize("log, scale", [(False, "linear"), (True, "log")])
def test_schedule_scale(log, scale):
    assert plot_schedule([0, 1], {"가": [0.1, 0.01]}, log=log).get_yscale() == scale


def test_single_history_draws_each_metric():
    ax = plot_history({"loss": [3, 2, 1], "val_loss": [4, 3, 3], "accuracy": [0, 0, 1]})
    assert ydata(ax) == {"훈련 손실": [3, 2, 1], "검증 손실": [4, 3, 3]}


def test_history_counts_epochs_from_one():
    assert plot_history({"loss": [3, 2, 1]}, ["loss"]).lines[0].get_xdata().tolist() == [1, 2, 3]


def test_named_histories_are_labelled_by_name():
    ax = plot_history({"가": {"val_loss": [2, 1]}, "나": {"val_loss": [4, 3]}}, ["val_loss"])
    assert ydata(ax) == {"가": [2, 1], "나": [4, 3]}


def test_named_histories_of_two_metrics_are_labelled_by_both():
    ax = plot_history({"가": {"loss": [2, 1], "val_loss": [3, 2]}, "나": {"loss": [1, 0], "val_loss": [5, 4]}})
    assert list(ydata(ax)) == ["가 · 훈련 손실", "가 · 검증 손실", "나 · 훈련 손실", "나 · 검증 손실"]


def test_metrics_of_one_history_have_the_same_color():
    lines = plot_history({"가": {"loss": [2], "val_loss": [3]}, "나": {"loss": [1], "val_loss": [5]}}).lines
    assert [line.get_color() for line in lines] == [COLORS[0]] * 2 + [COLORS[1]] * 2


def test_seeds_are_drawn_as_their_mean_and_a_band_from_minimum_to_maximum():
    ax = plot_history({"가": {"loss": np.array([[3.0, 1.0], [5.0, 2.0], [4.0, 6.0]])}}, ["loss"])
    assert ydata(ax) == {"가": [4, 3]}
    [band] = ax.collections
    assert {tuple(corner) for corner in band.get_paths()[0].vertices} == {(1, 3), (1, 5), (2, 1), (2, 6)}


def test_one_seed_has_no_band():
    assert not plot_history({"가": {"loss": [[3, 1]]}}, ["loss"]).collections


def range_test():
    return SimpleNamespace(
        learning_rates=np.array([0.001, 0.01, 0.1, 1.0]),
        losses=np.array([2.0, 1.9, 0.8, 5.0]),
        smoothed=np.array([2.0, 1.5, 1.0, 3.0]),
        turning_point=0.1,
        suggestion=0.01,
    )


def test_range_test_draws_losses_over_learning_rates():
    lines = {line.get_label(): line for line in plot_range_test(range_test()).lines}
    for name, values in (("배치 손실", range_test().losses), ("평활한 손실", range_test().smoothed)):
        assert lines[name].get_xydata().tolist() == np.column_stack([range_test().learning_rates, values]).tolist()


@pytest.mark.parametrize("label, rate", [("최저점 η = 0.1", 0.1), ("제안 η = 0.01", 0.01)])
def test_range_test_marks(label, rate):
    [line] = [line for line in plot_range_test(range_test()).lines if line.get_label() == label]
    assert list(line.get_xdata()) == [rate, rate]


def test_range_test_has_a_logarithmic_learning_rate():
    ax = plot_range_test(range_test())
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "linear")


PLATEAU = {"val_loss": [3.0, 2.0, 2.0, 2.0, 1.0], "learning_rate": [0.1, 0.1, 0.1, 0.05, 0.05]}


@pytest.mark.parametrize("row, name", list(enumerate(PLATEAU)))
def test_plateau_draws_losses_above_learning_rates(row, name):
    line = plot_plateau(PLATEAU)[row].lines[0]
    assert line.get_xydata().tolist() == [[epoch, value] for epoch, value in enumerate(PLATEAU[name], start=1)]


@pytest.mark.parametrize("row", [0, 1])
def test_plateau_marks_the_epochs_where_the_learning_rate_fell(row):
    assert [list(line.get_xdata()) for line in plot_plateau(PLATEAU)[row].lines[1:]] == [[4, 4]]


INTERVALS = {"기준": (2.0, 1.0, 3.0), "드롭아웃": (1.5, 1.25, 2.5)}


def error_bars(ax):
    """막대마다의 (가운데 x, 행, 왼쪽 끝, 오른쪽 끝)."""
    for container in ax.containers:
        assert isinstance(container, ErrorbarContainer)
        point, _, [bar] = container
        (left, _), (right, _) = bar.get_segments()[0]
        yield (*point.get_xydata()[0].tolist(), left, right)


def test_comparison_draws_means_and_interval_ends():
    assert list(error_bars(plot_comparison(INTERVALS))) == [(2, 0, 1, 3), (1.5, 1, 1.25, 2.5)]


def test_comparison_names_its_rows_from_top_to_bottom():
    ax = plot_comparison(INTERVALS)
    assert [label.get_text() for label in ax.get_yticklabels()] == list(INTERVALS) and ax.yaxis_inverted()


def test_comparison_draws_the_value_of_every_seed():
    ax = plot_comparison(INTERVALS, points={"기준": [1.9, 2.1], "드롭아웃": [1.0, 2.0]})
    seeds = [line.get_xydata().tolist() for line in ax.lines if line.get_color() == "0.6"]
    assert seeds == [[[1.9, 0], [2.1, 0]], [[1.0, 1], [2.0, 1]]]


def test_comparison_gives_each_method_its_look():
    markers = [container[0] for container in plot_comparison(INTERVALS).containers]
    expected = [(style["color"].lower(), style["marker"]) for style in method_styles(INTERVALS).values()]
    assert [(to_hex(marker.get_color()), marker.get_marker()) for marker in markers] == expected


def test_comparison_of_small_differences_has_ticks_that_do_not_touch():
    ax = plot_comparison({"거듭제곱 기반": (0.007, -0.0055, 0.0141)})
    ax.figure.canvas.draw()
    boxes = [label.get_window_extent() for label in ax.get_xticklabels() if label.get_text()]
    assert len(boxes) > 3 and all(left.x1 < right.x0 for left, right in zip(boxes, boxes[1:]))


WEIGHTS = {"규제 없음": np.array([[-3.9, 3.9, 0.1], [0.2, -1.0, 4.0]]), "ℓ1": np.array([0.0, 0.1, 0.2, -1.5])}


def histograms(ax):
    """이름 → 구간마다의 높이와 구간의 경계. 계단 모양의 다각형에서 읽는다."""
    found = {}
    for patch in ax.patches:
        corners = patch.get_xy()
        found[patch.get_label()] = (corners[1:-1:2, 1].tolist(), corners[::2, 0].tolist())
    return found


@pytest.mark.parametrize("bins", [4, 61])
def test_weights_are_counted_between_the_same_edges(bins):
    """구간은 0에서 가장 먼 가중치(4)까지, 0을 가운데에 둔다."""
    edges = np.linspace(-4, 4, bins + 1)
    drawn = histograms(plot_weights(WEIGHTS, bins=bins))
    assert list(drawn) == list(WEIGHTS)
    for name, (heights, at) in drawn.items():
        np.testing.assert_array_equal(heights, np.histogram(WEIGHTS[name], edges)[0])
        np.testing.assert_allclose(at, edges)


def test_weights_have_sixty_one_bins_unless_told():
    assert all(len(heights) == 61 for heights, _ in histograms(plot_weights(WEIGHTS)).values())


def test_weights_counted_by_hand():
    assert histograms(plot_weights(WEIGHTS, bins=4)) == {
        "규제 없음": ([1, 1, 2, 2], [-4, -2, 0, 2, 4]),
        "ℓ1": ([0, 1, 3, 0], [-4, -2, 0, 2, 4]),
    }


def test_weights_have_linear_positions_and_logarithmic_counts():
    ax = plot_weights(WEIGHTS)
    assert (ax.get_xscale(), ax.get_yscale()) == ("linear", "log")
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("가중치", "개수")


def test_weights_of_each_model_have_their_color_and_name():
    ax = plot_weights(WEIGHTS)
    expected = [style["color"].lower() for style in method_styles(WEIGHTS).values()]
    assert [to_hex(patch.get_edgecolor()) for patch in ax.patches] == expected
    assert [text.get_text() for text in ax.get_legend().get_texts()] == list(WEIGHTS)


# 세 에포크(훈련 전까지 넷), 뉴런 둘.
NORMS = np.array([[1.0, 2.0], [1.5, 2.5], [1.0, 4.0], [0.5, 1.5]])


def test_norms_draw_every_neuron_over_the_epochs_from_zero():
    lines = plot_norms(NORMS).lines[:2]
    assert [line.get_ydata().tolist() for line in lines] == NORMS.T.tolist()
    assert all(line.get_xdata().tolist() == [0, 1, 2, 3] for line in lines)


def test_norms_draw_their_mean_thicker():
    *neurons, mean = plot_norms(NORMS).lines
    assert mean.get_label() == "평균" and mean.get_xydata().tolist() == [[0, 1.5], [1, 2], [2, 2.5], [3, 1]]
    assert all(mean.get_linewidth() > line.get_linewidth() for line in neurons)


def test_norms_mark_the_limit():
    limit = plot_norms(NORMS, limit=1.25).lines[-1]
    assert (limit.get_label(), limit.get_ydata()) == ("한계 r = 1.25", [1.25, 1.25])


def test_norms_without_a_limit_mark_none():
    assert len(plot_norms(NORMS).lines) == 3


def test_norms_name_mean_and_limit_only():
    legend = plot_norms(NORMS, limit=2).get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["평균", "한계 r = 2"]


def test_norms_name_their_axes():
    ax = plot_norms(NORMS, ylabel="노름")
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_xlim()) == ("에포크", "노름", (0, 3))


RELIABILITY = {
    "가": Reliability(np.array([np.nan, 0.4, 0.9]), np.array([np.nan, 0.5, 0.7]), np.array([0, 25, 75])),
    "나": Reliability(np.array([0.3, np.nan, 0.8]), np.array([0.1, np.nan, 0.9]), np.array([10, 0, 10])),
}
POINTS = {"가": [[0.4, 0.5], [0.9, 0.7]], "나": [[0.3, 0.1], [0.8, 0.9]]}


def test_reliability_draws_accuracy_over_confidence_and_leaves_out_empty_bins():
    _, *lines = plot_reliability(RELIABILITY).lines
    assert {line.get_label(): line.get_xydata().tolist() for line in lines} == POINTS


def test_reliability_marks_every_bin():
    dots = plot_reliability(RELIABILITY).collections
    assert [np.asarray(dot.get_offsets()).tolist() for dot in dots] == list(POINTS.values())


def test_area_of_a_dot_grows_with_the_share_of_predictions():
    """예측이 없는 구간의 점은 넓이 8, 모든 예측이 든 구간의 점은 208이다."""
    sizes = [dot.get_sizes().tolist() for dot in plot_reliability(RELIABILITY).collections]
    assert sizes == [[8 + 50, 8 + 150], [8 + 100, 8 + 100]]


def test_reliability_draws_the_diagonal():
    diagonal = plot_reliability(RELIABILITY).lines[0]
    assert (diagonal.get_label(), diagonal.get_xydata().tolist()) == ("확신 = 정확도", [[0, 0], [1, 1]])


def test_dots_of_a_model_have_the_color_of_its_line():
    ax = plot_reliability(RELIABILITY)
    lines = [to_hex(line.get_color()) for line in ax.lines[1:]]
    assert lines == [to_hex(dot.get_facecolor()[0]) for dot in ax.collections] == [c.lower() for c in COLORS[:2]]


def test_reliability_is_a_square_with_korean_names():
    ax = plot_reliability(RELIABILITY)
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_aspect()) == ("확신(가장 큰 확률)", "정확도", 1)
    assert ax.get_xlim() == ax.get_ylim()


IMAGES = np.random.default_rng(0).random((3, 5, 4))
MEAN = np.array([[0.75, 0.25], [0.5, 0.5], [0.125, 0.875]])
STD = np.array([[0.25, 0.125], [0.0, 0.0625], [0.03125, 0.5]])


@pytest.fixture
def predicted():
    return plot_predictions(IMAGES, MEAN, STD, ["셔츠", "가방"], titles=["하나", "둘", "셋"])


def test_predictions_stand_under_their_images(predicted):
    assert predicted.shape == (2, 3)
    for i in range(3):
        [image] = predicted[0, i].images
        np.testing.assert_array_equal(image.get_array(), IMAGES[i])
        assert [bar.get_width() for bar in predicted[1, i].patches] == MEAN[i].tolist()


def test_images_share_one_scale_of_gray(predicted):
    assert {image.get_clim() for ax in predicted[0] for image in ax.images} == {(0, 1)}


def test_error_bars_are_one_standard_deviation_to_each_side(predicted):
    for i, ax in enumerate(predicted[1]):
        [errors] = [container for container in ax.containers if isinstance(container, ErrorbarContainer)]
        ends = [segment[:, 0].tolist() for segment in errors[2][0].get_segments()]
        assert ends == np.column_stack([MEAN[i] - STD[i], MEAN[i] + STD[i]]).tolist()


def test_first_class_is_on_top(predicted):
    assert all(ax.yaxis_inverted() for ax in predicted[1])
    rows = [bar.get_y() + bar.get_height() / 2 for bar in predicted[1, 0].patches]
    assert rows == pytest.approx([0, 1]) and predicted[1, 0].get_yticks().tolist() == [0, 1]


def test_classes_are_named_once_on_the_left(predicted):
    names = [[label.get_text() for label in ax.get_yticklabels()] for ax in predicted[1]]
    assert [[name for name in row if name] for row in names] == [["셔츠", "가방"], [], []]


def test_images_have_their_titles(predicted):
    assert [[text.get_text() for text in ax.texts] for ax in predicted[0]] == [["하나"], ["둘"], ["셋"]]


def test_titles_may_be_left_out():
    assert not any(ax.texts for ax in plot_predictions(IMAGES, MEAN, STD, ["셔츠", "가방"])[0])


def test_predictions_have_one_scale_of_probability(predicted):
    assert {ax.get_xlim() for ax in predicted[1]} == {(0, 1.05)}
    assert predicted[0, 0].figure.get_supxlabel() == "확률"


def test_one_prediction_still_has_two_rows_of_axes():
    assert plot_predictions(IMAGES[:1], MEAN[:1], STD[:1], ["셔츠", "가방"]).shape == (2, 1)


# 방법과 곡선마다 정한 모양 -----------------------------------------------------------------------------------------

SCHEDULES = ("고정", "거듭제곱 기반", "지수 기반", "구간별 고정", "성능 기반", "1사이클", "코사인")
REGULARIZERS = ("규제 없음", "조기 종료", "배치 정규화", "ℓ1", "ℓ2", "드롭아웃", "맥스-노름")
COMBINED = ("드롭아웃 + 맥스-노름", "드롭아웃 + 배치 정규화", "드롭아웃 + ℓ1 + ℓ2 + 맥스-노름")


@pytest.mark.parametrize("family", [SCHEDULES, (*REGULARIZERS, *COMBINED), ("훈련 손실", "검증 손실")])
def test_methods_of_a_family_are_told_apart_without_colour(family):
    """색을 가려 보지 못하거나 흑백으로 찍어도 선과 점이 모두 다르다."""
    styles = [STYLES[name] for name in family]
    assert len({str(style["line"]) for style in styles}) == len({style["marker"] for style in styles}) == len(family)


def luminance(color):
    channels = np.array(to_rgb(color))
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4) @ [
        0.2126,
        0.7152,
        0.0722,
    ]


@pytest.mark.parametrize("color", sorted({*COLORS, *(style["color"] for style in STYLES.values())}))
def test_every_colour_stands_out_from_white(color):
    """그림의 선도 바탕과 3:1 넘게 다르다(WCAG 1.4.11)."""
    assert 1.05 / (luminance(color) + 0.05) >= 3


def test_method_looks_the_same_whatever_stands_beside_it():
    alone = method_styles(["1사이클"])["1사이클"]
    for others in (SCHEDULES, REGULARIZERS, ("내 방법", "남의 방법")):
        assert method_styles([*others, "1사이클"])["1사이클"] == alone
        assert method_styles(["1사이클", *others])["1사이클"] == alone


@pytest.mark.parametrize(
    "name, known",
    [
        ("1사이클, 과감한 η1", "1사이클"),
        ("고정 학습률", "고정"),
        ("구간별 고정", "구간별 고정"),
        ("알파 드롭아웃 0.3", "알파 드롭아웃"),
        ("드롭아웃 + 맥스-노름", "드롭아웃 + 맥스-노름"),
    ],
)
def test_method_is_known_by_the_name_inside(name, known):
    assert method_styles([name])[name]["color"] == STYLES[known]["color"]


def test_same_method_twice_keeps_its_colour_and_changes_its_line():
    bold, careful = method_styles(["1사이클, 과감", "1사이클, 조심"]).values()
    assert bold["color"] == careful["color"] and bold["linestyle"] != careful["linestyle"]


def test_unknown_name_never_takes_the_look_of_a_method_beside_it():
    styles = method_styles(["내 방법", "거듭제곱 기반", *(f"모델 {i}" for i in range(20))])
    assert len({(style["color"], str(style["linestyle"])) for style in styles.values()}) == len(styles)


# 남의 모델, 남의 기록 ------------------------------------------------------------------------------------------------


def looks(ax):
    """선마다의 색과 모양. 데이터가 없는 선(범례)은 없다."""
    return [(to_hex(line.get_color()), str(line.get_linestyle()), line._dash_pattern) for line in ax.lines]


def many(n, value):
    return {f"모델 {i}": value for i in range(n)}


@pytest.mark.parametrize("n", [1, 8, 9, 10, 40])
@pytest.mark.parametrize(
    "draw",
    [
        lambda n: plot_schedule([0, 1], many(n, [0.1, 0.2])),
        lambda n: plot_history(many(n, {"loss": [2, 1]}), ["loss"]),
        lambda n: plot_history(many(n // 2 + 1, {"loss": [2, 1], "val_loss": [3, 2]})),
        lambda n: plot_history(many(min(n, 30), [2, 1]), list(many(min(n, 30), 0))),
        lambda n: plot_reliability(many(n, RELIABILITY["가"])),
    ],
    ids=["schedule", "history", "two metrics", "many metrics", "reliability"],
)
def test_more_series_than_colours_still_differ(draw, n):
    ax = draw(n)
    assert len(ax.lines) >= min(n, 30) and len({str(look) for look in looks(ax)}) == len(ax.lines)


@pytest.mark.parametrize("n", [1, 10, 40])
def test_more_histograms_than_colours_still_differ(n):
    patches = plot_weights({f"모델 {i}": [i, -1.0] for i in range(n)}).patches
    assert len({(patch.get_edgecolor(), str(patch._dash_pattern)) for patch in patches}) == len(patches) == n


def test_first_eight_keep_their_colour_and_line():
    lines = plot_reliability(many(8, RELIABILITY["가"])).lines[1:]
    expected = plt.subplots()[1]
    for color, style in zip(COLORS, LINES):
        expected.plot([0, 1], color=color, linestyle=style)
    assert looks(SimpleNamespace(lines=lines)) == looks(expected)


def keras_history(history):
    """``fit``이 돌려주는 것: 케라스의 콜백이 기록을 들고 있다."""
    import keras

    callback = keras.callbacks.History()
    callback.history = history
    return callback


TRAINED = {"loss": [3.0, 2.0, 1.0], "accuracy": [0.2, 0.5, 0.9]}


@pytest.mark.parametrize("wrap", [dict, keras_history, lambda history: SimpleNamespace(history=history)])
@pytest.mark.parametrize("named", [False, True])
def test_history_comes_as_keras_gives_it(wrap, named):
    ax = plot_history({"가": wrap(TRAINED)} if named else wrap(TRAINED), "loss")
    assert list(ydata(ax).values()) == [[3, 2, 1]]


def test_history_without_validation_draws_the_training():
    assert ydata(plot_history(TRAINED)) == {"훈련 손실": [3, 2, 1]}


def test_histories_with_and_without_validation_stand_together():
    ax = plot_history({"가": TRAINED, "나": TRAINED | {"val_loss": [3, 3, 3]}})
    assert list(ydata(ax)) == ["가 · 훈련 손실", "나 · 훈련 손실", "나 · 검증 손실"]


@pytest.mark.parametrize("metrics", ["acuracy", ("loss", "acuracy"), ("val_loss",), ()])
def test_value_that_no_history_has_is_named_with_those_it_has(metrics):
    with pytest.raises(ValueError, match=r"기록에 없습니다. 있는 것은 \['loss', 'accuracy'\]"):
        plot_history(TRAINED, metrics)


def test_seeds_that_all_stopped_early_leave_no_warning(recwarn):
    ax = plot_history({"가": {"loss": np.array([[3.0, 1.0, np.nan], [5.0, np.nan, np.nan]])}}, ["loss"])
    np.testing.assert_equal(ydata(ax), {"가": [4, 1, np.nan]})
    assert not recwarn.list


NEGATIVE = [-0.1, -0.3, -0.8, -0.9, -0.2]


@pytest.mark.parametrize(
    "smoothed",
    [NEGATIVE, [0.5, 0.1, -0.4, 2.0], [-3.0, -2.0, -1.0], [0.0, -0.5, 1.0], [2.0, np.nan, 1.0, np.inf], [-1.0], [0.0]],
    ids=["negative", "crossing", "rising", "from zero", "not finite", "one", "zero"],
)
def test_range_test_shows_start_and_lowest_point_of_any_sign(smoothed, recwarn):
    n = len(smoothed)
    result = SimpleNamespace(
        learning_rates=list(np.geomspace(1e-4, 1, n)), losses=smoothed, smoothed=smoothed, turning_point=0.1,
        suggestion=0.01,
    )  # fmt: skip
    low, high = plot_range_test(result).get_ylim()
    finite = [value for value in smoothed if np.isfinite(value)]
    assert low <= min(finite) and finite[0] <= high and low < high
    assert high - low < 3 * (finite[0] - min(finite) or abs(finite[0]) or 1)
    assert not recwarn.list


def test_range_test_of_positive_losses_starts_at_zero():
    assert plot_range_test(range_test()).get_ylim() == pytest.approx((0, 2.8))


def test_range_test_that_has_no_finite_loss_is_still_drawn():
    nothing = SimpleNamespace(**{**vars(range_test()), "losses": [np.nan] * 4, "smoothed": [np.nan] * 4})
    assert plot_range_test(nothing).get_xscale() == "log"


def test_plateau_comes_as_keras_gives_it():
    assert plot_plateau(keras_history(PLATEAU))[0].lines[0].get_ydata().tolist() == PLATEAU["val_loss"]


@pytest.mark.parametrize("name", list(PLATEAU))
def test_plateau_names_what_the_history_lacks(name):
    with pytest.raises(ValueError, match=f"{name} 값이 기록에 없습니다. .*ReduceLROnPlateau"):
        plot_plateau({key: value for key, value in PLATEAU.items() if key != name})


@pytest.mark.parametrize("number", [np.int64, np.int32, np.uint8])
def test_numpy_integer_counts_bins(number):
    assert histograms(plot_weights(WEIGHTS, bins=number(4))) == histograms(plot_weights(WEIGHTS, bins=4))


@pytest.mark.parametrize("bins", [0, -1, 2.5, True, np.float64(4)])
def test_bins_must_be_a_positive_integer(bins, rejects):
    with rejects("bins", bins):
        plot_weights(WEIGHTS, bins=bins)


def test_weights_that_are_not_finite_are_left_out(recwarn):
    drawn = histograms(plot_weights({"가": [1.0, np.nan, -np.inf, -2.0], "나": [np.nan]}, bins=2))
    assert drawn == {"가": ([1, 1], [-2, 0, 2]), "나": ([0, 0], [-2, 0, 2])} and not recwarn.list


def test_weights_that_are_all_zero_are_drawn(recwarn):
    [(heights, _)] = histograms(plot_weights({"ℓ1": np.zeros(7)}, bins=3)).values()
    assert heights == [0, 7, 0] and not recwarn.list


def test_weights_without_a_finite_one_say_so(rejects):
    with rejects("weights", ["가"]):
        plot_weights({"가": [np.nan]})


@pytest.mark.parametrize(
    "draw, name",
    [
        (lambda empty: plot_schedule([0, 1], empty), "schedules"),
        (plot_history, "histories"),
        (plot_comparison, "intervals"),
        (plot_weights, "weights"),
        (plot_reliability, "models"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_nothing_to_draw_is_said(draw, name, rejects):
    with rejects(name, {}):
        draw({})
    with pytest.raises(ValueError, match=rf'{name}: {{"이름": 값}} 꼴의 사전이어야 합니다\(ndarray을 받았습니다\)'):
        draw(np.ones((1000, 2)))
    assert not plt.get_fignums()  # 빈 그림을 남기지 않는다


@pytest.mark.parametrize("shape", [(0, 3), (4,), (2, 3, 4)])
def test_norms_need_epochs_and_neurons(shape, rejects):
    with rejects("norms의 모양", shape):
        plot_norms(np.ones(shape))


@pytest.mark.parametrize(
    "draw",
    [
        lambda: plot_schedule([0], {"가": [0.1]}, total_steps=np.int64(5)),
        lambda: plot_schedule([0], {"가": [np.nan]}, log=True),
        lambda: plot_history({"loss": [1.0]}),
        lambda: plot_history({"loss": [np.nan]}, log=True),
        lambda: plot_plateau({"val_loss": [1.0], "learning_rate": [0.1]}),
        lambda: plot_comparison({"가": (1.0, 1.0, 1.0), "나": (np.nan, np.nan, np.nan)}, points={"가": [1.0]}),
        lambda: plot_weights({"가": [0.5]}),
        lambda: plot_norms([[1.0, 2.0]]),
        lambda: plot_norms([[1.0, np.nan], [np.nan, np.nan]]),
        lambda: plot_reliability({"가": Reliability([np.nan, 0.9], [np.nan, 1.0], [0, 1])}),
        lambda: plot_reliability({"가": Reliability([np.nan], [np.nan], [0])}),
        lambda: plot_predictions([[[0.0]]], [[1.0, 0.0]], [[0.0, 0.0]], ["가", "나"]),
    ],
    ids=[
        *("schedule", "schedule NaN", "history", "history NaN", "plateau", "comparison", "weights", "norms"),
        *("norms NaN", "reliability", "reliability empty", "predictions"),
    ],
)
def test_one_point_lists_and_nan_are_drawn_without_a_warning(draw, recwarn):
    draw()
    for number in plt.get_fignums():
        plt.figure(number).canvas.draw()
    assert not [str(one.message) for one in recwarn.list]


@pytest.mark.parametrize(
    "images, mean, std",
    [
        (np.ones((0, 2, 2)), np.ones((0, 2)), np.ones((0, 2))),
        (np.ones((2, 2, 2)), np.ones((3, 2)), np.ones((3, 2))),
        (np.ones((2, 2, 2)), np.ones((2, 3)), np.ones((2, 3))),
        (np.ones((2, 2, 2)), np.ones((2, 2)), np.ones(2)),
    ],
    ids=["nothing", "fewer images", "more classes", "one deviation"],
)
def test_predictions_that_do_not_fit_are_named(images, mean, std, rejects):
    with rejects("images, mean, std의 모양", (images.shape, mean.shape, std.shape)):
        plot_predictions(images, mean, std, ["셔츠", "가방"])


def test_only_two_axes_can_be_logarithmic(rejects):
    with rejects("which", "z"):
        log_axis(plt.subplots()[1], "z")


def test_images_of_bytes_are_as_bright_as_images_of_fractions():
    image, sure = np.linspace(0, 1, 16).reshape(1, 4, 4), np.array([[1.0, 0.0]])
    axes = [plot_predictions(x, sure, 0 * sure, ["가", "나"]) for x in (image, (255 * image).astype("uint8"))]
    shades = [ax[0, 0].images[0] for ax in axes]
    np.testing.assert_allclose(*(shade.norm(shade.get_array()) for shade in shades), atol=1 / 255)


def test_metric_of_several_values_is_not_drawn_as_seeds():
    with pytest.raises(ValueError, match="값이 여럿인 지표"):
        plot_history({"f1_score": [np.ones(3), np.zeros(3)]}, "f1_score")


def test_schedule_of_another_length_is_named():
    with pytest.raises(ValueError, match="나=2"):
        plot_schedule(np.arange(3), {"가": [1, 2, 3], "나": [1, 2]})


def test_weights_of_a_whole_model_are_drawn():
    ax = plot_weights({"모델": [np.ones((2, 3)), np.zeros(3)]}, bins=3)
    assert sum(patch.get_xy()[:, 1].max() for patch in ax.patches) >= 6
