"""남의 파일을 받는 일: 고정한 것만 쓰고, 두 번 받지 않고, 받지 못해도 책은 만들어진다."""

import base64
import hashlib
import io
import os
import tarfile

import pytest

from authoring import vendor


@pytest.fixture
def archive():
    """등록소의 꾸러미처럼 생긴 묶음."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as packed:
        for name in ("LICENSE", "lib/wanted.js", "src/unwanted.js"):
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(name)
            packed.addfile(member, io.BytesIO(name.encode()))
    return buffer.getvalue()


@pytest.fixture
def registry(monkeypatch, tmp_path, archive):
    """npm인 척하는 명령. 묶음을 제자리에 두고, 몇 번 불렸는지 적는다."""
    (tmp_path / "archive").write_bytes(archive)
    calls = tmp_path / "calls"
    npm = tmp_path / "npm"
    npm.write_text(f"#!/bin/sh\necho 1 >> {calls}\ncp {tmp_path / 'archive'} example-1.0.0.tgz\n")
    npm.chmod(0o755)
    monkeypatch.setattr(vendor.shutil, "which", lambda name: str(npm))
    return lambda: len(calls.read_text().split())


@pytest.fixture
def package(archive):
    digest = base64.b64encode(hashlib.sha512(archive).digest()).decode()
    return vendor.Package("example", "1.0.0", f"sha512-{digest}", ("LICENSE", "lib/"))


def test_only_wanted_files_and_licence_are_kept(registry, package, tmp_path):
    target = vendor.fetch(package, tmp_path / "vendor")
    files = {path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()}
    assert files == {"LICENSE", "lib/wanted.js", "integrity.txt"}
    # 임시 폴더가 남지 않는다.
    assert sorted(path.name for path in (tmp_path / "vendor").iterdir()) == [".lock", "example"]


def test_same_version_is_fetched_once(registry, package, tmp_path):
    vendor.fetch(package, tmp_path / "vendor")
    vendor.fetch(package, tmp_path / "vendor")
    assert registry() == 1


def test_other_contents_are_refused(registry, package, tmp_path):
    (tmp_path / "archive").write_bytes(b"changed")
    with pytest.raises(SystemExit, match="해시"):
        vendor.fetch(package, tmp_path / "vendor")
    assert not (tmp_path / "vendor" / "example").exists()


def test_without_npm_the_reader_is_told_what_the_browser_will_fetch(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(vendor.shutil, "which", lambda name: None)
    vendor.main(tmp_path)
    assert "npm이 없습니다" in (said := capsys.readouterr().out) and "cdn.jsdelivr.net" in said
    assert "한글 글꼴을 책에 담지 못했습니다" in said


def test_hangul_font_is_kept_with_its_licence_and_one_weight():
    """진짜 등록소에서 받는다. 책을 만들 때 이미 받았으면 그것을 본다."""
    try:
        folder = vendor.fetch(vendor.PRETENDARD)
    except vendor.Unavailable as reason:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"글꼴을 받지 못했습니다: {reason}.")
    assert "SIL OPEN FONT LICENSE Version 1.1" in (folder / "dist/LICENSE.txt").read_text(encoding="utf-8")
    names = [path.name for path in folder.rglob("*.woff2")]
    assert len(names) == 92 and all(name.startswith("Pretendard-Regular.") for name in names)


def test_failing_registry_is_told_too(registry, tmp_path, capsys):
    (tmp_path / "npm").write_text("#!/bin/sh\nexit 1\n")
    vendor.main(tmp_path / "vendor")
    assert "등록소에서 받지 못했습니다" in capsys.readouterr().out
