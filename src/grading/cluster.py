"""제출물을 다른 기계에서 실행한다: 이미 있는 Dask 클러스터의 일꾼들이 저마다 상자를 연다.

일꾼에게 가는 것은 셀의 글(숨은 시험의 코드도 든다), 그 제출물의 씨앗, 한계뿐이다. 과정의 비밀, 풀이, 학생의 이름,
성적부는 가지 않는다. 판정은 돌아온 출력을 보고 강사의 컴퓨터에서 한다.
"""

import contextlib
import json
import logging
import secrets
import sys
import threading
from concurrent.futures import CancelledError
from dataclasses import asdict
from functools import cache
from importlib import metadata

from grading import ROOT, box, grade
from grading.messages import Problem

PATIENCE = 30  # 초. 스케줄러와 일꾼이 답하기를 기다린다
LOOK = 0.5  # 초. 일꾼이 이만큼마다 아직 할 일인지 본다
LOST = "Dask 스케줄러와 끊어졌습니다. 이미 실행한 것은 남아 있습니다. 클러스터를 살피고 다시 부르면 이어서 합니다."


@cache
def fingerprint():
    """실행의 결과를 정하는 것이 같으면 같은 글: 강좌의 코드, 파이썬과 라이브러리의 판."""
    files = sorted(path for name in ("grading", "homl11") for path in (ROOT / "src" / name).rglob("*.py"))
    versions = [sys.version_info[:2], *map(metadata.version, ("keras", "numpy"))]
    return grade.digest(*(text for path in files for text in (path.name, path.read_text("utf-8"))), *versions)


# ---- 일꾼이 하는 일


def unfit(expected):
    """이 일꾼에게 맡길 수 없는 까닭. 맡길 수 있으면 ``None``."""
    if fingerprint() != expected:
        return "강좌나 파이썬의 판이 강사의 컴퓨터와 다릅니다. 같은 판을 받은 뒤 일꾼을 다시 켜세요."
    return box.available()


def answer_fit(expected):
    return {"reason": unfit(expected)}


def execute(request):
    """상자 하나에서 제출물 하나를 실행한다. 말은 JSON으로만 주고받는다."""
    request = json.loads(request)
    if reason := unfit(request["fingerprint"]):  # 채점하는 도중에 온 일꾼일 수 있다
        raise Problem(reason)
    with while_wanted() as halt:
        limits, hidden = box.Limits(**request["limits"]), set(request["hidden"])
        return json.dumps(box.execute(request["cells"], request["seed"], limits, True, hidden, halt))


@contextlib.contextmanager
def while_wanted():
    """강사가 멈추었거나 강사의 프로세스가 죽어 아무도 기다리지 않으면 켜지는 ``Event``."""
    from distributed import get_worker

    worker, halt, done = get_worker(), threading.Event(), threading.Event()
    key = worker.get_current_task()

    def watch():
        while not done.wait(LOOK):
            task = worker.state.tasks.get(key)
            if task is None or task.state != "executing":
                return halt.set()

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield halt
    finally:
        done.set()


# ---- 강사의 컴퓨터가 하는 일


@contextlib.contextmanager
def workers(address):
    """클러스터에 잇는다. ``box.execute``처럼 부르는 함수와, 나란히 맡길 수를 준다."""
    from distributed import Client

    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # 끊어지면 영어로 길게 말한다. 할 말은 여기서 한다
    try:
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise Problem(
            f"Dask 스케줄러 {address}에 닿지 않습니다({str(error).splitlines()[0]}). "
            "dask scheduler가 켜져 있는지, 주소가 tcp://호스트:8786 꼴인지 확인하세요."
        ) from None
    with client:
        require_fit(client, address)
        # 하나를 마친 일꾼이 쉬지 않도록 두 배를 맡긴다.
        yield lambda *arguments: run(client, *arguments), 2 * sum(client.nthreads().values())


def require_fit(client, address):
    """모든 일꾼이 이 컴퓨터와 같은 강좌와 상자를 가졌는지 본다."""
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError:
        raise Problem(
            f"Dask 스케줄러 {address}에 일꾼이 없습니다. 강좌를 설치한 기계에서 dask worker {address}로 일꾼을 켜세요."
        ) from None
    for worker, answer in client.run(answer_fit, fingerprint(), on_error="return").items():
        if not isinstance(answer, dict):  # 부르지도 못했다. Dask는 예외나 그 글을 준다
            answer = {"reason": f"이 강좌를 부르지 못합니다({answer}). 그 강좌의 .venv/bin/dask worker로 켜세요."}
        if answer["reason"]:
            raise Problem(f"일꾼 {worker}: {answer['reason']}")


def run(client, cells, seed, limits, isolated, hidden, halt):
    """제출물 하나를 맡기고 기다린다. ``halt``가 켜지면 그만두게 한다."""
    request = {
        "fingerprint": fingerprint(),
        "cells": cells,
        "seed": seed,
        "limits": asdict(limits),
        "hidden": sorted(hidden),
    }
    # 이름에 학생이 드러나지 않게 한다. 클러스터의 화면에 보인다.
    future = client.submit(execute, json.dumps(request), key=f"제출물-{secrets.token_hex(8)}", pure=False)
    try:
        while not future.done():
            if halt.wait(box.LOOK):
                raise box.Halted
        return json.loads(future.result())
    except CancelledError:
        raise Problem(LOST) from None
    finally:
        future.cancel()
