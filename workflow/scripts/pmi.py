"""Find factors of classes by which of them go together, and those of the items by their classes."""

import numpy as np
from tartarus.base import arrays, logs
from tartarus.features.factors import classes
from tartarus.plan.kinds import SETS

with logs.job(snakemake.log[0]):
    y = {set_: arrays.read_array(snakemake.input[set_]) for set_ in SETS}
    factors = classes.factorise(np.concatenate([y["train"], y["val"]]), int(snakemake.wildcards.dim))
    arrays.write_array(snakemake.output.classes, factors)
    for set_, of_set in y.items():
        arrays.write_array(snakemake.output[set_], of_set.astype(np.float32) @ factors)
