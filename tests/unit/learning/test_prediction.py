"""What models say: averages over patches, and the outputs of layers."""

from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tartarus.base.errors import TartarusError
from tartarus.features.store import open_features

SIGNATURE = {"type": "cqt", "frames": 5}


@pytest.fixture
def model(seeded: None, networks: ModuleType) -> Any:
    """A small network over patches."""
    moments = (np.zeros((1, 5, 3)), np.ones((1, 5, 3)))
    entry = networks.Input("patches_2_1", (1, 5, 3), SIGNATURE, moments=moments)
    network = {"name": "cnn", "filters": [4], "kernels": [[2, 3]], "pools": [[2, 1]], "dense": [6], "dropout": 0.5}
    return networks.build("small", [entry], network=network, output="sigmoid", n_outputs=3)


def run(prediction: ModuleType, *arguments: Any, **options: Any) -> tuple[list[str], np.ndarray]:
    """Predict, and join the blocks."""
    ids, blocks = prediction.predict(*arguments, **options)
    return ids, np.concatenate(list(blocks))


@pytest.fixture
def patches(patch_file: Callable[..., Path], rng: np.random.Generator) -> tuple[Path, np.ndarray, list[str]]:
    """Patches of three items: three, one and two of them."""
    values = rng.normal(size=(6, 1, 5, 3)).astype(np.float32)
    index = ["S1", "S1", "S1", "S2", "S3", "S3"]
    return patch_file(values, index, **SIGNATURE), values, index


def test_the_outputs_of_an_item_s_patches_are_averaged(prediction: ModuleType, model: Any, patches: tuple) -> None:
    path, values, _ = patches
    each = np.array(model(values, training=False))
    with open_features(path) as features:
        ids, scores = run(prediction, model, [features], ["S3", "S1", "S2"])
    assert ids == ["S3", "S1", "S2"]
    by_hand = [(each[4] + each[5]) / 2, (each[0] + each[1] + each[2]) / 3, each[3]]
    np.testing.assert_allclose(scores, by_hand, atol=1e-6)
    assert scores.dtype == np.float32


def test_items_without_features_are_left_out(prediction: ModuleType, model: Any, patches: tuple) -> None:
    with open_features(patches[0]) as features:
        ids, scores = run(prediction, model, [features], ["S9", "S2", "S0"])
    assert ids == ["S2"]
    assert scores.shape == (1, 3)


def test_more_patches_than_fit_into_a_batch_are_all_predicted(
    prediction: ModuleType, model: Any, patch_file: Callable[..., Path], rng: np.random.Generator
) -> None:
    n_items = prediction.ROWS_AT_ONCE + 3
    values = rng.normal(size=(2 * n_items, 1, 5, 3)).astype(np.float32)
    ids = [f"S{number}" for number in range(n_items)]
    with open_features(patch_file(values, np.repeat(ids, 2).tolist(), **SIGNATURE)) as features:
        found, scores = run(prediction, model, [features], ids)
    assert found == ids
    expected = np.array(model(values, training=False)).reshape(n_items, 2, 3).mean(axis=1)
    np.testing.assert_allclose(scores, expected, atol=1e-6)


@pytest.mark.parametrize("at_once", [1, 2, 3, 100])
def test_items_are_predicted_block_by_block(
    prediction: ModuleType, model: Any, patches: tuple, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, values, _ = patches
    each = np.array(model(values, training=False))
    monkeypatch.setattr(prediction, "ITEMS_AT_ONCE", at_once)
    with open_features(path) as features:
        ids, blocks = prediction.predict(model, [features], ["S2", "S3", "S9", "S1"])
        # The ids are known before anything is predicted, and every block is as large as said.
        assert ids == ["S2", "S3", "S1"]
        assert isinstance(blocks, Iterator)
        found = list(blocks)
    assert [len(block) for block in found] == {1: [1, 1, 1], 2: [2, 1]}.get(at_once, [3])
    assert all(block.dtype == np.float32 for block in found)
    by_hand = [each[3], (each[4] + each[5]) / 2, (each[0] + each[1] + each[2]) / 3]
    np.testing.assert_allclose(np.concatenate(found), by_hand, atol=1e-6)


def test_features_of_another_kind_are_refused(
    prediction: ModuleType, model: Any, patch_file: Callable[..., Path]
) -> None:
    path = patch_file(np.zeros((1, 1, 5, 3)), ["S1"], type="mel", frames=5)
    with open_features(path) as features:
        with pytest.raises(TartarusError, match=r"type is 'mel', the model was trained on 'cqt'; train it anew"):
            prediction.predict(model, [features], ["S1"])
        # A part of a model may have lost its card on the way: the whole model's counts.
        part = prediction.sub_model(model, "flatten")
        with pytest.raises(TartarusError, match="type is 'mel'"):
            prediction.predict(part, [features], ["S1"], signatures_of=model)


def test_a_layer_s_output_is_that_of_keras_called_by_hand(
    keras: ModuleType, prediction: ModuleType, model: Any, patches: tuple
) -> None:
    path, values, _ = patches
    for name in ("flatten", "dense1", "pool1", "output"):
        by_hand = keras.Model(model.inputs, model.get_layer(name).output)(values, training=False)
        each = np.array(by_hand).reshape(len(values), -1)
        with open_features(path) as features:
            part = prediction.sub_model(model, name)
            ids, found = run(prediction, part, [features], ["S1", "S2", "S3"], signatures_of=model)
            assert prediction.width_of(part) == found.shape[1]
        assert ids == ["S1", "S2", "S3"]
        expected = [each[:3].mean(axis=0), each[3], each[4:].mean(axis=0)]
        np.testing.assert_allclose(found, expected, atol=1e-6)


def test_two_predictions_are_the_same_bits(prediction: ModuleType, model: Any, patches: tuple) -> None:
    with open_features(patches[0]) as features:
        one, two = (run(prediction, model, [features], ["S1", "S2"])[1].tobytes() for _ in range(2))
    assert one == two


def test_an_unknown_layer_is_refused_with_a_list_of_the_layers(prediction: ModuleType, model: Any) -> None:
    with pytest.raises(TartarusError) as error:
        prediction.sub_model(model, "flaten")
    message = str(error.value)
    assert message.startswith("the model 'small' has no layer 'flaten'; did you mean 'flatten'? Known: ")
    assert message.partition("Known: ")[2] == (
        "input, card, standardise, channels-last, conv1, pool1, dropout1, flatten, dense1, dropout-dense1, output"
    )


@given(st.lists(st.integers(1, 5), min_size=1, max_size=8), st.integers(1, 3))
def test_means_by_item_are_those_of_a_loop(prediction: ModuleType, counts: list[int], width: int) -> None:
    item = np.repeat(np.arange(len(counts)), counts)
    values = np.sin(np.arange(len(item) * width, dtype=np.float32)).reshape(len(item), width)
    expected = [values[item == number].mean(axis=0) for number in range(len(counts))]
    np.testing.assert_allclose(prediction.mean_by_item(values, item), expected, atol=1e-6)
