"""Tables that this project writes, tab-separated with a header, and how they are read again."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from tartarus.base.errors import REMEDY, damaged
from tartarus.base.files import replacing
from tartarus.items import table_text


def write_rows(path: str | Path, rows: Iterable[Mapping[str, object]], *, columns: Sequence[str] | None = None) -> None:
    """Write rows of equal keys as a tab-separated table with a header; a cell is quoted if it has to be.

    `columns` names the keys; without it `rows` is a list, and the first row names them.
    """
    with replacing(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns or list(next(iter(rows))), dialect="excel-tab", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def read_rows(path: str | Path, *, columns: Sequence[str] = (), remedy: str = REMEDY) -> list[dict[str, str]]:
    """Read a tab-separated table with a header that this project wrote.

    Raises
    ------
    TartarusError
        If it is damaged: it is no such table, a row has more or fewer cells than the header, or it lacks one of
        `columns`. The message ends with `remedy`.
    """
    try:
        header, *rows = [*table_text.split(Path(path).read_bytes().decode("utf-8"))] or [(1, [])]
    except ValueError as error:
        raise damaged(path, error, remedy) from error
    for column in columns:
        if column not in header[1]:
            raise damaged(path, f"no column '{column}'", remedy)
    for number, cells in rows:
        if len(cells) != len(header[1]):
            raise damaged(path, f"row {number}: {len(cells)} cells, the header has {len(header[1])}", remedy)
    return [dict(zip(header[1], cells, strict=True)) for _, cells in rows]


def read_figures(path: str | Path) -> list[dict[str, float]]:
    """Read a CSV file of figures with a header: the course of a training.

    Raises
    ------
    TartarusError
        If it is damaged.
    """
    try:
        with Path(path).open(encoding="utf-8", newline="") as file:
            return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file, strict=True)]
    except (ValueError, TypeError, csv.Error) as error:
        raise damaged(path, error, "delete it to have its model trained anew") from error
