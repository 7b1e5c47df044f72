"""강사의 명령: ``python -m grading create 폴더``부터 ``export``까지. ``--help``가 모두 말한다."""

import argparse
import re
import shlex
import sys
from pathlib import Path

from grading import course, grade
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
            added.add_argument("assignment", help="과제의 이름: schedules, regularization")
        return added

    added = command("create", "빈 폴더에 과정을 만든다", assignment=False)
    added.add_argument("folder", type=Path, help="새 과정 폴더")
    added.add_argument("--name", default="deep-learning", help="과정의 이름 (글자, 숫자, -, _)")
    command("release", "학생에게 나누어 줄 노트북을 만든다")
    added = command("collect", "내려받은 노트북을 고쳐 모은다")
    added.add_argument("folder", type=Path, help="내려받은 노트북이 든 폴더")
    added.add_argument("--student-pattern", default=course.STUDENT, help="파일 이름에서 학생을 찾는 정규식")
    added.add_argument("--replace", action="store_true", help="다시 낸 노트북으로 바꾼다 (앞의 것도 남는다)")
    added = command("autograde", "모은 노트북을 상자 안에서 실행해 채점한다")
    added.add_argument("--jobs", type=int, default=2, help="나란히 실행할 수 (기본: 2)")
    added.add_argument("--again", action="store_true", help="이미 채점한 것도 다시 실행한다")
    added.add_argument("--dry-run", action="store_true", help="바뀔 점수만 보이고 성적부는 그대로 둔다")
    added.add_argument("--yes", action="store_true", help="적은 점수가 바뀌어도 묻지 않는다")
    added.add_argument("--without-isolation", action="store_true", help="상자 없이 실행한다. 믿는 코드일 때만")
    added = command("manual", "글로 쓴 답을 CSV로 꺼내고, 채운 점수를 성적부에 적는다")
    added.add_argument("--apply", type=Path, metavar="CSV", help="채운 CSV의 점수와 말을 성적부에 적는다")
    command("feedback", "학생마다 피드백(HTML)을 만든다")
    added = command("export", "성적표를 CSV로 적는다", assignment=False)
    added.add_argument("file", type=Path, nargs="?", default=Path("marks.csv"), help="새 파일 (기본: marks.csv)")
    return parser.parse_args(arguments)


def run(options):
    """명령 하나를 하고 끝낼 때의 코드를 돌려준다. 사람이 볼 일이 남았으면 1이다."""
    if options.command == "create":
        made = course.create(options.folder, options.name)
        say(f"과정을 만들었습니다: {made.root}\n다음: python -m grading --course {options.folder} release schedules")
        return 0
    here = Course(options.course)
    match options.command:
        case "release":
            say(f"나누어 줄 노트북: {here.release(options.assignment)}")
        case "collect":
            done, problems = here.collect(options.assignment, options.folder, options.student_pattern, options.replace)
            for student, notes in done.items():
                say(f"{student}: " + (" / ".join(notes) if notes else "그대로 받았습니다."))
            say(f"{len(done)}명의 노트북을 모았습니다.")
            return complain(problems)
        case "autograde":
            if options.jobs < 1:
                raise Problem(f"--jobs {options.jobs}: 1 이상이어야 합니다.")
            asked = Asked(options)
            done, failed = here.autograde(
                options.assignment,
                jobs=options.jobs,
                isolated=not options.without_isolation,
                again=options.again,
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
            say(f"피드백 {len(here.feedback(options.assignment))}개를 만들었습니다: {here.root / 'feedback'}")
        case "export":
            say(f"성적표: {here.export(options.file)}")
    return 0


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
