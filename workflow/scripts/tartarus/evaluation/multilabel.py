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

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse
from tartarus.base import logs
from tartarus.evaluation import checks, macro, measures, micro, ranking, thresholds
from tartarus.evaluation.thresholds import Thresholds

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
    of_class, means = macro.by_class(y, scores, cuts, weights)
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
                **{name: measures.or_none(values[column]) for name, values in of_class.items()},
            }
            for column, class_ in enumerate(classes)
        ],
        "undefined_classes": int(np.isnan(of_class["roc_auc"]).sum()),
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


def _micro(y: np.ndarray, scores: np.ndarray, cuts: Thresholds, weights: Sequence[np.ndarray]) -> dict[str, np.ndarray]:
    """Measure all pairs of an item and a class together [shape=(n_seeds, 1 + samples)], as `macro.by_class` does."""
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
