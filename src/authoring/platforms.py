"""이 파이썬에 맞는 텐서플로의 휠이 있는가: ``python src/authoring/platforms.py``. 없으면 까닭과 할 일을 한 줄로 말한다.

.venv를 갖추기 전에 낡은 파이썬도 부르므로, 어디서나 읽히는 문법과 파이썬에 든 것만 쓴다.
휠은 텐서플로 2.19-2.21에 있는 것이다. 새 판이 나오면 pyproject.toml의 ``tensorflow``와 함께 고친다.
"""

import os
import platform
import sys
import sysconfig

OLDEST, NEWEST = (3, 11), (3, 13)
ELSEWHERE = "브라우저만 있으면 되는 Colab이나 컨테이너를 쓰세요(book/how_to_run.md)."
CHOOSE = "make PYTHON=python3.12 처럼 알려 주세요."


def lacking(version, system, machine, implementation="CPython", libc="glibc", gil=True, bits=64):
    """설치할 수 없는 까닭과 할 일. 설치할 수 있으면 ``None``.

    인수: ``version`` 파이썬의 판((3, 12)처럼), ``gil`` GIL이 있는 보통의 파이썬인지, ``bits`` 파이썬의 비트 수.
    나머지는 ``platform``이 말하는 이름이다.
    """
    named = ".".join(map(str, version))
    if system not in ("Linux", "Darwin"):
        return "윈도에서는 make를 WSL의 리눅스 안에서 부르세요. 패키지만 쓰려면 book/how_to_run.md를 보세요."
    if version < OLDEST:
        return f"파이썬 3.11 이상이 필요합니다(지금 {named}). {CHOOSE}"
    if version > NEWEST:
        return f"파이썬 {named}에 맞는 텐서플로가 아직 없습니다. 3.11-3.13을 쓰세요. {CHOOSE}"
    if system == "Darwin" and machine != "arm64":
        return f"인텔 맥(또는 인텔용 파이썬)에 맞는 텐서플로가 없습니다. {ELSEWHERE}"
    if implementation != "CPython" or not gil:
        return f"텐서플로는 보통의 CPython에만 있습니다. {CHOOSE}"
    if machine not in ("x86_64", "aarch64", "arm64") or bits != 64 or (system == "Linux" and libc != "glibc"):
        return f"이 컴퓨터({machine}, {bits}비트, {libc})에 맞는 텐서플로가 없습니다. {ELSEWHERE}"
    return None


def here():
    """지금의 파이썬을 ``lacking``의 인수로."""
    return {
        "version": sys.version_info[:2],
        # 시그윈과 MSYS는 저마다 긴 이름을 댄다.
        "system": "Windows" if os.name == "nt" else platform.system(),
        "machine": platform.machine(),
        "implementation": platform.python_implementation(),
        "libc": platform.libc_ver()[0] or "musl",
        "gil": not sysconfig.get_config_var("Py_GIL_DISABLED"),
        "bits": 64 if sys.maxsize > 2**32 else 32,
    }


if __name__ == "__main__":
    reason = lacking(**here())
    if reason:
        print(reason)
    sys.exit(reason is not None)
