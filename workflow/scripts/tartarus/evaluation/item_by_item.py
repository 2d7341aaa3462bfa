"""What a model says of every item, beside the truth: for one's own analysis, and to listen to mistakes."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tartarus.base.files import read_lines
from tartarus.base.lists import parted
from tartarus.evaluation import evaluate, prediction_files, thresholds
from tartarus.evaluation.cross_validation import FilesOfFolds, files_of_folds
from tartarus.evaluation.evaluate import Files, Index
from tartarus.evaluation.prediction_files import Predictions
from tartarus.items.columns import MODALITIES, WORDS
from tartarus.items.item_tables import Item

# With more classes a row would be too wide: it has the best ones only.
MOST_COLUMNS = 50
BEST = 10
# Words that a text is begun with.
_WORDS = 30

Row = dict[str, str]


def material_of(item: Item, folder: str | Path) -> Row:
    """Tell what an item has: the paths of its files, with the folder of its table, and how its text there begins."""
    paths = {name: f"{folder}/{item.path(name)}" if item.path(name) else "" for name in MODALITIES}
    return paths | ({WORDS: beginning(item.cells[WORDS])} if WORDS in item.cells else {})


def beginning(text: str, most: int = _WORDS) -> str:
    """Give the first words of a text, in one line."""
    words = text.split(maxsplit=most)
    return " ".join(words[:most]) + (" …" if len(words) > most else "")


def rows(
    task: str,
    truth: Files,
    predictions: Files,
    index: Index,
    *,
    validation: str = "file",
    threshold: str | float = "per_class",
    material: Mapping[str, Row] | None = None,
    fold: int | None = None,
) -> Iterator[Row]:
    """Write a row for each item that has predictions.

    Parameters
    ----------
    task, truth, predictions, index, validation, threshold
        As in `evaluate.evaluate`.
    material : mapping, optional
        Id to what it has, as `material_of` tells it.
    fold : int, optional
        Only what the models of this fold say of its test items.

    Yields
    ------
    dict
        `id`, `set`, `fold` if there is one, its material, `truth` and `predicted` (classes, separated by ``|``),
        `right` (whether both are the same), then the mean score over the seeds of every class, ``score <class>``; or,
        of many classes, ``best``: the best ones with their scores. Of one class, the one with the best score is
        predicted; of many, those whose mean score reaches the threshold that is chosen on the validation items.

    Raises
    ------
    TartarusError
        If files do not belong together.
    """
    classes, one_class = read_lines(truth["classes"]), task == "multiclass"
    pairs, ids = {}, {}
    for set_, path in predictions.items():
        scored = _read(path, fold)
        y, scores = evaluate.of_classes(truth, scored, index, set_, validation=validation, one_class=one_class)
        pairs[set_], ids[set_] = (y, scores.mean(axis=0)), scored.ids
    cuts = None if one_class else cuts_of(*pairs["val"], threshold)
    for set_, (y, mean) in pairs.items():
        if fold and set_ != "test":
            continue
        for id_, its, score in zip(ids[set_], y, mean, strict=True):
            taken = [int(score.argmax())] if cuts is None else np.flatnonzero(score >= cuts).tolist()
            actual = np.flatnonzero(its).tolist()
            yield {
                "id": id_,
                "set": set_,
                **({"fold": str(fold)} if fold else {}),
                **(material or {}).get(id_, {}),
                "truth": _named(actual, classes),
                "predicted": _named(taken, classes),
                "right": "yes" if taken == actual else "no",
                **_shown(score, classes),
            }


def rows_of_folds(
    task: str, truth: FilesOfFolds, predictions: Files, index: Sequence[str], *, folds: Sequence[int], **how: Any
) -> Iterator[Row]:
    """Write the rows of all folds in turn, or without any those of `rows`, whose options these are.

    Files are in lists, as for `cross_validation.measure`.
    """
    numbers: Sequence[int | None] = folds or [None]
    sets = parted(index, len(numbers))
    for fold, files, ids in zip(numbers, files_of_folds(truth, len(numbers)), sets, strict=True):
        yield from rows(task, files, predictions, evaluate.read_sets(ids), fold=fold, **how)


def _read(path: str, fold: int | None) -> Predictions:
    scored = prediction_files.read(path)
    return scored.of_fold(fold) if fold else scored


def learned_cuts(
    truth: Files,
    predictions: str,
    index: Index,
    *,
    validation: str = "file",
    threshold: str | float = "per_class",
    fold: int | None = None,
) -> np.ndarray:
    """Choose the thresholds of every class on the validation items, of a fold's if one is given.

    They are of the mean scores over the seeds.
    """
    scored = _read(predictions, fold)
    y, scores = evaluate.of_classes(truth, scored, index, "val", validation=validation)
    return cuts_of(y, scores.mean(axis=0), threshold)


def cuts_of(y: np.ndarray, mean: np.ndarray, rule: str | float) -> np.ndarray:
    """Choose the thresholds of mean scores [shape=(n_items, n_classes)] of the validation items, one for each class."""
    return thresholds.choose(y, mean[None], rule=rule).of_class[0]


def _named(columns: Sequence[int], classes: Sequence[str]) -> str:
    return "|".join(classes[column] for column in columns)


def _shown(score: np.ndarray, classes: Sequence[str]) -> Row:
    if len(classes) <= MOST_COLUMNS:
        return {f"score {name}": f"{value:.6f}" for name, value in zip(classes, score, strict=True)}
    best = np.argsort(-score, kind="stable")[:BEST]
    return {"best": "|".join(f"{classes[column]}: {score[column]:.6f}" for column in best)}
