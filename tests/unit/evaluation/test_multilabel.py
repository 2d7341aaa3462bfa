"""Many labels: scikit-learn on the same scores, and on literally repeated items."""

import json
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, average_precision_score, precision_recall_fscore_support, roc_auc_score
from tartarus.base.errors import TartarusError
from tartarus.evaluation import macro, measures, multilabel, results, thresholds
from tartarus.evaluation.differences import taken_out

CLASSES = ["ambient", "disco", "house", "rock", "ska"]


@pytest.fixture
def predicted(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Truth and scores of two seeds, with ties; every item has a class but three; ska has no item, rock has all."""
    y = (rng.random((60, 5)) < [0.5, 0.3, 0.1, 1, 0]).astype(float)
    y[:3] = 0
    y[3:, 3] = 1
    scores = rng.integers(10, size=(2, 60, 5)) + 3 * y
    return y, scores.astype(np.float32)


def evaluated(y: np.ndarray, scores: np.ndarray, **options: Any) -> dict[str, Any]:
    return multilabel.evaluate(y, scores, CLASSES[: y.shape[1]], **{"samples": 10, "seed": 1, **options})


# --- Areas -----------------------------------------------------------------------------------------------


def test_areas_are_macro_averages_over_the_classes_that_define_them(predicted: tuple[np.ndarray, np.ndarray]) -> None:
    y, scores = predicted
    found = evaluated(y, scores)
    for name, measure in (("roc_auc", roc_auc_score), ("pr_auc", average_precision_score)):
        expected = np.array([[measure(y[:, c], s[:, c]) for c in range(4)] for s in scores])
        assert found["measures"][name]["per_seed"] == pytest.approx(expected.mean(axis=1))
        assert [row[name] for row in found["per_class"]] == [*map(pytest.approx, expected.mean(axis=0)), None]
    assert [row["class"] for row in found["per_class"]] == CLASSES
    assert [row["support"] for row in found["per_class"]] == y.sum(axis=0).tolist()
    assert (found["undefined_classes"], found["unlabelled_items"]) == (1, 3)


def test_a_class_that_every_item_has_is_undefined(predicted: tuple[np.ndarray, np.ndarray]) -> None:
    y, scores = predicted
    found = evaluated(y[3:], scores[:, 3:])
    assert (found["per_class"][3]["roc_auc"], found["per_class"][3]["pr_auc"]) == (None, None)
    assert found["undefined_classes"] == 2


# --- Rankings of an item's classes -----------------------------------------------------------------------


def test_items_without_a_class_are_left_out_of_what_ranks_classes() -> None:
    y = np.array([[1, 0, 0], [0, 0, 0], [1, 1, 0], [0, 0, 1]])
    scores = np.array([[[3.0, 2, 1], [3, 2, 1], [1, 2, 3], [3, 1, 2]]])
    found = evaluated(y, scores)["measures"]
    assert found["precision@1"]["mean"] == pytest.approx((1 + 0 + 0) / 3)
    assert found["precision@3"]["mean"] == pytest.approx((1 + 2 + 1) / 3 / 3)
    second = 1 / np.log2(3)
    ideal = 1 + second
    assert found["ndcg@3"]["mean"] == pytest.approx((1 + (second + 1 / 2) / ideal + second) / 3)
    assert found["adiv@1"]["mean"] == pytest.approx(2 / 3)
    assert found["adiv@1"]["ci95"] is None


@pytest.mark.parametrize("block", [1, 7])
def test_blocks_change_no_bit(block: int, predicted: tuple[np.ndarray, np.ndarray]) -> None:
    assert evaluated(*predicted, block=block) == evaluated(*predicted)


# --- Thresholds ------------------------------------------------------------------------------------------


def test_thresholds_of_the_validation_set_are_held_against_the_test_set(
    predicted: tuple[np.ndarray, np.ndarray], rng: np.random.Generator
) -> None:
    y, scores = predicted
    y_val = y.copy()
    y_val[:, 2] = 0
    scores_val = scores + rng.integers(4, size=scores.shape)
    found = evaluated(y, scores, validation=(y_val, scores_val))
    chosen = thresholds.choose(y_val, scores_val)
    cuts = chosen.of_class
    # Class 2 has no item in the validation set, and counts at the common threshold; class 4 has none at all.
    assert cuts[:, 2].tolist() == chosen.common.tolist()
    defined = [0, 1, 2, 3]
    expected = np.stack(
        [
            precision_recall_fscore_support(y[:, defined], (s >= cut)[:, defined], average=None, zero_division=0)[:3]
            for s, cut in zip(scores, cuts, strict=True)
        ]
    )
    for number, name in enumerate(("precision", "recall", "f1")):
        mean = expected[:, number].mean(axis=0).tolist()
        assert [found["per_class"][class_][name] for class_ in defined] == pytest.approx(mean)
        assert found["measures"][f"{name}_macro"]["per_seed"] == pytest.approx(expected[:, number].mean(axis=1))
    for seed, (s, cut) in enumerate(zip(scores, cuts, strict=True)):
        averaged = precision_recall_fscore_support(y, s >= cut, average="micro", zero_division=0)[:3]
        for name, value in zip(("precision", "recall", "f1"), averaged, strict=True):
            assert found["measures"][f"{name}_micro"]["per_seed"][seed] == pytest.approx(value)
        accuracy = found["measures"]["subset_accuracy"]["per_seed"][seed]
        assert accuracy == pytest.approx(accuracy_score(y, s >= cut))
        area = found["measures"]["roc_auc_micro"]["per_seed"][seed]
        assert area == pytest.approx(roc_auc_score(y, s, average="micro"))
    assert found["measures"]["roc_auc_micro"]["ci95"] is None
    for class_, row in enumerate(found["per_class"]):
        assert row["threshold_per_seed"] == cuts[:, class_].tolist()
        assert row["threshold"] == pytest.approx(cuts[:, class_].mean())
    assert [found["per_class"][4][name] for name in ("precision", "recall", "f1")] == [None] * 3
    assert found["untested_classes"] == 1
    assert found["thresholds"] == {"rule": "per_class", "common": chosen.common.tolist(), "at_common": 2}
    # Without a validation set, none of this.
    assert set(evaluated(y, scores)["per_class"][0]) == {"class", "support", "roc_auc", "pr_auc"}


@pytest.mark.parametrize("rule", ["common", 5])
def test_another_rule_of_thresholds_may_be_asked_for(rule: Any, predicted: tuple[np.ndarray, np.ndarray]) -> None:
    y, scores = predicted
    found = evaluated(y, scores, validation=predicted, threshold=rule)
    cuts = thresholds.choose(y, scores, rule=rule).common
    for average in ("micro", "macro"):
        expected = [
            precision_recall_fscore_support(y[:, :4], s[:, :4] >= cut, average="macro", zero_division=0)[2]
            if average == "macro"
            else precision_recall_fscore_support(y, s >= cut, average="micro", zero_division=0)[2]
            for s, cut in zip(scores, cuts, strict=True)
        ]
        assert found["measures"][f"f1_{average}"]["per_seed"] == pytest.approx(expected)
    assert found["thresholds"] == {"rule": rule, "common": cuts.tolist(), "at_common": 5}


# --- Intervals -------------------------------------------------------------------------------------------


def test_intervals_are_those_of_repeated_items(predicted: tuple[np.ndarray, np.ndarray]) -> None:
    y, scores = predicted
    options = {"validation": (y, scores), "seed": 3}
    found = evaluated(y, scores, samples=12, **options)["measures"]
    sampled: dict[str, list[float]] = {}
    for weights in measures.draws(len(y), samples=12, seed=3):
        items = np.repeat(np.arange(len(y)), weights)
        # The thresholds stay those of the validation set.
        drawn = evaluated(y[items], scores[:, items], samples=1, **options)["measures"]
        for name, measure in drawn.items():
            sampled.setdefault(name, []).append(measure["mean"])
    for name, measure in found.items():
        if not name.startswith("adiv") and name != "roc_auc_micro":
            assert measure["ci95"] == pytest.approx(np.percentile(sampled[name], [2.5, 97.5]).tolist(), rel=1e-6)


def test_blocks_of_samples_change_nothing(
    predicted: tuple[np.ndarray, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = evaluated(*predicted)
    monkeypatch.setattr(multilabel.measures, "WEIGHTS_AT_ONCE", 60 * 3)
    parts = evaluated(*predicted)
    assert parts["per_class"] == whole["per_class"]
    for name in ("roc_auc", "pr_auc"):
        for key in ("per_seed", "ci95"):
            assert parts["measures"][name][key] == pytest.approx(whole["measures"][name][key], rel=1e-12)


@pytest.mark.parametrize(("name", "value"), [("CLASSES_AT_ONCE", 2), ("EXACT_IN_SINGLE", 0)])
def test_groups_of_classes_and_single_precision_change_no_bit(
    name: str, value: int, predicted: tuple[np.ndarray, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = evaluated(*predicted, validation=predicted)
    monkeypatch.setattr(macro, name, value)
    assert evaluated(*predicted, validation=predicted) == whole


def test_a_test_set_without_a_class_is_an_error() -> None:
    with pytest.raises(TartarusError, match=r"undefined on this test set: .*roc_auc"):
        evaluated(np.zeros((4, 2)), np.ones((1, 4, 2)))


def test_a_result_passes_its_schema(predicted: tuple[np.ndarray, np.ndarray]) -> None:
    head = {"family": "f", "experiment": "e", "settings": [], "dataset": "D", "parameters": 1, "seeds": [1, 2]}
    head["items"] = {"train": 1, "val": 1, "test": 60, "left_out": {}, "noted": {}}
    head["provenance"] = {"settings": {}, "inputs": {}, "versions": {}, "code": ""}
    result = {**head, "task": "multilabel", "classes": 5, **taken_out(evaluated(*predicted, validation=predicted))[0]}
    results.check(json.loads(json.dumps(result, allow_nan=False)), "x.json")
    for task, missing in (("multiclass", "confusion"), ("recommendation", "users")):
        with pytest.raises(TartarusError, match=f"x.json: .*'{missing}' is a required property"):
            results.check({**result, "task": task}, "x.json")


# --- Factors of classes ----------------------------------------------------------------------------------


def test_classes_are_scored_by_the_cosine_of_factors(rng: np.random.Generator) -> None:
    predicted_factors, class_factors = rng.standard_normal((2, 7, 6)), rng.standard_normal((4, 6))
    predicted_factors[0, 3] = 0
    class_factors[2] = 0
    found = multilabel.class_scores(predicted_factors, class_factors)
    assert found.shape == (2, 7, 4)
    for seed in range(2):
        for item in range(7):
            for class_ in range(4):
                a, b = predicted_factors[seed, item], class_factors[class_]
                lengths = np.sqrt((a @ a) * (b @ b))
                assert found[seed, item, class_] == pytest.approx(a @ b / lengths if lengths else 0)
