"""Pictures: the data that they show, and the same bytes for the same data."""

import struct
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from tartarus.report import figures, graphs


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    plt.close("all")


def over_time(scores: np.ndarray, *, classes: Sequence[str] = ("rock", "pop"), title: str = "S1") -> Figure:
    how = {"seconds_per_frame": 0.5, "begins": [0, 1], "window": 2, "most": 2}
    return figures.over_time(-np.ones((6, 4)), scores, classes=classes, title=title, **how)


# Every picture, drawn from data that depend on one number.
PICTURES: dict[str, Callable[[float], Figure]] = {
    "spectrograms": lambda x: figures.spectrograms(
        {"rock": ("S1", -x * np.ones((9, 4))), "pop": ("S2", -np.ones((5, 4)))}, seconds_per_frame=0.5, title="Sound"
    ),
    "over time": lambda x: over_time(np.array([[x, 1.0], [0.5, 0.2]])),
    "graph": lambda x: graphs.graph([("a", "b"), ("b", "c"), ("a", f"d_{x}")], "Chain"),
}


@pytest.mark.parametrize("name", PICTURES)
def test_the_same_data_give_the_same_bytes_and_others_others(tmp_path: Path, name: str) -> None:
    for file, number in (("one", 2), ("two", 2), ("other", 3)):
        figures.save(PICTURES[name](number), tmp_path / f"{file}.png", tmp_path / f"{file}.svg")
    for kind in ("png", "svg"):
        one, two, other = ((tmp_path / f"{file}.{kind}").read_bytes() for file in ("one", "two", "other"))
        assert one == two != other


def test_a_picture_is_a_png_that_does_not_say_when_or_by_what_it_was_made(tmp_path: Path) -> None:
    figures.save(PICTURES["graph"](1), tmp_path / "x.png")
    data = (tmp_path / "x.png").read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, at = set(), 8
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        chunks.add(data[at + 4 : at + 8])
        at += 12 + length
    assert chunks <= {b"IHDR", b"pHYs", b"IDAT", b"IEND"}
    assert plt.get_fignums() == []


def test_spectrograms_are_shown_with_time_across_and_the_lowest_bin_at_the_bottom() -> None:
    values = -np.arange(12.0).reshape(6, 2)
    figure = figures.spectrograms({"rock": ("S1", values)}, seconds_per_frame=0.5, title="Sound")
    image = figure.axes[0].images[0]
    np.testing.assert_array_equal(image.get_array(), values.T)
    assert image.origin == "lower"
    assert list(image.get_extent()) == [0, 3, 0, 2]
    assert image.get_clim() == (-80, 0)
    assert figure.axes[0].get_title(loc="left") == "rock (S1)"


def test_the_numbers_of_spectrograms_have_a_row_for_each_frame() -> None:
    rock, pop = -np.arange(6.0).reshape(3, 2), np.full((1, 2), -79.96)
    rows = list(figures.spectrogram_rows({"rock": ("S1", rock), "pop": ("S2", pop)}, seconds_per_frame=0.25))
    assert [(row["class"], row["id"], row["seconds"], row["bin_0"], row["bin_1"]) for row in rows] == [
        ("rock", "S1", "0.000", "-0.0", "-1.0"),
        ("rock", "S1", "0.250", "-2.0", "-3.0"),
        ("rock", "S1", "0.500", "-4.0", "-5.0"),
        ("pop", "S2", "0.000", "-80.0", "-80.0"),
    ]


def test_over_time_the_best_classes_come_first_each_window_around_its_middle() -> None:
    scores = np.array([[0.1, 0.9, 0.5], [0.2, 0.1, 0.5]])
    above, below, *_ = over_time(scores, classes=("a", "b", "c")).axes
    assert [text.get_text() for text in below.get_yticklabels()] == ["b", "c"]
    mesh = below.collections[0]
    np.testing.assert_array_equal(np.asarray(mesh.get_array()).reshape(2, 2), scores[:, [1, 2]].T)
    # Windows of 2 s, that begin at 0 and 1 s, of a sound of 3 s.
    np.testing.assert_array_equal(mesh.get_coordinates()[0, :, 0], [0, 1.5, 3])
    assert (above.get_xlim(), below.get_xlim()) == ((0, 3), (0, 3))


def test_names_and_titles_may_hold_dollars(tmp_path: Path) -> None:
    # Between two dollars there would be a formula, which this one is not.
    odd = r"$\no{$ _a"
    timed = over_time(np.eye(2), classes=(odd, "pop"), title=odd)
    shown = figures.spectrograms({odd: (odd, -np.ones((5, 4)))}, seconds_per_frame=0.5, title=odd)
    for figure in (timed, shown):
        figures.save(figure, tmp_path / "x.svg")
    assert figures.plain(odd) == r"\$\no{\$ _a"
    assert figures.plain("$" * 30, 3) == r"\$\$…"


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
