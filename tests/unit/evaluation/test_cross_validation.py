"""Results over folds: each item by the models of the fold that held it out, all items together and each fold alone."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn import metrics
from tartarus.base.arrays import write_array, write_in_blocks
from tartarus.base.errors import TartarusError
from tartarus.base.files import write_lines
from tartarus.evaluation import cross_validation, item_by_item, prediction_files, thresholds
from tartarus.features.store import write_vectors

from .conftest import CLASSES

FOLDS, SEEDS, ITEMS = [1, 2, 3], 2, 60
DRAWS = {"samples": 30, "seed": 1}


class World:
    """Files of three folds: their sets, the truth, what the models of each say of its validation and test items."""

    def __init__(self, folder: Path, rng: np.random.Generator, *, one_class: bool) -> None:
        self.folder, n = folder, len(CLASSES)
        self.ids = np.array([f"S{number}" for number in range(ITEMS)])
        self.y = np.eye(n, dtype=np.uint8)[rng.integers(n, size=ITEMS)] if one_class else rng.random((ITEMS, n)) < 0.4
        self.y = self.y.astype(np.uint8)
        fold = np.arange(ITEMS) % len(FOLDS) + 1
        self.scores = {k: (rng.normal(size=(SEEDS, ITEMS, n)) + 1.2 * self.y + k).astype(np.float32) for k in FOLDS}
        self.sets = {}
        for k in FOLDS:
            rest = np.flatnonzero(fold != k)
            self.sets[k] = {"train": rest[10:], "val": rest[:10], "test": np.flatnonzero(fold == k)}
        write_lines(folder / "classes.tsv", CLASSES)
        self.truth: dict[str, list[str]] = {"classes": [str(folder / "classes.tsv")], "y_test": [], "y_val": []}
        self.index: list[str] = []
        for k, sets in self.sets.items():
            for set_, rows in sets.items():
                write_lines(folder / f"{set_}.{k}.tsv", self.ids[rows].tolist())
                self.index.append(str(folder / f"{set_}.{k}.tsv"))
                if set_ != "train":
                    write_array(folder / f"y_{set_}.{k}.npy", self.y[rows])
                    self.truth[f"y_{set_}"].append(str(folder / f"y_{set_}.{k}.npy"))
        self.predictions = {set_: self.write(set_) for set_ in ("test", "val")}

    def write(self, set_: str, **others: Any) -> str:
        path = self.folder / f"{set_}.npz"
        rows = {k: sets[set_] for k, sets in self.sets.items()}
        scores = np.concatenate([self.scores[k][:, rows[k]] for k in FOLDS], axis=1)
        index = np.concatenate([self.ids[rows[k]] for k in FOLDS])
        folds = np.repeat(FOLDS, [len(rows[k]) for k in FOLDS])
        arrays = {"index": index, "seeds": np.arange(SEEDS), "parameters": np.array(12), "folds": folds, **others}
        write_in_blocks(path, "scores", scores.shape, np.float32, iter(scores), **arrays)
        return str(path)

    def measured(self, task: str, **options: Any) -> dict[str, Any]:
        how = {**DRAWS, "folds": FOLDS, **options}
        return cross_validation.measure(task, self.truth, self.predictions, self.index, **how)


def test_one_class_is_measured_over_all_items_and_in_each_fold(tmp_path: Path, rng: np.random.Generator) -> None:
    world = World(tmp_path, rng, one_class=True)
    found = world.measured("multiclass")
    rows = np.concatenate([world.sets[k]["test"] for k in FOLDS])
    assert sorted(rows) == list(range(ITEMS))
    predicted = np.concatenate([world.scores[k][:, world.sets[k]["test"]] for k in FOLDS], axis=1).argmax(axis=2)
    truth = world.y[rows].argmax(axis=1)
    assert found["measures"]["accuracy"]["per_seed"] == [metrics.accuracy_score(truth, its) for its in predicted]
    f1 = [metrics.f1_score(truth, its, average="macro") for its in predicted]
    assert found["measures"]["f1_macro"]["per_seed"] == pytest.approx(f1)
    assert np.sum(found["confusion"]) == SEEDS * ITEMS
    together = np.concatenate([world.scores[k][:, world.sets[k]["test"]] for k in FOLDS], axis=1).mean(axis=0)
    ensemble = world.measured("multiclass", ensemble=True)["ensemble"]
    assert ensemble["accuracy"]["mean"] == metrics.accuracy_score(truth, together.argmax(axis=1))
    for told in found["folds"]:
        own = world.sets[told["fold"]]["test"]
        guess = world.scores[told["fold"]][:, own].argmax(axis=2)
        assert told["measures"]["accuracy"] == pytest.approx((guess == world.y[own].argmax(axis=1)).mean())
    assert [told["fold"] for told in found["folds"]] == FOLDS


def test_thresholds_of_many_labels_are_those_of_the_fold(tmp_path: Path, rng: np.random.Generator) -> None:
    world = World(tmp_path, rng, one_class=False)
    found = world.measured("multilabel", threshold="common")
    taken = np.zeros((SEEDS, ITEMS, len(CLASSES)), bool)
    for k in FOLDS:
        val, test = world.sets[k]["val"], world.sets[k]["test"]
        for seed, cut in enumerate(thresholds.choose(world.y[val], world.scores[k][:, val], rule="common").common):
            taken[seed, test] = world.scores[k][seed, test] >= cut
    expected = [metrics.f1_score(world.y, its, average="micro") for its in taken]
    assert found["measures"]["f1_micro"]["per_seed"] == pytest.approx(expected)
    macro = [metrics.f1_score(world.y, its, average="macro") for its in taken]
    assert found["measures"]["f1_macro"]["per_seed"] == pytest.approx(macro)
    whole = np.empty((SEEDS, ITEMS, len(CLASSES)))
    for k in FOLDS:
        whole[:, world.sets[k]["test"]] = world.scores[k][:, world.sets[k]["test"]]
    areas = [metrics.roc_auc_score(world.y, its, average="macro") for its in whole]
    assert found["measures"]["roc_auc"]["per_seed"] == pytest.approx(areas)
    for told in found["folds"]:
        own = world.sets[told["fold"]]["test"]
        area = np.mean([metrics.roc_auc_score(world.y[own], its[own]) for its in whole])
        assert told["measures"]["roc_auc"] == pytest.approx(area)


def test_a_measure_that_is_undefined_in_a_fold_is_null_there(tmp_path: Path, rng: np.random.Generator) -> None:
    world = World(tmp_path, rng, one_class=False)
    rows = world.sets[2]["test"]
    write_array(tmp_path / "y_test.2.npy", np.zeros_like(world.y[rows]))
    found = world.measured("multilabel")
    assert [told["measures"]["roc_auc"] is None for told in found["folds"]] == [False, True, False]
    assert found["measures"]["roc_auc"]["mean"] > 0


def test_groups_are_those_of_all_items(tmp_path: Path, rng: np.random.Generator) -> None:
    world = World(tmp_path, rng, one_class=True)
    groups = {id_: f"artist {number // 6}" for number, id_ in enumerate(world.ids.tolist())}
    assert world.measured("multiclass", groups=groups)["bootstrap"] == {"by": "group", "groups": 10}


def test_item_by_item_every_item_stands_once_with_its_fold(tmp_path: Path, rng: np.random.Generator) -> None:
    world = World(tmp_path, rng, one_class=False)
    rows = list(item_by_item.rows_of_folds("multilabel", world.truth, world.predictions, world.index, folds=FOLDS))
    assert sorted(row["id"] for row in rows) == sorted(world.ids)
    for row in rows:
        number = int(row["id"][1:])
        assert (row["set"], row["fold"]) == ("test", str(number % 3 + 1))
        score = world.scores[int(row["fold"])][:, number].mean(axis=0)
        assert float(row[f"score {CLASSES[0]}"]) == pytest.approx(score[0], abs=1e-5)


def test_a_task_without_classes_is_refused(tmp_path: Path, rng: np.random.Generator) -> None:
    with pytest.raises(TartarusError, match="folds are for tasks with classes, the task is retrieval"):
        World(tmp_path, rng, one_class=True).measured("retrieval")


@pytest.mark.parametrize("folds", [np.ones(7, int), np.arange(ITEMS)[::-1]])
def test_folds_that_do_not_fit_the_items_are_refused(
    tmp_path: Path, rng: np.random.Generator, folds: np.ndarray
) -> None:
    path = World(tmp_path, rng, one_class=True).write("test", folds=folds)
    with pytest.raises(TartarusError, match=r"test\.npz: 60 items, but \d+ folds, or not one after the other"):
        prediction_files.read(path)


def test_items_are_counted_once_and_the_smallest_fold_is_told(tmp_path: Path, rng: np.random.Generator) -> None:
    world = World(tmp_path, rng, one_class=True)
    # Of all sets in one file: without three items, and with one that nobody knows.
    has = [*world.ids[3:], "stranger"]
    write_vectors(tmp_path / "X_all_mine_S.npz", np.ones((len(has), 2), np.float32), has, {"kind": "mine"})
    used = {set_: [str(tmp_path / "X_all_mine_S.npz")] * len(FOLDS) for set_ in ("train", "val", "test")}
    measured = {"folds": [{"fold": fold} for fold in FOLDS]}
    counted = cross_validation.count_items(measured, world.index, used, [], folds=FOLDS)
    items, of_folds = counted["items"], [fold["items"] for fold in counted["folds"]]
    assert items["test"] == ITEMS - 3 == sum(counts["test"] for counts in of_folds)
    assert items["left_out"] == {"missing": 3}
    assert items["noted"] == {"unknown": 1}
    assert items["train"] == min(counts["train"] for counts in of_folds)
    assert all(sum(counts.values()) == ITEMS - 3 for counts in of_folds)
