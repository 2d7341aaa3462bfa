"""Measure the tracks of a shard over their whole length."""

from pathlib import Path

from tartarus.base import logs
from tartarus.features.sound import spectrograms, statistics
from tartarus.items import own_files, raw_files, tables
from tartarus.plan.feature_kinds import row_shape

with logs.job(snakemake.log[0]):
    folder, name = Path(snakemake.input.table).parent, snakemake.wildcards.statistics
    items = own_files.read_table(snakemake.input.table, **snakemake.params.reading)
    tracks = [
        (item.id, folder / item.path("audio") if item.path("audio") else None)
        for item in tables.items_of_shard(items, snakemake.wildcards.shard, snakemake.params.modulus)
    ]
    if snakemake.params.files:
        raw_files.remember([path for _, path in tracks if path], **snakemake.params.files)
    spectrograms.write_shard(
        snakemake.output.hdf5,
        snakemake.output.tracks,
        tracks,
        {**snakemake.params.audio, "min_seconds": snakemake.params.min_seconds},
        transform=statistics.STATISTICS[name],
        width=row_shape(name, {})[0],
        workers=snakemake.threads,
    )
