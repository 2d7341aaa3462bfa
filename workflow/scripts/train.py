"""Train a model with one seed."""

from contextlib import ExitStack

from tartarus import arrays, backend, files, logs

with logs.job(snakemake.log[0]), ExitStack() as stack:
    seed, options, names = int(snakemake.wildcards.seed), snakemake.params.options, snakemake.params.features
    backend.prepare(seed=seed, threads=snakemake.threads)
    from tartarus import features, models, networks, training

    opened = {
        set_: [stack.enter_context(features.open_features(path)) for path in snakemake.input.get(set_)]
        for set_ in ("train", "val")
    }
    index = {set_: files.read_lines(snakemake.input[f"index_{set_}"]) for set_ in opened}
    y = {set_: arrays.read_array(snakemake.input[f"y_{set_}"]) for set_ in opened}
    vocabularies = features.read_vocabularies(snakemake.input.vocabularies, names)
    model = networks.build(
        snakemake.wildcards.model,
        training.describe(names, opened["train"], vocabularies),
        network=options["network"],
        output=options["output"],
        n_outputs=options["dim"],
    )
    history = training.train(model, opened, index, y, options, seed=seed)
    models.save(model, snakemake.output.model)
    training.write_history(snakemake.output.history, history)
