"""Layers and losses: values computed by NumPy."""

from types import ModuleType

import numpy as np
import pytest
from sklearn.utils.class_weight import compute_sample_weight
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


def test_attention_is_a_mean_with_the_softmax_of_a_product(layers: ModuleType, rng: np.random.Generator) -> None:
    x, direction = rng.normal(size=(3, 4, 5, 6)).astype(np.float32), rng.normal(size=6).astype(np.float32)
    layer = layers.AttentionPooling()
    np.testing.assert_allclose(np.array(layer(x)), x.mean(axis=(1, 2)), atol=1e-6)  # before it has learned
    layer.set_weights([direction])
    places = x.reshape(3, 20, 6).astype(float)
    shares = np.exp(places @ direction)
    expected = (places * (shares / shares.sum(axis=1, keepdims=True))[..., None]).sum(axis=1)
    np.testing.assert_allclose(np.array(layer(x)), expected, atol=1e-5)


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


def test_balanced_classes_weigh_as_in_scikit_learn(
    keras: ModuleType, losses: ModuleType, rng: np.random.Generator
) -> None:
    truth = np.repeat(np.arange(4), [2, 9, 0, 5])  # a class that does not occur
    y, p = np.eye(4, dtype=np.float32)[truth], rng.dirichlet(np.ones(4), 16).astype(np.float32)
    weights = compute_sample_weight("balanced", truth)
    found = np.array(losses.balanced("categorical_crossentropy", y)(y, p))
    np.testing.assert_allclose(found, -weights * np.log(p[np.arange(16), truth]), rtol=1e-5)

    many = (rng.random((16, 3)) < 0.3).astype(np.float32)
    many[0], many[1] = 0, 1
    p = rng.uniform(0.05, 0.95, many.shape).astype(np.float32)
    weights = np.stack([compute_sample_weight("balanced", column) for column in many.T], axis=1)
    terms = -weights * np.where(many > 0, np.log(p), np.log(1 - p))
    found = np.array(losses.balanced("binary_crossentropy", many)(many, p))
    np.testing.assert_allclose(found, terms.mean(axis=1), rtol=1e-5)
    # Classes that weigh alike already change nothing.
    even = np.tile(np.eye(2, dtype=np.float32), (4, 1))
    p = rng.dirichlet(np.ones(2), 8).astype(np.float32)
    for name in ("categorical_crossentropy", "binary_crossentropy"):
        np.testing.assert_allclose(
            np.array(losses.balanced(name, even)(even, p)), np.array(keras.losses.get(name)(even, p)), rtol=1e-5
        )


def test_every_loss_of_the_configuration_can_be_compiled_with(
    keras: ModuleType, losses: ModuleType, rng: np.random.Generator
) -> None:
    allowed = schema("experiments")["$defs"]["entry"]["properties"]["loss"]["enum"]
    assert set(allowed) == set(losses.LOSSES)
    for name in allowed:
        assert callable(keras.losses.get(losses.LOSSES[name]))
