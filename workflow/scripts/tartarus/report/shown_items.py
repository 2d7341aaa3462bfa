"""What a page shows of single items: where models were wrong and where right, with what there is to hear and to see."""

import base64
import io
import mimetypes
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import matplotlib as mpl
import numpy as np
from PIL import Image
from tartarus.evaluation import item_by_item
from tartarus.features.sound import shards

Row = Mapping[str, str]
Section = dict[str, Any]

# So many items of a model at most.
MOST_WRONG = 48
MOST_RIGHT = 12
# Of an item: its best classes, and so many bytes of its text, of which the first words are shown.
_BEST = 3
_BYTES = 2000
# The spectrogram of an item, in pixels.
_WIDTH, _HEIGHT = 160, 48


def of_model(rows: Iterable[Row], dataset: str) -> Section:
    """Choose what is shown of a model: those test items first of which it was surest.

    Parameters
    ----------
    rows : iterable of mapping
        Those of predictions_<model>.tsv.
    dataset : str
        Whose items they are; ids are unique in a dataset only.

    Returns
    -------
    dict
        `wrong` and `right`, lists of items with `id`, `item` (a key that no other item has), `truth`, `predicted` and
        `scores`, the best ones, class and score; `wrong_total` and `right_total`, how many there are.
    """
    found: dict[str, list[tuple[float, Section]]] = {"wrong": [], "right": []}
    for row in rows:
        if row["set"] == "test":
            scores = _scores(row)
            told = {name: row[name].replace("|", ", ") for name in ("truth", "predicted")}
            one = {"id": row["id"], "item": f"{dataset}/{row['id']}", **told, "scores": scores[:_BEST]}
            found["right" if row["right"] == "yes" else "wrong"].append((-scores[0][1], one))
    shown: Section = {}
    for kind, most in (("wrong", MOST_WRONG), ("right", MOST_RIGHT)):
        chosen = sorted(found[kind], key=lambda entry: entry[0])[:most]
        shown |= {kind: [one for _, one in chosen], f"{kind}_total": len(found[kind])}
    return shown


def _scores(row: Row) -> list[tuple[str, float]]:
    """Sort the scores of an item, the best first; of many classes the row has these alone."""
    if row.get("best"):
        pairs = (entry.rsplit(": ", 1) for entry in row["best"].split("|"))
        return [(name, float(score)) for name, score in pairs]
    found = [(name.removeprefix("score "), float(row[name])) for name in row if name.startswith("score ")]
    return sorted(found, key=lambda pair: -pair[1])


def material(row: Row, *, embed: bool = False) -> Section:
    """Tell where the sound and the cover of an item are, as addresses for a page, and how its text begins.

    Parameters
    ----------
    row : mapping
        Of predictions_<model>.tsv; its paths are those from the folder in which Snakemake runs.
    embed : bool
        Whether addresses hold the files themselves; else they lead from the folder of the page, results/<family>, to
        where these lie.
    """
    found = {}
    for name in ("audio", "image"):
        if row.get(name) and Path(row[name]).is_file():
            found[name] = _embedded(row[name]) if embed else quote(f"../../{row[name]}")
    if row.get("words"):
        found["words"] = row["words"]
    elif row.get("text") and Path(row["text"]).is_file():
        with Path(row["text"]).open("rb") as file:
            found["words"] = item_by_item.beginning(file.read(_BYTES).decode("utf-8", errors="ignore"))
    return found


def _embedded(path: str) -> str:
    kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
    return f"data:{kind};base64,{base64.b64encode(Path(path).read_bytes()).decode()}"


def spectrograms(paths: Sequence[str], dataset: str, ids: set[str]) -> dict[str, str]:
    """Draw small spectrograms of some items of a dataset, as addresses that hold a PNG: of those that have one.

    Of the shards, only those of the dataset are read: another may have items of the same id.
    """
    places = shards.places_in(path for path in paths if Path(path).stem.split("_")[-2] == dataset)
    read = shards.read_spectrograms(places[id_] for id_ in sorted(ids & places.keys()))
    return {id_: thumbnail(values) for id_, values in read if values.size}


def thumbnail(spectrogram: np.ndarray) -> str:
    """Draw a spectrogram [shape=(n_frames, n_bins)] small, as an address that holds it: loud is bright."""
    low, high = np.percentile(spectrogram, [5, 100])
    shade = np.clip((spectrogram.T[::-1] - low) / max(high - low, 1e-9), 0, 1)
    # 32 shades: a page may show hundreds of them.
    grey = Image.fromarray(np.round(shade * 31).astype(np.uint8)).resize((_WIDTH, _HEIGHT), Image.Resampling.BOX)
    image = grey.convert("P")
    colours = mpl.colormaps["magma"](np.linspace(0, 1, 32))[:, :3]
    image.putpalette(np.round(colours * 255).astype(np.uint8).tobytes())
    file = io.BytesIO()
    image.save(file, format="PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
