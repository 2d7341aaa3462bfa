"""Put all results of a family into one table."""

import json
from pathlib import Path

from tartarus import figures, files, logs, tables, tabulate

with logs.job(snakemake.log[0]):
    results = [json.loads(Path(path).read_text(encoding="utf-8")) for path in snakemake.input]
    tables.write_rows(snakemake.output.tsv, tabulate.rows(results))
    files.write_text(snakemake.output.md, tabulate.markdown(snakemake.params.title, results))
    figures.save(figures.intervals(results, snakemake.params.title), snakemake.output.png)
