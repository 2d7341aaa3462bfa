"""The nearest items of every item, by the cosine of their vectors."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tartarus.base.logs import log, progress
from tartarus.use.embeddings import Embeddings
from threadpoolctl import threadpool_limits

# Rows that are compared at a time: 32 MB of cosines.
QUERIES, KEYS = 1024, 8192
# Of the product of matrices, whatever the cores: its last bits depend on it.
THREADS = 8
# Of the graph that finds neighbours among many items (Malkov and Yashunin 2018): edges of an item, candidates while it
# is built and while it is searched. Half a thousand items are asked exactly, too, to tell how many it finds.
EDGES, BUILT_WITH, SEARCHED_WITH = 32, 100, 200
ASKED_TWICE = 500
COLUMNS = ("id", "set", "rank", "neighbour", "neighbour_set", "cosine")


@dataclass(frozen=True)
class Nearest:
    """The nearest items of some items.

    Attributes
    ----------
    rows : np.ndarray [shape=(n_items, k)], int
        Which they are, from the nearest; of equal ones, the first comes first.
    cosines : np.ndarray [shape=(n_items, k)], float32, values in [-1, 1]
    """

    rows: np.ndarray
    cosines: np.ndarray


class Collection:
    """Unit vectors of all items, in a file that is mapped into memory; use it in a ``with`` statement.

    Parameters
    ----------
    embeddings : Embeddings
        Their vectors.
    standardise : bool
        Whether each column is brought to mean 0 and variance 1 over all items first: where columns are of different
        units, those of large numbers would make all items alike.
    """

    def __init__(self, embeddings: Embeddings, *, standardise: bool = False) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="neighbours_")
        self.ids = [id_ for ids in embeddings.ids.values() for id_ in ids]
        self.sets = [set_ for set_, ids in embeddings.ids.items() for _ in ids]
        shape = (embeddings.n_items, embeddings.n_dimensions)
        self._moments = _moments(embeddings) if standardise else None
        path = Path(self._folder.name) / "vectors.npy"
        self.vectors = np.lib.format.open_memmap(path, "w+", np.float32, shape)
        first = n_zero = 0
        for block in embeddings.blocks():
            found, zero = self.units(block.vectors)
            self.vectors[first : first + len(found)] = found
            first, n_zero = first + len(found), n_zero + zero
        if n_zero:
            log.warning("vectors of zeros, which are like no other, so that their cosines are 0: %d", n_zero)

    def units(self, vectors: np.ndarray) -> tuple[np.ndarray, int]:
        """Bring vectors [shape=(n, n_dimensions)], float32, to the form of the items'; count those of zeros."""
        if self._moments:
            mean, deviation = self._moments
            vectors = (vectors - mean) / deviation
        return unit(vectors)

    def __enter__(self) -> "Collection":
        return self

    def __exit__(self, *_: object) -> None:
        del self.vectors
        self._folder.cleanup()


def _moments(embeddings: Embeddings) -> tuple[np.ndarray, np.ndarray]:
    """Compute mean and standard deviation of every column, in two passes; 1 where a column is the same everywhere."""
    mean = (
        np.sum([block.vectors.sum(axis=0, dtype=float) for block in embeddings.blocks()], axis=0) / embeddings.n_items
    )
    squares = np.sum([((block.vectors - mean) ** 2).sum(axis=0) for block in embeddings.blocks()], axis=0)
    deviation = np.sqrt(squares / embeddings.n_items)
    varies = deviation > np.finfo(np.float32).eps * np.abs(mean)
    return mean.astype(np.float32), np.where(varies, deviation, 1).astype(np.float32)


def of_all(collection: Collection, *, k: int, exact_up_to: int) -> tuple[Nearest, dict[str, Any]]:
    """Find the nearest items of every item: all of them, or of more than `exact_up_to` items most of them.

    Returns
    -------
    Nearest
        Of every item.
    how : dict
        `items`, `k`, `method` and `recall`, the share of the true neighbours that is among those found.
    """
    how = {"items": len(collection.ids), "k": k}
    if len(collection.ids) <= exact_up_to:
        return exact(collection.vectors, k=k), {**how, "method": "exact", "recall": 1.0}
    found, recall = approximate(collection.vectors, k=k)
    log.info("of the true neighbours of some items, %.1f %% were found", 100 * recall)
    return found, {**how, "method": "graph", "recall": round(recall, 4)}


def rows(collection: Collection, nearest: Nearest) -> Iterator[dict[str, Any]]:
    """Give the rows of a table: of every item, its neighbours from the nearest."""
    ids, sets = collection.ids, collection.sets
    for item, (near, cosines) in enumerate(zip(nearest.rows.tolist(), nearest.cosines.tolist(), strict=True)):
        for rank, (row, cosine) in enumerate(zip(near, cosines, strict=True), start=1):
            cells = (ids[item], sets[item], rank, ids[row], sets[row], f"{cosine:.6f}")
            yield dict(zip(COLUMNS, cells, strict=True))


def unit(vectors: np.ndarray) -> tuple[np.ndarray, int]:
    """Bring vectors [shape=(n, n_dimensions)] to length 1, and count those of zeros, which stay."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(lengths > 0, lengths, 1), int((lengths == 0).sum())


def exact(keys: np.ndarray, queries: np.ndarray | None = None, *, k: int, own: np.ndarray | None = None) -> Nearest:
    """Find the nearest of all keys.

    Parameters
    ----------
    keys : np.ndarray [shape=(n_keys, n_dimensions)], float32
        Unit vectors; may be mapped from a file.
    queries : np.ndarray [shape=(n_queries, n_dimensions)], optional
        Unit vectors; by default the keys.
    k : int
        How many; fewer where there are not so many.
    own : np.ndarray [shape=(n_queries,)], optional
        The key that is a query itself, and no neighbour of it; by default none, or, where the keys are the queries,
        each itself.
    """
    if queries is None:
        queries, own = keys, np.arange(len(keys))
    k = max(0, min(k, len(keys) - (own is not None)))
    starts = range(0, len(queries), QUERIES)
    with threadpool_limits(THREADS, user_api="blas"):
        found = [
            _nearest_of_block(keys, queries[first : first + QUERIES], k, None if own is None else own[first:][:QUERIES])
            for first in progress(starts, total=len(starts), what="blocks")
        ]
    if not found:
        return Nearest(np.zeros((0, k), np.int64), np.zeros((0, k), np.float32))
    return Nearest(np.concatenate([one.rows for one in found]), np.concatenate([one.cosines for one in found]))


def _nearest_of_block(keys: np.ndarray, queries: np.ndarray, k: int, own: np.ndarray | None) -> Nearest:
    rows, best = np.zeros((len(queries), 0), np.int64), np.zeros((len(queries), 0), np.float32)
    for first in range(0, len(keys), KEYS):
        cosines = queries @ keys[first : first + KEYS].T
        if own is not None:
            (here,) = np.nonzero((own >= first) & (own < first + KEYS))
            cosines[here, own[here] - first] = -np.inf
        # Those before are the first of equal ones, and a stable order leaves them there.
        merged = np.hstack([best, cosines])
        merged_rows = np.hstack([rows, np.broadcast_to(np.arange(first, first + cosines.shape[1]), cosines.shape)])
        order = _first(merged, k)
        best, rows = np.take_along_axis(merged, order, axis=1), np.take_along_axis(merged_rows, order, axis=1)
    return Nearest(rows, np.clip(best, -1, 1))


def _first(values: np.ndarray, k: int) -> np.ndarray:
    """Tell where the k largest values of every row are, from the largest; of equal ones, the first comes first."""
    if values.shape[1] > 4 * k:
        # Only what is at least as large as the k-th can be among them.
        least = np.partition(values, -k, axis=1)[:, -k, None] if k else np.full((len(values), 1), np.inf)
        width = int((values >= least).sum(axis=1).max(initial=0))
        candidates = np.argsort(values < least, axis=1, kind="stable")[:, :width]
        within = np.argsort(-np.take_along_axis(values, candidates, axis=1), axis=1, kind="stable")[:, :k]
        return np.take_along_axis(candidates, within, axis=1)
    return np.argsort(-values, axis=1, kind="stable")[:, :k]


def approximate(keys: np.ndarray, *, k: int) -> tuple[Nearest, float]:
    """Find most of the nearest of all keys by a graph, and tell which share of them.

    Returns
    -------
    Nearest
        Of every key, itself left out.
    recall : float, in [0, 1]
        Of some keys, the same each time: the share of their true neighbours that is among those found.
    """
    import faiss

    # In which order many threads build the graph, chance decides.
    faiss.omp_set_num_threads(1)
    graph = faiss.IndexHNSWFlat(keys.shape[1], EDGES, faiss.METRIC_INNER_PRODUCT)
    graph.hnsw.efConstruction, graph.hnsw.efSearch = BUILT_WITH, max(SEARCHED_WITH, k + 1)
    starts = range(0, len(keys), KEYS)
    for first in progress(starts, total=len(starts), what="blocks put into the graph"):
        graph.add(np.ascontiguousarray(keys[first : first + KEYS]))
    parts = list(progress(_asked(graph, keys, k), total=len(starts), what="blocks looked up"))
    found = Nearest(np.concatenate([one.rows for one in parts]), np.concatenate([one.cosines for one in parts]))
    some = np.sort(np.random.default_rng(0).choice(len(keys), min(ASKED_TWICE, len(keys)), replace=False))
    truth = exact(keys, np.asarray(keys[some]), k=k, own=some)
    hits = [len(np.intersect1d(a, b)) for a, b in zip(truth.rows, found.rows[some], strict=True)]
    return found, float(np.mean(hits) / truth.rows.shape[1])


def _asked(graph: Any, keys: np.ndarray, k: int) -> Iterator[Nearest]:
    for first in range(0, len(keys), KEYS):
        cosines, rows = graph.search(np.ascontiguousarray(keys[first : first + KEYS]), k + 1)
        # An item is its own nearest, unless others are the same: then the last of them goes.
        own = rows == np.arange(first, first + len(rows))[:, None]
        own[~own.any(axis=1), -1] = True
        kept = np.argsort(own, axis=1, kind="stable")[:, :k]
        yield Nearest(np.take_along_axis(rows, kept, axis=1), np.take_along_axis(cosines, kept, axis=1).clip(-1, 1))
