"""Join the texts of the tracks of each album."""

from tartarus.base import logs
from tartarus.base.files import read_lines
from tartarus.features import albums
from tartarus.features.text import texts
from tartarus.items import statuses
from tartarus.plan.kinds import SETS

with logs.job(snakemake.log[0]):
    found = texts.join(
        snakemake.output.jsonl,
        snakemake.output.statuses,
        snakemake.input.texts,
        album_of=albums.read(snakemake.input.albums),
        sets={set_: read_lines(snakemake.input[f"index_{set_}"]) for set_ in SETS},
    )
    statuses.refuse_too_many_lost(
        found,
        max_missing=snakemake.params.max_missing["max_missing"],
        what=f"texts of {snakemake.wildcards.dataset} ({snakemake.output.statuses})",
    )
