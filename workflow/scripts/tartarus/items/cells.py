"""What may stand in the cells of a table of items."""

import re
from collections.abc import Mapping
from pathlib import Path

from tartarus.base.errors import TartarusError
from tartarus.items.columns import COLUMNS, MODALITIES
from tartarus.plan.kinds import SETS
from tartarus.plan.names import has_braces

# They end a text (NUL) or a line, or vanish (the mark of UTF-8): two ids would look alike, or become one.
_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]")
# Bytes, as file systems have it: of a name, of a path.
_LONGEST_NAME, _LONGEST_PATH = 255, 4095

# Id to the row in which it stands, and its set.
Seen = dict[str, tuple[int, str]]


def check_row(row: Mapping[str, str], *, number: int, seen: Seen, label_column: str, single: bool, source: str) -> None:
    """Check the cells of a row that are used, and note its id.

    Parameters
    ----------
    row : mapping
        Column to cell.
    number : int
        Of the row in its file.
    seen : dict
        The ids of the rows before; this one is added.
    label_column : str
        The column of the classes.
    single : bool
        Whether an item has one class: then one without any needs no set.
    source : str
        The table.

    Raises
    ------
    TartarusError
        Naming table, row, id and remedy.
    """
    where = f"{source}: row {number}"
    id_, set_, written = row["id"], row.get("set", ""), row[label_column]
    for column in (*COLUMNS, label_column):
        found = _INVISIBLE.search(row.get(column, ""))
        if found:
            raise TartarusError(
                f"{where}: the invisible character U+{ord(found[0]):04X} in column '{column}', {row[column]!a}; "
                f"delete it"
            )
    if not id_ or id_ != id_.strip():
        raise TartarusError(f"{where}: the id '{id_}' is empty or has white space at its ends; correct it")
    if id_ in seen:
        first, former = seen[id_]
        if set_ != former:
            raise TartarusError(
                f"{where}: id '{id_}' is in two sets, {former} (row {first}) and {set_}; delete one row"
            )
        raise TartarusError(f"{where}: id '{id_}' stands in row {first} already; ids must be unique")
    seen[id_] = (number, set_)
    where = f"{where}: id '{id_}'"
    if "set" in row and set_ not in SETS and (set_ or written or not single):
        raise TartarusError(f"{where}: set '{set_}'; write one of: {', '.join(SETS)}")
    labels = written.split("|") if written else []
    if any(label != label.strip() for label in labels):
        raise TartarusError(f"{where}: white space around a label in '{written}'; delete it")
    if not all(labels):
        raise TartarusError(
            f"{where}: label missing in column '{label_column}', '{written}'; write its classes, separated by |"
        )
    for modality in MODALITIES:
        _check_path(row.get(modality, ""), modality, where)


def _check_path(cell: str, modality: str, where: str) -> None:
    path = Path(cell)
    if path.is_absolute() or ".." in path.parts:
        raise TartarusError(f"{where}: {modality} '{cell}' leaves the folder of the table")
    if len(cell.encode()) > _LONGEST_PATH or any(len(part.encode()) > _LONGEST_NAME for part in path.parts):
        raise TartarusError(
            f"{where}: {modality} '{cell[:40]}...' is too long for the path of a file; write the path here, and what "
            f"is now here (the lyrics?) into that file"
        )
    if has_braces(cell):
        raise TartarusError(
            f"{where}: {modality} '{cell}' has braces, which Snakemake takes for a wildcard; rename the file"
        )
