"""Check every file of an archive."""

from pathlib import Path

from tartarus.archives import checking, unpacking
from tartarus.base import logs
from tartarus.items import tables
from tartarus.plan.expected import Expected

with logs.job(snakemake.log[0]):
    content = Path(snakemake.input.content)
    expected = [Expected(**{**entry, "columns": tuple(entry["columns"])}) for entry in snakemake.params.expected]
    names = {name for entry in expected for name in entry.names}
    added = unpacking.find_files(content.with_name("own"), names)
    # What the user adds takes the place of the archive's file, whatever its ending.
    replaced = {name for entry in expected if added.keys() & set(entry.names) for name in entry.names}
    found = unpacking.find_files(content, names - replaced) | added
    for folder in snakemake.input.made:
        found |= unpacking.find_files(folder, names - replaced - found.keys())
    rows = checking.check(expected, found)
    tables.write_rows(snakemake.output[0], rows, columns=checking.COLUMNS)
    for status in ("ok", "missing", "invalid"):
        logs.log.info("%s: %d files", status, sum(row["status"] == status for row in rows))
