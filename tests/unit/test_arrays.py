"""Arrays in files: what comes back, and what is refused."""

import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from tartarus import arrays
from tartarus.errors import TartarusError

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
    np.save(tmp_path / "a.npy", trap, allow_pickle=True)
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
