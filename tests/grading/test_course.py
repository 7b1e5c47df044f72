"""강사의 한 바퀴: 내고, 모으고, 채점하고, 손으로 채점하고, 돌려주고, 성적표를 만든다. 그리고 잘못된 부름에 하는 말."""

import csv
import json
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys

import nbformat
import pytest

from grading import box, grade
from grading.__main__ import main, parse
from grading.box import Limits
from grading.course import Problem
from grading.repair import LARGEST

pytestmark = pytest.mark.usefixtures("isolated", "remembered")


@pytest.fixture
def downloads(tmp_path, answered):
    folder = tmp_path / "내려받은 것"
    folder.mkdir()
    (folder / "s01_김하나_schedules.ipynb").write_bytes(answered())
    (folder / "s02_schedules (1).ipynb").write_bytes(answered(code="def double(x):\n    return abs(2 * x)"))
    (folder / "s03").mkdir()
    (folder / "s03" / "schedules.ipynb의 사본.ipynb").write_bytes(answered(code=None, text=None))
    return folder


def marks(course, tmp_path):
    path = course.export(tmp_path / f"marks{len(list(tmp_path.glob('marks*')))}.csv")
    with open(path, encoding="utf-8-sig", newline="") as file:
        return {row["학생"]: row for row in csv.DictReader(file)}


def said(capsys, *arguments):
    """명령의 끝낼 때의 코드와 한 말."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as stopped:
        main([str(argument) for argument in arguments])
    code = stopped.value.code
    output = capsys.readouterr()
    return (code, output.out + output.err) if isinstance(code, int) else (1, code)


def test_whole_cycle(course, downloads, tmp_path, capsys):
    here = ("--course", course.root)
    assert said(capsys, *here, "collect", "schedules", downloads)[0] == 0
    assert said(capsys, *here, "autograde", "schedules") == (0, "3명을 채점했습니다.\n")
    first = marks(course, tmp_path)
    assert {name: row["02_exponential-closure"] for name, row in first.items()} == {"s01": "2", "s02": "1", "s03": "0"}
    assert {name: row["채점을 기다리는 문제"] for name, row in first.items()} == {"s01": "1", "s02": "1", "s03": "0"}

    assert said(capsys, *here, "manual", "schedules")[0] == 0
    path = course.root / "manual_schedules.csv"
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["학생"], row["만점"]) for row in rows] == [("s01", "4"), ("s02", "4"), ("s03", "4")]
    assert "1사이클" in rows[0]["답"]
    rows[0]["점수"], rows[0]["말"] = "3.5", "핵심을 **잘** 짚었습니다.<script>alert(1)</script>"
    with open(path, "w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    assert said(capsys, *here, "manual", "schedules", "--apply", path)[0] == 0
    graded = marks(course, tmp_path)
    assert graded["s01"]["점수"] == "5.5" and graded["s01"]["채점을 기다리는 문제"] == "0"

    assert said(capsys, *here, "feedback", "schedules")[0] == 0
    html = (course.root / "feedback" / "s01" / "schedules" / "schedules.html").read_text(encoding="utf-8")
    assert "5.5점" in html and "핵심을 <strong>잘</strong> 짚었습니다." in html and "alert(1)</script>" not in html
    assert "hidden_random" not in html and 'lang="ko"' in html
    assert not re.findall(r">\s*(Score|Comments?|Test cell|Top)\b", html)
    wrong = (course.root / "feedback" / "s02" / "schedules" / "schedules.html").read_text(encoding="utf-8")
    assert "○ 양수" in wrong and "✗ 음수" in wrong

    # 두 번 해도 같다. 다시 낸 것만 다시 채점하고, 손으로 준 점수와 말은 남는다.
    assert said(capsys, *here, "collect", "schedules", downloads)[0] == 0
    assert said(capsys, *here, "autograde", "schedules") == (0, "새로 채점할 것이 없습니다.\n")
    assert marks(course, tmp_path) == graded


def test_hand_given_marks_survive_a_second_autograde(course, downloads, answered, tmp_path):
    course.collect("schedules", downloads)
    course.autograde("schedules")
    with course.gradebook() as gradebook:
        place = ("06_schedules_compared-choose", "schedules", "schedules", "s02")
        gradebook.find_grade(*place).manual_score = 4
        gradebook.find_comment(*place).manual_comment = "좋습니다"
        gradebook.db.commit()
    (downloads / "s02_schedules (1).ipynb").write_bytes(answered())
    done, problems = course.collect("schedules", downloads)
    assert "s02" not in done and "이미 다른 제출물이 있어" in problems[0]
    assert marks(course, tmp_path)["s02"]["점수"] == "5"
    done, problems = course.collect("schedules", downloads, replace=True)
    assert "s02" in done and not problems
    assert course.autograde("schedules") == (["s02"], {})
    assert marks(course, tmp_path)["s02"]["점수"] == "6"
    with course.gradebook() as gradebook:
        assert gradebook.find_comment(*place).comment == "좋습니다"
    assert len(list((course.root / "downloaded" / "schedules").glob("s02*"))) == 2  # 앞의 것도 남는다


def test_changed_instructor_notebook_is_graded_again(course, downloads, tmp_path):
    course.collect("schedules", downloads)
    course.autograde("schedules")
    path = course.notebook("source", "schedules")
    path.write_text(path.read_text(encoding="utf-8").replace("2 * x", "abs(2 * x)"), encoding="utf-8")
    course.release("schedules")
    course.autograde("schedules")
    assert {name: row["점수"] for name, row in marks(course, tmp_path).items()} == {"s01": "1", "s02": "2", "s03": "0"}


def test_plain_nbgrader_and_formgrader_use_the_same_box(course, downloads, tmp_path):
    course.collect("schedules", downloads)
    course.nbgrader("autograde", "schedules", "--student=s01")
    assert marks(course, tmp_path)["s01"]["점수"] == "2"
    assert course.record_path("schedules", "s01").exists()


def test_one_that_cannot_be_graded_does_not_stop_the_others(course, downloads, monkeypatch, capsys):
    course.collect("schedules", downloads)
    execute = box.execute

    def broken(cells, *rest):
        if "abs" in "".join(cells):
            raise OSError("디스크가 가득 찼다")
        return execute(cells, *rest)

    monkeypatch.setattr(box, "execute", broken)
    done, failed = course.autograde("schedules")
    assert done == ["s01", "s03"] and "디스크가 가득 찼다" in failed["s02"]
    monkeypatch.undo()
    assert course.autograde("schedules") == (["s02"], {})


def test_interrupted_grading_goes_on_where_it_stopped(course, downloads, monkeypatch, capsys):
    course.collect("schedules", downloads)
    execute, executed = box.execute, []

    def interrupted(cells, *rest):
        if "abs" in "".join(cells):
            raise KeyboardInterrupt
        found = execute(cells, *rest)
        executed.append(1)
        return found

    monkeypatch.setattr(box, "execute", interrupted)
    code, text = said(capsys, "--course", course.root, "autograde", "schedules", "--jobs", "1")
    assert code == 1 and "다시 부르면 이어서 합니다" in text and executed
    monkeypatch.setattr(box, "execute", lambda *rest: executed.append(1) or execute(*rest))
    assert course.autograde("schedules", jobs=1) == (["s01", "s02", "s03"], {})
    assert len(executed) == 3  # 이미 실행한 것은 다시 하지 않았다
    course.autograde("schedules", again=True)
    assert len(executed) == 6


def test_one_that_cannot_be_judged_does_not_stop_the_others(course, downloads, monkeypatch):
    course.collect("schedules", downloads)
    judge, calls = grade.judge, []

    def broken(*arguments):
        calls.append(1)
        if len(calls) == 2:
            raise RecursionError
        return judge(*arguments)

    monkeypatch.setattr(grade, "judge", broken)
    done, failed = course.autograde("schedules")
    assert len(done) == 2 and list(failed.values()) == ["RecursionError: "]
    monkeypatch.undo()
    assert course.autograde("schedules")[0] == list(failed)


def test_answer_is_no_formula_in_the_spreadsheet(course, downloads, answered):
    formula = answered().replace("<!-- 답: 06_schedules_compared/choose -->\\n".encode(), b"=HYPERLINK(1)")
    assert b"=HYPERLINK" in formula
    (downloads / "s01_김하나_schedules.ipynb").write_bytes(formula)
    course.collect("schedules", downloads)
    course.autograde("schedules")
    path, _ = course.manual("schedules")
    rows = {row["학생"]: row["답"] for row in csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines())}
    assert not rows["s01"].startswith("=")


def test_seed_depends_on_student_and_submission(course, downloads):
    course.collect("schedules", downloads)
    course.autograde("schedules")
    seeds = {
        name: json.loads(course.record_path("schedules", name).read_text())["seed"] for name in ("s01", "s02", "s03")
    }
    assert len(set(seeds.values())) == 3


# ---- 잘못된 부름


def test_create_does_not_touch_a_folder_in_use(tmp_path, capsys):
    (tmp_path / "중요한 것").write_text("남아야 한다")
    assert "비어 있지 않습니다" in said(capsys, "create", tmp_path)[1]
    assert [path.name for path in tmp_path.iterdir()] == ["중요한 것"]


def test_not_a_course(tmp_path, capsys):
    assert "과정 폴더가 아닙니다" in said(capsys, "--course", tmp_path, "release", "schedules")[1]


def test_unknown_assignment(course, downloads, capsys):
    for rest in (["release"], ["autograde"], ["feedback"], ["manual"]):
        assert "없는 이름입니다. 있는 것: schedules" in said(capsys, "--course", course.root, *rest, "없는과제")[1]
    assert "없는 이름입니다" in said(capsys, "--course", course.root, "collect", "없는과제", downloads)[1]


def test_no_release_yet(course, downloads, capsys):
    shutil.rmtree(course.root / "release")
    assert "아직 내지 않았습니다" in said(capsys, "--course", course.root, "collect", "schedules", downloads)[1]
    assert not (course.root / "submitted").exists()


def test_empty_and_missing_folder(course, tmp_path, capsys):
    (tmp_path / "빈 폴더").mkdir()
    assert "비어 있습니다" in said(capsys, "--course", course.root, "collect", "schedules", tmp_path / "빈 폴더")[1]
    assert "폴더가 없습니다" in said(capsys, "--course", course.root, "collect", "schedules", tmp_path / "없다")[1]
    assert "제출물이 없습니다" in said(capsys, "--course", course.root, "autograde", "schedules")[1]
    assert "아직 채점하지 않았습니다" in said(capsys, "--course", course.root, "feedback", "schedules")[1]


def test_two_notebooks_of_one_student(course, downloads, answered, capsys):
    (downloads / "s01_또.ipynb").write_bytes(answered())
    (downloads / "s04.txt").write_text("노트북이 아니다")
    code, text = said(capsys, "--course", course.root, "collect", "schedules", downloads)
    assert code == 1 and "s01: 노트북이 2개입니다" in text and "s04.txt: 노트북(.ipynb)이 아니어서" in text
    assert course.students("schedules") == ["s02", "s03"]  # 나머지는 모은다


def test_gradebook_of_another_course(course, downloads, tmp_path, capsys):
    other = sqlite3.connect(course.gradebook_path)
    other.execute("update course set id = 'other-course' where id != 'default_course'")
    other.commit()
    other.close()
    before = course.gradebook_path.read_bytes()
    for rest in (["release", "schedules"], ["collect", "schedules", downloads], ["export", tmp_path / "m.csv"]):
        assert "다른 과정(other-course)의 것입니다" in said(capsys, "--course", course.root, *rest)[1]
    assert course.gradebook_path.read_bytes() == before and not (course.root / "submitted").exists()


def test_broken_gradebook_and_settings(course, capsys):
    course.gradebook_path.write_bytes(b"x" * 5000)
    assert "읽을 수 없습니다" in said(capsys, "--course", course.root, "release", "schedules")[1]
    (course.root / "course.json").write_text("{")
    assert "깨졌습니다" in said(capsys, "--course", course.root, "release", "schedules")[1]


def test_nothing_is_overwritten(course, downloads, tmp_path, capsys):
    course.collect("schedules", downloads)
    course.autograde("schedules")
    (tmp_path / "marks.csv").write_text("남아야 한다")
    assert "이미 있습니다" in said(capsys, "--course", course.root, "export", tmp_path / "marks.csv")[1]
    course.manual("schedules")
    assert "이미 있습니다" in said(capsys, "--course", course.root, "manual", "schedules")[1]
    assert (tmp_path / "marks.csv").read_text() == "남아야 한다"


@pytest.mark.parametrize("change", ["점수=99", "점수=많이", "학생=없는학생", "문제=없는문제"])
def test_wrong_line_of_hand_given_marks_changes_nothing(course, downloads, tmp_path, change):
    course.collect("schedules", downloads)
    course.autograde("schedules")
    before = marks(course, tmp_path)
    path, _ = course.manual("schedules")
    rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    column, value = change.split("=")
    rows[0]["점수"], rows[1]["점수"] = "4", "1"
    rows[1][column] = value
    with open(path, "w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    with pytest.raises(Problem, match="3번째 줄.*아무것도 적지 않았습니다"):
        course.apply_manual("schedules", path)
    assert marks(course, tmp_path) == before


def test_two_commands_at_once(course, capsys):
    with course.locked():
        assert "다른 명령이 돌고 있습니다" in said(capsys, "--course", course.root, "release", "schedules")[1]


def test_without_a_box_grading_asks(course, downloads, monkeypatch, capsys, tmp_path):
    course.collect("schedules", downloads)
    monkeypatch.setattr(box, "available", lambda: "bubblewrap이 없습니다.")
    code, text = said(capsys, "--course", course.root, "autograde", "schedules")
    assert code == 1 and "--without-isolation" in text and not (course.root / "autograded").exists()
    assert said(capsys, "--course", course.root, "autograde", "schedules", "--without-isolation")[0] == 0
    assert marks(course, tmp_path)["s01"]["점수"] == "2"


def test_command_line_speaks_korean():
    text = subprocess.run(
        [sys.executable, "-m", "grading", "--help"], capture_output=True, text=True, check=True
    ).stdout
    for name in (
        "create",
        "release",
        "due",
        "extend",
        "collect",
        "autograde",
        "manual",
        "feedback",
        "export",
        "report",
    ):
        assert re.search(rf"{name} +[가-힣]", text)


def test_seed_can_not_be_guessed_from_the_release(course):
    text = nbformat.writes(course.released("schedules"))
    assert course.secret not in text and "hidden_random" not in text


def test_limits_can_be_changed(course, downloads, answered):
    (downloads / "s02_schedules (1).ipynb").write_bytes(answered(code="while True: pass"))
    course.collect("schedules", downloads)
    course.autograde("schedules", limits=Limits(cell_seconds=4))
    assert "CPU를 4초" in course.record_path("schedules", "s02").read_text()


def test_commands_of_the_book_are_understood():
    text = (box.ROOT / "book" / "instructors.md").read_text(encoding="utf-8")
    blocks = "\n".join(re.findall(r"```bash\n(.*?)```", text, re.DOTALL))
    lines = re.findall(r"^(?:grading|\.venv/bin/python -m grading) (.*)$", blocks, re.MULTILINE)
    commands = [parse(shlex.split(line, comments=True)).command for line in lines]
    cycle = "create release collect due extend autograde manual feedback export report"
    assert list(dict.fromkeys(commands)) == cycle.split()


def test_limits_of_the_book_are_those_of_the_box():
    text = (box.ROOT / "book" / "instructors.md").read_text(encoding="utf-8")
    limits = box.Limits()
    for told in (
        f"{limits.disk // box.MEBI}MB의 임시 폴더",
        f"CPU {limits.cell_seconds:g}초, CPU를 쓰지 않고 쉬기만 하는 셀은 {limits.cell_waiting:g}초",
        f"제출물 전체는 {limits.seconds / 60:g}분",
        f"모두 합해 {limits.memory / 1024 / box.MEBI:g}GB, {limits.processes}개",
        f"셀 하나가 {limits.reply // box.MEBI}MB를 넘기면",
        f"제출물 전체에서 {limits.outputs // box.MEBI}MB를 넘긴 것",
        f"{LARGEST / 1e6:g}MB를 넘는 파일",
    ):
        assert told in text


def test_instructor_can_build_the_solutions(course):
    course.nbgrader("generate_solution", "schedules")
    text = course.notebook("solution", "schedules").read_text(encoding="utf-8")
    assert "return 2 * x" in text and "모범 답안과 채점 기준" in text and course.secret not in text
