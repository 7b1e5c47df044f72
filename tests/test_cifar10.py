"""CIFAR-10의 연구: 설정대로 짓고, 이미지를 바르게 변형하고, 같은 씨앗이면 같은 결과인가."""

import json
import re
from dataclasses import replace

import keras
import numpy as np
import pytest

from homl11 import cifar10, study
from homl11.cifar10 import CONFIGURATIONS, Augmented
from homl11.data import Dataset, Split
from homl11.schedules import one_cycle, one_cycle_momentum
from homl11.study import Store, Task

SMALL = replace(CONFIGURATIONS["one-cycle"], name="small", epochs=2, width=4, batch_size=16, dtype="float32")


@pytest.fixture(scope="module")
def images():
    """이미지마다 밝기가 다르고, 왼쪽 절반의 색이 클래스이다."""
    random = np.random.default_rng(0)

    def split(n):
        x, y = random.random((n, 32, 32, 3), dtype="float32") / 4, random.integers(3, size=n).astype("int32")
        x[np.arange(n), :, :16, y] += 0.5
        return Split(x, y)

    return Dataset("작은 사진", tuple("가나다"), split(60), split(20), split(20))


# 설정


def test_names_are_unique_and_every_chosen_one_is_a_candidate():
    everything = [*cifar10.CANDIDATES, *cifar10.FINAL, *cifar10.ACCELERATOR]
    assert len(CONFIGURATIONS) == len(everything) and all(re.fullmatch(r"[a-z0-9.-]+", name) for name in CONFIGURATIONS)
    assert {c.method: c.name for c in cifar10.CANDIDATES if c.name in cifar10.CHOSEN.values()} == cifar10.CHOSEN
    assert {c.method for c in CONFIGURATIONS.values()} == cifar10.METHODS.keys()


def test_tuning_and_final_seeds_do_not_meet_and_there_are_three():
    assert not set(cifar10.SEEDS["candidate"]) & {*cifar10.SEEDS["final"], *cifar10.SEEDS["accelerator"]}
    assert len(cifar10.SEEDS["final"]) >= 3 and len(cifar10.SEEDS["accelerator"]) >= 5


def test_only_the_schedule_differs_between_the_compared():
    """견주는 셋은 스케줄, 모멘텀, 에포크 수 말고는 같다. 긴 것은 네 배이다."""
    free = {"name": "", "method": "", "epochs": 1, "schedule": {}, "momentum": 0}
    first, *others = (CONFIGURATIONS[name] for name in ("one-cycle", "piecewise", "piecewise-long"))
    assert all(replace(first, **free) == replace(other, **free) for other in others)
    assert [other.epochs for other in others] == [first.epochs, 4 * first.epochs]
    assert {c.epochs for c in cifar10.CANDIDATES} == {first.epochs}  # 짧은 쪽의 에포크 수로 고른다
    cycle, piecewise = cifar10.ACCELERATOR
    assert replace(cycle, **free) == replace(piecewise, **free) and (cycle.epochs, piecewise.epochs) == (100, 800)


def test_run_for_the_claim_is_wider_and_changes_images_more():
    """다른 것은 너비와 이미지의 변형과 에포크 수이다. 100에포크를 넘지 않는다."""
    first, wide = CONFIGURATIONS["one-cycle"], CONFIGURATIONS["one-cycle-wide"]
    same = {key: getattr(first, key) for key in ("name", "method", "epochs", "width", "shift", "cutout")}
    assert replace(wide, **same) == first
    assert 2 * wide.width == 3 * first.width and wide.epochs == CONFIGURATIONS["piecewise-long"].epochs <= 100
    assert wide.shift == 2 * first.shift and wide.cutout > first.cutout == 0
    assert {(c.width, c.shift, c.cutout) for c in cifar10.ACCELERATOR} == {(wide.width, wide.shift, wide.cutout)}


def test_piecewise_falls_at_half_and_three_quarters():
    learning_rate, callbacks = study.schedule(CONFIGURATIONS["piecewise"], 1000)
    rate = CONFIGURATIONS["piecewise"].schedule["values"][0]
    found = [float(learning_rate(step)) for step in (0, 500, 501, 750, 751, 999)]
    assert found == pytest.approx([rate, rate, rate / 10, rate / 10, rate / 100, rate / 100]) and callbacks == []


def test_one_cycle_moves_rate_and_momentum():
    configuration, steps = CONFIGURATIONS["one-cycle"], np.arange(0, 101, 5)
    learning_rate, _ = study.schedule(configuration, 100)
    optimizer = cifar10.optimizer(configuration, learning_rate, 100)
    rates, momenta = [], []
    for step in steps:
        optimizer.iterations.assign(step)
        rates.append(float(optimizer.learning_rate))
        momenta.append(float(optimizer.momentum))
    peak = configuration.schedule["max_learning_rate"]
    assert rates == pytest.approx(one_cycle(steps, peak, 100), rel=1e-5)
    assert momenta == pytest.approx(one_cycle_momentum(steps, 100), rel=1e-5)


# 네트워크


def convolutions(model):
    return [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]


def test_network_is_residual(images):
    """건너뛰는 가지의 마지막 합성곱을 0으로 하면 그 블록은 받은 것을 그대로 내보낸다."""
    model = cifar10.build(SMALL, images, seed=0)
    adds = [layer for layer in model.layers if isinstance(layer, keras.layers.Add)]
    assert [add.output.shape for add in adds] == [(None, 15, 15, 8), (None, 3, 3, 32)]
    assert len(convolutions(model)) == 8
    for add in adds:
        shortcut, branch = add.input
        layer = branch._keras_history.operation
        while not isinstance(layer, keras.layers.Conv2D):
            layer = layer.input._keras_history.operation
        layer.set_weights([np.zeros_like(weight) for weight in layer.get_weights()])
        before, after = keras.Model(model.inputs, [shortcut, add.output])(images.test.x)
        assert np.asarray(before).any()  # 가지가 아니라, 가지를 건너온 것이다
        np.testing.assert_array_equal(before, after)


def test_first_convolution_whitens_and_is_not_trained(images):
    """훈련 이미지의 2×2 조각에서 출력의 평균은 0, 공분산은 단위 행렬이다. 나머지 절반은 부호만 다르다."""
    kernel, bias = cifar10.whitening(images.train.x)
    x = images.train.x
    rows = [x[:, i : 31 + i, j : 31 + j] @ kernel[i, j] for i in range(2) for j in range(2)]
    output = (sum(rows) + bias).reshape(-1, 24)
    np.testing.assert_allclose(output[:, :12], -output[:, 12:], atol=1e-9)
    np.testing.assert_allclose(output.mean(axis=0), 0, atol=1e-9)
    values = np.diag(np.cov(output[:, :12], rowvar=False))
    np.testing.assert_allclose(np.cov(output[:, :12], rowvar=False), np.diag(values), atol=1e-9)
    np.testing.assert_allclose(values, 1, atol=0.35)  # 가장 작은 고윳값에서는 ε만큼 모자란다
    model = cifar10.build(SMALL, images, seed=0)
    first = convolutions(model)[0]
    assert not first.trainable_weights
    np.testing.assert_allclose(
        keras.Model(model.inputs, first.output)(x)[: len(x)], np.maximum(output, 0).reshape(-1, 31, 31, 24), atol=1e-4
    )


def test_other_convolutions_start_as_the_identity(images):
    x = np.random.default_rng(0).random((2, 8, 8, 4), dtype="float32")
    for channels in (4, 6, 2):
        kernel = cifar10.identity_kernel((3, 3, 4, channels), seed=0)
        output = np.asarray(keras.ops.conv(x, kernel, padding="same"))
        same = min(4, channels)
        np.testing.assert_array_equal(output[..., :same], x[..., :same])
    assert np.ptp(cifar10.identity_kernel((3, 3, 4, 6), seed=0)[..., 4:]) > 0
    for layer in convolutions(cifar10.build(SMALL, images, seed=0))[1:]:
        [kernel] = layer.get_weights()
        np.testing.assert_array_equal(
            kernel[1, 1, :, : kernel.shape[2]], np.eye(*kernel.shape[2:])[:, : kernel.shape[2]]
        )


def test_fast_layers_train_like_those_of_keras(images, monkeypatch):
    """합친 배치 정규화와 작은 이미지의 합성곱은 계산의 순서만 바꾼다. 마지막 배치가 작아도 그렇다."""
    runs = []
    for fast in (True, False):
        if not fast:
            monkeypatch.setattr(cifar10, "_BatchNormalization", keras.layers.BatchNormalization)
            monkeypatch.setattr(cifar10, "_Conv2D", keras.layers.Conv2D)
        run, _ = cifar10.fit(replace(SMALL, epochs=1, batch_size=40), images, seed=0, learning_rate=0.01, steps=2)
        assert all(grid <= 4 for grid in convolutions(run.model)[-1].output.shape[1:3])
        runs.append(run.model.get_weights())
    for fast, plain in zip(*runs, strict=True):
        np.testing.assert_allclose(fast, plain, rtol=1e-3, atol=1e-4 * max(1, abs(plain).max()))


def test_fused_normalization_keeps_the_statistics_of_keras():
    x = np.random.default_rng(0).normal(3, 2, (2, 2, 2, 5)).astype("float32")
    layers = [kind(momentum=0.5) for kind in (cifar10._BatchNormalization, keras.layers.BatchNormalization)]
    fused, plain = (np.asarray(layer(x, training=True)) for layer in layers)
    np.testing.assert_allclose(fused, plain, atol=1e-5)
    for fused, plain in zip(*(layer.get_weights() for layer in layers), strict=True):
        np.testing.assert_allclose(fused, plain, rtol=1e-5)
    frozen = cifar10._BatchNormalization(trainable=False)
    frozen(x, training=True)
    np.testing.assert_array_equal(frozen.moving_mean, np.zeros(5))


def test_prediction_is_the_mean_over_the_image_and_its_mirror_image(images, monkeypatch):
    x = images.test.x[:5]
    model = cifar10.build(SMALL, images, seed=0)
    monkeypatch.setattr(cifar10, "_WithMirrored", keras.layers.Identity)
    monkeypatch.setattr(cifar10, "_MeanOfMirrored", keras.layers.Identity)
    plain = cifar10.build(SMALL, images, seed=0)
    straight, mirrored = (plain.predict(part, verbose=0) for part in (x, x[:, :, ::-1]))
    assert abs(straight - mirrored).max() > 0.01
    np.testing.assert_allclose(model.predict(x, verbose=0), (straight + mirrored) / 2, atol=1e-4)
    np.testing.assert_allclose(model(x, training=True), plain(x, training=True), atol=1e-4)


def test_weights_depend_on_the_seed_and_are_kept_in_single_precision(images):
    first, again, other = (cifar10.build(CONFIGURATIONS["one-cycle"], images, seed=s).get_weights() for s in (0, 0, 1))
    for left, right in zip(first, again, strict=True):
        np.testing.assert_array_equal(left, right)
    assert any((left != right).any() for left, right in zip(first, other))
    assert {weight.dtype for weight in first if weight.size > 1} == {np.dtype("float32")}


def test_decay_shrinks_the_kernels_alone(images):
    """기울기가 0이면 커널만 학습률 × 감쇠만큼 줄어든다."""
    model = cifar10.build(SMALL, images, seed=0)
    optimizer = cifar10.optimizer(SMALL, 0.5, 100)
    optimizer.build(model.trainable_variables)
    before = [variable.numpy() for variable in model.trainable_variables]
    optimizer.apply([keras.ops.zeros(variable.shape) for variable in model.trainable_variables])
    for variable, value in zip(model.trainable_variables, before):
        factor = 1 - 0.5 * SMALL.weight_decay if variable.name == "kernel" else 1
        np.testing.assert_allclose(variable.numpy(), factor * value, rtol=1e-5)


# 변형


@pytest.fixture
def numbered():
    """(행, 열)이 어디서 왔는지 픽셀이 말해 주는 이미지들."""
    rows, columns = np.meshgrid(np.arange(32), np.arange(32), indexing="ij")
    image = np.stack([rows, columns, np.zeros_like(rows)], axis=-1).astype("float32")
    x = np.repeat(image[None], 200, axis=0)
    x[..., 2] = np.arange(200)[:, None, None]
    return Split(x, np.arange(200) % 10)


@pytest.mark.parametrize("shift", (2, 4))
def test_images_are_shifted_and_flipped_and_keep_their_labels(numbered, shift):
    assert (CONFIGURATIONS["one-cycle"].shift, CONFIGURATIONS["one-cycle-wide"].shift) == (2, 4)
    batches = Augmented(numbered, 10, batch_size=64, seed=0, shift=shift)
    batches.start(3)
    x, y = (np.concatenate(parts) for parts in zip(*(batches[i] for i in range(len(batches)))))
    assert sorted(x[:, 0, 0, 2]) == list(range(200))  # 한 에포크에 한 번씩
    np.testing.assert_array_equal(y.argmax(axis=1), x[:, 0, 0, 2] % 10)
    middle = x[:, 8:24, 8:24]  # 밀려도 채운 곳이 닿지 않는다
    flipped = middle[:, 0, 0, 1] > middle[:, 0, 1, 1]
    assert 60 < flipped.sum() < 140
    batches.start(4)  # 다음 에포크에는 나머지 절반을 뒤집는다
    other = np.concatenate([batches[i][0] for i in range(len(batches))])
    again = other[:, 16, 16, 1] > other[:, 16, 17, 1]
    np.testing.assert_array_equal(again[other[:, 0, 0, 2].argsort()], ~flipped[x[:, 0, 0, 2].argsort()])
    down, right = middle[:, 0, 0, 0] - 8, middle[:, 0, 0, 1] - np.where(flipped, 23, 8)
    assert set(down) == set(right) == set(range(-shift, shift + 1))
    steps = np.arange(16)
    np.testing.assert_array_equal(
        middle[..., 0], np.broadcast_to((8 + down)[:, None, None] + steps[:, None], middle.shape[:3])
    )
    columns = (middle[:, 0, 0, 1])[:, None] + np.where(flipped, -1, 1)[:, None] * steps
    np.testing.assert_array_equal(middle[..., 1], np.broadcast_to(columns[:, None], middle.shape[:3]))


def test_square_of_the_mean_color_hides_a_part_of_every_image(numbered):
    """가린 곳은 정사각형이고 이미지마다 다르다. 이미지 밖으로 나간 만큼만 작다. 나머지 픽셀은 그대로이다."""
    assert CONFIGURATIONS["one-cycle-wide"].cutout == 8
    whole, hidden = (Augmented(numbered, 10, batch_size=200, seed=0, cutout=side)[0][0] for side in (0, 8))
    mask = (whole != hidden).any(axis=-1)
    color = numbered.x.mean(axis=(0, 1, 2), dtype="float64")  # 좌표와 번호는 정수라 이 색과 겹치지 않는다
    np.testing.assert_allclose(hidden[mask], np.broadcast_to(color, hidden[mask].shape))
    rows, columns = mask.any(axis=2), mask.any(axis=1)
    np.testing.assert_array_equal(mask, rows[:, :, None] & columns[:, None])
    for sides in (rows, columns):
        lengths, starts = sides.sum(axis=1), sides.argmax(axis=1)
        ends = starts + lengths
        assert all(side[start:end].all() for side, start, end in zip(sides, starts, ends))
        assert set(lengths[(starts > 0) & (ends < 32)]) == {8} and lengths.min() >= 4 and lengths.max() == 8
        assert starts.min() == 0 and ends.max() == 32 and len(set(starts)) > 20


def test_epochs_differ_and_repeat(numbered):
    batches = Augmented(numbered, 10, batch_size=64, seed=0)
    seen = []
    for epoch in (0, 1, 0):
        batches.start(epoch)
        seen.append(batches[0][0])
    assert (seen[0] != seen[1]).any() and (seen[0] == seen[2]).all()
    assert (Augmented(numbered, 10, batch_size=64, seed=1)[0][0] != seen[0]).any()


def test_training_set_itself_is_left_alone(numbered):
    before = numbered.x.copy()
    batches = Augmented(numbered, 10, batch_size=64, seed=0)
    batches[0][0][:] = -1
    np.testing.assert_array_equal(numbered.x, before)


# 훈련 하나


@pytest.fixture
def small(monkeypatch, images):
    monkeypatch.setattr(study, "chapter_data", lambda name: images)
    return Task(SMALL, 0, "cifar10-jpeg")


def test_run_repeats_and_learns_and_every_epoch_has_its_own_images(small, monkeypatch):
    epochs = []
    start = Augmented.start
    monkeypatch.setattr(Augmented, "start", lambda self, epoch: [epochs.append(epoch), start(self, epoch)][1])
    first, again = study.compute(small), study.compute(small)
    assert first["history"] == again["history"] and first["test_accuracy"] == again["test_accuracy"]
    assert epochs == 2 * [0, 0, 1]  # 만들 때 한 번, 에포크마다 한 번
    longer = study.compute(small._replace(configuration=replace(SMALL, epochs=8)))["history"]
    assert longer["accuracy"][-1] > 0.6 and longer["loss"][-1] < longer["loss"][0]  # 우연이면 3분의 1


def test_images_are_changed_as_configured(images, monkeypatch):
    made = []

    class Recorded(Augmented):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            made.append((self.batch_size, self.seed, self.shift, self.cutout))

    monkeypatch.setattr(cifar10, "Augmented", Recorded)
    cifar10.fit(replace(SMALL, epochs=1, shift=3, cutout=5), images, seed=7, learning_rate=0.01, steps=4)
    assert made == [(16, 7, 3, 5)]


def test_candidate_never_sees_the_test_set(small):
    record = study.compute(small._replace(configuration=replace(SMALL, role="candidate")))
    assert "test_accuracy" not in record and len(record["history"]["val_accuracy"]) == 2


def test_study_of_cifar10_runs_its_own_configurations(small, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(cifar10, "CONFIGURATIONS", {"small": replace(SMALL, role="candidate")})
    arguments = ["--data", "cifar10-jpeg", "--folder", str(tmp_path)]
    assert study.main(["run", *arguments, "--jobs", "1"]) == 0
    assert [path.name for path in tmp_path.glob("*.json")] == ["small-100.json"]
    output = tmp_path / "gathered" / "cifar10.json"
    output.parent.mkdir()
    assert study.main(["gather", *arguments, "--output", str(output)]) == 0
    content = json.loads(output.read_text(encoding="utf-8"))
    assert content["data"] == "cifar10-jpeg" and content["configurations"]["small"]["width"] == 4
    assert Store(tmp_path).read(small._replace(configuration=cifar10.CONFIGURATIONS["small"], seed=100))["seed"] == 100


def test_paper_long_runs_are_for_those_who_ask():
    everything = {task.configuration.name for task in study.tasks(data="cifar10")}
    assert everything == {c.name for c in [*cifar10.CANDIDATES, *cifar10.FINAL]}
    assert [task.configuration.name for task in study.tasks(["piecewise-800"], "cifar10", seeds=1)] == ["piecewise-800"]
