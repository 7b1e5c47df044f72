"""누가 무엇을 언제 냈는가: 학습 관리 시스템이 내놓는 폴더와 압축 파일에서 맞는 학생의 맞는 노트북을 받는다."""

import csv
import os
import shutil
import struct
import unicodedata
import zipfile
from datetime import UTC, datetime

import forms
import nbformat
import pytest
from openpyxl import Workbook

from grading import late
from grading.__main__ import main
from grading.course import Course, Problem, create
from grading.hand_ins import opened
from grading.owners import Names, assign
from grading.roster import read

NAMES = Names(["schedules", "regularization", "학습률 스케줄링", "규제"])
ROSTER = "학번,이름\n20261234,홍길동\n20261235,김하나\n20261236,이둘\n20261239,김하나\n"


@pytest.fixture
def downloads(tmp_path, answered):
    """파일의 이름들을 받아 그 자리에 바른 노트북을 둔 폴더."""
    root = tmp_path / "내려받은 것"

    def downloads(*places, data=None):
        for place in places:
            (root / place).parent.mkdir(parents=True, exist_ok=True)
            (root / place).write_bytes(answered() if data is None else data)
        return root

    return downloads


@pytest.fixture
def roster(tmp_path):
    path = tmp_path / "명단.csv"
    path.write_bytes(ROSTER.encode("cp949"))
    return path


def said(capsys, *arguments):
    """명령의 끝낼 때의 코드와 한 말."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as stopped:
        main([str(argument) for argument in arguments])
    code = stopped.value.code
    output = capsys.readouterr()
    return (code, output.out + output.err) if isinstance(code, int) else (1, code)


def collect(capsys, course, folder, *options):
    return said(capsys, "--course", course.root, "collect", "schedules", folder, *options)


def owners(folder, pattern=None, roster=None):
    """자리 → 학생. 의심스러우면 뒤에 ?가 붙는다. 그리고 받지 않은 까닭들."""
    with opened(folder) as found:
        plan = assign(found, NAMES, pattern, read(roster) if roster else None)
    return {str(item): item.student + "?" * bool(item.doubt) for item in plan.hand_ins}, plan.problems


# ---- 파일 → 학생


@pytest.mark.parametrize(
    "place, student",
    [
        # 과제의 이름뿐인 파일: 폴더가 말한다
        ("20261234_홍길동/schedules_ipynb의_사본.ipynb", "20261234"),
        ("20261234_홍길동/schedules.ipynb의 사본.ipynb", "20261234"),
        ("20261234_홍길동/schedules_ipynb의_사본의_사본.ipynb", "20261234"),
        ("20261234_홍길동/Copy_of_schedules.ipynb", "20261234"),
        ("20261234_홍길동/Copy of Copy of schedules.ipynb", "20261234"),
        ("20261234_홍길동/schedules (1).ipynb", "20261234"),
        ("20261234_홍길동/schedules(2).IPYNB", "20261234"),
        ("20261234_홍길동/schedules - 복사본.ipynb", "20261234"),
        ("20261234_홍길동/schedules-Copy1.ipynb", "20261234"),
        ("20261234_홍길동/학습률 스케줄링 과제_최종.ipynb", "20261234"),
        ("20261234_홍길동/.ipynb", "20261234"),
        ("s03/schedules.ipynb", "s03"),
        # 학생이 바깥 폴더에만 있다
        ("20261234_홍길동/제출/schedules.ipynb", "20261234"),
        ("20261234_홍길동/my_answer.ipynb", "20261234"),
        ("2분반/20261234_홍길동/제출/최종/schedules.ipynb", "20261234"),
        # 학번이 이름의 어디에 있든
        ("schedules_20260010.ipynb", "20260010"),
        ("과제1_20261234_attempt_2026-11-23-14-05-22_schedules.ipynb", "20261234"),
        ("홍길동(2026-12345)_schedules.ipynb", "2026-12345"),
        ("홍길동_202612345_과제1.ipynb", "202612345"),
        ("20261126/20261234.ipynb", "20261234"),
        # 학번이 없는 이름
        ("홍길동 - schedules.ipynb", "홍길동"),
        ("John Smith - Copy of schedules.ipynb", "John-Smith"),
        ("s02_홍길동_schedules (1).ipynb", "s02"),
        ("과제1_홍길동.ipynb", "홍길동"),
        ("홍길동_1234567_assignsubmission_file_/schedules.ipynb", "홍길동"),
        ("홍길동_1234567_assignsubmission_file_/my_answer.ipynb", "홍길동"),
        ("honggildong_LATE_12345_678901_schedules-1.ipynb", "honggildong"),
        ("32201234.ipynb", "32201234"),
        # 알 만하지만 틀렸을 수 있다
        ("홍길동.ipynb", "홍길동?"),
        ("홍길동/my_answer.ipynb", "my?"),
        ("홍길동_20261126.ipynb", "20261126?"),
        ("20261234_김하나/20261235_schedules.ipynb", "20261235?"),
    ],
)
def test_owner_of_a_single_file(downloads, place, student):
    found, problems = owners(downloads(place, "20269999_박다른_schedules.ipynb"))
    assert found[place] == student and problems == []


@pytest.mark.parametrize("place", ["schedules.ipynb", "Untitled3.ipynb", "제출/과제1.ipynb", "Copy_of_schedules.ipynb"])
def test_owner_that_no_name_tells(downloads, place):
    found, problems = owners(downloads(place, "20269999_schedules.ipynb"))
    assert list(found) == ["20269999_schedules.ipynb"]
    assert problems[0].startswith(f"{place}: 누구의 것인지") and "--roster" in problems[1]


def test_odd_one_in_a_class_of_numbers_is_doubtful(downloads):
    """자리를 빠뜨린 학번과, 이름 앞에 붙은 과목의 말이 새 학생이 되지 않는다."""
    usual = [f"2026123{number}_schedules.ipynb" for number in range(6)]
    found, problems = owners(downloads(*usual, "DL_홍길동.ipynb", "202612399_김하나.ipynb", "2026123_이둘.ipynb"))
    assert {student for student in found.values() if student.endswith("?")} == {"2026123?", "202612399?", "DL?"}
    assert not problems


def test_sections_are_no_students(downloads):
    found, problems = owners(downloads("분반_A/s01/schedules.ipynb", "분반_A/s02/schedules.ipynb", "1반/s03/a.ipynb"))
    assert set(found.values()) == {"s01", "s02", "s03"} and not problems


def test_same_hangul_of_two_systems_is_one_student(downloads):
    name = "홍길동_schedules.ipynb"
    forms = (f"제출 {number}/{unicodedata.normalize(form, name)}" for number, form in enumerate(("NFC", "NFD")))
    assert sorted(owners(downloads(*forms, "김하나_a.ipynb"))[0].values()) == ["김하나", "홍길동", "홍길동"]


def test_own_pattern_is_tried_on_every_level_before_anything_else(downloads):
    folder = downloads("A-17 홍길동/제출/schedules_final.ipynb", "A-18 김하나/schedules.ipynb", "7_이둘.ipynb")
    found, _ = owners(folder, r"(?P<student>A-\d+)")
    assert found == {
        "A-17 홍길동/제출/schedules_final.ipynb": "A-17",
        "A-18 김하나/schedules.ipynb": "A-18",
        "7_이둘.ipynb": "이둘?",
    }


@pytest.mark.parametrize("pattern", ["(", "[0-9]+"])
def test_pattern_that_can_not_be_used(course, downloads, capsys, pattern):
    assert "--student-pattern" in collect(capsys, course, downloads("a_1.ipynb"), "--student-pattern", pattern)[1]
    assert not (course.root / "submitted").exists()


@pytest.mark.parametrize(
    "places, students",
    [
        (["DL_홍길동.ipynb", "DL_김하나_완성.ipynb", "DL_이둘.ipynb"], {"홍길동", "김하나", "이둘"}),
        (["dlclass_x1_홍길동.ipynb", "dlclass_x1_김하나.ipynb"], {"홍길동", "김하나"}),
        (["dl_12345678.ipynb", "dl_12345679.ipynb"], {"12345678", "12345679"}),
        (["kaist - 홍길동.ipynb", "kaist - 김하나.ipynb"], {"홍길동", "김하나"}),
        (["kaist_a/DL_홍길동/schedules.ipynb", "kaist_a/DL_김하나/schedules.ipynb"], {"홍길동", "김하나"}),
    ],
)
def test_class_on_one_student_is_refused_with_a_pattern_that_fits(course, downloads, capsys, places, students):
    folder = downloads(*places)
    pattern = "(?P<student>[A-Za-z]+)[_ ]" if "12345678" not in str(places) else "(?P<student>dl)"
    code, text = collect(capsys, course, folder, "--student-pattern", pattern)
    assert code == 1 and "모두 한 학생" in text and not (course.root / "submitted").exists()
    example = text.split("--student-pattern '")[1].split("'")[0]
    assert collect(capsys, course, folder, "--student-pattern", example)[0] == 0
    assert set(course.students("schedules")) == students


# ---- 명단


def test_names_become_numbers(downloads, roster):
    folder = downloads("홍길동 - schedules.ipynb", "이둘/schedules.ipynb", "kim_20261235_김하나.ipynb")
    assert set(owners(folder, roster=roster)[0].values()) == {"20261234", "20261235", "20261236"}


def test_unknown_students_are_named_with_near_ones(course, downloads, roster, capsys):
    folder = downloads("홍길돈 - schedules.ipynb", "20261243_schedules.ipynb", "20261236_schedules.ipynb")
    code, text = collect(capsys, course, folder, "--roster", roster)
    assert code == 1 and course.students("schedules") == ["20261236"]
    assert "«홍길돈»은 명단에 없어" in text and "«20261243»은 명단에 없어" in text
    assert text.count("20261234 홍길동") >= 2  # 둘 다에게 권한다
    assert "아직 내지 않은 학생 3명: 20261234 홍길동, 20261235 김하나, 20261239 김하나" in text


@pytest.mark.parametrize(
    "place, reason",
    [
        ("20261234_김하나.ipynb", "이름은 20261235 김하나"),
        ("20261243_홍길동.ipynb", "학번 20261243은 명단에 없다"),
        ("김하나 - schedules.ipynb", "명단에 맞는 사람이 여럿"),
    ],
)
def test_roster_that_disagrees_with_the_name(course, downloads, roster, capsys, place, reason):
    code, text = collect(capsys, course, downloads(place), "--roster", roster)
    assert code == 1 and reason in text and course.students("schedules") == []


def test_roster_of_the_course_is_used_without_asking(course, downloads, capsys):
    (course.root / "roster.csv").write_text(ROSTER, encoding="utf-8-sig")
    code, text = collect(capsys, course, downloads("홍길동.ipynb"))
    assert code == 0 and "20261234 홍길동" in text and course.students("schedules") == ["20261234"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp949"])
@pytest.mark.parametrize(
    "text",
    [
        "번호,학번,성명,학과\n1,20261234,홍길동,컴퓨터\n2,20261235,김하나,수학\n",
        "2026년 1학기 출석부\n\n이름\t학 번\n홍길동\t20261234\n김하나\t20261235\n",
        "20261234;홍길동\n20261235;김하나\n",
        'No,이름,학번\n1,홍길동,"=""20261234"""\n2,김하나,20261235.0\n',
    ],
)
def test_rosters_as_schools_write_them(tmp_path, text, encoding):
    (tmp_path / "r.csv").write_bytes(text.encode(encoding))
    assert read(tmp_path / "r.csv").people == {"20261234": "홍길동", "20261235": "김하나"}


def test_roster_and_times_of_excel(course, downloads, capsys, tmp_path):
    """첫 시트를 읽는다. 수로 적은 학번도, 글로 적은 학번도, 제목 위의 줄도 된다."""
    book = Workbook()
    for row in (
        ["2026년 1학기 출석부"],
        [],
        ["번호", "학번", "성명"],
        [1, 20261234, "홍길동"],
        [2, "0020261", "김하나"],
    ):
        book.active.append(row)
    book.create_sheet("다른 반").append(["학번", "이름"])
    book.save(course.root / "roster.xlsx")
    assert read(course.root / "roster.xlsx").people == {"20261234": "홍길동", "0020261": "김하나"}
    book = Workbook()
    book.active.append(["학번", "제출 시각"])
    book.active.append([20261234.0, datetime(2026, 11, 23, 14, 5)])
    book.save(tmp_path / "times.xlsx")
    folder = downloads("홍길동 - schedules.ipynb")
    assert collect(capsys, course, folder, "--times", tmp_path / "times.xlsx")[0] == 0
    stamp = course.notebook("submitted", "schedules", "20261234").with_name("timestamp.txt").read_text()
    assert datetime.fromisoformat(stamp.replace(" UTC", "+00:00")) == datetime(2026, 11, 23, 14, 5).astimezone()


@pytest.mark.parametrize(
    "data, reason",
    [
        (b"PK\x03\x04....", "엑셀 파일로 읽을 수 없습니다"),
        (b"\xd0\xcf\x11\xe0....", "옛 엑셀 파일"),
        (b"", "찾지 못했습니다"),
        ("이름\n홍길동\n".encode(), "«학번»"),
        (b"\xff\xfe\x00\xd8", "읽을 수 없습니다"),
        ("학번,이름\n20261234,홍길동\n20261234,김하나\n".encode(), "두 번"),
    ],
)
def test_roster_that_can_not_be_read(tmp_path, data, reason):
    (tmp_path / "r.csv").write_bytes(data)
    with pytest.raises(Problem, match=reason):
        read(tmp_path / "r.csv")


# ---- 폴더와 압축 파일


def zipped(path, members):
    """압축 파일. 이름이 바이트이면 UTF-8이라는 표시 없이 그대로 적는다(한국어 윈도)."""
    path.write_bytes(forms.zipped(members))
    return path


def test_zip_in_a_zip_and_names_of_korean_windows(course, tmp_path, answered, capsys):
    inner = zipped(tmp_path / "inner.zip", {"제출/schedules_ipynb의_사본.ipynb": answered()})
    windows = "20261235_김하나/schedules의 사본.ipynb".encode("cp949")
    outer = zipped(tmp_path / "과제1.zip", {"20261234_홍길동.zip": inner.read_bytes(), windows: answered()})
    code, text = collect(capsys, course, outer)
    assert code == 0 and course.students("schedules") == ["20261234", "20261235"]
    assert "20261235_김하나/schedules의 사본.ipynb" in text and "20261234_홍길동.zip/제출/" in text
    (tmp_path / "folder").mkdir()
    shutil.move(outer, tmp_path / "folder")
    assert collect(capsys, course, tmp_path / "folder")[0] == 0  # 폴더에 든 채로도 같다


def test_what_systems_leave_behind_is_skipped(downloads):
    folder = downloads(
        "s01/schedules.ipynb",
        "s01/.ipynb_checkpoints/schedules-checkpoint.ipynb",
        "__MACOSX/s01/._schedules.ipynb",
        "s01/.DS_Store",
        "Thumbs.db",
    )
    with opened(folder) as found:
        assert list(map(str, found.hand_ins)) == ["s01/schedules.ipynb"] and not (found.others or found.problems)


def test_links_and_paths_that_leave_are_refused_by_name(course, tmp_path, answered, capsys):
    """링크를 따라가면 강사의 노트북이 제출물이 된다."""
    link = zipfile.ZipInfo("s07_schedules.ipynb")
    link.external_attr = 0o120777 << 16
    members = {"../s08_schedules.ipynb": answered(), "/tmp/s09_schedules.ipynb": answered(), "C:\\s10_a.ipynb": b"{}"}
    path = zipped(tmp_path / "a.zip", {**members, "s01_schedules.ipynb": answered()})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, str(course.notebook("source", "schedules")))
    code, text = collect(capsys, course, path)
    assert code == 1 and course.students("schedules") == ["s01"]
    assert "s07_schedules.ipynb: 다른 곳을 가리키는 링크" in text
    assert text.count("폴더 밖을 가리키는 경로") == 3

    folder = tmp_path / "풀어 놓은 것"
    (folder / "s02").mkdir(parents=True)
    (folder / "s03_schedules.ipynb").symlink_to(course.notebook("source", "schedules"))
    (folder / "s04").symlink_to(course.root / "source")
    os.mkfifo(folder / "s05_schedules.ipynb")
    (folder / "s02" / "schedules.ipynb").write_bytes(answered())
    code, text = collect(capsys, course, folder)
    assert code == 1 and course.students("schedules") == ["s01", "s02"]
    assert "s03_schedules.ipynb: 다른 곳을 가리키는 링크" in text and "s04: 다른 곳을" in text
    assert "s05_schedules.ipynb: 보통 파일이 아닙니다" in text


def test_archives_that_can_not_be_opened_are_named(course, tmp_path, answered, capsys):
    good = zipped(tmp_path / "good.zip", {"schedules.ipynb": answered()}).read_bytes()
    folder = tmp_path / "받은 것"
    folder.mkdir()
    (folder / "s01_a.zip").write_bytes(good[:-30])
    (folder / "s02_a.zip").write_bytes(b"")
    (folder / "s03_a.7z").write_bytes(b"7z")
    start = good.index(b"schedules.ipynb") + 30
    (folder / "s04_a.zip").write_bytes(good[:start] + b"\x00" * 40 + good[start + 40 :])
    locked = bytearray(good)
    for sign in (b"PK\x03\x04", b"PK\x01\x02"):
        place = good.index(sign) + (6 if sign.endswith(b"\x04") else 8)
        struct.pack_into("<H", locked, place, 1)
    (folder / "s05_a.zip").write_bytes(locked)
    (folder / "s06_schedules.ipynb").write_bytes(answered())
    code, text = collect(capsys, course, folder)
    assert code == 1 and course.students("schedules") == ["s06"]
    for name in ("s01_a.zip: 압축", "s02_a.zip: 압축", "s03_a.7z: 열 줄", "s04_a.zip/schedules.ipynb (s04): 받지"):
        assert name in text
    assert "암호가 걸린" in text


def test_a_bomb_is_not_unpacked_and_stops_nobody(course, tmp_path, answered, capsys, monkeypatch):
    from grading import hand_ins

    monkeypatch.setattr(hand_ins, "UNPACKED", 3_000_000)
    folder = tmp_path / "받은 것"
    folder.mkdir()
    (folder / "s01_schedules.ipynb").write_bytes(answered())
    path = zipped(folder / "s02_bomb.zip", {f"{n}_a.ipynb": b"0" * 1_000_000 for n in range(9)})
    assert path.stat().st_size < 20_000
    inner = zipped(tmp_path / "inner.zip", {"0": b"0" * 9_000_000})
    zipped(folder / "s03_bomb.zip", {"a.zip": inner.read_bytes() + b"0" * 9_000_000})
    code, text = collect(capsys, course, folder)
    assert code == 1 and course.students("schedules") == ["s01"]
    assert "s02_bomb.zip: 압축을 풀면 너무" in text and "s03_bomb.zip: 압축을 풀면 너무" in text
    nested = zipped(tmp_path / "0.zip", {"s1_a.ipynb": b"{}"})
    for depth in range(6):
        nested = zipped(tmp_path / f"{depth + 1}.zip", {"in.zip": nested.read_bytes()})
    assert "너무 여러 겹" in collect(capsys, course, nested)[1]


def test_escape_sequences_in_names_are_not_printed(course, downloads, capsys):
    folder = downloads("s01\x1b[2J\x07_schedules.ipynb", "s02_\u202egnp.ipynb", data=b"{}")
    code, text = collect(capsys, course, folder)
    assert code == 1 and "\x1b" not in text and "\x07" not in text and "\u202e" not in text
    assert r"\x1b[2J" in text


def test_many_archives_are_opened_at_once(tmp_path, answered):
    """반이 커도 열어 둘 수 있는 파일의 수를 넘기지 않는다."""
    import resource

    folder = tmp_path / "받은 것"
    folder.mkdir()
    one = zipped(folder / "s000_a.zip", {"schedules.ipynb": answered()}).read_bytes()
    for number in range(1, 200):
        (folder / f"s{number:03}_a.zip").write_bytes(one)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (100, hard))
    try:
        with opened(folder) as found:
            assert len({item.read() for item in found.hand_ins}) == 1 and len(found.hand_ins) == 200
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


# ---- 무엇을 받고 무엇을 받지 않는가


@pytest.mark.parametrize(
    "data, reason",
    [
        (b"", "빈 파일"),
        (b"<html></html>", "HTML"),
        (b" " * 25_000_000, "너무 큽니다(25MB)"),
        (b"{", "깨졌습니다"),
    ],
)
def test_unreadable_file_is_a_problem_and_no_submission(course, downloads, capsys, data, reason):
    downloads("s01_schedules.ipynb")
    code, text = collect(capsys, course, downloads("s02_schedules.ipynb", data=data))
    assert code == 1 and "1명의 노트북을 모았습니다" in text and course.students("schedules") == ["s01"]
    assert any("s02_schedules.ipynb" in line and reason in line for line in text.splitlines())


def test_broken_metadata_is_taken_and_said(course, downloads, answered, capsys):
    data = answered().replace(b'"metadata": {', b'"metadata": null, "x": {', 1)
    code, text = collect(capsys, course, downloads("s01_schedules.ipynb", data=data))
    assert code == 1 and "메타데이터가 깨졌다" in text and course.students("schedules") == ["s01"]


def test_the_notebook_of_this_assignment_is_found_among_others(course, downloads, capsys):
    downloads("s01/mynotes.ipynb", data=nbformat.writes(nbformat.v4.new_notebook()).encode())
    code, text = collect(capsys, course, downloads("s01/schedules.ipynb", "s01/그림.png"))
    assert code == 0 and course.students("schedules") == ["s01"] and "다른 노트북" in text


def test_copies_of_one_notebook_are_one(course, downloads, answered, capsys):
    downloads("s01/schedules.ipynb", "s01/schedules (1).ipynb")
    downloads("s02/schedules.ipynb")
    downloads("s02/schedules (1).ipynb", data=answered(text="다르다"))
    code, text = collect(capsys, course, downloads())
    assert code == 1 and course.students("schedules") == ["s01"] and "s02: 노트북이 2개입니다" in text


def test_last_attempt_counts(course, downloads, answered, capsys):
    downloads("과제1_20261234_attempt_2026-11-21-10-00-00_schedules.ipynb", data=answered(text="처음"))
    folder = downloads("과제1_20261234_attempt_2026-11-23-10-00-00_schedules.ipynb", data=answered(text="마지막"))
    assert collect(capsys, course, folder)[0] == 0
    text = course.notebook("submitted", "schedules", "20261234").read_text(encoding="utf-8")
    assert "마지막" in text and "처음" not in text


# ---- 묻고 쓰기


class Terminal:
    def __init__(self, answer):
        self.answer = answer

    def isatty(self):
        return True

    def readline(self):
        return self.answer


def test_dry_run_writes_nothing(course, downloads, capsys):
    before = sorted(path for path in course.root.rglob("*") if path.name != ".lock")
    code, text = collect(capsys, course, downloads("20261234_홍길동.ipynb", "홍길순.ipynb"), "--dry-run")
    assert sorted(path for path in course.root.rglob("*") if path.name != ".lock") == before
    assert code == 1 and "→ 20261234" in text and "? 홍길순.ipynb → 홍길순: 이름에 밑줄도" in text


@pytest.mark.parametrize("answer, students", [("예\n", ["20261234", "홍길순"]), ("아니오\n", []), ("\n", [])])
def test_terminal_is_asked_before_writing(course, downloads, capsys, monkeypatch, answer, students):
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    code, text = collect(capsys, course, downloads("20261234_홍길동.ipynb", "홍길순.ipynb"))
    assert code == 1 and course.students("schedules") == students and "이대로 모을까요?" in text


def test_doubtful_is_taken_only_when_told_and_said(course, downloads, capsys):
    folder = downloads("20261234_홍길동.ipynb", "홍길순.ipynb")
    code, text = collect(capsys, course, folder)
    assert code == 1 and course.students("schedules") == ["20261234"] and "홍길순.ipynb" in text
    code, text = collect(capsys, course, folder, "--yes")
    assert code == 1 and course.students("schedules") == ["20261234", "홍길순"] and "확인하세요" in text


def test_written_answer_alone_makes_a_new_submission(course, downloads, answered, capsys):
    for text in ("처음", "둘째", "셋째"):
        folder = downloads("s01_schedules.ipynb", data=answered(text=text))
        assert collect(capsys, course, folder, "--replace")[0] == 0
        assert text in course.notebook("submitted", "schedules", "s01").read_text(encoding="utf-8")
    kept = sorted((course.root / "downloaded" / "schedules").iterdir())
    assert [path.name for path in kept] == ["s01.001.ipynb", "s01.002.ipynb", "s01.ipynb"]
    assert "처음" in kept[0].read_text(encoding="utf-8") and "둘째" in kept[1].read_text(encoding="utf-8")


def test_collecting_that_was_interrupted_is_done_again(course, downloads, answered, monkeypatch):
    """다 쓰기 전에 멈추었으면 받은 것이 아니다."""
    from grading import course as course_module

    course.collect("schedules", downloads("s01_schedules.ipynb", data=answered(text="처음")))
    folder = downloads("s01_schedules.ipynb", data=answered(text="둘째"))
    write = course_module.write

    def interrupted(path, text):
        if "submitted" in path.parts and path.suffix == ".ipynb":
            raise KeyboardInterrupt
        write(path, text)

    monkeypatch.setattr(course_module, "write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        course.collect("schedules", folder, replace=True)
    monkeypatch.undo()
    course.collect("schedules", folder, replace=True)
    assert "둘째" in course.notebook("submitted", "schedules", "s01").read_text(encoding="utf-8")
    assert "처음" in (course.root / "downloaded" / "schedules" / "s01.001.ipynb").read_text(encoding="utf-8")


@pytest.mark.parametrize("folder", ["[2026-1] 딥러닝", "과제*", "왜?"])
def test_course_where_nbgrader_finds_nothing_is_refused(tmp_path, capsys, folder):
    assert "과정을 둘 수 없습니다" in said(capsys, "create", tmp_path / folder / "dl")[1]
    assert not (tmp_path / folder).exists()


def test_course_moved_there_says_so(course, tmp_path):
    (tmp_path / "[2026-1] 딥러닝").mkdir()
    shutil.move(course.root, tmp_path / "[2026-1] 딥러닝" / "dl")
    with pytest.raises(Problem, match="과정을 둘 수 없습니다"):
        Course(tmp_path / "[2026-1] 딥러닝" / "dl")


# ---- 낸 때와 마감


def stamped(course, student):
    return (course.root / "submitted" / student / "schedules" / "timestamp.txt").read_text()


def test_time_comes_from_the_file_the_zip_the_name_or_a_table(course, tmp_path, downloads, answered, capsys):
    folder = downloads("s01_schedules.ipynb", "과제_20261234_attempt_2026-11-23-14-05-22_schedules.ipynb")
    os.utime(folder / "s01_schedules.ipynb", (1_800_000_000, 1_800_000_000))
    zipped(folder / "s03_a.zip", {"schedules.ipynb": answered()})
    assert collect(capsys, course, folder)[0] == 0
    assert stamped(course, "s01") == f"{datetime.fromtimestamp(1_800_000_000, UTC):%Y-%m-%d %H:%M:%S.%f} UTC"
    local = datetime(2026, 11, 23, 14, 5, 22).astimezone(UTC)
    assert stamped(course, "20261234") == stamped(course, "s03") == f"{local:%Y-%m-%d %H:%M:%S.%f} UTC"

    times = tmp_path / "낸 때.csv"
    rows = ["학번,제출 일시", "s01,2026. 11. 24. 오후 2:05", "20261234,2026-11-24T05:05:00Z"]
    rows += ["s03,2026/11/24 1:00", "s03,2026/11/25 1:00"]
    times.write_bytes("\n".join(rows).encode("cp949"))
    assert collect(capsys, course, folder, "--times", times)[0] == 0
    assert stamped(course, "20261234").startswith("2026-11-24 05:05:00")
    assert stamped(course, "s01").startswith(f"{datetime(2026, 11, 24, 14, 5).astimezone(UTC):%Y-%m-%d %H:%M}")
    assert stamped(course, "s03").startswith(f"{datetime(2026, 11, 25, 1).astimezone(UTC):%Y-%m-%d %H:%M}")


def test_unix_zip_holds_world_time(tmp_path, answered):
    info = zipfile.ZipInfo("s01_a.ipynb", (2026, 11, 23, 5, 5, 22))
    info.extra = struct.pack("<HHBi", 0x5455, 5, 1, 1_800_000_000)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(info, answered())
    with opened(tmp_path / "a.zip") as found:
        assert found.hand_ins[0].time == datetime.fromtimestamp(1_800_000_000, UTC)


@pytest.mark.parametrize(
    "text, reason", [("a,b\n1,2\n", "«학번»과"), ("학번,제출 시각\ns01,언젠가\n", "2번째 줄"), ("", "«학번»과")]
)
def test_table_of_times_that_can_not_be_read(course, downloads, tmp_path, capsys, text, reason):
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    assert reason in collect(capsys, course, downloads("s01_a.ipynb"), "--times", tmp_path / "t.csv")[1]
    assert course.students("schedules") == []


@pytest.mark.slow
def test_late_hand_ins_lose_points_and_one_student_gets_more_time(isolated, course, downloads, tmp_path, capsys):
    """nbgrader의 칸에 적힌다: 마감, 연장, 감점. 손으로 준 점수가 바뀌면 감점도 바뀐다."""
    here = ("--course", course.root)
    folder = downloads("s01_a.ipynb", "s02_a.ipynb", "s03_a.ipynb")
    for student, day in (("s01", 1), ("s02", 2), ("s03", 2)):
        moment = datetime(2026, 12, day, 12).timestamp()
        os.utime(folder / f"{student}_a.ipynb", (moment, moment))
    code, text = said(capsys, *here, "extend", "schedules", "s03", "--days", "3")
    assert code == 1 and "마감이 없습니다" in text
    assert said(capsys, *here, "due", "schedules", "2026-12-01 23:59", "--penalty", "10")[0] == 0
    code, text = collect(capsys, course, folder)
    assert code == 0 and text.count("늦음: 12시간") == 2 and "--times" in text
    code, text = said(capsys, *here, "extend", "schedules", "s03", "--days", "3")
    assert code == 0 and "2026-12-04 23:59" in text
    course.autograde("schedules")
    with course.gradebook() as gradebook:
        marks = {
            s.student_id: (s.score, s.late_submission_penalty) for s in gradebook.assignment_submissions("schedules")
        }
        assert marks == {"s01": (2, 0), "s02": (2, 0.2), "s03": (2, 0)}
        grade = gradebook.find_grade("06_schedules_compared-choose", "schedules", "schedules", "s02")
        grade.manual_score = 4
        gradebook.db.commit()
    path = course.export(tmp_path / "marks.csv")
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = {row["학생"]: (row["점수"], row["늦게 내서 깎은 점수"]) for row in csv.DictReader(file)}
    assert rows == {"s01": ("2", "0"), "s02": ("5.4", "0.6"), "s03": ("2", "0")}
    page = next(path for path in course.feedback("schedules") if "s02" in path.parts).read_text(encoding="utf-8")
    assert "0.6점을 깎았다" in page and "5.4점" in page
    assert said(capsys, *here, "due", "schedules", "--none")[0] == 0
    with course.gradebook() as gradebook:
        assert gradebook.find_submission("schedules", "s02").late_submission_penalty == 0


def test_extension_before_the_hand_in_and_for_a_stranger(course, capsys):
    here = ("--course", course.root)
    said(capsys, *here, "due", "schedules", "2026-12-01")
    code, text = said(capsys, *here, "extend", "schedules", "20261234", "--hours", "5")
    assert code == 1 and "2026-12-02 04:59" in text and "아직 낸 것이 없습니다" in text
    assert late.rules(course.root, "schedules")["extensions"] == {"20261234": 5}
    (course.root / "roster.csv").write_text(ROSTER, encoding="utf-8")
    assert said(capsys, *here, "extend", "schedules", "20261234", "--days", "1")[0] == 0
    assert "비슷한 사람: 20261234 홍길동" in said(capsys, *here, "extend", "schedules", "20261243", "--days", "1")[1]
    assert "시각이 아닙니다" in said(capsys, *here, "due", "schedules", "내일")[1]


def test_picture_in_a_written_answer_reaches_the_feedback(isolated, course, downloads, answered):
    png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    course.collect("schedules", downloads("s01_a.ipynb", data=answered(text=f"![a](data:image/png;base64,{png})")))
    course.autograde("schedules")
    path, _ = course.manual("schedules")
    assert "[그림: pictures/schedules/s01/picture-1.png]" in path.read_text(encoding="utf-8-sig")
    assert (course.root / "pictures" / "schedules" / "s01" / "picture-1.png").read_bytes().startswith(b"\x89PNG")
    [page] = course.feedback("schedules")
    assert f"data:image/png;base64,{png}" in page.read_text(encoding="utf-8")


def test_create_still_works_where_it_may(tmp_path):
    assert create(tmp_path / "2026-1 딥러닝 #(가)", "dl").root.exists()
