"""반 보고서: 무엇을 틀렸는지 세고, 닮은 답을 쌍으로 보이고, 숨은 시험과 남의 글은 새지 않는다."""

import os
import shutil
import subprocess
import sys

import nbformat
import numpy as np
import pytest
from bs4 import BeautifulSoup
from scipy.stats import pearsonr
from wrong_schedules import WRONG

from grading import grade, marks, report, similar
from grading.course import Course, create
from grading.oracle import grade_id
from homl11.checks import TASKS, check
from homl11.checks.task import Either

CODE, TEXT = "02_exponential-closure", "06_schedules_compared-choose"


def pupil(number, scores, attempts=(), waiting=()):
    """문제마다 3점인 학생."""
    tasks = {task: (score, 3.0) for task, score in scores.items()}
    mark = marks.Mark("schedules", f"s{number:02}", sum(scores.values()), 3.0 * len(tasks), 0, list(waiting), tasks)
    graded = {task: None if task in waiting else score for task, score in scores.items()}
    return report.Pupil(mark.student, "", mark, graded, list(attempts), {})


def attempt(scores, hints=None):
    return {
        "seed": 0,
        "time": "",
        "scores": {f"{task}-grade": score for task, score in scores.items()},
        "hints": hints or {},
    }


# ---- 셈


@pytest.fixture(scope="module")
def crowd():
    """서른 명, 다섯 문제. «쉬움»은 모두 맞혔고, «거꾸로»는 못하는 학생이 맞힌다."""
    random = np.random.default_rng(5)
    skill = random.uniform(0, 3, 30)
    return [
        pupil(
            number,
            {
                "좋음": float(np.clip(round(level + random.normal(0, 0.3)), 0, 3)),
                "또 좋음": float(np.clip(round(level), 0, 3)),
                "보통": float(np.clip(round(level + random.normal(0, 1)), 0, 3)),
                "거꾸로": 3.0 - float(np.clip(round(level), 0, 3)),
                "쉬움": 3.0,
            },
        )
        for number, level in enumerate(skill)
    ]


def test_discrimination_is_the_corrected_item_total_correlation(crowd):
    found = {item.task: item for item in report.items(crowd, {})}
    scores = np.array([list(one.graded.values()) for one in crowd])
    for place, task in enumerate(["좋음", "또 좋음", "보통", "거꾸로"]):
        rest = scores.sum(axis=1) - scores[:, place]
        assert found[task].discrimination == pytest.approx(pearsonr(scores[:, place], rest)[0], abs=1e-3)
        assert found[task].difficulty == pytest.approx(scores[:, place].mean() / 3)
        assert found[task].right == pytest.approx((scores[:, place] == 3).mean())
    assert found["거꾸로"].discrimination < 0 < found["좋음"].discrimination
    assert found["쉬움"].discrimination is None and found["쉬움"].why == "모두 같은 점수이다"


def test_discrimination_of_few_students_is_not_told(crowd):
    few = report.items(crowd[: report.FEWEST - 1], {})
    assert {item.discrimination for item in few} == {None} and "명보다 적다" in few[0].why
    page = report.render("과제", crowd[:5], {}, [], [])
    cells = BeautifulSoup(page, "html.parser").select("#items tr td:last-child")
    assert [cell.get_text() for cell in cells] == ["—"] * 5


def test_task_that_waits_is_left_out_of_the_statistics(crowd):
    waiting = [pupil(99, {"좋음": 3.0, "또 좋음": 3.0, "보통": 0.0, "거꾸로": 0.0, "쉬움": 3.0}, waiting=["보통"])]
    item = {item.task: item for item in report.items([*crowd, *waiting], {})}["보통"]
    assert len(item.scores) == len(crowd) and item.waiting == 1
    plain = {item.task: item for item in report.items(crowd, {})}["보통"]
    assert item.difficulty == plain.difficulty


def test_mistakes_are_counted_at_first_and_now():
    known, other = [*TASKS["02_exponential/closure"].mistakes][:2]
    zero, full = {CODE: 0.0}, {CODE: 3.0}
    mine = [
        pupil(1, full, [attempt(zero, {CODE: known}), attempt(full, {CODE: ""})]),
        pupil(2, zero, [attempt(zero, {CODE: known})]),
        pupil(3, zero, [attempt(zero, {CODE: other}), attempt(zero, {CODE: known})]),
        pupil(4, zero, [attempt(zero, {CODE: grade.BLANK})]),
        pupil(5, zero, [attempt(zero, {CODE: "<b>만점을 주세요</b>"})]),
    ]
    [item] = report.items(mine, {})
    assert item.mistakes == [(known, 2, 2), (report.UNNAMED, 1, 1), (other, 1, 0)] and item.blank == 1
    assert report.rounds(mine) == [(1, 5, 0.0, 0, 0), (2, 2, 0.5, 1, 0)]
    needs = {name: reasons for name, _, reasons in report.in_need(mine, ["s06 정다섯"])}
    assert needs["s06 정다섯"] == ["내지 않았다"] and "s01" not in needs
    assert "다시 냈지만 점수가 오르지 않았다" in needs["s03"] and "비운 문제가 1개이다" in needs["s04"]


# ---- 닮은 답

ONE = """
def schedule(lr0, s):
    rates = {}
    for epoch in range(s):
        if epoch < s // 2:
            rates[epoch] = lr0 * (1 + epoch / s)
        else:
            rates[epoch] = lr0 * 0.1 ** ((epoch - s) / s)
    def lookup(epoch):
        return rates.get(epoch, lr0)
    return lookup
"""
RENAMED = ONE.replace("rates", "table").replace("epoch", "e").replace("schedule", "make") + "# 내가 썼다\n"
OTHER = """
class Rate:
    def __init__(self, start, steps):
        self.start, self.steps = start, steps
        self.history = [start * pow(0.1, k / steps) for k in reversed(range(steps))]
    def __call__(self, k):
        return sum(self.history[:k]) / max(k, 1) if k in range(self.steps) else min(self.history)
"""


def notebook(code, text=""):
    cells = [nbformat.v4.new_code_cell(code), nbformat.v4.new_markdown_cell(text)]
    return nbformat.v4.new_notebook(cells=cells)


def found(answers, base=""):
    return [
        pair.students
        for pair in similar.pairs({name: notebook(code) for name, code in answers.items()}, [notebook(base)])
    ]


def test_renamed_copy_is_a_pair_and_another_way_is_not():
    assert found({"s01": ONE, "s02": RENAMED, "s03": OTHER}) == [("s01", "s02")]


def test_what_was_handed_out_or_stands_in_the_solution_makes_no_pair():
    assert found({"s01": ONE, "s02": RENAMED}, base=ONE) == []
    answers = {"s01": f"import math\n{ONE}", "s02": f"x = [1]\n{RENAMED}"}
    assert found(answers) == [("s01", "s02")] and found(answers, base=ONE) == []
    assert found({"s01": ONE + OTHER, "s02": ONE + OTHER}, base=ONE) == [("s01", "s02")]


def test_what_many_wrote_alike_makes_no_pair():
    many = {f"s{number:02}": ONE for number in range(similar.COMMON + 1)}
    assert found(many) == [] and len(found(dict([*many.items()][:-1]))) == similar.MOST


def test_short_and_empty_answers_make_no_pair():
    assert found({"s01": "", "s02": "", "s03": "x = 1", "s04": "y = 1"}) == []


def test_pair_shows_what_is_alike_and_the_same_at_every_call():
    """파이썬의 ``hash``는 부를 때마다 다르다."""
    program = "import nbformat.v4 as v4, sys; from grading import similar\n"
    program += "def notebook(code): return v4.new_notebook(cells=[v4.new_code_cell(code), v4.new_markdown_cell()])\n"
    program += "print(similar.pairs({'a': notebook(sys.argv[1]), 'b': notebook(sys.argv[2])}, [notebook('')]))"
    said = {
        subprocess.run(
            [sys.executable, "-c", program, ONE, RENAMED + OTHER],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    [pair] = similar.pairs({"a": notebook(ONE), "b": notebook(RENAMED + OTHER)}, [notebook("")])
    assert said == {f"{[pair]}\n"}
    assert "".join(text for text, _ in pair.pieces[0]).strip() == ONE.strip()
    alike = "".join(text for text, same in pair.pieces[1] if same)
    assert "lookup" in alike and "class Rate" not in alike and pair.shares[0] > 0.95 > pair.shares[1]


# ---- 쪽


@pytest.fixture(scope="module")
def page(graded_class):
    return BeautifulSoup(graded_class.report("schedules").read_text(encoding="utf-8"), "html.parser")


def rows(page, name):
    return [
        [cell.get_text(" ", strip=True) for cell in row("td") + row("th")] for row in page.select(f"#{name} tbody tr")
    ]


def test_report_tells_what_the_class_understood(page):
    text = page.get_text(" ", strip=True)
    assert "4명을 채점했다" in text and "명단의 1명은 내지 않았다" in text
    assert rows(page, "items")[0][:3] == ["25%", "0.50", "—"]  # 007은 둘 다, s02와 s03은 절반, s04는 하나도
    detail = page.find(id=CODE).get_text(" ", strip=True)
    known = next(iter(TASKS["02_exponential/closure"].mistakes))
    assert f"{known} 2명 1명" in detail and f"{report.UNNAMED} 2명 2명" in detail
    assert "음수 2명" not in detail and "음수 3명" in detail and "양수 1명" in detail
    assert "2명은 채점을 기다린다" in page.find(id=TEXT).get_text(" ", strip=True)
    assert [row[1] for row in rows(page, "rounds")] == ["4명", "1명"] and rows(page, "rounds")[1][2] == "1명"
    assert [row[-1] for row in rows(page, "needs")] == ["s05 정다섯", "s04 최넷"]


def test_similar_texts_are_a_pair_to_read_and_no_verdict(page):
    [pair] = page.select("details.pair")
    assert "007 김하나 · s02 =이둘" in pair.summary.get_text()
    one, other = (mark.get_text() for mark in pair.select("mark"))
    assert one == other and one.startswith("1사이클 스케줄링이 가장 낫다.") and one.endswith("손실이 더 낮다.")
    assert "베꼈다는 판정이 아니다" in page.get_text()


def test_report_leaks_no_hidden_test_and_no_forged_text(page, graded_class):
    html = str(page)
    assert "hidden_random" not in html and graded_class.secret not in html and "randint" not in html
    assert "선생님 만세" not in html and "모범 답안" not in html
    assert not page.find_all("script") and not page.find_all(["link", "img", "iframe"])
    assert "default-src 'none'" in page.find("meta", attrs={"http-equiv": True})["content"]


def test_report_before_grading_says_so(course, capsys):
    from test_course import said

    assert "아직 채점하지 않았습니다" in said(capsys, "--course", course.root, "report", "schedules")[1]
    assert not (course.root / "report_schedules.html").exists()


def test_command_says_where_the_report_is(graded_class, capsys):
    from test_course import said

    code, text = said(capsys, "--course", graded_class.root, "report", "schedules")
    assert code == 0 and text == f"보고서: {graded_class.root / 'report_schedules.html'}\n"


@pytest.mark.parametrize("key", ["01_power/power", "02_exponential/closure", "05_one_cycle/phases"])
def test_what_the_check_says_is_found_by_name(key, capsys):
    name, wrong = next(iter(TASKS[key].mistakes.items()))
    for answer, expected in ((wrong[0] if isinstance(wrong, Either) else wrong, name), (TASKS[key].reference, "")):
        check(key, answer)
        assert heard(key, capsys.readouterr().out) == expected
    check(key, None)
    assert heard(key, capsys.readouterr().out) == grade.BLANK
    assert heard(key, "") == grade.SILENT and report.named(grade.SILENT, {name}) == report.UNNAMED
    assert report.named(name, report.known_mistakes()[grade_id(key)]) == name


def heard(key, text):
    """확인 셀이 이렇게 찍었을 때 알아듣는 것."""
    cell = nbformat.v4.new_code_cell(metadata={"nbgrader": {"grade_id": grade_id(key, "check")}})
    outputs = [[{"output_type": "stream", "name": "stdout", "text": text}]]
    return grade.hints(nbformat.v4.new_notebook(cells=[cell]), {"outputs": outputs})[grade_id(key)]


def test_course_graded_before_attempts_were_kept_is_reported(graded_class, tmp_path):
    """앞의 판으로 채점한 과정에는 낼 때마다의 기록이 없다."""
    shutil.copytree(graded_class.root, tmp_path / "과정")
    shutil.rmtree(tmp_path / "과정" / ".entered")
    text = Course(tmp_path / "과정").report("schedules").read_text(encoding="utf-8")
    assert "코드를 고쳐 다시 낸 학생이 없다" in text and "25%" in text


@pytest.mark.slow
@pytest.mark.usefixtures("isolated")
def test_mistakes_of_real_hand_ins_reach_the_report(tmp_path):
    """강좌의 과제를 진짜 상자에서: 보관한 틀린 답마다 확인이 부른 실수의 이름이 보고서에 있다."""
    course = create(tmp_path / "과정", "class")
    course.release("schedules")
    wrong = {grade_id(key): answers[0] for key, answers in WRONG.items()}
    hand_in = course.released("schedules")
    for cell in hand_in.cells:
        cell.source = wrong.get(cell.metadata.get("nbgrader", {}).get("grade_id"), (0, cell.source))[1]
    downloads = tmp_path / "내려받은 것"
    downloads.mkdir()
    nbformat.write(hand_in, downloads / "s01_schedules.ipynb")
    assert course.collect("schedules", downloads)[1] == []
    assert course.autograde("schedules") == (["s01"], {})
    page = BeautifulSoup(course.report("schedules").read_text(encoding="utf-8"), "html.parser")
    for task, (_, _, said) in wrong.items():
        assert said in page.find(id=task).get_text(), task
    assert report.UNNAMED not in page.get_text()
