"""The layout of the original's data."""

import ast
from pathlib import Path

import numpy as np
import pytest
from tartarus.base.errors import TartarusError
from tartarus.items import item_tables, super_layout, tables


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three items in the original's layout; S2 has no text."""
    content = {
        "index/index_audio_TINY.tsv": "S1\tone.mp3\nS2\ttwo.mp3\nS3\tsub/three.mp3\n",
        "index/index_text_TINY.tsv": "S3\tthree.txt\nS1\tone.txt\n",
        "splits/genre_labels_TINY.tsv": "Rock\nPop\n",
        "splits/items_index_train_TINY.tsv": "S3\n",
        "splits/items_index_val_TINY.tsv": "S1\n",
        "splits/items_index_test_TINY.tsv": "S2",
    }
    for name, text in content.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    for set_, row in (("train", [1, 0]), ("val", [1, 1]), ("test", [0, 1])):
        np.save(tmp_path / "splits" / f"y_{set_}_class_2_TINY.npy", np.array([row]))
    return tmp_path


def test_items_are_read_with_their_files_sets_and_classes(folder: Path) -> None:
    assert super_layout.rows(folder, "TINY") == [
        {"id": "S3", "audio": "audio/sub/three.mp3", "text": "text/three.txt", "labels": "Rock", "set": "train"},
        {"id": "S1", "audio": "audio/one.mp3", "text": "text/one.txt", "labels": "Rock|Pop", "set": "val"},
        {"id": "S2", "audio": "audio/two.mp3", "text": "", "labels": "Pop", "set": "test"},
    ]


def test_the_rows_are_a_table_of_items(folder: Path) -> None:
    tables.write_rows(folder / "items.tsv", super_layout.rows(folder, "TINY"))
    items = item_tables.read_items(folder / "items.tsv")
    assert [(item.id, item.set, item.labels) for item in items] == [
        ("S3", "train", ("Rock",)),
        ("S1", "val", ("Rock", "Pop")),
        ("S2", "test", ("Pop",)),
    ]


def test_a_malformed_line_is_refused_with_file_and_line(folder: Path) -> None:
    (folder / "index" / "index_audio_TINY.tsv").write_text("S1\tone.mp3\nS2 two.mp3\n")
    with pytest.raises(TartarusError, match=r"index_audio_TINY\.tsv: line 2: expected an id, a tab and a file name"):
        super_layout.rows(folder, "TINY")


def test_truth_of_another_shape_is_refused_with_its_file(folder: Path) -> None:
    np.save(folder / "splits" / "y_val_class_2_TINY.npy", np.zeros((2, 2)))
    with pytest.raises(TartarusError, match=r"y_val_class_2_TINY\.npy: shape \(2, 2\), expected \(1, 2\); fetch it"):
        super_layout.rows(folder, "TINY")


def test_the_real_items_have_the_classes_of_the_original_s_own_list(mirror: Path) -> None:
    rows = {row["id"]: row for row in super_layout.rows(mirror / "SUPER", "SUPER")}
    assert len(rows) == 9
    classes = ["Cumbia", "Merengue", "Reggaeton"]
    # A file that the importer does not read says the same, item by item.
    for line in (mirror / "SUPER" / "index" / "y_SUPER.tsv").read_text().splitlines():
        id_, vector = line.split("\t")
        assert rows[id_]["labels"] == classes[ast.literal_eval(vector).index(1)]
    for row in rows.values():
        assert (mirror / "SUPER" / row["audio"]).is_file()
        assert (mirror / "SUPER" / row["text"]).is_file()
    sets = [row["set"] for row in rows.values()]
    assert [sets.count(name) for name in ("train", "val", "test")] == [3, 3, 3]
