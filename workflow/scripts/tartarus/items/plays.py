"""Who played what how often: data/raw/<dataset>/plays.tsv.

Tab-separated with a header, columns in any order: `user`, `item` (an id of items.tsv), `count` (above 0; without the
column, or in an empty cell, 1). A row is read and let go, so that what stays in memory is three numbers for each.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import scipy.sparse
from tartarus.base.errors import TartarusError, suggestion
from tartarus.base.logs import log
from tartarus.items.cells import INVISIBLE
from tartarus.items.table_text import NumberedRow, stream_table

COLUMNS = ("user", "item", "count")
ROWS_AT_ONCE = 1 << 17
# What a count may be: a number above 0 that 32 bits can hold.
LEAST, MOST = float(np.finfo(np.float32).tiny), float(np.finfo(np.float32).max)


@dataclass(frozen=True)
class Plays:
    """Who played what.

    Attributes
    ----------
    users : list of str
        Sorted, so that the order of the rows means nothing.
    items : list of str
        All items, played or not.
    counts : csr_matrix [shape=(n_items, n_users)], float32
        How often, above 0 where a user played an item.
    """

    users: list[str]
    items: list[str]
    counts: scipy.sparse.csr_matrix


def read(path: str | Path, items: Sequence[str]) -> Plays:
    """Read and check a table of plays. An item that stands there twice for one user is added up; a line says so.

    Parameters
    ----------
    path : str or Path
        The table.
    items : sequence of str
        The ids of all items that there are.

    Raises
    ------
    TartarusError
        If it is no such table or has no plays, a user is empty, an item is unknown, or a count is no number above 0.
        The message names row, user and item.
    """
    rows = stream_table(path)
    place = _places(path, next(rows)[1])
    users, (user, item, count) = _gathered(path, rows, place, items)
    if not users:
        raise TartarusError(f"{path}: no plays; write a row for each item that a user played")
    ordered = sorted(users)
    column_of = np.empty(len(users), np.int32)
    column_of[[users[name] for name in ordered]] = np.arange(len(users))
    shape = (len(items), len(users))
    counts = scipy.sparse.coo_matrix((count, (item, column_of[user])), shape=shape).tocsr()
    if counts.nnz < len(count):
        log.warning("%s: %d rows tell an item of a user again, and are added up", path, len(count) - counts.nnz)
    log.info("%s: %d users played %d of %d items", path, len(users), np.count_nonzero(np.diff(counts.indptr)), shape[0])
    return Plays(ordered, list(items), counts)


def _places(path: str | Path, header: Sequence[str]) -> dict[str, int]:
    """Find the columns."""
    names = [name.strip() for name in header]
    for name in COLUMNS[:2]:
        if names.count(name) != 1:
            raise TartarusError(
                f"{path}: row 1: {names.count(name)} columns '{name}', expected one; write user, item and count, "
                f"separated by tabs; found: {', '.join(names) or 'none'}"
            )
    odd = [name for name in names if name not in COLUMNS]
    if odd or names.count("count") > 1:
        raise TartarusError(
            f"{path}: row 1: the column '{(odd or ['count'])[0]}' is not known, or stands twice; the columns are user, "
            f"item and count: rename or delete it"
        )
    return {name: names.index(name) for name in COLUMNS if name in names}


def _gathered(
    path: str | Path, rows: Iterator[NumberedRow], place: Mapping[str, int], items: Sequence[str]
) -> tuple[dict[str, int], tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Read all rows, block by block; users are numbered as they come."""
    number_of = {id_: number for number, id_ in enumerate(items)}
    users: dict[str, int] = {}
    parts: list[tuple[np.ndarray, ...]] = [(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.float32))]
    while block := list(islice(rows, ROWS_AT_ONCE)):
        numbers = _numbers(block, place, users, number_of)
        if numbers is None:
            faults = ((number, _fault_of(cells, place, number_of)) for number, cells in block)
            number, fault = next(found for found in faults if found[1])
            raise TartarusError(f"{path}: row {number}: {fault}")
        parts.append(numbers)
    user, item, count = (np.concatenate(column) for column in zip(*parts, strict=True))
    return users, (user, item, count)


def _numbers(
    block: Sequence[NumberedRow], place: Mapping[str, int], users: dict[str, int], number_of: Mapping[str, int]
) -> tuple[np.ndarray, ...] | None:
    """Turn rows into numbers; None if one of them is wrong."""
    if any(len(cells) != len(place) for _, cells in block):
        return None
    columns = {name: [cells[where] for _, cells in block] for name, where in place.items()}
    names = set(columns["user"])
    if INVISIBLE.search("".join(names)) or not all(name and name == name.strip() for name in names):
        return None
    try:
        item = np.fromiter(map(number_of.__getitem__, columns["item"]), np.int32, len(block))
        counts = columns.get("count", ["1"] * len(block))
        count = np.array([float(cell or 1) for cell in counts])
    except (KeyError, ValueError):
        return None
    if not ((count >= LEAST) & (count <= MOST)).all():
        return None
    user = np.fromiter((users.setdefault(name, len(users)) for name in columns["user"]), np.int32, len(block))
    return user, item, count.astype(np.float32)


def _fault_of(cells: Sequence[str], place: Mapping[str, int], number_of: Mapping[str, int]) -> str | None:
    """Tell what is wrong with a row, and the remedy."""
    if len(cells) != len(place):
        return f"{len(cells)} cells, the header has {len(place)}; check its tabs"
    user, item = cells[place["user"]], cells[place["item"]]
    if not user.strip():
        return f"item '{item}': no user; write who played it, or delete the row"
    if user != user.strip():
        return f"the user '{user}' has white space at its ends; delete it"
    if INVISIBLE.search(user):
        return f"the user {user!a} has an invisible character; delete it"
    if item not in number_of:
        hint = suggestion(item, number_of) if len(number_of) <= 20 else "write an id of items.tsv, or delete the row"
        return f"user '{user}': no item '{item}' in items.tsv; {hint}"
    written = cells[place["count"]] if "count" in place else ""
    try:
        if LEAST <= float(written or 1) <= MOST:
            return None
    except ValueError:
        pass
    return f"user '{user}', item '{item}': count '{written}' is no number above 0; correct it, or delete the row"


def of_albums(plays: Plays, album_of: Mapping[str, str]) -> Plays:
    """Add up the plays of each album's tracks; those of tracks without an album are left out."""
    albums = list(dict.fromkeys(album_of.values()))
    row = {album: number for number, album in enumerate(albums)}
    pairs = [(row[album_of[id_]], track) for track, id_ in enumerate(plays.items) if id_ in album_of]
    member = scipy.sparse.csr_matrix(
        (np.ones(len(pairs), np.float32), tuple(np.array(pairs, np.int64).reshape(-1, 2).T)),
        shape=(len(albums), len(plays.items)),
    )
    return Plays(plays.users, albums, (member @ plays.counts).tocsr())
