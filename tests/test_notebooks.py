"""노트북의 스케줄이 그 노트북의 훈련 안에서 정말로 움직이는지, 노트북 자신의 수로 계산한다."""

import importlib.util
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from IPython.core.inputtransformer2 import TransformerManager

from authoring.outputs import said
from homl11 import training
from homl11.schedules import OneCycle, total_steps

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"


class Reached(Exception):
    """노트북이 비교를 시작하려 한다."""


def planned_comparison(key, monkeypatch):
    """노트북을 ``compare``까지 실행해, 무엇을 몇 에포크 훈련하려 했는지 돌려준다. 비교는 하지 않는다."""
    plan = {}

    def remember(recipes, data, *, epochs, seeds):
        plan.update(recipes=recipes, data=data, epochs=epochs)
        raise Reached

    monkeypatch.setattr(training, "compare", remember)
    monkeypatch.setattr(plt, "show", lambda: plt.close("all"))
    notebook = nbformat.read(NOTEBOOKS / f"{key}.ipynb", as_version=4)
    namespace = {"__name__": "__main__"}
    with pytest.raises(Reached):
        for cell in notebook.cells:
            if cell.cell_type == "code":
                exec(TransformerManager().transform_cell(cell.source), namespace)
    return plan


def rates_over_run(recipe, data, epochs):
    """훈련의 모든 스텝에서 쓸 학습률. 손실을 보고 정하는 방법이면 ``None``."""
    steps_per_epoch = total_steps(len(data.train.x), recipe.batch_size, 1)
    callbacks = recipe.callbacks()
    if any(isinstance(callback, keras.callbacks.ReduceLROnPlateau) for callback in callbacks):
        return None
    per_epoch = [c for c in callbacks if isinstance(c, keras.callbacks.LearningRateScheduler)]
    if per_epoch:
        return np.repeat([per_epoch[0].schedule(epoch) for epoch in range(epochs)], steps_per_epoch)
    schedule = recipe.optimizer()._learning_rate
    if not isinstance(schedule, keras.optimizers.schedules.LearningRateSchedule):
        return np.full(epochs * steps_per_epoch, float(schedule))
    return np.array([float(schedule(step)) for step in range(epochs * steps_per_epoch)])


@pytest.mark.parametrize(
    "key, scheduled",
    [
        ("01_power", 1),
        ("02_exponential", 2),
        ("03_piecewise_constant", 3),
        ("05_one_cycle", 2),
        ("06_schedules_compared", 16),
    ],
)
def test_schedules_fire_inside_the_run(key, scheduled, monkeypatch):
    plan = planned_comparison(key, monkeypatch)
    moving = 0
    for name, recipe in plan["recipes"].items():
        rates = rates_over_run(recipe, plan["data"], plan["epochs"])
        if rates is None or "고정 " in name or "고정" in name[:1]:
            continue
        assert rates[-1] < rates.max() / 4, name
        schedule = recipe.optimizer()._learning_rate
        if isinstance(schedule, keras.optimizers.schedules.PiecewiseConstantDecay):
            assert set(np.float32(schedule.values)) == set(np.float32(rates)), name
        if isinstance(schedule, OneCycle):
            assert schedule.get_config()["total_steps"] == len(rates), name
        moving += 1
    assert moving == scheduled


def test_plateau_callback_can_fire_inside_the_run():
    cells = nbformat.read(NOTEBOOKS / "04_performance.ipynb", as_version=4).cells
    source = "\n".join(cell.source for cell in cells)
    printed = [line for cell in cells for output in cell.get("outputs", []) for line in said(output)]
    assert "ReduceLROnPlateau(factor=0.5, patience=2" in source
    assert "예: 학습률이 세 번 넘게 줄었다" in printed


def test_setup_cell_does_nothing_where_the_package_is_installed():
    assert importlib.util.find_spec("homl11") is not None
    for path in NOTEBOOKS.glob("[0-9]*.ipynb"):
        first = next(cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code")
        assert 'find_spec("homl11") is None' in first.source
        assert first.outputs == []
