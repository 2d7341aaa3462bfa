"""Networks of pictures: what they see, what is frozen, what they begin from, and how pictures are varied."""

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from tartarus.base.errors import TartarusError
from tartarus.plan import weights

pytestmark = pytest.mark.usefixtures("seeded")
PICTURES = np.random.default_rng(4).integers(0, 256, (6, 32, 32, 3), dtype=np.uint8)


def build(networks: ModuleType, *, begun: Path | None = None, pixels: int = 32, **network: Any) -> Any:
    entry = networks.Input("pictures", (pixels, pixels, 3), {"kind": "pictures"})
    return networks.build("x", [entry], network=network, output="softmax", n_outputs=3, weights=begun)


def train(model: Any, steps: int = 1) -> None:
    # At once: a deep network takes longer to be compiled than to learn from six pictures.
    model.compile(optimizer="adam", loss="categorical_crossentropy", run_eagerly=True)
    for _ in range(steps):
        model.train_on_batch(PICTURES, np.eye(3, dtype=np.float32)[[0, 1, 2, 0, 1, 2]])


def part(keras: ModuleType, model: Any, layer: str) -> Any:
    return keras.Model(model.inputs, model.get_layer(layer).output)


def test_a_picture_network_sees_values_from_minus_1_to_1(keras: ModuleType, networks: ModuleType) -> None:
    seen = part(keras, build(networks, name="picture-cnn"), "scale").predict_on_batch(PICTURES)
    np.testing.assert_allclose(seen, PICTURES / 127.5 - 1, atol=1e-6)


def test_a_residual_network_sees_what_keras_prepares_for_it(keras: ModuleType, networks: ModuleType) -> None:
    model = build(networks, name="resnet", weights="none", frozen=True)
    seen = part(keras, model, "colours").predict_on_batch(PICTURES)
    expected = keras.applications.resnet.preprocess_input(PICTURES.astype(np.float32))
    np.testing.assert_allclose(seen, expected, atol=1e-4)
    assert model.get_layer("pool").output.shape == (None, 2048)


@pytest.mark.parametrize(("depth", "blocks", "parameters"), [(50, 16, 23_587_712), (101, 33, 42_658_176)])
def test_a_residual_network_has_its_published_size(
    networks: ModuleType, depth: int, blocks: int, parameters: int
) -> None:
    body = build(networks, name="resnet", depth=depth, weights="none").get_layer("resnet")
    assert body.count_params() == parameters
    assert sum(layer.name.endswith("_add") for layer in body.layers) == blocks


def test_a_frozen_network_learns_by_its_output_alone(networks: ModuleType) -> None:
    model = build(networks, name="resnet", weights="none", frozen=True)
    body = model.get_layer("resnet")
    before, output = body.get_weights(), model.get_layer("output").get_weights()[0]
    train(model)
    # The statistics of its normalisation are among them.
    assert all(np.array_equal(old, new) for old, new in zip(before, body.get_weights(), strict=True))
    assert not np.array_equal(output, model.get_layer("output").get_weights()[0])
    assert networks.parameters(model) == 2049 * 3


def test_published_weights_are_those_that_keras_names(keras: ModuleType) -> None:
    from keras.src.applications import resnet

    for name, known in weights.PUBLISHED.items():
        assert known.md5 == resnet.WEIGHTS_HASHES[name][1]
        assert f"{known.url}/" == resnet.BASE_WEIGHTS_PATH
        assert known.file == f"{name}_weights_tf_dim_ordering_tf_kernels_notop.h5"


def test_a_network_begins_from_the_weights_of_a_file(networks: ModuleType, keras: ModuleType, tmp_path: Path) -> None:
    former = build(networks, name="resnet", weights="none", frozen=True)
    path = tmp_path / "own.weights.h5"
    former.get_layer("resnet").save_weights(path)
    model = build(networks, name="resnet", begun=path, frozen=True)
    found = [layer.get_layer("resnet").get_weights() for layer in (former, model)]
    assert all(np.array_equal(*pair) for pair in zip(*found, strict=True))
    door = keras.Input((3,))
    keras.Model(door, keras.layers.Dense(2)(door)).save_weights(tmp_path / "other.weights.h5")
    with pytest.raises(TartarusError, match=r"other\.weights\.h5: not the weights of this network"):
        build(networks, name="resnet", begun=tmp_path / "other.weights.h5")


def test_a_file_that_holds_no_weights_is_named(networks: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "x.h5").write_text("<html></html>", encoding="utf-8")
    with pytest.raises(TartarusError, match=r"x\.h5: not the weights of this network"):
        build(networks, name="resnet", begun=tmp_path / "x.h5")


def test_pictures_that_become_too_small_are_refused(networks: ModuleType) -> None:
    with pytest.raises(TartarusError, match="26 pixels are left, it takes 32 or more; make crop smaller"):
        build(networks, name="resnet", weights="none", crop=0.2)
    with pytest.raises(TartarusError, match="nothing is left of the pictures after 6 convolutions"):
        build(networks, name="picture-cnn", filters=[1] * 6)


def test_a_picture_network_learns_colours(networks: ModuleType, keras: ModuleType) -> None:
    rng, labels = np.random.default_rng(5), np.arange(60) % 3
    x = rng.integers(0, 100, (60, 32, 32, 3))
    x[np.arange(60), :, :, labels] += 100
    y = np.eye(3, dtype=np.float32)[labels]
    model = build(networks, name="picture-cnn", filters=[4, 4])
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss="categorical_crossentropy")
    for _ in range(30):
        model.train_on_batch(x[:45].astype(np.uint8), y[:45])
    assert (model.predict_on_batch(x[45:].astype(np.uint8)).argmax(axis=1) == labels[45:]).all()


# --- Variation -------------------------------------------------------------------------------------------


def vary(keras: ModuleType, *, training: bool, **options: Any) -> np.ndarray:
    from tartarus.learning.layers import Variation

    return keras.ops.convert_to_numpy(Variation(seed=3, **options)(PICTURES, training=training))


def test_outside_training_the_middle_is_kept(keras: ModuleType) -> None:
    np.testing.assert_array_equal(vary(keras, training=False, flip=True, crop=0.25), PICTURES[:, 4:28, 4:28])
    np.testing.assert_array_equal(vary(keras, training=False, flip=True), PICTURES)


def test_pictures_are_flipped_each_for_itself(keras: ModuleType) -> None:
    found = vary(keras, training=True, flip=True)
    kept, flipped = ([np.array_equal(a, b) for a, b in zip(found, its, strict=True)]
                     for its in (PICTURES, PICTURES[:, :, ::-1]))  # fmt: skip
    assert all(one != other for one, other in zip(kept, flipped, strict=True))
    assert any(kept)
    assert any(flipped)


def test_pictures_are_cut_at_places_of_their_own(keras: ModuleType) -> None:
    found = vary(keras, training=True, crop=0.25)
    assert found.shape == (6, 24, 24, 3)
    places = {
        (number, down, across)
        for number in range(6)
        for down in range(9)
        for across in range(9)
        if np.array_equal(found[number], PICTURES[number, down : down + 24, across : across + 24])
    }
    assert sorted(number for number, _, _ in places) == list(range(6))
    assert len({place for _, *place in map(tuple, places) for place in [tuple(place)]}) > 1


def test_variation_is_seeded(keras: ModuleType) -> None:
    once, again = (vary(keras, training=True, flip=True, crop=0.25) for _ in range(2))
    np.testing.assert_array_equal(once, again)


def test_trainings_with_variation_are_the_same_to_the_last_bit(networks: ModuleType) -> None:
    from tartarus.learning import backend

    found = []
    for _ in range(2):
        backend.seed(7)
        model = build(networks, name="picture-cnn", filters=[3, 4], flip=True, crop=0.25, dropout=0.5)
        train(model, steps=3)
        found.append(model.get_weights())
    assert all(np.array_equal(*pair) for pair in zip(*found, strict=True))


def test_a_model_with_variation_is_read_again(networks: ModuleType, tmp_path: Path) -> None:
    from tartarus.learning import model_files

    model = build(networks, name="picture-cnn", flip=True, crop=0.25)
    model_files.save(model, tmp_path / "m.keras")
    again = model_files.load(tmp_path / "m.keras")
    np.testing.assert_array_equal(again.predict_on_batch(PICTURES), model.predict_on_batch(PICTURES))
    assert (again.get_layer("variation").flip, again.get_layer("variation").crop) == (True, 0.25)
