"""The sound of DEMO's tracks: drums, a chord that moves, and noise, by which albums are bright or dull.

Sums over arrays, exponentials and filters are not used, for their last bits depend on the processor.
"""

from collections.abc import Callable, Sequence

import numpy as np
from tartarus.base.hashing import stable_hash
from tartarus.items import demo_tracks

SAMPLE_RATE = 22050

_SOUND = {"disco": "floor", "house": "floor", "rock": "backbeat", "ambient": "drone"}
_TEMPO = {"floor": 120, "backbeat": 150}

# Rounded far above the last bits, in which the sines of different processors differ.
_SINE = np.round(np.sin(2 * np.pi * np.arange(4096) / 4096) * 2**20) / 2**20


def _sine(cycles: np.ndarray) -> np.ndarray:
    # Cycles are not negative, so that the whole part is the floor.
    return _SINE.take((cycles * 4096).astype(np.int64) & 4095)


def _tone(time: np.ndarray, hertz: np.ndarray, partials: Sequence[float]) -> np.ndarray:
    tone = np.zeros_like(time)
    # By blocks that stay in the processor's cache.
    for first in range(0, len(time), 8192):
        block = slice(first, first + 8192)
        cycles = time[block] * hertz[block]
        for number, gain in enumerate(partials, start=1):
            if gain:
                tone[block] += gain * _sine(cycles * number)
    return tone


def _decay(since: np.ndarray, length: float) -> np.ndarray:
    level = np.clip(1 - since / length, 0, 1)
    return level * level


def _kick(since: np.ndarray, _: np.ndarray) -> np.ndarray:
    # The pitch falls from 110 to 50 Hz: the phase is the integral of a straight line, then constant.
    falling = np.minimum(since, 0.1)
    return _sine(110 * falling - 300 * falling * falling + 50 * (since - falling)) * _decay(since, 0.25)


def _snare(since: np.ndarray, noise: np.ndarray) -> np.ndarray:
    return (0.7 * noise + 0.3 * _sine(190 * since)) * _decay(since, 0.18)


def _hat(since: np.ndarray, noise: np.ndarray) -> np.ndarray:
    # The difference of neighbours is a high-pass filter.
    return (noise - np.roll(noise, 1)) * 0.5 * _decay(since, 0.05)


Hit = Callable[[np.ndarray, np.ndarray], np.ndarray]
# Which drum plays on which beats (of four), counted in beats; offsets between beats are fractions.
_PATTERNS: dict[str, list[tuple[Hit, float, float, float]]] = {
    "floor": [(_kick, 1.0, 0.0, 0.9), (_hat, 1.0, 0.5, 0.5)],
    "backbeat": [(_kick, 2.0, 0.0, 0.8), (_snare, 2.0, 1.0, 0.7), (_hat, 0.5, 0.0, 0.3)],
    "drone": [],
}
_TIMBRES = {
    "floor": (1.0, 0.5, 0.33, 0.25, 0.2, 0.17),
    "backbeat": (1.0, 0.0, 0.6, 0.0, 0.5, 0.0, 0.4, 0.0, 0.3),
    "drone": (1.0, 0.15, 0.05),
}
_CHORD = (1.0, 1.25, 1.5)


def sound(genre: str, id_: str, album: str, *, seconds: float, seed: int) -> np.ndarray:
    """Synthesise a track.

    Parameters
    ----------
    genre, id_, album : str
        The album sets the key and how bright it sounds, the id everything else that varies.
    seconds : float
        Its length.
    seed : int
        Of the random choices.

    Returns
    -------
    np.ndarray [shape=(n_samples,)], int16
        At 22 050 Hz.
    """
    untypical = stable_hash(f"untypical {id_}", seed=seed)
    kind = _SOUND[demo_tracks.GENRES[untypical // 16 % len(_SOUND)] if untypical % 16 == 0 else genre]
    rng = demo_tracks.rng_of(f"sound {id_}", seed=seed)
    time = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    noise = 2 * rng.random(len(time)) - 1
    key = 110 * (1 + (stable_hash(album, seed=seed) % 12) / 12)
    bright = demo_tracks.brightness(album, seed=seed) / demo_tracks.BRIGHTEST
    # More than 40 dB from dull to bright, in nearly even steps.
    mix = (0.001 + 0.01 * bright + 0.13 * bright * bright * bright) * noise
    tempo = _TEMPO.get(kind, 60) * (0.95 + 0.1 * rng.random())
    beat = time * (tempo / 60) + 4 * rng.random()
    for hit, every, offset, gain in _PATTERNS[kind]:
        since = ((beat - offset) % every) * (60 / tempo)
        mix = mix + gain * (0.5 + 0.5 * rng.random()) * hit(since, noise)
    # A chord to the bar, from a seeded walk over four degrees.
    bars = np.floor(beat / 4).astype(np.int64)
    degrees = np.array([1.0, 1.125, 1.5, 4 / 3])[rng.integers(4, size=int(bars.max()) + 1)][bars]
    gain = 0.12 + 0.08 * rng.random()
    for interval in _CHORD:
        mix = mix + gain * _tone(time, degrees * (key * interval), _TIMBRES[kind])
    return np.round(np.clip(mix * 0.5, -1, 1) * 32767).astype(np.int16)
