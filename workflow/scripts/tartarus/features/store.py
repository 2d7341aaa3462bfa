"""Features of items in files: dense and sparse vectors, word ids, patches of spectrograms, pictures.

Vectors are ``.npz`` files: CSR (`data`, `indices`, `indptr`, `shape`) or dense (`features`), and always `index`,
the ids of the rows. Patches are HDF5 files with `features` [n_rows, 1, n_frames, n_bins] and `index`, in which
an item may have several rows, one after another. Pictures are the same with `features` [n_rows, n_pixels, n_pixels, 3]
of 8 bits. All carry a signature, which says what the columns mean, so
that a model can refuse features other than those it was trained on.
"""

import json
from collections.abc import Collection, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import numpy as np
import scipy.sparse
from tartarus.base.arrays import Mapped, read_arrays, write_arrays
from tartarus.base.errors import REMEDY, TartarusError, telling_damage
from tartarus.base.hdf5 import Hdf5File, read_rows
from tartarus.plan.feature_kinds import GIVEN, kind_of

Signature = dict[str, Any]
Vocabulary = tuple[list[str], np.ndarray]


class Features(Protocol):
    """Features of some items, read row by row.

    Attributes
    ----------
    path : Path
        The file.
    index : np.ndarray [shape=(n_rows,)], str
        The id of every row.
    signature : dict
        What the columns mean.
    shape : tuple of int
        Of one row.
    """

    path: Path
    index: np.ndarray
    signature: Signature
    shape: tuple[int, ...]

    def rows(self, numbers: np.ndarray) -> np.ndarray:
        """Read rows, in the order asked for, as a dense array `[shape=(n, *self.shape)]`."""


class Vectors:
    """Vectors of an ``.npz`` file: dense ones are mapped into memory, sparse ones become dense row by row.

    Raises
    ------
    TartarusError
        If it is no such file, its rows are no vectors of numbers, an id stands twice, or, when rows are read, one
        holds a value that is not finite. The message names the file and the id.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._remedy = remedy_for(path)
        content = read_arrays(path, without="features", remedy=self._remedy)
        try:
            self.index = content["index"].astype(str)
            self.signature: Signature = json.loads(str(content["signature"])) if "signature" in content else {}
            self._dense = None if "data" in content else Mapped(path, "features", remedy=self._remedy)
            if self._dense is not None:
                self.values = self._dense.values
            else:
                parts = (content["data"], content["indices"], content["indptr"])
                sparse = scipy.sparse.csr_matrix(parts, shape=tuple(content["shape"]))
                sparse.check_format(full_check=True)
                self.values = sparse
        except (KeyError, TypeError, ValueError) as error:
            raise TartarusError(f"{path}: not a file of features ({error}); {self._remedy}") from error
        self._check()
        self.shape = tuple(self.values.shape[1:])

    def _check(self) -> None:
        rows = " x ".join(map(str, self.values.shape))
        if self.values.ndim != 2 or self.index.ndim != 1 or self.values.dtype.kind not in "biuf":
            raise TartarusError(
                f"{self.path}: found {rows} values of type {self.values.dtype} and an index of {self.index.ndim} "
                f"dimensions; 'features' are numbers, [items, dimensions], and 'index' is a list of ids; {self._remedy}"
            )
        if len(self.index) != self.values.shape[0]:
            raise TartarusError(
                f"{self.path}: {self.values.shape[0]} rows, but {len(self.index)} ids in its index; {self._remedy}"
            )
        ids, counts = np.unique(self.index, return_counts=True)
        if len(ids) < len(self.index):
            raise TartarusError(
                f"{self.path}: {len(self.index) - len(ids)} ids stand more than once in its index, the first is "
                f"'{ids[counts > 1][0]}'; an item has one vector; {self._remedy}"
            )

    def rows(self, numbers: np.ndarray) -> np.ndarray:
        """Read rows; see `Features`."""
        rows = self._dense.rows(numbers) if self._dense is not None else self.values[numbers].toarray()
        _refuse_not_finite(rows, self, numbers, self._remedy)
        return rows

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


class Patches:
    """Patches, or pictures, of an HDF5 file, read from disk as they are needed."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._file = Hdf5File(path)
        self._values = self._file.dataset("features")
        self.index = self._file.ids()
        self.signature: Signature = self._file.signature()
        self.shape = tuple(self._values.shape[1:])
        is_known = self._values.dtype.kind == "f" or self._values.dtype == np.uint8
        if self._values.ndim < 2 or not is_known or len(self._values) != len(self.index):
            raise TartarusError(
                f"{path}: found {self._values.shape} values of type {self._values.dtype} and {len(self.index)} ids; "
                f"{REMEDY}"
            )

    def rows(self, numbers: np.ndarray) -> np.ndarray:
        """Read rows; see `Features`."""
        with telling_damage(self.path, "cannot be read", REMEDY):
            rows = read_rows(self._values, numbers)
        _refuse_not_finite(rows, self, numbers, REMEDY)
        return rows

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _value: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._file.close()


class Selected:
    """The rows of some items, of features that hold others too: those of a fold's training items, say."""

    def __init__(self, features: Features, ids: Collection[str]) -> None:
        self._features = features
        self._numbers = np.flatnonzero(np.isin(features.index, list(ids)))
        self.path, self.signature, self.shape = features.path, features.signature, features.shape
        self.index = features.index[self._numbers]

    def rows(self, numbers: np.ndarray) -> np.ndarray:
        """Read rows; see `Features`."""
        return self._features.rows(self._numbers[numbers])


class Stacked:
    """The rows of several files of the same features, one file after another."""

    def __init__(self, parts: Sequence[Features]) -> None:
        self._parts = list(parts)
        first, *others = self._parts
        for other in others:
            if (other.shape, other.signature) != (first.shape, first.signature):
                raise TartarusError(f"{first.path} and {other.path}: not the same features; {remedy_for(other.path)}")
        self.path, self.signature, self.shape = first.path, first.signature, first.shape
        self.index = np.concatenate([part.index for part in self._parts])
        self._ends = np.cumsum([len(part.index) for part in self._parts])

    def rows(self, numbers: np.ndarray) -> np.ndarray:
        """Read rows; see `Features`."""
        owners = np.searchsorted(self._ends, numbers, side="right")
        places = [np.flatnonzero(owners == number) for number in range(len(self._parts))]
        read = [
            part.rows(numbers[place] - (end - len(part.index)))
            for part, place, end in zip(self._parts, places, self._ends, strict=True)
            if len(place)
        ]
        return np.concatenate(read)[np.argsort(np.concatenate(places))]


def moments(features: Features, *, block: int = 256) -> tuple[np.ndarray, np.ndarray]:
    """Compute mean and variance of every cell over all rows, in one pass over the file.

    Blocks are merged by Chan's formula (Chan, Golub, LeVeque 1979), in double precision.

    Parameters
    ----------
    features : Features
        Vectors or patches.
    block : int
        Rows in memory at a time.

    Returns
    -------
    mean, variance : np.ndarray [shape=shape of one row], float64
    """
    count = len(features.index)
    mean, squares, seen = np.zeros(features.shape), np.zeros(features.shape), 0
    for first in range(0, count, block):
        rows = features.rows(np.arange(first, min(first + block, count))).astype(np.float64)
        shift = rows.mean(axis=0) - mean
        total = seen + len(rows)
        squares += ((rows - rows.mean(axis=0)) ** 2).sum(axis=0) + shift**2 * (seen * len(rows) / total)
        mean += shift * (len(rows) / total)
        seen = total
    return mean, squares / max(seen, 1)


def _refuse_not_finite(rows: np.ndarray, features: Features, numbers: np.ndarray, remedy: str) -> None:
    """Stop before a network learns from NaN or infinity, and name the item."""
    if rows.dtype.kind == "f" and not (finite := np.isfinite(rows)).all():
        id_ = features.index[numbers[int(np.argwhere(~finite)[0][0])]]
        raise TartarusError(f"{features.path}: a row of '{id_}' holds a value that is not finite; {remedy}")


def remedy_for(path: str | Path) -> str:
    """Tell what to do about a file of features that cannot be used: only its user can make some anew."""
    name = Path(path).stem.split("_", 2)[-1].rsplit("_", 1)[0]
    if Path(path).suffix == ".npz" and name and kind_of(name) is GIVEN:
        return f"write it anew if it is your own (docs/own-data.md, Your own vectors); else {REMEDY}"
    return REMEDY


def open_features(path: str | Path) -> Vectors | Patches:
    """Open a file of features, for use in a ``with`` statement.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> path = Path(tempfile.mkdtemp()) / "X_train_mine_MyMusic.npz"
    >>> write_vectors(path, np.eye(2, dtype=np.float32), ["S1", "S2"], {"kind": "mine"})
    >>> with open_features(path) as features:
    ...     print(features.index.tolist(), features.shape, features.rows(np.array([1])).tolist())
    ['S1', 'S2'] (2,) [[0.0, 1.0]]
    >>> read_index(path)
    ['S1', 'S2']
    """
    return Patches(path) if Path(path).suffix == ".hdf5" else Vectors(path)


def read_index(path: str | Path) -> list[str]:
    """Read only the ids of a file of features, each once, in order."""
    if Path(path).suffix == ".hdf5":
        with Hdf5File(path) as file:
            ids = file.ids()
    else:
        content = read_arrays(path, only="index", remedy=remedy_for(path))
        if "index" not in content:
            raise TartarusError(f"{path}: no ids ('index') in it; {remedy_for(path)}")
        ids = content["index"].astype(str)
    return list(dict.fromkeys(ids.tolist()))


def read_padded(path: str | Path) -> list[str]:
    """Read which items are shorter than a patch, so that theirs are padded; none where there are no patches."""
    if Path(path).suffix != ".hdf5":
        return []
    with Hdf5File(path) as file:
        return file.ids("padded").tolist() if "padded" in file else []


def write_vectors(
    path: str | Path, values: np.ndarray | scipy.sparse.csr_matrix, index: Sequence[str], signature: Signature
) -> None:
    """Write vectors as ``.npz``: CSR if they are sparse, else dense.

    Parameters
    ----------
    path : str or Path
        Where to.
    values : np.ndarray or csr_matrix [shape=(n_items, n_dimensions)]
        The vectors.
    index : sequence of str [shape=(n_items,)]
        The ids of the rows.
    signature : dict
        What the columns mean.
    """
    if isinstance(values, scipy.sparse.csr_matrix):
        values.sort_indices()
        parts = {"data": values.data, "indices": values.indices, "indptr": values.indptr, "shape": values.shape}
    else:
        parts = {"features": values}
    write_arrays(path, **parts, **described(index, signature))


def described(index: Sequence[str], signature: Signature) -> dict[str, np.ndarray]:
    """Give the arrays that stand beside vectors: the ids of their rows, what their columns mean."""
    return {"index": _text(index), "signature": np.array(json.dumps(signature, sort_keys=True))}


def write_vocabulary(path: str | Path, words: Sequence[str], weights: np.ndarray) -> None:
    """Write the words that columns or ids stand for, with a weight or vector for each."""
    write_arrays(path, words=_text(words), weights=weights)


def read_vocabularies(paths: Sequence[str | Path], names: Sequence[str]) -> dict[str, Vocabulary]:
    """Read the vocabularies that some features are written in: features to words and weights."""
    found = {}
    for path in paths:
        content = read_arrays(path)
        name = next(name for name in names if Path(path).name.startswith(f"vocabulary_{name}_"))
        found[name] = (content["words"].tolist(), content["weights"])
    return found


def _text(values: Sequence[str]) -> np.ndarray:
    return np.array(list(values), dtype=str)
