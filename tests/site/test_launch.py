"""노트북을 여는 단추의 주소. 저장소의 주소는 ``_config.yml``에서, 거기 없으면 이 사본이 온 곳에서 온다."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import yaml
from bs4 import BeautifulSoup

from authoring import NOTEBOOKS, ROOT, repository

SMALL = ["book/index", "book/how_to_run", "notebooks/01_power", "book/glossary"]
KEYS = sorted(path.stem for path in NOTEBOOKS.glob("[0-9]*.ipynb"))


def buttons(html):
    """쪽 위쪽의 단추에 걸린 주소들."""
    soup = BeautifulSoup(html, "html.parser")
    return [link["href"] for link in soup.select(".article-header-buttons a[href]")]


@pytest.fixture(scope="module")
def launch(site):
    return {key: buttons((site / "notebooks" / f"{key}.html").read_text(encoding="utf-8")) for key in KEYS}


@pytest.mark.parametrize("key", KEYS)
def test_colab_and_binder_open_this_notebook(launch, key, repository_url):
    name = repository_url.removeprefix("https://github.com/")
    assert f"https://colab.research.google.com/github/{name}/blob/main/notebooks/{key}.ipynb" in launch[key]
    assert f"https://mybinder.org/v2/gh/{name}/main?urlpath=lab/tree/notebooks/{key}.ipynb" in launch[key]
    assert not any("hub/user-redirect" in address for address in launch[key])  # 허브의 주소는 아직 없다


@pytest.mark.parametrize("key", KEYS)
def test_download_gives_the_notebook_with_the_address(site, launch, key, repository_url):
    address = next(address for address in launch[key] if address.endswith(".ipynb") and "//" not in address)
    downloaded = (site / "notebooks" / address).resolve()
    text = (NOTEBOOKS / f"{key}.ipynb").read_text(encoding="utf-8")
    name = repository_url.removeprefix("https://github.com/")
    expected = nbformat.reads(text.replace(repository.UNSET, name), as_version=4)
    assert nbformat.read(downloaded, as_version=4) == expected


def test_edit_button_opens_what_can_be_read(site, launch, repository_url):
    """GitHub의 편집기에서 노트북은 JSON이다. 글은 편집기로, 노트북은 그려 보이는 쪽으로 간다."""
    assert f"{repository_url}/edit/main/book/glossary.md" in buttons((site / "book/glossary.html").read_text("utf-8"))
    for key, addresses in launch.items():
        assert f"{repository_url}/blob/main/notebooks/{key}.ipynb" in addresses
        assert not any("/edit/" in address for address in addresses)


def holders(folder):
    """적지 않은 주소가 남은 파일들."""
    unset = repository.UNSET.encode()
    return [path for path in folder.rglob("*") if path.is_file() and unset in path.read_bytes()]


def test_no_file_of_the_site_holds_the_unset_address(site):
    assert holders(site) == []


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """몇 쪽만 만드는 강좌의 사본. 부르면 origin을 바꾸고 책을 만들어 그 폴더를 준다."""
    folder = tmp_path_factory.mktemp("copy")
    for name in ("book", "notebooks", "src"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("vendor", "__pycache__"))
    # 책의 주소를 이미 적었더라도 적지 않은 것으로 시험한다.
    config = (ROOT / "_config.yml").read_text(encoding="utf-8")
    unset = config.replace(repository.current(), f"https://github.com/{repository.UNSET}")
    (folder / "_config.yml").write_text(unset, encoding="utf-8")
    chapters = [{"file": name} for name in SMALL[1:]]
    toc = yaml.safe_dump({"format": "jb-book", "root": SMALL[0], "chapters": chapters})
    (folder / "_toc.yml").write_text(toc, encoding="utf-8")
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GITHUB_")}

    def build(origin=None):
        subprocess.run(["git", "remote", "remove", "origin"], cwd=folder, capture_output=True)
        if origin:
            subprocess.run(["git", "remote", "add", "origin", origin], cwd=folder, check=True)
        command = [Path(sys.executable).with_name("jupyter-book"), "build", ".", "-q"]
        paths = {"PYTHONPATH": str(folder / "src")}
        subprocess.run(command, cwd=folder, env=environment | paths, check=True, capture_output=True)
        return folder / "_build" / "html"

    build.folder = folder
    return build


def links(site, name):
    soup = BeautifulSoup((site / f"{name}.html").read_text(encoding="utf-8"), "html.parser")
    return [link["href"] for link in soup.select("a[href], link[href]")]


def test_copy_without_a_host_has_no_door_that_stays_shut(copy, tmp_path):
    site = copy(str(tmp_path))  # 다른 폴더를 베낀 사본
    assert holders(site) == []
    for name in SMALL:
        doors = r"colab\.research|mybinder|github\.com/|/edit/|\.github\.io"
        assert [one for one in links(site, name) if re.search(doors, one)] == []
    said = (site / "book/how_to_run.html").read_text(encoding="utf-8")
    assert "이 책은 저장소의 주소를 모르고 만들었다" in said
    commands = BeautifulSoup(said, "html.parser").select(".highlight-bash pre")
    told = [pre.get_text() for pre in commands if "github.com/이름/저장소" in pre.get_text()]
    assert len(told) == 4 and all(repository.ADVICE in text for text in told)
    downloaded = nbformat.read(site / "_sources/notebooks/01_power.ipynb", as_version=4)
    assert "Colab" not in downloaded.cells[0].source
    install = next(cell.source for cell in downloaded.cells if cell.cell_type == "code")
    assert f"    {repository.ADVICE}\n    %pip install" in install
    assert repository.ADVICE in (site / "notebooks/01_power.html").read_text(encoding="utf-8")


def test_fork_gets_its_doors_from_its_origin(copy):
    """ssh로 받은 갈래. 같은 폴더에서 다시 만들어도 쪽이 모두 바뀐다."""
    copy()
    site = copy("git@github.com:lee/fork.git")
    assert holders(site) == []
    found = links(site, "notebooks/01_power")
    assert found.count("https://colab.research.google.com/github/lee/fork/blob/main/notebooks/01_power.ipynb") == 2
    assert "https://mybinder.org/v2/gh/lee/fork/main?urlpath=lab/tree/notebooks/01_power.ipynb" in found
    assert {"https://github.com/lee/fork", "https://lee.github.io/fork/notebooks/01_power.html"} <= set(found)
    assert any(one.startswith("https://github.com/lee/fork/issues/new") for one in found)
    said = (site / "book/how_to_run.html").read_text(encoding="utf-8")
    assert "주소를 모르고" not in said and "https://github.com/lee/fork" in said


def test_first_page_offers_the_pdf_that_was_made_before(copy):
    assert not any(one.endswith(".pdf") for one in links(copy(), "book/index"))
    pdf = copy.folder / "_build" / "pdf" / "book.pdf"
    pdf.parent.mkdir()
    pdf.write_bytes(b"%PDF")
    site = copy()
    (link,) = (one for one in links(site, "book/index") if one.endswith(".pdf"))
    assert (site / "book" / link).resolve().read_bytes() == b"%PDF"


def test_pages_are_published_with_the_pdf():
    text = (ROOT / ".github" / "workflows" / "pages.yml").read_text(encoding="utf-8")
    steps = [step.get("run", "") for step in yaml.safe_load(text)["jobs"]["build"]["steps"]]
    made = [name for step in steps for name in re.findall(r"^make (\w+)", step)]
    assert made.index("pdf") < made.index("slides")  # slides가 책을 만든다


def test_binder_gets_a_python_that_the_package_accepts():
    version = re.fullmatch(r"python-(3\.\d+)\n", (ROOT / ".binder" / "runtime.txt").read_text(encoding="utf-8"))[1]
    assert f'requires-python = ">={version}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_hub_described_in_the_book_opens_this_notebook(tmp_path):
    """«실행하는 법»이 시키는 대로 한 줄을 더한 작은 책."""
    text = (ROOT / "book" / "how_to_run.md").read_text(encoding="utf-8")
    described = yaml.safe_load(re.search(r"```yaml\n(launch_buttons:.*?)```", text, re.DOTALL)[1])
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    address = repository.current()
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
    name = address.rsplit("/", 1)[1]
    assert (
        f"{described['launch_buttons']['jupyterhub_url']}/hub/user-redirect/git-pull"
        f"?repo={address.replace(':', '%3A')}&urlpath=lab/tree/{name}/notebooks/01_power.ipynb&branch=main"
    ) in buttons(html)
