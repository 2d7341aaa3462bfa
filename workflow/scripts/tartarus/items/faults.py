"""What is wrong in a table that somebody wrote: readers stop at the first fault, the check of a dataset tells all."""

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
