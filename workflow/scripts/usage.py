"""Write down what the use of a model needs: its classes, thresholds and all that leads to it, by checksum."""

from tartarus.base import logs
from tartarus.use import usage

with logs.job(snakemake.log[0]):
    params = snakemake.params
    told = {"chain": params.chain, "windows": params.windows, "computing": params.computing}
    usage.write(snakemake.output[0], snakemake.input, thresholds=params.thresholds, **told)
