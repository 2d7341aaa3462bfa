"""Make a vector of every track of a shard by a network in an ONNX file."""

from tartarus.base import logs
from tartarus.features.sound import pretrained
from tartarus.items import own_files
from tartarus.learning import onnx_files

with logs.job(snakemake.log[0]):
    given, params = snakemake.input, snakemake.params
    tracks = own_files.files_of_shard(given.table, "audio", shard=snakemake.wildcards.shard, **params.shard)
    pretrained.write_shard(
        snakemake.output.hdf5,
        snakemake.output.tracks,
        tracks,
        onnx_files.network(given.network, params.options, threads=params.threads),
        params.options,
        min_seconds=params.min_seconds,
        workers=snakemake.threads,
    )
