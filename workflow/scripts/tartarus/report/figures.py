"""Pictures of sound. The same data give the same bytes."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np

mpl.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from tartarus.base.files import replacing


def save(figure: Figure, *paths: str | Path) -> None:
    """Write a figure as PNG or SVG, by the name of each file, without time and program."""
    for path in paths:
        kind = Path(path).suffix[1:]
        metadata = {"svg": {"Date": None, "Creator": None}, "png": {"Software": None}}[kind]
        with mpl.rc_context({"svg.hashsalt": "tartarus"}), replacing(path) as part:
            figure.savefig(part, format=kind, dpi=110, metadata=metadata)
    plt.close(figure)


def plain(text: object, most: int = 90) -> str:
    """Make of a text what is drawn as it is, cut if it is long: between two dollars there would be a formula."""
    whole = str(text)
    return (whole if len(whole) <= most else f"{whole[: most - 1]}…").replace("$", r"\$")


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
        axis.set_title(plain(f"{class_} ({id_})"), fontsize=9, loc="left")
    axes[-1, 0].set(xlabel="seconds")
    figure.colorbar(image, ax=axes, label="dB below the track's maximum")
    figure.suptitle(plain(title))
    return figure


def spectrogram_rows(
    examples: Mapping[str, tuple[str, np.ndarray]], *, seconds_per_frame: float
) -> Iterator[dict[str, object]]:
    """List the numbers of a picture of spectrograms: a row for each frame, with a column for each bin, in dB.

    The parameters are those of `spectrograms`; `seconds` is when a frame begins.
    """
    for class_, (id_, values) in examples.items():
        for number, frame in enumerate(values):
            bins = {f"bin_{place}": f"{value:.1f}" for place, value in enumerate(frame)}
            yield {"class": class_, "id": id_, "seconds": f"{number * seconds_per_frame:.3f}", **bins}


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
    above.set(ylabel="bin", title=plain(title))
    # Windows overlap: each is shown around its middle, from and to half way to its neighbours.
    middles = np.array(begins) + window / 2
    edges = np.concatenate([[begins[0]], (middles[1:] + middles[:-1]) / 2, [begins[-1] + window]])
    mesh = below.pcolormesh(edges, np.arange(len(best) + 1), scores[:, best].T, cmap="Blues", vmin=0)
    figure.colorbar(mesh, ax=below, label="score")
    below.set_yticks(np.arange(len(best)) + 0.5, [plain(classes[column], 40) for column in best], fontsize=8)
    below.invert_yaxis()
    below.set(xlabel="seconds", xlim=extent[:2])
    return figure
