"""참고 쪽의 바탕인 독스트링: 공개된 이름마다 빠진 것이 없고, 예가 적힌 그대로 돌아가는가. 쪽은 test_book이 본다.

무엇이 공개된 이름인지는 ``authoring.reference``가 정한다. 모두가 요지, 모든 인수와 필드의 풀이, 돌려주는 것,
스스로 내는 오류, 그 이름을 쓰는 예를 가져야 한다.
"""

import ast
import doctest
import functools
import inspect
import json
import re
import sys
import textwrap

import matplotlib.pyplot as plt
import pytest

from authoring import NOTEBOOKS, ROOT
from authoring import reference as public
from homl11 import data as datasets

sys.path.insert(0, str(ROOT / "book" / "_ext"))
import reference as page  # noqa: E402

NAMES = list(public.public_names())
ALL = [one for name in NAMES for one in [name, *name.members]]
named = pytest.mark.parametrize("one", NAMES, ids=lambda one: one.name.removeprefix("homl11."))
every = pytest.mark.parametrize("one", ALL, ids=lambda one: one.name.removeprefix("homl11."))


def body(one):
    """함수의 문장들. 클래스이면 생성자의 것이고, 생성자가 없으면 비어 있다."""
    value = inspect.unwrap(one.value.fget if isinstance(one.value, property) else one.value)
    if inspect.isclass(value):
        value = vars(value).get("__init__")
    if not inspect.isfunction(value) or value.__code__.co_filename.startswith("<"):  # 데이터클래스가 만든 생성자
        return []
    [function] = ast.parse(textwrap.dedent(inspect.getsource(value))).body
    return function.body


def nodes(statements):
    """안에 든 함수의 것은 빼고 모든 마디를."""
    for node in statements:
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.Lambda, ast.ClassDef)):
            yield from nodes(ast.iter_child_nodes(node))


def returns(one):
    return any(isinstance(node, ast.Return) and node.value for node in nodes(body(one)))


def refuses(one):
    """스스로 오류를 내는가: ``raise 오류`` 또는 ``require(…)``."""
    for node in nodes(body(one)):
        called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id.lstrip("_")
        if (isinstance(node, ast.Raise) and node.exc) or (called and called.startswith("require")):
            return True
    return False


@every
def test_gist_is_one_short_korean_statement(one):
    gist = one.doc.gist.splitlines()[0]
    assert re.search("[가-힣]", gist) and re.search(r"[.:]$|\. ", gist) and len(gist) <= 120


@every
def test_every_argument_and_field_is_explained(one):
    told = {*one.doc.names("인수"), *one.doc.names("속성")}
    assert not {*one.arguments, *one.fields} - told
    if one.fields:
        assert set(one.fields) <= set(one.doc.names("속성"))


@every
def test_nothing_else_is_explained(one):
    """이름을 바꾸고 독스트링에 남겨 둔 옛 이름이 없다. ``**인수``를 받는 것은 무엇이든 설명할 수 있다."""
    known = {*one.arguments, *one.fields}
    value = one.value.fget if isinstance(one.value, property) else one.value
    try:
        free = any(p.kind is p.VAR_KEYWORD for p in inspect.signature(value).parameters.values())
    except ValueError:
        free = False
    assert free or not {*one.doc.names("인수"), *one.doc.names("속성")} - known


@every
def test_explanations_are_not_empty(one):
    words = [text for items in one.doc.lists.values() for text in items.values()]
    assert all(re.search(r"\w", text) for text in [*words, *one.doc.texts.values()])


@every
def test_what_is_returned_is_told(one):
    if returns(one) and not isinstance(one.value, property):
        assert "반환" in one.doc.texts


@every
def test_what_is_refused_is_told(one):
    if refuses(one):
        assert "예외" in one.doc.texts


@named
def test_every_name_has_an_example_that_uses_it(one):
    examples = doctest.DocTestParser().get_examples(one.doc.examples)
    source = "\n".join(example.source for example in examples)
    names = {getattr(node, "id", getattr(node, "attr", "")) for node in ast.walk(ast.parse(source))}
    imported = {a.name for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom) for a in node.names}
    short = one.name.rpartition(".")[2]
    # 기록은 그것을 돌려주는 함수로 얻는다. 그때는 필드를 쓴다.
    assert short in names | imported or (one.fields and set(one.fields) & names)
    assert not {member.name.rpartition(".")[2] for member in one.members} - names


@every
def test_lines_of_examples_fit_the_page(one):
    assert not [line for line in one.doc.examples.splitlines() if re.match(r">>> |\.\.\. ", line) and len(line) > 88]


@pytest.fixture(scope="module")
def same_digits():
    """손글씨 숫자를 한 번만 읽는다."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(datasets._LOADERS, "mnist5k", functools.cache(datasets._LOADERS["mnist5k"]))
        patch.delenv(datasets.ENVIRONMENT_VARIABLE, raising=False)
        yield


@pytest.fixture
def clean(same_digits, monkeypatch, tmp_path):
    """빈 폴더에서 돌고, 그림과 설정을 남기지 않는다."""
    monkeypatch.chdir(tmp_path)
    with plt.rc_context():
        yield
    plt.close("all")


@pytest.mark.parametrize(
    "one", [one for one in ALL if one.doc.examples], ids=lambda one: one.name.removeprefix("homl11.")
)
def test_example_runs_as_written(one, clean):
    """불러오는 것까지 예에 모두 적혀 있다."""
    test = doctest.DocTestParser().get_doctest(one.doc.examples, {}, one.name, None, 0)
    report = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=report.append)
    assert test.examples and not report, "".join(report)


@pytest.mark.parametrize("module", [public, page], ids=["authoring.reference", "_ext.reference"])
def test_tools_do_as_their_examples_say(module):
    result = doctest.testmod(module)
    assert result.attempted and not result.failed


@every
def test_formulas_become_latex(one):
    """식으로 보이는 것은 모두 레이텍이 된다. 남는 글자는 아스키와 글 속의 한글뿐이고, 괄호의 짝이 맞는다."""
    words = [text for items in one.doc.lists.values() for text in items.values()]
    for code in re.findall("``(.+?)``", "\n".join([*one.doc.prose, *words, *one.doc.texts.values()])):
        if page.is_formula(code):
            latex = page.latex(code)
            assert re.sub(r"\\text\{[가-힣 ]+\}", "", latex).isascii(), latex
            assert latex.count("{") == latex.count("}") and not re.search(r"[√^_]$", latex)


FORMULAS = ["schedules.power", "schedules.exponential", "schedules.piecewise_constant", "schedules.PowerDecay"]
FORMULAS += ["models.mc_predict", "optimizers.ScheduledMomentumSGD", "calibration.negative_log_likelihood"]
FORMULAS += ["range_test.find_learning_rate", "significance.confidence_interval", "schedules.total_steps"]


@pytest.mark.parametrize("name", FORMULAS)
def test_what_has_a_formula_shows_it(name):
    [one] = [one for one in NAMES if one.name == f"homl11.{name}"]
    codes = re.findall("``(.+?)``", "\n".join(one.doc.prose))
    assert any(page.is_formula(code) and re.search(r"[=/·±≤]", code) for code in codes)


def test_learners_call_exactly_the_public_names_of_the_checks():
    called = set()
    for path in (NOTEBOOKS / "exercises" / "student").glob("*.ipynb"):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            code = "".join(cell["source"])
            for module, names in re.findall(r"^from (homl11\.checks[\w.]*) import (.+)$", code, re.MULTILINE):
                called |= {(module, name.strip()) for name in names.split(",")}
    assert called == {(module, name) for module, names in public.LEARNERS.items() for name in names}


def test_page_reads_the_same_names_without_importing():
    assert {f"homl11.{module}.{name}" for module, name in page.defined_names()} == {one.name for one in NAMES}


def test_places_that_teach_exist_and_are_not_left_over():
    known = {".".join(parts[:n]) for parts in (one.name.split(".")[1:] for one in NAMES) for n in (1, 2, 3)}
    assert page.MAIN.keys() <= known
    assert all(list(ROOT.glob(f"{place}.*")) for place in page.MAIN.values())


def test_uses_are_read_from_the_cells(tmp_path):
    def notebook(name, *cells):
        cells = [{"cell_type": kind, "source": source} for kind, source in cells]
        (tmp_path / name).write_text(json.dumps({"cells": cells}), encoding="utf-8")
        return tmp_path / name

    one = notebook(
        "01_a.ipynb",
        ("code", "if True:\n    %pip install homl11\nfrom homl11.schedules import power, exponential"),
        ("markdown", "from homl11.models import to_mc"),
    )
    two = notebook("02_b.ipynb", ("code", "from homl11 import playground\nplayground.dropout()\nother.power()"))
    assert page.uses([one, two]) == {
        "schedules.power": ["notebooks/01_a"],
        "schedules.exponential": ["notebooks/01_a"],
        ".playground": ["notebooks/02_b"],
        "playground.dropout": ["notebooks/02_b"],
    }


@pytest.mark.parametrize(
    "text, keys",
    [
        ("Smith (2018).", ["smith2018"]),
        ("MNIST(LeCun 외, 1998), 패션은 Xiao 외(2017).", ["lecun1998", "xiao2017"]),
        ("Gal & Ghahramani (2016).", ["gal2016"]),
        ("Smith (2016). 다른 글은 2018년에 나왔다.", []),
    ],
)
def test_sources_are_found_in_the_bibliography(text, keys):
    bibliography = (ROOT / "book" / "references.bib").read_text(encoding="utf-8")
    assert page.sources(text, bibliography) == keys
