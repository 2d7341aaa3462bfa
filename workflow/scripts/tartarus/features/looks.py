"""What is wrong or odd in the raw files of items, told before anything is made from them."""

from pathlib import Path
from typing import Any

from tartarus.base.files import read_text
from tartarus.features.sound.spectrograms import listen
from tartarus.features.text import annotations, gazetteers
from tartarus.items.checking import ODD, WRONG, Look
from tartarus.items.faults import Fault
from tartarus.items.statuses import KEPT

Found = tuple[str, Fault] | None


def looks(audio: dict[str, Any]) -> dict[str, Look]:
    """Give what looks into files, by the column of the table that names them.

    Parameters
    ----------
    audio : dict
        The options of spectrograms: `sample_rate`, `min_seconds`.
    """

    def at_sound(path: Path) -> Found:
        track, _ = listen(path.name, path, audio)
        if track.status == "ok":
            return None
        what = f"{track.status}: {track.detail.removeprefix(f'{path}: ')}"
        return (ODD, Fault(what)) if track.status in KEPT else (WRONG, Fault(what, "put another file there"))

    return {"audio": at_sound, "text": _at_text, "entities": _at_annotations}


def _at_text(path: Path) -> Found:
    return None if read_text(path).split() else (ODD, Fault("no words in it"))


def _at_annotations(path: Path) -> Found:
    text, mentions = annotations.read(path)
    if not text.split():
        return ODD, Fault("no words in it")
    return None if mentions else (ODD, Fault("no names in it"))


def at_gazetteer(path: Path) -> list[Fault]:
    """Tell all that is wrong in a gazetteer."""
    return list(gazetteers.faults(path))
