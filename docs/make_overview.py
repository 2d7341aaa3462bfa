"""Draw docs/overview.svg, the picture at the top of README.md: from raw files over features and models to results.

Run it as ``.venv/bin/python docs/make_overview.py [folder]``. Every run writes the same bytes.
"""

import sys
from itertools import pairwise
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch, PathPatch, Polygon, Rectangle
from matplotlib.path import Path as Curve

SOUND, WORDS, COVERS, LISTENERS = "#2b6ca3", "#d9822b", "#8e5bb5", "#2f9468"
INK, GREY, LINE, PAPER, CARD = "#22303c", "#667480", "#d5dce2", "#f6f8fa", "#ffffff"
# Columns and rows: the left edge and the width of each column, the middle of each row.
RAW, FEATURES, MODELS, RESULTS = (3, 22), (36, 33), (80, 26), (117, 30)
ROWS = (48.5, 36.5, 24.5, 12.5)
HEIGHT = 9.6


def card(ax: Axes, left: float, bottom: float, width: float, height: float, colour: str = LINE) -> None:
    """Draw a white card with round corners."""
    style = "round,pad=0,rounding_size=1.3"
    ax.add_patch(FancyBboxPatch((left, bottom), width, height, boxstyle=style, fc=CARD, ec=colour, lw=1.3, zorder=3))


def write(ax: Axes, x: float, y: float, text: str, size: float = 9.5, **options: object) -> None:
    """Write in the picture's ink."""
    ax.text(x, y, text, size=size, va="center", **{"color": INK, "zorder": 5, **options})


def flow(ax: Axes, start: tuple[float, float], end: tuple[float, float], colour: str) -> None:
    """Draw a soft curve from one card to the next."""
    middle = (start[0] + end[0]) / 2
    points = [start, (middle, start[1]), (middle, end[1]), end]
    curve = Curve(points, [Curve.MOVETO, Curve.CURVE4, Curve.CURVE4, Curve.CURVE4])
    ax.add_patch(PathPatch(curve, fc="none", ec=colour, lw=2.2, alpha=0.8, zorder=2, capstyle="round"))
    head = [(end[0] + 0.4, end[1]), (end[0] - 1.5, end[1] + 0.95), (end[0] - 1.5, end[1] - 0.95)]
    ax.add_patch(Polygon(head, fc=colour, ec="none", zorder=4))


def sound(ax: Axes, x: float, y: float) -> None:
    """Draw a wave form."""
    places = np.linspace(-3, 3, 15)
    heights = 2.9 * np.abs(np.sin(places * 1.9 + 0.6)) * np.exp(-(places**2) / 7) + 0.45
    ax.vlines(x + places, y - heights, y + heights, color=SOUND, lw=1.9, zorder=5, capstyle="round")


def words(ax: Axes, x: float, y: float) -> None:
    """Draw lines of a text."""
    for row, length in enumerate((5.8, 4.4, 5.2, 3.0)):
        ax.hlines(y + 2.4 - 1.6 * row, x - 3, x - 3 + length, color=WORDS, lw=2.4, zorder=5, capstyle="round")


def covers(ax: Axes, x: float, y: float) -> None:
    """Draw a record that looks out of its cover."""
    ax.add_patch(Circle((x + 1.2, y), 2.7, fc=INK, ec="none", zorder=4))
    ax.add_patch(Rectangle((x - 3.4, y - 3), 5.2, 6, fc=COVERS, ec=CARD, lw=1.2, zorder=5))
    ax.add_patch(Circle((x - 1.9, y + 1.2), 0.8, fc="#f2d16b", ec="none", zorder=6))
    hills = [(x - 3.2, y - 2.8), (x - 1.6, y - 0.3), (x - 0.5, y - 1.6), (x + 0.4, y - 0.7), (x + 1.6, y - 2.8)]
    ax.add_patch(Polygon(hills, fc="#dcc8ec", ec="none", zorder=6))


def listeners(ax: Axes, x: float, y: float) -> None:
    """Draw two people."""
    for dx, dy, colour in ((1.5, 0.35, "#93cfb4"), (-1.1, -0.2, LISTENERS)):
        ax.add_patch(Circle((x + dx, y + dy + 1.5), 1.25, fc=colour, ec=CARD, lw=1, zorder=5))
        body = Curve.wedge(0, 180)
        points = body.vertices * [2.1, 2.3] + [x + dx, y + dy - 2.7]
        ax.add_patch(PathPatch(Curve(points, body.codes), fc=colour, ec=CARD, lw=1, zorder=5))


def cells(ax: Axes, x: float, y: float, values: np.ndarray, colour: str, size: float) -> None:
    """Draw a table of values in [0, 1] as cells of one colour."""
    n_rows, n_columns = values.shape
    for row, column in np.ndindex(n_rows, n_columns):
        corner = (x + (column - n_columns / 2) * size, y + (row - n_rows / 2) * size)
        alpha = float(values[row, column])
        ax.add_patch(Rectangle(corner, size * 0.9, size * 0.9, fc=colour, alpha=alpha, ec="none", zorder=5))


def spectrogram(ax: Axes, x: float, y: float) -> None:
    """Draw a spectrogram: a melody with its overtones."""
    rows, columns = np.mgrid[0:7, 0:8]
    melody = np.array([0, 1, 2, 1, 0, 2, 3, 1])[columns]
    values = 0.1 + 0.9 * np.exp(-((rows - melody) ** 2)) + 0.5 * np.exp(-((rows - melody - 3) ** 2))
    cells(ax, x, y, np.clip(values, 0, 1), SOUND, 0.95)


def counts(ax: Axes, x: float, y: float) -> None:
    """Draw the weights of words as bars."""
    for place, height in enumerate((2.2, 5.6, 1.2, 3.8, 0.7, 4.6, 1.7)):
        corner = (x - 3.6 + 1.06 * place, y - 3)
        ax.add_patch(Rectangle(corner, 0.78, height, fc=WORDS, ec="none", zorder=5))


def vector(ax: Axes, x: float, y: float) -> None:
    """Draw three vectors."""
    values = np.array([[0.9, 0.3, 0.6, 0.15, 0.8], [0.2, 0.75, 0.4, 0.95, 0.3], [0.6, 0.15, 0.85, 0.4, 0.7]])
    cells(ax, x, y, values, COVERS, 1.55)


def factors(ax: Axes, x: float, y: float) -> None:
    """Draw a matrix of plays as the product of two thin ones."""
    tall = np.array([[0.9, 0.2], [0.3, 0.8], [0.6, 0.5], [0.15, 0.95]])
    cells(ax, x - 2.3, y, tall, LISTENERS, 1.45)
    cells(ax, x + 1.9, y, tall.T[:, :3], LISTENERS, 1.45)


def network(ax: Axes, x: float, y: float) -> None:
    """Draw a network: four inputs, a layer of three, two outputs."""
    layers = [
        [(x - 8, y + dy, colour) for dy, colour in zip((6.3, 2.1, -2.1, -6.3), COLOURS, strict=True)],
        [(x, y + dy, INK) for dy in (4.4, 0, -4.4)],
        [(x + 8, y + dy, INK) for dy in (2.3, -2.3)],
    ]
    for left, right in pairwise(layers):
        for x1, y1, colour in left:
            for x2, y2, _ in right:
                ax.plot([x1, x2], [y1, y2], color=colour, lw=1.0, alpha=0.4, zorder=4)
    for layer in layers:
        for x1, y1, colour in layer:
            ax.add_patch(Circle((x1, y1), 1.35, fc=colour, ec=CARD, lw=1.2, zorder=5))


def measures(ax: Axes, x: float, y: float) -> None:
    """Draw measures with their intervals; the last, of all inputs together, is the best."""
    ax.vlines(x + np.array([-6, 0, 6]), y - 6.6, y + 6.6, color=LINE, lw=0.9, zorder=4)
    for row, (mean, half, colour) in enumerate(((-4.5, 3, SOUND), (-3, 3.4, WORDS), (-5.8, 2.6, COVERS))):
        interval(ax, x + mean, y + 5.1 - 3.4 * row, half, colour)
    interval(ax, x + 5.2, y - 5.1, 2.6, INK)


def interval(ax: Axes, x: float, y: float, half: float, colour: str) -> None:
    """Draw a mean with its interval."""
    ax.hlines(y, x - half, x + half, color=colour, lw=6, alpha=0.3, zorder=5)
    ax.add_patch(Circle((x, y), 0.95, fc=colour, ec=CARD, lw=1, zorder=6))


COLOURS = (SOUND, WORDS, COVERS, LISTENERS)
KINDS = (
    ("sound", sound, spectrogram, ("spectrograms,", "patches of them")),
    ("words", words, counts, ("weights of words,", "word vectors")),
    ("covers", covers, vector, ("vectors of", "pictures")),
    ("listeners", listeners, factors, ("factors of", "what they play")),
)


def draw() -> Figure:
    """Draw the whole picture."""
    figure = Figure(figsize=(12, 5.12))
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, 150), ylim=(0, 64), aspect="equal")
    ax.axis("off")
    ax.add_patch(FancyBboxPatch((0.8, 0.8), 148.4, 62.4, boxstyle="round,pad=0,rounding_size=2", fc=PAPER, ec=LINE))
    for (left, width), title in zip(
        (RAW, FEATURES, MODELS, RESULTS), ("raw files", "features", "models", "results"), strict=True
    ):
        write(ax, left + width / 2, 58.4, title, 15, ha="center", weight="bold")
    bottom, top = ROWS[-1] - HEIGHT / 2, ROWS[0] + HEIGHT / 2
    middle = (bottom + top) / 2
    for row, (name, raw, feature, text) in enumerate(KINDS):
        y, colour = ROWS[row], COLOURS[row]
        card(ax, RAW[0], y - HEIGHT / 2, RAW[1], HEIGHT, colour)
        raw(ax, RAW[0] + 5.2, y)
        write(ax, RAW[0] + 10.3, y, name, 12.5)
        card(ax, FEATURES[0], y - HEIGHT / 2, FEATURES[1], HEIGHT, colour)
        feature(ax, FEATURES[0] + 6.3, y)
        write(ax, FEATURES[0] + 13, y + 1.75, text[0], 11.5)
        write(ax, FEATURES[0] + 13, y - 1.75, text[1], 11.5)
        flow(ax, (sum(RAW), y), (FEATURES[0] - 0.6, y), colour)
        flow(ax, (sum(FEATURES), y), (MODELS[0] - 0.6, middle + (y - middle) * 0.45), colour)
    for left, width in (MODELS, RESULTS):
        card(ax, left, bottom, width, top - bottom)
    centre = MODELS[0] + MODELS[1] / 2
    network(ax, centre, 40)
    for row, line in enumerate(("networks for one", "input or for several;", "three trainings each")):
        write(ax, centre, 25.6 - 3.7 * row, line, 11.3, ha="center")
    flow(ax, (sum(MODELS), middle), (RESULTS[0] - 0.6, middle), INK)
    centre = RESULTS[0] + RESULTS[1] / 2
    measures(ax, centre, 41.5)
    for row, line in enumerate(
        (
            "measures with intervals,",
            "beside published figures;",
            "tables, pictures, a report;",
            "lists for each listener",
        )
    ):
        write(ax, centre, 27 - 3.7 * row, line, 11.3, ha="center")
    # The way back: from the models to the features.
    start, end = (MODELS[0] + MODELS[1] / 2, bottom - 0.2), (FEATURES[0] + FEATURES[1] / 2, bottom - 0.4)
    back = Curve([start, (start[0], 3.6), (end[0], 3.6), end], [Curve.MOVETO, *[Curve.CURVE4] * 3])
    arrow = FancyArrowPatch(path=back, arrowstyle="-|>", mutation_scale=14, lw=1.9, color=GREY, zorder=2)
    ax.add_patch(arrow)
    write(ax, MODELS[0] + MODELS[1] / 2 + 2, 4.6, "the output of any layer is a feature again", 10.8, color=GREY)
    return figure


def main(folder: Path) -> None:
    """Write overview.svg into a folder."""
    # Letters as outlines: the same on every machine. Identifiers of the file's parts come from the salt.
    with mpl.rc_context({"svg.fonttype": "path", "svg.hashsalt": "tartarus", "font.family": "DejaVu Sans"}):
        draw().savefig(folder / "overview.svg", metadata={"Date": None, "Creator": None}, transparent=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
