"""Recommendations: the plain way for every user, in blocks, with users and items that nobody knows."""

import json
import math
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse
from sklearn.metrics import average_precision_score, roc_auc_score
from tartarus.base.errors import TartarusError
from tartarus.evaluation import measures, ranking, recommendation, results
from tartarus.evaluation.differences import taken_out
from tartarus.use import recommending

N_ITEMS, N_USERS, DIM = 30, 600, 4


@pytest.fixture
def played(rng: np.random.Generator) -> tuple[scipy.sparse.csr_matrix, np.ndarray, np.ndarray]:
    """Plays, predictions of two seeds and factors of users, all of small integers: scores are exact, with ties.

    Every seventh user played nothing; users 1 and 2 have no factors; nobody played item 5.
    """
    counts = rng.poisson(0.1, (N_ITEMS, N_USERS)) * rng.integers(1, 90, (N_ITEMS, N_USERS))
    counts[:, ::7] = 0
    counts[5] = 0
    predictions = rng.integers(-2, 3, (2, N_ITEMS, DIM)).astype(np.float32)
    factors = rng.integers(-2, 3, (N_USERS, DIM)).astype(np.float32)
    factors[1:3] = 0
    return scipy.sparse.csr_matrix(counts.astype(np.float64)), predictions, factors


def evaluated(*data: Any, **options: Any) -> dict[str, Any]:
    return recommendation.evaluate(*data, **{"samples": 5, "seed": 1, **options})


def plain(
    truth: scipy.sparse.csr_matrix, predicted: np.ndarray, factors: np.ndarray, users: int, *, zeros: bool = False
) -> dict[str, float]:
    """Compute the measures of one seed, one user after another; users without an item count as 0, or not at all."""
    found: dict[str, list[float]] = {}
    shown: dict[int, set[int]] = {1: set(), 3: set(), 5: set()}
    for user in range(users):
        actual = set(truth[:, user].nonzero()[0].tolist())
        scores = [float(np.dot(item, factors[user])) for item in predicted]
        order = sorted(range(len(scores)), key=lambda item: (-scores[item], item))
        for k, items in shown.items():
            items.update(order[:k])
        if not actual:
            if zeros:
                for name in ("map@500", *(f"{kind}@{k}" for kind in ("precision", "ndcg") for k in shown)):
                    found.setdefault(name, []).append(0)
            continue
        hits = [item in actual for item in order]
        precisions = [sum(hits[: place + 1]) / (place + 1) for place in range(500) if place < len(hits) and hits[place]]
        row = {"map@500": sum(precisions) / min(len(actual), 500)}
        for k in shown:
            row[f"precision@{k}"] = sum(hits[:k]) / k
            ideal = sum(1 / math.log2(place + 2) for place in range(min(k, len(actual))))
            row[f"ndcg@{k}"] = sum(hit / math.log2(place + 2) for place, hit in enumerate(hits[:k])) / ideal
        y = [item in actual for item in range(len(scores))]
        row |= {"roc_auc": roc_auc_score(y, scores), "pr_auc": average_precision_score(y, scores)}
        for name, value in row.items():
            found.setdefault(name, []).append(value)
    means = {name: float(np.mean(values)) for name, values in found.items()}
    return means | {f"adiv@{k}": len(items) / len(predicted) for k, items in shown.items()}


def test_measures_are_those_of_the_plain_way(played: tuple) -> None:
    truth, predictions, factors = played
    found = evaluated(*played)
    for seed, predicted in enumerate(predictions):
        expected = plain(truth, predicted, factors, N_USERS)
        assert {name: m["per_seed"][seed] for name, m in found["measures"].items()} == pytest.approx(expected, rel=1e-6)
    without = int((truth.sum(axis=0) == 0).sum())
    assert found["users"] == {"evaluated": N_USERS - without, "without_items": without}
    assert found["per_class"] == []


@pytest.mark.parametrize("users", [None, 40])
def test_users_without_a_test_item_may_count_as_0(played: tuple, users: int | None) -> None:
    truth, predictions, factors = played
    asked = users or N_USERS
    found = evaluated(*played, users=users, without_items="zero")
    for seed, predicted in enumerate(predictions):
        expected = plain(truth, predicted, factors, asked, zeros=True)
        assert {name: m["per_seed"][seed] for name, m in found["measures"].items()} == pytest.approx(expected, rel=1e-6)
    without = int((truth[:, :asked].sum(axis=0) == 0).sum())
    assert without > 0
    assert found["users"] == {"evaluated": asked - without, "without_items": without, "counted_as_zero": True}
    # What chance would have is the mean over the same users.
    left_out = evaluated(*played, users=users)
    share = (asked - without) / asked
    for result, factor in ((found, share), (left_out, 1)):
        assert result["measures"]["map@500"]["chance"] == pytest.approx(
            factor * left_out["measures"]["map@500"]["chance"]
        )
    assert found["measures"]["map@500"]["mean"] == pytest.approx(share * left_out["measures"]["map@500"]["mean"])


def test_where_zeros_count_intervals_are_those_of_repeated_users(played: tuple) -> None:
    truth, predictions, factors = played
    found = evaluated(*played, samples=10, seed=3, without_items="zero")["measures"]["map@500"]
    sampled = []
    for weights in measures.draws(N_USERS, samples=10, seed=3):
        users = np.repeat(np.arange(N_USERS), weights)
        drawn = evaluated(truth[:, users], predictions, factors[users], without_items="zero")
        sampled.append(drawn["measures"]["map@500"]["mean"])
    assert found["ci95"] == pytest.approx(np.percentile(sampled, [2.5, 97.5]).tolist(), rel=1e-6)


def test_only_the_first_users_may_be_evaluated(played: tuple) -> None:
    truth, predictions, factors = played
    found = evaluated(*played, users=40)
    expected = plain(truth, predictions[0], factors, 40)
    assert {name: m["per_seed"][0] for name, m in found["measures"].items()} == pytest.approx(expected, rel=1e-6)
    assert sum(found["users"].values()) == 40
    assert evaluated(*played, users=10**9) == evaluated(*played)


def test_neither_zeros_nor_repeated_entries_count_as_plays() -> None:
    factors = np.array([[1.0], [1.0]], np.float32)
    predictions = np.array([[[3.0], [2.0], [1.0]]], np.float32)
    # User 0 played item 0 twice and item 1 not at all; user 1 played item 2.
    entries = ([1.0, 1.0, 0.0, 1.0], ([0, 0, 1, 2], [0, 0, 0, 1]))
    given = scipy.sparse.csr_matrix((3, 2))
    given.data, given.indices, given.indptr = (
        np.array(entries[0]),
        np.array(entries[1][1], np.int32),
        np.array([0, 2, 3, 4], np.int32),
    )
    found = evaluated(given, predictions, factors)["measures"]
    assert found["precision@1"]["mean"] == pytest.approx(1 / 2)
    assert found["map@500"]["mean"] == pytest.approx((1 + 1 / 3) / 2)


def test_blocks_of_users_change_no_bit(played: tuple, monkeypatch: pytest.MonkeyPatch) -> None:
    # Scores are small integers here, and so the same in products of any shape.
    whole = evaluated(*played)
    for rows in (1, 7, 256):
        monkeypatch.setattr(ranking, "rows_at_a_time", lambda _, rows=rows: rows)
        assert evaluated(*played) == whole


def test_the_whole_matrix_never_stands_in_memory(tmp_path: Path, rng: np.random.Generator) -> None:
    n_users, n_items = 20_000, 1000
    np.save(tmp_path / "factors.npy", rng.standard_normal((n_users, DIM), dtype=np.float32))
    factors = np.load(tmp_path / "factors.npy", mmap_mode="r")
    entries = (np.ones(n_users), (rng.integers(n_items, size=n_users), np.arange(n_users)))
    truth = scipy.sparse.csr_matrix(entries, shape=(n_items, n_users))
    predictions = rng.standard_normal((1, n_items, DIM), dtype=np.float32)
    tracemalloc.start()
    try:
        evaluated(truth, predictions, factors, samples=2)
        list(zip(range(1000), recommending.top_lists(predictions[0], factors, length=5), strict=False))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # The matrix of scores would take 80 MB, and twice that with what is sorted.
    assert peak < 40e6


# --- Intervals -------------------------------------------------------------------------------------------


def test_intervals_are_those_of_repeated_users(played: tuple) -> None:
    truth, predictions, factors = played
    found = evaluated(*played, samples=10, seed=3)["measures"]
    sampled: dict[str, list[float]] = {}
    for weights in measures.draws(N_USERS, samples=10, seed=3):
        users = np.repeat(np.arange(N_USERS), weights)
        for name, measure in evaluated(truth[:, users], predictions, factors[users])["measures"].items():
            sampled.setdefault(name, []).append(measure["mean"])
    for name, measure in found.items():
        if name.startswith("adiv"):
            assert measure["ci95"] is None
        else:
            assert measure["ci95"] == pytest.approx(np.percentile(sampled[name], [2.5, 97.5]).tolist(), rel=1e-6)


# --- Errors ----------------------------------------------------------------------------------------------


def test_matrices_that_do_not_fit_are_refused_with_their_shapes(played: tuple) -> None:
    truth, predictions, factors = played
    for wrong in (
        (truth, predictions[:, 1:], factors),
        (truth, predictions, factors[1:]),
        (truth, predictions[..., 1:], factors),
    ):
        with pytest.raises(TartarusError, match=r"30 x 600, but \d+ items .* \d factors, .* must be of the same"):
            evaluated(*wrong)


@pytest.mark.parametrize("without_items", ["left_out", "zero"])
def test_users_who_played_nothing_are_an_error(played: tuple, without_items: str) -> None:
    _, predictions, factors = played
    with pytest.raises(TartarusError, match="undefined on this test set"):
        evaluated(scipy.sparse.csr_matrix((N_ITEMS, N_USERS)), predictions, factors, without_items=without_items)


def test_factors_that_are_not_finite_are_refused_with_their_row(played: tuple, monkeypatch: pytest.MonkeyPatch) -> None:
    truth, predictions, factors = played
    monkeypatch.setattr(ranking, "rows_at_a_time", lambda _: 7)
    for value in (np.nan, np.inf):
        wrong = predictions.copy()
        wrong[1, 4, 2] = value
        with pytest.raises(TartarusError, match="predicted factors: seed number 2: row 4, column 2"):
            evaluated(truth, wrong, factors)
        wrong = factors.copy()
        wrong[17, 3] = value
        with pytest.raises(TartarusError, match=r"factors of users: .*row 17, column 3"):
            evaluated(truth, predictions, wrong)


def test_a_result_passes_its_schema(played: tuple) -> None:
    head = {"family": "f", "experiment": "e", "settings": [], "dataset": "D", "parameters": 1, "seeds": [1, 2]}
    head["items"] = {"train": 1, "val": 1, "test": 30, "left_out": {}, "noted": {}}
    head["provenance"] = {"settings": {}, "inputs": {}, "versions": {}, "code": ""}
    result = {**head, "task": "recommendation", "classes": 0, **taken_out(evaluated(*played))[0]}
    results.check(json.loads(json.dumps(result, allow_nan=False)), "x.json")


# --- Lists for users -------------------------------------------------------------------------------------


def plain_lists(
    predicted: np.ndarray, factors: np.ndarray, length: int, threshold: float
) -> Iterator[tuple[int, int, int, float]]:
    for user, vector in enumerate(factors):
        scores = [float(np.dot(item, vector)) for item in predicted]
        order = sorted(range(len(scores)), key=lambda item: (-scores[item], item))
        for place, item in enumerate(order[:length]):
            if scores[item] > threshold:
                yield user, place + 1, item, scores[item]


@pytest.mark.parametrize(("length", "threshold"), [(5, -np.inf), (10, 2.0), (300, 0.0), (300, 99.0)])
def test_lists_hold_the_best_items_above_the_threshold(played: tuple, length: int, threshold: float) -> None:
    _, predictions, factors = played
    found = recommending.top_lists(predictions[0], factors, length=length, threshold=threshold)
    assert list(found) == list(plain_lists(predictions[0], factors, length, threshold))


def test_lists_may_be_of_the_first_users_only(played: tuple) -> None:
    _, predictions, factors = played
    found = list(recommending.top_lists(predictions[0], factors, users=20, threshold=0))
    assert found == list(plain_lists(predictions[0], factors[:20], 300, 0))


@pytest.mark.parametrize("without_items", ["left_out", "zero"])
def test_references_are_measured_as_models_are(played: tuple, rng: np.random.Generator, without_items: str) -> None:
    truth, predictions, factors = played
    popular = rng.integers(0, 5, N_ITEMS)
    references = {"upper_bound": predictions[1], "popularity": popular.astype(float)}
    found = evaluated(truth, predictions[:1], factors, references=references, without_items=without_items)
    alone = evaluated(truth, predictions[:1], factors, without_items=without_items)
    others = {
        # One for all users: the product with a single factor of 1.
        "popularity": evaluated(truth, popular[None, :, None], np.ones((N_USERS, 1)), without_items=without_items),
        "upper_bound": evaluated(truth, predictions[1:], factors, without_items=without_items),
    }
    for name, measure in found["measures"].items():
        assert measure["mean"] == alone["measures"][name]["mean"]
        assert measure["ci95"] == alone["measures"][name]["ci95"]
        for reference, other in others.items():
            assert measure[reference] == pytest.approx(other["measures"][name]["mean"], rel=1e-6), (name, reference)
        assert 0 <= measure["chance"] <= 1


def test_chance_is_what_random_factors_have(played: tuple, rng: np.random.Generator) -> None:
    truth, _, _ = played
    noise = rng.normal(size=(40, N_ITEMS, 30)).astype(np.float32)
    found = evaluated(truth, noise, rng.normal(size=(N_USERS, 30)).astype(np.float32))["measures"]
    for name, measure in found.items():
        assert measure["mean"] == pytest.approx(measure["chance"], abs=0.012), name
