"""노트북을 프로세서의 설정을 바꾸어 가며 열 번 잇달아 시험한다: ``python -m authoring.settings [pytest의 인수 …]``.

oneDNN을 쓰는지, 어느 명령어 집합까지 쓰는지, 스레드가 몇인지에 따라 더하는 차례가 달라진다.
그래도 저장된 출력은 맞아야 한다.
"""

import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from itertools import count

from authoring import ROOT

REPORT = ROOT / "_build" / "settings"
# (oneDNN, 명령어 집합의 한계, 스레드). oneDNN을 끄면 한계는 뜻이 없다. 기본은 처음과 마지막에 한 번씩 한다.
SETTINGS = [
    ("1", "", 1),
    ("1", "", 2),
    ("1", "AVX2", 1),
    ("1", "AVX2", 2),
    ("0", "", 1),
    ("0", "", 2),
    ("1", "SSE41", 1),
    ("1", "SSE41", 2),
    ("1", "AVX512_CORE", 1),
    ("1", "", 1),
]


def environment(onednn, isa, threads):
    """이 설정으로 시험을 부를 환경 변수. 부르는 사람의 설정은 남기지 않는다."""
    limits = {"ONEDNN_MAX_CPU_ISA": isa} if isa else {}
    kept = {name: value for name, value in os.environ.items() if name != "ONEDNN_MAX_CPU_ISA"}
    names = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS")
    return {
        **kept,
        "TQDM_DISABLE": "1",
        "TF_ENABLE_ONEDNN_OPTS": onednn,
        **dict.fromkeys(names, str(threads)),
        **limits,
    }


def outcome(report):
    """``(통과한 수, 실패한 시험의 이름들)``. 하나도 통과하지 않았으면 그것도 실패이다."""
    cases = list(ElementTree.parse(report).iter("testcase")) if report.exists() else []
    failed = [
        f"{case.get('classname')} {case.get('name')}"
        for case in cases
        if case.find("failure") is not None or case.find("error") is not None
    ]
    passed = len(cases) - len(failed) - sum(case.find("skipped") is not None for case in cases)
    return passed, failed or ([] if passed else ["시험이 하나도 돌지 않았다"])


def main(arguments):
    arguments = arguments or ["notebooks"]
    REPORT.mkdir(parents=True, exist_ok=True)
    rows = ["| 번 | oneDNN | 명령어 집합 | 스레드 | 통과 | 실패 | 초 |", "|---|---|---|---|---|---|---|"]
    red = False
    print(*rows, sep="\n")
    for number, (onednn, isa, threads) in zip(count(1), SETTINGS):
        report = REPORT / f"{number:02}.xml"
        report.unlink(missing_ok=True)
        start = time.monotonic()
        command = [sys.executable, "-m", "pytest", "-q", "-n", "2", f"--junitxml={report}", *arguments]
        with open(REPORT / f"{number:02}.log", "w", encoding="utf-8") as log:
            subprocess.run(command, cwd=ROOT, env=environment(onednn, isa, threads), stdout=log, stderr=log)
        passed, failed = outcome(report)
        red = red or bool(failed)
        seconds = time.monotonic() - start
        rows.append(f"| {number} | {onednn} | {isa or '-'} | {threads} | {passed} | {len(failed)} | {seconds:.0f} |")
        print(rows[-1], *(f"  {name}" for name in failed), sep="\n", flush=True)
        (REPORT / "report.md").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return int(red)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
