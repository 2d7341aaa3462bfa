"""Networks: sizes counted by hand, values computed by NumPy."""

import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from tartarus.base.errors import TartarusError
from tartarus.learning import backend
from tartarus.plan.config import schema, validate

from .small_networks import N_OUTPUTS, SMALL, features_in_patches, patches, vector, word_ids

pytestmark = pytest.mark.usefixtures("seeded")


@pytest.fixture
def build(networks: ModuleType) -> Callable[..., Any]:
    """Build a network from inputs given as options of `networks.Input`."""

    def make(*inputs: dict[str, Any], output: str = "sigmoid", n_outputs: int = 250, **network: Any) -> Any:
        entries = [networks.Input(**{"signature": {}, **entry}) for entry in inputs]
        return networks.build("a-model", entries, network=network, output=output, n_outputs=n_outputs)

    return make


def outputs(model: Any, x: Any) -> np.ndarray:
    """Run a model as it is after training: without dropout."""
    return np.array(model(x, training=False))


# --- Sizes -----------------------------------------------------------------------------------------------

LOW, HIGH = [64, 128, 128, 64], [256, 512, 1024, 1024]
SHAPES: dict[str, dict[str, Any]] = {
    "4X96": {"kernels": [[4, 96], [4, 1], [4, 1], [1, 1]], "pools": [[4, 1], [4, 1], [4, 1], [1, 1]]},
    "4X70": {"kernels": [[4, 70], [4, 6], [4, 1], [1, 1]], "pools": [[4, 4], [4, 1], [4, 1], [1, 1]]},
    "3X3": {"kernels": [[3, 3], [3, 3], [3, 3], [3, 3]], "pools": [[2, 4], [2, 4], [4, 1], [4, 1]]},
}
# Of the original's networks with 250 classes and with 50 factors, in millions, to the digits that are known.
PUBLISHED = {
    "LOW-4X96": ("0.195706", "0.144"),
    "LOW-4X70": ("0.352890", "0.301"),
    "LOW-3X3": ("0.36", "0.31"),
    "HIGH-4X96": ("4.80", "3.98"),
    "HIGH-4X70": ("7.390202", "6.57"),
    "HIGH-3X3": ("16.4", "15.5"),
}


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


@pytest.mark.parametrize("setting", PUBLISHED)
def test_the_convolutional_networks_have_the_original_s_sizes(
    build: Callable, networks: ModuleType, setting: str
) -> None:
    filters, shape = setting.split("-")
    options = {**SHAPES[shape], "filters": LOW if filters == "LOW" else HIGH}
    for n_outputs, output, published in zip((250, 50), ("sigmoid", "linear"), PUBLISHED[setting], strict=True):
        model = build(patches(), name="cnn", output=output, n_outputs=n_outputs, **options)
        flat, expected = count((322, 96), options, n_outputs)
        assert networks.parameters(model) == expected
        assert f"{expected / 1e6:.{len(published.partition('.')[2])}f}" == published
        assert model.get_layer("flatten").output.shape == (None, flat)
        assert flat == {"LOW": 256, "HIGH": 4096}[filters]
        assert model.output.shape == (None, n_outputs)


def test_the_network_of_single_labels_has_the_original_s_embedding(build: Callable) -> None:
    model = build(
        patches(),
        name="cnn",
        filters=[64, 128, 256],
        kernels=[[4, 96], [4, 1], [4, 1]],
        pools=[[4, 1], [4, 1], [2, 1]],
        output="softmax",
        n_outputs=15,
    )
    assert model.get_layer("flatten").output.shape == (None, 2048)


def test_the_text_network_has_the_original_s_size(build: Callable, networks: ModuleType) -> None:
    model = build(vector(10_000), name="mlp", dense=[2048, 2048], dropout=0.5)
    expected = 10_001 * 2048 + 2049 * 2048 + 2049 * 250
    assert networks.parameters(model) == expected
    assert round(expected / 1e6, 2) == 25.19


@pytest.mark.parametrize(
    ("names", "millions"), [(("audio", "text"), 1.54), (("audio", "visual"), 1.54), (("audio", "text", "visual"), 2.05)]
)
def test_the_fusion_networks_have_the_original_s_sizes(
    build: Callable, networks: ModuleType, names: tuple[str, ...], millions: float
) -> None:
    lengths = [4096 if name == "audio" else 2048 for name in names]
    model = build(*(vector(length, name) for length, name in zip(lengths, names, strict=True)), name="fusion")
    assert networks.parameters(model) == (sum(lengths) + 1) * 250
    assert round(networks.parameters(model) / 1e6, 2) == millions
    assert model.get_layer("concatenate").output.shape == (None, sum(lengths))


def test_the_word_network_has_the_size_of_a_hand_calculation(build: Callable, networks: ModuleType) -> None:
    model = build(word_ids(20, 50, 7), name="text-cnn", filters=4, widths=[2, 3], dense=6, n_outputs=3)
    expected = 50 * 7 + (2 * 7 + 1) * 4 + (3 * 7 + 1) * 4 + (8 + 1) * 6 + (6 + 1) * 3
    assert networks.parameters(model) == expected


def test_the_network_of_several_filters_has_the_size_of_a_hand_calculation(
    build: Callable, networks: ModuleType
) -> None:
    model = build(patches(), name="multi-filter-cnn", pools=[[4, 96], [4, 1]], filters=[8], kernels=[[4, 1]])
    of_branches = (70 + 1) * 64 + (350 + 1) * 32 + (700 + 1) * 32 + (35 + 1) * 64 + (175 + 1) * 32 + (350 + 1) * 32
    assert model.get_layer("concatenate").output.shape == (None, 322, 96, 256)
    assert model.get_layer("flatten").output.shape == (None, 19 * 8)  # 322 // 4 = 80, 80 - 3 = 77, 77 // 4 = 19
    assert networks.parameters(model) == of_branches + (4 * 256 + 1) * 8 + (19 * 8 + 1) * 250


def test_the_recurrent_network_has_the_original_s_shape_and_the_size_of_a_hand_calculation(
    build: Callable, networks: ModuleType
) -> None:
    model = build(patches(1366, 96), name="crnn", n_outputs=50)
    assert model.get_layer("pad").output.shape == (None, 1440, 96, 1)
    assert model.get_layer("steps").output.shape == (None, 15, 128)
    assert model.get_layer("gru1").output.shape == (None, 15, 32)
    assert model.get_layer("gru2").output.shape == (None, 32)
    convolutions = sum((9 * before + 1) * after for before, after in ((1, 64), (64, 128), (128, 128), (128, 128)))
    norms = 2 * (96 + 64 + 128 + 128 + 128)
    recurrent = sum(3 * 32 * (size + 32 + 2) for size in (128, 32))
    assert networks.parameters(model) == convolutions + norms + recurrent + 33 * 50


def test_the_recurrent_network_takes_whatever_leaves_a_step(build: Callable) -> None:
    model = build(patches(322, 200), name="crnn")
    assert model.get_layer("steps").output.shape == (None, (322 + 74) // 96, 2 * 128)


def test_the_network_of_words_in_sequence_has_the_size_of_a_hand_calculation(
    build: Callable, networks: ModuleType
) -> None:
    model = build(word_ids(20, 50, 7), name="text-lstm", units=4, n_outputs=3)
    assert networks.parameters(model) == 50 * 7 + 4 * 4 * (7 + 4 + 1) + (4 + 1) * 3
    assert build(word_ids(), name="text-lstm").get_layer("lstm").output.shape == (None, 2048)


def test_the_network_of_mixed_activations_has_the_size_of_a_hand_calculation(
    build: Callable, networks: ModuleType
) -> None:
    model = build(vector(2669), name="mixed", units=2048, dense=[1024], n_outputs=766)
    assert networks.parameters(model) == 3 * 2670 * 2048 + (3 * 2048 + 1) * 1024 + 1025 * 766


def test_the_network_of_late_fusion_has_the_size_of_a_hand_calculation(build: Callable, networks: ModuleType) -> None:
    model = build(vector(5, "a"), vector(7, "b"), name="late-fusion", dense=[3, 2], n_outputs=4)
    # A mean and a deviation are learned for each value, beside those that are only counted.
    assert networks.parameters(model) == 2 * 5 + 2 * 7 + 6 * 3 + 8 * 2 + (5 + 1) * 4


def test_statistics_and_vocabularies_are_no_parameters(build: Callable, networks: ModuleType) -> None:
    plain = build(vector(4), name="mlp", n_outputs=2)
    carrying = build({**vector(4), "words": list("abcd"), "weights": np.ones(4)}, name="mlp", n_outputs=2)
    assert networks.parameters(carrying) == networks.parameters(plain) == 10


# --- Names -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SMALL)
def test_layers_have_the_names_by_which_they_are_asked_for(build: Callable, name: str) -> None:
    model = build(*SMALL[name].inputs, name=name, n_outputs=N_OUTPUTS, **SMALL[name].options)
    assert [layer.name for layer in model.layers] == SMALL[name].layers.split()
    assert model.name == "a_model"


@pytest.mark.parametrize("name", SMALL)
def test_small_networks_have_the_sizes_of_a_hand_calculation(build: Callable, networks: ModuleType, name: str) -> None:
    model = build(*SMALL[name].inputs, name=name, n_outputs=N_OUTPUTS, **SMALL[name].options)
    assert networks.parameters(model) == SMALL[name].parameters


def test_a_mean_of_scores_is_their_mean(build: Callable, rng: np.random.Generator) -> None:
    model = build(*SMALL["mean"].inputs, name="mean", output="softmax", n_outputs=N_OUTPUTS)
    one, other = rng.random((2, 5, N_OUTPUTS))
    np.testing.assert_allclose(model([one, other]), (one + other) / 2, atol=1e-6)


def test_a_mean_of_scores_of_other_classes_is_refused(build: Callable) -> None:
    with pytest.raises(TartarusError, match="mean: 'a-pred_output' has 4 numbers, but 3 are predicted; give it models"):
        build(*SMALL["mean"].inputs, name="mean", n_outputs=3)


def test_no_network_is_forgotten(networks: ModuleType) -> None:
    assert set(SMALL) == set(networks.NETWORKS)


# --- Weights ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "network"),
    [
        (patches(20, 12), {"name": "cnn", "filters": [30], "kernels": [[4, 12]], "pools": [[2, 1]], "dense": [9]}),
        (vector(40), {"name": "mlp", "dense": [30]}),
        (word_ids(6, 5, 9), {"name": "text-cnn", "filters": 20, "dense": 10}),
        (word_ids(6, 5, 9), {"name": "text-lstm", "units": 12}),
        (vector(40), {"name": "mixed", "units": 10, "dense": [9]}),
        (vector(40), {"name": "late-fusion", "dense": [9]}),
        (patches(20, 90), {"name": "multi-filter-cnn", "pools": [[4, 90]]}),
        (patches(22, 4), {"name": "crnn", "filters": [9, 9], "pools": [[2, 2], [4, 2]], "units": [8, 8]}),
    ],
    ids=["cnn", "mlp", "text-cnn", "text-lstm", "mixed", "late-fusion", "multi-filter-cnn", "crnn"],
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


def test_what_a_recurrent_layer_sees_of_its_own_state_starts_orthogonal(build: Callable) -> None:
    kernel = build(word_ids(), name="text-lstm", units=5).get_layer("lstm").cell.recurrent_kernel.numpy()
    np.testing.assert_allclose(kernel @ kernel.T, np.eye(5), atol=1e-5)


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


def test_branches_see_every_cell_with_zeros_around_the_patch(build: Callable, rng: np.random.Generator) -> None:
    branches = [[1, 3, 2], [3, 2, 1]]
    model = build(patches(5, 4), name="multi-filter-cnn", branches=branches, pools=[[1, 1]])
    x = rng.normal(size=(2, 1, 5, 4)).astype(np.float32)
    expected = []
    for number, (frames, bins, filters) in enumerate(branches, start=1):
        kernel, bias = model.get_layer(f"branch{number}").get_weights()
        # Where an even number of zeros is needed, as many on both sides; else one more behind.
        around = [((width - 1) // 2, width // 2) for width in (frames, bins)]
        padded = np.pad(x[:, 0], [(0, 0), *around])
        convolved = np.zeros((2, 5, 4, filters))
        for frame, bin_ in np.ndindex(5, 4):
            window = padded[:, frame : frame + frames, bin_ : bin_ + bins]
            convolved[:, frame, bin_] = np.einsum("nfb,fbc->nc", window, kernel[:, :, 0]) + bias
        expected.append(np.maximum(convolved, 0))
    found = outputs(type(model)(model.inputs, model.get_layer("concatenate").output), x)
    np.testing.assert_allclose(found, np.concatenate(expected, axis=-1), atol=1e-6)


@pytest.mark.parametrize("vector_first", [True, False])
def test_patches_and_their_vector_may_come_in_either_order(
    build: Callable, rng: np.random.Generator, vector_first: bool
) -> None:
    entries = [vector(3), patches(4, 2)] if vector_first else [patches(4, 2), vector(3)]
    options = {"filters": [2], "kernels": [[1, 1]], "pools": [[1, 1]], "units": 5, "dropout": 0.5}
    model = build(*entries, name="cnn-with-features", output="linear", n_outputs=3, **options)
    x = [rng.normal(size=(2, *entry["shape"])).astype(np.float32) for entry in entries]
    of_patches, of_vector = (x[1][:, 0], x[0]) if vector_first else (x[0][:, 0], x[1])
    kernel, bias = model.get_layer("conv1").get_weights()
    convolved = np.maximum(of_patches[..., None] * kernel[0, 0, 0] + bias, 0).reshape(2, -1)
    weights, offset = model.get_layer("dense1").get_weights()
    expected = np.concatenate([convolved, np.maximum(of_vector @ weights + offset, 0)], axis=1)
    joined = model.get_layer("concatenate").output
    np.testing.assert_allclose(outputs(type(model)(model.inputs, joined), x), expected, atol=1e-6)


def test_late_fusion_normalises_each_input_by_the_statistics_of_its_training(
    build: Callable, rng: np.random.Generator
) -> None:
    model = build(vector(2, "a"), vector(3, "b"), name="late-fusion", dense=[4, 5], dropout=0.5)
    x = [rng.normal(size=(6, size)).astype(np.float32) for size in (2, 3)]
    expected = []
    for number, values in enumerate(x, start=1):
        norm = model.get_layer(f"norm{number}")
        mean, variance = rng.normal(size=values.shape[1]), rng.uniform(1, 2, size=values.shape[1])
        norm.moving_mean.assign(mean)
        norm.moving_variance.assign(variance)
        weights, bias = model.get_layer(f"dense{number}").get_weights()
        expected.append(np.maximum((values - mean) / np.sqrt(variance + norm.epsilon) @ weights + bias, 0))
    found = outputs(type(model)(model.inputs, model.get_layer("concatenate").output), x)
    np.testing.assert_allclose(found, np.concatenate(expected, axis=1), atol=1e-6)


def test_mixed_activations_look_at_the_same_vector(build: Callable, rng: np.random.Generator) -> None:
    model = build(vector(4), name="mixed", units=3, dropout=0.5)
    x = rng.normal(size=(5, 4)).astype(np.float32)
    expected = []
    for name, function in (("relu", lambda z: np.maximum(z, 0)), ("tanh", np.tanh), ("sigmoid", logistic)):
        weights, bias = model.get_layer(f"dense-{name}").get_weights()
        expected.append(function(x @ weights + bias))
    found = outputs(type(model)(model.inputs, model.get_layer("concatenate").output), x)
    np.testing.assert_allclose(found, np.concatenate(expected, axis=1), atol=1e-6)


def logistic(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


def test_the_sequence_network_reads_words_as_the_equations_of_the_lstm_say(
    build: Callable, rng: np.random.Generator
) -> None:
    # Hochreiter and Schmidhuber 1997 with forget gates (Gers et al. 2000); gates in Keras' order i, f, c, o.
    entry = word_ids()
    model = build(entry, name="text-lstm", units=3)
    layer = model.get_layer("lstm")
    layer.set_weights([rng.normal(size=weight.shape) for weight in layer.get_weights()])
    kernel, recurrent, bias = layer.get_weights()
    ids = np.array([[2, 3, 4, 1, 0, 0], [4, 4, 1, 3, 2, 0]], np.int32)
    state, cell = np.zeros((2, 3)), np.zeros((2, 3))
    for word in entry["weights"][ids].transpose(1, 0, 2):
        i, f, c, o = np.split(word @ kernel + state @ recurrent + bias, 4, axis=1)
        cell = logistic(f) * cell + logistic(i) * np.tanh(c)
        state = logistic(o) * np.tanh(cell)
    found = outputs(type(model)(model.inputs, layer.output), ids)
    np.testing.assert_allclose(found, state, atol=1e-5)


def test_the_recurrent_network_reads_one_vector_of_bins_and_channels_a_step(
    build: Callable, rng: np.random.Generator
) -> None:
    model = build(patches(22, 8), name="crnn", filters=[2, 3], pools=[[2, 2], [4, 2]], units=[2])
    x = rng.normal(size=(2, 1, 22, 8)).astype(np.float32)
    pooled, steps = (outputs(type(model)(model.inputs, model.get_layer(name).output), x) for name in ("pool2", "steps"))
    assert pooled.shape == (2, 12, 2, 3)
    for step in range(12):
        np.testing.assert_array_equal(steps[:, step], pooled[:, step].reshape(2, 6))


def test_every_bin_is_normalised_over_time_and_the_padding_is_zero_before(
    build: Callable, rng: np.random.Generator
) -> None:
    model = build(patches(22, 4), name="crnn", filters=[2, 2], pools=[[2, 2], [4, 2]])
    norm = model.get_layer("norm-bins")
    mean, variance = rng.normal(size=4), rng.uniform(1, 2, size=4)
    norm.moving_mean.assign(mean)
    norm.moving_variance.assign(variance)
    x = rng.normal(size=(2, 1, 22, 4)).astype(np.float32)
    padded = np.pad(x[:, 0], [(0, 0), (37, 37), (0, 0)])
    found = outputs(type(model)(model.inputs, norm.output), x)
    np.testing.assert_allclose(found[..., 0], (padded - mean) / np.sqrt(variance + norm.epsilon), atol=1e-5)


# --- Standardisation -------------------------------------------------------------------------------------


@pytest.mark.parametrize("network", [{"name": "mlp"}, {"name": "mixed", "units": 2}])
def test_a_vector_with_moments_is_standardised_after_its_card(
    build: Callable, rng: np.random.Generator, network: dict[str, Any]
) -> None:
    model = build(features_in_patches(5), **network)
    x = rng.normal(size=(3, 5)).astype(np.float32)
    found = outputs(type(model)(model.inputs, model.get_layer("standardise").output), x)
    np.testing.assert_allclose(found, (x - 2) / 2, atol=1e-6)


def test_of_several_inputs_those_with_moments_are_standardised(build: Callable, rng: np.random.Generator) -> None:
    model = build(vector(5), features_in_patches(5), name="fusion")
    assert [layer.name for layer in model.layers if layer.name.startswith("standardise")] == ["standardise2"]
    x = [rng.normal(size=(3, 5)).astype(np.float32) for _ in range(2)]
    found = outputs(type(model)(model.inputs, model.get_layer("unit2").input), x)
    np.testing.assert_allclose(found, (x[1] - 2) / 2, atol=1e-6)


# --- The configuration -----------------------------------------------------------------------------------


def test_every_network_of_the_configuration_can_be_built(networks: ModuleType) -> None:
    network = schema("experiments")["$defs"]["network"]["properties"]
    assert set(network["name"]["enum"]) == set(networks.NETWORKS)


def test_the_configuration_knows_the_options_of_every_network_and_which_must_be_given(networks: ModuleType) -> None:
    definitions = schema("experiments")["$defs"]
    known = set(definitions["network"]["properties"])
    for name, make in networks.NETWORKS.items():
        options = [
            parameter
            for parameter in inspect.signature(make).parameters.values()
            if parameter.kind is parameter.KEYWORD_ONLY
        ]
        wanted = definitions[name]
        assert set(wanted["properties"]) == {"name"} | {option.name for option in options} <= known, name
        assert set(wanted.get("required", [])) == {option.name for option in options if option.default is option.empty}


@pytest.mark.parametrize(
    "network",
    [
        {"name": "multi-filter-cnn", "pools": []},
        {"name": "multi-filter-cnn", "pools": [[1, 1]], "branches": [[1, 70]]},
        {"name": "crnn", "units": 32},
        {"name": "crnn", "units": []},
        {"name": "crnn", "dropout": 0.1},
        {"name": "mixed", "units": [1024]},
        {"name": "late-fusion", "dense": 512},
        {"name": "text-lstm", "units": 0},
        {"name": "text-lstm", "dropout": 0.5},
    ],
)
def test_options_of_the_wrong_kind_are_refused(network: dict[str, Any]) -> None:
    with pytest.raises(TartarusError, match="mine"):
        validate(network, "experiments", part=network["name"], source="mine")


# --- Wrong inputs ----------------------------------------------------------------------------------------


STACK = {"filters": [1], "kernels": [[1, 1]], "pools": [[1, 1]]}
NEEDED: dict[str, dict[str, Any]] = {
    "cnn": STACK,
    "multi-filter-cnn": {"pools": [[1, 1]]},
    "mixed": {"units": 1},
    "cnn-with-features": {**STACK, "units": 1},
}


@pytest.mark.parametrize("name", ["cnn", "multi-filter-cnn", "crnn", "mlp", "mixed", "text-cnn", "text-lstm"])
def test_two_inputs_are_refused_where_one_is_wanted(build: Callable, name: str) -> None:
    with pytest.raises(TartarusError) as error:
        build(vector(2, "audio"), vector(2, "bow"), name=name, **NEEDED.get(name, {}))
    assert str(error.value) == f"{name} takes 1 input, found 2 (audio, bow); use the network fusion"


@pytest.mark.parametrize("name", ["multi-filter-cnn", "crnn"])
@pytest.mark.parametrize("shape", [(2,), (2, 8, 4)])
def test_what_is_no_patches_is_refused_where_they_are_wanted(
    build: Callable, name: str, shape: tuple[int, ...]
) -> None:
    with pytest.raises(TartarusError, match=f"{name}: 'x' are no patches of spectrograms; use the network mlp"):
        build({"name": "x", "shape": shape}, name=name, **NEEDED.get(name, {}))


@pytest.mark.parametrize(
    "entries",
    [[patches(4, 4)], [patches(4, 4), patches(4, 4)], [vector(2), vector(2)], [patches(4, 4), vector(2), vector(2)]],
)
def test_a_network_of_patches_and_a_vector_takes_nothing_else(build: Callable, entries: list[dict[str, Any]]) -> None:
    with pytest.raises(TartarusError) as error:
        build(*entries, name="cnn-with-features", **NEEDED["cnn-with-features"])
    found = ", ".join(f"{entry['name']} of shape {entry['shape']}" for entry in entries)
    assert str(error.value) == (
        f"cnn-with-features takes patches of spectrograms and a vector, found {found}; give it these two, or use the "
        f"network cnn or fusion"
    )


def test_late_fusion_wants_as_many_numbers_of_units_as_inputs(build: Callable) -> None:
    with pytest.raises(TartarusError, match="late-fusion: dense has 1 numbers of units for 2 inputs; give one for"):
        build(vector(2), vector(2), name="late-fusion", dense=[3])


def test_the_network_of_several_filters_wants_a_pool_more_than_further_convolutions(build: Callable) -> None:
    with pytest.raises(
        TartarusError, match="multi-filter-cnn: 1 filters, 1 kernels and 0 pools after the first; give as many of each"
    ):
        build(patches(4, 4), name="multi-filter-cnn", filters=[1], kernels=[[1, 1]], pools=[[1, 1]])


def test_filters_and_pools_of_the_recurrent_network_must_be_as_many(build: Callable) -> None:
    with pytest.raises(TartarusError, match="crnn: 1 filters and 4 pools; give as many of each"):
        build(patches(322, 96), name="crnn", filters=[1])


@pytest.mark.parametrize(("frames", "bins", "left"), [(21, 96, "3 x 4"), (322, 95, "16 x 3")])
def test_patches_that_leave_no_step_are_refused(build: Callable, frames: int, bins: int, left: str) -> None:
    with pytest.raises(TartarusError) as error:
        build(patches(frames, bins), name="crnn")
    assert str(error.value) == (
        f"crnn: layer 4: nothing is left of {left} frames and bins after a pool of 4 x 4; make it smaller"
    )


def test_a_convolutional_network_refuses_vectors(build: Callable) -> None:
    with pytest.raises(TartarusError, match="cnn: 'bow' are no patches of spectrograms; use the network mlp"):
        build(vector(2), name="cnn", filters=[1], kernels=[[1, 1]], pools=[[1, 1]])


def test_filters_kernels_and_pools_must_be_as_many(build: Callable) -> None:
    with pytest.raises(TartarusError, match="cnn: 2 filters, 1 kernels and 1 pools; give as many of each"):
        build(patches(4, 4), name="cnn", filters=[1, 2], kernels=[[1, 1]], pools=[[1, 1]])


@pytest.mark.parametrize("entry", [vector(2), {**vector(2), "words": ["a", "b"], "weights": np.ones(2)}])
def test_the_word_network_refuses_vectors(build: Callable, entry: dict[str, Any]) -> None:
    for name in ("text-cnn", "text-lstm"):
        with pytest.raises(TartarusError, match=f"{name}: 'bow' are no word ids; give it w2v"):
            build(entry, name=name)


@pytest.mark.parametrize("entry", [patches(4, 4), word_ids()])
def test_fusion_refuses_what_is_no_vector(build: Callable, entry: dict[str, Any]) -> None:
    with pytest.raises(
        TartarusError, match=f"fusion: '{entry['name']}' are no vectors; give it bow or the output of a layer"
    ):
        build(vector(2), entry, name="fusion")


@pytest.mark.parametrize("entry", [patches(4, 4), word_ids()])
def test_a_dense_network_refuses_what_is_no_vector(build: Callable, entry: dict[str, Any]) -> None:
    for network in ({"name": "mlp"}, {"name": "mixed", "units": 2}, {"name": "late-fusion", "dense": [2]}):
        with pytest.raises(TartarusError, match=f"{network['name']}: '{entry['name']}' are no vectors"):
            build(entry, **network)


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


def test_a_space_is_w2_tanh_w1_x_of_each_input(build: Any, rng: np.random.Generator) -> None:
    model = build(vector(4, "a"), vector(3, "b"), name="space", output="space", hidden=5, units=2)
    for weight in model.trainable_weights:
        weight.assign(rng.normal(size=weight.shape))
    x = [rng.normal(size=(6, size)).astype(np.float32) for size in (4, 3)]
    kernels = {name: np.array(model.get_layer(name).kernel) for name in ("dense1", "space1", "dense2", "space2")}
    halves = [np.tanh(x[i] @ kernels[f"dense{i + 1}"]) @ kernels[f"space{i + 1}"] for i in range(2)]
    np.testing.assert_allclose(model.predict_on_batch(x), np.concatenate(halves, axis=1), atol=1e-5)
    assert len(model.trainable_weights) == 4  # no biases


def test_a_space_drops_parts_of_its_inputs_only_if_asked_for(build: Any) -> None:
    names = [
        {layer.name for layer in build(vector(4, "a"), vector(3, "b"), name="space", output="space", **how).layers}
        for how in ({}, {"dropout": 0.5})
    ]
    assert names[1] - names[0] == {"dropout-input1", "dropout-input2"}


def test_a_space_of_the_paper_has_2048_hidden_units_and_200_dimensions(build: Any) -> None:
    model = build(vector(2048, "a"), vector(2048, "b"), name="space", output="space")
    assert model.count_params() == 2 * (2048 * 2048 + 2048 * 200)


# --- Options for small data ------------------------------------------------------------------------------

SMALL_DATA = {"filters": [3, 5], "kernels": [[2, 6], [2, 1]], "pools": [[2, 1], [1, 1]]}


@pytest.mark.parametrize("pooling", ["mean", "max", "both"])
def test_a_normalised_network_is_that_of_numpy_whatever_its_patches_length(
    build: Callable, rng: np.random.Generator, pooling: str
) -> None:
    model = build(patches(9, 6), name="cnn", norm=True, channel_dropout=0.5, pooling=pooling, **SMALL_DATA)
    for weight in model.weights[2:]:  # behind what standardises
        low = 0.5 if "variance" in weight.path else -1
        weight.assign(rng.uniform(low, 1.5, weight.shape))
    x = rng.normal(size=(4, 1, 9, 6)).astype(np.float32)
    found = x[:, 0, :, :, None].astype(float)
    for number, (kernel, pool) in enumerate(zip(SMALL_DATA["kernels"], (2, 1), strict=True), start=1):
        weights, bias = (np.array(weight) for weight in model.get_layer(f"conv{number}").weights)
        frames, bins = found.shape[1] - kernel[0] + 1, found.shape[2] - kernel[1] + 1
        found = np.stack(
            [
                np.einsum("nhwc,hwcf->nf", found[:, at : at + kernel[0], : kernel[1]], weights) + bias
                for at in range(frames)
            ],
            axis=1,
        )[:, :, None]
        assert bins == 1
        gamma, beta, mean, variance = (np.array(weight) for weight in model.get_layer(f"norm{number}").weights)
        found = np.maximum((found - mean) / np.sqrt(variance + 1e-3) * gamma + beta, 0)
        frames = found.shape[1] // pool
        found = found[:, : frames * pool].reshape(4, frames, pool, 1, -1).max(axis=2)
    kinds = {"mean": [np.mean], "max": [np.max], "both": [np.mean, np.max]}[pooling]
    expected = np.concatenate([kind(found, axis=(1, 2)) for kind in kinds], axis=1)
    part = keras_model(model, "pooled")
    np.testing.assert_allclose(outputs(part, x), expected, atol=1e-5)


def keras_model(model: Any, layer: str) -> Any:
    return type(model)(model.inputs, model.get_layer(layer).output)


def test_of_whole_channels_dropout_leaves_all_or_nothing(build: Callable, rng: np.random.Generator) -> None:
    model = build(patches(9, 6), name="cnn", channel_dropout=0.5, **SMALL_DATA)
    model.get_layer("conv2").set_weights([np.full((2, 1, 3, 5), 0.1), np.ones(5)])
    x = rng.normal(size=(50, 1, 9, 6)).astype(np.float32)
    found = np.array(keras_model(model, "channel-dropout2")(x, training=True))
    nothing = (found == 0).all(axis=(1, 2))
    assert ((found != 0).all(axis=(1, 2)) | nothing).all()
    assert nothing.mean() == pytest.approx(0.5, abs=0.1)


def test_the_layers_for_small_data_are_there_only_if_they_are_asked_for(build: Callable) -> None:
    def names(**options: Any) -> list[str]:
        model = build(patches(9, 6), name="cnn", **SMALL_DATA, **options)
        return [layer.name for layer in model.layers][4:-1]

    assert names() == ["conv1", "pool1", "dropout1", "conv2", "pool2", "dropout2", "flatten"]
    assert names(norm=True, channel_dropout=0.1, pooling="both") == [
        *("conv1", "norm1", "relu1", "pool1", "dropout1", "channel-dropout1"),
        *("conv2", "norm2", "relu2", "pool2", "dropout2", "channel-dropout2", "pooled-mean", "pooled-max", "pooled"),
    ]
    assert names(pooling="attention")[-1] == "pooled"


def test_a_kernel_of_all_bins_is_one_of_as_many_as_there_are(build: Callable, networks: ModuleType) -> None:
    named, counted = (
        build(patches(9, 6), name="cnn", **{**SMALL_DATA, "kernels": [[2, bins], [2, 1]]}) for bins in ("all", 6)
    )
    assert [weight.shape for weight in named.weights] == [weight.shape for weight in counted.weights]
    validate({"name": "cnn", **SMALL_DATA, "kernels": [[2, "all"], [2, 1]]}, "experiments", part="cnn", source="x")
    for wrong in (["all", 6], [2, "every"], [2, 0], [2]):
        with pytest.raises(TartarusError, match="x: kernels"):
            validate({"name": "cnn", **SMALL_DATA, "kernels": [wrong, [2, 1]]}, "experiments", part="cnn", source="x")
