"""How good recommendations are: for every user, the test items are ranked by predicted factors.

A user's score of an item is the dot product of the user's factors and the factors that a model predicts for the
item. The measures are those of `ranking`, averaged over the users who played a test item; the others are counted, and
left out or taken to be 0.
Beside each measure stands what others would have: a ranking by chance, and references, which are no models of the
experiment: what is popular, and the factors that the test items have by who plays them, which no model can know.
Intervals are over users. adiv@k is no mean over users: a sample holds only two thirds of them, and so fewer
different items, whence its intervals would lie too low. It has none.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import scipy.sparse
from tartarus.base import logs
from tartarus.base.errors import TartarusError
from tartarus.evaluation import checks, measures, ranking


def evaluate(
    truth: scipy.sparse.csr_matrix,
    predictions: np.ndarray,
    user_factors: np.ndarray,
    *,
    references: Mapping[str, np.ndarray] | None = None,
    users: int | None = None,
    without_items: str = "left_out",
    samples: int,
    seed: int,
) -> dict[str, Any]:
    """Evaluate the predicted factors of several seeds.

    Parameters
    ----------
    truth : csr_matrix [shape=(n_items, n_users)]
        Not zero where a user played a test item.
    predictions : np.ndarray [shape=(n_seeds, n_items, n_factors)]
        The outputs of the models.
    user_factors : np.ndarray [shape=(n_users, n_factors)]
        Of all users; may be mapped from a file, for it is read in blocks.
    references : mapping, optional
        Name to what else the items can be ranked by: factors [shape=(n_items, n_factors)], or scores that are the same
        for all users [shape=(n_items,)].
    users : int, optional
        Only so many users, the first, are evaluated.
    without_items : str
        What becomes of users who played no test item: ``left_out``; or ``zero``, as in the original: they count as 0
        in the measures of ranks, and are left out of the areas under curves, which they have not.
    samples, seed
        Of the intervals; see `measures.draws`.

    Returns
    -------
    dict
        `measures` (with those of `chance` and of the references), `per_class` (empty) and `users` as in a result file.

    Raises
    ------
    TartarusError
        If the shapes do not fit, a factor or a score is not finite, or no user played a test item.
    """
    _refuse_other_shapes(truth, predictions, user_factors)
    checks.refuse_not_finite(predictions, source="predicted factors")
    played = by_user(truth, min(truth.shape[1], users or truth.shape[1]))
    n_users, n_items = played.shape
    references = references or {}
    ranked = [scores.astype(np.float32, copy=False) for scores in (*predictions, *references.values())]
    rankings = [ranking.Rankings(n_users, n_items) for _ in ranked]
    for first, factors in blocks_of_users(user_factors, n_users, n_items):
        rows = played[first : first + len(factors)]
        for found, scores in zip(rankings, ranked, strict=True):
            is_for_all = scores.ndim == 1
            found.add(first, rows, np.tile(scores, (len(factors), 1)) if is_for_all else factors @ scores.T)
    counts = np.diff(played.indptr)
    idle = counts == 0
    as_zero = without_items == "zero" and not idle.all()
    if as_zero:
        for found in rankings:
            for name in ranking.MAY_BE_ZERO:
                found.by_row[name][idle] = 0
    all_means = [found.means() | found.diversity() for found in rankings]
    means, others = all_means[: len(predictions)], all_means[len(predictions) :]
    values = np.mean([list(found.by_row.values()) for found in rankings[: len(predictions)]], axis=0)
    drawn = measures.resampled_means(values, samples=samples, seed=seed)
    found_measures = measures.summaries(
        {name: np.array([found[name] for found in means]) for name in means[0]},
        dict(zip(rankings[0].by_row, drawn, strict=True)),
    )
    for name, by_chance in ranking.chance(counts, n_items).items():
        known = np.where(idle, 0, by_chance) if as_zero and name in ranking.MAY_BE_ZERO else by_chance
        found_measures[name]["chance"] = float(np.nanmean(known))
    for reference, its in zip(references, others, strict=True):
        for name, value in its.items():
            found_measures[name][reference] = value
    return {
        "measures": found_measures,
        "per_class": [],
        "users": {
            "evaluated": int((~idle).sum()),
            "without_items": int(idle.sum()),
            **({"counted_as_zero": True} if as_zero else {}),
        },
    }


def _refuse_other_shapes(truth: scipy.sparse.csr_matrix, predictions: np.ndarray, user_factors: np.ndarray) -> None:
    n_items, n_users = truth.shape
    if (predictions.shape[1], user_factors.shape) != (n_items, (n_users, predictions.shape[2])):
        raise TartarusError(
            f"the matrix of test items and users is {n_items} x {n_users}, but {predictions.shape[1]} items are "
            f"predicted with {predictions.shape[2]} factors, and the factors of users are "
            f"{' x '.join(map(str, user_factors.shape))}; all three must be of the same dataset"
        )


def by_user(truth: scipy.sparse.csr_matrix, n_users: int) -> scipy.sparse.csr_matrix:
    """Turn a matrix of items and users round: the items that the first users played, each once."""
    played = truth[:, :n_users].T.tocsr()
    played.sum_duplicates()
    played.eliminate_zeros()
    return played


def blocks_of_users(user_factors: np.ndarray, n_users: int, n_items: int) -> Iterator[tuple[int, np.ndarray]]:
    """Read the factors of users block by block, in single precision, with the number of the first.

    The size is not left to the caller, for the last bits of a product of matrices depend on their shapes.
    """
    size = ranking.rows_at_a_time(n_items)
    what = f"blocks of {size} users ranked"
    for first in logs.progress(range(0, n_users, size), total=-(-n_users // size), what=what):
        factors = np.asarray(user_factors[first : min(first + size, n_users)], np.float32)
        checks.refuse_not_finite(factors[None], source="factors of users", first=first)
        yield first, factors
