"""Vectors put to use: exported for other programs, and compared with each other."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from case import Case, Work

if TYPE_CHECKING:
    from tartarus.use.embeddings import Embeddings

DIMENSIONS, LABELS, K = 4096, 15, 10


class Export(Case):
    """Vectors of 4096 numbers with ids and labels, from features to a table of Parquet."""

    name, yardstick, unit = "embeddings", "", "items"
    size, quick, rounds, megabytes, smallest = 300_000, 20, 1, 1500, 10_000

    def prepare(self, folder: Path, size: int) -> None:
        from tartarus.base.arrays import write_in_blocks
        from tartarus.features import store

        about = store.described([f"item{number:06d}" for number in range(size)], {"kind": "drawn"})
        write_in_blocks(_path(folder, size), "features", (size, DIMENSIONS), np.float32, _drawn(size), **about)

    def ours(self, folder: Path, size: int) -> Work:
        from tartarus.use import embeddings

        found = _embeddings(folder, size)
        labels = {id_: [f"class {number % LABELS}"] for number, id_ in enumerate(found.ids["train"])}
        return lambda: embeddings.write_parquet(folder / f"vectors_{size}.parquet", found, labels)


class Neighbours(Export):
    """The ten nearest of all by the cosine of their vectors, 4096 numbers each."""

    # Pairs grow with the square of the items: nothing that grows in proportion.
    name, yardstick, smallest = "neighbours", "the products of matrices alone", None
    size, quick, seconds, megabytes, threads = 25_000, 20, 120, None, None

    def ours(self, folder: Path, size: int) -> Work:
        from tartarus.use import neighbours

        found = _embeddings(folder, size)

        def work() -> None:
            with neighbours.Collection(found) as collection:
                _, how = neighbours.of_all(collection, k=K, exact_up_to=size)
                assert how["recall"] == 1

        return work

    def plain(self, folder: Path, size: int) -> Work:
        from tartarus.use.neighbours import KEYS, QUERIES

        vectors = np.concatenate(list(_drawn(size)))

        def work() -> None:
            for query in range(0, size, QUERIES):
                for key in range(0, size, KEYS):
                    vectors[query : query + QUERIES] @ vectors[key : key + KEYS].T

        return work


def _path(folder: Path, size: int) -> Path:
    return folder / f"X_train_drawn_{size}.npz"


def _embeddings(folder: Path, size: int) -> "Embeddings":
    from tartarus.use.embeddings import Embeddings

    return Embeddings({"train": _path(folder, size)})


def _drawn(size: int) -> Iterator[np.ndarray]:
    """Draw random vectors, some at a time."""
    rng, rows = np.random.default_rng(0), 1000
    for first in range(0, size, rows):
        yield rng.standard_normal((min(rows, size - first), DIMENSIONS), dtype=np.float32)
