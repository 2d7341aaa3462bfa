"""The losses, by the names that they have in the configuration."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

MARGIN = 0.5  # the cosine from which on items of other classes are too close


def cosine(y_true: Any, y_pred: Any) -> Any:
    """Compute the cosine loss, clip((1 - cos(y, p)) / 2, 0, 1).

    Source: Oramas et al. 2017 (DLRS), as in the original code.

    Parameters
    ----------
    y_true, y_pred : tensor [shape=(n_items, n_dimensions)]
        Vectors of any length.

    Returns
    -------
    tensor [shape=(n_items,)], values in [0, 1]
        0 for the same direction, 1 for the opposite one.
    """
    ops = keras.ops
    product = ops.sum(ops.normalize(y_true, axis=-1) * ops.normalize(y_pred, axis=-1), axis=-1)
    return ops.clip((1 - product) / 2, 0, 1)


def max_margin(_: Any, y_pred: Any) -> Any:
    """Compute (1 - cos(a, v)) + max(0, cos(a-, v) - m) + max(0, cos(a, v-) - m) of every pair.

    Source: Oramas et al. 2018 (TISMIR), section 4.3.

    Parameters
    ----------
    y_pred : tensor [shape=(2 * n_pairs, 2 * n_dimensions)]
        As `tartarus.learning.pairs.Pairs` hands them out: the left half of the columns is of the first input, the right
        of the second. The upper rows are the pairs a, v; those below are items of other classes, a- and v-, in the same
        order.

    Returns
    -------
    tensor [shape=(n_pairs,)], values in [0, 4 - 2 m]
        0 if a and v have the same direction and neither is closer than m to its opposite.
    """
    ops = keras.ops
    pairs, width = ops.shape(y_pred)[0] // 2, y_pred.shape[1] // 2
    first, second = (ops.normalize(half, axis=-1) for half in (y_pred[:, :width], y_pred[:, width:]))

    def cos(a: Any, v: Any) -> Any:
        return ops.sum(a * v, axis=-1)

    a, v, other_a, other_v = first[:pairs], second[:pairs], first[pairs:], second[pairs:]
    return 1 - cos(a, v) + ops.relu(cos(other_a, v) - MARGIN) + ops.relu(cos(a, other_v) - MARGIN)


def balanced(loss: str, y: np.ndarray) -> Callable[[Any, Any], Any]:
    """Make a cross-entropy in which all classes weigh alike, however many items they have.

    With one label an item of a class of n_c items weighs n / (k n_c), of k classes that occur; with many, each class
    decides for itself: its items weigh n / (2 n_c), the others n / (2 (n - n_c)). That is "balanced" of scikit-learn.

    Parameters
    ----------
    loss : str
        categorical_crossentropy or binary_crossentropy.
    y : np.ndarray [shape=(n_items, n_classes)], values in {0, 1}
        The ground truth that is learned from. Its mean weight is 1.
    """
    of_class, total = np.asarray(y).sum(axis=0, dtype=np.float64), len(y)
    ops = keras.ops
    if loss == "categorical_crossentropy":
        weights = (total / np.count_nonzero(of_class) / np.maximum(of_class, 1)).astype(np.float32)

        def weighted(y_true: Any, y_pred: Any) -> Any:
            return ops.sum(y_true * weights, axis=-1) * keras.losses.categorical_crossentropy(y_true, y_pred)

        return weighted
    inside, outside = (
        (total / 2 / np.maximum(counts, 1)).astype(np.float32) for counts in (of_class, total - of_class)
    )

    def weighted_by_class(y_true: Any, y_pred: Any) -> Any:
        p = ops.clip(y_pred, keras.config.epsilon(), 1 - keras.config.epsilon())
        return -ops.mean(y_true * inside * ops.log(p) + (1 - y_true) * outside * ops.log(1 - p), axis=-1)

    return weighted_by_class


LOSSES: dict[str, str | Callable[[Any, Any], Any]] = {
    "binary_crossentropy": "binary_crossentropy",
    "categorical_crossentropy": "categorical_crossentropy",
    "cosine": cosine,
    "mean_squared_error": "mean_squared_error",
    "max_margin": max_margin,
}
