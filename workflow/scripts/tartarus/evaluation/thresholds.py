"""Where to cut scores, so that they say yes or no: precision and recall at every threshold, and the best F1.

An item is taken to be of a class if its score is the threshold or above.
"""

import numpy as np


def outline(
    y: np.ndarray, scores: np.ndarray, *, points: int = 500, rows: int = 8192
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
    """
    firsts = range(0, len(y), rows)
    positive = np.concatenate(
        [scores[:, first : first + rows].mean(axis=0)[y[first : first + rows] > 0] for first in firsts]
    )
    if not len(positive):
        return np.zeros(0), np.zeros(0), np.zeros(0)
    thresholds = np.unique(np.quantile(positive, np.linspace(0, 1, points), method="nearest"))
    taken = np.zeros(len(thresholds), np.int64)
    for first in firsts:
        # A score is taken by all thresholds up to it.
        above = np.searchsorted(thresholds, scores[:, first : first + rows].mean(axis=0).ravel(), side="right")
        counts = np.bincount(above, minlength=len(thresholds) + 1)
        taken += np.cumsum(counts[::-1])[::-1][1:]
    right = len(positive) - np.searchsorted(np.sort(positive), thresholds)
    return right / taken, right / len(positive), thresholds


def best_thresholds(y: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Find the threshold of every class with the highest F1; of several, the highest.

    Parameters
    ----------
    y : np.ndarray [shape=(n_items, n_classes)], values in {0, 1}
        The truth of the validation set.
    scores : np.ndarray [shape=(n_items, n_classes)]
        Higher is more likely.

    Returns
    -------
    np.ndarray [shape=(n_classes,)], dtype of the scores
        NaN where a class has no positive item.
    """
    best = np.full(y.shape[1], np.nan, scores.dtype)
    for class_ in np.flatnonzero(y.any(axis=0)):
        right, taken, positives, thresholds = _counts(y[:, class_], scores[:, class_])
        f1 = 2 * right / (taken + positives)
        best[class_] = thresholds[np.flatnonzero(f1 == f1.max())[-1]]
    return best


def _counts(y: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray, int, np.ndarray]:
    """Count what is taken and what of it is right at each threshold, and all positives."""
    all_, positive = np.sort(scores, axis=None), np.sort(scores[y > 0])
    first = np.flatnonzero(np.append(True, all_[1:] != all_[:-1]))
    thresholds = all_[first]
    right = len(positive) - np.searchsorted(positive, thresholds)
    return right, len(all_) - first, len(positive), thresholds
