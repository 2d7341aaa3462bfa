"""Reading the spectrograms of a shard: `features` of all tracks, one after another, `index` and `start`."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
from tartarus.base.errors import REMEDY, TartarusError, telling_damage
from tartarus.base.hdf5 import Hdf5File
from tartarus.items.tables import Item


@dataclass(frozen=True)
class Place:
    """Where the spectrogram of a track is.

    Attributes
    ----------
    path : Path
        Of the shard.
    id : str
        The track.
    features : h5py.Dataset [shape=(n_frames_of_all, n_bins)]
        The spectrograms of the shard.
    begin, end : int
        Its first frame, and the one after its last.
    """

    path: Path
    id: str
    features: h5py.Dataset
    begin: int
    end: int

    @property
    def frames(self) -> int:
        """Tell how long it is."""
        return self.end - self.begin

    @property
    def bins(self) -> int:
        """Tell how many bins it has."""
        return int(self.features.shape[1])

    def read(self) -> np.ndarray:
        """Read the spectrogram [shape=(n_frames, n_bins)]; TartarusError if it is damaged or not finite."""
        with telling_damage(self.path, f"the spectrogram of '{self.id}' cannot be read", REMEDY):
            found: np.ndarray = self.features[self.begin : self.end]
        if not np.isfinite(found).all():
            raise TartarusError(f"{self.path}: the spectrogram of '{self.id}' is not finite; {REMEDY}")
        return found


@contextmanager
def open_shards(paths: Iterable[str | Path]) -> Iterator[dict[str, Place]]:
    """Open shards and tell where every track is."""
    with ExitStack() as stack:
        places = {}
        for file in [stack.enter_context(Hdf5File(path)) for path in paths]:
            features, ids = file.dataset("features"), file.ids().tolist()
            with telling_damage(file.path, "its tracks have no places", REMEDY):
                start = file.dataset("start")[:].astype(np.int64)
                if features.ndim != 2 or start.shape != (len(ids) + 1,) or (np.diff(start) < 0).any() or start[0] < 0:
                    raise ValueError(f"{start.shape} places for {len(ids)} ids in {features.shape}")
                if start[-1] > len(features):
                    raise ValueError(f"frame {start[-1]} of {len(features)}")
            for number, id_ in enumerate(ids):
                places[id_] = Place(file.path, id_, features, int(start[number]), int(start[number + 1]))
        yield places


def first_of_each_class(
    paths: Iterable[str | Path], items: Sequence[Item], classes: Sequence[str]
) -> dict[str, tuple[str, np.ndarray]]:
    """Read the spectrogram of the first track of each class: class to (id, [shape=(n_frames, n_bins)]).

    Raises
    ------
    TartarusError
        If no track is there.
    """
    found = {}
    with open_shards(paths) as places:
        for class_ in classes:
            for item in items:
                if class_ in item.labels and item.id in places:
                    found[class_] = (item.id, places[item.id].read())
                    break
    if not found:
        raise TartarusError(f"{', '.join(map(str, paths))}: no track; see data/spectrograms/tracks_*.tsv")
    return found
