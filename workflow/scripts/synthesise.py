"""Synthesise a dataset into data/raw/<dataset>/."""

from pathlib import Path

from tartarus.base import logs
from tartarus.items import demo

with logs.job(snakemake.log[0]):
    demo.write(
        Path(snakemake.output[0]).parent,
        **snakemake.params.synthesis,
        seed=snakemake.params.seed,
        workers=snakemake.threads,
    )
