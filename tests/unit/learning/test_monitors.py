"""What trainings are watched by, held against scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score
from tartarus.learning import monitors

sizes = st.tuples(st.integers(0, 2**32 - 1), st.integers(2, 30), st.integers(2, 6))


def one_class(size: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Draw truth of one class an item, and scores of few levels, so that some are equal."""
    seed, items, classes = size
    rng = np.random.default_rng(seed)
    return np.eye(classes)[rng.integers(classes, size=items)], rng.integers(5, size=(items, classes)) / 4


@given(sizes)
def test_accuracy_is_that_of_scikit_learn(size) -> None:
    y, scores = one_class(size)
    assert monitors.accuracy(y, scores) == pytest.approx(accuracy_score(y.argmax(1), scores.argmax(1)))


@given(sizes)
def test_the_area_is_the_mean_of_scikit_learn_s_over_the_classes_that_have_one(size) -> None:
    y, scores = one_class(size)
    tested = [column for column in range(y.shape[1]) if 0 < y[:, column].sum() < len(y)]
    expected = np.mean([roc_auc_score(y[:, column], scores[:, column]) for column in tested]) if tested else 0.5
    assert monitors.roc_auc(y, scores) == pytest.approx(expected)


@given(sizes)
def test_f1_is_that_of_scikit_learn_over_the_classes_that_occur(size) -> None:
    y, scores = one_class(size)
    occurring = np.flatnonzero(y.any(axis=0))
    for output, found in (("softmax", np.eye(y.shape[1])[scores.argmax(axis=1)]), ("sigmoid", scores >= 0.5)):
        expected = f1_score(y, found, average="macro", labels=occurring, zero_division=0)
        assert monitors.measure("f1", {"output": output})(y, scores) == pytest.approx(expected)


def test_what_is_watched_follows_from_the_output_unless_said() -> None:
    assert monitors.watched({"output": "softmax"}) == "val_categorical_accuracy"
    assert monitors.watched({"output": "sigmoid"}) == "val_loss"
    assert monitors.watched({"output": "softmax", "monitor": "loss"}) == "val_loss"
    assert monitors.watched({"output": "sigmoid", "monitor": "roc_auc"}) == "val_roc_auc"
