"""셀이 보여 주고 nbval이 확인하는 것들."""

import html
import math
import sys
from decimal import Decimal

import numpy as np

MEASURED = "application/vnd.homl11.measured+json"
VERDICT = "application/vnd.homl11.verdict+json"


class Table:
    """작은 표. 주피터와 책에서는 HTML로, 터미널에서는 글자로 보인다.

    수만 든 열은 오른쪽에, 글이 든 열은 왼쪽에 맞춘다.

    인수:
        header: 열의 이름들.
        rows: 행마다의 칸들. 글이 아니면 ``str``로 바꾼다.
        note: 표 아래의 한 줄.

    예:
        >>> from homl11.display import Table
        >>> rows = [("기준", 0.5), ("드롭아웃", 0.25)]
        >>> Table(("방법", "값"), rows, note="검증 손실")
            방법    값
            기준   0.5
        드롭아웃  0.25
        검증 손실
    """

    def __init__(self, header, rows, note=""):
        self.header = [str(cell) for cell in header]
        self.rows = [[str(cell) for cell in row] for row in rows]
        self.note = note

    def __repr__(self):
        lines = [self.header, *self.rows]
        # 한글은 두 칸을 차지한다.
        width = [max(_columns(line[i]) for line in lines) for i in range(len(self.header))]
        text = ["  ".join(" " * (w - _columns(c)) + c for c, w in zip(line, width)) for line in lines]
        return "\n".join([*text, *([self.note] if self.note else [])])

    def _repr_html_(self):
        # 글은 왼쪽, 수는 오른쪽에 맞춘다. 강좌의 CSS가 없는 주피터랩과 Colab에서도 같도록 태그에 적는다.
        columns = zip(self.header, *self.rows)
        styles = ["" if all(map(_is_number, column[1:])) else ' style="text-align: left"' for column in columns]
        head = "".join(  # 빈 칸은 머리가 아니다
            f'<th scope="col"{style}>{html.escape(cell)}</th>' if cell else "<td></td>"
            for cell, style in zip(self.header, styles)
        )
        body = "".join(
            "<tr>" + "".join(f"<td{style}>{html.escape(cell)}</td>" for cell, style in zip(row, styles)) + "</tr>"
            for row in self.rows
        )
        note = f"<caption>{html.escape(self.note)}</caption>" if self.note else ""
        return f'<table class="homl11">{note}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


class Measured(Table):
    """허용 오차와 함께 보여 주는 측정값. nbval은 글자가 아니라 값을 오차 안에서 견준다.

    보통은 ``measured``로 만든다.

    인수:
        tolerance: 허용 오차(값과 같은 단위, > 0). 소수점 아래를 몇 자리 보일지도 정한다.
        values: 이름 → 값. 이름이 모두 (행, 열)이면 행렬로 보인다.
        of: 무엇의 값인지. 값의 열의 이름이 된다. 행렬에서는 왼쪽 위의 칸에 적는다.

    예외: 허용 오차가 0 이하이면 ``ValueError``.

    예:
        >>> from homl11.display import Measured
        >>> Measured(0.01, {"검증_손실": 0.3456}).values
        {'검증_손실': 0.3456}
    """

    def __init__(self, tolerance, values, of=""):
        if not tolerance > 0:
            raise ValueError(f"tolerance={tolerance!r}: 0보다 커야 합니다.")
        self.tolerance = float(tolerance)
        self.values = {"_".join(_pair(name)): float(value) for name, value in values.items()}
        digits = max(0, -math.floor(math.log10(tolerance)))
        cells = {_pair(name): f"{float(value):z.{digits}f}" for name, value in values.items()}
        columns = list(dict.fromkeys(column for _, *inner in cells for column in inner))
        places = [(column,) for column in columns] or [()]
        rows = [
            (row.replace("_", " "), *(cells.get((row, *place), "") for place in places))
            for row in dict.fromkeys(row for row, *_ in cells)
        ]
        header = (of, *columns) if columns else ("잰 것", of or "값")
        super().__init__(header, rows, f"기계마다 ±{tolerance:g}까지 다를 수 있다")

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {
            "text/plain": repr(self),
            "text/html": self._repr_html_(),
            MEASURED: {"tolerance": self.tolerance, "values": self.values},
        }


def measured(tolerance, matrix=None, /, *, of="", **values):
    """기계마다 조금씩 다른 수(손실, 정확도)를 허용 오차와 함께 보여 준다.

    인수: ``tolerance`` 허용 오차(값과 같은 단위, > 0), ``matrix`` (행의 이름, 열의 이름) → 값. 주면 행렬로 보인다.
    ``of`` 무엇의 값인지. 이름이 방법뿐일 때 준다. ``values`` 이름=값. 이름의 ``_``는 빈칸으로 보인다.

    반환: 셀의 마지막 줄에 두면 표로 보이는 ``Measured``. 예외: 허용 오차가 0 이하이면 ``ValueError``.

    예:
        >>> from homl11.display import measured
        >>> measured(0.01, 검증_손실=0.3456, 검증_정확도=0.9012)
              잰 것    값
          검증 손실  0.35
        검증 정확도  0.90
        기계마다 ±0.01까지 다를 수 있다
        >>> measured(0.01, of="검증 손실", 고정=0.3456, 지수_기반=0.3123)
            잰 것  검증 손실
             고정       0.35
        지수 기반       0.31
        기계마다 ±0.01까지 다를 수 있다
    """
    return Measured(tolerance, matrix or values, of)


class Verdict:
    """데이터가 내린 판정 한 줄. 주피터와 책에서는 ✔나 ✘가 붙은 줄로, 터미널에서는 글자로 보인다.

    ✔는 데이터가 그렇다고 말한다는 뜻이고, ✘는 그렇게 말하지 않는다는 뜻이다. 보통은 ``verdict``로 만든다.

    인수:
        answer: 판정. ``예``와 ``아니오``, 또는 ``homl11.significance.judge``의 답.
        text: 판정한 주장.

    예:
        >>> from homl11.display import Verdict
        >>> Verdict("아니오", "손실이 에포크마다 줄었다")
        아니오: 손실이 에포크마다 줄었다
    """

    def __init__(self, answer, text):
        self.answer, self.text = answer, text

    def __repr__(self):
        return f"{self.answer}: {self.text}"

    def _repr_html_(self):
        # 강좌의 CSS가 없는 주피터랩과 Colab에서도 밝거나 어둡거나 보이는 색이다.
        holds = self.answer not in ("아니오", "뚜렷하지 않다")
        mark, color = ("✔", "#2da44e") if holds else ("✘", "#e5534b")
        more = "" if self.answer in ("예", "아니오") else f": <b>{self.answer}</b>"
        sign = f'<span role="img" aria-label="{self.answer}" style="color: {color}; font-weight: bold">{mark}</span>'
        return f'<div class="homl11-verdict">{sign} {html.escape(self.text)}{more}</div>'

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {
            "text/plain": repr(self),
            "text/html": self._repr_html_(),
            VERDICT: {"answer": self.answer, "text": self.text},
        }


def show(thing):
    """셀의 가운데에서도 꾸민 채로 보인다. 주피터가 아니면 글자로 찍는다.

    인수: ``thing`` 보일 것.

    예:
        >>> from homl11.display import Verdict, show
        >>> show(Verdict("예", "손실이 줄었다"))
        예: 손실이 줄었다
    """
    if "IPython" in sys.modules:  # 커널이면 이미 불러와 있다. IPython 없이도 쓸 수 있어야 한다
        from IPython.display import display

        display(thing)
    else:
        print(thing)


def verdict(text, holds):
    """주장이 데이터에서 참인지 ``예`` 또는 ``아니오``로 판정한다. 주피터와 책에서는 ✔와 ✘로 보인다.

    인수: ``text`` 주장 한 문장, ``holds`` 데이터에서 계산한 참·거짓.

    예:
        >>> from homl11.display import verdict
        >>> losses = [0.9, 0.5, 0.4]
        >>> verdict("손실이 에포크마다 줄었다", losses == sorted(losses, reverse=True))
        예: 손실이 에포크마다 줄었다
    """
    show(Verdict("예" if holds else "아니오", text))


def learning_rate_table(steps, schedules, unit="스텝"):
    """스텝마다의 학습률을 유효 숫자 여섯 자리까지 보여 준다. 어느 기계에서나 같은 표가 나온다.

    한 열의 수는 소수점 아래의 자릿수가 같다. 그래서 줄마다 얼마나 줄었는지 눈으로 견줄 수 있다.

    인수: ``steps`` 스텝(또는 에포크) 번호들, ``schedules`` 이름 → 스텝을 받는 함수 또는 케라스 스케줄,
    ``unit`` 번호의 단위로 첫 열의 이름이 된다.

    반환: ``Table``.

    예:
        >>> from homl11.display import learning_rate_table
        >>> exponential = lambda step: 0.1 * 0.1 ** (step / 20_000)
        >>> learning_rate_table([0, 10_000], {"지수 기반": exponential})
          스텝  지수 기반
             0  0.1000000
        10,000  0.0316228
    """
    columns = [_aligned([float(np.asarray(f(step))) for step in steps]) for f in schedules.values()]
    return Table((unit, *schedules), zip([f"{step:,}" for step in steps], *columns))


def _aligned(values):
    """유효 숫자 여섯 자리의 수들을, 가장 긴 것의 자릿수에 맞추어."""
    finite = [Decimal(f"{value:.6g}").normalize() for value in values if math.isfinite(value)]
    digits = max([0, *(-value.as_tuple().exponent for value in finite)])
    return [f"{value:.{digits}f}" if digits <= 12 else f"{value:.5e}" for value in values]


def _pair(name):
    """이름을 (행,) 또는 (행, 열)로."""
    return (name,) if isinstance(name, str) else tuple(name)


def _is_number(text):
    """수가 든 칸인지. 자릿수를 나누는 쉼표는 수의 일부이다."""
    try:
        float(text.replace(",", ""))
    except ValueError:
        return False
    return True


def _columns(text):
    """고정폭 글꼴에서 차지하는 칸 수."""
    return sum(2 if "가" <= letter <= "힣" else 1 for letter in text)
