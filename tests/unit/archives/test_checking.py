"""The check of an archive: what is right passes, what is missing or damaged is named, and nothing stops the report."""

import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st
from tartarus.archives import checking
from tartarus.base import untrusted
from tartarus.base.errors import TartarusError
from tartarus.plan.expected import Expected

IDS = {"train": ["Beyoncé 1", "S2", "S3", "S4"], "test": ["T1", "T2"]}
CLASSES = ["rock", "pop", "jazz"]
Y = np.array([[1, 0, 1], [0, 0, 0], [0, 1, 0], [1, 1, 1]])
SINGLE = np.eye(3)[[0, 1, 2, 0]]
FACTORS = np.linspace(-1, 1, 8).reshape(4, 2)
SPARSE = scipy.sparse.csr_matrix(np.array([[0, 2, 0.5], [0, 0, 0], [1, 0, 0], [0, 0, 3]], np.float32))

INDEX, INDEX_TEST = (
    Expected(f"data/splits/items_index_{set_}_X.tsv", "index", "X", set_) for set_ in ("train", "test")
)
LABELS = Expected("data/splits/genre_labels_X.tsv", "labels", "X", columns=(3,))
TARGETS = Expected("data/splits/y_train_class_3_X.npy", "targets", "X", "train", (3,), "many")
ONE = replace(TARGETS, values="one")
REAL = Expected("data/splits/y_train_als_2_X.npy", "targets", "X", "train", (2,), "real")
USERS = Expected("data/splits/user_factors_als_2_X.npy", "factors", "X", columns=(2,))
PLAYS = Expected("data/splits/matrix_test_X.npz", "plays", "X", "test")
ALBUMS = Expected("data/splits/albums_X.tsv", "albums", "X")
FEATURES, FEATURES_TEST = (
    Expected(f"data/train_data/X_{set_}_words_X.npz", "features", "X", set_) for set_ in ("train", "test")
)
PATCHES = Expected("data/patches/patches_train_X_2_1.hdf5", "patches", "X", "train", (1, 3, 2))

Folder = Callable[..., dict[str, Path]]


def parts_of(matrix: Any, **changed: Any) -> dict[str, np.ndarray]:
    matrix = scipy.sparse.csr_matrix(matrix)
    parts = {"data": matrix.data, "indices": matrix.indices, "indptr": matrix.indptr, "shape": np.array(matrix.shape)}
    return {name: part for name, part in {**parts, **changed}.items() if part is not None}


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Write files as an archive holds them: text, arrays, sparse matrices, HDF5, or bytes as they are."""

    def write(**files: Any) -> dict[str, list[Path]]:
        found = {}
        for name, content in files.items():
            path = tmp_path / name
            if isinstance(content, bytes):
                path.write_bytes(content)
            elif isinstance(content, list):
                path.write_text("".join(f"{line}\n" for line in content), encoding="utf-8")
            elif isinstance(content, np.ndarray):
                np.save(path, content)
            elif path.suffix == ".hdf5":
                with h5py.File(path, "w") as file:
                    for key, values in content.items():
                        file[key] = values
            else:
                np.savez(path, **content)
            found[name] = [path]
        return found

    return write


def whole() -> dict[str, Any]:
    """Give the contents of an archive in which all is right."""
    return {
        "items_index_train_X.tsv": IDS["train"],
        "items_index_test_X.tsv": IDS["test"],
        "genre_labels_X.tsv": CLASSES,
        "y_train_class_3_X.npy": Y,
        "y_train_als_2_X.npy": FACTORS,
        "user_factors_als_2_X.npy": np.ones((5, 2), np.float32),
        "matrix_test_X.npz": parts_of(np.array([[0, 1.0, 0, 7, 0], [0, 0, 0, 0, 0]])),
        "albums_X.tsv": ["id\talbum", "S2\tA"],
        "X_train_words_X.npz": parts_of(SPARSE),
        "X_test_words_X.npz": parts_of(SPARSE[:2]),
        "patches_train_X_2_1.hdf5": {
            "features": np.zeros((3, 1, 3, 2), np.float32),
            "index": np.array([id_.encode() for id_ in ("S2", "S2", "Beyoncé 1")]),
        },
    }


ALL = (INDEX, INDEX_TEST, LABELS, TARGETS, REAL, USERS, PLAYS, ALBUMS, FEATURES, FEATURES_TEST, PATCHES)


def check_with(folder: Folder, **changed: Any) -> dict[str, dict[str, str]]:
    """Check an archive in which something is other than it should be; None leaves a file away."""
    content = {name: value for name, value in {**whole(), **changed}.items() if value is not None}
    return {row["path"]: row for row in checking.check(ALL, folder(**content))}


def refusal(folder: Folder, entry: Expected, content: Any, *, name: str = "", others: tuple[Expected, ...] = ()) -> str:
    """Check one file, after the ids, and give the message; everything else must be right."""
    name = name or entry.names[-1]
    expected = (INDEX, INDEX_TEST, *others, entry)
    found = folder(**{**{e.names[-1]: whole()[e.names[-1]] for e in expected[:-1]}, name: content})
    *former, row = checking.check(expected, found)
    assert [other["status"] for other in former] == ["ok"] * len(former), former
    assert row["status"] == "invalid", row
    assert (row["shape"], row["dtype"], row["source"]) == ("", "", str(found[name][0]))
    assert str(found[name][0]) in row["message"]
    assert "\n" not in row["message"]
    return row["message"]


# --- What is right, and what is missing ------------------------------------------------------------------


def test_what_is_right_passes_and_is_described(folder: Folder, tmp_path: Path) -> None:
    rows = checking.check(ALL, folder(**whole()))
    assert [row["path"] for row in rows] == [entry.path for entry in ALL]
    assert {row["status"] for row in rows} == {"ok"}
    assert all(set(row) == set(checking.COLUMNS) and not row["message"] for row in rows)
    assert [(row["shape"], row["dtype"]) for row in rows] == [
        ("4", "text"), ("2", "text"), ("3", "text"), ("4 x 3", "int64"), ("4 x 2", "float64"), ("5 x 2", "float32"),
        ("2 x 5", "float64"), ("1 x 2", "text"), ("4 x 3", "float32"), ("2 x 3", "float32"),
        ("3 x 1 x 3 x 2", "float32"),
    ]  # fmt: skip
    assert rows[3] == {
        "path": "data/splits/y_train_class_3_X.npy",
        "kind": "targets",
        "dataset": "X",
        "set": "train",
        "status": "ok",
        "source": str(tmp_path / "y_train_class_3_X.npy"),
        "shape": "4 x 3",
        "dtype": "int64",
        "message": "",
    }


def test_what_is_missing_is_told_from_what_is_invalid(folder: Folder) -> None:
    rows = check_with(folder, **{"y_train_class_3_X.npy": Y + 1, "X_train_words_X.npz": None, "albums_X.tsv": None})
    assert len(rows) == len(ALL)
    assert {path: row["status"] for path, row in rows.items() if row["status"] != "ok"} == {
        TARGETS.path: "invalid", FEATURES.path: "missing", ALBUMS.path: "missing"
    }  # fmt: skip
    missing = rows[FEATURES.path]
    assert missing["message"] == "not in the archive: X_train_words_X.npy or X_train_words_X.npz"
    assert (missing["source"], missing["shape"], missing["dtype"]) == ("", "", "")
    assert rows[ALBUMS.path]["message"] == "not in the archive: albums_X.tsv"


def test_an_empty_archive_has_a_row_for_each_file(folder: Folder) -> None:
    assert [row["status"] for row in checking.check(ALL, {})] == ["missing"] * len(ALL)


def test_what_is_invalid_is_no_yardstick_for_the_rest(folder: Folder) -> None:
    rows = check_with(folder, **{"items_index_train_X.tsv": ["S2", "S2"]})
    assert [path for path, row in rows.items() if row["status"] == "invalid"] == [INDEX.path]


def test_the_dense_file_is_taken_if_both_are_there(folder: Folder) -> None:
    found = folder(**{"X_train_words_X.npz": b"damaged", "X_train_words_X.npy": np.zeros((4, 3))})
    (row,) = checking.check([FEATURES], found)
    assert (row["status"], row["shape"], row["dtype"]) == ("ok", "4 x 3", "float64")


@pytest.mark.parametrize("dtype", ["uint8", "bool", "int8", "float16", "float32", "float64", ">f8", ">i4"])
def test_truth_may_be_of_any_type_of_number(folder: Folder, dtype: str) -> None:
    for entry, values in ((TARGETS, Y), (ONE, SINGLE)):
        found = folder(**{"items_index_train_X.tsv": IDS["train"], "y_train_class_3_X.npy": values.astype(dtype)})
        assert [row["status"] for row in checking.check([INDEX, entry], found)] == ["ok", "ok"]


def test_arrays_may_be_kept_columns_first(folder: Folder) -> None:
    (row,) = checking.check([TARGETS], folder(**{"y_train_class_3_X.npy": np.asfortranarray(Y)}))
    assert row["status"] == "ok"


@pytest.mark.parametrize("block", [1, 30, 1 << 20])
def test_the_row_of_a_finding_is_told_whatever_the_size_of_a_block(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(untrusted, "BLOCK", block)
    wrong = Y.astype(float)
    wrong[2, 1] = 0.5
    assert "row 2, column 1: 0.5, expected 0 or 1" in refusal(folder, TARGETS, wrong)
    wrong[3, 0] = np.nan
    wrong[3, 1] = np.inf
    real = np.ones((4, 2))
    real[3, 0] = np.nan
    assert "1 values are not finite, the first in row 3" in refusal(folder, REAL, real)
    several = np.eye(3)[[0, 1, 2, 0]]
    several[1, 2] = 1
    assert "row 1: 2 classes, expected one; the task is multiclass" in refusal(folder, ONE, several)


# --- Ids and classes -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (["S1", "S2", "S1"], "line 3: the id 'S1' stands twice; delete one, or fetch it anew"),
        (["S1", " S1 "], "line 2: the id 'S1' stands twice"),
        ([], "empty; fetch it anew"),
        (["", "  "], "empty; fetch it anew"),
        (["S1", "a\tb"], r"line 2: the id 'a\tb' has control characters; fetch it anew"),
        (b"S1\nS\xff\n", "not UTF-8 (byte 0xff at position 4); convert it, for example with: iconv"),
    ],
)
def test_ids_are_unique_and_readable(folder: Folder, content: Any, said: str) -> None:
    (row,) = checking.check([INDEX], folder(**{"items_index_train_X.tsv": content}))
    assert row["status"] == "invalid"
    assert "items_index_train_X.tsv: " in row["message"]
    assert said in row["message"]


def test_a_text_that_would_fill_the_memory_is_refused(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "_LARGEST_TEXT", 40)
    assert refusal(folder, LABELS, b"x" * 41).endswith("41 bytes, expected at most 40; fetch it anew")
    monkeypatch.setattr(checking, "_MOST_CELLS", 5)
    message = refusal(folder, ALBUMS, ["id\talbum", "S1\tA", "S2\tA"])
    assert message.endswith("albums_X.tsv: 6 lines and cells, expected at most 5; fetch it anew")
    assert "6 lines and cells" in refusal(folder, LABELS, [""] * 6)


def test_a_message_fits_into_a_cell_whatever_it_cites(folder: Folder, tmp_path: Path) -> None:
    message = refusal(folder, ALBUMS, ["id\talbum", *["\x1b[2J\x85Beyoncé\x00\tA"] * 2])
    assert message.endswith("row 3: the track '\\u001b[2J Beyoncé\\u0000' stands twice; leave one album")
    long = refusal(folder, LABELS, ["x" * 10_000] * 2)
    assert long.startswith(f"{tmp_path}/genre_labels_X.tsv: line 2: the class 'xxx")
    assert long.endswith("xxx ...")
    assert len(long) == 1004


def test_classes_are_unique_and_as_many_as_configured(folder: Folder) -> None:
    assert "line 3: the class 'rock' stands twice" in refusal(folder, LABELS, ["rock", "pop", "rock"])
    message = refusal(folder, LABELS, ["rock", "pop"])
    assert message.endswith("found 2, expected 3; fetch it anew, or put the right file into the folder own")


# --- Truth -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [2, -1, 255])
def test_truth_holds_nothing_but_0_and_1(folder: Folder, value: int) -> None:
    wrong = Y.copy()
    wrong[1, 2] = value
    message = refusal(folder, TARGETS, wrong)
    assert message.endswith(f"row 1, column 2: {value}, expected 0 or 1; fetch it anew")


@pytest.mark.parametrize("count", [0, 2, 3])
def test_where_there_is_one_class_there_are_not_others(folder: Folder, count: int) -> None:
    wrong = SINGLE.copy()
    wrong[2] = [1] * count + [0] * (3 - count)
    message = refusal(folder, ONE, wrong)
    assert message.endswith(f"row 2: {count} classes, expected one; the task is multiclass")


@pytest.mark.parametrize("shape", [(3, 3), (5, 3), (4, 2), (4,), (4, 3, 1)])
def test_truth_has_a_row_for_each_id_and_a_column_for_each_class(folder: Folder, shape: tuple[int, ...]) -> None:
    message = refusal(folder, TARGETS, np.zeros(shape))
    assert f"found {' x '.join(map(str, shape))}, expected 4 x 3; fetch it anew" in message


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize(("entry", "good"), [(TARGETS, Y), (ONE, SINGLE), (REAL, FACTORS)])
def test_truth_is_finite(folder: Folder, entry: Expected, good: np.ndarray, value: float) -> None:
    wrong = good.astype(float)
    wrong[2, 0] = value
    assert refusal(folder, entry, wrong).endswith("1 values are not finite, the first in row 2; fetch it anew")


# --- What is no array of numbers -------------------------------------------------------------------------


class Trap:
    """Leave a trace when it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple:
        return Path.touch, (self.trace,)


def test_pickled_arrays_are_refused_and_not_run(folder: Folder, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    trap = np.array([[Trap(trace)]], dtype=object)
    for entry in (TARGETS, REAL, USERS, FEATURES):
        name = entry.names[0]
        assert "not an array of numbers (Array can't be memory-mapped" in refusal(folder, entry, trap, name=name)
        assert "not an array of numbers" in refusal(folder, entry, pickle.dumps(Trap(trace)), name=name)
    for entry in (PLAYS, FEATURES):
        for part in ("data", "indices", "indptr", "shape"):
            content = parts_of(SPARSE[:2] if entry == PLAYS else SPARSE, **{part: trap})
            assert "Object arrays cannot be loaded" in refusal(folder, entry, content)
    assert not trace.exists()


@pytest.mark.parametrize(
    "values",
    [
        np.array([["1"] * 3] * 4),
        np.array([[b"1"] * 3] * 4),
        np.ones((4, 3), complex),
        np.zeros((4, 3), "datetime64[s]"),
        np.zeros((4, 3), [("x", "f4")]),
    ],
    ids=lambda values: values.dtype.kind,
)
@pytest.mark.parametrize("entry", [TARGETS, FEATURES])
def test_text_and_other_types_are_no_numbers(folder: Folder, entry: Expected, values: np.ndarray) -> None:
    message = refusal(folder, entry, values, name=entry.names[0])
    assert message.endswith(f"values of the type {values.dtype}, expected numbers; fetch it anew")


@pytest.mark.parametrize("shape", [(0, 3), (4, 0), (2**60, 0)])
def test_an_array_without_values_is_refused(folder: Folder, tmp_path: Path, shape: tuple[int, int]) -> None:
    with (tmp_path / "empty.npy").open("wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "<f4", "fortran_order": False, "shape": shape})
    (row,) = checking.check([FEATURES], folder(**{FEATURES.names[0]: (tmp_path / "empty.npy").read_bytes()}))
    assert row["message"].endswith("X_train_words_X.npy: no values in it; fetch it anew")


def test_several_arrays_under_the_name_of_one_are_refused(folder: Folder, tmp_path: Path) -> None:
    np.savez(tmp_path / "several.npz", y=Y)
    message = refusal(folder, TARGETS, (tmp_path / "several.npz").read_bytes())
    assert message.endswith("several arrays where one is wanted; fetch it anew")
    np.save(tmp_path / "one.npy", SPARSE.toarray())
    assert "not a sparse matrix" in refusal(folder, FEATURES, (tmp_path / "one.npy").read_bytes())


@pytest.mark.parametrize("end", [0, 4, 60, 128, 140, -1])
def test_an_array_that_breaks_off_is_refused(folder: Folder, tmp_path: Path, end: int) -> None:
    np.save(tmp_path / "whole.npy", Y)
    message = refusal(folder, TARGETS, (tmp_path / "whole.npy").read_bytes()[:end])
    assert "not an array of numbers (" in message
    assert message.endswith("fetch it anew")


def test_an_array_with_any_damage_in_its_header_is_refused_or_as_it_was(folder: Folder, tmp_path: Path) -> None:
    np.save(tmp_path / "whole.npy", Y)
    data = (tmp_path / "whole.npy").read_bytes()
    rng = np.random.default_rng(1)
    for place in range(128):
        damaged = bytearray(data)
        damaged[place] = rng.integers(256)
        (row,) = checking.check([TARGETS], folder(**{"y_train_class_3_X.npy": bytes(damaged)}))
        assert row["status"] in ("ok", "invalid")


def test_a_header_that_promises_more_than_there_is_is_refused(folder: Folder, tmp_path: Path) -> None:
    np.save(tmp_path / "whole.npy", Y)
    data = (tmp_path / "whole.npy").read_bytes()
    message = refusal(folder, TARGETS, data.replace(b"(4, 3)", b"(9, 3)"))
    assert "not an array of numbers (mmap length is greater than file size)" in message


# --- Sparse matrices -------------------------------------------------------------------------------------

WRONG_PARTS = {
    "data is missing": ({"data": None}, "'data is not a file in the archive'"),
    "shape is missing": ({"shape": None}, "'shape is not a file in the archive'"),
    "an index below 0": ({"indices": [1, -2, 0, 2]}, "indices from -2 to 2, expected 0 to 2; fetch it anew"),
    "an index beyond": ({"indices": [1, 2, 0, 3]}, "indices from 0 to 3, expected 0 to 2; fetch it anew"),
    "pointers that go back": ({"indptr": [0, 3, 2, 3, 4]}, "indptr must be a non-decreasing sequence"),
    "pointers below 0": ({"indptr": [0, -1, 2, 3, 4]}, "indptr must be a non-decreasing sequence"),
    "pointers from 1": ({"indptr": [1, 2, 2, 3, 4]}, "index pointer should start with 0"),
    "pointers beyond": ({"indptr": [0, 2, 2, 3, 9]}, "4 values, 4 indices, pointers up to 9"),
    "too few pointers": ({"indptr": [0, 2, 4]}, "index pointer size 3 should be 5"),
    "too few indices": ({"indices": [1, 2, 0]}, "4 values, 3 indices, pointers up to 4"),
    "three dimensions": ({"shape": [4, 3, 1]}, "not a sparse matrix"),
    "columns without end": ({"shape": [4, 2**40]}, "1099511627776 columns, expected at most 2147483647"),
    "no dimension": ({"shape": 4}, "not a sparse matrix"),
    "fewer rows than none": ({"shape": [-4, 3]}, "not a sparse matrix"),
    "data in columns": ({"data": np.ones((4, 1))}, "not a sparse matrix"),
    "indices in columns": ({"indices": np.zeros((4, 1), int)}, "not a sparse matrix"),
    "text": ({"data": np.array(["a", "b", "c", "d"])}, "values of the type <U1, expected numbers; fetch it anew"),
    "complex numbers": ({"data": np.ones(4, complex)}, "values of the type complex128, expected numbers"),
    "not a number": ({"data": np.array([1, np.nan, np.inf, 1])}, "2 values are not finite; fetch it anew"),
}


@pytest.mark.parametrize("case", WRONG_PARTS)
def test_a_sparse_matrix_that_is_none_is_refused(folder: Folder, case: str) -> None:
    changed, said = WRONG_PARTS[case]
    parts = {name: None if part is None else np.array(part) for name, part in changed.items()}
    message = refusal(folder, FEATURES, parts_of(SPARSE, **parts))
    assert said in message
    assert "fetch it anew" in message


def test_a_matrix_that_unpacks_to_far_more_than_it_is_is_refused(folder: Folder, tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "bomb.npz", **parts_of(SPARSE, data=np.zeros(3 << 20)))
    message = refusal(folder, FEATURES, (tmp_path / "bomb.npz").read_bytes())
    assert "(it unpacks to 25166" in message
    assert "more than 100 times its own" in message


@pytest.mark.parametrize("shape", [[4], [], [4, 2**63], [4, np.inf]])
def test_a_shape_that_is_none_is_refused(folder: Folder, shape: list[float]) -> None:
    assert "not a sparse matrix" in refusal(folder, FEATURES, parts_of(SPARSE, shape=np.array(shape)))


@pytest.mark.parametrize(
    "changed",
    [{"indices": [1, 1.5, 0, 2]}, {"indptr": [0, 2.5, 2.5, 3, 4]}, {"shape": [4.5, 3]}],
    ids=["indices", "indptr", "shape"],
)
def test_places_that_are_no_whole_numbers_are_refused(folder: Folder, changed: dict[str, list[float]]) -> None:
    parts = {name: np.array(part) for name, part in changed.items()}
    refusal(folder, FEATURES, parts_of(SPARSE, **parts))


def test_values_of_no_row_are_refused(folder: Folder) -> None:
    refusal(folder, FEATURES, parts_of(SPARSE, indptr=np.array([0, 2, 2, 3, 3])))


@pytest.mark.parametrize("end", [4, 60, 300, -1])
def test_a_sparse_matrix_that_breaks_off_is_refused(folder: Folder, tmp_path: Path, end: int) -> None:
    np.savez(tmp_path / "whole.npz", **parts_of(SPARSE))
    message = refusal(folder, FEATURES, (tmp_path / "whole.npz").read_bytes()[:end])
    assert "not a sparse matrix" in message


def test_an_empty_file_is_no_sparse_matrix(folder: Folder) -> None:
    assert "not a sparse matrix" in refusal(folder, FEATURES, b"")


def test_a_flipped_bit_in_a_sparse_matrix_is_noticed(folder: Folder, tmp_path: Path) -> None:
    np.savez(tmp_path / "whole.npz", **parts_of(SPARSE))
    data = bytearray((tmp_path / "whole.npz").read_bytes())
    place = data.index(SPARSE.data.tobytes())
    data[place] ^= 1
    assert "CRC" in refusal(folder, FEATURES, bytes(data))


@given(st.lists(st.lists(st.sampled_from([0, 0, 1, -2.5]), min_size=3, max_size=3), min_size=1, max_size=5))
def test_every_sparse_matrix_is_read_as_it_is(tmp_path_factory: pytest.TempPathFactory, rows: list[Any]) -> None:
    path = tmp_path_factory.mktemp("sparse") / "x.npz"
    for save in (np.savez, np.savez_compressed):
        save(path, **parts_of(np.array(rows)))
        np.testing.assert_array_equal(checking.open_sparse(path).toarray(), rows)


# --- Features --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dense", [True, False])
def test_features_have_a_row_for_each_id_and_the_configured_columns(folder: Folder, dense: bool) -> None:
    def content(values: np.ndarray) -> Any:
        return values if dense else parts_of(values)

    name = FEATURES.names[0 if dense else 1]
    assert "found 3 x 3, expected 4 x any" in refusal(folder, FEATURES, content(np.ones((3, 3))), name=name)
    fixed = replace(FEATURES, columns=(3,))
    assert "found 4 x 2, expected 4 x 3" in refusal(folder, fixed, content(np.ones((4, 2))), name=name)


def test_features_of_the_test_set_have_the_columns_of_those_for_training(folder: Folder) -> None:
    message = refusal(folder, FEATURES_TEST, parts_of(np.ones((2, 4))), others=(FEATURES,))
    assert message.endswith(
        "X_test_words_X.npz: 4 in the direction in which X_train_words_X.npz has 3; they must be alike: fetch both anew"
    )
    # Others of the same dataset, and the same of others, may have other columns.
    others = [replace(FEATURES, path="data/train_data/X_train_words_Y.npz", dataset="Y"),
              replace(FEATURES, path="data/train_data/X_train_sound_X.npz")]  # fmt: skip
    files = {entry.names[1]: parts_of(np.ones((2 + n, 5 + n))) for n, entry in enumerate(others)}
    rows = checking.check([FEATURES, *others], folder(**{FEATURES.names[1]: parts_of(SPARSE), **files}))
    assert [row["status"] for row in rows] == ["ok"] * 3


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_dense_features_are_finite(folder: Folder, value: float) -> None:
    wrong = np.ones((4, 3), np.float32)
    wrong[1, 1] = value
    message = refusal(folder, FEATURES, wrong, name=FEATURES.names[0])
    assert message.endswith("X_train_words_X.npy: 1 values are not finite, the first in row 1; fetch it anew")


# --- Factors and plays -----------------------------------------------------------------------------------


def test_factors_are_finite_and_have_the_configured_columns(folder: Folder) -> None:
    assert "found 5 x 3, expected any x 2" in refusal(folder, USERS, np.ones((5, 3)))
    assert "found 10, expected any x 2" in refusal(folder, USERS, np.ones(10))
    assert "1 values are not finite, the first in row 1" in refusal(folder, USERS, np.array([[0, 0], [np.nan, 0]]))


def test_plays_have_a_row_for_each_item_and_a_column_for_each_user(folder: Folder) -> None:
    assert "found 3 x 5, expected 2 x any" in refusal(folder, PLAYS, parts_of(np.ones((3, 5))))
    message = refusal(folder, PLAYS, parts_of(np.ones((2, 4))), others=(USERS,))
    assert message.endswith(
        "matrix_test_X.npz: 4 in the direction in which user_factors_als_2_X.npy has 5; they must be alike: fetch "
        "both anew"
    )


def test_plays_are_not_below_0(folder: Folder) -> None:
    assert refusal(folder, PLAYS, parts_of(np.array([[1, -2, 0, 0, -1], [0] * 5]))).endswith(
        "matrix_test_X.npz: 2 plays are below 0; fetch it anew"
    )


# --- Albums ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [[], ["id\talbum"], ["id\tgroup", "S2\tA"], ["S2\tA", "S3\tA"]])
def test_the_table_of_albums_has_ids_and_albums(folder: Folder, content: list[str]) -> None:
    message = refusal(folder, ALBUMS, content)
    assert message.endswith("expected a header with the columns id and album, and rows below it")


@pytest.mark.parametrize("row", ["S3", "S3\tA\tB"])
def test_every_row_of_the_table_of_albums_has_as_many_cells_as_the_header(folder: Folder, row: str) -> None:
    refusal(folder, ALBUMS, ["id\talbum", "S2\tA", row])


def test_a_track_is_of_one_album(folder: Folder) -> None:
    assert "S2" in refusal(folder, ALBUMS, ["id\talbum", "S2\tA", "S2\tB"])


# --- Patches ---------------------------------------------------------------------------------------------


def patches(**changed: Any) -> dict[str, Any]:
    content = {**whole()["patches_train_X_2_1.hdf5"], **changed}
    return {key: values for key, values in content.items() if values is not None}


@pytest.mark.parametrize("key", ["features", "index"])
def test_patches_without_features_or_ids_are_refused(folder: Folder, key: str) -> None:
    message = refusal(folder, PATCHES, patches(**{key: None}))
    assert message.endswith(f"no dataset '{key}' in it; fetch it anew, or make it as the original did")
    message = refusal(folder, PATCHES, patches(**{key: None, f"{key}/inner": np.ones(3)}))
    assert message.endswith(f"no dataset '{key}' in it; fetch it anew, or make it as the original did")


def test_patches_of_strangers_are_refused(folder: Folder) -> None:
    message = refusal(folder, PATCHES, patches(index=np.array([b"S2", b"T1", b"S9"])))
    assert message.endswith(
        "2 ids of its index are not in items_index_train_X.tsv, the first is 'T1'; both must be of the same set"
    )


@pytest.mark.parametrize("shape", [(2, 1, 3, 2), (3, 1, 2, 3), (3, 3, 2), (3,)])
def test_patches_have_a_row_for_each_id_and_the_shape_of_the_sound_s_settings(
    folder: Folder, shape: tuple[int, ...]
) -> None:
    message = refusal(folder, PATCHES, patches(features=np.zeros(shape, np.float32)))
    assert f"found {' x '.join(map(str, shape))}, expected 3 x 1 x 3 x 2" in message


def test_patches_are_finite_numbers(folder: Folder) -> None:
    wrong = np.zeros((3, 1, 3, 2))
    wrong[2, 0, 0, 0] = np.nan
    assert "1 values are not finite, the first in row 2" in refusal(folder, PATCHES, patches(features=wrong))
    text = np.full((3, 1, 3, 2), b"x")
    assert "values of the type |S1, expected numbers" in refusal(folder, PATCHES, patches(features=text))


def test_patches_may_be_columns_of_features(folder: Folder) -> None:
    entry = replace(PATCHES, columns=(5,))
    found = folder(**{"patches_train_X_2_1.hdf5": patches(features=np.ones((3, 5)))})
    assert checking.check([entry], found)[0]["shape"] == "3 x 5"
    assert "found 3 x 4, expected 3 x 5" in refusal(folder, entry, patches(features=np.ones((3, 4))))


@pytest.mark.parametrize("content", [b"", b"no HDF5 at all", b"\x89HDF\r\n\x1a\n" + bytes(100)])
def test_what_is_no_hdf5_is_refused(folder: Folder, content: bytes) -> None:
    assert "not an HDF5 file" in refusal(folder, PATCHES, content)


def test_a_locked_file_stops_the_check_and_is_not_reported(folder: Folder) -> None:
    locks = pytest.importorskip("fcntl")
    found = folder(**{"patches_train_X_2_1.hdf5": patches()})
    with found["patches_train_X_2_1.hdf5"][0].open("rb") as file:
        locks.flock(file, locks.LOCK_EX)
        with pytest.raises(TartarusError, match="locked: another program"):
            checking.check([PATCHES], found)
    assert checking.check([PATCHES], found)[0]["status"] == "ok"


def test_patches_that_break_off_are_refused(folder: Folder, tmp_path: Path) -> None:
    data = folder(**{"whole.hdf5": patches()})["whole.hdf5"][0].read_bytes()
    for end in (100, len(data) // 2, len(data) - 1):
        refusal(folder, PATCHES, data[:end])


@pytest.mark.parametrize(
    "index",
    [np.array([b"S2", b"S2", b"S\xff"]), np.array(b"S2"), np.ones((3, 2)), np.array([[b"S2"]] * 3)],
    ids=["not UTF-8", "one id", "numbers in columns", "ids in columns"],
)
def test_ids_of_patches_that_are_none_are_refused(folder: Folder, index: np.ndarray) -> None:
    refusal(folder, PATCHES, patches(index=index))


def test_a_damaged_chunk_of_patches_is_noticed(folder: Folder, tmp_path: Path) -> None:
    path = tmp_path / "patches_train_X_2_1.hdf5"
    values = np.arange(18, dtype=np.float32).reshape(3, 1, 3, 2)
    with h5py.File(path, "w") as file:
        file.create_dataset("features", data=values, chunks=(1, 1, 3, 2), fletcher32=True)
        file["index"] = np.array([b"S2", b"S3", b"S4"])
    data = bytearray(path.read_bytes())
    data[data.index(values[1].tobytes())] ^= 1
    refusal(folder, PATCHES, bytes(data))


def test_patches_of_no_item_are_refused(folder: Folder) -> None:
    refusal(folder, PATCHES, patches(features=np.zeros((0, 1, 3, 2)), index=np.zeros(0, "S1")))


def test_features_beyond_32_bit_floats_are_refused(folder: Folder) -> None:
    wrong = np.ones((4, 3))
    wrong[2, 1] = 1e300
    refusal(folder, FEATURES, wrong, name=FEATURES.names[0])


# --- What one file says is held against the others --------------------------------------------------------


def test_factors_of_classes_have_a_row_for_each_class(folder: Folder) -> None:
    entry = Expected("data/splits/class_factors_pmi_2_X.npy", "factors", "X", columns=(3, 2))
    assert "found 2 x 2, expected 3 x 2" in refusal(folder, entry, np.ones((2, 2)))
    (row,) = checking.check([entry], folder(**{entry.names[0]: np.ones((3, 2))}))
    assert row["status"] == "ok"


def test_an_item_is_in_one_set(folder: Folder) -> None:
    files = {"items_index_train_X.tsv": ["A", "B"], "items_index_test_X.tsv": ["C", "B"]}
    first, second = checking.check(
        [INDEX, replace(INDEX, path=INDEX.path.replace("train", "test"), set="test")], folder(**files)
    )
    assert (first["status"], second["status"]) == ("ok", "invalid")
    assert "1 ids are in the set train too, for example 'B'" in second["message"]


def test_two_files_of_one_name_with_another_content_are_invalid(folder: Folder, tmp_path: Path) -> None:
    found = folder(**{FEATURES.names[1]: parts_of(SPARSE)})
    found[FEATURES.names[1]].append(tmp_path / "elsewhere.npz")
    (row,) = checking.check([FEATURES], found)
    assert row["status"] == "invalid"
    assert "another content than" in row["message"]
    assert "put the right one into the folder own" in row["message"]


def test_albums_are_of_tracks_that_there_are(folder: Folder) -> None:
    files = {"items_index_train_X.tsv": ["A", "B"], ALBUMS.names[0]: ["id\talbum", "strange\tX"]}
    rows = checking.check([INDEX, ALBUMS], folder(**files))
    assert "none of its 1 tracks is in the indexes of X, for example 'strange'" in rows[1]["message"]
    assert "has no album" in refusal(folder, ALBUMS, ["id\talbum", "A\t"])
