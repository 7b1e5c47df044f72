"""명단: 학번과 이름이 든 CSV나 엑셀 파일(첫 시트). 학사 시스템과 엑셀이 내놓는 꼴을 그대로 읽는다."""

import codecs
import contextlib
import csv
import difflib
import io
import re
import unicodedata

from grading import tables
from grading.messages import Problem

NUMBER = ("학번", "학생번호", "studentid", "studentnumber", "sisuserid", "sisid", "아이디", "id", "username", "사번")
NAME = ("이름", "성명", "학생명", "학생이름", "studentname", "fullname", "name", "student")


def plain(text):
    """견줄 때 쓰는 글: NFC, 소문자, 띄어쓰기와 줄표 없이.

    >>> plain("2026-12345"), plain("Kim Ha-na")
    ('202612345', 'kimhana')
    """
    return re.sub(r"[\s_\-.]+", "", unicodedata.normalize("NFC", text)).casefold()


class Roster:
    """학번 → 이름."""

    def __init__(self, people, path=None):
        self.people, self.path = people, path
        self.by_number = {plain(number): number for number in people}
        self.by_name = {}
        for number, name in people.items():
            self.by_name.setdefault(plain(name), []).append(number)

    def named(self, number):
        """«20261234 홍길동»."""
        return f"{number} {self.people.get(number, '')}".strip()

    def near(self, text, count=3):
        """비슷한 학번과 이름의 사람들. 한글은 자모로 견준다: «길돈»과 «길동»은 글자로는 절반이 다르다."""
        keys = {unicodedata.normalize("NFD", key): [self.by_number[key]] for key in self.by_number}
        keys |= {unicodedata.normalize("NFD", key): numbers for key, numbers in self.by_name.items() if key}
        wanted = unicodedata.normalize("NFD", plain(text))
        close = difflib.get_close_matches(wanted, keys, 10, 0.7)
        close.sort(key=lambda key: sorted(key) != sorted(wanted))  # 두 글자를 바꾸어 쓴 것이 가장 흔하다
        return [self.named(number) for key in close for number in keys[key]][:count]


def read(path):
    """CSV나 엑셀 파일을 명단으로. 제목 줄이 위에 더 있어도, 칸의 차례가 달라도 된다."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise Problem(f"명단 {path}라는 파일이 없습니다.") from None
    except OSError as error:
        raise Problem(f"명단 {path}를 읽을 수 없습니다({error.strerror}).") from error
    rows = table(data, path)
    head, number, name = columns(rows)
    if number is None:
        raise Problem(f"명단 {path.name}에서 학번의 칸을 찾지 못했습니다. 첫 줄에 «학번», «이름»이라고 적어 주세요.")
    people = {}
    for row in rows[head:]:
        key = clean(row[number]) if number < len(row) else ""
        if not key:
            continue
        called = unicodedata.normalize("NFC", row[name].strip()) if name is not None and name < len(row) else ""
        if people.get(key, called) != called:
            raise Problem(f"명단 {path.name}에 학번 {key}가 두 번 있습니다({people[key]}, {called}).")
        people[key] = called
    if not people:
        raise Problem(f"명단 {path.name}에 학생이 없습니다.")
    return Roster(people, path)


def table(data, path):
    """바이트(CSV나 엑셀 파일)를 줄과 칸으로."""
    if data[:4] == b"\xd0\xcf\x11\xe0":
        raise Problem(f"{path.name}은 옛 엑셀 파일(.xls)입니다. 엑셀에서 .xlsx나 «CSV UTF-8»로 저장해 주세요.")
    if data[:4] == b"PK\x03\x04":
        try:
            rows = tables.read_xlsx(data)
        except ValueError as error:
            raise Problem(f"{path.name}을 엑셀 파일로 읽을 수 없습니다. 엑셀에서 다시 저장해 주세요.") from error
        return [row for row in rows if any(cell.strip() for cell in row)]
    wide = data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    for encoding in ["utf-16"] if wide else ["utf-8-sig", "cp949"]:
        with contextlib.suppress(UnicodeError):
            text = data.decode(encoding)
            break
    else:
        raise Problem(f"{path.name}의 글자를 읽을 수 없습니다. UTF-8로 저장해 주세요.")
    separator = max(",;\t", key=text.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise Problem(f"{path.name}을 읽을 수 없습니다({error}).") from error
    return [row for row in rows if any(cell.strip() for cell in row)]


def columns(rows):
    """(학생이 시작되는 줄, 학번의 칸, 이름의 칸). 제목이 없으면 칸의 꼴로 찾는다."""
    for line, row in enumerate(rows[:20]):
        titles = [re.sub(r"[^\w]|_", "", unicodedata.normalize("NFC", cell)).casefold() for cell in row]
        number = next((titles.index(title) for title in NUMBER if title in titles), None)
        name = next((titles.index(title) for title in NAME if title in titles), None)
        if number is not None and number != name:
            return line + 1, number, name
    width = max(map(len, rows), default=0)
    share = {
        place: sum(
            place < len(row) and bool(re.fullmatch(r"[A-Za-z]{0,2}[\d-]{5,}", clean(row[place]))) for row in rows
        )
        for place in range(width)
    }
    number = max(share, key=share.get, default=None)
    if number is None or not share[number]:
        return 0, None, None
    hangul = {
        place: sum(place < len(row) and bool(re.fullmatch(r"[가-힣]{2,5}", row[place].strip())) for row in rows)
        for place in range(width)
    }
    name = max(hangul, key=hangul.get)
    start = next(line for line, row in enumerate(rows) if re.search(r"\d{4}", clean(row[number])))
    return start, number, name if hangul[name] else None


def clean(text):
    """엑셀이 바꾸어 놓은 학번을 되돌린다.

    >>> clean('="00123456"'), clean("20261234.0"), clean("'20261234 ")
    ('00123456', '20261234', '20261234')
    """
    return re.sub(r"\.0+$", "", unicodedata.normalize("NFC", text).strip(" \t='\"\ufeff\u00a0"))
