"""책의 조건으로 하는 연구: 설정 × 씨앗을 하나씩 훈련하고, 끝난 것마다 파일로 남긴다. 부르는 법::

    python -m homl11.study run                            # 이 기계의 프로세스들로
    python -m homl11.study run --scheduler tcp://…:8786   # Dask 클러스터로
    python -m homl11.study status
    python -m homl11.study gather                         # 책이 읽는 파일 하나로 모은다

멈추면 같은 명령으로 잇는다. 끝난 훈련은 다시 하지 않고, 저장한 결과는 덮어쓰지 않는다. ``--data cifar10``을 붙이면
CIFAR-10의 잔차 네트워크(``homl11.cifar10``)를 훈련한다.
"""

import argparse
import difflib
import gc
import json
import math
import os
import platform
import random
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import asdict
from functools import cache, partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

import keras

import homl11
from homl11 import cifar10
from homl11.chapter import CONFIGURATIONS, METHODS, Configuration
from homl11.data import DatasetError, Split, load_dataset
from homl11.models import mc_predict
from homl11.optimizers import ScheduledMomentumSGD
from homl11.progress import Progress
from homl11.schedules import OneCycle, OneCycleMomentum, PowerDecay, total_steps
from homl11.training import train

FORMAT = 1  # 결과 파일의 꼴. 적는 것이 달라지면 올린다
PATIENCE = 60  # 초. 스케줄러와 일꾼을 기다리는 시간. 바쁜 기계는 답이 늦다
# 작은 네트워크에서는 훈련 하나를 스레드로 나누는 것보다 훈련 여럿을 나란히 하는 것이 빠르다.
WORKER = {
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "TQDM_DISABLE": "1",  # 훈련마다의 막대는 그리지 않는다. 연구의 막대가 있다
}


class StudyError(RuntimeError):
    """연구를 할 수 없다. 메시지가 까닭과 할 일을 말한다.

    예:
        >>> from homl11.study import StudyError, tasks
        >>> try:
        ...     tasks(["one-cicle"])
        ... except StudyError as error:
        ...     print(error)
        'one-cicle'이라는 설정은 없습니다. 혹시 one-cycle...
    """


class Task(NamedTuple):
    """훈련 하나: 설정, 씨앗, 데이터 세트의 이름.

    속성:
        configuration: 설정(``chapter.Configuration``이나 ``cifar10.Residual``).
        seed: 초기 가중치와 데이터 순서의 씨앗.
        data: 데이터 세트의 이름.

    예:
        >>> from homl11.chapter import CONFIGURATIONS
        >>> from homl11.study import Task
        >>> task = Task(CONFIGURATIONS["power"], 0)
        >>> print(task)
        power 씨앗 0
        >>> task.configuration.epochs, task.seed, task.data
        (10, 0, 'fashion_mnist')
    """

    configuration: Configuration | cifar10.Residual
    seed: int
    data: str = "fashion_mnist"

    def __str__(self):
        return f"{self.configuration.name} 씨앗 {self.seed}"


# 훈련 하나


@cache
def chapter_data(name):
    """책의 노트북처럼 나눈 데이터. Fashion-MNIST의 검증 세트는 훈련 이미지 60,000장의 마지막 5,000장이다.

    인수: ``name`` 데이터 세트의 이름.

    반환: ``Dataset``. 한 번 읽은 것을 다시 쓴다. 예외: ``load_dataset``과 같다.

    예:
        >>> from homl11.study import chapter_data
        >>> chapter_data("mnist5k")
        mnist5k: 훈련 / 검증 / 테스트 = 3,000 / 1,000 / 1,000, 클래스 10개
    """
    data = load_dataset(name)
    if name != "fashion_mnist":
        return data
    # load_dataset은 처음 5,000장을 떼어 둔다. 나눈 자리가 다르면 검증 정확도도 달라 기록과 견줄 수 없다.
    x, y = (keras.ops.convert_to_numpy(keras.ops.concatenate(parts)) for parts in zip(data.valid, data.train))
    return data._replace(train=Split(x[:-5000], y[:-5000]), valid=Split(x[-5000:], y[-5000:]))


def build(configuration, data, seed):
    """설정대로 모델을 만든다.

    인수: ``configuration`` 설정, ``data`` 입력의 모양과 클래스를 알려 줄 ``Dataset``, ``seed`` 초기 가중치의 씨앗.

    반환: 컴파일하지 않은 ``keras.Sequential``.

    예:
        >>> from homl11.chapter import CONFIGURATIONS
        >>> from homl11.study import build, chapter_data
        >>> model = build(CONFIGURATIONS["power"], chapter_data("mnist5k"), seed=0)
        >>> model.count_params()
        99710
    """
    # 케라스는 씨앗이 없는 층의 씨앗을 파이썬의 전역 난수에서 뽑는다. Dask의 일꾼에서는 통신 스레드도 그 난수를 쓰므로,
    # 같은 차례로 뽑은 씨앗을 층마다 손에 쥐여 준다. 아무도 끼어들지 않으면 set_random_seed(seed)와 같은 모델이다.
    draw = partial(random.Random(seed).randint, 1, 10**9)
    dense = partial(
        keras.layers.Dense, kernel_regularizer=keras.regularizers.L2(configuration.l2) if configuration.l2 else None
    )
    limit = keras.constraints.MaxNorm(configuration.max_norm) if configuration.max_norm else None
    layers = [
        dense(units, "relu", kernel_initializer=keras.initializers.HeNormal(draw()), kernel_constraint=limit)
        for units in configuration.hidden_units
    ]
    # build_mlp와 달리 출력층에는 제한을 두지 않는다. 책의 맥스-노름 모델이 그렇다.
    layers.append(dense(len(data.class_names), "softmax", kernel_initializer=keras.initializers.GlorotUniform(draw())))
    model = keras.Sequential([keras.Input(data.train.x.shape[1:]), keras.layers.Flatten()])
    for layer in layers:
        if configuration.dropout_rate:
            model.add(keras.layers.Dropout(configuration.dropout_rate, seed=draw()))
        model.add(layer)
    return model


def schedule(configuration, steps):
    """설정의 스케줄을 만든다.

    인수: ``configuration`` 설정, ``steps`` 훈련 전체의 스텝 수.

    반환: (학습률이나 스케줄 객체, 콜백들). 예외: 모르는 종류이면 ``ValueError``.

    예:
        >>> from homl11.chapter import CONFIGURATIONS
        >>> from homl11.study import schedule
        >>> learning_rate, callbacks = schedule(CONFIGURATIONS["one-cycle"], steps=100)
        >>> round(float(learning_rate(45)), 6)
        0.1
    """
    schedules = keras.optimizers.schedules
    settings = dict(configuration.schedule)
    match settings.pop("kind"):
        case "fixed":
            return settings["learning_rate"], []
        case "power":
            return PowerDecay(**settings), []
        case "exponential":
            return schedules.ExponentialDecay(**settings, decay_rate=0.1), []
        case "exponential_epochs":
            start, epochs = settings["initial_learning_rate"], settings["decay_epochs"]
            return start, [keras.callbacks.LearningRateScheduler(lambda epoch: start * 0.1 ** (epoch / epochs))]
        case "piecewise":
            return schedules.PiecewiseConstantDecay(**settings), []
        case "piecewise_fractions":
            boundaries = [round(fraction * steps) for fraction in settings["fractions"]]
            return schedules.PiecewiseConstantDecay(boundaries, settings["values"]), []
        case "piecewise_epochs":
            boundaries, values = settings["boundaries"], settings["values"]
            choose = lambda epoch: values[sum(epoch >= boundary for boundary in boundaries)]  # noqa: E731
            return values[0], [keras.callbacks.LearningRateScheduler(choose)]
        case "performance":
            return settings.pop("learning_rate"), [keras.callbacks.ReduceLROnPlateau(**settings)]
        case "one_cycle":
            return OneCycle(total_steps=steps, **settings), []
        case kind:
            raise ValueError(f"kind={kind!r}: 모르는 스케줄입니다.")


def optimizer(configuration, learning_rate, steps):
    """설정의 옵티마이저를 만든다.

    인수: ``configuration`` 설정, ``learning_rate`` 수나 스케줄 객체, ``steps`` 훈련 전체의 스텝 수.

    반환: 케라스 옵티마이저. 모멘텀도 돌면 ``ScheduledMomentumSGD``.

    예:
        >>> from homl11.chapter import CONFIGURATIONS
        >>> from homl11.study import optimizer
        >>> optimizer(CONFIGURATIONS["dropout"], 0.01, steps=100).momentum
        0.9
    """
    if configuration.optimizer != "SGD":
        return getattr(keras.optimizers, configuration.optimizer)(learning_rate=learning_rate)
    if isinstance(configuration.momentum, tuple):
        return ScheduledMomentumSGD(learning_rate, OneCycleMomentum(steps, *configuration.momentum))
    return keras.optimizers.SGD(learning_rate, momentum=configuration.momentum)


def compute(task):
    """훈련 하나를 하고 결과를 사전으로 돌려준다. 같은 기계에서는 어디서 몇 번을 해도 같은 결과이다.

    테스트 세트는 후보를 고른 뒤에만 본다. 그래서 후보(``candidate``)의 결과에는 테스트 세트의 값이 없다.

    인수: ``task`` 할 훈련(``Task``).

    반환: 설정, 판, 기계, 에포크마다의 값, 걸린 시간을 담은 사전. 그대로 JSON에 적을 수 있다.

    예외: 손실이 유한하지 않으면 ``FloatingPointError``.

    예:
        >>> from homl11.chapter import Configuration
        >>> from homl11.study import Task, compute
        >>> small = Configuration(
        ...     name="small", method="power", role="chapter", epochs=1, hidden_units=(5,)
        ... )
        >>> record = compute(Task(small, seed=0, data="mnist5k"))
        >>> sorted(record["history"])
        ['accuracy', 'loss', 'val_accuracy', 'val_loss']
    """
    configuration, seed = task.configuration, task.seed
    keras.backend.clear_session()  # 앞 훈련의 그래프와 그것이 붙들고 있는 데이터를 버린다
    gc.collect()
    data = chapter_data(task.data)
    steps = total_steps(len(data.train.x), configuration.batch_size, configuration.epochs)
    start, cpu = time.perf_counter(), time.process_time()
    learning_rate, callbacks = schedule(configuration, steps)
    if isinstance(configuration, cifar10.Residual):
        run, test = cifar10.fit(configuration, data, seed, learning_rate, steps)
    else:
        test = data.test
        run = train(
            build(configuration, data, seed),
            data,
            epochs=configuration.epochs,
            optimizer=optimizer(configuration, learning_rate, steps),
            batch_size=configuration.batch_size,
            callbacks=callbacks,
            seed=seed,
        )
    history = {name: [float(value) for value in values] for name, values in run.history.items()}
    if not all(math.isfinite(value) for values in history.values() for value in values):
        raise FloatingPointError("훈련이 발산했습니다(손실이 유한하지 않음). 학습률을 낮춘 설정으로 바꾸세요.")
    final = configuration.role != "candidate"
    result = {"history": history, "training_seconds": run.seconds}
    if final:
        evaluated = run.model.evaluate(*test, batch_size=1000, verbose=0, return_dict=True)
        result["test_accuracy"] = evaluated["accuracy"]
    if configuration.samples:
        result["mc_valid_accuracy"] = [
            mc_accuracy(run.model, data.valid, samples, seed) for samples in configuration.samples
        ]
        if final:
            result["mc_test_accuracy"] = mc_accuracy(run.model, data.test, configuration.samples[-1], seed)
    return {
        "format": FORMAT,
        "data": task.data,
        "configuration": _plain(configuration),
        "seed": seed,
        "versions": versions(),
        "machine": machine(),
        "finished": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "seconds": time.perf_counter() - start,
        "cpu_seconds": time.process_time() - cpu,  # 기계가 바쁠 때도 일의 양을 말한다
        **result,
    }


def mc_accuracy(model, split, samples, seed):
    """몬테 카를로 평균이 맞힌 비율.

    인수: ``model`` 드롭아웃 층이 있는 모델, ``split`` 잴 ``Split``, ``samples`` 표본 수, ``seed`` 표본의 씨앗.

    반환: 정확도, 0과 1 사이.

    예:
        >>> from homl11.models import build_mlp
        >>> from homl11.study import chapter_data, mc_accuracy
        >>> model = build_mlp((5,), dropout_rate=0.1, seed=0)
        >>> accuracy = mc_accuracy(model, chapter_data("mnist5k").valid, samples=2, seed=0)
        >>> 0 <= accuracy <= 1
        True
    """
    mean, _ = mc_predict(model, split.x, samples=samples, seed=seed)
    return float((mean.argmax(axis=1) == split.y).mean())


def versions():
    """결과를 바꿀 수 있는 것들의 판.

    반환: 이름 → 판. 백엔드의 이름도 있다.

    예:
        >>> from homl11.study import versions
        >>> sorted(versions())
        ['backend', 'homl11', 'keras', 'numpy', 'tensorflow']
    """
    backend = keras.backend.backend()
    names = {"keras": "keras", backend: backend, "numpy": "numpy"}
    return {"homl11": homl11.__version__, "backend": backend} | {key: _version(name) for key, name in names.items()}


def _version(package):
    try:
        return version(package)
    except PackageNotFoundError:  # tensorflow-cpu처럼 다른 이름으로 설치한 것
        return getattr(sys.modules.get(package), "__version__", "?")


def machine():
    """훈련한 기계: 프로세서의 이름, 코어 수, 운영 체제.

    반환: 이름 → 값. 파이썬의 판도 있다.

    예:
        >>> from homl11.study import machine
        >>> sorted(machine())
        ['cores', 'processor', 'python', 'system']
    """
    processor = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        processor = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    system = f"{platform.system()} {platform.machine()}"
    return {"processor": processor, "cores": os.cpu_count(), "system": system, "python": platform.python_version()}


def _plain(configuration):
    """JSON에 적고 다시 읽어도 같은 값(튜플은 목록이 된다)."""
    return json.loads(json.dumps(asdict(configuration)))


# 결과를 담는 폴더


class Store:
    """훈련 하나에 파일 하나를 두는 폴더. 파일은 온전히 있거나 없고, 한 번 생긴 것은 덮어쓰지 않는다.

    인수: ``folder`` 폴더의 경로.

    예:
        >>> import tempfile
        >>> from homl11.chapter import CONFIGURATIONS
        >>> from homl11.study import Store, Task
        >>> store, task = Store(tempfile.mkdtemp()), Task(CONFIGURATIONS["power"], 0)
        >>> store.prepare()
        >>> store.path(task).name
        'power-0.json'
        >>> store.read(task) is None  # 아직 하지 않은 훈련
        True
        >>> store.add(task, {"format": 0})
        >>> store.read(task)
        Traceback (most recent call last):
            ...
        homl11.study.StudyError: ...power-0.json은 다른 판의 결과입니다(파일 0, 지금 1)....
    """

    def __init__(self, folder):
        self.folder = Path(folder)

    def path(self, task):
        """훈련의 파일. 인수: ``task`` 훈련. 반환: 아직 없을 수도 있는 파일의 경로."""
        return self.folder / f"{task.configuration.name}-{task.seed}.json"

    def read(self, task):
        """저장한 결과를 읽는다.

        인수: ``task`` 훈련. 반환: 결과의 사전. 없으면 ``None``.

        예외: 읽을 수 없거나, 지금의 설정이나 데이터나 판과 다른 결과이면 ``StudyError``.
        """
        path = self.path(task)
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise StudyError(
                f"{path}을 읽을 수 없습니다({error}). 이 파일을 다른 곳으로 옮기고 다시 실행하세요."
            ) from None
        found = record.get("format") if isinstance(record, dict) else None
        if found != FORMAT:
            raise StudyError(
                f"{path}은 다른 판의 결과입니다(파일 {found}, 지금 {FORMAT}). "
                "그대로 두었습니다. --folder로 새 폴더를 주거나 이 파일을 옮기세요."
            )
        for what, stored, now in (
            ("설정이", record["configuration"], _plain(task.configuration)),
            ("데이터가", record["data"], task.data),
            ("판이", record["versions"], versions()),
        ):
            if stored != now:
                raise StudyError(
                    f"{path}은 {what} 다른 결과입니다({_difference(stored, now)}). 서로 다른 결과를 섞지 않습니다. "
                    "그대로 두었습니다. --folder로 새 폴더를 주거나 이 파일을 옮기세요."
                )
        return record

    def prepare(self):
        """폴더를 만들고, 쓸 수 있는지 몇 시간 뒤가 아니라 지금 본다. 예외: 쓸 수 없으면 ``StudyError``."""
        probe = self.folder / f".{os.getpid()}"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise StudyError(
                f"{self.folder} 폴더에 쓸 수 없습니다({error.strerror}). --folder로 쓸 수 있는 폴더를 주세요."
            ) from None

    def add(self, task, record):
        """결과를 저장한다. 다 쓴 뒤에 이름을 주므로, 중간에 죽어도 반쪽짜리 파일이 남지 않는다.

        인수: ``task`` 훈련, ``record`` 결과의 사전. 예외: 이미 있거나 쓸 수 없으면 ``StudyError``.
        """
        path = self.path(task)
        text = json.dumps(record, ensure_ascii=False, allow_nan=False)
        unfinished = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            with unfinished.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.link(unfinished, path)  # rename과 달리, 이미 있으면 덮어쓰지 않고 실패한다
        except FileExistsError:
            raise StudyError(
                f"{path}이 그사이에 생겼습니다. 저장된 것을 그대로 두었습니다. "
                "같은 폴더에서 연구 두 개를 함께 돌리지 마세요."
            ) from None
        except OSError as error:
            raise StudyError(
                f"결과를 {path}에 저장하지 못했습니다({error.strerror}). 디스크의 자리와 권한을 확인하고 "
                "같은 명령을 다시 실행하세요. 이미 저장한 결과는 그대로이고, 거기서부터 잇습니다."
            ) from None
        finally:
            unfinished.unlink(missing_ok=True)


def _difference(stored, now):
    """처음으로 다른 곳: ``이름: 저장된 값 → 지금 값``."""
    if not isinstance(stored, dict):
        return f"{stored} → {now}"
    key = next(key for key in [*stored, *now] if stored.get(key) != now.get(key))
    return f"{key}: {stored.get(key)} → {now.get(key)}"


# 여럿을 나란히


def tasks(names=(), data="fashion_mnist", seeds=None):
    """할 훈련들. 먼저 책의 설정을, 그 안에서는 씨앗 하나씩 돌아가며 한다. 중간에 멈춰도 고르게 남는다.

    인수: ``names`` 설정의 이름들(없으면 가속기가 있어야 하는 것만 빼고 모두), ``data`` 데이터 세트, ``seeds`` 설정마다
    쓸 씨앗 수(없으면 모두).

    반환: ``Task``의 목록. 예외: 없는 이름이면 비슷한 이름을 알려 주는 ``StudyError``.

    예:
        >>> from homl11.study import tasks
        >>> for task in tasks(["power", "one-cycle"], seeds=2):
        ...     print(task)
        power 씨앗 0
        one-cycle 씨앗 0
        power 씨앗 1
        one-cycle 씨앗 1
    """
    known = cifar10.CONFIGURATIONS if _is_cifar10(data) else CONFIGURATIONS
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=3, cutoff=0.4)
            hint = f"혹시 {', '.join(near)}인가요? " if near else ""
            raise StudyError(f"'{name}'이라는 설정은 없습니다. {hint}모두 보려면: python -m homl11.study status")
    chosen = [known[name] for name in dict.fromkeys(names)] or [c for c in known.values() if c.role != "accelerator"]
    roles = list(dict.fromkeys(c.role for c in chosen))
    found = [Task(c, seed, data) for c in chosen for seed in list(c.seeds)[:seeds]]
    return sorted(found, key=lambda task: (roles.index(task.configuration.role), task.seed))


def _is_cifar10(data):
    """CIFAR-10과 그 JPEG 사본에는 설정이 따로 있다."""
    return data.startswith("cifar10")


@cache
def follow(owner):
    """이 프로세스는 주인이 죽으면 따라 끝난다. 그러지 않으면 아무도 받지 않을 훈련을 계속한다.

    인수: ``owner`` 주인의 프로세스 번호. 자기 자신이면 아무 일도 하지 않는다.

    예:
        >>> import os
        >>> from homl11.study import follow
        >>> follow(os.getpid())
    """

    def watch():
        while os.getppid() == owner:
            time.sleep(0.5)
        os._exit(1)

    if os.getpid() != owner:
        threading.Thread(target=watch, daemon=True).start()


def attempt(task, owner=None):
    """훈련 하나를 해 본다. 하나가 실패해도 나머지는 계속한다.

    인수: ``task`` 할 훈련, ``owner`` 따라 끝날 프로세스의 번호(없으면 따르지 않는다).

    반환: (훈련, 결과, 실패한 까닭). 결과와 까닭 가운데 하나는 ``None``이다.

    예외: 데이터가 없으면 ``DatasetError``. 나머지 훈련도 모두 실패하기 때문이다.

    예:
        >>> from homl11.chapter import Configuration
        >>> from homl11.study import Task, attempt
        >>> wrong = Configuration(
        ...     name="wrong", method="power", role="chapter", epochs=1, schedule={"kind": "멱"}
        ... )
        >>> task, record, reason = attempt(Task(wrong, seed=0, data="mnist5k"))
        >>> record, reason
        (None, "ValueError: kind='멱': 모르는 스케줄입니다.")
    """
    if owner is not None:
        follow(owner)
    try:
        return task, compute(task), None
    except DatasetError:
        raise  # 데이터가 없으면 나머지도 모두 실패한다
    except Exception as error:
        return task, None, f"{type(error).__name__}: {error}"


def run(todo, store, *, jobs=None, scheduler=None):
    """아직 하지 않은 훈련을 나란히 하고, 끝나는 대로 저장한다.

    인수:
        todo: ``Task`` 목록.
        store: 결과를 담을 ``Store``.
        jobs: 이 기계의 프로세스 수. ``None``이면 코어 수.
        scheduler: Dask 스케줄러의 주소. 주면 그 클러스터의 일꾼들이 훈련한다. 저장은 언제나 여기서 한다.

    반환: 실패한 (훈련, 까닭)들.

    예외: 저장된 결과가 지금과 맞지 않거나, 스케줄러에 닿지 않거나, 저장할 수 없으면 ``StudyError``.

    예:
        >>> import tempfile
        >>> from homl11.study import Store, run
        >>> run([], Store(tempfile.mkdtemp()), jobs=1)  # 할 것이 없으면 실패한 것도 없다
        []
    """
    from joblib import Parallel, delayed
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    store.prepare()
    waiting = [task for task in todo if store.read(task) is None]
    failures = []
    jobs = jobs or os.cpu_count()
    os.environ.update({name: os.environ.get(name, value) for name, value in WORKER.items()})
    epochs = sum(task.configuration.epochs for task in waiting)
    with _workers(jobs, scheduler) as options, Progress(epochs, "연구", "에포크") as bar:
        parallel = Parallel(return_as="generator_unordered", batch_size=1, pre_dispatch="2*n_jobs", **options)
        owner = os.getpid() if scheduler is None else None  # Dask의 일꾼은 제 주인이 따로 있다
        try:
            for task, record, reason in parallel(delayed(attempt)(task, owner) for task in waiting):
                if record is None:
                    failures.append((task, reason))
                    bar.write(f"실패: {task}. {reason}", file=sys.stderr)
                else:
                    store.add(task, record)
                bar.set_postfix_str(str(task), refresh=False)
                bar.update(task.configuration.epochs)
        except TerminatedWorkerError:
            raise StudyError(
                "훈련하던 프로세스가 갑자기 죽었습니다(대개 메모리가 모자랍니다). "
                "--jobs를 줄여 같은 명령을 다시 실행하세요. 이미 저장한 결과는 그대로이고, 거기서부터 잇습니다."
            ) from None
    return failures


@contextmanager
def _workers(jobs, scheduler):
    """``joblib.Parallel``에 줄 인수. 기본은 프로세스(loky), 주소를 주면 Dask이다."""
    if scheduler is None:
        yield {"n_jobs": jobs}
        return
    try:
        from distributed import Client
    except ImportError:
        raise StudyError("Dask가 없습니다. pip install distributed를 실행하세요.") from None
    from joblib import parallel_config

    try:
        client = Client(scheduler, timeout=PATIENCE, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise StudyError(
            f"Dask 스케줄러 {scheduler}에 닿지 않습니다({str(error).splitlines()[0]}). "
            "dask scheduler가 켜져 있는지, 주소가 tcp://호스트:8786 꼴인지 확인하세요."
        ) from None
    with client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            raise StudyError(
                f"Dask 스케줄러 {scheduler}에 일꾼이 없습니다. dask worker {scheduler} --nthreads 1로 일꾼을 켜세요."
            ) from None
        if any(threads != 1 for threads in client.nthreads().values()):
            raise StudyError(
                "일꾼의 스레드가 둘 이상입니다. 한 프로세스에서 두 훈련이 난수를 나누어 쓰면 결과가 달라집니다. "
                f"dask worker {scheduler} --nthreads 1 --nworkers 코어수로 다시 켜세요."
            )
        with parallel_config(backend="dask", client=client):
            yield {}


# 책이 읽는 파일


def gather(store, path, *, data="fashion_mnist", replace=False, add=False):
    """저장한 결과를 책이 읽는 파일 하나로 모은다.

    후보의 결과는 마지막 검증 정확도만 옮긴다. 고르는 데에는 그것만 쓴다.

    인수:
        store: 결과를 담은 ``Store``.
        path: 쓸 파일.
        data: 데이터 세트의 이름.
        replace: 참이면 이미 모은 것보다 적어도 바꾼다.
        add: 참이면 이미 모은 것을 그대로 두고 새것만 더한다. 여러 기계에서 나누어 훈련할 때 쓴다.

    반환: 모은 훈련 수.

    예외: 모을 것이 없거나, 이미 모은 것보다 적거나, 더할 파일의 데이터나 판이나 설정이 지금과 다르면 ``StudyError``.

    예:
        >>> import tempfile
        >>> from homl11.study import Store, gather
        >>> gather(Store(tempfile.mkdtemp()), "study.json")
        Traceback (most recent call last):
            ...
        homl11.study.StudyError: ...에 결과가 없습니다. 먼저 python -m homl11.study run을 실행하세요.
    """
    known, methods = (cifar10.CONFIGURATIONS, cifar10.METHODS) if _is_cifar10(data) else (CONFIGURATIONS, METHODS)
    todo = tasks(known, data)
    records = [record for task in todo if (record := store.read(task))]
    if not records:
        raise StudyError(f"{store.folder}에 결과가 없습니다. 먼저 python -m homl11.study run을 실행하세요.")
    path, head = Path(path), {"format": FORMAT, "data": data, "versions": records[0]["versions"]}
    before = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"runs": []}
    found = _gathered_before(before, path, head, known) if add and before["runs"] else {}
    for record in records:
        found.setdefault((record["configuration"]["name"], record["seed"]), _summary(record))
    runs = [found[key] for task in todo if (key := (task.configuration.name, task.seed)) in found]
    if len(runs) < len(before["runs"]) and not replace:
        raise StudyError(
            f"모은 결과({len(runs)}회)가 {path}에 이미 있는 것({len(before['runs'])}회)보다 적습니다. "
            "그대로 두었습니다. 연구를 마저 하거나, 새것만 더하려면 --add를, 정말 바꾸려면 --replace를 붙이세요."
        )
    machines = list({json.dumps(run["machine"]): run["machine"] for run in runs}.values())
    for run in runs:
        run["machine"] = machines.index(run["machine"])
    configurations = {name: _plain(known[name]) for name in dict.fromkeys(run["configuration"] for run in runs)}
    _write(path, head | {"machines": machines, "methods": methods}, configurations, runs)
    return len(runs)


def _summary(record):
    """책에 싣는 만큼만."""
    configuration, history = record["configuration"], record["history"]
    kept = {
        "configuration": configuration["name"],
        "seed": record["seed"],
        "seconds": round(record["seconds"], 1),
        "cpu_seconds": round(record["cpu_seconds"], 1),
        "finished": record["finished"],
        "machine": record["machine"],
        "val_accuracy": [round(value, 4) for value in history["val_accuracy"]],
    }
    if configuration["role"] == "candidate":
        kept["val_accuracy"] = kept["val_accuracy"][-1:]
    else:
        kept["val_loss"] = [round(value, 4) for value in history["val_loss"]]
        kept["accuracy"] = [round(value, 4) for value in history["accuracy"]]
    for name in ("test_accuracy", "mc_valid_accuracy", "mc_test_accuracy"):
        if name in record:
            kept[name] = json.loads(json.dumps(record[name]), parse_float=lambda text: round(float(text), 4))
    return kept


def _gathered_before(content, path, head, known):
    """전에 모은 것: (설정, 씨앗) → 요약. 지금과 섞을 수 없으면 ``StudyError``."""
    stored = {name: content.get(name) for name in head} | {"configurations": content["configurations"]}
    now = head | {"configurations": {n: _plain(known[n]) if n in known else None for n in content["configurations"]}}
    if stored != now:
        raise StudyError(
            f"{path}에 모은 것은 지금과 데이터나 판이나 설정이 다릅니다({_difference(stored, now)}). "
            "서로 다른 결과를 섞지 않습니다. 그대로 두었습니다."
        )
    runs = [{**run, "machine": content["machines"][run["machine"]]} for run in content["runs"]]
    return {(run["configuration"], run["seed"]): run for run in runs}


def _write(path, head, configurations, runs):
    """한 줄에 설정 하나, 훈련 하나. 바뀐 것이 판 관리에서 보인다."""
    line = partial(json.dumps, ensure_ascii=False)
    text = "".join(f"{line(name)}: {line(value)},\n" for name, value in head.items())
    text += '"configurations": {\n' + ",\n".join(f"{line(n)}: {line(c)}" for n, c in configurations.items()) + "\n},\n"
    text += '"runs": [\n' + ",\n".join(map(line, runs)) + "\n]\n"
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        temporary.write_text("{\n" + text + "}\n", encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise StudyError(f"{path}에 쓰지 못했습니다({error.strerror}). 디스크의 자리와 권한을 확인하세요.") from None


# 명령


def _status(arguments):
    todo = tasks(arguments.names, arguments.data, arguments.seeds)
    store, done = Store(arguments.folder), 0
    for configuration in dict.fromkeys(task.configuration.name for task in todo):
        mine = [task for task in todo if task.configuration.name == configuration]
        stored = sum(store.read(task) is not None for task in mine)
        done += stored
        print(f"{configuration:32} {stored} / {len(mine)}")
    print(f"모두 {done} / {len(todo)}회를 마쳤다.")


def _run(arguments):
    todo = tasks(arguments.names, arguments.data, arguments.seeds)
    store = Store(arguments.folder)
    before = sum(store.read(task) is not None for task in todo)
    print(f"훈련 {len(todo)}회 가운데 {before}회는 이미 마쳤다. 남은 {len(todo) - before}회를 한다.", flush=True)
    failures = run(todo, store, jobs=arguments.jobs, scheduler=arguments.scheduler)
    print(f"새로 {len(todo) - before - len(failures)}회를 마쳤다. 결과: {store.folder}")
    if failures:
        print(f"{len(failures)}회는 실패했다. 나머지는 저장했다. 까닭:", file=sys.stderr)
        for task, reason in failures:
            print(f"  {task}: {reason}", file=sys.stderr)
        return 1


def _gather(arguments):
    output = arguments.output or f"book/{'cifar10' if _is_cifar10(arguments.data) else 'study'}.json"
    options = {"data": arguments.data, "replace": arguments.replace, "add": arguments.add}
    count = gather(Store(arguments.folder), output, **options)
    print(f"결과 {count}회를 {output}에 모았다.")


def _positive(text):
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("1 이상이어야 합니다")
    return value


def main(arguments=None):
    """명령줄: ``python -m homl11.study``.

    인수: ``arguments`` 명령과 그 인수들. ``None``이면 명령줄의 것.

    반환: 끝난 상태(0 성공, 1 일부 실패, 2 할 수 없음).

    예:
        >>> import tempfile
        >>> from homl11.study import main
        >>> main(["status", "power", "--folder", tempfile.mkdtemp()])
        power                            0 / 5
        모두 0 / 5회를 마쳤다.
        0
    """
    parser = argparse.ArgumentParser(prog="python -m homl11.study", description="책의 조건으로 하는 연구")
    commands = parser.add_subparsers(required=True, metavar="명령")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--folder", help="결과를 담는 폴더 (기본 study, CIFAR-10이면 study/cifar10)")
    common.add_argument("--data", default="fashion_mnist", help="데이터 세트 (기본 fashion_mnist)")
    which = argparse.ArgumentParser(add_help=False)
    which.add_argument("names", nargs="*", help="설정의 이름들 (기본은 모두)")
    which.add_argument("--seeds", type=_positive, help="설정마다 쓸 씨앗의 수 (기본은 모두)")

    command = commands.add_parser("run", parents=[which, common], help="아직 하지 않은 훈련을 한다")
    command.add_argument("--jobs", type=_positive, help="나란히 돌 프로세스의 수 (기본은 코어 수)")
    command.add_argument("--scheduler", help="Dask 스케줄러의 주소 (tcp://호스트:8786)")
    command.set_defaults(action=_run)
    command = commands.add_parser("status", parents=[which, common], help="설정마다 몇 회를 마쳤는지 보인다")
    command.set_defaults(action=_status)
    command = commands.add_parser("gather", parents=[common], help="결과를 책이 읽는 파일로 모은다")
    command.add_argument("--output", help="모을 파일 (기본 book/study.json, CIFAR-10이면 book/cifar10.json)")
    command.add_argument("--replace", action="store_true", help="이미 모은 것보다 적어도 바꾼다")
    command.add_argument("--add", action="store_true", help="이미 모은 것을 그대로 두고 새것만 더한다")
    command.set_defaults(action=_gather)

    parsed = parser.parse_args(arguments)
    parsed.folder = parsed.folder or ("study/cifar10" if _is_cifar10(parsed.data) else "study")
    try:
        return parsed.action(parsed) or 0
    except (StudyError, DatasetError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("멈췄습니다. 끝난 훈련은 저장했습니다. 같은 명령으로 이어집니다.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    # 프로세스에 보내는 함수가 __main__이 아니라 homl11.study의 것이어야 일꾼이 데이터를 한 번만 읽는다.
    from homl11 import study

    sys.exit(study.main())
