"""Networks that look at patches of spectrograms. Kernels and pools are always given as frames and bins."""

from collections.abc import Sequence

import keras
from keras import layers
from tartarus.base.errors import TartarusError
from tartarus.learning.networks.blocks import (
    Branches,
    Input,
    Pair,
    Pairs,
    Share,
    Shares,
    SomePairs,
    SomeUnits,
    Units,
    expect_one,
    expect_patches,
    hidden,
    joined,
    network,
    uniform,
)

# Frames, bins and filters of the parallel convolutions of network 12.
BRANCHES = ((1, 70, 64), (5, 70, 32), (10, 70, 32), (1, 35, 64), (5, 35, 32), (10, 35, 32))
# Frames before and after a patch of network 5: 1366 frames become 1440 = 2 * 3 * 4 * 4 * 15, so the pools lose none.
PADDING = 37


@network
def cnn(
    tensors: Sequence[keras.KerasTensor],
    inputs: Sequence[Input],
    *,
    filters: Units,
    kernels: Pairs,
    pools: Pairs,
    dropout: Share = 0.0,
    dense: Units = (),
) -> keras.KerasTensor:
    """Stack convolutions over patches (networks 1 and 11).

    Layers: ``channels-last``, then for each filter count ``conv<i>`` (valid, ReLU), ``pool<i>``, ``dropout<i>``;
    ``flatten``; then as in `blocks.hidden`.

    Parameters
    ----------
    tensors, inputs
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
    size = expect_patches(expect_one(inputs, "cnn"), "cnn")
    _expect_as_many(filters, kernels, pools, "cnn")
    x = _convolved(_channels_last(tensors[0]), size, filters, kernels, pools, dropout, network="cnn")
    return hidden(layers.Flatten(name="flatten")(x), dense, dropout)


@network
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
    name = "multi-filter-cnn"
    size = expect_patches(expect_one(inputs, name), name)
    _expect_as_many(filters, kernels, pools[1:], name, beside=" after the first")
    x = _channels_last(tensors[0])
    x = joined(
        [
            _convolution(count, (frames, bins), f"branch{number}", padding="same")(x)
            for number, (frames, bins, count) in enumerate(branches, start=1)
        ]
    )
    size = _size_after(size, pools[0], f"{name}: layer 1")
    x = _pooled(x, pools[0], dropout, 1)
    x = _convolved(x, size, filters, kernels, pools[1:], dropout, network=name, first=2)
    return hidden(layers.Flatten(name="flatten")(x), dense, dropout)


@network
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
    name = "cnn-with-features"
    patches = [number for number, entry in enumerate(inputs) if entry.is_patches]
    vectors = [number for number, entry in enumerate(inputs) if entry.is_vector]
    if len(inputs) != 2 or len(patches) != 1 or len(vectors) != 1:
        found = ", ".join(f"{entry.name} of shape {entry.shape}" for entry in inputs)
        raise TartarusError(
            f"{name} takes patches of spectrograms and a vector, found {found}; give it these two, or use the network "
            f"cnn or fusion"
        )
    _expect_as_many(filters, kernels, pools, name)
    size = expect_patches(inputs[patches[0]], name)
    x = _convolved(_channels_last(tensors[patches[0]]), size, filters, kernels, pools, dropout, network=name)
    return joined([layers.Flatten(name="flatten")(x), hidden(tensors[vectors[0]], [units], dropout)])


@network
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
    frames, bins = expect_patches(expect_one(inputs, "crnn"), "crnn")
    if len(filters) != len(pools):
        raise TartarusError(f"crnn: {len(filters)} filters and {len(pools)} pools; give as many of each")
    x = layers.ZeroPadding2D(((PADDING, PADDING), (0, 0)), name="pad")(_channels_last(tensors[0]))
    x = layers.BatchNormalization(axis=2, name="norm-bins")(x)
    size = (frames + 2 * PADDING, bins)
    for number, (count, pool) in enumerate(zip(filters, pools, strict=True), start=1):
        size = _size_after(size, pool, f"crnn: layer {number}")
        x = _convolution(count, (3, 3), f"conv{number}", padding="same", activation=None)(x)
        x = layers.BatchNormalization(name=f"norm{number}")(x)
        x = layers.ELU(name=f"elu{number}")(x)
        x = _pooled(x, pool, dropout[0], number)
    x = layers.Reshape((size[0], size[1] * x.shape[-1]), name="steps")(x)
    for number, count in enumerate(units, start=1):
        more = number < len(units)
        x = layers.GRU(count, return_sequences=more, kernel_initializer=uniform(), name=f"gru{number}")(x)
    return layers.Dropout(dropout[1], name="dropout-gru")(x)


def _channels_last(x: keras.KerasTensor) -> keras.KerasTensor:
    return layers.Permute((2, 3, 1), name="channels-last")(x)


def _convolved(
    x: keras.KerasTensor,
    size: tuple[int, int],
    filters: Units,
    kernels: Pairs,
    pools: Pairs,
    dropout: float,
    *,
    network: str,
    first: int = 1,
) -> keras.KerasTensor:
    """Stack convolutions (valid, ReLU) with their pools on `size` frames and bins."""
    for number, (count, kernel, pool) in enumerate(zip(filters, kernels, pools, strict=True), start=first):
        size = _size_after(size, pool, f"{network}: layer {number}", kernel=kernel)
        x = _convolution(count, kernel, f"conv{number}")(x)
        x = _pooled(x, pool, dropout, number)
    return x


def _convolution(
    filters: int, kernel: Pair, name: str, *, padding: str = "valid", activation: str | None = "relu"
) -> layers.Conv2D:
    return layers.Conv2D(
        filters, tuple(kernel), padding=padding, activation=activation, kernel_initializer=uniform(), name=name
    )


def _pooled(x: keras.KerasTensor, pool: Pair, dropout: float, number: int) -> keras.KerasTensor:
    x = layers.MaxPooling2D(tuple(pool), name=f"pool{number}")(x)
    return layers.Dropout(dropout, name=f"dropout{number}")(x)


def _expect_as_many(filters: Units, kernels: Pairs, pools: Sequence[Pair], network: str, *, beside: str = "") -> None:
    if not len(filters) == len(kernels) == len(pools):
        raise TartarusError(
            f"{network}: {len(filters)} filters, {len(kernels)} kernels and {len(pools)} pools{beside}; give as many "
            f"of each"
        )


def _size_after(size: tuple[int, int], pool: Pair, layer: str, *, kernel: Pair | None = None) -> tuple[int, int]:
    """Tell how many frames and bins a valid convolution, if there is a kernel, and its pool leave."""
    widths = (1, 1) if kernel is None else kernel
    frames, bins = ((length - width + 1) // step for length, width, step in zip(size, widths, pool, strict=True))
    if min(frames, bins) < 1:
        given, steps = (" x ".join(map(str, entry)) for entry in (size, pool))
        after = f"a pool of {steps}; make it"
        if kernel is not None:
            after = f"a kernel of {' x '.join(map(str, kernel))} and a pool of {steps}; make them"
        raise TartarusError(f"{layer}: nothing is left of {given} frames and bins after {after} smaller")
    return frames, bins
