"""All pairs of an item and a class together: scikit-learn on the same decisions, and on literally repeated items."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy
from sklearn.metrics import accuracy_score, precision_recall_fscore_support, roc_auc_score
from tartarus.evaluation import micro

SHAPE = (9, 3)


@given(
    st_numpy.arrays(np.uint8, SHAPE, elements=st.integers(0, 1)),
    st_numpy.arrays(np.float32, SHAPE, elements=st.integers(0, 4)),
    st_numpy.arrays(np.float32, SHAPE[1], elements=st.integers(0, 5)),
    st_numpy.arrays(np.uint8, (SHAPE[0], 3), elements=st.integers(0, 3)),
)
def test_samples_are_measured_as_by_scikit_learn(
    y: np.ndarray, scores: np.ndarray, cuts: np.ndarray, weights: np.ndarray
) -> None:
    weights[0] = np.maximum(weights[0], 1)  # no sample is empty
    found = micro.at_thresholds(y, scores, cuts, [weights[:, :2], weights[:, 2:]])
    assert tuple(found) == micro.AT_THRESHOLD
    for sample, counts in enumerate(weights.T):
        truth, taken = np.repeat(y, counts, axis=0), np.repeat(scores >= cuts, counts, axis=0)
        assert found["subset_accuracy"][sample] == pytest.approx(accuracy_score(truth, taken))
        expected = precision_recall_fscore_support(truth, taken, average="micro", zero_division=0)[:3]
        measured = [found[name][sample] for name in ("precision_micro", "recall_micro", "f1_micro")]
        if truth.any():
            assert measured == pytest.approx(expected)
        else:
            assert np.isnan(measured).all()


@given(
    st_numpy.arrays(np.uint8, SHAPE, elements=st.integers(0, 1)),
    st_numpy.arrays(np.float32, SHAPE, elements=st.integers(0, 4)),
    st.integers(1, 10),
)
def test_the_area_is_that_of_scikit_learn(y: np.ndarray, scores: np.ndarray, rows: int) -> None:
    found = micro.roc_auc(y, scores, rows=rows)
    if y.any() and not y.all():
        assert found == pytest.approx(roc_auc_score(y.ravel(), scores.ravel()))
    else:
        assert np.isnan(found)


def test_blocks_of_items_change_nothing(rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    y, scores = rng.integers(2, size=(50, 4)), rng.random((50, 4))
    arguments = (y, scores, np.full(4, 0.5), [rng.integers(4, size=(50, 6))])
    whole = micro.at_thresholds(*arguments)
    monkeypatch.setattr(micro, "ROWS_AT_ONCE", 7)
    for name, values in micro.at_thresholds(*arguments).items():
        np.testing.assert_array_equal(values, whole[name])
