"""Texts in which somebody has marked the names, as in ELMD.

Oramas, Espinosa-Anke, Sordo, Saggion, Serra 2016, "ELMD: an automatically generated entity linking gold standard
dataset in the music domain".

JSON: a list of sentences {index, text, entities: [{label, startChar, endChar, categories}]}. Places are counted in
characters from the beginning of the sentence, the end is the first character behind the name; sentences stand in
the order of the list. Other keys mean nothing here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from tartarus.base.documents import read_json
from tartarus.base.errors import TartarusError

_REMEDY = "correct it (docs/own-data.md, Names in texts)"


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a text.

    Attributes
    ----------
    start, end : int
        Its first character, and the first one behind it.
    entity : str
        What is named; another form of its name may stand in the text.
    categories : tuple of str
        What it is.
    """

    start: int
    end: int
    entity: str
    categories: tuple[str, ...]


def read(path: str | Path) -> tuple[str, list[Mention]]:
    """Read an annotated text.

    Returns
    -------
    text : str
        The sentences, one a line.
    mentions : list of Mention
        In the order of the text; none overlaps another.

    Raises
    ------
    TartarusError
        If it is no such file, a name is not within its sentence, or two overlap. The message names file, sentence and
        name.
    """
    sentences = read_json(path, what="an annotated text", remedy=_REMEDY)
    if not isinstance(sentences, list):
        raise TartarusError(f"{path}: expected a list of sentences, found {type(sentences).__name__}; {_REMEDY}")
    lines: list[str] = []
    mentions: list[Mention] = []
    begin = 0
    for number, sentence in enumerate(sentences, start=1):
        source = f"{path}: sentence {number}"
        text = _value(sentence, "text", str, source)
        found = sorted(_mentions(sentence, text, begin, source), key=lambda mention: (mention.start, mention.end))
        for one, other in pairwise(found):
            if other.start < one.end:
                raise TartarusError(f"{source}: the entities '{one.entity}' and '{other.entity}' overlap; delete one")
        mentions += found
        lines.append(text)
        begin += len(text) + 1
    return "\n".join(lines), mentions


def _mentions(sentence: Mapping[str, Any], text: str, begin: int, source: str) -> Iterator[Mention]:
    """Go through the entities of a sentence that begins at a place of the whole text."""
    for number, entity in enumerate(_value(sentence, "entities", list, source), start=1):
        where = f"{source}: entity {number}"
        label = _value(entity, "label", str, where)
        start, end = (_value(entity, key, int, where) for key in ("startChar", "endChar"))
        categories = entity.get("categories", [])
        if not isinstance(categories, list) or not all(isinstance(category, str) for category in categories):
            raise TartarusError(f"{where}: categories: expected a list of texts; {_REMEDY}")
        if not 0 <= start < end <= len(text):
            raise TartarusError(
                f"{where}: '{label:.40}' is at {start} to {end}, outside the text, which has {len(text)} characters; "
                f"{_REMEDY}"
            )
        yield Mention(begin + start, begin + end, label, tuple(categories))


def _value(holder: Any, key: str, kind: type, source: str) -> Any:
    """Take a value of a kind out of a mapping."""
    if not isinstance(holder, dict):
        raise TartarusError(f"{source}: expected keys and values, found {type(holder).__name__}; {_REMEDY}")
    value = holder.get(key)
    if not isinstance(value, kind) or isinstance(value, bool):
        found = f"found {type(value).__name__}" if key in holder else "it is missing"
        raise TartarusError(f"{source}: {key}: expected {_CALLED[kind]}, {found}; {_REMEDY}")
    return value


_CALLED = {str: "a text", list: "a list", int: "a whole number"}
