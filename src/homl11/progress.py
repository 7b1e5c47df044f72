"""진행 막대. 오래 걸리는 일에만 나타나고, 끝나면 아무것도 남기지 않는다."""

import sys

from tqdm import tqdm

SHOW_AFTER = 3  # 초. 이보다 일찍 끝나는 일에는 나타나지 않는다


class Progress(tqdm):
    """노트북에서는 셀 아래에 보이다가 스스로 지워지는 ``tqdm``. 터미널에서는 보통의 ``tqdm``과 같다.

    노트북의 글자 막대는 지워진 자리에 빈칸을, 위젯 막대는 열 수 없는 위젯을 저장한다. 여기서는 막대를 고쳐 쓸 수 있는
    출력 하나에 그리고, 끝나면 비운다. 환경 변수 ``TQDM_DISABLE=1``이면 나타나지 않는다.

    인수: ``total`` 할 일의 수, ``desc`` 이름, ``unit`` 단위.

    예:
        >>> from homl11.progress import Progress
        >>> with Progress(3, "훈련", "에포크") as bar:
        ...     for _ in range(3):
        ...         shown = bar.update()
    """

    def __init__(self, total, desc, unit):
        self._output = None
        super().__init__(
            total=total, desc=desc, unit=unit, delay=SHOW_AFTER, leave=False, file=sys.stderr, gui=_in_notebook()
        )

    def display(self, msg=None, pos=None):
        if not self.gui:
            return super().display(msg, pos)
        from IPython.display import display

        text = {"text/plain": str(self) if msg is None else msg}
        if self._output is None:
            self._output = display(text, raw=True, display_id=True)
        else:
            self._output.update(text, raw=True)

    def close(self):
        super().close()
        if getattr(self, "_output", None):
            self._output.update({}, raw=True)
            self._output = None


def _in_notebook():
    """지금 주피터 커널 안인가."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return hasattr(shell, "kernel")
