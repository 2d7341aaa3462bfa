"""Draw the confusion matrix of a result."""

import json
from pathlib import Path

import numpy as np
from tartarus.base import logs
from tartarus.report import figures

with logs.job(snakemake.log[0]):
    result = json.loads(Path(snakemake.input[0]).read_text(encoding="utf-8"))
    classes = [entry["class"] for entry in result["per_class"]]
    title = f"{snakemake.wildcards.model}, {len(result['seeds'])} seeds"
    counts = np.array(result["confusion"])
    figures.save(figures.confusion_matrix(counts, classes, title), snakemake.output[0])
