"""tf-idf: scikit-learn called plainly, and a computation by hand."""

import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from tartarus.base.errors import TartarusError
from tartarus.features.text import vsm

SETTINGS: dict[str, Any] = {"words": 300, "sublinear_tf": True, "max_df": 0.5, "max_features": 10_000}


@pytest.fixture
def lyrics(mirror: Path) -> tuple[list[str], list[str]]:
    """The real lyrics of the training set, and the others."""
    folder = mirror / "SUPER"
    names = dict(line.split("\t") for line in (folder / "index" / "index_text_SUPER.tsv").read_text().splitlines())
    # Two of the lyrics have accents as marks of their own; scikit-learn's pattern would tear these words.
    texts = {
        id_: unicodedata.normalize("NFC", (folder / "text" / name).read_text(encoding="utf-8"))
        for id_, name in names.items()
    }
    training = (folder / "splits" / "items_index_train_SUPER.tsv").read_text().split()
    return [texts[id_] for id_ in training], [texts[id_] for id_ in texts if id_ not in training]


@pytest.mark.parametrize("words", [300, 20])
@pytest.mark.parametrize("sublinear", [True, False])
def test_real_lyrics_give_what_scikit_learn_gives(
    lyrics: tuple[list[str], list[str]], words: int, sublinear: bool
) -> None:
    training, others = lyrics
    settings = {**SETTINGS, "words": words, "sublinear_tf": sublinear, "max_df": 0.7}
    vectorizer = vsm.fit(training, settings)
    plain = TfidfVectorizer(sublinear_tf=sublinear, max_df=0.7, max_features=10_000)
    cut = [" ".join(text.split()[:words]) for text in training]
    expected = plain.fit_transform(cut)
    assert vectorizer.get_feature_names_out().tolist() == plain.get_feature_names_out().tolist()
    np.testing.assert_allclose(vectorizer.idf_, plain.idf_, rtol=1e-6)
    np.testing.assert_allclose(vsm.transform(vectorizer, training, settings).toarray(), expected.toarray(), atol=1e-6)
    # Fitted on the training texts only.
    unseen = plain.transform([" ".join(text.split()[:words]) for text in others])
    np.testing.assert_allclose(vsm.transform(vectorizer, others, settings).toarray(), unseen.toarray(), atol=1e-6)


def test_only_the_first_words_of_a_text_count(lyrics: tuple[list[str], list[str]]) -> None:
    training, _ = lyrics
    few = {**SETTINGS, "words": 10, "max_df": 1.0}
    known = {word.lower() for text in training for word in " ".join(text.split()[:10]).split()}
    found = set(vsm.fit(training, few).get_feature_names_out())
    assert 0 < len(found) <= len(known)
    assert found < set(vsm.fit(training, {**few, "words": 300}).get_feature_names_out())


def test_weights_are_those_of_a_hand_calculation() -> None:
    settings = {**SETTINGS, "max_df": 1.0}
    vectorizer = vsm.fit(["sol sol mar", "sol luna"], settings)
    assert vectorizer.get_feature_names_out().tolist() == ["luna", "mar", "sol"]
    # idf = ln((1 + texts) / (1 + texts with the word)) + 1; tf = 1 + ln(count).
    rare = np.log(3 / 2) + 1
    np.testing.assert_allclose(vectorizer.idf_, [rare, rare, 1], rtol=1e-6)
    first = np.array([0, rare, 1 + np.log(2)])
    second = np.array([rare, 0, 1])
    expected = np.stack([first / np.linalg.norm(first), second / np.linalg.norm(second)])
    np.testing.assert_allclose(
        vsm.transform(vectorizer, ["sol sol mar", "sol luna"], settings).toarray(), expected, atol=1e-6
    )


def test_words_in_a_larger_share_of_the_texts_than_max_df_are_left_out() -> None:
    texts = ["sol mar", "sol luna", "sol mar", "sol cielo"]
    assert vsm.fit(texts, SETTINGS).get_feature_names_out().tolist() == ["cielo", "luna", "mar"]


def test_at_most_max_features_words_are_kept_the_most_frequent() -> None:
    texts = ["sol sol sol mar mar luna", "cielo"]
    found = vsm.fit(texts, {**SETTINGS, "max_df": 1.0, "max_features": 2}).get_feature_names_out().tolist()
    assert found == ["mar", "sol"]


@pytest.mark.parametrize("text", ["", " \n ", "unheard words"])
def test_a_text_without_known_words_is_a_row_of_zeros(text: str) -> None:
    vectorizer = vsm.fit(["sol mar", "luna"], SETTINGS)
    vectors = vsm.transform(vectorizer, ["sol", text], SETTINGS)
    assert vectors.shape == (2, 3)
    assert vectors.dtype == np.float32
    assert vectors[1].nnz == 0
    assert np.linalg.norm(vectors[0].toarray()) == pytest.approx(1)


def test_two_runs_are_identical() -> None:
    texts, settings = ["sol mar luna", "luna cielo", "mar cielo sol sol"], {**SETTINGS, "max_df": 1.0}
    one, two = (vsm.transform(vsm.fit(texts, settings), texts, settings) for _ in range(2))
    assert (one.data.tobytes(), one.indices.tobytes()) == (two.data.tobytes(), two.indices.tobytes())


@pytest.mark.parametrize("texts", [["", ""], ["a b c"], ["sol", "sol"]])
def test_texts_that_leave_no_word_are_refused_with_the_remedy(texts: list[str]) -> None:
    with pytest.raises(TartarusError, match=rf"bow: no vocabulary from {len(texts)} training texts .*max_df"):
        vsm.fit(texts, SETTINGS)


@pytest.mark.parametrize(
    ("text", "count", "first"), [("a  b\nc", 2, "a b"), ("a b", 5, "a b"), ("", 3, ""), ("a", 0, "")]
)
def test_the_first_words_are_those_between_white_space(text: str, count: int, first: str) -> None:
    assert vsm.first_words(text, count) == first


# Accents as marks of their own, capitals, what is no word: as in real texts.
SOME = ["Sol y mar, sol y luna!", "La luna sube; el mar baja", "canción de SOL", "un dia de mar y de canción", "sol"]


@pytest.mark.parametrize(
    ("options", "plain"),
    [
        ({"ngram_range": [1, 2]}, {"ngram_range": (1, 2)}),
        ({"min_df": 2}, {"min_df": 2}),
        ({"stop_words": ["SOL", "de mar"]}, {"stop_words": ["sol", "de", "mar"]}),
        ({"stop_words": ["de", "un"], "ngram_range": [2, 2]}, {"stop_words": ["de", "un"], "ngram_range": (2, 2)}),
        ({"stop_words": "english"}, {"stop_words": "english"}),
        (
            {"analyzer": "char", "ngram_range": [2, 4], "min_df": 2},
            {"analyzer": "char", "ngram_range": (2, 4), "min_df": 2},
        ),
        ({"analyzer": "char_wb", "ngram_range": [3, 3]}, {"analyzer": "char_wb", "ngram_range": (3, 3)}),
    ],
)
@pytest.mark.filterwarnings("error")
def test_every_option_is_that_of_scikit_learn_and_what_a_model_carries_of_it_is_enough(
    options: dict[str, Any], plain: dict[str, Any]
) -> None:
    settings = {**SETTINGS, "max_df": 0.9, **options}
    expected = TfidfVectorizer(sublinear_tf=True, max_df=0.9, **plain).fit(SOME)
    vectorizer = vsm.fit([unicodedata.normalize("NFD", text) for text in SOME], settings)
    assert vectorizer.get_feature_names_out().tolist() == expected.get_feature_names_out().tolist()
    again = vsm.restored(vectorizer.get_feature_names_out().tolist(), vectorizer.idf_, vsm.signed(settings))
    new = [*SOME, "El sol de la canción", "Luna y mar"]
    for found in (vectorizer, again):
        np.testing.assert_allclose(
            vsm.transform(found, new, settings).toarray(), expected.transform(new).toarray(), atol=1e-6
        )


def test_a_signature_leaves_out_what_was_fixed_before_it_was_an_option() -> None:
    assert vsm.signed({**SETTINGS, **vsm.PLAIN}) == SETTINGS
    assert vsm.signed({**SETTINGS, **vsm.PLAIN, "min_df": 2}) == {**SETTINGS, "min_df": 2}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"analyzer": "char", "stop_words": ["sol"]}, "stop_words are left out of words, not of characters; write"),
        ({"ngram_range": [2, 1]}, r"ngram_range: \[2, 1\]; write the smaller number first"),
        ({"min_df": 6}, "no vocabulary from 5 training texts .*; check that they have words, max_df and min_df"),
    ],
)
def test_options_that_do_not_go_together_are_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(TartarusError, match=f"bow: {said}"):
        vsm.fit(SOME, {**SETTINGS, **options})


def test_all_texts_are_a_share_however_it_is_written() -> None:
    assert len(vsm.fit(SOME, {**SETTINGS, "max_df": 1}).vocabulary_) == len(
        vsm.fit(SOME, {**SETTINGS, "max_df": 1.0}).vocabulary_
    )


def test_a_set_without_texts_has_no_rows() -> None:
    assert vsm.transform(vsm.fit(["sol mar", "luna"], SETTINGS), [], SETTINGS).shape == (0, 3)
