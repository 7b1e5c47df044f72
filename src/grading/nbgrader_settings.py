"""nbgrader의 설정과, nbgrader에 끼우는 세 부품: 판정, 한국어 피드백, 교환소에서 조심스럽게 모으기.

과정 폴더의 ``nbgrader_config.py``가 ``apply``를 부르므로 nbgrader의 명령과 formgrader도 같은 설정으로 돈다.
"""

import contextlib
import os
import stat
from datetime import datetime
from pathlib import Path

import nbformat
from nbconvert.exporters import HTMLExporter
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde, GenerateAssignment, GenerateSolution
from nbgrader.exchange.default import ExchangeCollect
from nbgrader.preprocessors import AssignLatePenalties, Execute, GetGrades, NbGraderPreprocessor, SaveAutoGrades

from grading import own, safe_html
from grading.grade import hints, scores, titles, told
from grading.late import AssignExtendedPenalties, PerDay
from grading.repair import LARGEST

TEMPLATES = Path(__file__).with_name("templates")
LONGEST_PAGE = 500_000  # 피드백 한 쪽에 보일 글자 수
MANY = 5  # 한 사람이 낸 폴더에서 받을 노트북의 수
CODE_STUB = "# 여기에 답을 쓰세요.\npass"
TEXT_STUB = "여기에 답을 쓰세요."


class Publish(NbGraderPreprocessor):
    """과제를 내는 첫 단계: 확인 셀에서 정답을 뺀다. 성적부에도 뺀 것이 남아 피드백에 정답이 나오지 않는다."""

    def preprocess(self, nb, resources):
        return own.published(nb), resources


class Judge(NbGraderPreprocessor):
    """실행하는 자리(nbgrader의 ``Execute``)에 들어간다. 상자에서 실행하고 판정한 기록을 노트북에 옮긴다."""

    def preprocess(self, nb, resources):
        from grading.course import Course

        # nbgrader는 과정 폴더로 자리를 옮긴 뒤 부른다.
        student, assignment = resources["nbgrader"]["student"], resources["nbgrader"]["assignment"]
        course = Course(Path.cwd())
        record = course.record(assignment, student, nb)
        marks = scores(record, course.graded_source(assignment))
        for cell, outputs in zip([cell for cell in nb.cells if cell.cell_type == "code"], record["outputs"]):
            name = cell.metadata.get("nbgrader", {}).get("grade_id")
            if name in marks:  # 판정 밖의 출력은 점수에 끼어들 수 없다
                score = nbformat.v4.new_output("execute_result", {"text/plain": str(marks[name])}, execution_count=1)
                outputs = [nbformat.v4.new_output("stream", name="stdout", text=told(record["marks"][name])), score]
            cell.outputs = [nbformat.from_dict(output) for output in outputs]
        return nb, resources


class SaveMarks(SaveAutoGrades):
    """점수를 성적부에 적는다. 손으로 준 점수는 답과 채점 기준이 그대로일 때만 그대로 선다.

    바뀌었으면 앞의 점수와 말을 남긴 채 다시 채점을 기다린다. nbgrader의 것은 다시 채점할 때마다 모두 기다리게 한다.
    """

    def preprocess(self, nb, resources):
        from grading.course import Course

        course, place = Course(Path.cwd()), resources["nbgrader"]
        assignment, student = place["assignment"], place["student"]
        source, before = course.graded_source(assignment), course.entered(assignment, student).get("tasks", {})
        prints, record = course.prints(student, nb, source), course.record(assignment, student, nb)
        self.unchanged = {name for name, print_ in prints.tasks.items() if before.get(name) == print_}
        nb, resources = super().preprocess(nb, resources)
        course.store_entered(assignment, student, prints, scores(record, source), hints(nb, record))
        return nb, resources

    def _add_score(self, cell, resources):
        place = (cell.metadata.nbgrader.grade_id, self.notebook_id, self.assignment_id, self.student_id)
        grade = self.gradebook.find_grade(*place)
        settled = grade.manual_score is not None and not grade.needs_manual_grade and place[0] in self.unchanged
        super()._add_score(cell, resources)
        if settled:
            grade.needs_manual_grade = False
            self.gradebook.db.commit()

    def _add_comment(self, cell, resources):
        super()._add_comment(cell, resources)
        place = (cell.metadata.nbgrader.grade_id, self.notebook_id, self.assignment_id, self.student_id)
        comment = self.gradebook.find_comment(*place)
        if comment.auto_comment:
            comment.auto_comment = "답을 쓰지 않았습니다."
            self.gradebook.db.commit()


class Korean(NbGraderPreprocessor):
    """피드백에 적을 것을 갖춘다: 과제와 문제의 이름, 손으로 채점할 것이 남았는지. 숨은 시험의 코드는 보이지 않는다."""

    def preprocess(self, nb, resources):
        from grading.course import Course

        place = resources["nbgrader"]
        with Gradebook(place["db_url"]) as gradebook:
            waiting = {
                grade.name: grade.manual_score
                for grade in gradebook.find_submission_notebook(
                    place["notebook"], place["assignment"], place["student"]
                ).grades
                if grade.needs_manual_grade
            }
        names, room = titles(nb), LONGEST_PAGE
        for cell in nb.cells:
            cell.source = safe_html.shorten(cell.source, min(room, safe_html.LONGEST))
            room = max(0, room - len(safe_html.PICTURE.sub("", cell.source)))
        place["title"], place["rows"] = Course(Path.cwd()).title(place["assignment"]), []
        for cell in nb.cells:
            metadata = cell.metadata.get("nbgrader", {})
            if metadata.get("grade"):
                name = metadata["grade_id"]
                metadata["waiting"] = name in waiting
                metadata["before"] = waiting.get(name)
                title = names.get(name.removesuffix("-grade"), name)
                place["rows"].append({**metadata, "id": name, "title": title})
                if not metadata.get("solution"):
                    cell.outputs = [output for output in cell.outputs if output.output_type == "stream"]
        return nb, resources


class Collect(ExchangeCollect):
    """교환소에서 모은다. 낸 폴더는 학생의 것이다: 링크를 따라가면 강사의 권한으로 강사의 파일을 읽게 된다.

    nbgrader의 것은 링크를 따라가고, 이름이 이상한 폴더 하나에 모두를 모으지 못한다.
    """

    def _path_to_record(self, path):
        try:
            return super()._path_to_record(path)
        except Exception:  # 누구나 여기에 폴더를 만들 수 있다. 낸 것이 아니면 아래에서 뺀다
            return {"username": "", "filename": "", "timestamp": datetime.min}

    def init_src(self):
        super().init_src()
        # 이름이 점뿐인 학생(``..``)은 받을 폴더의 밖을 가리킨다. 끊어진 링크에서는 nbgrader가 멈춘다.
        self.src_records = [
            record
            for record in self.src_records
            if record["username"].strip(".") and Path(self.inbound_path, record["filename"]).exists()
        ]

    def do_copy(self, src, dest, log=None):
        os.makedirs(dest)
        with contextlib.suppress(OSError), opened(src, os.O_DIRECTORY) as folder:
            names = [name for name in os.listdir(folder) if name.endswith(".ipynb")]
            names.sort(key=lambda name: name != f"{self.coursedir.assignment_id}.ipynb")
            for name in (*names[:MANY], "submission_secret.txt"):
                with contextlib.suppress(OSError), opened(name, os.O_NONBLOCK, dir_fd=folder) as file:
                    if stat.S_ISREG(os.fstat(file).st_mode):
                        with open(file, "rb", closefd=False) as content:
                            Path(dest, name).write_bytes(content.read(LARGEST + 1))
        # 낸 때는 폴더의 이름에서 읽는다. nbgrader도 그것으로 마지막 것을 골랐다.
        time = self._path_to_record(src)["timestamp"]
        Path(dest, "timestamp.txt").write_text(f"{time:%Y-%m-%d %H:%M:%S.%f} UTC")


@contextlib.contextmanager
def opened(path, flags, **options):
    """읽으려고 연 파일이나 폴더. 링크이면 ``OSError``."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | flags, **options)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


class KoreanFeedback(HTMLExporter):
    """학생에게 돌려줄 쪽. formgrader의 쪽과 설정을 따로 둔다."""


def apply(c, course_id):
    """``nbgrader_config.py``의 ``c``에 이 강좌의 설정을 적는다."""
    c.CourseDirectory.course_id = course_id
    c.ExchangeFactory.collect = Collect  # 다른 교환소(ngshare 따위)를 쓰면 apply 뒤에 그것의 이름을 적는다
    c.ClearSolutions.code_stub = {"python": CODE_STUB}
    c.ClearSolutions.text_stub = TEXT_STUB
    c.GenerateAssignment.preprocessors = [Publish, *GenerateAssignment.preprocessors.default_args[0]]
    c.OverwriteCells.add_missing_cells = True
    c.Autograde.autograde_preprocessors = [
        {Execute: Judge, SaveAutoGrades: SaveMarks, AssignLatePenalties: AssignExtendedPenalties}.get(step, step)
        for step in Autograde.autograde_preprocessors.default_args[0]
    ]
    c.AssignLatePenalties.plugin_class = PerDay
    c.GenerateFeedback.preprocessors = [GetGrades, Korean]
    c.GenerateFeedback.exporter_class = KoreanFeedback
    c.KoreanFeedback.template_name = "feedback_ko"
    c.KoreanFeedback.extra_template_basedirs = [str(TEMPLATES)]
    # 풀이를 보여 주는 데에 실행은 필요 없다. nbgrader의 커널은 상자도, 숨은 시험의 씨앗도 없다.
    c.GenerateSolution.preprocessors = [
        step for step in GenerateSolution.preprocessors.default_args[0] if step is not Execute
    ]
    # 채점 기준은 풀이 안에 있다. 과제를 낼 때는 풀이와 함께, 풀이를 보여 줄 때는 그것만 빠진다.
    c.ClearMarkScheme.enforce_metadata = False
    # 학생이 적은 것이 강사의 브라우저에서 돌지 않게 한다. formgrader의 쪽에도 든다.
    c.HTMLExporter.sanitize_html = True
    c.HTMLExporter.filters = {"clean_html": safe_html.clean, "markdown2html": safe_html.markdown2html}
