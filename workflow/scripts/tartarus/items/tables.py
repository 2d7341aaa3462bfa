"""The table of items that every dataset has: data/raw/<dataset>/items.tsv.

Tab-separated with a header. Columns: `id` (required, unique), `audio`, `text`, `image` (paths relative to the
table; empty = missing), `labels` (separated by ``|``), `set` (train, val or test; without it a seeded split is
made), `group` (artist or album: a group never straddles two sets), `album`. Further columns are carried along;
a dataset may take its classes from one of them.
"""

import csv
import difflib
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from tartarus.base.errors import TartarusError
from tartarus.base.files import read_text, replacing
from tartarus.plan.kinds import SETS
from tartarus.plan.names import has_braces

COLUMNS = ("id", "audio", "text", "image", "labels", "set", "group", "album")
SHARES = {"train": 0.8, "val": 0.1, "test": 0.1}


@dataclass(frozen=True)
class Item:
    """One row: a track, an album or an artist.

    Attributes
    ----------
    id : str
        Unique within the dataset.
    set : str
        train, val or test.
    labels : tuple of str
        Its classes.
    cells : dict
        The row as it stands, column to text.
    """

    id: str
    set: str
    labels: tuple[str, ...]
    cells: Mapping[str, str] = field(hash=False)

    def path(self, modality: str) -> str:
        """Tell the path of its audio, text or image, relative to the table; empty if it has none."""
        return self.cells.get(modality, "")


def read_items(path: str | Path, *, label_column: str = "labels", seed: int = 0) -> list[Item]:
    """Read and check a table of items.

    Parameters
    ----------
    path : str or Path
        The table.
    label_column : str
        The column that holds the classes, separated by ``|``.
    seed : int
        Of the split, where the table has no column `set`.

    Returns
    -------
    list of Item
        In the order of the table.

    Raises
    ------
    TartarusError
        If the table is missing or empty, a column is missing or misspelt, an id is empty or stands twice or
        in two sets, a label is missing, a set is unknown, a path leaves the folder, or a group straddles
        two sets. The message names table, row and id.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "items.tsv"
    >>> write_rows(path, [{"id": "S1", "labels": "a|b", "set": "train"}, {"id": "S2", "labels": "b", "set": "test"}])
    >>> [(item.id, item.set, item.labels) for item in read_items(path)]
    [('S1', 'train', ('a', 'b')), ('S2', 'test', ('b',))]
    """
    path = Path(path)
    if not path.is_file():
        raise TartarusError(f"{path}: not found; put the table of the dataset there (README.md, Your own data)")
    # Blank lines are left out, but counted, so that the rows of messages are those of the file.
    lines = [(number, line) for number, line in enumerate(_lines(path), start=1) if line.strip()]
    header = lines[0][1].split("\t") if lines else []
    _check_header(path, header, label_column)
    if len(lines) < 2:
        raise TartarusError(f"{path}: no items; write one row for each")
    rows = []
    for number, line in lines[1:]:
        cells = line.split("\t")
        if len(cells) != len(header):
            raise TartarusError(
                f"{path}: row {number}: {len(cells)} cells, the header has {len(header)}; check its tabs"
            )
        rows.append(dict(zip(header, cells, strict=True)))
    numbers = [number for number, _ in lines[1:]]
    return items_from_rows(rows, source=str(path), label_column=label_column, seed=seed, numbers=numbers)


def items_from_rows(
    rows: Sequence[Mapping[str, str]],
    *,
    source: str,
    label_column: str = "labels",
    seed: int = 0,
    numbers: Sequence[int] | None = None,
) -> list[Item]:
    """Check the rows of a table and make items of them; see `read_items`. `numbers` are theirs in the file."""
    seen: dict[str, tuple[int, str]] = {}
    for number, row in zip(numbers or range(2, len(rows) + 2), rows, strict=True):
        _check_row(source, number, row, seen, label_column)
    labels = [tuple(row[label_column].split("|")) for row in rows]
    if "set" in rows[0]:
        sets = [row["set"] for row in rows]
    else:
        groups = [row.get("group") or row["id"] for row in rows]
        sets = split(groups, [entry[0] for entry in labels], seed=seed)
    items = [Item(row["id"], set_, label, dict(row)) for row, set_, label in zip(rows, sets, labels, strict=True)]
    _check_groups(source, items)
    return items


def _check_header(path: Path, header: list[str], label_column: str) -> None:
    for needed in ("id", label_column):
        if needed not in header:
            raise TartarusError(f"{path}: row 1: no column '{needed}'; the columns are: {', '.join(header)}")
    for column in header:
        if header.count(column) > 1:
            raise TartarusError(f"{path}: row 1: the column '{column}' stands twice; delete or rename one")
        known = {*COLUMNS, label_column}
        close = difflib.get_close_matches(column.lower(), known, n=1, cutoff=0.8)
        if column not in known and close and close[0] not in header:
            raise TartarusError(f"{path}: row 1: unknown column '{column}'; did you mean '{close[0]}'?")


def _check_row(
    source: str, number: int, row: Mapping[str, str], seen: dict[str, tuple[int, str]], label_column: str
) -> None:
    where = f"{source}: row {number}"
    id_, set_ = row["id"], row.get("set", "")
    if not id_ or id_ != id_.strip():
        raise TartarusError(f"{where}: the id '{id_}' is empty or has white space at its ends; correct it")
    if id_ in seen:
        first, former = seen[id_]
        if set_ != former:
            raise TartarusError(
                f"{where}: id '{id_}' is in two sets, {former} (row {first}) and {set_}; delete one row"
            )
        raise TartarusError(f"{where}: id '{id_}' stands in row {first} already; ids must be unique")
    seen[id_] = (number, set_)
    if "set" in row and set_ not in SETS:
        raise TartarusError(f"{where}: id '{id_}': set '{set_}'; write one of: {', '.join(SETS)}")
    labels = row[label_column].split("|")
    if any(label != label.strip() for label in labels):
        raise TartarusError(f"{where}: id '{id_}': white space around a label in '{row[label_column]}'; delete it")
    if not all(labels):
        raise TartarusError(
            f"{where}: id '{id_}': label missing in column '{label_column}'; write its classes, separated by |"
        )
    for modality in ("audio", "text", "image"):
        cell = Path(row.get(modality) or "")
        if cell.is_absolute() or ".." in cell.parts:
            raise TartarusError(f"{where}: id '{id_}': {modality} '{cell}' leaves the folder of the table")
        if has_braces(str(cell)):
            raise TartarusError(
                f"{where}: id '{id_}': {modality} '{cell}' has braces, which Snakemake takes for a wildcard; rename "
                f"the file"
            )


def _check_groups(source: str, items: Sequence[Item]) -> None:
    sides: dict[str, Item] = {}
    for item in items:
        group = item.cells.get("group")
        if group:
            other = sides.setdefault(group, item)
            if other.set != item.set:
                raise TartarusError(
                    f"{source}: group '{group}' is in two sets: id '{other.id}' in {other.set}, id "
                    f"'{item.id}' in {item.set}; a group (an artist) must be on one side"
                )


def stable_hash(text: str, *, seed: int = 0) -> int:
    """Hash a text to 64 bits, the same on every machine and in every run."""
    return int.from_bytes(hashlib.blake2b(f"{seed}:{text}".encode(), digest_size=8).digest(), "big")


def shard_of(id_: str, shards: int) -> int:
    """Tell which of `shards` shards an item belongs to; adding items moves no other."""
    return stable_hash(id_) % shards


def items_of_shard(items: Sequence[Item], shard: str, shards: int) -> list[Item]:
    """List the items of a shard, for example ``train-0``: of so many shards of a set, the one with that number."""
    set_, number = shard.split("-")
    return [item for item in items if item.set == set_ and shard_of(item.id, shards) == int(number)]


def split(groups: Sequence[str], classes: Sequence[str], *, seed: int) -> list[str]:
    """Split items 80/10/10, seeded, groups whole, each class shared out alike.

    Within each class the groups are put into the order of their seeded hash; the first 80 % (at least one)
    are for training, then validation, then test. The table's order does not matter.

    Parameters
    ----------
    groups : sequence of str [shape=(n_items,)]
        The group of every item.
    classes : sequence of str [shape=(n_items,)]
        The (first) class of every item; a group counts as of the first of its classes in the alphabet.
    seed : int
        Another seed, another split.

    Returns
    -------
    list of str [shape=(n_items,)], values in {train, val, test}
    """
    class_of: dict[str, str] = {}
    for group, class_ in sorted(zip(groups, classes, strict=True)):
        class_of.setdefault(group, class_)
    by_class: dict[str, list[str]] = defaultdict(list)
    for group, class_ in class_of.items():
        by_class[class_].append(group)
    side: dict[str, str] = {}
    for members in by_class.values():
        members.sort(key=lambda group: (stable_hash(group, seed=seed), group))
        held_out = max(1, round(len(members) * SHARES["test"])) if len(members) > 2 else 0
        for rank, group in enumerate(reversed(members)):
            side[group] = "test" if rank < held_out else "val" if rank < 2 * held_out else "train"
    return [side[group] for group in groups]


def albums_of(items: Sequence[Item], *, source: str) -> list[Item]:
    """Make the albums of some tracks: each has the classes of all its tracks, and is in their set.

    Parameters
    ----------
    items : sequence of Item
        The tracks. Those whose cell `album` is empty belong to none.
    source : str
        The table, for the message.

    Returns
    -------
    list of Item
        In the order of their first tracks.

    Raises
    ------
    TartarusError
        If no track has an album, or an album is in two sets.
    """
    members: dict[str, list[Item]] = {}
    for item in items:
        if item.cells.get("album"):
            members.setdefault(item.cells["album"], []).append(item)
    if not members:
        raise TartarusError(f"{source}: no track has an album; write the album of each into the column 'album'")
    albums = []
    for album, tracks in members.items():
        first = tracks[0]
        for other in tracks:
            if other.set != first.set:
                raise TartarusError(
                    f"{source}: album '{album}' is in two sets: id '{first.id}' in {first.set}, id '{other.id}' in "
                    f"{other.set}; put it on one side, for example with the column 'group'"
                )
        labels = tuple(dict.fromkeys(label for track in tracks for label in track.labels))
        albums.append(Item(album, first.set, labels, {"labels": "|".join(labels)}))
    return albums


def rows_of_set(set_: str, n_rows: int, *, validation: str) -> slice:
    """Tell which rows of the files that a set is read from are that set's.

    Parameters
    ----------
    set_ : str
        train, val or test.
    n_rows : int
        How many items the files hold.
    validation : str
        ``file``: every set has files of its own. ``cut``: those for training are cut in their order, the first
        80 % for training, the next 10 % for validation; the last 10 % stay unused, as in the original.
    """
    if validation == "file" or set_ == "test":
        return slice(0, n_rows)
    first, second = int(SHARES["train"] * n_rows), int((SHARES["train"] + SHARES["val"]) * n_rows)
    return slice(0, first) if set_ == "train" else slice(first, second)


def classes_of(items: Sequence[Item], fixed: Sequence[str] | None = None, *, source: str) -> list[str]:
    """List the classes in column order: as the dataset fixes them, or sorted.

    Raises
    ------
    TartarusError
        If an item has a class that the dataset's list lacks.
    """
    present = {label for item in items for label in item.labels}
    if fixed is None:
        return sorted(present)
    for item in items:
        for label in item.labels:
            if label not in fixed:
                raise TartarusError(
                    f"{source}: id '{item.id}': label '{label}' is not among the classes that the dataset "
                    f"lists: {', '.join(fixed)}"
                )
    return list(fixed)


def targets(items: Sequence[Item], classes: Sequence[str], *, single: bool, source: str) -> np.ndarray:
    """Make the ground truth.

    Parameters
    ----------
    items : sequence of Item
        The items of one set.
    classes : sequence of str
        The classes in column order.
    single : bool
        Whether every item must have exactly one class.
    source : str
        The table, for the message.

    Returns
    -------
    y : np.ndarray [shape=(n_items, n_classes)], float64, values in {0, 1}

    Raises
    ------
    TartarusError
        If an item has several classes where one is wanted, or the set is empty.
    """
    if not items:
        raise TartarusError(f"{source}: a set has no items; give the column 'set', or more groups per class")
    column = {name: number for number, name in enumerate(classes)}
    y = np.zeros((len(items), len(classes)))
    for row, item in enumerate(items):
        if single and len(item.labels) != 1:
            raise TartarusError(
                f"{source}: id '{item.id}': {len(item.labels)} labels ({'|'.join(item.labels)}), but the task is "
                f"multiclass; leave one"
            )
        y[row, [column[label] for label in item.labels]] = 1
    return y


def refuse_other_dimension(n_classes: int, dim: int, *, source: str) -> None:
    """Stop if an experiment's `dim` is not the number of classes."""
    if n_classes != dim:
        raise TartarusError(
            f"{source}: the dataset has {n_classes} classes, but the experiment says dim: {dim}; write dim: {n_classes}"
        )


def _lines(path: str | Path) -> list[str]:
    """Split a table into lines; not with splitlines(), for a cell may hold separators of other kinds."""
    return [line.removesuffix("\r") for line in read_text(path).removesuffix("\n").split("\n")]


def write_rows(path: str | Path, rows: Iterable[Mapping[str, object]], *, columns: Sequence[str] | None = None) -> None:
    """Write rows of equal keys as a tab-separated table with a header.

    `columns` names the keys; without it `rows` is a list, and the first row names them.
    """
    with replacing(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(
            file,
            columns or list(next(iter(rows))),
            delimiter="\t",
            lineterminator="\n",
            quoting=csv.QUOTE_NONE,
            quotechar=None,
        )
        writer.writeheader()
        writer.writerows(rows)


def read_rows(path: str | Path) -> list[dict[str, str]]:
    """Read a tab-separated table with a header that this project wrote."""
    header, *rows = [line.split("\t") for line in _lines(path)]
    return [dict(zip(header, cells, strict=True)) for cells in rows]


def read_figures(path: str | Path) -> list[dict[str, float]]:
    """Read a CSV file of figures with a header: the course of a training."""
    with Path(path).open(encoding="utf-8", newline="") as file:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
