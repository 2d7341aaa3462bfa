"""Retrieval: ranks counted one by one, measures by hand, chance, ties, and what by chance is found."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from tartarus.base.errors import TartarusError
from tartarus.evaluation import retrieval


def naive(queries: np.ndarray, candidates: np.ndarray) -> list[float]:
    """Rank by a cosine of whole numbers: compare sign(p) p^2 / |c|^2, which needs no root, as fractions."""
    found = []
    for own, query in enumerate(queries.tolist()):
        products = [sum(a * b for a, b in zip(query, candidate, strict=True)) for candidate in candidates.tolist()]
        squares = [max(1, sum(b * b for b in candidate)) for candidate in candidates.tolist()]

        def closer(one: int, other: int, products=products, squares=squares) -> int:
            left = np.sign(products[one]) * products[one] ** 2 * squares[other]
            right = np.sign(products[other]) * products[other] ** 2 * squares[one]
            return int(np.sign(left - right))

        signs = [closer(other, own) for other in range(len(candidates))]
        found.append(1 + sum(sign > 0 for sign in signs) + (sum(sign == 0 for sign in signs) - 1) / 2)
    return found


whole = st.integers(1, 12).flatmap(lambda n: arrays.arrays(np.int64, (2, n, 3), elements=st.integers(-5, 5)))


@given(whole)
def test_ranks_are_those_counted_one_by_one_ties_in_the_middle(vectors: np.ndarray) -> None:
    assert retrieval.ranks(*vectors.astype(np.float32)).tolist() == naive(*vectors)


def test_blocks_do_not_show(rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = rng.integers(-3, 4, size=(2, 50, 4))
    expected = naive(*vectors)
    monkeypatch.setattr(retrieval, "BLOCK", 7)
    assert retrieval.ranks(*vectors).tolist() == expected


def test_measures_of_ranks_by_hand() -> None:
    found = retrieval.of_ranks(np.array([1.0, 2.0, 6.0, 40.0]))
    assert (found["recall@1"], found["recall@5"], found["recall@10"], found["median_rank"]) == (0.25, 0.5, 0.75, 4)
    assert found["mrr"] == pytest.approx((1 + 1 / 2 + 1 / 6 + 1 / 40) / 4)


def test_a_perfect_space_finds_everything_and_chance_stands_beside() -> None:
    places = np.tile(np.hstack([np.eye(20), np.eye(20)]), (2, 1, 1))
    found = retrieval.evaluate(places, samples=50, seed=1)
    assert found["per_class"] == []
    measures = found["measures"]
    for direction in ("first_to_second", "second_to_first"):
        assert [measures[f"{name}_{direction}"]["mean"] for name in ("recall@1", "mrr", "median_rank")] == [1, 1, 1]
        assert measures[f"recall@10_{direction}"]["chance"] == 0.5
        assert measures[f"median_rank_{direction}"]["chance"] == 10.5
        assert measures[f"mrr_{direction}"]["chance"] == pytest.approx(sum(1 / rank for rank in range(1, 21)) / 20)
        assert measures[f"recall@1_{direction}"]["ci95"] == [1, 1]
    assert len(measures) == 10


def test_places_at_random_find_what_chance_finds(rng: np.random.Generator) -> None:
    found = retrieval.evaluate(rng.normal(size=(3, 400, 8)), samples=200, seed=1)["measures"]
    for name, measure in found.items():
        low, high = measure["ci95"]
        margin = 0.6 * (high - low)  # the interval of three seeds, with room for one that lies at its edge
        assert low - margin <= measure["chance"] <= high + margin, name


def test_the_two_ways_are_told_apart() -> None:
    # Every first input is the same: the first finds nothing, while the second ones all point at one place.
    places = np.hstack([np.array([[1, 0], [0.6, 0.8], [0, 1]]), np.array([[1, 0.1], [1, 0.1], [0, 1]])])
    found = retrieval.evaluate(places[None], samples=10, seed=1)["measures"]
    assert found["mrr_first_to_second"]["mean"] == pytest.approx(np.mean([1 / 1.5, 1 / 2.5, 1]))
    assert found["mrr_second_to_first"]["mean"] == pytest.approx(np.mean([1, 1 / 2, 1]))


def test_the_interval_is_that_of_the_queries_drawn_with_replacement(rng: np.random.Generator) -> None:
    places = rng.normal(size=(2, 30, 4))
    found = retrieval.evaluate(places, samples=300, seed=5)["measures"]["median_rank_first_to_second"]
    ranks = np.array([naive_ranks(of_seed) for of_seed in places])
    drawn = np.random.Generator(np.random.PCG64(5)).integers(30, size=(300, 30))
    medians = [np.median(ranks[:, rows], axis=1).mean() for rows in drawn]
    np.testing.assert_allclose(found["ci95"], np.percentile(medians, [2.5, 97.5]))


def naive_ranks(places: np.ndarray) -> np.ndarray:
    first, second = np.split(places / 1.0, 2, axis=1)
    close = (first @ second.T) / np.linalg.norm(second, axis=1)
    return np.array([1 + (row > row[own]).sum() for own, row in enumerate(close)])


def test_places_that_are_no_two_or_not_finite_are_refused() -> None:
    with pytest.raises(TartarusError, match="places of 3 numbers"):
        retrieval.evaluate(np.zeros((1, 4, 3)), samples=2, seed=1)
    with pytest.raises(TartarusError, match=r"row 1, column 0: nan is not a finite number"):
        retrieval.evaluate(np.array([[[1, 1], [np.nan, 1]]]), samples=2, seed=1)
