"""한국어 그림. 배열과 기록을 받아 축에 그린다.

모든 함수는 ``ax``를 받아 그 위에 그리고 돌려준다. 주지 않으면 새로 만든다.
배열은 리스트여도 좋다. 유한하지 않은 값은 비워 둔다.
"""

import importlib.util
import json
import re
import warnings
from collections.abc import Mapping
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib import font_manager
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from homl11.arguments import is_count, require

# 색을 구별하기 어려운 사람도 가려 볼 수 있는 여덟 색 (Okabe와 Ito, 2008). 흰 바탕에서 흐린 주황과 하늘빛은 짙게 하고,
# 노랑은 보라로 바꾸었다.
COLORS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#C08400", "#3399D6", "#000000", "#8C6BB1"]
LINES = ["-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1, 1, 1)), (0, (1, 1)), (0, (6, 2))]
MARKERS = ["o", "s", "^", "v", "D", "P", "X", "*"]
# 방법과 곡선마다 정해 둔 색과 선과 점. 책의 연구 쪽과 놀이터도 같은 것을 쓴다.
STYLES = json.loads((Path(__file__).parent / "static" / "styles.json").read_text(encoding="utf-8"))
WIDTH = 6.0  # 인치. 이보다 넓은 그림은 전화기에서 글자가 읽기 어렵게 작아진다.


def use_korean_font():
    """그림의 글꼴을 나눔고딕으로 바꾸고 이 강좌의 색과 선을 정한다. 글꼴이 없는 기계에서도 한글이 나온다.

    글꼴 파일은 ``koreanize-matplotlib`` 패키지의 것을 경로로 등록한다. 그 코드는 파이썬 3.12에서 사라진
    ``distutils``를 쓰므로 불러오지 않는다.

    예외: 글꼴 파일이 없으면 ``FileNotFoundError``. 출처: 색은 Okabe와 Ito (2008).

    예:
        >>> import matplotlib.pyplot as plt
        >>> from homl11.plots import use_korean_font
        >>> use_korean_font()
        >>> plt.rcParams["font.family"]
        ['NanumGothic', 'DejaVu Sans']
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
    """축을 로그 눈금으로 바꾼다. 눈금은 10의 거듭제곱 꼴이 아니라 0.001처럼 적는다.

    인수: ``ax`` 맷플롯립의 축, ``which`` ``"x"`` 또는 ``"y"``. 예외: 다른 축이면 ``ValueError``.

    예:
        >>> import matplotlib.pyplot as plt
        >>> from homl11.plots import log_axis
        >>> ax = plt.subplots()[1]
        >>> lines = ax.plot([1, 2, 3], [0.1, 0.01, 0.001])
        >>> log_axis(ax, "y")
        >>> ax.get_yscale()
        'log'
    """
    require(which in ("x", "y"), "which", which, '"x"나 "y"여야 합니다')
    getattr(ax, f"set_{which}scale")("log")
    axis = getattr(ax, f"{which}axis")
    low, high = sorted(axis.get_view_interval())
    # 두 자릿수보다 좁은 범위에서는 10의 거듭제곱만으로 눈금이 모자란다.
    axis.set_major_locator(LogLocator(subs=(1, 2, 5) if high / low < 100 else (1,)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def _style(i):
    """i번째 계열의 색과 선과 점. 색은 여덟 가지이고, 모자라면 같은 색을 다른 선으로 다시 쓴다."""
    line = LINES[(i + i // len(COLORS)) % len(LINES)]
    return {"color": COLORS[i % len(COLORS)], "linestyle": line, "marker": MARKERS[i % len(MARKERS)]}


def _known_style(name):
    """이름에 든 방법의 모양. 여럿이면 앞선 것, 함께 시작하면 긴 것이다. «알파 드롭아웃»은 «드롭아웃»이 아니다."""
    found = [(match.start(), -len(key), key) for key in STYLES for match in re.finditer(_word(key), str(name))]
    if not found:
        return None
    style = STYLES[min(found)[2]]
    line = style["line"] if isinstance(style["line"], str) else (style["line"][0], tuple(style["line"][1]))
    return {"color": style["color"], "linestyle": line, "marker": style["marker"]}


def _word(name):
    return rf"(?<!\w){re.escape(name)}(?!\w)"


def method_styles(names, markers=True):
    """방법마다의 색과 선과 점. 아는 방법은 어느 그림에서나 같은 모양이고, 모르는 이름은 차례대로 받는다.

    아는 방법은 이 강좌의 스케줄과 규제, 곡선의 이름이다. «1사이클, 과감»처럼 이름 안에 있어도 된다.
    한 그림에 같은 방법이 여럿이면 색은 같고 선이 다르다.

    인수: ``names`` 이름들, ``markers`` 점을 찍을지. 곡선에는 찍지 않는다.

    반환: 이름 → ``color``, ``linestyle``, ``marker``가 든 사전. 맷플롯립의 ``plot``에 그대로 넘긴다.

    예:
        >>> from homl11.plots import method_styles
        >>> method_styles(["1사이클", "내 방법"])["1사이클"]["color"]
        '#C08400'
    """
    styles, used = {}, set()
    for i, name in enumerate(dict.fromkeys(names)):
        known = _known_style(name)
        kin = [{**known, "linestyle": line} for line in LINES] if known else []
        choices = [*([known] if known else []), *kin, *(_style(j) for j in range(i, i + len(COLORS) * len(LINES)))]
        fresh = [style for style in choices if (style["color"], style["linestyle"]) not in used]
        styles[name] = (fresh or choices)[0]
        used.add((styles[name]["color"], styles[name]["linestyle"]))
    return styles if markers else {name: {**style, "marker": ""} for name, style in styles.items()}


def _require_some(name, things):
    """``things``가 이름이 붙은 것 하나 이상이어야 한다."""
    if not isinstance(things, Mapping):
        raise ValueError(f'{name}: {{"이름": 값}} 꼴의 사전이어야 합니다({type(things).__name__}을 받았습니다).')
    require(things, name, things, "그릴 것이 없습니다. 하나 이상 담아 주세요")


def plot_schedule(steps, schedules, *, total_steps=None, steps_per_epoch=None, ylabel="학습률 η", log=False, ax=None):
    """스텝에 대한 학습률을 그린다. 훈련이 닿지 않는 스텝은 회색으로 덮는다.

    인수:
        steps: 스텝 번호들.
        schedules: 이름 → 같은 길이의 값들.
        total_steps: 훈련이 끝나는 스텝. 그 뒤를 덮는다.
        steps_per_epoch: 주면 위쪽 축에 에포크를 함께 적는다.
        ylabel: 세로축 이름.
        log: 세로축을 로그로 그린다.
        ax: 그릴 축.

    반환: 그린 축. 예외: 스텝이나 스케줄이 하나도 없으면 ``ValueError``.

    예:
        >>> import numpy as np
        >>> from homl11.plots import plot_schedule
        >>> from homl11.schedules import exponential, power
        >>> steps = np.arange(1_000)
        >>> rates = {"거듭제곱": power(steps, 0.1, 100), "지수": exponential(steps, 0.1, 500)}
        >>> ax = plot_schedule(steps, rates)
        >>> [line.get_label() for line in ax.lines]
        ['거듭제곱', '지수']
    """
    require(len(steps), "steps", steps, "스텝이 하나 이상 있어야 합니다")
    _require_some("schedules", schedules)
    for name, values in schedules.items():
        length = len(values) if hasattr(values, "__len__") else None
        rule = f"steps와 길이가 같은 값들이어야 합니다({len(steps)}개). 스케줄이면 [스케줄(t) for t in steps]를 주세요"
        require(length == len(steps), name, type(values).__name__ if length is None else length, rule)
    ax = ax or plt.subplots()[1]
    for name, style in method_styles(schedules, markers=False).items():
        ax.plot(steps, schedules[name], label=name, **style)
    if total_steps is not None and steps[-1] > total_steps:
        ax.axvspan(total_steps, steps[-1], color="0.5", alpha=0.25, linewidth=0, label="훈련이 닿지 않는 스텝")
    if steps_per_epoch:
        top = ax.secondary_xaxis("top", functions=(lambda s: s / steps_per_epoch, lambda e: e * steps_per_epoch))
        top.set_xlabel("에포크")
    ax.set(xlabel="스텝", ylabel=ylabel)
    _span(ax, steps[0], steps[-1])
    if log:
        log_axis(ax, "y")
    else:
        ax.set_ylim(bottom=0)
    ax.legend()
    return ax


def _span(ax, first, last):
    """가로축을 첫 값부터 마지막 값까지로 맞춘다. 점이 하나뿐이면 맷플롯립이 정한 대로 둔다."""
    if first != last:
        ax.set_xlim(first, last)


def plot_history(histories, metrics=("loss", "val_loss"), *, ylabel="손실", log=False, ax=None):
    """에포크에 대한 손실이나 정확도를 그린다. 씨앗이 여럿이면 평균을 선으로, 최소와 최대 사이를 띠로 그린다.

    인수:
        histories: 이름 → 기록. 기록은 ``Run.history``, ``Comparison.history``의 값, 케라스의 ``fit``이 돌려준 것
            가운데 무엇이든 좋다. 하나뿐이면 그것만 주어도 된다.
        metrics: 그릴 값들의 이름. 둘째부터는 같은 색의 다른 선이다. 검증 없이 훈련했으면 ``val_``로 시작하는 것은
            건너뛴다.
        ylabel: 세로축 이름.
        log: 세로축을 로그로 그린다.
        ax: 그릴 축.

    반환: 그린 축. 예외: 기록이 없거나, 어느 기록에도 없는 이름이 있으면 ``ValueError``.

    예:
        >>> from homl11.plots import plot_history
        >>> history = {"loss": [0.9, 0.5, 0.3], "val_loss": [0.8, 0.6, 0.5]}
        >>> ax = plot_history(history)
        >>> [line.get_label() for line in ax.lines]
        ['훈련 손실', '검증 손실']
    """
    metrics = (metrics,) if isinstance(metrics, str) else tuple(metrics)
    histories = _named_histories(histories)
    _require_metrics(histories, metrics)
    ax = ax or plt.subplots()[1]
    metric_names = {metric: _METRIC_NAMES.get(metric, metric) for metric in metrics}
    methods, kinds = method_styles(histories, markers=False), method_styles(metric_names.values(), markers=False)
    for i, (name, history) in enumerate(histories.items()):
        for j, (metric, metric_name) in enumerate(metric_names.items()):
            if metric not in history:
                continue
            values = np.atleast_2d(_numbers(history[metric], metric))
            epochs = np.arange(1, values.shape[1] + 1)
            label = " · ".join([name] * bool(name) + [metric_name] * (len(metrics) > 1 or not name))
            if len(metrics) == 1 and name:
                style = methods[name]
            elif len(histories) == 1:
                style = kinds[metric_name]
            else:
                style = {"color": methods[name]["color"], "linestyle": _metric_line(i, j)}
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", RuntimeWarning)  # 모든 씨앗이 조기 종료한 뒤는 모두 NaN이다
                mean, low, high = (f(values, axis=0) for f in (np.nanmean, np.nanmin, np.nanmax))
            ax.plot(epochs, mean, label=label, **style)
            if len(values) > 1:
                ax.fill_between(epochs, low, high, color=style["color"], alpha=0.15, linewidth=0)
    ax.set(xlabel="에포크", ylabel=ylabel)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    if log:
        log_axis(ax, "y")
    ax.legend()
    return ax


def _numbers(values, metric):
    """(에포크,) 또는 (씨앗, 에포크)의 값. 케라스의 기록에 배열이 들었으면 클래스마다 재는 지표이다."""
    vectors = isinstance(values, list) and any(np.ndim(value) for value in values)
    if vectors and isinstance(values[0], np.ndarray):
        raise ValueError(
            f"{metric}: 에포크마다 값이 여럿인 지표입니다. {{'{metric} 0': [v[0] for v in history['{metric}']]}}처럼 "
            "하나씩 골라 주거나, 지표가 average='macro'처럼 평균을 내게 하세요."
        )
    return np.asarray(values, float)


def _named_histories(histories):
    """이름 → (값의 이름 → 값). 이름 없는 기록 하나는 빈 이름을 얻는다."""
    histories = getattr(histories, "history", histories)
    _require_some("histories", histories)
    inner = {name: getattr(history, "history", history) for name, history in histories.items()}
    return inner if any(isinstance(history, Mapping) for history in inner.values()) else {"": histories}


def _require_metrics(histories, metrics):
    """그릴 것이 있어야 한다. 없는 이름은 잘못 적은 것이지만, ``val_``은 검증하지 않아 없을 수 있다."""
    known = {metric: None for history in histories.values() for metric in history}
    missing = [metric for metric in metrics if metric not in known]
    drawn = [metric for metric in metrics if metric in known]
    if not drawn or not all(metric.startswith("val_") for metric in missing):
        raise ValueError(f"metrics={metrics}: {missing} 값이 기록에 없습니다. 있는 것은 {list(known)}입니다.")


def _metric_line(history, metric):
    """여러 기록의 여러 값을 함께 그릴 때 값의 선. 색이 모자라면 다음 두 선을 쓴다."""
    lines = ("-", ":", "--", "-.", *LINES[4:])
    return lines[(metric + 2 * (history // len(COLORS))) % len(lines)]


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

    세로축은 평활한 손실이 시작한 곳보다 조금 위에서 끝난다. 폭발한 손실까지 담으면 최저점이 보이지 않는다.

    인수:
        result: ``learning_rates, losses, smoothed, turning_point, suggestion``을 가진 기록(``RangeTest``).
        ax: 그릴 축.

    반환: 그린 축.

    예:
        >>> import numpy as np
        >>> from homl11.plots import plot_range_test
        >>> from homl11.range_test import RangeTest
        >>> losses = np.array([2.0, 1.0, 3.0])
        >>> result = RangeTest(np.array([0.001, 0.1, 1.0]), losses, losses)
        >>> ax = plot_range_test(result)
        >>> ax.get_xscale()
        'log'
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
    ax.set(xlabel="학습률 η", ylabel="손실", ylim=_loss_limits(result.smoothed))
    log_axis(ax, "x")
    ax.legend()
    return ax


def _loss_limits(smoothed):
    """손실의 범위. 손실이 0보다 작을 수 있으면 0이 아니라 최저점에서 시작한다. 유한한 값이 없으면 ``None``."""
    finite = np.asarray(smoothed, float)[np.isfinite(smoothed)]
    if not len(finite):
        return None
    start, lowest = float(finite[0]), float(finite.min())
    if lowest >= 0 and start > 0:
        return 0, 1.4 * start
    depth = (start - lowest) or abs(start) or 1.0
    return lowest - 0.1 * depth, start + 0.4 * depth


def plot_plateau(history, *, axes=None):
    """검증 손실(위)과 학습률(아래)을 한 시간축에 그리고, 학습률이 줄어든 때마다 세로선을 긋는다.

    인수:
        history: ``val_loss``와 ``learning_rate``가 든 ``Run.history``. 케라스의 ``fit``이 돌려준 것도 된다.
        axes: 축 두 개.

    반환: 축 두 개. 예외: 두 값이 기록에 없으면 ``ValueError``.

    예:
        >>> from homl11.plots import plot_plateau
        >>> history = {"val_loss": [5, 4, 4, 3], "learning_rate": [0.1, 0.1, 0.1, 0.05]}
        >>> axes = plot_plateau(history)
        >>> len(axes[0].lines)  # 손실과, 학습률이 줄어든 때의 세로선
        2
    """
    history = getattr(history, "history", history)
    for name in ("val_loss", "learning_rate"):
        if name not in history:
            raise ValueError(
                f"{name} 값이 기록에 없습니다. 검증 데이터와 ReduceLROnPlateau 콜백을 주고 훈련한 기록을 주세요."
            )
    if axes is None:
        axes = plt.subplots(2, sharex=True, figsize=(WIDTH, 4.8))[1]
    epochs = np.arange(1, len(history["val_loss"]) + 1)
    styles = method_styles(("검증 손실", "학습률"))
    axes[0].plot(epochs, history["val_loss"], **styles["검증 손실"], markersize=3)
    axes[1].step(epochs, history["learning_rate"], where="post", **{**styles["학습률"], "marker": ""})
    for epoch in epochs[1:][np.diff(history["learning_rate"]) < 0]:
        for ax in axes:
            ax.axvline(epoch, color="0.5", linestyle=":", linewidth=1)
    axes[0].set(ylabel="검증 손실")
    axes[1].set(xlabel="에포크", ylabel="학습률 η")
    log_axis(axes[1], "y")
    return axes


def plot_comparison(intervals, *, points=None, xlabel="검증 손실", ax=None):
    """방법마다의 평균과 95% 신뢰 구간을 가로 막대로 그린다.

    인수:
        intervals: 이름 → (평균, 아래, 위).
        points: 이름 → 씨앗마다의 값. 주면 작은 점으로 함께 찍는다.
        xlabel: 가로축 이름.
        ax: 그릴 축.

    반환: 그린 축. 예외: 방법이 하나도 없으면 ``ValueError``.

    예:
        >>> from homl11.plots import plot_comparison
        >>> intervals = {"기준": (0.40, 0.36, 0.44), "드롭아웃": (0.31, 0.28, 0.34)}
        >>> ax = plot_comparison(intervals)
        >>> [label.get_text() for label in ax.get_yticklabels()]
        ['기준', '드롭아웃']
    """
    _require_some("intervals", intervals)
    ax = ax or plt.subplots(figsize=(WIDTH, 0.8 + 0.45 * len(intervals)))[1]
    styles = method_styles(intervals)
    for row, (name, (mean, low, high)) in enumerate(intervals.items()):
        if points is not None and name in points:
            ax.plot(points[name], np.full(len(points[name]), row), "o", color="0.6", markersize=4)
        look = {**styles[name], "linestyle": "none", "markersize": 8, "capsize": 4}
        ax.errorbar(mean, row, xerr=[[mean - low], [high - mean]], **look)
    ax.xaxis.set_major_locator(MaxNLocator(6))  # 소수점 아래가 긴 눈금도 서로 겹치지 않는다
    ax.set(yticks=range(len(intervals)), yticklabels=list(intervals), xlabel=xlabel, ylim=(len(intervals) - 0.5, -0.5))
    return ax


def plot_weights(weights, *, bins=61, ax=None):
    """가중치의 히스토그램을 겹쳐 그린다. 모두 같은 구간을 쓰고, 세로축은 로그이다.

    인수: ``weights`` 이름 → 가중치 배열이나 그 목록(모양은 무엇이든 좋다), ``bins`` 구간 수, ``ax`` 그릴 축.

    반환: 그린 축. 예외: 유한한 가중치가 하나도 없거나 구간 수가 1 이상의 정수가 아니면 ``ValueError``.

    예:
        >>> from homl11.plots import plot_weights
        >>> weights = {"규제 없음": [-1.5, -0.2, 0.3, 1.1], "ℓ1": [0.0, 0.0, 0.0, 0.4]}
        >>> ax = plot_weights(weights, bins=5)
        >>> (ax.get_xlabel(), ax.get_ylabel(), ax.get_yscale())
        ('가중치', '개수', 'log')
    """
    _require_some("weights", weights)
    require(is_count(bins), "bins", bins, "1 이상의 정수여야 합니다")
    flat = {name: _flat(values) for name, values in weights.items()}
    flat = {name: values[np.isfinite(values)] for name, values in flat.items()}
    require(any(map(len, flat.values())), "weights", list(weights), "유한한 가중치가 하나도 없습니다")
    ax = ax or plt.subplots()[1]
    widest = max(np.abs(values).max(initial=0) for values in flat.values()) or 1.0
    edges = np.linspace(-widest, widest, bins + 1)
    for name, style in method_styles(flat, markers=False).items():
        look = {"edgecolor": style["color"], "linestyle": style["linestyle"]}
        ax.hist(flat[name], edges, histtype="step", linewidth=1.5, label=name, **look)
    ax.set(xlabel="가중치", ylabel="개수")
    log_axis(ax, "y")
    ax.legend()
    return ax


def _flat(values):
    """한 줄로 편 값들. ``model.get_weights()``처럼 모양이 다른 배열의 목록도 받는다."""
    if isinstance(values, (list, tuple)):
        return np.concatenate([np.ravel(np.asarray(value, float)) for value in values] or [np.empty(0)])
    return np.ravel(np.asarray(values, float))


def plot_norms(norms, *, limit=None, ylabel="가중치 벡터의 노름", ax=None):
    """뉴런마다 가중치 벡터의 노름이 에포크에 따라 움직이는 모습을 가는 선으로, 평균을 굵은 선으로 그린다.

    인수:
        norms: 배열 (에포크 + 1, 뉴런). 첫 행은 훈련 전이다.
        limit: 주면 한계를 점선으로 긋는다.
        ylabel: 세로축 이름.
        ax: 그릴 축.

    반환: 그린 축. 예외: 행과 열이 있는 배열이 아니면 ``ValueError``.

    예:
        >>> from homl11.plots import plot_norms
        >>> norms = [[1.4, 1.6], [1.0, 1.2], [1.0, 1.0]]  # 훈련 전과 두 에포크, 뉴런 둘
        >>> ax = plot_norms(norms, limit=1.0)
        >>> [text.get_text() for text in ax.get_legend().get_texts()]
        ['평균', '한계 r = 1']
    """
    norms = np.asarray(norms, float)
    require(norms.ndim == 2 and norms.size, "norms의 모양", norms.shape, "(에포크 + 1, 뉴런)이어야 합니다")
    ax = ax or plt.subplots()[1]
    epochs = np.arange(len(norms))
    ax.plot(epochs, norms, color=COLORS[0], linestyle="-", linewidth=0.5, alpha=0.25)
    ax.plot(epochs, np.mean(norms, axis=1), color=COLORS[1], linestyle="-", linewidth=2, label="평균")
    if limit is not None:
        ax.axhline(limit, color="0.4", linestyle=":", label=f"한계 r = {limit:g}")
    ax.set(xlabel="에포크", ylabel=ylabel)
    _span(ax, 0, len(norms) - 1)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend()
    return ax


def plot_reliability(models, *, ax=None):
    """신뢰도 그림: 확신의 구간마다 정확도를 찍는다. 대각선에 가까울수록 확신을 믿을 만하다. 점의 크기는 예측 수이다.

    인수: ``models`` 이름 → ``confidence, accuracy, count``를 가진 기록(``calibration.reliability``), ``ax`` 그릴 축.

    반환: 그린 축. 예외: 모델이 하나도 없으면 ``ValueError``. 출처: Guo 외 (2017).

    예:
        >>> from homl11.calibration import reliability
        >>> from homl11.plots import plot_reliability
        >>> parts = reliability([[0.9, 0.1], [0.4, 0.6]], labels=[0, 0])
        >>> ax = plot_reliability({"모델": parts})
        >>> [line.get_label() for line in ax.lines]
        ['확신 = 정확도', '모델']
    """
    _require_some("models", models)
    ax = ax or plt.subplots(figsize=(5.0, 5.0))[1]
    ax.plot([0, 1], [0, 1], color="0.5", linestyle=":", label="확신 = 정확도")
    for name, style in method_styles(models, markers=False).items():
        parts = models[name]
        used = np.asarray(parts.count) > 0
        columns = (parts.confidence, parts.accuracy, parts.count)
        confidence, accuracy, count = (np.asarray(column)[used] for column in columns)
        ax.plot(confidence, accuracy, label=name, **style)
        ax.scatter(confidence, accuracy, 8 + 200 * count / count.sum(), color=style["color"], alpha=0.7, linewidth=0)
    ax.set(xlabel="확신(가장 큰 확률)", ylabel="정확도", xlim=(0, 1.02), ylim=(0, 1.02), aspect="equal")
    ax.legend()
    return ax


def plot_predictions(images, mean, std, class_names, *, titles=None):
    """입력 이미지와 그 아래의 예측. 막대는 클래스마다의 평균 확률, 오차 막대는 표준 편차이다.

    인수: ``images`` (n, 높이, 너비), 0부터 1까지 또는 0부터 255까지, ``mean, std`` (n, 클래스 수),
    ``class_names`` 클래스 이름들,
    ``titles`` 이미지마다의 이름.

    반환: 축 배열 (2, n). 위가 이미지, 아래가 예측. 예외: 이미지가 없거나 수가 서로 다르면 ``ValueError``.

    예:
        >>> import numpy as np
        >>> from homl11.plots import plot_predictions
        >>> mean, std = np.array([[0.8, 0.2]]), np.array([[0.1, 0.1]])
        >>> axes = plot_predictions(np.zeros((1, 28, 28)), mean, std, ["셔츠", "가방"])
        >>> axes.shape
        (2, 1)
    """
    images, mean, std = map(np.asarray, (images, mean, std))
    shapes = (images.shape, mean.shape, std.shape)
    fits = mean.ndim == 2 and mean.shape == std.shape and len(images) == len(mean) > 0
    rule = f"(n, 높이, 너비), (n, {len(class_names)}), (n, {len(class_names)})이어야 합니다"
    require(fits and mean.shape[1] == len(class_names), "images, mean, std의 모양", shapes, rule)
    n, classes = mean.shape
    figure = plt.figure(figsize=(max(3.5, 1.5 * n), 4.6))
    axes = figure.subplots(2, n, squeeze=False, height_ratios=(1, 1.6))
    rows = np.arange(classes)
    brightest = 255 if images.dtype == np.uint8 or images.max(initial=0) > 1 else 1
    for i in range(n):
        axes[0, i].imshow(images[i], cmap="gray_r", vmin=0, vmax=brightest)
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
