"""과정 하나의 폴더: 과제를 내고, 모으고, 채점하고, 돌려준다.

폴더의 짜임은 nbgrader의 것이다(``source``, ``release``, ``submitted``, ``autograded``, ``feedback``, ``gradebook.db``).
여기에 더한다: ``course.json``(과정의 이름과 비밀), ``downloaded``(받은 그대로의 파일), ``pictures``(글에 넣은 그림),
``.released``(내었을 때의 강사 노트북), ``.graded``(실행하고 판정한 기록), ``.entered``(성적부에 적은 것의 지문과, 낼
때마다의 점수), ``report_과제.html``(반 보고서), ``late.json``(연장과 감점), 있으면 ``roster.csv``(명단).
"""

import contextlib
import csv
import fcntl
import itertools
import json
import os
import re
import secrets
import shutil
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import nbformat
from tqdm import tqdm

from grading import (
    ASSIGNMENTS,
    EXERCISES,
    TODO,
    box,
    cluster,
    collecting,
    exchange,
    grade,
    hand_ins,
    own,
    owners,
    tables,
    title_of,
)
from grading import roster as rosters
from grading.judges import judged
from grading.messages import Problem, write
from grading.repair import FIXED, name_pictures, picture_files, repair

CONFIG = """# nbgrader가 읽는 설정. 이 강좌의 부품은 grading.nbgrader_settings에 있다.
from grading import nbgrader_settings

nbgrader_settings.apply(get_config(), {course_id!r})
"""


@dataclass(frozen=True)
class Change:
    """이미 적은 점수 하나가 어떻게 바뀌는지. ``resubmitted``는 학생이 다시 냈다는 뜻이다."""

    student: str
    task: str
    before: float
    after: float | None  # 없으면 다시 읽기를 기다린다
    resubmitted: bool = False

    def __str__(self):
        after = "채점 기준이 바뀌어 다시 채점을 기다린다" if self.after is None else f"{self.after:g}점"
        return f"{self.student}  {self.task.removesuffix(grade.HIDDEN_NAME)}: {self.before:g}점 → {after}" + (
            " (다시 냈다)" if self.resubmitted else ""
        )


def state_of(graded):
    """손으로 채점하는 답의 (적을 점수, 상태). 낡은 점수는 점수 칸에 적지 않는다: 읽지 않고 다시 적히지 않게."""
    if graded.manual_score is None:
        return "", "채점을 기다린다" if graded.needs_manual_grade else "답이 없다"
    if graded.needs_manual_grade:
        return "", f"답이나 채점 기준이 바뀌었다. 앞의 점수 {graded.manual_score:g}"
    return f"{graded.manual_score:g}", "채점했다"


@contextlib.contextmanager
def attempt(student, failed):
    """한 학생의 일이 잘못되면 까닭을 적고 다음 학생으로 간다. 모두에게 같은 까닭(``Problem``)이면 거기서 멈춘다."""
    try:
        yield
    except Problem:
        raise
    except Exception as error:
        failed[student] = f"{type(error).__name__}: {error}"


def create(folder, name):
    """빈 폴더에 과정을 만든다. 이미 무엇이 있으면 건드리지 않는다."""
    if folder.exists() and any(folder.iterdir()):
        raise Problem(f"{folder}가 비어 있지 않습니다. 없는 폴더나 빈 폴더의 이름을 주세요.")
    if not re.fullmatch(r"[\w-]+", name):
        raise Problem(f"과정의 이름 {name!r}에는 글자, 숫자, -, _만 쓸 수 있습니다.")
    refuse_wildcards(folder.resolve())
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)  # 성적과 제출물은 이 컴퓨터의 다른 사용자도 읽지 못한다
    for assignment in ASSIGNMENTS:
        target = folder / "source" / assignment / f"{assignment}.ipynb"
        target.parent.mkdir(parents=True)
        shutil.copy(EXERCISES / target.name, target)
    course_id = f"{name}-{secrets.token_hex(3)}"  # 이름이 같은 두 과정의 성적부도 구별한다
    write(folder / "nbgrader_config.py", CONFIG.format(course_id=course_id))
    settings = folder / "course.json"
    write(settings, json.dumps({"course_id": course_id, "secret": secrets.token_hex()}, indent=1))
    settings.chmod(0o600)
    return Course(folder)


def refuse_wildcards(folder):
    """nbgrader는 과정 폴더의 경로를 glob으로 읽는다. 이런 글자가 있으면 과제를 하나도 찾지 못한다."""
    if found := sorted(set("[]*?") & set(str(folder))):
        raise Problem(
            f"{folder}에는 과정을 둘 수 없습니다. 경로에 {' '.join(found)}가 있으면 nbgrader가 과제를 찾지 못합니다. "
            "그런 글자가 없는 폴더를 쓰세요. 예: 2026-1 딥러닝"
        )


class Course:
    def __init__(self, root):
        self.root = Path(root).resolve()
        refuse_wildcards(self.root)
        try:
            settings = json.loads((self.root / "course.json").read_text(encoding="utf-8"))
            self.course_id, self.secret = settings["course_id"], settings["secret"]
        except FileNotFoundError:
            raise Problem(
                f"{self.root}는 과정 폴더가 아닙니다. 과정 폴더에서 부르거나 --course로 알려 주세요. "
                "새로 만들려면 create를 쓰세요."
            ) from None
        except (ValueError, KeyError) as error:
            raise Problem(f"{self.root / 'course.json'}이 깨졌습니다. 백업에서 되살리세요.") from error
        self.gradebook_path = self.root / "gradebook.db"

    @contextlib.contextmanager
    def locked(self):
        """한 과정에서 두 명령이 함께 돌지 않게 한다. 성적부를 함께 고치면 한쪽이 사라진다."""
        self.same_course()
        with open(self.root / ".lock", "w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Problem("이 과정에서 다른 명령이 돌고 있습니다. 끝난 뒤에 다시 하세요.") from None
            yield

    def same_course(self):
        """성적부가 이 과정의 것인가. 아니면 아무것도 하지 않고 멈춘다."""
        if not self.gradebook_path.exists():
            return
        try:
            with contextlib.closing(sqlite3.connect(f"{self.gradebook_path.as_uri()}?mode=ro", uri=True)) as database:
                found = {row[0] for row in database.execute("select id from course")}
        except sqlite3.DatabaseError as error:
            raise Problem(f"성적부 {self.gradebook_path}를 읽을 수 없습니다({error}). 백업에서 되살리세요.") from error
        if others := found - {self.course_id, "default_course"}:  # 뒤의 것은 nbgrader가 스스로 만든다
            raise Problem(
                f"성적부가 다른 과정({', '.join(sorted(others))})의 것입니다. 이 과정은 {self.course_id}입니다. "
                "gradebook.db를 제자리로 옮기고 다시 하세요."
            )

    def nbgrader(self, *arguments, told="", count=0):
        """nbgrader의 명령을 과정 폴더에서 실행한다. ``told``를 주면 노트북 ``count``개를 세며 남은 시간을 보인다.

        nbgrader가 한 경고를 돌려준다.
        """
        command = [sys.executable, "-m", "nbgrader", *map(str, arguments), "--log-level=INFO"]
        # 새 성적부를 만들 때 alembic을 이름으로 부른다.
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
        environment = {**os.environ, "PATH": path, "PYTHONUNBUFFERED": "1"}
        said = []
        options = {"cwd": self.root, "env": environment, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
        with (
            tqdm(desc=told, total=count, unit="명", disable=None if told else True) as bar,
            subprocess.Popen(command, text=True, errors="replace", **options) as running,
        ):
            for line in running.stderr:
                bar.update("Setting destination file permissions" in line)  # 한 제출물을 마친 뒤의 말
                if "| INFO]" not in line:
                    said.append(line)
        if running.returncode:
            raise Problem(f"nbgrader {arguments[0]}이 실패했습니다.\n{''.join(said)[-3000:]}")
        return "".join(said)

    def notebook(self, stage, assignment, student="."):
        return self.root / stage / student / assignment / f"{assignment}.ipynb"

    def source(self, assignment):
        """강사 노트북."""
        path = self.notebook("source", assignment)
        if not path.exists() and path.parent.is_dir():
            raise Problem(f"{path.parent}에 {path.name}이 없습니다. 강사 노트북의 이름을 폴더와 같게 지으세요.")
        if not path.exists():
            raise Problem(f"과제 {assignment}: 없는 이름입니다. 있는 것: {', '.join(self.assignments())}")
        return nbformat.read(path, as_version=4)

    def title(self, assignment):
        """사람이 읽을 과제의 이름."""
        return title_of(self.source(assignment)) or assignment

    def released(self, assignment):
        """나누어 준 노트북."""
        self.source(assignment)
        path = self.notebook("release", assignment)
        if not path.exists():
            raise Problem(f"과제 {assignment}: 아직 내지 않았습니다. 먼저 release {assignment} 명령을 쓰세요.")
        return nbformat.read(path, as_version=4)

    def release(self, assignment):
        """풀이와 숨은 시험을 뺀 노트북을 만든다. 그 경로를 돌려준다. 다 만든 뒤에만 앞의 것과 바꾼다."""
        source = self.source(assignment)
        target, fresh = self.root / "release" / assignment, self.root / ".release"
        own.published(source)  # 잘못된 확인은 여기서 말한다. nbgrader도 같은 것을 부른다
        with self.locked():
            self.require_same_tasks(assignment, source)
            shutil.rmtree(fresh, ignore_errors=True)
            self.nbgrader(
                "generate_assignment",
                assignment,
                "--create",
                "--force",
                f"--CourseDirectory.release_directory={fresh.name}",
            )
            shutil.rmtree(target, ignore_errors=True)
            target.parent.mkdir(exist_ok=True)
            (fresh / assignment).replace(target)
            shutil.rmtree(fresh)
            write(self.root / ".released" / f"{assignment}.ipynb", nbformat.writes(source))
        return self.notebook("release", assignment)

    def require_written(self, assignment):
        """뼈대의 ✎가 남아 있으면 학생에게 낼 것이 아니다."""
        cells = self.source(assignment).cells
        if unwritten := [cell.source.strip().partition("\n")[0] for cell in cells if TODO in cell.source]:
            raise Problem(f"과제 {assignment}: 아직 쓰지 않은 곳({TODO})이 있습니다: {', '.join(unwritten)}")

    def require_same_tasks(self, assignment, source):
        """채점한 제출물이 있으면 문제를 더하거나 뺄 수 없다. 성적부의 점수가 갈 곳을 잃는다."""
        if not self.gradebook_path.exists():
            return
        from nbgrader.api import MissingEntry

        with self.gradebook() as gradebook:
            try:
                known = gradebook.find_notebook(assignment, assignment)
            except MissingEntry:
                return
            before = {cell.name for cell in known.source_cells} if known.submissions else None
        now = {
            cell.metadata.nbgrader.grade_id for cell in source.cells if "grade_id" in cell.metadata.get("nbgrader", {})
        }
        if before is not None and before != now:
            changes = [f"더한 셀: {', '.join(sorted(now - before))}"] * bool(now - before)
            changes += [f"뺀 셀: {', '.join(sorted(before - now))}"] * bool(before - now)
            raise Problem(
                f"과제 {assignment}: 채점한 제출물이 있어 문제를 더하거나 뺄 수 없습니다. {'. '.join(changes)}. "
                "아무것도 바꾸지 않았고, 나누어 준 노트북도 그대로입니다. 셀을 되돌리고 다시 내세요. "
                "문제를 빼려면 배점을 0으로 하고, 더하려면 exercise 명령으로 새 과제를 만드세요."
            )

    # ---- 모으기

    def collect(self, assignment, folder, pattern=None, replace=False, *, roster=None, times=None, ask=None):
        """내려받은 폴더나 압축 파일의 노트북을 고쳐 ``submitted``에 둔다. ``folder``가 ``None``이면 교환소의 것이다.

        누구의 것인지 정한 것(``Plan``)을 ``ask``에 보이고, 돌려받은 것만 받는다. ``ask``가 없으면 의심스럽지 않은 것을
        모두 받는다. 학생마다 한 일과, 사람이 볼 것의 목록을 돌려준다.
        """
        release, roster, done = self.released(assignment), self.roster(roster), {}
        titles = map(self.title, self.assignments())
        names = owners.Names([*self.assignments(), *titles, *ASSIGNMENTS, *ASSIGNMENTS.values()])
        with hand_ins.opened(folder) if folder else exchange.opened(self, assignment) as found:
            own = {path.resolve() for path in (roster and roster.path, times) if path}
            found.others = [place for place in found.others if Path(folder, *place).resolve() not in own]
            plan = collecting.prepare(found, release, names, pattern, roster, times)
            chosen = plan.sure if ask is None else ask(plan)
            problems = plan.problems + [f"{item}: {item.doubt} 받지 않았습니다." for item in plan.left(chosen)]
            with self.locked():
                for item in chosen:
                    try:
                        data = item.read()
                    except OSError as error:
                        problems.append(f"{item} ({item.student}): 받지 못했습니다. {error}")
                        continue
                    taken = self.take(assignment, item, data, release, replace)
                    if taken is None:
                        problems.append(
                            f"{item.student}: 이미 다른 제출물이 있어 그대로 두었습니다. 바꾸려면 --replace를 붙이세요."
                        )
                        continue
                    done[item.student], doubts = taken
                    doubts = [item.doubt, *doubts] if item.doubt else doubts
                    problems += [f"{item.student} ({item}): {doubt} 받았지만 확인하세요." for doubt in doubts]
                self.settle(assignment)
        return done, problems

    def assignments(self):
        """강사 노트북이 있는 과제들."""
        folders = (self.root / "source").glob("*")
        return sorted(folder.name for folder in folders if self.notebook("source", folder.name).exists())

    def roster(self, path=None):
        """명단. 주지 않으면 과정 폴더의 ``roster.csv``나 ``roster.xlsx``, 그것도 없으면 ``None``."""
        kept = (self.root / name for name in ("roster.csv", "roster.xlsx"))
        path = path or next(filter(Path.exists, kept), None)
        return rosters.read(path) if path else None

    def take(self, assignment, item, data, release, replace=False):
        """제출물 하나를 받는다. 고친 것과 의심스러운 것의 목록을 돌려준다. 다른 것이 이미 있으면 ``None``."""
        student = item.student
        original = self.root / "downloaded" / assignment / f"{student}.ipynb"
        target = self.notebook("submitted", assignment, student)
        stamp = target.with_name("timestamp.txt")  # nbgrader가 낸 때를 읽는 파일
        known = original.exists() and target.exists()
        same = known and original.read_bytes() == data
        if known and not same and not replace:
            return None
        if item.secret:
            write(target.with_name(exchange.SECRET), item.secret)
        if not same or item.clock == "CSV" or not stamp.exists():
            write(stamp, f"{item.time:%Y-%m-%d %H:%M:%S.%f} UTC")
        if same:
            return [], []
        submission = repair(data, release)
        if original.exists():  # 앞의 제출물도 남긴다
            kept = (original.with_suffix(f".{number:03}.ipynb") for number in itertools.count(1))
            original.rename(next(path for path in kept if not path.exists()))
        folder = self.root / self.pictures(assignment, student)
        shutil.rmtree(folder, ignore_errors=True)
        for name, picture in picture_files(submission.notebook).items():
            write(folder / name, picture)
        if item.notes:
            listed = "\n".join(f"- {note}" for note in item.notes)
            cell = nbformat.v4.new_markdown_cell(f"{FIXED}\n\n{listed}", id="repairs")
            submission.notebook.cells.insert(0, cell)
        write(target, nbformat.writes(submission.notebook))
        write(original, data)  # 끝에 둔다: 여기까지 왔어야 받은 것이다
        return item.notes, submission.doubts

    @staticmethod
    def pictures(assignment, student):
        """글에 넣은 그림을 둔 폴더. 과정 폴더에서부터의 경로이다."""
        return f"pictures/{assignment}/{student}"

    def settle(self, *assignments):
        """성적부에 낸 때와 감점을 다시 적는다."""
        from grading import late

        if self.gradebook_path.exists():
            with self.gradebook() as gradebook:
                for assignment in assignments or [item.name for item in gradebook.assignments]:
                    late.settle(gradebook, self.root, assignment)

    # ---- 채점

    def students(self, assignment):
        """제출한 학생들."""
        return sorted(path.parents[1].name for path in self.root.glob(f"submitted/*/{assignment}/{assignment}.ipynb"))

    def submitted(self, assignment, student):
        return nbformat.read(self.notebook("submitted", assignment, student), as_version=4)

    def record_path(self, assignment, student):
        return self.root / ".graded" / assignment / f"{student}.json"

    def stored_record(self, assignment, student):
        """마지막으로 실행하고 판정한 기록. 없거나 깨졌으면 빈 사전."""
        with contextlib.suppress(OSError, ValueError):
            return json.loads(self.record_path(assignment, student).read_text(encoding="utf-8"))
        return {}

    def known_record(self, assignment, student, notebook, source):
        """이 제출물을 전에 실행한 기록. 숨은 시험이나 풀이가 바뀌었을 수는 있다. 없으면 ``None``."""
        with contextlib.suppress(KeyError, TypeError):
            record = self.stored_record(assignment, student)
            seed = grade.seed_of(self.secret, student, notebook)
            if record["common"] == grade.Prints(seed, notebook, source).common:
                return record
        return None

    def entered(self, assignment, student):
        """성적부에 적은 것의 지문과 점수. 적은 적이 없으면 빈 사전."""
        with contextlib.suppress(OSError, ValueError):
            path = self.root / ".entered" / assignment / f"{student}.json"
            return json.loads(path.read_text(encoding="utf-8"))
        return {}

    def store_entered(self, assignment, student, prints, scores, hints):
        """성적부에 적은 것을 남긴다. 낼 때마다의 점수와 힌트도 남는다. 코드가 같은 것은 한 번 낸 것으로 센다."""
        stamp = self.notebook("submitted", assignment, student).with_name("timestamp.txt")
        time = stamp.read_text(encoding="utf-8").strip() if stamp.exists() else ""
        attempts = self.entered(assignment, student).get("attempts", [])
        attempts = [attempt for attempt in attempts if attempt["seed"] != prints.seed]
        attempts.append({"seed": prints.seed, "time": time, "scores": scores, "hints": hints})
        found = {"whole": prints.whole, "common": prints.common, "tasks": prints.tasks}
        found |= {"scores": scores, "attempts": attempts}
        write(self.root / ".entered" / assignment / f"{student}.json", json.dumps(found, ensure_ascii=False))

    def prints(self, student, notebook, source):
        return grade.Prints(grade.seed_of(self.secret, student, notebook), notebook, source)

    def record(self, assignment, student, notebook):
        """nbgrader가 부른다. 기록이 없으면(formgrader에서 바로 채점할 때) 그 자리에서 만든다."""
        source = self.graded_source(assignment)
        found = self.known_record(assignment, student, notebook, source)
        if found is None or grade.unjudged(found, self.prints(student, notebook, source)):
            self.require_box(isolated=True)
            found = self.execute(assignment, student, notebook, source, box.Limits(), isolated=True)
            if failed := self.judge(assignment, {student: (notebook, found)}, source):
                raise Problem(f"{student}: 판정하지 못했습니다. {failed[student]}")
        return found

    def graded_source(self, assignment):
        """채점에 쓸, 확인 셀에 정답이 없는 강사 노트북. 고친 뒤 내지 않았으면 성적부와 맞지 않으므로 쓰지 않는다."""
        source, released = self.source(assignment), self.root / ".released" / f"{assignment}.ipynb"
        if released.exists() and nbformat.read(released, as_version=4) != nbformat.reads(
            nbformat.writes(source), as_version=4
        ):
            raise Problem(
                f"과제 {assignment}: 강사 노트북을 고친 뒤 내지 않았습니다. release {assignment}를 한 다음 채점하세요. "
                "무엇이 바뀌는지는 autograde --dry-run이 보여 줍니다."
            )
        return own.as_released(source, self.released(assignment))

    def execute(
        self, assignment, student, notebook, source, limits, isolated, again=False, task=None, halt=None, run=None
    ):
        """실행해 기록을 남긴다. 이미 실행한 것은 다시 하지 않는다. 도중에 멈추면 아무것도 남기지 않는다."""
        known = None if again else self.known_record(assignment, student, notebook, source)
        if known and task:
            known["hidden"].pop(task, None)
        record = grade.execute(student, notebook, source, self.secret, limits, isolated, known, halt, run)
        if record is not known:
            self.store(assignment, student, record)
        return record

    def store(self, assignment, student, record):
        write(self.record_path(assignment, student), json.dumps(record, ensure_ascii=False))

    def judge(self, assignment, records, source, jobs=1):
        """실행한 기록들을 판정해 하나씩 저장한다. 판정하지 못한 학생과 까닭을 돌려준다."""
        waiting = {
            student: (notebook, record)
            for student, (notebook, record) in records.items()
            if grade.unjudged(record, self.prints(student, notebook, source))
        }
        failed = {}
        done = judged(waiting, source, self.secret, jobs)
        with contextlib.closing(done):
            for student, result in tqdm(
                done, total=len(waiting), desc="판정", unit="명", disable=None if waiting else True
            ):
                with attempt(student, failed):
                    records[student][1].update(result())
                    self.store(assignment, student, records[student][1])
        return failed

    @staticmethod
    def require_box(isolated):
        reason = box.available() if isolated else None
        if reason:
            raise Problem(
                f"{reason}\n상자 없이 채점하면 학생의 코드가 이 컴퓨터에서 그대로 돕니다. "
                "그래도 하려면 --without-isolation 을 붙이세요."
            )

    def autograde(
        self,
        assignment,
        *,
        jobs=2,
        isolated=True,
        again=False,
        task=None,
        scheduler=None,
        limits=box.Limits(),  # noqa: B008
        agree=lambda changes: True,
    ):
        """아직 채점하지 않은 제출물을(``again``이면 모두) 채점한다. 채점한 학생들과, 못한 학생의 까닭을 돌려준다.

        ``task``를 주면 모두의 그 문제만 다시 실행하고 판정한다.
        ``scheduler``는 Dask 스케줄러의 주소이다. 주면 그 클러스터의 일꾼들이 상자를 연다. 판정은 언제나 여기서 한다.
        ``agree``는 이미 적은 점수 가운데 바뀔 것(``Change``의 목록)을 받는다. 거짓을 돌려주면 성적부는 그대로이다.
        """
        self.released(assignment)
        source, students = self.graded_source(assignment), self.students(assignment)
        if not students:
            raise Problem(f"과제 {assignment}: 제출물이 없습니다. 먼저 collect {assignment} 폴더 명령을 쓰세요.")
        task = self.hidden_test(source, task) if task else None
        if scheduler is None:
            self.require_box(isolated)
        elif not isolated:
            raise Problem("--scheduler와 --without-isolation은 함께 쓸 수 없습니다. 일꾼은 상자 안에서만 실행합니다.")
        with self.locked():
            notebooks = {}
            for student in students:
                notebook = self.submitted(assignment, student)
                graded = self.notebook("autograded", assignment, student).exists()
                whole = self.entered(assignment, student).get("whole")
                if again or task or not graded or whole != self.prints(student, notebook, source).whole:
                    notebooks[student] = notebook
            options = {"limits": limits, "isolated": isolated, "again": again, "task": task}
            with cluster.workers(scheduler) if scheduler else contextlib.nullcontext((None, jobs)) as (run, places):
                records, failed = self.execute_all(assignment, notebooks, source, places, options | {"run": run})
            executed = {student: (notebooks[student], record) for student, record in records.items()}
            failed |= self.judge(assignment, executed, source, jobs)
            executed = {student: found for student, found in executed.items() if student not in failed}
            if not executed or not agree(self.changes(assignment, executed, source)):
                return [], failed
            skip = ",".join(sorted({*students} - executed.keys()))
            self.nbgrader(
                "autograde",
                assignment,
                "--force",
                *([f"--CourseDirectory.student_id_exclude={skip}"] if skip else []),
                told="성적부",
                count=len(executed),
            )
        return sorted(executed), failed

    @staticmethod
    def hidden_test(source, task):
        """문제의 숨은 시험의 이름. 숨은 시험이 없는 문제이면 있는 것을 알려 준다."""
        known = [name.removesuffix(grade.HIDDEN_NAME) for name in grade.names(source) if grade.HIDDEN_NAME in name]
        wanted = task.replace("/", "-").removesuffix(grade.HIDDEN_NAME)
        if wanted not in known:
            raise Problem(f"{task}: 숨은 시험이 있는 문제가 아닙니다. 있는 것: {', '.join(known)}")
        return wanted + grade.HIDDEN_NAME

    def changes(self, assignment, executed, source):
        """이미 적은 점수 가운데 바뀔 것."""
        found = []
        with self.gradebook() as gradebook:
            by_hand = {
                (submission.student_id, graded.name): graded.manual_score
                for submission in gradebook.assignment_submissions(assignment)
                for graded in submission.notebooks[0].grades
                if graded.manual_score is not None and not graded.needs_manual_grade
            }
        for student, (notebook, record) in executed.items():
            before, prints = self.entered(assignment, student), self.prints(student, notebook, source)
            again = before.get("common") != prints.common
            now = grade.scores(record, source)
            for name, score in before.get("scores", {}).items():
                if (student, name) not in by_hand and name in now and now[name] != score:
                    found.append(Change(student, name, score, now[name], again))
            for name, print_ in before.get("tasks", {}).items():
                if (student, name) in by_hand and prints.tasks.get(name) != print_:
                    found.append(Change(student, name, by_hand[student, name], None, again))
        return found

    def execute_all(self, assignment, notebooks, source, jobs, options):
        """제출물을 ``jobs``개씩 나란히 실행한다. 하나하나가 제 상자에서 돈다. 하나가 잘못되어도 나머지는 채점한다."""
        records, failed, halt = {}, {}, threading.Event()
        with ThreadPoolExecutor(jobs) as pool:
            waiting = {
                pool.submit(self.execute, assignment, student, notebook, source, halt=halt, **options): student
                for student, notebook in notebooks.items()
            }
            done = as_completed(waiting)
            try:
                for future in tqdm(done, total=len(waiting), desc="채점", unit="명", disable=None if waiting else True):
                    with attempt(waiting[future], failed):
                        records[waiting[future]] = future.result()
            except BaseException:  # Ctrl-C: 도는 것은 버리고 곧 멈춘다. 마친 것은 기록에 남는다.
                halt.set()
                pool.shutdown(cancel_futures=True)
                raise
        return records, failed

    # ---- 손으로 채점하기

    def gradebook(self):
        from nbgrader.api import Gradebook

        return Gradebook(f"sqlite:///{self.gradebook_path}", self.course_id)

    def manual(self, assignment):
        """손으로 채점할 답을 CSV로 적는다. 점수와 말을 채워 ``apply_manual``에 준다."""
        self.released(assignment)
        target = self.root / f"manual_{assignment}.csv"
        if target.exists():
            raise Problem(f"{target.name}이 이미 있습니다. 다 썼으면 이름을 바꾸거나 지우고 다시 하세요.")
        columns = ["학생", "문제", "만점", "점수", "말", "상태", "답"]
        count = 0
        with self.locked(), self.gradebook() as gradebook, open(target, "x", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            for submission in sorted(gradebook.assignment_submissions(assignment), key=lambda item: item.student_id):
                notebook = nbformat.read(self.notebook("autograded", assignment, submission.student_id), as_version=4)
                answers = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell.source for cell in notebook.cells}
                for graded in submission.notebooks[0].grades:
                    if graded.cell.cell_type == "markdown":
                        comment = gradebook.find_comment(graded.name, assignment, assignment, submission.student_id)
                        score, state = state_of(graded)
                        row = [submission.student_id, graded.name, f"{graded.max_score:g}", score]
                        folder = self.pictures(assignment, submission.student_id)
                        answer = name_pictures(answers.get(graded.name, ""), folder)
                        writer.writerow([*row, comment.manual_comment or "", state, tables.harmless(answer)])
                        count += 1
        return target, count

    def apply_manual(self, assignment, path):
        """채운 CSV의 점수와 말을 성적부에 적는다. 한 줄이라도 잘못되었으면 아무것도 적지 않는다."""
        self.released(assignment)
        try:
            with open(path, encoding="utf-8-sig", newline="") as file:
                rows = [row for row in csv.DictReader(file) if row["점수"].strip() or row["말"].strip()]
        except (OSError, KeyError, UnicodeError, AttributeError) as error:
            raise Problem(f"{path}를 읽을 수 없습니다. manual이 만든 CSV를 UTF-8로 저장해 주세요.") from error
        with self.locked(), self.gradebook() as gradebook:
            from nbgrader.api import MissingEntry

            for number, row in enumerate(rows, 2):
                try:
                    place = (row["문제"], assignment, assignment, row["학생"])
                    graded, comment = gradebook.find_grade(*place), gradebook.find_comment(*place)
                    if row["점수"].strip():
                        score = float(row["점수"])
                        if not 0 <= score <= graded.max_score:
                            raise ValueError
                        graded.manual_score, graded.needs_manual_grade = score, False
                    if row["말"].strip():
                        comment.manual_comment = row["말"]
                except (MissingEntry, ValueError) as error:
                    gradebook.db.rollback()
                    raise Problem(
                        f"{number}번째 줄({row['학생']}, {row['문제']})이 잘못되어 아무것도 적지 않았습니다. "
                        f"점수는 0부터 {row['만점']}까지이고, 학생과 문제의 이름은 그대로 두어야 합니다."
                    ) from error
            gradebook.db.commit()
        return len(rows)

    # ---- 돌려주기

    def feedback(self, assignment):
        """학생마다 한국어 피드백(HTML)을 만든다. 그 경로들을 돌려준다."""
        self.released(assignment)
        graded = self.require_graded(assignment)
        with self.locked():
            self.settle(assignment)
            self.nbgrader("generate_feedback", assignment, "--force", told="피드백", count=len(graded))
        return sorted(self.root.glob(f"feedback/*/{assignment}/*.html"))

    def require_graded(self, assignment):
        """채점한 노트북들."""
        found = list(self.root.glob(f"autograded/*/{assignment}/*.ipynb"))
        if not found:
            raise Problem(f"과제 {assignment}: 아직 채점하지 않았습니다. 먼저 autograde {assignment} 명령을 쓰세요.")
        return found

    def report(self, assignment):
        """반 전체가 무엇을 알고 무엇을 틀렸는지 말하는 쪽(HTML)을 만든다. 그 경로를 돌려준다."""
        from grading import report

        self.released(assignment)
        self.require_graded(assignment)
        with self.locked():
            self.settle(assignment)
            with self.gradebook() as gradebook:
                page = report.page(self, gradebook, assignment)
            path = self.root / f"report_{assignment}.html"
            write(path, page)
        return path

    def export(self, path, assignment=None):
        """성적표를 CSV나 엑셀 파일(.xlsx)로 적는다. 있는 파일은 덮어쓰지 않는다."""
        from grading import marks

        path = self.new_table(path)
        with self.locked():
            self.settle()
            with self.gradebook() as gradebook:
                chosen = [item for item in gradebook.assignments if assignment in (None, item.name)]
                tables.write(path, marks.ours(gradebook, chosen, self.names()), "성적")
        return path

    def hand_over(self, path, assignment, *, form=None, fill=None, column=None):
        """한 과제의 점수를 학습 관리 시스템이 받는 꼴(``form``)로, 또는 거기서 내려받은 표(``fill``)를 채워 적는다.

        새 파일의 경로와, 사람이 볼 것의 목록을 돌려준다.
        """
        from grading import marks

        path = self.new_table(path)
        if path.suffix.lower() == ".xlsx":
            raise Problem("학습 관리 시스템은 CSV를 받습니다. 새 파일의 이름을 .csv로 끝내세요.")
        names = self.names()
        with self.locked():
            self.settle(assignment)
            with self.gradebook() as gradebook:
                ready, waiting = marks.settled(marks.of(gradebook, gradebook.find_assignment(assignment)))
        problems = [f"{student}: 채점을 기다리는 문제가 있어 적지 않았습니다." for student in waiting]
        if fill:
            try:
                data = Path(fill).read_bytes()
            except OSError as error:
                raise Problem(f"{fill}를 읽을 수 없습니다({error.strerror}).") from error
            rows, encoding, delimiter, left = marks.filled(data, ready, names, column)
            marks.write_filled(path, rows, encoding, delimiter)
            problems += [f"{student}: 채울 표에 없습니다." for student in left]
        else:
            make = {"moodle": marks.moodle, "canvas": marks.canvas}[form]
            tables.write(path, make(ready, column or self.title(assignment), names), "성적")
        return path, problems

    def new_table(self, path):
        """새로 적을 표의 경로. 있는 파일이거나 적을 것이 없으면 멈춘다."""
        path = Path(path).absolute()
        if path.exists():
            raise Problem(f"{path}가 이미 있습니다. 다른 이름을 주세요.")
        if not self.gradebook_path.exists():
            raise Problem("성적부가 아직 없습니다. 먼저 과제를 내고 채점하세요.")
        return path

    def names(self):
        """명단이 있으면 학생 → 이름."""
        roster = self.roster()
        return {owners.safe(number): name for number, name in roster.people.items()} if roster else {}
