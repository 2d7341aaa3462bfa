"""What is wrong or odd in the raw files of items, told before anything is made from them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tartarus.base.files import read_text
from tartarus.features.pictures import covers
from tartarus.features.sound.spectrograms import listen
from tartarus.features.text import annotations, gazetteers
from tartarus.features.text.linking import Linker
from tartarus.items.checking import ODD, WRONG, Look
from tartarus.items.faults import Fault
from tartarus.items.statuses import KEPT

Found = Iterator[tuple[str, Fault]]


def looks(audio: dict[str, Any], *, pixels: int) -> dict[str, Look]:
    """Give what looks into files, by the column of the table that names them.

    Parameters
    ----------
    audio : dict
        The options of spectrograms: `sample_rate`, `min_seconds`.
    pixels : int
        Of each side of a picture.
    """

    def at_sound(path: Path) -> Found:
        track, _ = listen(path.name, path, audio)
        yield from _of_status(track.status, track.detail.removeprefix(f"{path}: "))

    def at_cover(path: Path) -> Found:
        cover, _ = covers.look_at(path.name, path, pixels=pixels)
        yield from _of_status(cover.status, cover.detail.removeprefix(f"{path}: "))

    return {"audio": at_sound, "text": _at_text, "entities": _at_annotations, "image": at_cover}


def _of_status(status: str, detail: str) -> Found:
    if status != "ok":
        what = f"{status}: {detail}"
        yield (ODD, Fault(what)) if status in KEPT else (WRONG, Fault(what, "put another file there"))


def _at_text(path: Path) -> Found:
    if not read_text(path).split():
        yield ODD, Fault("no words in it")


def _at_annotations(path: Path) -> Found:
    faults, text, mentions = annotations.check(path)
    yield from ((WRONG, fault) for fault in faults)
    if not faults and not (text.split() and mentions):
        yield ODD, Fault("no names in it" if text.split() else "no words in it")


def at_gazetteer(folding: dict[str, bool]) -> Look:
    """Give what looks into a gazetteer, whose forms are the same as `folding` says: `fold_case`, `fold_accents`."""

    def look(path: Path) -> Found:
        faults = list(gazetteers.faults(path))
        yield from ((WRONG, fault) for fault in faults)
        for form, meant, other in () if faults else Linker(gazetteers.read(path), **folding).doubled:
            if meant is other:
                yield ODD, Fault(f"entity '{other.name}' has the name '{form}' twice", "delete one", value=form)
            else:
                what = f"'{form}' is a name of '{meant.name}', whom it is taken to mean, and of '{other.name}'"
                yield ODD, Fault(what, "delete it where it is not meant (docs/own-data.md, Names in texts)", value=form)

    return look
