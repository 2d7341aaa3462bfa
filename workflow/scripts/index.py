"""Write the ids of a set, one in each line."""

from tartarus.base import files, logs
from tartarus.items import tables

with logs.job(snakemake.log[0]):
    items = tables.read_items(snakemake.input.table, **snakemake.params.reading)
    set_ = snakemake.wildcards.set
    files.write_lines(snakemake.output[0], [item.id for item in items if item.set == set_])
