"""Measure a model's predictions and write its result."""

from pathlib import Path

from tartarus.base import files, logs
from tartarus.evaluation import differences, evaluate, results
from tartarus.features import store
from tartarus.items import tables

TRUTH = ("y_val", "y_test", "classes", "class_factors", "plays", "user_factors", "item_factors", "users", "played")

with logs.job(snakemake.log[0]):
    given, head, options = snakemake.input, dict(snakemake.params.result), snakemake.params.options
    index = evaluate.read_sets(given.index)
    measured = evaluate.evaluate(
        head["task"],
        {name: given.get(name) for name in TRUTH if given.get(name)},
        {Path(path).stem: path for path in given.get("predictions")},
        index,
        validation=options["validation"],
        **snakemake.params.evaluation,
        groups=tables.groups_of(given.table[0], snakemake.params.reading) if given.get("table") else None,
        samples=snakemake.params.bootstrap["samples"],
        seed=snakemake.params.seed,
    )
    measured, samples = differences.taken_out(measured)
    used = {set_: [store.read_index(path) for path in given.get(set_)] for set_ in index}
    odd = evaluate.oddities(given.get("statuses"), [path for set_ in index for path in given.get(set_)])
    known = {path for name in ("statuses", "table", "sets") for path in given.get(name)}
    asked = {**options, "features": list(head.pop("features")), "bootstrap": snakemake.params.bootstrap}
    asked |= {"evaluation": snakemake.params.evaluation, "computing": snakemake.params.computing}
    result = {
        **head,
        **results.with_published(measured, snakemake.params.published),
        "items": results.count_items(index, used, odd, validation=options["validation"]),
        "provenance": results.provenance(asked, sorted(set(given) - known), snakemake.params.code),
    }
    results.check(result, snakemake.output.result)
    differences.write(snakemake.output.samples, samples, given.predictions[0])
    files.write_json(snakemake.output.result, result)
