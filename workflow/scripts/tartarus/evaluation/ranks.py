"""Where candidates stand in a ranking: how many have a higher score, how many the same, and which come first.

Rank 1 is the best. Of equal scores, the candidate with the lower column comes first. There are two ways to find that,
which give the same numbers: `Sorted` orders all candidates of every row, `Compared` holds only those asked about
against the others. The second takes a fifth of the time where a row has a dozen of them, once it is compiled.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    # Who only asks for the names of measures does not wait for it.
    import scipy.sparse

# Compiling takes 1.3 s, about what it takes to sort so many scores.
WORTH_COMPILING = 2**29
# Beyond about so many, by what ten take, to compare them with all takes as long as to sort a row.
FEW_HITS = 32


@dataclass(frozen=True)
class Hits:
    """Where the relevant candidates of some rows stand: row by row, in the order of their ranks.

    Attributes
    ----------
    row, rank : np.ndarray [shape=(n_hits,)], int
        Where each stands; ranks from 1.
    above, level : np.ndarray [shape=(n_hits,)], int
        How many candidates of its row have a higher score, and how many the same, itself counted.
    relevant : np.ndarray [shape=(n_rows,)], float, at least 1 or NaN
        How many each row has; NaN instead of 0, so that its measures are undefined.
    n_columns : int
        How many candidates there are.
    """

    row: np.ndarray
    rank: np.ndarray
    above: np.ndarray
    level: np.ndarray
    relevant: np.ndarray
    n_columns: int

    def sum(self, values: np.ndarray) -> np.ndarray:
        """Add a value of every hit up for each row."""
        return np.bincount(self.row, values, minlength=len(self.relevant))

    @functools.cached_property
    def places(self) -> np.ndarray:
        """For every hit, how many hits of its row there are up to it, itself counted."""
        starts = np.searchsorted(self.row, np.arange(len(self.relevant)))
        return np.arange(len(self.row)) - starts[self.row] + 1


class Sorted:
    """Every row in order.

    Parameters
    ----------
    scores : np.ndarray [shape=(n_rows, n_columns)], finite
        Of the candidates.
    """

    def __init__(self, scores: np.ndarray) -> None:
        self.scores, self._ordered = scores, np.sort(scores, axis=1)

    def count(self, row: np.ndarray, column: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Count the candidates around some others.

        Parameters
        ----------
        row, column : np.ndarray [shape=(n_hits,)], int
            Which.

        Returns
        -------
        above, level : np.ndarray [shape=(n_hits,)], int
            How many candidates of the row have a higher score, and how many the same, itself counted.
        """
        ordered, n_columns = self._ordered, self.scores.shape[1]
        score = self.scores[row, column]
        below = _count_lower(ordered, row, score)
        # Ties are rare: the next in order is seldom the same.
        following = np.minimum(below + 1, n_columns - 1)
        tied = np.flatnonzero((following > below) & (ordered[row, following] == score))
        level = np.ones_like(below)
        level[tied] = _count_lower(ordered, row[tied], score[tied], or_equal=True) - below[tied]
        return n_columns - below - level, level

    def first(self, length: int) -> np.ndarray:
        """Find the columns of the first candidates of every row; see `top`."""
        return _down_to(self.scores, self._ordered[:, -length], length)


def _count_lower(ordered: np.ndarray, row: np.ndarray, score: np.ndarray, *, or_equal: bool = False) -> np.ndarray:
    """Count the scores of a row that are lower than one: binary search, for many rows at once."""
    lower = np.less_equal if or_equal else np.less
    n_columns = ordered.shape[1]
    count = np.zeros(len(row), np.int64)
    for step in (1 << bit for bit in reversed(range(n_columns.bit_length()))):
        more = count + step
        fits = (more <= n_columns) & lower(ordered[row, np.minimum(more, n_columns) - 1], score)
        count[fits] += step
    return count


class Compared:
    """Every row as it is; compiled when it is first used. The parameters and methods are those of `Sorted`."""

    def __init__(self, scores: np.ndarray) -> None:
        self.scores = scores

    def count(self, row: np.ndarray, column: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Count the candidates around some others; see `Sorted.count`."""
        # Counts of 32 bits, as wide as the scores, take a third of the time.
        counts = np.empty((2, len(row)), np.int32)
        _compiled(_compare)(self.scores, row, column, *counts)
        above, level = counts.astype(np.int64)
        return above, level

    def first(self, length: int) -> np.ndarray:
        """Find the columns of the first candidates of every row; see `top`."""
        best = np.empty((len(self.scores), length), np.int64)
        _compiled(_insert)(self.scores, best)
        return best


@functools.cache
def _compiled(loop: Callable[..., None]) -> Any:
    # A third of a second, which small jobs are spared.
    import numba

    return numba.njit(loop)


def _compare(scores: np.ndarray, row: np.ndarray, column: np.ndarray, above: np.ndarray, level: np.ndarray) -> None:
    """Compare the score of each hit with all of its row; the last two are written."""
    for hit in range(len(row)):
        line = scores[row[hit]]
        score = line[column[hit]]
        higher, same = 0, 0
        for other in range(len(line)):
            higher += line[other] > score
            same += line[other] == score
        above[hit], level[hit] = higher, same


def _insert(scores: np.ndarray, best: np.ndarray) -> None:
    """Go through every row and keep the best so far in order; `best` [shape=(n_rows, length)] is written."""
    length = best.shape[1]
    for row in range(len(scores)):
        line, kept = scores[row], best[row]
        lowest = -np.inf
        for column in range(len(line)):
            score = line[column]
            if score <= lowest:
                continue
            place = min(column, length - 1)
            while place > 0 and score > line[kept[place - 1]]:
                kept[place] = kept[place - 1]
                place -= 1
            kept[place] = column
            if column >= length - 1:
                lowest = line[kept[length - 1]]


def ranked(scores: np.ndarray, *, n_hits: int, n_scores: int) -> Sorted | Compared:
    """Choose the faster way for a block of rows.

    Parameters
    ----------
    scores : np.ndarray [shape=(n_rows, n_columns)], finite
        Of the candidates.
    n_hits : int
        How many candidates of the block will be asked about.
    n_scores : int
        How many scores there are in all blocks.
    """
    few = n_scores >= WORTH_COMPILING and n_hits <= FEW_HITS * len(scores)
    return Compared(scores) if few else Sorted(scores)


def find_hits(truth: "scipy.sparse.csr_matrix", candidates: Sorted | Compared) -> Hits:
    """Find the ranks of the relevant candidates.

    Parameters
    ----------
    truth : csr_matrix [shape=(n_rows, n_columns)]
        Its entries are the relevant candidates, each once.
    candidates : Sorted or Compared
        All of them.
    """
    scores = candidates.scores
    n_rows, n_columns = scores.shape
    relevant = np.diff(truth.indptr)
    row, column = np.repeat(np.arange(n_rows), relevant), truth.indices
    above, level = candidates.count(row, column)
    rank = above + 1
    for hit in np.flatnonzero(level > 1):
        line, own = scores[row[hit]], column[hit]
        rank[hit] += np.count_nonzero(line[:own] == line[own])
    order = np.argsort(row * n_columns + rank)
    return Hits(row, rank[order], above[order], level[order], np.where(relevant, relevant, np.nan), n_columns)


def top(scores: np.ndarray, length: int) -> np.ndarray:
    """Find the first candidates of every row.

    Parameters
    ----------
    scores : np.ndarray [shape=(n_rows, n_columns)], finite
        Of the candidates.
    length : int
        How many to find.

    Returns
    -------
    np.ndarray [shape=(n_rows, min(length, n_columns))], int
        Their columns, the best first.
    """
    length = min(length, scores.shape[1])
    return _down_to(scores, np.partition(scores, -length, axis=1)[:, -length], length)


def _down_to(scores: np.ndarray, last: np.ndarray, length: int) -> np.ndarray:
    """Find the columns of the first candidates, of whom the last has a known score [shape=(n_rows,)]."""
    n_rows, n_columns = scores.shape
    chosen = scores >= last[:, None]
    columns = np.flatnonzero(chosen)
    if len(columns) > n_rows * length:
        # Too many have the score of the last: of equals, the first columns stay.
        for row in np.flatnonzero(np.count_nonzero(chosen, axis=1) > length):
            equal = np.flatnonzero(scores[row] == last[row])
            chosen[row, equal[length - np.count_nonzero(scores[row] > last[row]) :]] = False
        columns = np.flatnonzero(chosen)
    columns = (columns % n_columns).reshape(n_rows, length)
    order = np.argsort(-np.take_along_axis(scores, columns, axis=1), axis=1, kind="stable")
    return np.take_along_axis(columns, order, axis=1)
