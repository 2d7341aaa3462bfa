"""Train a model with some seeds."""

from contextlib import ExitStack

from tartarus.base import arrays, files, logs
from tartarus.items import tables
from tartarus.learning import backend

with logs.job(snakemake.log[0]), ExitStack() as stack:
    params = snakemake.params
    options, names = params.options, params.features
    backend.start(**params.computing)
    from tartarus.features import store
    from tartarus.learning import checkpoints, model_files, networks, training

    opened, index, y = {}, {}, {}
    for set_ in ("train", "val"):
        opened[set_] = [stack.enter_context(store.open_features(path)) for path in snakemake.input.get(set_)]
        ids = files.read_lines(snakemake.input[f"index_{set_}"])
        rows = tables.rows_of_set(set_, len(ids), validation=options["validation"])
        index[set_] = ids[rows]
        y[set_] = arrays.read_array(snakemake.input[f"y_{set_}"], mapped=True)[rows]
    inputs = training.describe(names, opened["train"], store.read_vocabularies(snakemake.input.vocabularies, names))
    seeds, outputs, played = params.seeds, snakemake.output, snakemake.input.get("played")
    depends_on = [options, params.computing, params.code, [files.stamp(path) for path in snakemake.input]]
    kept = [checkpoints.beside(path, depends_on) for path in outputs.models]
    for seed, path, history, checkpoint in zip(seeds, outputs.models, outputs.histories, kept, strict=True):
        backend.seed(seed)
        if options["network"]["name"] == "reference":
            from tartarus.learning import references  # scikit-learn takes a second, which others need not spend

            model, course = references.fit(snakemake.wildcards.model, inputs, opened, index, y, options, played=played)
        else:
            how = {"network": options["network"], "output": options["output"], "n_outputs": options["dim"]}
            model = networks.build(snakemake.wildcards.model, inputs, weights=snakemake.input.get("weights"), **how)
            course = training.train(model, opened, index, y, options, seed=seed, checkpoint=checkpoint)
        model_files.save(model, path)
        training.write_history(history, course)
    checkpoints.remove(kept)
