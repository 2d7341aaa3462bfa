"""How good predictions are where an item has any number of classes.

A class is undefined without a positive and a negative test item: its areas under curves are null, and their macro
averages are over the other classes. precision@k and ndcg@k rank the classes of an item (see `ranking`) and are
averaged over the items that have a class; the others are counted.

Thresholds are chosen on the validation set, for each seed (see `thresholds`). Precision of a class that is never
predicted is 0; a class without a test item is left out of the macro averages, and counted.

In a bootstrap sample, a class that is undefined there is left out of that sample's average. adiv@k is no mean over
items: a sample holds only two thirds of them, and so fewer different classes, whence its intervals would lie too
low. It has none. Neither has the micro-averaged area, which compares every item with every other: a thousand
samples of it would take longer than all else.
"""

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse
from tartarus.base import logs
from tartarus.evaluation import checks, measures, micro, ranking, thresholds
from tartarus.evaluation.thresholds import Thresholds

AREAS = ("roc_auc", "pr_auc")
AT_THRESHOLD = ("precision", "recall", "f1")

CLASSES_AT_ONCE = 16
# Up to here the sums of weights, which are whole numbers, are exact in single precision, which takes half the time.
EXACT_IN_SINGLE = 2**24

Validation = tuple[np.ndarray, np.ndarray]


def class_scores(predicted: np.ndarray, class_factors: np.ndarray) -> np.ndarray:
    """Score classes by the cosine of their factors and the factors predicted for an item.

    Parameters
    ----------
    predicted : np.ndarray [shape=(..., n_items, n_factors)]
        The outputs of a model.
    class_factors : np.ndarray [shape=(n_classes, n_factors)]
        The factors of the classes.

    Returns
    -------
    np.ndarray [shape=(..., n_items, n_classes)], values in [-1, 1]
        0 for a vector of zeros.
    """
    return _unit(predicted) @ _unit(class_factors).T


def _unit(vectors: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.where(lengths > 0, lengths, 1)


def evaluate(
    y: np.ndarray,
    scores: np.ndarray,
    classes: Sequence[str],
    *,
    validation: Validation | None = None,
    validations: Sequence[tuple[int, Validation]] = (),
    threshold: str | float = "per_class",
    samples: int,
    seed: int,
    groups: np.ndarray | None = None,
    of_fold: bool = False,
    block: int | None = None,
) -> dict[str, Any]:
    """Evaluate the scores of several seeds.

    Parameters
    ----------
    y : np.ndarray [shape=(n_items, n_classes)], values in {0, 1}
        The truth.
    scores : np.ndarray [shape=(n_seeds, n_items, n_classes)]
        Higher is more likely.
    classes : sequence of str
        Their names.
    validation : (np.ndarray [shape=(n_val, n_classes)], np.ndarray [shape=(n_seeds, n_val, n_classes)]), optional
        Truth and scores of the validation set, to find thresholds. Without it nothing is measured at thresholds.
    validations : sequence of (int, (np.ndarray, np.ndarray)), optional
        The same of every fold, where the models of several have scored the items; and how many items, one fold after
        the other, each has scored.
    threshold : str or float
        Which thresholds; see `thresholds.choose`.
    samples, seed, groups
        Of the intervals; see `measures.draws`.
    of_fold
        See `measures.summaries`.
    block : int, optional
        How many items are ranked at a time; it changes speed and memory only.

    Returns
    -------
    dict
        `measures`, `per_class`, `thresholds` and what was left out, as in a result file.

    Raises
    ------
    TartarusError
        If a measure is undefined for all classes or items, no threshold can be chosen, or a score is not finite.
    """
    checks.refuse_other_truth(y, one_class=False)
    checks.refuse_not_finite(scores)
    every = [(len(y), validation)] if validation else [*validations]
    cuts = thresholds.joined([(size, thresholds.choose(*pair, rule=threshold)) for size, pair in every])
    drawing: dict[str, Any] = {"samples": samples, "seed": seed, "groups": groups}
    per_seed, sampled = _by_item(y, scores, drawing, block=block)
    per_seed["roc_auc_micro"] = np.array([micro.roc_auc(y, seed_scores) for seed_scores in scores])
    weights = _weights(len(y), drawing)
    by_class, means = _by_class(y, scores, cuts, weights)
    if cuts is not None:
        means |= _micro(y, scores, cuts, weights)
    for name, values in means.items():
        per_seed[name], sampled[name] = values[:, 0], values[:, 1:].mean(axis=0)
    support = np.count_nonzero(y, axis=0)
    return {
        "measures": measures.summaries(per_seed, sampled, of_fold=of_fold),
        "per_class": [
            {
                "class": class_,
                "support": int(support[column]),
                **({} if cuts is None else _told(cuts.of_class[:, column])),
                **{name: measures.or_none(values[column]) for name, values in by_class.items()},
            }
            for column, class_ in enumerate(classes)
        ],
        "undefined_classes": int(np.isnan(by_class["roc_auc"]).sum()),
        "untested_classes": int((support == 0).sum()),
        "unlabelled_items": int(len(y) - np.count_nonzero(y.any(axis=1))),
        **({} if cuts is None else {"thresholds": _chosen(cuts, threshold)}),
    }


def _chosen(cuts: Thresholds, rule: str | float) -> dict[str, Any]:
    return {"rule": rule, "common": cuts.common.tolist(), "at_common": cuts.at_common}


def _told(cuts: np.ndarray) -> dict[str, Any]:
    """Write the thresholds of a class down, of every seed [shape=(n_seeds,)]."""
    return {"threshold": float(cuts.mean()), "threshold_per_seed": cuts.tolist()}


def _by_item(
    y: np.ndarray, scores: np.ndarray, drawing: dict[str, Any], *, block: int | None
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Rank the classes of every item: measures of each seed, and of each bootstrap sample."""
    n_items, n_classes = y.shape
    size = block or ranking.rows_at_a_time(n_classes)
    names = ranking.OF_LABELS
    rankings = [ranking.Rankings(n_items, n_classes, names) for _ in scores]
    for first in logs.progress(range(0, n_items, size), total=-(-n_items // size), what="blocks of items ranked"):
        rows = slice(first, first + size)
        truth = scipy.sparse.csr_matrix(y[rows])
        for found, seed_scores in zip(rankings, scores, strict=True):
            found.add(first, truth, seed_scores[rows])
    values = np.stack([np.mean([found.by_row[name] for found in rankings], axis=0) for name in names])
    means = [found.means() | found.diversity() for found in rankings]
    kept = [*names, *rankings[0].diversity()]
    per_seed = {name: np.array([found[name] for found in means]) for name in kept}
    drawn = measures.resampled_means(values, **drawing)
    return per_seed, dict(zip(names, drawn, strict=True))


def _by_class(
    y: np.ndarray, scores: np.ndarray, cuts: Thresholds | None, weights: Sequence[np.ndarray]
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Measure every class.

    Returns
    -------
    by_class : dict of str to np.ndarray [shape=(n_classes,)]
        Means over the seeds; NaN where undefined.
    means : dict of str to np.ndarray [shape=(n_seeds, 1 + samples)]
        Means over the classes, by the names of measures: of the items as they are, then of each bootstrap sample.
    """
    names = AREAS if cuts is None else (*AREAS, *AT_THRESHOLD)
    shape = (len(names), len(scores), sum(block.shape[1] for block in weights))
    sums, counts, by_class = np.zeros(shape), np.zeros(shape), np.empty((len(names), y.shape[1]))
    # Weights are widened for some classes at a time: for one, that would take as long as what is done with them.
    groups = [range(first, min(first + CLASSES_AT_ONCE, y.shape[1])) for first in range(0, y.shape[1], CLASSES_AT_ONCE)]
    for group in logs.progress(groups, total=len(groups), what=f"times {CLASSES_AT_ONCE} classes measured"):
        truth = {column: y[:, column] > 0 for column in group}
        ordered = {column: [Areas(truth[column], of_seed[:, column]) for of_seed in scores] for column in group}
        done = 0
        for block in weights:
            wide = block.astype(np.float32 if len(y) < EXACT_IN_SINGLE else np.float64)
            samples = slice(done, done + block.shape[1])
            for column in group:
                found = np.stack([areas.of(wide) for areas in ordered[column]], axis=1)
                if cuts is not None:
                    pairs = zip(scores[:, :, column], cuts.of_items[:, :, column], strict=True)
                    more = [_at_threshold(truth[column], *pair, wide) for pair in pairs]
                    found = np.concatenate([found, np.stack(more, axis=1)])
                known = ~np.isnan(found)
                sums[:, :, samples] += np.where(known, found, 0)
                counts[:, :, samples] += known
                if not done:
                    by_class[:, column] = found[:, :, 0].mean(axis=1)
            done = samples.stop
    means = np.divide(sums, counts, out=np.full(shape, np.nan), where=counts > 0)
    titles = (name if name in AREAS else f"{name}_macro" for name in names)
    return dict(zip(names, by_class, strict=True)), dict(zip(titles, means, strict=True))


def _micro(y: np.ndarray, scores: np.ndarray, cuts: Thresholds, weights: Sequence[np.ndarray]) -> dict[str, np.ndarray]:
    """Measure all pairs of an item and a class together [shape=(n_seeds, 1 + samples)], as `_by_class` does."""
    found = [micro.at_thresholds(y, *pair, weights) for pair in zip(scores, cuts.of_items, strict=True)]
    return {name: np.stack([of_seed[name] for of_seed in found]) for name in micro.AT_THRESHOLD}


def _weights(n_items: int, drawing: dict[str, Any]) -> list[np.ndarray]:
    """Draw all bootstrap samples: how often each item counts [shape=(n_items, samples of a block)], uint8.

    The first sample is the items as they are.
    """
    # That one is drawn more than 255 times is beyond all probability; one byte makes room for many samples.
    rows = [np.ones(n_items, np.uint8)]
    rows += [drawn.astype(np.uint8) for drawn in measures.draws(n_items, **drawing)]
    size = max(1, measures.WEIGHTS_AT_ONCE // n_items)
    return [np.stack(rows[first : first + size], axis=1) for first in range(0, len(rows), size)]


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


def _at_threshold(truth: np.ndarray, scores: np.ndarray, cut: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Compute precision, recall and F1 in every sample [shape=(3, samples)]; NaN without a positive."""
    taken = scores >= cut
    support, predicted, right = (
        weights[items].sum(axis=0, dtype=np.float64) for items in (truth, taken, truth & taken)
    )
    defined = np.where(support > 0, 1, np.nan)
    precision, recall = right / np.maximum(predicted, 1), right / np.maximum(support, 1)
    return np.stack([precision, recall, 2 * right / np.maximum(support + predicted, 1)]) * defined
