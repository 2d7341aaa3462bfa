"""List the networks of all models, with their sizes."""

from tartarus.base import logs
from tartarus.items import tables
from tartarus.learning import backend
from tartarus.plan import config

with logs.job(snakemake.log[0]):
    backend.start(threads=1)
    from tartarus.learning import inventory

    tables.write_rows(snakemake.output[0], inventory.rows(config.load(snakemake.config)))
