"""내보낼 꾸러미: 휠과 소스 묶음에 있을 것만 있고, 등록소가 받을 메타데이터이며, 묶음에서 같은 휠이 다시 나온다."""

import re
import shlex
import subprocess
import sys
import tarfile
import zipfile

import pytest
from packaging.metadata import Metadata

from authoring import ROOT, repository
from homl11 import __version__

NAME = f"homl11-{__version__}"
INFO = f"{NAME}.dist-info"
README = (ROOT / "README.md").read_text(encoding="utf-8")


def build(source, folder):
    """``make dist``의 명령으로 만든다. 명령을 Makefile에서 읽으므로 둘이 달라질 수 없다."""
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").split("\ndist:")[1]
    command = next(line for line in recipe.splitlines() if "hatchling build" in line)
    arguments = shlex.split(command.split("/python ")[1].replace("_build/dist", str(folder)))
    result = subprocess.run([sys.executable, *arguments], cwd=source, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return folder


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = build(ROOT, tmp_path_factory.mktemp("dist"))
    assert {path.name for path in folder.iterdir()} == {f"{NAME}-py3-none-any.whl", f"{NAME}.tar.gz"}
    return folder


@pytest.fixture(scope="module")
def wheel(built):
    """휠의 파일마다 그 내용."""
    with zipfile.ZipFile(built / f"{NAME}-py3-none-any.whl") as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def unpacked(built, tmp_path_factory):
    """소스 묶음을 푼 폴더."""
    folder = tmp_path_factory.mktemp("source")
    with tarfile.open(built / f"{NAME}.tar.gz") as archive:
        archive.extractall(folder, filter="data")
    assert [path.name for path in folder.iterdir()] == [NAME]
    return folder / NAME


@pytest.fixture(scope="module")
def package():
    """저장소에 있는 패키지의 파일마다 그 내용. 이름은 ``homl11/…``이다."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "src/homl11"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    return {name.removeprefix("src/"): (ROOT / name).read_bytes() for name in names if (ROOT / name).exists()}


def test_wheel_holds_the_package_and_its_licence_and_nothing_else(wheel, package):
    inside = {name: content for name, content in wheel.items() if not name.startswith(f"{INFO}/")}
    assert inside == package
    assert {"homl11/static/playground/common.js", "homl11/static/playground/playground.css"} < package.keys()
    about = {"METADATA", "WHEEL", "RECORD", "licenses/LICENSE"}
    assert wheel.keys() - package.keys() == {f"{INFO}/{name}" for name in about}
    assert wheel[f"{INFO}/licenses/LICENSE"] == (ROOT / "LICENSE").read_bytes()


def test_registry_would_take_the_metadata(wheel):
    """PyPI와 twine도 이 라이브러리로 견준다. 꼴이 틀리면 여기서 오류가 난다."""
    metadata = Metadata.from_email(wheel[f"{INFO}/METADATA"], validate=True)
    assert metadata.description == README and metadata.description_content_type == "text/markdown"
    assert metadata.license_expression == "MIT" and metadata.license_files == ["LICENSE"]
    assert str(metadata.version) == __version__
    url = repository.current()
    assert metadata.project_urls.keys() == {"Homepage", "Documentation", "Issues", "Changelog"}
    assert all(re.match(rf"{re.escape(url)}(/|$)", address) for address in metadata.project_urls.values())


def test_readme_leads_somewhere_from_the_registry_too():
    """등록소의 쪽에서는 저장소 안의 경로가 아무 데도 이어지지 않는다."""
    links = re.findall(r"\]\(([^)]+)\)", README)
    assert len(links) > 3 and all(link.startswith("https://") for link in links), links
    inside = [link.partition("/blob/main/")[2] for link in links if link.startswith(repository.current())]
    assert inside and all((ROOT / name).exists() for name in inside), inside


def test_source_is_complete_and_small(unpacked, package):
    found = {path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file()}
    about = {"README.md", "LICENSE", "CHANGELOG.md", "CITATION.cff", "pyproject.toml", "PKG-INFO", ".gitignore"}
    assert found == {f"src/{name}" for name in package} | about


def test_source_builds_the_same_wheel(unpacked, built, tmp_path):
    name = f"{NAME}-py3-none-any.whl"
    assert (build(unpacked, tmp_path) / name).read_bytes() == (built / name).read_bytes()
