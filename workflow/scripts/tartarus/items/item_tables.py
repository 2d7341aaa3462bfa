"""The table of items that every dataset has: data/raw/<dataset>/items.tsv, tab-separated, or items.csv, with commas.

With a header. Columns: `id` (required, unique), `audio`, `text`, `entities`, `image` (paths relative to the table;
empty = missing), `words` (the text itself, in the place of `text`), `labels` (separated by ``|``), `set` (train, val or
test; without it a seeded split is made), `fold` (where the dataset has folds), `group` (artist or album: a group never
straddles two sets), `album`. Further columns are carried along; a dataset may take its classes from one of them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tartarus.base.errors import TartarusError
from tartarus.items import cells as known_cells
from tartarus.items import columns as known_columns
from tartarus.items import dividing, table_text
from tartarus.items.faults import Fault, refuse
from tartarus.plan.kinds import ALL


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
    >>> from tartarus.items.tables import write_rows
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
        kept=dividing.read_sets(sets, made_by=made_by) if sets and Path(sets).is_file() else {},
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
