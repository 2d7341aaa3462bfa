"""Write the ids of a set, one in each line."""

from tartarus.base import files, logs
from tartarus.items import item_tables, statuses

with logs.job(snakemake.log[0]):
    items = item_tables.read_items(snakemake.input.table, **snakemake.params.reading)
    set_ = snakemake.wildcards.set
    status_of = statuses.read_statuses(snakemake.input.get("played"))
    ids = [item.id for item in items if item.set == set_ and status_of.get(item.id) != statuses.UNPLAYED]
    files.write_lines(snakemake.output[0], ids)
