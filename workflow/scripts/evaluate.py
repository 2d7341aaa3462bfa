"""Measure a model's predictions and write its result."""

from pathlib import Path

from tartarus.base import files, lists, logs
from tartarus.evaluation import cross_validation, differences, results
from tartarus.items import item_tables
from tartarus.plan.kinds import SETS

TRUTH = ("y_val", "y_test", "classes", "class_factors", "plays", "user_factors", "item_factors", "users", "played")

with logs.job(snakemake.log[0]):
    given, params, head = snakemake.input, snakemake.params, dict(snakemake.params.result)
    options, how = params.options, {"folds": params.folds, "validation": params.options["validation"]}
    measured = cross_validation.measure(
        head["task"],
        {name: lists.listed(given.get(name)) for name in TRUTH if given.get(name)},
        {Path(path).stem: path for path in given.get("predictions")},
        given.index,
        **how,
        **params.evaluation,
        groups=item_tables.groups_of(given.table[0], params.reading) if given.get("table") else None,
        samples=params.bootstrap["samples"],
        seed=params.seed,
    )
    measured, samples = differences.taken_out(measured)
    used = {set_: given.get(set_) for set_ in SETS}
    counted = cross_validation.count_items(measured, given.index, used, given.get("statuses"), **how)
    known = {path for name in ("statuses", "table", "sets") for path in given.get(name)}
    asked = {**options, "features": list(head.pop("features")), "bootstrap": params.bootstrap}
    asked |= {"evaluation": params.evaluation, "computing": params.computing}
    result = {
        **head,
        **results.with_published(counted, params.published),
        "items": {**counted["items"], **params.about_validation},
        "provenance": results.provenance(asked, sorted(set(given) - known), params.code),
    }
    results.check(result, snakemake.output.result)
    differences.write(snakemake.output.samples, samples, given.predictions[0])
    files.write_json(snakemake.output.result, result)
