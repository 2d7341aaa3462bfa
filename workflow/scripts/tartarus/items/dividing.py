"""In which set, or in which fold, every item of a table is: as the table says, or as it is shared out."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from tartarus.base.errors import damaged
from tartarus.items import splits
from tartarus.items.faults import Fault
from tartarus.items.splits import SHARES
from tartarus.items.tables import read_rows, write_rows
from tartarus.plan.kinds import SETS

# The columns of the table in which a split is written down.
SPLIT = ("id", "set", "seed")

Row = Mapping[str, str]
Shares = Mapping[str, float]


def maker(seed: int, *, shares: Shares | None = None, folds: int | None = None) -> str:
    """Name what a split is made by: what was made by something else does not count.

    Examples
    --------
    >>> maker(1), maker(1, shares={"train": 0.7, "val": 0.1, "test": 0.2}), maker(1, folds=5)
    ('1', '1, train 0.7, val 0.1, test 0.2', '1, 5 folds')
    """
    parts = [f"{set_} {share:g}" for set_, share in (shares or {}).items()]
    return ", ".join([str(seed), *parts, *([f"{folds} folds"] if folds else [])])


def numbers_of(folds: int) -> list[str]:
    """List the folds as they are written in a column: ``1`` and so on."""
    return [str(number) for number in range(1, folds + 1)]


def faults(rows: Sequence[Row], numbers: Sequence[int], *, folds: int | None) -> list[Fault]:
    """Tell what is wrong with the columns of sets and folds, where there are to be folds; `numbers` are of the rows."""
    if not folds or not rows:
        return []
    if "set" in rows[0]:
        what = f"the column 'set' makes a split, and folds: {folds} of the dataset's YAML many others"
        return [Fault(what, "delete the column, or the key; folds of your own go into a column 'fold'", 1, "set")]
    if "fold" not in rows[0]:
        return []
    known = numbers_of(folds)
    found = [
        Fault(
            f"id '{row['id']}': fold '{row['fold']}'", f"write a number from 1 to {folds}", number, "fold", row["fold"]
        )
        for row, number in zip(rows, numbers, strict=True)
        if row["fold"] not in known
    ]
    empty = [fold for fold in known if fold not in {row["fold"] for row in rows}]
    if empty and not found:
        what = f"no item is in fold {empty[0]}, of {folds} that the dataset's YAML wants"
        found.append(Fault(what, "correct the column, or the key", 1, "fold"))
    return found


def divide(
    rows: Sequence[Row],
    labels: Sequence[Sequence[str]],
    *,
    seed: int,
    shares: Shares | None = None,
    folds: int | None = None,
    single: bool = False,
    kept: Mapping[str, str] | None = None,
) -> list[str]:
    """Tell the set of every item, or its fold.

    Parameters
    ----------
    rows : sequence of mapping [shape=(n_items,)]
        Column to cell. A column `set`, or `fold`, is as it says. Where no item is in val, its share of those in train
        are taken for it, by class, groups whole.
    labels : sequence of sequence of str [shape=(n_items,)]
        The classes of every item.
    seed : int
        Of the sharing.
    shares : mapping, optional
        Set to share; by default `splits.SHARES`.
    folds : int, optional
        How many folds; else there are sets.
    single : bool
        Whether an item has one class; see `splits.share_out`.
    kept : mapping, optional
        Id to the set or fold in which an item was put before.

    Returns
    -------
    list of str [shape=(n_items,)]
        train, val, test; or the number of a fold.
    """
    if not rows:
        return []
    shares, column = shares or SHARES, "fold" if folds else "set"
    if folds and column not in rows[0]:
        shares, single = dict.fromkeys(numbers_of(folds), 1 / folds), False
    elif column in rows[0]:
        given = [row[column] for row in rows]
        if folds or "val" in given or not {"train", "test"}.issubset(given):
            return given
        return cut_validation(rows, labels, given, seed=seed, shares=shares, single=single, kept=kept)
    return _shared_out(rows, labels, seed=seed, shares=shares, single=single, kept=kept)


def cut_validation(
    rows: Sequence[Row],
    labels: Sequence[Sequence[str]],
    given: Sequence[str],
    *,
    seed: int,
    shares: Shares | None = None,
    single: bool = False,
    kept: Mapping[str, str] | None = None,
) -> list[str]:
    """Take validation items from those for training: as many of them as `shares` says, by class, groups whole.

    `given` has the sets, train and test; other parameters are those of `divide`.
    """
    shares = shares or SHARES
    whole = shares["train"] + shares["val"]
    training = [number for number, set_ in enumerate(given) if set_ == "train"]
    found = _shared_out(
        [rows[number] for number in training],
        [labels[number] for number in training],
        seed=seed,
        shares={set_: shares[set_] / whole for set_ in ("train", "val")},
        single=single,
        kept=kept,
    )
    sets = list(given)
    for number, set_ in zip(training, found, strict=True):
        sets[number] = set_
    return sets


def _shared_out(
    rows: Sequence[Row],
    labels: Sequence[Sequence[str]],
    *,
    seed: int,
    shares: Shares,
    single: bool,
    kept: Mapping[str, str] | None,
) -> list[str]:
    former = [(kept or {}).get(row["id"], "") for row in rows]
    return splits.share_out(
        [row.get("group") or row["id"] for row in rows],
        labels,
        seed=seed,
        shares=shares,
        single=single,
        kept=[set_ if set_ in shares else "" for set_ in former],
    )


def read_sets(path: str | Path, *, made_by: str) -> dict[str, str]:
    """Read the split that was made by a seed, see `maker`: id to set, or fold; empty if made by another."""
    rows = [row for row in read_rows(path, columns=SPLIT) if row["seed"] == made_by]
    for row in rows:
        if row["set"] not in SETS and not row["set"].isdecimal():
            raise damaged(path, f"id '{row['id']}': set '{row['set']}'")
    return {row["id"]: row["set"] for row in rows}


def write_sets(path: str | Path, sets: Mapping[str, str], *, made_by: str) -> None:
    """Write a split, id to set or fold, and what has made it."""
    write_rows(path, ({"id": id_, "set": set_, "seed": made_by} for id_, set_ in sets.items()), columns=SPLIT)


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
