"""Rankings: a plain re-implementation on data full of ties, scikit-learn, and ranx."""

import itertools
import math

import numpy as np
import pytest
import ranx
import scipy.sparse
from hypothesis import given
from sklearn.metrics import average_precision_score, ndcg_score, roc_auc_score
from tartarus.base.errors import TartarusError
from tartarus.evaluation import ranking, ranks

from tests.unit.evaluation.test_ranks import plain_order, rankings

NAMES = {"roc_auc", "pr_auc", "precision@1", "precision@3", "precision@5", "ndcg@1", "ndcg@3", "ndcg@5", "map@500"}


def ranked(relevant: np.ndarray, scores: np.ndarray, *, block: int | None = None) -> ranking.Rankings:
    """Measure rankings, in blocks of rows."""
    n_rows, n_columns = scores.shape
    found = ranking.Rankings(n_rows, n_columns)
    for first in range(0, n_rows, block or n_rows):
        rows = slice(first, first + (block or n_rows))
        found.add(first, scipy.sparse.csr_matrix(relevant[rows]), scores[rows])
    return found


def hits_of(relevant: np.ndarray, scores: np.ndarray) -> ranking.Hits:
    """Find the ranks of relevant candidates."""
    return ranks.find_hits(scipy.sparse.csr_matrix(relevant), ranks.Sorted(scores))


# --- A plain re-implementation ---------------------------------------------------------------------------


def plain_measures(relevant: np.ndarray, scores: np.ndarray) -> dict[str, float]:
    """Compute the measures of one row, one candidate after another."""
    order, total = plain_order(scores), int(relevant.sum())
    if total == 0:
        return dict.fromkeys(NAMES, math.nan)
    found: dict[str, float] = {}
    for k in (1, 3, 5):
        found[f"precision@{k}"] = sum(relevant[column] for column in order[:k]) / k
        gain = sum(relevant[column] / math.log2(place + 2) for place, column in enumerate(order[:k]))
        found[f"ndcg@{k}"] = gain / sum(1 / math.log2(place + 2) for place in range(min(k, total)))
    right, precisions = 0, 0.0
    for place, column in enumerate(order[:500]):
        if relevant[column]:
            right += 1
            precisions += right / (place + 1)
    found["map@500"] = precisions / min(total, 500)
    pairs = [
        1.0 if good > bad else 0.5 if good == bad else 0.0
        for good in scores[relevant == 1]
        for bad in scores[relevant == 0]
    ]
    found["roc_auc"] = sum(pairs) / len(pairs) if pairs else math.nan
    area, before = 0.0, 0.0
    for cut in sorted(set(scores), reverse=True):
        taken = relevant[scores >= cut]
        recall = taken.sum() / total
        area += (recall - before) * taken.mean()
        before = recall
    found["pr_auc"] = area if pairs else math.nan
    return found


@pytest.mark.parametrize("worth_compiling", [0, 2**29])
@given(drawn=rankings())
def test_measures_are_those_of_a_plain_re_implementation(
    worth_compiling: int, drawn: tuple[np.ndarray, np.ndarray]
) -> None:
    relevant, scores = drawn
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ranks, "WORTH_COMPILING", worth_compiling)
        found = ranked(relevant, scores).by_row
    assert set(found) == NAMES
    for row in range(len(scores)):
        expected = plain_measures(relevant[row], scores[row])
        assert {name: values[row] for name, values in found.items()} == pytest.approx(expected, rel=1e-6, nan_ok=True)


@pytest.mark.parametrize("k", [1, 2, 7])
def test_average_precision_divides_by_the_cutoff_where_more_are_relevant(k: int) -> None:
    # Relevant candidates at ranks 1, 3 and 4.
    hits = hits_of(np.array([[1, 0, 1, 1]]), np.array([[4.0, 3.0, 2.0, 1.0]]))
    expected = {1: 1 / 1, 2: 1 / 2, 7: (1 + 2 / 3 + 3 / 4) / 3}
    np.testing.assert_allclose(ranking.average_precision(hits, k), [expected[k]])


def test_diversity_is_the_share_of_candidates_that_any_row_shows() -> None:
    scores = np.array([[3.0, 2, 1, 0, 0, 0, 0, 0], [3.0, 1, 2, 0, 0, 0, 0, 0], [3.0, 0, 0, 2, 0, 0, 0, 1]])
    found = ranked(np.zeros((3, 8)), scores).diversity()
    # First: 0. First three: 0 1 2 and 0 3 7. First five: also 3 and 4, 1 and 2.
    assert found == {"adiv@1": 1 / 8, "adiv@3": 5 / 8, "adiv@5": 6 / 8}


# --- Other programs --------------------------------------------------------------------------------------


def test_areas_are_those_of_scikit_learn_with_ties(rng: np.random.Generator) -> None:
    relevant = (rng.random((60, 40)) < 0.2).astype(int)
    scores = rng.integers(8, size=(60, 40)).astype(np.float32) + relevant
    found = ranked(relevant, scores).by_row
    rows = list(zip(relevant, scores, strict=True))
    np.testing.assert_allclose(found["roc_auc"], [roc_auc_score(*row) for row in rows], rtol=1e-6)
    np.testing.assert_allclose(found["pr_auc"], [average_precision_score(*row) for row in rows], rtol=1e-6)


def test_measures_are_those_of_scikit_learn_and_ranx(rng: np.random.Generator) -> None:
    relevant = (rng.random((50, 700)) < 0.02).astype(int)
    relevant[:, 0] = 1  # ranx wants a relevant candidate in every row
    scores = rng.permutation(50 * 700).reshape(50, 700).astype(float)
    scores += 20_000 * relevant * (rng.random(scores.shape) < 0.5)
    scores += rng.random(scores.shape) / 2
    found = ranked(relevant, scores).by_row
    for k in (1, 3, 5):
        expected = [ndcg_score(relevant[[row]], scores[[row]], k=k) for row in range(50)]
        np.testing.assert_allclose(found[f"ndcg@{k}"], expected, rtol=1e-6)
    # ranx sorts rows by name, and takes seconds to compile when it first runs.
    names = [f"c{column}" for column in range(700)]
    truth = {f"q{row:02}": {names[c]: 1 for c in np.flatnonzero(relevant[row])} for row in range(50)}
    run = {f"q{row:02}": dict(zip(names, scores[row].tolist(), strict=True)) for row in range(50)}
    measured = ["precision@1", "precision@3", "precision@5", "ndcg@1", "ndcg@3", "ndcg@5", "map@500"]
    judged = ranx.evaluate(ranx.Qrels(truth), ranx.Run(run), measured, return_mean=False)
    for name in measured:
        np.testing.assert_allclose(found[name], judged[name], rtol=1e-6, err_msg=name)


# --- Blocks and errors -----------------------------------------------------------------------------------


@pytest.mark.parametrize("block", [1, 7, 64])
def test_blocks_change_no_bit(block: int, rng: np.random.Generator) -> None:
    relevant = (rng.random((100, 30)) < 0.1).astype(int)
    scores = rng.integers(20, size=(100, 30)).astype(np.float32)
    whole, parts = ranked(relevant, scores), ranked(relevant, scores, block=block)
    for name, values in whole.by_row.items():
        np.testing.assert_array_equal(parts.by_row[name], values)
    assert parts.means() == whole.means()
    assert parts.diversity() == whole.diversity()


@pytest.mark.parametrize("n_columns", [1, 15, 5000, 70_000, 10**6, 10**9])
def test_a_block_holds_64_mb_at_most(n_columns: int) -> None:
    rows = ranking.rows_at_a_time(n_columns)
    assert rows >= 1
    assert rows == 1 or rows * n_columns * 4 <= 64 * 2**20


def test_means_leave_undefined_rows_out() -> None:
    found = ranked(np.array([[1, 0], [0, 0], [0, 1]]), np.array([[2.0, 1.0]] * 3)).means()
    assert found["precision@1"] == pytest.approx(1 / 2)
    assert found["roc_auc"] == pytest.approx(1 / 2)
    assert np.isnan(ranked(np.zeros((2, 3)), np.ones((2, 3))).means()["roc_auc"])


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_scores_that_are_not_finite_are_refused(value: float) -> None:
    scores = np.array([[1.0, 2.0], [value, 0.0]])
    with pytest.raises(TartarusError, match=r"row 1, column 0: .* is not a finite number.*learning rate"):
        ranked(np.eye(2), scores)


def test_chance_is_the_mean_over_all_rankings():
    """Every order of five candidates, of which two or three are relevant, the first three ranks counting."""
    for relevant in (1, 2, 3):
        truth = set(range(relevant))
        found = []
        for order in itertools.permutations(range(5)):
            hits = total = 0.0
            for place, candidate in enumerate(order[:3]):
                if candidate in truth:
                    hits += 1
                    total += hits / (place + 1)
            found.append(total / min(relevant, 3))
        assert ranking.chance_average_precision(np.array([relevant]), 5, 3) == pytest.approx([np.mean(found)])


@pytest.mark.parametrize("relevant", [1, 3, 5])
def test_what_to_expect_of_every_measure_is_the_mean_over_all_rankings(relevant: int) -> None:
    n_columns = 5
    truth = np.zeros((120, n_columns))
    truth[:, :relevant] = 1
    scores = np.array(list(itertools.permutations(range(n_columns))), float)
    found = ranked(truth, scores).means()
    for name, expected in ranking.chance(np.array([relevant]), n_columns).items():
        if not name.startswith("adiv"):
            assert expected == pytest.approx([found[name]], nan_ok=True), name


def test_what_to_expect_of_diversity_and_of_a_row_without_anything_relevant(rng: np.random.Generator) -> None:
    found = ranking.chance(np.array([2, 0, 1]), 8)
    assert all(np.isnan(found[name][1]) for name in ranking.BY_ROW)
    shown = [
        len({candidate for _ in range(3) for candidate in rng.permutation(8)[:3].tolist()}) / 8 for _ in range(4000)
    ]
    assert found["adiv@3"] == pytest.approx(np.mean(shown), abs=0.01)
    assert set(found) == set(ranking.NAMES)
