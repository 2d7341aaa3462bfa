"""Reading the texts of a dataset: one file with all of them, and a table with a row for each."""

import json
from collections.abc import Sequence
from pathlib import Path

from tartarus.base.files import read_text, write_text
from tartarus.base.logs import log, progress
from tartarus.items.tables import Item, write_rows


def collect(path: str | Path, table: str | Path, items: Sequence[Item], folder: str | Path) -> dict[str, str]:
    """Read the text of every item.

    Parameters
    ----------
    path : str or Path
        To write: a line of JSON for each item that has a text, with `id`, `set` and `text`.
    table : str or Path
        To write: `id`, `status` (``ok``, ``empty``: kept; ``missing``: left out) and `words` of every item.
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
        If a text is not UTF-8; the message names the file.
    """
    lines, rows = [], []
    for item in progress(items, total=len(items), what="texts"):
        file = Path(folder) / item.path("text")
        if not item.path("text") or not file.is_file():
            status, words = "missing", 0
        else:
            text = read_text(file)
            words = len(text.split())
            status = "ok" if words else "empty"
            lines.append(json.dumps({"id": item.id, "set": item.set, "text": text}, ensure_ascii=False))
        if status != "ok":
            log.warning("the text of item %s is %s: %s", item.id, status, item.path("text") or "none in the table")
        rows.append({"id": item.id, "status": status, "words": words})
    write_text(path, "".join(f"{line}\n" for line in lines))
    write_rows(table, rows)
    return {str(row["id"]): str(row["status"]) for row in rows}


def read(path: str | Path) -> dict[str, dict[str, str]]:
    """Read the texts that `collect` wrote: set to id to text."""
    texts: dict[str, dict[str, str]] = {"train": {}, "val": {}, "test": {}}
    # Not splitlines(): a text may hold line separators that JSON leaves as they are.
    for line in read_text(path).split("\n"):
        if line:
            entry = json.loads(line)
            texts[entry["set"]][entry["id"]] = entry["text"]
    return texts
