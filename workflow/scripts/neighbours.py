"""List the nearest items of every item of a dataset."""

from tartarus.base import files, logs
from tartarus.items import tables
from tartarus.use import embeddings, neighbours

with logs.job(snakemake.log[0]):
    given = embeddings.Embeddings(dict(zip(snakemake.params.sets, snakemake.input, strict=True)))
    with neighbours.Collection(given) as collection:
        nearest, how = neighbours.of_all(collection, **snakemake.params.options)
        tables.write_rows(snakemake.output.tsv, neighbours.rows(collection, nearest), columns=neighbours.COLUMNS)
    files.write_json(snakemake.output.json, how)
