"""Import a file of an archive under our name for it."""

from pathlib import Path

from tartarus.archives import importing
from tartarus.base import files, logs

with logs.job(snakemake.log[0]):
    index = snakemake.input.get("index")
    importing.IMPORTS[snakemake.params.kind](
        Path(snakemake.input.source),
        snakemake.output[0],
        files.read_lines(index) if index else [],
        dict(snakemake.params.signature),
    )
