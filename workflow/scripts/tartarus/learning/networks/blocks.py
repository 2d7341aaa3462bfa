"""What the networks share: the description of an input, checks of inputs, layers that begin as the original's do.

Kernels start uniform in +-0.05, biases at zero, as in the original. The kernels by which a recurrent layer sees its
own state start orthogonal, which is what Keras does unless told otherwise.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import keras
import numpy as np
from keras import layers
from tartarus.features.store import Signature
from tartarus.plan.network_inputs import TAKES, kind_of_row

# The types of options. `tartarus.plan.network_options` knows them by these names: what a network may be given in a
# YAML file, the annotations of its function tell.
Units = Sequence[int]  # each 1 or more; may be empty
SomeUnits = Sequence[int]  # at least one
Pair = Sequence[int]  # frames and bins
Pairs = Sequence[Pair]
Kernels = Sequence[Sequence[int | str]]  # frames and bins of each; all: as many bins as there are
SomePairs = Sequence[Pair]  # at least one
Branches = Sequence[Sequence[int]]  # frames, bins and filters of each; at least one
Share = float  # in [0, 1)
Shares = Sequence[Share]  # two
Pooling = str  # flatten, mean, max, both or attention
Method = str  # one of those of `tartarus.plan.network_options`
Depth = int  # of a residual network: 50 or 101
Weights = str  # imagenet, none, or a path

Network = Callable[..., keras.KerasTensor]
NETWORKS: dict[str, Network] = {}


def network(*, takes: str) -> Callable[[Network], Network]:
    """Make a function a network, under its own name in the configuration: ``text_cnn`` is text-cnn there.

    It takes tensors and their inputs, and keyword-only options with the types above. Which inputs, `takes` says, by a
    key of `tartarus.plan.network_inputs.TAKES`; whoever builds it, or plans to, has them checked there.
    """

    def enter(function: Network) -> Network:
        NETWORKS[function.__name__.replace("_", "-")] = function
        return function

    if takes not in TAKES:
        raise KeyError(takes)
    return enter


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
        Mean and variance of every cell of the training features, each [shape=shape], for an input that is to be
        standardised.
    n_rows : int
        How many training rows there are, for networks that keep them.
    """

    name: str
    shape: tuple[int, ...]
    signature: Signature
    words: list[str] | None = None
    weights: np.ndarray | None = None
    moments: tuple[np.ndarray, np.ndarray] | None = None
    n_rows: int = 1

    @property
    def is_ids(self) -> bool:
        """Tell whether the rows are word ids: their weights are vectors of words."""
        return self.weights is not None and self.weights.ndim == 2

    @property
    def dtype(self) -> str:
        """Tell as what numbers the rows come into the network."""
        if self.is_ids:
            return "int32"
        return "uint8" if self.kind == "pictures" else "float32"

    @property
    def kind(self) -> str:
        """Tell what the rows are, as `tartarus.plan.network_inputs.kind_of_row` does."""
        return kind_of_row(self.shape, are_word_ids=self.is_ids)


def suffixes(inputs: Sequence[Input]) -> list[str]:
    """Give what tells the layers of several inputs apart: 1, 2, 3 ...; nothing if there is one input."""
    return [""] if len(inputs) == 1 else [str(number) for number in range(1, len(inputs) + 1)]


def hidden(x: keras.KerasTensor, units: Sequence[int], dropout: float) -> keras.KerasTensor:
    """Add hidden layers: ``dense<i>`` (ReLU) and ``dropout-dense<i>`` for each number of units."""
    for number, count in enumerate(units, start=1):
        x = dense_layer(count, "relu", f"dense{number}")(x)
        x = layers.Dropout(dropout, name=f"dropout-dense{number}")(x)
    return x


def joined(tensors: Sequence[keras.KerasTensor]) -> keras.KerasTensor:
    """Join tensors along their last axis, as ``concatenate``; a single one stays as it is."""
    return layers.Concatenate(name="concatenate")(tensors) if len(tensors) > 1 else tensors[0]


def dense_layer(units: int, activation: str | None, name: str, *, dtype: str | None = None) -> layers.Dense:
    """Make a dense layer; it computes in the precision that the backend was started with, or in another."""
    return layers.Dense(units, activation=activation, kernel_initializer=uniform(), dtype=dtype, name=name)


def uniform() -> keras.initializers.Initializer:
    """Make the initialiser of kernels: uniform in +-0.05."""
    return keras.initializers.RandomUniform(-0.05, 0.05)
