"""Make the spectrograms of a shard."""

from pathlib import Path

from tartarus.base import logs
from tartarus.features.sound import spectrograms
from tartarus.items import own_files, raw_files, tables

with logs.job(snakemake.log[0]):
    folder = Path(snakemake.input.table).parent
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
        snakemake.params.audio,
        workers=snakemake.threads,
    )
