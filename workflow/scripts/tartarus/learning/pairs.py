"""Two inputs of the same items, and beside each pair two items of other classes: what a space is learned from."""

from collections.abc import Sequence

import numpy as np
from tartarus.base.errors import TartarusError
from tartarus.features.store import Features
from tartarus.learning.batches import Batches

TRIES = 8  # of drawing at random, before the items of other classes are listed


class Pairs(Batches):
    """Batches of pairs, with an item of another class in each input, drawn afresh in every epoch.

    A batch of n pairs has 2 n rows: first the pairs; then, in the same order, for each pair an item of other classes in
    the first input and, drawn by itself, one in the second. Items are of other classes if they share none.

    Parameters
    ----------
    features, rows, y, y_rows, batch_size, seed
        As `Batches` takes them; the ground truth are classes [shape=(n_items, n_classes)], values in {0, 1}.
    negatives_seed : int
        Of the items of other classes.

    Raises
    ------
    TartarusError
        If all items share a class with one of them.
    """

    def __init__(
        self,
        features: Sequence[Features],
        rows: Sequence[np.ndarray],
        y: np.ndarray,
        y_rows: np.ndarray,
        *,
        batch_size: int,
        seed: int | None = None,
        negatives_seed: int,
    ) -> None:
        self.negatives_seed = negatives_seed
        self._classes = np.asarray(y)[y_rows] > 0
        super().__init__(features, rows, y, y_rows, batch_size=batch_size, seed=seed)

    def start_epoch(self, number: int) -> None:
        """Draw the order of an epoch, and the items of other classes."""
        super().start_epoch(number)
        rng = np.random.Generator(np.random.PCG64([self.negatives_seed, number, len(self.features)]))
        self.negatives = [_of_other_classes(self._classes, rng) for _ in self.features]

    def _inputs(self, samples: np.ndarray) -> tuple[np.ndarray, ...]:
        return tuple(
            entry.rows(rows[np.concatenate([samples, others[samples]])])
            for entry, rows, others in zip(self.features, self.row_numbers, self.negatives, strict=True)
        )


def _of_other_classes(classes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw for every sample one that shares no class with it [shape=(n_samples,)], each as likely as any other."""
    drawn, alike = np.empty(len(classes), np.int64), np.arange(len(classes))
    for _ in range(TRIES):
        drawn[alike] = rng.integers(len(classes), size=len(alike))
        alike = alike[_share(classes, alike, drawn[alike])]
    sets, number = np.unique(classes[alike], axis=0, return_inverse=True)
    for place, its in enumerate(sets):
        samples = alike[number.ravel() == place]
        others = np.flatnonzero(~classes[:, its].any(axis=1))
        if len(others) < (1 if its.any() else 2):
            raise TartarusError(
                f"a space is learned from items of other classes, but one of these {len(classes)} items shares a class "
                f"with all others; use more items, or leave out the class that all have"
            )
        drawn[samples] = others[rng.integers(len(others), size=len(samples))]
        itself = drawn[samples] == samples  # of items without any class
        drawn[samples[itself]] = others[(np.searchsorted(others, samples[itself]) + 1) % len(others)]
    return drawn


def _share(classes: np.ndarray, samples: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Tell which samples share a class with another, or are it themselves."""
    return (samples == others) | (classes[samples] & classes[others]).any(axis=1)
