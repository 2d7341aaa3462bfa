"""Of an HDF5 file nothing is taken but plain data that stand in it."""

import json
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tartarus.base import hdf5
from tartarus.base.errors import TartarusError
from tartarus.base.hdf5 import Hdf5File, encode_ids

from tests.unit.watching import Watch

Write = Callable[[h5py.File], None]


@pytest.fixture
def refusal(tmp_path: Path) -> Callable[..., str]:
    """Write a file, take its dataset 'features', or its ids, and give the message without the name."""

    def refusal(write: Write, *, ids: bool = False) -> str:
        with h5py.File(tmp_path / "x.hdf5", "w") as file:
            write(file)
        with Hdf5File(tmp_path / "x.hdf5", remedy="mend it") as file, pytest.raises(TartarusError) as error:
            file.ids("features") if ids else file.dataset("features")
        told = str(error.value)
        assert told.startswith(f"{tmp_path}/x.hdf5: ")
        assert told.endswith("; mend it")
        return told.removeprefix(f"{tmp_path}/x.hdf5: ").removesuffix("; mend it")

    return refusal


# --- Data that are elsewhere -----------------------------------------------------------------------------


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """Write a file that HDF5 could read numbers of, as HDF5 and as bytes."""
    with h5py.File(tmp_path / "secret", "w", userblock_size=512) as file:
        file["x"] = np.arange(100.0)
    return tmp_path / "secret"


@pytest.fixture
def watch(secret: Path) -> Iterator[Watch]:
    watch = Watch(secret)
    yield watch
    watch.close()


def virtual(file: h5py.File, secret: Path, *, unlimited: bool = False, name: str = "features") -> None:
    length = {"maxshape": (None,)} if unlimited else {}
    layout, source = h5py.VirtualLayout((100,), "f8", **length), h5py.VirtualSource(secret, "x", (100,), **length)
    everything = slice(h5py.h5s.UNLIMITED) if unlimited else slice(None)
    layout[everything] = source[everything]
    file.create_virtual_dataset(name, layout)


def by_way_of_a_link(file: h5py.File, secret: Path) -> None:
    file["other"] = h5py.ExternalLink(secret, "/")
    file["features"] = h5py.SoftLink("/other/x")


ELSEWHERE: dict[str, Callable[[h5py.File, Path], object]] = {
    "external storage": lambda file, secret: file.create_dataset(
        "features", (64,), "u1", external=[(str(secret), 0, h5py.h5f.UNLIMITED)]
    ),
    "virtual": virtual,
    "virtual, as long as its source": lambda file, secret: virtual(file, secret, unlimited=True),
    "an external link": lambda file, secret: file.__setitem__("features", h5py.ExternalLink(secret, "x")),
    "a symbolic link": lambda file, _: file.__setitem__("features", h5py.SoftLink("/other")),
    "a symbolic link over an external one": by_way_of_a_link,
}


@pytest.mark.parametrize("how", ELSEWHERE)
@pytest.mark.parametrize("ids", [False, True])
def test_data_of_another_file_are_refused_and_that_file_is_not_opened(
    refusal: Callable[..., str], secret: Path, watch: Watch, how: str, ids: bool
) -> None:
    def write(file: h5py.File) -> None:
        ELSEWHERE[how](file, secret)
        watch.touched()

    told = refusal(write, ids=ids)
    assert not watch.touched()
    if "link" in how:
        assert told == "'features' is a link to what is elsewhere, expected a dataset of this file"
    else:
        assert told == "the data of 'features' are in other files, expected them in this one"


def test_the_watch_would_see_another_file_opened(tmp_path: Path, secret: Path, watch: Watch) -> None:
    with h5py.File(tmp_path / "x.hdf5", "w") as file:
        virtual(file, secret)
    watch.touched()
    with h5py.File(tmp_path / "x.hdf5") as file:
        assert file["features"][3] == 3
    assert watch.touched()


@pytest.mark.parametrize("write", [lambda file: None, lambda file: file.create_group("features")])
def test_what_is_no_dataset_is_refused(refusal: Callable[..., str], write: Write) -> None:
    assert refusal(write) == "no dataset 'features' in it"


def test_no_other_module_reads_hdf5() -> None:
    package = Path(hdf5.__file__).parents[1]
    opened = {
        path.relative_to(package).as_posix(): re.findall(r"h5py\.File\((.*?)\)", path.read_text(encoding="utf-8"))
        for path in package.rglob("*.py")
    }
    assert opened.pop("base/hdf5.py") == ['path, "r"']
    assert {arguments for found in opened.values() for arguments in found} == {'part, "w"'}


# --- Data that are announced only ------------------------------------------------------------------------


@pytest.mark.parametrize("chunks", [None, (1, 1000)])
def test_rows_that_nobody_wrote_are_refused(refusal: Callable[..., str], chunks: tuple[int, int] | None) -> None:
    told = refusal(lambda file: file.create_dataset("features", (2**31, 1000), "f4", chunks=chunks))
    assert told == f"'features' announces {2**31 * 4000} bytes, of which 0 are in the file"


def test_a_few_rows_that_nobody_wrote_are_zeros(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "x.hdf5", "w") as file:
        file.create_dataset("features", (100, 10), "f4")
    with Hdf5File(tmp_path / "x.hdf5") as file:
        assert not file.dataset("features")[:].any()


@pytest.mark.parametrize(("packing", "ratio"), [({}, 10), ({"compression": "lzf"}, 1100)])
def test_rows_of_which_few_were_written_are_read_up_to_a_ratio(
    tmp_path: Path, rng: np.random.Generator, packing: dict[str, str], ratio: int
) -> None:
    values = rng.integers(256, size=1 << 20, dtype=np.uint8)
    for rows, fits in ((ratio - 1, True), (ratio + 2, False)):
        with h5py.File(tmp_path / "x.hdf5", "w") as file:
            file.create_dataset("features", (rows, 1 << 20), "u1", chunks=(1, 1 << 20), **packing)[0] = values
        with Hdf5File(tmp_path / "x.hdf5") as file:
            if fits:
                assert file.dataset("features")[:2].tolist() == [values.tolist(), [0] * (1 << 20)]
            else:
                with pytest.raises(TartarusError, match=r"'features' announces \d+ bytes, of which 10\d+ are in"):
                    file.dataset("features")


def test_a_length_that_was_changed_to_more_than_there_is_is_refused(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "x.hdf5", "w") as file:
        file["features"] = np.zeros(12_345)
    # Length and size of the data, as they stand in the file; in this old form of it without a checksum.
    data = (tmp_path / "x.hdf5").read_bytes()
    for former, new in ((12_345, 2**40), (12_345 * 8, 2**43)):
        assert struct.pack("<Q", former) in data
        data = data.replace(struct.pack("<Q", former), struct.pack("<Q", new))
    (tmp_path / "x.hdf5").write_bytes(data)
    with Hdf5File(tmp_path / "x.hdf5") as file, pytest.raises(TartarusError, match="invalid dataset size"):
        file.dataset("features")


# --- Data that are packed --------------------------------------------------------------------------------


@pytest.mark.parametrize("packing", [{"compression": "gzip", "shuffle": True}, {"compression": "lzf"}, {}])
@pytest.mark.parametrize("values", [np.zeros((3, 500_000)), np.random.default_rng(1).normal(size=(3, 500_000))])
def test_what_is_packed_as_usual_is_read(tmp_path: Path, packing: dict[str, object], values: np.ndarray) -> None:
    with h5py.File(tmp_path / "x.hdf5", "w") as file:
        file.create_dataset("features", data=values, chunks=(2, 250_000), fletcher32=True, **packing)
    with Hdf5File(tmp_path / "x.hdf5") as file:
        np.testing.assert_array_equal(file.dataset("features")[:], values)


def test_other_packers_are_refused(refusal: Callable[..., str]) -> None:
    told = refusal(lambda file: file.create_dataset("features", (1000,), "i4", scaleoffset=1))
    assert told == "'features' is packed by the filters [6], expected gzip or lzf alone"


def with_chunk(file: h5py.File, packed: bytes, *, filters: int = 1, length: int = 1000) -> None:
    """Write a chunk of bytes as it is to stand in the file."""
    plan = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plan.set_chunk((length,))
    for _ in range(filters):
        plan.set_filter(h5py.h5z.FILTER_DEFLATE, 0, (9,))
    space = h5py.h5s.create_simple((length,))
    found = h5py.h5d.create(file.id, b"features", h5py.h5t.NATIVE_UINT8, space, plan)
    found.write_direct_chunk((0,), packed)


def test_a_chunk_that_unpacks_to_more_than_a_chunk_is_refused(refusal: Callable[..., str]) -> None:
    bomb = zlib.compress(bytes(300 << 20), 9)  # 300 kB, where a chunk has 1000 bytes
    assert refusal(lambda file: with_chunk(file, bomb)) == "'features' has a chunk of more than 1000 bytes"


def test_what_is_packed_twice_is_refused(refusal: Callable[..., str]) -> None:
    told = refusal(lambda file: with_chunk(file, zlib.compress(zlib.compress(bytes(1000))), filters=2))
    assert told == "'features' is packed by the filters [1, 1], expected gzip or lzf alone"


def test_a_chunk_that_is_too_large_is_refused(refusal: Callable[..., str]) -> None:
    told = refusal(lambda file: with_chunk(file, zlib.compress(bytes(100 << 20)), length=100 << 20))
    assert told == f"'features' has chunks of {100 << 20} bytes, expected at most {64 << 20}"


# --- Ids -------------------------------------------------------------------------------------------------


FORMS: dict[str, tuple[dict[str, object], dict[str, object]]] = {
    "bytes": ({}, {}),
    "of any length": ({}, {"dtype": h5py.string_dtype()}),
    "of any length, new": ({"libver": "latest"}, {"dtype": h5py.string_dtype()}),
    "of any length, in chunks": ({}, {"dtype": h5py.string_dtype(), "chunks": (4,), "maxshape": (None,)}),
    "of any length, new, in chunks": ({"libver": "latest"}, {"dtype": h5py.string_dtype(), "chunks": (4,)}),
    "of any length, behind others": ({"userblock_size": 512}, {"dtype": h5py.string_dtype()}),
    "of any length, in chunks, behind others": (
        {"userblock_size": 512},
        {"dtype": h5py.string_dtype(), "chunks": (4,)},
    ),
    "of any length, to grow": ({}, {"dtype": h5py.string_dtype(), "chunks": (2,), "maxshape": (None,)}),
}


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5), min_size=4, max_size=9))
@pytest.mark.parametrize("form", FORMS)
def test_ids_that_are_written_are_read_again(
    tmp_path_factory: pytest.TempPathFactory, form: str, ids: list[str]
) -> None:
    path, (of_file, of_data) = tmp_path_factory.mktemp("ids") / "x.hdf5", FORMS[form]
    with h5py.File(path, "w", **of_file) as file:
        file.create_dataset("index", data=encode_ids(ids), **of_data)
    with Hdf5File(path) as file:
        assert file.ids().tolist() == ids


@pytest.mark.parametrize("dtype", ["S4", h5py.string_dtype()])
@pytest.mark.parametrize("number", [0, 3])
def test_ids_that_nobody_wrote_are_empty(tmp_path: Path, dtype: object, number: int) -> None:
    with h5py.File(tmp_path / "x.hdf5", "w") as file:
        file.create_dataset("index", (number,), dtype)
    with Hdf5File(tmp_path / "x.hdf5") as file:
        assert file.ids().tolist() == [""] * number


def test_many_ids_of_any_length_are_read(tmp_path: Path) -> None:
    ids = [f"Beyoncé {number}" for number in range(5000)]  # more than a heap holds
    with h5py.File(tmp_path / "x.hdf5", "w") as file:
        file["index"] = ids
    with Hdf5File(tmp_path / "x.hdf5") as file:
        assert file.ids().tolist() == ids


DAMAGES: dict[str, tuple[int, str, object]] = {
    "no heap": (0, "4s", b"XXXX"),
    "too large a heap": (8, "<Q", 2**40),
    "too small a heap": (8, "<Q", 3),
    "another number": (16, "<H", 9),
    "a text that is too long": (-8, "<I", 2**31),
    "a heap beyond the file": (-4, "<Q", 2**62),
    "a number that is none": (4, "<I", 9),
}


@pytest.mark.parametrize("how", DAMAGES)
def test_a_damaged_heap_of_ids_is_refused(tmp_path: Path, how: str) -> None:
    with h5py.File(tmp_path / "x.hdf5", "w") as file:
        file["index"] = ["S1", "S2"]
    data = bytearray((tmp_path / "x.hdf5").read_bytes())
    heap, (where, form, value) = data.index(b"GCOL"), DAMAGES[how]
    # In the heap, or in the first reference to it: length (4 bytes), address of the heap (8), number (4).
    in_heap = how in ("no heap", "too large a heap", "too small a heap", "another number")
    struct.pack_into(form, data, heap + where if in_heap else data.index(struct.pack("<Q", heap)) + 4 + where, value)
    (tmp_path / "x.hdf5").write_bytes(data)
    with Hdf5File(tmp_path / "x.hdf5") as file:
        with pytest.raises(TartarusError, match=r"x\.hdf5: 'index' (cannot be read|holds ids of more than 256)"):
            file.ids()


def test_ids_of_any_length_that_are_packed_are_refused(refusal: Callable[..., str]) -> None:
    told = refusal(lambda file: file.create_dataset("features", data=["S1"], chunks=(1,), compression="gzip"), ids=True)
    assert told == "'features' is packed, though its texts are not; write it as it is, or as bytes"


def test_ids_are_read_in_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = ["S1", "Beyoncé", "a longer id"] * 5
    monkeypatch.setattr(hdf5, "_BLOCK", 30)
    with h5py.File(tmp_path / "x.hdf5", "w") as file:
        file["index"] = encode_ids(ids)
    with Hdf5File(tmp_path / "x.hdf5") as file:
        assert file.ids().tolist() == ids


@pytest.mark.parametrize(
    "values", [np.zeros(3), np.zeros((3, 2), "S2"), np.array(b"S1"), np.zeros(3, "S5000"), np.zeros(3, "i1,i1")]
)
def test_what_are_no_ids_is_refused(refusal: Callable[..., str], values: np.ndarray) -> None:
    told = refusal(lambda file: file.__setitem__("features", values), ids=True)
    assert told == f"'features' holds {values.shape} x {values.dtype}, expected a list of ids"


@pytest.mark.parametrize("dtype", [np.dtype("S300"), h5py.string_dtype()])
def test_ids_that_are_too_long_are_refused(refusal: Callable[..., str], dtype: np.dtype) -> None:
    ids = np.array([b"S1", b"x" * 257]).astype(dtype)
    told = refusal(lambda file: file.create_dataset("features", data=ids, dtype=dtype), ids=True)
    assert told == "'features' holds ids of more than 256 characters"


def test_ids_that_are_not_utf_8_are_refused(refusal: Callable[..., str]) -> None:
    assert "can't decode byte 0xff" in refusal(lambda file: file.__setitem__("features", [b"S\xff"]), ids=True)


# --- Signatures, and files that cannot be opened ---------------------------------------------------------


@pytest.mark.parametrize("signature", [None, "no JSON", "[" * 100_000, "[1]", 7])
def test_a_signature_that_is_none_is_refused(tmp_path: Path, signature: object) -> None:
    with h5py.File(tmp_path / "x.hdf5", "w", libver="latest") as file:
        if signature is not None:
            file.attrs["signature"] = signature
    with Hdf5File(tmp_path / "x.hdf5") as file, pytest.raises(TartarusError, match=r"x\.hdf5: .*signature"):
        file.signature()


def test_a_signature_is_read(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "x.hdf5", "w") as file:
        file.attrs["signature"] = json.dumps({"bins": 96})
    with Hdf5File(tmp_path / "x.hdf5") as file:
        assert file.signature() == {"bins": 96}


def test_a_locked_file_is_not_called_damaged(tmp_path: Path) -> None:
    locks = pytest.importorskip("fcntl")
    with h5py.File(tmp_path / "x.hdf5", "w") as file:
        file["features"] = [1]
    with (tmp_path / "x.hdf5").open("rb") as file:
        locks.flock(file, locks.LOCK_EX)
        with pytest.raises(TartarusError, match=r"x\.hdf5: locked: another program .* HDF5_USE_FILE_LOCKING=FALSE$"):
            Hdf5File(tmp_path / "x.hdf5")
    with Hdf5File(tmp_path / "x.hdf5") as file:
        assert file.dataset("features")[0] == 1


def test_a_file_that_is_not_there_or_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "text.hdf5").write_text("no HDF5")
    with pytest.raises(TartarusError, match=r"text\.hdf5: not an HDF5 file \(.*\); delete it to have it made anew"):
        Hdf5File(tmp_path / "text.hdf5")
    with pytest.raises(TartarusError, match=r"gone\.hdf5: cannot be opened \(No such file or directory\); delete it"):
        Hdf5File(tmp_path / "gone.hdf5")


# --- Rows ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["<f4", ">f2"])
@pytest.mark.parametrize("layout", [{}, {"chunks": (1, 4, 3)}, {"chunks": (2, 4, 3)}, {"chunks": (1, 2, 3)}])
@pytest.mark.parametrize("packing", [{}, {"compression": "gzip"}])
def test_rows_come_in_the_order_asked_for_however_they_lie(
    tmp_path: Path, dtype: str, layout: dict[str, Any], packing: dict[str, Any]
) -> None:
    values = np.random.default_rng(1).random((7, 4, 3)).astype(dtype)
    with h5py.File(tmp_path / "rows.hdf5", "w") as file:
        # The last row is not written: it is zeros.
        file.create_dataset("features", (8, 4, 3), dtype, **layout, **(packing if layout else {}))[:7] = values
    with Hdf5File(tmp_path / "rows.hdf5") as file:
        found = hdf5.read_rows(file.dataset("features"), np.array([6, 0, 7, 0]))
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, np.stack([values[6], values[0], np.zeros((4, 3)), values[0]]))
