"""From the checked files of an archive to our names and forms.

Ground truth of classes becomes bytes, all other numbers become 32-bit floats. Arrays of items get the ids of their
rows, and a signature that says what their columns are.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from tartarus.base.arrays import write_arrays, write_in_blocks
from tartarus.base.files import read_lines, replacing, write_lines
from tartarus.base.hdf5 import Hdf5File, encode_ids
from tartarus.base.untrusted import open_array, open_sparse, read_in_blocks
from tartarus.features import store
from tartarus.items.tables import read_rows, write_rows

Signature = dict[str, Any]


def lines(source: Path, target: str, _index: Sequence[str], _signature: Signature) -> None:
    """Copy ids or classes, one in each line."""
    write_lines(target, read_lines(source))


def targets(source: Path, target: str, _index: Sequence[str], _signature: Signature) -> None:
    """Copy ground truth: classes as bytes, factors as 32-bit floats."""
    values = open_array(source)
    dtype = np.uint8 if "_class_" in Path(target).name else np.float32
    with replacing(target) as part:
        rows = np.lib.format.open_memmap(part, "w+", dtype, values.shape)
        for first, block in read_in_blocks(source, values, what="importing"):
            rows[first : first + len(block)] = block
        rows.flush()


def plays(source: Path, target: str, _index: Sequence[str], _signature: Signature) -> None:
    """Copy the plays of the test items [shape=(n_items, n_users)], CSR."""
    matrix = open_sparse(source)
    matrix.eliminate_zeros()
    matrix.sort_indices()
    write_arrays(target, data=matrix.data, indices=matrix.indices, indptr=matrix.indptr, shape=np.array(matrix.shape))


def albums(source: Path, target: str, _index: Sequence[str], _signature: Signature) -> None:
    """Copy the table that tells the album of every track."""
    write_rows(target, [{"id": row["id"], "album": row["album"]} for row in read_rows(source)])


def vectors(source: Path, target: str, index: Sequence[str], signature: Signature) -> None:
    """Turn vectors, dense or sparse, into a file of features with ids; dense ones block by block."""
    if source.suffix == ".npz":
        store.write_vectors(target, open_sparse(source).astype(np.float32), index, signature)
        return
    values = open_array(source)
    write_in_blocks(
        target,
        "features",
        values.shape,
        np.float32,
        (block for _, block in read_in_blocks(source, values, what="importing")),
        **store.described(index, signature),
    )


def patches(source: Path, target: str, _index: Sequence[str], signature: Signature) -> None:
    """Copy patches, a row to a chunk, so that they can be read in any order."""
    with Hdf5File(source, remedy="fetch it anew") as old, replacing(target) as part, h5py.File(part, "w") as new:
        values = old.dataset("features")
        rows = new.create_dataset("features", values.shape, "f4", chunks=(1, *values.shape[1:]))
        for first, block in read_in_blocks(source, values, what="importing"):
            rows[first : first + len(block)] = block
        new["index"] = encode_ids(old.ids())
        new.attrs["signature"] = json.dumps(signature, sort_keys=True)


IMPORTS: dict[str, Callable[[Path, str, Sequence[str], Signature], None]] = {
    "index": lines,
    "labels": lines,
    "targets": targets,
    "factors": targets,
    "plays": plays,
    "albums": albums,
    "features": vectors,
    "patches": patches,
}
