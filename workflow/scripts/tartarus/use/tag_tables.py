"""Tags written down: a table for people, JSON with every score; and what is remembered of unchanged files."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tartarus.base.files import write_text
from tartarus.base.logs import log
from tartarus.items.inbox import Found
from tartarus.use.tagging import Said

COLUMNS = ("file", "status", "seconds", "classes", "best", "detail")
# Last bits depend on which files a network sees together.
DECIMALS = 5
Entry = dict[str, Any]


def entry_of(said: Said) -> Entry:
    """Write down what is said of a file, as JSON: scores are null where nothing is."""
    heard = said.heard
    entry: Entry = {
        "file": heard.found.id,
        "status": heard.status,
        "detail": " ".join(heard.detail.split()),
        "seconds": heard.seconds,
        "scores": None if said.scores is None else _rounded(said.scores),
    }
    if said.timeline is not None:
        entry["timeline"] = {"begins": np.round(said.begins, 3).tolist(), "scores": _rounded(said.timeline)}
    return entry


def _rounded(scores: np.ndarray) -> Any:
    return np.round(scores.astype(np.float64), DECIMALS).tolist()


def row_of(entry: Entry, classes: Sequence[str], cuts: np.ndarray | None, *, top: int) -> dict[str, str]:
    """Make the row of a file.

    Parameters
    ----------
    entry : dict
        As made by `entry_of`.
    classes : sequence of str
        Their names, in the order of the scores.
    cuts : np.ndarray [shape=(n_classes,)] or None
        The threshold of every class; None where an item has one class: the one with the best score.
    top : int
        How many of the best classes are listed with their scores.

    Returns
    -------
    dict
        With the keys `COLUMNS`.
    """
    row = {column: str(entry.get(column, "")) for column in COLUMNS}
    if entry["scores"] is None:
        return row
    scores = np.array(entry["scores"])
    best = np.argsort(-scores, kind="stable")
    chosen = best[:1] if cuts is None else [column for column in best if scores[column] >= cuts[column]]
    row["classes"] = "|".join(classes[column] for column in chosen)
    row["best"] = "|".join(f"{classes[column]}: {scores[column]:.{DECIMALS}f}" for column in best[:top])
    return row


def tell(entries: Iterable[Entry], seconds: float) -> None:
    """Log how many files were tagged, how fast, and what became of those that could not be."""
    entries = list(entries)
    failed = [entry for entry in entries if entry["scores"] is None]
    heard = sum(entry["seconds"] for entry in entries)
    log.info(
        "%d files, %.0f s of sound, tagged in %.1f s: %.0f times as fast as it sounds",
        len(entries),
        heard,
        seconds,
        heard / max(seconds, 1e-9),
    )
    if failed:
        log.warning(
            "%d of %d files could not be tagged, the first is %s: %s %s",
            *(len(failed), len(entries), failed[0]["file"], failed[0]["status"], failed[0]["detail"]),
        )


def remembered(path: str | Path, version: str) -> dict[str, tuple[str, Entry]]:
    """Read what was said before: id to the stamp of its files and its entry; nothing of another version."""
    try:
        kept = json.loads(Path(path).read_bytes())
        if kept["version"] == version:
            return {id_: (str(stamp), dict(entry)) for id_, (stamp, entry) in kept["files"].items()}
    except (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError):
        pass
    return {}


def remember(path: str | Path, version: str, said: Iterable[tuple[Found, Entry]]) -> None:
    """Keep what was said of every file, with the stamp of what it was said of."""
    kept = {found.id: (found.stamp, entry) for found, entry in said}
    write_text(path, json.dumps({"version": version, "files": kept}))
