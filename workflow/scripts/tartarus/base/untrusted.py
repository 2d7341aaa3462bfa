"""Reading arrays that others wrote: nothing in them is taken for granted."""

import tokenize
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import scipy.sparse
from tartarus.base.errors import TartarusError

BLOCK = 1 << 26  # bytes of a large array that are looked at in one go
_SPARSE = ("data", "indices", "indptr", "shape")
_LARGEST = float(np.finfo(np.float32).max)
# What the readers of arrays, sparse matrices, tables and HDF5 raise when a file is not what it says it is.
_DAMAGE = (
    *(ArithmeticError, AttributeError, EOFError, LookupError, OSError, RuntimeError, SyntaxError, TypeError),
    *(ValueError, tokenize.TokenError, zipfile.BadZipFile, zlib.error),
)


def open_array(path: Path) -> np.ndarray:
    """Map an ``.npy`` file of numbers into memory; TartarusError if it is none, or holds objects."""
    with telling_damage(path, "not an array of numbers"):
        values = np.load(path, mmap_mode="r", allow_pickle=False)
    if not isinstance(values, np.ndarray):
        raise TartarusError(f"{path}: several arrays where one is wanted; fetch it anew")
    expect_numbers(path, values.dtype)
    return values


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
            parts = {name: content[name] for name in _SPARSE}
        expect_numbers(path, parts["data"].dtype)
        for name in ("indices", "indptr", "shape"):
            if parts[name].dtype.kind not in "iu":
                raise ValueError(f"'{name}' are {parts[name].dtype}, expected whole numbers")
        rows, columns = (int(length) for length in parts["shape"])
        data, indices, indptr = (parts[name] for name in ("data", "indices", "indptr"))
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


@contextmanager
def telling_damage(path: Path, what: str, remedy: str = "fetch it anew") -> Iterator[None]:
    """Turn what a reader raises at a damaged file into a TartarusError that names it."""
    try:
        yield
    except _DAMAGE as error:
        raise TartarusError(f"{path}: {what} ({error}); {remedy}") from error


def is_finite(values: np.ndarray) -> np.ndarray:
    """Tell which values are finite as 32-bit floats, the form in which they are imported."""
    if values.dtype.kind == "f" and values.dtype.itemsize > 4:
        return np.abs(values) <= _LARGEST
    return np.isfinite(values)


def expect_numbers(path: Path, dtype: np.dtype) -> None:
    """Refuse values that are no numbers: text, objects, times."""
    if dtype.kind not in "fiub":
        raise TartarusError(f"{path}: values of the type {dtype}, expected numbers; fetch it anew")
