"""Read the original's index and split files into data/raw/<dataset>/items.tsv."""

from tartarus import logs, original, tables

with logs.job(snakemake.log[0]):
    rows = original.rows(snakemake.params.folder, snakemake.params.dataset)
    tables.write_rows(snakemake.output[0], rows)
