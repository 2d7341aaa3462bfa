"""HDF5 files, and ids in them: UTF-8 bytes, as in the original's files."""

from collections.abc import Sequence
from pathlib import Path

import h5py
import numpy as np
from tartarus.base.errors import TartarusError


def open_hdf5(path: str | Path, *, remedy: str = "delete it to have it made anew") -> h5py.File:
    """Open an HDF5 file for reading; TartarusError, with what to do about it, if it is none."""
    try:
        return h5py.File(path, "r")
    except OSError as error:
        raise TartarusError(f"{path}: not an HDF5 file ({error}); {remedy}") from error


def encode_ids(ids: Sequence[str]) -> np.ndarray:
    """Turn ids into bytes for HDF5; empty if there are none."""
    return np.array([id_.encode() for id_ in ids]) if ids else np.zeros(0, "S1")


def decode_ids(values: np.ndarray) -> np.ndarray:
    """Turn ids from HDF5 into text."""
    return np.char.decode(values.astype(bytes), "utf-8")
