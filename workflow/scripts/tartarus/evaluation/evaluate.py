"""Predictions held against the truth, by task."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse
from tartarus.base.arrays import read_array
from tartarus.base.errors import REMEDY, TartarusError
from tartarus.base.files import read_lines
from tartarus.base.untrusted import open_sparse
from tartarus.evaluation import checks, measures, multiclass, multilabel, prediction_files, recommendation, retrieval
from tartarus.evaluation.prediction_files import Predictions
from tartarus.features.store import read_padded
from tartarus.items.dividing import rows_of_set
from tartarus.items.listening import ITEM_COLUMNS, USER_COLUMNS
from tartarus.items.statuses import read_all
from tartarus.items.tables import read_rows
from tartarus.plan.kinds import SETS

Section = dict[str, Any]
Files = Mapping[str, str]
Index = Mapping[str, Sequence[str]]
Scored = Mapping[str, Predictions]
# Truth [shape=(n_items, n_classes)] and scores [shape=(n_seeds, n_items, n_classes)].
Pair = tuple[np.ndarray, np.ndarray]


def read_ids(path: str | Path) -> list[str]:
    """Read the ids of a set, one in each line; TartarusError if one stands twice."""
    ids = read_lines(path)
    repeated = prediction_files.first_repeated(ids)
    if repeated:
        raise TartarusError(
            f"{path}: the id '{ids[repeated[0]]}' stands twice, as number {repeated[0] + 1} and {repeated[1] + 1}; "
            f"{REMEDY}"
        )
    return ids


def read_sets(paths: Sequence[str | Path]) -> dict[str, list[str]]:
    """Read the ids of the three sets, of a file each: train, val and test."""
    return {set_: read_ids(path) for set_, path in zip(SETS, paths, strict=True)}


def oddities(tables: Iterable[str | Path], features: Iterable[str | Path]) -> dict[str, list[str]]:
    """Read what is odd about items: the statuses of their raw files, and whether their patches are padded."""
    found = read_all(tables)
    for path in features:
        for id_ in read_padded(path):
            found.setdefault(id_, []).append("padded")
    return found


def evaluate(
    task: str,
    truth: Files,
    predictions: Files,
    index: Index,
    *,
    validation: str = "file",
    threshold: str | float = "per_class",
    users: int | None = None,
    without_items: str = "left_out",
    groups: Mapping[str, str] | None = None,
    ensemble: bool = False,
    samples: int,
    seed: int,
) -> dict[str, Any]:
    """Evaluate a model.

    Parameters
    ----------
    task : str
        multiclass, multilabel, recommendation or retrieval.
    truth : mapping
        Files: `y_test`, `y_val` and `classes`, or `plays` and `user_factors`; `class_factors` where the model
        predicts factors of classes; `item_factors`, `users` and `played` where plays were factorised here. None for
        retrieval.
    predictions : mapping
        Files: the scores of the items of ``test``, and for many labels of ``val``.
    index : mapping
        Set to all ids of the file of its truth, as `read_ids` reads them.
    validation : str
        Of the experiment: where its validation items come from.
    threshold : str or float
        Of many labels; see `thresholds.choose`.
    users : int, optional
        How many users are asked about; all if not given.
    without_items : str
        What becomes of users without a test item; see `recommendation.evaluate`.
    groups : mapping, optional
        Id to group: whole groups are drawn for the intervals. Not of recommendation, which draws users.
    ensemble : bool
        Whether to measure the mean of the seeds' scores, too.
    samples, seed
        Of the intervals.

    Returns
    -------
    dict
        `measures`, `per_class` and what else a result of that task has, and `parameters` and `classes`; `ensemble` are
        the measures of the mean.

    Raises
    ------
    TartarusError
        If a file is damaged, files do not belong together, or a score is not finite.
    """
    scored = {set_: prediction_files.read(path) for set_, path in predictions.items()}
    test = scored["test"]
    found: dict[str, Any] = {"parameters": test.parameters}
    options: dict[str, Any] = {"samples": samples, "seed": seed}
    if groups is not None:
        found["bootstrap"], options = drawing(test.ids, groups, **options)
    if task == "retrieval":
        return {**found, "classes": 0, **retrieval.evaluate(test.scores, **options)}
    if task == "recommendation":
        plays, rows = _played(test, truth["plays"], index["test"])
        factors = read_array(truth["user_factors"], mapped=True)
        options |= {"users": users, "without_items": without_items, "references": _references(truth, test, rows)}
        measured = with_ensemble(
            lambda its: recommendation.evaluate(plays, its, factors, **options), test.scores, ensemble=ensemble
        )
        return {**found, "classes": 0, **measured, "users": {**measured["users"], **_users_left_out(truth)}}
    classes = read_lines(truth["classes"])
    found["classes"] = len(classes)
    pairs = pairs_of(truth, scored, index, validation=validation, one_class=task == "multiclass")
    y, scores = pairs["test"]
    if task == "multiclass":
        measured = with_ensemble(lambda its: multiclass.evaluate(y, its, classes, **options), scores, ensemble=ensemble)
        return {**found, **measured}
    y_val, scores_val = pairs["val"]
    options |= {"threshold": threshold}
    measured = with_ensemble(
        lambda its, of_val: multilabel.evaluate(y, its, classes, validation=(y_val, of_val), **options),
        *(scores, scores_val),
        ensemble=ensemble,
    )
    return {**found, **measured}


def pairs_of(
    truth: Files, scored: Scored, index: Index, *, validation: str = "file", one_class: bool
) -> dict[str, Pair]:
    """Find truth and scores of the items of every set, see `of_classes`; TartarusError if they do not fit."""
    classes, seeds, pairs = read_lines(truth["classes"]), scored["test"].seeds, {}
    for set_, its in scored.items():
        y, scores = pairs[set_] = of_classes(truth, its, index, set_, validation=validation, one_class=one_class)
        if {y.shape[1], scores.shape[2]} != {len(classes)}:
            raise TartarusError(
                f"{truth['classes']}: {len(classes)} classes, but {truth[f'y_{set_}']} has {y.shape[1]} and the scores "
                f"of {its.path} are of {scores.shape[2]}; delete the one that is wrong to have it made anew"
            )
        if its.seeds != seeds:
            raise TartarusError(
                f"{its.path}: seeds {its.seeds}, but {scored['test'].path} has {seeds}; delete both to have them made "
                f"anew"
            )
    return pairs


def with_ensemble(measure: Callable[..., dict[str, Any]], *scores: np.ndarray, ensemble: bool) -> dict[str, Any]:
    """Measure scores [shape=(n_seeds, n_items, n_columns)] of a set or two, and maybe their mean over the seeds."""
    found = measure(*scores)
    if ensemble:
        found["ensemble"] = measure(*(its.mean(axis=0, keepdims=True) for its in scores))["measures"]
    return found


def drawing(ids: Sequence[str], groups: Mapping[str, str], *, samples: int, seed: int) -> tuple[Section, Section]:
    """Tell how whole groups of test items are drawn: for a result file, and as options of `measures.draws`.

    Of a single group there is no interval: nothing tells how much another would differ.
    """
    numbers = measures.numbered(ids, groups)
    count = int(numbers.max()) + 1
    told = {"by": "group", "groups": count}
    return told, {"samples": samples if count > 1 else 0, "seed": seed, "groups": numbers}


def _played(test: Predictions, path: str, ids: Sequence[str]) -> tuple[scipy.sparse.csr_matrix, list[int]]:
    """Read who played the items of predictions [shape=(n_items, n_users)], and where these stand among `ids`."""
    plays = open_sparse(Path(path), remedy=REMEDY)
    expect_rows(plays.shape[0], ids, path)
    rows = rows_of(test, ids)
    return plays[rows], rows


def plays_of(test: Predictions, path: str, index: str) -> scipy.sparse.csr_matrix:
    """Read who played the items of predictions [shape=(n_items, n_users)]; `index` is the file of the ids of `path`."""
    return _played(test, path, read_ids(index))[0]


def _references(truth: Files, test: Predictions, rows: Sequence[int]) -> dict[str, np.ndarray]:
    """Find what is known of the test items without any model, where plays were factorised here.

    Popularity is known if the table of items has what it is guessed by.
    """
    found = {}
    if "played" in truth:
        known = {row["id"]: row["popularity"] for row in read_rows(truth["played"], columns=ITEM_COLUMNS)}
        popularity = [known.get(id_, "") for id_ in test.ids]
        if all(popularity):
            found["popularity"] = np.array(popularity, np.float64)
    if "item_factors" in truth:
        found["upper_bound"] = read_array(truth["item_factors"], mapped=True)[rows]
    return found


def _users_left_out(truth: Files) -> dict[str, int]:
    """Count the users who are in no row of the factors, for they played nothing for training."""
    users = read_rows(truth["users"], columns=USER_COLUMNS) if "users" in truth else []
    return {"left_out": sum(not row["row"] for row in users)} if users else {}


def of_classes(
    truth: Files, scored: Predictions, index: Index, set_: str, *, validation: str, one_class: bool = False
) -> Pair:
    """Find truth and scores of a set's items.

    With `one_class`, each item must have exactly one. Other parameters are those of `evaluate`.
    """
    path = truth[f"y_{set_}"]
    y = read_array(path, mapped=True)
    if y.ndim != 2:
        raise TartarusError(f"{path}: {y.ndim} dimensions, expected items and classes; {REMEDY}")
    expect_rows(len(y), index[set_], path)
    rows = rows_of_set(set_, len(index[set_]), validation=validation)
    y = y[rows][rows_of(scored, index[set_][rows])]
    checks.refuse_other_truth(y, one_class=one_class, source=path, ids=scored.ids)
    return y, (_scores_of_classes(scored, truth["class_factors"]) if "class_factors" in truth else scored.scores)


def _scores_of_classes(scored: Predictions, path: str) -> np.ndarray:
    factors = read_array(path)
    if factors.ndim != 2 or factors.shape[1] != scored.scores.shape[2] or not np.isfinite(factors).all():
        raise TartarusError(
            f"{path}: {' x '.join(map(str, factors.shape))} numbers, expected {scored.scores.shape[2]} finite factors "
            f"for each class, as {scored.path} has; {REMEDY}"
        )
    return multilabel.class_scores(scored.scores, factors)


def expect_rows(count: int, ids: Sequence[str], path: str) -> None:
    """Refuse a truth that has not a row for each id of its set: its rows would be taken for those of others."""
    if count != len(ids):
        raise TartarusError(
            f"{path}: {count} rows, but its set has {len(ids)} ids in items_index; delete both to have them made anew"
        )


def rows_of(scored: Predictions, ids: Sequence[str]) -> list[int]:
    """Find where the items of predictions stand among some ids; TartarusError names one that is not there."""
    place = {id_: row for row, id_ in enumerate(ids)}
    unknown = [id_ for id_ in scored.ids if id_ not in place]
    if unknown:
        raise TartarusError(
            f"{scored.path}: {len(unknown)} of {len(scored.ids)} items, the first '{unknown[0]}', are not in "
            f"items_index of their set; delete the file of predictions to have it made anew"
        )
    return [place[id_] for id_ in scored.ids]
