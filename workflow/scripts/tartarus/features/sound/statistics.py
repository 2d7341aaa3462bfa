"""What is measured of a sound over its whole length: one vector for each track.

Timbre stands for the baseline of the ISMIR paper. That one has the 12 timbre coefficients of the Million Song Dataset,
which nobody can compute anew; here they are MFCC 1 to 12 of the same sound. Coefficient 0, which is loudness, is left
out.

Whoever adds statistics adds a function here, a row of `STATISTICS`, and a kind of features.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import scipy.fft
from tartarus.base.errors import TartarusError
from tartarus.base.logs import log
from tartarus.features.sound.descriptors import descriptors
from tartarus.features.sound.shards import places_in, read_spectrograms
from tartarus.features.sound.spectrograms import Transform, spectrogram
from tartarus.features.store import write_vectors

MEL_BANDS = 128
COEFFICIENTS = slice(1, 13)


def mfcc(samples: np.ndarray, options: dict[str, Any]) -> np.ndarray:
    """Compute mel-frequency cepstral coefficients 1 to 12, as librosa does.

    Parameters
    ----------
    samples : np.ndarray [shape=(n,)], float
        Mono, at ``options["sample_rate"]`` Hz.
    options : dict
        `sample_rate` in Hz; `hop` and `n_fft` in samples.

    Returns
    -------
    np.ndarray [shape=(n_frames, 12)], float32
        The cosine transform of decibels of 128 mel bands. Whatever these are relative to is in coefficient 0 alone.
    """
    mel = spectrogram(samples, {**options, "type": "mel", "bins": MEL_BANDS})
    found: np.ndarray = scipy.fft.dct(mel, type=2, norm="ortho", axis=1)[:, COEFFICIENTS]
    return found


def timbre(samples: np.ndarray, options: dict[str, Any]) -> np.ndarray:
    """Sum MFCC 1 to 12 up over time: mean, maximum, variance and l2 norm of each.

    Source: Oramas et al. 2017 (ISMIR), the baseline of sound.

    Parameters
    ----------
    samples, options
        As `mfcc` takes them.

    Returns
    -------
    np.ndarray [shape=(1, 48)], float32
        Twelve means, then twelve maxima, variances and norms.
    """
    frames = mfcc(samples, options).astype(np.float64)
    sums = (frames.mean(axis=0), frames.max(axis=0), frames.var(axis=0), np.linalg.norm(frames, axis=0))
    return np.concatenate(sums)[None].astype(np.float32)


# By the name of the features.
STATISTICS: dict[str, Transform] = {"timbre": timbre, "descriptors": descriptors}


def write_set(
    path: str | Path, ids: Sequence[str], shards: Sequence[str | Path], name: str, options: dict[str, Any]
) -> None:
    """Gather the statistics of a set's tracks as vectors.

    Parameters
    ----------
    path : str or Path
        The file to write.
    ids : sequence of str
        The items of the set. Those whose sound could not be read are left out.
    shards : sequence of str or Path
        The statistics of the set, written as spectrograms of one frame.
    name : str
        Of the statistics.
    options : dict
        What they depend on: it goes into the signature.

    Raises
    ------
    TartarusError
        If no item of the set has any.
    """
    places = places_in(shards)
    kept = [id_ for id_ in ids if id_ in places]
    if not kept:
        raise TartarusError(f"{path}: no track of this set could be read; see data/statistics/{name}_*.tsv")
    found = dict(read_spectrograms(places[id_] for id_ in kept))
    log.info("%s of %d tracks, %d could not be read", name, len(kept), len(ids) - len(kept))
    write_vectors(path, np.concatenate([found[id_] for id_ in kept]), kept, {"kind": name, **options})
