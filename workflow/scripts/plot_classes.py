"""Draw how many test items of every class were found, for every result of a family."""

from tartarus.base import logs
from tartarus.evaluation import results
from tartarus.report import charts, family_charts

with logs.job(snakemake.log[0]):
    found = [results.read(path) for path in snakemake.input]
    charts.save(family_charts.classes(found, snakemake.params.title), **snakemake.output)
