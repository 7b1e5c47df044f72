"""잠근 파일이 요구 사항과 맞고, 설치된 것이 잠근 것과 맞는지."""

import json
import re
import subprocess
import sys
from importlib import metadata

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from authoring import ROOT

HUB = ROOT / "tests" / "hub"


def entries(path):
    return re.split(r"^(?=\w)", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]


def pins(path):
    return [Requirement(entry.split(" \\")[0]) for entry in entries(path)]


LOCKED = pins(ROOT / "requirements.lock")


@pytest.fixture(params=[ROOT, HUB], ids=["강좌", "허브"])
def lock(request):
    return request.param / "requirements.lock"


def test_lock_holds_what_requirements_name():
    """빨개지면 ``make lock``을 부른다."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    named = [Requirement(line.split(" #")[0]) for line in lines if re.match(r"\w", line)]
    locked = {(canonicalize_name(pin.name), str(pin.specifier)) for pin in LOCKED}
    assert {(canonicalize_name(pin.name), str(pin.specifier)) for pin in named} <= locked


def test_every_entry_is_one_version_with_hashes(lock):
    for pin, entry in zip(pins(lock), entries(lock)):
        assert re.fullmatch(r"==[\w.+]+", str(pin.specifier)), pin
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", entry), pin


def test_lock_names_no_place(lock):
    """받는 곳은 쓰는 사람의 pip이 정한다."""
    assert not re.search(r"https?:|--index|--find-links|file:|@ ", lock.read_text(encoding="utf-8"))


def test_hub_adds_only_what_the_course_lacks():
    """``.venv``의 것을 가리면 시험한 판이 아닌 것을 쓰게 된다."""
    added = pins(HUB / "requirements.lock")
    assert "jupyterhub" in {pin.name for pin in added}
    assert not {pin.name for pin in added} & {pin.name for pin in LOCKED}


def test_proxy_of_the_hub_is_locked_and_names_no_place():
    packages = json.loads((HUB / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    wanted = json.loads((HUB / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert packages.pop("")["dependencies"] == wanted
    for name, package in packages.items():
        assert package["integrity"].startswith("sha512-") and "resolved" not in package, name


def test_installed_versions_are_the_locked_ones():
    here = {canonicalize_name(pin.name): pin for pin in LOCKED if not pin.marker or pin.marker.evaluate()}
    assert {name: metadata.version(name) for name in here} == {
        name: next(iter(pin.specifier)).version for name, pin in here.items()
    }


def test_lock_lacks_nothing():
    """``--no-deps``로 설치하므로, 빠진 것이 있으면 여기서 드러난다."""
    check = subprocess.run([sys.executable, "-m", "pip", "check"], capture_output=True, text=True)
    assert check.returncode == 0, check.stdout
