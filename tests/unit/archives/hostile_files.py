"""Hostile and damaged files of an archive: HDF5, arrays, sparse matrices and texts, each by a name of the archive."""

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from tests.unit.archives.hostile import damages
from tests.unit.archives.made import zip_of

PATCHES, TRUTH, VECTORS, DENSE = (
    "patches_train_X_2_1.hdf5", "y_train_class_3_X.npy", "X_train_words_X.npz", "X_train_words_X.npy",
)  # fmt: skip
PLAYS, INDEX, LABELS, ALBUMS = "matrix_test_X.npz", "items_index_train_X.tsv", "genre_labels_X.tsv", "albums_X.tsv"
VALUES = np.arange(24, dtype=np.float32).reshape(4, 1, 3, 2)
IDS = np.array([b"S1", b"S2", b"S3", b"S4"])
HUGE = 2**31


def files(folder: Path, secret: Path) -> Iterator[tuple[str, str, bytes]]:
    """Give a title, the name of the file, and its bytes; `secret` is an HDF5 file that is not to be read."""
    for title, write in hdf5(secret):
        with h5py.File(folder / "hostile.hdf5", "w") as file:
            write(file)
        yield f"HDF5: {title}", PATCHES, (folder / "hostile.hdf5").read_bytes()
    yield from arrays()
    yield from sparse()
    yield from texts()
    yield from mutations(folder)


def hdf5(secret: Path) -> Iterator[tuple[str, Callable[[h5py.File], object]]]:
    """Give writers of HDF5 files."""

    def with_(name: str, *shape: int, **options: Any) -> Callable[[h5py.File], object]:
        def write(file: h5py.File) -> None:
            if name == "features":
                file["index"] = IDS
            else:
                file["features"] = VALUES
            file.create_dataset(name, **({"shape": shape} if shape else {}), **options)

        return write

    def linked(link: Any) -> Callable[[h5py.File], object]:
        def write(file: h5py.File) -> None:
            file["features"], file["index"] = link, IDS

        return write

    def virtual(unlimited: bool, source: str = str(secret)) -> Callable[[h5py.File], object]:
        def write(file: h5py.File) -> None:
            length = {"maxshape": (None, 1, 3, 2)} if unlimited else {}
            layout, values = (
                h5py.VirtualLayout((4, 1, 3, 2), "f4", **length),
                h5py.VirtualSource(source, "x", (4, 1, 3, 2), **length),
            )
            everything = slice(h5py.h5s.UNLIMITED if unlimited else None)
            layout[everything] = values[everything]
            file.create_virtual_dataset("features", layout)
            file["index"] = IDS

        return write

    def same_text(file: h5py.File) -> None:
        file["features"] = np.zeros((5000, 1, 3, 2), "f4")
        file.create_dataset("index", data=[b"x" * (1 << 20)] + [b"y"] * 4999, dtype=h5py.string_dtype())

    def packed_by(*filters: int, chunk: int = 4, data: bytes = zlib.compress(bytes(16 << 20), 9)) -> Any:
        def write(file: h5py.File) -> None:
            plan = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
            plan.set_chunk((chunk, 1, 3, 2))
            for filter_ in filters:
                plan.set_filter(filter_, h5py.h5z.FLAG_OPTIONAL, (9,))
            space = h5py.h5s.create_simple((4, 1, 3, 2), (h5py.h5s.UNLIMITED, 1, 3, 2))
            found = h5py.h5d.create(file.id, b"features", h5py.h5t.NATIVE_FLOAT, space, plan)
            found.write_direct_chunk((0, 0, 0, 0), data)
            file["index"] = IDS

        return write

    yield "nothing in it", lambda file: None
    yield "a file of numbers as external storage", with_("features", 4, 1, 3, 2, dtype="f4", external=[(secret, 0, 96)])
    yield "ids as external storage", with_("index", 4, dtype="S8", external=[(secret, 0, 32)])
    yield (
        "endless external storage",
        with_("features", 4, 1, 3, 2, dtype="f4", external=[(secret, 0, h5py.h5f.UNLIMITED)]),
    )
    yield "virtual", virtual(unlimited=False)
    yield "virtual without end", virtual(unlimited=True)
    yield "virtual, of itself", virtual(unlimited=False, source=".")
    yield "an external link", linked(h5py.ExternalLink(secret, "x"))
    yield "a symbolic link", linked(h5py.SoftLink("/index"))
    yield "a link to itself", linked(h5py.SoftLink("/features"))
    yield "a type", lambda file: file.__setitem__("features", np.dtype("f4"))
    yield "a group", lambda file: file.create_group("features")
    yield "two to the power of 31 rows", with_("features", HUGE, 1, 3, 2, dtype="f4")
    yield "so many in chunks", with_("features", HUGE, 1, 3, 2, dtype="f4", chunks=(1, 1, 3, 2))
    yield "so many without width", with_("features", HUGE, 0, 3, 2, dtype="f4")
    yield "so many ids", with_("index", HUGE, dtype="S16")
    yield "so many ids of any length", with_("index", HUGE, dtype=h5py.string_dtype())
    yield "ids of two to the power of 31 bytes", with_("index", 4, dtype=f"S{HUGE - 1}", chunks=(1,))
    yield "no rows", with_("features", 0, 1, 3, 2, dtype="f4")
    yield "no shape", with_("features", data=h5py.Empty("f4"))
    yield "one value", with_("features", data=1.0)
    yield "one id", with_("index", data=b"S1")
    yield "ids in columns", with_("index", data=np.array([[b"S1"]] * 4))
    yield "ids that are not UTF-8", with_("index", data=[b"\xff"] * 4)
    yield "ids with tabs", with_("index", data=[b"a\tb\n"] * 4)
    yield "ids that are references", with_("index", 4, dtype=h5py.ref_dtype)
    yield "ids that are lists", with_("index", 4, dtype=h5py.vlen_dtype("i4"))
    yield "ids that are times", with_("index", 4, dtype="i8,i8")
    yield "values that are references", with_("features", 4, 1, 3, 2, dtype=h5py.ref_dtype)
    yield "values that are lists", with_("features", 4, 1, 3, 2, dtype=h5py.vlen_dtype("f4"))
    yield "values that are text", with_("features", 4, 1, 3, 2, dtype=h5py.string_dtype())
    yield "values that are arrays", with_("features", 4, 1, dtype=np.dtype(("f4", (3, 2))))
    yield "values of names", with_("features", 4, 1, 3, 2, dtype=h5py.enum_dtype({"a": 1}))
    yield "values with infinite ones", with_("features", data=np.full((4, 1, 3, 2), np.inf))
    yield "one long text as all ids", same_text
    yield "a bomb in a chunk", packed_by(1)
    yield "a chunk packed twice", packed_by(1, 1)
    yield "a chunk packed a hundred times", packed_by(*[1] * 30)
    yield "a chunk that is no gzip", packed_by(1, data=b"nonsense")
    yield "a chunk that is no lzf", packed_by(32000, data=b"\xff" * 100)
    yield "a chunk of an unknown packer", packed_by(32015, data=b"nonsense")
    yield "a chunk of szip", packed_by(4, data=b"nonsense")
    yield "a chunk of 96 MB", packed_by(1, chunk=4 << 20)
    yield "a chunk that is too short", packed_by(data=b"short")


def npy(header: str, data: bytes = b"", *, version: bytes = b"\1\0", length: int | None = None) -> bytes:
    """Make an array file with a header that is written as it is."""
    text = header.encode("latin1", "replace") + b"\n"
    form = "<H" if version == b"\1\0" else "<I"
    return b"\x93NUMPY" + version + struct.pack(form, len(text) if length is None else length) + text + data


def described(shape: object, descr: object = "<f4", order: object = False) -> str:
    return f"{{'descr': {descr!r}, 'fortran_order': {order!r}, 'shape': {shape!r}}}"


def arrays() -> Iterator[tuple[str, str, bytes]]:
    """Give files of arrays."""
    headers = {
        "nothing": "",
        "brackets": "[" * 9000,
        "parentheses": "(" * 60_000,
        "minus signs": "-" * 9000 + "1",
        "a call": "__import__('os').system('touch secret')",
        "a number without end": described(0).replace("0", "9" * 9000),
        "a dimension without end": described((10**40,)),
        "a dimension below 0": described((-1, 3)),
        "a dimension that is true": described((True, 3)),
        "a dimension that is none": described((None, 3)),
        "dimensions beyond memory": described((2**62, 3)),
        "dimensions that make nothing": described((2**62, 0)),
        "no dimensions": described(()),
        "a hundred dimensions": described((1,) * 100),
        "text for a shape": described("4, 3"),
        "objects": described((4, 3), "|O"),
        "an unknown type": described((4, 3), "<q9"),
        "a type of nothing": described((4, 3), "|V0"),
        "a type that is huge": described((4, 3), f"|V{2**31 - 1}"),
        "a type within a type": described((4,), [("a", [("b\udcff", "<f4")])]),
        "arrays within arrays": described((4,), [("a", "<f4", (2**30,))]),
        "bytes for a type": described((4, 3), b"<f4"),
        "an order that is none": described((4, 3), order="yes"),
        "another key": "{'descr': '<f4', 'fortran_order': False, 'shape': (4, 3), 'x': 1}",
        "a key that is missing": "{'descr': '<f4'}",
        "a list": "[1, 2]",
        "a string that does not end": "{'descr': '<f4",
        "zeros": "\0" * 100,
    }
    for title, header in headers.items():
        yield f"array, header: {title}", TRUTH, npy(header, bytes(48))
        yield f"dense features, header: {title}", DENSE, npy(header, bytes(48))
    yield "array: a version that is none", TRUTH, npy(described((4, 3)), bytes(48), version=b"\x09\x09")
    yield "array: a header without end", TRUTH, npy(described((4, 3)), version=b"\2\0", length=2**32 - 1)
    yield "array: a ZIP", TRUTH, zip_of(("x", b"1"))
    yield "array: a pickle", TRUTH, b"\x80\x04cos\nsystem\n(S'touch secret'\ntR."


def npz(parts: dict[str, Any], *, packed: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Make a ZIP of arrays; bytes are written as they are."""
    members = []
    for name, part in parts.items():
        buffer = io.BytesIO()
        if not isinstance(part, bytes):
            np.save(buffer, part, allow_pickle=False)
        members.append((f"{name}.npy", part if isinstance(part, bytes) else buffer.getvalue()))
    return zip_of(*members, packed=packed)


def sparse() -> Iterator[tuple[str, str, bytes]]:
    """Give files of sparse matrices."""
    good = {
        "data": np.ones(3, "f4"),
        "indices": np.array([0, 2, 1]),
        "indptr": np.array([0, 2, 2, 3, 3]),
        "shape": np.array([4, 3]),
    }
    changes: dict[str, dict[str, Any]] = {
        "indices beyond": {"indices": np.array([0, 2**40, 1])},
        "pointers that go back": {"indptr": np.array([0, 3, -9, 3, 3])},
        "a shape beyond memory": {"shape": np.array([2**62, 2**62])},
        "a shape below 0": {"shape": np.array([-4, 3])},
        "columns without end": {"shape": np.array([4, 2**63 - 1])},
        "a shape that is text": {"shape": np.array(["4", "3"])},
        "no values": {name: np.zeros(0, "i8") for name in ("data", "indices", "indptr")},
        "scalars": dict.fromkeys(good, np.array(1)),
        "a header beyond memory": {"data": npy(described((2**40,)), bytes(12))},
        "a header that overflows": {"data": npy(described((2**62, 2**62)), bytes(12))},
        "brackets": {"indptr": npy("[" * 9000)},
        "what is no array": {"indices": b"nonsense"},
        "an empty member": {"indices": b""},
        "zeros that are 64 MB": {"data": npy(described((16 << 20,)), bytes(64 << 20))},
        "zeros beside it": {"other": bytes(64 << 20)},
        "infinite values": {"data": np.full(3, np.inf)},
    }
    for name in (VECTORS, PLAYS):
        for title, changed in changes.items():
            yield f"{name}: {title}", name, npz({**good, **changed})
        yield (
            f"{name}: LZMA, of which a part is missing",
            name,
            npz(good, packed=zipfile.ZIP_LZMA).replace(b"\0", b"\1"),
        )
        yield f"{name}: bytes under the name of an array", name, zip_of(*((key, b"x" * 99) for key in good))
        yield f"{name}: an array", name, npy(described((4, 3)), bytes(48))
        yield f"{name}: a pickle", name, b"\x80\x04cos\nsystem\n(S'touch secret'\ntR."


def texts() -> Iterator[tuple[str, str, bytes]]:
    """Give texts."""
    contents = {
        "nothing": b"",
        "only line ends": b"\n" * 100_000,
        "only tabs": b"\t" * 100_000,
        "zeros": bytes(100_000),
        "not UTF-8": b"S1\n\xff\xfe\n",
        "UTF-16": "S1\nS2\n".encode("utf-16"),
        "surrogates": b"\xed\xa0\x80\nS2\n",
        "one long line twice": (b"x" * 500_000 + b"\n") * 2,
        "signs for the screen": b"\x1b[2J\n\x1b[2J\n",
        "separators": "S1\u2028S2\x0b\x0c\x1c\x85\n".encode() * 2,
        "quotation marks": b'"\n"\n',
        "many columns": b"id\talbum" + b"\tx" * 50_000 + b"\nS1\tA\n",
        "columns of one name": b"id\talbum\tid\talbum\nS1\tA\tS2\tB\n",
        "a mark of bytes": b"\xef\xbb\xbfid\talbum\n\xef\xbb\xbf\t\n",
    }
    for title, content in contents.items():
        for name in (INDEX, LABELS, ALBUMS):
            yield f"{name}: {title}", name, content


def mutations(folder: Path) -> Iterator[tuple[str, str, bytes]]:
    """Give good files in which some bytes are others, some are missing, or some are double."""
    rng = random.Random(11)  # noqa: S311
    forms: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
        "plain": ({}, {}),
        "new": ({"libver": "latest"}, {}),
        "packed": ({}, {"chunks": (1, 1, 3, 2), "compression": "gzip", "fletcher32": True}),
        "packed anew": ({"libver": "latest"}, {"chunks": (2, 1, 3, 2), "compression": "lzf", "shuffle": True}),
        "growing": ({}, {"maxshape": (None, 1, 3, 2)}),
    }
    for form, (of_file, of_data) in forms.items():
        for dtype in ("S8", h5py.string_dtype()):
            with h5py.File(folder / "good.hdf5", "w", **of_file) as file:
                file.create_dataset("features", data=VALUES, **of_data)
                file.create_dataset("index", data=IDS.astype(dtype), dtype=dtype)
            for number, damaged in enumerate(damages(rng, (folder / "good.hdf5").read_bytes(), 15)):
                yield f"HDF5, {form}, {dtype}, damaged {number}", PATCHES, damaged
    np.save(folder / TRUTH, np.eye(4, 3))
    parts = {"data": [1.0], "indices": [2], "indptr": [0, 0, 1, 1, 1], "shape": [4, 3]}
    np.savez_compressed(folder / VECTORS, **parts)
    np.savez(folder / PLAYS, **parts)
    for name in (TRUTH, VECTORS, PLAYS):
        for number, damaged in enumerate(damages(rng, (folder / name).read_bytes(), 20)):
            yield f"{name}, damaged {number}", name, damaged
