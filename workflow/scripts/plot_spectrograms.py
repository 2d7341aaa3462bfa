"""Draw the spectrogram of one training track of each class."""

from tartarus.base import logs
from tartarus.features.sound import shards
from tartarus.items import item_tables, tables
from tartarus.report import figures

with logs.job(snakemake.log[0]):
    audio, dataset = snakemake.params.audio, snakemake.wildcards.dataset
    items = item_tables.read_items(snakemake.input.table, **snakemake.params.reading)
    found = shards.first_of_each_class(snakemake.input.spectrograms, items, snakemake.params.classes)
    pace, out = audio["hop"] / audio["sample_rate"], snakemake.output
    title = f"{dataset}: a training track of each class ({audio['type']})"
    figures.save(figures.spectrograms(found, seconds_per_frame=pace, title=title), out.png, out.svg)
    tables.write_rows(out.tsv, list(figures.spectrogram_rows(found, seconds_per_frame=pace)))
