"""Make the spectrograms of a shard."""

from tartarus.base import logs
from tartarus.features.sound import spectrograms
from tartarus.items import own_files

with logs.job(snakemake.log[0]):
    tracks = own_files.files_of_shard(
        snakemake.input.table, "audio", shard=snakemake.wildcards.shard, **snakemake.params.shard
    )
    spectrograms.write_shard(
        snakemake.output.hdf5,
        snakemake.output.tracks,
        tracks,
        snakemake.params.audio,
        workers=snakemake.threads,
    )
