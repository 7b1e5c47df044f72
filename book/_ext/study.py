"""연구의 결과를 표와 그림으로 보인다: ``{study} 이름``.

수와 판정은 모두 ``book/study.json``에서, CIFAR-10의 것은 ``book/cifar10.json``에서 계산한다. 그 파일들은
``homl11.study``가 만든다. 판정은 노트북과 같은 ``homl11.significance``가 낸다. 책은 텐서플로 없이 만들어져야 하고
그것은 느리기도 하므로, 패키지가 부르는 케라스는 빈 것으로 갈음한다.
"""

import hashlib
import importlib.util
import json
import os
import statistics
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.ext.autodoc.mock import mock
from sphinx.util.docutils import SphinxDirective

with mock(["keras"]):
    from homl11.significance import HIGHER, LOWER, UNCLEAR, confidence_interval, judge

SCHEDULES = ("fixed", "power", "exponential", "piecewise", "performance", "one-cycle")
REGULARIZERS = ("none", "l2", "dropout", "max-norm")
SAME = "구간이 기록을 포함한다"
LIKELY = "구간 밖이지만 한 번 훈련하면 나올 만한 값이다"
# 책의 행 → 우리 설정의 방법. 지수 기반과 구간별 고정은 두 행이 설정 하나를 함께 쓰고, 1사이클은 네트워크도 고른다.
OURS = {"exponential-epochs": "exponential", "piecewise-epochs": "piecewise", "one-cycle": "one-cycle-wide"}


class Study:
    """모은 결과. 설정의 이름으로 씨앗마다의 값을 찾는다."""

    def __init__(self, content):
        self.content = content
        self.methods = content["methods"]
        self.runs = {}
        for run in sorted(content["runs"], key=lambda run: run["seed"]):
            self.runs.setdefault(run["configuration"], []).append(run)

    def title(self, method, role="better"):
        """방법의 이름. 책의 설정이면 책의 행의 이름."""
        names = self.methods[method]
        return names.get("row", names["title"]) if role == "chapter" else names["title"]

    def values(self, name, key):
        """씨앗 → 마지막 값."""
        found = {run["seed"]: run[key] for run in self.runs.get(name, []) if key in run}
        return {seed: value[-1] if isinstance(value, list) else value for seed, value in found.items()}

    def interval(self, name, key):
        """평균과 95% 신뢰 구간. 씨앗이 둘보다 적으면 ``None``."""
        return interval(list(self.values(name, key).values()))

    def differences(self, name, other, key):
        """같은 씨앗끼리 뺀 차이들."""
        left, right = self.values(name, key), self.values(other, key)
        return [left[seed] - right[seed] for seed in left if seed in right]


def interval(values):
    """평균과 95% 신뢰 구간. 값이 둘보다 적으면 ``None``."""
    return confidence_interval(values) if len(values) >= 2 else None


# 판정. 반올림하지 않은 구간으로 정한다.


def against_record(found, recorded, count):
    """책의 설정으로 얻은 구간과 책의 기록 하나.

    기록은 한 번 훈련한 값이라 평균보다 넓게 흔들린다. 그 95% 예측 구간은 평균의 구간의 √(n + 1)배이다.
    """
    if found is None or recorded is None:
        return "견줄 수 없다"
    mean, low, high = found
    if low <= recorded <= high:
        return SAME
    if abs(recorded - mean) <= (high - mean) * (count + 1) ** 0.5:
        return LIKELY
    return "기록보다 낮다" if mean < recorded else "기록보다 높다"


def beats_record(found, recorded):
    """우리 설정이 기록을 넘는가."""
    if found is None or recorded is None:
        return "견줄 수 없다"
    mean, low, _ = found
    if low > recorded:
        return "기록을 넘는다"
    return f"평균만 높다. {SAME}" if mean > recorded else "기록을 넘지 못한다"


def judged(differences):
    """이름 → 판정. 한 번에 넘긴 차이들은 한 물음이라 함께 보정한다. 씨앗이 둘보다 적으면 견줄 수 없다."""
    answers = judge({name: values for name, values in differences.items() if len(values) >= 2})
    return {name: answers.get(name, "견줄 수 없다") for name in differences}


def reaches(found, goal):
    """평균이 목표에 이르는가. 구간까지 이르는지도 말한다."""
    mean, low, _ = found
    if mean < goal:
        return "목표에 이르지 못한다"
    return "구간까지 목표를 넘는다" if low >= goal else "평균은 목표에 이르지만 구간은 목표를 포함한다"


# 글


def spread(found, sign=False):
    """
    >>> spread((0.87, 0.868, 0.872)), spread((0.01, 0.008, 0.012), sign=True), spread(None)
    ('0.8700 ± 0.0020', '+0.0100 ± 0.0020', '–')
    """
    if found is None:
        return "–"
    mean, _, high = found
    return f"{mean:{'+' if sign else ''}.4f} ± {high - mean:.4f}".replace("-", "−")


def describe(configuration):
    """설정을 짧은 글로."""
    rates = dict(configuration["schedule"])
    kind = rates.pop("kind")
    match kind:
        case "fixed":
            text = f"η {rates['learning_rate']:g}"
        case "power":
            text = f"η0 {rates['initial_learning_rate']:g}, s {rates['decay_steps']:,}스텝"
        case "exponential":
            text = f"η0 {rates['initial_learning_rate']:g}, s {rates['decay_steps']:,}스텝"
        case "exponential_epochs":
            text = f"η0 {rates['initial_learning_rate']:g}, s {rates['decay_epochs']}에포크"
        case "piecewise_fractions":
            ends = " · ".join(f"{100 * fraction:g}%" for fraction in rates["fractions"])
            text = f"η {' → '.join(f'{value:g}' for value in rates['values'])}, 경계 훈련의 {ends}"
        case "piecewise" | "piecewise_epochs":
            unit = "스텝" if kind == "piecewise" else "에포크"
            ends = " · ".join(f"{boundary:,}" for boundary in rates["boundaries"])
            text = f"η {' → '.join(f'{value:g}' for value in rates['values'])}, 경계 {ends}{unit}"
        case "performance":
            text = f"η0 {rates['learning_rate']:g}, 참는 에포크 수 {rates['patience']}, ×{rates['factor']:g}"
        case "one_cycle":
            text = f"η1 {rates['max_learning_rate']:g}"
    momentum = configuration["momentum"]
    if isinstance(momentum, list):
        text += f", 모멘텀 {momentum[0]:g} → {momentum[1]:g} → {momentum[0]:g}"
    elif momentum:
        text += f", 모멘텀 {momentum:g}"
    if configuration.get("optimizer", "SGD") != "SGD":
        text += f", {configuration['optimizer']}"
    for key, label in (("l2", "ℓ2"), ("dropout_rate", "드롭아웃"), ("max_norm", "맥스-노름")):
        if configuration.get(key):
            text += f", {label} {configuration[key]:g}"
    return text


def network(configuration):
    """
    >>> network({"hidden_units": [100, 100, 100]}), network({"hidden_units": [500, 300]})
    ('100×3', '500-300')
    """
    units = configuration["hidden_units"]
    return f"{units[0]}×{len(units)}" if len(set(units)) == 1 else "-".join(map(str, units))


def table(head, rows, right=()):
    """마크다운 표. ``right``: 오른쪽에 맞출 열."""
    yield f"| {' | '.join(head)} |"
    yield f"|{'|'.join('---:' if i in right else '---' for i in range(len(head)))}|"
    for row in rows:
        yield f"| {' | '.join(map(str, row))} |"


def settings(study, role):
    """설정의 표."""
    rows = [
        (study.title(c["method"], role), describe(c), network(c), c["batch_size"], c["epochs"])
        for c in study.content["configurations"].values()
        if c["role"] == role
    ]
    return table(("방법", "학습률과 규제", "은닉층", "배치", "에포크"), rows, right=(3, 4))


def recorded_rows(study):
    """(방법, 책의 기록, 책의 설정의 구간, 판정, 씨앗 수). 책의 표의 순서이다."""
    for name, configuration in study.content["configurations"].items():
        if configuration["role"] != "chapter":
            continue
        records = study.methods[configuration["method"]]["recorded"]
        title = study.title(configuration["method"], "chapter")
        for part, key, label in (
            ("valid", "val_accuracy", title),
            ("test", "test_accuracy", f"{title} · 테스트"),
            ("mc_test", "mc_test_accuracy", "몬테 카를로 드롭아웃 · 테스트"),
        ):
            if part in records:
                found, count = study.interval(name, key), len(study.values(name, key))
                yield label, records[part], found, against_record(found, records[part], count), count


def recorded(study):
    rows = (
        (label, f"{record:.4f}", spread(found), seeds, text)
        for label, record, found, text, seeds in recorded_rows(study)
    )
    return table(("방법", "책의 기록", "우리 평균과 구간", "씨앗", "읽기"), rows, right=(1, 2, 3))


def better_rows(study):
    """(방법, 책의 기록, 우리 설정의 구간, 판정, 씨앗 수, 테스트 구간). 두 행이 한 설정을 함께 쓰기도 한다."""
    for configuration in study.content["configurations"].values():
        if configuration["role"] != "chapter":
            continue
        method = configuration["method"]
        records = study.methods[method]["recorded"]
        name = f"{OURS.get(method, method)}.better"
        parts = [("valid", "val_accuracy", study.title(method, "chapter"))]
        if "mc_test" in records:
            parts += [
                ("test", "test_accuracy", f"{study.title(method, 'chapter')} · 테스트"),
                ("mc_test", "mc_test_accuracy", "몬테 카를로 드롭아웃 · 테스트"),
            ]
        for part, key, label in parts:
            found = study.interval(name, key)
            text, count = beats_record(found, records[part]), len(study.values(name, key))
            yield label, records[part], found, text, count, study.interval(name, "test_accuracy")


def better(study):
    rows = (
        (label, f"{record:.4f}", spread(found), spread(test), seeds, text)
        for label, record, found, text, seeds, test in better_rows(study)
    )
    head = ("방법", "책의 기록", "우리 설정의 평균과 구간", "우리 설정의 테스트 정확도", "씨앗", "읽기")
    return table(head, rows, right=(1, 2, 3, 4))


def compared_rows(study, methods):
    """(방법, 검증 구간, 테스트 구간, 테스트 정확도에서 첫 방법의 것을 뺀 차이의 구간, 판정)."""
    first, *others = methods
    differences = {
        method: study.differences(f"{method}.better", f"{first}.better", "test_accuracy") for method in others
    }
    answers = {first: "기준", **judged(differences)}
    for method in methods:
        valid, test = (study.interval(f"{method}.better", key) for key in ("val_accuracy", "test_accuracy"))
        yield method, valid, test, interval(differences.get(method, [])), answers[method]


def compared(study, methods):
    rows = (
        (study.title(method), spread(valid), spread(test), spread(difference, sign=True), text)
        for method, valid, test, difference, text in compared_rows(study, methods)
    )
    head = ("방법", "검증 정확도", "테스트 정확도", f"{study.title(methods[0])}과의 테스트 차이", "읽기")
    return table(head, rows, right=(1, 2, 3))


GOAL = 0.9


def goal(study):
    """1사이클과 모멘텀 사이클의 목표."""
    for method in ("one-cycle", "one-cycle-wide"):
        name = f"{method}.better"
        found, test = (study.interval(name, key) for key in ("val_accuracy", "test_accuracy"))
        if found is None:
            yield f"- {study.title(method)}: 아직 훈련하지 않았다."
            continue
        configuration = study.content["configurations"][name]
        yield (
            f"- {study.title(method)}, 은닉층 {network(configuration)}, {configuration['epochs']}에포크, "
            f"씨앗 {len(study.values(name, 'val_accuracy'))}개, 목표 {GOAL:.3f}. "
            f"검증 정확도 {spread(found)}: **{reaches(found, GOAL)}.** "
            f"테스트 정확도 {spread(test)}: **{reaches(test, GOAL)}.**"
        )


def sample_rows(study, name):
    """(표본 수, 구간, 드롭아웃을 끈 예측과의 짝지은 차이, 판정)."""
    off = study.values(name, "val_accuracy")
    runs = [run for run in study.runs.get(name, []) if "mc_valid_accuracy" in run]
    counts = study.content["configurations"].get(name, {}).get("samples", [])
    differences = {
        count: [run["mc_valid_accuracy"][i] - off[run["seed"]] for run in runs] for i, count in enumerate(counts)
    }
    answers = judged(differences)
    for i, count in enumerate(counts):
        found = interval([run["mc_valid_accuracy"][i] for run in runs])
        yield count, found, interval(differences[count]), answers[count]


def samples(study):
    rows = []
    for name, label in (("dropout", "책의 설정"), ("dropout.better", "우리 설정")):
        rows += [
            (label, count, spread(found), spread(difference, sign=True), text)
            for count, found, difference, text in sample_rows(study, name)
        ]
    head = ("드롭아웃", "표본", "검증 정확도", "드롭아웃을 껐을 때와의 차이", "읽기")
    return table(head, rows, right=(1, 2, 3))


def candidates(study):
    """후보마다의 검증 정확도와, 방법마다 고른 것."""
    rows = []
    for name, configuration in study.content["configurations"].items():
        if configuration["role"] != "candidate" or not (values := study.values(name, "val_accuracy")):
            continue
        mean, method = statistics.mean(values.values()), configuration["method"]
        seeds = len(values)
        mark = "골랐다" if is_chosen(study, configuration) else ""
        rows.append((study.title(method), network(configuration), describe(configuration), f"{mean:.4f}", mark))
    if rows:
        close, compared = close_choices(study)
        yield f"후보마다 씨앗 {seeds}개로 훈련했다. 방법 {compared}가지 가운데 {close}가지에서는 가장 좋은 두 후보의"
        yield from ("차이가 씨앗에 따른 표준 편차보다 작다. 그런 선택은 운에 달려 있다.", "")
    yield from table(("방법", "은닉층", "후보", "검증 정확도", ""), rows, right=(3,))


def close_choices(study):
    """(가장 좋은 두 후보의 차이가 씨앗에 따른 표준 편차보다 작은 방법의 수, 후보가 둘 이상인 방법의 수)."""
    tried, close = {}, []
    for name, configuration in study.content["configurations"].items():
        values = study.values(name, "val_accuracy").values()
        if configuration["role"] == "candidate" and values:
            tried.setdefault(configuration["method"], []).append(statistics.mean(values))
    for method, means in tried.items():
        finals = list(study.values(f"{method}.better", "val_accuracy").values())
        if len(means) > 1 and len(finals) > 1:
            second, first = sorted(means)[-2:]
            close.append(first - second < statistics.stdev(finals))
    return sum(close), len(close)


def is_chosen(study, candidate):
    """고른 설정은 이름과 역할 말고는 후보와 같다."""
    chosen = study.content["configurations"].get(f"{candidate['method']}.better")
    return chosen is not None and {**chosen, "name": 0, "role": 0} == {**candidate, "name": 0, "role": 0}


def times(study):
    rows = []
    for name, configuration in study.content["configurations"].items():
        if configuration["role"] == "candidate" or name not in study.runs:
            continue
        seconds = statistics.median(run["cpu_seconds"] for run in study.runs[name])
        label = study.title(configuration["method"], configuration["role"])
        which = "책의 설정" if configuration["role"] == "chapter" else "우리 설정"
        rows.append((label, which, configuration["epochs"], configuration["batch_size"], f"{seconds:.0f}초"))
    return table(("방법", "", "에포크", "배치", "CPU 시간"), rows, right=(2, 3, 4))


def provenance(study):
    content = study.content
    yield f"- 데이터: `{content['data']}`"
    yield "- 판: " + ", ".join(f"{name} {value}" for name, value in content["versions"].items() if name != "backend")
    for machine in content["machines"]:
        processor, cores = machine["processor"], machine["cores"]
        yield f"- 기계: {processor}, 코어 {cores}개, {machine['system']}, 파이썬 {machine['python']}"
    days = sorted(run["finished"][:10] for run in content["runs"])
    span = days[0] if days[0] == days[-1] else f"{days[0]}부터 {days[-1]}까지"
    yield f"- 훈련 {len(days)}회, {span}"
    total = sum(run["cpu_seconds"] for run in content["runs"])
    yield f"- 모두 더한 CPU 시간: {total / 60:.0f}분"


# CIFAR-10

# 방법 → 그것과 견줄, 네트워크와 이미지의 변형이 같은 1사이클. 1사이클 자신에게는 없다.
CIFAR10 = {
    "one-cycle": None,
    "piecewise": "one-cycle",
    "piecewise-long": "one-cycle",
    "one-cycle-wide": None,
    "one-cycle-100": None,
    "piecewise-800": "one-cycle-100",
}
CLAIM = 0.919  # 책이 옮긴 논문의 정확도
# (이름, 에포크, 정확도): 책이 옮긴 논문의 두 값. 네트워크는 논문의 것이다.
PAPER = (("논문의 1사이클", 100, CLAIM), ("논문의 보통 방법", 800, 0.903))


def source(study):
    """데이터의 이름. 사본이면 사본이라고 말한다."""
    return {"cifar10": "CIFAR-10", "cifar10-jpeg": "CIFAR-10의 JPEG 사본"}[study.content["data"]]


def trained(study):
    """훈련한 방법들. 1사이클이 맨 앞이다."""
    return [method for method in CIFAR10 if method in study.runs]


def cifar10_rows(study):
    """(방법, 에포크, 씨앗 수, 테스트 구간, 1사이클에서 뺀 차이의 구간, 판정). 판정은 한꺼번에 보정한다."""
    differences = {m: study.differences(CIFAR10[m], m, "test_accuracy") for m in trained(study) if CIFAR10[m]}
    answers = dict.fromkeys(trained(study), "–") | dict.fromkeys(CIFAR10.values(), "기준") | judged(differences)
    for method in trained(study):
        found, count = study.interval(method, "test_accuracy"), len(study.values(method, "test_accuracy"))
        epochs = study.content["configurations"][method]["epochs"]
        yield method, epochs, count, found, interval(differences.get(method, [])), answers[method]


def cifar10_accuracy(study):
    rows = [
        (study.title(method), epochs, count, spread(found), spread(difference, sign=True), text)
        for method, epochs, count, found, difference, text in cifar10_rows(study)
    ]
    rows += [(name, epochs, "–", f"{accuracy:.3f}", "–", "책이 옮긴 값") for name, epochs, accuracy in PAPER]
    head = ("방법", "에포크", "씨앗", f"테스트 정확도({source(study)})", "1사이클이 높은 만큼", "1사이클은")
    return table(head, rows, right=(1, 2, 3, 4))


# «1사이클은»의 판정 → 더 오래 훈련한 보통 방법이 1사이클을 따라오는가
FOLLOWS = {
    HIGHER: "1사이클을 따라오지 못한다",
    UNCLEAR: "1사이클과의 차이가 뚜렷하지 않다",
    LOWER: "1사이클을 따라오고 앞선다",
}


def cifar10_follow(study):
    """더 오래 훈련한 보통 방법마다: 1사이클을 따라오는가."""
    for method, epochs, _, _, difference, text in cifar10_rows(study):
        base = CIFAR10[method]
        if text not in FOLLOWS or epochs == (first := study.content["configurations"][base]["epochs"]):
            continue
        yield (
            f"- {study.title(method)}, {epochs}에포크로 {study.title(base)}의 {epochs / first:g}배, {source(study)}: "
            f"1사이클이 높은 만큼은 {spread(difference, sign=True)}. **{FOLLOWS[text]}.**"
        )


def cifar10_claim(study):
    """방법마다 책의 91.9%에 이르는가."""
    if not trained(study):
        yield f"{source(study)}으로는 아직 훈련하지 않았다."
    for method in trained(study):
        found, epochs = study.interval(method, "test_accuracy"), study.content["configurations"][method]["epochs"]
        text = f"테스트 정확도 {spread(found)}. **{reaches(found, CLAIM)}.**" if found else "씨앗이 둘보다 적다."
        yield f"- {study.title(method)}, {epochs}에포크, 목표 {CLAIM:.3f}, {source(study)}: {text}"
    found = [study.interval(method, "test_accuracy") for method in trained(study)]
    if any(found) and all(mean < CLAIM for mean, _, _ in filter(None, found)):
        longest = max(study.content["configurations"][method]["epochs"] for method in trained(study))
        copy = "데이터가 화질을 잃은 사본인 것, " if study.content["data"] == "cifar10-jpeg" else ""
        yield ""
        reasons = f"{copy}네트워크가 작은 것, 가장 긴 훈련도 {longest}에포크인 것"
        yield f"아무것도 목표에 이르지 못했다. 까닭은 가려내지 못했다. {reasons}이 모두 까닭일 수 있다."


def reached(values):
    """검증 정확도가 처음으로 91.9%에 이른 에포크. 이르지 못했으면 ``None``.

    >>> reached([0.9, 0.92, 0.91]), reached([0.9])
    (2, None)
    """
    return next((epoch for epoch, value in enumerate(values, 1) if value >= CLAIM), None)


def cifar10_times(study):
    """방법마다 훈련에 든 CPU 시간과, 검증 정확도가 91.9%에 이르기까지의 에포크와 시간. 값은 씨앗들의 중앙값."""
    rows = []
    for method in trained(study):
        runs = study.runs[method]
        ends = [reached(run["val_accuracy"]) for run in runs]
        there = [
            (end, run["cpu_seconds"] * end / len(run["val_accuracy"]))
            for end, run in zip(ends, runs)
            if end is not None
        ]
        middle = [f"{statistics.median(column):.0f}" for column in zip(*there)] or ["–", "–"]
        hours = statistics.median(run["cpu_seconds"] for run in runs) / 3600
        first, seconds = middle
        minutes = "–" if seconds == "–" else f"{float(seconds) / 60:.0f}분"
        rows.append((study.title(method), f"{hours:.2f}시간", f"{len(there)} / {len(runs)}", first, minutes))
    head = ("방법", "훈련의 CPU 시간", "검증에서 91.9%에 이른 씨앗", "그때의 에포크", "그때까지의 CPU 시간")
    return table(head, rows, right=(1, 2, 3, 4))


def cifar10_settings(study):
    shown = [c for name, c in study.content["configurations"].items() if name in trained(study)]
    if not shown:
        yield "아직 훈련하지 않았다."
        return
    rows = [
        (
            study.title(c["method"]),
            describe(c),
            c["epochs"],
            " · ".join(str(factor * c["width"]) for factor in (2, 4, 8)),
            c["shift"],
            c["cutout"] or "–",
        )
        for c in shown
    ]
    head = ("방법", "학습률", "에포크", "합성곱의 채널", "밀기(픽셀)", "가리는 정사각형(픽셀)")
    yield from table(head, rows, right=(2, 4, 5))
    first = shown[0]
    yield ""
    yield (
        f"모두 배치는 {first['batch_size']}, 가중치 감쇠는 {first['weight_decay']:g}, "
        f"레이블 평활화는 {first['label_smoothing']:g}이고, 계산의 정밀도는 `{first['dtype']}`이다."
    )


def cifar10_candidates(study):
    shown = {name: c for name, c in study.content["configurations"].items() if c["role"] == "candidate"}
    means = {name: statistics.mean(study.values(name, "val_accuracy").values()) for name in shown}
    rows = []
    for name, configuration in shown.items():
        method = configuration["method"]
        best = max(means[other] for other, c in shown.items() if c["method"] == method)
        mark = "골랐다" if means[name] == best else ""
        rows.append((study.title(method), describe(configuration), configuration["epochs"], f"{means[name]:.4f}", mark))
    head = ("방법", "후보", "에포크", f"검증 정확도({source(study)})", "")
    return table(head, rows, right=(2, 3))


# 그림


def curves(study, methods):
    """에포크에 대한 검증 정확도: (이름, 씨앗들의 평균, 최소, 최대)."""
    for method in methods:
        runs = [run["val_accuracy"] for run in study.runs.get(f"{method}.better", [])]
        if runs:
            columns = list(zip(*runs))
            yield (
                study.title(method),
                [statistics.mean(column) for column in columns],
                [min(column) for column in columns],
                [max(column) for column in columns],
            )


# 방법의 색과 선과 점은 노트북의 그림과 같다(homl11.plots.method_styles). 여기서 불러오면 텐서플로까지 딸려 온다.
STYLES = json.loads((Path(__file__).parents[2] / "src/homl11/static/styles.json").read_text(encoding="utf-8"))


def look(title):
    """방법의 모양: 제목을 여는 이름 가운데 가장 긴 것의 것."""
    style = STYLES[max((name for name in STYLES if title.startswith(name)), key=len)]
    line = style["line"] if isinstance(style["line"], str) else tuple(style["line"])
    return {"color": style["color"], "linestyle": line, "marker": style["marker"]}


def cifar10_look(title):
    """같은 방법의 긴 훈련은 색이 같고 선이 다르다."""
    longer = {"linestyle": "-" if "길게" in title else "-."} if "(" in title else {}
    return {**look(title), **longer, "marker": ""}


def blank(size):
    """빈 그림과 축. 글꼴과 색은 ``homl11.plots``와 같다."""
    import matplotlib
    from matplotlib import font_manager
    from matplotlib.figure import Figure

    fonts = Path(importlib.util.find_spec("koreanize_matplotlib").origin).parent / "fonts"
    font_manager.fontManager.addfont(fonts / "NanumGothic.ttf")
    style = {"font.family": ["NanumGothic", "DejaVu Sans"], "font.size": 11, "axes.unicode_minus": False}
    with matplotlib.rc_context(style):
        figure = Figure(figsize=size, dpi=110, layout="constrained")
        ax = figure.subplots()
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(alpha=0.3)
    return figure, ax, matplotlib.rc_context(style)


def draw_curves(study, methods, path):
    figure, ax, style = blank((7.5, 4.5))
    with style:
        lowest = []
        for title, mean, low, high in curves(study, methods):
            epochs, style = range(1, len(mean) + 1), {**look(title), "marker": ""}
            ax.plot(epochs, mean, label=title, **style)
            ax.fill_between(epochs, low, high, color=style["color"], alpha=0.15, linewidth=0)
            lowest.append(mean[min(1, len(mean) - 1)])
        ax.set(xlabel="에포크", ylabel="검증 정확도")
        ax.set_ylim(bottom=min(lowest) - 0.005)
        ax.legend(frameon=False)
        figure.savefig(path)


def draw_cifar10(study, methods, path):
    figure, ax, style = blank((7.5, 4.5))
    with style:
        for method in methods:
            if method not in study.runs:
                continue
            columns = list(zip(*(run["val_accuracy"] for run in study.runs[method])))
            epochs, title = range(1, len(columns) + 1), study.title(method)
            style = cifar10_look(title)
            ax.plot(epochs, [statistics.mean(column) for column in columns], label=title, **style)
            low, high = (list(map(end, columns)) for end in (min, max))
            ax.fill_between(epochs, low, high, color=style["color"], alpha=0.15, linewidth=0)
        ax.axhline(CLAIM, color="0.4", linewidth=1, label=f"{100 * CLAIM:g}%")
        ax.xaxis.get_major_locator().set_params(integer=True)
        ax.set(xlabel="에포크", ylabel="검증 정확도", ylim=(0.6, 0.95))
        ax.legend(frameon=False, loc="lower right")
        figure.savefig(path)


def draw_intervals(study, methods, path):
    rows = [
        (study.title(m), study.interval(f"{m}.better", "test_accuracy"), study.values(f"{m}.better", "test_accuracy"))
        for m in methods
    ]
    rows = [row for row in rows if row[1]]
    figure, ax, style = blank((7.5, 0.8 + 0.5 * len(rows)))
    with style:
        for i, (title, (mean, low, high), values) in enumerate(rows):
            style = {**look(title), "linestyle": "none", "markersize": 8, "capsize": 4}
            ax.plot(list(values.values()), [i] * len(values), "o", color="0.6", markersize=4)
            ax.errorbar(mean, i, xerr=[[mean - low], [high - mean]], **style)
        ax.set(yticks=range(len(rows)), yticklabels=[row[0] for row in rows], xlabel="테스트 정확도")
        ax.set_ylim(len(rows) - 0.5, -0.5)
        figure.savefig(path)


FIGURES = {
    "schedule-curves": (
        draw_curves,
        SCHEDULES,
        "스케줄마다의 학습 곡선. 선은 씨앗들의 평균, 띠는 최소에서 최대까지.",
        "가로축 에포크, 세로축 검증 정확도. 씨앗들의 평균 곡선과 띠",
    ),
    "schedule-intervals": (
        draw_intervals,
        SCHEDULES,
        "스케줄마다 테스트 정확도의 평균과 95% 신뢰 구간. 회색 점은 씨앗 하나.",
        "가로축 테스트 정확도. 방법마다 평균과 구간, 씨앗마다의 점",
    ),
    "regularizer-curves": (
        draw_curves,
        REGULARIZERS,
        "규제마다의 학습 곡선. 선은 씨앗들의 평균, 띠는 최소에서 최대까지.",
        "가로축 에포크, 세로축 검증 정확도. 씨앗들의 평균 곡선과 띠",
    ),
    "regularizer-intervals": (
        draw_intervals,
        REGULARIZERS,
        "규제마다 테스트 정확도의 평균과 95% 신뢰 구간. 회색 점은 씨앗 하나.",
        "가로축 테스트 정확도. 방법마다 평균과 구간, 씨앗마다의 점",
    ),
    "cifar10-curves": (
        draw_cifar10,
        CIFAR10,
        "방법마다의 학습 곡선. 선은 씨앗들의 평균, 띠는 최소에서 최대까지.",
        "가로축 에포크, 세로축 검증 정확도. 씨앗들의 평균 곡선과 띠, 91.9%의 가로선",
    ),
}


def figure(study, name, folder, page):
    """그림의 마크다운. 데이터와 그리는 법이 그대로이면 지난번 그림을 쓴다."""
    draw, methods, caption, alt = FIGURES[name]
    shown = [study.title(m) for m in methods if study.runs.get(m if methods is CIFAR10 else f"{m}.better")]
    if not shown:
        return ["아직 훈련하지 않아 그릴 것이 없다."]
    content = json.dumps(study.content, sort_keys=True).encode() + Path(__file__).read_bytes()
    path = folder / f"{name}-{hashlib.sha256(content).hexdigest()[:12]}.png"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        draw(study, methods, path)
    address = os.path.relpath(path, page.parent).replace(os.sep, "/")
    return [
        f"```{{figure}} {address}",
        f":name: fig-study-{name}",
        f":alt: {alt}: {', '.join(shown)}",
        "",
        f"{source(study)}. {caption}" if methods is CIFAR10 else caption,
        "```",
    ]


TABLES = {
    "chapter-settings": lambda study: settings(study, "chapter"),
    "better-settings": lambda study: settings(study, "better"),
    "recorded": recorded,
    "better": better,
    "schedules": lambda study: compared(study, SCHEDULES),
    "regularizers": lambda study: compared(study, REGULARIZERS),
    "goal": goal,
    "samples": samples,
    "candidates": candidates,
    "times": times,
    "provenance": provenance,
    "cifar10-settings": cifar10_settings,
    "cifar10-accuracy": cifar10_accuracy,
    "cifar10-follow": cifar10_follow,
    "cifar10-claim": cifar10_claim,
    "cifar10-times": cifar10_times,
    "cifar10-candidates": cifar10_candidates,
    "cifar10-provenance": provenance,
}


class StudyDirective(SphinxDirective):
    required_arguments = 1

    def run(self):
        name = self.arguments[0]
        path = Path(self.env.srcdir, "book", "cifar10.json" if name.startswith("cifar10-") else "study.json")
        self.env.note_dependency(str(path))  # 연구를 더 하면 이 쪽도 다시 만든다
        study = Study(json.loads(path.read_text(encoding="utf-8")))
        if name in FIGURES:
            page = Path(self.env.doc2path(self.env.docname))
            lines = figure(study, name, Path(self.env.app.doctreedir, "study"), page)
        else:
            lines = list(TABLES[name](study))
        place = nodes.container()
        self.state.nested_parse(StringList(lines), self.content_offset, place)
        return place.children


def setup(app):
    app.add_directive("study", StudyDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
