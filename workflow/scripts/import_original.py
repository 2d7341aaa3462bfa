"""Read the original's index and split files into data/raw/<dataset>/items.tsv."""

from pathlib import Path

from tartarus import logs, original, tables

with logs.job(snakemake.log[0]):
    rows = original.rows(Path(snakemake.output[0]).parent, snakemake.params.dataset)
    tables.write_rows(snakemake.output[0], rows)
