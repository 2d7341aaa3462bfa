"""Which tracks are in which shard of their set: so that a new track costs one shard, however many there are.

A shard is a number and a modulus: it holds the tracks whose hash leaves that number when divided by the modulus. Where
so many shards are wanted, that is the modulus of all. Else they become more with the tracks: a shard with more than
`MOST` is parted in two by the next bit of the hashes, so that `0 mod 1` becomes `0 mod 2` and `1 mod 2`.

So a shard is parted or not by its own tracks alone. A new track changes the shard that it is in, which may
have to be parted, and no other; the order of the tracks means nothing. Shards have half of `MOST` tracks to all of it,
250 on average. (Of shards of equal size in the order of rows, all would change when the table is sorted; of a number
that follows from that of the tracks, as the modulus of all, all would change with it; linear hashing, which parts them
in turn, would part another shard than that of the new track.)
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from tartarus.base.hashing import stable_hash

MOST = 350
AUTO = "auto"


T = TypeVar("T")


@dataclass(frozen=True)
class Shard(Generic[T]):
    """A part of the tracks of a set.

    Attributes
    ----------
    modulus : int
        With its number, what says which tracks are in it: those with ``stable_hash(id) % modulus == number``.
    tracks : list
        Those tracks.
    """

    modulus: int
    tracks: list[T]


def part(tracks: Mapping[str, T], wanted: int | str) -> dict[int, Shard[T]]:
    """Part the tracks of a set into shards.

    Parameters
    ----------
    tracks : mapping
        Id to track.
    wanted : int or str
        How many shards; or ``auto``: as many as it takes for each to have at most `MOST` tracks.

    Returns
    -------
    dict
        Number to shard, by number. At least one; a shard may be empty.

    Examples
    --------
    >>> part({"S1": "a.wav", "S2": "b.wav"}, "auto")
    {0: Shard(modulus=1, tracks=['a.wav', 'b.wav'])}
    >>> {number: shard.modulus for number, shard in part({}, 3).items()}
    {0: 3, 1: 3, 2: 3}
    """
    first, most = (1, MOST) if wanted == AUTO else (int(wanted), len(tracks))
    all_, hashes = list(tracks.values()), np.fromiter(map(stable_hash, tracks), np.uint64, len(tracks))
    waiting = [(number, first, np.flatnonzero(hashes % np.uint64(first) == number)) for number in range(first)]
    shards = {}
    while waiting:
        number, modulus, own = waiting.pop()
        if len(own) <= most:
            shards[number] = Shard(modulus, [all_[place] for place in own.tolist()])
        else:
            # The modulus is a power of two, and its bit the next.
            bits = hashes[own] & np.uint64(modulus) != 0
            waiting += [(number, 2 * modulus, own[~bits]), (number + modulus, 2 * modulus, own[bits])]
    return dict(sorted(shards.items()))
