"""Pictures of what was learned: the same bytes for the same numbers, and what they show."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from tartarus.report import figures, learned_figures


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    plt.close("all")


def kernels(x: float) -> Figure:
    values = np.arange(40.0).reshape(20, 2, 1) - x
    return learned_figures.kernels({"branch1": values, "branch2": values[:2].repeat(3, axis=2)}, "A model")


def words(x: float, classes: int = 2) -> Figure:
    rows = [
        {"class": f"class {number}", "word": word, "weight": str(x / place)}
        for number in range(classes)
        for place, word in enumerate(["<b>sun</b>", "$x$", *"abcdefghijk"], start=1)
    ]
    return learned_figures.words(rows, "A model")


@pytest.mark.parametrize("draw", [kernels, words])
@pytest.mark.parametrize("kind", ["png", "svg"])
def test_the_same_numbers_give_the_same_bytes_and_others_others(tmp_path: Path, draw, kind: str) -> None:
    for file, number in (("one", 2), ("two", 2), ("other", 3)):
        figures.save(draw(number), tmp_path / f"{file}.{kind}")
    one, two, other = ((tmp_path / f"{file}.{kind}").read_bytes() for file in ("one", "two", "other"))
    assert one == two != other
    assert b"Matplotlib" not in one
    assert b"<dc:date>" not in one


def test_the_kernels_with_the_most_in_them_come_first_and_zero_is_white() -> None:
    figure = kernels(10)
    shown = [axis for axis in figure.axes if axis.images]
    # The first layer's kernels grow from number 6 on, which is nearly zero: 20 has the most in it.
    assert [axis.get_title() for axis in shown][:3] == ["20", "19", "18"]
    assert {-image.norm.vmin / image.norm.vmax for axis in shown for image in axis.images} == {1.0}


def test_ten_words_of_thirty_classes_are_drawn_and_the_title_tells() -> None:
    figure = words(1, classes=31)
    drawn = [axis for axis in figure.axes if axis.patches]
    assert len(drawn) == 30
    assert {len(axis.patches) for axis in drawn} == {10}
    assert figure.get_suptitle() == "A model (30 of 31 classes)"
    assert [bar.get_width() for bar in drawn[0].patches][:2] == [1.0, 0.5]
    assert [label.get_text() for label in drawn[0].get_yticklabels()][:2] == ["<b>sun</b>", r"\$x\$"]
