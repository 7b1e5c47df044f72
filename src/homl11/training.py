"""모델을 빠르고 조용하게, 다시 해도 똑같이 훈련한다. 여러 씨앗으로 되풀이해 견준다."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from numbers import Integral
from types import GeneratorType
from typing import NamedTuple

import keras
import numpy as np

from homl11._batches import (
    Batches,
    as_arrays,
    count,
    first_rows,
    is_feed,
    require_end,
    require_labels,
    require_one_weight,
    require_taken,
    take,
)
from homl11._masks import layers_of, untouched
from homl11.arguments import is_count, require
from homl11.models import build_mlp
from homl11.progress import Progress
from homl11.significance import confidence_interval

LOSS = "sparse_categorical_crossentropy"


@dataclass(frozen=True)
class Run:
    """훈련 한 번의 기록.

    속성:
        history: 이름 → 에포크마다의 값. ``fit``의 것과 같다.
        seconds: 걸린 시간(초).
        model: 훈련한 모델.

    예:
        >>> from homl11.training import Run
        >>> Run({"loss": [0.9, 0.4]}, seconds=1.2, model=None).final("loss")
        0.4
    """

    history: dict
    seconds: float
    model: keras.Model

    def final(self, name):
        """마지막 에포크의 값.

        인수: ``name`` 값의 이름(``"val_loss"``). 반환: 수. 예외: 없는 이름이면 ``ValueError``.
        """
        require(name in self.history, "name", name, f"기록에 없습니다. 있는 것은 {', '.join(self.history)}입니다")
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
    validation_data=None,
    class_weight=None,
    jit_compile=None,
):
    """컴파일하고 훈련한다. 결과는 ``model.fit``과 같고, 훨씬 빠르다.

    보통은 검증까지 포함한 에포크 하나를 컴파일된 호출 하나로 끝낸다. 작은 데이터에서는 ``fit``이 에포크마다 치르는
    준비 시간이 계산 시간보다 길기 때문이다. 이 길이 ``fit``과 같은 결과를 약속할 수 없으면 ``fit``을 그대로 부른다:
    배치마다 부르는 콜백, 직접 쓴 ``train_step``, 클래스 가중치, 상태를 이어 가는 순환층, 스스로 배치를 내주는
    데이터, 텐서플로가 아닌 백엔드.

    에포크 e의 데이터 순서는 ``seed``와 e로만 정해진다. 그래서 어느 길로 훈련하든, 중간에 멈췄다 이어 하든 순서가 같다.

    인수:
        model: 케라스 모델. 초기 가중치까지 되풀이하려면 ``build_mlp(seed=…)``로 만든다.
        data: ``Dataset``이면 ``train``으로 훈련하고 ``valid``로 검증한다. ``fit``이 받는 것이면 무엇이든 좋다:
            ``(x, y)``, ``(x, y, sample_weight)``, ``tf.data.Dataset``, ``PyDataset``. 스스로 배치를 내주는 것은
            내주는 차례대로 쓰므로 ``seed``와 ``batch_size``가 쓰이지 않는다.
        epochs: 마지막 에포크의 번호(``fit``과 같다).
        optimizer: 케라스 옵티마이저. ``None``이면 이미 컴파일한 것을 이어 쓴다.
        batch_size: 배치 크기(샘플).
        callbacks: 케라스 콜백들. 하나만 주어도 된다.
        seed: 데이터 순서의 씨앗. ``None``이면 부를 때마다 다르다.
        initial_epoch: 이어서 훈련할 때 시작하는 에포크.
        steps_per_execution: 정수이면 ``fit``을 쓰고 이만큼의 스텝을 한 번에 실행한다.
        loss, metrics: ``model.compile``의 것. 옵티마이저를 줄 때만 쓴다.
        validation_data: 검증 데이터. ``data``와 같은 꼴. 주지 않으면 ``data.valid``, 그것도 없으면 검증하지 않는다.
        class_weight: ``fit``의 것. 클래스 번호 → 손실에 곱할 가중치.
        jit_compile: ``model.compile``의 것. 참이면 XLA로 컴파일한다. 밀집층의 네트워크를 길게 훈련할 때 더 빠르고,
            CPU에서 합성곱은 오히려 느려진다. 결과는 똑같이 컴파일한 ``fit``과 반올림 안에서 같다. 드롭아웃의 난수는
            XLA를 쓰지 않을 때와 다르다. ``None``이면 케라스의 기본값이다.

    반환: ``Run``.

    예외: 컴파일하지 않았는데 옵티마이저도 없거나, ``epochs``가 ``initial_epoch``보다 크지 않거나, 데이터의 길이가 서로
    다르면 ``ValueError``.

    예:
        >>> import keras, numpy as np
        >>> from homl11.training import train
        >>> x = np.linspace(-1, 1, 64)[:, None]
        >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        >>> run = train(model, (x, 3 * x), epochs=5, optimizer="sgd", loss="mse", metrics=())
        >>> len(run.history["loss"]), run.final("loss") < run.history["loss"][0]
        (5, True)
    """
    require(epochs > initial_epoch, "epochs", epochs, f"initial_epoch({initial_epoch})보다 커야 합니다")
    require(is_count(batch_size), "batch_size", batch_size, "1 이상의 정수여야 합니다")
    _require_seed(seed)
    if optimizer is not None:
        model.compile(loss=loss, optimizer=optimizer, metrics=_listed(metrics), **_compilation(jit_compile))
    elif not model.compiled:
        raise ValueError("컴파일하지 않은 모델입니다. optimizer=keras.optimizers.SGD(0.05)처럼 옵티마이저를 주세요.")
    callbacks = [callbacks] if isinstance(callbacks, keras.callbacks.Callback) else list(callbacks or ())
    source = _received(data, validation_data, int(batch_size))
    for part in (source.train, source.valid, source.test):
        if part and part.arrays:
            require_labels(model, part.arrays[1])
    require_one_weight(class_weight, source.train.given[2])
    plain = steps_per_execution is None and class_weight is None
    loop = _whole_epochs(model, source, callbacks, jit_compile) if plain else None
    if loop:
        fit = loop.fit
    else:
        at_once = 1 if any(map(_acts_inside_epochs, callbacks)) else steps_per_execution or source.steps
        fit = partial(_fit_in_batches, model, source, at_once, class_weight)

    start = time.perf_counter()
    with Progress(epochs - initial_epoch, "훈련", "에포크") as bar:
        progress = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: bar.update())
        try:
            history = fit(_order(source, seed), range(initial_epoch, epochs), [*callbacks, progress])
        except Exception:
            _require_fitting(model, source)
            raise
    return Run(history, time.perf_counter() - start, model)


def _compilation(jit_compile):
    """``compile``에 건넬 것. 말이 없으면 케라스가 정한다."""
    return {} if jit_compile is None else {"jit_compile": jit_compile}


def _require_fitting(model, source):
    """훈련이 멈춘 까닭이 모델에 맞지 않는 데이터이면 그렇게 말한다."""
    for part in (source.train, source.valid):
        x = part.given[0] if part else None
        if x is not None and not isinstance(x, GeneratorType):
            require_taken(model, first_rows(x, 1)[0])


def _require_seed(seed):
    whole = isinstance(seed, Integral) and not isinstance(seed, bool) and seed >= 0
    require(seed is None or whole, "seed", seed, "0 이상의 정수여야 합니다")


def _listed(metrics):
    """지표 하나만 주어도 된다. 출력의 이름마다 준 사전은 그대로 둔다."""
    if isinstance(metrics, str) or callable(metrics):
        return [metrics]
    return metrics if metrics is None or isinstance(metrics, dict) else list(metrics)


class _Part(NamedTuple):
    """훈련, 검증, 테스트 데이터 가운데 하나.

    ``given``: 받은 그대로의 (x, y, sample_weight). ``arrays``: 그것을 바꾼 배열들. 배열로 볼 수 없으면 ``None``.
    """

    given: tuple
    arrays: tuple | None

    @classmethod
    def of(cls, part):
        if part is None:
            return None
        if not isinstance(part, (tuple, list)):
            part = (part,)
        require(1 <= len(part) <= 3, "데이터", f"{len(part)}개", "(x, y)나 (x, y, sample_weight)여야 합니다")
        require_end(part[0])
        return cls((*part, None, None)[:3], as_arrays(*part))

    @property
    def packed(self):
        """``fit``과 ``evaluate``에 건네는 꼴. 배열이면 (x, y)나 (x, y, sample_weight)."""
        return keras.utils.pack_x_y_sample_weight(*(self.arrays or self.given))


class _Source(NamedTuple):
    """문 앞에서 받은 데이터. 없는 것은 ``None``이다."""

    train: _Part
    valid: _Part | None
    test: _Part | None
    batch_size: int

    @property
    def steps(self):
        """한 에포크의 스텝 수. 스스로 배치를 내주는 데이터이면 알 수 없다."""
        return self.train.arrays and -(-count(self.train.arrays[0]) // self.batch_size)


def _received(data, validation_data, batch_size):
    if hasattr(data, "train"):  # Dataset
        parts = data.train, getattr(data, "valid", None), getattr(data, "test", None)
    else:
        parts = data, None, None
    train, valid, test = map(_Part.of, parts)
    return _Source(train, valid if validation_data is None else _Part.of(validation_data), test, batch_size)


def _order(source, seed):
    """에포크 번호를 받아 데이터 순서를 주는 함수. 앞 에포크를 하지 않아도 같은 값이 나온다."""
    entropy = np.random.SeedSequence(seed).entropy
    return lambda epoch: np.random.default_rng([entropy, epoch]).permutation(count(source.train.arrays[0]))


def _acts_inside_epochs(callback):
    """콜백이 배치마다, 또는 검증의 앞뒤에 할 일을 정해 두었는가."""
    names = [f"on_{phase}batch_{when}" for phase in ("train_", "test_", "") for when in ("begin", "end")]
    return any(
        getattr(getattr(callback, name), "__func__", None) is not getattr(keras.callbacks.Callback, name)
        for name in [*names, "on_test_begin", "on_test_end"]
    )


def _fit_in_batches(model, source, at_once, class_weight, order, epochs, callbacks):
    """``fit``을 그대로 쓴다. ``at_once``스텝을 한 번에 실행하고, 끝나면 모델의 설정을 되돌린다."""
    if source.train.arrays:
        batches = Batches(source.train.arrays, source.batch_size)
        # PyDataset의 on_epoch_end는 fit이 모델을 살펴볼 때도 불린다. 그래서 순서는 콜백이 정한다.
        shuffle = keras.callbacks.LambdaCallback(
            on_epoch_begin=lambda epoch, logs: setattr(batches, "rows", order(epoch))
        )
        options = {"x": batches, "callbacks": [shuffle, *callbacks], "shuffle": False}
    else:
        options = {**dict(zip(("x", "y", "sample_weight"), source.train.given)), "callbacks": callbacks}
        if is_feed(source.train.given[0]):
            options["shuffle"] = False  # 내주는 차례대로
        else:
            options["batch_size"] = source.batch_size
    if source.valid:
        options["validation_data"] = source.valid.packed
        if not is_feed(source.valid.given[0]):
            options["validation_batch_size"] = source.batch_size
    before = model.steps_per_execution
    _set_steps_per_execution(model, at_once or before)
    try:
        return model.fit(
            **options, epochs=epochs.stop, initial_epoch=epochs.start, class_weight=class_weight, verbose=0
        ).history
    finally:
        _set_steps_per_execution(model, before)


def _set_steps_per_execution(model, steps):
    """앞의 값으로 만들어 둔 함수는 버린다. 남겨 두면 ``fit``이 스텝을 건너뛴다."""
    if model.steps_per_execution != steps:
        model.steps_per_execution = steps
        model.train_function = model.test_function = model.predict_function = None


def _whole_epochs(model, source, callbacks, jit_compile):
    """``fit``과 같은 결과를 약속할 수 있으면 에포크를 통째로 컴파일한 것, 아니면 ``None``."""
    if keras.backend.backend() != "tensorflow" or any(map(_acts_inside_epochs, callbacks)):
        return None
    parts = [part for part in (source.train, source.valid) if part]
    plain = all(part.arrays and (part.arrays[1] is not None or part.arrays[2] is None) for part in parts)
    if not plain or not _takes_plain_steps(model):
        return None
    try:
        return _WholeEpochs(model, source, bool(jit_compile))
    except Exception:  # 이렇게는 컴파일되지 않는 모델이거나, 데이터가 모델에 맞지 않는다
        require_taken(model, take(source.train.arrays[0], [0]))
        return None


def _takes_plain_steps(model):
    """케라스의 스텝을 그대로 쓰고, 배치의 크기나 차례에 매이지 않는 모델인가."""
    own = ("fit", "evaluate", "train_step", "test_step", "make_train_function", "make_test_function")
    changed = any(getattr(type(model), name) is not getattr(keras.Model, name) or name in vars(model) for name in own)
    fixed = any(tensor.shape[0] for tensor in keras.tree.flatten(getattr(model, "inputs", None) or []))
    stateful = any(getattr(layer, "stateful", False) for layer in layers_of(model))
    distributed = type(model.distribute_strategy).__name__ != "_DefaultDistributionStrategy"
    return not (changed or fixed or stateful or distributed or model.run_eagerly)


class _WholeEpochs:
    """검증까지 포함한 에포크 하나를 컴파일된 호출 하나로. 텐서플로는 여기와 ``cifar10``의 두 층에서만 직접 부른다."""

    def __init__(self, model, source, jit_compile):
        import tensorflow as tf

        def tensors(part):
            return keras.tree.map_structure(tf.constant, part.packed) if part else ()

        def rows_of(part, rows):
            return keras.tree.map_structure(lambda tensor: tf.gather(tensor, rows), part)

        def batch_at(part, start):
            return keras.tree.map_structure(lambda tensor: tensor[start : start + source.batch_size], part)

        def full_batch_at(part, start):
            """XLA에는 크기가 정해진 배치가 있어야 한다."""

            def cut(tensor):
                shape = [batch_size, *tensor.shape[1:]]
                return tf.ensure_shape(tf.slice(tensor, [start] + [0] * (len(shape) - 1), shape), shape)

            return keras.tree.map_structure(cut, part)

        def sweep(step, part, size, limit):
            """``part``의 처음 ``limit``행을 배치씩 ``step``에 준다."""
            if not jit_compile:
                for start in tf.range(0, limit, batch_size):
                    step(batch_at(part, start))
                return
            for start in tf.range(0, limit - limit % batch_size, batch_size):
                step(full_batch_at(part, start))
            if size % batch_size:
                if limit == size:  # 덜 찬 마지막 배치
                    step(batch_at(part, size - size % batch_size))

        def specs(part):
            return keras.tree.map_structure(tf.TensorSpec.from_tensor, part)

        self.model, self.steps, self._tensor, self.source = model, source.steps, tf.constant, source
        self._train, self._valid = tensors(source.train), tensors(source.valid)
        samples, batch_size = count(source.train.arrays[0]), source.batch_size
        validation_samples = count(source.valid.arrays[0]) if source.valid else 0
        # 변수는 컴파일하기 전에 모두 만들어 둔다. 순환층은 검증할 때도 드롭아웃의 난수를 쓰므로 되돌린다.
        with untouched(model):
            model.test_step(rows_of(self._train, [0]))
        model.optimizer.build(model.trainable_variables)

        # 데이터는 인수로 건넨다. 반복문이 든 그래프는 다 쓴 뒤에도 남으므로, 그래프에 담으면 훈련할 때마다 쌓인다.
        rows_spec, limit_spec = tf.TensorSpec([samples], tf.int64), tf.TensorSpec([], tf.int32)

        signature = [rows_spec, limit_spec, specs(self._train), specs(self._valid)]

        @tf.function(input_signature=signature, jit_compile=jit_compile or None)
        def run_epoch(rows, limit, train, valid):
            model.reset_metrics()
            sweep(lambda chosen: model.train_step(rows_of(train, chosen)), rows, samples, limit)
            logs = model.get_metrics_result()
            if not valid:
                return logs, {}
            model.reset_metrics()
            sweep(model.test_step, valid, validation_samples, validation_samples)
            return logs, model.get_metrics_result()

        # 미리 컴파일한다. 훈련을 여러 번 부를 때 텐서플로가 내는 «다시 컴파일했다»는 경고도 나오지 않는다.
        self._run_epoch, self._samples, self._batch_size = run_epoch.get_concrete_function(), samples, batch_size
        if jit_compile:  # XLA는 처음 부를 때 컴파일한다. 한 스텝도 훈련하지 않고 부른다
            with untouched(model):
                self._run_epoch(tf.range(samples, dtype=tf.int64), tf.constant(0), self._train, self._valid)

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
            # 에포크를 시작할 때 이미 멈추라고 했으면, fit은 배치 하나를 훈련하고 멈춘다.
            limit = min(self._batch_size, self._samples) if model.stop_training else self._samples
            results = self._run_epoch(self._tensor(order(epoch)), self._tensor(limit), self._train, self._valid)
            logs, valid_logs = map(_plain_logs, results)
            logs |= {f"val_{name}": value for name, value in valid_logs.items()}
            hooks.on_epoch_end(epoch, logs)
            if model.stop_training:
                break
        model.optimizer.finalize_variable_values(model.trainable_variables)  # 가중치의 이동 평균을 쓸 때
        hooks.on_train_end(logs)
        return model.history.history

    def evaluate_test(self):
        """테스트 세트 전체를 한 배치로 잰 손실과 지표. 테스트 세트가 없으면 빈 사전."""
        if not self.source.test:
            return {}
        self.model.reset_metrics()
        return _plain_logs(self.model.test_step(keras.tree.map_structure(self._tensor, self.source.test.packed)))


def _plain_logs(logs):
    """``fit``이 적는 꼴: 수는 실수로, 클래스마다의 값은 배열로, 사전을 내는 지표는 펼쳐서."""
    plain = {}
    for name, value in logs.items():
        if isinstance(value, dict):
            plain |= _plain_logs(value)
        else:
            array = np.asarray(value)
            plain[name] = array if array.ndim else float(array)
    return plain


@dataclass(frozen=True)
class Recipe:
    """견줄 훈련 방법 하나. 씨앗마다 새로 만들어야 하므로 값이 아니라 만드는 함수를 담는다.

    속성:
        optimizer: 인수 없이 부르면 옵티마이저를 준다.
        build: ``build(seed=…)``가 모델을 준다.
        callbacks: 인수 없이 부르면 콜백 목록을 준다.
        batch_size: 배치 크기(샘플).

    예외: 함수의 자리에 옵티마이저나 모델 자체를 주면 ``ValueError``.

    예:
        >>> import keras
        >>> from homl11.training import Recipe
        >>> Recipe(optimizer=lambda: keras.optimizers.SGD(0.1)).batch_size
        32
    """

    optimizer: Callable
    build: Callable = build_mlp
    callbacks: Callable = list
    batch_size: int = 32

    def __post_init__(self):
        for name in ("optimizer", "build", "callbacks"):
            value = getattr(self, name)
            # 옵티마이저와 모델은 상태를 가진다. 하나를 씨앗마다 나누어 쓰면 앞의 훈련이 뒤의 것에 새어 든다.
            rule = f"값이 아니라 만드는 함수여야 합니다. {name}=lambda: …로 감싸세요"
            require(callable(value) and not isinstance(value, keras.Model), name, type(value).__name__, rule)


@dataclass(frozen=True)
class Comparison:
    """여러 방법을 같은 씨앗들로 훈련한 결과.

    속성:
        seeds: 씨앗들.
        history: 방법 → 이름 → 배열 (씨앗, 에포크). 조기 종료로 일찍 끝난 뒤는 NaN이다.
        test: 방법 → 이름 → 배열 (씨앗,). 훈련이 끝난 모델을 테스트 세트로 잰 값. 테스트 세트가 없으면 비어 있다.

    예:
        >>> import numpy as np
        >>> from homl11.training import Comparison
        >>> losses = {"가": {"loss": np.array([[0.9, 0.3], [0.8, 0.5]])},
        ...           "나": {"loss": np.array([[0.9, 0.2], [0.8, 0.4]])}}
        >>> result = Comparison((0, 1), losses)
        >>> result.final("가", "loss").tolist()
        [0.3, 0.5]
        >>> [round(value, 2) for value in result.interval("가", "loss")]
        [0.4, -0.87, 1.67]
        >>> [round(value, 2) for value in result.difference("가", "나", "loss")]
        [0.1, 0.1, 0.1]
    """

    seeds: tuple
    history: dict = field(default_factory=dict)
    test: dict = field(default_factory=dict)

    def final(self, recipe, name):
        """씨앗마다의 마지막 값. ``test_``로 시작하는 이름은 테스트 세트의 값이다.

        인수: ``recipe`` 방법의 이름, ``name`` 값의 이름. 반환: 배열 (씨앗,).

        예외: 테스트 세트 없이 견주었는데 테스트 세트의 값을 물으면 ``ValueError``.
        """
        if name.startswith("test_"):
            require(self.test[recipe], "name", name, "data에 test가 없어 테스트 세트의 값이 없습니다")
            return self.test[recipe][name.removeprefix("test_")]
        values = self.history[recipe][name]
        last = np.sum(~np.isnan(values), axis=1) - 1
        return values[np.arange(len(values)), last]

    def interval(self, recipe, name):
        """씨앗에 대한 평균과 95% 신뢰 구간.

        인수: ``recipe`` 방법의 이름, ``name`` 값의 이름. 반환: (평균, 아래, 위).
        """
        return confidence_interval(self.final(recipe, name))

    def difference(self, recipe, other, name):
        """``recipe - other``의 평균과 95% 신뢰 구간. 씨앗이 같은 것끼리 짝지어 뺀다.

        인수: ``recipe`` 방법의 이름, ``other`` 견줄 방법의 이름, ``name`` 값의 이름. 반환: (평균, 아래, 위).
        """
        return confidence_interval(self.final(recipe, name) - self.final(other, name))


def compare(recipes, data, *, epochs, seeds=range(5), metrics=("accuracy",), loss=LOSS, jit_compile=None):
    """방법마다 씨앗마다 처음부터 훈련한다. 같은 씨앗이면 초기 가중치와 데이터 순서가 같다.

    인수:
        recipes: 이름 → ``Recipe``.
        data: ``Dataset``이나 ``train``이 받는 데이터. ``test``가 있으면 훈련이 끝난 모델을 그것으로 잰다.
        epochs: 에포크 수.
        seeds: 씨앗들. 신뢰 구간을 말하려면 5개 이상을 권한다.
        metrics: ``model.compile``의 것. 규제를 견줄 때는 ``("accuracy", LOSS)``로 벌점이 없는 손실도 잰다.
        loss: ``model.compile``의 것. 회귀이면 ``"mse"``, 출력이 시그모이드 하나이면 ``"binary_crossentropy"``.
        jit_compile: ``train``의 것. 참이면 방법마다 한 번 XLA로 컴파일한다.

    반환: ``Comparison``. 예외: 방법이나 씨앗이 비어 있으면 ``ValueError``.

    예:
        >>> import keras, numpy as np
        >>> from homl11.training import Recipe, compare
        >>> def build(seed):
        ...     keras.utils.set_random_seed(seed)
        ...     return keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        >>> x = np.linspace(-1, 1, 64)[:, None]
        >>> recipes = {"작게": Recipe(lambda: keras.optimizers.SGD(0.01), build),
        ...            "크게": Recipe(lambda: keras.optimizers.SGD(0.1), build)}
        >>> options = {"epochs": 5, "seeds": (0, 1), "loss": "mse", "metrics": ()}
        >>> result = compare(recipes, (x, 3 * x), **options)
        >>> bool(result.difference("작게", "크게", "loss")[0] > 0)  # 큰 학습률이 더 빨리 배운다
        True
    """
    require(not isinstance(seeds, Integral), "seeds", seeds, f"씨앗들이어야 합니다. range({seeds})처럼 주세요")
    seeds = tuple(seeds)
    for seed in seeds:
        _require_seed(seed)
    require(recipes, "recipes", recipes, "견줄 방법이 하나 이상 있어야 합니다")
    require(seeds, "seeds", seeds, "씨앗이 하나 이상 있어야 합니다")
    result = Comparison(seeds)
    options = {"loss": loss, "metrics": _listed(metrics), "jit_compile": jit_compile}
    with Progress(len(recipes) * len(seeds), "비교", "회") as bar:
        for name, recipe in recipes.items():
            histories, tests = [], []
            for history, test in _runs(recipe, data, epochs, seeds, options):
                histories.append(history)
                tests.append(test)
                bar.set_postfix_str(name, refresh=False)
                bar.update()
            result.history[name] = {
                key: np.array([_padded(history[key], epochs) for history in histories]) for key in histories[0]
            }
            result.test[name] = {key: np.array([test[key] for test in tests]) for key in tests[0]}
    return result


def _padded(values, epochs):
    """일찍 끝난 뒤를 NaN으로 채운 값들."""
    return [*values, *[np.full_like(values[0], np.nan, float)] * (epochs - len(values))]


def _runs(recipe, data, epochs, seeds, options):
    """씨앗마다 훈련해 (history, 테스트 지표)를 차례로 내준다. 되도록 한 번만 컴파일하고 변수만 처음 값으로 되돌린다.

    씨앗에 따라 설정까지 다른 모델이나 옵티마이저이면 그 씨앗은 따로 훈련한다.
    """
    source = _received(data, None, recipe.batch_size)
    model, optimizer = recipe.build(seed=seeds[0]), keras.optimizers.get(recipe.optimizer())
    settings = _settings(model), _settings(optimizer)
    compiled = {"loss": options["loss"], "metrics": options["metrics"], **_compilation(options["jit_compile"])}
    model.compile(optimizer=optimizer, **compiled)
    loop = None
    if None not in settings and _is_all_variables(model):
        loop = _whole_epochs(model, source, recipe.callbacks(), options["jit_compile"])
        fresh = [variable.numpy() for variable in model.optimizer.variables]
    for seed in seeds:
        built, optimizer = recipe.build(seed=seed), keras.optimizers.get(recipe.optimizer())
        if not loop or (_settings(built), _settings(optimizer)) != settings:
            parts = {"optimizer": optimizer, "callbacks": recipe.callbacks(), "batch_size": recipe.batch_size}
            run = train(built, data, epochs=epochs, seed=seed, **parts, **options)
            yield run.history, _evaluate(run.model, source.test)
            continue
        for variable, value in zip(model.variables, built.variables, strict=True):
            variable.assign(value)
        for variable, value in zip(model.optimizer.variables, fresh):
            variable.assign(value)
        history = loop.fit(_order(source, seed), range(epochs), recipe.callbacks())
        yield history, loop.evaluate_test()


def _settings(owner):
    """모델이나 옵티마이저의 설정을 글로. 저절로 붙는 이름은 나온 차례로, 변수로 옮겨 가는 씨앗은 뺀다.

    알 수 없으면 ``None``이다.
    """
    names = {}

    def note(config):
        if isinstance(config, dict):
            if len(config) > 1 and isinstance(config.get("name"), str):  # {"name": "float32"}는 자료형이다
                names.setdefault(config["name"], f"#{len(names)}")
            config = list(config.values())
        for value in config if isinstance(config, (list, tuple)) else ():
            note(value)

    def kept(value):
        if isinstance(value, dict):
            return {key: kept(inner) for key, inner in value.items() if key != "seed"}
        if isinstance(value, (list, tuple)):
            return list(map(kept, value))
        return names.get(value, value) if isinstance(value, str) else value

    try:
        config = owner.get_config()
        note(config)
        return type(owner), json.dumps(kept(config), default=repr)
    except Exception:  # 설정을 갖추지 않은 층이나 스케줄
        return None


def _is_all_variables(model):
    """변수를 바꾸면 다른 씨앗의 모델이 되는가. 변수가 아닌 것을 품은 층은 씨앗마다 다를 수 있다."""
    return all(
        type(layer).__module__.startswith(("keras.", "homl11."))
        and not isinstance(layer, keras.layers.Lambda)
        and not hasattr(layer, "adapt")
        for layer in [model, *layers_of(model)]
    )


def _evaluate(model, test):
    if not test:
        return {}
    x, y, sample_weight = test.arrays or test.given
    return model.evaluate(x, y, sample_weight=sample_weight, verbose=0, return_dict=True)
