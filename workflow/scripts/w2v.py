"""Turn texts into word ids, with a vector for each word."""

from tartarus.base import files, logs
from tartarus.features import store
from tartarus.features.text import texts, word2vec

with logs.job(snakemake.log[0]):
    options = snakemake.params.w2v["w2v"]
    by_set = texts.read(snakemake.input.texts, snakemake.input.index)
    training = list(by_set["train"].values())
    words = word2vec.vocabulary(training, min_count=options["min_count"])
    vectors = word2vec.embedding(training, words, options, seed=snakemake.params.seed)
    store.write_vocabulary(snakemake.output.vocabulary, words, vectors)
    signature = {"kind": "w2v", "length": options["length"], "vocabulary": files.digest(words)}
    for set_, entries in by_set.items():
        ids = word2vec.sequences(list(entries.values()), words, length=options["length"])
        store.write_vectors(snakemake.output[set_], ids, list(entries), signature)
