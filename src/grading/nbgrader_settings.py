"""nbgrader의 설정과, nbgrader에 끼우는 세 부품: 판정, 한국어 피드백, 한국어 성적표.

과정 폴더의 ``nbgrader_config.py``가 ``apply``를 부르므로 nbgrader의 명령과 formgrader도 같은 설정으로 돈다.
"""

import csv
from pathlib import Path

import nbformat
from nbconvert.exporters import HTMLExporter
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import Autograde, GenerateAssignment, GenerateSolution
from nbgrader.plugins import ExportPlugin
from nbgrader.preprocessors import AssignLatePenalties, Execute, GetGrades, NbGraderPreprocessor, SaveAutoGrades

from grading import own, safe_html
from grading.grade import scores, told
from grading.late import AssignExtendedPenalties, PerDay

TEMPLATES = Path(__file__).with_name("templates")
LONGEST_PAGE = 500_000  # 피드백 한 쪽에 보일 글자 수
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
        course.store_entered(assignment, student, prints, scores(record, source))
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
        titles, room = {}, LONGEST_PAGE
        for cell in nb.cells:
            cell.source = safe_html.shorten(cell.source, min(room, safe_html.LONGEST))
            room = max(0, room - len(safe_html.PICTURE.sub("", cell.source)))
            name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
            if name.endswith("-question"):
                titles[name.removesuffix("-question")] = cell.source.strip().splitlines()[0].lstrip("# ")
        place["title"], place["rows"] = Course(Path.cwd()).title(place["assignment"]), []
        for cell in nb.cells:
            metadata = cell.metadata.get("nbgrader", {})
            if metadata.get("grade"):
                name = metadata["grade_id"]
                metadata["waiting"] = name in waiting
                metadata["before"] = waiting.get(name)
                title = titles.get(name.removesuffix("-grade"), name)
                place["rows"].append({**metadata, "id": name, "title": title})
                if not metadata.get("solution"):
                    cell.outputs = [output for output in cell.outputs if output.output_type == "stream"]
        return nb, resources


class Marks(ExportPlugin):
    """문제마다 한 열인 성적표(CSV). 엑셀이 한글을 알아보도록 BOM을 붙인다."""

    def export(self, gradebook):
        rows = [row for assignment in gradebook.assignments for row in self.rows(gradebook, assignment)]
        columns = list(dict.fromkeys(name for row in rows for name in row))
        with open(self.to or "marks.csv", "w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, columns or ["과제"], restval="")
            writer.writeheader()
            writer.writerows(rows)

    @staticmethod
    def rows(gradebook, assignment):
        for student in sorted(gradebook.students, key=lambda student: student.id):
            try:
                submission = gradebook.find_submission(assignment.name, student.id)
            except MissingEntry:
                continue
            grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
            waiting = sum(grade.needs_manual_grade for grade in grades)
            lost = submission.late_submission_penalty
            yield {
                "과제": assignment.name,
                "학생": student.id,
                "점수": f"{submission.score - lost:g}",
                **({"늦게 내서 깎은 점수": f"{lost:g}"} if assignment.duedate else {}),
                "만점": f"{assignment.max_score:g}",
                "채점을 기다리는 문제": waiting,
                **{grade.name.removesuffix("-grade"): f"{grade.score:g}" for grade in grades},
            }


class KoreanFeedback(HTMLExporter):
    """학생에게 돌려줄 쪽. formgrader의 쪽과 설정을 따로 둔다."""


def apply(c, course_id):
    """``nbgrader_config.py``의 ``c``에 이 강좌의 설정을 적는다."""
    c.CourseDirectory.course_id = course_id
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
