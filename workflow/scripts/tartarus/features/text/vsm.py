"""The vector space model: texts as sparse vectors of tf-idf."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from tartarus.base.errors import TartarusError
from tartarus.features.text.words import LONGER_WORD, normal


def first_words(text: str, count: int) -> str:
    """Keep the first words of a text, as separated by white space."""
    return " ".join(text.split()[:count])


def fit(texts: Sequence[str], options: dict[str, Any]) -> TfidfVectorizer:
    """Learn vocabulary and inverse document frequencies.

    Parameters
    ----------
    texts : sequence of str
        The training texts.
    options : dict
        `words` (only the first so many words of a text count), `sublinear_tf`, `max_df` (a share of the texts),
        `max_features`: as in scikit-learn.

    Returns
    -------
    TfidfVectorizer

    Raises
    ------
    TartarusError
        If no word is left.
    """
    vectorizer = TfidfVectorizer(
        preprocessor=normal,
        token_pattern=LONGER_WORD,
        sublinear_tf=options["sublinear_tf"],
        max_df=options["max_df"],
        max_features=options["max_features"],
        dtype=np.float32,
    )
    try:
        return vectorizer.fit([first_words(text, options["words"]) for text in texts])
    except ValueError as error:
        raise TartarusError(
            f"bow: no vocabulary from {len(texts)} training texts ({error}); check that they have words, and max_df"
        ) from error


def restored(words: Sequence[str], weights: np.ndarray, options: dict[str, Any]) -> TfidfVectorizer:
    """Make the vectorizer again from what a model carries of it: its words, and their inverse document frequencies."""
    vectorizer = TfidfVectorizer(
        preprocessor=normal,
        token_pattern=LONGER_WORD,
        sublinear_tf=options["sublinear_tf"],
        vocabulary=list(words),
        dtype=np.float32,
    )
    vectorizer.idf_ = weights
    return vectorizer


def transform(vectorizer: TfidfVectorizer, texts: Sequence[str], options: dict[str, Any]) -> scipy.sparse.csr_matrix:
    """Turn texts into vectors.

    Returns
    -------
    csr_matrix [shape=(n_texts, n_words)], float32
        Rows of unit length; a text without known words is a row of zeros.
    """
    if not texts:
        return scipy.sparse.csr_matrix((0, len(vectorizer.vocabulary_)), dtype=np.float32)
    return scipy.sparse.csr_matrix(vectorizer.transform([first_words(text, options["words"]) for text in texts]))
