"""Networks whose inputs are vectors: tf-idf, outputs of layers, descriptors of sound."""

from collections.abc import Sequence

import keras
from keras import layers
from tartarus.base.errors import TartarusError
from tartarus.learning.layers import UnitLength
from tartarus.learning.networks.blocks import (
    Input,
    Share,
    SomeUnits,
    Units,
    dense_layer,
    hidden,
    joined,
    network,
    suffixes,
    uniform,
)


@network(takes="a vector")
def mlp(
    tensors: Sequence[keras.KerasTensor],
    inputs: Sequence[Input],
    *,
    dense: Units = (),
    dropout: Share = 0.0,
) -> keras.KerasTensor:
    """Stack dense layers over one vector (network 3).

    Layers: ``dropout-input``, then as in `blocks.hidden`.

    Parameters
    ----------
    tensors, inputs
        One vector.
    dense : sequence of int
        Units of the hidden layers.
    dropout : float, in [0, 1)
        Of the input and after each hidden layer.
    """
    return hidden(layers.Dropout(dropout, name="dropout-input")(tensors[0]), dense, dropout)


@network(takes="a vector")
def mixed(
    tensors: Sequence[keras.KerasTensor],
    inputs: Sequence[Input],
    *,
    units: int,
    dense: Units = (),
    dropout: Share = 0.0,
) -> keras.KerasTensor:
    """Look at one vector through three activations side by side (network 6).

    Layers: ``dense-relu``, ``dense-tanh``, ``dense-sigmoid``, ``concatenate``, ``dropout-concatenate``, then as in
    `blocks.hidden`.

    Parameters
    ----------
    tensors, inputs
        One vector.
    units : int
        Of each of the three.
    dense : sequence of int
        Units of the hidden layers after them.
    dropout : float, in [0, 1)
        After the three and after each hidden layer.
    """
    activations = ("relu", "tanh", "sigmoid")
    activated = [dense_layer(units, activation, f"dense-{activation}")(tensors[0]) for activation in activations]
    return hidden(layers.Dropout(dropout, name="dropout-concatenate")(joined(activated)), dense, dropout)


@network(takes="vectors")
def fusion(
    tensors: Sequence[keras.KerasTensor],
    inputs: Sequence[Input],
    *,
    dense: Units = (),
    dropout: Share = 0.0,
) -> keras.KerasTensor:
    """Join any number of vectors (networks 32, 33 and 34 for two, three and four).

    Layers: ``unit<i>`` for each input (scaled to unit length), ``concatenate``, ``dropout-input``, then as in
    `blocks.hidden`.

    Parameters
    ----------
    tensors, inputs
        Vectors.
    dense : sequence of int
        Units of the hidden layers.
    dropout : float, in [0, 1)
        Of the joined vectors and after each hidden layer.
    """
    # With all bits: the squares of a long vector are more than half of them hold.
    scaled = [
        UnitLength(name=f"unit{suffix}", dtype="float32")(x)
        for x, suffix in zip(tensors, suffixes(inputs), strict=True)
    ]
    return hidden(layers.Dropout(dropout, name="dropout-input")(joined(scaled)), dense, dropout)


@network(takes="vectors")
def late_fusion(
    tensors: Sequence[keras.KerasTensor],
    inputs: Sequence[Input],
    *,
    dense: SomeUnits,
    dropout: Share = 0.0,
) -> keras.KerasTensor:
    """Give each of any number of vectors a hidden layer of its own, then join them (network 31 for two).

    Layers: for each input ``norm<i>`` (batch normalisation), ``dropout-input<i>``, ``dense<i>`` (ReLU),
    ``dropout-dense<i>``; ``concatenate``.

    Parameters
    ----------
    tensors, inputs
        Vectors.
    dense : sequence of int
        Units of each input's hidden layer.
    dropout : float, in [0, 1)
        Of each normalised input and after each hidden layer.
    """
    if len(dense) != len(inputs):
        raise TartarusError(
            f"late-fusion: dense has {len(dense)} numbers of units for {len(inputs)} inputs; give one for each"
        )
    return joined(
        [
            _normalised(x, units, dropout, suffix)
            for x, units, suffix in zip(tensors, dense, suffixes(inputs), strict=True)
        ]
    )


def _normalised(x: keras.KerasTensor, units: int, dropout: float, suffix: str) -> keras.KerasTensor:
    x = layers.BatchNormalization(name=f"norm{suffix}")(x)
    x = layers.Dropout(dropout, name=f"dropout-input{suffix}")(x)
    x = dense_layer(units, "relu", f"dense{suffix}")(x)
    return layers.Dropout(dropout, name=f"dropout-dense{suffix}")(x)


@network(takes="vectors")
def mean(tensors: Sequence[keras.KerasTensor], inputs: Sequence[Input]) -> keras.KerasTensor:
    """Average what several models say of an item: their layers ``output``. There is nothing to learn.

    Layers: ``mean``, if there are several; it is the output itself.

    Parameters
    ----------
    tensors, inputs
        Scores of the same classes, or the same factors.
    """
    return layers.Average(name="mean")(tensors) if len(tensors) > 1 else tensors[0]


@network(takes="two vectors")
def space(
    tensors: Sequence[keras.KerasTensor],
    inputs: Sequence[Input],
    *,
    hidden: int = 2048,
    units: int = 200,
    dropout: Share = 0.0,
) -> keras.KerasTensor:
    """Bring two vectors into one space, in which those of the same item are to be close: W2 tanh(W1 x) for each.

    Layers: for each input ``dropout-input<i>`` (if asked for), ``dense<i>`` (tanh) and ``space<i>``, these two without
    biases; ``concatenate``, the place of the first and that of the second.

    Source: Oramas et al. 2018 (TISMIR), section 4.3. With ``output: space`` the places themselves are what is learned.

    Parameters
    ----------
    tensors, inputs
        Two vectors.
    hidden : int
        Units of each input's hidden layer.
    units : int
        Dimensions of the space.
    dropout : float, in [0, 1)
        Of the inputs.
    """
    endings = suffixes(inputs)
    return joined([_placed(x, hidden, units, dropout, suffix) for x, suffix in zip(tensors, endings, strict=True)])


def _placed(x: keras.KerasTensor, hidden: int, units: int, dropout: float, suffix: str) -> keras.KerasTensor:
    options = {"use_bias": False, "kernel_initializer": uniform()}
    if dropout:
        x = layers.Dropout(dropout, name=f"dropout-input{suffix}")(x)
    x = layers.Dense(hidden, activation="tanh", name=f"dense{suffix}", **options)(x)
    return layers.Dense(units, name=f"space{suffix}", **options)(x)
