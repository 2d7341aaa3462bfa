"""Who will like the files of an inbox, written down: a row for each file and user."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from tartarus.items.tables import write_rows
from tartarus.use.tag_tables import Entry

COLUMNS = ("file", "status", "rank", "user", "score", "detail")
# Of factors: what single precision holds. By fewer, users who are nearly level would change places.
DECIMALS = 8


def write(
    path: str | Path, entries: Sequence[Entry], users: np.ndarray, scores: np.ndarray, *, names: list[str]
) -> None:
    """Write the table.

    Parameters
    ----------
    path : str or Path
        The table.
    entries : sequence of dict
        As made by `tag_tables.entry_of`, of every file. One without scores gets a single row, without a user.
    users, scores : np.ndarray [shape=(n_scored_files, n_best)]
        The best users of every file that has scores, and their scores; see `recommending.listeners`.
    names : list of str [length n_users]
        Of all users, in the order of their factors.
    """
    write_rows(path, _rows(entries, users, scores, names), columns=COLUMNS)


def _rows(
    entries: Sequence[Entry], users: np.ndarray, scores: np.ndarray, names: list[str]
) -> Iterator[dict[str, str]]:
    best = zip(users.tolist(), scores.tolist(), strict=True)
    for entry in entries:
        row = {key: str(entry[key]) for key in ("file", "status", "detail")}
        if entry["scores"] is None:
            yield row | {"rank": "", "user": "", "score": ""}
            continue
        for rank, (user, score) in enumerate(zip(*next(best), strict=True), start=1):
            yield row | {"rank": str(rank), "user": names[user], "score": f"{score:.6f}"}
