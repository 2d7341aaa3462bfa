"""Write the page of a family, and its table alone."""

from pathlib import Path

from tartarus.base import documents, files, logs
from tartarus.evaluation import results
from tartarus.items import tables
from tartarus.report import charts, naming, page

with logs.job(snakemake.log[0]):
    given, params = snakemake.input, snakemake.params
    found = [results.read(path) for path in given.results]
    paper = documents.read_yaml(given.published) if given.get("published") else naming.NO_PAPER
    content = page.content(
        params.title,
        naming.in_order(found, paper),
        tables.read_rows(given.table),
        drawn={Path(path).stem: charts.read(path) for path in given.charts},
        pictures=given.pictures,
        sources=params.sources,
        shown=documents.read_json(given.shown[0]) if given.get("shown") else None,
        lists={Path(path).parent.name: documents.read_json(path) for path in given.get("lists")},
        maps=[Path(path).stem for path in given.get("maps")],
        told=page.statuses(given.get("statuses")),
        embed=params.embed,
        citations=page.citations_of(documents.read_yaml(Path(snakemake.scriptdir).parents[1] / "CITATION.cff")),
        command=f"snakemake --cores all {snakemake.wildcards.family}",
    )
    files.write_text(snakemake.output.page, page.write(content))
    files.write_text(snakemake.output.table, page.write_table(content))
