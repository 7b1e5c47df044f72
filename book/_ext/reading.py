"""읽기: 남은 영어 글귀를 한국어로 바꾸고, 쓰지 않는 스크립트를 빼고, 쪽마다 마지막으로 고친 날을 적는다.

테마(pydata-sphinx-theme)에는 한국어가 없고, 몇몇 글귀는 아예 옮길 수 없게 적혀 있다. 그래서 ``layout.html``이 만든 글을
``mend``로 고친다. 속성과 태그까지 적어 두었으므로 본문의 영어는 건드리지 않는다.
"""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
MATHJAX = "vendor/mathjax/es5/tex-chtml.js"
MATHJAX_ELSEWHERE = "https://cdn.jsdelivr.net/npm/mathjax@3.2.2/es5/tex-chtml.js"
KOREAN = {
    ">Skip to main content<": ">본문으로 건너뛰기<",
    "Back to top</button>": "맨 위로</button>",
    'aria-label="Version warning"': 'aria-label="판 알림"',
    'aria-label="Main"': 'aria-label="책의 차례"',
    'aria-label="Page"': 'aria-label="이 쪽의 차례"',
    'title="Toggle primary sidebar"': 'title="책의 차례 여닫기" aria-label="책의 차례 여닫기"',
    'title="Toggle secondary sidebar"': 'title="이 쪽의 차례 여닫기" aria-label="이 쪽의 차례 여닫기"',
    '"Color mode"': '"밝기 바꾸기"',
    'title="Light"': 'title="밝게"',
    'title="Dark"': 'title="어둡게"',
    'title="System Settings"': 'title="기기의 설정대로"',
    'aria-label="Source repositories"': 'aria-label="저장소"',
    'aria-label="Launch interactive content"': 'aria-label="노트북 실행하기"',
    'title="Launch on Colab"': 'title="Colab에서 열기"',
    'title="Launch on Binder"': 'title="Binder에서 열기"',
    'title="Launch on JupyterHub"': 'title="JupyterHub에서 열기"',
    'title="전체 화면으로보기"': 'title="전체 화면으로 보기" aria-label="전체 화면으로 보기"',
    ">Repository<": ">저장소<",
    'title="Suggest edit"': 'title="고칠 곳 알리기"',
    ">Suggest edit<": ">고칠 곳 알리기<",
    'title="이슈 열기"': 'title="문제 알리기"',
    ">Open issue<": ">문제 알리기<",
    'alt="Colab logo"': 'alt=""',
    'alt="Binder logo"': 'alt=""',
    'alt="JupyterHub logo"': 'alt=""',
    'title="previous page"': 'title="앞 쪽"',
    'title="next page"': 'title="다음 쪽"',
    'title="Link to this heading"': 'title="이 제목으로 가는 링크"',
    'title="Link to this definition"': 'title="이 이름으로 가는 링크"',
    'title="Link to this term"': 'title="이 용어로 가는 링크"',
    'title="Link to this image"': 'title="이 그림으로 가는 링크"',
    'title="Link to this table"': 'title="이 표로 가는 링크"',
    "© Copyright ": "© ",
    # 보이는 글(검색 Ctrl+K)과 읽어 주는 이름이 같게, 책의 제목도 길잡이 안에 있게 한다.
    'search-button-field search-button__button pst-js-only" title="검색" aria-label="검색"': (
        'search-button-field search-button__button pst-js-only" title="검색"'
    ),
    '<div id="pst-primary-sidebar"': '<div id="pst-primary-sidebar" role="navigation" aria-label="책 둘러보기"',
    # 참고 문헌의 role은 없어진 것이고, 표의 빈 머리 칸은 머리가 아니다.
    'role="doc-biblioentry"': 'role="listitem"',
    '<th class="head"><p></p></th>': '<td class="head"></td>',
}
COPY_MESSAGES = """const messages = {
  'ko': {
    'copy': '복사',
    'copy_to_clipboard': '클립보드에 복사',
    'copy_success': '복사했습니다',
    'copy_failure': '복사하지 못했습니다',
  },
  'en'"""
# 테마의 스타일에 아이콘 글꼴이 모두 있다. 같은 아이콘을 그림으로 다시 그리는 1.5MB짜리 스크립트는 필요 없다.
ICON_SCRIPT = re.compile(r"<script[^>]*/fontawesome\.js[^>]*></script>")

# 글자의 너비를 재기 전에 글꼴이 와 있어야 식의 자리가 맞는다.
HANGUL_IN_FORMULAS = """
MathJax.chtml = { unknownFamily: "Pretendard, sans-serif" };
MathJax.startup = {
  pageReady: () => {
    const letters = [...document.querySelectorAll(".math")].map((math) => math.textContent).join("").match(/[가-힣]/g);
    const ready = letters ? document.fonts.load("16px Pretendard", letters.join("")) : Promise.resolve();
    return ready.catch(() => {}).then(() => MathJax.startup.defaultPageReady());
  },
};"""


def mend(text):
    """테마가 만든 글에서 영어 글귀를 바꾸고 아이콘 스크립트를 뺀다."""
    for english, korean in KOREAN.items():
        text = text.replace(english, korean)
    return ICON_SCRIPT.sub("", text)


def choose_mathjax(app, config):
    """책에 담긴 MathJax를 쓴다. 없으면 같은 판을 바깥에서 받게 한다(authoring.vendor가 그렇다고 말한다)."""
    held = (ROOT / "book" / "_static" / MATHJAX).exists()
    config.mathjax_path = MATHJAX if held else MATHJAX_ELSEWHERE


def draw_hangul(script_files):
    """식 안의 한글을 책의 글꼴로 그리게 한다. MathJax는 컴퓨터의 글꼴을 쓰는데, 한글 글꼴이 없으면 빈자리가 남는다."""
    for file in script_files:
        body = file.attributes.get("body") or ""
        if body.startswith("window.MathJax =") and not body.endswith(HANGUL_IN_FORMULAS):
            file.attributes["body"] = f"{body};{HANGUL_IN_FORMULAS}"


def last_changes():
    """파일마다 마지막으로 고친 날. git이 없거나 기록이 잘린 사본이면 비어 있다."""
    shallow = ["git", "rev-parse", "--is-shallow-repository"]
    log = ["git", "-c", "core.quotepath=off", "log", "--format=:%cs", "--name-only", "--", "book", "notebooks"]
    try:
        if subprocess.check_output(shallow, cwd=ROOT, text=True, stderr=subprocess.DEVNULL).strip() != "false":
            return {}
        lines = subprocess.check_output(log, cwd=ROOT, text=True, stderr=subprocess.DEVNULL).splitlines()
    except (OSError, subprocess.CalledProcessError):
        return {}
    days, day = {}, None
    for line in filter(None, lines):
        if line.startswith(":"):
            day = line[1:]
        else:
            days.setdefault(line, day)
    return days


def complete(app, pagename, templatename, context, doctree):
    """쪽에 넘길 것을 갖춘다. 테마와 다른 확장이 다 적은 다음에 돈다."""
    context["mend"] = mend
    # 커널을 빌려 쓰는 단추(thebe)는 없다. 그런데도 그 스크립트가 두 번 실려 모든 쪽에서 오류를 낸다.
    for kind in ("script_files", "css_files"):
        context[kind][:] = [
            file for file in context[kind] if "thebe" not in f"{file.filename} {file.attributes.get('body')}".lower()
        ]
    draw_hangul(context["script_files"])
    if doctree is None:
        return
    source = Path(app.env.doc2path(pagename)).relative_to(app.srcdir).as_posix()
    context["last_updated"] = app.last_changes.get(source)


def translate_copy_button(app, exception):
    """코드의 복사 단추(sphinx-copybutton)에는 한국어가 없고 설정도 없어, 옮겨진 스크립트에 더한다."""
    script = Path(app.outdir) / "_static" / "copybutton.js"
    if exception is None and script.exists():
        text = script.read_text(encoding="utf-8").replace("const messages = {\n  'en'", COPY_MESSAGES)
        script.write_text(text, encoding="utf-8")


def start(app):
    app.last_changes = last_changes()


def setup(app):
    app.connect("config-inited", choose_mathjax)
    app.connect("builder-inited", start)
    app.connect("html-page-context", complete, priority=900)
    app.connect("build-finished", translate_copy_button)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
