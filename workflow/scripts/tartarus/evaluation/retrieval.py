"""How well one input of an item finds the other in a space, and the other way round.

Every test item is a query. Its first input is placed in the space, and the second inputs of all test items are
ranked by their cosine with it: rank 1 is the closest. What is looked for is the item's own. ``first_to_second`` are
these measures, ``second_to_first`` those of the other way. Of an equal cosine (the same cover of several tracks) the
mean rank counts, as for candidates in random order.

- recall@k: the share of items whose own counterpart is among the first k.
- mrr: the mean of 1 / rank.
- median_rank: the median of the ranks.

By chance every rank from 1 to n is as likely: recall@k is k / n, mrr the mean of 1 / rank over 1 to n, the median rank
(n + 1) / 2. Bootstrap samples draw queries; all items stay candidates.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from tartarus.base.errors import TartarusError
from tartarus.evaluation import checks, measures

BLOCK = 1024  # queries at a time; not left to the caller, for the last bits of a product depend on its shape


def ranks(queries: np.ndarray, candidates: np.ndarray) -> np.ndarray:
    """Find the rank of every query's own candidate, the one in the same row.

    Parameters
    ----------
    queries, candidates : np.ndarray [shape=(n_items, n_dimensions)]
        Vectors of any length; one of zeros has cosine 0 with all.

    Returns
    -------
    np.ndarray [shape=(n_items,)], float, values in [1, n_items]

    Examples
    --------
    >>> ranks(np.array([[1, 0], [1, 1]]), np.array([[2, 0], [1, 0]])).tolist()
    [1.5, 1.5]
    """
    placed, wanted = _unit(candidates), _unit(queries)
    found = np.empty(len(queries))
    for first in range(0, len(queries), BLOCK):
        rows = np.arange(first, min(first + BLOCK, len(queries)))
        close = wanted[rows] @ placed.T
        own = close[np.arange(len(rows)), rows][:, None]
        # Equal vectors may differ in the last bits of their products.
        level = np.abs(close - own) < 1e-9
        found[rows] = 1 + ((close > own) & ~level).sum(axis=1) + (level.sum(axis=1) - 1) / 2
    return found


def _unit(vectors: np.ndarray) -> np.ndarray:
    length = np.linalg.norm(vectors.astype(np.float64), axis=1, keepdims=True)
    return vectors / np.where(length > 0, length, 1)


def of_ranks(found: np.ndarray) -> dict[str, float]:
    """Compute the measures of some ranks [shape=(n_items,)]."""
    shares = {f"recall@{k}": float((found <= k).mean()) for k in measures.RECALLED}
    return {**shares, "mrr": float((1 / found).mean()), "median_rank": float(np.median(found))}


def evaluate(places: np.ndarray, *, samples: int, seed: int, groups: np.ndarray | None = None) -> dict[str, Any]:
    """Evaluate a space.

    Parameters
    ----------
    places : np.ndarray [shape=(n_seeds, n_items, 2 * n_dimensions)]
        Of every item the place of its first input, then that of its second.
    samples, seed, groups
        Of the intervals; see `measures.draws`.

    Returns
    -------
    dict
        `measures`, each with what to expect by chance, and `per_class` (empty), as in a result file.

    Raises
    ------
    TartarusError
        If the places are not two of the same length, or not finite.
    """
    _, n_items, width = places.shape
    if width % 2:
        raise TartarusError(f"places of {width} numbers are no two of the same length; train the space anew")
    checks.refuse_not_finite(places, source="places in the space")
    halves = np.split(places, 2, axis=2)
    by_chance = of_ranks(np.arange(1, n_items + 1))
    summed: dict[str, Any] = {}
    for direction, (queries, candidates) in zip(measures.DIRECTIONS, (halves, halves[::-1]), strict=True):
        found = np.array([ranks(*pair) for pair in zip(queries, candidates, strict=True)])
        of_seeds, drawn = map(of_ranks, found), _resampled(found, samples=samples, seed=seed, groups=groups)
        of_direction = measures.summaries(_columns(of_seeds, direction), _columns(drawn, direction))
        for name, chance in by_chance.items():
            of_direction[f"{name}_{direction}"]["chance"] = chance
        summed |= of_direction
    return {"measures": summed, "per_class": []}


def _columns(rows: Iterable[dict[str, float]], direction: str) -> dict[str, np.ndarray]:
    every = list(rows)
    return {f"{name}_{direction}": np.array([row[name] for row in every]) for name in (every[0] if every else ())}


def _resampled(found: np.ndarray, *, samples: int, seed: int, groups: np.ndarray | None) -> Iterator[dict[str, float]]:
    """Compute the measures of bootstrap samples of the ranks [shape=(n_seeds, n_items)], averaged over the seeds."""
    for weights in measures.draws(found.shape[1], samples=samples, seed=seed, groups=groups):
        each = [of_ranks(np.repeat(of_seed, weights)) for of_seed in found]
        yield {name: float(np.mean([its[name] for its in each])) for name in each[0]}
