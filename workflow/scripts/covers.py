"""Decode the covers of a shard."""

from tartarus.base import logs
from tartarus.features.pictures import covers
from tartarus.items import own_files

with logs.job(snakemake.log[0]):
    found = own_files.files_of_shard(
        snakemake.input.table, "image", shard=snakemake.wildcards.shard, **snakemake.params.shard
    )
    covers.write_shard(snakemake.output.hdf5, snakemake.output.statuses, found, **snakemake.params.pictures["pictures"])
