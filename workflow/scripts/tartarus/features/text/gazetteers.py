"""Gazetteers: tables of names, their other forms, and what they are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tartarus.base.errors import TartarusError, suggestion
from tartarus.base.files import digest
from tartarus.features.text.words import words_of
from tartarus.items import item_tables, table_text
from tartarus.items.faults import Fault, fault_of, refuse

COLUMNS = ("entity", "aliases", "categories")


@dataclass(frozen=True, slots=True)
class Entity:
    """A row of a gazetteer.

    Attributes
    ----------
    name : str
        How it is called; texts that use another form of its name are taken to say this one.
    aliases : tuple of str
        The other forms.
    categories : tuple of str
        What it is.
    """

    name: str
    aliases: tuple[str, ...]
    categories: tuple[str, ...]


def read(path: str | Path) -> list[Entity]:
    """Read a gazetteer: tab-separated, with the columns `entity`, `aliases` and `categories`, the latter parted by `|`.

    Raises
    ------
    TartarusError
        If it is no such table, an entity stands twice, or a name or category is empty or holds no word. The message
        names file, row and entity.
    """
    header, *rows = table_text.read_table(path)
    columns = [column.strip() for column in header[1]]
    refuse(_faults(columns, rows), source=path)
    return [_entity(columns, cells) for _, cells in rows]


def faults(path: str | Path) -> Iterator[Fault]:
    """Tell all that is wrong in a gazetteer."""
    try:
        header, *rows = table_text.read_table(path)
    except TartarusError as error:
        yield fault_of(error, source=path)
        return
    yield from _faults([column.strip() for column in header[1]], rows)


def _faults(columns: Sequence[str], rows: Sequence[table_text.NumberedRow]) -> Iterator[Fault]:
    for column in COLUMNS:
        if columns.count(column) != 1:
            what = f"expected one column '{column}', found {columns.count(column)}"
            yield Fault(what, suggestion(column, columns), 1, column)
    if any(columns.count(column) != 1 for column in COLUMNS):
        return
    if not rows:
        yield Fault("no entities", "write one row for each")
    yield from item_tables.faults_of_widths(columns, rows)
    seen: dict[str, int] = {}
    for number, cells in rows:
        if len(cells) != len(columns):
            continue
        entity = _entity(columns, cells)
        values = zip(COLUMNS, ((entity.name,), entity.aliases, entity.categories), strict=True)
        for column, text in ((column, text) for column, texts in values for text in texts):
            if not words_of(text):
                what = f"'{text}' holds no word" if text else "an empty name"
                what = f"entity '{entity.name}': {what} in column '{column}'"
                yield Fault(what, "delete it, with its |", number, column, cells[columns.index(column)])
        if entity.name in seen:
            what = f"entity '{entity.name}' stands in row {seen[entity.name]} already"
            yield Fault(what, "delete one", number, "entity", entity.name)
        seen.setdefault(entity.name, number)


def _entity(columns: Sequence[str], cells: Sequence[str]) -> Entity:
    row = dict(zip(columns, cells, strict=True))
    return Entity(row["entity"].strip(), _parts(row["aliases"]), _parts(row["categories"]))


def _parts(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split("|")) if cell.strip() else ()


def digest_of(entities: Sequence[Entity]) -> str:
    """Compute the digest of a gazetteer: another one, and a text may say something else."""
    return digest([[entity.name, entity.aliases, entity.categories] for entity in entities])
