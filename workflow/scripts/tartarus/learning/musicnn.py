"""The musicnn networks, which tag music, as features of sound.

Source: J. Pons and X. Serra, musicnn: Pre-trained Convolutional Neural Networks for Music Audio Tagging, ISMIR 2019,
late-breaking; the layers and the order of their weights are those of the authors' TensorFlow checkpoints. What goes in,
log-mel spectrograms of three seconds, `tartarus.plan.pretrained` tells.
"""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import keras
import numpy as np
from keras import layers
from tartarus.base.errors import REMEDY, TartarusError
from tartarus.features.sound.pretrained import Network
from tartarus.learning import model_files

FRAMES, BANDS, TAGS = 187, 96, 50
# Their activations take 40 MB a window.
_WINDOWS_AT_ONCE = 8
_EPSILON = 1e-3

# Layers that have weights, in the order of the checkpoint; a convolution has its own normalisation behind it.
_TIMBRAL = {"timbral-38": (7, 38), "timbral-67": (7, 67)}
_TEMPORAL = {"temporal-128": (128, 1), "temporal-64": (64, 1), "temporal-32": (32, 1)}
_MIDDLE = ("middle1", "middle2", "middle3")
_CONVOLUTIONS = (*_TIMBRAL, *_TEMPORAL, *_MIDDLE)
_ORDER = (
    ("conv2d", _CONVOLUTIONS, ("kernel", "bias")),
    (
        "batch_normalization",
        ("input-norm", *(f"{name}-norm" for name in _CONVOLUTIONS), "pooled-norm", "penultimate"),
        ("gamma", "beta", "moving_mean", "moving_variance"),
    ),
    ("dense", ("hidden", "taggram"), ("kernel", "bias")),
)
# Of each layer: its name, what it is called in the checkpoint, and its variables there.
VARIABLES = tuple(
    (name, f"{kind}_{number}" if number else kind, parts)
    for kind, names, parts in _ORDER
    for number, name in enumerate(names)
)


def build() -> keras.Model:
    """Build the network, with random weights.

    Returns
    -------
    keras.Model
        Spectrograms [shape=(n, 187, 96)] to the probabilities of 50 tags [shape=(n, 50)]. Layers: with an output for
        every frame ``timbral`` [187, 408], ``temporal`` [187, 153], ``cnn1``, ``cnn2`` and ``cnn3`` [187, 64]; ``max``
        and ``mean`` over time of all of them [753], ``penultimate`` [200], ``taggram`` [50].
    """
    given = keras.Input((FRAMES, BANDS), name="spectrogram")
    x = _norm("input-norm")(layers.Reshape((FRAMES, BANDS, 1), name="image")(given))
    padded = layers.ZeroPadding2D(((3, 3), (0, 0)), name="padded")(x)
    timbral = [_over_bands(padded, 204, kernel, "valid", name) for name, kernel in _TIMBRAL.items()]
    temporal = [_over_bands(x, 51, kernel, "same", name) for name, kernel in _TEMPORAL.items()]
    timbral = layers.Concatenate(name="timbral")(timbral)
    temporal = layers.Concatenate(name="temporal")(temporal)
    front = layers.Concatenate(name="front")([timbral, temporal])
    first, second, third = _MIDDLE
    cnn1 = layers.Identity(name="cnn1")(_over_time(front, first))
    cnn2 = layers.Add(name="cnn2")([_over_time(cnn1, second), cnn1])
    cnn3 = layers.Add(name="cnn3")([_over_time(cnn2, third), cnn2])
    whole = layers.Concatenate(name="whole")([front, cnn1, cnn2, cnn3])
    # Column by column: its maximum, its mean.
    pooled = {"max": layers.GlobalMaxPooling1D(name="max")(whole)}
    pooled["mean"] = layers.GlobalAveragePooling1D(name="mean")(whole)
    columns = [layers.Reshape((-1, 1), name=f"{name}-column")(each) for name, each in pooled.items()]
    x = layers.Flatten(name="flatten")(layers.Concatenate(name="pooled")(columns))
    x = layers.Dropout(0.5, name="pooled-dropout")(_norm("pooled-norm")(x))
    x = _norm("penultimate")(layers.Dense(200, activation="relu", name="hidden")(x))
    x = layers.Dropout(0.5, name="penultimate-dropout")(x)
    return keras.Model(given, layers.Dense(TAGS, activation="sigmoid", name="taggram")(x), name="musicnn")


def _norm(name: str) -> layers.Layer:
    return layers.BatchNormalization(epsilon=_EPSILON, name=name)


def _over_bands(
    x: keras.KerasTensor, filters: int, kernel: tuple[int, int], padding: str, name: str
) -> keras.KerasTensor:
    """Convolve, and take the maximum over all bands that are left."""
    convolved = layers.Conv2D(filters, kernel, padding=padding, activation="relu", name=name)(x)
    bands = convolved.shape[2]
    pooled = layers.MaxPooling2D((1, bands), name=f"{name}-max")(_norm(f"{name}-norm")(convolved))
    return layers.Reshape((FRAMES, filters), name=f"{name}-columns")(pooled)


def _over_time(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
    """Convolve over time; a kernel is as wide as all columns."""
    return _norm(f"{name}-norm")(layers.Conv1D(64, 7, padding="same", activation="relu", name=name)(x))


def convert(checkpoint: Mapping[str, np.ndarray], path: str | Path, *, digest: str) -> None:
    """Write the network of a checkpoint as ``.keras``.

    Parameters
    ----------
    checkpoint : mapping
        Name of a variable to its value, as the authors' files have them.
    path : str or Path
        What to write.
    digest : str
        Of all weights, as `digest_of` computes it.

    Raises
    ------
    TartarusError
        If a variable lacks or is of another shape, or the weights are others.
    """
    model = build()
    try:
        install(model, checkpoint)
    except ValueError as error:
        raise TartarusError(f"{path}: {error}; fetch the checkpoint anew") from error
    _refuse_others(model, path, digest)
    model_files.save(model, path)


def install(model: keras.Model, checkpoint: Mapping[str, np.ndarray]) -> None:
    """Give a network the weights of a checkpoint; ValueError if a variable lacks or is of another shape."""
    for name, stem, parts in VARIABLES:
        layer = model.get_layer(name)
        try:
            values = [checkpoint[f"{stem}/{part}"] for part in parts]
            # A kernel over time has an axis of length 1 more in the checkpoint.
            layer.set_weights([value.reshape(own.shape) for value, own in zip(values, layer.weights, strict=True)])
        except (KeyError, ValueError) as error:
            raise ValueError(f"{stem}: not the weights of musicnn ({error})") from error


def digest_of(model: keras.Model) -> str:
    """Compute the SHA-256 of all weights, little-endian, layer by layer in the order of the network."""
    found = hashlib.sha256()
    for value in model.get_weights():
        found.update(np.ascontiguousarray(value, "<f4").tobytes())
    return found.hexdigest()


def _refuse_others(model: keras.Model, path: str | Path, digest: str) -> None:
    if digest_of(model) != digest:
        raise TartarusError(f"{path}: wrong checksum of the weights: {digest_of(model)}, expected {digest}; {REMEDY}")


def network(path: str | Path, parts: Sequence[str], *, digest: str) -> Network:
    """Read a network that `convert` wrote, as a function.

    Parameters
    ----------
    path : str or Path
        The file.
    parts : sequence of str
        The layers whose outputs are joined to a vector.
    digest : str
        Of its weights.

    Returns
    -------
    callable
        Windows [shape=(n_windows, 187, 96)] to the mean over the windows, and over the frames where a layer has an
        output for each, [shape=(n,)], float32.

    Raises
    ------
    TartarusError
        If it is no such file, or the weights are others.
    """
    whole = model_files.load(path)
    _refuse_others(whole, path, digest)
    outputs = [whole.get_layer(part).output for part in parts]
    frames = [layers.GlobalAveragePooling1D()(output) if len(output.shape) == 3 else output for output in outputs]
    model = keras.Model(whole.inputs, layers.Concatenate()(frames) if len(frames) > 1 else frames[0])

    def mean(windows: np.ndarray) -> np.ndarray:
        firsts = range(0, len(windows), _WINDOWS_AT_ONCE)
        found = [model.predict_on_batch(windows[first : first + _WINDOWS_AT_ONCE]) for first in firsts]
        return np.concatenate(found).mean(axis=0)

    return mean
