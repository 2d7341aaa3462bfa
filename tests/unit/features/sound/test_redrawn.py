"""Patches that are drawn anew: where they begin, what is in them, what is refused."""

from pathlib import Path

import h5py
import numpy as np
import pytest
from tartarus.base.errors import TartarusError
from tartarus.base.hdf5 import encode_ids
from tartarus.features.sound import patches, redrawn
from tartarus.features.store import open_features

FRAMES, BINS, COUNT = 10, 4, 3
OPTIONS = {"sample_rate": 10, "hop": 1, "type": "mel"}
# Ids, lengths and shards of the tracks; one is shorter than a patch.
LENGTHS = {"a": 40, "b": 7, "c": 10, "d": 25}
SHARDS = {"one": ["a", "b"], "two": ["c", "d"]}


def spectrogram(id_: str) -> np.ndarray:
    """Make a spectrogram in which a cell tells its track, its frame and its bin."""
    cells = np.arange(LENGTHS[id_] * BINS, dtype=np.float32).reshape(-1, BINS)
    return cells + 1000 * (1 + list(LENGTHS).index(id_))


@pytest.fixture
def shards(tmp_path: Path) -> list[Path]:
    paths = []
    for name, ids in SHARDS.items():
        paths.append(tmp_path / f"{name}.hdf5")
        with h5py.File(paths[-1], "w") as file:
            file["features"] = np.concatenate([spectrogram(id_) for id_ in ids])
            file["index"] = encode_ids(ids)
            file["start"] = np.cumsum([0, *(LENGTHS[id_] for id_ in ids)])
    return paths


@pytest.fixture
def fixed(tmp_path: Path, shards: list[Path]):
    path = tmp_path / "patches_train_SONGS_3_1.hdf5"
    # Back and forth between the shards.
    patches.write_patches(
        path, ["d", "a", "c", "b"], shards, OPTIONS, count=COUNT, seconds=1, how="even", pad="floor", seed=1
    )
    with open_features(path) as features:
        yield features


def test_until_they_are_drawn_patches_are_those_of_the_file(fixed, shards) -> None:
    drawn = redrawn.Redrawn(fixed, shards, pad="floor")
    everything = np.arange(len(fixed.index))
    np.testing.assert_array_equal(drawn.rows(everything), fixed.rows(everything))
    assert (drawn.shape, drawn.signature) == (fixed.shape, fixed.signature)
    assert drawn.index.tolist() == fixed.index.tolist()


def test_patches_are_cut_from_their_own_tracks_at_whole_places(fixed, shards) -> None:
    drawn = redrawn.Redrawn(fixed, shards, pad="floor")
    begins: dict[str, set[int]] = {id_: set() for id_ in LENGTHS}
    for epoch in range(60):
        drawn.draw(5, epoch)
        order = np.random.default_rng(epoch).permutation(len(drawn.index))
        for id_, row in zip(drawn.index[order], drawn.rows(order), strict=True):
            whole = spectrogram(id_)
            begin = int(row[0, 0, 0] - whole[0, 0]) // BINS
            begins[id_].add(begin)
            np.testing.assert_array_equal(row[0], patches.cut(whole, begin, FRAMES, pad="floor"))
    # Wherever a whole patch fits, the ends included.
    assert {id_: (min(its), max(its)) for id_, its in begins.items()} == {
        "a": (0, 30),
        "b": (0, 0),
        "c": (0, 0),
        "d": (0, 15),
    }


def test_what_is_drawn_depends_on_the_seed_and_the_epoch_alone(fixed, shards) -> None:
    def rows(seed: int, epoch: int, *before: int) -> np.ndarray:
        drawn = redrawn.Redrawn(fixed, shards, pad="zero")
        for number in before:
            drawn.draw(seed, number)
            drawn.rows(np.array([0]))
        drawn.draw(seed, epoch)
        return drawn.rows(np.arange(len(drawn.index)))

    np.testing.assert_array_equal(rows(1, 3), rows(1, 3, 1, 2))
    assert (rows(1, 3) != rows(1, 4)).any()
    assert (rows(1, 3) != rows(2, 3)).any()


def test_few_shards_are_open_at_a_time(fixed, shards, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redrawn, "_OPEN", 1)
    narrow, wide = (redrawn.Redrawn(fixed, shards, pad="floor") for _ in range(2))
    everything = np.arange(len(fixed.index))
    for entry in (narrow, wide):
        entry.draw(2, 2)
    monkeypatch.setattr(redrawn, "_OPEN", 16)
    expected = wide.rows(everything)
    monkeypatch.setattr(redrawn, "_OPEN", 1)
    np.testing.assert_array_equal(narrow.rows(everything), expected)
    assert len(narrow._open) == 1


def test_spectrograms_of_other_tracks_are_refused(fixed, shards) -> None:
    with pytest.raises(TartarusError, match=r"patches_train_SONGS_3_1.hdf5: not cut from the spectrograms .* \('d'\)"):
        redrawn.Redrawn(fixed, shards[:1], pad="floor")


def test_a_spectrogram_that_is_not_finite_is_named(fixed, shards) -> None:
    with h5py.File(shards[1], "r+") as file:
        file["features"][3] = np.nan
    drawn = redrawn.Redrawn(fixed, shards, pad="floor")
    drawn.draw(1, 1)
    with pytest.raises(TartarusError, match="the spectrogram of 'c' is not finite"):
        drawn.rows(np.flatnonzero(drawn.index == "c"))


def test_without_spectrograms_features_stay_as_they_are(fixed, shards) -> None:
    assert redrawn.redrawn([fixed], [], pad=None) == [fixed]
    assert isinstance(redrawn.redrawn([fixed], shards, pad="floor")[0], redrawn.Redrawn)
