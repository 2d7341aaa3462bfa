"""Waveforms: their channels, their loudest sample, their sample rate."""

import math

import numpy as np
import soxr


def mono(samples: np.ndarray) -> np.ndarray:
    """Average the channels of samples [shape=(n, n_channels)] to [shape=(n,)].

    One channel after another: over columns as few as these NumPy's mean takes fifteen times as long.
    """
    first, *others = samples.T
    average: np.ndarray = sum(others, start=first) / samples.shape[1]
    return average


def peak(samples: np.ndarray) -> float:
    """Tell the largest absolute sample; not a number if one of them is none."""
    return float(np.abs([samples.min(), samples.max()]).max())


def resample(samples: np.ndarray, before: float, after: float) -> np.ndarray:
    """Resample, as librosa does, to a length that is rounded up.

    Parameters
    ----------
    samples : np.ndarray [shape=(n,)], float32
        Mono.
    before, after : float
        The rates, in Hz; only their ratio counts.

    Returns
    -------
    np.ndarray [shape=(ceil(n * after / before),)], float32
    """
    if before == after:
        return samples
    length = math.ceil(len(samples) * (after / before))
    found = soxr.resample(np.ascontiguousarray(samples), before, after)[:length]
    return np.pad(found, (0, length - len(found))) if len(found) < length else found
