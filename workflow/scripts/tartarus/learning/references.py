"""Plain methods as models: fitted by scikit-learn, kept as the weights of a network.

What a practitioner would try first. The strength of regularisation (or the number of neighbours) is chosen by what the
method says of items from which it has not learned: where they are few, of inner folds of the items for training and
validation; else, and of factors, of the validation items. With that choice it is fitted again, on the items of both
sets. Not so of many labels: their thresholds are chosen on what a model says of validation items from which it has not
learned. Where items have one label, the distances of a support vector machine become probabilities by a factor that is
found on what was said for the choice. Dense vectors are standardised by column; sparse ones (tf-idf) are not. Several
inputs are joined. Nothing in it is random but the inner folds.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import scipy.sparse
from tartarus.base.errors import TartarusError
from tartarus.base.logs import log
from tartarus.features.store import Vectors
from tartarus.items.listening import ITEM_COLUMNS
from tartarus.items.tables import read_rows
from tartarus.learning import networks
from tartarus.learning.batches import align
from tartarus.learning.choosing import are_learned, choose, inner_folds
from tartarus.learning.plain_methods import Fit, Matrix, choices_of, fits, seen
from tartarus.plan.feature_kinds import LAYER, kind_of

# Methods whose scores, before the output's activation, are no logarithms of probabilities: distances, or shares.
UNSCALED = ("linear-svm", "svm-rbf", "nearest-neighbours")
OF_CLASSES = ("softmax", "sigmoid")
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
    seed: int = 0,
    groups: Mapping[str, str] | None = None,
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
    seed : int
        Of the inner folds.
    groups : mapping, optional
        Id to group, of the items that have one: an inner fold has whole groups.
    played : str or Path, optional
        The table that tells how many users played each item: then a training item of a ridge counts so often.

    Returns
    -------
    model : keras.Model
        Its weights are those that were found.
    course : list of dict
        For each choice that was tried its number, its value, and how good it was; see `choosing.choose`.

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
    # Of its own training items a network says more than it knows: in its layers, no inner fold of them is new.
    is_new = output in OF_CLASSES and LAYER not in [kind_of(entry.name) for entry in inputs]
    both_y = np.concatenate([train.y, val.y])
    inner = inner_folds([*train.ids, *val.ids], both_y, groups=groups or {}, seed=seed) if is_new else []
    both = train.with_others(val) if inner else train
    parts = [(both.taken(own), both.taken(others)) for own, others in inner] or [(train, val)]
    if output == "softmax":
        fair = [(own, others.taken(np.flatnonzero(are_learned(own.y, others.y)))) for own, others in parts]
        parts = [part for part in fair if part[1].ids] or parts
    # Of many labels, fewer are learned from in the end than in an inner fold, where those for validation are many.
    choices = choices_of(method, min(len(items.ids) for items in (train, *(own for own, _ in parts))))
    said = zip(*(_asked(*part, options, choices, played) for part in parts), strict=True)
    truths = [others.y for _, others in parts]
    course, chosen, factor = choose(choices, said, truths, output, is_scaled=method not in UNSCALED)
    where = f"{len(inner)} inner folds of items for training and validation" if inner else "the validation items"
    for row in course:
        log.info("%s with %g: %.4f on %s", method, row["choice"], row["val_goodness"], where)
    # Thresholds of many labels are chosen on what is said of validation items.
    known = train if output == "sigmoid" else train.with_others(val).thinned(most_rows)
    scale = _Scale.of(method, known.x)
    (found,) = _fits(known, scale, options, [chosen], played)
    found = replace(found, weights=found.weights * factor, bias=found.bias * factor)
    # It is given vectors as they are, of whatever kind: what was found standardises them.
    rows = [replace(entry, n_rows=len(known.ids), moments=None) for entry in inputs]
    model = networks.build(name, rows, network=options["network"], output=output, n_outputs=options["dim"])
    _install(model, found, scale, known.x)
    return model, course


def _asked(
    learned: "_Items", others: "_Items", options: dict[str, Any], choices: Sequence[float], played: str | Path | None
) -> Iterator[np.ndarray]:
    """Fit on some items with each choice in turn, and tell what it says of others, before the output's activation."""
    method = options["network"]["method"]
    scale = _Scale.of(method, learned.x)
    x, x_others = scale(learned.x), scale(others.x)
    for found in _fits(learned, scale, options, choices, played):
        yield seen(method, x_others, x, found, scale.width) @ found.weights + found.bias


@dataclass(frozen=True)
class _Items:
    """The joined vectors of some items, their ground truth and their ids."""

    x: Matrix
    y: np.ndarray
    ids: list[str]

    def with_others(self, others: "_Items") -> "_Items":
        stacked = scipy.sparse.vstack if scipy.sparse.issparse(self.x) else np.concatenate
        return _Items(stacked([self.x, others.x]), np.concatenate([self.y, others.y]), [*self.ids, *others.ids])

    def taken(self, rows: np.ndarray) -> "_Items":
        return _Items(self.x[rows], self.y[rows], [self.ids[row] for row in rows])

    def thinned(self, most: int) -> "_Items":
        """Take at most so many of the items, evenly spaced."""
        if len(self.ids) <= most:
            return self
        return self.taken(np.linspace(0, len(self.ids) - 1, most).round().astype(int))


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
