"""모으기: 연 것에서 학생마다 노트북 하나를 고른다. 아직 아무것도 쓰지 않는다."""

import hashlib
import re
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

from grading import owners
from grading import roster as rosters
from grading.hand_ins import HandIn
from grading.messages import Problem, shown
from grading.repair import LARGEST, repair, too_large
from grading.roster import plain

TIME = ("제출시각", "제출일시", "제출시간", "제출일", "시각", "일시", "time", "submitted", "submittedat", "timestamp")
STUDENT = ("학번", "학생", "아이디", "id", "student", "studentid", "이름", "성명", "name", "username")


def prepare(found, release, names, pattern=None, roster=None, times=None):
    """누구의 어느 노트북을 받을지 정한 것(``Plan``). 학생마다 하나이고, 못 받는 것은 까닭이 ``problems``에 있다."""
    plan = owners.assign(found, names, pattern, roster)
    plan.problems = [*found.problems, *companions(found, plan, names, pattern), *plan.problems]
    mine = defaultdict(list)
    for item in plan.hand_ins:
        try:
            if item.size > LARGEST:
                raise OSError(too_large(item.size))
            data = item.read()
        except OSError as error:
            plan.problems.append(f"{item} ({plan.named(item.student)}): 받지 못했습니다. {error}")
            continue
        submission = repair(data, release)
        item.notes = submission.notes
        mine[item.student].append((item, hashlib.sha256(data).digest(), submission.unreadable))
    plan.hand_ins = [item for student, several in sorted(mine.items()) for item in one(student, several, names, plan)]
    if times:
        stamp(plan, times)
    if roster:
        here = {item.student for item in plan.hand_ins}
        plan.missing = [roster.named(number) for number in roster.people if owners.safe(number) not in here]
    return plan


def companions(found, plan, names, pattern):
    """노트북이 아닌 파일들. 노트북을 낸 학생의 것은 몇 개인지만 알리고, 그것밖에 없는 학생의 것은 이름을 댄다."""
    rule, problems, beside = owners.compiled(pattern), [], 0
    known = {item.student for item in plan.hand_ins}
    for place in found.others:
        item = HandIn(place, datetime.now(UTC), "", 0, bytes)
        student, item.reason, _ = owners.owner(item, names, rule, ())
        if plan.roster:
            student = owners.enrolled(item, student, names, plan.roster, owners.Plan())
        if student and owners.safe(student) in known:
            beside += 1
        else:
            problems.append(f"{item}: 노트북(.ipynb)이 아니어서 지나쳤습니다.")
    if beside:
        plan.notices.append(f"노트북과 함께 온 다른 파일 {beside}개는 지나쳤습니다.")
    return problems


def one(student, several, names, plan):
    """한 학생의 노트북 가운데 받을 것 하나. 고를 수 없으면 아무것도 받지 않는다."""
    readable = [(item, digest) for item, digest, unreadable in several if not unreadable]
    for item, _, unreadable in several:
        if unreadable and readable:
            plan.notices.append(f"{item}: 받지 않았습니다. {item.notes[0]}")
        elif unreadable:
            plan.problems.append(f"{item} ({plan.named(student)}): 받지 못했습니다. {item.notes[0]}")
    if len(readable) < 2:
        return [item for item, _ in readable]
    items = [item for item, _ in readable]
    last = max(items, key=lambda item: item.time)
    alike = len({tuple(map(tuple, map(names.fields, item.levels))) for item in items}) == 1
    if alike and len({digest for _, digest in readable}) == 1:
        plan.notices.append(f"{student}: 같은 노트북이 {len(items)}개여서 하나만 받습니다.")
        return items[:1]
    if alike and all(item.clock == "파일 이름" for item in items) and len({item.time for item in items}) == len(items):
        last.notes = [f"{len(items)}번 낸 것 가운데 마지막이다.", *last.notes]
        return [last]
    places = ", ".join(map(str, items))
    rule = owners.suggest([item.levels for item in items], names)
    hint = f" 여러 학생의 것이면 규칙을 주세요: --student-pattern '{rule}'" if rule else ""
    plan.problems.append(f"{student}: 노트북이 {len(items)}개입니다({places}). 하나만 남기고 다시 모으세요.{hint}")
    return []


# ---- 낸 때


def stamp(plan, path):
    """낸 때를 CSV에서 찾아 적는다. 한 학생이 여러 줄이면 마지막 것이다."""
    times = read_times(path)
    for item in plan.hand_ins:
        keys = [item.student, *([plan.roster.people.get(item.student, "")] if plan.roster else [])]
        time = next((times[plain(key)] for key in keys if plain(key) in times), None)
        if time:
            item.time, item.clock = time, "CSV"
        else:
            plan.problems.append(f"{plan.named(item.student)}: {path.name}에 낸 때가 없습니다.")


def read_times(path):
    """학생 → 낸 때."""
    path = Path(path)
    try:
        rows = rosters.table(path.read_bytes(), path)
    except OSError as error:
        raise Problem(f"낸 때를 적은 {path}를 읽을 수 없습니다({error.strerror}).") from error
    titles = [re.sub(r"[\W_]", "", title).casefold() for title in (rows[0] if rows else [])]
    student = next((titles.index(title) for title in STUDENT if title in titles), None)
    time = next((titles.index(title) for title in TIME if title in titles), None)
    if student is None or time is None:
        raise Problem(f"{path.name}의 첫 줄에 «학번»과 «제출 시각»이 있어야 합니다.")
    found = {}
    for number, row in enumerate(rows[1:], 2):
        if len(row) <= max(student, time) or not row[time].strip():
            continue
        try:
            moment = moment_of(row[time])
        except ValueError as error:
            raise Problem(f"{path.name}의 {number}번째 줄: «{shown(row[time])}»은 시각이 아닙니다.") from error
        key = plain(rosters.clean(row[student]))
        found[key] = max(moment, found.get(key, moment))
    return found


def moment_of(text):
    """사람과 표 계산 프로그램이 적는 시각을 읽는다. 시간대가 없으면 이 컴퓨터의 것이다.

    >>> moment_of("2026. 11. 23. 오후 2:05").astimezone().strftime("%Y-%m-%d %H:%M")
    '2026-11-23 14:05'
    >>> moment_of("2026-11-23T05:05:00Z").isoformat()
    '2026-11-23T05:05:00+00:00'
    >>> moment_of("2026-11-23").astimezone().strftime("%H:%M:%S")
    '23:59:59'
    """
    text = text.strip()
    try:
        if len(text) > 10:
            return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        pass
    numbers = [int(number) for number in re.findall(r"\d+", text)]
    if not 3 <= len(numbers) <= 7:
        raise ValueError(text)
    if len(numbers) == 3:
        return datetime(*numbers, 23, 59, 59).astimezone(UTC)  # 날짜만 적었으면 그날이 끝날 때까지
    hour = numbers[3] % 12 + 12 if re.search(r"오후|PM", text, re.IGNORECASE) else numbers[3]
    hour = 0 if hour == 12 and re.search(r"오전|AM", text, re.IGNORECASE) else hour
    return datetime(*numbers[:3], hour, *numbers[4:6]).astimezone(UTC)
