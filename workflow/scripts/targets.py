"""Write the ground truth of a set."""

from tartarus.base import arrays, files, logs
from tartarus.items import tables

with logs.job(snakemake.log[0]):
    source = snakemake.input.table
    items = tables.read_items(source, **snakemake.params.reading)
    classes = files.read_lines(snakemake.input.classes)
    tables.refuse_other_dimension(len(classes), int(snakemake.wildcards.dim), source=source)
    tables.classes_of(items, classes, source=source)
    chosen = [item for item in items if item.set == snakemake.wildcards.set]
    single = snakemake.params.task["task"] == "multiclass"
    arrays.write_array(snakemake.output[0], tables.targets(chosen, classes, single=single, source=source))
