"""Draw the items of a dataset on a map, on which those that are alike are near each other."""

import os
from pathlib import Path

from tartarus.base import arrays, files, lists, logs
from tartarus.evaluation import evaluate
from tartarus.items import item_tables, tables
from tartarus.report import figures, maps
from tartarus.use import embeddings
from tartarus.use import maps as layout

with logs.job(snakemake.log[0]):
    given, params, made = snakemake.input, snakemake.params, snakemake.output
    found, labels, sounds = embeddings.Embeddings(dict(zip(params.sets, given.features, strict=True))), {}, {}
    numbers = layout.chosen(found.n_items, seed=params.seed)
    vectors = layout.vectors_of(found, numbers)
    places = layout.coordinates(vectors, standardise=params.standardise, seed=params.seed)
    if given.get("classes"):
        truth = {set_: arrays.read_array(given[f"y_{set_}"]) for set_ in params.sets}
        ids = {set_: evaluate.read_ids(given[f"index_{set_}"]) for set_ in params.sets}
        labels = embeddings.labels_of(truth, ids, files.read_lines(given.classes))
    if given.get("table"):
        folder = os.path.relpath(Path(given.table).parent, Path(made.html).parent)
        items = item_tables.read_items(given.table, **params.reading)
        sounds = {item.id: f"{folder}/{item.path('audio')}" for item in items if item.path("audio")}
    said = maps.read_predictions(lists.listed(given.get("predictions")))
    everything = [(id_, set_) for set_, of_set in found.ids.items() for id_ in of_set]
    points = maps.points_of([everything[n] for n in numbers], places, labels=labels, sounds=sounds, said=said)
    title = f"{params.dataset}: {snakemake.wildcards.features}"
    tables.write_rows(made.tsv, maps.rows(points), columns=maps.columns(list(said)))
    note = maps.note(len(points), found.n_items, standardised=params.standardise)
    files.write_text(made.html, maps.page(points, title, note=note))
    figures.save(maps.picture(points, title), made.png, made.svg)
