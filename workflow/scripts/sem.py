"""Turn texts into sparse vectors of tf-idf, with names as one word and what they are as words."""

from tartarus.base import logs
from tartarus.features.text import semantic, vsm

with logs.job(snakemake.log[0]):
    bow, sem = snakemake.params.options["bow"], snakemake.params.options["sem"]
    by_set, linked_with = semantic.read(
        snakemake.input.texts,
        snakemake.input.gazetteer,
        index=snakemake.input.index,
        words=bow["words"],
        linking_options=sem,
    )
    vsm.write(
        by_set,
        {**bow, "words": None},
        {"kind": "sem", **vsm.signed(bow), **linked_with},
        vectors=snakemake.output,
        vocabulary=snakemake.output.vocabulary,
    )
