"""The constant-Q transform: to the last bit librosa's, but its filters are made once and not for every track.

Filters of the highest octave are laid over the spectra of short frames; then the samples are halved, so that the same
frames do for the next octave (Schörkhuber and Klapuri, "Constant-Q transform toolbox for music processing", 2010).
librosa takes three times as long, most of it for the filters, and two seconds to import.
"""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
import scipy.fft
import scipy.sparse
from tartarus.features.sound.fourier import hann, spectra
from tartarus.features.sound.waves import resample

C1 = 440 * 2 ** ((24 - 69) / 12)  # Hz; notes as MIDI counts them
_BANDWIDTH = 1.50018310546875  # of a Hann window, in bins of its Fourier transform
_LOST = 0.01  # share of a filter's magnitude that is left out, so that few numbers are not zero


@dataclass(frozen=True)
class _Octave:
    """The filters of an octave.

    Attributes
    ----------
    filters : scipy.sparse.csr_array [shape=(n_bins, size // 2 + 1)], complex64
        In the order of frequencies.
    size, hop : int
        Of frames, in samples.
    thinned : int
        Of so many samples of the octave above one is left.
    """

    filters: scipy.sparse.csr_array
    size: int
    hop: int
    thinned: int


def transform(samples: np.ndarray, *, sample_rate: int, hop: int, bins: int, bins_per_octave: int) -> np.ndarray:
    """Compute the constant-Q transform, from C1 upwards.

    Parameters
    ----------
    samples : np.ndarray [shape=(n,)], float32
        Mono.
    sample_rate : int
        In Hz.
    hop : int
        From frame to frame, in samples.
    bins, bins_per_octave : int
        How many filters.

    Returns
    -------
    np.ndarray [shape=(bins, n_frames)], complex64

    Raises
    ------
    ValueError
        If the highest filter reaches beyond half the sample rate.
    """
    octaves, scale = _filter_bank(sample_rate, hop, bins, bins_per_octave)
    responses = []
    for octave in octaves:
        samples = _thin(samples, octave.thinned)
        blocks = spectra(samples, window=np.ones(octave.size), hop=octave.hop)
        responses.append(np.hstack([octave.filters @ block for block in blocks]))
    length = min(response.shape[1] for response in responses)
    found = np.vstack([response[:, :length] for response in reversed(responses)])
    found /= scale
    return found


def _thin(samples: np.ndarray, factor: int) -> np.ndarray:
    """Keep one of so many samples; the energy stays."""
    if factor == 1:
        return samples
    kept = resample(samples, factor, 1)
    kept /= np.sqrt(1 / factor)
    return kept


@cache
def _filter_bank(rate: float, hop: int, bins: int, bins_per_octave: int) -> tuple[list[_Octave], np.ndarray]:
    """Make the filters of all octaves, the highest first, and what responses are divided by [shape=(bins, 1)]."""
    hertz = C1 * 2.0 ** np.arange(math.ceil(bins / bins_per_octave))[:, None]
    hertz = (hertz * 2.0 ** (np.arange(bins_per_octave) / bins_per_octave)).ravel()[:bins]
    q = _quality(hertz, bins_per_octave)
    highest = hertz[-1] * (1 + _BANDWIDTH / 2 / q[-1])
    if highest > rate / 2:
        raise ValueError(f"the highest of {bins} bins reaches {highest:.0f} Hz, above half of {rate} Hz")
    octaves = range(bins, 0, -bins_per_octave)
    # How often the samples can be halved before the first octave: its filters must fit, and hops be whole.
    spare = math.ceil(math.log2(rate / 2 / highest)) - 2
    halvings = max(0, min(spare, (hop & -hop).bit_length() - len(octaves)))
    thinned = 2**halvings
    rate, hop = rate / thinned, hop // thinned
    scale, top_rate = np.sqrt(q * rate / hertz)[:, None], rate
    bank = []
    for end in octaves:
        part = slice(max(0, end - bins_per_octave), end)
        filters = _filters(hertz[part], q[part], rate)
        filters.data *= np.sqrt(top_rate / rate)
        bank.append(_Octave(filters, 2 * (filters.shape[1] - 1), hop, thinned))
        thinned = 2 if hop % 2 == 0 else 1
        rate, hop = rate / thinned, hop // thinned
    return bank, scale


def _quality(hertz: np.ndarray, bins_per_octave: int) -> np.ndarray:
    """Compute how many periods the filter of each frequency is long: the farther its neighbours, the fewer."""
    octaves = np.log2(hertz)
    gaps = np.gradient(octaves) if len(hertz) > 1 else np.array([1 / bins_per_octave])
    ratio = 2.0 ** (2 * gaps)
    return (ratio + 1) / (ratio - 1)


def _filters(hertz: np.ndarray, q: np.ndarray, rate: float) -> scipy.sparse.csr_array:
    """Make the spectra of filters [shape=(n, size // 2 + 1)]: waves of a frequency under a Hann window."""
    lengths = q * rate / hertz
    waves = np.zeros((len(hertz), 2 ** math.ceil(math.log2(lengths.max()))), np.complex64)
    size = waves.shape[1]
    for row, frequency, length in zip(waves, hertz, lengths, strict=True):
        phase = np.arange(-length // 2, length // 2) * 2 * np.pi * frequency / rate
        wave = np.exp(1j * phase) * hann(len(phase))
        begin = (size - len(wave)) // 2
        row[begin : begin + len(wave)] = wave / np.abs(wave).sum()
    waves *= (lengths / size)[:, None]
    return _without_the_least(scipy.fft.fft(waves)[:, : size // 2 + 1])


def _without_the_least(rows: np.ndarray) -> scipy.sparse.csr_array:
    """Leave out the smallest numbers of each row, which make up `_LOST` of its magnitude."""
    magnitudes = np.abs(rows)
    ranked = np.sort(magnitudes)
    shares = np.cumsum(ranked / magnitudes.sum(axis=1, keepdims=True), axis=1)
    least_kept = np.take_along_axis(ranked, (shares < _LOST).sum(axis=1, keepdims=True), axis=1)
    return scipy.sparse.csr_array(np.where(magnitudes >= least_kept, rows, 0).astype(np.complex64))
