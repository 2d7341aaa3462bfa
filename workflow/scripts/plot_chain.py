"""Draw the rules that lead to a family's table, as Snakemake sees them."""

from pathlib import Path

from tartarus.base import logs
from tartarus.report import figures, graphs, snakemake_command

with logs.job(snakemake.log[0]):
    # The configuration is handed on as it is; whether it matters to the picture, `rules` tells.
    dot = snakemake_command.snakemake(
        ["--rulegraph", "dot", "--", snakemake.params.target],
        snakefile=Path(snakemake.scriptdir).parents[1] / "Snakefile",
        config=snakemake.config,
    )
    title = f"From raw files to {snakemake.params.target}"
    figures.save(graphs.graph(snakemake_command.rule_edges(dot), title), snakemake.output[0])
