"""Gather the texts of a dataset."""

from pathlib import Path

from tartarus.base import logs
from tartarus.features.text import texts
from tartarus.items import item_tables, raw_files, statuses

with logs.job(snakemake.log[0]):
    items = [item for item in item_tables.read_items(snakemake.input.table, **snakemake.params.reading) if item.set]
    folder = Path(snakemake.input.table).parent
    for column in ("text", "entities"):
        if snakemake.params[f"{column}_files"]:
            paths = [folder / item.path(column) for item in items if item.path(column)]
            raw_files.remember(paths, **snakemake.params[f"{column}_files"])
    found = texts.collect(snakemake.output.jsonl, snakemake.output.statuses, items, folder)
    statuses.refuse_too_many_lost(
        found,
        max_missing=snakemake.params.max_missing["max_missing"],
        what=f"texts of {snakemake.wildcards.dataset} ({snakemake.output.statuses})",
    )
