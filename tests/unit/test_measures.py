"""Measures: scikit-learn on the same predictions, and intervals where theory knows them."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, confusion_matrix, precision_recall_fscore_support
from tartarus import measures

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
    return measures.evaluate_multiclass(np.eye(4)[truth], scores, CLASSES, **{"samples": 3, "seed": 1, **options})


# --- scikit-learn ----------------------------------------------------------------------------------------


@given(predictions())
def test_the_confusion_matrix_is_that_of_scikit_learn(drawn: tuple[np.ndarray, np.ndarray]) -> None:
    truth, predicted = drawn
    expected = confusion_matrix(truth, predicted, labels=range(4))
    np.testing.assert_array_equal(measures.confusion(truth, predicted, 4), expected)
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
    assert set(found) == set(measures.MULTICLASS)


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
    found = measures.evaluate_multiclass(np.eye(4)[[1]], scores, CLASSES, samples=2, seed=1)
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


@pytest.mark.parametrize(("confidence", "deviations"), [(0.95, 1.960), (0.68, 0.994)])
def test_the_interval_of_a_large_sample_is_that_of_the_normal_approximation(
    confidence: float, deviations: float
) -> None:
    count, share = 400, 0.8
    right = np.arange(count) < share * count
    low, high = measures.bootstrap(
        lambda items: {"accuracy": right[items].mean(keepdims=True)},
        count,
        samples=4000,
        seed=1,
        confidence=confidence,
    )["accuracy"]
    # Three standard errors of a percentile of 4000 draws are about a tenth of a deviation.
    width = deviations * np.sqrt(share * (1 - share) / count)
    assert low == pytest.approx(share - width, abs=0.002 + 0.0025)  # draws are multiples of 1/400
    assert high == pytest.approx(share + width, abs=0.002 + 0.0025)


def test_nineteen_of_twenty_intervals_hold_the_true_accuracy() -> None:
    # The promise of a 95 % interval, kept on 200 samples of 400 items with a known probability.
    rng = np.random.default_rng(8)
    covered = 0
    for seed in range(200):
        right = rng.random(400) < 0.8
        interval = measures.bootstrap(
            lambda items, right=right: {"accuracy": right[items].mean(keepdims=True)}, 400, samples=200, seed=seed
        )["accuracy"]
        covered += interval[0] <= 0.8 <= interval[1]
    # Binomial with p = 0.95: four deviations are 0.06.
    assert covered / 200 == pytest.approx(0.95, abs=0.06)
