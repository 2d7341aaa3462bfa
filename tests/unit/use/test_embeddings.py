"""Vectors taken elsewhere: other programs read what is in the files."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import scipy.sparse
from tartarus.features import store
from tartarus.use import embeddings

LABELS = {"A": ["Jazz", "Rock"], "B": [], "C": ["Rock"]}


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    paths = {set_: tmp_path / f"X_{set_}_mine_SONGS.npz" for set_ in ("train", "test")}
    store.write_vectors(paths["train"], np.array([[1, 2], [3, 4.5]], np.float32), ["A", "B"], {"kind": "mine"})
    store.write_vectors(paths["test"], np.array([[-1, 0]], np.float32), ["C"], {"kind": "mine"})
    return paths


def test_parquet_has_ids_sets_labels_and_vectors_of_a_fixed_size(tmp_path, files):
    embeddings.write_parquet(tmp_path / "e.parquet", embeddings.Embeddings(files), LABELS)
    frame = pd.read_parquet(tmp_path / "e.parquet")
    assert frame["id"].tolist() == ["A", "B", "C"]
    assert frame["set"].tolist() == ["train", "train", "test"]
    assert [list(labels) for labels in frame["labels"]] == [["Jazz", "Rock"], [], ["Rock"]]
    np.testing.assert_array_equal(np.stack(frame["vector"].tolist()), [[1, 2], [3, 4.5], [-1, 0]])
    assert str(pq.read_schema(tmp_path / "e.parquet").field("vector").type).startswith("fixed_size_list")


def test_the_same_bytes_whatever_the_blocks_hold_of_arrays_and_of_tables(tmp_path, files, monkeypatch):
    embeddings.write_npz(tmp_path / "one.npz", embeddings.Embeddings(files), LABELS)
    monkeypatch.setattr(embeddings, "BLOCK", 1)
    embeddings.write_npz(tmp_path / "many.npz", embeddings.Embeddings(files), LABELS)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "many.npz").read_bytes()
    with np.load(tmp_path / "many.npz") as file:
        assert file["ids"].tolist() == ["A", "B", "C"]
        assert file["labels"].tolist() == ["Jazz|Rock", "", "Rock"]
        np.testing.assert_array_equal(file["vectors"], [[1, 2], [3, 4.5], [-1, 0]])


def test_the_projector_gets_vectors_without_a_head_and_metadata_with_one(tmp_path, files):
    paths = tmp_path / "vectors.tsv", tmp_path / "metadata.tsv"
    embeddings.write_projector(*paths, embeddings.Embeddings(files), LABELS)
    np.testing.assert_allclose(np.loadtxt(paths[0], delimiter="\t"), [[1, 2], [3, 4.5], [-1, 0]])
    with paths[1].open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert [row["labels"] for row in rows] == ["Jazz|Rock", "", "Rock"]


def test_sparse_vectors_become_dense(tmp_path):
    values = scipy.sparse.csr_matrix(np.array([[0, 2, 0], [0, 0, 1]], np.float32))
    store.write_vectors(tmp_path / "X_test_bow_SONGS.npz", values, ["A", "B"], {"kind": "bow"})
    found = embeddings.Embeddings({"test": tmp_path / "X_test_bow_SONGS.npz"})
    (block,) = found.blocks()
    np.testing.assert_array_equal(block.vectors, [[0, 2, 0], [0, 0, 1]])


def test_labels_are_the_classes_of_the_ground_truth():
    truth = {"train": np.array([[1, 1], [0, 0]]), "test": np.array([[0, 1]])}
    ids = {"train": ["A", "B"], "test": ["C"]}
    assert embeddings.labels_of(truth, ids, ["Jazz", "Rock"]) == LABELS
