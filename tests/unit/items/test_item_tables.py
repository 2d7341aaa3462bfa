"""The table of items: what is refused, and how items are split."""

import csv
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tartarus.base.errors import TartarusError
from tartarus.items import item_tables

HEADER = "id\taudio\ttext\tlabels\tset\tgroup\n"


@pytest.fixture
def table(tmp_path: Path):
    """Write a table and read it."""

    def write_and_read(text: str, **options: object) -> list[item_tables.Item]:
        path = tmp_path / "items.tsv"
        path.write_text(text, encoding="utf-8", newline="")
        return item_tables.read_items(path, **options)

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
        item_tables.read_items(tmp_path / "items.tsv")


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
            ["S1\t\t\trock\ttrain\t", "S2\t\t\trock|\ttrain\t"],
            "row 3: id 'S2': label missing in column 'labels', 'rock|'; write its classes, separated by |",
        ),
        (["S1\t\t\trock||pop\ttrain\t"], "row 2: id 'S1': label missing"),
        (["S1\t\t\trock\ttraining\t"], "row 2: id 'S1': set 'training'; write one of: train, val, test"),
        (["S1\t\t\trock\t\t"], "row 2: id 'S1': set ''; write one of: train, val, test"),
        (["S1\t../1.mp3\t\trock\ttrain\t"], "row 2: id 'S1': audio '../1.mp3' leaves the folder of the table"),
        (["S1\t\ta/../../1.txt\trock\ttrain\t"], "row 2: id 'S1': text 'a/../../1.txt' leaves the folder"),
        (["S1\t/music/1.mp3\t\trock\ttrain\t"], "row 2: id 'S1': audio '/music/1.mp3' leaves the folder"),
        (["S1\t{x}.mp3\t\trock\ttrain\t"], "row 2: id 'S1': audio '{x}.mp3' has braces, which Snakemake takes for"),
        (["S1\t\ta/}.txt\trock\ttrain\t"], "row 2: id 'S1': text 'a/}.txt' has braces"),
        (["S1\t\t\trock\ttrain"], "row 2: 5 cells, the header has 6; check its separators"),
        (
            ["S1\t\t\trock\ttrain\t", "S2\t\t\trock\ttrain\t\t"],
            "row 3: 7 cells, the header has 6; check its separators",
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
        item_tables.read_items(path)


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


# --- Items without a label -------------------------------------------------------------------------------


def test_of_many_labels_an_item_may_have_none(table) -> None:
    items = table("id\tlabels\tset\nS1\t\ttrain\nS2\trock|pop\tval\n")
    assert [(item.labels, item.set) for item in items] == [((), "train"), (("rock", "pop"), "val")]


@pytest.mark.parametrize("set_", ["train", ""])
def test_an_item_that_lacks_its_one_label_is_in_no_set(table, set_: str) -> None:
    items = table(f"id\tlabels\tset\nS1\t\t{set_}\nS2\trock\tval\n", single=True)
    assert [(item.labels, item.set) for item in items] == [((), ""), (("rock",), "val")]


def test_an_item_that_lacks_its_one_label_takes_no_place_in_a_split(table) -> None:
    with_label = "".join(f"S{number}\trock\n" for number in range(30))
    without = "".join(f"N{number}\t\n" for number in range(30))
    items = table(f"id\tlabels\n{without}{with_label}", single=True)
    assert Counter(item.set for item in items) == {"": 30, "train": 24, "val": 3, "test": 3}
    assert all(item.set == "" for item in items if item.id.startswith("N"))


def test_an_item_of_many_labels_without_any_needs_a_set(table) -> None:
    assert "id 'S1': set ''; write one of: train, val, test" in refusal(table, "id\tlabels\tset\nS1\t\t\n")


# --- Columns by other names ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        *((name, "set") for name in ("split", "fold", "subset", "Partition", "data-split")),
        *((name, "group") for name in ("artist", "Artist ID", "artist_id", "performer")),
        *((name, "audio") for name in ("path", "file", "filename", "File Name")),
        *((name, "text") for name in ("text_file", "lyrics path")),
        *((name, "words") for name in ("lyrics", "Lyrics", "word")),
        *((name, "image") for name in ("cover", "artwork")),
        ("album_id", "album"),
    ],
)
def test_a_column_by_another_name_is_refused_with_the_remedy(table, written: str, meant: str) -> None:
    message = refusal(table, f"id\tlabels\t{written}\nS1\trock\tx\n")
    assert f"row 1: the column '{written}' would not be used; rename it to '{meant}', or, if it is not meant" in message


@pytest.mark.parametrize(
    "header",
    [
        "set\tsplit",
        "set\tgroup\tartist",
        "set\taudio\tfile\tpath",
        "set\ttext\tlyrics",
        "set\twords\tlyrics\tn_words",
        "set\tgenre",
        "set\talbum\talbum_id",
    ],
)
def test_beside_our_column_the_other_name_means_nothing(table, header: str) -> None:
    cells = {"set": "train", "group": "x"}
    row = "\t".join(cells.get(name, "y") for name in header.split("\t"))
    (item,) = table(f"id\tlabels\t{header}\nS1\trock\t{row}\n")
    assert (item.set, item.labels) == ("train", ("rock",))


@pytest.mark.parametrize("other", ["year", "title", "duration", "language", "bpm", "mood", "rating", "notes"])
def test_a_column_that_nobody_would_mean_for_ours_is_carried_along(table, other: str) -> None:
    assert table(f"id\tlabels\tset\t{other}\nS1\trock\ttrain\tx\n")[0].cells[other] == "x"


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("track_id\tlabels", "no column 'id'; the columns are: track_id, labels; if 'track_id' is meant, rename it"),
        (
            "id\tgenre",
            "no column 'labels'; the columns are: id, genre; if 'genre' is meant, rename it, or write "
            "label_column: genre into the dataset's YAML",
        ),
    ],
)
def test_a_missing_column_by_another_name_is_pointed_at(table, header: str, said: str) -> None:
    assert refusal(table, f"{header}\nS1\trock\n").endswith(said)


def test_the_columns_of_the_label_are_no_trouble_where_another_holds_them(table) -> None:
    assert table("id\tmood\tgenre\tset\nS1\tsad\trock\ttrain\n", label_column="mood")[0].labels == ("sad",)


# --- The text itself, and commas -------------------------------------------------------------------------


def test_a_text_in_the_table_may_hold_what_no_other_cell_may(table) -> None:
    text = 'one "two"\n\nthree\x0c\u2028\ufeff, four'
    (item,) = table('id\tlabels\tset\twords\nS1\trock\ttrain\t"{}"\n'.format(text.replace('"', '""')))
    assert item.cells["words"] == text


def test_text_and_path_of_a_text_are_refused_with_what_to_delete(table) -> None:
    rows = "S1\trock\t\tone two\nS2\trock\ta.txt\t\nS3\trock\tb.txt\tone two\n"
    assert (
        "row 4: id 'S3': a text in the column 'words', and the path of one, 'b.txt', in the column 'text'; delete the "
        "path, or the cell 'words' if the file has the better text"
    ) in refusal(table, f"id\tlabels\ttext\twords\n{rows}")


@given(
    st.lists(
        st.tuples(
            st.text(st.characters(codec="utf-8", exclude_characters="\0")), st.sampled_from(["rock", "pop|jazz"])
        ),
        min_size=1,
        max_size=4,
    )
)
def test_a_table_with_commas_is_read_as_one_with_tabs(
    tmp_path_factory: pytest.TempPathFactory, written: list[tuple[str, str]]
) -> None:
    path = tmp_path_factory.mktemp("table") / "items.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "labels", "set", "words"])
        writer.writerows([f"S{number}", labels, "train", words] for number, (words, labels) in enumerate(written))
    found = [("|".join(item.labels), item.cells["words"]) for item in item_tables.read_items(path)]
    assert found == [(labels, words) for words, labels in written]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id;labels\nS1;rock\n", "row 1: semicolons between the cells, commas expected; save it as CSV with commas"),
        ("id\tlabels\nS1\trock\n", "row 1: tabs between the cells, commas expected; save it as CSV with commas"),
        ("id,labels\nS1,rock,train\n", "row 2: 3 cells, the header has 2; check its separators"),
        ('id,labels,words\nS1,rock,"one\nS2,pop,"two"\n', "row 2: a quotation mark begins a cell and is not closed"),
        (f"id,labels,words\nS1,rock,{'la ' * 50_000}\n", "a text of that length goes into a file of its own"),
        ("PK\x03\x04", "a workbook of a spreadsheet; save it as CSV with commas (UTF-8)"),
    ],
)
def test_what_is_wrong_in_a_table_with_commas_is_said(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "items.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(TartarusError, match=rf"{re.escape(str(path))}: .*{re.escape(said)}"):
        item_tables.read_items(path)


def test_a_text_with_tabs_and_line_breaks_is_sent_to_a_table_with_commas(table) -> None:
    message = refusal(table, 'id\tlabels\twords\nS1\trock\t"one\ttwo\nthree"\n')
    assert message.endswith("a text that holds tabs and line breaks goes into a .csv, or into a file of its own")


# --- Ids, paths and labels that do not look like what they are -------------------------------------------


@pytest.mark.parametrize("character", ["\0", "\x01", "\x1f", "\x7f", "\x85", "\u2028", "\ufeff"])
@pytest.mark.parametrize("column", ["id", "labels", "audio", "group", "album"])
def test_invisible_characters_are_refused_where_they_would_change_what_a_cell_means(
    table, character: str, column: str
) -> None:
    cells = {"id": "S2", "labels": "rock", "audio": "a.wav", "group": "x", "album": "y"}
    cells[column] += f"{character}z"
    rows = "S1\trock\tb.wav\tx\ty\n" + "\t".join(cells.values()) + "\n"
    message = refusal(table, "\t".join(cells) + "\n" + rows)
    assert f"row 3: the invisible character U+{ord(character):04X} in column '{column}'" in message
    assert message.endswith("; delete it")


def test_an_id_that_differs_by_a_nul_only_is_not_taken_for_the_other(table) -> None:
    # NumPy and HDF5 cut NULs off the end of a text: `a` and this one would be one item.
    assert "row 3: the invisible character U+0000" in refusal(table, "id\tlabels\na\trock\na\0\trock\n")


def test_a_mark_of_utf_8_before_the_first_id_is_refused(table) -> None:
    assert "row 2: the invisible character U+FEFF in column 'id'" in refusal(table, "id\tlabels\n\ufeffa\trock\n")


@pytest.mark.parametrize("column", ["audio", "text", "image"])
@pytest.mark.parametrize("cell", ["la " * 100, "é" * 128, "a/" * 3000])
def test_a_cell_that_is_too_long_for_a_path_is_refused(table, column: str, cell: str) -> None:
    message = refusal(table, f"id\tlabels\t{column}\nS1\trock\t{cell}\n")
    assert f"row 2: id 'S1': {column} '{cell[:40]}...' is too long for the path of a file" in message
    assert message.endswith("or, if it is the text, call it 'words'")


def test_a_path_may_be_as_long_as_file_systems_allow(table) -> None:
    path = "/".join(["x" * 255] * 15)
    assert table(f"id\tlabels\taudio\nS1\trock\t{path}\n")[0].path("audio") == path


# --- Tables of other programs ----------------------------------------------------------------------------

ROWS = [["id", "labels", "set", "title"], ["S1", "röck", "train", 'a "b"\tc'], ["S2", "pop", "val", "two\nlines"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
def test_what_a_spreadsheet_writes_is_read_as_it_is_meant(
    tmp_path: Path, encoding: str, end: str, quoting: int
) -> None:
    rows = [[cell.replace("\t", " ").replace("\n", end) for cell in row] for row in ROWS]
    with (tmp_path / "items.tsv").open("w", encoding=encoding, newline="") as file:
        csv.writer(file, dialect="excel-tab", lineterminator=end, quoting=quoting).writerows(rows)
    items = item_tables.read_items(tmp_path / "items.tsv")
    assert [list(item.cells.values()) for item in items] == rows[1:]
    assert [(item.id, item.labels, item.set) for item in items] == [("S1", ("röck",), "train"), ("S2", ("pop",), "val")]


@pytest.mark.parametrize(("mark", "encoding"), [(b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")])
def test_utf_16_is_read_by_its_mark_and_named_without_it(tmp_path: Path, mark: bytes, encoding: str) -> None:
    path, data = tmp_path / "items.tsv", "id\tlabels\nS1\tcafé\n".encode(encoding)
    path.write_bytes(mark + data)
    assert item_tables.read_items(path)[0].labels == ("café",)
    path.write_bytes(mark + data[:-1])
    with pytest.raises(TartarusError, match=r"items\.tsv: begins as UTF-16, but is none .*; save it as UTF-8"):
        item_tables.read_items(path)
    path.write_bytes(data)
    with pytest.raises(TartarusError, match="UTF-16") as error:
        item_tables.read_items(path)
    assert "save it as UTF-8" in str(error.value)
    assert "iconv" not in str(error.value)


@pytest.mark.parametrize(
    ("separator", "called"), [(";", "semicolons"), (",", "commas"), (" ", "spaces"), ("|", "bars")]
)
@pytest.mark.parametrize("mark", ["", '"'])
def test_other_separators_are_named(table, separator: str, called: str, mark: str) -> None:
    text = "\n".join(
        separator.join(f"{mark}{cell}{mark}" for cell in row) for row in (["id", "labels"], ["S1", "rock"])
    )
    message = refusal(table, text)
    assert f"row 1: {called} between the cells, tabs expected; save it as tab-separated text (UTF-8)" in message


@pytest.mark.parametrize(
    ("rows", "number"),
    [
        ('S1\trock\ttrain\t"Heroes" by Bowie\nS2\trock\ttrain\tx\n', 2),
        ('S1\trock\ttrain\tx\nS2\trock\ttrain\t"Heroes\nS3\trock\ttrain\tx\n', 3),
        # Closed three rows below: two items would be part of a title.
        ('S1\trock\ttrain\t"A\nS2\trock\ttrain\tB\nS3\trock\ttrain\tC"\nS4\trock\ttrain\tD\n', 2),
    ],
)
def test_a_quotation_mark_that_is_not_closed_is_refused_with_its_row(table, rows: str, number: int) -> None:
    message = refusal(table, "id\tlabels\tset\ttitle\n" + rows)
    assert f"row {number}: a quotation mark begins a cell and is not closed at its end" in message


def test_a_quotation_mark_within_a_cell_stands_for_itself(table) -> None:
    items = table('id\tlabels\tset\ttitle\nS1\trock\ttrain\t12" mix\n')
    assert items[0].cells["title"] == '12" mix'


def test_rows_behind_a_cell_of_several_lines_have_their_own_number(table) -> None:
    message = refusal(table, 'id\tlabels\tset\ttitle\nS1\trock\ttrain\t"a\nb\nc"\nS2\trock\tnone\tx\n')
    assert "row 5: id 'S2': set 'none'" in message


def test_a_folder_in_the_place_of_the_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(TartarusError, match="is a folder; put the table of the dataset there"):
        item_tables.read_items(tmp_path)


@pytest.mark.parametrize("text", ["", " \n", "\t\t\n", "\ufeff"])
def test_an_empty_file_is_named(table, text: str) -> None:
    assert refusal(table, text).endswith(": an empty table; write a header, and one row for each item")


@pytest.mark.parametrize("begin", [b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"])
def test_a_workbook_is_named(tmp_path: Path, begin: bytes) -> None:
    (tmp_path / "items.tsv").write_bytes(begin + bytes(range(256)))
    with pytest.raises(TartarusError, match=r"a workbook of a spreadsheet; save it as tab-separated text"):
        item_tables.read_items(tmp_path / "items.tsv")


def test_white_space_around_the_name_of_a_column_means_nothing(table) -> None:
    assert table("id \t labels\tset\nS1\trock\ttrain\n")[0].labels == ("rock",)


# --- Splits ----------------------------------------------------------------------------------------------


def test_a_table_without_sets_is_split_by_group(table) -> None:
    rows = [f"S{number}\trock\tartist {number % 10}" for number in range(40)]
    items = table("id\tlabels\tgroup\n" + "\n".join(rows) + "\n", seed=3)
    sides = {item.cells["group"]: item.set for item in items}
    assert Counter(sides.values()) == {"train": 8, "val": 1, "test": 1}
    assert all(item.set == sides[item.cells["group"]] for item in items)


def test_items_without_a_group_are_split_one_by_one(table) -> None:
    rows = "\n".join(f"S{number}\trock" for number in range(30))
    assert Counter(item.set for item in table(f"id\tlabels\n{rows}\n")) == {"train": 24, "val": 3, "test": 3}
