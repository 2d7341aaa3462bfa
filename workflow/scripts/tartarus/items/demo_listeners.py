"""Who plays which tracks of DEMO: listeners love tracks of one genre, about two topics, about as bright as they like.

Every play is of a track drawn by chance, in proportion to its weight for the listener: integers, whose sums are the
same on every machine. So what is loved is played again and again.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from tartarus.items import demo_tracks
from tartarus.items.demo_tracks import Row

PLAYS = 30  # of each listener, of the same track or not
TOPICS_LOVED = 2  # of the eight: about as many of all tracks as are as bright as a listener likes
BREADTH = 16  # of brightness: from what a listener likes best to what is not loved any more
_LOVED, _LIKED, _TRIED = (
    150,
    50,
    1,
)  # weights; the first two are for each step of brightness that is left of the breadth


def plays(table: Sequence[Row], *, listeners: int, seed: int) -> list[Row]:
    """Let listeners play tracks: each loves one genre and likes another, of two topics and some brightness.

    One play in thirty or so is of anything.

    Parameters
    ----------
    table : sequence of dict
        The rows of items.tsv.
    listeners, seed : int
        How many; of the random choices.

    Returns
    -------
    list of dict
        The rows of plays.tsv: user, item, count.
    """
    genres = np.array([demo_tracks.GENRES.index(row["genre"]) for row in table])
    topics = np.array([demo_tracks.TOPICS.index(demo_tracks.topic(row["id"], seed=seed)) for row in table])
    bright = np.array([demo_tracks.brightness(row["album"], seed=seed) for row in table])
    played: list[Row] = []
    for listener in range(listeners):
        rng = demo_tracks.rng_of(f"listener {listener}", seed=seed)
        loved, liked = rng.permutation(len(demo_tracks.GENRES))[:2]
        closeness = np.maximum(BREADTH - np.abs(bright - rng.integers(demo_tracks.BRIGHTEST + 1)), 0)
        closeness[~np.isin(topics, rng.permutation(len(demo_tracks.TOPICS))[:TOPICS_LOVED])] = 0
        weights = closeness * (_LOVED * (genres == loved) + _LIKED * (genres == liked)) + _TRIED
        until = np.cumsum(weights)
        chosen = np.searchsorted(until, rng.integers(until[-1], size=PLAYS), side="right")
        for place, count in sorted(Counter(chosen.tolist()).items()):
            played.append({"user": f"U{listener + 1:03d}", "item": table[place]["id"], "count": str(count)})
    return played
