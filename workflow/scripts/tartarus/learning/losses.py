"""The losses, by the names that they have in the configuration."""

from collections.abc import Callable
from typing import Any

import keras


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


LOSSES: dict[str, str | Callable[[Any, Any], Any]] = {
    "binary_crossentropy": "binary_crossentropy",
    "categorical_crossentropy": "categorical_crossentropy",
    "cosine": cosine,
}
