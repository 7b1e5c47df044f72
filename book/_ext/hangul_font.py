"""한글 글꼴: 컴퓨터에 한글 글꼴이 없어도 읽을 수 있게 프리텐다드(Pretendard)를 책과 함께 낸다.

글꼴은 글자 묶음 아흔둘로 나뉘어 있고, 브라우저는 쪽에 나온 글자의 묶음만 받는다. 굵은 글씨는 브라우저가 굵혀 그린다:
굵기마다 받으면 쪽마다 받을 것이 두 배가 된다. 글꼴을 받지 못했으면(authoring.vendor) 컴퓨터의 글꼴로 보인다.
"""

import re
from pathlib import Path

FOLDER = "vendor/pretendard/dist/web/static"
STYLE = "pretendard-dynamic-subset.css"  # 굵기 아홉 가지가 모두 있고, 옛 브라우저의 글꼴까지 가리킨다
NAME = "hangul_font.css"
FACE = re.compile(r"@font-face \{[^}]*font-weight: 400;[^}]*\}")
SOURCE = re.compile(r"src: url\(\./([^)]+)\)[^;]*;")


def regular(style):
    """보통 굵기의 글자 묶음만 남긴 스타일. 주소는 쪽의 ``_static``에서 본 것으로 바꾼다."""
    faces = (SOURCE.sub(rf'src: url({FOLDER}/\1) format("woff2");', face) for face in FACE.findall(style))
    return re.sub(r"\s+", " ", "".join(faces))


def offer(app):
    source = Path(app.srcdir, "book/_static", FOLDER, STYLE)
    if source.exists():
        target = Path(app.outdir, "_static", NAME)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(regular(source.read_text(encoding="utf-8")), encoding="utf-8")
        app.add_css_file(NAME)


def setup(app):
    app.connect("builder-inited", offer)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
