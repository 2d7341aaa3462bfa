"""Join the texts of the tracks of each album."""

from tartarus.base import logs
from tartarus.features import albums
from tartarus.features.text import texts
from tartarus.items import statuses, tables

with logs.job(snakemake.log[0]):
    found = texts.join(
        snakemake.output.jsonl,
        snakemake.output.statuses,
        snakemake.input.texts,
        album_of=albums.read(snakemake.input.albums),
        set_of={row["id"]: row["set"] for row in tables.read_rows(snakemake.input.table)},
    )
    statuses.refuse_too_many_lost(
        found,
        max_missing=snakemake.params.max_missing["max_missing"],
        what=f"texts of {snakemake.wildcards.dataset} ({snakemake.output.statuses})",
    )
