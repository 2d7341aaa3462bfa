"""Reading the spectrograms of shards: `features` of all tracks, one after another, `index` and `start`.

There may be hundreds of shards, and an open one takes megabytes: one is open at a time.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tartarus.base.errors import REMEDY, TartarusError, telling_damage
from tartarus.base.hdf5 import Hdf5File
from tartarus.base.lists import shortened
from tartarus.items.item_tables import Item


@dataclass(frozen=True, slots=True)
class Place:
    """Where the spectrogram of a track is.

    Attributes
    ----------
    path : Path
        Of the shard.
    id : str
        The track.
    begin, end : int
        Its first frame, and the one after its last.
    bins : int
        How many bins its spectrogram has.
    """

    path: Path
    id: str
    begin: int
    end: int
    bins: int

    @property
    def frames(self) -> int:
        """Tell how long it is."""
        return self.end - self.begin


def places_in(paths: Iterable[str | Path]) -> dict[str, Place]:
    """Tell where every track of some shards is; TartarusError if a shard is damaged."""
    places = {}
    for path in paths:
        with Hdf5File(path) as file:
            features, ids = file.dataset("features"), file.ids().tolist()
            with telling_damage(file.path, "its tracks have no places", REMEDY):
                start = file.dataset("start")[:].astype(np.int64)
                if features.ndim != 2 or start.shape != (len(ids) + 1,) or (np.diff(start) < 0).any() or start[0] < 0:
                    raise ValueError(f"{start.shape} places for {len(ids)} ids in {features.shape}")
                if start[-1] > len(features):
                    raise ValueError(f"frame {start[-1]} of {len(features)}")
            for id_, (begin, end) in zip(ids, itertools.pairwise(start.tolist()), strict=True):
                places[id_] = Place(file.path, id_, begin, end, int(features.shape[1]))
    return places


def read_spectrograms(places: Iterable[Place]) -> Iterator[tuple[str, np.ndarray]]:
    """Read the spectrograms of some tracks, shard by shard.

    Yields
    ------
    id : str
        The track.
    spectrogram : np.ndarray [shape=(n_frames, n_bins)]

    Raises
    ------
    TartarusError
        If one is damaged or not finite.
    """
    for path, own in itertools.groupby(
        sorted(places, key=lambda place: (place.path, place.begin)), lambda its: its.path
    ):
        with Hdf5File(path) as file:
            features = file.dataset("features")
            for place in own:
                with telling_damage(path, f"the spectrogram of '{place.id}' cannot be read", REMEDY):
                    found: np.ndarray = features[place.begin : place.end]
                if not np.isfinite(found).all():
                    raise TartarusError(f"{path}: the spectrogram of '{place.id}' is not finite; {REMEDY}")
                yield place.id, found


def first_of_each_class(
    paths: Iterable[str | Path], items: Sequence[Item], classes: Sequence[str]
) -> dict[str, tuple[str, np.ndarray]]:
    """Read the spectrogram of the first track of each class: class to (id, [shape=(n_frames, n_bins)]).

    Raises
    ------
    TartarusError
        If no track is there.
    """
    places = places_in(paths)
    firsts: dict[str, str] = {}
    for item in items:
        if item.id in places:
            for label in item.labels:
                firsts.setdefault(label, item.id)
    if not firsts.keys() & set(classes):
        named = ", ".join(shortened(map(str, paths)))
        raise TartarusError(f"{named}: no track; see data/spectrograms/tracks_*.tsv")
    shown = {class_: firsts[class_] for class_ in classes if class_ in firsts}
    read = dict(read_spectrograms(places[id_] for id_ in set(shown.values())))
    return {class_: (id_, read[id_]) for class_, id_ in shown.items()}
