"""한국어 그림. 배열과 기록을 받아 축에 그린다.

모든 함수는 ``ax``를 받아 그 위에 그리고 돌려준다. 주지 않으면 새로 만든다.
"""

import importlib.util
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib import font_manager
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

# 색을 구별하기 어려운 사람도 가려 볼 수 있는 여덟 색 (Okabe와 Ito, 2008). 노랑은 흰 바탕에서 흐려 맨 뒤에 둔다.
COLORS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#F0E442"]
LINES = ["-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1, 1, 1)), (0, (1, 1)), (0, (6, 2))]
WIDTH = 6.0  # 인치. 이보다 넓은 그림은 전화기에서 글자가 읽기 어렵게 작아진다.


def use_korean_font():
    """그림의 글꼴을 나눔고딕으로 바꾸고 이 강좌의 색과 선을 정한다. 글꼴이 없는 기계에서도 한글이 나온다.

    글꼴 파일은 ``koreanize-matplotlib`` 패키지의 것을 경로로 등록한다. 그 코드는 파이썬 3.12에서 사라진
    ``distutils``를 쓰므로 불러오지 않는다.

    예외: 글꼴 파일이 없으면 ``FileNotFoundError``.
    """
    spec = importlib.util.find_spec("koreanize_matplotlib")
    for name in ("NanumGothic.ttf", "NanumGothicBold.ttf"):
        path = Path(spec and spec.origin or "").parent / "fonts" / name
        if not path.exists():
            raise FileNotFoundError(
                "한글 글꼴이 없습니다. pip install --force-reinstall --no-deps koreanize-matplotlib을 실행하세요."
            )
        font_manager.fontManager.addfont(path)
    plt.rcParams.update(
        {
            "font.family": ["NanumGothic", "DejaVu Sans"],  # 나눔고딕에 없는 기호는 뒤의 글꼴로
            "mathtext.fontset": "dejavusans",
            "axes.unicode_minus": False,  # 나눔고딕에는 유니코드 빼기 기호가 없다
            "axes.prop_cycle": plt.cycler(color=COLORS, linestyle=LINES),
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "grid.alpha": 0.3,
            "figure.figsize": (WIDTH, 3.6),
            "figure.dpi": 110,
            "figure.constrained_layout.use": True,
            "font.size": 12,
            "legend.frameon": False,
            "svg.fonttype": "none",
        }
    )


def log_axis(ax, which):
    """``which``("x" 또는 "y") 축을 로그 눈금으로 바꾼다. 눈금은 10의 거듭제곱 꼴이 아니라 0.001처럼 적는다."""
    getattr(ax, f"set_{which}scale")("log")
    axis = getattr(ax, f"{which}axis")
    low, high = sorted(axis.get_view_interval())
    # 두 자릿수보다 좁은 범위에서는 10의 거듭제곱만으로 눈금이 모자란다.
    axis.set_major_locator(LogLocator(subs=(1, 2, 5) if high / low < 100 else (1,)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def plot_schedule(steps, schedules, *, total_steps=None, steps_per_epoch=None, ylabel="학습률 η", log=False, ax=None):
    """스텝에 대한 학습률을 그린다. 훈련이 닿지 않는 스텝은 회색으로 덮는다.

    인수:
        steps: 스텝 번호들.
        schedules: 이름 → 같은 길이의 값들.
        total_steps: 훈련이 끝나는 스텝. 그 뒤를 덮는다.
        steps_per_epoch: 주면 위쪽 축에 에포크를 함께 적는다.
        ylabel: 세로축 이름. log: 세로축을 로그로 그린다.
    """
    ax = ax or plt.subplots()[1]
    for name, values in schedules.items():
        ax.plot(steps, values, label=name)
    if total_steps is not None and steps[-1] > total_steps:
        ax.axvspan(total_steps, steps[-1], color="0.5", alpha=0.25, linewidth=0, label="훈련이 닿지 않는 스텝")
    if steps_per_epoch:
        top = ax.secondary_xaxis("top", functions=(lambda s: s / steps_per_epoch, lambda e: e * steps_per_epoch))
        top.set_xlabel("에포크")
    ax.set(xlabel="스텝", ylabel=ylabel, xlim=(steps[0], steps[-1]))
    if log:
        log_axis(ax, "y")
    else:
        ax.set_ylim(bottom=0)
    ax.legend()
    return ax


def plot_history(histories, metrics=("loss", "val_loss"), *, ylabel="손실", log=False, ax=None):
    """에포크에 대한 손실이나 정확도를 그린다. 씨앗이 여럿이면 평균을 선으로, 최소와 최대 사이를 띠로 그린다.

    인수:
        histories: 이름 → ``Run.history`` 또는 ``Comparison.history``의 값. 하나뿐이면 그것만 주어도 된다.
        metrics: 그릴 값들의 이름. 둘째부터는 같은 색의 점선이다.
        ylabel: 세로축 이름. log: 세로축을 로그로 그린다.
    """
    ax = ax or plt.subplots()[1]
    if metrics[0] in histories:
        histories = {"": histories}
    for i, (name, history) in enumerate(histories.items()):
        for j, metric in enumerate(metrics):
            values = np.atleast_2d(history[metric])
            epochs = np.arange(1, values.shape[1] + 1)
            metric_name = _METRIC_NAMES.get(metric, metric)
            label = " · ".join([name] * bool(name) + [metric_name] * (len(metrics) > 1 or not name))
            single = len(histories) == 1
            style = LINES[i % len(LINES)] if len(metrics) == 1 else ("-", ":")[j % 2]
            color = COLORS[(j if single else i) % len(COLORS)]
            ax.plot(epochs, np.nanmean(values, axis=0), color=color, linestyle=style, label=label)
            if len(values) > 1:
                low, high = np.nanmin(values, axis=0), np.nanmax(values, axis=0)
                ax.fill_between(epochs, low, high, color=color, alpha=0.15, linewidth=0)
    ax.set(xlabel="에포크", ylabel=ylabel)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    if log:
        log_axis(ax, "y")
    ax.legend()
    return ax


_METRIC_NAMES = {
    "loss": "훈련 손실",
    "val_loss": "검증 손실",
    "accuracy": "훈련 정확도",
    "val_accuracy": "검증 정확도",
    "learning_rate": "학습률 η",
    "sparse_categorical_crossentropy": "훈련 교차 엔트로피",
    "val_sparse_categorical_crossentropy": "검증 교차 엔트로피",
}


def plot_range_test(result, *, ax=None):
    """학습률 범위 테스트의 손실 곡선. 손실이 가장 낮은 곳과 제안하는 학습률을 세로선으로 표시한다.

    인수: ``result`` ``learning_rates, losses, smoothed, turning_point, suggestion``을 가진 기록.
    """
    ax = ax or plt.subplots()[1]
    ax.plot(result.learning_rates, result.losses, color="0.6", linewidth=0.6, linestyle="-", label="배치 손실")
    ax.plot(result.learning_rates, result.smoothed, color=COLORS[0], linestyle="-", label="평활한 손실")
    try:
        turning_point, suggestion = result.turning_point, result.suggestion
    except ValueError:  # 최저점이 범위의 끝에 있으면 표시할 곳이 없다. 곡선은 보여야 까닭을 안다.
        pass
    else:
        ax.axvline(turning_point, color=COLORS[1], linestyle=":", label=f"최저점 η = {turning_point:.2g}")
        ax.axvline(suggestion, color=COLORS[2], linestyle="--", label=f"제안 η = {suggestion:.2g}")
    ax.set(xlabel="학습률 η", ylabel="손실", ylim=(0, 1.4 * result.smoothed[0]))
    log_axis(ax, "x")
    ax.legend()
    return ax


def plot_plateau(history, *, axes=None):
    """검증 손실(위)과 학습률(아래)을 한 시간축에 그리고, 학습률이 줄어든 때마다 세로선을 긋는다.

    인수: ``history`` ``val_loss``와 ``learning_rate``가 든 ``Run.history``. ``axes``: 축 두 개.

    반환: 축 두 개.
    """
    if axes is None:
        axes = plt.subplots(2, sharex=True, figsize=(WIDTH, 4.8))[1]
    epochs = np.arange(1, len(history["val_loss"]) + 1)
    axes[0].plot(epochs, history["val_loss"], color=COLORS[0], linestyle="-", marker="o", markersize=3)
    axes[1].step(epochs, history["learning_rate"], color=COLORS[1], linestyle="-", where="post")
    for epoch in epochs[1:][np.diff(history["learning_rate"]) < 0]:
        for ax in axes:
            ax.axvline(epoch, color="0.5", linestyle=":", linewidth=1)
    axes[0].set(ylabel="검증 손실")
    axes[1].set(xlabel="에포크", ylabel="학습률 η")
    log_axis(axes[1], "y")
    return axes


def plot_comparison(intervals, *, points=None, xlabel="검증 손실", ax=None):
    """방법마다의 평균과 95 % 신뢰 구간을 가로 막대로 그린다.

    인수:
        intervals: 이름 → (평균, 아래, 위).
        points: 이름 → 씨앗마다의 값. 주면 작은 점으로 함께 찍는다.
        xlabel: 가로축 이름.
    """
    ax = ax or plt.subplots(figsize=(WIDTH, 0.8 + 0.45 * len(intervals)))[1]
    for row, (name, (mean, low, high)) in enumerate(intervals.items()):
        if points is not None:
            ax.plot(points[name], np.full(len(points[name]), row), "o", color="0.6", markersize=4)
        color = COLORS[row % 7]
        ax.errorbar(mean, row, xerr=[[mean - low], [high - mean]], fmt="D", color=color, capsize=4, linestyle="none")
    ax.xaxis.set_major_locator(MaxNLocator(6))  # 소수점 아래가 긴 눈금도 서로 겹치지 않는다
    ax.set(yticks=range(len(intervals)), yticklabels=list(intervals), xlabel=xlabel, ylim=(len(intervals) - 0.5, -0.5))
    return ax


def plot_weights(weights, *, bins=61, ax=None):
    """가중치의 히스토그램을 겹쳐 그린다. 모두 같은 구간을 쓰고, 세로축은 로그이다.

    인수: ``weights`` 이름 → 가중치 배열(모양은 무엇이든 좋다), ``bins`` 구간 수.
    """
    ax = ax or plt.subplots()[1]
    flat = {name: np.ravel(values) for name, values in weights.items()}
    widest = max(np.abs(values).max() for values in flat.values())
    edges = np.linspace(-widest, widest, bins + 1)
    for i, (name, values) in enumerate(flat.items()):
        ax.hist(values, edges, histtype="step", color=COLORS[i], linestyle=LINES[i], linewidth=1.5, label=name)
    ax.set(xlabel="가중치", ylabel="개수")
    log_axis(ax, "y")
    ax.legend()
    return ax


def plot_norms(norms, *, limit=None, ylabel="가중치 벡터의 노름", ax=None):
    """뉴런마다 가중치 벡터의 노름이 에포크에 따라 움직이는 모습을 가는 선으로, 평균을 굵은 선으로 그린다.

    인수: ``norms`` 배열 (에포크 + 1, 뉴런), 첫 행은 훈련 전. ``limit``: 주면 한계를 점선으로 긋는다.
    """
    ax = ax or plt.subplots()[1]
    epochs = np.arange(len(norms))
    ax.plot(epochs, norms, color=COLORS[0], linestyle="-", linewidth=0.5, alpha=0.25)
    ax.plot(epochs, np.mean(norms, axis=1), color=COLORS[1], linestyle="-", linewidth=2, label="평균")
    if limit is not None:
        ax.axhline(limit, color="0.4", linestyle=":", label=f"한계 r = {limit:g}")
    ax.set(xlabel="에포크", ylabel=ylabel, xlim=(0, len(norms) - 1))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend()
    return ax


def plot_reliability(models, *, ax=None):
    """신뢰도 그림: 확신의 구간마다 정확도를 찍는다. 대각선에 가까울수록 확신을 믿을 만하다. 점의 크기는 예측 수이다.

    인수: ``models`` 이름 → ``confidence, accuracy, count``를 가진 기록(``calibration.reliability``).
    """
    ax = ax or plt.subplots(figsize=(5.0, 5.0))[1]
    ax.plot([0, 1], [0, 1], color="0.5", linestyle=":", label="확신 = 정확도")
    for i, (name, parts) in enumerate(models.items()):
        used = parts.count > 0
        confidence, accuracy = parts.confidence[used], parts.accuracy[used]
        ax.plot(confidence, accuracy, color=COLORS[i], linestyle=LINES[i], label=name)
        area = 8 + 200 * parts.count[used] / parts.count.sum()
        ax.scatter(confidence, accuracy, area, color=COLORS[i], alpha=0.7, linewidth=0)
    ax.set(xlabel="확신(가장 큰 확률)", ylabel="정확도", xlim=(0, 1.02), ylim=(0, 1.02), aspect="equal")
    ax.legend()
    return ax


def plot_predictions(images, mean, std, class_names, *, titles=None):
    """입력 이미지와 그 아래의 예측. 막대는 클래스마다의 평균 확률, 오차 막대는 표준 편차이다.

    인수: ``images`` (n, 높이, 너비), ``mean, std`` (n, 클래스 수), ``class_names`` 클래스 이름들,
    ``titles`` 이미지마다의 이름.

    반환: 축 배열 (2, n). 위가 이미지, 아래가 예측.
    """
    n, classes = mean.shape
    figure = plt.figure(figsize=(max(3.5, 1.5 * n), 4.6))
    axes = figure.subplots(2, n, squeeze=False, height_ratios=(1, 1.6))
    rows = np.arange(classes)
    for i in range(n):
        axes[0, i].imshow(images[i], cmap="gray_r", vmin=0, vmax=1)
        axes[0, i].set_axis_off()
        if titles is not None:
            axes[0, i].annotate(titles[i], (0.5, -0.02), xycoords="axes fraction", ha="center", va="top")
        error = {"ecolor": COLORS[1], "capsize": 2}
        axes[1, i].barh(rows, mean[i], xerr=std[i], color=COLORS[0], height=0.7, error_kw=error)
        axes[1, i].set(yticks=rows, yticklabels=class_names if i == 0 else [], xlim=(0, 1.05))
        axes[1, i].set_xticks((0, 0.5, 1), ("0", "0.5", "1"))
        axes[1, i].invert_yaxis()
    figure.supxlabel("확률", size="medium")
    return axes
