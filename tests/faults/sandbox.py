"""장애를 겪을 저장소의 사본."""

import shutil
import subprocess
import sys

import nbformat

from authoring import ROOT


class Course:
    """``folder``에 만든 저장소의 사본. 패키지는 지금의 .venv를 함께 쓴다."""

    def __init__(self, folder):
        self.folder = folder
        tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
        for name in tracked.stdout.rstrip("\0").split("\0"):
            if (ROOT / name).exists():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, folder / name)
        (folder / ".venv").symlink_to(sys.prefix)

    def make(self, *arguments):
        """사본에서 부를 명령. 갖추어진 .venv를 다시 설치하지 않는다."""
        return ["make", "-C", str(self.folder), "-o", ".venv/ready", *arguments]

    def notebook(self, *sources, name="99_fault"):
        """코드 셀만 있는 작은 노트북. 그 경로를 돌려준다."""
        path = self.folder / "notebooks" / f"{name}.ipynb"
        cells = [nbformat.v4.new_code_cell(source, id=f"cell-{i}") for i, source in enumerate(sources)]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
        return path


def contents(folder):
    """폴더 아래의 파일마다 그 내용. 무엇이 남고 사라졌는지 견준다."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
