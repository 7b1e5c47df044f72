"""쪽에서 하는 훈련과 훈련 실험실을 브라우저에서 움직인다. 숫자와 통계는 파이썬에서 따로 구해 견준다."""

import csv
import re
from io import StringIO

import keras
import numpy as np
import pytest
from test_playground import IN_SIGHT, PHONE, RENDER, WHERE, Playground

from authoring.playground import SCRIPTS, digits, scripts
from homl11 import playground as notebook
from homl11 import significance
from homl11.data import load_dataset

LABORATORY = "book/laboratory"
PLACES = [(where, name) for where, names in WHERE.items() for name in names if name in notebook.TRAINING]
LAST = "root => root.playground.live.runs.at(-1)"
DONE = "root => root.playground.live.runs.at(-1)?.state === 'done'"


class Training(Playground):
    def press(self, name):
        self.root.get_by_role("button", name=name, exact=True).click()

    def last(self):
        return self.root.evaluate(LAST)

    def wait(self, state):
        self.page.wait_for_function(
            "([root, state]) => root.playground.live.runs.at(-1)?.state === state",
            arg=[self.root.element_handle(), state],
        )

    def show(self, state):
        self.root.evaluate("(root, state) => root.playground.show(state)", state)

    def train(self, state="", button="훈련"):
        """그 값으로 훈련하고 마지막 기록을 돌려준다."""
        self.show(state)
        self.press(button)
        self.wait("done")
        return self.last()


@pytest.fixture
def laboratory(page):
    page.goto(f"/{LABORATORY}.html")
    return Training(page, "laboratory")


# 누르기 전과 뒤


@pytest.mark.parametrize("name", notebook.TRAINING)
def test_page_is_light_before_the_press(site, name):
    """작은 것은 40kB 아래이다. 엔진과 숫자는 누른 다음에 받고, 숫자는 압축해 1MB 아래이다."""
    folder = site / "_static" / "playground"
    weight = sum((folder / f"{script}.js").stat().st_size for script in scripts(name))
    assert weight < (40_000 if name == "training" else 55_000)
    assert "engine" not in scripts(name)
    assert (folder / "mnist5k.js").read_text(encoding="utf-8") == digits()
    assert len(digits()) * 3 / 4 < 1_000_000  # base64로 늘어난 것은 서버의 압축이 되돌린다


def test_engine_and_digits_are_asked_for_once_and_only_after_the_press(page, address):
    asked = []
    page.on("request", lambda request: asked.append(request.url.removeprefix(address)))
    page.goto(f"/{LABORATORY}.html")
    laboratory = Training(page, "laboratory")
    late = ["/_static/playground/engine.js", "/_static/playground/mnist5k.js"]
    assert not set(late) & set(asked)
    for _ in range(2):
        laboratory.train("epochs=1&size=100")
    assert [path for path in asked if path in late] == late
    assert all(path.startswith(("/", "blob:")) for path in asked)


def test_digits_are_those_of_the_package(page, laboratory):
    """첫 층을 지나기 전의 픽셀이 load_dataset의 것과 같다: 훈련, 검증, 테스트의 차례까지."""
    laboratory.train("epochs=1&size=100")
    data = load_dataset("mnist5k")
    unpacked = page.evaluate(
        """async () => {
        const bytes = Uint8Array.from(atob(homl11Digits), (letter) => letter.charCodeAt(0));
        const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
        return Array.from(new Uint8Array(await new Response(stream).arrayBuffer()));
    }"""
    )
    unpacked = np.array(unpacked, "uint8")
    splits = (data.train, data.valid, data.test)
    x, y = (np.concatenate(parts) for parts in zip(*splits))
    np.testing.assert_array_equal(unpacked[: 784 * 5000].reshape(-1, 28, 28), np.rint(x * 255))
    np.testing.assert_array_equal(unpacked[784 * 5000 :], y)


@pytest.mark.parametrize("where, name", PLACES)
def test_training_of_every_page_trains(page, where, name):
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"/{where}.html")
    training = Training(page, name)
    run = training.train("epochs=2&size=300")
    [records] = run["records"]
    assert len(records) == 2 and records[-1]["step"] == 2 * -(-300 // run["v"]["batch"])
    assert training.summary("다 훈련했다") and not errors


# 단추


def test_pause_step_resume_and_stop(laboratory):
    laboratory.show("epochs=40&size=500")
    laboratory.press("한 스텝")
    laboratory.page.wait_for_function(
        "root => root.playground.live.current()?.at?.step === 1", arg=laboratory.root.element_handle()
    )
    laboratory.press("이어서")
    laboratory.page.wait_for_function(
        "root => root.playground.live.current().records[0].length > 1", arg=laboratory.root.element_handle()
    )
    laboratory.press("잠깐 멈춤")
    assert laboratory.last()["state"] == "paused"
    laboratory.press("이어서")
    laboratory.press("그만")
    run = laboratory.last()
    assert run["state"] == "stopped" and 1 < len(run["records"][0]) < 40
    assert laboratory.summary("도중에 그만두었다")
    # 그만둔 일꾼은 다음 훈련을 방해하지 않는다.
    assert laboratory.train("epochs=1&size=100")["state"] == "done"
    assert len(laboratory.root.evaluate("root => root.playground.live.runs[0].records[0]")) == len(run["records"][0])


def test_same_seed_gives_the_same_training_and_another_seed_another(laboratory):
    first, again, other = (laboratory.train(f"epochs=2&size=300&seed={seed}")["records"] for seed in (3, 3, 4))
    assert first == again != other


@pytest.mark.parametrize(
    "state, told",
    [
        ("epochs=0", "0에포크로는 배울 것이 없다"),
        ("rate=10&epochs=3&size=500", "튕겨 나갔다|배우지 못했다"),
        ("rate=1&epochs=3", "배우지 못했다"),
    ],
)
def test_bad_input_is_told_in_a_sentence_and_the_page_goes_on(laboratory, state, told):
    errors = []
    laboratory.page.on("pageerror", lambda error: errors.append(str(error)))
    laboratory.show(state)
    laboratory.press("훈련")
    laboratory.root.get_by_role("status").filter(has_text=re.compile(told)).first.wait_for()
    assert laboratory.train("epochs=1&size=100")["records"][0] and not errors


def test_digits_that_do_not_come_are_told_and_asked_for_again(page, laboratory):
    page.route("**/mnist5k.js", lambda route: route.abort())
    laboratory.show("epochs=1&size=100")
    laboratory.press("훈련")
    laboratory.summary("받지 못했다. 인터넷 연결을 확인하고")
    page.unroute("**/mnist5k.js")
    page.route(re.compile("mnist5k"), lambda route: route.continue_())
    assert laboratory.train("epochs=1&size=100")


# 견줌


def test_intervals_and_verdicts_are_those_of_the_book(laboratory):
    random, answers = np.random.default_rng(0), set()
    for _ in range(300):
        differences = (random.normal(scale=0.01) + random.normal(size=5) * random.choice([0.002, 0.02])).tolist()
        mean, half = laboratory.call("p.interval(a)", differences)
        expected, low, high = significance.confidence_interval(differences)
        assert (mean, mean - half, mean + half) == pytest.approx((expected, low, high), rel=1e-4, abs=1e-6)
        answer = laboratory.call("p.judge(a, 0.01)", differences)
        if abs(significance.p_value(differences) - 0.05) > 1e-4:
            assert answer == significance.judge({"가": differences}, margin=0.01)["가"]
        answers.add(answer)
    assert len(answers) == 4


def test_five_seeds_give_interval_and_paired_difference(laboratory):
    runs = [
        laboratory.train(state, "씨앗 다섯으로") for state in ("epochs=3&size=300", "epochs=3&size=300&rate=0.0005")
    ]
    finals = [np.array([records[-1]["val_loss"] for records in run["records"]]) for run in runs]
    table = laboratory.root.locator(".pg-runs")
    for values in finals:
        mean, low, _ = significance.confidence_interval(values)
        table.get_by_text(f"{mean:.3f} ± {mean - low:.3f}").wait_for()
    assert [run["seeds"] for run in runs] == [[1, 2, 3, 4, 5]] * 2
    judged = table.locator(".pg-judged").first.inner_text()
    mean, low, high = significance.confidence_interval(finals[1] - finals[0])
    assert judged == f"뚜렷하게 높다: 2번 - 1번, 검증 손실 ({mean:.3f}, 95% 신뢰 구간 {low:.3f} ~ {high:.3f})"


def five(laboratory, state):
    """씨앗 다섯의 기록, 모양 (씨앗, 에포크)의 배열들."""
    records = laboratory.train(state, "씨앗 다섯으로")["records"]
    return {name: np.array([[record[name] for record in run] for run in records]) for name in records[0][0]}


@pytest.mark.slow
def test_claims_of_notebook_00_come_true(laboratory):
    ends = {rate: five(laboratory, f"epochs=10&rate={rate}")["val_loss"] for rate in (0.0005, 0.02, 0.1, 1)}
    small, right, large, far = (losses[:, -1] for losses in ends.values())
    assert (right < 0.75 * small).all() and (np.diff(ends[0.0005]) < 0).all()
    assert significance.judge({"크다": large - right})["크다"] == significance.HIGHER
    assert (np.abs(far - np.log(10)) < 0.2).all()


@pytest.mark.slow
def test_claims_of_notebook_07_come_true(laboratory):
    plain = five(laboratory, "epochs=25")
    assert (plain["train_accuracy"][:, -1] == 1).all()
    lowest = plain["val_loss"].min(axis=1)
    assert significance.judge({"오른 만큼": plain["val_loss"][:, -1] - lowest})["오른 만큼"] == significance.HIGHER
    few = five(laboratory, "epochs=20&size=300")
    more = five(laboratory, "epochs=20&size=1000")
    assert (
        significance.judge({"최저": more["val_loss"].min(axis=1) - few["val_loss"].min(axis=1)})["최저"]
        == significance.LOWER
    )
    shuffled = five(laboratory, "epochs=50&size=1000&shuffle=true&network=h300_100")
    assert (shuffled["train_accuracy"][:, -1] > 0.95).all() and (shuffled["val_accuracy"][:, -1] < 0.2).all()


@pytest.mark.slow
def test_claims_of_notebook_09_come_true(laboratory):
    runs = {rate: five(laboratory, f"epochs=15&size=1500&regularizer=dropout&dropout={rate}") for rate in (0, 0.3, 0.5)}
    end = {rate: {name: values[:, -1] for name, values in run.items()} for rate, run in runs.items()}
    assert (end[0.5]["loss"] > end[0.5]["val_loss"]).all()  # 찍히는 훈련 손실
    assert (end[0.5]["train_loss"] < end[0.5]["val_loss"]).all()  # 드롭아웃을 끄고 다시 재면
    claims = {
        "0.3 - 0, 검증 손실": end[0.3]["val_loss"] - end[0]["val_loss"],
        "0 - 0.3, 끄고 잰 훈련 손실": end[0]["train_loss"] - end[0.3]["train_loss"],
        "0.3 - 0.5, 끄고 잰 훈련 손실": end[0.3]["train_loss"] - end[0.5]["train_loss"],
    }
    assert set(significance.judge(claims).values()) == {significance.LOWER}


# 실험실의 나머지


@pytest.mark.parametrize(
    "state",
    [
        "schedule=power&regularizer=l1",
        "schedule=exponential&regularizer=l2&size=1000",
        "schedule=piecewise&regularizer=dropout&network=h30&batch=64",
        "schedule=performance&regularizer=stop&stop=3",
        "schedule=one_cycle&regularizer=max_norm",
        "schedule=constant&optimizer=nadam&rate=0.001&shuffle=true&size=500",
    ],
)
def test_keras_code_runs_and_is_the_same_setting(laboratory, state, monkeypatch):
    laboratory.press("이 설정의 케라스 코드")
    laboratory.show(f"{state}&epochs=3")  # 펼쳐 둔 코드도 따라 바뀐다
    source = laboratory.root.locator("pre").inner_text()
    names = {}
    exec(source, names)
    v, run = laboratory.values(), names["run"]
    settings = laboratory.call("p.settings(p.values)")
    optimizer, model = run.model.optimizer, run.model
    assert len(run.history["loss"]) == 3 and int(optimizer.iterations) == settings["total"]
    units = [layer.units for layer in model.layers if isinstance(layer, keras.layers.Dense)]
    assert [784, *units] == settings["sizes"]
    planned = laboratory.call("p.planned(p.values, p.settings(p.values).total)")
    if v["schedule"] != "performance":
        schedule = getattr(optimizer, "_learning_rate", None)
        for epoch, rate in planned[:-1:7]:
            step = round(epoch * settings["perEpoch"])
            used = float(schedule(step)) if callable(schedule) else float(optimizer.learning_rate)
            assert used == pytest.approx(rate, rel=1e-4)
    kernel = next(layer for layer in model.layers if isinstance(layer, keras.layers.Dense))
    penalty = kernel.kernel_regularizer.get_config() if kernel.kernel_regularizer else {}
    assert penalty.get("l1", 0) == pytest.approx(settings["l1"]) and penalty.get("l2", 0) == pytest.approx(
        settings["l2"]
    )
    assert len(names["data"].train.x) == v["size"]


def test_csv_holds_every_epoch_of_every_run(laboratory):
    runs = [laboratory.train("epochs=2&size=200"), laboratory.train("epochs=1&size=200", "씨앗 다섯으로")]
    with laboratory.page.expect_download() as download:
        laboratory.press("CSV 받기")
    rows = list(csv.DictReader(StringIO(download.value.path().read_text(encoding="utf-8"))))
    expected = [(str(run["id"]), record) for run in runs for records in run["records"] for record in records]
    assert len(rows) == len(expected) == 7
    for row, (number, record) in zip(rows, expected):
        assert row["run"] == number and float(row["val_loss"]) == record["val_loss"]


def test_drawn_digit_is_read_with_its_spread(laboratory):
    laboratory.root.get_by_text("숫자를 그려 물어보기").click()
    board, answer = laboratory.root.locator(".pg-board"), laboratory.root.locator(".pg-answer")

    def stroke():
        board.scroll_into_view_if_needed()
        box = board.bounding_box()
        x = box["x"] + box["width"] / 2
        laboratory.page.mouse.move(x, box["y"] + 0.2 * box["height"])
        laboratory.page.mouse.down()
        laboratory.page.mouse.move(x, box["y"] + 0.8 * box["height"], steps=8)
        laboratory.page.mouse.up()

    stroke()
    answer.get_by_text("아직 훈련한 네트워크가 없다").wait_for()
    laboratory.train("epochs=6")
    laboratory.press("지우개")
    stroke()
    answer.get_by_text("1이라고 본다").wait_for()
    laboratory.train("epochs=6&regularizer=dropout")
    stroke()
    answer.get_by_text(re.compile("몬테 카를로로는 .* ± ")).wait_for()
    right = 0
    data = load_dataset("mnist5k")
    for count in range(10):
        laboratory.press("테스트 숫자 하나")
        label = data.test.y[(-1 + 37 * (count + 1)) % 1000]
        answer.locator("td").first.wait_for()
        laboratory.page.wait_for_timeout(100)
        right += answer.inner_text().startswith(f"{label}이라고")
    assert right >= 8


def test_inside_of_the_network_is_shown(laboratory):
    laboratory.root.get_by_text("네트워크의 속과 틀린 숫자").click()
    laboratory.train("epochs=2&size=500")
    look = laboratory.root.locator(".pg-look")
    assert look.get_by_role("img", name=re.compile("뉴런 .*의 가중치")).count() == 16
    assert look.get_by_role("img", name=re.compile("^숫자 [0-9]$")).count() == 8
    assert look.get_by_role("img", name="가중치의 분포").count() == 1


# 오래 써도


def test_thirty_runs_in_a_row_leave_no_error_and_no_slow_redraw(laboratory, worked):
    errors = []
    laboratory.page.on("pageerror", lambda error: errors.append(str(error)))
    for seed in range(1, 34):
        laboratory.train(f"epochs=1&size=100&seed={seed}")
    assert laboratory.root.evaluate("root => root.playground.live.runs.length") == 30 and not errors
    milliseconds, spent = worked(laboratory.page), []
    for _ in range(3):
        before = milliseconds()
        laboratory.root.evaluate("root => (root.playground.update(), root.getBoundingClientRect(), 0)")
        spent.append(milliseconds() - before)
    assert min(spent) < 50

    session = laboratory.page.context.new_cdp_session(laboratory.page)

    def used():
        """쓰레기를 모은 뒤 쪽이 쥐고 있는 바이트."""
        session.send("HeapProfiler.collectGarbage")
        return session.send("Runtime.getHeapUsage")["usedSize"]

    before = used()
    for seed in range(1, 9):
        laboratory.train(f"epochs=1&size=100&seed={seed}")
    assert used() - before < 1_000_000


def test_main_thread_is_free_while_it_trains(laboratory, worked):
    """일꾼의 말 하나를 듣고 다시 그리는 데 쪽의 스레드는 50밀리초를 쓰지 않는다."""
    laboratory.train("epochs=1&size=100")
    milliseconds = worked(laboratory.page)
    before = milliseconds()
    laboratory.show("epochs=6&size=3000")
    laboratory.press("훈련")
    laboratory.wait("done")
    heard = laboratory.root.evaluate("root => root.playground.live.heard()")
    assert heard > 10 and (milliseconds() - before) / heard < 50


def test_two_tabs_train_side_by_side(new_page):
    tabs = []
    for seed in (1, 2):
        page = new_page()
        page.goto(f"/{LABORATORY}.html")
        tabs.append(Training(page, "laboratory"))
        tabs[-1].show(f"epochs=3&size=500&seed={seed}")
        tabs[-1].press("훈련")
    for tab in tabs:
        tab.wait("done")
    assert tabs[0].last()["records"] != tabs[1].last()["records"]
    for tab in tabs:
        tab.page.context.close()


def test_sleeping_and_resized_page_goes_on(page, laboratory):
    session = page.context.new_cdp_session(page)
    laboratory.show("epochs=8&size=1000")
    laboratory.press("훈련")
    session.send("Page.setWebLifecycleState", {"state": "frozen"})
    session.send("Page.setWebLifecycleState", {"state": "active"})
    page.set_viewport_size(PHONE)
    laboratory.wait("done")
    assert len(laboratory.last()["records"][0]) == 8
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_address_brings_the_same_training(page, laboratory, new_page):
    laboratory.show("schedule=exponential&rate=0.05&regularizer=dropout&dropout=0.2&epochs=2&size=300")
    page.wait_for_url(re.compile("#laboratory.*dropout=0.2"))
    other = new_page()
    other.goto(page.url)
    received = Training(other, "laboratory")
    assert received.values() == laboratory.values()
    page.goto(f"/{LABORATORY}.html#laboratory?rate=0.5")
    assert laboratory.values()["rate"] == 0.5
    page.go_back()
    page.wait_for_function("root => root.playground.values.rate === 0.05", arg=laboratory.root.element_handle())
    other.context.close()


# 누구에게나


@pytest.mark.parametrize("where, name", PLACES)
def test_charts_stay_in_sight_on_a_phone(page, where, name):
    page.set_viewport_size(PHONE)
    page.goto(f"/{where}.html")
    training = Training(page, name)
    page.evaluate("window.MathJax?.startup?.promise")
    for slider in training.root.locator("input[type=range]:visible").all():
        slider.evaluate("slider => slider.scrollIntoView({ block: 'nearest', behavior: 'instant' })")
        before = slider.get_attribute("aria-valuetext")
        box = slider.bounding_box()
        y = box["y"] + box["height"] / 2
        page.mouse.move(box["x"] + 0.25 * box["width"], y)
        page.mouse.down()
        page.mouse.move(box["x"] + 0.75 * box["width"], y, steps=2)
        assert slider.get_attribute("aria-valuetext") != before
        assert all(chart.evaluate(IN_SIGHT) for chart in training.charts()), slider.get_attribute("name")
        page.mouse.up()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_after_training(page, laboratory, violations, scheme):
    page.emulate_media(color_scheme=scheme)
    for label in ("네트워크의 속과 틀린 숫자", "숫자를 그려 물어보기"):
        laboratory.root.get_by_text(label).click()
    laboratory.train("epochs=1&size=300", "씨앗 다섯으로")
    laboratory.train("epochs=1&size=300&regularizer=dropout", "씨앗 다섯으로")
    laboratory.press("이 설정의 케라스 코드")
    laboratory.press("테스트 숫자 하나")
    laboratory.root.locator(".pg-answer td").first.wait_for()
    assert violations(page) == []


def test_keyboard_alone_trains(page, laboratory):
    laboratory.show("epochs=1&size=100")
    laboratory.root.get_by_role("button", name="훈련", exact=True).focus()
    page.keyboard.press("Enter")
    laboratory.wait("done")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "one"


def test_arguments_of_the_package_are_the_controls_of_the_script(laboratory):
    controls = notebook.CONTROLS["laboratory"]
    assert set(laboratory.values()) == set(controls)
    for control, allowed in controls.items():
        if isinstance(allowed, dict):
            for label, value in allowed.items():
                laboratory.show(f"{control}={value}")
                assert laboratory.values()[control] == value
                assert (
                    laboratory.root.locator(f"input[value={value}]").evaluate("radio => radio.labels[0].textContent")
                    == label
                )
        elif allowed is bool:
            assert laboratory.call("(p.show(`${a}=true`), p.values[a])", control) is True
        else:
            ends = [laboratory.call(f"(p.show(`${{a}}={end}`), p.values[a])", control) for end in ("-1e9", "1e9")]
            assert tuple(ends) == allowed, control


@pytest.mark.parametrize("name", notebook.TRAINING)
def test_output_of_a_notebook_trains(page, name):
    """노트북의 출력은 엔진과 숫자를 품고 있어 아무것도 받지 않는다."""
    asked = []
    page.goto("/book/playground.html")
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate(RENDER, [getattr(notebook, name)(size=300, epochs=2)._repr_html_(), "output"])
    training = Training(page, name)
    assert training.train("")["records"][0][-1]["epoch"] == 2
    assert not [url for url in asked if "/playground/" in url]


def test_scripts_are_served_as_written(site):
    for name in ("engine", *scripts("laboratory")):
        assert (site / "_static" / "playground" / f"{name}.js").read_bytes() == (SCRIPTS / f"{name}.js").read_bytes()
