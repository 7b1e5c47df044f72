"""과제 «학습률 스케줄링»의 성질: 씨앗에 흔들리지 않는 판정, 정답의 근거, 글에 적힌 점수."""

import re

import keras
import nbformat
import numpy as np
import pytest
from classroom import MISTAKEN, wrong
from judging import judged

from grading import EXERCISES
from grading.oracle import Oracle
from homl11.checks import TASKS

NOTEBOOK = nbformat.read(EXERCISES / "schedules.ipynb", as_version=4)


@pytest.fixture(scope="module")
def oracle():
    return Oracle(NOTEBOOK)


def test_solution_has_a_value_for_every_group_whatever_the_seed(oracle):
    solution = oracle.fresh()
    for seed in range(40):
        found = oracle.reports(solution, seed)
        assert [name for groups in found.values() for name, got in groups.items() if "value" not in got] == []


class Pretend(keras.callbacks.Callback):
    """훈련이 낸 손실 대신 정해 둔 검증 손실을 다음 콜백에 들려준다."""

    def __init__(self, losses):
        super().__init__()
        self.losses = losses

    def on_epoch_end(self, epoch, logs=None):
        logs["val_loss"] = self.losses[epoch]


@pytest.mark.parametrize("patience, min_delta, min_lr", [(1, 0.0, 0.0), (2, 0.012, 0.0), (3, 1e-4, 0.03)])
def test_plateau_reference_and_solution_agree_with_a_real_fit(oracle, patience, min_delta, min_lr):
    losses = np.random.default_rng(patience).uniform(0.3, 0.6, 25).round(3).tolist()
    model = keras.Sequential([keras.Input([1]), keras.layers.Dense(1)])
    model.compile(loss="mse", optimizer=keras.optimizers.SGD(0.2))
    callback = keras.callbacks.ReduceLROnPlateau(
        factor=0.5, patience=patience, min_delta=min_delta, min_lr=min_lr, mode="min"
    )
    x = np.zeros([4, 1])
    used = model.fit(x, x, epochs=len(losses), callbacks=[Pretend(losses), callback], verbose=0).history[
        "learning_rate"
    ]
    assert len(set(used)) > 2
    arguments = losses, 0.2, 0.5, patience, min_delta, min_lr
    assert np.allclose(TASKS["04_performance/plateau"].reference(*arguments), used)
    assert np.allclose(oracle.fresh()["rates_on_plateau"](*arguments), used)


@pytest.mark.parametrize(
    "key, label, kept, asked", [(key, *choice) for person in MISTAKEN for key, choice in person.items()]
)
def test_wrong_answer_keeps_the_marks_of_what_it_does_right(key, label, kept, asked):
    """한 가지를 틀린 답이, 지킨 성질의 점수까지 잃지 않는다. 몫은 문제의 글로 셌다."""
    found = judged(key, wrong(key, label))
    assert {round(mark, 6) for mark in (found.shown, *found.marks)} == {round(found.points * kept / asked, 6)}


def test_points_in_the_text_are_the_points_of_the_cells():
    points = {}
    for cell in NOTEBOOK.cells:
        metadata = cell.metadata.get("nbgrader", {})
        if "points" in metadata:
            points[metadata["grade_id"].removesuffix("-grade")] = metadata["points"]
    stated = {
        cell.metadata["nbgrader"]["grade_id"].removesuffix("-question"): int(re.search(r"\((\d+)점\)", cell.source)[1])
        for cell in NOTEBOOK.cells
        if cell.metadata.get("nbgrader", {}).get("grade_id", "").endswith("-question")
    }
    assert stated == points
    assert f"{len(points)}문제, {sum(points.values())}점" in NOTEBOOK.cells[0].source
