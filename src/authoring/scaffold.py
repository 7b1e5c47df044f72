"""새 노트북의 뼈대를 만든다: ``python -m authoring.scaffold 14_name "제목"``.

절의 차례, 설치 셀, 그림의 이름은 모든 노트북이 같아야 하고 시험이 지킨다. 손으로 옮기다 어긋나지 않게 여기서 쓴다.
코드 셀은 처음부터 돌아간다. 쓸 곳마다 ``TODO``를 두고, 남아 있으면 시험이 빨갛다.
"""

import re
import sys

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from authoring import NOTEBOOKS, ROOT, repository
from authoring.notebooks import write

TODO = "✎"
NAME = r"(\d\d)_[a-z0-9]+(?:_[a-z0-9]+)*"

SETUP = """\
# 도우미 패키지가 없으면(Colab) 설치한다. 있으면 아무 일도 하지 않는다.
import importlib.util

if importlib.util.find_spec("homl11") is None:
    %pip install -q "git+{url}@main\""""

IMPORTS = """\
import homl11  # 텐서플로를 조용히 불러온다
import keras
import matplotlib.pyplot as plt
import numpy as np

from homl11.data import load_dataset
from homl11.display import measured, verdict
from homl11.plots import plot_history, use_korean_font
from homl11.significance import verdicts
from homl11.training import Recipe, compare

use_korean_font()
data = load_dataset()
data"""

OPENING = """\
# {title}

[Colab에서 열기](https://colab.research.google.com/github/{repository}/blob/main/notebooks/{name}.ipynb) · \
CPU로 ✎분쯤 걸린다 · GPU는 필요 없다

✎ 무엇을, 왜 배우는지 두세 문장으로 쓴다.

## 학습 목표

- ✎ «…한다»로 끝나는, 해 보일 수 있는 일을 셋쯤 쓴다."""

PREDICTION = """\
## 예상해 보기

✎ 답하는 셀보다 앞에서 묻는다. 읽는 사람이 틀리기 쉬운 것이 좋다.

**✎ 하나만 물을 때는 번호를 달지 않는다. 둘부터는 «1. »로 시작하는가?**

- ✎ 흔한 오해
- ✎ 옳은 것

<details class="answer">
<summary>답 보기</summary>

**✎ 옳은 것.** ✎ 까닭을 한두 문장으로 쓴다. 결과는 저장된 판정이 말하는 것만 쓰고 주장 장부에 적는다.

- ✎ 흔한 오해: ✎ 어떤 실수이고 어떻게 알아보는지 쓴다.

</details>"""

CONCEPT = """\
## 개념과 식

✎ 식을 쓰고 글자마다 뜻과 단위를 적는다. 용어의 영어는 처음 나올 때 한 번 괄호에 넣는다."""

BY_HAND = """\
## 직접 구현

✎ 식을 그대로 옮긴 순수한 함수를 쓴다."""

BY_HAND_CODE = """\
def by_hand(x):
    return np.maximum(x, 0)


points = np.array([-2.0, 0.0, 3.0])
verdict("✎ 0보다 작은 값은 0이 된다", (by_hand(points) >= 0).all())
verdict("✎ 모든 값이 그대로이다", (by_hand(points) == points).all())"""

KERAS = """\
## Keras로

✎ 케라스에 같은 것이 있으면 그것을 쓰고, 직접 구현과 같은지 확인한다."""

KERAS_CODE = """\
verdict("✎ 직접 구현과 같다", np.allclose(keras.ops.relu(points), by_hand(points)))"""

TRAINING = """\
## 훈련과 그림

✎ 무엇을 견주는지, 에포크와 씨앗이 몇인지 쓴다. 결과의 수는 글에 적지 않는다."""

TRAINING_CODE = """\
recipes = {
    "고정 0.05": Recipe(lambda: keras.optimizers.SGD(0.05)),
    "고정 0.01": Recipe(lambda: keras.optimizers.SGD(0.01)),
}
result = compare(recipes, data, epochs=5, seeds=range(3))"""

FIGURE_CODE = """\
plot_history(result.history, ["val_loss"], ylabel="검증 손실")
plt.show()"""

FIGURE = {
    "image": {"alt": "✎ 그림을 보지 못하는 사람에게 축과 곡선이 어떻게 움직이는지 두세 문장으로 말한다."},
    "figure": {"caption": "✎ 무엇을 그렸는지 한 문장으로 쓴다.", "name": ""},
}

EVIDENCE_CODE = """\
larger, smaller = (result.final(name, "test_loss") for name in recipes)
verdicts({"✎ 고정 0.05 - 고정 0.01, 테스트 손실": larger - smaller})
means = {name: result.interval(name, "test_loss")[0] for name in recipes}
measured(0.01, of="테스트 손실", **means)"""

PITFALL = """\
## 흔한 함정

<div class="admonition warning">
<p class="admonition-title">흔한 함정: ✎</p>

✎ 많은 사람이 이렇게 쓴다. 무엇이 일어나는지, 어떻게 고치는지 쓴다.

</div>"""

PITFALL_CODE = """\
verdict("✎ 함정이 지금도 재현된다", not keras.optimizers.SGD(0.05).nesterov)"""

CLOSING = """\
## 확인 문제

**1. ✎ 계산하거나 까닭을 말해야 풀리는 문제를 셋쯤 썼는가?**

- ✎ 흔한 실수로 나오는 답
- ✎ 옳은 답
- ✎ 또 다른 실수로 나오는 답

<details class="answer">
<summary>답 보기</summary>

**✎ 옳은 답.** ✎ 푸는 길을 쓴다.

- ✎ 흔한 실수로 나오는 답: ✎ 어떤 실수인지 쓴다.
- ✎ 또 다른 실수로 나오는 답: ✎ 어떤 실수인지 쓴다.

</details>

**2. ✎ 물음마다 고를 것은 둘에서 넷이고, 옳은 것이 늘 맨 앞은 아닌가?**

- ✎ 옳은 답
- ✎ 흔한 실수로 나오는 답

<details class="answer">
<summary>답 보기</summary>

**✎ 옳은 답.** ✎ 푸는 길을 쓴다.

- ✎ 흔한 실수로 나오는 답: ✎ 어떤 실수인지 쓴다.

</details>

## 정리

- ✎ 기억할 것을 셋쯤 쓴다.

## 더 읽을거리

- ✎ 문서나 논문 하나와, 거기서 볼 것.
- ✎ 다음: 다음 노트북 · [바로잡기](../book/traps.md) · [참고 문헌](../book/references.md)"""


def build(name, title, url):
    """``name``(``14_name``)의 뼈대."""
    number, _, key = name.partition("_")
    figure = FIGURE | {"figure": FIGURE["figure"] | {"name": f"fig-{key.replace('_', '-')}"}}
    cells = [
        new_markdown_cell(OPENING.format(title=title, name=name, repository=url.removeprefix("https://github.com/"))),
        new_code_cell(SETUP.format(url=url)),
        new_code_cell(IMPORTS),
        *map(new_markdown_cell, (PREDICTION, CONCEPT, BY_HAND)),
        new_code_cell(BY_HAND_CODE),
        new_markdown_cell(KERAS),
        new_code_cell(KERAS_CODE),
        new_markdown_cell(TRAINING),
        new_code_cell(TRAINING_CODE),
        new_code_cell(FIGURE_CODE, metadata={"mystnb": figure}),
        new_code_cell(EVIDENCE_CODE),
        new_markdown_cell(PITFALL),
        new_code_cell(PITFALL_CODE),
        new_markdown_cell(CLOSING),
    ]
    for position, cell in enumerate(cells):
        cell.id = f"{number}-{position:02}"  # 무작위 이름은 만들 때마다 달라 차이를 읽기 어렵다
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}})


def create(name, title, root=ROOT):
    """뼈대를 쓰고 그 경로를 돌려준다. 이름이 틀렸거나 이미 있으면 아무것도 쓰지 않고 멈춘다."""
    match = re.fullmatch(NAME, name)
    if not match:
        raise SystemExit(
            f"'{name}'은 노트북의 이름이 될 수 없습니다. "
            "14_label_smoothing처럼 두 자리 수, 밑줄, 영어 소문자로 적으세요."
        )
    title = title.strip()
    if not title or "\n" in title:
        raise SystemExit('제목이 없거나 한 줄이 아닙니다. TITLE="라벨 스무딩"처럼 한 줄로 적으세요.')
    folder = root / NOTEBOOKS.name
    taken = sorted(folder.glob(f"{match[1]}_*.ipynb"))
    if taken:
        numbers = [int(path.stem[:2]) for path in folder.glob("[0-9][0-9]_*.ipynb")]
        raise SystemExit(
            f"{match[1]}번은 이미 있습니다: {taken[0].name}. 있는 노트북은 건드리지 않습니다. "
            f"다른 번호를 쓰세요(비어 있는 다음 번호: {max(numbers) + 1:02})."
        )
    path = folder / f"{name}.ipynb"
    write(build(name, title, repository.current(root)), path)
    return path


def main(arguments):
    if len(arguments) != 2:
        raise SystemExit('이름과 제목을 주세요: make notebook NAME=14_label_smoothing TITLE="라벨 스무딩"')
    path = create(*arguments)
    print(f"""만듦: {path.relative_to(ROOT)}

다음에 할 일 (자세한 것은 CONTRIBUTING.md에 있습니다):
  1. .venv/bin/jupyter lab notebooks로 열어 {TODO} 표시를 모두 채우세요.
  2. make notebooks ONLY={path.stem}으로 출력을 저장하세요.
  3. _toc.yml에 한 줄을 더하고, 앞 노트북의 «다음» 링크를 고치세요: - file: notebooks/{path.stem}
  4. 연습 문제를 더하세요: make exercise NAME={path.stem}/task ASSIGNMENT=schedules TITLE="제목"
  5. make test가 초록인지 보세요.""")


if __name__ == "__main__":
    main(sys.argv[1:])
