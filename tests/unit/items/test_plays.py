"""The table of plays: what is read, and what is wrong with it, row by row."""

import logging
from pathlib import Path

import numpy as np
import pytest
from tartarus.base.errors import TartarusError
from tartarus.items import plays

ITEMS = ["A", "B", "C"]


@pytest.fixture
def table(tmp_path: Path):
    def write(text: str, encoding: str = "utf-8") -> Path:
        path = tmp_path / "plays.tsv"
        path.write_bytes(text.encode(encoding))
        return path

    return write


def dense(found: plays.Plays) -> list[list[float]]:
    return found.counts.toarray().tolist()


def test_rows_become_items_by_sorted_users_whatever_their_order_and_that_of_the_columns(table):
    rows = ["u2\tA\t3", "u1\tC\t0.5", "u1\tA\t2"]
    found = plays.read(table("user\titem\tcount\n" + "\n".join(rows) + "\n"), ITEMS)
    assert (found.users, found.items) == (["u1", "u2"], ITEMS)
    assert dense(found) == [[2, 3], [0, 0], [0.5, 0]]
    turned = ["\t".join(reversed(row.split("\t"))) for row in reversed(rows)]
    other = plays.read(table("count\titem\tuser\r\n\r\n" + "\r\n".join(turned)), ITEMS)
    assert (other.users, dense(other)) == (found.users, dense(found))


@pytest.mark.parametrize("text", ["user\titem\nu\tA\nv\tB\n", "user\titem\tcount\nu\tA\t\nv\tB\t1\n"])
def test_without_a_count_an_item_was_played_once(table, text):
    assert dense(plays.read(table(text), ITEMS)) == [[1, 0], [0, 1], [0, 0]]


def test_what_other_systems_write_is_read(table):
    assert plays.read(table("user\titem\n\u00fc\tA\n", "utf-16"), ITEMS).users == ["\u00fc"]
    assert plays.read(table("\ufeffuser\titem\nu\tA\n"), ITEMS).users == ["u"]
    assert plays.read(table('\ufeff"user"\t"item"\r\n"u ""x"""\t"A"\r\n \t \r\n'), ITEMS).users == ['u "x"']


def test_an_item_twice_for_one_user_is_added_up_and_counted(table, caplog):
    with caplog.at_level(logging.WARNING):
        found = plays.read(table("user\titem\tcount\nu\tA\t2\nv\tA\t1\nu\tA\t3\nu\tA\t1\n"), ITEMS)
    assert dense(found)[0] == [6, 1]
    assert "2 rows tell an item of a user again, and are added up" in caplog.text


def test_blocks_mean_nothing(table, monkeypatch, rng: np.random.Generator):
    items = [f"i{number}" for number in range(30)]
    rows = [f"u{rng.integers(20)}\ti{rng.integers(30)}\t{rng.integers(1, 9)}" for _ in range(200)]
    path = table("user\titem\tcount\n" + "\n".join(rows) + "\n")
    whole = plays.read(path, items)
    monkeypatch.setattr(plays, "ROWS_AT_ONCE", 7)
    parts = plays.read(path, items)
    expected = np.zeros((30, len(whole.users)))
    for row in rows:
        user, item, count = row.split("\t")
        expected[int(item[1:]), whole.users.index(user)] += int(count)
    assert dense(whole) == dense(parts) == expected.tolist()
    assert whole.users == parts.users == sorted({row.split("\t")[0] for row in rows})


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("u\tZ\t1", "row 4: user 'u': no item 'Z' in items.tsv; Known: A, B, C"),
        ("u\tB\t-1", "row 4: user 'u', item 'B': count '-1' is no number above 0; correct it, or delete the row"),
        ("u\tB\t0", "count '0' is no number above 0"),
        ("u\tB\tnan", "count 'nan' is no number above 0"),
        ("u\tB\tinf", "count 'inf' is no number above 0"),
        ("u\tB\t1e99", "count '1e99' is no number above 0"),
        ("u\tB\tone", "count 'one' is no number above 0"),
        ("u\tB\t1,5", "count '1,5' is no number above 0"),
        ("\tB\t1", "row 4: item 'B': no user; write who played it, or delete the row"),
        ("  \tB\t1", "row 4: item 'B': no user"),
        ("u \tB\t1", "row 4: the user 'u ' has white space at its ends; delete it"),
        ("u\x00\tB\t1", r"row 4: the user 'u\\x00' has an invisible character; delete it"),
        ("u\tB", "row 4: 2 cells, the header has 3; check its separators"),
        ("u\tB\t1\t1", "row 4: 4 cells, the header has 3; check its separators"),
    ],
)
@pytest.mark.parametrize("block", [1, 100])
def test_a_row_that_is_wrong_is_named(table, monkeypatch, row, message, block):
    monkeypatch.setattr(plays, "ROWS_AT_ONCE", block)
    path = table(f"user\titem\tcount\nu\tA\t1\n\n{row}\nu\tC\t1\n")
    with pytest.raises(TartarusError, match=message) as error:
        plays.read(path, ITEMS)
    assert str(error.value).startswith(str(path))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "an empty table; write a header"),
        ("user,item\nu,A\n", "row 1: commas between the cells, tabs expected; save it as tab-separated text"),
        ("PK\x03\x04user\titem\nu\tA\n", "a workbook of a spreadsheet"),
        ("user\tartist\nu\tA\n", "0 columns 'item'"),
        ("user\titem\titem\nu\tA\tA\n", "2 columns 'item'"),
        ("user\titem\tplays\nu\tA\t1\n", "the column 'plays' is not known, or stands twice"),
        ("user\titem\tcount\n", "no plays; write a row for each item that a user played"),
        ('user\titem\nu\tA\n"v\tB\n', "row 3: a quotation mark begins a cell and is not closed at its end"),
    ],
)
def test_a_table_that_is_none_is_refused(table, text, message):
    with pytest.raises(TartarusError, match=message):
        plays.read(table(text), ITEMS)


def test_latin_letters_of_another_encoding_are_refused(table):
    with pytest.raises(TartarusError, match=r"plays.tsv: no UTF-8 \(.*byte 0xfc.*\); save it as"):
        plays.read(table("user\titem\n\u00fc\tA\n", "latin-1"), ITEMS)


def test_plays_of_albums_are_those_of_their_tracks(table):
    found = plays.read(table("user\titem\tcount\nu\tA\t2\nv\tA\t1\nu\tB\t3\nv\tC\t9\n"), ITEMS)
    albums = plays.of_albums(found, {"A": "one", "B": "one"})
    assert (albums.items, albums.users) == (["one"], ["u", "v"])
    assert dense(albums) == [[5, 1]]
