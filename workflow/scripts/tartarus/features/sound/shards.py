"""Reading the spectrograms of a shard: `features` of all tracks, one after another, `index` and `start`."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import h5py
import numpy as np
from tartarus.base.errors import TartarusError
from tartarus.base.hdf5 import Hdf5File
from tartarus.items.tables import Item

# Of each track: the dataset that it is in, its first frame, and the one after its last.
Places = dict[str, tuple[h5py.Dataset, int, int]]


@contextmanager
def open_shards(paths: Iterable[str | Path]) -> Iterator[Places]:
    """Open shards and tell where every track is."""
    with ExitStack() as stack:
        files = [stack.enter_context(Hdf5File(path)) for path in paths]
        places = {}
        for file in files:
            features, start = file.dataset("features"), file.dataset("start")[:].tolist()
            for number, id_ in enumerate(file.ids().tolist()):
                places[id_] = (features, start[number], start[number + 1])
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
                    features, begin, end = places[item.id]
                    found[class_] = (item.id, features[begin:end])
                    break
    if not found:
        raise TartarusError(f"{', '.join(map(str, paths))}: no track; see data/spectrograms/tracks_*.tsv")
    return found
