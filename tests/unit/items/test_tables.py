"""The table of items: what is refused, and how items are split."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tartarus.base.errors import TartarusError
from tartarus.items import tables

HEADER = "id\taudio\ttext\tlabels\tset\tgroup\n"


@pytest.fixture
def table(tmp_path: Path):
    """Write a table and read it."""

    def write_and_read(text: str, **options: object) -> list[tables.Item]:
        path = tmp_path / "items.tsv"
        path.write_text(text, encoding="utf-8", newline="")
        return tables.read_items(path, **options)

    return write_and_read


def refusal(table, text: str, **options: object) -> str:
    with pytest.raises(TartarusError) as error:
        table(text, **options)
    return str(error.value)


# --- Reading ---------------------------------------------------------------------------------------------


def test_a_good_table_is_read_as_it_stands(table) -> None:
    items = table(
        HEADER + 'S1\taudio/1.mp3\t\trock\ttrain\tBeyoncé\nS2\t\ttext/"2".txt\trock|pop\tval\t\nS3\t\t\tpop\ttest\tX\n'
    )
    assert [(item.id, item.set, item.labels) for item in items] == [
        ("S1", "train", ("rock",)),
        ("S2", "val", ("rock", "pop")),
        ("S3", "test", ("pop",)),
    ]
    assert [item.path("audio") for item in items] == ["audio/1.mp3", "", ""]
    assert items[1].path("text") == 'text/"2".txt'
    assert items[0].path("image") == ""
    assert items[0].cells["group"] == "Beyoncé"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_tables_of_other_systems_are_read_alike(table, end: str, mark: str) -> None:
    items = table(mark + end.join(["id\tlabels\tset", "S1\trock\ttrain", ""]))
    assert [(item.id, item.labels, item.set) for item in items] == [("S1", ("rock",), "train")]


def test_the_classes_may_be_in_another_column(table) -> None:
    items = table("id\tset\tgenre\tlabels\nS1\ttrain\tdisco\tloud|warm\n", label_column="genre")
    assert items[0].labels == ("disco",)


def test_further_columns_are_carried_along(table) -> None:
    assert table("id\tlabels\tset\tyear\nS1\trock\ttrain\t1977\n")[0].cells["year"] == "1977"


def test_a_missing_table_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(TartarusError, match=r"items\.tsv: not found; put the table of the dataset there"):
        tables.read_items(tmp_path / "items.tsv")


def test_a_table_without_items_is_refused(table) -> None:
    assert "items.tsv: no items; write one row for each" in refusal(table, HEADER)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            ["S1\t\t\trock\ttrain\t", "S1\t\t\trock\ttrain\t"],
            "row 3: id 'S1' stands in row 2 already; ids must be unique",
        ),
        (
            ["S1\t\t\trock\ttrain\t", "S2\t\t\trock\ttrain\t", "S1\t\t\trock\ttest\t"],
            "row 4: id 'S1' is in two sets, train (row 2) and test; delete one row",
        ),
        (["\t\t\trock\ttrain\t"], "row 2: the id '' is empty or has white space at its ends; correct it"),
        (["S1 \t\t\trock\ttrain\t"], "row 2: the id 'S1 ' is empty or has white space at its ends; correct it"),
        (
            ["S1\t\t\trock\ttrain\t", "S2\t\t\t\ttrain\t"],
            "row 3: id 'S2': label missing in column 'labels'; write its classes, separated by |",
        ),
        (["S1\t\t\trock|\ttrain\t"], "row 2: id 'S1': label missing"),
        (["S1\t\t\trock\ttraining\t"], "row 2: id 'S1': set 'training'; write one of: train, val, test"),
        (["S1\t\t\trock\t\t"], "row 2: id 'S1': set ''; write one of: train, val, test"),
        (["S1\t../1.mp3\t\trock\ttrain\t"], "row 2: id 'S1': audio '../1.mp3' leaves the folder of the table"),
        (["S1\t\ta/../../1.txt\trock\ttrain\t"], "row 2: id 'S1': text 'a/../../1.txt' leaves the folder"),
        (["S1\t/music/1.mp3\t\trock\ttrain\t"], "row 2: id 'S1': audio '/music/1.mp3' leaves the folder"),
        (["S1\t{x}.mp3\t\trock\ttrain\t"], "row 2: id 'S1': audio '{x}.mp3' has braces, which Snakemake takes for"),
        (["S1\t\ta/}.txt\trock\ttrain\t"], "row 2: id 'S1': text 'a/}.txt' has braces"),
        (["S1\t\t\trock\ttrain"], "row 2: 5 cells, the header has 6; check its tabs"),
        (
            ["S1\t\t\trock\ttrain\t", "S2\t\t\trock\ttrain\t\t"],
            "row 3: 7 cells, the header has 6; check its tabs",
        ),
        (
            ["S1\t\t\trock\ttrain\tABBA", "S2\t\t\trock\ttrain\tBlur", "S3\t\t\trock\tval\tABBA"],
            "group 'ABBA' is in two sets: id 'S1' in train, id 'S3' in val; a group (an artist) must be on one side",
        ),
    ],
)
def test_what_is_wrong_in_a_table_is_said_with_file_row_and_id(
    table, tmp_path: Path, rows: list[str], said: str
) -> None:
    message = refusal(table, HEADER + "\n".join(rows) + "\n")
    assert message.startswith(str(tmp_path / "items.tsv"))
    assert said in message


def test_groups_that_are_not_told_may_be_in_several_sets(table) -> None:
    assert len(table(HEADER + "S1\t\t\trock\ttrain\t\nS2\t\t\trock\tval\t\n")) == 2


@pytest.mark.parametrize(("header", "missing"), [("name\tlabels", "id"), ("id\tgenre", "labels")])
def test_a_missing_column_is_named_with_those_that_are_there(table, header: str, missing: str) -> None:
    message = refusal(table, f"{header}\nS1\trock\n")
    assert f"row 1: no column '{missing}'; the columns are: {', '.join(header.split())}" in message


@pytest.mark.parametrize(
    ("written", "meant"), [("adio", "audio"), ("Set", "set"), ("groups", "group"), ("imgae", "image")]
)
def test_a_misspelt_column_is_noticed(table, written: str, meant: str) -> None:
    # It would be carried along and its meaning lost: a split of its own, groups on both sides.
    message = refusal(table, f"id\tlabels\t{written}\nS1\trock\ttrain\n")
    assert f"row 1: unknown column '{written}'; did you mean '{meant}'?" in message


def test_a_table_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    path = tmp_path / "items.tsv"
    path.write_bytes("id\tlabels\nS1\tcafé\n".encode("latin-1"))
    with pytest.raises(TartarusError, match=r"items\.tsv: not UTF-8 \(byte 0xe9 at position 16\)"):
        tables.read_items(path)


def test_blank_lines_do_not_upset_the_row_numbers(table) -> None:
    assert "row 4: id 'S2'" in refusal(table, "id\tlabels\tset\nS1\trock\ttrain\n\nS2\trock\tnowhere\n")


@pytest.mark.parametrize("separator", ["\u2028", "\x85", "\x0c", "\x1e"])
def test_a_cell_may_hold_any_separator_but_tab_and_line_feed(table, separator: str) -> None:
    items = table(f"id\tlabels\tset\ttitle\nS1\trock\ttrain\tone{separator}two\n")
    assert items[0].cells["title"] == f"one{separator}two"


def test_a_column_that_stands_twice_is_refused(table) -> None:
    assert "set" in refusal(table, "id\tlabels\tset\tset\nS1\trock\ttrain\tval\n")


def test_white_space_around_labels_is_refused_or_means_nothing(table) -> None:
    try:
        labels = [item.labels for item in table("id\tlabels\tset\nS1\trock | pop\ttrain\nS2\trock\ttrain\n")]
    except TartarusError:
        return
    assert labels == [("rock", "pop"), ("rock",)]


# --- Writing ---------------------------------------------------------------------------------------------

cells = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]) | st.just(" "), max_size=6)


@given(
    st.lists(st.fixed_dictionaries({"a": st.text("xy", min_size=1, max_size=3), "b": cells}), min_size=1, max_size=5)
)
def test_rows_that_are_written_are_read_again(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, str]]
) -> None:
    path = tmp_path_factory.mktemp("rows") / "rows.tsv"
    tables.write_rows(path, rows)
    assert tables.read_rows(path) == rows
    assert path.read_text(encoding="utf-8").count("\n") == len(rows) + 1


def test_a_table_without_rows_has_its_header(tmp_path: Path) -> None:
    tables.write_rows(tmp_path / "rows.tsv", [], columns=["id", "status"])
    assert (tmp_path / "rows.tsv").read_text() == "id\tstatus\n"


def test_rows_may_come_one_by_one(tmp_path: Path) -> None:
    rows = ({"user": number, "item": 2 * number} for number in range(3))
    tables.write_rows(tmp_path / "rows.tsv", rows, columns=["item", "user"])
    assert (tmp_path / "rows.tsv").read_text() == "item\tuser\n0\t0\n2\t1\n4\t2\n"


def test_rows_that_break_off_leave_the_old_table(tmp_path: Path) -> None:
    def rows():
        yield {"id": "S1"}
        raise TartarusError("the second row is wrong")

    (tmp_path / "rows.tsv").write_text("old")
    with pytest.raises(TartarusError):
        tables.write_rows(tmp_path / "rows.tsv", rows(), columns=["id"])
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]


def test_figures_are_read_as_numbers(tmp_path: Path) -> None:
    (tmp_path / "history.csv").write_text("epoch,loss\n1,0.5\n2,2.5e-1\n")
    assert tables.read_figures(tmp_path / "history.csv") == [{"epoch": 1, "loss": 0.5}, {"epoch": 2, "loss": 0.25}]


# --- Splits ----------------------------------------------------------------------------------------------


@st.composite
def collections(draw: st.DrawFn) -> list[tuple[str, str]]:
    """Draw items as (group, class), every group of one class, as artists of one genre."""
    sizes = draw(
        st.dictionaries(st.sampled_from("ABCD"), st.lists(st.integers(1, 4), min_size=1, max_size=15), min_size=1)
    )
    items = [
        (f"{class_}{number}", class_)
        for class_, counts in sizes.items()
        for number, n in enumerate(counts)
        for _ in range(n)
    ]
    return draw(st.permutations(items))


def split(items: list[tuple[str, str]], seed: int) -> list[str]:
    return tables.split([group for group, _ in items], [class_ for _, class_ in items], seed=seed)


@given(collections(), st.integers(0, 5))
def test_a_group_is_on_one_side(items: list[tuple[str, str]], seed: int) -> None:
    sides: dict[str, set[str]] = {}
    for (group, _), side in zip(items, split(items, seed), strict=True):
        sides.setdefault(group, set()).add(side)
    assert all(len(side) == 1 for side in sides.values())


@given(collections(), st.integers(0, 5), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(items: list[tuple[str, str]], seed: int, random) -> None:
    order = list(range(len(items)))
    random.shuffle(order)
    moved = split([items[place] for place in order], seed)
    original = split(items, seed)
    assert moved == [original[place] for place in order]


@given(collections(), st.integers(0, 5))
def test_a_class_of_three_groups_is_in_all_sets(items: list[tuple[str, str]], seed: int) -> None:
    sides = split(items, seed)
    for class_ in {class_ for _, class_ in items}:
        groups = {group for group, own in items if own == class_}
        found = {side for (_, own), side in zip(items, sides, strict=True) if own == class_}
        assert found == ({"train", "val", "test"} if len(groups) >= 3 else {"train"})


def test_large_classes_are_split_80_10_10() -> None:
    items = [(f"{class_}{number}", class_) for class_ in "AB" for number in range(100)]
    for class_ in "AB":
        counts = Counter(side for (_, own), side in zip(items, split(items, 1), strict=True) if own == class_)
        assert counts == {"train": 80, "val": 10, "test": 10}


def test_another_seed_makes_another_split() -> None:
    items = [(f"A{number}", "A") for number in range(50)]
    assert split(items, 1) == split(items, 1)
    assert split(items, 1) != split(items, 2)


def test_a_table_without_sets_is_split_by_group(table) -> None:
    rows = [f"S{number}\trock\tartist {number % 10}" for number in range(40)]
    items = table("id\tlabels\tgroup\n" + "\n".join(rows) + "\n", seed=3)
    sides = {item.cells["group"]: item.set for item in items}
    assert Counter(sides.values()) == {"train": 8, "val": 1, "test": 1}
    assert all(item.set == sides[item.cells["group"]] for item in items)


def test_items_without_a_group_are_split_one_by_one(table) -> None:
    rows = "\n".join(f"S{number}\trock" for number in range(30))
    assert Counter(item.set for item in table(f"id\tlabels\n{rows}\n")) == {"train": 24, "val": 3, "test": 3}


@given(st.integers(0, 400_000))
def test_training_items_are_cut_80_10_10_in_their_order(count: int) -> None:
    numbers = range(count)
    train, val = (numbers[tables.rows_of_set(set_, count, validation="cut")] for set_ in ("train", "val"))
    # In whole numbers, as the original cuts them; the rest stays unused.
    assert train == numbers[: count * 8 // 10]
    assert val == numbers[count * 8 // 10 : count * 9 // 10]
    assert numbers[tables.rows_of_set("test", count, validation="cut")] == numbers


@given(st.sampled_from(["train", "val", "test"]), st.integers(0, 1000))
def test_a_set_with_files_of_its_own_has_all_their_rows(set_: str, count: int) -> None:
    assert range(count)[tables.rows_of_set(set_, count, validation="file")] == range(count)


# --- Shards ----------------------------------------------------------------------------------------------


@given(st.text(max_size=8), st.integers(1, 9))
def test_a_shard_is_one_of_them(id_: str, shards: int) -> None:
    assert 0 <= tables.shard_of(id_, shards) < shards


def test_adding_items_moves_no_other_item_to_another_shard() -> None:
    # The shards of a set are computed from the table as it is: from 20 items, then from 2000 more.
    few = [f"S{number}" for number in range(20)]
    many = [*(f"A{number}" for number in range(1000)), *few, *(f"Z{number}" for number in range(1000))]
    before, after = ({id_: tables.shard_of(id_, 4) for id_ in ids} for ids in (few, many))
    assert before.items() <= after.items()
    assert set(before.values()) == {0, 1, 2, 3}


def test_shards_are_of_about_the_same_size() -> None:
    counts = Counter(tables.shard_of(f"S{number}", 4) for number in range(4000))
    # Four standard deviations of a binomial distribution.
    assert all(abs(count - 1000) < 4 * (4000 * 0.25 * 0.75) ** 0.5 for count in counts.values())


def test_hashes_are_those_of_blake2b() -> None:
    # A fixed point: `printf '7:S1' | b2sum -l 64`.
    assert tables.stable_hash("S1", seed=7) == int("b048b551aea06829", 16)


# --- Classes and targets ---------------------------------------------------------------------------------


def item(id_: str, *labels: str) -> tables.Item:
    return tables.Item(id_, "train", labels, {})


def test_classes_are_sorted_unless_the_dataset_fixes_them() -> None:
    items = [item("S1", "rock", "pop"), item("S2", "ambient")]
    assert tables.classes_of(items, source="x") == ["ambient", "pop", "rock"]
    assert tables.classes_of(items, ["rock", "pop", "ambient", "folk"], source="x") == [
        "rock",
        "pop",
        "ambient",
        "folk",
    ]


def test_a_label_that_the_dataset_does_not_list_is_refused() -> None:
    with pytest.raises(TartarusError, match=r"items\.tsv: id 'S2': label 'opera' is not among .*: rock, pop"):
        tables.classes_of([item("S1", "rock"), item("S2", "opera")], ["rock", "pop"], source="items.tsv")


def test_targets_are_multi_hot_in_the_order_of_the_classes() -> None:
    items = [item("S1", "c", "a"), item("S2", "b"), item("S3", "a", "b", "c")]
    y = tables.targets(items, ["a", "b", "c"], single=False, source="x")
    np.testing.assert_array_equal(y, [[1, 0, 1], [0, 1, 0], [1, 1, 1]])


def test_two_labels_are_refused_where_one_is_wanted() -> None:
    with pytest.raises(TartarusError) as error:
        tables.targets([item("S1", "a"), item("S2", "a", "b")], ["a", "b"], single=True, source="items.tsv")
    message = str(error.value)
    assert message.startswith("items.tsv: id 'S2': 2 labels (a|b), but the task is multiclass")
    assert "leave one" in message


def test_a_set_without_items_is_refused() -> None:
    with pytest.raises(TartarusError, match=r"items\.tsv: a set has no items; give the column 'set'"):
        tables.targets([], ["a"], single=True, source="items.tsv")


def test_another_number_of_classes_than_the_experiment_says_is_refused() -> None:
    with pytest.raises(TartarusError, match=r"items\.tsv: the dataset has 3 classes.* dim: 4; write dim: 3"):
        tables.refuse_other_dimension(3, 4, source="items.tsv")
    tables.refuse_other_dimension(3, 3, source="items.tsv")
