"""A small model of every network, with what was counted by hand: what the tests of all networks run over."""

from dataclasses import dataclass
from typing import Any

import numpy as np

N_OUTPUTS = 4


@dataclass(frozen=True)
class Small:
    """A small model.

    Attributes
    ----------
    inputs : tuple of dict
        Options of `networks.Input`.
    options : dict
        Of the network.
    layers : str
        The names of its layers, in the order of Keras.
    parameters : int
        The weights that are learned, of `N_OUTPUTS` outputs, counted by hand.
    """

    inputs: tuple[dict[str, Any], ...]
    options: dict[str, Any]
    layers: str
    parameters: int


def patches(frames: int = 322, bins: int = 96) -> dict[str, Any]:
    """Describe patches that standardising leaves as they are."""
    moments = (np.zeros((1, frames, bins)), np.ones((1, frames, bins)))
    return {"name": "patches_1_15", "shape": (1, frames, bins), "moments": moments}


def standardised(frames: int, bins: int) -> dict[str, Any]:
    """Describe patches whose cells differ in mean and variance."""
    cells = np.arange(frames * bins).reshape(1, frames, bins)
    return {**patches(frames, bins), "moments": (cells % 3 - 1.0, cells % 2 + 1.0)}


def features_in_patches(length: int) -> dict[str, Any]:
    """Describe the features of one row a track that come in a file of patches."""
    return {"name": "patches_1_1", "shape": (length,), "moments": (np.full(length, 2.0), np.full(length, 4.0))}


def vector(length: int, name: str = "bow") -> dict[str, Any]:
    """Describe a vector."""
    return {"name": name, "shape": (length,)}


def word_ids(length: int = 6, words: int = 5, dimensions: int = 3) -> dict[str, Any]:
    """Describe word ids."""
    weights = np.arange(words * dimensions, dtype=np.float32).reshape(words, dimensions) / 10
    return {"name": "w2v", "shape": (length,), "words": [str(n) for n in range(words)], "weights": weights}


def pictures(pixels: int) -> dict[str, Any]:
    """Describe pictures."""
    return {"name": "pictures", "shape": (pixels, pixels, 3)}


_STACK: dict[str, Any] = {"filters": [3, 2], "kernels": [[2, 3], [3, 1]], "pools": [[2, 1], [2, 2]]}
_CONVOLUTIONS = (2 * 3 * 1 + 1) * 3 + (3 * 1 * 3 + 1) * 2  # 20 x 7 -> 19 x 5 -> 9 x 5 -> 7 x 5 -> 3 x 2, of 2 channels
_FLAT = 3 * 2 * 2

SMALL = {
    "cnn": Small(
        (standardised(20, 7),),
        {**_STACK, "dense": [4], "dropout": 0.5},
        "input card standardise channels-last conv1 pool1 dropout1 conv2 pool2 dropout2 flatten dense1 dropout-dense1 "
        "output",
        _CONVOLUTIONS + (_FLAT + 1) * 4 + (4 + 1) * N_OUTPUTS,
    ),
    "multi-filter-cnn": Small(
        (standardised(20, 8),),
        {
            "branches": [[1, 5, 2], [4, 4, 3]],
            "filters": [2],
            "kernels": [[3, 2]],
            "pools": [[2, 2], [2, 1]],
            "dense": [3],
        },
        "input card standardise channels-last branch1 branch2 concatenate pool1 dropout1 conv2 pool2 dropout2 flatten "
        "dense1 dropout-dense1 output",
        # 20 x 8 -> 10 x 4 -> 8 x 3 -> 4 x 3, of 2 channels.
        (1 * 5 + 1) * 2 + (4 * 4 + 1) * 3 + (3 * 2 * 5 + 1) * 2 + (4 * 3 * 2 + 1) * 3 + (3 + 1) * N_OUTPUTS,
    ),
    "cnn-with-features": Small(
        (vector(5), standardised(20, 7)),
        {**_STACK, "units": 4},
        "input2 card2 standardise2 channels-last conv1 pool1 dropout1 conv2 input1 pool2 card1 dropout2 dense1 flatten "
        "dropout-dense1 concatenate output",
        _CONVOLUTIONS + (5 + 1) * 4 + (_FLAT + 4 + 1) * N_OUTPUTS,
    ),
    "crnn": Small(
        (standardised(22, 8),),
        {"filters": [3, 4], "pools": [[2, 2], [4, 2]], "units": [3, 4]},
        "input card standardise channels-last pad norm-bins conv1 norm1 elu1 pool1 dropout1 conv2 norm2 elu2 pool2 "
        "dropout2 steps gru1 gru2 dropout-gru output",
        # A mean and a deviation are learned for each bin and each filter; 2 bins of 4 channels are left at each step.
        (9 * 1 + 1) * 3
        + (9 * 3 + 1) * 4
        + 2 * (8 + 3 + 4)
        + 3 * 3 * (2 * 4 + 3 + 2)
        + 3 * 4 * (3 + 4 + 2)
        + (4 + 1) * N_OUTPUTS,
    ),
    "mlp": Small(
        ({**vector(3), "words": list("abc"), "weights": np.array([1.5, 2.5, 3.5])},),
        {"dense": [4, 3], "dropout": 0.5},
        "input card dropout-input dense1 dropout-dense1 dense2 dropout-dense2 output",
        (3 + 1) * 4 + (4 + 1) * 3 + (3 + 1) * N_OUTPUTS,
    ),
    "mixed": Small(
        (features_in_patches(9),),
        {"units": 4, "dense": [3]},
        "input card standardise dense-relu dense-tanh dense-sigmoid concatenate dropout-concatenate dense1 "
        "dropout-dense1 output",
        3 * (9 + 1) * 4 + (12 + 1) * 3 + (3 + 1) * N_OUTPUTS,
    ),
    "fusion": Small(
        (vector(4, "a"), vector(3, "b"), features_in_patches(9)),
        {"dense": [5]},
        "input3 input1 input2 card3 card1 card2 standardise3 unit1 unit2 unit3 concatenate dropout-input dense1 "
        "dropout-dense1 output",
        (4 + 3 + 9 + 1) * 5 + (5 + 1) * N_OUTPUTS,
    ),
    "late-fusion": Small(
        (vector(4, "a"), vector(3, "b")),
        {"dense": [5, 2], "dropout": 0.5},
        "input1 input2 card1 card2 norm1 norm2 dropout-input1 dropout-input2 dense1 dense2 dropout-dense1 "
        "dropout-dense2 concatenate output",
        # A mean and a deviation are learned for each value, beside those that are only counted.
        2 * (4 + 3) + (4 + 1) * 5 + (3 + 1) * 2 + (5 + 2 + 1) * N_OUTPUTS,
    ),
    "mean": Small(
        (vector(N_OUTPUTS, "a-pred_output"), vector(N_OUTPUTS, "b-pred_output")),
        {},
        "input1 input2 card1 card2 mean output",
        0,
    ),
    "space": Small(
        (vector(4, "a"), features_in_patches(3)),
        {"hidden": 5, "units": 2},
        "input2 input1 card2 card1 standardise2 dense1 dense2 space1 space2 concatenate output",
        (4 + 2) * 5 + (3 + 2) * 5 + (2 + 2 + 1) * N_OUTPUTS,
    ),
    "reference": Small(
        (vector(4, "a"), vector(3, "b")),
        {"method": "logistic-regression"},
        "input1 input2 card1 card2 concatenate output",
        (4 + 3 + 1) * N_OUTPUTS,
    ),
    "picture-cnn": Small(
        (pictures(16),),
        {"filters": [2, 3, 4, 5], "dropout": 0.5, "flip": True, "crop": 0.0},
        "input card variation scale conv1 shrink1 conv2 shrink2 conv3 shrink3 conv4 shrink4 pool dropout-pool output",
        (9 * 3 + 1) * 2 + (9 * 2 + 1) * 3 + (9 * 3 + 1) * 4 + (9 * 4 + 1) * 5 + (5 + 1) * N_OUTPUTS,
    ),
    # Frozen, so that it learns within seconds: the output alone.
    "resnet": Small(
        (pictures(32),),
        {"weights": "none", "frozen": True},
        "input card colours resnet pool output",
        (2048 + 1) * N_OUTPUTS,
    ),
    "text-cnn": Small(
        (word_ids(7, 5, 4),),
        {"filters": 3, "dense": 4},
        "input card embedding dropout-embedding conv2 conv3 pool2 pool3 concatenate dense1 dropout1 relu1 output",
        5 * 4 + (2 * 4 + 1) * 3 + (3 * 4 + 1) * 3 + (6 + 1) * 4 + (4 + 1) * N_OUTPUTS,
    ),
    "text-lstm": Small(
        (word_ids(7, 5, 4),),
        {"units": 5},
        "input card embedding lstm output",
        5 * 4 + 4 * 5 * (4 + 5 + 1) + (5 + 1) * N_OUTPUTS,
    ),
}
