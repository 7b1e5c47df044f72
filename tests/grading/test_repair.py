"""Colab과 학습 관리 시스템을 거친 노트북을 나누어 준 뼈대에 다시 놓는다."""

import json

import nbformat
import pytest

from grading.repair import repair

ANSWER = "# 답: 02_exponential/closure\ndef double(x):\n    return 2 * x"


def sources(notebook):
    return [cell.source for cell in notebook.cells]


def names(notebook):
    return [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells]


def strip(notebook):
    """Colab처럼: 셀의 이름과 메타데이터가 사라지고 제 것이 붙는다."""
    notebook.metadata = {"colab": {"provenance": []}, "kernelspec": {"name": "python3", "display_name": "Python 3"}}
    notebook.nbformat_minor = 0
    for number, cell in enumerate(notebook.cells):
        cell.pop("id", None)
        cell.metadata = {"id": f"x{number}", "outputId": "y"}


def test_untouched_submission_stays_as_it_is(release, answered):
    fixed = repair(answered(), release)
    assert fixed.notes == [] and names(fixed.notebook) == names(release)
    assert ANSWER in sources(fixed.notebook)


def test_lost_metadata_is_found_by_marker_and_text(release, answered):
    fixed = repair(answered(change=strip), release)
    assert names(fixed.notebook) == names(release) and ANSWER in sources(fixed.notebook)
    assert fixed.notes == ["셀 7개의 이름이 사라져 내용으로 찾았다."]


def test_answer_without_name_and_marker_is_the_cell_after_the_question(release, answered):
    def change(notebook):
        strip(notebook)
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


def test_another_notebook_is_noticed(release):
    other = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1")])
    fixed = repair(nbformat.writes(other).encode(), release)
    assert "다른 노트북" in fixed.notes[0] and not fixed.unreadable
