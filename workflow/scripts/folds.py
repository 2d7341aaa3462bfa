"""Write the ids of train, val and test of every fold."""

from tartarus.base import files, logs
from tartarus.items import folds
from tartarus.plan.kinds import SETS

with logs.job(snakemake.log[0]):
    outputs = iter(snakemake.output)
    for fold, items in enumerate(folds.read_folds(snakemake.input.table, snakemake.params.reading), start=1):
        by_set = {set_: [item.id for item in items if item.set == set_] for set_ in SETS}
        logs.log.info("fold %d: %s", fold, ", ".join(f"{len(ids)} in {set_}" for set_, ids in by_set.items()))
        for ids in by_set.values():
            files.write_lines(next(outputs), ids)
