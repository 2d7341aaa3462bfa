"""Measure the tracks of a shard over their whole length."""

from tartarus.base import logs
from tartarus.features.sound import spectrograms, statistics
from tartarus.items import own_files
from tartarus.plan.feature_kinds import row_shape

with logs.job(snakemake.log[0]):
    name = snakemake.wildcards.statistics
    tracks = own_files.files_of_shard(
        snakemake.input.table, "audio", shard=snakemake.wildcards.shard, **snakemake.params.shard
    )
    spectrograms.write_shard(
        snakemake.output.hdf5,
        snakemake.output.tracks,
        tracks,
        {**snakemake.params.audio, "min_seconds": snakemake.params.min_seconds},
        transform=statistics.STATISTICS[name],
        width=row_shape(name, {})[0],
        workers=snakemake.threads,
    )
