"""The rows of a table, as spreadsheets and programs write it.

Cells are separated by tabs, or by commas where the name of the file ends in .csv (RFC 4180).
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from tartarus.base.errors import TartarusError
from tartarus.base.files import encoding_of, read_text

# The number of a row in its file, for messages, and its cells.
NumberedRow = tuple[int, list[str]]

_SEPARATORS = {";": "semicolons", ",": "commas", "\t": "tabs", "|": "bars", " ": "spaces"}
# How ZIP files begin, and what Office wrote before it wrote ZIP files.
_WORKBOOKS = (b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1"))
_WANTED = {"\t": "tab-separated text (UTF-8)", ",": "CSV with commas (UTF-8)"}
_LINE_BREAK = re.compile("[\r\n]")
_UNCLOSED = (
    'a quotation mark begins a cell and is not closed at its end; write "like ""this""" for like "this", as '
    "spreadsheets do, or delete the mark"
)
_SEVERAL_ROWS = f"{_UNCLOSED}; a text that holds tabs and line breaks goes into a .csv, or into a file of its own"


def separator_of(path: str | Path) -> str:
    """Tell what separates the cells of a table, by its name."""
    return "," if Path(path).suffix.lower() == ".csv" else "\t"


def stream_table(path: str | Path) -> Iterator[NumberedRow]:
    """Go through the rows of a table that may be too large for memory; see `read_table`.

    Raises
    ------
    TartarusError
        As `read_table` does, when it comes to the row.
    """
    _refuse_workbook(path)
    separator = separator_of(path)
    with Path(path).open("rb") as file:
        encoding = encoding_of(file.read(4))
    try:
        # Here it is not `read_text` that takes the mark of UTF-8 away.
        with Path(path).open(encoding="utf-8-sig" if encoding == "utf-8" else encoding, newline="") as lines:
            _refuse_other_separator(path, next((line for line in lines if line.strip()), ""))
            lines.seek(0)
            yield from (row for row in _split(lines, separator) if "".join(row[1]).strip())
    except UnicodeError as error:
        raise TartarusError(f"{path}: no {encoding.upper()} ({error}); save it as {_WANTED[separator]}") from error
    except ValueError as error:
        raise TartarusError(f"{path}: {error}") from error


def read_table(path: str | Path) -> list[NumberedRow]:
    """Read the rows of a table that somebody else wrote; rows of blank cells are left out.

    Cells are quoted as spreadsheets do it: ``"`` around a cell that holds a separator, a line break or a ``"``, which
    is doubled. Lines may end as on any system; the text is UTF-8, or UTF-16 with its mark.

    Raises
    ------
    TartarusError
        If it is other text, its cells are separated by something else than its name says, or a quotation mark is not
        closed.
    """
    _refuse_workbook(path)
    text, separator = read_text(path), separator_of(path)
    # Only the first row, for a later cell may well hold a NUL that has to be named with its row.
    _refuse_other_separator(path, text.lstrip().split("\n", 1)[0])
    try:
        rows = [row for row in split(text, separator=separator) if "".join(row[1]).strip()]
    except ValueError as error:
        raise TartarusError(f"{path}: {error}") from error
    for number, cells in rows if '"' in text and separator == "\t" else ():
        if any("\t" in cell and _LINE_BREAK.search(cell) for cell in cells):
            # Quoted as it stands, but hardly meant: several rows would be one. Commas are in any text.
            raise TartarusError(f"{path}: row {number}: {_SEVERAL_ROWS}")
    return rows


def _refuse_workbook(path: str | Path) -> None:
    with Path(path).open("rb") as file:
        if file.read(8).startswith(_WORKBOOKS):
            raise TartarusError(f"{path}: a workbook of a spreadsheet; save it as {_WANTED[separator_of(path)]}")


def _refuse_other_separator(path: str | Path, first: str) -> None:
    """Refuse a table by its first row."""
    own = separator_of(path)
    if not first:
        raise TartarusError(f"{path}: an empty table; write a header, and one row for each item")
    if "\0" in first:
        raise TartarusError(f"{path}: row 1: NUL bytes; if it is UTF-16, save it as {_WANTED[own]}")
    if own not in first:
        for separator, called in _SEPARATORS.items():
            if separator in first:
                what = f"{called} between the cells, {_SEPARATORS[own]} expected"
                raise TartarusError(f"{path}: row 1: {what}; save it as {_WANTED[own]}")


def split(text: str, *, separator: str = "\t") -> Iterator[NumberedRow]:
    """Split the text of a table into rows and cells, and take off the quotation marks.

    Raises
    ------
    ValueError
        If a quotation mark opens a cell and does not close it where the cell ends, or a cell is over 131 072 letters.
    """
    yield from _split(io.StringIO(text, newline=""), separator)


def _split(lines: Iterable[str], separator: str) -> Iterator[NumberedRow]:
    reader = csv.reader(lines, delimiter=separator, strict=True)
    begin = 1
    try:
        for cells in reader:
            yield begin, cells
            begin = reader.line_num + 1
    except csv.Error as error:
        too_long = f"a cell is too long ({error}); a text of that length goes into a file of its own"
        why = too_long if "limit" in str(error) else _UNCLOSED
        raise ValueError(f"row {begin}: {why}") from error
