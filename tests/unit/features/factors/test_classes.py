"""Factors of classes: the plain formula, and what makes them unique."""

import math

import numpy as np
import pytest
from tartarus.base.errors import TartarusError
from tartarus.features.factors import classes


@pytest.fixture
def y(rng: np.random.Generator) -> np.ndarray:
    """200 items of 12 classes, of which the odd ones go with the even ones before them."""
    y = rng.random((200, 12)) < 0.15
    y[:, 1::2] |= y[:, ::2] & (rng.random((200, 6)) < 0.7)
    return y.astype(np.float64)


def plain(y: np.ndarray) -> np.ndarray:
    """Go through all pairs of classes, and count."""
    n_items, n_classes = y.shape
    found = np.zeros((n_classes, n_classes))
    for a in range(n_classes):
        for b in range(n_classes):
            both = sum(1 for row in y if row[a] and row[b])
            if both:
                alone = [sum(1 for row in y if row[c]) / n_items for c in (a, b)]
                found[a, b] = max(0.0, math.log(both / n_items / (alone[0] * alone[1])))
    return found


def test_the_association_is_the_plain_count(y: np.ndarray) -> None:
    y[:, 5] = 0  # a class that nobody has
    assert classes.association(y) == pytest.approx(plain(y), abs=1e-12)
    assert (classes.association(y)[5] == 0).all()


def test_factors_are_those_of_the_plain_decomposition_up_to_their_sign(y: np.ndarray) -> None:
    values, vectors = np.linalg.eigh(plain(y) @ plain(y).T)
    expected = vectors[:, ::-1][:, :4] * values[::-1][:4] ** 0.25  # the singular values are the roots of these
    found = classes.factorise(y, 4)
    assert np.abs(found) == pytest.approx(np.abs(expected), abs=1e-5)
    assert (np.sign(found * expected).sum(axis=0).__abs__() == len(found)).all()
    largest = np.abs(found).argmax(axis=0)
    assert (found[largest, np.arange(4)] > 0).all()
    assert found.dtype == np.float32


def test_all_factors_give_the_association_back(y: np.ndarray) -> None:
    # U S U^T, which is U S V^T but for the sign of directions that go the other way.
    found, target = classes.factorise(y, 12).astype(np.float64), classes.association(y)
    eigenvalues = np.linalg.eigvalsh(target)
    if (eigenvalues > 0).all():
        assert found @ found.T == pytest.approx(target, abs=1e-4)
    assert (found**2).sum(axis=0) == pytest.approx(np.sort(np.abs(eigenvalues))[::-1], abs=1e-4)


def test_classes_that_go_together_have_factors_that_do(y: np.ndarray) -> None:
    found = classes.factorise(y, 6)
    unit = found / np.linalg.norm(found, axis=1, keepdims=True)
    cosine = unit @ unit.T
    pairs = [cosine[2 * pair, 2 * pair + 1] for pair in range(6)]
    others = cosine[np.triu_indices(12, 2)]
    assert np.mean(pairs) > np.mean(others) + 0.5


def test_more_factors_than_there_are_dimensions_are_refused() -> None:
    y = np.zeros((10, 4))
    y[:5, [0, 1]] = 1  # always together: one dimension for both
    y[5:, 2] = 1
    with pytest.raises(TartarusError, match=r"dim: 3 factors of 4 classes, .* tell 2 dimensions; write dim: 2 or less"):
        classes.factorise(y, 3)
    assert classes.factorise(y, 2).shape == (4, 2)
