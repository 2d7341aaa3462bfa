"""From measured recordings and tables of their genres to the files that an archive is to hold.

Recordings are read once, in the order of their archives, and none is kept: memory grows with the ids alone.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Self

import h5py
import numpy as np
from tartarus.archives.genre_tables import find_tables, write_dataset
from tartarus.archives.json_archives import File, read_json_files
from tartarus.base.errors import TartarusError
from tartarus.base.files import replacing, visible_files, write_lines
from tartarus.base.hdf5 import encode_ids
from tartarus.base.logs import log
from tartarus.features.sound.music_extractor import Columns
from tartarus.items.tables import write_rows
from tartarus.plan.feature_kinds import feature_file

_ROWS = 256  # at once
_LONGEST_ID = 64  # bytes; MusicBrainz's have 36
_STEP = 10_000  # recordings, between two lines of the log

# A set of a dataset.
Part = tuple[str, str]


def make(folders: Iterable[str | Path], target: str | Path, *, features: Mapping[str, str], seed: int) -> None:
    """Write everything that recordings and tables of genres tell of some datasets.

    For each dataset that has its tables: ids, classes, ground truth, and an HDF5 file of features for each set, whose
    rows are in the order of the recordings. Besides ``COLUMNS.tsv``, what the columns are; ``REFUSED.tsv``, each file
    that was not used, and why; ``COUNTS.tsv``, how many recordings each set has, lacks, and how many were refused.

    Parameters
    ----------
    folders : iterable of str or Path
        Where archives of JSON files, JSON files and tables are.
    target : str or Path
        The folder to write to.
    features : mapping
        The datasets to be looked for, and what their features are called.
    seed : int
        Of the split into train and val.

    Raises
    ------
    TartarusError
        If a table or an archive is damaged, or most recordings have other columns than the first.
    """
    target = Path(target)
    target.mkdir(parents=True, exist_ok=True)
    paths = sorted((path for folder in folders for path in visible_files(folder)), key=lambda path: (path.name, path))
    parts: list[Part] = []
    wanted: dict[str, int] = {}  # id to the parts that want it, a bit for each
    counts: dict[Part, Counter[str]] = {}
    for tables in find_tables(paths, features):
        for set_, ids in write_dataset(tables, target, seed=seed).items():
            bit = 1 << len(parts)
            parts.append((tables.dataset, set_))
            counts[parts[-1]] = Counter(recordings=len(ids))
            for id_ in ids:
                wanted[id_] = wanted.get(id_, 0) | bit
    columns, refused = Columns(), list[dict[str, str]]()
    if wanted:
        files = {part: target / Path(feature_file(features[part[0]], part[1], part[0])).name for part in parts}
        _write_features(read_json_files(paths), wanted, files, columns, counts, refused)
    for mask in wanted.values():
        for part in _parts_of(mask, parts):
            counts[part]["missing"] += 1
    write_lines(target / "COLUMNS.tsv", columns.names)
    write_rows(target / "REFUSED.tsv", refused, columns=("file", "recording", "reason"))
    keys = ("recordings", "used", "refused", "missing")
    rows = [{"dataset": part[0], "set": part[1], **{key: counts[part][key] for key in keys}} for part in parts]
    write_rows(target / "COUNTS.tsv", rows, columns=("dataset", "set", *keys))
    for row in rows:
        log.info("%s", ", ".join(f"{key} {value}" for key, value in row.items()))


def _parts_of(mask: int, parts: Sequence[Part]) -> list[Part]:
    return [part for number, part in enumerate(parts) if mask >> number & 1]


def _write_features(
    found: Iterable[File],
    wanted: dict[str, int],
    files: dict[Part, Path],
    columns: Columns,
    counts: dict[Part, Counter[str]],
    refused: list[dict[str, str]],
) -> None:
    """Write the rows of the recordings that are wanted, and strike these out."""
    parts, used = list(files), 0
    with ExitStack() as stack:
        writers: dict[Part, _Rows] = {}
        for place, id_, content in found:
            if id_ not in wanted:
                continue
            of = _parts_of(wanted.pop(id_), parts)
            try:
                row = columns.row(place, content)
            except ValueError as error:
                refused.append({"file": place, "recording": id_, "reason": str(error)})
                log.info("%s: not used: %s", place, error)
                for part in of:
                    counts[part]["refused"] += 1
                continue
            used += 1
            for part in of:
                counts[part]["used"] += 1
                if part not in writers:
                    writers[part] = stack.enter_context(_Rows(files[part], len(row)))
                writers[part].add(id_, row)
            if used % _STEP == 0:
                log.info("%d recordings, %d to come, %d refused", used, len(wanted), len(refused))
    if len(refused) > used:
        raise TartarusError(
            f"{len(refused)} of {used + len(refused)} recordings were refused, the first is {refused[0]['file']}: "
            f"{refused[0]['reason']}; if it is {columns.first or 'none'} that is odd, remove it"
        )


class _Rows:
    """An HDF5 file of features that grows row by row; it gets its name when it is whole."""

    def __init__(self, path: Path, n_columns: int) -> None:
        self._stack = ExitStack()
        self._path, self._rows, self._ids = path, np.empty((_ROWS, n_columns), np.float32), list[str]()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            part = stack.enter_context(replacing(self._path))
            file = stack.enter_context(h5py.File(part, "w"))
            width = self._rows.shape[1]
            self._features = file.create_dataset(
                "features", (0, width), "f4", maxshape=(None, width), chunks=(1, width), track_times=False
            )
            self._index = file.create_dataset(
                "index", (0,), f"S{_LONGEST_ID}", maxshape=(None,), chunks=(1024,), track_times=False
            )
            self._stack = stack.pop_all()
        return self

    def add(self, id_: str, row: np.ndarray) -> None:
        self._rows[len(self._ids)] = row
        self._ids.append(id_)
        if len(self._ids) == _ROWS:
            self._flush()

    def _flush(self) -> None:
        first, last = len(self._index), len(self._index) + len(self._ids)
        for values, new in ((self._features, self._rows[: len(self._ids)]), (self._index, encode_ids(self._ids))):
            values.resize(last, axis=0)
            values[first:] = new
        self._ids = []

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> bool | None:
        if kind is None and self._ids:
            self._flush()
        return self._stack.__exit__(kind, *rest)  # type: ignore[arg-type]
