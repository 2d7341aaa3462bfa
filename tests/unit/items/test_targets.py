"""The classes of a dataset, and its ground truth."""

import numpy as np
import pytest
from tartarus.base.errors import TartarusError
from tartarus.items import targets
from tartarus.items.item_tables import Item


def item(id_: str, *labels: str) -> Item:
    return Item(id_, "train", labels, {})


def test_classes_are_sorted_unless_the_dataset_fixes_them() -> None:
    items = [item("S1", "rock", "pop"), item("S2", "ambient")]
    assert targets.classes_of(items, source="x") == ["ambient", "pop", "rock"]
    assert targets.classes_of(items, ["rock", "pop", "ambient", "folk"], source="x") == [
        "rock",
        "pop",
        "ambient",
        "folk",
    ]


def test_a_label_that_the_dataset_does_not_list_is_refused() -> None:
    with pytest.raises(TartarusError, match=r"items\.tsv: id 'S2': label 'opera' is not among .*: rock, pop"):
        targets.classes_of([item("S1", "rock"), item("S2", "opera")], ["rock", "pop"], source="items.tsv")


def test_targets_are_multi_hot_in_the_order_of_the_classes() -> None:
    items = [item("S1", "c", "a"), item("S2", "b"), item("S3", "a", "b", "c")]
    y = targets.targets(items, ["a", "b", "c"], single=False, set_="val", source="x")
    np.testing.assert_array_equal(y, [[1, 0, 1], [0, 1, 0], [1, 1, 1]])


def test_two_labels_are_refused_where_one_is_wanted() -> None:
    with pytest.raises(TartarusError) as error:
        targets.targets(
            [item("S1", "a"), item("S2", "a", "b")], ["a", "b"], single=True, set_="val", source="items.tsv"
        )
    message = str(error.value)
    assert message.startswith("items.tsv: id 'S2': 2 labels (a|b), but the task is multiclass")
    assert "leave one" in message


def test_a_set_without_items_is_refused() -> None:
    with pytest.raises(TartarusError, match=r"items\.tsv: the set val has no items; give the column 'set'"):
        targets.targets([], ["a"], single=True, set_="val", source="items.tsv")


def test_another_number_of_classes_than_the_experiment_says_is_refused() -> None:
    with pytest.raises(TartarusError, match=r"items\.tsv: the dataset has 3 classes.* dim: 4; write dim: 3"):
        targets.refuse_other_dimension(3, 4, source="items.tsv")
    targets.refuse_other_dimension(3, 3, source="items.tsv")


def test_an_item_without_a_label_has_a_row_of_zeros() -> None:
    y = targets.targets([item("S1"), item("S2", "b")], ["a", "b"], single=False, set_="val", source="x")
    np.testing.assert_array_equal(y, [[0, 0], [0, 1]])


def test_items_of_which_none_has_a_label_are_refused() -> None:
    with pytest.raises(TartarusError, match=r"items\.tsv: no item has a label; write the classes of each"):
        targets.classes_of([item("S1"), item("S2")], source="items.tsv")
