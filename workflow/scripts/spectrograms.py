"""Make the spectrograms of a shard."""

from pathlib import Path

from tartarus import logs, spectrograms, tables

with logs.job(snakemake.log[0]):
    folder = Path(snakemake.params.folder)
    set_, number = snakemake.wildcards.shard.split("-")
    items = tables.read_items(snakemake.input.table, **snakemake.params.reading)
    tracks = [
        (item.id, folder / item.path("audio") if item.path("audio") else None)
        for item in items
        if item.set == set_ and tables.shard_of(item.id, snakemake.params.shards) == int(number)
    ]
    spectrograms.write_shard(
        snakemake.output.hdf5,
        snakemake.output.tracks,
        tracks,
        snakemake.params.audio,
        workers=snakemake.threads,
    )
