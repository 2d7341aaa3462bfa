"""From spectrograms to patches of equal length, some for each item, in one HDF5 file for each set."""

import itertools
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from tartarus.base.errors import TartarusError
from tartarus.base.files import replacing
from tartarus.base.hashing import stable_hash
from tartarus.base.hdf5 import encode_ids
from tartarus.base.logs import log, progress
from tartarus.features.sound.shards import places_in, read_spectrograms
from tartarus.plan.feature_kinds import frames_of

_BLOCK = 1 << 26  # bytes of patches in memory at a time


def offsets(total: int, frames: int, count: int, *, how: str, id_: str, seed: int) -> np.ndarray:
    """Choose where the patches of an item begin.

    Parameters
    ----------
    total, frames : int
        Length of the spectrogram and of a patch, in frames.
    count : int
        How many patches.
    how : str
        ``random``: seeded by the id, so that no item depends on the others; ``even``: evenly spaced from
        the beginning to the end.
    id_ : str
        The item.
    seed : int
        Of the random offsets.

    Returns
    -------
    np.ndarray [shape=(count,)], int, values in [0, max(0, total - frames)]
    """
    last = max(0, total - frames)
    if how == "even":
        return np.round(np.linspace(0, last, count)).astype(int)
    rng = np.random.Generator(np.random.PCG64(stable_hash(f"patches {id_}", seed=seed)))
    return rng.integers(0, last + 1, size=count)


def windows(total: int, frames: int, *, trim: float, hop: float) -> np.ndarray:
    """Choose where windows begin over the length of a track of which nothing is known: all that is between its ends.

    Source: Oramas et al. 2018 (the original's prediction): 15 % trimmed at both ends, half a window from each to the
    next.

    Parameters
    ----------
    total, frames : int
        Length of the spectrogram and of a window, in frames.
    trim : float, in [0, 0.5)
        The share that is left out at both ends; where less than a window would be left, the middle is taken.
    hop : float, above 0
        From one window to the next, in windows.

    Returns
    -------
    np.ndarray [shape=(n_windows,)], int
        One at least. It is 0 where the track is shorter than a window, which is then padded.
    """
    first, last = round(trim * total), total - round(trim * total) - frames
    if last <= first:
        return np.array([max(0, (total - frames) // 2)])
    return np.arange(first, last + 1, max(1, round(hop * frames)))


def cut(spectrogram: np.ndarray, begin: int, frames: int, *, pad: str) -> np.ndarray:
    """Cut a patch [shape=(frames, n_bins)] out of a spectrogram.

    Where that is too short, `pad` says what stands behind its end: its lowest value (``floor``), or ``zero``, which is
    the loudest value of a spectrogram: so did the original.
    """
    value = 0 if pad == "zero" else spectrogram.min(initial=0)
    patch = np.full((frames, spectrogram.shape[1]), value, np.float32)
    piece = spectrogram[begin : begin + frames]
    patch[: len(piece)] = piece
    return patch


def write_patches(
    path: str | Path,
    ids: Sequence[str],
    shards: Iterable[str | Path],
    options: dict[str, Any],
    *,
    count: int,
    seconds: float,
    how: str,
    pad: str,
    seed: int,
) -> None:
    """Cut the patches of a set.

    Parameters
    ----------
    path : str or Path
        The HDF5 file to write: `features` [n_items * count, 1, n_frames, n_bins], `index`, and if there are any
        `padded`, the items that are shorter than a patch.
    ids : sequence of str
        The items of the set. Those without a spectrogram are left out.
    shards : iterable of str or Path
        The spectrograms of the set.
    options : dict
        What the spectrograms depend on, and nothing else: it goes into the signature.
    count, seconds : int
        Patches of an item, and their length.
    how, seed
        As in `offsets`.
    pad : str
        As in `cut`.

    Raises
    ------
    TartarusError
        If no item of the set has a spectrogram, one is not finite, or a patch is shorter than a frame.
    """
    frames = frames_of(seconds, options)
    if frames < 1:
        raise TartarusError(f"{path}: {seconds} s are less than a frame; ask for longer patches, or lower audio: hop")
    places = places_in(shards)
    kept = [id_ for id_ in ids if id_ in places]
    if not kept:
        raise TartarusError(f"{path}: no track of this set could be read; see data/spectrograms/tracks_*.tsv")
    shape = (len(kept) * count, 1, frames, places[kept[0]].bins)
    # The rows are in the order of ids, which goes back and forth between shards: those of a block are gathered first.
    block = max(1, _BLOCK // (4 * count * math.prod(shape[1:])))

    def patches_of(ids: Sequence[str]) -> Iterator[np.ndarray]:
        gathered = {}
        for id_, spectrogram in read_spectrograms(places[id_] for id_ in ids):
            begins = offsets(len(spectrogram), frames, count, how=how, id_=id_, seed=seed)
            gathered[id_] = np.stack([cut(spectrogram, at, frames, pad=pad) for at in begins])
        return map(gathered.pop, ids)

    with replacing(path) as part, h5py.File(part, "w") as file:
        features = file.create_dataset("features", shape, "f4", chunks=(1, *shape[1:]))
        blocks = (patches_of(kept[first : first + block]) for first in range(0, len(kept), block))
        patches = itertools.chain.from_iterable(blocks)
        for row, own in enumerate(progress(patches, total=len(kept), what="patches")):
            features[row * count : (row + 1) * count, 0] = own
        padded = [id_ for id_ in kept if places[id_].frames < frames]
        if padded:
            log.warning("%d items are shorter than a patch and padded, the first is %s", len(padded), padded[0])
            file["padded"] = encode_ids(padded)
        file["index"] = np.repeat(encode_ids(kept), count)
        file.attrs["signature"] = json.dumps({**options, "frames": frames}, sort_keys=True)
