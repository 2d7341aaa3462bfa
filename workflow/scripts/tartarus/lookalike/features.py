"""What sound, words and pictures of the look-alike archives look like: vectors, spectrograms and bags of words."""

import numpy as np
import scipy.sparse
from tartarus.lookalike.world import VIEWS, Items, product, stream

WORDS = 10000
FRAMES, BINS = 322, 96
_BANDS, _CHORDS = 14, 10  # coordinates of sound that last; the rest are pulses
_GAIN = 0.035  # of features: their vectors are about as long as those of unit length that fusions see
_STEP = 2048  # features are multiples of 1 / 2048: files shrink, and the last bits of a processor do not show


# --- vectors ------------------------------------------------------------------------------------------------


def embedding(items: Items, modality: str, name: str, columns: int, start: int, stop: int) -> np.ndarray:
    """Imitate a hidden layer of a network: random directions of a view, noise, rectified, two thirds zeros.

    Parameters
    ----------
    items : Items
        Whose features.
    modality : str
        What they are seen by.
    name : str
        Of the features: other names, other directions.
    columns : int
        How many features.
    start, stop : int
        Which items.

    Returns
    -------
    np.ndarray [shape=(stop - start, columns)], float32, values in [0, inf)
    """
    return _rounded(_GAIN * np.maximum(_mixed(items, modality, name, columns, start, stop) - 0.5, 0))


def projection(items: Items, modality: str, name: str, columns: int, start: int, stop: int) -> np.ndarray:
    """Imitate the linear output of another network: as `embedding`, of both signs, and from a look of its own."""
    return _rounded(_GAIN * _mixed(items, modality, name, columns, start, stop, look=f"look of {name}"))


def descriptors(items: Items, modality: str, name: str, columns: int, start: int, stop: int) -> np.ndarray:
    """Imitate measured features: as `embedding`, but each column has a range of its own, thousandths to thousands."""
    rng = stream(items.seed, f"ranges {name}")
    # Powers of two, and steps of a sixteenth: exact, and the files shrink.
    scale = np.exp2(rng.integers(-10, 12, columns)).astype(np.float32)
    offset = rng.integers(-48, 49, columns).astype(np.float32)
    return (np.round(16 * _mixed(items, modality, name, columns, start, stop)) + offset) / 16 * scale


def _mixed(
    items: Items, modality: str, name: str, columns: int, start: int, stop: int, *, look: str = ""
) -> np.ndarray:
    view = items.view(modality, start, stop, look=look)
    directions = stream(items.seed, f"directions {name}").standard_normal((view.shape[1], columns), np.float32)
    noise = items.normals(name, columns, start, stop)
    mixed = product(view, directions / np.sqrt(view.shape[1]))
    return mixed.astype(np.float32) + np.float32(0.4) * noise


def _rounded(values: np.ndarray) -> np.ndarray:
    return np.round(values * _STEP) / np.float32(_STEP)


# --- sound ------------------------------------------------------------------------------------------------


def patches(items: Items, start: int, stop: int) -> np.ndarray:
    """Imitate spectrograms: the coordinates of a view of sound are bands, chords and pulses.

    Returns
    -------
    np.ndarray [shape=(stop - start, 1, 322, 96)], float32, dB in [-80, 0]
    """
    view = items.view("audio", start, stop)
    bins, frames = np.arange(BINS, dtype=np.float32), np.arange(FRAMES, dtype=np.float32)[:, None]
    steady, beating = view[:, : _BANDS + _CHORDS], np.maximum(view[:, _BANDS + _CHORDS :], 0)
    chords = stream(items.seed, "chords").random((_CHORDS, BINS)) < 0.15
    shapes = np.concatenate([8 * _bumps(_BANDS, bins, 4), 7 * chords.astype(np.float32)])
    periods = 5 + 3 * np.arange(beating.shape[1], dtype=np.float32)  # frames; 10.8 are a beat of 120 a minute
    phases = items.uniforms("phases", len(periods), start, stop)[:, None]
    pulses = np.exp(-1.2 * periods * ((frames / periods + phases) % 1))
    level = product(steady, shapes)[:, None] + 26 * product(pulses * beating[:, None], _bumps(len(periods), bins, 6))
    noise = items.normals("patches", FRAMES * BINS, start, stop).reshape(-1, FRAMES, BINS)
    return np.clip(np.round(level.astype(np.float32) + 6 * noise - 46), -80, 0)[:, None]


def _bumps(count: int, bins: np.ndarray, width: float) -> np.ndarray:
    """Spread bands over the bins [shape=(count, n_bins)]."""
    middles = np.linspace(4, 91, count, dtype=np.float32)[:, None]
    return np.exp(-0.5 * ((bins - middles) / np.float32(width)) ** 2)


# --- words ------------------------------------------------------------------------------------------------

_TOPICS = 300
_FIRST_CATEGORY = 8000


def words(items: Items, start: int, stop: int, *, semantic: bool) -> scipy.sparse.csr_matrix:
    """Imitate tf-idf vectors of texts: a word belongs to a topic, a direction of the view of text.

    A word occurs where topic and noise together exceed a threshold, which rises with the word's number: the first
    words are frequent, the last ones rare.

    Parameters
    ----------
    items : Items
        Whose texts.
    start, stop : int
        Which of them.
    semantic : bool
        With the categories of the text's entities: the last 2000 columns then stand for categories, which tell
        their topics with less noise, in place of the rarest words.

    Returns
    -------
    scipy.sparse.csr_matrix [shape=(stop - start, 10000)], float64
        Rows of unit length.
    """
    rng = stream(items.seed, "words")
    topics = rng.standard_normal((len(VIEWS["text"][0]), _TOPICS), np.float32)
    topics /= np.linalg.norm(topics, axis=0)
    topic, rarity = rng.integers(_TOPICS, size=WORDS), np.linspace(1.6, 3.0, WORDS, dtype=np.float32)
    told = product(items.view("text", start, stop), topics).astype(np.float32)[:, topic]
    loudness = np.full(WORDS, 0.9, np.float32)
    if semantic:
        clearer = product(items.view("text", start, stop, noise=0.4), topics).astype(np.float32)[:, topic]
        told[:, _FIRST_CATEGORY:] = clearer[:, _FIRST_CATEGORY:]
        loudness[_FIRST_CATEGORY:] = 1.3
        rarity[_FIRST_CATEGORY:] = 2.2
    excess = loudness * told + np.float32(0.5) * items.normals("words", WORDS, start, stop) - rarity
    counts = scipy.sparse.csr_matrix(np.ceil(np.maximum(2 * excess, 0)).astype(np.float64))
    return _tf_idf(counts, rarity.astype(np.float64))


def _tf_idf(counts: scipy.sparse.csr_matrix, idf: np.ndarray) -> scipy.sparse.csr_matrix:
    # Sublinear tf. The idf is the threshold itself: it must not depend on how many texts there are.
    counts.data = (1 + np.log(counts.data)) * idf[counts.indices]
    lengths = np.sqrt(np.asarray(counts.multiply(counts).sum(axis=1)).ravel())
    counts.data = np.round(counts.data / np.repeat(lengths, np.diff(counts.indptr)), 5)
    return counts
