"""Thresholds: scikit-learn's curves, and the best F1 found by trying everything."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy
from sklearn.metrics import f1_score, precision_recall_curve
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
    best = thresholds.best_thresholds(y, scores)
    assert best.dtype == scores.dtype
    for truth, column, found in zip(y.T, scores.T, best, strict=True):
        if not truth.any():
            assert np.isnan(found)
            continue
        tried = {cut: f1_score(truth, column >= cut) for cut in np.unique(column)}
        highest = max(tried.values())
        # Of equally good thresholds, the highest.
        assert found == max(cut for cut, f1 in tried.items() if f1 == pytest.approx(highest, abs=1e-12))


def test_equally_good_thresholds_give_the_highest() -> None:
    # At 3: 1 right of 1, F1 2/3. At 1: 2 right of 4, F1 2/3.
    y = np.array([[1], [0], [0], [1]])
    assert thresholds.best_thresholds(y, np.array([[3.0], [2.0], [1.5], [1.0]])) == [3.0]


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
