"""마지막 과제의 레시피: 받을 것만 받고, 숨은 나누기에서 공정하게 잰다."""

import re

import nbformat
import numpy as np
import pytest

from grading import EXERCISES
from grading.oracle import JUDGES
from homl11.checks import check
from homl11.checks import recipe as recipes
from homl11.checks.recipe import BASELINE, EPOCHS, RUNGS, TRAINING_IMAGES, judge, marks, validate

STEPS = -(-TRAINING_IMAGES // 32)  # 한 에포크의 스텝


@pytest.fixture
def no_training(monkeypatch):
    """훈련하려고 하면 실패한다."""
    monkeypatch.setattr(recipes, "_train_and_measure", lambda recipe, seed: pytest.fail("훈련했다"))


def test_validate_fills_in_the_baseline_and_leaves_the_recipe_alone():
    recipe = {"l2": 0.001}
    assert validate(recipe) == {**BASELINE, "l2": 0.001}
    assert recipe == {"l2": 0.001}
    assert validate({}) == dict(BASELINE)
    assert validate({"learning_rate": 1, "schedule": "power", "decay_epochs": 3})["decay_epochs"] == 3


@pytest.mark.parametrize(
    "recipe, said",
    [
        (None, "사전이어야"),
        ([("l2", 0.1)], "사전이어야"),
        ("__import__('os')", "사전이어야"),
        ({"dropout": 0.3}, "모르는 키"),
        ({1: 2}, "모르는 키"),
        ({"epochs": 1000}, "모르는 키"),
        ({"x" * 10_000: 1}, "모르는 키"),
        ({"schedule": "cosine"}, "schedule='cosine'"),
        ({"schedule": ["one_cycle"]}, "schedule="),
        ({"batch_size": 1}, "16, 32, 64, 128, 256"),
        ({"batch_size": 32.0}, "batch_size=32.0"),
        ({"batch_normalization": 1}, "False, True"),
        ({"learning_rate": 0}, "0.0001 이상 2 이하"),
        ({"learning_rate": "0.1"}, "learning_rate='0.1'"),
        ({"learning_rate": True}, "learning_rate=True"),
        ({"learning_rate": None}, "learning_rate=None"),
        ({"momentum": float("nan")}, "momentum=nan"),
        ({"l1": float("inf")}, "l1=inf"),
        ({"l2": -0.001}, "l2=-0.001"),
        ({"l2": 10**400}, "l2="),
        ({"dropout_rate": 1}, "0 이상 0.9 이하"),
        ({"max_norm": [1.0]}, "max_norm=[1.0]"),
        ({"max_norm": {"a": {"b": {}}}}, "max_norm="),
        ({"schedule": "exponential"}, "줄어드는 빠르기"),
        ({"decay_epochs": 5}, "쓰지 않는 값"),
    ],
)
def test_bad_recipe_is_refused_in_one_short_korean_sentence(recipe, said, no_training):
    with pytest.raises(ValueError) as error:
        validate(recipe)
    assert said in str(error.value) and len(str(error.value)) < 250
    assert marks(recipe, 0) == (dict.fromkeys(RUNGS, False), str(error.value))


def rate_and_momentum(step, **recipe):
    optimizer = recipes._optimizer(validate(recipe))
    optimizer.build([])
    optimizer.iterations.assign(step)
    return float(optimizer.learning_rate), float(optimizer.momentum)


@pytest.mark.parametrize(
    "epoch, expected, recipe",
    [
        (7, 0.05, {"learning_rate": 0.05}),
        (3, 0.05, {"learning_rate": 0.1, "schedule": "power", "decay_epochs": 3}),
        (6, 0.1 / 3, {"learning_rate": 0.1, "schedule": "power", "decay_epochs": 3}),
        (4, 0.01, {"learning_rate": 0.1, "schedule": "exponential", "decay_epochs": 4}),
        (2, 0.1 * 0.1**0.5, {"learning_rate": 0.1, "schedule": "exponential", "decay_epochs": 4}),
        (2, 0.1, {"learning_rate": 0.1, "schedule": "piecewise_constant", "decay_epochs": 4}),
        (9, 0.001, {"learning_rate": 0.1, "schedule": "piecewise_constant", "decay_epochs": 4}),
        (0, 0.01, {"learning_rate": 0.1, "schedule": "one_cycle"}),
        (0.45 * EPOCHS, 0.1, {"learning_rate": 0.1, "schedule": "one_cycle"}),
    ],
)
def test_learning_rate_follows_the_schedule_in_epochs(epoch, expected, recipe):
    rate, momentum = rate_and_momentum(round(epoch * STEPS), **recipe)
    assert rate == pytest.approx(expected, rel=5e-3)


def test_momentum_is_constant_or_the_cycle():
    assert rate_and_momentum(100, momentum=0.8)[1] == pytest.approx(0.8)
    cycle = {"schedule": "one_cycle", "momentum": 0.9}
    assert rate_and_momentum(0, **cycle)[1] == pytest.approx(0.9)
    assert rate_and_momentum(round(0.45 * EPOCHS * STEPS), **cycle)[1] == pytest.approx(0.8, abs=2e-3)


def test_split_depends_on_the_seed_and_keeps_training_images_out():
    first, again, other = recipes._split(1), recipes._split(1), recipes._split(2)
    assert np.array_equal(first.train.x, again.train.x) and not np.array_equal(first.train.x, other.train.x)
    assert np.bincount(first.train.y).tolist() == [TRAINING_IMAGES // 10] * 10
    inside, outside = ({image.tobytes() for image in split.x} for split in (first.train, first.valid))
    assert len(first.train.x) + len(first.valid.x) == 5000 and not inside & outside


def test_diverged_model_reaches_nothing_and_says_so():
    recipe = {"learning_rate": 2.0, "momentum": 0.99, "l2": 1.0}
    reached, text = marks(recipe, 1)
    assert not any(reached.values()) and "교차 엔트로피" in text


def test_judge_compares_with_the_baseline_of_the_same_split():
    assert not any(judge({}, 1).values())
    assert recipes._ratio(recipes.evaluate({}, 1), recipes.evaluate(dict(BASELINE), 1)) == 1


@pytest.mark.parametrize("seed", [1, 2**31, 2**63, -1])
def test_any_integer_is_a_seed(seed, monkeypatch):
    seen = []
    monkeypatch.setattr(recipes, "_train_and_measure", lambda recipe, one: seen.append(one) or {"accuracy": 1.0})
    recipes._evaluate.cache_clear()
    recipes.evaluate({"l2": 0.002}, seed)
    recipes._evaluate.cache_clear()
    assert len(set(seen)) == recipes.SPLITS and all(0 <= one < 2**32 for one in seen)


@pytest.mark.parametrize("answer", [None, "글", [1], {"l2": "많이"}, {"레시피": {}}])
def test_grader_survives_any_answer(answer, no_training):
    assert not any(JUDGES["final-recipe"](answer, 3).values())


def test_the_question_states_the_rungs_and_the_table_that_the_judge_uses():
    cells = nbformat.read(EXERCISES / "regularization.ipynb", as_version=4).cells
    [question] = [cell.source for cell in cells if cell.id == "final-recipe-question"]
    rungs = re.findall(r"^\d\. (.*0\..*)\.$", question, flags=re.MULTILINE)
    numbers = [re.findall(r"0\.\d+", text) for text in rungs]
    assert numbers == [re.findall(r"0\.\d+", name) for name in RUNGS]
    for name in BASELINE:
        assert re.search(rf"^-.*`{name}`", question, flags=re.MULTILINE), name
    for name, choices in recipes.CHOICES.items():
        [row] = re.findall(rf"^- `{name}` .*$", question, flags=re.MULTILINE)
        assert all(str(choice) in row for choice in choices)
    for name, (low, high) in recipes.RANGES.items():
        [row] = re.findall(rf"^-.*`{name}`.*$", question, flags=re.MULTILINE)
        assert f"{low:g}-{high:g}" in row
    assert recipes.SPLITS == 3 and "**숨은 나누기** 셋의 평균" in question
    assert f"{TRAINING_IMAGES:,}장" in question and f"에포크는 {EPOCHS}개" in question


def test_check_of_a_recipe_that_cannot_be_read_confirms_nothing(no_training, capsys):
    check("final/recipe", {"dropout": 0.3})
    said = capsys.readouterr().out
    assert "힌트: 'dropout': 모르는 키입니다" in said and "○" not in said


def test_advice_is_given_for_a_recipe_that_stays_below_and_only_then(monkeypatch, capsys):
    """점수는 단이 정한다. 고정 학습률이어도 단에 모두 오르면 맞은 것이다."""
    base = {"training_cross_entropy": 0.2, "cross_entropy": 0.5, "accuracy": 0.9}
    for loss, accepted in ((0.4, True), (0.45, False)):
        mine = {"training_cross_entropy": 0.3, "cross_entropy": loss, "accuracy": 0.91}
        monkeypatch.setattr(recipes, "evaluate", lambda recipe, seed, mine=mine: mine if recipe.get("l2") else base)
        check("final/recipe", {"l2": 0.001})
        said = capsys.readouterr().out
        assert ("모두 맞았습니다" in said) == accepted == ("학습률이 처음부터 끝까지" not in said)
        assert accepted or "바탕의 0.90배" in said


@pytest.mark.parametrize(
    "recipe, said",
    [
        ({}, "하나씩 고르세요"),
        ({"schedule": "one_cycle"}, "규제를 고르지 않았습니다"),
        ({"dropout_rate": 0.3}, "스케줄을 고르지 않았습니다"),
        ({"schedule": "one_cycle", "learning_rate": 2.0, "l2": 0.001}, "학습률이 너무 큽니다"),
        ({"schedule": "one_cycle", "learning_rate": 0.001, "l2": 0.001}, "학습률이 너무 작습니다"),
        ({"schedule": "one_cycle", "dropout_rate": 0.8}, "드롭아웃이 너무 강합니다"),
        ({"schedule": "one_cycle", "l1": 0.01}, "10배씩 줄여"),
        ({"schedule": "one_cycle", "max_norm": 0.2}, "한계가 너무 작습니다"),
        ({"schedule": "one_cycle", "l2": 0.001, "dropout_rate": 0.3}, "모자란지 지나친지"),
    ],
)
def test_advice_names_what_the_recipe_says(recipe, said, monkeypatch):
    monkeypatch.setattr(recipes, "marks", lambda recipe, seed: ({}, "잰 값"))
    assert recipes.advise(recipe).startswith("잰 값. ") and said in recipes.advise(recipe)
    assert recipes.advise({"없는 키": 1}) is None


def test_table_stands_the_recipe_under_the_baseline(monkeypatch, capsys):
    base = {"training_cross_entropy": 0.2, "cross_entropy": 0.5, "accuracy": 0.9}
    mine = {"training_cross_entropy": 0.3, "cross_entropy": 0.45, "accuracy": 0.91}
    monkeypatch.setattr(recipes, "evaluate", lambda recipe, seed: mine if recipe else base)
    table = recipes.try_recipe({"l2": 0.001})
    assert table.rows == [["바탕", "0.200", "0.500", "0.900"], ["이 레시피", "0.300", "0.450", "0.910"]]
    assert [line[0] for line in capsys.readouterr().out.splitlines()] == ["○", "✗", "✗"]
