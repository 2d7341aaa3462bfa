"""The table of items that every dataset has: data/raw/<dataset>/items.tsv, tab-separated, or items.csv, with commas.

With a header. Columns: `id` (required, unique), `audio`, `text`, `entities`, `image` (paths relative to the table;
empty = missing), `words` (the text itself, in the place of `text`), `labels` (separated by ``|``), `set` (train, val or
test; without it a seeded split is made), `fold` (where the dataset has folds), `group` (artist or album: a group never
straddles two sets), `album`. Further columns are carried along; a dataset may take its classes from one of them.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tartarus.base.errors import REMEDY, TartarusError, damaged
from tartarus.base.files import replacing
from tartarus.base.hashing import stable_hash
from tartarus.items import cells as known_cells
from tartarus.items import columns as known_columns
from tartarus.items import dividing, table_text
from tartarus.items.faults import Fault, refuse
from tartarus.items.splits import SHARES
from tartarus.plan.kinds import ALL, SETS

# The columns of the table in which a split is written down.
SPLIT = ("id", "set", "seed")


@dataclass(frozen=True, slots=True)
class Item:
    """One row: a track, an album or an artist.

    Attributes
    ----------
    id : str
        Unique within the dataset.
    set : str
        train, val or test; `tartarus.plan.kinds.ALL` where there are folds, and then the cell `fold` tells which. Empty
        if it is in none, for it lacks the one class that is wanted.
    labels : tuple of str
        Its classes; may be none.
    cells : dict
        The row as it stands, column to text.
    """

    id: str
    set: str
    labels: tuple[str, ...]
    cells: Mapping[str, str] = field(hash=False)

    @property
    def side(self) -> str:
        """Tell what keeps it from others: its set, or its fold."""
        return f"fold {self.cells['fold']}" if self.set == ALL else self.set

    def path(self, modality: str) -> str:
        """Tell the path of its audio, text, entities or image, relative to the table; empty if it has none."""
        return self.cells.get(modality, "")


def read_items(
    path: str | Path,
    *,
    label_column: str = "labels",
    single: bool = False,
    needs_labels: bool = True,
    **split: Any,
) -> list[Item]:
    """Read and check a table of items.

    Parameters
    ----------
    path : str or Path
        The table.
    label_column : str
        The column that holds the classes, separated by ``|``.
    single : bool
        Whether an item has one class: then one without any is in no set.
    needs_labels : bool
        Whether there must be a column of classes; without it, no item has any.
    **split
        How items are shared out where the table does not tell: `seed`, `sets`, `shares`, `folds` of `items_from_rows`.

    Returns
    -------
    list of Item
        In the order of the table.

    Raises
    ------
    TartarusError
        If the table is missing, empty or not what its name says, a column is missing or misnamed, an id is empty or
        stands twice or in two sets, a cell that is used has control characters, a set is unknown, a path leaves the
        folder or is none, or a group straddles two sets. The message names table, row and id.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "items.tsv"
    >>> write_rows(path, [{"id": "S1", "labels": "a|b", "set": "train"}, {"id": "S2", "labels": "b", "set": "test"}])
    >>> [(item.id, item.set, item.labels) for item in read_items(path)]
    [('S1', 'train', ('a', 'b')), ('S2', 'test', ('b',))]
    """
    header, table = read_cells(path)
    has_folds = bool(split.get("folds"))
    refuse(
        known_columns.faults(header, label_column=label_column, needs_labels=needs_labels, has_folds=has_folds),
        source=path,
    )
    if not table:
        raise TartarusError(f"{path}: no items; write one row for each")
    refuse(faults_of_widths(header, table), source=path)
    rows = [dict(zip(header, cells, strict=True)) for _, cells in table]
    return items_from_rows(
        rows,
        source=str(path),
        label_column=label_column,
        single=single,
        needs_labels=needs_labels,
        **split,
        numbers=[number for number, _ in table],
    )


def read_cells(path: str | Path) -> tuple[list[str], list[table_text.NumberedRow]]:
    """Read the header of a table of items, and its rows as they stand.

    Raises
    ------
    TartarusError
        If it is missing, empty or not what its name says.
    """
    path = Path(path)
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "not found"
        raise TartarusError(f"{path}: {what}; put the table of the dataset there (docs/own-data.md)")
    first, *table = table_text.read_table(path)
    return [column.strip() for column in first[1]], table


def faults_of_widths(header: Sequence[str], table: Iterable[table_text.NumberedRow]) -> Iterator[Fault]:
    """Tell which rows have more or fewer cells than the header."""
    for number, cells in table:
        if len(cells) != len(header):
            yield Fault(f"{len(cells)} cells, the header has {len(header)}", "check its separators", number)


def items_from_rows(
    rows: Sequence[Mapping[str, str]],
    *,
    source: str,
    label_column: str = "labels",
    single: bool = False,
    needs_labels: bool = True,
    seed: int = 0,
    sets: str | Path | None = None,
    shares: Mapping[str, float] | None = None,
    folds: int | None = None,
    numbers: Sequence[int] | None = None,
) -> list[Item]:
    """Check the rows of a table and make items of them; see `read_items`.

    Parameters
    ----------
    rows : sequence of mapping
        Column to cell.
    source : str
        The table, for messages; and `numbers`, those of the rows in it.
    seed : int
        Of the split, where the table has none.
    sets : str or Path, optional
        The table of the split as it was made before; its items stay where they are.
    shares, folds
        See `dividing.divide`.
    """
    if not needs_labels and label_column not in rows[0]:
        rows = [{**row, label_column: ""} for row in rows]
    numbers = numbers or range(2, len(rows) + 2)
    refuse(known_cells.faults(rows, numbers, label_column=label_column, single=single), source=source)
    labels = [tuple(row[label_column].split("|")) if row[label_column] else () for row in rows]
    # Without its one class, an item is neither learned from nor measured.
    shared = [(row, own, number) for row, own, number in zip(rows, labels, numbers, strict=True) if own or not single]
    held = [row for row, _, _ in shared]
    refuse(dividing.faults(held, [number for _, _, number in shared], folds=folds), source=source)
    made_by = dividing.maker(seed, shares=shares, folds=folds)
    found = dividing.divide(
        held,
        [own for _, own, _ in shared],
        seed=seed,
        shares=shares,
        folds=folds,
        single=single,
        kept=read_sets(sets, made_by=made_by) if sets and Path(sets).is_file() else {},
    )
    set_of = dict(zip((row["id"] for row in held), found, strict=True))
    refuse(known_cells.faults_of_groups(rows, numbers, set_of), source=source)
    if folds:
        rows = [{**row, "fold": set_of.get(row["id"], "")} for row in rows]
        set_of = dict.fromkeys(set_of, ALL)
    return [Item(row["id"], set_of.get(row["id"], ""), own, row) for row, own in zip(rows, labels, strict=True)]


def groups_of(path: str | Path, reading: Mapping[str, Any]) -> dict[str, str]:
    """Read the groups of a table's items, id to group; `reading` has the options of `read_items`."""
    return {item.id: item.cells["group"] for item in read_items(path, **reading) if item.cells.get("group")}


def read_sets(path: str | Path, *, made_by: str) -> dict[str, str]:
    """Read the split that was made by a seed, see `dividing.maker`: id to set, or fold; empty if made by another."""
    rows = [row for row in read_rows(path, columns=SPLIT) if row["seed"] == made_by]
    for row in rows:
        if row["set"] not in SETS and not row["set"].isdecimal():
            raise damaged(path, f"id '{row['id']}': set '{row['set']}'")
    return {row["id"]: row["set"] for row in rows}


def write_sets(path: str | Path, sets: Mapping[str, str], *, made_by: str) -> None:
    """Write a split, id to set or fold, and what has made it."""
    write_rows(path, ({"id": id_, "set": set_, "seed": made_by} for id_, set_ in sets.items()), columns=SPLIT)


def items_of_shard(items: Sequence[Item], shard: str, modulus: int) -> list[Item]:
    """List the items of a shard, for example ``train-0``; see `tartarus.plan.sharding`."""
    set_, number = shard.split("-")
    return [item for item in items if item.set == set_ and stable_hash(item.id) % modulus == int(number)]


def albums_of(items: Sequence[Item], *, source: str) -> list[Item]:
    """Make the albums of some tracks: each has the classes of all its tracks, and is in their set.

    Parameters
    ----------
    items : sequence of Item
        The tracks. Those whose cell `album` is empty, or which are in no set, belong to none.
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
        if item.set and item.cells.get("album"):
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


def rows_of_view(
    items: Sequence[Item], *, label_column: str, needs_labels: bool = True, source: str
) -> list[dict[str, str]]:
    """Make the rows of a view: ids, sets, groups and albums of some items, and their classes for another task.

    Items in no set are none of the view's either: they have no features.

    Raises
    ------
    TartarusError
        If their table, `source`, lacks the column of the classes, and the task needs them.
    """
    if needs_labels and items and label_column not in items[0].cells:
        known = ", ".join(items[0].cells)
        raise TartarusError(
            f"{source}: no column '{label_column}', which a view takes its classes from; it has {known}"
        )
    columns = ("group", "album", label_column)
    return [
        {"id": item.id, "set": item.set, **{column: item.cells[column] for column in columns if column in item.cells}}
        for item in items
        if item.set
    ]


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


def write_rows(path: str | Path, rows: Iterable[Mapping[str, object]], *, columns: Sequence[str] | None = None) -> None:
    """Write rows of equal keys as a tab-separated table with a header; a cell is quoted if it has to be.

    `columns` names the keys; without it `rows` is a list, and the first row names them.
    """
    with replacing(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns or list(next(iter(rows))), dialect="excel-tab", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def read_rows(path: str | Path, *, columns: Sequence[str] = (), remedy: str = REMEDY) -> list[dict[str, str]]:
    """Read a tab-separated table with a header that this project wrote.

    Raises
    ------
    TartarusError
        If it is damaged: it is no such table, a row has more or fewer cells than the header, or it lacks one of
        `columns`. The message ends with `remedy`.
    """
    try:
        header, *rows = [*table_text.split(Path(path).read_bytes().decode("utf-8"))] or [(1, [])]
    except ValueError as error:
        raise damaged(path, error, remedy) from error
    for column in columns:
        if column not in header[1]:
            raise damaged(path, f"no column '{column}'", remedy)
    for number, cells in rows:
        if len(cells) != len(header[1]):
            raise damaged(path, f"row {number}: {len(cells)} cells, the header has {len(header[1])}", remedy)
    return [dict(zip(header[1], cells, strict=True)) for _, cells in rows]


def read_figures(path: str | Path) -> list[dict[str, float]]:
    """Read a CSV file of figures with a header: the course of a training.

    Raises
    ------
    TartarusError
        If it is damaged.
    """
    try:
        with Path(path).open(encoding="utf-8", newline="") as file:
            return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file, strict=True)]
    except (ValueError, TypeError, csv.Error) as error:
        raise damaged(path, error, "delete it to have its model trained anew") from error
