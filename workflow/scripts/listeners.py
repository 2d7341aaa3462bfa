"""Find the users who are most likely to like the files of an inbox."""

import numpy as np
from tartarus.base import arrays, logs
from tartarus.items import inbox, listening
from tartarus.learning import backend

with logs.job(snakemake.log[0]):
    given, params = snakemake.input, snakemake.params
    backend.start(**params.computing)
    from tartarus.use import listener_tables, loading, recommending, tag_tables

    chain = loading.load(params.chain)
    version = tag_tables.version_of(chain, params.chain, params.windows, params.code)
    how = {**params.windows, "workers": snakemake.threads, "decimals": listener_tables.DECIMALS}
    entries = tag_tables.up_to_date(
        chain, inbox.find(snakemake.wildcards.inbox), memory=params.memory, version=version, **how
    )
    factors = arrays.read_array(given.user_factors, mapped=True)
    predicted = np.array([entry["scores"] for entry in entries if entry["scores"] is not None], np.float32)
    best = recommending.listeners(
        predicted.reshape(-1, chain.n_outputs), factors, length=params.length, source=given.user_factors
    )
    listener_tables.write(snakemake.output[0], entries, *best, names=listening.read_users(given.users))
