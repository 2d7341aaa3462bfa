"""Write the output of a named layer, for all three sets."""

from contextlib import ExitStack

import numpy as np
from tartarus import arrays, backend, files, logs

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
        index, path = files.read_lines(snakemake.input[f"index_{set_}"]), snakemake.output[set_]
        with ExitStack() as stack:
            inputs = [stack.enter_context(features.open_features(name)) for name in snakemake.input.get(set_)]
            ids, blocks = prediction.predict(part, inputs, index, signatures_of=model, what=path)
            shape = (len(ids), prediction.width_of(part))
            described = features.described(ids, signature)
            arrays.write_in_blocks(path, "features", shape, np.float32, blocks, **described)
