"""훈련과 비교. 세 길이 비트까지 같은 결과를 내는지 본다."""

import gc
import math
import re
from functools import partial

import keras
import numpy as np
import pytest

from homl11.data import Dataset, Split
from homl11.training import LOSS, Comparison, Recipe, Run, compare, train

Callback, LambdaCallback = keras.callbacks.Callback, keras.callbacks.LambdaCallback

SEED, EPOCHS = 7, 3
PATHS = {
    "whole epochs": {},
    "fit": {"steps_per_execution": 3},
    "step by step": {"callbacks": [LambdaCallback(on_train_batch_end=lambda batch, logs: None)]},
}
every_path = pytest.mark.parametrize("path", PATHS)
momentum_sgd = partial(keras.optimizers.SGD, 0.1, momentum=0.9)


def regularised(seed):
    """훈련 때와 검증 때 다르게 움직이고, 난수와 이동 평균을 품은 모델."""
    keras.utils.set_random_seed(seed)
    return keras.Sequential(
        [
            keras.Input((4, 4)),
            keras.layers.Flatten(),
            keras.layers.Dense(8, activation="relu"),
            keras.layers.BatchNormalization(),
            keras.layers.Dropout(0.3),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )


def assert_same_state(model, other):
    """가중치, 이동 평균, 난수의 상태, 옵티마이저의 변수까지 같다."""
    for left, right in zip(
        [*model.variables, *model.optimizer.variables], [*other.variables, *other.optimizer.variables], strict=True
    ):
        np.testing.assert_array_equal(left.numpy(), right.numpy(), err_msg=left.path)


def recorder(*hooks):
    """불린 때를 적는 콜백과 그 기록."""
    calls = []

    def hook(name):
        return lambda self, *given, logs=None: calls.append((name, *(n for n in given if isinstance(n, int))))

    return type("Recorder", (Callback,), {name: hook(name) for name in hooks})(), calls


@pytest.fixture(scope="module")
def runs(data):
    return {
        path: train(regularised(0), data, epochs=EPOCHS, optimizer=momentum_sgd(), seed=SEED, **options)
        for path, options in PATHS.items()
    }


@pytest.fixture(scope="module")
def by_hand(data):
    """문서에 적힌 순서로 ``model.fit``을 에포크마다 부른다."""
    model = regularised(0)
    model.compile(loss=LOSS, optimizer=momentum_sgd(), metrics=["accuracy"])
    history = {}
    for epoch in range(EPOCHS):
        order = np.random.default_rng([SEED, epoch]).permutation(len(data.train.x))
        x, y = data.train.x[order], data.train.y[order]
        logs = model.fit(x, y, batch_size=32, shuffle=False, validation_data=data.valid, verbose=0).history
        for name, values in logs.items():
            history.setdefault(name, []).extend(values)
    return Run(history, 0.0, model)


@pytest.fixture
def slope():
    """기울기가 늘 1인 문제: 한 에포크는 두 스텝이고, 가중치는 스텝마다 학습률만큼 줄어든다."""
    split = Split(np.ones((4, 1), "float32"), np.full((4, 1), -10))
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")])
    return partial(train, model, Dataset("비탈", (), split, split, split), batch_size=2, loss="mae", metrics=())


@every_path
def test_state_equals_a_hand_written_loop(path, runs, by_hand):
    assert_same_state(runs[path].model, by_hand.model)


@every_path
def test_history_equals_a_hand_written_loop(path, runs, by_hand):
    assert runs[path].history == by_hand.history


def test_state_equals_that_of_fit_after_hundreds_of_steps(data):
    """반올림의 차이가 있다면 수백 스텝 동안 쌓여 드러난다."""
    models = [
        train(regularised(0), data, epochs=5, optimizer=momentum_sgd(), batch_size=1, seed=SEED, **PATHS[path]).model
        for path in ("whole epochs", "fit")
    ]
    assert int(models[0].optimizer.iterations) == 350
    assert_same_state(*models)


def test_exponential_moving_average_of_weights_equals_that_of_fit(build, data):
    optimizer = partial(keras.optimizers.SGD, 0.1, use_ema=True, ema_momentum=0.5)
    models = [
        train(build(seed=0), data, epochs=2, optimizer=optimizer(), seed=SEED, **PATHS[path]).model
        for path in ("whole epochs", "fit")
    ]
    assert_same_state(*models)


@pytest.fixture(scope="module")
def by_xla(data):
    """XLA로 컴파일한 에포크와, 역시 XLA로 컴파일한 ``fit``."""
    options = {"epochs": EPOCHS, "seed": SEED, "jit_compile": True}
    return [
        train(regularised(0), data, optimizer=momentum_sgd(), **options, **PATHS[path])
        for path in ("whole epochs", "fit")
    ]


def test_state_by_xla_equals_that_of_fit_by_xla(by_xla):
    """배치 정규화, 드롭아웃의 난수, 덜 찬 배치까지. XLA는 더하는 차례를 바꾸므로 비트까지 같지는 않다."""
    models = [run.model for run in by_xla]
    for left, right in zip(*([*m.variables, *m.optimizer.variables] for m in models), strict=True):
        np.testing.assert_allclose(left.numpy(), right.numpy(), rtol=1e-4, atol=1e-6, err_msg=left.path)
    assert int(models[0].optimizer.iterations) == 3 * EPOCHS


def test_history_by_xla_equals_that_of_fit_by_xla(by_xla):
    one, other = (run.history for run in by_xla)
    assert one.keys() == other.keys()
    for name, values in one.items():
        assert values == pytest.approx(other[name], rel=1e-4)


on_tensorflow = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="에포크를 통째로 컴파일하는 길은 텐서플로에만 있다"
)


@on_tensorflow
def test_xla_is_used_when_asked_for(build, data, monkeypatch):
    import tensorflow as tf

    asked, function = [], tf.function
    monkeypatch.setattr(
        tf, "function", lambda **options: [asked.append(options["jit_compile"]), function(**options)][1]
    )
    for jit_compile in (None, True, False):
        train(build(), data, epochs=1, optimizer=momentum_sgd(), jit_compile=jit_compile)
    assert asked == [None, True, None]


@on_tensorflow
def test_run_stopped_before_its_first_epoch_takes_one_step_by_xla_too(build, data):
    """텐서플로의 ``fit``이 그렇게 한다."""
    stop = LambdaCallback(on_epoch_begin=lambda epoch, logs: setattr(run.model, "stop_training", True))
    for options in ({}, {"jit_compile": True}):
        run = Run({}, 0.0, build(seed=0))
        train(run.model, data, epochs=2, optimizer=momentum_sgd(), callbacks=stop, **options)
        assert int(run.model.optimizer.iterations) == 1


@pytest.mark.parametrize(
    "first, second",
    [
        ("whole epochs", "whole epochs"),
        ("fit", "fit"),
        ("step by step", "step by step"),
        ("whole epochs", "fit"),
        ("fit", "step by step"),
        ("step by step", "fit"),
    ],
)
def test_resumed_run_equals_an_uninterrupted_one(first, second, runs, data):
    model = regularised(0)
    train(model, data, epochs=1, optimizer=momentum_sgd(), seed=SEED, **PATHS[first])
    train(model, data, epochs=EPOCHS, initial_epoch=1, seed=SEED, **PATHS[second])
    assert_same_state(model, runs[second].model)


def test_resumed_history_holds_the_new_epochs_only(runs, data):
    model = regularised(0)
    train(model, data, epochs=1, optimizer=momentum_sgd(), seed=SEED)
    history = train(model, data, epochs=EPOCHS, initial_epoch=1, seed=SEED).history
    assert history == {name: values[1:] for name, values in runs["whole epochs"].history.items()}


@pytest.mark.parametrize("seed, same", [(SEED, True), (SEED + 1, False)])
def test_seed_decides_the_order_of_the_data(seed, same, runs, data):
    history = train(regularised(0), data, epochs=EPOCHS, optimizer=momentum_sgd(), seed=seed).history
    assert (history == runs["whole epochs"].history) is same


def test_without_a_seed_every_run_has_another_order(build, data):
    first, second = (train(build(seed=0), data, epochs=1, optimizer=momentum_sgd()).history for _ in range(2))
    assert first != second


def test_run_ends_with_its_last_epoch(runs):
    run = runs["whole epochs"]
    assert run.final("val_loss") == run.history["val_loss"][EPOCHS - 1]


def test_run_knows_its_time_and_its_model(build, data):
    model = build()
    run = train(model, data, epochs=1, optimizer=momentum_sgd())
    assert run.seconds > 0 and run.model is model


@every_path
def test_every_batch_is_a_step(path, build, data):
    model = train(build(), data, epochs=2, optimizer=momentum_sgd(), batch_size=20, **PATHS[path]).model
    assert int(model.optimizer.iterations) == 2 * math.ceil(70 / 20)


@pytest.mark.parametrize(
    "hook, steps",
    [("on_train_batch_begin", 3), ("on_train_batch_end", 3), ("on_batch_end", 3), ("on_test_batch_end", 2)],
)
def test_per_batch_callback_is_called_at_every_step(hook, steps, build, data):
    callback, calls = recorder(hook)
    train(build(), data, epochs=2, optimizer=momentum_sgd(), callbacks=[callback], steps_per_execution=3)
    assert calls == [(hook, step) for step in range(steps)] * 2


def test_fit_after_train_calls_back_at_every_step(build, data):
    model = train(build(), data, epochs=1, optimizer=momentum_sgd()).model
    callback, calls = recorder("on_train_batch_end")
    model.fit(*data.train, batch_size=32, verbose=0, callbacks=[callback])
    assert len(calls) == 3


@pytest.mark.parametrize("parts", [("train", "epoch"), ("test",)], ids="-".join)
def test_other_callbacks_are_called_as_in_fit(parts, build, data):
    called = []
    for path in ("whole epochs", "fit"):
        callback, calls = recorder(*(f"on_{part}_{when}" for part in parts for when in ("begin", "end")))
        train(build(), data, epochs=2, optimizer=momentum_sgd(), callbacks=[callback], **PATHS[path])
        called.append(calls)
    assert called[0] == called[1]


def test_callback_that_swaps_weights_for_validation_acts_as_in_fit(build, data):
    """``SwapEMAWeights``는 검증 직전에 가중치를 이동 평균으로 바꾼다."""
    optimizer = partial(keras.optimizers.SGD, 0.1, use_ema=True, ema_momentum=0.5)
    histories = [
        train(
            build(seed=0),
            data,
            epochs=2,
            optimizer=optimizer(),
            callbacks=[keras.callbacks.SwapEMAWeights()],
            seed=SEED,
            **PATHS[path],
        ).history
        for path in ("whole epochs", "fit")
    ]
    assert histories[0] == histories[1]


@pytest.mark.parametrize("path", ["whole epochs", "fit"])
def test_early_stopping_stops(path, build, data):
    never_better = keras.callbacks.EarlyStopping(min_delta=10, patience=2)
    run = train(build(), data, epochs=9, optimizer=momentum_sgd(), callbacks=[never_better], **PATHS[path])
    assert len(run.history["loss"]) == 3


@pytest.mark.parametrize("path", ["whole epochs", "fit"])
@pytest.mark.parametrize(
    "callback, rates",
    [
        (partial(keras.callbacks.LearningRateScheduler, lambda epoch: 0.4 / (epoch + 1)), [0.4, 0.2, 0.4 / 3, 0.1]),
        (partial(keras.callbacks.ReduceLROnPlateau, factor=0.5, min_delta=100, patience=1), [0.1, 0.1, 0.05, 0.025]),
    ],
    ids=["LearningRateScheduler", "ReduceLROnPlateau"],
)
def test_learning_rate_callback_acts_and_logs(path, callback, rates, slope):
    run = slope(epochs=4, optimizer=keras.optimizers.SGD(0.1), callbacks=[callback()], **PATHS[path])
    assert run.history["learning_rate"] == pytest.approx(rates)
    assert run.model.get_weights()[0].item() == pytest.approx(-2 * sum(rates), rel=1e-5)


def test_loss_and_metrics_are_those_asked_for(slope):
    assert slope(epochs=1, optimizer="sgd", metrics=["mse"]).history.keys() == {"loss", "mse", "val_loss", "val_mse"}


def test_uncompiled_model_without_an_optimizer_says_what_to_do(build, data):
    with pytest.raises(ValueError, match="컴파일하지 않은 모델.*optimizer="):
        train(build(), data, epochs=1)


@pytest.mark.parametrize("epochs, initial_epoch", [(0, 0), (2, 2), (2, 3)])
def test_epochs_must_exceed_the_initial_epoch(epochs, initial_epoch, build, data, rejects):
    with rejects("epochs", epochs):
        train(build(), data, epochs=epochs, initial_epoch=initial_epoch, optimizer="sgd")


def test_batch_size_must_be_positive(build, data, rejects):
    with rejects("batch_size", 0):
        train(build(), data, epochs=1, optimizer="sgd", batch_size=0)


def test_short_run_writes_nothing(bars, build, data, capsys):
    train(build(), data, epochs=2, optimizer=momentum_sgd())
    assert capsys.readouterr() == ("", "")


def test_bar_of_a_long_run_counts_its_epochs(bars, build, data, capsys):
    bars()
    train(build(), data, epochs=5, initial_epoch=3, optimizer=momentum_sgd())
    assert re.findall(r"훈련:.*?(\d/\d)", capsys.readouterr().err) == ["0/2", "1/2", "2/2"]


def test_bar_of_a_long_comparison_counts_its_runs(bars, recipes, data, capsys):
    bars()
    compare({"끝까지": recipes["끝까지"]}, data, epochs=1, seeds=SEEDS)
    assert re.findall(r"비교:.*?(\d/\d)", capsys.readouterr().err) == ["0/2", "1/2", "2/2"]


def test_data_is_let_go_after_training(build, data):
    """여러 번 훈련하면 데이터의 사본이 쌓이지 않는다. 연구는 한 프로세스에서 수백 번 훈련한다."""
    tf = pytest.importorskip("tensorflow")
    odd = Split(data.train.x[:61], data.train.y[:61])  # 다른 시험의 데이터와 모양이 다르다
    train(build(), data._replace(train=odd), epochs=1, optimizer=momentum_sgd())
    gc.collect()
    copies = [thing for thing in gc.get_objects() if isinstance(thing, tf.Tensor) and thing.shape == odd.x.shape]
    assert not [copy for copy in copies if hasattr(copy, "numpy")]  # 그래프 안의 기호에는 값이 없다


def test_many_runs_are_quiet(build, data, monkeypatch, caplog):
    """텐서플로는 함수를 거듭 새로 만들면 경고한다. 노트북은 train을 여러 번 부른다."""
    # 한 프로세스에서 두 번까지만 경고한다. 앞의 시험들이 센 것을 잊게 한다.
    tracing = pytest.importorskip("tensorflow.python.eager.polymorphic_function.polymorphic_function")
    monkeypatch.setattr(tracing, "_frequent_tracing_detector_manager", tracing._FrequentTracingDetectorManager())
    for _ in range(6):
        train(build(), data, epochs=1, optimizer=momentum_sgd())
    assert caplog.messages == []


SEEDS = (3, 1)
# 둘째 방법은 늘 두 에포크 만에 멈추고, 그때까지 옵티마이저의 상태와 학습률을 바꾸어 놓는다.
RECIPES = {
    "끝까지": {"optimizer": momentum_sgd},
    "일찍": {
        "optimizer": partial(keras.optimizers.Nadam, 0.01),
        "build": regularised,
        "callbacks": lambda: [
            keras.callbacks.EarlyStopping(min_delta=100, patience=1),
            keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2),
        ],
        "batch_size": 16,
    },
}


@pytest.fixture(scope="module")
def recipes(build):
    return {name: Recipe(**{"build": build} | recipe) for name, recipe in RECIPES.items()}


@pytest.fixture(scope="module")
def comparison(recipes, data):
    return compare(recipes, data, epochs=EPOCHS, seeds=SEEDS)


@pytest.fixture(scope="module", params=[(name, i) for name in RECIPES for i in range(len(SEEDS))], ids=str)
def alone(request, recipes, data):
    """방법과 씨앗 하나를 새 모델로 따로 훈련한 것: (이름, 몇째 씨앗, Run)."""
    name, i = request.param
    recipe, seed = recipes[name], SEEDS[i]
    options = {"optimizer": recipe.optimizer(), "callbacks": recipe.callbacks(), "batch_size": recipe.batch_size}
    return name, i, train(recipe.build(seed=seed), data, epochs=EPOCHS, seed=seed, **options)


def test_compared_history_equals_that_of_a_run_alone(alone, comparison):
    name, i, run = alone
    histories = comparison.history[name]
    assert {key: values[i, : len(run.history["loss"])].tolist() for key, values in histories.items()} == run.history


def test_compared_test_metrics_equal_evaluate(alone, comparison, data):
    name, i, run = alone
    evaluated = run.model.evaluate(*data.test, batch_size=7, verbose=0, return_dict=True)
    assert {key: values[i] for key, values in comparison.test[name].items()} == pytest.approx(evaluated, rel=1e-5)


def test_comparison_by_xla_equals_runs_by_xla(build, data):
    recipe = Recipe(momentum_sgd, build)
    compared = compare({"가": recipe}, data, epochs=2, seeds=SEEDS, jit_compile=True).history["가"]
    for i, seed in enumerate(SEEDS):
        run = train(build(seed=seed), data, epochs=2, optimizer=momentum_sgd(), seed=seed, jit_compile=True)
        assert {name: values[i].tolist() for name, values in compared.items()} == run.history


def test_history_is_an_array_of_seeds_and_epochs(comparison):
    assert {values.shape for history in comparison.history.values() for values in history.values()} == {(2, EPOCHS)}


def test_early_stopped_rows_end_in_nan(comparison):
    assert np.isnan(comparison.history["일찍"]["val_loss"]).tolist() == [[False, False, True]] * 2


def test_final_is_the_last_real_value(comparison):
    np.testing.assert_array_equal(comparison.final("일찍", "val_loss"), comparison.history["일찍"]["val_loss"][:, 1])


def test_final_of_a_test_metric_is_that_of_the_test_set(comparison):
    np.testing.assert_array_equal(comparison.final("일찍", "test_loss"), comparison.test["일찍"]["loss"])


def test_comparison_keeps_its_seeds(comparison):
    assert comparison.seeds == SEEDS


def test_per_batch_callback_is_called_in_a_comparison(build, data):
    callback, calls = recorder("on_train_batch_end")
    compare({"a": Recipe(momentum_sgd, build, callbacks=lambda: [callback])}, data, epochs=2, seeds=[1])
    assert len(calls) == 2 * 3


@pytest.mark.parametrize("path", ["whole epochs", "step by step"])
def test_comparison_measures_what_is_asked_for(path, build, data):
    """벌점이 있는 모델에서, 손실에는 벌점이 들고 지표로 잰 교차 엔트로피에는 들지 않는다."""
    recipe = Recipe(momentum_sgd, partial(build, l2=0.1), lambda: PATHS[path].get("callbacks", []))
    result = compare({"ℓ2": recipe}, data, epochs=2, seeds=[1, 2], metrics=(LOSS,))
    assert result.history["ℓ2"].keys() == {"loss", LOSS, "val_loss", f"val_{LOSS}"}
    assert result.test["ℓ2"].keys() == {"loss", LOSS}
    assert np.all(result.history["ℓ2"]["val_loss"] > result.history["ℓ2"][f"val_{LOSS}"] + 0.1)


@pytest.mark.parametrize("arguments", [{"recipes": {}}, {"seeds": ()}], ids=["recipes", "seeds"])
def test_empty_comparison_is_named(arguments, recipes, data, rejects):
    with rejects(*next(iter(arguments.items()))):
        compare(**{"recipes": recipes, "data": data, "epochs": 1} | arguments)


def losses(**recipes):
    return Comparison((1, 2, 3), {name: {"loss": np.array([values]).T} for name, values in recipes.items()})


def test_interval_is_that_of_the_final_values():
    # s = 1, t(자유도 2) = 4.302653 → 4.302653 / √3
    assert losses(a=[1.0, 2.0, 3.0]).interval("a", "loss") == pytest.approx((2, 2 - 2.484138, 2 + 2.484138), rel=1e-6)


def test_difference_is_paired():
    """따로 재면 구간이 넓지만, 같은 씨앗끼리 빼면 차이는 늘 0.5이다."""
    assert losses(a=[1.5, 2.5, 9.5], b=[1.0, 2.0, 9.0]).difference("a", "b", "loss") == (0.5, 0.5, 0.5)
