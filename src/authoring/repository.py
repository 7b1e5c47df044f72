"""저장소 주소를 한 번에 바꾼다: ``python -m authoring.repository https://github.com/이름/저장소``.

주소의 원본은 ``_config.yml``의 ``repository.url``이다. 노트북과 쪽에 적힌 것은 모두 거기서 나온 사본이다.
아직 적지 않았으면 책은 깃허브의 워크플로나 이 사본의 origin에서 주소를 찾는다(``address``).
"""

import json
import os
import re
import subprocess
import sys

from authoring import ROOT

UNSET = "OWNER/REPOSITORY"  # 아직 적지 않은 주소의 이름/저장소
# 깃허브의 원격 주소: https, ssh, git@github.com:이름/저장소.git. 비밀번호나 토큰이 들어 있어도 그것은 버린다.
REMOTE = r"(?:\w+://)?(?:[^@/]+@)?(?:ssh\.|www\.)?github\.com(?::\d+/|[:/])/?([\w.-]+/[\w.-]+?)(?:\.git)?/?"
COLAB = re.compile(rf"\[[^\]]*\]\(https://colab[^)]*/{UNSET}/[^)]*\)(?: · )?")
COMMAND = re.compile(rf"^( *)(?=(?:%?pip|git|docker) .*/{UNSET})", re.MULTILINE)
ADVICE = "# 이름/저장소를 이 강좌를 받은 저장소의 것으로 바꾸세요."
PATTERN = r"https://github\.com/[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+"
PLACES = (
    "_config.yml",
    "*.md",
    "CITATION.cff",
    "pyproject.toml",
    ".github/ISSUE_TEMPLATE/*.yml",
    "book/*.md",
    "notebooks/**/*.ipynb",
)


def current(root=ROOT):
    """``_config.yml``에 적힌 주소."""
    config = (root / "_config.yml").read_text(encoding="utf-8")
    return re.search(rf"^\s+url:\s*['\"]?({PATTERN})/?['\"]?\s*$", config, re.MULTILINE)[1]


def hosted(remote):
    """원격 주소를 깃허브의 쪽 주소로. 깃허브에 있지 않으면 ``None``이다.

    >>> hosted("git@github.com:kim/book.git"), hosted("/home/kim/book")
    ('https://github.com/kim/book', None)
    """
    found = re.fullmatch(REMOTE, remote.strip())
    return found and f"https://github.com/{found[1]}"


def origin(root):
    """이 사본의 origin. git이 없거나 사본이 아니면 비어 있다. 위 폴더의 저장소는 남의 것이므로 보지 않는다."""
    environment = {**os.environ, "GIT_CEILING_DIRECTORIES": str(root.resolve().parent)}
    command = ["git", "remote", "get-url", "origin"]
    try:
        return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True).stdout
    except OSError:
        return ""


def address(root=ROOT, environment=os.environ):
    """책이 쓸 주소: ``_config.yml``에 적은 것, 깃허브의 워크플로, origin의 차례로 찾는다. 없으면 ``None``."""
    written = current(root)
    if not written.endswith(f"/{UNSET}"):
        return written
    workflow = "/".join(environment.get(name, "") for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY"))
    return hosted(workflow) or hosted(origin(root))


def replace(text, old, new):
    """글에 적힌 주소의 이름/저장소를 바꾼다. Colab 주소에는 github.com 없이 이름/저장소만 들어간다."""
    return re.sub(rf"(github(?:\.com)?/){re.escape(old)}(?![\w-]|\.(?!git\b)\w)", rf"\g<1>{new}", text)


def fill(text, found):
    """쪽이나 셀의 글에 ``address``가 찾은 주소를 적는다. 없으면 Colab의 링크를 빼고, 명령의 앞에 바꿀 것을 적는다.

    >>> fill(f"git clone https://github.com/{UNSET} course", "https://github.com/kim/book")
    'git clone https://github.com/kim/book course'
    """
    if found:
        return replace(text, UNSET, found.removeprefix("https://github.com/"))
    text = COMMAND.sub(rf"\1{ADVICE}\n\1", COLAB.sub("", text))
    return replace(text, UNSET, "이름/저장소")


def fill_notebook(text, found):
    """노트북 파일의 글에 주소를 적는다. 적을 곳이 없으면 그대로이다."""
    if UNSET not in text:
        return text
    notebook = json.loads(text)
    for cell in notebook["cells"]:
        cell["source"] = fill("".join(cell["source"]), found)
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def copies(root=ROOT):
    """주소가 적혀 있을 수 있는 파일들."""
    return [path for place in PLACES for path in sorted(root.glob(place))]


def change(url, root=ROOT):
    """모든 사본의 주소를 ``url``로 바꾼다. 바뀐 파일들을 돌려준다."""
    url = url.removesuffix("/").removesuffix(".git")
    if not re.fullmatch(PATTERN, url):
        raise SystemExit(f"'{url}'은 저장소 주소가 아닙니다. https://github.com/이름/저장소 꼴로 적으세요.")
    old, new = (one.removeprefix("https://github.com/") for one in (current(root), url))
    changed = []
    for path in copies(root):
        text = path.read_text(encoding="utf-8")
        replaced = replace(text, old, new)
        if replaced != text:
            path.write_text(replaced, encoding="utf-8")
            changed.append(path)
    return changed


if __name__ == "__main__":
    for path in change(sys.argv[1]):
        print(f"고침: {path.relative_to(ROOT)}")
