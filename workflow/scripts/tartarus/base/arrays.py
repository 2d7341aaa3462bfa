"""Arrays in NumPy's files, without pickle; the same arrays give the same bytes, for NumPy writes no times."""

import mmap
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from tartarus.base.errors import REMEDY, TartarusError, telling_damage
from tartarus.base.files import replacing

# Packed arrays may be much larger than their file, but not this much: 1 GiB, at more than a hundred times its size.
_LARGEST_PACKED, _LARGEST_RATIO = 1 << 30, 100


def write_array(path: str | Path, array: np.ndarray) -> None:
    """Write an array as ``.npy``."""
    refuse_not_finite(path, array)
    with replacing(path) as part, part.open("wb") as file:
        np.save(file, np.asarray(array, order="C"), allow_pickle=False)


def write_arrays(path: str | Path, **arrays: Any) -> None:
    """Write arrays as ``.npz``."""
    for array in arrays.values():
        refuse_not_finite(path, np.asarray(array))
    with replacing(path) as part, part.open("wb") as file:
        # Rows first: only so can an array be mapped into memory and read by its rows.
        np.savez(file, allow_pickle=False, **{name: np.asarray(array, order="C") for name, array in arrays.items()})


def write_in_blocks(
    path: str | Path,
    name: str,
    shape: tuple[int, ...],
    dtype: np.typing.DTypeLike,
    blocks: Iterable[np.ndarray],
    **others: Any,
) -> None:
    """Write an array that does not fit into memory as ``.npz``, block by block.

    Parameters
    ----------
    path : str or Path
        Where to.
    name : str
        Of the array.
    shape : tuple of int
        Of the whole array.
    dtype : data type
        Of its values; blocks are converted.
    blocks : iterable of np.ndarray
        Its values, in the order of rows first.
    others : np.ndarray
        Further arrays, by name.

    Raises
    ------
    TartarusError
        If the blocks hold more or fewer values than the shape says, or one that is not finite.
    """
    dtype = np.dtype(dtype)
    with replacing(path) as part, zipfile.ZipFile(part, "w") as archive:
        with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as file:
            header = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(file, header)
            written = 0
            for block in blocks:
                refuse_not_finite(path, block)
                file.write(np.ascontiguousarray(block, dtype).data)
                written += block.size
        if written != np.prod(shape):
            raise TartarusError(f"{path}: {written} values for the shape {shape}; run again")
        for other, array in others.items():
            with archive.open(zipfile.ZipInfo(f"{other}.npy"), "w", force_zip64=True) as file:
                np.lib.format.write_array(file, np.asanyarray(array), allow_pickle=False)


def refuse_not_finite(path: str | Path, array: np.ndarray) -> None:
    """Stop before NaN or infinity is written: what is learned from it would be wrong without a word.

    Raises
    ------
    TartarusError
        With the number of the first row.
    """
    if array.dtype.kind in "fc" and not (finite := np.isfinite(array)).all():
        row = int(np.argwhere(~finite)[0][0]) if array.ndim else 0
        raise TartarusError(
            f"{path}: not written: row {row} holds a value that is not finite; check what it is made from"
        )


def read_array(path: str | Path, *, mapped: bool = False) -> np.ndarray:
    """Read an ``.npy`` file, or map it into memory; TartarusError if it is none."""
    found = _load(path, REMEDY, mapped=mapped)
    if not isinstance(found, np.ndarray):
        raise TartarusError(f"{path}: several arrays where one is wanted; {REMEDY}")
    return found


def read_arrays(path: str | Path, *, only: str = "", without: str = "", remedy: str = REMEDY) -> dict[str, np.ndarray]:
    """Read an ``.npz`` file: all arrays, one alone, or all but a large one; TartarusError if it is none."""
    found = _load(path, remedy, only=only, without=without)
    if isinstance(found, np.ndarray):
        raise TartarusError(f"{path}: one array where several are wanted; {remedy}")
    return found


def refuse_bomb(path: str | Path) -> None:
    """Stop before more is unpacked than any features of that size hold."""
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            if entry.file_size > max(_LARGEST_PACKED, _LARGEST_RATIO * Path(path).stat().st_size):
                raise ValueError(f"'{entry.filename}' would be {entry.file_size} bytes")


def _load(
    path: str | Path, remedy: str, *, mapped: bool = False, only: str = "", without: str = ""
) -> np.ndarray | dict[str, np.ndarray]:
    with telling_damage(Path(path), "not a file of arrays", remedy):
        if zipfile.is_zipfile(path):
            refuse_bomb(path)
        found = np.load(path, mmap_mode="r" if mapped else None, allow_pickle=False)
        if isinstance(found, np.ndarray):
            return found
        with found:
            return {name: found[name] for name in found.files if name != without and only in ("", name)}


class Mapped:
    """An array within an ``.npz`` file, mapped into memory: only what is read takes any.

    Parameters
    ----------
    path : str or Path
        A file that `write_arrays` or `write_in_blocks` wrote: its arrays are not packed.
    name : str
        Of the array.
    remedy : str
        What to do if it cannot be read.

    Attributes
    ----------
    values : np.ndarray
        Not to be written to.

    Raises
    ------
    TartarusError
        If there is no such array, or it is packed or damaged.
    """

    RELEASE_AFTER = 1 << 28  # bytes

    def __init__(self, path: str | Path, name: str, *, remedy: str = REMEDY) -> None:
        with telling_damage(Path(path), f"no array '{name}'", remedy):
            with zipfile.ZipFile(path) as archive, Path(path).open("rb") as file:
                entry = archive.getinfo(f"{name}.npy")
                if entry.compress_type != zipfile.ZIP_STORED:
                    raise TartarusError(f"{path}: '{name}' is packed; write it with numpy.savez")
                # The local header: 26 bytes, then the lengths of its two variable parts.
                file.seek(entry.header_offset + 26)
                lengths = np.frombuffer(file.read(4), "<u2")
                file.seek(int(lengths.sum()), 1)
                version = np.lib.format.read_magic(file)
                read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
                shape, fortran_order, dtype = read(file)
                begin = file.tell()
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            if dtype.hasobject:
                raise ValueError("objects instead of numbers")
            flat = np.frombuffer(self._map, dtype, int(np.prod(shape)), begin)
        self.values = flat.reshape(shape, order="F" if fortran_order else "C")
        self._read = 0

    def rows(self, numbers: np.ndarray) -> np.ndarray:
        """Read rows, in the order asked for.

        Pages that were read count as memory of this process until they are given back, which is done from time
        to time.
        """
        chosen = self.values[numbers]
        self._read += chosen.nbytes
        if self._read > self.RELEASE_AFTER and hasattr(mmap, "MADV_DONTNEED"):
            self._map.madvise(mmap.MADV_DONTNEED)
            self._read = 0
        return chosen
