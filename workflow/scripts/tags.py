"""Tag the files of an inbox: those that are new or changed since the last time."""

from tartarus.base import arrays, files, logs
from tartarus.items import inbox, tables
from tartarus.learning import backend

with logs.job(snakemake.log[0]):
    given, params, tags = snakemake.input, snakemake.params, snakemake.params.tags
    backend.start(**params.computing)
    from tartarus.use import loading, tag_tables

    found = inbox.find(snakemake.wildcards.inbox)
    factors = arrays.read_array(given.class_factors) if given.get("class_factors") else None
    chain, classes = loading.load(params.chain, factors), files.read_lines(given.classes)
    how = {key: tags[key] for key in ("trim", "hop", "timeline")}
    version = tag_tables.version_of(chain, params.chain, how, params.code)
    how |= {"memory": params.memory, "version": version, "workers": snakemake.threads}
    entries = tag_tables.up_to_date(chain, found, **how)
    cuts = tag_tables.thresholds(given, **params.thresholds)
    rows = [tag_tables.row_of(entry, classes, cuts, top=tags["top"]) for entry in entries]
    tables.write_rows(snakemake.output.tsv, rows, columns=tag_tables.COLUMNS)
    whole = {"classes": classes, "thresholds": None if cuts is None else cuts.tolist(), "files": entries}
    files.write_json(snakemake.output.json, whole)
