"""만든 책의 찾기. 브라우저에서 물음을 쳐 보고, 나온 쪽이 맞는지를 색인이 아니라 쪽의 글로 판정한다.

어떤 쪽이 물음에 맞는가: 조판한 쪽의 본문에 ``about``의 식이 모두 나오면 맞다. 식은 사람이 물음마다 따로 적었고,
한 개념의 여러 이름은 ``|``로 잇는다. 재현율은 맞는 쪽 가운데 나온 비율, 정밀도는 나온 쪽 가운데 맞는 비율이며,
물음마다 구해 평균한다. 새 쪽이 생기면 식이 저절로 그 쪽을 기대한다. 새 용어가 생기면 표에 줄을 더한다.
"""

import re
from dataclasses import dataclass
from statistics import fmean

import pytest
from bs4 import BeautifulSoup

POWER = "notebooks/01_power"
EXPONENTIAL = "notebooks/02_exponential"
PIECEWISE = "notebooks/03_piecewise_constant"
PERFORMANCE = "notebooks/04_performance"
ONE_CYCLE = "notebooks/05_one_cycle"
COMPARED = "notebooks/06_schedules_compared"
GLOSSARY = "book/glossary"


@dataclass(frozen=True)
class Query:
    """칠 말, 맞는 쪽의 본문에 모두 있어야 할 식, 맨 위에 나와야 할 쪽(제목에 그 말이 있는 쪽이나 용어집)."""

    text: str
    about: tuple[str, ...]
    first: str | None = None


def query(text, *about, first=None):
    return Query(text, about, first)


RATE = r"학습률|learning[ _]?rate"
QUERIES = {
    "맨 말": [
        query("학습률", "학습률"),
        query("거듭제곱", "거듭제곱", first=POWER),
        query("구간별 고정 스케줄링", "구간별 고정", first=PIECEWISE),
        query("모멘텀", "모멘텀", first=GLOSSARY),
        query("에포크", "에포크"),
        query("손실", "손실", first=GLOSSARY),
        query("발산", "발산", first=GLOSSARY),
        query("경사", "경사"),
        query("과대적합", "과대적합", first=GLOSSARY),
        query("불확실성", "불확실성", first=GLOSSARY),
        query("참고 문헌", "참고 문헌", first="book/references"),
    ],
    "조사와 어미가 붙은 말": [
        query("학습률을", "학습률"),
        query("학습률에서는", "학습률"),
        query("모멘텀으로", "모멘텀", first=GLOSSARY),
        query("콜백이란", "콜백"),
        query("클로저를", "클로저", first=GLOSSARY),
        query("정확도는", "정확도", first=GLOSSARY),
        query("옵티마이저의", "옵티마이저", first=GLOSSARY),
        query("텐서플로에서", "텐서플로"),
        query("씨앗마다", "씨앗", first=GLOSSARY),
        query("하이퍼파라미터들을", "하이퍼파라미터", first=GLOSSARY),
        query("발산하는", "발산", first=GLOSSARY),
        query("SGD를", r"SGD"),
        query("과대적합을 막는 방법", "과대적합", first=GLOSSARY),
        query("1사이클은", "1사이클", first=ONE_CYCLE),
        query("콜백을 쓰는 이유", "콜백", first=GLOSSARY),
    ],
    "붙여 쓴 말": [
        query("조기종료", "조기 종료", first=GLOSSARY),
        query("검증세트", "검증 세트", first=GLOSSARY),
        query("경사하강법", "경사 하강법"),
        query("신뢰구간은", "신뢰 구간", first=GLOSSARY),
        query("학습률범위테스트", "학습률 범위 테스트|범위 테스트"),
        query("지수기반스케줄링", "지수 기반", first=EXPONENTIAL),
        query("성능기반스케줄링을", "성능 기반", first=PERFORMANCE),
        query("음성인식", "음성 인식"),
        query("허용오차", "허용 오차"),
        query("모멘텀클로저", "모멘텀", "클로저"),
        query("심층신경망", "심층 신경망", first="book/index"),
    ],
    "달리 띄어 쓴 말": [
        query("학습 률", "학습률"),
        query("조 기 종료", "조기 종료", first=GLOSSARY),
        query("옵티 마이저", "옵티마이저", first=GLOSSARY),
        query("1 사이클", "1사이클", first=ONE_CYCLE),
        query("하이퍼 파라미터", "하이퍼파라미터", first=GLOSSARY),
        query("가중 치를", "가중치"),
        query("텐서 플로", "텐서플로"),
        query("  구간별   고정  ", "구간별 고정", first=PIECEWISE),
    ],
    "말의 한 부분": [
        query("하강법", "하강법"),
        query("사이클", "사이클", first=ONE_CYCLE),
        query("파라미터", "파라미터"),
        query("바로잡", "바로잡", first="book/traps"),
        query("범위 테", "범위 테스트"),
    ],
    "영어": [
        query("learning rate", RATE),
        query("momentum", "모멘텀|momentum", first=GLOSSARY),
        query("overfitting", "과대적합|overfitting", first=GLOSSARY),
        query("Early Stopping", "조기 종료|early stopping", first=GLOSSARY),
        query("power scheduling", "거듭제곱 기반|power scheduling", first=POWER),
        query("exponential decay", "지수 기반|exponential ?decay", first=EXPONENTIAL),
        query("ReduceLROnPlateau", "성능 기반|ReduceLROnPlateau", first=PERFORMANCE),
        query("plateau", "plateau"),
        query("one-cycle", "one[ _-]?cycle"),
        query("learning_rate_table", "learning_rate_table"),
        query("ExponentialDecay의", "지수 기반|exponential ?decay", first=EXPONENTIAL),
        query("callback", "콜백|callback"),
    ],
    "다른 이름": [
        query("원사이클", "1사이클|원사이클", first=ONE_CYCLE),
        query("과적합이란", "과대적합|과적합", first=GLOSSARY),
        query("러닝레이트", "학습률|러닝 레이트"),
        query("학습율을", "학습률|학습율"),
        query("멱함수 스케줄링", "거듭제곱 기반|멱함수 스케줄링", first=POWER),
        query("계단식 감쇠", "구간별 고정|계단식 감쇠", first=PIECEWISE),
        query("LR", rf"{RATE}|\bLR"),
        query("얼리 스토핑", "조기 종료", first=GLOSSARY),
        query("최적화기는", "옵티마이저", first=GLOSSARY),
        query("에폭", "에포크|에폭"),
    ],
    "여러 말": [
        query("모멘텀 옵티마이저", "모멘텀", "옵티마이저"),
        query("발산하는 학습률은", "발산", "학습률"),
        query("콜백 에포크", "콜백", "에포크"),
        query("텐서플로 경고", "텐서플로", "경고"),
        query("overfitting 검증", "과대적합|overfitting", "검증"),
    ],
}
# 찾기를 다 만든 뒤에 적은 물음: 위의 물음에 맞추어 다듬었는지를 본다.
QUERIES["나중에 적은 물음"] = [
    query("배치크기", "배치 ?크기"),
    query("최적점으로", "최적점"),
    query("검증손실이", "검증 손실"),
    query("기울기를", "기울기"),
    query("케라스의", "케라스"),
    query("미니배치", "배치"),
    query("시드를", "씨앗|시드"),
    query("patience", "patience"),
    query("InverseTimeDecay", "InverseTimeDecay|거듭제곱 기반"),
    query("훈련세트로", "훈련 세트"),
    query("경계", "경계"),
    query("절반으로", "절반"),
    query("LR 스케줄러", "학습률 스케줄링|LR 스케줄러"),
    query("이터레이션", "스텝|이터레이션"),
    query("초기학습률", "초기 학습률"),
    query("piecewise constant", "piecewise[ _]?constant"),
    query("momentum 클로저", "모멘텀|momentum", "클로저"),
    query("val_accuracy", "val_accuracy"),
    query("평균과 신뢰구간", "평균", "신뢰 구간"),
    query("최대학습률을", "최대 학습률"),
    query("Fashion-MNIST", "fashion[ _-]?mnist"),
    query("컴파일된 스텝", "컴파일", "스텝"),
]
# 찾기가 새로 알아듣는 말. 위의 물음과 같은 잣대로 잰다.
QUERIES["그림과 표의 번호"] = [
    query("그림 15", r"그림 15(?!\d)", first=COMPARED),
    query("그림 1", r"그림 1(?!\d)", first="notebooks/00_learning_rate"),
    query("그림4", r"그림 4(?!\d)", first=POWER),
    query("그림 5를", r"그림 5(?!\d)", first=POWER),
    query("표 1", r"표 1(?!\d)"),
    query("표2", r"표 2(?!\d)", first="book/regularization"),
]
QUERIES["그림의 설명"] = [
    query("두 축 모두 로그 눈금", "두 축", "모두", "로그 눈금", first=COMPARED),
    query("회색 점은 씨앗 하나", "회색", "점은", "씨앗", first="book/study"),
    query("스케줄마다의 학습 곡선", "스케줄", "학습", "곡선", first="book/study"),
    query("띠는 최소와 최대 사이", "띠는", "최소", "최대", "사이"),
    query("거듭제곱수와 계단", "거듭제곱수", "계단", first=POWER),
    query("가장 큰 학습률에 대한 테스트 오류율", "가장 큰 학습률", "테스트 오류율", first=COMPARED),
]
QUERIES["글자와 식의 이름"] = [
    query("에타", r"η|\\eta|\beta(?![a-z])"),
    query("베타", r"β|\\beta|베타|\bbeta"),
    query("람다", r"λ|\\lambda|\blambda"),
    query("알파", r"α|\\alpha|알파|alpha"),
    query("eta", r"η|\\eta|\beta(?![a-z])"),
    query("β", r"β|\\beta|베타|\bbeta|모멘텀"),
    query("거듭제곱 식", "거듭제곱", first=POWER),
    query("드롭아웃 공식", "드롭아웃", first="notebooks/09_dropout"),
]
QUERIES["영어 낱말의 머리"] = [
    query("regulariz", "(?<![A-Za-z])regulariz"),
    query("optimiz", "(?<![A-Za-z])optimiz"),
    query("sched", "(?<![A-Za-z])sched|(?-i:(?<=[a-z])Sched)"),
    query("plat", "(?<![A-Za-z])plat|(?-i:(?<=[a-z])Plat)"),
    query("conv", "(?<![A-Za-z])conv|(?-i:(?<=[a-z])Conv)"),
    query("calib", "(?<![A-Za-z])calib"),
    query("learning rate finder", "범위 테스트|LR finder|learning.rate finder", first=GLOSSARY),
]
QUERIES["한 글자를 틀린 말"] = [
    query("학습룰", "학습률"),
    query("드롶아웃", "드롭아웃", first="notebooks/09_dropout"),
    query("모멘톰", "모멘텀", first=GLOSSARY),
    query("옵티마저", "옵티마이저", first=GLOSSARY),
    query("과데적합", "과대적합", first=GLOSSARY),
    query("하이퍼파리미터", "하이퍼파라미터", first=GLOSSARY),
    query("정확됴를", "정확도", first=GLOSSARY),
    query("momentm", "momentum|모멘텀", first=GLOSSARY),
    query("overfiting", "overfitting|과대적합", first=GLOSSARY),
    query("dorpout", "dropout|드롭아웃"),
    query("callbakc", "callback|콜백"),
    query("케라슷", "케라스"),
]
QUERIES["바꾸지 않은 글쇠"] = [
    query("gkrtmqfbf", "학습률"),
    query("ahapsxja", "모멘텀", first=GLOSSARY),
    query("emfhqdkdnt", "드롭아웃", first="notebooks/09_dropout"),
    query("rhkeowjrgkq", "과대적합", first=GLOSSARY),
    query("rbwp", "규제"),
    query("whrl whdfy", "조기 종료", first=GLOSSARY),
    query("thstlf", "손실", first=GLOSSARY),
    query("ㅡㅐㅡ둣ㅕㅡ", "momentum|모멘텀", first=GLOSSARY),
    query("ㅊ미ㅣㅠㅁ차", "callback|콜백"),
]
QUERIES["외래어를 적는 다른 버릇"] = [
    query("스케쥴러", "스케줄러|스케쥴러"),
    query("스케쥴링", "스케줄링|스케쥴링"),
    query("옵티마이져", "옵티마이저", first=GLOSSARY),
    query("싸이클", "사이클", first=ONE_CYCLE),
    query("드랍아웃", "드롭아웃", first="notebooks/09_dropout"),
    query("텐서플로우", "텐서플로"),
    query("콜벡", "콜백", first=GLOSSARY),
    query("몬테카를로", "몬테 카를로", first="notebooks/10_mc_dropout"),
    query("몬테 칼로", "몬테 카를로"),
]
QUESTIONS = [
    query("과대적합을 막으려면", "과대적합", first="notebooks/07_overfitting"),
    query("과대적합인지 어떻게 알아보나", "과대적합", first="notebooks/07_overfitting"),
    query("학습률은 어떻게 정하나", "학습률", first="notebooks/00_learning_rate"),
    query("학습률을 얼마로 해야 하나", "학습률", first="notebooks/00_learning_rate"),
    query("드롭아웃은 언제 켜지나요", "드롭아웃", first="notebooks/09_dropout"),
    query("모멘텀을 왜 거꾸로 돌리나", "모멘텀", first=ONE_CYCLE),
    query("조기 종료는 언제 멈추나", "조기 종료", first=GLOSSARY),
    query("어느 스케줄을 골라야 할까", "스케줄", first=COMPARED),
    query("과제를 어떻게 내나", "과제", first="book/own_exercises"),
    query("슬라이드는 어떻게 만드나요", "슬라이드", first="book/instructors"),
    query("Colab에서 어떻게 여나", "Colab", first="book/how_to_run"),
    query("불확실성은 어떻게 재나", "불확실성", first="notebooks/10_mc_dropout"),
]
QUERIES["온전한 물음"] = QUESTIONS
# 위의 갈래를 다 만든 뒤에 적은 물음.
QUERIES["새 갈래를 나중에 적은 물음"] = [
    query("그림 20", r"그림 20(?!\d)"),
    query("시그마", r"σ|\\sigma|시그마|(?<![A-Za-z])sigma"),
    query("1사이클 식", "1사이클", first=ONE_CYCLE),
    query("ensemb", "(?<![A-Za-z])ensemb"),
    query("가중츠", "가중치"),
    query("검증 새트", "검증 세트"),
    query("dropuot", "dropout|드롭아웃"),
    query("zhfqor", "콜백", first=GLOSSARY),
    query("qjadnl xptmxm", "범위 테스트"),
    query("ㅇ개ㅔㅐㅕㅅ", "dropout|드롭아웃"),
    query("파라메터", "파라미터"),
    query("하이퍼파라메터", "하이퍼파라미터", first=GLOSSARY),
    query("스케쥴", "스케줄|스케쥴"),
    query("검증 손실이 줄지 않으면", "검증 손실"),
    query("가중치의 노름은 어떻게 재나요", "노름"),
    query("규제는 왜 필요한가", "규제"),
]
# 책에 없는 말. ray는 array의 꼬리일 뿐이고, 률스케줄은 학습률 스케줄링의 꼬리와 머리를 이은 것이다.
ABSENT = """pytorch densenet rmsprop transformer bert seq2seq xgboost kaggle cuda tensorboard gan autoencoder perplexity
tokenizer word2vec adagrad yolo vgg sklearn optuna 강화학습""".split()
NOTHING = ["양자컴퓨터", "블록체인", "뷁뷁", "트랜스포머를", "zebra", "ray", "률스케줄", "!?"]
ALL = [query for queries in QUERIES.values() for query in queries]
TOP = 3  # 온전한 물음의 답이 있는 쪽은 앞의 셋 안에 있다. 용어집이 먼저여도 된다


PLACES = "links => links.map(link => [decodeURIComponent(link.hash.slice(1)), link.text])"
# 화면에 보이고 누를 수 있는 찾기 단추의 수
IN_SIGHT = """() => [...document.querySelectorAll(".search-button__button")].filter((button) => {
    const { x, y, width, height } = button.getBoundingClientRect();
    return width && button.contains(document.elementFromPoint(x + width / 2, y + height / 2));
}).length"""


class SearchBox:
    """찾기 창. 답이 나올 때까지 브라우저가 일한 시간과, 스스로 미룬 시간을 잰다. 기계가 바쁜지는 상관없다."""

    # 쪽의 스크립트보다 먼저 돈다.
    DELAYS = """(() => {
        const wait = window.setTimeout;
        window.delays = 0;
        window.setTimeout = (action, delay = 0, ...rest) => (window.delays += delay, wait(action, delay, ...rest));
    })()"""
    WATCH = """() => {
        const status = document.querySelector("#search-results [role=status]");
        addEventListener("input", () => { window.answered = false; window.delays = 0; }, true);
        new MutationObserver(() => requestAnimationFrame(() => {
            if (status.textContent) window.answered = true;
        })).observe(status, {childList: true, characterData: true, subtree: true});
    }"""

    def __init__(self, page, start, worked):
        self.page, self.milliseconds = page, worked(page)
        page.add_init_script(self.DELAYS)
        page.goto(start)
        page.keyboard.press("Control+k")
        page.evaluate(self.WATCH)

    def type(self, text):
        """글을 치고 (나온 쪽의 이름들, 일한 밀리초와 미룬 밀리초의 합)을 돌려준다."""
        self.page.locator("#pst-search-dialog input").fill("")
        before = self.milliseconds()
        self.page.keyboard.insert_text(text)
        self.page.wait_for_function("window.answered")
        spent = self.milliseconds() - before + self.page.evaluate("window.delays")
        return results(self.page), spent


def results(page):
    """화면에 나온 쪽의 이름. 책의 바탕 주소를 떼고 ``notebooks/01_power``처럼 적는다."""
    links = page.locator("#search-results li a").evaluate_all("links => links.map(link => link.href)")
    return [re.search(r"((?:book|notebooks)/[^/]+)\.html", link)[1] for link in links]


def soup(site, name):
    """조판한 쪽. 놀이터의 눈금과 단추는 글이 아니다."""
    page = BeautifulSoup((site / f"{name}.html").read_text(encoding="utf-8"), "html.parser")
    for playground in page.select("article .playground"):
        playground.decompose()
    return page


@pytest.fixture(scope="module")
def answers(browser, address, worked):
    """모든 물음의 답: 친 말 → (나온 쪽의 이름들, 일하고 미룬 밀리초)."""
    page = browser.new_page()
    box = SearchBox(page, f"{address}/{POWER}.html", worked)
    yield {text: box.type(text) for text in [*(query.text for query in ALL), *NOTHING]}
    page.close()


@pytest.fixture(scope="module")
def expected(site, pages):
    """물음 → 맞는 쪽의 이름들. 색인과 따로, 조판한 쪽의 본문에서 구한다. 숨겨 둔 용어 풀이는 그 쪽의 글이 아니다."""
    texts = {}
    for name in pages:
        article = soup(site, name).select_one("article")
        for tips in article.select(".glossary-tips"):
            tips.decompose()
        texts[name] = " ".join(article.get_text().split())

    def relevant(query):
        return {name for name, text in texts.items() if all(re.search(one, text, re.IGNORECASE) for one in query.about)}

    return {query.text: relevant(query) for query in ALL}


def report(scores):
    """평균과, 1에 못 미친 물음들."""
    return f"평균 {fmean(scores.values()):.3f}: { {text: round(one, 2) for text, one in scores.items() if one < 1} }"


def test_queries_are_many_and_each_has_an_answer(expected):
    assert len(expected) == len(ALL) >= 40
    assert not [text for text, names in expected.items() if not names]


# 갈래마다 잰다: 전체의 평균은 한 갈래가 통째로 틀려도 높을 수 있다.
@pytest.mark.parametrize("kind", QUERIES)
def test_recall(answers, expected, kind):
    texts = [query.text for query in QUERIES[kind]]
    scores = {text: len(expected[text] & set(answers[text][0])) / len(expected[text]) for text in texts}
    assert fmean(scores.values()) >= 0.97, report(scores)


@pytest.mark.parametrize("kind", QUERIES)
def test_precision(answers, expected, kind):
    found = {query.text: answers[query.text][0] for query in QUERIES[kind] if answers[query.text][0]}
    scores = {text: len(expected[text] & set(names)) / len(names) for text, names in found.items()}
    assert fmean(scores.values()) >= 0.95, report(scores)


def test_titles_and_terms_come_first(answers):
    wrong = {
        one.text: answers[one.text][0][:TOP]
        for one in ALL
        if one.first and one.first not in answers[one.text][0][: TOP if one in QUESTIONS else 1]
    }
    assert not wrong


def test_name_of_the_package_leads_to_its_place_in_the_reference_first(page, site, worked):
    """``mc_predict``나 ``OneCycle``처럼 코드의 이름인 것을 알 수 있는 말. ``power``는 여느 낱말이기도 하다."""
    box = SearchBox(page, f"/{POWER}.html", worked)
    signatures = soup(site, "book/reference").select("dl.py > dt[id]")
    names = {name["id"]: re.sub(r"^homl11\.[a-z_0-9.]*?(?=[A-Z]\w*\.|\w+$)", "", name["id"]) for name in signatures}
    wrong = {}
    for anchor, name in names.items():
        found, _ = box.type(name)
        link = page.locator("#search-results li a").first
        if found[:1] != ["book/reference"] or link.evaluate("link => link.hash.slice(1)") != anchor:
            wrong[name] = found[:2]
        if not re.search("[_A-Z]", name):
            assert "book/reference" in found
            wrong.pop(name, None)
    assert len(names) > 80 and not wrong


def test_title_typed_whole_finds_its_page_first(page, site, pages, worked):
    box = SearchBox(page, f"/{POWER}.html", worked)
    titles = {name: soup(site, name).h1.get_text().removesuffix("#") for name in pages}
    assert {name: box.type(title)[0][0] for name, title in titles.items()} == {name: name for name in titles}


def test_every_other_name_in_the_glossary_leads_to_its_term(page, site, worked):
    box = SearchBox(page, f"/{POWER}.html", worked)
    links = page.locator("#search-results a")
    wrong = []
    for term in soup(site, GLOSSARY).select("dl.glossary dt"):
        names = term.find_next("dd").get_text().partition("다른 이름:")[2]
        for name in filter(None, map(str.strip, re.split("[,.()]", names))):
            box.type(name)
            if f"용어집 › {term.get_text().removesuffix('#')}" not in links.all_inner_texts():
                wrong.append(name)
    assert not wrong


def test_each_page_comes_once(answers):
    assert not [text for text, (names, _) in answers.items() if len(names) != len(set(names))]


@pytest.mark.parametrize("text", NOTHING)
def test_what_the_book_lacks_is_not_found(answers, text):
    assert answers[text][0] == []


def test_answer_appears_at_once(answers):
    assert {text: spent for text, (_, spent) in answers.items() if spent >= 200} == {}


def test_first_answer_takes_only_shortly_to_read_the_index(page, worked):
    names, spent = SearchBox(page, f"/{POWER}.html", worked).type("거듭제곱")
    assert names[0] == POWER and spent < 200


def test_answer_speaks_korean_and_names_missing_words(page, worked):
    box = SearchBox(page, f"/{POWER}.html", worked)
    status = page.locator("#search-results [role=status]")
    box.type("모멘텀 블록체인")
    assert re.fullmatch(r"책에 없는 말: 블록체인\. 쪽 \d+개를 찾았다\.", status.inner_text())
    box.type("블록체인")
    assert "찾은 쪽이 없다" in status.inner_text()


@pytest.mark.parametrize("typing", ["거듭ㅈ", "거듭젝", "거듭제고"])
def test_word_being_typed_is_found_before_its_last_letter_is_whole(page, typing, worked):
    SearchBox(page, f"/{POWER}.html", worked).page.locator("#pst-search-dialog input").fill("")
    compose = {"text": typing, "selectionStart": len(typing), "selectionEnd": len(typing)}
    page.context.new_cdp_session(page).send("Input.imeSetComposition", compose)
    page.wait_for_selector("#search-results li")
    assert results(page)[0] == POWER


def test_letter_that_stays_unfinished_is_part_of_the_word(page, worked):
    assert SearchBox(page, f"/{POWER}.html", worked).type("거듭젝")[0] == []


def test_result_shows_where_the_word_stands(page, worked):
    SearchBox(page, f"/{POWER}.html", worked).type("모멘텀을")
    for result in page.locator("#search-results li").all():
        assert "모멘텀" in result.locator("mark").all_inner_texts()


def test_results_lead_to_the_sections_they_name(page, site, worked):
    box = SearchBox(page, f"/{POWER}.html", worked)
    for text in ("콜백", "경계", "decay"):
        names, _ = box.type(text)
        links = page.locator("#search-results li a").evaluate_all(PLACES)
        sections = {name: (anchor, title.partition(" › ")[2]) for name, (anchor, title) in zip(names, links)}
        assert any(title for _, title in sections.values())
        for name, (anchor, title) in sections.items():
            assert bool(anchor) == bool(title)
            place = soup(site, name).find(id=anchor)
            if place and "sig" in place.get("class", []):
                assert anchor.endswith(f".{title}")  # 코드의 이름
            else:
                assert not anchor or place.get_text().strip().startswith(title.split()[0])


def test_result_opens_with_keyboard_and_its_words_are_highlighted(page, worked):
    SearchBox(page, f"/{POWER}.html", worked).type("1사이클 스케줄링")
    page.keyboard.press("Tab")
    while page.evaluate("document.activeElement.tagName") != "A":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{ONE_CYCLE}.html*")
    page.wait_for_selector("article .highlighted")
    assert "1사이클" in page.locator("article .highlighted").first.inner_text()


def test_enter_opens_the_search_page_with_the_same_results(page, worked):
    names, _ = SearchBox(page, f"/{POWER}.html", worked).type("콜백을")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=*")
    page.wait_for_selector("#search-results li")
    assert results(page) == names
    assert page.locator(".bd-search-container input").input_value() == "콜백을"


def test_search_page_answers_while_typing_and_keeps_the_address(page):
    page.goto("/search.html")
    page.locator(".bd-search-container input").fill("거듭제곱을")
    page.wait_for_selector("#search-results li")
    assert results(page)[0] == POWER
    page.reload()
    page.wait_for_selector("#search-results li")
    assert results(page)[0] == POWER


def test_search_works_from_a_file(browser, site):
    page = browser.new_page()
    page.goto(f"{(site / 'search.html').as_uri()}?q=조기종료")
    page.wait_for_selector("#search-results li")
    assert results(page)[0] == GLOSSARY
    page.close()


@pytest.mark.parametrize("size", [(1280, 800), (390, 844)], ids=["책상", "전화기"])
def test_search_is_in_sight_on_arrival(new_page, pages, size):
    """테마는 옆의 차례를 지금 쪽이나 지난번 자리까지 내린다. 처음 온 쪽도, 차례를 내려 두고 옮겨 온 쪽도 본다."""
    hidden = []
    for name in [*pages, "search"]:
        page = new_page(viewport={"width": size[0], "height": size[1]})
        page.goto(f"/{name}.html")
        hidden += [name] * (page.evaluate(IN_SIGHT) != 1)
        page.evaluate("document.querySelector('.bd-sidebar').scrollTop = 1e6")
        page.goto(f"/{POWER}.html")
        hidden += [f"{name} → {POWER}"] * (page.evaluate(IN_SIGHT) != 1)
        page.context.close()
    assert hidden == []


def test_search_stays_in_sight_when_the_contents_are_folded(new_page):
    page = new_page(viewport={"width": 1280, "height": 800})
    page.goto(f"/{POWER}.html")
    page.locator(".primary-toggle:visible").click()
    page.wait_for_selector(".article-header-buttons .search-button")
    page.locator(".article-header-buttons .search-button").click()
    page.wait_for_selector("#pst-search-dialog input")
    page.context.close()


def test_words_that_the_book_lacks_are_said_to_be_absent(page, site, pages, worked):
    """영어 낱말은 낱말의 머리에서만 찾는다. 비슷한 글자 두엇으로 찾은 척하지 않는다."""
    text = "\n".join(soup(site, name).select_one("article").get_text() for name in pages)
    assert len(ABSENT) > 20 and not [word for word in ABSENT if re.search(rf"(?<![a-z]){word}", text, re.IGNORECASE)]
    box = SearchBox(page, f"/{POWER}.html", worked)
    status = page.locator("#search-results [role=status]")
    wrong = {}
    for word in ABSENT:
        names, _ = box.type(word)
        if names or not status.inner_text().startswith(f"책에 없는 말: {word}."):
            wrong[word] = status.inner_text()
    assert not wrong


@pytest.mark.parametrize("typed, meant", [("학습룰", "학습률"), ("gkrtmqfbf", "학습률"), ("옵티마이져", "옵티마이저")])
def test_guess_is_told(page, worked, typed, meant):
    """고쳐서 찾았으면 그렇다고 말한다."""
    SearchBox(page, f"/{POWER}.html", worked).type(typed)
    said = page.locator("#search-results [role=status]").inner_text()
    assert said.startswith(f"책에 없는 말: {typed}. 비슷한 말로 찾았다: {meant}. ")


def test_number_of_a_figure_leads_to_the_figure(page, site, pages, worked):
    box = SearchBox(page, f"/{POWER}.html", worked)
    figures = {
        label.get_text().strip(): (name, label.find_parent(["figure", "table"])["id"])
        for name in pages
        for label in soup(site, name).select("article .caption-number")
    }
    wrong = {}
    for label, place in figures.items():
        names, _ = box.type(label)
        anchor = page.locator("#search-results li a").evaluate_all(PLACES)[0][0]
        if (names[0], anchor) != place:
            wrong[label] = names[0], anchor
    assert len(figures) > 30 and not wrong


def test_results_show_prose_without_badges_and_keep_greek_letters(page, worked):
    """코드는 글에 그 말이 없을 때 그 한 줄만 보인다."""
    box = SearchBox(page, f"/{POWER}.html", worked)
    shown = []
    for text in ("거듭제곱", "드롭아웃", "학습률", "ℓ2 규제", "알파", "verdict"):
        box.type(text)
        shown += page.locator("#search-results .context").all_inner_texts()
    assert not [line for line in shown if "Colab에서 열기" in line or "GPU는 필요 없다" in line]
    assert not [line for line in shown if line.count("import ") > 1]
    assert any("α가 규제 강도" in line for line in shown)
