"""책의 놀이터를 노트북에서 연다: ``playground.schedules(schedule="1사이클")``.

책의 쪽과 같은 스크립트(``static/playground/*.js``)를 그대로 쓴다. 계산은 브라우저가 하므로 어디서 열어도 같다. 인수는
처음 값이다. 글에 있는 ``[0.3](#schedules?rate=0.3)`` 같은 링크를 누르면 그 값으로 바뀐다.
"""

import json
from html import escape
from numbers import Real
from pathlib import Path
from urllib.parse import urlencode

from homl11 import _mnist5k
from homl11.arguments import require

SCRIPTS = Path(__file__).parent / "static" / "playground"
# 조절 장치마다 받는 값: 보이는 이름 → 스크립트의 이름, 수의 범위, 또는 참·거짓. 스크립트의 것과 같은지 시험이 본다.
CONTROLS = {
    "schedules": {
        "schedule": {
            "고정": "constant",
            "거듭제곱 기반": "power",
            "지수 기반": "exponential",
            "구간별 고정": "piecewise",
            "성능 기반": "performance",
            "1사이클": "one_cycle",
        },
        "step": (0, 200),
        "rate": (0.001, 1),
        "power_steps": (5, 200),
        "power": (0, 3),
        "decay_steps": (5, 200),
        "decay_rate": (0.05, 1),
        "first": (5, 95),
        "second": (100, 195),
        "factor": (0.05, 1),
        "drop": (0.1, 0.9),
        "patience": (2, 50),
        "max_rate": (0.001, 1),
        "ratio": (1, 50),
        "final_fraction": (0, 0.5),
        "max_momentum": (0.85, 0.99),
        "min_momentum": (0, 0.85),
        "log": bool,
    },
    "l1_l2": {"strength": (0, 4), "w1": (-3, 3), "w2": (-3, 3), "rho": (-0.8, 0.8)},
    "dropout": {
        "mode": {"훈련": "training", "추론": "inference", "몬테 카를로": "monte_carlo"},
        "rate": (0, 0.8),
        "samples": (2, 100),
    },
    "max_norm": {"step": (0, 40), "radius": (0.5, 4), "rate": (0.02, 0.5)},
    "training": {
        "schedule": {
            "고정": "constant",
            "거듭제곱 기반": "power",
            "지수 기반": "exponential",
            "구간별 고정": "piecewise",
            "성능 기반": "performance",
            "1사이클": "one_cycle",
        },
        "regularizer": {
            "없음": "none",
            "ℓ1": "l1",
            "ℓ2": "l2",
            "드롭아웃": "dropout",
            "맥스-노름": "max_norm",
            "조기 종료": "stop",
        },
        "network": {"100-100": "h100_100", "300-100": "h300_100", "100-50": "h100_50", "30": "h30"},
        "optimizer": {"모멘텀 SGD": "sgd", "Nadam": "nadam"},
        "rate": (0.0001, 10),
        "power_epochs": (1, 30),
        "power": (0, 3),
        "decay_epochs": (1, 60),
        "decay_rate": (0.01, 1),
        "first": (5, 50),
        "second": (55, 95),
        "factor": (0.05, 1),
        "drop": (0.1, 0.9),
        "patience": (1, 10),
        "ratio": (1, 50),
        "final_fraction": (0, 0.5),
        "max_momentum": (0.85, 0.99),
        "min_momentum": (0, 0.85),
        "momentum": (0, 0.99),
        "l1": (1e-6, 0.01),
        "l2": (1e-6, 0.1),
        "dropout": (0, 0.8),
        "max_norm": (0.25, 4),
        "stop": (1, 20),
        "epochs": (0, 60),
        "size": (100, 3000),
        "batch": (4, 256),
        "seed": (1, 100),
        "shuffle": bool,
    },
}
CONTROLS["laboratory"] = CONTROLS["training"]
FILES = json.loads((SCRIPTS / "scripts.json").read_text(encoding="utf-8"))  # 놀이터 → 쓰는 스크립트
TRAINING = ("training", "laboratory")  # 엔진과 숫자도 쓰는 것. 책은 «훈련»을 누를 때 받고, 노트북에는 담는다


def schedules(**start):
    """학습률 스케줄 다섯 가지와 고정 학습률을 한 그림에 그리고, 고른 것으로 2차원 손실을 내려간다.

    인수: ``**start`` 처음 값. ``schedule``은 스케줄의 이름(``"1사이클"``), ``step``은 스텝, ``rate``는 초기 학습률이다.
    스케줄마다 제 값이 더 있다: ``power_steps``와 ``power``, ``decay_steps``와 ``decay_rate``, ``first``와 ``second``와
    ``factor``, ``drop``과 ``patience``, ``max_rate``와 ``ratio``와 ``final_fraction``과 ``max_momentum``과
    ``min_momentum``. ``log=True``이면 학습률을 로그 눈금으로 그린다.

    반환: 셀의 마지막 줄에 두면 보이는 놀이터. 예외: 없는 이름이거나 움직일 수 없는 값이면 ``ValueError``.

    예:
        >>> from homl11 import playground
        >>> playground.schedules(schedule="1사이클", step=0)
        playground.schedules(schedule='1사이클', step=0)
        >>> playground.schedules(rate=3)
        Traceback (most recent call last):
        ValueError: rate=3: 0.001과 1 사이의 수여야 합니다.
    """
    return Playground("schedules", **start)


def l1_l2(**start):
    """손실의 등고선이 ℓ1의 마름모와 ℓ2의 원에 닿는 곳을 규제 강도를 바꾸며 본다.

    인수: ``**start`` 처음 값. ``strength``는 규제 강도, ``w1``과 ``w2``는 규제가 없을 때의 답, ``rho``는 등고선의
    기울기이다.

    반환: 셀의 마지막 줄에 두면 보이는 놀이터. 예외: 없는 이름이거나 움직일 수 없는 값이면 ``ValueError``.

    예:
        >>> from homl11 import playground
        >>> playground.l1_l2(strength=0)
        playground.l1_l2(strength=0)
    """
    return Playground("l1_l2", **start)


def dropout(**start):
    """뉴런이 비율 p로 꺼지는 작은 신경망. 훈련, 추론, 몬테 카를로 표본을 견준다.

    인수: ``**start`` 처음 값. ``mode``는 쓰는 때(``"훈련"``, ``"추론"``, ``"몬테 카를로"``), ``rate``는 드롭아웃 비율,
    ``samples``는 몬테 카를로의 표본 수이다.

    반환: 셀의 마지막 줄에 두면 보이는 놀이터. 예외: 없는 이름이거나 움직일 수 없는 값이면 ``ValueError``.

    예:
        >>> from homl11 import playground
        >>> playground.dropout(mode="훈련")
        playground.dropout(mode='훈련')
    """
    return Playground("dropout", **start)


def max_norm(**start):
    """기울기가 민 가중치 벡터를 반지름 r의 공으로 당기는 것을 스텝마다 본다.

    인수: ``**start`` 처음 값. ``step``은 스텝, ``radius``는 반지름, ``rate``는 학습률이다.

    반환: 셀의 마지막 줄에 두면 보이는 놀이터. 예외: 없는 이름이거나 움직일 수 없는 값이면 ``ValueError``.

    예:
        >>> from homl11 import playground
        >>> playground.max_norm(step=0)
        playground.max_norm(step=0)
    """
    return Playground("max_norm", **start)


def training(**start):
    """강좌의 네트워크를 강좌의 숫자(``mnist5k``)로 브라우저에서 훈련한다. 커널도 텐서플로도 쓰지 않는다.

    갱신은 케라스와 같다. 앞의 훈련은 그림에 겹쳐 남는다. «씨앗 다섯으로»를 누르면 평균과 95% 신뢰 구간,
    앞의 것과 짝지은 차이를 함께 보인다.

    인수: ``**start`` 처음 값. ``schedule``과 ``regularizer``는 스케줄과 규제의 이름(``"1사이클"``, ``"드롭아웃"``),
    ``network``는 은닉층(``"100-100"``), ``optimizer``는 ``"모멘텀 SGD"``나 ``"Nadam"``이다. ``rate``는 가장 큰 학습률,
    ``momentum``은 모멘텀, ``epochs``는 에포크, ``size``는 훈련 이미지의 수, ``batch``는 배치 크기, ``seed``는 씨앗이다.
    ``shuffle=True``이면 레이블을 뒤섞는다. 규제의 강도는 ``l1``, ``l2``, ``dropout``, ``max_norm``, ``stop``이다.
    스케줄의 값은 에포크로 적는다: ``power_epochs``와 ``power``, ``decay_epochs``와 ``decay_rate``, ``first``와
    ``second``와 ``factor``, ``drop``과 ``patience``, ``ratio``와 ``final_fraction``과 ``max_momentum``과
    ``min_momentum``.

    반환: 셀의 마지막 줄에 두면 보이는 훈련. 예외: 없는 이름이거나 움직일 수 없는 값이면 ``ValueError``.

    예:
        >>> from homl11 import playground
        >>> playground.training(schedule="1사이클", rate=0.1)
        playground.training(schedule='1사이클', rate=0.1)
    """
    return Playground("training", **start)


def laboratory(**start):
    """훈련 실험실: ``training``에 네트워크의 속, 숫자 그리기, CSV와 케라스 코드를 더한 것이다.

    인수: ``**start`` 처음 값. ``training``과 같다.

    반환: 셀의 마지막 줄에 두면 보이는 훈련 실험실. 예외: 없는 이름이거나 움직일 수 없는 값이면 ``ValueError``.

    예:
        >>> from homl11 import playground
        >>> playground.laboratory(regularizer="드롭아웃", dropout=0.5)
        playground.laboratory(regularizer='드롭아웃', dropout=0.5)
    """
    return Playground("laboratory", **start)


class Playground:
    """놀이터 하나. 한 문장이 적힌 자리와, 그 자리를 움직이는 놀이터로 바꾸는 스크립트이다.

    커널이 없어도 돈다. 그래서 저장한 노트북을 다시 열어도 그대로 움직인다. 스크립트를 막는 곳, 이를테면 믿지 않는
    노트북을 연 주피터랩에는 깨우는 법을 적은 문장만 남는다.

    인수: ``name`` 놀이터의 이름(``"dropout"``처럼), ``**start`` 처음 값.

    예외: 없는 이름이거나 움직일 수 없는 값이면 ``ValueError``.

    예:
        >>> from homl11 import playground
        >>> isinstance(playground.dropout(), playground.Playground)
        True
    """

    def __init__(self, name, **start):
        self.name, self.start = name, start
        self._state = urlencode([(control, _written(name, control, value)) for control, value in start.items()])

    def __repr__(self):
        start = ", ".join(f"{control}={value!r}" for control, value in self.start.items())
        return f"playground.{self.name}({start})"

    def _repr_html_(self):
        files = [*FILES[self.name], *(["engine"] if self.name in TRAINING else [])]
        style = (SCRIPTS / "playground.css").read_text(encoding="utf-8")
        scripts = [(SCRIPTS / f"{file}.js").read_text(encoding="utf-8") for file in files]
        if self.name in TRAINING:
            scripts.insert(0, f'globalThis.homl11Digits = "{_mnist5k.packed()}";')
        # book/_ext/playground가 이 자리를 찾아 채운다.
        start = f' data-start="{escape(self._state)}"' if self._state else ""
        place = f'<div class="playground" data-playground="{self.name}"{start}>셀을 실행하면 놀이터가 열린다.</div>'
        # 같은 놀이터가 한 화면에 여럿이어도 이름이 부딪치지 않게 함수로 감싼다.
        script = "(() => {\n" + "\n".join(scripts) + "\n})();"
        return f"{place}\n<style>\n{style}</style>\n<script>\n{script}\n</script>"


def _written(name, control, value):
    """처음 값 하나를 검사해 주소에 적는 꼴로 바꾼다."""
    controls = CONTROLS[name]
    require(control in controls, control, value, f"{', '.join(controls)} 가운데 하나만 정할 수 있습니다")
    allowed = controls[control]
    if isinstance(allowed, dict):
        require(value in allowed, control, value, f"{', '.join(allowed)} 가운데 하나여야 합니다")
        return allowed[value]
    if allowed is bool:
        require(isinstance(value, bool), control, value, "True나 False여야 합니다")
        return str(value).lower()
    low, high = allowed
    number = isinstance(value, Real) and not isinstance(value, bool)
    require(number and low <= value <= high, control, value, f"{low}과 {high} 사이의 수여야 합니다")
    return f"{value:g}"
