"""Pictures for the report. The same data give the same bytes."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

mpl.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from tartarus.base.files import replacing
from tartarus.report.tabulate import NO_PAPER, measure_names, name_of


def save(figure: Figure, path: str | Path) -> None:
    """Write a figure as PNG, without the name of the program that made it."""
    with replacing(path) as part:
        figure.savefig(part, format="png", dpi=110, metadata={"Software": None})
    plt.close(figure)


def learning_curves(histories: Mapping[str, Sequence[Mapping[str, float]]], title: str) -> Figure:
    """Draw the course of the losses, and of the accuracies if there are any; of a plain method, what it chose among.

    Parameters
    ----------
    histories : mapping
        What is trained (``seed 1``) to the rows of its history.csv: of each epoch `epoch`, and what was measured in
        training and, as `val_...`, in validation. Of a plain method `choice`, and `val_goodness` by it.
    title : str
        Of the figure.
    """
    columns = next(iter(histories.values()))[0]
    across = "choice" if "choice" in columns else "epoch"
    names = list(dict.fromkeys(name.removeprefix("val_") for name in columns if name not in ("epoch", "choice")))
    names.sort(key=lambda name: name != "loss")
    figure, axes = plt.subplots(1, len(names), figsize=(5 * len(names), 3.6), squeeze=False, layout="constrained")
    for axis, name in zip(axes[0], names, strict=True):
        for number, (name_of_run, history) in enumerate(histories.items()):
            for prefix, style in (("", ":"), ("val_", "-")):
                if prefix + name in columns:
                    label = f"{name_of_run}, {'validation' if prefix else 'training'}"
                    places, values = ([row[column] for row in history] for column in (across, prefix + name))
                    marker = "" if across == "epoch" else "o"
                    axis.plot(places, values, style, marker=marker, color=f"C{number}", label=label)
        axis.set(xlabel=across, ylabel=name.replace("_", " "))
        if across == "choice" and all(row["choice"] > 0 for history in histories.values() for row in history):
            axis.set_xscale("log")
        axis.grid(alpha=0.3)
    axes[0][-1].legend(fontsize=7)
    figure.suptitle(title)
    return figure


def confusion_matrix(counts: np.ndarray, classes: Sequence[str], title: str) -> Figure:
    """Draw a confusion matrix: shares of the true class as colour, counts as numbers (up to 25 classes).

    Parameters
    ----------
    counts : np.ndarray [shape=(n_classes, n_classes)], int
        Rows are the truth.
    classes : sequence of str
        Their names.
    title : str
        Of the figure.
    """
    side = max(3.6, 0.5 * len(classes) + 1.8)
    figure, axis = plt.subplots(figsize=(side + 0.8, side), layout="constrained")
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    image = axis.imshow(share, vmin=0, vmax=1, cmap="Blues")
    figure.colorbar(image, label="share of the true class")
    axis.set(xlabel="predicted", ylabel="true", title=title)
    axis.set_xticks(range(len(classes)), classes, rotation=45, ha="right")
    axis.set_yticks(range(len(classes)), classes)
    if len(classes) <= 25:
        for (row, column), count in np.ndenumerate(counts):
            colour = "white" if share[row, column] > 0.5 else "black"
            axis.text(column, row, str(count), ha="center", va="center", color=colour)
    return figure


def spectrograms(examples: Mapping[str, tuple[str, np.ndarray]], *, seconds_per_frame: float, title: str) -> Figure:
    """Draw the spectrogram of a track for each class.

    Parameters
    ----------
    examples : mapping
        Class to (id of the track, spectrogram [shape=(n_frames, n_bins)], dB).
    seconds_per_frame : float
        Hop divided by sample rate.
    title : str
        Of the figure.
    """
    figure, axes = plt.subplots(
        len(examples), 1, figsize=(8, 1.7 * len(examples) + 0.6), squeeze=False, sharex=True, layout="constrained"
    )
    for axis, (class_, (id_, values)) in zip(axes[:, 0], examples.items(), strict=True):
        extent = (0, len(values) * seconds_per_frame, 0, values.shape[1])
        image = axis.imshow(values.T, origin="lower", aspect="auto", extent=extent, vmin=-80, vmax=0, cmap="magma")
        axis.set(ylabel="bin")
        axis.set_title(f"{class_} ({id_})", fontsize=9, loc="left")
    axes[-1, 0].set(xlabel="seconds")
    figure.colorbar(image, ax=axes, label="dB below the track's maximum")
    figure.suptitle(title)
    return figure


def over_time(
    spectrogram: np.ndarray,
    scores: np.ndarray,
    *,
    seconds_per_frame: float,
    begins: Sequence[float],
    window: float,
    classes: Sequence[str],
    title: str,
    most: int = 10,
) -> Figure:
    """Draw a track: its spectrogram, and below it the scores of the best classes over time.

    Parameters
    ----------
    spectrogram : np.ndarray [shape=(n_frames, n_bins)]
        In dB below the track's maximum.
    scores : np.ndarray [shape=(n_windows, n_classes)]
        Of every window.
    seconds_per_frame : float
        Of the spectrogram.
    begins : sequence of float [length n_windows]
        Where the windows begin, in seconds.
    window : float
        How long they are, in seconds.
    classes : sequence of str
        Their names.
    title : str
        Of the figure.
    most : int
        So many classes at most, the best by their mean.
    """
    best = np.argsort(-scores.mean(axis=0), kind="stable")[:most]
    rows = 0.25 * len(best) + 0.4
    figure, (above, below) = plt.subplots(
        2, 1, figsize=(8, 2.4 + rows), height_ratios=[2, rows], sharex=True, layout="constrained"
    )
    extent = (0, len(spectrogram) * seconds_per_frame, 0, spectrogram.shape[1])
    image = above.imshow(spectrogram.T, origin="lower", aspect="auto", extent=extent, vmin=-80, vmax=0, cmap="magma")
    figure.colorbar(image, ax=above, label="dB")
    above.set(ylabel="bin", title=title)
    # Windows overlap: each is shown around its middle, from and to half way to its neighbours.
    middles = np.array(begins) + window / 2
    edges = np.concatenate([[begins[0]], (middles[1:] + middles[:-1]) / 2, [begins[-1] + window]])
    mesh = below.pcolormesh(edges, np.arange(len(best) + 1), scores[:, best].T, cmap="Blues", vmin=0)
    figure.colorbar(mesh, ax=below, label="score")
    below.set_yticks(np.arange(len(best)) + 0.5, [classes[column] for column in best], fontsize=8)
    below.invert_yaxis()
    below.set(xlabel="seconds", xlim=extent[:2])
    return figure


def intervals(results: Sequence[Mapping[str, Any]], title: str, *, paper: Mapping[str, Any] = NO_PAPER) -> Figure:
    """Draw every measure of every result: mean, interval, the seeds as dots, the published figure as a cross.

    Parameters
    ----------
    results : sequence of dict
        Result files.
    paper : mapping, optional
        Published figures, as in config/published; those that are no yardstick have a pale cross.
    title : str
        Of the figure.
    """
    names = measure_names(results, main=True)
    figure, axes = plt.subplots(
        1,
        len(names),
        figsize=(2.2 * len(names) + 2, 0.4 * len(results) + 1.2),
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    rows = [name_of(result) for result in results]
    for axis, name in zip(axes[0], names, strict=True):
        for row, result in enumerate(results):
            measure = result["measures"].get(name)
            if measure:
                if measure["ci95"]:
                    axis.plot(measure["ci95"], [row, row], color="0.7", linewidth=4, solid_capstyle="butt")
                axis.plot(measure["per_seed"], [row] * len(measure["per_seed"]), ".", color="C0", markersize=4)
                axis.plot(measure["mean"], row, "|", color="black", markersize=12)
                if "published" in measure:
                    doubtful = name in paper["rows"].get(rows[row], {}).get("no_yardstick", {})
                    axis.plot(measure["published"], row, "x", color="0.6" if doubtful else "C3")
        axis.set_title(name.replace("_", " "), fontsize=9)
        axis.grid(axis="x", alpha=0.3)
    axes[0][0].set_yticks(range(len(rows)), rows)
    axes[0][0].invert_yaxis()
    figure.suptitle(title)
    return figure


def precision_recall(curves: Mapping[str, tuple[np.ndarray, np.ndarray]], title: str) -> Figure:
    """Draw precision against recall.

    Parameters
    ----------
    curves : mapping
        What a curve is of, to (precision, recall), each [shape=(n_points,)], values in [0, 1]; the first is drawn
        thick.
    title : str
        Of the figure.
    """
    figure, axis = plt.subplots(figsize=(5.6, 4.2), layout="constrained")
    for number, (label, (precision, recall)) in enumerate(curves.items()):
        axis.step(recall, precision, where="post", label=label, color=f"C{number}", linewidth=1 if number else 2.5)
    axis.set(xlabel="recall", ylabel="precision", xlim=(0, 1), ylim=(0, 1.02), title=title)
    axis.legend(fontsize=7)
    axis.grid(alpha=0.3)
    return figure
