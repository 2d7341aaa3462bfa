"""Set the results of several families, or of versions of one, side by side."""

from tartarus.base import files, logs
from tartarus.items import tables
from tartarus.report import comparison, templates

with logs.job(snakemake.log[0]):
    found = comparison.lines([comparison.read(**side) for side in snakemake.params.sides])
    tables.write_rows(snakemake.output.tsv, comparison.rows(found))
    files.write_text(snakemake.output.page, templates.fill("compare.html", comparison.content(found)))
