"""Fourier transforms of frames; the same numbers as librosa's."""

from collections.abc import Iterator

import numpy as np
import scipy.fft

# Samples of frames that are transformed in one go: so they stay in the processor's cache, and long tracks in memory.
_BLOCK = 1 << 17


def hann(size: int) -> np.ndarray:
    """Make a periodic Hann window [shape=(size,)], float64, values in [0, 1]."""
    # In SciPy's way, to the last bit; its package of windows takes a second to import.
    window: np.ndarray = (0.5 + 0.5 * np.cos(np.linspace(-np.pi, np.pi, size + 1)))[:-1]
    return window


def spectra(samples: np.ndarray, *, window: np.ndarray, hop: int) -> Iterator[np.ndarray]:
    """Transform frames around every multiple of `hop`, with zeros before the first sample and behind the last.

    Parameters
    ----------
    samples : np.ndarray [shape=(n,)], float32
        Mono.
    window : np.ndarray [shape=(size,)], float64
        What frames are multiplied by; its length is theirs.
    hop : int
        From frame to frame, in samples.

    Yields
    ------
    np.ndarray [shape=(size // 2 + 1, n_frames)], complex64
        Of some frames after the others, from 0 Hz to half the sample rate.
    """
    size = len(window)
    # NumPy's functions for padding and for frames take longer than the work itself, and hold up other threads.
    padded = np.zeros(len(samples) + size // 2 * 2, samples.dtype)
    padded[size // 2 : size // 2 + len(samples)] = samples
    count, stride = 1 + (len(padded) - size) // hop, padded.itemsize
    frames = np.lib.stride_tricks.as_strided(padded, (count, size), (hop * stride, stride), writeable=False)
    step = max(1, _BLOCK // size)
    for first in range(0, len(frames), step):
        # In double precision, which the window brings.
        found = scipy.fft.rfft(frames[first : first + step] * window, axis=1)
        yield found.T.astype(np.complex64, order="C")
