"""Plain methods as models: fitted by scikit-learn, kept as the weights of a network.

What a practitioner would try first: fitted on the training items, the strength of regularisation (or the number of
neighbours) chosen on the validation items; then, with that choice, fitted again on the items of both. Not so of many
labels: their thresholds are chosen on what a model says of validation items from which it has not learned. Where items
have one label, the distances of a support vector machine become probabilities by a factor that is found on the
validation items. Dense vectors are standardised by column; sparse ones (tf-idf) are not. Several inputs are joined.
Nothing in it is random.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import scipy.sparse
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax
from sklearn.metrics import average_precision_score
from tartarus.base.errors import TartarusError
from tartarus.base.logs import log
from tartarus.features.store import Vectors
from tartarus.items.listening import ITEM_COLUMNS
from tartarus.items.tables import read_rows
from tartarus.learning import networks
from tartarus.learning.batches import align
from tartarus.learning.plain_methods import Fit, Matrix, choices_of, fits, seen

# Methods whose scores, before the output's activation, are distances: their size says nothing of probability.
OF_DISTANCES = ("linear-svm", "svm-rbf")
# Of the factor that makes probabilities of distances: few validation items may all be right, whatever the factor.
SHARPEST = 10.0
# Of a kernel, which has a row and a column for each training item: 800 MB.
MOST_ROWS = 10_000


def fit(
    name: str,
    inputs: Sequence[networks.Input],
    features: dict[str, Sequence[Vectors]],
    index: dict[str, list[str]],
    y: dict[str, np.ndarray],
    options: dict[str, Any],
    *,
    played: str | Path | None = None,
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
    played : str or Path, optional
        The table that tells how many users played each item: then a training item of a ridge counts so often.

    Returns
    -------
    model : keras.Model
        Its weights are those that were found.
    course : list of dict
        For each choice that was tried its number, its value, and how good it was on the validation items when fitted
        on those for training: accuracy of one class, micro-averaged average precision of many, minus the mean squared
        error of factors.

    Raises
    ------
    TartarusError
        If nobody played any of the training items.
    """
    method, output = options["network"]["method"], options["output"]
    train, val = (_gathered(features[set_], index[set_], y[set_]) for set_ in ("train", "val"))
    most_rows = MOST_ROWS if method in ("svm-rbf", "nearest-neighbours") else len(train.ids) + len(val.ids)
    if len(train.ids) > most_rows:
        log.warning(
            "%s compares all items that it learns from with each other: of %d it takes %d, evenly spaced",
            *(method, len(train.ids), most_rows),
        )
    train = train.thinned(most_rows)
    scale = _Scale.of(method, train.x)
    x, x_val = scale(train.x), scale(val.x)
    course, most = [], -np.inf
    for number, found in enumerate(_fits(train, scale, options, choices_of(method), played), start=1):
        known = seen(method, x_val, x, found, scale.width)
        said = known @ found.weights + found.bias
        good = _goodness(said, val.y, output)
        log.info("%s with %g: %.4f on the validation items", method, found.choice, good)
        course.append({"epoch": number, "choice": found.choice, "val_goodness": good})
        if good > most:
            kept, most, distances = found, good, said
    if output != "sigmoid":
        train = train.with_others(val).thinned(most_rows)
        scale = _Scale.of(method, train.x)
        (kept,) = _fits(train, scale, options, [kept.choice], played)
    if output == "softmax" and method in OF_DISTANCES:
        sharp = sharpness(distances, val.y)
        kept = replace(kept, weights=kept.weights * sharp, bias=kept.bias * sharp)
    # It is given vectors as they are, of whatever kind: what was found standardises them.
    rows = [replace(entry, n_rows=len(train.ids), moments=None) for entry in inputs]
    model = networks.build(name, rows, network=options["network"], output=output, n_outputs=options["dim"])
    _install(model, kept, scale, train.x)
    return model, course


@dataclass(frozen=True)
class _Items:
    """The joined vectors of some items, their ground truth and their ids."""

    x: Matrix
    y: np.ndarray
    ids: list[str]

    def with_others(self, others: "_Items") -> "_Items":
        stacked = scipy.sparse.vstack if scipy.sparse.issparse(self.x) else np.concatenate
        return _Items(stacked([self.x, others.x]), np.concatenate([self.y, others.y]), [*self.ids, *others.ids])

    def thinned(self, most: int) -> "_Items":
        """Take at most so many of the items, evenly spaced."""
        if len(self.ids) <= most:
            return self
        rows = np.linspace(0, len(self.ids) - 1, most).round().astype(int)
        return _Items(self.x[rows], self.y[rows], [self.ids[row] for row in rows])


@dataclass(frozen=True)
class _Scale:
    """What vectors are centred and scaled by, column by column; and, of a kernel, what by as a whole."""

    centre: np.ndarray
    factors: np.ndarray
    width: float

    @classmethod
    def of(cls, method: str, x: Matrix) -> "_Scale":
        scale = cls(*_moments(x), width=1.0)
        if method != "svm-rbf":
            return scale
        return replace(scale, width=float(np.sqrt(1 / (x.shape[1] * _variance(scale(x))))))

    def __call__(self, x: Matrix) -> Matrix:
        return x if scipy.sparse.issparse(x) else (x - self.centre) * self.factors


def _fits(
    train: _Items, scale: _Scale, options: dict[str, Any], choices: Sequence[float], played: str | Path | None
) -> Iterator[Fit]:
    counts = _counts(played, train.ids) if played else None
    method = options["network"]["method"]
    return fits(method, scale(train.x), train.y, options["output"], scale.width, counts, choices)


def _variance(x: Matrix) -> float:
    """Compute the variance of all numbers of vectors, dense or sparse: what scikit-learn scales a kernel by."""
    squares = x.multiply(x) if scipy.sparse.issparse(x) else x * x
    return float(squares.mean() - x.mean() ** 2)


def _gathered(features: Sequence[Vectors], index: list[str], y: np.ndarray) -> _Items:
    """Join the vectors of the items that all inputs have."""
    ids, _, rows = align(features, index)
    parts = [entry.values[numbers] for entry, numbers in zip(features, rows, strict=True)]
    if all(map(scipy.sparse.issparse, parts)):
        x = scipy.sparse.hstack(parts, format="csr", dtype=np.float64)
    else:
        dense = [entry.rows(numbers) for entry, numbers in zip(features, rows, strict=True)]
        x = np.concatenate(dense, axis=1, dtype=np.float64)
    place = {id_: row for row, id_ in enumerate(index)}
    return _Items(x, np.asarray(y[[place[id_] for id_ in ids]], np.float64), ids)


def _counts(played: str | Path, ids: Sequence[str]) -> np.ndarray:
    """Read how many users played each item [shape=(n_items,)]."""
    users = {row["id"]: float(row["users"]) for row in read_rows(played, columns=ITEM_COLUMNS)}
    counts = np.array([users.get(id_, 0.0) for id_ in ids])
    if not counts.any():
        raise TartarusError(f"{played}: nobody played a training item that all inputs have; write weighted: false")
    return counts


def _moments(x: Matrix) -> tuple[np.ndarray, np.ndarray]:
    """Tell what columns are centred and scaled by; a column that never varies is only centred."""
    if scipy.sparse.issparse(x):
        return np.zeros(x.shape[1]), np.ones(x.shape[1])
    deviation = x.std(axis=0)
    return x.mean(axis=0), 1 / np.where(deviation < 1e-6, 1.0, deviation)


def _goodness(scores: np.ndarray, y: np.ndarray, output: str) -> float:
    if output == "softmax":
        return float((scores.argmax(axis=1) == y.argmax(axis=1)).mean())
    if output == "sigmoid":
        return float(average_precision_score(y, scores, average="micro")) if y.any() else 0.0
    return -float(((scores - y) ** 2).mean())


def sharpness(distances: np.ndarray, y: np.ndarray) -> float:
    """Find the factor of distances whose softmax is likeliest to tell the truth: the inverse of a temperature.

    Guo, Pleiss, Sun, Weinberger: On Calibration of Modern Neural Networks. ICML 2017. The order of classes stays.

    Parameters
    ----------
    distances : np.ndarray [shape=(n_items, n_classes)]
        Of items from which the method has not learned.
    y : np.ndarray [shape=(n_items, n_classes)]
        One 1 in each row.

    Returns
    -------
    float
        In 0.1 to 10.
    """
    truth = y.argmax(axis=1)[:, None]

    def surprise(exponent: float) -> float:
        said = log_softmax(np.exp(exponent) * distances, axis=1)
        return -float(np.take_along_axis(said, truth, axis=1).mean())

    widest = np.log(SHARPEST)
    return float(np.exp(minimize_scalar(surprise, bounds=(-widest, widest), method="bounded").x))


def _install(model: keras.Model, found: Fit, scale: _Scale, training: Matrix) -> None:
    """Put what was found of the training items into a model that is given vectors as they are."""
    names = {layer.name: layer for layer in model.layers}
    weights, bias = found.weights, found.bias
    landmarks = names.get("kernel") or names.get("neighbours")
    if landmarks is None:
        weights = weights * scale.factors[:, None]
        bias = bias - scale.centre @ weights
    else:
        scaled = scale(training) * scale.width
        landmarks.centre.assign(scale.centre)
        landmarks.scale.assign(scale.factors * scale.width)
        landmarks.rows.assign(scaled.toarray() if scipy.sparse.issparse(scaled) else scaled)
        if landmarks.name == "neighbours":
            landmarks.k.assign(int(found.choice))
    names["output"].kernel.assign(weights)
    names["output"].bias.assign(bias)
