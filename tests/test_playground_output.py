"""노트북에 놓이는 놀이터: 저장되는 출력, 그리고 nbval이 견주는 것."""

import re
import subprocess
import sys

import nbformat
import numpy as np
import pytest
from IPython.core.formatters import DisplayFormatter
from nbformat.v4 import new_code_cell, new_notebook

from authoring import notebooks
from authoring.outputs import without_script
from homl11 import playground
from homl11.plots import method_styles

NAMES = list(playground.CONTROLS)


@pytest.mark.parametrize("name", NAMES)
def test_output_is_the_same_every_time_and_holds_the_place(name):
    (first, _), (second, _) = (DisplayFormatter().format(getattr(playground, name)()) for _ in range(2))
    assert first == second
    # 위젯은 커널과 함께 사라지고, 다시 연 노트북에 영어로 된 오류를 남긴다.
    assert first.keys() == {"text/plain", "text/html"}
    assert first["text/plain"] == f"playground.{name}()"
    place = f'<div class="playground" data-playground="{name}">셀을 실행하면 놀이터가 열린다.</div>'
    assert first["text/html"].startswith(place)
    assert first["text/html"].count("</script>") == first["text/html"].count("</style>") == 1
    assert without_script(first["text/html"]) == place


@pytest.mark.parametrize(
    "made, text, start",
    [
        (
            playground.schedules(schedule="1사이클", max_rate=0.35, log=True),
            "playground.schedules(schedule='1사이클', max_rate=0.35, log=True)",
            "schedule=one_cycle&amp;max_rate=0.35&amp;log=true",
        ),
        (playground.dropout(mode="몬테 카를로"), "playground.dropout(mode='몬테 카를로')", "mode=monte_carlo"),
        (playground.l1_l2(rho=np.float32(-0.8) + np.float32(0.1)), None, "rho=-0.7"),
    ],
)
def test_arguments_stand_in_the_place(made, text, start):
    place = without_script(made._repr_html_())
    assert place.startswith(f'<div class="playground" data-playground="{made.name}" data-start="{start}">셀을')
    assert text is None or repr(made) == text


@pytest.mark.parametrize(
    "name, start, told",
    [
        ("schedules", {"schedule": "one_cycle"}, "schedule='one_cycle': 고정, .* 가운데 하나여야 합니다."),
        ("schedules", {"momentum": 0.9}, "momentum=0.9: schedule, step, .* 가운데 하나만 정할 수 있습니다."),
        ("schedules", {"rate": "0.3"}, "rate='0.3': 0.001과 1 사이의 수여야 합니다."),
        ("schedules", {"log": 1}, "log=1: True나 False여야 합니다."),
        ("schedules", {"step": True}, "step=True: 0과 200 사이의 수여야 합니다."),
        ("max_norm", {"step": 41}, "step=41: 0과 40 사이의 수여야 합니다."),
        ("l1_l2", {"strength": float("nan")}, "strength=nan: 0과 4 사이의 수여야 합니다."),
    ],
)
def test_impossible_arguments_are_told_in_korean(name, start, told):
    with pytest.raises(ValueError, match=f"^{told}$"):
        getattr(playground, name)(**start)


def test_output_calls_no_server():
    assert "http" not in playground.dropout()._repr_html_().replace("http://www.w3.org/2000/svg", "")


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """놀이터 셀 하나를 실행해 저장한 노트북의 경로."""
    path = tmp_path_factory.mktemp("playground") / "01_tiny.ipynb"
    cell = new_code_cell("from homl11 import playground\n\nplayground.max_norm()")
    nbformat.write(new_notebook(cells=[cell]), path)
    notebooks.execute(path)
    return path


def test_stored_notebook_holds_the_place_alone(stored):
    [output] = nbformat.read(stored, as_version=4).cells[0].outputs
    assert output.data.keys() == {"text/plain", "text/html"}
    assert output.data["text/html"].endswith("열린다.</div>")


@pytest.mark.parametrize("kept, passes", [("place", True), ("script", True), ("other", False)])
def test_nbval_compares_the_place_and_not_the_script(stored, tmp_path, kept, passes):
    """주피터랩에서 저장해 스크립트가 남은 것도 견줄 수 있고, 다른 놀이터가 저장되어 있으면 빨갛다."""
    notebook = nbformat.read(stored, as_version=4)
    data = notebook.cells[0].outputs[0].data
    if kept == "script":
        data["text/html"] += "<script>옛 스크립트</script>"
    if kept == "other":
        data["text/html"] = data["text/html"].replace("max_norm", "dropout")
    path = tmp_path / "stored.ipynb"
    nbformat.write(notebook, path)
    command = [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "-q", path]
    command += ["-p", "no:cacheprovider", "-p", "authoring.nbval_measured"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert (result.returncode == 0) == passes, result.stdout[-2000:]


def test_other_html_is_left_alone():
    table = "<div><table></table></div><p>아래</p>"
    assert without_script(table) == table


def test_schedules_have_the_colour_and_line_of_the_figures():
    """검정은 둘레의 글자색으로 그리고, 이어진 선만 끊기지 않는다."""
    script = (playground.SCRIPTS / "schedules.js").read_text(encoding="utf-8")
    style = (playground.SCRIPTS / "playground.css").read_text(encoding="utf-8")
    names = dict(re.findall(r'(\w+): "([^"]+)"', script.partition("const SCHEDULES = {")[2].partition("};")[0]))
    dashes = dict(re.findall(r'(\w+): "([^"]+)"', script.partition("const DASHES = {")[2].partition("};")[0]))
    assert names.keys() == dashes.keys() and len(set(dashes.values())) == len(dashes) == 6
    for key, label in names.items():
        known = method_styles([label])[label]
        colour = re.search(
            rf"^\.pg-{key}\b[^{{]*\{{ --pg: ([#\w]+);|[ ,]\.pg-{key}\b[^{{]*\{{ --pg: ([#\w]+);", style, re.M
        )
        shown = next(filter(None, colour.groups())).replace("currentColor", "#000000")
        assert (shown.lower(), dashes[key] == "none") == (known["color"].lower(), known["linestyle"] == "-"), label
