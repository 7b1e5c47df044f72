"""파일 → 학생. 받은 노트북마다 누구의 것인지, 무엇을 보고 알았는지, 의심스러운지 정한다.

이름을 볼 곳은 파일의 이름과, 안쪽부터 바깥쪽까지의 폴더이다. 확실한 것부터 모든 곳에서 찾는다: 강사가 준 규칙, 명단,
학번, 밑줄로 나눈 이름, 폴더의 이름. 과제의 이름과 사본이라는 말뿐인 이름은 누구의 것인지 말하지 않는다.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from grading.hand_ins import ATTEMPT, HandIn
from grading.messages import Problem, shown
from grading.roster import Roster, plain

HUB = "허브의 이름"
UNSAFE = re.compile(r"[^\w.\-]")
# 연도로 시작하는 학번: 20261234, 2026-12345, 202612345. 열네 자리 시각의 일부는 아니다.
NUMBER = re.compile(r"(?<![0-9A-Za-z])(?:19|20)\d{2}-?\d{4,6}(?![0-9])(?!-\d)")
DATE = re.compile(r"20\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
MOODLE = re.compile(r"_\d+_assignsubmission_(?:file|onlinetext)_?")
CANVAS = re.compile(r"^([^\W\d_]+)(?:_LATE)?_\d+_\d+_(?=.)")
BORDERS = re.compile(r"_| [-–—] |[()\[\]{},]")
WORDS = re.compile(r"[a-z]+|[가-힣]+|\d+|[^\W\d_]+")
# 누구의 것인지 말하지 않는 낱말. 과제의 이름은 따로 더한다.
EMPTY = set(
    "copy of final late attempt assignsubmission file files onlinetext ipynb zip colab notebook notebooks untitled "
    "hw homework assignment assignments submission submissions submit submitted lab week exercise exercises ex ver v "
    "version rev new old work works src download downloads desktop attachment attachments solution "
    "answer answers homl class section deep learning "
    "의 사본 복사본 복제 과제 숙제 제출 제출물 제출본 제출용 제출파일 최종 최종본 수정 수정본 완료 완성 완성본 실습 "
    "연습 연습문제 문제 답 답안 풀이 파일 폴더 새 새폴더 노트북 딥러닝 수업 주차 차시 학기 분반 반 번 제 차 첨부 "
    "첨부파일 중간 기말 중간과제 기말과제 바탕화면 다운로드 압축 진짜 재제출".split()
)


def stem(level):
    """견줄 글: 끝(.ipynb, .zip)과 학습 관리 시스템이 붙인 것을 뗀다."""
    text = re.sub(
        r"\.(?:ipynb|zip)(?![a-z0-9])|_ipynb(?=의|_|$)", " ", unicodedata.normalize("NFC", level), flags=re.IGNORECASE
    )
    return CANVAS.sub(r"\1_", MOODLE.sub("_", ATTEMPT.sub("", text))).strip()


class Names:
    """이름에서 학생을 읽는 법. 과제의 이름을 안다."""

    def __init__(self, assignments=()):
        self.empty = EMPTY | {word for name in assignments for word in WORDS.findall(name.casefold())}
        hangul = sorted((word for word in self.empty if re.fullmatch(r"[가-힣]{2,}", word)), key=len, reverse=True)
        self.joined = re.compile(f"의?(?:{'|'.join(hangul)})+의?")

    def says_nothing(self, text):
        """과제의 이름, 사본이라는 말, 짧은 수뿐인가."""
        return all(
            word in self.empty or (word.isdecimal() and len(word) <= 4) or self.joined.fullmatch(word)
            for word in WORDS.findall(text.casefold())
        )

    def fields(self, level):
        """이름을 밑줄, 줄표, 괄호로 나눈 것 가운데 뜻이 있는 것."""
        return [part for part in map(self.trimmed, BORDERS.split(stem(level))) if part]

    def trimmed(self, part):
        """뜻이 없는 낱말을 뺀 것: «홍길동 과제1»은 «홍길동»이다."""
        said = [word for word in re.split(r"[\s.\-]+", part) if not self.says_nothing(word)]
        return part.strip(" -.") if len(said) == len(re.split(r"[\s.\-]+", part.strip(" -."))) else " ".join(said)

    def numbers(self, levels):
        """학번처럼 보이는 것. 날짜로도 읽히는 것은 다른 것이 없을 때만."""
        found = list(dict.fromkeys(number for level in levels for number in NUMBER.findall(stem(level))))
        return [number for number in found if not DATE.fullmatch(number)] or found

    def divided(self, level):
        """``학번_이름``처럼 나뉜 이름의 첫 칸."""
        text = stem(level)
        fields = self.fields(level)
        whole = re.fullmatch(r"[A-Za-z]{0,2}\d{5,}", text)
        return fields[0] if fields and (BORDERS.search(text) or whole) else None

    def whole(self, level):
        fields = self.fields(level)
        return fields[0] if fields else None


@dataclass
class Plan:
    """누구의 것인지 정한 노트북들, 받지 않는 것의 까닭, 명단에 있는데 내지 않은 학생."""

    hand_ins: list[HandIn] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    roster: Roster | None = None

    @property
    def sure(self):
        """의심스럽지 않은 것."""
        return [item for item in self.hand_ins if not item.doubt]

    def left(self, chosen):
        """의심스러워 받지 않은 것."""
        return [item for item in self.hand_ins if item.doubt and item not in chosen]

    def named(self, student):
        return self.roster.named(student) if self.roster else student

    def table(self, late=lambda hand_in: ""):
        """화면에 찍을 표: 파일 → 학생, 알아본 까닭, 낸 때. 의심스러운 것에는 ?를 붙인다."""
        rows = []
        for item in sorted(self.hand_ins, key=lambda item: (bool(item.doubt), item.student, str(item))):
            when = f"{item.time.astimezone():%m-%d %H:%M}({item.clock}){late(item)}"
            rows.append((f"{'?' if item.doubt else ' '} {item}", self.named(item.student), item.reason, when))
        wide = [max(map(width, column), default=0) for column in zip(*rows)]
        lines = [
            f"{pad(file, wide[0])} → {pad(student, wide[1])}  {pad(reason, wide[2])}  {when}"
            for file, student, reason, when in rows
        ]
        doubts = [f"? {item} → {self.named(item.student)}: {item.doubt}" for item in self.hand_ins if item.doubt]
        return "\n".join(["파일 → 학생", *lines, *(["", "의심스러운 것", *doubts] if doubts else [])])


def width(text):
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def pad(text, columns):
    return text + " " * (columns - width(text))


def assign(found, names, pattern=None, roster=None):
    """연 것(``Opened``)의 노트북마다 학생을 정한다. 정하지 못한 것은 까닭과 할 일을 적어 뺀다."""
    rule = compiled(pattern)
    plan, unknown, groups = Plan(roster=roster), [], crowds(found.hand_ins, names)
    for item in found.hand_ins:
        student, item.reason, item.doubt = owner(item, names, rule, groups)
        if roster:
            student = enrolled(item, student, names, roster, plan)
        student = student and safe(student)
        item.student = student
        if student:
            plan.hand_ins.append(item)
        elif student is None:
            unknown.append(item)
    for item in unknown:
        plan.problems.append(f"{item}: 누구의 것인지 알 수 없어 지나쳤습니다.")
    if unknown:
        plan.problems.append(advice(unknown, names))
    one_for_all(plan, names)
    odd_ones(plan)
    spelled = defaultdict(set)
    for item in plan.hand_ins:
        spelled[item.student.casefold()].add(item.student)
    for item in plan.hand_ins:
        others = spelled[item.student.casefold()] - {item.student}
        item.doubt = item.doubt or (f"{', '.join(sorted(others))}와 같은 학생일 수 있다." if others else "")
    return plan


def compiled(pattern):
    if pattern is None:
        return None
    try:
        rule = re.compile(unicodedata.normalize("NFC", pattern))
    except re.error as error:
        raise Problem(f"--student-pattern {pattern!r}은 정규식이 아닙니다({error}).") from error
    if "student" not in rule.groupindex:
        raise Problem(f"--student-pattern {pattern!r}에 (?P<student>…)가 없습니다. 학생인 부분을 그렇게 묶으세요.")
    return rule


def safe(student):
    """폴더의 이름으로 쓸 수 있는 학생의 이름."""
    return UNSAFE.sub("-", unicodedata.normalize("NFC", student).strip()).strip(".-") or None


def crowds(hand_ins, names):
    """여러 학생의 것이 든 폴더들(분반 따위). 그 이름은 누구의 것인지 말하지 않는다."""
    inside = defaultdict(set)
    for item in hand_ins:
        for depth in range(1, len(item.place)):
            file, *folders = item.place[depth:][::-1]
            own = [*names.numbers([file]), names.divided(file), *map(names.whole, folders)]
            inside[item.place[:depth]].add(next(filter(None, own), None))
    return {folder for folder, found in inside.items() if len(found - {None}) > 1}


def owner(item, names, rule, groups):
    """(학생, 알아본 까닭, 의심). 알 수 없으면 학생이 ``None``이다."""
    if item.student:  # 교환소에서 왔다
        return item.student, HUB, item.doubt
    places = [item.place[: len(item.place) - depth] for depth in range(len(item.place))]
    levels = [place[-1] for place in places if place not in groups]
    doubt = ""
    if rule:
        for level in levels:
            match = None if names.says_nothing(stem(level)) else rule.search(level)
            if match and match["student"] and not names.says_nothing(match["student"]):
                return match["student"], "규칙", ""
        doubt = "--student-pattern의 규칙에 맞지 않는다."
    numbers = names.numbers(item.levels)
    if numbers:
        first = [names.fields(level)[:1] for level in item.levels]
        if len(set(map(plain, numbers))) > 1:
            doubt = doubt or f"학번으로 보이는 것이 여럿이다({', '.join(numbers)})."
        elif DATE.fullmatch(numbers[0]) and [numbers[0]] not in first:
            doubt = doubt or f"{numbers[0]}은 날짜일 수도 있다."
        return numbers[0], "학번", doubt
    files, folders = levels[:1], levels[1:]
    for level in levels:
        if MOODLE.search(level) and names.whole(level):
            return names.whole(level), "무들의 폴더 이름", doubt
    for level in levels:
        if first := names.divided(level):
            here = {plain(part) for part in names.fields(level)}
            others = [names.whole(other) for other in levels if other != level]
            odd = [other for other in others if other and plain(other) not in here and other != first]
            odd = [] if level != files[0] and odd == [names.whole(files[0])] else odd
            doubt = doubt or (f"«{shown(odd[0])}»의 것일 수도 있다." if odd else "")
            return first, "나뉜 이름의 첫 칸", doubt
    outer = [first for first in map(names.whole, folders[::-1]) if first]
    if outer:
        doubt = doubt or (f"«{shown(outer[-1])}»의 것일 수도 있다." if len(set(outer)) > 1 else "")
        return outer[0], "폴더 이름", doubt
    alone = names.whole(files[0]) if files else None
    return alone, "파일 이름", doubt or "이름에 밑줄도 학번도 없다."


def enrolled(item, student, names, roster, plan):
    """명단의 학번. 명단에서 찾지 못하면 까닭을 적고 빈 글을 돌려준다."""
    by_number, by_name = {}, {}
    levels = [student] if item.reason in ("규칙", HUB) else item.levels
    kept = item.doubt if item.reason == HUB else ""
    for level in levels:
        text = stem(level)
        for number in numbered(text, roster):
            by_number.setdefault(number, level)
        for number in called(text, roster):
            by_name.setdefault(number, level)
    found = list(by_number or by_name)
    if len(found) == 1:
        item.reason, item.doubt = "명단의 학번" if by_number else "명단의 이름", kept
        if by_number and by_name and found[0] not in by_name:
            item.doubt = f"이름은 {', '.join(map(roster.named, by_name))}이다."
        elif not by_number and (others := names.numbers(levels)):
            item.doubt = f"학번 {others[0]}은 명단에 없다. 이름으로 찾았다."
        return found[0]
    if found:
        people = ", ".join(map(roster.named, found))
        plan.problems.append(f"{item}: 명단에 맞는 사람이 여럿이라 지나쳤습니다({people}). 학번을 이름에 넣어 주세요.")
        return ""
    words = [part for level in levels for part in names.fields(level)] or [student or ""]
    near = list(dict.fromkeys(person for word in words for person in roster.near(word)))[:3]
    hint = f" 비슷한 사람: {', '.join(near)}." if near else ""
    about = f"«{shown(student)}»은" if student else "이 파일의 학생은"
    plan.problems.append(
        f"{item}: {about} 명단에 없어 지나쳤습니다.{hint} 이름을 고치거나 명단에 더하고 다시 모으세요."
    )
    return ""


def numbered(text, roster):
    """글에 든 명단의 학번들."""
    tokens = re.findall(r"[A-Za-z]{0,3}\d[\d\-]*\d|[A-Za-z0-9]+", text)
    whole = plain(text)
    return [
        number
        for key, number in roster.by_number.items()
        if key == whole or any(plain(token) == key for token in tokens)
    ]


def called(text, roster):
    """글에 든 명단의 이름을 가진 사람들. 긴 이름 속의 짧은 이름은 세지 않는다."""
    tokens = re.findall(r"[^\W\d_]+", text.casefold())
    runs = {"".join(tokens[start:end]) for start in range(len(tokens)) for end in range(start + 1, start + 5)}
    turned = {"".join(pair[::-1]) for pair in zip(tokens, tokens[1:])}  # Gildong Hong과 Hong Gildong
    hits = {name for name in roster.by_name if name and name in runs | turned}
    longest = sorted(name for name in hits if not any(name != other and name in other for other in hits))
    return [number for name in longest for number in roster.by_name[name]]


def one_for_all(plan, names):
    """모두가 한 학생이 되었으면 앞에 붙은 말을 학생으로 본 것이다. 하나도 받지 않는다."""
    students = {item.student for item in plan.hand_ins}
    by_word = [item for item in plan.hand_ins if not re.search(r"\d{5}", item.student) and "명단" not in item.reason]
    if len({item.place[:-1] for item in by_word}) == 1 and by_word[0].reason == "폴더 이름":
        return  # 한 학생의 폴더뿐이다
    if len(students) == 1 and len(by_word) > 1 and len({tuple(map(tuple, words(item, names))) for item in by_word}) > 1:
        [student] = students
        plan.problems.append(
            f"노트북 {len(by_word)}개가 모두 한 학생 «{shown(student)}»의 것이 됩니다. 앞에 붙은 말을 학생으로 본 것 "
            f"같아 받지 않았습니다. {advice(by_word, names)}"
        )
        plan.hand_ins = []


def odd_ones(plan):
    """거의 모두가 같은 꼴의 학번인데 그렇지 않은 것은 잘못 적은 학번이거나 다른 말이다."""
    forms = Counter(len(plain(item.student)) for item in plan.hand_ins if item.reason == "학번")
    [(usual, count)] = forms.most_common(1) or [(0, 0)]
    if count < 3 or count * 3 < len(plan.hand_ins) * 2:
        return
    for item in plan.hand_ins:
        if item.reason in ("학번", "나뉜 이름의 첫 칸", "폴더 이름") and len(plain(item.student)) != usual:
            item.doubt = item.doubt or f"다른 파일의 학번({usual}자리)과 꼴이 다르다."


def words(item, names):
    return [names.fields(level) for level in item.levels]


def advice(items, names):
    """이 파일들에 맞는 규칙의 예. 찾지 못하면 이름을 어떻게 지을지."""
    rule = suggest([item.levels for item in items], names)
    if rule:
        return f"이 이름들에는 이 규칙이 맞습니다: --student-pattern '{rule}'"
    return "학번을 파일 이름에 넣거나(20261234_홍길동.ipynb), 명단(--roster)이나 규칙(--student-pattern)을 주세요."


def suggest(names_of_all, names):
    """모든 이름에서 서로 다른 학생을 찾아내는 정규식. 없으면 ``None``.

    >>> suggest([("DL_a1_x.ipynb",), ("DL_b2_x.ipynb",)], Names())
    '^(?:[^_]+_){1}(?P<student>[^_.]+)'
    """
    digits = [rf"(?<!\d)(?P<student>\d{{{length}}})(?!\d)" for length in range(10, 4, -1)]
    dashes = [r"^(?P<student>[^_]+?) - ", r" - (?P<student>[^_.]+)", r"\((?P<student>[^()]+)\)"]
    columns = [rf"^(?:[^_]+_){{{skip}}}(?P<student>[^_.]+)" for skip in range(5)]
    for rule in [*digits, *dashes, *columns, r"^(?P<student>[^_. ]+)"]:
        values = []
        for levels in names_of_all:
            matches = (re.search(rule, level) for level in levels if not names.says_nothing(stem(level)))
            value = next((match["student"] for match in matches if match), "")
            values.append("" if not value.strip() or names.says_nothing(value) or DATE.fullmatch(value) else value)
        if all(values) and len(set(values)) == len(values):
            return rule
    return None
