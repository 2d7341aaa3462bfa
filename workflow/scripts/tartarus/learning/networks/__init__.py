"""The networks, by the names that they have in the configuration.

Every layer has a name that says what it is, for the outputs of layers are asked for by name. The functions are in
the modules patches, pictures, words and vectors, by what goes in, and references; numbers in their docstrings are the
original's.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from tartarus.base.errors import TartarusError
from tartarus.learning.layers import FeatureCard, UnitLength, standardise
from tartarus.learning.model_files import begin_from
from tartarus.learning.networks import (  # noqa: F401 (they enter themselves in NETWORKS)
    patches,
    pictures,
    references,
    vectors,
    words,
)
from tartarus.learning.networks.blocks import NETWORKS, Input, dense_layer, suffixes
from tartarus.plan.network_inputs import refuse_misfit

__all__ = ["NETWORKS", "Input", "build", "parameters"]


def build(
    name: str,
    inputs: Sequence[Input],
    *,
    network: dict[str, Any],
    output: str,
    n_outputs: int,
    weights: str | Path | None = None,
) -> keras.Model:
    """Build a network.

    Parameters
    ----------
    name : str
        Of the model.
    inputs : sequence of Input
        What goes in.
    network : dict
        `name`, and the options of that network.
    output : str
        ``softmax``, ``sigmoid``; ``linear``: linear, scaled to unit length, but of a plain method as it is;
        ``factors``: linear, of any length; or ``space``: what the network gives.
    n_outputs : int
        Classes, or dimensions of the factors; a space has those of its network.
    weights : str or Path, optional
        The file of the weights that the network begins from.

    Returns
    -------
    keras.Model
        Its first layers are ``input`` and ``card``, and ``standardise`` where moments are given; with several
        inputs ``input1``, ``input2`` and so on. Its last is called ``output``.

    Raises
    ------
    TartarusError
        If the network does not take that many inputs, or inputs of that kind, or nothing is left of them; or what
        it is to average has other widths; or the weights are not those of this network.
    """
    refuse_misfit(network, [(entry.name, entry.kind, entry.shape) for entry in inputs])
    options = dict(network)
    make = NETWORKS[options.pop("name")]
    endings = suffixes(inputs)
    doors = [
        keras.Input(entry.shape, dtype=entry.dtype, name=f"input{suffix}")
        for entry, suffix in zip(inputs, endings, strict=True)
    ]
    entered = [_entered(door, entry, suffix) for door, entry, suffix in zip(doors, inputs, endings, strict=True)]
    body = make(entered, inputs, **options)
    # Whatever the body computes in, what is scored and normalised keeps all bits.
    if network["name"] == "mean":
        _refuse_other_widths(inputs, n_outputs)
    if output == "space" or network["name"] == "mean":
        scores = keras.layers.Identity(name="output", dtype="float32")(body)
    elif output == "linear" and network["name"] != "reference":
        linear = dense_layer(n_outputs, None, "linear", dtype="float32")
        scores = UnitLength(name="output", dtype="float32")(linear(body))
    else:
        activation = output if output in ("softmax", "sigmoid") else None
        scores = dense_layer(n_outputs, activation, "output", dtype="float32")(body)
    model = keras.Model(doors, scores, name=name.replace("-", "_"))
    if weights:
        begin_from(weights, model.get_layer(network["name"]))
    return model


def _refuse_other_widths(inputs: Sequence[Input], n_outputs: int) -> None:
    """Stop if what is to be averaged are not scores of as many classes, or as many factors, as are predicted."""
    other = next((entry for entry in inputs if entry.shape != (n_outputs,)), None)
    if other:
        raise TartarusError(
            f"mean: '{other.name}' has {other.shape[0]} numbers, but {n_outputs} are predicted; give it models that "
            f"predict the same"
        )


def parameters(model: keras.Model) -> int:
    """Count the trained parameters; statistics and vocabularies are not among them."""
    return int(sum(np.prod(weight.shape) for weight in model.trainable_weights))


def _entered(door: keras.KerasTensor, entry: Input, suffix: str) -> keras.KerasTensor:
    x = _card(entry, f"card{suffix}")(door)
    return x if entry.moments is None else standardise(*entry.moments, name=f"standardise{suffix}")(x)


def _card(entry: Input, name: str) -> FeatureCard:
    # Vectors of words are trained further: they live in the embedding, not in the card.
    weights = None if entry.is_ids else entry.weights
    card = FeatureCard(
        signature=entry.signature,
        words=entry.words,
        n_weights=0 if weights is None else len(weights),
        name=name,
        dtype=entry.dtype,
    )
    if weights is not None:
        card.build((None, *entry.shape))
        card.weights_of_words.assign(weights)
    return card
