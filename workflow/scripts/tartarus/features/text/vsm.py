"""The vector space model: texts as sparse vectors of tf-idf."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import scipy.sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from tartarus.base.errors import TartarusError
from tartarus.base.files import digest
from tartarus.features import store
from tartarus.features.text.words import LONGER_WORD, normal, words_of

# What was fixed before it was an option. Signatures leave it out: vectors and models of then stay what they are.
PLAIN: dict[str, Any] = {"analyzer": "word", "ngram_range": [1, 1], "stop_words": None, "min_df": 1}


def first_words(text: str, count: int | None) -> str:
    """Keep the first words of a text, as separated by white space; all if there is no count."""
    return " ".join(text.split()[:count])


def signed(options: dict[str, Any]) -> dict[str, Any]:
    """Give what a signature says of options: all but what is `PLAIN`."""
    return {key: value for key, value in options.items() if key not in PLAIN or value != PLAIN[key]}


def _vectorizer(options: dict[str, Any], **more: Any) -> TfidfVectorizer:
    """Make the vectorizer that options, or a signature, ask for: the same in training and in use."""
    options = {**PLAIN, **options}
    if options["analyzer"] == "word":
        more |= {"token_pattern": LONGER_WORD, "stop_words": _stop_words(options["stop_words"])}
    return TfidfVectorizer(
        preprocessor=normal,
        analyzer=options["analyzer"],
        ngram_range=tuple(options["ngram_range"]),
        sublinear_tf=options["sublinear_tf"],
        dtype=np.float32,
        **more,
    )


def _stop_words(given: str | Sequence[str] | None) -> str | list[str] | None:
    """Bring stop words to the form in which words are compared; "don't" are two."""
    return (
        given
        if given is None or isinstance(given, str)
        else sorted({one for entry in given for one in words_of(entry)})
    )


def fit(texts: Sequence[str], options: dict[str, Any]) -> TfidfVectorizer:
    """Learn vocabulary and inverse document frequencies.

    Parameters
    ----------
    texts : sequence of str
        The training texts.
    options : dict
        `words` (only the first so many words of a text count; None: all), `sublinear_tf`, `max_df` (a share of the
        texts), `max_features`; and, if they are not `PLAIN`, `min_df` (a number of texts), `analyzer`, `ngram_range`
        and `stop_words` (None, ``english`` or a list): as in scikit-learn.

    Returns
    -------
    TfidfVectorizer

    Raises
    ------
    TartarusError
        If no word is left, or options do not go together.
    """
    given = {**PLAIN, **options}
    if given["analyzer"] != "word" and given["stop_words"]:
        raise TartarusError("bow: stop_words are left out of words, not of characters; write analyzer: word")
    if given["ngram_range"][0] > given["ngram_range"][1]:
        raise TartarusError(f"bow: ngram_range: {given['ngram_range']}; write the smaller number first")
    # As a float: scikit-learn takes the integer 1 for one text.
    limits = {"min_df": given["min_df"], "max_df": float(given["max_df"]), "max_features": given["max_features"]}
    vectorizer = _vectorizer(options, **limits)
    try:
        return vectorizer.fit([first_words(text, options["words"]) for text in texts])
    except ValueError as error:
        raise TartarusError(
            f"bow: no vocabulary from {len(texts)} training texts ({error}); check that they have words, max_df and "
            f"min_df"
        ) from error


def restored(words: Sequence[str], weights: np.ndarray, options: dict[str, Any]) -> TfidfVectorizer:
    """Make the vectorizer again from what a model carries of it: its words, and their inverse document frequencies."""
    vectorizer = _vectorizer(options, vocabulary=list(words))
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


def write(
    by_set: Mapping[str, Mapping[str, str]],
    options: dict[str, Any],
    signature: store.Signature,
    *,
    vectors: Mapping[str, str],
    vocabulary: str,
) -> None:
    """Fit on the training texts, and write the vectors of all sets, and the vocabulary.

    Parameters
    ----------
    by_set : mapping
        Set to id to text.
    options : dict
        See `fit`.
    signature : dict
        What the texts are; what the columns mean is added.
    vectors : mapping
        Set to the file to write.
    vocabulary : str
        The file to write of the words and their weights.
    """
    vectorizer = fit(list(by_set["train"].values()), options)
    words, weights = vectorizer.get_feature_names_out().tolist(), vectorizer.idf_
    store.write_vocabulary(vocabulary, words, weights)
    signature = {**signature, "vocabulary": digest([words, weights.tolist()])}
    for set_, entries in by_set.items():
        values = transform(vectorizer, list(entries.values()), options)
        store.write_vectors(vectors[set_], values, list(entries), signature)
