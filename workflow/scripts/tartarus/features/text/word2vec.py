"""Texts as sequences of word ids, with a vector for each word (Mikolov et al. 2013), through gensim."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from gensim.models import KeyedVectors, Word2Vec
from gensim.models.word2vec import MAX_WORDS_IN_BATCH
from tartarus.base.errors import TartarusError
from tartarus.base.logs import log
from tartarus.features.text.words import PADDING, SPECIAL, UNKNOWN, words_of


def vocabulary(texts: Sequence[str], *, min_count: int) -> list[str]:
    """List the words of the training texts, most frequent first, after the two special ones.

    Raises
    ------
    TartarusError
        If no word is frequent enough.
    """
    counts = Counter(word for text in texts for word in words_of(text))
    words = sorted((word for word, count in counts.items() if count >= min_count), key=lambda w: (-counts[w], w))
    if not words:
        raise TartarusError(f"w2v: no word occurs {min_count} times in the training texts; lower min_count")
    return [*SPECIAL, *words]


def embedding(texts: Sequence[str], words: Sequence[str], options: dict[str, Any], *, seed: int) -> np.ndarray:
    """Give every word a vector: learned from the training texts, or taken from a pre-trained file.

    Parameters
    ----------
    texts : sequence of str
        The training texts.
    words : sequence of str [shape=(n_words,)]
        As made by `vocabulary`.
    options : dict
        `dimensions`, `window`, `min_count`, `sample`, `epochs`; `pretrained`, the path of a binary word2vec file,
        or None.
    seed : int
        Of training and of the vectors of unknown words.

    Returns
    -------
    np.ndarray [shape=(n_words, n_dimensions)], float32
        Rows of unit length; words without a vector uniform in [-0.25, 0.25); the padding all zero.

    Raises
    ------
    TartarusError
        If the pre-trained file cannot be read, or has another number of dimensions.
    """
    vectors = _pretrained(options) if options["pretrained"] else _learned(texts, options, seed)
    rng = np.random.Generator(np.random.PCG64(seed))
    table = rng.uniform(-0.25, 0.25, (len(words), options["dimensions"])).astype(np.float32)
    for row, word in enumerate(words):
        if word in vectors:
            vector = vectors[word]
            table[row] = vector / max(float(np.linalg.norm(vector)), 1e-12)
    table[PADDING] = 0
    return table


def _sentences(texts: Sequence[str]) -> Iterator[list[str]]:
    """Split texts into words, and long ones into several: gensim would not see what is behind its limit."""
    for text in texts:
        words = words_of(text)
        for first in range(0, max(len(words), 1), MAX_WORDS_IN_BATCH):
            yield words[first : first + MAX_WORDS_IN_BATCH]


def _learned(texts: Sequence[str], options: dict[str, Any], seed: int) -> KeyedVectors:
    model = Word2Vec(
        list(_sentences(texts)),
        vector_size=options["dimensions"],
        window=options["window"],
        min_count=options["min_count"],
        sample=options["sample"],
        epochs=options["epochs"],
        seed=seed,
        workers=1,  # several would race, and no two runs would agree
    )
    return model.wv


def _pretrained(options: dict[str, Any]) -> KeyedVectors:
    path = Path(options["pretrained"])
    try:
        vectors = KeyedVectors.load_word2vec_format(path, binary=True, unicode_errors="replace")
    except (OSError, ValueError, EOFError, MemoryError) as error:
        raise TartarusError(f"{path}: not a binary word2vec file ({error}); correct w2v: pretrained") from error
    if vectors.vector_size != options["dimensions"]:
        raise TartarusError(
            f"{path}: vectors of {vectors.vector_size} dimensions, but w2v: dimensions is {options['dimensions']}"
        )
    replaced = sum("\ufffd" in word for word in vectors.index_to_key)
    if replaced:
        log.warning("%s: %d of %d words are not UTF-8, and are read in part", path, replaced, len(vectors))
    return vectors


def sequences(texts: Sequence[str], words: Sequence[str], *, length: int) -> np.ndarray:
    """Turn texts into word ids.

    Parameters
    ----------
    texts : sequence of str [shape=(n_texts,)]
        The texts.
    words : sequence of str
        The vocabulary; a word's id is its place.
    length : int
        Longer texts are cut, shorter ones padded at the end.

    Returns
    -------
    np.ndarray [shape=(n_texts, length)], int32, values in [0, n_words)
    """
    number = {word: place for place, word in enumerate(words)}
    ids = np.full((len(texts), length), PADDING, np.int32)
    for row, text in enumerate(texts):
        known = [number.get(word, UNKNOWN) for word in words_of(text)[:length]]
        ids[row, : len(known)] = known
    return ids
