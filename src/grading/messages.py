"""강사에게 하는 말과, 강사의 파일을 쓰는 법."""

import os
import unicodedata


class Problem(Exception):
    """강사에게 하는 말: 무슨 일이 있었고 무엇을 하면 되는지."""


def shown(text):
    """남이 지은 이름을 화면에 찍을 글. 화면을 움직이는 글자(제어 문자, 쓰는 방향을 뒤집는 글자)는 눈에 보이게 적는다.

    >>> shown("a\\x1b[2Jb\\u202e.ipynb")
    'a\\\\x1b[2Jb\\\\u202e.ipynb'
    """
    return "".join(
        character.encode("unicode_escape").decode() if unicodedata.category(character)[0] == "C" else character
        for character in str(text).encode("utf-8", "backslashreplace").decode()
    )


def write(path, text):
    """다른 이름으로 다 쓴 뒤 바꿔치기한다. 도중에 멈춰도 앞의 파일이 온전히 남는다."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_bytes(text if isinstance(text, bytes) else text.encode())
    part.replace(path)
