"""학생이 쓴 글을 강사와 학생의 브라우저에서 열어도 되는 HTML로 바꾼다.

스크립트는 돌지 않고, 바깥에 아무것도 묻지 않고, 채점의 상자를 흉내 낼 수 없다. 수식은 여기서 그림으로 그린다: 피드백은
인터넷이 없어도 읽히는 파일 하나이다.
"""

import base64
import functools
import html
import io
import logging
import re

import bleach
from jinja2 import pass_context
from nbconvert.filters.markdown_mistune import InvalidNotebook, IPythonRenderer, MarkdownWithMath

TAGS = set(
    "a abbr b blockquote br code dd del details div dl dt em h1 h2 h3 h4 h5 h6 hr i img li ol p pre s span strong sub "
    "summary sup table tbody td th thead tr ul".split()
)
MATHML = set(
    "math menclose mfrac mi mn mo mover mpadded mphantom mroot mrow mspace msqrt mstyle msub msubsup msup mtable mtd "
    "mtext mtr munder munderover".split()
)
MATHML_ATTRIBUTES = "xmlns display stretchy fence form mathvariant width columnalign movablelimits".split()
PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]+")
LONGEST = 20_000  # 셀 하나의 글자 수. 그림은 빼고 센다
MOST_TAGS = 1_500  # 이보다 많이 겹치면 스크립트를 빼는 데 몇 분이 걸린다
LONGEST_FORMULA = 400
MARK = re.compile("[\ue000\ue001]")  # 수식의 자리를 가리키는 글자. 글에서는 미리 뺀다


def _attribute(tag, name, value):
    """남길 속성인가. ``class``와 ``id``가 없으면 채점의 상자를 흉내 낼 수 없다. 그림은 글 안에 든 것만 보인다."""
    if tag == "img":
        return name == "alt" or (name == "src" and PICTURE.fullmatch(value) is not None)
    return (tag, name) in {("a", "href"), ("th", "scope")}


def clean(text):
    """스크립트가 될 수 있는 것을 모두 뺀 HTML. nbconvert의 것은 제목과 문단까지 뺀다."""
    if text.count("<") > MOST_TAGS:
        return f"<pre>{html.escape(shorten(text))}</pre>"
    return bleach.clean(text, tags=TAGS, attributes=_attribute, protocols={"http", "https", "data"}, strip=True)


def shorten(text, longest=LONGEST):
    """너무 긴 글의 앞부분. 그림만 긴 글은 그대로 둔다."""
    if len(text) <= longest or len(PICTURE.sub("", text)) <= longest:
        return text
    return f"{PICTURE.sub('(그림)', text)[:longest]}\n… (글이 길어 {len(text):,}자에서 잘랐다)"


class _Renderer(IPythonRenderer):
    """수식을 모아 두고 그 자리에 표시를 남긴다. 그림은 글을 다 다듬은 뒤에 넣는다."""

    def __init__(self, **options):
        super().__init__(escape=False, exclude_anchor_links=True, **options)
        self.formulas = []

    def _keep(self, body, block=False):
        self.formulas.append(formula(body, block))
        return f"\ue000{len(self.formulas) - 1}\ue001"

    def image(self, text, url, title=None):
        """없는 그림을 가리켜도 멈추지 않는다. ``attachment&#58;``처럼 적으면 모을 때는 그림으로 보이지 않는다."""
        try:
            return super().image(text, url, title)
        except InvalidNotebook:
            return super().image(text, "missing-picture", title)

    def inline_math(self, body):
        return self._keep(body)

    def block_math(self, body):
        return self._keep(body, block=True)

    def latex_environment(self, name, body):
        return self._keep(f"\\begin{{{name}}}{body}\\end{{{name}}}", block=True)


@pass_context
def markdown2html(context, source):
    """마크다운을 안전한 HTML로. nbconvert의 같은 이름을 갈음하므로 formgrader에서도 쓰인다."""
    renderer = _Renderer(attachments=(context.get("cell") or {}).get("attachments", {}))
    text = clean(MarkdownWithMath(renderer=renderer).render(MARK.sub("", shorten(source))))
    return re.sub("\ue000(\\d+)\ue001", lambda found: renderer.formulas[int(found[1])], text)


@functools.lru_cache(4096)
def formula(tex, block=False):
    """수식의 그림(SVG). 맷플롯립이 모르는 식(행렬 따위)은 MathML로, 그것도 안 되는 것은 적은 그대로 보인다."""
    written = html.escape(tex.strip())
    drawn = _draw(" ".join(tex.split())) if len(tex) <= LONGEST_FORMULA else None
    if drawn is None:
        mathml = _mathml(tex, block) if len(tex) <= LONGEST_FORMULA else None
        return mathml or f'<code class="math">{written}</code>'
    svg, depth = drawn
    place = f'style="vertical-align: {-depth:.1f}pt"'
    shown = f'<img class="math" alt="{written}" {place} src="data:image/svg+xml;base64,{svg}">'
    return f'<p class="math">{shown}</p>' if block else shown


def _mathml(tex, block):
    """브라우저가 스스로 그리는 수식. 읽지 못하는 식이면 ``None``."""
    from latex2mathml.converter import convert

    try:
        made = convert(tex.strip(), display="block" if block else "inline")
    except Exception:  # 망가진 식에는 무슨 오류든 낸다
        return None
    safe = bleach.clean(made, tags=MATHML, attributes=MATHML_ATTRIBUTES, strip=True)
    unread = "\\" in safe or "&amp;" in safe  # 모르는 명령과 환경은 글자 그대로 남는다
    return None if unread or not tex.strip() else safe


def _draw(tex):
    """(base64로 적은 SVG, 글줄 아래로 내려가는 pt). 맷플롯립이 모르는 식이면 ``None``."""
    import matplotlib
    from matplotlib import mathtext
    from matplotlib.font_manager import FontProperties

    tex = re.sub(r"\\sqrt +(\w)", r"\\sqrt{\1}", tex)  # 맷플롯립의 TeX은 중괄호를 빼면 읽지 못한다
    buffer = io.BytesIO()
    logging.getLogger("matplotlib.mathtext").setLevel(logging.ERROR)
    try:
        with matplotlib.rc_context({"mathtext.fontset": "stix", "svg.fonttype": "path", "svg.hashsalt": "homl11"}):
            depth = mathtext.math_to_image(f"${tex}$", buffer, prop=FontProperties(size=12), dpi=72, format="svg")
    except (ValueError, RuntimeError, RecursionError):
        return None
    svg = re.sub(
        rb"<metadata>.*?</metadata>|<!--.*?-->|<\?xml.*?\?>|<!DOCTYPE.*?>", b"", buffer.getvalue(), flags=re.DOTALL
    )
    return base64.b64encode(re.sub(rb"\s+", b" ", svg)).decode(), depth
