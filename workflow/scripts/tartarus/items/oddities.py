"""What is allowed in a dataset and yet odd: a result may suffer from it, or say less than it seems to."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path, PurePosixPath

import numpy as np
from tartarus.base.files import sha256
from tartarus.items.columns import PATHS, WORDS
from tartarus.items.faults import Fault
from tartarus.items.item_tables import Item
from tartarus.items.plays import Plays
from tartarus.items.splits import FEWEST_GROUPS
from tartarus.plan.kinds import ALL, SETS

# Words in the names of columns that hold whom a group would be made of.
_WHO = re.compile("artist|performer|band|singer|composer|author", re.IGNORECASE)
# A folder of a larger share of the items holds more than one artist.
_LARGEST_SHARE = 0.25

Key = Callable[[Item], str]


def of_classes(items: Sequence[Item]) -> Iterator[Fault]:
    """Tell which classes are in fewer groups than there are sets, or absent from a set; or from a fold."""
    sides = _sides(items)
    groups: dict[str, set[str]] = defaultdict(set)
    sets: dict[str, set[str]] = defaultdict(set)
    for item in items:
        for label in item.labels if item.set else ():
            groups[label].add(item.cells.get("group") or item.id)
            sets[label].add(item.side)
    for label in sorted(groups):
        absent = [side for side in sides if side not in sets[label]]
        count = len(groups[label])
        what = f"the class '{label}' is in " + (f"{count} groups" if count > 1 else "1 group")
        if absent:
            what += f", and in no item of {' and '.join(absent)}"
        if count < max(FEWEST_GROUPS, len(sides)) or absent:
            fewest = "three" if len(sides) == FEWEST_GROUPS else str(len(sides))
            yield Fault(what, f"give it more items, of {fewest} groups or more; or leave it out", 0, "labels", label)


def _sides(items: Sequence[Item]) -> list[str]:
    """List the sets, or the folds."""
    folds = {int(item.cells["fold"]) for item in items if item.set == ALL}
    return [f"fold {fold}" for fold in sorted(folds)] or list(SETS)


def of_files(items: Sequence[Item], numbers: Sequence[int], folder: Path) -> Iterator[Fault]:
    """Tell which items have the same file as one of another set, or one with the same bytes; or the same text."""
    yield from _of_words(items, numbers)
    for column in PATHS:
        there = [
            (item, number, folder / item.path(column))
            for item, number in zip(items, numbers, strict=True)
            if item.set and item.path(column) and (folder / item.path(column)).is_file()
        ]
        sizes = Counter(path.stat().st_size for path in {path for _, _, path in there})
        known: dict[Path, str] = {}
        first: dict[str, Item] = {}
        for item, number, path in there:
            if path not in known:
                size = path.stat().st_size
                # Of a size of its own, a file has no twin; and what is empty says nothing.
                known[path] = sha256(path) if sizes[size] > 1 and size else str(path)
            other = first.setdefault(known[path], item)
            if other.side != item.side:
                what = (
                    f"id '{item.id}' in {item.side} has the same {column} as id '{other.id}' in {other.side}, "
                    f"{other.path(column)}"
                )
                yield Fault(what, "delete one, or put both into one group", number, column, item.path(column))


def of_plays(plays: Plays, items: Sequence[Item]) -> Iterator[Fault]:
    """Tell how many rows of a table of plays are added up, and which items and users nothing can be learned from."""
    if plays.again:
        yield Fault(
            f"{plays.again} rows tell an item of a user again, and are added up", "delete those that are not meant"
        )
    row_of = {id_: row for row, id_ in enumerate(plays.items)}
    n_listeners = np.diff(plays.counts.indptr)
    alone = [item.id for item in items if item.set and not n_listeners[row_of[item.id]]]
    if alone:
        what = f"{len(alone)} of {sum(bool(item.set) for item in items)} items are played by nobody"
        yield Fault(what, "plays: items_without_plays says what becomes of them", 0, "item", alone[0])
    training = plays.counts[[row_of[item.id] for item in items if item.set == "train"]]
    idle = np.flatnonzero(np.bincount(training.indices, minlength=len(plays.users)) == 0)
    if len(idle):
        what = f"{len(idle)} of {len(plays.users)} users played no item for training"
        yield Fault(what, "plays: users_without_plays says what becomes of them", 0, "user", plays.users[idle[0]])


def _of_words(items: Sequence[Item], numbers: Sequence[int]) -> Iterator[Fault]:
    """Tell which items have the same text in the table as one of another set."""
    first: dict[str, Item] = {}
    for item, number in zip(items, numbers, strict=True):
        words = item.cells.get(WORDS, "")
        if item.set and words.strip():
            other = first.setdefault(words, item)
            if other.set != item.set:
                what = f"id '{item.id}' in {item.set} has the same {WORDS} as id '{other.id}' in {other.set}"
                yield Fault(what, "delete one, or put both into one group", number, WORDS, words)


def of_artists(items: Sequence[Item]) -> Iterator[Fault]:
    """Tell who seems to be in several sets where the table has no groups.

    Looked for are a column that is called after artists; else names of files such as ``Artist - Title``; else folders
    that are called neither after classes nor after sets.
    """
    shared = [item for item in items if item.set]
    if not shared or any(item.cells.get("group") for item in shared):
        return
    for column, key in _suspects(shared):
        members: dict[str, list[Item]] = defaultdict(list)
        for item in shared:
            if key(item):
                members[key(item)].append(item)
        if not any(len(found) > 1 for found in members.values()):
            continue
        for who, found in members.items():
            counts = Counter(item.side for item in found)
            if len(counts) > 1:
                told = ", ".join(f"{counts[set_]} in {set_}" for set_ in _sides(items) if counts[set_])
                yield Fault(
                    f"'{who}' seems to be on several sides: {told}, the first with id '{found[0].id}'",
                    "if it is an artist, write a column 'group' that holds the artist of every item",
                    0,
                    column,
                    who,
                )
        return


def _suspects(items: Sequence[Item]) -> Iterator[tuple[str, Key]]:
    """Go through what may name artists, what is surest first: the column, and how it does."""
    for column in items[0].cells:
        if _WHO.search(column):
            yield column, _cell_of(column)
    for named in (_name_before_dash, partial(_folder, items)):
        for column in ("audio", "text"):
            yield column, named(column)


def _cell_of(column: str) -> Key:
    return lambda item: item.cells[column].strip()


def _name_before_dash(column: str) -> Key:
    """Take the artist of a name such as ``Artist - Title.mp3``; what has no letter is the number of a track."""

    def key(item: Item) -> str:
        who, dash, _ = PurePosixPath(item.path(column)).stem.partition(" - ")
        return who.strip() if dash and re.search(r"[^\W\d_]", who) else ""

    return key


def _folder(items: Sequence[Item], column: str) -> Key:
    """Take the folder of a file, if it may be an artist's."""
    labels = {label.lower() for item in items for label in item.labels}
    folders: Mapping[str, int] = Counter(PurePosixPath(item.path(column)).parent.name for item in items)

    def key(item: Item) -> str:
        name = PurePosixPath(item.path(column)).parent.name
        is_known = name.lower() in labels or name in SETS or folders[name] > _LARGEST_SHARE * len(items)
        return "" if is_known else name

    return key
