"""Read the original's index and split files into data/raw/<dataset>/items.tsv."""

from pathlib import Path

from tartarus.base import logs
from tartarus.items import super_layout, tables

with logs.job(snakemake.log[0]):
    rows = super_layout.rows(Path(snakemake.output[0]).parent, snakemake.params.dataset)
    tables.write_rows(snakemake.output[0], rows)
