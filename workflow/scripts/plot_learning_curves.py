"""Draw the course of a model's trainings."""

from pathlib import Path

from tartarus.base import logs
from tartarus.items import tables
from tartarus.report import charts, model_charts

with logs.job(snakemake.log[0]):
    # Of .../fold-1/seed-1/history.csv, or .../seed-1/history.csv.
    runs = {
        path: [part for part in Path(path).parts if part.startswith(("fold-", "seed-"))] for path in snakemake.input
    }
    histories = {", ".join(run).replace("-", " "): tables.read_figures(path) for path, run in runs.items()}
    charts.save(model_charts.learning_curves(histories, snakemake.wildcards.model), **snakemake.output)
