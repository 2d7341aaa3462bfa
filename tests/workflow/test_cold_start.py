"""A cold start of a real size: from a table, texts and plays to recommendations of artists whom nobody knows."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from sklearn.linear_model import Ridge
from tartarus.base.untrusted import open_sparse
from tartarus.evaluation import recommendation
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
# By the template for one's own data, and beside it the ridge of the same words and factors.
OWN = {
    "title": "Artists that nobody knows yet",
    "templates": {"quick": {"dataset": "ARTISTS", "seeds": [1], "threads": 2}},
    "experiments": {
        "words": {"extends": ["own/words", "quick"]},
        "ridge": {
            "extends": ["own/recommendation", "quick"],
            "inputs": ["bow"],
            "network": {"name": "reference", "method": "ridge"},
        },
    },
}


def write_catalogue(
    folder: Path, *, n_artists: int = N_ARTISTS, n_users: int = N_USERS, n_plays: int = N_PLAYS, told: float = 0
) -> None:
    """Artists and users have tastes; words of a biography tell those of its artist, and so much of the fame."""
    rng = np.random.default_rng(1)
    artists, users = rng.normal(size=(n_artists, N_TASTES)), rng.normal(size=(n_users, N_TASTES))
    words, often = rng.normal(size=(N_WORDS, N_TASTES)), rng.normal(size=N_WORDS)
    fame, eager = rng.normal(size=n_artists), np.exp(rng.normal(0, 0.8, n_users))
    of_fame = np.random.default_rng(2).normal(0, told, N_WORDS)
    items = []
    (folder / "text").mkdir(parents=True)
    for number, taste in enumerate(artists):
        meant = words @ taste + often + of_fame * fame[number] + 2 * rng.gumbel(size=(N_WORDS,))
        text = " ".join(f"word{word:04d}" for word in np.argpartition(-meant, 60)[:60])
        (folder / f"text/{number}.txt").write_text(text, encoding="utf-8")
        items.append({"id": f"A{number:05d}", "text": f"text/{number}.txt"})
    write_rows(folder / "items.tsv", items)
    counts = np.maximum(1, eager * n_plays / eager.sum()).round().astype(int)
    plays = []
    for user, (taste, n_played) in enumerate(zip(users, counts, strict=True)):
        liked = artists @ taste + fame + 1.5 * rng.gumbel(size=n_artists)
        for artist in np.argpartition(-liked, n_played)[:n_played]:
            plays.append({"user": f"U{user:04d}", "item": f"A{artist:05d}", "count": int(rng.geometric(0.1))})
    write_rows(folder / "plays.tsv", plays)


@pytest.mark.slow
def test_a_cold_start_of_12_000_artists_is_learned_within_five_minutes_and_two_gigabytes(fresh: House) -> None:
    write_catalogue(fresh.path / "data/raw/ARTISTS")
    (fresh.path / "config/datasets/ARTISTS.yaml").write_text(yaml.safe_dump(ARTISTS), encoding="utf-8")
    (fresh.path / "config/experiments/mine.yaml").write_text(yaml.safe_dump(OWN), encoding="utf-8")
    lists = "results/mine/top_10_above_0_words.tsv"
    # Seconds of processors: what else runs on this machine does not matter.
    took = fresh.snakemake("results/mine/words.json", lists, cores=2)
    assert took.returncode == 0, took.stderr[-4000:]
    fresh.run("results/mine/ridge.json", cores=2)
    found = {
        name: json.loads((fresh.path / f"results/mine/{name}.json").read_text(encoding="utf-8"))
        for name in ("words", "ridge")
    }
    measures = found["words"]["measures"]
    print(f"{took.seconds:.0f} s, {took.megabytes:.0f} MB")
    for name in ("roc_auc", "map@500"):
        print(name, {key: its["measures"][name]["mean"] for key, its in found.items()}, measures[name])
    assert took.seconds < 300
    assert took.megabytes < 2000
    assert measures["roc_auc"]["mean"] >= found["ridge"]["measures"]["roc_auc"]["mean"]
    assert measures["map@500"]["mean"] >= 10 * measures["map@500"]["chance"]
    assert measures["roc_auc"]["mean"] < measures["roc_auc"]["upper_bound"]
    listed = read_rows(fresh.path / lists)
    test = set((fresh.path / "data/splits/items_index_test_ARTISTS.tsv").read_text(encoding="utf-8").split())
    assert {row["item"] for row in listed} <= test
    assert {row["user"] for row in listed} <= {f"U{user:04d}" for user in range(N_USERS)}


def measured(truth: Any, predictions: np.ndarray, users: np.ndarray) -> tuple[float, float]:
    """Evaluate predicted factors: the area under curves, and map@500."""
    found = recommendation.evaluate(truth, predictions[None].astype(np.float32), users, samples=2, seed=0)["measures"]
    return found["roc_auc"]["mean"], found["map@500"]["mean"]


@pytest.mark.slow
@pytest.mark.parametrize("told", [1, 0], ids=["words tell taste and fame", "words tell taste alone"])
def test_the_template_is_as_good_as_the_best_ridge_on_few_artists(fresh: House, told: float) -> None:
    write_catalogue(fresh.path / "data/raw/ARTISTS", n_artists=1_300, n_users=2_000, n_plays=60_000, told=told)
    (fresh.path / "config/datasets/ARTISTS.yaml").write_text(yaml.safe_dump(ARTISTS), encoding="utf-8")
    (fresh.path / "config/experiments/mine.yaml").write_text(yaml.safe_dump(OWN), encoding="utf-8")
    fresh.run("results/mine/words.json", cores=2)
    data = fresh.path / "data"
    truth = open_sparse(data / "splits/matrix_test_ARTISTS.npz")
    users = np.load(data / "splits/user_factors_als_50_ARTISTS.npy")
    with np.load(data / "predictions/mine/words/test.npz") as found:
        area, precision = measured(truth, found["scores"][0], users)
    x = {set_: open_sparse(data / f"train_data/X_{set_}_bow_ARTISTS.npz") for set_ in ("train", "test")}
    y = np.load(data / "splits/y_train_als_50_ARTISTS.npy")
    # With the alpha that is best on the test items themselves.
    plain = [
        measured(truth, Ridge(alpha).fit(x["train"], y).predict(x["test"]), users)
        for alpha in (1000, 100, 30, 10, 3, 1, 0.3)
    ]
    print("template", area, precision, "ridge", plain)
    assert area >= max(entry[0] for entry in plain) - 0.005
    assert precision >= 0.95 * max(entry[1] for entry in plain)
