"""노트북의 실행 시간과 판을 표로 보인다: ``{runs}``.

수는 ``make notebooks``가 노트북의 메타데이터(``homl11``)에 적어 둔 것이다. 다시 실행하지 않은 노트북은 그렇다고 적는다.
"""

import json
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

COLUMNS = {
    "python": "파이썬",
    "tensorflow": "텐서플로",
    "keras": "케라스",
    "numpy": "넘파이",
    "matplotlib": "맷플롯립",
}


def spell(seconds):
    """
    >>> spell(42), spell(60), spell(95)
    ('42초', '1분', '1분 35초')
    """
    minutes, seconds = divmod(seconds, 60)
    return " ".join([f"{minutes}분"] * bool(minutes) + [f"{seconds}초"] * bool(seconds or not minutes))


def table(notebooks):
    """노트북마다 한 줄인 마크다운 표. ``notebooks``는 이름과 메타데이터이다."""
    yield f"| 노트북 | 실행 시간 | CPU 코어 | {' | '.join(COLUMNS.values())} |"
    yield f"|---|{'---:|' * (len(COLUMNS) + 2)}"
    for name, metadata in notebooks:
        run = metadata.get("homl11")
        cells = [spell(run["seconds"]), run["cores"]] if run else ["아직 재지 않았다", ""]
        cells += [run["versions"][package] if run else "" for package in COLUMNS]
        yield f"| {{doc}}`/notebooks/{name}` | {' | '.join(map(str, cells))} |"


class Runs(SphinxDirective):
    def run(self):
        paths = sorted(Path(self.env.srcdir, "notebooks").glob("[0-9]*.ipynb"))
        for path in paths:
            self.env.note_dependency(str(path))  # 노트북을 다시 실행하면 이 쪽도 다시 만든다
        notebooks = [(path.stem, json.loads(path.read_text(encoding="utf-8"))["metadata"]) for path in paths]
        place = nodes.container()
        self.state.nested_parse(StringList(list(table(notebooks))), self.content_offset, place)
        return place.children


def setup(app):
    app.add_directive("runs", Runs)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
