"""What a user should know of a table of items, though nothing in it is wrong."""

from collections.abc import Iterator, Sequence

from tartarus.items.columns import unused
from tartarus.items.item_tables import Item
from tartarus.plan.kinds import ALL


def is_cut(item: Item) -> bool:
    """Tell whether an item is for validation because no item was, and it is one for training."""
    return item.set == "val" and item.cells.get("set") == "train"


def remarks(
    items: Sequence[Item], *, label_column: str, single: bool, needs_labels: bool = True, source: str
) -> Iterator[str]:
    """Tell which columns are not used, and how many items have no label, one line for each.

    Parameters
    ----------
    items : sequence of Item
        All items of the table.
    label_column : str
        The column of the classes.
    single : bool
        Whether an item has one class: then one without any is in no set.
    needs_labels : bool
        Whether the task is about classes.
    source : str
        The table.

    Yields
    ------
    str
    """
    has_folds = any(item.set == ALL for item in items)
    columns = unused(list(items[0].cells), label_column=label_column, has_folds=has_folds)
    if columns:
        yield f"{source}: columns that are not used: {', '.join(columns)}"
    cut = sum(is_cut(item) for item in items)
    if cut:
        training = cut + sum(item.set == "train" for item in items)
        yield f"{source}: no item is in val: {cut} of the {training} in train are taken for it, by class, groups whole"
    if not needs_labels:
        return
    count = sum(not item.labels for item in items)
    if count:
        what = "are in no set: they are neither learned from nor measured" if single else "count as having no class"
        yield f"{source}: {count} of {len(items)} items have no label in column '{label_column}' and {what}"
    if count > len(items) / 2:
        yield f"{source}: more than half lack a label; if another column has the labels, name it as label_column"
