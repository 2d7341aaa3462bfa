"""How good scores are of every class: its areas under curves, what it has at its threshold, and their macro averages.

A class is undefined without a positive and a negative item: its areas are NaN, and so is what it has at its
threshold without a positive one. Macro averages are over the other classes; in a bootstrap sample, over those that are
defined there.
"""

import itertools
from collections.abc import Sequence

import numpy as np
import scipy.sparse
from tartarus.base import logs
from tartarus.evaluation import measures
from tartarus.evaluation.thresholds import Thresholds

AREAS = ("roc_auc", "pr_auc")
AT_THRESHOLD = ("precision", "recall", "f1")

CLASSES_AT_ONCE = 16
# Up to here the sums of weights, which are whole numbers, are exact in single precision, which takes half the time.
EXACT_IN_SINGLE = 2**24


def by_class(
    y: np.ndarray, scores: np.ndarray, cuts: Thresholds | None, weights: Sequence[np.ndarray]
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Measure every class.

    Parameters
    ----------
    y : np.ndarray [shape=(n_items, n_classes)], values in {0, 1}
        The truth.
    scores : np.ndarray [shape=(n_seeds, n_items, n_classes)]
        Higher is more likely.
    cuts : Thresholds, optional
        Without them nothing is measured at thresholds.
    weights : sequence of np.ndarray [shape=(n_items, samples of a block)]
        How often each item counts in each sample; in the first sample, once.

    Returns
    -------
    of_class : dict of str to np.ndarray [shape=(n_classes,)], values in [0, 1] or NaN
        Of the first sample; means over the seeds; NaN where undefined.
    averages : dict of str to np.ndarray [shape=(n_seeds, n_samples)], values in [0, 1] or NaN
        Means over the classes, by the names of measures.
    """
    names = AREAS if cuts is None else (*AREAS, *AT_THRESHOLD)
    shape = (len(names), len(scores), sum(block.shape[1] for block in weights))
    sums, counts, of_class = np.zeros(shape), np.zeros(shape), np.empty((len(names), y.shape[1]))
    # Weights are widened for some classes at a time: for one, that would take as long as what is done with them.
    groups = [range(first, min(first + CLASSES_AT_ONCE, y.shape[1])) for first in range(0, y.shape[1], CLASSES_AT_ONCE)]
    for group in logs.progress(groups, total=len(groups), what=f"times {CLASSES_AT_ONCE} classes measured"):
        ordered = {column: _OneClass(column, y, scores, cuts) for column in group}
        done = 0
        for block in weights:
            wide = block.astype(np.float32 if len(y) < EXACT_IN_SINGLE else np.float64)
            samples = slice(done, done + block.shape[1])
            for column, one in ordered.items():
                found = one.measured(wide)
                known = ~np.isnan(found)
                sums[:, :, samples] += np.where(known, found, 0)
                counts[:, :, samples] += known
                if not done:
                    of_class[:, column] = found[:, :, 0].mean(axis=1)
            done = samples.stop
    means = np.divide(sums, counts, out=np.full(shape, np.nan), where=counts > 0)
    titles = (name if name in AREAS else f"{name}_macro" for name in names)
    return dict(zip(names, of_class, strict=True)), dict(zip(titles, means, strict=True))


class _OneClass:
    """A class, with what is the same in all samples; the parameters are those of `by_class`."""

    def __init__(self, column: int, y: np.ndarray, scores: np.ndarray, cuts: Thresholds | None) -> None:
        self._truth = y[:, column] > 0
        self._areas = [Areas(self._truth, of_seed[:, column]) for of_seed in scores]
        # Of each seed, whether a score is its threshold or above [shape=(n_seeds, n_items)].
        self._taken = [] if cuts is None else list(scores[:, :, column] >= cuts.of_items[:, :, column])

    def measured(self, weights: np.ndarray) -> np.ndarray:
        """Measure it [shape=(n_measures, n_seeds, n_samples)]; NaN where it is undefined."""
        areas = np.stack([of_seed.of(weights) for of_seed in self._areas], axis=1)
        more = [_at_threshold(self._truth, taken, weights) for taken in self._taken]
        return np.concatenate([areas, np.stack(more, axis=1)]) if more else areas


def _at_threshold(truth: np.ndarray, taken: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Compute precision, recall and F1 in every sample [shape=(3, samples)]; NaN without a positive."""
    right, predicted, positives = (
        weights[items].sum(axis=0, dtype=np.float64) for items in (truth & taken, taken, truth)
    )
    return measures.precision_recall_f1(right, predicted, positives)


class Areas:
    """The areas under the curves of a class, for any samples of the items.

    Parameters
    ----------
    truth : np.ndarray [shape=(n_items,)], bool
        Whether an item has the class.
    scores : np.ndarray [shape=(n_items,)]
        Higher is more likely.
    """

    def __init__(self, truth: np.ndarray, scores: np.ndarray) -> None:
        # Only the scores of positives matter: what lies between two of them is counted, not ordered.
        levels = np.unique(scores[truth])
        # Segment 2i lies below level i (and above level i - 1), 2i + 1 is on it.
        place = np.searchsorted(levels, scores)
        segment = 2 * place + (np.append(levels, np.nan)[place] == scores)
        self._truth = truth
        self._segments = _indicator(segment, 2 * len(levels) + 1)
        self._levels = _indicator(place[truth], len(levels))

    def of(self, weights: np.ndarray) -> np.ndarray:
        """Compute the areas.

        Parameters
        ----------
        weights : np.ndarray [shape=(n_items, samples)], float
            How often each item counts in each sample.

        Returns
        -------
        np.ndarray [shape=(2, samples)]
            Area under the ROC curve, in which ties count half, and average precision, in which they are one step;
            NaN in samples without a positive or without a negative item.
        """
        up_to = _added_up(_sums(self._segments, weights))
        positive = _sums(self._levels, weights[self._truth])
        total, below, through = up_to[-1], up_to[:-1:2], up_to[1::2]
        positives = positive.sum(axis=0)
        negatives = total - positives
        # Among themselves, the positives win half of their comparisons.
        wins = (positive * (below + through)).sum(axis=0) / 2 - positives**2 / 2
        right = positives - _added_up(positive.copy()) + positive
        steps = (positive * right / np.maximum(total - below, 1)).sum(axis=0)
        defined = (positives > 0) & (negatives > 0)
        found = np.full((2, len(total)), np.nan)
        np.divide(wins, positives * negatives, out=found[0], where=defined)
        np.divide(steps, positives, out=found[1], where=defined)
        return found


def _indicator(segment: np.ndarray, n_segments: int) -> scipy.sparse.csc_matrix:
    """Make the matrix that adds the weights of each segment up: one 1 for each item."""
    ones, starts = np.ones(len(segment), np.float32), np.arange(len(segment) + 1)
    return scipy.sparse.csc_matrix((ones, segment, starts), shape=(n_segments, len(segment)))


def _sums(indicator: scipy.sparse.csc_matrix, weights: np.ndarray) -> np.ndarray:
    """Add weights up, in their own precision, which holds whole numbers; go on in double precision."""
    return (indicator @ weights).astype(np.float64)


def _added_up(rows: np.ndarray) -> np.ndarray:
    """Add all rows up to each, in place; along the first axis `np.cumsum` takes twice as long."""
    for before, row in itertools.pairwise(rows):
        row += before
    return rows
