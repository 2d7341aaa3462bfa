"""Draw the rules that lead to a family's table, as Snakemake sees them."""

from pathlib import Path

from tartarus.base import logs
from tartarus.items import tables
from tartarus.report import figures, graphs, snakemake_command

with logs.job(snakemake.log[0]):
    # The configuration is handed on as it is; whether it matters to the picture, `rules` tells.
    dot = snakemake_command.snakemake(
        ["--rulegraph", "dot", "--", snakemake.params.target],
        snakefile=Path(snakemake.scriptdir).parents[1] / "Snakefile",
        config=snakemake.config,
    )
    title = f"From raw files to {snakemake.params.target}"
    edges = snakemake_command.rule_edges(dot)
    figures.save(graphs.graph(edges, title), snakemake.output.png, snakemake.output.svg)
    rows = [{"rule": rule, "leads to": following} for rule, following in sorted(edges)]
    tables.write_rows(snakemake.output.tsv, rows)
