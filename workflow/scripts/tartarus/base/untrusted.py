"""Reading arrays that others wrote: nothing in them is taken for granted."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse
from tartarus.base.errors import TartarusError, telling_damage
from tartarus.base.logs import progress

BLOCK = 1 << 26  # bytes of a large array that are looked at in one go
_SPARSE = ("data", "indices", "indptr", "shape")
_LARGEST = float(np.finfo(np.float32).max)
_RATIO = 100  # announced to stored size of a sparse matrix: the places of its values are not all alike
_SMALL = 1 << 24  # bytes that a sparse matrix may announce, however well it is packed


def open_array(path: Path) -> np.ndarray:
    """Map an ``.npy`` file of numbers into memory; TartarusError if it is none, is empty or holds objects."""
    with telling_damage(path, "not an array of numbers"):
        values = np.load(path, mmap_mode="r", allow_pickle=False)
    if not isinstance(values, np.ndarray):
        values.close()
        raise TartarusError(f"{path}: several arrays where one is wanted; fetch it anew")
    expect_numbers(path, values.dtype)
    # The other lengths of an array without values may be anything.
    if not values.size:
        raise TartarusError(f"{path}: no values in it; fetch it anew")
    return values


def read_in_blocks(path: Path, values: Any, *, what: str = "") -> Iterator[tuple[int, np.ndarray]]:
    """Read an array of a file block by block.

    Parameters
    ----------
    path : Path
        The file.
    values : np.ndarray or h5py.Dataset [shape=(n_rows, ...)]
        The array, mapped into memory or of HDF5.
    what : str
        What is being done, if the progress is to be told.

    Yields
    ------
    tuple
        The number of the first row, and the rows.

    Raises
    ------
    TartarusError
        If a block cannot be read.
    """
    row_bytes = math.prod(values.shape[1:]) * values.dtype.itemsize
    rows = max(1, BLOCK // max(row_bytes, 1))
    firsts = range(0, values.shape[0], rows)
    for first in progress(firsts, total=len(firsts), what=what) if what else firsts:
        with telling_damage(path, f"row {first} and those after it cannot be read"):
            block = np.asarray(values[first : first + rows])
        yield first, block


def open_sparse(path: Path, *, remedy: str = "write it with numpy.savez or fetch it anew") -> scipy.sparse.csr_matrix:
    """Read a sparse matrix, written by ``numpy.savez`` with data, indices, indptr and shape, and check it whole.

    Raises
    ------
    TartarusError
        If an array is missing, holds objects, or they do not make a matrix: indices below 0 or beyond the columns,
        pointers that go back, values that are not finite.
    """
    with telling_damage(path, f"not a sparse matrix of {', '.join(_SPARSE)}", remedy):
        with np.load(path, allow_pickle=False) as content:
            announced, stored = sum(entry.file_size for entry in content.zip.infolist()), path.stat().st_size
            if announced > max(_RATIO * stored, _SMALL):
                raise ValueError(f"it unpacks to {announced} bytes, more than {_RATIO} times its own {stored}")
            parts = {name: content[name] for name in _SPARSE}
        expect_numbers(path, parts["data"].dtype)
        for name in ("indices", "indptr", "shape"):
            if parts[name].dtype.kind not in "iu":
                raise ValueError(f"'{name}' are {parts[name].dtype}, expected whole numbers")
        rows, columns = (int(length) for length in parts["shape"])
        data, indices, indptr = (parts[name] for name in ("data", "indices", "indptr"))
        if columns > np.iinfo(np.int32).max:
            raise ValueError(f"{columns} columns, expected at most {np.iinfo(np.int32).max}")
        if indptr[-1] != len(data) or len(indices) != len(data):
            raise ValueError(f"{len(data)} values, {len(indices)} indices, pointers up to {indptr[-1]}")
        if len(indices) and (indices.min() < 0 or indices.max() >= columns):
            raise TartarusError(
                f"{path}: indices from {indices.min()} to {indices.max()}, expected 0 to {columns - 1}; fetch it anew"
            )
        matrix = scipy.sparse.csr_matrix((data, indices, indptr), shape=(rows, columns))
        matrix.check_format(full_check=True)
    if not is_finite(matrix.data).all():
        raise TartarusError(f"{path}: {int((~is_finite(matrix.data)).sum())} values are not finite; fetch it anew")
    return matrix


def is_finite(values: np.ndarray) -> np.ndarray:
    """Tell which values are finite as 32-bit floats, the form in which they are imported."""
    if values.dtype.kind == "f" and values.dtype.itemsize > 4:
        return np.abs(values) <= _LARGEST
    return np.isfinite(values)


def expect_numbers(path: Path, dtype: np.dtype) -> None:
    """Refuse values that are no numbers: text, objects, times."""
    if dtype.kind not in "fiub":
        raise TartarusError(f"{path}: values of the type {dtype}, expected numbers; fetch it anew")
