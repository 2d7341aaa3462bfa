"""What a word is: letters with their marks, in one form of Unicode, for tf-idf and for sequences of words alike."""

import re
import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tartarus.features.text import vsm, word2vec, words

# Words as people part them; the text is the words with what stands between them.
TEXTS = [
    ("Canción: ¡la CANCIÓN!\n2 veces", ["canción", "la", "canción", "2", "veces"]),
    ("हिन्दी में गाना, है।", ["हिन्दी", "में", "गाना", "है"]),
    ("தமிழ் பாடல்", ["தமிழ்", "பாடல்"]),
    ("ฉันรักเธอ ที่นี่", ["ฉันรักเธอ", "ที่นี่"]),
    ("שָׁלוֹם עֲלֵיכֶם", ["שָׁלוֹם", "עֲלֵיכֶם"]),
    ("ɛ̀yí kɔ́", ["ɛ̀yí", "kɔ́"]),  # letters with accents for which Unicode has no single character
    ("می‌خواهم", ["می‌خواهم"]),  # a joiner parts letters, not words
    ("i̇stanbul İSTANBUL", ["i̇stanbul", "i̇stanbul"]),
    ("don't rock'n'roll snake_case", ["don", "t", "rock", "n", "roll", "snake_case"]),
    ("1\ufe0f\u20e3 \u2764\ufe0f x", ["1", "x"]),  # emoji: a shape of a character is no part of a word
    ("", []),
    ("\u0301 … ❤️", []),
]


@pytest.mark.parametrize(("text", "expected"), TEXTS)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_words_are_whole_in_every_script_and_form_of_unicode(text: str, expected: list[str], form: str) -> None:
    expected = [unicodedata.normalize("NFC", word) for word in expected]
    assert words.words_of(unicodedata.normalize(form, text)) == expected


@pytest.mark.parametrize(("text", "expected"), TEXTS)
def test_longer_words_are_those_of_two_characters_or_more(text: str, expected: list[str]) -> None:
    found = re.findall(words.LONGER_WORD, words.normal(text))
    assert found == [word for word in (unicodedata.normalize("NFC", word) for word in expected) if len(word) > 1]


# All that has no marks in it, in the form NFC: the texts for which scikit-learn's own pattern was made.
plain = st.text(st.characters(codec="utf-8", exclude_categories=["M", "Cs"], exclude_characters="\u200c\u200d")).map(
    lambda text: "".join(
        character
        for character in unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).lower())
        if not unicodedata.category(character).startswith("M")
    )
)


@given(plain)
def test_without_marks_words_are_those_of_plain_patterns(text: str) -> None:
    text = unicodedata.normalize("NFC", text)
    assert words.words_of(text) == re.findall(r"\w+", text.lower())
    assert re.findall(words.LONGER_WORD, words.normal(text)) == re.findall(r"(?u)\b\w\w+\b", text.lower())


@given(st.text(st.characters(codec="utf-8")))
def test_both_forms_of_a_text_have_the_same_words(text: str) -> None:
    one, other = (words.words_of(unicodedata.normalize(form, text)) for form in ("NFC", "NFD"))
    assert one == other
    # Nothing but what stands between words is left out.
    assert [c for c in words.normal(text) if c.isalnum()] == [c for word in one for c in word if c.isalnum()]


@pytest.mark.parametrize("text", [text for text, expected in TEXTS if any(len(word) > 1 for word in expected)])
def test_both_forms_of_a_text_have_the_same_rows(text: str) -> None:
    one, other = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    options = {"words": 300, "sublinear_tf": True, "max_df": 1.0, "max_features": 100}
    vectorizer = vsm.fit([one, "another text"], options)
    rows = vsm.transform(vectorizer, [one, other], options).toarray()
    np.testing.assert_array_equal(rows[0], rows[1])
    assert rows[0].any()
    assert vsm.fit([other, "another text"], options).vocabulary_ == vectorizer.vocabulary_
    known = word2vec.vocabulary([one], min_count=1)
    assert word2vec.vocabulary([other], min_count=1) == known
    ids = word2vec.sequences([one, other], known, length=9)
    assert ids[0].tolist() == ids[1].tolist()
    assert word2vec.UNKNOWN not in ids
