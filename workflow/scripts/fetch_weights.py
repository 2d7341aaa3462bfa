"""Fetch published weights into data/raw/weights/<network>/, from a mirror or from their source."""

import os
from pathlib import Path

from tartarus.base import logs
from tartarus.items import fetch
from tartarus.items.network import Limits

with logs.job(snakemake.log[0]):
    source = snakemake.params.source
    fetch.fetch(
        source["files"],
        Path(snakemake.output[0]).parent,
        url=source["url"],
        name=source["mirror"],
        limits=Limits(**snakemake.config["fetch"]),
        algorithm=source["algorithm"],
        mirror=os.environ.get("TARTARUS_MIRROR") or snakemake.config["mirror"],
    )
