"""Score the test items when their sound is deformed, in every way that the dataset says; and when it is not."""

from pathlib import Path

from tartarus.base import files, logs
from tartarus.items import item_tables
from tartarus.learning import backend

with logs.job(snakemake.log[0]):
    given, params, folder = snakemake.input, snakemake.params, Path(snakemake.output[0])
    backend.start(**params.computing)
    from tartarus.use import deformed, loading

    items = item_tables.read_items(given.table, **params.reading)
    sounds = [deformed.files_of(items, files.read_lines(path), Path(given.table).parent) for path in given.index]
    of_folds = [*zip([loading.load(plan) for plan in params.chains], sounds, strict=True)]
    how = {"seed": params.seed, "workers": snakemake.threads}
    folder.mkdir(parents=True)
    for name, options in params.deform.items():
        scored = [deformed.scores(chain, its, options, **how) for chain, its in of_folds]
        path = folder / f"{name}.npz"
        deformed.write(path, scored, of_folds[0][0], seeds=params.seeds, folds=params.folds)
