"""Gather what was measured of the tracks of a set."""

from tartarus.base import files, logs
from tartarus.features.sound import statistics
from tartarus.items import statuses

with logs.job(snakemake.log[0]):
    ids, names = files.read_lines(snakemake.input.index), snakemake.wildcards
    found = statuses.read_statuses(snakemake.input.tracks)
    statuses.refuse_too_many_lost(
        {id_: found.get(id_, "missing") for id_ in ids},  # own files beside an archive may be of any set
        max_missing=snakemake.params.max_missing["max_missing"],
        what=f"{names.set} tracks of {names.dataset} (data/statistics/{names.statistics}_{names.dataset}_*.tsv)",
    )
    statistics.write_set(
        snakemake.output[0],
        ids,
        snakemake.input.statistics,
        names.statistics,
        snakemake.params.audio,
    )
