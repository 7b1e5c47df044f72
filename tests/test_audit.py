"""취약점 검사가 아는 것을 찾고, 모르면 모른다고 하는지. 자료는 OSV의 꼴로 여기서 만들어 이 기계의 서버로 내준다."""

import json
import os
import threading
import time
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from authoring import ROOT
from authoring.audit import affects, findings, locked, main

LOCK = """# make lock
left-pad==1.3.0 \\
    --hash=sha256:00
tensor-thing==2.0 ; python_full_version < '3.12' \\
    --hash=sha256:00
tensor-thing==3.0 ; python_full_version >= '3.12' \\
    --hash=sha256:00
    # via left-pad
"""


def record(number, name, *events, ecosystem="PyPI", versions=(), **more):
    ranges = [{"type": "ECOSYSTEM", "events": list(events)}] if events else []
    package = {"ecosystem": ecosystem, "name": name}
    return {"id": number, "affected": [{"package": package, "ranges": ranges, "versions": list(versions)}], **more}


def archive(path, *entries):
    with zipfile.ZipFile(path, "w") as file:
        for entry in entries:
            file.writestr(f"{entry['id']}.json", json.dumps(entry))
    return path


@pytest.fixture
def audit(tmp_path):
    """``(자료, 받아들인 것, 인터넷)``으로 검사를 부르는 함수. 서버는 시험과 함께 끝난다."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    served = tmp_path / "served"
    served.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=served))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    (tmp_path / "requirements.lock").write_text(LOCK, encoding="utf-8")
    cache = tmp_path / "cache" / "osv.zip"

    def call(data=None, accepted=()):
        if data is None:
            (served / "all.zip").unlink(missing_ok=True)
        elif isinstance(data, bytes):
            (served / "all.zip").write_bytes(data)
        else:
            archive(served / "all.zip", *data)
        lines = "".join(f"{number} = '까닭'\n" for number in accepted)
        (tmp_path / "pyproject.toml").write_text(f"[tool.homl11.audit]\n{lines}", encoding="utf-8")
        address = f"http://127.0.0.1:{server.server_port}/all.zip"
        return main(tmp_path / "requirements.lock", tmp_path / "pyproject.toml", address, cache)

    call.cache = cache
    yield call
    server.shutdown()
    server.server_close()


SAFE = record("OSV-0", "somebody-else", {"introduced": "0"})


@pytest.mark.parametrize(
    "events, hit",
    [
        ([{"introduced": "0"}], True),
        ([{"introduced": "0"}, {"fixed": "2.10"}], True),
        ([{"introduced": "0"}, {"fixed": "2.9"}], False),
        ([{"introduced": "2.9"}], True),
        ([{"introduced": "2.9.post1"}], False),
        ([{"introduced": "0"}, {"last_affected": "2.9"}], True),
        ([{"introduced": "0"}, {"last_affected": "2.8"}], False),
        ([{"introduced": "0"}, {"fixed": "1.0"}, {"introduced": "2.0"}, {"fixed": "3.0"}], True),
        ([{"introduced": "0"}, {"fixed": "1.0"}, {"introduced": "3.0"}], False),
    ],
)
def test_ranges_are_read_as_the_schema_says(events, hit):
    affected = record("x", "y", *events)["affected"][0]
    assert affects(affected, "2.9") is hit


def test_listed_versions_count_without_ranges():
    affected = record("x", "y", versions=["2.9"])["affected"][0]
    assert affects(affected, "2.9") and not affects(affected, "2.10")


def test_finds_every_locked_version_and_nothing_else(tmp_path):
    data = archive(
        tmp_path / "all.zip",
        record("OSV-1", "Tensor.Thing", {"introduced": "0"}, {"fixed": "2.5"}),
        record("OSV-2", "left-pad", {"introduced": "0"}, ecosystem="npm"),
        record("OSV-3", "left-pad", {"introduced": "0"}, withdrawn="2026-01-01T00:00:00Z"),
        record("OSV-4", "left-pad", {"introduced": "읽을 수 없는 판"}),
        SAFE,
    )
    assert {(name, version, numbers[0]) for name, version, numbers, _ in findings(locked(LOCK), data)} == {
        ("tensor-thing", "2.0", "OSV-1"),
        ("left-pad", "1.3.0", "OSV-4"),
    }


def test_finding_is_told_and_fails_until_it_is_accepted_with_a_reason(audit, capsys):
    bad = record("OSV-1", "left-pad", {"introduced": "0"}, aliases=["CVE-1"], summary="너무 길게 채운다")
    assert audit([bad]) == 1
    assert "left-pad 1.3.0: OSV-1, CVE-1 너무 길게 채운다" in capsys.readouterr().out
    assert audit([bad], accepted=["CVE-1"]) == 0
    assert audit([SAFE], accepted=["CVE-1"]) == 1
    assert "CVE-1은 더는 걸리지 않습니다" in capsys.readouterr().out


def test_offline_run_uses_the_last_database_and_says_its_age(audit, capsys):
    assert audit() == 2 and "전에 받은 것도 없습니다" in capsys.readouterr().out
    assert audit([record("OSV-1", "left-pad", {"introduced": "0"})]) == 1
    os.utime(audit.cache, (time.time() - 3 * 86400,) * 2)
    capsys.readouterr()
    assert audit() == 1
    assert "3일 전에 받은 것으로 봅니다" in capsys.readouterr().out


def test_broken_download_does_not_replace_the_last_database(audit):
    audit([record("OSV-1", "left-pad", {"introduced": "0"})])
    kept = audit.cache.read_bytes()
    assert audit("<html>로그인하세요</html>".encode()) == 1
    assert audit.cache.read_bytes() == kept and len(list(audit.cache.parent.iterdir())) == 1


def test_old_database_does_not_say_that_all_is_well(audit, capsys):
    assert audit([SAFE]) == 0
    os.utime(audit.cache, (time.time() - 60 * 86400,) * 2)
    assert audit() == 2 and "60일 묵었습니다" in capsys.readouterr().out


def test_the_real_lock_is_read_whole():
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pins = locked(text)
    assert {"tensorflow", "keras", "uv"} <= pins.keys()
    assert sum(map(len, pins.values())) == text.count("==") - text.count(" == ")
