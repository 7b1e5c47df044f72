"""닮은 답: 코드와 글이 많이 겹치는 두 사람의 쌍. 읽어 보라는 뜻이지, 베꼈다는 판정이 아니다.

``copydetect``가 겹치는 자리를 찾는다(MOSS와 같은 winnowing). 이름을 바꾸어도 겹친다. 나누어 준 노트북과 강사의 풀이에
있는 것은 빼고 본다. MOSS처럼, 여럿이 똑같이 쓴 자리도 뺀다: 누구나 그렇게 쓰는 것이다.
"""

import io
import itertools
import re
from collections import Counter
from dataclasses import dataclass

import numpy as np
from copydetect import CodeFingerprint, compare_files
from tqdm import tqdm

from grading.grade import student_cells
from grading.oracle import MARKER
from grading.repair import FIXED

MARKER_LINE = re.compile(f"(?:{MARKER.pattern}).*\\n?", re.MULTILINE)
LENGTH = {"코드": 25, "글": 15}  # 이보다 짧게 겹치는 것은 우연이다. copydetect가 줄여 적은 코드의 글자 수
COMMON = 10  # 이보다 많은 학생이 쓴 자리는 보지 않는다. MOSS의 -m과 같은 값
SHARE = 0.5  # 겹치는 몫이 둘 다 이보다 작으면 보이지 않는다
SHORTEST = 80  # 겹친 글자가 이보다 적으면 보이지 않는다
MOST = 20  # 보일 쌍의 수


@dataclass(frozen=True)
class Pair:
    """두 학생, 겹친 몫, 그리고 두 사람이 쓴 것을 (글, 겹치는가)의 조각으로 나눈 것."""

    kind: str
    students: tuple
    shares: tuple
    pieces: tuple


def pairs(notebooks, bases):
    """학생 → 노트북에서 닮은 쌍을 찾는다. 많이 겹치는 것부터이다. ``bases``는 나누어 준 노트북과 강사 노트북이다."""
    found, given = [], {cell.source.strip() for notebook in bases for cell in notebook.cells}
    for kind, cells in (("코드", ("code",)), ("글", ("markdown", "raw"))):
        base = np.array(sorted({key for text in bases_of(bases, kind) for key in fingerprint(text, kind).hashes}))
        texts = {student: own(notebook, cells, given) for student, notebook in notebooks.items()}
        prints = {student: fingerprint(text, kind, base) for student, text in texts.items()}
        common = Counter(key for print_ in prints.values() for key in print_.hashes)
        often = np.array(sorted({*base, *(key for key, count in common.items() if count > COMMON)}))
        if len(often) > len(base):
            prints = {student: fingerprint(text, kind, often) for student, text in texts.items()}
        found += compared(prints, kind)
    return sorted(found, key=lambda pair: -sum(pair.shares))[:MOST]


def compared(prints, kind):
    """겹치는 몫이 큰 쌍들."""
    couples = list(itertools.combinations(sorted(prints), 2))
    for one, other in tqdm(couples, desc=f"닮은 {kind}", unit="쌍", disable=None if couples else True):
        a, b = prints[one], prints[other]
        if len(a.hashes & b.hashes) * 2 < SHARE * min(len(a.hashes), len(b.hashes)) or not a.hashes or not b.hashes:
            continue  # 지문이 얼마 겹치지 않으면 자리까지 찾을 것도 없다
        count, shares, slices = compare_files(a, b)
        if count >= SHORTEST and max(shares) >= SHARE:
            pieces = tuple(cut(print_.raw_code, places) for print_, places in zip((a, b), slices))
            yield Pair(kind, (one, other), tuple(map(float, shares)), pieces)


def own(notebook, kinds, given):
    """학생이 쓴 것. 나누어 준 셀, 답의 표식, 받으면서 고친 것을 적은 셀은 뺀다."""
    texts = [
        text for text in student_cells(notebook, kinds) if text.strip() not in given and not text.startswith(FIXED)
    ]
    return "\n\n".join(MARKER_LINE.sub("", text).strip() for text in texts)


def bases_of(notebooks, kind):
    """빼고 볼 글: 나누어 준 노트북과 강사 노트북의 셀 전부."""
    code = kind == "코드"
    return ["\n\n".join(cell.source for cell in nb.cells if (cell.cell_type == "code") == code) for nb in notebooks]


def fingerprint(text, kind, base=()):
    """글의 지문. 지문을 모두 쓴다(``win_size=1``): 골라 쓰면 파이썬의 ``hash``에 따라 부를 때마다 달라진다."""
    code = kind == "코드"
    return CodeFingerprint(
        "answer.py",
        LENGTH[kind],
        1,
        boilerplate=base,
        filter=code,
        language="python" if code else None,
        fp=io.StringIO(text),
    )


def cut(text, places):
    """글을 겹치는 조각과 아닌 조각으로 나눈다.

    >>> cut("가나다라", [[1], [3]])
    (('가', False), ('나다', True), ('라', False))
    """
    edges = [0]
    for start, end in sorted(zip(*places)):
        start, end = max(int(start), edges[-1]), max(int(end), edges[-1])
        edges += [start, end]
    edges.append(len(text))
    pieces = ((text[start:end], bool(number % 2)) for number, (start, end) in enumerate(itertools.pairwise(edges)))
    return tuple(piece for piece in pieces if piece[0])
