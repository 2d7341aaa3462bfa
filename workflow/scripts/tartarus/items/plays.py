"""Who played what how often: data/raw/<dataset>/plays.tsv, or plays.csv with commas.

With a header, columns in any order: `user`, `item` (an id of items.tsv), `count` (above 0; without the
column, or in an empty cell, 1). A row is read and let go, so that what stays in memory is three numbers for each.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import scipy.sparse
from tartarus.base.errors import TartarusError, suggestion
from tartarus.base.logs import log
from tartarus.items.cells import INVISIBLE
from tartarus.items.faults import Fault, fault_of, refuse
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
    again : int
        How many rows of their table told an item of a user again.
    """

    users: list[str]
    items: list[str]
    counts: scipy.sparse.csr_matrix
    again: int = 0


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
    plays = _gathered(path, items, lambda fault: refuse([fault], source=path))
    if plays.again:
        log.warning("%s: %d rows tell an item of a user again, and are added up", path, plays.again)
    n_played = np.count_nonzero(np.diff(plays.counts.indptr))
    log.info("%s: %d users played %d of %d items", path, len(plays.users), n_played, len(items))
    return plays


def check(path: str | Path, items: Sequence[str]) -> tuple[list[Fault], Plays | None]:
    """Tell all that is wrong in a table of plays, and what its other rows tell; None if it is no such table.

    The parameters are those of `read`.
    """
    found: list[Fault] = []
    try:
        return found, _gathered(path, items, found.append)
    except TartarusError as error:
        found.append(fault_of(error, source=path))
        return found, None


def _gathered(path: str | Path, items: Sequence[str], tell: Callable[[Fault], None]) -> Plays:
    """Read all rows, block by block, and tell what is wrong with them; those that are wrong are passed over."""
    rows = stream_table(path)
    header = [name.strip() for name in next(rows)[1]]
    refuse(_faults_of_header(header), source=path)
    place = {name: header.index(name) for name in COLUMNS if name in header}
    number_of = {id_: number for number, id_ in enumerate(items)}
    users: dict[str, int] = {}
    parts: list[tuple[np.ndarray, ...]] = [(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.float32))]
    n_rows = 0
    while block := list(islice(rows, ROWS_AT_ONCE)):
        n_rows += len(block)
        numbers = _numbers(block, place, users, number_of)
        if numbers is None:
            faults = [_fault_of(row, place, number_of) for row in block]
            for fault in filter(None, faults):
                tell(fault)
            sound = [row for row, fault in zip(block, faults, strict=True) if not fault]
            numbers = _numbers(sound, place, users, number_of)
        parts += [numbers] if numbers else []
    if not n_rows:
        tell(Fault("no plays", "write a row for each item that a user played"))
    user, item, count = (np.concatenate(column) for column in zip(*parts, strict=True))
    ordered = sorted(users)
    column_of = np.empty(len(users), np.int32)
    column_of[[users[name] for name in ordered]] = np.arange(len(users))
    counts = scipy.sparse.coo_matrix((count, (item, column_of[user])), shape=(len(items), len(users))).tocsr()
    return Plays(ordered, list(items), counts, len(count) - counts.nnz)


def _faults_of_header(names: Sequence[str]) -> Iterator[Fault]:
    for name in COLUMNS[:2]:
        if names.count(name) != 1:
            remedy = f"write user, item and count, separated by tabs; found: {', '.join(names) or 'none'}"
            yield Fault(f"{names.count(name)} columns '{name}', expected one", remedy, 1, name)
    odd = [name for name in names if name not in COLUMNS]
    if odd or names.count("count") > 1:
        what = f"the column '{(odd or ['count'])[0]}' is not known, or stands twice"
        yield Fault(what, "the columns are user, item and count: rename or delete it", 1, (odd or ["count"])[0])


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


def _fault_of(row: NumberedRow, place: Mapping[str, int], number_of: Mapping[str, int]) -> Fault | None:
    """Tell what is wrong with a row, and the remedy."""
    number, cells = row
    if len(cells) != len(place):
        return Fault(f"{len(cells)} cells, the header has {len(place)}", "check its separators", number)
    user, item = cells[place["user"]], cells[place["item"]]
    written = cells[place["count"]] if "count" in place else ""
    if not user.strip():
        return Fault(f"item '{item}': no user", "write who played it, or delete the row", number, "user", user)
    if user != user.strip():
        return Fault(f"the user '{user}' has white space at its ends", "delete it", number, "user", user)
    if INVISIBLE.search(user):
        return Fault(f"the user {user!a} has an invisible character", "delete it", number, "user", user)
    if item not in number_of:
        hint = suggestion(item, number_of) if len(number_of) <= 20 else "write an id of items.tsv, or delete the row"
        return Fault(f"user '{user}': no item '{item}' in items.tsv", hint, number, "item", item)
    try:
        if LEAST <= float(written or 1) <= MOST:
            return None
    except ValueError:
        pass
    what = f"user '{user}', item '{item}': count '{written}' is no number above 0"
    return Fault(what, "correct it, or delete the row", number, "count", written)


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
