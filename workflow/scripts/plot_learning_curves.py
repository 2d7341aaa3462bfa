"""Draw the course of a model's trainings."""

from tartarus.base import logs
from tartarus.items import tables
from tartarus.report import figures

with logs.job(snakemake.log[0]):
    histories = {
        seed: tables.read_figures(path) for seed, path in zip(snakemake.params.seeds, snakemake.input, strict=True)
    }
    figures.save(figures.learning_curves(histories, snakemake.wildcards.model), snakemake.output[0])
