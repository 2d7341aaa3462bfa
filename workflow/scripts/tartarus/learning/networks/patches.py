"""Networks that look at patches of spectrograms. Kernels and pools are always given as frames and bins."""

from collections.abc import Sequence

import keras
from keras import layers
from tartarus.learning.layers import AttentionPooling, BandConvolution
from tartarus.learning.networks.blocks import (
    Branches,
    Input,
    Kernels,
    Pair,
    Pairs,
    Pooling,
    Share,
    Shares,
    SomePairs,
    SomeUnits,
    Units,
    hidden,
    joined,
    network,
    uniform,
)
from tartarus.plan.network_inputs import PADDING

# Frames, bins and filters of the parallel convolutions of network 12.
BRANCHES = ((1, 70, 64), (5, 70, 32), (10, 70, 32), (1, 35, 64), (5, 35, 32), (10, 35, 32))
# Of the running mean and variance of a batch normalisation: they follow within the few hundred steps of small data.
MOMENTUM = 0.9


@network(takes="patches")
def cnn(
    tensors: Sequence[keras.KerasTensor],
    inputs: Sequence[Input],
    *,
    filters: Units,
    kernels: Kernels,
    pools: Pairs,
    dropout: Share = 0.0,
    dense: Units = (),
    norm: bool = False,
    channel_dropout: Share = 0.0,
    pooling: Pooling = "flatten",
) -> keras.KerasTensor:
    """Stack convolutions over patches (networks 1 and 11).

    Layers: ``channels-last``, then for each filter count ``conv<i>`` (valid, ReLU), ``pool<i>``, ``dropout<i>``;
    ``flatten``; then as in `blocks.hidden`. With `norm`, ``conv<i>`` is without ReLU, and ``norm<i>`` and ``relu<i>``
    follow it; ``channel-dropout<i>`` comes last of a block. What is pooled is ``pooled`` in the place of ``flatten``;
    of both, ``pooled-mean`` and ``pooled-max`` come first.

    Parameters
    ----------
    tensors, inputs
        One input of patches [shape=(1, n_frames, n_bins)].
    filters : sequence of int
        Of each convolution.
    kernels, pools : sequence of (int, int)
        Frames and bins of each kernel and of each pool; ``all`` in the place of a kernel's bins: as many as there are.
    dropout : float, in [0, 1)
        After each pool and each dense layer.
    dense : sequence of int
        Units of the hidden layers after the convolutions.
    norm : bool
        Whether what each convolution gives is normalised by the batch, before ReLU.
    channel_dropout : float, in [0, 1)
        After each pool, of whole channels: all places of what one filter has found. Source: J. Tompson et al.,
        Efficient object localization using convolutional networks, 2015.
    pooling : str
        What becomes of the places of the last map: ``flatten``, each keeps its own numbers; or of every channel one
        number, its ``mean`` or ``max`` over all places, ``both``, or a mean by ``attention``.
    """
    x = _convolved(
        _channels_last(tensors[0]), filters, kernels, pools, dropout, norm=norm, channel_dropout=channel_dropout
    )
    return hidden(_pooled_over_all(x, pooling), dense, dropout)


@network(takes="patches")
def multi_filter_cnn(
    tensors: Sequence[keras.KerasTensor],
    inputs: Sequence[Input],
    *,
    pools: SomePairs,
    branches: Branches = BRANCHES,
    filters: Units = (),
    kernels: Pairs = (),
    dropout: Share = 0.0,
    dense: Units = (),
) -> keras.KerasTensor:
    """Look at patches with kernels of several shapes side by side, then go on as `cnn` (network 12).

    Layers: ``channels-last``, ``branch<i>`` (same, ReLU) for each shape, ``concatenate``, ``pool1``, ``dropout1``,
    then ``conv<i>`` (valid, ReLU), ``pool<i>``, ``dropout<i>`` from 2 on; ``flatten``; then as in `blocks.hidden`.

    Parameters
    ----------
    tensors, inputs
        One input of patches [shape=(1, n_frames, n_bins)].
    pools : sequence of (int, int)
        Frames and bins of each pool: one after the branches, and one after each further convolution.
    branches : sequence of (int, int, int)
        Frames, bins and filters of each parallel convolution.
    filters : sequence of int
        Of each further convolution.
    kernels : sequence of (int, int)
        Frames and bins of each further convolution.
    dropout : float, in [0, 1)
        After each pool and each dense layer.
    dense : sequence of int
        Units of the hidden layers after the convolutions.
    """
    x = _channels_last(tensors[0])
    x = joined(
        [
            _convolution(count, (frames, bins), f"branch{number}", padding="same")(x)
            for number, (frames, bins, count) in enumerate(branches, start=1)
        ]
    )
    x = _pooled(x, pools[0], dropout, 1)
    x = _convolved(x, filters, kernels, pools[1:], dropout, first=2)
    return hidden(layers.Flatten(name="flatten")(x), dense, dropout)


@network(takes="patches and a vector")
def cnn_with_features(
    tensors: Sequence[keras.KerasTensor],
    inputs: Sequence[Input],
    *,
    filters: Units,
    kernels: Pairs,
    pools: Pairs,
    units: int,
    dropout: Share = 0.0,
) -> keras.KerasTensor:
    """Join what convolutions make of patches and what a dense layer makes of a vector (network 2).

    Layers: those of `cnn` up to ``flatten``; ``dense1`` (ReLU) and ``dropout-dense1`` of the vector;
    ``concatenate``.

    Parameters
    ----------
    tensors, inputs
        Patches [shape=(1, n_frames, n_bins)] and a vector, in either order.
    filters, kernels, pools
        As in `cnn`.
    units : int
        Of the hidden layer of the vector.
    dropout : float, in [0, 1)
        After each pool and after the hidden layer.
    """
    number = [entry.kind for entry in inputs].index("patches")
    x = _convolved(_channels_last(tensors[number]), filters, kernels, pools, dropout)
    return joined([layers.Flatten(name="flatten")(x), hidden(tensors[1 - number], [units], dropout)])


@network(takes="patches")
def crnn(
    tensors: Sequence[keras.KerasTensor],
    inputs: Sequence[Input],
    *,
    filters: Units = (64, 128, 128, 128),
    pools: Pairs = ((2, 2), (3, 3), (4, 4), (4, 4)),
    units: SomeUnits = (32, 32),
    dropout: Shares = (0.1, 0.3),
) -> keras.KerasTensor:
    """Let recurrent layers read what convolutions make of patches (network 5; Choi et al. 2016).

    Layers: ``channels-last``, ``pad`` (37 frames of zeros at both ends), ``norm-bins`` (batch normalisation of
    each bin); for each filter count ``conv<i>`` (3 x 3, same), ``norm<i>`` (batch normalisation), ``elu<i>``,
    ``pool<i>``, ``dropout<i>``; ``steps`` (bins and channels as one vector for each step), ``gru<i>`` for each number
    of units (the last one gives its state after the last step), ``dropout-gru``.

    Parameters
    ----------
    tensors, inputs
        One input of patches [shape=(1, n_frames, n_bins)]; 1366 x 96 in the original, which leaves 15 steps.
    filters : sequence of int
        Of each convolution.
    pools : sequence of (int, int)
        Frames and bins of each pool.
    units : sequence of int
        Of each recurrent layer.
    dropout : (float, float), in [0, 1)
        After each pool and after the last recurrent layer.
    """
    x = layers.ZeroPadding2D(((PADDING, PADDING), (0, 0)), name="pad")(_channels_last(tensors[0]))
    x = layers.BatchNormalization(axis=2, name="norm-bins")(x)
    for number, (count, pool) in enumerate(zip(filters, pools, strict=True), start=1):
        x = _convolution(count, (3, 3), f"conv{number}", padding="same", activation=None)(x)
        x = layers.BatchNormalization(name=f"norm{number}")(x)
        x = layers.ELU(name=f"elu{number}")(x)
        x = _pooled(x, pool, dropout[0], number)
    steps, bins, channels = x.shape[1:]
    x = layers.Reshape((steps, bins * channels), name="steps")(x)
    for number, count in enumerate(units, start=1):
        more = number < len(units)
        x = layers.GRU(count, return_sequences=more, kernel_initializer=uniform(), name=f"gru{number}")(x)
    return layers.Dropout(dropout[1], name="dropout-gru")(x)


def _channels_last(x: keras.KerasTensor) -> keras.KerasTensor:
    return layers.Permute((2, 3, 1), name="channels-last")(x)


def _convolved(
    x: keras.KerasTensor,
    filters: Units,
    kernels: Kernels,
    pools: Pairs,
    dropout: float,
    *,
    first: int = 1,
    norm: bool = False,
    channel_dropout: float = 0.0,
) -> keras.KerasTensor:
    """Stack convolutions (valid, ReLU) with their pools."""
    for number, (count, (frames, seen), pool) in enumerate(zip(filters, kernels, pools, strict=True), start=first):
        bins, channels = x.shape[2:]
        kernel = (int(frames), bins if seen == "all" else int(seen))
        # Faster, by a tenth to a quarter of a training, than the convolution as it stands.
        kind = BandConvolution if channels == 1 and kernel[1] > bins / 2 else layers.Conv2D
        x = _convolution(count, kernel, f"conv{number}", kind=kind, activation=None if norm else "relu")(x)
        if norm:
            x = layers.BatchNormalization(momentum=MOMENTUM, name=f"norm{number}")(x)
            x = layers.ReLU(name=f"relu{number}")(x)
        x = _pooled(x, pool, dropout, number)
        if channel_dropout:
            x = layers.SpatialDropout2D(channel_dropout, name=f"channel-dropout{number}")(x)
    return x


def _pooled_over_all(x: keras.KerasTensor, how: str) -> keras.KerasTensor:
    kinds = {"mean": layers.GlobalAveragePooling2D, "max": layers.GlobalMaxPooling2D, "attention": AttentionPooling}
    if how == "flatten":
        return layers.Flatten(name="flatten")(x)
    if how == "both":
        return layers.Concatenate(name="pooled")([kinds[each](name=f"pooled-{each}")(x) for each in ("mean", "max")])
    return kinds[how](name="pooled")(x)


def _convolution(
    filters: int,
    kernel: Pair,
    name: str,
    *,
    padding: str = "valid",
    activation: str | None = "relu",
    kind: type[layers.Conv2D] = layers.Conv2D,
) -> layers.Conv2D:
    return kind(filters, tuple(kernel), padding=padding, activation=activation, kernel_initializer=uniform(), name=name)


def _pooled(x: keras.KerasTensor, pool: Pair, dropout: float, number: int) -> keras.KerasTensor:
    x = layers.MaxPooling2D(tuple(pool), name=f"pool{number}")(x)
    return layers.Dropout(dropout, name=f"dropout{number}")(x)
