"""배우는 사람의 사본: 한 번 베끼고, 바뀐 것을 먼저 말하고, 고친 것을 잃지 않는다."""

import itertools
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from patience import PATIENCE

from authoring import ROOT, workspace
from authoring.workspace import FOLDER, RECORD, Workspace

LESSON, OTHER, EXERCISE = "01_first.ipynb", "02_second.ipynb", "exercises/schedules.ipynb"


def save(path, *sources, outputs=()):
    path.parent.mkdir(parents=True, exist_ok=True)
    cells = [new_code_cell(source, id=f"cell-{i}", outputs=list(outputs)) for i, source in enumerate(sources)]
    link = new_markdown_cell("[용어집](../book/glossary.md), [다음](02_second.ipynb)", id="link")
    nbformat.write(new_notebook(cells=[*cells, link]), path)


@pytest.fixture
def course(tmp_path):
    """작은 강좌. 강사 노트북과 이름이 어긋난 파일도 있다."""
    folder = tmp_path / "course"
    save(folder / "notebooks" / LESSON, "옛 셀")
    save(folder / "notebooks" / OTHER, "둘째")
    save(folder / "notebooks" / "Untitled.ipynb", "남의 것")
    save(folder / "notebooks/exercises/schedules.ipynb", "### BEGIN SOLUTION")
    save(folder / "notebooks/exercises/student/schedules.ipynb", "# 여기에 답을 쓰세요.")
    shutil.copy(ROOT / "_config.yml", folder)
    return folder


@pytest.fixture
def copy(course):
    """이미 베낀 강좌의 사본 폴더."""
    Workspace(course).create()
    return course / FOLDER


def lesson(course, *sources, name=LESSON):
    """강좌의 노트북을 새 판으로 바꾼다."""
    save(course / "notebooks" / name, *sources)


def cells(path):
    return [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def update(course):
    """``make update``가 하는 일. 말한 할 일을 돌려준다."""
    there = Workspace(course)
    changes = there.changes()
    there.update(changes)
    return changes


def test_copy_holds_lessons_and_student_exercises_alone(copy):
    assert sorted(contents(copy)) == sorted([RECORD, LESSON, OTHER, EXERCISE])


def test_copy_of_the_course_holds_no_solutions(tmp_path):
    for name, path in workspace.sources(ROOT).items():
        (tmp_path / "notebooks" / path.relative_to(ROOT / "notebooks")).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, tmp_path / "notebooks" / path.relative_to(ROOT / "notebooks"))
        assert "student" in path.parts or "exercises" not in name
    shutil.copy(ROOT / "_config.yml", tmp_path)
    Workspace(tmp_path).create()
    copies = sorted((tmp_path / FOLDER).rglob("*.ipynb"))
    assert len(copies) == len([*(ROOT / "notebooks").glob("[0-9]*.ipynb")]) + 2
    for path in copies:
        text = path.read_text(encoding="utf-8")
        assert not re.search("(BEGIN|END) (SOLUTION|HIDDEN TESTS)", text), path
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        for target in re.findall(r"\]\(([^)]+)\)", "\n".join(cell.source for cell in notebook.cells)):
            if ".ipynb" in target and not target.startswith("http"):
                assert (path.parent / target).exists(), (path, target)
            assert not target.startswith(".."), (path, target)


def test_links_to_the_book_lead_out_of_the_copy_and_links_between_lessons_stay(copy):
    text = (copy / LESSON).read_text(encoding="utf-8")
    assert "[용어집](https://github.com/" in text and "/blob/main/book/glossary.md)" in text
    assert "[다음](02_second.ipynb)" in text


def test_nothing_is_written_when_nothing_changed(course, copy):
    before = contents(copy)
    assert update(course) == []
    assert contents(copy) == before


def test_changed_lesson_is_said_and_left_alone_until_asked(course, copy, capsys):
    lesson(course, "새 셀")
    before = contents(copy)
    workspace.visit(Workspace(course))
    said = capsys.readouterr().out
    assert f"{LESSON}: 바뀌었습니다" in said and OTHER not in said and "make update" in said
    assert contents(copy) == before


def test_untouched_lesson_is_replaced(course, copy, capsys):
    lesson(course, "새 셀")
    workspace.update(Workspace(course))
    assert f"바꿈: {LESSON}" in capsys.readouterr().out
    assert cells(copy / LESSON) == ["새 셀"]
    assert sorted(contents(copy)) == sorted([RECORD, LESSON, OTHER, EXERCISE])
    workspace.visit(Workspace(course))
    assert capsys.readouterr().out == ""


def test_lesson_that_was_only_run_is_untouched(course, copy):
    """출력, 실행 번호, 마지막 셀을 실행하면 생기는 빈 셀은 고친 것이 아니다."""
    notebook = nbformat.read(copy / LESSON, as_version=4)
    notebook.cells[0].outputs = [new_output("stream", text="내 화면의 값")]
    notebook.cells[0].execution_count = 7
    notebook.cells.append(new_code_cell(""))
    nbformat.write(notebook, copy / LESSON)
    lesson(course, "새 셀")
    assert update(course) == [("replaced", LESSON, LESSON)]


def test_lesson_of_the_learner_stays_and_the_new_one_comes_beside(course, copy, capsys):
    save(copy / LESSON, "내가 고친 셀")
    mine = (copy / LESSON).read_bytes()
    lesson(course, "새 셀")
    workspace.update(Workspace(course))
    said = capsys.readouterr().out
    assert "곁에 둠: 01_first_새_판.ipynb" in said and f"고친 {LESSON}은 그대로" in said
    assert (copy / LESSON).read_bytes() == mine
    assert cells(copy / "01_first_새_판.ipynb") == ["새 셀"]
    workspace.visit(Workspace(course))
    assert capsys.readouterr().out == ""  # 받은 것을 또 말하지 않는다


def test_lesson_saved_between_the_word_and_the_deed_is_kept(course, copy):
    lesson(course, "새 셀")
    there = Workspace(course)
    changes = there.changes()
    save(copy / LESSON, "방금 저장한 셀")
    there.update(changes)
    assert cells(copy / LESSON) == ["방금 저장한 셀"] and cells(copy / "01_first_새_판.ipynb") == ["새 셀"]


def test_lessons_beside_are_never_overwritten(course, copy):
    save(copy / LESSON, "내가 고친 셀")
    for source in ("둘째 판", "셋째 판"):
        lesson(course, source)
        update(course)
    assert cells(copy / "01_first_새_판.ipynb") == ["둘째 판"] and cells(copy / "01_first_새_판_2.ipynb") == ["셋째 판"]


@pytest.mark.parametrize("mine", ["", "{", '{"cells": [3]}', '{"cells": []', "<<<<<<< HEAD", "[]"])
def test_broken_notebook_is_the_learners(course, copy, mine):
    (copy / LESSON).write_text(mine, encoding="utf-8")
    lesson(course, "새 셀")
    update(course)
    assert (copy / LESSON).read_text(encoding="utf-8") == mine and cells(copy / "01_first_새_판.ipynb") == ["새 셀"]


@pytest.mark.parametrize("record", ["", "{", "3", "null", '["01_first.ipynb"]', '{"01_first.ipynb": 3}'])
@pytest.mark.parametrize("changed", [False, True])
def test_unreadable_record_loses_nothing(course, copy, record, changed):
    save(copy / LESSON, "내가 고친 셀")
    (copy / RECORD).write_text(record, encoding="utf-8")
    if changed:
        lesson(course, "새 셀")
    workspace.visit(Workspace(course))
    update(course)
    assert cells(copy / LESSON) == ["내가 고친 셀"]
    assert cells(copy / "01_first_새_판.ipynb") == ["새 셀" if changed else "옛 셀"]
    assert not (copy / "02_second_새_판.ipynb").exists()
    assert update(course) == []


def test_lost_record_is_made_anew_and_overwrites_nothing(course, copy):
    save(copy / LESSON, "내가 고친 셀")
    (copy / RECORD).unlink()
    workspace.visit(Workspace(course))
    assert cells(copy / LESSON) == ["내가 고친 셀"]
    assert json.loads((copy / RECORD).read_text(encoding="utf-8")).keys() == {OTHER, EXERCISE}


def test_deleted_lesson_comes_back_only_when_asked(course, copy, capsys):
    (copy / LESSON).unlink()
    workspace.visit(Workspace(course))
    assert capsys.readouterr().out == "" and not (copy / LESSON).exists()
    assert update(course) == [("restored", LESSON, LESSON)]
    assert cells(copy / LESSON) == ["옛 셀"]


@pytest.mark.parametrize("touched", [False, True])
def test_renamed_lesson_comes_under_its_new_name_and_the_old_stays(course, copy, capsys, touched):
    if touched:
        save(copy / LESSON, "내가 고친 셀")
    mine = (copy / LESSON).read_bytes()
    (course / "notebooks" / LESSON).rename(course / "notebooks/01_renamed.ipynb")
    workspace.visit(Workspace(course))
    assert "01_renamed.ipynb: 새로 생겼습니다" in capsys.readouterr().out
    workspace.update(Workspace(course))
    assert f"그대로 둠: {LESSON}" in capsys.readouterr().out
    assert (copy / LESSON).read_bytes() == mine and cells(copy / "01_renamed.ipynb") == ["옛 셀"]
    assert update(course) == []


def test_learners_own_file_with_the_name_of_a_new_lesson_stays(course, copy):
    save(copy / "03_third.ipynb", "내 것")
    lesson(course, "강좌의 것", name="03_third.ipynb")
    update(course)
    assert cells(copy / "03_third.ipynb") == ["내 것"] and cells(copy / "03_third_새_판.ipynb") == ["강좌의 것"]


class Stop(Exception):
    pass


@pytest.mark.parametrize("first", [True, False], ids=["create", "update"])
def test_stopped_anywhere_it_ends_the_same(tmp_path, course, monkeypatch, first):
    """파일을 바꾸는 순간마다 멈추고 다시 부른다."""
    if not first:
        Workspace(course).create()
        save(course / FOLDER / OTHER, "내가 고친 셀")
        for name in (LESSON, OTHER, "03_third.ipynb"):
            lesson(course, "새 셀", name=name)

    def act(root):
        there = Workspace(root)
        there.create() if not there.record.exists() else there.update(there.changes())

    replace, steps = os.replace, 0
    shutil.copytree(course, tmp_path / "whole")
    act(tmp_path / "whole")
    for steps in itertools.count():
        root = tmp_path / f"stopped-{steps}"
        shutil.copytree(course, root)
        left = iter(range(steps))

        def stopping(*paths, left=left):
            if next(left, None) is None:
                raise Stop
            replace(*paths)

        monkeypatch.setattr(os, "replace", stopping)
        try:
            act(root)
            break
        except Stop:
            monkeypatch.setattr(os, "replace", replace)
            act(root)
            assert contents(root) == contents(tmp_path / "whole"), steps
    assert steps == 4


def test_broken_lesson_stops_with_a_korean_line(course, copy):
    (course / "notebooks" / LESSON).write_text("<<<<<<< HEAD", encoding="utf-8")
    with pytest.raises(SystemExit, match="노트북으로 읽을 수 없습니다.*git status"):
        Workspace(course)


@pytest.mark.parametrize("user, cautious", [(0, True), (1000, False)])
def test_root_is_warned_and_let_in(monkeypatch, tmp_path, capsys, user, cautious):
    commands = []
    monkeypatch.setattr(os, "geteuid", lambda: user)
    monkeypatch.setattr(os, "execv", lambda program, command: commands.append(command))
    workspace.lab(tmp_path, ["--no-browser"])
    [command] = commands
    assert ("--allow-root" in command) == cautious and command[-1] == "--no-browser"
    said = capsys.readouterr().out
    assert (said.count("\n") == 1 and "관리자(root)" in said) if cautious else said == ""


# 주피터랩인 척 제 인수를 적는다.
FAKE = """
import json, sys
print("주피터랩", json.dumps(sys.argv[1:]))
"""


@pytest.fixture
def make(course):
    """``course``에서 부르는 진짜 make. 서버는 뜨지 않는다."""
    shutil.copy(ROOT / "Makefile", course)
    shutil.copy(ROOT / ".gitignore", course)
    shutil.copytree(ROOT / "src" / "authoring", course / "src" / "authoring")
    (course / "src" / "jupyterlab.py").write_text(FAKE, encoding="utf-8")
    (course / ".venv").symlink_to(sys.prefix)
    environment = {**os.environ, "PYTHONPATH": str(course / "src")}

    def make(*arguments):
        command = ["make", "-C", str(course), "-o", ".venv/ready", *arguments]
        result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE)
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    return make


def test_second_lab_after_a_changed_lesson(course, make):
    said = make("lab", "LAB_ARGS=--no-browser")
    assert f"{FOLDER}에 노트북과 연습 문제를 베꼈습니다" in said
    [arguments] = [json.loads(line.partition(" ")[2]) for line in said.splitlines() if line.startswith("주피터랩")]
    assert arguments[0] == f"--ServerApp.root_dir={course / FOLDER}" and "--no-browser" in arguments
    assert ("--allow-root" in arguments) == (os.geteuid() == 0)

    save(course / FOLDER / OTHER, "내가 고친 셀")
    lesson(course, "새 셀")
    lesson(course, "새 셀", name=OTHER)
    before = contents(course / FOLDER)
    said = make("lab")
    assert f"{LESSON}: 바뀌었습니다" in said and "make update" in said and "주피터랩" in said
    assert contents(course / FOLDER) == before

    said = make("update")
    assert f"바꿈: {LESSON}" in said and "곁에 둠: 02_second_새_판.ipynb" in said and "주피터랩" not in said
    assert cells(course / FOLDER / LESSON) == ["새 셀"] and cells(course / FOLDER / OTHER) == ["내가 고친 셀"]
    assert "바뀌었습니다" not in make("lab")


def test_running_and_saving_leaves_git_clean(course, make):
    """노트북을 모두 실행해 저장해도 ``git pull``이 멈추지 않는다."""
    for arguments in (["init", "-q"], ["add", "."]):
        subprocess.run(["git", *arguments], cwd=course, check=True)
    tracked = subprocess.run(["git", "ls-files"], cwd=course, capture_output=True, text=True).stdout
    make("lab")
    save(course / FOLDER / LESSON, "고치고 실행한 셀", outputs=[new_output("stream", text="값")])
    status = ["git", "status", "--porcelain", "--untracked-files=all"]
    lines = subprocess.run(status, cwd=course, capture_output=True, text=True, check=True).stdout.splitlines()
    assert FOLDER not in tracked
    assert not [line for line in lines if not line.startswith("A ")]


def test_full_folder_is_told_in_one_korean_line(course, make):
    shutil.rmtree(course / FOLDER, ignore_errors=True)
    Path(course / FOLDER).write_text("폴더가 아니다", encoding="utf-8")
    with pytest.raises(AssertionError, match="쓰지 못했습니다"):
        make("lab")
    assert (course / FOLDER).read_text(encoding="utf-8") == "폴더가 아니다"
