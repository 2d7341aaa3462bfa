"""From the files of an archive to those of the house: every value is kept, and the same files give the same bytes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from tartarus.archives import importing
from tartarus.archives.checking import open_sparse
from tartarus.base import untrusted
from tartarus.base.arrays import read_array
from tartarus.base.errors import TartarusError
from tartarus.base.files import read_lines
from tartarus.features.store import open_features, read_index
from tartarus.items.tables import read_rows
from tartarus.plan.archives import PATTERNS

IDS = ["Beyoncé 1", "S2", "S3"]
SIGNATURE = {"kind": "archive", "features": "audio", "archive": "X"}
VALUES = np.array([[0, 0.1, -3], [0, 0, 0], [1e-8, 0, 7]])

matrices = hnp.arrays(
    np.float32, hnp.array_shapes(min_dims=2, max_dims=2, max_side=6), elements=st.sampled_from([0, 0, 1, -2.5])
)


def parts_of(matrix: Any) -> dict[str, np.ndarray]:
    matrix = scipy.sparse.csr_matrix(matrix)
    return {"data": matrix.data, "indices": matrix.indices, "indptr": matrix.indptr, "shape": np.array(matrix.shape)}


def write_patches(path: Path, values: np.ndarray, index: list[str], **options: Any) -> None:
    with h5py.File(path, "w") as file:
        file.create_dataset("features", data=values, **options)
        file["index"] = np.array([id_.encode() for id_ in index])


def import_(kind: str, source: Path, target: Path) -> Path:
    importing.IMPORTS[kind](source, str(target), IDS, SIGNATURE)
    return target


def test_every_kind_of_file_is_imported() -> None:
    assert set(importing.IMPORTS) == set(PATTERNS)


# --- Ids, classes, albums --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["index", "labels"])
def test_lines_are_kept_but_for_what_no_line_has(tmp_path: Path, kind: str) -> None:
    (tmp_path / "source.tsv").write_bytes("\ufeffBeyoncé 1\r\n S2\n\n\nHip\u2028Hop\n".encode())
    found = import_(kind, tmp_path / "source.tsv", tmp_path / "target.tsv")
    assert found.read_bytes() == "Beyoncé 1\nS2\nHip\u2028Hop\n".encode()
    assert read_lines(found) == ["Beyoncé 1", "S2", "Hip\u2028Hop"]


def test_the_table_of_albums_keeps_what_is_needed_of_it(tmp_path: Path) -> None:
    (tmp_path / "source.tsv").write_text("artist\talbum\tid\nA\tDie Eier\tS1\nB\t\tS2\n", encoding="utf-8")
    found = import_("albums", tmp_path / "source.tsv", tmp_path / "target.tsv")
    assert found.read_text() == "id\talbum\nS1\tDie Eier\nS2\t\n"
    assert read_rows(found) == [{"id": "S1", "album": "Die Eier"}, {"id": "S2", "album": ""}]


# --- Truth -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float64", "float32", "int64", "bool", "uint8", ">f8"])
def test_classes_become_bytes(tmp_path: Path, dtype: str) -> None:
    y = np.array([[1, 0, 1], [0, 0, 0], [0, 1, 0]])
    np.save(tmp_path / "y.npy", y.astype(dtype))
    found = read_array(import_("targets", tmp_path / "y.npy", tmp_path / "y_train_class_3_X.npy"))
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, y)


@pytest.mark.parametrize(
    ("kind", "name"),
    [("targets", "y_train_als_3_X.npy"), ("targets", "y_val_pmi_3_X.npy"), ("factors", "user_factors_als_3_X.npy"),
     ("factors", "class_factors_pmi_3_X.npy")],
)  # fmt: skip
def test_factors_become_32_bit_floats(tmp_path: Path, kind: str, name: str) -> None:
    for source in (VALUES, np.asfortranarray(VALUES), VALUES.astype(">f8")):
        np.save(tmp_path / "source.npy", source)
        found = read_array(import_(kind, tmp_path / "source.npy", tmp_path / name))
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found, VALUES.astype(np.float32))


def test_plays_are_kept_without_those_of_zero(tmp_path: Path) -> None:
    # Columns out of order, and a play of zero that is written down.
    np.savez(tmp_path / "source.npz", data=[7.0, 0.0, 2.0], indices=[2, 1, 0], indptr=[0, 3, 3], shape=[2, 4])
    found = open_sparse(import_("plays", tmp_path / "source.npz", tmp_path / "matrix_test_X.npz"))
    np.testing.assert_array_equal(found.toarray(), [[2, 0, 7, 0], [0, 0, 0, 0]])
    assert (found.indices.tolist(), found.nnz) == ([0, 2], 2)
    with np.load(tmp_path / "matrix_test_X.npz") as content:
        assert set(content.files) == {"data", "indices", "indptr", "shape"}


# --- Vectors ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sparse", [False, True])
@given(matrices)
def test_vectors_keep_every_value_and_get_ids_and_signature(
    tmp_path_factory: pytest.TempPathFactory, sparse: bool, values: np.ndarray
) -> None:
    folder = tmp_path_factory.mktemp("vectors")
    source = folder / ("source.npz" if sparse else "source.npy")
    if sparse:
        np.savez(source, **parts_of(values.astype(np.float64)))
    else:
        np.save(source, values.astype(np.float64))
    ids = [f"Beyoncé {number}" for number in range(len(values))]
    importing.vectors(source, str(folder / "x.npz"), ids, SIGNATURE)
    with open_features(folder / "x.npz") as found:
        assert found.index.tolist() == ids
        assert found.signature == SIGNATURE
        rows = found.rows(np.arange(len(values)))
    assert rows.dtype == np.float32
    np.testing.assert_array_equal(rows, values)


def test_sparse_vectors_stay_sparse_and_dense_ones_dense(tmp_path: Path) -> None:
    np.savez(tmp_path / "source.npz", **parts_of(VALUES))
    np.save(tmp_path / "source.npy", VALUES)
    for suffix, names in (("npz", {"data", "indices", "indptr", "shape"}), ("npy", {"features"})):
        found = import_("features", tmp_path / f"source.{suffix}", tmp_path / f"{suffix}.npz")
        with np.load(found) as content:
            assert set(content.files) == {*names, "index", "signature"}
        assert read_index(found) == IDS


@pytest.mark.parametrize("block", [1, 24, 50, 1 << 20])
@pytest.mark.parametrize("order", ["C", "F"])
def test_dense_vectors_are_the_same_whatever_the_size_of_a_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator, block: int, order: str
) -> None:
    values = np.asarray(rng.normal(size=(7, 3)), order=order)
    np.save(tmp_path / "source.npy", values)
    monkeypatch.setattr(untrusted, "BLOCK", block)
    ids = [f"S{number}" for number in range(7)]
    importing.vectors(tmp_path / "source.npy", str(tmp_path / "x.npz"), ids, SIGNATURE)
    with open_features(tmp_path / "x.npz") as found:
        np.testing.assert_array_equal(found.rows(np.arange(7)), values.astype(np.float32))


# --- Patches ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(5, 1, 4, 3), (5, 6)])
@pytest.mark.parametrize("block", [1, 100, 1 << 20])
@pytest.mark.parametrize("options", [{}, {"chunks": True, "compression": "gzip"}], ids=["as they are", "packed"])
def test_patches_are_equal_and_can_be_read_in_any_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator, shape: Any, block: int, options: Any
) -> None:
    values, ids = rng.normal(size=shape), ["S2", "S2", "Beyoncé 1", "S3", "S3"]
    write_patches(tmp_path / "source.hdf5", values, ids, **options)
    monkeypatch.setattr(untrusted, "BLOCK", block)
    found = import_("patches", tmp_path / "source.hdf5", tmp_path / "patches_train_X_1_1.hdf5")
    with h5py.File(found) as file:
        assert file["features"].chunks == (1, *shape[1:])
        assert file["features"].dtype == np.float32
        assert json.loads(file.attrs["signature"]) == SIGNATURE
        np.testing.assert_array_equal(file["features"][:], values.astype(np.float32))
    with open_features(found) as patches:
        assert patches.index.tolist() == ids
        assert patches.shape == shape[1:]
        np.testing.assert_array_equal(patches.rows(np.array([4, 0])), values[[4, 0]].astype(np.float32))


@pytest.mark.parametrize("dtype", [h5py.string_dtype(), "S12"])
def test_ids_of_patches_may_be_text_of_any_kind(tmp_path: Path, dtype: Any) -> None:
    with h5py.File(tmp_path / "source.hdf5", "w") as file:
        file["features"] = np.zeros((3, 1, 2, 2))
        file["index"] = np.array([id_.encode() for id_ in IDS], dtype=dtype)
    assert read_index(import_("patches", tmp_path / "source.hdf5", tmp_path / "p.hdf5")) == IDS


def test_patches_that_break_off_leave_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    values = np.arange(24, dtype=np.float32).reshape(3, 1, 4, 2)
    write_patches(tmp_path / "source.hdf5", values, IDS, chunks=(1, 1, 4, 2), fletcher32=True)
    data = bytearray((tmp_path / "source.hdf5").read_bytes())
    data[data.index(values[2].tobytes())] ^= 1
    (tmp_path / "source.hdf5").write_bytes(data)
    (tmp_path / "p.hdf5").write_bytes(b"old")
    with pytest.raises(TartarusError, match=r"source\.hdf5: row 0 and those after it cannot be read"):
        import_("patches", tmp_path / "source.hdf5", tmp_path / "p.hdf5")
    assert (tmp_path / "p.hdf5").read_bytes() == b"old"
    assert {path.name for path in tmp_path.iterdir()} == {"source.hdf5", "p.hdf5"}


# --- All of them -----------------------------------------------------------------------------------------


@pytest.fixture
def sources(tmp_path: Path) -> dict[str, Path]:
    """Write a file of every kind, as an archive has it; dense vectors as `dense`."""
    folder = tmp_path / "archive"
    folder.mkdir()
    np.save(folder / "y_train_class_3_X.npy", np.eye(3))
    np.save(folder / "user_factors_als_3_X.npy", VALUES)
    np.save(folder / "X_train_audio_X.npy", VALUES)
    for name in ("matrix_test_X", "X_train_words_X"):
        np.savez(folder / f"{name}.npz", **parts_of(VALUES))
    write_patches(folder / "patches_train_X_1_1.hdf5", np.ones((3, 1, 4, 2)), IDS)
    for name, text in (("index", "S1\nS2\n"), ("labels", "rock\npop\n"), ("albums", "id\talbum\nS1\tA\n")):
        (folder / f"{name}.tsv").write_text(text)
    files = {
        "targets": "y_train_class_3_X.npy", "factors": "user_factors_als_3_X.npy", "dense": "X_train_audio_X.npy",
        "plays": "matrix_test_X.npz", "features": "X_train_words_X.npz", "patches": "patches_train_X_1_1.hdf5",
        "index": "index.tsv", "labels": "labels.tsv", "albums": "albums.tsv",
    }  # fmt: skip
    return {kind: folder / name for kind, name in files.items()}


KINDS = (*PATTERNS, "dense")


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_file_gives_the_same_bytes(tmp_path: Path, sources: dict[str, Path], kind: str) -> None:
    source = sources[kind]
    name = source.name.replace(".npy", ".npz") if kind == "dense" else source.name
    one, two = (
        import_(kind.replace("dense", "features"), source, tmp_path / folder / name).read_bytes()
        for folder in ("one", "two")
    )
    assert one == two


DAMAGED: dict[str, Callable[[bytes], bytes]] = {
    "cut in half": lambda data: data[: len(data) // 2],
    "empty": lambda _: b"",
}


@pytest.mark.parametrize("how", DAMAGED)
@pytest.mark.parametrize("kind", ["targets", "factors", "dense", "plays", "features", "patches"])
def test_a_damaged_file_is_refused_with_its_name_and_leaves_nothing_behind(
    tmp_path: Path, sources: dict[str, Path], kind: str, how: str
) -> None:
    source, target = sources[kind], tmp_path / "out" / "target"
    source.write_bytes(DAMAGED[how](source.read_bytes()))
    target.parent.mkdir()
    with pytest.raises(TartarusError) as error:
        import_(kind.replace("dense", "features"), source, target)
    assert str(source) in str(error.value)
    assert list(target.parent.iterdir()) == []
