"""책의 놀이터를 노트북에서 연다: ``playground.schedules()``.

책의 쪽과 같은 스크립트(``static/playground/*.js``)를 그대로 쓴다. 계산은 브라우저가 하므로 어디서 열어도 같다.
"""

from pathlib import Path

import anywidget

SCRIPTS = Path(__file__).parent / "static" / "playground"


def schedules():
    """학습률 스케줄 다섯 가지와 고정 학습률을 한 그림에 그리고, 고른 것으로 2차원 손실을 내려간다.

    반환: 셀의 마지막 줄에 두면 보이는 위젯.

    예:
        >>> from homl11 import playground
        >>> playground.schedules()
        playground.schedules()
    """
    return _widget("schedules")


def l1_l2():
    """손실의 등고선이 ℓ1의 마름모와 ℓ2의 원에 닿는 곳을 규제 강도를 바꾸며 본다.

    반환: 셀의 마지막 줄에 두면 보이는 위젯.

    예:
        >>> from homl11 import playground
        >>> playground.l1_l2()
        playground.l1_l2()
    """
    return _widget("l1_l2")


def dropout():
    """뉴런이 비율 p로 꺼지는 작은 신경망. 훈련, 추론, 몬테 카를로 표본을 견준다.

    반환: 셀의 마지막 줄에 두면 보이는 위젯.

    예:
        >>> from homl11 import playground
        >>> playground.dropout()
        playground.dropout()
    """
    return _widget("dropout")


def max_norm():
    """기울기가 민 가중치 벡터를 반지름 r의 공으로 당기는 것을 스텝마다 본다.

    반환: 셀의 마지막 줄에 두면 보이는 위젯.

    예:
        >>> from homl11 import playground
        >>> playground.max_norm()
        playground.max_norm()
    """
    return _widget("max_norm")


class Playground(anywidget.AnyWidget):
    """놀이터 위젯. 위젯을 그리지 못하는 곳에는 한 문장이, 책에는 그 자리에 살아 있는 놀이터가 놓인다.

    노트북에 저장되는 출력은 실행할 때마다 같아야 하므로 글에 객체의 주소를 담지 않는다.

    예:
        >>> from homl11 import playground
        >>> isinstance(playground.dropout(), playground.Playground)
        True
    """

    def __repr__(self):
        return f"playground.{type(self).__name__}()"

    def _repr_mimebundle_(self, **kwargs):
        data, metadata = super()._repr_mimebundle_(**kwargs)
        # book/_ext/playground가 이 자리를 찾아 채운다.
        place = f'<div class="playground" data-playground="{type(self).__name__}">셀을 실행하면 놀이터가 열린다.</div>'
        return {**data, "text/html": place}, metadata


def _widget(name):
    common, module, style = (
        (SCRIPTS / file).read_text(encoding="utf-8") for file in ("common.js", f"{name}.js", "playground.css")
    )
    # 위젯은 파일 하나만 읽으므로 함께 쓰는 것과 놀이터를 잇는다.
    script = f'{common}\n{module}\nexport default {{ render: ({{ el }}) => playground.mount(el, "{name}") }};\n'
    return type(name, (Playground,), {"_esm": script, "_css": style})()
