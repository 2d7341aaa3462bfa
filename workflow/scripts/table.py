"""Put all results of a family into one table."""

import json
from pathlib import Path

from tartarus.base import files, logs
from tartarus.items import tables
from tartarus.plan import config
from tartarus.report import figures, tabulate

with logs.job(snakemake.log[0]):
    given = snakemake.input
    results = [json.loads(Path(path).read_text(encoding="utf-8")) for path in given.get("results")]
    beside = {
        "paper": config.read_yaml(Path(given.published)) if given.get("published") else tabulate.NO_PAPER,
        "seconds": tabulate.epoch_seconds(snakemake.params.benchmarks, given.get("histories")),
        "left_out": snakemake.params.left_out,
    }
    title = snakemake.params.title
    tables.write_rows(snakemake.output.tsv, tabulate.rows(results, **beside), columns=tabulate.COLUMNS)
    files.write_text(snakemake.output.md, tabulate.markdown(title, results, **beside))
    ordered = tabulate.in_order(results, beside["paper"])
    figures.save(figures.intervals(ordered, title, paper=beside["paper"]), snakemake.output.png)
