"""과제 «학습률 스케줄링»만의 성질: 달리 쓴 맞는 답, 정답의 근거, 글에 적힌 점수."""

import re

import keras
import nbformat
import numpy as np
import pytest
from test_exercises import marks
from wrong_schedules import WRONG

from grading import EXERCISES
from grading.oracle import Oracle, grade_id
from homl11.checks import TASKS, same

NOTEBOOK = nbformat.read(EXERCISES / "schedules.ipynb", as_version=4)
OTHERWISE_RIGHT = {
    "00_learning_rate/steps": """
per_epoch = [-(-2500 // 64), -(-10000 // 48)]
steps = {"가": np.array([1, 12]) * per_epoch[0], "나": (float(per_epoch[1]), 15.0 * per_epoch[1])}
""",
    "00_learning_rate/suggest": """
def suggest(learning_rates, losses):
    pairs = [(loss, i) for i, loss in enumerate(losses) if np.isfinite(loss)]
    loss, i = min(pairs)
    if i in (pairs[0][1], pairs[-1][1]):
        raise ValueError
    return 0.1 * learning_rates[i]
""",
    "01_power/by_hand": """
rates = {"가": (0.036, 0.024, 0.018), "나": (0.018, 0.008, 0.0045), "다": np.array([0.036, 0.016, 0.009])}
""",
    "01_power/power": """
def power_decay(step, initial_learning_rate, decay_steps, power=1.0, staircase=False):
    if staircase:
        step = step // decay_steps * decay_steps
    return initial_learning_rate * (decay_steps / (decay_steps + step)) ** power
""",
    "01_power/replace_decay": """
def replace_decay(learning_rate, decay):
    return keras.optimizers.schedules.InverseTimeDecay(learning_rate, decay_steps=1, decay_rate=decay)
""",
    "02_exponential/closure": """
exponential_decay = lambda lr0, s: lambda epoch: lr0 * np.exp(-np.log(10) * epoch / s)
""",
    "02_exponential/decay_steps": """
def tenth_every(lr0, k, n, batch_size):
    s = (n + batch_size - 1) // batch_size * k
    return keras.optimizers.schedules.ExponentialDecay(lr0, 2 * s, 0.01)
""",
    "03_piecewise_constant/rate": """
def piecewise_rate(step, boundaries, values):
    return keras.optimizers.schedules.PiecewiseConstantDecay(boundaries, values)(step)
""",
    "03_piecewise_constant/boundaries": """
def place_boundaries(fractions, n, batch_size, epochs):
    return np.floor(np.array(fractions) * (epochs * -(-n // batch_size))) - 1
""",
    "04_performance/plateau": """
def rates_on_plateau(losses, learning_rate, factor, patience, min_delta=1e-4, min_lr=0.0):
    rates, record, since = [learning_rate], losses[0], 0
    for loss in losses[1:]:
        rates.append(max(rates[-1] * factor, min_lr) if since == patience else rates[-1])
        since = 0 if since == patience else since
        better = record - loss > min_delta
        record, since = (loss, 0) if better else (record, since + 1)
    return np.array(rates)
""",
    "05_one_cycle/phases": """
def one_cycle_rate(step, max_learning_rate, total_steps, final_fraction):
    low, down = max_learning_rate / 10, total_steps - final_fraction * total_steps
    if step <= down:
        return max_learning_rate - (max_learning_rate - low) * abs(step - down / 2) / (down / 2)
    if step >= total_steps:
        return low / 1000
    return low - (low - low / 1000) * (step - down) / (total_steps - down)
""",
    "05_one_cycle/momentum": """
def one_cycle_beta(step, total_steps, final_fraction, max_momentum=0.95, min_momentum=0.85):
    middle = (1 - final_fraction) * total_steps / 2
    return max_momentum - (max_momentum - min_momentum) * max(0, 1 - abs(step - middle) / middle)
""",
    "06_schedules_compared/interval": """
def paired_interval(a, b):
    low, high = stats.ttest_rel(a, b).confidence_interval(0.95)
    return [(low + high) / 2, low, high]
""",
}


@pytest.fixture(scope="module")
def oracle():
    return Oracle(NOTEBOOK)


def test_another_right_answer_is_kept_for_every_task():
    assert {grade_id(key) for key in OTHERWISE_RIGHT} == set(Oracle(NOTEBOOK).answers)


@pytest.mark.parametrize("key, source", OTHERWISE_RIGHT.items())
def test_right_answer_written_differently_gets_full_marks(oracle, key, source, capsys):
    namespace = oracle.fresh({**oracle.answers, grade_id(key): source})
    for seed in range(10):
        assert marks(oracle, key, namespace, seed) == oracle.points[grade_id(key)]
    exec(oracle.checks[grade_id(key)], namespace)
    assert "모두 맞았습니다" in capsys.readouterr().out


def test_solution_has_a_value_for_every_group_whatever_the_seed(oracle):
    solution = oracle.fresh()
    for seed in range(40):
        found = oracle.reports(solution, seed)
        assert [name for groups in found.values() for name, got in groups.items() if "value" not in got] == []


@pytest.mark.parametrize("key", WRONG)
def test_same_mistake_loses_the_same_marks_whatever_the_seed(oracle, key):
    """값은 제출물마다 다르다. 같은 실수의 점수까지 다르면 불공평하다."""
    for label, source, _ in WRONG[key]:
        namespace = oracle.fresh({**oracle.answers, grade_id(key): source})
        found = {marks(oracle, key, namespace, seed) for seed in range(5)}
        assert len(found) == 1 and found.pop() < oracle.points[grade_id(key)], label


@pytest.mark.parametrize("key", sorted(OTHERWISE_RIGHT))
def test_every_mistake_is_told_apart(key):
    """두 실수가 같은 값을 내면 엉뚱한 힌트가 나온다. 정답과 같은 값을 내면 힌트가 거짓이다."""
    from homl11.checks.task import run

    task = TASKS[key]
    answers = [task.reference, *task.mistakes.values()]
    found = [[run(probe, answer) for probe in task.probes.values()] for answer in answers]
    for i, one in enumerate(found):
        for other in found[:i]:
            assert not all(same(a, b, errors=True) for a, b in zip(one, other))


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


def test_checks_do_not_hold_what_is_graded(oracle):
    """손으로 구하는 문제에서 채점할 때만 보는 답은 공개된 확인에 없다."""
    for key, name in (("00_learning_rate/steps", "나"), ("01_power/by_hand", "다")):
        solution = oracle.fresh()["steps" if "steps" in key else "rates"]
        assert not np.allclose(TASKS[key].reference[name], solution[name])
