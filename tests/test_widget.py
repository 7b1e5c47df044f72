"""노트북에 놓이는 놀이터 위젯: 저장되는 출력, 그리고 Colab에서 켜야 하는 것."""

import subprocess
import sys
from types import SimpleNamespace

import nbformat
import pytest
from anywidget import _util
from nbformat.v4 import new_code_cell, new_notebook

from authoring import notebooks
from homl11 import playground

WIDGET = "application/vnd.jupyter.widget-view+json"
NAMES = ["schedules", "l1_l2", "dropout", "max_norm"]


@pytest.mark.parametrize("name", NAMES)
def test_output_is_the_same_every_time_and_holds_the_place(name):
    (first, _), (second, _) = (getattr(playground, name)()._repr_mimebundle_() for _ in range(2))
    assert first.pop(WIDGET)["model_id"] != second.pop(WIDGET)["model_id"]
    assert first == second
    assert first["text/plain"] == f"playground.{name}()"
    assert first["text/html"].startswith(f'<div class="playground" data-playground="{name}">셀을 실행하면')


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """놀이터 셀 하나를 실행해 저장한 노트북의 경로."""
    path = tmp_path_factory.mktemp("widget") / "01_tiny.ipynb"
    cell = new_code_cell("from homl11 import playground\n\nplayground.max_norm()")
    nbformat.write(new_notebook(cells=[cell]), path)
    notebooks.execute(path)
    return path


def test_stored_notebook_holds_no_widget(stored):
    assert "widget" not in stored.read_text(encoding="utf-8")
    [output] = nbformat.read(stored, as_version=4).cells[0].outputs
    assert output.data.keys() == {"text/plain", "text/html"}


@pytest.mark.parametrize("kept, passes", [("nothing", True), ("view", True), ("other", False)])
def test_nbval_compares_the_place_and_not_the_view(stored, tmp_path, kept, passes):
    """주피터랩에서 저장해 위젯이 남은 것도 견줄 수 있고, 다른 놀이터가 저장되어 있으면 빨갛다."""
    notebook = nbformat.read(stored, as_version=4)
    data = notebook.cells[0].outputs[0].data
    if kept == "view":
        data[WIDGET] = {"model_id": "0", "version_major": 2, "version_minor": 1}
    if kept == "other":
        data["text/html"] = data["text/html"].replace("max_norm", "dropout")
    path = tmp_path / "stored.ipynb"
    nbformat.write(notebook, path)
    command = [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "-p", "no:cacheprovider", "-q", path]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert (result.returncode == 0) == passes, result.stdout[-2000:]


def test_widget_without_a_stand_in_is_kept():
    """대신할 것이 없는 위젯은 남겨, 출력에 위젯이 있다고 test_style이 말하게 한다."""
    outputs = [
        nbformat.v4.new_output("display_data", {WIDGET: {}, "text/plain": "HBox()"}),
        nbformat.v4.new_output("display_data", {WIDGET: {}, "text/plain": "x", "text/html": "<p>x</p>"}),
    ]
    notebook = new_notebook(cells=[new_code_cell("x", outputs=outputs)])
    notebooks.forget_widgets(notebook)
    assert [WIDGET in output.data for output in notebook.cells[0].outputs] == [True, False]


def test_colab_loads_widgets_of_other_packages_without_being_asked(monkeypatch):
    """Colab은 ipywidgets 밖의 위젯을 막아 둔다. anywidget이 그것을 켜 주므로 학습자가 할 일이 없다."""
    calls = []
    colab = SimpleNamespace(
        enable_custom_widget_manager=lambda: calls.append("켬"),
        _widgets=SimpleNamespace(_installed_url="https://colab.example/manager.js"),
    )
    monkeypatch.setitem(sys.modules, "google.colab.output", colab)
    _util.enable_custom_widget_manager_once.cache_clear()
    try:
        data, metadata = playground.schedules()._repr_mimebundle_()
    finally:
        _util.enable_custom_widget_manager_once.cache_clear()
    assert calls == ["켬"] and WIDGET in data
    assert metadata == {WIDGET: {"colab": {"custom_widget_manager": {"url": "https://colab.example/manager.js"}}}}
