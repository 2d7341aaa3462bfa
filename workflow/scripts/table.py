"""Put all results of a family into one table."""

from tartarus.base import documents, files, logs
from tartarus.evaluation import differences, results
from tartarus.items import tables
from tartarus.report import charts, family_charts, markdown, naming, seconds, tabulate

with logs.job(snakemake.log[0]):
    given = snakemake.input
    found = [results.read(path) for path in given.get("results")]
    samples = [differences.read(path) for path in given.get("samples")]
    beside = {
        "paper": documents.read_yaml(given.published) if given.get("published") else naming.NO_PAPER,
        "seconds": seconds.epoch_seconds(snakemake.params.benchmarks, given.get("histories")),
        "left_out": snakemake.params.left_out,
        "differences": naming.by_name(found, differences.to_best_reference(found, samples)),
    }
    title = snakemake.params.title
    tables.write_rows(snakemake.output.table, tabulate.rows(found, **beside), columns=tabulate.COLUMNS)
    files.write_text(snakemake.output.page, markdown.table(title, found, **beside))
    ordered = naming.in_order(found, beside["paper"])
    drawn = {kind: snakemake.output[kind] for kind in ("png", "svg", "tsv", "spec")}
    charts.save(family_charts.intervals(ordered, title, paper=beside["paper"]), **drawn)
