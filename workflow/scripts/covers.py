"""Decode the covers of a shard."""

from pathlib import Path

from tartarus.base import logs
from tartarus.features.pictures import covers
from tartarus.items import own_files, raw_files, tables

with logs.job(snakemake.log[0]):
    folder = Path(snakemake.input.table).parent
    items = own_files.read_table(snakemake.input.table, **snakemake.params.reading)
    found = [
        (item.id, folder / item.path("image") if item.path("image") else None)
        for item in tables.items_of_shard(items, snakemake.wildcards.shard, snakemake.params.modulus)
    ]
    if snakemake.params.files:
        raw_files.remember([path for _, path in found if path], **snakemake.params.files)
    covers.write_shard(snakemake.output.hdf5, snakemake.output.statuses, found, **snakemake.params.pictures["pictures"])
