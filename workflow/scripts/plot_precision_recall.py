"""Draw precision against recall, over all classes together and for the classes with the most items."""

from tartarus.base import logs
from tartarus.evaluation import evaluate, prediction_files, results, thresholds
from tartarus.report import figures

SHOWN = 5  # classes

with logs.job(snakemake.log[0]):
    given = snakemake.input
    result = results.read(given.result)
    y, scores = evaluate.of_classes(
        {name: given.get(name) for name in ("y_test", "class_factors") if given.get(name)},
        prediction_files.read(given.predictions[0]),
        {"test": evaluate.read_ids(given.index[2])},
        "test",
        validation=snakemake.params.validation,
    )
    curves = {"all classes": thresholds.outline(y, scores)[:2]}
    most = sorted(range(y.shape[1]), key=lambda column: -result["per_class"][column]["support"])[:SHOWN]
    for column in most:
        name = result["per_class"][column]["class"]
        curves[name] = thresholds.outline(y[:, [column]], scores[:, :, [column]])[:2]
    figures.save(
        figures.precision_recall(curves, f"{snakemake.wildcards.model}, mean of the seeds"), snakemake.output[0]
    )
