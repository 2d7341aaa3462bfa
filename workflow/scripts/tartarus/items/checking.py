"""The check of a dataset of one's own: all that is wrong with its table and its files, and what is odd, at once.

What stops a run at the first fault is asked here for every fault; nothing is looked at in two ways.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from tartarus.base.errors import TartarusError
from tartarus.base.files import digest
from tartarus.base.logs import progress
from tartarus.items import cells, oddities, tables, targets
from tartarus.items import columns as known_columns
from tartarus.items.faults import Fault, fault_of
from tartarus.items.raw_files import stamps_of, why_missing
from tartarus.items.remarks import remarks

COLUMNS = ("status", "file", "row", "column", "value", "what", "remedy")
WRONG, ODD = "wrong", "odd"
_LONGEST_VALUE = 200

# What is told: whether it is wrong or odd, of which file, and what it is.
Finding = tuple[str, str | Path, Fault]
# What looks into a file, and tells what is wrong or odd in it, if anything is.
Look = Callable[[Path], tuple[str, Fault] | None]
Row = Mapping[str, str]


def check(
    path: str | Path,
    *,
    reading: Mapping[str, Any],
    looks: Mapping[str, Look],
    classes: Sequence[str] | None = None,
    workers: int = 1,
) -> list[dict[str, object]]:
    """Check a table of items, and all files that it names.

    Parameters
    ----------
    path : str or Path
        The table.
    reading : mapping
        How it is read: the options of `tables.read_items`.
    looks : mapping
        Column to what looks into the files that it names.
    classes : sequence of str, optional
        Those that the dataset lists: other labels are wrong.
    workers : int
        Threads that look into files; the outcome does not depend on it.

    Returns
    -------
    list of dict
        A row for each finding, with `COLUMNS`: what is wrong comes first.
    """
    findings = list(_findings(Path(path), reading, looks, classes, workers))
    return [row(*finding) for status in (WRONG, ODD) for finding in findings if finding[0] == status]


def row(status: str, file: str | Path, fault: Fault) -> dict[str, object]:
    """Make the row of a finding."""
    value = fault.value if len(fault.value) <= _LONGEST_VALUE else f"{fault.value[:_LONGEST_VALUE]}..."
    # As a reader of the check would have them: on one line, and to be seen.
    value, what = (text if text.isprintable() else ascii(text)[1:-1] for text in (value, fault.what))
    found = (status, str(file), fault.row or "", fault.column, value, what, fault.remedy)
    return dict(zip(COLUMNS, found, strict=True))


def _findings(
    path: Path, reading: Mapping[str, Any], looks: Mapping[str, Look], classes: Sequence[str] | None, workers: int
) -> Iterator[Finding]:
    label_column, single = reading["label_column"], reading["single"]
    needs_labels = reading.get("needs_labels", True)
    try:
        header, table = tables.read_cells(path)
    except TartarusError as error:
        yield WRONG, path, fault_of(error, source=path)
        return
    of_header = list(known_columns.faults(header, label_column=label_column, needs_labels=needs_labels))
    for fault in (*of_header, *tables.faults_of_widths(header, table)):
        yield WRONG, path, fault
    if not needs_labels and label_column not in header:
        header, table = [*header, label_column], [(number, [*values, ""]) for number, values in table]
    if not table:
        yield WRONG, path, Fault("no items", "write one row for each")
    if header.count("id") != 1 or header.count(label_column) != 1 or len(set(header)) < len(header):
        yield ODD, path, Fault("the rows were not looked at, for the header is wrong", "mend it, and check again")
        return
    whole = [(number, values) for number, values in table if len(values) == len(header)]
    rows = {number: dict(zip(header, values, strict=True)) for number, values in whole}
    for fault in cells.faults([*rows.values()], [*rows], label_column=label_column, single=single):
        yield WRONG, path, fault
        rows.pop(fault.row, None)
    given = {each["id"]: each["set"] for each in rows.values() if "set" in each and (each[label_column] or not single)}
    of_groups = list(cells.faults_of_groups([*rows.values()], [*rows], given))
    for fault in of_groups:
        yield WRONG, path, fault
    yield from _of_files(path, rows, looks, workers)
    torn = {fault.value for fault in of_groups}
    rows = {number: each for number, each in rows.items() if each.get("group") not in torn}
    if rows:
        items = tables.items_from_rows([*rows.values()], source=str(path), numbers=[*rows], **reading)
        for number, item in zip(rows, items, strict=True):
            for fault in targets.faults_of(item, classes, single=single):
                yield WRONG, path, replace(fault, row=number, column=label_column)
        for line in remarks(
            items, label_column=label_column, single=single, needs_labels=needs_labels, source=str(path)
        ):
            yield ODD, path, Fault(line.removeprefix(f"{path}: "))
        found = (oddities.of_classes(items), oddities.of_files(items, [*rows], path.parent), oddities.of_artists(items))
        for fault in (fault for faults in found for fault in faults):
            yield ODD, path, fault


def _of_files(path: Path, rows: Mapping[int, Row], looks: Mapping[str, Look], workers: int) -> Iterator[Finding]:
    """Look at the files that the rows of a table name, each once."""
    named: dict[tuple[str, str], int] = {}
    for number, each in rows.items():
        for column in known_columns.PATHS:
            if each.get(column):
                named.setdefault((column, each[column]), number)

    def look(place: tuple[str, str]) -> tuple[str, Fault] | None:
        column, name = place
        file = path.parent / name
        if not file.is_file():
            return WRONG, Fault(why_missing(file), "put it there, or leave the cell empty")
        try:
            return looks[column](file) if column in looks else None
        except TartarusError as error:
            return WRONG, fault_of(error, source=file)
        except OSError as error:
            return WRONG, Fault(f"cannot be read ({error.strerror})", "mend its permissions")

    with ThreadPoolExecutor(workers) as pool:
        found = progress(pool.map(look, named), total=len(named), what="files")
        for ((column, name), number), finding in zip(named.items(), found, strict=True):
            if finding:
                status, fault = finding
                place = Fault(fault.what, fault.remedy, number, column, name)
                yield status, path.parent / name, place


def version(path: str | Path) -> str:
    """Compute the digest of the files that a table names, as they are now: sizes and times; of a bad table, too."""
    try:
        header, table = tables.read_cells(path)
    except (TartarusError, OSError):
        return ""
    columns = [number for number, column in enumerate(header) if column in known_columns.PATHS]
    names: Sequence[str] = [values[number] for _, values in table for number in columns if number < len(values)]
    return digest(stamps_of(Path(path).parent / name for name in dict.fromkeys(names) if name))
