"""nbgrader의 설정과, nbgrader에 끼우는 세 부품: 판정, 한국어 피드백, 한국어 성적표.

과정 폴더의 ``nbgrader_config.py``가 ``apply``를 부르므로 nbgrader의 명령과 formgrader도 같은 설정으로 돈다.
"""

import csv
from pathlib import Path

import bleach
import nbformat
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import Autograde
from nbgrader.plugins import ExportPlugin
from nbgrader.preprocessors import AssignLatePenalties, Execute, GetGrades, NbGraderPreprocessor

from grading import ASSIGNMENTS
from grading.grade import told
from grading.late import AssignExtendedPenalties, PerDay

TAGS = set(
    "a abbr b blockquote br code dd del details div dl dt em h1 h2 h3 h4 h5 h6 hr i img li ol p pre s span strong sub "
    "summary sup table tbody td th thead tr ul".split()
)
ATTRIBUTES = {"*": ["class", "id"], "a": ["href"], "img": ["src", "alt"], "th": ["scope"]}
TEMPLATES = Path(__file__).with_name("templates")
CODE_STUB = "# 여기에 답을 쓰세요.\npass"
TEXT_STUB = "여기에 답을 쓰세요."


class Judge(NbGraderPreprocessor):
    """실행하는 자리(nbgrader의 ``Execute``)에 들어간다. 상자에서 실행하고 판정한 기록을 노트북에 옮긴다."""

    def preprocess(self, nb, resources):
        from grading.course import Course

        # nbgrader는 과정 폴더로 자리를 옮긴 뒤 부른다.
        student, assignment = resources["nbgrader"]["student"], resources["nbgrader"]["assignment"]
        record = Course(Path.cwd()).record(assignment, student, nb)
        for cell, outputs in zip([cell for cell in nb.cells if cell.cell_type == "code"], record["outputs"]):
            mark = record["marks"].get(cell.metadata.get("nbgrader", {}).get("grade_id"))
            if mark:  # 판정 밖의 출력은 점수에 끼어들 수 없다
                score = nbformat.v4.new_output("execute_result", {"text/plain": str(mark["score"])}, execution_count=1)
                outputs = [nbformat.v4.new_output("stream", name="stdout", text=told(mark)), score]
            cell.outputs = [nbformat.from_dict(output) for output in outputs]
        return nb, resources


class Korean(NbGraderPreprocessor):
    """피드백에 적을 것을 갖춘다: 과제와 문제의 이름, 손으로 채점할 것이 남았는지. 숨은 시험의 코드는 보이지 않는다."""

    def preprocess(self, nb, resources):
        place = resources["nbgrader"]
        with Gradebook(place["db_url"]) as gradebook:
            waiting = {
                grade.name
                for grade in gradebook.find_submission_notebook(
                    place["notebook"], place["assignment"], place["student"]
                ).grades
                if grade.needs_manual_grade and grade.manual_score is None
            }
        titles = {}
        for cell in nb.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
            if name.endswith("-question"):
                titles[name.removesuffix("-question")] = cell.source.strip().splitlines()[0].lstrip("# ")
        place["title"], place["rows"] = ASSIGNMENTS.get(place["assignment"], place["assignment"]), []
        for cell in nb.cells:
            metadata = cell.metadata.get("nbgrader", {})
            if metadata.get("grade"):
                name = metadata["grade_id"]
                metadata["waiting"] = name in waiting
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


def clean(html):
    """스크립트가 될 수 있는 것을 모두 뺀 HTML. nbconvert의 것은 제목과 문단까지 뺀다."""
    return bleach.clean(html, tags=TAGS, attributes=ATTRIBUTES, protocols={"http", "https", "data"}, strip=True)


def apply(c, course_id):
    """``nbgrader_config.py``의 ``c``에 이 강좌의 설정을 적는다."""
    c.CourseDirectory.course_id = course_id
    c.ClearSolutions.code_stub = {"python": CODE_STUB}
    c.ClearSolutions.text_stub = TEXT_STUB
    c.OverwriteCells.add_missing_cells = True
    c.Autograde.autograde_preprocessors = [
        {Execute: Judge, AssignLatePenalties: AssignExtendedPenalties}.get(step, step)
        for step in Autograde.autograde_preprocessors.default_args[0]
    ]
    c.AssignLatePenalties.plugin_class = PerDay
    c.GenerateFeedback.preprocessors = [GetGrades, Korean]
    c.HTMLExporter.template_name = "feedback_ko"
    c.HTMLExporter.extra_template_basedirs = [str(TEMPLATES)]
    # 학생이 적은 HTML이 강사의 브라우저에서 돌지 않게 한다.
    c.HTMLExporter.sanitize_html = True
    c.HTMLExporter.filters = {"clean_html": clean}
