"""Turn texts into sparse vectors of tf-idf."""

from tartarus.base import logs
from tartarus.features.text import texts, vsm

with logs.job(snakemake.log[0]):
    options = snakemake.params.bow["bow"]
    vsm.write(
        texts.read(snakemake.input.texts, snakemake.input.index),
        options,
        {"kind": "bow", **vsm.signed(options)},
        vectors=snakemake.output,
        vocabulary=snakemake.output.vocabulary,
    )
