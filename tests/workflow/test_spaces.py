"""Timbre and a space of two inputs, from the command line: made, learned, measured, and used by other experiments."""

import json
import re
import shutil

import numpy as np
import yaml
from tartarus.items.tables import read_rows

from .conftest import House, add_mini

# What DEMO would say, with layers of models of sound and of covers in the place of `one` and `other`.
SETTINGS = {"timbre": "timbre", "one": "one", "other": "other",
            "mm-one": "space_one_other-pred_space1", "mm-other": "space_one_other-pred_space2"}  # fmt: skip
SMALL = {"dataset": "MINI", "dim": 4, "epochs": 3, "batch_size": 8, "seeds": [1, 2], "threads": 1}
SOFTMAX = {"output": "softmax", "loss": "categorical_crossentropy"}
FAMILY = {
    "title": "Timbre, and a space of two vectors",
    "experiments": {
        "timbre-mlp": {**SMALL, **SOFTMAX, "inputs": ["timbre"], "network": {"name": "mlp"}},
        "space": {**SMALL, "inputs": 2, "settings": [["one", "other"]], "output": "space", "loss": "max_margin",
                  "network": {"name": "space", "hidden": 16, "units": 8}, "standardise": True,
                  "epochs": 60, "patience": 60, "optimizer": {"learning_rate": 0.003}},
        "single-label-multimodal": {**SMALL, **SOFTMAX, "inputs": 2, "settings": [["one", "mm-one"]],
                                    "network": {"name": "fusion", "dropout": 0.5}},
    },
}  # fmt: skip
RESULTS = [
    f"results/spaces/{name}.json" for name in ("timbre-mlp", "space_one_other", "single-label-multimodal_one_mm-one")
]


def add_vectors(house: House) -> None:
    """Put two vectors of one's own beside every item: two turns of what is hidden, with noise."""
    rng = np.random.default_rng(2)
    turns = rng.normal(size=(2, 5, 12))
    for set_ in ("train", "val", "test"):
        ids = (house.path / f"data/splits/items_index_{set_}_MINI.tsv").read_text(encoding="utf-8").split()
        hidden = rng.normal(size=(len(ids), 5))
        for name, turn in zip(("one", "other"), turns, strict=True):
            values = (hidden @ turn + 0.1 * rng.normal(size=(len(ids), 12))).astype(np.float32)
            (house.path / "data/train_data").mkdir(exist_ok=True)
            np.savez(house.path / f"data/train_data/X_{set_}_{name}_MINI.npz", features=values, index=np.array(ids))


def test_timbre_and_a_space_are_made_and_measured(fresh: House) -> None:
    add_mini(fresh)
    dataset = fresh.path / "config/datasets/MINI.yaml"
    section = yaml.safe_load(dataset.read_text(encoding="utf-8"))
    section["settings"] |= SETTINGS
    dataset.write_text(yaml.safe_dump(section), encoding="utf-8")
    (fresh.path / "config/experiments/spaces.yaml").write_text(yaml.safe_dump(FAMILY), encoding="utf-8")
    fresh.run(*(f"data/splits/items_index_{set_}_MINI.tsv" for set_ in ("train", "val", "test")))
    add_vectors(fresh)
    fresh.run("--quiet", "all", "--", *RESULTS, "results/spaces/table.md")

    timbre, space, fusion = (json.loads((fresh.path / path).read_text(encoding="utf-8")) for path in RESULTS)
    assert timbre["parameters"] == 48 * 4 + 4
    # One track has no sound at all, one no sound in its file; see LOST.
    assert sum(timbre["items"]["left_out"].values()) == 2
    assert set(timbre["items"]["left_out"]) == {"missing", "undecodable"}

    assert (space["task"], space["classes"], space["parameters"]) == ("retrieval", 0, 2 * (12 * 16 + 16 * 8))
    recall = space["measures"]["recall@5_first_to_second"]
    assert recall["chance"] == 5 / space["items"]["test"]
    assert len(space["measures"]) == 10
    # What is hidden in both is found again, of items that nothing was learned from.
    for direction in ("first_to_second", "second_to_first"):
        first = space["measures"][f"recall@1_{direction}"]
        assert first["mean"] > 0.5 > 3 * first["chance"]
    with np.load(fresh.path / "data/predictions/spaces/space_one_other/test.npz") as scores:
        assert scores["scores"].shape == (2, space["items"]["test"], 2 * 8)
        places = scores["scores"][0]
    with np.load(fresh.path / "data/train_data/X_test_space_one_other-pred_space1_MINI.npz") as layer:
        np.testing.assert_allclose(layer["features"], places[:, :8], atol=1e-6)
    assert fusion["provenance"]["settings"]["features"] == ["one", "space_one_other-pred_space1"]

    page = (fresh.path / "results/spaces/table.md").read_text(encoding="utf-8")
    assert "recall@10_second_to_first" in page
    assert re.search(rf"^\| chance \(MINI\) .*\| {recall['chance']:.3f} ", page, re.MULTILINE)
    assert not fresh.planned(*RESULTS)

    assert_the_inbox_sounds_like_what_it_is_a_copy_of(fresh)

    # Vectors of one's own under a name that is made here are not written over.
    own = fresh.path / "data/train_data/X_test_timbre_MINI.npz"
    np.savez(own, features=np.zeros((1, 3), np.float32), index=np.array(["D001"]))
    said = fresh.fails("-n", RESULTS[0])
    assert "X_test_timbre_MINI.npz: vectors of your own, but 'timbre' are made here" in said


def assert_the_inbox_sounds_like_what_it_is_a_copy_of(house: House) -> None:
    """Ask by timbre, which no model learned, what in the dataset an item and a noise are like."""
    inbox, target = house.path / "data/inbox/NEW", "results/neighbours/MINI/NEW/timbre.tsv"
    inbox.mkdir(parents=True)
    shutil.copy(house.path / "data/raw/MINI/audio/D005.wav", inbox / "song.wav")
    (inbox / "noise.mp3").write_text("no sound", encoding="utf-8")
    house.run("--quiet", "all", "--", target)
    rows = read_rows(house.path / target)
    assert (rows[0]["file"], rows[0]["status"], rows[0]["neighbour"]) == ("noise.mp3", "undecodable", "")
    assert [row["file"] for row in rows[1:]] == ["song.wav"] * 10
    assert (rows[1]["neighbour"], rows[1]["cosine"]) == ("D005", "1.000000")
    assert not house.planned(target)
    said = house.fails("-n", "results/neighbours/MINI/NEW/one.tsv")
    assert "MINI: 'one': nothing makes 'one' from a file in an inbox; what can be made of one is" in said
