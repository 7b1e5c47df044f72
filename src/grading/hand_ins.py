"""학습 관리 시스템에서 내려받은 것을 연다: 폴더, 그 안의 압축 파일, 압축 파일 안의 압축 파일까지.

낯선 사람이 만든 파일들이다. 폴더 밖을 가리키는 링크와 경로는 따라가지 않고, 크기와 수에는 끝이 있다. 이름은 모두 NFC로
맞춘다: macOS와 윈도는 같은 한글을 다르게 적는다.
"""

import contextlib
import os
import re
import stat
import struct
import tempfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from grading.messages import Problem, shown
from grading.repair import LARGEST

MANY = 20_000  # 파일
# 한 사람이 낸 압축 파일의 한계. 넘으면 그것만 받지 않는다: 한 사람이 반 전체를 막을 수는 없다.
PACKED = 5_000  # 파일
UNPACKED = 1_000_000_000  # 바이트
DEEP = 4  # 압축 파일 안의 압축 파일
HIDDEN = {"__MACOSX", "Thumbs.db", "desktop.ini", "$RECYCLE.BIN"}
ARCHIVES = (".7z", ".rar", ".egg", ".alz", ".tar", ".gz", ".tgz", ".bz2", ".xz")
ATTEMPT = re.compile(r"attempt_(\d{4})-(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d)")  # Blackboard


@dataclass
class HandIn:
    """받은 노트북 하나: 놓인 자리(바깥 폴더부터 파일까지), 낸 때, 그때를 어디서 알았는지, 읽는 법."""

    place: tuple[str, ...]
    time: datetime
    clock: str
    size: int
    read: Callable[[], bytes] = field(repr=False)
    student: str | None = None
    reason: str = ""  # 학생을 무엇으로 알았는지
    doubt: str = ""  # 그것이 왜 의심스러운지
    notes: list[str] = field(default_factory=list)
    secret: str = ""  # 교환소에서 왔으면 피드백을 돌려줄 때 쓰는 글

    def __str__(self):
        return shown("/".join(self.place))

    @property
    def levels(self):
        """학생의 이름이 있을 만한 곳: 파일의 이름, 그리고 안쪽 폴더부터 바깥 폴더까지."""
        return self.place[::-1]


@dataclass
class Opened:
    """연 것: 노트북들, 노트북이 아닌 파일들(자리), 받지 않은 것과 그 까닭."""

    hand_ins: list[HandIn] = field(default_factory=list)
    others: list[tuple[str, ...]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    count: int = 0
    packed: list[int] | None = None  # 열고 있는 압축 파일에서 지금까지 나온 파일의 수와 바이트

    def refuse(self, place, why):
        self.problems.append(f"{shown('/'.join(place))}: {why}")

    def weigh(self, size):
        """파일 하나를 더 세고, 너무 많으면 멈춘다."""
        self.count += 1
        if self.count > MANY:
            raise Problem(f"파일이 {MANY:,}개를 넘습니다. 과제 하나를 내려받은 폴더가 맞는지 보세요.")
        if self.packed:
            self.packed = [self.packed[0] + 1, self.packed[1] + size]
            if self.packed[0] > PACKED or self.packed[1] > UNPACKED:
                raise TooMuch

    @contextlib.contextmanager
    def unpacking(self, place):
        """바깥쪽 압축 파일 하나. 한계를 넘으면 거기서 나온 것을 모두 버린다."""
        if self.packed:
            yield
            return
        before = self.count, len(self.hand_ins), len(self.others), len(self.problems)
        self.packed = [0, 0]
        try:
            yield
        except TooMuch:
            self.count, *kept = before
            for found, number in zip((self.hand_ins, self.others, self.problems), kept):
                del found[number:]
            self.refuse(place, f"압축을 풀면 너무 많거나 큽니다(파일 {PACKED:,}개, {UNPACKED / 1e9:g}GB까지).")
        finally:
            self.packed = None


class TooMuch(Exception):
    """압축 파일 하나가 한계를 넘었다."""


@contextlib.contextmanager
def opened(path):
    """폴더나 압축 파일을 연다. ``with``를 나가면 닫힌다."""
    path, found = Path(path), Opened()
    if not path.exists():
        raise Problem(f"{path}라는 폴더가 없습니다.")
    with contextlib.ExitStack() as stack:
        if path.is_dir():
            walk(path, found, stack)
        elif path.suffix.lower() == ".zip":
            unzip(path, (), found, stack, DEEP)
            if found.problems and not found.count:
                raise Problem(found.problems[0].removeprefix(": "))
        else:
            raise Problem(f"{path}는 폴더도 압축 파일(.zip)도 아닙니다. 내려받은 노트북이 든 폴더를 주세요.")
        if not (found.hand_ins or found.others or found.problems):
            raise Problem(f"{path}가 비어 있습니다. 내려받은 노트북이 든 폴더를 주세요.")
        yield found


def normal(name):
    """NFC로 맞춘 이름. UTF-8이 아닌 이름은 한국어 윈도(cp949)의 것으로 읽는다."""
    try:
        name.encode()
    except UnicodeError:
        with contextlib.suppress(UnicodeError):
            name = os.fsencode(name).decode("cp949")
    return unicodedata.normalize("NFC", name)


def hidden(part):
    """운영 체제와 주피터가 스스로 만든 것. 이름 없이 끝만 있는 노트북(``.ipynb``)은 사람이 만든 것이다."""
    return part in HIDDEN or (part.startswith(".") and part.lower() != ".ipynb")


def walk(folder, found, stack):
    def closed(error):
        found.refuse(tuple(map(normal, Path(error.filename).relative_to(folder).parts)), "열 수 없는 폴더입니다.")

    for parent, folders, files in os.walk(folder, onerror=closed):
        here = Path(parent)
        where = tuple(map(normal, here.relative_to(folder).parts))
        for name in sorted(folders):
            if (here / name).is_symlink() and not hidden(name):
                found.refuse((*where, normal(name)), "다른 곳을 가리키는 링크입니다. 따라가지 않았습니다.")
        folders[:] = sorted(name for name in folders if not hidden(name) and not (here / name).is_symlink())
        for name in sorted(files):
            path, place = here / name, (*where, normal(name))
            if hidden(name):
                continue
            about = path.lstat()
            if stat.S_ISLNK(about.st_mode):
                found.refuse(place, "다른 곳을 가리키는 링크입니다. 따라가지 않았습니다.")
            elif not stat.S_ISREG(about.st_mode):
                found.refuse(place, "보통 파일이 아닙니다. 열지 않았습니다.")
            else:
                modified = datetime.fromtimestamp(about.st_mtime, UTC)
                take(place, about.st_size, modified, "파일", lambda path=path: path.open("rb"), found, stack, DEEP)


def take(place, size, time, clock, open_file, found, stack, depth):
    """파일 하나를 노트북, 압축 파일, 다른 것으로 나눈다."""
    name = place[-1].lower()
    if name.endswith(".ipynb"):
        found.weigh(size if size <= LARGEST else 0)  # 더 큰 것은 읽지 않는다
        if match := ATTEMPT.search("/".join(place)):
            with contextlib.suppress(ValueError):
                time, clock = datetime(*map(int, match.groups())).astimezone(UTC), "파일 이름"
        found.hand_ins.append(HandIn(place, time, clock, size, lambda: content(open_file)))
    elif name.endswith(".zip"):
        # 작은 것은 메모리에 둔다. 600명의 압축 파일을 모두 열어 두면 열 수 있는 파일의 수를 넘긴다.
        inner = stack.enter_context(tempfile.SpooledTemporaryFile(max_size=1_000_000))
        with found.unpacking(place):
            try:
                with open_file() as file:
                    while piece := file.read(1_000_000):
                        found.weigh(len(piece))
                        inner.write(piece)
            except UNREADABLE as error:
                found.refuse(place, broken(error))
            else:
                unzip(inner, place, found, stack, depth)
    elif name.endswith(ARCHIVES):
        found.refuse(place, "열 줄 모르는 압축 파일입니다. 풀어서 폴더로 두거나 zip으로 다시 묶으세요.")
    else:
        found.weigh(0)
        found.others.append(place)


# 암호가 걸린 것은 RuntimeError, 모르는 압축은 NotImplementedError이다.
UNREADABLE = (OSError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, struct.error)


def broken(error):
    if isinstance(error, PermissionError):
        return "읽을 권한이 없습니다."
    if isinstance(error, RuntimeError) and "encrypted" in str(error):
        return "암호가 걸린 압축 파일입니다. 암호를 풀어 주세요."
    return "압축 파일이 깨졌거나 열 수 없습니다. 다시 내려받으세요."


def content(open_file):
    """파일의 내용. 적힌 크기는 거짓일 수 있으므로 크다는 것을 알 만큼만 읽는다. 읽을 수 없으면 ``OSError``."""
    try:
        with open_file() as file:
            return file.read(LARGEST + 1)
    except UNREADABLE as error:
        raise OSError(broken(error)) from error


def unzip(file, where, found, stack, depth):
    """압축 파일의 내용을 더한다. ``where``는 압축 파일이 놓인 자리이고, 그 이름도 폴더 하나로 센다."""
    if not depth:
        return found.refuse(where, "압축 파일 안에 압축 파일이 너무 여러 겹입니다. 풀어서 폴더로 두세요.")
    try:
        archive = stack.enter_context(zipfile.ZipFile(file))
        members = archive.infolist()
    except (*UNREADABLE, ValueError) as error:
        return found.refuse(where, broken(error))
    for info in members:
        parts = [part for part in decoded(info).replace("\\", "/").split("/") if part not in ("", ".")]
        place = (*where, *map(normal, parts))
        kind = stat.S_IFMT(info.external_attr >> 16)
        if not parts or info.is_dir() or info.orig_filename.endswith("\\"):
            continue
        elif any(map(hidden, parts)) and ".." not in parts:
            continue
        elif ".." in parts or decoded(info)[:1] in ("/", "\\") or re.match(r"[A-Za-z]:", parts[0]):
            found.refuse(place, "폴더 밖을 가리키는 경로입니다. 받지 않았습니다.")
        elif kind == stat.S_IFLNK:
            found.refuse(place, "다른 곳을 가리키는 링크입니다. 따라가지 않았습니다.")
        elif kind not in (0, stat.S_IFREG):
            found.refuse(place, "보통 파일이 아닙니다. 열지 않았습니다.")
        elif info.flag_bits & 0x1:
            found.refuse(place, "암호가 걸린 압축 파일입니다. 암호를 풀어 주세요.")
        else:
            take(
                place,
                info.file_size,
                written(info),
                "압축 파일",
                lambda info=info: archive.open(info),
                found,
                stack,
                depth - 1,
            )


def decoded(info):
    """압축 파일에 든 이름. UTF-8이라는 표시가 없으면 한국어 윈도(cp949)의 것이거나, 표시를 빠뜨린 macOS의 것이다."""
    if info.flag_bits & 0x800:
        return info.orig_filename
    try:
        raw = info.orig_filename.encode("cp437")
    except UnicodeError:
        return info.orig_filename
    for encoding in ("utf-8", "cp949"):
        with contextlib.suppress(UnicodeError):
            return raw.decode(encoding)
    return info.orig_filename


def written(info):
    """파일을 마지막으로 고친 때. 보통은 묶은 사람의 시계(현지 시각)이고, 유닉스에서 묶었으면 세계시도 들어 있다."""
    extra = info.extra
    while len(extra) >= 4:
        kind, length = struct.unpack("<HH", extra[:4])
        if kind == 0x5455 and length >= 5 and len(extra) >= 9 and extra[4] & 1:
            return datetime.fromtimestamp(struct.unpack("<i", extra[5:9])[0], UTC)
        extra = extra[4 + length :]
    try:
        return datetime(*info.date_time).astimezone(UTC)
    except (ValueError, OverflowError):  # 13월 같은 것도 적힐 수 있다
        return datetime(1980, 1, 1, tzinfo=UTC)
