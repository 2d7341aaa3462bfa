"""The world behind the look-alike archives: what an item is, and what sound, words and pictures tell of it.

An item is a point of `DIMENSIONS` independent normal coordinates. They decide its genres and who listens to it.
Each modality sees some of the coordinates through noise of its own:

========  ================  ======================
modality  coordinates       deviation of the noise
========  ================  ======================
audio     12 to 42          0.5
text      0 to 33           0.4
visual    0 to 5, 34 to 47  0.8
========  ================  ======================

So any two tell more than either. Row r of everything random depends on the seed, on its name and on r alone: a
larger archive begins with the rows of a smaller one, but for what is shared out among groups.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from tartarus.base.hashing import stable_hash

DIMENSIONS = 48
VIEWS: dict[str, tuple[np.ndarray, float]] = {
    "audio": (np.arange(12, 43), 0.5),
    "text": (np.arange(34), 0.4),
    "visual": (np.r_[0:6, 34:48], 0.8),
}
GRID = 2.0**-18
_BLOCK = 1 << 20  # numbers drawn at once


def stream(seed: int, name: str) -> np.random.Generator:
    """Open the random numbers of a name."""
    return np.random.Generator(np.random.PCG64([seed, stable_hash(name)]))


def product(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Multiply matrices so that the last bit depends on neither threads nor processor.

    Both are rounded to multiples of `GRID`: entries below 16 and up to 256 summands stay within the 53 bits of
    float64, so that every sum is exact in whatever order it is formed.

    Returns
    -------
    np.ndarray [shape=(..., n_rows, n_columns)], float64
    """
    whole = np.round(left.astype(np.float64) / GRID) @ np.round(right.astype(np.float64) / GRID)
    return whole * GRID**2


def _blocks(columns: int, start: int, stop: int) -> Iterator[tuple[int, int, slice]]:
    """Cut rows [start, stop) at the borders of blocks: number of the block, its rows, those that are wanted."""
    rows = 1 << max(0, (_BLOCK // columns).bit_length() - 1)
    for number in range(start // rows, -(-stop // rows)):
        yield number, rows, slice(max(start - number * rows, 0), min(stop - number * rows, rows))


def normal_rows(seed: int, name: str, columns: int, start: int, stop: int) -> np.ndarray:
    """Draw rows [start, stop) of an endless table of standard normal numbers.

    Returns
    -------
    np.ndarray [shape=(stop - start, columns)], float32
    """
    drawn = [
        stream(seed, f"{name} {number}").standard_normal((wanted.stop, columns), np.float32)[wanted]
        for number, _, wanted in _blocks(columns, start, stop)
    ]
    return np.concatenate(drawn)


def uniform_rows(seed: int, name: str, columns: int, start: int, stop: int) -> np.ndarray:
    """Draw rows [start, stop) of an endless table of numbers [shape=(stop - start, columns)] in [0, 1), float32."""
    drawn = [
        stream(seed, f"{name} {number}").random((wanted.stop, columns), np.float32)[wanted]
        for number, _, wanted in _blocks(columns, start, stop)
    ]
    return np.concatenate(drawn)


@dataclass(frozen=True)
class Items:
    """Items of one kind, without end.

    Attributes
    ----------
    seed : int
        Of the archive.
    name : str
        For example ``MuMu-albums train``.
    """

    seed: int
    name: str

    def points(self, start: int, stop: int) -> np.ndarray:
        """Place items [start, stop) [shape=(stop - start, DIMENSIONS)], standard normal."""
        return normal_rows(self.seed, f"{self.name} points", DIMENSIONS, start, stop)

    def view(self, modality: str, start: int, stop: int, *, noise: float = 1.0, look: str = "") -> np.ndarray:
        """See items through a modality [shape=(stop - start, n_seen)].

        `noise` multiplies its noise; another `look` at the same items has another noise.
        """
        seen, deviation = VIEWS[modality]
        blur = self.normals(look or modality, len(seen), start, stop)
        return self.points(start, stop)[:, seen] + np.float32(noise * deviation) * blur

    def normals(self, what: str, columns: int, start: int, stop: int) -> np.ndarray:
        """Draw standard normal numbers for items [start, stop)."""
        return normal_rows(self.seed, f"{self.name} {what}", columns, start, stop)

    def uniforms(self, what: str, columns: int, start: int, stop: int) -> np.ndarray:
        """Draw numbers in [0, 1) for items [start, stop)."""
        return uniform_rows(self.seed, f"{self.name} {what}", columns, start, stop)

    def codes(self, prefix: str, length: int, start: int, stop: int) -> list[str]:
        """Make ids: a prefix and `length` random digits and capital letters."""
        alphabet = np.frombuffer(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", "S1")
        numbers = (self.uniforms("codes", length, start, stop) * 36).astype(np.intp)
        return [prefix + code.tobytes().decode() for code in alphabet[numbers]]

    def uuids(self, start: int, stop: int) -> list[str]:
        """Make ids like MusicBrainz's: 32 random hexadecimal digits in groups."""
        numbers = (self.uniforms("uuids", 32, start, stop) * 16).astype(np.uint8)
        digits = np.frombuffer(b"0123456789abcdef", "S1")[numbers]
        texts = (row.tobytes().decode() for row in digits)
        return [f"{t[:8]}-{t[8:12]}-4{t[13:16]}-a{t[17:20]}-{t[20:]}" for t in texts]


@dataclass(frozen=True)
class Members(Items):
    """Items that belong to groups: songs of artists, tracks of albums; each is near its group's point.

    Attributes
    ----------
    groups : Items
        What they belong to.
    count, n_groups : int
        How many members and groups there are; members of a group follow each other, groups are of equal size.
    """

    groups: Items
    count: int
    n_groups: int

    def points(self, start: int, stop: int) -> np.ndarray:
        """Place members: 0.9 of the group's point, the rest their own."""
        own = normal_rows(self.seed, f"{self.name} points", DIMENSIONS, start, stop)
        return np.float32(0.9) * self.of_groups(self.groups.points, start, stop) + np.float32(0.19**0.5) * own

    def numbers(self, start: int, stop: int) -> np.ndarray:
        """Tell the number of each member's group [shape=(stop - start,)], int."""
        return np.arange(start, stop) * self.n_groups // self.count

    def of_groups(self, rows: Callable[[int, int], Any], start: int, stop: int) -> Any:
        """Give each member the row of its group; `rows` makes those of groups [start, stop)."""
        numbers = self.numbers(start, stop)
        first = int(numbers[0])
        return rows(first, int(numbers[-1]) + 1)[numbers - first]
