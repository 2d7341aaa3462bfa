"""Synthesise a dataset into data/raw/<dataset>/."""

from pathlib import Path

from tartarus import demo, logs

with logs.job(snakemake.log[0]):
    demo.write(Path(snakemake.output[0]).parent, **snakemake.params.synthesis, seed=snakemake.params.seed)
