"""노트북을 실행한 환경과 걸린 시간을 보인다: ``{runs}``.

수는 ``make notebooks``가 노트북의 메타데이터(``homl11``)에 적어 둔 것이다. 다시 실행하지 않은 노트북은 그렇다고 적는다.
"""

import json
from collections import Counter
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

PACKAGES = {
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


def environment(run):
    """노트북 하나를 실행한 환경."""
    versions = [f"{name} {run['versions'][package]}" for package, name in PACKAGES.items()]
    return ", ".join([*versions, f"CPU 코어 {run['cores']}개"])


def report(notebooks):
    """마크다운의 줄들. ``notebooks``는 이름과 메타데이터이다.

    대부분이 쓴 환경은 표 앞에 한 번만 적는다. 표는 전화기에도 들어간다. 환경이 다른 노트북은 표 뒤에 따로 적는다.
    """
    runs = {name: metadata.get("homl11") for name, metadata in notebooks}
    environments = {name: environment(run) for name, run in runs.items() if run}
    usual = max(environments.values(), key=Counter(environments.values()).get, default=None)
    if usual:
        yield from (f"{usual}.", "")
    yield from ("| 노트북 | 실행 시간 |", "|---|---:|")
    for name, run in runs.items():
        yield f"| {{doc}}`/notebooks/{name}` | {spell(run['seconds']) if run else '아직 재지 않았다'} |"
    others = {name: used for name, used in environments.items() if used != usual}
    if others:
        yield from ("", "다른 환경에서 실행한 노트북:", "")
        yield from (f"- {{doc}}`/notebooks/{name}`: {used}" for name, used in others.items())


class Runs(SphinxDirective):
    def run(self):
        paths = sorted(Path(self.env.srcdir, "notebooks").glob("[0-9]*.ipynb"))
        for path in paths:
            self.env.note_dependency(str(path))  # 노트북을 다시 실행하면 이 쪽도 다시 만든다
        notebooks = [(path.stem, json.loads(path.read_text(encoding="utf-8"))["metadata"]) for path in paths]
        place = nodes.container()
        self.state.nested_parse(StringList(list(report(notebooks))), self.content_offset, place)
        return place.children


def setup(app):
    app.add_directive("runs", Runs)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
