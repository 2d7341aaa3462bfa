"""Tables of ours: what is written is read again, and what is damaged is named."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tartarus.base.errors import TartarusError
from tartarus.items import tables

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


@pytest.mark.parametrize("cell", ['"Heroes"', '"Heroes" by Bowie', 'a "b"', "one\ttwo", "one\ntwo", '"'])
def test_cells_that_have_to_be_quoted_come_back(tmp_path: Path, cell: str) -> None:
    tables.write_rows(tmp_path / "rows.tsv", [{"id": "S1", "title": cell}, {"id": "S2", "title": "x"}])
    assert [row["title"] for row in tables.read_rows(tmp_path / "rows.tsv")] == [cell, "x"]
    with (tmp_path / "rows.tsv").open(encoding="utf-8", newline="") as file:
        assert [row["title"] for row in csv.DictReader(file, dialect="excel-tab")] == [cell, "x"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no column 'id'"),
        (b"id\tstatus\nS1\n", "row 2: 1 cells, the header has 2"),
        (b"id\tstatus\nS1\tok\tmore\n", "row 2: 3 cells, the header has 2"),
        (b"id\tstate\nS1\tok\n", "no column 'status'"),
        (b"id\tstatus\nS1\t\xff\n", "codec can't decode"),
        (b'id\tstatus\nS1\t"ok\n', "row 2: a quotation mark"),
    ],
)
def test_a_damaged_table_of_ours_is_named_with_what_to_do(tmp_path: Path, data: bytes, said: str) -> None:
    (tmp_path / "tracks.tsv").write_bytes(data)
    with pytest.raises(TartarusError) as error:
        tables.read_rows(tmp_path / "tracks.tsv", columns=("id", "status"))
    assert str(error.value).startswith(f"{tmp_path / 'tracks.tsv'}: damaged (")
    assert said in str(error.value)
    assert str(error.value).endswith("; delete it to have it made anew")


@pytest.mark.parametrize("text", ["epoch,loss\n1\n", "epoch,loss\n1,2,3\n", "epoch,loss\n1,x\n"])
def test_damaged_figures_are_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "history.csv").write_text(text)
    with pytest.raises(TartarusError, match=r"history\.csv: damaged \(.*\); delete it to have its model trained"):
        tables.read_figures(tmp_path / "history.csv")


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
