"""The raw files of items: why one cannot be read, as far as its name tells; and whether they are still the same.

A hundred thousand files are too many for inputs of rules, whose times Snakemake would ask for one by one. A job that
reads files of the user remembers them instead, and has their version as a parameter: it changes with them.
"""

import json
import os
import stat
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tartarus.base.files import digest, sha256, write_text

# Path of a file to its size in bytes and the time of its last change in ns; of files that are there.
Stamps = Mapping[str, list[int]]

_UNREADABLE = ""  # in the place of a checksum


def why_missing(path: Path) -> str:
    """Say why a path is not that of a file: nothing is there, a folder, or a file whose name only looks the same."""
    if path.is_dir():
        return f"{path} is a folder, not a file"
    for form in ("NFC", "NFD"):
        alike = unicodedata.normalize(form, str(path))
        # Letters with accents are one character or two; a table and a disk need not agree.
        if alike != str(path) and Path(alike).exists():
            return (
                f"{path} does not exist, but looks like a file whose name is in the form {form} of Unicode; rename it"
            )
    return f"{path} does not exist"


def stamps_of(paths: Iterable[str | Path]) -> dict[str, list[int]]:
    """Look at files: see `Stamps`. What is not there, or no file, is left out."""
    found = {}
    for path in map(str, paths):
        try:
            status = os.stat(path)  # noqa: PTH116 (a Path for each takes longer than the look)
        except (OSError, ValueError):
            continue
        if stat.S_ISREG(status.st_mode):
            found[path] = [status.st_size, status.st_mtime_ns]
    return found


def remember(paths: Iterable[str | Path], *, memory: str | Path, version: str) -> None:
    """Write down which files a job is about to read: their stamps and checksums, and the version it was planned with.

    Before they are read: a file that changes meanwhile will then be another than the one remembered.
    """
    files = {path: [*stamp, _checksum(path)] for path, stamp in stamps_of(paths).items()}
    _write(memory, version, files)


def version_of(memory: str | Path, stamps: Stamps, *, may_write: bool = False) -> str:
    """Tell the version of files: the one remembered, if they are the same; else a new one.

    They are the same if size and time are, or at least size and content: copying files or touching them means nothing.

    Parameters
    ----------
    memory : str or Path
        What the job that read them last has remembered. If there is nothing, or it is damaged, they are others.
    stamps : mapping
        The files as they are now.
    may_write : bool
        Whether new times of the same files may be written down, so that their content need not be looked at again.
    """
    try:
        last = json.loads(Path(memory).read_bytes())
        version, files = str(last["version"]), last["files"]
        if _are_same(stamps, files):
            if may_write and any(files[path][:2] != stamp for path, stamp in stamps.items()):
                _write(memory, version, {path: [*stamp, files[path][2]] for path, stamp in stamps.items()})
            return version
    except (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError):
        pass
    return digest(stamps)


def _are_same(stamps: Stamps, files: Mapping[str, list[Any]]) -> bool:
    changed = [path for path, stamp in stamps.items() if path not in files or files[path][:2] != stamp]
    # Sizes first: of many files that were exchanged, none needs to be read.
    return (
        files.keys() == stamps.keys()
        and all(files[path][0] == stamps[path][0] for path in changed)
        and all(files[path][2] == _checksum(path) != _UNREADABLE for path in changed)
    )


def _checksum(path: str) -> str:
    try:
        return sha256(path)
    except OSError:
        return _UNREADABLE


def _write(memory: str | Path, version: str, files: Mapping[str, list[Any]]) -> None:
    # In one line: with indents, JSON is written by Python and not by C.
    write_text(memory, json.dumps({"version": version, "files": files}))
