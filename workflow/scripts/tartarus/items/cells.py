"""What may stand in the cells of a table of items.

There may be a hundred thousand rows, which are read whenever jobs are planned: of each, a look that costs little tells
whether a closer one is needed.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from tartarus.items.columns import COLUMNS, MODALITIES
from tartarus.plan.kinds import SETS
from tartarus.plan.names import has_braces

# They end a text (NUL) or a line, or vanish (the mark of UTF-8): two ids would look alike, or become one.
_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]")
# Bytes, as file systems have it: of a name, of a path.
_LONGEST_NAME, _LONGEST_PATH = 255, 4095
# No other path or list of labels can be wrong. 63 letters are at most 252 bytes.
_ODD_PATH = re.compile(r"^/|\.\.|[{}]|.{64}", re.DOTALL)
_ODD_LABELS = re.compile(r"^[\s|]|[\s|]\Z|\|[\s|]|\s\|")

# Id to the row in which it stands, and its set.
Seen = dict[str, tuple[int, str]]


def used_columns(header: Iterable[str], label_column: str) -> list[str]:
    """List the columns of a table whose cells mean something."""
    return [column for column in dict.fromkeys((*COLUMNS, label_column)) if column in header]


def fault_of(
    row: Mapping[str, str], used: Sequence[str], *, number: int, seen: Seen, label_column: str, single: bool
) -> str | None:
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

    Returns
    -------
    str or None
        None if nothing is wrong.
    """
    id_, set_, written = row["id"], row.get("set", ""), row[label_column]
    if _INVISIBLE.search("".join([row[column] for column in used])):
        return _invisible(row, used)
    if not id_ or id_ != id_.strip():
        return f"the id '{id_}' is empty or has white space at its ends; correct it"
    if id_ in seen:
        first, former = seen[id_]
        if set_ != former:
            return f"id '{id_}' is in two sets, {former} (row {first}) and {set_}; delete one row"
        return f"id '{id_}' stands in row {first} already; ids must be unique"
    seen[id_] = (number, set_)
    if set_ not in SETS and "set" in row and (set_ or written or not single):
        return f"id '{id_}': set '{set_}'; write one of: {', '.join(SETS)}"
    if _ODD_LABELS.search(written):
        return f"id '{id_}': {_odd_labels(written, label_column)}"
    for modality in MODALITIES:
        cell = row.get(modality)
        if cell and _ODD_PATH.search(cell):
            fault = _fault_of_path(cell)
            if fault:
                return f"id '{id_}': {modality} {fault}"
    return None


def _invisible(row: Mapping[str, str], used: Sequence[str]) -> str:
    column = next(column for column in used if _INVISIBLE.search(row[column]))
    (character,) = _INVISIBLE.findall(row[column])[:1]
    return f"the invisible character U+{ord(character):04X} in column '{column}', {row[column]!a}; delete it"


def _odd_labels(written: str, label_column: str) -> str:
    if any(label != label.strip() for label in written.split("|")):
        return f"white space around a label in '{written}'; delete it"
    return f"label missing in column '{label_column}', '{written}'; write its classes, separated by |"


def _fault_of_path(cell: str) -> str | None:
    path = Path(cell)
    if path.is_absolute() or ".." in path.parts:
        return f"'{cell}' leaves the folder of the table"
    if len(cell.encode()) > _LONGEST_PATH or any(len(part.encode()) > _LONGEST_NAME for part in path.parts):
        return (
            f"'{cell[:40]}...' is too long for the path of a file; write the path here, and what is now here (the "
            f"lyrics?) into that file"
        )
    if has_braces(cell):
        return f"'{cell}' has braces, which Snakemake takes for a wildcard; rename the file"
    return None
