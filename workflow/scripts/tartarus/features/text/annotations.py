"""Texts in which somebody has marked the names, as in ELMD.

Oramas, Espinosa-Anke, Sordo, Saggion, Serra 2016, "ELMD: an automatically generated entity linking gold standard
dataset in the music domain".

JSON: a list of sentences {index, text, entities: [{label, startChar, endChar, categories}]}. Places are counted in
characters from the beginning of the sentence, the end is the first character behind the name; sentences stand in
the order of the list. Other keys mean nothing here.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from tartarus.base.documents import read_json
from tartarus.base.errors import TartarusError
from tartarus.items.faults import Fault, fault_of, refuse

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
    return _gathered(path, lambda fault: refuse([fault], source=path))


def check(path: str | Path) -> tuple[list[Fault], str, list[Mention]]:
    """Tell all that is wrong in an annotated text, and the text and names that `read` would give without that."""
    found: list[Fault] = []
    try:
        return found, *_gathered(path, found.append)
    except TartarusError as error:
        return [*found, fault_of(error, source=path)], "", []


def _gathered(path: str | Path, tell: Callable[[Fault], None]) -> tuple[str, list[Mention]]:
    """Read an annotated text, and tell what is wrong in it; sentences and names that are wrong are passed over."""
    sentences = read_json(path, what="an annotated text", remedy=_REMEDY)
    if not isinstance(sentences, list):
        raise TartarusError(f"{path}: expected a list of sentences, found {type(sentences).__name__}; {_REMEDY}")
    lines: list[str] = []
    mentions: list[Mention] = []
    begin = 0
    for number, sentence in enumerate(sentences, start=1):
        source = f"sentence {number}"
        try:
            text = _value(sentence, "text", str, source)
            entities = _value(sentence, "entities", list, source)
        except ValueError as error:
            tell(Fault(str(error), _REMEDY))
            continue
        found = sorted(_mentions(entities, text, begin, source, tell), key=lambda one: (one.start, one.end))
        for one, other in pairwise(found):
            if other.start < one.end:
                tell(Fault(f"{source}: the entities '{one.entity}' and '{other.entity}' overlap", "delete one"))
        mentions += found
        lines.append(text)
        begin += len(text) + 1
    return "\n".join(lines), mentions


def _mentions(
    entities: Sequence[Any], text: str, begin: int, source: str, tell: Callable[[Fault], None]
) -> Iterator[Mention]:
    """Go through the entities of a sentence that begins at a place of the whole text."""
    for number, entity in enumerate(entities, start=1):
        try:
            yield _mention(entity, text, begin, f"{source}: entity {number}")
        except ValueError as error:
            tell(Fault(str(error), _REMEDY))


def _mention(entity: Any, text: str, begin: int, source: str) -> Mention:
    label = _value(entity, "label", str, source)
    start, end = (_value(entity, key, int, source) for key in ("startChar", "endChar"))
    categories = entity.get("categories", [])
    if not isinstance(categories, list) or not all(isinstance(category, str) for category in categories):
        raise ValueError(f"{source}: categories: expected a list of texts")
    if not 0 <= start < end <= len(text):
        place = f"'{label:.40}' is at {start} to {end}"
        raise ValueError(f"{source}: {place}, outside the text, which has {len(text)} characters")
    return Mention(begin + start, begin + end, label, tuple(categories))


def _value(holder: Any, key: str, kind: type, source: str) -> Any:
    """Take a value of a kind out of a mapping; a ValueError tells what stands there instead."""
    if not isinstance(holder, dict):
        raise ValueError(f"{source}: expected keys and values, found {type(holder).__name__}")
    value = holder.get(key)
    if not isinstance(value, kind) or isinstance(value, bool):
        found = f"found {type(value).__name__}" if key in holder else "it is missing"
        raise ValueError(f"{source}: {key}: expected {_CALLED[kind]}, {found}")
    return value


_CALLED = {str: "a text", list: "a list", int: "a whole number"}
