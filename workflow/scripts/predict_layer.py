"""Write the output of a named layer, for all three sets."""

from contextlib import ExitStack

from tartarus import backend, files, logs

with logs.job(snakemake.log[0]):
    backend.start(threads=snakemake.threads)
    from tartarus import features, models, prediction

    names = snakemake.wildcards
    model = models.load(snakemake.input.model)
    part = prediction.sub_model(model, names.layer)
    signature = {
        "kind": "layer",
        "model": names.model,
        "layer": names.layer,
        "weights": models.weights_digest(snakemake.input.model),
    }
    for set_ in ("train", "val", "test"):
        index = files.read_lines(snakemake.input[f"index_{set_}"])
        with ExitStack() as stack:
            inputs = [stack.enter_context(features.open_features(path)) for path in snakemake.input.get(set_)]
            ids, output = prediction.predict(part, inputs, index, signatures_of=model)
        features.write_vectors(snakemake.output[set_], output, ids, signature)
