"""Tables of the genres of recordings, as AcousticBrainz has released them: ids, sets, classes and ground truth.

A table is tab-separated: recordingmbid, releasegroupmbid, then one genre in each cell; a subgenre is
``genre---subgenre``. The file's name tells dataset and set: ``...-<dataset>-train.tsv``, of which training and
validation are made, and ``...-<dataset>-validation.tsv``, with which is tested. Either may be packed by bzip2 or gzip.
"""

import bz2
import gzip
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

import numpy as np
from tartarus.base.errors import TartarusError, telling_damage
from tartarus.base.files import fits_in_table, replacing, write_lines
from tartarus.base.hashing import stable_hash
from tartarus.base.logs import log
from tartarus.plan import names
from tartarus.plan.kinds import SETS

_LONGEST_LINE = 1 << 16  # bytes; what is longer counts as several lines, and is refused
# Of five groups of releases one is for validation.
_FOLDS = 5
_REMEDY = "fetch the archive again, or put the right table into the folder own"

# Of a recording: its id, its group of releases, its genres.
Row = tuple[str, str, list[str]]


@dataclass
class GenreTables:
    """The tables of a dataset.

    Attributes
    ----------
    dataset : str
        What they are of.
    train, test : Path
        The tables; `train` is for validation too.
    lists : dict
        ``train`` and ``val`` to a file with the ids of that set; if there is none, the split is made here.
    """

    dataset: str
    train: Path
    test: Path
    lists: dict[str, Path] = field(default_factory=dict)


def find_tables(paths: Iterable[Path], datasets: Iterable[str]) -> list[GenreTables]:
    """Find the tables of some datasets among files.

    Returns
    -------
    list of GenreTables
        Of those datasets that have both; which others lack one goes to the log.

    Raises
    ------
    TartarusError
        If two files could be the same table.
    """
    paths, found = list(paths), []
    for dataset in datasets:
        end = r"\.tsv(\.bz2|\.gz)?"
        train = _only(paths, rf"{dataset}-train{end}")
        test = _only(paths, rf"{dataset}-(validation|test){end}")
        if train is None or test is None:
            log.info("%s: no table of the genres of its recordings for training, or none for testing", dataset)
            continue
        # The authors' lists call what they validate with a test.
        lists = {"train": f"{dataset}-train-train", "val": f"{dataset}-train-test"}
        given = {set_: _only(paths, rf"{name}\.recordingmbid") for set_, name in lists.items()}
        if len({path is None for path in given.values()}) > 1:
            raise TartarusError(f"{dataset}: {lists['train']} or {lists['val']}.recordingmbid is missing; give both")
        found.append(GenreTables(dataset, train, test, {set_: path for set_, path in given.items() if path}))
    return found


def _only(paths: Sequence[Path], name: str) -> Path | None:
    fitting = [path for path in paths if re.search(rf"(^|[-_]){name}$", path.name)]
    if len(fitting) > 1:
        raise TartarusError(f"{fitting[0]} and {fitting[1]}: both could be the same table; remove one")
    return fitting[0] if fitting else None


def read_table(path: Path) -> Iterator[Row]:
    """Go through the recordings of a table.

    Raises
    ------
    TartarusError
        If it is none; the message names file and row.
    """
    with telling_damage(path, "not a table of genres", _REMEDY), _opened(path) as file:
        for number, raw in enumerate(iter(lambda: file.readline(_LONGEST_LINE), b""), start=1):
            line = raw.decode("utf-8").rstrip("\r\n")
            cells = line.split("\t")
            if number == 1:
                if cells[:2] != ["recordingmbid", "releasegroupmbid"]:
                    raise ValueError(f"its header begins with {line[:40]!r}, expected recordingmbid, releasegroupmbid")
                continue
            genres = [cell for cell in cells[2:] if cell]
            if not genres or not cells[0] or not fits_in_table("".join(cells)):
                raise ValueError(f"row {number}: expected an id, a group of releases, and at least one genre")
            yield cells[0], cells[1], genres


def _opened(path: Path) -> IO[bytes]:
    if path.suffix == ".bz2":
        return bz2.open(path)
    return cast(IO[bytes], gzip.open(path)) if path.suffix == ".gz" else path.open("rb")


def write_dataset(tables: GenreTables, folder: Path, *, seed: int) -> dict[str, list[str]]:
    """Write ids, classes and ground truth of a dataset, as an archive holds them.

    Classes are all genres and subgenres of the table for training, sorted. Of the groups of releases a fifth is for
    validation: which, a hash of group and seed tells, so that a group is in the same set of all datasets.

    Parameters
    ----------
    tables : GenreTables
        What it is made from.
    folder : Path
        Where to write.
    seed : int
        Of the split.

    Returns
    -------
    dict
        Set to its ids, in the order of the table.

    Raises
    ------
    TartarusError
        If a table is none, an id stands twice, or a set is empty.
    """
    listed = {id_: set_ for set_, path in tables.lists.items() for id_ in path.read_text(encoding="utf-8").split()}

    def set_of(id_: str, group: str) -> str:
        if tables.lists:
            return listed.get(id_, "")
        return "val" if stable_hash(group or id_, seed=seed) % _FOLDS == 0 else "train"

    ids: dict[str, list[str]] = {set_: [] for set_ in SETS}
    classes: set[str] = set()
    seen: set[str] = set()
    for source in (tables.train, tables.test):
        for id_, group, genres in read_table(source):
            if id_ in seen:
                raise TartarusError(f"{source}: the recording '{id_}' stands twice, here or in {tables.train.name}")
            seen.add(id_)
            set_ = "test" if source is tables.test else set_of(id_, group)
            if set_:
                ids[set_].append(id_)
            if source is tables.train:
                classes.update(genres)
    for set_, found in ids.items():
        if not found:
            raise TartarusError(f"{tables.train}: no recordings for {set_}; {_REMEDY}")
        write_lines(folder / Path(names.INDEX.format(set=set_, dataset=tables.dataset)).name, found)
    order = sorted(classes)
    write_lines(folder / Path(names.CLASSES.format(dataset=tables.dataset)).name, order)
    column_of = {genre: column for column, genre in enumerate(order)}
    for set_, found in ids.items():
        source = tables.test if set_ == "test" else tables.train
        rows = (
            [column_of[genre] for genre in genres if genre in column_of]
            for id_, group, genres in read_table(source)
            if set_ == "test" or set_of(id_, group) == set_
        )
        path = names.TARGETS.format(set=set_, fact="class", dim=len(order), dataset=tables.dataset)
        unknown = _write_targets(folder / Path(path).name, (len(found), len(order)), rows)
        log.info("%s: %d recordings in %s, of which %d have no class", tables.dataset, len(found), set_, unknown)
    return ids


def _write_targets(path: Path, shape: tuple[int, int], rows: Iterable[list[int]]) -> int:
    """Write a ground truth row by row; tell how many rows have no class."""
    bare = 0
    with replacing(path) as part:
        y = np.lib.format.open_memmap(part, "w+", np.uint8, shape)
        for number, columns in enumerate(rows):
            y[number, columns] = 1
            bare += not columns
        y.flush()
    return bare
