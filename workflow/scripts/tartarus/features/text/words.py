"""What a word is: the same for tf-idf and for sequences of words."""

import re
import unicodedata

# Marks belong to the letter before them: vowels of Hindi, Tamil or Thai, the points of Hebrew, accents that Unicode has
# no letter for. Python's \w holds none of them.
# Beyond the first two planes there are none but those that choose a shape.
_MARKS = "".join(character for character in map(chr, range(0x20000)) if unicodedata.category(character) in ("Mn", "Mc"))
# They join letters, invisibly, and part no words: Hindi, Persian.
_JOINERS = "\u200c\u200d"
# They choose among the shapes of a character, and are no part of the word.
_VARIANTS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")

_LETTERS = rf"\w[\w{_MARKS}]*"
# Letters, digits and underscores, as in \w, with their marks.
WORD = rf"{_LETTERS}(?:[{_JOINERS}]+{_LETTERS})*"
# The same, of two characters or more, as in scikit-learn: a single one tells tf-idf little.
LONGER_WORD = rf"(?<![\w{_MARKS}])(?=\w[{_JOINERS}]*[\w{_MARKS}]){WORD}"
_WORD = re.compile(WORD)

# What stands in a sequence in the place of no word, and of one that is not known: the first two of a vocabulary.
PADDING, UNKNOWN = 0, 1
SPECIAL = ("<padding>", "<unknown>")


def composed(text: str) -> str:
    """Bring a text to Unicode's NFC, without what only chooses the shape of a character."""
    return _VARIANTS.sub("", unicodedata.normalize("NFC", text))


def normal(text: str) -> str:
    """Bring a text to the form in which words are compared: Unicode's NFC, lower case."""
    return unicodedata.normalize("NFC", composed(text).lower())


def spans_of(text: str) -> list[tuple[int, int]]:
    """Tell where the words of a text stand: the first character of each, and the first one behind it."""
    return [found.span() for found in _WORD.finditer(text)]


def words_of(text: str) -> list[str]:
    """Split a text into lower-case words."""
    return _WORD.findall(normal(text))
