"""A cold start of a real size: from a table, texts and plays to recommendations of artists whom nobody knows."""

import json
import resource
import time
from pathlib import Path

import numpy as np
import pytest
import yaml
from tartarus.items.tables import read_rows, write_rows

from .conftest import House

N_ARTISTS, N_USERS, N_PLAYS = 12_000, 1_900, 90_000
N_TASTES, N_WORDS = 16, 3_000

ARTISTS = {
    "title": "Artists with a biography, and who plays them",
    "kind": "table",
    "task": "recommendation",
    "settings": {"bow": "bow"},
}
COLD = {
    "title": "Artists that nobody knows yet",
    "templates": {
        "factors": {
            "dataset": "ARTISTS",
            "inputs": 1,
            "settings": [["bow"]],
            "fact": "als",
            "dim": 50,
            "output": "linear",
            "loss": "cosine",
            "seeds": [1],
            "threads": 2,
        }
    },
    "experiments": {
        "network": {
            "extends": "factors",
            "network": {"name": "mlp", "dense": [4096], "dropout": 0.5},
            "batch_size": 64,
        },
        "ridge": {"extends": "factors", "network": {"name": "reference", "method": "ridge"}},
    },
}


def write_catalogue(folder: Path) -> None:
    """Artists and users have tastes; words of a biography tell those of its artist, and fame is nobody's taste."""
    rng = np.random.default_rng(1)
    artists, users = rng.normal(size=(N_ARTISTS, N_TASTES)), rng.normal(size=(N_USERS, N_TASTES))
    words, often = rng.normal(size=(N_WORDS, N_TASTES)), rng.normal(size=N_WORDS)
    fame, eager = rng.normal(size=N_ARTISTS), np.exp(rng.normal(0, 0.8, N_USERS))
    items = []
    (folder / "text").mkdir(parents=True)
    for number, taste in enumerate(artists):
        meant = words @ taste + often + 2 * rng.gumbel(size=(N_WORDS,))
        text = " ".join(f"word{word:04d}" for word in np.argpartition(-meant, 60)[:60])
        (folder / f"text/{number}.txt").write_text(text, encoding="utf-8")
        items.append({"id": f"A{number:05d}", "text": f"text/{number}.txt"})
    write_rows(folder / "items.tsv", items)
    counts = np.maximum(1, eager * N_PLAYS / eager.sum()).round().astype(int)
    plays = []
    for user, (taste, n_played) in enumerate(zip(users, counts, strict=True)):
        liked = artists @ taste + fame + 1.5 * rng.gumbel(size=N_ARTISTS)
        for artist in np.argpartition(-liked, n_played)[:n_played]:
            plays.append({"user": f"U{user:04d}", "item": f"A{artist:05d}", "count": int(rng.geometric(0.1))})
    write_rows(folder / "plays.tsv", plays)


@pytest.mark.slow
def test_a_cold_start_of_12_000_artists_is_learned_within_five_minutes_and_two_gigabytes(fresh: House) -> None:
    write_catalogue(fresh.path / "data/raw/ARTISTS")
    (fresh.path / "config/datasets/ARTISTS.yaml").write_text(yaml.safe_dump(ARTISTS), encoding="utf-8")
    (fresh.path / "config/experiments/cold.yaml").write_text(yaml.safe_dump(COLD), encoding="utf-8")
    start = time.monotonic()
    lists = "results/cold/top_10_above_0_network_bow.tsv"
    fresh.run("results/cold/network_bow.json", lists, cores=2)
    seconds = time.monotonic() - start
    # Of all processes that were waited for, the largest; in kilobytes.
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    fresh.run("results/cold/ridge_bow.json", cores=2)
    found = {
        name: json.loads((fresh.path / f"results/cold/{name}_bow.json").read_text(encoding="utf-8"))
        for name in ("network", "ridge")
    }
    measures = found["network"]["measures"]
    print(f"{seconds:.0f} s, {largest:.2f} GB")
    for name in ("roc_auc", "map@500"):
        print(name, {key: its["measures"][name]["mean"] for key, its in found.items()}, measures[name])
    assert seconds < 300
    assert largest < 2
    # Words tell tastes nearly linearly here, so that ridge is hard to beat: it has 0.9053; 512 units have 0.9010, 2048
    # as much as ridge, 4096 have 0.9077.
    assert measures["roc_auc"]["mean"] >= found["ridge"]["measures"]["roc_auc"]["mean"]
    assert measures["map@500"]["mean"] >= 10 * measures["map@500"]["chance"]
    assert measures["roc_auc"]["mean"] < measures["roc_auc"]["upper_bound"]
    listed = read_rows(fresh.path / lists)
    test = set((fresh.path / "data/splits/items_index_test_ARTISTS.tsv").read_text(encoding="utf-8").split())
    assert {row["item"] for row in listed} <= test
    assert {row["user"] for row in listed} <= {f"U{user:04d}" for user in range(N_USERS)}
