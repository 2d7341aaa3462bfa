"""How good yes and no are over all pairs of an item and a class together: micro averages, for many labels.

Precision is 0 where nothing is taken. Subset accuracy is the share of the items of which every class is right.
"""

from collections.abc import Sequence

import numpy as np
from tartarus.evaluation import measures
from tartarus.evaluation.checks import ROWS_AT_ONCE

AT_THRESHOLD = ("precision_micro", "recall_micro", "f1_micro", "subset_accuracy")


def at_thresholds(
    y: np.ndarray, scores: np.ndarray, cuts: np.ndarray, weights: Sequence[np.ndarray]
) -> dict[str, np.ndarray]:
    """Measure one seed at its thresholds.

    Parameters
    ----------
    y : np.ndarray [shape=(n_items, n_classes)], values in {0, 1}
        The truth.
    scores : np.ndarray [shape=(n_items, n_classes)]
        Higher is more likely.
    cuts : np.ndarray [shape=(n_classes,), or (1 or n_items, n_classes)]
        Of all items, or of each. An item is taken to be of a class if its score is the threshold or above.
    weights : sequence of np.ndarray [shape=(n_items, samples of a block)]
        How often each item counts in each sample.

    Returns
    -------
    dict of str to np.ndarray [shape=(samples,)], values in [0, 1] or NaN
        By the names in `AT_THRESHOLD`; NaN in samples where no item has a class, but for subset accuracy.
    """
    by_item, cuts = np.empty((4, len(y))), np.atleast_2d(cuts)
    for first in range(0, len(y), ROWS_AT_ONCE):
        rows = slice(first, first + ROWS_AT_ONCE)
        truth, taken = y[rows] > 0, scores[rows] >= (cuts if len(cuts) == 1 else cuts[rows])
        by_item[:, rows] = [
            *((truth & taken).sum(axis=1), taken.sum(axis=1), truth.sum(axis=1)),
            (truth == taken).all(axis=1),
        ]
    right, predicted, positives, whole = np.concatenate([by_item @ block for block in weights], axis=1)
    items = np.concatenate([block.sum(axis=0) for block in weights])
    found = (*measures.precision_recall_f1(right, predicted, positives), whole / items)
    return dict(zip(AT_THRESHOLD, found, strict=True))


def roc_auc(y: np.ndarray, scores: np.ndarray, *, rows: int = ROWS_AT_ONCE) -> float:
    """Compute the area under the ROC curve of all pairs of an item and a class; ties count half.

    Parameters
    ----------
    y, scores
        See `at_thresholds`.
    rows : int
        Items in memory at a time; it changes speed and memory only.

    Returns
    -------
    float, in [0, 1] or NaN
        NaN if all pairs are right, or none.
    """
    blocks = [slice(first, first + rows) for first in range(0, len(y), rows)]
    levels, positive = np.unique(np.concatenate([scores[b][y[b] > 0] for b in blocks]), return_counts=True)
    # Sorted by blocks: levels are then found in the order of memory, where other scores would be looked up at random.
    below, through, negatives = np.zeros(len(levels), np.int64), np.zeros(len(levels), np.int64), 0
    for block in blocks:
        others = np.sort(scores[block][y[block] == 0])
        below += np.searchsorted(others, levels)
        through += np.searchsorted(others, levels, side="right")
        negatives += len(others)
    pairs = positive.sum() * negatives
    return float((positive * (below + through)).sum() / 2 / pairs) if pairs else np.nan
