"""한 반의 제출물: 바른 것, 조금 틀린 것, 망가진 것, 해로운 것. 저마다 받아야 할 점수가 적혀 있다.
글로 쓰는 문제의 점수는 뺀다.

강사 노트북의 풀이에서 출발해 한 곳씩 바꾼다. 그래서 연습 문제를 고쳐도 이 반은 그대로 쓸 수 있다.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import partial

import attacks
import forms
import nbformat
from forms import at, encode, zipped
from right_answers import RIGHT
from wrong_schedules import WRONG

from grading import EXERCISES
from grading.oracle import MARKER, grade_id

POINTS = {  # 저절로 채점하는 문제 → 배점
    cell.metadata.nbgrader.grade_id.removesuffix("-grade"): cell.metadata.nbgrader.points
    for cell in nbformat.read(EXERCISES / "schedules.ipynb", as_version=4).cells
    if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("grade")
}
FILE = "{}_schedules.ipynb"
CLOSURE = "02_exponential-closure"
FULL = sum(POINTS.values())
# 문제마다 하나씩 틀린 세 사람: 문제 → (보관한 틀린 답, 그래도 지킨 성질, 물은 성질). 지킨 것은 문제의 글로 셌다.
MISTAKEN = [
    {
        "00_learning_rate/steps": ("내림", 0, 2),
        "00_learning_rate/suggest": ("10으로 나누지 않음", 1, 3),  # 끝에서 ValueError를 내는 것만
        "01_power/by_hand": ("절반의 절반", 0, 2),
        "01_power/power": ("c를 t/s에만", 1, 3),  # c = 1이면 맞다
        "01_power/replace_decay": ("decay를 스텝 수로", 0, 2),
        "02_exponential/closure": ("내림", 1, 3),  # s의 배수에서만 맞다
        "02_exponential/decay_steps": ("내림", 2, 3),  # 덜 찬 배치가 없으면 맞다
        "03_piecewise_constant/rate": ("경계에서 새 값", 2, 3),
        "03_piecewise_constant/boundaries": ("1을 빼지 않음", 0, 3),
        "04_performance/plateau": ("한 에포크 더 참음", 0, 4),
        "05_one_cycle/phases": ("두 구간뿐", 0, 3),
        "05_one_cycle/momentum": ("거꾸로 돌지 않음", 0, 3),
        "06_schedules_compared/interval": ("1.96", 1, 3),  # 평균은 맞다
        "13_warmup_cosine/rate": ("처음부터 셈", 3, 4),  # 코사인의 가운데만 틀리다
        "13_warmup_cosine/large_batch": ("decay_steps에 전체", 3, 4),  # 내려갈 때만 틀리다
    },
    {
        "00_learning_rate/steps": ("에포크를 잊음", 1, 2),
        "00_learning_rate/suggest": ("끝을 보지 않음", 2, 3),
        "01_power/by_hand": ("지수를 잊음", 1, 2),
        "01_power/power": ("계단이 없음", 2, 3),
        "01_power/replace_decay": ("계단", 1, 2),  # 1/decay의 배수에서만 맞다
        "02_exponential/closure": ("lr0을 잊음", 0, 3),
        "02_exponential/decay_steps": ("계단", 2, 3),  # k에포크마다는 맞고 그 사이가 틀리다
        "03_piecewise_constant/rate": ("첫 경계만", 0, 3),
        "03_piecewise_constant/boundaries": ("반올림", 2, 3),  # 곱한 스텝이 정수이면 맞다
        "04_performance/plateau": ("min_lr을 잊음", 3, 4),
        "05_one_cycle/phases": ("η1/1000", 1, 3),  # 마지막 구간과 그 뒤가 틀리다
        "05_one_cycle/momentum": ("마지막에 다시 내림", 2, 3),
        "06_schedules_compared/interval": ("ddof를 잊음", 1, 3),
        "13_warmup_cosine/rate": ("되돌아옴", 3, 4),  # 훈련이 끝난 뒤만 틀리다
        "13_warmup_cosine/large_batch": ("키우지 않음", 1, 4),  # 시작하는 값만 맞다
    },
    {
        "00_learning_rate/steps": ("한꺼번에 나눔", 1, 2),
        "00_learning_rate/suggest": ("NaN을 그대로 둠", 1, 3),
        "01_power/by_hand": ("한 칸 밀림", 0, 2),
        "01_power/power": ("배열을 받지 못함", 1, 3),  # 계단에도 배열을 준다
        "01_power/replace_decay": ("지수 기반", 0, 2),
        "02_exponential/closure": ("값을 돌려줌", 0, 3),
        "02_exponential/decay_steps": ("k를 잊음", 0, 3),
        "03_piecewise_constant/rate": ("마지막 값이 없음", 2, 3),
        "03_piecewise_constant/boundaries": ("에포크를 곱하지 않음", 0, 3),
        "04_performance/plateau": ("min_delta를 잊음", 3, 4),
        "05_one_cycle/phases": ("끝난 뒤에도 내려감", 2, 3),
        "05_one_cycle/momentum": ("되돌아오지 않음", 1, 3),
        "06_schedules_compared/interval": ("짝짓지 않음", 1, 3),
        "13_warmup_cosine/rate": ("바닥에서 시작", 3, 4),  # 바닥이 있는 워밍업만 틀리다
        "13_warmup_cosine/large_batch": ("0에서 시작", 1, 4),  # 가장 큰 값만 맞다
    },
]
KOREAN = """# 답: 04_performance/plateau
def rates_on_plateau(losses, learning_rate, factor, patience, min_delta=1e-4, min_lr=0.0):
    기록, 참은_횟수, 쓴_학습률 = float("inf"), 0, []
    for 손실 in losses:
        쓴_학습률.append(learning_rate)
        if 기록 - 손실 > min_delta:
            기록, 참은_횟수 = 손실, 0
        else:
            참은_횟수 += 1
        if 참은_횟수 == patience:
            learning_rate, 참은_횟수 = max(learning_rate * factor, min_lr), 0
    return 쓴_학습률
"""
TF_KERAS = """# 답: 01_power/replace_decay
from tensorflow.keras.optimizers.schedules import InverseTimeDecay

replace_decay = lambda learning_rate, decay: InverseTimeDecay(learning_rate, 1 / decay, 1.0)
"""
OWN_HELPERS = """
def report(value):
    print("학습률:", value)
    return value

graded = report
check = ["다 풀었다"]
"""
BISECT = "def piecewise_rate(step, boundaries, values):\n    return values[bisect_left(boundaries, step)]"
HOW_MANY = "def how_many(step, boundaries):\n    return sum(step > boundary for boundary in boundaries)\n"


@dataclass
class Pupil:
    """학생 한 명: 이름, 파일, 바이트, 받아야 할 점수, 무엇을 했는지. 받을 수 없는 것이면 들을 말(``told``)이 있다."""

    name: str
    file: str
    data: bytes
    marks: float
    story: str
    told: str = ""


def hand_in(pupils, folder):
    """낸 것을 폴더에 둔다."""
    for pupil in pupils:
        (folder / pupil.file).parent.mkdir(parents=True, exist_ok=True)
        (folder / pupil.file).write_bytes(pupil.data)


def solutions(assignment="schedules"):
    """문제의 이름 → 풀이를 적은 답 셀."""
    notebook = nbformat.read(EXERCISES / f"{assignment}.ipynb", as_version=4)
    return {
        grade_id(MARKER.search(cell.source)[1]): re.sub(r" *### (?:BEGIN|END) SOLUTION\n?", "", cell.source)
        for cell in notebook.cells
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution")
    }


def wrong(key, label):
    """보관한 틀린 답. ``label``은 그 이름의 일부이다."""
    return next(source for name, source, _ in WRONG[key] if label in name)


def mistaken(choices):
    """(받을 점수, 문제의 이름 → 틀린 답)."""
    marks = sum(POINTS[grade_id(key)] * kept / asked for key, (_, kept, asked) in choices.items())
    return round(marks, 4), {grade_id(key): wrong(key, label) for key, (label, *_) in choices.items()}


def otherwise(number):
    """달리 쓴 맞는 답 가운데 문제마다 하나씩: 문제의 이름 → 답."""
    right = {key: answers for key, answers in RIGHT.items() if grade_id(key) in POINTS}
    return {grade_id(key): answers[number % len(answers)][1] for key, answers in right.items()}


def fill(release, answers, change=lambda notebook: None):
    """나누어 준 노트북에 답을 적은 파일."""
    notebook = nbformat.reads(nbformat.writes(release), as_version=4)
    for cell in notebook.cells:
        cell.source = answers.get(forms.name(cell), cell.source)
    change(notebook)
    return notebook


def in_turn(*changes):
    """여러 가지를 차례로 고친다."""

    def change(notebook):
        for one in changes:
            one(notebook)

    return change


def old(notebook):
    return encode(forms.old(notebook))


def in_zip(place, others, notebook):
    """압축 파일의 ``place``에 놓인 노트북. 곁에 ``others``도 있다."""
    return zipped({**others, place: encode(notebook)})


def in_zip_in_zip(place, notebook):
    return zipped({"제출.zip": zipped({place: encode(notebook)})})


def own_cells(notebook):
    """제 셀을 더하고, 도움 함수를 따로 둔다."""
    number = at(notebook, "03_piecewise_constant-rate")
    notebook.cells[number].source = (
        "# 답: 03_piecewise_constant/rate\ndef piecewise_rate(step, boundaries, values):\n"
        "    return values[how_many(step, boundaries)]\n"
    )
    forms.add_cell(HOW_MANY, "03_piecewise_constant-rate-question")(notebook)
    forms.add_cell("다 풀었다!", None, "markdown")(notebook)


def classroom(release, port, places):
    """반 전체. ``port``는 밖에서 듣고 있는 서버, ``places``는 건드려서는 안 되는 파일들."""
    right, pupils = solutions(), []

    def pupil(
        story, marks, changes=None, change=lambda notebook: None, *, base=right, name="", file=FILE, write=encode
    ):
        """``base``의 답을 ``changes``로, 노트북을 ``change``로 바꾸고 ``write``로 적어 ``file``로 냈다."""
        name = name or f"s{len(pupils) + 1:02}"
        data = write(fill(release, {**base, **(changes or {})}, change))
        pupils.append(Pupil(name, file.format(name), data, round(marks, 4), story))

    def refused(story, told, data, end=".ipynb"):
        """받을 수 없는 것을 냈다."""
        name = f"s{len(pupils) + 1:02}"
        pupils.append(Pupil(name, f"{name}_schedules{end}", data, 0, story, told))

    def before(name, code):
        """답 셀의 앞에 ``code``를 넣는다. 그 셀은 끝까지 가지 못한다."""
        marker, rest = right[name].split("\n", 1)
        return {name: f"{marker}\n{code}\n{rest}"}

    def after(name, code):
        return {name: f"{right[name]}\n{code}"}

    def instead(name, code):
        return {name: f"{right[name].splitlines()[0]}\n{code}"}

    def edited(name, *pairs):
        """``pairs``는 (옛 글, 새 글)들."""
        source = right[name]
        for old, new in pairs:
            assert old in source
            source = source.replace(old, new)
        return {name: source}

    # 맞은 답과 흔히 틀린 답
    pupil("모두 맞았다", FULL)
    pupil("다르게 썼고 제 셀을 더했다", FULL, change=own_cells, file="s02_홍길동_schedules (1).ipynb")
    pupil("변수의 이름이 한글이다", FULL, {"04_performance-plateau": KOREAN})
    pupil("빈 노트북", 0, base={})
    pupil("앞의 일곱 문제만 풀었다", 2 + 3 + 2 + 3 + 2 + 2 + 3, base=dict([*right.items()][:7]))
    # 손으로 적은 두 답만 남는다. 아무것도 돌려주지 않는 함수에는 맞은 성질이 없다.
    forgotten = {name: re.sub(r"\breturn\b", "answer =", source) for name, source in right.items()}
    pupil("return을 모두 잊었다", 2 + 2, forgotten)
    kinds = instead("00_learning_rate-steps", 'steps = {"가": ["40", "480"], "나": ["209", "3135"]}')
    kinds |= edited("01_power-by_hand", ("0.144 / 4, 0.144 / 9,", ""))
    kinds |= edited("03_piecewise_constant-boundaries", ("return [", "return {"), ("fractions]", "fractions}"))
    pupil("글로 적고, 모자라게 적고, 집합을 돌려주었다", FULL - 2 - 1 - 3, kinds)
    broken = after("01_power-power", "print(“다 풀었다”)")
    broken |= edited("03_piecewise_constant-rate", ("        if", "\tif"))
    pupil("둥근따옴표를 붙여 넣고 탭을 섞었다", FULL - 3 - 3, broken)
    recursive = "def one_cycle_rate(*arguments):\n    return one_cycle_rate(*arguments)"
    pupil("끝없이 저를 부른다", FULL - 3, instead("05_one_cycle-phases", recursive))
    endless = "def place_boundaries(*arguments):\n    while True:\n        yield 1"
    pupil("끝나지 않는 생성기", FULL - 3, instead("03_piecewise_constant-boundaries", endless))
    number = edited("00_learning_rate-steps", ("steps = None", "math = 39.06"))
    pupil("math라는 변수를 만들었다", FULL - 3 - 3 - 3 - 2.25, number)  # 코사인의 워밍업은 math 없이도 맞는다
    helped = edited("01_power-power", ("return initial", "return report(initial"), ("** power", "** power)"))
    helped |= edited("05_one_cycle-phases", ("max_learning_rate / 10", "graded(max_learning_rate / 10)"))
    pupil("도움 함수의 이름이 채점의 것과 같다", FULL, helped, forms.add_cell(OWN_HELPERS, "setup-import"))
    magic = {"02_exponential-closure": f"%%time\n{right['02_exponential-closure']}"}
    asks = forms.add_cell('%matplotlib inline\n!ls\nname = input("이름: ")', "setup-import")
    pupil("매직을 쓰고 이름을 묻는다", FULL, magic, asks)

    # 파일과 폴더의 이름: 누구의 것인가
    systems = {
        "홍길동": "홍길동_31415_assignsubmission_file_/schedules.ipynb",
        "kimhana": "kimhana_9182_7364_schedules-1.ipynb",
        "박세나": "박세나 - schedules.ipynb",
    }
    for choices, (name, file) in zip(MISTAKEN, systems.items()):
        marks, answers = mistaken(choices)
        pupil(f"문제마다 하나씩 틀렸다: {file}", marks, answers, name=name, file=file)
    file = "20261234_이둘/schedules_ipynb의_사본.ipynb"
    pupil("모두 달리 풀었다: Colab의 사본", FULL, otherwise(0), name="20261234", file=file)
    inside = ("제출/.ipynb_checkpoints/schedules-checkpoint.ipynb", "__MACOSX/제출/._schedules.ipynb")
    write = partial(in_zip, "제출/schedules.ipynb", dict.fromkeys(inside, encode(release)))
    pupil("모두 달리 풀었다: 맥의 압축", FULL, otherwise(1), name="20261235", file="20261235_최넷.zip", write=write)
    write = partial(in_zip_in_zip, "20261236_정다섯/schedules의 사본.ipynb".encode("cp949"))
    pupil("모두 달리 풀었다: 윈도의 압축", FULL, otherwise(2), name="20261236", file="3분반.zip", write=write)
    file = unicodedata.normalize("NFD", "2분반/한가람/제출/schedules.ipynb")
    pupil("한 문제만 풀었다: 맥의 폴더", 2, base=dict([*right.items()][:1]), name="한가람", file=file)
    early, late = (f"과제1_20261238_attempt_2026-11-{day}-10-00-00_schedules.ipynb" for day in (21, 23))
    write = partial(in_zip, late, {early: encode(release)})
    pupil("비워 냈다가 다시 냈다", FULL, name="20261238", file="20261238_강하늘.zip", write=write)

    # 도구와 사람이 셀에 한 일
    pupil("Colab이 메타데이터를 지웠다", FULL, change=forms.colab, file="{}_schedules.ipynb의 사본.ipynb")
    renamed = edited("01_power-power", ("def power_decay", "def power"))
    pupil("함수의 이름을 바꾸었다: VS Code", FULL - 3, renamed, forms.vscode)
    unknown = edited("06_schedules_compared-interval", ("np.array(a)", "pd.Series(a)"))
    pupil("불러오지 않은 것을 썼다: Jupytext", FULL - 3, unknown, forms.jupytext)
    searched = instead("03_piecewise_constant-rate", BISECT)
    late_import = forms.add_cell("from bisect import bisect_left", None)
    pupil("답보다 뒤에서 불러왔다: nbformat 3", FULL - 3, searched, late_import, write=old)
    pupil("tf.keras로 썼다: 윈도의 줄 끝", FULL, {"01_power-replace_decay": TF_KERAS}, forms.windows_lines)
    pupil("출력과 위젯과 NaN을 저장했다", FULL, change=forms.saved_widgets)
    pupil("이름도 표식도 지웠다", FULL, change=forms.nameless)
    pupil("셀의 차례를 뒤집었다", FULL, change=lambda notebook: notebook.cells.reverse())
    pupil("시험 셀과 문제를 지웠다", FULL, change=forms.delete_tests)
    pupil("시험 셀을 고치고 점수를 올렸다", 0, base={}, change=forms.edit_tests)
    pupil("불러오는 셀을 지우고 제 것을 적었다", FULL, change=forms.own_imports)
    pupil("답을 한 셀에 모으고 답 셀은 지웠다", FULL, change=forms.all_in_one)
    pupil("답 셀을 마크다운으로 바꾸었다", FULL, change=forms.to_markdown("01_power-power"))
    halves = right["01_power-power"].replace("    if", "|    if")
    pupil("답 셀을 나누었다", FULL, change=lambda notebook: forms.halve(notebook, "01_power-power", halves))
    ends = (CLOSURE, "02_exponential-decay_steps")
    pupil("두 답 사이를 모두 합쳤다", FULL, change=lambda notebook: forms.merge(notebook, *ends))
    floored = wrong("02_exponential/closure", "내림")
    pupil("맞은 답 밑에 틀린 사본이 있다", FULL - 2 * 2 / 3, change=forms.copy_below(CLOSURE, floored))
    pupil("틀린 답 밑에 맞은 사본이 있다", FULL, {CLOSURE: floored}, forms.copy_below(CLOSURE, right[CLOSURE]))
    code, others = right[CLOSURE].partition("\n")[2], {name: right[name] for name in right if name != CLOSURE}
    below, bom = forms.add_cell(code, f"{CLOSURE}-check"), partial(encode, encoding="utf-8-sig")
    pupil("답을 확인 셀 밑에 적었다: BOM", FULL, change=below, base=others, write=bom)
    cp949 = partial(encode, encoding="cp949", errors="replace")
    pupil("답을 다음 문제의 셀에 적었다: cp949", FULL - 2, after(ends[1], code), base=others, write=cp949)
    pupil("글자 인코딩이 다르다", FULL, write=partial(encode, encoding="utf-16"))

    # 멈추거나 삼키는 것
    pupil("끝없는 반복", FULL - 3, before("03_piecewise_constant-rate", attacks.LOOP))
    pupil("멈춤을 듣지 않는 끝없는 반복", FULL - 4, before("04_performance-plateau", attacks.DEAF))
    looping = "def one_cycle_rate(*arguments):\n    while True:\n        pass"
    pupil("부르면 끝나지 않는 함수", FULL - 3, instead("05_one_cycle-phases", looping))
    pupil("메모리를 삼킨다", FULL, after("05_one_cycle-momentum", attacks.HOG))
    pupil("프로세스 폭탄", FULL - 3, before("05_one_cycle-momentum", attacks.BOMB))
    pupil("디스크를 채운다", FULL, after("00_learning_rate-steps", attacks.FILL))
    pupil("커널을 죽인다", FULL - 2, before("01_power-by_hand", "import os\nos._exit(137)"))
    pupil("글을 많이 찍는다", FULL, after("01_power-replace_decay", "for _ in range(200):\n    print('가' * 100_000)"))
    pupil("글을 끝없이 찍는다", FULL - 2, before("01_power-replace_decay", "while True:\n    print('가' * 1_000)"))
    pupil("파일 서술자를 모두 닫는다", FULL - 2, before("01_power-by_hand", "import os\nos.closerange(0, 1000)"))
    pupil("스스로 끝낸다", FULL - 2, before("01_power-replace_decay", "raise SystemExit"))
    huge = "def paired_interval(a, b):\n    return [10**400] * 3"
    pupil("실수에 담을 수 없는 수를 돌려준다", FULL - 3, instead("06_schedules_compared-interval", huge))
    pupil("UTF-8로 적을 수 없는 글자를 찍는다", FULL, after("01_power-power", "print('\\ud800', '\\x00')"))
    broken = "import json\njson.dumps = json.loads = None\nnp.asarray = None"
    pupil("여러 셀이 함께 쓰는 것을 망가뜨린다", FULL - 3, after("06_schedules_compared-interval", broken))
    pupil("거짓 대답을 보내고 잠든다", FULL - 3, before("03_piecewise_constant-rate", attacks.SILENT))
    pupil("짧은 자식을 끝없이 낳는다", FULL - 3, before("05_one_cycle-momentum", attacks.REAPED))
    pupil("어느 프로세스의 것도 아닌 메모리를 쥔다", FULL, after("00_learning_rate-steps", attacks.NOBODYS))
    pupil("셀마다 큰 그림을 낸다", FULL, change=in_turn(*[forms.add_cell(attacks.PICTURES, None)] * 8))
    nested = forms.add_cell("<div>" * 32_000, None, "markdown")
    pupil("겹친 HTML을 끝없이 적는다", FULL, change=nested)

    # 숨은 것을 찾거나 점수를 꾸미는 것
    first = "00_learning_rate-steps"
    pupil("숨은 시험을 찾아다닌다", 0, instead(first, attacks.PEEK), base={})
    pupil("성적부를 읽고 고치려 한다", FULL, after(first, attacks.WRITE.format(places=places)))
    pupil("네트워크를 연다", FULL, after(first, attacks.NET.format(port=port)))
    pupil("확인하는 함수를 바꿔치기한다", 0, instead(first, attacks.FORGE), base={})
    pupil("점수를 찍는다", 0, instead(first, attacks.PRINT), base={})
    pupil("상자 안에서 새 이름 공간과 키를 만든다", FULL, after(first, attacks.ESCAPE))
    pupil("숨은 시험을 찍어 집에 가져간다", FULL, change=forms.add_cell(attacks.CARRY, None))
    boxes = forms.add_cell(attacks.FORGED_BOXES, None, "markdown")
    pupil("채점의 상자를 흉내 낸다", FULL, change=boxes)
    pupil("씨앗과 정답을 미리 찾는다", FULL, after(first, attacks.SEARCH))
    pupil("확인이 쓰는 정답을 답으로 낸다", 0, attacks.stolen(right), base={})
    dug = forms.add_cell(attacks.DIG, "setup-import")
    pupil("부른 쪽의 프레임과 공개된 값을 뒤진다", 0, attacks.stolen(right, "dug({key!r})"), dug, base={})

    # 받을 수 없는 것
    refused("노트북이 아니다", "노트북(.ipynb)이 아닙니다", b"\xff\xd8\xff\xe0 JFIF \x00 not a notebook")
    refused("로그인이 풀린 웹 쪽이다", "웹 쪽(HTML)입니다", b"<!DOCTYPE html><html><title>Login</title></html>")
    whole = encode(fill(release, right)).decode()
    refused("올리다 끊겼다", "노트북(.ipynb)이 아니거나 깨졌습니다", whole[:-1_000].encode())
    other = (EXERCISES / "student" / "regularization.ipynb").read_bytes()
    refused("다른 과제의 노트북이다", "다른 노트북을 낸 것 같다", other)
    refused("강사의 파일을 가리키는 링크이다", "링크입니다", zipped({"schedules.ipynb": places[0]}), ".zip")
    return pupils
