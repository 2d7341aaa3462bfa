"""Score the items of validation and test with every seed of a model."""

from contextlib import ExitStack

import numpy as np
from tartarus.base import arrays, files, logs
from tartarus.items import tables
from tartarus.learning import backend

with logs.job(snakemake.log[0]), ExitStack() as stack:
    backend.start(**snakemake.params.computing)
    from tartarus.features import store
    from tartarus.learning import model_files, networks, prediction

    paths = snakemake.input.get("models")
    trained = [model_files.load(path) for path in paths]
    for set_ in ("val", "test"):
        index = files.read_lines(snakemake.input[f"index_{set_}"])
        index = index[tables.rows_of_set(set_, len(index), validation=snakemake.params.validation)]
        inputs = [stack.enter_context(store.open_features(path)) for path in snakemake.input.get(set_)]
        runs = [
            prediction.predict(model, inputs, index, what=f"{set_}, {path}")
            for model, path in zip(trained, paths, strict=True)
        ]
        ids = runs[0][0]
        arrays.write_in_blocks(
            snakemake.output[set_],
            "scores",
            (len(paths), len(ids), prediction.width_of(trained[0])),
            np.float32,
            (block for _, blocks in runs for block in blocks),
            index=np.array(ids, dtype=str),
            seeds=np.array(snakemake.params.seeds),
            parameters=np.array(networks.parameters(trained[0])),
        )
