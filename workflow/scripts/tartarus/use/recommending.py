"""Lists of the items that suit users best."""

from collections.abc import Iterator

import numpy as np
from tartarus.evaluation import checks, ranks
from tartarus.evaluation.recommendation import blocks_of_users


def top_lists(
    predictions: np.ndarray,
    user_factors: np.ndarray,
    *,
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
    for first, factors in blocks_of_users(user_factors, n_users, n_items):
        scores = factors @ predictions.T
        checks.refuse_not_finite(scores[None])
        best = ranks.top(scores, length)
        best_scores = np.take_along_axis(scores, best, axis=1)
        for row, rank in np.argwhere(best_scores > threshold).tolist():
            yield first + row, rank + 1, int(best[row, rank]), float(best_scores[row, rank])
