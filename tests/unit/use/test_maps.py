"""Maps: what is alike is near each other, and the same vectors give the same map."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors
from tartarus.base.errors import TartarusError
from tartarus.features import store
from tartarus.use import maps
from tartarus.use.embeddings import Embeddings


def groups(rng: np.random.Generator, *, scale: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Three groups of vectors in sixty dimensions, and which group each is of."""
    group = np.repeat(np.arange(3), 20)
    centres = rng.standard_normal((3, 60))
    vectors = centres[group] + 0.3 * rng.standard_normal((60, 60))
    vectors[:, 0] *= scale
    return vectors.astype(np.float32), group


def purity(places: np.ndarray, group: np.ndarray) -> float:
    """The share of the five nearest neighbours that are of an item's own group."""
    _, near = NearestNeighbors(n_neighbors=6).fit(places).kneighbors(places)
    return float((group[near[:, 1:]] == group[:, None]).mean())


def test_groups_stay_together_and_the_map_is_the_same_again(rng):
    vectors, group = groups(rng)
    places = maps.coordinates(vectors, standardise=False, seed=1)
    assert places.shape == (60, 2)
    assert places.dtype == np.float32
    assert purity(places, group) > 0.99
    np.testing.assert_allclose(places.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_array_equal(places, maps.coordinates(vectors, standardise=False, seed=1))


def test_columns_of_large_numbers_count_no_more_where_they_are_standardised(rng):
    vectors, group = groups(rng, scale=1e5)
    vectors[:, 0] = 1e5 * rng.standard_normal(len(vectors))
    vectors[:, 1] = 3.0  # never varies
    assert purity(maps.coordinates(vectors, standardise=True, seed=1), group) > 0.9


@pytest.mark.parametrize("shape", [(5, 1), (6, 3), (7, 200)])
def test_few_items_and_few_columns_have_a_map(rng, shape):
    assert np.isfinite(maps.coordinates(rng.standard_normal(shape).astype(np.float32), standardise=True, seed=1)).all()


def test_what_is_all_alike_is_at_one_place():
    for standardise in (True, False):
        assert not maps.coordinates(np.ones((8, 3), np.float32), standardise=standardise, seed=1).any()


def test_too_few_items_are_refused():
    with pytest.raises(TartarusError, match="a map of 4 items: it takes 5 at least"):
        maps.coordinates(np.eye(4, dtype=np.float32), standardise=False, seed=1)


def test_of_too_many_items_some_are_drawn_and_their_vectors_read(tmp_path: Path, rng, monkeypatch):
    assert maps.chosen(9, seed=1, most=9).tolist() == list(range(9))
    drawn = maps.chosen(100, seed=1, most=30)
    assert len(set(drawn.tolist())) == 30
    assert (np.diff(drawn) > 0).all()
    np.testing.assert_array_equal(drawn, maps.chosen(100, seed=1, most=30))
    whole, files = rng.standard_normal((100, 4)).astype(np.float32), {}
    for set_, part in {"train": slice(0, 70), "val": slice(70, 71), "test": slice(71, 100)}.items():
        files[set_] = tmp_path / f"X_{set_}_mine_SONGS.npz"
        store.write_vectors(files[set_], whole[part], [f"S{n}" for n in range(100)[part]], {"kind": "mine"})
    monkeypatch.setattr("tartarus.use.embeddings.BLOCK", 16 * 13)  # blocks of 13 rows
    for numbers in (drawn, np.arange(100), np.array([99])):
        np.testing.assert_array_equal(maps.vectors_of(Embeddings(files), numbers), whole[numbers])
