"""강사의 명령: ``python -m grading create 폴더``부터 ``export``까지. ``--help``가 모두 말한다."""

import argparse
import re
import shlex
import sys
from pathlib import Path

from grading import course, exchange, exercise, grade
from grading.course import Course, Problem

# 화면을 움직이거나 글의 차례를 뒤집는 글자. 파일 이름과 제출물에서 온 글에 들어 있을 수 있다.
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text):
    """터미널에 그대로 찍어도 되는 글. 줄바꿈과 탭만 남는다."""
    return CONTROL.sub("\N{REPLACEMENT CHARACTER}", str(text))


def say(*texts, file=None):
    """찍는다. 남이 쓴 글이 섞여도 터미널은 글로만 본다."""
    print(*map(printable, texts), file=file)


def parse(arguments):
    parser = argparse.ArgumentParser(prog="python -m grading", description="과제를 내고, 모으고, 채점하고, 돌려준다.")
    parser.add_argument("--course", type=Path, default=Path("."), help="과정 폴더 (기본: 지금 폴더)")
    commands = parser.add_subparsers(dest="command", required=True, metavar="명령")

    def command(name, text, assignment=True):
        added = commands.add_parser(name, help=text, description=text)
        if assignment:
            added.add_argument("assignment", help="과제의 이름: schedules, regularization이나 더한 과제")
        return added

    added = command("create", "빈 폴더에 과정을 만든다", assignment=False)
    added.add_argument("folder", type=Path, help="새 과정 폴더")
    added.add_argument("--name", default="deep-learning", help="과정의 이름 (글자, 숫자, -, _)")
    added = command("exercise", "과제에 문제의 뼈대를 더한다. 과제가 없으면 만든다", assignment=False)
    added.add_argument("key", metavar="과제/문제", help="week3/warmup. 빗금 뒤는 답인 함수의 이름이다")
    added.add_argument("title", metavar="제목", help='"천천히 올리기"')
    added = command("release", "학생에게 나누어 줄 노트북을 만든다")
    added.add_argument("--exchange", action="store_true", help="JupyterHub의 교환소에도 둔다")
    added = command("due", "마감과, 늦은 날마다 깎을 몫을 정한다")
    added.add_argument("when", nargs="?", metavar="시각", help='"2026-12-01 23:59". 주지 않으면 지금의 것을 보인다')
    added.add_argument("--penalty", type=float, metavar="몫", help="늦은 하루마다 받은 점수에서 깎을 몫(%%)")
    added.add_argument("--none", action="store_true", help="마감을 없앤다")
    added = command("extend", "한 학생의 마감을 늦춘다")
    added.add_argument("student", metavar="학생", help="학번")
    added.add_argument("--days", type=float, default=0, help="늦출 날의 수")
    added.add_argument("--hours", type=float, default=0, help="늦출 시간의 수. 둘 다 0이면 연장을 없앤다")
    added = command("collect", "내려받은 노트북을 고쳐 모은다")
    added.add_argument("folder", type=Path, nargs="?", help="내려받은 폴더나 압축 파일(.zip)")
    added.add_argument("--exchange", action="store_true", help="폴더 대신 JupyterHub의 교환소에서 모은다")
    added.add_argument("--student-pattern", metavar="정규식", help="파일과 폴더의 이름에서 학생을 찾는 정규식")
    added.add_argument("--roster", type=Path, metavar="파일", help="명단(.csv, .xlsx). 기본: 과정 폴더의 roster.csv")
    added.add_argument("--times", type=Path, metavar="파일", help="낸 때(.csv, .xlsx). 기본: 파일의 시각")
    added.add_argument("--replace", action="store_true", help="다시 낸 노트북으로 바꾼다 (앞의 것도 남는다)")
    added.add_argument("--dry-run", action="store_true", help="누구의 것으로 모을지 보이기만 한다")
    added.add_argument("--yes", action="store_true", help="묻지 않고 의심스러운 것까지 받는다")
    added = command("autograde", "모은 노트북을 상자 안에서 실행해 채점한다")
    added.add_argument("--jobs", type=int, default=2, help="나란히 실행할 수 (기본: 2)")
    added.add_argument("--scheduler", metavar="주소", help="Dask 클러스터의 일꾼들이 실행한다 (tcp://호스트:8786)")
    which = added.add_mutually_exclusive_group()
    which.add_argument("--again", action="store_true", help="이미 채점한 것도 다시 실행한다")
    which.add_argument("--task", metavar="문제", help="모두의 이 문제만 다시 실행한다: 02_exponential/closure")
    added.add_argument("--dry-run", action="store_true", help="바뀔 점수만 보이고 성적부는 그대로 둔다")
    added.add_argument("--yes", action="store_true", help="적은 점수가 바뀌어도 묻지 않는다")
    added.add_argument("--without-isolation", action="store_true", help="상자 없이 실행한다. 믿는 코드일 때만")
    added = command("manual", "글로 쓴 답을 CSV로 꺼내고, 채운 점수를 성적부에 적는다")
    added.add_argument("--apply", type=Path, metavar="CSV", help="채운 CSV의 점수와 말을 성적부에 적는다")
    added = command("feedback", "학생마다 피드백(HTML)을 만든다")
    added.add_argument("--exchange", action="store_true", help="JupyterHub의 교환소에도 두어 학생이 받게 한다")
    command("report", "반 전체가 무엇을 틀렸는지 보이는 쪽(HTML)을 만든다")
    added = command("export", "성적표를 CSV나 엑셀 파일로 적는다", assignment=False)
    added.add_argument(
        "file", type=Path, nargs="?", default=Path("marks.csv"), help="새 파일(.csv, .xlsx). 기본: marks.csv"
    )
    added.add_argument("--assignment", metavar="과제", help="한 과제만. --form과 --fill에 쓴다")
    forms = added.add_mutually_exclusive_group()
    forms.add_argument("--form", choices=("moodle", "canvas"), help="학습 관리 시스템의 성적 가져오기가 받는 꼴로")
    forms.add_argument("--fill", type=Path, metavar="CSV", help="학습 관리 시스템에서 내려받은 표의 점수 칸을 채워서")
    added.add_argument("--column", metavar="제목", help="점수를 적을 칸의 제목. 기본: 과제의 이름")
    return parser.parse_args(arguments)


def run(options):
    """명령 하나를 하고 끝낼 때의 코드를 돌려준다. 사람이 볼 일이 남았으면 1이다."""
    if options.command == "create":
        made = course.create(options.folder, options.name)
        say(f"과정을 만들었습니다: {made.root}\n다음: python -m grading --course {options.folder} release schedules")
        return 0
    here = Course(options.course)
    match options.command:
        case "exercise":
            path, assignment = exercise.create(here, options.key, options.title), options.key.partition("/")[0]
            say(
                f"문제를 더했습니다: {path}\n✎ 표시를 모두 채우고 위에서 아래로 실행해 보세요.\n"
                f"다음: {call(options)} release {assignment}"
            )
        case "release":
            here.require_written(options.assignment)
            say(f"나누어 줄 노트북: {here.release(options.assignment)}")
            if options.exchange:
                exchange.release(here, options.assignment)
                say("교환소에 두었습니다. 학생은 주피터랩의 Assignment List에서 받습니다.")
        case "collect":
            return collect(here, options)
        case "due":
            from grading import late  # nbgrader를 부르므로 늦게 부른다

            due, rate = late.set_due(here, options.assignment, options.when, options.penalty, options.none)
            about = (
                f"{due.astimezone():%Y-%m-%d %H:%M}까지. 늦은 하루마다 받은 점수의 {rate:g}%를 깎는다."
                if due
                else "없다."
            )
            say(f"{options.assignment}의 마감: {about}")
        case "extend":
            from grading import late

            hours = options.days * 24 + options.hours
            due, known = late.set_extension(here, options.assignment, options.student, hours)
            say(f"{options.student}의 마감: {due.astimezone():%Y-%m-%d %H:%M}")
            return complain([] if known else [f"{options.student}: 아직 낸 것이 없습니다. 이름이 맞는지 보세요."])
        case "autograde":
            if options.jobs < 1:
                raise Problem(f"--jobs {options.jobs}: 1 이상이어야 합니다.")
            asked = Asked(options)
            done, failed = here.autograde(
                options.assignment,
                jobs=options.jobs,
                isolated=not options.without_isolation,
                again=options.again,
                task=options.task,
                scheduler=options.scheduler,
                agree=asked,
            )
            if asked.refused:
                say("성적부는 그대로입니다.")
            else:
                say(f"{len(done)}명을 채점했습니다." if done else "새로 채점할 것이 없습니다.")
            for student in done:
                if found := grade.touched(here.submitted(options.assignment, student)):
                    say(f"살펴보세요 {student}: 확인과 채점의 속을 건드립니다({', '.join(found)}).")
            return complain([f"{student}: 채점하지 못했습니다. {reason}" for student, reason in failed.items()])
        case "manual" if options.apply:
            say(f"{here.apply_manual(options.assignment, options.apply)}줄을 성적부에 적었습니다.")
        case "manual":
            path, count = here.manual(options.assignment)
            say(
                f"답 {count}개를 적었습니다: {path}\n점수와 말을 채우고 이렇게 부르세요:\n"
                f"{call(options)} manual {options.assignment} --apply {shlex.quote(str(path))}"
            )
        case "feedback":
            pages = here.feedback(options.assignment)
            say(f"피드백 {len(pages)}개를 만들었습니다: {here.root / 'feedback'}")
            if options.exchange:
                left = exchange.release_feedback(here, options.assignment)
                say(f"{len(pages) - len(left)}개를 교환소에 두었습니다. 학생은 Assignment List에서 받습니다.")
                return complain([f"{name}: 교환소에서 모으지 않아 교환소로 돌려주지 못했습니다." for name in left])
        case "report":
            say(f"보고서: {here.report(options.assignment)}")
        case "export":
            if options.assignment:
                here.released(options.assignment)
            if not (options.form or options.fill):
                say(f"성적표: {here.export(options.file, options.assignment)}")
                return 0
            if not options.assignment:
                raise Problem("--form과 --fill에는 --assignment로 과제의 이름도 주세요.")
            path, problems = here.hand_over(
                options.file, options.assignment, form=options.form, fill=options.fill, column=options.column
            )
            say(f"성적표: {path}")
            return complain(problems)
    return 0


def collect(here, options):
    """모으기 전에 파일 → 학생을 보이고, 사람이 보고 있으면 묻는다."""
    from grading import late

    if bool(options.folder) == options.exchange:
        raise Problem("모을 폴더를 주거나, JupyterHub의 교환소에서 모으려면 --exchange를 붙이세요. 하나만 됩니다.")
    late_by = late.told(here, options.assignment)

    def ask(plan):
        say(plan.table(late_by))
        for notice in plan.notices:
            say(notice)
        if plan.missing:
            say(f"아직 내지 않은 학생 {len(plan.missing)}명: {', '.join(plan.missing)}")
        if any(late_by(item) and item.clock == "파일" for item in plan.hand_ins):
            say("파일의 시각은 낸 때가 아니라 내려받은 때일 수 있습니다. 낸 때를 적은 CSV를 --times로 주세요.")
        if options.dry_run:
            return []
        if options.yes or not plan.hand_ins or not sys.stdin.isatty():
            return plan.hand_ins if options.yes else plan.sure
        complain(plan.problems)
        plan.problems = [] if not plan.problems else ["위의 파일은 받지 않았습니다."]
        print(f"{len(plan.hand_ins)}명의 노트북을 이대로 모을까요? [예/아니오] ", end="", flush=True)
        answer = sys.stdin.readline().strip().lower()
        return plan.hand_ins if answer in {"y", "yes", "ㅛ", "예", "네", "응"} else []

    done, problems = here.collect(
        options.assignment,
        options.folder,
        options.student_pattern,
        options.replace,
        roster=options.roster,
        times=options.times,
        ask=ask,
    )
    for student, notes in done.items():
        say(f"{student}: " + (" / ".join(notes) if notes else "그대로 받았습니다."))
    say("아무것도 쓰지 않았습니다." if not done else f"{len(done)}명의 노트북을 모았습니다.")
    return complain(problems)


class Asked:
    """이미 적은 점수가 바뀌면 보이고, 터미널이면 적어도 되는지 묻는다. 다시 낸 제출물의 점수는 바뀌는 것이 당연하다."""

    def __init__(self, options):
        self.options, self.refused = options, False

    def __call__(self, changes):
        for change in changes:
            say(change)
        if self.options.dry_run:
            say(f"바뀔 점수: {len(changes)}개")
            self.refused = True
        elif any(not change.resubmitted for change in changes) and not self.options.yes and sys.stdin.isatty():
            self.refused = input("성적부에 적을까요? [예/아니오] ").strip().lower() not in ("예", "네", "y", "yes")
        return not self.refused


def call(options):
    """지금 있는 폴더에서 그대로 부를 수 있는 명령의 앞부분."""
    return shlex.join([*command_line(), "--course", str(options.course)])


def command_line():
    """이 프로그램을 부른 파이썬. 경로가 지금 폴더 아래이면 짧게 적는다."""
    python = Path(sys.executable)
    here = Path.cwd()
    return [str(python.relative_to(here)) if python.is_relative_to(here) else str(python), "-m", "grading"]


def complain(problems):
    for problem in problems:
        say(problem, file=sys.stderr)
    return 1 if problems else 0


def main(arguments=None):
    try:
        sys.exit(run(parse(arguments)))
    except Problem as problem:
        sys.exit(printable(problem))
    except KeyboardInterrupt:
        sys.exit("멈추었습니다. 이미 실행한 것은 남아 있습니다. 다시 부르면 이어서 합니다.")


if __name__ == "__main__":
    main()
