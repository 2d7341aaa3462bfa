"""Pictures of what a network has learned. The same data give the same bytes."""

from collections.abc import Mapping, Sequence
from itertools import groupby

import matplotlib as mpl
import numpy as np

mpl.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from tartarus.report.figures import plain

# What a picture holds; the table beside it has the rest.
MOST_KERNELS = 64
MOST_CLASSES = 30
MOST_WORDS = 10


def kernels(found: Mapping[str, np.ndarray], title: str) -> Figure:
    """Draw kernels as frames by bins, in one scale of colours for each layer, with zero in the middle.

    Parameters
    ----------
    found : mapping
        Layer to its kernels [shape=(n_filters, n_frames, n_bins)]; those with the most in them are drawn, up to 64.
    title : str
        Of the figure.
    """
    shown = {}
    for layer, values in found.items():
        norms = np.linalg.norm(values.reshape(len(values), -1), axis=1)
        shown[layer] = np.argsort(-norms, kind="stable")[: max(MOST_KERNELS // len(found), 1)]
    across = 16
    rows = {layer: -(-len(order) // across) for layer, order in shown.items()}
    heights = [0.4 + count * _height(found[layer]) for layer, count in rows.items()]
    figure = plt.figure(figsize=(11, sum(heights) + 0.6), layout="constrained")
    parts = figure.subfigures(len(shown), 1, height_ratios=heights, squeeze=False)[:, 0]
    for part, (layer, order) in zip(parts, shown.items(), strict=True):
        values = found[layer]
        limit = float(np.abs(values).max()) or 1.0
        axes = part.subplots(rows[layer], across, squeeze=False)
        for axis in axes.flat:
            axis.axis("off")
        for axis, number in zip(axes.flat, order, strict=False):
            image = axis.imshow(
                values[number].T, origin="lower", aspect="auto", vmin=-limit, vmax=limit, cmap="RdBu_r",
                interpolation="nearest",
            )  # fmt: skip
            axis.set_title(str(number + 1), fontsize=6, pad=2)
        frames, bins = values.shape[1:]
        part.suptitle(f"{layer}: {len(order)} of {len(values)} filters, {frames} frames x {bins} bins", fontsize=9)
        part.colorbar(image, ax=axes, label="weight", shrink=0.9)
    figure.suptitle(plain(title))
    return figure


def _height(values: np.ndarray) -> float:
    """Tell how high a kernel is drawn, in inches: long ones higher, up to a limit."""
    return float(np.clip(values.shape[2] / 40, 0.5, 1.8))


def words(rows: Sequence[Mapping[str, object]], title: str) -> Figure:
    """Draw the words that speak most for each class, as bars.

    Parameters
    ----------
    rows : sequence of dict
        `class`, `word`, `weight`, class by class, the largest first; ten words of up to 30 classes are drawn.
    title : str
        Of the figure.
    """
    by_class = [(class_, list(group)) for class_, group in groupby(rows, key=lambda row: str(row["class"]))]
    shown = by_class[:MOST_CLASSES]
    if len(shown) < len(by_class):
        title += f" ({len(shown)} of {len(by_class)} classes)"
    across = min(3, len(shown))
    down = -(-len(shown) // across)
    figure, axes = plt.subplots(
        down, across, figsize=(3.6 * across, 2.3 * down + 0.6), squeeze=False, layout="constrained"
    )
    for axis in axes.flat[len(shown) :]:
        axis.axis("off")
    for axis, (class_, group) in zip(axes.flat, shown, strict=False):
        best = group[:MOST_WORDS]
        axis.barh(range(len(best)), [float(str(row["weight"])) for row in best], color="#0072B2")
        axis.set_yticks(range(len(best)), [plain(row["word"], 40) for row in best], fontsize=8)
        axis.invert_yaxis()
        axis.set_title(plain(class_, 40), fontsize=9, loc="left")
        axis.tick_params(axis="x", labelsize=7)
    figure.suptitle(plain(title))
    return figure
