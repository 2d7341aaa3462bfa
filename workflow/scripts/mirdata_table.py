"""Make the table of items of a dataset that mirdata has a loader for."""

from pathlib import Path

from tartarus.base import logs
from tartarus.items import mirdata_loader

with logs.job(snakemake.log[0]):
    mirdata_loader.make(
        Path(snakemake.output.table).parent,
        snakemake.output.table,
        snakemake.output.source,
        options=snakemake.params.options,
    )
