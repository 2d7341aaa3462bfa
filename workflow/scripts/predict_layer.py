"""Write the output of a named layer, for all three sets."""

from contextlib import ExitStack

import numpy as np
from tartarus.base import arrays, files, logs
from tartarus.learning import backend

with logs.job(snakemake.log[0]):
    backend.start(**snakemake.params.computing)
    from tartarus.features import store
    from tartarus.learning import model_files, prediction

    names = snakemake.wildcards
    model = model_files.load(snakemake.input.model)
    part = prediction.sub_model(model, names.layer)
    signature = {
        "kind": "layer",
        "model": names.model,
        "layer": names.layer,
        "weights": model_files.weights_digest(snakemake.input.model),
    }
    for set_ in ("train", "val", "test"):
        index, path = files.read_lines(snakemake.input[f"index_{set_}"]), snakemake.output[set_]
        with ExitStack() as stack:
            inputs = [stack.enter_context(store.open_features(name)) for name in snakemake.input.get(set_)]
            ids, blocks = prediction.predict(part, inputs, index, signatures_of=model, what=path)
            shape = (len(ids), prediction.width_of(part))
            described = store.described(ids, signature)
            arrays.write_in_blocks(path, "features", shape, np.float32, blocks, **described)
