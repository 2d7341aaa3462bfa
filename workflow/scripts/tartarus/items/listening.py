"""The plays of a dataset, parted by set, and what became of every user and item.

In a cold start, what is known of an item for validation or test is how it sounds or what is written of it, not who
plays it. So a user is who played something for training; others have nothing to be known by.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse
from tartarus.base.arrays import write_arrays
from tartarus.items.faults import Fault, refuse
from tartarus.items.item_tables import Item
from tartarus.items.plays import Plays
from tartarus.items.statuses import UNPLAYED
from tartarus.items.tables import read_rows
from tartarus.plan.kinds import SETS

USER_COLUMNS = ("user", "row", *SETS)
ITEM_COLUMNS = ("id", "set", "status", "users", "popularity")

Row = dict[str, object]


@dataclass(frozen=True)
class Listening:
    """Who played which item of each set.

    Attributes
    ----------
    counts : dict of str to csr_matrix [shape=(n_items of the set, n_users)]
        Of the items and users that are kept, by set.
    users : list of dict
        All users: `user`, `row` (in files of factors; empty if left out), and how many items of each set they played.
    items : list of dict
        All items: `id`, `set`, `status` (ok or unplayed), `users` (how many played it), `popularity`.
    """

    counts: dict[str, scipy.sparse.csr_matrix]
    users: list[Row]
    items: list[Row]


def by_set(
    plays: Plays,
    sets: Mapping[str, Sequence[str]],
    values: Mapping[str, Sequence[str]],
    *,
    users_without_plays: str = "left_out",
    items_without_plays: str = "left_out",
    source: str,
) -> Listening:
    """Part plays by set.

    Parameters
    ----------
    plays : Plays
        Of items that are in these sets or in none.
    sets : mapping
        Set to its items, in the order of its index.
    values : mapping
        Item to what tells its popularity: see `popularity`. Empty if nothing does.
    users_without_plays, items_without_plays : str
        What becomes of users without an item for training, and of items for training and validation without a user:
        ``left_out`` or ``kept``.
    source : str
        The table, for the message.

    Raises
    ------
    TartarusError
        If nobody played an item of a set.
    """
    row_of = {id_: row for row, id_ in enumerate(plays.items)}
    n_users, nobody = len(plays.users), scipy.sparse.csr_matrix((1, len(plays.users)), dtype=np.float32)
    # Albums without a played track are not in `plays`: their row is the last, of nobody.
    all_counts = scipy.sparse.vstack([plays.counts, nobody], format="csr")
    counts = {set_: all_counts[[row_of.get(id_, -1) for id_ in ids]] for set_, ids in sets.items()}
    refuse(faults_of_sets({set_: of_set.nnz for set_, of_set in counts.items()}), source=source)
    played = {set_: np.bincount(of_set.indices, minlength=n_users) for set_, of_set in counts.items()}
    is_kept = played["train"] > 0 if users_without_plays == "left_out" else np.ones(n_users, bool)
    row = np.cumsum(is_kept) - 1
    users: list[Row] = [
        {
            "user": name,
            "row": int(row[number]) if is_kept[number] else "",
            **{set_: int(played[set_][number]) for set_ in SETS},
        }
        for number, name in enumerate(plays.users)
    ]
    n_listeners = {set_: np.diff(of_set.indptr) for set_, of_set in counts.items()}
    known = popularity(sets, n_listeners["train"], values)
    items: list[Row] = [
        {
            "id": id_,
            "set": set_,
            "status": "ok" if count else UNPLAYED,
            "users": int(count),
            "popularity": f"{known[id_]:.6g}" if id_ in known else "",
        }
        for set_, ids in sets.items()
        for id_, count in zip(ids, n_listeners[set_], strict=True)
    ]
    for set_ in ("train", "val") if items_without_plays == "left_out" else ():
        counts[set_] = counts[set_][n_listeners[set_] > 0]
    return Listening({set_: of_set[:, is_kept] for set_, of_set in counts.items()}, users, items)


def faults_of_sets(n_plays: Mapping[str, int]) -> Iterator[Fault]:
    """Tell which sets have no plays; they are given with how many they have."""
    for set_, count in n_plays.items():
        if not count:
            yield Fault(f"nobody played an item of the set {set_}", "add plays of its items, or make another split")


def values_of(items: Sequence[Item], column: str | None) -> dict[str, tuple[str, ...]]:
    """Read what a column says of every item, separated by ``|``; empty if there is no such column."""
    if not column or column not in items[0].cells:
        return {}
    return {item.id: tuple(value for value in item.cells[column].split("|") if value) for item in items}


def values_of_albums(values: Mapping[str, Sequence[str]], album_of: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Give every album what its tracks have, each value once."""
    found: dict[str, dict[str, None]] = {}
    for track, album in album_of.items():
        found.setdefault(album, {}).update(dict.fromkeys(values.get(track, ())))
    return {album: tuple(its) for album, its in found.items()}


def popularity(
    sets: Mapping[str, Sequence[str]], n_listeners: np.ndarray, values: Mapping[str, Sequence[str]]
) -> dict[str, float]:
    """Guess how many users play each item for test: the mean of the training items that share a value with it.

    Parameters
    ----------
    sets : mapping
        Set to its items.
    n_listeners : np.ndarray [shape=(n_training_items,)], int
        How many users played each of those for training.
    values : mapping
        Item to its values: an artist, genres. Of several values, the mean of their means counts.

    Returns
    -------
    dict
        Item for test to its popularity; 0 where no training item has any of its values. Empty if that is so for all.
    """
    of_value: dict[str, list[int]] = {}
    for id_, count in zip(sets["train"], n_listeners.tolist(), strict=True):
        for value in values.get(id_, ()):
            of_value.setdefault(value, []).append(count)
    means = {value: float(np.mean(counts)) for value, counts in of_value.items()}
    known = {id_: [means[value] for value in values.get(id_, ()) if value in means] for id_ in sets["test"]}
    return {id_: float(np.mean(found)) if found else 0.0 for id_, found in known.items()} if any(known.values()) else {}


def read_users(path: str) -> list[str]:
    """Read who the users are whose factors there are, in the order of these."""
    return [row["user"] for row in read_rows(path, columns=USER_COLUMNS) if row["row"]]


def write_counts(path: str, counts: scipy.sparse.csr_matrix) -> None:
    """Write who played what [shape=(n_items, n_users)], in the form of the published archives."""
    counts.sort_indices()
    write_arrays(path, data=counts.data, indices=counts.indices, indptr=counts.indptr, shape=np.array(counts.shape))
