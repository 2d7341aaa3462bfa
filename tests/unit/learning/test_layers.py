"""Layers and losses: values computed by NumPy."""

from types import ModuleType

import numpy as np
import pytest
from tartarus.plan.config import schema

pytestmark = pytest.mark.usefixtures("seeded")


# --- Standardisation -------------------------------------------------------------------------------------


def test_standardised_training_patches_have_mean_0_and_variance_1(layers: ModuleType, rng: np.random.Generator) -> None:
    x = (rng.normal(size=(50, 1, 4, 3)) * rng.uniform(1, 20, size=(4, 3)) - 40).astype(np.float32)
    layer = layers.standardise(x.mean(axis=0, dtype=float), x.var(axis=0, dtype=float), name="standardise")
    found = np.array(layer(x))
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(found.var(axis=0), 1, atol=1e-4)


def test_a_cell_that_never_varies_is_only_centred(layers: ModuleType, rng: np.random.Generator) -> None:
    x = rng.normal(size=(20, 1, 2, 2)).astype(np.float32)
    x[:, 0, 0, 0] = -80
    layer = layers.standardise(x.mean(axis=0, dtype=float), x.var(axis=0, dtype=float), name="standardise")
    assert not np.array(layer(x))[:, 0, 0, 0].any()
    novelty = x.copy()
    novelty[0, 0, 0, 0] = -79
    assert np.array(layer(novelty))[0, 0, 0, 0] == pytest.approx(1)


@pytest.mark.parametrize("shape", [(7,), (2, 3), (1, 4, 3), (2, 1, 3, 2)])
def test_features_of_any_shape_are_standardised(
    layers: ModuleType, rng: np.random.Generator, shape: tuple[int, ...]
) -> None:
    mean, variance = rng.normal(size=shape), rng.uniform(0.5, 2, size=shape)
    x = rng.normal(size=(3, *shape)).astype(np.float32)
    found = np.array(layers.standardise(mean, variance, name="standardise")(x))
    np.testing.assert_allclose(found, (x - mean) / np.sqrt(variance), atol=1e-5)


def test_statistics_are_not_trained(layers: ModuleType) -> None:
    layer = layers.standardise(np.zeros((1, 2, 2)), np.ones((1, 2, 2)), name="standardise")
    assert layer.trainable_weights == []


# --- Convolution of one channel ---------------------------------------------------------------------------


@pytest.mark.parametrize("kernel", [(4, 9), (3, 6), (1, 5), (2, 1)])
def test_a_convolution_over_most_bins_is_the_sum_of_products(
    keras: ModuleType, layers: ModuleType, rng: np.random.Generator, kernel: tuple[int, int]
) -> None:
    """The values against loops, weights and gradients against the layer that it stands for."""
    x = rng.normal(size=(2, 7, 9, 1)).astype(np.float32)
    ours = layers.BandConvolution(5, kernel, activation="relu")
    ours.build(x.shape)
    weights, bias = rng.normal(size=ours.kernel.shape).astype(np.float32), rng.normal(size=5).astype(np.float32)
    ours.set_weights([weights, bias])
    found = np.array(ours(x))
    height, width = kernel
    for frame in range(8 - height):
        for place in range(10 - width):
            seen = x[:, frame : frame + height, place : place + width]
            expected = np.einsum("nhwc,hwcf->nf", seen.astype(float), weights.astype(float)) + bias
            np.testing.assert_allclose(found[:, frame, place], np.maximum(expected, 0), atol=1e-5)

    plain = keras.layers.Conv2D(5, kernel, activation="relu")
    y, trained = rng.normal(size=found.shape), []
    for layer in (ours, plain):
        model = keras.Sequential([keras.Input(x.shape[1:]), layer])
        model.set_weights([weights, bias])
        model.compile(optimizer=keras.optimizers.SGD(0.1), loss="mse")
        model.train_on_batch(x, y)
        trained.append(model.get_weights())
    for one, other in zip(*trained, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
        assert not np.allclose(one, weights if one.ndim > 1 else bias, atol=1e-4)


# --- Losses ----------------------------------------------------------------------------------------------


def test_the_cosine_loss_is_that_of_numpy(losses: ModuleType, rng: np.random.Generator) -> None:
    y, p = rng.normal(size=(2, 20, 5)).astype(np.float32)
    lengths = np.linalg.norm(y, axis=1) * np.linalg.norm(p, axis=1)
    expected = np.clip((1 - (y * p).sum(axis=1) / lengths) / 2, 0, 1)
    np.testing.assert_allclose(np.array(losses.cosine(y, p)), expected, atol=1e-6)


def test_the_cosine_loss_is_0_for_the_same_and_1_for_the_opposite_direction(losses: ModuleType) -> None:
    y = np.array([[3.0, 4], [3, 4], [3, 4], [0, 0]], np.float32)
    p = np.array([[6.0, 8], [-3, -4], [4, -3], [1, 1]], np.float32)
    np.testing.assert_allclose(np.array(losses.cosine(y, p)), [0, 1, 0.5, 0.5], atol=1e-6)


def test_every_loss_of_the_configuration_can_be_compiled_with(
    keras: ModuleType, losses: ModuleType, rng: np.random.Generator
) -> None:
    allowed = schema("experiments")["$defs"]["entry"]["properties"]["loss"]["enum"]
    assert set(allowed) == set(losses.LOSSES)
    for name in allowed:
        assert callable(keras.losses.get(losses.LOSSES[name]))
