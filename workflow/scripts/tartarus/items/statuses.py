"""What became of every item when its raw files were read, and how much loss is too much."""

from collections.abc import Iterable
from pathlib import Path

from tartarus.base.errors import TartarusError
from tartarus.base.logs import log
from tartarus.items.tables import read_rows

# Nobody has played the item.
UNPLAYED = "unplayed"

# Kept, though something is odd about them: silence, channels that cancel each other, damage, sound shorter than a
# patch, a text without words, a cover of one colour, an item without plays.
KEPT = ("ok", "silent", "cancelled", "damaged", "padded", "empty", "blank", UNPLAYED)


def refuse_too_many_lost(statuses: dict[str, str], *, max_missing: float, what: str) -> None:
    """Stop if more items were lost than the user allows.

    Parameters
    ----------
    statuses : dict
        Item to status.
    max_missing : float, in [0, 1]
        The share that may be lost.
    what : str
        Which items of which dataset, and where they are listed; for the message.

    Raises
    ------
    TartarusError
        Naming the first lost items and their status.
    """
    lost = {id_: status for id_, status in statuses.items() if status not in KEPT}
    if lost:
        log.warning("%d of %d %s are left out", len(lost), len(statuses), what)
    if len(lost) > max_missing * len(statuses):
        named = ", ".join(f"{id_} ({status})" for id_, status in list(lost.items())[:10])
        raise TartarusError(
            f"{len(lost)} of {len(statuses)} {what} are lost, more than max_missing allows "
            f"({max_missing:.0%}): {named}; mend them, or raise max_missing"
        )


def tell(statuses: Iterable[tuple[str, str, str]], *, what: str, table: str | Path) -> None:
    """Tell what became of some items, in one line for each status: the first of them, and how many more there are.

    Parameters
    ----------
    statuses : iterable of (str, str, str)
        Id, status and why, of items that are not ok.
    what : str
        What of the items has the status: track, text.
    table : str or Path
        Where all of them are listed.
    """
    by_status: dict[str, list[tuple[str, str]]] = {}
    for id_, status, why in statuses:
        by_status.setdefault(status, []).append((id_, why))
    for status, ((id_, why), *others) in by_status.items():
        more = f" (and {len(others)} more; all are in {table})" if others else ""
        log.warning("%s %s is %s: %s%s", what, id_, status, why, more)


def read_all(tables: Iterable[str | Path]) -> dict[str, list[str]]:
    """Read the statuses of every item in tables of several kinds of raw files: item to statuses."""
    found: dict[str, list[str]] = {}
    for table in tables:
        for id_, status in read_statuses([table]).items():
            found.setdefault(id_, []).append(status)
    return found


def read_statuses(tables: Iterable[str | Path]) -> dict[str, str]:
    """Read which status every item has from the tables of the steps that read raw files."""
    return {row["id"]: row["status"] for table in tables for row in read_rows(table, columns=("id", "status"))}
