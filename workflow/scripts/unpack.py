"""Unpack the downloads of an archive, which lie beside its manifest."""

from pathlib import Path

from tartarus.archives import records, unpacking
from tartarus.base import logs

with logs.job(snakemake.log[0]):
    manifest = Path(snakemake.input[0])
    # What is too much says nothing about what was in the archives: the limits are no parameter of the rule.
    limits = snakemake.config["archives"]["unpack"]
    unpacking.unpack(
        manifest.with_name(records.DOWNLOADS),
        manifest,
        snakemake.output[0],
        limits=limits,
        json_stays_packed=snakemake.params.json_stays_packed,
    )
