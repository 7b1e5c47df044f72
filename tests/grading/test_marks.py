"""점수는 답이 정한다: 멈춘 채점도, 다시 낸 글도, 고친 배점과 채점 기준도 누구의 점수를 남몰래 바꾸지 않는다."""

import contextlib
import csv
import io
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import threading
from functools import partial

import nbformat
import psutil
import pytest
from patience import until
from tqdm import tqdm

from grading import box, grade, judges, oracle, stripped
from grading.course import Course, Problem, create
from homl11.checks import TASKS

# 진짜 상자에서 과제 하나를 여러 번 채점하므로 오래 걸린다
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("isolated", "remembered")]
TEXT, CODE = "06_schedules_compared-choose", "02_exponential-closure-grade"


@pytest.fixture
def collect(course, tmp_path, answered):
    """이름 → 답으로 모은다. 다시 내면 바꾼다."""

    def collect(**pupils):
        folder = tmp_path / "내려받은 것"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for name, answers in pupils.items():
            (folder / f"{name}_schedules.ipynb").write_bytes(answered(**answers))
        done, problems = course.collect("schedules", folder, replace=True)
        assert not problems
        return done

    return collect


@pytest.fixture
def grades(course):
    """(학생, 문제) → 성적부의 줄."""

    def grades(task):
        with course.gradebook() as gradebook:
            return {
                submission.student_id: (graded.score, graded.max_score, graded.needs_manual_grade, graded.manual_score)
                for submission in gradebook.assignment_submissions("schedules")
                for graded in submission.notebooks[0].grades
                if graded.name == task
            }

    return grades


def mark(course, student, score, comment="좋습니다"):
    """사람이 읽고 준 점수."""
    with course.gradebook() as gradebook:
        place = (TEXT, "schedules", "schedules", student)
        graded = gradebook.find_grade(*place)
        graded.manual_score, graded.needs_manual_grade = score, False
        gradebook.find_comment(*place).manual_comment = comment
        gradebook.db.commit()


def edit(course, before, after):
    """강사 노트북을 고친다."""
    path = course.notebook("source", "schedules")
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


def test_ctrl_c_blames_nobody(course, collect, grades):
    """터미널의 Ctrl-C는 앞에 있는 모든 프로세스에 닿는다. 그때 돌던 제출물의 잘못이 아니다."""
    slow = "import time\ntime.sleep(15)\ndef double(x):\n    return 2 * x"
    collect(s01={"code": slow}, s02={})
    command = [sys.executable, "-m", "grading", "--course", str(course.root), "autograde", "schedules"]
    heard = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # 배경에서 시험하면 셸이 듣지 않게 해 둔다
    running = subprocess.Popen(command, start_new_session=True, stderr=subprocess.PIPE, text=True, preexec_fn=heard)
    until(lambda: running.poll() is not None or boxes(running.pid) >= 1)
    os.killpg(running.pid, signal.SIGINT)
    assert "다시 부르면 이어서 합니다" in running.communicate()[1] and running.returncode == 1
    records = "".join(path.read_text(encoding="utf-8") for path in course.root.glob(".graded/schedules/*.json"))
    assert "멈춤" not in records
    course.autograde("schedules", limits=box.Limits(cell_waiting=1000))
    assert {name: row[0] for name, row in grades(CODE).items()} == {"s01": 2, "s02": 2}


def boxes(pid):
    """이 채점이 연 상자 가운데 셀을 실행하는 것의 수."""
    count = 0
    with contextlib.suppress(psutil.NoSuchProcess):
        for child in psutil.Process(pid).children(recursive=True):
            count += child.cmdline()[1:2] == [str(box.RUNNER)]
    return count


def test_halted_box_says_so_and_leaves_no_record():
    halt = threading.Event()
    threading.Timer(1, halt.set).start()
    with pytest.raises(box.Halted):
        box.execute(["import time\ntime.sleep(600)"], 1, halt=halt)


def test_resubmission_of_the_written_answer_alone_is_taken(course, collect, grades):
    collect(s01={"text": "처음 쓴 글"})
    course.autograde("schedules")
    collect(s01={"text": "고쳐 쓴 글"})
    assert course.autograde("schedules") == (["s01"], {})
    assert "고쳐 쓴 글" in course.notebook("autograded", "schedules", "s01").read_text(encoding="utf-8")
    assert course.autograde("schedules") == ([], {})


def test_written_resubmission_does_not_run_the_code_again(course, collect, monkeypatch):
    collect(s01={"text": "처음 쓴 글"})
    course.autograde("schedules")
    collect(s01={"text": "고쳐 쓴 글"})
    monkeypatch.setattr(box, "execute", lambda *rest: pytest.fail("코드는 그대로이다"))
    assert course.autograde("schedules") == (["s01"], {})


def test_changed_points_change_the_marks_of_everybody(course, collect, grades):
    collect(s01={}, s02={"code": "def double(x):\n    return abs(2 * x)"}, s03={"code": None, "text": None})
    course.autograde("schedules")
    collect(s02={"code": "def double(x):\n    return abs(2 * x)  # 다시 냈다"})
    edit(course, '"points": 2', '"points": 5')
    course.release("schedules")
    assert course.autograde("schedules") == (["s01", "s02", "s03"], {})
    assert {name: row[:2] for name, row in grades(CODE).items()} == {"s01": (5, 5), "s02": (2.5, 5), "s03": (0, 5)}


def test_source_changed_but_not_released_is_said(course, collect):
    collect(s01={})
    course.autograde("schedules")
    edit(course, '"points": 2', '"points": 5')
    with pytest.raises(Problem, match="고친 뒤 내지 않았습니다. release schedules"):
        course.autograde("schedules")


def test_hand_given_mark_of_a_changed_text_waits_again(course, collect, grades):
    collect(s01={"text": "가"}, s02={"text": "나"}, s03={"text": "다"})
    course.autograde("schedules")
    mark(course, "s01", 3.5)
    mark(course, "s02", 2)
    collect(s01={"text": "고쳐 쓴 글"})
    course.autograde("schedules")
    assert grades(TEXT) == {"s01": (3.5, 4, True, 3.5), "s02": (2, 4, False, 2), "s03": (0, 4, True, None)}
    course.autograde("schedules", again=True)  # 정말 기다리는 것만 기다린다
    assert {name: row[2] for name, row in grades(TEXT).items()} == {"s01": True, "s02": False, "s03": True}
    rows = manual_rows(course)
    assert rows["s01"]["점수"] == "" and "앞의 점수 3.5" in rows["s01"]["상태"] and rows["s01"]["말"] == "좋습니다"
    assert (rows["s02"]["점수"], rows["s02"]["상태"]) == ("2", "채점했다")
    page = course.feedback("schedules")[0].read_text(encoding="utf-8")
    assert "앞의 점수 3.5, 다시 채점을 기다린다" in page
    course.apply_manual("schedules", course.root / "manual_schedules.csv")  # 읽지 않은 것은 그대로 기다린다
    assert grades(TEXT)["s01"] == (3.5, 4, True, 3.5)
    mark(course, "s01", 4)
    course.autograde("schedules", again=True)
    assert grades(TEXT)["s01"] == (4, 4, False, 4)


def manual_rows(course):
    path, _ = course.manual("schedules")
    with open(path, encoding="utf-8-sig", newline="") as file:
        return {row["학생"]: row for row in csv.DictReader(file)}


def add_task(notebook):
    cell = json.loads(json.dumps(notebook.cells[-1]))
    cell["id"] = cell["metadata"]["nbgrader"]["grade_id"] = "new-task"
    notebook.cells.append(nbformat.from_dict(cell))


@pytest.mark.parametrize(
    "change, said",
    [(add_task, "더한 셀: new-task"), (lambda notebook: notebook.cells.pop(), f"뺀 셀: {TEXT}")],
)
def test_adding_or_removing_a_task_after_hand_ins_keeps_the_release(course, collect, grades, change, said):
    collect(s01={})
    course.autograde("schedules")
    released, before = course.notebook("release", "schedules").read_bytes(), grades(CODE)
    path = course.notebook("source", "schedules")
    source = nbformat.read(path, as_version=4)
    change(source)
    nbformat.write(source, path)
    with pytest.raises(Problem, match=f"문제를 더하거나 뺄 수 없습니다. {said}.*그대로입니다"):
        course.release("schedules")
    assert course.notebook("release", "schedules").read_bytes() == released and grades(CODE) == before


def test_release_that_fails_keeps_the_old_one(course):
    released = course.notebook("release", "schedules").read_bytes()
    path = course.notebook("source", "schedules")
    source = nbformat.read(path, as_version=4)
    source.cells[-1].metadata.nbgrader.grade_id = CODE  # nbgrader가 받지 않는다
    nbformat.write(source, path)
    with pytest.raises(Problem):
        course.release("schedules")
    assert course.notebook("release", "schedules").read_bytes() == released


def test_changed_hidden_test_runs_only_itself(course, collect, grades, monkeypatch):
    collect(s01={}, s02={"code": "def double(x):\n    return abs(2 * x)"})
    course.autograde("schedules")
    mark(course, "s01", 3)
    edit(course, '\\"음수\\": lambda: double(-x)', '\\"영\\": lambda: double(0)')
    course.release("schedules")
    shown = []
    assert course.autograde("schedules", agree=lambda changes: shown.extend(changes)) == ([], {})
    assert [str(change) for change in shown] == ["s02  02_exponential-closure: 1점 → 2점"]
    assert grades(CODE)["s02"][0] == 1  # 아직 아무것도 적지 않았다
    monkeypatch.setattr(box, "execute", lambda *rest: pytest.fail("이미 실행했다"))
    assert course.autograde("schedules") == (["s01", "s02"], {})
    assert grades(CODE)["s02"][0] == 2 and grades(TEXT)["s01"] == (3, 4, False, 3)


def test_other_hidden_tests_are_not_run_again(course, collect, monkeypatch):
    """바뀌지 않은 숨은 시험은 빈 셀이 된다. 그 점수는 바뀔 수 없다."""
    collect(s01={})
    course.autograde("schedules")
    source = course.source("schedules")
    notebook, record = (
        course.submitted("schedules", "s01"),
        json.loads(course.record_path("schedules", "s01").read_text()),
    )
    record["hidden"]["다른 문제-grade"] = "옛것"
    seen = []
    monkeypatch.setattr(box, "execute", lambda cells, *rest: seen.extend(cells) or [[]] * len(cells))
    again = grade.execute("s01", notebook, source, course.secret, box.Limits(), True, record)
    assert again is record and seen == []
    source.cells[5].source += "\n# 고쳤다"
    again = grade.execute("s01", notebook, source, course.secret, box.Limits(), True, record)
    assert any("고쳤다" in cell for cell in seen) and again["outputs"][:3] == record["outputs"][:3]


def test_changed_rubric_makes_just_that_task_wait(course, collect, grades):
    collect(s01={}, s02={})
    course.autograde("schedules")
    mark(course, "s01", 3)
    edit(course, "모범 답안과 채점 기준", "모범 답안과 더 엄한 기준")
    course.release("schedules")
    shown = []
    course.autograde("schedules", agree=lambda changes: shown.extend(changes) or True)
    assert [str(change) for change in shown] == [f"s01  {TEXT}: 3점 → 채점 기준이 바뀌어 다시 채점을 기다린다"]
    assert grades(TEXT)["s01"] == (3, 4, True, 3) and grades(CODE)["s01"][0] == 2


def test_dry_run_and_the_question(course, collect, grades, capsys, monkeypatch):
    from test_course import said

    here = ("--course", course.root, "autograde", "schedules")
    collect(s01={})
    said(capsys, *here)
    edit(course, '"points": 2', '"points": 5')
    course.release("schedules")
    code, text = said(capsys, *here, "--dry-run")
    assert code == 0 and "s01  02_exponential-closure: 2점 → 5점" in text and "성적부는 그대로입니다" in text
    monkeypatch.setattr("sys.stdin", type("Terminal", (), {"isatty": lambda self: True})())
    monkeypatch.setattr("builtins.input", lambda prompt: "아니오")
    assert "성적부는 그대로입니다" in said(capsys, *here)[1] and grades(CODE)["s01"][0] == 2
    monkeypatch.setattr("builtins.input", lambda prompt: "예")
    assert "1명을 채점했습니다" in said(capsys, *here)[1] and grades(CODE)["s01"][0] == 5


def test_killed_between_grading_and_entering_goes_on(course, collect, grades, monkeypatch):
    """실행과 판정은 마쳤지만 성적부에 적기 전에 죽었다. 다음 채점이 적는다."""
    collect(s01={})

    def interrupted(self, *rest, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(Course, "nbgrader", interrupted)
    with pytest.raises(KeyboardInterrupt):
        course.autograde("schedules")
    monkeypatch.undo()
    assert course.autograde("schedules") == (["s01"], {})
    assert grades(CODE)["s01"][0] == 2


def test_blank_answer_is_told_in_korean(course, collect):
    collect(s01={"code": None, "text": None})
    course.autograde("schedules")
    page = course.feedback("schedules")[0].read_text(encoding="utf-8")
    assert "답을 쓰지 않았습니다." in page and "No response" not in page


def test_hand_in_that_touches_the_insides_is_named(course, collect, capsys):
    from test_course import said

    taken = "from homl11.checks import TASKS\ndouble = TASKS['02_exponential/closure'].reference"
    collect(s01={"code": taken}, s02={"code": "from homl11.checks import check\ndef double(x):\n    return 2 * x"})
    text = said(capsys, "--course", course.root, "autograde", "schedules")[1]
    assert "살펴보세요 s01: 확인과 채점의 속을 건드립니다(.reference, TASKS, homl11.checks)" in text
    assert "살펴보세요 s02" not in text


def test_seed_of_the_judge_was_never_in_the_box(course, collect, monkeypatch):
    """답을 판정하는 나누기를 학생의 코드가 미리 찾아볼 수 없다."""
    seen = []
    monkeypatch.setitem(oracle.JUDGES, "02_exponential-closure", lambda answer, seed: seen.append(seed) or {"가": True})
    monkeypatch.setattr(oracle.Oracle, "verdicts", lambda self, key, got, expected, seed: oracle.JUDGES[key](got, seed))
    collect(s01={})
    course.autograde("schedules")
    record = json.loads(course.record_path("schedules", "s01").read_text(encoding="utf-8"))
    assert seen == [grade.unseen(course.secret, record["seed"])] and seen[0] != record["seed"]


def test_hint_of_manual_works_where_it_is_printed(course, collect, capsys, monkeypatch, tmp_path):
    """저장소의 폴더에서 부르든 다른 곳에서 부르든, 찍힌 줄을 그대로 부르면 된다."""
    from test_course import said

    collect(s01={})
    course.autograde("schedules")
    monkeypatch.chdir(tmp_path)
    text = said(capsys, "--course", "과정 폴더", "manual", "schedules")[1]
    line = shlex.split(text.splitlines()[-1])
    result = subprocess.run(line, capture_output=True, text=True)
    assert "0줄을 성적부에 적었습니다" in result.stdout, (line, result.stderr)


def test_course_is_closed_to_other_users(course, small_course):
    assert small_course.root.stat().st_mode & 0o077 == 0


def test_judging_that_trains_is_shared_and_goes_on(tmp_path, monkeypatch):
    """프로세스 여럿이 나누어 판정해도 판정이 같고, 마친 것은 다시 하지 않는다."""
    course = create(tmp_path / "과정", "class")
    course.release("regularization")
    source, notebook = course.source("regularization"), course.released("regularization")
    recipe = {"레시피": {"value": {"schedule": "one_cycle", "learning_rate": 0.2, "dropout_rate": 0.2}}}

    def records():
        found = {}
        for number in range(judges.FEW):
            seed = grade.seed_of(course.secret, f"s{number}", notebook)
            outputs = [
                [{"output_type": "display_data", "data": {box.ANSWERS: recipe}}] if "final" in name else []
                for name in grade.names(notebook)
            ]
            found[f"s{number}"] = (notebook, {"seed": seed, "outputs": outputs, "marks": {}, "judged": {}})
        return found

    alone, shared = records(), records()
    monkeypatch.setattr(judges, "EACH", 2)
    assert course.judge("regularization", shared, source, jobs=2) == {}
    assert course.judge("regularization", {"s0": alone["s0"]}, source) == {}
    assert shared["s0"][1]["marks"] == alone["s0"][1]["marks"] and shared["s3"][1]["marks"]
    monkeypatch.setattr(grade, "judge", None)
    assert course.judge("regularization", shared, source, jobs=2) == {}


# ---- 한 문제만 다시


def test_changed_hidden_test_of_the_checks_is_noticed(tmp_path):
    """숨은 시험의 글은 그대로이고 ``homl11.checks``에서 그 문제가 묻는 것만 바뀌어도 안다. 다른 문제는 그대로이다."""
    folder, before = tmp_path / "checks", stripped.task_prints()
    shutil.copytree(stripped.PACKAGE / "checks", folder)
    path = folder / "schedules.py"
    text = path.read_text(encoding="utf-8")

    def changed(edited):
        stripped.task_prints.cache_clear()
        path.write_text(edited, encoding="utf-8")
        now = stripped.task_prints(folder)
        assert now.keys() == before.keys() == TASKS.keys()
        return {key for key in now if now[key] != before[key]}

    assert changed(text) == changed("# 주석\n" + text) == set()
    hint = TASKS["02_exponential/closure"].hint
    assert hint in text and changed(text.replace(hint, "다른 힌트")) == set()
    probes = TASKS["02_exponential/closure"].probes.__name__
    assert changed(text.replace(f"def {probes}(r):\n", f"def {probes}(r):\n    r.random()\n")) == {
        "02_exponential/closure"
    }


def test_only_the_changed_task_is_run_and_judged_again(course, collect, quick, monkeypatch):
    """``homl11.checks``의 문제 하나가 바뀌면 그 숨은 시험만 돌고, 손으로 준 다른 점수는 그대로 선다."""
    collect(s01={})
    notebook, source = course.submitted("schedules", "s01"), course.source("schedules")
    monkeypatch.setattr(grade, "ASKED", re.compile(r"채점 (\S+):"))  # 작은 과제의 숨은 시험은 graded를 부르지 않는다
    found, seen = {"02_exponential/closure": "앞"}, []
    monkeypatch.setattr(stripped, "task_prints", lambda: found)
    monkeypatch.setattr(box, "execute", lambda cells, *rest: seen.append(cells) or quick(cells, *rest))
    run = partial(grade.execute, "s01", notebook, source, course.secret, box.Limits(), True)
    before, record = course.prints("s01", notebook, source), run()
    record["judged"] = before.judged
    assert run(record) is record and grade.unjudged(record, before) == []
    found["02_exponential/closure"] = "뒤"
    after = course.prints("s01", notebook, source)
    assert grade.unjudged(run(record), after) == [CODE] and len(seen) == 2
    assert after.tasks[TEXT] == before.tasks[TEXT] and after.tasks[CODE] != before.tasks[CODE]
    assert after.whole != before.whole
    monkeypatch.setattr(stripped, "comparison_print", lambda: "견주는 법이 바뀌었다")
    now = course.prints("s01", notebook, source)
    assert now.hidden == after.hidden and now.judged != after.judged  # 실행하지 않고 판정만 다시 한다


def test_one_task_is_run_again_when_asked(course, collect, grades, quick, monkeypatch, capsys):
    from test_course import said

    monkeypatch.setattr(box, "execute", quick)
    collect(s01={}, s02={})
    here = ("--course", course.root, "autograde", "schedules", "--without-isolation")
    assert "2명을 채점했습니다" in said(capsys, *here)[1]
    mark(course, "s02", 3)
    path = course.record_path("schedules", "s01")
    record = json.loads(path.read_text(encoding="utf-8"))
    monkeypatch.setattr(box, "execute", lambda cells, *rest: [[] for _ in cells])  # 이번에는 아무것도 넘기지 않는다
    assert "숨은 시험이 있는 문제가 아닙니다. 있는 것: 02_exponential-closure" in said(capsys, *here, "--task", TEXT)[1]
    code, text = said(capsys, *here, "--task", "02_exponential/closure", "--dry-run")
    assert code == 0 and text.count("02_exponential-closure: 2점 → 0점") == 2 and "성적부는 그대로입니다" in text
    assert grades(CODE)["s01"][0] == 2
    now = json.loads(path.read_text(encoding="utf-8"))
    assert now["outputs"][:3] == record["outputs"][:3]  # 다른 셀의 출력은 앞의 것 그대로이다
    said(capsys, *here, "--task", "02_exponential/closure", "--yes")
    assert grades(CODE)["s01"][0] == 0 and grades(TEXT)["s02"] == (3, 4, False, 3)


def test_every_long_step_counts_the_students(course, collect, quick, monkeypatch):
    """실행, 판정, 성적부, 피드백마다 남은 시간을 보이는 막대가 끝까지 간다."""
    bars = []

    class Bar(tqdm):
        def __init__(self, *rest, **options):
            super().__init__(*rest, **{**options, "disable": False, "file": io.StringIO()})
            bars.append(self)

    monkeypatch.setattr(box, "execute", quick)
    monkeypatch.setattr("grading.course.tqdm", Bar)
    collect(s01={}, s02={})
    bars.clear()
    course.autograde("schedules", isolated=False)
    course.feedback("schedules")
    assert [(bar.desc, bar.n, bar.total) for bar in bars if bar.total] == [
        ("채점", 2, 2),
        ("판정", 2, 2),
        ("성적부", 2, 2),
        ("피드백", 2, 2),
    ]
