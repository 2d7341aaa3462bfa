"""Patches that are drawn anew from their spectrograms in every epoch, in the place of those that were cut once.

A network that sees other parts of a track each time has more to learn from, without more on the disk.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from tartarus.base.errors import REMEDY, TartarusError, telling_damage
from tartarus.base.hdf5 import Hdf5File
from tartarus.features.sound.patches import cut
from tartarus.features.sound.shards import Place, places_in
from tartarus.features.store import Features

_OPEN = 16  # shards at a time: each takes megabytes, and there may be hundreds


class Redrawn:
    """Patches of the same items, in the same rows, as those of a file, but from elsewhere in their tracks.

    Until `draw` is called its rows are those of the file. See `tartarus.features.store.Features`.

    Parameters
    ----------
    fixed : Features
        Patches that were cut once.
    shards : iterable of str or Path
        The spectrograms that it was cut from.
    pad : str
        As in `patches.cut`.

    Raises
    ------
    TartarusError
        If the spectrograms are not those of the patches.
    """

    def __init__(self, fixed: Features, shards: Iterable[str | Path], *, pad: str) -> None:
        self.path, self.index, self.signature, self.shape = fixed.path, fixed.index, fixed.signature, fixed.shape
        self._fixed, self._pad, self._frames = fixed, pad, fixed.shape[1]
        found = places_in(shards)
        ids = self.index.tolist()
        missing = next((id_ for id_ in ids if id_ not in found), None)
        if missing is not None or {found[id_].bins for id_ in ids} != {fixed.shape[2]}:
            raise TartarusError(
                f"{self.path}: not cut from the spectrograms that are there ('{missing or ids[0]}'); {REMEDY}"
            )
        self._places = [found[id_] for id_ in ids]
        self._lasts = np.array([max(0, place.frames - self._frames) for place in self._places])
        self._begins: np.ndarray | None = None
        self._open: OrderedDict[Path, tuple[Hdf5File, h5py.Dataset]] = OrderedDict()

    def draw(self, seed: int, epoch: int) -> None:
        """Draw where the patches of an epoch begin: wherever a whole one fits, or at the start of a shorter track."""
        rng = np.random.Generator(np.random.PCG64([seed, epoch, self._frames]))
        self._begins = rng.integers(0, self._lasts + 1)

    def rows(self, numbers: np.ndarray) -> np.ndarray:
        """Cut rows."""
        if self._begins is None:
            return self._fixed.rows(numbers)
        return np.stack([self._cut(self._places[row], int(self._begins[row])) for row in numbers])

    def _cut(self, place: Place, begin: int) -> np.ndarray:
        with telling_damage(place.path, f"the spectrogram of '{place.id}' cannot be read", REMEDY):
            spectrogram = self._features(place.path)
            first = place.begin + begin
            piece = spectrogram[first : min(first + self._frames, place.end)]
        if not np.isfinite(piece).all():
            raise TartarusError(f"{place.path}: the spectrogram of '{place.id}' is not finite; {REMEDY}")
        return cut(piece, 0, self._frames, pad=self._pad)[None]

    def _features(self, path: Path) -> h5py.Dataset:
        """Give the spectrograms of a shard; those that were used last stay open."""
        if path not in self._open:
            while len(self._open) >= _OPEN:
                self._open.popitem(last=False)[1][0].close()
            file = Hdf5File(path)
            self._open[path] = (file, file.dataset("features"))
        self._open.move_to_end(path)
        return self._open[path][1]


def redrawn(features: Sequence[Features], shards: Sequence[str | Path], *, pad: str) -> list[Any]:
    """Let patches, the only input of their network, be drawn anew; without spectrograms all stay as they are."""
    if not shards:
        return list(features)
    (fixed,) = features
    if len(fixed.shape) != len(("channel", "frames", "bins")):
        raise ValueError(f"{fixed.path}: no patches")
    return [Redrawn(fixed, shards, pad=pad)]
