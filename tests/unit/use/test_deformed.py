"""Deformed sound of test items: without a deformation, models say what they say of the dataset's features."""

import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import soundfile
from tartarus.base.errors import TartarusError
from tartarus.base.hdf5 import encode_ids
from tartarus.evaluation import prediction_files
from tartarus.features import store
from tartarus.features.sound import patches, spectrograms
from tartarus.features.sound.deformation import deformation
from tartarus.items.inbox import Found
from tartarus.items.item_tables import Item
from tartarus.learning import model_files, networks, prediction
from tartarus.use import deformed, loading

from . import test_tagging
from .test_tagging import AUDIO, RATE, SECONDS, TEXTS, predicted, sound_model

sounds, files = test_tagging.sounds, test_tagging.files
OFFSETS = {"count": 3, "how": "random", "seed": 5}


@pytest.fixture
def heard(tmp_path: Path, sounds: dict[str, Path], files: dict[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """Make a fusion of sound and words, and its chain; sounds are longer than a patch, the words in a file."""
    for path in sounds.values():
        soundfile.write(path, 0.1 * rng.standard_normal(int(2.5 * SECONDS * RATE)), RATE)
    cut(tmp_path, sounds, "patches", {})
    source = sound_model(tmp_path, 1)
    signature = {"kind": "layer", "model": "sound", "layer": "flatten", "weights": model_files.weights_digest(source)}
    shape = (int(np.prod(model_files.load(source).get_layer("flatten").output.shape[1:])),)
    inputs = [
        networks.Input("sound-pred_flatten", shape, signature),
        networks.Input("bow", (len(files["words"]),), files["signature"], files["words"], files["weights"]),
    ]
    model = networks.build("both", inputs, network={"name": "fusion"}, output="softmax", n_outputs=3)
    model_files.save(model, tmp_path / "both.keras")
    plan = {"kind": "<model>-pred_<layer>", "model": "sound", "layer": "flatten"}
    of_patches = {**test_tagging.PATCHES, "offsets": OFFSETS}
    chain = {
        "models": [str(tmp_path / "both.keras")],
        "inputs": [
            {**plan, "source": {"models": [source], "inputs": [of_patches]}},
            {"kind": "bow", "file": str(tmp_path / "X_test_bow_SONGS.npz")},
        ],
    }
    return {"chain": loading.load(chain), "source": source, "signature": signature, "folder": tmp_path}


def cut(folder: Path, sounds: dict[str, Path], name: str, options: dict[str, float]) -> None:
    """Make the patches of these items as the rules do, of sounds that are deformed first."""
    places = {}
    for id_, path in sounds.items():
        deform = deformation(options, id_=id_, seed=9)
        _, values = spectrograms.analyse(id_, path, {**AUDIO, "min_seconds": 0.5, "deform": deform})
        how = {"how": OFFSETS["how"], "id_": id_, "seed": OFFSETS["seed"]}
        frames = int(SECONDS * RATE / AUDIO["hop"])
        begins = patches.offsets(len(values), frames, OFFSETS["count"], **how)
        places[id_] = np.stack([patches.cut(values, begin, frames, pad="floor") for begin in begins])[:, None]
    with h5py.File(folder / f"{name}.hdf5", "w") as file:
        file["features"] = np.concatenate(list(places.values()))
        file["index"] = np.repeat(encode_ids(list(places)), OFFSETS["count"])
        file.attrs["signature"] = json.dumps({**AUDIO, "frames": frames}, sort_keys=True)


def by_files(heard: dict[str, Any], name: str) -> np.ndarray:
    """What the fusion says of features in files: those of the layer, of these patches, and words."""
    folder, source = heard["folder"], model_files.load(heard["source"])
    with store.open_features(folder / f"{name}.hdf5") as opened:
        layer = prediction.sub_model(source, "flatten")
        _, blocks = prediction.predict(layer, [opened], list(TEXTS), signatures_of=source)
        path = folder / "X_test_sound-pred_flatten_SONGS.npz"
        store.write_vectors(path, np.concatenate(list(blocks)), list(TEXTS), heard["signature"])
    with store.open_features(path) as vectors, store.open_features(folder / "X_test_bow_SONGS.npz") as words:
        return predicted(str(folder / "both.keras"), [vectors, words])


@pytest.mark.parametrize("options", [{}, {"noise": 0.0}], ids=["none", "noise"])
def test_scores_are_those_of_features_that_are_made_of_the_deformed_sound(heard, sounds, options):
    cut(heard["folder"], sounds, "other", options)
    files = [Found(id_, path) for id_, path in sounds.items()]
    ids, scores = deformed.scores(heard["chain"], files, options, seed=9, workers=2)
    assert ids == list(TEXTS)
    assert scores.shape == (1, 3, 3)
    np.testing.assert_allclose(scores[0], by_files(heard, "other"), atol=1e-6)
    assert np.allclose(scores[0], by_files(heard, "patches"), atol=1e-4) == (options == {})


def test_what_cannot_be_heard_or_lacks_an_input_is_left_out(heard, sounds, tmp_path):
    files = [
        Found("A", sounds["A"]),
        Found("B", tmp_path / "gone.wav"),
        Found("D", sounds["C"]),
        Found("C", sounds["C"]),
    ]
    ids, scores = deformed.scores(heard["chain"], files, {}, seed=9)
    assert ids == ["A", "C"]  # D has no words
    deformed.write(
        tmp_path / "none.npz", [(ids, scores), (["C"], scores[:, 1:])], heard["chain"], seeds=[1], folds=[1, 2]
    )
    read = prediction_files.read(tmp_path / "none.npz")
    assert (read.ids, read.folds, read.seeds) == (["A", "C", "C"], [1, 1, 2], [1])
    np.testing.assert_array_equal(read.of_fold(2).scores, scores[:, 1:])
    assert read.parameters == networks.parameters(heard["chain"].models[0])
    with pytest.raises(TartarusError, match=r"noise\.npz: no test item could be heard; deform its sound less"):
        deformed.write(tmp_path / "noise.npz", [([], scores[:, :0])], heard["chain"], seeds=[1], folds=[])


def test_the_sound_of_items_is_found_beside_their_table():
    items = [Item(id_, "test", [], {"audio": audio}) for id_, audio in (("A", "a.wav"), ("B", ""))]
    found = deformed.files_of(items, ["B", "A"], "data/raw/SONGS")
    assert [(one.id, one.audio) for one in found] == [("B", None), ("A", Path("data/raw/SONGS/a.wav"))]
