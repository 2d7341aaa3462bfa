"""Choose the items of a family that its page shows, and what there is to hear and to see of them."""

from pathlib import Path

from tartarus.base import files, logs
from tartarus.items import tables
from tartarus.report import shown_items

with logs.job(snakemake.log[0]):
    models, items = {}, {}
    for path, dataset in zip(snakemake.input.predictions, snakemake.params.datasets, strict=True):
        rows = tables.read_rows(path)
        said = shown_items.of_model(rows, dataset)
        models[Path(path).stem.removeprefix("predictions_")] = said
        shown = {one["id"]: one["item"] for one in (*said["wrong"], *said["right"])}
        new = [row for row in rows if row["id"] in shown and shown[row["id"]] not in items]
        small = shown_items.spectrograms(snakemake.input.get("spectrograms"), dataset, {row["id"] for row in new})
        for row in new:
            spectrogram = {"spectrogram": small[row["id"]]} if row["id"] in small else {}
            items[shown[row["id"]]] = shown_items.material(row, embed=snakemake.params.embed) | spectrogram
    files.write_json(snakemake.output[0], {"models": models, "items": items})
