"""Make features, classes and ground truth of the measured recordings of an archive."""

from pathlib import Path

from tartarus.archives import recordings
from tartarus.base import logs

with logs.job(snakemake.log[0]):
    content = Path(snakemake.input[0])
    recordings.make(
        [content, content.with_name("own")],
        snakemake.output[0],
        features=snakemake.params.datasets,
        seed=snakemake.params.seed,
    )
