"""Find the items of a dataset that the files of an inbox are most like."""

from tartarus.base import logs
from tartarus.items import inbox, tables
from tartarus.learning import backend

with logs.job(snakemake.log[0]):
    given, params = snakemake.input, snakemake.params
    backend.start(**params.computing)
    from tartarus.use import embeddings, inbox_neighbours, loading, neighbours, tagging

    files = inbox.find(snakemake.wildcards.inbox)
    door = loading.to_vectors(params.made_of, given.features[0], given.vocabulary)
    said = tagging.embed(door, files, **params.windows, workers=snakemake.threads)
    heard = list(logs.progress(said, total=len(files), what="files heard"))
    found = embeddings.Embeddings(dict(zip(params.sets, given.features, strict=True)))
    with neighbours.Collection(found, standardise=params.standardise) as collection:
        rows = list(inbox_neighbours.rows(collection, heard, k=params.k))
    tables.write_rows(snakemake.output[0], rows, columns=inbox_neighbours.COLUMNS)
