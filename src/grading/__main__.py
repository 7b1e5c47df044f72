"""강사의 명령: ``python -m grading create 폴더``부터 ``export``까지. ``--help``가 모두 말한다."""

import argparse
import sys
from pathlib import Path

from grading import course
from grading.course import Course, Problem


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
        print(f"과정을 만들었습니다: {made.root}\n다음: python -m grading --course {options.folder} release schedules")
        return 0
    here = Course(options.course)
    match options.command:
        case "release":
            print(f"나누어 줄 노트북: {here.release(options.assignment)}")
        case "collect":
            done, problems = here.collect(options.assignment, options.folder, options.student_pattern, options.replace)
            for student, notes in done.items():
                print(f"{student}: " + (" / ".join(notes) if notes else "그대로 받았습니다."))
            print(f"{len(done)}명의 노트북을 모았습니다.")
            return complain(problems)
        case "autograde":
            if options.jobs < 1:
                raise Problem(f"--jobs {options.jobs}: 1 이상이어야 합니다.")
            done, failed = here.autograde(
                options.assignment, jobs=options.jobs, isolated=not options.without_isolation, again=options.again
            )
            print(f"{len(done)}명을 채점했습니다." if done else "새로 채점할 것이 없습니다.")
            return complain([f"{student}: 채점하지 못했습니다. {reason}" for student, reason in failed.items()])
        case "manual" if options.apply:
            print(f"{here.apply_manual(options.assignment, options.apply)}줄을 성적부에 적었습니다.")
        case "manual":
            path, count = here.manual(options.assignment)
            print(
                f"답 {count}개를 적었습니다: {path}\n점수와 말을 채우고 manual {options.assignment} --apply {path.name}"
            )
        case "feedback":
            print(f"피드백 {len(here.feedback(options.assignment))}개를 만들었습니다: {here.root / 'feedback'}")
        case "export":
            print(f"성적표: {here.export(options.file)}")
    return 0


def complain(problems):
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def main(arguments=None):
    try:
        sys.exit(run(parse(arguments)))
    except Problem as problem:
        sys.exit(str(problem))
    except KeyboardInterrupt:
        sys.exit("멈추었습니다. 이미 실행한 것은 남아 있습니다. 다시 부르면 이어서 합니다.")


if __name__ == "__main__":
    main()
