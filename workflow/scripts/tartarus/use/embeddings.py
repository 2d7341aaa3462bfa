"""Vectors with the ids and labels of their items, in the formats of other programs.

One row for each item, in the order of the sets and of their files; all is read and written in blocks.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tartarus.base.arrays import write_in_blocks
from tartarus.base.files import replacing
from tartarus.base.logs import progress
from tartarus.features import store

# Bytes of vectors in memory at a time.
BLOCK = 1 << 25
Labels = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Block:
    """Some rows of a set.

    Attributes
    ----------
    set : str
        The set.
    ids : list of str
        Their items.
    vectors : np.ndarray [shape=(n_items, n_dimensions)], float32
    """

    set: str
    ids: list[str]
    vectors: np.ndarray


class Embeddings:
    """The vectors of a dataset, from the files of its sets.

    Parameters
    ----------
    files : mapping
        Set to the file of its features.

    Attributes
    ----------
    n_items, n_dimensions : int
    """

    def __init__(self, files: Mapping[str, str | Path]) -> None:
        self._files = dict(files)
        self.ids: dict[str, list[str]] = {}
        for set_, path in self._files.items():
            with store.open_features(path) as features:
                self.ids[set_], self.n_dimensions = features.index.tolist(), features.shape[0]
        self.n_items = sum(map(len, self.ids.values()))

    def blocks(self) -> Iterator[Block]:
        """Read all vectors, some at a time."""
        size = self._rows_at_once()
        for set_, path in self._files.items():
            with store.open_features(path) as features:
                for first in range(0, len(features.index), size):
                    numbers = np.arange(first, min(first + size, len(features.index)))
                    rows = features.rows(numbers).astype(np.float32, copy=False)
                    yield Block(set_, features.index[numbers].tolist(), rows)

    def _rows_at_once(self) -> int:
        return max(1, BLOCK // (4 * self.n_dimensions))

    def n_blocks(self) -> int:
        """Count the blocks."""
        size = self._rows_at_once()
        return sum(-(-len(ids) // size) for ids in self.ids.values())


def labels_of(truth: Mapping[str, np.ndarray], indexes: Mapping[str, Sequence[str]], classes: Sequence[str]) -> Labels:
    """Tell the labels of every item.

    Parameters
    ----------
    truth : mapping
        Set to ground truth [shape=(n_items, n_classes)], values in {0, 1}.
    indexes : mapping
        Set to the ids of its rows.
    classes : sequence of str
        The columns.
    """
    return {
        id_: [classes[column] for column in np.flatnonzero(row).tolist()]
        for set_, rows in truth.items()
        for id_, row in zip(indexes[set_], rows, strict=True)
    }


def write_parquet(path: str | Path, embeddings: Embeddings, labels: Labels) -> None:
    """Write a table of Parquet: `id`, `set`, `labels` (a list) and `vector` (a list of fixed size, float32).

    Parameters
    ----------
    path : str or Path
        Where to.
    embeddings : Embeddings
        The vectors.
    labels : mapping
        Item to its labels; an item that is not in it has none.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    vectors = pa.list_(pa.float32(), embeddings.n_dimensions)
    schema = pa.schema(
        [("id", pa.string()), ("set", pa.string()), ("labels", pa.list_(pa.string())), ("vector", vectors)]
    )
    # Floats hardly become smaller when they are packed.
    with replacing(path) as part, pq.ParquetWriter(part, schema, compression="none", use_dictionary=["set"]) as writer:
        for block in progress(embeddings.blocks(), total=embeddings.n_blocks(), what="blocks"):
            columns = [
                pa.array(block.ids, pa.string()),
                pa.array([block.set] * len(block.ids), pa.string()),
                pa.array([list(labels.get(id_, ())) for id_ in block.ids], pa.list_(pa.string())),
                pa.FixedSizeListArray.from_arrays(pa.array(block.vectors.ravel()), type=vectors),
            ]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))


def write_npz(path: str | Path, embeddings: Embeddings, labels: Labels) -> None:
    """Write ``.npz``: `vectors` [shape=(n_items, n_dimensions)], float32; `ids`, `sets`, and `labels` joined by `|`."""
    ids = [id_ for of_set in embeddings.ids.values() for id_ in of_set]
    sets = [set_ for set_, of_set in embeddings.ids.items() for _ in of_set]
    blocks = progress(embeddings.blocks(), total=embeddings.n_blocks(), what="blocks")
    write_in_blocks(
        path,
        "vectors",
        (embeddings.n_items, embeddings.n_dimensions),
        np.float32,
        (block.vectors for block in blocks),
        ids=np.array(ids, dtype=str),
        sets=np.array(sets, dtype=str),
        labels=np.array(["|".join(labels.get(id_, ())) for id_ in ids], dtype=str),
    )


def write_projector(vectors: str | Path, metadata: str | Path, embeddings: Embeddings, labels: Labels) -> None:
    """Write what TensorFlow's projector loads: vectors without a head, and of every row id, set and labels."""
    with replacing(vectors) as numbers, replacing(metadata) as names:
        with numbers.open("w", encoding="utf-8") as values, names.open("w", encoding="utf-8") as rows:
            rows.write("id\tset\tlabels\n")
            for block in progress(embeddings.blocks(), total=embeddings.n_blocks(), what="blocks"):
                for id_, vector in zip(block.ids, block.vectors, strict=True):
                    values.write("\t".join(f"{value:.6g}" for value in vector.tolist()) + "\n")
                    rows.write(f"{id_}\t{block.set}\t{'|'.join(labels.get(id_, ()))}\n")
