"""Fetch the files of a dataset into data/raw/<dataset>/, from a mirror or from their source."""

import os

from tartarus.base import logs
from tartarus.items import fetch
from tartarus.items.network import Limits

with logs.job(snakemake.log[0]):
    # Where the mirror is and what servers may do says nothing about what the files are: they are no parameters.
    mirror = os.environ.get("TARTARUS_MIRROR") or snakemake.config["mirror"]
    fetch.fetch(
        snakemake.params.files,
        f"data/raw/{snakemake.params.dataset}",
        url=snakemake.params.url,
        name=snakemake.params.dataset,
        limits=Limits(**snakemake.config["fetch"]),
        mirror=mirror,
    )
