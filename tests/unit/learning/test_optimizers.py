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
