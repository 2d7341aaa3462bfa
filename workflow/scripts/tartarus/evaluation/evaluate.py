"""Predictions held against the truth, by task."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tartarus.base.arrays import Mapped, read_array, read_arrays
from tartarus.base.files import read_lines
from tartarus.base.untrusted import open_sparse
from tartarus.evaluation import multiclass, multilabel, recommendation
from tartarus.items.tables import rows_of_set

Files = Mapping[str, str]


def evaluate(
    task: str,
    truth: Files,
    predictions: Files,
    index: Mapping[str, Sequence[str]],
    *,
    validation: str = "file",
    users: int | None = None,
    samples: int,
    seed: int,
) -> dict[str, Any]:
    """Evaluate a model.

    Parameters
    ----------
    task : str
        multiclass, multilabel or recommendation.
    truth : mapping
        Files: `y_test`, `y_val` and `classes`, or `plays` and `user_factors`; `class_factors` where the model
        predicts factors of classes.
    predictions : mapping
        Files: the scores of the items of ``test``, and for many labels of ``val``.
    index : mapping
        Set to all ids of the file of its truth.
    validation : str
        Of the experiment: where its validation items come from.
    users : int, optional
        How many users are asked about; all if not given.
    samples, seed
        Of the intervals.

    Returns
    -------
    dict
        `measures`, `per_class` and what else a result of that task has, and `parameters` and `classes`.
    """
    ids = read_arrays(predictions["test"], without="scores")
    scores = Mapped(predictions["test"], "scores").values
    found: dict[str, Any] = {"parameters": int(ids["parameters"])}
    draws = {"samples": samples, "seed": seed}
    if task == "recommendation":
        place = _places(index["test"])
        plays = open_sparse(Path(truth["plays"]), remedy="delete it to have it made anew")[
            [place[id_] for id_ in ids["index"].tolist()]
        ]
        factors = read_array(truth["user_factors"], mapped=True)
        return {**found, "classes": 0, **recommendation.evaluate(plays, scores, factors, users=users, **draws)}
    classes = read_lines(truth["classes"])
    found["classes"] = len(classes)
    y, scores = of_classes(truth, predictions, index, "test", validation=validation)
    if task == "multiclass":
        return {**found, **multiclass.evaluate(y, scores, classes, **draws)}
    held_out = of_classes(truth, predictions, index, "val", validation=validation)
    return {**found, **multilabel.evaluate(y, scores, classes, validation=held_out, **draws)}


def of_classes(
    truth: Files, predictions: Files, index: Mapping[str, Sequence[str]], set_: str, *, validation: str
) -> tuple[np.ndarray, np.ndarray]:
    """Read truth [shape=(n_items, n_classes)] and scores [shape=(n_seeds, n_items, n_classes)] of a set's items.

    Parameters as those of `evaluate`.
    """
    ids = read_arrays(predictions[set_], without="scores")["index"].tolist()
    rows = rows_of_set(set_, len(index[set_]), validation=validation)
    place = _places(index[set_][rows])
    y = read_array(truth[f"y_{set_}"], mapped=True)[rows][[place[id_] for id_ in ids]]
    scores = Mapped(predictions[set_], "scores").values
    if "class_factors" in truth:
        scores = multilabel.class_scores(scores, read_array(truth["class_factors"]))
    return y, scores


def _places(ids: Sequence[str]) -> dict[str, int]:
    return {id_: row for row, id_ in enumerate(ids)}
