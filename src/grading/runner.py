"""상자 안에서 도는 것: 표준 입력으로 셀을 하나씩 받아 실행하고, 출력을 표준 출력으로 돌려준다.

학생의 코드와 같은 프로세스이므로 이것이 내놓는 말은 하나도 믿지 않는다. 그래도 되는 까닭은 ``grading.oracle``에 있다.
"""

import contextlib
import json
import linecache
import os
import sys
from types import ModuleType

import seccomp

LONGEST = 20_000  # 출력 하나의 글자 수
FEW = 50  # 셀 하나의 출력 수


def shorten(text):
    text = str(text)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}\n… (글이 길어 {len(text):,}자에서 잘랐다)"


def outputs(captured, traceback, result, answers):
    """셀의 출력을 노트북의 꼴로. 그림과 글과 답만 남긴다: HTML과 스크립트는 강사의 브라우저에서 돌 수 있다."""
    found = [
        {"output_type": "stream", "name": name, "text": shorten(text)}
        for name, text in (("stdout", captured.stdout), ("stderr", captured.stderr))
        if text
    ]
    for shown in captured.outputs[:FEW]:
        kept = {kind: shown.data[kind] for kind in ("image/png", answers) if kind in shown.data}
        kept["text/plain"] = shorten(shown.data.get("text/plain", ""))
        found.append({"output_type": "display_data", "metadata": {}, "data": kept})
    error = result.error_before_exec or result.error_in_exec
    if error is not None:
        name = type(error).__name__
        found.append({"output_type": "error", "ename": name, "evalue": shorten(error), "traceback": traceback[-1:]})
    return found


@contextlib.contextmanager
def apart(shell):
    """이름 공간의 사본에서 실행한다. 숨은 시험이 불러오는 이름이 학생의 것을 덮지 않고, 뒤의 셀에 남지도 않는다.

    학생의 함수는 제 이름 공간을 그대로 본다. 도움 함수의 이름이 ``report``여도 된다.
    """
    kept = shell.user_module, shell.user_ns
    shell.user_module = ModuleType("__main__")
    vars(shell.user_module).update(shell.user_ns)
    shell.user_ns = vars(shell.user_module)
    try:
        yield
    finally:
        shell.user_module, shell.user_ns = kept


def main():
    if seccomp.supported():
        seccomp.install()
    # 말길은 따로 떼어 둔다. 학생의 코드가 파일 서술자 1에 바로 쓰는 것은 버린다.
    requests, replies = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w")
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    answers, traceback = sys.argv[1], []
    shell = InteractiveShell.instance(history_length=0, colors="nocolor")
    shell.history_manager.enabled = False
    shell._showtraceback = lambda kind, error, lines: traceback.append(shorten("\n".join(lines)))
    for line in requests:
        traceback.clear()
        request, before = json.loads(line), set(linecache.cache)
        hidden = request["seed"] is not None
        if hidden:
            os.environ["HOML11_SEED"] = str(request["seed"])
        with capture_output() as captured, apart(shell) if hidden else contextlib.nullcontext():
            # 숨은 시험은 ``In``과 ``_i``에 남기지 않는다.
            result = shell.run_cell(request["source"], store_history=not hidden)
        if hidden:
            os.environ.pop("HOML11_SEED", None)
            for name in set(linecache.cache) - before:
                del linecache.cache[name]
        replies.write(f"{request['number']} {json.dumps(outputs(captured, traceback, result, answers))}\n")
        replies.flush()


if __name__ == "__main__":
    main()
