"""Colab과 학습 관리 시스템을 거친 노트북을 나누어 준 뼈대에 다시 놓는다."""

import base64
import json
import sys

import nbformat
import pytest
from forms import at, colab, halve, merge, old

from grading import EXERCISES
from grading.repair import name_pictures, picture_files, repair

ANSWER = "# 답: 02_exponential/closure\ndef double(x):\n    return 2 * x"


def sources(notebook):
    return [cell.source for cell in notebook.cells]


def names(notebook):
    return [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells]


def test_untouched_submission_stays_as_it_is(release, answered):
    fixed = repair(answered(), release)
    assert fixed.notes == [] and names(fixed.notebook) == names(release)
    assert ANSWER in sources(fixed.notebook)


def test_lost_metadata_is_found_by_marker_and_text(release, answered):
    fixed = repair(answered(change=colab), release)
    assert names(fixed.notebook) == names(release) and ANSWER in sources(fixed.notebook)
    assert fixed.notes == ["셀 7개의 이름이 사라져 내용으로 찾았다."]


def test_answer_without_name_and_marker_is_the_cell_after_the_question(release, answered):
    def change(notebook):
        colab(notebook)
        for cell in notebook.cells:
            cell.source = "".join(cell.source).replace("# 답: 02_exponential/closure\n", "")

    fixed = repair(answered(change=change), release)
    assert "def double(x):\n    return 2 * x" in sources(fixed.notebook)
    assert any("문제 다음의 셀을 답으로" in note for note in fixed.notes)


def test_edited_test_cells_are_restored(release, answered):
    def change(notebook):
        for cell in notebook.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
            if name.endswith(("-check", "-grade")):
                cell.source = "2.0"
                cell.metadata.nbgrader.update(points=100, locked=False)

    fixed = repair(answered(change=change), release)
    assert sources(fixed.notebook)[4:6] == sources(release)[4:6]
    assert fixed.notebook.cells[5].metadata == release.cells[5].metadata
    assert len(fixed.notes) == 2


def test_deleted_cells_come_back(release, answered):
    def change(notebook):
        del notebook.cells[4:7]

    fixed = repair(answered(change=change), release)
    assert names(fixed.notebook) == names(release)
    assert "지워진 셀을 되살렸다" in fixed.notes[0]


def test_last_filled_copy_of_an_answer_counts(release, answered):
    def change(notebook):
        # 복사한 셀은 주피터가 새 id를 붙이지만 nbgrader의 이름은 그대로이다.
        copies = [nbformat.from_dict(json.loads(json.dumps(notebook.cells[3]))) for _ in range(2)]
        copies[0].id, copies[1].id = "a", "b"
        copies[0].source, copies[1].source = ANSWER.replace("2 *", "3 *"), release.cells[3].source
        notebook.cells[4:4] = copies

    fixed = repair(answered(change=change), release)
    assert fixed.notebook.cells[3].source == ANSWER.replace("2 *", "3 *")
    assert names(fixed.notebook) == names(release)
    assert "답이 3개였다" in " ".join(fixed.notes)


def test_order_is_restored(release, answered):
    fixed = repair(answered(change=lambda notebook: notebook.cells.reverse()), release)
    assert names(fixed.notebook) == names(release)
    assert "셀의 차례가 달라" in " ".join(fixed.notes)


def test_own_cells_stay_where_they_were(release, answered):
    def change(notebook):
        notebook.cells.insert(3, nbformat.v4.new_code_cell("def helper(x):\n    return x"))
        notebook.cells.append(nbformat.v4.new_markdown_cell("내 메모"))

    fixed = repair(answered(change=change), release)
    assert sources(fixed.notebook)[3] == "def helper(x):\n    return x"
    assert sources(fixed.notebook)[-1] == "내 메모"
    assert "nbgrader" not in fixed.notebook.cells[3].metadata
    assert fixed.notes == []


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp949"])
def test_other_encodings_are_read(release, answered, encoding):
    data = json.dumps(json.loads(answered(text="1사이클이 낫다")), ensure_ascii=False).replace("×", "").encode(encoding)
    fixed = repair(data, release)
    assert "1사이클이 낫다" in sources(fixed.notebook)[-1]


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff\xd8\xff\xe0\x00", b"[]", b"{}", b'{"cells": 3}', b'{"cells": [null]}', b"[" * 100_000, "글".encode()],
)
def test_what_is_not_a_notebook_is_an_empty_answer_with_a_reason(release, data):
    fixed = repair(data, release)
    assert fixed.unreadable and sources(fixed.notebook) == sources(release)
    assert "노트북" in fixed.notes[0] or "글자를" in fixed.notes[0]


def test_text_that_no_file_can_hold_is_mended(release, answered):
    fixed = repair(answered().replace(b"return 2 * x", b"return 2 * x  # \\ud800"), release)
    assert "return 2 * x  # ?" in nbformat.writes(fixed.notebook).encode().decode()


def test_huge_file_is_refused(release):
    assert "너무 큽니다" in repair(b" " * 20_000_001, release).notes[0]


def test_another_notebook_is_refused(release):
    other = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1")])
    fixed = repair(nbformat.writes(other).encode(), release)
    assert "다른 노트북" in fixed.notes[0] and fixed.unreadable


def test_notebook_of_another_assignment_is_one_sentence(student):
    """준비 셀은 두 과제가 함께 쓴다. 그것만으로 이 과제의 노트북은 아니다."""
    other = (EXERCISES / "student" / "regularization.ipynb").read_bytes()
    fixed = repair(other, student)
    assert fixed.unreadable and len(fixed.notes) == 1 and len(fixed.notes[0]) < 100
    assert "다른 노트북" in fixed.notes[0] and "07_overfitting" in fixed.notes[0]


# ---- 나뉜 셀과 합친 셀


@pytest.fixture(scope="module")
def student():
    """나누어 주는 진짜 노트북."""
    return nbformat.read(EXERCISES / "student" / "schedules.ipynb", as_version=4)


def handed_in(release, change):
    notebook = nbformat.reads(nbformat.writes(release), as_version=4)
    change(notebook)
    return nbformat.writes(notebook).encode()


def answer(fixed, name):
    return fixed.notebook.cells[at(fixed.notebook, name)].source


SPLIT = "# 답: 01_power/power\ndef power_decay(step, initial, s, c=1):\n|    return initial / (1 + step / s) ** c"
DECAY = "# 답: 02_exponential/decay_steps\ndef tenth_every(*a): return 3"
CLOSURE = (
    "# 답: 02_exponential/closure\ndef exponential_decay(lr0, s):\n    return lambda epoch: lr0 * 0.1 ** (epoch / s)"
)


def test_halves_of_a_split_answer_are_joined_in_order(student):
    fixed = repair(handed_in(student, lambda notebook: halve(notebook, "01_power-power", SPLIT)), student)
    assert answer(fixed, "01_power-power") == SPLIT.replace("|", "")
    assert names(fixed.notebook) == names(student)
    assert fixed.notes == ["01_power-power: 나뉜 셀 2개를 차례로 이었다."]


def test_answer_split_in_three_and_copied(student):
    """복사한 것은 복사한 것대로, 나뉜 것은 나뉜 것대로: 마지막 답의 조각만 잇는다."""

    def change(notebook):
        halve(notebook, "01_power-power", SPLIT)
        first, second = (notebook.cells[at(notebook, "01_power-power") + step] for step in (0, 1))
        old = nbformat.from_dict(json.loads(json.dumps(first)))
        old.source, old.id = "# 답: 01_power/power\ndef power_decay(*a): return 7", "old"
        notebook.cells.insert(notebook.cells.index(first), old)
        third = nbformat.from_dict(json.loads(json.dumps(second)))
        third.source, third.id = "assert power_decay(0, 1, 1) == 1", "third"
        notebook.cells.insert(notebook.cells.index(second) + 1, third)

    fixed = repair(handed_in(student, change), student)
    assert answer(fixed, "01_power-power") == SPLIT.replace("|", "") + "\nassert power_decay(0, 1, 1) == 1"


def test_half_behind_other_cells_runs_where_it_stood(student):
    def change(notebook):
        halve(notebook, "01_power-power", "# 답: 01_power/power\nimport math\n|def power_decay(*a): return scale")
        notebook.cells.insert(at(notebook, "01_power-power") + 1, nbformat.v4.new_code_cell("scale = 3"))

    fixed = repair(handed_in(student, change), student)
    start = at(fixed.notebook, "01_power-power")
    assert [cell.source for cell in fixed.notebook.cells[start : start + 3]] == [
        "# 답: 01_power/power\nimport math",
        "scale = 3",
        "def power_decay(*a): return scale",
    ]


@pytest.mark.parametrize("between", [True, False], ids=["with everything between", "the two alone"])
def test_merged_answers_are_both_kept(student, between):
    def change(notebook):
        first, second = at(notebook, "02_exponential-closure"), at(notebook, "02_exponential-decay_steps")
        notebook.cells[first].source, notebook.cells[second].source = CLOSURE, DECAY
        if not between:
            moved = notebook.cells.pop(second)
            notebook.cells.insert(first + 1, moved)
        merge(notebook, "02_exponential-closure", "02_exponential-decay_steps")

    fixed = repair(handed_in(student, change), student)
    assert answer(fixed, "02_exponential-closure") == CLOSURE
    assert answer(fixed, "02_exponential-decay_steps") == DECAY
    assert names(fixed.notebook) == names(student)
    assert "합친 셀을 도로 나누었다" in " ".join(fixed.notes)


def test_stub_of_a_swallowed_cell_is_not_run_over_the_answer(student):
    """표식까지 지우고 합쳤다. 무엇이 누구의 답인지 모르므로 그대로 두고, 빈 답을 되살려 덮지 않는다."""

    def change(notebook):
        notebook.cells[at(notebook, "02_exponential-closure")].source = CLOSURE
        notebook.cells[at(notebook, "02_exponential-decay_steps")].source = DECAY.split("\n")[1]
        moved = notebook.cells.pop(at(notebook, "02_exponential-decay_steps"))
        notebook.cells.insert(at(notebook, "02_exponential-closure") + 1, moved)
        merge(notebook, "02_exponential-closure", "02_exponential-decay_steps")

    fixed = repair(handed_in(student, change), student)
    code = [cell.source for cell in fixed.notebook.cells if cell.cell_type == "code"]
    namespace = {}
    for text in code:
        if text.startswith("# 답: 02_exponential"):
            exec(text, namespace)
    assert namespace["tenth_every"]() == 3 and callable(namespace["exponential_decay"])
    assert "decay_steps: 답의 셀이 없다" in " ".join(fixed.notes)


def test_answer_merged_with_its_question_and_check(student):
    def change(notebook):
        notebook.cells[at(notebook, "01_power-power")].source = SPLIT.replace("|", "")
        merge(notebook, "01_power-power-question", "01_power-power-check")

    fixed = repair(handed_in(student, change), student)
    assert answer(fixed, "01_power-power") == SPLIT.replace("|", "")
    assert names(fixed.notebook) == names(student)


def test_marker_in_a_longer_text_does_not_cut_an_answer(student):
    text = (
        '# 답: 01_power/power\ndef power_decay(step, initial, s, c=1):\n    """다음과 다르다.\n'
        '# 답: 02_exponential/closure\n    """\n    return 1'
    )

    def change(notebook):
        notebook.cells[at(notebook, "01_power-power")].source = text

    assert answer(repair(handed_in(student, change), student), "01_power-power") == text


# ---- 받을 수 없는 것과 바꾸어 받는 것


def test_notebook_of_an_old_format_is_converted(release, answered):
    fixed = repair(json.dumps(old(nbformat.reads(answered(), as_version=4))).encode(), release)
    assert not fixed.unreadable and ANSWER in sources(fixed.notebook) and "nbformat 3" in fixed.notes[0]


@pytest.mark.parametrize(
    "data, reason",
    [
        (b"", "빈 파일"),
        (b"\r\n  \n", "빈 파일"),
        (b"<!DOCTYPE html><html><title>Login</title></html>", "HTML"),
        (b'{"nbformat": 3, "worksheets": 7}', "지금의 꼴로 바꾸지 못했습니다"),
        (b" " * 25_000_000, "너무 큽니다(25MB)"),
    ],
)
def test_what_can_not_be_taken_says_why(release, data, reason):
    fixed = repair(data, release)
    assert fixed.unreadable and reason in fixed.notes[0]


def test_cell_without_metadata_is_read_and_doubted(release, answered):
    notebook = json.loads(answered())
    notebook["cells"][3]["metadata"] = None
    fixed = repair(json.dumps(notebook).encode(), release)
    assert ANSWER in sources(fixed.notebook) and not fixed.unreadable
    assert fixed.doubts == ["셀 1개의 메타데이터가 깨졌다. 내용만 읽었다."]


def test_windows_line_ends_are_no_change(release, answered):
    def change(notebook):
        colab(notebook)
        for cell in notebook.cells:
            cell.source = "".join(cell.source).replace("\n", "\r\n")

    fixed = repair(answered(change=change), release)
    assert sources(fixed.notebook) == sources(repair(answered(change=colab), release).notebook)
    assert fixed.notes == ["셀 7개의 이름이 사라져 내용으로 찾았다."]


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="이 파이썬은 이 문법을 안다")
def test_syntax_of_a_newer_python_is_told(release, answered):
    fixed = repair(answered(code='d = {"a": 2}\ndef double(x):\n    return int(f"{d["a"]}") * x'), release)
    assert any("02_exponential-closure: 파이썬 3.12부터" in note for note in fixed.notes)
    plain = repair(answered(code="def double(x:\n    return 2"), release)
    assert not plain.doubts


# ---- 글에 넣은 그림

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"0" * 90_000).decode()


def written(fixed):
    return fixed.notebook.cells[at(fixed.notebook, "06_schedules_compared-choose")]


def test_attached_picture_is_kept(release, answered):
    def change(notebook):
        notebook.cells[-1].attachments = {"화면 1.png": {"image/png": PNG}}

    fixed = repair(answered(text="![그림](attachment:%ED%99%94%EB%A9%B4%201.png) 보세요", change=change), release)
    assert "![그림](attachment:picture-1.png) 보세요" in written(fixed).source
    assert written(fixed).attachments == {"picture-1.png": {"image/png": PNG}}
    assert fixed.notes == [] and picture_files(fixed.notebook)["picture-1.png"].startswith(b"\x89PNG")


def test_picture_of_colab_is_kept_outside_the_text(release, answered):
    text = f"앞 ![image.png](data:image/png;base64,{PNG}) 뒤 <img width='30' src=\"data:image/png;base64,{PNG}\">"
    fixed = repair(answered(text=text), release)
    assert len(written(fixed).source) < 300 and len(written(fixed).attachments) == 2
    told = name_pictures(written(fixed).source, "pictures/schedules/s01")
    assert "앞 [그림: pictures/schedules/s01/picture-1.png] 뒤" in told and "picture-2.png]" in told


@pytest.mark.parametrize("text", ["![a](attachment:none.png)", "![a](data:image/png;base64,A)", "[a]: attachment:b"])
def test_picture_that_is_not_there_stops_nothing(release, answered, text):
    """붙인 그림이 없으면 nbconvert는 피드백을 만들지 못한다."""
    fixed = repair(answered(text=text), release)
    assert "attachment:" not in written(fixed).source and "그림" in fixed.notes[0]
