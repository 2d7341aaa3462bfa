"""The classes and the ground truth that jobs are planned with."""

from pathlib import Path
from typing import Any

import pytest
from tartarus.items import item_tables
from tartarus.items.known import KnownItems
from tartarus.items.known_truth import KnownTruth
from tartarus.plan.request import Request

from . import test_known
from .test_known import HEADER, ROWS, config, known

folder = test_known.folder


@pytest.mark.parametrize(
    ("dataset", "classes"),
    [
        ("SONGS", ["jazz", "rock"]),
        ("VIEW", ["one", "three", "two"]),  # of its own column
        ("OLD", ["b", "a"]),  # in the order that its YAML says
    ],
)
def test_classes_are_those_of_the_labels_or_of_the_configuration(
    folder: Path, dataset: str, classes: list[str]
) -> None:
    truth = KnownTruth(config(), KnownItems(config()))
    assert truth.classes({"dataset": dataset}) == classes
    assert truth.count_classes(dataset) == len(classes)


def grouping(network: str) -> dict[str, Any]:
    options = {"dataset": "SONGS", "output": "softmax", "network": {"name": network}}
    return KnownTruth(config(), known()).grouping(Request("mine", "plain", (), options, config()))


def test_plain_methods_alone_are_given_groups_and_those_of_test_items_do_not_matter(folder: Path) -> None:
    def write(groups: str) -> None:
        rows = ROWS.replace("\n", "\t%s\n") % tuple(groups)
        (folder / "items.tsv").write_text(HEADER.replace("\n", "\tgroup\n") + rows, encoding="utf-8")

    assert grouping("reference") == {}
    write("XXYZ")
    first = grouping("reference")
    assert item_tables.groups_of(folder / "items.tsv", first["reading"]) == {"A": "X", "B": "X", "C": "Y", "D": "Z"}
    assert grouping("mlp") == {}
    write("XXYW")
    assert grouping("reference") == first
    write("XVYZ")
    assert grouping("reference") != first


def test_a_result_tells_that_validation_items_were_learned_from(folder: Path) -> None:
    def told(**more: str) -> dict[str, str]:
        options = {"dataset": "SONGS", "output": "softmax", "network": {"name": "cnn"}, **more}
        return KnownTruth(config(), known()).about_validation(Request("mine", "sound", (), options, config()))

    assert told(learn_from="all") == {**told(learn_from="train"), "learned_from": "all"}
    assert told() == told(learn_from="train")
