"""Unpack the downloads of an archive, which lie beside its manifest."""

from pathlib import Path

from tartarus import logs, records, unpacking

with logs.job(snakemake.log[0]):
    manifest = Path(snakemake.input[0])
    unpacking.unpack(
        manifest.with_name(records.DOWNLOADS), manifest, snakemake.output[0], limits=snakemake.params.limits
    )
