"""What a trained model says: its scores, and the outputs of its layers, one vector for each item."""

from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np
from tartarus.base.errors import TartarusError, suggestion
from tartarus.base.logs import progress
from tartarus.features.store import Features
from tartarus.learning.batches import Batches, align
from tartarus.learning.model_files import check_features

ROWS_AT_ONCE = 64  # in a step of the model
ITEMS_AT_ONCE = 4096  # in memory


def sub_model(model: keras.Model, layer: str) -> keras.Model:
    """Cut a model off after a layer.

    Raises
    ------
    TartarusError
        If it has no such layer; the message lists those that it has, in its order.
    """
    names = [entry.name for entry in model.layers]
    if layer not in names:
        raise TartarusError(
            f"the model '{model.name}' has no layer '{layer}'; {suggestion(layer, names, ordered=True)}"
        )
    return keras.Model(model.inputs, model.get_layer(layer).output)


def predict(
    model: keras.Model,
    features: Sequence[Features],
    index: Sequence[str],
    *,
    signatures_of: keras.Model | None = None,
    what: str = "predicting",
) -> tuple[list[str], Iterator[np.ndarray]]:
    """Run items through a model, block by block; the outputs of an item's patches are averaged.

    Parameters
    ----------
    model : keras.Model
        Any model, or part of one.
    features : sequence of Features
        Its inputs.
    index : sequence of str
        The items wanted, in order; those that lack an input are left out.
    signatures_of : keras.Model, optional
        The model whose cards say which features are right; `model` itself if not given.
    what : str
        What is being done, for the reader of the log.

    Returns
    -------
    ids : list of str [length n_items]
        The items that are run.
    output : iterator of np.ndarray [shape=(n_items_of_block, n_outputs)], float32
        One row for each, as the blocks are asked for.

    Raises
    ------
    TartarusError
        If the features are not those that the model was trained on.
    """
    check_features(signatures_of or model, list(features))
    ids, item, rows = align(features, index)
    return ids, _outputs(model, features, item, rows, len(ids), what)


def _outputs(
    model: keras.Model,
    features: Sequence[Features],
    item: np.ndarray,
    rows: Sequence[np.ndarray],
    n_items: int,
    what: str,
) -> Iterator[np.ndarray]:
    firsts = range(0, n_items, ITEMS_AT_ONCE)
    for first in progress(firsts, total=len(firsts), what=what):
        begin, end = np.searchsorted(item, [first, first + ITEMS_AT_ONCE])
        batches = Batches(features, [numbers[begin:end] for numbers in rows], batch_size=ROWS_AT_ONCE)
        output = np.concatenate([model.predict_on_batch(x) for (x,) in batches])
        if not np.isfinite(output).all():
            raise TartarusError(
                f"{what}: the model gives values that are not finite; train it anew, with a lower optimizer: "
                f"learning_rate if need be"
            )
        yield mean_by_item(output.reshape(end - begin, -1), item[begin:end] - first)


def width_of(model: keras.Model) -> int:
    """Tell how many numbers a model gives for an item."""
    return int(np.prod(model.output_shape[1:]))


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
