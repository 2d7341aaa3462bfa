"""Gather the pictures of a set."""

from tartarus.base import files, logs
from tartarus.features.pictures import covers
from tartarus.items import statuses

with logs.job(snakemake.log[0]):
    ids, names = files.read_lines(snakemake.input.index), snakemake.wildcards
    found = statuses.read_statuses(snakemake.input.statuses)
    statuses.refuse_too_many_lost(
        {id_: found.get(id_, "missing") for id_ in ids},
        max_missing=snakemake.params.max_missing["max_missing"],
        what=f"{names.set} covers of {names.dataset} (data/pictures/covers_{names.dataset}_*.tsv)",
    )
    covers.write_set(snakemake.output[0], ids, snakemake.input.covers, **snakemake.params.pictures["pictures"])
