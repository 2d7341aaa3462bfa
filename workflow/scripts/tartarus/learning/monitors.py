"""What a training is watched by: measures of the validation items, each item by the mean of its patches.

They tell epochs apart. What results say is measured by `tartarus.evaluation`.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.stats import rankdata

Measure = Callable[[np.ndarray, np.ndarray], float]


def accuracy(y: np.ndarray, scores: np.ndarray) -> float:
    """Tell the share of items whose highest score is that of their class.

    Parameters
    ----------
    y : np.ndarray [shape=(n_items, n_classes)], values in {0, 1}
        The truth.
    scores : np.ndarray [shape=(n_items, n_classes)]
    """
    return float((scores.argmax(axis=1) == y.argmax(axis=1)).mean())


def roc_auc(y: np.ndarray, scores: np.ndarray) -> float:
    """Average, over the classes that some items have and some have not, how often the former score higher.

    Equal scores count half (Mann and Whitney 1947). 0.5 where there is no such class. Parameters as in `accuracy`.
    """
    inside = y > 0
    counts = inside.sum(axis=0)
    tested = (counts > 0) & (counts < len(y))
    if not tested.any():
        return 0.5
    ranks = rankdata(scores[:, tested], axis=0)
    counts, inside = counts[tested], inside[:, tested]
    above = (ranks * inside).sum(axis=0) - counts * (counts + 1) / 2
    return float((above / (counts * (len(y) - counts))).mean())


def f1_of_one(y: np.ndarray, scores: np.ndarray) -> float:
    """Average F1 over the classes that occur, of items of one class each: that of their highest score.

    Parameters as in `accuracy`.
    """
    return _f1(y > 0, np.eye(y.shape[1], dtype=bool)[scores.argmax(axis=1)])


def f1_of_many(y: np.ndarray, scores: np.ndarray) -> float:
    """Average F1 over the classes that occur, of items of any number of classes: those that score 0.5 or more.

    Parameters as in `accuracy`.
    """
    return _f1(y > 0, scores >= 0.5)


def _f1(truth: np.ndarray, found: np.ndarray) -> float:
    occurring = truth.any(axis=0)
    hits = (truth & found).sum(axis=0)[occurring]
    sums = (truth.sum(axis=0) + found.sum(axis=0))[occurring]
    return float((2 * hits / sums).mean()) if occurring.any() else 0.0


def watched(options: dict[str, Any]) -> str:
    """Name the column of the course that a training is watched by: of `val_loss` the less the better, else the more.

    Without `monitor` the accuracy of the validation patches where the output is softmax, else their loss.
    """
    if "monitor" in options:
        return f"val_{options['monitor']}"
    return "val_categorical_accuracy" if options["output"] == "softmax" else "val_loss"


def measure(name: str, options: dict[str, Any]) -> Measure:
    """Find a measure by its name in the configuration; `options` are those of the experiment."""
    of_f1 = f1_of_one if options["output"] == "softmax" else f1_of_many
    return {"accuracy": accuracy, "roc_auc": roc_auc, "f1": of_f1}[name]
