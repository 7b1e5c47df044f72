"""놀이터를 브라우저에서 움직여, 그림이 계산한 대로 바뀌는지 본다. 견줄 값은 파이썬에서 따로 구한다."""

import io
import re
from types import SimpleNamespace
from urllib.parse import parse_qsl

import keras
import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy.optimize import minimize

from authoring.playground import SCRIPTS, picture, places, saved, scripts
from homl11 import playground as notebook
from homl11 import schedules

PAGE = "/book/playground.html"
# 놀이터가 있는 모든 쪽. 빠진 쪽이 없는지는 만든 책과 견준다.
WHERE = {
    "book/index": ["race"],
    "book/laboratory": ["laboratory"],
    "book/playground": ["schedules", "l1_l2", "dropout", "max_norm"],
    "book/scheduling": ["schedules"],
    "notebooks/00_learning_rate": ["training"],
    "notebooks/02_exponential": ["training"],
    "notebooks/05_one_cycle": ["training", "schedules"],
    "notebooks/06_schedules_compared": ["training", "schedules"],
    "notebooks/07_overfitting": ["training"],
    "notebooks/08_l1_l2": ["l1_l2"],
    "notebooks/09_dropout": ["training", "dropout"],
    "notebooks/10_mc_dropout": ["laboratory", "dropout"],
    "notebooks/11_max_norm": ["training", "max_norm"],
}
# 훈련의 그림은 훈련해야 바뀐다. 그 시험은 test_laboratory에 따로 있다.
PLACES = [(where, name) for where, names in WHERE.items() for name in names if name not in notebook.TRAINING]
NAMES = [name for name in notebook.CONTROLS if name not in notebook.TRAINING]
# 글이 부탁하는 처음 모습
STARTS = {
    ("book/index", "race"): {"step": 200, "rate": 0.15},
    ("book/playground", "schedules"): {"schedule": "constant", "step": 200, "rate": 0.15},
    ("book/scheduling", "schedules"): {"schedule": "constant", "step": 200, "rate": 0.15},
    ("notebooks/05_one_cycle", "schedules"): {"schedule": "one_cycle", "step": 0},
    ("notebooks/06_schedules_compared", "schedules"): {"schedule": "constant", "step": 200},
    ("notebooks/08_l1_l2", "l1_l2"): {"strength": 0},
    ("notebooks/09_dropout", "dropout"): {"mode": "training"},
    ("notebooks/10_mc_dropout", "dropout"): {"mode": "monte_carlo", "samples": 2},
    ("notebooks/11_max_norm", "max_norm"): {"step": 0},
}
STEPS = 200
PHONE = {"width": 390, "height": 844}
WORDS = "article a[href^='#'][href*='?']"  # 놀이터를 그 값으로 놓는 낱말

# 슬라이더를 아무 데나 놓는다. 자리는 0과 1 사이의 수이고, 놓인 뒤의 값들을 돌려준다.
SET = """(root, places) => {
    for (const input of root.querySelectorAll("input[type=range]")) {
        if (!(input.name in places)) continue;
        input.value = Number(input.min) + places[input.name] * (input.max - input.min);
        input.dispatchEvent(new Event("input"));
    }
    return root.playground.values;
}"""
# 그려진 것을 화면의 점에서 값으로 되돌린다.
READ = """(root, [label, name]) => {
    const chart = root.querySelector(`svg[aria-label*="${label}"]`);
    const [x, y, [width, height]] = [chart.dataset.x, chart.dataset.y, chart.dataset.size]
        .map((text) => text.split(" ").map(Number));
    const value = ([a, b]) => [x[0] + a / width * (x[1] - x[0]),
        "log" in chart.dataset ? y[1] * (y[0] / y[1]) ** (b / height) : y[1] - b / height * (y[1] - y[0])];
    return [...chart.querySelectorAll(`.pg-${name}`)].map((shape) =>
        (shape.getAttribute("points") ?? shape.getAttribute("d").replaceAll("h0", "").slice(1).replaceAll("M", " "))
            .split(" ").map((point) => value(point.split(",").map(Number))));
}"""
# 머리띠 아래로 화면에 다 보이는가
IN_SIGHT = """chart => {
    const { top, bottom } = chart.getBoundingClientRect();
    return top >= document.querySelector(".bd-header-article").getBoundingClientRect().bottom && bottom <= innerHeight;
}"""
# 값을 정하고 다시 그려 화면에 놓는다.
REDRAW = """(root, values) => {
    Object.assign(root.playground.values, values);
    root.playground.update();
    root.getBoundingClientRect();
}"""
# 노트북의 출력을 주피터랩이 하듯 쪽에 놓는다: 스크립트는 새로 만들어 바꿔 놓아야 돈다.
RENDER = """([output, id]) => {
    const el = (document.querySelector("article") ?? document.body).appendChild(document.createElement("div"));
    el.id = id;
    el.innerHTML = output;
    for (const old of el.querySelectorAll("script")) {
        const script = document.createElement("script");
        script.textContent = old.textContent;
        old.replaceWith(script);
    }
}"""


class Playground:
    """쪽에 놓인 놀이터 하나."""

    def __init__(self, page, name):
        self.page = page
        self.root = page.locator(f"[data-playground={name}]")
        self.root.locator(".pg-controls").wait_for()

    def place(self, **places):
        return self.root.evaluate(SET, places)

    def random(self, random):
        """모든 슬라이더를 무작위로 놓는다."""
        names = self.root.locator("input[type=range]").evaluate_all("inputs => inputs.map(input => input.name)")
        return self.place(**{name: random.random() for name in names})

    def choose(self, label):
        self.root.get_by_role("radio", name=label, exact=True).check()

    def slider(self, label):
        return self.root.get_by_role("slider", name=label, exact=True)

    def values(self):
        return self.root.evaluate("root => root.playground.values")

    def call(self, expression, argument=None):
        return self.root.evaluate(f"(root, a) => {{ const p = root.playground; return {expression}; }}", argument)

    def drawn(self, chart, name):
        """그림 ``chart``에서 ``name``으로 그린 것들. 하나마다 점들의 배열이다."""
        return [np.array(points) for points in self.root.evaluate(READ, [chart, name])]

    def charts(self):
        return self.root.locator(".pg-charts > svg").all()

    def pictures(self):
        return [chart.evaluate("chart => chart.outerHTML") for chart in self.charts()]

    def summary(self, text):
        """``text``가 든 설명이 나올 때까지 기다려 돌려준다."""
        self.root.get_by_role("status").filter(has_text=text).wait_for()
        return self.root.get_by_role("status").inner_text()


@pytest.fixture
def opened(page):
    """놀이터가 있는 쪽을 열고 이름으로 놀이터를 찾는 함수."""

    def opened(name, where="book/playground"):
        if name == "race":  # 저절로 달리지 않게 한다
            page.emulate_media(reduced_motion="reduce")
        page.goto(f"/{where}.html")
        return Playground(page, name)

    return opened


def test_every_page_with_a_playground_is_known(site, pages):
    found = {
        where: re.findall(r'data-playground="(\w+)"', (site / f"{where}.html").read_text(encoding="utf-8"))
        for where in pages
    }
    assert {where: names for where, names in found.items() if names} == WHERE


def noise(seed, count):
    """놀이터와 같은 난수 (Park와 Miller, 1988)."""
    state = seed
    for _ in range(count):
        state = state * 48271 % 2147483647
        yield state / 2147483647


# 스케줄


def by_package(name, values):
    """``homl11.schedules``가 내는 학습률."""
    v, step = SimpleNamespace(**values), np.arange(STEPS)
    match name:
        case "constant":
            return np.full(STEPS, v.rate)
        case "power":
            return schedules.power(step, v.rate, v.power_steps, v.power)
        case "exponential":
            return schedules.exponential(step, v.rate, v.decay_steps, v.decay_rate)
        case "piecewise":
            rates = [v.rate, v.rate * v.factor, v.rate * v.factor**2]
            return schedules.piecewise_constant(step, [v.first, v.second], rates)
        case "one_cycle":
            arguments = {"initial_learning_rate": v.max_rate / v.ratio, "final_fraction": v.final_fraction}
            return schedules.one_cycle(step, v.max_rate, STEPS, **arguments)


LABELS = {
    "constant": "고정",
    "power": "거듭제곱 기반",
    "exponential": "지수 기반",
    "piecewise": "구간별 고정",
    "performance": "성능 기반",
    "one_cycle": "1사이클",
}
FORMULAS = [name for name in LABELS if name != "performance"]


@pytest.mark.parametrize("where", [where for where, name in PLACES if name == "schedules"])
@pytest.mark.parametrize("name", FORMULAS)
def test_learning_rates_equal_those_of_the_package(opened, name, where):
    playground, random = opened("schedules", where), np.random.default_rng(FORMULAS.index(name))
    playground.choose(LABELS[name])
    for _ in range(10):
        values = playground.random(random)
        computed = playground.call(f"Array.from({{length: {STEPS}}}, (_, t) => p.RATES[a](t, p.values))", name)
        expected = by_package(name, values)
        np.testing.assert_allclose(computed, expected, rtol=1e-12)
        [line] = [shape for shape in playground.drawn("학습률", name) if len(shape) == STEPS]
        # 0.1픽셀까지 그린다.
        assert np.abs(line[:, 1] - expected).max() < 0.002 * expected.max() + 0.0005 * max(values["rate"], line.max())


def test_one_cycle_momentum_equals_that_of_the_package(opened):
    playground, random = opened("schedules"), np.random.default_rng(1)
    playground.choose("1사이클")
    for _ in range(10):
        v = SimpleNamespace(**playground.random(random))
        computed = playground.call(f"Array.from({{length: {STEPS}}}, (_, t) => p.momentum(t, p.values))")
        expected = schedules.one_cycle_momentum(
            np.arange(STEPS), STEPS, v.max_momentum, v.min_momentum, v.final_fraction
        )
        np.testing.assert_allclose(computed, expected, rtol=1e-12)
        np.testing.assert_allclose(playground.drawn("모멘텀", "one_cycle")[0][:, 1], expected, atol=1e-3)


def test_performance_schedule_equals_keras(opened):
    playground, random = opened("schedules"), np.random.default_rng(2)
    playground.choose("성능 기반")
    reductions = 0
    for _ in range(5):
        values = playground.random(random)
        run = playground.call("p.descend('performance', p.values)")
        model = SimpleNamespace(optimizer=keras.optimizers.SGD(values["rate"]))
        callback = keras.callbacks.ReduceLROnPlateau(
            monitor="loss", factor=values["drop"], patience=values["patience"], min_delta=1e-4
        )
        callback.set_model(model)
        callback.on_train_begin()
        expected = []
        for step in range(STEPS):
            expected.append(float(model.optimizer.learning_rate))
            callback.on_epoch_end(step, {"loss": min(float(run["losses"][step + 1]), 1e30)})  # 발산해도 float32로
        np.testing.assert_allclose(run["rates"], expected, rtol=1e-4)
        reductions += len(set(expected)) - 1
    assert reductions > 5


@pytest.mark.parametrize("name", FORMULAS)
def test_descent_follows_the_schedule(opened, name):
    playground = opened("schedules")
    playground.choose(LABELS[name])
    values = playground.place(rate=0.6, step=0.5)
    rates, momenta = by_package(name, values), np.zeros(STEPS)
    if name == "one_cycle":
        momenta = schedules.one_cycle_momentum(np.arange(STEPS), STEPS)
    w, velocity, path = np.array([-4.0, 2.0]), np.zeros(2), []
    random = np.array(list(noise(7, 2 * STEPS))).reshape(STEPS, 2)
    for rate, momentum, u in zip(rates, momenta, random):
        path.append(w)
        velocity = momentum * velocity - rate * (np.array([1, 10]) * w + 2 * (2 * u - 1))
        w = w + velocity
    shown = playground.drawn("등고선", f"path.pg-{name}")[0]
    assert len(shown) == STEPS // 2 + 1
    np.testing.assert_allclose(shown, path[: len(shown)], atol=0.02)
    losses = playground.drawn("동안의 손실", f"line.pg-{name}")[0][:, 1]
    np.testing.assert_allclose(losses, np.array(path[: len(shown)]) ** 2 @ [0.5, 5], rtol=0.05)


@pytest.mark.parametrize(
    "where, word, schedule, ending",
    [
        ("book/scheduling", "0.3", "고정", "튕겨 나갔다"),
        ("book/scheduling", "0.005", "고정", "아직 내려가는 중"),
        ("book/scheduling", "0.15", "고정", "바닥 둘레를 맴돈다"),
        ("book/scheduling", "지수 기반", "지수 기반", "바닥에 내려앉았다"),
        ("book/playground", "0.3", "고정", "튕겨 나갔다"),
        ("book/playground", "0.005", "고정", "아직 내려가는 중"),
        ("book/playground", "0.15", "고정", "바닥 둘레를 맴돈다"),
        ("book/playground", "지수 기반", "지수 기반", "바닥에 내려앉았다"),
        ("book/playground", "10", "지수 기반", "너무 일찍 줄어 도중에 멈추었다"),
        ("notebooks/06_schedules_compared", "고정", "고정", "바닥 둘레를 맴돈다"),
        ("notebooks/06_schedules_compared", "거듭제곱 기반", "거듭제곱 기반", "바닥에 내려앉았다"),
        ("notebooks/06_schedules_compared", "지수 기반", "지수 기반", "바닥에 내려앉았다"),
        ("notebooks/06_schedules_compared", "구간별 고정", "구간별 고정", "바닥에 내려앉았다"),
    ],
)
def test_what_the_page_promises_is_seen(opened, where, word, schedule, ending):
    playground = opened("schedules", where)
    playground.page.locator(WORDS).get_by_text(word, exact=True).click()
    assert playground.summary(re.compile(f"{schedule}, 200스텝 .*{ending}"))


def test_one_cycle_with_a_large_peak_is_thrown_out_while_rising(opened):
    playground = opened("schedules", "notebooks/05_one_cycle")
    playground.page.locator(WORDS).get_by_text("1로", exact=True).click()
    playground.place(step=0.4)  # 올리기는 90스텝까지이다
    assert playground.summary(re.compile("1사이클, 200스텝 가운데 80스텝.*튕겨 나갔다"))


@pytest.mark.parametrize("word, min_momentum, stays", [("0으로", 0, False), ("0.85로", 0.85, True)])
def test_momentum_keeps_a_large_peak_in_the_valley(opened, word, min_momentum, stays):
    playground = opened("schedules", "notebooks/05_one_cycle")
    playground.page.locator(WORDS).get_by_text(word, exact=True).click()
    values = playground.values()
    assert (values["max_rate"], values["min_momentum"], values["step"]) == (0.35, min_momentum, STEPS)
    path = np.array(playground.call("p.descend('one_cycle', p.values).path"))
    assert (np.abs(path).max() < 5) == stays  # 시작한 곳보다 멀리 가지 않는다
    if not stays:
        assert playground.summary(re.compile("1사이클, 200스텝 .*튕겨 나갔다"))


# 경주


@pytest.mark.parametrize(
    "word, bottom, out",
    [
        ("0.01", ["1사이클"], []),
        ("0.15", ["거듭제곱 기반", "지수 기반", "구간별 고정"], []),
        ("0.3", [], ["고정", "거듭제곱 기반", "지수 기반", "구간별 고정", "성능 기반"]),
    ],
)
def test_race_ends_as_the_first_page_says(opened, word, bottom, out):
    playground = opened("race", "book/index")
    playground.page.locator(WORDS).get_by_text(word, exact=True).click()
    told = playground.summary(f"바닥에 내려앉은 것: {', '.join(bottom) or '없다'}. ")
    assert told.endswith(f"튕겨 나간 것: {', '.join(out) or '없다'}.")
    rates = playground.call("Array.from({length: 101}, (_, i) => 10 ** (3 * i / 100 - 3))")
    fates = [playground.call("Object.entries(p.runs(a)).map(([_, run]) => p.fate(run, 200))", rate) for rate in rates]
    won = [[fate == "bottom" for fate in fate_of] for fate_of in fates if "bottom" in fate_of]
    assert len(won) > 50 and all(0 < sum(wins) < len(won) for wins in zip(*won))


def test_race_is_run_with_the_schedules_of_the_package(opened):
    playground = opened("race", "book/index")
    values = playground.place(rate=0.6)
    start = {"power_steps": 40, "power": 1, "decay_steps": 100, "decay_rate": 0.1, "first": 80, "second": 140}
    start |= {"factor": 0.2, "ratio": 10, "final_fraction": 0.1, "max_rate": values["rate"], **values}
    ways = playground.call("p.runs(p.values.rate)")
    for name in FORMULAS:
        expected = by_package(name, start)
        np.testing.assert_allclose(ways[name]["rates"], expected, rtol=1e-12)
        [line] = playground.drawn("학습률", f"line.pg-{name}")
        np.testing.assert_allclose(line[:, 1], expected, atol=0.002 * values["rate"])
        [trail] = playground.drawn("등고선", f"line.pg-{name}")
        np.testing.assert_allclose(trail, ways[name]["path"], atol=0.02)
    assert len({str(way["path"][0]) for way in ways.values()}) == 1


def test_race_runs_by_itself_once_and_can_be_stopped(page):
    """쪽의 시계를 멈추고 손으로 돌린다."""
    page.clock.install(time=0)
    page.goto("/book/index.html")
    playground = Playground(page, "race")
    page.clock.pause_at(3600)
    page.reload()
    playground.root.locator(".pg-controls").wait_for()
    assert playground.values()["step"] == 0
    page.clock.run_for(10_000)
    assert playground.values()["step"] == STEPS and page.url.endswith("/book/index.html")
    playground.root.get_by_role("button", name="재생").click()
    page.clock.run_for(500)  # 50밀리초에 두 스텝
    assert playground.values()["step"] == 20
    playground.root.get_by_role("button", name="멈춤").click()
    page.clock.run_for(500)
    assert playground.values()["step"] == 20


def test_race_stands_still_where_motion_is_reduced(opened):
    playground = opened("race", "book/index")
    assert playground.values()["step"] == STEPS
    assert playground.root.get_by_role("button", name="재생").is_visible()


# ℓ1과 ℓ2


def by_scipy(values, kind):
    """벌점이 든 손실의 최솟점. ℓ1은 w = u - v (u, v ≥ 0)로 나누어 매끄럽게 한다."""
    target, matrix = np.array([values["w1"], values["w2"]]), np.array([[1, values["rho"]], [values["rho"], 1]])

    def loss(w):
        return (w - target) @ matrix @ (w - target) / 2

    options = {"method": "L-BFGS-B", "options": {"ftol": 1e-15, "gtol": 1e-10}}
    if kind == "l2":
        return minimize(lambda w: loss(w) + values["strength"] * w @ w, [0, 0], **options).x
    split = minimize(
        lambda z: loss(z[:2] - z[2:]) + values["strength"] * z.sum(), np.ones(4), bounds=[(0, 9)] * 4, **options
    ).x
    return split[:2] - split[2:]


def test_solutions_equal_those_of_scipy(opened):
    playground, random = opened("l1_l2"), np.random.default_rng(3)
    zeros = 0
    for _ in range(30):
        values = playground.random(random)
        for kind, label in (("l1", "마름모"), ("l2", "원,")):
            solution = np.array(playground.call(f"p.SOLVE.{kind}(p.values, p.values.strength)"))
            expected = by_scipy(values, kind)
            np.testing.assert_allclose(solution, expected, atol=2e-4)
            np.testing.assert_allclose(playground.drawn(label, f"dots.pg-{kind}")[0][0], solution, atol=0.02)
            if kind == "l1":
                assert np.array_equal(solution == 0, np.abs(expected) < 2e-4)
                zeros += np.sum(solution == 0)
            else:
                assert np.all(solution != 0) or 0 in (values["w1"], values["w2"])
    assert 10 < zeros < 60


def test_optimality_holds_at_every_place_of_the_sliders(opened):
    """반올림으로 답이 없어지는 자리가 없다: 0이 아닌 가중치의 기울기는 ±α, 0인 가중치의 기울기는 α 이하이다."""
    worst = opened("l1_l2").call(
        """(() => {
            const grid = (low, high, gap) =>
                Array.from({length: Math.round((high - low) / gap) + 1}, (_, i) => Number((low + i * gap).toFixed(2)));
            let worst = 0;
            for (const strength of grid(0, 4, 0.05)) for (const rho of grid(-0.8, 0.8, 0.1))
                for (const w1 of grid(-3, 3, 0.5)) for (const w2 of grid(-3, 3, 0.1)) {
                    const w = p.SOLVE.l1({ w1, w2, rho }, strength);
                    const pull = [w1 - w[0] + rho * (w2 - w[1]), rho * (w1 - w[0]) + w2 - w[1]];
                    pull.forEach((g, i) => worst = Math.max(worst,
                        w[i] ? Math.abs(g - strength * Math.sign(w[i])) : Math.abs(g) - strength));
                }
            return worst;
        })()"""
    )
    assert worst < 1e-9


def test_shapes_touch_at_the_solution(opened):
    playground = opened("l1_l2")
    playground.place(strength=0.1)
    for kind, label, size in (("l1", "마름모", 1), ("l2", "원,", 2)):
        w = np.array(playground.call(f"p.SOLVE.{kind}(p.values, p.values.strength)"))
        region = playground.drawn(label, f"region.pg-{kind}")[0]
        np.testing.assert_allclose(np.linalg.norm(region, size, axis=1), np.linalg.norm(w, size), atol=0.04)
        contour = playground.drawn(label, "level")[0]
        assert np.min(np.linalg.norm(contour - w, axis=1)) < 0.1


def test_l1_meets_the_axis_then_follows_it_and_l2_never_does(opened):
    playground = opened("l1_l2", "notebooks/08_l1_l2")
    strengths = np.arange(0, 4.01, 0.05).round(2).tolist()
    path = {
        kind: np.array(playground.call(f"a.map((strength) => p.SOLVE.{kind}(p.values, strength))", strengths))
        for kind in ("l1", "l2")
    }
    w1, w2 = path["l1"].T
    first = np.argmax(w2 == 0)
    assert 0 < first and np.all(w2[first:] == 0) and np.all(w1[: first + 1] > 0) and w1[-1] == 0
    assert np.all(path["l2"] > 0) and np.linalg.norm(path["l2"][-1]) < np.linalg.norm(path["l2"][0]) / 4


def test_stronger_l1_reaches_exactly_zero(opened):
    playground = opened("l1_l2")
    playground.slider("규제 강도 α").press("Home")
    assert "0인 가중치는 없다. ℓ2" in playground.summary("α = 0.")
    playground.slider("규제 강도 α").press("End")
    assert "ℓ1의 해는 (0, 0)이고 0인 가중치는 2개이다" in playground.summary("α = 4.")
    np.testing.assert_allclose(playground.drawn("마름모", "dots.pg-l1")[0], [[0, 0]], atol=0.02)


# 드롭아웃


def layer(x):
    """은닉층의 출력: (샘플, 뉴런 12개)."""
    knots, sign = np.linspace(-1.2, 1.2, 12), np.where(np.arange(12) % 2, -1, 1)
    return np.maximum(0, sign * (np.asarray(x)[:, None] - knots))


def test_output_weights_minimise_the_expected_dropout_loss(opened):
    playground = opened("dropout")
    data = np.array(playground.call("p.DATA"))
    for rate in (0.0, 0.3, 0.75):
        hidden = layer(data[:, 0])
        penalty = np.sqrt(rate / (1 - rate) * (hidden**2).sum(axis=0) + 0.02)
        matrix = np.vstack([np.c_[hidden, np.ones(len(data))], np.c_[np.diag(penalty), np.zeros(12)]])
        expected = np.linalg.lstsq(matrix, np.r_[data[:, 1], np.zeros(12)])[0]
        np.testing.assert_allclose(playground.call("p.train(a)", rate), expected, atol=1e-8)


def test_monte_carlo_spread_is_that_of_the_samples(opened):
    playground = opened("dropout")
    values = playground.place(rate=0.5, samples=0.5)
    weights, x = np.array(playground.call("p.train(p.values.rate)")), -1.5 + np.arange(49) / 16
    on = np.array(list(noise(11, 12 * values["samples"]))).reshape(-1, 12) >= values["rate"]
    predictions = (layer(x) * weights[:12]) @ (on / (1 - values["rate"])).T + weights[12]
    np.testing.assert_allclose(playground.drawn("예측", "mean")[0][:, 1], predictions.mean(axis=1), atol=0.02)
    band = playground.drawn("예측", "band")[0][:, 1]
    np.testing.assert_allclose(band[:49] - band[:48:-1], 2 * predictions.std(axis=1), atol=0.03)
    samples = np.array([line[:, 1] for line in playground.drawn("예측", "sample")])
    np.testing.assert_allclose(samples, predictions.T, atol=0.02)
    assert playground.root.locator("svg text").get_by_text("×", exact=True).count() == np.sum(~on[-1])


def test_units_go_out_at_the_rate(opened):
    playground = opened("dropout")
    for rate in (0.0, 0.3, 0.8):
        masks = np.array(playground.call("p.masks(a, 2000, 1)", rate))
        assert abs(np.mean(masks == 0) - rate) < 0.01
        np.testing.assert_allclose(masks[masks > 0], 1 / (1 - rate))


def test_every_press_draws_other_units(opened):
    """이웃한 씨앗을 그대로 쓰면 첫 뉴런이 늘 꺼진다."""
    playground = opened("dropout", "notebooks/09_dropout")
    playground.choose("훈련")
    again, seen = playground.root.get_by_role("button", name="다시 뽑기"), []
    for _ in range(30):
        again.click()
        seen.append(playground.drawn("신경망", "dots.pg-off"))
    units = [frozenset(round(y) for [[_, y]] in off) for off in seen]
    assert all(one != other for one, other in zip(units, units[1:]))
    counts = [sum(unit in off for off in units) for unit in range(12)]
    assert 2 <= min(counts) and max(counts) <= 18, counts


@pytest.mark.parametrize("rate", [0.25, 0.5])
def test_spread_is_wider_outside_the_data(opened, rate):
    playground = opened("dropout", "notebooks/10_mc_dropout")
    playground.place(rate=rate / 0.8, samples=1)
    band = playground.drawn("예측", "band")[0][:, 1]
    width, x = band[:49] - band[:48:-1], -1.5 + np.arange(49) / 16
    data = np.array(playground.call("p.DATA"))[:, 0]
    assert width[x > data.max() + 0.3].min() > 2 * np.median(width[(x > data.min()) & (x < -0.4)])


def test_inference_turns_every_unit_on_and_never_changes(opened):
    playground = opened("dropout")
    playground.choose("훈련")
    assert "켜진 출력을 1.43배로" in playground.summary("훈련, 드롭아웃 비율 0.3")
    first = playground.drawn("예측", "alone")[0]
    playground.root.get_by_role("button", name="다시 뽑기").press("Enter")
    assert not np.array_equal(playground.drawn("예측", "alone")[0], first)
    playground.choose("추론")
    assert "12개가 모두 켜져" in playground.summary("추론, 드롭아웃 비율")
    assert not playground.root.get_by_role("button", name="다시 뽑기").is_visible()
    assert not playground.drawn("예측", "sample")


# 맥스-노름


def test_step_is_pulled_back_onto_the_ball(opened):
    playground, random = opened("max_norm"), np.random.default_rng(4)
    u = 2 * np.array(list(noise(5, 80))).reshape(40, 2) - 1
    pulls = 0
    for _ in range(10):
        v = playground.random(random)
        w, path = np.array([-0.6, 0.9]), [np.array([-0.6, 0.9])]
        for step in range(v["step"]):
            w = w - v["rate"] * (np.array([1, 2]) * (w - [2.6, 1.4]) + 3 * u[step])
            if np.linalg.norm(w) > v["radius"]:
                w = w * v["radius"] / np.linalg.norm(w)
                pulls += 1
            path.append(w)
        walked = playground.call("p.walk(p.values.rate, p.values.radius).path")
        np.testing.assert_allclose(walked[v["step"]], w, atol=1e-12)
        np.testing.assert_allclose(playground.drawn("공과", "trace")[0], path, atol=0.02)
        norms = np.linalg.norm(path, axis=1)
        np.testing.assert_allclose(playground.drawn("노름", "line.pg-constrained")[0][:, 1], norms, atol=0.02)
    assert pulls > 20


def test_smaller_ball_pulls_more_often_and_the_largest_never(opened):
    playground = opened("max_norm", "notebooks/11_max_norm")
    pulls = [
        playground.call("p.walk(p.values.rate, a).pushed.filter((w) => Math.hypot(...w) > a).length", radius)
        for radius in (1, 1.5, 2, 3, 4)
    ]
    assert pulls == sorted(pulls, reverse=True) and pulls[-1] == 0 < pulls[-2]
    playground.place(radius=1, step=1)
    lines = [playground.drawn("노름", f"line.pg-{name}")[0] for name in ("constrained", "free")]
    np.testing.assert_array_equal(*lines)


# 움직이기


def computed(playground, name):
    """지금의 값에서 파이썬으로 구한 것과 그림에서 읽은 것의 짝."""
    values = playground.values()
    if name == "schedules":
        [line] = [shape for shape in playground.drawn("학습률", "exponential") if len(shape) == STEPS]
        # 0.1픽셀까지 그리므로 세로축의 2000분의 1쯤까지 맞는다.
        return by_package("exponential", values) / line[:, 1].max(), line[:, 1] / line[:, 1].max()
    if name == "l1_l2":
        return by_scipy(values, "l1"), playground.drawn("마름모", "dots.pg-l1")[0][0]
    if name == "dropout":
        weights = np.array(playground.call("p.train(a)", values["rate"]))
        masks = np.array(list(noise(11, 12 * values["samples"]))).reshape(-1, 12) >= values["rate"]
        x = -1.5 + np.arange(49) / 16
        outputs = (layer(x) * weights[:12]) @ (masks / (1 - values["rate"])).T + weights[12]
        return outputs.mean(axis=1), playground.drawn("예측", "mean")[0][:, 1]
    if name == "race":
        rates = playground.drawn("학습률", "line.pg-constant")[0][:, 1]
        return np.ones(STEPS), rates / values["rate"]
    ball = playground.drawn("공과", "region.pg-ball")[0]
    return np.full(len(ball), values["radius"]), np.linalg.norm(ball, axis=1)


MAIN_SLIDER = {
    "schedules": "초기 학습률 η0",
    "l1_l2": "규제 강도 α",
    "dropout": "드롭아웃 비율 p",
    "max_norm": "반지름 r",
    "race": "가장 큰 학습률",
}
HAS_SLIDER = {"schedules": "지수 기반", "dropout": "몬테 카를로"}  # 그 슬라이더와 견줄 곡선이 있는 때


@pytest.mark.parametrize("where, name", PLACES)
def test_mouse_keyboard_and_touch_move_the_picture(browser, address, where, name):
    context = browser.new_context(base_url=address, has_touch=True, reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"/{where}.html")
    playground = Playground(page, name)
    if name in HAS_SLIDER:
        playground.choose(HAS_SLIDER[name])
    slider, charts = playground.slider(MAIN_SLIDER[name]), playground.root.locator(".pg-charts")
    slider.scroll_into_view_if_needed()
    slider.press("End")
    seen = [(slider.get_attribute("aria-valuetext"), charts.inner_html())]

    def moved(by):
        seen.append((slider.get_attribute("aria-valuetext"), charts.inner_html()))
        assert len({value for value, _ in seen}) == len({html for _, html in seen}) == len(seen), by
        expected, drawn = computed(playground, name)
        np.testing.assert_allclose(drawn, expected, atol=0.03, err_msg=by)

    box = slider.bounding_box()
    place = {"x": box["x"] + 0.12 * box["width"], "y": box["y"] + box["height"] / 2}
    page.mouse.click(**place)
    moved("누르기")
    page.mouse.down()
    page.mouse.move(box["x"] + 0.65 * box["width"], place["y"], steps=3)
    page.mouse.up()
    moved("끌기")
    slider.press("ArrowRight")
    moved("방향키")
    slider.press("Home")
    moved("Home")
    page.touchscreen.tap(box["x"] + 0.9 * box["width"], place["y"])
    moved("손가락")
    context.close()


def test_arrow_keys_choose_a_schedule(opened):
    playground = opened("schedules")
    playground.root.get_by_role("radio", name="지수 기반").focus()
    playground.page.keyboard.press("ArrowRight")
    assert playground.values()["schedule"] == "piecewise"
    assert playground.slider("첫 경계").is_visible() and not playground.slider("줄어드는 비율 r").is_visible()
    playground.summary("구간별 고정, ")


def test_play_walks_to_the_end_and_stops(opened, page):
    """쪽의 시계를 멈추고 손으로 돌린다."""
    page.clock.install(time=0)
    playground = opened("max_norm")
    page.clock.pause_at(3600)
    playground.slider("스텝").press("Home")
    playground.root.get_by_role("button", name="한 스텝").click()
    assert playground.values()["step"] == 1
    playground.root.get_by_role("button", name="재생").press("Space")
    page.clock.run_for(100)  # 50밀리초에 한 스텝
    assert playground.values()["step"] == 3
    page.clock.run_for(10_000)
    playground.summary("40스텝 가운데 40스텝")
    assert playground.root.get_by_role("button", name="재생").is_visible()


@pytest.mark.parametrize("where, name", [place for place in PLACES if place[1] in ("schedules", "max_norm", "race")])
def test_reduced_motion_goes_to_the_end_at_once(opened, page, where, name):
    page.emulate_media(reduced_motion="reduce")
    playground = opened(name, where)
    playground.slider("스텝").press("Home")
    playground.root.get_by_role("button", name="재생").click()
    assert playground.values()["step"] == (40 if name == "max_norm" else STEPS)


# 글이 부탁하는 모습, 글 속의 낱말, 주소


@pytest.mark.parametrize("where, name", PLACES)
def test_page_opens_in_the_state_that_its_text_asks_for(opened, where, name):
    playground = opened(name, where)
    expected = STARTS.get((where, name), {})
    assert {control: playground.values()[control] for control in expected} == expected
    # 그 자리의 멈춘 그림도 같은 모습이다.
    start = playground.root.get_attribute("data-start")
    still = saved(name + (f"?{start}" if start else "")).read_text(encoding="utf-8")
    assert playground.summary("") in still


def test_one_cycle_opens_with_its_momentum(opened):
    momentum = opened("schedules", "notebooks/05_one_cycle").drawn("모멘텀", "line.pg-one_cycle")[0][:, 1]
    assert momentum.min() == pytest.approx(0.85, abs=0.01) and momentum[0] == pytest.approx(0.95, abs=0.01)


@pytest.mark.parametrize("where", WHERE)
def test_words_in_the_text_set_the_playground(page, where):
    """누르기 전에 무엇을 움직였든 낱말은 늘 같은 것을 보이고, 그 그림이 화면에 보인다."""
    page.set_viewport_size(PHONE)
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"/{where}.html")
    playgrounds = {name: Playground(page, name) for name in WHERE[where]}
    first = {name: playground.values() for name, playground in playgrounds.items()}
    words = page.locator(WORDS).all()
    assert words
    for word in words:
        name, _, state = word.get_attribute("href").removeprefix("#").partition("?")
        playground = playgrounds[name]
        playground.random(np.random.default_rng(6))
        word.click()
        given = dict(parse_qsl(state, strict_parsing=True))
        values = playground.values()
        assert {control: str(values[control]).lower() for control in given} == given
        assert {**values, **{control: first[name][control] for control in given}} == first[name]
        assert all(chart.evaluate(IN_SIGHT) for chart in playground.charts())
        assert word.evaluate("word => getComputedStyle(word).borderTopWidth") == "1px"


@pytest.mark.parametrize("where, name", PLACES)
def test_address_shows_what_its_sender_saw(opened, new_page, where, name):
    playground = opened(name, where)
    page = playground.page
    assert "#" not in page.url
    for radio in playground.root.get_by_role("radio").all()[-1:]:
        radio.check()
    playground.random(np.random.default_rng(7))
    for button in playground.root.get_by_role("button", name="다시 뽑기").all():
        button.click()
    page.wait_for_url(re.compile(rf"#{name}\?.*="))
    other = new_page()
    other.goto(page.url)
    received = Playground(other, name)
    assert received.values() == playground.values() and received.pictures() == playground.pictures()
    assert received.root.evaluate("root => root.querySelector('.pg-charts').getBoundingClientRect().top < innerHeight")
    other.context.close()


def test_address_is_followed_while_the_page_is_open(opened):
    playground = opened("schedules")
    playground.page.evaluate("location.hash = '#schedules?schedule=power&power=2'")
    assert playground.summary("거듭제곱 기반, 200스텝")
    assert playground.values()["power"] == 2


def test_nonsense_in_the_address_is_let_be(page):
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    nonsense = "rate=abc&schedule=none&step=1e9&decay_steps=-3&log=maybe&constructor=1&=&&"
    page.goto(f"{PAGE}#schedules?{nonsense}")
    playground = Playground(page, "schedules")
    values = playground.values()
    assert (values["rate"], values["schedule"], values["log"]) == (0.15, "constant", False)
    assert (values["step"], values["decay_steps"]) == (STEPS, 5)  # 넘친 값은 끝에 놓는다
    assert playground.summary("고정, 200스텝") and not errors


def test_arguments_of_the_package_are_the_controls_of_the_script(page):
    page.goto(PAGE)
    for name in NAMES:
        controls, playground = notebook.CONTROLS[name], Playground(page, name)
        assert set(playground.values()) - {"again"} == set(controls)
        for control, allowed in controls.items():
            if isinstance(allowed, dict):
                radios = playground.root.get_by_role("radio").all()
                assert {
                    radio.evaluate("radio => radio.labels[0].textContent"): radio.get_attribute("value")
                    for radio in radios
                } == allowed
            elif allowed is bool:
                assert playground.call("(p.show(`${a}=true`), p.values[a])", control) is True
            else:
                ends = [playground.call(f"(p.show(`${{a}}={end}`), p.values[a])", control) for end in ("-1e9", "1e9")]
                assert tuple(ends) == allowed, control


# 전화기


@pytest.mark.parametrize("where, name", PLACES)
def test_charts_stay_in_sight_while_any_slider_is_dragged_on_a_phone(opened, page, where, name):
    """슬라이더가 화면의 어디에 있든 그렇다."""
    page.set_viewport_size(PHONE)
    playground = opened(name, where)
    page.evaluate("window.MathJax?.startup?.promise")  # 수식이 놓이면 쪽의 높이가 달라진다
    for choice in playground.root.get_by_role("radio").all() or [None]:
        if choice:
            choice.check()
        for slider in playground.root.locator("input[type=range]:visible").all():
            for block in ("nearest", "end", "start"):
                slider.evaluate("(slider, block) => slider.scrollIntoView({ block, behavior: 'instant' })", block)
                box = slider.bounding_box()
                y = box["y"] + box["height"] / 2
                page.mouse.move(box["x"] + 0.2 * box["width"], y)
                page.mouse.down()
                before = slider.get_attribute("aria-valuetext"), playground.pictures()
                page.mouse.move(box["x"] + 0.7 * box["width"], y, steps=2)
                after = slider.get_attribute("aria-valuetext"), playground.pictures()
                told = slider.get_attribute("name"), block
                assert before[0] != after[0], told
                assert all(chart.evaluate(IN_SIGHT) for chart in playground.charts()), told
                page.mouse.up()
        assert before[1] != after[1]


def test_small_charts_keep_their_text_and_their_circles(opened, page):
    page.set_viewport_size(PHONE)
    playground = opened("max_norm")
    for chart in playground.charts():
        scale = chart.evaluate("chart => chart.getBoundingClientRect().width / chart.viewBox.baseVal.width")
        assert scale > 0.95  # 12픽셀로 적은 글자
    ball = playground.root.locator(".pg-ball").bounding_box()
    assert ball["width"] == pytest.approx(ball["height"], rel=0.05)
    rows = playground.root.locator(".pg-range").evaluate_all("rows => rows.map(row => row.offsetHeight)")
    assert max(rows) < 48  # 한 줄
    page.set_viewport_size({"width": 1280, "height": 800})
    playground.root.locator("[data-size='294 298']").first.wait_for()


def test_slider_has_no_white_track_on_a_dark_page(opened, page):
    page.emulate_media(color_scheme="dark")
    slider = opened("schedules").slider(MAIN_SLIDER["schedules"])
    slider.press("Home")  # 남은 길이 가장 길다
    pixels = plt.imread(io.BytesIO(slider.screenshot()))[..., :3]
    assert (pixels.min(axis=-1) > 0.85).mean() < 0.02


def test_words_are_plain_links_without_javascript(browser, address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/book/scheduling.html")
    # 스크립트를 끄면 evaluate도 쓸 수 없어, 스타일시트의 조건이 걸리지 않은 것을 상자의 여백으로 본다.
    plain = page.locator(WORDS).first.bounding_box()
    context.close()
    other = browser.new_page()
    other.goto(f"{address}/book/scheduling.html")
    framed = other.locator(WORDS).first.bounding_box()
    other.close()
    assert plain["width"] < framed["width"]


def test_two_of_a_kind_on_one_page_do_not_meddle(page):
    body = '<div data-playground="schedules"></div>' * 2
    body += "".join(f'<script defer src="/_static/playground/{name}.js"></script>' for name in scripts("schedules"))
    body = f'<!doctype html><meta charset="utf-8">{body}'
    page.route("**/bare.html", lambda route: route.fulfill(content_type="text/html", body=body))
    page.goto("/bare.html")
    # 노트북에서는 출력마다 스크립트를 따로 읽는다.
    page.evaluate(RENDER, [notebook.schedules()._repr_html_(), "first"])
    page.locator("#first").get_by_role("radio", name="성능 기반", exact=True).check()
    page.evaluate(RENDER, [notebook.schedules()._repr_html_(), "second"])
    assert page.locator("#first").get_by_role("radio", name="성능 기반", exact=True).is_checked()
    ids = page.locator("[id^=pg-]").evaluate_all("inputs => inputs.map(input => input.id)")
    assert len(ids) == len(set(ids)) > 40
    roots = page.locator(".playground").all()
    assert len(roots) == 4
    for root, label in zip(roots, ("고정", "거듭제곱 기반", "성능 기반", "1사이클")):
        root.get_by_role("radio", name=label, exact=True).check()
    chosen = [
        root.get_by_role("radio", checked=True).evaluate_all("inputs => inputs.map(i => i.value)") for root in roots
    ]
    assert chosen == [["constant"], ["power"], ["performance"], ["one_cycle"]]


@pytest.mark.parametrize("where, name", PLACES)
def test_every_control_and_chart_has_a_korean_name(opened, where, name):
    root = opened(name, where).root
    names = [chart.get_attribute("aria-label") for chart in root.get_by_role("img").all()]
    names += [slider.evaluate("input => input.labels[0].textContent") for slider in root.get_by_role("slider").all()]
    assert len(names) >= 3 and len(set(names)) == len(names)
    assert all(any("가" <= letter <= "힣" for letter in text) for text in names)


# 가볍고 홀로 선다


@pytest.mark.parametrize("name", MAIN_SLIDER)
def test_script_is_small_and_served_as_written(site, name):
    served = [site / "_static" / "playground" / f"{script}.js" for script in scripts(name)]
    assert [path.read_bytes() for path in served] == [(SCRIPTS / path.name).read_bytes() for path in served]
    assert sum(path.stat().st_size for path in served) < 32_000


@pytest.mark.parametrize("where, name", PLACES)
def test_no_step_takes_long(opened, worked, where, name):
    """50밀리초를 넘으면 손이 느낀다(W3C Long Tasks). 벽시계가 아니라 브라우저가 일한 시간이다."""
    playground = opened(name, where)
    milliseconds = worked(playground.page)
    times = {}
    choices = playground.root.get_by_role("radio").evaluate_all("radios => radios.map(radio => radio.value)") or [None]
    for choice in choices:
        key = {"schedules": "schedule", "dropout": "mode"}.get(name)
        for place in (0, 0.5, 1):
            playground.random(SimpleNamespace(random=lambda place=place: place))
            # 어쩌다 끼어드는 다른 일(쓰레기 모으기)을 빼려고 세 번 가운데 짧은 것을 쓴다.
            spent = []
            for _ in range(3):
                before = milliseconds()
                playground.root.evaluate(REDRAW, {key: choice} if key else {})
                spent.append(milliseconds() - before)
            times[choice, place] = min(spent)
    assert max(times.values()) < 50, times


def test_scripts_ask_for_nothing_and_raise_nothing(page, address):
    """빈 쪽에 놀이터만 놓는다. 책의 다른 것이 하는 요청과 섞이지 않는다."""
    requests, errors = [], []
    page.on("request", lambda request: requests.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    scripts = [f"/_static/playground/{name}.js" for name in ("common", "rates", *NAMES)]
    body = "".join(f'<div data-playground="{name}"></div>' for name in NAMES)
    body += "".join(f'<script defer src="{script}"></script>' for script in scripts)
    page.route("**/bare.html", lambda route: route.fulfill(content_type="text/html", body=f"<!doctype html>{body}"))
    page.goto("/bare.html")
    random = np.random.default_rng(5)
    for name in NAMES:
        playground = Playground(page, name)
        for radio in playground.root.get_by_role("radio").all() or [None]:
            if radio:
                radio.check()
            playground.random(random)
    assert not errors
    assert set(requests) - {f"{address}/favicon.ico"} == {f"{address}{path}" for path in ["/bare.html", *scripts]}


def test_scripts_are_loaded_only_where_a_playground_stands(site, pages):
    for where in pages:
        html = (site / f"{where}.html").read_text(encoding="utf-8")
        loaded = re.findall(r"playground/(\w+)\.js", html)
        names = [scripts(name) for name in sorted(WHERE.get(where, []))]
        assert loaded == list(dict.fromkeys(sum(names, []))), where


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_narrow_page_does_not_scroll_sideways(page, theme):
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size(PHONE)
    page.goto(PAGE)
    Playground(page, NAMES[0])
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_text_is_readable_in_light_and_dark(page):
    """글자색은 쪽의 것을 따르고, 자료의 색은 바탕과 3:1 넘게 다르다(WCAG 1.4.11)."""
    page.goto(PAGE)
    Playground(page, "schedules")
    for theme in ("light", "dark"):
        page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
        back = luminance(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        colors = page.locator(".playground .pg-line, .playground .pg-dots").evaluate_all(
            "shapes => [...new Set(shapes.map(shape => getComputedStyle(shape).stroke))]"
        )
        assert len(colors) >= 5
        pairs = {color: sorted([back, luminance(color)]) for color in colors}
        contrast = {color: (light + 0.05) / (dark + 0.05) for color, (dark, light) in pairs.items()}
        assert min(contrast.values()) >= 3, contrast


def luminance(color):
    """``rgb(r, g, b)``의 상대 휘도."""
    channels = np.array([int(part) for part in color[color.index("(") + 1 : -1].split(",")[:3]]) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


# 자바스크립트가 없을 때, 그리고 노트북에서


@pytest.mark.parametrize("place", places())
def test_still_picture_is_what_the_script_draws(browser, place):
    page = browser.new_page()
    drawn = picture(page, place)
    page.close()
    assert saved(place).read_text(encoding="utf-8") == drawn, "python -m authoring.playground"


def test_no_still_picture_is_left_over():
    assert set(saved("").parent.glob("*.html")) == {saved(place) for place in places()}


@pytest.mark.parametrize("where", WHERE)
def test_still_picture_stands_without_javascript(browser, address, where):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/{where}.html")
    for name in WHERE[where]:
        root = page.locator(f"[data-playground={name}]")
        assert root.get_by_role("img").count() >= 2
        assert all(chart.bounding_box()["height"] > 100 for chart in root.get_by_role("img").all())
        assert root.locator(".pg-summary").is_visible()
        assert root.get_by_text("자바스크립트를 켜면 움직인다.").is_visible()
    context.close()


@pytest.mark.parametrize("name", NAMES)
def test_output_of_a_notebook_runs_the_same_script(page, name):
    page.goto(PAGE)
    start = {"schedule": "고정"} if name == "schedules" else {}
    page.evaluate(RENDER, [getattr(notebook, name)(**start)._repr_html_(), "output"])
    assert page.locator("#output .pg-controls input").count() >= 2
    same = f"[data-playground={name}] .pg-charts"
    charts = page.locator(same).evaluate_all("charts => charts.map(chart => chart.innerHTML)")
    assert len(charts) == 2 and len(set(charts)) == 1
