"""Measure what a model says of the test items when their sound is deformed."""

from pathlib import Path

from tartarus.base import files, lists, logs
from tartarus.evaluation import cross_validation, differences, prediction_files
from tartarus.items import item_tables

TRUTH = ("y_val", "y_test", "classes", "class_factors", "plays", "user_factors", "item_factors", "users", "played")

with logs.job(snakemake.log[0]):
    given, params, head = snakemake.input, snakemake.params, snakemake.params.result
    truth = {name: lists.listed(given.get(name)) for name in TRUTH if given.get(name)}
    # Thresholds are those of the result.
    scored = {Path(path).stem: path for path in given.get("predictions")}
    found = {}
    for name, options in params.deform.items():
        predictions = {**scored, "test": f"{given.deformed}/{name}.npz"}
        measured = cross_validation.measure(
            head["task"],
            truth,
            predictions,
            given.index,
            folds=params.folds,
            validation=params.validation,
            **params.evaluation,
            groups=item_tables.groups_of(given.table, params.reading) if params.groups else None,
            samples=params.bootstrap["samples"],
            seed=params.seed,
        )
        measures = differences.taken_out(measured)[0]["measures"]
        items = len(prediction_files.read(predictions["test"]).ids)
        found[name] = {"options": options, "items": items, "measures": measures}
    files.write_json(snakemake.output[0], {**head, "deformed": found})
