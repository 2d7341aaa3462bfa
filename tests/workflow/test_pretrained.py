"""Pretrained networks as features, from the command line: what is planned, and what is made of real weights."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
import yaml
from onnx import TensorProto, helper, numpy_helper
from tartarus.base.files import sha256
from tartarus.features import store
from tartarus.items.tables import read_rows

from .conftest import House, add_instruments, add_mini

FEATURES = "pretrained_MSD-musicnn_penultimate"
FAMILY = {
    "title": "A plain method on what a pretrained network hears",
    "experiments": {
        "plain": {
            **{"dataset": "MINI", "inputs": 1, "settings": [["musicnn"]], "dim": 4, "seeds": [1], "threads": 1},
            "network": {"name": "reference", "method": "logistic-regression"},
            **{"output": "softmax", "loss": "categorical_crossentropy"},
        }
    },
}


@pytest.fixture
def heard(fresh: House) -> House:
    """A house with a family on the vectors of musicnn, in shards of a set each."""
    add_mini(fresh)
    fresh.edit("config/datasets/MINI.yaml", "settings:\n", f"settings:\n  musicnn: {FEATURES}\n")
    fresh.edit("config/datasets/MINI.yaml", "shards: 2", "shards: 1")
    (fresh.path / "config/experiments/heard.yaml").write_text(yaml.safe_dump(FAMILY), encoding="utf-8")
    return fresh


def test_a_network_is_fetched_and_converted_once_for_all_sets(heard: House) -> None:
    planned = heard.planned("results/heard/plain_musicnn.json")
    rules = ("fetch_musicnn", "convert_musicnn", "track_musicnn", "set_statistics")
    assert {job for job in planned if job.split()[0] in rules} == {
        *("fetch_musicnn MSD-musicnn", "convert_musicnn MSD-musicnn"),
        *(f"track_musicnn {FEATURES} MINI {set_}-0" for set_ in ("train", "val", "test")),
        *(f"set_statistics {set_} {FEATURES} MINI" for set_ in ("train", "val", "test")),
    }
    said = heard.fails("-n", f"data/train_data/X_train_{FEATURES}x_MINI.npz")
    assert "MSD-musicnn gives no 'penultimatex'; did you mean 'penultimate'?" in said


def test_a_network_in_an_onnx_file_is_run(fresh: House, tmp_path: Path) -> None:
    add_mini(fresh)
    sounds = {path.stem: path for path in (fresh.path / "data/raw/MINI/audio").glob("*.wav")}
    rate = soundfile.info(sounds["D001"]).samplerate
    weights = np.random.default_rng(0).standard_normal((400, 3)).astype(np.float32)
    ends = (("wave", 400), ("heard", 3))
    taken, given = (helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", size]) for name, size in ends)
    product = helper.make_node("MatMul", ["wave", "weights"], ["heard"])
    graph = helper.make_graph([product], "made", [taken], [given], [numpy_helper.from_array(weights, "weights")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    file = tmp_path / "own/made.onnx"
    file.parent.mkdir()
    file.write_bytes(model.SerializeToString())
    own = {"file": file.name, "sha256": sha256(file), "licence": "none", "window": 400, "node": "heard"}
    dataset = yaml.safe_load((fresh.path / "config/datasets/MINI.yaml").read_text(encoding="utf-8"))
    dataset["pretrained"] = {"own": {**own, "front_end": {"type": "waveform", "sample_rate": rate}}}
    (fresh.path / "config/datasets/MINI.yaml").write_text(yaml.safe_dump(dataset), encoding="utf-8")

    target = "data/train_data/X_test_pretrained_own_mean-max_MINI.npz"
    fresh.run(target, mirror=tmp_path)
    with store.open_features(fresh.path / target) as vectors:
        assert len(vectors.index) > 3
        for id_, vector in zip(vectors.index, vectors.rows(np.arange(len(vectors.index))), strict=True):
            samples, _ = soundfile.read(sounds[id_], dtype="float32")
            heard = samples[: len(samples) // 400 * 400].reshape(-1, 400) @ weights
            wanted = np.concatenate([heard.mean(axis=0), heard.max(axis=0)])
            np.testing.assert_allclose(vector, wanted, rtol=1e-4, atol=1e-5)
    assert "Nothing to be done" in fresh.run("-n", target, mirror=tmp_path)


@pytest.mark.slow
@pytest.mark.original
def test_a_result_is_made_and_made_only_once(heard: House) -> None:
    mirror = Path(os.environ.get("TARTARUS_MIRROR") or "nowhere").resolve()
    if not (mirror / "musicnn/MSD_musicnn/.index").is_file():
        pytest.skip("the published networks are not here: TARTARUS_MIRROR names no folder of musicnn")
    heard.run("results/heard/plain_musicnn.json", mirror=mirror)
    result = json.loads((heard.path / "results/heard/plain_musicnn.json").read_text(encoding="utf-8"))
    assert result["provenance"]["settings"]["pretrained"][FEATURES]["licence"].startswith("ISC")
    assert result["items"]["left_out"] == {"missing": 1, "undecodable": 1}
    with np.load(heard.path / f"data/train_data/X_train_{FEATURES}_MINI.npz") as vectors:
        assert vectors["features"].shape == (result["items"]["train"], 200)
    assert "Nothing to be done" in heard.run("-n", "results/heard/plain_musicnn.json", mirror=mirror)
    (heard.path / "data/inbox/NEW").mkdir(parents=True)
    shutil.copy(heard.path / "data/raw/MINI/audio/D005.wav", heard.path / "data/inbox/NEW/song.wav")
    heard.run("results/neighbours/MINI/NEW/musicnn.tsv", mirror=mirror)
    nearest = read_rows(heard.path / "results/neighbours/MINI/NEW/musicnn.tsv")[0]
    assert (nearest["file"], nearest["neighbour"], nearest["cosine"]) == ("song.wav", "D005", "1.000000")


@pytest.mark.slow
@pytest.mark.original
def test_it_tells_instruments_apart_and_better_with_descriptors(fresh: House, mirror: Path) -> None:
    if not (mirror / "musicnn/MSD_musicnn/.index").is_file():
        pytest.skip("the published networks are not here: TARTARUS_MIRROR names no folder of musicnn")
    add_instruments(fresh, mirror, settings={"musicnn": "pretrained_MSD-musicnn_mean-max"}, audio={"workers": 2})
    plain = {**FAMILY["experiments"]["plain"], "dataset": "INSTRUMENTS", "dim": 10}
    experiments = {
        "one": {**plain, "settings": [["descriptors"], ["musicnn"]]},
        "both": {**plain, "inputs": 2, "settings": [["musicnn", "descriptors"]]},
        "machine": {**plain, "settings": [["descriptors"]], "network": {"name": "reference", "method": "svm-rbf"}},
    }
    family = {**FAMILY, "experiments": experiments}
    (fresh.path / "config/experiments/heard.yaml").write_text(yaml.safe_dump(family), encoding="utf-8")
    names = ("one_descriptors", "one_musicnn", "both_musicnn_descriptors", "machine_descriptors")
    fresh.run(*(f"results/heard/{name}.json" for name in names), mirror=mirror)
    accuracy = {
        name: json.loads((fresh.path / f"results/heard/{name}.json").read_text(encoding="utf-8"))["measures"][
            "accuracy"
        ]
        for name in names
    }
    print(accuracy)
    # README.md, Your own data.
    assert accuracy["one_musicnn"]["mean"] >= 0.84
    assert accuracy["both_musicnn_descriptors"]["mean"] >= 0.90
    assert accuracy["machine_descriptors"]["mean"] >= 0.85
    assert accuracy["both_musicnn_descriptors"]["mean"] > accuracy["one_descriptors"]["mean"] + 0.04
