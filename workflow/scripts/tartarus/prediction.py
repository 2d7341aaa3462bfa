"""What a trained model says: its scores, and the outputs of its layers, one vector for each item."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from tartarus.batches import Batches, align
from tartarus.errors import TartarusError, suggestion
from tartarus.features import Patches, Vectors
from tartarus.models import check_features

ROWS_AT_ONCE = 64


def sub_model(model: keras.Model, layer: str) -> keras.Model:
    """Cut a model off after a layer.

    Raises
    ------
    TartarusError
        If it has no such layer; the message lists those that it has.
    """
    names = [entry.name for entry in model.layers]
    if layer not in names:
        raise TartarusError(
            f"the model '{model.name}' has no layer '{layer}'; {suggestion(layer, names)}. In the order of the "
            f"model: {', '.join(names)}"
        )
    return keras.Model(model.inputs, model.get_layer(layer).output)


def predict(
    model: keras.Model,
    features: Sequence[Vectors | Patches],
    index: Sequence[str],
    *,
    signatures_of: keras.Model | None = None,
) -> tuple[list[str], np.ndarray]:
    """Run items through a model; the outputs of an item's patches are averaged.

    Parameters
    ----------
    model : keras.Model
        Any model, or part of one.
    features : sequence of Vectors or Patches
        Its inputs.
    index : sequence of str
        The items wanted, in order; those that lack an input are left out.
    signatures_of : keras.Model, optional
        The model whose cards say which features are right; `model` itself if not given.

    Returns
    -------
    ids : list of str [length n_items]
        The items that were run.
    output : np.ndarray [shape=(n_items, n_outputs)], float32
        One row for each.

    Raises
    ------
    TartarusError
        If the features are not those that the model was trained on.
    """
    check_features(signatures_of or model, list(features))
    ids, item, rows = align(features, index)
    batches = Batches(features, rows, batch_size=ROWS_AT_ONCE)
    output = model.predict(batches, verbose=0)
    return ids, mean_by_item(output.reshape(len(item), -1), item)


def mean_by_item(values: np.ndarray[Any, Any], item: np.ndarray[Any, Any]) -> np.ndarray:
    """Average the rows of every item.

    Parameters
    ----------
    values : np.ndarray [shape=(n_samples, n_outputs)]
        A row for each sample.
    item : np.ndarray [shape=(n_samples,)], int
        The item of each sample, ascending from 0 without gaps.

    Returns
    -------
    np.ndarray [shape=(n_items, n_outputs)], float32
    """
    first = np.flatnonzero(np.diff(item, prepend=-1))
    counts = np.diff(np.append(first, len(item)))
    return (np.add.reduceat(values, first, axis=0) / counts[:, None]).astype(np.float32)
