"""Synthesise a dataset into data/raw/<dataset>/."""

from tartarus import demo, logs

with logs.job(snakemake.log[0]):
    demo.write(snakemake.params.folder, **snakemake.params.synthesis, seed=snakemake.params.seed)
