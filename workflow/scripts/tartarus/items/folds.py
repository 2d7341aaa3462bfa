"""The folds of a dataset: in each of them other items are for test, and the rest for training and validation."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tartarus.items import dividing, item_tables
from tartarus.items.item_tables import Item


def read_folds(path: str | Path, reading: Mapping[str, Any]) -> list[list[Item]]:
    """Read the items of a dataset with folds, as they are in train, val and test in each of these in turn."""
    items = item_tables.read_items(path, **reading)
    how = {key: reading[key] for key in ("seed", "shares", "single") if key in reading}
    return [items_of_fold(items, fold, **how) for fold in range(1, reading["folds"] + 1)]


def items_of_fold(
    items: Sequence[Item], fold: int, *, seed: int = 0, shares: dividing.Shares | None = None, single: bool = False
) -> list[Item]:
    """Put the items of a dataset with folds into sets: those of one fold are for test.

    Parameters
    ----------
    items : sequence of Item
        All items.
    fold : int
        The number of the fold, from 1.
    seed : int
        Of the validation items, which are taken from the others: other ones in each fold.
    shares, single
        See `dividing.divide`.

    Returns
    -------
    list of Item
        In the same order.
    """
    held = [item for item in items if item.set]
    given = ["test" if item.cells["fold"] == str(fold) else "train" for item in held]
    labels = [item.labels for item in held]
    sets = dividing.cut_validation(
        [item.cells for item in held], labels, given, seed=seed + fold, shares=shares, single=single
    )
    set_of = dict(zip((item.id for item in held), sets, strict=True))
    return [replace(item, set=set_of.get(item.id, "")) for item in items]
