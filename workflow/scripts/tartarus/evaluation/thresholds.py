"""Where to cut scores, so that they say yes or no: precision and recall at every threshold, and the best F1.

An item is taken to be of a class if its score is the threshold or above.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from tartarus.base.errors import TartarusError
from tartarus.evaluation import checks

# A class with fewer validation items has the common threshold: one that is fitted to a handful takes far too many
# items. Measured on synthetic data, 90 classes by the power law of Reuters, half of them with at most 4 of 1500
# validation items, and a logistic model, ten times. Micro and macro F1 of the test items, if a class needs so many for
# a threshold of its own:
#   1: .216, .183   3: .532, .173   5: .678, .158   8: .706, .136   10: .707, .122   30: .706, .099   none: .705, .099
# From 8 on micro F1 is at its best, and what is above it only takes from macro F1.
FEWEST_ITEMS = 8


@dataclass(frozen=True)
class Thresholds:
    """The thresholds of several seeds.

    Attributes
    ----------
    of_class : np.ndarray [shape=(n_seeds, n_classes)]
        Of every class.
    common : np.ndarray [shape=(n_seeds,)]
        Of the classes that have none of their own.
    at_common : int
        How many these are.
    of_items : np.ndarray [shape=(n_seeds, 1 or n_items, n_classes)]
        Those that hold for every item: the same for all, unless the items are of several folds.
    """

    of_class: np.ndarray
    common: np.ndarray
    at_common: int
    of_items: np.ndarray


def joined(of_folds: Sequence[tuple[int, Thresholds]]) -> Thresholds | None:
    """Join the thresholds of folds: how many items each has scored, and what was chosen for it; None if there are none.

    Of several, those of a class are told by their means over the folds, and `at_common` is the most of any fold.
    """
    if len(of_folds) < 2:
        return of_folds[0][1] if of_folds else None
    every = [found for _, found in of_folds]
    return Thresholds(
        np.mean([found.of_class for found in every], axis=0),
        np.mean([found.common for found in every], axis=0),
        max(found.at_common for found in every),
        np.concatenate([np.repeat(found.of_items, size, axis=1) for size, found in of_folds], axis=1),
    )


def choose(y: np.ndarray, scores: np.ndarray, *, rule: str | float = "per_class") -> Thresholds:
    """Choose thresholds on the validation set.

    Parameters
    ----------
    y : np.ndarray [shape=(n_items, n_classes)], values in {0, 1}
        The truth of the validation set.
    scores : np.ndarray [shape=(n_seeds, n_items, n_classes)]
        Higher is more likely. May be mapped from a file.
    rule : str or float
        ``per_class``: for each class the one with its best F1, and the common one for classes with fewer than
        `FEWEST_ITEMS` items. ``common``: for all classes the one with the best micro F1. A number: this one.

    Returns
    -------
    Thresholds
        In the type of the scores.

    Raises
    ------
    TartarusError
        If they are to be chosen, and no item has a class, or a score is not finite.
    """
    own = np.flatnonzero(np.count_nonzero(y, axis=0) >= FEWEST_ITEMS) if rule == "per_class" else np.zeros(0, int)
    if isinstance(rule, str):
        checks.refuse_not_finite(scores, source="scores of the validation set")
        if not y.any():
            raise TartarusError(
                "no item of the validation set has a class, so that no threshold can be chosen; use a larger "
                "validation set, or fix one (evaluation: {threshold: 0.5})"
            )
        common = np.array([best_threshold(y, of_seed) for of_seed in scores])
    else:
        common = np.full(len(scores), rule, scores.dtype)
    of_class = np.repeat(common[:, None], y.shape[1], axis=1)
    for cuts, of_seed in zip(of_class, scores, strict=True):
        cuts[own] = [best_threshold(y[:, [column]], of_seed[:, [column]]) for column in own]
    return Thresholds(of_class, common, y.shape[1] - len(own), of_class[:, None])


def best_threshold(y: np.ndarray, scores: np.ndarray) -> np.floating:
    """Find the threshold with the highest F1, of one class or of several together; of equals, the highest.

    Parameters
    ----------
    y : np.ndarray [shape=(n_items, n_classes)], values in {0, 1}
        The truth, with a 1 at least.
    scores : np.ndarray [shape=(n_items, n_classes)], float
        Higher is more likely.

    Returns
    -------
    floating, of the type of the scores
        The score of a positive: between two of them, a lower threshold takes more, and nothing more that is right.
    """
    right, taken, positives, thresholds = _counts(y, scores[None])
    f1 = 2 * right / (taken + positives)
    return thresholds[np.flatnonzero(f1 == f1.max())[-1]]


def outline(
    y: np.ndarray, scores: np.ndarray, *, points: int = 500, rows: int = checks.ROWS_AT_ONCE
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Compute some points of a precision-recall curve: of one class, or of several together (micro-averaged).

    Parameters
    ----------
    y : np.ndarray [shape=(n_items, n_classes)], values in {0, 1}
        The truth.
    scores : np.ndarray [shape=(n_seeds, n_items, n_classes)]
        Higher is more likely; the mean over the seeds counts. May be mapped from a file.
    points : int
        At most so many, at scores of positives that part these into equal shares.
    rows : int
        Items in memory at a time.

    Returns
    -------
    precision, recall, thresholds : np.ndarray [shape=(n_points,)]
        From the lowest threshold; empty if nothing is positive. Points of scikit-learn's
        ``precision_recall_curve``.

    Raises
    ------
    TartarusError
        If a score is not finite.
    """
    checks.refuse_not_finite(scores)
    if not y.any():
        return np.zeros(0), np.zeros(0), np.zeros(0)
    right, taken, positives, thresholds = _counts(y, scores, points=points, rows=rows)
    return right / taken, right / positives, thresholds


def _counts(
    y: np.ndarray, scores: np.ndarray, *, points: int | None = None, rows: int = checks.ROWS_AT_ONCE
) -> tuple[np.ndarray, np.ndarray, int, np.ndarray]:
    """Count what is right and what is taken at the scores of positives, all or some, and all positives."""
    blocks = [slice(first, first + rows) for first in range(0, len(y), rows)]
    positive = np.sort(np.concatenate([scores[:, block].mean(axis=0)[y[block] > 0] for block in blocks]))
    shown = positive if points is None else np.quantile(positive, np.linspace(0, 1, points), method="nearest")
    thresholds = np.unique(shown)
    taken = np.zeros(len(thresholds), np.int64)
    for block in blocks:
        ordered = np.sort(scores[:, block].mean(axis=0), axis=None)
        taken += len(ordered) - np.searchsorted(ordered, thresholds)
    return len(positive) - np.searchsorted(positive, thresholds), taken, len(positive), thresholds
