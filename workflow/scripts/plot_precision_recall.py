"""Draw precision against recall, over all classes together and for the classes with the most items."""

from tartarus.base import lists, logs
from tartarus.evaluation import cross_validation, results, thresholds
from tartarus.report import charts, model_charts

SHOWN = 5  # classes

with logs.job(snakemake.log[0]):
    given = snakemake.input
    result = results.read(given.result)
    y, scores = cross_validation.test_pair(
        {name: lists.listed(given.get(name)) for name in ("y_test", "class_factors") if given.get(name)},
        given.predictions[0],
        given.index,
        folds=snakemake.params.folds,
        validation=snakemake.params.validation,
    )
    curves = {"all classes": thresholds.outline(y, scores)[:2]}
    most = sorted(range(y.shape[1]), key=lambda column: -result["per_class"][column]["support"])[:SHOWN]
    for column in most:
        name = result["per_class"][column]["class"]
        curves[name] = thresholds.outline(y[:, [column]], scores[:, :, [column]])[:2]
    title = f"{snakemake.wildcards.model}, mean of the seeds"
    charts.save(model_charts.precision_recall(curves, title), **snakemake.output)
