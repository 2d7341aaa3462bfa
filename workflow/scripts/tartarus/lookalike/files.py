"""Files of the look-alike archives: written row by row, packed, listed in a manifest; the same bytes every time."""

import gzip
import hashlib
import shutil
import tarfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import scipy.sparse
from tartarus.base.arrays import write_arrays
from tartarus.base.files import replacing, write_json
from tartarus.base.hdf5 import encode_ids
from tartarus.base.logs import log

Rows = Callable[[int, int], Any]
_ROWS = 1024  # at once
_PATCHES = 128


def spans(count: int, rows: int = _ROWS) -> Iterator[tuple[int, int]]:
    """Cut `count` rows into spans (start, stop)."""
    for start in range(0, count, rows):
        yield start, min(start + rows, count)


def write_dense(path: Path, count: int, columns: int, rows: Rows, *, dtype: str) -> None:
    """Write an ``.npy`` file in blocks.

    Parameters
    ----------
    path : Path
        The file.
    count, columns : int
        The shape of the array.
    rows : callable
        Makes rows [start, stop).
    dtype : str
        Of the array.
    """
    with replacing(path) as part:
        array = np.lib.format.open_memmap(part, mode="w+", dtype=dtype, shape=(count, columns))
        for start, stop in spans(count):
            array[start:stop] = rows(start, stop)
        array.flush()


def write_sparse(path: Path, count: int, rows: Rows) -> None:
    """Write a CSR matrix as the original does: ``.npz`` with data, indices, indptr and shape."""
    matrix = scipy.sparse.vstack([rows(start, stop) for start, stop in spans(count)], format="csr")
    write_matrix(path, matrix)


def write_matrix(path: Path, matrix: scipy.sparse.csr_matrix) -> None:
    """Write a CSR matrix as the original does."""
    shape = np.array(matrix.shape, np.int64)
    write_arrays(path, data=matrix.data, indices=matrix.indices, indptr=matrix.indptr, shape=shape)


def write_features(path: Path, ids: Sequence[str], shape: tuple[int, ...], rows: Rows) -> None:
    """Write an HDF5 file of `features` [shape=(n_items, *shape)], float32, and `index`, in blocks."""
    # Not libver="latest": that format keeps the time of the root group.
    with replacing(path) as part, h5py.File(part, "w") as file:
        features = file.create_dataset("features", (len(ids), *shape), "f4", chunks=(1, *shape), track_times=False)
        for start, stop in spans(len(ids), _PATCHES if len(shape) > 1 else _ROWS):
            features[start:stop] = rows(start, stop)
        file.create_dataset("index", data=encode_ids(ids), track_times=False)


@contextmanager
def packing(archive: Path) -> Iterator[Path]:
    """Give a folder to write to, and pack what is in it as ``.tar.gz``.

    Parameters
    ----------
    archive : Path
        The file to be written; the folder is beside it and goes away, whatever happens.

    Yields
    ------
    Path
        The folder.
    """
    folder = archive.with_name(f".{archive.name}.folder")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
        log.info("packing %s", archive)
        _pack(folder, archive)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _pack(folder: Path, archive: Path) -> None:
    # No names of users, no times: the same files give the same bytes. Level 1, for random numbers gain little more.
    with (
        replacing(archive) as part,
        part.open("wb") as raw,
        gzip.GzipFile("", "wb", compresslevel=1, fileobj=raw, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as tar,
    ):
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            member = tarfile.TarInfo(path.relative_to(folder).as_posix())
            member.size, member.mode = path.stat().st_size, 0o644
            with path.open("rb") as content:
                tar.addfile(member, content)


def write_manifest(folder: Path, files: dict[str, int]) -> None:
    """Write MANIFEST.json: the records that an archive comes from, and its files with sizes and MD5 sums.

    Parameters
    ----------
    folder : Path
        The archive's folder, which holds the files; its name is the archive's.
    files : dict
        Name of a file to the number of its record.
    """
    records = [
        {
            "record": record,
            "title": f"{folder.name}, look-alike: random numbers in the layout of record {record}",
            "doi": f"10.5281/zenodo.{record}",
            "licence": "none: random numbers",
        }
        for record in sorted(set(files.values()))
    ]
    entries = []
    for name, record in sorted(files.items()):
        with (folder / name).open("rb") as file:
            md5 = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
        entries.append({"name": name, "record": record, "bytes": (folder / name).stat().st_size, "md5": md5})
    write_json(folder / "MANIFEST.json", {"archive": folder.name, "records": records, "files": entries})
