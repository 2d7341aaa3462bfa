"""The files of an inbox: a folder of sound that nobody has labelled, with texts and covers beside it.

What belongs together has the same stem: ``song.mp3``, ``song.txt`` and ``song.jpg``. Or a table, items.tsv or
items.csv, in the inbox says it, with the columns `id`, `audio`, `image`, and `text` or `words`, of any other table of
items.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tartarus.base.errors import TartarusError, suggestion
from tartarus.base.files import as_written, digest
from tartarus.items import cells, columns, table_text
from tartarus.items.faults import refuse
from tartarus.items.raw_files import stamps_of
from tartarus.plan import names

# Formats of libsndfile and FFmpeg by their usual endings: what else lies there is no sound.
SOUND = (
    *(
        ".wav",
        ".flac",
        ".ogg",
        ".oga",
        ".opus",
        ".mp3",
        ".mp2",
        ".m4a",
        ".mp4",
        ".aac",
        ".wma",
        ".aif",
        ".aiff",
        ".aifc",
    ),
    *(".au", ".w64", ".rf64", ".wv", ".ape", ".mka", ".webm"),
)
TEXT = (".txt",)
# Of several beside one sound, the first counts.
IMAGE = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".jp2")
TABLE = "items.tsv"


@dataclass(frozen=True)
class Found:
    """What lies in an inbox of one item.

    Attributes
    ----------
    id : str
        The path of its sound within the inbox, or its id in the table.
    audio, text, image : Path or None
        Its files.
    words : str
        Its text itself, if the table holds it.
    """

    id: str
    audio: Path | None
    text: Path | None = None
    image: Path | None = None
    words: str = ""

    @property
    def stamp(self) -> str:
        """Tell the version of its files and words: another if one of them is changed, added or taken away."""
        files = stamps_of(path for path in (self.audio, self.text, self.image) if path)
        return digest([files, self.words] if self.words else files)


def find(inbox: str) -> list[Found]:
    """List what lies in an inbox, in the order of its paths or of its table.

    Raises
    ------
    TartarusError
        If there is no such inbox (those that there are are listed), or no sound in it.
    """
    folder = Path(names.INBOX.format(inbox=inbox))
    if not folder.is_dir():
        there = sorted(path.name for path in folder.parent.glob("*") if path.is_dir())
        raise TartarusError(f"{folder}: no such folder; {suggestion(inbox, there)}; put files of sound into it")
    table = Path(as_written(folder / TABLE))
    if table.is_file():
        return list(_by_table(table))
    found = list(_by_stem(folder))
    if not found:
        raise TartarusError(f"{folder}: no file of sound in it, by the endings {' '.join(SOUND)}")
    return found


def pictures(found: Iterable[Found], folder: str | Path) -> dict[str, Path]:
    """Name the file of the picture of each item of an inbox, below a folder: by its id, which may be a path.

    Raises
    ------
    TartarusError
        If an id is no such path: that of a table may lead out of the folder, any may be too long.
    """
    names_ = {one.id: Path(f"{one.id}.png") for one in found}
    for id_, name in names_.items():
        if name.is_absolute() or ".." in name.parts:
            raise TartarusError(f"id '{id_}' leads out of the folder of pictures, {folder}; write another into {TABLE}")
        if any(len(part.encode()) > cells.LONGEST_NAME for part in name.parts):
            raise TartarusError(f"id '{id_:.40}...' is too long for the name of its picture; shorten it")
    return {id_: Path(folder) / name for id_, name in names_.items()}


def _by_stem(folder: Path) -> Iterator[Found]:
    files = sorted(_files(folder))
    by_name = {(path.with_suffix(""), path.suffix.lower()): path for path in reversed(files)}
    for path in files:
        if path.suffix.lower() in SOUND:
            stem = path.with_suffix("")
            text, image = (
                next((by_name[stem, end] for end in ends if (stem, end) in by_name), None) for ends in (TEXT, IMAGE)
            )
            yield Found(path.relative_to(folder).as_posix(), path, text, image)


def _by_table(table: Path) -> Iterator[Found]:
    (_, header), *rows = table_text.read_table(table)
    seen: cells.Seen = {}
    for number, values in rows:
        row = dict(zip(header, values, strict=False))
        if "id" not in header or len(values) != len(header):
            raise TartarusError(
                f"{table}: row {number}: write a header with the column id, and as many cells in each row"
            )
        used = cells.used_columns(header, "id")
        found = cells.faults_of(row, used, number=number, seen=seen, label_column="id", single=False)
        refuse(found, source=table)
        audio, text, image = (table.parent / row[kind] if row.get(kind) else None for kind in columns.MODALITIES)
        yield Found(row["id"], audio, text, image, row.get(columns.WORDS, ""))


def _files(folder: Path) -> Iterator[Path]:
    """Go through all files below a folder; a folder that links lead to again and again is entered once."""
    entered = set()
    for place, inner, files in os.walk(folder, followlinks=True):
        real = os.path.realpath(place)
        if real in entered:
            inner.clear()
            continue
        entered.add(real)
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        yield from (Path(place) / name for name in files if not name.startswith("."))
