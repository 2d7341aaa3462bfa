"""Find the items of a dataset that the files of an inbox are most like."""

from tartarus.base import logs
from tartarus.items import inbox, tables
from tartarus.learning import backend

with logs.job(snakemake.log[0]):
    given, params = snakemake.input, snakemake.params
    backend.start(**params.computing)
    from tartarus.use import embeddings, inbox_neighbours, neighbours, tagging

    files = inbox.find(snakemake.wildcards.inbox)
    how = {**params.windows, "workers": snakemake.threads}
    said = tagging.embed(tagging.load(params.chain), files, params.layer, **how)
    heard = list(logs.progress(said, total=len(files), what="files heard"))
    found = embeddings.Embeddings(dict(zip(params.sets, given.features, strict=True)))
    with neighbours.Collection(found) as collection:
        rows = list(inbox_neighbours.rows(collection, heard, k=params.k))
    tables.write_rows(snakemake.output[0], rows, columns=inbox_neighbours.COLUMNS)
