"""Measure the colours of a set's pictures."""

from tartarus.base import logs
from tartarus.features.pictures import colours

with logs.job(snakemake.log[0]):
    colours.write_set(snakemake.output[0], snakemake.input[0])
