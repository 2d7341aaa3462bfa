"""Write the ground truth of train, val and test of every fold."""

from tartarus.base import arrays, files, logs
from tartarus.items import folds, targets
from tartarus.plan.kinds import SETS

with logs.job(snakemake.log[0]):
    source, reading = snakemake.input.table, snakemake.params.reading
    classes = files.read_lines(snakemake.input.classes)
    targets.refuse_other_dimension(len(classes), int(snakemake.wildcards.dim), source=source)
    outputs = iter(snakemake.output)
    for items in folds.read_folds(source, reading):
        targets.classes_of(items, classes, source=source)
        for set_ in SETS:
            chosen = [item for item in items if item.set == set_]
            y = targets.targets(chosen, classes, single=reading["single"], set_=set_, source=source)
            arrays.write_array(next(outputs), y)
