"""What may stand in the cells of a table of items.

There may be a hundred thousand rows, which are read whenever jobs are planned: a look at whole columns tells whether
one at every row is needed.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from tartarus.items.columns import COLUMNS, PATHS, WORDS
from tartarus.items.faults import Fault
from tartarus.plan.kinds import SETS
from tartarus.plan.names import has_braces

# They end a text (NUL) or a line, or vanish (the mark of UTF-8): two ids would look alike, or become one.
INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]")
# Bytes, as file systems have it: of a name, of a path.
LONGEST_NAME, _LONGEST_PATH = 255, 4095
# In lines of cells: no other id, path or list of labels can be wrong. 63 letters are at most 252 bytes.
_ODD_ID = re.compile(r"^$|^\s|\s$", re.MULTILINE)
_ODD_PATH = re.compile(r"^/|\.\.|[{}]|.{64}", re.MULTILINE)
_ODD_LABELS = re.compile(r"^[^\S\n]|[^\S\n]$|^\||\|$|\|[\s|]|\s\|", re.MULTILINE)

# Id to the row in which it stands, and its set.
Seen = dict[str, tuple[int, str]]


def used_columns(header: Iterable[str], label_column: str) -> list[str]:
    """List the columns of a table whose cells mean something and are no texts."""
    return [column for column in dict.fromkeys((*COLUMNS, label_column)) if column in header and column != WORDS]


def are_plain(rows: Sequence[Mapping[str, str]], used: Sequence[str], *, label_column: str) -> bool:
    """Tell whether the cells of a table are such that none can be wrong; else one may be, see `faults_of`."""
    columns = {column: [row[column] for row in rows] for column in used}
    # What is invisible is not printable; without it, a line is a cell.
    if not all("".join(cells).isprintable() for cells in columns.values()):
        return False
    ids, sets = columns["id"], set(columns.get("set", ()))
    lines = {column: "\n".join(cells) for column, cells in columns.items()}
    return (
        len(set(ids)) == len(ids)
        and sets.issubset(SETS)
        and not _ODD_ID.search(lines["id"])
        and not _ODD_LABELS.search(lines[label_column])
        and not any(_ODD_PATH.search(lines[column]) for column in PATHS if column in lines)
        and not ({"text", WORDS}.issubset(rows[0]) and any(row["text"] and row[WORDS] for row in rows))
    )


def faults(
    rows: Sequence[Mapping[str, str]], numbers: Sequence[int], *, label_column: str, single: bool
) -> Iterator[Fault]:
    """Tell what is wrong with the cells of a table that are used, row by row; see `faults_of`. `numbers` are theirs."""
    used = used_columns(rows[0], label_column) if rows else []
    if not rows or are_plain(rows, used, label_column=label_column):
        return
    seen: Seen = {}
    for number, row in zip(numbers, rows, strict=True):
        yield from faults_of(row, used, number=number, seen=seen, label_column=label_column, single=single)


def faults_of(
    row: Mapping[str, str], used: Sequence[str], *, number: int, seen: Seen, label_column: str, single: bool
) -> Iterator[Fault]:
    """Tell what is wrong with the cells of a row that are used, and the remedy; and note its id.

    Parameters
    ----------
    row : mapping
        Column to cell.
    used : sequence of str
        The `used_columns` of the table.
    number : int
        Of the row in its file.
    seen : dict
        The ids of the rows before; this one is added.
    label_column : str
        The column of the classes.
    single : bool
        Whether an item has one class: then one without any needs no set.

    Yields
    ------
    Fault
    """
    id_, set_, written = row["id"], row.get("set", ""), row[label_column]

    def fault(column: str, what: str, remedy: str) -> Fault:
        return Fault(what, remedy, number, column, row[column])

    for column in used:
        found = INVISIBLE.search(row[column])
        if found:
            what = f"the invisible character U+{ord(found[0]):04X} in column '{column}', {row[column]!a}"
            yield fault(column, what, "delete it")
    if not id_ or id_ != id_.strip():
        yield fault("id", f"the id '{id_}' is empty or has white space at its ends", "correct it")
    elif id_ in seen:
        first, former = seen[id_]
        if set_ != former:
            what = f"id '{id_}' is in two sets, {former} (row {first}) and {set_}"
            yield fault("id", what, "delete one row")
        else:
            yield fault("id", f"id '{id_}' stands in row {first} already", "ids must be unique")
    seen.setdefault(id_, (number, set_))
    if set_ not in SETS and "set" in row and (set_ or written or not single):
        yield fault("set", f"id '{id_}': set '{set_}'", f"write one of: {', '.join(SETS)}")
    labels = written.split("|") if written else []
    if any(label != label.strip() for label in labels):
        yield fault(label_column, f"id '{id_}': white space around a label in '{written}'", "delete it")
    elif not all(labels):
        what = f"id '{id_}': label missing in column '{label_column}', '{written}'"
        yield fault(label_column, what, "write its classes, separated by |")
    for column in PATHS:
        odd = _fault_of_path(row.get(column, ""))
        if odd:
            yield fault(column, f"id '{id_}': {column} {odd[0]}", odd[1])
    if row.get("text") and row.get(WORDS):
        what = f"id '{id_}': a text in the column '{WORDS}', and the path of one, '{row['text']}', in the column 'text'"
        yield fault("text", what, f"delete the path, or the cell '{WORDS}' if the file has the better text")


def _fault_of_path(cell: str) -> tuple[str, str] | None:
    """Tell what is wrong with a path, and the remedy."""
    path = Path(cell)
    if path.is_absolute() or ".." in path.parts:
        return f"'{cell}' leaves the folder of the table", "put the file into that folder"
    if len(cell.encode()) > _LONGEST_PATH or any(len(part.encode()) > LONGEST_NAME for part in path.parts):
        remedy = f"write the path here, and what is now here into that file; or, if it is the text, call it '{WORDS}'"
        return f"'{cell[:40]}...' is too long for the path of a file", remedy
    if has_braces(cell):
        return f"'{cell}' has braces, which Snakemake takes for a wildcard", "rename the file"
    return None


def faults_of_groups(
    rows: Sequence[Mapping[str, str]], numbers: Sequence[int], set_of: Mapping[str, str]
) -> Iterator[Fault]:
    """Tell which groups are in two sets.

    Parameters
    ----------
    rows, numbers : sequence
        The rows of the table, and where each stands.
    set_of : mapping
        Id to set, of items that are in one.
    """
    sides: dict[str, str] = {}
    for number, row in zip(numbers, rows, strict=True):
        group, id_ = row.get("group"), row["id"]
        if group and set_of.get(id_):
            other = sides.setdefault(group, id_)
            if set_of[other] != set_of[id_]:
                what = f"group '{group}' is in two sets: id '{other}' in {set_of[other]}, id '{id_}' in {set_of[id_]}"
                yield Fault(what, "a group (an artist) must be on one side", number, "group", group)
