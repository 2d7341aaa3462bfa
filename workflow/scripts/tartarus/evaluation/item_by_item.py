"""What a model says of every item, beside the truth: for one's own analysis, and to listen to mistakes."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from tartarus.base.errors import TartarusError
from tartarus.base.files import read_lines
from tartarus.evaluation import evaluate, prediction_files, thresholds
from tartarus.evaluation.evaluate import Files, Index

# With more classes a row would be too wide: it has the best ones only.
MOST_COLUMNS = 50
BEST = 10

Row = dict[str, str]


def rows(
    task: str,
    truth: Files,
    predictions: Files,
    index: Index,
    *,
    validation: str = "file",
    threshold: str | float = "per_class",
    paths: Mapping[str, Mapping[str, str]] | None = None,
) -> Iterator[Row]:
    """Write a row for each item that has predictions.

    Parameters
    ----------
    task, truth, predictions, index, validation, threshold
        As in `evaluate.evaluate`.
    paths : mapping, optional
        Id to the paths of its raw files, by their column.

    Yields
    ------
    dict
        `id`, `set`, the paths, `truth` and `predicted` (classes, separated by ``|``), `right` (whether both are the
        same), then the mean score over the seeds of every class, ``score <class>``; or, of many classes, ``best``: the
        best ones with their scores. Of one class, the one with the best score is predicted; of many, those whose mean
        score reaches the threshold that is chosen on the validation items.

    Raises
    ------
    TartarusError
        If the task has no classes, or files do not belong together.
    """
    if "classes" not in truth:
        raise TartarusError(
            f"predictions item by item are of classes, the task is {task}; ask for a list of the best items of every "
            f"user, top_<n>_above_<score>_<model>.tsv"
        )
    classes, one_class = read_lines(truth["classes"]), task == "multiclass"
    pairs, ids = {}, {}
    for set_, path in predictions.items():
        scored = prediction_files.read(path)
        y, scores = evaluate.of_classes(truth, scored, index, set_, validation=validation, one_class=one_class)
        pairs[set_], ids[set_] = (y, scores.mean(axis=0)), scored.ids
    cuts = None if one_class else cuts_of(*pairs["val"], threshold)
    for set_, (y, mean) in pairs.items():
        for id_, its, score in zip(ids[set_], y, mean, strict=True):
            taken = [int(score.argmax())] if cuts is None else np.flatnonzero(score >= cuts).tolist()
            actual = np.flatnonzero(its).tolist()
            yield {
                "id": id_,
                "set": set_,
                **(paths or {}).get(id_, {}),
                "truth": _named(actual, classes),
                "predicted": _named(taken, classes),
                "right": "yes" if taken == actual else "no",
                **_shown(score, classes),
            }


def learned_cuts(
    truth: Files, predictions: str, index: Index, *, validation: str = "file", threshold: str | float = "per_class"
) -> np.ndarray:
    """Choose the thresholds of every class on the validation items, of the mean scores over the seeds."""
    scored = prediction_files.read(predictions)
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
