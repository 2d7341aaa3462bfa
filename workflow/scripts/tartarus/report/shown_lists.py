"""What a page shows of recommendation: for some users the items that come first, beside what they played."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse
from tartarus.evaluation.recommendation import by_user
from tartarus.use import neighbours, recommending

# Users and items that are shown, the length of their lists, and of what users have played.
SHOWN = 24
LENGTH = 10
MOST_PLAYED = 20


def of_model(
    predictions: np.ndarray,
    ids: Sequence[str],
    user_factors: np.ndarray,
    played: scipy.sparse.csr_matrix,
    *,
    users: Sequence[str] | None = None,
) -> dict[str, Any]:
    """List for some users what a model puts first among the test items, and for some items those that are alike.

    Parameters
    ----------
    predictions : np.ndarray [shape=(n_items, n_factors)]
        The outputs of a model.
    ids : sequence of str [length n_items]
        Of the items.
    user_factors : np.ndarray [shape=(n_users, n_factors)]
        Of all users; may be mapped from a file.
    played : csr_matrix [shape=(n_items, n_users)]
        Not zero where a user has played an item.
    users : sequence of str, optional
        Who the users are; else they are numbers.

    Returns
    -------
    dict
        `users`: of each `user`, `first` (item, score, whether it was played), `played` and how many `more`. Those who
        are shown are spread evenly among all who played a test item. `nearest`: of each `item` the `first` (item and
        cosine) of the others, by what the model says of them.
    """
    of_user = by_user(played, len(user_factors))
    shown = _spread(np.flatnonzero(np.diff(of_user.indptr)))
    lists: dict[int, list[tuple[str, float, bool]]] = {int(user): [] for user in shown}
    known = {user: {ids[item] for item in of_user[user].indices} for user in lists}
    factors = np.asarray(user_factors[shown])
    for place, _, item, score in recommending.top_lists(predictions, factors, length=LENGTH):
        user = int(shown[place])
        lists[user].append((ids[item], round(score, 4), ids[item] in known[user]))
    told = []
    for user, first in lists.items():
        names = [id_ for id_ in ids if id_ in known[user]]
        more = max(len(names) - MOST_PLAYED, 0)
        name = users[user] if users else str(user)
        told.append({"user": name, "first": first, "played": names[:MOST_PLAYED], "more": more})
    return {"users": told, "nearest": _nearest(predictions, ids)}


def _nearest(predictions: np.ndarray, ids: Sequence[str]) -> list[dict[str, Any]]:
    keys, _ = neighbours.unit(predictions.astype(np.float32))
    asked = _spread(np.arange(len(ids)))
    found = neighbours.exact(keys, keys[asked], k=LENGTH, own=asked)
    pairs = zip(found.rows.tolist(), found.cosines.tolist(), strict=True)
    return [
        {"item": ids[item], "first": [(ids[row], round(cosine, 4)) for row, cosine in zip(*its, strict=True)]}
        for item, its in zip(asked, pairs, strict=True)
    ]


def _spread(numbers: np.ndarray) -> np.ndarray:
    """Choose some, evenly spread."""
    places = np.linspace(0, len(numbers) - 1, min(SHOWN, len(numbers)))
    return numbers[np.round(places).astype(int)]
