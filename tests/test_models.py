"""모델 만들기."""

import keras
import numpy as np
import pytest

from homl11.models import build_mlp


@pytest.mark.parametrize(
    "arguments, parameters",
    [
        ({}, 784 * 300 + 300 + 300 * 100 + 100 + 100 * 10 + 10),
        ({"hidden_units": (7, 5), "input_shape": (3, 2), "classes": 4}, 6 * 7 + 7 + 7 * 5 + 5 + 5 * 4 + 4),
        ({"hidden_units": (), "input_shape": (6,), "classes": 2}, 6 * 2 + 2),
    ],
    ids=["defaults", "general", "no hidden layer"],
)
def test_parameter_count(arguments, parameters):
    assert build_mlp(**arguments).count_params() == parameters


def test_activation_reaches_every_hidden_layer_and_no_other():
    dense = [layer for layer in build_mlp((8, 8), activation="selu").layers if hasattr(layer, "activation")]
    assert [layer.activation for layer in dense] == [keras.activations.selu] * 2 + [keras.activations.softmax]


def test_initializer_reaches_every_hidden_layer():
    hidden = build_mlp((8, 8), kernel_initializer="lecun_normal").layers[1:-1]
    assert [type(layer.kernel_initializer) for layer in hidden] == [keras.initializers.LecunNormal] * 2


def test_output_is_a_probability_of_each_class(build):
    np.testing.assert_allclose(build()(np.ones((5, 4, 4))).numpy().sum(axis=1), np.ones(5), rtol=1e-6)


def test_model_is_not_compiled(build):
    assert not build().compiled


def test_same_seed_gives_the_same_weights(build):
    for left, right in zip(build(seed=3).get_weights(), build(seed=3).get_weights(), strict=True):
        np.testing.assert_array_equal(left, right)


def test_other_seed_gives_other_weights(build):
    assert not np.array_equal(build(seed=3).get_weights()[0], build(seed=4).get_weights()[0])


@pytest.mark.parametrize(
    "name, value",
    [("hidden_units", (300, 0)), ("hidden_units", (-1,)), ("hidden_units", (2.5,)), ("classes", 0), ("classes", 2.0)],
)
def test_nonsense_argument_is_named(name, value):
    with pytest.raises(ValueError, match=f"^{name}=.*1 이상의 정수"):
        build_mlp(**{name: value})
