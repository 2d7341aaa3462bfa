"""The check of a dataset: all faults and oddities at once, those that reading stops at among them."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tartarus.base.errors import TartarusError
from tartarus.items import checking, item_tables
from tartarus.items.faults import Fault

READING: dict[str, Any] = {"label_column": "labels", "single": True, "seed": 1, "sets": None}
HEADER = "id\taudio\tlabels\tset\tgroup"

Check = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """Write a table and files, and check them: status, row, column, what."""

    def write_and_check(*rows: str, header: str = HEADER, files: dict[str, str] | None = None, **more: Any) -> list:
        (tmp_path / "items.tsv").write_text("\n".join((header, *rows, "")), encoding="utf-8")
        for name, text in (files or {}).items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        found = checking.check(tmp_path / "items.tsv", **{"reading": READING, "looks": {}, **more})
        return [(row["status"], row["row"], row["column"], row["what"]) for row in found]

    return write_and_check


def good(count: int = 9) -> list[str]:
    """Rows of which nothing is to be said: a class in three groups and all sets."""
    sets = ("train", "val", "test")
    return [f"S{number}\t\trock\t{sets[number % 3]}\tG{number % 3}" for number in range(count)]


def test_of_a_good_dataset_nothing_is_told(check: Check) -> None:
    assert check(*good()) == []


def test_the_same_text_on_two_sides_is_told(check: Check) -> None:
    header = "id\tlabels\tset\tgroup\twords"
    rows = [
        f"S{n}\trock\t{('train', 'val', 'test')[n % 3]}\tG{n % 3}\ttext {n // 3 if n % 3 else n + 10}" for n in range(9)
    ]
    found = check(*rows, header=header)
    assert found == [
        ("odd", row, "words", f"id 'S{row - 2}' in test has the same words as id 'S{row - 3}' in val")
        for row in (4, 7, 10)
    ]


def test_labels_that_no_target_can_be_made_of_are_told_as_making_targets_would(check: Check) -> None:
    rows = ["S20\t\trock|jazz\ttrain\tG0", "S21\t\tpop\tval\tG1", "S22\t\t\t\tG1"]
    found = check(*good(), *rows, classes=["rock", "jazz"])
    assert [finding for finding in found if finding[0] == "wrong"] == [
        ("wrong", 11, "labels", "id 'S20': 2 labels (rock|jazz), but the task is multiclass"),
        ("wrong", 12, "labels", "id 'S21': label 'pop' is not among the classes that the dataset lists: rock, jazz"),
    ]
    # Where several are allowed and none are listed, any label may be.
    many = {**READING, "single": False}
    assert not [one for one in check(*good(), *rows[:2], reading=many) if one[0] == "wrong"]


def test_every_fault_of_a_table_is_told_with_its_place(check: Check) -> None:
    found = check(
        *good(),
        "S1\t\trock\ttrain\tG0",
        "S20\t../x.wav\trock|\ttrian\tG0",
        "S21\t\trock",
        "\t\trock\tval\tG1",
        "S22\tgone.wav\trock\ttrain\tG1",
    )
    assert found == [
        ("wrong", 13, "", "3 cells, the header has 5"),
        ("wrong", 11, "id", "id 'S1' is in two sets, val (row 3) and train"),
        ("wrong", 12, "set", "id 'S20': set 'trian'"),
        ("wrong", 12, "labels", "id 'S20': label missing in column 'labels', 'rock|'"),
        ("wrong", 12, "audio", "id 'S20': audio '../x.wav' leaves the folder of the table"),
        ("wrong", 14, "id", "the id '' is empty or has white space at its ends"),
        ("wrong", 15, "group", "group 'G1' is in two sets: id 'S1' in val, id 'S22' in train"),
        ("wrong", 15, "audio", found[-2][3]),
        # Without the rows of the torn group, the class lacks a set.
        ("odd", "", "labels", "the class 'rock' is in 2 groups, and in no item of val"),
    ]
    assert found[-2][3].endswith("gone.wav does not exist")


def test_a_finding_has_file_value_and_remedy(check: Check, tmp_path: Path) -> None:
    check(*good(), "S9\tgone.wav\trock\ttrain\tG0")
    (row,) = checking.check(tmp_path / "items.tsv", reading=READING, looks={})
    assert row == {
        "status": "wrong",
        "file": str(tmp_path / "gone.wav"),
        "row": 11,
        "column": "audio",
        "value": "gone.wav",
        "what": f"{tmp_path}/gone.wav does not exist",
        "remedy": "put it there, or leave the cell empty",
    }
    assert tuple(row) == checking.COLUMNS


def test_all_faults_of_a_header_are_told_and_that_no_row_was_looked_at(check: Check) -> None:
    assert check("a\tb\tc", header="track_id\tsplit\tsplit") == [
        ("wrong", 1, "split", "the column 'split' stands twice"),
        ("wrong", 1, "id", "no column 'id'; the columns are: track_id, split, split"),
        ("wrong", 1, "labels", "no column 'labels'; the columns are: track_id, split, split"),
        ("wrong", 1, "track_id", "the column 'track_id' would not be used"),
        ("wrong", 1, "split", "the column 'split' would not be used"),
        ("odd", "", "", "the rows were not looked at, for the header is wrong"),
    ]


@pytest.mark.parametrize(
    ("data", "what", "remedy"),
    [
        (None, "not found", "put the table of the dataset there (docs/own-data.md)"),
        (b"PK\x03\x04", "a workbook of a spreadsheet", "save it as tab-separated text (UTF-8)"),
        (b"", "an empty table", "write a header, and one row for each item"),
        (b"id\tlabels\n", "no items", "write one row for each"),
    ],
)
def test_what_is_no_table_is_one_finding(tmp_path: Path, data: bytes | None, what: str, remedy: str) -> None:
    if data is not None:
        (tmp_path / "items.tsv").write_bytes(data)
    (row,) = checking.check(tmp_path / "items.tsv", reading=READING, looks={})
    assert (row["status"], row["what"], row["remedy"]) == ("wrong", what, remedy)


def test_what_looks_into_files_tells_what_is_in_them_each_once(check: Check) -> None:
    looked = []

    def look(path: Path) -> Iterator[tuple[str, Fault]]:
        looked.append(path.name)
        if path.name == "bad.wav":
            raise TartarusError(f"{path}: row 3: no sound; delete it")
        if path.name == "quiet.wav":
            yield from (("odd", Fault("silent")), ("wrong", Fault("too short")))

    rows = [
        f"A{number}\t{name}\trock\ttrain\tG0" for number, name in enumerate(("bad.wav", "quiet.wav", "a.wav", "a.wav"))
    ]
    files = {"bad.wav": "1", "quiet.wav": "22", "a.wav": "333"}
    assert check(*good(), *rows, files=files, looks={"audio": look}, workers=2) == [
        ("wrong", 11, "audio", "no sound"),
        ("wrong", 12, "audio", "too short"),
        ("odd", 12, "audio", "silent"),
    ]
    assert sorted(looked) == ["a.wav", "bad.wav", "quiet.wav"]


# --- What is odd -----------------------------------------------------------------------------------------


def test_classes_that_are_rare_or_absent_from_a_set_are_odd(check: Check) -> None:
    rows = [
        "P0\t\tpop\ttrain\tG0", "P1\t\tpop\ttrain\tG0", "P2\t\tpop\tval\tG1",
        "J0\t\tjazz\ttrain\tX", "J1\t\tjazz\ttrain\tY", "J2\t\tjazz\ttest\tZ",
    ]  # fmt: skip
    assert check(*good(), *rows) == [
        ("odd", "", "labels", "the class 'jazz' is in 3 groups, and in no item of val"),
        ("odd", "", "labels", "the class 'pop' is in 2 groups, and in no item of test"),
    ]


def test_the_same_bytes_on_two_sides_are_odd_on_one_they_are_not(check: Check) -> None:
    files = {
        "a.wav": "same",
        "b.wav": "same",
        "c.wav": "same",
        "d.wav": "else",
        "e.wav": "longer",
        "f.wav": "",
        "g.wav": "",
    }
    rows = [
        f"A{number}\t{name}\trock\t{set_}\t{group}"
        for number, (name, set_, group) in enumerate(
            [("a.wav", "train", "G0"), ("b.wav", "train", "G0"), ("c.wav", "test", "G2"), ("d.wav", "val", "G1"),
             ("e.wav", "val", "G1"), ("e.wav", "test", "G2"), ("f.wav", "train", "G0"), ("g.wav", "test", "G2")]
        )
    ]  # fmt: skip
    assert check(*good(), *rows, files=files) == [
        ("odd", 13, "audio", "id 'A2' in test has the same audio as id 'A0' in train, a.wav"),
        ("odd", 16, "audio", "id 'A5' in test has the same audio as id 'A4' in val, e.wav"),
    ]


PLAIN = "id\taudio\tlabels\tset"


@pytest.mark.parametrize(
    ("header", "rows", "column"),
    [
        (f"{PLAIN}\tmain artist", ["\tQueen", "\tQueen", "\tQueen", "\tBlur", "\tBlur"], "main artist"),
        (PLAIN, ["Queen - 1.wav", "Queen - 2.wav", "x/Queen - 3.wav", "01 - a.wav", "01 - b.wav"], "audio"),
        (PLAIN, ["m/Queen/1.wav", "m/Queen/2.wav", "m/Queen/3.wav", "rock/1.wav", "train/1.wav"], "audio"),
    ],
)  # fmt: skip
def test_an_artist_on_two_sides_is_suspected_by_column_name_or_folder(
    check: Check, header: str, rows: list[str], column: str
) -> None:
    sets = ("train", "train", "test", "val", "val")
    table = []
    for number, (cells, set_) in enumerate(zip(rows, sets, strict=True)):
        audio, *artist = cells.split("\t")
        table.append("\t".join([f"A{number}", audio, "rock", set_, *artist]))
    # Others, so that no folder holds a large share.
    table += [
        "\t".join([f"B{number}", "", "rock", "train", *([""] if "artist" in header else [])]) for number in range(20)
    ]
    found = [finding for finding in check(*table, header=header) if "seems" in finding[3]]
    what = "'Queen' seems to be on several sides: 2 in train, 1 in test, the first with id 'A0'"
    assert found == [("odd", "", column, what)]


def test_where_there_are_groups_no_artist_is_suspected(check: Check) -> None:
    files = {"Queen - 1.wav": "1", "Queen - 2.wav": "22"}
    rows = ["A1\tQueen - 1.wav\trock\ttrain\tG0", "A2\tQueen - 2.wav\trock\ttest\tG2"]
    assert check(*good(), *rows, files=files) == []


def test_columns_that_are_not_used_and_items_without_a_label_are_odd(check: Check) -> None:
    header = f"{HEADER}\tyear"
    rows = [f"{row}\t1977" for row in (*good(), "S9\t\t\t\t")]
    assert check(*rows, header=header) == [
        ("odd", "", "", "columns that are not used: year"),
        (
            "odd",
            "",
            "",
            "1 of 10 items have no label in column 'labels' and are in no set: they are neither learned from nor "
            "measured",
        ),
    ]


# --- The check and the reader agree ----------------------------------------------------------------------

CELLS = st.one_of(
    st.sampled_from(["", "a", "b", "train", "val", "test", "a|b", "x/y"]), st.text("a|/.{ \x00", max_size=3)
)


@given(st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS, CELLS), min_size=1, max_size=4), st.booleans())
def test_a_table_is_read_if_and_only_if_nothing_in_it_is_wrong(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, ...]], single: bool
) -> None:
    path = tmp_path_factory.mktemp("check") / "items.tsv"
    path.write_text("\n".join(map("\t".join, [HEADER.split("\t"), *rows])) + "\n", encoding="utf-8")
    reading = {**READING, "single": single}
    wrong = [
        row
        for row in checking.check(path, reading=reading, looks={})
        if row["status"] == "wrong" and "does not exist" not in str(row["what"])
    ]
    try:
        item_tables.read_items(path, **reading)
    except TartarusError as error:
        # What reading stops at is the first that the check tells of that place.
        said = str(error).removeprefix(f"{path}: ")
        what = re.sub(r"\Arow \d+: ", "", said)
        assert any(what.startswith(str(row["what"])) for row in wrong)
    else:
        assert not wrong


# --- Tables beside it ------------------------------------------------------------------------------------


def of_plays(check: Check, tmp_path: Path, *plays: str) -> list[tuple[Any, ...]]:
    """Check the plays of items that are as they should be, but for one whose id stands twice."""
    (tmp_path / "plays.tsv").write_text("\n".join(("user\titem\tcount", *plays, "")), encoding="utf-8")
    found = check(*good(), "S8\t\trock\ttest\tG2", table_of_plays=tmp_path / "plays.tsv")
    assert found[0] == ("wrong", 11, "id", "id 'S8' stands in row 10 already")
    return found[1:]


def test_every_faulty_row_of_a_table_of_plays_is_told_and_what_the_others_tell(check: Check, tmp_path: Path) -> None:
    heard = [f"U{number % 2}\tS{number}\t2" for number in range(6)]
    found = of_plays(
        check,
        tmp_path,
        *heard,
        "U1\tS99\t1",
        "U1\tS1\t-1",
        "U2\tS0\tnan",
        "\tS0\t1",
        "U1\tS1",
        "U3\tS7\t1",
        "U1\tS1\t3",
        "U1\tS8\t1",
    )
    assert found == [
        ("wrong", 8, "item", "user 'U1': no item 'S99' in items.tsv"),
        ("wrong", 9, "count", "user 'U1', item 'S1': count '-1' is no number above 0"),
        ("wrong", 10, "count", "user 'U2', item 'S0': count 'nan' is no number above 0"),
        ("wrong", 11, "user", "item 'S0': no user"),
        ("wrong", 12, "", "2 cells, the header has 3"),
        ("odd", "", "", "1 rows tell an item of a user again, and are added up"),
        ("odd", "", "item", "1 of 9 items are played by nobody"),
        ("odd", "", "user", "1 of 3 users played no item for training"),
    ]


@pytest.mark.parametrize(
    ("plays", "wrong"),
    [
        ((), ["no plays", *(f"nobody played an item of the set {set_}" for set_ in ("train", "val", "test"))]),
        (("U\tS0\t1", "U\tS1\t1"), ["nobody played an item of the set test"]),
        (('"U\tS0\t1',), ["a quotation mark begins a cell and is not closed at its end"]),
    ],
)
def test_what_stops_the_reading_of_plays_is_wrong(
    check: Check, tmp_path: Path, plays: tuple[str, ...], wrong: list[str]
) -> None:
    found = [what for status, _, _, what in of_plays(check, tmp_path, *plays) if status == "wrong"]
    assert [what[: len(start)] for what, start in zip(found, wrong, strict=True)] == wrong


def test_a_file_beside_the_table_has_its_findings(check: Check, tmp_path: Path) -> None:
    def look(path: Path) -> Iterator[tuple[str, Fault]]:
        yield "odd", Fault(f"read {path.name}", "", 7)
        raise TartarusError(f"{path}: row 3: broken; mend it")

    assert check(*good(), beside={tmp_path / "names.tsv": look}) == [("wrong", 3, "", "broken")]


def test_the_version_of_the_files_changes_with_them_whatever_the_table_is_like(tmp_path: Path) -> None:
    table = tmp_path / "items.tsv"
    assert checking.version(table) == ""
    table.write_text("audio\ttext\na.wav\t\nb.wav\n")
    before = checking.version(table)
    (tmp_path / "b.wav").write_text("x")
    assert checking.version(table) != before
