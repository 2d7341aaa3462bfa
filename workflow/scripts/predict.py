"""Score the items of validation and test with every seed of a model; those of a fold, with the models of that fold."""

from contextlib import ExitStack

import numpy as np
from tartarus.base import arrays, files, lists, logs
from tartarus.items import dividing
from tartarus.learning import backend

with logs.job(snakemake.log[0]), ExitStack() as stack:
    given, params = snakemake.input, snakemake.params
    backend.start(**params.computing)
    from tartarus.features import store
    from tartarus.learning import model_files, networks, prediction

    count = len(params.folds) or 1
    paths = lists.parted(given.get("models"), count)
    trained = [[model_files.load(path) for path in of_fold] for of_fold in paths]
    for set_ in ("val", "test"):
        runs = []
        of_folds = (paths, trained, lists.parted(given.get(set_), count), given.get(f"index_{set_}"))
        for names, models, features, ids in zip(*of_folds, strict=True):
            index = files.read_lines(ids)
            index = index[dividing.rows_of_set(set_, len(index), validation=params.validation)]
            inputs = [stack.enter_context(store.open_features(path)) for path in features]
            pairs = zip(models, names, strict=True)
            runs.append([prediction.predict(model, inputs, index, what=f"{set_}, {path}") for model, path in pairs])
        ids = [of_seeds[0][0] for of_seeds in runs]
        arrays.write_in_blocks(
            snakemake.output[set_],
            "scores",
            (len(params.seeds), sum(map(len, ids)), prediction.width_of(trained[0][0])),
            np.float32,
            (block for of_seed in zip(*runs, strict=True) for _, blocks in of_seed for block in blocks),
            index=np.array([id_ for of_fold in ids for id_ in of_fold], dtype=str),
            seeds=np.array(params.seeds),
            parameters=np.array(networks.parameters(trained[0][0])),
            **({"folds": np.repeat(params.folds, [*map(len, ids)])} if params.folds else {}),
        )
