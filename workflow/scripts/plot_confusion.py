"""Draw the confusion matrix of a result."""

import numpy as np
from tartarus.base import logs
from tartarus.evaluation import results
from tartarus.report import charts, model_charts

with logs.job(snakemake.log[0]):
    result = results.read(snakemake.input[0])
    classes = [entry["class"] for entry in result["per_class"]]
    title = f"{snakemake.wildcards.model}, {len(result['seeds'])} seeds"
    charts.save(model_charts.confusion_matrix(np.array(result["confusion"]), classes, title), **snakemake.output)
