"""Checking the files of an archive before anything is made from them: names, shapes, types, values, ids.

Missing files are told apart from invalid ones: what is missing can be left out, what is invalid has to be mended.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tartarus.base.errors import TartarusError, UnavailableError, telling_damage
from tartarus.base.files import fits_in_table, read_lines
from tartarus.base.hdf5 import Hdf5File
from tartarus.base.logs import log, progress
from tartarus.base.untrusted import expect_numbers, is_finite, open_array, open_sparse, read_in_blocks
from tartarus.items.tables import read_rows
from tartarus.plan.expected import Expected

_LARGEST_TEXT = 1 << 26  # bytes, twice what the largest index of a published archive has
_MOST_CELLS = 3_000_000  # in a text, for each takes many times its bytes in memory
_LONGEST_MESSAGE = 1000  # characters: some tell what they found, however much that is

COLUMNS = ("path", "kind", "dataset", "set", "status", "source", "shape", "dtype", "message")
Row = dict[str, str]
Shape = tuple[int, ...]


def check(expected: Sequence[Expected], found: Mapping[str, Sequence[Path]]) -> list[Row]:
    """Check the files of an archive.

    Parameters
    ----------
    expected : sequence of Expected
        The files that it is to hold, the ids of a dataset before all else of it.
    found : mapping
        File name to the paths of that name, each with another content.

    Returns
    -------
    list of dict
        A row with the keys of `COLUMNS` for each expected file. `status` is ``ok``, ``missing`` or ``invalid``;
        `message` says what is wrong, naming the file, what was found, and what was expected.

    Raises
    ------
    UnavailableError
        If a file cannot be read now, for example because it is locked.
    """
    checker = _Checker()
    rows = []
    for entry in progress(expected, total=len(expected), what="checking"):
        sources = next((found[name] for name in entry.names if name in found), [])
        row = {"path": entry.path, "kind": entry.kind, "dataset": entry.dataset, "set": entry.set}
        if not sources:
            message = f"not in the archive: {' or '.join(entry.names)}"
            rows.append({**row, "status": "missing", "source": "", "shape": "", "dtype": "", "message": message})
            continue
        source = sources[0]
        try:
            if len(sources) > 1:
                raise TartarusError(
                    f"{source}: another content than {sources[1]}, though files are known by their names; put the "
                    f"right one into the folder own"
                )
            shape, dtype = checker.check(entry, source)
            rows.append({**row, "status": "ok", "source": str(source), **_described(shape, dtype), "message": ""})
        except UnavailableError:
            raise  # or the report would call a file invalid that is locked, and not be made again
        except TartarusError as error:
            message = _in_one_line(str(error))
            log.warning("%s", message)
            rows.append(
                {**row, "status": "invalid", "source": str(source), "shape": "", "dtype": "", "message": message}
            )
    return rows


def _in_one_line(message: str) -> str:
    """Give a message the form of a cell, whatever of a file it cites."""
    words = " ".join(message[: 2 * _LONGEST_MESSAGE].split())
    shown = "".join(letter if fits_in_table(letter) else f"\\u{ord(letter):04x}" for letter in words)
    return shown if len(shown) <= _LONGEST_MESSAGE else f"{shown[:_LONGEST_MESSAGE]} ..."


def _described(shape: Shape, dtype: str) -> dict[str, str]:
    return {"shape": " x ".join(map(str, shape)), "dtype": dtype}


class _Checker:
    """Checks one file after another; what it learns from one it holds against the next."""

    def __init__(self) -> None:
        self.ids: dict[tuple[str, str], list[str]] = {}
        self.unread: set[tuple[str, str]] = set()  # dataset and set of indexes that are invalid
        self.widths: dict[tuple[str, str], tuple[Shape, Path]] = {}
        self.kinds: dict[str, Callable[[Expected, Path], tuple[Shape, str]]] = {
            "index": self.index,
            "labels": self.labels,
            "targets": self.targets,
            "factors": self.factors,
            "plays": self.plays,
            "albums": self.albums,
            "features": self.features,
            "patches": self.patches,
        }

    def check(self, entry: Expected, source: Path) -> tuple[Shape, str]:
        with telling_damage(source, f"not a readable file of {entry.kind}"):
            return self.kinds[entry.kind](entry, source)

    def index(self, entry: Expected, source: Path) -> tuple[Shape, str]:
        self.unread.add((entry.dataset, entry.set))
        ids = _unique_lines(source, "id")
        for (dataset, set_), others in self.ids.items():
            both = set(ids).intersection(others) if dataset == entry.dataset else set()
            if both:
                raise TartarusError(
                    f"{source}: {len(both)} ids are in the set {set_} too, for example '{min(both)}'; an item must be "
                    f"in one set: fetch both anew"
                )
        self.ids[entry.dataset, entry.set] = ids
        self.unread.remove((entry.dataset, entry.set))
        return (len(ids),), "text"

    def labels(self, entry: Expected, source: Path) -> tuple[Shape, str]:
        labels = _unique_lines(source, "class")
        _expect_shape(source, (len(labels),), entry.columns)
        return (len(labels),), "text"

    def targets(self, entry: Expected, source: Path) -> tuple[Shape, str]:
        values = open_array(source)
        _expect_shape(source, values.shape, (self._rows(entry), *entry.columns))
        for first, block in _finite_blocks(source, values):
            if entry.values != "real" and not np.isin(block, (0, 1)).all():
                row, column = np.argwhere(~np.isin(block, (0, 1)))[0]
                found = block[row, column]
                raise TartarusError(
                    f"{source}: row {first + row}, column {column}: {found}, expected 0 or 1; fetch it anew"
                )
            single = block.sum(axis=1) == 1
            if entry.values == "one" and not single.all():
                raise TartarusError(
                    f"{source}: row {first + int(np.argmin(single))}: {block[np.argmin(single)].sum():.0f} classes, "
                    f"expected one; the task is multiclass"
                )
        return values.shape, str(values.dtype)

    def factors(self, entry: Expected, source: Path) -> tuple[Shape, str]:
        values = open_array(source)
        whole = len(entry.columns) == 2
        _expect_shape(source, values.shape, entry.columns if whole else (None, *entry.columns))
        if not whole:
            self._expect_same_width("users", entry.dataset, values.shape[:1], source)
        for _ in _finite_blocks(source, values):
            pass
        return values.shape, str(values.dtype)

    def plays(self, entry: Expected, source: Path) -> tuple[Shape, str]:
        matrix = open_sparse(source)
        _expect_shape(source, matrix.shape, (self._rows(entry), None))
        self._expect_same_width("users", entry.dataset, matrix.shape[1:], source)
        if (matrix.data < 0).any():
            raise TartarusError(f"{source}: {int((matrix.data < 0).sum())} plays are below 0; fetch it anew")
        return matrix.shape, str(matrix.dtype)

    def albums(self, entry: Expected, source: Path) -> tuple[Shape, str]:
        _expect_bounded(source)
        rows = read_rows(source, remedy="fetch it anew")
        if not rows or not {"id", "album"} <= set(rows[0]):
            raise TartarusError(f"{source}: expected a header with the columns id and album, and rows below it")
        seen: set[str] = set()
        for number, row in enumerate(rows, start=2):
            if row["id"] in seen:
                raise TartarusError(f"{source}: row {number}: the track '{row['id']}' stands twice; leave one album")
            if not row["album"]:
                raise TartarusError(f"{source}: row {number}: the track '{row['id']}' has no album; leave the row out")
            seen.add(row["id"])
        tracks = {id_ for (dataset, _), ids in self.ids.items() if dataset == entry.dataset for id_ in ids}
        if tracks and not tracks & seen and entry.dataset not in {dataset for dataset, _ in self.unread}:
            raise TartarusError(
                f"{source}: none of its {len(seen)} tracks is in the indexes of {entry.dataset}, for example "
                f"'{min(seen)}'; both must be of the same dataset"
            )
        return (len(rows), len(rows[0])), "text"

    def features(self, entry: Expected, source: Path) -> tuple[Shape, str]:
        values = open_array(source) if source.suffix == ".npy" else open_sparse(source)
        width: Sequence[int | None] = entry.columns or (None,)
        _expect_shape(source, values.shape, (self._rows(entry), *width))
        name = entry.path.rsplit("/", 1)[1].split("_", 2)[2]
        self._expect_same_width(name, entry.dataset, values.shape[1:], source)
        if isinstance(values, np.ndarray):
            for _ in _finite_blocks(source, values):
                pass
        return values.shape, str(values.dtype)

    def patches(self, entry: Expected, source: Path) -> tuple[Shape, str]:
        with Hdf5File(source, remedy="fetch it anew, or make it as the original did") as file:
            values = file.dataset("features")
            expect_numbers(source, values.dtype)
            # Of the ids first their number: where it is that of the rows, there are no more of them than fit.
            _expect_shape(source, values.shape, (len(file.dataset("index")), *entry.columns))
            ids = file.ids().tolist()
            if not ids:
                raise TartarusError(f"{source}: no rows in it; make it as the original did")
            known = set(self.ids.get((entry.dataset, entry.set), ids))
            strangers = [id_ for id_ in ids if id_ not in known]
            if strangers:
                raise TartarusError(
                    f"{source}: {len(strangers)} ids of its index are not in items_index_{entry.set}_{entry.dataset}"
                    f".tsv, the first is '{strangers[0]}'; both must be of the same set"
                )
            for _ in _finite_blocks(source, values):
                pass
            return values.shape, str(values.dtype)

    def _rows(self, entry: Expected) -> int | None:
        ids = self.ids.get((entry.dataset, entry.set))
        return None if ids is None else len(ids)

    def _expect_same_width(self, what: str, dataset: str, shape: Shape, source: Path) -> None:
        """Hold what must be alike in several files against the first of them."""
        first, path = self.widths.setdefault((what, dataset), (shape, source))
        if shape != first:
            raise TartarusError(
                f"{source}: {_told(shape)} in the direction in which {path.name} has {_told(first)}; they must be "
                f"alike: fetch both anew"
            )


def _finite_blocks(path: Path, values: Any) -> Iterator[tuple[int, np.ndarray]]:
    """Go through an array block by block, with the number of the first row, and refuse what is not finite."""
    for first, block in read_in_blocks(path, values):
        finite = is_finite(block)
        if not finite.all():
            row = int(np.argwhere(~finite)[0][0])
            raise TartarusError(
                f"{path}: {int((~finite).sum())} values are not finite, the first in row {first + row}; fetch it anew"
            )
        yield first, block


def _expect_bounded(path: Path) -> None:
    """Refuse a text that takes too much memory before it is read whole."""
    size = path.stat().st_size
    if size > _LARGEST_TEXT:
        raise TartarusError(f"{path}: {size} bytes, expected at most {_LARGEST_TEXT}; fetch it anew")
    with path.open("rb") as file:
        blocks = iter(lambda: file.read(1 << 20), b"")
        cells = sum(block.count(b"\n") + block.count(b"\t") for block in blocks)
    if cells > _MOST_CELLS:
        raise TartarusError(f"{path}: {cells} lines and cells, expected at most {_MOST_CELLS}; fetch it anew")


def _unique_lines(path: Path, what: str) -> list[str]:
    _expect_bounded(path)
    lines = read_lines(path)
    seen: set[str] = set()
    for number, line in enumerate(lines, start=1):
        if not fits_in_table(line):
            raise TartarusError(f"{path}: line {number}: the {what} {line!r} has control characters; fetch it anew")
        if line in seen:
            raise TartarusError(
                f"{path}: line {number}: the {what} '{line}' stands twice; delete one, or fetch it anew"
            )
        seen.add(line)
    if not lines:
        raise TartarusError(f"{path}: empty; fetch it anew")
    return lines


def _expect_shape(path: Path, found: Shape, wanted: Sequence[int | None]) -> None:
    fits = len(found) == len(wanted) and all(
        want is None or length == want for length, want in zip(found, wanted, strict=True)
    )
    if not fits:
        raise TartarusError(
            f"{path}: found {_told(found)}, expected {_told(wanted)}; fetch it anew, or put the right file into the "
            f"folder own"
        )


def _told(shape: Sequence[int | None]) -> str:
    return " x ".join("any" if length is None else str(length) for length in shape)
