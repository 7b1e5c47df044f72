"""쪽이 쓰는 남의 파일을 npm 등록소에서 받아 책과 함께 둔다: ``python -m authoring.vendor``.

그래야 읽는 사람의 브라우저가 바깥의 서버를 부르지 않는다. 판과 해시를 여기에 고정하고, 받은 것은 저장소에 넣지 않는다.
받지 못하면 그 사실과, 책을 읽을 때 브라우저가 대신 부를 곳을 말하고 그대로 끝난다.
"""

import base64
import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from authoring import ROOT
from authoring.lock import locked

VENDOR = ROOT / "book" / "_static" / "vendor"


class Unavailable(Exception):
    """npm이 없거나 등록소에 닿지 않는다."""


@dataclass(frozen=True)
class Package:
    """등록소의 꾸러미 하나와 그 가운데 쓸 파일들(이름의 앞부분). 라이선스도 함께 둔다."""

    name: str
    version: str
    integrity: str
    files: tuple[str, ...]


MATHJAX = Package(
    "mathjax",
    "3.2.2",
    "sha512-Bt+SSVU8eBG27zChVewOicYs7Xsdt40qm4+UpHyX7k0/O9NliPc+x77k1/FEsPsjKPZGJvtRZM1vO+geW0OhGw==",
    # 수식의 오른쪽 단추 메뉴(ui, a11y)와 드문 명령(input/tex/extensions)까지. 음성 합성의 사전은 영어뿐이라 뺀다.
    (
        "LICENSE",
        "es5/tex-chtml.js",
        "es5/output/chtml/fonts/woff-v2/",
        "es5/input/tex/extensions/",
        "es5/ui/",
        "es5/a11y/",
    ),
)
PRETENDARD = Package(
    "pretendard",
    "1.3.9",
    "sha512-PaQAADyLY5v4kYFwkpSJHbSSYIkiriY/1xXw75TKoZ9UQQqeU+tvP05yTdZAWibiIYoo8ZKtRv8PM7w0IaywSw==",
    # 글자 묶음으로 나뉜 보통 굵기. book/_ext/hangul_font.py가 쪽에 단다.
    (
        "dist/LICENSE.txt",
        "dist/web/static/pretendard-dynamic-subset.css",
        "dist/web/static/woff2-dynamic-subset/Pretendard-Regular.subset.",
    ),
)
AXE = Package(
    "axe-core",
    "4.14.1",
    "sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
    ("LICENSE", "axe.min.js"),
)
REVEAL = Package(
    "reveal.js",
    "5.2.1",
    "sha512-r7//6mIM5p34hFiDMvYfXgyjXqGRta+/psd9YtytsgRlrpRzFv4RbH76TXd2qD+7ZPZEbpBDhdRhJaFgfQ7zNQ==",
    ("LICENSE", "dist/reveal.js", "dist/reveal.css"),
)


def download(package, folder):
    """npm에 설정된 등록소에서 꾸러미를 받아, 고정한 해시와 같은지 확인하고 그 파일을 돌려준다."""
    npm = shutil.which("npm")
    if npm is None:
        raise Unavailable("npm이 없습니다")
    command = [npm, "pack", f"{package.name}@{package.version}", "--prefer-offline"]
    # 네트워크가 없으면 곧 그만둔다. 기본은 두 번, 10초 뒤에야 다시 한다.
    hurry = ["--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-timeout=60000"]
    try:
        result = subprocess.run([*command, *hurry], cwd=folder, capture_output=True, text=True, timeout=600)
    except subprocess.TimeoutExpired as error:
        raise Unavailable("npm 등록소가 답하지 않습니다") from error
    archive = next(Path(folder).glob("*.tgz"), None)
    if result.returncode or archive is None:
        raise Unavailable("npm 등록소에서 받지 못했습니다")
    digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if f"sha512-{digest}" != package.integrity:
        raise SystemExit(f"{package.name} {package.version}의 내용이 고정한 해시와 다릅니다. 쓰지 않고 멈춥니다.")
    return archive


def fetch(package, folder=VENDOR):
    """``folder/이름``에 꾸러미의 파일을 둔다. 같은 판이 이미 있으면 아무 일도 하지 않는다."""
    target = folder / package.name
    stamp = target / "integrity.txt"
    with locked(folder / ".lock"):
        if stamp.exists() and stamp.read_text(encoding="utf-8") == package.integrity:
            return target
        # 옆에서 다 푼 다음 옮긴다. 도중에 멈춰도 반만 풀린 것을 남기지 않는다.
        with tempfile.TemporaryDirectory(dir=folder, prefix=".") as temporary:
            with tarfile.open(download(package, temporary)) as archive:
                prefixes = tuple(f"package/{name}" for name in package.files)
                wanted = [member for member in archive if member.name.startswith(prefixes)]
                archive.extractall(temporary, members=wanted, filter="data")
            unpacked = Path(temporary) / "package"
            (unpacked / stamp.name).write_text(package.integrity, encoding="utf-8")
            shutil.rmtree(target, ignore_errors=True)
            unpacked.rename(target)
    return target


def main(folder=VENDOR):
    try:
        fetch(MATHJAX, folder)
    except Unavailable as reason:
        print(f"MathJax를 책에 담지 못했습니다: {reason}.")
        print("책은 그대로 만듭니다. 다만 읽는 사람의 브라우저가 cdn.jsdelivr.net에서 MathJax를 받아 수식을 그립니다.")
    try:
        fetch(PRETENDARD, folder)
    except Unavailable as reason:
        print(f"한글 글꼴을 책에 담지 못했습니다: {reason}.")
        print("책은 그대로 만듭니다. 다만 한글 글꼴이 없는 컴퓨터에서는 글자가 네모로 보입니다.")


if __name__ == "__main__":
    main()
