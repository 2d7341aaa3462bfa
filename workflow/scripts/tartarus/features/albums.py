"""From tracks to albums: the mean of the vectors of an album's tracks."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from tartarus.base.arrays import write_in_blocks
from tartarus.base.errors import TartarusError
from tartarus.base.logs import log
from tartarus.features.store import Vectors, described
from tartarus.items.tables import read_rows

ALBUMS_AT_ONCE = 512


def read(path: str | Path) -> dict[str, str]:
    """Read the album of every track from a table with the columns `id` and `album`."""
    return {row["id"]: row["album"] for row in read_rows(path)}


def write_means(path: str | Path, tracks: Vectors, album_of: Mapping[str, str], index: Sequence[str]) -> None:
    """Write the mean of the vectors of each album's tracks.

    Parameters
    ----------
    path : str or Path
        The features of the albums, to be written.
    tracks : Vectors
        The features of the tracks of one set.
    album_of : mapping
        Track to album.
    index : sequence of str
        The albums of that set, in order. Those without any track are left out.

    Raises
    ------
    TartarusError
        If no album has a track.
    """
    rows: dict[str, list[int]] = {}
    for row, id_ in enumerate(tracks.index.tolist()):
        rows.setdefault(album_of.get(id_, ""), []).append(row)
    kept = [id_ for id_ in index if id_ in rows]
    if not kept:
        raise TartarusError(f"{tracks.path}: none of its tracks is of an album of this set; check the table of albums")
    if len(kept) < len(index):
        log.warning("%s: %d of %d albums have no track and are left out", path, len(index) - len(kept), len(index))

    def blocks() -> Iterator[np.ndarray]:
        for first in range(0, len(kept), ALBUMS_AT_ONCE):
            albums = kept[first : first + ALBUMS_AT_ONCE]
            yield np.stack([tracks.rows(np.array(rows[album])).mean(axis=0, dtype=np.float64) for album in albums])

    shape = (len(kept), *tracks.shape)
    signature = {**tracks.signature, "mean": "albums"}
    write_in_blocks(path, "features", shape, np.float32, blocks(), **described(kept, signature))
