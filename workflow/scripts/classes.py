"""Write the classes of a dataset in column order, one in each line."""

from tartarus.base import files, logs

with logs.job(snakemake.log[0]):
    files.write_lines(snakemake.output[0], snakemake.params.classes)
