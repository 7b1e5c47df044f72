"""그림은 픽셀이 아니라 축에 놓인 데이터로 확인한다."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.container import ErrorbarContainer

from homl11.plots import (
    COLORS,
    log_axis,
    plot_comparison,
    plot_history,
    plot_plateau,
    plot_range_test,
    plot_schedule,
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
axes[0].plot([-0.002, -0.001], [-2, -1], label="손실 · ±95 % η × ₀")
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
    return [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in ax.patches]


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
    ],
    ids=["schedule", "history", "range test", "comparison"],
)
def test_draws_on_the_given_axes(draw):
    _, ax = plt.subplots()
    assert draw(ax) is ax and ax.lines


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


def test_comparison_gives_each_method_its_color():
    markers = [container[0] for container in plot_comparison(INTERVALS).containers]
    assert [to_hex(marker.get_color()) for marker in markers] == [color.lower() for color in COLORS[:2]]
