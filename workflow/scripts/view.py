"""Make the table of a view: the items of another dataset, with their classes for another task."""

from tartarus.base import logs
from tartarus.items import item_tables, tables, views

with logs.job(snakemake.log[0]):
    items = item_tables.read_items(snakemake.input.table, **snakemake.params.reading)
    rows = views.rows_of_view(items, **snakemake.params.classes, source=snakemake.input.table)
    logs.log.info("%d of %d items are in a set, and so in the view", len(rows), len(items))
    tables.write_rows(snakemake.output[0], rows)
