"""Pictures: the data that they show, and the same bytes for the same data."""

import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from tartarus.report import figures, graphs


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    plt.close("all")


def history(offset: float) -> list[dict[str, float]]:
    return [
        {"epoch": epoch, "loss": offset / epoch, "val_loss": offset / epoch + 1, "accuracy": 0.1 * epoch,
         "val_accuracy": 0.05 * epoch}
        for epoch in (1, 2, 3)
    ]  # fmt: skip


def result(name: str, mean: float, **more: float | None) -> dict[str, Any]:
    measure = {"mean": mean, "sd": 0.1, "ci95": [mean - 0.2, mean + 0.1], "per_seed": [mean - 0.1, mean + 0.1], **more}
    return {"experiment": name, "settings": ["bow"], "measures": {"accuracy": measure}}


# Every picture, drawn from data that depend on one number.
PICTURES: dict[str, Callable[[float], Figure]] = {
    "learning_curves": lambda x: figures.learning_curves({"seed 1": history(x), "seed 2": history(x + 1)}, "Learning"),
    "confusion_matrix": lambda x: figures.confusion_matrix(np.array([[3, int(x)], [0, 5]]), ["a", "b"], "Confusion"),
    "spectrograms": lambda x: figures.spectrograms(
        {"rock": ("S1", -x * np.ones((9, 4))), "pop": ("S2", -np.ones((5, 4)))}, seconds_per_frame=0.5, title="Sound"
    ),
    "intervals": lambda x: figures.intervals([result("a", x / 10), result("b", 0.5, published=0.6)], "Intervals"),
    "precision_recall": lambda x: figures.precision_recall(
        {"all": (np.array([0.5, x / 10, 1]), np.array([1, 0.5, 0]))}, "Precision"
    ),
    "graph": lambda x: graphs.graph([("a", "b"), ("b", "c"), ("a", f"d_{x}")], "Chain"),
}


@pytest.mark.parametrize("name", PICTURES)
def test_the_same_data_give_the_same_bytes_and_others_others(tmp_path: Path, name: str) -> None:
    for file, number in (("one", 2), ("two", 2), ("other", 3)):
        figures.save(PICTURES[name](number), tmp_path / f"{file}.png")
    one, two, other = ((tmp_path / f"{file}.png").read_bytes() for file in ("one", "two", "other"))
    assert one == two != other


def test_a_picture_is_a_png_that_does_not_say_when_or_by_what_it_was_made(tmp_path: Path) -> None:
    figures.save(PICTURES["confusion_matrix"](1), tmp_path / "x.png")
    data = (tmp_path / "x.png").read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, at = set(), 8
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        chunks.add(data[at + 4 : at + 8])
        at += 12 + length
    assert chunks <= {b"IHDR", b"pHYs", b"IDAT", b"IEND"}
    assert plt.get_fignums() == []


def test_of_a_plain_method_is_drawn_what_it_chose_among() -> None:
    rows = [{"epoch": 1.0, "choice": 0.1, "val_goodness": 0.5}, {"epoch": 2.0, "choice": 1.0, "val_goodness": 0.75}]
    figure = figures.learning_curves({"fold 1, seed 1": rows, "fold 2, seed 1": rows}, "svm")
    (axis,) = figure.axes
    assert (axis.get_xlabel(), axis.get_ylabel(), axis.get_xscale()) == ("choice", "goodness", "log")
    assert [line.get_xydata().tolist() for line in axis.lines] == [[[0.1, 0.5], [1, 0.75]]] * 2


def test_learning_curves_show_every_seed_in_training_and_validation() -> None:
    figure = figures.learning_curves({"seed 1": history(4), "seed 7": history(5)}, "Learning")
    loss, accuracy = figure.axes
    assert (loss.get_ylabel(), accuracy.get_ylabel()) == ("loss", "accuracy")
    shown = {line.get_label(): line.get_ydata().tolist() for line in loss.lines}
    assert shown == {
        "seed 1, training": [4, 2, 4 / 3],
        "seed 1, validation": [5, 3, 4 / 3 + 1],
        "seed 7, training": [5, 2.5, 5 / 3],
        "seed 7, validation": [6, 3.5, 5 / 3 + 1],
    }


def test_a_confusion_matrix_shows_shares_as_colours_and_counts_as_numbers() -> None:
    counts = np.array([[3, 1], [0, 0]])
    axis = figures.confusion_matrix(counts, ["a", "b"], "Confusion").axes[0]
    np.testing.assert_allclose(axis.images[0].get_array(), [[0.75, 0.25], [0, 0]])  # a class without items is 0
    assert {text.get_position(): text.get_text() for text in axis.texts} == {
        (0, 0): "3", (1, 0): "1", (0, 1): "0", (1, 1): "0"
    }  # fmt: skip
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("predicted", "true")


def test_spectrograms_are_shown_with_time_across_and_the_lowest_bin_at_the_bottom() -> None:
    values = -np.arange(12.0).reshape(6, 2)
    figure = figures.spectrograms({"rock": ("S1", values)}, seconds_per_frame=0.5, title="Sound")
    image = figure.axes[0].images[0]
    np.testing.assert_array_equal(image.get_array(), values.T)
    assert image.origin == "lower"
    assert list(image.get_extent()) == [0, 3, 0, 2]
    assert image.get_clim() == (-80, 0)
    assert figure.axes[0].get_title(loc="left") == "rock (S1)"


def test_intervals_show_mean_interval_seeds_and_the_published_figure() -> None:
    axis = figures.intervals([result("a", 0.5), result("b", 0.75, published=0.875)], "Intervals").axes[0]
    shown = [(np.round(line.get_xdata(), 3).tolist(), np.unique(line.get_ydata()).tolist()) for line in axis.lines]
    assert shown == [
        ([0.3, 0.6], [0]), ([0.4, 0.6], [0]), ([0.5], [0]),
        ([0.55, 0.85], [1]), ([0.65, 0.85], [1]), ([0.75], [1]), ([0.875], [1]),
    ]  # fmt: skip
    assert [label.get_text() for label in axis.get_yticklabels()] == ["a_bow", "b_bow"]


def test_a_measure_without_an_interval_is_shown_without_it() -> None:
    axis = figures.intervals([result("a", 0.5, ci95=None, published=0.25)], "Intervals").axes[0]
    shown = [np.round(line.get_xdata(), 3).tolist() for line in axis.lines]
    assert shown == [[0.4, 0.6], [0.5], [0.25]]


def test_intervals_show_the_main_measures_only() -> None:
    whole = result("a", 0.5)
    measure = whole["measures"]["accuracy"]
    whole["measures"] = dict.fromkeys(("ndcg@3", "ndcg@5", "precision@3", "precision@1", "roc_auc"), measure)
    figure = figures.intervals([whole], "Intervals")
    assert [axis.get_title() for axis in figure.axes] == ["roc auc", "precision@1", "ndcg@5"]


def test_precision_is_drawn_over_recall_and_the_first_curve_is_thick() -> None:
    curves = {"all classes": (np.array([0.5, 1.0]), np.array([1.0, 0.25])), "rock": (np.array([0.1]), np.array([0.3]))}
    axis = figures.precision_recall(curves, "Precision").axes[0]
    shown = {line.get_label(): (line.get_xdata().tolist(), line.get_ydata().tolist()) for line in axis.lines}
    assert shown == {"all classes": ([1.0, 0.25], [0.5, 1.0]), "rock": ([0.3], [0.1])}
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("recall", "precision")
    first, second = axis.lines
    assert first.get_linewidth() > second.get_linewidth()


def test_a_graph_goes_from_left_to_right_without_superfluous_arrows() -> None:
    axis = graphs.graph([("a", "b"), ("b", "c"), ("a", "c")], "Chain").axes[0]
    places = {text.get_text(): text.get_position()[0] for text in axis.texts if text.get_text()}
    assert places == {"a": 0, "b": 1, "c": 2}
    arrows = [text for text in axis.texts if not text.get_text()]
    assert len(arrows) == 2  # that from a to c is said by the other two


def test_a_graph_shows_an_arrow_that_leads_back_too() -> None:
    axis = graphs.graph([("layers", "space"), ("space", "layers"), ("sound", "layers")], "Chain").axes[0]
    places = {text.get_text(): text.get_position()[0] for text in axis.texts if text.get_text()}
    assert places == {"sound": 0, "layers": 1, "space": 2}
    assert len([text for text in axis.texts if not text.get_text()]) == 3


def test_the_order_of_the_arrows_does_not_matter(tmp_path: Path) -> None:
    edges = [(a, b) for a in "abcd" for b in "efgh"] + [("e", "z"), ("f", "z"), ("a", "z")]
    pictures = []
    for number, given in enumerate((edges, edges[::-1])):
        figures.save(graphs.graph(given, "Chain"), tmp_path / f"{number}.png")
        pictures.append((tmp_path / f"{number}.png").read_bytes())
    assert pictures[0] == pictures[1]
