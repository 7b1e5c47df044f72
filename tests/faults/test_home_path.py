"""홈 폴더의 이름에 빈칸과 한글이 있다. 저장소도 그 안에 있다."""

import json
import shutil

import pytest
from sandbox import Course

from grading import box

FIGURE = """
import warnings
warnings.simplefilter("error")
import matplotlib.pyplot as plt
from homl11.plots import use_korean_font
use_korean_font()
plt.title("한글")
plt.gcf().canvas.draw()
"""


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "홍 길동"
    folder.mkdir()
    return folder


@pytest.fixture
def course(home, environment):
    folder = home / "내 강좌"
    environment["PYTHONPATH"] = str(folder / "src")
    return Course(folder)


def test_data_and_figures_of_a_notebook(course, home, run, fashion_files):
    shutil.copytree(fashion_files, home / ".keras/datasets/fashion-mnist")
    path = course.notebook(FIGURE, "from homl11.data import load_dataset\nload_dataset('fashion_mnist')")
    result = run(*course.make("notebooks", "ONLY=99"))
    assert result.returncode == 0, result.stderr
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    assert "fashion_mnist: 훈련" in json.dumps(cells[1]["outputs"], ensure_ascii=False)


def test_submission_is_graded_inside_the_box(course, run):
    if reason := box.available():
        pytest.skip(reason)
    script = """
from grading.box import execute
[[output]] = execute(["import homl11.checks; print(homl11.checks.__file__)"], seed=1)
print(output["text"])
"""
    result = run((course.folder / ".venv").resolve() / "bin/python", "-c", script)
    assert str(course.folder) in result.stdout, result.stderr


def test_book_is_built(course, run):
    result = run(*course.make("book"))
    assert "책이 완성되었습니다" in result.stdout, result.stderr
    assert (course.folder / "_build/html/index.html").exists()
