"""Make a vector of every track of a shard by a musicnn network."""

from tartarus.base import logs
from tartarus.features.sound import pretrained
from tartarus.items import own_files
from tartarus.learning import backend

with logs.job(snakemake.log[0]):
    given, params = snakemake.input, snakemake.params
    backend.start(**params.computing)
    from tartarus.learning import musicnn

    tracks = own_files.files_of_shard(given.table, "audio", shard=snakemake.wildcards.shard, **params.shard)
    pretrained.write_shard(
        snakemake.output.hdf5,
        snakemake.output.tracks,
        tracks,
        musicnn.network(given.network, params.options["parts"], digest=params.options["weights"]),
        params.options,
        min_seconds=params.min_seconds,
        workers=snakemake.threads,
    )
