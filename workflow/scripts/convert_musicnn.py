"""Write a musicnn network with the weights of its checkpoint."""

from pathlib import Path

from tartarus.base import logs
from tartarus.learning import backend

with logs.job(snakemake.log[0]):
    backend.start(threads=1)
    from tartarus.learning import musicnn

    # The files have no name before the dot: the folder is what they begin with.
    checkpoint = backend.read_checkpoint(f"{Path(snakemake.input[0]).parent}/")
    musicnn.convert(checkpoint, snakemake.output[0], digest=snakemake.params.digest)
