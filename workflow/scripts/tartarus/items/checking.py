"""The check of a dataset of one's own: all that is wrong with its tables and its files, and what is odd, at once.

What stops a run at the first fault is asked here for every fault; nothing is looked at in two ways.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from tartarus.base.errors import TartarusError
from tartarus.base.files import digest
from tartarus.base.logs import progress
from tartarus.items import cells, dividing, item_tables, listening, oddities, plays, targets
from tartarus.items import columns as known_columns
from tartarus.items.faults import Fault, fault_of
from tartarus.items.raw_files import stamps_of, why_missing
from tartarus.items.remarks import remarks
from tartarus.plan.kinds import SETS

COLUMNS = ("status", "file", "row", "column", "value", "what", "remedy")
WRONG, ODD = "wrong", "odd"
_LONGEST_VALUE = 200

# What is told: whether it is wrong or odd, of which file, and what it is.
Finding = tuple[str, str | Path, Fault]
# What looks into a file, and tells what is wrong or odd in it.
Look = Callable[[Path], Iterable[tuple[str, Fault]]]
Row = Mapping[str, str]


def check(
    path: str | Path,
    *,
    reading: Mapping[str, Any],
    looks: Mapping[str, Look],
    classes: Sequence[str] | None = None,
    beside: Mapping[str | Path, Look] | None = None,
    table_of_plays: str | Path | None = None,
    workers: int = 1,
) -> list[dict[str, object]]:
    """Check a table of items, all files that it names, and the tables beside it.

    Parameters
    ----------
    path : str or Path
        The table.
    reading : mapping
        How it is read: the options of `item_tables.read_items`.
    looks : mapping
        Column to what looks into the files that it names.
    classes : sequence of str, optional
        Those that the dataset lists: other labels are wrong.
    beside : mapping, optional
        Further files, and what looks into each.
    table_of_plays : str or Path, optional
        The table of who played what, if there is one.
    workers : int
        Threads that look into files; the outcome does not depend on it.

    Returns
    -------
    list of dict
        A row for each finding, with `COLUMNS`: what is wrong comes first.
    """
    findings = list(_findings(Path(path), reading, looks, classes, table_of_plays, workers))
    for file, look in (beside or {}).items():
        findings += [(status, file, fault) for status, fault in _looked(look, Path(file))]
    return [row(*finding) for status in (WRONG, ODD) for finding in findings if finding[0] == status]


def row(status: str, file: str | Path, fault: Fault) -> dict[str, object]:
    """Make the row of a finding."""
    value = fault.value if len(fault.value) <= _LONGEST_VALUE else f"{fault.value[:_LONGEST_VALUE]}..."
    # As a reader of the check would have them: on one line, and to be seen.
    value, what = (text if text.isprintable() else ascii(text)[1:-1] for text in (value, fault.what))
    found = (status, str(file), fault.row or "", fault.column, value, what, fault.remedy)
    return dict(zip(COLUMNS, found, strict=True))


def _findings(
    path: Path,
    reading: Mapping[str, Any],
    looks: Mapping[str, Look],
    classes: Sequence[str] | None,
    table_of_plays: str | Path | None,
    workers: int,
) -> Iterator[Finding]:
    label_column, single, folds = reading["label_column"], reading["single"], reading.get("folds")
    needs_labels = reading.get("needs_labels", True)
    try:
        header, table = item_tables.read_cells(path)
    except TartarusError as error:
        yield WRONG, path, fault_of(error, source=path)
        return
    of_header = list(
        known_columns.faults(header, label_column=label_column, needs_labels=needs_labels, has_folds=bool(folds))
    )
    for fault in (*of_header, *item_tables.faults_of_widths(header, table)):
        yield WRONG, path, fault
    if not needs_labels and label_column not in header:
        header, table = [*header, label_column], [(number, [*values, ""]) for number, values in table]
    if not table:
        yield WRONG, path, Fault("no items", "write one row for each")
    if header.count("id") != 1 or header.count(label_column) != 1 or len(set(header)) < len(header):
        yield ODD, path, Fault("the rows were not looked at, for the header is wrong", "mend it, and check again")
        return
    whole = [(number, values) for number, values in table if len(values) == len(header)]
    ids = list(dict.fromkeys(values[header.index("id")] for _, values in whole))
    rows = {number: dict(zip(header, values, strict=True)) for number, values in whole}
    for fault in cells.faults([*rows.values()], [*rows], label_column=label_column, single=single):
        yield WRONG, path, fault
        rows.pop(fault.row, None)
    of_folds, of_groups = _of_sides(rows, reading)
    for fault in (*of_folds, *of_groups):
        yield WRONG, path, fault
    yield from _of_files(path, rows, looks, workers)
    torn = {fault.value for fault in of_groups}
    rows = {number: each for number, each in rows.items() if each.get("group") not in torn}
    items: list[item_tables.Item] = []
    if rows and not of_folds:
        items = item_tables.items_from_rows([*rows.values()], source=str(path), numbers=[*rows], **reading)
        yield from _of_items(path, items, [*rows], reading, classes)
    if table_of_plays and not folds:
        yield from _of_plays(table_of_plays, ids, items)


def _of_sides(rows: Mapping[int, Row], reading: Mapping[str, Any]) -> tuple[list[Fault], list[Fault]]:
    """Tell what is wrong with the columns of sets and folds, and which groups are on two sides."""
    folds = reading.get("folds")
    held = {number: each for number, each in rows.items() if each[reading["label_column"]] or not reading["single"]}
    column = "fold" if folds else "set"
    given = {each["id"]: each[column] for each in held.values() if column in each}
    of_folds = dividing.faults([*held.values()], [*held], folds=folds)
    return of_folds, list(cells.faults_of_groups([*rows.values()], [*rows], given))


def _of_items(
    path: Path,
    items: Sequence[item_tables.Item],
    numbers: Sequence[int],
    reading: Mapping[str, Any],
    classes: Sequence[str] | None,
) -> Iterator[Finding]:
    """Look at the classes of items, and at what is odd about them all; `numbers` are those of their rows."""
    of_labels = {"label_column": reading["label_column"], "single": reading["single"]}
    for number, item in zip(numbers, items, strict=True):
        for fault in targets.faults_of(item, classes, single=of_labels["single"]):
            yield WRONG, path, replace(fault, row=number, column=of_labels["label_column"])
    for line in remarks(items, **of_labels, needs_labels=reading.get("needs_labels", True), source=str(path)):
        yield ODD, path, Fault(line.removeprefix(f"{path}: "))
    found = (oddities.of_classes(items), oddities.of_files(items, numbers, path.parent), oddities.of_artists(items))
    for fault in (fault for faults in found for fault in faults):
        yield ODD, path, fault


def _of_plays(path: str | Path, ids: Sequence[str], items: Sequence[item_tables.Item]) -> Iterator[Finding]:
    """Look at a table of plays: `ids` may be played, and the `items` among them are those of which nothing is wrong."""
    faults, found = plays.check(path, ids)
    for fault in faults:
        yield WRONG, path, fault
    if found is None:
        return
    row_of = {id_: row for row, id_ in enumerate(ids)}
    sizes = {set_: found.counts[[row_of[item.id] for item in items if item.set == set_]].nnz for set_ in SETS}
    for fault in listening.faults_of_sets(sizes) if items else ():
        yield WRONG, path, fault
    for fault in oddities.of_plays(found, items):
        yield ODD, path, fault


def _looked(look: Look, file: Path) -> list[tuple[str, Fault]]:
    """Look into a file; that it cannot be read is a finding, too."""
    try:
        return list(look(file))
    except TartarusError as error:
        return [(WRONG, fault_of(error, source=file))]
    except OSError as error:
        return [(WRONG, Fault(f"cannot be read ({error.strerror})", "mend its permissions"))]


def _of_files(path: Path, rows: Mapping[int, Row], looks: Mapping[str, Look], workers: int) -> Iterator[Finding]:
    """Look at the files that the rows of a table name, each once."""
    named: dict[tuple[str, str], int] = {}
    for number, each in rows.items():
        for column in known_columns.PATHS:
            if each.get(column):
                named.setdefault((column, each[column]), number)

    def look(place: tuple[str, str]) -> list[tuple[str, Fault]]:
        column, name = place
        file = path.parent / name
        if not file.is_file():
            return [(WRONG, Fault(why_missing(file), "put it there, or leave the cell empty"))]
        return _looked(looks[column], file) if column in looks else []

    with ThreadPoolExecutor(workers) as pool:
        found = progress(pool.map(look, named), total=len(named), what="files")
        for ((column, name), number), findings in zip(named.items(), found, strict=True):
            for status, fault in findings:
                yield status, path.parent / name, Fault(fault.what, fault.remedy, number, column, name)


def version(path: str | Path) -> str:
    """Compute the digest of the files that a table names, as they are now: sizes and times; of a bad table, too."""
    try:
        header, table = item_tables.read_cells(path)
    except (TartarusError, OSError):
        return ""
    columns = [number for number, column in enumerate(header) if column in known_columns.PATHS]
    names: Sequence[str] = [values[number] for _, values in table for number in columns if number < len(values)]
    return digest(stamps_of(Path(path).parent / name for name in dict.fromkeys(names) if name))
