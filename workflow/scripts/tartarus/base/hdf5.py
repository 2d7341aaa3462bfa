"""HDF5 files, of which nothing is taken but plain data that stand in the file itself; all are read through here.

An HDF5 file may say that its data are in other files, and announce more than it holds: by external storage, links and
virtual datasets whatever this user may read would come into the results. Ids are UTF-8 bytes, as in the original's
files.
"""

import json
import math
import os
import struct
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import h5py
import numpy as np
from h5py import h5d, h5l, h5z
from tartarus.base.errors import REMEDY, TartarusError, UnavailableError, telling_damage

_BLOCK = 1 << 26  # bytes of ids that are read in one go
_PACKERS = {h5z.FILTER_DEFLATE, h5z.FILTER_LZF}
_FILTERS = {*_PACKERS, h5z.FILTER_SHUFFLE, h5z.FILTER_FLETCHER32}
_RATIO = 1100  # announced to stored size of what is packed; gzip, the best of these packers, comes to 1032
_UNPACKED_RATIO = 10  # and of what is not: some rows may never have been written
_SMALL = 1 << 20  # announced bytes that need not be stored: values that were never written are zeros
_LARGEST_CHUNK = 1 << 26  # bytes, for HDF5 holds a chunk whole in memory
_LARGEST_UNPROVED = 1 << 18  # packed bytes of a chunk that can do no harm, whatever they unpack to
_WIDEST_IDS = 4096  # bytes that are set apart for an id
_LONGEST_ID = 256  # characters of an id, each of at most 4 bytes
# What stands in a dataset of texts of any length: the text is in a heap, under a number.
_REFERENCE = np.dtype([("length", "<u4"), ("heap", "<u8"), ("number", "<u4")])


class Hdf5File:
    """An HDF5 file that is open for reading, for use in a ``with`` statement.

    Parameters
    ----------
    path : str or Path
        The file.
    remedy : str
        What to do if there is something wrong with it, for the messages.

    Raises
    ------
    TartarusError
        If it is no HDF5 file; UnavailableError, if it cannot be opened or is locked.
    """

    def __init__(self, path: str | Path, *, remedy: str = REMEDY) -> None:
        self.path, self._remedy = Path(path), remedy
        try:
            self._file = h5py.File(path, "r")
        except OSError as error:
            if "unable to lock file" in str(error):
                raise UnavailableError(
                    f"{path}: locked: another program writes it, or its file system has no locks; wait until that "
                    f"program has ended or, if there is none, set the environment variable HDF5_USE_FILE_LOCKING=FALSE"
                ) from error
            if error.errno is not None:
                raise UnavailableError(f"{path}: cannot be opened ({os.strerror(error.errno)}); {remedy}") from error
            raise TartarusError(f"{path}: not an HDF5 file ({error}); {remedy}") from error

    def dataset(self, name: str) -> h5py.Dataset:
        """Take a dataset.

        Raises
        ------
        TartarusError
            If it is not there, its data are in another file or announced only, or it is packed in such a way that
            reading a little of it could fill the memory.
        """
        with telling_damage(self.path, f"the dataset '{name}' cannot be read", self._remedy):
            self._expect_own(name)
            found = self._file[name]
            if not isinstance(found, h5py.Dataset):
                raise self._error(f"no dataset '{name}' in it")
            # Before its shape is asked for, which opens the files that a virtual dataset is made of.
            if found.is_virtual or found.external:
                raise self._error(f"the data of '{name}' are in other files, expected them in this one")
            self._expect_stored(name, found)
            if found.chunks:
                self._expect_harmless(name, found)
        return found

    def __contains__(self, name: str) -> bool:
        """Tell whether there is a dataset of this name."""
        return name in self._file

    def ids(self, name: str = "index") -> np.ndarray:
        """Read the ids of rows [shape=(n_rows,)], str.

        Raises
        ------
        TartarusError
            If they are no list of text of at most 256 characters.
        """
        values = self.dataset(name)
        with telling_damage(self.path, f"'{name}' cannot be read", self._remedy):
            dtype = values.dtype
            of_any_length = h5py.check_string_dtype(dtype) is not None and dtype.kind == "O"
            if values.ndim != 1 or not (of_any_length or dtype.kind in "Siu") or dtype.itemsize > _WIDEST_IDS:
                raise self._error(f"'{name}' holds {values.shape} x {dtype}, expected a list of ids")
            parts = [np.zeros(0, "U1")]
            for block in [self._texts(name, values)] if of_any_length else self._blocks(values):
                parts.append(np.char.decode(block, "utf-8"))
                if parts[-1].itemsize > _LONGEST_ID * parts[0].itemsize:
                    raise self._too_long(name)
            return np.concatenate(parts)

    def signature(self) -> dict[str, Any]:
        """Read what the columns of the file mean."""
        with telling_damage(self.path, "no signature in it", self._remedy):
            found = json.loads(self._file.attrs["signature"])
            if not isinstance(found, dict):
                raise self._error("its signature holds no keys and values")
        return found

    def close(self) -> None:
        """Close the file; its datasets cannot be read any more."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _value: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def _error(self, what: str) -> TartarusError:
        return TartarusError(f"{self.path}: {what}; {self._remedy}")

    def _too_long(self, name: str) -> TartarusError:
        return self._error(f"'{name}' holds ids of more than {_LONGEST_ID} characters")

    def _expect_own(self, name: str) -> None:
        """Refuse a link before it is followed."""
        links = self._file.id.links
        if not links.exists(name.encode()):
            raise self._error(f"no dataset '{name}' in it")
        if links.get_info(name.encode()).type != h5l.TYPE_HARD:
            raise self._error(f"'{name}' is a link to what is elsewhere, expected a dataset of this file")

    def _expect_stored(self, name: str, found: h5py.Dataset) -> None:
        announced = math.prod(found.shape) * found.dtype.itemsize
        ratio = _RATIO if _is_packed(found) else _UNPACKED_RATIO
        stored = min(found.id.get_storage_size(), self.path.stat().st_size)
        if announced > max(ratio * stored, _SMALL):
            raise self._error(f"'{name}' announces {announced} bytes, of which {stored} are in the file")

    def _expect_harmless(self, name: str, found: h5py.Dataset) -> None:
        """Hold chunks against what they announce: HDF5 unpacks whatever comes, into memory."""
        chunk = math.prod(found.chunks) * found.dtype.itemsize
        if chunk > _LARGEST_CHUNK:
            raise self._error(f"'{name}' has chunks of {chunk} bytes, expected at most {_LARGEST_CHUNK}")
        plan = found.id.get_create_plist()
        filters = [plan.get_filter(number)[0] for number in range(plan.get_nfilters())]
        packers = _PACKERS.intersection(filters)
        if not _FILTERS.issuperset(filters) or len(set(filters)) < len(filters) or len(packers) > 1:
            raise self._error(f"'{name}' is packed by the filters {filters}, expected gzip or lzf alone")

        def expect_harmless(stored: h5d.StoreInfo) -> None:
            packed = self._chunk(found, stored) if stored.size > _LARGEST_UNPROVED else b""
            # 4 bytes more are a checksum.
            if h5z.FILTER_DEFLATE in packers and len(zlib.decompressobj().decompress(packed, chunk + 5)) > chunk + 4:
                raise self._error(f"'{name}' has a chunk of more than {chunk} bytes")

        if packers:
            found.id.chunk_iter(expect_harmless)

    def _blocks(self, values: h5py.Dataset) -> Iterator[np.ndarray]:
        rows = max(1, _BLOCK // values.dtype.itemsize)
        for first in range(0, len(values), rows):
            yield values[first : first + rows].astype(bytes)

    def _texts(self, name: str, values: h5py.Dataset) -> np.ndarray:
        """Read texts of any length, as bytes.

        Not through HDF5, which makes room for gigabytes or never comes to an end where a text or its heap is damaged.
        See its File Format Specification, "Global Heap" and "Variable-Length Data".
        """
        stored, plan = values.id.get_storage_size(), values.id.get_create_plist()
        if stored and (plan.get_nfilters() or plan.get_layout() not in (h5d.CONTIGUOUS, h5d.CHUNKED)):
            raise self._error(f"'{name}' is packed, though its texts are not; write it as it is, or as bytes")
        references = np.zeros(len(values), _REFERENCE)

        def put(first: int, read: bytes, number: int) -> None:
            if len(read) != number * _REFERENCE.itemsize:
                raise self._error(f"'{name}' has no places of {_REFERENCE.itemsize} bytes; write it as bytes")
            references[first : first + number] = np.frombuffer(read, _REFERENCE)[: len(references) - first]

        if values.chunks:
            (rows,) = values.chunks
            values.id.chunk_iter(lambda chunk: put(chunk.chunk_offset[0], self._chunk(values, chunk), rows))
        with self.path.open("rb") as file:
            if stored and not values.chunks:
                file.seek(values.id.get_offset())
                put(0, file.read(stored), len(values))
            if (references["length"] > 4 * _LONGEST_ID).any():
                raise self._too_long(name)
            heaps: dict[int, dict[int, bytes]] = {}
            unread = self.path.stat().st_size
            found = []
            for length, place, number in references.tolist():
                if place not in heaps:
                    unread -= _read_heap(file, self._file.userblock_size + place, unread, heaps.setdefault(place, {}))
                # Whoever writes C may have counted the zero at the end.
                found.append(heaps[place][number][:length].split(b"\0")[0] if length else b"")
        return np.array(found or [b""], bytes)[: len(found)]

    def _chunk(self, found: h5py.Dataset, stored: h5d.StoreInfo) -> bytes:
        """Read a chunk as it stands in the file."""
        if stored.byte_offset + stored.size > self.path.stat().st_size:
            raise self._error(f"{found.name} has a chunk beyond the end of the file")
        return bytes(found.id.read_direct_chunk(stored.chunk_offset)[1])


def _read_heap(file: IO[bytes], place: int, limit: int, texts: dict[int, bytes]) -> int:
    """Read the texts of a heap, by their numbers, and tell its size, which is at most a limit."""
    if place == 0:
        return 0
    file.seek(place)
    head = file.read(16)
    size = int.from_bytes(head[8:], "little")
    if head[:4] != b"GCOL" or not 16 < size <= limit:
        raise ValueError(f"no heap of texts at byte {place}")
    body, at = file.read(size - 16), 0
    while at + 16 <= len(body):
        number, length = struct.unpack_from("<H6xQ", body, at)
        if number == 0:  # what is free
            break
        texts[number] = body[at + 16 : at + 16 + length]
        at += 16 + -(-length // 8) * 8
    return size


def encode_ids(ids: Sequence[str] | np.ndarray) -> np.ndarray:
    """Turn ids into bytes for HDF5; empty if there are none."""
    return np.array([id_.encode() for id_ in ids]) if len(ids) else np.zeros(0, "S1")


def read_rows(values: h5py.Dataset, numbers: np.ndarray) -> np.ndarray:
    """Read rows in any order [shape=(n, ...)].

    One by one: selecting many at once costs h5py fifteen times the reading. A row that is a chunk of the file, as it
    lies on the disk, is read past HDF5's copies: in a sixth of the time, and faster than neighbours in one go.
    """
    rows = np.empty((len(numbers), *values.shape[1:]), values.dtype)
    as_they_lie = values.chunks == (1, *values.shape[1:]) and not _is_packed(values)
    for place, number in enumerate(numbers):
        if not (as_they_lie and _read_chunk(values, number, rows[place])):
            values.read_direct(rows, np.s_[number], np.s_[place])
    return rows


def _is_packed(values: h5py.Dataset) -> bool:
    return values.id.get_create_plist().get_nfilters() > 0


def _read_chunk(values: h5py.Dataset, number: int, row: np.ndarray) -> bool:
    """Read a row that is a chunk; tell whether it could be: one that was never written is not in the file."""
    try:
        values.id.read_direct_chunk((int(number), *(0 for _ in row.shape)), out=row.reshape(-1).view(np.uint8))
    except RuntimeError:
        return False
    return True
