"""Tables that are made of another dataset's: of the albums of its tracks, and of a view, its items for another task."""

from collections.abc import Sequence

from tartarus.base.errors import TartarusError
from tartarus.items.item_tables import Item


def albums_of(items: Sequence[Item], *, source: str) -> list[Item]:
    """Make the albums of some tracks: each has the classes of all its tracks, and is in their set.

    Parameters
    ----------
    items : sequence of Item
        The tracks. Those whose cell `album` is empty, or which are in no set, belong to none.
    source : str
        The table, for the message.

    Returns
    -------
    list of Item
        In the order of their first tracks.

    Raises
    ------
    TartarusError
        If no track has an album, or an album is in two sets.
    """
    members: dict[str, list[Item]] = {}
    for item in items:
        if item.set and item.cells.get("album"):
            members.setdefault(item.cells["album"], []).append(item)
    if not members:
        raise TartarusError(f"{source}: no track has an album; write the album of each into the column 'album'")
    albums = []
    for album, tracks in members.items():
        first = tracks[0]
        for other in tracks:
            if other.set != first.set:
                raise TartarusError(
                    f"{source}: album '{album}' is in two sets: id '{first.id}' in {first.set}, id '{other.id}' in "
                    f"{other.set}; put it on one side, for example with the column 'group'"
                )
        labels = tuple(dict.fromkeys(label for track in tracks for label in track.labels))
        albums.append(Item(album, first.set, labels, {"labels": "|".join(labels)}))
    return albums


def rows_of_view(
    items: Sequence[Item], *, label_column: str, needs_labels: bool = True, source: str
) -> list[dict[str, str]]:
    """Make the rows of a view: ids, sets, groups and albums of some items, and their classes for another task.

    Items in no set are none of the view's either: they have no features.

    Raises
    ------
    TartarusError
        If their table, `source`, lacks the column of the classes, and the task needs them.
    """
    if needs_labels and items and label_column not in items[0].cells:
        known = ", ".join(items[0].cells)
        raise TartarusError(
            f"{source}: no column '{label_column}', which a view takes its classes from; it has {known}"
        )
    columns = ("group", "album", label_column)
    return [
        {"id": item.id, "set": item.set, **{column: item.cells[column] for column in columns if column in item.cells}}
        for item in items
        if item.set
    ]
