"""Write the vectors of a dataset with their ids and labels, for other programs."""

from tartarus.base import arrays, files, logs
from tartarus.evaluation import evaluate
from tartarus.use import embeddings

with logs.job(snakemake.log[0]):
    given, made = snakemake.input, snakemake.output
    found, labels = embeddings.Embeddings(dict(zip(snakemake.params.sets, given.features, strict=True))), {}
    if given.get("classes"):
        truth = {set_: arrays.read_array(given[f"y_{set_}"]) for set_ in snakemake.params.sets}
        ids = {set_: evaluate.read_ids(given[f"index_{set_}"]) for set_ in snakemake.params.sets}
        labels = embeddings.labels_of(truth, ids, files.read_lines(given.classes))
    if made.get("metadata"):
        embeddings.write_projector(made.vectors, made.metadata, found, labels)
    elif made[0].endswith(".npz"):
        embeddings.write_npz(made[0], found, labels)
    else:
        embeddings.write_parquet(made[0], found, labels)
