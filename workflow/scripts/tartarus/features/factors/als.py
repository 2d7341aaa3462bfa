"""Factors of plays, by weighted alternating least squares.

A user's score of an item is the product of their factors. The factors minimise, over all pairs of a user and an item,
the squared error of the score, which should be 1 where the user played the item and else 0, weighted by how sure that
is; and the sum of the squares of all factors, times the regularisation (Hu, Koren and Volinsky 2008, "Collaborative
filtering for implicit feedback datasets"). The library `implicit` solves for one user or item after another.

Whoever learns an item's factors from its sound or words has errors in them, and an error of one factor may change the
scores a hundred times as much as one of another. `whitened` factors are the same for all purposes, but for that.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import scipy.sparse
from implicit.cpu.als import AlternatingLeastSquares
from tartarus.base.errors import TartarusError
from tartarus.base.logs import log
from threadpoolctl import threadpool_limits

TOLD = "iteration %d took %.1f s"


def confidence(
    counts: scipy.sparse.csr_matrix, *, weighting: str, alpha: float, epsilon: float
) -> scipy.sparse.csr_matrix:
    """Compute how sure it is that who played something likes it; of what was not played it is 1, and not stored.

    Parameters
    ----------
    counts : csr_matrix [shape=(n_items, n_users)], above 0
        How often each item was played.
    weighting : str
        ``log``: 1 + alpha * log(1 + count / epsilon), as in van den Oord, Dieleman and Schrauwen 2013; or ``linear``:
        1 + alpha * count.
    alpha, epsilon : float, above 0
        The second is of ``log`` only.

    Returns
    -------
    csr_matrix [shape=(n_items, n_users)], float64, above 1
    """
    values = counts.data.astype(np.float64)
    weights = np.log1p(values / epsilon) if weighting == "log" else values
    return scipy.sparse.csr_matrix((1 + alpha * weights, counts.indices, counts.indptr), shape=counts.shape)


def factorise(
    counts: Mapping[str, scipy.sparse.csr_matrix], dim: int, options: Mapping[str, Any], *, seed: int
) -> dict[str, np.ndarray]:
    """Find factors of users and of the items for training, then those of all other items, with the users' fixed.

    So what is known of plays for validation and test changes nothing for any other item: a cold start.

    Parameters
    ----------
    counts : dict of str to csr_matrix [shape=(n_items of the set, n_users)]
        How often each item was played, by set; with ``train``.
    dim : int
        How many factors.
    options : dict
        Of the section `als`: `weighting`, `alpha`, `epsilon`, `regularisation`, `iterations`, `solver`, `whiten`.
    seed : int
        Of the factors at the start.

    Returns
    -------
    dict of str to np.ndarray [shape=(n, dim)], float32
        Of `users`, and of the items of every set. Who played nothing for training, and what nobody played, has 0.

    Raises
    ------
    TartarusError
        If there are not more training items, and users, than factors: then these say nothing but who played what.
    """
    n_items, n_users = counts["train"].shape
    if dim >= min(n_items, n_users):
        raise TartarusError(
            f"dim: {dim} factors of {n_items} training items and {n_users} users; there are to be fewer of them than "
            f"of either: write dim: {max(min(n_items, n_users) - 1, 1)} or less into the experiment"
        )
    weighting = {key: options[key] for key in ("weighting", "alpha", "epsilon")}
    # The outcome depends on the order of sums, which threads would change.
    with threadpool_limits(limits=1, user_api="blas"):
        model = AlternatingLeastSquares(
            factors=dim,
            regularization=options["regularisation"],
            alpha=1.0,  # it is in the confidence already
            dtype=np.float64,
            use_cg=options["solver"] == "conjugate_gradient",
            iterations=options["iterations"],
            num_threads=1,
            random_state=seed,
        )
        played = confidence(counts["train"], **weighting).T.tocsr()
        model.fit(played, show_progress=False, callback=lambda number, seconds, _: log.info(TOLD, number + 1, seconds))
        found = {
            set_: model.recalculate_item(np.arange(of_set.shape[0]), confidence(of_set, **weighting))
            for set_, of_set in counts.items()
        }
        factors = {"users": model.user_factors, **found}
        if options["whiten"]:
            factors = whitened(factors)
    return {name: values.astype(np.float32) for name, values in factors.items()}


def whitened(factors: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Write factors in coordinates in which the users' are uncorrelated and equally large; all scores stay.

    With M the root of U^T U / n_users, users get U M^-1 s and items Y M / s, so that their products are what they were.
    The mean over users of the squared error of an item's scores is then s^2 times that of its factors: whoever learns
    the factors by squared error learns the scores. By s the training items' factors have a deviation of 1, which is
    what networks begin with.

    Parameters
    ----------
    factors : dict of str to np.ndarray [shape=(n, dim)], float64
        Of `users`, and of the items of every set, with ``train``.

    Returns
    -------
    dict of str to np.ndarray [shape=(n, dim)], float64
        Where users have no spread in some direction, neither they nor the items have factors in it.
    """
    users = factors["users"]
    squares, axes = np.linalg.eigh(users.T @ users / len(users))
    spread = np.sqrt(np.maximum(squares, 0))
    is_seen = spread > 1e-6 * spread.max()
    # The symmetric root: whatever the signs and the order of the axes, it is the same.
    root = (axes * np.where(is_seen, spread, 0)) @ axes.T
    inverse = (axes * np.divide(1, spread, out=np.zeros_like(spread), where=is_seen)) @ axes.T
    found = {name: values @ root for name, values in factors.items()}
    deviation = found["train"].std()
    scale = deviation if deviation > 0 else 1.0
    return {**{name: values / scale for name, values in found.items()}, "users": users @ inverse * scale}
