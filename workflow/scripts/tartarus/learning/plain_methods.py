"""What scikit-learn fits of each plain method, with each of its choices.

Popularity is a ridge regression of a single number: how far along the mean of the training items' factors an item lies.
Users differ little in that direction, so all get the items in nearly the same order.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.svm import SVC, LinearSVC
from tartarus.plan.network_options import OF_FACTORS

# Each is tried in this order; of equally good ones the first is taken.
STRENGTHS = (0.01, 0.1, 1.0, 10.0, 100.0)  # C of a support vector machine or a logistic regression
PENALTIES = (1000.0, 100.0, 10.0, 1.0, 0.1)  # alpha of a ridge regression
NEIGHBOURS = (20, 10, 5, 3, 1)
# The score of a class that has no training item, before the output's activation.
NEVER = -30.0

Matrix = Any  # np.ndarray or scipy.sparse.csr_matrix [shape=(n_items, n_columns)]


@dataclass(frozen=True)
class Fit:
    """One choice of a method, fitted.

    Attributes
    ----------
    choice : float
        C, alpha, or the number of neighbours.
    weights : np.ndarray [shape=(n_columns or n_training_items, n_outputs)]
        Of the columns, or of how alike an item is to the training items.
    bias : np.ndarray [shape=(n_outputs,)]
    """

    choice: float
    weights: np.ndarray
    bias: np.ndarray


def choices_of(method: str, n_items: int) -> tuple[float, ...]:
    """List the strengths of regularisation, or the numbers of neighbours among so many items, to choose from."""
    if method == "most-frequent":
        return (0.0,)
    if method == "nearest-neighbours":
        return tuple(k for k in NEIGHBOURS if k <= n_items)
    return PENALTIES if method in OF_FACTORS else STRENGTHS


def fits(
    method: str,
    x: Matrix,
    y: np.ndarray,
    output: str,
    width: float,
    counts: np.ndarray | None,
    choices: Sequence[float],
) -> Iterator[Fit]:
    """Fit a method with each of some choices."""
    if method == "most-frequent":
        share = y.mean(axis=0)
        with np.errstate(divide="ignore"):
            odds = {"softmax": np.log(share), "sigmoid": np.log(share) - np.log1p(-share)}.get(output, share)
        yield Fit(0, np.zeros((x.shape[1], y.shape[1])), np.clip(odds, NEVER, -NEVER))
    elif method == "nearest-neighbours":
        # Of many labels, the score of one that half of the neighbours have is 0.5, as with the other methods.
        votes = y - 0.5 if output == "sigmoid" else y
        for k in choices:
            yield Fit(k, votes, np.zeros(y.shape[1]))
    elif method in OF_FACTORS:
        wanted = _along_the_mean(y) if method == "popularity" else y
        for penalty in choices:
            found = Ridge(penalty).fit(x, wanted, counts)
            yield Fit(penalty, np.atleast_2d(found.coef_).T, np.atleast_1d(found.intercept_))
    elif method == "logistic-regression" and output == "softmax":
        for strength in choices:
            yield _among_classes(x, y, strength)
    else:
        weighed = _kernel(x, x, width) if method == "svm-rbf" else x
        for strength in choices:
            yield _against_the_rest(method, weighed, y, strength)


def _along_the_mean(y: np.ndarray) -> np.ndarray:
    """Take of factors [shape=(n_items, n_factors)] what lies along their mean: how popular an item is."""
    mean = y.mean(axis=0)
    return np.outer(y @ mean, mean) / max(float(mean @ mean), np.finfo(float).tiny)


def _among_classes(x: Matrix, y: np.ndarray, strength: float) -> Fit:
    """Fit a logistic regression among all classes that have a training item."""
    weights, bias = np.zeros((x.shape[1], y.shape[1])), np.full(y.shape[1], NEVER)
    present = np.flatnonzero(y.any(axis=0))
    bias[present] = 0
    if len(present) > 1:
        found = LogisticRegression(C=strength, max_iter=1000).fit(x, y.argmax(axis=1))
        # Of two classes it gives what speaks for the second alone.
        columns = present if len(present) > 2 else present[1:]
        weights[:, columns], bias[columns] = found.coef_.T, found.intercept_
    return Fit(strength, weights, bias)


def _against_the_rest(method: str, x: Matrix, y: np.ndarray, strength: float) -> Fit:
    """Fit a method for each class by itself."""
    weights, bias = np.zeros((x.shape[1], y.shape[1])), np.zeros(y.shape[1])
    for column, truth in enumerate(y.T > 0):
        if truth.all() or not truth.any():
            bias[column] = NEVER if not truth.any() else -NEVER
        elif method == "svm-rbf":
            machine = SVC(C=strength, kernel="precomputed").fit(x, truth)
            weights[machine.support_, column], bias[column] = machine.dual_coef_[0], machine.intercept_[0]
        else:
            linear = (
                LinearSVC(C=strength, random_state=0, max_iter=10_000)
                if method == "linear-svm"
                else LogisticRegression(C=strength, max_iter=1000)
            ).fit(x, truth)
            weights[:, column], bias[column] = linear.coef_[0], linear.intercept_[0]
    return Fit(strength, weights, bias)


def seen(method: str, x: Matrix, training: Matrix, found: Fit, width: float) -> Matrix:
    """Give what the weights weigh: the columns, or how alike items are to the training items."""
    if method == "svm-rbf":
        return _kernel(x, training, width)
    if method == "nearest-neighbours":
        alike = _unit(x) @ _unit(training).T
        alike = alike.toarray() if scipy.sparse.issparse(alike) else alike
        order = np.argsort(-alike, axis=1, kind="stable")[:, : int(found.choice)]
        shares = np.zeros_like(alike)
        np.put_along_axis(shares, order, 1 / found.choice, axis=1)
        return shares
    return x


def _kernel(x: Matrix, training: Matrix, width: float) -> np.ndarray:
    """Compute exp(-|width (x - r)|^2) [shape=(n_items, n_training_items)]."""
    products = x @ training.T
    products = products.toarray() if scipy.sparse.issparse(products) else products
    squares = _squares(x)[:, None] + _squares(training) - 2 * products
    return np.exp(-(width**2) * np.maximum(squares, 0))


def _squares(x: Matrix) -> np.ndarray:
    return np.asarray(x.multiply(x).sum(axis=1)).ravel() if scipy.sparse.issparse(x) else (x * x).sum(axis=1)


def _unit(x: Matrix) -> Matrix:
    length = np.sqrt(_squares(x))
    factors = 1 / np.where(length > 0, length, 1)
    return scipy.sparse.diags(factors) @ x if scipy.sparse.issparse(x) else x * factors[:, None]
