"""Score the test items with every seed of a model."""

from contextlib import ExitStack

import numpy as np
from tartarus import arrays, backend, files, logs

with logs.job(snakemake.log[0]), ExitStack() as stack:
    backend.start(threads=snakemake.threads)
    from tartarus import features, models, networks, prediction

    index = files.read_lines(snakemake.input.index)
    inputs = [stack.enter_context(features.open_features(path)) for path in snakemake.input.get("test")]
    scores = []
    for path in snakemake.input.get("models"):
        model = models.load(path)
        ids, output = prediction.predict(model, inputs, index)
        scores.append(output)
    arrays.write_arrays(
        snakemake.output[0],
        scores=np.stack(scores),
        index=np.array(ids, dtype=str),
        seeds=np.array(snakemake.params.seeds),
        parameters=np.array(networks.parameters(model)),
    )
