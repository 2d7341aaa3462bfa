"""List the nearest items of every item of a dataset."""

from tartarus.base import files, logs
from tartarus.items import tables
from tartarus.use import embeddings, neighbours

with logs.job(snakemake.log[0]):
    params = snakemake.params
    given = embeddings.Embeddings(dict(zip(params.sets, snakemake.input, strict=True)))
    with neighbours.Collection(given, standardise=params.standardise) as collection:
        nearest, how = neighbours.of_all(collection, **params.options)
        tables.write_rows(snakemake.output.tsv, neighbours.rows(collection, nearest), columns=neighbours.COLUMNS)
    files.write_json(snakemake.output.json, how)
