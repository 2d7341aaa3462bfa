"""Factors of plays: the plain formula, a structure that is known, and what a cold start must not see."""

from typing import Any

import numpy as np
import pytest
import scipy.sparse
from implicit.utils import check_random_state
from sklearn.metrics import roc_auc_score
from tartarus.base.errors import TartarusError
from tartarus.features.factors import als

OPTIONS: dict[str, Any] = {
    "weighting": "log",
    "alpha": 2.0,
    "epsilon": 1e-2,
    "regularisation": 0.1,
    "iterations": 6,
    "solver": "cholesky",
    "whiten": False,
}


def played(rng: np.random.Generator, n_items: int, n_users: int, share: float = 0.2) -> scipy.sparse.csr_matrix:
    counts = (rng.random((n_items, n_users)) < share) * rng.integers(1, 20, (n_items, n_users))
    return scipy.sparse.csr_matrix(counts.astype(np.float32))


def plain(counts: np.ndarray, dim: int, options: dict[str, Any], seed: int) -> dict[str, np.ndarray]:
    """Alternate between users and items, each the solution of its normal equations."""
    weights = np.log(1 + counts / options["epsilon"]) if options["weighting"] == "log" else counts
    sure, liked = 1 + options["alpha"] * weights, (counts > 0).astype(float)
    start = check_random_state(seed)
    users = start.random((counts.shape[1], dim), dtype=np.float64) * 0.01
    items = start.random((counts.shape[0], dim), dtype=np.float64) * 0.01

    def solved(others: np.ndarray, sure: np.ndarray, liked: np.ndarray) -> np.ndarray:
        ridge = options["regularisation"] * np.eye(dim)
        return np.array(
            [
                np.linalg.solve(others.T @ np.diag(c) @ others + ridge, others.T @ (c * p))
                for c, p in zip(sure, liked, strict=True)
            ]
        )

    for _ in range(options["iterations"]):
        users = solved(items, sure.T, liked.T)
        items = solved(users, sure, liked)
    return {"users": users, "train": items, "fold": lambda s, p: solved(users, s, p)}  # type: ignore[dict-item]


@pytest.mark.parametrize("weighting", ["log", "linear"])
def test_factors_are_those_of_the_plain_formula(rng: np.random.Generator, weighting: str) -> None:
    counts, new, options = played(rng, 40, 60), played(rng, 10, 60), {**OPTIONS, "weighting": weighting}
    found = als.factorise({"train": counts, "test": new}, 5, options, seed=3)
    expected: Any = plain(counts.toarray(), 5, options, seed=3)
    for name in ("users", "train"):
        assert found[name] == pytest.approx(expected[name], abs=1e-4), name
    dense = new.toarray()
    weights = np.log(1 + dense / options["epsilon"]) if weighting == "log" else dense
    folded = expected["fold"](1 + options["alpha"] * weights, (dense > 0).astype(float))
    assert found["test"] == pytest.approx(folded, abs=1e-4)


@pytest.mark.parametrize(("n_items", "n_users"), [(6, 40), (40, 6)])
def test_there_are_fewer_factors_than_items_and_than_users(
    rng: np.random.Generator, n_items: int, n_users: int
) -> None:
    counts = {"train": played(rng, n_items, n_users)}
    said = f"dim: 6 factors of {n_items} training items and {n_users} users; .*: write dim: 5 or less"
    with pytest.raises(TartarusError, match=said):
        als.factorise(counts, 6, OPTIONS, seed=1)
    assert als.factorise(counts, 5, OPTIONS, seed=1)["users"].shape == (n_users, 5)


@pytest.mark.parametrize("solver", ["cholesky", "conjugate_gradient"])
def test_the_structure_of_a_matrix_of_low_rank_is_recovered(rng: np.random.Generator, solver: str) -> None:
    # Six kinds of items, of which every user likes one or two.
    kind, tastes = rng.integers(6, size=300), rng.permuted(np.tile([1, 1, 0, 0, 0, 0], (200, 1)), axis=1)
    liked = tastes[:, kind].T.astype(bool)
    hidden = liked & (rng.random(liked.shape) < 0.2)
    counts = scipy.sparse.csr_matrix((liked & ~hidden).astype(np.float32))
    options = {**OPTIONS, "weighting": "linear", "iterations": 15, "solver": solver}
    found = als.factorise({"train": counts}, 6, options, seed=1)
    scores = found["train"] @ found["users"].T
    seen = (liked & ~hidden).astype(bool)
    areas = [
        roc_auc_score(hidden[~seen[:, user], user], scores[~seen[:, user], user])
        for user in range(200)
        if hidden[:, user].any()
    ]
    assert len(areas) > 100
    assert np.mean(areas) > 0.95


def test_plays_of_new_items_change_nothing_else_and_who_has_none_has_no_factors(rng: np.random.Generator) -> None:
    counts = played(rng, 30, 20)
    counts = scipy.sparse.csr_matrix(counts.toarray() * (np.arange(20) != 4) * (np.arange(30) != 7)[:, None])
    alone = als.factorise({"train": counts}, 3, OPTIONS, seed=1)
    new = scipy.sparse.vstack([played(rng, 5, 20), scipy.sparse.csr_matrix((1, 20))], format="csr")
    both = als.factorise({"train": counts, "val": new}, 3, OPTIONS, seed=1)
    assert all((alone[name] == both[name]).all() for name in alone)
    assert (both["users"][4] == 0).all()
    assert (both["train"][7] == 0).all()
    assert (both["val"][5] == 0).all()
    assert (both["val"][:5] != 0).any(axis=1).all()
    assert {values.dtype for values in both.values()} == {np.dtype(np.float32)}


def test_a_seed_gives_the_same_bytes_and_another_gives_others(rng: np.random.Generator) -> None:
    counts, options = played(rng, 30, 20), {**OPTIONS, "iterations": 1}
    first, again, other = (als.factorise({"train": counts}, 3, options, seed=seed)["users"] for seed in (1, 1, 2))
    assert first.tobytes() == again.tobytes() != other.tobytes()


def test_whitened_factors_give_the_same_scores_and_the_users_are_uncorrelated(rng: np.random.Generator) -> None:
    counts = {"train": played(rng, 40, 60), "test": played(rng, 10, 60)}
    plain_ones = als.factorise(counts, 5, OPTIONS, seed=3)
    found = als.factorise(counts, 5, {**OPTIONS, "whiten": True}, seed=3)
    for set_ in counts:
        assert found[set_] @ found["users"].T == pytest.approx(plain_ones[set_] @ plain_ones["users"].T, abs=1e-5)
    squares = found["users"].T @ found["users"] / len(found["users"])
    assert squares == pytest.approx(squares[0, 0] * np.eye(5), abs=1e-5)
    assert found["train"].std() == pytest.approx(1, abs=1e-5)
    # The error of scores is that of factors, but for one scale.
    wrong = found["test"] + rng.normal(size=found["test"].shape)
    of_scores = np.mean(((wrong - found["test"]) @ found["users"].T) ** 2, axis=1)
    of_factors = np.sum((wrong - found["test"]) ** 2, axis=1)
    assert of_scores == pytest.approx(squares[0, 0] * of_factors, rel=1e-4)


def test_directions_without_users_stay_empty(rng: np.random.Generator) -> None:
    users = rng.normal(size=(30, 2)) @ rng.normal(size=(2, 4))
    items = rng.normal(size=(9, 4))
    found = als.whitened({"users": users, "train": items})
    assert np.linalg.matrix_rank(found["train"], tol=1e-6) == 2
    assert found["train"] @ found["users"].T == pytest.approx(items @ users.T, abs=1e-9)
    nothing = als.whitened({"users": np.zeros((3, 2)), "train": np.ones((4, 2))})
    assert not np.concatenate(list(nothing.values())).any()
