"""What is wrong in a table that somebody wrote: readers stop at the first fault, the check of a dataset tells all."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tartarus.base.errors import TartarusError


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is wrong, or odd.

    Attributes
    ----------
    what : str
        What it is.
    remedy : str
        What to do about it; may be empty.
    row : int
        The row of the table, from 1; 0 if it concerns the whole.
    column : str
        The column; empty if it concerns the whole row.
    value : str
        What stands there.
    """

    what: str
    remedy: str = ""
    row: int = 0
    column: str = ""
    value: str = ""

    def __str__(self) -> str:
        """Tell all of it in a line."""
        row = f"row {self.row}: " if self.row else ""
        return f"{row}{self.what}" + (f"; {self.remedy}" if self.remedy else "")


def refuse(faults: Iterable[Fault], *, source: str | Path) -> None:
    """Stop at the first fault, if there is any.

    Raises
    ------
    TartarusError
        Naming the source.
    """
    for fault in faults:
        raise TartarusError(f"{source}: {fault}")


def fault_of(error: TartarusError, *, source: str | Path) -> Fault:
    """Take apart what a reader has said of a source: the row, what is wrong, and the remedy."""
    said = str(error).removeprefix(f"{source}: ")
    row = re.match(r"row (\d+): ", said)
    what, _, remedy = said[row.end() if row else 0 :].rpartition("; ")
    return Fault(what or remedy, remedy if what else "", int(row[1]) if row else 0)
