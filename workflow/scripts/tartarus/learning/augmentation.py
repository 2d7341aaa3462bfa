"""Batches of patches that differ from epoch to epoch: drawn anew, transposed, louder, with noise, masked, mixed.

All of it is for training alone, and happens to patches as they come from the file, in dB: a gain adds. What happens to
a batch depends on the seed, the epoch and the number of the batch, so that reading ahead, and taking a training up
again, changes nothing.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from tartarus.features.sound.redrawn import Redrawn
from tartarus.features.store import Features
from tartarus.learning.batches import Batches


class Augmented(Batches):
    """Batches whose patches vary.

    Parameters
    ----------
    features, rows, y, y_rows, batch_size
        As `Batches` takes them; one input of patches [shape=(1, n_frames, n_bins)], in dB.
    seed : int
        Of the order, and of all that varies.
    options : dict
        Any of: `transpose`, in bins: each patch is moved up or down by up to so many, which of a cqt with 12 bins per
        octave are semitones; `frame_mask` and `bin_mask`, the longest mask as a share of the frames and of the bins, in
        [0, 1]: one each is put over every patch, with the mean of the patch (Park et al., SpecAugment, 2019); `gain`,
        in dB: each patch is louder or softer by up to so much; `noise`, in dB: the deviation of what is added to each
        cell; `mixup`, alpha: each patch and its truth are mixed with those of another of the batch, in shares of a beta
        distribution (Zhang et al., mixup, 2018).
    smoothing : float, in [0, 1)
        The share of the truth that is spread over all classes.
    one_class : bool
        Whether the truth of an item adds up to 1.
    """

    def __init__(
        self,
        features: Sequence[Features],
        rows: Sequence[np.ndarray],
        y: np.ndarray,
        y_rows: np.ndarray,
        *,
        batch_size: int,
        seed: int,
        options: dict[str, Any],
        smoothing: float = 0.0,
        one_class: bool,
    ) -> None:
        self._options, self._smoothing, self._one_class, self._seed = options, smoothing, one_class, seed
        super().__init__(features, rows, y, y_rows, batch_size=batch_size, seed=seed)

    def start_epoch(self, number: int) -> None:
        """Draw the order of an epoch, and the patches."""
        super().start_epoch(number)
        self._epoch = number
        for entry in self.features:
            if isinstance(entry, Redrawn):
                entry.draw(self._seed, number)

    def __getitem__(self, number: int) -> tuple[Any, ...]:
        """Read a batch, and vary it."""
        x, y = super().__getitem__(number)
        rng = np.random.Generator(np.random.PCG64([self._seed, self._epoch, number]))
        if self._smoothing:
            y = smoothed(y, self._smoothing, one_class=self._one_class)
        if self._options.get("transpose"):
            x = transposed(x, self._options["transpose"], rng)
        if self._options.get("gain"):
            x = x + rng.uniform(-1, 1, (len(x), 1, 1, 1)).astype(np.float32) * np.float32(self._options["gain"])
        if self._options.get("noise"):
            x = x + rng.standard_normal(x.shape, np.float32) * np.float32(self._options["noise"])
        for key, axis in (("frame_mask", 2), ("bin_mask", 3)):
            if self._options.get(key):
                x = masked(x, self._options[key], axis, rng)
        if self._options.get("mixup"):
            x, y = mixed(x, y, self._options["mixup"], rng)
        return x, y


def smoothed(y: np.ndarray, share: float, *, one_class: bool) -> np.ndarray:
    """Spread a share of the truth: over all classes (Szegedy et al. 2016) or, of many labels, over yes and no.

    Examples
    --------
    >>> smoothed(np.array([[0.0, 1.0, 0.0, 0.0]]), 0.2, one_class=True).round(3).tolist()
    [[0.05, 0.85, 0.05, 0.05]]
    >>> smoothed(np.array([[0.0, 1.0, 1.0, 0.0]]), 0.2, one_class=False).round(3).tolist()
    [[0.1, 0.9, 0.9, 0.1]]
    """
    return y * (1 - share) + share / (y.shape[1] if one_class else 2)


def transposed(x: np.ndarray, most: int, rng: np.random.Generator) -> np.ndarray:
    """Move each patch [shape=(n, 1, n_frames, n_bins)] by up to `most` bins up or down, as many as are drawn evenly.

    The bins that nothing is moved to get the least value of the patch.
    """
    steps = rng.integers(-most, most + 1, len(x))
    sources = np.arange(x.shape[3]) - steps[:, None]
    is_empty = (sources < 0) | (sources >= x.shape[3])
    moved = np.take_along_axis(x, sources.clip(0, x.shape[3] - 1)[:, None, None], axis=3)
    return np.where(is_empty[:, None, None], x.min(axis=(1, 2, 3), keepdims=True), moved)


def masked(x: np.ndarray, share: float, axis: int, rng: np.random.Generator) -> np.ndarray:
    """Put a mask over each patch [shape=(n, 1, n_frames, n_bins)]: neighbours along an axis get the patch's mean.

    As many as are drawn evenly from none to `share` of them, wherever they fit.
    """
    length = x.shape[axis]
    widths = rng.integers(0, int(share * length) + 1, len(x))
    firsts = rng.integers(0, length - widths + 1)
    places = np.arange(length)
    hidden = (places >= firsts[:, None]) & (places < (firsts + widths)[:, None])
    shape = [len(x), 1, 1, 1]
    shape[axis] = length
    means = x.mean(axis=(1, 2, 3), keepdims=True, dtype=np.float64).astype(np.float32)
    return np.where(hidden.reshape(shape), means, x)


def mixed(x: np.ndarray, y: np.ndarray, alpha: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Mix every row and its truth with another of the batch, by a share of its own of the distribution Beta(a, a)."""
    share = rng.beta(alpha, alpha, len(x)).astype(np.float32)
    other = rng.permutation(len(x))

    def mean(values: np.ndarray) -> np.ndarray:
        own = share.reshape(-1, *(1 for _ in values.shape[1:]))
        return own * values + (1 - own) * values[other]

    return mean(x), mean(y)
