"""Draw every file of an inbox that is new or changed: its spectrogram, and what a model says of it over time."""

from tartarus.base import logs
from tartarus.items import inbox
from tartarus.learning import backend

with logs.job(snakemake.log[0]):
    params = snakemake.params
    backend.start(**params.computing)
    from tartarus.report import tag_pictures
    from tartarus.use import library, tag_tables, usage

    needed, found = usage.read(snakemake.input.use), inbox.find(snakemake.wildcards.inbox)
    model = library.of_usage(needed)
    version = tag_tables.version_of(model.chain, needed["chain"], model.windows, params.code)
    how = {"memory": params.memory, "version": version, "workers": snakemake.threads}
    tag_pictures.draw(model, found, snakemake.output[0], **how)
