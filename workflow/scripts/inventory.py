"""List the networks of all models, with their sizes."""

from tartarus import backend, config, logs, tables

with logs.job(snakemake.log[0]):
    backend.start(threads=1)
    from tartarus import inventory

    tables.write_rows(snakemake.output[0], inventory.rows(config.load(snakemake.config)))
