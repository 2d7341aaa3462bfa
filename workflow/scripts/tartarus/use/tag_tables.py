"""What models say of the files of an inbox, written down: a table for people, JSON with every score.

What was said before is remembered: only files that are new or changed are heard.
"""

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tartarus.base.files import digest, write_text
from tartarus.base.logs import log, progress
from tartarus.items.inbox import Found
from tartarus.plan.config import Section
from tartarus.use import tagging
from tartarus.use.loading import Chain

COLUMNS = ("file", "status", "seconds", "classes", "best", "detail")
# Last bits depend on which files a network sees together.
DECIMALS = 5
Entry = dict[str, Any]


def up_to_date(
    chain: Chain,
    found: Sequence[Found],
    *,
    memory: str | Path,
    version: str,
    workers: int,
    decimals: int = DECIMALS,
    **how: Any,
) -> list[Entry]:
    """Tell what models say of all files of an inbox; only those that are new or changed are heard.

    Parameters
    ----------
    chain : Chain
        The models.
    found : sequence of Found
        The files.
    memory : str or Path
        Where it is kept what was said before.
    version : str
        Of all else that it depends on; see `version_of`.
    workers : int
        Threads that decode.
    decimals : int
        To which the scores are rounded.
    **how
        `trim`, `hop` and `timeline` of `tagging.say`.

    Returns
    -------
    list of dict
        As made by `entry_of`, in the order of the files.
    """
    begin = time.monotonic()
    kept = remembered(memory, version)
    new = [one for one in found if one.id not in kept or kept[one.id][0] != one.stamp]
    said = progress(tagging.say(chain, new, **how, workers=workers), total=len(new), what="files tagged")
    fresh = {one.heard.found.id: entry_of(one, decimals) for one in said}
    tell(fresh.values(), time.monotonic() - begin)
    entries = [fresh.get(one.id) or kept[one.id][1] for one in found]
    remember(memory, version, zip(found, entries, strict=True))
    return entries


def version_of(chain: Chain, plan: Section, how: Mapping[str, Any], code: str) -> str:
    """Tell the version of all that scores depend on, besides the file: what is only told of them is no part of it.

    Parameters
    ----------
    chain : Chain
        The models.
    plan : dict
        What it was read by: says how short a sound may be, and how it is padded.
    how : mapping
        `trim`, `hop` and `timeline`, as `tagging.say` takes them.
    code : str
        The fingerprint of the code.
    """
    factors = None if chain.factors is None else chain.factors.tolist()
    return digest([chain.digest(), factors, plan, dict(how), code])


def entry_of(said: tagging.Said, decimals: int = DECIMALS) -> Entry:
    """Write down what is said of a file, as JSON: scores are null where nothing is."""
    heard = said.heard
    entry: Entry = {
        "file": heard.found.id,
        "status": heard.status,
        "detail": " ".join(heard.detail.split()),
        "seconds": heard.seconds,
        "scores": None if said.scores is None else _rounded(said.scores, decimals),
    }
    if said.timeline is not None:
        entry["timeline"] = {"begins": np.round(said.begins, 3).tolist(), "scores": _rounded(said.timeline, decimals)}
    return entry


def _rounded(scores: np.ndarray, decimals: int) -> Any:
    return np.round(scores.astype(np.float64), decimals).tolist()


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
