"""Maps for people: whatever ids and labels hold, the page shows it as text."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from tartarus.items.tables import read_rows, write_rows
from tartarus.report import figures, maps
from tartarus.report.maps import Point

NASTY = [
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "שלום",
    "x" * 300,
    "\u2028a&b$_^",
    "_a",
]


@pytest.fixture
def points() -> list[Point]:
    said = {"sound": (["rock", "a|b"], False)}
    return [
        Point(id_, "test" if n % 2 else "train", [NASTY[-1 - n], "rock"], (n / 3, -n), f"../a b/{id_}.mp3", said)
        for n, id_ in enumerate(NASTY)
    ]


class Tags(HTMLParser):
    """What a browser would take for elements, and the text of the data."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.data, self.is_data = "", False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.is_data = ("id", "data") in attributes

    def handle_data(self, data: str) -> None:
        self.data += data if self.is_data else ""
        self.is_data = False


def test_a_page_holds_data_and_no_markup_of_others(points):
    found, plain = Tags(), Tags()
    text = maps.page(points, NASTY[0], note=NASTY[1])
    found.feed(text)
    plain.feed(maps.page(points[:0], "", note=""))
    assert found.tags == plain.tags
    data = json.loads(found.data)
    assert (data["title"], data["note"], data["models"]) == (NASTY[0], NASTY[1], ["sound"])
    assert [point[0] for point in data["points"]] == NASTY
    assert [[data["labels"][n] for n in point[2]] for point in data["points"]] == [each.labels for each in points]
    assert (data["points"][1][1], data["points"][1][3:5]) == (1, [0.333, -1])
    assert data["points"][0][5] == "../a%20b/%3C/script%3E%3Cscript%3Ealert%281%29%3C/script%3E.mp3"
    assert data["points"][0][6] == [["rock|a|b", 0]]
    assert "\u2028" not in text
    assert text == maps.page(points, NASTY[0], note=NASTY[1])


def test_a_page_asks_nobody_for_anything(points):
    text = maps.page(points, "a map", note="")
    assert not re.search(r"https?:|//[a-z]|@import|url\(", text)
    assert "default-src 'none'" in text


def test_the_most_frequent_classes_have_colours():
    points = [Point(str(n), "test", [f"c{n % 20:02}", *["c19"] * (n < 5)], (0, 0)) for n in range(80)]
    colours = maps.colours_of(points)
    assert list(colours) == ["c19", *(f"c{n:02}" for n in range(11))]
    assert len(set(colours.values())) == len(maps.COLOURS) == 12


def test_numbers_are_in_a_table(points, tmp_path: Path):
    points = [*points, Point("new", "val", [], (1, 2))]
    write_rows(tmp_path / "map.tsv", maps.rows(points), columns=maps.columns(["sound"]))
    first, *_, last = read_rows(tmp_path / "map.tsv")
    assert list(first) == ["id", "set", "labels", "x", "y", "sound", "predicted sound", "right sound"]
    assert (first["labels"], first["x"], first["right sound"]) == ("_a|rock", "0.0000", "no")
    assert (last["labels"], last["y"], last["right sound"]) == ("", "2.0000", "")


def test_a_picture_is_drawn_of_any_labels_and_the_same_again(points, tmp_path: Path):
    for name in ("a", "b"):
        figures.save(maps.picture(points, NASTY[0]), tmp_path / f"{name}.png", tmp_path / f"{name}.svg")
    for kind in ("png", "svg"):
        assert (tmp_path / f"a.{kind}").read_bytes() == (tmp_path / f"b.{kind}").read_bytes()
    axis = maps.picture(points, "two").axes[0]
    entries = [text.get_text().strip() for text in axis.get_legend().get_texts()]
    assert [entry[-4:] for entry in entries] == [" (1)"] * 6  # by the first class of each that has a colour
    assert sum(len(drawn.get_offsets()) for drawn in axis.collections) == len(points)


def test_what_models_say_is_read_and_put_to_its_items(tmp_path: Path):
    rows = [{"id": "A", "truth": "x", "predicted": "x|y", "right": "no"}, {"id": "B", "predicted": "", "right": "yes"}]
    write_rows(tmp_path / "predictions_a_b.tsv", rows, columns=("id", "truth", "predicted", "right"))
    said = maps.read_predictions([tmp_path / "predictions_a_b.tsv"])
    assert said == {"a_b": {"A": (["x", "y"], False), "B": ([], True)}}
    items = [("A", "test"), ("C", "train")]
    first, second = maps.points_of(items, np.eye(2), labels={"A": ["x"]}, sounds={"C": "../c.wav"}, said=said)
    assert (first.predicted, first.labels, first.sound) == ({"a_b": (["x", "y"], False)}, ["x"], "")
    assert (second.predicted, list(second.labels), second.sound, second.place) == ({}, [], "../c.wav", (0.0, 1.0))


def test_it_is_told_how_many_items_are_on_it():
    assert maps.note(3, 3, standardised=True).startswith("All 3 items. By t-SNE")
    assert maps.note(3, 9, standardised=False).startswith("3 of 9 items, drawn by chance.")
