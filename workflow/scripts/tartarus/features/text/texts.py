"""Reading the texts of a dataset: one file with all of them, and a table with a row for each."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tartarus.base.errors import damaged
from tartarus.base.files import read_lines, read_text, write_text
from tartarus.base.logs import log, progress
from tartarus.features.text import annotations
from tartarus.features.text.annotations import Mention
from tartarus.items import statuses
from tartarus.items.columns import WORDS
from tartarus.items.item_tables import Item
from tartarus.items.raw_files import why_missing
from tartarus.items.tables import write_rows
from tartarus.plan.kinds import ALL, SETS

_SETS = (*SETS, ALL)
# Id, set, text (None if there is none), the names that are marked in it (None if none can be), and why it has no words.
_Found = tuple[str, str, str | None, list[Mention] | None, str]


def collect(path: str | Path, table: str | Path, items: Sequence[Item], folder: str | Path) -> dict[str, str]:
    """Read the text of every item.

    Parameters
    ----------
    path : str or Path
        To write: a line of JSON for each item that has a text, with `id`, `set` and `text`; where the item has a file
        of `entities`, its text is from there, and `mentions` holds start, end, entity and categories of each.
    table : str or Path
        To write: `id`, `status` (``ok``, ``empty``: kept; ``missing``: left out), `words` and `detail` (why it is not
        ok) of every item.
    items : sequence of Item
        The items.
    folder : str or Path
        What their paths are relative to.

    Returns
    -------
    dict
        Item to status.

    Raises
    ------
    TartarusError
        If a text is not UTF-8, or an annotated one is not as it should be; the message names the file.
    """
    twofold = [item.id for item in items if item.path("entities") and (item.path("text") or item.cells.get(WORDS))]
    if twofold:
        log.info("%d items have text and entities; their text is that of the entities", len(twofold))
    every = progress(items, total=len(items), what="texts")
    return _write(path, table, ((item.id, item.set, *_read(item, Path(folder))) for item in every))


def join(
    path: str | Path,
    table: str | Path,
    tracks: str | Path,
    *,
    album_of: Mapping[str, str],
    set_of: Mapping[str, str],
) -> dict[str, str]:
    """Join the texts of each album's tracks, one behind the other, a line for each at least.

    Parameters
    ----------
    path, table : str or Path
        To write, as `collect` does: of the albums.
    tracks : str or Path
        What `collect` has written of the tracks.
    album_of : mapping
        Track to album; tracks without one belong to none.
    set_of : mapping
        Album to its set, of all albums.

    Returns
    -------
    dict
        Album to status.

    Raises
    ------
    TartarusError
        If a line of the tracks' texts is not as it was written.
    """
    members: dict[str, list[dict[str, Any]]] = {}
    for entry in _entries(tracks):
        if entry["id"] in album_of:
            members.setdefault(album_of[entry["id"]], []).append(entry)
    every = ((album, set_, *_joined(members.get(album, []))) for album, set_ in set_of.items())
    return _write(path, table, every)


def _joined(tracks: Sequence[dict[str, Any]]) -> tuple[str | None, list[Mention] | None, str]:
    if not tracks:
        return None, None, "none of its tracks has a text"
    mentions: list[Mention] = []
    begin = 0
    for track in tracks:
        for mention in track.get("mentions", ()):
            mentions.append(replace(mention, start=begin + mention.start, end=begin + mention.end))
        begin += len(track["text"]) + 1
    are_marked = any("mentions" in track for track in tracks)
    text = "\n".join(track["text"] for track in tracks)
    return text, mentions if are_marked else None, "the texts of its tracks have no words"


def _write(path: str | Path, table: str | Path, every: Iterable[_Found]) -> dict[str, str]:
    """Write the texts that there are, and what became of every one."""
    lines, rows = [], []
    for id_, set_, text, mentions, detail in every:
        words = len(text.split()) if text is not None else 0
        status = "ok" if words else "missing" if text is None else "empty"
        if text is not None:
            entry: dict[str, Any] = {"id": id_, "set": set_, "text": text}
            if mentions is not None:
                entry["mentions"] = [[each.start, each.end, each.entity, each.categories] for each in mentions]
            lines.append(json.dumps(entry, ensure_ascii=False))
        rows.append({"id": id_, "status": status, "words": words, "detail": detail if not words else ""})
    statuses.tell(
        ((str(row["id"]), str(row["status"]), str(row["detail"])) for row in rows if row["status"] != "ok"),
        what="text",
        table=table,
    )
    write_text(path, "".join(f"{line}\n" for line in lines))
    write_rows(table, rows)
    return {str(row["id"]): str(row["status"]) for row in rows}


def _read(item: Item, folder: Path) -> tuple[str | None, list[Mention] | None, str]:
    """Read the text of an item, and the names in it if they are marked; and say why, if it has none or no word."""
    if item.cells.get(WORDS) and not item.path("entities"):
        return item.cells[WORDS], None, f"no words in the column '{WORDS}'"
    column = "entities" if item.path("entities") else "text"
    if not item.path(column):
        return None, None, "no text in the table"
    path = folder / item.path(column)
    if not path.is_file():
        return None, None, why_missing(path)
    text, mentions = annotations.read(path) if column == "entities" else (read_text(path), None)
    return text, mentions, f"{path} has no words" if text else f"{path} is an empty file"


def read(path: str | Path, index: Sequence[str | Path] = ()) -> dict[str, dict[str, str]]:
    """Read the texts that `collect` wrote: set to id to text.

    Parameters
    ----------
    path : str or Path
        Of the texts.
    index : sequence of str or Path
        The ids of train, val and test, of a file each: of a fold. By default the sets are those of the table.

    Raises
    ------
    TartarusError
        If a line is not as it was written.
    """
    texts: dict[str, dict[str, str]] = {set_: {} for set_ in SETS}
    set_of = {id_: set_ for set_, ids in zip(SETS, index, strict=bool(index)) for id_ in read_lines(ids)}
    for entry in _entries(path):
        texts[set_of[entry["id"]] if index else entry["set"]][entry["id"]] = entry["text"]
    return texts


def read_mentions(path: str | Path) -> dict[str, list[Mention]]:
    """Read the names that are marked in the texts that `collect` wrote: id to names, of annotated texts only.

    Raises
    ------
    TartarusError
        If a line is not as it was written.
    """
    return {entry["id"]: entry["mentions"] for entry in _entries(path) if "mentions" in entry}


def _entries(path: str | Path) -> Iterator[dict[str, Any]]:
    """Go through the texts that `collect` wrote."""
    try:
        # Not splitlines(): a text may hold line separators that JSON leaves as they are.
        lines = Path(path).read_bytes().decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise damaged(path, error) from error
    for number, line in enumerate(lines, start=1):
        if line:
            try:
                entry = json.loads(line)
                found: dict[str, Any] = {"id": str(entry["id"]), "text": str(entry["text"])}
                found["set"] = _SETS[_SETS.index(entry["set"])]
                (found["id"] + found["text"]).encode("utf-8")  # JSON may escape half a character
                if "mentions" in entry:
                    found["mentions"] = _mentions(entry["mentions"], found["text"])
            except (ValueError, TypeError, KeyError, RecursionError) as error:
                raise damaged(path, f"line {number}: {error!r}") from error
            yield found


def _mentions(values: Any, text: str) -> list[Mention]:
    """Make the names that stand in a line; a ValueError or TypeError tells that they are not as they were written."""
    mentions = [Mention(int(start), int(end), str(name), tuple(map(str, of))) for start, end, name, of in values]
    places = [place for mention in mentions for place in (mention.start, mention.end)]
    if places != sorted(places) or (places and not 0 <= places[0] <= places[-1] <= len(text)):
        raise ValueError("names that are not in the order of the text")
    return mentions
