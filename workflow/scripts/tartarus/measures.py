"""How good predictions are.

Multiclass conventions: an item's predicted class is the one with the highest score, the first of equals.
Precision of a class that is never predicted is 0. A class without a test item is undefined: its measures are
null, and macro averages are over the other classes. Macro F1 is the mean of the classes' F1. Intervals are
percentiles of the bootstrap over items (Efron 1979): items are drawn with replacement, and the measure is
computed for each seed and averaged.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

MULTICLASS = ("accuracy", "precision_macro", "recall_macro", "f1_macro", "precision_micro")


def confusion(truth: np.ndarray, predicted: np.ndarray, n_classes: int) -> np.ndarray:
    """Count how often each class was taken for each.

    Parameters
    ----------
    truth, predicted : np.ndarray [shape=(n_items,)], int, values in [0, n_classes)
        The classes.
    n_classes : int
        How many there are.

    Returns
    -------
    np.ndarray [shape=(n_classes, n_classes)], int
        Rows are the truth, columns the prediction.
    """
    return np.bincount(truth * n_classes + predicted, minlength=n_classes**2).reshape(n_classes, n_classes)


def by_class(counts: np.ndarray) -> dict[str, np.ndarray]:
    """Compute precision, recall and F1 of every class.

    Parameters
    ----------
    counts : np.ndarray [shape=(..., n_classes, n_classes)]
        Confusion matrices.

    Returns
    -------
    dict of np.ndarray [shape=(..., n_classes)], values in [0, 1] or NaN
        NaN where the class has no item.
    """
    right = np.diagonal(counts, axis1=-2, axis2=-1).astype(float)
    support, predicted = counts.sum(axis=-1), counts.sum(axis=-2)
    defined = np.where(support > 0, 1.0, np.nan)
    return {
        "precision": right / np.maximum(predicted, 1) * defined,
        "recall": right / np.maximum(support, 1) * defined,
        "f1": 2 * right / np.maximum(support + predicted, 1) * defined,
    }


def multiclass(counts: np.ndarray) -> dict[str, np.ndarray]:
    """Compute the measures of `MULTICLASS`.

    Parameters
    ----------
    counts : np.ndarray [shape=(..., n_classes, n_classes)]
        Confusion matrices with at least one item.

    Returns
    -------
    dict of np.ndarray [shape=(...)], values in [0, 1]
    """
    accuracy = np.trace(counts, axis1=-2, axis2=-1) / counts.sum(axis=(-2, -1))
    macro = {f"{name}_macro": np.nanmean(values, axis=-1) for name, values in by_class(counts).items()}
    # With one class for each item, micro precision is accuracy; the original reports both.
    return {"accuracy": accuracy, **macro, "precision_micro": accuracy}


def bootstrap(
    measure: Callable[[np.ndarray], dict[str, np.ndarray]],
    n_items: int,
    *,
    samples: int,
    seed: int,
    confidence: float = 0.95,
) -> dict[str, tuple[float, float]]:
    """Estimate the interval of every measure by drawing items with replacement.

    Parameters
    ----------
    measure : callable
        Takes the numbers of the items drawn and gives each measure for every seed [shape=(n_seeds,)].
    n_items : int
        How many items there are.
    samples : int
        How often to draw.
    seed : int
        Of the draws.
    confidence : float, in (0, 1)
        The share of the draws that the interval holds.

    Returns
    -------
    dict
        Measure to (lower, upper).
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    drawn: dict[str, list[float]] = {}
    for _ in range(samples):
        for name, values in measure(rng.integers(n_items, size=n_items)).items():
            drawn.setdefault(name, []).append(float(np.mean(values)))
    tail = 100 * (1 - confidence) / 2
    return {
        name: (float(low), float(high))
        for name, values in drawn.items()
        for low, high in [np.percentile(values, [tail, 100 - tail])]
    }


def evaluate_multiclass(
    y: np.ndarray,
    scores: np.ndarray,
    classes: Sequence[str],
    *,
    samples: int,
    seed: int,
) -> dict[str, Any]:
    """Evaluate the scores of several seeds.

    Parameters
    ----------
    y : np.ndarray [shape=(n_items, n_classes)], values in {0, 1}
        One 1 in each row.
    scores : np.ndarray [shape=(n_seeds, n_items, n_classes)]
        Higher is more likely.
    classes : sequence of str
        Their names.
    samples, seed
        Of the intervals; see `bootstrap`.

    Returns
    -------
    dict
        `measures`, `per_class` and `confusion` (summed over the seeds) as in a result file.
    """
    truth, predicted, n = y.argmax(axis=1), scores.argmax(axis=2), len(classes)

    def of_items(items: np.ndarray) -> dict[str, np.ndarray]:
        return multiclass(np.stack([confusion(truth[items], guess[items], n) for guess in predicted]))

    intervals = bootstrap(of_items, len(truth), samples=samples, seed=seed)
    counts = np.stack([confusion(truth, guess, n) for guess in predicted])
    class_measures = {name: values.mean(axis=0) for name, values in by_class(counts).items()}
    support = counts[0].sum(axis=1)
    return {
        "measures": {name: summary(values, intervals[name]) for name, values in multiclass(counts).items()},
        "per_class": [
            {
                "class": class_,
                "support": int(support[column]),
                **{name: _or_none(values[column]) for name, values in class_measures.items()},
            }
            for column, class_ in enumerate(classes)
        ],
        "undefined_classes": int((support == 0).sum()),
        "confusion": counts.sum(axis=0).tolist(),
    }


def summary(per_seed: np.ndarray, interval: tuple[float, float]) -> dict[str, Any]:
    """Write a measure down: mean and (sample) deviation over the seeds, interval, the value of every seed."""
    deviation = float(np.std(per_seed, ddof=1)) if len(per_seed) > 1 else None
    return {
        "mean": float(np.mean(per_seed)),
        "sd": deviation,
        "ci95": list(interval),
        "per_seed": [float(value) for value in per_seed],
    }


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
