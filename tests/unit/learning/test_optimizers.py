"""Optimisers, held against Keras' own and against the formula."""

import importlib
from types import ModuleType
from typing import Any

import numpy as np
import pytest

pytestmark = pytest.mark.usefixtures("seeded")


@pytest.fixture(scope="module")
def optimizers(keras: ModuleType) -> ModuleType:
    return importlib.import_module("tartarus.learning.optimizers")


def trained(keras: ModuleType, optimizer: Any) -> list[np.ndarray]:
    """Train the vectors of words, and a dense layer, for some steps."""
    keras.utils.set_random_seed(3)
    words, y = np.arange(24).reshape(12, 2) % 9, np.linspace(-1, 1, 12)[:, None]
    network = [keras.Input((2,), dtype="int32"), keras.layers.Embedding(10, 3), keras.layers.Flatten()]
    model = keras.Sequential([*network, keras.layers.Dense(1)])
    model.compile(optimizer=optimizer, loss="mse")
    for _ in range(20):
        model.train_on_batch(words, y)
    return model.get_weights()


def test_adam_is_that_of_keras(keras: ModuleType, optimizers: ModuleType) -> None:
    ours = trained(keras, optimizers.make({"name": "adam", "learning_rate": 0.01}))
    for one, other in zip(ours, trained(keras, keras.optimizers.Adam(0.01)), strict=True):
        np.testing.assert_allclose(one, other, atol=2e-6)


def test_adam_is_the_formula(keras: ModuleType, optimizers: ModuleType, rng: np.random.Generator) -> None:
    start, gradients = rng.normal(size=(4, 3)), rng.normal(size=(5, 4, 3))
    weights = keras.Variable(start, dtype="float32")
    optimizer = optimizers.make({"name": "adam", "learning_rate": 0.02})
    first, second, expected = np.zeros((4, 3)), np.zeros((4, 3)), start.copy()
    for number, gradient in enumerate(gradients, start=1):
        optimizer.apply([keras.ops.convert_to_tensor(gradient, "float32")], [weights])
        first = 0.9 * first + 0.1 * gradient
        second = 0.999 * second + 0.001 * gradient**2
        rate = 0.02 * np.sqrt(1 - 0.999**number) / (1 - 0.9**number)
        expected -= rate * first / (np.sqrt(second) + 1e-7)
    np.testing.assert_allclose(np.array(weights), expected, atol=1e-5)


def test_options_are_passed_on(optimizers: ModuleType) -> None:
    made = optimizers.make({"name": "sgd", "learning_rate": 0.25, "momentum": 0.5, "nesterov": True})
    assert (float(made.learning_rate), made.momentum, made.nesterov) == (0.25, 0.5, True)


# --- Weight decay, and the rate over the epochs ----------------------------------------------------------


def test_kernels_decay_by_the_rate_and_biases_do_not(keras: ModuleType, optimizers: ModuleType) -> None:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2), keras.layers.BatchNormalization()])
    start = [np.full(weight.shape, 0.5) for weight in model.trainable_weights]
    for weight, value in zip(model.trainable_weights, start, strict=True):
        weight.assign(value)
    optimizer = optimizers.make({"name": "adam", "learning_rate": 0.1, "weight_decay": 0.2, "schedule": "cosine"})
    optimizer.apply([keras.ops.zeros(weight.shape) for weight in start], model.trainable_weights)
    for weight in model.trainable_weights:
        kept = 1 - 0.1 * 0.2 if weight.name == "kernel" else 1
        np.testing.assert_allclose(np.array(weight), 0.5 * kept, rtol=1e-6)
    assert [weight.name for weight in model.trainable_weights] == ["kernel", "bias", "gamma", "beta"]


def test_the_rate_falls_by_half_a_wave_of_cosine(optimizers: ModuleType) -> None:
    options = {"learning_rate": 0.2, "schedule": "cosine"}
    rates = [optimizers.rate(options, [1.0] * done, epochs=8, patience=3) for done in range(8)]
    np.testing.assert_allclose(rates, 0.1 * (1 + np.cos(np.pi * np.arange(8) / 8)))


def test_the_rate_is_halved_on_a_plateau(optimizers: ModuleType) -> None:
    options = {"learning_rate": 0.8, "schedule": "plateau"}
    course = [5.0, 4.0, 4.5, 4.0, 3.9, 4.0, 4.0, 4.0, 4.0]
    rates = [optimizers.rate(options, course[:done], epochs=99, patience=4) for done in range(len(course) + 1)]
    # After two epochs without improvement on 4.0; then after two, and two more, on 3.9.
    assert rates == [0.8, 0.8, 0.8, 0.8, 0.4, 0.4, 0.4, 0.2, 0.2, 0.1]


def test_the_rate_stays_unless_said(optimizers: ModuleType) -> None:
    assert optimizers.rate({"learning_rate": 0.3}, [1.0, 2.0, 3.0], epochs=4, patience=1) == 0.3
