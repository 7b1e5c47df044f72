"""연구: 설정대로 훈련하는가, 결과를 잃지도 덮어쓰지도 않는가, 나누어 해도 같은가."""

import errno
import json
import os
import random
import re
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from patience import PATIENCE, until

from authoring import ROOT
from homl11 import chapter, study
from homl11.chapter import CONFIGURATIONS, METHODS, Configuration
from homl11.data import Dataset, Split
from homl11.models import build_mlp
from homl11.schedules import exponential, one_cycle, piecewise_constant, power
from homl11.study import Store, StudyError, Task

TINY = Configuration(name="tiny", method="power", role="chapter", epochs=2, hidden_units=(8,))


def final(record):
    """기계와 시간을 뺀 결과."""
    kept = ("configuration", "seed", "data", "history", "test_accuracy", "mc_valid_accuracy", "mc_test_accuracy")
    return {key: record[key] for key in kept if key in record}


def results(folder):
    return {path.name: json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")}


# 설정


def test_names_can_be_file_names_and_are_unique():
    everything = [*chapter.CHAPTER, *chapter.CANDIDATES, *chapter.BETTER]
    assert len(CONFIGURATIONS) == len(everything)
    assert all(re.fullmatch(r"[a-z0-9.-]+", name) for name in CONFIGURATIONS)


def test_every_method_has_a_title_and_every_chosen_one_is_a_candidate():
    assert {configuration.method for configuration in CONFIGURATIONS.values()} == METHODS.keys()
    assert {c.method: c.name for c in chapter.CANDIDATES if c.name in chapter.CHOSEN.values()} == chapter.CHOSEN


def test_every_record_of_the_book_has_a_configuration():
    assert {c.method for c in chapter.CHAPTER} == {name for name, method in METHODS.items() if method["recorded"]}


def test_tuning_and_final_seeds_do_not_meet():
    assert not set(chapter.SEEDS["candidate"]) & {*chapter.SEEDS["chapter"], *chapter.SEEDS["better"]}
    assert len(chapter.SEEDS["chapter"]) >= 5 and len(chapter.SEEDS["better"]) >= 5


@pytest.mark.parametrize("name", [c.name for c in chapter.CHAPTER])
def test_configuration_builds_a_model_an_optimizer_and_callbacks(name, data):
    configuration = CONFIGURATIONS[name]
    learning_rate, callbacks = study.schedule(configuration, 100)
    optimizer = study.optimizer(configuration, learning_rate, 100)
    assert type(optimizer).__name__ == configuration.optimizer
    assert len(callbacks) == (
        configuration.schedule["kind"] in ("exponential_epochs", "piecewise_epochs", "performance")
    )
    widths = [layer.units for layer in study.build(configuration, data, 0).layers if hasattr(layer, "units")]
    assert widths == [*configuration.hidden_units, 3]


STEPS = np.array([0, 7, 20_000])


@pytest.mark.parametrize(
    "name, expected",
    [
        ("power", power(STEPS, 0.01, 10_000)),
        ("exponential", exponential(STEPS, 0.01, 20_000)),
        ("piecewise", piecewise_constant(STEPS, [31_250, 50_000], [0.01, 0.005, 0.001])),
        ("one-cycle", one_cycle(STEPS, 0.1, 430 * 25)),
    ],
)
def test_schedule_of_the_steps_is_that_of_the_book(name, expected):
    learning_rate, _ = study.schedule(CONFIGURATIONS[name], 430 * 25)
    assert [float(learning_rate(step)) for step in STEPS] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    "name, expected",
    [
        ("exponential-epochs", {0: 0.01, 20: 0.001}),
        ("piecewise-epochs", {0: 0.01, 4: 0.01, 5: 0.005, 14: 0.005, 15: 0.001, 24: 0.001}),
    ],
)
def test_schedule_of_the_epochs_is_that_of_the_book(name, expected):
    _, [callback] = study.schedule(CONFIGURATIONS[name], 1)
    assert {epoch: callback.schedule(epoch) for epoch in expected} == pytest.approx(expected)


def test_boundaries_as_published_are_never_reached():
    configuration = CONFIGURATIONS["piecewise"]
    assert configuration.schedule["boundaries"][0] > study.total_steps(55_000, 32, configuration.epochs)


def test_momentum_cycle_follows_the_steps():
    configuration = replace(TINY, momentum=(0.95, 0.85), schedule={"kind": "one_cycle", "max_learning_rate": 0.1})
    optimizer = study.optimizer(configuration, study.schedule(configuration, 100)[0], 100)
    assert float(optimizer.momentum) == pytest.approx(0.95)
    optimizer.iterations.assign(45)
    assert float(optimizer.momentum) == pytest.approx(0.85)


def test_unknown_schedule_is_named(rejects):
    with rejects("kind", "왕복"):
        study.schedule(replace(TINY, schedule={"kind": "왕복"}), 10)


def test_max_norm_spares_the_output_layer_and_l2_does_not(data):
    *hidden, output = study.build(replace(TINY, max_norm=1.0, l2=0.01), data, 0).layers[1:]
    assert [layer.kernel_constraint.max_value for layer in hidden] == [1.0] and output.kernel_constraint is None
    assert [float(layer.kernel_regularizer.l2) for layer in (*hidden, output)] == pytest.approx([0.01, 0.01])


def test_model_owes_nothing_to_the_global_random_numbers(data):
    """Dask의 통신 스레드는 파이썬의 전역 난수를 쓴다. 케라스도 씨앗이 없으면 거기서 뽑는다."""
    random.seed(99)
    before = random.getstate()
    study.build(replace(TINY, dropout_rate=0.5), data, 5)
    assert random.getstate() == before


def test_initial_weights_are_those_of_build_mlp_with_dropout_or_without(data):
    expected = build_mlp((8,), input_shape=(4, 4), classes=3, seed=5).get_weights()
    for rate in (0.0, 0.5):
        model = study.build(replace(TINY, dropout_rate=rate), data, 5)
        assert sum(isinstance(layer, keras.layers.Dropout) for layer in model.layers) == (2 if rate else 0)
        for left, right in zip(model.get_weights(), expected, strict=True):
            np.testing.assert_array_equal(left, right)


def test_validation_set_is_the_last_5000_as_in_the_book(monkeypatch):
    rows = np.arange(60_000, dtype="float32")
    split = [Split(part[:, None, None], part.astype("int32")) for part in (rows[5000:], rows[:5000], rows[:10_000])]
    monkeypatch.setattr(study, "load_dataset", lambda name: Dataset(name, ("가",), *split))
    found = study.chapter_data.__wrapped__("fashion_mnist")
    np.testing.assert_array_equal(found.train.x.ravel(), rows[:55_000])
    np.testing.assert_array_equal(found.valid.y, np.arange(55_000, 60_000))
    assert found.test is split[2]


# 훈련 하나


@pytest.fixture
def tiny(monkeypatch, data):
    """데이터만 바꾼다."""
    monkeypatch.setattr(study, "chapter_data", lambda name: data)
    return Task(TINY, 0, "작은 데이터")


def test_run_repeats_and_depends_on_its_seed(tiny):
    first, again, other = (final(study.compute(task)) for task in (tiny, tiny, tiny._replace(seed=1)))
    assert first == again and first["history"] != other["history"]


def test_run_holds_what_is_needed_to_repeat_it(tiny):
    record = study.compute(tiny)
    assert record["configuration"]["hidden_units"] == [8] and record["seed"] == 0
    assert {len(values) for values in record["history"].values()} == {2}
    assert record["versions"]["keras"] == keras.__version__ and record["machine"]["cores"] == os.cpu_count()
    assert record["seconds"] >= record["training_seconds"] > 0 and record["cpu_seconds"] > 0


def test_test_set_is_not_seen_by_a_candidate(tiny, data):
    configuration = replace(TINY, dropout_rate=0.5, samples=(1, 4))
    final_one = study.compute(tiny._replace(configuration=configuration))
    candidate = study.compute(tiny._replace(configuration=replace(configuration, role="candidate")))
    assert {"test_accuracy", "mc_test_accuracy"} <= final_one.keys()
    assert not {"test_accuracy", "mc_test_accuracy"} & candidate.keys()
    assert candidate["history"] == final_one["history"]
    assert candidate["mc_valid_accuracy"] == final_one["mc_valid_accuracy"] and len(candidate["mc_valid_accuracy"]) == 2
    assert final_one["test_accuracy"] * len(data.test.x) == pytest.approx(
        round(final_one["test_accuracy"] * 30), abs=1e-4
    )


def test_monte_carlo_accuracy_counts_the_class_of_the_largest_mean():
    """편향만 남은 모델은 언제나 둘째 클래스를 고르고, 표본마다 같아 표준 편차가 0이다."""
    model = build_mlp((), input_shape=(4, 4), classes=3, dropout_rate=0.5)
    model.set_weights([np.zeros((16, 3)), np.array([0.0, 1.0, 0.0])])
    split = Split(np.ones((4, 4, 4), "float32"), np.array([1, 1, 1, 0]))
    assert study.mc_accuracy(model, split, samples=2, seed=0) == 0.75


def test_diverging_run_says_so(tiny):
    wild = replace(TINY, schedule={"kind": "fixed", "learning_rate": 1e30})
    task, record, reason = study.attempt(tiny._replace(configuration=wild))
    assert record is None and "발산했습니다" in reason and task.configuration is wild


HOMES = [Path(os.environ.get("KERAS_HOME", Path.home() / ".keras")), ROOT.parent / "shared/data/keras"]
HOME = next((home for home in HOMES if (home / "datasets/fashion-mnist").exists()), None)


@pytest.mark.fashion_mnist
@pytest.mark.skipif(HOME is None, reason="KERAS_HOME에 Fashion-MNIST 캐시가 없다")
def test_stored_result_of_the_book_comes_out_again(monkeypatch):
    """책에 실은 결과 하나를 다시 얻는다. 프로세서가 다르면 조금 다르다."""
    monkeypatch.setenv("KERAS_HOME", str(HOME))
    monkeypatch.setattr("keras.src.backend.config._KERAS_DIR", str(HOME))
    content = json.loads((ROOT / "book" / "study.json").read_text(encoding="utf-8"))
    stored = next(run for run in content["runs"] if run["configuration"] == "l2" and run["seed"] == 0)
    study.chapter_data.cache_clear()
    again = study.compute(Task(CONFIGURATIONS["l2"], 0))
    study.chapter_data.cache_clear()
    assert again["history"]["val_accuracy"] == pytest.approx(stored["val_accuracy"], abs=0.01)
    assert again["test_accuracy"] == pytest.approx(stored["test_accuracy"], abs=0.01)


# 결과를 담는 폴더


@pytest.fixture
def record(tiny):
    return {
        "format": study.FORMAT,
        "configuration": study._plain(TINY),
        "data": tiny.data,
        "versions": study.versions(),
        "seed": 0,
    }


def test_stored_result_is_read_back(tmp_path, tiny, record):
    store = Store(tmp_path)
    assert store.read(tiny) is None
    store.add(tiny, record)
    assert store.read(tiny) == record and [path.name for path in tmp_path.iterdir()] == ["tiny-0.json"]


def test_stored_result_is_never_overwritten(tmp_path, tiny, record):
    store = Store(tmp_path)
    store.add(tiny, record)
    with pytest.raises(StudyError, match="tiny-0.json이 그사이에 생겼습니다.*그대로 두었습니다"):
        store.add(tiny, {**record, "seed": 99})
    assert store.read(tiny) == record and len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    "change, message",
    [
        ({"format": 0}, r"다른 판의 결과입니다\(파일 0, 지금 1\).*--folder"),
        ({"configuration": {**study._plain(TINY), "epochs": 3}}, r"설정이 다른 결과입니다\(epochs: 3 → 2\)"),
        ({"data": "mnist5k"}, r"데이터가 다른 결과입니다\(mnist5k → 작은 데이터\)"),
        ({"versions": {**study.versions(), "keras": "3.0.0"}}, r"다른 결과입니다\(keras: 3.0.0 → "),
    ],
    ids=["format", "configuration", "data", "versions"],
)
def test_result_of_another_version_stops_the_study_and_stays(change, message, tmp_path, tiny, record):
    store = Store(tmp_path)
    store.add(tiny, record | change)
    before = store.path(tiny).read_bytes()
    with pytest.raises(StudyError, match=message):
        study.run([tiny], store, jobs=1)
    assert store.path(tiny).read_bytes() == before


@pytest.mark.parametrize("text", ["", "{", "[]", "\xff"])
def test_broken_file_is_named_and_stays(text, tmp_path, tiny):
    path = Store(tmp_path).path(tiny)
    path.write_bytes(text.encode("latin1"))
    with pytest.raises(StudyError, match="tiny-0.json.*[가-힣].*옮기"):
        Store(tmp_path).read(tiny)
    assert path.read_bytes() == text.encode("latin1")


def test_full_disk_stops_with_one_message_and_keeps_what_is_stored(tmp_path, tiny, record, monkeypatch):
    store, second = Store(tmp_path), tiny._replace(seed=1)
    store.add(tiny, record)

    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StudyError, match="tiny-1.json에 저장하지 못했습니다.*이미 저장한 결과는 그대로"):
        study.run([tiny, second], store, jobs=1)
    assert [path.name for path in tmp_path.iterdir()] == ["tiny-0.json"] and store.read(tiny) == record


def test_folder_that_cannot_be_written_is_named_before_training(tmp_path, tiny, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(study, "attempt", lambda *given: pytest.fail("훈련했다"))
    with pytest.raises(StudyError, match="file 폴더에 쓸 수 없습니다.*--folder"):
        study.run([tiny], Store(tmp_path / "file"), jobs=1)


# 여럿


def test_failing_run_is_reported_and_does_not_stop_the_others(tmp_path, tiny, monkeypatch, capsys):
    wild = replace(TINY, name="wild", schedule={"kind": "fixed", "learning_rate": 1e30})
    catalogue = {"wild": wild, "tiny": TINY}
    monkeypatch.setattr(study, "CONFIGURATIONS", catalogue)
    command = ["run", "--folder", str(tmp_path), "--jobs", "1", "--seeds", "1"]
    assert study.main(command) == 1
    out, err = capsys.readouterr()
    assert "새로 1회를 마쳤다" in out and re.search("wild 씨앗 0: FloatingPointError: 훈련이 발산", err)
    assert [path.name for path in tmp_path.iterdir()] == ["tiny-0.json"]
    monkeypatch.setattr(study, "CONFIGURATIONS", {"tiny": TINY})
    assert study.main(command) == 0 and "1회는 이미 마쳤다" in capsys.readouterr().out


def test_book_comes_first_and_seeds_take_turns():
    found = [(task.configuration.role, task.seed) for task in study.tasks(seeds=2)]
    roles = list(dict.fromkeys(role for role, _ in found))
    assert roles[:2] == ["chapter", "candidate"]
    assert [seed for role, seed in found if role == "chapter"] == sorted([0, 1] * len(chapter.CHAPTER))


def refused(arguments, capsys):
    """한 줄의 한국어 메시지로 끝나는 명령."""
    assert study.main(arguments) == 2
    out, err = capsys.readouterr()
    assert len(err.strip().splitlines()) == 1 and re.search("[가-힣]", err) and "Traceback" not in err
    return err


def test_unknown_configuration_suggests_the_nearest(tmp_path, capsys):
    message = refused(["run", "dropuot", "--folder", str(tmp_path / "new")], capsys)
    assert "'dropuot'이라는 설정은 없습니다. 혹시 dropout" in message and "status" in message
    assert not (tmp_path / "new").exists()


def test_unreachable_scheduler_is_named(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(study, "PATIENCE", 1)
    arguments = ["run", "l2", "--data", "mnist5k", "--folder", str(tmp_path), "--scheduler", "tcp://127.0.0.1:9"]
    assert "Dask 스케줄러 tcp://127.0.0.1:9에 닿지 않습니다" in refused(arguments, capsys)


@pytest.mark.parametrize(
    "workers, threads, message", [(0, 1, "일꾼이 없습니다.*--nthreads 1"), (1, 2, "스레드가 둘 이상.*--nthreads 1")]
)
def test_cluster_that_cannot_repeat_results_is_refused(workers, threads, message, tmp_path, capsys, monkeypatch):
    from distributed import LocalCluster

    monkeypatch.setattr(study, "PATIENCE", 2)
    options = {"n_workers": workers, "threads_per_worker": threads, "processes": False, "dashboard_address": None}
    with LocalCluster(**options) as cluster:
        arguments = ["run", "l2", "--data", "mnist5k", "--folder", str(tmp_path)]
        assert re.search(message, refused([*arguments, "--scheduler", cluster.scheduler_address], capsys))


NAMES = ["l2", "power"]
COMMAND = [sys.executable, "-m", "homl11.study", "run", *NAMES, "--data", "mnist5k", "--seeds", "2", "--jobs", "2"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "TQDM_DISABLE": "1"}


def command(folder, *more):
    return subprocess.run(
        [*COMMAND, "--folder", folder, *more], env=ENVIRONMENT, capture_output=True, text=True, timeout=PATIENCE
    )


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    """이 기계의 프로세스 둘로, 멈추지 않고 끝낸 연구."""
    folder = tmp_path_factory.mktemp("local")
    done = command(folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_processes_finish_the_study(local):
    assert results(local).keys() == {f"{name}-{seed}.json" for name in NAMES for seed in (0, 1)}


def test_processes_give_the_result_of_a_run_alone(local):
    alone = study.compute(Task(CONFIGURATIONS["l2"], 1, "mnist5k"))
    assert final(alone) == final(results(local)["l2-1.json"])


@pytest.mark.slow
def test_two_dask_workers_give_the_same_results(local, tmp_path):
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        done = command(tmp_path, "--scheduler", cluster.scheduler_address)
    assert done.returncode == 0, done.stderr
    expected, found = results(local), results(tmp_path)
    assert {name: final(record) for name, record in found.items()} == {
        name: final(record) for name, record in expected.items()
    }


# 첫 결과를 저장하자마자 제 자식들의 번호를 찍고 죽는 연구.
DIES = """
import os, signal, sys
from pathlib import Path
from homl11 import study
add = study.Store.add
def add_and_die(store, task, record):
    add(store, task, record)
    print(Path(f"/proc/self/task/{os.getpid()}/children").read_text(), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
study.Store.add = add_and_die
study.main()
"""


def runs(pid):
    """끝났지만 아직 거두지 않은 프로세스(Z)는 돌지 않는다."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="자식 프로세스를 /proc에서 찾는다")
def test_killed_study_goes_on_where_it_stopped(local, tmp_path):
    """주인을 kill -9로 죽여도 끝난 것은 남고 일꾼은 따라 끝난다. 다시 하면 남은 것만 한다."""
    command_line = [sys.executable, "-c", DIES, *COMMAND[3:], "--folder", tmp_path]
    died = subprocess.run(command_line, env=ENVIRONMENT, capture_output=True, text=True, timeout=PATIENCE)
    assert died.returncode == -signal.SIGKILL, died.stderr
    workers = [int(pid) for pid in died.stdout.splitlines()[-1].split()]
    assert len(workers) >= 2
    until(lambda: not any(map(runs, workers)))
    kept = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in tmp_path.glob("*.json")}
    assert 0 < len(kept) < 4

    done = command(tmp_path)
    assert done.returncode == 0, done.stderr
    assert f"{len(kept)}회는 이미 마쳤다. 남은 {4 - len(kept)}회를 한다." in done.stdout
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in kept} == kept
    assert {name: final(record) for name, record in results(tmp_path).items()} == {
        name: final(record) for name, record in results(local).items()
    }


def test_everything_done_means_nothing_to_do(local):
    before = {path: path.stat().st_mtime_ns for path in local.iterdir()}
    done = command(local)
    assert "4회는 이미 마쳤다. 남은 0회" in done.stdout and done.returncode == 0
    assert {path: path.stat().st_mtime_ns for path in local.iterdir()} == before


def test_status_counts_what_is_stored(local, capsys):
    assert study.main(["status", *NAMES, "--data", "mnist5k", "--seeds", "2", "--folder", str(local)]) == 0
    out = capsys.readouterr().out
    assert re.search(r"l2 +2 / 2", out) and "모두 4 / 4회를 마쳤다" in out


# 모으기


def test_gathered_file_holds_every_run(local, tmp_path):
    path = tmp_path / "study.json"
    assert study.gather(Store(local), path, data="mnist5k") == 4
    content = json.loads(path.read_text(encoding="utf-8"))
    assert {(run["configuration"], run["seed"]) for run in content["runs"]} == {(n, s) for n in NAMES for s in (0, 1)}
    run = next(run for run in content["runs"] if run["configuration"] == "power" and run["seed"] == 1)
    record = results(local)["power-1.json"]
    assert run["val_accuracy"] == pytest.approx(record["history"]["val_accuracy"], abs=5e-5)
    assert run["test_accuracy"] == pytest.approx(record["test_accuracy"], abs=5e-5)
    assert content["machines"][run["machine"]] == record["machine"]


def test_gathering_less_than_before_needs_a_word(local, tmp_path):
    path, few = tmp_path / "study.json", tmp_path / "few"
    study.gather(Store(local), path, data="mnist5k")
    before = path.read_bytes()
    few.mkdir()
    (few / "l2-0.json").write_bytes((local / "l2-0.json").read_bytes())
    with pytest.raises(StudyError, match=r"\(1회\).*\(4회\)보다 적습니다.*--replace"):
        study.gather(Store(few), path, data="mnist5k")
    assert path.read_bytes() == before
    assert study.gather(Store(few), path, data="mnist5k", replace=True) == 1


def test_gathering_can_add_what_another_machine_did(local, tmp_path):
    """나누어 훈련한 둘을 모은 것은 한 번에 모은 것과 같다. 이미 모은 것은 바꾸지 않는다."""
    whole, parts = tmp_path / "whole.json", tmp_path / "parts.json"
    study.gather(Store(local), whole, data="mnist5k")
    for seed in (0, 1):
        folder = tmp_path / f"machine-{seed}"
        folder.mkdir()
        for path in local.glob(f"*-{seed}.json"):
            record = json.loads(path.read_text(encoding="utf-8")) | {"seconds": 1.0 + seed}
            (folder / path.name).write_text(json.dumps(record), encoding="utf-8")
        assert study.gather(Store(folder), parts, data="mnist5k", add=True) == 2 * (seed + 1)
    one, other = (json.loads(path.read_text(encoding="utf-8")) for path in (whole, parts))
    for run in (*one["runs"], *other["runs"]):
        assert run.pop("seconds") > 0
    assert one == other
    before = parts.read_bytes()
    study.gather(Store(local), parts, data="mnist5k", add=True)
    assert parts.read_bytes() == before


@pytest.mark.parametrize("change", [{"data": "fashion_mnist"}, {"versions": {}}, {"configurations": {"l2": {}}}])
def test_results_of_other_data_or_versions_are_not_added(change, local, tmp_path):
    path = tmp_path / "study.json"
    study.gather(Store(local), path, data="mnist5k")
    content = json.loads(path.read_text(encoding="utf-8")) | change
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(StudyError, match="섞지 않습니다.*그대로"):
        study.gather(Store(local), path, data="mnist5k", add=True)
    assert json.loads(path.read_text(encoding="utf-8")) == content


def test_gathering_nothing_says_what_to_do(tmp_path):
    with pytest.raises(StudyError, match="결과가 없습니다.*study run"):
        study.gather(Store(tmp_path), tmp_path / "study.json")
