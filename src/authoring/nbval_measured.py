"""nbval에 세 가지를 가르치는 pytest 플러그인.

1. ``measured``의 출력은 값을 허용 오차 안에서 견준다. 표의 나머지 글자는 똑같아야 한다.
2. 실행하지 않은 채 저장된 코드 셀은 빨갛다. nbval은 이런 셀을 견주지 않고 지나친다.
3. 놀이터는 자리만 견준다. 저장된 것에는 스크립트가 없다.
"""

import copy
import re

import pytest
from nbval import plugin

from authoring.outputs import MEASURED, without_script

_compare_exactly = plugin.IPyNbCell.compare_outputs


def within_tolerance(stored, fresh):
    """이름과 허용 오차가 같고 모든 값이 유한하며 저장된 값과 오차 안에서 같은가."""
    return (
        stored["tolerance"] == fresh["tolerance"]
        # 순서는 보지 않는다: 노트북을 저장하면 이름이 가나다순으로 바뀐다.
        and stored["values"].keys() == fresh["values"].keys()
        and all(
            abs(value - fresh["values"][name]) <= stored["tolerance"]  # NaN이면 거짓이다
            for name, value in stored["values"].items()
        )
    )


def words(data):
    """표에서 값을 뺀 것: 열과 줄의 이름, 그 차례, 표 아래의 한 줄."""
    return re.sub(r">-?[\d.]+</td>", "></td>", data.get("text/html", ""))


def compare_outputs(self, test, ref, skip_compare=None):
    test, ref = copy.deepcopy([list(test), list(ref)])
    stored = [output for output in ref if MEASURED in output.get("data", {})]
    fresh = [output for output in test if MEASURED in output.get("data", {})]
    if len(stored) == len(fresh):
        for old, new in zip(stored, fresh):
            old_data, new_data = old["data"], new["data"]
            if within_tolerance(old_data[MEASURED], new_data[MEASURED]) and words(old_data) == words(new_data):
                new["data"] = copy.deepcopy(old_data)
    for output in [*test, *ref]:
        if "text/html" in output.get("data", {}):
            output["data"]["text/html"] = without_script(output["data"]["text/html"])
    return _compare_exactly(self, test, ref, skip_compare)


plugin.IPyNbCell.compare_outputs = compare_outputs


def pytest_collection_modifyitems(items):
    for item in items:
        if not isinstance(item, plugin.IPyNbCell) or item.options["skip"] or not item.cell.source.strip():
            continue
        if item.cell.execution_count is None:
            item.runtest = lambda name=item.name: pytest.fail(
                f"{name}: 실행하지 않은 채 저장된 셀입니다. make notebooks로 출력을 저장하세요.", pytrace=False
            )
