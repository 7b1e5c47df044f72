"""참고 쪽: 도우미 패키지의 독스트링을 스핑크스의 autodoc으로 싣고, 우리의 꼴에 맞게 다듬는다.

autodoc이 이름, 부르는 법, 앵커, 색인을 맡는다. 패키지가 부르는 것(텐서플로, 케라스 …)은 빈 것으로 갈음하므로 책을
만드는 시간은 늘지 않는다. napoleon은 쓰지 않는다: «인수:» 같은 제 줄의 제목만 알아, 한 문장에 적은 칸과 글로 적은
예외를 읽지 못한다. 칸은 시험과 함께 쓰는 ``authoring.reference.parse``가 읽는다.

``help()``에서 글로 읽던 것이 여기서는 이렇게 보인다: ``η0 / (1 + t/s)^c`` 같은 식은 수식으로, 공개된 이름은 링크로,
«Smith (2018)»에는 참고 문헌이, 끝에는 배우는 노트북이 붙는다.
"""

import ast
import importlib
import itertools
import json
import re
from collections import defaultdict
from pathlib import Path
from types import SimpleNamespace

from docutils.nodes import Element
from sphinx.ext.autodoc.mock import mock
from sphinx.util import inspect
from sphinx.util.inspect import stringify_signature

from authoring.reference import LISTS, TEXTS, is_public, modules, parse

PAGE = "book/reference"
MOCKED = "IPython distributed joblib keras matplotlib mlxtend scipy tensorflow tqdm".split()
# 가장 잘 가르치는 곳. 적지 않으면 처음 부르는 노트북이다. 모듈의 이름은 노트북이 부르지 않는 이름들의 것이다.
# 패키지의 속(인수 검사, 진행 막대)처럼 어디서도 가르치지 않는 이름에는 링크가 없다.
MAIN = {
    "calibration": "notebooks/10_mc_dropout",
    "chapter": "book/study",
    "cifar10": "book/study",
    "checks": "book/how_to_run",
    "checks.recipe": "notebooks/12_guidelines",
    "data": "notebooks/00_learning_rate",
    "display": "notebooks/00_learning_rate",
    **dict.fromkeys(
        [f"models.MC{kind}" for kind in ("Dropout", "AlphaDropout", "GaussianDropout", "Wrapper")]
        + [f"models.MCSpatialDropout{dimensions}D" for dimensions in (1, 2, 3)],
        "notebooks/10_mc_dropout",
    ),
    "playground": "book/playground",
    "plots.plot_comparison": "notebooks/06_schedules_compared",
    "range_test": "notebooks/00_learning_rate",
    "schedules.power": "notebooks/01_power",
    "schedules.total_steps": "notebooks/01_power",
    "significance": "notebooks/06_schedules_compared",
    "study": "book/study",
    "training": "notebooks/00_learning_rate",
    "training.Comparison": "notebooks/06_schedules_compared",
    "training.Recipe": "notebooks/06_schedules_compared",
    "training.compare": "notebooks/06_schedules_compared",
}

# 식 --------------------------------------------------------------------------------------------------------------

LETTERS = {
    **{
        "α": r"\alpha",
        "β": r"\beta",
        "ε": r"\varepsilon",
        "η": r"\eta",
        "λ": r"\lambda",
        "Σ": r"\sum",
        "∇": r"\nabla",
        "ℓ": r"\ell",
    },
    **{"·": r"\cdot", "×": r"\times", "±": r"\pm", "≤": r"\le", "≥": r"\ge", "≠": r"\ne", "≈": r"\approx"},
    **{"←": r"\leftarrow", "→": r"\to", "∞": r"\infty", "²": "^2", "%": r"\%", "…": r"\dots"},
}
FORMULA = re.compile(f"[{''.join(LETTERS)}√^]")
EQUATION = re.compile(r"[a-zA-Z]\d? [=<>] [\w./+ -]+")
FUNCTIONS = ("exp", "log", "max", "min", "sqrt")
TOKEN = re.compile(r"\s+|[A-Za-z]+(?:_[A-Za-z]{2,}\w*)+|[A-Za-z]{2,}|[가-힣]+(?:\s[가-힣]+)*|[A-Za-zα-ω]|[\d.,]*\d|.")


def is_formula(code):
    """코드가 아니라 식인가. 코드에 없는 글자가 있거나, 한 글자 이름뿐인 등식이다.

    >>> [is_formula(text) for text in ("η0 · r^(t/s)", "c = 1", "seed=0", "x", "power")]
    [True, True, False, False, False]
    """
    return bool(FORMULA.search(code)) or bool(EQUATION.fullmatch(code) and not re.search(r"[A-Za-z]{2}", code))


def latex(text):
    r"""글로 적은 식을 레이텍으로.

    >>> print(latex("η0 / (1 + t/s)^c"))
    \eta_{0} / (1 + t/s)^{c}
    >>> print(latex("√(Σ (p_k - mean)² / n)"))
    \sqrt{\sum (p_{k} - \mathit{mean})^2 / n}
    """
    found, tokens = [], TOKEN.findall(text)

    def group(at):
        """``at``에서 시작하는 괄호나 한 낱말: (레이텍, 그다음 자리)."""
        if tokens[at : at + 1] != ["("]:
            return latex(tokens[at]), at + 1
        depth = 0
        for end in range(at, len(tokens)):
            depth += (tokens[end] == "(") - (tokens[end] == ")")
            if not depth:
                return latex("".join(tokens[at + 1 : end])), end + 1
        raise ValueError(f"괄호가 닫히지 않은 식입니다: {text}")

    at = 0
    while at < len(tokens):
        token, at = tokens[at], at + 1
        if token in ("^", "_") and at < len(tokens):
            inner, at = group(at)
            found.append(f"{token}{{{inner}}}")
        elif token == "√" or (token == "ceil" and at < len(tokens)):
            inner, at = group(at)
            found.append(rf"\sqrt{{{inner}}}" if token == "√" else rf"\lceil {inner} \rceil")
        elif re.fullmatch("[A-Za-zα-ω]", token) and at < len(tokens) and tokens[at].isdigit():
            found.append(f"{LETTERS.get(token, token)}_{{{tokens[at]}}}")
            at += 1
        elif token in FUNCTIONS:
            found.append(f"\\{token} ")
        elif re.match("[가-힣]", token):
            found.append(rf"\text{{{token}}}")
        elif re.match("[A-Za-z]{2}|[A-Za-z]+_", token):
            found.append(rf"\mathit{{{token}}}".replace("_", r"\_"))
        else:
            letter = LETTERS.get(token, token)
            found.append(letter + " " * (letter[-1:].isalpha() and letter.startswith("\\")))
    return re.sub(" +", " ", "".join(found)).replace(" ^", "^").replace(" _", "_").strip()


# 글 --------------------------------------------------------------------------------------------------------------


def sources(text, bibliography):
    """글에 나온 문헌의 인용 키. 성과 연도로 찾는다."""
    keys = re.findall(r"^@\w+\{(\w+),", bibliography, re.MULTILINE)
    apart = {key: found.groups() for key in keys if (found := re.fullmatch(r"([a-z]+)(\d{4})", key))}
    return [key for key, (surname, year) in apart.items() if re.search(rf"\b{surname}\b[^.]*?{year}", text.lower())]


class Page:
    """쪽을 만드는 동안 한 번 읽어 두는 것: 공개된 이름, 노트북이 부르는 이름, 문헌."""

    def __init__(self, source):
        self.source = Path(source)
        self.names = list(defined_names())
        self.notebooks = sorted(self.source.glob("notebooks/[0-9]*.ipynb"))
        self.uses = uses(self.notebooks)
        self.bibliography = (self.source / "book" / "references.bib").read_text(encoding="utf-8")

    def targets(self, name):
        """``name``의 독스트링에서 링크가 될 글 → 온전한 이름. 다른 모듈의 흔한 낱말(``run``)은 모듈까지 적어야 한다."""
        here = name.split(".")[0]
        found = {}
        for module, one in self.names:
            found[f"{module}.{one}"] = f"homl11.{module}.{one}"
            if module == here or module not in ("study", "playground"):
                found[one] = f"homl11.{module}.{one}"
        return found

    def text(self, text, name, own=()):
        """독스트링의 글. ``own``: 이 함수의 인수와 그 자신처럼 링크로 만들지 않을 이름."""
        targets = self.targets(name)

        def literal(match):
            code = match[1]
            if is_formula(code):
                return f":math:`{latex(code)}`"
            target = None if code in own else targets.get(code)
            return f":py:obj:`{code} <{target}>`" if target else match[0]

        # 조사가 바로 붙어도 끝나게, 앞뒤에 보이지 않는 이음을 둔다.
        return re.sub(
            r"``(.+?)``|(?<!\w)([αβηλ]\d*)",
            lambda match: rf"\ {literal(match) if match[1] else f':math:`{latex(match[2])}`'}\ ",
            text,
        )

    def links(self, name):
        """배우는 곳과 그 밖에 쓰는 노트북."""
        main, others = self.places(name)
        if main is None:
            return None
        text = f":doc:`/{main}`"
        if others:
            numbers = (f":doc:`{other.split('/')[1].split('_')[0]} </{other}>`" for other in others)
            text += f". 함께 쓰는 노트북: {', '.join(numbers)}"
        return text

    def places(self, name):
        """(배우는 쪽, 그 밖의 노트북들). ``name``은 ``training.Run``처럼 모듈부터 적는다."""
        used = self.uses.get(name, [])
        chosen = MAIN.get(name) or (used[0] if used else MAIN.get(name.rpartition(".")[0]))
        return chosen, [place for place in used if place != chosen]

    def rst(self, name, kind, doc):
        """독스트링 하나를 쪽에 싣는 글(reStructuredText)로."""
        own = {name.rsplit(".", 1)[-1], *(one for section in LISTS for one in doc.names(section))}
        lines = []
        for paragraph in doc.prose:
            lines += [*self.text(paragraph, name, own).splitlines(), ""]
        for section in LISTS:
            if section in doc.lists:
                lines.append(f":{section}:")
                for one, words in doc.lists[section].items():
                    names = ", ".join(f"``{part.strip()}``" for part in one.split(",") if part)
                    lines.append(f"   * {names}{': ' * bool(names)}{self.text(words, name, own)}")
        for section in TEXTS:
            if section in doc.texts:
                text = self.text(doc.texts[section], name, own)
                keys = sources(text, self.bibliography) if section == "출처" else ()
                lines.append(f":{section}: {text}" + (f" :cite:p:`{','.join(keys)}`" if keys else ""))
        links = self.links(name) if kind in ("function", "class", "exception") else None
        if links:
            lines.append(f":배우는 곳: {links}")
        lines.append("")
        if doc.examples:
            lines += [".. code-block:: pycon", "", *(f"   {line}" for line in doc.examples.splitlines()), ""]
        return lines


def defined_names():
    """(모듈, 이름)들. 불러오지 않고 읽는다."""
    for module, path in modules().items():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and is_public(module, node.name):
                yield module.removeprefix("homl11").removeprefix("."), node.name


def uses(notebooks):
    """공개된 이름(``schedules.power``) → 그것을 부르는 노트북의 쪽들. 셀의 ``import``와 ``모듈.이름``을 읽는다."""
    found = defaultdict(dict)
    for path in notebooks:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
        tree = ast.parse(re.sub(r"^(\s*)[%!].*", r"\1pass", code, flags=re.MULTILINE))  # 주피터의 명령
        imported = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "homl11":
                module = node.module.removeprefix("homl11").removeprefix(".")
                for one in node.names:
                    found[f"{module}.{one.name}"][f"notebooks/{path.stem}"] = True
                    imported |= set() if module else {one.name}
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in imported:
                found[f"{node.value.id}.{node.attr}"][f"notebooks/{path.stem}"] = True
    return {name: list(places) for name, places in found.items()}


# 스핑크스 --------------------------------------------------------------------------------------------------------


def choose(app, config):
    config.autodoc_mock_imports = MOCKED
    config.autodoc_default_options = {"members": True}
    config.autodoc_member_order = "bysource"
    config.autodoc_inherit_docstrings = False
    config.autodoc_typehints = "none"
    config.add_module_names = False
    config.copybutton_prompt_text = r">>> |\.\.\. "
    config.copybutton_prompt_is_regexp = True


def start(app):
    app.reference_page = Page(app.srcdir)


def complete(app, docname, content):
    """쪽이 부르지 않은 모듈을 끝에 싣는다. 새 모듈이 생기면 저절로 실린다."""
    if docname != PAGE:
        return
    told = " ".join(re.findall(r"^\.\. auto\w+:: ([\w.]+)$", content[0], re.MULTILINE))
    left = [name for name in modules() if not re.search(rf"\b{name}\b", told)]
    content[0] += "\n```{eval-rst}\n" + "".join(f".. automodule:: {name}\n" for name in left) + "```\n"
    for path in app.reference_page.notebooks:
        app.env.note_dependency(str(path))  # 배우는 곳의 링크가 달라질 수 있다


def pretend(app, env, docnames):
    """쪽들을 읽는 동안 케라스와 텐서플로 자리에 내내 빈 것을 둔다. autodoc이 이따금 정말로 부르기 때문이다."""
    app.pretended = mock(["keras", "tensorflow"])
    app.pretended.__enter__()
    # 빈 데코레이터를 거친 클래스는 메서드를 잃는다.
    keras = importlib.import_module("keras")
    keras.saving = SimpleNamespace(register_keras_serializable=lambda **_: lambda value: value)


def stop_pretending(app, env):
    app.pretended.__exit__(None, None, None)


def process(app, what, name, value, options, lines):
    """autodoc이 읽은 독스트링을 바꾼다."""
    name = name.removeprefix("homl11").removeprefix(".")
    lines[:] = app.reference_page.rst(name, what, parse("\n".join(lines)))


def skip(app, what, name, value, skipped, options):
    """필드는 «속성»에 적혀 있다. 남는 것은 클래스에서 정한 함수와 프로퍼티이다."""
    own = isinstance(value, property) or "." in getattr(value, "__qualname__", "")
    return skipped or (what in ("class", "exception") and not own)


def tidy(app, what, name, value, options, signature, returns):
    """빈 것을 바탕으로 하는 클래스도 제 생성자대로 적는다. 기본값인 함수와 클래스는 이름만 적는다."""
    makers = [one.__init__ for one in getattr(value, "__mro__", ()) if "__init__" in vars(one)]
    if what == "class" and makers and getattr(makers[0], "__module__", "").startswith("homl11"):
        signature = stringify_signature(inspect.signature(makers[0], bound_method=True), show_annotation=False)
    if signature:
        return re.sub(r"<(?:function|class) '?([\w.]+)'?>|<(factory)>", lambda m: m[1] or "{}", signature), returns


def number(app, doctree):
    """저절로 붙은 id(``id1`` 등)를 쪽 전체에서 다시 센다. ``eval-rst``는 칸마다 1부터 세어 같은 id가 되풀이된다."""
    count = itertools.count(1)
    for node in doctree.findall(Element) if app.env.docname == PAGE else ():
        node["ids"] = [f"id{next(count)}" if re.fullmatch(r"id\d+", one) else one for one in node["ids"]]


def setup(app):
    app.setup_extension("sphinx.ext.autodoc")
    app.connect("doctree-read", number)
    app.connect("config-inited", choose)
    app.connect("builder-inited", start)
    app.connect("source-read", complete)
    app.connect("env-before-read-docs", pretend)
    app.connect("env-updated", stop_pretending)
    app.connect("autodoc-process-docstring", process)
    app.connect("autodoc-process-signature", tidy)
    app.connect("autodoc-skip-member", skip)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
