"""Colours: what a practitioner would measure of a cover first, as plain methods like it.

The cover is seen from afar, as 8 x 8 patches of one colour each; and its pixels are counted by colour, wherever they
are: 4 x 4 x 4 colours, by equal quarters of red, green and blue.
"""

from pathlib import Path

import numpy as np
from tartarus.features.store import open_features, write_vectors
from tartarus.plan.feature_kinds import SHADES, TILES

BLOCK = 64  # pictures in memory at a time
MOST = 255  # of a value of 8 bits


def colours(pictures: np.ndarray) -> np.ndarray:
    """Measure the colours of pictures.

    Parameters
    ----------
    pictures : np.ndarray [shape=(n, pixels, pixels, 3)], uint8
        Red, green and blue; at least 8 pixels a side.

    Returns
    -------
    np.ndarray [shape=(n, 256)], float32, in [0, 1]
        First 192 means, of 8 x 8 tiles row by row, of each red, green and blue; 1 is 255. Tile k of a side has the
        pixels from k * pixels // 8 on. Then 64 shares of the pixels whose red, green and blue are in the same quarters
        of 0 to 255; their sum is 1. Red, the slowest, counts 16, green 4 and blue 1: share 63 is of what is bright.
    """
    count, pixels = pictures.shape[:2]
    begins = np.arange(TILES) * pixels // TILES
    sides = np.diff(begins, append=pixels)
    sums = np.add.reduceat(np.add.reduceat(pictures, begins, axis=1, dtype=np.int64), begins, axis=2)
    means = sums / (np.outer(sides, sides)[..., None] * MOST)
    quarters = pictures.astype(np.int64) * SHADES // (MOST + 1)
    kinds = (quarters @ [SHADES**2, SHADES, 1]).reshape(count, pixels**2)
    shares = [np.bincount(of_one, minlength=SHADES**3) / pixels**2 for of_one in kinds]
    return np.concatenate(
        [means.reshape(count, TILES**2 * 3), np.reshape(shares, (count, SHADES**3))], axis=1, dtype=np.float32
    )


def write_set(path: str | Path, pictures: str | Path) -> None:
    """Measure the colours of a set's pictures.

    Parameters
    ----------
    path : str or Path
        The vectors to write.
    pictures : str or Path
        As made by `covers.write_set`: the same items, in the same order.
    """
    with open_features(pictures) as source:
        rows = np.arange(len(source.index))
        found = [colours(source.rows(rows[first : first + BLOCK])) for first in range(0, max(len(rows), 1), BLOCK)]
        write_vectors(path, np.concatenate(found), source.index.tolist(), {**source.signature, "kind": "colours"})
