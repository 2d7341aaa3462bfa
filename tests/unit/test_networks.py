"""Layers, losses and networks: sizes counted by hand, values computed by NumPy."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from tartarus import backend
from tartarus.errors import TartarusError

pytestmark = pytest.mark.usefixtures("seeded")


@pytest.fixture
def build(networks: ModuleType) -> Callable[..., Any]:
    """Build a network from inputs given as options of `networks.Input`."""

    def make(*inputs: dict[str, Any], output: str = "sigmoid", n_outputs: int = 250, **network: Any) -> Any:
        entries = [networks.Input(**{"signature": {}, **entry}) for entry in inputs]
        return networks.build("a-model", entries, network=network, output=output, n_outputs=n_outputs)

    return make


def patches(frames: int = 322, bins: int = 96) -> dict[str, Any]:
    moments = (np.zeros((1, frames, bins)), np.ones((1, frames, bins)))
    return {"name": "patches_1_15", "shape": (1, frames, bins), "moments": moments}


def vector(length: int, name: str = "bow") -> dict[str, Any]:
    return {"name": name, "shape": (length,)}


def word_ids(length: int = 6, words: int = 5, dimensions: int = 3) -> dict[str, Any]:
    weights = np.arange(words * dimensions, dtype=np.float32).reshape(words, dimensions) / 10
    return {"name": "w2v", "shape": (length,), "words": [str(n) for n in range(words)], "weights": weights}


def outputs(model: Any, x: Any) -> np.ndarray:
    """Run a model as it is after training: without dropout."""
    return np.array(model(x, training=False))


# --- Sizes -----------------------------------------------------------------------------------------------

LOW_4X96 = {
    "filters": [64, 128, 128, 64],
    "kernels": [[4, 96], [4, 1], [4, 1], [1, 1]],
    "pools": [[4, 1], [4, 1], [4, 1], [1, 1]],
}
LOW_4X70 = {
    "filters": [64, 128, 128, 64],
    "kernels": [[4, 70], [4, 6], [4, 1], [1, 1]],
    "pools": [[4, 4], [4, 1], [4, 1], [1, 1]],
}
HIGH_4X70 = {**LOW_4X70, "filters": [256, 512, 1024, 1024]}


def count(shape: tuple[int, ...], options: dict[str, Any], outputs: int) -> tuple[int, int]:
    """Count weights by hand: of valid convolutions, pools that do not overlap, and one dense layer."""
    frames, bins = shape
    channels, weights = 1, 0
    for filters, kernel, pool in zip(options["filters"], options["kernels"], options["pools"], strict=True):
        weights += (kernel[0] * kernel[1] * channels + 1) * filters
        frames, bins = (frames - kernel[0] + 1) // pool[0], (bins - kernel[1] + 1) // pool[1]
        channels = filters
    flat = frames * bins * channels
    return flat, weights + (flat + 1) * outputs


@pytest.mark.parametrize(
    ("options", "flat", "published"),
    [(LOW_4X96, 256, 195_706), (LOW_4X70, 256, 352_890), (HIGH_4X70, 4096, 7_390_202)],
    ids=["LOW-4X96", "LOW-4X70", "HIGH-4X70"],
)
def test_the_convolutional_networks_have_the_original_s_sizes(
    build: Callable, networks: ModuleType, options: dict[str, Any], flat: int, published: int
) -> None:
    model = build(patches(), name="cnn", **options)
    assert networks.parameters(model) == published == count((322, 96), options, 250)[1]
    assert model.get_layer("flatten").output.shape == (None, flat)
    assert model.output.shape == (None, 250)


def test_the_text_network_has_the_original_s_size(build: Callable, networks: ModuleType) -> None:
    model = build(vector(10_000), name="mlp", dense=[2048, 2048], dropout=0.5)
    expected = 10_001 * 2048 + 2049 * 2048 + 2049 * 250
    assert networks.parameters(model) == expected
    assert round(expected / 1e6, 2) == 25.19


def test_the_fusion_network_has_the_original_s_size(build: Callable, networks: ModuleType) -> None:
    model = build(vector(4096, "audio"), vector(2048, "text"), name="fusion")
    assert networks.parameters(model) == 6144 * 250 + 250
    assert round((6144 * 250 + 250) / 1e6, 2) == 1.54


def test_the_word_network_has_the_size_of_a_hand_calculation(build: Callable, networks: ModuleType) -> None:
    model = build(word_ids(20, 50, 7), name="text-cnn", filters=4, widths=[2, 3], dense=6, n_outputs=3)
    expected = 50 * 7 + (2 * 7 + 1) * 4 + (3 * 7 + 1) * 4 + (8 + 1) * 6 + (6 + 1) * 3
    assert networks.parameters(model) == expected


def test_statistics_and_vocabularies_are_no_parameters(build: Callable, networks: ModuleType) -> None:
    plain = build(vector(4), name="mlp", n_outputs=2)
    carrying = build({**vector(4), "words": list("abcd"), "weights": np.ones(4)}, name="mlp", n_outputs=2)
    assert networks.parameters(carrying) == networks.parameters(plain) == 10


# --- Names -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inputs", "network", "names"),
    [
        (
            [patches(8, 4)],
            {"name": "cnn", "filters": [2], "kernels": [[2, 4]], "pools": [[2, 1]], "dense": [3], "dropout": 0.5},
            "input card standardise channels-last conv1 pool1 dropout1 flatten dense1 dropout-dense1 output",
        ),
        (
            [vector(4)],
            {"name": "mlp", "dense": [3, 2]},
            "input card dropout-input dense1 dropout-dense1 dense2 dropout-dense2 output",
        ),
        (
            [word_ids()],
            {"name": "text-cnn", "filters": 2, "dense": 2},
            "input card embedding dropout-embedding conv2 conv3 pool2 pool3 concatenate dense1 dropout1 relu1 output",
        ),
        (
            [vector(2, "a"), vector(3, "b")],
            {"name": "fusion"},
            "input1 input2 card1 card2 unit1 unit2 concatenate dropout-input output",
        ),
    ],
    ids=lambda value: value.get("name") if isinstance(value, dict) else "",
)
def test_layers_have_the_names_by_which_they_are_asked_for(
    build: Callable, inputs: list[dict[str, Any]], network: dict[str, Any], names: str
) -> None:
    model = build(*inputs, **network)
    assert [layer.name for layer in model.layers] == names.split()
    assert model.name == "a_model"


# --- Weights ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "network"),
    [
        (patches(20, 12), {"name": "cnn", "filters": [30], "kernels": [[4, 12]], "pools": [[2, 1]], "dense": [9]}),
        (vector(40), {"name": "mlp", "dense": [30]}),
        (word_ids(6, 5, 9), {"name": "text-cnn", "filters": 20, "dense": 10}),
    ],
    ids=["cnn", "mlp", "text-cnn"],
)
def test_kernels_start_within_a_twentieth_and_biases_at_zero(
    build: Callable, entry: dict[str, Any], network: dict[str, Any]
) -> None:
    model = build(entry, **network)
    kernels = [weight.numpy() for weight in model.trainable_weights if weight.name == "kernel"]
    biases = [weight.numpy() for weight in model.trainable_weights if weight.name == "bias"]
    assert len(kernels) == len(biases) > 1
    for kernel in kernels:
        assert np.abs(kernel).max() <= 0.05
        # Uniform in +-0.05: the deviation is 0.1 / sqrt(12); five standard errors of it.
        expected = 0.1 / np.sqrt(12)
        assert abs(kernel.std() - expected) < 5 * expected / np.sqrt(kernel.size)
    assert not any(bias.any() for bias in biases)


def test_the_same_seed_gives_the_same_weights_and_another_other_ones(build: Callable) -> None:
    found = []
    for seed in (1, 1, 2):
        backend.seed(seed)
        model = build(vector(4), name="mlp", dense=[3], n_outputs=2)
        found.append([weight.numpy().tobytes() for weight in model.trainable_weights if weight.name == "kernel"])
    assert found[0] == found[1]
    assert not set(found[0]) & set(found[2])


def test_the_embedding_begins_with_the_vectors_of_the_words(build: Callable) -> None:
    entry = word_ids()
    model = build(entry, name="text-cnn", filters=2, dense=2)
    embedding = model.get_layer("embedding")
    np.testing.assert_array_equal(embedding.get_weights()[0], entry["weights"])
    assert embedding.trainable


# --- Values ----------------------------------------------------------------------------------------------


def test_softmax_sums_to_one_and_sigmoid_lies_between_0_and_1(build: Callable, rng: np.random.Generator) -> None:
    x = rng.normal(size=(5, 4)).astype(np.float32)
    softmax = outputs(build(vector(4), name="mlp", output="softmax", n_outputs=3), x)
    np.testing.assert_allclose(softmax.sum(axis=1), 1, atol=1e-6)
    sigmoid = outputs(build(vector(4), name="mlp", output="sigmoid", n_outputs=3), x)
    assert ((sigmoid > 0) & (sigmoid < 1)).all()
    assert not np.allclose(sigmoid.sum(axis=1), 1, atol=1e-3)


def test_a_linear_output_has_unit_length(build: Callable, rng: np.random.Generator) -> None:
    model = build(vector(4), name="mlp", output="linear", n_outputs=3)
    x = rng.normal(size=(5, 4)).astype(np.float32)
    np.testing.assert_allclose(np.linalg.norm(outputs(model, x), axis=1), 1, atol=1e-6)


def test_a_dense_network_computes_what_numpy_computes(build: Callable, rng: np.random.Generator) -> None:
    model = build(vector(4), name="mlp", dense=[3], dropout=0.5, output="softmax", n_outputs=2)
    x = rng.normal(size=(5, 4)).astype(np.float32)
    first, bias1, second, bias2 = (weight.numpy() for weight in model.trainable_weights)
    logits = np.maximum(x @ first + bias1, 0) @ second + bias2
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(outputs(model, x), expected, atol=1e-6)


def test_a_convolution_computes_what_numpy_computes(build: Callable, rng: np.random.Generator) -> None:
    entry = patches(6, 3)
    entry["moments"] = (rng.normal(size=(1, 6, 3)), rng.uniform(0.5, 2, size=(1, 6, 3)))
    model = build(entry, name="cnn", filters=[2], kernels=[[2, 3]], pools=[[2, 1]], n_outputs=1)
    x = rng.normal(size=(4, 1, 6, 3)).astype(np.float32)
    kernel, bias = (weight.numpy() for weight in model.get_layer("conv1").trainable_weights)
    standard = ((x - entry["moments"][0]) / np.sqrt(entry["moments"][1]))[:, 0]
    convolved = np.stack(
        [np.einsum("nfb,fbc->nc", standard[:, at : at + 2], kernel[:, :, 0]) + bias for at in range(5)], axis=1
    )
    pooled = np.maximum(convolved, 0)[:, :4].reshape(4, 2, 2, 2).max(axis=2)
    flat = model.get_layer("flatten")
    found = outputs(type(model)(model.inputs, flat.output), x)
    np.testing.assert_allclose(found, pooled.reshape(4, 4), atol=1e-5)


def test_the_word_network_takes_the_maximum_over_time(build: Callable) -> None:
    entry = word_ids()
    model = build(entry, name="text-cnn", filters=2, widths=[2, 3], dense=2)
    ids = np.array([[2, 3, 4, 1, 0, 0], [0, 0, 0, 0, 0, 2]], np.int32)
    embedded = entry["weights"][ids]
    expected = []
    for width in (2, 3):
        kernel, bias = model.get_layer(f"conv{width}").get_weights()
        windows = [embedded[:, at : at + width] for at in range(6 - width + 1)]
        activations = [np.maximum(np.einsum("nwd,wdc->nc", window, kernel) + bias, 0) for window in windows]
        expected.append(np.max(activations, axis=0))
    found = outputs(type(model)(model.inputs, model.get_layer("concatenate").output), ids)
    np.testing.assert_allclose(found, np.concatenate(expected, axis=1), atol=1e-6)


def test_fused_vectors_are_scaled_to_unit_length_each(build: Callable, rng: np.random.Generator) -> None:
    model = build(vector(2, "a"), vector(3, "b"), name="fusion", dropout=0.5, n_outputs=1)
    a, b = (10 * rng.normal(size=(4, size)).astype(np.float32) for size in (2, 3))
    b[0] = 0  # a vector of zeros stays
    found = outputs(type(model)(model.inputs, model.get_layer("concatenate").output), [a, b])
    unit_b = b / np.maximum(np.linalg.norm(b, axis=1, keepdims=True), 1e-12)
    expected = np.concatenate([a / np.linalg.norm(a, axis=1, keepdims=True), unit_b], axis=1)
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_four_inputs_can_be_fused(build: Callable) -> None:
    model = build(*(vector(2, name) for name in "abcd"), name="fusion", n_outputs=3)
    assert len(model.inputs) == 4
    assert model.get_layer("concatenate").output.shape == (None, 8)


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


def test_statistics_are_not_trained(layers: ModuleType) -> None:
    layer = layers.standardise(np.zeros((1, 2, 2)), np.ones((1, 2, 2)), name="standardise")
    assert layer.trainable_weights == []


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
    from tartarus.config import schema

    allowed = schema("experiments")["$defs"]["entry"]["properties"]["loss"]["enum"]
    assert set(allowed) == set(losses.LOSSES)
    for name in allowed:
        assert callable(keras.losses.get(losses.LOSSES[name]))


def test_every_network_of_the_configuration_can_be_built(networks: ModuleType) -> None:
    from tartarus.config import schema

    allowed = schema("experiments")["$defs"]["entry"]["properties"]["network"]["properties"]["name"]["enum"]
    assert set(allowed) == set(networks.NETWORKS)


# --- Wrong inputs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["cnn", "mlp", "text-cnn"])
def test_two_inputs_are_refused_where_one_is_wanted(build: Callable, name: str) -> None:
    options = {"filters": [1], "kernels": [[1, 1]], "pools": [[1, 1]]} if name == "cnn" else {}
    with pytest.raises(TartarusError) as error:
        build(vector(2, "audio"), vector(2, "bow"), name=name, **options)
    assert str(error.value) == f"{name} takes 1 input, found 2 (audio, bow); use the network fusion"


def test_a_convolutional_network_refuses_vectors(build: Callable) -> None:
    with pytest.raises(TartarusError, match="cnn: 'bow' are no patches of spectrograms; use the network mlp"):
        build(vector(2), name="cnn", filters=[1], kernels=[[1, 1]], pools=[[1, 1]])


def test_filters_kernels_and_pools_must_be_as_many(build: Callable) -> None:
    with pytest.raises(TartarusError, match="cnn: 2 filters, 1 kernels and 1 pools; give as many of each"):
        build(patches(4, 4), name="cnn", filters=[1, 2], kernels=[[1, 1]], pools=[[1, 1]])


@pytest.mark.parametrize("entry", [vector(2), {**vector(2), "words": ["a", "b"], "weights": np.ones(2)}])
def test_the_word_network_refuses_vectors(build: Callable, entry: dict[str, Any]) -> None:
    with pytest.raises(TartarusError, match="text-cnn: 'bow' are no word ids; give it w2v"):
        build(entry, name="text-cnn")


@pytest.mark.parametrize("entry", [patches(4, 4), word_ids()])
def test_fusion_refuses_what_is_no_vector(build: Callable, entry: dict[str, Any]) -> None:
    with pytest.raises(
        TartarusError, match=f"fusion: '{entry['name']}' are no vectors; give it bow or the output of a layer"
    ):
        build(vector(2), entry, name="fusion")


@pytest.mark.parametrize("entry", [patches(4, 4), word_ids()])
def test_a_dense_network_refuses_what_is_no_vector(build: Callable, entry: dict[str, Any]) -> None:
    with pytest.raises(TartarusError, match=entry["name"]):
        build(entry, name="mlp")


@pytest.mark.parametrize(
    ("entry", "network"),
    [
        (patches(5, 4), {"name": "cnn", "filters": [1], "kernels": [[6, 4]], "pools": [[1, 1]]}),
        (patches(5, 4), {"name": "cnn", "filters": [1], "kernels": [[1, 1]], "pools": [[6, 1]]}),
        (word_ids(length=3), {"name": "text-cnn", "widths": [4]}),
    ],
    ids=["kernel", "pool", "width"],
)
def test_a_kernel_that_is_larger_than_the_input_is_refused(
    build: Callable, entry: dict[str, Any], network: dict[str, Any]
) -> None:
    with pytest.raises(TartarusError):
        build(entry, **network)
