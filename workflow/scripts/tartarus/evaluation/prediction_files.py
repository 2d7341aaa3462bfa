"""Files of predictions: the scores of a set's items by every seed, and whose they are."""

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from tartarus.base.arrays import Mapped, read_arrays
from tartarus.base.errors import REMEDY, TartarusError, telling_damage
from tartarus.evaluation import checks


@dataclass(frozen=True)
class Predictions:
    """What trained models say of some items.

    Attributes
    ----------
    path : str
        The file.
    ids : list of str [length n_items]
        The items, each once.
    seeds : list of int [length n_seeds]
        Of the models.
    parameters : int
        How many each model has.
    scores : np.ndarray [shape=(n_seeds, n_items, n_columns)], float
        Of classes, or factors; finite. Mapped from the file.
    folds : list of int [length n_items]
        Of which fold the models are that have scored an item, one fold after the other; empty if there are no folds.
        Then an item of the validation set may stand there once for each of several folds.
    """

    path: str
    ids: list[str]
    seeds: list[int]
    parameters: int
    scores: np.ndarray
    folds: list[int] = field(default_factory=list)

    def of_fold(self, fold: int) -> "Predictions":
        """Take what the models of a fold say."""
        place = slice(bisect_left(self.folds, fold), bisect_right(self.folds, fold))
        return replace(self, ids=self.ids[place], scores=self.scores[:, place], folds=self.folds[place])


def read(path: str | Path) -> Predictions:
    """Read a file of predictions, whole or not at all.

    Raises
    ------
    TartarusError
        If the file is damaged, its parts do not belong together, an id stands twice, or a score is not finite; the
        message names the file, and the seed and the item.
    """
    with telling_damage(Path(path), "not a file of predictions", REMEDY):
        others = read_arrays(path, without="scores")
        scores = Mapped(path, "scores").values
        ids = [str(id_) for id_ in others["index"]]
        seeds = [int(seed) for seed in others["seeds"]]
        parameters = int(others["parameters"])
        folds = [int(fold) for fold in others.get("folds", ())]
    if scores.dtype.kind != "f" or scores.ndim != 3 or scores.shape[:2] != (len(seeds), len(ids)) or not scores.size:
        raise TartarusError(
            f"{path}: scores {scores.dtype} [{' x '.join(map(str, scores.shape))}] of {len(seeds)} seeds and "
            f"{len(ids)} items, expected numbers [seeds x items x classes or factors]; {REMEDY}"
        )
    if folds and (len(folds) != len(ids) or folds != sorted(folds)):
        raise TartarusError(f"{path}: {len(ids)} items, but {len(folds)} folds, or not one after the other; {REMEDY}")
    repeated = first_repeated([*zip(folds, ids, strict=True)] if folds else ids)
    if repeated:
        first, second = repeated
        raise TartarusError(f"{path}: the id '{ids[first]}' stands in rows {first} and {second}; {REMEDY}")
    checks.refuse_not_finite(scores, source=str(path), seeds=seeds, ids=ids)
    return Predictions(str(path), ids, seeds, parameters, scores, folds)


def first_repeated(ids: Sequence[Hashable]) -> tuple[int, int] | None:
    """Find the first id that stands twice: its two places, counted from 0."""
    seen: dict[Hashable, int] = {}
    for place, id_ in enumerate(ids):
        if seen.setdefault(id_, place) != place:
            return seen[id_], place
    return None
