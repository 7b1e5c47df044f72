"""마지막 문제: 정해진 에포크 안에서 쓸 스케줄과 규제를 고른다. 답은 코드가 아니라 사전 하나이다.

사전은 모르는 사람이 보낸 것이다. 그래서 아는 이름과 정해진 범위만 받고, 무엇을 적든 훈련 시간에 한계가 있다.
고른 것이 강사의 것과 달라도 맞을 수 있다. 그래서 값을 견주지 않고, 훈련해서 처음 보는 이미지로 잰다.
"""

import functools
import reprlib
from types import MappingProxyType

import keras
import numpy as np

from homl11.calibration import negative_log_likelihood
from homl11.checks.errors import Refused
from homl11.checks.task import Task, once, plain
from homl11.data import Split, load_dataset
from homl11.display import Table
from homl11.models import build_mlp
from homl11.optimizers import ScheduledMomentumSGD
from homl11.schedules import OneCycle, OneCycleMomentum, PowerDecay, total_steps
from homl11.training import train

EPOCHS = 15
TRAINING_IMAGES = 1500
HIDDEN_UNITS = (100, 50)
SPLITS = 3
PUBLIC_SEED = 0

# 적지 않은 것은 이 값이다. 아무것도 적지 않은 레시피가 넘어야 할 바탕이다.
BASELINE = MappingProxyType(
    {
        "schedule": "constant",
        "learning_rate": 0.02,
        "decay_epochs": None,
        "momentum": 0.9,
        "batch_size": 32,
        "batch_normalization": False,
        "dropout_rate": 0.0,
        "l1": 0.0,
        "l2": 0.0,
        "max_norm": None,
    }
)
CHOICES = MappingProxyType(
    {
        "schedule": ("constant", "power", "exponential", "piecewise_constant", "one_cycle"),
        "batch_size": (16, 32, 64, 128, 256),  # 더 작은 배치는 채점 시간을 늘린다
        "batch_normalization": (False, True),
    }
)
RANGES = MappingProxyType(
    {
        "learning_rate": (1e-4, 2.0),
        "decay_epochs": (0.5, 100.0),
        "momentum": (0.0, 0.99),
        "dropout_rate": (0.0, 0.9),
        "l1": (0.0, 1.0),
        "l2": (0.0, 1.0),
        "max_norm": (0.1, 100.0),
    }
)
DECAYING = ("power", "exponential", "piecewise_constant")


def validate(recipe):
    """레시피를 살펴 빠진 것을 바탕의 값으로 채운다. 값을 실행하거나 글로 풀이하지 않는다.

    인수: ``recipe`` 사전. 키는 ``BASELINE``에 있는 것이다.

    반환: 모든 키가 있는 새 사전. 예외: 받을 수 없는 것이 있으면 처음 것 하나를 말하는 ``ValueError``.
    """
    if type(recipe) is not dict:
        raise ValueError(f"recipe: 사전이어야 합니다({type(recipe).__name__}을 받았습니다).")
    for name, value in recipe.items():
        if type(name) is not str or name not in BASELINE:
            raise ValueError(f"{reprlib.repr(name)}: 모르는 키입니다. 쓸 수 있는 것은 {', '.join(BASELINE)}입니다.")
        problem = _problem(name, value)
        if problem:
            raise ValueError(f"{name}={reprlib.repr(value)}: {problem}.")
    recipe = {**BASELINE, **recipe}
    decays = recipe["schedule"] in DECAYING
    if decays != (recipe["decay_epochs"] is not None):
        wanted = "줄어드는 빠르기(에포크)를 적어야 합니다" if decays else "쓰지 않는 값입니다. 지우세요"
        raise ValueError(f"decay_epochs={recipe['decay_epochs']}: schedule={recipe['schedule']!r}에서는 {wanted}.")
    return recipe


def _problem(name, value):
    """이 키에 적을 수 없는 값이면 어떠해야 하는지, 적을 수 있으면 빈 글."""
    if name in CHOICES:
        if not any(type(value) is type(choice) and value == choice for choice in CHOICES[name]):
            return f"{', '.join(map(str, CHOICES[name]))} 가운데 하나여야 합니다"
        return ""
    if value is None and BASELINE[name] is None:
        return ""
    low, high = RANGES[name]
    # 참·거짓은 수가 아니다. NaN과 무한대는 범위를 견줄 때 걸러진다.
    if type(value) not in (int, float) or not low <= value <= high:
        return f"{low:g} 이상 {high:g} 이하의 수여야 합니다"
    return ""


def evaluate(recipe, seed):
    """레시피로 훈련하고, 훈련에 쓰지 않은 이미지로 잰다. 운을 줄이려고 세 번 나누어 평균한다.

    기본 데이터에서 ``seed``로 정한 1,500장(클래스마다 150장)으로 정해진 에포크만큼 훈련한다. 나머지 3,500장은 재는 데만
    쓴다. 초기 가중치와 데이터 순서도 ``seed``로 정한다.

    인수: ``recipe`` 사전, ``seed`` 정수.

    반환: ``{"accuracy", "cross_entropy", "training_cross_entropy"}``. 모두 드롭아웃을 끄고 벌점 없이 잰다.
    예외: 받을 수 없는 레시피이면 ``ValueError``.
    """
    return dict(_evaluate(tuple(validate(recipe).items()), int(seed) % 2**32))


@functools.lru_cache(maxsize=32)
def _evaluate(items, seed):
    """바탕은 레시피를 견줄 때마다 다시 쓰므로 기억해 둔다."""
    measures = [
        _train_and_measure(dict(items), int(one)) for one in np.random.SeedSequence(seed).generate_state(SPLITS)
    ]
    return tuple((name, float(np.mean([measure[name] for measure in measures]))) for name in measures[0])


def _train_and_measure(recipe, seed):
    data = _split(seed)
    limit = recipe["max_norm"]
    model = build_mlp(
        HIDDEN_UNITS,
        l1=recipe["l1"],
        l2=recipe["l2"],
        kernel_constraint=None if limit is None else keras.constraints.MaxNorm(limit),
        dropout_rate=recipe["dropout_rate"],
        batch_normalization=recipe["batch_normalization"],
        seed=seed,
    )
    train(
        model,
        data._replace(valid=Split(*(part[:1] for part in data.valid))),  # 훈련하는 동안에는 재지 않는다
        epochs=EPOCHS,
        optimizer=_optimizer(recipe),
        batch_size=recipe["batch_size"],
        seed=seed,
        metrics=(),
    )
    accuracy, cross_entropy = _measure(model, data.valid)
    return {
        "accuracy": accuracy,
        "cross_entropy": cross_entropy,
        "training_cross_entropy": _measure(model, data.train)[1],
    }


def _measure(model, split):
    """정확도와 교차 엔트로피. 발산한 모델의 교차 엔트로피는 무한대이다."""
    p = np.asarray(model(split.x))
    loss = negative_log_likelihood(p, split.y) if np.isfinite(p).all() else np.inf
    return float(np.mean(p.argmax(axis=1) == split.y)), loss


def _split(seed):
    """훈련에 쓸 1,500장과 나머지. 전체 5,000장은 늘 같고 나누는 법만 씨앗에 달려 있다."""
    data = _dataset()
    x, y = (np.concatenate(parts) for parts in zip(data.train, data.valid, data.test))
    random = np.random.default_rng(seed)
    by_class = [random.permutation(np.flatnonzero(y == label)) for label in range(10)]
    each = TRAINING_IMAGES // 10
    inside = np.concatenate([rows[:each] for rows in by_class])
    outside = np.concatenate([rows[each:] for rows in by_class])
    rest = Split(x[outside], y[outside])
    return data._replace(train=Split(x[inside], y[inside]), valid=rest, test=rest)


@functools.lru_cache(maxsize=1)
def _dataset():
    """읽는 시간이 훈련하는 시간보다 길다."""
    return load_dataset("mnist5k")


def _optimizer(recipe):
    name, rate, momentum = (recipe[key] for key in ("schedule", "learning_rate", "momentum"))
    n = total_steps(TRAINING_IMAGES, recipe["batch_size"], EPOCHS)
    if name == "one_cycle":
        cycle = OneCycleMomentum(n, max_momentum=momentum, min_momentum=max(0.0, momentum - 0.1))
        return ScheduledMomentumSGD(OneCycle(rate, n), cycle)
    if name != "constant":
        steps = recipe["decay_epochs"] * n / EPOCHS
        if name == "power":
            rate = PowerDecay(rate, steps)
        else:
            staircase = name == "piecewise_constant"
            rate = keras.optimizers.schedules.ExponentialDecay(rate, steps, 0.1, staircase=staircase)
    return keras.optimizers.SGD(rate, momentum=momentum)


# 단의 이름 → (레시피의 값, 바탕의 값)을 받아 올랐는지. 같은 나누기의 바탕과 견주므로 어려운 나누기에서도 공정하다.
RUNGS = {
    "교차 엔트로피가 바탕의 0.93배 이하이다": lambda mine, base: _ratio(mine, base) <= 0.93,
    "교차 엔트로피가 바탕의 0.84배 이하이다": lambda mine, base: _ratio(mine, base) <= 0.84,
    "0.84배 이하이고 정확도가 바탕보다 0.004 넘게 높다": lambda mine, base: (
        _ratio(mine, base) <= 0.84 and mine["accuracy"] - base["accuracy"] > 0.004
    ),
}


def _ratio(mine, base):
    return mine["cross_entropy"] / base["cross_entropy"]


def marks(recipe, seed):
    """``seed``의 나누기에서 레시피가 오른 단과, 학생에게 보일 글.

    반환: (단의 이름 → 올랐는지, 글). 받을 수 없는 레시피는 오류가 아니라 모두 거짓과 그 까닭이다.
    """
    try:
        mine = evaluate(recipe, seed)
    except ValueError as error:
        return dict.fromkeys(RUNGS, False), str(error)
    base = evaluate({}, seed)
    text = (
        f"교차 엔트로피 {mine['cross_entropy']:.3f}(바탕의 {_ratio(mine, base):.2f}배), "
        f"정확도 {mine['accuracy']:.3f}(바탕보다 {mine['accuracy'] - base['accuracy']:+.3f})"
    )
    return {name: bool(reached(mine, base)) for name, reached in RUNGS.items()}, text


def judge(recipe, seed):
    """``seed``의 나누기에서 레시피가 오른 단: 이름 → 참·거짓. 채점이 값을 견주는 대신 부른다."""
    return marks(recipe, seed)[0]


def try_recipe(recipe, seed=PUBLIC_SEED):
    """레시피를 공개된 나누기로 훈련해 바탕과 견준다. 몇 초 걸린다.

    인수: ``recipe`` 사전, ``seed`` 나누기의 씨앗. 채점은 다른 씨앗으로 한다.

    반환: 셀의 마지막 줄에 두면 보이는 표. 예외: 받을 수 없는 레시피이면 무엇을 고칠지 말하는 ``ValueError``.

    예:
        >>> from homl11.checks.recipe import try_recipe
        >>> try_recipe({"schedule": "one_cycle", "learning_rate": 5.0})
        Traceback (most recent call last):
            ...
        ValueError: learning_rate=5.0: 0.0001 이상 2 이하의 수여야 합니다.
    """
    reached, _ = marks(validate(plain(recipe)), seed)
    rows = [
        (name, f"{one['training_cross_entropy']:.3f}", f"{one['cross_entropy']:.3f}", f"{one['accuracy']:.3f}")
        for name, one in (("바탕", evaluate({}, seed)), ("이 레시피", evaluate(plain(recipe), seed)))
    ]
    for name, holds in reached.items():
        print(f"{'○' if holds else '✗'} {name}")
    return Table(
        ("", "훈련 교차 엔트로피", "밖의 교차 엔트로피", "밖의 정확도"), rows, "드롭아웃을 끄고 벌점 없이 잰 값"
    )


IDEAL = object()  # 확인의 기준. 강사의 레시피를 여기 적으면 답이 된다


def reached(recipe):
    """공개된 나누기에서 오른 단. 받을 수 없는 레시피이면 고칠 것을 말하는 ``Refused``."""
    if recipe is IDEAL:
        return dict.fromkeys(RUNGS, True)
    try:
        return judge(validate(plain(recipe)), PUBLIC_SEED)
    except ValueError as error:
        raise Refused(str(error).rstrip(".")) from None


def recipe_probes(r):
    """단마다 하나씩. 값을 견주지 않으므로 난수를 쓰지 않는다."""
    rungs = once(reached)
    return {f"공개된 나누기에서 {text}": lambda recipe, text=text: rungs(recipe)[text] for text in RUNGS}


def _speed(recipe):
    """모멘텀까지 셈한 학습률. 모멘텀 β에서는 한 기울기가 모두 1/(1-β)배만큼 움직인다."""
    return recipe["learning_rate"] / (1 - recipe["momentum"])


def _unregularized(recipe):
    return not any(recipe[name] for name in ("dropout_rate", "l1", "l2", "max_norm", "batch_normalization"))


def _constant(recipe):
    return recipe["schedule"] == "constant"


# 단에 오르지 못한 레시피에 하는 말과, 그 말이 맞는 때. 앞의 것부터 본다. 점수는 단이 정하고 이것은 힌트일 뿐이다.
ADVICE = {
    "학습률이 너무 큽니다. 모멘텀 β가 걸음을 1/(1-β)배로 키우는 것까지 셈해 보세요.": lambda recipe: (
        _speed(recipe) > 10
    ),
    "학습률이 너무 작습니다. 정해진 에포크 안에 다 배우지 못합니다.": lambda recipe: _speed(recipe) < 0.02,
    "드롭아웃이 너무 강합니다. 이 네트워크는 작아서 뉴런을 많이 끄면 배울 것이 남지 않습니다.": (
        lambda recipe: recipe["dropout_rate"] > 0.5
    ),
    "ℓ1이나 ℓ2가 너무 강합니다. 벌점이 손실을 이깁니다. 10배씩 줄여 보세요.": (
        lambda recipe: recipe["l2"] >= 0.01 or recipe["l1"] >= 0.002
    ),
    "맥스-노름의 한계가 너무 작습니다. He 초기화의 노름이 얼마에서 출발하는지 떠올려 보세요.": (
        lambda recipe: recipe["max_norm"] is not None and recipe["max_norm"] < 0.5
    ),
    "스케줄도 규제도 고르지 않았습니다. 스케줄과 규제를 하나씩 고르세요.": (
        lambda recipe: _constant(recipe) and _unregularized(recipe)
    ),
    "스케줄만 고르고 규제를 고르지 않았습니다. 훈련 손실이 0에 가까운데 밖의 손실이 높은 까닭을 생각해 보세요.": (
        _unregularized
    ),
    "규제만 고르고 스케줄을 고르지 않았습니다. 학습률이 처음부터 끝까지 그대로입니다.": _constant,
}


def advise(recipe):
    """잰 값과, 단에 오르지 못한 까닭. 까닭은 레시피에서 읽는다. 받을 수 없는 레시피이면 ``None``."""
    try:
        full = validate(plain(recipe))
    except Exception:
        return None
    return f"{marks(full, PUBLIC_SEED)[1]}. {next((text for text, holds in ADVICE.items() if holds(full)), TASK.hint)}"


TASK = Task(
    probes=recipe_probes,
    reference=IDEAL,
    hint="try_recipe(recipe)의 표에서 훈련과 밖의 교차 엔트로피를 견주어, 규제가 모자란지 지나친지부터 읽어 보세요.",
    advise=advise,
)
