"""Features and ground truth, put side by side and handed out in batches."""

import math
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from tartarus.base.errors import TartarusError
from tartarus.features.store import Features

SHUFFLED_ROWS = 4096  # rows are shuffled within blocks of neighbours, so that the disk is read in order
READ_AHEAD = 2  # batches that are read while a network is busy with another


def align(features: Sequence[Features], index: Sequence[str]) -> tuple[list[str], np.ndarray, list[np.ndarray]]:
    """Find the rows of the items that all inputs have.

    An item with several rows (patches) in one input gives several samples; its one row in another input
    (a vector) is repeated.

    Parameters
    ----------
    features : sequence of Features
        The inputs.
    index : sequence of str
        The items wanted, in order.

    Returns
    -------
    ids : list of str [length n_items]
        The items that every input has, in the order of `index`.
    item : np.ndarray [shape=(n_samples,)], int, values in [0, n_items)
        Which of `ids` every sample is of; ascending.
    rows : list of np.ndarray [shape=(n_samples,)], int
        The row of every sample, for each input.

    Raises
    ------
    TartarusError
        If there is no such item.
    """
    places = []
    for entry in features:
        place: dict[str, list[int]] = {}
        for row, id_ in enumerate(entry.index.tolist()):
            place.setdefault(id_, []).append(row)
        places.append(place)
    ids = [id_ for id_ in index if all(id_ in place for place in places)]
    if not ids:
        names = ", ".join(str(entry.path) for entry in features)
        raise TartarusError(f"no item is in all of: {names}; are they of the same dataset and set?")
    samples = [max(len(place[id_]) for place in places) for id_ in ids]
    item = np.repeat(np.arange(len(ids)), samples)
    rows = [
        np.array([place[id_][k % len(place[id_])] for id_, n in zip(ids, samples, strict=True) for k in range(n)])
        for place in places
    ]
    return ids, item, rows


class Batches:
    """Batches of samples, read ahead by a thread, in an order of their own for each epoch if there is a seed.

    Parameters
    ----------
    features : sequence of Features
        The inputs.
    rows : sequence of np.ndarray [shape=(n_samples,)]
        As made by `align`.
    y : np.ndarray [shape=(n_items, n_outputs)], optional
        The ground truth; it may be mapped from a file.
    y_rows : np.ndarray [shape=(n_samples,)], int, optional
        The row of the ground truth of every sample; needed with `y`.
    batch_size : int
        Samples in a batch; the last may have fewer.
    seed : int, optional
        Of the order. Without it, samples come in order.
    """

    def __init__(
        self,
        features: Sequence[Features],
        rows: Sequence[np.ndarray],
        y: np.ndarray | None = None,
        y_rows: np.ndarray | None = None,
        *,
        batch_size: int,
        seed: int | None = None,
    ) -> None:
        self.features, self.row_numbers, self.y, self.y_rows = features, rows, y, y_rows
        self.batch_size, self.seed = batch_size, seed
        self.start_epoch(1)

    def start_epoch(self, number: int) -> None:
        """Draw the order of an epoch; the first is 1."""
        self.order = np.arange(len(self.row_numbers[0]))
        if self.seed is not None:
            rng = np.random.Generator(np.random.PCG64([self.seed, number]))
            blocks = np.split(self.order, range(SHUFFLED_ROWS, len(self.order), SHUFFLED_ROWS))
            self.order = np.concatenate([rng.permutation(blocks[place]) for place in rng.permutation(len(blocks))])

    def __len__(self) -> int:
        """Count the batches of an epoch."""
        return math.ceil(len(self.order) / self.batch_size)

    def __getitem__(self, number: int) -> tuple[Any, ...]:
        """Read a batch: the inputs, and the ground truth if there is one."""
        samples = self.order[number * self.batch_size : (number + 1) * self.batch_size]
        inputs = self._inputs(samples)
        x = inputs if len(inputs) > 1 else inputs[0]
        if self.y is None or self.y_rows is None:
            return (x,)
        return x, self.y[self.y_rows[samples]].astype(np.float32)

    def truth(self) -> np.ndarray:
        """Give the ground truth of every sample, in their order [shape=(n_samples, n_outputs)], float32."""
        return np.asarray(self.y)[np.asarray(self.y_rows)].astype(np.float32)

    def items(self) -> np.ndarray:
        """Tell of every sample, in their order, which item it is of, counted from 0 [shape=(n_samples,)]."""
        return np.unique(np.asarray(self.y_rows), return_inverse=True)[1]

    def _inputs(self, samples: np.ndarray) -> tuple[np.ndarray, ...]:
        """Read the rows of some samples, of every input."""
        return tuple(entry.rows(rows[samples]) for entry, rows in zip(self.features, self.row_numbers, strict=True))

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        """Read the batches of an epoch, the next ones while one is in use."""
        reader = ThreadPoolExecutor(1)
        try:
            ahead: deque[Any] = deque()
            for number in range(len(self)):
                ahead.append(reader.submit(self.__getitem__, number))
                if len(ahead) > READ_AHEAD:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        finally:
            reader.shutdown(cancel_futures=True)
