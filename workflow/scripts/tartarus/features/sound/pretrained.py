"""What a pretrained network is given of a sound: windows of its samples, or of its spectrogram.

The network itself comes from a later step, as a function of windows. What it makes of a whole sound is one vector.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from tartarus.features.sound import spectrograms
from tartarus.features.sound.fourier import hann, spectra
from tartarus.features.sound.spectrograms import Transform, mel_filters

# Windows [shape=(n_windows, ...)] to a vector [shape=(n,)].
Network = Callable[[np.ndarray], np.ndarray]

# Decibels: what is so far below the loudest is as loud as that.
_RANGE = 80.0


def windows(samples: np.ndarray, options: dict[str, Any]) -> np.ndarray:
    """Cut a sound into windows, as a network wants them.

    Parameters
    ----------
    samples : np.ndarray [shape=(n,)], float32
        Mono, at ``options["front_end"]["sample_rate"]`` Hz. Behind a sound that is shorter than a window comes silence.
    options : dict
        `front_end`, see `spectrum`; `window` and `hop`, how long windows are and how far apart they begin, in samples
        of a waveform or in frames of a spectrogram.

    Returns
    -------
    np.ndarray [shape=(n_windows, window) or (n_windows, window, n_bins)], float32
        At least one; what is left behind the last is dropped. Windows that overlap share their memory.
    """
    front_end, size = options["front_end"], options["window"]
    shortest = size if front_end["type"] == "waveform" else (size - 1) * front_end["hop"]
    samples = np.pad(samples, (0, max(0, shortest - len(samples))))
    values = samples if front_end["type"] == "waveform" else spectrum(samples, front_end)
    # The new axis comes last: behind the bins.
    cut = np.lib.stride_tricks.sliding_window_view(values, size, axis=0)[:: options["hop"]]
    return np.moveaxis(cut, -1, 1)


def spectrum(samples: np.ndarray, front_end: dict[str, Any]) -> np.ndarray:
    """Compute a spectrogram as a network was trained with.

    Parameters
    ----------
    samples : np.ndarray [shape=(n,)], float32
        Mono.
    front_end : dict
        `type`: mel or stft. `sample_rate` in Hz; `n_fft`, a Hann window, and `hop` in samples, frames around every
        multiple of it. `power`: 2, or 1 for magnitudes. Of mel `bins`, `fmin` and `fmax` in Hz, `htk` (see
        `mel_filters`). `scale` of a value x: none; log or log10, of offset + gain * x; db, decibels below the loudest
        value, at least -80.

    Returns
    -------
    np.ndarray [shape=(n_frames, n_bins)], float32
    """
    blocks = spectra(samples, window=hann(front_end["n_fft"]), hop=front_end["hop"])
    found = (np.abs(block) ** front_end["power"] for block in blocks)
    if front_end["type"] == "mel":
        kind = {key: front_end[key] for key in ("fmin", "fmax", "htk")}
        filters = mel_filters(front_end["sample_rate"], front_end["n_fft"], front_end["bins"], **kind)
        found = (filters @ block for block in found)  # one at a time: of hours of sound, bins fill the memory
    return np.ascontiguousarray(_scaled(np.hstack(list(found)), front_end).T, np.float32)


def _scaled(values: np.ndarray, front_end: dict[str, Any]) -> np.ndarray:
    scale = front_end["scale"]
    if scale == "none":
        return values
    if scale == "db":
        decibels = 20 / front_end["power"] * np.log10(np.maximum(values, 1e-10))
        return np.maximum(decibels - decibels.max(), -_RANGE)
    logarithm = {"log": np.log, "log10": np.log10}[scale]
    return logarithm(front_end["offset"] + front_end["gain"] * values)


def write_shard(
    hdf5: str | Path,
    table: str | Path,
    tracks: Sequence[tuple[str, Path | None]],
    network: Network,
    options: dict[str, Any],
    *,
    min_seconds: float,
    workers: int = 1,
) -> None:
    """Make a vector of every track of a shard, as a spectrogram of one frame.

    Parameters
    ----------
    hdf5, table, tracks, workers
        As `tartarus.features.sound.spectrograms.write_shard` takes them.
    network : callable
        Windows to a vector.
    options : dict
        As `windows` takes them.
    min_seconds : float
        Shorter tracks are left out.
    """
    # Its first answer tells how long vectors are.
    width = len(network(windows(np.zeros(1, np.float32), options)))
    listening = {"sample_rate": options["front_end"]["sample_rate"], "min_seconds": min_seconds}
    transform = embedding(network, options)
    spectrograms.write_shard(hdf5, table, tracks, listening, transform=transform, width=width, workers=workers)


def embedding(network: Network, options: dict[str, Any]) -> Transform:
    """Make what a network makes of a sound a transform, as `tartarus.features.sound.spectrograms.analyse` takes one.

    Parameters
    ----------
    network : callable
        Windows to a vector. It is asked by one thread at a time, while others decode: its own threads have the cores.
    options : dict
        As `windows` takes them.

    Returns
    -------
    callable
        Samples [shape=(n,)] at the rate of the front end, and options, which it ignores, to [shape=(1, n_numbers)].
    """
    lock = Lock()

    def vector(samples: np.ndarray, _: dict[str, Any]) -> np.ndarray:
        cut = windows(samples, options)
        with lock:
            return network(cut)[None]

    return vector
