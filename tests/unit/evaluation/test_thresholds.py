"""Thresholds: scikit-learn's curves, and the best F1 found by trying everything."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy
from sklearn.metrics import f1_score, precision_recall_curve
from tartarus.base.errors import TartarusError
from tartarus.evaluation import thresholds


@st.composite
def classes(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Draw truth and scores of some classes, with many ties, and some classes that no item has."""
    shape = draw(st.tuples(st.integers(1, 12), st.integers(1, 4)))
    y = draw(st_numpy.arrays(float, shape, elements=st.sampled_from([0.0, 1.0])))
    scores = draw(st_numpy.arrays(np.float32, shape, elements=st.integers(-2, 3)))
    return y, scores


@given(classes())
def test_no_other_threshold_has_a_better_f1(drawn: tuple[np.ndarray, np.ndarray]) -> None:
    y, scores = drawn
    if not y.any():
        return
    best = thresholds.best_threshold(y, scores)
    assert best.dtype == scores.dtype
    tried = {cut: f1_score(y.ravel(), scores.ravel() >= cut) for cut in np.unique(scores)}
    highest = max(tried.values())
    # Of equally good thresholds, the highest.
    assert best == max(cut for cut, f1 in tried.items() if f1 == pytest.approx(highest, abs=1e-12))


def test_equally_good_thresholds_give_the_highest() -> None:
    # At 3: 1 right of 1, F1 2/3. At 1: 2 right of 4, F1 2/3.
    y = np.array([[1], [0], [0], [1]])
    assert thresholds.best_threshold(y, np.array([[3.0], [2.0], [1.5], [1.0]])) == 3.0


# --- Which threshold a class has -------------------------------------------------------------------------


def best_by_trying(y: np.ndarray, scores: np.ndarray) -> float:
    tried = [(f1_score(y.ravel(), scores.ravel() >= cut), cut) for cut in np.unique(scores)]
    return max(tried)[1]


def few_and_many(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw scores of two seeds; the classes have none, seven, eight and thirty items."""
    y = np.zeros((60, 4), np.uint8)
    for column, count in enumerate((0, 7, 8, 30)):
        y[rng.permutation(60)[:count], column] = 1
    return y, (rng.random((2, 60, 4)) + 0.4 * y).astype(np.float32)


def test_a_class_with_few_validation_items_has_the_common_threshold(rng: np.random.Generator) -> None:
    y, scores = few_and_many(rng)
    found = thresholds.choose(y, scores)
    assert found.at_common == 2
    for seed in range(2):
        common = best_by_trying(y, scores[seed])
        own = [best_by_trying(y[:, column], scores[seed, :, column]) for column in (2, 3)]
        assert found.common[seed] == common
        assert found.of_class[seed].tolist() == [common, common, *own]
        assert common not in own


@pytest.mark.parametrize("rule", ["common", 0.7])
def test_one_threshold_may_be_that_of_all_classes(rule: Any, rng: np.random.Generator) -> None:
    y, scores = few_and_many(rng)
    found = thresholds.choose(y, scores, rule=rule)
    expected = [best_by_trying(y, of_seed) for of_seed in scores] if rule == "common" else [np.float32(0.7)] * 2
    assert found.common.tolist() == expected
    assert found.of_class.tolist() == [[cut] * 4 for cut in expected]
    assert (found.at_common, found.of_class.dtype) == (4, scores.dtype)


def test_without_a_label_in_the_validation_set_no_threshold_can_be_chosen() -> None:
    y, scores = np.zeros((4, 2)), np.ones((1, 4, 2))
    for rule in ("per_class", "common"):
        with pytest.raises(TartarusError, match=r"no item of the validation set has a class.*threshold: 0.5"):
            thresholds.choose(y, scores, rule=rule)
    assert thresholds.choose(y, scores, rule=0.5).of_class.tolist() == [[0.5, 0.5]]


def test_thresholds_fitted_to_a_handful_of_items_cost_micro_f1(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixty classes of three to four among 600 items, four of a third: what the common threshold is there for."""
    rng = np.random.default_rng(1)
    shares = np.append(np.full(4, 1 / 3), np.full(60, 3.5 / 600))
    y = [rng.random((600, 64)) < shares for _ in range(2)]
    # What a model says: rare classes have lower scores, of items that are theirs too.
    validation, test = (
        1 / (1 + np.exp(-(rng.normal(size=truth.shape) * 1.5 + 3.5 * truth + np.log(shares)))) for truth in y
    )
    found = {}
    for fewest in (1, thresholds.FEWEST_ITEMS):
        monkeypatch.setattr(thresholds, "FEWEST_ITEMS", fewest)
        cuts = thresholds.choose(y[0], validation[None]).of_class[0]
        found[fewest] = f1_score(y[1], test >= cuts, average="micro")
    assert found[8] > found[1] + 0.05


# --- Curves ----------------------------------------------------------------------------------------------


@given(
    st_numpy.arrays(np.int8, (23, 3), elements=st.integers(0, 1)),
    st_numpy.arrays(np.float64, (2, 23, 3), elements=st.sampled_from([0.0, 0.25, 0.5, 1.0])),
)
def test_an_outline_holds_points_of_the_curve(y, scores):
    points = thresholds.outline(y, scores, rows=5)
    if not y.any():
        assert all(len(part) == 0 for part in points)
        return
    precision, recall, cuts = precision_recall_curve(y.ravel(), scores.mean(axis=0).ravel())
    place = np.searchsorted(cuts, points[2])
    np.testing.assert_array_equal(cuts[place], points[2])
    np.testing.assert_allclose(points[0], precision[place])
    np.testing.assert_allclose(points[1], recall[place])
    # With as many points as positives none is left out.
    assert set(points[2]) == set(scores.mean(axis=0)[y > 0])


def test_an_outline_has_no_more_points_than_asked_for():
    rng = np.random.default_rng(0)
    y, scores = rng.random((4000, 2)) < 0.5, rng.random((1, 4000, 2))
    precision, recall, _ = thresholds.outline(y, scores, points=50)
    assert len(recall) == 50
    assert recall[0] == 1
    assert precision[0] == pytest.approx(y.mean(), abs=0.01)
