"""저장소 주소를 한 번에 바꾼다: ``python -m authoring.repository https://github.com/이름/저장소``.

주소의 원본은 ``_config.yml``의 ``repository.url``이다. 노트북과 쪽에 적힌 것은 모두 거기서 나온 사본이다.
"""

import re
import sys

from authoring import ROOT

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


def copies(root=ROOT):
    """주소가 적혀 있을 수 있는 파일들."""
    return [path for place in PLACES for path in sorted(root.glob(place))]


def change(url, root=ROOT):
    """모든 사본의 주소를 ``url``로 바꾼다. 바뀐 파일들을 돌려준다."""
    url = url.removesuffix("/").removesuffix(".git")
    if not re.fullmatch(PATTERN, url):
        raise SystemExit(f"'{url}'은 저장소 주소가 아닙니다. https://github.com/이름/저장소 꼴로 적으세요.")
    # Colab 주소에는 github.com 없이 이름/저장소만 들어간다.
    old, new = (re.sub(r"https://github\.com/", "", address) for address in (current(root), url))
    changed = []
    for path in copies(root):
        text = path.read_text(encoding="utf-8")
        replaced = re.sub(rf"(github(?:\.com)?/){re.escape(old)}(?![\w-]|\.(?!git\b)\w)", rf"\g<1>{new}", text)
        if replaced != text:
            path.write_text(replaced, encoding="utf-8")
            changed.append(path)
    return changed


if __name__ == "__main__":
    for path in change(sys.argv[1]):
        print(f"고침: {path.relative_to(ROOT)}")
