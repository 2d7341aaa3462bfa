"""Nearest items: those of scikit-learn, and of equal ones the first."""

from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as arrays
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import StandardScaler
from tartarus.features import store
from tartarus.items.inbox import Found
from tartarus.use import inbox_neighbours, neighbours
from tartarus.use.embeddings import Embeddings
from tartarus.use.hearing import Heard


@pytest.mark.parametrize(("queries", "keys"), [(1024, 8192), (7, 16)])
def test_neighbours_are_those_of_scikit_learn(rng, monkeypatch, queries, keys):
    monkeypatch.setattr(neighbours, "QUERIES", queries)
    monkeypatch.setattr(neighbours, "KEYS", keys)
    values, _ = neighbours.unit(rng.standard_normal((200, 12)).astype(np.float32))
    found = neighbours.exact(values, k=5)
    distances, rows = NearestNeighbors(n_neighbors=6, metric="cosine", algorithm="brute").fit(values).kneighbors()
    np.testing.assert_array_equal(found.rows, rows[:, :5])
    np.testing.assert_allclose(found.cosines, 1 - distances[:, :5], atol=1e-5)


@given(arrays.arrays(np.int8, (12, 2), elements=st.integers(-1, 1)), st.integers(1, 15), st.integers(1, 7))
def test_of_equal_ones_the_first_comes_first_whatever_the_blocks(values, k, size):
    unit, _ = neighbours.unit(values.astype(np.float32))
    cosines = unit @ unit.T
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(neighbours, "KEYS", size)
        found = neighbours.exact(unit, k=k)
    for item in range(12):
        others = [other for other in range(12) if other != item]
        # Sums of two products may differ in their last bits: what is equal to that is equal.
        wanted = sorted(others, key=lambda other: (-round(float(cosines[item, other]), 5), other))[:k]
        assert [round(float(cosines[item, row]), 5) for row in found.rows[item]] == [
            round(float(cosines[item, row]), 5) for row in wanted
        ]
        assert len(set(found.rows[item].tolist())) == min(k, 11)
        assert item not in found.rows[item]


def test_others_may_be_asked_for_the_nearest_of_a_collection(rng):
    keys, _ = neighbours.unit(rng.standard_normal((50, 4)).astype(np.float32))
    found = neighbours.exact(keys, keys[[3, 7]], k=1)
    np.testing.assert_array_equal(found.rows, [[3], [7]])


def test_the_graph_finds_nearly_all_and_tells_how_many(rng):
    values, _ = neighbours.unit(rng.standard_normal((2000, 8)).astype(np.float32))
    truth = neighbours.exact(values, k=10)
    found, recall = neighbours.approximate(values, k=10)
    again, _ = neighbours.approximate(values, k=10)
    shares = [len(np.intersect1d(a, b)) / 10 for a, b in zip(truth.rows, found.rows, strict=True)]
    assert recall > 0.95
    assert np.mean(shares) == pytest.approx(recall, abs=0.02)
    np.testing.assert_array_equal(found.rows, again.rows)
    assert not (found.rows == np.arange(2000)[:, None]).any()


def test_items_of_all_sets_are_neighbours_and_zeros_are_like_no_other(tmp_path: Path, caplog):
    values = {"train": [[1, 0], [0, 0]], "test": [[2, 0.1]]}
    files = {}
    for set_, rows in values.items():
        files[set_] = tmp_path / f"X_{set_}_mine_SONGS.npz"
        store.write_vectors(files[set_], np.array(rows, np.float32), [f"{set_}{n}" for n in range(len(rows))], {})
    with neighbours.Collection(Embeddings(files)) as collection:
        nearest, how = neighbours.of_all(collection, k=1, exact_up_to=10)
        rows = list(neighbours.rows(collection, nearest))
    assert how == {"items": 3, "k": 1, "method": "exact", "recall": 1.0}
    assert [(row["id"], row["neighbour"], row["cosine"]) for row in rows] == [
        ("train0", "test0", "0.998752"),
        ("train1", "train0", "0.000000"),
        ("test0", "train0", "0.998752"),
    ]
    assert "so that their cosines are 0: 1" in caplog.text


def test_columns_of_many_units_count_by_their_spread_for_items_and_for_what_is_asked(tmp_path: Path, rng):
    # In Hz, in fractions, and the same everywhere.
    values = rng.standard_normal((40, 3)) * [2000, 0.1, 0] + [5000, 0, 7]
    files = {}
    for set_, rows in (("train", values[:25]), ("test", values[25:])):
        files[set_] = tmp_path / f"X_{set_}_mine_SONGS.npz"
        store.write_vectors(files[set_], rows.astype(np.float32), [f"{set_}{n}" for n in range(len(rows))], {})
    scaled = StandardScaler().fit_transform(values)
    wanted, _ = neighbours.unit(scaled)
    query = Heard(Found("a", None)), values[30].astype(np.float32)
    other = Heard(Found("b", None)), np.array([5000, 0.1, 8], np.float32)  # in the third column like no item
    with neighbours.Collection(Embeddings(files), standardise=True) as collection:
        np.testing.assert_allclose(collection.vectors, wanted, atol=1e-5)
        row, *_ = inbox_neighbours.rows(collection, [query], k=1)
        assert (row["neighbour"], row["cosine"]) == ("test5", "1.000000")
        (row,) = inbox_neighbours.rows(collection, [other], k=1)
    unscaled, _ = neighbours.unit(StandardScaler().fit(values).transform([other[1]]))
    assert float(row["cosine"]) == pytest.approx((wanted @ unscaled[0]).max(), abs=1e-5)
