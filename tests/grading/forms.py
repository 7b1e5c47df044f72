"""제출물이 오는 꼴: 압축 파일, 글자 인코딩, 그리고 도구와 사람이 노트북의 셀에 하는 일."""

import io
import json
import stat
import zipfile

import nbformat

from grading.oracle import MARKER


def encode(notebook, encoding="utf-8", errors="strict"):
    return json.dumps(notebook, ensure_ascii=False).encode(encoding, errors)


def name(cell):
    """nbgrader의 셀 이름. 없으면 빈 글."""
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def at(notebook, wanted):
    """``wanted``라는 셀이 몇 번째인지."""
    return list(map(name, notebook.cells)).index(wanted)


def copied(cell, source, label):
    """셀의 사본. 주피터는 새 ``id``를 붙이지만 nbgrader의 이름은 그대로 둔다."""
    cell = nbformat.from_dict(json.loads(json.dumps(cell)))
    cell.source, cell.id = source, label
    return cell


# ---- 압축 파일


class Windows(zipfile.ZipInfo):
    """UTF-8이라는 표시 없이 바이트 그대로 적는 이름(한국어 윈도)."""

    def _encodeFilenameFlags(self):
        return self.filename.encode("cp437"), self.flag_bits & ~0x800


def zipped(members):
    """압축 파일의 바이트. 이름이 바이트이면 그대로 적고, 내용이 글이면 그것을 가리키는 링크이다."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for label, data in members.items():
            make = Windows if isinstance(label, bytes) else zipfile.ZipInfo
            info = make(label.decode("cp437") if isinstance(label, bytes) else label, (2026, 11, 23, 14, 5, 22))
            info.compress_type = zipfile.ZIP_DEFLATED
            if isinstance(data, str):
                info.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(info, data)
    return packed.getvalue()


# ---- 도구가 하는 일


def colab(notebook):
    """Colab처럼 셀의 이름과 메타데이터를 잃고 제 것이 붙는다."""
    notebook.metadata = {"colab": {"provenance": [], "toc_visible": True}, "kernelspec": {"name": "python3"}}
    notebook.nbformat_minor = 0
    for number, cell in enumerate(notebook.cells):
        cell.pop("id", None)
        cell.metadata = {"id": f"c{number}", "outputId": "d"}


def vscode(notebook):
    """VS Code: 셀마다 언어를 적고, 오류까지 출력을 저장한다."""
    notebook.metadata = {"language_info": {"name": "python", "version": "3.12.4"}}
    failed = nbformat.v4.new_output("error", ename="NameError", evalue="x", traceback=["NameError: x"])
    for number, cell in enumerate(notebook.cells):
        cell.metadata["vscode"] = {"languageId": "python" if cell.cell_type == "code" else "markdown"}
        if cell.cell_type == "code":
            cell.update(outputs=[failed], execution_count=number)


def jupytext(notebook):
    """``.py``로 바꾸었다가 되돌린 것: 셀의 메타데이터, ``id``, 출력이 없다."""
    notebook.metadata = {"jupytext": {"cell_metadata_filter": "-all", "formats": "ipynb,py:percent"}}
    notebook.nbformat_minor = 2
    for cell in notebook.cells:
        cell.pop("id", None)
        cell.metadata = {}
        cell.source = cell.source.strip("\n")


def saved_widgets(notebook):
    """출력과 위젯의 상태를 잔뜩 저장했다. JSON에 없는 ``NaN``도 들어 있다."""
    notebook.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": {"a": {"value": 1}}}}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            text = nbformat.v4.new_output("stream", text="에포크 1/20\n" * 2_000)
            value = nbformat.v4.new_output("display_data", {"application/json": {"loss": float("nan")}})
            cell.outputs = [text, value]


def windows_lines(notebook):
    """nbformat 4.0: ``id``가 없고, 글이 줄의 목록이고, 줄 끝이 윈도의 것이다."""
    notebook.nbformat_minor = 0
    for cell in notebook.cells:
        cell.pop("id", None)
        cell.source = cell.source.replace("\n", "\r\n").splitlines(keepends=True)


def old(notebook):
    """nbformat 3의 같은 노트북."""
    texts = {"code": "input", "markdown": "source"}
    cells = [
        {"cell_type": cell.cell_type, texts[cell.cell_type]: cell.source, "metadata": cell.metadata}
        | ({"outputs": [], "language": "python"} if cell.cell_type == "code" else {})
        for cell in notebook.cells
    ]
    return {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [{"cells": cells}]}


# ---- 사람이 셀에 하는 일


def halve(notebook, wanted, text, label="half"):
    """주피터랩의 Split Cell. ``|``에서 나뉘고, 뒤쪽도 메타데이터를 그대로 가진다."""
    number = at(notebook, wanted)
    first, second = (half.strip("\n") for half in text.split("|"))
    notebook.cells.insert(number + 1, copied(notebook.cells[number], second, label))
    notebook.cells[number].source = first


def merge(notebook, first, last):
    """주피터랩의 Merge Cells: 첫 셀의 메타데이터만 남고 글은 한 줄씩 이어진다."""
    start, end = at(notebook, first), at(notebook, last)
    notebook.cells[start].source = "\n".join(cell.source for cell in notebook.cells[start : end + 1])
    del notebook.cells[start + 1 : end + 1]


def nameless(notebook):
    """Colab이 이름을 지웠고, 학생이 답의 표식까지 지웠다."""
    colab(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code" and MARKER.match(cell.source):
            cell.source = cell.source.partition("\n")[2]


def edit_tests(notebook):
    """시험 셀을 제 마음대로 고치고 점수를 올린다."""
    for cell in notebook.cells:
        if name(cell).endswith("-grade"):
            cell.source = "assert True\n99.0"
            cell.metadata.nbgrader.update(points=99, locked=False, grade=True)


def delete_tests(notebook):
    notebook.cells = [cell for cell in notebook.cells if not name(cell).endswith(("-grade", "-check", "-question"))]


def copy_below(wanted, source):
    """답 셀을 복사해 밑에서 고친다."""

    def change(notebook):
        number = at(notebook, wanted)
        notebook.cells.insert(number + 1, copied(notebook.cells[number], source, "copied"))

    return change


def add_cell(source, after, kind="code"):
    """``after``라는 셀의 바로 뒤에 제 셀을 더한다. ``None``이면 끝에."""
    make = {"code": nbformat.v4.new_code_cell, "markdown": nbformat.v4.new_markdown_cell}[kind]

    def change(notebook):
        place = len(notebook.cells) if after is None else at(notebook, after) + 1
        notebook.cells.insert(place, make(source, id=f"own-{place}"))

    return change


def own_imports(notebook):
    """불러오는 셀을 지우고 제 것을 적었다."""
    place = at(notebook, "setup-import")
    lines = "import math, keras, numpy as np\nfrom scipy import stats\nfrom homl11.checks import check"
    notebook.cells[place] = nbformat.v4.new_code_cell(lines, id="own-imports")


def to_markdown(wanted):
    """답 셀의 종류를 잘못 바꾸었다."""

    def change(notebook):
        place = at(notebook, wanted)
        cell = notebook.cells[place]
        notebook.cells[place] = nbformat.v4.new_markdown_cell(cell.source, id=cell.id, metadata=cell.metadata)

    return change


def all_in_one(notebook):
    """답을 모두 맨 위의 제 셀 하나로 옮기고 답 셀은 지웠다."""
    answers = [cell for cell in notebook.cells if cell.cell_type == "code" and MARKER.match(cell.source)]
    notebook.cells = [cell for cell in notebook.cells if cell not in answers]
    add_cell("\n\n".join(cell.source.partition("\n")[2] for cell in answers), "setup-import")(notebook)
