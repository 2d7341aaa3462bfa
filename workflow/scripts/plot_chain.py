"""Draw the rules that lead to a family's table, as Snakemake sees them."""

from tartarus import figures, logs, nested

with logs.job(snakemake.log[0]):
    dot = nested.snakemake(
        ["--rulegraph", "dot", "--forceall", "--", snakemake.params.target],
        snakefile=snakemake.params.snakefile,
        overlay=snakemake.params.overlay,
    )
    title = f"From raw files to {snakemake.params.target}"
    figures.save(figures.graph(nested.rule_edges(dot), title), snakemake.output[0])
