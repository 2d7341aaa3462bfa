"""Folds, shares, and validation items where a table has none: each class alike, groups whole, nothing lost."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tartarus.base.errors import TartarusError
from tartarus.items import dividing, folds, item_tables, tables
from tartarus.plan.kinds import ALL

CLASSES = ("rock", "pop", "jazz")
SHARES = {"train": 0.6, "val": 0.1, "test": 0.3}


def table(folder: Path, rows: list[dict[str, str]]) -> Path:
    tables.write_rows(folder / "items.tsv", rows)
    return folder / "items.tsv"


def songs(count: int, **more: str) -> list[dict[str, str]]:
    return [{"id": f"S{number}", "labels": CLASSES[number % 3], **more} for number in range(count)]


# --- Folds -----------------------------------------------------------------------------------------------


def test_folds_have_equally_many_of_every_class(tmp_path: Path) -> None:
    items = item_tables.read_items(table(tmp_path, songs(90)), single=True, folds=5, seed=3)
    assert {item.set for item in items} == {ALL}
    counts = Counter((item.cells["fold"], *item.labels) for item in items)
    assert counts == {(str(fold), class_): 6 for fold in range(1, 6) for class_ in CLASSES}
    again = item_tables.read_items(table(tmp_path, songs(90)[::-1]), single=True, folds=5, seed=3)
    assert {item.id: item.cells["fold"] for item in again} == {item.id: item.cells["fold"] for item in items}
    other = item_tables.read_items(table(tmp_path, songs(90)), single=True, folds=5, seed=4)
    assert [item.cells["fold"] for item in other] != [item.cells["fold"] for item in items]


@given(
    st.lists(st.tuples(st.integers(0, 12), st.sampled_from(CLASSES)), min_size=6, max_size=60),
    st.integers(2, 5),
    st.booleans(),
)
def test_every_item_is_tested_once_and_no_group_is_on_two_sides(
    drawn: list[tuple[int, str]], count: int, single: bool
) -> None:
    rows = [
        {"id": f"S{number}", "labels": label, "group": f"artist {group}" if group else ""}
        for number, (group, label) in enumerate(drawn)
    ]
    items = item_tables.items_from_rows(rows, source="items.tsv", single=single, folds=count, seed=1)
    tested: Counter[str] = Counter()
    for fold in range(1, count + 1):
        of_fold = folds.items_of_fold(items, fold, seed=1, single=single)
        assert [item.id for item in of_fold] == [item.id for item in items]
        assert {item.set for item in of_fold} <= {"train", "val", "test"}
        tested.update(item.id for item in of_fold if item.set == "test")
        assert all((item.set == "test") == (item.cells["fold"] == str(fold)) for item in of_fold)
        sides: dict[str, set[str]] = {}
        for item in of_fold:
            if item.cells["group"]:
                sides.setdefault(item.cells["group"], set()).add(item.set)
        assert all(len(sets) == 1 for sets in sides.values())
    assert tested == {item.id: 1 for item in items}


def test_validation_items_of_a_fold_are_cut_by_class(tmp_path: Path) -> None:
    items = item_tables.read_items(table(tmp_path, songs(300)), single=True, folds=5, seed=1)
    cut = []
    for fold in range(1, 6):
        of_fold = folds.items_of_fold(items, fold, seed=1, single=True)
        counts = Counter((item.set, *item.labels) for item in of_fold)
        # A ninth of 80 of each class.
        assert {counts["val", class_] for class_ in CLASSES} <= {8, 9, 10}
        assert {counts["test", class_] for class_ in CLASSES} == {20}
        cut.append(frozenset(item.id for item in of_fold if item.set == "val"))
    assert len(set(cut)) == 5


def test_folds_of_the_table_are_taken_as_they_are(tmp_path: Path) -> None:
    rows = [{**row, "fold": str(number % 2 + 1)} for number, row in enumerate(songs(8))]
    items = item_tables.read_items(table(tmp_path, rows), single=True, folds=2)
    assert [item.cells["fold"] for item in items] == [row["fold"] for row in rows]


def test_an_item_without_its_one_class_is_in_no_fold(tmp_path: Path) -> None:
    rows = songs(9)
    rows[4]["labels"] = ""
    items = item_tables.read_items(table(tmp_path, rows), single=True, folds=3)
    assert (items[4].set, items[4].cells["fold"]) == ("", "")
    assert all(not of_fold[4].set for of_fold in folds.read_folds(tmp_path / "items.tsv", {"single": True, "folds": 3}))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"fold": "6"}, r"items\.tsv: row 2: id 'S0': fold '6'; write a number from 1 to 3"),
        ({"fold": ""}, r"fold ''; write a number from 1 to 3"),
        ({"fold": "1"}, r"no item is in fold 2, of 3 that the dataset's YAML wants; correct the column, or the key"),
        ({"set": "train"}, r"the column 'set' makes a split, and folds: 3 of the dataset's YAML many others; delete"),
    ],
)
def test_columns_that_fit_no_folds_are_told(tmp_path: Path, more: dict[str, str], said: str) -> None:
    with pytest.raises(TartarusError, match=said):
        item_tables.read_items(table(tmp_path, songs(6, **more)), single=True, folds=3)


def test_without_folds_a_column_of_them_is_told_with_what_it_may_mean(tmp_path: Path) -> None:
    with pytest.raises(TartarusError, match=r"column 'fold' would not be used; rename it to 'set'.*write how many as"):
        item_tables.read_items(table(tmp_path, songs(6, fold="1")), single=True)


# --- Shares ----------------------------------------------------------------------------------------------


def test_other_shares_are_met_in_every_class(tmp_path: Path) -> None:
    items = item_tables.read_items(table(tmp_path, songs(300)), single=True, shares=SHARES)
    counts = Counter((item.set, *item.labels) for item in items)
    assert counts == {(set_, class_): round(100 * share) for set_, share in SHARES.items() for class_ in CLASSES}


def test_what_other_shares_have_made_does_not_count(tmp_path: Path) -> None:
    path = table(tmp_path, songs(60))
    sets = {item.id: item.set for item in item_tables.read_items(path, single=True)}
    dividing.write_sets(tmp_path / "sets.tsv", sets, made_by=dividing.maker(0))
    fresh = item_tables.read_items(path, single=True, shares=SHARES)
    assert item_tables.read_items(path, single=True, shares=SHARES, sets=tmp_path / "sets.tsv") == fresh
    assert {item.id: item.set for item in item_tables.read_items(path, single=True, sets=tmp_path / "sets.tsv")} == sets


# --- A table without val ---------------------------------------------------------------------------------


def test_validation_items_are_taken_from_those_for_training_by_class(tmp_path: Path) -> None:
    rows = [{**row, "set": "test" if number >= 180 else "train"} for number, row in enumerate(songs(240))]
    items = item_tables.read_items(table(tmp_path, rows), single=True)
    assert [item.set == "test" for item in items] == [row["set"] == "test" for row in rows]
    counts = Counter((item.set, *item.labels) for item in items)
    # A ninth of 60 of each class.
    assert {counts["val", class_] for class_ in CLASSES} <= {6, 7}


def test_whole_groups_are_taken_for_validation(tmp_path: Path, rng: np.random.Generator) -> None:
    rows = [{**row, "set": "train", "group": f"artist {rng.integers(20)}"} for row in songs(120)]
    rows += [{"id": f"T{number}", "labels": "rock", "set": "test", "group": "other"} for number in range(5)]
    items = item_tables.read_items(table(tmp_path, rows), single=False)
    groups = {set_: {item.cells["group"] for item in items if item.set == set_} for set_ in ("train", "val")}
    assert groups["val"]
    assert not groups["val"] & groups["train"]


def test_what_was_taken_stays_where_it_is(tmp_path: Path) -> None:
    rows = [{**row, "set": "test" if number >= 80 else "train"} for number, row in enumerate(songs(100))]
    before = {item.id: item.set for item in item_tables.read_items(table(tmp_path, rows), single=True)}
    dividing.write_sets(tmp_path / "sets.tsv", before, made_by=dividing.maker(0))
    new = [{"id": f"N{number}", "labels": "rock", "set": "train"} for number in range(30)]
    after = item_tables.read_items(table(tmp_path, new + rows), single=True, sets=tmp_path / "sets.tsv")
    assert before.items() <= {item.id: item.set for item in after}.items()
    assert {item.set for item in after[:30]} == {"train", "val"}


# --- What is written down, and what is cut ---------------------------------------------------------------


def test_a_damaged_split_is_named(tmp_path: Path) -> None:
    (tmp_path / "sets.tsv").write_text("id\tset\tseed\nS1\ttrian\t1\n")
    with pytest.raises(TartarusError, match=r"sets\.tsv: damaged \(id 'S1': set 'trian'\); delete it to have it made"):
        dividing.read_sets(tmp_path / "sets.tsv", made_by="1")


@given(st.integers(0, 400_000))
def test_training_items_are_cut_80_10_10_in_their_order(count: int) -> None:
    numbers = range(count)
    train, val = (numbers[dividing.rows_of_set(set_, count, validation="cut")] for set_ in ("train", "val"))
    # In whole numbers, as the original cuts them; the rest stays unused.
    assert train == numbers[: count * 8 // 10]
    assert val == numbers[count * 8 // 10 : count * 9 // 10]
    assert numbers[dividing.rows_of_set("test", count, validation="cut")] == numbers


@given(st.sampled_from(["train", "val", "test"]), st.integers(0, 1000))
def test_a_set_with_files_of_its_own_has_all_their_rows(set_: str, count: int) -> None:
    assert range(count)[dividing.rows_of_set(set_, count, validation="file")] == range(count)
