"""기다리는 시험이 함께 쓰는 것. 판정은 벽시계에 걸리지 않는다: 한계는 넉넉해서, 느린 것이 아니라 멈춘 것만 잡는다."""

import time

PATIENCE = 1800  # 초. 코어 하나의 십분의 일만 얻을 때 가장 긴 것이 십 분을 넘는다


def until(condition):
    """``condition()``이 참이 되기를 기다려 그 값을 돌려준다."""
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < deadline, "기다리던 일이 일어나지 않았다"
        time.sleep(0.05)
    return found
