"""The door for raw files of one's own beside an archive: data/raw/<archive>/own/<dataset>/items.tsv, or items.csv.

A table with `id` and the columns `audio` and `image` as far as they are wanted: paths relative to it. The ids are those
of the archive, whose index tells the sets. So features that no archive holds are made from files, as for any dataset.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tartarus.base.errors import TartarusError
from tartarus.base.hashing import stable_hash
from tartarus.items import columns, item_tables, raw_files
from tartarus.items.faults import refuse
from tartarus.items.item_tables import Item
from tartarus.plan.kinds import OWN, SETS


def read_own(path: str | Path) -> list[Item]:
    """Read the table of files that a user has put beside an archive.

    Parameters
    ----------
    path : str or Path
        The table. Only its ids and paths count; its other columns, `labels` and `set` too, mean nothing here.

    Returns
    -------
    list of Item
        In the order of the table, all in the set `tartarus.plan.kinds.OWN`, without labels.

    Raises
    ------
    TartarusError
        If the table is not there, or as `item_tables.read_items`, which names table, row and id.

    Examples
    --------
    >>> import tempfile
    >>> from tartarus.items import tables
    >>> path = Path(tempfile.mkdtemp()) / "items.tsv"
    >>> tables.write_rows(path, [{"id": "B00001", "image": "covers/1.jpg"}])
    >>> [(item.id, item.set, item.path("image")) for item in read_own(path)]
    [('B00001', 'own', 'covers/1.jpg')]
    """
    if not Path(path).is_file():
        raise TartarusError(
            f"{path}: not found; write a table there with the columns id, audio, image: paths, relative to it, of your "
            f"own files (docs/papers.md, Sound and covers of your own)"
        )
    header, table = item_tables.read_cells(path)
    refuse(columns.faults(header, label_column="labels", needs_labels=False), source=path)
    refuse(item_tables.faults_of_widths(header, table), source=path)
    rows = [{**dict(zip(header, cells, strict=True)), "labels": "", "set": SETS[0]} for _, cells in table]
    if not rows:
        raise TartarusError(f"{path}: no items; write one row for each")
    items = item_tables.items_from_rows(rows, source=str(path), numbers=[number for number, _ in table])
    return [replace(item, set=OWN) for item in items]


def read_table(path: str | Path, *, is_own: bool = False, **reading: Any) -> list[Item]:
    """Read the items of a dataset from a table of files beside an archive, or as `item_tables.read_items` does."""
    return read_own(path) if is_own else item_tables.read_items(path, **reading)


def files_of_shard(
    path: str | Path,
    column: str,
    *,
    shard: str,
    modulus: int,
    reading: Mapping[str, Any],
    memory: Mapping[str, str] | None = None,
) -> list[tuple[str, Path | None]]:
    """List what a job reads of the items of a shard.

    Parameters
    ----------
    path : str or Path
        The table.
    column : str
        ``audio`` or ``image``.
    shard, modulus
        See `items_of_shard`.
    reading : mapping
        As `read_table` takes it.
    memory : mapping, optional
        As `raw_files.remember` takes it: where to write down which files these are, if a user may change them.

    Returns
    -------
    list of (str, Path or None)
        Id and file; None if the table names none.
    """
    folder, items = Path(path).parent, items_of_shard(read_table(path, **reading), shard, modulus)
    found = [(item.id, folder / item.path(column) if item.path(column) else None) for item in items]
    if memory:
        raw_files.remember([file for _, file in found if file], **memory)
    return found


def items_of_shard(items: Sequence[Item], shard: str, modulus: int) -> list[Item]:
    """List the items of a shard, for example ``train-0``; see `tartarus.plan.sharding`."""
    set_, number = shard.split("-")
    return [item for item in items if item.set == set_ and stable_hash(item.id) % modulus == int(number)]
