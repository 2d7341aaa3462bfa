"""Descriptors: what a practitioner would measure of a sound first, as plain methods like it.

Of each frame 20 MFCC, their differences over nine frames, 12 chroma (shares of the pitch classes, from C on) and 7
spectral contrasts (peaks above valleys, in the octaves above 200 Hz and below them); all by librosa, of one Fourier
transform. Decibels are relative to the loudest cell, so that a sound's level does not matter. Each of these 59 is
summed up over time by its mean, deviation, minimum and maximum; the tempo is one number.
"""

from typing import Any

import numpy as np
from tartarus.plan.feature_kinds import CONTRAST_FROM, CONTRAST_OCTAVES

COEFFICIENTS = 20
SPAN = 9  # frames, of differences


def descriptors(samples: np.ndarray, options: dict[str, Any]) -> np.ndarray:
    """Describe a whole sound.

    Parameters
    ----------
    samples : np.ndarray [shape=(n,)], float
        Mono, at ``options["sample_rate"]`` Hz.
    options : dict
        `sample_rate` in Hz; `hop` and `n_fft` in samples.

    Returns
    -------
    np.ndarray [shape=(1, 237)], float32
        59 means, then 59 deviations, minima and maxima; last the tempo, in beats a minute.
    """
    import librosa  # three seconds, which the other statistics need not spend
    from librosa.onset import onset_strength

    rate, hop = options["sample_rate"], options["hop"]
    magnitude = np.abs(librosa.stft(samples, n_fft=options["n_fft"], hop_length=hop))
    power = magnitude**2
    decibels = librosa.power_to_db(librosa.feature.melspectrogram(S=power, sr=rate), ref=np.max)
    mfcc = librosa.feature.mfcc(S=decibels, n_mfcc=COEFFICIENTS)
    frames = np.concatenate(
        [
            mfcc,
            # The shortest sounds have fewer frames than a difference spans.
            librosa.feature.delta(mfcc, mode="interp" if mfcc.shape[1] >= SPAN else "nearest", width=SPAN),
            # Tuned to 440 Hz: to estimate the tuning takes as long as all else.
            librosa.feature.chroma_stft(S=power, sr=rate, tuning=0.0),
            librosa.feature.spectral_contrast(S=magnitude, sr=rate, fmin=CONTRAST_FROM, n_bands=CONTRAST_OCTAVES),
        ]
    ).astype(np.float64)
    onsets = onset_strength(S=decibels, sr=rate)
    tempo = librosa.feature.tempo(onset_envelope=onsets, sr=rate, hop_length=hop)
    sums = (frames.mean(axis=1), frames.std(axis=1), frames.min(axis=1), frames.max(axis=1))
    return np.concatenate([*sums, tempo])[None].astype(np.float32)
