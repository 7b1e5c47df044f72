"""공유 카드: 쪽의 주소를 메신저나 SNS에 올리면 보이는 제목, 소개, 그림(1200×630)을 적는다.

카드에는 쪽과 책의 제목이 있고, 그 밑에 노트북이면 그 첫 그림, 아니면 학습률 스케줄의 곡선이 있다. 내용이 같으면 지난번
카드를 쓴다. 절대 주소는 저장소의 주소
(``address.py``가 찾은 것)에서 나온다. ``html.baseurl``을 적으면 그것을 쓴다. 둘 다 없으면 주소와 그림은 적지 않는다.

sphinxext-opengraph 0.13은 쓰지 않는다. 그림이 1146×600으로 굳어 있고, 곡선, 한글 글꼴, 줄 바꿈은 어차피 적어야 한다.
"""

import base64
import hashlib
import html
import importlib.util
import io
import json
import re
from functools import cache
from pathlib import Path
from urllib.parse import urljoin

from docutils import nodes

SIZE = (1200, 630)
FOLDER = "_static/cards"
INK, FAINT, PAPER = "#ffffff", "#9fb8d6", "#10243e"
STYLES = json.loads((Path(__file__).parents[2] / "src/homl11/static/styles.json").read_text(encoding="utf-8"))
SCHEDULES = ("거듭제곱 기반", "지수 기반", "구간별 고정", "성능 기반", "1사이클")
BRIGHT = {"#0072B2": "#56B4E9"}  # 어두운 바탕에서 읽히는 같은 빛깔. 놀이터와 같다


@cache
def canvas():
    """곡선까지 그린 그림과 두 글. 글만 바꾸어 거듭 쓴다.

    맷플롯립은 그림을 새로 그릴 때만 불러온다. ``homl11.plots``는 쓰지 못한다: 함께 딸려 오는 텐서플로가 느리다.
    """
    import numpy as np
    from matplotlib import font_manager
    from matplotlib.figure import Figure

    fonts = Path(importlib.util.find_spec("koreanize_matplotlib").origin).parent / "fonts"
    for name in ("NanumGothic.ttf", "NanumGothicBold.ttf"):
        font_manager.fontManager.addfont(fonts / name)
    figure = Figure(figsize=(SIZE[0] / 100, SIZE[1] / 100), dpi=100, facecolor=PAPER)
    ax = figure.add_axes((0, 0.04, 1, 0.4), xlim=(0, 1), ylim=(0, 1.05))
    ax.axis("off")
    t = np.linspace(0, 1, SIZE[0] + 1)
    curves = [  # 책이 다루는 다섯 스케줄의 모양
        1 / (1 + 4 * t),
        0.03**t,
        np.select([t < 0.35, t < 0.7], [1, 0.5], 0.2),
        0.6 ** np.floor(7.2 * t**0.7),
        np.interp(t, [0, 0.45, 0.9, 1], [0.1, 1, 0.1, 0]),
    ]
    for name, curve in zip(SCHEDULES, curves):
        color = STYLES[name]["color"]
        ax.plot(t, curve, color=BRIGHT.get(color, color), linewidth=4, alpha=0.85)
    style = {"family": "NanumGothic", "va": "top"}
    picture = figure.add_axes((0.06, 0.04, 0.88, 0.5), anchor="E")
    picture.axis("off")
    return (
        figure,
        ax,
        picture,
        figure.text(0.06, 0.89, "", color=FAINT, fontsize=25, **style),
        figure.text(0.06, 0.78, "", color=INK, weight=600, linespacing=1.3, **style),
    )


def wrap(title, width=17):
    """제목을 낱말 사이와 쌍점 뒤에서 줄로 나눈다. 로마자와 빈칸은 반 칸이다.

    >>> wrap("심층 신경망 훈련하기: 학습률 스케줄링과 규제")
    ['심층 신경망 훈련하기:', '학습률 스케줄링과 규제']
    """
    lines = [""]
    for word in title.split():
        longer = f"{lines[-1]} {word}".strip()
        full = sum(1 if "가" <= letter <= "힣" else 0.5 for letter in longer) > width
        if lines[-1] and (full or lines[-1].endswith(":")):
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def draw(title, book, path, image=None):
    import matplotlib.image

    figure, curves, picture, above, below = canvas()
    curves.set_visible(image is None)
    picture.clear()
    picture.axis("off")
    if image:
        picture.imshow(matplotlib.image.imread(io.BytesIO(image)))
    lines = wrap(title)
    above.set_text("" if title.startswith(book) else book)
    below.set(text="\n".join(lines), fontsize=50 if len(lines) < 3 else 34)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)


def first_picture(source):
    """노트북의 첫 그림: (PNG, 대체 글). 노트북이 아니면 ``None``."""
    if source.suffix != ".ipynb":
        return None, None
    for cell in json.loads(source.read_text(encoding="utf-8"))["cells"]:
        for output in cell.get("outputs", []):
            if image := output.get("data", {}).get("image/png"):
                return base64.b64decode("".join(image)), cell["metadata"]["mystnb"]["image"]["alt"]
    return None, None


def card(title, book, app, image=None):
    """제목의 카드. 책 안의 자리를 돌려준다. 그리는 법이 바뀌어도 다시 그린다."""
    content = f"{title}\n{book}\n".encode() + Path(__file__).read_bytes() + (image or b"")
    key = hashlib.sha256(content).hexdigest()[:12]
    place = f"{FOLDER}/{key}.png"
    path = Path(app.outdir, place)
    if not path.exists():
        draw(title, book, path, image)
    return place


def introduction(doctree):
    """쪽의 첫 문단. 링크뿐인 배지 줄은 건너뛴다."""
    paragraphs = (node.astext() for node in doctree.findall(nodes.paragraph) if not node.next_node(nodes.reference))
    return next(filter(None, (" ".join(text.split()) for text in paragraphs)), "")[:160]


def find_address(app, config):
    """책이 놓일 곳: 깃허브 페이지스의 주소. 스핑크스가 쪽마다 제 주소(canonical)도 적는다."""
    if config.repository_address and not config.html_baseurl:
        owner, name = config.repository_address.split("/")[-2:]
        config.html_baseurl = f"https://{owner}.github.io/{name}/"


def add_tags(app, pagename, templatename, context, doctree):
    if doctree is None or app.builder.name != "html":
        return
    title = html.unescape(re.sub(r"<[^>]+>", "", context["title"]))
    book = app.config.html_title or app.config.project
    image, alternative = first_picture(Path(app.env.doc2path(pagename)))
    below = f"이 절의 그림: {alternative}" if image else "학습률 스케줄 다섯 개의 곡선"
    tags = {
        "og:type": "article",
        "og:locale": "ko_KR",
        "og:site_name": book,
        "og:title": title,
        "og:description": introduction(doctree),
    }
    home = app.config.html_baseurl
    if home:
        tags |= {
            "og:url": urljoin(home, app.builder.get_target_uri(pagename)),
            "og:image": urljoin(home, card(title, book, app, image)),
            "og:image:width": SIZE[0],
            "og:image:height": SIZE[1],
            "og:image:alt": f"쪽의 제목 «{title}», 그 아래에 {below}",
        }
    large = "summary_large_image" if home else "summary"
    escape = app.builder.templates.environment.filters["e"]
    lines = [f'<meta property="{name}" content="{escape(text)}" />\n' for name, text in tags.items() if text]
    context["metatags"] += "".join(lines) + f'<meta name="twitter:card" content="{large}" />\n'


def setup(app):
    app.connect("config-inited", find_address)
    app.connect("html-page-context", add_tags)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
