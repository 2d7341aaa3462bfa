"""Pretrained networks as features, from the command line: what is planned, and what is made of real weights."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
import yaml

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
    }
    family = {**FAMILY, "experiments": experiments}
    (fresh.path / "config/experiments/heard.yaml").write_text(yaml.safe_dump(family), encoding="utf-8")
    names = ("one_descriptors", "one_musicnn", "both_musicnn_descriptors")
    fresh.run(*(f"results/heard/{name}.json" for name in names), mirror=mirror)
    accuracy = {
        name: json.loads((fresh.path / f"results/heard/{name}.json").read_text(encoding="utf-8"))["measures"][
            "accuracy"
        ]
        for name in names
    }
    # README.md, Your own data: 0.823, 0.857 and 0.893.
    assert accuracy["one_musicnn"]["mean"] >= 0.84
    assert accuracy["both_musicnn_descriptors"]["mean"] >= 0.88
    assert accuracy["both_musicnn_descriptors"]["mean"] > accuracy["one_descriptors"]["mean"] + 0.04
