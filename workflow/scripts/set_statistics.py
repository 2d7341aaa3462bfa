"""Gather what was measured of the tracks of a set."""

from tartarus.base import files, logs
from tartarus.features.sound import statistics
from tartarus.items import statuses

with logs.job(snakemake.log[0]):
    names = snakemake.wildcards
    statuses.refuse_too_many_lost(
        statuses.read_statuses(snakemake.input.tracks),
        max_missing=snakemake.params.max_missing["max_missing"],
        what=f"{names.set} tracks of {names.dataset} (data/statistics/{names.statistics}_{names.dataset}_*.tsv)",
    )
    statistics.write_set(
        snakemake.output[0],
        files.read_lines(snakemake.input.index),
        snakemake.input.statistics,
        names.statistics,
        snakemake.params.audio,
    )
