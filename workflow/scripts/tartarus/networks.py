"""The networks, by the names that they have in the configuration. Numbers in docstrings are the original's.

Every layer has a name that says what it is, for the outputs of layers are asked for by name. Kernels start
uniform in +-0.05, biases at zero, as in the original.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import layers
from tartarus.errors import TartarusError
from tartarus.features import Signature
from tartarus.layers import FeatureCard, UnitLength, standardise


@dataclass(frozen=True)
class Input:
    """What a network has to know of one of its inputs.

    Attributes
    ----------
    name : str
        Of the features, for example ``bow``.
    shape : tuple of int
        Of one row.
    signature : dict
        What the columns mean; the model carries it.
    words : list of str, optional
        The vocabulary; the model carries it.
    weights : np.ndarray, optional
        Of the words: inverse document frequencies [shape=(n_words,)] or vectors [shape=(n_words, n_dimensions)].
    moments : tuple of np.ndarray, optional
        Mean and variance of every cell of training patches, each [shape=(1, n_frames, n_bins)].
    """

    name: str
    shape: tuple[int, ...]
    signature: Signature
    words: list[str] | None = None
    weights: np.ndarray | None = None
    moments: tuple[np.ndarray, np.ndarray] | None = None


Network = Callable[..., keras.KerasTensor]


def build(name: str, inputs: Sequence[Input], *, network: dict[str, Any], output: str, n_outputs: int) -> keras.Model:
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
        ``softmax``, ``sigmoid``, or ``linear``: linear, scaled to unit length.
    n_outputs : int
        Classes, or dimensions of the factors.

    Returns
    -------
    keras.Model
        Its first layers are the inputs and their cards; its last is called ``output``.

    Raises
    ------
    TartarusError
        If the network does not take that many inputs, or inputs of that kind.
    """
    options = dict(network)
    make = NETWORKS[options.pop("name")]
    doors = [
        keras.Input(entry.shape, dtype="int32" if _is_ids(entry) else "float32", name=f"input{suffix}")
        for entry, suffix in zip(inputs, _suffixes(inputs), strict=True)
    ]
    cards = [
        _card(entry, f"card{suffix}")(door)
        for entry, suffix, door in zip(inputs, _suffixes(inputs), doors, strict=True)
    ]
    body = make(cards, inputs, **options)
    if output == "linear":
        scores = UnitLength(name="output")(_dense(n_outputs, None, "linear")(body))
    else:
        scores = _dense(n_outputs, output, "output")(body)
    return keras.Model(doors, scores, name=name.replace("-", "_"))


def cnn(
    cards: Sequence[keras.KerasTensor],
    inputs: Sequence[Input],
    *,
    filters: Sequence[int],
    kernels: Sequence[Sequence[int]],
    pools: Sequence[Sequence[int]],
    dropout: float = 0.0,
    dense: Sequence[int] = (),
) -> keras.KerasTensor:
    """Stack convolutions over patches (networks 1 and 11).

    Layers: ``standardise``, then for each filter count ``conv<i>`` (valid, ReLU), ``pool<i>``, ``dropout<i>``;
    ``flatten``; then as in `hidden`.

    Parameters
    ----------
    cards, inputs
        One input of patches [shape=(1, n_frames, n_bins)].
    filters : sequence of int
        Of each convolution.
    kernels, pools : sequence of (int, int)
        Frames and bins of each kernel and of each pool.
    dropout : float, in [0, 1)
        After each pool and each dense layer.
    dense : sequence of int
        Units of the hidden layers after the convolutions.
    """
    _expect(inputs, 1, "cnn")
    if len(inputs[0].shape) != 3 or inputs[0].moments is None:
        raise TartarusError(f"cnn: '{inputs[0].name}' are no patches of spectrograms; use the network mlp or fusion")
    if not len(filters) == len(kernels) == len(pools):
        raise TartarusError(
            f"cnn: {len(filters)} filters, {len(kernels)} kernels and {len(pools)} pools; give as many of each"
        )
    x = standardise(*inputs[0].moments, name="standardise")(cards[0])
    x = layers.Permute((2, 3, 1), name="channels-last")(x)
    size: tuple[int, ...] = inputs[0].shape[1:]
    for number, (count, kernel, pool) in enumerate(zip(filters, kernels, pools, strict=True), start=1):
        size = _size_after(size, kernel, pool, f"cnn: layer {number}")
        x = layers.Conv2D(count, tuple(kernel), activation="relu", kernel_initializer=_uniform(), name=f"conv{number}")(
            x
        )
        x = layers.MaxPooling2D(tuple(pool), name=f"pool{number}")(x)
        x = layers.Dropout(dropout, name=f"dropout{number}")(x)
    x = layers.Flatten(name="flatten")(x)
    return hidden(x, dense, dropout)


def mlp(
    cards: Sequence[keras.KerasTensor],
    inputs: Sequence[Input],
    *,
    dense: Sequence[int] = (),
    dropout: float = 0.0,
) -> keras.KerasTensor:
    """Stack dense layers over one vector (network 3).

    Layers: ``dropout-input``, then as in `hidden`.
    """
    _expect(inputs, 1, "mlp")
    _expect_vectors(inputs, "mlp")
    return hidden(layers.Dropout(dropout, name="dropout-input")(cards[0]), dense, dropout)


def text_cnn(
    cards: Sequence[keras.KerasTensor],
    inputs: Sequence[Input],
    *,
    filters: int = 150,
    widths: Sequence[int] = (2, 3),
    dense: int = 128,
    dropout: Sequence[float] = (0.5, 0.8),
) -> keras.KerasTensor:
    """Convolve over sequences of words (network 4).

    Layers: ``embedding`` (trained further), ``dropout-embedding``, for each width ``conv<width>`` and
    ``pool<width>`` (the maximum over time), ``concatenate``, ``dense1``, ``dropout1``, ``relu1``.

    Parameters
    ----------
    cards, inputs
        One input of word ids [shape=(length,)], with the vectors of the words as weights.
    filters : int
        Of each width.
    widths : sequence of int
        Of the kernels, in words.
    dense : int
        Units of the hidden layer.
    dropout : (float, float), in [0, 1)
        After the embedding and after the hidden layer.
    """
    _expect(inputs, 1, "text-cnn")
    vectors = inputs[0].weights
    if vectors is None or vectors.ndim != 2:
        raise TartarusError(f"text-cnn: '{inputs[0].name}' are no word ids; give it w2v")
    x = layers.Embedding(*vectors.shape, embeddings_initializer=keras.initializers.Constant(0.0), name="embedding")
    embedded = x(cards[0])
    x.set_weights([vectors])
    embedded = layers.Dropout(dropout[0], name="dropout-embedding")(embedded)
    pooled = []
    for width in widths:
        if width > inputs[0].shape[0]:
            raise TartarusError(
                f"text-cnn: a kernel of {width} words on {inputs[0].shape[0]}; make widths smaller or length larger"
            )
        convolved = layers.Conv1D(
            filters, width, activation="relu", kernel_initializer=_uniform(), name=f"conv{width}"
        )(embedded)
        pooled.append(layers.GlobalMaxPooling1D(name=f"pool{width}")(convolved))
    x = _dense(dense, None, "dense1")(_joined(pooled))
    x = layers.Dropout(dropout[1], name="dropout1")(x)
    return layers.ReLU(name="relu1")(x)


def fusion(
    cards: Sequence[keras.KerasTensor],
    inputs: Sequence[Input],
    *,
    dense: Sequence[int] = (),
    dropout: float = 0.0,
) -> keras.KerasTensor:
    """Join any number of vectors (networks 32, 33 and 34 for two, three and four).

    Layers: ``unit<i>`` for each input (scaled to unit length), ``concatenate``, ``dropout-input``, then as in
    `hidden`.
    """
    _expect_vectors(inputs, "fusion")
    units = [UnitLength(name=f"unit{suffix}")(card) for card, suffix in zip(cards, _suffixes(inputs), strict=True)]
    return hidden(layers.Dropout(dropout, name="dropout-input")(_joined(units)), dense, dropout)


NETWORKS: dict[str, Network] = {"cnn": cnn, "mlp": mlp, "text-cnn": text_cnn, "fusion": fusion}


def hidden(x: keras.KerasTensor, dense: Sequence[int], dropout: float) -> keras.KerasTensor:
    """Add hidden layers: ``dense<i>`` (ReLU) and ``dropout-dense<i>`` for each number of units."""
    for number, units in enumerate(dense, start=1):
        x = _dense(units, "relu", f"dense{number}")(x)
        x = layers.Dropout(dropout, name=f"dropout-dense{number}")(x)
    return x


def parameters(model: keras.Model) -> int:
    """Count the trained parameters; statistics and vocabularies are not among them."""
    return int(sum(np.prod(weight.shape) for weight in model.trainable_weights))


def _card(entry: Input, name: str) -> FeatureCard:
    # Vectors of words are trained further: they live in the embedding, not in the card.
    weights = entry.weights if entry.weights is not None and entry.weights.ndim == 1 else None
    card = FeatureCard(
        signature=entry.signature,
        words=entry.words,
        n_weights=0 if weights is None else len(weights),
        name=name,
        dtype="int32" if _is_ids(entry) else None,
    )
    if weights is not None:
        card.build((None, *entry.shape))
        card.weights_of_words.assign(weights)
    return card


def _is_ids(entry: Input) -> bool:
    return entry.weights is not None and entry.weights.ndim == 2


def _suffixes(inputs: Sequence[Input]) -> list[str]:
    return [""] if len(inputs) == 1 else [str(number) for number in range(1, len(inputs) + 1)]


def _expect(inputs: Sequence[Input], count: int, network: str) -> None:
    if len(inputs) != count:
        names = ", ".join(entry.name for entry in inputs)
        raise TartarusError(f"{network} takes {count} input, found {len(inputs)} ({names}); use the network fusion")


def _expect_vectors(inputs: Sequence[Input], network: str) -> None:
    for entry in inputs:
        if len(entry.shape) != 1 or _is_ids(entry):
            raise TartarusError(f"{network}: '{entry.name}' are no vectors; give it bow or the output of a layer")


def _size_after(size: Sequence[int], kernel: Sequence[int], pool: Sequence[int], layer: str) -> tuple[int, ...]:
    """Tell how many frames and bins a valid convolution and its pool leave."""
    left = tuple((length - width + 1) // step for length, width, step in zip(size, kernel, pool, strict=True))
    if min(left) < 1:
        given, wide, steps = (" x ".join(map(str, entry)) for entry in (size, kernel, pool))
        raise TartarusError(
            f"{layer}: nothing is left of {given} frames and bins after a kernel of {wide} and a pool of {steps}; make "
            f"them smaller"
        )
    return left


def _joined(tensors: Sequence[keras.KerasTensor]) -> keras.KerasTensor:
    return layers.Concatenate(name="concatenate")(tensors) if len(tensors) > 1 else tensors[0]


def _dense(units: int, activation: str | None, name: str) -> layers.Dense:
    return layers.Dense(units, activation=activation, kernel_initializer=_uniform(), name=name)


def _uniform() -> keras.initializers.Initializer:
    return keras.initializers.RandomUniform(-0.05, 0.05)
