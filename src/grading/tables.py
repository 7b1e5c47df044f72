"""표를 파일로 적고 읽는다: CSV와 엑셀(XLSX). 한글이 깨지지 않고, 글이 수식으로 실행되지 않는다."""

import csv
import io

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

FORMULA = ("=", "+", "-", "@", "\t", "\r")
LONGEST = 32_767  # 엑셀의 칸 하나가 담는 글자 수


def harmless(text):
    """표 계산 프로그램이 수식으로 읽지 않을 글.

    >>> harmless("=HYPERLINK(1)"), harmless("1사이클")
    ("'=HYPERLINK(1)", '1사이클')
    """
    return f"'{text}" if str(text).startswith(FORMULA) else text


def written(value):
    """CSV의 칸에 적을 글. 수는 필요한 자리까지만 적는다."""
    if isinstance(value, (int, float)):
        return f"{value:g}"
    return harmless(value)


def write_csv(path, rows):
    """CSV를 새로 적는다. 처음에 BOM이 있어야 엑셀이 한글을 알아본다."""
    with open(path, "x", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([written(value) for value in row] for row in rows)


def write_xlsx(path, rows, title):
    """엑셀 파일을 새로 적는다. 첫 줄은 제목이다. 글은 글로만 적어 학번의 앞자리 0도 남는다."""
    book = Workbook()
    sheet = book.active
    sheet.title, sheet.freeze_panes = title, "A2"
    for line, row in enumerate(rows, 1):
        for place, value in enumerate(row, 1):
            cell = sheet.cell(line, place)
            if isinstance(value, str):
                cell.value = ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", value)[:LONGEST]
                cell.data_type = "s"  # openpyxl은 =로 시작하는 글을 수식으로 적는다
                cell.quotePrefix = value.startswith(FORMULA)
                cell.number_format = "@"
            else:
                cell.value = value
            if line == 1:
                cell.font = Font(bold=True)
    for place, column in enumerate(zip(*rows), 1):
        sheet.column_dimensions[get_column_letter(place)].width = min(40, 4 + 1.6 * max(len(str(x)) for x in column))
    with open(path, "xb") as file:
        book.save(file)


def write(path, rows, title):
    """이름이 ``.xlsx``로 끝나면 엑셀 파일, 아니면 CSV."""
    write_xlsx(path, rows, title) if path.suffix.lower() == ".xlsx" else write_csv(path, rows)


def read_xlsx(data):
    """엑셀 파일(바이트)의 첫 시트를 글의 줄로. 읽을 수 없으면 ``ValueError``."""
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        return [[_told(value) for value in row] for row in book.worksheets[0].iter_rows(values_only=True)]
    except Exception as error:  # 망가진 파일에는 openpyxl이 무슨 오류든 낸다
        raise ValueError(f"{type(error).__name__}: {error}") from error


def _told(value):
    """엑셀은 수로 적은 학번을 20261234.0으로 돌려주기도 한다."""
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
