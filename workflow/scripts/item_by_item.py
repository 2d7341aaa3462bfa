"""Write what a model says of every item beside the truth."""

from pathlib import Path

from tartarus.base import lists, logs
from tartarus.evaluation import item_by_item
from tartarus.items import item_tables, tables

TRUTH = ("y_val", "y_test", "classes", "class_factors")

with logs.job(snakemake.log[0]):
    given, params = snakemake.input, snakemake.params
    items = item_tables.read_items(given.table, **params.reading) if given.get("table") else []
    rows = item_by_item.rows_of_folds(
        params.task,
        {name: lists.listed(given.get(name)) for name in TRUTH if given.get(name)},
        {Path(path).stem: path for path in given.get("predictions")},
        given.index,
        folds=params.folds,
        validation=params.validation,
        threshold=params.evaluation.get("threshold", "per_class"),
        material={item.id: item_by_item.material_of(item, Path(given.table).parent) for item in items},
    )
    tables.write_rows(snakemake.output[0], list(rows))
