"""Finding names in texts by a gazetteer.

At each word, the longest name that begins there is taken, and the search goes on behind it. All names are looked for
at once (Aho and Corasick 1975, "Efficient string matching"), so that the time grows with the text, not with the
gazetteer.
"""

import re
import unicodedata
from collections.abc import Sequence

import ahocorasick
from tartarus.base.logs import log
from tartarus.features.text.annotations import Mention
from tartarus.features.text.gazetteers import Entity
from tartarus.features.text.words import composed, spans_of

# Above them are the accents of Latin, Greek and Cyrillic letters; below, vowels and points that make other words.
_ACCENTS = 200
_UNKNOWN = 0
_SPACE = re.compile(r"\s+")


class Linker:
    """Finds the names of a gazetteer in texts.

    Names are whole words, and what stands between their words in the gazetteer must stand there in the text: white
    space of any length counts as one space, and a curly apostrophe as a straight one. A form that several entities have
    is taken to mean the first of them; how many there are goes to the log.

    Parameters
    ----------
    entities : sequence of Entity
        The gazetteer.
    fold_case, fold_accents : bool
        Whether capital and small letters, and letters with and without accents (of Latin, Greek and Cyrillic), are
        the same.

    Attributes
    ----------
    doubled : list of (str, Entity, Entity)
        The forms that stand there again: the form, whom it is taken to mean, and who has it too, or has it twice.
    """

    def __init__(self, entities: Sequence[Entity], *, fold_case: bool, fold_accents: bool) -> None:
        self._fold_case, self._fold_accents = fold_case, fold_accents
        self._forms: dict[str, str] = {}
        self._numbers: dict[str, int] = {}
        named: dict[tuple[int, ...], Entity] = {}
        self.doubled: list[tuple[str, Entity, Entity]] = []
        for entity in entities:
            for form in (entity.name, *entity.aliases):
                pieces, _ = self._pieces(form)
                key = tuple(self._numbers.setdefault(piece, len(self._numbers) + 1) for piece in pieces)
                if key in named:
                    self.doubled.append((form, named[key], entity))
                named.setdefault(key, entity)
        ambiguous = [form for form, meant, other in self.doubled if meant is not other]
        if ambiguous:
            log.warning(
                "%d names in the gazetteer are of several entities, of which the first is taken; the first: '%s'",
                len(ambiguous),
                ambiguous[0],
            )
        self._automaton = ahocorasick.Automaton(ahocorasick.STORE_ANY, ahocorasick.KEY_SEQUENCE)
        for key, entity in named.items():
            self._automaton.add_word(key, (len(key), entity))
        self._automaton.make_automaton()

    def link(self, text: str) -> list[Mention]:
        """Find the names in a text, in its order; none overlaps another."""
        pieces, spans = self._pieces(text)
        longest: dict[int, tuple[int, Entity]] = {}
        # What ends later is longer.
        for last, (length, entity) in self._automaton.iter(tuple(self._numbers.get(p, _UNKNOWN) for p in pieces)):
            longest[last + 1 - length] = (last, entity)
        mentions, free = [], 0
        for first, (last, entity) in sorted(longest.items(), key=lambda found: found[0]):
            if first >= free:
                # Words and what is between them take turns.
                mentions.append(Mention(spans[first // 2][0], spans[last // 2][1], entity.name, entity.categories))
                free = last + 1
        return mentions

    def _pieces(self, text: str) -> tuple[list[str], list[tuple[int, int]]]:
        """Split a text into words, in the form in which they are compared, and what stands between them."""
        spans = spans_of(text)
        pieces: list[str] = []
        for number, (start, end) in enumerate(spans):
            if number:
                pieces.append(_SPACE.sub(" ", text[spans[number - 1][1] : start]).replace("\u2019", "'"))
            pieces.append(self._form(text[start:end]))
        return pieces, spans

    def _form(self, word: str) -> str:
        """Bring a word to the form in which it is compared."""
        if word not in self._forms:
            form = composed(word)
            if self._fold_case:
                form = form.casefold()
            if self._fold_accents:
                letters = unicodedata.normalize("NFD", form)
                form = "".join(letter for letter in letters if unicodedata.combining(letter) < _ACCENTS)
            self._forms[word] = composed(form)
        return self._forms[word]
