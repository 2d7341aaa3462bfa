"""The classes of a dataset, and its ground truth."""

from collections.abc import Iterator, Sequence

import numpy as np
from tartarus.base.errors import TartarusError
from tartarus.items.faults import Fault, refuse
from tartarus.items.item_tables import Item


def classes_of(items: Sequence[Item], fixed: Sequence[str] | None = None, *, source: str) -> list[str]:
    """List the classes in column order: as the dataset fixes them, or sorted.

    Raises
    ------
    TartarusError
        If no item has a class, or one has a class that the dataset's list lacks.
    """
    present = {label for item in items for label in item.labels}
    if not present:
        raise TartarusError(f"{source}: no item has a label; write the classes of each, separated by |")
    refuse((fault for item in items for fault in faults_of(item, fixed)), source=source)
    return sorted(present) if fixed is None else list(fixed)


def faults_of(item: Item, fixed: Sequence[str] | None = None, *, single: bool = False) -> Iterator[Fault]:
    """Tell which labels of an item are not among the fixed classes; and that it has several, where one is wanted."""
    for label in item.labels:
        if fixed is not None and label not in fixed:
            what = (
                f"id '{item.id}': label '{label}' is not among the classes that the dataset lists: {', '.join(fixed)}"
            )
            yield Fault(what, "correct it, or list it among them", value=label)
    if single and item.set and len(item.labels) != 1:
        written = "|".join(item.labels)
        what = f"id '{item.id}': {len(item.labels)} labels ({written}), but the task is multiclass"
        yield Fault(what, "leave one", value=written)


def targets(items: Sequence[Item], classes: Sequence[str], *, single: bool, set_: str, source: str) -> np.ndarray:
    """Make the ground truth.

    Parameters
    ----------
    items : sequence of Item
        The items of one set.
    classes : sequence of str
        The classes in column order.
    single : bool
        Whether every item must have exactly one class.
    set_ : str
        The set, for the message.
    source : str
        The table, for the message.

    Returns
    -------
    y : np.ndarray [shape=(n_items, n_classes)], float64, values in {0, 1}
        A row of zeros for an item without a class.

    Raises
    ------
    TartarusError
        If an item has several classes where one is wanted, or the set is empty.
    """
    if not items:
        raise TartarusError(
            f"{source}: the set {set_} has no items; give the column 'set', or more groups for each class"
        )
    refuse((fault for item in items for fault in faults_of(item, single=single)), source=source)
    column = {name: number for number, name in enumerate(classes)}
    y = np.zeros((len(items), len(classes)))
    for row, item in enumerate(items):
        y[row, [column[label] for label in item.labels]] = 1
    return y


def refuse_other_dimension(n_classes: int, dim: int, *, source: str) -> None:
    """Stop if an experiment's `dim` is not the number of classes."""
    if n_classes != dim:
        raise TartarusError(
            f"{source}: the dataset has {n_classes} classes, but the experiment says dim: {dim}; write dim: {n_classes}"
        )
