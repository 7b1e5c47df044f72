"""잠근 판들에 알려진 취약점이 있는지 본다: ``python -m authoring.audit``.

OSV의 파이썬 자료를 통째로 받아 두고 견준다. 그래서 무엇을 쓰는지 밖에 알리지 않고,
인터넷이 없으면 마지막에 받은 자료로 본다.
우리와 상관없는 것은 ``pyproject.toml``의 ``[tool.homl11.audit]``에 번호와 까닭을 적는다.
출처: OSV 스키마 1.7의 «Evaluation», https://ossf.github.io/osv-schema/#evaluation
"""

import json
import os
import shutil
import sys
import time
import tomllib
import urllib.request
import zipfile
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from authoring import ROOT

ADDRESS = "https://osv-vulnerabilities.storage.googleapis.com/PyPI/all.zip"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "homl11" / "osv-pypi.zip"
OLD = 30  # 일. 이보다 묵은 자료로는 «없다»고 말하지 않는다.


def locked(text):
    """``requirements.lock``의 글에서 ``{이름: {판, …}}``. 파이썬마다 판이 다른 것은 여럿이다."""
    pins = {}
    for line in text.splitlines():
        if line[:1].isalnum():
            requirement = Requirement(line.removesuffix("\\"))
            pins.setdefault(canonicalize_name(requirement.name), set()).add(next(iter(requirement.specifier)).version)
    return pins


def before(version, border):
    """``version < border``. 스키마에서 ``"0"``은 모든 판보다 앞이다."""
    return border != "0" and Version(version) < Version(border)


def affects(affected, version):
    """OSV의 ``affected`` 하나가 ``version``을 가리키는지. 목록에 있거나, 시작과 끝 사이에 들면 그렇다."""
    if version in affected.get("versions", ()):
        return True
    for events in (span["events"] for span in affected.get("ranges", ()) if span["type"] == "ECOSYSTEM"):
        inside = False
        for event in events:  # 앞에서부터 차례로 놓여 있다
            (kind, border), *_ = event.items()
            if kind == "introduced" and not before(version, border):
                inside = True
            elif kind == "fixed" and not before(version, border):
                inside = False
            elif kind == "last_affected" and before(border, version):
                inside = False
        if inside:
            return True
    return False


def records(archive):
    """살아 있는 취약점 기록들. 거두어진 것(``withdrawn``)은 뺀다."""
    with zipfile.ZipFile(archive) as file:
        for name in file.namelist():
            record = json.loads(file.read(name))
            if "withdrawn" not in record:
                yield record


def findings(pins, archive):
    """``pins``에 해당하는 취약점: ``[(이름, 판, 번호와 별명들, 한 줄), …]``."""
    found = []
    for record in records(archive):
        for affected in record.get("affected", ()):
            name = canonicalize_name(affected["package"]["name"]) if "package" in affected else None
            if name not in pins or affected["package"]["ecosystem"] != "PyPI":
                continue
            for version in pins[name]:
                try:
                    hit = affects(affected, version)
                except InvalidVersion:  # 기록의 판을 읽을 수 없으면 놓치는 것보다 사람이 보는 것이 낫다
                    hit = True
                if hit:
                    found.append((name, version, [record["id"], *record.get("aliases", ())], record.get("summary", "")))
    return found


def refresh(address=ADDRESS, cache=CACHE):
    """자료를 새로 받는다. 다 받아 열어 본 뒤에만 앞의 것과 바꾼다. 못 받으면 그 까닭을 돌려준다."""
    cache.parent.mkdir(parents=True, exist_ok=True)
    part = cache.with_suffix(f".{os.getpid()}.part")
    try:
        with urllib.request.urlopen(address, timeout=60) as answer, open(part, "wb") as file:
            shutil.copyfileobj(answer, file)
        with zipfile.ZipFile(part) as archive:
            if not archive.namelist():
                return "빈 자료가 왔습니다"
        part.replace(cache)
    except (OSError, zipfile.BadZipFile) as error:
        return str(error)
    finally:
        part.unlink(missing_ok=True)


def main(lock=ROOT / "requirements.lock", project=ROOT / "pyproject.toml", address=ADDRESS, cache=CACHE):
    """볼 것이 있으면 1, 볼 수 없으면 2를 돌려준다."""
    problem = refresh(address, cache)
    if problem and not cache.exists():
        print(f"취약점 자료를 받지 못했고, 전에 받은 것도 없습니다: {problem}")
        print("인터넷이 되는 곳에서 make audit을 한 번 부르세요.")
        return 2
    days = int((time.time() - cache.stat().st_mtime) / 86400)
    if problem:
        print(f"새 자료를 받지 못해 {days}일 전에 받은 것으로 봅니다: {problem}")

    pins = locked(lock.read_text(encoding="utf-8"))
    accepted = tomllib.loads(project.read_text(encoding="utf-8"))["tool"]["homl11"]["audit"]
    found, known = [], set()
    for name, version, numbers, summary in findings(pins, cache):
        if matched := accepted.keys() & set(numbers):
            known |= matched
        else:
            found.append(f"- {name} {version}: {', '.join(numbers)} {summary}")
    for line in sorted(set(found)):
        print(line)
    for number in sorted(accepted.keys() - known):
        print(f"- {number}은 더는 걸리지 않습니다. pyproject.toml의 [tool.homl11.audit]에서 지우세요.")
    if found:
        print("고친 판이 있으면 requirements.txt에 적거나 make lock UPGRADE=1을 부른 뒤 make test로 확인하세요.")
        print("우리와 상관없는 것이면 pyproject.toml의 [tool.homl11.audit]에 번호와 까닭을 적으세요.")
    if found or accepted.keys() - known:
        return 1
    print(f"꾸러미 {len(pins)}개에 알려진 취약점이 없습니다(받아들인 것 {len(known)}개).")
    if days > OLD:
        print(f"다만 자료가 {days}일 묵었습니다. 인터넷이 되는 곳에서 다시 부르세요.")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
