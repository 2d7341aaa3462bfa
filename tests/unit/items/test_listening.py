"""Plays by set: whose they are, what is left out or kept, and how popular a new item may be."""

from pathlib import Path

import numpy as np
import pytest
import scipy.sparse
from tartarus.base.errors import TartarusError
from tartarus.base.untrusted import open_sparse
from tartarus.items import listening
from tartarus.items.item_tables import Item
from tartarus.items.plays import Plays

ITEMS = ["T1", "T2", "T3", "V1", "V2", "X1", "X2", "none"]
SETS = {"train": ["T1", "T2", "T3"], "val": ["V1", "V2"], "test": ["X2", "X1"]}
# T3, V2 and X1 were played by nobody; user c only played items of no set or for test.
COUNTS = [[1, 2, 0], [0, 1, 0], [0, 0, 0], [3, 0, 0], [0, 0, 0], [0, 0, 0], [0, 7, 5], [0, 0, 4]]
PLAYS = Plays(["a", "b", "c"], ITEMS, scipy.sparse.csr_matrix(np.array(COUNTS, np.float32)))


def parted(**options: str) -> listening.Listening:
    return listening.by_set(PLAYS, SETS, {}, source="plays.tsv", **options)


def test_who_and_what_has_no_plays_for_training_is_left_out_but_not_a_new_item() -> None:
    found = parted()
    assert {set_: counts.toarray().tolist() for set_, counts in found.counts.items()} == {
        "train": [[1, 2], [0, 1]],
        "val": [[3, 0]],
        "test": [[0, 7], [0, 0]],
    }
    assert found.users == [
        {"user": "a", "row": 0, "train": 1, "val": 1, "test": 0},
        {"user": "b", "row": 1, "train": 2, "val": 0, "test": 1},
        {"user": "c", "row": "", "train": 0, "val": 0, "test": 1},
    ]
    assert [(row["id"], row["set"], row["status"], row["users"]) for row in found.items] == [
        ("T1", "train", "ok", 2),
        ("T2", "train", "ok", 1),
        ("T3", "train", "unplayed", 0),
        ("V1", "val", "ok", 1),
        ("V2", "val", "unplayed", 0),
        ("X2", "test", "ok", 2),
        ("X1", "test", "unplayed", 0),
    ]


def test_both_can_be_kept() -> None:
    found = parted(users_without_plays="kept", items_without_plays="kept")
    assert {set_: counts.shape for set_, counts in found.counts.items()} == {
        "train": (3, 3),
        "val": (2, 3),
        "test": (2, 3),
    }
    assert [row["row"] for row in found.users] == [0, 1, 2]
    assert found.counts["test"].toarray().tolist() == [[0, 7, 5], [0, 0, 0]]


def test_an_album_without_any_track_that_was_played_is_an_item_without_plays() -> None:
    sets = {**SETS, "test": ["X2", "elsewhere"]}
    found = listening.by_set(PLAYS, sets, {}, source="plays.tsv")
    assert found.items[-1]["status"] == "unplayed"


def test_a_set_that_nobody_plays_is_refused() -> None:
    with pytest.raises(TartarusError, match=r"plays.tsv: nobody played an item of the set val; add plays"):
        listening.by_set(PLAYS, {**SETS, "val": ["V2"]}, {}, source="plays.tsv")


def test_a_new_item_is_as_popular_as_those_that_share_a_value() -> None:
    values = {"T1": ("rock", "live"), "T2": ("rock",), "T3": ("jazz",), "X1": ("rock", "live"), "X2": ("folk",)}
    listeners = np.array([4, 1, 9])
    assert listening.popularity(SETS, listeners, values) == {"X2": 0.0, "X1": pytest.approx((2.5 + 4) / 2)}
    assert listening.popularity(SETS, listeners, {"T1": ("rock",), "X1": ("jazz",)}) == {}
    assert listening.popularity(SETS, listeners, {}) == {}


def test_values_come_from_a_column_and_from_the_tracks_of_an_album() -> None:
    items = [Item("A", "train", (), {"genre": "rock|live"}), Item("B", "train", (), {"genre": ""})]
    assert listening.values_of(items, "genre") == {"A": ("rock", "live"), "B": ()}
    assert listening.values_of(items, "artist") == listening.values_of(items, None) == {}
    values = {"A": ("rock", "live"), "B": ("live", "jazz")}
    assert listening.values_of_albums(values, {"A": "one", "B": "one", "C": "two"}) == {
        "one": ("rock", "live", "jazz"),
        "two": (),
    }


def test_counts_are_written_as_archives_have_them(tmp_path: Path) -> None:
    path = tmp_path / "matrix_test_X.npz"
    listening.write_counts(str(path), PLAYS.counts)
    assert open_sparse(path).toarray().tolist() == COUNTS
