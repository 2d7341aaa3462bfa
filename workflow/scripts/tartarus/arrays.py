"""Arrays in NumPy's files, without pickle; the same arrays give the same bytes, for NumPy writes no times."""

from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from tartarus.errors import TartarusError
from tartarus.files import replacing


def write_array(path: str | Path, array: np.ndarray) -> None:
    """Write an array as ``.npy``."""
    with replacing(path) as part, part.open("wb") as file:
        np.save(file, array, allow_pickle=False)


def write_arrays(path: str | Path, **arrays: Any) -> None:
    """Write arrays as ``.npz``."""
    with replacing(path) as part, part.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


def read_array(path: str | Path) -> np.ndarray:
    """Read an ``.npy`` file; TartarusError if it is none."""
    found = _load(path)
    if not isinstance(found, np.ndarray):
        raise TartarusError(f"{path}: several arrays where one is wanted; delete it to have it made anew")
    return found


def read_arrays(path: str | Path) -> dict[str, np.ndarray]:
    """Read an ``.npz`` file; TartarusError if it is none."""
    found = _load(path)
    if isinstance(found, np.ndarray):
        raise TartarusError(f"{path}: one array where several are wanted; delete it to have it made anew")
    return found


def _load(path: str | Path) -> np.ndarray | dict[str, np.ndarray]:
    try:
        found = np.load(path, allow_pickle=False)
        if isinstance(found, np.ndarray):
            return found
        with found:
            return {name: found[name] for name in found.files}
    except (BadZipFile, ValueError, EOFError) as error:
        raise TartarusError(f"{path}: not a file of arrays ({error}); delete it to have it made anew") from error
