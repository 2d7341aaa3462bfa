"""Recordings that Essentia's music extractor has measured, one JSON file for each, as AcousticBrainz has released them.

The numbers of a recording are one row. Its columns are the numeric leaves of the sections lowlevel, rhythm and tonal,
in the order of their paths; lists are spread by position. Beat positions are no columns, for every recording has as
many as it has beats; four words are, with a column for each word that there may be. What the first file has is what
all must have.
"""

from typing import Any

import numpy as np
from tartarus.base.documents import parse_json

SECTIONS = ("lowlevel", "rhythm", "tonal")
_TONES = ("A", "A#", "B", "C", "C#", "D", "D#", "E", "F", "F#", "G", "G#")
_MODES = ("major", "minor")
WORDS = {
    "tonal.chords_key": _TONES,
    "tonal.chords_scale": _MODES,
    "tonal.key_key": _TONES,
    "tonal.key_scale": _MODES,
}
# One entry for each beat.
VARYING = {"rhythm.beats_position"}


def flatten(recording: Any) -> tuple[tuple[str, ...], list[float]]:
    """Spread what was measured of a recording over columns.

    Parameters
    ----------
    recording : dict
        What the music extractor has written.

    Returns
    -------
    columns : tuple of str
        Paths, in order: ``lowlevel.mfcc.mean.0``, ``tonal.key_key.A#``.
    values : list of float

    Raises
    ------
    ValueError
        If it has none of the sections, or a word is none of those that there may be.

    Examples
    --------
    >>> flatten({"rhythm": {"bpm": 120.5, "beats_position": [0.1, 0.6]}, "lowlevel": {"mfcc": {"mean": [-3, 1]}}})
    (('lowlevel.mfcc.mean.0', 'lowlevel.mfcc.mean.1', 'rhythm.bpm'), [-3.0, 1.0, 120.5])
    """
    columns: list[str] = []
    values: list[float] = []

    def spread(path: str, value: Any) -> None:
        if path in WORDS:
            if value not in WORDS[path]:
                raise ValueError(f"{path}: {value!r:.40}, expected one of {', '.join(WORDS[path])}")
            columns.extend(f"{path}.{word}" for word in WORDS[path])
            values.extend(float(value == word) for word in WORDS[path])
        elif isinstance(value, dict):
            for key in sorted(value):
                spread(f"{path}.{key}", value[key])
        elif isinstance(value, list):
            if path not in VARYING:
                for position, entry in enumerate(value):
                    spread(f"{path}.{position}", entry)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            columns.append(path)
            values.append(float(value))

    sections = [section for section in SECTIONS if isinstance(recording, dict) and section in recording]
    for section in sections:
        spread(section, recording[section])
    if not columns:
        raise ValueError(f"no numbers under {', '.join(SECTIONS)}")
    return tuple(columns), values


class Columns:
    """What the columns are: those of the first recording.

    Attributes
    ----------
    names : tuple of str
        Empty before the first.
    first : str
        The file that they are from.
    """

    def __init__(self) -> None:
        self.names: tuple[str, ...] = ()
        self.first = ""

    def row(self, place: str, content: bytes) -> np.ndarray:
        """Read a recording's row.

        Parameters
        ----------
        place : str
            Where the file is.
        content : bytes
            What is in it.

        Returns
        -------
        np.ndarray [shape=(n_columns,)], float32, finite

        Raises
        ------
        ValueError
            If it is no JSON of a recording, or its columns are others than the first's.
        """
        try:
            names, values = flatten(parse_json(content))
        except RecursionError as error:
            raise ValueError("nested too deeply") from error
        with np.errstate(over="ignore"):
            row = np.array(values, np.float32)
        if not np.isfinite(row).all():
            raise ValueError(f"{names[int(np.isfinite(row).argmin())]}: beyond what 32 bits hold")
        if not self.names:
            self.names, self.first = names, place
        elif names != self.names:
            raise ValueError(_other_columns(names, self.names, self.first))
        return row


def _other_columns(found: tuple[str, ...], wanted: tuple[str, ...], first: str) -> str:
    lacking, more = (
        [name for name in one if name not in other] for one, other in ((wanted, set(found)), (found, set(wanted)))
    )
    told = [
        f"{len(names)} {what}, the first {names[0]}"
        for names, what in ((lacking, "are missing"), (more, "more"))
        if names
    ]
    return f"{len(found)} columns, where {first} has {len(wanted)}: {'; '.join(told)}"
