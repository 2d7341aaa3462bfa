"""Lists of the items that suit users best, and of the users whom new items suit best.

A user's score of an item is the product of their factors. Users are read in blocks, however many there are.
"""

from collections.abc import Iterator

import numpy as np
import scipy.sparse
from tartarus.base.errors import TartarusError
from tartarus.evaluation import checks, ranks
from tartarus.evaluation.recommendation import blocks_of_users, by_user


def top_lists(
    predictions: np.ndarray,
    user_factors: np.ndarray,
    *,
    played: scipy.sparse.csr_matrix | None = None,
    users: int | None = None,
    length: int = 300,
    threshold: float = -np.inf,
) -> Iterator[tuple[int, int, int, float]]:
    """List the best items of every user.

    Parameters
    ----------
    predictions : np.ndarray [shape=(n_items, n_factors)]
        The outputs of a model.
    user_factors : np.ndarray [shape=(n_users, n_factors)]
        Of all users; may be mapped from a file, for it is read in blocks.
    played : csr_matrix [shape=(n_items, n_users)], optional
        Not zero where a user has played an item: that is not in the user's list.
    users : int, optional
        Only so many users, the first.
    length : int
        So many items at most for each.
    threshold : float
        Only items whose score is above it.

    Yields
    ------
    user, rank, item, score
        User by user, from the best item; ranks count from 1, users and items from 0. Of equal scores, the item
        that comes first in `predictions` is the better.
    """
    n_users, n_items = min(len(user_factors), users or len(user_factors)), len(predictions)
    predictions = predictions.astype(np.float32, copy=False)
    known = None if played is None else by_user(played, n_users)
    for first, factors in blocks_of_users(user_factors, n_users, n_items):
        scores = factors @ predictions.T
        checks.refuse_not_finite(scores[None])
        if known is not None:
            scores[known[first : first + len(factors)].nonzero()] = -np.inf
        best = ranks.top(scores, length)
        best_scores = np.take_along_axis(scores, best, axis=1)
        for row, rank in np.argwhere(best_scores > threshold).tolist():
            yield first + row, rank + 1, int(best[row, rank]), float(best_scores[row, rank])


def listeners(
    predictions: np.ndarray, user_factors: np.ndarray, *, length: int, source: str = "factors of users"
) -> tuple[np.ndarray, np.ndarray]:
    """Find the users who are most likely to like each of some items.

    Parameters
    ----------
    predictions : np.ndarray [shape=(n_items, n_factors)]
        What a model says of the items.
    user_factors : np.ndarray [shape=(n_users, n_factors)]
        Of all users; may be mapped from a file, for it is read in blocks.
    length : int
        How many users for each item.
    source : str
        The file of the users' factors, for the message.

    Returns
    -------
    users : np.ndarray [shape=(n_items, min(length, n_users))], int
        Their rows in `user_factors`, the best first; of equal scores, the first row.
    scores : np.ndarray [shape=(n_items, min(length, n_users))], float32

    Raises
    ------
    TartarusError
        If the factors of items and users are not as many.
    """
    n_items, n_factors = predictions.shape
    if user_factors.shape[1:] != (n_factors,):
        raise TartarusError(
            f"{source}: {user_factors.shape[1]} factors of each user, but the model predicts {n_factors}; both must be "
            f"of the same dataset: delete the one that is wrong to have it made anew"
        )
    predictions = predictions.astype(np.float32, copy=False)
    users: np.ndarray = np.zeros((n_items, 0), np.int64)
    scores: np.ndarray = np.zeros((n_items, 0), np.float32)
    for first, factors in blocks_of_users(user_factors, len(user_factors), max(n_items, 1)):
        numbers = np.broadcast_to(np.arange(first, first + len(factors)), (n_items, len(factors)))
        # The best so far stand first, so that of equal scores those of earlier users stay.
        users = np.concatenate([users, numbers], axis=1)
        scores = np.concatenate([scores, predictions @ factors.T], axis=1)
        best = ranks.top(scores, length)
        users, scores = (np.take_along_axis(values, best, axis=1) for values in (users, scores))
    return users, scores
