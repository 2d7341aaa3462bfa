"""What the measures of all tasks share: their names, how they are summed up over seeds, and their intervals.

Intervals are percentiles of the bootstrap (Efron 1979): items, or users, are drawn with replacement, as many as
there are; the measure is computed for each seed and averaged. A sample is written as the number of times that
each item was drawn, its weight: an item drawn twice counts twice. Items of a group (an artist) are no independent
test: groups are then drawn whole (the cluster bootstrap; Davison and Hinkley 1997, section 3.8).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from tartarus.base.errors import TartarusError
from tartarus.evaluation import ranking

# Of retrieval: by which input of an item the other is looked for, and among how many.
DIRECTIONS = ("first_to_second", "second_to_first")
RECALLED = (1, 5, 10)

# In the order of tables: of predicted classes, then of rankings, then of retrieval.
NAMES = (
    *("accuracy", "subset_accuracy", "precision_macro", "recall_macro", "f1_macro"),
    *("precision_micro", "recall_micro", "f1_micro", "roc_auc_micro", *ranking.NAMES),
    *(
        f"{name}_{direction}"
        for direction in DIRECTIONS
        for name in (*(f"recall@{k}" for k in RECALLED), "mrr", "median_rank")
    ),
)

# 64 MB of weights in memory at a time.
WEIGHTS_AT_ONCE = 2**23


def draws(n_items: int, *, samples: int, seed: int, groups: np.ndarray | None = None) -> Iterator[np.ndarray]:
    """Draw items, or whole groups of them, with replacement, as many as there are.

    Parameters
    ----------
    n_items : int
        How many items there are.
    samples : int
        How often to draw.
    seed : int
        Of the draws.
    groups : np.ndarray [shape=(n_items,)], int, optional
        The group of every item, counted from 0 without gaps; else each is one by itself. A sample of groups may hold
        more or fewer items than there are.

    Yields
    ------
    np.ndarray [shape=(n_items,)], int
        How often each item was drawn.

    Examples
    --------
    >>> [drawn.tolist() for drawn in draws(4, samples=2, seed=1, groups=np.array([0, 0, 1, 1]))]
    [[1, 1, 1, 1], [0, 0, 2, 2]]
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    count = n_items if groups is None else int(groups.max()) + 1
    for _ in range(samples):
        drawn = np.bincount(rng.integers(count, size=count), minlength=count)
        yield drawn if groups is None else drawn[groups]


def numbered(ids: Sequence[str], group_of: Mapping[str, str]) -> np.ndarray:
    """Give the groups of some items numbers, in their order; an item that has none is one by itself.

    Examples
    --------
    >>> numbered(["S1", "S2", "S3", "S4"], {"S1": "Owls", "S2": "", "S4": "Owls"}).tolist()
    [0, 1, 2, 0]
    """
    known: dict[tuple[bool, str], int] = {}
    keys = [(True, group_of[id_]) if group_of.get(id_) else (False, id_) for id_ in ids]
    return np.array([known.setdefault(key, len(known)) for key in keys])


def resampled_means(values: np.ndarray, *, samples: int, seed: int, groups: np.ndarray | None = None) -> np.ndarray:
    """Compute means over the items of bootstrap samples.

    Parameters
    ----------
    values : np.ndarray [shape=(n_measures, n_items)]
        The measures of every item; NaN where an item has none, which is then left out of the mean.
    samples, seed, groups
        See `draws`.

    Returns
    -------
    np.ndarray [shape=(n_measures, samples)]
        NaN where a sample holds no item with the measure.
    """
    n_measures, n_items = values.shape
    known = ~np.isnan(values)
    columns = np.concatenate([np.where(known, values, 0.0), known]).astype(np.float64)
    sums = np.empty((samples, 2 * n_measures))
    weights = np.empty((min(samples, max(1, WEIGHTS_AT_ONCE // n_items)), n_items))
    drawn = draws(n_items, samples=samples, seed=seed, groups=groups)
    for first in range(0, samples, len(weights) or 1):
        block = weights[: samples - first]
        for row in block:
            row[:] = next(drawn)
        sums[first : first + len(block)] = block @ columns.T
    totals, counts = sums[:, :n_measures].T, sums[:, n_measures:].T
    return np.divide(totals, counts, out=np.full_like(totals, np.nan), where=counts > 0)


def precision_recall_f1(right: np.ndarray, predicted: np.ndarray, positives: np.ndarray) -> np.ndarray:
    """Compute precision, recall and F1 from counts.

    Parameters
    ----------
    right, predicted, positives : np.ndarray [shape=(...)]
        How many items that are taken to be positive are so; how many are taken to be; how many are.

    Returns
    -------
    np.ndarray [shape=(3, ...)], values in [0, 1] or NaN
        NaN without a positive item; precision is 0 where nothing is taken.
    """
    defined = np.where(positives > 0, 1.0, np.nan)
    precision, recall = right / np.maximum(predicted, 1), right / np.maximum(positives, 1)
    return np.stack([precision, recall, 2 * right / np.maximum(positives + predicted, 1)]) * defined


def interval(sampled: np.ndarray, *, confidence: float = 0.95) -> tuple[float, float]:
    """Compute the interval that holds the middle of a measure's bootstrap samples.

    Parameters
    ----------
    sampled : np.ndarray [shape=(samples,)]
        The measure in every sample; NaN in samples where it is undefined, which are left out.
    confidence : float, in (0, 1)
        The share of the samples that the interval holds.

    Returns
    -------
    lower, upper : float
    """
    tail = 100 * (1 - confidence) / 2
    low, high = np.percentile(sampled[~np.isnan(sampled)], [tail, 100 - tail])
    return float(low), float(high)


def summaries(
    per_seed: Mapping[str, np.ndarray], sampled: Mapping[str, np.ndarray], *, of_fold: bool = False
) -> dict[str, dict[str, Any]]:
    """Write measures down: mean and (sample) deviation over the seeds, interval, the value of every seed.

    Parameters
    ----------
    per_seed : mapping of str to np.ndarray [shape=(n_seeds,)]
        The measures.
    sampled : mapping of str to np.ndarray [shape=(samples,)]
        The same in bootstrap samples, averaged over the seeds. A measure that is not here, or has no samples, gets no
        interval.
    of_fold : bool
        Whether the test items are those of one fold of several: then a measure may be undefined there, and is NaN.

    Returns
    -------
    dict
        `measures` as in a result file, in the order of `NAMES`, and their samples: see `differences.taken_out`.

    Raises
    ------
    TartarusError
        If a measure is undefined for all classes, items or users.
    """
    undefined = [name for name, values in per_seed.items() if np.isnan(values).any()]
    if undefined and not of_fold:
        raise TartarusError(
            f"undefined on this test set: {', '.join(undefined)}; no class, item or user has what the measure "
            f"compares, one that is right and, for areas under curves, one that is wrong; use a larger test set"
        )
    return {
        name: {
            "mean": float(np.mean(values)),
            "sd": float(np.std(values, ddof=1)) if len(values) > 1 else None,
            "ci95": list(interval(sampled[name])) if len(sampled.get(name, ())) else None,
            "per_seed": [float(value) for value in values],
            **({"sampled": sampled[name].tolist()} if len(sampled.get(name, ())) else {}),
        }
        for name, values in sorted(per_seed.items(), key=lambda item: NAMES.index(item[0]))
    }


def or_none(value: float) -> float | None:
    """Turn NaN, which is not JSON, into None."""
    return None if np.isnan(value) else float(value)
