"""Write Snakemake's report of a family."""

from pathlib import Path

from tartarus.base import files, logs
from tartarus.report import snakemake_command

with logs.job(snakemake.log[0]), files.replacing(snakemake.output[0]) as part:
    # Snakemake wants the ending .html; the report is about what the family's table and figures are made from.
    html = part.with_suffix(".html")
    try:
        snakemake_command.snakemake(
            ["--report", str(html), "--", *snakemake.input],
            snakefile=Path(snakemake.scriptdir).parents[1] / "Snakefile",
            config=snakemake.config,
        )
        html.replace(part)
    finally:
        html.unlink(missing_ok=True)
