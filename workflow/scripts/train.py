"""Train a model with some seeds; where the dataset has folds, of every fold in turn."""

from contextlib import ExitStack

from tartarus.base import files, lists, logs
from tartarus.items import item_tables
from tartarus.learning import backend

with logs.job(snakemake.log[0]), ExitStack() as stack:
    given, params, out, name = snakemake.input, snakemake.params, snakemake.output, snakemake.wildcards.model
    options, folds = params.options, params.folds
    backend.start(**params.computing)
    from tartarus.learning import checkpoints, material, model_files, networks, telling, training

    depends_on = [options, params.computing, params.code, [files.stamp(path) for path in given]]
    kept = [checkpoints.beside(path, depends_on) for path in out.models]
    groups = item_tables.groups_of(given.table[0], params.grouping["reading"]) if params.grouping else {}
    of_plain = {"groups": groups, "played": given.get("played")}
    parts = {key: lists.parted(given.get(key), folds) for key in material.FILES}
    runs = lists.parted(zip(out.models, out.histories, kept, strict=True), folds)
    how = {"spectrograms": given.get("spectrograms"), "padding": params.padding, "of_fold": folds > 1}
    for fold, of_seeds in enumerate(runs):
        own = {key: of_folds[fold] for key, of_folds in parts.items()}
        its = material.open_material(stack, own, params.features, options=options, **how)
        data = (its.features, its.index, its.y, options)
        for seed, (path, history, checkpoint) in zip(params.seeds, of_seeds, strict=True):
            backend.seed(seed)
            if options["network"]["name"] == "reference":
                from tartarus.learning import references  # scikit-learn takes a second, which others need not spend

                model, course = references.fit(name, its.inputs, *data, seed=seed, **of_plain)
            else:
                shape = {"network": options["network"], "output": options["output"], "n_outputs": options["dim"]}
                model = networks.build(name, its.inputs, weights=given.get("weights"), **shape)
                # Read here, not a parameter: no model depends on it, so none is to be trained anew for it.
                board = telling.board_of(path, checkpoint) if snakemake.config["tensorboard"] else None
                course = training.train(model, *data, seed=seed, checkpoint=checkpoint, board=board)
            model_files.save(model, path)
            training.write_history(history, course)
    checkpoints.remove(kept)
