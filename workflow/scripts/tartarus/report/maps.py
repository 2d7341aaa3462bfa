"""A map of items: a picture, a page to move on that needs no network, and a table of its numbers.

What is written into the page is data, never markup: ids and labels may hold anything. The same map gives the same
bytes.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
from matplotlib.figure import Figure
from tartarus.items.tables import read_rows
from tartarus.report.figures import plain

# The page, with its style and its script; in the place of these words it gets the map.
TEMPLATE = Path(__file__).parents[3] / "page" / "map.html"
TITLE, DATA = "{{title}}", "{{data}}"
# Okabe and Ito 2008: colours that the colour-blind tell apart; then five of Tol 2021. Rarer classes are grey.
COLOURS = (
    *("#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7"),
    *("#332288", "#882255", "#999933", "#44AA99", "#661100"),
)
GREY = "#8a8f96"
KINDS = ("predicted", "right")


@dataclass(frozen=True)
class Point:
    """An item on a map.

    Attributes
    ----------
    id, set : str
        Which it is.
    labels : list of str
        Its classes.
    place : (float, float)
        Its coordinates.
    sound : str
        The path of its sound from the folder of the map; empty if there is none.
    predicted : dict
        Model to the classes that it predicts, and whether these are the right ones; of models that have scored it.
    """

    id: str
    set: str
    labels: Sequence[str]
    place: tuple[float, float]
    sound: str = ""
    predicted: Mapping[str, tuple[Sequence[str], bool]] = field(default_factory=dict)


def read_predictions(paths: Iterable[str | Path]) -> dict[str, dict[str, tuple[list[str], bool]]]:
    """Read what models say of items, from tables of a family: model to id to classes, and whether they are right."""
    return {
        Path(path).stem.removeprefix("predictions_"): {
            row["id"]: (row["predicted"].split("|") if row["predicted"] else [], row["right"] == "yes")
            for row in read_rows(path, columns=("id", *KINDS))
        }
        for path in paths
    }


def points_of(
    items: Sequence[tuple[str, str]],
    places: np.ndarray,
    *,
    labels: Mapping[str, Sequence[str]],
    sounds: Mapping[str, str],
    said: Mapping[str, Mapping[str, tuple[Sequence[str], bool]]],
) -> list[Point]:
    """Put together what is known of items.

    Parameters
    ----------
    items : sequence of (str, str)
        Their ids and sets.
    places : np.ndarray [shape=(n_points, 2)]
    labels, sounds : mapping
        Id to classes, and to the path of its sound from the folder of the map; an item may lack either.
    said : mapping
        As of `read_predictions`.
    """
    return [
        Point(
            id_,
            set_,
            labels.get(id_, ()),
            (x, y),
            sounds.get(id_, ""),
            {model: of_items[id_] for model, of_items in said.items() if id_ in of_items},
        )
        for (id_, set_), (x, y) in zip(items, places.tolist(), strict=True)
    ]


def note(n_points: int, n_items: int, *, standardised: bool) -> str:
    """Say how a map was made, and what it does not say."""
    shown = f"All {n_items} items." if n_points == n_items else f"{n_points} of {n_items} items, drawn by chance."
    how = "columns of mean 0 and variance 1" if standardised else "vectors of length 1"
    return (
        f"{shown} By t-SNE (van der Maaten and Hinton 2008) of {how}. What is near each other is alike; how far away "
        f"what is far, and how large a cluster is, means nothing."
    )


def columns(models: Sequence[str]) -> list[str]:
    """List the columns of the table of a map's numbers."""
    return ["id", "set", "labels", "x", "y", "sound", *(f"{kind} {model}" for model in models for kind in KINDS)]


def rows(points: Sequence[Point]) -> Iterator[dict[str, str]]:
    """Give the rows of the table of a map's numbers; see `columns`."""
    for point in points:
        told = {"id": point.id, "set": point.set, "labels": "|".join(point.labels), "sound": point.sound}
        told |= dict(zip("xy", (f"{value:.4f}" for value in point.place), strict=True))
        for model, (classes, is_right) in point.predicted.items():
            told |= {f"predicted {model}": "|".join(classes), f"right {model}": "yes" if is_right else "no"}
        yield told


def colours_of(points: Sequence[Point]) -> dict[str, str]:
    """Give each of the most frequent classes a colour."""
    counts = Counter(label for point in points for label in point.labels)
    most = sorted(counts, key=lambda label: (-counts[label], label))[: len(COLOURS)]
    return dict(zip(most, COLOURS, strict=False))


def picture(points: Sequence[Point], title: str) -> Figure:
    """Draw a map, coloured by the first of an item's classes that has a colour."""
    from matplotlib import pyplot as plt

    figure, axis = plt.subplots(figsize=(8, 6.5), layout="constrained")
    colours, x = colours_of(points), np.array([point.place for point in points])
    of_point = [next((label for label in point.labels if label in colours), "") for point in points]
    for label in ["", *colours]:
        own = np.array([which == label for which in of_point])
        if own.any():
            name = label or ("other classes" if colours else "items")
            # Labels may begin with underscores, which hide a line of a legend.
            shown = f" {plain(name, 30)} ({own.sum()})"
            axis.scatter(*x[own].T, s=14, lw=0, alpha=0.8, color=colours.get(label, GREY), label=shown)
    axis.set(xticks=[], yticks=[])
    axis.set_title(plain(title))
    axis.legend(fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def page(points: Sequence[Point], title: str, *, note: str) -> str:
    """Write the page of a map.

    Parameters
    ----------
    points : sequence of Point
        The items.
    title, note : str
        What it is a map of, and what a reader should know of it.
    """
    labels = sorted({label for point in points for label in point.labels})
    models = list(dict.fromkeys(model for point in points for model in point.predicted))
    sets = list(dict.fromkeys(point.set for point in points))
    number = {label: place for place, label in enumerate(labels)}
    data: dict[str, Any] = {
        "title": title,
        "note": note,
        "labels": labels,
        "colours": [colours_of(points).get(label, GREY) for label in labels],
        "models": models,
        "sets": sets,
        "points": [
            [
                point.id,
                sets.index(point.set),
                [number[label] for label in point.labels],
                *(round(float(value), 3) for value in point.place),
                quote(point.sound),
                [_said(point.predicted.get(model)) for model in models],
            ]
            for point in points
        ],
    }
    # Within a script element, a text ends where "</script" stands, and old browsers end lines at U+2028.
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":")).replace("<", "\\u003c").replace("&", "\\u0026")
    template = TEMPLATE.read_text(encoding="utf-8")
    escaped = title.replace("&", "&amp;").replace("<", "&lt;")
    before, after = template.replace(TITLE, escaped).split(DATA)
    return before + text + after


def _said(predicted: tuple[Sequence[str], bool] | None) -> list[Any] | None:
    return predicted and ["|".join(predicted[0]), int(predicted[1])]
