"""강사의 도구: 과제를 내고, 모으고, 안전하게 채점하고, 돌려준다. 채점은 nbgrader 위에 선다."""

import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXERCISES = ROOT / "notebooks" / "exercises"
TODO = "✎"  # 뼈대가 쓸 곳마다 두는 표시


def title_of(notebook):
    """노트북의 큰제목. «과제: »는 뺀다. 없으면 빈 글."""
    texts = ("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "markdown")
    titles = (line[2:] for text in texts for line in text.splitlines() if line.startswith("# "))
    return next(titles, "").removeprefix("과제: ").strip()


# 과제의 이름 → 사람이 읽을 이름. 강사 노트북을 더하면 과제도 는다.
ASSIGNMENTS = {
    path.stem: title_of(json.loads(path.read_text(encoding="utf-8"))) for path in sorted(EXERCISES.glob("*.ipynb"))
}
