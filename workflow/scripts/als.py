"""Find factors of users and items by who played what."""

from pathlib import Path

from tartarus.base import arrays, logs
from tartarus.base.errors import REMEDY
from tartarus.base.untrusted import open_sparse
from tartarus.features.factors import als
from tartarus.plan.kinds import SETS

with logs.job(snakemake.log[0]):
    counts = {set_: open_sparse(Path(snakemake.input[set_]), remedy=REMEDY) for set_ in SETS}
    options = snakemake.params.als["als"]
    factors = als.factorise(counts, int(snakemake.wildcards.dim), options, seed=snakemake.params.seed)
    for name, values in factors.items():
        arrays.write_array(snakemake.output[name], values)
