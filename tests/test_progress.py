"""진행 막대."""

from types import SimpleNamespace

import pytest

from homl11 import progress
from homl11.progress import Progress


class Output:
    """고쳐 쓸 수 있는 주피터 출력 하나. 보인 것을 차례로 간직한다."""

    def __init__(self):
        self.shown = []

    def update(self, data, raw):
        self.shown.append(data)


@pytest.fixture
def output(monkeypatch):
    """주피터 커널 안인 척한다."""
    output = Output()

    def display(data, raw, display_id):
        output.update(data, raw)
        return output

    monkeypatch.setattr(progress, "_in_notebook", lambda: True)
    monkeypatch.setattr("IPython.display.display", display)
    return output


def work():
    with Progress(total=2, desc="일", unit="개") as bar:
        bar.update()
        bar.update()


@pytest.mark.parametrize(
    "shell, inside", [(None, False), (SimpleNamespace(), False), (SimpleNamespace(kernel=1), True)]
)
def test_only_a_shell_with_a_kernel_is_a_notebook(shell, inside, monkeypatch):
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    assert progress._in_notebook() is inside


def test_short_work_writes_nothing(bars, capsys):
    work()
    assert capsys.readouterr() == ("", "")


def test_short_work_shows_nothing_in_a_notebook(bars, output):
    work()
    assert output.shown == []


def test_long_work_shows_every_step(bars, capsys):
    bars()
    work()
    written = capsys.readouterr().err
    assert [f"{n}/2" in written for n in (0, 1, 2)] == [True] * 3


def test_long_work_clears_its_line(bars, capsys):
    bars()
    work()
    assert capsys.readouterr().err.endswith("\r")


def test_long_work_updates_one_output_of_a_notebook(bars, output, capsys):
    bars()
    work()
    assert [f"{n}/2" in data["text/plain"] for n, data in zip((1, 2), output.shown)] == [True, True]
    assert capsys.readouterr() == ("", "")


def test_long_work_leaves_nothing_in_a_notebook(bars, output):
    bars()
    work()
    assert output.shown[-1] == {}
