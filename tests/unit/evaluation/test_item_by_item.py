"""Predictions item by item: the same decisions as the measures, by the ids of the items."""

import numpy as np
import pytest
from sklearn import metrics
from tartarus.evaluation import item_by_item
from tartarus.items.item_tables import Item

from .conftest import CLASSES, Written

IDS = [f"S{number}" for number in range(40)]


def test_of_one_class_the_best_mean_score_is_predicted(array: Written, scores_file: Written, classes: str) -> None:
    rng = np.random.default_rng(0)
    y = np.eye(4)[rng.integers(4, size=40)]
    scores = rng.random((2, 40, 4)).astype(np.float32)
    # In another order than the truth, and without the last item.
    order = rng.permutation(39)
    truth = {"y_test": array("y_test", y), "classes": classes}
    predictions = {"test": scores_file("test", scores[:, order], [IDS[number] for number in order])}
    three = Item("S3", "test", (), {"id": "S3", "audio": "three.wav", "words": "one\n two " + "three " * 40})
    material = {"S3": item_by_item.material_of(three, "data/raw/SONGS")}
    found = list(item_by_item.rows("multiclass", truth, predictions, {"test": IDS}, material=material))
    assert [row["id"] for row in found] == [IDS[number] for number in order]
    right = metrics.accuracy_score(y[order].argmax(axis=1), scores.mean(axis=0)[order].argmax(axis=1))
    assert np.mean([row["right"] == "yes" for row in found]) == pytest.approx(right)
    written = next(row for row in found if row["id"] == "S3")
    assert (written["audio"], written["text"]) == ("data/raw/SONGS/three.wav", "")
    assert written["words"] == "one two " + "three " * 28 + "…"
    assert written["truth"] == CLASSES[y[3].argmax()]
    assert float(written["score jazz"]) == pytest.approx(scores[:, 3, 2].mean(), abs=1e-6)


def test_of_many_classes_those_are_predicted_that_reach_the_threshold_of_validation(
    array: Written, scores_file: Written, classes: str
) -> None:
    rng = np.random.default_rng(1)
    y = (rng.random((40, 4)) < 0.4).astype(float)
    scores = (0.5 * y + rng.random((2, 40, 4))).astype(np.float32)
    truth = {"y_val": array("y_val", y), "y_test": array("y_test", y), "classes": classes}
    predictions = {set_: scores_file(set_, scores, IDS) for set_ in ("val", "test")}
    index = {"val": IDS, "test": IDS}
    found = list(item_by_item.rows("multilabel", truth, predictions, index, threshold="common"))
    assert [row["set"] for row in found] == ["val"] * 40 + ["test"] * 40
    # The threshold is that of the best micro F1 on the validation items, here the same.
    mean = scores.mean(axis=0)
    best = max(metrics.f1_score(y, mean >= cut, average="micro") for cut in mean[y > 0])
    taken = [[name in row["predicted"].split("|") for name in CLASSES] for row in found[40:]]
    assert metrics.f1_score(y, np.array(taken), average="micro") == pytest.approx(best)
    assert [row["right"] == "yes" for row in found[40:]] == (np.array(taken) == y).all(axis=1).tolist()


def test_of_very_many_classes_only_the_best_are_written(array: Written, scores_file: Written, tmp_path) -> None:
    names = [f"c{number:02d}" for number in range(60)]
    (tmp_path / "many.tsv").write_text("\n".join(names) + "\n", encoding="utf-8")
    scores = np.tile(np.arange(60, dtype=np.float32), (1, 3, 1))
    truth = {"y_test": array("y_test", np.eye(60)[:3]), "classes": str(tmp_path / "many.tsv")}
    predictions = {"test": scores_file("test", scores, IDS[:3])}
    (row, *_) = item_by_item.rows("multiclass", truth, predictions, {"test": IDS[:3]})
    assert row["best"].split("|")[:2] == ["c59: 59.000000", "c58: 58.000000"]
    assert len(row["best"].split("|")) == 10
    assert not any(column.startswith("score ") for column in row)
