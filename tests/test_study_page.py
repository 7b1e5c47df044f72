"""«책의 조건으로 다시 해 보기»: 저장한 데이터가 온전한가, 찍힌 판정이 모두 데이터에서 나오는가."""

import json
import re
import runpy
import subprocess
import sys
from itertools import zip_longest

import jsonschema
import numpy as np
import pytest
from scipy import stats

from authoring import ROOT
from homl11 import chapter, cifar10, study

PAGE = runpy.run_path(str(ROOT / "book" / "_ext" / "study.py"))
CONTENT = json.loads((ROOT / "book" / "study.json").read_text(encoding="utf-8"))
STUDY = PAGE["Study"](CONTENT)
CIFAR10_CONTENT = json.loads((ROOT / "book" / "cifar10.json").read_text(encoding="utf-8"))
CIFAR10_STUDY = PAGE["Study"](CIFAR10_CONTENT)

share = {"type": "number", "minimum": 0, "maximum": 1}
texts = {"type": "object", "additionalProperties": {"type": "string", "minLength": 1}}


def closed(required, optional=()):
    """적힌 이름만 있는 객체."""
    properties = required | dict(optional)
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


CURVE = {"type": "array", "items": share, "minItems": 1}
SCHEMA = closed(
    {
        "format": {"const": study.FORMAT},
        "data": {"const": "fashion_mnist"},
        "versions": texts | {"required": ["homl11", "backend", "keras", "numpy"]},
        "machines": {
            "type": "array",
            "minItems": 1,
            "items": closed(
                {name: {"type": "string", "minLength": 1} for name in ("processor", "system", "python")}
                | {"cores": {"type": "integer", "minimum": 1}}
            ),
        },
        "methods": {
            "type": "object",
            "additionalProperties": closed(
                {
                    "title": {"type": "string", "pattern": "[가-힣]"},
                    "recorded": closed({}, {"valid": share, "test": share, "mc_test": share}),
                },
                {"row": {"type": "string", "pattern": "[가-힣]"}},
            ),
        },
        "configurations": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "properties": {
                    "role": {"enum": ["chapter", "candidate", "better"]},
                    "epochs": {"type": "integer", "minimum": 1, "maximum": 25},
                },
                "required": ["name", "method", "role", "epochs", "batch_size", "hidden_units", "schedule"],
            },
        },
        "runs": {
            "type": "array",
            "minItems": 1,
            "items": closed(
                {
                    "configuration": {"type": "string"},
                    "seed": {"type": "integer", "minimum": 0},
                    "seconds": {"type": "number", "exclusiveMinimum": 0},
                    "cpu_seconds": {"type": "number", "exclusiveMinimum": 0},
                    "finished": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"},
                    "machine": {"type": "integer", "minimum": 0},
                    "val_accuracy": CURVE,
                },
                {
                    "accuracy": CURVE,
                    "val_loss": {"type": "array", "items": {"type": "number", "minimum": 0}},
                    "test_accuracy": share,
                    "mc_valid_accuracy": CURVE,
                    "mc_test_accuracy": share,
                },
            ),
        },
    }
)


# 데이터


def test_data_fits_the_schema():
    jsonschema.validate(CONTENT, SCHEMA)


@pytest.mark.parametrize("broken", [{"format": 0}, {"runs": []}, {"extra": 1}, {"data": "mnist5k"}])
def test_schema_turns_other_data_down(broken):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(CONTENT | broken, SCHEMA)


def test_every_run_belongs_to_a_configuration_and_a_machine_and_is_there_once():
    keys = [(run["configuration"], run["seed"]) for run in CONTENT["runs"]]
    assert len(keys) == len(set(keys)) and {name for name, _ in keys} == CONTENT["configurations"].keys()
    assert {run["machine"] for run in CONTENT["runs"]} == set(range(len(CONTENT["machines"])))


def test_stored_configurations_are_those_of_the_code():
    """코드의 설정을 바꾸면 저장한 결과가 낡는다."""
    for name, stored in CONTENT["configurations"].items():
        assert stored == study._plain(chapter.CONFIGURATIONS[name])
    assert CONTENT["methods"] == chapter.METHODS


def test_curves_are_as_long_as_the_training_and_candidates_never_saw_the_test_set():
    for run in CONTENT["runs"]:
        configuration = CONTENT["configurations"][run["configuration"]]
        assert run["seed"] in chapter.SEEDS[configuration["role"]]
        if configuration["role"] == "candidate":
            assert len(run["val_accuracy"]) == 1 and not {"test_accuracy", "mc_test_accuracy"} & run.keys()
        else:
            lengths = {len(run[key]) for key in ("val_accuracy", "val_loss", "accuracy")}
            assert lengths == {configuration["epochs"]} and "test_accuracy" in run


def test_chosen_candidates_have_the_best_validation_accuracy():
    best = {}
    for name, configuration in CONTENT["configurations"].items():
        if configuration["role"] == "candidate":
            mean = np.mean(list(STUDY.values(name, "val_accuracy").values()))
            best.setdefault(configuration["method"], {})[name] = mean
    for method, chosen in chapter.CHOSEN.items():
        assert best[method][chosen] == max(best[method].values()), method
        assert best[method].keys() == {c.name for c in chapter.CANDIDATES if c.method == method}


def test_cifar10_data_is_that_of_the_code():
    """설정, 이름, 씨앗, 곡선의 길이. 후보는 테스트 세트를 보지 않았다."""
    content, configurations = CIFAR10_CONTENT, CIFAR10_CONTENT["configurations"]
    assert content["format"] == study.FORMAT and content["data"] in ("cifar10", "cifar10-jpeg")
    assert content["methods"] == cifar10.METHODS
    for name, stored in configurations.items():
        assert stored == study._plain(cifar10.CONFIGURATIONS[name])
    jsonschema.validate(content["runs"], SCHEMA["properties"]["runs"])
    keys = [(run["configuration"], run["seed"]) for run in content["runs"]]
    assert len(keys) == len(set(keys)) and {name for name, _ in keys} == configurations.keys()
    for run in content["runs"]:
        configuration = configurations[run["configuration"]]
        assert run["seed"] in cifar10.SEEDS[configuration["role"]]
        if configuration["role"] == "candidate":
            assert len(run["val_accuracy"]) == 1 and "test_accuracy" not in run
        else:
            assert len(run["val_accuracy"]) == configuration["epochs"] and "test_accuracy" in run


def test_chosen_cifar10_candidates_have_the_best_validation_accuracy():
    candidates = [run for run in CIFAR10_CONTENT["runs"] if "." in run["configuration"]]
    for method, chosen in cifar10.CHOSEN.items():
        mine = {run["configuration"]: run["val_accuracy"][-1] for run in candidates}
        mine = {name: value for name, value in mine.items() if name.startswith(f"{method}.")}
        assert mine.keys() == {c.name for c in cifar10.CANDIDATES if c.method == method}
        assert mine[chosen] == max(mine.values())
    rows = cells(PAGE["TABLES"]["cifar10-candidates"](CIFAR10_STUDY))
    marked = [name for name, row in zip((c.name for c in cifar10.CANDIDATES), rows, strict=True) if row[-1] == "골랐다"]
    assert marked == list(cifar10.CHOSEN.values())


# 판정


@pytest.mark.parametrize(
    "found, same, ours",
    [
        # 씨앗이 여덟이면 예측 구간은 평균의 구간의 세 배이다.
        ((0.891, 0.881, 0.901), "기록보다 높다", "기록을 넘는다"),
        ((0.889, 0.879, 0.899), "구간 밖이지만 한 번 훈련하면 나올 만한 값이다", "기록을 넘는다"),
        ((0.861, 0.85, 0.872), "구간이 기록을 포함한다", "평균만 높다. 구간이 기록을 포함한다"),
        ((0.859, 0.85, 0.868), "구간이 기록을 포함한다", "기록을 넘지 못한다"),
        ((0.831, 0.821, 0.841), "구간 밖이지만 한 번 훈련하면 나올 만한 값이다", "기록을 넘지 못한다"),
        ((0.829, 0.819, 0.839), "기록보다 낮다", "기록을 넘지 못한다"),
        (None, "견줄 수 없다", "견줄 수 없다"),
    ],
)
def test_verdict_against_a_record_of_86(found, same, ours):
    assert (PAGE["against_record"](found, 0.86, 8), PAGE["beats_record"](found, 0.86)) == (same, ours)


def test_one_table_is_one_question():
    """혼자서는 뚜렷한 차이도 다섯과 함께 물으면 뚜렷하지 않다. 낮은 것은 낮다고 한다."""
    clear, lower = [0.004, 0.001, 0.006, 0.003, 0.001], [-0.049, -0.05, -0.051]
    noise = {name: [0.1, -0.1, 0.05, 0, -0.02] for name in "다라마"}
    assert PAGE["judged"]({"가": clear}) == {"가": "뚜렷하게 높다"}
    found = PAGE["judged"]({"가": clear, "나": lower, **noise, "바": [0.1]})
    assert found == {
        "가": "뚜렷하지 않다",
        "나": "뚜렷하게 낮다",
        **dict.fromkeys("다라마", "뚜렷하지 않다"),
        "바": "견줄 수 없다",
    }


@pytest.mark.parametrize(
    "found, text",
    [
        ((0.91, 0.905, 0.915), "구간까지 목표를 넘는다"),
        ((0.901, 0.899, 0.903), "평균은 목표에 이르지만 구간은 목표를 포함한다"),
        ((0.899, 0.897, 0.901), "목표에 이르지 못한다"),
    ],
)
def test_verdict_on_a_goal_of_90(found, text):
    assert PAGE["reaches"](found, 0.9) == text


def cells(lines):
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in list(lines)[2:]]


def recomputed(values):
    """확장과 다른 길로 구한 평균과 구간."""
    values = np.array(values, float)
    if len(values) < 2:
        return None
    low, high = stats.t.interval(0.95, len(values) - 1, values.mean(), stats.sem(values))
    return values.mean(), low, high


def reading(differences):
    """확장과 다른 길로 구한 판정들. 작은 p 값부터 차례로 물리치는 홀름의 절차 그대로이다."""
    p = [stats.ttest_1samp(d, 0).pvalue if len(d) > 1 else 1 for d in differences]
    asked = [i for i, d in enumerate(differences) if len(d) > 1]
    clear, answers = [], ["견줄 수 없다" if len(d) < 2 else "뚜렷하지 않다" for d in differences]
    for i in sorted(asked, key=p.__getitem__):
        if p[i] * (len(asked) - len(clear)) >= 0.05:
            break
        clear.append(i)
        answers[i] = "뚜렷하게 높다" if np.mean(differences[i]) > 0 else "뚜렷하게 낮다"
    return answers


def runs_of(name):
    return sorted((run for run in CONTENT["runs"] if run["configuration"] == name), key=lambda run: run["seed"])


def last(run, key):
    return run[key][-1] if isinstance(run[key], list) else run[key]


def printed(found, sign=""):
    return "–" if found is None else f"{found[0]:{sign}.4f} ± {found[2] - found[0]:.4f}".replace("-", "−")


RECORDS = [
    (method, part, key)
    for method in (c.method for c in chapter.CHAPTER)
    for part, key in (("valid", "val_accuracy"), ("test", "test_accuracy"), ("mc_test", "mc_test_accuracy"))
    if part in chapter.METHODS[method]["recorded"]
]


@pytest.mark.parametrize("which", ["recorded", "better"])
def test_every_verdict_beside_a_record_follows_from_the_data(which):
    rows = cells(PAGE["TABLES"][which](STUDY))
    assert len(rows) == len(RECORDS) == 12
    for (method, part, key), row in zip_longest(RECORDS, rows):
        record = chapter.METHODS[method]["recorded"][part]
        ours = method.removesuffix("-epochs") if method != "one-cycle" else "one-cycle-wide"
        name = method if which == "recorded" else f"{ours}.better"
        values = [last(run, key) for run in runs_of(name)]
        found = recomputed(values)
        test = [] if which == "recorded" else [printed(recomputed([run["test_accuracy"] for run in runs_of(name)]))]
        assert row[1:-1] == [f"{record:.4f}", printed(found), *test, str(len(values))]
        if found is None:
            expected = "견줄 수 없다"
        elif which == "recorded":
            # 한 번 더 훈련한 값이 놓일 95% 구간을 식 그대로 구한다.
            wide = stats.t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) * np.sqrt(1 + 1 / len(values))
            expected = (
                "구간이 기록을 포함한다"
                if found[1] <= record <= found[2]
                else "구간 밖이지만 한 번 훈련하면 나올 만한 값이다"
                if abs(record - found[0]) <= wide
                else "기록보다 높다"
                if found[0] > record
                else "기록보다 낮다"
            )
        elif found[1] > record:
            expected = "기록을 넘는다"
        else:
            expected = "평균만 높다. 구간이 기록을 포함한다" if found[0] > record else "기록을 넘지 못한다"
        assert row[-1] == expected, (method, part)


@pytest.mark.parametrize("which, methods", [("schedules", PAGE["SCHEDULES"]), ("regularizers", PAGE["REGULARIZERS"])])
def test_every_difference_follows_from_the_data(which, methods):
    rows = cells(PAGE["TABLES"][which](STUDY))
    assert len(rows) == len(methods)
    base = {run["seed"]: last(run, "test_accuracy") for run in runs_of(f"{methods[0]}.better")}
    differences = [
        [last(run, "test_accuracy") - base[run["seed"]] for run in runs_of(f"{method}.better") if run["seed"] in base]
        for method in methods[1:]
    ]
    for method, row in zip(methods, rows):
        mine = runs_of(f"{method}.better")
        assert row[0] == chapter.METHODS[method]["title"]
        assert row[1] == printed(recomputed([last(run, "val_accuracy") for run in mine]))
        assert row[2] == printed(recomputed([last(run, "test_accuracy") for run in mine]))
    assert rows[0][3:] == ["–", "기준"]
    assert [row[3] for row in rows[1:]] == [printed(recomputed(values), "+") for values in differences]
    assert [row[4] for row in rows[1:]] == reading(differences)


def test_one_cycle_beats_the_fixed_rate_at_the_size_of_the_book():
    """어느 도구를 언제(book/decision)가 이것을 근거로 든다."""
    rows = {row[0]: row[4] for row in cells(PAGE["TABLES"]["schedules"](STUDY))}
    assert rows[chapter.METHODS["one-cycle"]["title"]] == "뚜렷하게 높다"


def test_every_sample_count_follows_from_the_data():
    rows = cells(PAGE["TABLES"]["samples"](STUDY))
    expected = []
    for name in ("dropout", "dropout.better"):
        mine = runs_of(name)
        counts = CONTENT["configurations"].get(name, {}).get("samples", [])
        values = [[run["mc_valid_accuracy"][i] for run in mine] for i in range(len(counts))]
        differences = [[a - run["val_accuracy"][-1] for a, run in zip(column, mine)] for column in values]
        for count, column, difference, text in zip(counts, values, differences, reading(differences)):
            expected.append([str(count), printed(recomputed(column)), printed(recomputed(difference), "+"), text])
    assert [row[1:] for row in rows] == expected


def test_goal_is_read_on_both_sets():
    for method, line in zip(("one-cycle", "one-cycle-wide"), PAGE["TABLES"]["goal"](STUDY), strict=True):
        parts = re.findall(r"정확도 (\S+ ± \S+): \*\*(.+?)\.\*\*", line)
        if not runs_of(f"{method}.better"):
            assert "아직 훈련하지 않았다" in line
            continue
        for key, (value, text) in zip(("val_accuracy", "test_accuracy"), parts, strict=True):
            found = recomputed([last(run, key) for run in runs_of(f"{method}.better")])
            assert value == printed(found) and ("이르지 못한다" in text) == (found[0] < 0.9)
            assert (text == "구간까지 목표를 넘는다") == (found[1] >= 0.9)


def test_choices_within_the_noise_of_a_seed_are_counted():
    def content(gap):
        scores = {"a.small": 0.8, "a.large": 0.8 + gap, "b.only": 0.7}
        candidates = {name: {"role": "candidate", "method": name[0]} for name in scores}
        runs = [{"configuration": name, "seed": 100, "val_accuracy": [score]} for name, score in scores.items()]
        finals = [{"configuration": "a.better", "seed": i, "val_accuracy": [0.8 + i / 100]} for i in range(3)]
        better = {"a.better": {"role": "better", "method": "a"}}
        return {"methods": {}, "configurations": {**candidates, **better}, "runs": [*runs, *finals]}

    # 씨앗에 따른 표준 편차는 0.01이다.
    assert [PAGE["close_choices"](PAGE["Study"](content(gap))) for gap in (0.009, 0.011)] == [(1, 1), (0, 1)]


# CIFAR-10


def cifar10_runs(method):
    mine = [run for run in CIFAR10_CONTENT["runs"] if run["configuration"] == method]
    return sorted(mine, key=lambda run: run["seed"])


CIFAR10_METHODS = [method for method in PAGE["CIFAR10"] if cifar10_runs(method)]


def test_cifar10_runs_as_long_as_the_papers_take_two_cores_more_than_two_days():
    an_epoch = min(run["cpu_seconds"] / len(run["val_accuracy"]) for run in cifar10_runs("one-cycle-wide"))
    epochs = sum(c.epochs * len(c.seeds) for c in cifar10.ACCELERATOR)
    assert {len(c.seeds) for c in cifar10.ACCELERATOR} == {5} and an_epoch * epochs / 2 > 48 * 3600


def test_every_cifar10_curve_has_a_line_of_its_own():
    looks = {title: PAGE["cifar10_look"](title) for title in (m["title"] for m in cifar10.METHODS.values())}
    assert len({(look["color"], str(look["linestyle"])) for look in looks.values()}) == len(looks)


def test_only_schedules_of_the_same_network_are_judged_against_each_other():
    """보통 방법마다, 네트워크와 이미지의 변형이 같은 1사이클과 견준다."""
    for method, base in PAGE["CIFAR10"].items():
        assert (base is None) == method.startswith("one-cycle")
        if base:
            mine, other = cifar10.CONFIGURATIONS[method], cifar10.CONFIGURATIONS[base]
            assert all(getattr(mine, key) == getattr(other, key) for key in ("width", "shift", "cutout"))
    assert PAGE["CIFAR10"].keys() == cifar10.METHODS.keys()


def test_every_cifar10_number_follows_from_the_data():
    rows = cells(PAGE["TABLES"]["cifar10-accuracy"](CIFAR10_STUDY))
    accuracy = {m: {run["seed"]: run["test_accuracy"] for run in cifar10_runs(m)} for m in cifar10.METHODS}
    compared = {m: accuracy[base] for m, base in PAGE["CIFAR10"].items() if base and m in CIFAR10_METHODS}
    differences = [
        [base[seed] - value for seed, value in accuracy[m].items() if seed in base] for m, base in compared.items()
    ]
    tails = {m: ["–", "기준" if m in PAGE["CIFAR10"].values() else "–"] for m in CIFAR10_METHODS}
    for method, values, text in zip(compared, differences, reading(differences), strict=True):
        tails[method] = [printed(recomputed(values), "+"), text]
    for method, row in zip(CIFAR10_METHODS, rows):
        values = [run["test_accuracy"] for run in cifar10_runs(method)]
        epochs = str(cifar10.CONFIGURATIONS[method].epochs)
        head = [cifar10.METHODS[method]["title"], epochs, str(len(values)), printed(recomputed(values))]
        assert row == [*head, *tails[method]]
    assert [row[1:4] for row in rows[len(CIFAR10_METHODS) :]] == [["100", "–", "0.919"], ["800", "–", "0.903"]]


@pytest.mark.parametrize(
    "higher, answer",
    [
        (0.02, "1사이클을 따라오지 못한다"),
        (-0.02, "1사이클을 따라오고 앞선다"),
        (0.0, "1사이클과의 차이가 뚜렷하지 않다"),
    ],
)
def test_answer_to_the_first_question_follows_the_difference(higher, answer):
    """같은 에포크 수의 것에는 답하지 않는다. 씨앗마다의 차이는 조금씩 흔들린다."""
    methods = ("one-cycle", "piecewise", "piecewise-long")
    runs = [
        {"configuration": m, "seed": seed, "test_accuracy": 0.9 - (m != "one-cycle") * (higher + 0.001 * (seed - 1))}
        for m in methods
        for seed in range(3)
    ]
    configurations = {m: study._plain(cifar10.CONFIGURATIONS[m]) for m in methods}
    content = CIFAR10_CONTENT | {"configurations": configurations, "runs": runs}
    [line] = PAGE["TABLES"]["cifar10-follow"](PAGE["Study"](content))
    assert f"**{answer}.**" in line and "구간별 고정(4배 길게), 32에포크로 1사이클의 4배" in line
    assert printed(recomputed([higher + 0.001 * (seed - 1) for seed in range(3)]), "+") in line and "JPEG" in line


def test_claim_of_the_paper_is_judged_for_every_method():
    lines = [line for line in PAGE["TABLES"]["cifar10-claim"](CIFAR10_STUDY) if line.startswith("- ")]
    for method, line in zip(CIFAR10_METHODS, lines, strict=True):
        found = recomputed([run["test_accuracy"] for run in cifar10_runs(method)])
        if found is None:
            assert "씨앗이 둘보다 적다" in line
            continue
        assert printed(found) in line and ("이르지 못한다" in line) == (found[0] < 0.919)
        assert ("구간까지 목표를 넘는다" in line) == (found[1] >= 0.919)


@pytest.mark.parametrize("data", ("cifar10", "cifar10-jpeg"))
@pytest.mark.parametrize("best, missed", [(0.918, True), (0.9195, False)])
def test_page_names_possible_reasons_when_nothing_reaches_the_claim(best, missed, data):
    methods = {"one-cycle": 0.88, "one-cycle-wide": best}
    runs = [{"configuration": m, "seed": i, "test_accuracy": value} for m, value in methods.items() for i in range(3)]
    configurations = {m: study._plain(cifar10.CONFIGURATIONS[m]) for m in methods}
    content = CIFAR10_CONTENT | {"data": data, "configurations": configurations, "runs": runs}
    text = " ".join(PAGE["TABLES"]["cifar10-claim"](PAGE["Study"](content)))
    assert ("아무것도 목표에 이르지 못했다" in text) == missed == ("가장 긴 훈련도 32에포크" in text)
    assert ("화질을 잃은 사본" in text) == (missed and data == "cifar10-jpeg")


def test_every_table_and_figure_of_cifar10_names_its_data(tmp_path):
    """사본으로 얻은 수는 사본의 것이라고 적는다."""
    for data, name in (("cifar10", "CIFAR-10"), ("cifar10-jpeg", "CIFAR-10의 JPEG 사본")):
        configurations = {n: study._plain(cifar10.CONFIGURATIONS[n]) for n in ("one-cycle", "one-cycle.0.1")}
        runs = [
            {"configuration": n, "seed": 0, "val_accuracy": [0.8, 0.9], "test_accuracy": 0.9} for n in configurations
        ]
        other = PAGE["Study"](CIFAR10_CONTENT | {"data": data, "configurations": configurations, "runs": runs})
        for key in ("cifar10-accuracy", "cifar10-claim", "cifar10-candidates"):
            text = "\n".join(PAGE["TABLES"][key](other))
            assert name in text and (data == "cifar10-jpeg" or "JPEG" not in text)
        assert PAGE["figure"](other, "cifar10-curves", tmp_path, tmp_path / "study.md")[-2].startswith(f"{name}. ")


def test_study_that_is_not_trained_yet_says_so(tmp_path):
    empty = PAGE["Study"](CIFAR10_CONTENT | {"configurations": {}, "runs": []})
    assert "아직 훈련하지 않았다" in "".join(PAGE["TABLES"]["cifar10-claim"](empty))
    assert list(PAGE["TABLES"]["cifar10-settings"](empty)) == ["아직 훈련하지 않았다."]
    assert len(cells(PAGE["TABLES"]["cifar10-accuracy"](empty))) == len(PAGE["PAPER"])
    assert "아직 훈련하지 않아" in PAGE["figure"](empty, "cifar10-curves", tmp_path, tmp_path / "study.md")[0]


def test_cost_of_reaching_the_claim_counts_only_those_who_do():
    def content(*curves):
        runs = [
            {
                "configuration": "one-cycle",
                "seed": i,
                "val_accuracy": curve,
                "cpu_seconds": 3600.0,
                "test_accuracy": 0.9,
            }
            for i, curve in enumerate(curves)
        ]
        return PAGE["Study"]({"methods": {"one-cycle": {"title": "가"}}, "configurations": {}, "runs": runs})

    [row] = cells(PAGE["TABLES"]["cifar10-times"](content([0.8, 0.9, 0.92, 0.93], [0.8, 0.9, 0.9, 0.9])))
    assert row == ["가", "1.00시간", "1 / 2", "3", "45분"]
    [row] = cells(PAGE["TABLES"]["cifar10-times"](content([0.8, 0.9])))
    assert row == ["가", "1.00시간", "0 / 1", "–", "–"]


# 쪽


def test_page_shows_every_table_and_figure():
    page = (ROOT / "book" / "study.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"```\{study\} (\S+)", page)) == sorted([*PAGE["TABLES"], *PAGE["FIGURES"]])


def test_results_are_not_typed_into_the_page():
    page = (ROOT / "book" / "study.md").read_text(encoding="utf-8")
    # 읽는 법을 보이는 보기와, 책의 저장소에 있는 다른 기록
    assert re.findall(r"0\.\d{3,}", page) == ["0.8700", "0.0020", "0.8934"]
    # 책이 옮긴 논문의 두 수와, 물음에 다시 나오는 것
    assert re.findall(r"\d+\.\d%", page) == ["91.9%", "90.3%", "91.9%", "91.9%", "91.9%"]


def test_record_in_the_repository_is_not_the_one_in_the_table():
    page = (ROOT / "book" / "study.md").read_text(encoding="utf-8")
    stored = float(re.search(r"`b1cd777`에는 1사이클의 검증 정확도가 (0\.\d{4})", page)[1])
    assert stored != STUDY.methods["one-cycle"]["recorded"]["valid"]


@pytest.mark.parametrize("name", PAGE["FIGURES"])
def test_figure_is_drawn_once_and_has_alt_text_and_a_caption(name, tmp_path):
    cifar = name.startswith("cifar10-")
    trained = (lambda m: m in CIFAR10_METHODS) if cifar else (lambda m: runs_of(f"{m}.better"))
    shown = CIFAR10_STUDY if cifar else STUDY
    lines = PAGE["figure"](shown, name, tmp_path / "pictures", tmp_path / "study.md")
    if not (tmp_path / "pictures").exists():
        assert lines == ["아직 훈련하지 않아 그릴 것이 없다."]
        return
    [path] = (tmp_path / "pictures").iterdir()
    assert path.read_bytes().startswith(b"\x89PNG") and lines[0].endswith(f"pictures/{path.name}")
    alt = next(line for line in lines if line.startswith(":alt:"))
    assert all(shown.title(m) in alt for m in PAGE["FIGURES"][name][1] if trained(m)) and len(lines[-2]) > 20
    before = path.stat().st_mtime_ns
    PAGE["figure"](shown, name, tmp_path / "pictures", tmp_path / "study.md")
    assert path.stat().st_mtime_ns == before


def test_curves_are_means_and_ranges_over_seeds():
    content = {
        "methods": {"a": {"title": "가"}},
        "configurations": {},
        "runs": [
            {"configuration": "a.better", "seed": 0, "val_accuracy": [0.1, 0.4]},
            {"configuration": "a.better", "seed": 1, "val_accuracy": [0.3, 0.8]},
        ],
    }
    [(title, mean, low, high)] = PAGE["curves"](PAGE["Study"](content), ["a"])
    assert title == "가" and mean == pytest.approx([0.2, 0.6]) and (low, high) == ([0.1, 0.4], [0.3, 0.8])


def test_verdicts_of_the_page_need_no_keras():
    """책은 텐서플로를 불러오지 않고 만들어진다."""
    code = (
        "import runpy, sys; runpy.run_path('book/_ext/study.py'); print({'keras', 'tensorflow'} & sys.modules.keys())"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout == "set()\n"
