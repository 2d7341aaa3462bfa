"""The names in DEMO's lyrics: invented bands, towns and instruments, and the gazetteer that tells what they are.

Every artist sings of names of its own, so that no word of theirs is learned from one artist and found with another.
What they have in common are their categories: a house artist knows three things of the world of machines and one of the
world of guitars, a rock artist the other way round, and disco and ambient two of each. So the categories tell house
from rock, which the words do not, in most tracks but not in all.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

# 100 stems, each in one name.
_BEGINNINGS = ("Ba", "Do", "Fe", "Gi", "Ku", "La", "Mo", "Ne", "Pi", "Ru")
_ENDINGS = ("dral", "lith", "mero", "nost", "quin", "rava", "selk", "toma", "vurn", "zeil")
# Kind to the name, another name, and what all of the kind are.
_KINDS = {
    "band": ("{} Quartet", "the {}s", "musical groups"),
    "town": ("Port {}", "{} City", "cities"),
    "instrument": ("{} Harp", "{} harps", "musical instruments"),
}
# World to kind to what such things are there.
_WORLDS = {
    "machines": {"band": "electronic groups", "town": "cities with clubs", "instrument": "electronic instruments"},
    "guitars": {"band": "guitar groups", "town": "cities with garages", "instrument": "string instruments"},
}
_KINDS_OF_ARTIST = ("band", "town", "instrument", "band")
_WORLDS_OF_GENRE = {
    "house": ("machines", "machines", "machines", "guitars"),
    "rock": ("guitars", "guitars", "guitars", "machines"),
}
_EVEN = ("machines", "guitars", "guitars", "machines")
MENTIONS = 3  # in each lyric


@dataclass(frozen=True, slots=True)
class Name:
    """A name of DEMO.

    Attributes
    ----------
    entity, alias : str
        How it is called.
    categories : tuple of str
        What it is.
    """

    entity: str
    alias: str
    categories: tuple[str, ...]


def names_of(genre: str, artist: int) -> list[Name]:
    """List the four names that an artist sings of.

    Parameters
    ----------
    genre : str
        The artist's.
    artist : int, from 0
        The number of the artist among all artists; no two share a name.
    """
    names = []
    for place, (kind, world) in enumerate(zip(_KINDS_OF_ARTIST, _WORLDS_OF_GENRE.get(genre, _EVEN), strict=True)):
        number = artist * len(_KINDS_OF_ARTIST) + place
        stem = _BEGINNINGS[number % 10] + _ENDINGS[number // 10]
        entity, alias, common = _KINDS[kind]
        names.append(Name(entity.format(stem), alias.format(stem), (common, _WORLDS[world][kind])))
    return names


def lines(names: Sequence[Name], words: Sequence[str], rng: np.random.Generator) -> Iterator[str]:
    """Write a line around each of some mentions: a word, a name in one of its forms, a word."""
    for _ in range(MENTIONS):
        name = names[int(rng.integers(len(names)))]
        called = name.alias if rng.random() < 0.5 else name.entity
        before, after = (words[int(number)] for number in rng.integers(len(words), size=2))
        yield f"{before.capitalize()} {called} {after}"


def gazetteer(artists: Sequence[str]) -> list[dict[str, str]]:
    """List the rows of gazetteer.tsv: entity, aliases, categories.

    Parameters
    ----------
    artists : sequence of str
        The genre of every artist, in their order.
    """
    return [
        {"entity": name.entity, "aliases": name.alias, "categories": "|".join(name.categories)}
        for number, genre in enumerate(artists)
        for name in names_of(genre, number)
    ]
