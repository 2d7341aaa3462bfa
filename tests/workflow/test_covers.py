"""Covers of one's own, from a folder of pictures to a layer's output, through the command line."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from PIL import Image

from .conftest import House

COLOURS = {"red": (200, 40, 40), "blue": (40, 40, 200)}
SETS = {"train": 12, "val": 4, "test": 4}
DATASET: dict[str, Any] = {
    "title": "Covers",
    "kind": "table",
    "task": "multiclass",
    "max_missing": 0.5,
    "audio": {"shards": 2},
    "pictures": {"pixels": 32},
    "settings": {"pictures": "pictures", "visual": "looks-pred_pool"},
}
WHOLE = {
    "dataset": "COVERS",
    "dim": 2,
    "output": "softmax",
    "loss": "categorical_crossentropy",
    "seeds": [1],
    "threads": 1,
    "epochs": 3,
    "batch_size": 4,
}
FAMILY = {
    "title": "Covers",
    "experiments": {
        "looks": {**WHOLE, "inputs": ["pictures"], "network": {"name": "picture-cnn", "filters": [4, 4]}},
        "again": {**WHOLE, "inputs": ["visual"], "network": {"name": "mlp"}},
        "begun": {**WHOLE, "inputs": ["pictures"], "network": {"name": "resnet"}},
    },
}


def draw(path: Path, colour: str, number: int) -> None:
    noise = np.random.default_rng(number).integers(-40, 40, (20, 20, 3))
    Image.fromarray(np.clip(noise + COLOURS[colour], 0, 255).astype(np.uint8)).save(path)


def write_table(house: House, rows: list[dict[str, str]]) -> None:
    with (house.path / "data/raw/COVERS/items.tsv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), dialect="excel-tab")
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def covers(fresh: House) -> tuple[House, list[dict[str, str]]]:
    """A dataset of twenty covers, of which one is a web page and one a folder."""
    folder = fresh.path / "data/raw/COVERS"
    folder.mkdir(parents=True)
    (fresh.path / "config/datasets/COVERS.yaml").write_text(yaml.safe_dump(DATASET), encoding="utf-8")
    (fresh.path / "config/experiments/looking.yaml").write_text(yaml.safe_dump(FAMILY), encoding="utf-8")
    rows = []
    for set_, count in SETS.items():
        for number in range(count):
            label, name = list(COLOURS)[number % 2], f"{set_}-{number}.png"
            draw(folder / name, label, number)
            rows.append({"id": name[:-4], "image": name, "labels": label, "set": set_})
    (folder / "train-0.png").write_text("<!DOCTYPE html>", encoding="utf-8")
    (folder / "test-1.png").unlink()
    (folder / "test-1.png").mkdir()
    write_table(fresh, rows)
    return fresh, rows


def test_covers_become_a_result_and_a_layer_s_output(covers: tuple[House, list[dict[str, str]]]) -> None:
    house, rows = covers
    wanted = ["results/looking/looks.json", "results/looking/again.json"]
    house.run(*wanted)
    result = json.loads((house.path / wanted[0]).read_text(encoding="utf-8"))
    assert result["items"] == {
        "train": 11,
        "val": 4,
        "test": 3,
        "left_out": {"missing": 1, "undecodable": 1},
        "noted": {},
    }
    with np.load(house.path / "data/train_data/X_test_looks-pred_pool_COVERS.npz") as file:
        assert file["index"].tolist() == ["test-0", "test-2", "test-3"]
        assert file["features"].shape == (3, 4)
    assert house.planned(*wanted) == set()
    # A new cover costs its shard, and what is made from it.
    draw(house.path / "data/raw/COVERS/new.png", "red", 99)
    write_table(house, [*rows, {"id": "new", "image": "new.png", "labels": "red", "set": "val"}])
    planned = house.planned("data/pictures/pictures_train_COVERS.hdf5", "data/pictures/pictures_val_COVERS.hdf5")
    assert sum(job.startswith("covers ") for job in planned) == 1
    assert {job for job in planned if job.startswith("pictures ")} == {"pictures val COVERS"}


def test_weights_of_the_mirror_whose_checksum_is_wrong_are_refused(
    covers: tuple[House, list[dict[str, str]]], tmp_path: Path
) -> None:
    house, _ = covers
    file = "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5"
    (tmp_path / "mirror/keras-applications").mkdir(parents=True)
    (tmp_path / "mirror/keras-applications" / file).write_bytes(b"not the weights")
    assert f"fetch_weights resnet50 {file}" in house.planned("results/looking/begun.json")
    said = house.fails(f"data/raw/weights/resnet50/{file}", mirror=tmp_path / "mirror")
    assert "wrong checksum: MD5" in said
    assert "replace the file in the mirror" in said
