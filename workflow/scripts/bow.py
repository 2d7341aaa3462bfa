"""Turn texts into sparse vectors of tf-idf."""

from tartarus.base import files, logs
from tartarus.features import store
from tartarus.features.text import texts, vsm

with logs.job(snakemake.log[0]):
    options = snakemake.params.bow["bow"]
    by_set = texts.read(snakemake.input[0])
    vectorizer = vsm.fit(list(by_set["train"].values()), options)
    words = vectorizer.get_feature_names_out().tolist()
    store.write_vocabulary(snakemake.output.vocabulary, words, vectorizer.idf_)
    weights = vectorizer.idf_.tolist()
    signature = {"kind": "bow", **options, "vocabulary": files.digest([words, weights])}
    for set_, entries in by_set.items():
        vectors = vsm.transform(vectorizer, list(entries.values()), options)
        store.write_vectors(snakemake.output[set_], vectors, list(entries), signature)
