"""Train a model with some seeds."""

from contextlib import ExitStack

from tartarus.base import arrays, files, logs
from tartarus.items import tables
from tartarus.learning import backend

with logs.job(snakemake.log[0]), ExitStack() as stack:
    params, given, out, name = snakemake.params, snakemake.input, snakemake.output, snakemake.wildcards.model
    options, names = params.options, params.features
    backend.start(**params.computing)
    from tartarus.features import store
    from tartarus.features.sound import redrawn
    from tartarus.learning import checkpoints, model_files, networks, training

    opened, index, y = {}, {}, {}
    for set_ in ("train", "val"):
        opened[set_] = [stack.enter_context(store.open_features(path)) for path in given.get(set_)]
        ids = files.read_lines(given[f"index_{set_}"])
        rows = tables.rows_of_set(set_, len(ids), validation=options["validation"])
        index[set_] = ids[rows]
        y[set_] = arrays.read_array(given[f"y_{set_}"], mapped=True)[rows]
    opened["train"] = redrawn.redrawn(opened["train"], given.get("spectrograms"), pad=params.padding)
    vocabularies = store.read_vocabularies(given.vocabularies, names)
    inputs = training.describe(names, opened["train"], vocabularies, standardise=options.get("standardise", False))
    depends_on = [options, params.computing, params.code, [files.stamp(path) for path in given]]
    kept = [checkpoints.beside(path, depends_on) for path in out.models]
    for seed, path, history, checkpoint in zip(params.seeds, out.models, out.histories, kept, strict=True):
        backend.seed(seed)
        if options["network"]["name"] == "reference":
            from tartarus.learning import references  # scikit-learn takes a second, which others need not spend

            model, course = references.fit(name, inputs, opened, index, y, options, played=given.get("played"))
        else:
            how = {"network": options["network"], "output": options["output"], "n_outputs": options["dim"]}
            model = networks.build(name, inputs, weights=given.get("weights"), **how)
            course = training.train(model, opened, index, y, options, seed=seed, checkpoint=checkpoint)
        model_files.save(model, path)
        training.write_history(history, course)
    checkpoints.remove(kept)
