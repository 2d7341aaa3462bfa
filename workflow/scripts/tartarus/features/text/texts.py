"""Reading the texts of a dataset: one file with all of them, and a table with a row for each."""

import json
from collections.abc import Sequence
from pathlib import Path

from tartarus.base.errors import damaged
from tartarus.base.files import read_text, write_text
from tartarus.base.logs import progress
from tartarus.items import statuses
from tartarus.items.raw_files import why_missing
from tartarus.items.tables import Item, write_rows
from tartarus.plan.kinds import SETS


def collect(path: str | Path, table: str | Path, items: Sequence[Item], folder: str | Path) -> dict[str, str]:
    """Read the text of every item.

    Parameters
    ----------
    path : str or Path
        To write: a line of JSON for each item that has a text, with `id`, `set` and `text`.
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
        If a text is not UTF-8; the message names the file.
    """
    lines, rows = [], []
    for item in progress(items, total=len(items), what="texts"):
        text, detail = _read(item, Path(folder))
        words = len(text.split()) if text is not None else 0
        status = "ok" if words else "missing" if text is None else "empty"
        if text is not None:
            lines.append(json.dumps({"id": item.id, "set": item.set, "text": text}, ensure_ascii=False))
        rows.append({"id": item.id, "status": status, "words": words, "detail": detail if not words else ""})
    statuses.tell(
        ((str(row["id"]), str(row["status"]), str(row["detail"])) for row in rows if row["status"] != "ok"),
        what="text",
        table=table,
    )
    write_text(path, "".join(f"{line}\n" for line in lines))
    write_rows(table, rows)
    return {str(row["id"]): str(row["status"]) for row in rows}


def _read(item: Item, folder: Path) -> tuple[str | None, str]:
    """Read the text of an item, None if it has none; and say what there is to say if it holds no word."""
    if not item.path("text"):
        return None, "no text in the table"
    path = folder / item.path("text")
    if not path.is_file():
        return None, why_missing(path)
    text = read_text(path)
    return text, f"{path} has no words" if text else f"{path} is an empty file"


def read(path: str | Path) -> dict[str, dict[str, str]]:
    """Read the texts that `collect` wrote: set to id to text.

    Raises
    ------
    TartarusError
        If a line is not as it was written.
    """
    texts: dict[str, dict[str, str]] = {set_: {} for set_ in SETS}
    try:
        # Not splitlines(): a text may hold line separators that JSON leaves as they are.
        lines = Path(path).read_bytes().decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise damaged(path, error) from error
    for number, line in enumerate(lines, start=1):
        if line:
            try:
                entry = json.loads(line)
                id_, text = str(entry["id"]), str(entry["text"])
                (id_ + text).encode("utf-8")  # JSON may escape half a character
                texts[entry["set"]][id_] = text
            except (ValueError, TypeError, KeyError, RecursionError) as error:
                raise damaged(path, f"line {number}: {error!r}") from error
    return texts
