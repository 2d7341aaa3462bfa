"""What a network looks for: kernels that answer as the layer does, and weights of words as in plain numpy."""

from types import ModuleType
from typing import Any

import numpy as np
import pytest
from scipy.signal import correlate2d
from tartarus.base.errors import TartarusError
from tartarus.learning import learned

WORDS = ["sun", "sea", "road"]
CNN = {"name": "cnn", "filters": [3, 1, 2], "kernels": [[2, 3], [1, 1], [1, 1]], "pools": [[1, 1]] * 3}


def build(networks: ModuleType, network: dict[str, Any], *inputs: Any, output: str = "softmax", n: int = 2) -> Any:
    return networks.build("the-model", list(inputs), network=network, output=output, n_outputs=n)


def bow(networks: ModuleType) -> Any:
    return networks.Input("bow", (3,), {"kind": "bow"}, WORDS, np.array([1.5, 2.5, 3.5]))


def w2v(networks: ModuleType) -> Any:
    vectors = np.array([[0, 0], [0.1, 0.2], [1, -1], [0.5, 2], [-1, 0.3]], np.float32)
    return networks.Input("w2v", (4,), {"kind": "w2v"}, ["<padding>", "<unknown>", *WORDS], vectors)


def patches(networks: ModuleType) -> Any:
    moments = (np.zeros((1, 6, 5)), np.ones((1, 6, 5)))
    return networks.Input("patches_1_1", (1, 6, 5), {"type": "cqt"}, moments=moments)


@pytest.mark.parametrize(
    ("network", "layers"),
    [
        (CNN, {"conv1": (3, 2, 3)}),  # the second convolution has one filter: what the third sees is not the patch
        (
            {"name": "multi-filter-cnn", "branches": [[1, 3, 2], [4, 2, 3]], "pools": [[1, 1]]},
            {"branch1": (2, 1, 3), "branch2": (3, 4, 2)},
        ),
    ],
)
def test_kernels_are_what_the_first_convolutions_compare_patches_with(
    networks: ModuleType,
    prediction: ModuleType,
    seeded: None,
    rng: np.random.Generator,
    network: dict[str, Any],
    layers: dict[str, tuple[int, ...]],
) -> None:
    model = build(networks, network, patches(networks))
    found = learned.kernels(model)
    assert {name: values.shape for name, values in found.items()} == layers
    patch = rng.standard_normal((1, 1, 6, 5)).astype(np.float32)
    for name, values in found.items():
        mode = "same" if name.startswith("branch") else "valid"
        answer = prediction.sub_model(model, name).predict_on_batch(patch)[0]
        for number, kernel in enumerate(values):
            # The middle: how "same" pads kernels of even length is not the question.
            expected = np.maximum(correlate2d(patch[0, 0], kernel, mode="valid"), 0)
            got = answer[..., number]
            if mode == "same":
                up, left = ((size - 1) // 2 for size in kernel.shape)
                got = got[up : up + expected.shape[0], left : left + expected.shape[1]]
            np.testing.assert_allclose(got, expected, atol=1e-5)


def test_the_weights_of_a_linear_model_are_its_coefficients(networks: ModuleType, seeded: None) -> None:
    model = build(networks, {"name": "reference", "method": "logistic-regression"}, bow(networks))
    kernel = np.array([[1.0, -2.0], [0.25, 4.0], [0.0, -0.5]])
    model.get_layer("output").kernel.assign(kernel)
    model.get_layer("output").bias.assign([3.0, -7.0])
    words, weights = learned.word_weights(model)
    assert words == WORDS
    np.testing.assert_allclose(weights, kernel, atol=1e-6)


def test_the_weights_of_hidden_layers_are_the_score_of_a_word_less_that_of_no_word(
    networks: ModuleType, seeded: None, rng: np.random.Generator
) -> None:
    model = build(networks, {"name": "mlp", "dense": [5], "dropout": 0.5}, bow(networks), output="sigmoid")
    first, last = model.get_layer("dense1"), model.get_layer("output")
    for layer in (first, last):
        layer.set_weights([rng.standard_normal(weights.shape) for weights in layer.get_weights()])
    (w1, b1), (w2, _) = first.get_weights(), last.get_weights()
    expected = (np.maximum(np.eye(3) @ w1 + b1, 0) - np.maximum(b1, 0)) @ w2
    assert np.abs(expected).max() > 0.1
    np.testing.assert_allclose(learned.word_weights(model)[1], expected, atol=1e-5)


def test_the_weights_of_sequences_are_those_of_a_text_of_one_word(
    networks: ModuleType, prediction: ModuleType, seeded: None
) -> None:
    model = build(networks, {"name": "text-cnn", "filters": 3, "dense": 4, "widths": [2]}, w2v(networks))
    words, weights = learned.word_weights(model)
    assert words == WORDS
    # Softmax loses what is common to all classes: the difference between two is left.
    scores = np.log(model.predict_on_batch(np.array([[0, 0, 0, 0], [2, 0, 0, 0], [3, 0, 0, 0], [4, 0, 0, 0]])))
    differences = scores[:, 0] - scores[:, 1]
    assert np.abs(np.diff(differences)).min() > 0
    np.testing.assert_allclose(weights[:, 0] - weights[:, 1], differences[1:] - differences[0], atol=1e-5)


def test_more_words_than_are_asked_at_once(networks: ModuleType, seeded: None, monkeypatch: pytest.MonkeyPatch) -> None:
    model = build(networks, {"name": "mlp", "dense": [5]}, bow(networks))
    whole = learned.word_weights(model)[1]
    monkeypatch.setattr(learned, "TEXTS_AT_ONCE", 2)
    np.testing.assert_allclose(learned.word_weights(model)[1], whole, atol=1e-6)


def test_a_model_with_neither_says_what_there_would_be_to_draw(networks: ModuleType, seeded: None) -> None:
    vector = networks.Input("mine", (2,), {"kind": "mine"})
    without = [
        build(networks, {"name": "mlp"}, vector),
        build(networks, {"name": "fusion"}, bow(networks), vector),
        build(networks, {"name": "mlp"}, bow(networks), output="linear"),
    ]
    for model in without:
        assert learned.kernels(model) == {}
        with pytest.raises(TartarusError, match="the model 'the_model' has neither a first convolution over patches"):
            learned.word_weights(model)


def test_rows_of_words_have_the_largest_first() -> None:
    weights = np.array([[1.0, -1.0], [3.0, 0.0], [2.0, -2.0]])
    rows = learned.rows_of_words(WORDS, weights, ["warm", "cold"], most=2)
    assert rows == [
        {"class": "warm", "word": "sea", "weight": "3"},
        {"class": "warm", "word": "road", "weight": "2"},
        {"class": "cold", "word": "sea", "weight": "0"},
        {"class": "cold", "word": "sun", "weight": "-1"},
    ]


def test_rows_of_kernels_have_every_weight_at_its_place() -> None:
    values = np.zeros((2, 2, 3), np.float32)
    values[0, 1, 2], values[1, 0, 1] = 3, -4
    rows = learned.rows_of_kernels({"conv1": values})
    assert len(rows) == 12
    assert {row["layer"] for row in rows} == {"conv1"}
    assert [row["filter"] for row in rows] == [2] * 6 + [1] * 6
    assert [
        (row["filter"], row["norm"], row["frame"], row["bin"], row["weight"]) for row in rows if row["weight"] != "0"
    ] == [
        (2, "4", 1, 2, "-4"),
        (1, "3", 2, 3, "3"),
    ]
