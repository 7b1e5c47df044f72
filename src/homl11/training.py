"""모델을 빠르고 조용하게, 다시 해도 똑같이 훈련한다. 여러 씨앗으로 되풀이해 견준다."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import keras
import numpy as np
from scipy import stats

from homl11.arguments import require
from homl11.models import build_mlp
from homl11.progress import Progress

LOSS = "sparse_categorical_crossentropy"


@dataclass(frozen=True)
class Run:
    """훈련 한 번의 기록.

    ``history``: 이름 → 에포크마다의 값(``fit``의 것과 같다). ``seconds``: 걸린 시간(초). ``model``: 훈련한 모델.
    """

    history: dict
    seconds: float
    model: keras.Model

    def final(self, name):
        """마지막 에포크의 값."""
        return self.history[name][-1]


def train(
    model,
    data,
    *,
    epochs,
    optimizer=None,
    batch_size=32,
    callbacks=(),
    seed=None,
    initial_epoch=0,
    steps_per_execution=None,
    loss=LOSS,
    metrics=("accuracy",),
):
    """컴파일하고 훈련한다. 결과는 ``model.fit``과 같고, 훨씬 빠르다.

    보통은 검증까지 포함한 에포크 하나를 컴파일된 호출 하나로 끝낸다. 작은 데이터에서는 ``fit``이 에포크마다 치르는
    준비 시간이 계산 시간보다 길기 때문이다. 배치마다, 또는 검증의 앞뒤에 부르는 콜백이 있으면 한 스텝씩 ``fit``으로
    훈련한다.
    텐서플로가 아닌 백엔드에서는 에포크의 스텝을 모두 한 번에 실행하는 ``fit``을 쓴다(``steps_per_execution``).

    에포크 e의 데이터 순서는 ``seed``와 e로만 정해진다. 그래서 어느 길로 훈련하든, 중간에 멈췄다 이어 하든 순서가 같다.

    인수:
        model: 케라스 모델. 초기 가중치까지 되풀이하려면 ``build_mlp(seed=…)``로 만든다.
        data: ``Dataset``. ``train``으로 훈련하고 ``valid``로 검증한다.
        epochs: 마지막 에포크의 번호(``fit``과 같다).
        optimizer: 케라스 옵티마이저. ``None``이면 이미 컴파일한 것을 이어 쓴다.
        batch_size: 배치 크기(샘플).
        callbacks: 케라스 콜백들.
        seed: 데이터 순서의 씨앗. ``None``이면 부를 때마다 다르다.
        initial_epoch: 이어서 훈련할 때 시작하는 에포크.
        steps_per_execution: 정수이면 ``fit``을 쓰고 이만큼의 스텝을 한 번에 실행한다.
        loss, metrics: ``model.compile``의 것.

    반환: ``Run``.

    예외: 컴파일하지 않았는데 옵티마이저도 없거나, ``epochs``가 ``initial_epoch``보다 크지 않으면 ``ValueError``.
    """
    require(epochs > initial_epoch, "epochs", epochs, f"initial_epoch({initial_epoch})보다 커야 합니다")
    require(batch_size >= 1, "batch_size", batch_size, "1 이상이어야 합니다")
    if optimizer is not None:
        model.compile(loss=loss, optimizer=optimizer, metrics=list(metrics))
    elif not model.compiled:
        raise ValueError("컴파일하지 않은 모델입니다. optimizer=keras.optimizers.SGD(0.05)처럼 옵티마이저를 주세요.")
    if steps_per_execution is None and _can_run_whole_epochs(callbacks):
        fit = _WholeEpochs(model, data, batch_size).fit
    else:
        at_once = 1 if any(map(_acts_inside_epochs, callbacks)) else steps_per_execution or _steps(data, batch_size)
        fit = partial(_fit_in_batches, model, data, batch_size, at_once)

    start = time.perf_counter()
    with Progress(epochs - initial_epoch, "훈련", "에포크") as bar:
        progress = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: bar.update())
        history = fit(_order(data, seed), range(initial_epoch, epochs), [*callbacks, progress])
    return Run(history, time.perf_counter() - start, model)


def _steps(data, batch_size):
    return -(-len(data.train.x) // batch_size)


def _order(data, seed):
    """에포크 번호를 받아 데이터 순서를 주는 함수. 앞 에포크를 하지 않아도 같은 값이 나온다."""
    entropy = np.random.SeedSequence(seed).entropy
    return lambda epoch: np.random.default_rng([entropy, epoch]).permutation(len(data.train.x))


def _can_run_whole_epochs(callbacks):
    return keras.backend.backend() == "tensorflow" and not any(map(_acts_inside_epochs, callbacks))


def _acts_inside_epochs(callback):
    """콜백이 배치마다, 또는 검증의 앞뒤에 할 일을 정해 두었는가."""
    names = [f"on_{phase}batch_{when}" for phase in ("train_", "test_", "") for when in ("begin", "end")]
    return any(
        getattr(getattr(callback, name), "__func__", None) is not getattr(keras.callbacks.Callback, name)
        for name in [*names, "on_test_begin", "on_test_end"]
    )


class _Batches(keras.utils.PyDataset):
    """정해진 순서대로 배치를 내준다."""

    def __init__(self, split, batch_size):
        super().__init__()
        self.split, self.batch_size = split, batch_size
        self.rows = np.arange(len(split.x))

    def __len__(self):
        return -(-len(self.rows) // self.batch_size)

    def __getitem__(self, index):
        rows = self.rows[index * self.batch_size : (index + 1) * self.batch_size]
        return self.split.x[rows], self.split.y[rows]


def _fit_in_batches(model, data, batch_size, at_once, order, epochs, callbacks):
    """``fit``을 그대로 쓴다. ``at_once``스텝을 한 번에 실행하고, 끝나면 모델의 설정을 되돌린다."""
    batches = _Batches(data.train, batch_size)
    # PyDataset의 on_epoch_end는 fit이 모델을 살펴볼 때도 불린다. 그래서 순서는 콜백이 정한다.
    shuffle = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: setattr(batches, "rows", order(epoch)))
    before = model.steps_per_execution
    _set_steps_per_execution(model, at_once)
    try:
        return model.fit(
            batches,
            validation_data=data.valid,
            validation_batch_size=batch_size,
            epochs=epochs.stop,
            initial_epoch=epochs.start,
            callbacks=[shuffle, *callbacks],
            shuffle=False,
            verbose=0,
        ).history
    finally:
        _set_steps_per_execution(model, before)


def _set_steps_per_execution(model, steps):
    """앞의 값으로 만들어 둔 함수는 버린다. 남겨 두면 ``fit``이 스텝을 건너뛴다."""
    if model.steps_per_execution != steps:
        model.steps_per_execution = steps
        model.train_function = model.test_function = model.predict_function = None


class _WholeEpochs:
    """검증까지 포함한 에포크 하나를 컴파일된 호출 하나로. 텐서플로를 직접 부르는 곳은 여기뿐이다."""

    def __init__(self, model, data, batch_size):
        import tensorflow as tf

        self.model, self.steps, self._tensor = model, _steps(data, batch_size), tf.constant
        self._train, self._valid, self._test = (
            tuple(map(tf.constant, split)) for split in (data.train, data.valid, data.test)
        )
        # 변수는 컴파일하기 전에 모두 만들어 둔다.
        model.test_step(tuple(part[:1] for part in self._valid))
        model.optimizer.build(model.trainable_variables)

        def specs(split):
            return tuple(map(tf.TensorSpec.from_tensor, split))

        # 데이터는 인수로 건넨다. 반복문이 든 그래프는 다 쓴 뒤에도 남으므로, 그래프에 담으면 훈련할 때마다 쌓인다.
        @tf.function(
            input_signature=[tf.TensorSpec([len(data.train.x)], tf.int64), specs(self._train), specs(self._valid)]
        )
        def run_epoch(rows, train, valid):
            model.reset_metrics()
            for start in tf.range(0, len(rows), batch_size):
                batch = rows[start : start + batch_size]
                model.train_step(tuple(tf.gather(part, batch) for part in train))
            logs = model.get_metrics_result()
            model.reset_metrics()
            for start in tf.range(0, len(valid[0]), batch_size):
                model.test_step(tuple(part[start : start + batch_size] for part in valid))
            return logs, model.get_metrics_result()

        # 미리 컴파일한다. 훈련을 여러 번 부를 때 텐서플로가 내는 «다시 컴파일했다»는 경고도 나오지 않는다.
        self._run_epoch = run_epoch.get_concrete_function()

    def fit(self, order, epochs, callbacks):
        """``fit``처럼 훈련하고 ``history``를 돌려준다."""
        model = self.model
        hooks = keras.callbacks.CallbackList(
            callbacks, add_history=True, model=model, epochs=epochs.stop, steps=self.steps, verbose=0
        )
        model.stop_training = False
        hooks.on_train_begin()
        for epoch in epochs:
            hooks.on_epoch_begin(epoch)
            logs, valid_logs = map(_floats, self._run_epoch(self._tensor(order(epoch)), self._train, self._valid))
            logs |= {f"val_{name}": value for name, value in valid_logs.items()}
            hooks.on_epoch_end(epoch, logs)
            if model.stop_training:
                break
        model.optimizer.finalize_variable_values(model.trainable_variables)  # 가중치의 이동 평균을 쓸 때
        hooks.on_train_end(logs)
        return model.history.history

    def evaluate_test(self):
        """테스트 세트 전체를 한 배치로 잰 손실과 지표."""
        self.model.reset_metrics()
        return _floats(self.model.test_step(self._test))


def _floats(logs):
    return {name: float(value) for name, value in logs.items()}


@dataclass(frozen=True)
class Recipe:
    """견줄 훈련 방법 하나. 씨앗마다 새로 만들어야 하므로 값이 아니라 만드는 함수를 담는다.

    ``optimizer``: 인수 없이 부르면 옵티마이저를 준다. ``build``: ``build(seed=…)``가 모델을 준다.
    ``callbacks``: 인수 없이 부르면 콜백 목록을 준다. ``batch_size``: 배치 크기(샘플).
    """

    optimizer: Callable
    build: Callable = build_mlp
    callbacks: Callable = list
    batch_size: int = 32


@dataclass(frozen=True)
class Comparison:
    """여러 방법을 같은 씨앗들로 훈련한 결과.

    ``history``: 방법 → 이름 → 배열 (씨앗, 에포크). 조기 종료로 일찍 끝난 뒤는 NaN이다.
    ``test``: 방법 → 이름 → 배열 (씨앗). 훈련이 끝난 모델을 테스트 세트로 잰 값.
    """

    seeds: tuple
    history: dict = field(default_factory=dict)
    test: dict = field(default_factory=dict)

    def final(self, recipe, name):
        """씨앗마다의 마지막 값. ``test_``로 시작하는 이름은 테스트 세트의 값이다."""
        if name.startswith("test_"):
            return self.test[recipe][name.removeprefix("test_")]
        values = self.history[recipe][name]
        last = np.sum(~np.isnan(values), axis=1) - 1
        return values[np.arange(len(values)), last]

    def interval(self, recipe, name):
        """씨앗에 대한 평균과 95 % 신뢰 구간: (평균, 아래, 위)."""
        return confidence_interval(self.final(recipe, name))

    def difference(self, recipe, other, name):
        """``recipe - other``의 평균과 95 % 신뢰 구간. 씨앗이 같은 것끼리 짝지어 뺀다."""
        return confidence_interval(self.final(recipe, name) - self.final(other, name))


def confidence_interval(values):
    """평균의 95 % 신뢰 구간: 평균 ± t · s / √n (자유도 n - 1). 반환: (평균, 아래, 위)."""
    values = np.asarray(values, float)
    require(len(values) >= 2, "values", values, "구간을 말하려면 값이 2개 이상이어야 합니다")
    half = stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
    return float(values.mean()), float(values.mean() - half), float(values.mean() + half)


def compare(recipes, data, *, epochs, seeds=range(5), metrics=("accuracy",)):
    """방법마다 씨앗마다 처음부터 훈련한다. 같은 씨앗이면 초기 가중치와 데이터 순서가 같다.

    인수:
        recipes: 이름 → ``Recipe``.
        data: ``Dataset``.
        epochs: 에포크 수.
        seeds: 씨앗들. 신뢰 구간을 말하려면 5개 이상을 권한다.
        metrics: ``model.compile``의 것. 규제를 견줄 때는 ``("accuracy", LOSS)``로 벌점이 없는 손실도 잰다.

    반환: ``Comparison``. 예외: 방법이나 씨앗이 비어 있으면 ``ValueError``.
    """
    seeds = tuple(seeds)
    require(recipes, "recipes", recipes, "견줄 방법이 하나 이상 있어야 합니다")
    require(seeds, "seeds", seeds, "씨앗이 하나 이상 있어야 합니다")
    result = Comparison(seeds)
    with Progress(len(recipes) * len(seeds), "비교", "회") as bar:
        for name, recipe in recipes.items():
            histories, tests = [], []
            for history, test in _runs(recipe, data, epochs, seeds, list(metrics)):
                histories.append(history)
                tests.append(test)
                bar.set_postfix_str(name, refresh=False)
                bar.update()
            result.history[name] = {
                key: np.array([h[key] + [np.nan] * (epochs - len(h[key])) for h in histories]) for key in histories[0]
            }
            result.test[name] = {key: np.array([test[key] for test in tests]) for key in tests[0]}
    return result


def _runs(recipe, data, epochs, seeds, metrics):
    """씨앗마다 훈련해 (history, 테스트 지표)를 차례로 내준다. 한 번만 컴파일하고 변수만 처음 값으로 되돌린다."""
    if not _can_run_whole_epochs(recipe.callbacks()):
        for seed in seeds:
            options = {
                "optimizer": recipe.optimizer(),
                "callbacks": recipe.callbacks(),
                "batch_size": recipe.batch_size,
                "metrics": metrics,
            }
            run = train(recipe.build(seed=seed), data, epochs=epochs, seed=seed, **options)
            yield run.history, run.model.evaluate(*data.test, verbose=0, return_dict=True)
        return
    model = recipe.build(seed=seeds[0])
    model.compile(loss=LOSS, optimizer=recipe.optimizer(), metrics=metrics)
    loop = _WholeEpochs(model, data, recipe.batch_size)
    untouched = [variable.numpy() for variable in model.optimizer.variables]
    for seed in seeds:
        for variable, value in zip(model.variables, recipe.build(seed=seed).variables):
            variable.assign(value)
        for variable, value in zip(model.optimizer.variables, untouched):
            variable.assign(value)
        history = loop.fit(_order(data, seed), range(epochs), recipe.callbacks())
        yield history, loop.evaluate_test()
