"""노트북을 여는 단추의 주소. 저장소의 주소는 ``_config.yml`` 한 곳에서 온다."""

import json
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import yaml
from bs4 import BeautifulSoup

from authoring import NOTEBOOKS, ROOT, repository

REPOSITORY = repository.current().removeprefix("https://github.com/")
KEYS = sorted(path.stem for path in NOTEBOOKS.glob("[0-9]*.ipynb"))


def buttons(html):
    """쪽 위쪽의 단추에 걸린 주소들."""
    soup = BeautifulSoup(html, "html.parser")
    return [link["href"] for link in soup.select(".article-header-buttons a[href]")]


@pytest.fixture(scope="module")
def launch(site):
    return {key: buttons((site / "notebooks" / f"{key}.html").read_text(encoding="utf-8")) for key in KEYS}


@pytest.mark.parametrize("key", KEYS)
def test_colab_and_binder_open_this_notebook(launch, key):
    assert f"https://colab.research.google.com/github/{REPOSITORY}/blob/main/notebooks/{key}.ipynb" in launch[key]
    assert f"https://mybinder.org/v2/gh/{REPOSITORY}/main?urlpath=lab/tree/notebooks/{key}.ipynb" in launch[key]
    assert not any("hub/user-redirect" in address for address in launch[key])  # 허브의 주소는 아직 없다


@pytest.mark.parametrize("key", KEYS)
def test_download_gives_the_notebook(site, launch, key):
    address = next(address for address in launch[key] if address.endswith(".ipynb") and "//" not in address)
    downloaded = (site / "notebooks" / address).resolve()
    assert json.loads(downloaded.read_text(encoding="utf-8")) == json.loads((NOTEBOOKS / f"{key}.ipynb").read_text())


def test_binder_gets_a_python_that_the_package_accepts():
    version = re.fullmatch(r"python-(3\.\d+)\n", (ROOT / ".binder" / "runtime.txt").read_text(encoding="utf-8"))[1]
    assert f'requires-python = ">={version}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_hub_described_in_the_book_opens_this_notebook(tmp_path):
    """«실행하는 법»이 시키는 대로 한 줄을 더한 작은 책."""
    text = (ROOT / "book" / "how_to_run.md").read_text(encoding="utf-8")
    described = yaml.safe_load(re.search(r"```yaml\n(launch_buttons:.*?)```", text, re.DOTALL)[1])
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    small = {"title": "작은 책", "execute": config["execute"], "repository": config["repository"]}
    small["launch_buttons"] = config["launch_buttons"] | described["launch_buttons"]
    (tmp_path / "_config.yml").write_text(yaml.safe_dump(small), encoding="utf-8")
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: index\nchapters: [{file: notebooks/01_power}]\n")
    (tmp_path / "index.md").write_text("# 작은 책\n", encoding="utf-8")
    (tmp_path / "notebooks").mkdir()
    cells = [nbformat.v4.new_markdown_cell("# 노트북")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "notebooks" / "01_power.ipynb")
    command = [Path(sys.executable).with_name("jupyter-book"), "build", tmp_path, "-q"]
    subprocess.run(command, check=True, capture_output=True)
    html = (tmp_path / "_build" / "html" / "notebooks" / "01_power.html").read_text(encoding="utf-8")
    name = REPOSITORY.split("/")[1]
    assert (
        f"{described['launch_buttons']['jupyterhub_url']}/hub/user-redirect/git-pull"
        f"?repo=https%3A//github.com/{REPOSITORY}&urlpath=lab/tree/{name}/notebooks/01_power.ipynb&branch=main"
    ) in buttons(html)
