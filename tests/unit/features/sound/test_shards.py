"""Reading the spectrograms of shards."""

from pathlib import Path

import h5py
import numpy as np
import pytest
from tartarus.base.errors import TartarusError
from tartarus.features.sound.shards import first_of_each_class, places_in, read_spectrograms
from tartarus.items.item_tables import Item


@pytest.fixture
def shards(tmp_path: Path) -> list[Path]:
    """Two shards of three tracks whose frames are numbered through."""
    paths = []
    for name, index, start, first in (("a", ["S1", "S2"], [0, 3, 5], 0), ("b", ["S3"], [0, 4], 5)):
        path = tmp_path / f"{name}.hdf5"
        with h5py.File(path, "w") as file:
            file["features"] = np.repeat(np.arange(first, first + start[-1])[:, None], 2, axis=1).astype("f4")
            file["index"] = np.array(index, dtype=bytes)
            file["start"] = start
        paths.append(path)
    return paths


def test_every_track_is_found_where_it_is(shards: list[Path]) -> None:
    places = places_in(shards)
    assert (places["S2"].frames, places["S2"].bins) == (2, 2)
    # In whatever order they are asked for: a shard is opened once.
    found = [
        (id_, values[:, 0].tolist()) for id_, values in read_spectrograms(places[id_] for id_ in ("S3", "S2", "S1"))
    ]
    assert found == [("S1", [0, 1, 2]), ("S2", [3, 4]), ("S3", [5, 6, 7, 8])]


def test_one_shard_is_open_at_a_time(shards: list[Path]) -> None:
    def opened() -> set[str]:
        links = [link for link in Path("/proc/self/fd").iterdir() if link.exists()]
        return {link.readlink().name for link in links if link.readlink().suffix == ".hdf5"}

    places = places_in(shards)
    assert opened() == set()
    assert [opened() for _ in read_spectrograms(places.values())] == [{"a.hdf5"}, {"a.hdf5"}, {"b.hdf5"}]
    assert opened() == set()


def test_the_first_readable_track_of_each_class_is_shown(shards: list[Path]) -> None:
    items = [
        Item("S0", "train", ("rock",), {}),  # not in a shard
        Item("S3", "train", ("pop",), {}),
        Item("S2", "train", ("rock", "pop"), {}),
    ]
    found = first_of_each_class(shards, items, ["pop", "rock", "folk"])
    assert {class_: (id_, values[:, 0].tolist()) for class_, (id_, values) in found.items()} == {
        "pop": ("S3", [5, 6, 7, 8]),
        "rock": ("S2", [3, 4]),
    }


def test_shards_without_any_track_are_named(shards: list[Path]) -> None:
    with pytest.raises(TartarusError, match=r"a\.hdf5, .*b\.hdf5: no track; see data/spectrograms/tracks_"):
        first_of_each_class(shards, [Item("S0", "train", ("rock",), {})], ["rock"])


@pytest.mark.parametrize(
    ("start", "message"),
    [
        ([0, 3], "places for 2 ids"),
        ([0, 3, 2], "places for 2 ids"),
        ([0, 3, 50], "frame 50 of 5"),
        ([-1, 3, 5], "places"),
    ],
)
def test_places_that_are_none_are_named(shards: list[Path], start: list[int], message: str) -> None:
    with h5py.File(shards[0], "r+") as file:
        del file["start"]
        file["start"] = start
    with pytest.raises(TartarusError, match=rf"a\.hdf5: its tracks have no places .*{message}"):
        places_in(shards)


def test_a_spectrogram_that_is_not_finite_is_named(shards: list[Path]) -> None:
    with h5py.File(shards[0], "r+") as file:
        file["features"][4, 1] = np.nan
    found = read_spectrograms(places_in(shards).values())
    assert next(found)[1].shape == (3, 2)
    with pytest.raises(TartarusError, match=r"a\.hdf5: the spectrogram of 'S2' is not finite; delete it"):
        next(found)
