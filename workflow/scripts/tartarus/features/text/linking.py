"""Finding names in texts by a gazetteer: a table of names, their other forms, and what they are.

At each word, the longest name that begins there is taken, and the search goes on behind it. All names are looked for
at once (Aho and Corasick 1975, "Efficient string matching"), so that the time grows with the text, not with the
gazetteer.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import ahocorasick
from tartarus.base.errors import TartarusError, suggestion
from tartarus.base.files import digest
from tartarus.base.logs import log
from tartarus.features.text.annotations import Mention
from tartarus.features.text.words import composed, spans_of, words_of
from tartarus.items import table_text

COLUMNS = ("entity", "aliases", "categories")
# Above them are the accents of Latin, Greek and Cyrillic letters; below, vowels and points that make other words.
_ACCENTS = 200
_UNKNOWN = 0
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Entity:
    """A row of a gazetteer.

    Attributes
    ----------
    name : str
        How it is called; texts that use another form of its name are taken to say this one.
    aliases : tuple of str
        The other forms.
    categories : tuple of str
        What it is.
    """

    name: str
    aliases: tuple[str, ...]
    categories: tuple[str, ...]


def read_gazetteer(path: str | Path) -> list[Entity]:
    """Read a gazetteer: tab-separated, with the columns `entity`, `aliases` and `categories`, the latter parted by |.

    Raises
    ------
    TartarusError
        If it is no such table, an entity stands twice, or a name or category is empty or holds no word. The message
        names file, row and entity.
    """
    rows = table_text.read_table(path)
    header = [column.strip() for column in rows[0][1]]
    for column in COLUMNS:
        if header.count(column) != 1:
            raise TartarusError(
                f"{path}: row 1: expected one column '{column}', found {header.count(column)}; "
                f"{suggestion(column, header)}"
            )
    entities: list[Entity] = []
    seen: dict[str, int] = {}
    for number, cells in rows[1:]:
        if len(cells) != len(header):
            raise TartarusError(
                f"{path}: row {number}: {len(cells)} cells, the header has {len(header)}; check its tabs"
            )
        row = dict(zip(header, cells, strict=True))
        name = row["entity"].strip()
        aliases, categories = (tuple(_parts(row[column])) for column in ("aliases", "categories"))
        for column, texts in zip(COLUMNS, ((name,), aliases, categories), strict=True):
            for text in texts:
                if not words_of(text):
                    what = f"'{text}' holds no word" if text else "an empty name"
                    raise TartarusError(
                        f"{path}: row {number}: entity '{name}': {what} in column '{column}'; delete it, with its |"
                    )
        if name in seen:
            raise TartarusError(f"{path}: row {number}: entity '{name}' stands in row {seen[name]} already; delete one")
        seen[name] = number
        entities.append(Entity(name, aliases, categories))
    if not entities:
        raise TartarusError(f"{path}: no entities; write one row for each")
    return entities


def _parts(cell: str) -> Iterator[str]:
    return (part.strip() for part in cell.split("|")) if cell.strip() else iter(())


def digest_of(entities: Sequence[Entity]) -> str:
    """Compute the digest of a gazetteer: another one, and a text may say something else."""
    return digest([[entity.name, entity.aliases, entity.categories] for entity in entities])


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
    """

    def __init__(self, entities: Sequence[Entity], *, fold_case: bool, fold_accents: bool) -> None:
        self._fold_case, self._fold_accents = fold_case, fold_accents
        self._forms: dict[str, str] = {}
        self._numbers: dict[str, int] = {}
        named: dict[tuple[int, ...], Entity] = {}
        ambiguous = []
        for entity in entities:
            for form in (entity.name, *entity.aliases):
                pieces, _ = self._pieces(form)
                key = tuple(self._numbers.setdefault(piece, len(self._numbers) + 1) for piece in pieces)
                if named.setdefault(key, entity) is not entity:
                    ambiguous.append(form)
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
