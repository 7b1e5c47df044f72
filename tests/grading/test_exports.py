"""성적표를 받는 곳들: 엑셀, Moodle, Canvas, 그리고 학교의 시스템에서 내려받은 표."""

import csv
import io
import shutil
import subprocess

import pytest
from openpyxl import Workbook, load_workbook
from test_course import said

from grading import tables

TASKS = ["02_exponential-closure", "06_schedules_compared-choose"]


@pytest.fixture
def export(graded_class, capsys):
    """``export`` 명령. 끝낼 때의 코드와 한 말을 돌려준다."""

    def export(path, *rest):
        return said(capsys, "--course", graded_class.root, "export", path, *rest)

    return export


def read(path, encoding="utf-8-sig", delimiter=","):
    return list(csv.reader(io.StringIO(path.read_bytes().decode(encoding), newline=""), delimiter=delimiter))


def test_spreadsheet_and_csv_hold_the_same(export, tmp_path):
    assert export(tmp_path / "성적.csv")[0] == export(tmp_path / "성적.xlsx")[0] == 0
    assert (tmp_path / "성적.csv").read_bytes().startswith(b"\xef\xbb\xbf")  # 엑셀은 BOM이 있어야 한글을 읽는다
    text = read(tmp_path / "성적.csv")
    assert text[0] == ["과제", "학생", "이름", "점수", "만점", "채점을 기다리는 문제", *TASKS]
    assert text[1] == ["schedules", "007", "김하나", "5.5", "6", "0", "2", "3.5"]
    sheet = load_workbook(tmp_path / "성적.xlsx").active
    values = [list(row) for row in sheet.iter_rows(values_only=True)]
    assert values[1] == ["schedules", "007", "김하나", 5.5, 6, 0, 2, 3.5]  # 학번은 글, 점수는 수
    assert [[tables.written(value) for value in row] for row in values] == text
    assert sheet.freeze_panes == "A2" and sheet.title == "성적"


def test_names_do_not_become_formulas(export, tmp_path):
    """명단의 s02는 «=이둘»이다."""
    export(tmp_path / "m.csv")
    export(tmp_path / "m.xlsx")
    assert read(tmp_path / "m.csv")[2][2] == "'=이둘"
    cell = load_workbook(tmp_path / "m.xlsx").active["C3"]
    assert cell.value == "=이둘" and cell.data_type == "s" and cell.quotePrefix


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_text_that_begins_like_a_formula_stays_text(tmp_path, text):
    tables.write(tmp_path / "t.csv", [["글"], [text]], "t")
    tables.write(tmp_path / "t.xlsx", [["글"], [text]], "t")
    assert read(tmp_path / "t.csv")[1] == [f"'{text}"]
    assert load_workbook(tmp_path / "t.xlsx").active["A2"].data_type == "s"


def test_text_that_a_spreadsheet_can_not_hold_is_kept_as_far_as_it_goes(tmp_path):
    tables.write(tmp_path / "t.xlsx", [["글"], ["가\x00나"], ["다" * 40_000], [None]], "t")
    values = [row[0] for row in load_workbook(tmp_path / "t.xlsx").active.iter_rows(values_only=True)]
    assert values[1] == "가\N{REPLACEMENT CHARACTER}나" and len(values[2]) == tables.LONGEST


def test_another_program_opens_both(export, tmp_path):
    """LibreOffice가 XLSX와 CSV를 열어 같은 표를 본다."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        pytest.skip("LibreOffice가 없습니다. apt install libreoffice-calc 로 설치하세요.")
    export(tmp_path / "m.xlsx")
    export(tmp_path / "m.csv")
    rows = {}
    for name in ("m.xlsx", "m.csv"):
        target = tmp_path / name.replace(".", "-")
        form = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false"  # 쉼표, 따옴표, UTF-8, 셀의 값 그대로
        reader = [] if name == "m.xlsx" else ["--infilter=CSV:44,34,76,1,2/2"]  # 둘째 칸(학번)은 글로 읽는다
        command = [program, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", *reader]
        command += ["--convert-to", form, "--outdir", target, tmp_path / name]
        subprocess.run(command, check=True, capture_output=True, text=True)
        rows[name] = read(target / "m.csv", "utf-8")
    assert rows["m.xlsx"][1] == ["schedules", "007", "김하나", "5.5", "6", "0", "2", "3.5"]
    assert rows["m.xlsx"][2][2] == "=이둘" and rows["m.csv"][2][2] == "'=이둘"
    rows["m.csv"][2][2] = "=이둘"
    assert rows["m.csv"] == rows["m.xlsx"]


def test_moodle_takes_the_marks(export, tmp_path):
    code, text = export(tmp_path / "moodle.csv", "--form", "moodle", "--assignment", "schedules")
    assert code == 1 and "s02: 채점을 기다리는 문제가 있어 적지 않았습니다" in text and "s03" in text
    assert read(tmp_path / "moodle.csv") == [
        ["ID number", "Full name", "Assignment: 작은 과제 (Real)", "Assignment: 작은 과제 (Feedback)"],
        ["007", "김하나", "5.5", f"{TASKS[0]} 2/2, {TASKS[1]} 3.5/4"],
        ["s04", "최넷", "0", f"{TASKS[0]} 0/2, {TASKS[1]} 0/4"],
    ]


def test_canvas_takes_the_marks(export, tmp_path):
    """Canvas의 성적부 가져오기가 보는 것들: 처음 두 제목, 학생의 칸이 Section에서 끝나는지, 만점의 줄."""
    export(tmp_path / "canvas.csv", "--form", "canvas", "--assignment", "schedules", "--column", "과제 1 (4321)")
    head, possible, *students = read(tmp_path / "canvas.csv")
    assert "Student" in head[0] and "ID" in head[1] and head[2:5] == ["SIS User ID", "SIS Login ID", "Section"]
    assert head[5:] == ["과제 1 (4321)"] and "Points Possible" in possible[0] and possible[5] == "6"
    assert students == [["김하나", "", "007", "007", "", "5.5"], ["최넷", "", "s04", "s04", "", "0"]]


WORKSHEET = """Identifier,Full name,ID number,Status,Grade,Maximum Grade,Last modified (grade),Feedback comments
Participant 31,김하나,007,"제출함, 채점 전",,6.00,-,=그대로
Participant 32,이둘,s02,제출함,,6.00,-,
Participant 35,정다섯,s05,내지 않음,1.00,6.00,-,
"""


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "cp949"])
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_downloaded_worksheet_is_filled_and_nothing_else_changes(export, tmp_path, encoding, delimiter):
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(csv.reader(io.StringIO(WORKSHEET)))
    (tmp_path / "w.csv").write_bytes(text.getvalue().encode(encoding))
    code, told = export(tmp_path / "new.csv", "--fill", tmp_path / "w.csv", "--assignment", "schedules")
    assert code == 1 and "s04: 채울 표에 없습니다" in told
    before, after = (read(tmp_path / name, encoding, delimiter) for name in ("w.csv", "new.csv"))
    before[1][4] = "5.5"
    assert after == before


def test_worksheet_without_numbers_is_filled_by_name(export, tmp_path):
    (tmp_path / "w.csv").write_text("이름,1주차\n최넷,\n김하나,\n", encoding="utf-8")
    here = ("--fill", tmp_path / "w.csv", "--assignment", "schedules")
    code, told = export(tmp_path / "new.csv", *here)
    assert (
        code == 1 and "--column으로" in told and "있는 칸: 이름, 1주차" in told and not (tmp_path / "new.csv").exists()
    )
    assert "«2주차»이라는 칸이 없습니다" in export(tmp_path / "new.csv", *here, "--column", "2주차")[1]
    export(tmp_path / "new.csv", *here, "--column", "1주차")
    assert read(tmp_path / "new.csv", "utf-8") == [["이름", "1주차"], ["최넷", "0"], ["김하나", "5.5"]]


@pytest.mark.parametrize(
    "data, reason",
    [
        (b"", "비어 있습니다"),
        (b"\xff\xfe\x00\xd8", "글자를 읽을 수 없습니다"),
        (b"ID number,Grade\nx1,\n", "아는 학생을 찾지 못했습니다"),
        (None, "읽을 수 없습니다"),
    ],
)
def test_worksheet_that_can_not_be_filled(export, tmp_path, data, reason):
    if data is not None:
        (tmp_path / "w.csv").write_bytes(data)
    code, told = export(tmp_path / "new.csv", "--fill", tmp_path / "w.csv", "--assignment", "schedules")
    assert code == 1 and reason in told and not (tmp_path / "new.csv").exists()


def test_wrong_calls_write_nothing(export, tmp_path, graded_class):
    (tmp_path / "kept.csv").write_text("남아야 한다")
    here = ("--form", "moodle", "--assignment", "schedules")
    assert "이미 있습니다" in export(tmp_path / "kept.csv", *here)[1]
    assert (tmp_path / "kept.csv").read_text() == "남아야 한다"
    assert "--assignment로" in export(tmp_path / "m.csv", "--form", "canvas")[1]
    assert "없는 이름입니다" in export(tmp_path / "m.csv", "--form", "canvas", "--assignment", "없는과제")[1]
    assert "CSV를 받습니다" in export(tmp_path / "m.xlsx", *here)[1]
    assert [path.name for path in tmp_path.iterdir()] == ["kept.csv"]


def test_broken_spreadsheet_is_no_table(tmp_path):
    Workbook().save(tmp_path / "r.xlsx")
    data = (tmp_path / "r.xlsx").read_bytes()
    assert tables.read_xlsx(data) == []
    with pytest.raises(ValueError):
        tables.read_xlsx(data[: len(data) // 2])
