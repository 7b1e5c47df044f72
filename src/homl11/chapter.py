"""연구가 훈련하는 설정들: 책의 노트북이 쓴 것, 검증 세트로 고른 우리 것, 그 후보들.

설정은 값일 뿐이다. 결과 파일에 그대로 적히므로, 무엇을 훈련했는지 결과만 보고 안다.
"""

from dataclasses import dataclass, field, replace

from homl11.schedules import total_steps

SEEDS = {"chapter": range(5), "better": range(5), "candidate": range(100, 101)}  # 고를 때 쓴 씨앗으로 겨루지 않는다


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """훈련 하나의 설정.

    속성:
        name: 파일 이름이 되는 이름.
        method: 견주는 방법의 이름.
        role: ``chapter``(책의 설정), ``candidate``(우리 후보), ``better``(후보 가운데 고른 것).
        epochs: 에포크 수.
        batch_size: 배치 크기(샘플).
        hidden_units: 은닉층마다의 뉴런 수.
        optimizer: 케라스 옵티마이저의 이름.
        momentum: 수, 또는 1사이클을 따르는 (최대, 최소).
        schedule: 스케줄의 종류와 그 인수.
        l2, dropout_rate, max_norm: 규제 강도, 드롭아웃 비율, 노름의 한계. 0이면 쓰지 않는다.
        samples: 몬테 카를로 표본 수들. 마지막 것은 테스트 세트에도 쓴다.

    예:
        >>> from homl11.chapter import CONFIGURATIONS
        >>> chosen = CONFIGURATIONS["dropout.better"]
        >>> chosen.method, chosen.dropout_rate, list(chosen.seeds)
        ('dropout', 0.05, [0, 1, 2, 3, 4])
    """

    name: str
    method: str
    role: str
    epochs: int
    batch_size: int = 32
    hidden_units: tuple = (100, 100, 100)
    optimizer: str = "SGD"
    momentum: float | tuple = 0.0
    schedule: dict = field(default_factory=lambda: {"kind": "fixed", "learning_rate": 0.01})
    l2: float = 0.0
    dropout_rate: float = 0.0
    max_norm: float = 0.0
    samples: tuple = ()

    @property
    def seeds(self):
        """역할에 따라 정해진 씨앗들. 고를 때 쓴 씨앗으로 겨루지 않는다."""
        return SEEDS[self.role]


def _chapter(method, epochs, **settings):
    return Configuration(name=method, method=method, role="chapter", epochs=epochs, **settings)


SAMPLES = (1, 3, 10, 30, 100)
_PIECES = {"values": [0.01, 0.005, 0.001]}

CHAPTER = [
    _chapter("power", 10, schedule={"kind": "power", "initial_learning_rate": 0.01, "decay_steps": 10_000}),
    _chapter("exponential", 10, schedule={"kind": "exponential", "initial_learning_rate": 0.01, "decay_steps": 20_000}),
    _chapter(
        "exponential-epochs",
        25,
        schedule={"kind": "exponential_epochs", "initial_learning_rate": 0.01, "decay_epochs": 20},
    ),
    # 경계에 에포크 수를 곱한다. 훈련이 닿지 않아 학습률은 한 번도 바뀌지 않는다.
    _chapter(
        "piecewise", 10, schedule={"kind": "piecewise", "boundaries": [50_000 * 20 // 32, 80_000 * 20 // 32], **_PIECES}
    ),
    _chapter(
        "piecewise-epochs",
        25,
        optimizer="Nadam",
        schedule={"kind": "piecewise_epochs", "boundaries": [5, 15], **_PIECES},
    ),
    _chapter("performance", 25, schedule={"kind": "performance", "learning_rate": 0.01, "factor": 0.5, "patience": 5}),
    _chapter("one-cycle", 25, batch_size=128, schedule={"kind": "one_cycle", "max_learning_rate": 0.1}),
    _chapter("l2", 2, hidden_units=(100, 100), l2=0.01, schedule={"kind": "fixed", "learning_rate": 0.02}),
    _chapter("dropout", 10, hidden_units=(100, 100), dropout_rate=0.2, momentum=0.9, samples=SAMPLES),
    _chapter("max-norm", 10, hidden_units=(100, 100), max_norm=1.0, momentum=0.9),
]

# 우리 설정은 모두 배치 128, 25 에포크이다. 스케줄은 모멘텀 0.9에서, 규제는 같은 1사이클에서 견준다.
_BATCH, _EPOCHS = 128, 25
_STEPS = total_steps(55_000, _BATCH, _EPOCHS)
_MOMENTUM_CYCLE = (0.95, 0.85)


def _candidates(method, variants):
    """``variants``: 짧은 이름 → 설정."""
    return [
        Configuration(
            **{
                "name": f"{method}.{label}",
                "method": method,
                "role": "candidate",
                "epochs": _EPOCHS,
                "batch_size": _BATCH,
                "momentum": 0.9,
                **settings,
            }
        )
        for label, settings in variants.items()
    ]


def _scheduled(kind, **arguments):
    return {"schedule": {"kind": kind, **arguments}}


def _one_cycle(max_learning_rate, **settings):
    return _scheduled("one_cycle", max_learning_rate=max_learning_rate) | {"momentum": _MOMENTUM_CYCLE, **settings}


_SHORT = {"hidden_units": (100, 100)}
CANDIDATES = [
    *_candidates("fixed", {f"{rate}": _scheduled("fixed", learning_rate=rate) for rate in (0.02, 0.05)}),
    *_candidates(
        "power",
        {
            f"{rate}-{steps}": _scheduled("power", initial_learning_rate=rate, decay_steps=steps)
            for rate, steps in ((0.05, _STEPS // 5), (0.1, _STEPS // 20))
        },
    ),
    *_candidates(
        "exponential",
        {
            f"{rate}-{steps}": _scheduled("exponential", initial_learning_rate=rate, decay_steps=steps)
            for rate, steps in ((0.05, _STEPS), (0.1, _STEPS // 2))
        },
    ),
    *_candidates(
        "piecewise",
        {
            f"{rate}": _scheduled(
                "piecewise",
                boundaries=[_STEPS * 6 // 10, _STEPS * 85 // 100],
                values=[rate, rate / 10, rate / 100],
            )
            for rate in (0.05, 0.1)
        },
    ),
    *_candidates(
        "performance",
        {f"{rate}": _scheduled("performance", learning_rate=rate, factor=0.5, patience=2) for rate in (0.05, 0.1)},
    ),
    *_candidates("one-cycle", {f"{rate}": _one_cycle(rate) for rate in (0.1, 0.2)}),
    # 네트워크까지 넓힌 1사이클
    *_candidates(
        "one-cycle-wide",
        {
            "300-0.1": _one_cycle(0.1, hidden_units=(300, 100)),
            "300-0.2": _one_cycle(0.2, hidden_units=(300, 100)),
            "300-dropout": _one_cycle(0.1, hidden_units=(300, 100), dropout_rate=0.1),
            "500-dropout": _one_cycle(0.1, hidden_units=(500, 300), dropout_rate=0.1),
        },
    ),
    # 규제는 모두 같은 1사이클에서 견준다
    *_candidates("none", {"0": _one_cycle(0.1, **_SHORT)}),
    *_candidates("l2", {f"{strength:g}": _one_cycle(0.1, **_SHORT, l2=strength) for strength in (1e-5, 1e-4)}),
    *_candidates(
        "dropout",
        {f"{rate:g}": _one_cycle(0.1, **_SHORT, dropout_rate=rate, samples=SAMPLES) for rate in (0.05, 0.1)},
    ),
    *_candidates("max-norm", {f"{norm:g}": _one_cycle(0.1, **_SHORT, max_norm=norm) for norm in (2.0, 3.0)}),
]
CHOSEN = {  # 방법 → 검증 정확도가 가장 높은 후보. 시험이 저장된 결과에서 다시 고른다
    "fixed": "fixed.0.02",
    "power": "power.0.05-2150",
    "exponential": "exponential.0.1-5375",
    "piecewise": "piecewise.0.05",
    "performance": "performance.0.05",
    "one-cycle": "one-cycle.0.1",
    "one-cycle-wide": "one-cycle-wide.500-dropout",
    "none": "none.0",
    "l2": "l2.0.0001",
    "dropout": "dropout.0.05",
    "max-norm": "max-norm.2",
}

BETTER = [
    replace(candidate, name=f"{candidate.method}.better", role="better")
    for candidate in CANDIDATES
    if CHOSEN.get(candidate.method) == candidate.name
]
CONFIGURATIONS = {c.name: c for c in [*CHAPTER, *CANDIDATES, *BETTER]}

# 방법마다 화면에 쓸 이름(책의 행이 다르면 row도)과, 책의 노트북에 적혀 있는 마지막 정확도(한 번 훈련한 것)
METHODS = {
    "power": {"title": "거듭제곱 기반", "recorded": {"valid": 0.8714}},
    "exponential": {"title": "지수 기반", "row": "지수 기반(스텝마다)", "recorded": {"valid": 0.8662}},
    "exponential-epochs": {"title": "지수 기반(에포크마다)", "recorded": {"valid": 0.8812}},
    "piecewise": {"title": "구간별 고정", "row": "구간별 고정(바뀌지 않는 것)", "recorded": {"valid": 0.8716}},
    "piecewise-epochs": {"title": "구간별 고정(에포크마다, Nadam)", "recorded": {"valid": 0.8770}},
    "performance": {"title": "성능 기반", "recorded": {"valid": 0.8868}},
    "one-cycle": {"title": "1사이클", "recorded": {"valid": 0.8920}},
    "one-cycle-wide": {"title": "1사이클(넓은 네트워크)", "recorded": {}},
    "fixed": {"title": "고정 학습률", "recorded": {}},
    "none": {"title": "규제 없음", "recorded": {}},
    "l2": {"title": "ℓ2 규제", "recorded": {"valid": 0.8182}},
    "dropout": {"title": "드롭아웃", "recorded": {"valid": 0.8732, "test": 0.8700, "mc_test": 0.8717}},
    "max-norm": {"title": "맥스-노름 규제", "recorded": {"valid": 0.8578}},
}
