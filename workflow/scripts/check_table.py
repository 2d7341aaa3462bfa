"""Check a table of items, the files that it names, and the tables of plays and of names beside it."""

from tartarus.base import logs
from tartarus.features import looks
from tartarus.items import checking, tables

with logs.job(snakemake.log[0]):
    section = snakemake.params.section
    rows = checking.check(
        snakemake.params.table,
        reading=snakemake.params.reading,
        looks=looks.looks(snakemake.params.audio, pixels=section["pictures"]["pixels"]),
        classes=section["classes"],
        beside={path: looks.at_gazetteer(section["sem"]) for path in snakemake.input.gazetteer},
        table_of_plays=next(iter(snakemake.input.plays), None),
        workers=snakemake.threads,
    )
    tables.write_rows(snakemake.output[0], rows, columns=checking.COLUMNS)
    for status in (checking.WRONG, checking.ODD):
        count = sum(row["status"] == status for row in rows)
        (logs.log.warning if count else logs.log.info)("%s: %d %s", snakemake.output[0], count, status)
