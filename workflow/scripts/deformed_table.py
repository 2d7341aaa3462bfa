"""Put what is measured of deformed sound into one table."""

from tartarus.base import documents, files, logs
from tartarus.items import tables
from tartarus.report import deformed

with logs.job(snakemake.log[0]):
    found = [documents.read_json(path) for path in snakemake.input]
    tables.write_rows(snakemake.output.tsv, deformed.rows(found), columns=deformed.COLUMNS)
    files.write_text(snakemake.output.md, deformed.markdown(snakemake.params.title, found))
