"""주장 장부: 책에서 결과를 말하는 문장을 찾고, 장부에 적힌 근거가 지금도 그렇게 말하는지 본다.

장부는 ``book/claims.yml``이다. 쪽마다 근거를 적고, 그 밑에 근거가 지키는 문장을 그대로 적는다. 판정이 뒤집히면 고쳐 쓸
문장이 바로 그 밑에 있다. 근거는 다섯이다.

- ``예: …``, ``아니오: …``, ``뚜렷하게 낮다: …`` 따위: 그 노트북에 저장된 판정의 첫머리. 이렇게 시작하는 판정은 모두
  그 답이어야 한다.
  글 가운데의 ``…``는 무엇이든 된다. 다른 노트북의 판정은 ``05_one_cycle 예: …``로 적는다.
- ``출력: …``: 그 노트북이 글자까지 똑같이 찍어야 하는 줄의 첫머리.
- ``tests/파일.py::함수``: 늘 돌리는 시험.
- ``@인용키``: 우리의 결과가 아니라 ``book/references.bib``의 문헌이 보고한 것.
- ``주장 아님``: 정의, 규칙, 설정, 조언. 찾는 눈이 넓어서 걸렸을 뿐, 실행이 뒤집을 수 없다.
"""

import re
from functools import cache

import nbformat
import yaml
from markdown_it.renderer import RendererHTML
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.mdit import create_md_parser

from authoring import ROOT
from authoring.lesson import FIRST_QUESTION
from authoring.outputs import VERDICT, said

NOT_A_CLAIM = "주장 아님"
# ``verdict``의 답과, 견줌의 판정 ``homl11.significance.verdicts``의 답. 여기서 불러오면 텐서플로까지 딸려 온다.
ANSWERS = "예|아니오|뚜렷하게 높다|뚜렷하게 낮다|뚜렷하지 않다|차이가 작다"

# 목록뿐인 절과, 지어낸 수로 묻고 답하는 목록에는 우리의 결과가 없다.
SKIPPED = ("학습 목표", "더 읽을거리")
QUESTIONS = "확인 문제"
NOTES = (("figure", "caption"), ("image", "alt"))
PROSE = ("table", "admonition", "note", "warning", "tip", "glossary")
# 도구와 용어를 설명하는 쪽에서는 아래의 것을 말할 때만 결과이다.
TOOLS = tuple(f"book/{name}" for name in "how_to_run instructors own_exercises references runs glossary".split())
MEASURES = re.compile("손실|정확도|과대적합|불확실성|시간은 기계")


def one_of(words):
    """빈칸으로 나누어 적은 정규식 가운데 하나. 정규식 안의 빈칸은 ``_``로 적는다."""
    return "(" + "|".join(words.split()).replace("_", " ") + ")"


# 결과를 말하는 서술어의 줄기. 놓치는 것보다 넘치는 것이 낫다: 넘친 것은 장부에 «주장 아님»으로 적으면 된다.
OUTCOME = one_of("""
    높[다고은아이여] 낮[다고은아았추] 낮춘 크다 크고 크지만 커[지진졌] 커서 키우므 작[다아] 줄[고지어었] 준다
    줄인다 줄였 오르[고기는려며지] 오른다 올[라랐린] 넓[다고어은] 좁 길어 길다 짧아 많다 적다 같다 똑같 비슷
    다르[다지] 다른_[말이] 달라[지진졌] 가깝 뚜렷 겹[치친] 나란 절반 분의_1 강하 강했 약하 세다 지나치 지나쳤
    지나쳐 모자라 모자란 빠[르른] 빨[라리] 느리 느려 나아[지진졌] 낫[다지] 나은 나쁘 나빠 이긴 앞서 앞선 뒤처
    못지않 1등 이득 효과 쓸모 알맞[다은] 좋[다았고] 잘_(듣|작동|돈다|보인) 망치 망가 무너 성패
    맞[힌히혔춘추았다] 틀[린렸] 배우지 골라낸 발산 튕[겨기] 맴[돈도돕] 가라앉 내려[가간앉오온] 흔들[리린렸]
    오르내 머[문물무] 떨어[지진졌] 치솟 벗어[나난] 사라[지진] 멀어 닿[는아지고] 넘[는지] 되돌아 움직[이인]
    자[란라] 헛돈 평평 몰[린리] 나뉘 끝[난납] 멈[춘춥] 퍼[지진] 출발 눌[린러리] 당[긴기] 수렴 자리를_잡
    위에_[있놓] 아래에[_,] 오른쪽에_있 0이[_다] 0으로_만 희소 깎 TypeError 경고 오류 무시 일어나지 바뀌[지는어]
    바뀐다 불[리린] 돌지_않 돈다 깨진 깬다 그대로이다 남[는지] 외[우운] 외워 드러[난낸] 들어_있 들어간다 더해진
    따르지 따른다 속는 만난다 편들 지킨다 지키지 달려_있 켜진 꺼진 앞의_값 담[는지] 가리킨 대신한다 놓치 왔다
    쓰인 않는다 못한다 못했다 않았다 않다 된다 없다 아니다 [배할]_수_있 걸린다 공짜 어긋 합이다 헛도 같은_규칙
    표준이다 (말해|알려)_준다 방향만 거뜬 그렇다
""")
# 글쓴이가 하는 일과 시키는 일, 뜻매김, 그림의 범례로 끝나는 문장
ASIDE = one_of("""
    하자 보자 [쓴둔]다 [어아해여려]본다 [를을]_본다 고른다 잰다 견준다 확인한다 구한다 적는다 읽는다 붙인다
    찾는다 정한다 해야_한다 떠올려야_한다 다음과_같다 이렇다 [면도]_된다 [을를]_(\\S+_)?준다 (돌려|보여_)준다
    말한다 [뜻때]이다 뜻이_아니다 (설정|스케줄|함수|네트워크|스텝|비교|하이퍼파라미터)이다 선이_있다
    세로선은_0이다 GPU는_필요_없다 말할_수는?_없다 (쓰|적|고르|견주|재|믿|잊|매기|정하|싶|섞)지(는)?_않[는았]?다
""")


def is_result(sentence):
    """결과를 말하는 문장인가. 우리말은 끝이 문장의 뜻을 정하므로 끝을 먼저 본다."""
    core = re.sub(r"\s*\([^()]*\)", "", sentence).rstrip(" .!»”")
    declares = core.endswith("다") and " " in core and not re.search(f"{ASIDE}$", core)
    return declares and "{cite" not in sentence and bool(re.search(OUTCOME, core))


def sentences(markdown):
    """마크다운의 문장을 차례로. 코드, 제목, 블록 수식, 결과가 없는 절은 뺀다.

    «예상해 보기»에서는 접힌 답만 읽는다. 고를 것은 묻는 것이고, 틀린 것도 섞여 있다. «확인 문제»에서는 거꾸로, 물음과
    답이 아닌 글만 읽는다. 답을 실행해 보인 뒤에 하는 말이다.
    """
    section, previous, folded = "", None, False
    for token in parser().parse(markdown):
        if token.type == "html_block":
            folded = "<details" in token.content
        if token.type == "fence" and token.info.strip().strip("{").split("}")[0] in PROSE:
            yield from sentences(re.sub(r"^:.*\n", "", token.content, flags=re.MULTILINE))
        elif token.type == "inline" and previous.type == "heading_open":
            section = token.content if previous.tag == "h2" else section
        elif token.type == "inline" and section not in SKIPPED:
            asked = folded or previous.level or token.content.startswith("**")
            if folded if section == FIRST_QUESTION else section != QUESTIONS or not asked:
                yield from split(plain(token))
        previous = token


def plain(token):
    """꾸밈을 벗긴 글. 수식과 역할은 알아볼 만큼만 남긴다."""
    shapes = {"softbreak": " ", "math_inline": "${0}$", "myst_role": "{{{1}}}`{0}`", "html_inline": ""}
    return "".join(shapes.get(part.type, "{0}").format(part.content, part.meta.get("name")) for part in token.children)


def split(text):
    return [sentence for sentence in re.split(r"(?<=[.?!])\s+|(?<=[.?!][»)”])\s+", text.strip()) if sentence]


@cache
def parser():
    return create_md_parser(MdParserConfig(enable_extensions={"dollarmath"}), RendererHTML)


@cache
def notebook(page):
    return nbformat.read(ROOT / f"{page}.ipynb", as_version=4)


def pages():
    """차례에 있는 모든 쪽: 확장자가 없는 경로."""
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    return [contents["root"], *(chapter["file"] for part in contents["parts"] for chapter in part["chapters"])]


def ledger():
    """장부 전체: 쪽 → 근거 → 문장들."""
    return parse((ROOT / "book" / "claims.yml").read_text(encoding="utf-8"))


parse = cache(yaml.safe_load)


def written(page):
    """한 쪽의 모든 문장. 노트북에서는 그림의 설명과 대체 글도 본다."""
    if not page.startswith("notebooks/"):
        return list(sentences((ROOT / f"{page}.md").read_text(encoding="utf-8")))
    cells = notebook(page).cells
    figures = [cell.metadata.get("mystnb", {}) for cell in cells]
    notes = [figure.get(part, {}).get(key, "") for figure in figures for part, key in NOTES]
    text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    return [*sentences(text), *(sentence for note in notes for sentence in split(note))]


def results(page):
    """한 쪽에서 결과를 말하는 문장들."""
    found = [sentence for sentence in written(page) if page not in TOOLS or MEASURES.search(sentence)]
    return list(dict.fromkeys(filter(is_result, found)))


def unbacked(page):
    """결과를 말하지만 장부에 없는 문장들."""
    listed = set().union(*ledger().get(page, {}).values())
    return [sentence for sentence in results(page) if sentence not in listed]


def lines(found):
    """문장들을 장부에 붙여 넣을 꼴로."""
    return yaml.safe_dump(list(found), allow_unicode=True, width=1000)


def printed(page):
    """노트북에 저장된, 글자까지 견주는 출력의 줄들."""
    return [line for cell in notebook(page).cells for output in cell.get("outputs", []) for line in said(output)]


def judged(page):
    """노트북에 저장된 판정의 줄들을 차례로. 책은 이 차례로 번호를 매긴다."""
    outputs = [output for cell in notebook(page).cells for output in cell.get("outputs", [])]
    return [line for output in outputs if VERDICT in output.get("data", {}) for line in said(output)]


def parsed(page, check):
    """근거가 판정이나 출력이면 (노트북, 답, 글의 정규식), 아니면 ``None``."""
    parts = re.fullmatch(rf"(?:(\w+) )?({ANSWERS}|출력): (.+)", check)
    if not parts:
        return None
    other, answer, text = parts.groups()
    return f"notebooks/{other}" if other else page, answer, ".*".join(map(re.escape, text.split("…")))


def verdicts_behind(page, check):
    """근거가 가리키는 판정들: (노트북, 번호, 줄). 판정이 아닌 근거이면 비어 있다."""
    found = parsed(page, check)
    if not found or found[1] == "출력":
        return []
    page, answer, start = found
    lines = enumerate(judged(page))
    return [(page, number, line) for number, line in lines if re.match(f"{answer}: {start}", line)]


def objection(page, check):
    """근거가 없거나 다른 말을 하면 그 까닭, 아니면 빈 글."""
    if check == NOT_A_CLAIM:
        return ""
    if check.startswith("@"):
        known = f"{{{check[1:]}," in (ROOT / "book" / "references.bib").read_text(encoding="utf-8")
        return "" if known else "references.bib에 없는 인용 키입니다."
    if "::" in check:
        path, name = check.split("::")
        source = (ROOT / path).read_text(encoding="utf-8") if (ROOT / path).exists() else ""
        return "" if re.search(rf"^def {name}\(", source, re.MULTILINE) else "그런 시험이 없습니다."
    found = parsed(page, check)
    if not found:
        return "근거의 꼴이 아닙니다."
    page, answer, start = found
    if not (ROOT / f"{page}.ipynb").exists():
        return "그런 노트북이 없습니다."
    shape = start if answer == "출력" else f"({ANSWERS}): {start}"
    found = [line for line in printed(page) if re.match(shape, line)]
    if not found:
        return "그렇게 시작하는 출력이 없습니다."
    against = [] if answer == "출력" else [line for line in found if not line.startswith(f"{answer}:")]
    return f"저장된 판정은 다릅니다: {against[0]}" if against else ""
