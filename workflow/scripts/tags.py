"""Tag the files of an inbox: those that are new or changed since the last time."""

from tartarus.base import files, logs
from tartarus.items import inbox, tables
from tartarus.learning import backend

with logs.job(snakemake.log[0]):
    params, tags = snakemake.params, snakemake.params.tags
    backend.start(**params.computing)
    from tartarus.use import library, tag_tables, usage

    needed, found = usage.read(snakemake.input.use), inbox.find(snakemake.wildcards.inbox)
    model = library.of_usage(needed)
    how = {**model.windows, "timeline": tags["timeline"]}
    version = tag_tables.version_of(model.chain, needed["chain"], how, params.code)
    how |= {"memory": params.memory, "version": version, "workers": snakemake.threads}
    entries = tag_tables.up_to_date(model.chain, found, **how)
    rows = [tag_tables.row_of(entry, model.classes, model.thresholds, top=tags["top"]) for entry in entries]
    tables.write_rows(snakemake.output.tsv, rows, columns=tag_tables.COLUMNS)
    whole = {"classes": model.classes, "thresholds": needed["thresholds"], "files": entries}
    files.write_json(snakemake.output.json, whole)
