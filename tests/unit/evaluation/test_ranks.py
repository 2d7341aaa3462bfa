"""Ranks: both ways of finding them against a plain sort, on data full of ties."""

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy
from tartarus.evaluation import ranks

both_ways = pytest.mark.parametrize("way", [ranks.Sorted, ranks.Compared])


@st.composite
def rankings(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Draw truth and scores of a few rows, with many ties, rows without and rows full of relevant candidates."""
    shape = draw(st.tuples(st.integers(1, 6), st.integers(1, 9)))
    relevant = draw(st_numpy.arrays(np.int8, shape, elements=st.integers(0, 1)))
    scores = draw(st_numpy.arrays(draw(st.sampled_from([np.float32, np.float64])), shape, elements=st.integers(-2, 3)))
    return relevant, scores


def plain_order(scores: np.ndarray) -> list[int]:
    """Rank candidates: by score, then by column."""
    return sorted(range(len(scores)), key=lambda column: (-scores[column], column))


@both_ways
@given(drawn=rankings())
def test_ranks_are_those_of_a_plain_sort(way: type, drawn: tuple[np.ndarray, np.ndarray]) -> None:
    relevant, scores = drawn
    found = ranks.find_hits(scipy.sparse.csr_matrix(relevant), way(scores))
    expected = [
        (
            row,
            place + 1,
            np.count_nonzero(scores[row] > scores[row, column]),
            list(scores[row]).count(scores[row, column]),
        )
        for row in range(len(scores))
        for place, column in enumerate(plain_order(scores[row]))
        if relevant[row, column]
    ]
    assert np.array([found.row, found.rank, found.above, found.level]).T.tolist() == [list(hit) for hit in expected]


@both_ways
@given(drawn=rankings(), length=st.integers(1, 9))
def test_the_first_candidates_are_those_of_a_plain_sort(
    way: type, drawn: tuple[np.ndarray, np.ndarray], length: int
) -> None:
    scores = drawn[1]
    length = min(length, scores.shape[1])
    assert way(scores).first(length).tolist() == [plain_order(row)[:length] for row in scores]


@given(rankings(), st.integers(1, 12))
def test_top_lists_are_those_of_a_plain_sort(drawn: tuple[np.ndarray, np.ndarray], length: int) -> None:
    scores = drawn[1]
    assert ranks.top(scores, length).tolist() == [plain_order(row)[:length] for row in scores]


@both_ways
def test_ranks_of_many_candidates_are_those_of_numpy(way: type, rng: np.random.Generator) -> None:
    """More candidates than a processor compares at once, in both precisions, a few of them tied."""
    for dtype in (np.float32, np.float64):
        scores = rng.integers(3000, size=(20, 1001)).astype(dtype)
        order = np.argsort(-scores, axis=1, kind="stable")
        expected = np.argsort(order, axis=1) + 1
        truth = scipy.sparse.csr_matrix(rng.random(scores.shape) < 0.02)
        found = ranks.find_hits(truth, way(scores))
        ranked = [np.sort(expected[row, truth[row].indices]) for row in range(20)]
        np.testing.assert_array_equal(found.rank, np.concatenate(ranked))
        np.testing.assert_array_equal(way(scores).first(5), order[:, :5])


@pytest.mark.parametrize(
    ("n_scores", "n_hits", "way"),
    [
        (ranks.WORTH_COMPILING - 1, 0, ranks.Sorted),
        (ranks.WORTH_COMPILING, 4 * ranks.FEW_HITS, ranks.Compared),
        (ranks.WORTH_COMPILING, 4 * ranks.FEW_HITS + 1, ranks.Sorted),
    ],
)
def test_rows_are_compared_where_there_are_many_with_few_hits(n_scores: int, n_hits: int, way: type) -> None:
    assert type(ranks.ranked(np.zeros((4, 3)), n_hits=n_hits, n_scores=n_scores)) is way
