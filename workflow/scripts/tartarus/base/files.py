"""Files that are whole or absent: written under a temporary name, then renamed."""

import codecs
import errno
import hashlib
import json
import os
import re
import time
import uuid
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tartarus.base.errors import TartarusError

# Of this process, among all that write to the same folders, on other machines too.
_TOKEN = uuid.uuid4().hex[:8]
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
# UTF-32 first: its mark begins with that of UTF-16.
_MARKS = (
    *((mark, "utf-32") for mark in (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)),
    *((mark, "utf-16") for mark in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)),
)


def temporary(path: str | Path) -> Path:
    """Name the temporary sibling under which this process writes `path`: no other process has the same."""
    path = Path(path)
    return path.with_name(f".{path.name}.{_TOKEN}.part")


def _owner(path: Path) -> Path:
    """Name the sibling that says which process writes `path`."""
    return path.with_name(f".{path.name}.owner")


def _take_over(path: Path) -> None:
    """Become the one that writes `path`: what another process has begun is removed, so that it cannot be published.

    Whoever kills Snakemake alone leaves its jobs running. The jobs of the next run come first.
    """
    owner = _owner(path)
    former = owner.read_text(encoding="utf-8") if owner.is_file() else ""
    if re.fullmatch("[0-9a-f]{8}", former) and former != _TOKEN:
        path.with_name(f".{path.name}.{former}.part").unlink(missing_ok=True)
    owner.write_text(_TOKEN, encoding="utf-8")


def _owns(path: Path) -> bool:
    owner = _owner(path)
    return owner.is_file() and owner.read_text(encoding="utf-8") == _TOKEN


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Give a temporary name to write to, and rename it to `path` if all went well.

    Parameters
    ----------
    path : str or Path
        The file to be written. Its folder is made.

    Yields
    ------
    Path
        The temporary name, in the same folder.

    Raises
    ------
    TartarusError
        If the disk is full, or another process has begun to write `path` meanwhile. In this and every other failure
        the temporary file is removed and a former `path` stays as it was.
    """
    path, part = Path(path), temporary(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with telling_full_disk(path):
            _take_over(path)
            yield part
            if not _owns(path):
                raise TartarusError(f"{path}: another run writes it; nothing was written here")
            part.replace(path)
    finally:
        part.unlink(missing_ok=True)
        if _owns(path):
            _owner(path).unlink(missing_ok=True)


@contextmanager
def telling_full_disk(path: str | Path) -> Iterator[None]:
    """Turn the error of a full disk into a TartarusError that names the file that was to be written."""
    try:
        yield
    except OSError as error:
        # HDF5 reports a full disk in words only, without the error number.
        if error.errno in _FULL or "No space left on device" in str(error):
            raise TartarusError(
                f"{path}: the disk is full, nothing was written; free some space and run again"
            ) from error
        raise


def write_text(path: str | Path, text: str) -> None:
    """Write a text file as UTF-8 with line feeds, whole or not at all."""
    with replacing(path) as part, part.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)


def write_lines(path: str | Path, lines: Iterable[str]) -> None:
    """Write one line per entry."""
    write_text(path, "".join(f"{line}\n" for line in lines))


def read_lines(path: str | Path) -> list[str]:
    """Read the lines of a UTF-8 text file that are not blank, without white space at their ends.

    Raises
    ------
    TartarusError
        If the file is not UTF-8.
    """
    # Not splitlines(): an id may hold separators of other kinds.
    return [line.strip() for line in read_text(path).split("\n") if line.strip()]


def encoding_of(begin: bytes) -> str:
    """Tell the encoding of a text by how it begins: that of the mark that its writer put first, or UTF-8."""
    return next((encoding for mark, encoding in _MARKS if begin.startswith(mark)), "utf-8")


def read_text(path: str | Path) -> str:
    """Read a text file: UTF-8, or UTF-16 or UTF-32 with the mark that their writers put first.

    Raises
    ------
    TartarusError
        If the file is none of these; the message names the file and the offending byte.
    """
    data = Path(path).read_bytes()
    encoding = encoding_of(data)
    try:
        return data.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            raise TartarusError(
                f"{path}: begins as {encoding.upper()}, but is none ({error}); save it as UTF-8"
            ) from error
        if data.count(b"\0") > len(data) // 4:
            raise TartarusError(f"{path}: not UTF-8, probably UTF-16 without its mark; save it as UTF-8") from error
        raise TartarusError(
            f"{path}: not UTF-8 (byte {data[error.start]:#04x} at position {error.start}); convert it, for "
            f"example with: iconv -f latin1 -t utf-8"
        ) from error


def write_json(path: str | Path, value: Any) -> None:
    """Write JSON with sorted keys; NaN is refused, for it is not JSON."""
    write_text(path, json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n")


def as_written(table: str | Path) -> str:
    """Name a table of the user's as it is there: with tabs as `table` says, ``.tsv``, or with commas, ``.csv``.

    Raises
    ------
    TartarusError
        If both are there.
    """
    tabs, commas = Path(table), Path(table).with_suffix(".csv")
    if tabs.is_file() and commas.is_file():
        raise TartarusError(f"{tabs} and {commas}: which of the two counts? delete the other one, or rename it")
    return str(commas if commas.is_file() else tabs)


def refuse_future(path: str | Path) -> None:
    """Stop if a file is dated in the future: all that is made from it would seem older than it, and be lost.

    Raises
    ------
    TartarusError
        If its time is more than a minute ahead of the clock.
    """
    ahead = Path(path).stat().st_mtime - time.time()
    if ahead > 60:
        raise TartarusError(
            f"{path}: dated {ahead / 3600:.1f} hours in the future; correct the clock, or touch the file"
        )


def sha256(path: str | Path) -> str:
    """Compute the SHA-256 of a file, as 64 hexadecimal digits."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def stamp(path: str | Path) -> list[Any]:
    """Tell the size of a file and the time of its last change, beside its name: whether it is still the same."""
    found = Path(path).stat()
    return [str(path), found.st_size, found.st_mtime]


def visible_files(folder: str | Path) -> Iterator[Path]:
    """Go through the files below a folder, links followed; hidden ones and those of ``__MACOSX`` do not count.

    Every folder is gone through once, however many links lead to it: two links to the folder that they are in would
    never come to an end. If the folder is not there, there are no files.

    Raises
    ------
    TartarusError
        If a link leads nowhere, something is neither file nor folder or cannot be read, or a name does not fit into
        a table.
    """
    # Links come last, so that a file is known by the path that it really has.
    folders, links = [Path(folder)] if Path(folder).exists() else [], list[Path]()
    seen: set[tuple[int, int]] = set()
    while folders or links:
        place = (folders or links).pop()
        try:
            status = place.stat()
            if (status.st_dev, status.st_ino) not in seen:
                seen.add((status.st_dev, status.st_ino))
                for entry in _visible_entries(place):
                    if entry.is_dir():
                        (links if entry.is_symlink() else folders).append(Path(entry))
                    else:
                        yield Path(entry)
        except OSError as error:
            raise TartarusError(
                f"{error.filename or place}: cannot be read ({error.strerror}); mend or remove it"
            ) from error


def _visible_entries(place: Path) -> list[os.DirEntry[str]]:
    """List the files and folders of a folder, backwards."""
    with os.scandir(place) as entries:
        visible = [entry for entry in entries if not entry.name.startswith(".") and entry.name != "__MACOSX"]
    for entry in visible:
        if not fits_in_table(entry.name):
            raise TartarusError(f"{place}: {entry.name!r}: a name that does not fit into a table; rename it")
        if not entry.is_dir() and not entry.is_file():
            if not Path(entry).exists():
                raise TartarusError(f"{entry.path}: a link to a file that is not there; mend or remove it")
            raise TartarusError(f"{entry.path}: neither file nor folder, but a pipe or device; remove it")
    return sorted(visible, key=lambda entry: entry.name, reverse=True)


def fits_in_table(name: str) -> bool:
    """Tell whether a name can stand in a cell: it is UTF-8, without tabs, line ends and other control characters."""
    return not re.search(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]", name)


def stamps(folder: str | Path, *, names: Collection[str] | None = None) -> list[list[Any]]:
    """List the files below a folder, as `visible_files` does: path, size, and time of the last change, sorted.

    With `names`, only those files that are called so.
    """
    return sorted(stamp(path) for path in visible_files(folder) if names is None or path.name in names)


def digest(value: Any) -> str:
    """Compute the SHA-256 of a JSON-like value; the order of keys does not matter.

    Examples
    --------
    >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    True
    """
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()
