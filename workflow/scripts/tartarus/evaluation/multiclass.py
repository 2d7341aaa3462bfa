"""How good predictions are where every item has one class.

An item's predicted class is the one with the highest score, the first of equals. Precision of a class that is
never predicted is 0. A class without a test item is undefined: its measures are null, and macro averages are
over the other classes. Macro F1 is the mean of the classes' F1.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from tartarus.evaluation import checks, measures


def confusion(
    truth: np.ndarray, predicted: np.ndarray, n_classes: int, weights: np.ndarray | None = None
) -> np.ndarray:
    """Count how often each class was taken for each.

    Parameters
    ----------
    truth, predicted : np.ndarray [shape=(n_items,)], int, values in [0, n_classes)
        The classes.
    n_classes : int
        How many there are.
    weights : np.ndarray [shape=(n_items,)], optional
        How often an item counts; by default once.

    Returns
    -------
    np.ndarray [shape=(n_classes, n_classes)]
        Rows are the truth, columns the prediction.

    Examples
    --------
    >>> confusion(np.array([0, 0, 1]), np.array([0, 1, 1]), 2).tolist()
    [[1, 1], [0, 1]]
    """
    cells = np.bincount(truth * n_classes + predicted, weights, minlength=n_classes**2)
    return cells.reshape(n_classes, n_classes)


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
    found = measures.precision_recall_f1(right, counts.sum(axis=-2), counts.sum(axis=-1))
    return dict(zip(("precision", "recall", "f1"), found, strict=True))


def averages(counts: np.ndarray) -> dict[str, np.ndarray]:
    """Compute accuracy, the macro averages and micro precision.

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


def evaluate(
    y: np.ndarray,
    scores: np.ndarray,
    classes: Sequence[str],
    *,
    samples: int,
    seed: int,
    groups: np.ndarray | None = None,
    of_fold: bool = False,
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
    samples, seed, groups
        Of the intervals; see `measures.draws`.
    of_fold
        See `measures.summaries`.

    Returns
    -------
    dict
        `measures`, `per_class`, `undefined_classes` and `confusion` (summed over the seeds) as in a result file.

    Raises
    ------
    TartarusError
        If an item does not have exactly one class, or a score is not finite: either would count as the first class.
    """
    checks.refuse_other_truth(y, one_class=True)
    checks.refuse_not_finite(scores)
    truth, predicted, n = y.argmax(axis=1), scores.argmax(axis=2), len(classes)
    sampled: dict[str, list[float]] = {}
    for weights in measures.draws(len(truth), samples=samples, seed=seed, groups=groups):
        drawn = np.stack([confusion(truth, guess, n, weights) for guess in predicted])
        for name, values in averages(drawn).items():
            sampled.setdefault(name, []).append(float(np.mean(values)))
    counts = np.stack([confusion(truth, guess, n) for guess in predicted])
    class_measures = {name: values.mean(axis=0) for name, values in by_class(counts).items()}
    support = counts[0].sum(axis=1)
    return {
        "measures": measures.summaries(
            averages(counts), {name: np.array(values) for name, values in sampled.items()}, of_fold=of_fold
        ),
        "per_class": [
            {
                "class": class_,
                "support": int(support[column]),
                **{name: measures.or_none(values[column]) for name, values in class_measures.items()},
            }
            for column, class_ in enumerate(classes)
        ],
        "undefined_classes": int((support == 0).sum()),
        "confusion": counts.sum(axis=0).tolist(),
    }
