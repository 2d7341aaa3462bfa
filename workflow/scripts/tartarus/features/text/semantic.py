"""Semantic texts: names are one word each, and what they are is said too.

They are the VSM-SEM of Oramas, Nieto, Barbieri, Serra 2017, "Multi-label music genre classification from audio, text,
and images using deep features".

Of "Bowie came to West Berlin" with its names linked, "david_bowie came to west_berlin" is left, and behind it stand
the categories of both: "english_singers cities_in_germany". The words of a name, or of a category, are joined by
underscores, which belong to words: tf-idf does not part them.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from tartarus.base.errors import TartarusError
from tartarus.base.logs import log
from tartarus.features.text import gazetteers, linking, texts
from tartarus.features.text.annotations import Mention
from tartarus.features.text.words import words_of

JOINER = "_"
_WHITE_PARTED = re.compile(r"\S+")
_END_OF_WORD, _BEGIN_OF_WORD = re.compile(r"\w\Z"), re.compile(r"\w")


def joined(name: str) -> str:
    """Make one word of a name.

    Examples
    --------
    >>> joined("Guns N' Roses")
    'guns_n_roses'
    """
    return JOINER.join(words_of(name))


def enriched(text: str, mentions: Sequence[Mention], *, words: int | None) -> str:
    """Join the words of names in a text, and append their categories.

    Parameters
    ----------
    text : str
        The text.
    mentions : sequence of Mention
        The names in it, in its order; none overlaps another. One that holds no word stays as it is.
    words : int or None
        Only the first so many words count, a name as one; the categories of the names among them come on top. None:
        all.

    Returns
    -------
    str

    Examples
    --------
    >>> enriched("Now Bowie sings", [Mention(4, 9, "David Bowie", ("English singers",))], words=2)
    'Now david_bowie english_singers'
    """
    pieces: list[str] = []
    ends, length, behind = [], 0, 0
    for mention in mentions:
        before, named = text[behind : mention.start], text[mention.start : mention.end]
        # An annotated name may be a part of a word, or follow another at once.
        left = " " if _END_OF_WORD.search(before) or (pieces and not before and not pieces[-1]) else ""
        right = " " if _BEGIN_OF_WORD.match(text, mention.end) else ""
        pieces += (before, left, joined(mention.entity) or named, right)
        length += sum(len(piece) for piece in pieces[-4:])
        ends.append(length - len(right))
        behind = mention.end
    whole = "".join((*pieces, text[behind:]))
    kept = _end_of_words(whole, words)
    categories = [
        joined(category)
        for mention, end in zip(mentions, ends, strict=True)
        if end <= kept
        for category in mention.categories
    ]
    return " ".join((whole[:kept], *filter(None, categories)))


def _end_of_words(text: str, count: int | None) -> int:
    """Tell where the first so many words of a text end, as separated by white space."""
    ends = [found.end() for found in islice(_WHITE_PARTED.finditer(text), count)]
    return ends[-1] if ends else 0


def read(
    path: str | Path,
    gazetteer: str | Path | None,
    *,
    index: Sequence[str | Path] = (),
    words: int | None,
    linking_options: Mapping[str, bool],
) -> tuple[dict[str, dict[str, str]], dict[str, Any]]:
    """Read the texts of a dataset, and enrich them.

    Parameters
    ----------
    path : str or Path
        The texts, as `texts.collect` wrote them. Where names are marked already, these are taken.
    gazetteer : str or Path, optional
        What names are found by in the other texts; None or empty if there is none.
    index : sequence of str or Path
        See `texts.read`.
    words : int
        See `enriched`.
    linking_options : mapping
        See `linking.Linker`.

    Returns
    -------
    by_set : dict
        Set to id to enriched text.
    signature : dict
        What the texts were linked with: the digest of the gazetteer, and the options.

    Raises
    ------
    TartarusError
        If no text has marked names, and there is no gazetteer.
    """
    by_set, marked = texts.read(path, index), texts.read_mentions(path)
    if not gazetteer and not marked:
        raise TartarusError(
            f"{path}: no names are known of these texts; write gazetteer.tsv beside the table of items, or name "
            f"annotated texts in its column 'entities' (docs/own-data.md, Names in texts)"
        )
    entities = gazetteers.read(gazetteer) if gazetteer else []
    linker = linking.Linker(entities, **linking_options) if entities else None
    found: dict[str, dict[str, str]] = {}
    counts = []
    for set_, of_set in by_set.items():
        found[set_] = {}
        for id_, text in of_set.items():
            mentions = marked[id_] if id_ in marked else linker.link(text) if linker else []
            counts.append(len(mentions))
            found[set_][id_] = enriched(text, mentions, words=words)
    log.info("%d names in %d texts; %d texts have none", sum(counts), len(counts), counts.count(0))
    return found, {"gazetteer": gazetteers.digest_of(entities) if entities else None, **linking_options}
