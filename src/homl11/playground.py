"""책의 놀이터를 노트북에서 연다: ``playground.schedules()``.

책의 쪽과 같은 스크립트(``static/playground/*.js``)를 그대로 쓴다. 계산은 브라우저가 하므로 어디서 열어도 같다.
"""

from pathlib import Path

SCRIPTS = Path(__file__).parent / "static" / "playground"


def schedules():
    """학습률 스케줄 다섯 가지와 고정 학습률을 한 그림에 그리고, 고른 것으로 2차원 손실을 내려간다.

    반환: 셀의 마지막 줄에 두면 보이는 놀이터.

    예:
        >>> from homl11 import playground
        >>> playground.schedules()
        playground.schedules()
    """
    return Playground("schedules")


def l1_l2():
    """손실의 등고선이 ℓ1의 마름모와 ℓ2의 원에 닿는 곳을 규제 강도를 바꾸며 본다.

    반환: 셀의 마지막 줄에 두면 보이는 놀이터.

    예:
        >>> from homl11 import playground
        >>> playground.l1_l2()
        playground.l1_l2()
    """
    return Playground("l1_l2")


def dropout():
    """뉴런이 비율 p로 꺼지는 작은 신경망. 훈련, 추론, 몬테 카를로 표본을 견준다.

    반환: 셀의 마지막 줄에 두면 보이는 놀이터.

    예:
        >>> from homl11 import playground
        >>> playground.dropout()
        playground.dropout()
    """
    return Playground("dropout")


def max_norm():
    """기울기가 민 가중치 벡터를 반지름 r의 공으로 당기는 것을 스텝마다 본다.

    반환: 셀의 마지막 줄에 두면 보이는 놀이터.

    예:
        >>> from homl11 import playground
        >>> playground.max_norm()
        playground.max_norm()
    """
    return Playground("max_norm")


class Playground:
    """놀이터 하나. 한 문장이 적힌 자리와, 그 자리를 움직이는 놀이터로 바꾸는 스크립트이다.

    커널이 없어도 돈다. 그래서 저장한 노트북을 다시 열어도 그대로 움직인다. 스크립트를 막는 곳, 이를테면 믿지 않는
    노트북을 연 주피터랩에는 깨우는 법을 적은 문장만 남는다.

    인수: ``name`` 놀이터의 이름(``"dropout"``처럼).

    예:
        >>> from homl11 import playground
        >>> isinstance(playground.dropout(), playground.Playground)
        True
    """

    def __init__(self, name):
        self.name = name

    def __repr__(self):
        return f"playground.{self.name}()"

    def _repr_html_(self):
        style, *scripts = (
            (SCRIPTS / file).read_text(encoding="utf-8") for file in ("playground.css", "common.js", f"{self.name}.js")
        )
        # book/_ext/playground가 이 자리를 찾아 채운다.
        place = f'<div class="playground" data-playground="{self.name}">셀을 실행하면 놀이터가 열린다.</div>'
        # 같은 놀이터가 한 화면에 여럿이어도 이름이 부딪치지 않게 함수로 감싼다.
        script = "(() => {\n" + "\n".join(scripts) + "\n})();"
        return f"{place}\n<style>\n{style}</style>\n<script>\n{script}\n</script>"
