"""Lists of files as people can read them: the first few, and how many more there are."""

import logging
import re
from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T")

SHOWN = 3
# As long as it may be without that.
_MOST = 6

# What Snakemake says why it runs a job: "Missing output files: a, b; Input files updated by another job: c, d".
_REASON = re.compile(r"(files(?: updated by another job)?: )([^;]+)")
# Files below each other, as in errors.
_COLUMN = re.compile(r"(?:^[ \t]*[^\s:,]+/[^\s:,]+(?:\n|\Z)){7,}", re.MULTILINE)


def shortened(names: Iterable[str]) -> list[str]:
    """Give the names if they are few; else the first, and how many more there are.

    Examples
    --------
    >>> shortened("abc")
    ['a', 'b', 'c']
    >>> shortened("abcdefgh")
    ['a', 'b', 'c', 'and 5 more']
    """
    names = list(names)
    return names if len(names) <= _MOST else [*names[:SHOWN], f"and {len(names) - SHOWN} more"]


def listed(value: str | Iterable[str]) -> list[str]:
    """Make a list of what may be one text, or several.

    Examples
    --------
    >>> listed("one"), listed(("one", "two"))
    (['one'], ['one', 'two'])
    """
    return [value] if isinstance(value, str) else list(value)


def parted(values: Iterable[T], count: int) -> list[list[T]]:
    """Part a list into so many of equal length, in its order.

    Examples
    --------
    >>> parted("abcdef", 3)
    [['a', 'b'], ['c', 'd'], ['e', 'f']]
    >>> parted([], 2)
    [[], []]
    """
    values = list(values)
    size, rest = divmod(len(values), count)
    if rest:
        raise ValueError(f"{len(values)} values cannot be parted into {count} lists of equal length")
    return [values[number * size : (number + 1) * size] for number in range(count)]


def shorten_lists(record: logging.LogRecord) -> bool:
    """Shorten the lists of files in what is logged: a filter for Snakemake's logger, which lets all pass.

    Of hundreds of shards, Snakemake would name all for each of the jobs that read them.
    """
    for part in ("input", "output", "log"):
        files = getattr(record, part, None)
        if isinstance(files, list):
            setattr(record, part, shortened(files))
    reason = getattr(record, "reason", None)
    if isinstance(reason, str):
        record.reason = _REASON.sub(lambda found: found[1] + ", ".join(shortened(found[2].split(", "))), reason)
    if isinstance(record.msg, str) and not record.args:
        record.msg = _COLUMN.sub(_shortened_column, record.msg)
    return True


def _shortened_column(found: re.Match[str]) -> str:
    lines = shortened(found[0].rstrip("\n").split("\n"))
    indent = re.match(r"\s*", lines[0])
    lines[-1] = f"{indent[0] if indent else ''}{lines[-1]}"
    return "\n".join(lines) + "\n" * found[0].endswith("\n")
