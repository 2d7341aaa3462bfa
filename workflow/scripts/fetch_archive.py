"""Fetch the files of an archive's records into data/raw/<archive>/downloads/, from a mirror or from their source."""

import os
from pathlib import Path

from tartarus.archives import records
from tartarus.base import logs
from tartarus.items.network import Limits

with logs.job(snakemake.log[0]):
    # Where the mirror is and what servers may do says nothing about what the files are: they are no parameters.
    mirror = os.environ.get("TARTARUS_MIRROR") or snakemake.config["mirror"]
    records.fetch_archive(
        snakemake.params.archive,
        snakemake.params.records,
        Path(snakemake.output[0]).parent,
        api=snakemake.params.api,
        limits=Limits(**snakemake.config["fetch"]),
        mirror=mirror,
    )
