"""Models in files: the same outputs, the same bytes, and the features that they were trained on."""

import hashlib
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import h5py
import numpy as np
import pytest
from tartarus.base import files
from tartarus.base.errors import TartarusError
from tartarus.features.store import open_features
from tartarus.learning import backend

SIGNATURE = {"kind": "bow", "words": 300, "vocabulary": "abc"}


@pytest.fixture
def make(seeded: None, networks: ModuleType) -> Callable[..., Any]:
    """Build a model of every kind."""

    def build(kind: str = "mlp", seed: int | None = None) -> Any:
        if seed is not None:
            backend.seed(seed)
        entry = networks.Input
        patches = entry(
            "patches_1_1", (1, 5, 3), {"type": "cqt"}, moments=(np.full((1, 5, 3), -3.0), np.full((1, 5, 3), 4.0))
        )
        bow = entry("bow", (3,), SIGNATURE, ["más", "sol", "mar"], np.array([1.5, 2.5, 3.5]))
        w2v = entry("w2v", (4,), {"kind": "w2v"}, ["a", "b"], np.array([[0.0, 0, 0], [1, 2, 3]], np.float32))
        inputs, network = {
            "cnn": ([patches], {"name": "cnn", "filters": [2], "kernels": [[2, 3]], "pools": [[2, 1]]}),
            "mlp": ([bow], {"name": "mlp", "dense": [4], "dropout": 0.5}),
            "text-cnn": ([w2v], {"name": "text-cnn", "filters": 2, "dense": 3}),
            "fusion": ([entry("a", (2,), {"kind": "a"}), entry("b", (3,), {"kind": "b"})], {"name": "fusion"}),
        }[kind]
        return networks.build("the-model", inputs, network=network, output="linear", n_outputs=2)

    return build


def example(model: Any, rng: np.random.Generator) -> list[np.ndarray]:
    return [
        rng.integers(0, 2, size=(6, *door.shape[1:])).astype(door.dtype)
        if door.dtype == "int32"
        else rng.normal(size=(6, *door.shape[1:])).astype(np.float32)
        for door in model.inputs
    ]


# --- Files -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["cnn", "mlp", "text-cnn", "fusion"])
def test_a_model_that_is_read_again_gives_the_same_outputs(
    make: Callable, model_files: ModuleType, tmp_path: Path, rng: np.random.Generator, kind: str
) -> None:
    model = make(kind)
    model_files.save(model, tmp_path / "model.keras")
    found = model_files.load(tmp_path / "model.keras")
    assert found is not model
    x = example(model, rng)
    expected = np.array(model(x))
    assert np.unique(expected, axis=0).shape[0] > 1
    np.testing.assert_array_equal(np.array(found(x)), expected)
    assert [layer.name for layer in found.layers] == [layer.name for layer in model.layers]


def test_a_model_carries_its_vocabulary_and_signature(make: Callable, model_files: ModuleType, tmp_path: Path) -> None:
    model_files.save(make(), tmp_path / "model.keras")
    card = model_files.load(tmp_path / "model.keras").get_layer("card")
    assert card.signature == SIGNATURE
    assert card.words == ["más", "sol", "mar"]
    np.testing.assert_array_equal(card.weights_of_words.numpy(), [1.5, 2.5, 3.5])


def test_a_model_that_is_saved_twice_is_the_same_bytes(make: Callable, model_files: ModuleType, tmp_path: Path) -> None:
    model = make("cnn")
    for name in ("one", "two"):
        model_files.save(model, tmp_path / f"{name}.keras")
    assert (tmp_path / "one.keras").read_bytes() == (tmp_path / "two.keras").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.keras", "two.keras"]


def test_a_model_that_is_built_twice_is_the_same_bytes(make: Callable, model_files: ModuleType, tmp_path: Path) -> None:
    for name, seed in (("one", 1), ("two", 1), ("other", 2)):
        model_files.save(make("text-cnn", seed), tmp_path / f"{name}.keras")
    one, two, other = ((tmp_path / f"{name}.keras").read_bytes() for name in ("one", "two", "other"))
    assert one == two != other


def test_the_state_of_the_optimizer_is_not_saved(
    make: Callable, model_files: ModuleType, tmp_path: Path, rng: np.random.Generator
) -> None:
    model = make()
    model_files.save(model, tmp_path / "before.keras")
    weights = model.get_weights()
    model.compile(optimizer="adam", loss="mse")
    model.fit(*example(model, rng), np.zeros((6, 2)), verbose=0)
    model.set_weights(weights)
    model_files.save(model, tmp_path / "after.keras")
    assert (tmp_path / "before.keras").read_bytes() == (tmp_path / "after.keras").read_bytes()


def test_the_digest_of_weights_is_that_of_the_file_in_the_archive(
    make: Callable, model_files: ModuleType, tmp_path: Path
) -> None:
    model_files.save(make(seed=1), tmp_path / "one.keras")
    model_files.save(make(seed=2), tmp_path / "two.keras")
    with zipfile.ZipFile(tmp_path / "one.keras") as archive:
        content = archive.read("model.weights.h5")
    assert model_files.weights_digest(tmp_path / "one.keras") == hashlib.sha256(content).hexdigest()
    assert model_files.weights_digest(tmp_path / "one.keras") != model_files.weights_digest(tmp_path / "two.keras")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full, the disk that is always full")
def test_a_full_disk_is_told_and_the_old_model_stays(make: Callable, model_files: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    path.write_text("old")
    files.temporary(path).symlink_to("/dev/full")
    with pytest.raises(TartarusError, match=r"model\.keras: the disk is full, nothing was written"):
        model_files.save(make(), path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("damage", ["empty", "text", "cut off"])
def test_what_is_no_model_is_refused_with_its_file(
    make: Callable, model_files: ModuleType, tmp_path: Path, damage: str
) -> None:
    path = tmp_path / "model.keras"
    model_files.save(make(), path)
    data = {"empty": b"", "text": b"no model", "cut off": path.read_bytes()[:-100]}
    path.write_bytes(data[damage])
    with pytest.raises(TartarusError) as error:
        model_files.load(path)
    assert str(error.value).startswith(f"{path}: not a model (")
    assert str(error.value).endswith("delete it to have it trained anew")


def test_an_archive_of_something_else_is_refused_with_its_file(model_files: ModuleType, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "model.keras", "w") as archive:
        archive.writestr("x", "y")
    with pytest.raises(TartarusError, match=r"model\.keras: not a model"):
        model_files.load(tmp_path / "model.keras")


def test_a_model_that_is_not_there_is_not_to_be_deleted(model_files: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(TartarusError, match=r"model\.keras: not there; train the model"):
        model_files.load(tmp_path / "model.keras")


DEEP = "[" * 100_000 + "]" * 100_000
HOSTILE = {
    "config is no JSON": {"config.json": "x"},
    "config is a list": {"config.json": "[]"},
    "config is a number": {"config.json": "1"},
    "config is empty": {"config.json": ""},
    "config is no text": {"config.json": b"\xff\xfe\x00"},
    "config is null": {"config.json": "null"},
    "config is deep": {"config.json": DEEP},
    "config is gone": {"config.json": None},
    "weights are gone": {"model.weights.h5": None},
    "weights are text": {"model.weights.h5": "x"},
    "weights are empty": {"model.weights.h5": b""},
    "another class": {"config.json": '{"module": "os", "class_name": "system", "config": {"command": "true"}}'},
    "a lambda": {
        "config.json": '{"module": "keras.layers", "class_name": "Lambda", "config": {"name": "x", "function": '
        '{"class_name": "__lambda__", "config": {"code": "4wEA", "defaults": null, "closure": null}}}}'
    },
    "no class": {"config.json": '{"module": "keras", "config": {}}'},
    "an odd class": {"config.json": '{"module": "keras", "class_name": [], "config": {}}'},
    "no config": {"config.json": '{"module": "keras", "class_name": "Functional"}'},
    "an odd config": {"config.json": '{"module": "keras.src.models", "class_name": "Functional", "config": [1]}'},
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_model_is_refused(make: Callable, model_files: ModuleType, tmp_path: Path, what: str) -> None:
    model_files.save(make(), tmp_path / "whole.keras")
    with zipfile.ZipFile(tmp_path / "whole.keras") as old, zipfile.ZipFile(tmp_path / "x.keras", "w") as new:
        for name in old.namelist():
            content = HOSTILE[what].get(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
    with pytest.raises(TartarusError, match=r"x\.keras: not a model"):
        model_files.load(tmp_path / "x.keras")


def a_dataset(file: h5py.File) -> str:
    """Name a dataset of a file."""
    found: str = file.visititems(lambda key, value: key if isinstance(value, h5py.Dataset) else None)
    return found


@pytest.mark.parametrize("kind", ["external", "soft", "external storage"])
def test_weights_that_lie_elsewhere_are_refused(
    make: Callable, model_files: ModuleType, tmp_path: Path, kind: str
) -> None:
    model_files.save(make(), tmp_path / "whole.keras")
    (tmp_path / "secret").write_bytes(bytes(4096))
    with zipfile.ZipFile(tmp_path / "whole.keras") as old, zipfile.ZipFile(tmp_path / "x.keras", "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name.endswith(".h5"):
                (tmp_path / "weights.h5").write_bytes(content)
                with h5py.File(tmp_path / "weights.h5", "r+") as file:
                    place = a_dataset(file)
                    shape = file[place].shape
                    del file[place]
                    if kind == "external":
                        file[place] = h5py.ExternalLink(str(tmp_path / "secret"), "/x")
                    elif kind == "soft":
                        file[place] = h5py.SoftLink("/nowhere")
                    else:
                        storage = [(str(tmp_path / "secret"), 0, h5py.h5f.UNLIMITED)]
                        file.create_dataset(place, shape, "f4", external=storage)
                content = (tmp_path / "weights.h5").read_bytes()
            new.writestr(name, content)
    with pytest.raises(TartarusError, match=r"x\.keras: not a model"):
        model_files.load(tmp_path / "x.keras")


def test_whatever_happens_to_a_model_it_is_read_or_refused(
    make: Callable, model_files: ModuleType, tmp_path: Path, rng: np.random.Generator
) -> None:
    model_files.save(make(), tmp_path / "x.keras")
    whole = [layer.name for layer in make().layers]
    data = (tmp_path / "x.keras").read_bytes()
    for _ in range(60):
        wounded = bytearray(data)
        for place in rng.integers(0, len(data), 3):
            wounded[place] ^= rng.integers(1, 256)
        (tmp_path / "x.keras").write_bytes(wounded[: rng.integers(1, len(data))] if rng.integers(6) == 0 else wounded)
        # The archive has checksums of its content: little is left that could change without being noticed.
        try:
            model = model_files.load(tmp_path / "x.keras")
        except TartarusError:
            continue
        assert [layer.name for layer in model.layers] == whole


# --- Features --------------------------------------------------------------------------------------------


def test_the_features_of_the_training_are_accepted(
    make: Callable, model_files: ModuleType, vector_file: Callable[..., Path], tmp_path: Path
) -> None:
    model_files.save(make(), tmp_path / "model.keras")
    with open_features(vector_file(np.zeros((1, 3)), ["S1"], **SIGNATURE)) as features:
        model_files.check_features(model_files.load(tmp_path / "model.keras"), [features])


def test_other_features_are_refused_with_what_differs(
    make: Callable, model_files: ModuleType, vector_file: Callable[..., Path]
) -> None:
    path = vector_file(np.zeros((1, 3)), ["S1"], **{**SIGNATURE, "words": 20})
    with open_features(path) as features, pytest.raises(TartarusError) as error:
        model_files.check_features(make(), [features])
    assert str(error.value) == (
        f"{path}: not the features of this model: words is 20, the model was trained on 300; train it anew"
    )


def test_a_signature_that_lacks_something_is_refused(
    make: Callable, model_files: ModuleType, vector_file: Callable[..., Path]
) -> None:
    path = vector_file(np.zeros((1, 3)), ["S1"], kind="bow", words=300)
    with open_features(path) as features, pytest.raises(TartarusError, match=r"vocabulary is None, .* on 'abc'"):
        model_files.check_features(make(), [features])


def test_inputs_in_the_wrong_order_are_refused(
    make: Callable, model_files: ModuleType, vector_file: Callable[..., Path]
) -> None:
    a = open_features(vector_file(np.zeros((1, 2)), ["S1"], "a.npz", kind="a"))
    b = open_features(vector_file(np.zeros((1, 3)), ["S1"], "b.npz", kind="b"))
    model = make("fusion")
    model_files.check_features(model, [a, b])
    with pytest.raises(TartarusError, match=r"b\.npz: .* kind is 'b', the model was trained on 'a'"):
        model_files.check_features(model, [b, a])
