"""``homl11``의 공개된 이름과 그 독스트링. 참고 쪽(book/_ext/reference.py)과 그 시험이 모두 여기에 묻는다.

공개된 것: 모듈에 있는 함수와 클래스, 그리고 그 클래스의 메서드, 프로퍼티, 필드. 모듈이든 이름이든 밑줄로 시작하면
공개가 아니다.
``checks``에서는 배우는 사람이 부르는 ``LEARNERS``뿐이다. 나머지는 문제와 그 답이다.
케라스 같은 바깥의 클래스에서 물려받아 다시 쓴 메서드(``call``, ``get_config``)는 그 클래스의 약속이라 세지 않는다.

독스트링은 사람이 ``help()``에서 읽는 글이다. 첫 줄이 요지이고, 그 뒤는 문단이거나 아래의 칸이다. 칸의 이름은 줄의
처음이나 문장의 처음에 온다. 인수와 속성은 한 줄에 하나씩 들여 쓰거나, 몇 안 되면 한 문장에 적는다.

    인수:
        step: 스텝 t (0부터).

    인수: ``text`` 주장 한 문장, ``holds`` 참·거짓.

    반환: 학습률(float64). 예외: 말이 안 되는 값이면 ``ValueError``. 출처: Smith (2018).

    예:
        >>> 1 + 1
        2
"""

import importlib
import inspect
import re
import textwrap
from dataclasses import dataclass, field

from authoring import ROOT

PACKAGE = ROOT / "src" / "homl11"
LEARNERS = {"homl11.checks": ["check"], "homl11.checks.recipe": ["try_recipe"]}

LISTS, TEXTS = ("인수", "속성"), ("반환", "예외", "출처")
MARK = re.compile(rf"(?:^|(?<=[.)] ))({'|'.join((*LISTS, *TEXTS))}):(?:\s+|$)", re.MULTILINE)
ONE = re.compile(r"(?:^\s*|(?<=\. ))(\*{0,2}[A-Za-z]\w*(?:, \*{0,2}\w+)*):\s", re.MULTILINE)  # 들여 쓴 줄: «이름: 풀이»
INLINE = re.compile(r"(?:^|(?<=[,.]\s))``(\*{0,2}\w+(?:, \w+)*)``:?\s")  # 한 문장: «``이름`` 풀이, ``이름`` 풀이»


@dataclass
class Doc:
    """나누어 읽은 독스트링. ``lists``: 칸 → 이름(들) → 풀이. ``texts``: 칸 → 글. ``examples``: 대화(doctest)."""

    prose: list = field(default_factory=list)
    lists: dict = field(default_factory=dict)
    texts: dict = field(default_factory=dict)
    examples: str = ""

    @property
    def gist(self):
        return self.prose[0] if self.prose else ""

    def names(self, section):
        """칸이 풀이한 이름들. ``l1, l2``처럼 함께 적은 것은 나눈다."""
        return [one.strip(" *") for names in self.lists.get(section, {}) for one in names.split(",")]


def parse(text):
    """독스트링을 문단, 칸, 예로 나눈다.

    >>> doc = parse("잰다.\\n\\n인수: ``x`` 입력, ``y`` 정답. 반환: 수.")
    >>> doc.gist, doc.lists, doc.texts
    ('잰다.', {'인수': {'x': '입력', 'y': '정답'}}, {'반환': '수.'})
    """
    doc, examples = Doc(), []
    for paragraph in re.split(r"\n(?:[ ]*\n)+", inspect.cleandoc(text)):
        if ">>> " in paragraph:
            examples.append(textwrap.dedent(re.sub(r"^예:\n", "", paragraph)))
            continue
        before, *parts = MARK.split(paragraph)
        if before.strip():
            doc.prose.append(before.strip("\n"))
        for section, body in zip(parts[::2], parts[1::2]):
            if section in TEXTS:
                doc.texts[section] = f"{doc.texts.get(section, '')} {' '.join(body.split())}".strip()
                continue
            form = INLINE if body.startswith("``") else ONE
            rest, *items = form.split(body)
            found = doc.lists.setdefault(section, {})
            for name, words in zip(items[::2], items[1::2]):
                found[name] = " ".join(words.split()).rstrip(",.")
            if rest.strip():
                found[""] = " ".join(rest.split())
    doc.examples = "\n\n".join(examples)
    return doc


@dataclass(frozen=True)
class Public:
    """공개된 함수나 클래스 하나. ``name``은 ``homl11.schedules.power`` 같은 온전한 이름이다."""

    name: str
    value: object

    @property
    def doc(self):
        return parse(self.value.__doc__ or "")

    @property
    def arguments(self):
        """부를 때 줄 수 있는 인수의 이름들. 필드만 담는 클래스에서는 그 필드이다."""
        if isinstance(self.value, property):
            return []
        try:
            parameters = inspect.signature(self.value).parameters.items()
        except ValueError:  # 내장된 생성자(예외)
            return []
        kinds = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
        return [name for name, one in parameters if one.kind not in kinds and name != "self"]

    @property
    def fields(self):
        """데이터클래스와 이름 있는 튜플의 필드."""
        if not inspect.isclass(self.value):
            return []
        names = getattr(self.value, "__dataclass_fields__", getattr(self.value, "_fields", ()))
        return [name for name in names if not name.startswith("_")]

    @property
    def members(self):
        """이 클래스가 정한 공개 메서드와 프로퍼티."""
        if not inspect.isclass(self.value):
            return []
        elsewhere = [base for base in self.value.__mro__[1:] if not base.__module__.startswith("homl11")]
        return [
            Public(f"{self.name}.{name}", one)
            for name, one in vars(self.value).items()
            if not name.startswith("_") and name not in self.fields and (callable(one) or isinstance(one, property))
            if not any(name in vars(base) for base in elsewhere)
        ]


def modules():
    """모듈의 온전한 이름 → 파일. ``checks`` 아래에서는 ``LEARNERS``에 있는 것뿐이다."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = [part for part in path.relative_to(PACKAGE).with_suffix("").parts if part != "__init__"]
        name = ".".join(["homl11", *parts])
        inner = any(part.startswith("_") for part in parts)
        if not inner and ("checks" not in parts or name in LEARNERS):
            found[name] = path
    return found


def is_public(module, name):
    return not name.startswith("_") and name in LEARNERS.get(module, [name])


def public_names():
    """공개된 함수와 클래스를 모듈의 차례대로."""
    for module in map(importlib.import_module, modules()):
        for name, value in vars(module).items():
            own = getattr(value, "__module__", None) == module.__name__ and hasattr(value, "__qualname__")
            if own and is_public(module.__name__, name):
                yield Public(f"{module.__name__}.{name}", value)
