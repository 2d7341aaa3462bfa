"""Write the ground truth of a set."""

from tartarus.base import arrays, files, logs
from tartarus.items import item_tables, targets

with logs.job(snakemake.log[0]):
    source = snakemake.input.table
    items = item_tables.read_items(source, **snakemake.params.reading)
    classes = files.read_lines(snakemake.input.classes)
    targets.refuse_other_dimension(len(classes), int(snakemake.wildcards.dim), source=source)
    targets.classes_of(items, classes, source=source)
    set_ = snakemake.wildcards.set
    chosen = [item for item in items if item.set == set_]
    single = snakemake.params.task["task"] == "multiclass"
    y = targets.targets(chosen, classes, single=single, set_=set_, source=source)
    logs.log.info("%d of the %d items of %s have no class", (~y.any(axis=1)).sum(), len(y), set_)
    arrays.write_array(snakemake.output[0], y)
