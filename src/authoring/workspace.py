"""배우는 사람의 사본: ``make lab``은 ``python -m authoring.workspace``, ``make update``는 거기에 ``--update``.

강좌의 노트북은 git이 지키는 파일이다. 거기서 실행하고 저장하면 다음 ``git pull``이 멈춘다. 그래서 git이 보지 않는
``my_notebooks``에 한 번 베껴 두고 그것을 연다. 베낀 뒤에는 시키지 않으면 아무것도 바꾸지 않는다. 새 판을 받을 때도
배우는 사람이 고친 파일은 그대로 두고 새 판을 곁에 둔다.

고쳤는지는 셀의 글로 안다. 실행하기만 한 노트북은 출력이 달라도 고치지 않은 것이다.
"""

import hashlib
import json
import os
import sys

from authoring import ROOT
from authoring.lock import locked
from authoring.repository import current

FOLDER = "my_notebooks"
RECORD = ".homl11.json"  # 베낀 것마다 그때의 지문
BESIDE = "_새_판"
# 켜 두면 배우는 사람에게 경고를 쏟고 10초를 더 기다리게 한다. 설정에서 끄지 않으므로 강사는 그대로 쓴다.
GRADING = ("formgrader", "validate_assignment", "assignment_list", "course_list")
CAUTION = (
    "주의: 관리자(root)로 엽니다. 노트북의 코드가 이 컴퓨터의 어떤 파일이든 바꿀 수 있으니, "
    "보통 계정이 있으면 거기서 여세요."
)
NEWS = {"added": "새로 생겼습니다", "replaced": "바뀌었습니다", "beside": "바뀌었습니다", "gone": "빠졌습니다"}
PLANS = {
    "added": "더함: {name}",
    "restored": "다시 둠: {name} (사본에 없는 것)",
    "replaced": "바꿈: {name} (고친 셀이 없습니다)",
    "beside": "곁에 둠: {there} (고친 {name}은 그대로 둡니다)",
    "gone": "그대로 둠: {name} (강좌에서는 빠졌습니다. 지워도 됩니다)",
}


def sources(root):
    """사본에서의 이름 → 원본의 경로. 강사 노트북은 들지 않는다."""
    folder = root / "notebooks"
    lessons = {path.name: path for path in folder.glob("[0-9]*.ipynb")}
    exercises = {f"exercises/{path.name}": path for path in (folder / "exercises" / "student").glob("*.ipynb")}
    return dict(sorted((lessons | exercises).items()))


def read(path):
    """노트북의 JSON. 셀의 글은 줄로 나누지 않는다. 짜임은 보지 않으므로 nbformat보다 스무 배쯤 빠르다."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    return notebook


def prepare(path, address):
    """사본에 둘 노트북. 책의 쪽을 가리키는 링크는 사본에서 닿지 않으므로 ``address``의 것으로 바꾼다."""
    try:
        notebook = read(path)
    except (ValueError, KeyError, TypeError):
        raise SystemExit(
            f"{path}를 노트북으로 읽을 수 없습니다. git pull이 끝까지 되었는지 git status로 보세요. "
            f"{FOLDER}는 그대로입니다."
        ) from None
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = cell["source"].replace("](../book/", f"]({address}/blob/main/book/")
    return notebook


def fingerprint(notebook):
    """셀의 글과 붙인 그림, 채점에 쓰는 이름의 지문. 출력, 실행 번호, 빈 셀은 보지 않는다."""
    cells = [
        [cell["cell_type"], cell["source"].rstrip(), cell.get("attachments", {}), cell["metadata"].get("nbgrader", {})]
        for cell in notebook["cells"]
        if cell["source"].strip()  # 마지막 셀을 실행하면 주피터랩이 빈 셀을 더한다
    ]
    return hashlib.sha256(json.dumps(cells, sort_keys=True).encode()).hexdigest()


def write(content, path):
    """다른 이름으로 다 쓴 뒤 바꿔치기한다. 중간에 멈춰도 앞의 것이 온전히 남는다."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


class Workspace:
    """``root``에 있는 강좌와 그 사본."""

    def __init__(self, root=ROOT):
        self.folder = root / FOLDER
        self.record = self.folder / RECORD
        address = current(root)
        self.lessons = {name: prepare(path, address) for name, path in sources(root).items()}
        self.new = {name: fingerprint(lesson) for name, lesson in self.lessons.items()}

    def copied(self):
        """베낀 것의 지문. 기록을 읽을 수 없으면 비어 있고, 그러면 있는 파일은 모두 배우는 사람의 것이다."""
        try:
            return dict(json.loads(self.record.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return {}

    def mine(self, name):
        """사본에 있는 것의 지문. 없으면 ``None``, 노트북으로 읽을 수 없으면 빈 글."""
        path = self.folder / name
        if not os.path.lexists(path):
            return None
        try:
            return fingerprint(read(path))
        except Exception:  # 어떻게 망가졌든 배우는 사람의 것이다
            return ""

    def add(self, lesson, name):
        """없을 때만 쓴다."""
        if not os.path.lexists(self.folder / name):
            write(lesson, self.folder / name)

    def create(self):
        """사본을 만든다. 기록은 끝에 쓰므로 중간에 멈추었으면 이어서 만든다. 있는 파일은 건드리지 않는다."""
        for name, lesson in self.lessons.items():
            self.add(lesson, name)
        write({name: new for name, new in self.new.items() if self.mine(name) == new}, self.record)

    def changes(self):
        """새 판을 받으면 할 일: ``(무엇을, 이름, 새 판을 둘 이름)``의 목록. 아무것도 바꾸지 않는다."""
        copied, found = self.copied(), []
        for name in sorted(self.new.keys() | copied.keys()):
            new, old, mine = self.new.get(name), copied.get(name), self.mine(name)
            if new is None:
                found.append(("gone", name, name))
            elif mine is None:
                found.append(("restored" if old == new else "added", name, name))
            elif new not in (old, mine):
                found.append(("replaced", name, name) if mine == old else ("beside", name, self.beside(name)))
        return found

    def beside(self, name):
        """고친 것의 곁에 새 판을 둘 이름. 이미 그 판이 놓여 있으면 그 이름이다."""
        stem, number = name.removesuffix(".ipynb") + BESIDE, 1
        while self.mine(there := f"{stem}{f'_{number}' if number > 1 else ''}.ipynb") not in (None, self.new[name]):
            number += 1
        return there

    def update(self, changes):
        """``changes``대로 한다. 중간에 멈추었다가 다시 해도 같은 곳에 이른다."""
        copied = self.copied()
        for kind, name, there in changes:
            if kind == "replaced" and self.mine(name) == copied[name]:
                write(self.lessons[name], self.folder / name)
            elif kind == "replaced":  # 말한 뒤에 고쳤다
                self.add(self.lessons[name], self.beside(name))
            elif kind != "gone":
                self.add(self.lessons[name], there)
        write(self.new, self.record)


def visit(workspace):
    """사본이 없으면 만들고, 있으면 바뀐 노트북을 알리기만 한다."""
    if not workspace.record.exists():
        workspace.create()
        print(f"{FOLDER}에 노트북과 연습 문제를 베꼈습니다. 마음껏 고치세요. 시키지 않으면 다시 덮어쓰지 않습니다.")
    if news := [f"  {name}: {NEWS[kind]}" for kind, name, _ in workspace.changes() if kind in NEWS]:
        print("강좌의 새 판과 다른 노트북:", *news, sep="\n")
        print(f"{FOLDER}는 그대로입니다. 새 판을 받으려면 make update를 부르세요. 고친 노트북은 지우지 않습니다.")


def update(workspace):
    """할 일을 먼저 말하고 그대로 한다."""
    if not workspace.record.exists():
        return visit(workspace)
    changes = workspace.changes()
    for kind, name, there in changes:
        print(PLANS[kind].format(name=name, there=there), flush=True)
    workspace.update(changes)
    print(f"{FOLDER}에 새 판을 받았습니다." if changes else f"{FOLDER}는 이미 새 판입니다.")


def lab(folder, arguments):
    """``folder``를 보이는 주피터랩이 된다."""
    grading = {f"nbgrader.server_extensions.{name}": False for name in GRADING}
    command = ["-m", "jupyterlab", f"--ServerApp.root_dir={folder}", f"--ServerApp.jpserver_extensions={grading}"]
    if os.geteuid() == 0:  # 주피터는 관리자를 영어로 거절한다
        print(CAUTION)
        command.append("--allow-root")
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, *command, *arguments])


def main(arguments):
    updating = arguments == ["--update"]
    try:
        with locked(ROOT / FOLDER / ".lock"):
            workspace = Workspace()
            (update if updating else visit)(workspace)
    except OSError as error:
        raise SystemExit(
            f"{FOLDER}에 쓰지 못했습니다({error.strerror}). 디스크의 자리와 권한을 확인하고 다시 부르세요. "
            "고친 노트북은 그대로입니다."
        ) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    if not updating:
        lab(workspace.folder, arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
