"""Cross-validation by the command line: words in the table, a plain method, two folds."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import yaml
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from tartarus.features import store
from tartarus.items import tables
from tartarus.learning import choosing

from .conftest import House, add_instruments

WORDS = {"rock": "guitar loud amplifier", "jazz": "saxophone swing smoky"}
DATASET = {
    "title": "Songs in two folds",
    "kind": "table",
    "task": "multiclass",
    "folds": 2,
    "bow": {"max_df": 1.0},
    "settings": {"bow": "bow"},
}
FAMILY = {
    "title": "Cross-validation",
    "experiments": {
        "plain": {
            "dataset": "FOLDED",
            "inputs": ["bow"],
            "dim": 2,
            "seeds": [1],
            "threads": 1,
            "network": {"name": "reference", "method": "logistic-regression"},
            "output": "softmax",
            "loss": "categorical_crossentropy",
        }
    },
}


def row(number: int) -> dict[str, str]:
    label = ("rock", "jazz")[number % 2]
    # A word that no other item has, and one in three without the words of its class.
    words = f"unique{number} song" + (f" {WORDS[label]}" if number % 3 else "")
    return {"id": f"S{number:02}", "words": words, "labels": label, "group": f"artist {number % 12}"}


def test_every_item_is_scored_by_models_that_have_not_seen_it(fresh: House) -> None:
    folder = fresh.path / "data/raw/FOLDED"
    tables.write_rows(folder / "items.tsv", [row(number) for number in range(36)])
    (fresh.path / "config/datasets/FOLDED.yaml").write_text(yaml.safe_dump(DATASET), encoding="utf-8")
    (fresh.path / "config/experiments/folds.yaml").write_text(yaml.safe_dump(FAMILY), encoding="utf-8")
    targets = ("results/folds/plain.json", "results/folds/predictions_plain.tsv")
    fresh.run(*targets)
    result = json.loads((fresh.path / targets[0]).read_text(encoding="utf-8"))
    with (fresh.path / targets[1]).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, dialect="excel-tab"))
    # Every item once, groups whole.
    assert sorted(each["id"] for each in rows) == [f"S{number:02}" for number in range(36)]
    fold_of = {each["id"]: int(each["fold"]) for each in rows}
    assert len({(int(id_[1:]) % 12, fold) for id_, fold in fold_of.items()}) == 12
    # What is pooled is what the rows say, and each fold is its part of it.
    right = {each["id"]: each["right"] == "yes" for each in rows}
    assert result["measures"]["accuracy"]["mean"] == np.mean(list(right.values()))
    for told in result["folds"]:
        own = [right[id_] for id_, fold in fold_of.items() if fold == told["fold"]]
        assert told["measures"]["accuracy"] == np.mean(own)
        assert told["items"]["test"] == len(own)
        # The words of test and validation items are in no vocabulary.
        index = fresh.path / f"data/splits/items_index_train_FOLDED.{told['fold']}.tsv"
        vocabulary = fresh.path / f"data/train_data/vocabulary_bow_FOLDED.{told['fold']}.npz"
        words, _ = store.read_vocabularies([vocabulary], ["bow"])["bow"]
        known = {f"S{int(word.removeprefix('unique')):02}" for word in words if word.startswith("unique")}
        assert known == set(index.read_text(encoding="utf-8").split())
        assert not known & {id_ for id_, fold in fold_of.items() if fold == told["fold"]}
    assert result["items"]["test"] == 36
    assert result["items"]["val_from"] == "train"
    assert result["bootstrap"] == {"by": "group", "groups": 12}
    assert fresh.planned(*targets) == set()
    # A new row moves no other, and each fold learns from it or tests it.
    before = tables.read_rows(fresh.path / "data/splits/sets_FOLDED.tsv")
    tables.write_rows(folder / "items.tsv", [row(number) for number in (*range(36), 40)])
    planned = fresh.planned(*targets)
    assert {"folds_FOLDED", "texts FOLDED", "bow FOLDED.1", "bow FOLDED.2", "train_folds_plain folds plain"} <= planned
    said = fresh.fails("-n", "data/train_data/X_train_bow_FOLDED.npz")
    assert "FOLDED has folds, and each has this by itself: ask for that of FOLDED.1 to FOLDED.2" in said
    assert before == tables.read_rows(fresh.path / "data/splits/sets_FOLDED.tsv")


STRENGTHS = (0.01, 0.1, 1.0, 10.0, 100.0)


def made_of(method: str, strength: float) -> Pipeline:
    machine = OneVsRestClassifier(SVC(C=strength, gamma="scale"))
    plain = LogisticRegression(C=strength, max_iter=1000)
    return make_pipeline(StandardScaler(), machine if method == "svm-rbf" else plain)


@pytest.mark.slow
def test_each_fold_is_as_good_as_scikit_learn_called_plainly(fresh: House, mirror: Path) -> None:
    rows = add_instruments(fresh, mirror)
    plain = FAMILY["experiments"]["plain"] | {"dataset": "INSTRUMENTS", "inputs": ["descriptors"], "dim": 10}
    methods = ("logistic-regression", "svm-rbf")
    experiments = {method: {**plain, "network": {"name": "reference", "method": method}} for method in methods}
    family = {"title": "Plain methods", "experiments": experiments}
    (fresh.path / "config/experiments/folds.yaml").write_text(yaml.safe_dump(family), encoding="utf-8")
    fresh.run(*(f"results/folds/{method}.json" for method in methods))
    class_of = {each["id"]: each["labels"] for each in rows}
    with store.open_features(fresh.path / "data/train_data/X_all_descriptors_INSTRUMENTS.npz") as vectors:
        x_of = dict(zip(vectors.index.tolist(), vectors.rows(np.arange(len(vectors.index))), strict=True))
    for method in methods:
        result = json.loads((fresh.path / f"results/folds/{method}.json").read_text(encoding="utf-8"))
        expected = []
        for fold in range(1, 6):
            ids = {
                set_: (fresh.path / f"data/splits/items_index_{set_}_INSTRUMENTS.{fold}.tsv").read_text().split()
                for set_ in ("train", "val", "test")
            }
            known = ids["train"] + ids["val"]
            x, y = np.array([x_of[id_] for id_ in known], np.float64), np.array([class_of[id_] for id_ in known])
            names = sorted(set(y))
            parts = choosing.inner_folds(known, np.array([y == name for name in names]).T, groups={}, seed=1)
            losses = []
            for strength in STRENGTHS:
                # Distances are made probabilities by one factor, that is the likeliest of some.
                said = [
                    made_of(method, strength).fit(x[own], y[own]).decision_function(x[others]) for own, others in parts
                ]
                factors = np.geomspace(0.1, 10, 50) if method == "svm-rbf" else [1.0]
                losses.append(
                    min(
                        np.mean(
                            [
                                log_loss(y[others], softmax(factor * own, axis=1), labels=names)
                                for own, (_, others) in zip(said, parts, strict=True)
                            ]
                        )
                        for factor in factors
                    )
                )
            # What was chosen learns from all of them.
            best = made_of(method, STRENGTHS[int(np.argmin(losses))]).fit(x, y)
            right = [class_of[id_] for id_ in ids["test"]]
            expected.append(best.score(np.array([x_of[id_] for id_ in ids["test"]], np.float64), right))
        assert [told["measures"]["accuracy"] for told in result["folds"]] == pytest.approx(expected)
        assert result["measures"]["accuracy"]["mean"] == pytest.approx(np.mean(expected))
