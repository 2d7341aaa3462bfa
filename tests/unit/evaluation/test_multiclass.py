"""Measures of one class per item: scikit-learn on the same predictions."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, confusion_matrix, precision_recall_fscore_support
from tartarus.evaluation import measures, multiclass

CLASSES = ["ambient", "disco", "house", "rock"]


@st.composite
def predictions(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Draw truths and predictions of four classes, some of which may never occur, or never be predicted."""
    count = draw(st.integers(1, 40))
    present = draw(st.lists(st.integers(0, 3), min_size=1, max_size=4))
    predicted = draw(st.lists(st.integers(0, 3), min_size=1, max_size=4))
    seed = draw(st.integers(0, 1000))
    rng = np.random.default_rng(seed)
    return rng.choice(present, size=count), rng.choice(predicted, size=count)


def evaluated(truth: np.ndarray, *predicted: np.ndarray, **options: Any) -> dict[str, Any]:
    """Evaluate predictions as the pipeline does: from scores, for each seed."""
    scores = np.stack([np.eye(4)[guess] for guess in predicted])
    return multiclass.evaluate(np.eye(4)[truth], scores, CLASSES, **{"samples": 3, "seed": 1, **options})


# --- scikit-learn ----------------------------------------------------------------------------------------


@given(predictions())
def test_the_confusion_matrix_is_that_of_scikit_learn(drawn: tuple[np.ndarray, np.ndarray]) -> None:
    truth, predicted = drawn
    expected = confusion_matrix(truth, predicted, labels=range(4))
    np.testing.assert_array_equal(multiclass.confusion(truth, predicted, 4), expected)
    assert evaluated(truth, predicted)["confusion"] == expected.tolist()


@given(predictions())
def test_measures_are_those_of_scikit_learn(drawn: tuple[np.ndarray, np.ndarray]) -> None:
    truth, predicted = drawn
    # Averages are over the classes that have an item.
    present = np.unique(truth)
    precision, recall, f1, _ = precision_recall_fscore_support(
        truth, predicted, labels=present, average="macro", zero_division=0
    )
    found = evaluated(truth, predicted)["measures"]
    assert {name: measure["mean"] for name, measure in found.items()} == pytest.approx(
        {
            "accuracy": accuracy_score(truth, predicted),
            "precision_macro": precision,
            "recall_macro": recall,
            "f1_macro": f1,
            # With one class for each item, the same as accuracy.
            "precision_micro": precision_recall_fscore_support(truth, predicted, average="micro", zero_division=0)[0],
        }
    )
    assert list(found) == ["accuracy", "precision_macro", "recall_macro", "f1_macro", "precision_micro"]


@given(predictions())
def test_the_measures_of_every_class_are_those_of_scikit_learn(drawn: tuple[np.ndarray, np.ndarray]) -> None:
    truth, predicted = drawn
    expected = precision_recall_fscore_support(truth, predicted, labels=range(4), zero_division=0)
    found = evaluated(truth, predicted)
    assert [row["class"] for row in found["per_class"]] == CLASSES
    for row, precision, recall, f1, support in zip(found["per_class"], *expected, strict=True):
        assert row["support"] == support
        if support:
            assert (row["precision"], row["recall"], row["f1"]) == pytest.approx((precision, recall, f1))
        else:
            assert (row["precision"], row["recall"], row["f1"]) == (None, None, None)
    assert found["undefined_classes"] == (expected[3] == 0).sum()


# --- Conventions -----------------------------------------------------------------------------------------


def test_a_class_without_a_test_item_is_left_out_of_the_averages() -> None:
    # ambient: 2 of 2; disco: 1 of 2, the other taken for house; no item of house and rock.
    found = evaluated(np.array([0, 0, 1, 1]), np.array([0, 0, 1, 2]))
    assert found["undefined_classes"] == 2
    assert found["measures"]["recall_macro"]["mean"] == pytest.approx((1 + 1 / 2) / 2)
    assert found["measures"]["precision_macro"]["mean"] == pytest.approx(1)
    assert found["measures"]["f1_macro"]["mean"] == pytest.approx((1 + 2 / 3) / 2)
    assert found["per_class"][2] == {"class": "house", "support": 0, "precision": None, "recall": None, "f1": None}


def test_a_class_that_is_never_predicted_has_precision_0() -> None:
    found = evaluated(np.array([0, 1]), np.array([0, 0]))
    assert found["per_class"][1] == {"class": "disco", "support": 1, "precision": 0, "recall": 0, "f1": 0}


def test_of_equal_scores_the_first_class_is_predicted() -> None:
    scores = np.array([[[0.2, 0.4, 0.4, 0.0]]])
    found = multiclass.evaluate(np.eye(4)[[1]], scores, CLASSES, samples=2, seed=1)
    assert found["measures"]["accuracy"]["mean"] == 1


def test_measures_of_several_seeds_are_averaged_and_their_deviation_told() -> None:
    truth = np.array([0, 1, 2, 3])
    found = evaluated(truth, truth, np.array([0, 1, 2, 0]), np.array([0, 0, 0, 0]))
    accuracy = found["measures"]["accuracy"]
    assert accuracy["per_seed"] == [1, 0.75, 0.25]
    assert accuracy["mean"] == pytest.approx(2 / 3)
    assert accuracy["sd"] == pytest.approx(np.std([1, 0.75, 0.25], ddof=1))
    assert np.sum(found["confusion"]) == 12
    assert found["per_class"][3]["recall"] == pytest.approx(1 / 3)


def test_one_seed_has_no_deviation() -> None:
    assert evaluated(np.array([0, 1]), np.array([0, 1]))["measures"]["accuracy"]["sd"] is None


# --- Intervals -------------------------------------------------------------------------------------------


def test_intervals_are_the_same_in_every_run_and_others_for_another_seed() -> None:
    rng = np.random.default_rng(3)
    truth = rng.integers(4, size=50)
    predicted = np.where(rng.random(50) < 0.6, truth, rng.integers(4, size=50))

    def intervals(seed: int) -> list[list[float]]:
        found = evaluated(truth, predicted, samples=100, seed=seed)["measures"]
        return [measure["ci95"] for measure in found.values()]

    assert intervals(1) == intervals(1)
    assert intervals(1) != intervals(2)


def test_an_interval_holds_the_mean() -> None:
    rng = np.random.default_rng(3)
    truth = rng.integers(4, size=200)
    found = evaluated(
        truth,
        *(np.where(rng.random(200) < share, truth, rng.integers(4, size=200)) for share in (0.5, 0.7)),
        samples=200,
    )
    for name in ("accuracy", "recall_macro", "f1_macro"):
        low, high = found["measures"][name]["ci95"]
        assert 0 <= low < found["measures"][name]["mean"] < high <= 1


def test_of_perfect_predictions_the_interval_has_no_width() -> None:
    truth = np.array([0, 1, 2, 3] * 10)
    assert evaluated(truth, truth, samples=50)["measures"]["accuracy"]["ci95"] == [1, 1]


def test_an_interval_is_that_of_repeated_items() -> None:
    rng = np.random.default_rng(5)
    truth, predicted = rng.integers(4, size=30), rng.integers(4, size=30)
    means = []
    for weights in measures.draws(30, samples=20, seed=4):
        items = np.repeat(np.arange(30), weights)
        means.append(accuracy_score(truth[items], predicted[items]))
    expected = np.percentile(means, [2.5, 97.5])
    found = evaluated(truth, predicted, samples=20, seed=4)["measures"]["accuracy"]["ci95"]
    assert found == pytest.approx(expected.tolist())
