"""Plain methods as models: fitted by scikit-learn, kept as the weights of a network.

What a practitioner would try first: fitted on the training items alone, the strength of regularisation (or the number
of neighbours) chosen on the validation items. Dense vectors are standardised by column; sparse ones (tf-idf) are not.
Several inputs are joined. Nothing in it is random.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np
import scipy.sparse
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import average_precision_score
from sklearn.svm import SVC, LinearSVC
from tartarus.base.errors import TartarusError
from tartarus.base.logs import log
from tartarus.features.store import Vectors
from tartarus.learning import networks
from tartarus.learning.batches import align

# Each is tried in this order; of equally good ones the first is taken.
STRENGTHS = (0.01, 0.1, 1.0, 10.0, 100.0)  # C of a support vector machine or a logistic regression
PENALTIES = (1000.0, 100.0, 10.0, 1.0, 0.1)  # alpha of a ridge regression
NEIGHBOURS = (20, 10, 5, 3, 1)
# Of a kernel, which has a row and a column for each training item: 800 MB.
MOST_ROWS = 10_000
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


def fit(
    name: str,
    inputs: Sequence[networks.Input],
    features: dict[str, Sequence[Vectors]],
    index: dict[str, list[str]],
    y: dict[str, np.ndarray],
    options: dict[str, Any],
) -> tuple[keras.Model, list[dict[str, float]]]:
    """Fit a reference.

    Parameters
    ----------
    name, inputs
        As for `networks.build`.
    features, index, y : dict
        As for `training.train`.
    options : dict
        Of the experiment: `network`, `output` and `dim`.

    Returns
    -------
    model : keras.Model
        Its weights are those that were found.
    course : list of dict
        For each choice that was tried its number, its value, and how good it was on the validation items: accuracy of
        one class, micro-averaged average precision of many, minus the mean squared error of factors.

    Raises
    ------
    TartarusError
        If there are too many training items for a kernel.
    """
    method, output = options["network"]["method"], options["output"]
    train, val = (_gathered(features[set_], index[set_], y[set_]) for set_ in ("train", "val"))
    if method in ("svm-rbf", "nearest-neighbours") and len(train[1]) > MOST_ROWS:
        raise TartarusError(
            f"method: {method} compares each item with all {len(train[1])} training items, at most {MOST_ROWS}; write "
            f"method: logistic-regression or linear-svm"
        )
    centre, scale = _moments(train[0])
    x, x_val = (_standardised(rows, centre, scale) for rows in (train[0], val[0]))
    width = float(np.sqrt(1 / (x.shape[1] * x.var()))) if method == "svm-rbf" else 1.0
    course, fits, most = [], [], -np.inf
    for number, found in enumerate(_fits(method, x, train[1], output, width), start=1):
        scores = _seen(method, x_val, x, found, width) @ found.weights + found.bias
        good = _goodness(scores, val[1], output)
        log.info("%s with %g: %.4f on the validation items", method, found.choice, good)
        course.append({"epoch": number, "choice": found.choice, "val_goodness": good})
        if good > most:
            fits, most = [found], good
    rows = [replace(entry, n_rows=len(train[1])) for entry in inputs]
    model = networks.build(name, rows, network=options["network"], output=output, n_outputs=options["dim"])
    _install(model, fits[0], x * width, centre, scale * width)
    return model, course


def _gathered(features: Sequence[Vectors], index: list[str], y: np.ndarray) -> tuple[Matrix, np.ndarray]:
    """Join the vectors of the items that all inputs have; give the ground truth of these."""
    ids, _, rows = align(features, index)
    parts = [entry.values[numbers] for entry, numbers in zip(features, rows, strict=True)]
    if all(map(scipy.sparse.issparse, parts)):
        x = scipy.sparse.hstack(parts, format="csr", dtype=np.float64)
    else:
        dense = [entry.rows(numbers) for entry, numbers in zip(features, rows, strict=True)]
        x = np.concatenate(dense, axis=1, dtype=np.float64)
    place = {id_: row for row, id_ in enumerate(index)}
    return x, np.asarray(y[[place[id_] for id_ in ids]], np.float64)


def _moments(x: Matrix) -> tuple[np.ndarray, np.ndarray]:
    """Tell what columns are centred and scaled by; a column that never varies is only centred."""
    if scipy.sparse.issparse(x):
        return np.zeros(x.shape[1]), np.ones(x.shape[1])
    deviation = x.std(axis=0)
    return x.mean(axis=0), 1 / np.where(deviation < 1e-6, 1.0, deviation)


def _standardised(x: Matrix, centre: np.ndarray, scale: np.ndarray) -> Matrix:
    return x if scipy.sparse.issparse(x) else (x - centre) * scale


def _fits(method: str, x: Matrix, y: np.ndarray, output: str, width: float) -> Iterator[Fit]:
    """Fit a method with each of its choices."""
    if method == "most-frequent":
        share = y.mean(axis=0)
        with np.errstate(divide="ignore"):
            odds = {"softmax": np.log(share), "sigmoid": np.log(share) - np.log1p(-share)}.get(output, share)
        yield Fit(0, np.zeros((x.shape[1], y.shape[1])), np.clip(odds, NEVER, -NEVER))
    elif method == "nearest-neighbours":
        for k in NEIGHBOURS:
            if k <= len(y):
                yield Fit(k, y, np.zeros(y.shape[1]))
    elif method == "ridge":
        for penalty in PENALTIES:
            found = Ridge(penalty).fit(x, y)
            yield Fit(penalty, np.atleast_2d(found.coef_).T, np.atleast_1d(found.intercept_))
    elif method == "logistic-regression" and output == "softmax":
        for strength in STRENGTHS:
            yield _among_classes(x, y, strength)
    else:
        seen = _kernel(x, x, width) if method == "svm-rbf" else x
        for strength in STRENGTHS:
            yield _against_the_rest(method, seen, y, strength)


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


def _seen(method: str, x: Matrix, training: Matrix, found: Fit, width: float) -> Matrix:
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


def _goodness(scores: np.ndarray, y: np.ndarray, output: str) -> float:
    if output == "softmax":
        return float((scores.argmax(axis=1) == y.argmax(axis=1)).mean())
    if output == "sigmoid":
        return float(average_precision_score(y, scores, average="micro")) if y.any() else 0.0
    return -float(((scores - y) ** 2).mean())


def _install(model: keras.Model, found: Fit, training: Matrix, centre: np.ndarray, scale: np.ndarray) -> None:
    """Put what was found into a model that is given vectors as they are; `training` are centred and scaled."""
    names = {layer.name: layer for layer in model.layers}
    last = names.get("linear") or names["output"]
    weights, bias = found.weights, found.bias
    landmarks = names.get("kernel") or names.get("neighbours")
    if landmarks is None:
        weights = weights * scale[:, None]
        bias = bias - centre @ weights
    else:
        dense = training.toarray() if scipy.sparse.issparse(training) else training
        landmarks.centre.assign(centre)
        landmarks.scale.assign(scale)
        landmarks.rows.assign(dense)
        if landmarks.name == "neighbours":
            landmarks.k.assign(int(found.choice))
    last.kernel.assign(weights)
    last.bias.assign(bias)
