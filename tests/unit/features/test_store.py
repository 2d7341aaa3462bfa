"""Files of features: dense and sparse vectors, patches, vocabularies."""

import json
import mmap
import re
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from tartarus.base.arrays import write_in_blocks
from tartarus.base.errors import TartarusError
from tartarus.features import store

matrices = hnp.arrays(
    np.float32,
    hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=6),
    elements=st.sampled_from([0, 0, 0, 1, -2.5]),
)


def ids(count: int) -> list[str]:
    return [f"Beyoncé {number}" for number in range(count)]


# --- Vectors ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sparse", [False, True])
@given(matrices, st.data())
def test_vectors_that_are_written_are_read_again_in_any_order(
    tmp_path_factory: pytest.TempPathFactory, sparse: bool, values: np.ndarray, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("vectors") / "x.npz"
    given_values = scipy.sparse.csr_matrix(values) if sparse else values
    store.write_vectors(path, given_values, ids(len(values)), {"kind": "x", "words": 3})
    numbers = data.draw(st.lists(st.integers(0, len(values) - 1), max_size=8))
    with store.open_features(path) as found:
        assert found.index.tolist() == ids(len(values))
        assert found.signature == {"kind": "x", "words": 3}
        assert found.shape == values.shape[1:]
        rows = found.rows(np.array(numbers, dtype=int))
    assert isinstance(rows, np.ndarray)
    assert rows.dtype == np.float32
    np.testing.assert_array_equal(rows, values[numbers])


def test_sparse_vectors_are_kept_as_csr_and_dense_ones_as_they_are(tmp_path: Path) -> None:
    values = np.eye(3, dtype=np.float32)
    store.write_vectors(tmp_path / "sparse.npz", scipy.sparse.csr_matrix(values), ids(3), {})
    store.write_vectors(tmp_path / "dense.npz", values, ids(3), {})
    with np.load(tmp_path / "sparse.npz") as sparse, np.load(tmp_path / "dense.npz") as dense:
        assert set(sparse.files) == {"data", "indices", "indptr", "shape", "index", "signature"}
        assert set(dense.files) == {"features", "index", "signature"}
        parts = (sparse["data"], sparse["indices"], sparse["indptr"])
        np.testing.assert_array_equal(scipy.sparse.csr_matrix(parts, shape=sparse["shape"]).toarray(), values)


def test_the_same_vectors_are_the_same_bytes(tmp_path: Path) -> None:
    values = scipy.sparse.csr_matrix(np.array([[0, 2, 1], [3, 0, 0]], np.float32))
    # The same matrix, its columns noted in another order.
    other = scipy.sparse.csr_matrix((values.data[[1, 0, 2]], values.indices[[1, 0, 2]], values.indptr), shape=(2, 3))
    assert (other != values).nnz == 0
    store.write_vectors(tmp_path / "one.npz", values, ids(2), {"a": 1, "b": 2})
    store.write_vectors(tmp_path / "two.npz", other, ids(2), {"b": 2, "a": 1})
    store.write_vectors(tmp_path / "three.npz", values, ids(2), {"a": 1, "b": 3})
    one, two, three = ((tmp_path / f"{name}.npz").read_bytes() for name in ("one", "two", "three"))
    assert one == two != three


def test_pickled_vectors_are_refused_with_their_file(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    np.savez(path, features=np.array([[{}]], dtype=object), index=np.array(["S1"]))
    with pytest.raises(TartarusError, match=r"x\.npz: no array 'features' \(objects.*delete it to have it made anew"):
        store.open_features(path)


@pytest.mark.parametrize(
    "content",
    [
        {"features": np.zeros((1, 2))},
        {"index": np.array(["S1"])},
        {"index": np.array(["S1"]), "features": np.zeros((1, 2)), "signature": np.array("{")},
        {
            "index": np.array(["S1"]),
            "data": np.ones(1),
            "indices": np.array([0]),
            "indptr": np.array([0, 1, 1]),
            "shape": np.array([1, 3]),
        },
    ],
    ids=["no index", "no features", "no signature", "rows that are not there"],
)
def test_a_file_that_lacks_something_is_refused_with_its_name(tmp_path: Path, content: dict[str, np.ndarray]) -> None:
    np.savez(tmp_path / "x.npz", **content)
    with pytest.raises(TartarusError) as error:
        store.open_features(tmp_path / "x.npz")
    assert re.search(
        r"x\.npz: (not a file of features|no array 'features') .*delete it to have it made anew$", str(error.value)
    )


def test_an_index_of_another_length_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", features=np.zeros((3, 2)), index=np.array(["S1", "S2"]))
    with pytest.raises(TartarusError, match=r"x\.npz: 3 rows, but 2 ids in its index"):
        store.open_features(tmp_path / "x.npz")


def test_dense_vectors_stay_on_the_disk(vector_file: Callable[..., Path]) -> None:
    path = vector_file(np.arange(12.0).reshape(4, 3), ids(4))
    with store.open_features(path) as found:
        base = found.values
        while isinstance(base.base, np.ndarray):
            base = base.base
        # The memory is the file's, and nobody may write to it.
        assert isinstance(base.base, mmap.mmap | memoryview)
        assert not found.values.flags.writeable
        assert found.rows(np.array([2, 0])).flags.writeable


def test_vectors_that_are_kept_columns_first_are_read_again(tmp_path: Path) -> None:
    values = np.arange(6, dtype=np.float32).reshape(2, 3).T
    store.write_vectors(tmp_path / "x.npz", values, ids(3), {})
    with store.open_features(tmp_path / "x.npz") as found:
        np.testing.assert_array_equal(found.rows(np.arange(3)), values)


def test_what_stands_beside_vectors_is_the_same_whoever_writes_them(tmp_path: Path) -> None:
    values, signature = np.arange(6, dtype=np.float32).reshape(3, 2), {"b": 1, "a": [2, "x"]}
    store.write_vectors(tmp_path / "one.npz", values, ids(3), signature)
    write_in_blocks(
        tmp_path / "two.npz", "features", (3, 2), np.float32, [values[:2], values[2:]],
        **store.described(ids(3), signature),
    )  # fmt: skip
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    with store.open_features(tmp_path / "two.npz") as found:
        assert (found.index.tolist(), found.signature) == (ids(3), signature)


def test_the_index_is_read_without_the_vectors(tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", features=np.array([[{}]], dtype=object), index=np.array(["S1"]))
    assert store.read_index(tmp_path / "x.npz") == ["S1"]
    np.savez(tmp_path / "y.npz", features=np.zeros((1, 2)))
    with pytest.raises(TartarusError, match=r"y\.npz: no ids \('index'\) in it; write it anew if it is your own"):
        store.read_index(tmp_path / "y.npz")


# --- Patches ---------------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 11), max_size=20))
def test_patches_are_read_in_the_order_asked_for(tmp_path_factory: pytest.TempPathFactory, numbers: list[int]) -> None:
    path = tmp_path_factory.mktemp("patches") / "p.hdf5"
    values = np.arange(12 * 6, dtype=np.float32).reshape(12, 1, 3, 2)
    with h5py.File(path, "w") as file:
        file["features"] = values
        file["index"] = np.array([f"S{row // 2}" for row in range(12)], dtype=bytes)
        file.attrs["signature"] = json.dumps({"type": "cqt"})
    with store.open_features(path) as found:
        assert found.shape == (1, 3, 2)
        assert found.signature == {"type": "cqt"}
        assert found.index[:3].tolist() == ["S0", "S0", "S1"]
        np.testing.assert_array_equal(found.rows(np.array(numbers, dtype=int)), values[numbers])


@pytest.mark.parametrize("block", [1, 2, 7, 20, 23, 1000])
def test_moments_in_blocks_are_those_of_everything_at_once(
    patch_file: Callable[..., Path], rng: np.random.Generator, block: int
) -> None:
    # Far from zero: summing squares would lose the digits that matter.
    values = (10_000 + rng.normal(size=(23, 1, 3, 4))).astype(np.float32)
    with store.open_features(patch_file(values, [f"S{row}" for row in range(23)])) as found:
        mean, variance = store.moments(found, block=block)
    exact = values.astype(np.float64)
    np.testing.assert_allclose(mean, exact.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(variance, exact.var(axis=0), rtol=1e-7)


def test_the_moments_of_one_patch_are_itself_and_zero(patch_file: Callable[..., Path]) -> None:
    values = np.arange(6, dtype=np.float32).reshape(1, 1, 3, 2)
    with store.open_features(patch_file(values, ["S1"])) as found:
        mean, variance = store.moments(found)
    np.testing.assert_array_equal(mean, values[0])
    assert not variance.any()


def test_a_damaged_file_of_patches_is_refused_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "p.hdf5").write_bytes(b"no HDF5 at all")
    with pytest.raises(TartarusError, match=r"p\.hdf5"):
        store.open_features(tmp_path / "p.hdf5")


def test_ids_of_patches_may_have_letters_of_any_language(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "p.hdf5", "w") as file:
        file["features"] = np.zeros((1, 1, 2, 2), np.float32)
        file["index"] = np.array(["Beyoncé".encode()])
        file.attrs["signature"] = "{}"
    with store.open_features(tmp_path / "p.hdf5") as found:
        assert found.index.tolist() == ["Beyoncé"]


# --- Indexes and vocabularies ----------------------------------------------------------------------------


def test_the_index_names_every_item_once_in_order(
    patch_file: Callable[..., Path], vector_file: Callable[..., Path]
) -> None:
    assert store.read_index(patch_file(np.zeros((5, 1, 1, 1)), ["S2", "S2", "S1", "S1", "S3"])) == ["S2", "S1", "S3"]
    assert store.read_index(vector_file(np.zeros((3, 1)), ["S2", "S1", "S3"])) == ["S2", "S1", "S3"]


@pytest.mark.parametrize("name", ["x.npz", "x.hdf5"])
def test_the_index_of_a_damaged_file_is_refused_with_its_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"damaged")
    with pytest.raises(TartarusError, match=name):
        store.read_index(tmp_path / name)


def test_vocabularies_are_found_by_the_names_of_their_files(tmp_path: Path) -> None:
    bow, w2v = tmp_path / "vocabulary_bow_SONGS.npz", tmp_path / "vocabulary_w2v_SONGS.npz"
    store.write_vocabulary(bow, ["más", "the"], np.array([1.5, 2.5]))
    store.write_vocabulary(w2v, ["<padding>", "<unknown>"], np.zeros((2, 3), np.float32))
    found = store.read_vocabularies([w2v, bow], ["bow", "w2v"])
    assert set(found) == {"bow", "w2v"}
    assert found["bow"][0] == ["más", "the"]
    np.testing.assert_array_equal(found["bow"][1], [1.5, 2.5])
    assert found["w2v"][1].shape == (2, 3)


# --- Vectors of the user's own ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"features": np.zeros(3)}, "found 3 values of type float64 and an index of 1 dimensions"),
        ({"features": np.zeros((3, 2, 2))}, "found 3 x 2 x 2 values"),
        ({"features": np.array([["1", "2"]] * 3)}, "values of type <U1"),
        ({"features": np.array([[{}], [{}], [{}]], dtype=object)}, "no array 'features'"),
        ({"features": np.zeros((3, 2), complex)}, "values of type complex128"),
        ({"features": np.zeros((2, 2))}, "2 rows, but 3 ids in its index"),
        ({"features": np.zeros((3, 2)), "index": np.array(["a", "b", "a"])}, "1 ids stand more than once .* 'a'"),
        ({"features": np.zeros((3, 2)), "index": np.array("abc")}, "an index of 0 dimensions"),
        ({"features": np.zeros((3, 2)), "index": np.array(["a", None, "b"], dtype=object)}, "not a file of arrays"),
        ({"vectors": np.zeros((3, 2))}, "no array 'features'"),
    ],
)
def test_own_vectors_that_are_no_vectors_are_refused_with_what_the_user_can_do(
    tmp_path: Path, arrays: dict[str, np.ndarray], message: str
) -> None:
    path = tmp_path / "X_train_moods_MyMusic.npz"
    np.savez(path, **{"index": np.array(["a", "b", "c"]), **arrays})
    with pytest.raises(TartarusError, match=message) as caught:
        store.open_features(path)
    assert "write it anew if it is your own" in str(caught.value)


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("sparse", [False, True])
def test_a_value_that_is_not_finite_is_named_when_it_is_read(tmp_path: Path, value: float, sparse: bool) -> None:
    values = np.eye(3, dtype=np.float32)
    values[1, 1] = value
    path = tmp_path / "X_train_moods_MyMusic.npz"
    if sparse:
        csr = scipy.sparse.csr_matrix(values)
        parts = {"data": csr.data, "indices": csr.indices, "indptr": csr.indptr, "shape": csr.shape}
    else:
        parts = {"features": values}
    np.savez(path, index=np.array(["a", "b", "c"]), **parts)
    with store.open_features(path) as found:
        np.testing.assert_array_equal(found.rows(np.array([2, 0])), values[[2, 0]])
        with pytest.raises(TartarusError, match=r"a row of 'b' holds a value that is not finite; write it anew"):
            found.rows(np.array([2, 1]))


def test_a_patch_that_is_not_finite_is_named_when_it_is_read(patch_file: Callable[..., Path]) -> None:
    values = np.zeros((3, 1, 4, 2), np.float32)
    values[1, 0, 2, 1] = np.nan
    with store.open_features(patch_file(values, ["a", "b", "c"])) as found:
        for read in (lambda: found.rows(np.array([0, 1])), lambda: store.moments(found)):
            with pytest.raises(TartarusError, match="a row of 'b' holds a value that is not finite; delete it"):
                read()


def test_only_what_a_rule_makes_is_to_be_deleted() -> None:
    made = ("X_train_bow_D.npz", "X_val_w2v_D.npz", "X_test_a_b-pred_flatten_D.npz", "patches_train_D_1_15.hdf5")
    assert {store.remedy_for(f"data/train_data/{name}") for name in made} == {"delete it to have it made anew"}
    assert "write it anew if it is your own" in store.remedy_for("data/train_data/X_train_my_own_D.npz")


# --- Of several files ------------------------------------------------------------------------------------


@given(matrices, matrices, st.data())
def test_rows_of_two_files_are_those_of_one_after_the_other(
    tmp_path_factory: pytest.TempPathFactory, first: np.ndarray, second: np.ndarray, data: st.DataObject
) -> None:
    second = np.resize(second, (len(second), first.shape[1]))
    folder = tmp_path_factory.mktemp("stacked")
    store.write_vectors(folder / "a.npz", first, ids(len(first)), {"kind": "x"})
    store.write_vectors(folder / "b.npz", scipy.sparse.csr_matrix(second), ids(len(second)), {"kind": "x"})
    stacked = store.Stacked([store.Vectors(folder / "a.npz"), store.Vectors(folder / "b.npz")])
    both = np.concatenate([first, second])
    numbers = np.array(data.draw(st.lists(st.integers(0, len(both) - 1), min_size=1)))
    np.testing.assert_array_equal(stacked.rows(numbers), both[numbers])
    assert stacked.index.tolist() == [*ids(len(first)), *ids(len(second))]
    np.testing.assert_allclose(store.moments(stacked, block=2)[0], both.mean(axis=0, dtype=np.float64), atol=1e-6)


def test_other_features_are_not_stacked(tmp_path: Path) -> None:
    for name, width in (("a", 2), ("b", 3)):
        store.write_vectors(tmp_path / f"{name}.npz", np.ones((1, width), np.float32), ["S1"], {"kind": "x"})
    with pytest.raises(TartarusError, match=r"a\.npz and .*b\.npz: not the same features"):
        store.Stacked([store.Vectors(tmp_path / f"{name}.npz") for name in "ab"])
