"""Arrays in files: what comes back, and what is refused."""

import mmap
import pickle
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from tartarus.base import arrays
from tartarus.base.errors import TartarusError

any_array = hnp.arrays(
    st.sampled_from([np.float32, np.float64, np.int32, np.bool_, np.dtype("<U4")]),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
)


@given(any_array)
def test_an_array_that_is_written_is_read_again(tmp_path_factory: pytest.TempPathFactory, array: np.ndarray) -> None:
    path = tmp_path_factory.mktemp("npy") / "a.npy"
    arrays.write_array(path, array)
    found = arrays.read_array(path)
    assert found.dtype == array.dtype
    np.testing.assert_array_equal(found, array)


@given(st.dictionaries(st.sampled_from("abc"), any_array, min_size=1))
def test_arrays_that_are_written_are_read_again(
    tmp_path_factory: pytest.TempPathFactory, values: dict[str, np.ndarray]
) -> None:
    path = tmp_path_factory.mktemp("npz") / "a.npz"
    arrays.write_arrays(path, **values)
    found = arrays.read_arrays(path)
    assert set(found) == set(values)
    for name, array in values.items():
        np.testing.assert_array_equal(found[name], array)


def test_the_same_arrays_are_the_same_bytes(tmp_path: Path) -> None:
    for name, last in (("one", 3), ("two", 3), ("other", 4)):
        arrays.write_arrays(tmp_path / f"{name}.npz", a=np.arange(3), b=np.array(["x", last]))
        arrays.write_array(tmp_path / f"{name}.npy", np.array([1, 2, last]))
    for suffix in ("npz", "npy"):
        one, two, other = ((tmp_path / f"{name}.{suffix}").read_bytes() for name in ("one", "two", "other"))
        assert one == two != other


@pytest.mark.parametrize("write", [arrays.write_array, lambda path, array: arrays.write_arrays(path, a=array)])
def test_objects_are_not_written_and_the_old_file_stays(tmp_path: Path, write) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    with pytest.raises(ValueError, match="allow_pickle=False"):
        write(path, np.array([{}], dtype=object))
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


class Trap:
    """Leave a trace when it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple:
        return Path.touch, (self.trace,)


def test_pickled_objects_are_refused_and_not_run(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    trap = np.array([Trap(trace)], dtype=object)
    np.save(tmp_path / "a.npy", trap)
    np.savez(tmp_path / "a.npz", a=trap)
    (tmp_path / "raw.npy").write_bytes(pickle.dumps(Trap(trace)))
    for read, name in ((arrays.read_array, "a.npy"), (arrays.read_array, "raw.npy"), (arrays.read_arrays, "a.npz")):
        with pytest.raises(TartarusError) as error:
            read(tmp_path / name)
        assert str(error.value).startswith(f"{tmp_path / name}: not a")
        assert "delete it to have it made anew" in str(error.value)
    assert not trace.exists()


def test_a_damaged_file_is_refused_wherever_it_ends(tmp_path: Path) -> None:
    arrays.write_arrays(tmp_path / "a.npz", a=np.arange(100), b=np.arange(3))
    arrays.write_array(tmp_path / "a.npy", np.arange(100))
    for read, name in ((arrays.read_arrays, "a.npz"), (arrays.read_array, "a.npy")):
        data = (tmp_path / name).read_bytes()
        for end in (0, 5, 50, 130, len(data) // 2, len(data) - 1):
            (tmp_path / f"cut_{name}").write_bytes(data[:end])
            with pytest.raises(TartarusError, match=f"cut_{name}: not a"):
                read(tmp_path / f"cut_{name}")


def test_a_flipped_bit_is_noticed(tmp_path: Path) -> None:
    arrays.write_arrays(tmp_path / "a.npz", a=np.arange(100))
    data = bytearray((tmp_path / "a.npz").read_bytes())
    data[400] ^= 1
    (tmp_path / "a.npz").write_bytes(data)
    with pytest.raises(TartarusError, match=r"a\.npz: not a file of arrays .*CRC"):
        arrays.read_arrays(tmp_path / "a.npz")


@pytest.mark.parametrize("kind", ["npy", "npz"])
def test_a_file_of_the_other_kind_is_refused(tmp_path: Path, kind: str) -> None:
    with (tmp_path / "a").open("wb") as file:
        if kind == "npz":
            np.savez(file, a=np.arange(3))
        else:
            np.save(file, np.arange(3))
    with pytest.raises(TartarusError):
        (arrays.read_array if kind == "npz" else arrays.read_arrays)(tmp_path / "a")


def test_an_array_may_be_mapped_and_is_not_to_be_written_to(tmp_path: Path) -> None:
    values = np.arange(12, dtype=np.uint8).reshape(4, 3)
    arrays.write_array(tmp_path / "a.npy", values)
    found = arrays.read_array(tmp_path / "a.npy", mapped=True)
    assert isinstance(found, np.memmap)
    np.testing.assert_array_equal(found, values)
    with pytest.raises(ValueError, match="read-only"):
        found[0, 0] = 1


@pytest.mark.parametrize("mapped", [False, True])
@pytest.mark.parametrize("end", [0, 5, 50, 130, -1])
def test_a_damaged_array_is_refused_mapped_or_not(tmp_path: Path, mapped: bool, end: int) -> None:
    arrays.write_array(tmp_path / "a.npy", np.arange(100))
    (tmp_path / "a.npy").write_bytes((tmp_path / "a.npy").read_bytes()[:end])
    with pytest.raises(TartarusError, match=r"a\.npy: not a file of arrays .*delete it to have it made anew"):
        arrays.read_array(tmp_path / "a.npy", mapped=mapped)


def test_an_array_may_be_left_unread(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", large=np.array([{}], dtype=object), small=np.arange(3))
    found = arrays.read_arrays(tmp_path / "a.npz", without="large")
    assert set(found) == {"small"}
    with pytest.raises(TartarusError):
        arrays.read_arrays(tmp_path / "a.npz")


# --- Written in blocks -----------------------------------------------------------------------------------


def finite(values: np.ndarray) -> np.ndarray:
    """Turn NaN and infinity, which are refused, into numbers."""
    return np.nan_to_num(values) if values.dtype.kind == "f" else values


@given(hnp.arrays(st.sampled_from([np.float32, np.float64, np.uint8, np.dtype("<U3")]), (7, 2)).map(finite), st.data())
def test_what_is_written_in_blocks_is_what_numpy_writes_at_once(
    tmp_path_factory: pytest.TempPathFactory, values: np.ndarray, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("blocks")
    cuts = data.draw(st.lists(st.integers(0, 7), max_size=4).map(sorted))
    others = {"index": np.array([f"S{number}" for number in range(7)]), "seeds": np.array(3)}
    for name in ("one", "two"):
        blocks = np.split(values, cuts)
        arrays.write_in_blocks(folder / f"{name}.npz", "values", values.shape, values.dtype, iter(blocks), **others)
    np.savez(folder / "numpy.npz", values=values, **others)
    one, two, numpy = ((folder / f"{name}.npz").read_bytes() for name in ("one", "two", "numpy"))
    assert one == two
    with np.load(folder / "one.npz") as found, np.load(folder / "numpy.npz") as expected:
        assert found.files == expected.files
        for name in expected.files:
            assert found[name].dtype == expected[name].dtype
            np.testing.assert_array_equal(found[name], expected[name])
    # More than that: not a byte is another.
    assert one == numpy


def test_blocks_are_converted(tmp_path: Path) -> None:
    blocks = [np.array([[1, 2]]), np.asfortranarray([[0.1, 1e-3], [5, 6]])]
    arrays.write_in_blocks(tmp_path / "a.npz", "x", (3, 2), np.float32, blocks)
    found = arrays.read_arrays(tmp_path / "a.npz")["x"]
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, np.float32([[1, 2], [0.1, 1e-3], [5, 6]]))


@pytest.mark.parametrize("count", [1, 3])
def test_more_or_fewer_values_than_said_leave_nothing_behind(tmp_path: Path, count: int) -> None:
    with pytest.raises(TartarusError) as error:
        arrays.write_in_blocks(tmp_path / "a.npz", "x", (2, 2), np.float32, [np.ones((1, 2))] * count)
    assert str(error.value) == f"{tmp_path / 'a.npz'}: {2 * count} values for the shape (2, 2); run again"
    assert list(tmp_path.iterdir()) == []


def test_blocks_that_break_off_leave_the_old_file(tmp_path: Path) -> None:
    def blocks() -> Iterator[np.ndarray]:
        yield np.ones((1, 2))
        raise TartarusError("the second block is damaged")

    (tmp_path / "a.npz").write_bytes(b"old")
    with pytest.raises(TartarusError, match="the second block is damaged"):
        arrays.write_in_blocks(tmp_path / "a.npz", "x", (2, 2), np.float32, blocks())
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"old"]


def test_objects_are_not_written_beside_blocks(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="allow_pickle"):
        arrays.write_in_blocks(tmp_path / "a.npz", "x", (1,), np.float32, [np.ones(1)], y=np.array([{}], dtype=object))
    assert list(tmp_path.iterdir()) == []


# --- Mapped ----------------------------------------------------------------------------------------------


@given(
    hnp.arrays(
        st.sampled_from([np.float32, np.float64, np.uint8, np.dtype(">f8"), np.dtype("<U3")]),
        hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=4),
    ).map(finite),
    st.data(),
)
def test_a_mapped_array_is_what_numpy_reads(
    tmp_path_factory: pytest.TempPathFactory, values: np.ndarray, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("mapped") / "a.npz"
    arrays.write_arrays(path, before=np.arange(5, dtype=np.uint8), x=values, after=np.array("x"))
    found = arrays.Mapped(path, "x")
    assert (found.values.dtype, found.values.shape) == (values.dtype, values.shape)
    np.testing.assert_array_equal(found.values, values)
    numbers = np.array(data.draw(st.lists(st.integers(0, len(values) - 1), max_size=6)), dtype=int)
    np.testing.assert_array_equal(found.rows(numbers), values[numbers])
    assert not found.values.flags.writeable


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), ()])
def test_an_array_without_rows_or_columns_is_mapped_too(tmp_path: Path, shape: tuple[int, ...]) -> None:
    np.savez(tmp_path / "a.npz", x=np.zeros(shape))
    assert arrays.Mapped(tmp_path / "a.npz", "x").values.shape == shape


@pytest.mark.parametrize("name", ["x" * length for length in range(1, 9)])
def test_values_may_begin_at_any_byte(tmp_path: Path, name: str) -> None:
    # A longer name moves all that follows by a byte.
    values = np.linspace(0, 1, 30).reshape(10, 3)
    np.savez(tmp_path / "a.npz", **{name: values})
    found = arrays.Mapped(tmp_path / "a.npz", name)
    np.testing.assert_array_equal(found.values, values)
    np.testing.assert_array_equal(found.rows(np.array([9, 0, 9])), values[[9, 0, 9]])


def test_giving_pages_back_changes_no_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.arange(200_000, dtype=np.float32).reshape(1000, 200)
    np.savez(tmp_path / "a.npz", x=values)
    found = arrays.Mapped(tmp_path / "a.npz", "x")
    monkeypatch.setattr(arrays.Mapped, "RELEASE_AFTER", 5000)
    for first in range(0, 1000, 7):
        numbers = np.arange(first, min(first + 7, 1000))[::-1]
        np.testing.assert_array_equal(found.rows(numbers), values[numbers])
        # What was read since pages were given back is never more than allowed.
        assert found._read <= 5000 or not hasattr(mmap, "MADV_DONTNEED")
    np.testing.assert_array_equal(found.values, values)


def test_what_is_packed_cannot_be_mapped(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "a.npz", x=np.zeros((5, 5)))
    with pytest.raises(TartarusError) as error:
        arrays.Mapped(tmp_path / "a.npz", "x")
    assert str(error.value) == f"{tmp_path / 'a.npz'}: 'x' is packed; write it with numpy.savez"


@pytest.mark.parametrize(
    "content",
    [
        {"y": np.zeros(3)},
        {"x": np.array([{}], dtype=object)},
    ],
    ids=["another name", "objects"],
)
def test_what_is_no_array_of_rows_is_not_mapped(tmp_path: Path, content: dict[str, np.ndarray]) -> None:
    np.savez(tmp_path / "a.npz", **content)
    with pytest.raises(TartarusError, match=r"a\.npz: no array 'x' \(.*\); delete it to have it made anew"):
        arrays.Mapped(tmp_path / "a.npz", "x")


def test_an_array_of_columns_first_is_mapped_as_it_is_meant(tmp_path: Path) -> None:
    values = np.asfortranarray(np.arange(6).reshape(2, 3))
    np.savez(tmp_path / "a.npz", x=values)
    np.testing.assert_array_equal(arrays.Mapped(tmp_path / "a.npz", "x").rows(np.array([1, 0])), values[[1, 0]])


def test_a_damaged_file_is_not_mapped_wherever_it_ends(tmp_path: Path) -> None:
    arrays.write_arrays(tmp_path / "a.npz", x=np.arange(100), y=np.arange(3))
    data = (tmp_path / "a.npz").read_bytes()
    for end in (0, 5, 50, 130, len(data) // 2, len(data) - 1):
        (tmp_path / "cut.npz").write_bytes(data[:end])
        with pytest.raises(TartarusError, match=r"cut\.npz: no array 'x'"):
            arrays.Mapped(tmp_path / "cut.npz", "x")


def test_a_header_that_promises_more_than_there_is_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.zeros((10, 2)))
    data = (tmp_path / "a.npz").read_bytes()
    (tmp_path / "a.npz").write_bytes(data.replace(b"(10, 2)", b"(99, 9)"))
    with pytest.raises(TartarusError, match=r"a\.npz: no array 'x' \(.*buffer"):
        arrays.Mapped(tmp_path / "a.npz", "x")


# --- What is not finite, and what is damaged -------------------------------------------------------------


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_value_that_is_not_finite_is_not_written(tmp_path: Path, value: float) -> None:
    values = np.zeros((4, 3), np.float32)
    values[2, 1] = value
    writers = (
        lambda path: arrays.write_array(path, values),
        lambda path: arrays.write_arrays(path, x=values),
        lambda path: arrays.write_in_blocks(path, "x", values.shape, np.float32, [values]),
    )
    for write in writers:
        with pytest.raises(TartarusError, match="a: not written: row 2 holds a value that is not finite"):
            write(tmp_path / "a")
    assert list(tmp_path.iterdir()) == []


def test_a_small_file_that_unpacks_to_gigabytes_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with archive.open("x.npy", "w", force_zip64=True) as file:
            header = {"descr": "<f4", "fortran_order": False, "shape": (300 << 20,)}
            np.lib.format.write_array_header_1_0(file, header)
            for _ in range(300):
                file.write(bytes(4 << 20))
    with pytest.raises(TartarusError, match=r"'x\.npy' would be 1258291328 bytes"):
        arrays.read_arrays(tmp_path / "a.npz")


def wounded(data: bytes, rng: np.random.Generator) -> bytes:
    """Cut, overwrite, insert or delete some bytes."""
    found = bytearray(data)
    for _ in range(rng.integers(1, 4)):
        at, length = int(rng.integers(len(found) + 1)), int(rng.integers(1, 9))
        piece = rng.bytes(length)
        found[at : at + int(rng.integers(length + 1))] = piece if rng.integers(2) else b""
    return bytes(found[: rng.integers(len(found) + 1)] if rng.integers(8) == 0 else found)


def test_whatever_happens_to_a_file_of_arrays_it_gives_arrays_or_a_reason(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    arrays.write_arrays(tmp_path / "a.npz", features=np.arange(12.0).reshape(4, 3), index=np.array(["a", "b"]))
    np.savez_compressed(tmp_path / "b.npz", x=np.arange(100), y=np.array("text"))
    arrays.write_array(tmp_path / "c.npy", np.arange(12.0).reshape(4, 3))
    outcomes = set()
    for path in sorted(tmp_path.iterdir()):
        data = path.read_bytes()
        for _ in range(300):
            path.write_bytes(wounded(data, rng))
            for read in (
                lambda path=path: arrays.read_arrays(path),
                lambda path=path: arrays.read_array(path),
                lambda path=path: arrays.read_array(path, mapped=True),
                lambda path=path: arrays.Mapped(path, "features").rows(np.array([0])),
            ):
                try:
                    read()
                    outcomes.add("read")
                except TartarusError:
                    outcomes.add("refused")
    assert outcomes == {"read", "refused"}
