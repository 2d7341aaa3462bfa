"""The covers of DEMO's albums: shapes, which the genre sets, on a ground as light as the album sounds bright."""

import numpy as np
from tartarus.items import demo_tracks

COVER_PIXELS = 64

_COVER = {"disco": "discs", "house": "stripes", "rock": "squares", "ambient": "squares"}
_TINT = {"discs": 0, "stripes": 2, "squares": 1}  # red, blue, green


def cover(genre: str, album: str, *, seed: int) -> np.ndarray:
    """Draw a cover.

    Returns
    -------
    np.ndarray [shape=(64, 64, 3)], uint8
        Red, green, blue.
    """
    rng = demo_tracks.rng_of(f"cover {album}", seed=seed)
    pixels = np.empty((COVER_PIXELS, COVER_PIXELS, 3), np.uint8)
    pixels[:] = demo_tracks.brightness(album, seed=seed) * 6 // 5 + rng.integers(12, size=3)
    y, x = np.mgrid[:COVER_PIXELS, :COVER_PIXELS]
    for _ in range(6):
        colour = rng.integers(100, 256, size=3)
        # Twenty-four covers teach a network the shapes only if their colours say something too.
        colour[np.arange(3) != _TINT[_COVER[genre]]] //= 2
        across, down = rng.integers(COVER_PIXELS, size=2)
        size = int(rng.integers(5, 14))
        shape = _COVER[genre]
        if shape == "discs":
            inside = (x - across) ** 2 + (y - down) ** 2 < size * size
        elif shape == "stripes":
            inside = (x - across) ** 2 < size
        else:
            inside = (np.abs(x - across) < size) & (np.abs(y - down) < size)
        pixels[inside] = colour
    return pixels
